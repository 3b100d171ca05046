//! Whom a difference hurts: the table and its page, a readable case for each row, and the verdicts as judges.

#![cfg(test)]

use std::{collections::BTreeMap, collections::BTreeSet, fs, path::PathBuf};

use proptest::prelude::*;
use schema_senate::compatibility::{
    Difference, Mode, Options, Side, Verdict, check, differences,
    differences::{Hurts, RULES, Rule, TABLE},
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

fn told(old: &Value, new: &Value) -> Vec<Difference> {
    let nothing = References::new();
    differences(&side(old, &nothing), &side(new, &nothing))
}

fn hurt(differences: &[Difference]) -> Hurts {
    Hurts {
        old_data: differences.iter().any(|found| found.hurts.old_data),
        old_readers: differences.iter().any(|found| found.hurts.old_readers),
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn vectors(folder: &str) -> Vec<(String, Value)> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("tests/vectors").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

/// The verdicts of the engine, which does not look at differences.
fn verdicts(old: &Side<'_>, new: &Side<'_>) -> (Verdict, Verdict) {
    (
        check(old, new, &Options::in_mode(Mode::Backward)).verdict,
        check(old, new, &Options::in_mode(Mode::Forward)).verdict,
    )
}

fn references(case: &Value, member: &str) -> References {
    case.get(member)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(uri, document)| (uri.clone(), document.clone()))
        .collect()
}

#[test]
fn each_case_is_told_as_it_says() {
    let mut wrong = Vec::new();
    let mut rows = BTreeSet::new();
    for (name, case) in vectors("differences") {
        let found = told(&case["old"], &case["new"]);
        let mut shown = serde_json::to_value(&found).unwrap();
        for difference in shown.as_array_mut().unwrap() {
            let fingerprint = difference
                .as_object_mut()
                .unwrap()
                .shift_remove("fingerprint");
            let fingerprint = fingerprint.unwrap();
            let digits = fingerprint.as_str().unwrap();
            assert!(
                digits.len() == 12
                    && digits
                        .bytes()
                        .all(|digit| b"0123456789abcdef".contains(&digit)),
                "{name}: {digits}"
            );
        }
        if shown != case["differences"] {
            wrong.push(format!("{name}: {shown:#}"));
        }
        for difference in &found {
            rows.insert(difference.rule);
            assert_eq!(
                difference.repair.is_none(),
                difference.hurts == Hurts::NOBODY,
                "{name}: {difference:?}"
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let missing: Vec<_> = RULES
        .iter()
        // A list of 513 is no readable case; it has a test of its own.
        .filter(|rule| **rule != "truncated" && !rows.contains(**rule))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

/// One difference hurts exactly those for whom the verdict is "breaking", except where the case says why it must
/// overstate. Never less than the verdict.
#[test]
fn a_sole_difference_hurts_whom_the_verdict_says() {
    let mut sole = 0;
    for folder in ["differences", "compatibility"] {
        for (name, case) in vectors(folder) {
            let (old_references, new_references) = (
                references(&case, "old_references"),
                references(&case, "new_references"),
            );
            let (old, new) = (
                side(&case["old"], &old_references),
                side(&case["new"], &new_references),
            );
            let found = differences(&old, &new);
            let hurt = hurt(&found);
            let (backward, forward) = verdicts(&old, &new);
            assert!(
                backward != Verdict::Breaking || hurt.old_data,
                "{name}: {found:#?}"
            );
            assert!(
                forward != Verdict::Breaking || hurt.old_readers,
                "{name}: {found:#?}"
            );
            if found.len() == 1 && folder == "differences" {
                sole += 1;
                let overstated = (hurt.old_data && backward == Verdict::Compatible)
                    || (hurt.old_readers && forward == Verdict::Compatible);
                assert_eq!(
                    overstated,
                    case.get("overstated").is_some(),
                    "{name}: {backward:?} {forward:?} {found:#?}"
                );
            }
        }
    }
    assert!(sole >= 70, "only {sole} cases with one difference");
}

#[test]
fn a_difference_is_written_in_its_order() {
    let found = told(&json!({"enum": ["a", "b"]}), &json!({"enum": ["a"]}));
    assert_eq!(
        serde_json::to_string(&found).unwrap(),
        format!(
            r#"[{{"rule":"enum_value_removed","hurts":["old_data"],"old_pointer":"/enum","new_pointer":"/enum","message":"The value \"b\" is no longer accepted.","repair":"Add \"b\" to the new `enum`, mark it deprecated in the description, and remove it when no artifact holds it.","fingerprint":"{}"}}]"#,
            found[0].fingerprint
        )
    );
}

#[test]
fn a_fingerprint_stays_while_other_things_change() {
    let old =
        json!({"properties": {"a": {"type": "string", "maxLength": 5}, "b": {"enum": [1, 2]}}});
    let new =
        json!({"properties": {"a": {"type": "string", "maxLength": 4}, "b": {"enum": [1, 2]}}});
    let other = json!({"title": "T", "properties": {"b": {"enum": [1]}, "a": {"maxLength": 4, "type": "string", "description": "d"}}});
    let of = |new: &Value| {
        told(&old, new)
            .into_iter()
            .find(|found| found.rule == "length_narrowed")
            .unwrap()
            .fingerprint
    };
    assert_eq!(of(&new), of(&other));
    let tighter =
        json!({"properties": {"a": {"type": "string", "maxLength": 3}, "b": {"enum": [1, 2]}}});
    assert_ne!(of(&new), of(&tighter));
    let fingerprints: BTreeSet<String> = told(&json!({"enum": [1, 2, 3]}), &json!({"enum": [0]}))
        .into_iter()
        .map(|found| found.fingerprint)
        .collect();
    assert_eq!(fingerprints.len(), 4);
}

/// One branch in the middle is one difference.
#[test]
fn a_branch_inserted_in_the_middle_is_one_difference() {
    let branch = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    let schema = |names: &[&str]| {
        let branches: Vec<Value> = names.iter().map(|name| branch(name)).collect();
        let definitions: Map<String, Value> = names
            .iter()
            .map(|name| ((*name).to_owned(), json!({"properties": {"kind": {"const": name}, "next": {"$ref": "#"}}, "required": ["kind"], "type": "object"})))
            .collect();
        json!({"oneOf": branches, "$defs": definitions})
    };
    let found = told(&schema(&["a", "c", "d"]), &schema(&["a", "b", "c", "d"]));
    let rules: Vec<&str> = found.iter().map(|found| found.rule).collect();
    assert_eq!(rules, ["definition_added", "combinator_branch_added"]);
    assert_eq!(found[1].hurts, Hurts::OLD_READERS);
}

// ------------------------------------------------------------------------------------------------ the page

fn cell(rule: &Rule) -> String {
    let hurts: Vec<&str> = rule.hurts.names().collect();
    let whom = match hurts.as_slice() {
        [] => "nobody".to_owned(),
        names => names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    };
    format!(
        "| `{}` | {} | {whom} | {} | {} |",
        rule.id, rule.case, rule.meaning, rule.repair
    )
}

#[test]
fn the_page_lists_the_table_and_nothing_else() {
    let squeezed = |line: &str| line.split('|').map(str::trim).collect::<Vec<_>>().join("|");
    let page = fs::read_to_string(root().join("docs/differences.md")).unwrap();
    let listed: Vec<String> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(squeezed)
        .collect();
    let table: Vec<String> = TABLE.iter().map(|rule| squeezed(&cell(rule))).collect();
    assert_eq!(listed, table);
}

#[test]
fn a_row_has_a_repair_exactly_where_somebody_is_hurt() {
    let mut ids: Vec<&str> = TABLE.iter().map(|rule| rule.id).collect();
    ids.dedup();
    assert_eq!(ids, RULES);
    for rule in TABLE {
        assert_eq!(
            rule.repair.is_empty(),
            rule.hurts == Hurts::NOBODY,
            "{rule:?}"
        );
        for text in [rule.meaning, rule.repair] {
            assert!(text.is_empty() || text.ends_with('.'), "{rule:?}");
        }
        assert!(
            rule.repair.split('{').skip(1).all(|rest| [
                "name}", "was}", "is}", "restore}", "keep}"
            ]
            .iter()
            .any(|slot| rest.starts_with(slot))),
            "{rule:?}"
        );
    }
}

// ------------------------------------------------------------------------------------------------ properties

/// Small schemas with most keywords in them.
fn schemas() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!(false)),
        prop::sample::select(
            &[
                "string", "integer", "number", "null", "boolean", "array", "object"
            ][..]
        )
        .prop_map(|name| json!({"type": name})),
        Just(json!({"type": ["integer", "string"]})),
        (0i64..4, 3i64..6)
            .prop_map(|(low, high)| json!({"type": "integer", "minimum": low, "maximum": high})),
        (0i64..4).prop_map(|low| json!({"type": "integer", "exclusiveMinimum": low})),
        prop::sample::select(&[1.0, 2.0, 4.0, 0.5, 3.0][..])
            .prop_map(|step| json!({"type": "number", "multipleOf": step})),
        (0u64..3, 2u64..5).prop_map(|(low, high)| json!({"minLength": low, "maxLength": high})),
        prop::collection::vec(prop::sample::select(&["a", "b", "c"][..]), 1..3)
            .prop_map(|names| json!({"enum": names})),
        prop::sample::select(&["a", "b"][..]).prop_map(|value| json!({"const": value})),
        Just(json!({"type": "string", "pattern": "^a*$"})),
        Just(json!({"$ref": "#/$defs/x"})),
        Just(json!({"$ref": "#/$defs/y"})),
    ];
    leaf.prop_recursive(3, 20, 3, |inner| {
        prop_oneof![
            object(inner.clone()),
            array(inner.clone()),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"anyOf": [a, b]})),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"allOf": [a, b]})),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"oneOf": [a, b]})),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| json!({"if": a, "then": b, "else": c})),
            inner.prop_map(|not| json!({"not": not})),
        ]
    })
}

fn object(inner: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
    let rest = prop::option::of(prop_oneof![Just(json!(false)), inner.clone()]);
    (
        prop::collection::vec(
            (prop::sample::select(&["a", "b", "c"][..]), inner.clone()),
            0..3,
        ),
        prop::option::of(prop::sample::select(&["a", "b"][..])),
        rest.clone(),
        prop::option::of((prop::sample::select(&["^a", "b$"][..]), inner.clone())),
        prop::option::of(rest),
        0u8..6,
        inner,
    )
        .prop_map(
            |(properties, required, rest, pattern, unevaluated, more, extra)| {
                let mut schema = json!({"type": "object"});
                if !properties.is_empty() {
                    let properties: Map<String, Value> = properties
                        .into_iter()
                        .map(|(name, schema)| (name.to_owned(), schema))
                        .collect();
                    schema["properties"] = Value::Object(properties);
                }
                if let Some(name) = required {
                    schema["required"] = json!([name]);
                }
                if let Some(rest) = rest {
                    schema["additionalProperties"] = rest;
                }
                if let Some((pattern, inner)) = pattern {
                    schema["patternProperties"] = json!({pattern: inner});
                }
                if let Some(Some(unevaluated)) = unevaluated {
                    schema["unevaluatedProperties"] = unevaluated;
                }
                match more {
                    0 => schema["allOf"] = json!([extra]),
                    1 => schema["dependentSchemas"] = json!({"a": extra}),
                    2 => schema["dependentRequired"] = json!({"a": ["b"]}),
                    3 => schema["propertyNames"] = extra,
                    _ => {}
                }
                schema
            },
        )
}

fn array(inner: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
    let rest = prop::option::of(prop_oneof![Just(json!(false)), inner.clone()]);
    (
        prop::collection::vec(inner.clone(), 0..3),
        rest.clone(),
        rest,
        prop::option::of(inner),
        prop::option::of(0u64..3),
        prop::option::of(1u64..3),
        any::<bool>(),
    )
        .prop_map(
            |(first, rest, unevaluated, contains, least, most, unique)| {
                let mut schema = json!({"type": "array"});
                if !first.is_empty() {
                    schema["prefixItems"] = Value::Array(first);
                }
                if let Some(rest) = rest {
                    schema["items"] = rest;
                }
                if let Some(unevaluated) = unevaluated {
                    schema["unevaluatedItems"] = unevaluated;
                }
                if let Some(contains) = contains {
                    schema["contains"] = contains;
                    if let Some(least) = least {
                        schema["minContains"] = json!(least);
                    }
                    if let Some(most) = most {
                        schema["maxContains"] = json!(most);
                    }
                }
                if unique {
                    schema["uniqueItems"] = json!(true);
                }
                schema
            },
        )
}

/// A schema with the definitions that the leaves refer to.
fn whole(schema: Value, x: Value, y: Value) -> Value {
    match schema {
        Value::Object(mut object) => {
            object.insert("$defs".into(), json!({"x": x, "y": y}));
            Value::Object(object)
        }
        other => json!({"allOf": [other], "$defs": {"x": x, "y": y}}),
    }
}

fn definitions() -> impl Strategy<Value = (Value, Value)> {
    let x = prop::sample::select(&["string", "integer", "number"][..])
        .prop_map(|name| json!({"type": name}));
    let y = prop::sample::select(&["string", "integer", "null"][..])
        .prop_map(|name| json!({"properties": {"a": {"$ref": "#/$defs/y"}, "b": {"type": name}}}));
    (x, y)
}

fn wholes() -> impl Strategy<Value = Value> {
    (schemas(), definitions()).prop_map(|(schema, (x, y))| whole(schema, x, y))
}

/// A schema and one in which one small thing may differ.
fn neighbours() -> impl Strategy<Value = (Value, Value)> {
    (wholes(), schemas(), any::<prop::sample::Index>()).prop_map(|(old, other, place)| {
        let mut places = Vec::new();
        pointers(&old, String::new(), &mut places);
        let mut new = old.clone();
        let at = &places[place.index(places.len())];
        if !at.is_empty() && !at.starts_with("/$defs/x") {
            *new.pointer_mut(at).unwrap() = other;
        }
        (old, new)
    })
}

/// The places of the subschemas, by the keywords that [`schemas`] uses.
fn pointers(schema: &Value, at: String, into: &mut Vec<String>) {
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        let at = format!("{at}/{keyword}");
        match (keyword.as_str(), value) {
            (
                "properties" | "patternProperties" | "dependentSchemas" | "$defs",
                Value::Object(map),
            ) => {
                for (name, value) in map {
                    pointers(value, format!("{at}/{name}"), into);
                }
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(list)) => {
                for (index, value) in list.iter().enumerate() {
                    pointers(value, format!("{at}/{index}"), into);
                }
            }
            (
                "items"
                | "additionalProperties"
                | "unevaluatedItems"
                | "unevaluatedProperties"
                | "contains"
                | "propertyNames"
                | "not"
                | "if"
                | "then"
                | "else",
                value,
            ) => pointers(value, at, into),
            _ => {}
        }
    }
    into.push(at);
}

/// The same schema in other words: members reordered, annotations added, definitions renamed.
fn reworded(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(reworded).collect(),
        Value::Object(object) => {
            let mut members: Map<String, Value> = object
                .iter()
                .rev()
                .map(|(name, member)| match name.as_str() {
                    "$defs" => (
                        name.clone(),
                        json!({"u": reworded(&member["y"]), "v": reworded(&member["x"])}),
                    ),
                    "$ref" => (
                        name.clone(),
                        match member.as_str().unwrap() {
                            "#/$defs/x" => json!("#/$defs/v"),
                            _ => json!("#/$defs/u"),
                        },
                    ),
                    "properties" | "patternProperties" | "dependentSchemas" => (
                        name.clone(),
                        member
                            .as_object()
                            .unwrap()
                            .iter()
                            .rev()
                            .map(|(name, member)| (name.clone(), reworded(member)))
                            .collect(),
                    ),
                    "dependentRequired" => (name.clone(), member.clone()),
                    _ => (name.clone(), reworded(member)),
                })
                .collect();
            members.insert("description".into(), json!("said otherwise"));
            Value::Object(members)
        }
        scalar => scalar.clone(),
    }
}

fn hurts_no_less_than_the_verdicts(old: &Value, new: &Value) -> Result<(), TestCaseError> {
    let found = told(old, new);
    let hurt = hurt(&found);
    let nothing = References::new();
    let (backward, forward) = verdicts(&side(old, &nothing), &side(new, &nothing));
    prop_assert!(
        backward != Verdict::Breaking || hurt.old_data,
        "{old}\n{new}\n{found:#?}"
    );
    prop_assert!(
        forward != Verdict::Breaking || hurt.old_readers,
        "{old}\n{new}\n{found:#?}"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_schema_does_not_differ_from_itself(schema in wholes()) {
        prop_assert_eq!(told(&schema, &schema), vec![]);
    }

    #[test]
    fn other_words_hurt_nobody(schema in wholes()) {
        let found = told(&schema, &reworded(&schema));
        for difference in &found {
            prop_assert_eq!(difference.rule, "annotation_changed", "{:?}", difference);
            prop_assert_eq!(difference.hurts, Hurts::NOBODY);
        }
    }

    #[test]
    fn who_is_broken_is_hurt_by_a_difference(old in wholes(), new in wholes()) {
        hurts_no_less_than_the_verdicts(&old, &new)?;
    }

    #[test]
    fn who_is_broken_by_a_small_change_is_hurt_by_a_difference((old, new) in neighbours()) {
        hurts_no_less_than_the_verdicts(&old, &new)?;
    }
}

// ------------------------------------------------------------------------------------------------ real questions

fn reference_data() -> Option<PathBuf> {
    let given = std::env::var_os("SENATE_REFERENCE_DATA").map(PathBuf::from);
    [given, Some(root().join("../shared/data"))]
        .into_iter()
        .flatten()
        .map(|data| data.join("compatibility"))
        .find(|folder| folder.join("questions.jsonl").is_file())
}

/// Where the answer is "breaking", some difference hurts old data.
#[test]
fn the_questions_of_the_reference_data_find_their_difference() {
    let Some(folder) = reference_data() else {
        println!("SKIPPED: no reference data; set SENATE_REFERENCE_DATA");
        return;
    };
    // Labels that hold only when `format` asserts; here it is an annotation.
    const ABOUT_FORMAT: [&str; 3] = ["test_tricky1#2", "test_tricky2#2", "test_tricky4#2"];
    let nothing = References::new();
    for file in ["questions.jsonl", "hard-questions.jsonl"] {
        let (mut breaking, mut compatible, mut silent) = (0, 0, 0);
        let mut missed = Vec::new();
        for line in fs::read_to_string(folder.join(file)).unwrap().lines() {
            let question: Value = serde_json::from_str(line).unwrap();
            let id = question["id"].as_str().unwrap();
            let draft = match question["draft"].as_str().unwrap() {
                "draft4" => Draft::Draft4,
                "draft6" => Draft::Draft6,
                "draft7" => Draft::Draft7,
                "2019-09" => Draft::Draft201909,
                "2020-12" => Draft::Draft202012,
                other => panic!("unknown draft {other}"),
            };
            let side = |name: &str| Side {
                schema: &question[name],
                references: &nothing,
                draft: Some(draft),
            };
            let hurt = hurt(&differences(&side("old"), &side("new")));
            if question["compatible"] == json!(true) {
                compatible += 1;
                silent += usize::from(!hurt.old_data);
            } else {
                breaking += 1;
                if !hurt.old_data && !ABOUT_FORMAT.iter().any(|about| id.contains(about)) {
                    missed.push(id.to_owned());
                }
            }
        }
        println!(
            "{file}: {breaking} breaking, {} without a difference that hurts old data; {compatible} compatible, {silent} of \
             them without one",
            missed.len()
        );
        assert!(missed.is_empty(), "{file}: {missed:#?}");
    }
}
