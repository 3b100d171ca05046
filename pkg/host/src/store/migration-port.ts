/** The part of the port that carries a migration out: copies that a plan runs over, what came of them, and the swap. */

/** A migration under way. Whoever holds its row stages the next batch. */
export interface MigrationRun {
  proposal_id: string;
  plan_digest: string;
  state: "staging" | "swapping";
  /** The last artifact that was staged, in the order of the ids. */
  after_id: string | null;
  looked_at: number;
  changed: number;
  total: number;
  started_ms: number;
  updated_ms: number;
  /** Who has staged last, for people. */
  host: string;
}

/** Which artifacts of a type to copy. */
export type Selection =
  /** In the order of the ids; with `bound`, only those whose id hashes to no more ({@link MigrationTransaction.sampleBound}). */
  | { after: string | null; limit: number; bound?: string }
  | { ids: readonly string[] }
  /** Those that a run has not staged as they are now. */
  | { unstagedOf: string; limit: number };

/** An artifact as it was copied. */
export interface CopiedArtifact {
  id: string;
  /** JSON text. */
  metadata: string;
  schema_version: number | null;
  content_hash: string;
}

/** What an earlier migration has kept of an artifact; nulls: it had changed nothing. */
export interface UndoRecord {
  before: string | null;
  after: string | null;
}

/** What became of one artifact. */
export interface StagedArtifact {
  id: string;
  /** Null when it failed. */
  content_hash: string | null;
  changed: boolean;
  failure: StagedFailure | null;
}

export interface StagedFailure {
  code: string;
  /** JSON Pointer into the artifact as the migration leaves it. */
  pointer: string;
  message: string;
}

/** Copies of artifacts under the names that a plan's statements use; they hide the stored ones until the work ends. */
export interface Scratch {
  /** In the order of the ids. */
  readonly rows: readonly CopiedArtifact[];
  /** What the migration that this one takes back has kept, by artifact. */
  readonly records: ReadonlyMap<string, UndoRecord>;
  /** Puts other metadata in the place of a copy, before the plan runs. */
  replace(rows: readonly { id: string; metadata: string }[]): Promise<void>;
  /**
   * Runs a plan's statements over the copies; the memory store calls `transform` on each instead. On an error nothing of it
   * remains, and the transaction is still usable.
   * @throws PlanError when the plan itself fails, with the database's words.
   */
  run(statements: readonly string[], transform: (id: string, metadata: string) => string): Promise<void>;
  /** The copies that are not what they were, after any {@link replace}. */
  results(): Promise<Map<string, string>>;
  /** Stages the copies as they are now for a run; `documents` false: only that they were looked at. */
  stage(proposalId: string, rows: readonly StagedArtifact[], documents: boolean): Promise<void>;
}

export interface Swap {
  proposal_id: string;
  artifact_type: string;
  to_version: number;
  at_ms: number;
}

/** What a transaction does for migrations. */
export interface MigrationTransaction {
  /** The run, its row locked until the transaction ends. */
  lock(proposalId: string): Promise<MigrationRun | undefined>;
  /** Inserts or replaces. */
  save(run: MigrationRun): Promise<void>;
  /** Drops the run and what it has staged. */
  end(proposalId: string): Promise<void>;
  /** Takes stock of the artifacts for the database's planner, which an embedded one never does by itself. */
  analyze(): Promise<void>;
  countArtifacts(artifactType: string): Promise<number>;
  /** Ids and content hashes of a type's artifacts, in the order of the ids. */
  scanHashes(
    artifactType: string,
    afterId: string | null,
    limit: number,
  ): Promise<{ id: string; content_hash: string }[]>;
  /** The hash up to which ids belong to a sample of `size`; undefined when there are no more artifacts than that. */
  sampleBound(artifactType: string, size: number): Promise<string | undefined>;
  /** Copies artifacts and works on the copies, which are gone afterwards. `restores` names a migration whose records are copied too. */
  scratch<T>(
    artifactType: string,
    selection: Selection,
    restores: string | undefined,
    work: (scratch: Scratch) => Promise<T>,
  ): Promise<T>;
  /** How many staged artifacts have failed, and the first of them. */
  failures(
    proposalId: string,
    artifactType: string,
    limit: number,
  ): Promise<{ count: number; first: ({ artifact_id: string } & StagedFailure)[] }>;
  /** Keeps the stored artifacts still until the transaction ends. */
  freeze(): Promise<void>;
  /**
   * Puts what is staged in the artifacts' place, pins them to the version, and keeps what they were in the undo table.
   */
  swap(swap: Swap): Promise<{ checked: number; changed: number }>;
  /**
   * Runs statements over the stored artifacts themselves, for plans with columns.
   * @throws PlanError when the plan itself fails.
   */
  run(statements: readonly string[]): Promise<void>;
  /** How many of the swapped artifacts are not what was staged. */
  unlikeStaged(proposalId: string): Promise<number>;
}
