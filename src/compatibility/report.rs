//! The answer to a comparison.

use serde::Serialize;

use crate::text::Value;

use super::differences::Difference;

/// Which direction is asked about.
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
}

impl Mode {
    /// The mode of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "backward" => Some(Self::Backward),
            "forward" => Some(Self::Forward),
            "full" => Some(Self::Full),
            _ => None,
        }
    }
}

/// Whom the change breaks, as far as it could be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Proved: nobody.
    Compatible,
    /// Neither proved nor refuted. To be treated as breaking.
    Undecided,
    /// An artifact was found that it breaks, or that there is one was proved.
    Breaking,
}

impl Verdict {
    /// The name as it stands on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Undecided => "undecided",
            Self::Breaking => "breaking",
        }
    }
}

/// The answer to a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The verdict.
    pub verdict: Verdict,
    /// What was asked.
    pub mode: Mode,
    /// Why, in one sentence; for `undecided`, what stopped the proof.
    pub reason: String,
    /// What changed from old to new, whatever the mode.
    pub differences: Vec<Difference>,
    /// An artifact that the change breaks, confirmed by the validator: accepted by the schema that is left and refused
    /// by the one that is entered. `Some(Value::Null)` is the artifact `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Value>,
}
