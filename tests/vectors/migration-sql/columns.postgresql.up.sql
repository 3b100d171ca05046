-- up: fields that are columns, one of each type, beside a field that goes

-- /design/title as the column title.
ALTER TABLE "artifacts" ADD COLUMN IF NOT EXISTS "title" text
GENERATED ALWAYS AS (
  CASE jsonb_typeof((metadata #> ARRAY['design', 'title'])) WHEN 'string' THEN (metadata #> ARRAY['design', 'title']) #>> '{}' END
) STORED;

-- /design/arms as the column arms.
ALTER TABLE "artifacts" ADD COLUMN IF NOT EXISTS "arms" bigint
GENERATED ALWAYS AS (
  CASE jsonb_typeof((metadata #> ARRAY['design', 'arms'])) WHEN 'number' THEN CASE WHEN (metadata #> ARRAY['design', 'arms'])::numeric = trunc((metadata #> ARRAY['design', 'arms'])::numeric)
        AND (metadata #> ARRAY['design', 'arms'])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
      THEN (metadata #> ARRAY['design', 'arms'])::bigint
    END END
) STORED;

-- /design/dose as the column dose.
ALTER TABLE "artifacts" ADD COLUMN IF NOT EXISTS "dose" double precision
GENERATED ALWAYS AS (
  CASE jsonb_typeof((metadata #> ARRAY['design', 'dose'])) WHEN 'number' THEN CASE WHEN abs((metadata #> ARRAY['design', 'dose'])::numeric) < 2.5e-324 THEN 0 ELSE LEAST(GREATEST((metadata #> ARRAY['design', 'dose'])::numeric, -1.7976931348623157e308), 1.7976931348623157e308)::float8 END END
) STORED;

-- /design/blinded as the column blinded.
ALTER TABLE "artifacts" ADD COLUMN IF NOT EXISTS "blinded" boolean
GENERATED ALWAYS AS (
  CASE jsonb_typeof((metadata #> ARRAY['design', 'blinded'])) WHEN 'boolean' THEN (metadata #> ARRAY['design', 'blinded'])::boolean END
) STORED;

-- /design/sites as the column sites.
ALTER TABLE "artifacts" ADD COLUMN IF NOT EXISTS "sites" jsonb
GENERATED ALWAYS AS (
  (metadata #> ARRAY['design', 'sites'])
) STORED;

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
-- 1. remove /a
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN (t0.document -> 'a') IS NOT NULL
      THEN (t0.document #- ARRAY['a'])
    ELSE t0.document
  END AS document
  OFFSET 0
) AS t1
CROSS JOIN LATERAL (
  SELECT t0.id, t0.metadata,
    CASE WHEN t1.document <> t0.metadata THEN t1.document END AS changed
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

CREATE INDEX IF NOT EXISTS "artifacts_experiment_arms_4b134c96"
ON "artifacts" ("arms")
WHERE artifact_type = 'experiment';
