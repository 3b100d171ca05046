//! What takes a migration back for artifacts that were written after it, which have no record of what they were before.

use crate::schema::{Document, FieldPath, Segment};
use crate::text::{Problem, Value};

use super::same::same;
use super::side::{Side, types};
use super::{Fill, Mapping, Otherwise, Rule, Transform};

/// Transforms that take others back.
#[derive(Default)]
pub(super) struct Inverse {
    pub(super) transforms: Vec<Transform>,
    /// Warnings `not_reversible`: where what comes back may not fit the schema before. The pointer is `/transforms/n`.
    pub(super) findings: Vec<Problem>,
}

/// The inverse of transforms that lead away from `old`.
pub(super) fn inverse(transforms: &[Transform], old: &Document) -> Inverse {
    let mut found = Inverse {
        transforms: Vec::new(),
        findings: Vec::new(),
    };
    for (index, transform) in transforms.iter().enumerate().rev() {
        let earlier = transforms.get(..index).unwrap_or_default();
        let origin = origin(transform.path(), earlier);
        let (back, lost) = of_one(transform, &origin, old);
        let lost = lost.or_else(|| hidden(back.as_ref()?, &origin, old));
        if let Some(why) = lost {
            found.findings.push(
                Problem::warning(
                    "not_reversible",
                    format!("/transforms/{index}"),
                    format!(
                        "An artifact that is written after the migration may not fit the version before when it is undone: {why}"
                    ),
                )
                .remedy("artifacts that were migrated, and not edited since, are restored from their records"),
            );
        }
        found.transforms.extend(back);
    }
    found.findings.reverse();
    found
}

/// Where what stands at a path stood before the earlier transforms.
fn origin(path: &FieldPath, earlier: &[Transform]) -> Vec<Segment> {
    let mut origin = path.segments().to_vec();
    for transform in earlier.iter().rev() {
        let place = transform.path().segments();
        let Some(rest) = origin.strip_prefix(place).map(<[Segment]>::to_vec) else {
            continue;
        };
        match transform {
            Transform::Wrap { .. } => {
                if let Some((Segment::Items, deeper)) = rest.split_first() {
                    origin = [place, deeper].concat();
                }
            }
            Transform::Unwrap { .. } => origin = [place, &[Segment::Items], &rest].concat(),
            Transform::Move { from, .. } => origin = [from.segments(), &rest].concat(),
            _ => {}
        }
    }
    origin
}

/// A keyword of the old schema that judges the place in a way that cannot be told by looking.
fn hidden(back: &Transform, origin: &[Segment], old: &Document) -> Option<String> {
    let sides = Side::along(old, origin);
    // What is taken away is not judged any more.
    let judged = match back {
        Transform::Remove { .. } => sides.len().saturating_sub(1),
        _ => sides.len(),
    };
    let keyword = sides.iter().take(judged).find_map(Side::hard)?;
    Some(format!("`{keyword}` judges `{}`", back.path()))
}

/// What takes one transform back, and why that may not be enough. `origin` is where its path led in the old schema.
fn of_one(
    transform: &Transform,
    origin: &[Segment],
    old: &Document,
) -> (Option<Transform>, Option<String>) {
    let before = Side::along(old, origin)
        .pop()
        .unwrap_or_else(|| Side::root(old));
    match transform {
        Transform::Add { path, value } => of_add(path, value, holder(origin, old)),
        Transform::Remove { path, equals } => of_remove(path, equals.as_ref(), holder(origin, old)),
        Transform::Move { from, path } => {
            let back = Transform::Move {
                from: path.clone(),
                path: from.clone(),
            };
            let lost =
                (!before.never).then(|| format!("it may have had a `{path}` of its own before"));
            (Some(back), lost)
        }
        Transform::Convert {
            path,
            rule,
            otherwise,
        } => of_convert(path, *rule, otherwise, &before),
        Transform::Wrap { path } => {
            let back = Transform::Unwrap {
                path: path.clone(),
                otherwise: Otherwise::Keep,
            };
            let lost = (before.types() & types::ARRAY != 0 && !before.takes_everything())
                .then(|| format!("`{path}` may have been an array before"));
            (Some(back), lost)
        }
        Transform::Unwrap { path, otherwise } => {
            let lost = if *otherwise == Otherwise::Keep {
                (before.types() != types::ARRAY && !before.takes_everything())
                    .then(|| format!("`{path}` need not have been an array before"))
            } else {
                Some(format!(
                    "what `{path}` held is lost where it did not convert"
                ))
            };
            (Some(Transform::Wrap { path: path.clone() }), lost)
        }
        Transform::Map {
            path,
            values,
            otherwise,
        } => of_map(path, values, otherwise.as_ref(), &before),
    }
}

/// The object that holds a field, and the field's name.
fn holder<'a, 'o>(origin: &'o [Segment], old: &'a Document) -> Option<(Side<'a>, &'o str)> {
    match origin.split_last()? {
        (Segment::Field(name), parent) => Some((Side::along(old, parent).pop()?, name)),
        (Segment::Items, _) => None,
    }
}

fn of_add(
    path: &FieldPath,
    value: &Fill,
    holder: Option<(Side<'_>, &str)>,
) -> (Option<Transform>, Option<String>) {
    let Some((holder, name)) = holder.filter(|(holder, name)| holder.declares(name)) else {
        return (
            Some(Transform::Remove {
                path: path.clone(),
                equals: None,
            }),
            None,
        );
    };
    // Known before: what was filled in may stay where it was allowed.
    let before = holder.field(name);
    match value {
        Fill::Value(value) if before.accepts(value) => (None, None),
        Fill::Value(value) if !value.is_array() && !value.is_object() => (
            Some(Transform::Remove {
                path: path.clone(),
                equals: Some(value.clone()),
            }),
            None,
        ),
        _ => (
            None,
            Some(format!(
                "`{path}` was filled with what may not have been allowed before"
            )),
        ),
    }
}

fn of_remove(
    path: &FieldPath,
    equals: Option<&Value>,
    holder: Option<(Side<'_>, &str)>,
) -> (Option<Transform>, Option<String>) {
    let Some((holder, name)) = holder else {
        return (None, Some(format!("`{path}` was in an array before")));
    };
    if !holder.requires(name) {
        return (None, None);
    }
    match equals.cloned().or_else(|| holder.field(name).own_value()) {
        Some(value) => (
            Some(Transform::Add {
                path: path.clone(),
                value: Fill::Value(value),
            }),
            None,
        ),
        None => (
            None,
            Some(format!("`{path}` was required and has no default")),
        ),
    }
}

fn of_convert(
    path: &FieldPath,
    rule: Rule,
    otherwise: &Otherwise,
    before: &Side<'_>,
) -> (Option<Transform>, Option<String>) {
    let (back, made) = match rule {
        Rule::StringToInteger => (Some(Rule::NumberToString), types::INTEGER),
        Rule::StringToNumber => (Some(Rule::NumberToString), types::NUMBER),
        Rule::StringToBoolean => (Some(Rule::BooleanToString), types::BOOLEAN),
        Rule::NumberToString if before.types() & types::FRACTION == 0 => {
            (Some(Rule::StringToInteger), types::STRING)
        }
        Rule::NumberToString => (Some(Rule::StringToNumber), types::STRING),
        Rule::BooleanToString => (Some(Rule::StringToBoolean), types::STRING),
        Rule::BooleanToInteger => (Some(Rule::IntegerToBoolean), types::INTEGER),
        Rule::IntegerToBoolean => (Some(Rule::BooleanToInteger), types::BOOLEAN),
        Rule::Round | Rule::Truncate => (None, types::INTEGER),
    };
    let lost = if *otherwise == Otherwise::Keep {
        // `1.0` comes back as `1`, which a list need not hold.
        (rule == Rule::StringToNumber && before.values().is_some())
            .then(|| format!("`{path}` took listed texts only"))
    } else {
        Some(format!(
            "what `{path}` held is lost where it did not convert"
        ))
    };
    // What the rule makes was allowed before: it may stay.
    let may_stay = before.types() & made == made && before.values().is_none();
    let back = back.filter(|_| !may_stay).map(|rule| Transform::Convert {
        path: path.clone(),
        rule,
        otherwise: Otherwise::Keep,
    });
    let lost = lost.or_else(|| {
        let keyword = before.hard().filter(|_| may_stay)?;
        Some(format!("`{keyword}` judges `{path}`"))
    });
    (back, lost)
}

fn of_map(
    path: &FieldPath,
    values: &[Mapping],
    otherwise: Option<&Otherwise>,
    before: &Side<'_>,
) -> (Option<Transform>, Option<String>) {
    let judge = before.judge();
    let was_allowed = |value: &Value| {
        before.takes_everything()
            || judge
                .as_ref()
                .is_some_and(|judge| judge.is_valid_value(value))
    };
    let mut back: Vec<Mapping> = Vec::new();
    for entry in values {
        let is_known = back.iter().any(|known| same(&known.from, &entry.to));
        if !is_known && !was_allowed(&entry.to) {
            back.push(Mapping {
                from: entry.to.clone(),
                to: entry.from.clone(),
                when: None,
            });
        }
    }
    let lost = otherwise
        .filter(|otherwise| **otherwise != Otherwise::Keep)
        .map(|_| format!("what `{path}` held is lost where no entry names it"));
    let back = (!back.is_empty()).then(|| Transform::Map {
        path: path.clone(),
        values: back,
        otherwise: None,
    });
    (back, lost)
}
