//! One step of a migration.

use crate::schema::FieldPath;
use crate::text::{Map, Problem, Value};

/// What is done to every object that the path leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Gives the field the value wherever its object exists and the field does not.
    SetDefault {
        /// The field.
        path: FieldPath,
        /// What it gets.
        value: Value,
    },
    /// Takes the field away.
    Remove {
        /// The field.
        path: FieldPath,
    },
    /// Gives the field another name. An object that has a field of the new name already is left alone.
    Rename {
        /// The field.
        from: FieldPath,
        /// The same object, the new name.
        to: FieldPath,
    },
}

impl Step {
    /// As it stands on the wire: `{"step": "set_default", "path": …, "value": …}` and its siblings.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        match self {
            Self::SetDefault { path, value } => {
                put("step", "set_default".into());
                put("path", path.to_string().into());
                put("value", value.clone());
            }
            Self::Remove { path } => {
                put("step", "remove".into());
                put("path", path.to_string().into());
            }
            Self::Rename { from, to } => {
                put("step", "rename".into());
                put("from", from.to_string().into());
                put("to", to.to_string().into());
            }
        }
        Value::Object(object)
    }

    /// Reads a step; nothing but its own members may be there.
    ///
    /// # Errors
    /// `migration_plan_malformed` and what [`FieldPath::parse`] says, with the pointer relative to the step.
    pub fn from_value(value: &Value) -> Result<Self, Problem> {
        let object = value
            .as_object()
            .ok_or_else(|| malformed("", "a step is an object"))?;
        let path = |member: &str| -> Result<FieldPath, Problem> {
            let at = format!("/{member}");
            let text = object
                .get(member)
                .and_then(Value::as_str)
                .ok_or_else(|| malformed(&at, format!("`{member}` is a path, as a string")))?;
            let path = FieldPath::parse(text).map_err(|problem| problem.under(&at))?;
            if path.split_last().is_none() {
                return Err(malformed(&at, format!("`{text}` does not end in a field")));
            }
            Ok(path)
        };
        let (step, members): (Self, &[&str]) = match object.get("step").and_then(Value::as_str) {
            Some("set_default") => (
                Self::SetDefault {
                    path: path("path")?,
                    value: object
                        .get("value")
                        .cloned()
                        .ok_or_else(|| malformed("", "`value` is missing"))?,
                },
                &["step", "path", "value"],
            ),
            Some("remove") => (
                Self::Remove {
                    path: path("path")?,
                },
                &["step", "path"],
            ),
            Some("rename") => {
                let (from, to) = (path("from")?, path("to")?);
                if from.split_last().map(|(parent, _)| parent)
                    != to.split_last().map(|(parent, _)| parent)
                {
                    return Err(malformed("/to", "a field is renamed within its object"));
                }
                (Self::Rename { from, to }, &["step", "from", "to"])
            }
            _ => {
                return Err(malformed(
                    "/step",
                    "`step` is \"set_default\", \"remove\" or \"rename\"",
                ));
            }
        };
        only(object, members)?;
        Ok(step)
    }
}

/// Refuses members that do not belong to the object.
pub(super) fn only(object: &Map<String, Value>, members: &[&str]) -> Result<(), Problem> {
    match object.keys().find(|name| !members.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(malformed(
            &crate::text::pointer::join("", name),
            format!("there is no member `{name}` here"),
        )),
    }
}

/// A plan, or a part of one, that is not written as plans are.
pub(super) fn malformed(pointer: &str, message: impl Into<String>) -> Problem {
    Problem::error("migration_plan_malformed", pointer, message)
}
