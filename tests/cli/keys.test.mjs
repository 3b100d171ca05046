/** `senate key`: files that nobody else can read, and everything that is no key of a member. */
import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createKey, KeyError, readKey, signerOf } from "schema-senate-agent";
import { senate } from "./senate.mjs";

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "senate-keys-"));
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
});
const place = (name) => join(folder, name);

const one = (text) => text.replace(/\s+/g, " ");

describe("key new", () => {
  test("makes a PKCS#8 Ed25519 key that its owner alone can read, and prints the public half", async () => {
    const file = place("ana.pem");
    const { code, stdout, stderr } = await senate(["key", "new", file]);
    assert.equal(code, 0, stderr);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const pem = await readFile(file, "utf8");
    assert.match(pem, /^-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END PRIVATE KEY-----\n$/);
    const raw = Buffer.from(createPublicKey(pem).export({ format: "jwk" }).x, "base64url");
    assert.ok(stdout.includes(`ed25519:${raw.toString("base64")}`), stdout);
    assert.ok(stdout.includes(`sha256:${createHash("sha256").update(raw).digest("hex")}`), stdout);
    const secret = pem.split("\n")[1];
    assert.ok(!stdout.includes(secret) && !stderr.includes(secret));
  });

  test("a loose umask does not widen the file", async () => {
    const file = place("umask.pem");
    const { spawn } = await import("node:child_process");
    const { once } = await import("node:events");
    const { program } = await import("./senate.mjs");
    const child = spawn("sh", [
      "-c",
      `umask 0; exec "$0" "$1" key new "$2"`,
      process.execPath,
      program,
      file,
    ]);
    assert.deepEqual(await once(child, "close"), [0, null]);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  test("never overwrites, whatever is there", async () => {
    const file = place("kept.pem");
    await writeFile(file, "precious");
    const { code, stderr } = await senate(["key", "new", file]);
    assert.equal(code, 3);
    assert.match(stderr, /\[key_file_exists\]/);
    assert.match(one(stderr), /left as it is/);
    assert.equal(await readFile(file, "utf8"), "precious");
    const link = place("link.pem");
    await symlink(place("nowhere.pem"), link);
    assert.equal((await senate(["key", "new", link])).code, 3, "a dangling link is something too");
    await assert.rejects(stat(place("nowhere.pem")), { code: "ENOENT" });
  });

  test("no folder, a folder", async () => {
    const none = await senate(["key", "new", place("no/such/key.pem")]);
    assert.equal(none.code, 3);
    assert.match(one(none.stderr), /There is no folder for/);
    assert.equal((await senate(["key", "new", folder])).code, 3);
  });

  test("--json is one document, without the private half", async () => {
    const file = place("json.pem");
    const { code, json, stdout } = await senate(["key", "new", file, "--json"]);
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(json()).sort(), ["file", "key_id", "protected", "public_key"]);
    assert.equal(json().protected, false);
    assert.ok(!stdout.includes((await readFile(file, "utf8")).split("\n")[1]));
  });
});

describe("key show", () => {
  test("shows what key new printed", async () => {
    const file = place("shown.pem");
    const { public_key, key_id } = (await senate(["key", "new", file, "--json"])).json();
    assert.deepEqual((await senate(["key", "show", file, "--json"])).json(), { file, public_key, key_id });
  });

  for (const mode of [0o640, 0o604, 0o660, 0o644, 0o610, 0o602]) {
    test(`a file of mode ${mode.toString(8)} is refused, with what to do`, async () => {
      const file = place(`mode-${mode.toString(8)}.pem`);
      await senate(["key", "new", file]);
      await chmod(file, mode);
      const { code, stderr } = await senate(["key", "show", file]);
      assert.equal(code, 3);
      assert.match(stderr, /\[key_readable_by_others\]/);
      assert.ok(one(stderr).includes(`chmod 600 ${file}`), stderr);
      await chmod(file, 0o400);
      assert.equal((await senate(["key", "show", file])).code, 0);
    });
  }

  test("what is no Ed25519 private key is named for what it is", async () => {
    const pem = (type, options) =>
      generateKeyPairSync(type, options).privateKey.export({ format: "pem", type: "pkcs8" });
    const ed25519 = generateKeyPairSync("ed25519");
    const good = ed25519.privateKey.export({ format: "pem", type: "pkcs8" });
    const cases = [
      [pem("rsa", { modulusLength: 2048 }), "key_not_ed25519", 1],
      [pem("ed448"), "key_not_ed25519", 1],
      [pem("x25519"), "key_not_ed25519", 1],
      [pem("ec", { namedCurve: "P-256" }), "key_not_ed25519", 1],
      [ed25519.publicKey.export({ format: "pem", type: "spki" }), "key_not_private", 1],
      [
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n",
        "key_malformed",
        1,
      ],
      [good.replace(/.{20}\n-----END/, "\n-----END"), "key_malformed", 1],
      ["", "key_malformed", 1],
      ["hello", "key_malformed", 1],
      ["\u0000".repeat(20_000), "key_malformed", 1],
    ];
    for (const [index, [text, expected, exit]] of cases.entries()) {
      const file = place(`wrong-${index}.pem`);
      await writeFile(file, text, { mode: 0o600 });
      const { code, json, stdout } = await senate(["key", "show", file, "--json"]);
      assert.equal(json().problem.code, expected, `${index}: ${stdout}`);
      assert.equal(code, exit);
      const secret = text.split("\n")[1];
      if (secret?.length > 10) assert.ok(!stdout.includes(secret));
    }
    const { code, stderr } = await senate(["key", "show", place("nobody.pem")]);
    assert.equal(code, 3);
    assert.match(one(stderr), /There is no file/);
    assert.equal((await senate(["key", "show", folder])).code, 3);
  });
});

describe("a protected key", () => {
  const env = { SENATE_KEY_PASSPHRASE: "correct horse" };

  test("is written encrypted and opens with its passphrase only", async () => {
    const file = place("protected.pem");
    const made = (await senate(["key", "new", file, "--json"], { env })).json();
    assert.equal(made.protected, true);
    assert.match(await readFile(file, "utf8"), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    const shown = await senate(["key", "show", file, "--json"], { env });
    assert.equal(shown.json().public_key, made.public_key);
    const without = await senate(["key", "show", file]);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /\[key_passphrase_missing\]/);
    assert.match(without.stderr, /SENATE_KEY_PASSPHRASE/);
    const wrong = await senate(["key", "show", file], { env: { SENATE_KEY_PASSPHRASE: "battery staple" } });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /\[key_passphrase_wrong\]/);
    assert.ok(!wrong.stderr.includes("battery"));
  });
});

describe("the library", () => {
  test("a key signs what its public half verifies, and shows nothing else", async () => {
    const file = place("library.pem");
    const made = await createKey(file);
    const key = await readKey(file);
    assert.equal(key.keyId, made.keyId);
    const bytes = new TextEncoder().encode("senate.v1.act\0{}");
    const signature = await key.sign(bytes);
    assert.equal(signature.length, 64);
    const x = Buffer.from(key.publicKey.slice("ed25519:".length), "base64").toString("base64url");
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    assert.ok(verify(null, bytes, publicKey, signature));
    assert.deepEqual(Object.keys(key).sort(), ["keyId", "publicKey", "sign"]);
    assert.ok(!JSON.stringify(key).includes((await readFile(file, "utf8")).split("\n")[1]));
  });

  test("refuses other keys by value", async () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    assert.throws(() => signerOf(publicKey), KeyError);
    await assert.rejects(readKey(place("nobody.pem")), (error) => {
      assert.ok(error instanceof KeyError);
      assert.equal(error.problem.code, "key_unreadable");
      return true;
    });
  });
});

const wrong = [
  [["key"], /needs an action/],
  [["key", "nwe", "x"], /Did you mean `new`\?/],
  [["key", "new"], /needs FILE/],
  [["key", "show"], /needs FILE/],
  [["key", "new", "a", "b"], /does not know what to do with `b`/],
  [["key", "show", "a", "--new", "b"], /`--new` belongs to/],
  [["key", "rotate"], /needs both keys/],
  [["key", "rotate", "--key", "a"], /needs both keys/],
  [["key", "rotate", "--new", "a"], /needs both keys/],
];
for (const [args, sentence] of wrong) {
  test(`senate ${args.join(" ")} is not understood`, async () => {
    const { code, stderr } = await senate(args);
    assert.equal(code, 2, stderr);
    assert.match(one(stderr), sentence);
  });
}
