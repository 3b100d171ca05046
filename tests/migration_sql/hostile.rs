//! Names and values that want to be something else, and scripts that want to be too large.

use schema_senate::migration::{Scripted, Sql, Transform, apply, scripts};
use schema_senate::text::Problem;
use serde_json::{Value, json};

use crate::engine::{Engine, Row, Story, rows};
use crate::postgresql::Server;
use crate::properties::{equal, of, read};
use crate::sqlite::{Shell, Sqlite};

const TEXTS: [&str; 14] = [
    "it's",
    "\"; DROP TABLE artifacts; --",
    "'; DROP TABLE artifacts; --",
    "\\'; DROP TABLE artifacts; --",
    "E'\\'' || (SELECT 1)",
    "/* */ -- $1 ? :name @p %s",
    "$$ $tag$",
    "line\nbreak\r\n\ttab",
    "__proto__",
    "ü💡\u{2028}\u{feff}\u{202e}",
    "select",
    "\\u0000",
    "\u{1}\u{7f}",
    "{a,b}",
];

fn list(value: &Value) -> Vec<Transform> {
    let list = value.as_array().unwrap().iter();
    list.map(|value| Transform::from_value(value).unwrap())
        .collect()
}

fn sql(
    transforms: &[Transform],
    table: &str,
    artifact_type: &str,
    migration: &str,
) -> Result<Sql, Problem> {
    scripts(&Scripted {
        transforms,
        inverse: &[],
        artifact_type: Some(artifact_type),
        migration,
        restores: None,
        columns: &[],
        table,
    })
}

fn hold<E: Engine>(engine: &mut E, settings: &[String]) {
    for (number, text) in TEXTS.into_iter().enumerate() {
        let other = TEXTS[(number + 1) % TEXTS.len()];
        let transforms = list(&json!([
            {"op": "add", "path": "/a", "value": {text: [text]}},
            {"op": "remove", "path": "/gone", "equals": text},
            {"op": "map", "path": "/b", "values": [
                {"from": text, "to": other, "when": {"path": "/c", "equals": text}}
            ]},
            {"op": "map", "path": "/c", "values": [{"from": text, "to": "known"}], "otherwise": {"value": other}}
        ]));
        // A name holds no control characters.
        let mut table = text.replace(char::is_control, "_");
        while table.len() > 40 {
            table.pop();
        }
        let script = sql(&transforms, &table, text, text).unwrap();
        let script = of(E::NAME, &script);
        let quoted = format!("\"{}\"", table.replace('"', "\"\""));
        let before = [
            json!({"b": text, "c": text, "gone": text}),
            json!({"b": text, "c": other, "gone": other}),
            json!({"a": 1, "b": other, "c": "known"}),
        ];
        let artifacts: Vec<Row> = before
            .iter()
            .enumerate()
            .map(|(id, artifact)| Row::new(id.to_string(), text, Some(&artifact.to_string())))
            .collect();
        engine.reset();
        let mut story = Story::new(engine, &quoted, "", &artifacts);
        // Names with line breaks are for the engines that answer without lines.
        let quiet = E::NAME != "SQLite" && text.contains(['\n', '\t']);
        story.then(settings).then(&script.up);
        let count = format!("SELECT count(*) FROM {quoted}");
        if quiet {
            story.ask(&count);
        } else {
            story.look();
        }
        story.then(&script.up).then(&script.down).then(&script.down);
        if quiet {
            story.ask(&count);
        } else {
            story.look();
        }
        let seen = story.tell(engine);
        if quiet {
            assert_eq!(seen, [[["3"]], [["3"]]]);
            continue;
        }
        let (after, restored) = (rows(&seen[0]), rows(&seen[1]));
        for (id, artifact) in before.iter().enumerate() {
            let id = id.to_string();
            let found = read(after[&id].metadata.as_deref().unwrap());
            let expected = apply(&transforms, artifact).artifact;
            assert!(
                equal(&found, &expected),
                "{}: {text}: {found} {expected}",
                E::NAME
            );
            let found = read(restored[&id].metadata.as_deref().unwrap());
            assert!(equal(&found, artifact), "{}: {text}: {found}", E::NAME);
        }
    }
    println!("{}: {} hostile texts held", E::NAME, TEXTS.len());
}

#[test]
fn hostile_texts_stay_texts() {
    hold(&mut Sqlite::open(), &[]);
    if let Some(mut engine) = Shell::open() {
        hold(&mut engine, &[]);
    }
    if let Some(mut engine) = Server::start() {
        hold(&mut engine, &[]);
        // The old reading of backslashes.
        hold(
            &mut engine,
            &["SET standard_conforming_strings = off; SET escape_string_warning = off".to_owned()],
        );
    }
}

#[test]
fn what_no_database_holds_is_refused() {
    let plain = list(&json!([{"op": "wrap", "path": "/a"}]));
    let code = |sql: Result<Sql, Problem>| {
        let problem = sql.unwrap_err();
        (problem.code, problem.pointer)
    };
    let null = |place: &str| ("sql_null_character", place.to_owned());
    assert_eq!(code(sql(&plain, "a\0", "t", "m")), null("/table"));
    assert_eq!(code(sql(&plain, "a", "t\0", "m")), null("/artifact_type"));
    assert_eq!(code(sql(&plain, "a", "t", "m\0")), null(""));
    for transform in [
        json!({"op": "add", "path": "/a", "value": {"b": ["\0"]}}),
        json!({"op": "add", "path": "/a", "value": {"\0": 1}}),
        json!({"op": "remove", "path": "/a", "equals": "x\0"}),
        json!({"op": "map", "path": "/a", "values": [{"from": "x\0", "to": "y"}]}),
        json!({"op": "unwrap", "path": "/a", "otherwise": {"value": "\0"}}),
    ] {
        let transforms = list(&json!([{"op": "wrap", "path": "/a"}, transform]));
        assert_eq!(code(sql(&transforms, "a", "t", "m")), null("/transforms/1"));
    }
    assert_eq!(
        code(sql(&plain, "a\nb", "t", "m")),
        ("sql_name_not_allowed", "/table".to_owned())
    );
    let long = "ü".repeat(21);
    assert_eq!(
        code(sql(&plain, &long, "t", "m")),
        ("sql_name_too_long", "/table".to_owned())
    );
    assert_eq!(
        code(sql(&plain, "", "t", "m")),
        ("sql_name_empty", "/table".to_owned())
    );
    let deep = list(&json!([{"op": "wrap", "path": format!("/a{}", "/*".repeat(9))}]));
    assert_eq!(
        code(sql(&deep, "a", "t", "m")),
        ("sql_path_too_deep", "/transforms/0/path".to_owned())
    );
}

/// Many transforms, and one as deep as allowed: every engine plans and runs them.
fn run_large<E: Engine>(engine: &mut E, arrays: usize) {
    let many: Vec<Value> = (0..60)
        .map(|index| match index % 3 {
            0 => json!({"op": "add", "path": "/a", "value": index}),
            1 => json!({"op": "move", "from": "/a", "path": format!("/b{index}")}),
            _ => json!({"op": "map", "path": "/items/*/a/*", "values": [
                {"from": if index == 2 { -1 } else { 97 + index }, "to": 100 + index},
                {"from": 2, "to": "two", "when": {"path": "/items/*/a/*/b", "equals": 1}}
            ]}),
        })
        .collect();
    let deep = "/*".repeat(arrays);
    let deepest = json!([
        {"op": "map", "path": format!("/d{deep}/a"), "values": [
            {"from": 1, "to": 2, "when": {"path": format!("/d{deep}/b"), "equals": "x"}}
        ], "otherwise": {"value": "else"}},
        {"op": "convert", "path": format!("/d{deep}/c"), "rule": "string_to_number", "otherwise": "remove"}
    ]);
    let mut nested = json!({"a": 1, "b": "x", "c": "1.50"});
    for _ in 0..arrays {
        nested = json!([nested]);
    }
    let artifact = json!({"a": 1, "items": [{"a": [-1, 2]}], "d": nested});
    for transforms in [list(&json!(many)), list(&deepest)] {
        let script = sql(&transforms, "artifacts", "t", "m").unwrap();
        let script = of(E::NAME, &script);
        engine.reset();
        let row = Row::new("one", "t", Some(&artifact.to_string()));
        let mut story = Story::new(engine, "artifacts", "", &[row]);
        story.then(&script.up).look().then(&script.down).look();
        let seen = story.tell(engine);
        let found = read(rows(&seen[0])["one"].metadata.as_deref().unwrap());
        let expected = apply(&transforms, &artifact).artifact;
        assert!(equal(&found, &expected), "{}: {found} {expected}", E::NAME);
        let found = read(rows(&seen[1])["one"].metadata.as_deref().unwrap());
        assert!(equal(&found, &artifact), "{}: {found}", E::NAME);
    }
}

#[test]
fn scripts_grow_with_their_transforms_and_not_with_their_product() {
    let add = |count: usize| -> usize {
        let adds: Vec<Value> = (0..count)
            .map(|index| json!({"op": "add", "path": format!("/b/f{index}"), "value": 1}))
            .collect();
        let sql = sql(&list(&json!(adds)), "artifacts", "t", "m").unwrap();
        for script in [&sql.postgresql, &sql.sqlite] {
            let text = script.up.join("") + &script.down.join("");
            assert!(
                !text.contains('?'),
                "some drivers take this for a parameter"
            );
        }
        sql.postgresql.up.join("").len() + sql.sqlite.up.join("").len()
    };
    let (one, ten, hundred) = (add(1), add(11), add(111));
    assert!((hundred - ten) < 12 * (ten - one), "{one} {ten} {hundred}");
    run_large(&mut Sqlite::open(), 8);
    if let Some(mut engine) = Shell::open() {
        // The parser of versions before 3.46 has room for no more.
        run_large(&mut engine, 2);
    }
    if let Some(mut engine) = Server::start() {
        run_large(&mut engine, 8);
    }
}
