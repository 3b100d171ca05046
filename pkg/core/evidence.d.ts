/** Signatures, checkpoints, proofs, certificates, audits: what makes a decision checkable by somebody who was not there. */
import type { Answer, Digest, Json, JsonInput, Milliseconds, Problem } from "./index.js";
import type { Ballot, SenateEvent } from "./senate.js";
import type { Member, Tally } from "./votes.js";

/**
 * What the signer of an act signs: `senate.v1.act`, a zero byte, and the RFC 8785 text of the act without `signature`. Sign it
 * with Ed25519 and put the base64 of the signature into `signature`.
 */
export function signingBytes(act: JsonInput): Answer<{ bytes: Uint8Array }>;

/** What a new key signs for `rotate_key`, so that nobody takes somebody else's key for theirs. */
export function possessionBytes(claim: {
  instance: string;
  member: string;
  new_key: string;
}): Answer<{ bytes: Uint8Array }>;

/** The identifier of a public key (`ed25519:` and base64): the SHA-256 of its 32 bytes. */
export function keyId(key: string): Answer<{ key_id: Digest }>;

/** Whether a key signed these bytes (Ed25519, strict). */
export function verifySignature(key: string, message: Uint8Array, signature: string): Answer<object>;

/** The text of a signed checkpoint (C2SP signed note), from the body that the log's key has signed. `name` is the origin. */
export function assembleNote(
  body: string,
  name: string,
  key: string,
  signature: string,
): Answer<{ note: string }>;

/** The checkpoint in a signed note, if this key has signed it for this log. */
export function verifyNote(
  note: string,
  origin: string,
  key: string,
): Answer<{ origin: string; size: number; root: Digest }>;

/** Whether an event is in the log of this root (RFC 9162). `index` is its number less one. */
export function verifyInclusion(
  input: ({ leaf: Digest } | { event: SenateEvent | object }) & {
    index: number;
    size: number;
    root: Digest;
    proof: Digest[];
  },
): Answer<object>;

/** Whether the log of one root is the beginning of the log of another (RFC 9162). */
export function verifyConsistency(input: {
  from: number;
  to: number;
  from_root: Digest;
  to_root: Digest;
  proof: Digest[];
}): Answer<object>;

/** The certificate of a payload that the log's key has signed: a DSSE envelope with an in-toto statement. */
export function assembleCertificate(
  payload: string,
  key: string,
  signature: string,
): Answer<{ certificate: { [member: string]: Json } }>;

/** One thing that was looked at, and was as it should be. */
export interface Check {
  name:
    | "envelope"
    | "log_key"
    | "signature"
    | "checkpoint"
    | "inclusion"
    | "replay"
    | "decision"
    | "kept_checkpoint"
    | (string & {});
  words: string;
}

/** What a certificate proves. */
export interface CertificateReport {
  origin: string;
  proposal_id: string;
  decision: {
    title: string;
    target: string;
    track: string;
    status: string;
    reason?: string;
    decided_ms?: Milliseconds;
    verdict?: string;
    subject?: Digest;
    /** In words. */
    rule?: string;
    tally?: Tally;
  };
  ballots: Ballot[];
  electorate: Member[];
  /** Of a breaking change: an artifact that was valid and would not be. */
  witness?: Json;
  checks: Check[];
  log_key: string;
  /** False: whoever made the file chose the key. Compare it with one that you trust. */
  log_key_compared: boolean;
  size: number;
  root: Digest;
  events: number;
  signatures: number;
  notes: string[];
}

/** Verifies a decision certificate from the file alone: everything in it is decided again. */
export function verifyCertificate(
  text: JsonInput,
  trusted?: { log_key?: string; checkpoint?: string },
):
  | { ok: true; certificate: CertificateReport }
  /** `failed` names the check; `checks` are those that passed before it; the problem's pointer leads into the file. */
  | { ok: false; problem: Problem; failed?: string; checks?: Check[] };

export interface AuditReport {
  events: number;
  signatures: number;
  derived: number;
  root: Digest;
  origin: string | null;
  notes: string[];
  /** The size of the checkpoint that was compared. */
  checkpoint_size?: number;
}

/** Makes every decision of a log again, and verifies every signature in it. */
export function audit(
  log: string | Uint8Array,
  trusted?: { checkpoint?: string },
): { ok: true; audit: AuditReport } | { ok: false; problem: Problem; seq?: number };
