//! A conjunction of subschemas, read for making values: its alternatives, and what each says about one kind of value.

use std::collections::HashSet;

use crate::text::{Map, Value};

use super::super::documents::Documents;
use super::maker::{Part, address};

/// Most alternatives one conjunction is split into.
const ALTERNATIVES: usize = 12;
/// Most subschemas of one alternative.
const PARTS: usize = 96;

/// The ways to satisfy all `parts`: `$ref` and `allOf` join, `anyOf`, `oneOf` and `if` fork. Every part of an alternative
/// stands on its own; in-place applicators that are still in it have been dealt with.
pub(super) fn alternatives<'a>(
    documents: &[Documents<'a>],
    parts: &[Part<'a>],
) -> Vec<Vec<Part<'a>>> {
    struct Fork<'a> {
        done: Vec<Part<'a>>,
        todo: Vec<Part<'a>>,
        seen: HashSet<usize>,
    }
    let mut forks = vec![Fork {
        done: Vec::new(),
        todo: parts.iter().rev().cloned().collect(),
        seen: HashSet::new(),
    }];
    let mut finished = Vec::new();
    while let Some(mut fork) = forks.pop() {
        let Some(part) = fork.todo.pop() else {
            finished.push(fork.done);
            if finished.len() >= ALTERNATIVES {
                break;
            }
            continue;
        };
        if !fork.seen.insert(address(&part)) || fork.done.len() >= PARTS {
            forks.push(fork);
            continue;
        }
        if part.node.value == &Value::Bool(false) {
            continue;
        }
        let step = InPlace::of(documents, &part);
        fork.todo.extend(step.all.into_iter().rev());
        if !step.only_reference {
            fork.done.push(part);
        }
        // One choice at a time; the part's other choices are taken up by the branches.
        let mut pending = vec![fork];
        for choice in step.choices {
            let mut next = Vec::new();
            for fork in &pending {
                for branch in &choice {
                    if next.len() >= ALTERNATIVES * 2 {
                        break;
                    }
                    let mut todo = fork.todo.clone();
                    todo.extend(branch.iter().cloned());
                    next.push(Fork {
                        done: fork.done.clone(),
                        todo,
                        seen: fork.seen.clone(),
                    });
                }
            }
            pending = next;
        }
        forks.extend(pending.into_iter().rev());
        forks.truncate(ALTERNATIVES * 4);
    }
    finished
}

/// Every subschema that speaks about the same value, whatever its sense: branches, negations and conditions included.
pub(super) fn everything<'a>(documents: &[Documents<'a>], parts: &[Part<'a>]) -> Vec<Part<'a>> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut todo: Vec<Part<'a>> = parts.iter().rev().cloned().collect();
    while let Some(part) = todo.pop() {
        if !seen.insert(address(&part)) || found.len() >= PARTS {
            continue;
        }
        let step = InPlace::of(documents, &part);
        todo.extend(step.asides);
        todo.extend(step.choices.into_iter().flatten().flatten());
        todo.extend(step.all);
        found.push(part);
    }
    found
}

/// What a subschema says in place: about the same value.
struct InPlace<'a> {
    /// `$ref` replaces everything beside it: up to draft-07.
    only_reference: bool,
    /// Holds as well.
    all: Vec<Part<'a>>,
    /// For each, one branch must hold; a branch is a conjunction.
    choices: Vec<Vec<Vec<Part<'a>>>>,
    /// Says something about the value without having to hold: negations.
    asides: Vec<Part<'a>>,
}

impl<'a> InPlace<'a> {
    fn of(documents: &[Documents<'a>], part: &Part<'a>) -> Self {
        let mut step = Self {
            only_reference: false,
            all: Vec::new(),
            choices: Vec::new(),
            asides: Vec::new(),
        };
        let (Some(documents), Some(object)) =
            (documents.get(part.side), part.node.value.as_object())
        else {
            return step;
        };
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            if let Some(reference) = object.get(keyword).and_then(Value::as_str) {
                step.all
                    .extend(documents.resolve(&part.node, reference).map(|node| Part {
                        node,
                        side: part.side,
                    }));
                if keyword == "$ref" && !documents.siblings_count() {
                    step.only_reference = true;
                    return step;
                }
            }
        }
        let children = |steps: &[&str]| child_of(documents, part, steps);
        let list = |keyword: &str| -> Vec<Part<'a>> {
            let length = object
                .get(keyword)
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            (0..length.min(ALTERNATIVES * 4))
                .filter_map(|index| children(&[keyword, &index.to_string()]))
                .collect()
        };
        step.all.extend(list("allOf"));
        for keyword in ["anyOf", "oneOf"] {
            if object.contains_key(keyword) {
                step.choices
                    .push(list(keyword).into_iter().map(|part| vec![part]).collect());
            }
        }
        if let Some(condition) = children(&["if"]) {
            let mut met = vec![condition];
            met.extend(children(&["then"]));
            let unmet = children(&["else"]).into_iter().collect();
            step.choices.push(vec![met, unmet]);
        }
        step.asides.extend(children(&["not"]));
        for keyword in ["dependentSchemas", "dependencies"] {
            let names: Vec<&String> = object
                .get(keyword)
                .and_then(Value::as_object)
                .map(|map| map.keys().take(PARTS).collect())
                .unwrap_or_default();
            for name in names {
                step.asides.extend(children(&[keyword, name]));
            }
        }
        step.asides
            .retain(|part| part.node.value.is_object() || part.node.value.is_boolean());
        step
    }
}

/// The subschema of `part` under these names.
pub(super) fn child<'a>(
    documents: &[Documents<'a>],
    part: &Part<'a>,
    steps: &[&str],
) -> Option<Part<'a>> {
    child_of(documents.get(part.side)?, part, steps)
}

fn child_of<'a>(documents: &Documents<'a>, part: &Part<'a>, steps: &[&str]) -> Option<Part<'a>> {
    let node = documents.inside(&part.node, steps.iter().copied())?;
    Some(Part {
        node,
        side: part.side,
    })
}

/// The kinds of JSON value, `integer` apart from other numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    String,
    Integer,
    Fraction,
    Boolean,
    Null,
}

pub(super) const KINDS: [Kind; 7] = [
    Kind::Object,
    Kind::Array,
    Kind::String,
    Kind::Integer,
    Kind::Fraction,
    Kind::Boolean,
    Kind::Null,
];

/// Whether `type` in `schema` lets values of the kind through.
pub(super) fn allows(schema: &Map<String, Value>, kind: Kind) -> bool {
    let named = |name: &str| match kind {
        Kind::Object => name == "object",
        Kind::Array => name == "array",
        Kind::String => name == "string",
        Kind::Integer => name == "integer" || name == "number",
        Kind::Fraction => name == "number",
        Kind::Boolean => name == "boolean",
        Kind::Null => name == "null",
    };
    match schema.get("type") {
        Some(Value::String(name)) => named(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(named),
        _ => true,
    }
}

/// The kind of a value.
pub(super) fn kind(value: &Value) -> Kind {
    match value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Boolean,
        Value::Number(number) => {
            if number.as_f64().is_some_and(|number| number.fract() == 0.0) {
                Kind::Integer
            } else {
                Kind::Fraction
            }
        }
        Value::String(_) => Kind::String,
        Value::Array(_) => Kind::Array,
        Value::Object(_) => Kind::Object,
    }
}
