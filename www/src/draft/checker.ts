import { compiledCore, core } from "../core.js";
import { judge, type Against, type FromWorker, type Judged, type ToWorker } from "./check-protocol.js";

/** A check waits this long after the last key. */
const PAUSE_MS = 120;
/** A check of an old text that still runs after this long is given up for the new text. */
const PATIENCE_MS = 1500;

interface Job {
  draft: string;
  against: Against;
  done: (check: Judged) => void;
  /** A newer text has taken its place: there will be no answer. */
  dropped: () => void;
  failed: (error: unknown) => void;
}

/**
 * Checks a draft with the core in this page while it is typed: in a worker, or, where there can be none (a script of
 * another origin, an old policy), on the page itself. One check runs at a time and only the newest text is checked.
 */
export class DraftChecker {
  #timer: number | undefined;
  #round = 0;
  #running: { job: Job; round: number; since: number } | undefined;
  #waiting: Job | undefined;
  #worker: Worker | undefined;
  #workerAgainst: Against | undefined;
  #withoutWorker = false;

  constructor(
    private readonly answer: (check: Judged) => void,
    private readonly failed: (error: unknown) => void,
    /** Told when a check starts and when none runs any more. */
    private readonly busy: (busy: boolean) => void,
  ) {}

  /** Soon, once typing pauses. */
  schedule(draft: string, against: Against): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.now(draft, against).catch(this.failed), PAUSE_MS);
  }

  /** At once; the answer is also given to whoever made this checker. Nothing, when a newer text took this one's place. */
  now(draft: string, against: Against): Promise<Judged | undefined> {
    window.clearTimeout(this.#timer);
    return new Promise((resolve, reject) => {
      const job: Job = {
        draft,
        against,
        done: (check) => {
          this.answer(check);
          resolve(check);
        },
        dropped: () => resolve(undefined),
        failed: reject,
      };
      this.#waiting?.dropped();
      this.#waiting = job;
      if (!this.#running) void this.#next();
      else if (performance.now() - this.#running.since > PATIENCE_MS) this.#giveUp();
      else window.setTimeout(() => this.#waiting === job && this.#giveUp(), PATIENCE_MS);
    });
  }

  stop(): void {
    window.clearTimeout(this.#timer);
    this.#waiting?.dropped();
    this.#waiting = undefined;
    this.#running?.job.dropped();
    this.#running = undefined;
    this.#dismiss();
  }

  #giveUp(): void {
    // On the page itself there is nobody to dismiss: the check has to end.
    if (!this.#worker) return;
    this.#dismiss();
    this.#running?.job.dropped();
    this.#running = undefined;
    void this.#next();
  }

  #dismiss(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#workerAgainst = undefined;
  }

  async #next(): Promise<void> {
    const job = this.#waiting;
    this.#waiting = undefined;
    if (!job) {
      this.busy(false);
      return;
    }
    this.#round += 1;
    const round = this.#round;
    this.#running = { job, round, since: performance.now() };
    this.busy(true);
    try {
      if (await this.#hire()) {
        if (this.#running?.round !== round) return;
        if (!isSame(this.#workerAgainst, job.against)) this.#tell({ say: "against", against: job.against });
        this.#workerAgainst = job.against;
        this.#tell({ say: "check", round, draft: job.draft });
      } else {
        const loaded = await core();
        this.#ended(round, () => job.done(judge(loaded, job.draft, job.against)));
      }
    } catch (error) {
      this.#ended(round, () => job.failed(error));
    }
  }

  #ended(round: number, tell: () => void): void {
    if (this.#running?.round !== round) return;
    this.#running = undefined;
    tell();
    void this.#next();
  }

  #tell(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  /** A worker that has started, or false where there can be none. */
  async #hire(): Promise<boolean> {
    if (this.#worker) return true;
    if (this.#withoutWorker) return false;
    const module = await compiledCore();
    try {
      const worker = new Worker(new URL("./check-worker.js", import.meta.url), { type: "module" });
      worker.addEventListener("message", (event: MessageEvent<FromWorker>) => {
        const { data } = event;
        const running = this.#running;
        if (!running) return;
        if (data.say === "checked") this.#ended(data.round, () => running.job.done(data.check));
        else this.#ended(data.round, () => running.job.failed(new Error(data.message)));
      });
      worker.addEventListener("error", () => {
        // Its script did not load or its instance is beyond help: from here on the page does the work.
        this.#withoutWorker = true;
        this.#dismiss();
        const job = this.#running?.job;
        this.#running = undefined;
        this.#waiting ??= job;
        void this.#next();
      });
      this.#worker = worker;
      this.#tell({ say: "start", module });
      return true;
    } catch {
      this.#withoutWorker = true;
      return false;
    }
  }
}

const isSame = (one: Against | undefined, other: Against): boolean =>
  one?.context === other.context && one.scope === other.scope;
