/** The audits in SQL. */
import type { ValidationFindingRow, ValidationRunRow } from "../artifact-port.js";
import { bind, plain, read, select, type Sql, type Table, upsert } from "./table.js";

const RUNS: Table = {
  name: "validation_runs",
  key: ["run_id"],
  columns: {
    run_id: "text",
    artifact_type: "text",
    schema_version: "number",
    schema_digest: "text",
    state: "text",
    after_id: "text",
    total: "number",
    checked: "number",
    valid: "number",
    invalid: "number",
    findings: "number",
    findings_kept: "number",
    stamp: "number",
    started_ms: "time",
    updated_ms: "time",
    finished_ms: "time",
  },
};

const FINDINGS: Table = {
  name: "validation_findings",
  key: ["run_id", "number"],
  columns: {
    run_id: "text",
    number: "number",
    artifact_id: "text",
    version_number: "number",
    code: "text",
    pointer: "text",
    message: "text",
  },
};

export async function insertRun(sql: Sql, row: ValidationRunRow): Promise<boolean> {
  const { columns, places, values } = bind(RUNS, row);
  const { count } = await sql.query(
    `INSERT INTO validation_runs (${columns}) VALUES (${places}) ON CONFLICT DO NOTHING`,
    values,
  );
  return count === 1;
}

export async function lockRun(sql: Sql, runId: string): Promise<ValidationRunRow | undefined> {
  const { rows } = await sql.query(`${select(RUNS)} WHERE run_id = $1 FOR UPDATE`, [plain(runId)]);
  return rows.map(run)[0];
}

export function saveRun(sql: Sql, row: ValidationRunRow): Promise<void> {
  return upsert(sql, RUNS, row);
}

export async function runsOf(
  sql: Sql,
  artifactType: string,
  states: readonly ValidationRunRow["state"][],
  limit: number,
): Promise<ValidationRunRow[]> {
  const { rows } = await sql.query(
    `${select(RUNS)} WHERE artifact_type = $1 AND state IN (SELECT json_array_elements_text($2::json))
     ORDER BY run_id DESC LIMIT $3`,
    [plain(artifactType), JSON.stringify(states), limit],
  );
  return rows.map(run);
}

export async function runningRuns(sql: Sql): Promise<ValidationRunRow[]> {
  const { rows } = await sql.query(`${select(RUNS)} WHERE state = 'running' ORDER BY run_id`);
  return rows.map(run);
}

export async function lastRuns(sql: Sql): Promise<ValidationRunRow[]> {
  const { rows } = await sql.query(
    `${select(RUNS)} WHERE run_id IN (SELECT max(run_id) FROM validation_runs WHERE state = 'done' GROUP BY artifact_type)
     ORDER BY artifact_type`,
  );
  return rows.map(run);
}

export async function addFindings(sql: Sql, rows: readonly ValidationFindingRow[]): Promise<void> {
  if (rows.length === 0) return;
  const kept = rows.map((row) => ({
    ...row,
    code: plain(row.code),
    pointer: plain(row.pointer),
    message: plain(row.message),
  }));
  await sql.query(
    `INSERT INTO validation_findings (run_id, number, artifact_id, version_number, code, pointer, message)
     SELECT run_id, number, artifact_id, version_number, code, pointer, message FROM json_to_recordset($1::json)
       AS found (run_id text, number integer, artifact_id text, version_number integer, code text, pointer text, message text)`,
    [JSON.stringify(kept)],
  );
}

export async function findingsOf(
  sql: Sql,
  runId: string,
  after: number,
  limit: number,
): Promise<ValidationFindingRow[]> {
  const { rows } = await sql.query(
    `${select(FINDINGS)} WHERE run_id = $1 AND number > $2 ORDER BY number LIMIT $3`,
    [plain(runId), after, limit],
  );
  return rows.map((row) => read<ValidationFindingRow>(FINDINGS, row));
}

export async function dropFindings(sql: Sql, artifactType: string, keep: number): Promise<void> {
  await sql.query(
    `DELETE FROM validation_findings WHERE run_id IN
       (SELECT run_id FROM validation_runs WHERE artifact_type = $1 ORDER BY run_id DESC OFFSET $2)`,
    [plain(artifactType), keep],
  );
}

function run(row: Record<string, unknown>): ValidationRunRow {
  return read<ValidationRunRow>(RUNS, row);
}
