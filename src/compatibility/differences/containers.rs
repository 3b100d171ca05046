//! Objects and arrays.

use std::collections::BTreeSet;

use crate::text::{Map, Value, pointer};

use super::{
    scalars,
    walk::{Object, Pair, Walk, brief},
};

fn map<'s>(schema: &'s Object, keyword: &str) -> Option<&'s Object> {
    schema.get(keyword).and_then(Value::as_object)
}

fn names(map: Option<&Object>) -> impl Iterator<Item = &String> {
    map.into_iter().flat_map(Map::keys)
}

fn required(schema: &Object) -> BTreeSet<&str> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Everything that speaks about objects.
pub(super) fn objects<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    properties(walk, pair, old, new);
    patterns(walk, pair, old, new);
    single(
        walk,
        pair,
        (old, new),
        "propertyNames",
        "property_names_changed",
        "names of properties",
    );
    rest(
        walk,
        pair,
        (old, new),
        "additionalProperties",
        "properties beyond the declared ones",
        (
            "content_model_closed",
            "content_model_opened",
            "additional_properties_changed",
        ),
    );
    rest(
        walk,
        pair,
        (old, new),
        "unevaluatedProperties",
        "properties that nothing declares",
        (
            "content_model_closed",
            "content_model_opened",
            "additional_properties_changed",
        ),
    );
    scalars::counts(
        walk,
        pair,
        (old, new),
        ("minProperties", "maxProperties"),
        ("property_count_narrowed", "property_count_widened"),
        "number of properties",
    );
    dependencies(walk, pair, old, new);
}

fn properties<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    let (was, is) = (map(old, "properties"), map(new, "properties"));
    let (must_old, must_new) = (required(old), required(new));
    let lacks = |map: Option<&Object>, name: &str| map.is_none_or(|map| !map.contains_key(name));
    for name in names(was) {
        let at = pointer::from_segments(["properties", name]);
        if lacks(is, name) {
            let message = format!("The property `{name}` is no longer declared.");
            walk.note(pair, "property_removed", (Some(&at), None), message);
        } else {
            walk.descend(pair, &at, &at);
        }
    }
    for name in names(is).filter(|name| lacks(was, name)) {
        let at = pointer::from_segments(["properties", name]);
        let (rule, words) = if must_new.contains(name.as_str()) && !must_old.contains(name.as_str())
        {
            ("property_added_required", "required")
        } else {
            ("property_added_optional", "optional")
        };
        let message = format!("The {words} property `{name}` is new; before, it was not declared.");
        walk.note(pair, rule, (None, Some(&at)), message);
    }
    let added = |name: &&str| !lacks(is, name) && lacks(was, name);
    for name in must_new.difference(&must_old).filter(|name| !added(name)) {
        let message = format!("The property `{name}` was optional, now it is required.");
        walk.note_keyword(pair, "required_added", "required", message);
    }
    let removed = |name: &&str| !lacks(was, name) && lacks(is, name);
    for name in must_old.difference(&must_new).filter(|name| !removed(name)) {
        let message = format!("The property `{name}` was required, now it is optional.");
        walk.note_keyword(pair, "required_removed", "required", message);
    }
}

fn patterns<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    let keyword = "patternProperties";
    let (was, is) = (map(old, keyword), map(new, keyword));
    for pattern in names(was) {
        let at = pointer::from_segments([keyword, pattern]);
        if is.is_some_and(|is| is.contains_key(pattern)) {
            walk.descend(pair, &at, &at);
        } else {
            let message = format!(
                "Properties whose name matches `{pattern}` no longer have a schema of their own."
            );
            walk.note(pair, "pattern_property_removed", (Some(&at), None), message);
        }
    }
    for pattern in names(is).filter(|pattern| was.is_none_or(|was| !was.contains_key(*pattern))) {
        let at = pointer::from_segments([keyword, pattern]);
        let message = format!(
            "Properties whose name matches `{pattern}` have a schema now; before, they had none."
        );
        walk.note(pair, "pattern_property_added", (None, Some(&at)), message);
    }
}

/// What a keyword says about the rest: open, closed, or a schema.
enum Rest {
    Open,
    Closed,
    Schema,
}

fn rest_of(schema: &Object, keyword: &str) -> Rest {
    match schema.get(keyword) {
        None | Some(Value::Bool(true)) => Rest::Open,
        Some(Value::Bool(false)) => Rest::Closed,
        Some(Value::Object(object)) if object.is_empty() => Rest::Open,
        Some(_) => Rest::Schema,
    }
}

fn rest<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    (old, new): (&Object, &Object),
    keyword: &str,
    what: &str,
    (closed, opened, changed): (&'static str, &'static str, &'static str),
) {
    let at = pointer::join("", keyword);
    let (rule, words) = match (rest_of(old, keyword), rest_of(new, keyword)) {
        (Rest::Open, Rest::Open) | (Rest::Closed, Rest::Closed) => return,
        (Rest::Schema, Rest::Schema) => {
            walk.descend(pair, &at, &at);
            return;
        }
        (Rest::Open, Rest::Closed) => (closed, "were accepted, now they are refused"),
        (Rest::Closed, Rest::Open) => (opened, "were refused, now they are accepted"),
        (Rest::Open, Rest::Schema) => (changed, "could hold anything, now they have a schema"),
        (Rest::Schema, Rest::Open) => (changed, "had a schema, now they may hold anything"),
        (Rest::Closed, Rest::Schema) => {
            (changed, "were refused, now they are accepted with a schema")
        }
        (Rest::Schema, Rest::Closed) => {
            (changed, "were accepted with a schema, now they are refused")
        }
    };
    let mut what = what.to_owned();
    if let Some(first) = what.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    walk.note_keyword(pair, rule, keyword, format!("{what} {words}."));
}

/// A keyword with one subschema, whose absence is the same as `true`.
fn single<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    (old, new): (&Object, &Object),
    keyword: &str,
    rule: &'static str,
    what: &str,
) {
    let at = pointer::join("", keyword);
    match (old.get(keyword), new.get(keyword)) {
        (Some(_), Some(_)) => walk.descend(pair, &at, &at),
        (Some(was), None) => {
            let message = format!("The rule for {what} is gone; it was {}.", brief(was));
            walk.note(pair, rule, (Some(&at), Some("")), message);
        }
        (None, Some(is)) => {
            let message = format!("There was no rule for {what}; now it is {}.", brief(is));
            walk.note(pair, rule, (Some(""), Some(&at)), message);
        }
        (None, None) => {}
    }
}

/// `dependentRequired`, `dependentSchemas` and the `dependencies` that were before them.
fn dependencies<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
        let (was, is) = (map(old, keyword), map(new, keyword));
        for name in names(was) {
            let at = pointer::from_segments([keyword, name]);
            let before = was.and_then(|map| map.get(name));
            match (before, is.and_then(|map| map.get(name))) {
                (Some(_), None) => {
                    let message =
                        format!("What the presence of `{name}` asked for is no longer asked.");
                    walk.note(pair, "dependency_removed", (Some(&at), None), message);
                }
                (Some(Value::Array(before)), Some(Value::Array(after))) => {
                    let set =
                        |list: &[Value]| list.iter().map(Value::to_string).collect::<BTreeSet<_>>();
                    if set(before) != set(after) {
                        let message = format!(
                            "The presence of `{name}` asked for {}, now for {}.",
                            brief(&Value::Array(before.clone())),
                            brief(&Value::Array(after.clone()))
                        );
                        walk.note(pair, "dependency_changed", (Some(&at), Some(&at)), message);
                    }
                }
                (Some(Value::Array(_)), Some(_)) | (Some(_), Some(Value::Array(_))) => {
                    let message =
                        format!("What the presence of `{name}` asks for is another thing now.");
                    walk.note(pair, "dependency_changed", (Some(&at), Some(&at)), message);
                }
                _ => walk.descend(pair, &at, &at),
            }
        }
        for name in names(is).filter(|name| was.is_none_or(|was| !was.contains_key(*name))) {
            let at = pointer::from_segments([keyword, name]);
            let message = format!(
                "The presence of `{name}` asks for something now; before, it asked for nothing."
            );
            walk.note(pair, "dependency_added", (None, Some(&at)), message);
        }
    }
}

/// The tuple part of an array schema, and the keyword for what follows it.
fn tuple(schema: &Object) -> (Option<&'static str>, usize, &'static str) {
    let length = |keyword: &str| schema.get(keyword).and_then(Value::as_array).map(Vec::len);
    if let Some(length) = length("prefixItems") {
        return (Some("prefixItems"), length, "items");
    }
    match length("items") {
        Some(length) => (Some("items"), length, "additionalItems"),
        None => (None, 0, "items"),
    }
}

/// Everything that speaks about arrays.
pub(super) fn arrays<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    let (old_tuple, old_length, old_rest) = tuple(old);
    let (new_tuple, new_length, new_rest) = tuple(new);
    for index in 0..old_length.max(new_length) {
        let at = |keyword: Option<&str>, length: usize| {
            keyword
                .filter(|_| index < length)
                .map(|keyword| pointer::from_segments([keyword, &index.to_string()]))
        };
        match (at(old_tuple, old_length), at(new_tuple, new_length)) {
            (Some(old), Some(new)) => walk.descend(pair, &old, &new),
            (Some(old), None) => {
                let message =
                    format!("The item at position {index} no longer has a schema of its own.");
                walk.note(pair, "tuple_changed", (Some(&old), None), message);
            }
            (None, Some(new)) => {
                let message = format!(
                    "The item at position {index} has a schema of its own; before, it had none."
                );
                walk.note(pair, "tuple_changed", (None, Some(&new)), message);
            }
            (None, None) => {}
        }
    }
    if old_rest == new_rest {
        rest(
            walk,
            pair,
            (old, new),
            old_rest,
            "items",
            ("items_closed", "items_opened", "items_changed"),
        );
    } else {
        match (old.get(old_rest), new.get(new_rest)) {
            (Some(_), Some(_)) => {
                walk.descend(
                    pair,
                    &pointer::join("", old_rest),
                    &pointer::join("", new_rest),
                );
            }
            (None, None) => {}
            (was, is) => {
                let words = |rest: Option<&Value>| rest.map_or_else(|| "free".to_owned(), brief);
                let message = format!(
                    "The items after the first ones were {}, now they are {}.",
                    words(was),
                    words(is)
                );
                walk.note(pair, "items_changed", (Some(""), Some("")), message);
            }
        }
    }
    rest(
        walk,
        pair,
        (old, new),
        "unevaluatedItems",
        "items that nothing declares",
        ("items_closed", "items_opened", "items_changed"),
    );
    single(
        walk,
        pair,
        (old, new),
        "contains",
        "contains_changed",
        "an item that must be there",
    );
    for keyword in ["minContains", "maxContains"] {
        if old.get(keyword) != new.get(keyword) {
            let words = |count: Option<&Value>| count.map_or_else(|| "not given".to_owned(), brief);
            let message = format!(
                "`{keyword}` was {}, now it is {}.",
                words(old.get(keyword)),
                words(new.get(keyword))
            );
            walk.note_keyword(pair, "contains_changed", keyword, message);
        }
    }
    scalars::counts(
        walk,
        pair,
        (old, new),
        ("minItems", "maxItems"),
        ("item_count_narrowed", "item_count_widened"),
        "number of items",
    );
    let unique = |schema: &Object| schema.get("uniqueItems") == Some(&Value::Bool(true));
    match (unique(old), unique(new)) {
        (false, true) => {
            let message = "Items could repeat, now they must all differ.".to_owned();
            walk.note_keyword(pair, "unique_items_added", "uniqueItems", message);
        }
        (true, false) => {
            let message = "Items had to differ, now they may repeat.".to_owned();
            walk.note_keyword(pair, "unique_items_removed", "uniqueItems", message);
        }
        _ => {}
    }
}
