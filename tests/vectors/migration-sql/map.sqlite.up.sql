-- up: values replaced one for one; one value split by what stands beside it; what no entry names becomes null

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
-- 1. map /arms/*/kind
t1 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t0.document, '$."arms"') = 'array'
        THEN json_set(t0.document, '$."arms"', json((
          SELECT json_group_array(json(
            (SELECT CASE
              WHEN x.kind IS NULL OR x.kind IN ('object', 'array')
                THEN e1.item
              WHEN x.kind = 'text' AND x.text = 'drug' AND json_type(e1.item, '$."dose"') IN ('integer', 'real') AND (e1.item ->> '$."dose"') = 1
                THEN json_set(e1.item, '$."kind"', json('"low dose"'))
              WHEN x.kind = 'text' AND x.text = 'drug'
                THEN json_set(e1.item, '$."kind"', json('"high dose"'))
              WHEN x.kind IN ('integer', 'real') AND x.scalar = 0
                THEN json_set(e1.item, '$."kind"', json('"placebo"'))
              WHEN x.kind = 'true'
                THEN json_set(e1.item, '$."kind"', json('"placebo"'))
              WHEN x.kind = 'text' AND x.text = 'drug'
                OR x.kind = 'text' AND x.text = 'low dose'
                OR x.kind = 'text' AND x.text = 'high dose'
                OR x.kind IN ('integer', 'real') AND x.scalar = 0
                OR x.kind = 'text' AND x.text = 'placebo'
                OR x.kind = 'true'
                THEN e1.item
              ELSE json_set(e1.item, '$."kind"', json('null'))
            END
            FROM (
              SELECT json_type(e1.item, '$."kind"') AS kind,
                (e1.item ->> '$."kind"') AS scalar,
                CASE WHEN instr(replace(e1.item -> '$."kind"', '\\', ''), '\u0000') = 0 THEN e1.item ->> '$."kind"' END AS text
            ) AS x)
          ))
          FROM (
            SELECT CASE
              WHEN type IN ('object', 'array') THEN value
              ELSE t0.document -> ('$."arms"[' || key || ']')
            END AS item
            FROM json_each(t0.document, '$."arms"')
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
