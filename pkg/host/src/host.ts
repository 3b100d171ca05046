/** A senate that is stored: commands in, events into the log, views out, migrations carried out. */
import type {
  Answer,
  Command,
  Deed,
  DraftCheck,
  Json,
  Member,
  Plan,
  PartialPolicy,
  Problem,
  Scope,
  ScopeEvaluation,
  SenateEvent,
  ViewMap,
} from "schema-senate";
import { checkDraft, evaluateScope } from "schema-senate";
import { again, ATTEMPTS } from "./again.js";
import { Artifacts } from "./artifacts/artifacts.js";
import { type Certificate, sealed, signedCertificate } from "./checkpoint.js";
import { compileVersion } from "./compiled.js";
import { Handle, type View } from "./handle.js";
import { problem as problemOf } from "./http/problem.js";
import { askJudge, type ScopeJudge } from "./judge.js";
import { DevelopmentKeys, newKey, openLogKey, type SigningKey } from "./keys.js";
import { inherited, type Refused } from "./migration/case.js";
import { type Migrated, Migrator } from "./migration/migrator.js";
import { ProcessingSteps } from "./processing/steps.js";
import { actOf } from "./projection.js";
import { developmentSigner, movedBack, type Signer, signed, withNewKey } from "./signing.js";
import { type Store, StoreError, type Transaction } from "./store/store.js";
import { type StoredVerdict, storedVerdict } from "./stored-verdict.js";
import { Turns } from "./turns.js";
import { Audits } from "./validation/audits.js";
import { type ValidationMode, Validator } from "./validation/validator.js";

export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface HostOptions {
  store: Store;
  /**
   * The key that signs the log, or its file. Default: `log.key` beside the data of a folder, made at the first start; in
   * memory for a store in memory. A server's database needs a file, the same for all its hosts.
   */
  logKey?: string | SigningKey;
  /**
   * Development mode: this host holds the keys of local members and signs for whoever asks. Its keys stand in
   * `development-keys.json` beside the data, or beside the log key's file. Default false: every act comes signed.
   */
  development?: boolean | DevelopmentKeys;
  /** Asked when a proposal's scope is unclear. */
  judge?: ScopeJudge;
  /** How long the judge may take. Default 60 s. */
  judgeTimeoutMs?: number;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** Default: warnings and errors to standard error. */
  logger?: Logger;
  /** How often what time alone has decided is written down. Default 30 s; 0: only when somebody asks. */
  settleEveryMs?: number;
  /** How long a deciding ballot's answer, and a start, wait for the migration. Default 10 s. */
  migrationWaitMs?: number;
  /** What happens to an artifact that is not valid, unless its writer says otherwise. Default `strict`. */
  validation?: ValidationMode;
  /** Artifacts that a rehearsal looks at, at most; of more, a sample. Default 100,000. */
  rehearsalLimit?: number;
  /** Artifacts that a migration rewrites and looks at in one transaction. Default 500. */
  migrationBatch?: number;
}

/** What a command did: its events, stored. */
export type Executed = { ok: true; events: SenateEvent[] } | Refused;

/** What a verdict over the stored artifacts is about: a proposal, or a draft that nobody has proposed yet. */
export type Proposed = { proposal_id: string } | { draft: string; target: string };

export type Counted = { ok: true; verdict: StoredVerdict } | { ok: false; problems: Problem[] };

export interface Founding {
  /** Names the senate for ever, e.g. `senate.example.org`. */
  origin: string;
  /** In development mode those without a key get one that the host keeps. */
  members: FoundingMember[];
  policy?: PartialPolicy;
  scope?: Partial<Scope>;
}

export type FoundingMember = Omit<Member, "key"> & { key?: string };

const STDERR: Logger = {
  info: () => undefined,
  warn: (message) => console.error(message),
  error: (message) => console.error(message),
};

/**
 * Opens a host on a store: reads the log and holds it against its last checkpoint, writes down what is due, finishes
 * migrations that were interrupted.
 *
 * @throws KeyFileError when a key cannot be used.
 * @throws StoreError `log_rewritten` when the stored log is not the one that was signed, `log_key_wrong`.
 */
export async function createHost(options: HostOptions): Promise<Host> {
  const { store, logKey, development } = options;
  const file = typeof logKey === "string" ? logKey : undefined;
  const key = typeof logKey === "object" ? logKey : await openLogKey(store, file);
  const keys = development === true ? await DevelopmentKeys.beside(store, file) : development || undefined;
  const host = new Host(options, key, keys);
  await host.start();
  return host;
}

/** Founds the senate unless it is founded; `false` when it was. */
export async function foundSenate(host: Host, founding: Founding): Promise<boolean> {
  if ((await host.seq()) > 0) return false;
  const { origin, policy, scope } = founding;
  const founded = await host.execute({
    command: "found_senate",
    origin,
    log_key: host.logKey,
    members: await host.withKeys(founding.members),
    ...(policy === undefined ? {} : { policy }),
    ...(scope === undefined ? {} : { scope }),
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
  readonly validator: Validator;
  readonly audits: Audits;
  readonly steps: ProcessingSteps;
  readonly migrator: Migrator;
  readonly #handle: Handle;
  readonly #turns = new Turns();
  readonly #settleEveryMs: number;
  readonly #migrationWaitMs: number;
  readonly #logKey: SigningKey;
  readonly #development: DevelopmentKeys | undefined;
  readonly #signerOf: (memberId: string) => Signer | undefined;
  readonly #judge: ScopeJudge | undefined;
  readonly #judgeTimeoutMs: number;
  /** Proposals that the judge is to be asked about; one after the other. */
  readonly #judging = new Map<string, Promise<void>>();
  readonly #questions = new Turns();
  /** Ends what goes on beside the requests. */
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: HostOptions, logKey: SigningKey = newKey(), development?: DevelopmentKeys) {
    this.store = options.store;
    this.logger = options.logger ?? STDERR;
    this.#settleEveryMs = options.settleEveryMs ?? 30_000;
    this.#migrationWaitMs = options.migrationWaitMs ?? 10_000;
    this.#logKey = logKey;
    this.#development = development;
    this.#signerOf = development === undefined ? () => undefined : developmentSigner(development);
    this.#judge = options.judge;
    this.#judgeTimeoutMs = options.judgeTimeoutMs ?? 60_000;
    this.#handle = new Handle(options.store, options.now ?? Date.now, logKey);
    const { store, validation } = options;
    this.validator = new Validator(this.#handle);
    this.artifacts = new Artifacts(this.#handle, store, this.validator, validation);
    this.audits = new Audits(this.#handle, store, this.validator, (message) => this.logger.warn(message));
    this.steps = new ProcessingSteps(this.#handle, store);
    this.migrator = new Migrator({
      handle: this.#handle,
      store: options.store,
      logger: this.logger,
      take: (work) => this.#turns.take(work),
      signal: this.#stop.signal,
      rehearsalLimit: options.rehearsalLimit ?? 100_000,
      batch: Math.max(1, options.migrationBatch ?? 500),
    });
  }

  /** Whether acts must come signed, or this host signs for local members. */
  get signing(): "required" | "development" {
    return this.#development === undefined ? "required" : "development";
  }

  /** The public key that signs the log. */
  get logKey(): string {
    return this.#logKey.publicKey;
  }

  async start(): Promise<void> {
    await this.#handle.catchUp();
    await this.#handle.check();
    if (this.#handle.seq > 0) {
      await this.settle();
      await this.migrator.resume(this.#migrationWaitMs);
      await this.#judgePending();
      await this.audits.resume();
    }
    if (this.#settleEveryMs > 0) {
      this.#timer = setInterval(() => this.#tick(), this.#settleEveryMs);
      this.#timer.unref();
    }
  }

  /** The host's clock. */
  now(): number {
    return this.#handle.now();
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
  async execute(command: Command | Deed | string): Promise<Executed> {
    await this.migrator.before(command);
    const { events, answer } = await this.#turns.take(() => this.#execute(command));
    await this.#followUp(events);
    return answer;
  }

  /**
   * Retires a version by a member's signed act, unless artifacts are still at it. They are counted under the log's lock, so
   * that none is written between the count and the act.
   */
  async retireVersion(act: string, artifactType: string, version: number): Promise<Executed> {
    const inUse = async (tx: Transaction): Promise<Problem | undefined> => {
      const count = await tx.countAt(artifactType, version);
      if (count === 0) return undefined;
      const are = count === 1 ? "1 artifact is" : `${count} artifacts are`;
      return problemOf("version_in_use", `${are} still at version ${version} of ${artifactType}.`, {
        remedy: "Bring them to a later version first: write them again, or let a migration do it.",
      });
    };
    // Said before anybody's act is looked at, and once more when it counts.
    const early = await this.store.transaction(inUse);
    if (early !== undefined) return refused(early);
    const { answer } = await this.#turns.take(() => this.#execute(act, this.#signerOf, inUse));
    return answer;
  }

  /** Founding members; in development mode those without a key get one, which this host keeps. */
  async withKeys(members: readonly FoundingMember[]): Promise<Member[]> {
    const without = members.filter(({ key }) => key === undefined).map(({ id }) => id);
    const keys = await this.#development?.ensure(without);
    // Where there is none, the core says that it is missing.
    return members.map((member) => ({ ...member, key: member.key ?? keys?.get(member.id)?.publicKey ?? "" }));
  }

  /** The members whose present key this host holds. */
  async developmentMembers(): Promise<string[]> {
    const keys = this.#development;
    if (keys === undefined) return [];
    return this.look((view) =>
      keys.members.filter((member_id) => {
        const found = view("signing", { member_id });
        return found.ok && keys.find(member_id, found.view.key) !== undefined;
      }),
    );
  }

  /** The committed log's checkpoint, a signed note; `undefined` before the founding. */
  async checkpoint(): Promise<string | undefined> {
    return (await this.#handle.checkpoint())?.note;
  }

  /** What the scope in force says of a draft; stores nothing. */
  async evaluateScope(
    draft: string,
    artifactType?: string,
  ): Promise<Answer<{ evaluation: ScopeEvaluation }>> {
    const scope = await this.look((view) => view("scope", null));
    return scope.ok ? evaluateScope(JSON.stringify(scope.view.scope), draft, artifactType) : scope;
  }

  /**
   * A decided proposal's certificate: its events with proofs that they stand in the log, under the log key's signature.
   * Offline, it is verified by deciding everything again.
   */
  async certificate(proposal_id: string): Promise<Answer<{ certificate: Certificate }>> {
    await this.#settle(true);
    const texts = new Map<number, string>();
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const found = await this.#handle.read((view, _, senate) => {
        const answer = view("certificate_events", { proposal_id });
        if (!answer.ok) return answer;
        const { seqs } = answer.view;
        if (!seqs.every((seq) => texts.has(seq))) return { ok: true as const, seqs };
        const events = seqs.map((seq) => texts.get(seq)).join("\n");
        const { note } = sealed(senate, this.#logKey);
        const statement = senate.certificate(proposal_id, events, note);
        return statement.ok ? signedCertificate(statement, this.#logKey) : statement;
      });
      if (!found.ok || "certificate" in found) return found;
      // Events do not change, so those that were read stay; the log may only have grown meanwhile.
      for (const [from, to] of runs(found.seqs.filter((seq) => !texts.has(seq)))) {
        for (const event of await this.store.read(from, to - from + 1)) texts.set(event.seq, event.body);
      }
    }
    throw new StoreError("store_busy", "The log grows faster than the certificate can be put together.");
  }

  /** The event that an act, delivered before, has caused. */
  async eventOf(signature: string): Promise<SenateEvent | undefined> {
    for await (const page of this.events()) {
      for (const line of page.split("\n")) {
        if (!line.includes(signature)) continue;
        const event = JSON.parse(line) as SenateEvent;
        if (actOf(event)?.["signature"] === signature) return event;
      }
    }
    return undefined;
  }

  /** The identifier of the proposal that a `propose` has created, also when it was delivered a second time. */
  async proposalOf(events: readonly SenateEvent[], signature?: string): Promise<string | undefined> {
    const created = events.find((event) => event.event === "proposal_created");
    if (created !== undefined) return created.proposal_id;
    return signature === undefined ? undefined : (await this.eventOf(signature))?.proposal_id;
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
    if (artifact_type === undefined) {
      const message = "It is about the senate itself, and changes no schema.";
      return { ok: false, problems: [problemOf("no_schema_change", message)] };
    }
    // The type may have moved on so far that the change cannot be applied any more.
    const { schema } = next;
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
    return this.migrator.migrate(proposalId);
  }

  /** Waits for what is under way, then closes the store. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#stop.abort(new StoreError("store_unavailable", "The host is stopping."));
    await Promise.all(this.#judging.values());
    await this.audits.close();
    await this.migrator.idle();
    await this.#turns.idle();
    this.validator.free();
    this.#handle.free();
    await this.store.close();
  }

  #tick(): void {
    if (this.#closed || this.#handle.seq === 0) return;
    this.settle()
      .then(() => this.migrator.migratePending())
      .catch((error: unknown) => this.logger.warn(`settling: ${words(error)}`));
  }

  /** A reader does not wait for the migrations that its look at the clock has set off. */
  async #settle(wait: boolean): Promise<void> {
    const { due, approved } = await this.#due();
    if (due) {
      const { events } = await this.#turns.take(() => this.#execute({ command: "settle" }));
      const followed = this.#followUp(events);
      if (wait) await followed;
    }
    // Approved and past its cooling time, which no event tells.
    this.migrator.setOff(approved);
  }

  async #due(): Promise<{ due: boolean; approved: string[] }> {
    return this.#handle.read((view, decide) => {
      if (this.#handle.seq === 0 || this.#closed) return { due: false, approved: [] };
      const decision = decide({ command: "settle" });
      return { due: decision.ok && decision.events.length > 0, approved: this.migrator.approved(view) };
    });
  }

  /** What was stored, and what the client hears of it. `hindrance` is asked for under the log's lock. */
  async #execute(
    command: Command | Deed | string,
    signerOf = this.#signerOf,
    hindrance?: (tx: Transaction) => Promise<Problem | undefined>,
  ): Promise<{ events: SenateEvent[]; answer: Executed }> {
    if (this.#closed) throw new StoreError("store_unavailable", "The host is stopping.");
    let text = typeof command === "string" ? command : JSON.stringify(command);
    if (this.#development !== undefined) {
      text = await withNewKey(text, this.#development, async () => {
        const found = await this.#handle.read((view) => view("senate", null));
        return found.ok ? found.view.origin : undefined;
      });
    }
    // Signed anew for each try: another host may have stored an act of the same member since.
    const decide = async (): Promise<Executed> => {
      const nowMs = this.#handle.now();
      const view: View = (name, params) => this.#handle.view(name, params, nowMs);
      const prepared = await signed(text, view, signerOf);
      if (!prepared.ok) return refused(prepared.problem);
      const decision = this.#handle.decide(prepared.text, nowMs);
      if (decision.ok) return decision;
      const problems = decision.problems.map((one) => movedBack(one, prepared.added));
      return { ok: false, problem: problems[0] ?? decision.problem, problems };
    };
    const unhindered = async (
      tx: Transaction,
      executed: Executed,
    ): Promise<{ events: SenateEvent[]; result: Executed }> => {
      if (!executed.ok) return { events: [], result: executed };
      if (hindrance !== undefined) await tx.lockHead();
      const found = await hindrance?.(tx);
      return found === undefined
        ? { events: executed.events, result: executed }
        : { events: [], result: refused(found) };
    };
    const decided = await again(async (locked) => {
      if (locked) return this.#handle.store(async (tx) => unhindered(tx, await decide()), { locked });
      await this.#handle.catchUp();
      const executed = await decide();
      if (!executed.ok || executed.events.length === 0) return executed;
      return this.#handle.store((tx) => unhindered(tx, executed));
    });
    return { events: decided.ok ? decided.events : [], answer: answered(decided) };
  }

  /** What follows from events: the judge is asked, migrations are rehearsed, and carried out. */
  async #followUp(events: readonly SenateEvent[]): Promise<void> {
    for (const event of events) {
      if (event.event === "scope_evaluated" && event["verdict"] === "unclear") this.#ask(event.proposal_id);
    }
    await this.migrator.after(events, this.#migrationWaitMs);
  }

  /** Asks the judge about every proposal whose scope is still unclear, e.g. after an interruption. */
  async #judgePending(): Promise<void> {
    if (this.#judge === undefined) return;
    const found = await this.#handle.read((view) => view("proposals", { status: "review", limit: 500 }));
    if (!found.ok) return;
    for (const { id, scope_verdict } of found.view.proposals) if (scope_verdict === "unclear") this.#ask(id);
  }

  /** Nobody waits for the judge, and nothing depends on it: members can open the vote, or judge themselves. */
  #ask(proposalId: string | undefined): void {
    const judge = this.#judge;
    if (judge === undefined || proposalId === undefined || this.#closed || this.#judging.has(proposalId))
      return;
    const asked = this.#questions
      .take(() => this.#judgeScope(judge, proposalId))
      .catch((error: unknown) =>
        this.logger.warn(`the scope of ${proposalId} was not judged: ${words(error)}`),
      )
      .finally(() => this.#judging.delete(proposalId));
    this.#judging.set(proposalId, asked);
  }

  async #judgeScope(judge: ScopeJudge, proposal_id: string): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const found = await this.#handle.read((view) => view("proposal", { proposal_id }));
    if (!found.ok) return;
    const { proposal_type, title, metadata, scope, scope_verdict, status } = found.view;
    const evaluation = scope.at(-1);
    if (status !== "review" || scope_verdict !== "unclear" || evaluation === undefined) return;
    const draft = { proposal_type, title, metadata };
    const { verdict, reasoning } = await askJudge(
      judge,
      draft,
      { verdict: scope_verdict, reasoning: evaluation.reasoning, matches: evaluation.matches },
      this.#judgeTimeoutMs,
      this.#stop.signal,
    );
    const by = judge.member_id;
    const sign = (bytes: Uint8Array): Uint8Array | Promise<Uint8Array> => judge.sign(bytes);
    const act: Deed = { command: "judge_scope", proposal_id, by, verdict, reasoning };
    const { events, answer } = await this.#turns.take(() =>
      this.#execute(act, (memberId) => (memberId === by ? () => sign : undefined)),
    );
    if (!answer.ok) throw new Error(answer.problem.message);
    await this.#followUp(events);
  }
}

function withoutNext(problems: readonly Problem[]): { ok: false; problems: Problem[] } {
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) return { ok: false, problems: errors };
  const message = "It does not say what it changes, so there is no next schema to hold artifacts against.";
  return { ok: false, problems: [problemOf("draft_incomplete", message)] };
}

/**
 * An act under a nonce that its signer has used for something else is evidence against them: it is stored, and refused.
 */
function answered(executed: Executed): Executed {
  const found = executed.ok
    ? executed.events.find(({ event }) => event === "equivocation_recorded")
    : undefined;
  if (found === undefined) return executed;
  const { member_id, nonce, first_seq } = found;
  return refused(
    problemOf(
      "equivocation",
      `${String(member_id)} has signed something else under the number ${String(nonce)}, which is event ${String(first_seq)}. That act stands; this one is on record as event ${found.seq}.`,
      { pointer: "/nonce" },
    ),
  );
}

/** Ascending numbers as runs without large gaps, each from its first to its last. */
function runs(seqs: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && seq - last[1] <= 8 && seq - last[0] < 1_000) last[1] = seq;
    else found.push([seq, seq]);
  }
  return found;
}

function refused(problem: Problem): Refused {
  return { ok: false, problem, problems: [problem] };
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export type { Refused } from "./migration/case.js";
export type { Migrated } from "./migration/migrator.js";
