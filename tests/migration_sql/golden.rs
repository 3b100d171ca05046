//! The scripts as they are written, for each operation and each type of change: `tests/vectors/migration-sql`.
//!
//! `SENATE_BLESS=1 cargo test --test migration_sql golden` writes them anew; then they are read again, line by line.

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use schema_senate::migration::{
    Column, Plan, PlanInput, Scripted, Sql, TABLE, Transform, plan, scripts,
};
use schema_senate::schema::{Change, Document, Evolution, References};
use serde_json::{Value, json};

pub struct Golden {
    pub name: &'static str,
    says: &'static str,
    pub sql: Sql,
}

fn list(value: &Value) -> Vec<Transform> {
    let list = value.as_array().unwrap().iter();
    list.map(|value| Transform::from_value(value).unwrap())
        .collect()
}

fn scripted(name: &'static str, says: &'static str, transforms: &Value, inverse: &Value) -> Golden {
    let sql = scripts(&Scripted {
        transforms: &list(transforms),
        inverse: &list(inverse),
        artifact_type: Some("experiment"),
        migration: "experiment@3->4",
        restores: None,
        columns: &[],
        table: TABLE,
    })
    .unwrap();
    Golden { name, says, sql }
}

fn document(schema: Value) -> Document {
    Document::new(schema, References::new(), None).unwrap()
}

fn planned(change_type: &str, spec: &Value, previous: Option<&Plan>) -> Plan {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "score": {"type": "string"},
            "design": {"type": "object", "properties": {"arms": {"type": "integer"}}}
        },
        "required": ["title"],
        "additionalProperties": false
    });
    let base = (change_type != "add_type").then(|| document(schema.clone()));
    let change = Change::read(change_type, spec).unwrap();
    let next = match previous {
        // The version before the last one, which had no field `blinding`.
        Some(_) => document(schema),
        None => document(change.apply(base.as_ref()).unwrap().schema),
    };
    plan(&PlanInput {
        change: &change,
        artifact_type: "experiment",
        versions: match (&base, previous) {
            (None, _) => (0, 1),
            (_, None) => (3, 4),
            _ => (4, 5),
        },
        current: base.as_ref(),
        next: &next,
        declared: &json!({"none_needed": "it is generated"}),
        strategy: Evolution::Batch,
        previous,
        table: TABLE,
    })
    .unwrap()
}

fn changed(name: &'static str, says: &'static str, change_type: &str, spec: &Value) -> Golden {
    let sql = planned(change_type, spec, None).sql;
    Golden { name, says, sql }
}

pub fn all() -> Vec<Golden> {
    let none = json!([]);
    let mut all = vec![
        scripted(
            "add",
            "a field with the same value everywhere, at the top and in each item of an array",
            &json!([
                {"op": "add", "path": "/blinding", "value": "it's \"none\""},
                {"op": "add", "path": "/columns/*/unit", "value": null}
            ]),
            &json!([
                {"op": "remove", "path": "/columns/*/unit"},
                {"op": "remove", "path": "/blinding"}
            ]),
        ),
        scripted(
            "add_from",
            "a field that begins as a copy of another one, in an object within the document",
            &json!([{"op": "add", "path": "/design/label", "from": "/title"}]),
            &none,
        ),
        scripted(
            "remove",
            "a field that goes; another one that goes where it is empty or zero",
            &json!([
                {"op": "remove", "path": "/scores/severity"},
                {"op": "remove", "path": "/notes", "equals": ""},
                {"op": "remove", "path": "/count", "equals": 0}
            ]),
            &none,
        ),
        scripted(
            "move",
            "a field that gets another name, and one that goes into another object",
            &json!([
                {"op": "move", "from": "/outputs/*/artifact", "path": "/outputs/*/artifact_id"},
                {"op": "move", "from": "/arms", "path": "/design/arms"}
            ]),
            &json!([
                {"op": "move", "from": "/design/arms", "path": "/arms"},
                {"op": "move", "from": "/outputs/*/artifact_id", "path": "/outputs/*/artifact"}
            ]),
        ),
        scripted(
            "convert",
            "each rule once, with each thing that can become of a value that does not convert",
            &json!([
                {"op": "convert", "path": "/integer", "rule": "string_to_integer"},
                {"op": "convert", "path": "/number", "rule": "string_to_number", "otherwise": "remove"},
                {"op": "convert", "path": "/truth", "rule": "string_to_boolean", "otherwise": "null"},
                {"op": "convert", "path": "/text", "rule": "number_to_string", "otherwise": {"value": "n/a"}},
                {"op": "convert", "path": "/word", "rule": "boolean_to_string"},
                {"op": "convert", "path": "/bit", "rule": "boolean_to_integer"},
                {"op": "convert", "path": "/flag", "rule": "integer_to_boolean"},
                {"op": "convert", "path": "/nearest", "rule": "round"},
                {"op": "convert", "path": "/whole", "rule": "truncate"}
            ]),
            &none,
        ),
        scripted(
            "convert_items",
            "the items of an array in each item of an array; what does not convert becomes null",
            &json!([{"op": "convert", "path": "/tables/*/codes/*", "rule": "number_to_string", "otherwise": "remove"}]),
            &none,
        ),
        scripted(
            "wrap",
            "a value becomes an array of itself",
            &json!([{"op": "wrap", "path": "/author"}]),
            &json!([{"op": "unwrap", "path": "/author", "otherwise": "first"}]),
        ),
        scripted(
            "unwrap",
            "an array of one item becomes the item; of another array the first item is taken, or nothing",
            &json!([
                {"op": "unwrap", "path": "/author", "otherwise": "first"},
                {"op": "unwrap", "path": "/license", "otherwise": "remove"}
            ]),
            &none,
        ),
        scripted(
            "map",
            "values replaced one for one; one value split by what stands beside it; what no entry names becomes null",
            &json!([{"op": "map", "path": "/arms/*/kind", "values": [
                {"from": "drug", "to": "low dose", "when": {"path": "/arms/*/dose", "equals": 1}},
                {"from": "drug", "to": "high dose"},
                {"from": 0, "to": "placebo"},
                {"from": true, "to": "placebo"}
            ], "otherwise": "null"}]),
            &none,
        ),
        changed(
            "change_add_field",
            "`add_field` with a default",
            "add_field",
            &json!({"name": "blinding", "schema": {"type": "string"}, "required": true, "default": "none"}),
        ),
        changed(
            "change_add_field_optional",
            "`add_field` without a default: no artifact changes",
            "add_field",
            &json!({"name": "doi", "schema": {"type": "string"}}),
        ),
        changed(
            "change_modify_field",
            "`modify_field` to another type: texts become integers",
            "modify_field",
            &json!({"path": "/score", "schema": {"type": "integer"}}),
        ),
        changed(
            "change_remove_field",
            "`remove_field`",
            "remove_field",
            &json!({"path": "/score"}),
        ),
        changed(
            "change_rename_field",
            "`rename_field`",
            "rename_field",
            &json!({"from": "/score", "to": "/points"}),
        ),
        changed(
            "change_add_type",
            "`add_type` with a field that is a column: there are no artifacts yet, but there is a column",
            "add_type",
            &json!({"name": "experiment", "schema": {"type": "object", "properties": {
                "arms": {"type": "integer", "x-column": {"name": "arms", "index": true}}
            }}}),
        ),
    ];
    let before = planned(
        "add_field",
        &json!({"name": "blinding", "schema": {"type": "string"}, "required": true, "default": "none"}),
        None,
    );
    all.push(Golden {
        name: "change_revert",
        says: "`modify_field` with `revert_to`: the migration before is taken back",
        sql: planned("modify_field", &json!({"revert_to": 3}), Some(&before)).sql,
    });
    let columns: Vec<Column> = ["text", "bigint", "double precision", "boolean", "jsonb"]
        .iter()
        .zip(["title", "arms", "dose", "blinded", "sites"])
        .map(|(kind, name)| {
            let column = json!({"name": name, "type": kind, "path": format!("/design/{name}"), "index": name == "arms"});
            Column::from_value(&column).unwrap()
        })
        .collect();
    let whole = Scripted {
        transforms: &list(&json!([{"op": "remove", "path": "/a"}])),
        inverse: &[],
        artifact_type: Some("experiment"),
        migration: "experiment@3->4",
        restores: None,
        columns: &columns,
        table: TABLE,
    };
    all.push(Golden {
        name: "columns",
        says: "fields that are columns, one of each type, beside a field that goes",
        sql: scripts(&whole).unwrap(),
    });
    all.push(Golden {
        name: "all_types",
        says: "artifacts of every type, in a table whose name asks for quotes",
        sql: scripts(&Scripted {
            artifact_type: None,
            migration: "artifacts:0123456789abcdef",
            columns: &[],
            table: "lab \"A\"; --",
            inverse: &list(&json!([{"op": "add", "path": "/a", "value": 1}])),
            ..whole
        })
        .unwrap(),
    });
    all
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/migration-sql")
}

#[test]
fn golden_scripts_are_as_they_were_read() {
    let mut files = BTreeSet::new();
    for golden in all() {
        for (dialect, script) in [
            ("postgresql", &golden.sql.postgresql),
            ("sqlite", &golden.sql.sqlite),
        ] {
            for (direction, statements) in [("up", &script.up), ("down", &script.down)] {
                let mut text = format!("-- {direction}: {}\n", golden.says);
                for statement in statements {
                    text.push_str(&format!("\n{statement};\n"));
                }
                let file = format!("{}.{dialect}.{direction}.sql", golden.name);
                let path = folder().join(&file);
                if env::var_os("SENATE_BLESS").is_some() {
                    fs::create_dir_all(folder()).unwrap();
                    fs::write(&path, &text).unwrap();
                }
                let known = fs::read_to_string(&path)
                    .unwrap_or_else(|error| panic!("{file}: {error}; SENATE_BLESS=1 writes it"));
                assert_eq!(
                    known, text,
                    "{file} is another script; SENATE_BLESS=1 writes it"
                );
                files.insert(file);
            }
        }
    }
    let found: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, files, "scripts that no case writes");
}
