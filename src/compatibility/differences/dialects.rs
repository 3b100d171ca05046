//! What a change of dialect does to the keywords that a schema uses.

use jsonschema::Draft;

use super::{
    rules,
    walk::{Pair, Walk},
};
use crate::compatibility::documents::Documents;
use crate::compatibility::keywords;
use crate::text::{Map, Value};

/// Keywords by the first dialect that reads them.
const SINCE: [(&str, Draft); 19] = [
    ("const", Draft::Draft6),
    ("contains", Draft::Draft6),
    ("propertyNames", Draft::Draft6),
    ("if", Draft::Draft7),
    ("then", Draft::Draft7),
    ("else", Draft::Draft7),
    ("$anchor", Draft::Draft201909),
    ("$recursiveAnchor", Draft::Draft201909),
    ("$recursiveRef", Draft::Draft201909),
    ("dependentRequired", Draft::Draft201909),
    ("dependentSchemas", Draft::Draft201909),
    ("maxContains", Draft::Draft201909),
    ("minContains", Draft::Draft201909),
    ("unevaluatedItems", Draft::Draft201909),
    ("unevaluatedProperties", Draft::Draft201909),
    ("$vocabulary", Draft::Draft201909),
    ("$dynamicAnchor", Draft::Draft202012),
    ("$dynamicRef", Draft::Draft202012),
    ("prefixItems", Draft::Draft202012),
];

/// Notes that the dialect changed, and which keyword another meaning has.
pub(super) fn changed<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>) {
    let (old, new) = (walk.old.draft(), walk.new.draft());
    let meaning = other_meaning(walk.old, old, new).or_else(|| other_meaning(walk.new, old, new));
    let mut message = format!(
        "The schema was written in {}, now in {}.",
        name(old),
        name(new)
    );
    let subject_values = (pair.old.value.get("$schema"), pair.new.value.get("$schema"));
    let (rule, keyword) = match meaning {
        Some(keyword) => {
            message.push_str(&format!(" They read `{keyword}` differently."));
            (&rules::DIALECT_CHANGED_MEANING, keyword)
        }
        None => (&rules::DIALECT_CHANGED, "$schema"),
    };
    let subject = rules::Subject::new(keyword, subject_values.0, subject_values.1);
    walk.note_keyword(pair, rule, "$schema", &subject, message);
}

/// A keyword in the documents that the two dialects read differently.
fn other_meaning<'a>(documents: &Documents<'a>, a: Draft, b: Draft) -> Option<&'a str> {
    let mut pending: Vec<&'a Value> = std::iter::once(documents.root())
        .chain(documents.referenced())
        .map(|node| node.value)
        .collect();
    while let Some(schema) = pending.pop() {
        let Some(object) = schema.as_object() else {
            continue;
        };
        if let Some((keyword, _)) = object
            .iter()
            .find(|(keyword, value)| differs(keyword, value, object, a, b))
        {
            return Some(keyword);
        }
        pending.extend(
            keywords::subschemas(object)
                .into_iter()
                .map(|(_, schema)| schema),
        );
    }
    None
}

fn differs(keyword: &str, value: &Value, object: &Map<String, Value>, a: Draft, b: Draft) -> bool {
    let split = |since: Draft| (rank(a) >= rank(since)) != (rank(b) >= rank(since));
    match keyword {
        // 1.0 is no integer in draft-04.
        "type" => {
            split(Draft::Draft6)
                && match value {
                    Value::Array(names) => names.iter().any(|name| name == "integer"),
                    name => name == "integer",
                }
        }
        "exclusiveMinimum" | "exclusiveMaximum" | "id" => split(Draft::Draft6),
        "$id" => split(Draft::Draft6),
        // Up to draft-07 what stands beside a reference means nothing.
        "$ref" => {
            split(Draft::Draft201909)
                && object.keys().any(|name| {
                    !["$ref", "$schema", "$defs", "definitions"].contains(&name.as_str())
                        && !keywords::ANNOTATIONS.contains(&name.as_str())
                })
        }
        "dependencies" => split(Draft::Draft201909),
        "items" => split(Draft::Draft202012) && value.is_array(),
        "additionalItems" => split(Draft::Draft202012),
        // Items that match are evaluated since 2020-12.
        "unevaluatedItems" if split(Draft::Draft202012) => true,
        _ => SINCE
            .iter()
            .any(|(name, since)| *name == keyword && split(*since)),
    }
}

fn rank(draft: Draft) -> u8 {
    match draft {
        Draft::Draft4 => 4,
        Draft::Draft6 => 6,
        Draft::Draft7 => 7,
        Draft::Draft201909 => 8,
        _ => 9,
    }
}

fn name(draft: Draft) -> &'static str {
    match draft {
        Draft::Draft4 => "draft-04",
        Draft::Draft6 => "draft-06",
        Draft::Draft7 => "draft-07",
        Draft::Draft201909 => "draft 2019-09",
        Draft::Draft202012 => "draft 2020-12",
        _ => "an unknown dialect",
    }
}
