//! One question: does one side accept everything that the other accepts?

use std::fmt::Display;

use crate::schema::Formats;
use crate::text::Value;

use super::{
    Options, Side, StoppedBy, Verdict,
    documents::Documents,
    effort, form, limits,
    place::Failure,
    proof::Proof,
    prove::{Literal, Outcome, Prover, Stopped},
    steps::Steps,
    witness::{self, Judges},
};

/// The two ends of one question: does `to` accept everything that `from` accepts?
pub(super) struct Ends<'s, 'a> {
    pub(super) from_name: &'static str,
    pub(super) from: &'s Side<'a>,
    pub(super) to_name: &'static str,
    pub(super) to: &'s Side<'a>,
}

impl<'s, 'a> Ends<'s, 'a> {
    pub(super) fn new(
        from: (&'static str, &'s Side<'a>),
        to: (&'static str, &'s Side<'a>),
    ) -> Self {
        Self {
            from_name: from.0,
            from: from.1,
            to_name: to.0,
            to: to.1,
        }
    }
}

/// The engine's answer to one question.
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) reason: String,
    pub(super) witness: Option<Value>,
    /// Why the witness is refused.
    pub(super) failures: Vec<Failure>,
    /// The trace of the proof.
    pub(super) proof: Option<Value>,
    pub(super) stopped_by: Option<StoppedBy>,
    /// Steps that were taken.
    pub(super) steps: u64,
}

impl Answer {
    fn new(verdict: Verdict, reason: String) -> Self {
        Self {
            verdict,
            reason,
            witness: None,
            failures: Vec::new(),
            proof: None,
            stopped_by: None,
            steps: 0,
        }
    }

    /// Nothing was decided, for this reason: part of a sentence.
    pub(super) fn undecided(why: impl Display) -> Self {
        Self::new(Verdict::Undecided, format!("Undecided: {why}."))
    }
}

/// Does one side accept everything that the other accepts?
pub(super) fn contained(ends: &Ends<'_, '_>, options: &Options) -> Answer {
    let (from_draft, to_draft) = match (ends.from.dialect(), ends.to.dialect()) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(uri), _) | (_, Err(uri)) => {
            return Answer::undecided(format_args!("`$schema` names the unknown dialect {uri}"));
        }
    };
    let from = Documents::without_places(ends.from, from_draft);
    let to = Documents::without_places(ends.to, to_draft);
    let asserted = options.formats == Formats::Assertion;
    let compiled = match form::compile([&from, &to], asserted) {
        Ok(compiled) => compiled,
        Err(why) => return Answer::undecided(why),
    };
    let [old, new] = compiled.roots;
    let mut steps = Steps::new(options.steps);
    let mut prover = Prover::new(compiled, &mut steps);
    let outcome = prover.solve(&[Literal::yes(old), Literal::no(new)]);
    let mut stopped = prover.stopped().cloned();
    let outcome = match outcome {
        Outcome::Model(candidate) if !prover.can_be_judged([old, new], &candidate) => {
            stopped = Some(Stopped::Form(
                None,
                "the validator would take too long on a counterexample".into(),
            ));
            Outcome::Unknown
        }
        outcome => outcome,
    };
    let mut answer = match outcome {
        Outcome::Empty(root, _) => {
            let proof = Proof::new(
                [ends.from, ends.to],
                prover,
                root,
                [old, new],
                options.steps,
            );
            proved(ends, proof)
        }
        Outcome::Model(candidate) => refuted(ends, [from, to], Some(candidate), stopped, options),
        Outcome::Unknown => refuted(ends, [from, to], None, stopped, options),
    };
    answer.steps = options.steps.saturating_sub(steps.left());
    answer
}

/// Compatible, when the checker agrees with the prover.
fn proved(ends: &Ends<'_, '_>, mut proof: Proof<'_>) -> Answer {
    if let Err(fault) = proof.check() {
        return Answer {
            stopped_by: Some(StoppedBy {
                what: "checker",
                message: format!("a proof was found that its checker does not accept: {fault}"),
            }),
            ..Answer::undecided(format_args!(
                "a proof was found that its checker does not accept: {fault}"
            ))
        };
    }
    Answer {
        proof: Some(proof.trace()),
        ..Answer::new(
            Verdict::Compatible,
            format!(
                "Proved: the {} schema accepts every artifact that the {} schema accepts.",
                ends.to_name, ends.from_name
            ),
        )
    }
}

/// Confirms a counterexample, or looks for another one.
fn refuted(
    ends: &Ends<'_, '_>,
    documents: [Documents<'_>; 2],
    candidate: Option<Value>,
    stopped: Option<Stopped>,
    options: &Options,
) -> Answer {
    let [from, to] = &documents;
    let (from_effort, to_effort) = (effort::effort(from), effort::effort(to));
    let too_branching = limits::too_branching(ends.from_name, from_effort)
        .or_else(|| limits::too_branching(ends.to_name, to_effort));
    if let Some(limit) = too_branching {
        return Answer::undecided(limit);
    }
    let judges = match Judges::new(
        (ends.from, from.draft()),
        (ends.to, to.draft()),
        options.formats,
    ) {
        Ok(judges) => judges,
        Err(why) => return Answer::undecided(why),
    };
    let deepest = from_effort
        .deepest_artifact()
        .min(to_effort.deepest_artifact());
    let confirmed = candidate
        .filter(|candidate| judges.confirm(candidate))
        .map(|candidate| witness::shrink(candidate, &judges))
        .or_else(|| witness::search(&documents, &judges, deepest, options.steps));
    match confirmed {
        Some(witness) => Answer {
            failures: judges.failures(&witness),
            witness: Some(witness),
            ..Answer::new(
                Verdict::Breaking,
                format!(
                    "An artifact that the {} schema accepts is refused by the {} schema; see the witness.",
                    ends.from_name, ends.to_name
                ),
            )
        },
        None => {
            let stopped_by = StoppedBy::new(stopped);
            Answer {
                stopped_by: Some(stopped_by.clone()),
                ..Answer::undecided(stopped_by.message)
            }
        }
    }
}
