//! SQLite, embedded, and as the machine has it.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

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

/// The SQLite shell of the machine, which is mostly an older one, over a database in a temporary file.
pub struct Shell {
    file: PathBuf,
    words: Sqlite,
}

impl Shell {
    /// Says so when there is none.
    pub fn open() -> Option<Self> {
        static OPENED: AtomicUsize = AtomicUsize::new(0);
        let version = Command::new("sqlite3").arg("--version").output();
        let Ok(version) = version else {
            println!("SKIPPED: no SQLite shell (sqlite3) on this machine");
            return None;
        };
        println!(
            "SQLite shell {}",
            String::from_utf8_lossy(&version.stdout).trim()
        );
        let name = format!(
            "senate-migration-{}-{}.sqlite",
            std::process::id(),
            OPENED.fetch_add(1, Ordering::Relaxed)
        );
        Some(Self {
            file: std::env::temp_dir().join(name),
            words: Sqlite::open(),
        })
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

impl Engine for Shell {
    const NAME: &'static str = "SQLite shell";

    fn create(&self, table: &str, word: &str) -> String {
        self.words.create(table, word)
    }

    fn insert(&self, table: &str, row: &Row) -> String {
        self.words.insert(table, row)
    }

    fn update(&self, table: &str, id: &str, metadata: &str) -> String {
        self.words.update(table, id, metadata)
    }

    fn run(
        &mut self,
        statements: &[String],
        queries: &[(usize, String)],
    ) -> Result<Vec<Table>, String> {
        let mut script = String::from("PRAGMA synchronous = OFF;\nBEGIN;\n");
        let mut queries = queries.iter().peekable();
        for at in 0..=statements.len() {
            while let Some((_, query)) = queries.next_if(|(before, _)| *before == at) {
                script.push_str(&format!(".print @@\n{query};\n"));
            }
            if let Some(statement) = statements.get(at) {
                script.push_str(&format!("{statement}\n;\n"));
            }
        }
        script.push_str("COMMIT;\n");
        let mut child = Command::new("sqlite3")
            .args(["-batch", "-bail", "-list", "-separator", "\t"])
            .arg(&self.file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
        let output = child.wait_with_output().unwrap();
        let written = writer.join().unwrap();
        if !output.status.success() || !output.stderr.is_empty() || written.is_err() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(crate::engine::tables(
            &String::from_utf8(output.stdout).unwrap(),
        ))
    }

    fn reset(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}
