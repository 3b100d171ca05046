// One contract for all three stores.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ConflictError, openStore } from "schema-senate-host";
import { storeKinds } from "./stage.mjs";

const event = (seq, body = "{}") => ({
  seq,
  at_ms: 1000 + seq,
  event: "ballot_cast",
  proposal_id: `p${seq}`,
  body,
});

const version = (artifact_type, schema_version, is_current) => ({
  artifact_type,
  schema_version,
  schema_json: '{"minimum": 1.0}',
  references_json: null,
  digest: `sha256:${"0".repeat(64)}`,
  draft: "2020-12",
  description: "It's new; \\ and 💡.",
  is_current,
  proposed_by: "ana",
  proposal_id: null,
  registered_ms: 1_700_000_000_123,
});

const proposal = (proposal_id, more = {}) => ({
  proposal_id,
  proposal_type: "schema_change",
  title: "A title",
  proposer_id: "ana",
  status: "voting",
  target: "note",
  artifact_type: "note",
  change_type: "add_field",
  track: "additive",
  verdict: "compatible",
  backward_compatible: true,
  metadata: '{"b":1,"a":1.0}',
  base_version: 1,
  next_version: 2,
  subject: null,
  electorate_size: 4,
  votes_approve: 1,
  votes_reject: 0,
  votes_abstain: 0,
  decision_reason: null,
  created_ms: 1_700_000_000_001,
  opened_ms: 1_700_000_000_002,
  closes_ms: null,
  updated_seq: 3,
  updated_ms: 1_700_000_000_003,
  ...more,
});

/** A proposal about the senate itself touches no type. */
const aboutTheSenate = proposal("c", {
  proposal_type: "policy_change",
  target: "senate/policy",
  track: "policy",
  artifact_type: null,
  change_type: null,
  verdict: null,
  backward_compatible: null,
  base_version: null,
  next_version: null,
});

const artifact = (id, more = {}) => ({
  id,
  artifact_type: "note",
  title: null,
  metadata: '{"text":"x"}',
  schema_version: 1,
  content_hash: `sha256:${"1".repeat(64)}`,
  created_by: null,
  created_ms: 1_700_000_000_000,
  updated_ms: 1_700_000_000_000,
  warnings: null,
  version_number: 1,
  pins: null,
  ...more,
});

const rows = (more) => ({ registry: [], proposals: [], votes: [], migrations: [], ...more });

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`the ${kind} store`, { skip }, () => {
    let store;
    let location;
    before(async () => {
      location = await open();
      store = await openStore(location);
    });
    after(async () => {
      await store.close();
      await close();
    });

    test("says what it is, without a password", () => {
      assert.equal(store.kind, kind);
      assert.equal(typeof store.location, "string");
    });

    test("an empty log ends at 0", async () => {
      assert.equal(await store.head(), 0);
      assert.deepEqual(await store.read(1, 10), []);
      assert.deepEqual(await store.tables(), rows());
    });

    test("appends in order and reads back what was written, byte for byte", async () => {
      const odd = '{"reason":"\\u0000 \' \\\\ 💡","n":1.0,"big":9007199254740993}';
      await store.transaction((tx) => tx.append(0, [event(1, odd), event(2)]));
      assert.equal(await store.head(), 2);
      assert.deepEqual(await store.read(1, 10), [event(1, odd), event(2)]);
      assert.deepEqual(await store.read(2, 1), [event(2)]);
      assert.deepEqual(await store.read(3, 1), []);
    });

    test("an append that expects another end conflicts and leaves nothing", async () => {
      for (const expected of [0, 1, 3]) {
        await assert.rejects(
          store.transaction((tx) => tx.append(expected, [event(expected + 1)])),
          ConflictError,
        );
      }
      assert.equal(await store.head(), 2);
    });

    test("what a failed transaction did is gone, all of it", async () => {
      const boom = new Error("boom");
      await assert.rejects(
        store.transaction(async (tx) => {
          await tx.append(2, [event(3)]);
          await tx.project(rows({ registry: [version("gone", 1, true)], proposals: [proposal("gone")] }));
          await tx.insertArtifact(artifact("gone", { artifact_type: "gone" }), 1);
          throw boom;
        }),
        (error) => error === boom,
      );
      assert.equal(await store.head(), 2);
      assert.deepEqual(await store.tables(), rows());
      assert.equal(await store.artifact("gone"), undefined);
    });

    test("nobody sees what is not committed", async () => {
      let release;
      const held = new Promise((resolve) => (release = resolve));
      let appended;
      const inside = new Promise((resolve) => (appended = resolve));
      const writing = store.transaction(async (tx) => {
        await tx.append(2, [event(3)]);
        appended();
        await held;
        throw new Error("rolled back");
      });
      await inside;
      // The single-connection stores answer when the transaction has ended; the server answers at once.
      const head = store.head();
      setTimeout(release, 50);
      await assert.rejects(writing, /rolled back/);
      assert.equal(await head, 2);
    });

    test("projections replace rows by their keys", async () => {
      await store.transaction(async (tx) => {
        await tx.append(2, [event(3)]);
        await tx.project(
          rows({
            registry: [version("note", 1, true)],
            proposals: [proposal("b"), proposal("a"), aboutTheSenate],
            votes: [
              { proposal_id: "a", voter_id: "zoe", choice: "no", reason: "It's \\ odd", seq: 3, cast_ms: 5 },
              { proposal_id: "a", voter_id: "Ana", choice: "yes", reason: null, seq: 4, cast_ms: 6 },
            ],
            migrations: [
              {
                proposal_id: "a",
                plan_digest: "sha256:0",
                artifact_type: "note",
                from_version: 1,
                to_version: 2,
                plan: '{"steps":[]}',
                state: "generated",
                reason: null,
                failures: null,
                artifacts_checked: null,
                artifacts_changed: null,
                updated_seq: 3,
                updated_ms: 7,
              },
            ],
          }),
        );
      });
      await store.transaction((tx) =>
        tx.project(
          rows({
            registry: [version("note", 2, true), version("note", 1, false)],
            proposals: [proposal("a", { status: "approved", decision_reason: "enough", closes_ms: 9 })],
          }),
        ),
      );
      const tables = await store.tables();
      assert.deepEqual(tables.registry, [version("note", 1, false), version("note", 2, true)]);
      assert.deepEqual(tables.proposals, [
        proposal("a", { status: "approved", decision_reason: "enough", closes_ms: 9 }),
        proposal("b"),
        aboutTheSenate,
      ]);
      assert.deepEqual(
        tables.votes.map((vote) => [vote.voter_id, vote.choice, vote.reason]),
        [
          ["Ana", "yes", null],
          ["zoe", "no", "It's \\ odd"],
        ],
      );
      assert.equal(tables.migrations.length, 1);
      assert.equal(tables.migrations[0].plan, '{"steps":[]}');
    });

    test("a checkpoint is kept with its append, and goes with it", async () => {
      const last = () => store.transaction((tx) => tx.lastCheckpoint());
      assert.equal(await last(), undefined);
      const note = "origin\n3\nroot=\n\n— origin c2ln\n";
      await store.transaction(async (tx) => {
        await tx.saveCheckpoint({ size: 2, note: "an earlier one" });
        await tx.saveCheckpoint({ size: 3, note });
        assert.deepEqual(await tx.lastCheckpoint(), { size: 3, note });
      });
      await assert.rejects(
        store.transaction(async (tx) => {
          await tx.append(3, [event(4)]);
          await tx.saveCheckpoint({ size: 4, note: "of what is not stored" });
          throw new Error("rolled back");
        }),
        /rolled back/,
      );
      assert.deepEqual(await last(), { size: 3, note });
    });

    test("an artifact is stored once, and only under the current version", async () => {
      const insert = (row, current) => store.transaction((tx) => tx.insertArtifact(row, current));
      assert.equal(await insert(artifact("n1", { metadata: '{"text":"a","x":1.0}' }), 2), true);
      assert.equal(await insert(artifact("n1", { title: "another" }), 2), false);
      await assert.rejects(insert(artifact("n2"), 1), ConflictError);
      await assert.rejects(insert(artifact("n2"), null), ConflictError);
      await assert.rejects(insert(artifact("n2", { artifact_type: "no_schema" }), 1), ConflictError);
      assert.equal(
        await insert(artifact("n3", { artifact_type: "no_schema", schema_version: null }), null),
        true,
      );
      const found = await store.artifact("n1");
      assert.match(found.metadata, /"x": ?1\.0/);
      assert.deepEqual(
        { ...found, metadata: JSON.parse(found.metadata) },
        {
          ...artifact("n1"),
          metadata: { text: "a", x: 1 },
        },
      );
      assert.equal(await store.artifact("n2"), undefined);
      assert.deepEqual(await store.artifactCounts(), [
        { artifact_type: "no_schema", count: 1 },
        { artifact_type: "note", count: 1 },
      ]);
    });

    test("lists artifacts newest first, by type, by words, from a place on", async () => {
      await store.transaction(async (tx) => {
        for (const [index, id] of ["k1", "k2", "K3", "k4"].entries()) {
          const created_ms = 1_800_000_000_000 + Math.trunc(index / 2);
          await tx.insertArtifact(artifact(id, { created_ms, title: `Title 100% of_${id}` }), 2);
        }
      });
      const ids = async (filter) => (await store.artifacts({ limit: 10, ...filter })).map((row) => row.id);
      assert.deepEqual(await ids({ artifact_type: "note" }), ["k4", "K3", "k2", "k1", "n1"]);
      assert.deepEqual(await ids({ text: "TITLE 100%" }), ["k4", "K3", "k2", "k1"]);
      assert.deepEqual(await ids({ text: "of_k2" }), ["k2"]);
      assert.deepEqual(await ids({ text: "of%k2" }), []);
      const [first, second] = await store.artifacts({ limit: 2 });
      assert.deepEqual([first.id, second.id], ["k4", "K3"]);
      assert.deepEqual(await ids({ before: second, limit: 2 }), ["k2", "k1"]);
    });

    test("scans in the order of ids", async () => {
      await store.transaction(async (tx) => {
        const scan = async (after, limit) =>
          (await tx.scanArtifacts("note", after, limit)).map((row) => row.id);
        assert.deepEqual(await scan(null, 3), ["K3", "k1", "k2"]);
        assert.deepEqual(await scan("k2", 3), ["k4", "n1"]);
      });
    });

    test("a savepoint undoes its own work and keeps the rest", async () => {
      await store.transaction(async (tx) => {
        await tx.append(3, [event(4)]);
        await assert.rejects(
          tx.savepoint(async () => {
            await tx.insertArtifact(artifact("undone"), 2);
            throw new Error("undo me");
          }),
          /undo me/,
        );
        await tx.savepoint(() => tx.insertArtifact(artifact("kept"), 2));
      });
      assert.equal(await store.head(), 4);
      assert.equal(await store.artifact("undone"), undefined);
      assert.equal((await store.artifact("kept")).id, "kept");
    });

    test("of many appends at one place exactly one wins", async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 12 }, (_, index) =>
          store.transaction((tx) => tx.append(4, [event(5, `{"by":${index}}`)])),
        ),
      );
      assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
      for (const result of results) {
        if (result.status === "rejected")
          assert.ok(result.reason instanceof ConflictError, String(result.reason));
      }
      assert.equal(await store.head(), 5);
      assert.equal((await store.read(5, 10)).length, 1);
    });

    // Memory keeps nothing, and promises nothing.
    if (kind !== "memory")
      test("what is committed is there after a reopening", async () => {
        const all = async () => ({
          log: await store.read(1, 100),
          tables: await store.tables(),
          checkpoint: await store.transaction((tx) => tx.lastCheckpoint()),
        });
        const before = await all();
        await store.close();
        store = await openStore(location);
        assert.deepEqual(await all(), before);
      });

    test("a closed store says so", async () => {
      await store.close();
      await assert.rejects(store.head());
      store = await openStore(await open());
    });
  });
}
