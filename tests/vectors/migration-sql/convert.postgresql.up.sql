-- up: each rule once, with each thing that can become of a value that does not convert

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
-- 1. convert /integer: string_to_integer
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t0.document -> 'integer') = 'string'
      THEN CASE
        WHEN ((t0.document -> 'integer') #>> '{}') ~ '^-{0,1}(0|[1-9][0-9]{0,14})$' AND ((t0.document -> 'integer') #>> '{}') <> '-0'
          THEN jsonb_set(t0.document, ARRAY['integer'], to_jsonb(((t0.document -> 'integer') #>> '{}')::bigint))
        ELSE t0.document
      END
    ELSE t0.document
  END AS document
  OFFSET 0
) AS t1
-- 2. convert /number: string_to_number
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t1.document -> 'number') = 'string'
      THEN CASE
        WHEN ((t1.document -> 'number') #>> '{}') ~ '^-{0,1}(0|[1-9][0-9]{0,14})([.][0-9]{1,15}){0,1}$'
          AND ((t1.document -> 'number') #>> '{}') !~ '^-[0.]*$'
          AND length(ltrim(translate(((t1.document -> 'number') #>> '{}'), '-.', ''), '0')) <= 15
          THEN jsonb_set(t1.document, ARRAY['number'], to_jsonb(trim_scale(((t1.document -> 'number') #>> '{}')::numeric)))
        ELSE (t1.document #- ARRAY['number'])
      END
    ELSE t1.document
  END AS document
  OFFSET 0
) AS t2
-- 3. convert /truth: string_to_boolean
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t2.document -> 'truth') = 'string'
      THEN CASE
        WHEN ((t2.document -> 'truth') #>> '{}') IN ('true', 'false')
          THEN jsonb_set(t2.document, ARRAY['truth'], to_jsonb(((t2.document -> 'truth') #>> '{}')::boolean))
        ELSE jsonb_set(t2.document, ARRAY['truth'], 'null'::jsonb)
      END
    ELSE t2.document
  END AS document
  OFFSET 0
) AS t3
-- 4. convert /text: number_to_string
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t3.document -> 'text') = 'number'
      THEN (SELECT CASE
          WHEN abs(x.number) >= 1e15 OR x.number <> 0 AND abs(x.number) < 1e-4
            THEN jsonb_set(t3.document, ARRAY['text'], '"n/a"'::jsonb)
          WHEN x.number::numeric::float8 = x.number
            THEN jsonb_set(t3.document, ARRAY['text'], to_jsonb(trim_scale(x.number::numeric)::text))
          ELSE jsonb_set(t3.document, ARRAY['text'], '"n/a"'::jsonb)
        END
        FROM (SELECT CASE WHEN abs((t3.document -> 'text')::numeric) < 2.5e-324 THEN 0 ELSE LEAST(GREATEST((t3.document -> 'text')::numeric, -1.7976931348623157e308), 1.7976931348623157e308)::float8 END AS number OFFSET 0) AS x)
    ELSE t3.document
  END AS document
  OFFSET 0
) AS t4
-- 5. convert /word: boolean_to_string
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t4.document -> 'word') = 'boolean'
      THEN jsonb_set(t4.document, ARRAY['word'], to_jsonb((t4.document -> 'word')::text))
    ELSE t4.document
  END AS document
  OFFSET 0
) AS t5
-- 6. convert /bit: boolean_to_integer
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t5.document -> 'bit') = 'boolean'
      THEN jsonb_set(t5.document, ARRAY['bit'], to_jsonb((t5.document -> 'bit')::boolean::int))
    ELSE t5.document
  END AS document
  OFFSET 0
) AS t6
-- 7. convert /flag: integer_to_boolean
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t6.document -> 'flag') = 'number'
      THEN (SELECT CASE
          WHEN x.number IN (0, 1)
            THEN jsonb_set(t6.document, ARRAY['flag'], to_jsonb(x.number = 1))
          ELSE t6.document
        END
        FROM (SELECT CASE WHEN abs((t6.document -> 'flag')::numeric) < 2.5e-324 THEN 0 ELSE LEAST(GREATEST((t6.document -> 'flag')::numeric, -1.7976931348623157e308), 1.7976931348623157e308)::float8 END AS number OFFSET 0) AS x)
    ELSE t6.document
  END AS document
  OFFSET 0
) AS t7
-- 8. convert /nearest: round
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t7.document -> 'nearest') = 'number'
      THEN (SELECT CASE
          WHEN x.number = trunc(x.number)
            THEN t7.document
          WHEN abs(x.number) < 1e15
            THEN jsonb_set(t7.document, ARRAY['nearest'], to_jsonb((trunc(x.number) + CASE WHEN abs(x.number - trunc(x.number)) >= 0.5 THEN sign(x.number) ELSE 0 END)::bigint))
          ELSE t7.document
        END
        FROM (SELECT CASE WHEN abs((t7.document -> 'nearest')::numeric) < 2.5e-324 THEN 0 ELSE LEAST(GREATEST((t7.document -> 'nearest')::numeric, -1.7976931348623157e308), 1.7976931348623157e308)::float8 END AS number OFFSET 0) AS x)
    ELSE t7.document
  END AS document
  OFFSET 0
) AS t8
-- 9. convert /whole: truncate
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t8.document -> 'whole') = 'number'
      THEN (SELECT CASE
          WHEN x.number = trunc(x.number)
            THEN t8.document
          WHEN abs(x.number) < 1e15
            THEN jsonb_set(t8.document, ARRAY['whole'], to_jsonb((trunc(x.number))::bigint))
          ELSE t8.document
        END
        FROM (SELECT CASE WHEN abs((t8.document -> 'whole')::numeric) < 2.5e-324 THEN 0 ELSE LEAST(GREATEST((t8.document -> 'whole')::numeric, -1.7976931348623157e308), 1.7976931348623157e308)::float8 END AS number OFFSET 0) AS x)
    ELSE t8.document
  END AS document
  OFFSET 0
) AS t9
CROSS JOIN LATERAL (
  SELECT t0.id, t0.metadata,
    CASE WHEN t9.document <> t0.metadata THEN t9.document END AS changed
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
