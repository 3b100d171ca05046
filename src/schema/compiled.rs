//! A schema made ready to judge artifacts: compiled once, used often.

use std::borrow::Cow;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Registry, Validator};
use serde::Serialize;

use super::{Document, References, dialect, effort, errors, fragment};
use crate::text::{Integers, Limits, Problem, Value, read};

/// Whether the keyword `format` asserts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Formats {
    /// It informs, as the specification says by default.
    #[default]
    Annotation,
    /// A text that is not of the format is invalid.
    Assertion,
}

/// What is wrong with an artifact, and which keyword says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValidationError {
    /// `schema_` and the keyword in snake_case, or a `json_…` code when the text is not JSON.
    pub code: &'static str,
    /// The keyword that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    /// JSON Pointer into the artifact.
    pub instance_path: String,
    /// JSON Pointer into the schema.
    pub schema_path: String,
    /// One sentence for people.
    pub message: String,
    /// Byte offset, when the text is not JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
}

impl From<Problem> for ValidationError {
    fn from(problem: Problem) -> Self {
        Self {
            code: problem.code,
            keyword: None,
            instance_path: problem.pointer,
            schema_path: String::new(),
            message: problem.message,
            offset: problem.offset,
        }
    }
}

/// The answer to "is this artifact valid, and if not, why".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Validation {
    /// Whether the artifact is valid.
    pub valid: bool,
    /// At most 256.
    pub errors: Vec<ValidationError>,
    /// Whether there were more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

impl Validation {
    fn of(errors: Vec<ValidationError>) -> Self {
        Self {
            valid: errors.is_empty(),
            errors,
            truncated: false,
        }
    }
}

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    document: Document,
    validator: Validator,
}

impl Schema {
    /// Compiles a document.
    ///
    /// # Errors
    /// `reference_unresolved` when a `$ref` names what is not there, `schema_not_a_schema` for a pattern that is no regular
    /// expression.
    pub fn compile(document: Document, formats: Formats) -> Result<Self, Problem> {
        let validator = validator(
            document.schema(),
            document.references(),
            document.draft(),
            formats,
            None,
        )?;
        Ok(Self {
            document,
            validator,
        })
    }

    /// The document that was compiled.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Whether an artifact's text is JSON and valid.
    #[must_use]
    pub fn is_valid(&self, artifact: &[u8]) -> bool {
        read(artifact, Limits::DOCUMENT, Integers::Any)
            .is_ok_and(|value| self.validator.is_valid(&value))
    }

    /// Whether an artifact is valid.
    #[must_use]
    pub fn is_valid_value(&self, artifact: &Value) -> bool {
        self.validator.is_valid(artifact)
    }

    /// What is wrong with an artifact's text.
    #[must_use]
    pub fn validate(&self, artifact: &[u8]) -> Validation {
        match read(artifact, Limits::DOCUMENT, Integers::Any) {
            Ok(value) => self.validate_value(&value),
            Err(problem) => Validation::of(vec![problem.into()]),
        }
    }

    /// What is wrong with an artifact.
    #[must_use]
    pub fn validate_value(&self, artifact: &Value) -> Validation {
        // The plain answer is memoised along recursive references; the list of findings is not, hence the look ahead.
        if self.validator.is_valid(artifact) {
            return Validation::of(Vec::new());
        }
        if !effort::can_explain(&self.document, artifact) {
            return Validation::of(vec![ValidationError {
                code: "schema_invalid",
                keyword: None,
                instance_path: String::new(),
                schema_path: String::new(),
                message: "not valid; the schema branches into itself so often that listing the reasons for an artifact this deep would take too long".into(),
                offset: None,
            }]);
        }
        let mut found = self.validator.iter_errors(artifact);
        let errors: Vec<_> = found
            .by_ref()
            .take(errors::MAX)
            .map(|error| errors::describe(&error))
            .collect();
        Validation {
            valid: false,
            truncated: found.next().is_some(),
            errors,
        }
    }
}

/// Where a document without `$id` is registered.
const NAMELESS: &str = "json-schema:///";

/// Where the reference to it stands.
const ENTRY: &str = "urn:schema-senate:entry";

/// The validator of a schema that its meta-schema accepts. `backtracking` bounds the steps of one regular expression with
/// look-around or a back reference on one string; without it the library's own bound holds.
///
/// # Errors
/// As [`Schema::compile`].
pub(crate) fn validator(
    schema: &Value,
    references: &References,
    draft: Draft,
    formats: Formats,
    backtracking: Option<usize>,
) -> Result<Validator, Problem> {
    let mut registry = Registry::new().draft(draft);
    for (uri, referenced) in references {
        let (draft, contents) = readable(referenced, draft)?;
        registry = registry
            .add(uri.as_str(), draft.create_resource(contents.into_owned()))
            .map_err(|error| unresolved(&error.to_string()))?;
    }
    let (_, schema) = readable(schema, draft)?;
    let mut options = jsonschema::options()
        .offline()
        .should_validate_formats(formats == Formats::Assertion);
    if let Some(steps) = backtracking {
        options = options
            .with_pattern_options(jsonschema::PatternOptions::fancy_regex().backtrack_limit(steps));
    }
    let built = if uses_dynamic_scope(&schema) {
        let registry = registry
            .prepare()
            .map_err(|error| unresolved(&error.to_string()))?;
        options
            .with_draft(draft)
            .with_registry(&registry)
            .build(&schema)
    } else {
        // The library checks the schema that it is given against the meta-schema, and on wasm builds that validator anew each
        // time, at 0.3 to 8 ms. `Document` has checked it already, so what is given is a reference to it, in the dialect that
        // is cheapest to check. A reference in front would be one more dynamic scope, hence the other way above.
        let uri = identity(&schema, draft);
        let registry = registry
            .add(uri, draft.create_resource(schema.as_ref().clone()))
            .map_err(|error| unresolved(&error.to_string()))?
            .prepare()
            .map_err(|error| unresolved(&error.to_string()))?;
        options
            .with_draft(Draft::Draft4)
            .with_base_uri(ENTRY)
            .with_registry(&registry)
            .build(&serde_json::json!({ "$ref": uri }))
    };
    built.map_err(|error| match error.kind() {
        ValidationErrorKind::Referencing(inner) => unresolved(&inner.to_string()),
        _ => Problem::error(
            "schema_not_a_schema",
            place_of(&error),
            errors::describe(&error).message,
        ),
    })
}

/// The absolute URI that a schema gives itself, or the one for those that give none.
fn identity(schema: &Value, draft: Draft) -> &str {
    let keyword = if draft == Draft::Draft4 { "id" } else { "$id" };
    schema
        .get(keyword)
        .and_then(Value::as_str)
        .map(|id| id.trim_end_matches('#'))
        .filter(|id| id.contains(':'))
        .unwrap_or(NAMELESS)
}

/// The document as the library can read it: in a dialect that it knows (an unknown `$schema` is replaced by that of the
/// dialect that was given), its references encoded.
fn readable(schema: &Value, given: Draft) -> Result<(Draft, Cow<'_, Value>), Problem> {
    let draft = dialect::detect(schema, Some(given))?;
    let mut readable = fragment::encoded(schema);
    if dialect::detect(schema, None).is_err()
        && let Some(members) = readable.to_mut().as_object_mut()
    {
        members.insert("$schema".into(), dialect::uri(draft).into());
    }
    Ok((draft, readable))
}

/// Whether the meaning of a reference in it depends on how it was reached.
fn uses_dynamic_scope(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.iter().any(|(key, member)| {
            key == "$recursiveRef" || key == "$dynamicRef" || uses_dynamic_scope(member)
        }),
        Value::Array(items) => items.iter().any(uses_dynamic_scope),
        _ => false,
    }
}

fn place_of(error: &jsonschema::ValidationError<'_>) -> String {
    error.schema_path().to_string()
}

fn unresolved(why: &str) -> Problem {
    Problem::error(
        "reference_unresolved",
        "",
        format!("a reference cannot be followed: {why}"),
    )
    .remedy("give the referenced document along, under the absolute URI that `$ref` resolves to; nothing is fetched")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::References;
    use serde_json::json;

    fn compile(schema: Value) -> Schema {
        let document = Document::new(schema, References::new(), None).unwrap();
        Schema::compile(document, Formats::Annotation).unwrap()
    }

    fn findings(schema: Value, artifact: &str) -> Vec<(&'static str, String, String)> {
        compile(schema)
            .validate(artifact.as_bytes())
            .errors
            .into_iter()
            .map(|error| (error.code, error.instance_path, error.schema_path))
            .collect()
    }

    #[test]
    fn an_invalid_artifact_gets_every_finding_with_both_places() {
        let schema = json!({
            "type": "object",
            "properties": {"n": {"type": "integer"}, "design": {"$ref": "#/$defs/design"}},
            "required": ["title"],
            "$defs": {"design": {"type": "object", "properties": {"arms": {"minimum": 1}}}}
        });
        let found = findings(schema, r#"{"n": "x", "design": {"arms": 0}}"#);
        assert!(
            found.contains(&("schema_type", "/n".into(), "/properties/n/type".into())),
            "{found:?}"
        );
        assert!(found.contains(&("schema_required", String::new(), "/required".into())));
        assert!(found.contains(&(
            "schema_minimum",
            "/design/arms".into(),
            "/$defs/design/properties/arms/minimum".into()
        )));
    }

    #[test]
    fn sentences_are_short_whatever_the_artifact() {
        let schema = compile(json!({"type": "string", "maxLength": 3}));
        let validation = schema.validate(format!("[{}]", "1,".repeat(9999) + "1").as_bytes());
        assert_eq!(
            validation.errors[0].message,
            "an array of 10000 items is not of type \"string\""
        );
        let long = schema.validate(format!("\"{}\"", "x".repeat(9999)).as_bytes());
        assert!(long.errors[0].message.chars().count() < 200);
    }

    #[test]
    fn text_that_is_not_json_is_an_answer_too() {
        let schema = compile(json!(true));
        let validation = schema.validate(b"{\"a\": 1, \"a\": 2}");
        assert!(!validation.valid);
        assert_eq!(validation.errors[0].code, "json_duplicate_key");
        assert!(validation.errors[0].offset.is_some());
        assert!(!schema.is_valid(b"nonsense"));
    }

    #[test]
    fn references_are_followed_into_given_documents_only() {
        let schema =
            json!({"$id": "https://example.com/a.json", "properties": {"b": {"$ref": "b.json"}}});
        let missing = Document::new(schema.clone(), References::new(), None).unwrap();
        let problem = Schema::compile(missing, Formats::Annotation).unwrap_err();
        assert_eq!(problem.code, "reference_unresolved");
        assert!(
            problem.message.contains("https://example.com/b.json"),
            "{problem}"
        );
        let given = Document::new(
            schema,
            References::from([(
                "https://example.com/b.json".into(),
                json!({"type": "integer"}),
            )]),
            None,
        )
        .unwrap();
        let schema = Schema::compile(given, Formats::Annotation).unwrap();
        assert!(schema.is_valid(b"{\"b\": 1}"));
        assert!(!schema.is_valid(b"{\"b\": \"x\"}"));
    }

    #[test]
    fn every_dialect_keeps_its_own_meaning() {
        let schema = |draft: Draft, schema: Value| {
            let document = Document::new(schema, References::new(), Some(draft)).unwrap();
            Schema::compile(document, Formats::Annotation).unwrap()
        };
        // 1.0 is an integer from draft 6 on.
        let integer = json!({"type": "integer"});
        assert!(!schema(Draft::Draft4, integer.clone()).is_valid(b"1.0"));
        assert!(schema(Draft::Draft6, integer.clone()).is_valid(b"1.0"));
        assert!(schema(Draft::Draft202012, integer).is_valid(b"1.0"));
        // Siblings of `$ref` count from 2019-09 on.
        let sibling =
            json!({"$ref": "#/definitions/any", "maxLength": 1, "definitions": {"any": {}}});
        assert!(schema(Draft::Draft7, sibling.clone()).is_valid(b"\"xx\""));
        assert!(!schema(Draft::Draft201909, sibling).is_valid(b"\"xx\""));
        // Draft 4 has boolean exclusive bounds.
        let exclusive = json!({"minimum": 1, "exclusiveMinimum": true});
        assert!(!schema(Draft::Draft4, exclusive).is_valid(b"1"));
    }

    #[test]
    fn a_recursive_reference_means_the_outermost_anchor() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2019-09/schema",
            "$recursiveAnchor": true,
            "$defs": {"inner": {
                "$id": "https://example.com/inner", "$recursiveAnchor": true,
                "anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"$recursiveRef": "#"}}]
            }},
            "anyOf": [{"type": "integer"}, {"$ref": "#/$defs/inner"}]
        });
        assert!(compile(schema).is_valid(b"{\"foo\": 1}"));
    }

    #[test]
    fn an_unknown_dialect_is_read_as_the_caller_says() {
        let schema = json!({"$schema": "https://example.com/dialect", "minimum": 1, "exclusiveMinimum": true});
        let document = Document::new(schema, References::new(), Some(Draft::Draft4)).unwrap();
        let schema = Schema::compile(document, Formats::Annotation).unwrap();
        assert!(!schema.is_valid(b"1"));
        assert!(schema.is_valid(b"2"));
    }

    #[test]
    fn formats_assert_only_when_asked() {
        let document = Document::new(json!({"format": "date"}), References::new(), None).unwrap();
        assert!(
            Schema::compile(document.clone(), Formats::Annotation)
                .unwrap()
                .is_valid(b"\"x\"")
        );
        assert!(
            !Schema::compile(document, Formats::Assertion)
                .unwrap()
                .is_valid(b"\"x\"")
        );
    }

    #[test]
    fn a_regular_expression_that_explodes_ends_in_an_answer() {
        let schema = compile(json!({"pattern": "^(a|a)*\\1$"}));
        let text = format!("\"{}!\"", "a".repeat(60));
        let validation = schema.validate(text.as_bytes());
        assert_eq!(validation.errors[0].code, "schema_pattern_exhausted");
        assert!(
            compile(json!({"pattern": "^(a+)+$"}))
                .validate(text.as_bytes())
                .errors[0]
                .code
                == "schema_pattern"
        );
        let broken = Document::new(json!({"pattern": "(?<"}), References::new(), None)
            .map(|document| Schema::compile(document, Formats::Annotation).map(|_| ()));
        assert!(!matches!(broken, Ok(Ok(()))));
    }

    #[test]
    fn a_schema_that_only_refers_to_itself_ends_in_an_answer() {
        let circular = compile(json!({"$ref": "#"}));
        assert!(circular.validate(b"1").valid);
    }

    #[test]
    fn a_schema_that_branches_into_itself_answers_on_deep_artifacts() {
        for keyword in ["anyOf", "oneOf", "allOf"] {
            let schema = compile(json!({
                "$defs": {"n": {"properties": {"c": {keyword: [{"$ref": "#/$defs/n"}, {"$ref": "#/$defs/n"}]}, "x": {"type": "integer"}}}},
                "$ref": "#/$defs/n"
            }));
            let deep = format!(
                "{}{{\"x\": \"bad\"}}{}",
                "{\"c\":".repeat(100),
                "}".repeat(100)
            );
            let validation = schema.validate(deep.as_bytes());
            assert!(!validation.errors.is_empty() || keyword == "oneOf");
        }
    }
}
