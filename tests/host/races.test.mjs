// Two hosts on one PostgreSQL: however many people ask both at once, there is one log without gaps.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { audit, Senate } from "schema-senate";
import { noPostgres, startPostgres } from "./postgres.mjs";
import { addField, linesOf, NOTE, ORIGIN, SIGNING, startHost, startSigned, withKeys } from "./stage.mjs";
import { leafHash, openCheckpoint, rootOf } from "./verify.mjs";

const VOTERS = Array.from({ length: 24 }, (_, index) => `voter-${index + 1}`);

describe("two hosts on one PostgreSQL", { skip: noPostgres }, () => {
  let server;
  let hosts;
  let url;
  before(async () => {
    server = await startPostgres();
    url = await server.database();
    // Both start on an empty database at once.
    hosts = await Promise.all(
      [0, 1].map(() =>
        startHost(url, { members: VOTERS.map((id) => ({ id })), policy: { live_per_proposer: 50 } }),
      ),
    );
  });
  after(async () => {
    await Promise.all(hosts.map((host) => host.close()));
    await server.stop();
  });

  const both = (index) => hosts[index % 2];
  const log = async () => linesOf((await hosts[0].get("/api/senate/events")).text);

  test("the senate was founded once", async () => {
    const founded = (await log()).filter((event) => event.event === "senate_founded");
    assert.equal(founded.length, 1);
    for (const host of hosts) assert.equal((await host.read("/api/senate")).members.length, 24);
  });

  test("what one host stores, the other shows at once", async () => {
    await hosts[0].send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "voter-1" });
    assert.equal((await hosts[1].read("/api/schemas/note")).current.version, 1);
    await hosts[1].send("/api/artifacts", { id: "n1", artifact_type: "note", metadata: { text: "a" } });
    assert.equal((await hosts[0].read("/api/artifacts/n1")).schema_version, 1);
  });

  test("an import of one type through both hosts succeeds once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        both(index).post("/api/schemas/race", { versions: [{ schema: { type: "object" } }], by: "voter-1" }),
      ),
    );
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409, 409, 409, 409, 409, 409, 409]);
  });

  let proposals;

  test("proposals through both hosts at once are all kept", async () => {
    const created = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        both(index).send("/api/senate/schema-proposal", {
          proposer_id: `voter-${index + 1}`,
          ...addField({ name: `field_${index}`, schema: { type: "string" } }),
        }),
      ),
    );
    proposals = created.map((one) => one.id);
    assert.equal(new Set(proposals).size, 16);
    const { proposals: listed } = await hosts[1].read("/api/senate/schema-proposals?limit=200");
    assert.deepEqual(listed.map((one) => one.id).sort(), [...proposals].sort());
  });

  test("48 ballots on one proposal through both hosts: 24 count, each once", async () => {
    const id = proposals[0];
    const subject = await hosts[0].opened(id, "voter-1");
    // Every member votes twice at once, through different hosts. "No" is never enough to reject before the last third.
    const answers = await Promise.all(
      VOTERS.flatMap((voter, index) => {
        const choice = index < 15 ? "yes" : "abstain";
        return [
          both(index).vote(id, voter, choice, subject),
          both(index + 1).vote(id, voter, choice, subject),
        ];
      }),
    );
    const accepted = answers.filter((answer) => answer.status === 200);
    for (const answer of answers) {
      if (answer.status === 200) continue;
      assert.equal(answer.status, 409, answer.text);
      assert.match(answer.body.code, /^(?:ballot_cast_before|vote_closed)$/);
    }
    const view = await hosts[1].read(`/api/senate/schema-proposal/${id}`);
    const { tally, ballots } = view.vote;
    assert.equal(accepted.length, ballots.length);
    assert.equal(new Set(ballots.map((ballot) => ballot.voter_id)).size, ballots.length);
    assert.equal(tally.yes + tally.no + tally.abstain, ballots.length);
    assert.equal(view.status, "rejected");
  });

  test("the deciding ballots of two hosts approve once and migrate once", async () => {
    const id = proposals[1];
    const subject = await hosts[1].opened(id, "voter-2");
    await Promise.all(VOTERS.map((voter, index) => both(index).vote(id, voter, "yes", subject)));
    const view = await hosts[0].read(`/api/senate/schema-proposal/${id}`);
    assert.equal(view.status, "active");
    const of = (await log()).filter((event) => event.proposal_id === id).map((event) => event.event);
    for (const name of [
      "schema_proposal_approved",
      "migration_generated",
      "migration_started",
      "migration_applied",
    ]) {
      assert.equal(of.filter((event) => event === name).length, 1, name);
    }
    assert.equal((await hosts[1].read("/api/schemas/note")).current.version, 2);
  });

  test("artifacts that are registered while a migration runs end up under the next version", async () => {
    const id = (
      await hosts[0].send("/api/senate/schema-proposal", {
        proposer_id: "voter-9",
        ...addField(
          { name: "source", schema: { type: "string" }, default: "unknown" },
          {
            migration_plan: { sql: "UPDATE …", backfill: "Notes that stand get unknown." },
          },
        ),
      })
    ).id;
    const subject = await hosts[0].opened(id, "voter-9");
    for (const voter of VOTERS.slice(0, 15)) await hosts[0].vote(id, voter, "yes", subject);
    const [last, ...stored] = await Promise.all([
      hosts[0].vote(id, "voter-16", "yes", subject),
      ...Array.from({ length: 40 }, (_, index) =>
        both(index).post("/api/artifacts", {
          id: `during-${index}`,
          artifact_type: "note",
          metadata: { text: "t" },
        }),
      ),
    ]);
    assert.equal(last.body.status, "active", JSON.stringify(last.body.migration));
    for (const answer of stored) assert.equal(answer.status, 201, answer.text);
    const audit = await hosts[1].read("/api/schemas/note/compliance");
    assert.deepEqual([audit.checked, audit.invalid], [41, 0]);
    const { artifacts } = await hosts[0].read("/api/artifacts?artifact_type=note&limit=200");
    for (const artifact of artifacts) {
      assert.equal(artifact.schema_version, 3, artifact.id);
      // Written before: migrated. Written after: as it came.
      assert.deepEqual(
        Object.keys(artifact.metadata).filter((name) => name !== "source"),
        ["text"],
      );
    }
  });

  test("the log has no gap and no fork, and both hosts and the tables say what it says", async () => {
    const events = await log();
    assert.deepEqual(
      events.map((event) => event.seq),
      Array.from({ length: events.length }, (_, index) => index + 1),
    );
    const times = events.map((event) => event.at_ms);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    const replayed = Senate.replay(events.map((event) => JSON.stringify(event)).join("\n"));
    assert.ok(replayed.ok);
    const { senate } = replayed;
    const now = Date.now();
    const state = senate.view("proposals", { limit: 200 }, now).view.proposals;
    for (const host of hosts) {
      const { proposals: shown } = await host.read("/api/senate/schema-proposals?limit=200");
      assert.deepEqual(shown, state);
      assert.equal(await host.host.seq(), events.length);
    }
    const tables = await hosts[0].store.tables();
    assert.deepEqual(
      tables.proposals.map((row) => [
        row.proposal_id,
        row.status,
        row.votes_approve,
        row.votes_reject,
        row.votes_abstain,
      ]),
      state
        .map((one) => [one.id, one.status, one.tally?.yes ?? 0, one.tally?.no ?? 0, one.tally?.abstain ?? 0])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    for (const row of tables.proposals) {
      const { view } = senate.view("proposal", { proposal_id: row.proposal_id }, now);
      const votes = tables.votes.filter((vote) => vote.proposal_id === row.proposal_id);
      const cast = [...(view.vote?.ballots ?? [])].sort((a, b) => (a.voter_id < b.voter_id ? -1 : 1));
      assert.deepEqual(
        votes.map((vote) => [vote.voter_id, vote.choice, vote.seq]),
        cast.map((ballot) => [ballot.voter_id, ballot.choice, ballot.seq]),
      );
    }
    senate.free();
  });

  test("both give the same checkpoint, and each that was stored is of this log", async () => {
    const [one, other] = await Promise.all(
      hosts.map(async (host) => (await host.get("/api/senate/checkpoint")).text),
    );
    assert.equal(one, other);
    const leaves = (await log()).map(leafHash);
    const named = SIGNING.logKey.publicKey;
    assert.deepEqual(openCheckpoint(one, named), {
      origin: ORIGIN,
      size: leaves.length,
      root: rootOf(leaves),
    });
    const stored = await hosts[0].store.transaction((tx) => tx.lastCheckpoint());
    assert.deepEqual(stored, { size: leaves.length, note: one });
    const { rows } = await server.rows(url, "SELECT size, note FROM senate_checkpoints ORDER BY size");
    assert.ok(rows.length > 50, `${rows.length} checkpoints`);
    for (const { size, note } of rows) {
      const { root } = openCheckpoint(note, named);
      assert.deepEqual(root, rootOf(leaves.slice(0, Number(size))), `size ${size}`);
    }
  });

  test("neither host failed", () => {
    for (const host of hosts) {
      assert.deepEqual(
        host.logger.lines.filter((line) => line.startsWith("error")),
        [],
      );
    }
  });
});

describe("signed acts through two hosts on one PostgreSQL", { skip: noPostgres }, () => {
  let server;
  let hosts;
  let id;
  before(async () => {
    server = await startPostgres();
    const url = await server.database();
    const first = await startSigned(url);
    const second = withKeys(await startHost(url, { found: false, development: false }), first.keys);
    hosts = [first, second];
    await first.done("ana", "import_type", { artifact_type: "note", versions: [{ schema: NOTE }] });
    ({ id } = await first.done("ana", "propose", addField({ name: "a", schema: { type: "string" } })));
  });
  after(async () => {
    await Promise.all(hosts.map((host) => host.close()));
    await server.stop();
  });
  const log = async () => linesOf((await hosts[1].get("/api/senate/events")).text);

  test("one act, delivered to both many times at once, happens once", async () => {
    const act = await hosts[0].sign("ben", "comment", { proposal_id: id, text: "Once." });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => hosts[index % 2].deliver(act)),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(12).fill(200),
    );
    assert.equal((await log()).filter((event) => event.event === "comment_posted").length, 1);
  });

  test("two acts under one number: one stands, the other is evidence, once", async () => {
    for (const round of [1, 2, 3]) {
      const acts = await Promise.all(
        ["one", "two"].map((word) =>
          hosts[0].sign("cho", "comment", { proposal_id: id, text: `${word} ${round}` }),
        ),
      );
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => hosts[index % 2].deliver(acts[Math.trunc(index / 2) % 2])),
      );
      const [one, other] = [0, 1].map((which) =>
        answers.filter((_, index) => Math.trunc(index / 2) % 2 === which).map(({ status }) => status),
      );
      const [taken, doubled] = one[0] === 200 ? [one, other] : [other, one];
      assert.deepEqual(taken, Array(4).fill(200));
      assert.deepEqual(doubled, Array(4).fill(409));
      const events = await log();
      assert.equal(events.filter((event) => event.event === "equivocation_recorded").length, round);
    }
  });

  test("many members at once, each through both: every act has its place, and the log replays with every signature", async () => {
    await Promise.all(
      ["ana", "ben", "cho", "dee"].map(async (member, offset) => {
        for (let index = 0; index < 10; index += 1) {
          await hosts[(index + offset) % 2].done(member, "comment", {
            proposal_id: id,
            text: `${member} ${index}`,
          });
        }
      }),
    );
    const { text } = await hosts[0].get("/api/senate/events");
    const replayed = Senate.replay(text);
    assert.ok(replayed.ok, JSON.stringify(replayed.problem));
    replayed.senate.free();
    const audited = audit(text, { checkpoint: (await hosts[1].get("/api/senate/checkpoint")).text });
    assert.ok(audited.ok, JSON.stringify(audited.problem));
    assert.deepEqual(
      hosts.flatMap((host) => host.logger.lines.filter((line) => line.startsWith("error"))),
      [],
    );
  });
});
