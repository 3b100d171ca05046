-- up: a field that goes; another one that goes where it is empty or zero

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
-- 1. remove /scores/severity
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN (t0.document #> ARRAY['scores', 'severity']) IS NOT NULL
      THEN (t0.document #- ARRAY['scores', 'severity'])
    ELSE t0.document
  END AS document
  OFFSET 0
) AS t1
-- 2. remove /notes
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN (t1.document -> 'notes') = '""'::jsonb
      THEN (t1.document #- ARRAY['notes'])
    ELSE t1.document
  END AS document
  OFFSET 0
) AS t2
-- 3. remove /count
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN CASE WHEN jsonb_typeof(t2.document -> 'count') = 'number' THEN CASE WHEN abs((t2.document -> 'count')::numeric) < 2.5e-324 THEN 0 ELSE LEAST(GREATEST((t2.document -> 'count')::numeric, -1.7976931348623157e308), 1.7976931348623157e308)::float8 END = '0'::float8 ELSE false END
      THEN (t2.document #- ARRAY['count'])
    ELSE t2.document
  END AS document
  OFFSET 0
) AS t3
CROSS JOIN LATERAL (
  SELECT t0.id, t0.metadata,
    CASE WHEN t3.document <> t0.metadata THEN t3.document END AS changed
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
