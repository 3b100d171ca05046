/** How far a migration or a rehearsal is, kept in memory and never written for its own sake. */
import type { MigrationRun } from "../store/migration-port.js";

export interface Progress {
  proposal_id: string;
  phase: "rehearsing" | "staging" | "swapping" | "done" | "failed";
  looked_at: number;
  total: number;
  changed: number;
  /** Whole ones, never 100 before the end. */
  percent: number;
  /** Artifacts a second; null until it can be said. */
  per_second: number | null;
  seconds_left: number | null;
  /** Why it has failed. */
  reason?: string;
}

export type Counts = Pick<Progress, "looked_at" | "total" | "changed">;

/** What is kept of migrations that are over. */
const KEPT = 64;
/** A rate says nothing before so many milliseconds. */
const SETTLING_MS = 200;

export class ProgressBoard {
  readonly #now: () => number;
  readonly #of = new Map<string, Progress>();
  /** Where the present phase began in this process: a rate is of what was done here. */
  readonly #since = new Map<string, { phase: Progress["phase"]; ms: number; looked_at: number }>();
  readonly #waiting = new Set<() => void>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get(proposalId: string): Progress | undefined {
    return this.#of.get(proposalId);
  }

  report(proposal_id: string, phase: Progress["phase"], counts: Counts, reason?: string): void {
    const ms = this.#now();
    let since = this.#since.get(proposal_id);
    if (since?.phase !== phase) {
      since = { phase, ms, looked_at: counts.looked_at };
      this.#since.set(proposal_id, since);
    }
    const rate = rateOf(counts.looked_at - since.looked_at, ms - since.ms);
    this.#of.delete(proposal_id);
    this.#of.set(proposal_id, progressOf(proposal_id, phase, counts, rate, reason));
    for (const [oldest, { phase: ended }] of this.#of) {
      if (this.#of.size <= KEPT) break;
      if (ended !== "done" && ended !== "failed") continue;
      this.#of.delete(oldest);
      this.#since.delete(oldest);
    }
    for (const wake of [...this.#waiting]) wake();
  }

  /** Nothing is under way any more, and nothing is known of how it went. */
  forget(proposalId: string): void {
    this.#of.delete(proposalId);
    this.#since.delete(proposalId);
  }

  /** When something is reported, or after so long, or when the signal comes. */
  async change(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
      this.#waiting.add(end);
    });
  }
}

/** As another host has left it in the store. */
export function progressOfRun(run: MigrationRun): Progress {
  const rate = rateOf(run.looked_at, run.updated_ms - run.started_ms);
  return progressOf(run.proposal_id, run.state, run, rate);
}

export function progressOf(
  proposal_id: string,
  phase: Progress["phase"],
  { looked_at, total, changed }: Counts,
  rate: number | null,
  reason?: string,
): Progress {
  // Some may have come since they were counted.
  const of = Math.max(total, looked_at);
  const isUnderWay = phase !== "done" && phase !== "failed";
  const share = of === 0 ? 0 : Math.floor((100 * looked_at) / of);
  return {
    proposal_id,
    phase,
    looked_at,
    total: of,
    changed,
    percent: phase === "done" ? 100 : Math.min(share, 99),
    per_second: isUnderWay ? rate : null,
    seconds_left: isUnderWay && rate !== null && rate > 0 ? Math.ceil((of - looked_at) / rate) : null,
    ...(reason === undefined ? {} : { reason }),
  };
}

function rateOf(looked: number, ms: number): number | null {
  return ms < SETTLING_MS || looked <= 0 ? null : Math.round((looked * 1_000) / ms);
}
