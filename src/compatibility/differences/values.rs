//! Values in sentences, and values as keys: what two schemas share when they say the same.

use std::fmt::Write as _;

use crate::compatibility::keywords::{self, Role};
use crate::text::{Digest, Map, Number, Value};

/// Longest text that stands for one value in a key. Two values that first differ beyond it share a key, which costs
/// precision only.
const LONGEST_KEY: usize = 16_384;

/// A value in a sentence: its JSON text, cut when it is long.
pub(super) fn brief(value: &Value) -> String {
    const LONGEST: usize = 60;
    let mut out = Cut {
        text: String::new(),
        left: LONGEST + 1,
    };
    // An error says that the text is cut, which its length says as well.
    let _ = write!(out, "{value}");
    if out.left == 0 {
        out.text.pop();
        out.text.push('…');
    }
    out.text
}

/// A text of at most so many characters. What is beyond ends the writing, so that a large value is never written whole.
struct Cut {
    text: String,
    left: usize,
}

impl std::fmt::Write for Cut {
    fn write_str(&mut self, piece: &str) -> std::fmt::Result {
        for char in piece.chars() {
            if self.left == 0 {
                return Err(std::fmt::Error);
            }
            self.left -= 1;
            self.text.push(char);
        }
        Ok(())
    }
}

/// A text that two schemas share when they say the same: annotations, the order of members and the writing of numbers
/// aside.
pub(super) fn key(schema: &Value) -> String {
    let mut out = String::new();
    write(schema, Reading::Schema, true, &mut out);
    out
}

/// The same with every reference blanked, so that renamed definitions keep their key.
pub(super) fn shape(schema: &Value) -> String {
    let mut out = String::new();
    write(schema, Reading::Shape, true, &mut out);
    out
}

/// The first twelve hexadecimal digits of the SHA-256 of the rule, the place and the values concerned. The sentence has no
/// part in it, so that it may be reworded.
pub(super) fn fingerprint(
    rule: &str,
    places: [Option<&str>; 4],
    name: &str,
    values: [Option<&Value>; 2],
) -> String {
    let mut text = format!("{rule}\n{name}");
    for place in places {
        text.push('\n');
        text.push_str(place.unwrap_or("-"));
    }
    for value in values {
        text.push('\n');
        if let Some(value) = value {
            let mut out = String::new();
            write(value, Reading::Data, false, &mut out);
            text.push_str(&out);
        }
    }
    let mut short = String::with_capacity(12);
    for byte in Digest::of_bytes(text.as_bytes()).as_bytes().iter().take(6) {
        // Writing to a string cannot fail.
        let _ = write!(short, "{byte:02x}");
    }
    short
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Data,
    Schema,
    Shape,
}

/// As deep as the document, which has passed the size check; as long as [`LONGEST_KEY`] lets it.
fn write(value: &Value, reading: Reading, is_schema: bool, out: &mut String) {
    if out.len() > LONGEST_KEY {
        return;
    }
    match value {
        Value::Object(object) => write_object(object, reading, is_schema, out),
        Value::Array(list) => {
            out.push('[');
            for member in list {
                write(member, reading, is_schema, out);
                out.push(',');
                if out.len() > LONGEST_KEY {
                    return;
                }
            }
            out.push(']');
        }
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_text(text, out),
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}

fn write_object(object: &Map<String, Value>, reading: Reading, is_schema: bool, out: &mut String) {
    let mut members: Vec<(&String, &Value)> = object
        .iter()
        .filter(|(name, _)| !is_schema || !keywords::ANNOTATIONS.contains(&name.as_str()))
        .collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    out.push('{');
    for (name, member) in members {
        if out.len() > LONGEST_KEY {
            return;
        }
        write_text(name, out);
        out.push(':');
        let role = if is_schema {
            keywords::role(name, member)
        } else {
            Role::Data
        };
        match (role, member) {
            (Role::Map, Value::Object(map)) => {
                let mut inner: Vec<(&String, &Value)> = map.iter().collect();
                inner.sort_unstable_by_key(|(name, _)| *name);
                out.push('{');
                for (name, member) in inner {
                    if out.len() > LONGEST_KEY {
                        return;
                    }
                    write_text(name, out);
                    out.push(':');
                    write(member, reading, true, out);
                    out.push(',');
                }
                out.push('}');
            }
            (Role::List | Role::Schema, _) => write(member, reading, true, out),
            _ if is_schema && reading == Reading::Shape && name.ends_with("$ref") => out.push('*'),
            _ => write(member, reading, false, out),
        }
        out.push(',');
    }
    out.push('}');
}

fn write_text(text: &str, out: &mut String) {
    // With its length in front, so that no two texts run into one another; shorter than escaping.
    let _ = write!(out, "\"{}:{text}", text.len());
}

/// 1 and 1.0 are the same number.
fn write_number(number: &Number, out: &mut String) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(double) if number.is_f64() && double.fract() == 0.0 && double.abs() < EXACT => {
            let _ = write!(out, "{}", if double == 0.0 { 0.0 } else { double });
        }
        _ => {
            let _ = write!(out, "{number}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_key_is_what_a_schema_says() {
        let a = json!({"type": "object", "title": "A", "properties": {"title": {"maximum": 1.0}}, "enum": [{"title": 1}]});
        let b = json!({"properties": {"title": {"maximum": 1, "default": 3}}, "type": "object", "enum": [{"title": 1}]});
        assert_eq!(key(&a), key(&b));
        assert_ne!(
            key(&a),
            key(
                &json!({"properties": {"title": {"maximum": 1}}, "type": "object", "enum": [{"title": 2}]})
            )
        );
        let refers = |name: &str| json!({"items": {"$ref": name}, "enum": [{"$ref": "x"}]});
        assert_ne!(key(&refers("a")), key(&refers("b")));
        assert_eq!(shape(&refers("a")), shape(&refers("b")));
        assert_ne!(
            shape(&json!({"enum": [{"$ref": "a"}]})),
            shape(&json!({"enum": [{"$ref": "b"}]}))
        );
    }

    #[test]
    fn a_long_value_is_cut() {
        assert_eq!(brief(&json!("é".repeat(58))).chars().count(), 60);
        let cut = brief(&json!("é".repeat(59)));
        assert_eq!((cut.chars().count(), cut.ends_with('…')), (61, true));
    }

    #[test]
    fn a_fingerprint_is_twelve_digits_of_what_it_is_about() {
        let of = |rule: &str, place: &str, value: &Value| {
            fingerprint(
                rule,
                [Some(place), None, None, None],
                "",
                [Some(value), None],
            )
        };
        let one = of("a", "/x", &json!(1));
        assert!(one.len() == 12 && one.bytes().all(|byte| b"0123456789abcdef".contains(&byte)));
        assert_eq!(one, of("a", "/x", &json!(1.0)));
        assert_ne!(one, of("b", "/x", &json!(1)));
        assert_ne!(one, of("a", "/y", &json!(1)));
        assert_ne!(one, of("a", "/x", &json!(2)));
        assert_ne!(one, of("a", "/x", &json!("1")));
    }
}
