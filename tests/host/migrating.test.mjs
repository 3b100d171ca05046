// A migration under way: who looks meanwhile, what comes meanwhile, and who may take turns at it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openStore } from "schema-senate-host";
import { insertNotes, withDatabase } from "./many.mjs";
import { noPostgres, startPostgres } from "./postgres.mjs";
import { addField, client, linesOf, NOTE, startHost, storeKinds, temporaryFolder } from "./stage.mjs";
import { tapped } from "./tapped.mjs";

const at = "/api/senate/schema-proposal";
const CHECKED = [
  { name: "checked", schema: { enum: ["yes", "no"] }, default: "no" },
  { migration_plan: { sql: "UPDATE …", backfill: "Notes that stand get no." } },
];

/** Enough for three batches. */
async function fill(store, count) {
  for (let from = 0; from < count; from += 100) {
    await store.transaction(async (tx) => {
      for (let index = from; index < Math.min(from + 100, count); index += 1) {
        const id = `n${String(index).padStart(5, "0")}`;
        await tx.insertArtifact(
          {
            id,
            artifact_type: "note",
            title: null,
            metadata: JSON.stringify({ text: id }),
            schema_version: 1,
            content_hash: `sha256:${"0".repeat(64)}`,
            created_by: null,
            created_ms: 1_700_000_000_000,
            updated_ms: 1_700_000_000_000,
            warnings: null,
          },
          1,
        );
      }
    });
  }
}

/** Reads an event stream to its end. */
async function streamed(url) {
  const response = await fetch(url);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const text = await response.text();
  return text
    .split("\n\n")
    .filter((part) => part.startsWith("event: "))
    .map((part) => {
      const [event, data] = part.split("\n");
      return { event: event.slice(7), data: JSON.parse(data.slice(6)) };
    });
}

/** A senate with so many notes and a vote that one more ballot decides; `between` works while nothing is held. */
async function ready(location, count, between, altered) {
  const store = await openStore(location);
  const staged = [];
  let working = false;
  const watched = tapped(store, {
    altered,
    before: (step, [run]) => {
      if (step === "save" && run.looked_at > 0) staged.push(run);
    },
    committed: async () => {
      if (working || staged.length === 0 || between === undefined) return;
      working = true;
      await between(staged.at(-1));
      working = staged.at(-1)?.state === "swapping";
    },
  });
  const senate = await startHost(watched, { migrationWaitMs: 60_000, migrationBatch: 50 });
  await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
  await fill(store, count);
  const { id, vote } = await senate.send(at, {
    proposer_id: "ana",
    ...addField(...CHECKED),
    open_voting: true,
  });
  await senate.vote(id, "ana", "yes", vote.subject);
  await senate.vote(id, "ben", "yes", vote.subject);
  const decide = () => senate.vote(id, "cho", "yes", vote.subject);
  const close = async () => {
    await senate.close();
    await store.close();
  };
  return { senate, store, id, decide, staged, close };
}

for (const { kind, skip, open, close: closeAll } of storeKinds()) {
  describe(`a migration under way on ${kind}`, { skip }, () => {
    after(closeAll);

    test("until it ends everybody sees the artifacts as they were, and what comes meanwhile is migrated too", async () => {
      let arena;
      const looks = [];
      arena = await ready(await open(), 120, async (run) => {
        const { senate, id } = arena;
        // Behind the cursor, and in front of it.
        for (const name of [`a${looks.length}`, `z${looks.length}`]) {
          await senate.send("/api/artifacts", {
            id: name,
            artifact_type: "note",
            metadata: { text: "came meanwhile" },
          });
        }
        looks.push({
          run,
          progress: await senate.read(`${at}/${id}/migration`),
          first: await senate.read("/api/artifacts/n00000"),
          view: await senate.read(`${at}/${id}`),
        });
      });
      const { senate, id, decide, staged, close } = arena;
      try {
        const heard = streamed(`${senate.url}${at}/${id}/migration/events`);
        const decided = await decide();
        assert.equal(decided.body.status, "active", decided.body.migration?.reason);
        assert.ok(looks.length >= 2, `${looks.length} looks`);
        for (const { progress, first, view } of looks) {
          assert.equal(progress.phase, "staging");
          assert.ok(progress.looked_at >= 50 && progress.percent > 0 && progress.percent < 100);
          assert.deepEqual([first.metadata, first.schema_version], [{ text: "n00000" }, 1]);
          assert.equal(view.status, "migrating");
        }
        // Each batch once, in order.
        const cursors = staged.map((run) => run.looked_at);
        assert.deepEqual(
          cursors,
          [...new Set(cursors)].sort((a, b) => a - b),
        );
        const done = await senate.read(`${at}/${id}/migration`);
        const total = 120 + 2 * looks.length;
        assert.deepEqual(
          [done.phase, done.percent, done.looked_at, done.changed],
          ["done", 100, total, total],
        );
        const events = await heard;
        assert.ok(events.length >= 2);
        assert.deepEqual(
          events.slice(-2).map(({ event, data }) => [event, data.phase]),
          [
            ["progress", "done"],
            ["done", "done"],
          ],
        );
        for (const name of ["a0", "z0", "n00000", "n00119"]) {
          const { metadata, schema_version } = await senate.read(`/api/artifacts/${name}`);
          assert.deepEqual([metadata.checked, schema_version], ["no", 2], name);
        }
        const audit = await senate.read("/api/schemas/note/compliance");
        assert.deepEqual([audit.checked, audit.invalid], [total, 0]);
        assert.equal(await senate.store.migrationRun(id), undefined);
      } finally {
        await close();
      }
    });

    test("an artifact that cannot be migrated, even one that came late, leaves everything as it was", async () => {
      let arena;
      let sent = false;
      arena = await ready(await open(), 60, async () => {
        if (sent) return;
        sent = true;
        await arena.senate.send("/api/artifacts?mode=warn", {
          id: "aa",
          artifact_type: "note",
          metadata: { text: "" },
        });
      });
      const { senate, id, decide, close } = arena;
      try {
        const failed = (await decide()).body;
        assert.equal(failed.status, "migration_failed");
        assert.match(failed.migration.reason, /^1 of 61 artifacts/);
        assert.deepEqual(
          failed.migration.failures.map((one) => one.artifact_id),
          ["aa"],
        );
        const { metadata, schema_version } = await senate.read("/api/artifacts/n00000");
        assert.deepEqual([metadata, schema_version], [{ text: "n00000" }, 1]);
        assert.equal((await senate.read("/api/schemas/note")).current.version, 1);
        assert.equal(await senate.store.migrationRun(id), undefined);
        const progress = await senate.read(`${at}/${id}/migration`);
        assert.deepEqual([progress.phase, progress.reason], ["failed", failed.migration.reason]);
        const [last] = (await streamed(`${senate.url}${at}/${id}/migration/events`)).slice(-1);
        assert.equal(last.event, "failed");
      } finally {
        await close();
      }
    });

    if (kind !== "memory")
      test("statements that make something else of artifacts, or fail on one: found out, and named", async () => {
        const wrong = (statements) => [
          ...statements,
          `UPDATE artifacts SET metadata = metadata || '{"checked": "yes"}' WHERE id IN ('n00003', 'n00061')`,
        ];
        const failing = (statements) => [
          ...statements,
          "UPDATE artifacts SET metadata = metadata WHERE 1 / (CASE id WHEN 'n00007' THEN 0 ELSE 1 END) = 2",
        ];
        for (const [altered, ids, words] of [
          [wrong, ["n00003", "n00061"], /something else/],
          [failing, ["n00007"], /division by zero/],
        ]) {
          const { senate, decide, close } = await ready(await open(), 65, undefined, altered);
          try {
            const failed = (await decide()).body;
            assert.equal(failed.status, "migration_failed");
            assert.match(failed.migration.reason, new RegExp(`^${ids.length} of 65 `));
            assert.deepEqual(
              failed.migration.failures.map(({ artifact_id }) => artifact_id),
              ids,
            );
            for (const { message } of failed.migration.failures) assert.match(message, words);
            assert.deepEqual((await senate.read("/api/artifacts/n00003")).metadata, { text: "n00003" });
          } finally {
            await close();
          }
        }
      });

    test("what was staged of another plan counts for nothing", async () => {
      const { senate, store, id, decide, close } = await ready(await open(), 3);
      try {
        await store.transaction((tx) =>
          tx.migrations.save({
            proposal_id: id,
            plan_digest: `sha256:${"9".repeat(64)}`,
            state: "swapping",
            after_id: "n00002",
            looked_at: 3,
            changed: 0,
            total: 3,
            started_ms: 1,
            updated_ms: 1,
            host: "somebody",
          }),
        );
        assert.equal((await decide()).body.status, "active");
        assert.equal((await senate.read("/api/artifacts/n00002")).metadata.checked, "no");
      } finally {
        await close();
      }
    });
  });
}

describe("several hosts on one PostgreSQL", { skip: noPostgres }, () => {
  let server;
  const children = new Set();
  const folders = [];
  before(async () => {
    server = await startPostgres();
  });
  after(async () => {
    children.forEach((child) => child.kill("SIGKILL"));
    await server.stop();
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  });

  test("another host shows how far it is, and an artifact that is edited by hand meanwhile keeps its edit", async () => {
    const url = await server.database();
    let arena;
    let other;
    const looks = [];
    arena = await ready(url, 110, async () => {
      looks.push(await other.read(`${at}/${arena.id}/migration`));
      await withDatabase(url, (query) =>
        query(`UPDATE artifacts SET metadata = '{"text": "by hand"}' WHERE id IN ('n00000', 'n00109')`),
      );
    });
    const { senate, decide, close } = arena;
    other = await startHost(url, { found: false });
    try {
      assert.equal((await decide()).body.status, "active");
      assert.ok(looks.some((progress) => progress.phase === "staging" && progress.looked_at >= 50));
      for (const id of ["n00000", "n00109"]) {
        assert.deepEqual((await senate.read(`/api/artifacts/${id}`)).metadata, {
          text: "by hand",
          checked: "no",
        });
      }
      assert.equal((await other.read(`${at}/${arena.id}/migration`)).phase, "done");
    } finally {
      await other.close();
      await close();
    }
  });

  test("four hosts that approve and apply at once: one application", async () => {
    const url = await server.database();
    const keys = await temporaryFolder();
    folders.push(keys);
    const voters = Array.from({ length: 12 }, (_, index) => `voter-${index + 1}`);
    const program = fileURLToPath(new URL("host-process.mjs", import.meta.url));
    const members = JSON.stringify(voters.map((id) => ({ id })));
    const start = async () => {
      const child = spawn(process.execPath, [program, url, members, join(keys, "log.key")], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      children.add(child);
      const [line] = await Promise.race([
        new Promise((resolve) => createInterface(child.stdout).once("line", (text) => resolve([text]))),
        new Promise((_, reject) => child.once("exit", (code) => reject(new Error(`ended with ${code}`)))),
      ]);
      return client(line);
    };
    // The first makes the keys.
    const first = await start();
    const hosts = [first, ...(await Promise.all([start(), start(), start()]))];
    await first.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "voter-1" });
    await insertNotes(url, 3_000);
    const { id, vote } = await first.send(at, {
      proposer_id: "voter-1",
      ...addField(...CHECKED),
      open_voting: true,
    });
    const answers = await Promise.all(
      voters.map((voter, index) => hosts[index % 4].vote(id, voter, "yes", vote.subject)),
    );
    assert.ok(answers.filter(({ status }) => status === 200).length >= 8);
    const applied = await Promise.all(hosts.map((host) => host.post(`${at}/${id}/migrate`, {})));
    for (const { status, body } of applied) {
      assert.ok(status === 200 ? body.status === "active" : body.code === "nothing_to_migrate", `${status}`);
    }
    for (const host of hosts) assert.equal((await host.read(`${at}/${id}`)).status, "active");
    const log = linesOf((await hosts[3].get("/api/senate/events")).text);
    for (const name of ["migration_generated", "migration_started", "migration_applied"]) {
      assert.equal(log.filter(({ event }) => event === name).length, 1, name);
    }
    const [found] = await withDatabase(url, (query) =>
      query(`SELECT (count(*) FILTER (WHERE metadata ->> 'checked' = 'no' AND schema_version = 2))::int AS migrated,
        (SELECT count(*) FROM artifact_migration_undo)::int AS records,
        (SELECT count(*) FROM migration_runs)::int AS runs FROM artifacts`),
    );
    assert.deepEqual(found, { migrated: 3_000, records: 3_000, runs: 0 });
  });
});
