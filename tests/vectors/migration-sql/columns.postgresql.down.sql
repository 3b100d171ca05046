-- down: fields that are columns, one of each type, beside a field that goes

-- What each artifact was and became, of all migrations: the table may be there already.
CREATE TABLE IF NOT EXISTS "artifact_migration_undo" (
  migration text NOT NULL,
  artifact_id text NOT NULL,
  before jsonb,
  after jsonb,
  PRIMARY KEY (migration, artifact_id)
);

-- experiment@3->4, undone: artifacts that were not edited since become what they were.
UPDATE "artifacts" AS a
SET metadata = u.before
FROM "artifact_migration_undo" AS u
WHERE a.artifact_type = 'experiment'
  AND u.migration = 'experiment@3->4'
  AND u.artifact_id = a.id
  AND u.after = a.metadata;

-- There is nothing to undo in them any more. The record of an edited artifact stays.
UPDATE "artifact_migration_undo" AS u
SET before = NULL, after = NULL
FROM "artifacts" AS a
WHERE a.artifact_type = 'experiment'
  AND u.migration = 'experiment@3->4'
  AND u.artifact_id = a.id
  AND u.before = a.metadata;

DROP INDEX IF EXISTS "artifacts_experiment_arms_4b134c96";
