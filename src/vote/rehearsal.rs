//! Whether a migration is rehearsed before anybody votes on it.

use serde::Serialize;

/// Whether the vote on a schema change waits for a rehearsal of its migration. Changes of the senate itself migrate nothing and
/// never wait, so that a senate whose host cannot rehearse can still change this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RehearsalMode {
    /// A rehearsal becomes part of what is voted on where there is one.
    #[default]
    Optional,
    /// Without one that passed, no vote opens.
    Required,
}

impl RehearsalMode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Optional, Self::Required];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 2] = ["optional", "required"];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    /// The mode of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}
