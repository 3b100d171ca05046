-- up: a field that goes; another one that goes where it is empty or zero

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
-- 1. remove /scores/severity
t1 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t0.document, '$."scores"."severity"') IS NOT NULL
        THEN json_remove(t0.document, '$."scores"."severity"')
      ELSE t0.document
    END AS document
  FROM t0 LIMIT -1 OFFSET 0
),
-- 2. remove /notes
t2 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t1.document, '$."notes"') = 'text' AND CASE WHEN instr(replace(t1.document -> '$."notes"', '\\', ''), '\u0000') = 0 THEN t1.document ->> '$."notes"' END = ''
        THEN json_remove(t1.document, '$."notes"')
      ELSE t1.document
    END AS document
  FROM t1 LIMIT -1 OFFSET 0
),
-- 3. remove /count
t3 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t2.document, '$."count"') IN ('integer', 'real') AND (t2.document ->> '$."count"') = 0
        THEN json_remove(t2.document, '$."count"')
      ELSE t2.document
    END AS document
  FROM t2 LIMIT -1 OFFSET 0
),
result AS (
  SELECT id, metadata,
    CASE WHEN document <> original THEN document END AS changed
  FROM t3 LIMIT -1 OFFSET 0
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
