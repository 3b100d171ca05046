//! What engines are asked and what they answer, as JSON Lines over pipes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One question. Schemas and the witness are texts in strings, so that no reader on the way rounds their numbers.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Asked {
    /// Comes back in the answer.
    pub id: String,
    /// `draft4`, `draft6`, `draft7`, `2019-09` or `2020-12`: how to read a schema that names no dialect.
    pub draft: String,
    /// The old schema's text.
    pub old: String,
    /// The new schema's text.
    pub new: String,
    /// Texts of referenced documents by absolute URI.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub references: BTreeMap<String, String>,
    /// The text of the instance to confirm; for validators only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<String>,
}

/// What an engine says.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Every instance of old is valid under new.
    Compatible,
    /// Some instance of old is invalid under new.
    Breaking,
    /// Undecided, unsupported, an error, or not in time.
    None,
}

/// One answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Answered {
    /// Of the question.
    pub id: String,
    /// The answer.
    pub answer: Said,
    /// Why, above all why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Milliseconds of the engine's own call.
    pub ms: f64,
    /// The text of an instance that the engine calls valid under old and invalid under new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<String>,
}

impl Answered {
    /// An answer that says nothing.
    pub fn none(id: &str, why: String, ms: f64) -> Self {
        Self {
            id: id.to_owned(),
            answer: Said::None,
            why: Some(why),
            ms,
            witness: None,
        }
    }
}
