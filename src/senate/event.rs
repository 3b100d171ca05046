//! What happened: one line of the log each.
//!
//! An event that an act caused carries the act verbatim in `act`; what the core made of it stands beside it, and nothing stands
//! twice. The others are what follows: from time, from the ballots, or from what the host reports.

use serde::{Deserialize, Serialize};

use crate::text::{Digest, Integers, Limits, Problem, Value, canonical, read};

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
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "few are held at a time, each for as long as it takes to store it"
)]
pub enum Happening {
    /// The first event of every log, and in no log twice.
    SenateFounded {
        /// The name of the log, which no other log has.
        origin: String,
        /// The public key that signs the log's checkpoints and certificates.
        log_key: String,
        /// The whole policy.
        policy: Value,
        /// The whole scope document.
        scope: Value,
        /// The first members.
        members: Value,
    },
    /// A new type is registered with its history.
    TypeImported {
        /// The act, with the schemas.
        act: Value,
        /// The digests of the versions, oldest first.
        digests: Vec<String>,
    },
    /// A schema version is current from now on: a proposal brought it.
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
        /// Who proposed it.
        proposed_by: String,
        /// The proposal that brought it.
        proposal_id: String,
        /// Of a new type: how its artifacts follow its changes, when not all at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evolution: Option<String>,
    },
    /// No artifact is on a version any more.
    VersionRetired {
        /// The act, which says which.
        act: Value,
    },
    /// A proposal exists.
    ProposalCreated {
        /// A ULID.
        proposal_id: String,
        /// The act.
        act: Value,
        /// How it was judged.
        #[serde(flatten)]
        judged: Judged,
    },
    /// Its proposer put another text in its place.
    ProposalRevised {
        /// Which.
        proposal_id: String,
        /// The act.
        act: Value,
        /// 2 for the first revision.
        revision: u64,
        /// How it was judged.
        #[serde(flatten)]
        judged: Judged,
    },
    /// The scope criteria were asked.
    ScopeEvaluated {
        /// Which proposal.
        proposal_id: String,
        /// 1, and 2 after an appeal.
        attempt: u64,
        /// `in_scope`, `out_of_scope` or `unclear`.
        verdict: String,
        /// Why, in words.
        reasoning: String,
        /// The keywords that were found, and where.
        matches: Value,
    },
    /// A judge said whether a proposal is in scope that the criteria leave open.
    ScopeJudged {
        /// Which proposal.
        proposal_id: String,
        /// The act.
        act: Value,
    },
    /// Its proposer asks once more.
    ScopeAppealed {
        /// Which proposal.
        proposal_id: String,
        /// The act, with the justification.
        act: Value,
    },
    /// The appeal was heard: the proposal is in review again.
    ProposalReopened {
        /// Which proposal.
        proposal_id: String,
    },
    /// A member stays out of the electorate that will be frozen.
    MemberRecused {
        /// Of which proposal.
        proposal_id: String,
        /// The act.
        act: Value,
    },
    /// Somebody said something.
    CommentPosted {
        /// On which proposal.
        proposal_id: String,
        /// `c` and the number of this event.
        comment_id: String,
        /// The act.
        act: Value,
        /// The line that its anchor points at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quote: Option<String>,
    },
    /// Somebody named what must be dealt with.
    ConcernRaised {
        /// On which proposal.
        proposal_id: String,
        /// `c` and the number of this event.
        concern_id: String,
        /// The act.
        act: Value,
        /// The line that its anchor points at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quote: Option<String>,
    },
    /// Who raised it says that it has been dealt with.
    ConcernResolved {
        /// Of which proposal.
        proposal_id: String,
        /// The act.
        act: Value,
    },
    /// A member of the electorate signed that it shall not hold the proposal up.
    ConcernOverrideSigned {
        /// Of which proposal.
        proposal_id: String,
        /// The act.
        act: Value,
    },
    /// Enough of them did.
    ConcernOverridden {
        /// Of which proposal.
        proposal_id: String,
        /// Which.
        concern_id: String,
        /// Who signed, sorted.
        signed_by: Vec<String>,
    },
    /// The host rehearsed the migration of a proposal.
    MigrationRehearsed {
        /// Which proposal.
        proposal_id: String,
        /// The digest of the plan that was rehearsed.
        plan: String,
        /// What it showed.
        evidence: Value,
    },
    /// The vote is open and everything about it frozen.
    VoteOpened {
        /// Which proposal.
        proposal_id: String,
        /// The act.
        act: Value,
        /// What every ballot names: the digest of `frozen`.
        subject: String,
        /// What was frozen.
        frozen: Value,
        /// The next schema, policy, list of members or scope.
        next: Value,
        /// Whom a schema change breaks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report: Option<Value>,
        /// The migration plan of a schema change.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<Value>,
        /// The policy of this vote.
        policy: Value,
        /// Who may vote on it.
        electorate: Value,
        /// What the ballots must meet.
        rule: Value,
    },
    /// A member voted.
    BallotCast {
        /// On which proposal.
        proposal_id: String,
        /// The act.
        act: Value,
    },
    /// The vote stays open longer, once.
    VoteExtended {
        /// Which proposal.
        proposal_id: String,
        /// When it closes now.
        closes_ms: u64,
        /// `concern` or `flip`.
        because: String,
    },
    /// A schema change is approved. Exactly one for each approval; a migration is generated once the cooling time is over.
    SchemaProposalApproved {
        /// Which proposal.
        proposal_id: String,
        /// What was approved.
        subject: String,
        /// How.
        #[serde(flatten)]
        decided: Decided,
    },
    /// A change of the policy, the members or the scope is approved. It takes effect once the cooling time is over.
    SenateProposalApproved {
        /// Which proposal.
        proposal_id: String,
        /// What was approved.
        subject: String,
        /// How.
        #[serde(flatten)]
        decided: Decided,
    },
    /// A schema change is rejected.
    SchemaProposalRejected {
        /// Which proposal.
        proposal_id: String,
        /// `vote` or `scope`.
        because: String,
        /// How.
        #[serde(flatten)]
        decided: Decided,
    },
    /// A change of the policy, the members or the scope is rejected.
    SenateProposalRejected {
        /// Which proposal.
        proposal_id: String,
        /// `vote` or `scope`.
        because: String,
        /// How.
        #[serde(flatten)]
        decided: Decided,
    },
    /// The vote closed, and silence or an open concern decided.
    ProposalExpired {
        /// Which proposal.
        proposal_id: String,
        /// How.
        #[serde(flatten)]
        decided: Decided,
    },
    /// What was to be changed is no longer what was frozen.
    ProposalStale {
        /// Which proposal.
        proposal_id: String,
        /// How.
        #[serde(flatten)]
        decided: Decided,
    },
    /// The proposer took it back.
    ProposalWithdrawn {
        /// Which proposal.
        proposal_id: String,
        /// The act.
        act: Value,
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
    /// The host has begun to apply it.
    MigrationStarted {
        /// Which proposal.
        proposal_id: String,
        /// The digest of the plan that runs.
        plan: String,
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
    /// Somebody who may let it be tried again.
    MigrationRetried {
        /// Which proposal.
        proposal_id: String,
        /// The act.
        act: Value,
    },
    /// Its proposer gave it up after it had failed.
    MigrationAbandoned {
        /// Which proposal.
        proposal_id: String,
        /// The act.
        act: Value,
    },
    /// Votes opened from now on follow another policy.
    PolicyChanged {
        /// Which proposal.
        proposal_id: String,
        /// The whole policy.
        policy: Value,
        /// When the cooling time was over.
        effective_ms: u64,
    },
    /// Votes opened from now on have another electorate.
    MembersChanged {
        /// Which proposal.
        proposal_id: String,
        /// What changed: not the list, so that keys rotated meanwhile stay.
        changes: Value,
        /// The number of the epoch that begins.
        epoch: u64,
        /// When the cooling time was over.
        effective_ms: u64,
    },
    /// Proposals are held against another scope from now on.
    ScopeChanged {
        /// Which proposal.
        proposal_id: String,
        /// The whole scope document.
        scope: Value,
        /// When the cooling time was over.
        effective_ms: u64,
    },
    /// A member signs with another key from now on.
    KeyRotated {
        /// The act, signed with the old key.
        act: Value,
    },
    /// A member signed two acts with one nonce. The first stands; this is the proof of the second.
    EquivocationRecorded {
        /// Who.
        member_id: String,
        /// Under which nonce.
        nonce: u64,
        /// The event that holds the first act.
        first_seq: u64,
        /// The second act.
        act: Value,
    },
}

/// How a draft was judged when it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// What it is called.
    pub title: String,
    /// What it would change: an artifact type, or `senate/policy`, `senate/members`, `senate/scope`.
    pub target: String,
    /// The track that it would be on.
    pub track: String,
    /// Whom it breaks, for a schema change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// What it means, for comparison with other proposals.
    pub features: Vec<String>,
    /// The digest of that.
    pub fingerprint: String,
    /// The version of the core that judged.
    pub core: String,
}

/// How a proposal was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// In words.
    pub reason: String,
    /// When: the moment from which it could not be otherwise, whenever it was written down.
    pub decided_ms: u64,
    /// The ballots, where there was a vote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tally: Option<Value>,
    /// The reasons of the members who did not say yes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dissent: Vec<Dissent>,
    /// Everything of the proposal that came before, so that nothing can be left out later.
    pub record: Record,
}

/// The events of a proposal, in one digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// How many they are.
    pub events: u64,
    /// The digest over their leaf hashes, in the order of the log.
    pub digest: String,
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
            Self::TypeImported { .. } => "type_imported",
            Self::SchemaVersionRegistered { .. } => "schema_version_registered",
            Self::VersionRetired { .. } => "version_retired",
            Self::ProposalCreated { .. } => "proposal_created",
            Self::ProposalRevised { .. } => "proposal_revised",
            Self::ScopeEvaluated { .. } => "scope_evaluated",
            Self::ScopeJudged { .. } => "scope_judged",
            Self::ScopeAppealed { .. } => "scope_appealed",
            Self::ProposalReopened { .. } => "proposal_reopened",
            Self::MemberRecused { .. } => "member_recused",
            Self::CommentPosted { .. } => "comment_posted",
            Self::ConcernRaised { .. } => "concern_raised",
            Self::ConcernResolved { .. } => "concern_resolved",
            Self::ConcernOverrideSigned { .. } => "concern_override_signed",
            Self::ConcernOverridden { .. } => "concern_overridden",
            Self::MigrationRehearsed { .. } => "migration_rehearsed",
            Self::VoteOpened { .. } => "vote_opened",
            Self::BallotCast { .. } => "ballot_cast",
            Self::VoteExtended { .. } => "vote_extended",
            Self::SchemaProposalApproved { .. } => "schema_proposal_approved",
            Self::SenateProposalApproved { .. } => "senate_proposal_approved",
            Self::SchemaProposalRejected { .. } => "schema_proposal_rejected",
            Self::SenateProposalRejected { .. } => "senate_proposal_rejected",
            Self::ProposalExpired { .. } => "proposal_expired",
            Self::ProposalStale { .. } => "proposal_stale",
            Self::ProposalWithdrawn { .. } => "proposal_withdrawn",
            Self::MigrationGenerated { .. } => "migration_generated",
            Self::MigrationStarted { .. } => "migration_started",
            Self::MigrationApplied { .. } => "migration_applied",
            Self::MigrationFailed { .. } => "migration_failed",
            Self::MigrationRetried { .. } => "migration_retried",
            Self::MigrationAbandoned { .. } => "migration_abandoned",
            Self::PolicyChanged { .. } => "policy_changed",
            Self::MembersChanged { .. } => "members_changed",
            Self::ScopeChanged { .. } => "scope_changed",
            Self::KeyRotated { .. } => "key_rotated",
            Self::EquivocationRecorded { .. } => "equivocation_recorded",
        }
    }

    /// The act that caused it, if one did.
    #[must_use]
    pub fn act(&self) -> Option<&Value> {
        match self {
            Self::TypeImported { act, .. }
            | Self::VersionRetired { act }
            | Self::MigrationRetried { act, .. }
            | Self::MigrationAbandoned { act, .. }
            | Self::ProposalCreated { act, .. }
            | Self::ProposalRevised { act, .. }
            | Self::ScopeJudged { act, .. }
            | Self::ScopeAppealed { act, .. }
            | Self::MemberRecused { act, .. }
            | Self::CommentPosted { act, .. }
            | Self::ConcernRaised { act, .. }
            | Self::ConcernResolved { act, .. }
            | Self::ConcernOverrideSigned { act, .. }
            | Self::VoteOpened { act, .. }
            | Self::BallotCast { act, .. }
            | Self::ProposalWithdrawn { act, .. }
            | Self::KeyRotated { act }
            | Self::EquivocationRecorded { act, .. } => Some(act),
            _ => None,
        }
    }

    /// The proposal that it is about, if it is about one.
    #[must_use]
    pub fn proposal_id(&self) -> Option<&str> {
        match self {
            Self::SenateFounded { .. }
            | Self::TypeImported { .. }
            | Self::VersionRetired { .. }
            | Self::KeyRotated { .. }
            | Self::EquivocationRecorded { .. } => None,
            Self::SchemaVersionRegistered { proposal_id, .. }
            | Self::ProposalCreated { proposal_id, .. }
            | Self::ProposalRevised { proposal_id, .. }
            | Self::ScopeEvaluated { proposal_id, .. }
            | Self::ScopeJudged { proposal_id, .. }
            | Self::ScopeAppealed { proposal_id, .. }
            | Self::ProposalReopened { proposal_id }
            | Self::MemberRecused { proposal_id, .. }
            | Self::CommentPosted { proposal_id, .. }
            | Self::ConcernRaised { proposal_id, .. }
            | Self::ConcernResolved { proposal_id, .. }
            | Self::ConcernOverrideSigned { proposal_id, .. }
            | Self::ConcernOverridden { proposal_id, .. }
            | Self::MigrationRehearsed { proposal_id, .. }
            | Self::VoteOpened { proposal_id, .. }
            | Self::BallotCast { proposal_id, .. }
            | Self::VoteExtended { proposal_id, .. }
            | Self::SchemaProposalApproved { proposal_id, .. }
            | Self::SenateProposalApproved { proposal_id, .. }
            | Self::SchemaProposalRejected { proposal_id, .. }
            | Self::SenateProposalRejected { proposal_id, .. }
            | Self::ProposalExpired { proposal_id, .. }
            | Self::ProposalStale { proposal_id, .. }
            | Self::ProposalWithdrawn { proposal_id, .. }
            | Self::MigrationGenerated { proposal_id, .. }
            | Self::MigrationStarted { proposal_id, .. }
            | Self::MigrationApplied { proposal_id, .. }
            | Self::MigrationFailed { proposal_id, .. }
            | Self::MigrationRetried { proposal_id, .. }
            | Self::MigrationAbandoned { proposal_id, .. }
            | Self::PolicyChanged { proposal_id, .. }
            | Self::MembersChanged { proposal_id, .. }
            | Self::ScopeChanged { proposal_id, .. } => Some(proposal_id),
        }
    }

    /// A text of the act that caused it.
    fn said(&self, name: &str) -> Option<&str> {
        self.act()?.get(name)?.as_str()
    }

    /// Who did it, where somebody did.
    #[must_use]
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::SchemaVersionRegistered { proposed_by, .. } => Some(proposed_by),
            _ => ["by", "voter_id", "proposer_id"]
                .into_iter()
                .find_map(|name| self.said(name)),
        }
    }

    /// One sentence for a timeline.
    #[must_use]
    pub fn words(&self) -> String {
        let by = self.by().unwrap_or("Somebody");
        let with = |done: &str, said: Option<&str>| match said {
            Some(said) => format!("{by} {done}: {said}"),
            None => format!("{by} {done}."),
        };
        match self {
            Self::SenateFounded { origin, .. } => format!("The senate {origin} was founded."),
            Self::TypeImported { .. } => with("imported", self.said("artifact_type")),
            Self::SchemaVersionRegistered {
                artifact_type,
                version,
                ..
            } => format!("Version {version} of {artifact_type} became current."),
            Self::VersionRetired { act } => {
                let version = act.get("version").and_then(Value::as_u64);
                let of = self.said("artifact_type").unwrap_or_default();
                format!(
                    "{by} retired version {} of {of}.",
                    version.unwrap_or_default()
                )
            }
            Self::ProposalCreated { .. } => format!("{by} proposed it."),
            Self::ProposalRevised { revision, .. } => {
                format!("{by} revised it: revision {revision}.")
            }
            Self::ScopeEvaluated { reasoning, .. } => reasoning.clone(),
            Self::ScopeJudged { .. } => with("judged its scope", self.said("reasoning")),
            Self::ScopeAppealed { .. } => with("appealed", self.said("justification")),
            Self::ProposalReopened { .. } => {
                "The appeal was heard; it is in review again.".to_owned()
            }
            Self::MemberRecused { .. } => with("will not vote", self.said("reason")),
            Self::CommentPosted { .. } => with("commented", self.said("text")),
            Self::ConcernRaised { .. } => with("raised a concern", self.said("name")),
            Self::ConcernResolved { .. } => with("resolved a concern", self.said("text")),
            Self::ConcernOverrideSigned { .. } => {
                with("signed to override a concern", self.said("reason"))
            }
            Self::ConcernOverridden { signed_by, .. } => {
                format!("The concern was overridden by {}.", signed_by.join(", "))
            }
            Self::MigrationRehearsed { evidence, .. } => rehearsed_words(evidence),
            Self::VoteOpened { .. } => format!("{by} opened the vote."),
            Self::BallotCast { .. } => with(
                &format!("voted {}", self.said("choice").unwrap_or_default()),
                self.said("reason"),
            ),
            Self::VoteExtended { because, .. } => match because.as_str() {
                "concern" => "The vote was extended: a concern came late.".to_owned(),
                _ => "The vote was extended: a late ballot turned it.".to_owned(),
            },
            Self::SchemaProposalApproved { decided, .. }
            | Self::SenateProposalApproved { decided, .. } => {
                format!("Approved: {}.", decided.reason)
            }
            Self::SchemaProposalRejected { decided, .. }
            | Self::SenateProposalRejected { decided, .. } => {
                format!("Rejected: {}.", decided.reason)
            }
            Self::ProposalExpired { decided, .. } => format!("Expired: {}.", decided.reason),
            Self::ProposalStale { decided, .. } => format!("Stale: {}.", decided.reason),
            Self::ProposalWithdrawn { .. } => with("withdrew it", self.said("reason")),
            Self::MigrationGenerated { .. } => "The migration was generated.".to_owned(),
            Self::MigrationStarted { .. } => "The migration began.".to_owned(),
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
            Self::MigrationRetried { .. } => {
                with("let the migration be tried again", self.said("reason"))
            }
            Self::MigrationAbandoned { .. } => with("gave it up", self.said("reason")),
            Self::PolicyChanged { .. } => "The policy changed.".to_owned(),
            Self::MembersChanged { epoch, .. } => {
                format!("The members changed: epoch {epoch} began.")
            }
            Self::ScopeChanged { .. } => "The scope changed.".to_owned(),
            Self::KeyRotated { .. } => format!("{by} signs with another key from now on."),
            Self::EquivocationRecorded {
                member_id, nonce, ..
            } => {
                format!("{member_id} signed two acts under the number {nonce}.")
            }
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

    /// The leaf of the log's tree: the hash of the event's canonical text (RFC 6962, RFC 8785).
    ///
    /// # Errors
    /// `json_unsafe_integer` for a number that has no canonical form.
    pub fn leaf(&self) -> Result<Digest, Problem> {
        Ok(crate::ledger::leaf_hash(
            canonical(&self.to_value())?.as_bytes(),
        ))
    }

    /// Reads one line of a log.
    ///
    /// # Errors
    /// The reader's `json_…` problems, or `event_unknown`: the line is no event of this version.
    pub fn read(line: &[u8]) -> Result<Self, Problem> {
        Self::from_value(&read(line, Limits::COMMAND, Integers::Safe)?)
    }

    /// Reads an event.
    ///
    /// # Errors
    /// `event_unknown`: it is none of this version.
    pub fn from_value(given: &Value) -> Result<Self, Problem> {
        let mut value = given.clone();
        let (seq, at_ms) = match value.as_object_mut() {
            Some(members) => (take_count(members, "seq")?, take_count(members, "at_ms")?),
            None => return Err(Problem::error("event_unknown", "", "an event is an object")),
        };
        let happening = serde_json::from_value(value).map_err(|error| {
            Problem::error("event_unknown", "", format!("this is no event: {error}"))
        })?;
        let event = Self {
            seq,
            at_ms,
            happening,
        };
        // What was not understood would not come out again: nothing may hide in an event.
        if event.to_value() != *given {
            return Err(Problem::error(
                "event_unknown",
                "",
                format!(
                    "event {seq}, {}, has members that this version does not know, or in another form",
                    event.happening.name()
                ),
            ));
        }
        Ok(event)
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

/// What a rehearsal showed, in one sentence.
fn rehearsed_words(evidence: &Value) -> String {
    let count = |name: &str| {
        evidence
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    let (looked_at, artifacts) = (count("looked_at"), count("artifacts"));
    let of = if looked_at < artifacts {
        format!(" of {artifacts}")
    } else {
        String::new()
    };
    format!(
        "The migration was rehearsed on {looked_at}{of} artifacts: {} changed, {} not valid afterwards, {} not restored.",
        count("changed"),
        count("invalid_after"),
        count("not_restored")
    )
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
