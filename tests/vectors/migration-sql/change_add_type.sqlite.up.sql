-- up: `add_type` with a field that is a column: there are no artifacts yet, but there is a column

-- /arms as the column arms.
-- SQLite adds a column only once: a second run stops here.
ALTER TABLE "artifacts" ADD COLUMN "arms" INTEGER
GENERATED ALWAYS AS (
  CASE WHEN json_valid(metadata) THEN CASE WHEN json_type(metadata, '$."arms"') IN ('integer', 'real')
        AND (metadata ->> '$."arms"') BETWEEN -9223372036854775808 AND 9223372036854774784
        AND CAST((metadata ->> '$."arms"') AS INTEGER) = (metadata ->> '$."arms"')
      THEN CAST((metadata ->> '$."arms"') AS INTEGER)
    END END
) VIRTUAL;

CREATE INDEX IF NOT EXISTS "artifacts_experiment_arms_4b134c96"
ON "artifacts" ("arms")
WHERE artifact_type = 'experiment';
