//! Reading plans and their parts: nothing unknown is taken.

use crate::text::{Map, Problem, Value, pointer};

/// Refuses members that do not belong to the object.
pub(super) fn only(object: &Map<String, Value>, members: &[&str]) -> Result<(), Problem> {
    match object.keys().find(|name| !members.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(malformed(
            &pointer::join("", name),
            format!("there is no member `{name}` here"),
        )),
    }
}

/// A plan, or a part of one, that is not written as plans are.
pub(super) fn malformed(pointer: &str, message: impl Into<String>) -> Problem {
    Problem::error("migration_plan_malformed", pointer, message)
}
