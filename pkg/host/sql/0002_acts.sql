-- The log's head under the log key's signature, written in the transaction that appends. At its start a host holds the log
-- against the last one.
CREATE TABLE senate_checkpoints (
  size bigint PRIMARY KEY CHECK (size >= 1),
  note text   NOT NULL
);

-- Proposals about the policy, the members and the scope touch no artifact type; what each is about is its target.
ALTER TABLE senate_proposals
  ALTER COLUMN artifact_type       DROP NOT NULL,
  ALTER COLUMN change_type         DROP NOT NULL,
  ALTER COLUMN verdict             DROP NOT NULL,
  ALTER COLUMN backward_compatible DROP NOT NULL,
  ALTER COLUMN next_version        DROP NOT NULL,
  ADD COLUMN target text;
UPDATE senate_proposals SET target = artifact_type;
ALTER TABLE senate_proposals ALTER COLUMN target SET NOT NULL;
CREATE INDEX senate_proposals_by_target ON senate_proposals (target, created_at);

UPDATE senate_proposals SET status = 'review' WHERE status = 'proposed';
UPDATE senate_proposals SET status = 'active' WHERE status = 'activated';

ALTER TABLE migration_history DROP CONSTRAINT migration_history_state_check;
ALTER TABLE migration_history ADD CONSTRAINT migration_history_state_check
  CHECK (state IN ('generated', 'started', 'applied', 'failed'));
