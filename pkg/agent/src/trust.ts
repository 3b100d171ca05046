/**
 * What a host has shown of its log, and whether it still shows the same one.
 *
 * A log can be rewritten by whoever holds its key; what cannot be rewritten is a checkpoint that somebody else has kept.
 * So the last checkpoint that was verified is kept for each host and origin, and before anything is signed the one that
 * is offered now must be the same log, grown. Where it is not, both are kept as evidence and nothing is signed.
 */
import { type Digest, type Problem, verifyConsistency, verifyNote } from "schema-senate";

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
  consistency(from: number, to: number): Promise<Digest[] | undefined>;
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
  const read = verifyNote(note, origin, log_key);
  if (!read.ok) {
    throw new TrustError({
      code: "checkpoint_not_signed",
      message: `The checkpoint that ${host} shows is not one of ${origin}, signed by the key of its log: ${read.problem.message}.`,
      remedy: "Nothing was signed. Ask whoever runs the host.",
    });
  }
  const { size, root } = read;
  const offered: Checkpoint = { origin, size, root, note };
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
  if (proof !== undefined && continues(small, large, proof)) return;
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

/** Whether the proof leads from both roots to one log. */
function continues(from: Extent, to: Extent, proof: Digest[]): boolean {
  const claim = { from: from.size, to: to.size, from_root: from.root, to_root: to.root, proof };
  return verifyConsistency(claim).ok;
}

type Extent = Pick<Checkpoint, "size" | "root">;

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
