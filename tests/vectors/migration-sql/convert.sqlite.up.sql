-- up: each rule once, with each thing that can become of a value that does not convert

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
-- 1. convert /integer: string_to_integer
t1 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t0.document, '$."integer"') = 'text'
        THEN (SELECT CASE
            WHEN CAST(CAST(x.value AS INTEGER) AS TEXT) = x.value
              AND CAST(x.value AS INTEGER) BETWEEN -999999999999999 AND 999999999999999
              THEN json_set(t0.document, '$."integer"', json(x.value))
            ELSE t0.document
          END
          FROM (SELECT CASE WHEN instr(replace(t0.document -> '$."integer"', '\\', ''), '\u0000') = 0 THEN t0.document ->> '$."integer"' END AS value) AS x)
      ELSE t0.document
    END AS document
  FROM t0 LIMIT -1 OFFSET 0
),
-- 2. convert /number: string_to_number
t2 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t1.document, '$."number"') = 'text'
        THEN (SELECT CASE
            WHEN (x.whole = '-0' OR CAST(CAST(x.whole AS INTEGER) AS TEXT) = x.whole)
              AND CAST(x.whole AS INTEGER) BETWEEN -999999999999999 AND 999999999999999
              AND CAST(CAST('1' || x.fraction AS INTEGER) AS TEXT) = '1' || x.fraction
              AND length(x.fraction) BETWEEN 1 AND 15
              AND (substr(x.value, 1, 1) <> '-' OR ltrim(x.value, '-0.') <> '')
              AND length(ltrim(replace(replace(x.value, '-', ''), '.', ''), '0')) <= 15
              THEN json_set(t1.document, '$."number"', json(CASE instr(x.value, '.') WHEN 0 THEN x.value ELSE rtrim(rtrim(x.value, '0'), '.') END))
            ELSE json_remove(t1.document, '$."number"')
          END
          FROM (
            SELECT value,
              CASE instr(value, '.') WHEN 0 THEN value ELSE substr(value, 1, instr(value, '.') - 1) END AS whole,
              CASE instr(value, '.') WHEN 0 THEN '0' ELSE substr(value, instr(value, '.') + 1) END AS fraction
            FROM (SELECT CASE WHEN instr(replace(t1.document -> '$."number"', '\\', ''), '\u0000') = 0 THEN t1.document ->> '$."number"' END AS value)
          ) AS x)
      ELSE t1.document
    END AS document
  FROM t1 LIMIT -1 OFFSET 0
),
-- 3. convert /truth: string_to_boolean
t3 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t2.document, '$."truth"') = 'text'
        THEN (SELECT CASE
            WHEN x.value IN ('true', 'false')
              THEN json_set(t2.document, '$."truth"', json(x.value))
            ELSE json_set(t2.document, '$."truth"', json('null'))
          END
          FROM (SELECT CASE WHEN instr(replace(t2.document -> '$."truth"', '\\', ''), '\u0000') = 0 THEN t2.document ->> '$."truth"' END AS value) AS x)
      ELSE t2.document
    END AS document
  FROM t2 LIMIT -1 OFFSET 0
),
-- 4. convert /text: number_to_string
t4 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t3.document, '$."text"') IN ('integer', 'real')
        THEN (SELECT CASE
            WHEN x.number = 0
              THEN json_set(t3.document, '$."text"', json('"0"'))
            WHEN abs(x.number) >= 1e-4 AND abs(x.number) < 1e15
              AND CAST(printf('%.15g', x.number) AS REAL) = x.number
              THEN json_set(t3.document, '$."text"', json(json_quote(printf('%.15g', x.number))))
            ELSE json_set(t3.document, '$."text"', json('"n/a"'))
          END
          FROM (SELECT CAST((t3.document ->> '$."text"') AS REAL) AS number) AS x)
      ELSE t3.document
    END AS document
  FROM t3 LIMIT -1 OFFSET 0
),
-- 5. convert /word: boolean_to_string
t5 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t4.document, '$."word"') IN ('true', 'false')
        THEN json_set(t4.document, '$."word"', json(json_quote(json_type(t4.document, '$."word"'))))
      ELSE t4.document
    END AS document
  FROM t4 LIMIT -1 OFFSET 0
),
-- 6. convert /bit: boolean_to_integer
t6 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t5.document, '$."bit"') IN ('true', 'false')
        THEN json_set(t5.document, '$."bit"', json(CAST((t5.document ->> '$."bit"') AS TEXT)))
      ELSE t5.document
    END AS document
  FROM t5 LIMIT -1 OFFSET 0
),
-- 7. convert /flag: integer_to_boolean
t7 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t6.document, '$."flag"') IN ('integer', 'real')
        THEN (SELECT CASE
            WHEN x.number IN (0, 1)
              THEN json_set(t6.document, '$."flag"', json(CASE WHEN x.number = 1 THEN 'true' ELSE 'false' END))
            ELSE t6.document
          END
          FROM (SELECT CAST((t6.document ->> '$."flag"') AS REAL) AS number) AS x)
      ELSE t6.document
    END AS document
  FROM t6 LIMIT -1 OFFSET 0
),
-- 8. convert /nearest: round
t8 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t7.document, '$."nearest"') IN ('integer', 'real')
        THEN (SELECT CASE
            WHEN abs(x.number) >= 9007199254740992 OR x.number = CAST(x.number AS INTEGER)
              THEN t7.document
            WHEN abs(x.number) < 1e15
              THEN json_set(t7.document, '$."nearest"', json(CAST((CAST(x.number AS INTEGER) + CASE
                    WHEN x.number - CAST(x.number AS INTEGER) >= 0.5 THEN 1
                    WHEN x.number - CAST(x.number AS INTEGER) <= -0.5 THEN -1
                    ELSE 0
                  END) AS TEXT)))
            ELSE t7.document
          END
          FROM (SELECT CAST((t7.document ->> '$."nearest"') AS REAL) AS number) AS x)
      ELSE t7.document
    END AS document
  FROM t7 LIMIT -1 OFFSET 0
),
-- 9. convert /whole: truncate
t9 AS (
  SELECT id, metadata, original,
    CASE
      WHEN json_type(t8.document, '$."whole"') IN ('integer', 'real')
        THEN (SELECT CASE
            WHEN abs(x.number) >= 9007199254740992 OR x.number = CAST(x.number AS INTEGER)
              THEN t8.document
            WHEN abs(x.number) < 1e15
              THEN json_set(t8.document, '$."whole"', json(CAST(CAST(x.number AS INTEGER) AS TEXT)))
            ELSE t8.document
          END
          FROM (SELECT CAST((t8.document ->> '$."whole"') AS REAL) AS number) AS x)
      ELSE t8.document
    END AS document
  FROM t8 LIMIT -1 OFFSET 0
),
result AS (
  SELECT id, metadata,
    CASE WHEN document <> original THEN document END AS changed
  FROM t9 LIMIT -1 OFFSET 0
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
