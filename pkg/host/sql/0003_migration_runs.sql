-- A migration that is being carried out, by whichever hosts take turns at it: the row is the lock, and after_id the cursor.
CREATE TABLE migration_runs (
  proposal_id text        PRIMARY KEY COLLATE "C",
  plan_digest text        NOT NULL,
  state       text        NOT NULL CHECK (state IN ('staging', 'swapping')),
  after_id    text        COLLATE "C",
  looked_at   bigint      NOT NULL CHECK (looked_at >= 0),
  changed     bigint      NOT NULL CHECK (changed >= 0),
  total       bigint      NOT NULL CHECK (total >= 0),
  started_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  host        text        NOT NULL
);

-- What the migration has made of each artifact, until all of it takes the artifacts' place at once.
CREATE TABLE migration_staged (
  proposal_id  text    NOT NULL COLLATE "C" REFERENCES migration_runs ON DELETE CASCADE,
  artifact_id  text    NOT NULL COLLATE "C",
  -- Of the metadata that it was made from: an artifact that has another one by now is staged again.
  base_hash    text    NOT NULL,
  -- Null where it stays as it is.
  metadata     jsonb,
  content_hash text,
  changed      boolean NOT NULL,
  -- The name under which the plan's statements keep what it was, where they do.
  record       text,
  -- Why it cannot be migrated.
  failure      json,
  PRIMARY KEY (proposal_id, artifact_id)
);

-- A record without documents says that the migration has changed nothing of the artifact.
ALTER TABLE artifact_migration_undo
  ALTER COLUMN before DROP NOT NULL,
  ALTER COLUMN after  DROP NOT NULL;

ALTER TABLE migration_history DROP CONSTRAINT migration_history_state_check;
ALTER TABLE migration_history ADD CONSTRAINT migration_history_state_check
  CHECK (state IN ('generated', 'started', 'applied', 'failed', 'abandoned'));
