/**
 * Carries out an approved migration: rewrite every artifact of the type, look at each one again under the next
 * schema, and only then record that the version is current; all of it in one transaction.
 */
import {
  type Answers,
  type Draft,
  type Plan,
  type Problem,
  Schema,
  type SchemaVersion,
  digest,
  migrateArtifact,
} from "schema-senate";
import type { MigratedArtifact, Transaction } from "./store/store.js";

/** Artifacts read and validated at once. */
const BATCH = 200;
/** Failures named in the record; the others are counted. */
const NAMED = 20;

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

/**
 * Runs inside the caller's savepoint.
 *
 * What the SQL made of an artifact must be what the plan's own steps make of it, and valid under the next schema.
 *
 * @throws MigrationFailure when an artifact is refused, PlanError when a statement is.
 */
export async function applyPlan(
  tx: Transaction,
  plan: Plan,
  next: SchemaSource,
  nowMs: number,
): Promise<Outcome> {
  const compiled = compileVersion(next);
  if (!compiled.ok)
    throw new MigrationFailure(`The next schema cannot be compiled: ${first(compiled.problems)}`);
  const { schema } = compiled;
  const planText = JSON.stringify(plan);
  try {
    const promised = new Map<string, string>();
    await each(tx, plan.artifact_type, ({ id, metadata }) => {
      const migrated = migrateArtifact(planText, metadata);
      if (migrated.ok) promised.set(id, hash(JSON.stringify(migrated.artifact), id));
      else throw new MigrationFailure("The plan cannot be applied.", [failure(id, migrated.problem.message)]);
    });

    await tx.runPlan(plan, (metadata) => {
      const migrated = migrateArtifact(planText, metadata);
      if (!migrated.ok) throw new Error(migrated.problem.message);
      return JSON.stringify(migrated.artifact);
    });

    const failures: { artifact_id: string; message: string }[] = [];
    let invalid = 0;
    let changed = 0;
    const pins: { id: string; content_hash: string }[] = [];
    const refuse = (id: string, message: string): void => {
      invalid += 1;
      if (failures.length < NAMED) failures.push(failure(id, message));
    };
    await each(tx, plan.artifact_type, ({ id, metadata, content_hash }) => {
      const validation = schema.validate(metadata);
      const now = hash(metadata, id);
      const error = validation.errors[0];
      if (!validation.valid) {
        refuse(id, `${error?.instance_path || "the artifact"}: ${error?.message ?? "invalid"}`);
      } else if (promised.get(id) !== now) {
        refuse(id, "the SQL has made something else of it than the plan's steps do");
      }
      if (now !== content_hash) changed += 1;
      pins.push({ id, content_hash: now });
    });
    if (pins.length !== promised.size) {
      throw new MigrationFailure(
        `The type had ${promised.size} artifacts before the plan and has ${pins.length} after.`,
      );
    }
    if (invalid > 0) {
      throw new MigrationFailure(
        `${invalid} of ${pins.length} artifacts are not valid under version ${plan.to_version} after the migration.`,
        failures,
      );
    }
    for (let from = 0; from < pins.length; from += BATCH) {
      await tx.pinArtifacts(pins.slice(from, from + BATCH), plan.to_version, nowMs);
    }
    return { checked: pins.length, changed };
  } finally {
    schema.free();
  }
}

export async function each(
  tx: Transaction,
  artifactType: string,
  look: (artifact: MigratedArtifact) => void,
): Promise<void> {
  let after: string | null = null;
  for (;;) {
    const batch: MigratedArtifact[] = await tx.scanArtifacts(artifactType, after, BATCH);
    batch.forEach(look);
    const last = batch.at(-1);
    if (last === undefined || batch.length < BATCH) return;
    after = last.id;
  }
}

/** A schema as the registry keeps it. */
export type SchemaSource = Pick<SchemaVersion, "schema" | "references"> & { draft?: Draft };

export function compileVersion({ schema, references, draft }: SchemaSource): Answers<{ schema: Schema }> {
  const documents = Object.entries(references ?? {}).map(([uri, document]) => [
    uri,
    JSON.stringify(document),
  ]);
  return Schema.compile(JSON.stringify(schema), {
    references: Object.fromEntries(documents),
    ...(draft !== undefined && { draft }),
  });
}

function hash(metadata: string, id: string): string {
  const answer = digest(metadata);
  if (!answer.ok)
    throw new MigrationFailure("An artifact has no canonical form.", [failure(id, answer.problem.message)]);
  return answer.digest;
}

function failure(artifact_id: string, message: string): { artifact_id: string; message: string } {
  return { artifact_id, message };
}

function first(problems: Problem[]): string {
  return problems[0]?.message ?? "no reason given";
}
