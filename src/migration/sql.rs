//! The steps of a migration as PostgreSQL statements, and how to undo them.
//!
//! The statements run over `artifacts(id text, artifact_type text, metadata jsonb)`, on PostgreSQL 15 or later, one after the
//! other in one transaction. They change only rows whose metadata the steps change, and keep the pre-image of each in
//! `artifact_migration_undo`, so both directions can run twice. Names are constants; whatever comes from a proposal is a
//! quoted literal. The operators `?`, `?|` and `?&` are not used: some drivers take `?` for a parameter.

use crate::schema::Segment;
use crate::text::{Problem, Value};

use super::{Fill, Script, Scripted, Sql, Transform};

/// The table that keeps what the artifacts were before.
const UNDO_TABLE: &str = "CREATE TABLE IF NOT EXISTS artifact_migration_undo (
  migration text NOT NULL,
  artifact_id text NOT NULL,
  before jsonb NOT NULL,
  after jsonb NOT NULL,
  PRIMARY KEY (migration, artifact_id)
)";

/// The statements for the transforms.
///
/// # Errors
/// `sql_null_character`: a value holds U+0000, which PostgreSQL's `text` and `jsonb` cannot.
pub fn scripts(scripted: &Scripted<'_>) -> Result<Sql, Problem> {
    let artifact_type = scripted.artifact_type.unwrap_or_default();
    Ok(Sql {
        postgresql: statements(scripted.transforms, artifact_type, scripted.migration)?,
        sqlite: Script::default(),
    })
}

fn statements(
    steps: &[Transform],
    artifact_type: &str,
    migration: &str,
) -> Result<Script, Problem> {
    if steps.is_empty() {
        return Ok(Script::default());
    }
    // One lateral row per step, so that the text grows with the steps and not with their product.
    let mut before = "a.metadata".to_owned();
    let mut chain = String::new();
    let mut aliases = 0;
    for (index, step) in steps.iter().enumerate() {
        let after = expression(step, &before, &mut aliases)?;
        chain.push_str(&format!(
            "\nCROSS JOIN LATERAL (SELECT {after} AS after) AS m{index}"
        ));
        before = format!("m{index}.after");
    }
    let after = before;
    let migration = literal(migration)?;
    let artifact_type = literal(artifact_type)?;
    Ok(Script {
        up: vec![
            UNDO_TABLE.to_owned(),
            // The rows are locked first, so that what is kept, what is computed and what is replaced are one state.
            format!(
                "INSERT INTO artifact_migration_undo (migration, artifact_id, before, after)
SELECT {migration}, a.id, a.metadata, {after}
FROM (
  SELECT id, metadata FROM artifacts
  WHERE artifact_type = {artifact_type} AND metadata IS NOT NULL
  FOR UPDATE
) AS a{chain}
WHERE {after} IS DISTINCT FROM a.metadata
ON CONFLICT (migration, artifact_id) DO UPDATE SET before = excluded.before, after = excluded.after"
            ),
            format!(
                "UPDATE artifacts AS a
SET metadata = u.after
FROM artifact_migration_undo AS u
WHERE u.migration = {migration} AND u.artifact_id = a.id
  AND a.artifact_type = {artifact_type} AND a.metadata = u.before"
            ),
        ],
        down: vec![
            // A plan that was never applied can be undone, too.
            UNDO_TABLE.to_owned(),
            format!(
                "UPDATE artifacts AS a
SET metadata = u.before
FROM artifact_migration_undo AS u
WHERE u.migration = {migration} AND u.artifact_id = a.id
  AND a.artifact_type = {artifact_type} AND a.metadata = u.after"
            ),
            format!(
                "DELETE FROM artifact_migration_undo AS u
USING artifacts AS a
WHERE u.migration = {migration} AND a.id = u.artifact_id
  AND a.artifact_type = {artifact_type} AND a.metadata = u.before"
            ),
        ],
    })
}

/// The `jsonb` expression that carries out one step on the `jsonb` expression `target`.
fn expression(step: &Transform, target: &str, aliases: &mut usize) -> Result<String, Problem> {
    let path = match step {
        Transform::Move { from, .. } => from,
        other => other.path(),
    };
    match path.split_last() {
        Some((parent, name)) => inside(target, parent, name, step, aliases),
        // No field at the end, nothing to do: as in the transform.
        None => Ok(target.to_owned()),
    }
}

fn inside(
    target: &str,
    path: &[Segment],
    name: &str,
    step: &Transform,
    aliases: &mut usize,
) -> Result<String, Problem> {
    Ok(match path.split_first() {
        None => {
            let (test, then) = change(target, name, step)?;
            format!(
                "CASE WHEN jsonb_typeof({target}) = 'object' AND {test} THEN {then} ELSE {target} END"
            )
        }
        Some((Segment::Field(field), rest)) => {
            let key = literal(field)?;
            let member = format!("({target} -> {key})");
            let changed = inside(&member, rest, name, step, aliases)?;
            format!(
                "CASE WHEN jsonb_typeof({target}) = 'object' AND {member} IS NOT NULL \
                 THEN jsonb_set({target}, ARRAY[{key}], {changed}) ELSE {target} END"
            )
        }
        Some((Segment::Items, rest)) => {
            *aliases += 1;
            let items = format!("e{aliases}");
            let changed = inside(&format!("{items}.item"), rest, name, step, aliases)?;
            format!(
                "CASE WHEN jsonb_typeof({target}) = 'array' \
                 THEN COALESCE((SELECT jsonb_agg({changed} ORDER BY {items}.ord) \
                 FROM jsonb_array_elements({target}) WITH ORDINALITY AS {items}(item, ord)), '[]'::jsonb) \
                 ELSE {target} END"
            )
        }
    })
}

/// When the step changes the object `target`, and what it makes of it.
fn change(target: &str, name: &str, step: &Transform) -> Result<(String, String), Problem> {
    let key = literal(name)?;
    // `->` is NULL where there is no such field, and `'null'` where the field holds null.
    let has = |key: &str| format!("({target} -> {key}) IS NOT NULL");
    let lacks = |key: &str| format!("({target} -> {key}) IS NULL");
    Ok(match step {
        Transform::Add {
            value: Fill::Value(value),
            ..
        } => (
            lacks(&key),
            format!(
                "{target} || jsonb_build_object({key}::text, {})",
                json(value)?
            ),
        ),
        Transform::Remove { .. } => (has(&key), format!("{target} - {key}::text")),
        Transform::Move { path: to, .. } => {
            let new = literal(to.split_last().map_or(name, |(_, new)| new))?;
            (
                format!("{} AND {}", has(&key), lacks(&new)),
                format!(
                    "({target} - {key}::text) || jsonb_build_object({new}::text, {target} -> {key})"
                ),
            )
        }
        _ => ("false".to_owned(), target.to_owned()),
    })
}

/// A JSON value as a `jsonb` literal.
fn json(value: &Value) -> Result<String, Problem> {
    if holds_null_character(value) {
        return Err(null_character());
    }
    Ok(format!("{}::jsonb", literal(&value.to_string())?))
}

/// A string literal that means the same whatever `standard_conforming_strings` says.
fn literal(text: &str) -> Result<String, Problem> {
    if text.contains('\0') {
        return Err(null_character());
    }
    let quoted = text.replace('\'', "''");
    Ok(if quoted.contains('\\') {
        format!("E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    })
}

fn holds_null_character(value: &Value) -> bool {
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) if text.contains('\0') => return true,
            Value::Array(items) => pending.extend(items),
            Value::Object(object) => {
                if object.keys().any(|name| name.contains('\0')) {
                    return true;
                }
                pending.extend(object.values());
            }
            _ => {}
        }
    }
    false
}

fn null_character() -> Problem {
    Problem::error(
        "sql_null_character",
        "",
        "PostgreSQL cannot store the character U+0000, which this value holds",
    )
    .remedy("leave the character out")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_hold_whatever_a_proposal_writes() {
        assert_eq!(literal("it's").unwrap(), "'it''s'");
        assert_eq!(literal("a\\'b").unwrap(), "E'a\\\\''b'");
        assert_eq!(literal("💡").unwrap(), "'💡'");
        assert_eq!(literal("\0").unwrap_err().code, "sql_null_character");
        assert_eq!(
            json(&serde_json::json!({"a": ["\0"]})).unwrap_err().code,
            "sql_null_character"
        );
        assert_eq!(
            json(&serde_json::json!("a\nb")).unwrap(),
            "E'\"a\\\\nb\"'::jsonb"
        );
    }
}
