-- down: a field that gets another name, and one that goes into another object

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
-- 1. move /design/arms to /arms
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN (t0.document #> ARRAY['design', 'arms']) IS NOT NULL AND jsonb_typeof(t0.document) = 'object' AND (t0.document -> 'arms') IS NULL
      THEN jsonb_set((t0.document #- ARRAY['design', 'arms']), ARRAY['arms'], (t0.document #> ARRAY['design', 'arms']))
    ELSE t0.document
  END AS document
  OFFSET 0
) AS t1
-- 2. move /outputs/*/artifact_id to /outputs/*/artifact
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t1.document -> 'outputs') = 'array'
      THEN jsonb_set(t1.document, ARRAY['outputs'], COALESCE((
        SELECT jsonb_agg(
          CASE
            WHEN (e1.item -> 'artifact_id') IS NOT NULL AND jsonb_typeof(e1.item) = 'object' AND (e1.item -> 'artifact') IS NULL
              THEN jsonb_set((e1.item #- ARRAY['artifact_id']), ARRAY['artifact'], (e1.item -> 'artifact_id'))
            ELSE e1.item
          END
          ORDER BY e1.place
        )
        FROM jsonb_array_elements(t1.document -> 'outputs') WITH ORDINALITY AS e1(item, place)
      ), '[]'::jsonb))
    ELSE t1.document
  END AS document
  OFFSET 0
) AS t2
CROSS JOIN LATERAL (
  SELECT t0.id, t0.metadata,
    COALESCE(t0.restored, CASE WHEN t2.document <> t0.metadata THEN t2.document END) AS changed
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
