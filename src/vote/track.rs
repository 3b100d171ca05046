//! What kind of decision it is.

use serde::Serialize;

/// What kind of decision it is; each has its own requirement, and may have its own times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// A schema change that leaves every artifact valid.
    Additive,
    /// A schema change that breaks artifacts, or may.
    Breaking,
    /// An artifact type that did not exist.
    NewType,
    /// A change of the policy.
    Policy,
    /// A change of the membership.
    Membership,
    /// A change of what is in scope.
    Scope,
    /// A schema change in a hurry: harder than the others, and faster.
    Emergency,
}

impl Track {
    /// Every track.
    pub const ALL: [Self; 7] = [
        Self::Additive,
        Self::Breaking,
        Self::NewType,
        Self::Policy,
        Self::Membership,
        Self::Scope,
        Self::Emergency,
    ];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 7] = [
        "additive",
        "breaking",
        "new_type",
        "policy",
        "membership",
        "scope",
        "emergency",
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Additive => "additive",
            Self::Breaking => "breaking",
            Self::NewType => "new_type",
            Self::Policy => "policy",
            Self::Membership => "membership",
            Self::Scope => "scope",
            Self::Emergency => "emergency",
        }
    }

    /// The track of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|track| track.name() == name)
    }

    /// How a sentence about it begins.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Additive => "An additive change",
            Self::Breaking => "A breaking change",
            Self::NewType => "A new artifact type",
            Self::Policy => "A change of the policy",
            Self::Membership => "A change of the membership",
            Self::Scope => "A change of the scope",
            Self::Emergency => "An emergency change",
        }
    }
}
