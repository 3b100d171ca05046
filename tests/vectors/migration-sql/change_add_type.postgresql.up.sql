-- up: `add_type` with a field that is a column: there are no artifacts yet, but there is a column

ALTER TABLE "artifacts" ADD COLUMN IF NOT EXISTS "arms" bigint;

-- /arms as the column arms.
UPDATE "artifacts" AS a
SET "arms" = CASE jsonb_typeof((a.metadata -> 'arms')) WHEN 'number' THEN CASE WHEN (a.metadata -> 'arms')::numeric = trunc((a.metadata -> 'arms')::numeric)
        AND (a.metadata -> 'arms')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
      THEN (a.metadata -> 'arms')::bigint
    END END
WHERE a.artifact_type = 'experiment'
  AND a."arms" IS DISTINCT FROM CASE jsonb_typeof((a.metadata -> 'arms')) WHEN 'number' THEN CASE WHEN (a.metadata -> 'arms')::numeric = trunc((a.metadata -> 'arms')::numeric)
        AND (a.metadata -> 'arms')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
      THEN (a.metadata -> 'arms')::bigint
    END END;

CREATE INDEX IF NOT EXISTS "artifacts_experiment_arms_4b134c96"
ON "artifacts" ("arms")
WHERE artifact_type = 'experiment';
