//! `allOf`, `anyOf`, `oneOf`, `not` and `if`.

use std::collections::HashMap;

use super::walk::{Object, Pair, Walk, brief, fingerprint};
use crate::text::{Value, pointer};

/// Most branches of one keyword that are matched.
const BRANCHES: usize = 1_000;

/// Everything that combines schemas for one place.
pub(super) fn all<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let list =
            |schema: &'_ Object| -> Option<Vec<Value>> { schema.get(keyword)?.as_array().cloned() };
        match (list(old), list(new)) {
            (None, None) => {}
            (Some(was), Some(is)) => branches(walk, pair, keyword, &was, &is),
            (Some(was), None) => {
                let message = format!("`{keyword}` with {} branches is gone.", was.len());
                walk.note_keyword(pair, "combinator_removed", keyword, message);
            }
            (None, Some(is)) => {
                let message = format!("`{keyword}` with {} branches is new.", is.len());
                walk.note_keyword(pair, "combinator_added", keyword, message);
            }
        }
    }
    // What narrows inside a negation or a condition widens outside: only that it changed can be said here.
    for (keyword, rule) in [
        ("not", "negation_changed"),
        ("if", "condition_changed"),
        ("then", "condition_changed"),
        ("else", "condition_changed"),
    ] {
        let (was, is) = (old.get(keyword), new.get(keyword));
        if was.map(fingerprint) == is.map(fingerprint) {
            // The same text may refer to a definition that changed.
            let at = pointer::join("", keyword);
            if was.is_some() {
                walk.descend(pair, &at, &at);
            }
            continue;
        }
        let message = match (was, is) {
            (Some(was), Some(is)) => {
                format!("`{keyword}` was {}, now it is {}.", brief(was), brief(is))
            }
            (Some(was), None) => format!("`{keyword}` was {}, now it is gone.", brief(was)),
            (None, _) => format!("`{keyword}` is new."),
        };
        walk.note_keyword(pair, rule, keyword, message);
    }
}

/// Pairs the branches that say the same, then those that are about the same, then the rest in order.
fn branches<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    keyword: &str,
    was: &[Value],
    is: &[Value],
) {
    let mut matched: Vec<Option<usize>> = vec![None; was.len().min(BRANCHES)];
    let mut taken = vec![false; is.len().min(BRANCHES)];
    for key in [fingerprint as fn(&Value) -> String, subject] {
        let mut open: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, branch) in is.iter().enumerate().take(taken.len()).rev() {
            if taken.get(index) == Some(&false) {
                open.entry(key(branch)).or_default().push(index);
            }
        }
        for (place, branch) in matched.iter_mut().zip(was) {
            if place.is_some() {
                continue;
            }
            let subject = key(branch);
            if subject.is_empty() {
                continue;
            }
            if let Some(index) = open.get_mut(&subject).and_then(Vec::pop) {
                *place = Some(index);
                if let Some(taken) = taken.get_mut(index) {
                    *taken = true;
                }
            }
        }
    }
    let mut left = (0..taken.len()).filter(|index| taken.get(*index) == Some(&false));
    let mut rest: Vec<usize> = left.by_ref().collect();
    rest.reverse();
    for (index, place) in matched.iter().enumerate() {
        let old = pointer::from_segments([keyword, &index.to_string()]);
        match place.or_else(|| rest.pop()) {
            Some(new) => walk.descend(
                pair,
                &old,
                &pointer::from_segments([keyword, &new.to_string()]),
            ),
            None => {
                let words = was.get(index).map(brief).unwrap_or_default();
                let message = format!("The branch {words} of `{keyword}` is gone.");
                walk.note(
                    pair,
                    "combinator_branch_removed",
                    (Some(&old), Some("")),
                    message,
                );
            }
        }
    }
    for index in rest.into_iter().rev() {
        let new = pointer::from_segments([keyword, &index.to_string()]);
        let words = is.get(index).map(brief).unwrap_or_default();
        let message = format!("The branch {words} of `{keyword}` is new.");
        walk.note(
            pair,
            "combinator_branch_added",
            (Some(""), Some(&new)),
            message,
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
    let tags: Vec<String> = object
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, schema)| Some(format!("{name}={}", schema.get("const")?)))
        .collect();
    if !tags.is_empty() {
        return format!("tags {}", tags.join(","));
    }
    object
        .get("type")
        .map(|kind| format!("type {kind}"))
        .unwrap_or_default()
}
