/**
 * The verdict over what is stored: how many artifacts of a type a proposed schema takes. It is counted, not proved: it
 * speaks of these artifacts only, where the static verdict speaks of every artifact that could be.
 */
import { setImmediate } from "node:timers/promises";
import { migrateArtifact, type Plan, type Schema, type ValidationError } from "schema-senate";
import { isRewriting } from "./migration/plan.js";
import type { MigratedArtifact, Store } from "./store/store.js";

/** Artifacts that are looked at unless the caller says otherwise, and at most. */
export const LIMIT = 2_000;
export const LARGEST_LIMIT = 100_000;
/** No batch is begun after so long, in milliseconds. */
const PATIENCE_MS = 5_000;
/** Artifacts that are read at once. */
const BATCH = 200;
/** Failures that are named; the others are counted. */
const NAMED = 20;

export interface StoredVerdict {
  artifact_type: string;
  /** The version that the proposed schema would be. */
  version: number;
  /** Artifacts of the type in the store. */
  stored: number;
  /** How many of them were looked at: the first in the order of their identifiers. */
  checked: number;
  /** Whether there are more than were looked at, because of the limit or the time. */
  sample: boolean;
  /** The artifacts as they are. */
  as_stored: StoredCount;
  /** The same after the steps of the generated migration; absent where it has none, or has run. */
  after_migration?: StoredCount;
}

export interface StoredCount {
  valid: number;
  invalid: number;
  /** Of the invalid ones: how many the current version refuses as they are, so that the change does not break them. */
  invalid_today: number;
  /** The first 20. */
  failures: StoredFailure[];
}

export interface StoredFailure {
  artifact_id: string;
  /** The code of the first error. */
  code: string;
  /** JSON Pointer of the first error into the artifact. */
  pointer: string;
  message: string;
}

export interface Question {
  artifact_type: string;
  version: number;
  /** The proposed schema. */
  next: Schema;
  /** The current one; absent for a new type. */
  current?: Schema;
  /** The migration, where it is still to run. */
  plan?: Plan;
  limit?: number;
}

/** Looks at artifacts in batches, and lets others work between them. */
export async function storedVerdict(store: Store, question: Question): Promise<StoredVerdict> {
  const { artifact_type, version, next, current, plan } = question;
  const limit = Math.min(question.limit ?? LIMIT, LARGEST_LIMIT);
  const counts = await store.artifactCounts();
  const stored = counts.find((one) => one.artifact_type === artifact_type)?.count ?? 0;
  const asStored = noneYet();
  const afterMigration = plan !== undefined && isRewriting(plan) ? noneYet() : undefined;
  const planText = JSON.stringify(plan ?? null);
  const began = performance.now();
  let checked = 0;
  let sample = false;
  for await (const batch of batches(store, artifact_type)) {
    const looked = batch.slice(0, limit - checked);
    for (const { id, metadata } of looked) {
      // Whether it is invalid already matters for what is invalid then, and only there.
      const isInvalidToday = (): boolean => current !== undefined && !current.isValid(metadata);
      count(asStored, id, errorOf(next, metadata), isInvalidToday);
      if (afterMigration !== undefined) {
        const migrated = migrateArtifact(planText, metadata);
        const error = migrated.ok
          ? errorOf(next, JSON.stringify(migrated.artifact))
          : { code: migrated.problem.code, instance_path: "", message: migrated.problem.message };
        count(afterMigration, id, error, isInvalidToday);
      }
    }
    checked += looked.length;
    const isOver = checked >= limit || performance.now() - began > PATIENCE_MS;
    if (isOver && (looked.length < batch.length || stored > checked)) {
      sample = true;
      break;
    }
    await setImmediate();
  }
  return {
    artifact_type,
    version,
    // Some may have come or gone since they were counted.
    stored: sample ? Math.max(stored, checked + 1) : checked,
    checked,
    sample,
    as_stored: asStored,
    ...(afterMigration === undefined ? {} : { after_migration: afterMigration }),
  };
}

/** The artifacts of a type in the order of their identifiers, each batch in a transaction of its own. */
export async function* batches(store: Store, artifactType: string): AsyncGenerator<MigratedArtifact[]> {
  for (let after: string | null = null; ;) {
    const from: string | null = after;
    const batch: MigratedArtifact[] = await store.transaction((tx) =>
      tx.scanArtifacts(artifactType, from, BATCH),
    );
    if (batch.length > 0) yield batch;
    const last = batch.at(-1);
    if (last === undefined || batch.length < BATCH) return;
    after = last.id;
  }
}

type Reason = Pick<ValidationError, "code" | "instance_path" | "message">;

function errorOf(schema: Schema, artifact: string): Reason | undefined {
  if (schema.isValid(artifact)) return undefined;
  return (
    schema.validate(artifact).errors[0] ?? { code: "schema_invalid", instance_path: "", message: "not valid" }
  );
}

function noneYet(): StoredCount {
  return { valid: 0, invalid: 0, invalid_today: 0, failures: [] };
}

function count(
  to: StoredCount,
  artifact_id: string,
  error: Reason | undefined,
  isInvalidToday: () => boolean,
): void {
  if (error === undefined) {
    to.valid += 1;
    return;
  }
  to.invalid += 1;
  if (isInvalidToday()) to.invalid_today += 1;
  if (to.failures.length < NAMED) {
    to.failures.push({
      artifact_id,
      code: error.code,
      pointer: error.instance_path,
      message: error.message,
    });
  }
}
