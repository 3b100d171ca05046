//! Which keywords hold subschemas, which only annotate, and where data must not be read as a schema.

use crate::text::{Map, Value, pointer};

/// Keywords whose value is one subschema. `items` is here and in [`LISTS`]: an array of schemas up to 2019-09.
const SINGLES: [&str; 12] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords whose value is a list of subschemas.
const LISTS: [&str; 5] = ["allOf", "anyOf", "items", "oneOf", "prefixItems"];

/// Keywords whose value maps names to subschemas. `dependencies` also maps to arrays of names.
const MAPS: [&str; 6] = [
    "$defs",
    "definitions",
    "dependencies",
    "dependentSchemas",
    "patternProperties",
    "properties",
];

/// Keywords that say something about a value without accepting or rejecting it.
pub(super) const ANNOTATIONS: [&str; 8] = [
    "$comment",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];

/// What a keyword's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// One subschema.
    Schema,
    /// A list of subschemas.
    List,
    /// A map from names to subschemas.
    Map,
    /// Anything else, data in `enum` and `const` included: nothing in it is a schema.
    Data,
}

/// What the value of `keyword` is.
pub(super) fn role(keyword: &str, value: &Value) -> Role {
    match value {
        Value::Object(_) | Value::Bool(_) if SINGLES.contains(&keyword) => Role::Schema,
        Value::Array(_) if LISTS.contains(&keyword) => Role::List,
        Value::Object(_) if MAPS.contains(&keyword) => Role::Map,
        _ => Role::Data,
    }
}

/// Every subschema directly inside `schema`, each with the pointer that leads to it from there.
pub(super) fn subschemas(schema: &Map<String, Value>) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (keyword, value) in schema {
        let at = pointer::join("", keyword);
        match (role(keyword, value), value) {
            (Role::Schema, _) => found.push((at, value)),
            (Role::List, Value::Array(list)) => found.extend(
                list.iter()
                    .enumerate()
                    .map(|(index, member)| (pointer::join(&at, &index.to_string()), member)),
            ),
            (Role::Map, Value::Object(map)) => found.extend(
                map.iter()
                    .map(|(name, member)| (pointer::join(&at, name), member)),
            ),
            _ => {}
        }
    }
    found.retain(|(_, value)| value.is_object() || value.is_boolean());
    found
}
