//! What changed from one schema to the next, place by place, in terms of what the keywords mean, and whom it can hurt.
//!
//! Differences are findings that do not decide a verdict: `range_narrowed` inside a branch that nothing reaches breaks
//! nobody. They say where to look, whom it can hurt, what would repair it, and they tell the history of a type. Read the
//! other way they are firm: when the schemas are read in known dialects and no difference hurts old data, the change is
//! meant to be backward compatible; when none hurts old readers, forward compatible.

mod combinators;
mod containers;
mod dialects;
mod rules;
mod scalars;
mod values;
mod walk;

use serde::Serialize;

use super::{Side, documents::Documents, limits};
use walk::Walk;

pub use rules::{Hurts, RULES, Rule, TABLE};

/// Most differences in one list; a last one with the rule `truncated` says when there were more.
pub const MOST: usize = 512;

/// One located difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Stable rule id, listed in `docs/differences.md`.
    pub rule: &'static str,
    /// Whom it can hurt at this place.
    pub hurts: Hurts,
    /// JSON Pointer into the old schema, where the place exists there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_pointer: Option<String>,
    /// JSON Pointer into the new schema, where the place exists there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_pointer: Option<String>,
    /// One sentence, naming what there was before.
    pub message: String,
    /// What would make the change compatible, naming the property, the value or the bound. Absent where nobody is hurt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair: Option<String>,
    /// Twelve hexadecimal digits of the rule, the place and the old and new values concerned: the same as long as they are
    /// the same, whatever else changes in the schemas.
    pub fingerprint: String,
}

/// What changed from `old` to `new`, in document order. Empty for schemas beyond the [`limits`], which are not walked.
#[must_use]
pub fn differences(old: &Side<'_>, new: &Side<'_>) -> Vec<Difference> {
    if limits::exceeded("old", old).is_some() || limits::exceeded("new", new).is_some() {
        return Vec::new();
    }
    let dialect = |side: &Side<'_>| side.dialect().unwrap_or(super::DEFAULT_DIALECT);
    let old = Documents::new(old, dialect(old));
    let new = Documents::new(new, dialect(new));
    let mut walk = Walk::new(&old, &new);
    walk.run();
    walk.finish()
}
