//! The plan of a migration: what is done to the artifacts of a type when a change becomes its next version.

use crate::schema::{Change, Document, Evolution};
use crate::text::{Digest, Kind, Map, Problem, Value, digest, pointer};

use super::reading::{malformed, only};
use super::script::texts;
use super::{Column, Fill, Scripted, Sql, Transform, lint, sql};

/// A plan, frozen when the vote opens and stored when the proposal is approved.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The type whose artifacts are migrated.
    pub artifact_type: String,
    /// The version they fit now; 0 for a type that does not exist yet.
    pub from_version: u64,
    /// The version they fit afterwards.
    pub to_version: u64,
    /// When stored artifacts follow.
    pub strategy: Evolution,
    /// What is done to each artifact, in order.
    pub transforms: Vec<Transform>,
    /// What is done to an artifact that was written under the new version, when the migration is undone.
    pub inverse: Vec<Transform>,
    /// The name of the migration whose records a revert restores from.
    pub restores: Option<String>,
    /// Fields that are columns of the table of artifacts, too.
    pub columns: Vec<Column>,
    /// The same for all artifacts at once.
    pub sql: Sql,
    /// What whoever votes should know; the pointers lead into the plan.
    pub lint: Vec<Problem>,
    /// Whether undoing it restores every migrated artifact exactly.
    pub reversible: bool,
    /// The migration plan that the proposer wrote, carried along for the reader: `{sql, backfill}` or `{none_needed}`.
    pub declared: Value,
    /// Sentences on what the plan does not do.
    pub notes: Vec<String>,
}

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct PlanInput<'a> {
    /// The change.
    pub change: &'a Change,
    /// The type that it changes.
    pub artifact_type: &'a str,
    /// Its version now, 0 when it does not exist yet, and its version afterwards.
    pub versions: (u64, u64),
    /// Its schema now.
    pub current: Option<&'a Document>,
    /// Its schema afterwards.
    pub next: &'a Document,
    /// The migration plan that the proposer declared.
    pub declared: &'a Value,
    /// The strategy of the type, which the declared plan may override.
    pub strategy: Evolution,
    /// The plan that led to the current version: what a revert takes back.
    pub previous: Option<&'a Plan>,
    /// The table of the artifacts.
    pub table: &'a str,
}

/// The table of the artifacts, when nobody says another.
pub const TABLE: &str = "artifacts";

/// Most versions that JSON can count exactly.
const MOST_VERSIONS: u64 = (1 << 53) - 1;

/// The plan for a change of a type from one version to another.
///
/// # Errors
/// `sql_null_character` at `/default` of the field spec: the default of a new field cannot be stored in PostgreSQL.
pub fn plan(input: &PlanInput<'_>) -> Result<Plan, Problem> {
    let &PlanInput {
        change,
        artifact_type,
        versions: (from_version, to_version),
        declared,
        ..
    } = input;
    let mut notes = Vec::new();
    let mut note = |sentence: String| notes.push(sentence);
    let transforms = match change {
        Change::AddField {
            path,
            default: Some(value),
            ..
        } => {
            note(format!(
                "Artifacts that have `{path}` already keep their value."
            ));
            if path.segments().len() > 1 {
                note(format!(
                    "Where the object that would hold `{path}` is missing, it is not made up."
                ));
            }
            vec![Transform::Add {
                path: path.clone(),
                value: Fill::Value(value.clone()),
            }]
        }
        Change::AddField {
            path,
            required: true,
            default: None,
            ..
        } => {
            note(format!(
                "`{path}` is required and has no default: each existing artifact must get a value by hand or by the \
                 declared backfill, otherwise validation fails after the migration and version {to_version} does not \
                 become current."
            ));
            Vec::new()
        }
        Change::AddField { path, .. } => {
            note(format!(
                "`{path}` is optional and has no default: artifacts stay as they are."
            ));
            Vec::new()
        }
        Change::ModifyField { path, .. } => {
            let what = if path.segments().is_empty() {
                "the whole type".to_owned()
            } else {
                format!("`{path}`")
            };
            note(format!(
                "Artifacts stay as they are. One that the new schema of {what} refuses must be corrected by hand or by \
                 the declared backfill, otherwise validation fails and version {to_version} does not become current."
            ));
            Vec::new()
        }
        Change::RemoveField { path } => {
            note(format!(
                "The values of `{path}` are taken out of the artifacts; the undo statements put them back."
            ));
            vec![Transform::Remove {
                path: path.clone(),
                equals: None,
            }]
        }
        Change::RenameField { from, to } => {
            note(format!(
                "An object that has `{to}` already keeps both fields and must be corrected by hand."
            ));
            vec![Transform::Move {
                from: from.clone(),
                path: to.clone(),
            }]
        }
        Change::AddType { .. } => {
            note("There are no artifacts of this type yet.".to_owned());
            Vec::new()
        }
    };
    let strategy = declared
        .get("strategy")
        .and_then(Value::as_str)
        .and_then(Evolution::from_name)
        .unwrap_or(input.strategy);
    let migration = format!("{artifact_type}@{from_version}->{to_version}");
    let (inverse, columns) = (Vec::new(), Vec::new());
    let sql = sql::scripts(&Scripted {
        transforms: &transforms,
        inverse: &inverse,
        artifact_type: Some(artifact_type),
        migration: &migration,
        restores: None,
        columns: &columns,
        table: input.table,
    })
    .map_err(|problem| problem.under("/default"))?;
    Ok(Plan {
        artifact_type: artifact_type.to_owned(),
        from_version,
        to_version,
        strategy,
        transforms,
        inverse,
        restores: None,
        columns,
        sql,
        lint: Vec::new(),
        reversible: true,
        declared: declared.clone(),
        notes,
    })
}

impl Plan {
    /// The name of the migration, which keys its undo records: `experiment@3->4`.
    #[must_use]
    pub fn name(&self) -> String {
        format!(
            "{}@{}->{}",
            self.artifact_type, self.from_version, self.to_version
        )
    }

    /// The plan as it stands on the wire.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut plan = Map::new();
        let mut put = |name: &str, value: Value| plan.insert(name.to_owned(), value);
        let transforms =
            |list: &[Transform]| Value::Array(list.iter().map(Transform::to_value).collect());
        put("artifact_type", self.artifact_type.clone().into());
        put("from_version", self.from_version.into());
        put("to_version", self.to_version.into());
        put("strategy", self.strategy.name().into());
        put("transforms", transforms(&self.transforms));
        put("inverse", transforms(&self.inverse));
        if let Some(restores) = &self.restores {
            put("restores", restores.clone().into());
        }
        let columns = self.columns.iter().map(Column::to_value).collect();
        put("columns", Value::Array(columns));
        put("sql", self.sql.to_value());
        let lint = self.lint.iter().map(lint::to_value).collect();
        put("lint", Value::Array(lint));
        put("reversible", self.reversible.into());
        put("declared", self.declared.clone());
        put("notes", Value::from(self.notes.clone()));
        Value::Object(plan)
    }

    /// Reads a plan; every member must be there, and nothing else.
    ///
    /// # Errors
    /// `migration_plan_malformed` and what is wrong with a path, with the pointer into the plan.
    pub fn from_value(value: &Value) -> Result<Self, Problem> {
        const MEMBERS: [&str; 13] = [
            "artifact_type",
            "from_version",
            "to_version",
            "strategy",
            "transforms",
            "inverse",
            "restores",
            "columns",
            "sql",
            "lint",
            "reversible",
            "declared",
            "notes",
        ];
        let object = value
            .as_object()
            .ok_or_else(|| malformed("", "a plan is an object"))?;
        only(object, &MEMBERS)?;
        let member = |name: &str| {
            object
                .get(name)
                .ok_or_else(|| malformed("", format!("`{name}` is missing")))
        };
        let text = |name: &str| {
            member(name)?
                .as_str()
                .ok_or_else(|| malformed(&format!("/{name}"), format!("`{name}` is a text")))
        };
        let version = |name: &str| {
            member(name)?
                .as_u64()
                .filter(|version| *version <= MOST_VERSIONS)
                .ok_or_else(|| {
                    malformed(&format!("/{name}"), format!("`{name}` is a version number"))
                })
        };
        Ok(Self {
            artifact_type: text("artifact_type")?.to_owned(),
            from_version: version("from_version")?,
            to_version: version("to_version")?,
            strategy: Evolution::from_name(text("strategy")?).ok_or_else(|| {
                let names = Evolution::ALL.map(Evolution::name).join(", ");
                malformed("/strategy", format!("`strategy` is one of {names}"))
            })?,
            transforms: listed(member("transforms")?, "/transforms", Transform::from_value)?,
            inverse: listed(member("inverse")?, "/inverse", Transform::from_value)?,
            restores: match object.get("restores") {
                Some(_) => Some(text("restores")?.to_owned()),
                None => None,
            },
            columns: listed(member("columns")?, "/columns", Column::from_value)?,
            sql: Sql::from_value(member("sql")?).map_err(|problem| problem.under("/sql"))?,
            lint: listed(member("lint")?, "/lint", lint::from_value)?,
            reversible: member("reversible")?
                .as_bool()
                .ok_or_else(|| malformed("/reversible", "`reversible` is true or false"))?,
            declared: declared(member("declared")?)?,
            notes: texts(Some(member("notes")?), "/notes")?,
        })
    }

    /// The digest that is frozen when the vote opens, of kind [`Kind::Plan`].
    ///
    /// # Errors
    /// `json_unsafe_integer`: a default holds a number that has no canonical form.
    pub fn digest(&self) -> Result<Digest, Problem> {
        digest(Kind::Plan, &self.to_value())
    }
}

impl serde::Serialize for Plan {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

/// A list, each item read.
fn listed<T>(
    value: &Value,
    at: &str,
    read: impl Fn(&Value) -> Result<T, Problem>,
) -> Result<Vec<T>, Problem> {
    value
        .as_array()
        .ok_or_else(|| malformed(at, "this is an array"))?
        .iter()
        .enumerate()
        .map(|(index, item)| {
            read(item).map_err(|problem| problem.under(&pointer::join(at, &index.to_string())))
        })
        .collect()
}

/// `{sql, backfill}` or `{none_needed}`, all of them texts; either with a `strategy`.
fn declared(value: &Value) -> Result<Value, Problem> {
    let well_formed = value.as_object().is_some_and(|object| {
        let mut names: Vec<&str> = object
            .keys()
            .map(String::as_str)
            .filter(|name| *name != "strategy")
            .collect();
        names.sort_unstable();
        let strategy = object.get("strategy").is_none_or(|strategy| {
            strategy
                .as_str()
                .is_some_and(|name| Evolution::from_name(name).is_some())
        });
        strategy
            && (names == ["backfill", "sql"] || names == ["none_needed"])
            && object.values().all(Value::is_string)
    });
    if well_formed {
        return Ok(value.clone());
    }
    Err(malformed(
        "/declared",
        "`declared` has the texts `sql` and `backfill`, or the text `none_needed`, and may have a `strategy`",
    ))
}
