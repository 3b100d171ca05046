// kill -9 at random moments of a long migration, again and again: whoever comes next goes on where it was.
//
// SENATE_MIGRATION_ARTIFACTS=100000 runs it on that many; without, on a number that takes some seconds.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { insertNotes, withDatabase } from "./many.mjs";
import { addField, client, linesOf, NOTE, storeKinds, temporaryFolder } from "./stage.mjs";

const PROCESS = fileURLToPath(new URL("host-process.mjs", import.meta.url));
const COUNT = Number(process.env.SENATE_MIGRATION_ARTIFACTS ?? 4_000);
const KILLS = 4;
const MEMBERS = ["ana", "ben", "cho"];

const children = new Set();
after(() => children.forEach((child) => child.kill("SIGKILL")));

async function spawnHost(location, logKey) {
  const members = JSON.stringify(MEMBERS.map((id) => ({ id })));
  const child = spawn(process.execPath, [PROCESS, location, members, logKey], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, MIGRATION_WAIT_MS: "0" },
  });
  children.add(child);
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += chunk));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const line = new Promise((resolve) => createInterface(child.stdout).once("line", resolve));
  const url = await Promise.race([
    line,
    ended.then((code) => Promise.reject(new Error(`the host ended with ${code}: ${errors}`))),
  ]);
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
    children.delete(child);
  };
  return { ...client(url), kill };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

for (const { kind, skip, open, close } of storeKinds().filter((one) => one.kind !== "memory")) {
  describe(`a migration of ${COUNT} artifacts on ${kind}, killed ${KILLS} times`, { skip }, () => {
    const folders = [];
    after(async () => {
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
      await close();
    });

    test("goes on from its cursor, and nothing is lost or done twice", async (t) => {
      const location = await open();
      const keys = await temporaryFolder();
      folders.push(keys);
      const logKey = kind === "postgresql" ? join(keys, "log.key") : "";
      const started = performance.now();
      let host = await spawnHost(location, logKey);
      await host.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
      const { id, vote } = await host.send("/api/senate/schema-proposal", {
        proposer_id: "ana",
        ...addField(
          { name: "checked", schema: { enum: ["yes", "no"] }, default: "no" },
          { migration_plan: { sql: "UPDATE …", backfill: "Notes that stand get no." } },
        ),
        open_voting: true,
      });
      await host.vote(id, "ana", "yes", vote.subject);
      await host.kill();
      await insertNotes(location, COUNT);

      host = await spawnHost(location, logKey);
      await host.vote(id, "ben", "yes", vote.subject);
      const at = `/api/senate/schema-proposal/${id}`;
      const seen = [];
      for (let kill = 1; kill <= KILLS; kill += 1) {
        // A swap in PGlite keeps its process for seconds, long enough for an idle connection to be closed: ask again.
        const ask = () => host.get(`${at}/migration`);
        const progress = async () => (await ask().catch(ask)).body;
        let now = await progress();
        const isFurther = () => now.phase === "staging" && now.looked_at > (seen.at(-1) ?? 0);
        // The last one falls into the swap, or just before or behind it.
        while (kill === KILLS ? !/^(?:swapping|done)$/.test(now.phase) : !isFurther()) {
          assert.ok(kill === KILLS || now.phase !== "done", "too fast to be killed");
          await pause(5);
          now = await progress();
        }
        await pause(Math.random() * 60);
        await host.kill();

        if (kill > 1 && kill < KILLS) {
          seen.push(now.looked_at);
          host = await spawnHost(location, logKey);
          continue;
        }
        const [found] = await withDatabase(location, (query) =>
          query(`SELECT (SELECT looked_at FROM migration_runs)::int AS looked_at,
            (SELECT count(*) FROM senate_events WHERE event = 'migration_applied')::int AS applied,
            (count(*) FILTER (WHERE metadata ? 'checked' OR schema_version <> 1))::int AS touched FROM artifacts`),
        );
        if (found.applied === 1) {
          assert.equal(kill, KILLS, "only the last kill may come too late");
          assert.deepEqual([found.looked_at, found.touched], [null, COUNT]);
        } else {
          assert.ok(
            found.looked_at >= (seen.at(-1) ?? 0) && found.looked_at <= COUNT,
            "the cursor went back",
          );
          seen.push(found.looked_at);
          // Until the swap nobody sees anything of it.
          assert.equal(found.touched, 0);
        }
        host = await spawnHost(location, logKey);
      }
      const standing = () => host.read(at).catch(() => host.read(at));
      let view = await standing();
      for (; /^(?:approved|migrating)$/.test(view.status); view = await standing()) await pause(20);
      assert.equal(view.status, "active", JSON.stringify(view.migration?.reason));
      const log = linesOf((await host.get("/api/senate/events")).text);
      for (const name of ["migration_generated", "migration_started", "migration_applied"]) {
        assert.equal(log.filter(({ event }) => event === name).length, 1, name);
      }
      const { checked, changed } = log.find(({ event }) => event === "migration_applied");
      assert.deepEqual([checked, changed], [COUNT, COUNT]);
      await host.kill();

      const [found] = await withDatabase(location, (query) =>
        query(`SELECT count(*)::int AS artifacts,
          (count(*) FILTER (WHERE metadata ->> 'checked' = 'no' AND schema_version = 2))::int AS migrated,
          (count(*) FILTER (WHERE (metadata - 'checked' - 'stars') = jsonb_build_object('text',
             'note ' || substr(id, 2)::int || repeat(' and more', 12))))::int AS whole,
          count(DISTINCT content_hash)::int AS hashes,
          (SELECT count(*) FROM artifact_migration_undo)::int AS records,
          (SELECT count(*) FROM migration_staged)::int AS staged,
          (SELECT count(*) FROM migration_runs)::int AS runs FROM artifacts`),
      );
      assert.deepEqual(found, {
        artifacts: COUNT,
        migrated: COUNT,
        whole: COUNT,
        hashes: COUNT,
        records: COUNT,
        staged: 0,
        runs: 0,
      });
      t.diagnostic(
        `${COUNT} artifacts, killed when ${seen.join(", ")} were staged; ${Math.round(performance.now() - started)} ms in all`,
      );
    });
  });
}
