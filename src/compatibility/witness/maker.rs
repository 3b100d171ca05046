//! Values made to satisfy one conjunction of subschemas and to stand at the edges of another.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
};

use jsonschema::Validator;
use serde_json::json;

use super::{
    super::documents::{Documents, Node},
    agreement::Agreement,
    scalars,
    shape::{self, KINDS, Kind},
};
use crate::text::{Map, Value};

/// A subschema of one of the sides.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    pub node: Node<'a>,
    /// Index into the documents.
    pub side: usize,
}

/// What tells subschemas apart: where they are in memory.
pub(super) fn address(part: &Part<'_>) -> usize {
    std::ptr::from_ref(part.node.value).addr()
}

pub(super) type Object = Map<String, Value>;

/// Most values (scalars and containers) inside a value that is made for a place below the root.
const WEIGHT: u64 = 1_500;
/// Values inside values that one maker may put together, for each step it has.
const WEIGHT_PER_STEP: u64 = 200;

/// Makes values. `steps` bounds the work over its lifetime, `depth` the containers inside one another.
pub(super) struct Maker<'d, 'a> {
    pub(super) documents: &'d [Documents<'a>],
    steps: Cell<u32>,
    weight: Cell<u64>,
    depth: usize,
    /// Whether the limits cut something off.
    cut: Cell<bool>,
    agreement: Agreement,
    matchers: RefCell<HashMap<String, Option<Validator>>>,
}

impl<'d, 'a> Maker<'d, 'a> {
    pub(super) fn new(documents: &'d [Documents<'a>], steps: u32, depth: usize) -> Self {
        Self {
            documents,
            steps: Cell::new(steps),
            weight: Cell::new(u64::from(steps) * WEIGHT_PER_STEP),
            depth,
            cut: Cell::new(false),
            agreement: Agreement::default(),
            matchers: RefCell::default(),
        }
    }

    /// Whether a maker with more steps or more depth would make nothing else.
    pub(super) fn exhausted(&self) -> bool {
        !self.cut.get()
    }

    /// Values that probably satisfy all of `must`, the plainest first, chosen with an eye on `hints`.
    pub(super) fn make(&self, must: &[Part<'a>], hints: &[Part<'a>], depth: usize) -> Vec<Value> {
        if depth > self.depth {
            self.cut.set(true);
            return Vec::new();
        }
        let free = |parts: &[Part<'a>]| {
            parts.iter().all(|part| {
                part.node.value.as_object().is_some_and(Map::is_empty)
                    || part.node.value == &Value::Bool(true)
            })
        };
        if free(must) && free(hints) {
            return vec![json!(null), json!(0), json!("a"), json!({}), json!([])];
        }
        // Where the sides agree one value is as good as another.
        let settled = hints.is_empty() || (depth > 0 && self.agree(must, hints));
        let cap = match (settled, depth) {
            (true, _) => 3,
            (false, 0) => 3_000,
            (false, 1) => 300,
            (false, 2) => 120,
            (false, 3) => 60,
            (false, _) => 30,
        };
        let edges = if settled {
            Vec::new()
        } else {
            shape::everything(self.documents, hints)
        };
        let mut ways = shape::alternatives(self.documents, must);
        if settled {
            ways.truncate(2);
        } else {
            // To break a negation, a branch or a condition, first meet it.
            for edge in edges.iter().skip(hints.len()).take(12) {
                let mut narrowed = must.to_vec();
                narrowed.push(edge.clone());
                let mut more = shape::alternatives(self.documents, &narrowed);
                more.truncate(2);
                ways.extend(more);
            }
        }
        let lists = ways
            .iter()
            .map(|way| self.values(way, &edges, depth, cap))
            .collect();
        let mut made = distinct(interleave(lists), cap);
        if depth > 0 {
            made.retain(|value| weight(value) <= WEIGHT);
        }
        made
    }

    /// Whether the two conjunctions say the same, annotations aside; when in doubt, no.
    pub(super) fn agree(&self, must: &[Part<'a>], hints: &[Part<'a>]) -> bool {
        self.agreement.agree(self.documents, must, hints)
    }

    /// Pays for putting a value of that weight together; `false` when the budget does not allow it.
    pub(super) fn pay(&self, weight: u64) -> bool {
        match self.weight.get().checked_sub(weight) {
            Some(left) => {
                self.weight.set(left);
                true
            }
            None => {
                self.cut.set(true);
                false
            }
        }
    }

    /// Whether the regular expression is found in the name.
    pub(super) fn matches(&self, expression: &str, name: &str) -> bool {
        self.matchers
            .borrow_mut()
            .entry(expression.to_owned())
            .or_insert_with(|| {
                jsonschema::options()
                    .with_pattern_options(
                        jsonschema::PatternOptions::fancy_regex().backtrack_limit(10_000),
                    )
                    .build(&json!({"pattern": expression}))
                    .ok()
            })
            .as_ref()
            .is_some_and(|validator| validator.is_valid(&Value::String(name.to_owned())))
    }

    fn values(&self, way: &[Part<'a>], edges: &[Part<'a>], depth: usize, cap: usize) -> Vec<Value> {
        // A large conjunction is more work than a small one.
        let price = u32::try_from(1 + (way.len() + edges.len()) / 8).unwrap_or(u32::MAX);
        match self.steps.get().checked_sub(price) {
            Some(steps) => self.steps.set(steps),
            None => {
                self.cut.set(true);
                return Vec::new();
            }
        }
        let must = objects(way);
        let hints = objects(edges);
        if let Some(fixed) = fixed_values(&must, &hints) {
            return fixed.into_iter().take(cap).cloned().collect();
        }
        let allowed = |kind: Kind| must.iter().all(|schema| shape::allows(schema, kind));
        let mut lists = Vec::new();
        for kind in KINDS {
            if !allowed(kind) {
                continue;
            }
            lists.push(match kind {
                Kind::Null => vec![Value::Null],
                Kind::Boolean => vec![json!(true), json!(false)],
                Kind::Integer => scalars::numbers(&must, &hints, true),
                Kind::Fraction => {
                    let mut numbers = scalars::numbers(&must, &hints, false);
                    numbers.retain(|number| shape::kind(number) == Kind::Fraction);
                    numbers
                }
                Kind::String => scalars::strings(&must, &hints)
                    .into_iter()
                    .map(Value::String)
                    .collect(),
                Kind::Array => self.arrays(way, edges, depth, cap),
                Kind::Object => self.objects(way, edges, depth, cap),
            });
        }
        let mut named: Vec<Value> = Vec::new();
        for schema in must.iter().chain(&hints) {
            named.extend(schema.get("const").cloned());
            named.extend(schema.get("default").cloned());
            for keyword in ["enum", "examples"] {
                let list = schema.get(keyword).and_then(Value::as_array);
                named.extend(list.into_iter().flatten().take(24).cloned());
            }
        }
        named.retain(|value| allowed(shape::kind(value)));
        lists.push(named);
        interleave(lists)
    }
}

/// The parts that are objects; the others are `true` or `false`.
pub(super) fn objects<'p>(parts: &'p [Part<'_>]) -> Vec<&'p Object> {
    parts
        .iter()
        .filter_map(|part| part.node.value.as_object())
        .collect()
}

/// The values that `enum` and `const` leave, those that a hint does not list first; `None` without such a keyword.
fn fixed_values<'s>(must: &[&'s Object], hints: &[&Object]) -> Option<Vec<&'s Value>> {
    fn listed<'s>(schema: &&'s Object) -> Option<&'s [Value]> {
        match (schema.get("const"), schema.get("enum")) {
            (Some(value), _) => Some(std::slice::from_ref(value)),
            (None, Some(Value::Array(values))) => Some(values),
            _ => None,
        }
    }
    let texts = |list: &[Value]| list.iter().map(Value::to_string).collect::<HashSet<_>>();
    let mut lists = must.iter().filter_map(listed);
    let first = lists.next()?;
    let others: Vec<_> = lists.map(texts).collect();
    let allowed: Vec<_> = hints.iter().filter_map(listed).map(texts).collect();
    let mut left: Vec<(bool, &Value)> = first
        .iter()
        .filter(|value| {
            must.iter()
                .all(|schema| shape::allows(schema, shape::kind(value)))
        })
        .filter_map(|value| {
            let text = value.to_string();
            others
                .iter()
                .all(|list| list.contains(&text))
                .then(|| (allowed.iter().all(|list| list.contains(&text)), value))
        })
        .collect();
    left.sort_by_key(|(is_allowed, _)| *is_allowed);
    Some(left.into_iter().map(|(_, value)| value).collect())
}

/// One of each list, then another of each, until all are empty.
pub(super) fn interleave<T>(lists: Vec<Vec<T>>) -> Vec<T> {
    let mut rest: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    let mut out = Vec::new();
    loop {
        let before = out.len();
        out.extend(rest.iter_mut().filter_map(Iterator::next));
        if out.len() == before {
            return out;
        }
    }
}

/// The first `cap` different values.
pub(super) fn distinct(values: Vec<Value>, cap: usize) -> Vec<Value> {
    let mut seen = HashSet::new();
    values
        .into_iter()
        .filter(|value| seen.insert(value.to_string()))
        .take(cap)
        .collect()
}

/// The parts, each once.
pub(super) fn different(mut parts: Vec<Part<'_>>) -> Vec<Part<'_>> {
    let mut seen = HashSet::new();
    parts.retain(|part| seen.insert(address(part)));
    parts
}

/// Scalars and containers in a value, itself included.
pub(super) fn weight(value: &Value) -> u64 {
    match value {
        Value::Array(items) => 1 + items.iter().map(weight).sum::<u64>(),
        Value::Object(members) => 1 + members.values().map(weight).sum::<u64>(),
        _ => 1,
    }
}
