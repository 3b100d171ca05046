//! Whom does a change break?
//!
//! The question is containment: is every artifact that the old schema accepts accepted by the new one? The answer has
//! three values. *Compatible* is a proof that a separate checker can follow. *Breaking* is an artifact that the validator
//! accepts under the old schema and refuses under the new one. Everything else is *undecided*, which a policy must treat as
//! breaking.
//!
//! Both schemas are compiled into one language of forms (`form/`), and the prover (`prove/`) either refutes "old holds and new
//! does not" or builds a value of it. Where it gives up, a search (`witness/`) by the bounds and names of both schemas may
//! still find an artifact.
//!
//! `format` is an annotation unless the options say otherwise. Each schema is read in its own dialect. Nothing is fetched.
//! Named [assumptions](Assumption) are layered over the semantics: a side is rewritten, and the same engine is asked.

mod assumption;
mod bundle;
mod containment;
pub mod differences;
mod documents;
mod effort;
mod form;
mod keywords;
mod language;
pub mod limits;
mod mode;
mod options;
mod place;
pub mod proof;
mod prove;
mod report;
mod rewrite;
mod setting;
mod side;
mod steps;
mod witness;

pub use assumption::Assumption;
pub use differences::{Difference, differences};
pub use mode::Mode;
pub use options::Options;
pub use place::WitnessPlace;
pub use report::{Report, RuledOut, StoppedBy, Verdict};
pub use setting::Setting;
pub use side::Side;

use std::collections::BTreeSet;

use crate::text::{Map, Value};
use containment::{Answer, Ends, contained};

/// The dialect of a schema that names none.
const DEFAULT_DIALECT: jsonschema::Draft = jsonschema::Draft::Draft202012;

/// Compares two schemas. Never fails and never panics: what cannot be decided within the limits is undecided. A transitive
/// mode asks the same as its plain one, `old` being the whole history.
#[must_use]
pub fn check(old: &Side<'_>, new: &Side<'_>, options: &Options) -> Report {
    let mut report = Report {
        verdict: Verdict::Undecided,
        mode: options.mode,
        reason: String::new(),
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
    };
    let too_large = limits::exceeded("old", old).or_else(|| limits::exceeded("new", new));
    if let Some(limit) = too_large {
        report.reason = format!("Undecided: {limit}.");
        return report;
    }
    let backward = options
        .mode
        .asks_backward()
        .then(|| assumed(&Ends::new(("old", old), ("new", new)), options));
    let forward = options
        .mode
        .asks_forward()
        .then(|| assumed(&Ends::new(("new", new), ("old", old)), options));
    let mut worst: Option<(Answer, bool)> = None;
    let mut proofs = Map::new();
    for (asked, is_backward) in [(backward, true), (forward, false)] {
        let Some((answer, ruled_out)) = asked else {
            continue;
        };
        report.steps += answer.steps;
        if let Some(proof) = &answer.proof {
            let direction = if is_backward { "backward" } else { "forward" };
            proofs.insert(direction.into(), proof.clone());
        }
        report.ruled_out.extend(ruled_out);
        // The backward one when they are equally bad.
        if worst
            .as_ref()
            .is_none_or(|(worst, _)| answer.verdict > worst.verdict)
        {
            worst = Some((answer, is_backward));
        }
    }
    report.differences = differences(old, new);
    if let Some((answer, is_backward)) = worst {
        report.witness_place = place::place(&answer.failures, &report.differences, is_backward);
        report.verdict = answer.verdict;
        report.reason = answer.reason;
        report.witness_text = answer
            .witness
            .as_ref()
            .filter(|value| doubles_lose(value))
            .map(Value::to_string);
        report.witness = answer.witness;
        report.proof = match proofs.len() {
            2 => Some(Value::Object(proofs)),
            _ => answer.proof,
        };
        report.stopped_by = answer.stopped_by;
    }
    report
}

/// Whether a number in the value is another one, or written otherwise, after JavaScript has parsed it.
fn doubles_lose(value: &Value) -> bool {
    const EXACT: u64 = 1 << 53;
    match value {
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => whole.unsigned_abs() > EXACT,
            (None, Some(_)) => true,
            (None, None) => number.as_f64().is_none_or(|float| float.fract() == 0.0),
        },
        Value::Array(items) => items.iter().any(doubles_lose),
        Value::Object(members) => members.values().any(doubles_lose),
        _ => false,
    }
}

/// Compares the next version with a history, oldest version first. A transitive mode compares with every version, newest
/// first, and reports the newest of those with the worst verdict; a plain mode compares with the last version. Nobody is
/// broken where there is no version yet.
#[must_use]
pub fn check_history(versions: &[Side<'_>], next: &Side<'_>, options: &Options) -> Report {
    let compared = if options.mode.is_transitive() {
        versions.len()
    } else {
        1
    };
    let mut worst: Option<Report> = None;
    let mut ruled_out: Vec<RuledOut> = Vec::new();
    for (index, version) in versions.iter().enumerate().rev().take(compared) {
        let mut report = check(version, next, options);
        report.against = Some(index);
        // One example of each kind is enough; the newest version speaks first.
        for found in std::mem::take(&mut report.ruled_out) {
            if !ruled_out.iter().any(|known| {
                (known.assumption, &known.sentence) == (found.assumption, &found.sentence)
            }) {
                ruled_out.push(found);
            }
        }
        if worst
            .as_ref()
            .is_none_or(|worst| report.verdict > worst.verdict)
        {
            worst = Some(report);
        }
        if worst
            .as_ref()
            .is_some_and(|worst| worst.verdict == Verdict::Breaking)
        {
            break;
        }
    }
    let mut report = worst.unwrap_or_else(|| Report::of_the_first_version(options));
    if versions.len() > 1 && options.mode.is_transitive() && report.verdict == Verdict::Compatible {
        report.reason = format!(
            "Proved against each of the {} versions. {}",
            versions.len(),
            report.reason
        );
    }
    report.ruled_out = ruled_out;
    report
}

/// The answer to one question under the assumptions, and what they rule out.
fn assumed(ends: &Ends<'_, '_>, options: &Options) -> (Answer, Vec<RuledOut>) {
    let strict = contained(ends, options);
    // An assumption never takes from the reader and never gives to the writer: what is compatible stays so.
    if options.assumptions.is_empty() || strict.verdict == Verdict::Compatible {
        return (strict, Vec::new());
    }
    let Some(mut lenient) = under(ends, &options.assumptions, options) else {
        return (strict, Vec::new());
    };
    let names: Vec<_> = options
        .assumptions
        .iter()
        .map(|assumption| assumption.as_str())
        .collect();
    lenient.reason = format!("{} Assumed: {}.", lenient.reason, names.join(", "));
    if lenient.verdict >= strict.verdict {
        return (lenient, Vec::new());
    }
    let mut ruled_out = Vec::new();
    for left_out in &options.assumptions {
        let rest: BTreeSet<_> = options
            .assumptions
            .iter()
            .copied()
            .filter(|assumption| assumption != left_out)
            .collect();
        // Nothing rewritten is the strict question, which has its answer.
        let without = under(ends, &rest, options);
        let without = without.as_ref().unwrap_or(&strict);
        if without.verdict > lenient.verdict {
            ruled_out.push(hidden(*left_out, ends, without));
        }
    }
    (lenient, ruled_out)
}

/// The engine's answer after the sides were rewritten; `None` when the assumptions change neither side.
fn under(
    ends: &Ends<'_, '_>,
    assumptions: &BTreeSet<Assumption>,
    options: &Options,
) -> Option<Answer> {
    let rewritten = rewrite::writer(ends.from, assumptions).and_then(|from| {
        Ok((
            from,
            rewrite::reader(ends.to, assumptions, options.formats)?,
        ))
    });
    let (from, to) = match rewritten {
        Ok((None, None)) => return None,
        Ok(sides) => sides,
        Err(why) => {
            return Some(Answer::undecided(why));
        }
    };
    let (from, to) = (
        from.as_ref().map_or(*ends.from, rewrite::Rewritten::side),
        to.as_ref().map_or(*ends.to, rewrite::Rewritten::side),
    );
    let rewritten = Ends::new((ends.from_name, &from), (ends.to_name, &to));
    Some(contained(&rewritten, options))
}

/// What leaving one assumption out brings to light.
fn hidden(assumption: Assumption, ends: &Ends<'_, '_>, without: &Answer) -> RuledOut {
    let (claim, name) = (assumption.claim(), assumption.as_str());
    let (from, to) = (ends.from_name, ends.to_name);
    let sentence = match (without.verdict, &without.witness) {
        (Verdict::Breaking, Some(_)) => format!(
            "Only because {claim} ({name}) is this artifact, valid under the {from} schema and refused by the {to} one, \
             left out of account."
        ),
        (Verdict::Breaking, None) => format!(
            "Only because {claim} ({name}) are artifacts that the {from} schema accepts and the {to} one refuses left \
             out of account."
        ),
        _ => format!(
            "Without the assumption that {claim} ({name}) it is undecided whether the {to} schema accepts every artifact \
             that the {from} schema accepts."
        ),
    };
    RuledOut {
        assumption,
        witness: without.witness.clone(),
        sentence,
    }
}
