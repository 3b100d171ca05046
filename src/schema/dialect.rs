//! Which JSON Schema dialect a document is written in.

use jsonschema::Draft;

use crate::text::{Problem, Value};

/// The dialects that are understood, by the names they have on the wire.
const DRAFTS: [(&str, Draft, &str); 5] = [
    (
        "draft4",
        Draft::Draft4,
        "http://json-schema.org/draft-04/schema",
    ),
    (
        "draft6",
        Draft::Draft6,
        "http://json-schema.org/draft-06/schema",
    ),
    (
        "draft7",
        Draft::Draft7,
        "http://json-schema.org/draft-07/schema",
    ),
    (
        "2019-09",
        Draft::Draft201909,
        "https://json-schema.org/draft/2019-09/schema",
    ),
    (
        "2020-12",
        Draft::Draft202012,
        "https://json-schema.org/draft/2020-12/schema",
    ),
];

/// The dialect of a document without `$schema`.
pub const DEFAULT: Draft = Draft::Draft202012;

/// The wire name of a dialect: `draft4`, `draft6`, `draft7`, `2019-09`, `2020-12`.
#[must_use]
pub fn name(draft: Draft) -> &'static str {
    DRAFTS
        .iter()
        .find(|(_, known, _)| *known == draft)
        .map_or("2020-12", |(name, ..)| name)
}

/// The dialect of that wire name.
///
/// # Errors
/// `draft_unknown`, naming the five that exist.
pub fn parse(name: &str) -> Result<Draft, Problem> {
    DRAFTS
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(_, draft, _)| *draft)
        .ok_or_else(|| {
            Problem::error("draft_unknown", "", format!("`{name}` is not a draft"))
                .remedy("use one of draft4, draft6, draft7, 2019-09, 2020-12")
        })
}

/// The dialect that `$schema` names. Where it names none, or one that is not known here, it is the one that the caller gives;
/// where the caller gives none, 2020-12. A boolean schema names none.
///
/// # Errors
/// `schema_dialect_unknown` when `$schema` is not known and the caller gives nothing: guessing would give it a meaning that its
/// author did not write.
pub fn detect(schema: &Value, given: Option<Draft>) -> Result<Draft, Problem> {
    let Some(declared) = schema.get("$schema") else {
        return Ok(given.unwrap_or(DEFAULT));
    };
    let uri = declared.as_str().unwrap_or_default();
    let bare = uri.strip_suffix('#').unwrap_or(uri);
    DRAFTS
        .iter()
        .find(|(_, _, known)| same_but_for_scheme(known, bare))
        .map(|(_, draft, _)| *draft)
        .or(given)
        .ok_or_else(|| {
            Problem::error(
                "schema_dialect_unknown",
                "/$schema",
                format!("`$schema` is {declared}, which is no dialect that can be judged here"),
            )
            .remedy("use https://json-schema.org/draft/2020-12/schema, 2019-09, draft-07, draft-06 or draft-04, or say as which draft to read it")
        })
}

/// The `$schema` of a dialect.
#[must_use]
pub fn uri(draft: Draft) -> &'static str {
    DRAFTS.iter().find(|(_, known, _)| *known == draft).map_or(
        "https://json-schema.org/draft/2020-12/schema",
        |(_, _, uri)| uri,
    )
}

/// Authors write `http` for `https` and the reverse; no dialect differs from another by that alone.
fn same_but_for_scheme(a: &str, b: &str) -> bool {
    let bare = |uri: &str| uri.split_once("://").map(|(_, rest)| rest.to_owned());
    bare(a).is_some() && bare(a) == bare(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_dialect_is_read_from_the_document_or_taken_from_the_caller() {
        let seven = json!({"$schema": "http://json-schema.org/draft-07/schema#"});
        assert_eq!(detect(&seven, None).unwrap(), Draft::Draft7);
        assert_eq!(
            detect(&json!({}), Some(Draft::Draft4)).unwrap(),
            Draft::Draft4
        );
        assert_eq!(detect(&json!(true), None).unwrap(), DEFAULT);
        let secure = json!({"$schema": "https://json-schema.org/draft-07/schema"});
        assert_eq!(detect(&secure, None).unwrap(), Draft::Draft7);
    }

    #[test]
    fn an_unknown_dialect_is_refused_not_guessed() {
        for schema in [
            json!({"$schema": "https://example.com/my-dialect"}),
            json!({"$schema": 7}),
        ] {
            let problem = detect(&schema, None).unwrap_err();
            assert_eq!(problem.code, "schema_dialect_unknown");
            assert_eq!(problem.pointer, "/$schema");
            assert_eq!(detect(&schema, Some(Draft::Draft7)).unwrap(), Draft::Draft7);
        }
    }

    #[test]
    fn names_go_both_ways() {
        for (label, draft, _) in DRAFTS {
            assert_eq!(parse(label).unwrap(), draft);
            assert_eq!(name(draft), label);
        }
        assert_eq!(parse("draft-07").unwrap_err().code, "draft_unknown");
    }
}
