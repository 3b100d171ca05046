import {
  type Draft,
  Migration,
  type Plan,
  planMigration,
  Schema,
  suggestMigration,
  transformWords,
} from "schema-senate";
import type { SenateClient } from "../../client.js";
import { runBatch } from "../batch.js";
import { actOptions, command, draftOption, operandsOf, wholeNumber } from "../command.js";
import { actingClient, clientOf, inOrder, proposalId } from "../context.js";
import { Exit, type ExitCode, Fault, usageFault } from "../fault.js";
import { type Document, readDocument, readJson } from "../input.js";
import {
  type Dialect,
  lintLines,
  planLines,
  progressWords,
  rehearsalLines,
  rehearsedLines,
} from "../migration.js";
import { Progress } from "../progress.js";
import { indented, sentence, validationLines } from "../report.js";
import { nearest } from "../suggest.js";
import { safe, safeLine, type Terminal, wrap } from "../terminal.js";
import { standing } from "./propose.js";

const actions = ["plan", "apply", "suggest", "show", "rehearse", "run", "watch", "retry", "abandon"] as const;

export const migration = command({
  name: "migration",
  summary: "Plan, try, rehearse, run and watch what a change does to artifacts",
  usage: [
    "migration plan SCHEMA CHANGE [--dialect NAME] [--down] [--type NAME] [--table NAME] [--json]",
    "migration apply SCHEMA CHANGE ARTIFACT… [--json]",
    "migration suggest OLD NEW [--dialect NAME] [--down] [--type NAME] [--table NAME] [--json]",
    "migration plan|apply --batch < questions.ndjson",
    "migration show|rehearse PROPOSAL [--artifact ID | --samples N] [--host URL] [--json]",
    "migration run|watch PROPOSAL [--host URL] [--json]",
    "migration retry PROPOSAL --as ID [--reason TEXT]",
    "migration abandon PROPOSAL --as ID --reason TEXT",
  ],
  details: [
    "`plan`, `apply` and `suggest` need no host. CHANGE is {change_type, field_spec}, or a draft that has them in its metadata. `plan` prints what is done to each artifact, what to look out for, and the SQL over the table artifacts(id, artifact_type, metadata) that does it; --down prints what undoes it. `apply` does it to files and validates them under the next schema: a rehearsal offline. `suggest` finds the transforms between two versions of a schema.",
    "`rehearse` has the host run the migration on all stored artifacts, look at each, undo it and roll everything back; the evidence is what ballots are cast on. `show` prints the last one, with the artifacts that fail first.",
    "The host migrates by itself when a proposal is approved; the new version is current only afterwards. `run` has it go on after an interruption and `watch` follows it. One that failed is tried again or given up by an act of a member.",
    "--batch reads one question a line, {id, schema, change_type, field_spec, artifact_type?, table?}, and for apply {…, artifact}; it answers one line each, in order: {id, next_schema, transforms, sql: {postgresql: {up, down}, sqlite: {up, down}}, lint, reversible}, and for apply {id, up, down}.",
  ],
  options: {
    batch: { type: "boolean", help: "With plan, apply: answer questions from standard input, one a line" },
    dialect: {
      type: "string",
      value: "NAME",
      choices: ["postgresql", "sqlite"],
      help: "Whose SQL is printed; default postgresql",
    },
    down: { type: "boolean", help: "Print the SQL that undoes it" },
    type: { type: "string", value: "NAME", help: "Only artifacts of this type; default all rows" },
    table: { type: "string", value: "NAME", help: "The table of the artifacts; default artifacts" },
    artifact: { type: "string", value: "ID", help: "With show: this artifact before and after" },
    samples: { type: "string", value: "N", help: "With show: so many artifacts, those that fail first" },
    reason: { type: "string", value: "TEXT", help: "With retry, abandon: why" },
    ...draftOption,
    ...actOptions,
  },
  examples: [
    {
      line: "senate migration plan experiment.json change.json --dialect sqlite > up.sql",
      says: "the SQL of a change",
    },
    { line: "senate migration apply experiment.json change.json runs/*.json", says: "try it on files" },
    { line: "senate migration show 01JD… --samples 5", says: "what the rehearsal saw" },
  ],
  exits: {
    0: "planned, valid afterwards, passed, applied; with --batch: every line was answered",
    1: "refused, not valid afterwards, did not pass, failed",
  },
  async run({ values, operands }, terminal) {
    const [action, ...rest] = operands;
    const known = actions.find((name) => name === action);
    if (known === undefined) throw noSuchAction(action);
    if (values.batch) {
      const alone = Object.entries(values).every(([name, value]) => name === "batch" || !value);
      if ((known !== "plan" && known !== "apply") || rest.length > 0 || !alone)
        throw usageFault(
          "`--batch` goes with `migration plan` and `migration apply`, and takes its questions from standard input only.",
        );
      return runBatch(`migration-${known}`, terminal);
    }
    const dialect = (values.dialect ?? "postgresql") as Dialect;
    const shown: Shown = { dialect, down: values.down, json: values.json };
    const where: Where = { artifact_type: values.type, table: values.table, draft: values.draft };
    switch (known) {
      case "plan": {
        const [schema, change] = await documents("plan", rest, ["SCHEMA", "CHANGE"], terminal);
        return planned(plan(schema, change, where), shown, terminal);
      }
      case "apply":
        return applied(rest, where, values.json, terminal);
      case "suggest": {
        const [before, after] = await documents("suggest", rest, ["OLD", "NEW"], terminal);
        return suggested(before, after, where, shown, terminal);
      }
      case "retry":
      case "abandon": {
        const [id] = operandsOf(`migration ${known}`, rest, ["PROPOSAL"]);
        const { client, actor: by } = await actingClient(values, terminal);
        if (known === "retry") {
          const view = await client.retryMigration(proposalId(id), { by, reason: values.reason });
          return standing(view, values.json, terminal);
        }
        if (values.reason === undefined)
          throw usageFault("Why is it given up?", 'Write `--reason "…"`; it stays in the archive.');
        const view = await client.abandonMigration(proposalId(id), { by, reason: values.reason });
        return standing(view, values.json, terminal);
      }
      default: {
        const [id] = operandsOf(`migration ${known}`, rest, ["PROPOSAL"]);
        return atHost(known, proposalId(id), clientOf(values.host, terminal), values, terminal);
      }
    }
  },
});

type Planned = Extract<ReturnType<typeof planMigration>, { ok: true }>;

interface Shown {
  dialect: Dialect;
  down: boolean;
  json: boolean;
}

interface Where {
  artifact_type: string | undefined;
  table: string | undefined;
  draft: string | undefined;
}

function noSuchAction(action: string | undefined): Fault {
  const all = "Write plan, apply, suggest, show, rehearse, run, watch, retry or abandon.";
  if (action === undefined) return usageFault("`senate migration` needs an action.", all);
  const meant = nearest(action, actions);
  return usageFault(
    `\`senate migration\` has no action \`${action}\`.`,
    meant === undefined ? all : `Did you mean \`${meant}\`?`,
  );
}

async function documents(
  action: string,
  rest: readonly string[],
  names: readonly [string, string],
  terminal: Terminal,
): Promise<[Document, Document]> {
  const [first, second] = operandsOf(`migration ${action}`, rest, names);
  return [await readJson(first, terminal), await readJson(second, terminal)];
}

/** The question of a batch line; the documents stand in it as they were written. */
function question(schema: Document, change: Document, where: Where): string {
  const text = Buffer.from(change.bytes).toString("utf8");
  const whole = JSON.parse(text) as { metadata?: unknown };
  const holder = typeof whole.metadata === "object" && whole.metadata !== null ? whole.metadata : whole;
  const { change_type, field_spec } = holder as { change_type?: unknown; field_spec?: unknown };
  const members: [string, string | undefined][] = [
    ["schema", Buffer.from(schema.bytes).toString("utf8")],
    ["change_type", JSON.stringify(change_type)],
    ["field_spec", JSON.stringify(field_spec)],
    ...Object.entries(where).map(([name, value]): [string, string | undefined] => [
      name,
      JSON.stringify(value),
    ]),
  ];
  const given = members.filter(([, value]) => value !== undefined);
  return `{${given.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

function plan(schema: Document, change: Document, where: Where): Planned {
  const made = planMigration(question(schema, change, where));
  if (made.ok) return made;
  throw new Fault(Exit.no, made.problems, change.name);
}

function planned(made: Planned, { dialect, down, json }: Shown, terminal: Terminal): ExitCode {
  if (json) terminal.json(made);
  else {
    const { transforms, lint, sql } = made;
    for (const line of commented(transforms.map(transformWords), lint, terminal)) terminal.line(line);
    terminal.line(safe(down ? sql[dialect].down : sql[dialect].up).trimEnd());
  }
  return Exit.ok;
}

/** As SQL comments, so that what is printed can be run. */
function commented(words: readonly string[], lint: Plan["lint"], terminal: Terminal): string[] {
  const lines = words.length === 0 ? ["Artifacts need no rewriting."] : words.map((word) => sentence(word));
  return [...lines.map(safeLine), ...lintLines(lint, terminal)]
    .flatMap((line) => line.split("\n"))
    .map((line) => terminal.paint("dim", `-- ${line}`));
}

function suggested(
  before: Document,
  after: Document,
  { artifact_type, table }: Where,
  shown: Shown,
  terminal: Terminal,
): ExitCode {
  const found = suggestMigration(before.bytes, after.bytes, {
    ...(artifact_type === undefined ? {} : { artifact_type }),
    ...(table === undefined ? {} : { table }),
  });
  if (!found.ok) throw new Fault(Exit.no, found.problems);
  if (shown.json) {
    terminal.json(found);
    return Exit.ok;
  }
  for (const line of commented(found.transforms.map(transformWords), found.lint, terminal))
    terminal.line(line);
  for (const note of found.notes) terminal.line(terminal.paint("dim", `-- ${safeLine(sentence(note))}`));
  const { up, down } = found.sql[shown.dialect];
  for (const statement of shown.down ? down : up) terminal.line(`${safe(statement)};`);
  return Exit.ok;
}

/** Carries the change out on files, and holds each against the next schema. */
async function applied(
  rest: readonly string[],
  where: Where,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const [schemaFile, changeFile, ...files] = rest;
  if (schemaFile === undefined || changeFile === undefined || files.length === 0) {
    throw usageFault(
      "`senate migration apply` needs SCHEMA, CHANGE and at least one ARTIFACT.",
      "Usage: senate migration apply SCHEMA CHANGE ARTIFACT…",
    );
  }
  const [schema, change] = await documents("apply", [schemaFile, changeFile], ["SCHEMA", "CHANGE"], terminal);
  const made = plan(schema, change, where);
  const draft = where.draft === undefined ? {} : { draft: where.draft as Draft };
  const next = Schema.compile(JSON.stringify(made.next_schema), draft);
  if (!next.ok) throw new Fault(Exit.no, next.problems, change.name);
  const compiled = Migration.compile(JSON.stringify(made));
  if (!compiled.ok) throw new Fault(Exit.no, compiled.problem, change.name);
  let invalid = 0;
  try {
    const results = await inOrder(files, async (file) => {
      const { name, bytes } = await readDocument(file, terminal);
      const up = compiled.migration.up(bytes);
      if (!up.ok) throw new Fault(Exit.no, up.problem, name);
      const validation = next.schema.validate(JSON.stringify(up.artifact));
      if (!validation.valid) invalid += 1;
      if (!json) {
        for (const line of validationLines(name, validation, terminal)) terminal.line(line);
        if (up.changed) terminal.line(indented(up.artifact));
        for (const { pointer, message } of up.skipped)
          terminal.line(`  ${wrap(safeLine(`${pointer}: ${message}`), terminal.width - 2, "  ")}`);
      }
      return { file, changed: up.changed, artifact: up.artifact, skipped: up.skipped, ...validation };
    });
    if (json) terminal.json({ valid: invalid === 0, files: results });
  } finally {
    next.schema.free();
    compiled.migration.free();
  }
  return invalid === 0 ? Exit.ok : Exit.no;
}

async function atHost(
  action: "show" | "rehearse" | "run" | "watch",
  id: string,
  client: SenateClient,
  values: {
    artifact: string | undefined;
    samples: string | undefined;
    json: boolean;
    dialect: string | undefined;
  },
  terminal: Terminal,
): Promise<ExitCode> {
  const { artifact, json } = values;
  if (action === "run" || action === "watch") return followed(action, id, client, json, terminal);
  if (action === "show" && artifact !== undefined) {
    const found = await client.rehearsedArtifact(id, artifact);
    if (json) terminal.json(found);
    else for (const line of rehearsedLines(found, terminal)) terminal.line(line);
    return found.errors_after.length === 0 ? Exit.ok : Exit.no;
  }
  const samples = values.samples === undefined ? undefined : wholeNumber("samples", values.samples, 1, 100);
  const progress = new Progress(terminal);
  const found =
    action === "rehearse"
      ? await progress.during("rehearsing", () => client.rehearse(id))
      : await client.rehearsal(id, samples);
  progress.clear();
  const exit = found.passed ? Exit.ok : Exit.no;
  if (json) {
    terminal.json(found);
    return exit;
  }
  const { migration: generated } = await client.proposal(id);
  const plan =
    generated === undefined || action === "rehearse"
      ? []
      : [...planLines(generated.plan, terminal, (values.dialect ?? "postgresql") as Dialect), ""];
  const lines = [
    ...plan,
    ...rehearsalLines(found, terminal),
    ...(found.samples ?? []).flatMap((sample) => ["", ...rehearsedLines(sample, terminal)]),
  ];
  for (const line of lines) terminal.line(line);
  return exit;
}

/** Follows a migration to its end; `run` sets it off. */
async function followed(
  action: "run" | "watch",
  id: string,
  client: SenateClient,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const progress = new Progress(terminal);
  const running = action === "run" ? client.migrate(id) : undefined;
  // What it says is heard below; here it must not be lost while the progress is followed.
  running?.catch(() => undefined);
  for await (const now of client.migrationEvents(id)) {
    if (json) terminal.json(now);
    else progress.show(() => progressWords(now));
    if (now.phase === "done" || now.phase === "failed") break;
  }
  progress.clear();
  const view = (await running) ?? (await client.proposal(id));
  if (!json) standing(view, false, terminal);
  return view.status === "active" || view.status === "superseded" ? Exit.ok : Exit.no;
}
