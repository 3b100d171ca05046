// What members decide around a migration: evidence that they vote on, trying again, giving up, taking back, leaving artifacts.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { addField, linesOf, NOTE, startHost, startSigned, storeKinds } from "./stage.mjs";

const at = "/api/senate/schema-proposal";
const backfill = { migration_plan: { sql: "UPDATE …", backfill: "Notes that stand get no." } };
const checked = (more) =>
  addField(
    { name: "checked", schema: { enum: ["yes", "no"] }, default: "no", required: true },
    { ...backfill, backward_compatible: false, ...more },
  );

for (const { kind, skip, open, close: closeAll } of storeKinds()) {
  describe(`around a migration on ${kind}`, { skip }, () => {
    after(closeAll);
    let senate;
    before(async () => {
      senate = await startHost(await open(), { policy: { live_per_proposer: 50 } });
    });
    after(() => senate.close());

    /** A type of its own with some notes. */
    const typed = async (type, notes) => {
      await senate.send(`/api/schemas/${type}`, { versions: [{ schema: NOTE }], by: "ana" });
      for (const [id, metadata] of Object.entries(notes)) {
        await senate.send("/api/artifacts?mode=warn", { id: `${type}-${id}`, artifact_type: type, metadata });
      }
    };
    const propose = async (draft) =>
      (await senate.send(at, { proposer_id: "ana", title: `About ${Math.random()}`, ...draft })).id;
    const carry = async (id) => {
      const subject = await senate.opened(id);
      let last;
      for (const voter of ["ana", "ben", "cho", "dee"]) {
        const cast = await senate.vote(id, voter, "yes", subject);
        if (cast.status === 200) last = cast.body;
      }
      return last;
    };
    const events = async (id) =>
      linesOf((await senate.get("/api/senate/events")).text)
        .filter((event) => event.proposal_id === id)
        .map(({ event }) => event);
    const metadata = async (id) => (await senate.read(`/api/artifacts/${id}?schema_version=stored`)).metadata;

    test("the evidence that ballots name is in the log before the vote, and again before the swap on other data", async () => {
      await typed("evidence", { a: { text: "a" } });
      const id = await propose(checked({ target_artifact_type: "evidence" }));
      const subject = await senate.opened(id);
      const { rehearsal } = (await senate.read(`${at}/${id}`)).migration;
      assert.deepEqual([rehearsal.passed, rehearsal.current, rehearsal.evidence.looked_at], [true, true, 1]);
      const { vote } = await senate.read(`${at}/${id}`);
      assert.equal(vote.frozen.rehearsal_evidence, rehearsal.digest);
      await senate.send("/api/artifacts", {
        id: "evidence-b",
        artifact_type: "evidence",
        metadata: { text: "b" },
      });
      for (const voter of ["ana", "ben", "cho", "dee"]) await senate.vote(id, voter, "yes", subject);
      const done = await senate.read(`${at}/${id}`);
      assert.equal(done.status, "active", done.migration.reason);
      assert.equal(done.migration.rehearsal.evidence.looked_at, 2);
      const named = await events(id);
      assert.ok(named.indexOf("migration_rehearsed") < named.indexOf("vote_opened"));
      assert.ok(named.lastIndexOf("migration_rehearsed") > named.indexOf("migration_generated"));
    });

    test("tried again when somebody says so, once the artifact is gone right", async () => {
      await typed("again", { good: { text: "x" }, odd: { text: "" } });
      const id = await propose(checked({ target_artifact_type: "again" }));
      const failed = await carry(id);
      assert.equal(failed.status, "migration_failed");
      assert.equal((await senate.post(`${at}/${id}/migrate`, {})).body.code, "migration_failed_before");
      const still = await senate.send(`${at}/${id}/migrate/retry`, { by: "ben", reason: "To see it fail." });
      assert.equal(still.status, "migration_failed");
      const artifact = await senate.get("/api/artifacts/again-odd");
      const put = await senate.call("PUT", "/api/artifacts/again-odd", {
        metadata: { text: "corrected" },
        base_version: artifact.body.version_number,
        created_by: "ben",
      });
      assert.ok(put.status < 300, put.text);
      const retried = await senate.send(`${at}/${id}/migrate/retry`, { by: "ben" });
      assert.equal(retried.status, "active", retried.migration.reason);
      assert.deepEqual(await metadata("again-odd"), { text: "corrected", checked: "no" });
      assert.equal((await events(id)).filter((name) => name === "migration_retried").length, 2);
    });

    test("given up by who proposed it, and by nobody else", async () => {
      await typed("given", { odd: { text: "" } });
      const id = await propose(checked({ target_artifact_type: "given" }));
      assert.equal((await carry(id)).status, "migration_failed");
      const by = (member) =>
        senate.post(`${at}/${id}/migrate/abandon`, { by: member, reason: "Nobody knows." });
      assert.equal((await by("ben")).body.code, "not_the_proposer");
      assert.equal((await by("ana")).body.status, "abandoned");
      assert.equal((await senate.post(`${at}/${id}/migrate`, {})).body.code, "nothing_to_migrate");
      assert.equal((await senate.post(`${at}/${id}/rehearse`)).body.code, "nothing_to_migrate");
      assert.equal((await senate.read("/api/schemas/given")).current.version, 1);
    });

    test("a revert brings back what was there, and what was edited since stays", async () => {
      await typed("back", { a: { text: "a", stars: 3 }, b: { text: "b" } });
      const gone = await propose({
        ...checked({
          target_artifact_type: "back",
          change_type: "remove_field",
          field_spec: { path: "/stars" },
        }),
      });
      const removed = await carry(gone);
      assert.equal(removed.status, "active", removed.migration.reason);
      assert.deepEqual(await metadata("back-a"), { text: "a" });
      const revert = await propose({
        ...checked({
          target_artifact_type: "back",
          change_type: "modify_field",
          field_spec: { revert_to: 1 },
        }),
      });
      const reverted = await carry(revert);
      assert.equal(reverted.status, "active", JSON.stringify(reverted.migration));
      assert.equal(reverted.migration.plan.restores, "back@1->2");
      assert.deepEqual(await metadata("back-a"), { text: "a", stars: 3 });
      assert.deepEqual(await metadata("back-b"), { text: "b" });
      assert.equal((await senate.read("/api/schemas/back")).current.version, 3);
    });

    test("a lazy plan is held against every artifact and moves none; a later one takes them from where they are", async () => {
      await typed("lazy", { a: { text: "a" } });
      const first = await propose(
        checked({
          target_artifact_type: "lazy",
          migration_plan: { ...backfill.migration_plan, strategy: "lazy" },
        }),
      );
      const left = await carry(first);
      assert.equal(left.status, "active", left.migration.reason);
      const stored = await senate.read("/api/artifacts/lazy-a?schema_version=stored");
      assert.deepEqual([stored.metadata, stored.schema_version], [{ text: "a" }, 1]);
      const second = await propose(
        addField(
          { name: "language", schema: { type: "string" }, default: "en", required: true },
          { ...backfill, backward_compatible: false, target_artifact_type: "lazy" },
        ),
      );
      const moved = await carry(second);
      assert.equal(moved.status, "active", JSON.stringify(moved.migration));
      const now = await senate.read("/api/artifacts/lazy-a?schema_version=stored");
      assert.deepEqual([now.metadata, now.schema_version], [{ text: "a", checked: "no", language: "en" }, 3]);
      await typed("unfit", { odd: { text: "" } });
      const unfit = await propose(
        checked({
          target_artifact_type: "unfit",
          migration_plan: { ...backfill.migration_plan, strategy: "lazy" },
        }),
      );
      assert.equal((await carry(unfit)).status, "migration_failed");
    });

    test("a vote that asks for a rehearsal opens on one that passed", async () => {
      const policy = await propose({
        proposal_type: "policy_change",
        metadata: {
          policy: { rehearsal: "required" },
          rationale: "The team has talked about it for weeks, and this is what came out of it.",
        },
      });
      const subject = await senate.opened(policy);
      for (const voter of ["ana", "ben", "cho", "dee"]) await senate.vote(policy, voter, "yes", subject);
      await typed("asked", { odd: { text: "" } });
      const id = await propose(checked({ target_artifact_type: "asked" }));
      assert.equal((await senate.post(`${at}/${id}/open`, { by: "ana" })).body.code, "rehearsal_failed");
      const put = await senate.call("PUT", "/api/artifacts/asked-odd", {
        metadata: { text: "corrected" },
        base_version: 1,
        created_by: "ben",
      });
      assert.ok(put.status < 300, put.text);
      assert.equal((await carry(id)).status, "active");
    });
  });
}

test("retry and abandon are acts that members sign", async () => {
  const senate = await startSigned("memory:");
  try {
    await senate.done("ana", "import_type", { artifact_type: "note", versions: [{ schema: NOTE }] });
    await senate.send("/api/artifacts?mode=warn", {
      id: "odd",
      artifact_type: "note",
      metadata: { text: "" },
    });
    const { id } = await senate.done("ana", "propose", checked());
    assert.equal((await senate.carry(id, "ana")).status, "migration_failed");
    const bare = await senate.post(`${at}/${id}/migrate/retry`, { by: "ana" });
    assert.equal(bare.body.code, "signature_missing");
    const again = await senate.done("ben", "retry_migration", { proposal_id: id });
    assert.equal(again.status, "migration_failed");
    const over = await senate.done("ana", "abandon_migration", { proposal_id: id, reason: "Not worth it." });
    assert.equal(over.status, "abandoned");
  } finally {
    await senate.close();
  }
});
