// What a member and an auditor need, written from the standards and without the core: RFC 8785, Ed25519 (node:crypto), RFC 6962,
// C2SP signed notes, DSSE.
import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";

/** RFC 8785: members in the order of their UTF-16 code units; numbers and texts as ECMAScript writes them. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const SPKI = Buffer.from("302a300506032b6570032100", "hex");

/** A key pair as a member holds it: `public` and `id` are what stands on the wire. */
export function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(SPKI.length);
  return {
    public: `ed25519:${raw.toString("base64")}`,
    id: `sha256:${sha256(raw).toString("hex")}`,
    sign: (bytes) => sign(null, bytes, privateKey),
  };
}

export function verifies(publicText, bytes, signature) {
  const raw = Buffer.from(publicText.replace(/^ed25519:/, ""), "base64");
  const key = createPublicKey({ key: Buffer.concat([SPKI, raw]), format: "der", type: "spki" });
  return verify(null, bytes, key, signature);
}

/** What the signer of an act signs. */
export function actBytes({ signature: _, ...act }) {
  return Buffer.from(`senate.v1.act\0${canonical(act)}`);
}

/** A signed act: `command` with its members, and where its signer stands. */
export function signAct(command, key, { instance, next_nonce, seen }) {
  const act = { ...command, instance, key: key.id, nonce: next_nonce, seen };
  return { ...act, signature: key.sign(actBytes(act)).toString("base64") };
}

/** Shows that the holder of the new key names it. */
export function proofOf(newKey, instance, member) {
  const claim = canonical({ instance, member, new_key: newKey.public });
  return newKey.sign(Buffer.from(`senate.v1.key\0${claim}`)).toString("base64");
}

// ---------------------------------------------------------------- RFC 6962

export const leafHash = (event) => sha256(Uint8Array.of(0), canonical(event));
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

/** The root of a tree of leaves. */
export function rootOf(leaves) {
  if (leaves.length === 0) return sha256("");
  if (leaves.length === 1) return leaves[0];
  const split = largestPowerBelow(leaves.length);
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

function largestPowerBelow(n) {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** RFC 9162, 2.1.3.2: the root that an audit path leads to. */
export function rootByInclusion(index, size, leaf, path) {
  let fn = index;
  let sn = size - 1;
  let root = leaf;
  for (const step of path) {
    assert.ok(sn > 0, "the path is too long");
    if (fn % 2 === 1 || fn === sn) {
      root = nodeHash(step, root);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else root = nodeHash(root, step);
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  assert.equal(sn, 0, "the path is too short");
  return root;
}

/** RFC 9162, 2.1.4.2: whether a log of `from` events with one root is the beginning of one of `to` events with another. */
export function isConsistent(from, to, fromRoot, toRoot, proof) {
  if (from === 0) return proof.length === 0;
  if (from === to) return proof.length === 0 && fromRoot.equals(toRoot);
  const steps = Number.isInteger(Math.log2(from)) ? [fromRoot, ...proof] : [...proof];
  let fn = from - 1;
  let sn = to - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  const [first, ...rest] = steps;
  if (first === undefined) return false;
  let fr = first;
  let sr = first;
  for (const step of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(step, fr);
      sr = nodeHash(step, sr);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else sr = nodeHash(sr, step);
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && fr.equals(fromRoot) && sr.equals(toRoot);
}

// ---------------------------------------------------------------- notes and envelopes

/** A signed checkpoint, verified: `{origin, size, root}`; throws when its signature is not by `publicText`. */
export function openCheckpoint(note, publicText) {
  const found = /^((?:.+\n)+)\n— (\S+) ([A-Za-z0-9+/]+=*)\n$/.exec(note);
  assert.ok(found, `not a signed note: ${note}`);
  const [, text, name, base64] = found;
  const blob = Buffer.from(base64, "base64");
  const raw = Buffer.from(publicText.replace(/^ed25519:/, ""), "base64");
  assert.deepEqual(
    blob.subarray(0, 4),
    sha256(`${name}\n`, Uint8Array.of(1), raw).subarray(0, 4),
    "the key's hash",
  );
  assert.ok(verifies(publicText, Buffer.from(text), blob.subarray(4)), "the note's signature");
  const [origin, size, root] = text.split("\n");
  assert.equal(name, origin);
  return { origin, size: Number(size), root: Buffer.from(root, "base64") };
}

/** The statement in a DSSE envelope; throws when it is not signed by `publicText`. */
export function openEnvelope({ payload, payloadType, signatures }, publicText) {
  const bytes = Buffer.from(payload, "base64");
  const pae = Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${bytes.length} `),
    bytes,
  ]);
  assert.equal(signatures.length, 1);
  assert.ok(verifies(publicText, pae, Buffer.from(signatures[0].sig, "base64")), "the envelope's signature");
  return JSON.parse(bytes.toString("utf8"));
}

export const digestText = (bytes) => `sha256:${Buffer.from(bytes).toString("hex")}`;
export const digestBytes = (text) => Buffer.from(text.replace(/^sha256:/, ""), "hex");
