//! The search for an artifact that a change breaks.
//!
//! Candidates are made from the bounds, values, names and branches of both schemas, mostly at the places where the two
//! differ, and each is put to the validator: only a confirmed one is ever returned. Finding none proves nothing.

mod agreement;
mod arrays;
mod maker;
mod objects;
mod pattern;
mod scalars;
mod shape;

use std::collections::HashSet;

use jsonschema::{Draft, Validator};
use serde_json::json;

use super::{
    Side,
    documents::Documents,
    place::{self, Failure},
};
use crate::schema::Formats;
use crate::text::{Map, Value};
use maker::{Maker, Part};

/// One pass of the search. Later passes look deeper, and each makes the values of the earlier ones first: most witnesses
/// are found near the surface, where a pass costs little.
struct Pass {
    /// Generation steps, each of which makes the values for one place.
    steps: u32,
    /// Containers inside one another.
    depth: usize,
}

const PASSES: [Pass; 3] = [
    Pass {
        steps: 400,
        depth: 3,
    },
    Pass {
        steps: 2_500,
        depth: 8,
    },
    Pass {
        steps: 6_000,
        depth: 40,
    },
];

/// Candidates that are put to the validators.
const CANDIDATES: usize = 3_000;

/// Validations that shrinking a witness may take.
const SHRINKING: usize = 2_000;

/// An artifact that the first of the documents accepts and the second refuses. Artifacts nest at most `deepest` containers.
/// All passes together take at most `steps` generation steps.
pub(super) fn search(
    documents: &[Documents<'_>; 2],
    judges: &Judges,
    deepest: usize,
    steps: u64,
) -> Option<Value> {
    let [from, to] = documents;
    let from_root = Part {
        node: from.root(),
        side: 0,
    };
    let to_root = Part {
        node: to.root(),
        side: 1,
    };
    let mut seen = HashSet::new();
    let mut left = CANDIDATES;
    let mut steps_left = u32::try_from(steps).unwrap_or(u32::MAX);
    let mut first_witness = |candidates: Vec<Value>| {
        for candidate in candidates {
            if left == 0 {
                return None;
            }
            if depth(&candidate) <= deepest && seen.insert(candidate.to_string()) {
                left -= 1;
                if judges.confirm(&candidate) {
                    return Some(candidate);
                }
            }
        }
        None
    };
    if let Some(found) = first_witness(plain_values()) {
        return Some(shrink(found, judges));
    }
    for pass in &PASSES {
        let granted = pass.steps.min(steps_left);
        steps_left -= granted;
        let maker = Maker::new(documents, granted, pass.depth.min(deepest));
        let found = first_witness(maker.make(
            std::slice::from_ref(&from_root),
            std::slice::from_ref(&to_root),
            0,
        ));
        if let Some(found) = found {
            return Some(shrink(found, judges));
        }
        if maker.exhausted() {
            break;
        }
    }
    None
}

/// Containers inside one another.
pub(super) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// One small value of every kind.
fn plain_values() -> Vec<Value> {
    vec![
        json!({}),
        json!([]),
        json!(""),
        json!(0),
        json!(null),
        json!(true),
        json!(false),
        json!(1),
        json!(-1),
        json!(0.5),
        json!("a"),
        json!([null]),
        json!({"a": null}),
    ]
}

/// The validators of both sides.
pub(super) struct Judges {
    from: Validator,
    to: Validator,
}

impl Judges {
    /// `Err` says why one of the schemas is none for the validator.
    pub(super) fn new(
        from: (&Side<'_>, Draft),
        to: (&Side<'_>, Draft),
        formats: Formats,
    ) -> Result<Self, String> {
        Ok(Self {
            from: from.0.validator(from.1, formats)?,
            to: to.0.validator(to.1, formats)?,
        })
    }

    /// Why the second schema refuses an artifact.
    pub(super) fn failures(&self, artifact: &Value) -> Vec<Failure> {
        place::failures(self.to.iter_errors(artifact))
    }

    pub(super) fn confirm(&self, artifact: &Value) -> bool {
        self.from.is_valid(artifact) && !self.to.is_valid(artifact)
    }
}

/// Takes members and items away, and puts plainer values in, while the rest is still a witness.
pub(super) fn shrink(mut witness: Value, judges: &Judges) -> Value {
    let mut left = SHRINKING;
    loop {
        let smaller = reductions(&witness)
            .into_iter()
            .take_while(|_| {
                left = left.saturating_sub(1);
                left > 0
            })
            .find(|candidate| judges.confirm(candidate));
        match smaller {
            Some(smaller) => witness = smaller,
            None => return witness,
        }
    }
}

/// Values that are smaller than `value` by one step, larger steps first.
fn reductions(value: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    match value {
        Value::Object(object) => {
            for name in object.keys() {
                let mut rest: Map<String, Value> = object.clone();
                rest.shift_remove(name);
                out.push(Value::Object(rest));
            }
            for (name, member) in object {
                for smaller in reductions(member) {
                    let mut changed = object.clone();
                    changed.insert(name.clone(), smaller);
                    out.push(Value::Object(changed));
                }
            }
        }
        Value::Array(list) => {
            for index in (0..list.len()).rev() {
                let mut rest = list.clone();
                rest.remove(index);
                out.push(Value::Array(rest));
            }
            for (index, member) in list.iter().enumerate() {
                for smaller in reductions(member) {
                    let mut changed = list.clone();
                    if let Some(place) = changed.get_mut(index) {
                        *place = smaller;
                    }
                    out.push(Value::Array(changed));
                }
            }
        }
        Value::String(text) if text.chars().count() > 64 => {
            // Halving finds the bound's neighbourhood; exact minimality is not promised.
            let half: String = text.chars().take(text.chars().count() / 2).collect();
            out.push(Value::String(half));
        }
        _ => {}
    }
    out.truncate(SHRINKING);
    out
}
