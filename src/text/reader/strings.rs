//! Strings: their escapes, and the way through what needs none.

use super::{Place, Reader, Step};

impl Reader<'_> {
    /// Reads a string, standing on its opening quote.
    pub(super) fn string(&mut self, place: Place) -> Step<String> {
        self.at += 1;
        let start = self.at;
        self.at = end_of_plain(self.bytes, start);
        if self.peek() == Some(b'"') {
            let string = self.slice(start, self.at).to_owned();
            self.at += 1;
            return Ok(string);
        }
        let mut string = self.slice(start, self.at).to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => {
                    string.push(self.escape(place)?);
                    let plain = self.at;
                    self.at = end_of_plain(self.bytes, plain);
                    string.push_str(self.slice(plain, self.at));
                }
                Some(control) => {
                    let mut problem = self.problem(
                        "json_syntax",
                        place,
                        self.at,
                        format!("expected an escape in the string, found the control character U+{control:04X}"),
                    );
                    problem.remedy = Some(format!("write it as \\u{control:04x}"));
                    return Err(problem);
                }
                None => return Err(self.expected("`\"` at the end of the string", place)),
            }
        }
    }

    /// Reads an escape, standing on its backslash.
    fn escape(&mut self, place: Place) -> Step<char> {
        let start = self.at;
        self.at += 1;
        let c = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape(start, place);
            }
            _ => {
                return Err(
                    self.expected("one of `\" \\ / b f n r t u` after the backslash", place)
                );
            }
        };
        self.at += 1;
        Ok(c)
    }

    /// Reads the digits after `\u`, and the second escape of a pair.
    fn unicode_escape(&mut self, start: usize, place: Place) -> Step<char> {
        let first = self.four_digits(place)?;
        if let Some(c) = char::from_u32(first) {
            return Ok(c);
        }
        let pair = self.at;
        if first < 0xDC00
            && self.bytes.get(pair) == Some(&b'\\')
            && self.bytes.get(pair + 1) == Some(&b'u')
        {
            self.at += 2;
            let second = self.four_digits(place)?;
            if (0xDC00..0xE000).contains(&second)
                && let Some(c) =
                    char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            {
                return Ok(c);
            }
        }
        let mut problem = self.problem(
            "json_lone_surrogate",
            place,
            start,
            format!(
                "the escape \\u{first:04x} is half of a character, and its other half is missing"
            ),
        );
        problem.remedy = Some("write both halves, or the character itself".into());
        Err(problem)
    }

    fn four_digits(&mut self, place: Place) -> Step<u32> {
        let mut code = 0;
        for _ in 0..4 {
            match self.peek().and_then(|b| char::from(b).to_digit(16)) {
                Some(digit) => code = code * 16 + digit,
                None => return Err(self.expected("four hexadecimal digits after `\\u`", place)),
            }
            self.at += 1;
        }
        Ok(code)
    }
}

const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// Where, from `at` on, the first quote, backslash or control character stands; the end of the text without one.
///
/// Eight bytes a step: subtracting one from each byte borrows out of those that are zero, so the lowest flag is
/// always right, and only the lowest is used.
fn end_of_plain(bytes: &[u8], mut at: usize) -> usize {
    let (chunks, rest) = bytes.get(at..).unwrap_or_default().as_chunks::<8>();
    for chunk in chunks {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * u64::from(b'"'));
        let backslash = word ^ (ONES * u64::from(b'\\'));
        let flags = (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
            | (word.wrapping_sub(ONES * 0x20) & !word);
        let flags = flags & HIGHS;
        if flags != 0 {
            return at + (flags.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    at + rest
        .iter()
        .position(|b| matches!(b, b'"' | b'\\' | 0..0x20))
        .unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte at every distance from the start, so that each lane of the eight is the first to stop and none stops
    /// early: 0x80 and above look like borrows to a careless test.
    #[test]
    fn plain_text_ends_at_the_first_byte_that_needs_care() {
        for byte in 0..=u8::MAX {
            let stops = byte < 0x20 || byte == b'"' || byte == b'\\';
            for before in 0..20 {
                for filler in [
                    b'a', b' ', 0x7f, 0x80, 0xa2, 0xdc, 0xff, b'!', b'#', b'[', b']',
                ] {
                    for after in [0, 1, 9] {
                        let mut bytes = vec![filler; before];
                        bytes.push(byte);
                        bytes.extend(vec![filler; after]);
                        bytes.push(b'"');
                        let expected = if stops { before } else { bytes.len() - 1 };
                        for start in 0..=before {
                            assert_eq!(
                                end_of_plain(&bytes, start),
                                expected,
                                "{byte} {filler} {before} {start}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn text_without_an_end_ends_where_it_ends() {
        for length in 0..20 {
            let bytes = vec![b'a'; length];
            for start in 0..=length {
                assert_eq!(end_of_plain(&bytes, start), length);
            }
            assert_eq!(end_of_plain(&bytes, length + 1), length + 1);
        }
    }
}
