/** `senate --help` and `senate <command> --help`, made from the descriptions that the parser reads too. */
import type { Command } from "./command.js";
import { columns, type Terminal, wrap } from "./terminal.js";

export const program = {
  summary: "Govern changes of JSON Schemas: draft, check, propose, debate, vote, migrate, prove.",
  first: [
    ["senate serve --example --memory", "a host with an example senate, gone when it stops"],
    ["senate check-compat old.json new.json", "whom does this change break?"],
    ["senate propose draft.json --as ana --open", "propose a change and open its vote"],
  ],
  exits: [
    ["0", "done; or yes: valid, compatible, accepted"],
    ["1", "no: invalid, breaking, undecided, refused, rejected"],
    ["2", "the command line was not understood; nothing was done"],
    ["3", "a host, a file or a stream could not be reached, read or written"],
    ["4", "a fault of this program"],
  ],
  environment: [
    ["SENATE_HOST", "address of the host, default http://127.0.0.1:8787"],
    ["SENATE_AS", "who acts, when a command has no --as"],
    ["SENATE_KEY", "the file of the key that signs, when a command has no --key"],
    ["SENATE_KEY_PASSPHRASE", "the passphrase of a protected key file"],
    ["SENATE_STATE", "folder of the checkpoints that were seen; default $XDG_STATE_HOME/schema-senate"],
    ["SENATE_LOG_KEY", "for `senate serve`: the file of the key that signs the log"],
    ["DATABASE_URL", "for `senate serve`: a PostgreSQL database"],
    ["NO_COLOR", "not empty: no colours"],
    ["SENATE_TRACE", "not empty: show where this program failed, should it fail"],
  ],
} as const;

export function programHelp(
  groups: readonly { title: string; commands: readonly Command[] }[],
  terminal: Terminal,
): string {
  const title = (text: string): string => terminal.paint("bold", text);
  const out = [program.summary, "", `${title("Usage")}  senate <command> [options]`, ""];
  const names = groups.flatMap(({ commands }) => commands.map(({ name }) => name.length));
  const width = Math.max(...names) + 2;
  for (const { title: group, commands } of groups) {
    out.push(title(group));
    for (const { name, summary } of commands) {
      out.push(
        `  ${terminal.paint("cyan", name.padEnd(width))}${wrap(summary, terminal.width - width - 2, " ".repeat(width + 2))}`,
      );
    }
    out.push("");
  }
  const table = (heading: string, rows: readonly (readonly string[])[]): void => {
    out.push(title(heading), ...columns(rows).map((line) => `  ${line}`), "");
  };
  table("To begin", program.first);
  table("Exit codes", program.exits);
  table("Environment", program.environment);
  out.push(
    "A `-` where a file stands reads standard input. `--json` answers with one JSON document.",
    "`senate <command> --help` explains a command.",
  );
  return out.join("\n");
}

export function commandHelp(command: Command, terminal: Terminal): string {
  const title = (text: string): string => terminal.paint("bold", text);
  const out = [command.summary, "", title("Usage"), ...command.usage.map((form) => `  senate ${form}`), ""];
  for (const paragraph of command.details ?? []) out.push(wrap(paragraph, terminal.width), "");
  out.push(title("Options"));
  const rows = [
    ...Object.entries(command.options),
    ["help", { type: "boolean", short: "h", help: "Show this" }] as const,
  ].map(([name, option]) => {
    const short = "short" in option && option.short !== undefined ? `-${option.short}, ` : "    ";
    const value =
      option.type === "string" ? ` ${("value" in option ? option.value : undefined) ?? "VALUE"}` : "";
    const choices =
      "choices" in option && option.choices !== undefined ? `: ${option.choices.join(", ")}` : "";
    return { left: `${short}--${name}${value}`, right: `${option.help}${choices}` };
  });
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  for (const { left, right } of rows) {
    out.push(`  ${left.padEnd(width)}${wrap(right, terminal.width - width - 2, " ".repeat(width + 2))}`);
  }
  if (command.examples !== undefined) {
    out.push("", title("Examples"));
    for (const { line, says } of command.examples)
      out.push(`  ${terminal.paint("dim", `# ${says}`)}`, `  ${line}`);
  }
  if (command.exits !== undefined) {
    out.push("", title("Exit codes"));
    for (const [code, meaning] of Object.entries(command.exits)) out.push(`  ${code}  ${meaning}`);
  }
  return out.join("\n");
}
