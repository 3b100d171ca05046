-- up: a field with the same value everywhere, at the top and in each item of an array

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
-- 1. add /blinding
t1 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t0.document, '$') = 'object' AND json_type(t0.document, '$."blinding"') IS NULL
        THEN json_set(t0.document, '$."blinding"', json('"it''s \"none\""'))
      ELSE t0.document
    END AS document
  FROM t0 LIMIT -1 OFFSET 0
),
-- 2. add /columns/*/unit
t2 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t1.document, '$."columns"') = 'array'
        THEN json_set(t1.document, '$."columns"', json((
          SELECT json_group_array(json(
            CASE
              WHEN json_type(e1.item, '$') = 'object' AND json_type(e1.item, '$."unit"') IS NULL
                THEN json_set(e1.item, '$."unit"', json('null'))
              ELSE e1.item
            END
          ))
          FROM (
            SELECT CASE
              WHEN type IN ('object', 'array') THEN value
              ELSE t1.document -> ('$."columns"[' || key || ']')
            END AS item
            FROM json_each(t1.document, '$."columns"')
            ORDER BY key
          ) AS e1
        )))
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
