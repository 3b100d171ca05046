//! One readable case per kind of change, and what holds for every comparison.

#![cfg(test)]

use std::{collections::BTreeMap, fs, path::PathBuf};

use proptest::prelude::*;
use schema_senate::compatibility::{
    Mode, Options, Report, Side, Verdict, check, differences, differences::RULES,
};
use schema_senate::schema::Draft;
use serde_json::{Map, Value, json};

type References = BTreeMap<String, Value>;

fn side<'a>(schema: &'a Value, references: &'a References) -> Side<'a> {
    Side {
        schema,
        references,
        draft: None,
    }
}

fn compared(old: &Value, new: &Value) -> Report {
    let nothing = References::new();
    check(
        &side(old, &nothing),
        &side(new, &nothing),
        &Options::default(),
    )
}

fn vectors() -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/compatibility");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            (
                file.display().to_string(),
                serde_json::from_str(&text).unwrap(),
            )
        })
        .collect()
}

fn accepts(side: &Side<'_>, artifact: &Value) -> bool {
    let registry = jsonschema::Registry::new()
        .extend(side.references.iter().map(|(uri, document)| {
            (
                uri.as_str(),
                Draft::Draft202012.create_resource_ref(document),
            )
        }))
        .and_then(jsonschema::RegistryBuilder::prepare)
        .unwrap();
    jsonschema::options()
        .with_draft(side.dialect().unwrap())
        .with_registry(&registry)
        .should_validate_formats(false)
        .build(side.schema)
        .unwrap()
        .is_valid(artifact)
}

#[test]
fn each_case_is_judged_and_told_as_it_says() {
    let vectors = vectors();
    assert!(vectors.len() >= 50);
    let mut wrong = Vec::new();
    for (file, case) in &vectors {
        let references = |member: &str| -> References {
            case.get(member)
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(uri, document)| (uri.clone(), document.clone()))
                .collect()
        };
        let (old_references, new_references) =
            (references("old_references"), references("new_references"));
        let (old, new) = (
            side(&case["old"], &old_references),
            side(&case["new"], &new_references),
        );
        let report = check(&old, &new, &Options::default());
        if case["verdict"] != report.verdict.as_str() {
            wrong.push(format!("{file}: {:?} {}", report.verdict, report.reason));
        }
        let mut rules: Vec<&str> = report
            .differences
            .iter()
            .map(|difference| difference.rule)
            .collect();
        rules.sort_unstable();
        rules.dedup();
        if json!(rules) != case["rules"] {
            wrong.push(format!("{file}: {:#?}", report.differences));
        }
        if let Some(expected) = case.get("witness")
            && report.witness.as_ref() != Some(expected)
        {
            wrong.push(format!("{file}: the witness is {:?}", report.witness));
        }
        match (report.verdict, &report.witness) {
            (Verdict::Breaking, Some(witness)) => {
                assert!(
                    accepts(&old, witness) && !accepts(&new, witness),
                    "{file}: {witness}"
                );
            }
            (Verdict::Breaking, None) => wrong.push(format!("{file}: no witness")),
            (_, witness) => assert_eq!(witness, &None, "{file}"),
        }
        for difference in &report.differences {
            assert!(RULES.contains(&difference.rule), "{}", difference.rule);
            for (pointer, schema) in [
                (&difference.old_pointer, old.schema),
                (&difference.new_pointer, new.schema),
            ] {
                if let Some(pointer) = pointer {
                    assert!(
                        schema.pointer(pointer).is_some(),
                        "{file}: {pointer} leads nowhere"
                    );
                }
            }
            assert!(
                difference.message.ends_with('.'),
                "{file}: {}",
                difference.message
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_are_listed_once_and_in_order() {
    let mut sorted = RULES.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted, RULES);
}

#[test]
fn modes_ask_in_their_direction() {
    let nothing = References::new();
    let (wide, narrow) = (
        json!({"type": ["integer", "null"]}),
        json!({"type": "integer"}),
    );
    let ask = |mode, old, new| {
        check(
            &side(old, &nothing),
            &side(new, &nothing),
            &Options::in_mode(mode),
        )
    };
    assert_eq!(
        ask(Mode::Backward, &narrow, &wide).verdict,
        Verdict::Compatible
    );
    assert_eq!(
        ask(Mode::Backward, &wide, &narrow).verdict,
        Verdict::Breaking
    );
    let forward = ask(Mode::Forward, &narrow, &wide);
    assert_eq!(
        (forward.verdict, forward.witness),
        (Verdict::Breaking, Some(json!(null)))
    );
    assert_eq!(
        ask(Mode::Forward, &wide, &narrow).verdict,
        Verdict::Compatible
    );
    assert_eq!(ask(Mode::Full, &wide, &narrow).verdict, Verdict::Breaking);
    assert_eq!(ask(Mode::Full, &narrow, &wide).verdict, Verdict::Breaking);
    assert_eq!(ask(Mode::Full, &wide, &wide).verdict, Verdict::Compatible);
    // What changed is told from old to new in every mode.
    assert_eq!(forward.differences[0].rule, "type_widened");
}

#[test]
fn a_report_is_written_as_the_contract_says() {
    let report = compared(
        &json!({"type": ["string", "null"]}),
        &json!({"type": "string"}),
    );
    let value = serde_json::to_value(&report).unwrap();
    assert_eq!(
        value,
        json!({
            "verdict": "breaking",
            "mode": "backward",
            "reason": report.reason,
            "differences": [{
                "rule": "type_narrowed",
                "hurts": ["old_data"],
                "old_pointer": "/type",
                "new_pointer": "/type",
                "message": "The type was null or string, now it is string.",
                "repair": "Set `type` back to [\"string\",\"null\"].",
                "fingerprint": report.differences[0].fingerprint
            }],
            "witness": null,
            "witness_place": {
                "instance_pointer": "",
                "schema_pointer": "/type",
                "keyword": "type",
                "difference": 0
            },
            "steps": report.steps
        })
    );
    assert!(report.steps > 0);
    let same = serde_json::to_value(compared(&json!({}), &json!({}))).unwrap();
    assert!(same.get("witness").is_none());
}

#[test]
fn a_long_list_of_differences_says_that_it_is_cut() {
    let many = |kind: &str| {
        let properties: Map<String, Value> = (0..700)
            .map(|n| (format!("p{n}"), json!({"type": kind})))
            .collect();
        json!({"properties": properties})
    };
    let nothing = References::new();
    let found = differences(
        &side(&many("string"), &nothing),
        &side(&many("null"), &nothing),
    );
    assert_eq!(found.len(), 513);
    assert_eq!(found.last().unwrap().rule, "truncated");
}

// ------------------------------------------------------------------------------------------------ properties

/// Small schemas with most keywords in them.
fn schemas() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(false)),
        prop::sample::select(
            &[
                "string", "integer", "number", "null", "boolean", "array", "object"
            ][..]
        )
        .prop_map(|name| json!({"type": name})),
        (0i64..4, 3i64..6)
            .prop_map(|(low, high)| json!({"type": "integer", "minimum": low, "maximum": high})),
        (0u64..3, 2u64..5).prop_map(|(low, high)| json!({"minLength": low, "maxLength": high})),
        prop::collection::vec(prop::sample::select(&["a", "b", "c"][..]), 1..3)
            .prop_map(|names| json!({"enum": names})),
        Just(json!({"type": "string", "pattern": "^a*$"})),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone(), any::<bool>(), any::<bool>()).prop_map(
                |(a, b, required, closed)| {
                    let mut schema = json!({"type": "object", "properties": {"a": a, "b": b}});
                    if required {
                        schema["required"] = json!(["a"]);
                    }
                    if closed {
                        schema["additionalProperties"] = json!(false);
                    }
                    schema
                }
            ),
            (inner.clone(), 0u64..3).prop_map(
                |(items, least)| json!({"type": "array", "items": items, "minItems": least})
            ),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"anyOf": [a, b]})),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"allOf": [a, b]})),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"oneOf": [a, b]})),
            inner.prop_map(|not| json!({"not": not})),
        ]
    })
}

/// The same schema with its members in another order.
fn reordered(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(reordered).collect(),
        Value::Object(object) => Value::Object(
            object
                .iter()
                .rev()
                .map(|(name, member)| (name.clone(), reordered(member)))
                .collect(),
        ),
        scalar => scalar.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_schema_is_compatible_with_itself(schema in schemas()) {
        let report = compared(&schema, &schema);
        prop_assert_eq!(report.verdict, Verdict::Compatible);
        prop_assert_eq!(report.differences, vec![]);
        prop_assert_eq!(compared(&schema, &reordered(&schema)).verdict, Verdict::Compatible);
    }

    #[test]
    fn neither_the_order_of_members_nor_annotations_change_a_verdict(old in schemas(), new in schemas()) {
        let plain = compared(&old, &new).verdict;
        let mut told = reordered(&new);
        if let Some(object) = told.as_object_mut() {
            object.insert("description".into(), json!("said differently"));
            object.insert("examples".into(), json!([1]));
        }
        prop_assert_eq!(compared(&reordered(&old), &told).verdict, plain);
    }

    /// The verdict holds for artifacts that had no part in it.
    #[test]
    fn no_artifact_contradicts_a_proof(old in schemas(), new in schemas()) {
        let report = compared(&old, &new);
        let nothing = References::new();
        let (old, new) = (side(&old, &nothing), side(&new, &nothing));
        if let Some(witness) = &report.witness {
            prop_assert!(accepts(&old, witness) && !accepts(&new, witness));
        }
        if report.verdict == Verdict::Compatible {
            let scalars = [json!(null), json!(true), json!(0), json!(2), json!(5), json!(0.5), json!(""), json!("a"), json!("b"), json!("aaaa")];
            for a in &scalars {
                for artifact in [a.clone(), json!([a]), json!([a, 1]), json!({"a": a}), json!({"a": "a", "b": a}), json!({"z": a})] {
                    prop_assert!(!accepts(&old, &artifact) || accepts(&new, &artifact), "{}", artifact);
                }
            }
        }
    }
}
