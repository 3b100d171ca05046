// A migration tried on the stored artifacts before anybody votes: what it shows, and that nothing of it stays.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { version } from "schema-senate";
import { addField, NOTE, startHost, storeKinds } from "./stage.mjs";
import { tapped } from "./tapped.mjs";

const at = "/api/senate/schema-proposal";
const backfill = { migration_plan: { sql: "UPDATE …", backfill: "Notes that stand get no." } };

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`rehearsal on ${kind}`, { skip }, () => {
    let senate;
    let id;
    const propose = async (spec, more) =>
      (
        await senate.send(at, {
          proposer_id: "ana",
          ...addField(spec, { ...backfill, ...more }),
        })
      ).id;
    const everything = async () => ({
      artifacts: (await senate.read("/api/artifacts?limit=200")).artifacts,
      counts: await senate.store.artifactCounts(),
    });

    before(async () => {
      senate = await startHost(await open(), { policy: { live_per_proposer: 20 } });
      await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
      for (const [note, metadata] of [
        ["n1", { text: "one", stars: 1 }],
        ["n2", { text: "two" }],
        ["n3", { text: "three", stars: 3 }],
        // Broken already: neither the change nor the migration is to blame, and it stands in the way all the same.
        ["odd", { text: "" }],
      ]) {
        await senate.send("/api/artifacts?mode=warn", { id: note, artifact_type: "note", metadata });
      }
      id = await propose({ name: "checked", schema: { enum: ["yes", "no"] }, default: "no" });
    });
    after(async () => {
      await senate.close();
      await close();
    });

    test("what it shows: counts, the failing artifacts with their places, what is restored, and of which data", async () => {
      const stood = await everything();
      const { evidence, passed, current, recorded, ...rest } = await senate.send(`${at}/${id}/rehearse`);
      assert.equal(rest.proposal_id, id);
      assert.deepEqual([passed, current, recorded], [false, true, true]);
      const lines = stood.artifacts
        .map((artifact) => `${artifact.id} ${artifact.content_hash}\n`)
        .sort()
        .join("");
      const { duration_ms, failures, ...counts } = evidence;
      assert.ok(Number.isInteger(duration_ms));
      assert.deepEqual(counts, {
        engine: kind,
        base_version: 1,
        artifacts: 4,
        fingerprint: `sha256:${createHash("sha256").update(lines).digest("hex")}`,
        looked_at: 4,
        sample: false,
        changed: 4,
        invalid_before: 1,
        invalid_after: 1,
        restored: 4,
        not_restored: 0,
        unrestored: [],
        core: version().version,
      });
      assert.deepEqual(
        failures.map(({ artifact_id, code, pointer }) => [artifact_id, code, pointer]),
        [["odd", "schema_min_length", "/text"]],
      );
      assert.deepEqual(await everything(), stood, "everything is rolled back");
      assert.equal(await senate.store.migrationRun(id), undefined);
      assert.deepEqual((await senate.read(`${at}/${id}/rehearsal`)).evidence, evidence);
    });

    test("one artifact's way up and down, and the failing ones first", async () => {
      const one = await senate.read(`${at}/${id}/rehearsal?artifact=n1`);
      assert.deepEqual(one, {
        artifact_id: "n1",
        before: { text: "one", stars: 1 },
        after: { text: "one", stars: 1, checked: "no" },
        down: { text: "one", stars: 1 },
        valid_before: true,
        errors_after: [],
        skipped: [],
      });
      const odd = await senate.read(`${at}/${id}/rehearsal?artifact=odd`);
      assert.equal(odd.valid_before, false);
      assert.deepEqual(
        odd.errors_after.map(({ pointer }) => pointer),
        ["/text"],
      );
      const { samples } = await senate.read(`${at}/${id}/rehearsal?samples=3`);
      assert.deepEqual(
        samples.map(({ artifact_id }) => artifact_id),
        ["odd", "n1", "n2"],
      );
      assert.equal((await senate.get(`${at}/${id}/rehearsal?artifact=nobody`)).body.code, "artifact_unknown");
      assert.equal((await senate.get(`${at}/${id}/rehearsal?samples=0`)).body.code, "query_invalid");
    });

    test("a proposal is rehearsed without anybody asking", async () => {
      const fresh = await propose({ name: "language", schema: { type: "string" }, default: "en" });
      const deadline = Date.now() + 10_000;
      let found = await senate.get(`${at}/${fresh}/rehearsal`);
      while (found.status === 404 && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        found = await senate.get(`${at}/${fresh}/rehearsal`);
      }
      assert.equal(found.status, 200, found.text);
      assert.equal(found.body.evidence.looked_at, 4);
    });

    test("a vote opens on a rehearsal of the artifacts as they are then", async () => {
      await senate.send("/api/artifacts", { id: "late", artifact_type: "note", metadata: { text: "late" } });
      await senate.opened(id);
      const { evidence } = await senate.read(`${at}/${id}/rehearsal`);
      assert.equal(evidence.looked_at, 5);
    });

    test("a migration that nothing is to be tried of", async () => {
      const about = await senate.send(at, {
        proposer_id: "ben",
        proposal_type: "policy_change",
        metadata: {
          policy: { voting_ms: 172_800_000 },
          rationale: "The team has talked about it for weeks, and this is what came out of it.",
        },
      });
      assert.equal((await senate.post(`${at}/${about.id}/rehearse`)).body.code, "no_schema_change");
      assert.equal((await senate.post(`${at}/nobody/rehearse`)).body.code, "proposal_unknown");
      assert.equal((await senate.get(`${at}/${id}/migration`)).body.code, "migration_not_begun");
    });

    test("a sample is the same for everybody, and says that it is one", async () => {
      const other = await startHost(tapped(senate.store), { found: false, rehearsalLimit: 2 });
      const { evidence } = await other.send(`${at}/${id}/rehearse`);
      const ids = (await everything()).artifacts.map((artifact) => artifact.id);
      const hash = (text) => createHash("sha256").update(text).digest("hex");
      const expected = ids.sort((a, b) => (hash(a) < hash(b) ? -1 : 1)).slice(0, 2);
      assert.deepEqual(
        [evidence.artifacts, evidence.looked_at, evidence.sample, evidence.invalid_after],
        [5, 2, true, expected.includes("odd") ? 1 : 0],
      );
      const all = await senate.send(`${at}/${id}/rehearse`);
      assert.equal(evidence.fingerprint, all.evidence.fingerprint);
      await other.close();
    });
  });
}
