//! The in-toto statement: about which things, by their digests, something is said.

use serde_json::json;

use crate::text::{Digest, Members, Problem, Value, canonical, pointer};

/// `_type` of a statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// `payloadType` of the envelope of a statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// `predicateType` of what a senate says about a decision.
pub const PREDICATE_TYPE: &str = "urn:schema-senate:decision:v1";

/// A thing that a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What it is called.
    pub name: String,
    /// Its SHA-256.
    pub digest: Digest,
}

/// What a senate says about a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// About which things.
    pub subject: Vec<Subject>,
    /// What.
    pub predicate: Value,
}

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with its members; `statement_type_unknown` and `predicate_type_unknown` for a statement of
    /// another kind.
    pub fn read(document: &Value) -> Result<Self, Vec<Problem>> {
        let mut members = Members::of(
            document,
            "",
            &["_type", "subject", "predicateType", "predicate"],
        );
        let mut must_be = |name: &str, code: &'static str, due: &str| {
            if let Some(given) = members.text(name)
                && given != due
            {
                members.problem(code, name, format!("`{name}` is `{due}` here"));
            }
        };
        must_be("_type", "statement_type_unknown", STATEMENT_TYPE);
        must_be("predicateType", "predicate_type_unknown", PREDICATE_TYPE);
        let predicate = members.required("predicate");
        if predicate.is_some_and(|predicate| !predicate.is_object()) {
            members.problem("member_type", "predicate", "`predicate` must be an object");
        }
        let given = members.array("subject");
        if given.is_some_and(Vec::is_empty) {
            members.problem("member_empty", "subject", "a statement is about something");
        }
        let mut subject = Vec::new();
        for (index, value) in given.into_iter().flatten().enumerate() {
            let place = pointer::join("/subject", &index.to_string());
            match read_subject(value, &place) {
                Ok(read) => subject.push(read),
                Err(problems) => members.note(problems),
            }
        }
        let problems = members.end();
        match predicate {
            Some(predicate) if problems.is_empty() => Ok(Self {
                subject,
                predicate: predicate.clone(),
            }),
            _ => Err(problems),
        }
    }

    /// The statement as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let subject: Vec<Value> = self
            .subject
            .iter()
            .map(|subject| {
                let digest = subject.digest.to_string();
                let hex = digest.strip_prefix("sha256:").unwrap_or(&digest);
                json!({"name": subject.name, "digest": {"sha256": hex}})
            })
            .collect();
        json!({
            "_type": STATEMENT_TYPE,
            "subject": subject,
            "predicateType": PREDICATE_TYPE,
            "predicate": self.predicate,
        })
    }

    /// The text that is the payload of the envelope. Members stay in the order in which the log has them: the words of a
    /// report follow the order of a schema's members, and whoever verifies comes to the same words only from the same order.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.to_value().to_string()
    }

    /// The canonical text.
    ///
    /// # Errors
    ///
    /// `json_unsafe_integer`, as [`canonical`].
    pub fn to_canonical(&self) -> Result<String, Problem> {
        canonical(&self.to_value())
    }
}

/// `{name, digest: {sha256}}`, with the digest in 64 lower-case hexadecimal digits.
fn read_subject(value: &Value, place: &str) -> Result<Subject, Vec<Problem>> {
    let mut members = Members::of(value, place, &["name", "digest"]);
    let name = members.text("name").map(str::to_owned);
    let mut digest = None;
    if let Some(digests) = members.required("digest") {
        let mut inner = Members::of(digests, &members.place("digest"), &["sha256"]);
        digest = inner
            .text("sha256")
            .and_then(|hex| inner.check("sha256", format!("sha256:{hex}").parse()));
        members.note(inner.end());
    }
    let problems = members.end();
    match (name, digest) {
        (Some(name), Some(digest)) if problems.is_empty() => Ok(Subject { name, digest }),
        _ => Err(problems),
    }
}
