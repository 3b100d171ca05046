import { checkDraft as check } from "schema-senate";
import { command, hostOption, jsonOption, operandsOf, refOption, wholeNumber } from "../command.js";
import { clientOf, readReferences } from "../context.js";
import { HostError } from "../../client.js";
import { Exit, type ExitCode, usageFault } from "../fault.js";
import { type Document, located, readJson, readDocument } from "../input.js";
import { referencesOf } from "../references.js";
import { planLines } from "../migration.js";
import { draftLines, problemLines } from "../report.js";
import type { Terminal } from "../terminal.js";
import { precedentLines } from "../views.js";
import { limitOf, limitOption, storedLines } from "../stored.js";
import { memberOf, targetOf } from "../draft.js";

export const checkDraft = command({
  name: "check-draft",
  summary: "Say everything that can be said about a draft before it is proposed",
  usage: [
    "check-draft FILE [--stored [--limit N]] [--host URL] [--json]",
    "check-draft FILE --schema FILE [--type NAME] [--members N] [--ref FILE]… [--json]",
  ],
  details: [
    "Problems with their place and remedy, the next schema, whom it breaks, the vote it will need, the migration. Nothing is proposed.",
    "Without --schema the current schema of the draft's target, the policy and the size of the electorate come from the host; with --schema nothing is asked.",
    "A draft that changes the policy, the members or the scope is checked by the host, against what is in force there.",
    "--stored also counts how many stored artifacts would be valid under the next schema; with --json it is the member `stored_verdict`.",
  ],
  options: {
    schema: { type: "string", value: "FILE", help: "The target's current schema; works offline" },
    type: {
      type: "string",
      value: "NAME",
      help: "With --schema: the name of that type; default the draft's target",
    },
    members: {
      type: "string",
      value: "N",
      help: "With --schema: size of the electorate, for the vote it will need",
    },
    stored: { type: "boolean", help: "Count the host's stored artifacts that the next schema takes" },
    limit: limitOption,
    ...refOption,
    ...hostOption,
    ...jsonOption,
  },
  examples: [
    { line: "senate check-draft draft.json", says: "against the host's current schema" },
    { line: "senate check-draft draft.json --schema experiment.json --members 6", says: "offline" },
  ],
  exits: { 0: "it can be proposed", 1: "it cannot" },
  async run({ values, operands }, terminal) {
    const [file] = operandsOf("check-draft", operands, ["FILE"]);
    const { schema, type, members, host } = values;
    if (schema !== undefined && host !== undefined)
      throw usageFault("`--schema` works offline; it cannot be combined with `--host`.");
    if (schema === undefined && (type !== undefined || members !== undefined || values.ref.length > 0)) {
      throw usageFault(
        "`--type`, `--members` and `--ref` belong to `--schema`; without it the host knows them.",
      );
    }
    if (schema !== undefined && values.stored)
      throw usageFault("`--stored` asks the host for its artifacts; it cannot be combined with `--schema`.");
    const limit = limitOf(values);
    const electorate = members === undefined ? undefined : wholeNumber("members", members, 0);
    const draft = await readDocument(file, terminal);
    if (governance.has(memberOf(draft.bytes, "proposal_type") ?? "")) {
      if (schema !== undefined || values.stored)
        throw usageFault("`--schema` and `--stored` belong to changes of schemas.");
      return checkGovernance(draft, clientOf(host, terminal), values.json, terminal);
    }
    const target = targetOf(draft.bytes);
    let context: string;
    if (schema !== undefined) {
      const current = await readJson(schema, terminal);
      const given = await readReferences(values.ref, terminal);
      context = offlineContext(type ?? target ?? "", current, given, electorate);
    } else {
      context = await hostContext(clientOf(host, terminal), target);
    }
    const result = check(draft.bytes, context);
    const found = { ...result, problems: result.problems.map((problem) => located(problem, draft.bytes)) };
    // Without a next schema there is nothing to hold artifacts against; the problems say why.
    const verdict =
      values.stored && result.next_schema !== undefined
        ? await clientOf(host, terminal).storedVerdictOfDraft(draft.bytes, limit)
        : undefined;
    if (values.json)
      terminal.json({ ...found, ...(verdict === undefined ? {} : { stored_verdict: verdict }) });
    else {
      const stored = verdict === undefined ? [] : ["", ...storedLines(verdict, terminal)];
      const plan =
        found.migration === undefined ? [] : ["", ...planLines(found.migration, terminal, "counted")];
      for (const line of [...draftLines(found, terminal), ...plan, ...stored]) terminal.line(line);
    }
    return found.ok ? Exit.ok : Exit.no;
  },
});

const governance: ReadonlySet<string> = new Set(["policy_change", "membership_change", "scope_change"]);

/** A change of the senate itself: the host judges it as it looks for what was proposed before. */
async function checkGovernance(
  draft: Document,
  client: ReturnType<typeof clientOf>,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const found = await client.precedents(draft.bytes).catch((error: unknown) => {
    if (error instanceof HostError && error.status < 500) return error;
    throw error;
  });
  const problems = found instanceof HostError ? found.problems : [];
  const precedents = found instanceof HostError ? [] : found.precedents;
  const ok = problems.length === 0;
  if (json) terminal.json({ ok, problems, precedents });
  else {
    const lines = [
      ok
        ? terminal.paint("green", "The draft can be proposed.")
        : terminal.paint("red", "The draft cannot be proposed."),
      ...problemLines(problems, terminal),
      ...(precedents.length === 0 ? [] : ["", "Like it:", ...precedentLines(precedents, terminal)]),
    ];
    for (const line of lines) terminal.line(line);
  }
  return ok ? Exit.ok : Exit.no;
}

/** Spliced, so that the schema's numbers stay as they are written. */
function offlineContext(
  type: string,
  schema: Document,
  given: readonly Document[],
  members: number | undefined,
): string {
  const { documents } = referencesOf(schema, given);
  const text = (document: Document): string => Buffer.from(document.bytes).toString("utf8");
  const references = [...documents]
    .map(([uri, document]) => `${JSON.stringify(uri)}:${text(document)}`)
    .join(",");
  const name = JSON.stringify(type);
  return (
    `{"current":{"artifact_type":${name},"version":1,"schema":${text(schema)}` +
    `${references === "" ? "" : `,"references":{${references}}`}},"artifact_types":[${name}]` +
    `${members === undefined ? "" : `,"members":${members}`}}`
  );
}

async function hostContext(client: ReturnType<typeof clientOf>, target = "new_type"): Promise<string> {
  try {
    return await client.contextText(target);
  } catch (error) {
    // An unknown type is the draft's problem, and the core says it best: with the known types at hand.
    if (error instanceof HostError && error.status === 404) return client.contextText("new_type");
    throw error;
  }
}
