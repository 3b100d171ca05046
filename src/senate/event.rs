//! What happened: one line of the log each.

use serde::{Deserialize, Serialize};

use crate::text::{Integers, Limits, Problem, Value, read};

/// An event with its place in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// From 1, without gaps.
    pub seq: u64,
    /// When, in milliseconds since 1970; never less than the event before.
    pub at_ms: u64,
    /// What.
    pub happening: Happening,
}

/// What can happen to a senate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum Happening {
    /// The first event of every log.
    SenateFounded {
        /// The name of the log, which no other log has.
        origin: String,
        /// The whole policy.
        policy: Value,
        /// Who may vote.
        members: Value,
    },
    /// Votes opened from now on have another electorate.
    MembersChanged {
        /// Who may vote.
        members: Value,
        /// Who supplied them.
        by: String,
    },
    /// A schema version is current from now on.
    SchemaVersionRegistered {
        /// The type.
        artifact_type: String,
        /// From 1, without gaps.
        version: u64,
        /// The schema.
        schema: Value,
        /// What it refers to, by URI.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        references: Option<Value>,
        /// Its dialect, when its `$schema` does not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        draft: Option<String>,
        /// The digest of both.
        digest: String,
        /// What changed.
        description: String,
        /// Who proposed or imported it.
        proposed_by: String,
        /// How changes of the type are judged, with the first version of it; absent for the default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        compatibility: Option<Value>,
        /// The proposal that brought it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proposal_id: Option<String>,
    },
    /// A proposal exists.
    ProposalCreated {
        /// A ULID.
        proposal_id: String,
        /// Who proposes.
        proposer_id: String,
        /// What it is called.
        title: String,
        /// The metadata as it was given.
        metadata: Value,
        /// The type that it touches.
        artifact_type: String,
        /// How it was judged when it came.
        verdict: String,
        /// The track that it would be on.
        track: String,
    },
    /// The vote is open and everything about it frozen.
    VoteOpened {
        /// Which proposal.
        proposal_id: String,
        /// Who opened it.
        by: String,
        /// What every ballot names: the digest of `frozen`.
        subject: String,
        /// What was frozen.
        frozen: Value,
        /// The next schema.
        next_schema: Value,
        /// Whom the change breaks.
        report: Value,
        /// The migration plan.
        plan: Value,
        /// The policy of this vote.
        policy: Value,
        /// Who may vote on it.
        electorate: Value,
    },
    /// A member voted.
    BallotCast {
        /// On which proposal.
        proposal_id: String,
        /// Who.
        voter_id: String,
        /// `yes`, `no` or `abstain`.
        choice: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// What the ballot is on.
        subject: String,
    },
    /// The threshold is met. Exactly one for each approval; a migration is generated with it.
    SchemaProposalApproved {
        /// Which proposal.
        proposal_id: String,
        /// What was approved.
        subject: String,
        /// The tally in words.
        reason: String,
    },
    /// The threshold cannot be met.
    SchemaProposalRejected {
        /// Which proposal.
        proposal_id: String,
        /// The tally in words.
        reason: String,
        /// The reasons of the members who did not say yes.
        dissent: Vec<Dissent>,
    },
    /// The vote closed and silence decided.
    ProposalExpired {
        /// Which proposal.
        proposal_id: String,
        /// The tally in words.
        reason: String,
    },
    /// The type moved on from the version that was frozen.
    ProposalStale {
        /// Which proposal.
        proposal_id: String,
        /// What moved.
        reason: String,
    },
    /// The proposer took it back.
    ProposalWithdrawn {
        /// Which proposal.
        proposal_id: String,
        /// Who.
        by: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The migration of an approved proposal, to be applied by the host.
    MigrationGenerated {
        /// Which proposal.
        proposal_id: String,
        /// The plan, as it was frozen.
        plan: Value,
        /// Its digest.
        digest: String,
    },
    /// The host applied it to every artifact and each is valid.
    MigrationApplied {
        /// Which proposal.
        proposal_id: String,
        /// The digest of the plan that ran.
        plan: String,
        /// How many artifacts were looked at.
        checked: u64,
        /// How many of them changed.
        changed: u64,
    },
    /// It could not be applied and nothing was changed.
    MigrationFailed {
        /// Which proposal.
        proposal_id: String,
        /// The digest of the plan that ran.
        plan: String,
        /// Why.
        reason: String,
        /// Artifacts that would be invalid, the first of them.
        failures: Vec<Failure>,
    },
}

/// The reason of a member who did not vote yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dissent {
    /// Who.
    pub voter_id: String,
    /// `no` or `abstain`.
    pub choice: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An artifact that a migration could not bring over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// Which.
    pub artifact_id: String,
    /// What is wrong with it.
    pub message: String,
}

impl Happening {
    /// Its name, as it stands in `event`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SenateFounded { .. } => "senate_founded",
            Self::MembersChanged { .. } => "members_changed",
            Self::SchemaVersionRegistered { .. } => "schema_version_registered",
            Self::ProposalCreated { .. } => "proposal_created",
            Self::VoteOpened { .. } => "vote_opened",
            Self::BallotCast { .. } => "ballot_cast",
            Self::SchemaProposalApproved { .. } => "schema_proposal_approved",
            Self::SchemaProposalRejected { .. } => "schema_proposal_rejected",
            Self::ProposalExpired { .. } => "proposal_expired",
            Self::ProposalStale { .. } => "proposal_stale",
            Self::ProposalWithdrawn { .. } => "proposal_withdrawn",
            Self::MigrationGenerated { .. } => "migration_generated",
            Self::MigrationApplied { .. } => "migration_applied",
            Self::MigrationFailed { .. } => "migration_failed",
        }
    }

    /// The proposal that it is about, if it is about one.
    #[must_use]
    pub fn proposal_id(&self) -> Option<&str> {
        match self {
            Self::SenateFounded { .. } | Self::MembersChanged { .. } => None,
            Self::SchemaVersionRegistered { proposal_id, .. } => proposal_id.as_deref(),
            Self::ProposalCreated { proposal_id, .. }
            | Self::VoteOpened { proposal_id, .. }
            | Self::BallotCast { proposal_id, .. }
            | Self::SchemaProposalApproved { proposal_id, .. }
            | Self::SchemaProposalRejected { proposal_id, .. }
            | Self::ProposalExpired { proposal_id, .. }
            | Self::ProposalStale { proposal_id, .. }
            | Self::ProposalWithdrawn { proposal_id, .. }
            | Self::MigrationGenerated { proposal_id, .. }
            | Self::MigrationApplied { proposal_id, .. }
            | Self::MigrationFailed { proposal_id, .. } => Some(proposal_id),
        }
    }

    /// Who did it, where somebody did.
    #[must_use]
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::MembersChanged { by, .. }
            | Self::VoteOpened { by, .. }
            | Self::ProposalWithdrawn { by, .. } => Some(by),
            Self::ProposalCreated { proposer_id, .. } => Some(proposer_id),
            Self::BallotCast { voter_id, .. } => Some(voter_id),
            Self::SchemaVersionRegistered { proposed_by, .. } => Some(proposed_by),
            _ => None,
        }
    }

    /// One sentence for a timeline.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::SenateFounded { origin, .. } => format!("The senate {origin} was founded."),
            Self::MembersChanged { by, .. } => format!("{by} changed the members."),
            Self::SchemaVersionRegistered {
                artifact_type,
                version,
                ..
            } => format!("Version {version} of {artifact_type} became current."),
            Self::ProposalCreated { proposer_id, .. } => format!("{proposer_id} proposed it."),
            Self::VoteOpened { by, .. } => format!("{by} opened the vote."),
            Self::BallotCast {
                voter_id,
                choice,
                reason,
                ..
            } => match reason {
                Some(reason) => format!("{voter_id} voted {choice}: {reason}"),
                None => format!("{voter_id} voted {choice}."),
            },
            Self::SchemaProposalApproved { reason, .. } => format!("Approved: {reason}."),
            Self::SchemaProposalRejected { reason, .. } => format!("Rejected: {reason}."),
            Self::ProposalExpired { reason, .. } => format!("Expired: {reason}."),
            Self::ProposalStale { reason, .. } => format!("Stale: {reason}."),
            Self::ProposalWithdrawn { by, reason, .. } => match reason {
                Some(reason) => format!("{by} withdrew it: {reason}"),
                None => format!("{by} withdrew it."),
            },
            Self::MigrationGenerated { .. } => "The migration was generated.".to_owned(),
            Self::MigrationApplied {
                checked, changed, ..
            } => {
                let artifacts = if *checked == 1 {
                    "artifact"
                } else {
                    "artifacts"
                };
                format!(
                    "The migration was applied: {checked} {artifacts} checked, {changed} changed."
                )
            }
            Self::MigrationFailed { reason, .. } => format!("The migration failed: {reason}"),
        }
    }
}

impl Event {
    /// The event as one JSON object.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut object = crate::text::Map::new();
        object.insert("seq".into(), self.seq.into());
        object.insert("at_ms".into(), self.at_ms.into());
        if let Ok(Value::Object(members)) = serde_json::to_value(&self.happening) {
            object.extend(members);
        }
        Value::Object(object)
    }

    /// Reads one line of a log.
    ///
    /// # Errors
    /// The reader's `json_…` problems, or `event_unknown`: the line is no event of this version.
    pub fn read(line: &[u8]) -> Result<Self, Problem> {
        let mut value = read(line, Limits::COMMAND, Integers::Safe)?;
        let (seq, at_ms) = match value.as_object_mut() {
            Some(members) => (take_count(members, "seq")?, take_count(members, "at_ms")?),
            None => return Err(Problem::error("event_unknown", "", "an event is an object")),
        };
        let happening = serde_json::from_value(value).map_err(|error| {
            Problem::error("event_unknown", "", format!("this is no event: {error}"))
        })?;
        Ok(Self {
            seq,
            at_ms,
            happening,
        })
    }

    /// Reads a log or a piece of one, one event a line; blank lines are passed over.
    ///
    /// # Errors
    /// As [`Event::read`], with the number of the line in the message.
    pub fn read_all(log: &[u8]) -> Result<Vec<Self>, Problem> {
        log.split(|byte| *byte == b'\n')
            .enumerate()
            .filter(|(_, line)| !line.trim_ascii().is_empty())
            .map(|(index, line)| {
                Self::read(line.trim_ascii()).map_err(|mut problem| {
                    problem.message = format!("line {}: {}", index + 1, problem.message);
                    problem
                })
            })
            .collect()
    }
}

fn take_count(members: &mut crate::text::Map<String, Value>, name: &str) -> Result<u64, Problem> {
    members
        .shift_remove(name)
        .and_then(|value| value.as_u64())
        .ok_or_else(|| {
            Problem::error(
                "event_unknown",
                "",
                format!("an event needs the count `{name}`"),
            )
        })
}
