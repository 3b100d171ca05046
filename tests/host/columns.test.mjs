// A field that is also a column of the table of artifacts, on the databases that have one.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { withDatabase } from "./many.mjs";
import { addField, NOTE, startHost, storeKinds } from "./stage.mjs";

for (const { kind, skip, open, close } of storeKinds().filter((one) => one.kind !== "memory")) {
  describe(`columns on ${kind}`, { skip }, () => {
    after(close);

    test("a field with a column: the table has it, filled and indexed, and its records are those of the artifacts as they were", async () => {
      const location = await open();
      const senate = await startHost(location);
      await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
      for (const id of ["n1", "n2"]) {
        await senate.send("/api/artifacts", { id, artifact_type: "note", metadata: { text: id } });
      }
      const { id, vote } = await senate.send("/api/senate/schema-proposal", {
        proposer_id: "ana",
        ...addField(
          {
            name: "language",
            schema: { type: "string", "x-column": { name: "note_language", index: true } },
            default: "en",
          },
          { migration_plan: { sql: "ALTER TABLE …", backfill: "Notes that stand are English." } },
        ),
        open_voting: true,
      });
      let last;
      for (const voter of ["ana", "ben", "cho"]) last = await senate.vote(id, voter, "yes", vote.subject);
      assert.equal(last.body.status, "active", JSON.stringify(last.body.migration?.reason));
      assert.equal(last.body.migration.plan.columns[0]?.name, "note_language");
      const rehearsal = last.body.migration.rehearsal;
      assert.ok(rehearsal.passed, JSON.stringify(rehearsal));
      // What a revert is checked against.
      const { current } = await senate.read("/api/schemas/note/context");
      assert.equal(current.previous.version, 1);
      assert.equal(current.previous.plan.columns[0].name, "note_language");
      // The database generates the column: whoever comes later has it, too.
      await senate.send("/api/artifacts", {
        id: "n3",
        artifact_type: "note",
        metadata: { text: "n3", language: "fr" },
      });
      await senate.close();
      await withDatabase(location, async (query) => {
        assert.deepEqual(await query("SELECT id, note_language, metadata FROM artifacts ORDER BY id"), [
          { id: "n1", note_language: "en", metadata: { text: "n1", language: "en" } },
          { id: "n2", note_language: "en", metadata: { text: "n2", language: "en" } },
          { id: "n3", note_language: "fr", metadata: { text: "n3", language: "fr" } },
        ]);
        const indexes = await query("SELECT indexdef FROM pg_indexes WHERE tablename = 'artifacts'");
        assert.ok(indexes.some(({ indexdef }) => indexdef.includes("note_language")));
        const records = await query("SELECT before, after FROM artifact_migration_undo ORDER BY artifact_id");
        assert.deepEqual(records[0], { before: { text: "n1" }, after: { text: "n1", language: "en" } });
      });
    });
  });
}
