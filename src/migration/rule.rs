//! How a value of one type becomes a value of another.
//!
//! A rule converts exactly the values for which the transform, PostgreSQL and SQLite come to the same result; every other value
//! of its source type does not convert, and the transform's `otherwise` says what becomes of it.

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
}
