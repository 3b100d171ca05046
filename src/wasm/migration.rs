//! Migrations over the boundary: a plan carried out on artifacts, taken back, suggested, and made from a change.

use serde_json::json;

use super::api::{answer, batch_line, read_document, read_draft, write};
use super::batch::migration_name;
use crate::migration::{self, Plan, PlanInput, Scripted, TABLE, Transform, Transformed};
use crate::schema::{Change, Document, Evolution, FieldPath};
use crate::text::{self, Integers, Kind, Limits, Members, Problem, Value, pointer, read};

/// Applies a plan's document transforms to one artifact.
#[must_use]
pub fn migrate_artifact(plan: &[u8], artifact: &[u8]) -> String {
    match compile_migration(plan) {
        Ok(migration) => migration.up(artifact, &[]),
        Err(answer) => answer,
    }
}

/// What a migration does to an artifact, read once, to be carried out on many.
#[derive(Debug)]
pub struct CompiledMigration {
    transforms: Vec<Transform>,
    inverse: Vec<Transform>,
    restores: Option<String>,
}

/// Reads a plan; or only its transforms, as an answer of [`plan_migration`] or [`suggest_migration`] has them.
///
/// # Errors
/// The text of the answer `{ok: false, problem}`.
pub fn compile_migration(plan: &[u8]) -> Result<CompiledMigration, String> {
    read(plan, Limits::COMMAND, Integers::Any)
        .and_then(|plan| CompiledMigration::read(&plan))
        .map_err(|problem| answer(Err(problem)))
}

/// A transform as a sentence without a full stop.
#[must_use]
pub fn transform_words(transform: &[u8]) -> String {
    let words = read(transform, Limits::DOCUMENT, Integers::Any)
        .and_then(|transform| Transform::from_value(&transform))
        .map(|transform| json!({"words": transform.words()}));
    answer(words)
}

impl CompiledMigration {
    fn read(plan: &Value) -> Result<Self, Problem> {
        if plan.get("artifact_type").is_some() {
            let Plan {
                transforms,
                inverse,
                restores,
                ..
            } = Plan::from_value(plan)?;
            return Ok(Self {
                transforms,
                inverse,
                restores,
            });
        }
        let list = |name: &str| {
            let found = plan.get(name).and_then(Value::as_array);
            let read = |(index, value): (usize, &Value)| {
                let place = pointer::from_segments([name, &index.to_string()]);
                Transform::from_value(value).map_err(|problem| problem.under(&place))
            };
            found
                .map(|list| list.iter().enumerate().map(read).collect())
                .transpose()
        };
        let transforms = list("transforms")?.ok_or_else(|| {
            Problem::error(
                "migration_plan_malformed",
                "",
                "neither a plan nor an object with `transforms`",
            )
        })?;
        Ok(Self {
            transforms,
            inverse: list("inverse")?.unwrap_or_default(),
            restores: None,
        })
    }

    /// What the migration makes of an artifact. `record` is the text of what the migration that this one takes back has kept of
    /// it, `{before, after}`, or empty.
    #[must_use]
    pub fn up(&self, artifact: &[u8], record: &[u8]) -> String {
        let migrated = || {
            let artifact = read(artifact, Limits::DOCUMENT, Integers::Any)?;
            Ok(transformed(
                self.migrated(&artifact, read_record(record)?.as_ref()),
            ))
        };
        answer(migrated())
    }

    /// What undoing the migration makes of an artifact that was written after it. One that was migrated has a record, and is
    /// restored from it.
    #[must_use]
    pub fn down(&self, artifact: &[u8]) -> String {
        let undone = || {
            let artifact = read(artifact, Limits::DOCUMENT, Integers::Any)?;
            Ok(transformed(migration::apply(&self.inverse, &artifact)))
        };
        answer(undone())
    }

    /// Whether `after` is what the migration makes of `before`, and the digest of `after` as a document.
    #[must_use]
    pub fn verify(&self, before: &[u8], after: &[u8], record: &[u8]) -> String {
        let verified = || {
            let before = read(before, Limits::DOCUMENT, Integers::Any)?;
            let after = read(after, Limits::DOCUMENT, Integers::Any)?;
            let due = self.migrated(&before, read_record(record)?.as_ref());
            let digest = text::digest(Kind::Document, &after)?;
            Ok(json!({
                "matches": migration::same(&due.artifact, &after),
                "changed": !migration::same(&before, &after),
                "digest": digest.to_string(),
            }))
        };
        answer(verified())
    }

    /// As the statements do it. A revert restores what is as the reverted migration left it, and leaves alone what that one did
    /// not change and what is restored already; everything else gets the transforms.
    fn migrated(&self, artifact: &Value, record: Option<&Record>) -> Transformed {
        let kept = match (&self.restores, record) {
            (Some(_), Some(record)) => record,
            _ => return migration::apply(&self.transforms, artifact),
        };
        let is = |side: &Value| migration::same(side, artifact);
        let (artifact, changed) = match (&kept.before, &kept.after) {
            (Some(before), Some(after)) if is(after) => (before.clone(), !is(before)),
            (Some(before), Some(_)) if !is(before) => {
                return migration::apply(&self.transforms, artifact);
            }
            _ => (artifact.clone(), false),
        };
        Transformed {
            artifact,
            changed,
            skipped: Vec::new(),
        }
    }
}

pub(super) fn transformed(made: Transformed) -> Value {
    json!({"artifact": made.artifact, "changed": made.changed, "skipped": made.skipped})
}

/// What a migration has kept of an artifact; nothing of one that it did not change.
struct Record {
    before: Option<Value>,
    after: Option<Value>,
}

fn read_record(text: &[u8]) -> Result<Option<Record>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let value = read(text, Limits::COMMAND, Integers::Any)?;
    let mut members = Members::of(&value, "/record", &["before", "after"]);
    let side = |value: Option<&Value>| value.filter(|value| !value.is_null()).cloned();
    let (before, after) = (members.required("before"), members.required("after"));
    let record = Record {
        before: side(before),
        after: side(after),
    };
    match members.end().into_iter().next() {
        None => Ok(Some(record)),
        Some(problem) => Err(problem),
    }
}

/// What a migration changed, and nobody has touched since, goes back; what was edited since stays.
#[must_use]
pub fn restore_artifact(before: &[u8], after: &[u8], current: &[u8]) -> String {
    let restored = || {
        let before = read(before, Limits::DOCUMENT, Integers::Any)?;
        let after = read(after, Limits::DOCUMENT, Integers::Any)?;
        let current = read(current, Limits::DOCUMENT, Integers::Any)?;
        let restored = migration::restore(&before, &after, &current);
        let changed = !migration::same(&restored, &current);
        Ok(json!({"artifact": restored, "changed": changed}))
    };
    answer(restored())
}

/// What artifacts of one schema need to fit another. `options` is `{artifact_type?, table?, draft?}`, `references` the text of
/// an object of documents by URI, or empty.
#[must_use]
pub fn suggest_migration(old: &[u8], new: &[u8], options: &[u8], references: &[u8]) -> String {
    match suggested(old, new, options, references) {
        Ok(suggestion) => answer(Ok(suggestion)),
        Err(problems) => write(&json!({"ok": false, "problems": problems})),
    }
}

fn suggested(
    old: &[u8],
    new: &[u8],
    options: &[u8],
    references: &[u8],
) -> Result<Value, Vec<Problem>> {
    let options = read(options, Limits::DOCUMENT, Integers::Any)
        .map_err(|problem| vec![problem.under("/options")])?;
    let mut members = Members::of(&options, "/options", &["artifact_type", "table", "draft"]);
    let artifact_type = members.optional_text("artifact_type");
    let table = members.optional_text("table").unwrap_or(TABLE);
    let draft = members.optional_text("draft");
    let draft_known = members.check("draft", read_draft(draft));
    let problems = members.end();
    if !problems.is_empty() || draft_known.is_none() {
        return Err(problems);
    }
    let side = |text: &[u8], place: &str| {
        read_document(text, draft, references).map_err(|problems| {
            problems
                .into_iter()
                .map(|problem| problem.under(place))
                .collect::<Vec<_>>()
        })
    };
    let (old, new) = (side(old, "/old")?, side(new, "/new")?);
    let one = |problem: Problem| vec![problem];
    let plan = between(&old, &new, table).map_err(one)?;
    let name = migration_name(&plan.transforms, artifact_type).map_err(one)?;
    let sql = migration::scripts(&Scripted {
        transforms: &plan.transforms,
        inverse: &plan.inverse,
        artifact_type,
        migration: &name,
        restores: None,
        columns: &plan.columns,
        table,
    })
    .map_err(one)?;
    let list = |transforms: &[Transform]| -> Value {
        transforms.iter().map(Transform::to_value).collect()
    };
    Ok(json!({
        "transforms": list(&plan.transforms),
        "inverse": list(&plan.inverse),
        "sql": sql.to_value(),
        "lint": plan.lint,
        "notes": plan.notes,
        "reversible": plan.reversible,
    }))
}

/// The plan of replacing one schema by another.
fn between(old: &Document, new: &Document, table: &str) -> Result<Plan, Problem> {
    migration::plan(&PlanInput {
        change: &Change::ModifyField {
            path: FieldPath::parse("")?,
            schema: new.schema().clone(),
            transforms: None,
        },
        artifact_type: TABLE,
        versions: (1, 2),
        current: Some(old),
        next: new,
        declared: &Value::Null,
        strategy: Evolution::default(),
        previous: None,
        table,
    })
}

/// What a change makes of a schema and of its artifacts: the question of a line of the batch form `migration-plan`.
#[must_use]
pub fn plan_migration(input: &[u8]) -> String {
    let line: Value =
        serde_json::from_str(&batch_line("migration-plan", input)).unwrap_or_default();
    let Value::Object(mut members) = line else {
        return write(&json!({"ok": false, "problems": []}));
    };
    members.shift_remove("id");
    let first = members.shift_remove("error");
    let all = members.shift_remove("problems");
    match (first, all) {
        (None, _) => answer(Ok(Value::Object(members))),
        (Some(_), Some(problems)) => write(&json!({"ok": false, "problems": problems})),
        (Some(problem), None) => write(&json!({"ok": false, "problems": [problem]})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(answer: &str) -> Value {
        serde_json::from_str(answer).unwrap()
    }

    /// The plan of `next` as a change of `schema`; a revert of `previous` when that is given.
    fn plan(change_type: &str, spec: Value, previous: Option<&Plan>) -> Plan {
        let schema = |properties: Value| {
            let schema = json!({"type": "object", "properties": properties});
            Document::new(schema, Default::default(), None).unwrap()
        };
        let current = schema(json!({"a": {"type": "string"}}));
        migration::plan(&PlanInput {
            change: &Change::read(change_type, &spec).unwrap(),
            artifact_type: "experiment",
            versions: (1, 2),
            current: Some(&current),
            next: &schema(json!({"b": {"type": "string"}})),
            declared: &json!({"none_needed": "it is generated"}),
            strategy: Evolution::default(),
            previous,
            table: TABLE,
        })
        .unwrap()
    }

    fn compiled(plan: &Plan) -> CompiledMigration {
        compile_migration(plan.to_value().to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_the_migration_makes_is_verified() {
        let rename = compiled(&plan(
            "rename_field",
            json!({"from": "/a", "to": "b"}),
            None,
        ));
        let up = ask(&rename.up(br#"{"a": "x"}"#, b""));
        assert_eq!(
            up,
            json!({"ok": true, "artifact": {"b": "x"}, "changed": true, "skipped": []})
        );
        let down = ask(&rename.down(br#"{"b": "x"}"#));
        assert_eq!(down["artifact"], json!({"a": "x"}));
        for (before, after, matches, changed) in [
            (r#"{"a": 1}"#, r#"{"b": 1.0}"#, true, true),
            (r#"{"a": 1}"#, r#"{"a": 1}"#, false, false),
            (r#"{"a": 1}"#, r#"{"b": 2}"#, false, true),
            (r#"{"c": 1}"#, r#"{"c": 1}"#, true, false),
        ] {
            let verified = ask(&rename.verify(before.as_bytes(), after.as_bytes(), b""));
            assert_eq!(verified["matches"], matches, "{before} {after}");
            assert_eq!(verified["changed"], changed, "{before} {after}");
            let after: Value = serde_json::from_str(after).unwrap();
            let digest = text::digest(Kind::Document, &after).unwrap();
            assert_eq!(verified["digest"], digest.to_string());
        }
        let taken = ask(&rename.up(br#"{"a": 1, "b": 2}"#, b""));
        assert_eq!(taken["skipped"][0]["code"], "move_target_exists");
        for (before, after, code) in [
            ("{", "{}", "json_syntax"),
            ("{}", r#"{"a": 9007199254740993}"#, "json_unsafe_integer"),
        ] {
            let verified = ask(&rename.verify(before.as_bytes(), after.as_bytes(), b""));
            assert_eq!(verified["ok"], false, "{after}");
            assert_eq!(verified["problem"]["code"], code, "{verified}");
        }
    }

    #[test]
    fn a_revert_goes_by_the_record() {
        let removal = plan("remove_field", json!({"path": "/a"}), None);
        let revert = compiled(&plan(
            "modify_field",
            json!({"revert_to": 1}),
            Some(&removal),
        ));
        let kept = r#"{"before": {"a": "x", "c": 1}, "after": {"c": 1}}"#;
        let unchanged = r#"{"before": null, "after": null}"#;
        for (artifact, record, made) in [
            // As the migration left it: it becomes what it was.
            (r#"{"c": 1}"#, kept, r#"{"a": "x", "c": 1}"#),
            // Restored already, or never changed: it stays.
            (r#"{"a": "x", "c": 1}"#, kept, r#"{"a": "x", "c": 1}"#),
            (r#"{"c": 1}"#, unchanged, r#"{"c": 1}"#),
            // Edited or written since: the transforms, which know no value.
            (r#"{"c": 2}"#, kept, r#"{"c": 2}"#),
            (r#"{"c": 2}"#, "", r#"{"c": 2}"#),
        ] {
            let up = ask(&revert.up(artifact.as_bytes(), record.as_bytes()));
            let made: Value = serde_json::from_str(made).unwrap();
            assert_eq!(up["artifact"], made, "{artifact} {record}");
            let verified = ask(&revert.verify(
                artifact.as_bytes(),
                made.to_string().as_bytes(),
                record.as_bytes(),
            ));
            assert_eq!(verified["matches"], true, "{artifact} {record}");
        }
        let wrong = ask(&revert.up(b"{}", br#"{"before": null}"#));
        assert_eq!(wrong["problem"]["code"], "member_missing");
        assert_eq!(wrong["problem"]["pointer"], "/record");
    }

    #[test]
    fn a_suggestion_comes_with_its_scripts() {
        let old = br#"{"type": "object", "properties": {"a": {"type": "string"}}}"#;
        let new = br#"{"type": "object", "properties": {"a": {"type": "integer"}}}"#;
        let options = br#"{"artifact_type": "it's", "table": "things"}"#;
        let made = ask(&suggest_migration(old, new, options, b""));
        assert_eq!(made["ok"], true, "{made}");
        assert_eq!(made["transforms"][0]["op"], "convert");
        let up = made["sql"]["postgresql"]["up"].to_string();
        assert!(
            up.contains("things") && up.contains("'it''s'") && up.contains("it''s:"),
            "{up}"
        );
        let all = ask(&suggest_migration(old, new, b"{}", b""));
        let up = all["sql"]["sqlite"]["up"].to_string();
        assert!(!up.contains("artifact_type ="), "{up}");
        for (options, place) in [
            (&br#"{"tables": "x"}"#[..], "/options/tables"),
            (br#"{"draft": "draft-99"}"#, "/options/draft"),
            (br#"{"table": 7}"#, "/options/table"),
        ] {
            let refused = ask(&suggest_migration(old, new, options, b""));
            assert_eq!(refused["problems"][0]["pointer"], place);
        }
        let refused = ask(&suggest_migration(b"{", new, b"{}", b""));
        assert_eq!(refused["problems"][0]["pointer"], "/old");
    }

    #[test]
    fn what_was_edited_since_stays() {
        let restored = ask(&restore_artifact(
            br#"{"a": "1", "b": 1}"#,
            br#"{"a": 1, "b": 1}"#,
            br#"{"a": 1, "b": 2}"#,
        ));
        assert_eq!(restored["artifact"], json!({"a": "1", "b": 2}));
        assert_eq!(restored["changed"], true);
    }
}
