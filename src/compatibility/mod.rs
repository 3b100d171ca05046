//! Whom does a change break?
//!
//! The question is containment: is every artifact that the old schema accepts accepted by the new one? The answer has
//! three values. *Compatible* is a proof. *Breaking* rests on an artifact that the validator accepts under the old schema
//! and refuses under the new one, or on a proof that one exists. Everything else is *undecided*, which a policy must
//! treat as breaking. Two independent engines stand behind it, the algebra of canonical forms and a search for a
//! breaking artifact that the validator confirms; where they contradict each other the answer is undecided.
//!
//! `format` is an annotation here: it accepts everything. Each schema is read in its own dialect. Nothing is fetched.

mod algebra;
mod bundle;
pub mod differences;
mod documents;
mod effort;
mod form;
mod keywords;
mod language;
pub mod limits;
pub mod proof;
mod prove;
mod report;
mod side;
mod steps;
mod witness;

pub use differences::{Difference, differences};
pub use report::{Mode, Report, Verdict};
pub use side::Side;

use crate::text::Value;
use algebra::Proof;
use documents::Documents;

/// The dialect of a schema that names none.
const DEFAULT_DIALECT: jsonschema::Draft = jsonschema::Draft::Draft202012;

/// Is every artifact valid under `old` also valid under `new`? The same as [`check`] with [`Mode::Backward`].
#[must_use]
pub fn backward(old: &Side<'_>, new: &Side<'_>) -> Report {
    check(Mode::Backward, old, new)
}

/// Compares two schemas. Never fails and never panics: what cannot be decided within the limits is undecided.
#[must_use]
pub fn check(mode: Mode, old: &Side<'_>, new: &Side<'_>) -> Report {
    let too_large = limits::exceeded("old", old).or_else(|| limits::exceeded("new", new));
    if let Some(limit) = too_large {
        return Report {
            verdict: Verdict::Undecided,
            mode,
            reason: format!("Undecided: {limit}."),
            differences: Vec::new(),
            witness: None,
        };
    }
    let Answer {
        verdict,
        reason,
        witness,
    } = match mode {
        Mode::Backward => contained(&Ends::new(("old", old), ("new", new))),
        Mode::Forward => contained(&Ends::new(("new", new), ("old", old))),
        Mode::Full => {
            let there = contained(&Ends::new(("old", old), ("new", new)));
            let back = contained(&Ends::new(("new", new), ("old", old)));
            // The worse of the two; the backward one when they are equally bad.
            if back.verdict > there.verdict {
                back
            } else {
                there
            }
        }
    };
    Report {
        verdict,
        mode,
        reason,
        differences: differences(old, new),
        witness,
    }
}

/// The two ends of one question: does `to` accept everything that `from` accepts?
struct Ends<'s, 'a> {
    from_name: &'static str,
    from: &'s Side<'a>,
    to_name: &'static str,
    to: &'s Side<'a>,
}

impl<'s, 'a> Ends<'s, 'a> {
    fn new(from: (&'static str, &'s Side<'a>), to: (&'static str, &'s Side<'a>)) -> Self {
        Self {
            from_name: from.0,
            from: from.1,
            to_name: to.0,
            to: to.1,
        }
    }
}

struct Answer {
    verdict: Verdict,
    reason: String,
    witness: Option<Value>,
}

impl Answer {
    fn new(verdict: Verdict, reason: String) -> Self {
        Self {
            verdict,
            reason,
            witness: None,
        }
    }
}

fn contained(ends: &Ends<'_, '_>) -> Answer {
    let Ends {
        from_name,
        from,
        to_name,
        to,
    } = *ends;
    let (from_draft, to_draft) = match (from.dialect(), to.dialect()) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(uri), _) | (_, Err(uri)) => {
            return Answer::new(
                Verdict::Undecided,
                format!("Undecided: `$schema` names the unknown dialect {uri}."),
            );
        }
    };
    if from_draft == to_draft && from.schema == to.schema && from.references == to.references {
        return Answer::new(Verdict::Compatible, "Both schemas are the same.".to_owned());
    }
    let from_documents = Documents::without_places(from, from_draft);
    let to_documents = Documents::without_places(to, to_draft);
    let mut counter = steps::Steps::new(500_000);
    if let Ok(compiled) = form::compile([&from_documents, &to_documents], false) {
        let [old, new] = compiled.roots;
        let mut prover = prove::Prover::new(compiled, &mut counter);
        match prover.solve(&[prove::Literal::yes(old), prove::Literal::no(new)]) {
            prove::Outcome::Empty(..) => return Answer::new(Verdict::Compatible, "Proved.".into()),
            prove::Outcome::Model(value) => {
                if let Some(judges) = witness::Judges::new((from, from_draft), (to, to_draft)) {
                    if judges.confirm(&value) {
                        return Answer { verdict: Verdict::Breaking, reason: "witness".into(), witness: Some(witness::shrink(value, &judges)) };
                    }
                    return Answer::new(Verdict::Undecided, format!("UNCONFIRMED {value}"));
                }
            }
            prove::Outcome::Unknown => return Answer::new(Verdict::Undecided, format!("UNKNOWN {:?}", prover.stopped())),
        }
    } else {
        return Answer::new(Verdict::Undecided, format!("NOFORM {:?}", form::compile([&from_documents, &to_documents], false).err()));
    }
    let (from_effort, to_effort) = (
        effort::effort(&from_documents),
        effort::effort(&to_documents),
    );
    let too_branching = limits::too_branching(from_name, from_effort)
        .or_else(|| limits::too_branching(to_name, to_effort));
    if let Some(limit) = too_branching {
        return Answer::new(Verdict::Undecided, format!("Undecided: {limit}."));
    }
    let too_much = limits::too_much_for_the_algebra(from_name, from_effort)
        .or_else(|| limits::too_much_for_the_algebra(to_name, to_effort));
    let proof = match too_much {
        Some(limit) => Proof::Unknown(limit),
        None => algebra::covers((from_name, from, from_draft), (to_name, to, to_draft)),
    };
    let effort = match &proof {
        // Only to catch an algebra that is wrong; a proof is not searched for at length.
        Proof::Covers => witness::Effort::Brief,
        Proof::DoesNot(_) | Proof::Unknown(_) => witness::Effort::Full,
    };
    let hint = match &proof {
        Proof::DoesNot(Some(difference)) => Some(difference),
        _ => None,
    };
    let deepest = from_effort
        .deepest_artifact()
        .min(to_effort.deepest_artifact());
    let witness = witness::Judges::new((from, from_draft), (to, to_draft)).and_then(|judges| {
        witness::search(
            vec![from_documents, to_documents],
            hint,
            &judges,
            deepest,
            effort,
        )
    });
    let (verdict, reason) = match (proof, &witness) {
        (Proof::Covers, None) => (
            Verdict::Compatible,
            format!(
                "Proved: the {to_name} schema accepts every artifact that the {from_name} schema accepts."
            ),
        ),
        (Proof::Covers, Some(_)) => (
            Verdict::Undecided,
            format!(
                "Undecided: a proof says that the {to_name} schema accepts everything the {from_name} schema accepts, \
                 and the validator refuses an artifact that says otherwise."
            ),
        ),
        (_, Some(_)) => (
            Verdict::Breaking,
            format!(
                "An artifact that the {from_name} schema accepts is refused by the {to_name} schema; see the witness."
            ),
        ),
        (Proof::DoesNot(_), None) => (
            Verdict::Breaking,
            format!(
                "Proved: the {to_name} schema refuses artifacts that the {from_name} schema accepts; no example \
                 artifact was found."
            ),
        ),
        (Proof::Unknown(why), None) => (Verdict::Undecided, format!("Undecided: {why}.")),
    };
    Answer {
        verdict,
        reason,
        witness,
    }
}
