// kill -9: what was acknowledged is there afterwards, and what was under way is either whole or not at all.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { rm, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Senate } from "schema-senate";
import { FolderLockedError, openStore } from "schema-senate-host";
import { addField, client, linesOf, NOTE, storeKinds, temporaryFolder } from "./stage.mjs";

const PROCESS = fileURLToPath(new URL("host-process.mjs", import.meta.url));
const VOTERS = Array.from({ length: 60 }, (_, index) => `voter-${index + 1}`);

const children = new Set();
// Also when a test fails in the middle, nothing is left behind.
after(() => children.forEach((child) => child.kill("SIGKILL")));

const keyFolders = new Map();
after(() =>
  Promise.all([...keyFolders.values()].map((folder) => rm(folder, { recursive: true, force: true }))),
);

/** The log key's file of a database; the members' keys stand beside it. */
async function keyFileOf(location) {
  if (!keyFolders.has(location)) keyFolders.set(location, await temporaryFolder());
  return join(keyFolders.get(location), "log.key");
}

/** Starts a host in a process of its own. */
async function spawnHost(location, voters = VOTERS, { hold = false } = {}) {
  const members = JSON.stringify(voters.map((id) => ({ id })));
  // The keys outlive the process; a server's database has no place for them.
  const logKey = location.startsWith("postgres") ? await keyFileOf(location) : "";
  const more = hold ? ["hold"] : [];
  const child = spawn(process.execPath, [...process.execArgv, PROCESS, location, members, logKey, ...more], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += chunk));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const lines = createInterface(child.stdout);
  const said = (word) =>
    new Promise((resolve) =>
      lines.on("line", (line) => (word === undefined || line === word) && resolve(line)),
    );
  const url = await Promise.race([
    said(),
    ended.then((code) => Promise.reject(new Error(`the host ended with ${code}: ${errors}`))),
  ]);
  return {
    ...client(url),
    pid: child.pid,
    ended,
    errors: () => errors,
    /** When it has said that word on a line. */
    said,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

for (const { kind, skip, open, close } of storeKinds().filter((one) => one.kind !== "memory")) {
  describe(`kill -9 on ${kind}`, { skip }, () => {
    let location;
    before(async () => {
      location = await open();
    });
    after(close);

    test("during a vote: every acknowledged ballot is there, the log is whole, and the next process goes on", async () => {
      const first = await spawnHost(location);
      await first.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "voter-1" });
      for (let index = 0; index < 5; index += 1) {
        await first.send("/api/artifacts", {
          id: `n${index}`,
          artifact_type: "note",
          metadata: { text: "t" },
        });
      }
      const created = await first.send("/api/senate/schema-proposal", {
        proposer_id: "voter-1",
        ...addField(
          { name: "checked", schema: { type: "boolean" }, default: false },
          {
            migration_plan: { sql: "UPDATE …", backfill: "Notes that stand get false." },
          },
        ),
        open_voting: true,
      });
      const { subject } = created.vote;
      const acknowledged = [];
      let killed;
      const ballots = VOTERS.slice(0, 35).map(async (voter) => {
        // The kill cuts the others off.
        const answer = await first.vote(created.id, voter, "yes", subject).catch(() => undefined);
        if (answer?.status === 200 && acknowledged.push(voter) === 10) killed = first.kill();
      });
      await Promise.all(ballots);
      await killed;

      const second = await spawnHost(location);
      try {
        const view = await second.read(`/api/senate/schema-proposal/${created.id}`);
        const stored = view.vote.ballots.map((ballot) => ballot.voter_id);
        for (const voter of acknowledged) assert.ok(stored.includes(voter), `${voter} was acknowledged`);
        const log = linesOf((await second.get("/api/senate/events")).text);
        assert.deepEqual(
          log.map((event) => event.seq),
          log.map((_, index) => index + 1),
        );
        for (const voter of VOTERS.filter((one) => !stored.includes(one)).slice(0, 40 - stored.length)) {
          assert.equal((await second.vote(created.id, voter, "yes", subject)).status, 200);
        }
        const decided = await second.read(`/api/senate/schema-proposal/${created.id}`);
        assert.equal(decided.status, "active");
        assert.deepEqual((await second.read("/api/artifacts/n3")).metadata, { text: "t", checked: false });
      } finally {
        await second.kill();
      }
    });

    test("at any moment of an approval and its migration: finished once by whoever comes next", async () => {
      const place = await open();
      const voters = VOTERS.slice(0, 3);
      const first = await spawnHost(place, voters);
      await first.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "voter-1" });
      for (let index = 0; index < 20; index += 1) {
        await first.send("/api/artifacts", {
          id: `n${index}`,
          artifact_type: "note",
          metadata: { text: "t" },
        });
      }
      let host = first;
      // The whole of an approval takes some tens of milliseconds; the kills fall all over it.
      for (const [round, delay] of [0, 4, 8, 16, 32].entries()) {
        const name = `field_${round}`;
        const created = await host.send("/api/senate/schema-proposal", {
          proposer_id: "voter-2",
          ...addField(
            { name, schema: { type: "integer" }, default: delay },
            {
              migration_plan: { sql: "UPDATE …", backfill: "Notes that stand get a number." },
            },
          ),
          open_voting: true,
        });
        const { subject } = created.vote;
        await host.vote(created.id, "voter-1", "yes", subject);
        const deciding = host.vote(created.id, "voter-2", "yes", subject).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, delay));
        await host.kill();
        const answer = await deciding;

        host = await spawnHost(place, voters);
        let view = await host.read(`/api/senate/schema-proposal/${created.id}`);
        if (answer?.status === 200) assert.notEqual(view.status, "voting");
        if (view.status === "voting") view = (await host.vote(created.id, "voter-2", "yes", subject)).body;
        // A server may commit what the dead process had sent, after the next one has looked: then its clock sets it off.
        for (let tries = 0; /^(?:approved|migrating)$/.test(view.status) && tries < 500; tries += 1) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          view = await host.read(`/api/senate/schema-proposal/${created.id}`);
        }
        assert.equal(view.status, "active", `${delay} ms: ${JSON.stringify(view.migration?.reason)}`);
        assert.equal((await host.read("/api/schemas/note")).current.version, round + 2);
        const text = (await host.get("/api/senate/events")).text;
        const of = linesOf(text).filter((event) => event.proposal_id === created.id);
        for (const name of [
          "schema_proposal_approved",
          "migration_generated",
          "migration_started",
          "migration_applied",
        ]) {
          assert.equal(of.filter((one) => one.event === name).length, 1, `${delay} ms: ${name}`);
        }
        const { artifacts } = await host.read("/api/artifacts?limit=200");
        assert.equal(artifacts.length, 20);
        for (const artifact of artifacts) {
          assert.equal(artifact.metadata[name], delay);
          assert.equal(artifact.schema_version, round + 2);
        }
        const replayed = Senate.replay(text);
        assert.ok(replayed.ok);
        replayed.senate.free();
      }
      await host.kill();
    });

    test("between the beginning of a migration and its end: others see that it has begun, and the next host ends it", async () => {
      const place = await open();
      const voters = VOTERS.slice(0, 3);
      const first = await spawnHost(place, voters, { hold: true });
      await first.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "voter-1" });
      await first.send("/api/artifacts", { id: "n1", artifact_type: "note", metadata: { text: "t" } });
      const { id, vote } = await first.send("/api/senate/schema-proposal", {
        proposer_id: "voter-1",
        ...addField(
          { name: "checked", schema: { type: "boolean" }, default: false },
          { migration_plan: { sql: "UPDATE …", backfill: "Notes that stand get false." } },
        ),
        open_voting: true,
      });
      await first.vote(id, "voter-1", "yes", vote.subject);
      const held = first.said("held");
      const deciding = first.vote(id, "voter-2", "yes", vote.subject).catch(() => undefined);
      await held;
      await first.kill();
      await deciding;

      const store = await openStore(place);
      const stored = (await store.read(1, 1_000)).map(({ event }) => event);
      assert.equal(stored.at(-1), "migration_started");
      assert.equal((await store.tables()).proposals[0].status, "migrating");
      await store.close();

      const second = await spawnHost(place, voters);
      try {
        const view = await second.read(`/api/senate/schema-proposal/${id}`);
        assert.equal(view.status, "active", JSON.stringify(view.migration?.reason));
        assert.deepEqual((await second.read("/api/artifacts/n1")).metadata, { text: "t", checked: false });
        const events = linesOf((await second.get("/api/senate/events")).text).map(({ event }) => event);
        for (const name of ["migration_started", "migration_applied"]) {
          assert.equal(events.filter((event) => event === name).length, 1, name);
        }
      } finally {
        await second.kill();
      }
    });
  });
}

describe("one process per data folder", () => {
  let folder;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test("a second process is refused, with the holder's id and the folder; a killed holder's lock is taken over", async () => {
    const first = await spawnHost(folder);
    await assert.rejects(spawnHost(folder), (error) => {
      assert.match(error.message, /FolderLockedError/);
      assert.ok(error.message.includes(String(first.pid)) && error.message.includes(folder), error.message);
      return true;
    });
    await assert.rejects(
      openStore(folder),
      (error) => error instanceof FolderLockedError && error.pid === first.pid,
    );
    // The refused ones have done no harm.
    await first.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "voter-1" });
    await first.kill();

    const store = await openStore(folder);
    assert.equal(await store.head(), 2);
    await assert.rejects(openStore(folder), (error) => error.pid === process.pid);
    await store.close();
  });

  test("many that find a dead holder's lock at once: exactly one gets it", async () => {
    const lock = join(folder, "senate.lock");
    const dead = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => dead.once("exit", resolve));
    const holder = await openStore(folder);
    const text = await readFile(lock, "utf8");
    await holder.close();
    const of = JSON.parse(text);
    await writeFile(lock, JSON.stringify({ ...of, pid: dead.pid, token: "of-the-dead" }));
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => openStore(folder)));
    const open = results.filter((result) => result.status === "fulfilled");
    assert.equal(open.length, 1, results.map((result) => String(result.reason)).join("\n"));
    await open[0].value.close();
  });

  test("a process that took over the dead holder's id is not taken for it", async () => {
    const lock = join(folder, "senate.lock");
    const holder = await openStore(folder);
    const of = JSON.parse(await readFile(lock, "utf8"));
    await holder.close();
    // Our own id, but started at another time: the number was used again.
    await writeFile(lock, JSON.stringify({ ...of, started: "1" }));
    const store = await openStore(folder);
    await store.close();
  });

  test("a lock of another machine holds while its heartbeat is fresh, and not for ever", async () => {
    const lock = join(folder, "senate.lock");
    const other = {
      pid: 4242,
      token: "elsewhere",
      machine: "other-machine",
      boot: "another boot",
      started: "1",
    };
    await writeFile(lock, JSON.stringify(other));
    await assert.rejects(
      openStore(folder),
      (error) => error.pid === 4242 && /on other-machine/.test(error.message),
    );
    const { utimes } = await import("node:fs/promises");
    const old = new Date(Date.now() - 60_000);
    await utimes(lock, old, old);
    const store = await openStore(folder);
    await store.close();
  });

  test("a lock file that was cut off while it was written does not lock for ever", async () => {
    const lock = join(folder, "senate.lock");
    await writeFile(lock, '{"pid": 12');
    const started = performance.now();
    const store = await openStore(folder);
    await store.close();
    assert.ok(performance.now() - started < 30_000);
  });
});
