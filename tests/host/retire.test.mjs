// A version is retired by a member's act, and only when no artifact is at it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openStore } from "schema-senate-host";
import { NOTE, startHost, startSigned, storeKinds } from "./stage.mjs";

const TWO = [{ schema: NOTE }, { schema: { ...NOTE, title: "A note" } }];

const artifactAt = (id, schema_version) => ({
  id,
  artifact_type: "note",
  title: null,
  metadata: '{"text":"x"}',
  schema_version,
  content_hash: `sha256:${"1".repeat(64)}`,
  created_by: null,
  created_ms: 1_700_000_000_000,
  updated_ms: 1_700_000_000_000,
  warnings: null,
  version_number: 1,
  pins: null,
});

/** Leaves an artifact where a type was before. */
const leave = (store, id, version, current) =>
  store.transaction((tx) => tx.insertArtifact(artifactAt(id, version), current));

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`retiring a version on ${kind}`, { skip }, () => {
    let senate;
    const retire = (by, version, changes) =>
      senate.act(by, "retire_version", { artifact_type: "note", version, reason: "It is old." }, changes);
    before(async () => {
      senate = await startSigned(await open());
      await senate.done("ana", "import_type", { artifact_type: "note", versions: TWO });
    });
    after(async () => {
      await senate.close();
      await close();
    });

    test("while artifacts are at it, it stays, and they are counted", async () => {
      await leave(senate.store, "left", 1, 2);
      const one = await retire("ana", 1);
      assert.deepEqual([one.status, one.body.code], [409, "version_in_use"], one.text);
      assert.match(one.body.detail, /^1 artifact is still at version 1 of note/);
      assert.ok(one.body.problems[0].remedy);
      await leave(senate.store, "left2", 1, 2);
      assert.match((await retire("ana", 1)).body.detail, /^2 artifacts are still/);
      assert.ok(!("retired_ms" in (await senate.read("/api/schemas/note")).history[0]));
    });

    test("when they have moved on it is retired, with the act in the log", async () => {
      for (const id of ["left", "left2"]) {
        const { status, text } = await senate.call("PUT", `/api/artifacts/${encodeURIComponent(id)}`, {
          metadata: { text: "moved on" },
          base_version: 1,
        });
        assert.equal(status, 200, text);
      }
      const retired = await retire("ben", 1);
      assert.equal(retired.status, 200, retired.text);
      const [first, second] = retired.body.history;
      assert.ok(first.retired_ms > 0);
      assert.ok(!("retired_ms" in second));
      const { text } = await senate.get("/api/senate/events");
      const last = JSON.parse(text.trimEnd().split("\n").at(-1));
      assert.deepEqual(
        [last.event, last.act.by, last.act.version, last.act.reason],
        ["version_retired", "ben", 1, "It is old."],
      );
      // What was written under it can be read as before.
      const version = await senate.read("/api/artifacts/left/versions/1");
      assert.equal(version.schema_version, 1);
    });

    test("it is retired once, and the current one never", async () => {
      const again = await retire("ben", 1);
      assert.deepEqual([again.status, again.body.code], [409, "version_retired_before"], again.text);
      await senate.done("ana", "import_type", { artifact_type: "empty", versions: TWO });
      const current = await senate.act("ana", "retire_version", { artifact_type: "empty", version: 2 });
      assert.deepEqual([current.status, current.body.code], [409, "version_is_current"], current.text);
      const unknown = await senate.act("ana", "retire_version", { artifact_type: "empty", version: 9 });
      assert.deepEqual([unknown.status, unknown.body.code], [404, "schema_version_unknown"], unknown.text);
    });

    test("without a signature nobody retires anything", async () => {
      const { status, body, text } = await senate.post("/api/schemas/empty/versions/1/retire", { by: "ana" });
      assert.deepEqual([status, body.code], [401, "signature_missing"], text);
      const act = await senate.sign("ana", "retire_version", { artifact_type: "empty", version: 1 });
      const other = await senate.deliver({ ...act, version: 2 });
      assert.deepEqual([other.status, other.body.code], [401, "signature_wrong"], other.text);
      assert.ok(!("retired_ms" in (await senate.read("/api/schemas/empty")).history[0]));
    });
  });
}

test("an artifact that comes between the first look and the act keeps the version", async () => {
  const store = await openStore("memory:");
  let looks = 0;
  const between = new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name !== "transaction") return typeof value === "function" ? value.bind(target) : value;
      return async (work) => {
        const before = looks;
        const result = await target.transaction((tx) =>
          work(
            new Proxy(tx, {
              get(inner, step) {
                const real = Reflect.get(inner, step);
                if (step === "countAt") looks += 1;
                return typeof real === "function" ? real.bind(inner) : real;
              },
            }),
          ),
        );
        if (before === 0 && looks === 1) await leave(target, "late", 1, 2);
        return result;
      };
    },
  });
  const senate = await startHost(between);
  try {
    await senate.send("/api/schemas/note", { versions: TWO, by: "ana" });
    const { status, body, text } = await senate.post("/api/schemas/note/versions/1/retire", { by: "ana" });
    assert.deepEqual([status, body.code], [409, "version_in_use"], text);
    assert.equal(looks, 2);
    const { text: log } = await senate.get("/api/senate/events");
    assert.ok(!log.includes("version_retired"));
  } finally {
    await senate.close();
  }
});
