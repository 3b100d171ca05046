//! The subschemas of a schema, one by one: what the words and the meaning of a draft are read from.

use crate::text::{Map, Value, pointer};

/// Most subschemas that are looked at.
const MOST: usize = 20_000;

/// Keywords that hold one subschema, and whether it is about what is inside the value.
const SINGLES: [(&str, Option<&str>); 12] = [
    ("additionalItems", Some("*")),
    ("additionalProperties", Some("{}")),
    ("contains", Some("*")),
    ("contentSchema", None),
    ("else", None),
    ("if", None),
    ("items", Some("*")),
    ("not", None),
    ("propertyNames", Some("{}")),
    ("then", None),
    ("unevaluatedItems", Some("*")),
    ("unevaluatedProperties", Some("{}")),
];
/// Keywords that hold a list of subschemas.
const LISTS: [(&str, Option<&str>); 5] = [
    ("allOf", None),
    ("anyOf", None),
    ("items", Some("*")),
    ("oneOf", None),
    ("prefixItems", Some("*")),
];
/// Keywords that hold a map of subschemas whose names are not those of fields.
const MAPS: [(&str, Option<&str>); 3] = [
    ("dependencies", None),
    ("dependentSchemas", None),
    ("patternProperties", Some("{}")),
];
/// Keywords that hold a map of subschemas by names that mean nothing.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

/// One subschema.
#[derive(Debug)]
pub(super) struct Subschema<'a> {
    /// JSON Pointer to it in the schema.
    pub(super) pointer: String,
    /// Where in an artifact it applies: `/design/arms`, `/columns/*`; a definition, wherever it is used, has `#` for the way
    /// to it.
    pub(super) place: String,
    /// Its members.
    pub(super) members: &'a Map<String, Value>,
}

/// Visits every subschema that is an object, in an order that the order of members has no part in. Answers whether there were
/// no more than are looked at.
pub(super) fn each<'a>(schema: &'a Value, visit: &mut impl FnMut(&Subschema<'a>)) -> bool {
    let mut waiting = vec![(schema, String::new(), String::new())];
    let mut seen = 0;
    while let Some((schema, pointer, place)) = waiting.pop() {
        let Some(members) = schema.as_object() else {
            continue;
        };
        seen += 1;
        if seen > MOST {
            return false;
        }
        let from = waiting.len();
        let step = |inside: Option<&str>| match inside {
            Some(step) => pointer::join(&place, step),
            None => place.clone(),
        };
        for (keyword, inside) in SINGLES {
            if let Some(value) = members.get(keyword) {
                waiting.push((value, pointer::join(&pointer, keyword), step(inside)));
            }
        }
        for (keyword, inside) in LISTS {
            let at = pointer::join(&pointer, keyword);
            for (index, value) in members
                .get(keyword)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .enumerate()
            {
                waiting.push((value, pointer::join(&at, &index.to_string()), step(inside)));
            }
        }
        for (keyword, inside) in MAPS {
            for (name, value) in named(members, keyword) {
                let at = pointer::join(&pointer::join(&pointer, keyword), name);
                waiting.push((value, at, step(inside)));
            }
        }
        for (name, value) in named(members, "properties") {
            let at = pointer::join(&pointer::join(&pointer, "properties"), name);
            waiting.push((value, at, pointer::join(&place, name)));
        }
        for keyword in DEFINITIONS {
            for (name, value) in named(members, keyword) {
                let at = pointer::join(&pointer::join(&pointer, keyword), name);
                waiting.push((value, at, "#".to_owned()));
            }
        }
        // The last one in is the first one out.
        if let Some(added) = waiting.get_mut(from..) {
            added.reverse();
        }
        visit(&Subschema {
            pointer,
            place,
            members,
        });
    }
    true
}

/// The members of a map of subschemas, by name.
pub(super) fn named<'a>(
    members: &'a Map<String, Value>,
    keyword: &str,
) -> Vec<(&'a String, &'a Value)> {
    let mut named: Vec<_> = members
        .get(keyword)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .collect();
    named.sort_unstable_by(|a, b| a.0.cmp(b.0));
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn places(schema: &Value) -> Vec<(String, String)> {
        let mut places = Vec::new();
        assert!(each(schema, &mut |sub| {
            places.push((sub.pointer.clone(), sub.place.clone()));
        }));
        places
    }

    #[test]
    fn every_subschema_is_visited_with_its_place_in_an_artifact() {
        let schema = json!({
            "properties": {"b": {"items": {"type": "string"}}, "a": {"anyOf": [{"const": {"properties": {"no": {}}}}]}},
            "$defs": {"x": {"properties": {"y": {"not": {}}}}},
            "additionalProperties": false
        });
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            places(&schema),
            [
                pair("", ""),
                pair("/properties/a", "/a"),
                pair("/properties/a/anyOf/0", "/a"),
                pair("/properties/b", "/b"),
                pair("/properties/b/items", "/b/*"),
                pair("/$defs/x", "#"),
                pair("/$defs/x/properties/y", "#/y"),
                pair("/$defs/x/properties/y/not", "#/y"),
            ]
        );
    }

    #[test]
    fn the_order_of_members_changes_nothing() {
        let one: Value = serde_json::from_str(
            r#"{"properties":{"a":{"type":"string"},"b":{}},"items":{"minimum":1}}"#,
        )
        .unwrap();
        let other: Value = serde_json::from_str(
            r#"{"items":{"minimum":1},"properties":{"b":{},"a":{"type":"string"}}}"#,
        )
        .unwrap();
        assert_eq!(places(&one), places(&other));
    }

    #[test]
    fn more_subschemas_than_are_looked_at_are_said() {
        let many: Vec<Value> = (0..=MOST).map(|_| json!({})).collect();
        assert!(!each(&json!({"anyOf": many}), &mut |_| {}));
    }
}
