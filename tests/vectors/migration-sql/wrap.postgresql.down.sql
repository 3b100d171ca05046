-- down: a value becomes an array of itself

-- What each artifact was and became, of all migrations: the table may be there already.
CREATE TABLE IF NOT EXISTS "artifact_migration_undo" (
  migration text NOT NULL,
  artifact_id text NOT NULL,
  before jsonb,
  after jsonb,
  PRIMARY KEY (migration, artifact_id)
);

-- experiment@3->4, undone: artifacts that were not edited since become what they were; those written since are transformed back.
UPDATE "artifacts" AS a
SET metadata = result.changed
FROM (
  SELECT a.id, a.metadata, u.before AS restored,
    CASE WHEN u.artifact_id IS NULL THEN a.metadata END AS document
  FROM "artifacts" AS a
  LEFT JOIN "artifact_migration_undo" AS u ON u.migration = 'experiment@3->4' AND u.artifact_id = a.id
  WHERE a.artifact_type = 'experiment'
    AND (u.artifact_id IS NULL OR u.after = a.metadata)
    AND EXISTS (SELECT 1 FROM "artifact_migration_undo" AS u WHERE u.migration = 'experiment@3->4')
  FOR UPDATE OF a
) AS t0
-- 1. unwrap /author
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t0.document -> 'author') = 'array'
      THEN CASE
        WHEN jsonb_typeof((t0.document -> 'author') -> 0) <> 'array'
          THEN jsonb_set(t0.document, ARRAY['author'], ((t0.document -> 'author') -> 0))
        ELSE t0.document
      END
    ELSE t0.document
  END AS document
  OFFSET 0
) AS t1
CROSS JOIN LATERAL (
  SELECT t0.id, t0.metadata,
    COALESCE(t0.restored, CASE WHEN t1.document <> t0.metadata THEN t1.document END) AS changed
  OFFSET 0
) AS result
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
