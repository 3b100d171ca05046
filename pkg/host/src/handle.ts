/**
 * The senate in memory, kept equal to the log in the store.
 *
 * The log leads. Events reach the handle from the store, or just before the commit that stores them, and then nobody
 * reads the handle until that commit has ended; when it fails, the handle is rebuilt from the log.
 */
import {
  type Answer,
  type Command,
  type Decision,
  type Json,
  Senate,
  type SenateEvent,
  type ViewMap,
} from "schema-senate";
import { upcast } from "./artifacts/upcast.js";
import { sealed } from "./checkpoint.js";
import type { SigningKey } from "./keys.js";
import { project, storedEvent } from "./projection.js";
import {
  type CheckpointRow,
  ConflictError,
  type Store,
  type StoredEvent,
  StoreError,
  type Transaction,
} from "./store/store.js";

/** Asks the core for a view at the time of the look. */
export type View = <Name extends keyof ViewMap>(
  name: Name,
  params: Record<string, Json> | null,
) => Answer<{ view: ViewMap[Name] }>;

/** Asks the core what a command would do; it changes nothing. */
export type Decide = (command: Command) => Decision;

/** Events read and applied at once. */
const PAGE = 1_000;

export class Handle {
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #logKey: SigningKey;
  #senate: Senate | undefined;
  /** Of the committed log, for its size. */
  #checkpoint: CheckpointRow | undefined;
  /** Open between applying events and the end of their commit. */
  #commit: Promise<void> | undefined;
  #catchingUp: Promise<void> | undefined;

  constructor(store: Store, clock: () => number, logKey: SigningKey) {
    this.#store = store;
    this.#clock = clock;
    this.#logKey = logKey;
  }

  get seq(): number {
    return this.#senate?.seq ?? 0;
  }

  /** The host's clock. The core takes care that time in the log never runs backwards. */
  now(): number {
    return Math.trunc(this.#clock());
  }

  /** Brings the handle up to the store. One cheap query when nothing is missing. */
  async catchUp(): Promise<void> {
    await this.#quiet();
    if (this.#senate !== undefined && (await this.#store.head()) <= this.#senate.seq) return this.#quiet();
    this.#catchingUp ??= this.#readOn(this.#store).finally(() => {
      this.#catchingUp = undefined;
    });
    await this.#catchingUp;
    return this.#quiet();
  }

  /** Looks at the state, caught up and without anything that is not committed. */
  async read<T>(look: (view: View, decide: Decide, senate: Senate) => T): Promise<T> {
    for (;;) {
      await this.catchUp();
      const senate = this.#senate;
      // Between the end of the catching up and this line somebody may have begun to commit.
      if (this.#commit === undefined && senate !== undefined) {
        const nowMs = this.now();
        return look(
          (name, params) => senate.view(name, params, nowMs),
          (command) => senate.decide(command, { nowMs }),
          senate,
        );
      }
    }
  }

  /** The signed checkpoint of the committed log; `undefined` before the founding. Signed once for each size. */
  checkpoint(): Promise<CheckpointRow | undefined> {
    return this.read((_view, _decide, senate) => {
      if (senate.seq === 0) return undefined;
      if (this.#checkpoint?.size !== senate.seq) this.#checkpoint = sealed(senate, this.#logKey);
      return this.#checkpoint;
    });
  }

  /**
   * Holds the stored log against the checkpoint that was signed with its last append: root, size and signature. Who can
   * write to the store can change the log and its tables, but cannot sign what comes out.
   *
   * @throws StoreError `log_rewritten`, or `log_key_wrong` when the log names another key than this host has.
   */
  async check(): Promise<void> {
    await this.store(
      async (tx) => {
        const [first] = await tx.read(1, 1);
        const named = first === undefined ? undefined : logKeyOf(first.body);
        if (first !== undefined && named !== this.#logKey.publicKey) {
          throw new StoreError(
            "log_key_wrong",
            `The log names ${named ?? "no key"} as the one that signs it, and this host has ${this.#logKey.publicKey}.`,
          );
        }
        const last = await tx.lastCheckpoint();
        const senate = this.#current();
        const expected = senate.seq === 0 ? undefined : sealed(senate, this.#logKey);
        // Ed25519 signs the same text the same way, so the notes are equal or something else was signed.
        if (last?.size !== expected?.size || last?.note !== expected?.note) {
          throw new StoreError("log_rewritten", rewritten(senate.seq, last));
        }
        return { events: [], result: undefined };
      },
      { locked: true },
    );
  }

  /** A view of the state in memory, for who holds the log's lock; others {@link read}. */
  view<Name extends keyof ViewMap>(
    name: Name,
    params: Record<string, Json> | null,
    nowMs: number,
  ): Answer<{ view: ViewMap[Name] }> {
    return this.#current().view(name, params, nowMs);
  }

  /** An artifact of an earlier version, as a later one has it. */
  upcast(artifact_type: string, from: number, to: number, metadata: string): Answer<{ artifact: string }> {
    const brought = upcast(this.#current(), artifact_type, from, to, metadata);
    return brought.ok ? { ok: true, artifact: brought.metadata } : brought;
  }

  decide(command: Command | string, nowMs: number): Decision {
    return this.#current().decide(command, { nowMs });
  }

  /**
   * Stores the events that `work` decides, with their projection, in one transaction; `work` may do more in it. Only one
   * caller at a time. When this throws, nothing is stored and the handle stands where the log ends.
   *
   * Optimistic by default: `work` decides on the state as this host knows it. `locked` takes the log's lock first and
   * catches up under it, so that nobody else can be first; `work` must not read the handle through {@link read} then.
   *
   * @throws ConflictError when another host has appended since; catch up and decide again.
   */
  async store<T>(
    work: (tx: Transaction) => Promise<{ events: SenateEvent[]; result: T }>,
    { locked = false } = {},
  ): Promise<T> {
    let end: (() => void) | undefined;
    try {
      return await this.#store.transaction(async (tx) => {
        if (locked) {
          await tx.lockHead();
          await this.#readOn(tx);
        }
        const { events, result } = await work(tx);
        const last = events.at(-1);
        if (last === undefined) return result;
        const stored = events.map(storedEvent);
        // What was decided follows from the events before its first, wherever the handle stands by now.
        await tx.append((stored[0]?.seq ?? 1) - 1, stored);
        this.#commit = new Promise((resolve) => {
          end = resolve;
        });
        this.#apply(stored);
        const senate = this.#current();
        await tx.project(project(senate, events, last.at_ms));
        await tx.saveCheckpoint(sealed(senate, this.#logKey));
        return result;
      });
    } catch (error) {
      // Also when the commit's fate is unknown: the log tells.
      if (end !== undefined) await this.#rebuild().catch(() => undefined);
      throw error;
    } finally {
      if (end !== undefined) {
        this.#commit = undefined;
        end();
      }
    }
  }

  free(): void {
    this.#senate?.free();
    this.#senate = undefined;
  }

  #current(): Senate {
    if (this.#senate === undefined) {
      throw new StoreError("store_unavailable", "The log could not be read again after a failed commit.");
    }
    return this.#senate;
  }

  /** Waits while somebody else's events are applied and not yet committed. */
  async #quiet(): Promise<void> {
    while (this.#commit !== undefined) await this.#commit;
  }

  /** Throws the state in memory away and reads the whole log again; if that fails, the next reader tries. */
  async #rebuild(): Promise<void> {
    this.free();
    for (;;) {
      const page = await this.#store.read(this.seq + 1, PAGE);
      this.#applyPage(page);
      if (page.length < PAGE) return;
    }
  }

  async #readOn(log: Pick<Store, "read">): Promise<void> {
    for (;;) {
      const from = this.seq + 1;
      const page = await log.read(from, PAGE);
      await this.#quiet();
      this.#applyPage(page);
      // A rebuild that failed meanwhile has put the handle behind this page: begin again from there.
      if (page.length < PAGE && this.seq + 1 >= from) return;
    }
  }

  #applyPage(page: StoredEvent[]): void {
    if (this.#senate === undefined) {
      // The signatures of an own log were verified when it was written; that it is this log, `check` finds out.
      const replayed = Senate.replay("", { verify: false });
      if (!replayed.ok) throw new StoreError("store_damaged", replayed.problem.message);
      this.#senate = replayed.senate;
    }
    // Meanwhile this process may have applied some of them itself, or begun anew.
    const news = page.filter((event) => event.seq > this.seq);
    if (news[0]?.seq === this.seq + 1) this.#apply(news);
  }

  #apply(events: readonly StoredEvent[]): void {
    const applied = this.#current().apply(events.map((event) => event.body).join("\n"));
    if (!applied.ok)
      throw new StoreError("store_damaged", `The log cannot be read: ${applied.problem.message}`);
  }
}

/** The key that a log's first event names. */
export function logKeyOf(event: string): string | undefined {
  const first: unknown = JSON.parse(event);
  const named = typeof first === "object" && first !== null && "log_key" in first ? first.log_key : undefined;
  return typeof named === "string" ? named : undefined;
}

function rewritten(seq: number, last: CheckpointRow | undefined): string {
  if (last === undefined)
    return `The log has ${seq} events and no signed checkpoint: it was not written by a host.`;
  if (last.size > seq)
    return `The log ends at ${seq}, and a checkpoint of ${last.size} events was signed: its end was cut off.`;
  if (last.size < seq)
    return `The log has ${seq} events, and only ${last.size} were signed: something was added to it.`;
  return `The log's ${seq} events are not those whose checkpoint was signed: it was changed since.`;
}

/** True when the log moved on under a decision. */
export function isConflict(error: unknown): boolean {
  return error instanceof ConflictError || (error instanceof StoreError && error.code === "store_busy");
}
