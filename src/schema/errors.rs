//! What a validator found, in our words: a stable code, and a sentence that never repeats a whole artifact.

use jsonschema::error::ValidationErrorKind as Found;

use super::compiled::ValidationError;
use crate::text::{Value, pointer};

/// Most findings that one answer carries.
pub(crate) const MAX: usize = 256;

/// Longest piece of an artifact that a sentence repeats, in characters.
const BRIEF: usize = 60;

/// The code of each keyword that can fail.
const CODES: [(&str, &str); 31] = [
    ("additionalItems", "schema_additional_items"),
    ("additionalProperties", "schema_additional_properties"),
    ("anyOf", "schema_any_of"),
    ("const", "schema_const"),
    ("contains", "schema_contains"),
    ("contentEncoding", "schema_content_encoding"),
    ("contentMediaType", "schema_content_media_type"),
    ("enum", "schema_enum"),
    ("exclusiveMaximum", "schema_exclusive_maximum"),
    ("exclusiveMinimum", "schema_exclusive_minimum"),
    ("falseSchema", "schema_false"),
    ("format", "schema_format"),
    ("maxItems", "schema_max_items"),
    ("maxLength", "schema_max_length"),
    ("maxProperties", "schema_max_properties"),
    ("maximum", "schema_maximum"),
    ("minItems", "schema_min_items"),
    ("minLength", "schema_min_length"),
    ("minProperties", "schema_min_properties"),
    ("minimum", "schema_minimum"),
    ("multipleOf", "schema_multiple_of"),
    ("not", "schema_not"),
    ("oneOf", "schema_one_of"),
    ("pattern", "schema_pattern"),
    ("propertyNames", "schema_property_names"),
    ("$ref", "schema_ref"),
    ("required", "schema_required"),
    ("type", "schema_type"),
    ("unevaluatedItems", "schema_unevaluated_items"),
    ("unevaluatedProperties", "schema_unevaluated_properties"),
    ("uniqueItems", "schema_unique_items"),
];

/// One finding of the validator as one of ours.
pub(crate) fn describe(error: &jsonschema::ValidationError<'_>) -> ValidationError {
    let keyword = error.kind().keyword();
    ValidationError {
        code: code(error.kind(), keyword),
        keyword: Some(keyword.to_owned()),
        instance_path: error.instance_path().to_string(),
        schema_path: error.schema_path().to_string(),
        message: sentence(error),
        offset: None,
    }
}

/// The value to look at: where the finding is, or the member or item in there that is not allowed.
pub(crate) fn pointed(error: &jsonschema::ValidationError<'_>) -> String {
    let here = error.instance_path().to_string();
    match error.kind() {
        Found::AdditionalProperties { unexpected }
        | Found::UnevaluatedProperties { unexpected } => match unexpected.first() {
            Some(name) => pointer::join(&here, name),
            None => here,
        },
        Found::AdditionalItems { limit } => pointer::join(&here, &limit.to_string()),
        Found::PropertyNames { error } => match error.instance().as_str() {
            Some(name) => pointer::join(&here, name),
            None => here,
        },
        _ => here,
    }
}

fn code(kind: &Found, keyword: &str) -> &'static str {
    if matches!(
        kind,
        Found::BacktrackLimitExceeded { .. } | Found::RegexEngineFailure { .. }
    ) {
        return "schema_pattern_exhausted";
    }
    CODES
        .iter()
        .find(|(known, _)| *known == keyword)
        .map_or("schema_invalid", |(_, code)| code)
}

fn sentence(error: &jsonschema::ValidationError<'_>) -> String {
    let got = brief(error.instance());
    match error.kind() {
        Found::BacktrackLimitExceeded { .. } => {
            "the pattern takes too many steps on this text, so it counts as not matching; rewrite it without nested repetition".to_owned()
        }
        Found::RegexEngineFailure { .. } => {
            "the pattern could not be evaluated on this text, so it counts as not matching".to_owned()
        }
        Found::Required { property } => format!("the member {property} is missing"),
        Found::AdditionalProperties { unexpected } => unexpected_members(unexpected, "are not declared and no others are allowed"),
        Found::UnevaluatedProperties { unexpected } => unexpected_members(unexpected, "are allowed by no part of the schema"),
        Found::Type { .. } => {
            // The library's own sentence repeats the whole instance in front of the part that matters.
            let text = error.masked_with("it").to_string();
            let expected = text.strip_prefix("it is not of ").unwrap_or(&text);
            format!("{got} is not of {expected}")
        }
        Found::Enum { options } => format!("{got} is not one of {}", brief(options)),
        Found::Constant { expected_value } => format!("{got} is not {}", brief(expected_value)),
        Found::Pattern { pattern } => format!("{got} does not match the pattern {pattern}"),
        Found::Format { format } => format!("{got} is not of the format `{format}`"),
        Found::FalseSchema => "nothing is allowed here".to_owned(),
        Found::AnyOf { .. } => format!("{got} is valid under none of the alternatives of `anyOf`"),
        Found::OneOfNotValid { .. } => format!("{got} is valid under none of the alternatives of `oneOf`"),
        Found::OneOfMultipleValid { .. } => format!("{got} is valid under more than one alternative of `oneOf`"),
        Found::Not { schema } => format!("{got} is valid under {}, which `not` forbids", brief(schema)),
        Found::UniqueItems => format!("{got} has equal items"),
        Found::Contains => format!("{got} has no item that `contains` asks for, or too few or too many"),
        Found::PropertyNames { error } => format!("a member name is not allowed: {}", sentence(error)),
        _ => error.masked_with(got).to_string(),
    }
}

fn unexpected_members(names: &[String], why: &str) -> String {
    let listed: Vec<_> = names
        .iter()
        .take(5)
        .map(|name| brief(&Value::String(name.clone())))
        .collect();
    let more = names.len().saturating_sub(listed.len());
    let tail = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    if names.len() == 1 {
        format!(
            "the member {}{tail} {}",
            listed.join(", "),
            why.replacen("are", "is", 1)
        )
    } else {
        format!("the members {}{tail} {why}", listed.join(", "))
    }
}

/// A value in at most sixty characters: whole when it is short, described when it is not.
pub(crate) fn brief(value: &Value) -> String {
    match value {
        Value::Array(items) if !items.is_empty() && !is_short(value) => {
            format!("an array of {} items", items.len())
        }
        Value::Object(members) if !members.is_empty() && !is_short(value) => {
            format!("an object of {} members", members.len())
        }
        Value::String(text) if text.chars().count() > BRIEF => {
            let head: String = text.chars().take(BRIEF).collect();
            format!("{}…", Value::String(head))
        }
        other => other.to_string(),
    }
}

fn is_short(value: &Value) -> bool {
    fn budget(value: &Value, left: &mut usize) -> bool {
        let cost = match value {
            Value::String(text) => text.len() + 2,
            Value::Array(items) => {
                if !items.iter().all(|item| budget(item, left)) {
                    return false;
                }
                2
            }
            Value::Object(members) => {
                for (name, member) in members {
                    *left = left.saturating_sub(name.len() + 3);
                    if *left == 0 || !budget(member, left) {
                        return false;
                    }
                }
                2
            }
            _ => 4,
        };
        *left = left.saturating_sub(cost);
        *left > 0
    }
    budget(value, &mut { BRIEF * 2 })
}
