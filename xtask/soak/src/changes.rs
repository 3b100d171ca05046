//! Random changes of a schema: the next version of a document is mostly the last one with something done to it.
//!
//! A third of the changes say the same in other words, so that proofs are asked for where the text differs.

use jsonschema::Draft;
use serde_json::{Map, Value, json};

use crate::{
    choices::Choices,
    places::places,
    schemas::{PATTERNS, Writer, definitions},
};

/// Subschemas that a change may add.
const ADDED: usize = 3;

/// Another version of this schema, one to four changes away.
#[must_use]
pub fn next_version(choices: &mut Choices<'_>, draft: Draft, schema: &Value) -> Value {
    let mut next = schema.clone();
    let count = match choices.below(10) {
        0..=4 => 1,
        5..=7 => 2,
        8 => 3,
        _ => 4,
    };
    for _ in 0..count {
        change(choices, draft, &mut next);
    }
    next
}

/// What stays the same for every instance: other names of definitions, another order, annotations.
#[must_use]
pub fn same_meaning(choices: &mut Choices<'_>, draft: Draft, schema: &Value) -> Value {
    let mut next = schema.clone();
    for _ in 0..1 + choices.below(3) {
        match choices.below(3) {
            0 => rename_definitions(draft, &mut next),
            1 => reorder(choices, &mut next),
            _ => annotate(choices, draft, &mut next),
        }
    }
    next
}

fn change(choices: &mut Choices<'_>, draft: Draft, schema: &mut Value) {
    let everywhere = places(schema);
    let at = if choices.chance(25) {
        String::new()
    } else {
        choices.pick(&everywhere).cloned().unwrap_or_default()
    };
    let kind = choices.below(20);
    if kind == 19 {
        *schema = same_meaning(choices, draft, schema);
        return;
    }
    // The definitions have to stay at the root, where references look for them.
    let is_root = at.is_empty();
    let keyword = definitions(draft);
    let held = is_root
        .then(|| {
            schema
                .as_object_mut()
                .and_then(|root| root.shift_remove(keyword))
        })
        .flatten();
    let names: Vec<String> = held
        .as_ref()
        .or_else(|| schema.get(keyword))
        .and_then(Value::as_object)
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default();
    if let Some(place) = schema.pointer_mut(&at) {
        let old = place.take();
        *place = match kind {
            0..=3 => tighten_or_loosen(choices, draft, old, names),
            4..=6 => without_a_keyword(choices, old),
            7..=9 => with_more_keywords(choices, draft, old, names),
            10 => Writer::new(choices, draft, ADDED, names).subschema(2),
            11..=13 => wrapped(choices, draft, old, names),
            _ => in_other_words(choices, draft, old),
        };
    }
    // A boolean root needs no definitions.
    if let (Some(held), Value::Object(root)) = (held, schema) {
        root.insert(keyword.to_owned(), held);
        root_reference_aside(draft, root);
    }
}

/// Until draft 7 nothing counts beside `$ref`, not even the definitions.
fn root_reference_aside(draft: Draft, root: &mut Map<String, Value>) {
    if matches!(draft, Draft::Draft4 | Draft::Draft6 | Draft::Draft7)
        && let Some(reference) = root.shift_remove("$ref")
    {
        let mut list = root
            .shift_remove("allOf")
            .and_then(|list| list.as_array().cloned())
            .unwrap_or_default();
        list.push(json!({"$ref": reference}));
        root.insert("allOf".into(), Value::Array(list));
    }
}

/// Something in the values of the keywords is moved a little.
fn tighten_or_loosen(
    choices: &mut Choices<'_>,
    draft: Draft,
    schema: Value,
    names: Vec<String>,
) -> Value {
    let Value::Object(mut keywords) = schema else {
        return Writer::new(choices, draft, ADDED, names).subschema(2);
    };
    let movable: Vec<String> = keywords
        .keys()
        .filter(|keyword| !matches!(keyword.as_str(), "$ref" | "$dynamicRef" | "$recursiveRef"))
        .cloned()
        .collect();
    let Some(keyword) = choices.pick(&movable).cloned() else {
        return with_more_keywords(choices, draft, Value::Object(keywords), names);
    };
    let mut writer = Writer::new(choices, draft, ADDED, names);
    let Some(value) = keywords.get_mut(&keyword) else {
        return Value::Object(keywords);
    };
    match (keyword.as_str(), &mut *value) {
        ("multipleOf", Value::Number(number)) => {
            let factor = writer
                .choices
                .pick(&[2.0, 3.0, 0.5, 10.0])
                .copied()
                .unwrap_or(1.0);
            *value = json!(number.as_f64().unwrap_or(1.0) * factor);
        }
        (
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum",
            Value::Number(number),
        ) => {
            *value = match (writer.choices.below(4), number.as_i64()) {
                (0, Some(whole)) => json!(whole.saturating_add(1)),
                (1, Some(whole)) => json!(whole.saturating_sub(1)),
                (2, _) => json!(number.as_f64().unwrap_or(0.0) + 0.5),
                _ => writer.bound(),
            };
        }
        (_, Value::Number(number)) => {
            let whole = number.as_u64().unwrap_or(0);
            *value = if writer.choices.chance(50) {
                json!(whole + 1)
            } else {
                json!(whole.saturating_sub(1))
            };
        }
        ("pattern", value) => *value = json!(writer.choices.word(&PATTERNS)),
        ("const", value) => *value = writer.value(),
        ("enum" | "required", Value::Array(list)) => {
            if list.len() > 1 && writer.choices.chance(50) {
                let at = writer.choices.below(list.len());
                list.remove(at);
            } else {
                let one = if keyword == "required" {
                    json!(writer.choices.word(&crate::schemas::NAMES))
                } else {
                    writer.value()
                };
                let known = list.iter().any(|other| {
                    other == &one || (one.is_number() && other.as_f64() == one.as_f64())
                });
                if !known {
                    list.push(one);
                }
            }
        }
        ("type", value) => {
            *value = match &*value {
                Value::String(name) if name == "integer" => json!("number"),
                Value::String(name) if name == "number" => json!("integer"),
                Value::String(name) if name != "null" => json!([name, "null"]),
                Value::Array(list) => list.first().cloned().unwrap_or_else(|| json!("null")),
                _ => json!(["null", "boolean"]),
            };
        }
        ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(list)) => {
            if list.len() > 1 && writer.choices.chance(50) {
                let at = writer.choices.below(list.len());
                list.remove(at);
            } else {
                let one = writer.subschema(2);
                list.push(one);
            }
        }
        ("properties" | "patternProperties" | "dependentSchemas", Value::Object(map)) => {
            let known: Vec<String> = map.keys().cloned().collect();
            match writer.choices.below(3) {
                0 => {
                    if let Some(name) = writer.choices.pick(&known) {
                        map.shift_remove(name);
                    }
                }
                1 => {
                    let name = writer.choices.word(&crate::schemas::NAMES).to_owned();
                    let inner = writer.subschema(2);
                    map.insert(name, inner);
                }
                _ => {
                    if let Some(name) = writer.choices.pick(&known) {
                        let inner = writer.subschema(2);
                        map.insert(name.clone(), inner);
                    }
                }
            }
        }
        ("uniqueItems", Value::Bool(on)) => *on = !*on,
        ("exclusiveMinimum" | "exclusiveMaximum", Value::Bool(on)) => *on = !*on,
        (
            "items"
            | "additionalItems"
            | "additionalProperties"
            | "contains"
            | "not"
            | "if"
            | "then"
            | "else"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties",
            value,
        ) if !value.is_array() => *value = writer.subschema(2),
        _ => {
            keywords.shift_remove(&keyword);
        }
    }
    Value::Object(keywords)
}

fn without_a_keyword(choices: &mut Choices<'_>, schema: Value) -> Value {
    let Value::Object(mut keywords) = schema else {
        return json!({});
    };
    let names: Vec<String> = keywords.keys().cloned().collect();
    if let Some(name) = choices.pick(&names) {
        keywords.shift_remove(name);
        if name == "minimum" || name == "maximum" {
            // Draft 4 wants the bound beside its mark.
            let mark = format!("exclusiveM{}", name.trim_start_matches('m'));
            if keywords.get(&mark).is_some_and(Value::is_boolean) {
                keywords.shift_remove(&mark);
            }
        }
    }
    Value::Object(keywords)
}

fn with_more_keywords(
    choices: &mut Choices<'_>,
    draft: Draft,
    schema: Value,
    names: Vec<String>,
) -> Value {
    let more = Writer::new(choices, draft, ADDED, names).keywords(2);
    match schema {
        Value::Object(mut keywords) => {
            for (name, value) in more {
                if !keywords.contains_key(&name) {
                    keywords.insert(name, value);
                }
            }
            Value::Object(keywords)
        }
        _ => Value::Object(more),
    }
}

fn wrapped(choices: &mut Choices<'_>, draft: Draft, schema: Value, names: Vec<String>) -> Value {
    let other = Writer::new(choices, draft, ADDED, names).subschema(2);
    match choices.below(9) {
        0 => json!({"anyOf": [schema, other]}),
        1 => json!({"anyOf": [other, schema]}),
        2 => json!({"allOf": [schema, other]}),
        3 => json!({"oneOf": [schema, other]}),
        4 => json!({"oneOf": [schema, {"type": "null"}]}),
        5 => json!({"not": schema}),
        6 => json!({"allOf": [{"not": other}, schema]}),
        7 => json!({"type": "object", "properties": {"a": schema}, "required": ["a"]}),
        _ => json!({"type": "array", "items": schema}),
    }
}

/// The same meaning, written otherwise.
fn in_other_words(choices: &mut Choices<'_>, draft: Draft, schema: Value) -> Value {
    let boolean = draft != Draft::Draft4;
    let (yes, no) = if boolean {
        (json!(true), json!(false))
    } else {
        (json!({}), json!({"not": {}}))
    };
    match choices.below(12) {
        0 => json!({"allOf": [schema]}),
        1 => json!({"not": {"not": schema}}),
        2 => json!({"anyOf": [schema.clone(), {"allOf": [schema, yes]}]}),
        3 => json!({"oneOf": [schema, no]}),
        4 => json!({"anyOf": [
            {"allOf": [schema.clone(), {"type": ["object", "array", "null"]}]},
            {"allOf": [schema, {"type": ["string", "number", "boolean"]}]},
        ]}),
        5 => match schema {
            // De Morgan.
            Value::Object(keywords) if keywords.len() > 1 && apart(&keywords) => {
                let refused: Vec<Value> = keywords
                    .into_iter()
                    .map(|(name, value)| json!({"not": {name: value}}))
                    .collect();
                json!({"not": {"anyOf": refused}})
            }
            other => other,
        },
        6 => match schema {
            Value::Object(keywords) if keywords.len() > 1 && apart(&keywords) => {
                let parts: Vec<Value> = keywords
                    .into_iter()
                    .map(|(name, value)| json!({name: value}))
                    .collect();
                json!({"allOf": parts})
            }
            other => other,
        },
        7 => rewritten(schema, |keywords| {
            let list = keywords.get("enum")?.as_array()?.clone();
            let each: Vec<Value> = list.into_iter().map(|one| json!({"enum": [one]})).collect();
            keywords.shift_remove("enum");
            Some(("anyOf", Value::Array(each)))
        }),
        8 => rewritten(schema, |keywords| {
            let list = keywords.get("required")?.as_array()?.clone();
            let each: Vec<Value> = list
                .into_iter()
                .map(|one| json!({"not": {"properties": {one.as_str().unwrap_or_default(): {"not": {}}}}}))
                .collect();
            keywords.shift_remove("required");
            // `required` says nothing about other types; the negated `properties` refuses them.
            Some((
                "anyOf",
                json!([{"allOf": each}, {"not": {"type": "object"}}]),
            ))
        }),
        9 => rewritten(schema, |keywords| {
            let condition = keywords.get("if")?.clone();
            let then = keywords.get("then").cloned().unwrap_or(json!(true));
            let otherwise = keywords.get("else").cloned().unwrap_or(json!(true));
            if keywords.contains_key("unevaluatedItems")
                || keywords.contains_key("unevaluatedProperties")
            {
                return None;
            }
            for name in ["if", "then", "else"] {
                keywords.shift_remove(name);
            }
            Some((
                "anyOf",
                json!([{"allOf": [condition.clone(), then]}, {"allOf": [{"not": condition}, otherwise]}]),
            ))
        }),
        10 => rewritten(schema, |keywords| {
            let name = keywords.get("type")?.as_array()?.clone();
            keywords.shift_remove("type");
            let each: Vec<Value> = name.into_iter().map(|one| json!({"type": one})).collect();
            Some(("anyOf", Value::Array(each)))
        }),
        _ => rewritten(schema, |keywords| {
            let inner = keywords.get("contains")?.clone();
            if keywords.contains_key("minContains")
                || keywords.contains_key("maxContains")
                || keywords.contains_key("unevaluatedItems")
            {
                return None;
            }
            keywords.shift_remove("contains");
            Some((
                "anyOf",
                json!([{"not": {"type": "array"}}, {"not": {"items": {"not": inner}}}]),
            ))
        }),
    }
}

/// Adds what `rewrite` makes of the keywords, where its place is free and no annotation is counted.
fn rewritten(
    schema: Value,
    rewrite: impl FnOnce(&mut Map<String, Value>) -> Option<(&'static str, Value)>,
) -> Value {
    let Value::Object(keywords) = &schema else {
        return schema;
    };
    let mut changed = keywords.clone();
    match rewrite(&mut changed) {
        Some((keyword, value)) if !changed.contains_key(keyword) => {
            changed.insert(keyword.to_owned(), value);
            Value::Object(changed)
        }
        _ => schema,
    }
}

/// Whether each keyword means the same when it stands alone.
fn apart(keywords: &Map<String, Value>) -> bool {
    const TOGETHER: [&str; 17] = [
        "additionalItems",
        "additionalProperties",
        "contains",
        "else",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "if",
        "items",
        "maxContains",
        "minContains",
        "patternProperties",
        "prefixItems",
        "properties",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
        "$ref",
    ];
    keywords
        .keys()
        .all(|name| !TOGETHER.contains(&name.as_str()) && (!name.starts_with('$')))
}

fn rename_definitions(draft: Draft, schema: &mut Value) {
    let keyword = definitions(draft);
    let Some(Value::Object(map)) = schema.get(keyword) else {
        return;
    };
    let renamed: Map<String, Value> = map
        .iter()
        .map(|(name, inner)| (format!("{name}n"), inner.clone()))
        .collect();
    let prefix = format!("#/{keyword}/");
    if let Value::Object(root) = schema {
        root.insert(keyword.to_owned(), Value::Object(renamed));
    }
    for at in places(schema) {
        if let Some(Value::Object(keywords)) = schema.pointer_mut(&at)
            && let Some(Value::String(reference)) = keywords.get_mut("$ref")
            && reference.starts_with(&prefix)
        {
            reference.push('n');
        }
    }
}

fn reorder(choices: &mut Choices<'_>, schema: &mut Value) {
    for at in places(schema) {
        if let Some(Value::Object(keywords)) = schema.pointer_mut(&at) {
            let mut list: Vec<(String, Value)> = std::mem::take(keywords).into_iter().collect();
            if choices.chance(50) {
                list.reverse();
            } else if !list.is_empty() {
                let by = choices.below(list.len());
                list.rotate_left(by);
            }
            keywords.extend(list);
            for name in ["allOf", "anyOf", "oneOf", "enum", "required"] {
                if let Some(Value::Array(members)) = keywords.get_mut(name) {
                    members.reverse();
                }
            }
        }
    }
}

fn annotate(choices: &mut Choices<'_>, draft: Draft, schema: &mut Value) {
    let everywhere = places(schema);
    let Some(at) = choices.pick(&everywhere) else {
        return;
    };
    let Some(Value::Object(keywords)) = schema.pointer_mut(at) else {
        return;
    };
    if keywords.contains_key("$ref")
        && matches!(draft, Draft::Draft4 | Draft::Draft6 | Draft::Draft7)
    {
        return;
    }
    let (name, value) = choices
        .pick(&[
            ("title", json!("t")),
            ("description", json!("d")),
            ("default", json!([1])),
            ("x-note", json!({"type": 1})),
            ("format", json!("email")),
            ("$comment", json!("c")),
            ("examples", json!([null])),
        ])
        .cloned()
        .unwrap_or(("title", json!("")));
    keywords.insert(name.to_owned(), value);
}
