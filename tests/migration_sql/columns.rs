//! Fields that are columns: filled, brought up to date, indexed, emptied.

use schema_senate::migration::Script;
use serde_json::json;

use crate::engine::{Engine, Row, Story, Table, rows};
use crate::golden;
use crate::postgresql::Server;
use crate::properties::of;
use crate::sqlite::{Shell, Sqlite};

const CELLS: &str = "SELECT id, title, arms, dose, blinded, sites FROM artifacts ORDER BY id";

fn artifacts() -> Vec<Row> {
    let artifact = |id: &str, kind: &str, design| {
        let artifact = json!({"a": 1, "design": design}).to_string();
        Row::new(id, kind, Some(&artifact))
    };
    vec![
        artifact(
            "1-fits",
            "experiment",
            json!({"title": "it's", "arms": 2, "dose": 0.5, "blinded": true, "sites": ["a"]}),
        ),
        artifact(
            "2-other-types",
            "experiment",
            json!({"title": 1, "arms": "2", "dose": null, "blinded": 0, "sites": null}),
        ),
        artifact(
            "3-edges",
            "experiment",
            json!({"title": "", "arms": 2.5, "dose": 7, "blinded": false, "sites": 1}),
        ),
        artifact(
            "4-large",
            "experiment",
            json!({"arms": 1e300, "dose": 1e300}),
        ),
        artifact("5-missing", "experiment", json!("text")),
        artifact("6-whole", "experiment", json!({"arms": 3.0})),
        artifact("7-other", "other", json!({"title": "t", "arms": 2})),
    ]
}

fn cells(expected: &[[&str; 6]]) -> Table {
    expected
        .iter()
        .map(|row| row.map(str::to_owned).to_vec())
        .collect()
}

fn expected(truth: [&str; 2], large: &str, seven: &str) -> Table {
    cells(&[
        ["1-fits", "it's", "2", "0.5", truth[1], "[\"a\"]"],
        ["2-other-types", "", "", "", "", "null"],
        ["3-edges", "", "", seven, truth[0], "1"],
        ["4-large", "", "", large, "", ""],
        ["5-missing", "", "", "", "", ""],
        ["6-whole", "", "3", "", "", ""],
        ["7-other", "", "", "", "", ""],
    ])
}

fn script<E: Engine>() -> Script {
    let golden = golden::all();
    let columns = golden.iter().find(|golden| golden.name == "columns");
    of(E::NAME, &columns.unwrap().sql).clone()
}

fn sqlite<E: Engine>(engine: &mut E, large: &str, seven: &str) {
    let script = script::<E>();
    engine.reset();
    let mut story = Story::new(engine, "artifacts", "", &artifacts());
    let indexes = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
    story
        .look()
        .then(&script.up)
        .ask(CELLS)
        .ask(&format!(
            "SELECT replace(sql, char(10), ' ') FROM ({indexes})"
        ))
        .then(&script.down)
        .look()
        .ask(indexes)
        // Its column is gone, so it can come again.
        .then(&script.up)
        .ask(CELLS);
    let seen = story.tell(engine);
    assert_eq!(seen[1], expected(["0", "1"], large, seven));
    assert_eq!(seen[2].len(), 1);
    let index = seen[2][0][0].trim_end();
    let end = "ON \"artifacts\" (\"arms\") WHERE artifact_type = 'experiment'";
    assert!(index.ends_with(end), "{index}");
    assert_eq!(rows(&seen[3]), rows(&seen[0]));
    assert!(seen[4].is_empty());
    assert_eq!(seen[5], seen[1]);
}

#[test]
fn sqlite_keeps_columns() {
    sqlite(&mut Sqlite::open(), &1e300.to_string(), "7");
    if let Some(mut engine) = Shell::open() {
        sqlite(&mut engine, "1.0e+300", "7.0");
    }
}

#[test]
fn postgresql_keeps_columns() {
    let Some(mut engine) = Server::start() else {
        return;
    };
    let script = script::<Server>();
    let indexes = "SELECT indexdef FROM pg_indexes WHERE tablename = 'artifacts' AND indexname NOT LIKE '%pkey'";
    let edit = engine.update("artifacts", "6-whole", r#"{"design": {"arms": 4}}"#);
    for word in ["", "TEMP"] {
        let mut story = Story::new(&engine, "artifacts", word, &artifacts());
        story
            .look()
            .then(&script.up)
            .ask(CELLS)
            .ask(indexes)
            .then(&script.up)
            .ask(CELLS)
            .then(std::slice::from_ref(&edit))
            .then(&script.up)
            .ask("SELECT arms FROM artifacts WHERE id = '6-whole'")
            .then(&script.down)
            .then(&script.down)
            .look()
            .ask("SELECT count(title), count(arms), count(dose), count(blinded), count(sites) FROM artifacts")
            .ask(indexes)
            .then(&script.up)
            .ask(CELLS);
        let seen = story.tell(&mut engine);
        assert_eq!(seen[1], expected(["f", "t"], "1e+300", "7"));
        assert!(seen[2][0][0].contains("(arms) WHERE (artifact_type = 'experiment'::text)"));
        assert_eq!(seen[3], seen[1], "the second run changed a cell");
        assert_eq!(seen[4], [["4"]]);
        let (before, mut after) = (rows(&seen[0]), rows(&seen[5]));
        // The edited one keeps its edit.
        after.insert("6-whole".to_owned(), before["6-whole"].clone());
        assert_eq!(after, before);
        assert_eq!(seen[6], [["0", "0", "0", "0", "0"]]);
        assert!(seen[7].is_empty());
        assert_eq!(seen[8].len(), artifacts().len());
        engine.reset();
    }
}
