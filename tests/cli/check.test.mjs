/** The commands that need no host: what they answer, in which shape, with which exit code. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fixture, senate } from "./senate.mjs";

const [run1, run2, run3] = [1, 2, 3].map((version) => fixture(`run-${version}.schema.json`));
const sample = fixture("sample.schema.json");
const units = fixture("units.SNAPSHOT.schema.json");

test("check-compat: a change that only adds is compatible", async () => {
  const { code, stdout } = await senate(["check-compat", run1, run2]);
  assert.equal(code, 0);
  assert.match(stdout, /^compatible: /);
  assert.match(stdout, /\/properties\/host/);
});

test("check-compat: a breaking change shows the artifact that proves it", async () => {
  const { code, stdout } = await senate(["check-compat", run2, run3]);
  assert.equal(code, 1);
  assert.match(stdout, /^breaking: /);
  assert.match(stdout, /valid before and invalid after/);
});

test("check-compat --json is the core's report, and its witness is a witness", async () => {
  const { code, json } = await senate(["check-compat", run2, run3, "--json"]);
  assert.equal(code, 1);
  const report = json();
  assert.equal(report.verdict, "breaking");
  assert.equal(report.mode, "backward");
  assert.ok(report.reason.length > 0);
  assert.ok(
    report.differences.some(({ new_pointer }) => new_pointer?.startsWith("/required")),
    JSON.stringify(report),
  );
  const witness = JSON.stringify(report.witness);
  assert.equal((await senate(["validate", run2, "-"], { input: witness })).code, 0);
  assert.equal((await senate(["validate", run3, "-"], { input: witness })).code, 1);
});

test("check-compat: other directions, and standard input for a side", async () => {
  assert.equal((await senate(["check-compat", run3, run2])).code, 0);
  assert.equal((await senate(["check-compat", run3, run2, "--mode", "forward"])).code, 1);
  const full = await senate(["check-compat", run1, "-", "--mode", "full", "--json"], {
    input: await readFile(run1),
  });
  assert.equal(full.code, 0);
  assert.equal(full.json().mode, "full");
});

test("check-compat: the dialect of a schema that does not name one", async () => {
  // In draft 4 a number with a fraction of zero is no integer; from draft 6 on it is.
  const input = '{"enum": [1.0]}';
  assert.equal(
    (await senate(["check-compat", "-", fixture("integer.json"), "--draft", "draft7"], { input })).code,
    0,
  );
  assert.equal(
    (await senate(["check-compat", "-", fixture("integer.json"), "--draft", "draft4"], { input })).code,
    1,
  );
});

test("check-compat: documents that both sides refer to", async () => {
  const narrower = (await readFile(sample, "utf8")).replace('"unit", "value"', '"unit"');
  const { code, stdout } = await senate(["check-compat", sample, "-", "--ref", units], { input: narrower });
  assert.equal(code, 0, stdout);
  const without = await senate(["check-compat", sample, "-"], { input: narrower });
  assert.equal(without.code, 1);
  assert.match(without.stdout + without.stderr, /units\.SNAPSHOT/);
});

test("check-compat: what is not a schema, and what is not JSON", async () => {
  const notSchema = await senate(["check-compat", "-", run1, "--json"], { input: '{"type": "strin"}' });
  assert.equal(notSchema.code, 1);
  const { ok, problems } = notSchema.json();
  assert.equal(ok, false);
  assert.ok(problems[0].pointer.endsWith("/type"), JSON.stringify(problems));
  const notJson = await senate(["check-compat", "-", run1], { input: '{"type": }' });
  assert.equal(notJson.code, 1);
  assert.match(notJson.stderr, /^error /);
});

test("validate: every file is answered, and one invalid file decides", async () => {
  const { code, stdout } = await senate([
    "validate",
    run1,
    fixture("good-run.json"),
    fixture("bad-run.json"),
  ]);
  assert.equal(code, 1);
  assert.match(stdout, /^valid {4}.*good-run\.json$/m);
  assert.match(stdout, /^invalid {2}.*bad-run\.json$/m);
  assert.match(stdout, /\/seeds\/1/);
  assert.equal((await senate(["validate", run1, fixture("good-run.json")])).code, 0);
});

test("validate --json names each file and its errors", async () => {
  const { code, json } = await senate([
    "validate",
    run1,
    fixture("good-run.json"),
    fixture("bad-run.json"),
    "--json",
  ]);
  assert.equal(code, 1);
  const { valid, files } = json();
  assert.equal(valid, false);
  assert.deepEqual(
    files.map(({ file, valid }) => [file, valid]),
    [
      [fixture("good-run.json"), true],
      [fixture("bad-run.json"), false],
    ],
  );
  assert.deepEqual(files[0].errors, []);
  for (const error of files[1].errors) {
    for (const member of ["code", "instance_path", "schema_path", "message"])
      assert.equal(typeof error[member], "string");
  }
});

test("validate: format asserts only where it is asked for", async () => {
  const input = '{"at": "yesterday"}';
  assert.equal((await senate(["validate", fixture("dated.json"), "-"], { input })).code, 0);
  assert.equal(
    (await senate(["validate", fixture("dated.json"), "-", "--formats", "assertion"], { input })).code,
    1,
  );
});

test("validate: references by file name beside the schema's $id", async () => {
  const good = await senate(["validate", sample, "-", "--ref", units], {
    input: '{"unit": "m", "value": 1}',
  });
  assert.equal(good.code, 0, good.stderr);
  const bad = await senate(["validate", sample, "-", "--ref", units], {
    input: '{"unit": "mile", "value": 1}',
  });
  assert.equal(bad.code, 1);
  assert.match(bad.stdout, /\/unit/);
  const missing = await senate(["validate", sample, "-"], { input: "{}" });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /units\.SNAPSHOT\.schema\.json/);
});

test("canonical writes exactly the canonical bytes, which digest hashes", async () => {
  const input = '{"b": 1.0, "a": [1e2, "\\u20ac"]}\n';
  const { code, stdout } = await senate(["canonical", "-"], { input });
  assert.equal(code, 0);
  assert.equal(stdout, '{"a":[100,"€"],"b":1}');
  const hex = createHash("sha256").update(stdout).digest("hex");
  assert.deepEqual((await senate(["canonical", "-", "--json"], { input })).json(), {
    canonical: stdout,
    digest: `sha256:${hex}`,
  });
  const digest = await senate(["digest", "-"], { input });
  assert.equal(digest.stdout, `sha256:${hex}  -\n`);
  const tagged = await senate(["digest", "-", "--kind", "schema", "--json"], { input });
  assert.match(tagged.json().digests[0].digest, /^sha256:[0-9a-f]{64}$/);
  assert.notEqual(tagged.json().digests[0].digest, `sha256:${hex}`);
});

test("canonical says where a text has no canonical form", async () => {
  const { code, stderr } = await senate(["canonical", "-"], { input: '{\n  "a": 1,\n  "a": 2\n}' });
  assert.equal(code, 1);
  assert.match(stderr, /^error standard input/);
  assert.match(stderr, /\(line 3, column \d+\)/);
  const json = (await senate(["canonical", "-", "--json"], { input: "9007199254740993" })).json();
  assert.equal(json.ok, false);
  assert.match(json.problem.code, /^json_/);
});

test("tally counts by the frozen electorate", async () => {
  const pending = await senate([
    "tally",
    "--track",
    "additive",
    "--members",
    "6",
    "--yes",
    "2",
    "--no",
    "1",
    "--json",
  ]);
  assert.equal(pending.code, 0);
  const { outcome, threshold, needed, decided, not_voted } = pending.json();
  assert.deepEqual([outcome, threshold, needed, decided, not_voted], ["pending", 4, 2, false, 3]);
  const approved = await senate(["tally", "--track", "additive", "--members", "6", "--yes", "4"]);
  assert.equal(approved.code, 0);
  assert.match(approved.stdout, /^approved\n/);
  const rejected = await senate([
    "tally",
    "--track",
    "breaking",
    "--members",
    "6",
    "--yes",
    "5",
    "--abstain",
    "1",
  ]);
  assert.equal(rejected.code, 1);
  assert.match(rejected.stdout, /^rejected\n/);
  const contradiction = await senate(["tally", "--track", "additive", "--members", "3", "--yes", "4"]);
  assert.equal(contradiction.code, 1);
  assert.match(contradiction.stderr, /^error/);
});

test("tally takes a policy of its own", async () => {
  const policy = '{"min_electorate": 1, "tracks": {"additive": {"num": 1, "den": 1}}}';
  const args = ["tally", "--track", "additive", "--members", "2", "--yes", "1", "--policy", "-", "--json"];
  const { json } = await senate(args, { input: policy });
  assert.deepEqual([json().threshold, json().needed], [2, 1]);
});

test("check-draft offline: a draft that can be proposed", async () => {
  const draft = fixture("add-host.draft.json");
  const { code, stdout } = await senate(["check-draft", draft, "--schema", run1, "--members", "6"]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^The draft can be proposed/);
  assert.match(stdout, /verdict +compatible/);
  assert.match(stdout, /4 of 6/);
  const json = (await senate(["check-draft", draft, "--schema", run1, "--members", "6", "--json"])).json();
  assert.equal(json.ok, true);
  assert.equal(json.track, "additive");
  assert.equal(json.needed.yes, 4);
  assert.deepEqual(json.next_schema.properties.host, { type: "string" });
  assert.equal(json.claim.agrees, true);
});

test("check-draft offline: a false claim is named and does not lower the threshold", async () => {
  const draft = fixture("shorten-name.draft.json");
  const { code, json } = await senate(["check-draft", draft, "--schema", run1, "--members", "6", "--json"]);
  const check = json();
  assert.equal(check.track, "breaking");
  assert.equal(check.needed.yes, 6);
  assert.deepEqual(
    [check.claim.declared, check.claim.computed, check.claim.agrees],
    [true, "breaking", false],
  );
  assert.equal(code, check.ok ? 0 : 1);
  assert.ok(check.compatibility.witness.name.length > 8);
});

test("check-draft offline: every problem has its place, and several are named at once", async () => {
  const { code, stdout } = await senate(["check-draft", fixture("vague.draft.json"), "--schema", run1]);
  assert.equal(code, 1);
  assert.match(stdout, /^The draft cannot be proposed \(\d+ errors/);
  const { problems } = (
    await senate(["check-draft", fixture("vague.draft.json"), "--schema", run1, "--json"])
  ).json();
  const places = new Set(problems.map(({ pointer }) => pointer.split("/").slice(0, 3).join("/")));
  for (const place of ["/metadata/backward_compatible", "/metadata/migration_plan"]) {
    assert.ok(places.has(place), JSON.stringify(problems));
  }
});

test("check-draft offline: the type's name may differ from the file's, and a draft may come by standard input", async () => {
  const draft = await readFile(fixture("add-host.draft.json"));
  const other = await senate(["check-draft", "-", "--schema", run1, "--type", "trial", "--json"], {
    input: draft,
  });
  assert.equal(other.code, 1);
  assert.ok(
    other.json().problems.some(({ pointer }) => pointer === "/metadata/target_artifact_type"),
    other.stdout,
  );
  assert.equal((await senate(["check-draft", "-", "--schema", run1], { input: draft })).code, 0);
  const broken = await senate(["check-draft", "-", "--schema", run1], {
    input: '{"metadata": {"a": 1,\n "a": 2}}',
  });
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /line 2/);
});
