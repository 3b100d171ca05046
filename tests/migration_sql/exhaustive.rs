//! Every rule on every value, every scalar compared with every scalar.

use schema_senate::migration::{Rule, Scripted, Transform, apply, same, scripts};
use serde_json::{Value, json};

use crate::draw::{Dice, scalars};
use crate::engine::{Engine, Row, Story, rows};
use crate::postgresql::Server;
use crate::properties::{equal, of, read};
use crate::sqlite::{Shell, Sqlite};

fn list(value: &Value) -> Vec<Transform> {
    let list = value.as_array().unwrap().iter();
    list.map(|value| Transform::from_value(value).unwrap())
        .collect()
}

/// Each scalar in all spellings that the dice give, and a few values that are none; each where a path leads to it.
fn artifacts() -> Vec<Row> {
    let mut dice = Dice(0xA11);
    let mut values: Vec<Value> = scalars();
    values.extend([
        json!([]),
        json!([1]),
        json!(["1"]),
        json!([[1]]),
        json!([1, 2]),
        json!([null]),
        json!({"a": "1"}),
        json!({}),
    ]);
    let mut rows = Vec::new();
    for (index, value) in values.iter().enumerate() {
        for spelling in 0..4 {
            let artifact = json!({
                "a": value,
                "b": [value, 1, value],
                "items": [{"a": value, "c": spelling}, value],
                "c": value
            });
            let text = dice.spelled(&artifact);
            rows.push(Row::new(
                format!("{index:02}-{spelling}"),
                "experiment",
                Some(&text),
            ));
        }
    }
    rows
}

fn migrations() -> Vec<Vec<Transform>> {
    let mut all = Vec::new();
    let places = ["/a", "/b/*", "/items/*/a"];
    for otherwise in [
        json!("keep"),
        json!("remove"),
        json!("null"),
        json!({"value": {"x": [1.50]}}),
    ] {
        for rule in Rule::ALL {
            let each = places.map(|path| {
                json!({"op": "convert", "path": path, "rule": rule.name(), "otherwise": otherwise})
            });
            all.push(list(&each.to_vec().into()));
        }
        let each = places.map(|path| json!({"op": "unwrap", "path": path, "otherwise": otherwise}));
        all.push(list(&each.to_vec().into()));
    }
    let first = places.map(|path| json!({"op": "unwrap", "path": path, "otherwise": "first"}));
    all.push(list(&first.to_vec().into()));
    for scalar in scalars() {
        let to = "what no artifact holds";
        all.push(list(&json!([
            {"op": "remove", "path": "/a", "equals": scalar},
            {"op": "map", "path": "/b/*", "values": [{"from": scalar, "to": to}]},
            {"op": "map", "path": "/items/*/a", "values": [
                {"from": scalar, "to": to, "when": {"path": "/items/*/c", "equals": 1}}
            ], "otherwise": {"value": "else"}},
            {"op": "map", "path": "/c", "values": [{"from": 12.25, "to": scalar}], "otherwise": "remove"}
        ])));
    }
    all
}

/// How many values were compared, and how many of them changed.
fn compare<E: Engine>(engine: &mut E) -> (usize, usize) {
    let artifacts = artifacts();
    let (mut compared, mut changed) = (0, 0);
    for transforms in migrations() {
        let sql = scripts(&Scripted {
            transforms: &transforms,
            inverse: &[],
            artifact_type: Some("experiment"),
            migration: "experiment@3->4",
            restores: None,
            columns: &[],
            table: "artifacts",
        })
        .unwrap();
        let script = of(E::NAME, &sql);
        engine.reset();
        let mut story = Story::new(engine, "artifacts", "", &artifacts);
        story
            .look()
            .then(&script.up)
            .look()
            .then(&script.down)
            .look();
        let seen = story.tell(engine);
        assert_eq!(seen[0], seen[2], "not restored: {transforms:?}");
        let after = rows(&seen[1]);
        for row in &artifacts {
            let before = read(row.metadata.as_deref().unwrap());
            let expected = apply(&transforms, &before).artifact;
            let found = read(after[&row.id].metadata.as_deref().unwrap());
            assert!(
                equal(&found, &expected),
                "{}: {}\n  is       {found}\n  expected {expected}\n{transforms:?}\n{}",
                E::NAME,
                row.metadata.as_deref().unwrap(),
                script.up.join(";\n")
            );
            compared += 1;
            changed += usize::from(!same(&before, &expected));
        }
    }
    println!(
        "{}, exhaustive: {compared} artifacts compared, {changed} changed, no mismatch",
        E::NAME
    );
    (compared, changed)
}

#[test]
fn sqlite_agrees_on_every_value() {
    let (compared, changed) = compare(&mut Sqlite::open());
    assert!(changed * 2 > compared);
}

#[test]
fn an_older_sqlite_agrees_on_every_value() {
    if let Some(mut engine) = Shell::open() {
        compare(&mut engine);
    }
}

#[test]
fn postgresql_agrees_on_every_value() {
    if let Some(mut engine) = Server::start() {
        let (compared, changed) = compare(&mut engine);
        assert!(changed * 2 > compared);
    }
}
