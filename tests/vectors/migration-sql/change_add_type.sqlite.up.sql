-- up: `add_type` with a field that is a column: there are no artifacts yet, but there is a column

-- SQLite adds a column only once: a second run stops here.
ALTER TABLE "artifacts" ADD COLUMN "arms" INTEGER;

-- /arms as the column arms.
UPDATE "artifacts" AS a
SET "arms" = CASE WHEN json_valid(a.metadata) THEN CASE WHEN json_type(a.metadata, '$."arms"') IN ('integer', 'real')
        AND (a.metadata ->> '$."arms"') BETWEEN -9223372036854775808 AND 9223372036854774784
        AND CAST((a.metadata ->> '$."arms"') AS INTEGER) = (a.metadata ->> '$."arms"')
      THEN CAST((a.metadata ->> '$."arms"') AS INTEGER)
    END END
WHERE a.artifact_type = 'experiment'
  AND a."arms" IS NOT CASE WHEN json_valid(a.metadata) THEN CASE WHEN json_type(a.metadata, '$."arms"') IN ('integer', 'real')
        AND (a.metadata ->> '$."arms"') BETWEEN -9223372036854775808 AND 9223372036854774784
        AND CAST((a.metadata ->> '$."arms"') AS INTEGER) = (a.metadata ->> '$."arms"')
      THEN CAST((a.metadata ->> '$."arms"') AS INTEGER)
    END END;

CREATE INDEX IF NOT EXISTS "artifacts_experiment_arms_4b134c96"
ON "artifacts" ("arms")
WHERE artifact_type = 'experiment';
