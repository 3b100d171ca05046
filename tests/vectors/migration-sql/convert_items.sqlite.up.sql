-- up: the items of an array in each item of an array; what does not convert becomes null

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
-- 1. convert /tables/*/codes/*: number_to_string
t1 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t0.document, '$."tables"') = 'array'
        THEN json_set(t0.document, '$."tables"', json((
          SELECT json_group_array(json(
            CASE
              WHEN json_type(e1.item, '$."codes"') = 'array'
                THEN json_set(e1.item, '$."codes"', json((
                  SELECT json_group_array(json(
                    CASE
                      WHEN json_type(e2.item, '$') IN ('integer', 'real')
                        THEN (SELECT CASE
                            WHEN x.number = 0
                              THEN '"0"'
                            WHEN abs(x.number) >= 1e-4 AND abs(x.number) < 1e15
                              AND CAST(printf('%.15g', x.number) AS REAL) = x.number
                              THEN json_quote(printf('%.15g', x.number))
                            ELSE json('null')
                          END
                          FROM (SELECT CAST((e2.item ->> '$') AS REAL) AS number) AS x)
                      ELSE e2.item
                    END
                  ))
                  FROM (
                    SELECT CASE
                      WHEN type IN ('object', 'array') THEN value
                      ELSE e1.item -> ('$."codes"[' || key || ']')
                    END AS item
                    FROM json_each(e1.item, '$."codes"')
                    ORDER BY key
                  ) AS e2
                )))
              ELSE e1.item
            END
          ))
          FROM (
            SELECT CASE
              WHEN type IN ('object', 'array') THEN value
              ELSE t0.document -> ('$."tables"[' || key || ']')
            END AS item
            FROM json_each(t0.document, '$."tables"')
            ORDER BY key
          ) AS e1
        )))
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
