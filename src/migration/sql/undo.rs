//! The statements of a migration and of its undoing, around the expressions of its transforms.
//!
//! `up` keeps a record of every artifact of the type: what it was and what it became, or two NULLs when the transforms change
//! nothing in it. An artifact that is what its record says it became is done, and is not touched again. `down` gives every
//! artifact back what its record says it was, and does the inverse transforms on those that have no record, because they were
//! written since; then there is nothing to undo in them. An artifact that was edited since keeps its edit, and its record:
//! whoever corrects it by hand finds there what it was.

use super::super::{Script, Scripted, Transform};
use super::expression::{Dialect, expression, indented};
use super::quote;
use crate::text::Problem;

/// What PostgreSQL and SQLite say differently about rows.
pub(super) trait Rows: Dialect {
    /// The type of a column that holds a document.
    const DOCUMENT: &'static str;
    /// The end of a query whose rows are about to be rewritten: they are locked, so that what is kept, what is computed and
    /// what is replaced are one state.
    const LOCK: &'static str;
    /// The condition that ends a query before `ON CONFLICT`, if the dialect needs one.
    const BEFORE_CONFLICT: &'static str;

    /// A text.
    fn text(text: &str) -> Result<String, Problem>;
    /// The document in a column, ready for the transforms.
    fn document(column: &str) -> String;
    /// The document where the condition holds, ready for the transforms.
    fn document_where(condition: &str, column: &str) -> String;
    /// The query `result(id, metadata, changed)`: the transforms, carried out one after the other over `source`, a query of
    /// (id, metadata, document), and of `restored` if that goes first.
    fn result(source: &str, steps: &[Step], restores: bool) -> Query;
}

/// A transform in SQL, and what stands above it.
pub(super) struct Step {
    pub(super) comment: String,
    pub(super) expression: String,
}

/// A query in the two parts that a statement has for it.
pub(super) struct Query {
    /// Before the statement.
    pub(super) with: String,
    /// After `FROM`.
    pub(super) from: String,
}

/// What the statements are about, quoted.
struct About {
    table: String,
    undo: String,
    migration: String,
    restores: Option<String>,
    /// `a.artifact_type = '…'`, or nothing.
    of_type: Option<String>,
    title: String,
}

impl About {
    fn new<D: Rows>(asked: &Scripted<'_>) -> Result<Self, Problem> {
        let of_type = match asked.artifact_type {
            None => None,
            Some(artifact_type) => {
                let name = D::text(artifact_type);
                let name = name.map_err(|problem| problem.under("/artifact_type"))?;
                Some(format!("a.artifact_type = {name}"))
            }
        };
        Ok(Self {
            table: quote::name(asked.table),
            undo: quote::name(&undo_table(asked.table)),
            migration: D::text(asked.migration)?,
            restores: asked.restores.map(D::text).transpose()?,
            of_type,
            title: asked.migration.to_owned(),
        })
    }

    /// `WHERE … AND …`, the type first.
    fn filter(&self, conditions: &[&str]) -> String {
        let all: Vec<&str> = self
            .of_type
            .as_deref()
            .into_iter()
            .chain(conditions.iter().copied())
            .collect();
        if all.is_empty() {
            return String::new();
        }
        format!("\nWHERE {}", all.join("\n  AND "))
    }
}

/// The table of the records of a table of artifacts.
fn undo_table(table: &str) -> String {
    match table {
        super::super::TABLE => "artifact_migration_undo".to_owned(),
        other => format!("{other}_migration_undo"),
    }
}

/// The statements in one dialect, columns apart.
///
/// # Errors
/// `sql_null_character`, `sql_path_too_deep`, with the pointer into the plan.
pub(super) fn statements<D: Rows>(asked: &Scripted<'_>) -> Result<Script, Problem> {
    let about = About::new::<D>(asked)?;
    let up = steps::<D>(asked.transforms, "/transforms")?;
    let down = steps::<D>(asked.inverse, "/inverse")?;
    if up.is_empty() && down.is_empty() && asked.restores.is_none() {
        return Ok(Script::default());
    }
    let rewrites = !up.is_empty() || asked.restores.is_some();
    let mut script = Script {
        up: vec![create::<D>(&about)],
        down: vec![create::<D>(&about)],
    };
    if rewrites {
        script.up.push(record::<D>(&about, &up));
        script.up.push(replace(&about));
    } else {
        script.up.push(register(
            &about,
            "Nothing is rewritten; what is there is told from what will be written since.",
            &about.filter(&[]),
            D::BEFORE_CONFLICT,
        ));
    }
    if !down.is_empty() {
        script.down.push(restore_and_invert::<D>(&about, &down));
    } else if rewrites {
        script.down.push(restore(&about));
    }
    if rewrites {
        script.down.push(forget(&about));
    }
    if !down.is_empty() {
        let any = any_record(&about);
        script.down.push(register(
            &about,
            "What was written since is undone now, too: a second run leaves it alone.",
            &about.filter(&[&any]),
            "",
        ));
    }
    Ok(script)
}

fn steps<D: Rows>(transforms: &[Transform], at: &str) -> Result<Vec<Step>, Problem> {
    transforms
        .iter()
        .enumerate()
        .map(|(index, transform)| {
            let document = format!("t{index}.document");
            let expression = expression::<D>(transform, &document)
                .map_err(|problem| problem.under(&format!("{at}/{index}")))?;
            let comment = quote::comment(&format!("{}. {}", index + 1, said(transform)));
            Ok(Step {
                comment,
                expression,
            })
        })
        .collect()
}

/// A transform in words.
fn said(transform: &Transform) -> String {
    let path = transform.path();
    match transform {
        Transform::Move { from, .. } => format!("move {from} to {path}"),
        Transform::Convert { rule, .. } => format!("convert {path}: {}", rule.name()),
        other => format!("{} {path}", other.op()),
    }
}

fn create<D: Rows>(about: &About) -> String {
    format!(
        "-- What each artifact was and became, of all migrations: the table may be there already.
CREATE TABLE IF NOT EXISTS {} (
  migration text NOT NULL,
  artifact_id text NOT NULL,
  before {document},
  after {document},
  PRIMARY KEY (migration, artifact_id)
)",
        about.undo,
        document = D::DOCUMENT
    )
}

/// Records what the transforms, or the restoring, make of each artifact.
fn record<D: Rows>(about: &About, steps: &[Step]) -> String {
    let About {
        table,
        undo,
        migration,
        title,
        ..
    } = about;
    let not_done = format!(
        "NOT EXISTS (
    SELECT 1 FROM {undo} AS u
    WHERE u.migration = {migration} AND u.artifact_id = a.id AND u.after = a.metadata
  )"
    );
    let filter = about.filter(&[&not_done]);
    let source = match &about.restores {
        None => format!(
            "SELECT a.id, a.metadata, {} AS document\nFROM {table} AS a{filter}{}",
            D::document("a.metadata"),
            D::LOCK
        ),
        // Untouched since: what it was. Not changed then, or restored already: left alone. Otherwise: the transforms.
        Some(restores) => format!(
            "SELECT a.id, a.metadata,
  CASE WHEN k.after = a.metadata THEN k.before END AS restored,
  {} AS document
FROM {table} AS a
LEFT JOIN {undo} AS k ON k.migration = {restores} AND k.artifact_id = a.id{filter}{}",
            D::document_where(
                "k.artifact_id IS NULL OR k.after <> a.metadata AND k.before <> a.metadata",
                "a.metadata"
            ),
            D::LOCK
        ),
    };
    let query = D::result(&source, steps, about.restores.is_some());
    let comment = match about.restores {
        None => {
            "what each artifact is and becomes; two NULLs where nothing changes. Again only what changes again."
        }
        Some(_) => {
            "what each artifact is and becomes. One that is still what the other migration made of it becomes what it was."
        }
    };
    format!(
        "{}
{}INSERT INTO {undo} (migration, artifact_id, before, after)
SELECT {migration}, result.id, CASE WHEN result.changed IS NOT NULL THEN result.metadata END, result.changed
FROM {}{}
ON CONFLICT (migration, artifact_id) DO UPDATE
SET before = excluded.before, after = excluded.after
WHERE excluded.after IS NOT NULL",
        quote::comment(&format!("{title}: {comment}")),
        query.with,
        query.from,
        D::BEFORE_CONFLICT
    )
}

/// Gives each artifact what its record says it becomes.
fn replace(about: &About) -> String {
    let filter = about.filter(&[
        &format!("u.migration = {}", about.migration),
        "u.artifact_id = a.id",
        "u.before = a.metadata",
    ]);
    format!(
        "-- The artifacts become what was recorded.
UPDATE {} AS a
SET metadata = u.after
FROM {} AS u{filter}",
        about.table, about.undo
    )
}

/// Gives each artifact what its record says it was.
fn restore(about: &About) -> String {
    let filter = about.filter(&[
        &format!("u.migration = {}", about.migration),
        "u.artifact_id = a.id",
        "u.after = a.metadata",
    ]);
    format!(
        "{}
UPDATE {} AS a
SET metadata = u.before
FROM {} AS u{filter}",
        quote::comment(&format!(
            "{}, undone: artifacts that were not edited since become what they were.",
            about.title
        )),
        about.table,
        about.undo
    )
}

/// The same, and the inverse transforms on artifacts that have no record.
fn restore_and_invert<D: Rows>(about: &About, steps: &[Step]) -> String {
    let About {
        table,
        undo,
        migration,
        ..
    } = about;
    let any = any_record(about);
    let filter = about.filter(&["(u.artifact_id IS NULL OR u.after = a.metadata)", &any]);
    let source = format!(
        "SELECT a.id, a.metadata, u.before AS restored,
  {} AS document
FROM {table} AS a
LEFT JOIN {undo} AS u ON u.migration = {migration} AND u.artifact_id = a.id{filter}{}",
        D::document_where("u.artifact_id IS NULL", "a.metadata"),
        D::LOCK
    );
    let query = D::result(&source, steps, true);
    format!(
        "{}
{}UPDATE {table} AS a
SET metadata = result.changed
FROM {}
WHERE a.id = result.id AND result.changed IS NOT NULL",
        quote::comment(&format!(
            "{}, undone: artifacts that were not edited since become what they were; those written since are transformed back.",
            about.title
        )),
        query.with,
        query.from
    )
}

/// Empties the records of artifacts that are what they were.
fn forget(about: &About) -> String {
    let filter = about.filter(&[
        &format!("u.migration = {}", about.migration),
        "u.artifact_id = a.id",
        "u.before = a.metadata",
    ]);
    format!(
        "-- There is nothing to undo in them any more. The record of an edited artifact stays.
UPDATE {} AS u
SET before = NULL, after = NULL
FROM {} AS a{filter}",
        about.undo, about.table
    )
}

/// Records artifacts that have no record, as not changed.
fn register(about: &About, comment: &str, filter: &str, before_conflict: &str) -> String {
    // Without any condition, SQLite would take `ON CONFLICT` for the condition of a join.
    let filter = if filter.is_empty() {
        before_conflict
    } else {
        filter
    };
    format!(
        "{}
INSERT INTO {} (migration, artifact_id)
SELECT {}, a.id
FROM {} AS a{filter}
ON CONFLICT (migration, artifact_id) DO NOTHING",
        quote::comment(comment),
        about.undo,
        about.migration,
        about.table
    )
}

/// A migration that never ran undoes nothing.
fn any_record(about: &About) -> String {
    format!(
        "EXISTS (SELECT 1 FROM {} AS u WHERE u.migration = {})",
        about.undo, about.migration
    )
}

/// What a row becomes, where that is something else than it is.
pub(super) fn changed(restored: Option<&str>, changed: &str) -> String {
    match restored {
        None => changed.to_owned(),
        Some(restored) => format!("COALESCE({restored}, {})", indented(changed, 2)),
    }
}
