import { actOptions, command, hostOption, jsonOption, operandsOf, wholeNumber } from "../command.js";
import { actingClient, clientOf } from "../context.js";
import { Exit } from "../fault.js";
import { sentence } from "../report.js";
import { columns, safeLine } from "../terminal.js";

export const compliance = command({
  name: "compliance",
  summary: "Validate every stored artifact of a type under its current version",
  usage: ["compliance TYPE [--host URL] [--json]"],
  options: { ...hostOption, ...jsonOption },
  exits: { 0: "all are valid", 1: "some are not, or there is no such type" },
  async run({ values, operands }, terminal) {
    const [type] = operandsOf("compliance", operands, ["TYPE"]);
    const found = await clientOf(values.host, terminal).compliance(type);
    if (values.json) terminal.json(found);
    else {
      const share = found.compliance === null ? "" : ` (${percent(found.compliance)})`;
      terminal.line(
        `${found.valid} of ${found.checked} artifacts of ${safeLine(type)} are valid under version ${found.version}${share}.`,
      );
      const rows = found.failures.map((one) => [`  ${safeLine(one.artifact_id)}`, sentence(one.message)]);
      for (const line of columns(rows)) terminal.line(line);
    }
    return found.invalid === 0 ? Exit.ok : Exit.no;
  },
});

export const retire = command({
  name: "retire",
  summary: "Close a version of a type that no artifact is written under any more",
  usage: ["retire TYPE VERSION --as ID [--reason TEXT] [--key FILE] [--host URL] [--json]"],
  details: [
    "Nothing is deleted: the version stays in the history, and nothing can be written under it again. While an artifact is still on it, it is refused. Any voter may do it.",
  ],
  options: { reason: { type: "string", value: "TEXT", help: "Why" }, ...actOptions },
  exits: { 0: "retired", 1: "refused: it is current, or artifacts are on it" },
  async run({ values, operands }, terminal) {
    const [type, number] = operandsOf("retire", operands, ["TYPE", "VERSION"]);
    const version = wholeNumber("version", number, 1);
    const { client, actor: by } = await actingClient(values, terminal);
    const answer = await client.retireVersion(type, version, { by, reason: values.reason });
    if (values.json) terminal.json(answer);
    else terminal.line(`Version ${version} of ${safeLine(type)} is retired.`);
    return Exit.ok;
  },
});

/** Ten-thousandths as a percentage. */
function percent(share: number): string {
  const whole = Math.trunc(share / 100);
  const rest = share % 100;
  return rest === 0 ? `${whole} %` : `${whole}.${String(rest).padStart(2, "0").replace(/0$/, "")} %`;
}
