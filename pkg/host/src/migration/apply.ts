/** The end of a migration: everything that is staged takes the artifacts' place in one transaction, or nothing does. */
import { PlanError, type Transaction } from "../store/store.js";
import { type Job, NAMED } from "./batch.js";
import { restOf } from "./staging.js";

export interface Outcome {
  checked: number;
  changed: number;
}

/** The artifacts do not come out as the plan promises. */
export class MigrationFailure extends Error {
  override readonly name = "MigrationFailure";
  constructor(
    message: string,
    readonly failures: { artifact_id: string; message: string }[] = [],
  ) {
    super(message);
  }
}

/** Batches that are staged while the log stands still; when there are more, it moves on first. */
const LATE_BATCHES = 2;

/**
 * Runs under the log's lock, inside a savepoint. `undefined`: so much came since the staging that the rest is to be staged
 * before, with the log free.
 *
 * @throws MigrationFailure when an artifact is refused.
 */
export async function swapAll(
  tx: Transaction,
  job: Job,
  proposal_id: string,
  nowMs: number,
): Promise<Outcome | undefined> {
  const { artifact_type, to_version, strategy } = job.plan;
  await tx.migrations.freeze();
  if (!(await stageLate(tx, job, proposal_id))) return undefined;
  const total = await tx.migrations.countArtifacts(artifact_type);
  const failed = await tx.migrations.failures(proposal_id, artifact_type, NAMED);
  if (failed.count > 0) {
    throw new MigrationFailure(
      `${failed.count} of ${total} artifacts are not valid under version ${to_version} after the migration.`,
      failed.first.map(({ artifact_id, pointer, message }) => ({
        artifact_id,
        message: `${pointer || "the artifact"}: ${message}`,
      })),
    );
  }
  // They stay as they are, and at the version that they pin.
  if (strategy !== "batch") return { checked: total, changed: 0 };
  const outcome = await tx.migrations.swap({ proposal_id, artifact_type, to_version, at_ms: nowMs });
  if (outcome.checked !== total) {
    throw new MigrationFailure(`The type has ${total} artifacts, and ${outcome.checked} were migrated.`);
  }
  if (job.plan.hasColumns) await addColumns(tx, job, proposal_id);
  const name = `${artifact_type}@${job.plan.from_version}->${to_version}`;
  await tx.addVersionsOfMigration(proposal_id, name, to_version, nowMs);
  return outcome;
}

/** What came between the last batch and the lock; `false` when that is too much to hold everybody up for. */
async function stageLate(tx: Transaction, job: Job, proposalId: string): Promise<boolean> {
  for (let batch = 0; batch <= LATE_BATCHES; batch += 1) {
    if ((await restOf(tx, job, proposalId)).length < job.batch) return true;
  }
  return false;
}

/** The columns are the table's own: the plan's statements run once more over it, where they find nothing left to rewrite. */
async function addColumns(tx: Transaction, job: Job, proposalId: string): Promise<void> {
  await tx.migrations.run(job.plan.up);
  const moved = await tx.migrations.unlikeStaged(proposalId);
  if (moved > 0) {
    throw new MigrationFailure(`Run a second time, the plan's statements change ${moved} artifacts again.`);
  }
}

/** A failure of the data or of the plan is an outcome to record; anything else is thrown on, and nothing is recorded. */
export async function attempted<T>(work: () => Promise<T>): Promise<T | MigrationFailure> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MigrationFailure) return error;
    if (error instanceof PlanError) {
      return new MigrationFailure(`The migration's SQL failed: ${error.message}`);
    }
    throw error;
  }
}
