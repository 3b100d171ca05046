-- up: the items of an array in each item of an array; what does not convert becomes null

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
-- 1. convert /tables/*/codes/*: number_to_string
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t0.document -> 'tables') = 'array'
      THEN jsonb_set(t0.document, ARRAY['tables'], COALESCE((
        SELECT jsonb_agg(
          CASE
            WHEN jsonb_typeof(e1.item -> 'codes') = 'array'
              THEN jsonb_set(e1.item, ARRAY['codes'], COALESCE((
                SELECT jsonb_agg(
                  CASE
                    WHEN jsonb_typeof(e2.item) = 'number'
                      THEN (SELECT CASE
                          WHEN abs(x.number) >= 1e15 OR x.number <> 0 AND abs(x.number) < 1e-4
                            THEN 'null'::jsonb
                          WHEN x.number::numeric::float8 = x.number
                            THEN to_jsonb(trim_scale(x.number::numeric)::text)
                          ELSE 'null'::jsonb
                        END
                        FROM (SELECT CASE WHEN abs(e2.item::numeric) < 2.5e-324 THEN 0 ELSE LEAST(GREATEST(e2.item::numeric, -1.7976931348623157e308), 1.7976931348623157e308)::float8 END AS number OFFSET 0) AS x)
                    ELSE e2.item
                  END
                  ORDER BY e2.place
                )
                FROM jsonb_array_elements(e1.item -> 'codes') WITH ORDINALITY AS e2(item, place)
              ), '[]'::jsonb))
            ELSE e1.item
          END
          ORDER BY e1.place
        )
        FROM jsonb_array_elements(t0.document -> 'tables') WITH ORDINALITY AS e1(item, place)
      ), '[]'::jsonb))
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
