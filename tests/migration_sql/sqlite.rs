//! SQLite, embedded.

use rusqlite::{Connection, types::ValueRef};

use crate::engine::{Engine, Row, Table};

pub struct Sqlite(Connection);

impl Sqlite {
    pub fn open() -> Self {
        Self(Connection::open_in_memory().unwrap())
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Engine for Sqlite {
    const NAME: &'static str = "SQLite";

    fn create(&self, table: &str, word: &str) -> String {
        format!(
            "CREATE {word} TABLE {table} (id TEXT PRIMARY KEY, artifact_type TEXT NOT NULL, metadata TEXT)"
        )
    }

    fn insert(&self, table: &str, row: &Row) -> String {
        let metadata = row
            .metadata
            .as_ref()
            .map_or("NULL".to_owned(), |text| quoted(text));
        format!(
            "INSERT INTO {table} (id, artifact_type, metadata) VALUES ({}, {}, {metadata})",
            quoted(&row.id),
            quoted(&row.artifact_type)
        )
    }

    fn update(&self, table: &str, id: &str, metadata: &str) -> String {
        format!(
            "UPDATE {table} SET metadata = {} WHERE id = {}",
            quoted(metadata),
            quoted(id)
        )
    }

    fn run(
        &mut self,
        statements: &[String],
        queries: &[(usize, String)],
    ) -> Result<Vec<Table>, String> {
        let transaction = self.0.transaction().map_err(|error| error.to_string())?;
        let mut seen = Vec::new();
        let mut queries = queries.iter().peekable();
        for at in 0..=statements.len() {
            while let Some((_, query)) = queries.next_if(|(before, _)| *before == at) {
                seen.push(select(&transaction, query)?);
            }
            if let Some(statement) = statements.get(at) {
                transaction
                    .execute_batch(statement)
                    .map_err(|error| format!("{error}\nin\n{statement}"))?;
            }
        }
        transaction.commit().map_err(|error| error.to_string())?;
        Ok(seen)
    }

    fn reset(&mut self) {
        *self = Self::open();
    }
}

fn select(connection: &Connection, query: &str) -> Result<Table, String> {
    let wrong = |error: rusqlite::Error| format!("{error}\nin\n{query}");
    let mut statement = connection.prepare(query).map_err(wrong)?;
    let columns = statement.column_count();
    let mut rows = statement.query([]).map_err(wrong)?;
    let mut table = Vec::new();
    while let Some(row) = rows.next().map_err(wrong)? {
        let cells = (0..columns).map(|column| match row.get_ref(column).unwrap() {
            ValueRef::Null => String::new(),
            ValueRef::Integer(integer) => integer.to_string(),
            ValueRef::Real(real) => real.to_string(),
            ValueRef::Text(text) | ValueRef::Blob(text) => {
                String::from_utf8(text.to_vec()).unwrap()
            }
        });
        table.push(cells.collect());
    }
    Ok(table)
}
