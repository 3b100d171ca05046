//! What may be taken for granted about writers and readers, beyond what the schemas say.

use serde::Serialize;

/// Something that the schemas do not say and a user takes for granted.
///
/// The writer's side is the one that artifacts were written under: the old schema in a backward question, the new one in
/// a forward question. The reader's side is the other. An assumption removes artifacts from the writer's side or adds
/// artifacts to the reader's side, never the opposite, so that none can make a compatible change a breaking one.
/// The schemas are rewritten accordingly and the same engine is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Assumption {
    /// Writers emit only the properties that their schema declares.
    ///
    /// Wherever the schemas that apply to one place of an artifact together declare at least one name in `properties`,
    /// and none of them gives a schema of its own for further members, further members are taken not to be there.
    /// Declared are all names and patterns that any of these schemas mentions: in `properties`, `patternProperties`,
    /// `required`, the `dependent…` keywords, or as members of objects in `enum` and `const`. A schema that others build on in place, by `$ref` in
    /// `allOf` for example, also keeps the names that they add. What stands in `not` and `if` is left as it is.
    ClosedWriters,
    /// Readers tolerate values that they do not know where they list strings.
    ///
    /// On the reader's side every string in `enum` or `const` stands for any string; `oneOf` becomes `anyOf` where its
    /// branches were told apart by such strings. Values of other types stay as they are, as do other keywords beside the
    /// list, and what stands in `not`, `if` and `contains` with `maxContains`.
    TolerantEnumReaders,
    /// Readers fill in the `default` of a required property that is absent.
    ///
    /// On the reader's side a name is taken out of `required` where the schemas that apply to the same place declare that
    /// property with a default that is valid under its own schema. What stands in `not`, `if` and `contains` with
    /// `maxContains` is left as it is.
    DefaultsFilled,
}

impl Assumption {
    /// Every assumption.
    pub const ALL: [Self; 3] = [
        Self::ClosedWriters,
        Self::TolerantEnumReaders,
        Self::DefaultsFilled,
    ];

    /// What lenient means: open objects are read as closed on the writer's side, and defaults are filled in on the
    /// reader's. Strict means no assumption at all.
    pub const LENIENT: [Self; 2] = [Self::ClosedWriters, Self::DefaultsFilled];

    /// Every assumption by its name on the wire.
    pub const NAMES: [&str; 3] = ["closed_writers", "tolerant_enum_readers", "defaults_filled"];

    /// The assumption of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|assumption| assumption.as_str() == name)
    }

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClosedWriters => "closed_writers",
            Self::TolerantEnumReaders => "tolerant_enum_readers",
            Self::DefaultsFilled => "defaults_filled",
        }
    }

    /// What it takes for granted, as the end of a sentence.
    pub(super) fn claim(self) -> &'static str {
        match self {
            Self::ClosedWriters => "writers emit only declared properties",
            Self::TolerantEnumReaders => "readers tolerate strings that their lists do not name",
            Self::DefaultsFilled => "readers fill in the default of a required property",
        }
    }
}
