//! Which direction is asked about, and against how much of a history.

use serde::Serialize;

/// Which artifacts must stay valid for whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Is every artifact valid under old also valid under new? What existing artifacts need.
    #[default]
    Backward,
    /// Is every artifact valid under new also valid under old? What readers that still know the old schema need.
    Forward,
    /// Both.
    Full,
    /// Backward against every version of a history.
    BackwardTransitive,
    /// Forward against every version of a history.
    ForwardTransitive,
    /// Full against every version of a history.
    FullTransitive,
}

impl Mode {
    /// Every mode by its name on the wire.
    pub const NAMES: [&str; 6] = [
        "backward",
        "forward",
        "full",
        "backward_transitive",
        "forward_transitive",
        "full_transitive",
    ];

    /// The mode of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "backward" => Some(Self::Backward),
            "forward" => Some(Self::Forward),
            "full" => Some(Self::Full),
            "backward_transitive" => Some(Self::BackwardTransitive),
            "forward_transitive" => Some(Self::ForwardTransitive),
            "full_transitive" => Some(Self::FullTransitive),
            _ => None,
        }
    }

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Backward => "backward",
            Self::Forward => "forward",
            Self::Full => "full",
            Self::BackwardTransitive => "backward_transitive",
            Self::ForwardTransitive => "forward_transitive",
            Self::FullTransitive => "full_transitive",
        }
    }

    /// Whether every version of a history is compared, and not only the last.
    #[must_use]
    pub fn is_transitive(self) -> bool {
        matches!(
            self,
            Self::BackwardTransitive | Self::ForwardTransitive | Self::FullTransitive
        )
    }

    /// Whether the question goes from old to new.
    pub(super) fn asks_backward(self) -> bool {
        !matches!(self, Self::Forward | Self::ForwardTransitive)
    }

    /// Whether the question goes from new to old.
    pub(super) fn asks_forward(self) -> bool {
        !matches!(self, Self::Backward | Self::BackwardTransitive)
    }
}
