//! One side of a comparison: a schema, the documents it may refer to, and the dialect it is read in.

use std::collections::BTreeMap;

use jsonschema::{Draft, Validator};

use crate::schema::{Document, Formats};
use crate::text::Value;

/// A schema as it stands on one side of the question.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The schema: an object or a boolean.
    pub schema: &'a Value,
    /// Documents that `$ref` may name, by absolute URI. Nothing is ever fetched.
    pub references: &'a BTreeMap<String, Value>,
    /// The dialect when the schema has no `$schema`; draft 2020-12 when this is `None` too.
    pub draft: Option<Draft>,
}

impl<'a> From<&'a Document> for Side<'a> {
    fn from(document: &'a Document) -> Self {
        Self {
            schema: document.schema(),
            references: document.references(),
            draft: Some(document.draft()),
        }
    }
}

/// The most steps that one regular expression with look-around or a back reference may take on one string.
const BACKTRACKING: usize = 50_000;

impl<'a> Side<'a> {
    /// The dialect: `$schema` where it names a known one, else the side's default. `Err` holds a `$schema` that is
    /// neither known nor overridden.
    pub fn dialect(&self) -> Result<Draft, &'a str> {
        match self.schema.get("$schema").and_then(Value::as_str) {
            None => Ok(self.draft.unwrap_or(super::DEFAULT_DIALECT)),
            Some(uri) => match Draft::Draft202012.detect(self.schema) {
                Draft::Unknown => self.draft.ok_or(uri),
                known => Ok(known),
            },
        }
    }

    /// The validator that users run.
    pub(super) fn validator(&self, draft: Draft, formats: Formats) -> Result<Validator, String> {
        crate::schema::validator(
            self.schema,
            self.references,
            draft,
            formats,
            Some(BACKTRACKING),
        )
        .map_err(|problem| problem.message)
    }
}
