/**
 * Checkpoints: the log's size and root as a note under the log key's signature (C2SP signed note, tlog-checkpoint), and
 * certificates as signed envelopes (DSSE). What is signed, the core words; here is the signature.
 */
import { createHash } from "node:crypto";
import { rawPublicKey, type SigningKey } from "./keys.js";

/** The C2SP signature type of Ed25519. */
const ED25519 = 1;

/**
 * A signed note: the text, an empty line, and the signature of the text's bytes by the key of that name.
 *
 * `text` ends with a line break.
 */
export function signedNote(text: string, name: string, key: SigningKey): string {
  const signature = Buffer.concat([noteKeyHash(name, key.publicKey), key.sign(Buffer.from(text))]);
  return `${text}\n— ${name} ${signature.toString("base64")}\n`;
}

/** The text of a signed note; `undefined` when it has no signature. */
export function noteText(note: string): string | undefined {
  const at = note.lastIndexOf("\n\n");
  return at === -1 ? undefined : note.slice(0, at + 1);
}

/** What a checkpoint's text says; `undefined` when it is none. */
export function checkpointOf(text: string): { origin: string; size: number; root: string } | undefined {
  const [origin, size, root] = text.split("\n");
  if (origin === undefined || root === undefined || !/^(?:0|[1-9]\d{0,15})$/.test(size ?? ""))
    return undefined;
  return { origin, size: Number(size), root };
}

/** How a note names the key that signed it: the first four bytes of a digest over its name and the key itself. */
function noteKeyHash(name: string, publicKey: string): Uint8Array {
  const raw = rawPublicKey(publicKey);
  if (raw === undefined) throw new TypeError("not an Ed25519 public key");
  const digest = createHash("sha256").update(`${name}\n`).update(Uint8Array.of(ED25519)).update(raw).digest();
  return digest.subarray(0, 4);
}

/** An envelope as DSSE has it. */
export interface Envelope {
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}

/** `pae` is what DSSE signs for this payload and its type. */
export function signedEnvelope(
  { payload, payload_type, pae }: { payload: string; payload_type: string; pae: Uint8Array },
  key: SigningKey,
): Envelope {
  return {
    payload,
    payloadType: payload_type,
    signatures: [{ keyid: key.keyId, sig: Buffer.from(key.sign(pae)).toString("base64") }],
  };
}
