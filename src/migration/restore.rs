//! Taking a migration back in an artifact that was edited since.

use std::collections::{HashMap, VecDeque};

use crate::text::{Map, Value, canonical};

use super::same::same;

/// What the migration changed, and nobody has touched since, goes back; what was edited since stays.
///
/// `before` and `after` are the artifact before and after the migration, `current` is what it is now. Objects are taken member
/// by member; arrays item by item where the migration kept their length.
#[must_use]
pub fn restore(before: &Value, after: &Value, current: &Value) -> Value {
    merged(Some(before), Some(after), Some(current)).unwrap_or(Value::Null)
}

/// One place; `None` where there is nothing. As deep as the documents are.
fn merged(before: Option<&Value>, after: Option<&Value>, current: Option<&Value>) -> Option<Value> {
    if alike(after, current) {
        return before.cloned();
    }
    if alike(before, after) {
        return current.cloned();
    }
    match (before, after, current) {
        (Some(Value::Object(before)), Some(Value::Object(after)), Some(Value::Object(current))) => {
            Some(Value::Object(members(before, after, current)))
        }
        (Some(Value::Array(before)), Some(Value::Array(after)), Some(Value::Array(current)))
            if before.len() == after.len() =>
        {
            Some(Value::Array(items(before, after, current)))
        }
        _ => current.cloned(),
    }
}

fn alike(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    }
}

fn members(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    current: &Map<String, Value>,
) -> Map<String, Value> {
    let added = current.keys().filter(|name| !before.contains_key(*name));
    before
        .keys()
        .chain(added)
        .filter_map(|name| {
            let value = merged(before.get(name), after.get(name), current.get(name))?;
            Some((name.clone(), value))
        })
        .collect()
}

fn items(before: &[Value], after: &[Value], current: &[Value]) -> Vec<Value> {
    if after.len() == current.len() {
        return before
            .iter()
            .zip(after)
            .zip(current)
            .filter_map(|((before, after), current)| {
                merged(Some(before), Some(after), Some(current))
            })
            .collect();
    }
    // Items came or went: those that are as the migration left them are known by what they are.
    let mut left: HashMap<String, VecDeque<&Value>> = HashMap::new();
    for (before, after) in before.iter().zip(after) {
        if let Ok(text) = canonical(after) {
            left.entry(text).or_default().push_back(before);
        }
    }
    current
        .iter()
        .map(|item| {
            canonical(item)
                .ok()
                .and_then(|text| left.get_mut(&text)?.pop_front())
                .unwrap_or(item)
                .clone()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nobody_touched_goes_back_and_what_was_edited_stays() {
        for (name, before, after, current, expected) in [
            (
                "untouched",
                json!({"a": 1}),
                json!({"b": 1}),
                json!({"b": 1}),
                json!({"a": 1}),
            ),
            (
                "another field was edited",
                json!({"n": "1", "t": "x"}),
                json!({"n": 1, "t": "x"}),
                json!({"n": 1, "t": "y"}),
                json!({"n": "1", "t": "y"}),
            ),
            (
                "the very field was edited",
                json!({"n": "1"}),
                json!({"n": 1}),
                json!({"n": 2}),
                json!({"n": 2}),
            ),
            (
                "what the migration took away comes back, what it added goes",
                json!({"old": 1, "t": "x"}),
                json!({"new": 0, "t": "x"}),
                json!({"new": 0, "t": "y", "more": true}),
                json!({"old": 1, "t": "y", "more": true}),
            ),
            (
                "an item was edited",
                json!({"rows": [{"a": 1}, {"a": 2}]}),
                json!({"rows": [{"b": 1}, {"b": 2}]}),
                json!({"rows": [{"b": 1, "c": 0}, {"b": 2}]}),
                json!({"rows": [{"a": 1, "c": 0}, {"a": 2}]}),
            ),
            (
                "an item came first",
                json!([{"a": 1}, {"a": 2}]),
                json!([{"b": 1}, {"b": 2}]),
                json!([{"b": 0}, {"b": 1}, {"b": 2}]),
                json!([{"b": 0}, {"a": 1}, {"a": 2}]),
            ),
            (
                "a text became an array, which grew",
                json!({"by": "ada"}),
                json!({"by": ["ada"]}),
                json!({"by": ["ada", "bo"]}),
                json!({"by": ["ada", "bo"]}),
            ),
            (
                "nothing was migrated",
                json!([1]),
                json!([1.0]),
                json!([2]),
                json!([2]),
            ),
        ] {
            assert_eq!(restore(&before, &after, &current), expected, "{name}");
        }
    }
}
