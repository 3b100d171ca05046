//! The labelled questions of the reference data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::engine::Dialect;
use crate::lines::Asked;

/// A directed question and its label.
#[derive(Debug)]
pub struct Question {
    /// What engines get to see.
    pub asked: Asked,
    /// The label: whether every instance of old is valid under new.
    pub compatible: bool,
    /// Whether it is of the hard set.
    pub hard: bool,
}

#[derive(Deserialize)]
struct Line<'a> {
    id: String,
    draft: String,
    #[serde(borrow)]
    old: &'a RawValue,
    #[serde(borrow)]
    new: &'a RawValue,
    compatible: bool,
}

/// A label that is wrong, and an instance that shows it: it is valid under old, because the negation in `tree1` is part of what
/// a `subtree` must satisfy, and new accepts nothing.
pub const REFUTED: (&str, &str) = (
    "containment-suite-2020-12|unsatisfiable/ref/12|s1_sub_s2",
    r#"{"meta":"","nodes":[{"value":0,"subtree":{"meta":"","nodes":[]}}]}"#,
);

/// The files, and whether they are the hard set.
const FILES: [(&str, bool); 2] = [("questions.jsonl", false), ("hard-questions.jsonl", true)];

/// All questions, or so many of each file. The refuted label is turned round.
pub fn questions(folder: &Path, limit: Option<usize>) -> Result<Vec<Question>, String> {
    let mut questions = Vec::new();
    for (name, hard) in FILES {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        for line in text.lines().take(limit.unwrap_or(usize::MAX)) {
            questions.push(question(line, hard).map_err(|error| format!("{name}: {error}"))?);
        }
    }
    Ok(questions)
}

fn question(line: &str, hard: bool) -> serde_json::Result<Question> {
    let line: Line<'_> = serde_json::from_str(line)?;
    Ok(Question {
        compatible: line.compatible && line.id != REFUTED.0,
        asked: Asked {
            id: line.id,
            draft: line.draft,
            old: line.old.get().to_owned(),
            new: line.new.get().to_owned(),
            ..Asked::default()
        },
        hard,
    })
}

impl Question {
    /// What an engine sees that is told the dialect like this.
    pub fn asked_by(&self, dialect: Dialect) -> Asked {
        let mut asked = self.asked.clone();
        if dialect == Dialect::Keyword
            && let Ok(draft) = schema_senate::schema::dialect::parse(&asked.draft)
        {
            let uri = schema_senate::schema::dialect::uri(draft);
            asked.old = with_dialect(asked.old, uri);
            asked.new = with_dialect(asked.new, uri);
        }
        asked
    }
}

/// The text of a schema, naming this dialect when it is an object that names none.
fn with_dialect(text: String, uri: &str) -> String {
    let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(&text) else {
        return text;
    };
    match text.strip_prefix('{') {
        Some(rest) if !members.contains_key("$schema") => {
            let comma = if members.is_empty() { "" } else { "," };
            format!(r#"{{"$schema":"{uri}"{comma}{rest}"#)
        }
        _ => text,
    }
}

/// Where the questions are: under `SENATE_REFERENCE_DATA`, or in `../shared/data` beside the checkout.
pub fn folder(root: &Path) -> Option<PathBuf> {
    let given = std::env::var_os("SENATE_REFERENCE_DATA").map(PathBuf::from);
    [given, Some(root.join("../shared/data"))]
        .into_iter()
        .flatten()
        .map(|data| data.join("compatibility"))
        .find(|folder| folder.join("questions.jsonl").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_keep_their_spelling() {
        let line = r#"{"id":"a","draft":"draft7","old":{"multipleOf": 1.0e-3},"new":true,"compatible":false,"witness":null}"#;
        let question = question(line, false).unwrap();
        assert_eq!(question.asked.old, r#"{"multipleOf": 1.0e-3}"#);
        assert_eq!(question.asked.new, "true");
        assert!(!question.compatible);
    }

    #[test]
    fn a_dialect_is_named_where_none_is() {
        let named = |text: &str| with_dialect(text.to_owned(), "d");
        assert_eq!(named("{}"), r#"{"$schema":"d"}"#);
        assert_eq!(
            named(r#"{"minimum": 1.0}"#),
            r#"{"$schema":"d","minimum": 1.0}"#
        );
        assert_eq!(named(r#"{"$schema":"e"}"#), r#"{"$schema":"e"}"#);
        assert_eq!(named("false"), "false");
    }

    #[test]
    fn the_refuted_label_is_turned_round() {
        let line = format!(
            r#"{{"id":"{}","draft":"2020-12","old":true,"new":false,"compatible":true}}"#,
            REFUTED.0
        );
        assert!(!question(&line, false).unwrap().compatible);
    }
}
