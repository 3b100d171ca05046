/** Stages what a migration makes of the artifacts, batch by batch, beside them; a cursor says how far it is. */
import { hostname } from "node:os";
import { setImmediate } from "node:timers/promises";
import type { MigrationRun, Scratch, Selection } from "../store/migration-port.js";
import type { Store, Transaction } from "../store/store.js";
import { type Job, type Look, lookAt } from "./batch.js";
import type { Counts } from "./progress.js";

/** Whoever reads a run's row sees who is at it. */
const HOST = `${hostname()}/${process.pid}`;

export interface Stage {
  proposal_id: string;
  plan_digest: string;
  now(): number;
  signal: AbortSignal;
  report(counts: Counts): void;
}

/** Begins a run, under the log's lock; one that is under way for the same plan goes on where it was. */
export async function openRun(tx: Transaction, artifactType: string, stage: Stage): Promise<void> {
  const { proposal_id, plan_digest } = stage;
  const standing = await tx.migrations.lock(proposal_id);
  if (standing?.plan_digest === plan_digest) return;
  if (standing !== undefined) await tx.migrations.end(proposal_id);
  const nowMs = stage.now();
  await tx.migrations.save({
    proposal_id,
    plan_digest,
    state: "staging",
    after_id: null,
    looked_at: 0,
    changed: 0,
    total: await tx.migrations.countArtifacts(artifactType),
    started_ms: nowMs,
    updated_ms: nowMs,
    host: HOST,
  });
}

/**
 * Stages every artifact once. Each batch is a transaction with the cursor's step, so that other requests come between, other
 * hosts can take turns, and a process that dies has lost one batch at most.
 *
 * `false` when the run is over: another host has ended it.
 */
export async function stageAll(store: Store, job: Job, stage: Stage): Promise<boolean> {
  await store.transaction((tx) => tx.migrations.analyze());
  for (;;) {
    stage.signal.throwIfAborted();
    const run = await store.transaction((tx) => stageNext(tx, job, stage));
    if (run === undefined) return false;
    stage.report(run);
    if (run.state !== "staging") return true;
    await setImmediate();
  }
}

async function stageNext(tx: Transaction, job: Job, stage: Stage): Promise<MigrationRun | undefined> {
  const run = await tx.migrations.lock(stage.proposal_id);
  if (run?.plan_digest !== stage.plan_digest) return undefined;
  if (run.state !== "staging") return run;
  const looks = await stageSome(tx, job, stage.proposal_id, { after: run.after_id, limit: job.batch });
  const next: MigrationRun = {
    ...run,
    state: looks.length < job.batch ? "swapping" : "staging",
    after_id: looks.at(-1)?.id ?? run.after_id,
    looked_at: run.looked_at + looks.length,
    changed: run.changed + changedOf(looks),
    updated_ms: Math.max(stage.now(), run.updated_ms),
    host: HOST,
  };
  await tx.migrations.save(next);
  return next;
}

/** Stages what came or was edited since it was staged; how many there were, `undefined` when the run is over. */
export function stageRest(store: Store, job: Job, stage: Stage): Promise<number | undefined> {
  stage.signal.throwIfAborted();
  return store.transaction(async (tx) => {
    const run = await tx.migrations.lock(stage.proposal_id);
    if (run?.plan_digest !== stage.plan_digest) return undefined;
    return (await restOf(tx, job, stage.proposal_id)).length;
  });
}

export function restOf(tx: Transaction, job: Job, proposalId: string): Promise<Look[]> {
  return stageSome(tx, job, proposalId, { unstagedOf: proposalId, limit: job.batch });
}

function stageSome(tx: Transaction, job: Job, proposalId: string, selection: Selection): Promise<Look[]> {
  // What is not rewritten now is looked at all the same.
  const documents = job.plan.strategy === "batch";
  return lookAt(tx, job, selection, (scratch: Scratch, looks) =>
    scratch.stage(
      proposalId,
      looks.map(({ id, content_hash, changed, failure }) => ({ id, content_hash, changed, failure })),
      documents,
    ),
  );
}

function changedOf(looks: readonly Look[]): number {
  return looks.filter(({ changed }) => changed).length;
}
