-- Every version of an artifact, for ever; `artifacts` holds the latest. `json` keeps the text as it was written, which is
-- what the content hash can be checked against. No reference to `artifacts`: a version outlives whatever is done there by hand.
ALTER TABLE artifacts
  ADD COLUMN version_number integer NOT NULL DEFAULT 1 CHECK (version_number >= 1),
  ADD COLUMN pins json;

CREATE TABLE artifact_versions (
  artifact_id    text        NOT NULL COLLATE "C",
  version_number integer     NOT NULL CHECK (version_number >= 1),
  parent_version integer     CHECK (parent_version < version_number),
  artifact_type  text        NOT NULL COLLATE "C",
  schema_version integer,
  metadata       json        NOT NULL,
  content_hash   text        NOT NULL,
  created_by     text,
  created_at     timestamptz NOT NULL,
  changelog      text,
  pins           json,
  warnings       json,
  -- The proposal whose migration has made it.
  proposal_id    text,
  PRIMARY KEY (artifact_id, version_number)
);

-- What is stored already is the first version that is known of it.
INSERT INTO artifact_versions (artifact_id, version_number, artifact_type, schema_version, metadata, content_hash, created_by,
                               created_at, warnings)
SELECT id, 1, artifact_type, schema_version, metadata::text::json, content_hash, created_by, updated_at, warnings FROM artifacts;

-- How many artifacts are left on a version is asked before it is retired.
CREATE INDEX artifacts_by_schema_version ON artifacts (artifact_type, schema_version);

-- Audits of a type. `after_id` is how far one has come: whoever finds it running goes on from there.
CREATE TABLE validation_runs (
  run_id         text        PRIMARY KEY COLLATE "C",
  artifact_type  text        NOT NULL COLLATE "C",
  -- Null: the type has no schema, so nothing can be said of its artifacts.
  schema_version integer,
  schema_digest  text,
  state          text        NOT NULL CHECK (state IN ('running', 'done', 'superseded')),
  after_id       text        COLLATE "C",
  total          bigint      NOT NULL,
  checked        bigint      NOT NULL,
  valid          bigint      NOT NULL,
  invalid        bigint      NOT NULL,
  findings       bigint      NOT NULL,
  findings_kept  bigint      NOT NULL,
  -- The sum of the artifacts' version numbers at the start: every write raises it.
  stamp          bigint      NOT NULL,
  started_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  finished_at    timestamptz,
  CHECK (checked = valid + invalid)
);
-- Hosts that begin at once share one.
CREATE UNIQUE INDEX validation_runs_one_running ON validation_runs (artifact_type) WHERE state = 'running';
CREATE INDEX validation_runs_by_type ON validation_runs (artifact_type, run_id DESC);

CREATE TABLE validation_findings (
  run_id         text    NOT NULL COLLATE "C" REFERENCES validation_runs ON DELETE CASCADE,
  number         integer NOT NULL CHECK (number >= 1),
  artifact_id    text    NOT NULL COLLATE "C",
  version_number integer NOT NULL,
  code           text    NOT NULL,
  pointer        text    NOT NULL,
  message        text    NOT NULL,
  PRIMARY KEY (run_id, number)
);

-- Who made what from what, by which method. The hashes are those of the stored versions.
CREATE TABLE processing_steps (
  step_id            text        PRIMARY KEY COLLATE "C",
  source_artifact_id text        NOT NULL COLLATE "C",
  source_version     integer     NOT NULL,
  target_artifact_id text        NOT NULL COLLATE "C",
  target_version     integer     NOT NULL,
  step_type          text        NOT NULL
    CHECK (step_type IN ('extraction', 'analysis', 'aggregation', 'transformation', 'validation', 'debate')),
  agent_id           text        NOT NULL,
  method             text        NOT NULL,
  parameters         json        NOT NULL,
  -- Of the canonical form: equal parameters have equal digests, however they were written.
  parameters_digest  text        NOT NULL,
  started_at         timestamptz NOT NULL,
  completed_at       timestamptz,
  input_hash         text        NOT NULL,
  output_hash        text        NOT NULL,
  recorded_at        timestamptz NOT NULL,
  FOREIGN KEY (source_artifact_id, source_version) REFERENCES artifact_versions (artifact_id, version_number),
  FOREIGN KEY (target_artifact_id, target_version) REFERENCES artifact_versions (artifact_id, version_number),
  -- The same run, reported twice, is one step.
  UNIQUE (source_artifact_id, source_version, target_artifact_id, target_version, step_type, agent_id, method,
          parameters_digest, started_at)
);
CREATE INDEX processing_steps_by_target ON processing_steps (target_artifact_id, step_id);
