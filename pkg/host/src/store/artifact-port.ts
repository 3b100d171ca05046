/**
 * The part of the port that keeps artifacts: their versions, the audits of a type, and the steps by which one artifact was
 * made from another. No projection: the log only counts artifacts.
 */
import type { ArtifactRow } from "./store.js";

/** A version that somebody builds on, by its content. */
export interface Pin {
  artifact_id: string;
  version_number: number;
  content_hash: string;
}

/** A version as it was written. It never changes. */
export interface ArtifactVersionRow {
  artifact_id: string;
  version_number: number;
  /** The version it came from; null: the first that is known. */
  parent_version: number | null;
  artifact_type: string;
  schema_version: number | null;
  /** JSON text, character for character as it came. */
  metadata: string;
  content_hash: string;
  created_by: string | null;
  created_ms: number;
  changelog: string | null;
  /** JSON text of the {@link Pin}s; null: none. */
  pins: string | null;
  /** As {@link ArtifactRow.warnings}. */
  warnings: string | null;
  /** The proposal whose migration has made it. */
  proposal_id: string | null;
}

/** Without what may be large. */
export type ArtifactVersionSummary = Omit<ArtifactVersionRow, "metadata" | "pins" | "warnings">;

/** What a new version says of itself, beside its content. */
export interface VersionNote {
  created_by: string | null;
  changelog: string | null;
}

/** An artifact as an audit looks at it. */
export interface AuditedArtifact {
  id: string;
  metadata: string;
  version_number: number;
  schema_version: number | null;
}

export interface ValidationRunRow {
  run_id: string;
  artifact_type: string;
  /** Null, as the digest: the type has no schema. */
  schema_version: number | null;
  schema_digest: string | null;
  /** `superseded`: the type has moved to another version meanwhile. */
  state: "running" | "done" | "superseded";
  /** The last artifact that was looked at. */
  after_id: string | null;
  /** Artifacts of the type when it began. */
  total: number;
  checked: number;
  valid: number;
  invalid: number;
  /** All of them, and those that are kept. */
  findings: number;
  findings_kept: number;
  stamp: number;
  started_ms: number;
  updated_ms: number;
  finished_ms: number | null;
}

export interface ValidationFindingRow {
  run_id: string;
  /** From 1, in the order of the artifacts. */
  number: number;
  artifact_id: string;
  version_number: number;
  code: string;
  pointer: string;
  message: string;
}

export type StepType = "extraction" | "analysis" | "aggregation" | "transformation" | "validation" | "debate";

export interface ProcessingStepRow {
  step_id: string;
  source_artifact_id: string;
  source_version: number;
  target_artifact_id: string;
  target_version: number;
  step_type: StepType;
  agent_id: string;
  method: string;
  /** JSON text as it came. */
  parameters: string;
  /** Of their canonical form. */
  parameters_digest: string;
  started_ms: number;
  completed_ms: number | null;
  /** The content hash of the source's version, and of the target's. */
  input_hash: string;
  output_hash: string;
  recorded_ms: number;
}

/** What a transaction does with artifacts. */
export interface ArtifactTransaction {
  /**
   * Inserts the artifact as its version 1 unless the id is taken (`false`). Holds the log still meanwhile, so that no
   * migration runs between validation and insertion.
   * @throws ConflictError when the type's current version is not `current` (null: not registered).
   */
  insertArtifact(row: ArtifactRow, current: number | null, changelog?: string): Promise<boolean>;
  /**
   * Puts `row` in the place of the version before it, which stays. `false` when the artifact is not at
   * `row.version_number - 1` (any more): of several who build on one version, one is first. Holds the log still as
   * {@link insertArtifact} does.
   * @throws ConflictError when the type's current version is not `current`.
   */
  addVersion(row: ArtifactRow, note: VersionNote, current: number | null): Promise<boolean>;
  /**
   * For the swap of a migration, after it has rewritten `artifacts` (metadata, content hash, schema version): inserts, in one
   * statement, a version for every artifact of the type that stands at `toVersion` with another content than its latest
   * version, and raises its number. What the migration did not change keeps its version. `name` is the plan's,
   * `experiment@3->4`. Gives how many it inserted; a second call inserts none.
   */
  addVersionsOfMigration(proposalId: string, name: string, toVersion: number, atMs: number): Promise<number>;
  artifactVersion(artifactId: string, versionNumber: number): Promise<ArtifactVersionRow | undefined>;
  /** Newest first, those before `before`. */
  artifactVersions(
    artifactId: string,
    before: number | null,
    limit: number,
  ): Promise<ArtifactVersionSummary[]>;
  /** The content hash of each version that there is, in no order. */
  hashesOf(versions: readonly Omit<Pin, "content_hash">[]): Promise<Pin[]>;
  /** How many artifacts of a type are at a schema version. */
  countAt(artifactType: string, schemaVersion: number): Promise<number>;
  /** How many artifacts of a type there are, and the sum of their version numbers, which every write raises. */
  stampOf(artifactType: string): Promise<{ count: number; stamp: number }>;

  /** Artifacts of a type in the order of their ids, after `afterId`. */
  auditBatch(artifactType: string, afterId: string | null, limit: number): Promise<AuditedArtifact[]>;
  /** `false`: the type has a run that is under way. */
  insertRun(row: ValidationRunRow): Promise<boolean>;
  /** The run, locked until the transaction ends. */
  lockRun(runId: string): Promise<ValidationRunRow | undefined>;
  saveRun(row: ValidationRunRow): Promise<void>;
  /** The newest runs of a type, in any of these states. */
  runsOf(
    artifactType: string,
    states: readonly ValidationRunRow["state"][],
    limit: number,
  ): Promise<ValidationRunRow[]>;
  /** Every run that has not ended. */
  runningRuns(): Promise<ValidationRunRow[]>;
  /** Of each type the newest run that is done. */
  lastRuns(): Promise<ValidationRunRow[]>;
  addFindings(rows: readonly ValidationFindingRow[]): Promise<void>;
  /** In their order, after number `after`. */
  findingsOf(runId: string, after: number, limit: number): Promise<ValidationFindingRow[]>;
  /** Drops the findings of all but the `keep` newest runs of a type; the runs with their counts stay. */
  dropFindings(artifactType: string, keep: number): Promise<void>;

  /** Inserts unless the same step is recorded; gives the one that is there afterwards. */
  insertStep(row: ProcessingStepRow): Promise<ProcessingStepRow>;
  /** Steps whose target (or source) is one of the artifacts, oldest first. */
  stepsAt(
    end: "source" | "target",
    artifactIds: readonly string[],
    limit: number,
  ): Promise<ProcessingStepRow[]>;
  /** Steps from a source, oldest first; of one method and of parameters with one digest, where they are given. */
  stepsFrom(
    sourceId: string,
    filter: { method?: string; parameters_digest?: string },
    limit: number,
  ): Promise<ProcessingStepRow[]>;
}
