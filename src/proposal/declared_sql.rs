//! What whoever votes should know about the SQL that a proposer declares. It is never run by the core; people run it.
//!
//! It is read as PostgreSQL, and as SQLite where that fails. Everything here is a warning: SQL that cannot be read may still
//! be right, and a `DROP` may be what is wanted.

use sqlparser::ast::{
    AlterTable, AlterTableOperation, ColumnOption, Delete, FromTable, Insert, ObjectName, Query,
    SetExpr, Statement, TableFactor, TableObject, TableWithJoins, Update, UpdateTableFromKind,
};
use sqlparser::dialect::{Dialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::{Parser, ParserError};

use crate::text::Problem;

/// The table that a migration is about.
const TABLE: &str = "artifacts";
/// The longest text that is looked at.
const LONGEST: usize = 100_000;
/// How deep statements may nest.
const MOST_DEPTH: usize = 32;

/// What there is to say about the SQL at `place`.
#[must_use]
pub fn lint_sql(sql: &str, place: &str) -> Vec<Problem> {
    let mut seen = Seen {
        place,
        problems: Vec::new(),
        number: 0,
        own: vec![TABLE.to_owned()],
    };
    if sql.len() > LONGEST {
        let words = format!("the SQL has more than {LONGEST} bytes and was not looked at");
        seen.say("sql_unparsable", words, "read it with care before voting");
        return seen.problems;
    }
    let statements = parsed(sql, &PostgreSqlDialect {})
        .or_else(|error| parsed(sql, &SQLiteDialect {}).map_err(|_| error));
    match statements {
        Ok(statements) => {
            for (index, statement) in statements.iter().enumerate() {
                seen.number = index + 1;
                seen.statement(statement, MOST_DEPTH);
            }
        }
        Err(error) => {
            let reason = match error {
                ParserError::TokenizerError(reason) | ParserError::ParserError(reason) => reason,
                ParserError::RecursionLimitExceeded => "it nests too deep".to_owned(),
            };
            seen.say(
                "sql_unparsable",
                format!("the SQL could be read neither as PostgreSQL nor as SQLite: {reason}"),
                "check it against a database; nothing was found out about what it does",
            );
        }
    }
    seen.problems
}

fn parsed(sql: &str, dialect: &dyn Dialect) -> Result<Vec<Statement>, ParserError> {
    Parser::new(dialect)
        .with_recursion_limit(MOST_DEPTH)
        .try_with_sql(sql)?
        .parse_statements()
}

struct Seen<'a> {
    place: &'a str,
    problems: Vec<Problem>,
    /// The statement that is looked at, from 1.
    number: usize,
    /// Names that are no other tables: the artifacts, and what the script makes for itself.
    own: Vec<String>,
}

impl Seen<'_> {
    /// Says a thing once, of the first statement that it is true of.
    fn say(&mut self, code: &'static str, what: String, remedy: &str) {
        if self.problems.iter().all(|known| known.code != code) {
            self.problems
                .push(Problem::warning(code, self.place, what).remedy(remedy));
        }
    }

    fn statement(&mut self, statement: &Statement, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        match statement {
            Statement::Drop { .. }
            | Statement::Truncate(_)
            | Statement::DropFunction(_)
            | Statement::DropDomain(_)
            | Statement::DropProcedure { .. }
            | Statement::DropExtension(_)
            | Statement::DropTrigger(_)
            | Statement::DropPolicy(_) => self.drops(),
            Statement::Update(update) => self.update(update, depth),
            Statement::Delete(delete) => self.delete(delete, depth),
            Statement::Insert(insert) => self.insert(insert, depth),
            Statement::Merge(merge) => self.factor(&merge.table, depth),
            Statement::Query(query) => self.query(query, depth),
            Statement::AlterTable(alter) => self.alter(alter),
            Statement::CreateTable(create) => {
                if create.temporary {
                    self.own.extend(name(&create.name));
                } else {
                    self.table(&create.name);
                }
                if let Some(query) = &create.query {
                    self.query(query, depth);
                }
            }
            Statement::CreateIndex(create) => {
                self.table(&create.table_name);
                if !create.concurrently {
                    self.locks("builds an index");
                }
            }
            Statement::StartTransaction { .. }
            | Statement::Commit { .. }
            | Statement::Rollback { .. }
            | Statement::Savepoint { .. }
            | Statement::ReleaseSavepoint { .. } => {
                let words = format!("statement {} begins or ends a transaction", self.number);
                self.say(
                    "sql_transaction_control",
                    words,
                    "leave it out: whoever runs a migration runs it in one transaction",
                );
            }
            Statement::Lock(_) | Statement::LockTables { .. } => self.locks("takes a lock"),
            _ => {}
        }
    }

    fn drops(&mut self) {
        let words = format!("statement {} drops or truncates something", self.number);
        self.say(
            "sql_drops",
            words,
            "what is dropped cannot be brought back by undoing the migration",
        );
    }

    fn locks(&mut self, what: &str) {
        let words = format!(
            "statement {} {what}: nobody writes to the table while it runs",
            self.number
        );
        self.say(
            "sql_locks_table",
            words,
            "on a large table, build indexes concurrently, and add constraints `NOT VALID` first",
        );
    }

    fn without_where(&mut self, verb: &str) {
        let words = format!(
            "statement {} is an {verb} without `WHERE`: it touches artifacts of every type",
            self.number
        );
        self.say(
            "sql_without_where",
            words,
            "name the type: `WHERE artifact_type = …`",
        );
    }

    /// A table that a statement touches.
    fn table(&mut self, table: &ObjectName) {
        let Some(found) = name(table).filter(|found| !self.own.contains(found)) else {
            return;
        };
        let words = format!(
            "statement {} touches `{found}`, which is not the table of artifacts",
            self.number
        );
        self.say(
            "sql_other_table",
            words,
            "a migration of a type is about `artifacts`; propose the rest elsewhere",
        );
    }

    fn update(&mut self, update: &Update, depth: usize) {
        self.joined(&update.table, depth);
        if let Some(
            UpdateTableFromKind::BeforeSet(tables) | UpdateTableFromKind::AfterSet(tables),
        ) = &update.from
        {
            self.all_joined(tables, depth);
        }
        if update.selection.is_none() {
            self.without_where("`UPDATE`");
        }
    }

    fn delete(&mut self, delete: &Delete, depth: usize) {
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        self.all_joined(from, depth);
        self.all_joined(delete.using.as_deref().unwrap_or_default(), depth);
        if delete.selection.is_none() {
            self.without_where("a `DELETE`");
        }
    }

    fn insert(&mut self, insert: &Insert, depth: usize) {
        if let TableObject::TableName(table) = &insert.table {
            self.table(table);
        }
        if let Some(source) = &insert.source {
            self.query(source, depth);
        }
    }

    fn alter(&mut self, alter: &AlterTable) {
        self.table(&alter.name);
        for operation in &alter.operations {
            match operation {
                AlterTableOperation::DropColumn { .. }
                | AlterTableOperation::DropConstraint { .. }
                | AlterTableOperation::DropPrimaryKey { .. }
                | AlterTableOperation::DropForeignKey { .. }
                | AlterTableOperation::DropPartitions { .. } => self.drops(),
                AlterTableOperation::AddConstraint {
                    not_valid: false, ..
                } => self.locks("checks a constraint on every row"),
                AlterTableOperation::AlterColumn { .. }
                | AlterTableOperation::ModifyColumn { .. }
                | AlterTableOperation::ChangeColumn { .. } => {
                    self.locks("changes a column on every row");
                }
                AlterTableOperation::AddColumn { column_def, .. } => {
                    let fills = column_def.options.iter().any(|option| {
                        matches!(
                            option.option,
                            ColumnOption::Unique(_)
                                | ColumnOption::PrimaryKey(_)
                                | ColumnOption::Generated { .. }
                        )
                    });
                    if fills {
                        self.locks("fills a column on every row");
                    }
                }
                _ => {}
            }
        }
    }

    fn all_joined(&mut self, tables: &[TableWithJoins], depth: usize) {
        for table in tables {
            self.joined(table, depth);
        }
    }

    fn joined(&mut self, table: &TableWithJoins, depth: usize) {
        self.factor(&table.relation, depth);
        for join in &table.joins {
            self.factor(&join.relation, depth);
        }
    }

    fn factor(&mut self, factor: &TableFactor, depth: usize) {
        let Some(deeper) = depth.checked_sub(1) else {
            return;
        };
        match factor {
            // With arguments it is a function.
            TableFactor::Table {
                name, args: None, ..
            } => self.table(name),
            TableFactor::Derived { subquery, .. } => self.query(subquery, deeper),
            TableFactor::NestedJoin {
                table_with_joins, ..
            } => self.joined(table_with_joins, deeper),
            _ => {}
        }
    }

    fn query(&mut self, query: &Query, depth: usize) {
        let Some(deeper) = depth.checked_sub(1) else {
            return;
        };
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.own.push(table.alias.name.value.to_lowercase());
            self.query(&table.query, deeper);
        }
        self.body(&query.body, deeper);
    }

    fn body(&mut self, body: &SetExpr, depth: usize) {
        let Some(deeper) = depth.checked_sub(1) else {
            return;
        };
        match body {
            SetExpr::Select(select) => self.all_joined(&select.from, deeper),
            SetExpr::Query(query) => self.query(query, deeper),
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left, deeper);
                self.body(right, deeper);
            }
            SetExpr::Insert(statement)
            | SetExpr::Update(statement)
            | SetExpr::Delete(statement)
            | SetExpr::Merge(statement) => self.statement(statement, deeper),
            _ => {}
        }
    }
}

/// The name of a table without its schema.
fn name(table: &ObjectName) -> Option<String> {
    let part = table.0.last()?.as_ident()?;
    Some(part.value.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(sql: &str) -> Vec<&'static str> {
        lint_sql(sql, "/sql")
            .iter()
            .map(|problem| problem.code)
            .collect()
    }

    #[test]
    fn what_a_migration_usually_does_needs_no_word() {
        for sql in [
            "UPDATE artifacts SET metadata = jsonb_set(metadata, '{blinding}', '\"none\"') WHERE artifact_type = 'experiment'",
            "UPDATE public.artifacts AS a SET metadata = metadata - 'x' FROM jsonb_array_elements('[1]'::jsonb) AS e WHERE a.id = 'y';",
            "UPDATE artifacts SET metadata = json_set(metadata, '$.a', 1) WHERE artifact_type = 'x'",
            "ALTER TABLE artifacts ADD COLUMN IF NOT EXISTS doi text; CREATE INDEX CONCURRENTLY i ON artifacts (doi)",
            "CREATE TEMP TABLE kept AS SELECT id FROM artifacts; DELETE FROM artifacts WHERE id IN (SELECT id FROM kept)",
            "WITH old AS (SELECT id FROM artifacts) UPDATE artifacts SET x = 1 FROM old WHERE old.id = artifacts.id",
        ] {
            assert_eq!(codes(sql), [] as [&str; 0], "{sql}");
        }
    }

    #[test]
    fn what_should_be_known_is_said_once() {
        for (sql, code) in [
            ("UPDATE artifacts SET", "sql_unparsable"),
            ("ALTER TABLE artifacts ADD COLUMN 'a", "sql_unparsable"),
            ("DROP TABLE artifacts", "sql_drops"),
            ("TRUNCATE artifacts", "sql_drops"),
            ("ALTER TABLE artifacts DROP COLUMN metadata", "sql_drops"),
            ("UPDATE artifacts SET a = 1", "sql_without_where"),
            (
                "DELETE FROM artifacts; DELETE FROM artifacts",
                "sql_without_where",
            ),
            (
                "WITH gone AS (DELETE FROM artifacts RETURNING *) SELECT * FROM gone",
                "sql_without_where",
            ),
            (
                "UPDATE members SET votes = 2 WHERE id = 'me'",
                "sql_other_table",
            ),
            (
                "INSERT INTO artifacts SELECT * FROM (SELECT * FROM secrets) AS s",
                "sql_other_table",
            ),
            (
                "UPDATE artifacts AS a SET x = s.x FROM senate_events AS s WHERE s.id = a.id",
                "sql_other_table",
            ),
            ("COMMIT", "sql_transaction_control"),
            ("CREATE INDEX i ON artifacts (a)", "sql_locks_table"),
            (
                "ALTER TABLE artifacts ALTER COLUMN a TYPE bigint",
                "sql_locks_table",
            ),
            (
                "ALTER TABLE artifacts ADD CONSTRAINT c CHECK (a > 0)",
                "sql_locks_table",
            ),
        ] {
            assert_eq!(codes(sql), [code], "{sql}");
        }
        let place = lint_sql(
            "UPDATE artifacts SET x = 1 WHERE true; DROP TABLE a",
            "/sql",
        );
        assert_eq!(place.len(), 1);
        assert!(place.iter().all(|problem| problem.pointer == "/sql"
            && !problem.is_error()
            && problem.message.contains("statement 2")));
    }

    #[test]
    fn whatever_is_given_there_is_an_answer() {
        let nested = format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000));
        assert_eq!(codes(&nested), ["sql_unparsable"]);
        assert_eq!(codes(&"x".repeat(LONGEST + 1)), ["sql_unparsable"]);
        for sql in ["", ";;;", "\0", "SELECT '\u{1F4A1}", "/*", "$$", "E'\\"] {
            let _ = codes(sql);
        }
    }
}
