-- up: values replaced one for one; one value split by what stands beside it; what no entry names becomes null

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
-- 1. map /arms/*/kind
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN jsonb_typeof(t0.document -> 'arms') = 'array'
      THEN jsonb_set(t0.document, ARRAY['arms'], COALESCE((
        SELECT jsonb_agg(
          (SELECT CASE
            WHEN x.value IS NULL OR jsonb_typeof(x.value) IN ('object', 'array')
              THEN e1.item
            WHEN x.value = '"drug"'::jsonb AND CASE WHEN jsonb_typeof(e1.item -> 'dose') = 'number' THEN CASE WHEN abs((e1.item -> 'dose')::numeric) < 2.5e-324 THEN 0 ELSE LEAST(GREATEST((e1.item -> 'dose')::numeric, -1.7976931348623157e308), 1.7976931348623157e308)::float8 END = '1'::float8 ELSE false END
              THEN jsonb_set(e1.item, ARRAY['kind'], '"low dose"'::jsonb)
            WHEN x.value = '"drug"'::jsonb
              THEN jsonb_set(e1.item, ARRAY['kind'], '"high dose"'::jsonb)
            WHEN x.number = '0'::float8
              THEN jsonb_set(e1.item, ARRAY['kind'], '"placebo"'::jsonb)
            WHEN x.value = 'true'::jsonb
              THEN jsonb_set(e1.item, ARRAY['kind'], '"placebo"'::jsonb)
            WHEN x.value = '"drug"'::jsonb
              OR x.value = '"low dose"'::jsonb
              OR x.value = '"high dose"'::jsonb
              OR x.number = '0'::float8
              OR x.value = '"placebo"'::jsonb
              OR x.value = 'true'::jsonb
              THEN e1.item
            ELSE jsonb_set(e1.item, ARRAY['kind'], 'null'::jsonb)
          END
          FROM (
            SELECT e1.item -> 'kind' AS value,
              CASE WHEN jsonb_typeof(e1.item -> 'kind') = 'number' THEN CASE WHEN abs((e1.item -> 'kind')::numeric) < 2.5e-324 THEN 0 ELSE LEAST(GREATEST((e1.item -> 'kind')::numeric, -1.7976931348623157e308), 1.7976931348623157e308)::float8 END END AS number
            OFFSET 0
          ) AS x)
          ORDER BY e1.place
        )
        FROM jsonb_array_elements(t0.document -> 'arms') WITH ORDINALITY AS e1(item, place)
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
