// How many stored artifacts a proposed schema takes, and how a type says by what its changes are judged; on every store.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { addField, linesOf, NOTE, startHost, storeKinds } from "./stage.mjs";

const CHECK = "/api/senate/schema-proposal/check/stored-verdict";

/** A draft that changes the schema of `stars`. */
const stars = (schema, more = {}) => ({
  ...addField(
    { path: "/stars", schema },
    { change_type: "modify_field", backward_compatible: false, ...more },
  ),
});

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`stored verdict on ${kind}`, { skip }, () => {
    let senate;
    before(async () => {
      senate = await startHost(await open());
      await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
      for (const [id, metadata] of [
        ["note-1", { text: "one", stars: 1 }],
        ["note-2", { text: "two" }],
        ["note-3", { text: "three", stars: 3 }],
        // Stored in spite of its errors: it is broken already, and no change breaks it.
        ["note-4", { text: "four", stars: 40 }],
      ]) {
        await senate.send("/api/artifacts?mode=warn", { id, artifact_type: "note", metadata });
      }
    });
    after(async () => {
      await senate.close();
      await close();
    });

    test("a draft is counted over what is stored, with the place of each failure", async () => {
      const verdict = await senate.send(CHECK, stars({ type: "integer", minimum: 0, maximum: 2 }));
      assert.deepEqual(
        { ...verdict, as_stored: { ...verdict.as_stored, failures: [] } },
        {
          artifact_type: "note",
          version: 2,
          stored: 4,
          checked: 4,
          sample: false,
          as_stored: { valid: 2, invalid: 2, invalid_today: 1, failures: [] },
        },
      );
      assert.deepEqual(
        verdict.as_stored.failures.map(({ artifact_id, pointer, code }) => [artifact_id, pointer, code]),
        [
          ["note-3", "/stars", "schema_maximum"],
          ["note-4", "/stars", "schema_maximum"],
        ],
      );
      // Nothing was stored by asking.
      assert.deepEqual((await senate.read("/api/senate/schema-proposals")).proposals, []);
    });

    test("the static verdict and the count are two things", async () => {
      // Breaking for some artifact, and yet everything that is stored fits.
      const draft = stars({ type: "integer", minimum: 0, maximum: 40 });
      const checked = await senate.send("/api/senate/schema-proposal/check", draft);
      assert.equal(checked.compatibility.verdict, "compatible");
      assert.equal((await senate.send(CHECK, draft)).as_stored.valid, 4);
      const narrower = stars({ type: "integer", minimum: 1, maximum: 40 });
      const breaking = await senate.send("/api/senate/schema-proposal/check", narrower);
      assert.equal(breaking.compatibility.verdict, "breaking");
      assert.deepEqual(breaking.compatibility.witness_place.pointer, "/stars");
      assert.equal((await senate.send(CHECK, narrower)).as_stored.valid, 4);
    });

    test("a sample says that it is one", async () => {
      const draft = stars({ type: "integer", minimum: 0, maximum: 2 });
      const verdict = await senate.send(`${CHECK}?limit=2`, draft);
      assert.deepEqual(
        [verdict.stored, verdict.checked, verdict.sample, verdict.as_stored.valid],
        [4, 2, true, 2],
      );
      const whole = await senate.send(`${CHECK}?limit=4`, draft);
      assert.deepEqual([whole.checked, whole.sample], [4, false]);
      assert.equal((await senate.post(`${CHECK}?limit=0`, draft)).status, 400);
    });

    test("a change that rewrites artifacts is counted after its migration too", async () => {
      const rename = addField(
        { from: "/stars", to: "rating" },
        { change_type: "rename_field", backward_compatible: false },
      );
      const { proposal_id: id } = await senate.send("/api/senate/schema-proposal", {
        proposer_id: "ana",
        ...rename,
      });
      const verdict = await senate.read(`/api/senate/schema-proposal/${id}/stored-verdict`);
      assert.deepEqual([verdict.version, verdict.as_stored.valid, verdict.after_migration.valid], [2, 1, 3]);
      assert.deepEqual(
        verdict.after_migration.failures.map(({ artifact_id, pointer }) => [artifact_id, pointer]),
        [["note-4", "/rating"]],
      );
      assert.equal(verdict.after_migration.invalid_today, 1);
      const sampled = await senate.read(`/api/senate/schema-proposal/${id}/stored-verdict?limit=1`);
      assert.equal(sampled.sample, true);
    });

    test("artifacts that wait for a type are counted under its first schema", async () => {
      await senate.send("/api/artifacts?mode=warn", {
        id: "memo-1",
        artifact_type: "memo",
        metadata: { to: "ben" },
      });
      const draft = addField(
        { name: "memo", schema: { type: "object", required: ["from"] } },
        { change_type: "add_type", target_artifact_type: "new_type" },
      );
      const verdict = await senate.send(CHECK, draft);
      assert.deepEqual(
        [verdict.artifact_type, verdict.version, verdict.stored, verdict.as_stored.invalid],
        ["memo", 1, 1, 1],
      );
      assert.equal(verdict.as_stored.invalid_today, 0);
    });

    test("what has no next schema is refused with its problems", async () => {
      const broken = await senate.post(CHECK, stars({ type: "no such type" }));
      assert.equal(broken.status, 422);
      assert.ok(broken.body.problems.every(({ severity }) => severity === "error"));
      const empty = await senate.post(CHECK, {});
      assert.equal(empty.status, 422);
      const unknown = await senate.get(
        "/api/senate/schema-proposal/01ARZ3NDEKTSV4RRFFQ69G5FAV/stored-verdict",
      );
      assert.equal(unknown.status, 404);
      assert.equal(unknown.body.code, "proposal_unknown");
    });

    test("a type says how its changes are judged when it is registered", async () => {
      const compatibility = { mode: "full_transitive", assumptions: ["closed_writers"] };
      const type = await senate.send("/api/schemas/card", {
        versions: [{ schema: NOTE }],
        compatibility,
        by: "ana",
      });
      assert.deepEqual(type.compatibility, compatibility);
      const { types } = await senate.read("/api/schemas");
      assert.deepEqual(
        types.map(({ artifact_type, compatibility: { mode } }) => [artifact_type, mode]),
        [
          ["card", "full_transitive"],
          ["note", "backward"],
        ],
      );
      const context = await senate.read("/api/schemas/card/context");
      assert.deepEqual(context.current.compatibility, compatibility);
      assert.deepEqual(context.current.history, []);
      const events = linesOf((await senate.get("/api/senate/events")).text);
      const [registered] = events.filter((event) => event.act?.artifact_type === "card");
      assert.deepEqual(registered.act.compatibility, compatibility);
      // An optional field in a closed object: the old readers are hurt, and full asks for them too.
      const draft = addField(
        { name: "checked_by", schema: { type: "string" } },
        { target_artifact_type: "card" },
      );
      const checked = await senate.send("/api/senate/schema-proposal/check", draft);
      assert.deepEqual([checked.compatibility.verdict, checked.track], ["breaking", "breaking"]);
      assert.equal(checked.compatibility.witness_place.refused_by, "old");

      const refused = await senate.post("/api/schemas/other", {
        versions: [{ schema: NOTE }],
        compatibility: { mode: "sideways" },
        by: "ana",
      });
      assert.equal(refused.status, 422);
      assert.equal(refused.body.problems[0].pointer, "/compatibility/mode");
    });
  });
}

test("a large type is looked at in batches", async () => {
  const senate = await startHost("memory:");
  await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
  for (let index = 0; index < 450; index += 1) {
    await senate.host.artifacts.register({
      id: `note-${String(index).padStart(4, "0")}`,
      artifact_type: "note",
      metadata: JSON.stringify({ text: "x", stars: index % 6 }),
    });
  }
  const draft = stars({ type: "integer", minimum: 0, maximum: 4 });
  const verdict = await senate.send(CHECK, draft);
  assert.deepEqual(
    [verdict.stored, verdict.checked, verdict.as_stored.valid, verdict.as_stored.invalid],
    [450, 450, 375, 75],
  );
  assert.equal(verdict.as_stored.failures.length, 20);
  assert.equal(verdict.as_stored.failures[0].artifact_id, "note-0005");
  for (const [limit, checked, sample] of [
    [200, 200, true],
    [250, 250, true],
    [449, 449, true],
    [450, 450, false],
    [1000, 450, false],
  ]) {
    const sampled = await senate.send(`${CHECK}?limit=${limit}`, draft);
    assert.deepEqual([sampled.stored, sampled.checked, sampled.sample], [450, checked, sample]);
  }
  await senate.close();
});
