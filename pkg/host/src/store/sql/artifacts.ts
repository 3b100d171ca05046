/** The artifacts in SQL: the latest of each in `artifacts`, every version in `artifact_versions`. */
import type {
  ArtifactTransaction,
  ArtifactVersionRow,
  ArtifactVersionSummary,
  AuditedArtifact,
  Pin,
  ProcessingStepRow,
  ValidationFindingRow,
  ValidationRunRow,
  VersionNote,
} from "../artifact-port.js";
import { typeOfMigration, versionOf } from "../artifact-rows.js";
import { type ArtifactFilter, type ArtifactRow, ConflictError } from "../store.js";
import * as steps from "./steps.js";
import { bind, plain, read, select, type Sql, type Table, time } from "./table.js";
import * as validation from "./validation.js";

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
    version_number: "number",
    pins: "json",
  },
};

const SUMMARY = {
  artifact_id: "text",
  version_number: "number",
  parent_version: "number",
  artifact_type: "text",
  schema_version: "number",
  content_hash: "text",
  created_by: "text",
  created_ms: "time",
  changelog: "text",
  proposal_id: "text",
} as const;

const SUMMARIES: Table = {
  name: "artifact_versions",
  key: ["artifact_id", "version_number"],
  columns: SUMMARY,
};

const VERSIONS: Table = {
  ...SUMMARIES,
  columns: { ...SUMMARY, metadata: "json", pins: "json", warnings: "json" },
};

/**
 * The rows of `artifacts`, their metadata as it was written: `jsonb` keeps the value only, and the version's `json` keeps
 * the text. Where somebody has changed the row since, the row counts.
 */
const SHOWN = `${select(ARTIFACTS)
  .replace(
    "metadata::text AS metadata",
    `coalesce((SELECT v.metadata::text FROM artifact_versions v WHERE v.artifact_id = artifacts.id
       AND v.version_number = artifacts.version_number AND v.metadata::jsonb = artifacts.metadata),
     artifacts.metadata::text) AS metadata`,
  )
  .trim()}`;

export async function artifactOf(sql: Sql, id: string): Promise<ArtifactRow | undefined> {
  const { rows } = await sql.query(`${SHOWN} WHERE id = $1`, [plain(id)]);
  return rows.map((row) => read<ArtifactRow>(ARTIFACTS, row))[0];
}

export async function artifactPage(sql: Sql, filter: ArtifactFilter): Promise<ArtifactRow[]> {
  const { rows } = await sql.query(
    `${SHOWN}
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
}

/** What a SQL transaction does with artifacts. */
export class SqlArtifacts implements ArtifactTransaction {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async insertArtifact(row: ArtifactRow, current: number | null, changelog?: string): Promise<boolean> {
    await this.#requireCurrent(row.artifact_type, current);
    const first = { ...row, version_number: 1 };
    const { columns, places, values } = bind(ARTIFACTS, first);
    const { count } = await this.#sql.query(
      `INSERT INTO artifacts (${columns}) VALUES (${places}) ON CONFLICT (id) DO NOTHING`,
      values,
    );
    if (count !== 1) return false;
    await this.#insertVersion(
      versionOf(first, { created_by: row.created_by, changelog: changelog ?? null }, null),
    );
    return true;
  }

  async addVersion(row: ArtifactRow, note: VersionNote, current: number | null): Promise<boolean> {
    await this.#requireCurrent(row.artifact_type, current);
    const { count } = await this.#sql.query(
      `UPDATE artifacts SET title = $1, metadata = $2, schema_version = $3, content_hash = $4, updated_at = $5, warnings = $6,
              pins = $7, version_number = $8
       WHERE id = $9 AND artifact_type = $10 AND version_number = $8 - 1`,
      [
        row.title === null ? null : plain(row.title),
        row.metadata,
        row.schema_version,
        row.content_hash,
        time(row.updated_ms),
        row.warnings,
        row.pins,
        row.version_number,
        plain(row.id),
        plain(row.artifact_type),
      ],
    );
    if (count !== 1) return false;
    await this.#insertVersion(versionOf(row, note, row.version_number - 1));
    return true;
  }

  async addVersionsOfMigration(
    proposalId: string,
    name: string,
    toVersion: number,
    atMs: number,
  ): Promise<number> {
    const { count } = await this.#sql.query(
      `WITH moved AS (
         UPDATE artifacts AS a SET version_number = a.version_number + 1
         WHERE a.artifact_type = $1 AND a.schema_version = $2 AND NOT EXISTS (
           SELECT FROM artifact_versions AS v
           WHERE v.artifact_id = a.id AND v.version_number = a.version_number AND v.content_hash = a.content_hash)
         RETURNING a.*
       )
       INSERT INTO artifact_versions (artifact_id, version_number, parent_version, artifact_type, schema_version, metadata,
                                      content_hash, created_at, changelog, pins, warnings, proposal_id)
       SELECT id, version_number, version_number - 1, artifact_type, schema_version, metadata::text::json, content_hash,
              $3::timestamptz, $4::text, pins, warnings, $5::text
       FROM moved`,
      [plain(typeOfMigration(name)), toVersion, time(atMs), plain(`migration ${name}`), proposalId],
    );
    return count;
  }

  async artifactVersion(artifactId: string, versionNumber: number): Promise<ArtifactVersionRow | undefined> {
    const { rows } = await this.#sql.query(
      `${select(VERSIONS)} WHERE artifact_id = $1 AND version_number = $2`,
      [plain(artifactId), versionNumber],
    );
    return rows.map((row) => read<ArtifactVersionRow>(VERSIONS, row))[0];
  }

  async artifactVersions(
    artifactId: string,
    before: number | null,
    limit: number,
  ): Promise<ArtifactVersionSummary[]> {
    const { rows } = await this.#sql.query(
      `${select(SUMMARIES)} WHERE artifact_id = $1 AND ($2::integer IS NULL OR version_number < $2)
       ORDER BY version_number DESC LIMIT $3`,
      [plain(artifactId), before, limit],
    );
    return rows.map((row) => read<ArtifactVersionSummary>(SUMMARIES, row));
  }

  async hashesOf(versions: readonly Omit<Pin, "content_hash">[]): Promise<Pin[]> {
    const { rows } = await this.#sql.query(
      `SELECT v.artifact_id, v.version_number, v.content_hash FROM artifact_versions v
       JOIN json_to_recordset($1::json) AS pin (artifact_id text, version_number integer)
         ON v.artifact_id = pin.artifact_id AND v.version_number = pin.version_number`,
      [JSON.stringify(versions)],
    );
    return rows.map((row) => ({
      artifact_id: String(row["artifact_id"]),
      version_number: Number(row["version_number"]),
      content_hash: String(row["content_hash"]),
    }));
  }

  async countAt(artifactType: string, schemaVersion: number): Promise<number> {
    const { rows } = await this.#sql.query(
      "SELECT count(*) AS count FROM artifacts WHERE artifact_type = $1 AND schema_version = $2",
      [plain(artifactType), schemaVersion],
    );
    return Number(rows[0]?.["count"] ?? 0);
  }

  async stampOf(artifactType: string): Promise<{ count: number; stamp: number }> {
    const { rows } = await this.#sql.query(
      "SELECT count(*) AS count, coalesce(sum(version_number), 0)::bigint AS stamp FROM artifacts WHERE artifact_type = $1",
      [plain(artifactType)],
    );
    return { count: Number(rows[0]?.["count"] ?? 0), stamp: Number(rows[0]?.["stamp"] ?? 0) };
  }

  async auditBatch(artifactType: string, afterId: string | null, limit: number): Promise<AuditedArtifact[]> {
    const { rows } = await this.#sql.query(
      `SELECT id, metadata::text AS metadata, version_number, schema_version FROM artifacts
       WHERE artifact_type = $1 AND id > $2 COLLATE "C" ORDER BY id LIMIT $3`,
      // No id is empty. An alternative in the condition would keep the index from beginning behind it.
      [plain(artifactType), plain(afterId ?? ""), limit],
    );
    return rows.map((row) => ({
      id: String(row["id"]),
      metadata: String(row["metadata"]),
      version_number: Number(row["version_number"]),
      schema_version: row["schema_version"] === null ? null : Number(row["schema_version"]),
    }));
  }

  insertRun(row: ValidationRunRow): Promise<boolean> {
    return validation.insertRun(this.#sql, row);
  }

  lockRun(runId: string): Promise<ValidationRunRow | undefined> {
    return validation.lockRun(this.#sql, runId);
  }

  saveRun(row: ValidationRunRow): Promise<void> {
    return validation.saveRun(this.#sql, row);
  }

  runsOf(
    artifactType: string,
    states: readonly ValidationRunRow["state"][],
    limit: number,
  ): Promise<ValidationRunRow[]> {
    return validation.runsOf(this.#sql, artifactType, states, limit);
  }

  runningRuns(): Promise<ValidationRunRow[]> {
    return validation.runningRuns(this.#sql);
  }

  lastRuns(): Promise<ValidationRunRow[]> {
    return validation.lastRuns(this.#sql);
  }

  addFindings(rows: readonly ValidationFindingRow[]): Promise<void> {
    return validation.addFindings(this.#sql, rows);
  }

  findingsOf(runId: string, after: number, limit: number): Promise<ValidationFindingRow[]> {
    return validation.findingsOf(this.#sql, runId, after, limit);
  }

  dropFindings(artifactType: string, keep: number): Promise<void> {
    return validation.dropFindings(this.#sql, artifactType, keep);
  }

  insertStep(row: ProcessingStepRow): Promise<ProcessingStepRow> {
    return steps.insertStep(this.#sql, row);
  }

  stepsAt(
    end: "source" | "target",
    artifactIds: readonly string[],
    limit: number,
  ): Promise<ProcessingStepRow[]> {
    return steps.stepsAt(this.#sql, end, artifactIds, limit);
  }

  stepsFrom(
    sourceId: string,
    filter: { method?: string; parameters_digest?: string },
    limit: number,
  ): Promise<ProcessingStepRow[]> {
    return steps.stepsFrom(this.#sql, sourceId, filter, limit);
  }

  /** Keeps the log still until the transaction ends. */
  async #requireCurrent(artifactType: string, current: number | null): Promise<void> {
    await this.#sql.query("SELECT seq FROM senate_head FOR SHARE");
    const { rows } = await this.#sql.query(
      "SELECT schema_version FROM schema_registry WHERE artifact_type = $1 AND is_current",
      [plain(artifactType)],
    );
    const version = rows[0] === undefined ? null : Number(rows[0]["schema_version"]);
    if (version !== current) throw new ConflictError(`the current version of ${artifactType} has changed`);
  }

  async #insertVersion(row: ArtifactVersionRow): Promise<void> {
    const { columns, places, values } = bind(VERSIONS, row);
    await this.#sql.query(`INSERT INTO artifact_versions (${columns}) VALUES (${places})`, values);
  }
}
