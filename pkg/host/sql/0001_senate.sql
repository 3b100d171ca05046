-- The event log is the truth; senate_head is its last number, and the row that appends lock.
CREATE TABLE senate_events (
  seq         bigint PRIMARY KEY CHECK (seq >= 1),
  at_ms       bigint NOT NULL,
  event       text   NOT NULL,
  proposal_id text,
  body        text   NOT NULL
);
CREATE INDEX senate_events_by_proposal ON senate_events (proposal_id, seq) WHERE proposal_id IS NOT NULL;

CREATE TABLE senate_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  seq bigint  NOT NULL CHECK (seq >= 0)
);
INSERT INTO senate_head (seq) VALUES (0);

-- Projections of the log, written in the transaction that appends. `json` keeps the text as it was written.
CREATE TABLE schema_registry (
  artifact_type   text        NOT NULL COLLATE "C",
  schema_version  integer     NOT NULL CHECK (schema_version >= 1),
  schema_json     json        NOT NULL,
  references_json json,
  digest          text        NOT NULL,
  draft           text        NOT NULL,
  description     text        NOT NULL,
  is_current      boolean     NOT NULL,
  proposed_by     text        NOT NULL,
  proposal_id     text,
  created_at      timestamptz NOT NULL,
  PRIMARY KEY (artifact_type, schema_version)
);
-- Deferred checking is not available for partial indexes: the host clears the old row before it sets the new one.
CREATE UNIQUE INDEX schema_registry_one_current ON schema_registry (artifact_type) WHERE is_current;

CREATE TABLE senate_proposals (
  proposal_id         text        PRIMARY KEY COLLATE "C",
  proposal_type       text        NOT NULL,
  title               text        NOT NULL,
  proposer_id         text        NOT NULL,
  status              text        NOT NULL,
  artifact_type       text        NOT NULL,
  change_type         text        NOT NULL,
  track               text        NOT NULL,
  verdict             text        NOT NULL,
  backward_compatible boolean     NOT NULL,
  metadata            json        NOT NULL,
  base_version        integer,
  next_version        integer     NOT NULL,
  subject             text,
  electorate_size     integer,
  votes_approve       integer     NOT NULL DEFAULT 0,
  votes_reject        integer     NOT NULL DEFAULT 0,
  votes_abstain       integer     NOT NULL DEFAULT 0,
  decision_reason     text,
  created_at          timestamptz NOT NULL,
  opened_at           timestamptz,
  closes_at           timestamptz,
  updated_seq         bigint      NOT NULL,
  updated_at          timestamptz NOT NULL
);
CREATE INDEX senate_proposals_by_status ON senate_proposals (status, created_at);
CREATE INDEX senate_proposals_by_type ON senate_proposals (artifact_type, created_at);

CREATE TABLE senate_votes (
  proposal_id text        NOT NULL COLLATE "C" REFERENCES senate_proposals,
  voter_id    text        NOT NULL COLLATE "C",
  choice      text        NOT NULL CHECK (choice IN ('yes', 'no', 'abstain')),
  reason      text,
  seq         bigint      NOT NULL,
  cast_at     timestamptz NOT NULL,
  PRIMARY KEY (proposal_id, voter_id)
);

CREATE TABLE migration_history (
  proposal_id       text        PRIMARY KEY COLLATE "C" REFERENCES senate_proposals,
  plan_digest       text        NOT NULL,
  artifact_type     text        NOT NULL,
  from_version      integer     NOT NULL,
  to_version        integer     NOT NULL,
  plan              json        NOT NULL,
  state             text        NOT NULL CHECK (state IN ('generated', 'applied', 'failed')),
  reason            text,
  failures          json,
  artifacts_checked integer,
  artifacts_changed integer,
  updated_seq       bigint      NOT NULL,
  updated_at        timestamptz NOT NULL
);

-- The artifacts themselves: not a projection. A migration rewrites them in the transaction that records it.
CREATE TABLE artifacts (
  id             text        PRIMARY KEY COLLATE "C",
  artifact_type  text        NOT NULL COLLATE "C",
  title          text,
  metadata       jsonb       NOT NULL,
  schema_version integer,
  content_hash   text        NOT NULL,
  created_by     text,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  warnings       json
);
CREATE INDEX artifacts_by_type ON artifacts (artifact_type, id);
CREATE INDEX artifacts_by_age ON artifacts (created_at DESC, id DESC);

-- What the artifacts were before each migration. The generated SQL creates it where it is missing and fills it.
CREATE TABLE artifact_migration_undo (
  migration   text  NOT NULL,
  artifact_id text  NOT NULL,
  before      jsonb NOT NULL,
  after       jsonb NOT NULL,
  PRIMARY KEY (migration, artifact_id)
);
