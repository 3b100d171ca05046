/**
 * A migration tried on the stored artifacts: up, validated, down, compared, in transactions that are rolled back. Nothing of
 * it stays but the report.
 */
import { createHash, type Hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Evidence, Problem, ValidationError } from "schema-senate";
import type { Scratch } from "../store/migration-port.js";
import type { Store, Transaction } from "../store/store.js";
import { type Job, type Look, lookAt, NAMED, refusal, stepsDown } from "./batch.js";
import type { Counts } from "./progress.js";

export interface RehearsalOptions {
  /** Artifacts that are looked at, at most. */
  limit: number;
  core: string;
  signal: AbortSignal;
  report(counts: Counts): void;
}

/** One artifact, before and after. The documents are JSON text. */
export interface Sample {
  artifact_id: string;
  before: string;
  after: string;
  /** What the down statements make of `after`. */
  down: string;
  valid_before: boolean;
  errors_after: (Pick<ValidationError, "code" | "message"> & { pointer: string })[];
  /** Transforms that found their place taken. */
  skipped: Problem[];
}

/** Artifacts whose ids and hashes are read at once. */
const HASHES = 5_000;
/** The longest text that the log takes. */
const LONGEST = 2_000;

/** @throws Error with the signal's reason when it is told to stop. */
export async function rehearse(store: Store, job: Job, options: RehearsalOptions): Promise<Evidence> {
  const began = performance.now();
  const { artifact_type, from_version } = job.plan;
  await store.transaction((tx) => tx.migrations.analyze());
  const { total, bound } = await store.transaction(async (tx) => ({
    total: await tx.migrations.countArtifacts(artifact_type),
    bound: await tx.migrations.sampleBound(artifact_type, options.limit),
  }));
  const lines = createHash("sha256");
  const evidence: Evidence = {
    engine: store.kind,
    base_version: from_version,
    artifacts: total,
    fingerprint: "",
    looked_at: 0,
    sample: bound !== undefined,
    changed: 0,
    invalid_before: 0,
    invalid_after: 0,
    restored: 0,
    not_restored: 0,
    failures: [],
    unrestored: [],
    duration_ms: 0,
    core: options.core,
  };
  for (let after: string | null = null; ;) {
    options.signal.throwIfAborted();
    const selection = { after, limit: job.batch, ...(bound !== undefined && { bound }) };
    const tried: Tried[] = await rolledBack(store, (tx) => tryBatch(tx, job, selection));
    for (const one of tried) {
      count(evidence, one);
      if (bound === undefined) line(lines, one.id, one.stored_hash);
    }
    options.report({
      looked_at: evidence.looked_at,
      changed: evidence.changed,
      total: bound === undefined ? total : options.limit,
    });
    const last = tried.at(-1);
    if (last === undefined || tried.length < job.batch) break;
    after = last.id;
    await setImmediate();
  }
  if (bound === undefined) {
    // Some may have come or gone since they were counted.
    evidence.artifacts = evidence.looked_at;
    evidence.fingerprint = `sha256:${lines.digest("hex")}`;
  } else {
    const all = await fingerprint(store, artifact_type, options.signal);
    evidence.artifacts = Math.max(all.artifacts, evidence.looked_at + 1);
    evidence.fingerprint = all.fingerprint;
  }
  evidence.duration_ms = Math.round(performance.now() - began);
  return evidence;
}

/** Of all artifacts of a type as they are now. */
export async function fingerprint(
  store: Store,
  artifactType: string,
  signal: AbortSignal,
): Promise<{ artifacts: number; fingerprint: string }> {
  const lines = createHash("sha256");
  let artifacts = 0;
  for (let after: string | null = null; ;) {
    signal.throwIfAborted();
    const from: string | null = after;
    const page: { id: string; content_hash: string }[] = await store.transaction((tx) =>
      tx.migrations.scanHashes(artifactType, from, HASHES),
    );
    for (const { id, content_hash } of page) line(lines, id, content_hash);
    artifacts += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < HASHES) break;
    after = last.id;
  }
  return { artifacts, fingerprint: `sha256:${lines.digest("hex")}` };
}

/** One artifact's way up and down; undefined when there is no such artifact of the type. */
export async function sampleOf(store: Store, job: Job, id: string): Promise<Sample | undefined> {
  return rolledBack(store, async (tx) => {
    const [tried] = await tryBatch(tx, job, { ids: [id] });
    if (tried === undefined) return undefined;
    const { before, after, down, failure } = tried;
    const errors = failure?.code.startsWith("schema_") === true ? job.next.validate(after).errors : [];
    const named = errors.map(({ code, instance_path, message }) => ({
      code,
      pointer: instance_path,
      message,
    }));
    const made = job.plan.transform(before);
    return {
      artifact_id: id,
      before,
      after,
      down,
      valid_before: job.current?.isValid(before) ?? true,
      errors_after: named.length === 0 && failure !== null ? [failure] : named.slice(0, NAMED),
      skipped: made.ok ? made.skipped : [],
    };
  });
}

interface Tried extends Look {
  stored_hash: string;
  invalid_before: boolean;
  /** As the down statements leave it. */
  down: string;
  /** Why it is not what it was; undefined: it is. */
  unrestored?: string;
}

async function tryBatch(
  tx: Transaction,
  job: Job,
  selection: Parameters<typeof lookAt>[2],
): Promise<Tried[]> {
  const tried: Tried[] = [];
  await lookAt(tx, job, selection, async (scratch, looks) => {
    tried.push(...(await undone(scratch, job, looks)));
  });
  return tried;
}

async function undone(scratch: Scratch, job: Job, looks: Look[]): Promise<Tried[]> {
  const refused = await refusal(() => scratch.run(job.plan.down, stepsDown(looks)));
  const differing = await scratch.results();
  const stored = new Map(scratch.rows.map(({ id, content_hash }) => [id, content_hash]));
  return looks.map((look) => {
    const down = differing.get(look.id);
    const isChanged = down !== undefined;
    return {
      ...look,
      stored_hash: stored.get(look.id) ?? "",
      invalid_before: job.current !== undefined && !job.current.isValid(look.before),
      down: down ?? look.before,
      ...(isChanged && {
        unrestored:
          refused === undefined
            ? "The down statements leave something else than was there."
            : `The down statements fail: ${refused.message}`,
      }),
    };
  });
}

function count(evidence: Evidence, one: Tried): void {
  evidence.looked_at += 1;
  if (one.changed) evidence.changed += 1;
  if (one.invalid_before) evidence.invalid_before += 1;
  if (one.failure !== null) {
    evidence.invalid_after += 1;
    const { code, pointer, message } = one.failure;
    if (evidence.failures.length < NAMED) {
      evidence.failures.push({ artifact_id: one.id, code, pointer: cut(pointer), message: cut(message) });
    }
  }
  if (one.unrestored === undefined) {
    evidence.restored += 1;
    return;
  }
  evidence.not_restored += 1;
  if (evidence.unrestored.length < NAMED) {
    evidence.unrestored.push({ artifact_id: one.id, message: cut(one.unrestored) });
  }
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${[...text].slice(0, LONGEST - 1).join("")}…`;
}

function line(lines: Hash, id: string, contentHash: string): void {
  lines.update(`${id} ${contentHash}\n`);
}

/** Works in a transaction of which nothing remains. */
async function rolledBack<T>(store: Store, work: (tx: Transaction) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  const back = new Error("rolled back");
  try {
    await store.transaction(async (tx) => {
      result = { value: await work(tx) };
      throw back;
    });
  } catch (error) {
    if (error !== back) throw error;
  }
  if (result === undefined) throw new Error("the store has committed what it was to roll back");
  return result.value;
}

export interface Rehearsal {
  proposal_id: string;
  evidence: Evidence;
  /** Whether every artifact was valid afterwards and restored by the down statements. */
  passed: boolean;
  at_ms: number;
  /** Whether it is of the proposal's plan as it is now. */
  current: boolean;
  /** Whether the log has it; what was rehearsed when it no longer mattered is only this host's word. */
  recorded: boolean;
}
