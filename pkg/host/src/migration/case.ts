/** A proposal's migration as it is now: its plan, and the schemas that artifacts are held against. */
import type { Json, Plan, Problem, SchemaVersion, SenateEvent, Status } from "schema-senate";
import { again } from "../again.js";
import { compileVersion, type SchemaSource } from "../compiled.js";
import type { Handle, View } from "../handle.js";
import type { Logger } from "../host.js";
import { problem as problemOf } from "../http/problem.js";
import { type Store, StoreError, type Transaction } from "../store/store.js";
import type { Job } from "./batch.js";
import { PreparedPlan } from "./plan.js";

export type Refused = { ok: false; problem: Problem; problems: Problem[] };

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
  /** Artifacts in a batch. */
  batch: number;
}

/** A plan with the schemas that its artifacts are held against. */
export interface Case {
  proposal_id: string;
  plan: Plan;
  digest: string;
  status: Status;
  next: SchemaSource;
  current?: SchemaSource;
}

export type Found<T> = ({ ok: true } & T) | Refused;

const CARRIED_OUT: ReadonlySet<Status> = new Set(["approved", "migrating", "migration_failed"]);
/** In these a migration may still come. */
export const OPEN: ReadonlySet<Status> = new Set(["review", "voting", "cooling", "approved", "migrating"]);

/** The plan of a proposal as it is now, and the schemas around it. */
export function caseOf(view: View, proposal_id: string): Found<Case> {
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
  const { artifact_type: type, from_version: version, restores } = plan;
  const base = { proposal_id, plan, digest, status };
  // A new type has no version yet, and nothing to inherit.
  const current = version === 0 ? undefined : view("schema", { artifact_type: type, version });
  if (current?.ok !== true) return { ok: true, ...base, next: { schema: next.schema } };
  // A revert brings the version before back, with what that refers to.
  const source =
    restores === undefined ? current : view("schema", { artifact_type: type, version: version - 1 });
  const following = inherited(next.schema, source.ok ? source.view : current.view);
  return { ok: true, ...base, next: following, current: current.view };
}

/** A next schema refers to what the current version refers to, in its dialect. */
export function inherited(schema: Json, { references, draft }: SchemaVersion): SchemaSource {
  return { schema, draft, ...(references !== undefined && { references }) };
}

export function notToMigrate(status: Status): Refused | undefined {
  if (CARRIED_OUT.has(status)) return undefined;
  return refused(
    problemOf(
      "nothing_to_migrate",
      `The proposal is ${status.replace("_", " ")}; there is no migration to run.`,
    ),
  );
}

export function notBegun(status: Status): Refused {
  return refused(
    problemOf(
      "nothing_to_migrate",
      `The proposal is ${status.replace("_", " ")}; its migration has not begun.`,
    ),
  );
}

/** The next schema cannot be had: a fault of the plan, not of the host. */
export class UncompiledError extends Error {
  override readonly name = "UncompiledError";
}

/**
 * Compiles what the work needs, and frees it.
 *
 * @throws UncompiledError
 */
export async function withJob<T>(
  { handle, batch }: Chamber,
  found: Case,
  work: (job: Job) => Promise<T>,
): Promise<T> {
  const next = compileVersion(found.next);
  if (!next.ok) {
    const why = next.problems[0]?.message ?? "no reason given";
    throw new UncompiledError(`The next schema cannot be compiled: ${why}`);
  }
  const held: { free(): void }[] = [next.schema];
  try {
    const current = found.current === undefined ? undefined : compileVersion(found.current);
    if (current?.ok === true) held.push(current.schema);
    const prepared = PreparedPlan.of(found.plan);
    if (!prepared.ok) {
      throw new StoreError("store_damaged", `The plan cannot be read: ${prepared.problem.message}`);
    }
    const { plan } = prepared;
    held.push(plan);
    const { artifact_type, from_version } = plan;
    return await work({
      plan,
      next: next.schema,
      ...(current?.ok === true && { current: current.schema }),
      upcast: (from, metadata) => handle.upcast(artifact_type, from, from_version, metadata),
      batch,
      blamed: 0,
    });
  } finally {
    for (const one of held) one.free();
  }
}

/** Works under the log's lock, when nothing else that this host appends is under way; again when other hosts are first. */
export function locked<T>(
  { handle, take, signal }: Chamber,
  work: (tx: Transaction) => Promise<{ events: SenateEvent[]; result: T }>,
): Promise<T> {
  return take(() => {
    heed(signal);
    return again(() => handle.store(work, { locked: true }));
  });
}

/** @throws StoreError when the host stops. */
export function heed(signal: AbortSignal): void {
  if (signal.aborted) throw new StoreError("store_unavailable", "The host is stopping.");
}

export function refused(problem: Problem): Refused {
  return { ok: false, problem, problems: [problem] };
}

export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
