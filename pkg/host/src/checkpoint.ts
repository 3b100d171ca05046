/**
 * Checkpoints and certificates under the log key's signature: a C2SP signed note, a DSSE envelope. What is signed and how it
 * is put together, the core says; the key stays here.
 */
import { assembleCertificate, assembleNote, type Json, type Senate } from "schema-senate";
import type { SigningKey } from "./keys.js";
import { type CheckpointRow, StoreError } from "./store/store.js";

/** A signed note: the text, an empty line, and the signature of the key under that name. `text` ends with a line break. */
export function signedNote(text: string, name: string, key: SigningKey): string {
  const assembled = assembleNote(text, name, key.publicKey, base64(key.sign(Buffer.from(text))));
  if (!assembled.ok) throw new TypeError(`not the text of a note: ${assembled.problem.message}`);
  return assembled.note;
}

/** The checkpoint of where a senate's log ends, signed under the log's name. */
export function sealed(senate: Senate, key: SigningKey): CheckpointRow {
  // Of the log as it is written down, whatever the time.
  const checkpoint = senate.view("checkpoint", null, 0);
  if (!checkpoint.ok) throw new StoreError("store_damaged", checkpoint.problem.message);
  const { size, body, origin } = checkpoint.view;
  return { size, note: signedNote(body, origin, key) };
}

export type Certificate = { [member: string]: Json };

/** `pae` is what DSSE signs for this payload. */
export function signedCertificate(
  { payload, pae }: { payload: string; pae: Uint8Array },
  key: SigningKey,
): { ok: true; certificate: Certificate } {
  const assembled = assembleCertificate(payload, key.publicKey, base64(key.sign(pae)));
  if (!assembled.ok) throw new TypeError(`the core refuses its own payload: ${assembled.problem.message}`);
  return assembled;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
