//! Random transforms over random artifacts: row by row what the transform does, undone exactly, and twice as good as once.

use std::collections::BTreeMap;

use schema_senate::migration::{Script, Scripted, Sql, Transform, apply, same, scripts};
use schema_senate::text::canonical;
use serde_json::Value;

use crate::draw::{Dice, OPS};
use crate::engine::{Engine, Row, Story, rows};
use crate::postgresql::Server;
use crate::sqlite::{Shell, Sqlite};

const ROWS: usize = 40;

pub fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// One canonical form; where a number has none, one value.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (canonical(a), canonical(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => same(a, b),
    }
}

#[derive(Default)]
struct Figures {
    cases: usize,
    rows: usize,
    changed: BTreeMap<&'static str, usize>,
}

impl Figures {
    fn print(&self, name: &str) {
        println!(
            "{name}: {} cases, {} rows compared, no mismatch; changed rows by first transform: {:?}",
            self.cases, self.rows, self.changed
        );
        for op in OPS {
            let changed = self.changed.get(op).copied().unwrap_or_default();
            assert!(changed > 5, "the artifacts hardly exercise {op}: {changed}");
        }
    }
}

fn draw_rows(dice: &mut Dice, name: &str, count: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = (0..count)
        .map(|index| {
            let kind = if index % 9 == 8 {
                "other"
            } else {
                "experiment"
            };
            let artifact = dice.artifact();
            let metadata = dice.spelled(&artifact);
            Row::new(format!("{name}-{index:03}"), kind, Some(&metadata))
        })
        .collect();
    rows.push(Row::new(format!("{name}-none"), "experiment", None));
    rows
}

fn transforms(dice: &mut Dice, case: usize) -> Vec<Transform> {
    let mut list = vec![dice.transform(OPS[case % OPS.len()])];
    for _ in 0..dice.roll(4) {
        let op = dice.pick(&OPS);
        list.push(dice.transform(op));
    }
    list
}

pub fn of<'a>(name: &str, sql: &'a Sql) -> &'a Script {
    match name {
        "PostgreSQL" => &sql.postgresql,
        _ => &sql.sqlite,
    }
}

/// What a row of the type becomes, when `list` is carried out on it.
fn expect(row: &Row, list: &[Transform], of_type: Option<&str>) -> Option<Value> {
    let before = read(row.metadata.as_deref()?);
    if of_type.is_some_and(|of_type| of_type != row.artifact_type) {
        return Some(before);
    }
    Some(apply(list, &before).artifact)
}

fn check(row: &Row, expected: Option<&Value>, context: &dyn Fn() -> String) {
    let found = row.metadata.as_deref().map(read);
    let fits = match (&found, expected) {
        (Some(found), Some(expected)) => equal(found, expected),
        (found, expected) => found.is_none() && expected.is_none(),
    };
    assert!(
        fits,
        "{}\n  is       {:?}\n  expected {:?}\n{}",
        row.id,
        found.map(|value| value.to_string()),
        expected.map(ToString::to_string),
        context()
    );
}

/// Up, up, edits and new rows, down, down, up.
fn there_and_back<E: Engine>(engine: &mut E, seed: u64, cases: usize) -> Figures {
    let mut dice = Dice(seed);
    let mut figures = Figures::default();
    for case in 0..cases {
        engine.reset();
        let up = transforms(&mut dice, case);
        let inverse = if case % 3 == 0 {
            Vec::new()
        } else {
            let op = dice.pick(&OPS);
            vec![dice.transform(op), dice.transform("remove")]
        };
        let of_type = (case % 5 != 0).then_some("experiment");
        let sql = scripts(&Scripted {
            transforms: &up,
            inverse: &inverse,
            artifact_type: of_type,
            migration: "experiment@3->4",
            restores: None,
            columns: &[],
            table: "artifacts",
        })
        .unwrap();
        let script = of(E::NAME, &sql);
        let context = || {
            let list = |list: &[Transform]| {
                list.iter()
                    .map(|transform| transform.to_value().to_string())
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            format!(
                "case {case} on {}\n{}\ninverse\n{}\n{};\n-- DOWN\n{};",
                E::NAME,
                list(&up),
                list(&inverse),
                script.up.join(";\n"),
                script.down.join(";\n")
            )
        };
        let first = draw_rows(&mut dice, "a", ROWS);
        let late = draw_rows(&mut dice, "late", 8);
        // Which rows a migration changes decides which one is edited.
        let is_changed =
            |row: &Row, list: &[Transform]| match (&row.metadata, expect(row, list, of_type)) {
                (Some(text), Some(after)) => !same(&read(text), &after),
                _ => false,
            };
        let edited = first
            .iter()
            .find(|row| is_changed(row, &up))
            .map(|row| row.id.clone());
        let edit = r#"{"edited": true}"#;

        let word = if case % 2 == 0 { "" } else { "TEMP" };
        let mut before_all = Vec::new();
        if word == "TEMP" {
            // The real table, which the temporary one hides.
            before_all.push(engine.create("artifacts", ""));
            before_all.push(engine.insert(
                "artifacts",
                &Row::new("real", "experiment", Some(r#"{"a": {"a": "a"}}"#)),
            ));
            engine.run(&before_all, &[]).unwrap();
        }
        let mut story = Story::new(engine, "artifacts", word, &first);
        story.look().then(&script.up).look().then(&script.up).look();
        story.then(
            &late
                .iter()
                .map(|row| engine.insert("artifacts", row))
                .collect::<Vec<_>>(),
        );
        if let Some(id) = &edited {
            story.then(&[engine.update("artifacts", id, edit)]);
        }
        story
            .look()
            .then(&script.down)
            .look()
            .then(&script.down)
            .look()
            .then(&script.up)
            .look()
            .then(&script.up)
            .look()
            .then(&script.down)
            .look();
        let seen = story.tell(engine);
        let [
            before,
            after,
            again,
            mixed,
            down,
            down_again,
            up_again,
            up_twice,
            last,
        ] = seen.as_slice()
        else {
            panic!("{} looks", seen.len());
        };
        let context = &context as &dyn Fn() -> String;
        assert_eq!(
            after,
            again,
            "the second run changed something\n{}",
            context()
        );
        assert_eq!(
            down,
            down_again,
            "the second undoing changed something\n{}",
            context()
        );
        assert_eq!(
            up_again,
            up_twice,
            "the third run changed something\n{}",
            context()
        );
        let (before, after, mixed) = (rows(before), rows(after), rows(mixed));
        let (down, up_again, last) = (rows(down), rows(up_again), rows(last));
        for (id, was) in &before {
            check(&after[id], expect(was, &up, of_type).as_ref(), context);
            figures.rows += 1;
            let changed = is_changed(was, &up);
            if changed {
                *figures.changed.entry(up[0].op()).or_default() += 1;
            } else if (1..=up.len()).all(|count| !is_changed(was, &up[..count])) {
                // There and back within one migration may leave the members in another order.
                assert_eq!(
                    after[id],
                    *was,
                    "an untouched row got another text\n{}",
                    context()
                );
            }
            if Some(id) == edited.as_ref() {
                assert_eq!(down[id], mixed[id], "an edit was lost\n{}", context());
            } else {
                assert_eq!(down[id], *was, "{id} was not restored\n{}", context());
            }
        }
        for row in &late {
            let expected = expect(row, &inverse, of_type);
            check(&down[&row.id], expected.as_ref(), context);
            figures.rows += 1;
        }
        // Once more, from what is there now.
        for (id, was) in &down {
            check(&up_again[id], expect(was, &up, of_type).as_ref(), context);
            assert_eq!(last[id], *was, "{id} was not restored again\n{}", context());
            figures.rows += 2;
        }
        if word == "TEMP" {
            let hidden_by = if E::NAME == "PostgreSQL" {
                "pg_temp"
            } else {
                "temp"
            };
            let statements = [format!("DROP TABLE IF EXISTS {hidden_by}.artifacts")];
            let real = engine
                .run(
                    &statements,
                    &[(
                        1,
                        "SELECT id, artifact_type, CAST(metadata AS text) FROM artifacts"
                            .to_owned(),
                    )],
                )
                .unwrap();
            assert_eq!(
                rows(&real[0])["real"].metadata.as_deref().map(read),
                Some(read(r#"{"a": {"a": "a"}}"#))
            );
        }
        figures.cases += 1;
    }
    figures
}

/// A migration, edits and new rows, its revert, twice; the revert undone.
fn reverted<E: Engine>(engine: &mut E, seed: u64, cases: usize) -> Figures {
    let mut dice = Dice(seed);
    let mut figures = Figures::default();
    for case in 0..cases {
        engine.reset();
        let up = transforms(&mut dice, case);
        let op = dice.pick(&OPS);
        let back = vec![dice.transform(op), dice.transform("move")];
        let asked = Scripted {
            transforms: &up,
            inverse: &back,
            artifact_type: Some("experiment"),
            migration: "experiment@3->4",
            restores: None,
            columns: &[],
            table: "artifacts",
        };
        let migration = scripts(&asked).unwrap();
        let revert = scripts(&Scripted {
            transforms: &back,
            inverse: &up,
            migration: "experiment@4->5",
            restores: Some("experiment@3->4"),
            ..asked
        })
        .unwrap();
        let (migration, revert) = (of(E::NAME, &migration), of(E::NAME, &revert));
        let context = || {
            format!(
                "case {case} on {}\n{up:?}\n{back:?}\n{};\n-- DOWN\n{};",
                E::NAME,
                revert.up.join(";\n"),
                revert.down.join(";\n")
            )
        };
        let context = &context as &dyn Fn() -> String;
        let first = draw_rows(&mut dice, "a", ROWS);
        let late = draw_rows(&mut dice, "late", 8);
        let later = draw_rows(&mut dice, "later", 8);
        let of_type = Some("experiment");
        let is_changed = |row: &Row| match (&row.metadata, expect(row, &up, of_type)) {
            (Some(text), Some(after)) => !same(&read(text), &after),
            _ => false,
        };
        let edited = first
            .iter()
            .find(|row| is_changed(row))
            .map(|row| row.id.clone());
        let artifact = dice.artifact();
        let edit = dice.spelled(&artifact);
        let mut story = Story::new(engine, "artifacts", "", &first);
        story.look().then(&migration.up).look();
        story.then(
            &late
                .iter()
                .map(|row| engine.insert("artifacts", row))
                .collect::<Vec<_>>(),
        );
        if let Some(id) = &edited {
            story.then(&[engine.update("artifacts", id, &edit)]);
        }
        story.look().then(&revert.up).look().then(&revert.up).look();
        story.then(
            &later
                .iter()
                .map(|row| engine.insert("artifacts", row))
                .collect::<Vec<_>>(),
        );
        story
            .look()
            .then(&revert.down)
            .look()
            .then(&revert.down)
            .look();
        let seen = story.tell(engine);
        let [
            before,
            migrated,
            mixed,
            back_again,
            twice,
            _,
            undone,
            undone_twice,
        ] = seen.as_slice()
        else {
            panic!("{} looks", seen.len());
        };
        assert_eq!(
            back_again,
            twice,
            "the second revert changed something\n{}",
            context()
        );
        assert_eq!(
            undone,
            undone_twice,
            "the second undoing changed something\n{}",
            context()
        );
        let (before, migrated, mixed) = (rows(before), rows(migrated), rows(mixed));
        let (back_again, undone) = (rows(back_again), rows(undone));
        for (id, now) in &mixed {
            figures.rows += 1;
            let was = before.get(id).filter(|_| edited.as_ref() != Some(id));
            match was {
                Some(was) => {
                    assert_eq!(
                        back_again[id],
                        *was,
                        "{id} is not what it was\n{}",
                        context()
                    );
                    if is_changed(was) {
                        *figures.changed.entry(up[0].op()).or_default() += 1;
                    }
                }
                // Edited, perhaps to what the migration made of it, or written since.
                None => {
                    let to_what_it_was = before.get(id).is_some_and(|was| {
                        let text = |row: &Row| row.metadata.as_deref().map(read);
                        same(
                            &text(was).unwrap_or_default(),
                            &text(now).unwrap_or_default(),
                        ) || same(
                            &text(&migrated[id]).unwrap_or_default(),
                            &text(now).unwrap_or_default(),
                        )
                    });
                    if !to_what_it_was {
                        check(
                            &back_again[id],
                            expect(now, &back, of_type).as_ref(),
                            context,
                        );
                    }
                }
            }
            assert_eq!(
                undone[id],
                *now,
                "{id} is not what it was before the revert\n{}",
                context()
            );
        }
        for row in &later {
            check(
                &undone[&row.id],
                expect(row, &up, of_type).as_ref(),
                context,
            );
            figures.rows += 1;
        }
        figures.cases += 1;
    }
    figures
}

#[test]
fn sqlite_does_what_the_transforms_do_and_undoes_it() {
    let mut engine = Sqlite::open();
    there_and_back(&mut engine, 0x5EED_CAFE, 700).print("SQLite, there and back");
    reverted(&mut engine, 0xFACE, 350).print("SQLite, reverted");
}

#[test]
fn postgresql_does_what_the_transforms_do_and_undoes_it() {
    let Some(mut engine) = Server::start() else {
        return;
    };
    there_and_back(&mut engine, 0xC0FF_EE11, 210).print("PostgreSQL, there and back");
    reverted(&mut engine, 0xBEEF, 105).print("PostgreSQL, reverted");
}

#[test]
fn an_older_sqlite_does_what_the_transforms_do_and_undoes_it() {
    let Some(mut engine) = Shell::open() else {
        return;
    };
    there_and_back(&mut engine, 0xAB1E, 140).print("SQLite shell, there and back");
    reverted(&mut engine, 0xD0E, 140).print("SQLite shell, reverted");
}
