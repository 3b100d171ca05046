//! The batch forms: the scripts of `migration-plan`, run on every engine, against the documents of `migration-apply`.

use schema_senate::wasm::api::batch_line;
use serde_json::{Value, json};

use crate::draw::Dice;
use crate::engine::{Engine, Row, Story, rows};
use crate::postgresql::Server;
use crate::properties::{equal, read};
use crate::sqlite::{Shell, Sqlite};

fn ask(kind: &str, line: &Value) -> Value {
    read(&batch_line(kind, line.to_string().as_bytes()))
}

fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "a": {"type": "string"},
            "b": {"type": ["string", "null"]},
            "c": {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "boolean"}}},
            "items": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}}
        }
    })
}

fn changes() -> Vec<(&'static str, Value)> {
    vec![
        (
            "add_field",
            json!({"name": "z", "schema": {"type": "string"}, "required": true, "default": "it's"}),
        ),
        (
            "add_field",
            json!({"path": "/items/*/z", "schema": {"type": "integer"}, "default": 0}),
        ),
        (
            "add_field",
            json!({"name": "y", "schema": {"type": "string"}}),
        ),
        (
            "modify_field",
            json!({"path": "/a", "schema": {"type": "integer"}}),
        ),
        (
            "modify_field",
            json!({"path": "/a", "schema": {"type": "array", "items": {"type": "string"}}}),
        ),
        (
            "modify_field",
            json!({"path": "/b", "schema": {"type": "string", "default": ""}}),
        ),
        (
            "modify_field",
            json!({"path": "/c/a", "schema": {"type": "string"}}),
        ),
        (
            "modify_field",
            json!({"path": "/c", "schema": {"type": "object"}, "transforms": [
                {"op": "move", "from": "/c/a", "path": "/d"},
                {"op": "convert", "path": "/items/*/a", "rule": "string_to_number", "otherwise": {"value": -1}}
            ]}),
        ),
        ("remove_field", json!({"path": "/items/*/a"})),
        ("rename_field", json!({"from": "/c/a", "to": "n"})),
    ]
}

fn run<E: Engine>(engine: &mut E, dialect: &str) {
    let mut dice = Dice(0xBA7C4);
    let (mut compared, mut changed) = (0, 0);
    for (number, (change_type, spec)) in changes().into_iter().enumerate() {
        let mut line = json!({"id": number, "schema": schema(), "change_type": change_type, "field_spec": spec});
        let typed = number % 2 == 0;
        if typed {
            line["artifact_type"] = "experiment".into();
        }
        if number % 3 == 0 {
            line["table"] = "my artifacts".into();
        }
        let planned = ask("migration-plan", &line);
        assert!(planned.get("error").is_none(), "{planned}");
        assert_eq!(planned["id"], number);
        assert!(planned["next_schema"].is_object() && planned["reversible"] == true);
        let text = |direction: &str| {
            vec![
                planned["sql"][dialect][direction]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            ]
        };
        let artifacts: Vec<Row> = (0..60)
            .map(|id| {
                let kind = if id % 5 == 0 { "other" } else { "experiment" };
                let artifact = dice.artifact();
                let text = dice.spelled(&artifact);
                Row::new(format!("{id:02}"), kind, Some(&text))
            })
            .collect();
        engine.reset();
        let table = if number % 3 == 0 {
            "\"my artifacts\""
        } else {
            "artifacts"
        };
        let mut story = Story::new(engine, table, "", &artifacts);
        for direction in ["up", "down"] {
            let script = text(direction);
            if !script[0].is_empty() {
                assert!(script[0].ends_with(";\n"));
                story.then(&script);
            }
            story.look();
        }
        let seen = story.tell(engine);
        let (up, down) = (rows(&seen[0]), rows(&seen[1]));
        line.as_object_mut().unwrap().remove("table");
        for row in &artifacts {
            let artifact = read(row.metadata.as_deref().unwrap());
            line["artifact"] = artifact.clone();
            let applied = ask("migration-apply", &line);
            let found = |row: &Row| read(row.metadata.as_deref().unwrap());
            if typed && row.artifact_type != "experiment" {
                assert!(equal(&found(&up[&row.id]), &artifact));
                continue;
            }
            assert!(
                equal(&found(&up[&row.id]), &applied["up"]),
                "{}: {artifact}\n  is       {}\n  expected {applied}",
                E::NAME,
                found(&up[&row.id])
            );
            assert!(
                equal(&found(&down[&row.id]), &applied["down"]),
                "{}: {artifact}",
                E::NAME
            );
            compared += 1;
            changed += usize::from(applied["up"] != artifact);
        }
    }
    println!(
        "{}, batch: {compared} artifacts, {changed} changed, each as migration-apply says",
        E::NAME
    );
    assert!(changed > 50, "{changed}");
}

#[test]
fn the_scripts_of_a_plan_do_what_the_batch_form_says() {
    run(&mut Sqlite::open(), "sqlite");
    if let Some(mut engine) = Shell::open() {
        run(&mut engine, "sqlite");
    }
    if let Some(mut engine) = Server::start() {
        run(&mut engine, "postgresql");
    }
}

#[test]
fn a_line_that_is_wrong_says_where() {
    let line = |change_type: &str, spec: Value| json!({"id": 1, "schema": schema(), "change_type": change_type, "field_spec": spec});
    let with = |member: &str, value: Value| {
        let mut line = line("remove_field", json!({"path": "/a"}));
        line[member] = value;
        line
    };
    for (line, code, pointer) in [
        (
            line("drop_field", json!({})),
            "change_type_unknown",
            "/change_type",
        ),
        (
            line("remove_field", json!({"path": "/nowhere"})),
            "field_does_not_exist",
            "/field_spec/path",
        ),
        (
            line(
                "add_field",
                json!({"name": "z", "schema": true, "default": "\0"}),
            ),
            "sql_null_character",
            "/field_spec/default",
        ),
        (
            line(
                "remove_field",
                json!({"path": "/a", "transforms": [{"op": "copy"}]}),
            ),
            "transform_malformed",
            "/field_spec/transforms/0/op",
        ),
        (
            with("table", "t".repeat(41).into()),
            "sql_name_too_long",
            "/table",
        ),
        (with("table", "".into()), "member_empty", "/table"),
        (with("table", 7.into()), "member_type", "/table"),
        (
            with("artifact_type", "a\0".into()),
            "sql_null_character",
            "/artifact_type",
        ),
        (
            json!({"id": 1, "change_type": "remove_field", "field_spec": {"path": "/a"}}),
            "member_missing",
            "",
        ),
    ] {
        let answer = ask("migration-plan", &line);
        let error = &answer["error"];
        assert_eq!(
            (error["code"].as_str(), error["pointer"].as_str()),
            (Some(code), Some(pointer)),
            "{answer}"
        );
        assert_eq!(answer["id"], 1);
    }
    let answer = ask("migration-apply", &with("expected", json!({})));
    assert_eq!(answer["error"]["code"], "member_missing");
    assert_eq!(answer["ignored"], json!(["expected"]));
    // There is no earlier version to go back to.
    let answer = ask(
        "migration-plan",
        &line("modify_field", json!({"revert_to": 1})),
    );
    assert!(answer.get("error").is_some(), "{answer}");
    // A new type has no schema yet.
    let line = json!({"id": 1, "change_type": "add_type", "field_spec": {"name": "protocol", "schema": {"type": "object"}}});
    let answer = ask("migration-plan", &line);
    assert_eq!(answer["next_schema"]["type"], "object", "{answer}");
    assert_eq!(answer["sql"]["sqlite"], json!({"up": "", "down": ""}));
}
