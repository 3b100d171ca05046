/** Carries migrations out: sets off what is approved, stages and swaps it, and says how far it is. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Command, SenateEvent } from "schema-senate";
import type { View } from "../handle.js";
import { problem as problemOf } from "../http/problem.js";
import { attempted, MigrationFailure, type Outcome, swapAll } from "./apply.js";
import type { Job } from "./batch.js";
import {
  type Case,
  caseOf,
  type Chamber,
  type Found,
  heed,
  locked,
  notBegun,
  notToMigrate,
  OPEN,
  refused,
  type Refused,
  UncompiledError,
  withJob,
  words,
} from "./case.js";
import { type Progress, ProgressBoard, progressOf, progressOfRun } from "./progress.js";
import { Rehearsals } from "./rehearsals.js";
import { openRun, type Stage, stageAll, stageRest } from "./staging.js";

/** What became of a migration; `ok: false` when there is none to run. */
export type Migrated =
  | { ok: true; result: "applied"; artifacts: Outcome }
  | { ok: true; result: "failed"; reason: string }
  | Refused;

/** How often a follower looks at another host's migration, and how often it hears of one of this host's, in milliseconds. */
const LOOK_MS = 1_000;
const TELL_MS = 200;

export class Migrator {
  readonly rehearsals: Rehearsals;
  readonly #chamber: Chamber;
  readonly #board = new ProgressBoard();
  readonly #unfollow = new AbortController();
  /** Proposals whose migration this process has tried: a reader does not set it off again. */
  readonly #tried = new Set<string>();
  /** Under way: whoever asks for it meanwhile waits for the same one. */
  readonly #migrating = new Map<string, Promise<Migrated>>();

  constructor(chamber: Chamber) {
    this.#chamber = chamber;
    this.rehearsals = new Rehearsals(chamber, this.#board);
  }

  /** Carries out an approved proposal's migration, or one that had failed. */
  migrate(proposalId: string): Promise<Migrated> {
    this.#tried.add(proposalId);
    const running = this.#migrating.get(proposalId);
    if (running !== undefined) return running;
    const started = this.#migrate(proposalId).finally(() => this.#migrating.delete(proposalId));
    this.#migrating.set(proposalId, started);
    return started;
  }

  /** Carries out every migration that is approved and not yet recorded, e.g. after an interruption. */
  async migratePending(): Promise<void> {
    const pending = await this.#chamber.handle.read((view) => view("pending_migrations", null));
    if (!pending.ok) return;
    for (const id of pending.view.proposals) await this.#report(id);
  }

  /** The same at a start, which waits for it a while. */
  resume(waitMs: number): Promise<void> {
    return atMost(waitMs, this.migratePending());
  }

  /** Approved proposals that nobody has begun. What another host has begun is its own, until a start or the clock finds it left behind. */
  approved(view: View): string[] {
    const pending = view("pending_migrations", null);
    const untried = pending.ok ? pending.view.proposals.filter((id) => !this.#tried.has(id)) : [];
    return untried.filter((proposal_id) => {
      const found = view("proposal", { proposal_id });
      return found.ok && found.view.status === "approved";
    });
  }

  /** Sets approved migrations off; nobody waits for them. */
  setOff(ids: readonly string[]): void {
    for (const id of ids) void this.#report(id);
  }

  /** Before a command is decided: a vote opens on a rehearsal of what it is about. */
  async before(command: unknown): Promise<void> {
    const opened = openedBy(command);
    if (opened === undefined) return;
    try {
      await this.rehearsals.refresh(opened);
    } catch (error) {
      this.#chamber.logger.warn(`${opened} was not rehearsed before its vote: ${words(error)}`);
    }
  }

  /** After events: rehearses what is new, and carries out what was approved. The caller waits a while for the latter only. */
  async after(events: readonly SenateEvent[], waitMs: number): Promise<void> {
    const ids = (name: (event: string) => boolean): string[] =>
      events.flatMap(({ event, proposal_id }) => (name(event) ? (proposal_id ?? []) : []));
    for (const id of ids((event) => event === "proposal_created" || event === "proposal_revised")) {
      this.rehearsals.rehearseQuietly(id);
    }
    const retried = ids((event) => event === "migration_retried");
    for (const id of retried) this.#tried.delete(id);
    const generated = ids((event) => event === "migration_generated");
    if (generated.length + retried.length === 0) return;
    const approved = await this.#chamber.handle.read((view) => this.approved(view));
    // A reader may have been first to set one off; who approved waits for it all the same.
    const underWay = generated.flatMap((id) => this.#migrating.get(id) ?? []);
    await atMost(
      waitMs,
      (async () => {
        await Promise.allSettled(underWay);
        for (const id of approved) await this.#report(id);
      })(),
    );
  }

  /** How far a migration is, whichever host carries it out. */
  async progress(proposal_id: string): Promise<Found<{ progress: Progress }>> {
    const { handle, store } = this.#chamber;
    const found = await handle.read((view) => view("proposal", { proposal_id }));
    if (!found.ok) return refused(found.problem);
    const { status, migration, history } = found.view;
    const mine = this.#board.get(proposal_id);
    const isMine = mine !== undefined && (mine.phase === "staging" || mine.phase === "swapping");
    if (isMine || mine?.phase === "rehearsing") return { ok: true, progress: mine };
    const none = { looked_at: 0, total: 0, changed: 0 };
    if (status === "migrating") {
      const run = await store.migrationRun(proposal_id);
      const progress =
        run === undefined ? progressOf(proposal_id, "staging", none, null) : progressOfRun(run);
      return { ok: true, progress };
    }
    if (migration?.state === "failed") {
      const counts = mine?.phase === "failed" ? mine : none;
      return { ok: true, progress: progressOf(proposal_id, "failed", counts, null, migration.reason) };
    }
    if (migration?.state === "applied") {
      const counts = await this.#applied(history.findLast(({ event }) => event === "migration_applied")?.seq);
      return { ok: true, progress: progressOf(proposal_id, "done", counts, null) };
    }
    const message = `The proposal is ${status.replace("_", " ")}; no migration of it is under way.`;
    return refused(problemOf(OPEN.has(status) ? "migration_not_begun" : "nothing_to_migrate", message));
  }

  /**
   * Progress as it comes, until the migration is over; `undefined` from time to time when there is nothing new. A proposal that
   * is not approved yet is waited for.
   */
  async *follow(proposalId: string, stop: AbortSignal): AsyncGenerator<Progress | undefined> {
    const signal = AbortSignal.any([stop, this.#chamber.signal, this.#unfollow.signal]);
    let last = "";
    while (!signal.aborted) {
      const found = await this.progress(proposalId);
      if (!found.ok && found.problem.code !== "migration_not_begun") return;
      const text = found.ok ? JSON.stringify(found.progress) : "";
      yield found.ok && text !== last ? found.progress : undefined;
      last = text;
      if (found.ok && (found.progress.phase === "done" || found.progress.phase === "failed")) return;
      await sleep(TELL_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!this.#migrating.has(proposalId)) await this.#board.change(LOOK_MS - TELL_MS, signal);
    }
  }

  /** Ends what {@link follow} gives, e.g. when a server stops. */
  stopFollowing(): void {
    this.#unfollow.abort();
  }

  /** When what was under way has come to a batch's end. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#migrating.values());
    await this.rehearsals.idle();
  }

  async #migrate(proposalId: string): Promise<Migrated> {
    heed(this.#chamber.signal);
    const approved = await this.#toMigrate(proposalId);
    if (!approved.ok) return approved;
    // One that has begun was rehearsed before it did; it goes on where it was.
    if (approved.status !== "migrating") await this.rehearsals.refresh(proposalId);
    try {
      for (;;) {
        const found = await this.#begin(proposalId);
        if (!found.ok) return found;
        const migrated = await this.#tryAll(found);
        if (migrated !== undefined) return migrated;
      }
    } finally {
      const phase = this.#board.get(proposalId)?.phase;
      // Stopped in the middle, or ended by another host: what this one knows is old.
      if (phase === "staging" || phase === "swapping") this.#board.forget(proposalId);
    }
  }

  async #tryAll(found: Case): Promise<Migrated | undefined> {
    try {
      return await withJob(this.#chamber, found, (job) => this.#carryOut(found, job));
    } catch (error) {
      if (!(error instanceof UncompiledError)) throw error;
      const failed = await this.#finish(found, undefined, new MigrationFailure(error.message));
      return failed === "late" ? undefined : failed;
    }
  }

  /** Undefined: another host has ended the run meanwhile, or it is to be begun anew. */
  async #carryOut(found: Case, job: Job): Promise<Migrated | undefined> {
    const { store } = this.#chamber;
    const stage = this.#stage(found);
    if (!(await stageAll(store, job, stage))) return undefined;
    for (;;) {
      const migrated = await this.#finish(found, job);
      if (migrated !== "late") return migrated;
      // Much came while it was staged; it follows with the log free.
      if ((await stageRest(store, job, stage)) === undefined) return undefined;
    }
  }

  /** Says in the log that a migration begins, before it does: others see it, and a crash in it leaves a trace. */
  #begin(proposalId: string): Promise<Found<Case>> {
    return locked<Found<Case>>(this.#chamber, async (tx) => {
      const { handle } = this.#chamber;
      const nowMs = handle.now();
      const found = this.#caseIn(proposalId, nowMs);
      if (!found.ok) return { events: [], result: found };
      const refusal = notToMigrate(found.status);
      if (refusal !== undefined) return { events: [], result: refusal };
      let events: SenateEvent[] = [];
      if (found.status !== "migrating") {
        const command: Command = { command: "begin_migration", proposal_id: proposalId, plan: found.digest };
        const decision = handle.decide(command, nowMs);
        if (!decision.ok) return { events: [], result: decision };
        events = decision.events;
      }
      await openRun(tx, found.plan.artifact_type, this.#stage(found));
      return { events, result: found };
    });
  }

  /** The end, under the log's lock: nobody appends, and nobody adds an artifact, until the result is recorded. */
  async #finish(
    found: Case,
    job: Job | undefined,
    failure?: MigrationFailure,
  ): Promise<Migrated | "late" | undefined> {
    const { proposal_id, digest } = found;
    try {
      return await locked<Migrated | "late" | undefined>(this.#chamber, async (tx) => {
        const { handle } = this.#chamber;
        const nowMs = handle.now();
        const now = this.#caseIn(proposal_id, nowMs);
        if (!now.ok) return { events: [], result: now };
        // Another host that had begun too was first, and has recorded what came of it.
        if (now.status !== "migrating") return { events: [], result: notBegun(now.status) };
        const run = await tx.migrations.lock(proposal_id);
        if (run?.plan_digest !== digest || now.digest !== digest) return { events: [], result: undefined };
        this.#board.report(proposal_id, "swapping", run);
        const outcome =
          job === undefined
            ? failure
            : await attempted(() => tx.savepoint(() => swapAll(tx, job, proposal_id, nowMs)));
        if (outcome === undefined) return { events: [], result: "late" };
        await tx.migrations.end(proposal_id);
        const decision = handle.decide(record(proposal_id, digest, outcome), handle.now());
        // What was done to the artifacts must not outlive a refused record of it.
        if (!decision.ok) throw new MigrationRefused(decision);
        return { events: decision.events, result: this.#ended(found, outcome, run.changed) };
      });
    } catch (error) {
      if (error instanceof MigrationRefused) return error.decision;
      throw error;
    }
  }

  #ended({ proposal_id }: Case, outcome: Outcome | MigrationFailure, changed: number): Migrated {
    if (outcome instanceof MigrationFailure) {
      const looked_at = this.#board.get(proposal_id)?.looked_at ?? 0;
      this.#board.report(proposal_id, "failed", { looked_at, total: looked_at, changed }, outcome.message);
      return { ok: true, result: "failed", reason: outcome.message };
    }
    const { checked } = outcome;
    this.#board.report(proposal_id, "done", { looked_at: checked, total: checked, changed: outcome.changed });
    return { ok: true, result: "applied", artifacts: outcome };
  }

  /** The ballot that approved is stored whatever the migration does, so its trouble goes to the log, not the voter. */
  async #report(id: string): Promise<void> {
    const { logger, signal } = this.#chamber;
    try {
      const result = await this.migrate(id);
      // Another host may have been faster.
      if (!result.ok && result.problem.code === "nothing_to_migrate") return;
      if (!result.ok) logger.warn(`migration of ${id}: ${result.problem.message}`);
      else if (result.result === "failed") logger.warn(`migration of ${id} failed: ${result.reason}`);
    } catch (error) {
      const message = `migration of ${id} was interrupted and will be tried again: ${words(error)}`;
      if (signal.aborted) logger.info(message);
      else logger.error(message);
    }
  }

  async #applied(seq: number | undefined): Promise<{ looked_at: number; total: number; changed: number }> {
    const [event] = seq === undefined ? [] : await this.#chamber.store.read(seq, 1);
    const { checked = 0, changed = 0 } = JSON.parse(event?.body ?? "{}") as Partial<Outcome>;
    return { looked_at: checked, total: checked, changed };
  }

  #stage({ proposal_id, digest: plan_digest }: Case): Stage {
    const { handle, signal } = this.#chamber;
    return {
      proposal_id,
      plan_digest,
      now: () => handle.now(),
      signal,
      report: (counts) => this.#board.report(proposal_id, "staging", counts),
    };
  }

  async #toMigrate(proposalId: string): Promise<Found<Case>> {
    const found = await this.#case(proposalId);
    return found.ok ? (notToMigrate(found.status) ?? found) : found;
  }

  #case(proposalId: string): Promise<Found<Case>> {
    return this.#chamber.handle.read((view) => caseOf(view, proposalId));
  }

  /** The same for who holds the log's lock. */
  #caseIn(proposalId: string, nowMs: number): Found<Case> {
    return caseOf((name, params) => this.#chamber.handle.view(name, params, nowMs), proposalId);
  }
}

/** The proposal whose vote a command opens. */
function openedBy(command: unknown): string | undefined {
  let given = command;
  if (typeof command === "string") {
    if (!command.includes('"open_vote"')) return undefined;
    try {
      given = JSON.parse(command);
    } catch {
      return undefined;
    }
  }
  if (typeof given !== "object" || given === null) return undefined;
  const { command: name, proposal_id: id } = given as Record<string, unknown>;
  return name === "open_vote" && typeof id === "string" ? id : undefined;
}

function record(proposal_id: string, plan: string, outcome: Outcome | MigrationFailure): Command {
  if (outcome instanceof MigrationFailure) {
    const { message: reason, failures } = outcome;
    return {
      command: "record_migration",
      proposal_id,
      plan,
      result: "failed",
      reason,
      ...(failures.length > 0 && { failures }),
    };
  }
  return { command: "record_migration", proposal_id, plan, result: "applied", artifacts: { ...outcome } };
}

/** Waits for work that goes on without the waiter when it takes longer. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal, ref: false }).catch(() => undefined);
  await Promise.race([work, late]);
  timer.abort();
}

class MigrationRefused extends Error {
  constructor(readonly decision: Refused) {
    super(decision.problem.message);
  }
}
