//! A transform as one SQL expression: from the document before to the document after.
//!
//! What the two dialects share stands here, and is the same as in [`apply`](super::super::apply); what they have different
//! words for is a [`Dialect`].

use super::super::transform::stem;
use super::super::{Fill, Mapping, Otherwise, Rule, Transform};
use crate::schema::{FieldPath, Segment};
use crate::text::{Problem, Value};

/// Arrays within arrays that a path may go through: the text nests with them.
const MOST_ARRAYS: usize = 8;

/// A place in a document that only fields lead to; no field is the document itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// The expression of the document.
    pub(super) document: &'a str,
    /// The fields.
    pub(super) fields: &'a [Segment],
}

impl<'a> Place<'a> {
    /// Another place in the same document.
    fn at(self, fields: &'a [Segment]) -> Self {
        Self { fields, ..self }
    }

    /// The names of the fields.
    pub(super) fn names(self) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter_map(|segment| match segment {
            Segment::Field(name) => Some(name.as_str()),
            Segment::Items => None,
        })
    }

    /// The object that holds the field, or would hold it.
    fn parent(self) -> Option<Self> {
        let (_, parent) = self.fields.split_last()?;
        Some(self.at(parent))
    }
}

/// What PostgreSQL and SQLite have different words for. Every answer is an expression; a condition that is NULL does not hold.
pub(super) trait Dialect {
    /// The JSON at a place; NULL where there is nothing.
    fn value(place: Place<'_>) -> String;
    /// Whether there is something, be it null.
    fn exists(place: Place<'_>) -> String;
    /// Whether there is nothing.
    fn missing(place: Place<'_>) -> String;
    /// Whether there is an object.
    fn is_object(place: Place<'_>) -> String;
    /// Whether there is an array.
    fn is_array(place: Place<'_>) -> String;
    /// Whether there is something else than an array.
    fn is_no_array(place: Place<'_>) -> String;
    /// Whether the array there has exactly one item.
    fn is_single(place: Place<'_>) -> String;
    /// Whether the array there begins with an item that is no array.
    fn begins_with_no_array(place: Place<'_>) -> String;
    /// The first item of the array there.
    fn first(place: Place<'_>) -> String;
    /// Whether there is this scalar.
    fn equals(place: Place<'_>, scalar: &Value) -> Result<String, Problem>;
    /// The document with this JSON at the place, whose object exists.
    fn put(place: Place<'_>, json: &str) -> String;
    /// The document without the field.
    fn take(place: Place<'_>) -> String;
    /// An array of this one item.
    fn array_of(json: &str) -> String;
    /// A value as JSON.
    fn json(value: &Value) -> Result<String, Problem>;
    /// The document with `change` made of each item of the array at the place; `change` knows the item as `{items}.item`.
    fn each(place: Place<'_>, items: &str, change: &str) -> String;
    /// The document with the value at the place converted; `otherwise` is the document when it does not convert.
    fn convert(place: Place<'_>, rule: Rule, otherwise: &str) -> String;
    /// An expression that knows the value at the place as `x`.
    fn knowing(place: Place<'_>, expression: &str) -> String;
    /// Whether `x` is no scalar.
    fn known_is_no_scalar() -> &'static str;
    /// Whether `x` is this scalar.
    fn known_equals(scalar: &Value) -> Result<String, Problem>;
}

/// The document after the transform, from the expression of the document before.
///
/// # Errors
/// `sql_null_character`, `sql_path_too_deep`.
pub(super) fn expression<D: Dialect>(
    transform: &Transform,
    document: &str,
) -> Result<String, Problem> {
    let steps = transform.path().segments();
    let arrays = steps.iter().filter(|step| **step == Segment::Items).count();
    if arrays > MOST_ARRAYS {
        return Err(Problem::error(
            "sql_path_too_deep",
            "/path",
            format!("the path goes through {arrays} arrays within one another"),
        )
        .remedy("write a path with at most 8 `*`"));
    }
    let (to_item, in_item) = steps
        .split_at_checked(stem(transform.path()))
        .unwrap_or((steps, &[]));
    walk::<D>(document, to_item, in_item, transform, 1)
}

/// Goes into the items of each array on the way. As deep as the path has `*`.
fn walk<D: Dialect>(
    document: &str,
    to_item: &[Segment],
    in_item: &[Segment],
    transform: &Transform,
    level: usize,
) -> Result<String, Problem> {
    let mut parts = to_item.splitn(2, |step| *step == Segment::Items);
    match (parts.next(), parts.next()) {
        (Some(fields), Some(rest)) => {
            let items = format!("e{level}");
            let item = format!("{items}.item");
            let change = walk::<D>(&item, rest, in_item, transform, level + 1)?;
            Ok(D::each(Place { document, fields }, &items, &change))
        }
        _ => {
            let fields = in_item;
            item::<D>(Place { document, fields }, transform)
        }
    }
}

/// What becomes of one item, or of the whole document where the path has no `*`.
fn item<D: Dialect>(place: Place<'_>, transform: &Transform) -> Result<String, Problem> {
    let document = place.document;
    Ok(match transform {
        Transform::Add { value, .. } => {
            let Some(parent) = place.parent() else {
                return Ok(document.to_owned());
            };
            let mut due = vec![D::is_object(parent), D::missing(place)];
            let json = match value {
                Fill::Value(value) => D::json(value)?,
                Fill::From(from) => {
                    let from = place.at(inside(from));
                    due.push(D::exists(from));
                    D::value(from)
                }
            };
            case(&[(due.join(" AND "), D::put(place, &json))], document)
        }
        Transform::Remove { equals, .. } => {
            let due = match equals {
                None => D::exists(place),
                Some(scalar) => D::equals(place, scalar)?,
            };
            case(&[(due, D::take(place))], document)
        }
        Transform::Move { from, .. } => {
            let from = place.at(inside(from));
            let Some(parent) = place.parent() else {
                return Ok(document.to_owned());
            };
            // A field does not go into itself.
            if place.fields.starts_with(from.fields) {
                return Ok(document.to_owned());
            }
            let due = [D::exists(from), D::is_object(parent), D::missing(place)];
            let taken = D::take(from);
            let without = Place {
                document: &taken,
                ..place
            };
            let moved = D::put(without, &D::value(from));
            case(&[(due.join(" AND "), moved)], document)
        }
        Transform::Convert {
            rule, otherwise, ..
        } => D::convert(place, *rule, &other::<D>(place, otherwise)?),
        Transform::Wrap { .. } => {
            let wrapped = D::put(place, &D::array_of(&D::value(place)));
            case(&[(D::is_no_array(place), wrapped)], document)
        }
        Transform::Unwrap { otherwise, .. } => {
            let mut due = D::begins_with_no_array(place);
            if *otherwise != Otherwise::First {
                due = format!("{} AND {due}", D::is_single(place));
            }
            let first = D::put(place, &D::first(place));
            let unwrapped = case(&[(due, first)], &other::<D>(place, otherwise)?);
            case(&[(D::is_array(place), unwrapped)], document)
        }
        Transform::Map {
            values, otherwise, ..
        } => {
            let otherwise = match otherwise {
                None | Some(Otherwise::Keep) => None,
                Some(otherwise) => Some(other::<D>(place, otherwise)?),
            };
            D::knowing(place, &mapped::<D>(place, values, otherwise.as_deref())?)
        }
    })
}

/// One branch for each entry; a scalar that no entry names becomes `otherwise`.
fn mapped<D: Dialect>(
    place: Place<'_>,
    entries: &[Mapping],
    otherwise: Option<&str>,
) -> Result<String, Problem> {
    let document = place.document;
    let mut branches = vec![(D::known_is_no_scalar().to_owned(), document.to_owned())];
    for entry in entries {
        let mut due = D::known_equals(&entry.from)?;
        if let Some(when) = &entry.when {
            let holds = D::equals(place.at(inside(&when.path)), &when.equals)?;
            due = format!("{due} AND {holds}");
        }
        branches.push((due, D::put(place, &D::json(&entry.to)?)));
    }
    let Some(otherwise) = otherwise else {
        return Ok(case(&branches, document));
    };
    let mut named: Vec<String> = Vec::new();
    for scalar in entries.iter().flat_map(|entry| [&entry.from, &entry.to]) {
        let condition = D::known_equals(scalar)?;
        if !named.contains(&condition) {
            named.push(condition);
        }
    }
    branches.push((named.join("\n  OR "), document.to_owned()));
    Ok(case(&branches, otherwise))
}

/// The document after `otherwise`.
fn other<D: Dialect>(place: Place<'_>, otherwise: &Otherwise) -> Result<String, Problem> {
    Ok(match otherwise {
        // Where a first item may be taken, the caller has taken it.
        Otherwise::Keep | Otherwise::First => place.document.to_owned(),
        Otherwise::Remove if !place.fields.is_empty() => D::take(place),
        // An item cannot go without moving the others.
        Otherwise::Remove | Otherwise::Null => D::put(place, &D::json(&Value::Null)?),
        Otherwise::Value(value) => D::put(place, &D::json(value)?),
    })
}

/// The part of a path after its last `*`: fields only.
fn inside(path: &FieldPath) -> &[Segment] {
    path.segments().get(stem(path)..).unwrap_or_default()
}

/// `CASE WHEN … THEN … ELSE … END`, one branch a pair.
pub(super) fn case(branches: &[(String, String)], otherwise: &str) -> String {
    let mut text = "CASE".to_owned();
    for (condition, then) in branches {
        text.push_str(&format!(
            "\n  WHEN {}\n    THEN {}",
            indented(condition, 2),
            indented(then, 4)
        ));
    }
    text.push_str(&format!("\n  ELSE {}\nEND", indented(otherwise, 2)));
    text
}

/// The text with every line after its first moved to the right. No literal holds a line break, so none is changed.
pub(super) fn indented(text: &str, by: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(by)))
}
