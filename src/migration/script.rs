//! What the SQL room is asked for, and what it answers: a migration as statements over all artifacts at once.

use crate::schema::FieldPath;
use crate::text::{Map, Problem, Value};

use super::Transform;
use super::reading::{malformed, only};

/// What is to be said in SQL.
#[derive(Clone, Copy, Debug)]
pub struct Scripted<'a> {
    /// What is done to each artifact.
    pub transforms: &'a [Transform],
    /// What is done to an artifact that was written after the migration, when the migration is undone.
    pub inverse: &'a [Transform],
    /// The type whose artifacts are migrated; all artifacts when there is none.
    pub artifact_type: Option<&'a str>,
    /// The name of the undo records.
    pub migration: &'a str,
    /// The migration whose records are restored, when this one takes it back.
    pub restores: Option<&'a str>,
    /// Fields that are columns, too.
    pub columns: &'a [Column],
    /// The table of the artifacts.
    pub table: &'a str,
}

/// A migration in both dialects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sql {
    /// For PostgreSQL 15 and later, over `metadata jsonb`.
    pub postgresql: Script,
    /// For SQLite 3.38 and later, over `metadata TEXT`.
    pub sqlite: Script,
}

/// The statements of a migration in one dialect, one a member; both lists are empty when nothing is rewritten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Migrates.
    pub up: Vec<String>,
    /// Undoes [`Script::up`] for every row that is still what the migration made of it.
    pub down: Vec<String>,
}

/// A field that is also a column of the table of artifacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name of the column.
    pub name: String,
    /// Its type.
    pub kind: ColumnType,
    /// The field.
    pub path: FieldPath,
    /// Whether it is indexed for the artifacts of the type.
    pub index: bool,
}

/// The type of a column; its name is PostgreSQL's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// `text`
    Text,
    /// `bigint`
    Bigint,
    /// `double precision`
    Double,
    /// `boolean`
    Boolean,
    /// `jsonb`
    Jsonb,
}

impl Sql {
    /// `{"postgresql": {"up": […], "down": […]}, "sqlite": …}`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut object = Map::new();
        object.insert("postgresql".to_owned(), self.postgresql.to_value());
        object.insert("sqlite".to_owned(), self.sqlite.to_value());
        Value::Object(object)
    }

    /// Reads both scripts; nothing but them may be there.
    ///
    /// # Errors
    /// `migration_plan_malformed`, with the pointer relative to the value.
    pub fn from_value(value: &Value) -> Result<Self, Problem> {
        let object = value
            .as_object()
            .ok_or_else(|| malformed("", "`sql` is an object"))?;
        only(object, &["postgresql", "sqlite"])?;
        let script = |dialect: &str| {
            let at = format!("/{dialect}");
            let script = object
                .get(dialect)
                .ok_or_else(|| malformed("", format!("`{dialect}` is missing")))?;
            Script::from_value(script).map_err(|problem| problem.under(&at))
        };
        Ok(Self {
            postgresql: script("postgresql")?,
            sqlite: script("sqlite")?,
        })
    }
}

impl Script {
    fn to_value(&self) -> Value {
        let mut object = Map::new();
        object.insert("up".to_owned(), Value::from(self.up.clone()));
        object.insert("down".to_owned(), Value::from(self.down.clone()));
        Value::Object(object)
    }

    fn from_value(value: &Value) -> Result<Self, Problem> {
        let object = value
            .as_object()
            .ok_or_else(|| malformed("", "a script is an object"))?;
        only(object, &["up", "down"])?;
        let direction = |name: &str| texts(object.get(name), &format!("/{name}"));
        Ok(Self {
            up: direction("up")?,
            down: direction("down")?,
        })
    }
}

impl Column {
    /// `{"name", "type", "path", "index"}`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("name", self.name.clone().into());
        put("type", self.kind.name().into());
        put("path", self.path.to_string().into());
        put("index", self.index.into());
        Value::Object(object)
    }

    /// Reads a column; every member must be there, and nothing else.
    ///
    /// # Errors
    /// `migration_plan_malformed`, `column_name_not_allowed` and what [`FieldPath::parse`] says, with the pointer relative to
    /// the column.
    pub fn from_value(value: &Value) -> Result<Self, Problem> {
        let object = value
            .as_object()
            .ok_or_else(|| malformed("", "a column is an object"))?;
        only(object, &["name", "type", "path", "index"])?;
        let text = |name: &str| {
            object
                .get(name)
                .and_then(Value::as_str)
                .ok_or_else(|| malformed(&format!("/{name}"), format!("`{name}` is a text")))
        };
        let name = text("name")?;
        check_column_name(name).map_err(|problem| problem.under("/name"))?;
        let path = FieldPath::parse(text("path")?).map_err(|problem| problem.under("/path"))?;
        let kind = ColumnType::from_name(text("type")?).ok_or_else(|| {
            malformed("/type", format!("`type` is one of {}", ColumnType::names()))
        })?;
        let index = object
            .get("index")
            .and_then(Value::as_bool)
            .ok_or_else(|| malformed("/index", "`index` is true or false"))?;
        Ok(Self {
            name: name.to_owned(),
            kind,
            path,
            index,
        })
    }
}

impl ColumnType {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Text,
        Self::Bigint,
        Self::Double,
        Self::Boolean,
        Self::Jsonb,
    ];

    /// PostgreSQL's name, which stands on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bigint => "bigint",
            Self::Double => "double precision",
            Self::Boolean => "boolean",
            Self::Jsonb => "jsonb",
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(super) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

/// The columns that the table of artifacts has anyway.
const OWN_COLUMNS: [&str; 12] = [
    "id",
    "artifact_type",
    "metadata",
    "schema_version",
    "content_hash",
    "version_number",
    "pins",
    "created_at",
    "created_by",
    "updated_at",
    "parent_version",
    "changelog",
];

/// The name of a column: 1 to 63 characters (PostgreSQL cuts longer ones); a lower-case letter, then also digits and `_`.
///
/// # Errors
/// `column_name_not_allowed`, also for a column that the table of artifacts has anyway.
pub fn check_column_name(name: &str) -> Result<(), Problem> {
    let mut chars = name.chars();
    let starts_well = chars.next().is_some_and(|c| c.is_ascii_lowercase());
    let goes_on_well = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if starts_well && goes_on_well && name.len() <= 63 && !OWN_COLUMNS.contains(&name) {
        return Ok(());
    }
    Err(Problem::error(
        "column_name_not_allowed",
        "",
        format!("`{name}` cannot name a column of its own"),
    )
    .remedy(
        "use 1 to 63 of the characters a-z 0-9 _ and start with a letter; the columns of the table of artifacts are taken",
    ))
}

/// A list of texts.
pub(super) fn texts(value: Option<&Value>, at: &str) -> Result<Vec<String>, Problem> {
    value
        .and_then(Value::as_array)
        .and_then(|list| {
            list.iter()
                .map(|text| text.as_str().map(str::to_owned))
                .collect()
        })
        .ok_or_else(|| malformed(at, "this is a list of texts"))
}
