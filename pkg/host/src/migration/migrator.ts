/** Carries migrations out, and rehearses them: what a proposal's plan does to the stored artifacts, and how far it is. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Command,
  type Json,
  type Plan,
  type Problem,
  type Schema,
  type SchemaVersion,
  type SenateEvent,
  type Status,
  version,
} from "schema-senate";
import { again } from "../again.js";
import { compileVersion, type SchemaSource } from "../compiled.js";
import type { Handle, View } from "../handle.js";
import type { Logger } from "../host.js";
import { problem as problemOf } from "../http/problem.js";
import { type Store, StoreError, type Transaction } from "../store/store.js";
import { Turns } from "../turns.js";
import { attempted, MigrationFailure, type Outcome, swapAll } from "./apply.js";
import type { Job } from "./batch.js";
import { PreparedPlan } from "./plan.js";
import { type Progress, ProgressBoard, progressOf, progressOfRun } from "./progress.js";
import { fingerprint, rehearse, type Rehearsal, type Sample, sampleOf } from "./rehearsal.js";
import { openRun, type Stage, stageAll, stageRest } from "./staging.js";

export type Refused = { ok: false; problem: Problem; problems: Problem[] };

/** What became of a migration; `ok: false` when there is none to run. */
export type Migrated =
  | { ok: true; result: "applied"; artifacts: Outcome }
  | { ok: true; result: "failed"; reason: string }
  | Refused;

export type Rehearsed = { ok: true; rehearsal: Rehearsal } | Refused;

/** What the host lends. */
export interface Chamber {
  handle: Handle;
  store: Store;
  logger: Logger;
  /** Runs what appends to the log, one at a time. */
  take<T>(work: () => Promise<T>): Promise<T>;
  /** Comes when the host stops. */
  signal: AbortSignal;
  /** Artifacts that a rehearsal looks at, at most. */
  rehearsalLimit: number;
}

/** A plan with the schemas that its artifacts are held against. */
interface Case {
  proposal_id: string;
  plan: Plan;
  digest: string;
  status: Status;
  next: SchemaSource;
  current?: SchemaSource;
}

type Found<T> = ({ ok: true } & T) | Refused;

/** Rehearsals that this host remembers beside the log. */
const REMEMBERED = 64;
/** How often a follower looks at another host's migration, and how often it hears of one of this host's, in milliseconds. */
const LOOK_MS = 1_000;
const TELL_MS = 200;

const CARRIED_OUT: ReadonlySet<Status> = new Set(["approved", "migrating", "migration_failed"]);
/** In these a migration may still come. */
const OPEN: ReadonlySet<Status> = new Set(["review", "voting", "cooling", "approved", "migrating"]);

export class Migrator {
  readonly #chamber: Chamber;
  readonly #board = new ProgressBoard();
  readonly #unfollow = new AbortController();
  /** Proposals whose migration this process has tried: a reader does not set it off again. */
  readonly #tried = new Set<string>();
  /** Under way: whoever asks for it meanwhile waits for the same one. */
  readonly #migrating = new Map<string, Promise<Migrated>>();
  readonly #rehearsing = new Map<string, Promise<Rehearsed>>();
  readonly #rehearsals = new Turns();
  readonly #last = new Map<string, Rehearsal>();

  constructor(chamber: Chamber) {
    this.#chamber = chamber;
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
      await this.#freshRehearsal(opened);
    } catch (error) {
      this.#chamber.logger.warn(`${opened} was not rehearsed before its vote: ${words(error)}`);
    }
  }

  /** After events: rehearses what is new, and carries out what was approved. The caller waits a while for the latter only. */
  async after(events: readonly SenateEvent[], waitMs: number): Promise<void> {
    const ids = (name: (event: string) => boolean): string[] =>
      events.flatMap(({ event, proposal_id }) => (name(event) ? (proposal_id ?? []) : []));
    for (const id of ids((event) => event === "proposal_created" || event === "proposal_revised")) {
      this.#rehearseQuietly(id);
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

  /** Tries the migration on the stored artifacts, and takes everything back. */
  async rehearse(proposalId: string): Promise<Rehearsed> {
    const found = await this.#toTry(proposalId);
    if (!found.ok) return found;
    const key = `${proposalId} ${found.digest}`;
    const running = this.#rehearsing.get(key);
    if (running !== undefined) return running;
    const started = this.#rehearsals
      .take(() => this.#rehearse(found))
      .finally(() => this.#rehearsing.delete(key));
    this.#rehearsing.set(key, started);
    return started;
  }

  /** The last rehearsal of a proposal's migration. */
  async rehearsal(proposalId: string): Promise<Rehearsed> {
    const found = await this.#case(proposalId);
    if (!found.ok) return found;
    const last = await this.#lastOf(found);
    if (last !== undefined) return { ok: true, rehearsal: last };
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
    return this.#withJob(found, async (job) => {
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
    return this.#withJob(found, async (job) => {
      const samples: Sample[] = [];
      for (const id of [...new Set(ids)].slice(0, count)) {
        const sample = await sampleOf(store, job, id);
        if (sample !== undefined) samples.push(sample);
      }
      return { ok: true, samples };
    });
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
    await Promise.allSettled([...this.#migrating.values(), ...this.#rehearsing.values()]);
  }

  async #migrate(proposalId: string): Promise<Migrated> {
    this.#heed();
    const approved = await this.#toMigrate(proposalId);
    if (!approved.ok) return approved;
    await this.#freshRehearsal(proposalId);
    try {
      for (;;) {
        const found = await this.#begin(proposalId);
        if (!found.ok) return found;
        const migrated = await this.#withJob(
          found,
          (job) => this.#carryOut(found, job),
          (failure) => this.#finish(found, undefined, failure),
        );
        if (migrated !== undefined) return migrated;
      }
    } finally {
      const phase = this.#board.get(proposalId)?.phase;
      // Stopped in the middle, or ended by another host: what this one knows is old.
      if (phase === "staging" || phase === "swapping") this.#board.forget(proposalId);
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
    return this.#locked<Found<Case>>(async (tx) => {
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
      return await this.#locked<Migrated | "late" | undefined>(async (tx) => {
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

  #locked<T>(work: (tx: Transaction) => Promise<{ events: SenateEvent[]; result: T }>): Promise<T> {
    return this.#chamber.take(() => {
      this.#heed();
      return again(() => this.#chamber.handle.store(work, { locked: true }));
    });
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

  #rehearseQuietly(id: string): void {
    if (this.#chamber.signal.aborted) return;
    this.rehearse(id).then(
      (rehearsed) => {
        if (rehearsed.ok || rehearsed.problem.code === "no_schema_change") return;
        this.#chamber.logger.info(`${id} was not rehearsed: ${rehearsed.problem.message}`);
      },
      (error: unknown) => {
        if (!this.#chamber.signal.aborted) this.#chamber.logger.warn(`rehearsing ${id}: ${words(error)}`);
      },
    );
  }

  /** Rehearses unless the last rehearsal is of this very plan, core and data. */
  async #freshRehearsal(proposalId: string): Promise<void> {
    const found = await this.#case(proposalId);
    if (!found.ok) return;
    await this.#rehearsing.get(`${proposalId} ${found.digest}`);
    const last = await this.#lastOf(found);
    if (last?.current === true && last.evidence.core === version().version) {
      const { store, signal } = this.#chamber;
      const now = await fingerprint(store, found.plan.artifact_type, signal);
      if (now.fingerprint === last.evidence.fingerprint) return;
    }
    await this.rehearse(proposalId);
  }

  async #rehearse(found: Case): Promise<Rehearsed> {
    this.#heed();
    const { store, signal, rehearsalLimit: limit, handle } = this.#chamber;
    const { proposal_id, digest: plan } = found;
    return this.#withJob<Rehearsed>(found, async (job) => {
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
      const recorded = await this.#record(proposal_id, plan, JSON.stringify(evidence));
      const passed = evidence.invalid_after === 0 && evidence.not_restored === 0;
      const at_ms = handle.now();
      const rehearsal: Rehearsal = { proposal_id, plan, evidence, passed, at_ms, current: true, recorded };
      this.#last.delete(proposal_id);
      this.#last.set(proposal_id, rehearsal);
      for (const oldest of this.#last.keys()) if (this.#last.size > REMEMBERED) this.#last.delete(oldest);
      return { ok: true, rehearsal };
    });
  }

  /** `false` where the log does not take it: the vote has opened meanwhile, or the plan has changed. */
  #record(proposal_id: string, plan: string, evidence: string): Promise<boolean> {
    const members = JSON.stringify({ command: "record_rehearsal", proposal_id, plan });
    const command = `${members.slice(0, -1)},"evidence":${evidence}}`;
    return this.#locked(async () => {
      const { handle } = this.#chamber;
      const decision = handle.decide(command, handle.now());
      if (decision.ok) return { events: decision.events, result: true };
      this.#chamber.logger.info(
        `the rehearsal of ${proposal_id} is not on record: ${decision.problem.message}`,
      );
      return { events: [], result: false };
    });
  }

  /** From the log, or the one that it did not take. */
  async #lastOf({ proposal_id, digest }: Case): Promise<Rehearsal | undefined> {
    const found = await this.#chamber.handle.read((view) => view("proposal", { proposal_id }));
    const onRecord = found.ok ? recordedRehearsal(proposal_id, found.view.migration) : undefined;
    const remembered = this.#last.get(proposal_id);
    if (remembered === undefined || (onRecord !== undefined && onRecord.at_ms >= remembered.at_ms)) {
      return onRecord;
    }
    return { ...remembered, current: remembered.plan === digest };
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

  /** A migration that is still to come can be tried; one that ran, or never will, cannot. */
  async #toTry(proposalId: string): Promise<Found<Case>> {
    const found = await this.#case(proposalId);
    return found.ok && !OPEN.has(found.status) ? (notToMigrate(found.status) ?? found) : found;
  }

  #case(proposalId: string): Promise<Found<Case>> {
    return this.#chamber.handle.read((view) => caseOf(view, proposalId));
  }

  /** The same for who holds the log's lock. */
  #caseIn(proposalId: string, nowMs: number): Found<Case> {
    return caseOf((name, params) => this.#chamber.handle.view(name, params, nowMs), proposalId);
  }

  /** Compiles what the work needs, and frees it. A next schema that cannot be had is a failure of the plan. */
  async #withJob<T>(
    found: Case,
    work: (job: Job) => Promise<T>,
    otherwise?: (failure: MigrationFailure) => Promise<T | "late">,
  ): Promise<T> {
    const next = compileVersion(found.next);
    if (!next.ok) {
      const message = `The next schema cannot be compiled: ${next.problems[0]?.message ?? "no reason given"}`;
      const failed = await otherwise?.(new MigrationFailure(message));
      if (failed !== undefined && failed !== "late") return failed;
      throw new StoreError("store_damaged", message);
    }
    const current = found.current === undefined ? undefined : compileVersion(found.current);
    const plan = new PreparedPlan(found.plan);
    const { artifact_type, from_version } = plan;
    const held: Schema[] = [next.schema, ...(current?.ok === true ? [current.schema] : [])];
    try {
      return await work({
        plan,
        next: next.schema,
        ...(current?.ok === true && { current: current.schema }),
        upcast: (from, metadata) => this.#chamber.handle.upcast(artifact_type, from, from_version, metadata),
        blamed: 0,
      });
    } finally {
      plan.free();
      for (const schema of held) schema.free();
    }
  }

  #heed(): void {
    if (this.#chamber.signal.aborted) throw new StoreError("store_unavailable", "The host is stopping.");
  }
}

/** The plan of a proposal as it is now, and the schemas around it. */
function caseOf(view: View, proposal_id: string): Found<Case> {
  const found = view("proposal", { proposal_id });
  if (!found.ok) return refused(found.problem);
  const { migration, next, status, artifact_type } = found.view;
  if (artifact_type === undefined) {
    const message = "It is about the senate itself, and changes no schema.";
    return refused(problemOf("no_schema_change", message));
  }
  // The type may have moved on so far that the change cannot be applied any more.
  if (migration === undefined || next.schema === undefined) {
    const message = `The proposal is ${status.replace("_", " ")}; it has no migration.`;
    return refused(problemOf("nothing_to_migrate", message));
  }
  const { plan, digest } = migration;
  const current = view("schema", { artifact_type: plan.artifact_type, ...baseOf(plan) });
  // A new type has no version yet, and nothing to inherit.
  if (!current.ok) return { ok: true, proposal_id, plan, digest, status, next: { schema: next.schema } };
  return {
    ok: true,
    proposal_id,
    plan,
    digest,
    status,
    next: inherited(next.schema, current.view),
    current: current.view,
  };
}

function baseOf(plan: Plan): Record<string, Json> {
  return plan.from_version > 0 ? { version: plan.from_version } : {};
}

/** A next schema refers to what the current version refers to, in its dialect. */
export function inherited(schema: Json, { references, draft }: SchemaVersion): SchemaSource {
  return { schema, draft, ...(references !== undefined && { references }) };
}

function notToMigrate(status: Status): Refused | undefined {
  if (CARRIED_OUT.has(status)) return undefined;
  return refused(
    problemOf(
      "nothing_to_migrate",
      `The proposal is ${status.replace("_", " ")}; there is no migration to run.`,
    ),
  );
}

function notBegun(status: Status): Refused {
  return refused(
    problemOf(
      "nothing_to_migrate",
      `The proposal is ${status.replace("_", " ")}; its migration has not begun.`,
    ),
  );
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

function recordedRehearsal(proposal_id: string, migration: object | undefined): Rehearsal | undefined {
  const { rehearsal, digest: plan = "" } = (migration ?? {}) as {
    rehearsal?: Pick<Rehearsal, "evidence" | "passed" | "at_ms" | "current">;
    digest?: string;
  };
  if (rehearsal === undefined) return undefined;
  const { evidence, passed, at_ms, current } = rehearsal;
  return { proposal_id, plan, evidence, passed, at_ms, current, recorded: true };
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

function refused(problem: Problem): Refused {
  return { ok: false, problem, problems: [problem] };
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

class MigrationRefused extends Error {
  constructor(readonly decision: Refused) {
    super(decision.problem.message);
  }
}
