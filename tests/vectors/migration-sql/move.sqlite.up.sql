-- up: a field that gets another name, and one that goes into another object

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
-- 1. move /outputs/*/artifact to /outputs/*/artifact_id
t1 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t0.document, '$."outputs"') = 'array'
        THEN json_set(t0.document, '$."outputs"', json((
          SELECT json_group_array(json(
            CASE
              WHEN json_type(e1.item, '$."artifact"') IS NOT NULL AND json_type(e1.item, '$') = 'object' AND json_type(e1.item, '$."artifact_id"') IS NULL
                THEN json_set(json_remove(e1.item, '$."artifact"'), '$."artifact_id"', json((e1.item -> '$."artifact"')))
              ELSE e1.item
            END
          ))
          FROM (
            SELECT CASE
              WHEN type IN ('object', 'array') THEN value
              ELSE t0.document -> ('$."outputs"[' || key || ']')
            END AS item
            FROM json_each(t0.document, '$."outputs"')
            ORDER BY key
          ) AS e1
        )))
      ELSE t0.document
    END AS document
  FROM t0 LIMIT -1 OFFSET 0
),
-- 2. move /arms to /design/arms
t2 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t1.document, '$."arms"') IS NOT NULL AND json_type(t1.document, '$."design"') = 'object' AND json_type(t1.document, '$."design"."arms"') IS NULL
        THEN json_set(json_remove(t1.document, '$."arms"'), '$."design"."arms"', json((t1.document -> '$."arms"')))
      ELSE t1.document
    END AS document
  FROM t1 LIMIT -1 OFFSET 0
),
result AS (
  SELECT id, metadata,
    CASE WHEN document <> original THEN document END AS changed
  FROM t2 LIMIT -1 OFFSET 0
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
