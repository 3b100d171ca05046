//! Plans and document transforms: one readable example per change, and what holds for all of them.

#![cfg(test)]

use std::{collections::BTreeMap, fs, path::PathBuf};

use proptest::prelude::*;
use schema_senate::migration::{Plan, Step, apply, plan};
use schema_senate::schema::{Change, Document, Draft, FieldPath};
use serde_json::{Map, Value, json};

fn vectors() -> Vec<(PathBuf, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/migration");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            (file, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

fn change(spec: &Value) -> Change {
    Change::read(spec["change_type"].as_str().unwrap(), &spec["field_spec"]).unwrap()
}

fn none_needed() -> Value {
    json!({"none_needed": "an example that needs none"})
}

#[test]
fn each_change_migrates_artifacts_as_its_example_shows() {
    let vectors = vectors();
    let mut seen: Vec<String> = Vec::new();
    for (file, vector) in &vectors {
        let at = file.display();
        let from = vector
            .get("from_version")
            .map_or(3, |v| v.as_u64().unwrap());
        let kind = vector["artifact_type"].as_str().unwrap();
        let change = change(&vector["change"]);
        seen.push(change.name().to_owned());
        let plan = plan(&change, kind, (from, from + 1), &none_needed()).unwrap();
        let value = plan.to_value();
        assert_eq!(value["steps"], vector["steps"], "{at}");
        assert_eq!(plan.sql.up.is_empty(), plan.steps.is_empty(), "{at}");
        assert!(
            !plan.notes.is_empty(),
            "{at}: a plan says what it does not do"
        );
        if let Some(note) = vector.get("note") {
            let note = note.as_str().unwrap();
            assert!(
                plan.notes.iter().any(|sentence| sentence.contains(note)),
                "{at}: {:?}",
                plan.notes
            );
        }
        for example in vector["artifacts"].as_array().unwrap() {
            let outcome = apply(&plan.steps, &example["before"]);
            assert_eq!(outcome.artifact, example["after"], "{at}");
            assert_eq!(Value::Bool(outcome.changed), example["changed"], "{at}");
            let skipped: Vec<Value> = outcome
                .skipped
                .iter()
                .map(|p| p.pointer.clone().into())
                .collect();
            assert_eq!(
                Value::Array(skipped),
                example.get("skipped").cloned().unwrap_or(json!([])),
                "{at}"
            );
            // A second run finds nothing left to do.
            assert!(!apply(&plan.steps, &outcome.artifact).changed, "{at}");
        }
        assert_eq!(Plan::from_value(&value).unwrap(), plan, "{at}");
    }
    for kind in schema_senate::schema::CHANGE_TYPES {
        assert!(seen.iter().any(|name| name == kind), "no example of {kind}");
    }
}

#[test]
fn a_renamed_field_keeps_its_place_among_the_others() {
    let change =
        change(&json!({"change_type": "rename_field", "field_spec": {"from": "/b", "to": "/z"}}));
    let plan = plan(&change, "t", (1, 2), &none_needed()).unwrap();
    let outcome = apply(&plan.steps, &json!({"a": 1, "b": 2, "c": 3}));
    assert_eq!(outcome.artifact.to_string(), r#"{"a":1,"z":2,"c":3}"#);
}

#[test]
fn a_plan_is_read_strictly() {
    let change = change(&json!({"change_type": "remove_field", "field_spec": {"path": "/a"}}));
    let good = plan(&change, "t", (1, 2), &none_needed())
        .unwrap()
        .to_value();
    assert!(Plan::from_value(&good).is_ok());
    let with = |pointer: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        bad
    };
    let mut extra = good.clone();
    extra["surprise"] = json!(1);
    let mut missing = good.clone();
    missing.as_object_mut().unwrap().shift_remove("notes");
    let mut step = good.clone();
    step["steps"][0]["value"] = json!(1);
    for (bad, place) in [
        (json!([]), ""),
        (extra, "/surprise"),
        (missing, ""),
        (step, "/steps/0/value"),
        (with("/from_version", json!(-1)), "/from_version"),
        (
            with("/to_version", json!(9007199254740992u64)),
            "/to_version",
        ),
        (with("/steps", json!({})), "/steps"),
        (
            with("/steps/0/step", json!("drop_everything")),
            "/steps/0/step",
        ),
        (with("/steps/0/path", json!("a")), "/steps/0/path"),
        (with("/steps/0/path", json!("/a/*")), "/steps/0/path"),
        (
            with(
                "/steps/0",
                json!({"step": "rename", "from": "/a/b", "to": "/c/b"}),
            ),
            "/steps/0/to",
        ),
        (with("/sql/up", json!([1])), "/sql/up"),
        (with("/declared", json!({"sql": "x"})), "/declared"),
        (with("/declared", json!({"none_needed": 1})), "/declared"),
    ] {
        assert_eq!(Plan::from_value(&bad).unwrap_err().pointer, place, "{bad}");
    }
}

#[test]
fn a_default_that_postgresql_cannot_store_is_refused() {
    let change = change(&json!({
        "change_type": "add_field",
        "field_spec": {"name": "a", "schema": {}, "default": {"deep": ["nul \u{0} here"]}}
    }));
    let problem = plan(&change, "t", (1, 2), &none_needed()).unwrap_err();
    assert_eq!(
        (problem.code, problem.pointer.as_str()),
        ("sql_null_character", "/default")
    );
}

#[test]
fn the_digest_names_the_whole_plan() {
    let change = change(&json!({"change_type": "remove_field", "field_spec": {"path": "/a"}}));
    let one = plan(&change, "t", (1, 2), &none_needed()).unwrap();
    let mut other = one.clone();
    assert_eq!(one.digest().unwrap(), other.digest().unwrap());
    other.sql.down.push("SELECT 1".into());
    assert_ne!(one.digest().unwrap(), other.digest().unwrap());
}

// ------------------------------------------------------------------------------------------------ properties

const NAMES: [&str; 4] = ["a", "b", "c", "items"];

fn artifacts() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::Bool),
        (-5i64..5).prop_map(|n| json!(n)),
        "[a-c]{0,2}".prop_map(Value::String),
    ];
    scalar.prop_recursive(5, 48, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((prop::sample::select(&NAMES[..]), inner), 0..5).prop_map(
                |members| members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            ),
        ]
    })
}

fn parents() -> impl Strategy<Value = String> {
    let segment = prop_oneof![prop::sample::select(&NAMES[..]), Just("*")];
    prop::collection::vec(segment, 0..4).prop_map(|segments| {
        segments
            .iter()
            .map(|segment| format!("/{segment}"))
            .collect()
    })
}

fn steps() -> impl Strategy<Value = Step> {
    let path = |text: &str| FieldPath::parse(text).unwrap();
    (
        parents(),
        prop::sample::select(&NAMES[..]),
        0..3,
        artifacts(),
    )
        .prop_map(move |(parent, name, which, value)| {
            let at = format!("{parent}/{name}");
            match which {
                0 => Step::SetDefault {
                    path: path(&at),
                    value,
                },
                1 => Step::Remove { path: path(&at) },
                _ => Step::Rename {
                    from: path(&at),
                    to: path(&format!("{parent}/renamed")),
                },
            }
        })
}

/// The artifact without every field that the step names, at any depth; what is left must be untouched.
fn without(value: &Value, names: &[&str]) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| without(item, names)).collect(),
        Value::Object(object) => Value::Object(
            object
                .iter()
                .filter(|(name, _)| !names.contains(&name.as_str()))
                .map(|(name, member)| (name.clone(), without(member, names)))
                .collect::<Map<_, _>>(),
        ),
        scalar => scalar.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_step_run_twice_does_what_it_does_once(step in steps(), artifact in artifacts()) {
        let steps = [step];
        let once = apply(&steps, &artifact);
        let twice = apply(&steps, &once.artifact);
        prop_assert_eq!(&twice.artifact, &once.artifact);
        prop_assert!(!twice.changed);
        prop_assert_eq!(once.changed, once.artifact != artifact);
    }

    #[test]
    fn fields_that_a_step_does_not_name_are_untouched(step in steps(), artifact in artifacts()) {
        let named: Vec<String> = match &step {
            Step::SetDefault { path, .. } | Step::Remove { path } => vec![path.split_last().unwrap().1.to_owned()],
            Step::Rename { from, to } => vec![from.split_last().unwrap().1.to_owned(), to.split_last().unwrap().1.to_owned()],
        };
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        let outcome = apply(&[step], &artifact);
        prop_assert_eq!(without(&outcome.artifact, &named), without(&artifact, &named));
    }

    #[test]
    fn plans_survive_the_wire(step in steps()) {
        prop_assert_eq!(Step::from_value(&step.to_value()).unwrap(), step);
    }

    /// A new field with a default, in a type that takes no undeclared fields: what was valid is valid under the next version.
    #[test]
    fn artifacts_stay_valid_when_a_field_with_a_default_is_added(
        titles in prop::collection::vec(prop::option::of("[a-z]{0,3}"), 0..4),
        design in any::<bool>(),
        required in any::<bool>(),
        nested in any::<bool>(),
    ) {
        let row = json!({"type": "object", "properties": {"title": {"type": "string"}}, "additionalProperties": false});
        let schema = json!({
            "type": "object",
            "properties": {"rows": {"type": "array", "items": row}, "design": {"type": "boolean"}},
            "additionalProperties": false
        });
        let mut artifact = json!({"rows": titles.iter().map(|title| match title {
            Some(title) => json!({"title": title}),
            None => json!({}),
        }).collect::<Vec<_>>()});
        if design {
            artifact["design"] = json!(true);
        }
        let base = Document::new(schema, BTreeMap::new(), Some(Draft::Draft202012)).unwrap();
        let path = if nested { "/rows/*/unit" } else { "/unit" };
        let change = change(&json!({
            "change_type": "add_field",
            "field_spec": {"path": path, "schema": {"enum": ["mg", "ml"]}, "required": required, "default": "mg"}
        }));
        let next = change.apply(Some(&base)).unwrap();
        let plan = plan(&change, "t", (1, 2), &none_needed()).unwrap();
        let migrated = apply(&plan.steps, &artifact).artifact;
        let valid = |schema: &Value, artifact: &Value| jsonschema::validator_for(schema).unwrap().is_valid(artifact);
        prop_assert!(valid(base.schema(), &artifact));
        prop_assert!(valid(&next.schema, &migrated), "{}", migrated);
    }
}
