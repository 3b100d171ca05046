/** A senate that is stored: commands in, events into the log, views out, migrations carried out. */
import { setTimeout as sleep } from "node:timers/promises";
import type {
  Answer,
  Command,
  DraftCheck,
  Json,
  Member,
  Plan,
  Policy,
  Problem,
  SchemaVersion,
  SenateEvent,
  ViewMap,
} from "schema-senate";
import { checkDraft } from "schema-senate";
import { Artifacts } from "./artifacts.js";
import { Handle, isConflict, type View } from "./handle.js";
import { problem as problemOf } from "./http/problem.js";
import { applyPlan, compileVersion, MigrationFailure, type Outcome, type SchemaSource } from "./migrator.js";
import { PlanError, type Store, StoreError } from "./store/store.js";
import { type StoredVerdict, storedVerdict } from "./stored-verdict.js";
import { Turns } from "./turns.js";

export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface HostOptions {
  store: Store;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** Default: warnings and errors to standard error. */
  logger?: Logger;
  /** How often what time alone has decided is written down. Default 30 s; 0: only when somebody asks. */
  settleEveryMs?: number;
  /** How long a deciding ballot's answer waits for its migration. Default 10 s. */
  migrationWaitMs?: number;
}

export type Refused = { ok: false; problem: Problem; problems: Problem[] };

/** What a command did: its events, stored. */
export type Executed = { ok: true; events: SenateEvent[] } | Refused;

/** What became of a migration; `ok: false` when there is none to run. */
export type Migrated =
  | { ok: true; result: "applied"; artifacts: Outcome }
  | { ok: true; result: "failed"; reason: string }
  | Refused;

/** What a verdict over the stored artifacts is about: a proposal, or a draft that nobody has proposed yet. */
export type Proposed = { proposal_id: string } | { draft: string; target: string };

export type Counted = { ok: true; verdict: StoredVerdict } | { ok: false; problems: Problem[] };

export interface Founding {
  /** Names the senate for ever, e.g. `senate.example.org`. */
  origin: string;
  members: Member[];
  policy?: Partial<Policy>;
}

/** Times that a command is decided while other hosts are first, and how many of them without the log's lock. */
const ATTEMPTS = 8;
const OPTIMISTIC_ATTEMPTS = 4;

const STDERR: Logger = {
  info: () => undefined,
  warn: (message) => console.error(message),
  error: (message) => console.error(message),
};

/** Opens a host on a store: reads the log, writes down what is due, finishes migrations that were interrupted. */
export async function createHost(options: HostOptions): Promise<Host> {
  const host = new Host(options);
  await host.start();
  return host;
}

/** Founds the senate unless it is founded; `false` when it was. */
export async function foundSenate(host: Host, founding: Founding): Promise<boolean> {
  if ((await host.seq()) > 0) return false;
  const founded = await host.execute({
    command: "found_senate",
    origin: founding.origin,
    members: founding.members,
    ...(founding.policy === undefined ? {} : { policy: founding.policy }),
  });
  if (founded.ok) return true;
  // Another host on the same store may have been first.
  if ((await host.seq()) > 0) return false;
  throw new TypeError(
    `The senate cannot be founded: ${founded.problems.map((one) => one.message).join(" ")}`,
  );
}

export class Host {
  readonly store: Store;
  readonly logger: Logger;
  readonly artifacts: Artifacts;
  readonly #handle: Handle;
  readonly #turns = new Turns();
  readonly #settleEveryMs: number;
  readonly #migrationWaitMs: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: HostOptions) {
    this.store = options.store;
    this.logger = options.logger ?? STDERR;
    this.#settleEveryMs = options.settleEveryMs ?? 30_000;
    this.#migrationWaitMs = options.migrationWaitMs ?? 10_000;
    this.#handle = new Handle(options.store, options.now ?? Date.now);
    this.artifacts = new Artifacts(this.#handle, options.store);
  }

  async start(): Promise<void> {
    await this.#handle.catchUp();
    if (this.#handle.seq > 0) {
      await this.settle();
      await this.migratePending();
    }
    if (this.#settleEveryMs > 0) {
      this.#timer = setInterval(() => this.#tick(), this.#settleEveryMs);
      this.#timer.unref();
    }
  }

  /** The number of the log's last event. */
  async seq(): Promise<number> {
    await this.#handle.catchUp();
    return this.#handle.seq;
  }

  /**
   * Decides a command and stores its events; nothing is stored when it is refused. JSON text reaches the core as it
   * stands. When the events approve a proposal, its migration is carried out too; the answer waits for it a while.
   *
   * @throws StoreError when the store cannot be reached, or other hosts were first again and again.
   */
  async execute(command: Command | string): Promise<Executed> {
    const executed = await this.#turns.take(() => this.#execute(command));
    if (executed.ok) await this.#followUp(executed.events);
    return executed;
  }

  /** A view of the state as it is now, without anything that may still roll back. */
  async view<Name extends keyof ViewMap>(
    name: Name,
    params: Record<string, Json> | null = null,
  ): Promise<Answer<{ view: ViewMap[Name] }>> {
    return this.look((view) => view(name, params));
  }

  /** Several views of one state. */
  async look<T>(look: (view: View) => T): Promise<T> {
    await this.#settle(false);
    return this.#handle.read(look);
  }

  /** Checks a draft against the registry, as the page does. The context is that of the draft's target. */
  async check(draft: string, target: string): Promise<DraftCheck> {
    const context = await this.look((view) => {
      const found = view("context", target === "new_type" ? null : { artifact_type: target });
      // An unknown target is the draft's problem, which the check names.
      return found.ok ? found : view("context", null);
    });
    if (!context.ok) return { ok: false, problems: [context.problem], use_cases: [] };
    return checkDraft(draft, context.view);
  }

  /**
   * How many stored artifacts are valid under the proposed schema, as they are and once the migration has run. Looks at
   * `limit` of them at most, and says so when there are more. Refused: a draft whose next schema cannot be had.
   */
  async storedVerdict(proposed: Proposed, limit?: number): Promise<Counted> {
    const found = await this.#nextOf(proposed);
    if (!found.ok) return found;
    const { artifact_type, schema, plan } = found;
    const current = await this.view("schema", { artifact_type });
    const next = compileVersion(current.ok ? inherited(schema, current.view) : { schema });
    if (!next.ok) return next;
    const before = current.ok ? compileVersion(current.view) : undefined;
    try {
      const verdict = await storedVerdict(this.store, {
        artifact_type,
        version: found.version ?? (current.ok ? current.view.version : 0) + 1,
        next: next.schema,
        ...(before?.ok === true && { current: before.schema }),
        ...(plan !== undefined && { plan }),
        ...(limit !== undefined && { limit }),
      });
      return { ok: true, verdict };
    } finally {
      next.schema.free();
      if (before?.ok === true) before.schema.free();
    }
  }

  /** The next schema, and the migration where it is still to run. */
  async #nextOf(
    proposed: Proposed,
  ): Promise<
    | { ok: true; artifact_type: string; version?: number; schema: Json; plan?: Plan }
    | { ok: false; problems: Problem[] }
  > {
    if ("draft" in proposed) {
      const check = await this.check(proposed.draft, proposed.target);
      const { artifact_type, next_schema: schema, migration: plan } = check;
      if (artifact_type === undefined || schema === undefined) return withoutNext(check.problems);
      return { ok: true, artifact_type, schema, ...(plan !== undefined && { plan }) };
    }
    const found = await this.view("proposal", proposed);
    if (!found.ok) return { ok: false, problems: [found.problem] };
    const { artifact_type, next, migration, problems } = found.view;
    // The type may have moved on so far that the change cannot be applied any more.
    const { schema } = next as Partial<typeof next>;
    if (schema === undefined) return withoutNext(problems);
    return {
      ok: true,
      artifact_type,
      version: next.version,
      schema,
      ...(migration !== undefined && migration.state !== "applied" && { plan: migration.plan }),
    };
  }

  /** The log as it is stored, from an event on, in pages of lines. */
  async *events(from = 1, page = 500): AsyncGenerator<string> {
    const head = await this.store.head();
    for (let next = from; next <= head;) {
      const events = await this.store.read(next, Math.min(page, head - next + 1));
      const last = events.at(-1);
      if (last === undefined) return;
      yield events.map((event) => `${event.body}\n`).join("");
      next = last.seq + 1;
    }
  }

  /** Writes down what time alone has decided. Costs one query when nothing is due. */
  settle(): Promise<void> {
    return this.#settle(true);
  }

  /** Carries out an approved proposal's migration, or one that had failed. */
  migrate(proposalId: string): Promise<Migrated> {
    return this.#turns.take(() => this.#again(() => this.#migrate(proposalId)));
  }

  /** Carries out every migration that is approved and not yet recorded, e.g. after an interruption. */
  async migratePending(): Promise<void> {
    const pending = await this.#handle.read((view) => view("pending_migrations", null));
    if (!pending.ok) return;
    for (const id of pending.view.proposals) await this.#report(id, this.migrate(id));
  }

  /** Waits for what is under way, then closes the store. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#turns.idle();
    this.artifacts.free();
    this.#handle.free();
    await this.store.close();
  }

  #tick(): void {
    if (this.#closed || this.#handle.seq === 0) return;
    this.settle()
      .then(() => this.migratePending())
      .catch((error: unknown) => this.logger.warn(`settling: ${words(error)}`));
  }

  /** A reader does not wait for the migrations that its look at the clock has set off. */
  async #settle(wait: boolean): Promise<void> {
    if (!(await this.#isDue())) return;
    const settled = await this.#turns.take(() => this.#execute({ command: "settle" }));
    if (!settled.ok) return;
    const migrated = this.#followUp(settled.events);
    if (wait) await migrated;
  }

  async #isDue(): Promise<boolean> {
    return this.#handle.read((_, decide) => {
      if (this.#handle.seq === 0) return false;
      const decision = decide({ command: "settle" });
      return decision.ok && decision.events.length > 0;
    });
  }

  #execute(command: Command | string): Promise<Executed> {
    if (this.#closed) throw new StoreError("store_unavailable", "The host is stopping.");
    const decide = (): Executed => {
      const decision = this.#handle.decide(command, this.#handle.now());
      return decision.ok ? decision : { ok: false, problem: decision.problem, problems: decision.problems };
    };
    return this.#again(async (locked) => {
      if (locked) {
        return this.#handle.store(
          async () => {
            const executed = decide();
            return { events: executed.ok ? executed.events : [], result: executed };
          },
          { locked },
        );
      }
      await this.#handle.catchUp();
      const executed = decide();
      if (!executed.ok || executed.events.length === 0) return executed;
      const { events } = executed;
      return this.#handle.store(async () => ({ events, result: executed }));
    });
  }

  /** Under the log's lock from the start: nobody appends, and nobody adds an artifact, until the result is recorded. */
  async #migrate(proposalId: string): Promise<Migrated> {
    if (this.#closed) throw new StoreError("store_unavailable", "The host is stopping.");
    try {
      return await this.#handle.store<Migrated>(
        async (tx) => {
          const nowMs = this.#handle.now();
          const found = this.#toMigrate(proposalId, nowMs);
          if (!found.ok) return { events: [], result: found };
          const { plan, digest, next } = found;
          const outcome = await attempt(() => tx.savepoint(() => applyPlan(tx, plan, next, nowMs)));
          const decision = this.#handle.decide(record(proposalId, digest, outcome), this.#handle.now());
          // What was done to the artifacts must not outlive a refused record of it.
          if (!decision.ok) throw new MigrationRefused(decision);
          const result: Migrated =
            outcome instanceof MigrationFailure
              ? { ok: true, result: "failed", reason: outcome.message }
              : { ok: true, result: "applied", artifacts: outcome };
          return { events: decision.events, result };
        },
        { locked: true },
      );
    } catch (error) {
      if (error instanceof MigrationRefused) return error.decision;
      throw error;
    }
  }

  /** The plan and the next schema of a proposal whose migration is to be carried out. */
  #toMigrate(
    proposal_id: string,
    nowMs: number,
  ): { ok: true; plan: Plan; digest: string; next: SchemaSource } | Refused {
    const approved = this.#handle.view("plan", { proposal_id }, nowMs);
    if (!approved.ok) return refused(approved.problem);
    const { plan, digest } = approved.view;
    const proposal = this.#handle.view("proposal", { proposal_id }, nowMs);
    if (!proposal.ok) return refused(proposal.problem);
    const { status, next } = proposal.view;
    if (status !== "approved" && status !== "migration_failed") {
      return refused({
        code: "nothing_to_migrate",
        severity: "error",
        pointer: "",
        message: `The proposal is ${status.replace("_", " ")}; there is no migration to run.`,
      });
    }
    const current = this.#handle.view("schema", { artifact_type: plan.artifact_type }, nowMs);
    // A new type has no version yet, and nothing to inherit.
    const source = current.ok ? inherited(next.schema, current.view) : { schema: next.schema };
    return { ok: true, plan, digest, next: source };
  }

  /** After an approval: migrate. The caller waits a while; a long migration goes on without it. */
  async #followUp(events: readonly SenateEvent[]): Promise<void> {
    const ids = events
      .filter((event) => event.event === "migration_generated")
      .flatMap((event) => event.proposal_id ?? []);
    if (ids.length === 0) return;
    const work = (async () => {
      for (const id of ids) await this.#report(id, this.migrate(id));
    })();
    const timer = new AbortController();
    await Promise.race([
      work,
      sleep(this.#migrationWaitMs, undefined, { signal: timer.signal, ref: false }).catch(() => undefined),
    ]);
    timer.abort();
  }

  /** The ballot that approved is stored whatever the migration does, so its trouble goes to the log, not the voter. */
  async #report(id: string, migrated: Promise<Migrated>): Promise<void> {
    try {
      const result = await migrated;
      if (!result.ok) this.logger.warn(`migration of ${id}: ${result.problem.message}`);
      else if (result.result === "failed") this.logger.warn(`migration of ${id} failed: ${result.reason}`);
    } catch (error) {
      this.logger.error(`migration of ${id} was interrupted and will be tried again: ${words(error)}`);
    }
  }

  /**
   * Tries again while other hosts are first, a little later each time; after some tries under the log's lock, where
   * nobody can be first.
   */
  async #again<T>(work: (locked: boolean) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(attempt > OPTIMISTIC_ATTEMPTS);
      } catch (error) {
        if (!isConflict(error)) throw error;
        if (attempt === ATTEMPTS) {
          throw new StoreError(
            "store_busy",
            `Other hosts kept the log busy for ${ATTEMPTS} tries; nothing was stored.`,
            { cause: error },
          );
        }
        await sleep(Math.random() * Math.min(10 * 2 ** attempt, 500));
      }
    }
  }
}

/** A next schema refers to what the current version refers to, in its dialect. */
function inherited(schema: Json, { references, draft }: SchemaVersion): SchemaSource {
  return { schema, draft, ...(references !== undefined && { references }) };
}

function withoutNext(problems: readonly Problem[]): { ok: false; problems: Problem[] } {
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) return { ok: false, problems: errors };
  const message = "It does not say what it changes, so there is no next schema to hold artifacts against.";
  return { ok: false, problems: [problemOf("draft_incomplete", message)] };
}

function refused(problem: Problem): Refused {
  return { ok: false, problem, problems: [problem] };
}

class MigrationRefused extends Error {
  constructor(readonly decision: Refused) {
    super(decision.problem.message);
  }
}

/** A failure of the data or of the plan is an outcome to record; anything else is thrown on, and nothing is recorded. */
async function attempt(work: () => Promise<Outcome>): Promise<Outcome | MigrationFailure> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MigrationFailure) return error;
    if (error instanceof PlanError)
      return new MigrationFailure(`The migration's SQL failed: ${error.message}`);
    throw error;
  }
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

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export type { Audit, Registered, RegisterOptions } from "./artifacts.js";
