import type { ReactiveController, ReactiveControllerHost } from "lit";
import { asFailure, type Failure } from "../api/problem.js";
import { following } from "./settings.js";
import type { Signal } from "./signal.js";

export interface ResourceOptions<T> {
  load: (signal: AbortSignal) => Promise<T>;
  /** Ask again this often, in milliseconds, while the tab is visible and the reader lets the page follow along. */
  every?: number;
  /**
   * A cheaper question: while it is answered as before, the answer above stands and is not asked for again. For
   * answers that are large and follow the log, its number.
   */
  unchanged?: (signal: AbortSignal) => Promise<number>;
  /** Ask again whenever this counts up. */
  after?: Signal<number>;
  /** Called with each answer that differs from the one before it. */
  changed?: (now: T, before: T | undefined) => void;
}

/** The longest pause between two tries while the host cannot be reached. */
const LONGEST_PAUSE = 30_000;

/**
 * An answer of the host that an element shows: loading, there, or failed, and there-but-old while the host is away.
 * The element renders again only when the answer changed.
 */
export class Resource<T> implements ReactiveController {
  value: T | undefined;
  failure: Failure | undefined;
  loading = true;

  #text = "";
  #mark: number | undefined;
  #timer: number | undefined;
  #abort: AbortController | undefined;
  #failures = 0;
  #stopFollowing: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly options: ResourceOptions<T>,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("visibilitychange", this.#wake);
    window.addEventListener("online", this.#wake);
    this.#stopFollowing = following.watch(this.#wake);
    this.#stopWatching = this.options.after?.watch(() => void this.reload());
    void this.reload();
  }

  hostDisconnected(): void {
    document.removeEventListener("visibilitychange", this.#wake);
    window.removeEventListener("online", this.#wake);
    this.#stopFollowing?.();
    this.#stopWatching?.();
    window.clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  /** Forgets the answer and asks anew: the question changed. */
  async restart(): Promise<void> {
    this.value = undefined;
    this.failure = undefined;
    this.loading = true;
    this.#text = "";
    this.#mark = undefined;
    this.host.requestUpdate();
    await this.reload();
  }

  /** Asks again and keeps showing what is there. */
  async reload(): Promise<void> {
    this.#abort?.abort();
    window.clearTimeout(this.#timer);
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const mark = await this.options.unchanged?.(abort.signal);
      if (mark !== undefined && mark === this.#mark && this.value !== undefined) {
        this.#failures = 0;
        if (this.failure) {
          this.failure = undefined;
          this.host.requestUpdate();
        }
        this.#schedule();
        return;
      }
      const value = await this.options.load(abort.signal);
      if (abort.signal.aborted) return;
      this.#mark = mark;
      this.#failures = 0;
      const text = JSON.stringify(value);
      const news = text !== this.#text || this.failure !== undefined || this.loading;
      const differs = text !== this.#text;
      const before = this.value;
      this.#text = text;
      this.failure = undefined;
      this.loading = false;
      if (differs) {
        this.value = value;
        this.options.changed?.(value, before);
      }
      if (news) this.host.requestUpdate();
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#failures += 1;
      this.failure = asFailure(error);
      this.loading = false;
      this.host.requestUpdate();
    }
    this.#schedule();
  }

  readonly #wake = (): void => {
    if (document.visibilityState === "visible" && following.value === "live") {
      if (this.options.every !== undefined || this.failure?.kind === "offline") void this.reload();
    } else {
      window.clearTimeout(this.#timer);
    }
  };

  #schedule(): void {
    if (document.visibilityState !== "visible" || following.value !== "live") return;
    // A host that went away is asked again even where nothing else polls.
    const every = this.options.every ?? (this.failure?.kind === "offline" ? 4000 : undefined);
    if (every === undefined) return;
    const pause = Math.min(every * 2 ** Math.min(this.#failures, 4), Math.max(every, LONGEST_PAUSE));
    this.#timer = window.setTimeout(() => void this.reload(), pause);
  }
}
