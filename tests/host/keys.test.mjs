// Keys and the files that they stand in, checkpoints, and what a host of another key does.
import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";
import { chmod, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  DevelopmentKeys,
  KeyFileError,
  keyFromPem,
  newKey,
  openLogKey,
  readKey,
  readOrMakeKey,
  signedNote,
} from "schema-senate-host";
import { temporaryFolder } from "./stage.mjs";
import { openCheckpoint, verifies } from "./verify.mjs";

const refusedWith = (code) => (error) => error instanceof KeyFileError && error.code === code;
const modeOf = async (file) => (await stat(file)).mode & 0o777;

describe("keys", () => {
  let folder;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test("a key's text is its 32 bytes in base64, its identifier their digest", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const key = keyFromPem(privateKey.export({ format: "pem", type: "pkcs8" }));
    const raw = createPublicKey(privateKey).export({ format: "jwk" }).x;
    const bytes = Buffer.from(raw, "base64url");
    assert.equal(key.publicKey, `ed25519:${bytes.toString("base64")}`);
    assert.equal(key.keyId, `sha256:${createHash("sha256").update(bytes).digest("hex")}`);
    const signature = key.sign(Buffer.from("text"));
    assert.equal(signature.length, 64);
    assert.ok(verifies(key.publicKey, Buffer.from("text"), signature));
    assert.ok(!verifies(key.publicKey, Buffer.from("other"), signature));
  });

  test("a file is made for its owner only, whatever the process may give away, and is the same key from then on", async () => {
    const file = join(folder, "made.key");
    const mask = process.umask(0);
    let made;
    try {
      made = await readOrMakeKey(file);
    } finally {
      process.umask(mask);
    }
    assert.equal(await modeOf(file), 0o600);
    assert.match(await readFile(file, "utf8"), /^-----BEGIN PRIVATE KEY-----\n/);
    assert.equal((await readOrMakeKey(file)).publicKey, made.publicKey);
    assert.equal((await readKey(file)).keyId, made.keyId);
  });

  test("many that make one file at once get one key, and leave nothing beside it", async () => {
    const file = join(folder, "race.key");
    const keys = await Promise.all(Array.from({ length: 24 }, () => readOrMakeKey(file)));
    assert.equal(new Set(keys.map((key) => key.publicKey)).size, 1);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith("race")),
      ["race.key"],
    );
  });

  for (const mode of [0o640, 0o604, 0o660, 0o610, 0o601]) {
    test(`a file with the rights ${mode.toString(8)} is refused, with what to do`, async () => {
      const file = join(folder, `exposed-${mode}.key`);
      await readOrMakeKey(file);
      await chmod(file, mode);
      await assert.rejects(
        readOrMakeKey(file),
        (error) => refusedWith("key_file_exposed")(error) && /chmod 600/.test(error.remedy),
      );
      await chmod(file, 0o600);
      await readKey(file);
    });
  }

  test("what is no Ed25519 key is refused, without a word of what the file holds", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const x25519 = generateKeyPairSync("x25519").privateKey;
    const pair = generateKeyPairSync("ed25519");
    const cases = [
      ["key_not_ed25519", rsa.export({ format: "pem", type: "pkcs8" })],
      ["key_not_ed25519", x25519.export({ format: "pem", type: "pkcs8" })],
      ["key_file_unreadable", pair.publicKey.export({ format: "pem", type: "spki" })],
      ["key_file_unreadable", "hunter2\n"],
      ["key_file_unreadable", ""],
    ];
    for (const [index, [code, text]] of cases.entries()) {
      const file = join(folder, `wrong-${index}.key`);
      await writeFile(file, text, { mode: 0o600 });
      await assert.rejects(readOrMakeKey(file), (error) => {
        assert.ok(refusedWith(code)(error), `${index}: ${error.code}`);
        const body = text.split("\n")[1] ?? "";
        assert.ok(!error.message.includes("hunter2") && (body === "" || !error.message.includes(body)));
        return true;
      });
      // It was not replaced by another one.
      assert.equal(await readFile(file, "utf8"), text);
    }
    await assert.rejects(readKey(join(folder, "none.key")), refusedWith("key_file_missing"));
    await assert.rejects(readKey(folder), refusedWith("key_file_unreadable"));
  });

  test("a log key stands beside a folder's data, is named for a server's, and ends with a store in memory", async () => {
    const beside = await openLogKey({ kind: "pglite", location: folder });
    assert.equal((await readKey(join(folder, "log.key"))).publicKey, beside.publicKey);
    const file = join(folder, "elsewhere.key");
    const named = await openLogKey({ kind: "postgresql", location: "postgres://db" }, file);
    assert.equal((await readKey(file)).publicKey, named.publicKey);
    await assert.rejects(
      openLogKey({ kind: "postgresql", location: "postgres://db" }),
      (error) => refusedWith("log_key_missing")(error) && /SENATE_LOG_KEY/.test(error.remedy),
    );
    const memory = { kind: "memory", location: "memory" };
    assert.notEqual((await openLogKey(memory)).publicKey, (await openLogKey(memory)).publicKey);
  });
});

describe("development keys", () => {
  let folder;
  let file;
  before(async () => {
    folder = await temporaryFolder();
    file = join(folder, "development-keys.json");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test("are made once for a member, and found by member and identifier", async () => {
    const keys = await DevelopmentKeys.open(file);
    assert.deepEqual(keys.members, []);
    const made = await keys.ensure(["ana", "ben"]);
    const again = await keys.ensure(["ben", "cho"]);
    assert.equal(again.get("ben").publicKey, made.get("ben").publicKey);
    assert.deepEqual(keys.members, ["ana", "ben", "cho"]);
    assert.equal(keys.find("ana", made.get("ana").keyId).publicKey, made.get("ana").publicKey);
    assert.equal(keys.find("ben", made.get("ana").keyId), undefined);
    assert.equal(await modeOf(file), 0o600);
    const reopened = await DevelopmentKeys.open(file);
    assert.equal((await reopened.ensure(["ana"])).get("ana").publicKey, made.get("ana").publicKey);
  });

  test("a member's earlier keys stay beside the newest", async () => {
    const keys = await DevelopmentKeys.open(file);
    const before = (await keys.ensure(["ana"])).get("ana");
    const next = await keys.add("ana");
    const reopened = await DevelopmentKeys.open(file);
    assert.equal((await reopened.ensure(["ana"])).get("ana").publicKey, next.publicKey);
    assert.ok(reopened.find("ana", before.keyId) && reopened.find("ana", next.keyId));
  });

  test("several processes on one file use the same keys", async () => {
    const shared = join(folder, "shared.json");
    const opened = await Promise.all(Array.from({ length: 8 }, () => DevelopmentKeys.open(shared)));
    const made = await Promise.all(opened.map((keys) => keys.ensure(["ana", "ben"])));
    assert.equal(new Set(made.map((keys) => keys.get("ana").publicKey)).size, 1);
    assert.equal(new Set(made.map((keys) => keys.get("ben").publicKey)).size, 1);
    // What one adds, the next change of another keeps.
    const added = await opened[0].add("ana");
    await opened[1].ensure(["cho"]);
    assert.ok((await DevelopmentKeys.open(shared)).find("ana", added.keyId));
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith("shared")),
      ["shared.json"],
    );
  });

  test("a file that others can read, or that holds something else, is refused", async () => {
    await chmod(file, 0o644);
    await assert.rejects(DevelopmentKeys.open(file), refusedWith("key_file_exposed"));
    await chmod(file, 0o600);
    for (const text of [
      "",
      "[]",
      '{"members":{"ana":[]}}',
      '{"members":{"ana":["no key"]}}',
      '{"members":5}',
    ]) {
      const other = join(folder, "other.json");
      await writeFile(other, text, { mode: 0o600 });
      await assert.rejects(DevelopmentKeys.open(other), refusedWith("key_file_unreadable"), text);
    }
  });
});

describe("signed notes", () => {
  test("are what C2SP says, by a verifier of their own", () => {
    const key = newKey();
    const root = createHash("sha256").update("root").digest();
    const note = signedNote(`example.org/log\n12\n${root.toString("base64")}\n`, "example.org/log", key);
    assert.deepEqual(openCheckpoint(note, key.publicKey), { origin: "example.org/log", size: 12, root });
    assert.throws(() => openCheckpoint(note.replace("\n12\n", "\n13\n"), key.publicKey), /signature/);
    assert.throws(() => openCheckpoint(note, newKey().publicKey), /key's hash/);
    // The same text is signed the same way, so two notes are equal or say something else.
    assert.equal(note, signedNote(note.slice(0, note.indexOf("\n\n") + 1), "example.org/log", key));
  });
});
