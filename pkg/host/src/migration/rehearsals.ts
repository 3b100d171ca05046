/** The rehearsals of a host: one at a time, the last of each proposal remembered, what can be put on record. */
import { type Rehearsal as Recorded, version } from "schema-senate";
import { problem as problemOf } from "../http/problem.js";
import { Turns } from "../turns.js";
import {
  type Case,
  caseOf,
  type Chamber,
  type Found,
  heed,
  locked,
  notToMigrate,
  OPEN,
  refused,
  type Refused,
  withJob,
  words,
} from "./case.js";
import type { ProgressBoard } from "./progress.js";
import { fingerprint, rehearse, type Rehearsal, type Sample, sampleOf } from "./rehearsal.js";

export type Rehearsed = { ok: true; rehearsal: Rehearsal } | Refused;

/** Rehearsals that are remembered beside the log. */
const REMEMBERED = 64;

export class Rehearsals {
  readonly #chamber: Chamber;
  readonly #board: ProgressBoard;
  readonly #turns = new Turns();
  readonly #running = new Map<string, Promise<Rehearsed>>();
  readonly #last = new Map<string, { plan: string; rehearsal: Rehearsal }>();

  constructor(chamber: Chamber, board: ProgressBoard) {
    this.#chamber = chamber;
    this.#board = board;
  }

  /** Tries the migration on the stored artifacts, and takes everything back. */
  async rehearse(proposalId: string): Promise<Rehearsed> {
    const found = await this.#toTry(proposalId);
    if (!found.ok) return found;
    const key = `${proposalId} ${found.digest}`;
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = this.#turns.take(() => this.#rehearse(found)).finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }

  /** Nobody waits for it, and its trouble is nobody's. */
  rehearseQuietly(id: string): void {
    const { signal, logger } = this.#chamber;
    if (signal.aborted) return;
    this.rehearse(id).then(
      (rehearsed) => {
        if (rehearsed.ok || rehearsed.problem.code === "no_schema_change") return;
        logger.info(`${id} was not rehearsed: ${rehearsed.problem.message}`);
      },
      (error: unknown) => {
        if (!signal.aborted) logger.warn(`rehearsing ${id}: ${words(error)}`);
      },
    );
  }

  /** Rehearses unless the last rehearsal is of this very plan, core and data. */
  async refresh(proposalId: string): Promise<void> {
    const found = await this.#case(proposalId);
    if (!found.ok) return;
    await this.#running.get(`${proposalId} ${found.digest}`);
    const last = await this.#lastOf(found);
    if (last?.current === true && last.evidence.core === version().version) {
      const { store, signal } = this.#chamber;
      const now = await fingerprint(store, found.plan.artifact_type, signal);
      if (now.fingerprint === last.evidence.fingerprint) return;
    }
    await this.rehearse(proposalId);
  }

  /** The last rehearsal of a proposal's migration. */
  async last(proposalId: string): Promise<Rehearsed> {
    const found = await this.#case(proposalId);
    if (!found.ok) return found;
    const rehearsal = await this.#lastOf(found);
    if (rehearsal !== undefined) return { ok: true, rehearsal };
    return refused(
      problemOf("rehearsal_unknown", `The migration of ${proposalId} has not been rehearsed.`, {
        remedy: "POST …/rehearse rehearses it.",
      }),
    );
  }

  /** What the migration makes of one artifact, and what its undo makes of that. */
  async sample(proposalId: string, artifactId: string): Promise<Found<{ sample: Sample }>> {
    const found = await this.#toTry(proposalId);
    if (!found.ok) return found;
    return withJob(this.#chamber, found, async (job) => {
      const sample = await sampleOf(this.#chamber.store, job, artifactId);
      if (sample !== undefined) return { ok: true, sample };
      const message = `There is no artifact ${artifactId} of type ${found.plan.artifact_type}.`;
      return refused(problemOf("artifact_unknown", message));
    });
  }

  /** Some artifacts before and after, those that failed in the last rehearsal first. */
  async samples(proposalId: string, count: number): Promise<Found<{ samples: Sample[] }>> {
    const found = await this.#toTry(proposalId);
    if (!found.ok) return found;
    const last = await this.#lastOf(found);
    const { failures = [], unrestored = [] } = last?.evidence ?? {};
    const { store } = this.#chamber;
    const first = await store.transaction((tx) =>
      tx.migrations.scanHashes(found.plan.artifact_type, null, count),
    );
    const ids = [
      ...failures.map((one) => one.artifact_id),
      ...unrestored.map((one) => one.artifact_id),
      ...first.map(({ id }) => id),
    ];
    return withJob(this.#chamber, found, async (job) => {
      const samples: Sample[] = [];
      for (const id of [...new Set(ids)].slice(0, count)) {
        const sample = await sampleOf(store, job, id);
        if (sample !== undefined) samples.push(sample);
      }
      return { ok: true, samples };
    });
  }

  /** When what was under way has ended. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  async #rehearse(found: Case): Promise<Rehearsed> {
    const { store, signal, rehearsalLimit: limit, handle } = this.#chamber;
    heed(signal);
    const { proposal_id, digest: plan } = found;
    return withJob<Rehearsed>(this.#chamber, found, async (job) => {
      let evidence;
      try {
        evidence = await rehearse(store, job, {
          limit,
          core: version().version,
          signal,
          report: (counts) => this.#board.report(proposal_id, "rehearsing", counts),
        });
      } finally {
        this.#board.forget(proposal_id);
      }
      const recorded = await this.#record(found, evidence);
      const passed = evidence.invalid_after === 0 && evidence.not_restored === 0;
      const rehearsal = { proposal_id, evidence, passed, at_ms: handle.now(), current: true, recorded };
      this.#last.delete(proposal_id);
      this.#last.set(proposal_id, { plan, rehearsal });
      for (const oldest of this.#last.keys()) if (this.#last.size > REMEMBERED) this.#last.delete(oldest);
      return { ok: true, rehearsal };
    });
  }

  /** `false` where the log does not take it: a vote runs, or the plan has changed meanwhile. */
  #record({ proposal_id, digest: plan }: Case, evidence: Recorded["evidence"]): Promise<boolean> {
    return locked(this.#chamber, async () => {
      const { handle, logger } = this.#chamber;
      const decision = handle.decide(
        { command: "record_rehearsal", proposal_id, plan, evidence },
        handle.now(),
      );
      if (decision.ok) return { events: decision.events, result: true };
      logger.info(`the rehearsal of ${proposal_id} is not on record: ${decision.problem.message}`);
      return { events: [], result: false };
    });
  }

  /** From the log, or a later one that it did not take. */
  async #lastOf({ proposal_id, digest }: Case): Promise<Rehearsal | undefined> {
    const found = await this.#chamber.handle.read((view) => view("proposal", { proposal_id }));
    const inLog = found.ok ? found.view.migration?.rehearsal : undefined;
    const remembered = this.#last.get(proposal_id);
    if (remembered !== undefined && !remembered.rehearsal.recorded) {
      const { rehearsal, plan } = remembered;
      if (inLog === undefined || rehearsal.at_ms > inLog.at_ms)
        return { ...rehearsal, current: plan === digest };
    }
    if (inLog === undefined) return undefined;
    const { evidence, passed, at_ms, current } = inLog;
    return { proposal_id, evidence, passed, at_ms, current, recorded: true };
  }

  /** A migration that is still to come can be tried; one that ran, or never will, cannot. */
  async #toTry(proposalId: string): Promise<Found<Case>> {
    const found = await this.#case(proposalId);
    return found.ok && !OPEN.has(found.status) ? (notToMigrate(found.status) ?? found) : found;
  }

  #case(proposalId: string): Promise<Found<Case>> {
    return this.#chamber.handle.read((view) => caseOf(view, proposalId));
  }
}
