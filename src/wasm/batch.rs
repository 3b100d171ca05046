//! One line in, one line out: the form in which scripts and other test suites drive the core.

use serde_json::json;

use super::api::{
    canonical_and_digest, compare, count, read_draft, read_history, read_options, write,
};
use crate::migration::{
    self, Plan, PlanInput, Script, Scripted, Sql, TABLE, Transform, apply, restore, scripts,
};
use crate::schema::{Change, Document, Evolution, Formats, References, Schema};
use crate::text::{
    Integers, Kind, Limits, Map, Members, Problem, Value, digest, read, read_lossy_member,
};

/// Answers one line. A line that cannot be answered gets `{id, error}`; its `id` is recovered if that is possible at all.
///
/// | kind | line | answer |
/// |---|---|---|
/// | `check-compat` | `{id, old, new, draft?, mode?, assumptions?, formats?, steps?, history?, references?}` | `{id, verdict, reason, witness?, differences, against?, assumptions?, ruled_out?}` |
/// | `validate` | `{id, schema, instance, draft?, formats?, references?}` | `{id, valid, errors}` |
/// | `canonical` | `{id, text}` | `{id, canonical, digest}` |
/// | `tally` | `{id, policy?, track, members, yes, no, abstain}` | `{id, outcome, needed, decided, …}` |
/// | `migration-plan` | `{id, schema, change_type, field_spec, artifact_type?, table?, draft?, references?}` | `{id, next_schema, transforms, sql: {postgresql: {up, down}, sqlite: {up, down}}, lint, reversible}` |
/// | `migration-apply` | `{id, schema, change_type, field_spec, artifact, artifact_type?, draft?, references?}` | `{id, up, down}` |
///
/// Lines often come from files that hold more than the question, such as the answer that is expected. Members that a line of
/// its kind does not have are passed over, and the answer names them in `ignored`.
#[must_use]
pub fn batch_line(kind: &str, line: &[u8]) -> String {
    let mut value = match read(line, Limits::COMMAND, Integers::Any) {
        Ok(value) => value,
        Err(problem) => {
            let id = read_lossy_member(line, "id").unwrap_or_default();
            return write(&json!({"id": id, "error": problem}));
        }
    };
    let id = value.get("id").cloned().unwrap_or_default();
    let ignored = set_aside(kind, &mut value);
    let answered = match kind {
        "check-compat" => check_compat(&value),
        "validate" => validate(&value),
        "canonical" => canonical(&value),
        "tally" => tally(value),
        "migration-plan" => migration_plan(&value),
        "migration-apply" => migration_apply(&value),
        other => Err(vec![
            Problem::error(
                "batch_kind_unknown",
                "",
                format!("there is no batch form `{other}`"),
            )
            .remedy(
                "use check-compat, validate, canonical, tally, migration-plan or migration-apply",
            ),
        ]),
    };
    let mut answer = Map::new();
    answer.insert("id".into(), id);
    match answered {
        Ok(Value::Object(members)) => answer.extend(members),
        Ok(other) => {
            answer.insert("value".into(), other);
        }
        Err(problems) => {
            answer.insert("error".into(), json!(problems.first()));
            if problems.len() > 1 {
                answer.insert("problems".into(), json!(problems));
            }
        }
    }
    if !ignored.is_empty() {
        answer.insert("ignored".into(), ignored.into());
    }
    write(&Value::Object(answer))
}

/// The members of a line, by kind.
fn members_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "check-compat" => &[
            "id",
            "old",
            "new",
            "draft",
            "mode",
            "assumptions",
            "formats",
            "steps",
            "history",
            "references",
        ],
        "validate" => &["id", "schema", "instance", "draft", "formats", "references"],
        "canonical" => &["id", "text"],
        "migration-plan" => &[
            "id",
            "schema",
            "change_type",
            "field_spec",
            "artifact_type",
            "table",
            "draft",
            "references",
        ],
        "migration-apply" => &[
            "id",
            "schema",
            "change_type",
            "field_spec",
            "artifact",
            "artifact_type",
            "draft",
            "references",
        ],
        _ => &["id", "policy", "track", "members", "yes", "no", "abstain"],
    }
}

/// Takes the members out that a line of this kind does not have; answers their names.
fn set_aside(kind: &str, line: &mut Value) -> Vec<String> {
    let known = members_of(kind);
    let Some(members) = line.as_object_mut() else {
        return Vec::new();
    };
    let ignored: Vec<String> = members
        .keys()
        .filter(|name| !known.contains(&name.as_str()))
        .cloned()
        .collect();
    for name in &ignored {
        members.shift_remove(name);
    }
    ignored
}

type Answered = Result<Value, Vec<Problem>>;

fn document(members: &mut Members<'_>, name: &str) -> Option<Document> {
    let schema = members.required(name)?.clone();
    let draft = members.optional_text("draft");
    let draft = members.check("draft", read_draft(draft))?;
    let references = match members.get("references") {
        Some(Value::Object(documents)) => documents.clone().into_iter().collect(),
        _ => References::new(),
    };
    match Document::new(schema, references, draft) {
        Ok(document) => Some(document),
        Err(problems) => {
            let place = members.place(name);
            members.note(problems.into_iter().map(|problem| problem.under(&place)));
            None
        }
    }
}

fn check_compat(value: &Value) -> Answered {
    let mut members = Members::of(value, "", members_of("check-compat"));
    let old = document(&mut members, "old");
    let new = document(&mut members, "new");
    let mode = members.optional_text("mode");
    let assumptions: Vec<String> = match members.get("assumptions") {
        None => Vec::new(),
        Some(_) => {
            let list = members.array("assumptions").into_iter().flatten();
            let names: Vec<_> = list.map(Value::as_str).collect();
            if names.contains(&None) {
                members.problem(
                    "member_type",
                    "assumptions",
                    "`assumptions` must be an array of names",
                );
            }
            names.into_iter().flatten().map(str::to_owned).collect()
        }
    };
    let formats = formats(&mut members);
    let steps = match members.get("steps") {
        None => None,
        Some(_) => members.count("steps"),
    };
    let options = read_options(mode, &assumptions, formats, steps);
    let options = match options {
        Ok(options) => Some(options),
        Err(problems) => {
            members.note(problems.into_iter().map(|problem| {
                let member = match problem.code {
                    "mode_unknown" => "/mode",
                    _ => "/assumptions",
                };
                problem.under(member)
            }));
            None
        }
    };
    let history = match (members.get("history"), &new) {
        (Some(history), Some(new)) => {
            let draft = members
                .optional_text("draft")
                .and_then(|draft| read_draft(Some(draft)).ok())
                .flatten();
            match read_history(history, new.references(), draft) {
                Ok(history) => history,
                Err(problems) => {
                    members.note(
                        problems
                            .into_iter()
                            .map(|problem| problem.under("/history")),
                    );
                    Vec::new()
                }
            }
        }
        _ => Vec::new(),
    };
    let problems = members.end();
    match old.zip(new).zip(options) {
        Some(((old, new), options)) if problems.is_empty() => {
            Ok(json!(compare(&history, &old, &new, &options)))
        }
        _ => Err(problems),
    }
}

/// What `format` does on this line.
fn formats(members: &mut Members<'_>) -> Formats {
    match members.optional_text("formats") {
        None | Some("annotation") => Formats::Annotation,
        Some("assertion") => Formats::Assertion,
        Some(other) => {
            members.problem(
                "formats_unknown",
                "formats",
                format!("`{other}` is neither annotation nor assertion"),
            );
            Formats::Annotation
        }
    }
}

fn validate(value: &Value) -> Answered {
    let mut members = Members::of(value, "", members_of("validate"));
    let document = document(&mut members, "schema");
    let instance = members.required("instance");
    let formats = formats(&mut members);
    let problems = members.end();
    match document.zip(instance) {
        Some((document, instance)) if problems.is_empty() => {
            let schema = Schema::compile(document, formats)
                .map_err(|problem| vec![problem.under("/schema")])?;
            Ok(json!(schema.validate_value(instance)))
        }
        _ => Err(problems),
    }
}

fn canonical(value: &Value) -> Answered {
    let mut members = Members::of(value, "", members_of("canonical"));
    let text = match members.required("text") {
        Some(Value::String(text)) => Some(text),
        Some(_) => {
            members.problem(
                "member_type",
                "text",
                "`text` must be a string that holds a JSON text",
            );
            None
        }
        None => None,
    };
    let problems = members.end();
    match text {
        Some(text) if problems.is_empty() => {
            let (canonical, digest) =
                canonical_and_digest(text.as_bytes()).map_err(|problem| vec![problem])?;
            Ok(json!({"canonical": canonical, "digest": digest}))
        }
        _ => Err(problems),
    }
}

fn tally(mut value: Value) -> Answered {
    if let Some(members) = value.as_object_mut() {
        members.shift_remove("id");
    }
    count(&value)
        .map(|tally| json!(tally))
        .map_err(|problem| vec![problem])
}

/// A change of one schema, and what it asks of the artifacts.
struct Migration {
    next: Value,
    plan: Plan,
    sql: Sql,
}

/// Reads the members that both kinds have, and plans. A new type (`add_type`) needs no `schema`.
fn read_migration(members: &mut Members<'_>) -> Option<Result<Migration, Vec<Problem>>> {
    let change_type = members.text("change_type");
    let base = match (change_type, members.get("schema")) {
        (Some("add_type"), None) => None,
        _ => Some(document(members, "schema")),
    };
    let spec = members.required("field_spec");
    let artifact_type = members.optional_text("artifact_type");
    let table = members.optional_text("table").unwrap_or(TABLE);
    let base = match base {
        None => None,
        Some(document) => Some(document?),
    };
    Some(plan_migration(
        base.as_ref(),
        change_type?,
        spec?,
        artifact_type,
        table,
    ))
}

fn plan_migration(
    base: Option<&Document>,
    change_type: &str,
    spec: &Value,
    artifact_type: Option<&str>,
    table: &str,
) -> Result<Migration, Vec<Problem>> {
    let of_spec = |problem: Problem| match problem.pointer.as_str() {
        "/table" | "/artifact_type" => problem,
        _ => problem.under("/field_spec"),
    };
    let change = Change::read(change_type, spec).map_err(|problems| {
        let of_spec = |problem: Problem| match problem.code {
            "change_type_unknown" => problem.under("/change_type"),
            _ => of_spec(problem),
        };
        problems.into_iter().map(of_spec).collect::<Vec<_>>()
    })?;
    let next = change
        .apply(base)
        .map_err(|problem| vec![of_spec(problem)])?
        .schema;
    let (references, draft) = match base {
        None => (References::new(), None),
        Some(base) => (base.references().clone(), Some(base.draft())),
    };
    let document = Document::new(next.clone(), references, draft)
        .map_err(|problems| problems.into_iter().map(of_spec).collect::<Vec<_>>())?;
    let plan = migration::plan(&PlanInput {
        change: &change,
        // Names the plan, and nothing in it; the scripts below are for the type that was asked for.
        artifact_type: TABLE,
        versions: (u64::from(base.is_some()), u64::from(base.is_some()) + 1),
        current: base,
        next: &document,
        declared: &json!({"none_needed": "it is generated"}),
        strategy: Evolution::Batch,
        previous: None,
        table: TABLE,
    })
    .map_err(|problem| vec![of_spec(problem)])?;
    let sql = scripts(&Scripted {
        transforms: &plan.transforms,
        inverse: &plan.inverse,
        artifact_type,
        migration: &migration_name(&plan.transforms, artifact_type)
            .map_err(|problem| vec![of_spec(problem)])?,
        restores: None,
        columns: &plan.columns,
        table,
    })
    .map_err(|problem| vec![of_spec(problem)])?;
    Ok(Migration { next, plan, sql })
}

/// `experiment:0123456789abcdef`: the same transforms have the same records.
fn migration_name(
    transforms: &[Transform],
    artifact_type: Option<&str>,
) -> Result<String, Problem> {
    let whole = Value::Array(transforms.iter().map(Transform::to_value).collect());
    let digest = digest(Kind::Plan, &whole)?.to_string();
    let hex: String = digest
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .chars()
        .take(16)
        .collect();
    Ok(format!("{}:{hex}", artifact_type.unwrap_or(TABLE)))
}

/// One text, each statement ended by `;`.
fn script(statements: &[String]) -> String {
    statements
        .iter()
        .map(|statement| format!("{statement};\n"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn migration_plan(value: &Value) -> Answered {
    let mut members = Members::of(value, "", members_of("migration-plan"));
    let migration = read_migration(&mut members);
    let problems = members.end();
    match migration {
        Some(migration) if problems.is_empty() => {
            let Migration { next, plan, sql } = migration?;
            let both = |of: &Script| json!({"up": script(&of.up), "down": script(&of.down)});
            let transforms: Vec<Value> = plan.transforms.iter().map(Transform::to_value).collect();
            Ok(json!({
                "next_schema": next,
                "transforms": transforms,
                "sql": {"postgresql": both(&sql.postgresql), "sqlite": both(&sql.sqlite)},
                "lint": plan.lint,
                "reversible": plan.reversible,
            }))
        }
        _ => Err(problems),
    }
}

fn migration_apply(value: &Value) -> Answered {
    let mut members = Members::of(value, "", members_of("migration-apply"));
    let migration = read_migration(&mut members);
    let artifact = members.required("artifact");
    let problems = members.end();
    match migration.zip(artifact) {
        Some((migration, artifact)) if problems.is_empty() => {
            let up = apply(&migration?.plan.transforms, artifact).artifact;
            // Nobody has edited it in between.
            let down = restore(artifact, &up, &up);
            Ok(json!({"up": up, "down": down}))
        }
        _ => Err(problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_holds_beside_its_question_is_named_and_passed_over() {
        let line = br#"{"id": 7, "track": "additive", "members": 3, "yes": 2, "no": 0, "abstain": 0, "expected": "approved"}"#;
        let answer: Value = serde_json::from_str(&batch_line("tally", line)).unwrap();
        assert_eq!(answer["outcome"], "approved");
        assert_eq!(answer["ignored"], json!(["expected"]));
        let line = br#"{"id": 7, "old": true, "new": true, "compatible": true}"#;
        let answer: Value = serde_json::from_str(&batch_line("check-compat", line)).unwrap();
        assert_eq!(answer["verdict"], "compatible");
        assert_eq!(answer["ignored"], json!(["compatible"]));
    }

    #[test]
    fn a_line_that_cannot_be_read_still_gets_its_id_back() {
        for (line, code) in [
            (
                r#"{"id": "a", "text": "1", "text": "2"}"#,
                "json_duplicate_key",
            ),
            (r#"{"id": "a", "text": 7}"#, "member_type"),
            (r#"{"id": "a"}"#, "member_missing"),
            (
                r#"{"id": "a", "text": "{\"b\": 9007199254740993}"}"#,
                "json_unsafe_integer",
            ),
        ] {
            let answer: Value =
                serde_json::from_str(&batch_line("canonical", line.as_bytes())).unwrap();
            assert_eq!(answer["id"], "a", "{line}");
            assert_eq!(answer["error"]["code"], code, "{line}");
        }
    }
}
