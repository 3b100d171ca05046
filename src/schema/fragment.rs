//! References that other validators follow although they are no URI references.
//!
//! Generators name definitions after the types of a program and refer to them as they are named:
//! `#/definitions/Dict<unknown>` (Vega-Lite, and whatever `typescript-json-schema` has written). RFC 3986 wants `<` and `>`
//! percent-encoded. The fragment of such a reference is encoded for reading; what is hashed, stored and shown stays as it was
//! written.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::text::Value;

/// The schema with its references encoded; borrowed when each is a URI reference already.
pub(super) fn encoded(schema: &Value) -> Cow<'_, Value> {
    let mut readable = Cow::Borrowed(schema);
    if visit(schema, &mut |reference| needs_encoding(reference)) {
        rewrite(readable.to_mut());
    }
    readable
}

/// What the value of a keyword holds, as far as references are concerned.
enum Holds {
    Reference,
    /// Nothing in it is a schema.
    Data,
    /// Names and their schemas.
    Named,
    /// A schema, or a list of them.
    Schemas,
}

fn holds(keyword: &str) -> Holds {
    match keyword {
        "$ref" | "$dynamicRef" | "$recursiveRef" => Holds::Reference,
        "enum" | "const" | "default" | "examples" => Holds::Data,
        "$defs" | "definitions" | "properties" | "patternProperties" | "dependentSchemas"
        | "dependencies" => Holds::Named,
        _ => Holds::Schemas,
    }
}

/// Whether `found` says yes to a reference of the schema.
fn visit(schema: &Value, found: &mut impl FnMut(&str) -> bool) -> bool {
    match schema {
        Value::Array(items) => items.iter().any(|item| visit(item, found)),
        Value::Object(members) => {
            members
                .iter()
                .any(|(keyword, value)| match (holds(keyword), value) {
                    (Holds::Reference, Value::String(reference)) => found(reference),
                    (Holds::Reference | Holds::Data, _) => false,
                    (Holds::Named, Value::Object(named)) => {
                        named.values().any(|schema| visit(schema, found))
                    }
                    (Holds::Named | Holds::Schemas, value) => visit(value, found),
                })
        }
        _ => false,
    }
}

fn rewrite(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(rewrite),
        Value::Object(members) => {
            for (keyword, value) in members {
                match (holds(keyword), value) {
                    (Holds::Reference, Value::String(reference)) => *reference = encode(reference),
                    (Holds::Reference | Holds::Data, _) => {}
                    (Holds::Named, Value::Object(named)) => named.values_mut().for_each(rewrite),
                    (Holds::Named | Holds::Schemas, value) => rewrite(value),
                }
            }
        }
        _ => {}
    }
}

fn needs_encoding(reference: &str) -> bool {
    reference
        .split_once('#')
        .is_some_and(|(_, fragment)| encode_fragment(fragment) != fragment)
}

fn encode(reference: &str) -> String {
    match reference.split_once('#') {
        Some((document, fragment)) => format!("{document}#{}", encode_fragment(fragment)),
        None => reference.to_owned(),
    }
}

/// RFC 3986 §3.5: `pchar`, `/` and `?` stay, and so does a `%` with two digits behind it.
fn encode_fragment(fragment: &str) -> String {
    let mut encoded = String::with_capacity(fragment.len());
    for (at, byte) in fragment.bytes().enumerate() {
        let stays = match byte {
            b'%' => fragment
                .as_bytes()
                .get(at + 1..at + 3)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
            _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte),
        };
        if stays {
            encoded.push(char::from(byte));
        } else {
            // A String takes everything.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fragments_are_encoded_as_the_rfc_says() {
        for (given, wanted) in [
            (
                "#/definitions/Dict<unknown>",
                "#/definitions/Dict%3Cunknown%3E",
            ),
            ("b.json#/a b", "b.json#/a%20b"),
            ("#/Größe", "#/Gr%C3%B6%C3%9Fe"),
            ("#/50%", "#/50%25"),
            ("#/50%25", "#/50%25"),
            ("#/%zz", "#/%25zz"),
            ("#/(a|b)[]", "#/(a%7Cb)%5B%5D"),
            ("#", "#"),
            ("a b.json", "a b.json"),
        ] {
            assert_eq!(encode(given), wanted, "{given}");
            assert_eq!(encode(&encode(given)), wanted, "{given} twice");
        }
    }

    #[test]
    fn a_schema_that_needs_nothing_is_not_copied() {
        for schema in [
            json!({"$ref": "#/$defs/a", "$defs": {"a": true}}),
            json!(true),
        ] {
            assert!(matches!(encoded(&schema), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn data_is_not_a_reference_and_a_property_may_be_called_like_a_keyword() {
        let schema = json!({
            "const": {"$ref": "#/<"},
            "properties": {
                "const": {"$ref": "#/<"},
                "$ref": {"items": [{"$ref": "#/<"}]},
            }
        });
        assert_eq!(
            encoded(&schema).into_owned(),
            json!({
                "const": {"$ref": "#/<"},
                "properties": {
                    "const": {"$ref": "#/%3C"},
                    "$ref": {"items": [{"$ref": "#/%3C"}]},
                }
            })
        );
    }
}
