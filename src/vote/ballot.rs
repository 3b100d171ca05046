//! What a member says, and whether it can be taken back.

use serde::Serialize;

/// Yes, no, or neither. `Abstain` counts as not-yes: under two thirds it weighs as silence does, under unanimity it blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// For the proposal.
    Yes,
    /// Against it.
    No,
    /// Neither; said, and not silent.
    Abstain,
}

impl Choice {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Abstain];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 3] = ["yes", "no", "abstain"];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Abstain => "abstain",
        }
    }

    /// The choice of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// One ballot, as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ballot {
    /// The member who cast it.
    pub voter_id: String,
    /// What they said.
    pub choice: Choice,
    /// Why, where the policy asks for a reason or the voter gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: u64,
    /// The number of the event that cast it.
    pub seq: u64,
}

/// Whether a ballot can be taken back. The two values exclude each other: a decision that falls early must not rest on
/// ballots that may still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BallotMode {
    /// One ballot each; the decision falls as soon as it cannot change.
    Final,
    /// The last ballot before the close counts; the decision falls at the close.
    Replaceable,
}

impl BallotMode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Final, Self::Replaceable];
    /// Names of the modes, in the same order.
    pub const NAMES: [&'static str; 2] = ["final", "replaceable"];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Replaceable => "replaceable",
        }
    }

    /// The mode of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}
