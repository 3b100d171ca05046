//! The steps of a migration, carried out on one artifact.

use crate::schema::Segment;
use crate::text::{Map, Problem, Value, pointer};

use super::Step;

/// An artifact after the steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Transformed {
    /// The artifact.
    pub artifact: Value,
    /// Whether anything in it is other than before.
    pub changed: bool,
    /// Warnings `rename_target_exists`: objects that a rename left alone because they have a field of the new name already.
    /// The pointer leads into the artifact.
    pub skipped: Vec<Problem>,
}

/// Carries out the steps in order.
#[must_use]
pub fn apply(steps: &[Step], artifact: &Value) -> Transformed {
    let mut run = Run {
        changed: false,
        skipped: Vec::new(),
    };
    let mut artifact = artifact.clone();
    for step in steps {
        let path = match step {
            Step::SetDefault { path, .. } | Step::Remove { path } => path,
            Step::Rename { from, .. } => from,
        };
        if let Some((parent, name)) = path.split_last() {
            run.walk(&mut artifact, parent, name, step, &mut String::new());
        }
    }
    Transformed {
        artifact,
        changed: run.changed,
        skipped: run.skipped,
    }
}

struct Run {
    changed: bool,
    skipped: Vec<Problem>,
}

impl Run {
    /// Follows the path to each object that may hold the field. As deep as the path is long.
    fn walk(
        &mut self,
        value: &mut Value,
        path: &[Segment],
        name: &str,
        step: &Step,
        place: &mut String,
    ) {
        let length = place.len();
        match (path.split_first(), value) {
            (None, Value::Object(object)) => self.change(object, name, step, place),
            (Some((Segment::Field(field), rest)), Value::Object(object)) => {
                if let Some(member) = object.get_mut(field) {
                    pointer::push(place, field);
                    self.walk(member, rest, name, step, place);
                }
            }
            (Some((Segment::Items, rest)), Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    pointer::push(place, &index.to_string());
                    self.walk(item, rest, name, step, place);
                    place.truncate(length);
                }
            }
            // Nothing to follow: left alone.
            _ => {}
        }
        place.truncate(length);
    }

    fn change(&mut self, object: &mut Map<String, Value>, name: &str, step: &Step, place: &str) {
        match step {
            Step::SetDefault { value, .. } => {
                if !object.contains_key(name) {
                    object.insert(name.to_owned(), value.clone());
                    self.changed = true;
                }
            }
            Step::Remove { .. } => {
                self.changed |= object.shift_remove(name).is_some();
            }
            Step::Rename { to, .. } => {
                let Some((_, new_name)) = to.split_last() else {
                    return;
                };
                if !object.contains_key(name) || name == new_name {
                    return;
                }
                if object.contains_key(new_name) {
                    self.skipped.push(Problem::warning(
                        "rename_target_exists",
                        pointer::join(place, new_name),
                        format!("`{name}` was not renamed: there is a field `{new_name}` already"),
                    ));
                    return;
                }
                // Rebuilt so that the field keeps its place among the others.
                *object = std::mem::take(object)
                    .into_iter()
                    .map(|(known, value)| {
                        if known == name {
                            (new_name.to_owned(), value)
                        } else {
                            (known, value)
                        }
                    })
                    .collect();
                self.changed = true;
            }
        }
    }
}
