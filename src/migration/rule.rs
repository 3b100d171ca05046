//! How a value of one type becomes a value of another.
//!
//! A rule converts exactly the values for which the transform, PostgreSQL and SQLite come to the same result; every other value
//! of its source type does not convert, and the transform's `otherwise` says what becomes of it.

use crate::text::{Number, Value, writer};

/// A conversion between types. None of them converts its own result, so a conversion can run twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// `"42"` becomes 42: an optional minus and 1 to 15 digits without leading zeros; not `"-0"`.
    StringToInteger,
    /// `"1.5"` becomes 1.5: as above with an optional fraction, at most 15 significant digits; not `"-0"` and its like.
    StringToNumber,
    /// `"true"` and `"false"`.
    StringToBoolean,
    /// The shortest plain decimal of 0 and of numbers from 1e-4 to below 1e15 that have at most 15 significant digits.
    NumberToString,
    /// `"true"` and `"false"`.
    BooleanToString,
    /// 1 and 0.
    BooleanToInteger,
    /// 1 and 0, and no other number.
    IntegerToBoolean,
    /// A number with a fraction, below 1e15, becomes the nearest integer; a half goes away from zero.
    Round,
    /// A number with a fraction, below 1e15, loses it.
    Truncate,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::StringToInteger,
        Self::StringToNumber,
        Self::StringToBoolean,
        Self::NumberToString,
        Self::BooleanToString,
        Self::BooleanToInteger,
        Self::IntegerToBoolean,
        Self::Round,
        Self::Truncate,
    ];

    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StringToInteger => "string_to_integer",
            Self::StringToNumber => "string_to_number",
            Self::StringToBoolean => "string_to_boolean",
            Self::NumberToString => "number_to_string",
            Self::BooleanToString => "boolean_to_string",
            Self::BooleanToInteger => "boolean_to_integer",
            Self::IntegerToBoolean => "integer_to_boolean",
            Self::Round => "round",
            Self::Truncate => "truncate",
        }
    }

    /// The rule of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// What the rule makes of a value.
    #[must_use]
    pub fn convert(self, value: &Value) -> Converted {
        let result = match (self, value) {
            (Self::StringToInteger, Value::String(text)) => integer_of(text),
            (Self::StringToNumber, Value::String(text)) => number_of(text),
            (Self::StringToBoolean, Value::String(text)) => match text.as_str() {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
            (Self::NumberToString, Value::Number(number)) => {
                plain_decimal(number).map(Value::String)
            }
            (Self::BooleanToString, Value::Bool(truth)) => Some(Value::String(truth.to_string())),
            (Self::BooleanToInteger, Value::Bool(truth)) => Some(Value::from(u8::from(*truth))),
            (Self::IntegerToBoolean, Value::Number(number)) => match number.as_f64() {
                Some(0.0) => Some(Value::Bool(false)),
                Some(1.0) => Some(Value::Bool(true)),
                _ => None,
            },
            (Self::Round | Self::Truncate, Value::Number(number)) => match fraction(number) {
                None => return Converted::OfAnotherType,
                Some(number) if number.abs() >= BOUND => None,
                Some(number) if self == Self::Round => whole(number.round()),
                Some(number) => whole(number.trunc()),
            },
            _ => return Converted::OfAnotherType,
        };
        result.map_or(Converted::Not, Converted::To)
    }
}

/// What a rule makes of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Converted {
    /// This.
    To(Value),
    /// Nothing: the value is of the rule's source type and outside its domain.
    Not,
    /// Nothing: the value is of another type, or is converted already.
    OfAnotherType,
}

/// Numbers from here on have more digits than a double keeps for certain.
const BOUND: f64 = 1e15;
/// The most digits that every double keeps.
const MOST_DIGITS: usize = 15;

/// The whole part and the digits after the point of `-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?`; the sign apart.
fn decimal(text: &str) -> Option<(bool, &str, Option<&str>)> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match rest.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (rest, None),
    };
    let digits = |text: &str| {
        (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let leads_well = whole == "0" || !whole.starts_with('0');
    (digits(whole) && leads_well && fraction.is_none_or(digits))
        .then_some((negative, whole, fraction))
}

fn integer_of(text: &str) -> Option<Value> {
    let (negative, whole, fraction) = decimal(text)?;
    if fraction.is_some() || (negative && whole == "0") {
        return None;
    }
    text.parse::<i64>().ok().map(Value::from)
}

fn number_of(text: &str) -> Option<Value> {
    let (negative, whole, fraction) = decimal(text)?;
    let digits = format!("{whole}{}", fraction.unwrap_or_default());
    let significant = digits.trim_start_matches('0').len();
    if significant > MOST_DIGITS || (negative && significant == 0) {
        return None;
    }
    value_of(text.parse().ok()?)
}

/// The text of a number of at most 15 significant digits, 0 or from 1e-4 to below 1e15.
fn plain_decimal(number: &Number) -> Option<String> {
    let number = number.as_f64()?;
    let size = number.abs();
    if number != 0.0 && !(1e-4..BOUND).contains(&size) {
        return None;
    }
    // In this range ECMAScript's text has no exponent.
    let text = writer::number(number)?;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (digits.trim_start_matches('0').len() <= MOST_DIGITS).then_some(text)
}

/// The number, when it has a fraction.
fn fraction(number: &Number) -> Option<f64> {
    number.as_f64().filter(|number| number.fract() != 0.0)
}

/// A double without a fraction and below 1e15, or another one, as JSON has it.
fn value_of(number: f64) -> Option<Value> {
    if number.fract() == 0.0 {
        return whole(number);
    }
    Number::from_f64(number).map(Value::Number)
}

fn whole(number: f64) -> Option<Value> {
    // Its text is that of an integer: no cast, which could round.
    format!("{:.0}", number.abs())
        .parse::<i64>()
        .ok()
        .map(|size| Value::from(if number < 0.0 { -size } else { size }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOT: Option<Value> = None;

    /// What becomes of each value; `None` where it does not convert.
    fn table(rule: Rule, rows: &[(Value, Option<Value>)]) {
        for (from, to) in rows {
            let expected = to.clone().map_or(Converted::Not, Converted::To);
            assert_eq!(rule.convert(from), expected, "{} {from}", rule.name());
            if let Some(to) = to {
                assert_eq!(
                    rule.convert(to),
                    Converted::OfAnotherType,
                    "{} converts its own result {to}",
                    rule.name()
                );
            }
        }
    }

    #[test]
    fn a_text_becomes_an_integer() {
        table(
            Rule::StringToInteger,
            &[
                (json!("0"), Some(json!(0))),
                (json!("-42"), Some(json!(-42))),
                (
                    json!("999999999999999"),
                    Some(json!(999_999_999_999_999_i64)),
                ),
                (json!("1000000000000000"), NOT),
                (json!("-0"), NOT),
                (json!("007"), NOT),
                (json!("1.0"), NOT),
                (json!("+1"), NOT),
                (json!(" 1"), NOT),
                (json!("1e3"), NOT),
                (json!("\u{664}"), NOT),
                (json!("-"), NOT),
                (json!(""), NOT),
            ],
        );
    }

    #[test]
    fn a_text_becomes_a_number() {
        table(
            Rule::StringToNumber,
            &[
                (json!("1.5"), Some(json!(1.5))),
                (json!("-0.25"), Some(json!(-0.25))),
                (json!("2.0"), Some(json!(2))),
                (json!("0.000"), Some(json!(0))),
                (json!("0.000000000000001"), Some(json!(1e-15))),
                (json!("1.00000000000000"), Some(json!(1))),
                (json!("1.000000000000000"), NOT),
                (json!("-0.0"), NOT),
                (json!(".5"), NOT),
                (json!("5."), NOT),
                (json!("1.2.3"), NOT),
                (json!("0x10"), NOT),
                (json!("NaN"), NOT),
            ],
        );
    }

    #[test]
    fn a_number_becomes_the_shortest_plain_text() {
        table(
            Rule::NumberToString,
            &[
                (json!(0), Some(json!("0"))),
                (json!(-0.0), Some(json!("0"))),
                (json!(7.0), Some(json!("7"))),
                (json!(-1.25), Some(json!("-1.25"))),
                (json!(0.0001), Some(json!("0.0001"))),
                (
                    json!(999_999_999_999_999_i64),
                    Some(json!("999999999999999")),
                ),
                (json!(0.000_099), NOT),
                (json!(1e15), NOT),
                (json!(u64::MAX), NOT),
                (json!(0.1 + 0.2), NOT),
            ],
        );
    }

    #[test]
    fn truth_has_texts_and_numbers() {
        table(
            Rule::StringToBoolean,
            &[
                (json!("true"), Some(json!(true))),
                (json!("false"), Some(json!(false))),
                (json!("True"), NOT),
                (json!(""), NOT),
            ],
        );
        table(Rule::BooleanToString, &[(json!(true), Some(json!("true")))]);
        table(Rule::BooleanToInteger, &[(json!(false), Some(json!(0)))]);
        table(
            Rule::IntegerToBoolean,
            &[
                (json!(1), Some(json!(true))),
                (json!(0.0), Some(json!(false))),
                (json!(2), NOT),
                (json!(0.5), NOT),
            ],
        );
    }

    #[test]
    fn a_fraction_goes_one_way_or_the_other() {
        table(
            Rule::Round,
            &[
                (json!(0.5), Some(json!(1))),
                (json!(-0.5), Some(json!(-1))),
                (json!(2.5), Some(json!(3))),
                (json!(0.49999999999999994), Some(json!(0))),
                (json!(-0.25), Some(json!(0))),
                (json!(1e15 + 0.5), NOT),
            ],
        );
        table(
            Rule::Truncate,
            &[
                (json!(0.9), Some(json!(0))),
                (json!(-0.9), Some(json!(0))),
                (json!(-2.5), Some(json!(-2))),
                (json!(1e15 + 0.5), NOT),
            ],
        );
        assert_eq!(Rule::Round.convert(&json!(3)), Converted::OfAnotherType);
        assert_eq!(
            Rule::Truncate.convert(&json!(3.0)),
            Converted::OfAnotherType
        );
    }

    #[test]
    fn what_is_of_another_type_is_not_judged() {
        for rule in Rule::ALL {
            for value in [json!(null), json!([1]), json!({"a": "1"})] {
                assert_eq!(rule.convert(&value), Converted::OfAnotherType, "{value}");
            }
        }
    }
}
