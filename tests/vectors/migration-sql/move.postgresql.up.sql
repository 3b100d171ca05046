-- up: a field that gets another name, and one that goes into another object

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
-- 1. move /outputs/*/artifact to /outputs/*/artifact_id
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t0.document -> 'outputs') = 'array'
      THEN jsonb_set(t0.document, ARRAY['outputs'], COALESCE((
        SELECT jsonb_agg(
          CASE
            WHEN (e1.item -> 'artifact') IS NOT NULL AND jsonb_typeof(e1.item) = 'object' AND (e1.item -> 'artifact_id') IS NULL
              THEN jsonb_set((e1.item #- ARRAY['artifact']), ARRAY['artifact_id'], (e1.item -> 'artifact'))
            ELSE e1.item
          END
          ORDER BY e1.place
        )
        FROM jsonb_array_elements(t0.document -> 'outputs') WITH ORDINALITY AS e1(item, place)
      ), '[]'::jsonb))
    ELSE t0.document
  END AS document
  OFFSET 0
) AS t1
-- 2. move /arms to /design/arms
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN (t1.document -> 'arms') IS NOT NULL AND jsonb_typeof(t1.document -> 'design') = 'object' AND (t1.document #> ARRAY['design', 'arms']) IS NULL
      THEN jsonb_set((t1.document #- ARRAY['arms']), ARRAY['design', 'arms'], (t1.document -> 'arms'))
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
