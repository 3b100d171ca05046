/** The processing steps in SQL. */
import type { ProcessingStepRow } from "../artifact-port.js";
import { StoreError } from "../store.js";
import { bind, plain, read, select, type Sql, type SqlValue, type Table, time } from "./table.js";

const STEPS: Table = {
  name: "processing_steps",
  key: ["step_id"],
  columns: {
    step_id: "text",
    source_artifact_id: "text",
    source_version: "number",
    target_artifact_id: "text",
    target_version: "number",
    step_type: "text",
    agent_id: "text",
    method: "text",
    parameters: "json",
    parameters_digest: "text",
    started_ms: "time",
    completed_ms: "time",
    input_hash: "text",
    output_hash: "text",
    recorded_ms: "time",
  },
};

export async function insertStep(sql: Sql, row: ProcessingStepRow): Promise<ProcessingStepRow> {
  const { columns, places, values } = bind(STEPS, row);
  const { count } = await sql.query(
    `INSERT INTO processing_steps (${columns}) VALUES (${places}) ON CONFLICT DO NOTHING`,
    values,
  );
  if (count === 1) return row;
  const [same] = await steps(
    sql,
    `WHERE source_artifact_id = $1 AND source_version = $2 AND target_artifact_id = $3 AND target_version = $4
       AND step_type = $5 AND agent_id = $6 AND method = $7 AND parameters_digest = $8 AND started_at = $9`,
    [
      row.source_artifact_id,
      row.source_version,
      row.target_artifact_id,
      row.target_version,
      row.step_type,
      plain(row.agent_id),
      plain(row.method),
      row.parameters_digest,
      time(row.started_ms),
    ],
  );
  if (same === undefined)
    throw new StoreError("store_damaged", `step ${row.step_id} is neither new nor there`);
  return same;
}

export function stepsAt(
  sql: Sql,
  end: "source" | "target",
  artifactIds: readonly string[],
  limit: number,
): Promise<ProcessingStepRow[]> {
  const side = end === "source" ? "source_artifact_id" : "target_artifact_id";
  return steps(
    sql,
    `WHERE ${side} IN (SELECT json_array_elements_text($1::json)) ORDER BY step_id LIMIT $2`,
    [JSON.stringify(artifactIds), limit],
  );
}

export function stepsFrom(
  sql: Sql,
  sourceId: string,
  filter: { method?: string; parameters_digest?: string },
  limit: number,
): Promise<ProcessingStepRow[]> {
  return steps(
    sql,
    `WHERE source_artifact_id = $1 AND ($2::text IS NULL OR method = $2)
       AND ($3::text IS NULL OR parameters_digest = $3) ORDER BY step_id LIMIT $4`,
    [
      plain(sourceId),
      filter.method === undefined ? null : plain(filter.method),
      filter.parameters_digest ?? null,
      limit,
    ],
  );
}

async function steps(sql: Sql, where: string, values: readonly SqlValue[]): Promise<ProcessingStepRow[]> {
  const { rows } = await sql.query(`${select(STEPS)} ${where}`, values);
  return rows.map((row) => read<ProcessingStepRow>(STEPS, row));
}
