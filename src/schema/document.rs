//! A schema with the documents that its references may name.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use jsonschema::Draft;
use jsonschema::error::ValidationErrorKind;
use jsonschema::meta::MetaValidator;

use super::{dialect, effort, errors, fragment};
use crate::text::{Digest, Kind, Map, Problem, Value, digest, pointer};

/// Referenced documents by absolute URI. Nothing is ever fetched.
pub type References = BTreeMap<String, Value>;

/// A schema that its meta-schema accepts, in a known dialect, with what it refers to.
///
/// Cloning is cheap: clones share one copy, which never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Document(Arc<Parts>);

#[derive(Debug, PartialEq)]
struct Parts {
    schema: Value,
    references: References,
    draft: Draft,
}

impl Document {
    /// Checks a schema and its referenced documents against their meta-schemas.
    ///
    /// `given` is the dialect of a document whose `$schema` names none that is known; without it such a document is read as
    /// 2020-12 when it has no `$schema`, and refused when it has another.
    ///
    /// # Errors
    /// Everything that is wrong, at its place in the schema: `schema_not_a_schema` and the meta-schema's own findings
    /// (`schema_type`, `schema_enum`, …), `schema_dialect_unknown`, `schema_too_branching`. Places in a referenced document
    /// are found below `/references/<uri>`.
    pub fn new(
        schema: Value,
        references: References,
        given: Option<Draft>,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let draft = dialect::detect(&schema, given).unwrap_or_else(|problem| {
            problems.push(problem);
            dialect::DEFAULT
        });
        problems.extend(check(&schema, draft));
        for (uri, document) in &references {
            let place = pointer::from_segments(["references", uri]);
            if !is_absolute(uri) {
                problems.push(
                    Problem::error(
                        "reference_uri_not_absolute",
                        place.clone(),
                        format!("`{uri}` is not an absolute URI"),
                    )
                    .remedy("name each referenced document by the URI that `$ref` resolves to"),
                );
            }
            let found = match dialect::detect(document, Some(draft)) {
                Ok(draft) => check(document, draft),
                Err(problem) => vec![problem],
            };
            problems.extend(found.into_iter().map(|problem| problem.under(&place)));
        }
        if problems.is_empty() {
            problems.extend(effort::check(&schema, &references));
        }
        if problems.is_empty() {
            Ok(Self(Arc::new(Parts {
                schema,
                references,
                draft,
            })))
        } else {
            Err(problems)
        }
    }

    /// The schema itself.
    #[must_use]
    pub fn schema(&self) -> &Value {
        &self.0.schema
    }

    /// What it may refer to.
    #[must_use]
    pub fn references(&self) -> &References {
        &self.0.references
    }

    /// Its dialect.
    #[must_use]
    pub fn draft(&self) -> Draft {
        self.0.draft
    }

    /// Whether the schema's own text says which dialect it is in.
    #[must_use]
    pub fn names_its_dialect(&self) -> bool {
        dialect::detect(&self.0.schema, None) == Ok(self.0.draft)
    }

    /// The digest that names this document: over `{schema}`, or `{references, schema}` when it refers to others.
    ///
    /// # Errors
    /// `json_unsafe_integer`: a number in it has no canonical form.
    pub fn digest(&self) -> Result<Digest, Problem> {
        let mut object = Map::new();
        object.insert("schema".into(), self.0.schema.clone());
        if !self.0.references.is_empty() {
            object.insert("references".into(), references_value(&self.0.references));
        }
        digest(Kind::Schema, &Value::Object(object)).map_err(|mut problem| {
            if let Some(rest) = problem.pointer.strip_prefix("/schema") {
                problem.pointer = rest.to_owned();
            }
            problem
        })
    }
}

/// The referenced documents as one JSON object.
pub(crate) fn references_value(references: &References) -> Value {
    Value::Object(
        references
            .iter()
            .map(|(uri, document)| (uri.clone(), document.clone()))
            .collect(),
    )
}

/// RFC 3986: a scheme, a colon, and something behind it.
fn is_absolute(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

fn check(schema: &Value, draft: Draft) -> Vec<Problem> {
    if schema.is_boolean() && draft != Draft::Draft4 {
        return Vec::new();
    }
    if !schema.is_object() {
        return vec![
            Problem::error(
                "schema_not_a_schema",
                "",
                format!("a JSON Schema is an object, not {}", errors::brief(schema)),
            )
            .remedy("write an object such as {\"type\": \"string\"}"),
        ];
    }
    // Published schemas have references such as `#/definitions/Dict<string>`, which resolve although they are no URI
    // references by the letter. Within an `anyOf` of the meta-schema the letter would refuse the whole subschema.
    let readable = fragment::encoded(schema);
    with_meta_validator(draft, |meta| {
        // The plain answer is several times faster than the list of reasons, and most schemas are schemas.
        if meta.is_valid(&readable) {
            return Vec::new();
        }
        meta.iter_errors(&readable)
            // Other formats are not what makes a schema unusable; a pattern that is no regular expression is.
            .filter(|error| {
                !matches!(error.kind(), ValidationErrorKind::Format { format } if format != "regex")
            })
            .take(errors::MAX)
            .map(|error| {
                let found = errors::describe(&error);
                Problem::error(
                    "schema_not_a_schema",
                    error.instance_path().to_string(),
                    format!(
                        "the {} meta-schema refuses it: {}",
                        dialect::name(draft),
                        found.message
                    ),
                )
            })
            .collect()
    })
}

thread_local! {
    // On wasm the library builds a meta-schema validator anew at every call, at 0.3 to 8 ms; one per draft and thread is kept here.
    static META: [OnceCell<MetaValidator<'static>>; 5] = const { [const { OnceCell::new() }; 5] };
}

fn with_meta_validator<T>(draft: Draft, run: impl FnOnce(&MetaValidator<'static>) -> T) -> T {
    META.with(|[four, six, seven, nineteen, twenty]| match draft {
        Draft::Draft4 => run(four.get_or_init(jsonschema::draft4::meta::validator)),
        Draft::Draft6 => run(six.get_or_init(jsonschema::draft6::meta::validator)),
        Draft::Draft7 => run(seven.get_or_init(jsonschema::draft7::meta::validator)),
        Draft::Draft201909 => run(nineteen.get_or_init(jsonschema::draft201909::meta::validator)),
        _ => run(twenty.get_or_init(jsonschema::draft202012::meta::validator)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(schema: Value) -> Result<Document, Vec<Problem>> {
        Document::new(schema, References::new(), None)
    }

    #[test]
    fn a_schema_is_taken_with_its_dialect() {
        let taken = document(json!({"type": "object"})).unwrap();
        assert_eq!(taken.draft(), Draft::Draft202012);
        assert!(document(json!(false)).is_ok());
    }

    #[test]
    fn what_the_meta_schema_refuses_is_named_at_its_place() {
        let problems =
            document(json!({"properties": {"a": {"type": "strin"}}, "required": "a"})).unwrap_err();
        let places: Vec<_> = problems.iter().map(|p| p.pointer.as_str()).collect();
        assert!(places.contains(&"/properties/a/type"), "{problems:?}");
        assert!(places.contains(&"/required"), "{problems:?}");
        assert!(problems.iter().all(|p| p.code == "schema_not_a_schema"));
    }

    #[test]
    fn a_reference_that_resolves_is_taken_although_it_is_no_uri() {
        let taken = document(json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$ref": "#/definitions/Dict<string>",
            "definitions": {
                "Dict<string>": {"type": "object"},
                "nested": {"items": {"$ref": "#/definitions/Dict<string>"}}
            }
        }));
        let schema =
            crate::schema::Schema::compile(taken.unwrap(), crate::schema::Formats::Annotation)
                .unwrap();
        assert!(schema.is_valid(b"{}"));
        assert!(!schema.is_valid(b"1"));
    }

    #[test]
    fn a_pattern_that_is_no_regular_expression_is_refused_at_the_latest_when_it_is_compiled() {
        let refused = document(json!({"pattern": "("})).and_then(|taken| {
            crate::schema::Schema::compile(taken, crate::schema::Formats::Annotation)
                .map_err(|problem| vec![problem])
        });
        assert_eq!(refused.unwrap_err()[0].code, "schema_not_a_schema");
    }

    #[test]
    fn something_else_than_a_schema_is_refused() {
        for value in [json!(null), json!(7), json!("x"), json!([])] {
            assert_eq!(document(value).unwrap_err()[0].code, "schema_not_a_schema");
        }
    }

    #[test]
    fn draft_4_knows_no_boolean_schemas() {
        let problems =
            Document::new(json!(true), References::new(), Some(Draft::Draft4)).unwrap_err();
        assert_eq!(problems[0].code, "schema_not_a_schema");
    }

    #[test]
    fn references_are_checked_too_and_part_of_the_digest() {
        let schema = json!({"$ref": "https://example.com/b"});
        let with = |document: Value| {
            Document::new(
                schema.clone(),
                References::from([("https://example.com/b".into(), document)]),
                None,
            )
        };
        let one = with(json!({"type": "string"})).unwrap();
        let two = with(json!({"type": "number"})).unwrap();
        assert_ne!(one.digest().unwrap(), two.digest().unwrap());
        let problems = with(json!({"type": 1})).unwrap_err();
        assert_eq!(
            problems[0].pointer,
            "/references/https:~1~1example.com~1b/type"
        );
        let relative = Document::new(
            schema,
            References::from([("b.json".into(), json!({}))]),
            None,
        );
        assert_eq!(relative.unwrap_err()[0].code, "reference_uri_not_absolute");
    }

    #[test]
    fn key_order_does_not_change_the_digest() {
        let a = document(json!({"type": "object", "title": "t"})).unwrap();
        let b = document(json!({"title": "t", "type": "object"})).unwrap();
        assert_eq!(a.digest().unwrap(), b.digest().unwrap());
    }
}
