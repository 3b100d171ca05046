//! The RFC 8785 writer (JSON Canonicalization Scheme): one text for one value, whoever writes it.
//!
//! No space; members in the order of their names' UTF-16 code units; strings with the fewest escapes; numbers as
//! ECMAScript writes them. A `Value` holds no lone surrogates, so the text is always UTF-8.
//!
//! Every text written here is read again by [`read`](super::read) under [`Integers::Safe`](super::Integers::Safe), and
//! gives the same text: numbers that would not survive are refused, not rounded.

use std::cmp::Ordering;

use super::reader::{MAX_SAFE, is_unsafe_double};
use super::{Number, Problem, Value, pointer};

/// What canonical text is written into: a `String`, bytes, a hash.
pub trait Sink {
    /// Appends.
    fn put(&mut self, text: &str);
}

impl Sink for String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Sink for Vec<u8> {
    fn put(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }
}

/// The canonical text of a value.
///
/// # Errors
///
/// `json_unsafe_integer`, with the pointer of the number: an integer beyond ±(2^53−1), or a double whose text would be
/// such an integer.
pub fn canonical(value: &Value) -> Result<String, Problem> {
    let mut text = String::new();
    canonical_into(value, &mut text)?;
    Ok(text)
}

/// Writes the canonical text of a value into `sink`. On an error the sink holds a part of it.
///
/// # Errors
///
/// As [`canonical`].
pub fn canonical_into(value: &Value, sink: &mut impl Sink) -> Result<(), Problem> {
    let mut stack = Vec::new();
    let mut next = Some(value);
    loop {
        match next.take() {
            Some(Value::Null) => sink.put("null"),
            Some(Value::Bool(true)) => sink.put("true"),
            Some(Value::Bool(false)) => sink.put("false"),
            Some(Value::Number(number)) => {
                let value = safe_double(number).ok_or_else(|| refusal(number, &stack))?;
                sink.put(ryu_js::Buffer::new().format_finite(value));
            }
            Some(Value::String(string)) => put_string(string, sink),
            Some(Value::Array(items)) => {
                sink.put("[");
                stack.push(Frame::Array { items, written: 0 });
            }
            Some(Value::Object(members)) => {
                sink.put("{");
                let mut members: Vec<(&str, &Value)> = members
                    .iter()
                    .map(|(key, value)| (key.as_str(), value))
                    .collect();
                members.sort_unstable_by(|a, b| utf16_order(a.0, b.0));
                stack.push(Frame::Object {
                    members,
                    written: 0,
                });
            }
            None => {}
        }
        match stack.last_mut() {
            None => return Ok(()),
            Some(Frame::Array { items, written }) => match items.get(*written) {
                Some(item) => {
                    if *written > 0 {
                        sink.put(",");
                    }
                    *written += 1;
                    next = Some(item);
                    continue;
                }
                None => sink.put("]"),
            },
            Some(Frame::Object { members, written }) => match members.get(*written) {
                Some((key, member)) => {
                    if *written > 0 {
                        sink.put(",");
                    }
                    *written += 1;
                    put_string(key, sink);
                    sink.put(":");
                    next = Some(member);
                    continue;
                }
                None => sink.put("}"),
            },
        }
        stack.pop();
    }
}

/// A double as ECMAScript's `Number::toString` writes it, which RFC 8785 prescribes; `None` for NaN and infinities.
#[must_use]
pub fn number(value: f64) -> Option<String> {
    value
        .is_finite()
        .then(|| ryu_js::Buffer::new().format_finite(value).to_owned())
}

/// The order of two member names by their UTF-16 code units.
///
/// It is the order of the UTF-8 bytes, but for one thing: characters from U+10000 on (first byte F0 and more) are written
/// with surrogates, which stand before U+E000 to U+FFFF (first byte EE or EF).
#[must_use]
pub fn utf16_order(a: &str, b: &str) -> Ordering {
    let differing = a.bytes().zip(b.bytes()).find(|(x, y)| x != y);
    match differing {
        None => a.len().cmp(&b.len()),
        Some((x @ 0xEE.., y @ 0xEE..)) if (x < 0xF0) != (y < 0xF0) => y.cmp(&x),
        Some((x, y)) => x.cmp(&y),
    }
}

/// A container that is being written. `written` members have begun.
enum Frame<'a> {
    Array {
        items: &'a [Value],
        written: usize,
    },
    Object {
        members: Vec<(&'a str, &'a Value)>,
        written: usize,
    },
}

/// The number as a double, when its text can be read again.
fn safe_double(number: &Number) -> Option<f64> {
    let value = number.as_f64()?;
    let safe = if let Some(integer) = number.as_u64() {
        integer <= MAX_SAFE
    } else if let Some(integer) = number.as_i64() {
        integer.unsigned_abs() <= MAX_SAFE
    } else {
        !is_unsafe_double(value)
    };
    (safe && value.is_finite()).then_some(value)
}

fn refusal(number: &Number, stack: &[Frame<'_>]) -> Problem {
    let mut pointer = String::new();
    for frame in stack {
        match frame {
            Frame::Array { written, .. } => {
                pointer::push(&mut pointer, &written.saturating_sub(1).to_string());
            }
            Frame::Object { members, written } => {
                if let Some((key, _)) = members.get(written.saturating_sub(1)) {
                    pointer::push(&mut pointer, key);
                }
            }
        }
    }
    Problem::error(
        "json_unsafe_integer",
        pointer,
        format!("the integer {number} is beyond ±9007199254740991 (2^53−1), where programs read different numbers"),
    )
    .remedy("write it as a string")
}

fn put_string(string: &str, sink: &mut impl Sink) {
    sink.put("\"");
    let mut plain = 0;
    for (at, byte) in string.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            0x08 => "\\b",
            0x09 => "\\t",
            0x0A => "\\n",
            0x0C => "\\f",
            0x0D => "\\r",
            0..0x20 => CONTROLS.get(usize::from(byte)).copied().unwrap_or_default(),
            _ => continue,
        };
        sink.put(string.get(plain..at).unwrap_or_default());
        sink.put(escape);
        plain = at + 1;
    }
    sink.put(string.get(plain..).unwrap_or_default());
    sink.put("\"");
}

/// Control characters in lower-case hexadecimal, as RFC 8785 section 3.2.2.2 has them.
const CONTROLS: [&str; 32] = [
    "\\u0000", "\\u0001", "\\u0002", "\\u0003", "\\u0004", "\\u0005", "\\u0006", "\\u0007",
    "\\u0008", "\\u0009", "\\u000a", "\\u000b", "\\u000c", "\\u000d", "\\u000e", "\\u000f",
    "\\u0010", "\\u0011", "\\u0012", "\\u0013", "\\u0014", "\\u0015", "\\u0016", "\\u0017",
    "\\u0018", "\\u0019", "\\u001a", "\\u001b", "\\u001c", "\\u001d", "\\u001e", "\\u001f",
];
