-- down: `rename_field`

-- What each artifact was and became, of all migrations: the table may be there already.
CREATE TABLE IF NOT EXISTS "artifact_migration_undo" (
  migration text NOT NULL,
  artifact_id text NOT NULL,
  before text,
  after text,
  PRIMARY KEY (migration, artifact_id)
);

-- experiment@3->4, undone: artifacts that were not edited since become what they were; those written since are transformed back.
WITH source AS (
  SELECT a.id, a.metadata, u.before AS restored,
    CASE WHEN (u.artifact_id IS NULL) AND json_valid(a.metadata) THEN json(a.metadata) END AS document
  FROM "artifacts" AS a
  LEFT JOIN "artifact_migration_undo" AS u ON u.migration = 'experiment@3->4' AND u.artifact_id = a.id
  WHERE a.artifact_type = 'experiment'
    AND (u.artifact_id IS NULL OR u.after = a.metadata)
    AND EXISTS (SELECT 1 FROM "artifact_migration_undo" AS u WHERE u.migration = 'experiment@3->4')
  LIMIT -1 OFFSET 0
),
t0 AS (
  SELECT *, document AS original FROM source LIMIT -1 OFFSET 0
),
-- 1. move /points to /score
t1 AS (
  SELECT id, metadata, restored, original,
    CASE
      WHEN json_type(t0.document, '$."points"') IS NOT NULL AND json_type(t0.document, '$') = 'object' AND json_type(t0.document, '$."score"') IS NULL
        THEN json_set(json_remove(t0.document, '$."points"'), '$."score"', json((t0.document -> '$."points"')))
      ELSE t0.document
    END AS document
  FROM t0 LIMIT -1 OFFSET 0
),
result AS (
  SELECT id, metadata,
    COALESCE(restored, CASE WHEN document <> original THEN document END) AS changed
  FROM t1 LIMIT -1 OFFSET 0
)
UPDATE "artifacts" AS a
SET metadata = result.changed
FROM result
WHERE a.id = result.id AND result.changed IS NOT NULL;

-- There is nothing to undo in them any more. The record of an edited artifact stays.
UPDATE "artifact_migration_undo" AS u
SET before = NULL, after = NULL
FROM "artifacts" AS a
WHERE a.artifact_type = 'experiment'
  AND u.migration = 'experiment@3->4'
  AND u.artifact_id = a.id
  AND u.before = a.metadata;

-- What was written since is undone now, too: a second run leaves it alone.
INSERT INTO "artifact_migration_undo" (migration, artifact_id)
SELECT 'experiment@3->4', a.id
FROM "artifacts" AS a
WHERE a.artifact_type = 'experiment'
  AND EXISTS (SELECT 1 FROM "artifact_migration_undo" AS u WHERE u.migration = 'experiment@3->4')
ON CONFLICT (migration, artifact_id) DO NOTHING;
