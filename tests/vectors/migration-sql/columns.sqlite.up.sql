-- up: fields that are columns, one of each type, beside a field that goes

-- /design/title as the column title.
-- SQLite adds a column only once: a second run stops here.
ALTER TABLE "artifacts" ADD COLUMN "title" TEXT
GENERATED ALWAYS AS (
  CASE WHEN json_valid(metadata) THEN CASE json_type(metadata, '$."design"."title"') WHEN 'text' THEN (metadata ->> '$."design"."title"') END END
) VIRTUAL;

-- /design/arms as the column arms.
-- SQLite adds a column only once: a second run stops here.
ALTER TABLE "artifacts" ADD COLUMN "arms" INTEGER
GENERATED ALWAYS AS (
  CASE WHEN json_valid(metadata) THEN CASE WHEN json_type(metadata, '$."design"."arms"') IN ('integer', 'real')
        AND (metadata ->> '$."design"."arms"') BETWEEN -9223372036854775808 AND 9223372036854774784
        AND CAST((metadata ->> '$."design"."arms"') AS INTEGER) = (metadata ->> '$."design"."arms"')
      THEN CAST((metadata ->> '$."design"."arms"') AS INTEGER)
    END END
) VIRTUAL;

-- /design/dose as the column dose.
-- SQLite adds a column only once: a second run stops here.
ALTER TABLE "artifacts" ADD COLUMN "dose" REAL
GENERATED ALWAYS AS (
  CASE WHEN json_valid(metadata) THEN CASE WHEN json_type(metadata, '$."design"."dose"') IN ('integer', 'real') THEN CAST((metadata ->> '$."design"."dose"') AS REAL) END END
) VIRTUAL;

-- /design/blinded as the column blinded.
-- SQLite adds a column only once: a second run stops here.
ALTER TABLE "artifacts" ADD COLUMN "blinded" INTEGER
GENERATED ALWAYS AS (
  CASE WHEN json_valid(metadata) THEN CASE json_type(metadata, '$."design"."blinded"') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END END
) VIRTUAL;

-- /design/sites as the column sites.
-- SQLite adds a column only once: a second run stops here.
ALTER TABLE "artifacts" ADD COLUMN "sites" TEXT
GENERATED ALWAYS AS (
  CASE WHEN json_valid(metadata) THEN (metadata -> '$."design"."sites"') END
) VIRTUAL;

-- What each artifact was and became, of all migrations: the table may be there already.
CREATE TABLE IF NOT EXISTS "artifact_migration_undo" (
  migration text NOT NULL,
  artifact_id text NOT NULL,
  before text,
  after text,
  PRIMARY KEY (migration, artifact_id)
);

-- experiment@3->4: what each artifact is and becomes; two NULLs where nothing changes. Again only what changes again.
WITH source AS (
  SELECT a.id, a.metadata, CASE WHEN json_valid(a.metadata) THEN json(a.metadata) END AS document
  FROM "artifacts" AS a
  WHERE a.artifact_type = 'experiment'
    AND NOT EXISTS (
      SELECT 1 FROM "artifact_migration_undo" AS u
      WHERE u.migration = 'experiment@3->4' AND u.artifact_id = a.id AND u.after = a.metadata
    )
  LIMIT -1 OFFSET 0
),
t0 AS (
  SELECT *, document AS original FROM source LIMIT -1 OFFSET 0
),
-- 1. remove /a
t1 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t0.document, '$."a"') IS NOT NULL
        THEN json_remove(t0.document, '$."a"')
      ELSE t0.document
    END AS document
  FROM t0 LIMIT -1 OFFSET 0
),
result AS (
  SELECT id, metadata,
    CASE WHEN document <> original THEN document END AS changed
  FROM t1 LIMIT -1 OFFSET 0
)
INSERT INTO "artifact_migration_undo" (migration, artifact_id, before, after)
SELECT 'experiment@3->4', result.id, CASE WHEN result.changed IS NOT NULL THEN result.metadata END, result.changed
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
  AND u.migration = 'experiment@3->4'
  AND u.artifact_id = a.id
  AND u.before = a.metadata;

CREATE INDEX IF NOT EXISTS "artifacts_experiment_arms_4b134c96"
ON "artifacts" ("arms")
WHERE artifact_type = 'experiment';
