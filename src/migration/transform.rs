//! What a migration does to one artifact, in the words of JSON Patch (RFC 6902).
//!
//! A transform is carried out at every place that its path leads to; what is not there is left alone. Every transform can run
//! twice: the second time it finds nothing to do.

use super::Rule;
use super::reading::{malformed, only};
use super::rule::Converted;
use super::same::same;
use crate::schema::{FieldPath, Segment};
use crate::text::{Map, Problem, Value, pointer};

/// One transform.
#[derive(Clone, Debug, PartialEq)]
pub enum Transform {
    /// Gives the field a value wherever its object exists and the field does not.
    Add {
        /// The field.
        path: FieldPath,
        /// What it gets.
        value: Fill,
    },
    /// Takes the field away.
    Remove {
        /// The field.
        path: FieldPath,
        /// Only where it is this scalar.
        equals: Option<Value>,
    },
    /// Moves the field where the target's object exists and has no such field. Where it has one, both stay.
    Move {
        /// The field.
        from: FieldPath,
        /// Where to.
        path: FieldPath,
    },
    /// Converts the values of the rule's source type.
    Convert {
        /// A field, or the items of an array.
        path: FieldPath,
        /// How.
        rule: Rule,
        /// What becomes of a value that does not convert.
        otherwise: Otherwise,
    },
    /// Puts a value that is no array into an array.
    Wrap {
        /// A field, or the items of an array.
        path: FieldPath,
    },
    /// Takes the item out of an array of one item, which is no array itself.
    Unwrap {
        /// A field, or the items of an array.
        path: FieldPath,
        /// What becomes of another array.
        otherwise: Otherwise,
    },
    /// Replaces scalars one for one; the first entry that fits counts.
    Map {
        /// A field, or the items of an array.
        path: FieldPath,
        /// Which by which. No value stands on both sides.
        values: Vec<Mapping>,
        /// What becomes of a scalar that stands on neither side; they stay when this is not said.
        otherwise: Option<Otherwise>,
    },
}

/// What a new field gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill {
    /// The same value everywhere.
    Value(Value),
    /// A copy of another field of the same object or item; nothing where that is missing.
    From(FieldPath),
}

/// What becomes of a value that a transform cannot convert.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Otherwise {
    /// It stays, and the artifact is not valid afterwards unless the next schema allows it.
    #[default]
    Keep,
    /// It goes. An item of an array cannot go: there it becomes null.
    Remove,
    /// It becomes null.
    Null,
    /// It becomes this.
    Value(Value),
    /// Of an array, the first item, when it is no array; only for [`Transform::Unwrap`].
    First,
}

/// One entry of a [`Transform::Map`].
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// The scalar.
    pub from: Value,
    /// What takes its place.
    pub to: Value,
    /// Only when this holds: so one value is split into several.
    pub when: Option<When>,
}

/// A condition on another field of the same object or item.
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    /// The field.
    pub path: FieldPath,
    /// The scalar that it must be.
    pub equals: Value,
}

impl Transform {
    /// Its name, as it stands in `op`.
    #[must_use]
    pub const fn op(&self) -> &'static str {
        match self {
            Self::Add { .. } => "add",
            Self::Remove { .. } => "remove",
            Self::Move { .. } => "move",
            Self::Convert { .. } => "convert",
            Self::Wrap { .. } => "wrap",
            Self::Unwrap { .. } => "unwrap",
            Self::Map { .. } => "map",
        }
    }

    /// The place that it writes.
    #[must_use]
    pub const fn path(&self) -> &FieldPath {
        match self {
            Self::Add { path, .. }
            | Self::Remove { path, .. }
            | Self::Move { path, .. }
            | Self::Convert { path, .. }
            | Self::Wrap { path }
            | Self::Unwrap { path, .. }
            | Self::Map { path, .. } => path,
        }
    }

    /// As it stands on the wire: `{"op": "add", "path": …, "value": …}` and its siblings.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("op", self.op().into());
        if let Self::Move { from, .. } = self {
            put("from", from.to_string().into());
        }
        put("path", self.path().to_string().into());
        match self {
            Self::Add { value, .. } => match value {
                Fill::Value(value) => put("value", value.clone()),
                Fill::From(from) => put("from", from.to_string().into()),
            },
            Self::Remove { equals, .. } => equals
                .as_ref()
                .and_then(|scalar| put("equals", scalar.clone())),
            Self::Move { .. } | Self::Wrap { .. } => None,
            Self::Convert {
                rule, otherwise, ..
            } => {
                put("rule", rule.name().into());
                put("otherwise", otherwise.to_value())
            }
            Self::Unwrap { otherwise, .. } => put("otherwise", otherwise.to_value()),
            Self::Map {
                values, otherwise, ..
            } => {
                put(
                    "values",
                    Value::Array(values.iter().map(Mapping::to_value).collect()),
                );
                otherwise
                    .as_ref()
                    .and_then(|otherwise| put("otherwise", otherwise.to_value()))
            }
        };
        Value::Object(object)
    }

    /// Reads a transform; nothing but its own members may be there.
    ///
    /// # Errors
    /// `transform_malformed`, `map_not_idempotent`, `convert_not_idempotent` and what [`FieldPath::parse`] says, with the
    /// pointer relative to the transform.
    pub fn from_value(value: &Value) -> Result<Self, Problem> {
        let object = value
            .as_object()
            .ok_or_else(|| wrong("", "a transform is an object"))?;
        let op = object.get("op").and_then(Value::as_str).unwrap_or_default();
        let (transform, members): (Self, &[&str]) = match op {
            "add" => {
                let path = field(object, "path")?;
                let fill = match (object.get("value"), object.contains_key("from")) {
                    (Some(value), false) => Fill::Value(value.clone()),
                    (None, true) => {
                        let from = field(object, "from")?;
                        same_item(&path, &from, "/from")?;
                        Fill::From(from)
                    }
                    _ => return Err(wrong("", "`add` takes either `value` or `from`")),
                };
                (
                    Self::Add { path, value: fill },
                    &["op", "path", "value", "from"],
                )
            }
            "remove" => {
                let equals = object
                    .get("equals")
                    .map(|value| scalar(value, "/equals"))
                    .transpose()?;
                (
                    Self::Remove {
                        path: field(object, "path")?,
                        equals,
                    },
                    &["op", "path", "equals"],
                )
            }
            "move" => {
                let (from, path) = (field(object, "from")?, field(object, "path")?);
                same_item(&path, &from, "/from")?;
                if path.segments().starts_with(from.segments()) {
                    return Err(wrong(
                        "/path",
                        "a field is not moved to where it is, nor into itself",
                    ));
                }
                (Self::Move { from, path }, &["op", "from", "path"])
            }
            "convert" => {
                let rule = object
                    .get("rule")
                    .and_then(Value::as_str)
                    .and_then(Rule::from_name)
                    .ok_or_else(|| {
                        let names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
                        wrong("/rule", format!("`rule` is one of {}", names.join(", ")))
                    })?;
                let otherwise = Otherwise::read(object, false)?.unwrap_or_default();
                (
                    Self::Convert {
                        path: place(object, "path")?,
                        rule,
                        otherwise: settles(otherwise, |value| {
                            matches!(rule.convert(value), Converted::To(_))
                        })?,
                    },
                    &["op", "path", "rule", "otherwise"],
                )
            }
            "wrap" => (
                Self::Wrap {
                    path: place(object, "path")?,
                },
                &["op", "path"],
            ),
            "unwrap" => (
                Self::Unwrap {
                    path: place(object, "path")?,
                    otherwise: settles(
                        Otherwise::read(object, true)?.unwrap_or_default(),
                        |value| {
                            let items = value.as_array().map(Vec::as_slice);
                            matches!(items, Some([only]) if !only.is_array())
                        },
                    )?,
                },
                &["op", "path", "otherwise"],
            ),
            "map" => (read_map(object)?, &["op", "path", "values", "otherwise"]),
            _ => {
                return Err(wrong(
                    "/op",
                    "`op` is \"add\", \"remove\", \"move\", \"convert\", \"wrap\", \"unwrap\" or \"map\"",
                ));
            }
        };
        only(object, members)?;
        Ok(transform)
    }
}

/// Most transforms of one migration.
pub(super) const MOST_TRANSFORMS: usize = 256;

/// Reads a list of transforms.
///
/// # Errors
/// What [`Transform::from_value`] says, `too_many_transforms`, and `copy_of_a_copy`: the pointer is relative to the list.
pub fn read_transforms(value: &Value) -> Result<Vec<Transform>, Problem> {
    let list = value
        .as_array()
        .ok_or_else(|| wrong("", "transforms are a list"))?;
    if list.len() > MOST_TRANSFORMS {
        return Err(Problem::error(
            "too_many_transforms",
            "",
            format!("a migration has at most {MOST_TRANSFORMS} transforms"),
        )
        .remedy("make several changes of it"));
    }
    let mut filled: Vec<FieldPath> = Vec::new();
    let mut transforms = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let at = format!("/{index}");
        let transform = Transform::from_value(value).map_err(|problem| problem.under(&at))?;
        // Copies of copies would grow with every transform.
        if let Transform::Add {
            value: Fill::From(from),
            ..
        } = &transform
            && filled.iter().any(|place| overlap(place, from))
        {
            return Err(Problem::error(
                "copy_of_a_copy",
                format!("{at}/from"),
                format!(
                    "`{from}` is not copied: an earlier transform copies or moves a field there"
                ),
            )
            .remedy("copy the field from where it stood, before it is copied or moved"));
        }
        if let Transform::Add {
            path,
            value: Fill::From(_),
        }
        | Transform::Move { path, .. } = &transform
        {
            filled.push(path.clone());
        }
        transforms.push(transform);
    }
    Ok(transforms)
}

/// Whether one place is within the other.
fn overlap(one: &FieldPath, other: &FieldPath) -> bool {
    one.segments().starts_with(other.segments()) || other.segments().starts_with(one.segments())
}

impl Otherwise {
    /// `"keep"`, `"remove"`, `"null"`, `"first"` or `{"value": …}`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Keep => "keep".into(),
            Self::Remove => "remove".into(),
            Self::Null => "null".into(),
            Self::First => "first".into(),
            Self::Value(value) => {
                let mut object = Map::new();
                object.insert("value".to_owned(), value.clone());
                Value::Object(object)
            }
        }
    }

    fn read(object: &Map<String, Value>, of_array: bool) -> Result<Option<Self>, Problem> {
        let Some(value) = object.get("otherwise") else {
            return Ok(None);
        };
        match value {
            Value::String(name) => match name.as_str() {
                "keep" => return Ok(Some(Self::Keep)),
                "remove" => return Ok(Some(Self::Remove)),
                "null" => return Ok(Some(Self::Null)),
                "first" if of_array => return Ok(Some(Self::First)),
                _ => {}
            },
            Value::Object(given) if given.len() == 1 => {
                if let Some(value) = given.get("value") {
                    return Ok(Some(Self::Value(value.clone())));
                }
            }
            _ => {}
        }
        Err(wrong(
            "/otherwise",
            "`otherwise` is \"keep\", \"remove\", \"null\" or {\"value\": …}, and of `unwrap` also \"first\"",
        ))
    }
}

impl Mapping {
    fn to_value(&self) -> Value {
        let mut object = Map::new();
        object.insert("from".to_owned(), self.from.clone());
        object.insert("to".to_owned(), self.to.clone());
        if let Some(When { path, equals }) = &self.when {
            let mut when = Map::new();
            when.insert("path".to_owned(), path.to_string().into());
            when.insert("equals".to_owned(), equals.clone());
            object.insert("when".to_owned(), Value::Object(when));
        }
        Value::Object(object)
    }

    fn from_value(value: &Value, map: &FieldPath) -> Result<Self, Problem> {
        let object = value
            .as_object()
            .ok_or_else(|| wrong("", "an entry is an object"))?;
        only(object, &["from", "to", "when"])?;
        let side = |name: &str| {
            let at = format!("/{name}");
            let value = object
                .get(name)
                .ok_or_else(|| wrong("", format!("`{name}` is missing")))?;
            scalar(value, &at)
        };
        let when = match object.get("when") {
            None => None,
            Some(Value::Object(when)) => {
                only(when, &["path", "equals"]).map_err(|problem| problem.under("/when"))?;
                let path = field(when, "path").map_err(|problem| problem.under("/when"))?;
                same_item(map, &path, "/when/path")?;
                let equals = when
                    .get("equals")
                    .ok_or_else(|| wrong("/when", "`equals` is missing"))?;
                Some(When {
                    path,
                    equals: scalar(equals, "/when/equals")?,
                })
            }
            Some(_) => return Err(wrong("/when", "`when` has the members `path` and `equals`")),
        };
        Ok(Self {
            from: side("from")?,
            to: side("to")?,
            when,
        })
    }
}

fn read_map(object: &Map<String, Value>) -> Result<Transform, Problem> {
    let path = place(object, "path")?;
    let values = object
        .get("values")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty())
        .ok_or_else(|| wrong("/values", "`values` is a list of {from, to, when?}"))?
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            Mapping::from_value(entry, &path)
                .map_err(|problem| problem.under(&format!("/values/{index}")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let replaced = |value: &Value| values.iter().any(|entry| same(&entry.from, value));
    let again = values.iter().position(|entry| replaced(&entry.to));
    if let Some(index) = again {
        return Err(Problem::error(
            "map_not_idempotent",
            format!("/values/{index}/to"),
            "this value is replaced by another entry, so running the map twice would do something else than running it once",
        )
        .remedy("map to values that no entry replaces"));
    }
    let otherwise = Otherwise::read(object, false)?;
    let again = match &otherwise {
        Some(Otherwise::Value(value)) => replaced(value),
        Some(Otherwise::Null) => replaced(&Value::Null),
        // An item cannot go: it becomes null.
        Some(Otherwise::Remove) => path.split_last().is_none() && replaced(&Value::Null),
        _ => false,
    };
    if again {
        return Err(Problem::error(
            "map_not_idempotent",
            "/otherwise",
            "an entry replaces this value, so running the map twice would do something else than running it once",
        )
        .remedy("let `otherwise` be a value that no entry replaces"));
    }
    Ok(Transform::Map {
        path,
        values,
        otherwise,
    })
}

/// Refuses an `otherwise` that the transform would convert when it runs again.
fn settles(otherwise: Otherwise, converts: impl Fn(&Value) -> bool) -> Result<Otherwise, Problem> {
    match &otherwise {
        Otherwise::Value(value) if converts(value) => Err(Problem::error(
            "convert_not_idempotent",
            "/otherwise",
            "this value is converted itself, so running the transform twice would do something else than running it once",
        )
        .remedy("write the value as it is to be in the end")),
        _ => Ok(otherwise),
    }
}

/// A path, found at a member.
fn place(object: &Map<String, Value>, member: &str) -> Result<FieldPath, Problem> {
    let at = pointer::join("", member);
    let text = object
        .get(member)
        .and_then(Value::as_str)
        .ok_or_else(|| wrong(&at, format!("`{member}` is a path, as a string")))?;
    let path = FieldPath::parse(text).map_err(|problem| problem.under(&at))?;
    if path.segments().is_empty() {
        return Err(wrong(
            &at,
            "the empty path is the artifact itself, which no transform replaces",
        ));
    }
    Ok(path)
}

/// A path that ends in a field.
fn field(object: &Map<String, Value>, member: &str) -> Result<FieldPath, Problem> {
    let path = place(object, member)?;
    if path.split_last().is_none() {
        let at = pointer::join("", member);
        return Err(wrong(&at, format!("`{path}` does not end in a field")));
    }
    Ok(path)
}

/// How many steps of a path lead to the item that it is in: up to and including its last `*`.
pub(super) fn stem(path: &FieldPath) -> usize {
    path.segments()
        .iter()
        .rposition(|segment| *segment == Segment::Items)
        .map_or(0, |index| index + 1)
}

/// Two paths are in one item when they are the same up to the last `*`, and the second has none after it.
fn same_item(path: &FieldPath, other: &FieldPath, at: &str) -> Result<(), Problem> {
    let to_item = |path: &FieldPath| path.segments().get(..stem(path)).map(<[Segment]>::to_vec);
    if to_item(path) == to_item(other) {
        return Ok(());
    }
    Err(wrong(
        at,
        format!("`{other}` and `{path}` are not in the same item of an array"),
    ))
}

fn scalar(value: &Value, at: &str) -> Result<Value, Problem> {
    match value {
        Value::Array(_) | Value::Object(_) => {
            Err(wrong(at, "this is a text, a number, true, false or null"))
        }
        scalar => Ok(scalar.clone()),
    }
}

/// A transform that is not written as transforms are.
fn wrong(pointer: &str, message: impl Into<String>) -> Problem {
    Problem {
        code: "transform_malformed",
        ..malformed(pointer, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_again() {
        for value in [
            json!({"op": "add", "path": "/design/blinding", "value": "none"}),
            json!({"op": "add", "path": "/columns/*/label", "from": "/columns/*/name"}),
            json!({"op": "remove", "path": "/notes"}),
            json!({"op": "remove", "path": "/notes", "equals": null}),
            json!({"op": "move", "from": "/a/b", "path": "/c/d"}),
            json!({"op": "convert", "path": "/tags/*", "rule": "number_to_string", "otherwise": "keep"}),
            json!({"op": "convert", "path": "/n", "rule": "string_to_integer", "otherwise": {"value": 0}}),
            json!({"op": "wrap", "path": "/author"}),
            json!({"op": "unwrap", "path": "/authors", "otherwise": "first"}),
            json!({"op": "map", "path": "/arm", "values": [
                {"from": "drug", "to": "low dose", "when": {"path": "/dose", "equals": 1}},
                {"from": "drug", "to": "high dose"}
            ], "otherwise": "null"}),
        ] {
            let transform = Transform::from_value(&value).unwrap();
            assert_eq!(transform.to_value(), value);
        }
    }

    #[test]
    fn what_is_not_a_transform_is_refused_at_its_place() {
        for (value, code, place) in [
            (json!([]), "transform_malformed", ""),
            (
                json!({"op": "copy", "path": "/a"}),
                "transform_malformed",
                "/op",
            ),
            (
                json!({"op": "add", "path": "/a"}),
                "transform_malformed",
                "",
            ),
            (
                json!({"op": "add", "path": "/a/*/b", "from": "/c"}),
                "transform_malformed",
                "/from",
            ),
            (
                json!({"op": "remove", "path": "/a/*"}),
                "transform_malformed",
                "/path",
            ),
            (
                json!({"op": "remove", "path": "/a", "value": 1}),
                "migration_plan_malformed",
                "/value",
            ),
            (
                json!({"op": "wrap", "path": ""}),
                "transform_malformed",
                "/path",
            ),
            (
                json!({"op": "convert", "path": "/a", "rule": "guess"}),
                "transform_malformed",
                "/rule",
            ),
            (
                json!({"op": "convert", "path": "/a", "rule": "round", "otherwise": "first"}),
                "transform_malformed",
                "/otherwise",
            ),
            (
                json!({"op": "map", "path": "/a", "values": []}),
                "transform_malformed",
                "/values",
            ),
            (
                json!({"op": "map", "path": "/a", "values": [{"from": "x", "to": []}]}),
                "transform_malformed",
                "/values/0/to",
            ),
            (
                json!({"op": "map", "path": "/a", "values": [{"from": "x", "to": "y"}, {"from": "y", "to": "z"}]}),
                "map_not_idempotent",
                "/values/0/to",
            ),
            (
                json!({"op": "map", "path": "/a", "values": [{"from": 1, "to": 2}, {"from": 2.0, "to": 3}]}),
                "map_not_idempotent",
                "/values/0/to",
            ),
            (
                json!({"op": "map", "path": "/a", "values": [{"from": null, "to": "y"}], "otherwise": "null"}),
                "map_not_idempotent",
                "/otherwise",
            ),
            (
                json!({"op": "map", "path": "/a/*", "values": [{"from": null, "to": "y"}], "otherwise": "remove"}),
                "map_not_idempotent",
                "/otherwise",
            ),
            (
                json!({"op": "convert", "path": "/a", "rule": "string_to_integer", "otherwise": {"value": "7"}}),
                "convert_not_idempotent",
                "/otherwise",
            ),
            (
                json!({"op": "unwrap", "path": "/a", "otherwise": {"value": [1]}}),
                "convert_not_idempotent",
                "/otherwise",
            ),
            (
                json!({"op": "move", "from": "/a", "path": "/a/b"}),
                "transform_malformed",
                "/path",
            ),
            (
                json!({"op": "add", "path": "/a/__proto__", "value": 1}),
                "field_name_not_allowed",
                "/path",
            ),
        ] {
            let problem = Transform::from_value(&value).unwrap_err();
            assert_eq!(
                (problem.code, problem.pointer.as_str()),
                (code, place),
                "{value}"
            );
        }
    }

    #[test]
    fn a_list_is_read_with_the_place_of_what_is_wrong() {
        for (value, code, place) in [
            (json!({}), "transform_malformed", ""),
            (
                json!([{"op": "wrap", "path": "/a"}, {"op": "wrap"}]),
                "transform_malformed",
                "/1/path",
            ),
            (
                json!([{"op": "add", "path": "/b/x", "from": "/a"}, {"op": "add", "path": "/c", "from": "/b"}]),
                "copy_of_a_copy",
                "/1/from",
            ),
            (
                json!([{"op": "move", "from": "/b", "path": "/c"}, {"op": "add", "path": "/d", "from": "/c/x"}]),
                "copy_of_a_copy",
                "/1/from",
            ),
            (
                json!(vec![json!({"op": "wrap", "path": "/a"}); 257]),
                "too_many_transforms",
                "",
            ),
        ] {
            let problem = read_transforms(&value).unwrap_err();
            assert_eq!((problem.code, problem.pointer.as_str()), (code, place));
        }
        let good = json!([{"op": "add", "path": "/b", "from": "/a"}, {"op": "add", "path": "/c", "from": "/a"}]);
        assert_eq!(read_transforms(&good).unwrap().len(), 2);
    }
}
