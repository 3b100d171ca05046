//! What whoever votes on a migration should know about it.

use crate::schema::{Document, FieldPath};
use crate::text::{Map, Problem, Severity, Value};

use super::reading::{malformed, only};
use super::same::same;
use super::side::Side;
use super::{Column, Mapping, Otherwise, Rule, Transform};

/// What can be said of a plan; the pointer leads into the plan.
const CODES: [&str; 5] = [
    "destructive",
    "data_dependent",
    "not_reversible",
    "long_lock",
    "table_rewrite",
];

/// What the transforms and the columns themselves say.
pub(super) fn findings(transforms: &[Transform], columns: &[Column]) -> Vec<Problem> {
    let mut found = Vec::new();
    for (index, transform) in transforms.iter().enumerate() {
        if let Some(what) = destroys(transform) {
            found.push(
                Problem::warning("destructive", format!("/transforms/{index}"), what)
                    .remedy("keep the undo records until nobody wants the values back"),
            );
        }
    }
    for (index, column) in columns.iter().enumerate() {
        let (at, name) = (format!("/columns/{index}"), &column.name);
        found.push(
            Problem::warning(
                "table_rewrite",
                at.clone(),
                format!(
                    "To fill the column `{name}`, every artifact of the type is written once more"
                ),
            )
            .remedy("run it where the table is small, or at a quiet time"),
        );
        if column.index {
            found.push(
                Problem::warning(
                    "long_lock",
                    at,
                    format!("While the index of `{name}` is built, nobody writes to the table"),
                )
                .remedy("on a large table, build the index concurrently beforehand: it is left as it is then"),
            );
        }
    }
    found
}

/// What a transform loses.
fn destroys(transform: &Transform) -> Option<String> {
    let lossy = |otherwise: &Otherwise| *otherwise != Otherwise::Keep;
    match transform {
        Transform::Remove { path, equals: None } => Some(format!(
            "The values of `{path}` are taken out of the artifacts"
        )),
        Transform::Convert {
            path,
            rule: Rule::Round | Rule::Truncate,
            ..
        } => Some(format!("The fractions of `{path}` are lost")),
        Transform::Convert {
            path, otherwise, ..
        }
        | Transform::Unwrap { path, otherwise }
            if lossy(otherwise) =>
        {
            Some(format!("Values of `{path}` that do not convert are lost"))
        }
        Transform::Map {
            path,
            otherwise: Some(otherwise),
            ..
        } if lossy(otherwise) => Some(format!("Values of `{path}` that no entry names are lost")),
        Transform::Map { path, values, .. } if merges(values) => {
            Some(format!("Several values of `{path}` become one"))
        }
        _ => None,
    }
}

/// Whether two values become the same.
fn merges(values: &[Mapping]) -> bool {
    values.iter().enumerate().any(|(index, entry)| {
        values
            .iter()
            .skip(index + 1)
            .any(|other| same(&entry.to, &other.to) && !same(&entry.from, &other.from))
    })
}

/// Where a keyword of the schema stands over a place that a transform rewrites, and cannot be judged by looking.
pub(super) fn judged(
    transforms: &[Transform],
    current: Option<&Document>,
    next: &Document,
) -> Vec<Problem> {
    let mut found = Vec::new();
    for (index, transform) in transforms.iter().enumerate() {
        let mut places = vec![(next, transform.path())];
        if let Transform::Move { from, .. } = transform {
            places.push((next, from));
            places.extend(current.map(|current| (current, from)));
        }
        let keyword = places.into_iter().find_map(|(document, path)| {
            let sides = Side::along(document, path.segments());
            // What is added was judged as a whole; what is removed or moved is not judged where it was.
            let judged = match transform {
                Transform::Add { .. } | Transform::Remove { .. } | Transform::Move { .. } => {
                    sides.len().saturating_sub(1)
                }
                _ => sides.len(),
            };
            sides
                .iter()
                .take(judged)
                .find_map(Side::hard)
                .map(|keyword| (keyword.to_owned(), path.clone()))
        });
        if let Some((keyword, path)) = keyword {
            found.push(Problem::warning(
                "data_dependent",
                format!("/transforms/{index}"),
                format!("Whether the artifacts fit afterwards depends on them: `{keyword}` judges `{path}`"),
            ));
        }
    }
    found
}

/// Where objects may have a field of the new name already.
pub(super) fn taken_name(to: &FieldPath, current: &Document) -> Option<Problem> {
    let is_free = Side::along(current, to.segments())
        .pop()
        .is_some_and(|side| side.never);
    (!is_free).then(|| {
        Problem::warning(
            "data_dependent",
            "/transforms/0",
            format!("Whether the artifacts fit afterwards depends on them: they may have a `{to}` already, undeclared"),
        )
    })
}

/// A finding as it stands on the wire.
pub(super) fn to_value(finding: &Problem) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: &str| object.insert(name.to_owned(), value.into());
    put("code", finding.code);
    put(
        "severity",
        match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
    );
    put("pointer", &finding.pointer);
    put("message", &finding.message);
    if let Some(remedy) = &finding.remedy {
        put("remedy", remedy);
    }
    Value::Object(object)
}

/// Reads a finding of a plan.
pub(super) fn from_value(value: &Value) -> Result<Problem, Problem> {
    let object = value
        .as_object()
        .ok_or_else(|| malformed("", "a finding is an object"))?;
    only(
        object,
        &["code", "severity", "pointer", "message", "remedy"],
    )?;
    let text = |name: &str| {
        object
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| malformed(&format!("/{name}"), format!("`{name}` is a text")))
    };
    let code = text("code")?;
    let code = CODES
        .into_iter()
        .find(|known| *known == code)
        .ok_or_else(|| malformed("/code", format!("`code` is one of {}", CODES.join(", "))))?;
    let severity = match text("severity")? {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        _ => {
            return Err(malformed(
                "/severity",
                "`severity` is \"error\" or \"warning\"",
            ));
        }
    };
    let remedy = object.get("remedy").map(|_| text("remedy")).transpose()?;
    let finding = Problem {
        severity,
        ..Problem::warning(code, text("pointer")?, text("message")?)
    };
    Ok(match remedy {
        Some(remedy) => finding.remedy(remedy),
        None => finding,
    })
}
