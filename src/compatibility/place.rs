//! Where a witness breaks: the place in it, the keyword that refuses it, and the difference that this keyword belongs to.

use jsonschema::error::{ValidationError, ValidationErrorKind};
use serde::Serialize;

use super::Difference;
use crate::schema::{describe, pointed};

/// Where a witness is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WitnessPlace {
    /// `new`, or `old` where the question was a forward one.
    pub refused_by: &'static str,
    /// JSON Pointer into the witness to the value to look at: the one that is refused, or the member or item in it that is not
    /// allowed.
    pub pointer: String,
    /// JSON Pointer into the witness to the value that is refused.
    pub instance_pointer: String,
    /// JSON Pointer to the keyword that refuses it, in the schema that is entered; references are not part of it.
    pub schema_pointer: String,
    /// The keyword.
    pub keyword: String,
    /// Why, as a sentence without a full stop.
    pub message: String,
    /// The difference that this comes from, by its index in the report's list. Absent when none of them is at or around the
    /// keyword.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<usize>,
}

/// Failures that are looked at.
const FAILURES: usize = 256;

/// One failure of the validator.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pointer: String,
    message: String,
    instance_pointer: String,
    schema_pointer: String,
    keyword: String,
}

/// What the validator says, with what it says inside the branches of `anyOf` and `oneOf`.
pub(super) fn failures<'e>(errors: impl Iterator<Item = ValidationError<'e>>) -> Vec<Failure> {
    let mut found = Vec::new();
    for error in errors.take(FAILURES) {
        gather(&error, &mut found);
    }
    found
}

fn gather(error: &ValidationError<'_>, into: &mut Vec<Failure>) {
    if into.len() >= FAILURES {
        return;
    }
    into.push(Failure {
        pointer: pointed(error),
        message: describe(error).message,
        instance_pointer: error.instance_path().to_string(),
        schema_pointer: error.schema_path().to_string(),
        keyword: error.kind().keyword().to_owned(),
    });
    if let ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } =
        error.kind()
    {
        for inner in context.iter().flatten() {
            gather(inner, into);
        }
    }
}

/// The failure that a difference explains best. `entered_is_new`: which pointer of a difference leads into the schema that
/// refuses.
pub(super) fn place(
    failures: &[Failure],
    differences: &[Difference],
    entered_is_new: bool,
) -> Option<WitnessPlace> {
    // A difference that hurts explains better than one that does not, and a near one better than one around it.
    let mut best: Option<((bool, usize), &Failure, usize)> = None;
    for failure in failures {
        for (index, difference) in differences.iter().enumerate() {
            let (here, other) = if entered_is_new {
                (&difference.new_pointer, &difference.old_pointer)
            } else {
                (&difference.old_pointer, &difference.new_pointer)
            };
            // A keyword that is gone on this side is looked for where it was on the other.
            let Some(pointer) = here.as_ref().or(other.as_ref()) else {
                continue;
            };
            let hurts = if entered_is_new {
                difference.hurts.old_data
            } else {
                difference.hurts.old_readers
            };
            let Some(near) = nearness(&failure.schema_pointer, pointer) else {
                continue;
            };
            let score = (hurts, near);
            if best.is_none_or(|(known, ..)| score > known) {
                best = Some((score, failure, index));
            }
        }
    }
    let (failure, difference) = match best {
        Some((_, failure, index)) => (failure, Some(index)),
        None => (failures.first()?, None),
    };
    Some(WitnessPlace {
        refused_by: if entered_is_new { "new" } else { "old" },
        pointer: failure.pointer.clone(),
        instance_pointer: failure.instance_pointer.clone(),
        schema_pointer: failure.schema_pointer.clone(),
        keyword: failure.keyword.clone(),
        message: failure.message.clone(),
        difference,
    })
}

/// How many segments a keyword and the place of a difference share, where one is at or inside the other.
fn nearness(keyword: &str, difference: &str) -> Option<usize> {
    let mut shared = 1;
    let (mut one, mut other) = (keyword.split('/').skip(1), difference.split('/').skip(1));
    loop {
        match (one.next(), other.next()) {
            (Some(a), Some(b)) if a == b => shared += 2,
            // The keyword stands beside or inside what changed, or around it.
            (None, None) => return Some(shared + 1),
            (Some(_), None) | (None, Some(_)) => return Some(shared),
            // Both are keywords of one schema: what changed there is the best that can be named.
            (Some(_), Some(_)) => {
                return (one.next().is_none() || other.next().is_none())
                    .then_some(shared.saturating_sub(1));
            }
        }
    }
}
