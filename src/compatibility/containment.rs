//! One question: does one side accept everything that the other accepts?

use crate::schema::Formats;
use crate::text::Value;

use super::{
    Options, Side, Verdict,
    algebra::{self, Proof},
    documents::Documents,
    effort, limits, witness,
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
}

impl Answer {
    pub(super) fn new(verdict: Verdict, reason: String) -> Self {
        Self {
            verdict,
            reason,
            witness: None,
        }
    }
}

/// Does one side accept everything that the other accepts?
pub(super) fn contained(ends: &Ends<'_, '_>, options: &Options) -> Answer {
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
    // The algebra takes `format` for an annotation; asserted, what it says of a schema with one proves nothing.
    let asserted = options.formats == Formats::Assertion && (has_format(from) || has_format(to));
    let proof = if asserted && !matches!(proof, Proof::Unknown(_)) {
        Proof::Unknown("`format` is asserted, which the algebra does not model".to_owned())
    } else {
        proof
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
    let witness = witness::Judges::new((from, from_draft), (to, to_draft), options.formats)
        .and_then(|judges| {
            witness::search(
                vec![from_documents, to_documents],
                hint,
                &judges,
                deepest,
                effort,
                options.steps,
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

/// Whether `format` stands anywhere on a side.
fn has_format(side: &Side<'_>) -> bool {
    let mut pending: Vec<&Value> = std::iter::once(side.schema)
        .chain(side.references.values())
        .collect();
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(list) => pending.extend(list),
            Value::Object(object) => {
                if object.get("format").is_some_and(Value::is_string) {
                    return true;
                }
                pending.extend(object.values());
            }
            _ => {}
        }
    }
    false
}
