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

/// Whether a reference may come back to where it stands without a step into the instance: through combinators and other
/// references only. What such a schema accepts is undefined.
#[must_use]
pub fn has_empty_loop(schema: &Value) -> bool {
    places(schema)
        .into_iter()
        .filter_map(|at| schema.pointer(&at))
        .any(|start| {
            let mut seen: Vec<*const Value> = Vec::new();
            let mut pending = in_place(schema, start);
            while let Some(here) = pending.pop() {
                if std::ptr::eq(here, start) {
                    return true;
                }
                if !seen.contains(&std::ptr::from_ref(here)) {
                    seen.push(here);
                    pending.extend(in_place(schema, here));
                }
            }
            false
        })
}

/// The subschemas that judge the very value that this one judges.
fn in_place<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Value> {
    let mut found = Vec::new();
    for keyword in ["allOf", "anyOf", "oneOf"] {
        found.extend(
            schema
                .get(keyword)
                .and_then(Value::as_array)
                .into_iter()
                .flatten(),
        );
    }
    for keyword in ["not", "if", "then", "else"] {
        found.extend(schema.get(keyword));
    }
    for keyword in ["dependentSchemas", "dependencies"] {
        let map = schema.get(keyword).and_then(Value::as_object);
        found.extend(map.into_iter().flat_map(|map| map.values()));
    }
    for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
        let reference = schema.get(keyword).and_then(Value::as_str);
        found.extend(reference.and_then(|reference| target(root, reference)));
    }
    found
}

/// What a reference names: the root, a place, an anchor of a definition, or the one resource that the random schemas use.
#[must_use]
pub fn target<'s>(root: &'s Value, reference: &str) -> Option<&'s Value> {
    match reference.split_once('#') {
        Some(("", "" | "n")) => Some(root),
        Some(("", pointer)) if pointer.starts_with('/') => root.pointer(pointer),
        Some(("", anchor)) => root
            .get("$defs")
            .and_then(Value::as_object)
            .and_then(|map| {
                map.values()
                    .find(|inner| inner.get("$anchor").and_then(Value::as_str) == Some(anchor))
            }),
        _ => root.pointer("/$defs/tree"),
    }
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
