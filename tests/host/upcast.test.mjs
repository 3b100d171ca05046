// Artifacts that stay at the version they were written under, and are read under a later one.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { canonicalize } from "schema-senate";
import { addField, NOTE, startHost, storeKinds } from "./stage.mjs";

/** Each version asks for a field more, and says what it is where nobody has said. */
const versions = ["kind", "colour", "size"].map((_, index, names) => ({
  schema: {
    type: "object",
    required: ["title", ...names.slice(0, index)],
    properties: {
      title: { type: "string", maxLength: 20 - 5 * index },
      ...Object.fromEntries(
        names.slice(0, index).map((name) => [name, { type: "string", default: `any ${name}` }]),
      ),
    },
    additionalProperties: false,
  },
}));

/** Which transforms bring a card from its version to the last one. */
const LATEST = 3;
const full = (title) => ({ title, kind: "any kind", colour: "any colour" });

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`artifacts of earlier versions on ${kind}`, { skip }, () => {
    let senate;
    before(async () => {
      senate = await startHost(await open());
      for (const [artifact_type, evolution] of [
        ["lazy_card", "lazy"],
        ["eager_card", "eager_on_read"],
        ["batch_card", "batch"],
      ]) {
        const type = await senate.send(`/api/schemas/${artifact_type}`, { versions, evolution, by: "ana" });
        assert.equal(type.evolution, evolution);
      }
    });
    after(async () => {
      await senate.close();
      await close();
    });

    /** Stores an artifact as a host had written it when its type was at `version`. */
    const stored = async (id, artifact_type, version, metadata) => {
      const text = JSON.stringify(metadata);
      const row = {
        id,
        artifact_type,
        title: null,
        metadata: text,
        schema_version: version,
        content_hash: canonicalize(text).digest,
        created_by: "ana",
        created_ms: 1_700_000_000_000,
        updated_ms: 1_700_000_000_000,
        warnings: null,
        version_number: 1,
        pins: null,
      };
      assert.ok(await senate.store.transaction((tx) => tx.insertArtifact(row, LATEST)));
      return row;
    };
    const read = (id, asked) =>
      senate.read(`/api/artifacts/${id}${asked === undefined ? "" : `?schema_version=${asked}`}`);
    const numbersOf = async (id) =>
      (await senate.read(`/api/artifacts/${id}/versions`)).versions.map((one) => one.version_number);

    test("a lazy one is brought to the latest version each time it is read, and stays as it is", async () => {
      const { content_hash } = await stored("old", "lazy_card", 1, { title: "Old" });
      for (let time = 0; time < 2; time += 1) {
        const shown = await read("old");
        assert.deepEqual(shown.metadata, full("Old"));
        assert.deepEqual(
          [shown.schema_version, shown.stored_schema_version, shown.upcast, shown.version_number],
          [3, 1, true, 1],
        );
        assert.equal(shown.content_hash, content_hash, "the hash is the stored version's");
        assert.equal(shown.warnings, null);
      }
      assert.deepEqual(await numbersOf("old"), [1]);
      assert.deepEqual((await senate.store.artifact("old")).schema_version, 1);
    });

    test("it reads under any version from its own on, and as it is stored", async () => {
      await stored("between", "lazy_card", 2, { title: "Two", kind: "its own" });
      const as = async (asked) => {
        const { metadata, schema_version, upcast } = await read("between", asked);
        return [metadata, schema_version, upcast];
      };
      assert.deepEqual(await as("stored"), [{ title: "Two", kind: "its own" }, 2, false]);
      assert.deepEqual(await as(2), [{ title: "Two", kind: "its own" }, 2, false]);
      const third = [{ title: "Two", kind: "its own", colour: "any colour" }, 3, true];
      assert.deepEqual(await as(3), third);
      assert.deepEqual(await as("latest"), third);
      const back = await senate.get("/api/artifacts/between?schema_version=1");
      assert.deepEqual([back.status, back.body.code], [422, "upcast_backwards"]);
      const unknown = await senate.get("/api/artifacts/between?schema_version=4");
      assert.deepEqual([unknown.status, unknown.body.code], [404, "schema_version_unknown"]);
    });

    test("what is written goes to the latest version", async () => {
      await stored("written", "lazy_card", 1, { title: "Before" });
      const { body } = await senate.call("PUT", "/api/artifacts/written", {
        metadata: full("After"),
        base_version: 1,
      });
      assert.deepEqual([body.schema_version, body.stored_schema_version, body.version_number], [3, 3, 2]);
      assert.equal((await read("written")).upcast, false);
      assert.deepEqual((await senate.read("/api/artifacts/written/versions/1")).schema_version, 1);
    });

    test("what no transform makes valid is shown with what is wrong, and never stored", async () => {
      for (const type of ["lazy_card", "eager_card"]) {
        await stored(`long_${type}`, type, 1, { title: "Longer than ten" });
        const shown = await read(`long_${type}`);
        assert.deepEqual([shown.upcast, shown.stored_schema_version], [true, 1]);
        assert.deepEqual(
          shown.warnings.map(({ code, pointer }) => [code, pointer]),
          [["schema_max_length", "/metadata/title"]],
        );
        assert.deepEqual(await numbersOf(`long_${type}`), [1]);
      }
    });

    test("an eager one is stored at its first read, once", async () => {
      await stored("eager", "eager_card", 1, { title: "Eager" });
      assert.equal((await read("eager", "stored")).schema_version, 1);
      assert.equal((await read("eager", 2)).upcast, true);
      assert.deepEqual(await numbersOf("eager"), [1], "only the latest version is worth keeping");
      const reads = await Promise.all(Array.from({ length: 8 }, () => read("eager")));
      for (const shown of reads) assert.deepEqual(shown.metadata, full("Eager"));
      const shown = await read("eager");
      assert.deepEqual(
        [shown.schema_version, shown.stored_schema_version, shown.upcast, shown.version_number],
        [3, 3, false, 2],
      );
      assert.equal(shown.content_hash, canonicalize(JSON.stringify(full("Eager"))).digest);
      const { versions: kept } = await senate.read("/api/artifacts/eager/versions");
      assert.deepEqual(
        kept.map((one) => [one.version_number, one.schema_version, one.changelog]),
        [
          [2, 3, "upcast eager_card@1->3"],
          [1, 1, null],
        ],
      );
    });

    test("one that a batch has left behind is brought to the latest version, and not stored", async () => {
      await stored("left", "batch_card", 1, { title: "Left" });
      assert.deepEqual((await read("left")).metadata, full("Left"));
      assert.deepEqual(await numbersOf("left"), [1]);
    });

    test("a proposal's plan may say otherwise than its type", async () => {
      await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
      await senate.send("/api/artifacts", { id: "n1", artifact_type: "note", metadata: { text: "x" } });
      const { id, vote } = await senate.send("/api/senate/schema-proposal", {
        proposer_id: "ana",
        ...addField(
          { name: "checked", schema: { enum: ["yes", "no"] }, default: "no" },
          {
            migration_plan: {
              sql: "UPDATE artifacts …",
              backfill: "Notes that stand get no, when somebody reads them.",
              strategy: "eager_on_read",
            },
          },
        ),
        open_voting: true,
      });
      let last;
      for (const voter of ["ana", "ben", "cho"]) last = await senate.vote(id, voter, "yes", vote.subject);
      assert.equal(last.body.status, "active", last.text);
      assert.deepEqual(await numbersOf("n1"), [1], "nobody has read it");
      const shown = await read("n1");
      assert.deepEqual(shown.metadata, { text: "x", checked: "no" });
      assert.deepEqual([shown.stored_schema_version, shown.version_number, shown.upcast], [2, 2, false]);
      const { versions: kept } = await senate.read("/api/artifacts/n1/versions");
      assert.deepEqual(
        kept.map((one) => one.changelog),
        ["upcast note@1->2", null],
      );
    });

    test("an audit holds them against the schema as they read", async () => {
      const found = await senate.read("/api/schemas/lazy_card/compliance");
      assert.deepEqual([found.version, found.checked, found.valid, found.invalid], [3, 4, 3, 1]);
      assert.deepEqual(
        found.failures.map((one) => [one.artifact_id, one.pointer]),
        [["long_lazy_card", "/title"]],
      );
    });

    test("they keep their version in use", async () => {
      const { status, body } = await senate.post("/api/schemas/lazy_card/versions/1/retire", { by: "ana" });
      assert.deepEqual([status, body.code], [409, "version_in_use"]);
      assert.match(body.detail, /^2 artifacts/);
    });
  });
}
