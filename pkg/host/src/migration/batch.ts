/**
 * Some artifacts at once: copied, rewritten by the plan's statements, and each held against the plan's transforms and the
 * next schema. A rehearsal and a migration look at them in the same way.
 */
import type { Answer, Schema } from "schema-senate";
import type { CopiedArtifact, Scratch, Selection, StagedFailure } from "../store/migration-port.js";
import { PlanError, type Transaction } from "../store/store.js";
import type { PreparedPlan } from "./plan.js";

/** Failures that are named; the others are counted. */
export const NAMED = 20;

/** What is to be done with artifacts. */
export interface Job {
  plan: PreparedPlan;
  next: Schema;
  /** Absent for a new type. */
  current?: Schema;
  /** Brings an artifact that pins an earlier version to the plan's base. */
  upcast(fromVersion: number, metadata: string): Answer<{ artifact: string }>;
  /** Artifacts that are copied, rewritten and looked at in one transaction. */
  batch: number;
  /** Artifacts that the statements themselves have failed on. */
  blamed: number;
}

/** What became of one artifact. */
export interface Look {
  id: string;
  /** As it stands, brought to the plan's base version. */
  before: string;
  after: string;
  /** Of `after`; null where it has no canonical form. */
  content_hash: string | null;
  changed: boolean;
  failure: StagedFailure | null;
}

/** Runs the plan over artifacts; `then` works with the copies while they are there. */
export async function lookAt(
  tx: Transaction,
  job: Job,
  selection: Selection,
  then: (scratch: Scratch, looks: Look[]) => Promise<void>,
): Promise<Look[]> {
  const { artifact_type, restores } = job.plan;
  const found = await tx.migrations.scratch(artifact_type, selection, restores, async (scratch) => {
    const { rows } = scratch;
    if (rows.length === 0) return { looks: [] };
    const { bases, failures } = basesOf(job, rows);
    await scratch.replace(rows.flatMap(({ id, metadata }) => replaced(id, metadata, bases)));
    const refused = await refusal(() => scratch.run(job.plan.up, stepsUp(job, scratch)));
    // Which of them the statements fail on, only smaller pieces tell.
    if (refused !== undefined && rows.length > 1 && job.blamed < NAMED) {
      return { split: rows.map(({ id }) => id) };
    }
    if (refused !== undefined) job.blamed += 1;
    const results = await scratch.results();
    const looks = rows.map((row): Look => {
      const before = bases.get(row.id) ?? row.metadata;
      const after = results.get(row.id) ?? before;
      const changed = results.has(row.id) || before !== row.metadata;
      const judged = refused === undefined ? judge(job, scratch, row.id, before, after) : failedSql(refused);
      const failure = failures.get(row.id) ?? judged.failure;
      return { id: row.id, before, after, changed, content_hash: judged.content_hash, failure };
    });
    await then(scratch, looks);
    return { looks };
  });
  if (found.split === undefined) return found.looks;
  const { split } = found;
  const middle = Math.ceil(split.length / 2);
  const first = await lookAt(tx, job, { ids: split.slice(0, middle) }, then);
  return [...first, ...(await lookAt(tx, job, { ids: split.slice(middle) }, then))];
}

/** What the plan's own fault is; other errors are thrown on. */
export async function refusal(work: () => Promise<void>): Promise<PlanError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof PlanError) return error;
    throw error;
  }
}

/** In the memory store, the transforms stand for the statements. */
export function stepsUp({ plan }: Job, scratch: Scratch): (id: string, metadata: string) => string {
  return (id, metadata) => {
    const made = plan.transform(metadata, scratch.records.get(id));
    if (!made.ok) throw new Error(made.problem.message);
    return made.artifact;
  };
}

/** And undo what they have changed, as far as nobody else has since. */
export function stepsDown(looks: readonly Look[]): (id: string, metadata: string) => string {
  const of = new Map(looks.map((look) => [look.id, look]));
  return (id, metadata) => {
    const look = of.get(id);
    return look?.after === metadata ? look.before : metadata;
  };
}

/** Artifacts that were left at an earlier version, as they are at the plan's base. */
function basesOf(
  { plan, upcast }: Job,
  rows: readonly CopiedArtifact[],
): { bases: Map<string, string>; failures: Map<string, StagedFailure> } {
  const bases = new Map<string, string>();
  const failures = new Map<string, StagedFailure>();
  for (const { id, metadata, schema_version } of rows) {
    if (schema_version === null || schema_version >= plan.from_version) continue;
    const cast = upcast(schema_version, metadata);
    if (cast.ok) bases.set(id, cast.artifact);
    else failures.set(id, { code: cast.problem.code, pointer: "", message: cast.problem.message });
  }
  return { bases, failures };
}

function replaced(
  id: string,
  metadata: string,
  bases: Map<string, string>,
): { id: string; metadata: string }[] {
  const base = bases.get(id);
  return base === undefined || base === metadata ? [] : [{ id, metadata: base }];
}

function judge(
  { plan, next }: Job,
  scratch: Scratch,
  id: string,
  before: string,
  after: string,
): { content_hash: string | null; failure: StagedFailure | null } {
  const verified = plan.verify(before, after, scratch.records.get(id));
  if (!verified.ok) {
    const { code, pointer, message } = verified.problem;
    return { content_hash: null, failure: { code, pointer, message } };
  }
  const content_hash = verified.digest;
  if (!verified.matches) {
    const message = "The SQL has made something else of it than the plan's transforms do.";
    return { content_hash, failure: { code: "sql_differs", pointer: "", message } };
  }
  if (next.isValid(after)) return { content_hash, failure: null };
  const error = next.validate(after).errors[0];
  return {
    content_hash,
    failure: {
      code: error?.code ?? "schema_invalid",
      pointer: error?.instance_path ?? "",
      message: error?.message ?? "It is not valid.",
    },
  };
}

function failedSql(error: PlanError): { content_hash: null; failure: StagedFailure } {
  return { content_hash: null, failure: { code: "sql_failed", pointer: "", message: error.message } };
}
