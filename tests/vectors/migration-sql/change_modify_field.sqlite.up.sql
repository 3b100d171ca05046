-- up: `modify_field` to another type: texts become integers

-- What each artifact was and became, of all migrations: the table may be there already.
CREATE TABLE IF NOT EXISTS "artifact_migration_undo" (
  migration text NOT NULL,
  artifact_id text NOT NULL,
  before text,
  after text,
  PRIMARY KEY (migration, artifact_id)
);

-- experiment@3->4: what each artifact is and becomes; two NULLs where nothing changes. Again only what changes again.
WITH source AS (
  SELECT a.id, a.metadata, CASE WHEN json_valid(a.metadata) THEN json(a.metadata) END AS document
  FROM "artifacts" AS a
  WHERE a.artifact_type = 'experiment'
    AND NOT EXISTS (
      SELECT 1 FROM "artifact_migration_undo" AS u
      WHERE u.migration = 'experiment@3->4' AND u.artifact_id = a.id AND u.after = a.metadata
    )
  LIMIT -1 OFFSET 0
),
t0 AS (
  SELECT *, document AS original FROM source LIMIT -1 OFFSET 0
),
-- 1. convert /score: string_to_integer
t1 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t0.document, '$."score"') = 'text'
        THEN (SELECT CASE
            WHEN CAST(CAST(x.value AS INTEGER) AS TEXT) = x.value
              AND CAST(x.value AS INTEGER) BETWEEN -999999999999999 AND 999999999999999
              THEN json_set(t0.document, '$."score"', json(x.value))
            ELSE t0.document
          END
          FROM (SELECT CASE WHEN instr(replace(t0.document -> '$."score"', '\\', ''), '\u0000') = 0 THEN t0.document ->> '$."score"' END AS value) AS x)
      ELSE t0.document
    END AS document
  FROM t0 LIMIT -1 OFFSET 0
),
result AS (
  SELECT id, metadata,
    CASE WHEN document <> original THEN document END AS changed
  FROM t1 LIMIT -1 OFFSET 0
)
INSERT INTO "artifact_migration_undo" (migration, artifact_id, before, after)
SELECT 'experiment@3->4', result.id, CASE WHEN result.changed IS NOT NULL THEN result.metadata END, result.changed
FROM result
WHERE true
ON CONFLICT (migration, artifact_id) DO UPDATE
SET before = excluded.before, after = excluded.after
WHERE excluded.after IS NOT NULL;

-- The artifacts become what was recorded.
UPDATE "artifacts" AS a
SET metadata = u.after
FROM "artifact_migration_undo" AS u
WHERE a.artifact_type = 'experiment'
  AND u.migration = 'experiment@3->4'
  AND u.artifact_id = a.id
  AND u.before = a.metadata;
