-- up: a field with the same value everywhere, at the top and in each item of an array

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
-- 1. add /blinding
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t0.document) = 'object' AND (t0.document -> 'blinding') IS NULL
      THEN jsonb_set(t0.document, ARRAY['blinding'], E'"it''s \\"none\\""'::jsonb)
    ELSE t0.document
  END AS document
  OFFSET 0
) AS t1
-- 2. add /columns/*/unit
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t1.document -> 'columns') = 'array'
      THEN jsonb_set(t1.document, ARRAY['columns'], COALESCE((
        SELECT jsonb_agg(
          CASE
            WHEN jsonb_typeof(e1.item) = 'object' AND (e1.item -> 'unit') IS NULL
              THEN jsonb_set(e1.item, ARRAY['unit'], 'null'::jsonb)
            ELSE e1.item
          END
          ORDER BY e1.place
        )
        FROM jsonb_array_elements(t1.document -> 'columns') WITH ORDINALITY AS e1(item, place)
      ), '[]'::jsonb))
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
