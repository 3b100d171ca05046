-- up: artifacts of every type, in a table whose name asks for quotes

-- What each artifact was and became, of all migrations: the table may be there already.
CREATE TABLE IF NOT EXISTS "lab ""A""; --_migration_undo" (
  migration text NOT NULL,
  artifact_id text NOT NULL,
  before text,
  after text,
  PRIMARY KEY (migration, artifact_id)
);

-- artifacts:0123456789abcdef: what each artifact is and becomes; two NULLs where nothing changes. Again only what changes again.
WITH source AS (
  SELECT a.id, a.metadata, CASE WHEN json_valid(a.metadata) THEN json(a.metadata) END AS document
  FROM "lab ""A""; --" AS a
  WHERE NOT EXISTS (
      SELECT 1 FROM "lab ""A""; --_migration_undo" AS u
      WHERE u.migration = 'artifacts:0123456789abcdef' AND u.artifact_id = a.id AND u.after = a.metadata
    )
  LIMIT -1 OFFSET 0
),
t0 AS (
  SELECT *, document AS original FROM source LIMIT -1 OFFSET 0
),
-- 1. remove /a
t1 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t0.document, '$."a"') IS NOT NULL
        THEN json_remove(t0.document, '$."a"')
      ELSE t0.document
    END AS document
  FROM t0 LIMIT -1 OFFSET 0
),
result AS (
  SELECT id, metadata,
    CASE WHEN document <> original THEN document END AS changed
  FROM t1 LIMIT -1 OFFSET 0
)
INSERT INTO "lab ""A""; --_migration_undo" (migration, artifact_id, before, after)
SELECT 'artifacts:0123456789abcdef', result.id, CASE WHEN result.changed IS NOT NULL THEN result.metadata END, result.changed
FROM result
WHERE true
ON CONFLICT (migration, artifact_id) DO UPDATE
SET before = excluded.before, after = excluded.after
WHERE excluded.after IS NOT NULL;

-- The artifacts become what was recorded.
UPDATE "lab ""A""; --" AS a
SET metadata = u.after
FROM "lab ""A""; --_migration_undo" AS u
WHERE u.migration = 'artifacts:0123456789abcdef'
  AND u.artifact_id = a.id
  AND u.before = a.metadata;
