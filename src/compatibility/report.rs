//! The answer to a comparison.

use serde::Serialize;

use crate::text::Value;

use super::{Assumption, Mode, Options, WitnessPlace, differences::Difference};

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
    /// The witness as JSON text, where parsing it into doubles would change it: `1.0` is no integer in draft-04, and
    /// 9007199254740993 is no double.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness_text: Option<String>,
    /// Where the witness is refused, and by which difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness_place: Option<WitnessPlace>,
    /// The trace of the proof, which a separate checker has gone through; only where the verdict is compatible. What its
    /// members mean stands in `docs/proofs.md`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Value>,
    /// Which version of a history this report compares with, an index from 0 for the oldest: the newest one with the worst
    /// verdict. Only where a history was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<usize>,
    /// What stopped the engine; only where the verdict is undecided and it was the engine that stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<StoppedBy>,
    /// Steps that the answer took, of those that the caller gave. The same everywhere.
    pub steps: u64,
    /// What was taken for granted. Absent on the wire when nothing was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<Assumption>,
    /// What the assumptions hide: one entry for each without which a direction would have a worse verdict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ruled_out: Vec<RuledOut>,
}

impl Report {
    /// What is said of a schema that has no earlier version.
    #[must_use]
    pub fn of_the_first_version(options: &Options) -> Self {
        Self {
            verdict: Verdict::Compatible,
            mode: options.mode,
            reason: "A new type has no artifacts that could break.".to_owned(),
            differences: Vec::new(),
            witness: None,
            witness_text: None,
            witness_place: None,
            proof: None,
            against: None,
            stopped_by: None,
            steps: 0,
            assumptions: options.assumptions.iter().copied().collect(),
            ruled_out: Vec::new(),
        }
    }
}

/// What kept a question from being decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoppedBy {
    /// `steps`: the caller's budget was used up; `depth`: values inside one another; `keyword`: something that is not
    /// modelled; `validator`: a counterexample that the validator did not confirm; `checker`: a proof that its checker did not
    /// accept.
    pub what: &'static str,
    /// Why, as part of a sentence.
    pub message: String,
}

impl StoppedBy {
    pub(super) fn new(stopped: Option<super::prove::Stopped>) -> Self {
        use super::prove::Stopped;
        let (what, message) = match stopped {
            Some(Stopped::Steps) => ("steps", "the step budget was used up".to_owned()),
            Some(Stopped::Depth) => (
                "depth",
                "values would have to be inside one another too deep".to_owned(),
            ),
            Some(Stopped::Form(_, why)) => ("keyword", why),
            None => (
                "validator",
                "a counterexample was found that the validator does not confirm".to_owned(),
            ),
        };
        Self { what, message }
    }
}

/// What one assumption takes away.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuledOut {
    /// The assumption without which the verdict is worse.
    pub assumption: Assumption,
    /// An artifact that breaks without it, while the other assumptions stay. Absent when the verdict is undecided then.
    /// `Some(Value::Null)` is the artifact `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Value>,
    /// The same for a person.
    pub sentence: String,
}
