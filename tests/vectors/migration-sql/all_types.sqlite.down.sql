-- down: artifacts of every type, in a table whose name asks for quotes

-- What each artifact was and became, of all migrations: the table may be there already.
CREATE TABLE IF NOT EXISTS "lab ""A""; --_migration_undo" (
  migration text NOT NULL,
  artifact_id text NOT NULL,
  before text,
  after text,
  PRIMARY KEY (migration, artifact_id)
);

-- artifacts:0123456789abcdef, undone: artifacts that were not edited since become what they were; those written since are transformed back.
WITH source AS (
  SELECT a.id, a.metadata, u.before AS restored,
    CASE WHEN (u.artifact_id IS NULL) AND json_valid(a.metadata) THEN json(a.metadata) END AS document
  FROM "lab ""A""; --" AS a
  LEFT JOIN "lab ""A""; --_migration_undo" AS u ON u.migration = 'artifacts:0123456789abcdef' AND u.artifact_id = a.id
  WHERE (u.artifact_id IS NULL OR u.after = a.metadata)
    AND EXISTS (SELECT 1 FROM "lab ""A""; --_migration_undo" AS u WHERE u.migration = 'artifacts:0123456789abcdef')
  LIMIT -1 OFFSET 0
),
t0 AS (
  SELECT *, document AS original FROM source LIMIT -1 OFFSET 0
),
-- 1. add /a
t1 AS (
  SELECT id, metadata, restored, original,
    CASE
      WHEN json_type(t0.document, '$') = 'object' AND json_type(t0.document, '$."a"') IS NULL
        THEN json_set(t0.document, '$."a"', json('1'))
      ELSE t0.document
    END AS document
  FROM t0 LIMIT -1 OFFSET 0
),
result AS (
  SELECT id, metadata,
    COALESCE(restored, CASE WHEN document <> original THEN document END) AS changed
  FROM t1 LIMIT -1 OFFSET 0
)
UPDATE "lab ""A""; --" AS a
SET metadata = result.changed
FROM result
WHERE a.id = result.id AND result.changed IS NOT NULL;

-- There is nothing to undo in them any more. The record of an edited artifact stays.
UPDATE "lab ""A""; --_migration_undo" AS u
SET before = NULL, after = NULL
FROM "lab ""A""; --" AS a
WHERE u.migration = 'artifacts:0123456789abcdef'
  AND u.artifact_id = a.id
  AND u.before = a.metadata;

-- What was written since is undone now, too: a second run leaves it alone.
INSERT INTO "lab ""A""; --_migration_undo" (migration, artifact_id)
SELECT 'artifacts:0123456789abcdef', a.id
FROM "lab ""A""; --" AS a
WHERE EXISTS (SELECT 1 FROM "lab ""A""; --_migration_undo" AS u WHERE u.migration = 'artifacts:0123456789abcdef')
ON CONFLICT (migration, artifact_id) DO NOTHING;
