// What every store promises about versions of artifacts, audits and processing steps.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ConflictError, openStore } from "schema-senate-host";
import { storeKinds } from "./stage.mjs";

const hash = (digit) => `sha256:${String(digit).repeat(64)}`;

const version = (artifact_type, schema_version) => ({
  artifact_type,
  schema_version,
  schema_json: "{}",
  references_json: null,
  digest: hash(0),
  draft: "2020-12",
  description: "",
  is_current: true,
  proposed_by: "ana",
  proposal_id: null,
  registered_ms: 1_700_000_000_000,
});

const artifact = (id, more = {}) => ({
  id,
  artifact_type: "note",
  title: null,
  metadata: '{"b":1.0, "a":"x"}',
  schema_version: 1,
  content_hash: hash(1),
  created_by: "ana",
  created_ms: 1_700_000_000_000,
  updated_ms: 1_700_000_000_000,
  warnings: null,
  version_number: 1,
  pins: null,
  ...more,
});

const run = (run_id, more = {}) => ({
  run_id,
  artifact_type: "note",
  schema_version: 1,
  schema_digest: hash(0),
  state: "running",
  after_id: null,
  total: 3,
  checked: 0,
  valid: 0,
  invalid: 0,
  findings: 0,
  findings_kept: 0,
  stamp: 3,
  started_ms: 1_700_000_000_000,
  updated_ms: 1_700_000_000_001,
  finished_ms: null,
  ...more,
});

const migration = (proposal_id, at_ms) => ({
  proposal_id,
  plan_digest: hash(0),
  state: "swapping",
  after_id: null,
  looked_at: 3,
  changed: 2,
  total: 3,
  started_ms: at_ms,
  updated_ms: at_ms,
  host: "a test",
});

const step = (step_id, more = {}) => ({
  step_id,
  source_artifact_id: "a",
  source_version: 1,
  target_artifact_id: "b",
  target_version: 1,
  step_type: "analysis",
  agent_id: "ana",
  method: "It's a test",
  parameters: '{"x":1.0}',
  parameters_digest: hash(3),
  started_ms: 1_700_000_000_001,
  completed_ms: null,
  input_hash: hash(1),
  output_hash: hash(2),
  recorded_ms: 1_700_000_000_002,
  ...more,
});

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`artifacts in the ${kind} store`, { skip }, () => {
    let store;
    const inside = (work) => store.transaction(work);
    before(async () => {
      store = await openStore(await open());
      await inside((tx) =>
        tx.project({ registry: [version("note", 1)], proposals: [], votes: [], migrations: [] }),
      );
    });
    after(async () => {
      await store.close();
      await close();
    });

    test("an artifact is its version 1, with the text as it came", async () => {
      const row = artifact("a", { pins: '[{"artifact_id":"z"}]', warnings: "[]" });
      assert.equal(await inside((tx) => tx.insertArtifact(row, 1, "It's new")), true);
      assert.equal(await inside((tx) => tx.insertArtifact(artifact("a"), 1)), false);
      assert.deepEqual(await store.artifact("a"), row);
      assert.deepEqual(await inside((tx) => tx.artifactVersion("a", 1)), {
        artifact_id: "a",
        version_number: 1,
        parent_version: null,
        artifact_type: "note",
        schema_version: 1,
        metadata: '{"b":1.0, "a":"x"}',
        content_hash: hash(1),
        created_by: "ana",
        created_ms: 1_700_000_000_000,
        changelog: "It's new",
        pins: '[{"artifact_id":"z"}]',
        warnings: "[]",
        proposal_id: null,
      });
      assert.equal(await inside((tx) => tx.artifactVersion("a", 2)), undefined);
      assert.equal(await inside((tx) => tx.artifactVersion("nobody", 1)), undefined);
    });

    test("a next version takes the place of the one before, which stays", async () => {
      const next = artifact("a", {
        metadata: '{"a" : "y"}',
        content_hash: hash(2),
        updated_ms: 1_700_000_000_009,
        version_number: 2,
        title: "Two",
        created_by: "somebody else",
      });
      const note = { created_by: "ben", changelog: "Better" };
      assert.equal(await inside((tx) => tx.addVersion(next, note, 1)), true);
      const stored = await store.artifact("a");
      assert.deepEqual(stored, { ...next, created_by: "ana" }, "who made the artifact stays");
      const [second, first] = await inside((tx) => tx.artifactVersions("a", null, 10));
      assert.deepEqual(
        [second.version_number, second.parent_version, second.created_by, second.changelog],
        [2, 1, "ben", "Better"],
      );
      assert.deepEqual([first.version_number, first.content_hash], [1, hash(1)]);
      assert.ok(!("metadata" in first));
      assert.equal((await inside((tx) => tx.artifactVersion("a", 2))).metadata, '{"a" : "y"}');
      assert.deepEqual(
        (await inside((tx) => tx.artifactVersions("a", 2, 10))).map((one) => one.version_number),
        [1],
      );
      assert.equal((await inside((tx) => tx.artifactVersions("a", null, 1))).length, 1);
    });

    test("who builds on an old version, or under another schema version, or on nothing, adds none", async () => {
      const note = { created_by: null, changelog: null };
      const add = (row, current = 1) => inside((tx) => tx.addVersion(row, note, current));
      assert.equal(await add(artifact("a", { version_number: 2 })), false);
      assert.equal(await add(artifact("a", { version_number: 4 })), false);
      assert.equal(await add(artifact("nobody", { version_number: 2 })), false);
      assert.equal(await add(artifact("a", { version_number: 3, artifact_type: "other" }), null), false);
      await assert.rejects(add(artifact("a", { version_number: 3 }), 2), ConflictError);
      assert.equal((await inside((tx) => tx.artifactVersions("a", null, 10))).length, 2);
    });

    test("of many next versions at once exactly one is first", async () => {
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          inside((tx) =>
            tx.addVersion(
              artifact("a", { version_number: 3, metadata: `{"by":${index}}` }),
              { created_by: `agent${index}`, changelog: null },
              1,
            ),
          ),
        ),
      );
      assert.equal(results.filter(Boolean).length, 1);
      const winner = results.indexOf(true);
      assert.equal((await store.artifact("a")).metadata, `{"by":${winner}}`);
      const [latest] = await inside((tx) => tx.artifactVersions("a", null, 10));
      assert.deepEqual([latest.version_number, latest.created_by], [3, `agent${winner}`]);
    });

    test("a version that was rolled back was never there", async () => {
      await assert.rejects(
        inside(async (tx) => {
          await tx.addVersion(artifact("a", { version_number: 4 }), { created_by: null, changelog: null }, 1);
          throw new Error("boom");
        }),
        /boom/,
      );
      assert.equal((await store.artifact("a")).version_number, 3);
      assert.equal((await inside((tx) => tx.artifactVersions("a", null, 10))).length, 3);
    });

    test("the content of named versions, of those that there are", async () => {
      await inside((tx) => tx.insertArtifact(artifact("b", { content_hash: hash(2) }), 1));
      const named = [
        { artifact_id: "a", version_number: 1 },
        { artifact_id: "a", version_number: 9 },
        { artifact_id: "b", version_number: 1 },
        { artifact_id: "it's \\ nobody", version_number: 1 },
      ];
      const found = await inside((tx) => tx.hashesOf(named));
      assert.deepEqual(
        found.sort((x, y) => (x.artifact_id < y.artifact_id ? -1 : 1)),
        [
          { artifact_id: "a", version_number: 1, content_hash: hash(1) },
          { artifact_id: "b", version_number: 1, content_hash: hash(2) },
        ],
      );
      assert.deepEqual(await inside((tx) => tx.hashesOf([])), []);
    });

    test("counts artifacts at a schema version, and every write raises the stamp", async () => {
      assert.equal(await inside((tx) => tx.countAt("note", 1)), 2);
      assert.equal(await inside((tx) => tx.countAt("note", 2)), 0);
      assert.equal(await inside((tx) => tx.countAt("other", 1)), 0);
      assert.deepEqual(await inside((tx) => tx.stampOf("note")), { count: 2, stamp: 4 });
      assert.deepEqual(await inside((tx) => tx.stampOf("other")), { count: 0, stamp: 0 });
      await inside((tx) => tx.insertArtifact(artifact("c"), 1));
      assert.deepEqual(await inside((tx) => tx.stampOf("note")), { count: 3, stamp: 5 });
    });

    test("a migration's swap makes versions of what it has changed, once", async () => {
      const at = 1_900_000_000_000;
      // a and b get another content, c only moves.
      const rows = { a: hash(7), b: hash(8), c: hash(1) };
      await inside(async (tx) => {
        await tx.migrations.save(migration("p1", at));
        await tx.migrations.scratch("note", { ids: Object.keys(rows) }, undefined, async (scratch) => {
          await scratch.replace(["a", "b"].map((id) => ({ id, metadata: `{"moved":"${id}"}` })));
          const staged = Object.entries(rows).map(([id, content_hash]) => ({
            id,
            content_hash,
            changed: id !== "c",
            failure: null,
          }));
          await scratch.stage("p1", staged, true);
        });
        const swapped = { proposal_id: "p1", artifact_type: "note", to_version: 2, at_ms: at };
        assert.deepEqual(await tx.migrations.swap(swapped), { checked: 3, changed: 2 });
      });
      const swap = () => inside((tx) => tx.addVersionsOfMigration("p1", "note@1->2", 2, at));
      assert.equal(await inside((tx) => tx.addVersionsOfMigration("p1", "other@1->2", 2, at)), 0);
      assert.equal(await inside((tx) => tx.addVersionsOfMigration("p1", "note@2->3", 3, at)), 0);
      assert.equal(await swap(), 2);
      assert.equal(await swap(), 0, "a second time there is nothing left");
      const [latest] = await inside((tx) => tx.artifactVersions("b", null, 10));
      assert.deepEqual(latest, {
        artifact_id: "b",
        version_number: 2,
        parent_version: 1,
        artifact_type: "note",
        schema_version: 2,
        content_hash: hash(8),
        created_by: null,
        created_ms: at,
        changelog: "migration note@1->2",
        proposal_id: "p1",
      });
      const written = await inside((tx) => tx.artifactVersion("b", 2));
      assert.deepEqual(JSON.parse(written.metadata), { moved: "b" });
      assert.equal((await store.artifact("a")).version_number, 4);
      const moved = await store.artifact("c");
      assert.deepEqual([moved.version_number, moved.schema_version], [1, 2]);
      assert.equal((await inside((tx) => tx.artifactVersion("c", 1))).schema_version, 1);
      assert.equal((await inside((tx) => tx.hashesOf([{ artifact_id: "b", version_number: 1 }]))).length, 1);
    });

    test("what is no migration's name is refused", async () => {
      await assert.rejects(
        inside((tx) => tx.addVersionsOfMigration("p1", "note", 2, 1)),
        /name/,
      );
    });

    test("audited in the order of ids, with what an audit has to know", async () => {
      const batch = await inside((tx) => tx.auditBatch("note", "a", 2));
      assert.deepEqual(
        batch.map(({ id, version_number, schema_version }) => [id, version_number, schema_version]),
        [
          ["b", 2, 2],
          ["c", 1, 2],
        ],
      );
      assert.deepEqual(await inside((tx) => tx.auditBatch("note", "c", 2)), []);
      assert.equal((await inside((tx) => tx.auditBatch("note", null, 1)))[0].id, "a");
    });

    test("of a type one run is under way, and the newest is found first", async () => {
      assert.equal(await inside((tx) => tx.insertRun(run("01"))), true);
      assert.equal(await inside((tx) => tx.insertRun(run("02"))), false, "one is running");
      assert.equal(await inside((tx) => tx.insertRun(run("03", { artifact_type: "other" }))), true);
      assert.deepEqual(
        (await inside((tx) => tx.runningRuns())).map((one) => one.run_id),
        ["01", "03"],
      );
      const done = run("01", {
        state: "done",
        after_id: "c",
        checked: 3,
        valid: 1,
        invalid: 2,
        findings: 5,
        findings_kept: 4,
        finished_ms: 1_700_000_000_002,
      });
      await inside((tx) => tx.saveRun(done));
      assert.deepEqual(await inside((tx) => tx.lockRun("01")), done);
      assert.equal(await inside((tx) => tx.lockRun("nothing")), undefined);
      assert.equal(await inside((tx) => tx.insertRun(run("02"))), true);
      const ids = async (states, limit = 10) =>
        (await inside((tx) => tx.runsOf("note", states, limit))).map((one) => one.run_id);
      assert.deepEqual(await ids(["running", "done", "superseded"]), ["02", "01"]);
      assert.deepEqual(await ids(["done"]), ["01"]);
      assert.deepEqual(await ids(["running", "done"], 1), ["02"]);
      assert.deepEqual(await ids(["superseded"]), []);
      await inside((tx) => tx.saveRun(run("02", { state: "done", finished_ms: 1_700_000_000_003 })));
      assert.deepEqual(
        (await inside((tx) => tx.lastRuns())).map((one) => one.run_id),
        ["02"],
      );
    });

    test("of many runs that begin at once one does", async () => {
      const begun = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          inside((tx) => tx.insertRun(run(`1${index}`, { artifact_type: "busy" }))),
        ),
      );
      assert.equal(begun.filter(Boolean).length, 1);
      assert.equal((await inside((tx) => tx.runsOf("busy", ["running"], 10))).length, 1);
    });

    test("findings stay in their order, and those of old runs are dropped", async () => {
      const finding = (run_id, number) => ({
        run_id,
        number,
        artifact_id: "a",
        version_number: 4,
        code: "schema_required",
        pointer: "/it's",
        message: 'quoted "x" \\ 💡',
      });
      await inside((tx) => tx.addFindings([]));
      await inside((tx) => tx.addFindings([finding("01", 2), finding("01", 1), finding("02", 1)]));
      await inside((tx) => tx.addFindings([finding("01", 3)]));
      const of = (id, after = 0, limit = 10) => inside((tx) => tx.findingsOf(id, after, limit));
      assert.deepEqual(await of("01"), [finding("01", 1), finding("01", 2), finding("01", 3)]);
      assert.deepEqual(await of("01", 1, 1), [finding("01", 2)]);
      await inside((tx) => tx.dropFindings("note", 1));
      assert.deepEqual(await of("01"), []);
      assert.deepEqual(await of("02"), [finding("02", 1)]);
      assert.equal((await inside((tx) => tx.lockRun("01"))).findings, 5, "the counts stay");
    });

    test("a step is recorded once, and found from both ends", async () => {
      const first = step("s1");
      assert.deepEqual(await inside((tx) => tx.insertStep(first)), first);
      assert.deepEqual(await inside((tx) => tx.insertStep(step("s2", { recorded_ms: 9 }))), first);
      const later = step("s3", { started_ms: 1_700_000_000_005, completed_ms: 1_700_000_000_006 });
      assert.deepEqual(await inside((tx) => tx.insertStep(later)), later);
      const on = step("s4", {
        source_artifact_id: "b",
        target_artifact_id: "c",
        method: "other",
        parameters_digest: hash(4),
      });
      await inside((tx) => tx.insertStep(on));
      const ids = (rows) => rows.map((row) => row.step_id);
      assert.deepEqual(ids(await inside((tx) => tx.stepsAt("target", ["b"], 10))), ["s1", "s3"]);
      assert.deepEqual(ids(await inside((tx) => tx.stepsAt("source", ["a", "b"], 10))), ["s1", "s3", "s4"]);
      assert.deepEqual(ids(await inside((tx) => tx.stepsAt("source", ["a", "b"], 1))), ["s1"]);
      assert.deepEqual(await inside((tx) => tx.stepsAt("source", [], 10)), []);
      const from = (filter, id = "a") => inside(async (tx) => ids(await tx.stepsFrom(id, filter, 10)));
      assert.deepEqual(await from({}), ["s1", "s3"]);
      assert.deepEqual(await from({ method: "It's a test", parameters_digest: hash(3) }), ["s1", "s3"]);
      assert.deepEqual(await from({ method: "other" }), []);
      assert.deepEqual(await from({ parameters_digest: hash(4) }, "b"), ["s4"]);
    });
  });
}
