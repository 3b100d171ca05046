//! The JSON Schemas that documents of this product are published under.

use std::cell::OnceCell;

use crate::schema::{Document, Formats, References, Schema, ValidationError};
use crate::text::Value;

/// Their names and texts.
const PUBLISHED: [(&str, &str); 11] = [
    ("proposal", include_str!("proposal.schema.json")),
    ("field_spec", include_str!("field_spec.schema.json")),
    ("policy_change", include_str!("policy_change.schema.json")),
    (
        "membership_change",
        include_str!("membership_change.schema.json"),
    ),
    ("scope_change", include_str!("scope_change.schema.json")),
    ("policy", include_str!("policy.schema.json")),
    ("members", include_str!("members.schema.json")),
    ("scope", include_str!("scope.schema.json")),
    ("command", include_str!("command.schema.json")),
    ("event", include_str!("event.schema.json")),
    ("certificate", include_str!("certificate.schema.json")),
];

/// The text of a published schema: of the drafts `proposal` (with its `field_spec`), `policy_change`, `membership_change` and
/// `scope_change`; of the documents `policy`, `members` and `scope`; of `command`, `event` and `certificate`.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    PUBLISHED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

/// All names.
pub fn names() -> impl Iterator<Item = &'static str> {
    PUBLISHED.iter().map(|(name, _)| *name)
}

/// A published schema, compiled, with the others at hand for its references.
#[must_use]
pub fn compiled(name: &str) -> Option<Schema> {
    let schema: Value = serde_json::from_str(text(name)?).ok()?;
    let mut references = References::new();
    for (other, text) in PUBLISHED {
        if other != name {
            let document: Value = serde_json::from_str(text).ok()?;
            let id = document.get("$id").and_then(Value::as_str)?.to_owned();
            references.insert(id, document);
        }
    }
    let document = Document::new(schema, references, None).ok()?;
    Schema::compile(document, Formats::Annotation).ok()
}

thread_local! {
    static PROPOSAL: OnceCell<Option<Schema>> = const { OnceCell::new() };
}

/// What the published schema of proposals finds wrong.
pub(super) fn proposal_errors(document: &Value) -> Vec<ValidationError> {
    PROPOSAL.with(|schema| {
        schema
            .get_or_init(|| compiled("proposal"))
            .as_ref()
            .map(|schema| schema.validate_value(document).errors)
            .unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_schema_compiles_and_names_itself() {
        for name in names() {
            let schema = compiled(name).unwrap_or_else(|| panic!("{name} does not compile"));
            let id = schema.document().schema()["$id"].as_str().unwrap();
            assert!(id.ends_with(&format!("/{name}.schema.json")), "{id}");
        }
    }
}
