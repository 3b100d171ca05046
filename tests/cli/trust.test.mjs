/** Before anything is signed the host must show the log that it has shown before. */
import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { signingBytes, verifyConsistency } from "schema-senate";
import { ActError, createKey, FileKeeper, SenateClient, signerOf, TrustError } from "schema-senate-agent";
import { consistency, fakeHost, newLogKey, noteOf, root, signedNote } from "./ledger.mjs";
import { senate } from "./senate.mjs";

describe("consistency proofs, against a tree of its own", () => {
  const leaves = Array.from({ length: 24 }, (_, index) => `event ${index}`);
  const holds = (from, to, proof, before = leaves, after = leaves) =>
    verifyConsistency({
      from,
      to,
      from_root: root(before.slice(0, from)),
      to_root: root(after.slice(0, to)),
      proof,
    }).ok;

  test("every pair of sizes up to 24 is proved", () => {
    for (let to = 1; to <= leaves.length; to += 1) {
      for (let from = 1; from <= to; from += 1)
        assert.ok(holds(from, to, consistency(from, to, leaves)), `${from} to ${to}`);
    }
  });

  test("a log that was rewritten at any earlier event is not", () => {
    for (const to of [2, 3, 7, 8, 13, 24]) {
      for (let from = 1; from < to; from += 1) {
        const other = leaves.with(from - 1, "rewritten");
        assert.ok(!holds(from, to, consistency(from, to, other), leaves, other), `${from} to ${to}`);
      }
    }
  });

  test("a proof with one hash changed, dropped, doubled or added proves nothing", () => {
    const zero = `sha256:${"0".repeat(64)}`;
    for (const [from, to] of [
      [1, 2],
      [3, 7],
      [4, 7],
      [6, 8],
      [8, 9],
      [11, 24],
    ]) {
      const proof = consistency(from, to, leaves);
      for (const index of proof.keys()) {
        assert.ok(!holds(from, to, proof.with(index, zero)), "changed");
        assert.ok(!holds(from, to, proof.toSpliced(index, 1)), "dropped");
        assert.ok(!holds(from, to, proof.toSpliced(index, 0, proof[index])), "doubled");
      }
      assert.ok(!holds(from, to, [...proof, zero]), "added");
      assert.ok(!holds(from, to, []), "empty");
      assert.ok(
        !holds(
          from,
          to,
          proof.map((hash) => hash.slice(7)),
        ),
        "unnamed",
      );
    }
  });
});

describe("a client with a key", () => {
  const key = signerOf(generateKeyPairSync("ed25519").privateKey);
  let host;
  let folder;
  beforeEach(async () => {
    host = await fakeHost("ana", key);
    folder = await mkdtemp(join(tmpdir(), "senate-trust-"));
  });
  afterEach(async () => {
    await host.stop();
    await rm(folder, { recursive: true, force: true });
  });
  /** A new one each time, as a command line is. */
  const client = (more = {}) =>
    new SenateClient({ host: host.url, member: "ana", key, keeper: new FileKeeper(folder), ...more });
  const act = (more) => client(more).comment("01", { text: "Hello." });
  const kept = async () => new FileKeeper(folder).read(host.url, host.origin);
  const evidence = async () => {
    const names = await readdir(join(folder, "evidence")).catch(() => []);
    return Promise.all(
      names.map(async (name) => {
        const file = join(folder, "evidence", name);
        assert.equal((await stat(file)).mode & 0o777, 0o600);
        return JSON.parse(await readFile(file, "utf8"));
      }),
    );
  };
  /** Refused with the code, nothing delivered, and the kept checkpoint is the old one. */
  const refused = async (code) => {
    const before = await kept();
    const { length } = host.acts;
    let refusal;
    await assert.rejects(act(), (error) => {
      assert.ok(error instanceof TrustError, String(error));
      assert.equal(error.problem.code, code, error.message);
      refusal = error;
      return true;
    });
    assert.equal(host.acts.length, length, "something was signed and sent");
    assert.deepEqual(await kept(), before);
    return refusal;
  };

  test("signs what it sends, under the checkpoint that it has verified", async () => {
    await act();
    const [{ path, text }] = host.acts;
    assert.equal(path, "/api/senate/schema-proposal/01/comment");
    const { signature, ...rest } = JSON.parse(text);
    assert.deepEqual(rest, {
      by: "ana",
      text: "Hello.",
      instance: "senate.test",
      key: key.keyId,
      nonce: 1,
      seen: { size: 3, root: root(host.leaves) },
    });
    const whole = signingBytes(JSON.stringify({ ...rest, command: "comment", proposal_id: "01" }));
    assert.ok(whole.ok);
    const x = Buffer.from(key.publicKey.slice(8), "base64").toString("base64url");
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    assert.ok(verify(null, whole.bytes, publicKey, Buffer.from(signature, "base64")));
    assert.equal((await kept()).checkpoint.size, 3);
  });

  test("follows a log that grows, through every size", async () => {
    for (let size = 1; size <= 20; size += 1) {
      host.leaves = Array.from({ length: size }, (_, index) => `event ${index}`);
      await act();
      assert.equal((await kept()).checkpoint.size, size);
    }
    assert.deepEqual(await evidence(), []);
  });

  test("another log of the same size stops everything, with both notes kept", async () => {
    await act();
    const before = noteOf(host.origin, host.leaves, host.key);
    host.leaves = ["a", "b", "x"];
    const refusal = await refused("log_forked");
    assert.match(refusal.message, /two different logs of senate\.test with 3 events/);
    const [found] = await evidence();
    assert.equal(found.kept.note, before);
    assert.equal(found.offered.note, noteOf(host.origin, host.leaves, host.key));
    assert.ok(refusal.problem.remedy.includes(refusal.evidence));
    await refused("log_forked");
    assert.equal((await evidence()).length, 1, "the same contradiction is kept once");
  });

  test("a log that was rewritten and grew stops everything", async () => {
    await act();
    host.leaves = ["a", "x", "c", "d"];
    await refused("log_forked");
    const [found] = await evidence();
    assert.deepEqual(found.offered.proof, consistency(3, 4, host.leaves));
    host.leaves = ["a", "b", "c", "d"];
    await act();
  });

  test("a log that is shorter than it was stops everything", async () => {
    await act();
    host.leaves = ["a", "b"];
    await refused("log_rolled_back");
    assert.equal((await evidence()).length, 1);
  });

  test("an older checkpoint of the same log is a host that lags, not one that lies", async () => {
    await act();
    host.note = noteOf(host.origin, ["a", "b"], host.key);
    await act();
    assert.equal((await kept()).checkpoint.size, 3);
    assert.equal(JSON.parse(host.acts[1].text).seen.size, 2);
  });

  test("another log key stops everything", async () => {
    await act();
    host.key = newLogKey();
    await refused("log_key_changed");
    const [found] = await evidence();
    assert.notEqual(found.kept.log_key, found.offered.log_key);
  });

  test("a checkpoint that the log's key has not signed, or of another origin", async () => {
    host.note = noteOf(host.origin, host.leaves, newLogKey());
    await refused("checkpoint_not_signed");
    host.note = noteOf("elsewhere.test", host.leaves, host.key);
    await refused("checkpoint_not_signed");
    host.note = signedNote("senate.test\nnothing\n", "senate.test", host.key);
    await refused("checkpoint_not_signed");
    for (const note of ["", "hello", noteOf(host.origin, host.leaves, host.key).slice(0, -1)]) {
      host.note = note;
      await refused("checkpoint_not_signed");
    }
  });

  test("`seen` of another log than the signed one, another instance, another member", async () => {
    host.signing = { seen: { size: 3, root: root(["x", "y", "z"]) } };
    await assert.rejects(act(), { name: "TrustError", message: /not the one it has signed/ });
    host.signing = { instance: "elsewhere.test" };
    await assert.rejects(act(), { name: "TrustError" });
    host.signing = { member_id: "ben" };
    await assert.rejects(act(), { name: "TrustError" });
    assert.deepEqual(host.acts, []);
  });

  test("a log key that is known beforehand is the only one that counts", async () => {
    await act({ logKey: host.key.text });
    await assert.rejects(act({ logKey: newLogKey().text }), { name: "TrustError" });
    assert.equal(host.acts.length, 1);
  });

  test("a host that fails is not accused", async () => {
    await act();
    host.leaves = ["a", "b", "c", "d"];
    host.broken = true;
    await assert.rejects(act(), { name: "HostError", status: 500 });
    assert.deepEqual(await evidence(), []);
  });

  test("what was kept and cannot be read is not taken for a first contact", async () => {
    await act();
    const file = new FileKeeper(folder).fileOf(host.url, host.origin);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const whole = await readFile(file, "utf8");
    for (const damaged of ["", whole.slice(0, 100), "{}", "null", whole.replace(host.origin, "elsewhere")]) {
      await writeFile(file, damaged);
      await assert.rejects(act(), (error) => error.problem?.code === "state_damaged");
    }
    await writeFile(file, whole);
    await act();
  });

  test("another key than the member's is not used", async () => {
    const other = signerOf(generateKeyPairSync("ed25519").privateKey);
    await assert.rejects(act({ key: other }), (error) => {
      assert.ok(error instanceof ActError);
      assert.equal(error.problem.code, "key_not_registered");
      return true;
    });
    assert.deepEqual(host.acts, []);
  });

  test("a nonce that was overtaken is taken anew, once", async () => {
    const refusal = { status: 409, body: { code: "nonce_not_rising", detail: "No." } };
    const good = host.answer;
    host.answer = (_, count) => (count === 1 ? refusal : good());
    host.nonce = 7;
    await act();
    assert.deepEqual(
      host.acts.map(({ text }) => JSON.parse(text).nonce),
      [7, 8],
    );
    host.answer = () => refusal;
    await assert.rejects(act(), { name: "HostError", status: 409 });
    assert.equal(host.acts.length, 4);
  });

  test("no two acts take one nonce, however many processes act", async () => {
    await act();
    await Promise.all(Array.from({ length: 24 }, () => act()));
    const nonces = host.acts.map(({ text }) => JSON.parse(text).nonce);
    assert.equal(new Set(nonces).size, 25, nonces.join(" "));
  });

  test("an act whose answer is lost is delivered again, the very same", async () => {
    const good = host.answer;
    host.answer = (_, count) => (count === 1 ? "break" : good());
    await act();
    assert.equal(host.acts.length, 2);
    assert.equal(host.acts[0].text, host.acts[1].text);
  });

  test("a document goes out as it was written, and is signed as the core reads it", async () => {
    const draft = '{ "proposal_type": "schema_change", "metadata": {"n": 1.0, "s": "\\u00e9"} }';
    await client().propose(draft);
    assert.ok(host.acts[0].text.includes('"metadata": {"n": 1.0, "s": "\\u00e9"}'));
    await assert.rejects(client().propose('{"metadata": {}, "nonce": 3}'), ActError);
    await assert.rejects(client().propose('{"metadata": {"a": 1, "a": 2}}'), ActError);
    await assert.rejects(client().propose("[]"), ActError);
    assert.equal(host.acts.length, 1);
  });

  test("a revision takes the draft's title and metadata, as they are written", async () => {
    const draft =
      '{"proposal_type":"schema_change", "title": "T, {\\"x\\": [1]}" ,"metadata": {"n": 1.0, "proposal_type": [2, {}]},"proposer_id":"ana"}';
    await client().revise("01", draft);
    const [{ text }] = host.acts;
    assert.ok(
      text.includes('"title": "T, {\\"x\\": [1]}" ,"metadata": {"n": 1.0, "proposal_type": [2, {}]}'),
      text,
    );
    assert.deepEqual(Object.keys(JSON.parse(text)).sort(), [
      "by",
      "instance",
      "key",
      "metadata",
      "nonce",
      "seen",
      "signature",
      "title",
    ]);
    for (const broken of ["[]", "{", '{"metadata": {}, "nonce": 1}', '{"metadata": {}} x'])
      await assert.rejects(client().revise("01", broken), ActError);
  });

  test("without a key nothing is asked and nothing is signed", async () => {
    await act({ key: undefined });
    assert.deepEqual(JSON.parse(host.acts[0].text), { by: "ana", text: "Hello." });
    assert.equal(await kept(), undefined);
  });
});

describe("the command line", () => {
  let host;
  let folder;
  let file;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "senate-trust-"));
    file = join(folder, "ana.pem");
    host = await fakeHost("ana", await createKey(file));
  });
  after(async () => {
    await host.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("a fork is exit 1, a sentence and the place of the evidence; in --json a document", async () => {
    const env = { SENATE_HOST: host.url, SENATE_KEY: file, SENATE_STATE: join(folder, "state") };
    const words = ["comment", "01", "Hello.", "--as", "ana"];
    const first = await senate([...words, "--json"], { env });
    assert.equal(first.code, 0, first.stderr);
    host.leaves = ["other", "log", "now"];
    const forked = await senate(words, { env });
    assert.equal(forked.code, 1);
    assert.equal(forked.stdout, "");
    assert.match(forked.stderr, /^error \[log_forked\]\n/);
    assert.match(forked.stderr.replace(/\s+/g, " "), /Nothing was signed\./);
    assert.doesNotMatch(forked.stderr, /\n\s+at /);
    const json = await senate([...words, "--json"], { env });
    assert.equal(json.json().problem.code, "log_forked");
    const [name] = await readdir(join(folder, "state", "evidence"));
    assert.ok(json.json().problem.remedy.includes(name));
    assert.equal(host.acts.length, 1);
  });

  test("the checkpoint is kept below $XDG_STATE_HOME unless SENATE_STATE says otherwise", async () => {
    const env = { SENATE_HOST: host.url, SENATE_STATE: "", XDG_STATE_HOME: join(folder, "xdg") };
    const words = ["comment", "01", "Hello.", "--as", "ana", "--key", file, "--json"];
    assert.equal((await senate(words, { env })).code, 0);
    const names = await readdir(join(folder, "xdg", "schema-senate", "checkpoints"));
    assert.equal(names.length, 1);
    assert.match(names[0], /^senate\.test-[0-9a-f]{16}\.json$/);
  });
});
