//! Fields that are columns of the table of artifacts, too.
//!
//! The column follows the document: `up` fills it for the artifacts of the type, and running it again brings it up to date.

use super::super::{Column, ColumnType, Script, Scripted};
use super::expression::{Dialect, Place, indented};
use super::postgresql::PostgreSql;
use super::quote;
use super::sqlite::Sqlite;
use super::undo::Rows;
use crate::schema::Segment;
use crate::text::{Kind, Problem, Value, digest};

/// Names that PostgreSQL does not cut.
const LONGEST_NAME: usize = 63;

/// What the dialects say differently about columns.
pub(super) trait Columns: Rows {
    /// The type of a column.
    fn type_of(kind: ColumnType) -> &'static str;
    /// The value of the column, NULL where the field is missing or of another type.
    fn cell(place: Place<'_>, kind: ColumnType) -> String;
    /// Makes the column.
    fn add(table: &str, column: &str, kind: &str) -> String;
    /// Takes back what the migration did to the column.
    fn drop(table: &str, column: &str, filter: &str) -> String;
    /// Whether two cells differ, NULL being a value.
    fn differ(a: &str, b: &str) -> String;
}

impl Columns for PostgreSql {
    fn type_of(kind: ColumnType) -> &'static str {
        kind.name()
    }

    fn cell(place: Place<'_>, kind: ColumnType) -> String {
        let value = Self::value(place);
        let of = |name: &str, cell: String| {
            format!("CASE jsonb_typeof({value}) WHEN '{name}' THEN {cell} END")
        };
        match kind {
            ColumnType::Text => of("string", format!("{value} #>> '{{}}'")),
            ColumnType::Bigint => of(
                "number",
                format!(
                    "CASE WHEN {value}::numeric = trunc({value}::numeric)
      AND {value}::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
    THEN {value}::bigint
  END"
                ),
            ),
            ColumnType::Double => of("number", super::postgresql::number(&value)),
            ColumnType::Boolean => of("boolean", format!("{value}::boolean")),
            ColumnType::Jsonb => value,
        }
    }

    fn add(table: &str, column: &str, kind: &str) -> String {
        format!("ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column} {kind}")
    }

    fn drop(table: &str, column: &str, filter: &str) -> String {
        format!(
            "-- The column stays, because another type may use it; its cells go.
UPDATE {table} AS a
SET {column} = NULL{filter}"
        )
    }

    fn differ(a: &str, b: &str) -> String {
        format!("{a} IS DISTINCT FROM {b}")
    }
}

impl Columns for Sqlite {
    fn type_of(kind: ColumnType) -> &'static str {
        match kind {
            ColumnType::Text | ColumnType::Jsonb => "TEXT",
            ColumnType::Bigint | ColumnType::Boolean => "INTEGER",
            ColumnType::Double => "REAL",
        }
    }

    fn cell(place: Place<'_>, kind: ColumnType) -> String {
        let (type_of, scalar) = (super::sqlite::kind(place), super::sqlite::scalar(place));
        let cell = match kind {
            ColumnType::Text => format!("CASE {type_of} WHEN 'text' THEN {scalar} END"),
            ColumnType::Bigint => format!(
                "CASE WHEN {type_of} IN ('integer', 'real')
    AND {scalar} BETWEEN -9223372036854775808 AND 9223372036854774784
    AND CAST({scalar} AS INTEGER) = {scalar}
  THEN CAST({scalar} AS INTEGER)
END"
            ),
            ColumnType::Double => format!(
                "CASE WHEN {type_of} IN ('integer', 'real') THEN CAST({scalar} AS REAL) END"
            ),
            ColumnType::Boolean => {
                format!("CASE {type_of} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END")
            }
            ColumnType::Jsonb => Self::value(place),
        };
        format!(
            "CASE WHEN json_valid({}) THEN {} END",
            place.document,
            indented(&cell, 2)
        )
    }

    fn add(table: &str, column: &str, kind: &str) -> String {
        format!(
            "-- SQLite adds a column only once: a second run stops here.
ALTER TABLE {table} ADD COLUMN {column} {kind}"
        )
    }

    fn drop(table: &str, column: &str, _: &str) -> String {
        format!(
            "-- So that the migration can run again; a second run of this script stops here.
ALTER TABLE {table} DROP COLUMN {column}"
        )
    }

    fn differ(a: &str, b: &str) -> String {
        format!("{a} IS NOT {b}")
    }
}

/// Puts the statements for the columns around those for the documents.
///
/// # Errors
/// `sql_column_in_items`, `sql_null_character`.
pub(super) fn around<D: Columns>(asked: &Scripted<'_>, script: &mut Script) -> Result<(), Problem> {
    let table = quote::name(asked.table);
    let of_type = match asked.artifact_type {
        None => None,
        Some(artifact_type) => {
            let name = D::text(artifact_type);
            Some(name.map_err(|problem| problem.under("/artifact_type"))?)
        }
    };
    let (mut first, mut last) = (Vec::new(), Vec::new());
    let mut undone = Vec::new();
    for (index, column) in asked.columns.iter().enumerate() {
        let fields = column.path.segments();
        if fields.contains(&Segment::Items) {
            return Err(Problem::error(
                "sql_column_in_items",
                format!("/columns/{index}/path"),
                "a column holds one value, and this field is in each item of an array",
            )
            .remedy("make a field outside of arrays a column"));
        }
        let name = quote::name(&column.name);
        first.push(D::add(&table, &name, D::type_of(column.kind)));
        let document = "a.metadata";
        let cell = D::cell(Place { document, fields }, column.kind);
        let mut conditions: Vec<String> = of_type
            .iter()
            .map(|of_type| format!("a.artifact_type = {of_type}"))
            .collect();
        let filter = |conditions: &[String]| match conditions {
            [] => String::new(),
            all => format!("\nWHERE {}", all.join("\n  AND ")),
        };
        let cells = filter(&conditions);
        conditions.push(D::differ(&format!("a.{name}"), &indented(&cell, 2)));
        last.push(format!(
            "{}
UPDATE {table} AS a
SET {name} = {}{}",
            quote::comment(&format!("{} as the column {}.", column.path, column.name)),
            indented(&cell, 2),
            filter(&conditions)
        ));
        if column.index {
            let index = quote::name(&index_name(asked, column)?);
            let only = match &of_type {
                None => String::new(),
                Some(of_type) => format!("\nWHERE artifact_type = {of_type}"),
            };
            last.push(format!(
                "CREATE INDEX IF NOT EXISTS {index}\nON {table} ({name}){only}"
            ));
            undone.push(format!("DROP INDEX IF EXISTS {index}"));
        }
        undone.push(D::drop(&table, &name, &cells));
    }
    // Columns first: later, the rows that the transaction has rewritten would be in the way.
    script.up = first
        .into_iter()
        .chain(std::mem::take(&mut script.up))
        .chain(last)
        .collect();
    script.down.extend(undone);
    Ok(())
}

/// `artifacts_experiment_arms_1f3c9a2e`: readable, and no other column's.
fn index_name(asked: &Scripted<'_>, column: &Column) -> Result<String, Problem> {
    let parts = [
        asked.table,
        asked.artifact_type.unwrap_or_default(),
        &column.name,
    ];
    let whole = Value::from(parts.map(Value::from).to_vec());
    let mark: String = digest(Kind::Document, &whole)?
        .to_string()
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .chars()
        .take(8)
        .collect();
    let words: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let readable: String = words
        .join("_")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .take(LONGEST_NAME - 9)
        .collect();
    Ok(format!("{readable}_{mark}"))
}
