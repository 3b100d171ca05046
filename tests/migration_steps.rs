//! Plans and document transforms: one readable example per operation and per change, and what holds for all of them.

#![cfg(test)]

use std::{collections::BTreeMap, fs, path::PathBuf};

use proptest::prelude::*;
use schema_senate::migration::{
    self, Fill, Plan, PlanInput, Transform, apply, plan, read_transforms, restore, same, suggest,
};
use schema_senate::schema::{Change, Document, Draft, Evolution, FieldPath};
use schema_senate::text::Problem;
use serde_json::{Map, Value, json};
use xtask_soak::{choices::Choices, instances::Sampler, pairs::Pair};

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

fn change(change_type: &str, spec: Value) -> Change {
    Change::read(change_type, &spec).unwrap()
}

fn document(schema: Value) -> Document {
    Document::new(schema, BTreeMap::new(), Some(Draft::Draft202012)).unwrap()
}

fn none_needed() -> Value {
    json!({"none_needed": "an example that needs none"})
}

/// The plan for a change of `experiment`, from version 3 to 4.
fn planned(change: &Change, current: Option<&Document>) -> Result<Plan, Problem> {
    let next = document(change.apply(current).unwrap().schema);
    planned_to(change, current, &next)
}

fn planned_to(
    change: &Change,
    current: Option<&Document>,
    next: &Document,
) -> Result<Plan, Problem> {
    plan(&PlanInput {
        change,
        artifact_type: "experiment",
        versions: (3, 4),
        current,
        next,
        declared: &none_needed(),
        strategy: Evolution::Batch,
        previous: None,
        table: migration::TABLE,
    })
}

/// The plan for replacing one schema by another.
fn replaced(old: &Document, new: &Document) -> Result<Plan, Problem> {
    let change = change("modify_field", json!({"path": "", "schema": new.schema()}));
    planned_to(&change, Some(old), new)
}

fn says(plan: &Plan, code: &str) -> bool {
    plan.lint.iter().any(|finding| finding.code == code)
}

fn valid(document: &Document, artifact: &Value) -> bool {
    jsonschema::options()
        .with_draft(document.draft())
        .build(document.schema())
        .unwrap()
        .is_valid(artifact)
}

/// Each example of a file, and that a second run finds nothing left to do.
fn check_examples(at: &str, transforms: &[Transform], vector: &Value) {
    for example in vector["artifacts"].as_array().unwrap() {
        let outcome = apply(transforms, &example["before"]);
        assert_eq!(outcome.artifact, example["after"], "{at}");
        assert_eq!(
            Value::Bool(outcome.changed),
            example["changed"],
            "{at} {example}"
        );
        let skipped: Vec<&str> = outcome
            .skipped
            .iter()
            .map(|problem| problem.pointer.as_str())
            .collect();
        let expected = example.get("skipped").cloned().unwrap_or(json!([]));
        assert_eq!(json!(skipped), expected, "{at}");
        assert!(
            !apply(transforms, &outcome.artifact).changed,
            "{at} {example}"
        );
    }
}

#[test]
fn each_operation_does_what_its_example_shows() {
    let mut seen: Vec<&str> = Vec::new();
    for (file, vector) in vectors() {
        if vector.get("change").is_some() {
            continue;
        }
        let at = file.display().to_string();
        let transforms = read_transforms(&vector["transforms"]).unwrap();
        let written: Value = transforms.iter().map(Transform::to_value).collect();
        assert_eq!(written, vector["transforms"], "{at}");
        seen.extend(transforms.iter().map(Transform::op));
        check_examples(&at, &transforms, &vector);
    }
    for op in ["add", "remove", "move", "convert", "wrap", "unwrap", "map"] {
        assert!(seen.contains(&op), "no example of {op}");
    }
}

#[test]
fn each_change_migrates_artifacts_as_its_example_shows() {
    let mut seen: Vec<&str> = Vec::new();
    for (file, vector) in vectors() {
        let Some(given) = vector.get("change") else {
            continue;
        };
        let at = file.display().to_string();
        let change = change(
            given["change_type"].as_str().unwrap(),
            given["field_spec"].clone(),
        );
        seen.push(change.name());
        let current = vector.get("schema").cloned().map(document);
        let next = document(change.apply(current.as_ref()).unwrap().schema);
        let plan = planned_to(&change, current.as_ref(), &next).unwrap();
        let value = plan.to_value();
        assert_eq!(value["transforms"], vector["transforms"], "{at}");
        assert_eq!(value["inverse"], vector["inverse"], "{at}");
        let lint: Vec<String> = plan
            .lint
            .iter()
            .map(|finding| format!("{} {}", finding.code, finding.pointer))
            .collect();
        assert_eq!(json!(lint), vector["lint"], "{at}");
        let columns = vector.get("columns").cloned().unwrap_or(json!([]));
        assert_eq!(value["columns"], columns, "{at}");
        if !plan.transforms.is_empty() {
            assert!(!plan.sql.postgresql.up.is_empty(), "{at}");
        }
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
        check_examples(&at, &plan.transforms, &vector);
        for example in vector["artifacts"].as_array().unwrap() {
            if let Some(back) = example.get("back") {
                assert_eq!(
                    apply(&plan.inverse, &example["after"]).artifact,
                    *back,
                    "{at}"
                );
            }
            let fitted = current
                .as_ref()
                .is_some_and(|current| valid(current, &example["before"]));
            if fitted && !says(&plan, "data_dependent") {
                assert!(valid(&next, &example["after"]), "{at}: {example}");
            }
        }
        assert_eq!(Plan::from_value(&value).unwrap(), plan, "{at}");
    }
    for kind in schema_senate::schema::CHANGE_TYPES {
        assert!(seen.contains(&kind), "no example of {kind}");
    }
}

#[test]
fn a_renamed_field_keeps_its_place_among_the_others() {
    let current = document(json!({"properties": {"b": {"type": "integer"}}}));
    let change = change("rename_field", json!({"from": "/b", "to": "/z"}));
    let plan = planned(&change, Some(&current)).unwrap();
    let outcome = apply(&plan.transforms, &json!({"a": 1, "b": 2, "c": 3}));
    assert_eq!(outcome.artifact.to_string(), r#"{"a":1,"z":2,"c":3}"#);
}

/// `/a` is removed from a type that has it.
fn removal() -> Plan {
    let current = document(json!({"properties": {"a": {"type": "integer"}}}));
    planned(
        &change("remove_field", json!({"path": "/a"})),
        Some(&current),
    )
    .unwrap()
}

#[test]
fn a_plan_is_read_strictly() {
    let good = removal().to_value();
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
    let mut transform = good.clone();
    transform["transforms"][0]["value"] = json!(1);
    let mut restores = good.clone();
    restores["restores"] = json!(1);
    for (bad, place) in [
        (json!([]), ""),
        (extra, "/surprise"),
        (missing, ""),
        (transform, "/transforms/0/value"),
        (restores, "/restores"),
        (with("/from_version", json!(-1)), "/from_version"),
        (
            with("/to_version", json!(9007199254740992u64)),
            "/to_version",
        ),
        (with("/strategy", json!("never")), "/strategy"),
        (with("/transforms", json!({})), "/transforms"),
        (
            with("/transforms/0/op", json!("drop_everything")),
            "/transforms/0/op",
        ),
        (with("/transforms/0/path", json!("a")), "/transforms/0/path"),
        (
            with("/transforms/0/path", json!("/a/*")),
            "/transforms/0/path",
        ),
        (
            with(
                "/inverse",
                json!([{"op": "wrap", "path": "/a", "from": "/b"}]),
            ),
            "/inverse/0/from",
        ),
        (
            with(
                "/columns",
                json!([{"name": "id", "type": "text", "path": "/a", "index": true}]),
            ),
            "/columns/0/name",
        ),
        (
            with(
                "/columns",
                json!([{"name": "a", "type": "money", "path": "/a", "index": true}]),
            ),
            "/columns/0/type",
        ),
        (
            with("/sql", json!({"postgresql": {"up": [], "down": []}})),
            "/sql",
        ),
        (with("/sql/sqlite/up", json!([1])), "/sql/sqlite/up"),
        (with("/lint/0/code", json!("fine")), "/lint/0/code"),
        (with("/lint/0/severity", json!("grave")), "/lint/0/severity"),
        (with("/reversible", json!("yes")), "/reversible"),
        (with("/declared", json!({"sql": "x"})), "/declared"),
        (with("/declared", json!({"none_needed": 1})), "/declared"),
        (
            with(
                "/declared",
                json!({"none_needed": "x", "strategy": "never"}),
            ),
            "/declared",
        ),
    ] {
        assert_eq!(Plan::from_value(&bad).unwrap_err().pointer, place, "{bad}");
    }
}

#[test]
fn a_text_that_no_database_stores_is_refused_where_it_stands() {
    let current = document(json!({"type": "object", "properties": {"f": {"type": "string"}}}));
    for (change_type, spec, place) in [
        (
            "add_field",
            json!({"name": "a", "schema": {}, "default": {"deep": ["nul \u{0} here"]}}),
            "/default",
        ),
        (
            "add_field",
            json!({"name": "a", "schema": {"const": "\u{0}"}, "required": true}),
            "/schema",
        ),
        (
            "remove_field",
            json!({"path": "/f", "transforms": [
                {"op": "wrap", "path": "/f"},
                {"op": "map", "path": "/f", "values": [{"from": "\u{0}", "to": 1}]}
            ]}),
            "/transforms/1",
        ),
    ] {
        let problem = planned(&change(change_type, spec.clone()), Some(&current)).unwrap_err();
        assert_eq!(
            (problem.code, problem.pointer.as_str()),
            ("sql_null_character", place),
            "{spec}"
        );
    }
}

#[test]
fn a_column_that_cannot_be_is_refused() {
    let current = document(
        json!({"type": "object", "properties": {"f": {"type": "string", "x-column": "f"}}}),
    );
    for (column, code) in [
        (json!("id"), "column_name_not_allowed"),
        (
            json!("Robert'); DROP TABLE artifacts;--"),
            "column_name_not_allowed",
        ),
        (json!("f"), "column_name_taken"),
        (json!(7), "column_malformed"),
        (json!({"type": "text"}), "column_malformed"),
        (json!({"name": "x", "type": "money"}), "column_malformed"),
        (json!({"name": "x", "unique": true}), "column_malformed"),
    ] {
        let spec = json!({"name": "a", "schema": {"type": "string", "x-column": column}});
        let problem = planned(&change("add_field", spec.clone()), Some(&current)).unwrap_err();
        assert_eq!(problem.code, code, "{spec}");
        assert!(problem.pointer.starts_with("/schema"), "{problem}");
    }
}

#[test]
fn the_declared_plan_says_when_artifacts_follow() {
    let current = document(json!({"properties": {"a": {"type": "integer"}}}));
    let change = change("remove_field", json!({"path": "/a"}));
    let next = document(change.apply(Some(&current)).unwrap().schema);
    for (declared, strategy, expected, reversible) in [
        (none_needed(), Evolution::Lazy, Evolution::Lazy, true),
        (
            json!({"none_needed": "x", "strategy": "batch"}),
            Evolution::Lazy,
            Evolution::Batch,
            true,
        ),
        (
            json!({"sql": "x", "backfill": "y", "strategy": "eager_on_read"}),
            Evolution::Batch,
            Evolution::EagerOnRead,
            false,
        ),
    ] {
        let plan = plan(&PlanInput {
            change: &change,
            artifact_type: "experiment",
            versions: (3, 4),
            current: Some(&current),
            next: &next,
            declared: &declared,
            strategy,
            previous: None,
            table: "artifacts",
        })
        .unwrap();
        assert_eq!(
            (plan.strategy, plan.reversible),
            (expected, reversible),
            "{declared}"
        );
        assert_eq!(Plan::from_value(&plan.to_value()).unwrap(), plan);
    }
}

#[test]
fn a_revert_takes_the_last_migration_back() {
    let old = document(
        json!({"type": "object", "properties": {"n": {"type": "boolean"}}, "additionalProperties": false}),
    );
    let modify = change(
        "modify_field",
        json!({"path": "/n", "schema": {"type": "string"}}),
    );
    let new = document(modify.apply(Some(&old)).unwrap().schema);
    let last = planned_to(&modify, Some(&old), &new).unwrap();
    let revert = change("modify_field", json!({"revert_to": 3}));
    let plan = plan(&PlanInput {
        change: &revert,
        artifact_type: "experiment",
        versions: (4, 5),
        current: Some(&new),
        next: &old,
        declared: &none_needed(),
        strategy: Evolution::Batch,
        previous: Some(&last),
        table: "artifacts",
    })
    .unwrap();
    assert_eq!(plan.restores.as_deref(), Some("experiment@3->4"));
    assert_eq!(plan.transforms, last.inverse);
    assert_eq!(plan.inverse, last.transforms);
    assert_eq!(plan.name(), "experiment@4->5");
    assert_eq!(
        apply(&plan.transforms, &json!({"n": "true"})).artifact,
        json!({"n": true})
    );
    assert_eq!(Plan::from_value(&plan.to_value()).unwrap(), plan);
}

#[test]
fn the_digest_names_the_whole_plan() {
    let one = removal();
    let mut other = one.clone();
    assert_eq!(one.digest().unwrap(), other.digest().unwrap());
    other.sql.sqlite.down.push("SELECT 1".into());
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

/// A transform over the same few names.
fn transforms() -> impl Strategy<Value = Transform> {
    (
        (parents(), prop::sample::select(&NAMES[..]), 0..7_usize),
        (artifacts(), prop::sample::select(&NAMES[..]), any::<bool>()),
        (0..9_usize, 0..4_usize),
    )
        .prop_filter_map("must be a transform", |((parent, name, which), (value, other, flag), (rule, otherwise))| {
            let at = format!("{parent}/{name}");
            let place = if flag { format!("{at}/*") } else { at.clone() };
            let otherwise = [json!("keep"), json!("remove"), json!("null"), json!({"value": value})][otherwise].clone();
            let rule = migration::Rule::ALL[rule].name();
            let written = match which {
                0 => json!({"op": "add", "path": at, "value": value}),
                1 => json!({"op": "add", "path": at, "from": format!("{parent}/{other}")}),
                2 => json!({"op": "remove", "path": at}),
                3 => json!({"op": "move", "from": at, "path": format!("{parent}/{other}/moved")}),
                4 => json!({"op": "convert", "path": place, "rule": rule, "otherwise": otherwise}),
                5 if flag => json!({"op": "wrap", "path": place}),
                5 => json!({"op": "unwrap", "path": place, "otherwise": otherwise}),
                _ => json!({"op": "map", "path": place, "otherwise": otherwise, "values": [
                    {"from": 1, "to": "one"}, {"from": "a", "to": null, "when": {"path": format!("{parent}/{other}"), "equals": true}}
                ]}),
            };
            Transform::from_value(&written).ok()
        })
}

/// The names that a transform speaks of.
fn names(transform: &Transform) -> Vec<String> {
    let last = |path: &FieldPath| {
        path.segments()
            .iter()
            .rev()
            .find_map(|segment| match segment {
                schema_senate::schema::Segment::Field(name) => Some(name.clone()),
                schema_senate::schema::Segment::Items => None,
            })
    };
    let mut names: Vec<String> = last(transform.path()).into_iter().collect();
    if let Transform::Move { from, .. } = transform {
        names.extend(last(from));
    }
    names
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
    fn a_transform_run_twice_does_what_it_does_once(transform in transforms(), artifact in artifacts()) {
        let transforms = [transform];
        let once = apply(&transforms, &artifact);
        let twice = apply(&transforms, &once.artifact);
        prop_assert_eq!(&twice.artifact, &once.artifact);
        prop_assert!(!twice.changed);
        prop_assert_eq!(once.changed, !same(&once.artifact, &artifact));
    }

    #[test]
    fn fields_that_a_transform_does_not_name_are_untouched(transform in transforms(), artifact in artifacts()) {
        let named = names(&transform);
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        // A whole artifact that is an array is rewritten where the path begins with `*`: then there is no name to leave out.
        prop_assume!(!named.is_empty());
        let outcome = apply(&[transform], &artifact);
        prop_assert_eq!(without(&outcome.artifact, &named), without(&artifact, &named));
    }

    #[test]
    fn transforms_survive_the_wire(transform in transforms()) {
        prop_assert_eq!(Transform::from_value(&transform.to_value()).unwrap(), transform);
    }

    /// What nobody touched goes back, what nobody migrated stays.
    #[test]
    fn a_migration_is_taken_back(transforms in prop::collection::vec(transforms(), 0..4), artifact in artifacts(), edited in artifacts()) {
        let after = apply(&transforms, &artifact).artifact;
        prop_assert_eq!(&restore(&artifact, &after, &after), &artifact);
        prop_assert_eq!(&restore(&artifact, &artifact, &edited), &edited);
        if !same(&after, &artifact) {
            prop_assert!(!same(&restore(&artifact, &after, &after), &after));
        }
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
        let base = document(schema);
        let path = if nested { "/rows/*/unit" } else { "/unit" };
        let spec = json!({"path": path, "schema": {"enum": ["mg", "ml"]}, "required": required, "default": "mg"});
        let change = change("add_field", spec);
        let next = document(change.apply(Some(&base)).unwrap().schema);
        let plan = planned(&change, Some(&base)).unwrap();
        let migrated = apply(&plan.transforms, &artifact).artifact;
        prop_assert!(valid(&base, &artifact));
        prop_assert!(valid(&next, &migrated), "{}", migrated);
        prop_assert!(!says(&plan, "data_dependent"), "{:?}", plan.lint);
    }
}

// ------------------------------------------------------------------------------------- whole schemas, by dice

/// What holds for every plan and every artifact that is valid before. Answers how many artifacts it was held to.
fn hold(old: &Document, new: &Document, plan: &Plan, seed: u64) -> Result<Seen, String> {
    let mut seen = Seen::default();
    let judge = |document: &Document| {
        jsonschema::options()
            .with_draft(document.draft())
            .build(document.schema())
            .ok()
    };
    let (Some(before), Some(after)) = (judge(old), judge(new)) else {
        return Ok(seen);
    };
    let (depends, lossy) = (says(plan, "data_dependent"), says(plan, "not_reversible"));
    let mut sampler = Sampler::new(old.schema(), new.schema(), seed);
    for _ in 0..40 {
        let artifact = sampler.instance();
        if !before.is_valid(&artifact) {
            continue;
        }
        let up = apply(&plan.transforms, &artifact);
        let at = || {
            format!(
                "{artifact} became {}\nold {}\nnew {}\nplan {:#}",
                up.artifact,
                old.schema(),
                new.schema(),
                plan.to_value()
            )
        };
        if apply(&plan.transforms, &up.artifact).changed {
            return Err(format!("a second run changes it: {}", at()));
        }
        if !depends && !after.is_valid(&up.artifact) {
            return Err(format!("it does not fit afterwards: {}", at()));
        }
        if !same(&restore(&artifact, &up.artifact, &up.artifact), &artifact) {
            return Err(format!("it is not restored: {}", at()));
        }
        let down = apply(&plan.inverse, &up.artifact).artifact;
        if !lossy && !before.is_valid(&down) {
            return Err(format!(
                "taken back it is {down}, which does not fit: {}",
                at()
            ));
        }
        seen.fitted += usize::from(!depends);
        seen.changed += usize::from(up.changed);
        seen.promised += usize::from(up.changed && !depends);
        seen.taken_back += usize::from(up.changed && !lossy);
    }
    Ok(seen)
}

/// How often each promise was put to the test by an artifact that changed.
#[derive(Debug, Default)]
struct Seen {
    /// Artifacts that a plan promised to fit, changed or not.
    fitted: usize,
    changed: usize,
    promised: usize,
    taken_back: usize,
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.fitted += other.fitted;
        self.changed += other.changed;
        self.promised += other.promised;
        self.taken_back += other.taken_back;
    }
}

#[test]
fn plans_between_any_two_schemas_keep_their_promises() {
    let mut seen = Seen::default();
    for seed in 0..2_500 {
        let pair = Pair::seeded(seed);
        let side =
            |schema: &Value, draft| Document::new(schema.clone(), BTreeMap::new(), Some(draft));
        let (Ok(old), Ok(new)) = (
            side(&pair.old, pair.old_draft),
            side(&pair.new, pair.new_draft),
        ) else {
            continue;
        };
        let Ok(plan) = replaced(&old, &new) else {
            continue;
        };
        match hold(&old, &new, &plan, seed) {
            Ok(found) => seen.add(&found),
            Err(fault) => panic!("seed {seed}: {fault}"),
        }
    }
    println!("{seen:?}");
    assert!(seen.fitted > 1_000 && seen.changed > 20, "{seen:?}");
}

/// A schema of one field, of the kinds that transforms are about.
fn leaf(choices: &mut Choices<'_>, depth: usize) -> Value {
    let kinds = if depth == 0 { 13 } else { 10 };
    match choices.below(kinds) {
        0 => json!({"type": "string"}),
        1 => json!({"type": "integer"}),
        2 => json!({"type": "number"}),
        3 => json!({"type": "boolean"}),
        4 => json!({"type": ["string", "null"]}),
        5 => json!({"const": choices.word(&["1", "2", "true", "x"])}),
        6 => json!({"enum": ["1", "2"]}),
        7 => json!({"enum": [1, 2, null]}),
        8 => json!({"type": "string", "default": "d"}),
        9 => json!({"type": ["boolean", "null"], "default": false}),
        10 => json!({"type": "array", "items": leaf(choices, 1)}),
        11 => record(choices, 1),
        _ => json!({"type": "array", "items": record(choices, 1)}),
    }
}

fn record(choices: &mut Choices<'_>, depth: usize) -> Value {
    let mut fields = Map::new();
    let mut required = Vec::new();
    for name in ["a", "b", "c"] {
        if choices.chance(70) {
            fields.insert(name.to_owned(), leaf(choices, depth));
            if choices.chance(40) {
                required.push(name);
            }
        }
    }
    let mut schema = json!({"type": "object", "properties": fields, "required": required});
    if choices.chance(70) {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

/// One of the five changes to a record, as a field spec.
fn any_change(choices: &mut Choices<'_>) -> (&'static str, Value) {
    let name = choices.word(&["a", "b", "c"]);
    let path = format!("{}/{name}", choices.word(&["", "", "/a", "/b/*"]));
    match choices.below(5) {
        0 => {
            let mut spec = json!({"path": format!("{path}x"), "schema": leaf(choices, 1), "required": choices.chance(50)});
            if choices.chance(50) {
                spec["default"] = json!("d");
            }
            ("add_field", spec)
        }
        1 => ("remove_field", json!({"path": path})),
        2 => (
            "rename_field",
            json!({"from": path, "to": choices.word(&["z", "c"])}),
        ),
        3 => (
            "modify_field",
            json!({"path": "", "schema": record(choices, 0)}),
        ),
        _ => (
            "modify_field",
            json!({"path": path, "schema": leaf(choices, 0)}),
        ),
    }
}

#[test]
fn plans_of_every_change_keep_their_promises() {
    let mut seen = Seen::default();
    for seed in 0..6_000 {
        let mut choices = Choices::seeded(seed);
        let old = document(record(&mut choices, 0));
        let (change_type, spec) = any_change(&mut choices);
        let change = change(change_type, spec);
        let Ok(applied) = change.apply(Some(&old)) else {
            continue;
        };
        let new = document(applied.schema);
        // A default of another type than the field is refused when the draft is assessed.
        if let Change::AddField {
            path,
            default: Some(default),
            ..
        } = &change
        {
            let name = path.split_last().unwrap().1;
            let at = new.schema().pointer(&applied.place).unwrap();
            if !jsonschema::is_valid(at, default) || name.is_empty() {
                continue;
            }
        }
        let plan = planned_to(&change, Some(&old), &new).unwrap();
        match hold(&old, &new, &plan, seed) {
            Ok(found) => seen.add(&found),
            Err(fault) => panic!("seed {seed}: {change:?}: {fault}"),
        }
        let suggestion = suggest(&old, &new);
        assert_eq!(
            suggestion.transforms,
            replaced(&old, &new).unwrap().transforms,
            "seed {seed}: what is suggested is what a plan does"
        );
    }
    println!("{seen:?}");
    assert!(seen.promised > 1_000 && seen.taken_back > 1_000, "{seen:?}");
}

#[test]
fn a_plan_fills_what_a_default_says() {
    let old = document(json!({"type": "object", "additionalProperties": false}));
    let change = change(
        "add_field",
        json!({"name": "a", "schema": {"type": "integer", "default": 7}, "required": true}),
    );
    let plan = planned(&change, Some(&old)).unwrap();
    let path = FieldPath::parse("/a").unwrap();
    assert_eq!(
        plan.transforms,
        [Transform::Add {
            path,
            value: Fill::Value(json!(7))
        }]
    );
    assert_eq!(plan.lint, []);
}
