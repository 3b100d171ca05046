//! What two proposals have in common: the same for other words about the same thing, another for another thing.

#![cfg(test)]

use proptest::prelude::*;
use schema_senate::compatibility::{Options, Report, Side, check};
use schema_senate::proposal::{features, fingerprint, similarity};
use schema_senate::schema::{Change, Document, References};
use schema_senate::text::{Digest, Value};
use serde_json::json;

fn experiment() -> Value {
    json!({
        "title": "Experiment",
        "type": "object",
        "properties": {
            "title": {"type": "string", "description": "What it is called."},
            "design": {"$ref": "#/$defs/design"},
            "arms": {"type": "array", "items": {"type": "object", "properties": {"size": {"type": "integer"}}}}
        },
        "required": ["title"],
        "additionalProperties": false,
        "$defs": {"design": {"type": "object", "properties": {"kind": {"enum": ["trial", "cohort"]}}}}
    })
}

/// The features of a change of `base`.
fn features_of(base: &Value, change_type: &str, spec: Value) -> Vec<String> {
    let change = Change::read(change_type, &spec).unwrap();
    if let Change::AddType { name, .. } = &change {
        let report = Report::of_the_first_version(&Options::default());
        return features(name, &change, &report);
    }
    let base = Document::new(base.clone(), References::new(), None).unwrap();
    let applied = change.apply(Some(&base)).unwrap();
    let next = Document::new(applied.schema, References::new(), None).unwrap();
    let report = check(&Side::from(&base), &Side::from(&next), &Options::default());
    features("experiment", &change, &report)
}

fn print(change_type: &str, spec: Value) -> Digest {
    fingerprint(&features_of(&experiment(), change_type, spec))
}

#[test]
fn the_features_of_a_field_say_what_and_where() {
    assert_eq!(
        features_of(
            &experiment(),
            "add_field",
            json!({"name": "blinding", "schema": {"enum": ["none", "single"], "description": "d"}, "required": true, "default": "none"})
        ),
        [
            "change add_field",
            "field /blinding",
            "field default",
            "field required",
            "property_added_required_with_default /blinding",
            "schema  enum",
            "target experiment",
        ]
    );
}

#[test]
fn other_words_about_the_same_field_are_the_same_proposal() {
    let plain = print(
        "add_field",
        json!({"name": "blinding", "schema": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"minimum": 1}}}}),
    );
    for schema in [
        json!({"title": "Blinding", "type": "object", "properties": {"a": {"type": "string"}, "b": {"minimum": 1}}}),
        json!({"type": "object", "properties": {"b": {"description": "A number.", "minimum": 1}, "a": {"type": "string"}}}),
        json!({"properties": {"a": {"type": "string", "examples": ["x"]}, "b": {"minimum": 1, "$comment": "c"}}, "type": "object", "deprecated": false}),
        // A bound or a list of other values is the same question put again.
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"minimum": 5}}}),
    ] {
        let other = print("add_field", json!({"path": "/blinding", "schema": schema}));
        assert_eq!(other, plain, "{schema}");
    }
}

#[test]
fn the_names_of_definitions_mean_nothing() {
    let named = |name: &str| {
        features_of(
            &json!({"type": "object", "properties": {"d": {"$ref": format!("#/$defs/{name}")}}, "$defs": {name: {"type": "object", "properties": {"x": {"type": "string"}}}}}),
            "add_field",
            json!({"path": "/d/y", "schema": {"type": "integer"}}),
        )
    };
    assert_eq!(named("design"), named("layout"));
    let new_type = |name: &str| {
        print(
            "add_type",
            json!({"name": "protocol", "schema": {
                "properties": {"a": {"$ref": format!("#/$defs/{name}")}},
                "$defs": {name: {"type": "string", "maxLength": 9}}
            }}),
        )
    };
    assert_eq!(new_type("code"), new_type("label"));
}

#[test]
fn another_field_kind_place_or_type_is_another_proposal() {
    let prints = [
        (
            "add_field",
            json!({"name": "blinding", "schema": {"type": "string"}}),
        ),
        (
            "add_field",
            json!({"name": "masking", "schema": {"type": "string"}}),
        ),
        (
            "add_field",
            json!({"name": "blinding", "schema": {"type": "integer"}}),
        ),
        (
            "add_field",
            json!({"name": "blinding", "schema": {"type": ["string", "null"]}}),
        ),
        (
            "add_field",
            json!({"name": "blinding", "schema": {"type": "string", "maxLength": 3}}),
        ),
        (
            "add_field",
            json!({"name": "blinding", "schema": {"type": "string"}, "required": true}),
        ),
        (
            "add_field",
            json!({"path": "/design/blinding", "schema": {"type": "string"}}),
        ),
        (
            "add_field",
            json!({"path": "/arms/*/blinding", "schema": {"type": "string"}}),
        ),
        (
            "modify_field",
            json!({"path": "/title", "schema": {"type": "integer"}}),
        ),
        (
            "modify_field",
            json!({"path": "/arms", "schema": {"type": "integer"}}),
        ),
        ("remove_field", json!({"path": "/title"})),
        ("remove_field", json!({"path": "/design"})),
        ("rename_field", json!({"from": "/title", "to": "name"})),
        ("rename_field", json!({"from": "/title", "to": "label"})),
        (
            "add_type",
            json!({"name": "protocol", "schema": {"type": "object"}}),
        ),
        (
            "add_type",
            json!({"name": "assay", "schema": {"type": "object"}}),
        ),
    ]
    .map(|(change_type, spec)| print(change_type, spec));
    for (index, one) in prints.iter().enumerate() {
        for (other_index, other) in prints.iter().enumerate() {
            assert_eq!(one == other, index == other_index, "{index} {other_index}");
        }
    }
}

#[test]
fn a_near_proposal_is_nearer_than_a_far_one() {
    let base = experiment();
    let of = |change_type, spec| features_of(&base, change_type, spec);
    let first = of(
        "add_field",
        json!({"name": "blinding", "schema": {"enum": ["none", "single"]}}),
    );
    let retyped = of(
        "add_field",
        json!({"name": "blinding", "schema": {"type": "string"}}),
    );
    let elsewhere = of(
        "add_field",
        json!({"name": "funding", "schema": {"type": "number"}}),
    );
    let removed = of("remove_field", json!({"path": "/design"}));
    let scores = [&first, &retyped, &elsewhere, &removed].map(|other| similarity(&first, other));
    assert_eq!(scores[0], 1000);
    assert!(scores.is_sorted_by(|a, b| a > b), "{scores:?}");
}

fn words() -> impl Strategy<Value = Value> {
    proptest::collection::btree_map(
        prop_oneof![
            Just("title"),
            Just("description"),
            Just("$comment"),
            Just("examples"),
            Just("deprecated")
        ],
        "[a-z ]{0,12}",
        0..4,
    )
    .prop_map(|words| {
        words
            .into_iter()
            .map(|(name, text)| {
                let value = match name {
                    "examples" => json!([text]),
                    "deprecated" => json!(text.len() % 2 == 0),
                    _ => json!(text),
                };
                (name, value)
            })
            .collect()
    })
}

fn with(schema: Value, words: &Value) -> Value {
    let mut schema = schema;
    for (name, value) in words.as_object().unwrap() {
        schema[name] = value.clone();
    }
    schema
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rewording_keeps_the_fingerprint(outer in words(), inner in words(), of_base in words(), change in 0..2usize) {
        let schema = json!({"type": "object", "properties": {"a": with(json!({"type": "string"}), &inner)}});
        let plain = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let (change_type, place) = [("add_field", "/blinding"), ("modify_field", "/arms")][change];
        let spec = |schema: Value| json!({"path": place, "schema": schema});
        let mut base = experiment();
        base["properties"]["title"] = with(base["properties"]["title"].clone(), &of_base);
        let reworded = features_of(&base, change_type, spec(with(schema, &outer)));
        prop_assert_eq!(reworded, features_of(&experiment(), change_type, spec(plain)));
    }
}
