//! What the tests want of an engine.

/// A row of the table of artifacts.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: String,
    pub artifact_type: String,
    pub metadata: Option<String>,
}

impl Row {
    pub fn new(id: impl Into<String>, artifact_type: &str, metadata: Option<&str>) -> Self {
        Self {
            id: id.into(),
            artifact_type: artifact_type.to_owned(),
            metadata: metadata.map(str::to_owned),
        }
    }
}

/// Rows of cells.
pub type Table = Vec<Vec<String>>;

pub trait Engine {
    const NAME: &'static str;

    fn create(&self, table: &str, word: &str) -> String;
    fn insert(&self, table: &str, row: &Row) -> String;
    fn update(&self, table: &str, id: &str, metadata: &str) -> String;

    /// Runs the statements in one transaction; each query before the statement of that number.
    fn run(
        &mut self,
        statements: &[String],
        queries: &[(usize, String)],
    ) -> Result<Vec<Table>, String>;

    /// Empties the database.
    fn reset(&mut self);
}

/// A sequence of statements in which the table is looked at now and then.
pub struct Story {
    table: String,
    statements: Vec<String>,
    looks: Vec<(usize, String)>,
}

impl Story {
    /// With `word` `TEMP`, the table takes the place of another one, which must not be touched.
    pub fn new<E: Engine>(engine: &E, table: &str, word: &str, rows: &[Row]) -> Self {
        let mut statements = vec![engine.create(table, word)];
        statements.extend(rows.iter().map(|row| engine.insert(table, row)));
        Self {
            table: table.to_owned(),
            statements,
            looks: Vec::new(),
        }
    }

    pub fn then(&mut self, statements: &[String]) -> &mut Self {
        self.statements.extend_from_slice(statements);
        self
    }

    /// All rows as they are now.
    pub fn look(&mut self) -> &mut Self {
        let query = format!(
            "SELECT id, artifact_type, COALESCE(CAST(metadata AS text), '') FROM {} ORDER BY id",
            self.table
        );
        self.looks.push((self.statements.len(), query));
        self
    }

    /// Another query.
    pub fn ask(&mut self, query: &str) -> &mut Self {
        self.looks.push((self.statements.len(), query.to_owned()));
        self
    }

    /// What was seen.
    pub fn tell<E: Engine>(&self, engine: &mut E) -> Vec<Table> {
        engine
            .run(&self.statements, &self.looks)
            .unwrap_or_else(|error| panic!("{}: {error}\n{}", E::NAME, self.statements.join(";\n")))
    }
}

/// The rows that a look saw, by id.
pub fn rows(table: &Table) -> std::collections::BTreeMap<String, Row> {
    table
        .iter()
        .map(|cells| {
            let metadata = Some(cells[2].as_str()).filter(|text| !text.is_empty());
            (cells[0].clone(), Row::new(&cells[0], &cells[1], metadata))
        })
        .collect()
}

/// What a shell printed, a line `@@` before each table.
pub fn tables(printed: &str) -> Vec<Table> {
    printed
        .split("@@\n")
        .skip(1)
        .map(|part| {
            let rows = part.lines();
            rows.map(|line| line.split('\t').map(str::to_owned).collect())
                .collect()
        })
        .collect()
}
