-- down: `add_type` with a field that is a column: there are no artifacts yet, but there is a column

DROP INDEX IF EXISTS "artifacts_experiment_arms_4b134c96";
