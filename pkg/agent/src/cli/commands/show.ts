import type { ProposalView, Status } from "schema-senate";
import { routes, type ProposalFilter } from "../../client.js";
import { command, hostOption, jsonOption, operandsOf, wholeNumber } from "../command.js";
import { clientOf } from "../context.js";
import { Exit, usageFault } from "../fault.js";
import { limitOf, limitOption, storedLines } from "../stored.js";
import { proposalLines, proposalViewLines, senateLines, typesLines, typeViewLines } from "../views.js";

/** A ULID, as proposals have: 26 digits of Crockford's base 32. */
const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;

/** Approved, whatever has become of it since. */
const decidedYes: ReadonlySet<Status> = new Set<Status>([
  "cooling",
  "approved",
  "migrating",
  "active",
  "superseded",
]);

export const show = command({
  name: "show",
  summary: "Show the senate, its types, a type, a proposal or the archive",
  usage: [
    "show [--host URL] [--json]",
    "show types | archive",
    "show TYPE [--version N]",
    "show PROPOSAL [--check]",
    "show PROPOSAL --stored [--limit N]",
  ],
  details: [
    "With `--json` the host's own document is written, as it came. A type that is called `types` or `archive` is shown with `--type`.",
    "--stored counts how many stored artifacts are valid under the proposed schema, as they are and once the migration has run; the static verdict is about every artifact that could be.",
  ],
  options: {
    type: { type: "string", value: "NAME", help: "Show this artifact type, whatever it is called" },
    version: { type: "string", value: "N", help: "Show this version of the type; the answer is its schema" },
    check: { type: "boolean", help: "For a proposal: exit with 1 unless it is approved or in force" },
    stored: { type: "boolean", help: "For a proposal: how many stored artifacts its schema takes" },
    limit: limitOption,
    ...hostOption,
    ...jsonOption,
  },
  examples: [
    { line: "senate show", says: "members, rules, types, live proposals" },
    { line: "senate show experiment --version 1 > experiment-v1.json", says: "a schema as it was" },
    { line: "senate show archive", says: "what was decided, with the reasons" },
  ],
  exits: { 0: "shown", 1: "there is no such thing; with --check: not approved" },
  async run({ values, operands }, terminal) {
    const client = clientOf(values.host, terminal);
    const [what, ...more] = values.type === undefined ? operands : [undefined, ...operands];
    if (more.length > 0) throw usageFault(`\`senate show\` shows one thing; what is \`${more[0]}\`?`);
    if (values.check && (what === undefined || !ulid.test(what)))
      throw usageFault("`--check` goes with a proposal.");
    if (values.stored && (what === undefined || !ulid.test(what)))
      throw usageFault("`--stored` goes with a proposal.");
    const limit = limitOf(values);
    const type =
      values.type ??
      (what === undefined || what === "types" || what === "archive" || ulid.test(what) ? undefined : what);
    if (type === undefined && values.version !== undefined) throw usageFault("`--version` goes with a type.");
    const print = (lines: readonly string[]): typeof Exit.ok => {
      for (const line of lines) terminal.line(line);
      return Exit.ok;
    };
    const raw = async (path: string): Promise<typeof Exit.ok> => {
      await terminal.write(`${(await client.read(path)).trimEnd()}\n`);
      return Exit.ok;
    };
    if (type !== undefined && values.version !== undefined) {
      const version = wholeNumber("version", values.version, 1);
      if (values.json) return raw(routes.schema(type, version));
      return print([JSON.stringify((await client.schema(type, version)).schema, null, 2)]);
    }
    if (type !== undefined) {
      return values.json ? raw(routes.type(type)) : print(typeViewLines(await client.type(type), terminal));
    }
    if (what === "types") return values.json ? raw(routes.types()) : print(typesLines(await client.types()));
    if (what === "archive") {
      const filter = { status: "archived" } as const;
      if (values.json) return raw(routes.proposals(filter));
      return print(
        proposalLines((await client.proposals(filter)).proposals, terminal, "The archive is empty."),
      );
    }
    if (what !== undefined && values.stored) {
      const id = what.toUpperCase();
      if (values.json) return raw(routes.storedVerdict(id, limit));
      return print(storedLines(await client.storedVerdict(id, limit), terminal));
    }
    if (what !== undefined) {
      const text = await client.read(routes.proposal(what.toUpperCase()));
      const view = JSON.parse(text) as ProposalView;
      if (values.json) await terminal.write(`${text.trimEnd()}\n`);
      else print(proposalViewLines(view, terminal));
      return values.check && !decidedYes.has(view.status) ? Exit.no : Exit.ok;
    }
    if (values.json) return raw(routes.senate());
    const [senate, { types }, { proposals }] = await Promise.all([
      client.senate(),
      client.types(),
      client.proposals({ status: "live" }),
    ]);
    return print(senateLines(senate, types, proposals, terminal));
  },
});

const statuses = [
  "live",
  "archived",
  "review",
  "voting",
  "cooling",
  "approved",
  "migrating",
  "active",
  "migration_failed",
  "superseded",
  "rejected",
  "expired",
  "withdrawn",
  "stale",
  "abandoned",
] as const satisfies readonly (Status | "live" | "archived")[];

export const list = command({
  name: "list",
  summary: "List proposals, newest first",
  usage: [
    "list [--status STATUS] [--type NAME] [--proposer ID] [--text WORDS] [--limit N] [--cursor CURSOR] [--json]",
  ],
  options: {
    status: { type: "string", value: "STATUS", choices: statuses, help: "Only these" },
    type: { type: "string", value: "NAME", help: "Only proposals on this artifact type" },
    proposer: { type: "string", value: "ID", help: "Only proposals of this member" },
    text: { type: "string", value: "WORDS", help: "Only proposals that contain this text" },
    limit: { type: "string", value: "N", help: "At most so many" },
    cursor: { type: "string", value: "CURSOR", help: "Continue where a page ended" },
    ...hostOption,
    ...jsonOption,
  },
  examples: [{ line: "senate list --status live --type experiment", says: "what is open on a type" }],
  async run({ values, operands }, terminal) {
    operandsOf("list", operands, []);
    const { status, type, proposer, text, limit, cursor } = values;
    const filter: ProposalFilter = {
      ...(status === undefined ? {} : { status: status as (typeof statuses)[number] }),
      ...(type === undefined ? {} : { artifact_type: type }),
      ...(proposer === undefined ? {} : { proposer_id: proposer }),
      ...(text === undefined ? {} : { text }),
      ...(limit === undefined ? {} : { limit: wholeNumber("limit", limit, 1) }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const client = clientOf(values.host, terminal);
    if (values.json) {
      await terminal.write(`${(await client.read(routes.proposals(filter))).trimEnd()}\n`);
      return Exit.ok;
    }
    const { proposals, next_cursor } = await client.proposals(filter);
    for (const line of proposalLines(proposals, terminal, "No proposals.")) terminal.line(line);
    if (next_cursor !== undefined) terminal.line(`More: add \`--cursor ${next_cursor}\`.`);
    return Exit.ok;
  },
});

export const log = command({
  name: "log",
  summary: "Write the event log, one JSON document a line",
  usage: ["log [--from SEQ] [--host URL] > senate.ndjson"],
  details: ["The log is the truth from which everything else is computed; it can be replayed anywhere."],
  options: {
    from: { type: "string", value: "SEQ", help: "Begin with this event; default 1" },
    ...hostOption,
  },
  async run({ values, operands }, terminal) {
    operandsOf("log", operands, []);
    const from = values.from === undefined ? 1 : wholeNumber("from", values.from, 1);
    for await (const line of clientOf(values.host, terminal).logLines(from))
      await terminal.write(`${line}\n`);
    return Exit.ok;
  },
});
