/**
 * `validate_all_artifacts`: every stored artifact of a type held against its current schema, in batches.
 *
 * What a run has found is written with how far it has come, so that a run which was interrupted goes on from there, here or
 * on another host. Nothing grows with the number of artifacts but the counts.
 */
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { newId, type SchemaVersion, type ValidationError } from "schema-senate";
import type { Handle } from "../handle.js";
import type {
  AuditedArtifact,
  Store,
  Transaction,
  ValidationFindingRow,
  ValidationRunRow,
} from "../store/store.js";
import type { Found, Validator } from "./validator.js";

/** Artifacts that are read at once. */
const BATCH = 200;
/** Findings kept of one artifact, and of a run; the others are counted. */
const KEPT_OF_ARTIFACT = 20;
const KEPT_OF_RUN = 10_000;
/** Runs of a type whose findings stay. */
const KEPT_RUNS = 10;

export interface Progress {
  run_id: string;
  artifact_type: string;
  /** Null: the type has no schema, so nothing was checked. */
  version: number | null;
  state: ValidationRunRow["state"];
  total: number;
  checked: number;
  valid: number;
  invalid: number;
  /** Valid artifacts in ten thousand of those checked, rounded down; null: none was checked. */
  compliance: number | null;
  findings: number;
  findings_kept: number;
  percent: number;
  per_second: number;
  /** Null: nobody can say. */
  seconds_left: number | null;
  started_ms: number;
  updated_ms: number;
  finished_ms: number | null;
}

export type Finding = Omit<ValidationFindingRow, "run_id">;

type Errors = Pick<ValidationError, "code" | "instance_path" | "message">[];

export class Audits {
  readonly #handle: Handle;
  readonly #store: Store;
  readonly #validator: Validator;
  readonly #warn: (message: string) => void;
  /** Under way in this process, by run. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(handle: Handle, store: Store, validator: Validator, warn: (message: string) => void) {
    this.#handle = handle;
    this.#store = store;
    this.#validator = validator;
    this.#warn = warn;
  }

  /** Begins an audit of a type, or goes on with the one that is under way; does not wait for its end. */
  async start(artifactType: string): Promise<Found<{ run: ValidationRunRow }>> {
    const found = await this.#validator.schema(artifactType);
    const run = await this.#store.transaction(async (tx): Promise<ValidationRunRow | "none" | "again"> => {
      const [running] = await tx.runsOf(artifactType, ["running"], 1);
      if (running !== undefined) return running;
      const { count, stamp } = await tx.stampOf(artifactType);
      if (!found.ok && count === 0) return "none";
      const row = this.#begun(artifactType, found.ok ? found.version : undefined, count, stamp);
      return (await tx.insertRun(row)) ? row : "again";
    });
    // Another host has begun one in this moment.
    if (run === "again") return this.start(artifactType);
    if (run === "none") return found.ok ? this.start(artifactType) : found;
    if (run.state === "running") this.#follow(run);
    return { ok: true, run };
  }

  /** Goes on with what was interrupted. */
  async resume(): Promise<void> {
    const running = await this.#store.transaction((tx) => tx.runningRuns());
    for (const run of running) this.#follow(run);
  }

  /** The newest run of a type, or one of its runs by name; `undefined`: there is none. */
  async run(artifactType: string, runId?: string): Promise<ValidationRunRow | undefined> {
    return this.#store.transaction(async (tx) => {
      if (runId === undefined)
        return (await tx.runsOf(artifactType, ["running", "done", "superseded"], 1))[0];
      const run = await tx.lockRun(runId);
      return run?.artifact_type === artifactType ? run : undefined;
    });
  }

  async findings(runId: string, after: number, limit: number): Promise<Finding[]> {
    const rows = await this.#store.transaction((tx) => tx.findingsOf(runId, after, limit));
    return rows.map(({ run_id: _, ...rest }) => rest);
  }

  /**
   * How the artifacts of a type stand: by the last audit where nothing has changed since, by a new one otherwise. Waits for it
   * at most so long; the answer's `state` says whether it has ended.
   */
  async compliance(artifactType: string, waitMs: number): Promise<Found<{ run: ValidationRunRow }>> {
    const fresh = await this.#fresh(artifactType);
    if (fresh !== undefined) return { ok: true, run: fresh };
    const started = await this.start(artifactType);
    if (!started.ok) return started;
    const { run_id } = started.run;
    const ended = this.#running.get(run_id);
    const timer = new AbortController();
    if (ended !== undefined) {
      await Promise.race([
        ended,
        sleep(waitMs, undefined, { signal: timer.signal, ref: false }).catch(() => undefined),
      ]);
      timer.abort();
    }
    const now = await this.run(artifactType, run_id);
    // The type has moved on under it: what counts is how artifacts stand now.
    if (now?.state === "superseded" && !this.#stop.signal.aborted) {
      return this.compliance(artifactType, waitMs);
    }
    return { ok: true, run: now ?? started.run };
  }

  /** Of each type the last audit that came to its end. */
  lastRuns(): Promise<ValidationRunRow[]> {
    return this.#store.transaction((tx) => tx.lastRuns());
  }

  /** Waits for what is under way to put down where it is. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  async #fresh(artifactType: string): Promise<ValidationRunRow | undefined> {
    const found = await this.#validator.schema(artifactType);
    return this.#store.transaction(async (tx) => {
      const [last] = await tx.runsOf(artifactType, ["done"], 1);
      if (last === undefined) return undefined;
      if (last.schema_version !== (found.ok ? found.version.version : null)) return undefined;
      const { count, stamp } = await tx.stampOf(artifactType);
      return count === last.total && stamp === last.stamp ? last : undefined;
    });
  }

  #begun(
    artifact_type: string,
    version: SchemaVersion | undefined,
    total: number,
    stamp: number,
  ): ValidationRunRow {
    const nowMs = this.#handle.now();
    return {
      run_id: newId({ nowMs }),
      artifact_type,
      schema_version: version?.version ?? null,
      schema_digest: version?.digest ?? null,
      // There is nothing to hold the artifacts of a type without a schema against.
      state: version === undefined ? "done" : "running",
      after_id: null,
      total,
      checked: 0,
      valid: 0,
      invalid: 0,
      findings: 0,
      findings_kept: 0,
      stamp,
      started_ms: nowMs,
      updated_ms: nowMs,
      finished_ms: version === undefined ? nowMs : null,
    };
  }

  /** Carries a run to its end beside the requests; trouble goes to the log, and the next start goes on with it. */
  #follow({ run_id, artifact_type }: ValidationRunRow): void {
    if (this.#running.has(run_id) || this.#stop.signal.aborted) return;
    const work = (async () => {
      while (!this.#stop.signal.aborted && (await this.#step(artifact_type, run_id))) await setImmediate();
    })()
      .catch((error: unknown) => {
        const words = error instanceof Error ? error.message : String(error);
        this.#warn(`the audit ${run_id} of ${artifact_type} was interrupted: ${words}`);
      })
      .finally(() => this.#running.delete(run_id));
    this.#running.set(run_id, work);
  }

  /**
   * One batch; `false`: the run has ended. Artifacts are looked at without holding anything, and what was found counts only if
   * nobody else has carried the run on meanwhile.
   */
  async #step(artifactType: string, runId: string): Promise<boolean> {
    const current = await this.#validator.schema(artifactType);
    const read = await this.#store.transaction(async (tx) => {
      const run = await tx.lockRun(runId);
      if (run?.state !== "running") return undefined;
      return { run, batch: await tx.auditBatch(artifactType, run.after_id, BATCH) };
    });
    if (read === undefined) return false;
    const { run, batch } = read;
    if (!current.ok || current.version.version !== run.schema_version) {
      return this.#write(run, (row) => ({ ...row, state: "superseded", finished_ms: this.#handle.now() }));
    }
    const looked = await this.#look(current.version, run, batch);
    const isLast = batch.length < BATCH;
    return this.#write(
      run,
      (row) => ({
        ...row,
        ...looked.counts,
        after_id: batch.at(-1)?.id ?? row.after_id,
        ...(isLast && { state: "done" as const, finished_ms: this.#handle.now() }),
      }),
      async (tx) => {
        await tx.addFindings(looked.findings);
        if (isLast) await tx.dropFindings(artifactType, KEPT_RUNS);
      },
    );
  }

  async #write(
    seen: ValidationRunRow,
    next: (row: ValidationRunRow) => ValidationRunRow,
    more: (tx: Transaction) => Promise<void> = async () => undefined,
  ): Promise<boolean> {
    return this.#store.transaction(async (tx) => {
      const row = await tx.lockRun(seen.run_id);
      if (row?.state !== "running") return false;
      // Another host was faster with this batch.
      if (row.after_id !== seen.after_id) return true;
      const written = { ...next(row), updated_ms: this.#handle.now() };
      await more(tx);
      await tx.saveRun(written);
      return written.state === "running";
    });
  }

  async #look(
    version: SchemaVersion,
    run: ValidationRunRow,
    batch: readonly AuditedArtifact[],
  ): Promise<{
    counts: Pick<ValidationRunRow, "checked" | "valid" | "invalid" | "findings" | "findings_kept">;
    findings: ValidationFindingRow[];
  }> {
    let { checked, valid, invalid, findings: all } = run;
    const findings: ValidationFindingRow[] = [];
    const looked = await this.#errorsOf(version, batch);
    for (const { artifact, errors } of looked) {
      checked += 1;
      if (errors.length === 0) valid += 1;
      else invalid += 1;
      all += errors.length;
      for (const { code, instance_path: pointer, message } of errors.slice(0, KEPT_OF_ARTIFACT)) {
        const number = run.findings_kept + findings.length + 1;
        if (number > KEPT_OF_RUN) break;
        const { id: artifact_id, version_number } = artifact;
        findings.push({ run_id: run.run_id, number, artifact_id, version_number, code, pointer, message });
      }
    }
    const findings_kept = run.findings_kept + findings.length;
    return { counts: { checked, valid, invalid, findings: all, findings_kept }, findings };
  }

  /** Artifacts that move when they are read are held against the schema as they read. */
  async #errorsOf(
    version: SchemaVersion,
    batch: readonly AuditedArtifact[],
  ): Promise<{ artifact: AuditedArtifact; errors: Errors }[]> {
    const read = await this.#validator.upcastAll(
      version.artifact_type,
      version.version,
      batch.map(({ schema_version: from, metadata }) => ({ from, metadata })),
    );
    return batch.map((artifact, index) => {
      const brought = read[index];
      if (brought?.ok !== true) {
        const { code = "artifact_unknown", pointer = "", message = "" } = brought?.problem ?? {};
        return { artifact, errors: [{ code, instance_path: pointer, message }] };
      }
      const { valid, errors } = this.#validator.check(version, brought.metadata);
      if (valid || errors.length > 0) return { artifact, errors };
      return { artifact, errors: [{ code: "schema_invalid", instance_path: "", message: "not valid" }] };
    });
  }
}

/** A run in numbers for people. */
export function progressOf(run: ValidationRunRow, nowMs: number): Progress {
  const { schema_version: version, checked, valid, total, state } = run;
  const seconds = Math.max(1, (run.finished_ms ?? Math.max(nowMs, run.updated_ms)) - run.started_ms) / 1_000;
  const per_second = Math.round(checked / seconds);
  const left = Math.max(0, total - checked);
  return {
    run_id: run.run_id,
    artifact_type: run.artifact_type,
    version,
    state,
    total,
    checked,
    valid,
    invalid: run.invalid,
    compliance: checked === 0 ? null : Math.floor((valid * 10_000) / checked),
    findings: run.findings,
    findings_kept: run.findings_kept,
    percent: state !== "running" ? 100 : Math.min(99, total === 0 ? 0 : Math.floor((checked * 100) / total)),
    per_second,
    seconds_left: state !== "running" ? 0 : per_second === 0 ? null : Math.ceil(left / per_second),
    started_ms: run.started_ms,
    updated_ms: run.updated_ms,
    finished_ms: run.finished_ms,
  };
}
