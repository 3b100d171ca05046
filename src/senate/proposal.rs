//! A proposal in a senate, and its status as a function of what happened and the time.

use serde::Serialize;

use super::event::{Dissent, Failure};
use crate::registry::Registry;
use crate::schema::Change;
use crate::text::{Problem, Value};
use crate::vote::{
    Ballot, BallotMode, Closed, Counter, Electorate, Policy, Rule, Tally, Track, at_close,
};

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Proposed; the vote is not open.
    Proposed,
    /// The vote is open.
    Voting,
    /// Approved; its migration is still to be applied.
    Approved,
    /// Approved, migrated, and its schema version registered. Final.
    Activated,
    /// Approved, and the migration could not be applied; it may be tried again.
    MigrationFailed,
    /// The threshold could not be met. Final.
    Rejected,
    /// The vote closed and silence decided. Final.
    Expired,
    /// Taken back by its proposer. Final.
    Withdrawn,
    /// The type moved on from the version that was frozen. Final.
    Stale,
}

impl Status {
    /// All of them, in the order of a proposal's life.
    pub const ALL: [Self; 9] = [
        Self::Proposed,
        Self::Voting,
        Self::Approved,
        Self::Activated,
        Self::MigrationFailed,
        Self::Rejected,
        Self::Expired,
        Self::Withdrawn,
        Self::Stale,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Voting => "voting",
            Self::Approved => "approved",
            Self::Activated => "activated",
            Self::MigrationFailed => "migration_failed",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Stale => "stale",
        }
    }

    /// Whether somebody can still propose, vote or migrate here.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Activated | Self::Rejected | Self::Expired | Self::Withdrawn | Self::Stale
        )
    }

    /// Whether it counts against its proposer's live proposals.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Proposed | Self::Voting)
    }
}

/// How a vote ended, once that is written down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    Approved(String),
    Rejected(String, Vec<Dissent>),
    Expired(String),
    Stale(String),
    Withdrawn(String),
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
    /// When it closes.
    pub closes_ms: u64,
    /// The version that the change applies to; 0 for a new type.
    pub base_version: u64,
    /// The next schema.
    pub next_schema: Value,
    /// Whom it breaks.
    pub report: Value,
    /// The migration plan.
    pub plan: Value,
    /// The policy of this vote.
    pub policy: Policy,
    /// Who may vote.
    pub electorate: Electorate,
    /// The track.
    pub track: Track,
    /// All ballots, in the order of the log.
    pub ballots: Vec<Ballot>,
}

impl Vote {
    /// The ballots counted.
    ///
    /// # Errors
    /// Never for a vote that a log holds: every ballot in it was checked.
    pub fn tally(&self) -> Result<Tally, Problem> {
        let rule = Rule::of(&self.policy, self.track);
        let mut counter = Counter::new(self.policy.ballot_mode, &self.electorate, &rule);
        for ballot in &self.ballots {
            if let Some(index) = self.electorate.index_of(&ballot.voter_id) {
                counter.cast(index, ballot.choice);
            }
        }
        Ok(counter.tally(&rule))
    }

    /// The ballots that count, one a member, in the order in which they were cast.
    #[must_use]
    pub fn standing_ballots(&self) -> Vec<&Ballot> {
        let stands = |ballot: &&Ballot| {
            let same_voter = |other: &&Ballot| other.voter_id == ballot.voter_id;
            let mut of_voter = self.ballots.iter().filter(same_voter);
            let standing = match self.policy.ballot_mode {
                BallotMode::Final => of_voter.next(),
                BallotMode::Replaceable => of_voter.next_back(),
            };
            standing.is_some_and(|standing| standing.seq == ballot.seq)
        };
        self.ballots.iter().filter(stands).collect()
    }

    /// The reasons of the members who did not say yes.
    #[must_use]
    pub fn dissent(&self) -> Vec<Dissent> {
        self.standing_ballots()
            .into_iter()
            .filter(|ballot| ballot.choice != crate::vote::Choice::Yes)
            .map(|ballot| Dissent {
                voter_id: ballot.voter_id.clone(),
                choice: ballot.choice.name().to_owned(),
                reason: ballot.reason.clone(),
            })
            .collect()
    }
}

/// What became of the migration.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The digest of the plan.
    pub digest: String,
    /// Whether it was applied.
    pub applied: bool,
    /// Why the last try failed.
    pub failed: Option<(String, Vec<Failure>)>,
}

/// A line of a proposal's timeline.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub seq: u64,
    pub at_ms: u64,
    pub event: &'static str,
    pub by: Option<String>,
    pub words: String,
}

/// Everything that a senate knows of a proposal.
#[derive(Clone, Debug)]
pub struct ProposalRecord {
    /// A ULID.
    pub id: String,
    /// Who proposed.
    pub proposer_id: String,
    /// What it is called.
    pub title: String,
    /// When it was proposed.
    pub created_ms: u64,
    /// The metadata as it was given.
    pub metadata: Value,
    /// The type that it touches.
    pub artifact_type: String,
    /// The change that the metadata describes.
    pub change: Change,
    /// The verdict when it was proposed, until the vote opens.
    pub verdict: String,
    /// The track when it was proposed, until the vote opens.
    pub track: Track,
    /// The vote, once it is open.
    pub vote: Option<Vote>,
    /// The migration, once it is generated.
    pub migration: Option<Migration>,
    pub(crate) ending: Option<Ending>,
    pub(crate) timeline: Vec<Entry>,
}

impl ProposalRecord {
    /// Where it stands at a time: a function of what happened and `now_ms`, whoever asks and however late.
    #[must_use]
    pub fn status(&self, registry: &Registry, now_ms: u64) -> Status {
        match &self.ending {
            Some(Ending::Rejected(..)) => return Status::Rejected,
            Some(Ending::Expired(_)) => return Status::Expired,
            Some(Ending::Stale(_)) => return Status::Stale,
            Some(Ending::Withdrawn(_)) => return Status::Withdrawn,
            Some(Ending::Approved(_)) | None => {}
        }
        let Some(vote) = &self.vote else {
            return Status::Proposed;
        };
        if let Some(migration) = &self.migration
            && migration.applied
        {
            return Status::Activated;
        }
        if registry.current_version(&self.artifact_type) != vote.base_version {
            return Status::Stale;
        }
        if self.ending.is_some() {
            return match &self.migration {
                Some(migration) if migration.failed.is_some() => Status::MigrationFailed,
                _ => Status::Approved,
            };
        }
        if now_ms < vote.closes_ms {
            return Status::Voting;
        }
        match vote.tally().map(|tally| at_close(&tally)) {
            Ok(Closed::Approved) => Status::Approved,
            Ok(Closed::Rejected) => Status::Rejected,
            Ok(Closed::Expired) | Err(_) => Status::Expired,
        }
    }

    /// Why it ended as it did, once that is written down.
    #[must_use]
    pub fn decision_reason(&self) -> Option<&str> {
        match self.ending.as_ref()? {
            Ending::Approved(reason)
            | Ending::Rejected(reason, _)
            | Ending::Expired(reason)
            | Ending::Stale(reason)
            | Ending::Withdrawn(reason) => Some(reason),
        }
    }

    /// The reasons of the members who did not say yes, once it is rejected.
    #[must_use]
    pub fn dissent(&self) -> &[Dissent] {
        match &self.ending {
            Some(Ending::Rejected(_, dissent)) => dissent,
            _ => &[],
        }
    }
}
