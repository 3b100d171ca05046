/** The command line `senate`: finds the command, runs it, and turns whatever goes wrong into words and an exit code. */
import { readFileSync } from "node:fs";
import { version } from "schema-senate";
import { ActError, HostError, UnreachableError } from "./client.js";
import type { Command } from "./cli/command.js";
import { canonical, digest } from "./cli/commands/canonical.js";
import { checkCompat } from "./cli/commands/check-compat.js";
import { checkDraft } from "./cli/commands/check-draft.js";
import { appeal, comment, judge, override, raise, recuse, resolve } from "./cli/commands/debate.js";
import { audit, certificate, exportLog, verify } from "./cli/commands/evidence.js";
import { importTypes } from "./cli/commands/import.js";
import { key } from "./cli/commands/key.js";
import { migration } from "./cli/commands/migration.js";
import { migrate, open, propose, revise, withdraw } from "./cli/commands/propose.js";
import { compliance, retire } from "./cli/commands/registry.js";
import { members, policy, precedents, scope } from "./cli/commands/senate.js";
import { serve } from "./cli/commands/serve.js";
import { list, log, show } from "./cli/commands/show.js";
import { tally } from "./cli/commands/tally.js";
import { validate } from "./cli/commands/validate.js";
import { vote } from "./cli/commands/vote.js";
import { Exit, type ExitCode, Fault, usageFault } from "./cli/fault.js";
import { commandHelp, programHelp } from "./cli/help.js";
import { problemLines } from "./cli/report.js";
import { nearest } from "./cli/suggest.js";
import { Terminal } from "./cli/terminal.js";
import { KeyError } from "./keys.js";
import { TrustError } from "./trust.js";

const groups: { title: string; commands: Command[] }[] = [
  { title: "Host", commands: [serve, importTypes] },
  { title: "Your key", commands: [key] },
  { title: "Check, without a host", commands: [checkDraft, checkCompat, validate, canonical, digest, tally] },
  { title: "Propose and vote", commands: [propose, revise, open, vote, withdraw] },
  { title: "Migrate", commands: [migration, migrate, compliance, retire] },
  { title: "Debate", commands: [comment, raise, resolve, override, recuse, appeal, judge] },
  { title: "Look", commands: [show, list, members, policy, scope, precedents, log] },
  { title: "Prove", commands: [certificate, verify, exportLog, audit] },
];

const commands = new Map(
  groups.flatMap(({ commands }) => commands.map((command) => [command.name, command])),
);

async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined) {
    terminal.stderr.write(`${programHelp(groups, terminal)}\n`);
    return Exit.usage;
  }
  if (name === "--version" || name === "-V") {
    terminal.line(versions());
    return Exit.ok;
  }
  const wantsHelp = argv.some((word) => word === "--help" || word === "-h");
  if (name === "help" || name.startsWith("-")) {
    const topic = name === "help" ? rest.find((word) => !word.startsWith("-")) : undefined;
    if (name !== "help" && !wantsHelp) {
      throw usageFault(
        `\`senate\` has no option \`${name}\`.`,
        "The command comes first: `senate <command> [options]`.",
      );
    }
    terminal.line(topic === undefined ? programHelp(groups, terminal) : commandHelp(find(topic), terminal));
    return Exit.ok;
  }
  const command = find(name);
  // Behind `--` everything is an operand, `--help` too.
  if (beforeOperands(rest).some((word) => word === "--help" || word === "-h")) {
    terminal.line(commandHelp(command, terminal));
    return Exit.ok;
  }
  return command.execute(rest, terminal);
}

function find(name: string): Command {
  const command = commands.get(name);
  if (command !== undefined) return command;
  const meant = nearest(name, commands.keys());
  throw usageFault(
    `\`senate\` has no command \`${name}\`.`,
    meant === undefined ? "`senate --help` lists the commands." : `Did you mean \`${meant}\`?`,
  );
}

function beforeOperands(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  return end === -1 ? words : words.slice(0, end);
}

function versions(): string {
  const own = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return `senate ${own.version} (core ${version().version})`;
}

const howToSign =
  "Make a key with `senate key new FILE`, have its public key enrolled by a membership change, and give the file with --key or SENATE_KEY.";

/** What is wrong with a key's file, not with the key. */
const unreadableKey = new Set([
  "key_file_exists",
  "key_readable_by_others",
  "key_unreadable",
  "key_unwritable",
]);

/** Everything expected becomes a fault; what stays is a mistake in this program. */
function faultOf(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  if (error instanceof HostError) {
    const problems = error.problems.map((problem) =>
      problem.code === "signature_missing" ? { ...problem, remedy: howToSign } : problem,
    );
    return new Fault(error.status >= 500 ? Exit.io : Exit.no, problems);
  }
  if (error instanceof KeyError) {
    return new Fault(unreadableKey.has(error.problem.code) ? Exit.io : Exit.no, error.problem);
  }
  if (error instanceof TrustError) {
    return new Fault(error.problem.code === "state_unusable" ? Exit.io : Exit.no, error.problem);
  }
  if (error instanceof ActError) return new Fault(Exit.no, error.problem);
  if (error instanceof UnreachableError) {
    return new Fault(Exit.io, {
      code: "host_unreachable",
      message: error.message,
      remedy: "Start one with `senate serve`, or name another with --host or SENATE_HOST.",
    });
  }
  return undefined;
}

function internalFault(error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  if (process.env["SENATE_TRACE"]) console.error(error);
  return new Fault(Exit.internal, {
    code: "internal",
    message: `This program failed: ${message}`,
    remedy: "Please report it with the command line; SENATE_TRACE=1 shows where it happened.",
  });
}

function report(error: unknown, asJson: boolean, terminal: Terminal): ExitCode {
  const fault = faultOf(error) ?? internalFault(error);
  if (asJson) terminal.json({ ok: false, problem: fault.problems[0], problems: fault.problems });
  else {
    // Its own terminal: standard error may be coloured where standard output is not, and the other way round.
    const errors = new Terminal(process.stdin, process.stderr, process.stderr, process.env);
    for (const line of problemLines(fault.problems, errors, fault.subject)) errors.line(line);
  }
  return fault.exit;
}

const argv = process.argv.slice(2);
const terminal = new Terminal(process.stdin, process.stdout, process.stderr, process.env);
// A reader that has seen enough (`senate log | head`) is no reason for a stack trace.
process.stdout.on("error", () => process.exit(Exit.io));
process.exitCode = await run(argv, terminal).catch((error: unknown) =>
  report(error, beforeOperands(argv).includes("--json"), terminal),
);
