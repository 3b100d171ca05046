-- up: `modify_field` with `revert_to`: the migration before is taken back

-- What each artifact was and became, of all migrations: the table may be there already.
CREATE TABLE IF NOT EXISTS "artifact_migration_undo" (
  migration text NOT NULL,
  artifact_id text NOT NULL,
  before text,
  after text,
  PRIMARY KEY (migration, artifact_id)
);

-- experiment@4->5: what each artifact is and becomes. One that is still what the other migration made of it becomes what it was.
WITH source AS (
  SELECT a.id, a.metadata,
    CASE WHEN k.after = a.metadata THEN k.before END AS restored,
    CASE WHEN (k.artifact_id IS NULL OR k.after <> a.metadata AND k.before <> a.metadata) AND json_valid(a.metadata) THEN json(a.metadata) END AS document
  FROM "artifacts" AS a
  LEFT JOIN "artifact_migration_undo" AS k ON k.migration = 'experiment@3->4' AND k.artifact_id = a.id
  WHERE a.artifact_type = 'experiment'
    AND NOT EXISTS (
      SELECT 1 FROM "artifact_migration_undo" AS u
      WHERE u.migration = 'experiment@4->5' AND u.artifact_id = a.id AND u.after = a.metadata
    )
  LIMIT -1 OFFSET 0
),
t0 AS (
  SELECT *, document AS original FROM source LIMIT -1 OFFSET 0
),
-- 1. remove /blinding
t1 AS (
  SELECT id, metadata, restored, original,
    CASE
      WHEN json_type(t0.document, '$."blinding"') IS NOT NULL
        THEN json_remove(t0.document, '$."blinding"')
      ELSE t0.document
    END AS document
  FROM t0 LIMIT -1 OFFSET 0
),
result AS (
  SELECT id, metadata,
    COALESCE(restored, CASE WHEN document <> original THEN document END) AS changed
  FROM t1 LIMIT -1 OFFSET 0
)
INSERT INTO "artifact_migration_undo" (migration, artifact_id, before, after)
SELECT 'experiment@4->5', result.id, CASE WHEN result.changed IS NOT NULL THEN result.metadata END, result.changed
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
  AND u.migration = 'experiment@4->5'
  AND u.artifact_id = a.id
  AND u.before = a.metadata;
