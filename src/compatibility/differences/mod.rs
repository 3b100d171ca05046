//! What changed from one schema to the next, place by place, in terms of what the keywords mean.
//!
//! Differences are neutral findings. They do not decide a verdict: `range_narrowed` inside a branch that nothing reaches
//! breaks nobody. They say where to look, and they tell the history of a type.

mod combinators;
mod containers;
mod scalars;
mod walk;

use serde::Serialize;

use super::{Side, documents::Documents, limits};
use walk::Walk;

/// Most differences in one list; a last one with the rule `truncated` says when there were more.
pub const MOST: usize = 512;

/// One located difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Stable rule id, listed in `docs/codes.md`.
    pub rule: &'static str,
    /// JSON Pointer into the old schema, where the place exists there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_pointer: Option<String>,
    /// JSON Pointer into the new schema, where the place exists there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_pointer: Option<String>,
    /// One sentence, naming what there was before.
    pub message: String,
}

/// Every rule id that a [`Difference`] can carry.
pub const RULES: [&str; 57] = [
    "additional_properties_changed",
    "annotation_changed",
    "combinator_added",
    "combinator_branch_added",
    "combinator_branch_removed",
    "combinator_removed",
    "condition_changed",
    "const_changed",
    "contains_changed",
    "content_changed",
    "content_model_closed",
    "content_model_opened",
    "definition_added",
    "definition_removed",
    "dependency_added",
    "dependency_changed",
    "dependency_removed",
    "dialect_changed",
    "enum_added",
    "enum_removed",
    "enum_value_added",
    "enum_value_removed",
    "format_changed",
    "identifier_changed",
    "item_count_narrowed",
    "item_count_widened",
    "items_changed",
    "items_closed",
    "items_opened",
    "length_narrowed",
    "length_widened",
    "multiple_of_changed",
    "negation_changed",
    "pattern_added",
    "pattern_changed",
    "pattern_property_added",
    "pattern_property_removed",
    "pattern_removed",
    "property_added_optional",
    "property_added_required",
    "property_count_narrowed",
    "property_count_widened",
    "property_names_changed",
    "property_removed",
    "range_narrowed",
    "range_widened",
    "reference_changed",
    "required_added",
    "required_removed",
    "schema_replaced",
    "truncated",
    "tuple_changed",
    "type_changed",
    "type_narrowed",
    "type_widened",
    "unique_items_added",
    "unique_items_removed",
];

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
