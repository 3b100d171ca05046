-- down: `add_type` with a field that is a column: there are no artifacts yet, but there is a column

DROP INDEX IF EXISTS "artifacts_experiment_arms_4b134c96";

-- The column stays, because another type may use it; its cells go.
UPDATE "artifacts" AS a
SET "arms" = NULL
WHERE a.artifact_type = 'experiment';
