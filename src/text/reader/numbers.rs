//! Numbers: integers to the last digit, everything else as the nearest double.

use super::refusals::shortened;
use super::{Integers, MAX_SAFE, Place, Reader, Step, is_unsafe_double};
use crate::text::{Number, Problem};

/// The longest number that is converted to a double, in characters; the exact decimal of any double has fewer than 1,100.
/// Rust's parser stops counting in exponents of six digits, so it reads a `1` with a million zeros before it and an
/// exponent that takes them back as 0, where JavaScript reads 1.
const LONGEST: usize = 4096;

impl Reader<'_> {
    pub(super) fn number(&mut self) -> Step<Number> {
        let start = self.at;
        let negative = self.peek() == Some(b'-');
        self.at += usize::from(negative);
        // `None` once the digits no longer fit.
        let mut magnitude = Some(0_u64);
        match self.peek() {
            Some(b'0') => {
                self.at += 1;
                if matches!(self.peek(), Some(b'0'..=b'9')) {
                    let problem = self.expected(
                        "`.`, `e` or the end of the number after a leading 0",
                        Place::Value,
                    );
                    return Err(problem);
                }
            }
            Some(b'1'..=b'9') => {
                while let Some(digit @ b'0'..=b'9') = self.peek() {
                    magnitude = magnitude
                        .and_then(|m| m.checked_mul(10))
                        .and_then(|m| m.checked_add(u64::from(digit - b'0')));
                    self.at += 1;
                }
            }
            _ => return Err(self.expected_token("a digit", Place::Value)),
        }
        let mut integer = true;
        if self.peek() == Some(b'.') {
            integer = false;
            self.at += 1;
            self.digits("a digit after the decimal point")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            integer = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("a digit in the exponent")?;
        }
        if integer {
            if self.integers == Integers::Safe && magnitude.is_none_or(|m| m > MAX_SAFE) {
                return Err(self.unsafe_integer(start));
            }
            let exact = match magnitude {
                Some(m) if negative => 0_i64.checked_sub_unsigned(m).map(Number::from),
                Some(m) => Some(Number::from(m)),
                None => None,
            };
            if let Some(number) = exact {
                return Ok(number);
            }
        }
        let literal = self.slice(start, self.at);
        if literal.len() > LONGEST {
            let message = format!(
                "the number {} has {} characters, and at most {LONGEST} are taken",
                shortened(literal),
                literal.len()
            );
            return Err(self.problem("json_number_too_long", Place::Value, start, message));
        }
        // Every text that JSON calls a number, Rust parses, rounding correctly; too large ones become infinite.
        let value: f64 = literal.parse().unwrap_or(f64::NAN);
        if self.integers == Integers::Safe && is_unsafe_double(value) {
            return Err(self.unsafe_integer(start));
        }
        Number::from_f64(value).ok_or_else(|| {
            let message = format!(
                "the number {} is beyond the range of a double, ±1.7976931348623157e308",
                shortened(literal)
            );
            self.problem("json_number_out_of_range", Place::Value, start, message)
        })
    }

    fn digits(&mut self, expected: &str) -> Step<()> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.expected(expected, Place::Value));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn unsafe_integer(&self, start: usize) -> Box<Problem> {
        let literal = shortened(self.slice(start, self.at));
        let mut problem = self.problem(
            "json_unsafe_integer",
            Place::Value,
            start,
            format!(
                "the integer {literal} is beyond ±9007199254740991 (2^53−1), where programs read different numbers"
            ),
        );
        problem.remedy = Some("write it as a string".into());
        problem
    }
}
