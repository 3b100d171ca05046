/** An approved plan as this host carries it out: its statements, its transforms, and whether the two agree. */
import { type Answer, type Evolution, Migration, type Plan, type Problem } from "schema-senate";
import type { UndoRecord } from "../store/migration-port.js";

/** What a plan makes of an artifact. */
export interface Made {
  /** JSON text. */
  artifact: string;
  changed: boolean;
  /** Of transforms that found their place taken. */
  skipped: Problem[];
}

export class PreparedPlan {
  readonly artifact_type: string;
  readonly from_version: number;
  readonly to_version: number;
  /** PostgreSQL's statements, verbatim. */
  readonly up: readonly string[];
  readonly down: readonly string[];
  readonly strategy: Evolution;
  /** Of a revert: the migration whose records it restores from. */
  readonly restores: string | undefined;
  /** Whether its statements give the table columns. */
  readonly hasColumns: boolean;
  readonly #migration: Migration;

  private constructor(plan: Plan, migration: Migration) {
    this.artifact_type = plan.artifact_type;
    this.from_version = plan.from_version;
    this.to_version = plan.to_version;
    this.up = plan.sql.postgresql.up;
    this.down = plan.sql.postgresql.down;
    this.strategy = plan.strategy;
    this.restores = plan.restores;
    this.hasColumns = plan.columns.length > 0;
    this.#migration = migration;
  }

  /** Whoever gets it frees it. */
  static of(plan: Plan): Answer<{ plan: PreparedPlan }> {
    const compiled = Migration.compile(JSON.stringify(plan));
    return compiled.ok ? { ok: true, plan: new PreparedPlan(plan, compiled.migration) } : compiled;
  }

  /** What its statements are to make of an artifact; `record`: what the migration that it takes back has kept. */
  transform(metadata: string, record?: UndoRecord): Answer<Made> {
    const made = this.#migration.up(metadata, record);
    if (!made.ok) return made;
    const { artifact, changed, skipped } = made;
    return { ok: true, artifact: changed ? JSON.stringify(artifact) : metadata, changed, skipped };
  }

  /** Whether `after` is what the transforms make of `before`. */
  verify(before: string, after: string, record?: UndoRecord): Answer<{ matches: boolean; digest: string }> {
    return this.#migration.verify(before, after, record);
  }

  free(): void {
    this.#migration.free();
  }
}

/** Whether a plan rewrites artifacts at all. */
export function isRewriting(plan: Plan): boolean {
  return plan.transforms.length > 0 || plan.restores !== undefined;
}
