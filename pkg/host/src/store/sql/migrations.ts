/** Migrations in SQL: the plan runs over temporary tables that have the stored ones' names, and nothing else sees them. */
import type {
  CopiedArtifact,
  MigrationRun,
  MigrationTransaction,
  Scratch,
  Selection,
  StagedArtifact,
  StagedFailure,
  Swap,
  UndoRecord,
} from "../migration-port.js";
import type { Sql, SqlValue } from "../sql.js";
import { PlanError, StoreError } from "../store.js";

/** Of an artifact's metadata as it stands, whoever has written it. */
const BASE_HASH = "encode(sha256(convert_to(a.metadata::text, 'UTF8')), 'hex')";
const ID_HASH = "encode(sha256(convert_to(a.id, 'UTF8')), 'hex')";

const RUN_COLUMNS = `proposal_id, plan_digest, state, after_id, looked_at, changed, total,
  (extract(epoch FROM started_at) * 1000)::bigint AS started_ms,
  (extract(epoch FROM updated_at) * 1000)::bigint AS updated_ms, host`;

/** The run as it stands, for who only looks. */
export async function migrationRun(
  sql: Sql,
  proposalId: string,
  lock = "",
): Promise<MigrationRun | undefined> {
  const { rows } = await sql.query(
    `SELECT ${RUN_COLUMNS} FROM migration_runs WHERE proposal_id = $1 ${lock}`,
    [proposalId],
  );
  return rows.map(runOf)[0];
}

export class SqlMigrations implements MigrationTransaction {
  readonly #sql: Sql;
  readonly #savepoint: <T>(work: () => Promise<T>) => Promise<T>;

  constructor(sql: Sql, savepoint: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#sql = sql;
    this.#savepoint = savepoint;
  }

  lock(proposalId: string): Promise<MigrationRun | undefined> {
    return migrationRun(this.#sql, proposalId, "FOR UPDATE");
  }

  async save(run: MigrationRun): Promise<void> {
    await this.#sql.query(
      `INSERT INTO migration_runs
         (proposal_id, plan_digest, state, after_id, looked_at, changed, total, started_at, updated_at, host)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (proposal_id) DO UPDATE SET plan_digest = excluded.plan_digest, state = excluded.state,
         after_id = excluded.after_id, looked_at = excluded.looked_at, changed = excluded.changed,
         total = excluded.total, updated_at = excluded.updated_at, host = excluded.host`,
      [
        run.proposal_id,
        run.plan_digest,
        run.state,
        run.after_id,
        run.looked_at,
        run.changed,
        run.total,
        time(run.started_ms),
        time(run.updated_ms),
        run.host,
      ],
    );
  }

  async end(proposalId: string): Promise<void> {
    await this.#sql.query("DELETE FROM migration_runs WHERE proposal_id = $1", [proposalId]);
  }

  async analyze(): Promise<void> {
    await this.#sql.query("ANALYZE artifacts (id, artifact_type)");
  }

  async countArtifacts(artifactType: string): Promise<number> {
    const { rows } = await this.#sql.query(
      "SELECT count(*) AS count FROM artifacts WHERE artifact_type = $1",
      [artifactType],
    );
    return Number(rows[0]?.["count"] ?? 0);
  }

  async scanHashes(
    artifactType: string,
    afterId: string | null,
    limit: number,
  ): Promise<{ id: string; content_hash: string }[]> {
    const { rows } = await this.#sql.query(
      `SELECT id, content_hash FROM artifacts
       WHERE artifact_type = $1 AND id > $2 COLLATE "C" ORDER BY id LIMIT $3`,
      [artifactType, afterId ?? "", limit],
    );
    return rows.map((row) => ({ id: String(row["id"]), content_hash: String(row["content_hash"]) }));
  }

  async sampleBound(artifactType: string, size: number): Promise<string | undefined> {
    const { rows } = await this.#sql.query(
      `SELECT ${ID_HASH} AS bound FROM artifacts AS a WHERE artifact_type = $1
       ORDER BY bound OFFSET $2 LIMIT 2`,
      [artifactType, size - 1],
    );
    return rows.length < 2 ? undefined : String(rows[0]?.["bound"]);
  }

  async scratch<T>(
    artifactType: string,
    selection: Selection,
    restores: string | undefined,
    work: (scratch: Scratch) => Promise<T>,
  ): Promise<T> {
    const scratch = await SqlScratch.open(this.#sql, this.#savepoint, artifactType, selection, restores);
    const result = await work(scratch);
    // Behind an error the savepoint or the transaction takes them away.
    for (const table of ["artifact_migration_undo", "artifacts", "migration_copy"]) {
      await this.#sql.query(`DROP TABLE pg_temp.${table}`);
    }
    return result;
  }

  async failures(
    proposalId: string,
    artifactType: string,
    limit: number,
  ): Promise<{ count: number; first: ({ artifact_id: string } & StagedFailure)[] }> {
    const { rows } = await this.#sql.query(
      `SELECT s.artifact_id, s.failure::text AS failure, count(*) OVER () AS count
       FROM migration_staged AS s JOIN artifacts AS a ON a.id = s.artifact_id
       WHERE s.proposal_id = $1 AND a.artifact_type = $2 AND s.failure IS NOT NULL
       ORDER BY s.artifact_id LIMIT $3`,
      [proposalId, artifactType, limit],
    );
    return {
      count: Number(rows[0]?.["count"] ?? 0),
      first: rows.map((row) => ({
        artifact_id: String(row["artifact_id"]),
        ...(JSON.parse(String(row["failure"])) as StagedFailure),
      })),
    };
  }

  async freeze(): Promise<void> {
    await this.#sql.query("LOCK TABLE artifacts IN SHARE ROW EXCLUSIVE MODE");
  }

  async swap({ proposal_id, artifact_type, to_version, at_ms }: Swap): Promise<{
    checked: number;
    changed: number;
  }> {
    await this.#sql.query(
      `INSERT INTO artifact_migration_undo (migration, artifact_id, before, after)
       SELECT s.record, a.id, CASE WHEN s.changed THEN a.metadata END, CASE WHEN s.changed THEN s.metadata END
       FROM migration_staged AS s JOIN artifacts AS a ON a.id = s.artifact_id
       WHERE s.proposal_id = $1 AND a.artifact_type = $2 AND s.record IS NOT NULL
       ON CONFLICT (migration, artifact_id) DO UPDATE SET before = excluded.before, after = excluded.after`,
      [proposal_id, artifact_type],
    );
    const { count: checked } = await this.#sql.query(
      `UPDATE artifacts AS a SET metadata = coalesce(s.metadata, a.metadata), content_hash = s.content_hash,
         schema_version = $3, updated_at = $4, warnings = NULL
       FROM migration_staged AS s
       WHERE s.proposal_id = $1 AND s.artifact_id = a.id AND a.artifact_type = $2 AND s.failure IS NULL`,
      [proposal_id, artifact_type, to_version, time(at_ms)],
    );
    const { rows } = await this.#sql.query(
      `SELECT count(*) AS count FROM migration_staged AS s JOIN artifacts AS a ON a.id = s.artifact_id
       WHERE s.proposal_id = $1 AND a.artifact_type = $2 AND s.changed`,
      [proposal_id, artifact_type],
    );
    return { checked, changed: Number(rows[0]?.["count"] ?? 0) };
  }

  run(statements: readonly string[]): Promise<void> {
    return runPlan(this.#sql, this.#savepoint, statements);
  }

  async unlikeStaged(proposalId: string): Promise<number> {
    const { rows } = await this.#sql.query(
      `SELECT count(*) AS count FROM migration_staged AS s JOIN artifacts AS a ON a.id = s.artifact_id
       WHERE s.proposal_id = $1 AND s.metadata IS NOT NULL AND a.metadata IS DISTINCT FROM s.metadata`,
      [proposalId],
    );
    return Number(rows[0]?.["count"] ?? 0);
  }
}

class SqlScratch implements Scratch {
  readonly #sql: Sql;
  readonly #savepoint: <T>(work: () => Promise<T>) => Promise<T>;
  readonly #restores: string | null;

  private constructor(
    sql: Sql,
    savepoint: <T>(work: () => Promise<T>) => Promise<T>,
    restores: string | null,
    readonly rows: readonly CopiedArtifact[],
    readonly records: ReadonlyMap<string, UndoRecord>,
  ) {
    this.#sql = sql;
    this.#savepoint = savepoint;
    this.#restores = restores;
  }

  static async open(
    sql: Sql,
    savepoint: <T>(work: () => Promise<T>) => Promise<T>,
    artifactType: string,
    selection: Selection,
    restores: string | undefined,
  ): Promise<SqlScratch> {
    const { where, params } = whereOf(selection);
    await sql.query(
      `CREATE TEMP TABLE migration_copy ON COMMIT DROP AS
       SELECT a.id, a.artifact_type, a.metadata, a.schema_version, a.content_hash, false AS replaced,
         ${BASE_HASH} AS base_hash
       FROM artifacts AS a WHERE a.artifact_type = $1 AND ${where}`,
      [artifactType, ...params],
    );
    const copied = await sql.query(
      "SELECT id, metadata::text AS metadata, schema_version, content_hash FROM migration_copy ORDER BY id",
    );
    const records = await copyRecords(sql, restores);
    await sql.query(
      "CREATE TEMP TABLE artifacts ON COMMIT DROP AS SELECT id, artifact_type, metadata FROM migration_copy",
    );
    // The key also tells the planner how many there are.
    await sql.query("ALTER TABLE artifacts ADD PRIMARY KEY (id)");
    const rows = copied.rows.map((row) => ({
      id: String(row["id"]),
      metadata: String(row["metadata"]),
      schema_version: row["schema_version"] === null ? null : Number(row["schema_version"]),
      content_hash: String(row["content_hash"]),
    }));
    return new SqlScratch(sql, savepoint, restores ?? null, rows, records);
  }

  async replace(rows: readonly { id: string; metadata: string }[]): Promise<void> {
    if (rows.length === 0) return;
    // As text inside the JSON: `json` would keep an escape that `jsonb` must see for itself.
    const given = JSON.stringify(rows);
    for (const [table, set] of [
      ["artifacts", ""],
      ["migration_copy", ", replaced = true"],
    ]) {
      await this.#sql.query(
        `UPDATE ${table} AS c SET metadata = r.metadata::jsonb${set}
         FROM json_to_recordset($1::json) AS r (id text, metadata text) WHERE c.id = r.id`,
        [given],
      );
    }
  }

  run(statements: readonly string[]): Promise<void> {
    return runPlan(this.#sql, this.#savepoint, statements);
  }

  async results(): Promise<Map<string, string>> {
    const { rows } = await this.#sql.query(
      `SELECT a.id, a.metadata::text AS metadata FROM artifacts AS a JOIN migration_copy AS c ON c.id = a.id
       WHERE a.metadata IS DISTINCT FROM c.metadata`,
    );
    return new Map(rows.map((row) => [String(row["id"]), String(row["metadata"])]));
  }

  async stage(proposalId: string, rows: readonly StagedArtifact[], documents: boolean): Promise<void> {
    const { count } = await this.#sql.query(
      `INSERT INTO migration_staged
         (proposal_id, artifact_id, base_hash, metadata, content_hash, changed, record, failure)
       SELECT $1, c.id, c.base_hash, CASE WHEN $3 AND r.changed AND r.failure IS NULL THEN a.metadata END,
         r.content_hash, r.changed, CASE WHEN $3 THEN u.migration END, r.failure
       FROM json_to_recordset($2::json) AS r (id text, content_hash text, changed boolean, failure json)
       JOIN migration_copy AS c ON c.id = r.id
       JOIN artifacts AS a ON a.id = r.id
       LEFT JOIN artifact_migration_undo AS u ON u.artifact_id = r.id AND u.migration IS DISTINCT FROM $4
       ON CONFLICT (proposal_id, artifact_id) DO UPDATE SET base_hash = excluded.base_hash,
         metadata = excluded.metadata, content_hash = excluded.content_hash, changed = excluded.changed,
         record = excluded.record, failure = excluded.failure`,
      [proposalId, JSON.stringify(rows), documents, this.#restores],
    );
    if (count !== rows.length) {
      throw new PlanError(`Of ${rows.length} artifacts the plan's statements leave ${count}.`);
    }
  }
}

/** The undo table that the plan writes to: empty, or with what it is to restore from. */
async function copyRecords(sql: Sql, restores: string | undefined): Promise<Map<string, UndoRecord>> {
  const wanted = restores ?? null;
  const known =
    wanted !== null &&
    (await sql.query("SELECT 1 FROM artifact_migration_undo WHERE migration = $1 LIMIT 1", [wanted])).rows
      .length > 0;
  await sql.query(
    `CREATE TEMP TABLE artifact_migration_undo ON COMMIT DROP AS
     SELECT u.migration, u.artifact_id, u.before, u.after FROM artifact_migration_undo AS u
     WHERE u.migration = $1 AND u.artifact_id IN (SELECT id FROM migration_copy)`,
    [wanted],
  );
  if (known) {
    // That there are records at all must be seen also where these artifacts have none.
    await sql.query("INSERT INTO artifact_migration_undo (migration, artifact_id) VALUES ($1, '')", [wanted]);
  }
  const { rows } = await sql.query(
    "SELECT artifact_id, before::text AS before, after::text AS after FROM artifact_migration_undo",
  );
  await sql.query("ALTER TABLE artifact_migration_undo ADD PRIMARY KEY (migration, artifact_id)");
  const text = (value: unknown): string | null => (value === null ? null : String(value));
  return new Map(
    rows.map((row) => [
      String(row["artifact_id"]),
      { before: text(row["before"]), after: text(row["after"]) },
    ]),
  );
}

function whereOf(selection: Selection): { where: string; params: SqlValue[] } {
  if ("ids" in selection) {
    return {
      where: "a.id IN (SELECT json_array_elements_text($2::json)) ORDER BY a.id",
      params: [JSON.stringify(selection.ids)],
    };
  }
  if ("unstagedOf" in selection) {
    return {
      where: `NOT EXISTS (SELECT FROM migration_staged AS s
                WHERE s.proposal_id = $2 AND s.artifact_id = a.id AND s.base_hash = ${BASE_HASH})
              ORDER BY a.id LIMIT $3`,
      params: [selection.unstagedOf, selection.limit],
    };
  }
  const { after, limit, bound } = selection;
  // No id is empty, and without an OR the index gives the next ones at once.
  const next = `a.id > $2 COLLATE "C"`;
  const order = "ORDER BY a.id LIMIT $3";
  return bound === undefined
    ? { where: `${next} ${order}`, params: [after ?? "", limit] }
    : { where: `${next} AND ${ID_HASH} <= $4 ${order}`, params: [after ?? "", limit, bound] };
}

async function runPlan(
  sql: Sql,
  savepoint: <T>(work: () => Promise<T>) => Promise<T>,
  statements: readonly string[],
): Promise<void> {
  await savepoint(async () => {
    for (const statement of statements) {
      try {
        await sql.query(statement);
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        // Data, integrity, syntax, and errors that the statement raises itself: the plan's fault, not the server's.
        if (typeof code === "string" && /^(?:21|22|23|2F|42|44|P0)/.test(code)) {
          throw new PlanError(error instanceof Error ? error.message : code, { cause: error });
        }
        throw error;
      }
    }
  });
}

function runOf(row: Record<string, unknown>): MigrationRun {
  const state = row["state"];
  if (state !== "staging" && state !== "swapping") {
    throw new StoreError("store_damaged", `A migration's run is ${String(state)}.`);
  }
  return {
    proposal_id: String(row["proposal_id"]),
    plan_digest: String(row["plan_digest"]),
    state,
    after_id: row["after_id"] === null ? null : String(row["after_id"]),
    looked_at: Number(row["looked_at"]),
    changed: Number(row["changed"]),
    total: Number(row["total"]),
    started_ms: Number(row["started_ms"]),
    updated_ms: Number(row["updated_ms"]),
    host: String(row["host"]),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
