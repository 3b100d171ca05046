/** Handles: what they keep, when they end, what they do not share. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as core from "schema-senate";
import { draft, foundedLog, signed } from "./cases.mjs";

const { Migration, Schema, Senate } = core;
const freed = { name: "MisuseError", code: "freed" };

test("a schema compiles once and answers often", () => {
  const { ok, schema } = Schema.compile({
    type: "object",
    required: ["a"],
    properties: { a: { type: "integer" } },
  });
  assert.equal(ok, true);
  assert.equal(schema.draft, "2020-12");
  assert.match(schema.digest, /^sha256:[0-9a-f]{64}$/);
  assert.equal(schema.isValid('{"a":1}'), true);
  assert.equal(schema.isValid(new TextEncoder().encode('{"a":1.5}')), false);
  assert.equal(schema.isValid({ a: 1 }), true);
  assert.deepEqual(schema.validate('{"a":1}'), { valid: true, errors: [] });
  const { valid, errors } = schema.validate('{"a":"x"}');
  assert.equal(valid, false);
  assert.deepEqual(
    errors.map(({ code, instance_path, schema_path }) => ({ code, instance_path, schema_path })),
    [{ code: "schema_type", instance_path: "/a", schema_path: "/properties/a/type" }],
  );
  schema.free();
});

test("1.0 is an integer and keeps its text; an object's 1.0 is 1", () => {
  const { schema } = Schema.compile({ type: "integer" });
  assert.equal(schema.isValid("1.0"), true);
  assert.equal(schema.isValid("1.5"), false);
  schema.free();
});

/** A plan that renames a field; only what an artifact meets of it. */
const renaming = {
  artifact_type: "run",
  from_version: 1,
  to_version: 2,
  strategy: "batch",
  transforms: [{ op: "move", from: "/name", path: "/title" }],
  inverse: [{ op: "move", from: "/title", path: "/name" }],
  columns: [],
  sql: { postgresql: { up: [], down: [] }, sqlite: { up: [], down: [] } },
  lint: [],
  reversible: true,
  declared: { none_needed: "it is generated" },
  notes: [],
};

test("a migration is read once and carried out often", () => {
  const { ok, migration } = Migration.compile(renaming);
  assert.equal(ok, true);
  assert.deepEqual(migration.up('{"name":"a"}'), {
    ok: true,
    artifact: { title: "a" },
    changed: true,
    skipped: [],
  });
  assert.deepEqual(migration.up({ name: "a" }), core.migrateArtifact(renaming, { name: "a" }));
  assert.deepEqual(migration.down({ title: "a" }).artifact, { name: "a" });
  assert.deepEqual(migration.verify('{"name":1}', '{"title":1.0}'), {
    ok: true,
    matches: true,
    changed: true,
    digest: core.digest('{"title":1}').digest,
  });
  assert.equal(migration.verify('{"name":1}', '{"name":1}').matches, false);
  assert.equal(migration.up({ name: 1, title: 2 }).skipped[0].code, "move_target_exists");
  migration.free();
});

test("a revert goes by what the migration has kept", () => {
  const plan = { ...renaming, transforms: renaming.inverse, restores: "run@1->2" };
  const { migration } = Migration.compile(plan);
  const record = { before: '{"name":"a","x":1.0}', after: { title: "a", x: 1 } };
  assert.deepEqual(migration.up({ title: "a", x: 1 }, record).artifact, { name: "a", x: 1 });
  assert.deepEqual(migration.up({ title: "b" }, record).artifact, { name: "b" });
  assert.deepEqual(migration.up({ title: "b" }, { before: null, after: null }).changed, false);
  assert.equal(migration.verify({ title: "a", x: 1 }, { name: "a", x: 1 }, record).matches, true);
  const smuggled = migration.up({ title: "b" }, { before: 'null,"after":{}', after: null });
  assert.deepEqual(
    [smuggled.ok, smuggled.problem.code, smuggled.problem.pointer],
    [false, "json_trailing_text", "/record/before"],
  );
  migration.free();
});

test("an artifact is brought forward, and never back", () => {
  const { senate } = Senate.replay(foundedLog(core));
  assert.deepEqual(senate.upcast("run", 1, 1, { name: "a" }), {
    ok: true,
    artifact: { name: "a" },
    changed: false,
    skipped: [],
  });
  assert.equal(senate.upcast("run", 1, 2, "{}").problem.code, "schema_version_unknown");
  assert.equal(senate.upcast("walk", 1, 1, "{}").problem.code, "artifact_type_unknown");
  for (const version of [-1, 1.5, NaN, "1"]) {
    assert.throws(() => senate.upcast("run", version, 1, "{}"), { code: "misuse" });
  }
  senate.free();
});

test("a migration between two schemas is suggested with its scripts", () => {
  const of = (type) => ({ type: "object", properties: { n: { type } } });
  const made = core.suggestMigration(of("string"), of("integer"), { artifact_type: "run", table: "things" });
  assert.equal(made.ok, true, JSON.stringify(made.problems));
  assert.deepEqual(
    made.transforms.map(({ op, path, rule }) => [op, path, rule]),
    [["convert", "/n", "string_to_integer"]],
  );
  assert.ok(made.sql.postgresql.up.some((statement) => statement.includes("things")));
  assert.ok(made.sql.sqlite.down.length > 0);
  const refused = core.suggestMigration(of("string"), { type: 7 });
  assert.deepEqual([refused.ok, refused.problems[0].pointer], [false, "/new/type"]);
  assert.equal(core.suggestMigration("{}", "{}", { tables: "x" }).problems[0].code, "member_unknown");
});

test("what was edited since a migration stays when it is taken back", () => {
  const restored = core.restoreArtifact({ n: "1", m: 1 }, { n: 1, m: 1 }, { n: 1, m: 2 });
  assert.deepEqual(restored, { ok: true, artifact: { n: "1", m: 2 }, changed: true });
});

test("freed is freed, and freeing again is harmless", () => {
  const { schema } = Schema.compile("{}");
  const { senate } = Senate.replay("");
  const { migration } = Migration.compile(renaming);
  for (const handle of [schema, senate, migration, schema, senate, migration]) handle.free();
  for (const use of [
    () => schema.isValid("1"),
    () => schema.validate("1"),
    () => schema.draft,
    () => schema.digest,
    () => senate.seq,
    () => senate.decide({ command: "settle" }, { nowMs: 1 }),
    () => senate.apply(""),
    () => senate.view("senate", null, 1),
    () => senate.upcast("run", 1, 1, "{}"),
    () => migration.up("{}"),
    () => migration.down("{}"),
    () => migration.verify("{}", "{}"),
  ]) {
    assert.throws(use, freed);
  }
});

test("Symbol.dispose frees", () => {
  const { schema } = Schema.compile("{}");
  schema[Symbol.dispose]();
  assert.throws(() => schema.isValid("1"), freed);
  const { senate } = Senate.replay("");
  senate[Symbol.dispose]();
  assert.throws(() => senate.seq, freed);
});

test("changing the bytes afterwards changes nothing", () => {
  const bytes = new TextEncoder().encode('{"type":"string"}');
  const { schema } = Schema.compile(bytes);
  bytes.fill(0);
  assert.equal(schema.isValid('"a"'), true);
  assert.equal(schema.isValid("1"), false);
  schema.free();
});

test("two schemas do not share anything", () => {
  const text = Schema.compile({ type: "string" }).schema;
  const number = Schema.compile({ type: "number" }).schema;
  assert.deepEqual([text.isValid('"a"'), number.isValid('"a"')], [true, false]);
  text.free();
  assert.equal(number.isValid("1"), true);
  number.free();
});

test("references are given, never fetched", () => {
  const uri = "https://example.org/schemas/name~1.json";
  const schema = { $ref: uri };
  assert.equal(Schema.compile(schema).ok, false);
  for (const document of [
    '{"type":"string"}',
    { type: "string" },
    new TextEncoder().encode('{"type":"string"}'),
  ]) {
    const made = Schema.compile(schema, { references: { [uri]: document } });
    assert.equal(made.ok, true, JSON.stringify(made.problems));
    assert.deepEqual([made.schema.isValid('"a"'), made.schema.isValid("1")], [true, false]);
    made.schema.free();
  }
  const yes = Schema.compile(schema, { references: { [uri]: true } });
  assert.equal(yes.schema.isValid("1"), true);
  yes.schema.free();
});

test("a reference cannot smuggle in another", () => {
  const smuggled = '{"type":"string"},"https://example.org/b":{"type":"number"}';
  const made = Schema.compile(
    { $ref: "https://example.org/b" },
    { references: { "https://example.org/a": smuggled } },
  );
  assert.equal(made.ok, false);
  assert.equal(made.problems[0].code, "json_trailing_text");
  assert.equal(made.problems[0].pointer, "/references/https:~1~1example.org~1a");
  assert.equal(
    core.checkCompatibility("{}", "{}", { references: { "https://example.org/a": smuggled } }).ok,
    false,
  );
});

test("formats assert only when asked to", () => {
  const annotated = Schema.compile({ format: "date" }).schema;
  const asserted = Schema.compile({ format: "date" }, { formats: "assertion" }).schema;
  assert.deepEqual([annotated.isValid('"soon"'), asserted.isValid('"soon"')], [true, false]);
  annotated.free();
  asserted.free();
});

test("the dialect is the schema's own, or the option's, or 2020-12", () => {
  const draftOf = (schema, options) => {
    const made = Schema.compile(schema, options).schema;
    const { draft } = made;
    made.free();
    return draft;
  };
  assert.equal(draftOf("{}"), "2020-12");
  assert.equal(draftOf({ $schema: "http://json-schema.org/draft-07/schema#" }), "draft7");
  for (const draft of ["draft4", "draft6", "draft7", "2019-09", "2020-12"])
    assert.equal(draftOf("{}", { draft }), draft);
});

test("decide changes nothing; apply does; a replay of the log is the same senate", () => {
  const log = foundedLog(core);
  const { senate } = Senate.replay(log);
  const at = { nowMs: 5_000, entropy: "00112233445566778899" };
  const command = signed(core, senate, { command: "propose", proposer_id: "ana", ...draft }, 5_000);
  const first = senate.decide(command, at);
  assert.equal(first.ok, true, JSON.stringify(first.problems));
  assert.deepEqual(senate.decide(command, at), first);
  assert.deepEqual(senate.decide(JSON.stringify(command), at), first);
  const { seq } = senate;
  assert.deepEqual(senate.apply(first.events), { ok: true, seq: seq + first.events.length });
  const text = first.events.map((event) => JSON.stringify(event)).join("\n");
  const again = Senate.replay(`${log}\n${text}\n`).senate;
  assert.deepEqual(again.view("proposals", {}, 6_000), senate.view("proposals", {}, 6_000));
  assert.equal(again.view("proposals", {}, 6_000).view.proposals.length, 1);
  senate.free();
  again.free();
});

test("apply takes all events or none", () => {
  const { senate } = Senate.replay(foundedLog(core));
  const command = signed(core, senate, { command: "propose", proposer_id: "ana", ...draft }, 5_000);
  const { events } = senate.decide(command, { nowMs: 5_000 });
  const { seq } = senate;
  assert.equal(senate.apply([...events, { seq: 1, at_ms: 1, event: "ballot_cast" }]).ok, false);
  assert.equal(senate.seq, seq);
  assert.equal(senate.apply(events).ok, true);
  senate.free();
});

test("identifiers: the host's entropy decides, and without it each is new", () => {
  const at = { nowMs: 1_700_000_000_000, entropy: "ffeeddccbbaa99887766" };
  assert.equal(core.newId(at), core.newId(at));
  assert.match(core.newId(at), /^[0-9A-HJKMNP-TV-Z]{26}$/);
  const drawn = new Set(Array.from({ length: 100 }, () => core.newId({ nowMs: at.nowMs })));
  assert.equal(drawn.size, 100);
  assert.equal(new Set([...drawn].map((id) => id.slice(0, 10))).size, 1);
});

test("published schemas compile and hold our own documents", () => {
  const published = [
    ...["proposal", "field_spec", "policy_change", "membership_change", "scope_change"],
    ...["policy", "members", "scope", "command", "event", "certificate"],
  ].map((name) => core.publishedSchema(name));
  const references = Object.fromEntries(published.map((schema) => [schema.$id, schema]));
  for (const schema of published) {
    const made = Schema.compile(schema, { references });
    assert.equal(made.ok, true, `${schema.$id}: ${JSON.stringify(made.problems)}`);
    made.schema.free();
  }
  const proposal = Schema.compile(core.publishedSchema("proposal"), { references }).schema;
  assert.deepEqual(proposal.validate(draft), { valid: true, errors: [] });
  proposal.free();
  const policy = Schema.compile(core.publishedSchema("policy")).schema;
  assert.deepEqual(policy.validate(core.defaultPolicy()), { valid: true, errors: [] });
  policy.free();
});

test("a batch line answers each line, also a bad one", () => {
  const line = (kind, value) =>
    JSON.parse(core.batchLine(kind, typeof value === "string" ? value : JSON.stringify(value)));
  assert.equal(line("validate", { id: 1, schema: { type: "string" }, instance: 1 }).valid, false);
  assert.equal(line("check-compat", { id: "x", old: true, new: false }).verdict, "breaking");
  assert.equal(line("canonical", { id: 2, text: '{"b":1.0,"a":2}' }).canonical, '{"a":2,"b":1}');
  assert.equal(
    line("tally", { id: 3, track: "additive", members: 6, yes: 4, no: 0, abstain: 0 }).outcome,
    "approved",
  );
  const bad = line("validate", '{"id":7,"schema":');
  assert.deepEqual([bad.id, bad.error.code], [7, "json_syntax"]);
  assert.equal(line("nothing", { id: 8 }).id, 8);
  assert.equal("error" in line("nothing", { id: 8 }), true);
});

test("the version is the crate's and the package's", async () => {
  const { readFileSync } = await import("node:fs");
  const { version } = JSON.parse(
    readFileSync(new URL("../../pkg/core/package.json", import.meta.url), "utf8"),
  );
  assert.deepEqual(core.version(), { version });
});
