// The log as evidence: checkpoints over time, proofs, a store that was tampered with, a log that moves. Verified by the code in
// verify.mjs, which knows the standards and not the core.
import assert from "node:assert/strict";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { audit } from "schema-senate";
import { createHost, importLog, newKey, openStore, readKey } from "schema-senate-host";
import { noPostgres, startPostgres } from "./postgres.mjs";
import {
  addField,
  linesOf,
  NOTE,
  ORIGIN,
  quietLogger,
  SIGNING,
  startHost,
  startSigned,
  temporaryFolder,
} from "./stage.mjs";
import {
  digestBytes,
  digestText,
  isConsistent,
  leafHash,
  openCheckpoint,
  rootByInclusion,
  rootOf,
} from "./verify.mjs";

const LOG_KEY = SIGNING.logKey.publicKey;
const logOf = async (senate) => (await senate.get("/api/senate/events")).text;

/** Some acts of every kind that a short life has. */
async function live(senate) {
  await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
  const { id, vote } = await senate.send("/api/senate/schema-proposal", {
    proposer_id: "ana",
    ...addField({ name: "checked", schema: { type: "boolean" } }),
    open_voting: true,
  });
  for (const voter of ["ana", "ben", "cho"]) await senate.vote(id, voter, "yes", vote.subject);
  return id;
}

describe("checkpoints", () => {
  let senate;
  const notes = [];
  before(async () => {
    senate = await startHost("memory:");
  });
  after(() => senate.close());

  const checkpoint = async () => {
    const answer = await senate.get("/api/senate/checkpoint");
    assert.equal(answer.headers.get("content-type"), "text/plain; charset=utf-8");
    return answer.text;
  };

  test("after every step: signed by the log key, for the log's size, with its root", async () => {
    const steps = [
      () => senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" }),
      () =>
        senate.send("/api/senate/schema-proposal", {
          proposer_id: "ana",
          ...addField({ name: "a", schema: { type: "string" } }),
        }),
      () => senate.send("/api/schemas/other", { versions: [{ schema: { type: "object" } }], by: "ben" }),
      () =>
        senate.send("/api/senate/schema-proposal", {
          proposer_id: "ben",
          ...addField({ name: "b", schema: { type: "string" } }),
          open_voting: true,
        }),
    ];
    for (const step of [() => undefined, ...steps]) {
      await step();
      const note = await checkpoint();
      assert.equal(await checkpoint(), note, "the same log has the same checkpoint");
      const opened = openCheckpoint(note, LOG_KEY);
      const leaves = linesOf(await logOf(senate)).map(leafHash);
      assert.deepEqual(opened, { origin: ORIGIN, size: leaves.length, root: rootOf(leaves) });
      notes.push(opened);
    }
    assert.ok(new Set(notes.map(({ size }) => size)).size === notes.length);
  });

  test("any two of them are of one log, by its proofs", async () => {
    for (const [index, to] of notes.entries()) {
      for (const from of notes.slice(0, index + 1)) {
        const found = await senate.read(`/api/senate/log/consistency?from=${from.size}&to=${to.size}`);
        const proof = found.proof.map(digestBytes);
        assert.ok(isConsistent(from.size, to.size, from.root, to.root, proof), `${from.size} → ${to.size}`);
        const bent = Buffer.from(from.root);
        bent[0] ^= 1;
        if (from.size > 0) assert.ok(!isConsistent(from.size, to.size, bent, to.root, proof));
      }
    }
  });

  test("every event is in each log that has it, by its proof", async () => {
    const events = linesOf(await logOf(senate));
    const present = notes.at(-1).size;
    for (const { size, root } of notes) {
      for (const event of events.slice(0, size)) {
        const found = await senate.read(`/api/senate/log/inclusion?seq=${event.seq}&size=${size}`);
        const leaf = leafHash(event);
        assert.equal(found.leaf, digestText(leaf));
        assert.deepEqual(rootByInclusion(event.seq - 1, size, leaf, found.proof.map(digestBytes)), root);
        const forged = leafHash({ ...event, at_ms: event.at_ms + 1 });
        assert.notDeepEqual(rootByInclusion(event.seq - 1, size, forged, found.proof.map(digestBytes)), root);
      }
    }
    assert.equal((await senate.read("/api/senate/log/inclusion?seq=1")).size, present);
    for (const query of [
      `inclusion?seq=${present + 1}`,
      "inclusion?seq=0",
      `inclusion?seq=1&size=${present + 1}`,
      "inclusion",
      "inclusion?seq=one",
      `consistency?from=${present + 1}`,
      "consistency?from=2&to=1",
      "consistency",
    ]) {
      const answer = await senate.get(`/api/senate/log/${query}`);
      assert.ok(answer.status >= 400 && answer.status < 500, `${query}: ${answer.status}`);
    }
  });

  test("each was stored with the append that it is about", async () => {
    const last = await senate.store.transaction((tx) => tx.lastCheckpoint());
    assert.equal(last.size, await senate.host.seq());
    assert.equal(last.note, await checkpoint());
  });

  test("what was signed under the log is the log: every act names a true beginning of it", async () => {
    const events = linesOf(await logOf(senate));
    const leaves = events.map(leafHash);
    const acts = events.filter((event) => event.act !== undefined);
    assert.ok(acts.length >= 5);
    for (const { seq, act } of acts) {
      assert.ok(act.seen.size < seq);
      assert.equal(act.seen.root, digestText(rootOf(leaves.slice(0, act.seen.size))));
    }
  });
});

test("before the founding there is no checkpoint", async () => {
  const senate = await startHost("memory:", { found: false });
  const answer = await senate.get("/api/senate/checkpoint");
  assert.equal(answer.status, 503);
  assert.equal(answer.body.code, "senate_not_founded");
  await senate.close();
});

/** A store whose contents look otherwise than they were written. */
function altered(store, { events = (all) => all, checkpoint = (row) => row } = {}) {
  const all = async (read) => events(await read(1, 10_000));
  const page = async (read, from, limit) =>
    (await all(read)).filter(({ seq }) => seq >= from).slice(0, limit);
  return new Proxy(store, {
    get(target, name) {
      if (name === "close") return async () => undefined;
      if (name === "head") return async () => (await all(target.read.bind(target))).length;
      if (name === "read") return (from, limit) => page(target.read.bind(target), from, limit);
      if (name === "transaction") {
        return (work) =>
          target.transaction((tx) =>
            work({
              ...tx,
              read: (from, limit) => page(tx.read, from, limit),
              lockHead: async () => (await all(tx.read)).length,
              lastCheckpoint: async () => checkpoint(await tx.lastCheckpoint()),
            }),
          );
      }
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

describe("a log that is not the one that was signed", () => {
  let store;
  let length;
  before(async () => {
    store = await openStore("memory:");
    const senate = await startHost(altered(store));
    await live(senate);
    length = await senate.host.seq();
    await senate.close();
  });

  const start = (changes, options = {}) =>
    createHost({
      ...SIGNING,
      store: altered(store, changes),
      logger: quietLogger(),
      settleEveryMs: 0,
      ...options,
    });
  const changed = (seq, change) => (all) =>
    all.map((event) => (event.seq === seq ? { ...event, body: change(event.body) } : event));

  test("as it was written it is served", async () => {
    const host = await start({});
    assert.equal(await host.seq(), length);
    await host.close();
  });

  const rewritings = {
    "a signature": { events: changed(2, (body) => body.replace(/"signature":"../, '"signature":"AA')) },
    "a word": { events: changed(3, (body) => body.replace("nobody has checked", "somebody has checked")) },
    "a time": {
      events: changed(2, (body) => body.replace(/"at_ms":(\d+)/, (_, ms) => `"at_ms":${Number(ms) - 1}`)),
    },
    "a reason in the founding": {
      events: changed(1, (body) => body.replace('"min_review_ms":0', '"min_review_ms":1')),
    },
    "the end, cut off": { events: (all) => all.slice(0, -1) },
    "all of it, gone": { events: () => [] },
    "the checkpoint, gone": { checkpoint: () => undefined },
    "the checkpoint of an earlier log": { checkpoint: ({ note, size }) => ({ note, size: size - 1 }) },
    "another root under the old signature": {
      checkpoint: ({ note, size }) => ({ size, note: note.replace(/^(.*\n\d+\n)./, "$1A") }),
    },
  };
  for (const [what, changes] of Object.entries(rewritings)) {
    test(`${what}: the host refuses to start`, async () => {
      await assert.rejects(start(changes), (error) => {
        assert.match(error.code, /^(?:log_rewritten|log_key_wrong)$/, `${error.code}: ${error.message}`);
        return true;
      });
    });
  }

  test("what could not have happened cannot even be read", async () => {
    for (const other of [
      changed(2, (body) => body.replace('"Note"', '"Nota"')),
      changed(2, (body) => body.replace('"by":"ana"', '"by":"ben"')),
      changed(2, (body) => body.replace(/"nonce":\d+/, '"nonce":7')),
    ]) {
      await assert.rejects(start({ events: other }), (error) => error.code === "store_damaged");
    }
    const without = (all) =>
      all.filter(({ seq }) => seq !== 3).map((event, index) => ({ ...event, seq: index + 1 }));
    await assert.rejects(start({ events: without }), (error) =>
      /^(?:store_damaged|log_rewritten)$/.test(error.code),
    );
  });

  test("a host with another log key", async () => {
    await assert.rejects(start({}, { logKey: newKey() }), (error) => error.code === "log_key_wrong");
  });
});

describe("in a folder", () => {
  test("the keys stand beside the data; without them the next start refuses, with others too", async () => {
    const folder = await temporaryFolder();
    const open = async () => {
      const store = await openStore(folder);
      try {
        return await createHost({ store, development: true, logger: quietLogger(), settleEveryMs: 0 });
      } catch (error) {
        await store.close();
        throw error;
      }
    };
    try {
      const senate = await startHost(folder, { logKey: undefined, development: true });
      const id = await live(senate);
      const named = (await senate.read("/api/senate")).log_key;
      await senate.close();
      assert.equal((await readKey(join(folder, "log.key"))).publicKey, named);
      const members = Object.keys(
        JSON.parse(await readFile(join(folder, "development-keys.json"), "utf8")).members,
      );
      assert.deepEqual(members, ["ana", "ben", "cho", "dee"]);

      const again = await startHost(folder, { logKey: undefined, development: true, found: false });
      assert.deepEqual((await again.read("/api/senate")).development_members, members);
      assert.equal((await again.read(`/api/senate/schema-proposal/${id}`)).status, "active");
      await again.send("/api/schemas/other", { versions: [{ schema: {} }], by: "dee" });
      await again.close();

      const pem = await readFile(join(folder, "log.key"), "utf8");
      await chmod(join(folder, "log.key"), 0o644);
      await assert.rejects(open(), (error) => error.code === "key_file_exposed");
      await rm(join(folder, "log.key"));
      await assert.rejects(open(), (error) => error.code === "log_key_wrong");
      await rm(join(folder, "log.key"));
      await writeFile(join(folder, "log.key"), pem, { mode: 0o600 });
      await (await open()).close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("in a PostgreSQL server's database", { skip: noPostgres }, () => {
  let server;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  test("a row that was changed by hand is found at the next start", async () => {
    const url = await server.database();
    const senate = await startHost(url);
    await live(senate);
    await senate.close();
    const { default: pg } = await import("pg");
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    const start = async () =>
      createHost({ ...SIGNING, store: await openStore(url), logger: quietLogger(), settleEveryMs: 0 });
    try {
      const good = await start();
      await good.close();
      const forge = (from, to) =>
        admin.query("UPDATE senate_events SET body = replace(body, $1, $2) WHERE seq = 3", [from, to]);
      await forge("nobody has checked", "somebody has checked");
      await assert.rejects(start(), (error) => error.code === "log_rewritten");
      await forge("somebody has checked", "nobody has checked");
      await (await start()).close();
      await admin.query("DELETE FROM senate_events WHERE seq = (SELECT max(seq) FROM senate_events)");
      await admin.query("UPDATE senate_head SET seq = seq - 1");
      await assert.rejects(start(), (error) => error.code === "log_rewritten");
    } finally {
      await admin.end();
    }
  });
});

describe("a log that moves", () => {
  let log;
  let note;
  before(async () => {
    const senate = await startSigned("memory:");
    await senate.done("ana", "import_type", { artifact_type: "note", versions: [{ schema: NOTE }] });
    const { id } = await senate.done(
      "ana",
      "propose",
      addField({ name: "checked", schema: { type: "boolean" } }),
    );
    await senate.carry(id, "ana");
    log = await logOf(senate);
    note = (await senate.get("/api/senate/checkpoint")).text;
    await senate.close();
  });

  test("into an empty store, and goes on there", async () => {
    const store = await openStore("memory:");
    assert.deepEqual(await importLog(store, log, SIGNING.logKey), { ok: true, events: linesOf(log).length });
    const senate = await startHost(store, { found: false });
    try {
      assert.equal(await logOf(senate), log);
      assert.equal((await senate.get("/api/senate/checkpoint")).text, note);
      const { proposals } = await senate.read("/api/senate/schema-proposals");
      assert.deepEqual(
        proposals.map(({ status }) => status),
        ["active"],
      );
      const tables = await senate.store.tables();
      assert.deepEqual(
        tables.registry.map((row) => [row.artifact_type, row.schema_version, row.is_current]),
        [
          ["note", 1, false],
          ["note", 2, true],
        ],
      );
      assert.equal(tables.votes.length, 3);
      assert.equal(tables.migrations[0].state, "applied");
      assert.equal((await senate.read("/api/schemas/note")).current.version, 2);
    } finally {
      await senate.close();
    }
  });

  test("but not over another, not under another key, and not when anything in it was changed", async () => {
    const store = await openStore("memory:");
    const codeOf = async (text, key = SIGNING.logKey) =>
      (await importLog(store, text, key)).problems?.[0]?.code;
    assert.equal(await codeOf(log, newKey()), "log_key_wrong");
    assert.equal(await codeOf(""), "log_empty");
    const lines = log.trimEnd().split("\n");
    const variants = [
      lines.filter((_, index) => index !== 2).join("\n"),
      [...lines, lines.at(-1)].join("\n"),
      log.replace('"choice":"yes"', '"choice":"no"'),
      log.replace(/"signature":"(.)/, (_, first) => `"signature":"${first === "A" ? "B" : "A"}`),
      log.replace('"outcome":"approved"', '"outcome":"rejected"'),
      log.replace('"Note"', '"Nota"'),
    ];
    for (const [index, text] of variants.entries()) {
      assert.notEqual(text, log);
      assert.ok(await codeOf(text), `variant ${index} was taken`);
      assert.equal(await store.head(), 0);
    }
    assert.equal(await codeOf(log), undefined);
    assert.equal(await codeOf(log), "store_not_empty");
    assert.ok(audit(log).ok);
  });
});
