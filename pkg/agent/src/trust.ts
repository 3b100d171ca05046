/**
 * What a host has shown of its log, and whether it still shows the same one.
 *
 * A log can be rewritten by whoever holds its key; what cannot be rewritten is a checkpoint that somebody else has kept.
 * So the last checkpoint that was verified is kept for each host and origin, and before anything is signed the one that
 * is offered now must be the same log, grown. Where it is not, both are kept as evidence and nothing is signed.
 */
import { type Digest, noteBytes, type Problem, verifySignature } from "schema-senate";

/** The size and the root of a log, as its host signed them. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Digest;
  /** The signed note, as it was sent. */
  note: string;
}

/** What is kept for a host and an origin. */
export interface Kept {
  host: string;
  origin: string;
  log_key: string;
  checkpoint: { size: number; root: Digest; note: string };
  /** When it was verified. */
  kept_ms: number;
  /** The highest nonce that was used here, by key id: two processes must not use one twice. */
  nonces: Record<Digest, number>;
}

/** Both sides of a contradiction: two notes that one key signed, or two keys. */
export interface Evidence {
  host: string;
  origin: string;
  code: string;
  message: string;
  found_ms: number;
  kept: { log_key: string; size: number; root: Digest; note: string; kept_ms: number };
  offered: { log_key: string; note: string; proof?: unknown };
}

/** Where checkpoints are kept. In files for the command line; in memory unless another one is given. */
export interface Keeper {
  read(host: string, origin: string): Promise<Kept | undefined>;
  /** Puts `after` in the place of `before`, unless another process has put something else there: then `false`. */
  replace(before: Kept | undefined, after: Kept): Promise<boolean>;
  /** Keeps evidence, and says where. */
  keepEvidence(evidence: Evidence): Promise<string>;
}

/** The host contradicts what it has shown before, or shows what its key has not signed. Nothing was signed. */
export class TrustError extends Error {
  override readonly name = "TrustError";
  readonly problem: Problem;
  constructor(
    problem: Omit<Problem, "severity" | "pointer">,
    /** Where the evidence is, when there is some. */
    readonly evidence?: string,
  ) {
    super(problem.message);
    this.problem = { severity: "error", pointer: "", ...problem };
  }
}

/** For as long as the process lives. */
export class MemoryKeeper implements Keeper {
  readonly evidence: Evidence[] = [];
  readonly #kept = new Map<string, Kept>();

  async read(host: string, origin: string): Promise<Kept | undefined> {
    return this.#kept.get(`${host}\n${origin}`);
  }

  async replace(before: Kept | undefined, after: Kept): Promise<boolean> {
    const place = `${after.host}\n${after.origin}`;
    if (this.#kept.get(place) !== before) return false;
    this.#kept.set(place, after);
    return true;
  }

  async keepEvidence(evidence: Evidence): Promise<string> {
    this.evidence.push(evidence);
    return "memory";
  }
}

/** What is asked of a host. Each throws when the host cannot be reached, or says no. */
export interface Source {
  readonly host: string;
  /** The senate's name and the key that signs its checkpoints. */
  identity(): Promise<{ origin: string; log_key: string }>;
  /** The newest signed checkpoint. */
  note(): Promise<string>;
  /** Hashes that prove that the log of the first size is the beginning of the log of the second; `undefined`: it has none. */
  consistency(from: number, to: number): Promise<readonly string[] | undefined>;
}

/**
 * The newest checkpoint of a host, verified: signed by the log's key, and of the log that was seen before. It is kept.
 *
 * @throws TrustError
 */
export async function trustedCheckpoint(
  source: Source,
  keeper: Keeper,
  options: { logKey?: string | undefined; nowMs?: number | undefined } = {},
): Promise<Checkpoint> {
  const { host } = source;
  const { origin, log_key } = await source.identity();
  if (options.logKey !== undefined && options.logKey !== log_key) {
    throw new TrustError({
      code: "log_key_differs",
      message: `${host} says that its log is signed by ${log_key}, not by ${options.logKey}.`,
    });
  }
  const note = await source.note();
  const offered = verifiedNote(note, log_key);
  if (offered === undefined || offered.origin !== origin) {
    throw new TrustError({
      code: "checkpoint_not_signed",
      message: `The checkpoint that ${host} shows is not one of ${origin}, signed by the key of its log.`,
      remedy: "Nothing was signed. Ask whoever runs the host.",
    });
  }
  for (;;) {
    const kept = await keeper.read(host, origin);
    const found_ms = options.nowMs ?? Date.now();
    const newer = kept === undefined || offered.size > kept.checkpoint.size;
    if (kept !== undefined) await agree(source, keeper, kept, { ...offered, log_key }, found_ms);
    if (!newer) return offered;
    const after: Kept = {
      host,
      origin,
      log_key,
      checkpoint: { size: offered.size, root: offered.root, note },
      kept_ms: found_ms,
      nonces: kept?.nonces ?? {},
    };
    // Another process may have kept a checkpoint since: then this one must agree with that one too.
    if (await keeper.replace(kept, after)) return offered;
  }
}

/** The next nonce of a key that nobody here has used, at least `least`; it is taken when this returns. */
export async function takenNonce(
  keeper: Keeper,
  host: string,
  origin: string,
  keyId: Digest,
  least: number,
): Promise<number> {
  for (;;) {
    const kept = await keeper.read(host, origin);
    if (kept === undefined) return least;
    const nonce = Math.max(least, (kept.nonces[keyId] ?? 0) + 1);
    const after = { ...kept, nonces: { ...kept.nonces, [keyId]: nonce } };
    if (await keeper.replace(kept, after)) return nonce;
  }
}

/** @throws TrustError unless the kept and the offered checkpoint are of one log. */
async function agree(
  source: Source,
  keeper: Keeper,
  kept: Kept,
  offered: Checkpoint & { log_key: string },
  found_ms: number,
): Promise<void> {
  const { host } = source;
  const contradiction = async (code: string, message: string, proof?: unknown): Promise<never> => {
    const where = await keeper.keepEvidence({
      host,
      origin: kept.origin,
      code,
      message,
      found_ms,
      kept: { log_key: kept.log_key, ...kept.checkpoint, kept_ms: kept.kept_ms },
      offered: {
        log_key: offered.log_key,
        note: offered.note,
        ...(proof === undefined ? {} : { proof }),
      },
    });
    throw new TrustError(
      {
        code,
        message: `${message} Nothing was signed.`,
        remedy: `Both checkpoints are kept as evidence${where === "memory" ? "" : ` in ${where}`}; show them to the other members, and sign nothing for this host until it is explained.`,
      },
      where,
    );
  };
  if (offered.log_key !== kept.log_key) {
    return contradiction(
      "log_key_changed",
      `The log of ${kept.origin} at ${host} is signed by another key than before: this is not the log that you have seen.`,
    );
  }
  const [small, large] =
    offered.size < kept.checkpoint.size ? [offered, kept.checkpoint] : [kept.checkpoint, offered];
  if (small.size === large.size) {
    if (small.root === large.root) return;
    return contradiction(
      "log_forked",
      `${host} has signed two different logs of ${kept.origin} with ${small.size} events each: one of them is not what happened.`,
    );
  }
  const proof = await source.consistency(small.size, large.size);
  if (proof !== undefined && (await isConsistent(small, large, proof))) return;
  if (small === offered && proof === undefined) {
    return contradiction(
      "log_rolled_back",
      `${host} shows a log of ${kept.origin} with ${offered.size} events and has shown one with ${kept.checkpoint.size}: events are missing.`,
    );
  }
  if (proof === undefined) {
    return contradiction(
      "consistency_not_proved",
      `${host} gives no proof that its log of ${kept.origin} (${offered.size} events) continues the one that it has shown before (${kept.checkpoint.size} events).`,
    );
  }
  return contradiction(
    "log_forked",
    `The log of ${kept.origin} that ${host} shows now (${offered.size} events) does not continue the one that it has shown before (${kept.checkpoint.size} events): what happened was rewritten.`,
    proof,
  );
}

interface Note {
  origin: string;
  size: number;
  root: Digest;
  body: string;
  signatures: { name: string; signature: Uint8Array }[];
}

/** A signed note with a checkpoint as its text (C2SP signed-note, tlog-checkpoint); `undefined` when it is none. */
export function parsedNote(note: string): Note | undefined {
  const end = note.lastIndexOf("\n\n");
  if (end === -1 || !note.endsWith("\n")) return undefined;
  const body = note.slice(0, end + 1);
  const [origin, sizeText, rootText] = body.split("\n");
  if (!origin || sizeText === undefined || rootText === undefined) return undefined;
  const size = /^(0|[1-9]\d{0,15})$/.test(sizeText) ? Number(sizeText) : Number.NaN;
  const root = bytesOfBase64(rootText);
  if (!Number.isSafeInteger(size) || root?.length !== 32) return undefined;
  const signatures: Note["signatures"] = [];
  for (const line of note.slice(end + 2, -1).split("\n")) {
    const [, name, text] = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
    const bytes = text === undefined ? undefined : bytesOfBase64(text);
    if (name === undefined || bytes === undefined || bytes.length < 5) return undefined;
    signatures.push({ name, signature: bytes.subarray(4) });
  }
  return { origin, size, root: `sha256:${hex(root)}`, body, signatures };
}

function verifiedNote(note: string, logKey: string): Checkpoint | undefined {
  const parsed = parsedNote(note);
  if (parsed === undefined) return undefined;
  const { origin, size, root, body } = parsed;
  const bytes = noteBytes(body);
  if (!bytes.ok) return undefined;
  const signed = parsed.signatures.some(
    ({ name, signature }) =>
      name === origin &&
      signature.length === 64 &&
      verifySignature({ key: logKey, bytes: bytes.bytes, signature: base64(signature) }).ok,
  );
  return signed ? { origin, size, root, note } : undefined;
}

/** RFC 9162, 2.1.4.2: whether the proof leads from both roots to one log. */
export async function isConsistent(
  first: { size: number; root: Digest },
  second: { size: number; root: Digest },
  proof: readonly string[],
): Promise<boolean> {
  if (first.size === second.size) return proof.length === 0 && first.root === second.root;
  if (first.size === 0) return proof.length === 0;
  if (first.size > second.size || proof.length > 64) return false;
  const path: Uint8Array[] = [];
  for (const text of proof) {
    const hash = hashOf(text);
    if (hash === undefined) return false;
    path.push(hash);
  }
  const firstRoot = hashOf(first.root);
  const secondRoot = hashOf(second.root);
  if (firstRoot === undefined || secondRoot === undefined) return false;
  if (isPowerOfTwo(first.size)) path.unshift(firstRoot);
  const [start, ...rest] = path;
  if (start === undefined) return false;
  let [old, grown] = [start, start];
  let [node, last] = [first.size - 1, second.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  for (const hash of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      old = await inner(hash, old);
      grown = await inner(hash, grown);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      grown = await inner(grown, hash);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && isSame(old, firstRoot) && isSame(grown, secondRoot);
}

async function inner(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  const bytes = new Uint8Array(65);
  bytes.set([1]);
  bytes.set(left, 1);
  bytes.set(right, 33);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function half(number: number): number {
  return Math.floor(number / 2);
}

function isPowerOfTwo(number: number): boolean {
  let rest = number;
  while (rest % 2 === 0) rest /= 2;
  return rest === 1;
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function hashOf(text: string): Uint8Array | undefined {
  const digits = /^sha256:([0-9a-f]{64})$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  return Uint8Array.from({ length: 32 }, (_, index) =>
    Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16),
  );
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function bytesOfBase64(text: string): Uint8Array | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    // One spelling only: what is compared as text must not have two.
    return base64(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
