//! The plan of a migration: what is done to the artifacts of a type when a change becomes its next version.

use crate::schema::{Change, Document, Evolution, FieldPath};
use crate::text::{Digest, Kind, Map, Problem, Value, digest, pointer};

use super::columns::columns;
use super::inverse::{Inverse, inverse};
use super::reading::{malformed, only};
use super::script::texts;
use super::suggest::suggest_with;
use super::transform::read_transforms;
use super::{Column, Fill, Scripted, Sql, Suggestion, Transform, lint, sql};

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
/// One problem, its pointer relative to the field spec: what [`read_transforms`] says of its `transforms`, what is wrong with an
/// `x-column` (`column_malformed`, `column_name_not_allowed`, `column_name_taken`), and `sql_null_character` for a value that
/// no database stores.
pub fn plan(input: &PlanInput<'_>) -> Result<Plan, Problem> {
    let (from_version, to_version) = input.versions;
    let made = Made::of(input)?;
    let taken_back = match (input.change, input.current, input.previous) {
        // To go forward again is what the last migration did.
        (Change::Revert { .. }, _, Some(previous)) => Inverse {
            transforms: previous.transforms.clone(),
            findings: Vec::new(),
        },
        (_, Some(current), _) => inverse(&made.transforms, current),
        (_, None, _) => Inverse::default(),
    };
    check_texts(&made.transforms, input.change)?;
    let mut notes = made.notes;
    if notes.is_empty() {
        notes.push("What the transforms do not name stays as it is.".to_owned());
    }
    let columns = new_columns(input, &mut notes)?;
    let strategy = input
        .declared
        .get("strategy")
        .and_then(Value::as_str)
        .and_then(Evolution::from_name)
        .unwrap_or(input.strategy);
    let mut plan = Plan {
        artifact_type: input.artifact_type.to_owned(),
        from_version,
        to_version,
        strategy,
        sql: Sql::default(),
        lint: lint::findings(&made.transforms, &columns),
        // Undo records, or the artifacts as they were written, are at hand; what is stored when it is read has neither.
        reversible: strategy != Evolution::EagerOnRead || made.transforms.is_empty(),
        transforms: made.transforms,
        inverse: taken_back.transforms,
        restores: made.restores,
        columns,
        declared: input.declared.clone(),
        notes,
    };
    plan.lint.extend(made.findings);
    plan.lint
        .extend(lint::judged(&plan.transforms, input.current, input.next));
    plan.lint.extend(taken_back.findings);
    plan.sql = sql::scripts(&Scripted {
        transforms: &plan.transforms,
        inverse: &plan.inverse,
        artifact_type: Some(&plan.artifact_type),
        migration: &plan.name(),
        restores: plan.restores.as_deref(),
        columns: &plan.columns,
        table: input.table,
    })
    .map_err(|problem| {
        // It leads into the plan, whose transforms are those of the field spec only when they are the proposer's own.
        let is_own =
            input.change.transforms().is_some() && problem.pointer.starts_with("/transforms/");
        match is_own {
            true => problem,
            false => Problem {
                pointer: String::new(),
                ..problem
            },
        }
    })?;
    Ok(plan)
}

/// What a change asks of the artifacts.
#[derive(Default)]
struct Made {
    transforms: Vec<Transform>,
    restores: Option<String>,
    findings: Vec<Problem>,
    notes: Vec<String>,
}

impl Made {
    fn of(input: &PlanInput<'_>) -> Result<Self, Problem> {
        let (change, next) = (input.change, input.next);
        if let Some(own) = change.transforms() {
            return Self::own(own);
        }
        let inferred = |given| {
            input
                .current
                .map(|current| suggest_with(current, next, given))
                .unwrap_or_default()
        };
        Ok(match change {
            Change::AddField {
                path,
                default: Some(value),
                ..
            } => {
                let mut made = Self {
                    transforms: vec![Transform::Add {
                        path: path.clone(),
                        value: Fill::Value(value.clone()),
                    }],
                    findings: inferred(Some((path, value))).findings,
                    ..Self::default()
                };
                made.note(format!(
                    "Artifacts that have `{path}` already keep their value."
                ));
                made.note_missing_parent(path);
                made
            }
            Change::AddField {
                path,
                required: false,
                default: None,
                ..
            } => Self {
                notes: vec![format!(
                    "`{path}` is optional and has no default: artifacts stay as they are."
                )],
                findings: inferred(None).findings,
                ..Self::default()
            },
            Change::AddField { path, .. } => {
                let mut made = Self::from(inferred(None));
                made.note_missing_parent(path);
                made
            }
            Change::ModifyField { .. } => Self::modified(inferred(None)),
            Change::Revert { .. } => match input.previous {
                Some(previous) => Self::reverted(previous),
                None => Self::modified(inferred(None)),
            },
            Change::RemoveField { path, .. } => Self {
                transforms: vec![Transform::Remove {
                    path: path.clone(),
                    equals: None,
                }],
                findings: inferred(None).findings,
                notes: vec![format!(
                    "The values of `{path}` are taken out of the artifacts; the undo statements put them back."
                )],
                ..Self::default()
            },
            Change::RenameField { from, to } => Self {
                transforms: vec![Transform::Move {
                    from: from.clone(),
                    path: to.clone(),
                }],
                findings: input
                    .current
                    .and_then(|current| lint::taken_name(to, current))
                    .into_iter()
                    .collect(),
                notes: vec![format!(
                    "An object that has `{to}` already keeps both fields and must be corrected by hand."
                )],
                ..Self::default()
            },
            Change::AddType { .. } => Self {
                notes: vec!["There are no artifacts of this type yet.".to_owned()],
                ..Self::default()
            },
        })
    }

    /// The proposer's own transforms, with which nothing is inferred.
    fn own(value: &Value) -> Result<Self, Problem> {
        let transforms = read_transforms(value).map_err(|problem| problem.under("/transforms"))?;
        Ok(Self {
            findings: vec![Problem::warning(
                "data_dependent",
                "/transforms",
                "Whether the artifacts fit afterwards depends on them: the transforms are the proposer's own",
            )
            .remedy("read what the rehearsal says")],
            notes: vec![
                "The transforms are the proposer's own; nothing is inferred from the change.".to_owned(),
            ],
            transforms,
            restores: None,
        })
    }

    fn modified(suggestion: Suggestion) -> Self {
        let mut made = Self::from(suggestion);
        if made.transforms.is_empty() {
            made.notes
                .insert(0, "Artifacts stay as they are.".to_owned());
        }
        made
    }

    fn reverted(previous: &Plan) -> Self {
        let name = previous.name();
        Self {
            transforms: previous.inverse.clone(),
            findings: vec![Problem::warning(
                "data_dependent",
                "",
                format!("Whether artifacts that were written after `{name}` fit afterwards depends on them"),
            )
            .remedy("read what the rehearsal says")],
            notes: vec![
                format!("What `{name}` migrated, and nobody has edited since, is restored from its records."),
                "Artifacts that were written since get the inverse transforms.".to_owned(),
            ],
            restores: Some(name),
        }
    }

    fn note(&mut self, sentence: String) {
        self.notes.push(sentence);
    }

    fn note_missing_parent(&mut self, path: &FieldPath) {
        if path.segments().len() > 1 {
            self.note(format!(
                "Where the object that would hold `{path}` is missing, it is not made up."
            ));
        }
    }
}

impl From<Suggestion> for Made {
    fn from(suggestion: Suggestion) -> Self {
        Self {
            transforms: suggestion.transforms,
            findings: suggestion.findings,
            notes: suggestion.notes,
            restores: None,
        }
    }
}

/// The columns that the change brings.
fn new_columns(input: &PlanInput<'_>, notes: &mut Vec<String>) -> Result<Vec<Column>, Problem> {
    let place = match input.change {
        Change::Revert { .. } => "/revert_to",
        Change::RemoveField { .. } | Change::RenameField { .. } => "",
        _ => "/schema",
    };
    let wanted = columns(input.next).map_err(|problem| problem.under(place))?;
    // A version that was registered is not judged again.
    let had = input
        .current
        .and_then(|current| columns(current).ok())
        .unwrap_or_default();
    for column in &had {
        if !wanted.contains(column) {
            notes.push(format!(
                "The column `{}` stays as it is: no column is dropped or changed.",
                column.name
            ));
        }
    }
    let known = |column: &Column| had.iter().any(|known| known.name == column.name);
    let new: Vec<Column> = wanted.into_iter().filter(|column| !known(column)).collect();
    if !new.is_empty() {
        notes.push(
            "SQLite cannot add a column only where it is missing: there, the statements that add columns run once.".to_owned(),
        );
    }
    Ok(new)
}

/// Refuses values that no database stores.
fn check_texts(transforms: &[Transform], change: &Change) -> Result<(), Problem> {
    let Some(index) = transforms.iter().position(holds_null_character) else {
        return Ok(());
    };
    let place = match change {
        _ if change.transforms().is_some() => format!("/transforms/{index}"),
        Change::AddField {
            default: Some(_), ..
        } => "/default".to_owned(),
        Change::AddField { .. } | Change::ModifyField { .. } => "/schema".to_owned(),
        _ => String::new(),
    };
    Err(Problem::error(
        "sql_null_character",
        place,
        "PostgreSQL cannot store the character U+0000, which this value holds",
    )
    .remedy("leave the character out"))
}

fn holds_null_character(transform: &Transform) -> bool {
    let mut pending = vec![transform.to_value()];
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) if text.contains('\0') => return true,
            Value::Array(items) => pending.extend(items),
            Value::Object(members) => {
                if members.keys().any(|name| name.contains('\0')) {
                    return true;
                }
                pending.extend(members.into_iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    false
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
            transforms: read_transforms(member("transforms")?)
                .map_err(|problem| problem.under("/transforms"))?,
            inverse: read_transforms(member("inverse")?)
                .map_err(|problem| problem.under("/inverse"))?,
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
