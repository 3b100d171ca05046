/**
 * The store on PostgreSQL's dialect. A driver brings the connection (a server's, or PGlite's embedded one); all
 * statements stand here, once.
 */
import type { MigrationRun } from "./migration-port.js";
import { migrationRun, SqlMigrations } from "./sql/migrations.js";
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

export type SqlValue = string | number | boolean | null;

/** One connection, or one transaction of it. */
export interface Sql {
  /** One statement with its parameters. */
  query(
    text: string,
    params?: readonly SqlValue[],
  ): Promise<{ rows: Record<string, unknown>[]; count: number }>;
  /** A script of several statements. */
  script(text: string): Promise<void>;
}

export interface SqlDriver extends Sql {
  readonly kind: Exclude<StoreKind, "memory">;
  readonly location: string;
  /** Whether nobody else can write to the database while it is open here. */
  readonly isExclusive: boolean;
  /** Commits when `work` returns, rolls back when it throws. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

type Kind = "text" | "number" | "boolean" | "json" | "time";

/** A table, its key and its columns by the member of the row; a `time` member `x_ms` is the column `x_at`. */
interface Table {
  name: string;
  key: string[];
  columns: Record<string, Kind>;
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

const ARTIFACTS: Table = {
  name: "artifacts",
  key: ["id"],
  columns: {
    id: "text",
    artifact_type: "text",
    title: "text",
    metadata: "json",
    schema_version: "number",
    content_hash: "text",
    created_by: "text",
    created_ms: "time",
    updated_ms: "time",
    warnings: "json",
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
    return named(async () => {
      const { rows } = await this.#driver.query(`${select(ARTIFACTS)} WHERE id = $1`, [plain(id)]);
      return rows.map((row) => read<ArtifactRow>(ARTIFACTS, row))[0];
    });
  }

  artifacts(filter: ArtifactFilter): Promise<ArtifactRow[]> {
    return named(async () => {
      const { rows } = await this.#driver.query(
        `${select(ARTIFACTS)}
         WHERE ($1::text IS NULL OR artifact_type = $1)
           AND ($2::text IS NULL OR position(lower($2) IN lower(id || E'\\n' || coalesce(title, ''))) > 0)
           AND ($3::timestamptz IS NULL OR (created_at, id) < ($3::timestamptz, $4::text COLLATE "C"))
         ORDER BY created_at DESC, id DESC LIMIT $5`,
        [
          filter.artifact_type === undefined ? null : plain(filter.artifact_type),
          filter.text === undefined ? null : plain(filter.text),
          filter.before === undefined ? null : time(filter.before.created_ms),
          filter.before === undefined ? null : plain(filter.before.id),
          filter.limit,
        ],
      );
      return rows.map((row) => read<ArtifactRow>(ARTIFACTS, row));
    });
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

class SqlTransaction implements Transaction {
  readonly #sql: Sql;
  #savepoints = 0;
  /** Where the log ends after an append of this transaction. */
  head: number | undefined;
  readonly migrations: SqlMigrations;

  constructor(sql: Sql) {
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

  async insertArtifact(row: ArtifactRow, current: number | null): Promise<boolean> {
    await this.#sql.query(`${HEAD} FOR SHARE`);
    const registered = await this.#sql.query(
      "SELECT schema_version FROM schema_registry WHERE artifact_type = $1 AND is_current",
      [plain(row.artifact_type)],
    );
    const version = registered.rows[0] === undefined ? null : Number(registered.rows[0]["schema_version"]);
    if (version !== current)
      throw new ConflictError(`the current version of ${row.artifact_type} has changed`);
    const { columns, places, values } = bind(ARTIFACTS, row);
    const { count } = await this.#sql.query(
      `INSERT INTO artifacts (${columns}) VALUES (${places}) ON CONFLICT (id) DO NOTHING`,
      values,
    );
    return count === 1;
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

function column(member: string, kind: Kind): string {
  return kind === "time" ? member.replace(/_ms$/, "_at").replace(/^registered_at$/, "created_at") : member;
}

function select(table: Table): string {
  const list = Object.entries(table.columns).map(([member, kind]) => {
    const name = column(member, kind);
    if (kind === "time") return `(extract(epoch FROM ${name}) * 1000)::bigint AS ${member}`;
    return kind === "json" ? `${name}::text AS ${member}` : name;
  });
  return `SELECT ${list.join(", ")} FROM ${table.name}`;
}

/** The table's description is the row's type in data; the contract suite compares the two on every store. */
function read<Row>(table: Table, row: Record<string, unknown>): Row {
  const entries = Object.entries(table.columns).map(([member, kind]) => {
    const value = row[member];
    if (value === null || value === undefined) return [member, null];
    if (kind === "number" || kind === "time") return [member, Number(value)];
    return [member, kind === "boolean" ? value === true : String(value)];
  });
  return Object.fromEntries(entries) as Row;
}

function bind(table: Table, row: object): { columns: string; places: string; values: SqlValue[] } {
  const members = new Map<string, unknown>(Object.entries(row));
  const columns = Object.entries(table.columns);
  return {
    columns: columns.map(([member, kind]) => column(member, kind)).join(", "),
    places: columns.map((_, index) => `$${index + 1}`).join(", "),
    values: columns.map(([member, kind]): SqlValue => {
      const value = members.get(member);
      if (value === null || value === undefined) return null;
      if (typeof value === "boolean") return value;
      if (typeof value === "number") return kind === "time" ? time(value) : value;
      return kind === "json" ? String(value) : plain(String(value));
    }),
  };
}

async function upsert(sql: Sql, table: Table, row: object): Promise<void> {
  const { columns, places, values } = bind(table, row);
  const rest = Object.entries(table.columns)
    .filter(([member]) => !table.key.includes(member))
    .map(([member, kind]) => column(member, kind))
    .map((name) => `${name} = excluded.${name}`);
  await sql.query(
    `INSERT INTO ${table.name} (${columns}) VALUES (${places})
     ON CONFLICT (${table.key.join(", ")}) DO UPDATE SET ${rest.join(", ")}`,
    values,
  );
}

function seqOf({ rows }: { rows: Record<string, unknown>[] }): number {
  const row = rows[0];
  if (row === undefined) throw new StoreError("store_damaged", "The table senate_head is empty.");
  return Number(row["seq"]);
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

/** PostgreSQL's text cannot hold U+0000. The log keeps it, escaped; a projection shows the replacement character. */
function plain(text: string): string {
  return text.replaceAll("\0", "\uFFFD");
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
