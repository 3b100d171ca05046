//! A proposal in a senate: what was said and done about it, and where it stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::event::{Dissent, Failure, Record};
use super::rehearsal::Rehearsal;
use super::target::Target;
use crate::schema::Change;
use crate::text::{Digest, Value};
use crate::vote::{Ballot, BallotMode, Choice, Counter, Electorate, Policy, Rule, Tally, Track};

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Proposed and debated; the vote is not open.
    Review,
    /// The vote is open.
    Voting,
    /// Approved; its cooling time is not over.
    Cooling,
    /// Approved, and its migration may begin.
    Approved,
    /// Its migration has begun.
    Migrating,
    /// In force.
    Active,
    /// Approved, and the migration could not be applied; it may be tried again, or given up.
    MigrationFailed,
    /// Approved, and given up after the migration had failed. Final.
    Abandoned,
    /// It was in force until something later took its place. Final.
    Superseded,
    /// The threshold could not be met, or it is out of scope. Final, but for one appeal about the scope.
    Rejected,
    /// The vote closed, and silence or an open concern decided. Final.
    Expired,
    /// Taken back by its proposer. Final.
    Withdrawn,
    /// What it would change is no longer what was frozen. Final.
    Stale,
}

impl Status {
    /// All of them, in the order of a proposal's life.
    pub const ALL: [Self; 13] = [
        Self::Review,
        Self::Voting,
        Self::Cooling,
        Self::Approved,
        Self::Migrating,
        Self::Active,
        Self::MigrationFailed,
        Self::Abandoned,
        Self::Superseded,
        Self::Rejected,
        Self::Expired,
        Self::Withdrawn,
        Self::Stale,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Voting => "voting",
            Self::Cooling => "cooling",
            Self::Approved => "approved",
            Self::Migrating => "migrating",
            Self::Active => "active",
            Self::MigrationFailed => "migration_failed",
            Self::Abandoned => "abandoned",
            Self::Superseded => "superseded",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Stale => "stale",
        }
    }

    /// Whether nobody can vote, migrate or wait here any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Active
                | Self::Abandoned
                | Self::Superseded
                | Self::Rejected
                | Self::Expired
                | Self::Withdrawn
                | Self::Stale
        )
    }

    /// Whether it counts against its proposer's live proposals.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Review | Self::Voting)
    }
}

/// How a proposal was decided.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ending {
    pub kind: Ended,
    /// In words.
    pub reason: String,
    /// When.
    pub decided_ms: u64,
    /// Of those who did not say yes.
    pub dissent: Vec<Dissent>,
}

/// What it was decided to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Approved,
    /// By ballots.
    Rejected,
    /// It is out of scope; one appeal may undo this.
    OutOfScope,
    Expired,
    Stale,
    Withdrawn,
    /// Approved, and given up after its migration had failed.
    Abandoned,
}

/// An open or closed vote with what was frozen.
#[derive(Clone, Debug)]
pub struct Vote {
    /// What every ballot names.
    pub subject: String,
    /// What it is the digest of.
    pub frozen: Value,
    /// When it opened.
    pub opened_ms: u64,
    /// When it was to close.
    pub scheduled_ms: u64,
    /// When it closes: as scheduled, or as it was extended to, once.
    pub closes_ms: u64,
    /// Why it was extended, if it was.
    pub extended_because: Option<String>,
    /// How long an approval waits.
    pub cooling_ms: u64,
    /// The version that the change applies to; 0 for a new type.
    pub base_version: u64,
    /// The next schema, policy, list of members or scope.
    pub next: Value,
    /// Whom a schema change breaks.
    pub report: Option<Value>,
    /// The migration plan of a schema change.
    pub plan: Option<Value>,
    /// The policy of this vote.
    pub policy: Arc<Policy>,
    /// Who may vote.
    pub electorate: Arc<Electorate>,
    /// What the ballots must meet.
    pub rule: Rule,
    /// All ballots, in the order of the log.
    pub ballots: Vec<Ballot>,
    /// The ballots that stand, counted.
    pub counter: Counter,
    /// When something last happened that the decision may rest on.
    pub moved_ms: u64,
}

impl Vote {
    /// Where the ballots stand.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.counter.tally(&self.rule)
    }

    /// The ballots that count, one a member, in the order in which they were cast.
    #[must_use]
    pub fn standing_ballots(&self) -> Vec<&Ballot> {
        let mut standing: BTreeMap<&str, &Ballot> = BTreeMap::new();
        for ballot in &self.ballots {
            match self.policy.ballot_mode {
                BallotMode::Final => {
                    standing.entry(&ballot.voter_id).or_insert(ballot);
                }
                BallotMode::Replaceable => {
                    standing.insert(&ballot.voter_id, ballot);
                }
            }
        }
        let mut ballots: Vec<&Ballot> = standing.into_values().collect();
        ballots.sort_unstable_by_key(|ballot| ballot.seq);
        ballots
    }

    /// The reasons of the members who did not say yes.
    #[must_use]
    pub fn dissent(&self) -> Vec<Dissent> {
        self.standing_ballots()
            .into_iter()
            .filter(|ballot| ballot.choice != Choice::Yes)
            .map(|ballot| Dissent {
                voter_id: ballot.voter_id.clone(),
                choice: ballot.choice.name().to_owned(),
                reason: ballot.reason.clone(),
            })
            .collect()
    }

    /// Whether a moment is so late that what happens in it may extend the vote, and it has not been extended.
    #[must_use]
    pub fn may_extend(&self, now_ms: u64) -> bool {
        self.extended_because.is_none()
            && self.policy.extension_ms > 0
            && now_ms.saturating_add(self.policy.late_window_ms) >= self.closes_ms
    }
}

/// What became of the migration.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The digest of the plan.
    pub digest: String,
    /// Whether the host has begun, and not failed since.
    pub started: bool,
    /// Whether it was applied.
    pub applied: bool,
    /// Why the last try failed.
    pub failed: Option<(String, Vec<Failure>)>,
}

/// What somebody said, and in answer to what.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Post {
    pub id: String,
    pub by: String,
    pub at_ms: u64,
    pub text: String,
    /// The place that it is about, as it was given.
    pub anchor: Option<Value>,
    pub quote: Option<String>,
    pub reply_to: Option<String>,
    /// The revision that was there when it was said.
    pub revision: u64,
}

/// Something that must be dealt with before an approval. Its text is the post of the same identifier.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Concern {
    pub id: String,
    pub name: String,
    pub by: String,
    pub state: ConcernState,
    /// Members of the electorate who signed that it shall not hold the proposal up, and why.
    pub overrides: BTreeMap<String, String>,
}

/// Where a concern stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ConcernState {
    Open,
    Resolved { at_ms: u64, text: String },
    Overridden { at_ms: u64 },
}

/// What the scope criteria, or a judge, said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScopeFinding {
    pub attempt: u64,
    pub verdict: String,
    pub reasoning: String,
    pub matches: Value,
    /// The member who judged; `None` for the criteria.
    pub judge: Option<String>,
    pub at_ms: u64,
}

/// A line of a proposal's timeline.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub seq: u64,
    pub at_ms: u64,
    pub event: &'static str,
    pub by: Option<String>,
    pub words: String,
    pub leaf: Digest,
}

/// Everything that a senate knows of a proposal.
#[derive(Clone, Debug)]
pub struct ProposalRecord {
    /// A ULID.
    pub id: String,
    /// Who proposed.
    pub proposer_id: String,
    /// `schema_change`, `policy_change`, `membership_change` or `scope_change`.
    pub proposal_type: String,
    /// What it is called.
    pub title: String,
    /// When it was proposed.
    pub created_ms: u64,
    /// Since when it stands as it is: proposed, revised or reopened.
    pub reviewed_ms: u64,
    /// 1, and one more for each revision.
    pub revision: u64,
    /// The metadata as it was given.
    pub metadata: Value,
    /// What it would change.
    pub target: Target,
    /// The change that the metadata of a schema change describes.
    pub change: Option<Change>,
    /// The verdict on a schema change.
    pub verdict: Option<String>,
    /// The track.
    pub track: Track,
    /// What it means, for comparison with other proposals.
    pub features: Vec<String>,
    /// The digest of that.
    pub fingerprint: String,
    /// Earlier proposals that it says it improves on, as given.
    pub addresses: Value,
    /// The vote, once it is open.
    pub vote: Option<Vote>,
    /// Its migration's rehearsals, the last of each plan, the newest last.
    pub rehearsals: Vec<Arc<Rehearsal>>,
    /// The migration, once it is generated.
    pub migration: Option<Migration>,
    /// Of a change of the policy, the members or the scope: the version that it brought, once it is in force.
    pub brought: Option<u64>,
    pub(crate) scope: Vec<ScopeFinding>,
    pub(crate) appealed: Option<String>,
    pub(crate) recused: BTreeMap<String, String>,
    pub(crate) posts: Vec<Post>,
    pub(crate) concerns: Vec<Concern>,
    pub(crate) ending: Option<Ending>,
    pub(crate) timeline: Vec<Entry>,
}

impl ProposalRecord {
    /// Whether it changes a schema, and not the senate itself.
    #[must_use]
    pub fn is_schema_change(&self) -> bool {
        self.target.artifact_type().is_some()
    }

    /// The artifact type that it touches, or what else.
    #[must_use]
    pub fn target_name(&self) -> &str {
        self.target.name()
    }

    /// The last rehearsal of a plan, by the plan's digest.
    #[must_use]
    pub fn rehearsal_of(&self, plan: &str) -> Option<&Rehearsal> {
        self.rehearsals
            .iter()
            .rev()
            .find(|rehearsal| rehearsal.plan == plan)
            .map(Arc::as_ref)
    }

    /// Concerns that hold an approval.
    pub(crate) fn open_concerns(&self) -> impl Iterator<Item = &Concern> {
        self.concerns
            .iter()
            .filter(|concern| concern.state == ConcernState::Open)
    }

    /// What is known of its scope: the last word.
    pub(crate) fn scope_verdict(&self) -> Option<&ScopeFinding> {
        self.scope.last()
    }

    /// Everything that happened to it so far, in one digest.
    pub(crate) fn record(&self) -> Record {
        let leaves: Vec<u8> = self
            .timeline
            .iter()
            .flat_map(|entry| *entry.leaf.as_bytes())
            .collect();
        Record {
            events: self.timeline.len() as u64,
            digest: Digest::of_bytes(&leaves).to_string(),
        }
    }

    /// Why it ended as it did.
    #[must_use]
    pub fn decision_reason(&self) -> Option<&str> {
        self.ending.as_ref().map(|ending| ending.reason.as_str())
    }

    /// When it was decided.
    #[must_use]
    pub fn decided_ms(&self) -> Option<u64> {
        self.ending.as_ref().map(|ending| ending.decided_ms)
    }

    /// The reasons of the members who did not say yes, once it has ended.
    #[must_use]
    pub fn dissent(&self) -> &[Dissent] {
        self.ending
            .as_ref()
            .map_or(&[], |ending| ending.dissent.as_slice())
    }

    /// When its cooling time is over, once it is approved.
    #[must_use]
    pub fn effective_ms(&self) -> Option<u64> {
        let ending = self.ending.as_ref()?;
        let vote = self.vote.as_ref()?;
        (ending.kind == Ended::Approved).then(|| ending.decided_ms.saturating_add(vote.cooling_ms))
    }

    /// Where it stands, as far as the log says. What is current of its target is an argument: something later may have taken
    /// its place.
    pub(crate) fn status(&self, current_version: u64) -> Status {
        let superseded = |version: u64| {
            if current_version > version {
                Status::Superseded
            } else {
                Status::Active
            }
        };
        if let Some(version) = self.brought {
            return superseded(version);
        }
        let Some(ending) = &self.ending else {
            return match self.vote {
                Some(_) => Status::Voting,
                None => Status::Review,
            };
        };
        match ending.kind {
            Ended::Rejected | Ended::OutOfScope => Status::Rejected,
            Ended::Expired => Status::Expired,
            Ended::Stale => Status::Stale,
            Ended::Withdrawn => Status::Withdrawn,
            Ended::Abandoned => Status::Abandoned,
            Ended::Approved => match &self.migration {
                None => Status::Cooling,
                Some(migration) if migration.applied => {
                    superseded(self.vote.as_ref().map_or(0, |vote| vote.base_version) + 1)
                }
                Some(migration) if migration.started => Status::Migrating,
                Some(migration) if migration.failed.is_some() => Status::MigrationFailed,
                Some(_) => Status::Approved,
            },
        }
    }
}
