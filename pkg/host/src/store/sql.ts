/**
 * The store on PostgreSQL's dialect. A driver brings the connection (a server's, or PGlite's embedded one); all
 * statements stand here, once.
 */
import type { MigrationRun } from "./migration-port.js";
import { artifactOf, artifactPage, SqlArtifacts } from "./sql/artifacts.js";
import { migrationRun, SqlMigrations } from "./sql/migrations.js";
import { plain, read, select, type Sql, type Table, upsert } from "./sql/table.js";
import {
  type ArtifactFilter,
  type ArtifactRow,
  type CheckpointRow,
  ConflictError,
  type MigratedArtifact,
  PlanError,
  type Projection,
  type Store,
  type StoredEvent,
  StoreError,
  type StoreKind,
  type Transaction,
} from "./store.js";

export type { Sql, SqlValue } from "./sql/table.js";

export interface SqlDriver extends Sql {
  readonly kind: Exclude<StoreKind, "memory">;
  readonly location: string;
  /** Whether nobody else can write to the database while it is open here. */
  readonly isExclusive: boolean;
  /** Commits when `work` returns, rolls back when it throws. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const REGISTRY: Table = {
  name: "schema_registry",
  key: ["artifact_type", "schema_version"],
  columns: {
    artifact_type: "text",
    schema_version: "number",
    schema_json: "json",
    references_json: "json",
    digest: "text",
    draft: "text",
    description: "text",
    is_current: "boolean",
    proposed_by: "text",
    proposal_id: "text",
    registered_ms: "time",
  },
};

const PROPOSALS: Table = {
  name: "senate_proposals",
  key: ["proposal_id"],
  columns: {
    proposal_id: "text",
    proposal_type: "text",
    title: "text",
    proposer_id: "text",
    status: "text",
    target: "text",
    artifact_type: "text",
    change_type: "text",
    track: "text",
    verdict: "text",
    backward_compatible: "boolean",
    metadata: "json",
    base_version: "number",
    next_version: "number",
    subject: "text",
    electorate_size: "number",
    votes_approve: "number",
    votes_reject: "number",
    votes_abstain: "number",
    decision_reason: "text",
    created_ms: "time",
    opened_ms: "time",
    closes_ms: "time",
    updated_seq: "number",
    updated_ms: "time",
  },
};

const VOTES: Table = {
  name: "senate_votes",
  key: ["proposal_id", "voter_id"],
  columns: {
    proposal_id: "text",
    voter_id: "text",
    choice: "text",
    reason: "text",
    seq: "number",
    cast_ms: "time",
  },
};

const MIGRATIONS: Table = {
  name: "migration_history",
  key: ["proposal_id"],
  columns: {
    proposal_id: "text",
    plan_digest: "text",
    artifact_type: "text",
    from_version: "number",
    to_version: "number",
    plan: "json",
    state: "text",
    reason: "text",
    failures: "json",
    artifacts_checked: "number",
    artifacts_changed: "number",
    updated_seq: "number",
    updated_ms: "time",
  },
};

const HEAD = "SELECT seq FROM senate_head";

export class SqlStore implements Store {
  readonly #driver: SqlDriver;
  /**
   * Where the log ends, when only this process can append: then the question needs no turn on the one connection, which a
   * migration may hold for long. Undefined: ask the database.
   */
  #head: number | undefined;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  get kind(): StoreKind {
    return this.#driver.kind;
  }

  get location(): string {
    return this.#driver.location;
  }

  async head(): Promise<number> {
    if (this.#head !== undefined) return this.#head;
    const head = await named(async () => seqOf(await this.#driver.query(HEAD)));
    if (this.#driver.isExclusive) this.#head ??= head;
    return head;
  }

  read(fromSeq: number, limit: number): Promise<StoredEvent[]> {
    return named(() => readEvents(this.#driver, fromSeq, limit));
  }

  artifact(id: string): Promise<ArtifactRow | undefined> {
    return named(() => artifactOf(this.#driver, id));
  }

  artifacts(filter: ArtifactFilter): Promise<ArtifactRow[]> {
    return named(() => artifactPage(this.#driver, filter));
  }

  artifactCounts(): Promise<{ artifact_type: string; count: number }[]> {
    return named(async () => {
      const { rows } = await this.#driver.query(
        "SELECT artifact_type, count(*) AS count FROM artifacts GROUP BY artifact_type ORDER BY artifact_type",
      );
      return rows.map((row) => ({
        artifact_type: String(row["artifact_type"]),
        count: Number(row["count"]),
      }));
    });
  }

  migrationRun(proposalId: string): Promise<MigrationRun | undefined> {
    return named(() => migrationRun(this.#driver, proposalId));
  }

  tables(): Promise<Projection> {
    return named(() =>
      this.#driver.transaction(async (sql) => {
        const all = async <Row>(table: Table): Promise<Row[]> => {
          const { rows } = await sql.query(`${select(table)} ORDER BY ${table.key.join(", ")}`);
          return rows.map((row) => read<Row>(table, row));
        };
        return {
          registry: await all(REGISTRY),
          proposals: await all(PROPOSALS),
          votes: await all(VOTES),
          migrations: await all(MIGRATIONS),
        };
      }),
    );
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    let end: number | undefined;
    try {
      const result = await named(() =>
        this.#driver.transaction(async (sql) => {
          const tx = new SqlTransaction(sql);
          const done = await work(tx);
          end = tx.head;
          return done;
        }),
      );
      if (end !== undefined && this.#driver.isExclusive) this.#head = end;
      return result;
    } catch (error) {
      // Whether the commit came through is for the database to say.
      if (end !== undefined) this.#head = undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    this.#head = undefined;
    return this.#driver.close();
  }
}

class SqlTransaction extends SqlArtifacts implements Transaction {
  readonly #sql: Sql;
  #savepoints = 0;
  /** Where the log ends after an append of this transaction. */
  head: number | undefined;
  readonly migrations: SqlMigrations;

  constructor(sql: Sql) {
    super(sql);
    this.#sql = sql;
    this.migrations = new SqlMigrations(sql, (work) => this.savepoint(work));
  }

  async lockHead(): Promise<number> {
    return seqOf(await this.#sql.query(`${HEAD} FOR UPDATE`));
  }

  read(fromSeq: number, limit: number): Promise<StoredEvent[]> {
    return readEvents(this.#sql, fromSeq, limit);
  }

  async append(expectedSeq: number, events: readonly StoredEvent[]): Promise<void> {
    const head = await this.lockHead();
    if (head !== expectedSeq) throw new ConflictError(`the log ends at ${head}, not at ${expectedSeq}`);
    for (const event of events) {
      await this.#sql.query(
        "INSERT INTO senate_events (seq, at_ms, event, proposal_id, body) VALUES ($1, $2, $3, $4, $5)",
        [event.seq, event.at_ms, event.event, event.proposal_id, event.body],
      );
    }
    this.head = expectedSeq + events.length;
    await this.#sql.query("UPDATE senate_head SET seq = $1", [this.head]);
  }

  async project(rows: Projection): Promise<void> {
    for (const row of [...rows.registry].sort((a, b) => Number(a.is_current) - Number(b.is_current))) {
      await upsert(this.#sql, REGISTRY, row);
    }
    for (const row of rows.proposals) await upsert(this.#sql, PROPOSALS, row);
    for (const row of rows.votes) await upsert(this.#sql, VOTES, row);
    for (const row of rows.migrations) await upsert(this.#sql, MIGRATIONS, row);
  }

  async saveCheckpoint({ size, note }: CheckpointRow): Promise<void> {
    await this.#sql.query("INSERT INTO senate_checkpoints (size, note) VALUES ($1, $2)", [size, note]);
  }

  async lastCheckpoint(): Promise<CheckpointRow | undefined> {
    const { rows } = await this.#sql.query(
      "SELECT size, note FROM senate_checkpoints ORDER BY size DESC LIMIT 1",
    );
    return rows.map((row) => ({ size: Number(row["size"]), note: String(row["note"]) }))[0];
  }

  async scanArtifacts(
    artifactType: string,
    afterId: string | null,
    limit: number,
  ): Promise<MigratedArtifact[]> {
    const { rows } = await this.#sql.query(
      `SELECT id, metadata::text AS metadata, content_hash FROM artifacts
       WHERE artifact_type = $1 AND id > $2 COLLATE "C" ORDER BY id LIMIT $3`,
      [plain(artifactType), plain(afterId ?? ""), limit],
    );
    return rows.map((row) => ({
      id: String(row["id"]),
      metadata: String(row["metadata"]),
      content_hash: String(row["content_hash"]),
    }));
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    this.#savepoints += 1;
    const name = `host_${this.#savepoints}`;
    await this.#sql.query(`SAVEPOINT ${name}`);
    try {
      const result = await work();
      await this.#sql.query(`RELEASE SAVEPOINT ${name}`);
      return result;
    } catch (error) {
      await this.#sql.query(`ROLLBACK TO SAVEPOINT ${name}`);
      throw error;
    }
  }
}

async function readEvents(sql: Sql, fromSeq: number, limit: number): Promise<StoredEvent[]> {
  const { rows } = await sql.query(
    "SELECT seq, at_ms, event, proposal_id, body FROM senate_events WHERE seq >= $1 ORDER BY seq LIMIT $2",
    [fromSeq, limit],
  );
  return rows.map((row) => ({
    seq: Number(row["seq"]),
    at_ms: Number(row["at_ms"]),
    event: String(row["event"]),
    proposal_id: row["proposal_id"] === null ? null : String(row["proposal_id"]),
    body: String(row["body"]),
  }));
}

function seqOf({ rows }: { rows: Record<string, unknown>[] }): number {
  const row = rows[0];
  if (row === undefined) throw new StoreError("store_damaged", "The table senate_head is empty.");
  return Number(row["seq"]);
}

function sqlError(error: unknown): { code: string | undefined; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { code, message };
}

/** Gives the database's errors the store's names; leaves the host's own alone. */
async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreError || error instanceof ConflictError || error instanceof PlanError)
      throw error;
    const { code, message } = sqlError(error);
    if (code === undefined) throw error;
    if (code === "22P05" || code === "22003" || code === "54001" || code === "54000") {
      throw new StoreError("not_storable", `PostgreSQL cannot store it as jsonb: ${message}`, {
        cause: error,
      });
    }
    if (/^(?:40001|40P01|55P03|57014)$/.test(code)) {
      throw new StoreError("store_busy", `The database is busy: ${message}`, { cause: error });
    }
    if (/^(?:08|53|57|58|28|3D)/.test(code) || /^E[A-Z]+$/.test(code)) {
      throw new StoreError("store_unavailable", `The database cannot be reached: ${message}`, {
        cause: error,
      });
    }
    throw error;
  }
}
