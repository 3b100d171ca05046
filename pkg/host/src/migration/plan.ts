/** An approved plan as this host carries it out: its statements, its transforms, and whether the two agree. */
import { type Answer, digest, migrateArtifact, type Plan } from "schema-senate";
import type { UndoRecord } from "../store/migration-port.js";

export type Strategy = "batch" | "lazy" | "eager_on_read";

/** What a plan makes of an artifact. */
export interface Transformed {
  /** JSON text. */
  artifact: string;
  changed: boolean;
  /** Of transforms that found their place taken. */
  skipped: unknown[];
}

export class PreparedPlan {
  readonly artifact_type: string;
  readonly from_version: number;
  readonly to_version: number;
  /** PostgreSQL's statements, verbatim. */
  readonly up: readonly string[];
  readonly down: readonly string[];
  readonly strategy: Strategy;
  /** Of a revert: the migration whose records it restores from. */
  readonly restores: string | undefined;
  /** Whether its statements give the table columns. */
  readonly hasColumns: boolean;
  readonly #text: string;

  constructor(plan: Plan) {
    this.artifact_type = plan.artifact_type;
    this.from_version = plan.from_version;
    this.to_version = plan.to_version;
    this.up = plan.sql.up;
    this.down = plan.sql.down;
    this.strategy = "batch";
    this.restores = undefined;
    this.hasColumns = false;
    this.#text = JSON.stringify(plan);
  }

  transform(metadata: string): Answer<Transformed> {
    const migrated = migrateArtifact(this.#text, metadata);
    if (!migrated.ok) return migrated;
    const { artifact, changed } = migrated;
    return { ok: true, artifact: changed ? JSON.stringify(artifact) : metadata, changed, skipped: [] };
  }

  /** Whether `after` is what the plan makes of `before`; `record`: what the migration that it takes back has kept. */
  verify(before: string, after: string, record?: UndoRecord): Answer<{ matches: boolean; digest: string }> {
    const found = digest(after);
    if (!found.ok) return found;
    const promised = this.expected(before, record);
    if (!promised.ok) return promised;
    const wanted = digest(promised.artifact);
    if (!wanted.ok) return wanted;
    return { ok: true, matches: found.digest === wanted.digest, digest: found.digest };
  }

  /** What the plan's statements are to make of an artifact. */
  expected(before: string, _record?: UndoRecord): Answer<Transformed> {
    return this.transform(before);
  }

  free(): void {
    // Nothing is held.
  }
}

/** Whether a plan rewrites artifacts at all. */
export function isRewriting(plan: Plan): boolean {
  return plan.steps.length > 0;
}
