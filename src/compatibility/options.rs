//! How two schemas are compared.

use std::collections::BTreeSet;

use crate::schema::Formats;

use super::{Assumption, Mode};

/// How two schemas are compared. The default is the strict reading: backward, no assumption, `format` an annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which direction is asked about.
    pub mode: Mode,
    /// What is taken for granted.
    pub assumptions: BTreeSet<Assumption>,
    /// What `format` does.
    pub formats: Formats,
    /// Steps that one question may take before what is not decided stays undecided. A step is one unit of the engine's
    /// work and not of time: the same schemas and the same budget have the same answer everywhere. A mode asks one or two
    /// questions of each version; assumptions ask each of them once more, and once more without each assumption.
    pub steps: u64,
}

impl Options {
    /// The default of [`steps`](Self::steps).
    pub const STEPS: u64 = 500_000;

    /// The default with another mode.
    #[must_use]
    pub fn in_mode(mode: Mode) -> Self {
        Self {
            mode,
            ..Self::default()
        }
    }

    /// The same with these assumptions too.
    #[must_use]
    pub fn assuming(mut self, assumptions: impl IntoIterator<Item = Assumption>) -> Self {
        self.assumptions.extend(assumptions);
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            assumptions: BTreeSet::new(),
            formats: Formats::Annotation,
            steps: Self::STEPS,
        }
    }
}
