//! `allOf`, `anyOf`, `oneOf`, `not` and `if`.

use std::collections::{BTreeSet, HashMap};

use super::{
    Rule,
    rules::{self, Subject},
    scalars,
    values::{brief, shape},
    walk::{Object, Pair, Step, Walk},
};
use crate::compatibility::keywords;
use crate::text::{Value, pointer};

/// Most branches of one keyword that are matched.
const BRANCHES: usize = 1_000;

/// Most branches that are compared with one another for values that tell them apart.
const TOLD_APART: usize = 200;

const KEYWORDS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// How a list of branches reads.
#[derive(Clone, Copy)]
struct Reading {
    added: &'static Rule,
    removed: &'static Rule,
    step: Step,
}

const ALL: Reading = Reading {
    added: &rules::ALL_OF_BRANCH_ADDED,
    removed: &rules::ALL_OF_BRANCH_REMOVED,
    step: Step::InPlace,
};
const ANY: Reading = Reading {
    added: &rules::ANY_OF_BRANCH_ADDED,
    removed: &rules::ANY_OF_BRANCH_REMOVED,
    step: Step::InPlace,
};
const ONE: Reading = Reading {
    added: &rules::ONE_OF_BRANCH_ADDED,
    removed: &rules::ONE_OF_BRANCH_REMOVED,
    step: Step::Unclear,
};

fn branches_of<'a>(schema: &'a Value, keyword: &str) -> Option<&'a [Value]> {
    schema.get(keyword)?.as_array().map(Vec::as_slice)
}

/// A list of branches and where it stands; the schema itself is a list of one.
#[derive(Clone, Copy)]
struct List<'a> {
    branches: &'a [Value],
    keyword: Option<&'static str>,
}

impl<'a> List<'a> {
    fn of(schema: &'a Value, keyword: &'static str) -> Option<Self> {
        Some(Self {
            branches: branches_of(schema, keyword)?,
            keyword: Some(keyword),
        })
    }

    fn whole(schema: &'a Value) -> Self {
        Self {
            branches: std::slice::from_ref(schema),
            keyword: None,
        }
    }

    fn steps(&self, index: usize) -> String {
        self.keyword.map_or_else(String::new, |keyword| {
            pointer::from_segments([keyword, &index.to_string()])
        })
    }
}

/// Everything that combines schemas for one place.
pub(super) fn all<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    let list = |schema: &Object, value: &'a Value, keyword: &'static str| {
        // Up to draft-07 a schema that refers says nothing beside.
        schema.get(keyword)?;
        List::of(value, keyword)
    };
    let (old_any, old_one) = (old.contains_key("anyOf"), old.contains_key("oneOf"));
    let (new_any, new_one) = (new.contains_key("anyOf"), new.contains_key("oneOf"));
    let exchanged = (old_any != old_one) && (new_any != new_one) && old_any == new_one;
    for keyword in KEYWORDS {
        if exchanged && keyword != "allOf" {
            continue;
        }
        match (
            list(old, pair.old.value, keyword),
            list(new, pair.new.value, keyword),
        ) {
            (None, None) => {}
            (Some(was), Some(is)) => {
                let reading = match keyword {
                    "allOf" => ALL,
                    "anyOf" => ANY,
                    _ => one_of(walk, pair, was, is),
                };
                branches(walk, pair, keyword, (was, is), reading);
            }
            (Some(was), None) => {
                let message = format!("`{keyword}` with {} branches is gone.", was.branches.len());
                walk.note_change(pair, &rules::COMBINATOR_REMOVED, keyword, message);
            }
            (None, Some(is)) => {
                let message = format!("`{keyword}` with {} branches is new.", is.branches.len());
                walk.note_change(pair, &rules::COMBINATOR_ADDED, keyword, message);
            }
        }
    }
    if exchanged {
        exchange(walk, pair, old_any);
    }
    negation(walk, pair, old, new);
    condition(walk, pair, old, new);
}

/// `anyOf` became `oneOf`, or the other way round. Where the branches exclude each other it is the same.
fn exchange<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, tightened: bool) {
    let (from, to) = if tightened {
        ("anyOf", "oneOf")
    } else {
        ("oneOf", "anyOf")
    };
    let (Some(was), Some(is)) = (List::of(pair.old.value, from), List::of(pair.new.value, to))
    else {
        return;
    };
    let exclusive = if tightened {
        told_apart(walk, pair, is, true)
    } else {
        told_apart(walk, pair, was, false)
    };
    if !exclusive && was.branches.len().max(is.branches.len()) > 1 {
        let (rule, keyword) = if tightened {
            (&rules::COMBINATOR_TIGHTENED, "oneOf")
        } else {
            (&rules::COMBINATOR_LOOSENED, "anyOf")
        };
        let at_old = pointer::join("", from);
        let at_new = pointer::join("", to);
        walk.note(
            pair,
            rule,
            (Some(&at_old), Some(&at_new)),
            &Subject::new(keyword, pair.old.value.get(from), pair.new.value.get(to)),
            format!("`{from}` became `{to}`."),
        );
    }
    // Every branch is an alternative on both sides; what overlaps has been said.
    branches(walk, pair, to, (was, is), ANY);
}

/// `not`: what narrows inside widens outside.
fn negation<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    match (old.get("not"), new.get("not")) {
        (None, None) => {}
        (Some(_), Some(_)) => walk.descend(pair, Step::Negated, "/not", "/not"),
        (Some(was), None) => {
            let message = format!("`not` was {}, now it is gone.", brief(was));
            walk.note_change(pair, &rules::NEGATION_REMOVED, "not", message);
        }
        (None, Some(is)) => {
            let message = format!("`not` is new: {} is refused.", brief(is));
            walk.note_change(pair, &rules::NEGATION_ADDED, "not", message);
        }
    }
}

/// `if`, `then` and `else`; the latter two say nothing without the first.
fn condition<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    let gone =
        |keyword: &str, was: &Value| format!("`{keyword}` was {}, now it is gone.", brief(was));
    let come = |keyword: &str, is: &Value| format!("`{keyword}` is new: {}.", brief(is));
    let asks = |schema: &Object| schema.contains_key("then") || schema.contains_key("else");
    match (old.get("if"), new.get("if")) {
        (None, None) => return,
        (Some(was), None) => {
            if asks(old) || pair.context.unevaluated {
                let message = gone("if", was);
                walk.note_change(pair, &rules::CONDITION_REMOVED, "if", message);
            }
            return;
        }
        (None, Some(is)) => {
            if asks(new) || pair.context.unevaluated {
                let message = come("if", is);
                walk.note_change(pair, &rules::CONDITION_ADDED, "if", message);
            }
            return;
        }
        (Some(was), Some(is)) => {
            if shape(was) == shape(is) {
                // The same text may refer to a definition that changed or was renamed.
                walk.descend(pair, Step::Unclear, "/if", "/if");
            } else {
                let message = format!("`if` was {}, now it is {}.", brief(was), brief(is));
                walk.note_change(pair, &rules::CONDITION_CHANGED, "if", message);
            }
        }
    }
    for keyword in ["then", "else"] {
        match (old.get(keyword), new.get(keyword)) {
            (None, None) => {}
            (Some(_), Some(_)) => {
                let at = pointer::join("", keyword);
                walk.descend(pair, Step::InPlace, &at, &at);
            }
            (Some(was), None) => {
                let message = gone(keyword, was);
                walk.note_change(pair, &rules::CONDITION_REMOVED, keyword, message);
            }
            (None, Some(is)) => {
                let message = come(keyword, is);
                walk.note_change(pair, &rules::CONDITION_ADDED, keyword, message);
            }
        }
    }
}

/// The keyword of a schema that says nothing else.
fn sole_combinator(schema: &Value) -> Option<&'static str> {
    let object = schema.as_object()?;
    let keyword = KEYWORDS
        .into_iter()
        .find(|keyword| object.contains_key(*keyword))?;
    let alone = object.keys().all(|name| {
        name == keyword
            || ["$schema", "$id", "$defs", "definitions"].contains(&name.as_str())
            || keywords::ANNOTATIONS.contains(&name.as_str())
    });
    (alone && branches_of(schema, keyword).is_some_and(|branches| !branches.is_empty()))
        .then_some(keyword)
}

/// Whether one side only combines branches, of which the other may be one.
pub(super) fn wraps(pair: &Pair<'_>) -> bool {
    wrapping(pair).is_some()
}

fn wrapping(pair: &Pair<'_>) -> Option<(Option<&'static str>, Option<&'static str>)> {
    let (old, new) = (pair.old.value, pair.new.value);
    let says = |schema: &Value| {
        schema.as_object().is_some_and(|object| {
            !object.is_empty() && !KEYWORDS.iter().any(|keyword| object.contains_key(*keyword))
        })
    };
    match (sole_combinator(old), sole_combinator(new)) {
        (Some(keyword), None) if says(new) => Some((Some(keyword), None)),
        (None, Some(keyword)) if says(old) => Some((None, Some(keyword))),
        _ => None,
    }
}

/// A schema that became a branch of a combinator, or a branch that became the schema: compared as a list of one.
pub(super) fn wrapped<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>) -> bool {
    let Some((old, new)) = wrapping(pair) else {
        return false;
    };
    let whole = |schema: &'a Value, keyword: Option<&'static str>| match keyword {
        Some(keyword) => List::of(schema, keyword),
        None => Some(List::whole(schema)),
    };
    let (Some(was), Some(is), Some(keyword)) = (
        whole(pair.old.value, old),
        whole(pair.new.value, new),
        old.or(new),
    ) else {
        return false;
    };
    let reading = match keyword {
        "allOf" => ALL,
        "anyOf" => ANY,
        _ => one_of(walk, pair, was, is),
    };
    branches(walk, pair, keyword, (was, is), reading);
    true
}

/// `oneOf` reads as `anyOf` where its branches exclude each other on both sides.
fn one_of<'a>(walk: &Walk<'_, 'a>, pair: &Pair<'a>, was: List<'a>, is: List<'a>) -> Reading {
    if told_apart(walk, pair, was, false) && told_apart(walk, pair, is, true) {
        ANY
    } else {
        ONE
    }
}

/// What one branch accepts, as far as it tells branches apart: types, and the texts that a required property may hold.
struct Told<'a> {
    types: BTreeSet<&'a str>,
    values: Option<Vec<&'a Value>>,
    tags: HashMap<&'a str, Vec<&'a Value>>,
}

/// Whether no value matches two of the branches, as types and constants of required properties show it.
fn told_apart<'a>(walk: &Walk<'_, 'a>, pair: &Pair<'a>, list: List<'a>, new: bool) -> bool {
    if list.branches.len() < 2 {
        return true;
    }
    if list.branches.len() > TOLD_APART {
        return false;
    }
    let (documents, node) = if new {
        (walk.new, &pair.new)
    } else {
        (walk.old, &pair.old)
    };
    let mut told: Vec<Told<'a>> = Vec::with_capacity(list.branches.len());
    for index in 0..list.branches.len() {
        let Some(object) = walk.followed(documents, node, &list.steps(index)) else {
            return false;
        };
        told.push(tell(object));
    }
    told.iter().enumerate().all(|(index, a)| {
        told.iter().skip(index + 1).all(|b| {
            if let (Some(values), Some(others)) = (&a.values, &b.values)
                && disjoint(values, others)
            {
                return true;
            }
            let shared: Vec<&str> = a.types.intersection(&b.types).copied().collect();
            match shared.as_slice() {
                [] => true,
                ["object"] => a.tags.iter().any(|(name, values)| {
                    b.tags
                        .get(name)
                        .is_some_and(|others| disjoint(values, others))
                }),
                _ => false,
            }
        })
    })
}

fn disjoint(values: &[&Value], others: &[&Value]) -> bool {
    values.iter().all(|value| {
        others
            .iter()
            .all(|other| !scalars::same_value(value, other))
    })
}

/// Most values of a branch or a tag that are compared.
const FEW: usize = 16;

fn few(schema: &Object) -> Option<Vec<&Value>> {
    let (_, values) = scalars::listed(schema)?;
    (values.len() <= FEW).then_some(values)
}

fn tell(object: &Object) -> Told<'_> {
    let mut tags = HashMap::new();
    let required = object.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        let property = object.get("properties").and_then(|map| map.get(name));
        let values = property.and_then(Value::as_object).and_then(few);
        if let Some(values) = values {
            tags.insert(name, values);
        }
    }
    Told {
        types: scalars::type_set(object),
        values: few(object),
        tags,
    }
}

/// Pairs the branches that say the same, then those that are about the same, then the rest in order.
fn branches<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    keyword: &str,
    (was, is): (List<'a>, List<'a>),
    reading: Reading,
) {
    let (olds, news) = (was.branches.len(), is.branches.len());
    if olds > BRANCHES || news > BRANCHES {
        walk.cut();
    }
    let mut matched: Vec<Option<usize>> = vec![None; olds.min(BRANCHES)];
    let mut taken = vec![false; news.min(BRANCHES)];
    // At the same place the same text: what most branches are, told without writing any.
    for (index, (place, taken)) in matched.iter_mut().zip(&mut taken).enumerate() {
        if was.branches.get(index) == is.branches.get(index) {
            *place = Some(index);
            *taken = true;
        }
    }
    for pass in 0..3 {
        if matched.iter().all(Option::is_some) || taken.iter().all(|taken| *taken) {
            break;
        }
        let key = |walk: &Walk<'_, 'a>, new: bool, index: usize| -> String {
            let (list, documents, node) = if new {
                (is, walk.new, &pair.new)
            } else {
                (was, walk.old, &pair.old)
            };
            match pass {
                0 => walk.said(documents, node, &list.steps(index), false),
                1 => walk.said(documents, node, &list.steps(index), true),
                _ => list.branches.get(index).map(subject).unwrap_or_default(),
            }
        };
        let mut open: HashMap<String, Vec<usize>> = HashMap::new();
        for index in (0..taken.len()).rev() {
            if taken.get(index) == Some(&false) {
                open.entry(key(walk, true, index)).or_default().push(index);
            }
        }
        for (old_index, place) in matched.iter_mut().enumerate() {
            if place.is_some() {
                continue;
            }
            let key = key(walk, false, old_index);
            if key.is_empty() {
                continue;
            }
            if let Some(index) = open.get_mut(&key).and_then(Vec::pop) {
                *place = Some(index);
                if let Some(taken) = taken.get_mut(index) {
                    *taken = true;
                }
            }
        }
    }
    // The rest in order, as long as there is a type that both let through.
    let mut rest: Vec<usize> = (0..taken.len())
        .filter(|index| taken.get(*index) == Some(&false))
        .collect();
    for (old_index, place) in matched.iter_mut().enumerate() {
        if place.is_some() {
            continue;
        }
        let fits = |index: &usize| {
            let object =
                |list: List<'a>, index: usize| list.branches.get(index).and_then(Value::as_object);
            match (object(was, old_index), object(is, *index)) {
                (Some(old), Some(new)) => scalars::share_a_type(old, new),
                _ => true,
            }
        };
        if let Some(position) = rest.iter().position(fits) {
            *place = Some(rest.remove(position));
        }
    }
    for (index, place) in matched.into_iter().enumerate() {
        let old = was.steps(index);
        match place {
            Some(new) => walk.descend(pair, reading.step, &old, &is.steps(new)),
            None => {
                let branch = was.branches.get(index);
                let words = branch.map(brief).unwrap_or_default();
                walk.note(
                    pair,
                    reading.removed,
                    (Some(&old), Some("")),
                    &Subject::new(keyword, branch, None),
                    format!("The branch {words} of `{keyword}` is gone."),
                );
            }
        }
    }
    for index in rest {
        let new = is.steps(index);
        let branch = is.branches.get(index);
        let words = branch.map(brief).unwrap_or_default();
        walk.note(
            pair,
            reading.added,
            (Some(""), Some(&new)),
            &Subject::new(keyword, None, branch),
            format!("The branch {words} of `{keyword}` is new."),
        );
    }
}

/// What a branch is about, as far as one can tell: its reference, its title, the constants that tell it apart, its type.
/// Empty when there is nothing to tell.
fn subject(branch: &Value) -> String {
    let Some(object) = branch.as_object() else {
        return String::new();
    };
    if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
        return format!("ref {reference}");
    }
    if let Some(title) = object.get("title").and_then(Value::as_str) {
        return format!("title {title}");
    }
    let mut tags: Vec<String> = object
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, schema)| Some(format!("{name}={}", schema.get("const")?)))
        .collect();
    if !tags.is_empty() {
        tags.sort_unstable();
        return format!("tags {}", tags.join(","));
    }
    object
        .get("type")
        .map(|kind| format!("type {kind}"))
        .unwrap_or_default()
}
