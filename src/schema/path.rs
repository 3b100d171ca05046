//! Where a change applies: a JSON Pointer over field names.

use std::fmt;

use crate::text::{Problem, pointer};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Into the field of that name.
    Field(String),
    /// Into each item of an array, written `*`.
    Items,
}

/// A path over field names: `/design/blinding`, `/columns/*/dtype`. The empty path is the type itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPath(Vec<Segment>);

impl FieldPath {
    /// Reads a path, every name in it checked.
    ///
    /// # Errors
    /// `path_not_a_pointer`, or what [`check_field_name`] says of a name.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let segments = pointer::split(text).ok_or_else(|| {
            Problem::error(
                "path_not_a_pointer",
                "",
                format!("`{text}` is not a JSON Pointer"),
            )
            .remedy("start with `/` and separate field names by `/`, e.g. /design/blinding")
        })?;
        segments
            .into_iter()
            .map(|segment| {
                if segment == "*" {
                    return Ok(Segment::Items);
                }
                check_field_name(&segment)?;
                Ok(Segment::Field(segment))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The path of one field at the top of the type.
    ///
    /// # Errors
    /// What [`check_field_name`] says.
    pub fn of_name(name: &str) -> Result<Self, Problem> {
        check_field_name(name)?;
        Ok(Self(vec![Segment::Field(name.to_owned())]))
    }

    /// Its steps.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The steps to the object that holds the field, and the field's name; `None` when the path does not end in a field.
    #[must_use]
    pub fn split_last(&self) -> Option<(&[Segment], &str)> {
        match self.0.split_last()? {
            (Segment::Field(name), parent) => Some((parent, name)),
            (Segment::Items, _) => None,
        }
    }

    /// The path of a sibling: same object, another name.
    ///
    /// # Errors
    /// What [`check_field_name`] says.
    pub fn sibling(&self, name: &str) -> Result<Self, Problem> {
        check_field_name(name)?;
        let mut segments = self.0.clone();
        segments.pop();
        segments.push(Segment::Field(name.to_owned()));
        Ok(Self(segments))
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments = self.0.iter().map(|segment| match segment {
            Segment::Field(name) => name.as_str(),
            Segment::Items => "*",
        });
        f.write_str(&pointer::from_segments(segments))
    }
}

/// A field name: 1 to 128 characters; a letter, `_`, `$` or `@` first, then also digits, `.`, `:` and `-`.
///
/// # Errors
/// `field_name_not_allowed`. `__proto__` is refused because it means something else to JavaScript readers.
pub fn check_field_name(name: &str) -> Result<(), Problem> {
    let mut chars = name.chars();
    let starts_well = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '$' | '@'));
    let goes_on_well =
        chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '@' | '.' | ':' | '-'));
    if starts_well && goes_on_well && name.len() <= 128 && name != "__proto__" {
        return Ok(());
    }
    Err(Problem::error(
        "field_name_not_allowed",
        "",
        format!("`{name}` cannot name a field"),
    )
    .remedy(
        "use 1 to 128 of the characters A-Z a-z 0-9 _ $ @ . : - and start with a letter, _, $ or @",
    ))
}

/// The name of an artifact type: 1 to 64 characters; a lower-case letter, then also digits and `_`.
///
/// # Errors
/// `artifact_type_name_not_allowed`. `new_type` is reserved: it stands for the type that does not exist yet.
pub fn check_artifact_type(name: &str) -> Result<(), Problem> {
    let mut chars = name.chars();
    let starts_well = chars.next().is_some_and(|c| c.is_ascii_lowercase());
    let goes_on_well = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if starts_well && goes_on_well && name.len() <= 64 && name != "new_type" {
        return Ok(());
    }
    Err(Problem::error(
        "artifact_type_name_not_allowed",
        "",
        format!("`{name}` cannot name an artifact type"),
    )
    .remedy(
        "use 1 to 64 of the characters a-z 0-9 _ and start with a letter; `new_type` is reserved",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_over_fields_and_into_items() {
        let path = FieldPath::parse("/columns/*/dtype").unwrap();
        assert_eq!(
            path.segments(),
            [
                Segment::Field("columns".into()),
                Segment::Items,
                Segment::Field("dtype".into())
            ]
        );
        assert_eq!(path.to_string(), "/columns/*/dtype");
        assert_eq!(path.split_last().unwrap().1, "dtype");
        assert_eq!(path.sibling("kind").unwrap().to_string(), "/columns/*/kind");
        assert_eq!(FieldPath::parse("").unwrap().segments(), []);
    }

    #[test]
    fn a_path_that_is_none_is_refused() {
        assert_eq!(
            FieldPath::parse("a").unwrap_err().code,
            "path_not_a_pointer"
        );
        assert_eq!(
            FieldPath::parse("/a//b").unwrap_err().code,
            "field_name_not_allowed"
        );
    }

    #[test]
    fn names_follow_their_grammar() {
        for good in ["a", "bom-ref", "$schema", "@type", "x:y", "A1_b.c"] {
            assert!(check_field_name(good).is_ok(), "{good}");
        }
        for bad in ["", "1a", "a b", "__proto__", "ü", "a/b", &"x".repeat(129)] {
            assert!(check_field_name(bad).is_err(), "{bad}");
        }
        for good in ["experiment", "kg_edge", "cyclonedx_bom", "a1"] {
            assert!(check_artifact_type(good).is_ok(), "{good}");
        }
        for bad in ["", "Experiment", "new_type", "1a", "a-b", "_a"] {
            assert!(check_artifact_type(bad).is_err(), "{bad}");
        }
    }
}
