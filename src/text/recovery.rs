//! One member of a text that the strict reader refused, so that an answer can still say what it answers.

use super::{Integers, Limits, Value, read};

/// A longer value is not looked at: what names a request is short.
const LONGEST: usize = 64 << 10;

/// The first top-level member called `name`, as well as it can be told: the text may be broken before it or after it,
/// hold the member twice, or be no UTF-8. `None` when it is not found, or itself broken beyond repair.
///
/// In a string, what is no character becomes U+FFFD; integers beyond ±(2^53−1) are taken. One pass, no recursion.
#[must_use]
pub fn read_lossy_member(bytes: &[u8], name: &str) -> Option<Value> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut scan = Scan { bytes, at: 0 };
    scan.skip_space();
    scan.take(b'{')?;
    loop {
        scan.skip_space();
        if scan.peek()? == b'"' {
            let key = scan.string()?;
            scan.skip_space();
            if scan.take(b':').is_some() {
                scan.skip_space();
                let start = scan.at;
                scan.skip_value();
                if repaired(key).is_some_and(|key| key == name) {
                    return recovered(bytes.get(start..scan.at)?);
                }
            }
        }
        // Whatever stands there instead of a member, the next one begins after a comma.
        scan.skip_value();
        scan.take(b',')?;
    }
}

fn recovered(text: &[u8]) -> Option<Value> {
    let text = text.trim_ascii_end();
    if text.len() > LONGEST {
        return None;
    }
    if let Ok(value) = read(text, Limits::DOCUMENT, Integers::Any) {
        return Some(value);
    }
    let mut scan = Scan { bytes: text, at: 0 };
    (scan.peek()? == b'"' && scan.string()?.len() == text.len())
        .then(|| repaired(text).map(Value::String))?
}

/// A string literal with its quotes; escapes and bytes that are no character become U+FFFD.
fn repaired(literal: &[u8]) -> Option<String> {
    let inner = literal.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let inner = String::from_utf8_lossy(inner);
    let mut units: Vec<u16> = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    let mut buffer = [0; 2];
    while let Some(c) = chars.next() {
        let c = if c == '\\' {
            match chars.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let mut unit = 0;
                    for _ in 0..4 {
                        unit = unit * 16 + chars.next()?.to_digit(16)?;
                    }
                    units.push(u16::try_from(unit).ok()?);
                    continue;
                }
                c @ ('"' | '\\' | '/') => c,
                _ => return None,
            }
        } else {
            c
        };
        units.extend_from_slice(c.encode_utf16(&mut buffer));
    }
    Some(String::from_utf16_lossy(&units))
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Steps over a string, standing on its opening quote. `None` when it does not end.
    fn string(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return self.bytes.get(start..self.at);
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    /// Steps to the comma or the bracket that ends this value, or to the end of the text.
    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    if self.string().is_none() {
                        self.at = self.bytes.len();
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b',' if depth == 0 => return,
                b'}' | b']' => match depth.checked_sub(1) {
                    Some(outer) => depth = outer,
                    None => return,
                },
                _ => {}
            }
            self.at += 1;
        }
    }
}
