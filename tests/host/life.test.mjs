// The life of proposals over HTTP, on every store: draft, proposal, vote, migration, history; rejection; failed migration.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { addField, linesOf, NOTE, startHost, storeKinds } from "./stage.mjs";

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`life on ${kind}`, { skip }, () => {
    let senate;
    before(async () => {
      senate = await startHost(await open());
    });
    after(async () => {
      await senate.close();
      await close();
    });

    const proposal = (id) => senate.read(`/api/senate/schema-proposal/${id}`);
    const propose = async (draft, proposer_id = "ana", more = {}) =>
      senate.send("/api/senate/schema-proposal", { proposer_id, ...draft, ...more });

    test("a type is imported and stands in the registry", async () => {
      const type = await senate.send("/api/schemas/note", {
        versions: [
          { schema: { ...NOTE, properties: { text: NOTE.properties.text } } },
          { schema: NOTE, description: "Stars." },
        ],
        by: "ana",
      });
      assert.equal(type.current.version, 2);
      assert.equal(type.current.description, "Stars.");
      assert.deepEqual(type.current.schema, NOTE);
      const { types } = await senate.read("/api/schemas");
      assert.deepEqual(
        types.map((one) => [one.artifact_type, one.version]),
        [["note", 2]],
      );
      const first = await senate.read("/api/schemas/note/versions/1");
      assert.equal(first.is_current, false);
    });

    test("artifacts are validated, pinned and kept as they were written", async () => {
      for (let index = 1; index <= 3; index += 1) {
        const stored = await senate.send("/api/artifacts", {
          id: `note-${index}`,
          artifact_type: "note",
          title: `Note ${index}`,
          metadata: { text: `text ${index}`, stars: index },
          created_by: "ben",
        });
        assert.equal(stored.schema_version, 2);
        assert.match(stored.content_hash, /^sha256:[0-9a-f]{64}$/);
      }
      const wrong = await senate.post("/api/artifacts", {
        artifact_type: "note",
        metadata: { text: "", stars: 9 },
      });
      assert.equal(wrong.status, 422);
      assert.deepEqual(wrong.body.problems.map((one) => one.pointer).sort(), [
        "/metadata/stars",
        "/metadata/text",
      ]);
      const same = await senate.post("/api/artifacts", {
        id: "note-1",
        artifact_type: "note",
        metadata: { text: "x" },
      });
      assert.equal(same.status, 409);
      assert.equal(same.body.code, "artifact_exists");
    });

    let id;
    let subject;

    test("a draft is checked without being stored", async () => {
      const draft = addField(
        { name: "checked_by", schema: { type: "string" }, default: "nobody" },
        {
          migration_plan: { sql: "UPDATE artifacts …", backfill: "Notes that stand get nobody." },
        },
      );
      const check = await senate.send("/api/senate/schema-proposal/check", draft);
      assert.deepEqual(check.problems, []);
      assert.equal(check.ok, true);
      assert.equal(check.compatibility.verdict, "compatible");
      assert.equal(check.track, "additive");
      assert.equal(check.needed.yes, 3);
      assert.deepEqual(check.next_schema.properties.checked_by, { type: "string", default: "nobody" });
      const { proposals } = await senate.read("/api/senate/schema-proposals");
      assert.deepEqual(proposals, []);

      const created = await propose(draft);
      id = created.id;
      assert.equal(created.proposal_id, id);
      assert.equal(created.status, "review");
      assert.deepEqual(created.notices, []);
    });

    test("a ballot before the opening is refused", async () => {
      const early = await senate.vote(id, "ana", "yes", `sha256:${"0".repeat(64)}`);
      assert.equal(early.status, 409);
      assert.equal(early.body.code, "vote_not_open");
    });

    test("the tally follows the ballots, and approval migrates at once", async () => {
      subject = await senate.opened(id);
      const first = await senate.vote(id, "ana", "yes", subject);
      assert.equal(first.status, 200);
      assert.equal(first.body.status, "voting");
      assert.equal(first.body.tally.yes, 1);
      assert.equal(first.body.tally.needed, 2);
      await senate.vote(id, "ben", "abstain", subject);
      const third = await senate.vote(id, "cho", "yes", subject);
      assert.equal(third.body.tally.needed, 1);
      const last = await senate.vote(id, "dee", "yes", subject);
      assert.equal(last.body.status, "active");
      assert.equal(last.body.tally.outcome, "approved");
      assert.equal(last.body.migration.state, "applied");
    });

    test("the next version is current and every artifact is valid under it", async () => {
      const type = await senate.read("/api/schemas/note");
      assert.equal(type.current.version, 3);
      assert.equal(type.current.proposal_id, id);
      assert.deepEqual(
        type.history.map((version) => version.is_current),
        [false, false, true],
      );
      assert.ok(type.history[2].differences.length > 0);
      for (let index = 1; index <= 3; index += 1) {
        const stored = await senate.read(`/api/artifacts/note-${index}`);
        assert.deepEqual(stored.metadata, { text: `text ${index}`, stars: index, checked_by: "nobody" });
        assert.equal(stored.schema_version, 3);
      }
      const audit = await senate.read("/api/schemas/note/compliance");
      const { run_id, as_of_ms, ...counts } = audit;
      assert.deepEqual(counts, {
        artifact_type: "note",
        version: 3,
        state: "done",
        total: 3,
        checked: 3,
        valid: 3,
        invalid: 0,
        compliance: 10_000,
        failures: [],
      });
    });

    test("a closed vote takes no ballot, and an applied migration does not run again", async () => {
      const late = await senate.vote(id, "ben", "yes", subject);
      assert.equal(late.status, 409);
      assert.equal(late.body.code, "vote_closed");
      const again = await senate.post(`/api/senate/schema-proposal/${id}/migrate`, {});
      assert.equal(again.status, 409);
      assert.equal((await proposal(id)).status, "active");
    });

    test("a rejected proposal stays, with its reasons", async () => {
      const { id: rejected } = await propose(
        addField({ name: "likes", schema: { type: "integer" } }, { title: "Count likes" }),
        "ben",
      );
      const on = await senate.opened(rejected, "ben");
      const without = await senate.vote(rejected, "ana", "no", on);
      assert.equal(without.status, 422);
      assert.equal(without.body.code, "reason_missing");
      await senate.vote(rejected, "ana", "no", on, "Likes say nothing about a note.");
      const decided = await senate.vote(rejected, "cho", "no", on, "Nobody asked for it.");
      assert.equal(decided.body.status, "rejected");
      assert.equal((await senate.read("/api/schemas/note")).current.version, 3);

      const { proposals } = await senate.read(
        "/api/senate/schema-proposals?status=archived&text=likes%20say",
      );
      assert.deepEqual(
        proposals.map((one) => [one.id, one.status]),
        [[rejected, "rejected"]],
      );
      assert.ok(proposals[0].decision_reason.length > 0);
      const { vote, history } = await proposal(rejected);
      assert.deepEqual(
        vote.ballots.map((ballot) => [ballot.voter_id, ballot.choice, ballot.reason]),
        [
          ["ana", "no", "Likes say nothing about a note."],
          ["cho", "no", "Nobody asked for it."],
        ],
      );
      assert.ok(history.some((entry) => entry.event === "schema_proposal_rejected"));
      const log = linesOf((await senate.get("/api/senate/events")).text);
      const event = log.find((one) => one.event === "schema_proposal_rejected");
      assert.deepEqual(
        event.dissent.map((one) => one.reason),
        ["Likes say nothing about a note.", "Nobody asked for it."],
      );
    });

    test("a migration that leaves an artifact invalid is recorded, leaves all as it was, and can be let run again", async () => {
      const breaking = addField(
        { name: "language", schema: { type: "string" }, required: true },
        {
          backward_compatible: false,
          migration_plan: { sql: "UPDATE artifacts …", backfill: "Editors fill it in before the migration." },
        },
      );
      const created = await propose(breaking, "cho", { open_voting: true });
      assert.equal(created.status, "voting");
      assert.equal(created.track, "breaking");
      const on = created.vote.subject;
      let last;
      for (const { id: voter } of [{ id: "ana" }, { id: "ben" }, { id: "cho" }, { id: "dee" }]) {
        last = await senate.vote(created.id, voter, "yes", on);
      }
      assert.equal(last.body.status, "migration_failed");
      assert.equal(last.body.migration.state, "failed");
      assert.deepEqual(
        last.body.migration.failures.map((failure) => failure.artifact_id),
        ["note-1", "note-2", "note-3"],
      );
      assert.equal((await senate.read("/api/schemas/note")).current.version, 3);
      const untouched = await senate.read("/api/artifacts/note-1");
      assert.deepEqual(untouched.metadata, { text: "text 1", stars: 1, checked_by: "nobody" });
      assert.equal(untouched.schema_version, 3);

      const again = await senate.post(`/api/senate/schema-proposal/${created.id}/migrate/retry`, {
        by: "cho",
      });
      assert.equal(again.status, 200, again.text);
      assert.equal(again.body.status, "migration_failed");
      const log = linesOf((await senate.get("/api/senate/events")).text);
      assert.equal(log.filter((one) => one.event === "migration_failed").length, 2);
      assert.equal(log.filter((one) => one.event === "migration_generated").length, 2);
    });

    test("a renamed and a removed field are rewritten in every artifact", async () => {
      const change = async (metadata, proposer) => {
        const created = await propose(
          {
            proposal_type: "schema_change",
            metadata: {
              target_artifact_type: "note",
              rationale:
                "Readers have asked for it again and again, and the old name misleads them each time.",
              use_cases: [{ who: "dee", need: "find the right notes by what they say" }],
              migration_plan: { sql: "UPDATE artifacts …", backfill: "All notes are rewritten." },
              backward_compatible: false,
              ...metadata,
            },
          },
          proposer,
          { open_voting: true },
        );
        let last;
        for (const voter of ["ana", "ben", "cho", "dee"])
          last = await senate.vote(created.id, voter, "yes", created.vote.subject);
        assert.equal(last.body.status, "active", JSON.stringify(last.body.migration));
      };
      await change({ change_type: "rename_field", field_spec: { from: "/stars", to: "/rating" } }, "dee");
      await change({ change_type: "remove_field", field_spec: { path: "/checked_by" } }, "dee");
      const stored = await senate.read("/api/artifacts/note-2");
      assert.deepEqual(stored.metadata, { text: "text 2", rating: 2 });
      assert.equal(stored.schema_version, 5);
      // The failed migration was about version 3, which is gone.
      const { proposals } = await senate.read("/api/senate/schema-proposals?status=stale");
      assert.equal(proposals.length, 1);
    });

    test("a new type comes by a vote", async () => {
      const created = await propose(
        {
          proposal_type: "schema_change",
          metadata: {
            target_artifact_type: "new_type",
            change_type: "add_type",
            field_spec: {
              name: "link",
              schema: { type: "object", required: ["url"], properties: { url: { type: "string" } } },
            },
            rationale: "Notes are used as bookmarks today, which nobody can check or follow in a list.",
            use_cases: [{ who: "ben", need: "keep bookmarks apart from notes" }],
            migration_plan: { none_needed: "There are no links yet." },
            backward_compatible: true,
          },
        },
        "ben",
        { open_voting: true },
      );
      for (const voter of ["ana", "ben", "cho"])
        await senate.vote(created.id, voter, "yes", created.vote.subject);
      const type = await senate.read("/api/schemas/link");
      assert.equal(type.current.version, 1);
      await senate.send("/api/artifacts", {
        artifact_type: "link",
        metadata: { url: "https://example.org" },
      });
    });

    test("a proposal can be withdrawn by its proposer only", async () => {
      const { id: mine } = await propose(addField({ name: "mood", schema: { type: "string" } }), "ana");
      const other = await senate.post(`/api/senate/schema-proposal/${mine}/withdraw`, { by: "ben" });
      assert.equal(other.status, 403);
      const done = await senate.post(`/api/senate/schema-proposal/${mine}/withdraw`, {
        by: "ana",
        reason: "Second thoughts.",
      });
      assert.equal(done.body.status, "withdrawn");
      const twice = await senate.post(`/api/senate/schema-proposal/${mine}/withdraw`, { by: "ana" });
      assert.equal(twice.status, 409);
    });

    test("an opening that the policy refuses leaves the proposal and says why", async () => {
      const first = await propose(addField({ name: "one", schema: { type: "string" } }), "ana");
      const second = await senate.post("/api/senate/schema-proposal", {
        proposer_id: "ana",
        ...addField({ name: "two", schema: { type: "string" } }),
        open_voting: true,
      });
      assert.equal(second.status, 409);
      assert.equal(second.body.code, "too_many_live_proposals");
      await senate.send(`/api/senate/schema-proposal/${first.id}/withdraw`, { by: "ana" });
    });

    test("the tables say what the log says", async () => {
      const tables = await senate.store.tables();
      const { proposals } = await senate.read("/api/senate/schema-proposals?limit=200");
      assert.deepEqual(
        tables.proposals.map((row) => [row.proposal_id, row.status, row.votes_approve, row.votes_reject]),
        proposals
          .map((one) => [one.id, one.status, one.tally?.yes ?? 0, one.tally?.no ?? 0])
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
      const current = tables.registry
        .filter((row) => row.is_current)
        .map((row) => [row.artifact_type, row.schema_version]);
      assert.deepEqual(current, [
        ["link", 1],
        ["note", 5],
      ]);
      const applied = tables.migrations.filter((row) => row.state === "applied");
      assert.deepEqual(
        applied
          .map((row) => [row.artifact_type, row.to_version, row.artifacts_checked, row.artifacts_changed])
          .sort(),
        [
          ["link", 1, 0, 0],
          ["note", 3, 3, 3],
          ["note", 4, 3, 3],
          ["note", 5, 3, 3],
        ],
      );
    });

    test("nothing went wrong that the host did not tell", () => {
      assert.deepEqual(
        senate.logger.lines.filter((line) => line.startsWith("error")),
        [],
      );
    });
  });
}
