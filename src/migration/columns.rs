//! Fields that are columns of the table of artifacts, too: `"x-column": "name"` in their schemas.

use crate::schema::{Document, FieldPath, Segment, check_field_name};
use crate::text::{Map, Problem, Value, pointer};

use super::script::{Column, ColumnType, check_column_name};
use super::side::{Side, types};

/// Most places that are looked at.
const MOST_STEPS: usize = 4_096;
/// Longest path to a column.
const MOST_DEPTH: usize = 16;

/// The columns that a schema asks for, by path; fields of the items of an array have none.
///
/// # Errors
/// `column_malformed`, `column_name_not_allowed` and `column_name_taken`, with the pointer empty.
pub(super) fn columns(document: &Document) -> Result<Vec<Column>, Problem> {
    let mut found: Vec<Column> = Vec::new();
    let mut pending = vec![(Side::root(document), Vec::<Segment>::new())];
    let mut steps = 0;
    while let Some((side, path)) = pending.pop() {
        steps += 1;
        if steps > MOST_STEPS || path.len() > MOST_DEPTH {
            continue;
        }
        if let (Some(given), false) = (side.column, path.is_empty()) {
            let column = read(given, &side, &path)?;
            if found.iter().any(|known| known.name == column.name) {
                return Err(Problem::error(
                    "column_name_taken",
                    "",
                    format!("two fields are to be the column `{}`", column.name),
                )
                .remedy("give each field a column of its own"));
            }
            found.push(column);
        }
        // The last is taken first: so they are found in the order in which they stand.
        for name in side.fields().into_iter().rev() {
            if check_field_name(name).is_ok() {
                let mut path = path.clone();
                path.push(Segment::Field(name.to_owned()));
                pending.push((side.field(name), path));
            }
        }
    }
    Ok(found)
}

fn read(given: &Value, side: &Side<'_>, path: &[Segment]) -> Result<Column, Problem> {
    let place = pointer::from_segments(path.iter().map(|segment| match segment {
        Segment::Field(name) => name.as_str(),
        Segment::Items => "*",
    }));
    let wrong = |message: String| {
        Problem::error(
            "column_malformed",
            "",
            format!("the `x-column` of `{place}` {message}"),
        )
        .remedy("write a name, or {\"name\": …, \"type\": …, \"index\": …}")
    };
    let empty = Map::new();
    let (name, object) = match given {
        Value::String(name) => (name, &empty),
        Value::Object(object) => match object.get("name") {
            Some(Value::String(name)) => (name, object),
            _ => return Err(wrong("has no `name`".to_owned())),
        },
        _ => return Err(wrong("is neither a name nor an object".to_owned())),
    };
    if let Some(unknown) = object
        .keys()
        .find(|name| !["name", "type", "index"].contains(&name.as_str()))
    {
        return Err(wrong(format!("has a member `{unknown}`, which is unknown")));
    }
    let kind = match object.get("type") {
        None => natural(side),
        Some(Value::String(name)) => ColumnType::from_name(name).ok_or_else(|| {
            wrong(format!(
                "has a `type` that is none of {}",
                ColumnType::names()
            ))
        })?,
        Some(_) => return Err(wrong("has a `type` that is no text".to_owned())),
    };
    let index = match object.get("index") {
        None => false,
        Some(Value::Bool(index)) => *index,
        Some(_) => {
            return Err(wrong(
                "has an `index` that is neither true nor false".to_owned(),
            ));
        }
    };
    check_column_name(name)?;
    Ok(Column {
        name: name.clone(),
        kind,
        path: FieldPath::parse(&place)?,
        index,
    })
}

/// The type of the column that holds what the schema allows; null is what a column holds anyway.
fn natural(side: &Side<'_>) -> ColumnType {
    let listed = side.values().map(|values| {
        values
            .into_iter()
            .fold(0, |all, value| all | types::of(value))
    });
    let kinds = listed.unwrap_or_else(|| side.types()) & !types::NULL;
    match kinds {
        types::STRING => ColumnType::Text,
        types::INTEGER => ColumnType::Bigint,
        types::FRACTION | types::NUMBER => ColumnType::Double,
        types::BOOLEAN => ColumnType::Boolean,
        _ => ColumnType::Jsonb,
    }
}
