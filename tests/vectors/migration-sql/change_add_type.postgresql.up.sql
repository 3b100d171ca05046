-- up: `add_type` with a field that is a column: there are no artifacts yet, but there is a column

-- /arms as the column arms.
ALTER TABLE "artifacts" ADD COLUMN IF NOT EXISTS "arms" bigint
GENERATED ALWAYS AS (
  CASE jsonb_typeof((metadata -> 'arms')) WHEN 'number' THEN CASE WHEN (metadata -> 'arms')::numeric = trunc((metadata -> 'arms')::numeric)
        AND (metadata -> 'arms')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
      THEN (metadata -> 'arms')::bigint
    END END
) STORED;

CREATE INDEX IF NOT EXISTS "artifacts_experiment_arms_4b134c96"
ON "artifacts" ("arms")
WHERE artifact_type = 'experiment';
