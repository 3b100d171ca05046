//! Where subschemas stand in a schema.

use serde_json::Value;

const ONE: [&str; 11] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
const LISTS: [&str; 5] = ["allOf", "anyOf", "items", "oneOf", "prefixItems"];
const MAPS: [&str; 6] = [
    "$defs",
    "definitions",
    "dependencies",
    "dependentSchemas",
    "patternProperties",
    "properties",
];

/// The pointers of a schema and all its subschemas, outermost first.
#[must_use]
pub fn places(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), schema)];
    while let Some((at, schema)) = pending.pop() {
        if let Value::Object(keywords) = schema {
            for (keyword, value) in keywords {
                let here = format!("{at}/{}", escaped(keyword));
                match value {
                    Value::Object(_) | Value::Bool(_) if ONE.contains(&keyword.as_str()) => {
                        pending.push((here, value));
                    }
                    Value::Array(list) if LISTS.contains(&keyword.as_str()) => pending.extend(
                        list.iter()
                            .enumerate()
                            .map(|(index, inner)| (format!("{here}/{index}"), inner)),
                    ),
                    Value::Object(map) if MAPS.contains(&keyword.as_str()) => pending.extend(
                        map.iter()
                            .filter(|(_, inner)| inner.is_object() || inner.is_boolean())
                            .map(|(name, inner)| (format!("{here}/{}", escaped(name)), inner)),
                    ),
                    _ => {}
                }
            }
        }
        found.push(at);
    }
    found
}

/// The pointers of every value inside a document, the document itself first.
#[must_use]
pub fn values(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), document)];
    while let Some((at, value)) = pending.pop() {
        match value {
            Value::Object(members) => pending.extend(
                members
                    .iter()
                    .map(|(name, inner)| (format!("{at}/{}", escaped(name)), inner)),
            ),
            Value::Array(items) => pending.extend(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, inner)| (format!("{at}/{index}"), inner)),
            ),
            _ => {}
        }
        found.push(at);
    }
    found
}

/// A name as a segment of a JSON Pointer.
#[must_use]
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
