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
import { project, storedEvent } from "./projection.js";
import { ConflictError, type Store, type StoredEvent, StoreError, type Transaction } from "./store/store.js";

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
  #senate: Senate | undefined;
  /** Open between applying events and the end of their commit. */
  #commit: Promise<void> | undefined;
  #catchingUp: Promise<void> | undefined;

  constructor(store: Store, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
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
  async read<T>(look: (view: View, decide: Decide) => T): Promise<T> {
    for (;;) {
      await this.catchUp();
      const senate = this.#senate;
      // Between the end of the catching up and this line somebody may have begun to commit.
      if (this.#commit === undefined && senate !== undefined) {
        const nowMs = this.now();
        return look(
          (name, params) => senate.view(name, params, nowMs),
          (command) => senate.decide(command, { nowMs }),
        );
      }
    }
  }

  /** A view of the state in memory, for who holds the log's lock; others {@link read}. */
  view<Name extends keyof ViewMap>(
    name: Name,
    params: Record<string, Json> | null,
    nowMs: number,
  ): Answer<{ view: ViewMap[Name] }> {
    return this.#current().view(name, params, nowMs);
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
        await tx.project(project(this.#current(), events, last.at_ms));
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
      const replayed = Senate.replay("");
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

/** True when the log moved on under a decision. */
export function isConflict(error: unknown): boolean {
  return error instanceof ConflictError || (error instanceof StoreError && error.code === "store_busy");
}
