/**
 * The port that every store implements: memory, PGlite, PostgreSQL.
 *
 * The event log is the truth. Everything else that a store keeps is a projection of it, written in the transaction
 * that appends, plus the artifacts, which the log only counts. The port speaks of rows, not of SQL; the two SQL
 * stores share one dialect.
 */
import type { Choice, ChangeType, ProposalType, Status, Track, Verdict } from "schema-senate";
import type { ArtifactTransaction } from "./artifact-port.js";
import type { MigrationRun, MigrationTransaction } from "./migration-port.js";

export type * from "./artifact-port.js";

export type StoreKind = "memory" | "pglite" | "postgresql";

/** One line of the log as stored. `body` is the event's JSON text, without a line break. */
export interface StoredEvent {
  seq: number;
  at_ms: number;
  event: string;
  proposal_id: string | null;
  body: string;
}

/** A stored artifact. `metadata` is JSON text. */
export interface ArtifactRow {
  id: string;
  artifact_type: string;
  title: string | null;
  metadata: string;
  /** The version it is known to be valid under (or was stored under, when `warnings` is set); null: the type has none. */
  schema_version: number | null;
  content_hash: string;
  created_by: string | null;
  created_ms: number;
  updated_ms: number;
  /** JSON text of the problems that mode `warn` or `skip` let through; null: none. */
  warnings: string | null;
  /** Of the latest version, which this is. */
  version_number: number;
  /** JSON text of the versions that it builds on; null: none. */
  pins: string | null;
}

/** Newest first; `before` continues after a row. */
export interface ArtifactFilter {
  artifact_type?: string;
  /** Part of the id or the title, any case. */
  text?: string;
  limit: number;
  before?: { created_ms: number; id: string };
}

export interface RegistryRow {
  artifact_type: string;
  schema_version: number;
  schema_json: string;
  references_json: string | null;
  digest: string;
  draft: string;
  description: string;
  is_current: boolean;
  proposed_by: string;
  proposal_id: string | null;
  registered_ms: number;
}

export interface ProposalRow {
  proposal_id: string;
  proposal_type: ProposalType;
  title: string;
  proposer_id: string;
  status: Status;
  /** The artifact type, or `senate/policy`, `senate/members`, `senate/scope`. */
  target: string;
  /** Null, as the members after it, for proposals about the senate itself. */
  artifact_type: string | null;
  change_type: ChangeType | null;
  track: Track;
  verdict: Verdict | null;
  backward_compatible: boolean | null;
  metadata: string;
  base_version: number | null;
  next_version: number | null;
  subject: string | null;
  electorate_size: number | null;
  votes_approve: number;
  votes_reject: number;
  votes_abstain: number;
  decision_reason: string | null;
  created_ms: number;
  opened_ms: number | null;
  closes_ms: number | null;
  /** The last event that touched it. */
  updated_seq: number;
  updated_ms: number;
}

export interface VoteRow {
  proposal_id: string;
  voter_id: string;
  choice: Choice;
  reason: string | null;
  seq: number;
  cast_ms: number;
}

export interface MigrationRow {
  proposal_id: string;
  plan_digest: string;
  artifact_type: string;
  from_version: number;
  to_version: number;
  plan: string;
  state: "generated" | "started" | "applied" | "failed" | "abandoned";
  reason: string | null;
  failures: string | null;
  artifacts_checked: number | null;
  artifacts_changed: number | null;
  updated_seq: number;
  updated_ms: number;
}

/** Rows to insert or to replace, by key. Only what the appended events touched. */
export interface Projection {
  registry: RegistryRow[];
  proposals: ProposalRow[];
  votes: VoteRow[];
  migrations: MigrationRow[];
}

/** An artifact's content. */
export interface MigratedArtifact {
  id: string;
  metadata: string;
  content_hash: string;
}

/** The log's head under the log key's signature. */
export interface CheckpointRow {
  size: number;
  /** A C2SP signed note. */
  note: string;
}

/** Everything inside commits or rolls back together. */
export interface Transaction extends ArtifactTransaction {
  readonly migrations: MigrationTransaction;
  /** Takes the log's lock until the end of the transaction and gives the number of the last event. */
  lockHead(): Promise<number>;
  /** As {@link Store.read}, with what this transaction has appended. */
  read(fromSeq: number, limit: number): Promise<StoredEvent[]>;
  /** @throws ConflictError when the log's last event is not `expectedSeq`. */
  append(expectedSeq: number, events: readonly StoredEvent[]): Promise<void>;
  project(rows: Projection): Promise<void>;
  /** Keeps the checkpoint of what this transaction has appended. */
  saveCheckpoint(row: CheckpointRow): Promise<void>;
  /** The one of the largest size, with what this transaction has kept. */
  lastCheckpoint(): Promise<CheckpointRow | undefined>;
  /** Artifacts of a type in the order of their ids, after `afterId`. */
  scanArtifacts(artifactType: string, afterId: string | null, limit: number): Promise<MigratedArtifact[]>;
  /** Runs `work`; when it throws, undoes what it did, keeps the transaction, and throws on. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

export interface Store {
  readonly kind: StoreKind;
  /** Where the data is, for people: a folder, a database's name, "memory". Never a password. */
  readonly location: string;
  /** The last committed event's number; 0 for an empty log. */
  head(): Promise<number>;
  /** Committed events from `fromSeq` on, in order. */
  read(fromSeq: number, limit: number): Promise<StoredEvent[]>;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  artifact(id: string): Promise<ArtifactRow | undefined>;
  artifacts(filter: ArtifactFilter): Promise<ArtifactRow[]>;
  /** How many artifacts of each type. */
  artifactCounts(): Promise<{ artifact_type: string; count: number }[]>;
  /** A migration under way as it was last committed, also when another host carries it out. */
  migrationRun(proposalId: string): Promise<MigrationRun | undefined>;
  /** The projected tables, for audits and tests. */
  tables(): Promise<Projection>;
  close(): Promise<void>;
}

/** Someone else appended first: catch up and decide again. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
}

/** The plan's own statements or their effect are at fault; trying again without a change gives the same. */
export class PlanError extends Error {
  override readonly name = "PlanError";
}

/**
 * The store cannot be reached, is locked for too long, or holds something it should not: a log that is not the one whose
 * checkpoint was signed (`log_rewritten`), or one that another key signs (`log_key_wrong`).
 */
export class StoreError extends Error {
  override readonly name = "StoreError";
  constructor(
    readonly code:
      | "store_unavailable"
      | "store_busy"
      | "store_damaged"
      | "not_storable"
      | "log_rewritten"
      | "log_key_wrong",
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
