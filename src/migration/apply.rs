//! The transforms of a migration, carried out on one artifact.

use crate::schema::{FieldPath, Segment};
use crate::text::{Map, Problem, Value, pointer};

use super::rule::Converted;
use super::same::same;
use super::transform::stem;
use super::{Fill, Mapping, Otherwise, Transform};

/// An artifact after the transforms.
#[derive(Clone, Debug, PartialEq)]
pub struct Transformed {
    /// The artifact.
    pub artifact: Value,
    /// Whether it is another document than before.
    pub changed: bool,
    /// Warnings `move_target_exists`: fields that were not moved because there is one where they would go.
    /// The pointer leads into the artifact, to that one.
    pub skipped: Vec<Problem>,
}

/// Carries out the transforms in order.
#[must_use]
pub fn apply(transforms: &[Transform], artifact: &Value) -> Transformed {
    let mut run = Run {
        touched: false,
        skipped: Vec::new(),
    };
    let mut after = artifact.clone();
    for transform in transforms {
        let path = transform.path();
        let stem = stem(path);
        let steps = path.segments();
        let (to_item, in_item) = steps.split_at_checked(stem).unwrap_or((steps, &[]));
        run.walk(&mut after, to_item, in_item, transform, &mut String::new());
    }
    Transformed {
        changed: run.touched && !same(&after, artifact),
        artifact: after,
        skipped: run.skipped,
    }
}

/// What becomes of a value.
enum Fate {
    Stays,
    Becomes(Value),
    Goes,
}

struct Run {
    /// Whether anything was done; what is done can be undone by a later transform.
    touched: bool,
    skipped: Vec<Problem>,
}

impl Run {
    /// Follows the path to each item that its last `*` leads to. As deep as the path is long.
    fn walk(
        &mut self,
        value: &mut Value,
        to_item: &[Segment],
        in_item: &[Segment],
        transform: &Transform,
        place: &mut String,
    ) {
        let length = place.len();
        match (to_item.split_first(), value) {
            (None, item) => self.item(item, in_item, transform, place),
            (Some((Segment::Field(field), rest)), Value::Object(object)) => {
                if let Some(member) = object.get_mut(field) {
                    pointer::push(place, field);
                    self.walk(member, rest, in_item, transform, place);
                }
            }
            (Some((Segment::Items, rest)), Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    pointer::push(place, &index.to_string());
                    self.walk(item, rest, in_item, transform, place);
                    place.truncate(length);
                }
            }
            // Nothing to follow: left alone.
            _ => {}
        }
        place.truncate(length);
    }

    /// One item, or the whole artifact where the path has no `*`; the rest of the path goes over fields only.
    fn item(&mut self, item: &mut Value, rest: &[Segment], transform: &Transform, place: &str) {
        match transform {
            Transform::Add { value, .. } => self.add(item, rest, value),
            Transform::Remove { equals, .. } => {
                let Some((object, name)) = holder_mut(item, rest) else {
                    return;
                };
                let goes = object.get(name).is_some_and(|found| {
                    equals.as_ref().is_none_or(|expected| same(found, expected))
                });
                if goes {
                    object.shift_remove(name);
                    self.touched = true;
                }
            }
            Transform::Move { from, .. } => self.move_field(item, inside(from), rest, place),
            Transform::Convert {
                rule, otherwise, ..
            } => self.replace(item, rest, |value, _| match rule.convert(value) {
                Converted::To(value) => Fate::Becomes(value),
                Converted::Not => otherwise.fate(value),
                Converted::OfAnotherType => Fate::Stays,
            }),
            Transform::Wrap { .. } => self.replace(item, rest, |value, _| match value {
                Value::Array(_) => Fate::Stays,
                value => Fate::Becomes(Value::Array(vec![value.clone()])),
            }),
            Transform::Unwrap { otherwise, .. } => {
                self.replace(item, rest, |value, _| match value {
                    Value::Array(items) => match items.as_slice() {
                        [only] if !only.is_array() => Fate::Becomes(only.clone()),
                        _ => otherwise.fate(value),
                    },
                    _ => Fate::Stays,
                });
            }
            Transform::Map {
                values, otherwise, ..
            } => self.replace(item, rest, |value, item| {
                mapped(value, item, values, otherwise.as_ref())
            }),
        }
    }

    fn add(&mut self, item: &mut Value, path: &[Segment], fill: &Fill) {
        let is_due = parent(path).is_some_and(|(parent, name)| {
            matches!(find(item, parent), Some(Value::Object(object)) if !object.contains_key(name))
        });
        let value = match fill {
            _ if !is_due => None,
            Fill::Value(value) => Some(value.clone()),
            Fill::From(from) => find(item, inside(from)).cloned(),
        };
        if let Some((value, (object, name))) = value.zip(holder_mut(item, path)) {
            object.insert(name.to_owned(), value);
            self.touched = true;
        }
    }

    fn move_field(&mut self, item: &mut Value, from: &[Segment], to: &[Segment], place: &str) {
        let Some((new_parent, new_name)) = parent(to) else {
            return;
        };
        if find(item, from).is_none() || into_itself(from, to) {
            return;
        }
        let Some(Value::Object(target)) = find(item, new_parent) else {
            return;
        };
        if target.contains_key(new_name) {
            let names = to.iter().map(|segment| match segment {
                Segment::Field(name) => name.as_str(),
                Segment::Items => "*",
            });
            let at = format!("{place}{}", pointer::from_segments(names));
            self.skipped.push(Problem::warning(
                "move_target_exists",
                at,
                format!("the field was not moved here: there is a field `{new_name}` already"),
            ));
            return;
        }
        self.touched = true;
        let Some((old_parent, old_name)) = parent(from) else {
            return;
        };
        if old_parent == new_parent {
            if let Some(Value::Object(object)) = find_mut(item, old_parent) {
                rename(object, old_name, new_name);
            }
            return;
        }
        let taken = match find_mut(item, old_parent) {
            Some(Value::Object(object)) => object.shift_remove(old_name),
            _ => None,
        };
        if let (Some(value), Some(Value::Object(target))) = (taken, find_mut(item, new_parent)) {
            target.insert(new_name.to_owned(), value);
        }
    }

    /// Replaces the value at the end of the path by what `fate` says of it, given the item that it is in.
    fn replace(
        &mut self,
        item: &mut Value,
        path: &[Segment],
        fate: impl Fn(&Value, &Value) -> Fate,
    ) {
        let Some(value) = find(item, path) else {
            return;
        };
        let next = match fate(value, item) {
            Fate::Stays => return,
            Fate::Becomes(next) => Some(next),
            Fate::Goes => None,
        };
        self.touched = true;
        match (next, holder_mut(item, path)) {
            (Some(next), Some((object, name))) => {
                object.insert(name.to_owned(), next);
            }
            (None, Some((object, name))) => {
                object.shift_remove(name);
            }
            // An item cannot go without moving the others.
            (next, None) => *item = next.unwrap_or(Value::Null),
        }
    }
}

impl Otherwise {
    /// What becomes of a value that does not convert.
    fn fate(&self, value: &Value) -> Fate {
        let next = match self {
            Self::Keep => return Fate::Stays,
            Self::Remove => return Fate::Goes,
            Self::Null => &Value::Null,
            Self::Value(next) => next,
            Self::First => match value.as_array().and_then(|items| items.first()) {
                Some(first) if !first.is_array() => first,
                _ => return Fate::Stays,
            },
        };
        if same(next, value) {
            return Fate::Stays;
        }
        Fate::Becomes(next.clone())
    }
}

fn mapped(value: &Value, item: &Value, entries: &[Mapping], otherwise: Option<&Otherwise>) -> Fate {
    if value.is_array() || value.is_object() {
        return Fate::Stays;
    }
    let mut named = false;
    for entry in entries {
        named |= same(&entry.to, value);
        if !same(&entry.from, value) {
            continue;
        }
        named = true;
        let fits = entry.when.as_ref().is_none_or(|when| {
            find(item, inside(&when.path)).is_some_and(|found| same(found, &when.equals))
        });
        if fits {
            return Fate::Becomes(entry.to.clone());
        }
    }
    match otherwise {
        Some(otherwise) if !named => otherwise.fate(value),
        _ => Fate::Stays,
    }
}

/// The part of a path after its last `*`: fields only.
fn inside(path: &FieldPath) -> &[Segment] {
    path.segments().get(stem(path)..).unwrap_or_default()
}

/// Whether the second place is within the first.
fn into_itself(from: &[Segment], to: &[Segment]) -> bool {
    to.starts_with(from)
}

fn parent(path: &[Segment]) -> Option<(&[Segment], &str)> {
    match path.split_last()? {
        (Segment::Field(name), parent) => Some((parent, name)),
        (Segment::Items, _) => None,
    }
}

fn find<'a>(item: &'a Value, path: &[Segment]) -> Option<&'a Value> {
    path.iter().try_fold(item, |value, segment| match segment {
        Segment::Field(name) => value.as_object()?.get(name),
        Segment::Items => None,
    })
}

fn find_mut<'a>(item: &'a mut Value, path: &[Segment]) -> Option<&'a mut Value> {
    path.iter().try_fold(item, |value, segment| match segment {
        Segment::Field(name) => value.as_object_mut()?.get_mut(name),
        Segment::Items => None,
    })
}

/// The object that holds, or would hold, the field at the end of the path.
fn holder_mut<'a, 'p>(
    item: &'a mut Value,
    path: &'p [Segment],
) -> Option<(&'a mut Map<String, Value>, &'p str)> {
    let (parent, name) = parent(path)?;
    Some((find_mut(item, parent)?.as_object_mut()?, name))
}

/// Rebuilt so that the field keeps its place among the others.
fn rename(object: &mut Map<String, Value>, old: &str, new: &str) {
    *object = std::mem::take(object)
        .into_iter()
        .map(|(known, value)| {
            if known == old {
                (new.to_owned(), value)
            } else {
                (known, value)
            }
        })
        .collect();
}
