// Migrations and commits under every failure that can be arranged.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createHost, openStore, StoreError } from "schema-senate-host";
import { noPostgres, startPostgres } from "./postgres.mjs";
import { tapped } from "./tapped.mjs";
import { addField, handClock, linesOf, NOTE, quietLogger, SIGNING, startHost } from "./stage.mjs";

const WITH_DEFAULT = {
  migration_plan: { sql: "UPDATE artifacts …", backfill: "Notes that stand get no." },
};

/** A founded senate with three notes and an open vote that one more ballot decides. */
async function readyToDecide(store, options = {}) {
  const senate = await startHost(store, options);
  await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
  for (const id of ["n1", "n2", "n3"]) {
    await senate.send("/api/artifacts", { id, artifact_type: "note", metadata: { text: id } });
  }
  const { id, vote } = await senate.send("/api/senate/schema-proposal", {
    proposer_id: "ana",
    ...addField({ name: "checked", schema: { enum: ["yes", "no"] }, default: "no" }, WITH_DEFAULT),
    open_voting: true,
  });
  await senate.vote(id, "ana", "yes", vote.subject);
  await senate.vote(id, "ben", "yes", vote.subject);
  return { senate, id, decide: () => senate.vote(id, "cho", "yes", vote.subject) };
}

const eventsOf = async (senate, id) =>
  linesOf((await senate.get("/api/senate/events")).text)
    .filter((event) => event.proposal_id === id)
    .map((event) => event.event);

/** What must hold once somebody has come to the end of it. */
async function assertActivated(senate, id) {
  const view = await senate.read(`/api/senate/schema-proposal/${id}`);
  assert.equal(view.status, "active", view.migration?.reason);
  const events = await eventsOf(senate, id);
  for (const name of [
    "schema_proposal_approved",
    "migration_generated",
    "migration_started",
    "migration_applied",
  ]) {
    assert.equal(events.filter((event) => event === name).length, 1, name);
  }
  assert.equal((await senate.read("/api/schemas/note")).current.version, 2);
  for (const artifact of (await senate.read("/api/artifacts")).artifacts) {
    assert.equal(artifact.metadata.checked, "no");
    assert.equal(artifact.schema_version, 2);
  }
}

test("a crash before every single step of an approval and its migration: the next host finishes it, once", async () => {
  let points = 0;
  for (let at = 1; ; at += 1) {
    const store = await openStore("memory:");
    const { senate, id } = await readyToDecide(tapped(store));
    const { subject } = (await senate.read(`/api/senate/schema-proposal/${id}`)).vote;
    await senate.close();
    let count = 0;
    const dead = new StoreError("store_unavailable", "the power is gone");
    const failing = tapped(store, {
      before: () => {
        count += 1;
        if (count >= at) throw dead;
      },
    });
    // The host that dies: a second one on the same data, so that its memory is its own.
    const dying = await createHost({
      ...SIGNING,
      store: failing,
      logger: quietLogger(),
      settleEveryMs: 0,
    }).catch((error) => error);
    const ballot = { command: "cast_ballot", proposal_id: id, voter_id: "cho", choice: "yes", subject };
    // It may also die while it starts.
    const isUp = dying !== dead;
    const result = isUp ? await dying.execute(ballot).catch((error) => error) : dead;
    if (isUp) await dying.close();
    const next = await startHost(tapped(store), { found: false });
    const { status } = await next.read(`/api/senate/schema-proposal/${id}`);
    if (result.ok === true) assert.notEqual(status, "voting", "an acknowledged ballot counts");
    if (status === "voting") await next.vote(id, "cho", "yes", subject);
    await assertActivated(next, id);
    await next.close();
    if (count < at) {
      assert.ok(points >= 8, `only ${points} steps were broken`);
      return;
    }
    points += 1;
  }
});

test("a commit whose answer is lost is not lost, and one that failed leaves no trace in memory", async () => {
  const store = await openStore("memory:");
  let mode = "well";
  const failing = tapped(store, {
    before: (step) => {
      if (mode === "before" && step === "commit")
        throw new StoreError("store_unavailable", "cut off before the commit");
    },
    committed: () => {
      if (mode === "after") throw new StoreError("store_unavailable", "cut off behind the commit");
    },
  });
  const senate = await startHost(failing);
  try {
    await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
    const { id, vote } = await senate.send("/api/senate/schema-proposal", {
      proposer_id: "ana",
      ...addField({ name: "a", schema: { type: "string" } }),
      open_voting: true,
    });
    const tally = async () => (await senate.read(`/api/senate/schema-proposal/${id}`)).vote.tally.yes;

    mode = "before";
    const failed = await senate.vote(id, "ana", "yes", vote.subject);
    assert.equal(failed.status, 503);
    assert.equal(failed.headers.get("retry-after"), "1");
    mode = "well";
    assert.equal(await tally(), 0);

    mode = "after";
    assert.equal((await senate.vote(id, "ana", "yes", vote.subject)).status, 503);
    mode = "well";
    assert.equal(await tally(), 1);
    const again = await senate.vote(id, "ana", "yes", vote.subject);
    assert.equal(again.body.code, "ballot_cast_before");
    assert.equal((await senate.vote(id, "ben", "yes", vote.subject)).status, 200);
  } finally {
    await senate.close();
  }
});

test("SQL that does something else than the plan's steps is found out, undone and recorded", async () => {
  const store = tapped(await openStore("memory:"), {
    // Valid under the next schema, and still not what was approved.
    up: (id, metadata) => JSON.stringify({ ...JSON.parse(metadata), checked: id === "n2" ? "yes" : "no" }),
  });
  const { senate, decide } = await readyToDecide(store);
  try {
    const decided = await decide();
    assert.equal(decided.body.status, "migration_failed");
    const [failure, ...others] = decided.body.migration.failures;
    assert.equal(failure.artifact_id, "n2");
    assert.match(failure.message, /something else/);
    assert.deepEqual(others, []);
    assert.deepEqual((await senate.read("/api/artifacts/n1")).metadata, { text: "n1" });
    assert.equal((await senate.read("/api/schemas/note")).current.version, 1);
  } finally {
    await senate.close();
  }
});

test("a store that fails in the middle is no verdict on the migration: it stays begun and is tried again", async () => {
  let broken = true;
  const store = tapped(await openStore("memory:"), {
    before: (step) => {
      if (broken && step === "swap") throw new StoreError("store_unavailable", "gone for a moment");
    },
  });
  const { senate, id, decide } = await readyToDecide(store);
  try {
    assert.equal((await decide()).body.status, "migrating");
    assert.ok(senate.logger.lines.some((line) => line.includes("will be tried again")));
    assert.equal((await senate.post(`/api/senate/schema-proposal/${id}/migrate`)).status, 503);
    broken = false;
    await senate.host.migrator.migratePending();
    await assertActivated(senate, id);
  } finally {
    await senate.close();
  }
});

test("a long migration does not hold up the answer to the deciding ballot", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const store = tapped(await openStore("memory:"), {
    before: (step) => (step === "swap" ? held : undefined),
  });
  const { senate, id, decide } = await readyToDecide(store, { migrationWaitMs: 0 });
  try {
    setTimeout(release, 300);
    const underWay = /^(?:approved|migrating)$/;
    assert.match((await decide()).body.status, underWay);
    while (underWay.test((await senate.read(`/api/senate/schema-proposal/${id}`)).status)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await assertActivated(senate, id);
  } finally {
    await senate.close();
  }
});

test("an artifact that was stored with warnings blocks a migration, and says so", async () => {
  const { senate, decide } = await readyToDecide(await openStore("memory:"));
  try {
    const odd = await senate.post("/api/artifacts?mode=warn", {
      id: "odd",
      artifact_type: "note",
      metadata: { text: "" },
    });
    assert.equal(odd.status, 201);
    assert.equal(odd.body.warnings[0].pointer, "/metadata/text");
    const decided = await decide();
    assert.equal(decided.body.status, "migration_failed");
    assert.deepEqual(
      decided.body.migration.failures.map((failure) => failure.artifact_id),
      ["odd"],
    );
    assert.match(decided.body.migration.reason, /1 of 4/);
    const audit = await senate.read("/api/schemas/note/compliance");
    assert.deepEqual([audit.checked, audit.valid, audit.invalid], [4, 3, 1]);
  } finally {
    await senate.close();
  }
});

test("twenty failures are named and all are counted", async () => {
  const senate = await startHost(await openStore("memory:"));
  try {
    await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
    for (let index = 0; index < 450; index += 1) {
      await senate.host.artifacts.register({ artifact_type: "note", metadata: '{"text":"x"}' });
    }
    const { id, vote } = await senate.send("/api/senate/schema-proposal", {
      proposer_id: "ana",
      ...addField(
        { name: "language", schema: { type: "string" }, required: true },
        {
          backward_compatible: false,
          migration_plan: { sql: "UPDATE …", backfill: "Editors fill it in." },
        },
      ),
      open_voting: true,
    });
    let last;
    for (const voter of ["ana", "ben", "cho", "dee"])
      last = await senate.vote(id, voter, "yes", vote.subject);
    assert.equal(last.body.migration.failures.length, 20);
    assert.match(last.body.migration.reason, /450 of 450/);
  } finally {
    await senate.close();
  }
});

describe("what time decides", () => {
  test("a replaceable vote is decided at its close, by whoever looks first, and migrates", async () => {
    const clock = handClock();
    const { senate, id, decide } = await readyToDecide(await openStore("memory:"), {
      now: clock.now,
      // Without an extension: the last ballot is also a late one.
      policy: { ballot_mode: "replaceable", voting_ms: 60_000, late_window_ms: 0 },
    });
    try {
      assert.equal((await decide()).body.status, "voting");
      clock.forward(60_000);
      const { proposals } = await senate.read("/api/senate/schema-proposals");
      assert.match(proposals[0].status, /^(?:approved|migrating|active)$/);
      await senate.host.settle();
      const underWay = /^(?:approved|migrating)$/;
      while (underWay.test((await senate.read(`/api/senate/schema-proposal/${id}`)).status)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await assertActivated(senate, id);
    } finally {
      await senate.close();
    }
  });

  test("a host that was down at the close writes it down when it starts", async () => {
    const clock = handClock();
    const store = await openStore("memory:");
    const { senate, id, decide } = await readyToDecide(tapped(store), {
      now: clock.now,
      // Without an extension: the last ballot is also a late one.
      policy: { ballot_mode: "replaceable", voting_ms: 60_000, late_window_ms: 0 },
    });
    await decide();
    await senate.close();
    clock.forward(3_600_000);
    const next = await startHost(store, { found: false, now: clock.now });
    await assertActivated(next, id);
    assert.equal((await next.store.tables()).proposals[0].status, "active");
    await next.close();
  });

  test("the timer writes it down without anybody asking", async () => {
    const clock = handClock();
    const store = await openStore("memory:");
    const { senate } = await readyToDecide(store, {
      now: clock.now,
      settleEveryMs: 20,
      policy: { voting_ms: 60_000 },
    });
    try {
      clock.forward(60_000);
      const deadline = Date.now() + 5_000;
      while ((await store.tables()).proposals[0].status !== "expired") {
        assert.ok(Date.now() < deadline, "the timer did nothing");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      await senate.close();
    }
  });
});

describe("on a PostgreSQL server", { skip: noPostgres }, () => {
  let server;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  test("a failed migration goes through once the artifacts are corrected by hand", async () => {
    const url = await server.database();
    const { default: pg } = await import("pg");
    const senate = await startHost(url);
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    try {
      await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
      for (const id of ["n1", "n2"]) {
        await senate.send("/api/artifacts", { id, artifact_type: "note", metadata: { text: id, stars: 5 } });
      }
      const { id, vote } = await senate.send("/api/senate/schema-proposal", {
        proposer_id: "ana",
        proposal_type: "schema_change",
        metadata: {
          target_artifact_type: "note",
          change_type: "modify_field",
          field_spec: { path: "/stars", schema: { type: "integer", minimum: 0, maximum: 3 } },
          rationale: "Five stars were never used in earnest; three say all that anybody wants to know.",
          use_cases: [{ who: "ben", need: "compare notes by their stars" }],
          migration_plan: { sql: "UPDATE artifacts …", backfill: "Four and five become three, by hand." },
          backward_compatible: false,
        },
        open_voting: true,
      });
      let last;
      for (const voter of ["ana", "ben", "cho", "dee"])
        last = await senate.vote(id, voter, "yes", vote.subject);
      assert.equal(last.body.status, "migration_failed");
      await admin.query(
        `UPDATE artifacts SET metadata = jsonb_set(metadata, '{stars}', '3') WHERE artifact_type = 'note'`,
      );
      const refused = await senate.post(`/api/senate/schema-proposal/${id}/migrate`, {});
      assert.equal(refused.body.code, "migration_failed_before");
      const retried = await senate.send(`/api/senate/schema-proposal/${id}/migrate/retry`, { by: "ben" });
      assert.equal(retried.status, "active");
      assert.equal(retried.migration.state, "applied");
      const stored = await senate.read("/api/artifacts/n1");
      assert.deepEqual([stored.schema_version, stored.metadata.stars], [2, 3]);
    } finally {
      await admin.end();
      await senate.close();
    }
  });

  test("the plan's own undo brings the artifacts back", async () => {
    const url = await server.database();
    const { default: pg } = await import("pg");
    const { senate, decide } = await readyToDecide(url);
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    try {
      const { migration } = (await decide()).body;
      assert.equal(migration.state, "applied");
      assert.deepEqual((await senate.read("/api/artifacts/n1")).metadata, { text: "n1", checked: "no" });
      for (const statement of migration.plan.sql.postgresql.down) await admin.query(statement);
      assert.deepEqual((await senate.read("/api/artifacts/n1")).metadata, { text: "n1" });
    } finally {
      await admin.end();
      await senate.close();
    }
  });

  test("a server that goes away and comes back: 503, then everything as before", async () => {
    const url = await server.database();
    const { senate, id, decide } = await readyToDecide(url);
    try {
      await server.admin(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${new URL(url).pathname.slice(1)}'`,
      );
      const deadline = Date.now() + 10_000;
      let answer = await decide();
      while (answer.status === 503 && Date.now() < deadline) answer = await decide();
      assert.equal(answer.status, 200, answer.text);
      await assertActivated(senate, id);
    } finally {
      await senate.close();
    }
  });

  test("a database of a newer host, or with a changed migration file, is refused", async () => {
    const url = await server.database();
    const { default: pg } = await import("pg");
    await (await openStore(url)).close();
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    try {
      await admin.query(
        "INSERT INTO host_migrations (number, name, checksum) VALUES (9999, '9999_future.sql', 'x')",
      );
      await assert.rejects(openStore(url), /newer host.*9999_future/);
      await admin.query("DELETE FROM host_migrations WHERE number = 9999");
      await admin.query("UPDATE host_migrations SET checksum = 'x' WHERE number = 1");
      await assert.rejects(openStore(url), /0001_senate\.sql was changed/);
    } finally {
      await admin.end();
    }
  });

  test("no server at the address: a clear error without the password", async () => {
    await assert.rejects(openStore("postgresql://me:secret@127.0.0.1:1/none"), (error) => {
      assert.equal(error.code, "store_unavailable");
      assert.ok(!error.message.includes("secret"), error.message);
      return true;
    });
  });
});
