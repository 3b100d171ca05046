-- up: an array of one item becomes the item; of another array the first item is taken, or nothing

-- What each artifact was and became, of all migrations: the table may be there already.
CREATE TABLE IF NOT EXISTS "artifact_migration_undo" (
  migration text NOT NULL,
  artifact_id text NOT NULL,
  before jsonb,
  after jsonb,
  PRIMARY KEY (migration, artifact_id)
);

-- experiment@3->4: what each artifact is and becomes; two NULLs where nothing changes. Again only what changes again.
INSERT INTO "artifact_migration_undo" (migration, artifact_id, before, after)
SELECT 'experiment@3->4', result.id, CASE WHEN result.changed IS NOT NULL THEN result.metadata END, result.changed
FROM (
  SELECT a.id, a.metadata, a.metadata AS document
  FROM "artifacts" AS a
  WHERE a.artifact_type = 'experiment'
    AND NOT EXISTS (
      SELECT 1 FROM "artifact_migration_undo" AS u
      WHERE u.migration = 'experiment@3->4' AND u.artifact_id = a.id AND u.after = a.metadata
    )
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
-- 2. unwrap /license
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t1.document -> 'license') = 'array'
      THEN CASE
        WHEN jsonb_array_length(t1.document -> 'license') = 1 AND jsonb_typeof((t1.document -> 'license') -> 0) <> 'array'
          THEN jsonb_set(t1.document, ARRAY['license'], ((t1.document -> 'license') -> 0))
        ELSE (t1.document #- ARRAY['license'])
      END
    ELSE t1.document
  END AS document
  OFFSET 0
) AS t2
CROSS JOIN LATERAL (
  SELECT t0.id, t0.metadata,
    CASE WHEN t2.document <> t0.metadata THEN t2.document END AS changed
  OFFSET 0
) AS result
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
