//! The plan of a migration: what is done to the artifacts of a type when a change becomes its next version.

use crate::schema::Change;
use crate::text::{Digest, Kind, Map, Problem, Value, digest, pointer};

use super::{Sql, Step, sql, step};

/// A plan, frozen when the vote opens and stored when the proposal is approved.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The type whose artifacts are migrated.
    pub artifact_type: String,
    /// The version they fit now; 0 for a type that does not exist yet.
    pub from_version: u64,
    /// The version they fit afterwards.
    pub to_version: u64,
    /// What is done to each artifact, in order.
    pub steps: Vec<Step>,
    /// The same for all artifacts at once.
    pub sql: Sql,
    /// The migration plan that the proposer wrote, carried along for the reader: `{sql, backfill}` or `{none_needed}`.
    pub declared: Value,
    /// Sentences on what the plan does not do.
    pub notes: Vec<String>,
}

/// Most versions that JSON can count exactly.
const MOST_VERSIONS: u64 = (1 << 53) - 1;

/// The plan for a change of `artifact_type` from one version to another.
///
/// # Errors
/// `sql_null_character` at `/default` of the field spec: the default of a new field cannot be stored in PostgreSQL.
pub fn plan(
    change: &Change,
    artifact_type: &str,
    (from_version, to_version): (u64, u64),
    declared: &Value,
) -> Result<Plan, Problem> {
    let mut notes = Vec::new();
    let mut note = |sentence: String| notes.push(sentence);
    let steps = match change {
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
            vec![Step::SetDefault {
                path: path.clone(),
                value: value.clone(),
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
            vec![Step::Remove { path: path.clone() }]
        }
        Change::RenameField { from, to } => {
            note(format!(
                "An object that has `{to}` already keeps both fields and must be corrected by hand."
            ));
            vec![Step::Rename {
                from: from.clone(),
                to: to.clone(),
            }]
        }
        Change::AddType { .. } => {
            note("There are no artifacts of this type yet.".to_owned());
            Vec::new()
        }
    };
    let migration = format!("{artifact_type}@{from_version}->{to_version}");
    Ok(Plan {
        artifact_type: artifact_type.to_owned(),
        from_version,
        to_version,
        sql: sql::statements(&steps, artifact_type, &migration)
            .map_err(|problem| problem.under("/default"))?,
        steps,
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
        let texts = |list: &[String]| Value::from(list.to_vec());
        let mut sql = Map::new();
        sql.insert("up".into(), texts(&self.sql.up));
        sql.insert("down".into(), texts(&self.sql.down));
        let mut plan = Map::new();
        let mut put = |name: &str, value: Value| plan.insert(name.to_owned(), value);
        put("artifact_type", self.artifact_type.clone().into());
        put("from_version", self.from_version.into());
        put("to_version", self.to_version.into());
        put(
            "steps",
            Value::Array(self.steps.iter().map(Step::to_value).collect()),
        );
        put("sql", Value::Object(sql));
        put("declared", self.declared.clone());
        put("notes", texts(&self.notes));
        Value::Object(plan)
    }

    /// Reads a plan; every member must be there, and nothing else.
    ///
    /// # Errors
    /// `migration_plan_malformed` and what is wrong with a path, with the pointer into the plan.
    pub fn from_value(value: &Value) -> Result<Self, Problem> {
        const MEMBERS: [&str; 7] = [
            "artifact_type",
            "from_version",
            "to_version",
            "steps",
            "sql",
            "declared",
            "notes",
        ];
        let object = value
            .as_object()
            .ok_or_else(|| step::malformed("", "a plan is an object"))?;
        step::only(object, &MEMBERS)?;
        let member = |name: &str| {
            object
                .get(name)
                .ok_or_else(|| step::malformed("", format!("`{name}` is missing")))
        };
        let version = |name: &str| {
            member(name)?
                .as_u64()
                .filter(|version| *version <= MOST_VERSIONS)
                .ok_or_else(|| {
                    step::malformed(&format!("/{name}"), format!("`{name}` is a version number"))
                })
        };
        let sql = member("sql")?
            .as_object()
            .ok_or_else(|| step::malformed("/sql", "`sql` is an object"))?;
        step::only(sql, &["up", "down"]).map_err(|problem| problem.under("/sql"))?;
        let steps = member("steps")?
            .as_array()
            .ok_or_else(|| step::malformed("/steps", "`steps` is an array"))?
            .iter()
            .enumerate()
            .map(|(index, value)| {
                Step::from_value(value).map_err(|problem| problem.under(&format!("/steps/{index}")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            artifact_type: member("artifact_type")?
                .as_str()
                .ok_or_else(|| step::malformed("/artifact_type", "`artifact_type` is a name"))?
                .to_owned(),
            from_version: version("from_version")?,
            to_version: version("to_version")?,
            steps,
            sql: Sql {
                up: texts(sql.get("up"), "/sql/up")?,
                down: texts(sql.get("down"), "/sql/down")?,
            },
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

fn texts(value: Option<&Value>, at: &str) -> Result<Vec<String>, Problem> {
    value
        .and_then(Value::as_array)
        .and_then(|list| {
            list.iter()
                .map(|text| text.as_str().map(str::to_owned))
                .collect()
        })
        .ok_or_else(|| step::malformed(at, "this is a list of texts"))
}

/// `{sql, backfill}` or `{none_needed}`, all of them texts.
fn declared(value: &Value) -> Result<Value, Problem> {
    let well_formed = value.as_object().is_some_and(|object| {
        let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
        names.sort_unstable();
        (names == ["backfill", "sql"] || names == ["none_needed"])
            && object.values().all(Value::is_string)
    });
    if well_formed {
        return Ok(value.clone());
    }
    Err(step::malformed(
        &pointer::join("", "declared"),
        "`declared` has the texts `sql` and `backfill`, or the text `none_needed`",
    ))
}
