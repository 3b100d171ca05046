//! A migration as SQL: statements that carry out its transforms on all artifacts at once, and statements that undo it.
//!
//! They run over `artifacts(id, artifact_type, metadata)`, one after the other in one transaction, on PostgreSQL 15 and later,
//! where `metadata` is `jsonb`, and on SQLite 3.38 and later, where it is a JSON text. They name no schema, so a temporary
//! table takes the place of the real one, and they can run twice. (A path through more than two arrays needs SQLite 3.46: the
//! parser of older versions runs out of room, and says so.)
//!
//! A transform is one expression from the document before to the document after ([`expression`]), computed once for each row:
//! the next transform refers to it by name, behind an `OFFSET 0` that keeps the planner from copying it there. So statements
//! and plans grow with the number of transforms, and not with their product.

mod columns;
mod expression;
mod postgresql;
mod quote;
mod sqlite;
mod undo;

use self::columns::Columns;
use self::postgresql::PostgreSql;
use self::sqlite::Sqlite;
use super::{Script, Scripted, Sql};
use crate::text::Problem;

/// The migration in both dialects.
///
/// # Errors
/// `sql_null_character`: a value, a type or a name holds U+0000, which PostgreSQL's `text` and `jsonb` cannot.
/// `sql_name_empty`, `sql_name_too_long`, `sql_name_not_allowed`: the name of the table. `sql_path_too_deep`, `sql_column_in_items`. The pointer leads
/// into the plan.
pub fn scripts(asked: &Scripted<'_>) -> Result<Sql, Problem> {
    quote::check_table(asked.table)?;
    Ok(Sql {
        postgresql: script::<PostgreSql>(asked)?,
        sqlite: script::<Sqlite>(asked)?,
    })
}

fn script<D: Columns>(asked: &Scripted<'_>) -> Result<Script, Problem> {
    let mut script = undo::statements::<D>(asked)?;
    columns::around::<D>(asked, &mut script)?;
    Ok(script)
}
