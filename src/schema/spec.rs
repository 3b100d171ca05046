//! Reading a field spec: the JSON form of each of the five changes.

use super::Evolution;
use super::change::Change;
use super::path::{FieldPath, check_artifact_type};
use crate::text::{Members, Problem, Value};

/// The literal that stands for a type that does not exist yet.
pub const NEW_TYPE: &str = "new_type";

/// The names of the five changes, as they stand in `change_type`.
pub const CHANGE_TYPES: [&str; 5] = [
    "add_field",
    "modify_field",
    "remove_field",
    "rename_field",
    "add_type",
];

impl Change {
    /// Reads the change that `change_type` and `field_spec` describe. Pointers are relative to the field spec.
    ///
    /// | change | field spec |
    /// |---|---|
    /// | `add_field` | `{name \| path, schema, required?, default?, transforms?}` |
    /// | `modify_field` | `{path, schema, transforms?}`, or `{revert_to}`: the number of the version before the current one |
    /// | `remove_field` | `{path, transforms?}` |
    /// | `rename_field` | `{from, to}`; `to` is a name or the path of a sibling |
    /// | `add_type` | `{name, schema, description?, evolution?}` |
    ///
    /// `transforms` is kept as it is: the room of migrations reads it.
    ///
    /// # Errors
    /// Every member that is unknown, missing, of the wrong type or not allowed.
    pub fn read(change_type: &str, spec: &Value) -> Result<Self, Vec<Problem>> {
        match change_type {
            "add_field" => add_field(spec),
            "modify_field" => modify_field(spec),
            "remove_field" => remove_field(spec),
            "rename_field" => rename_field(spec),
            "add_type" => add_type(spec),
            other => Err(vec![Problem::error(
                "change_type_unknown",
                "",
                format!(
                    "`{other}` is not a change; the changes are {}",
                    CHANGE_TYPES.join(", ")
                ),
            )]),
        }
    }
}

fn finish<T>(members: Members<'_>, read: Option<T>) -> Result<T, Vec<Problem>> {
    let problems = members.end();
    match read {
        Some(change) if problems.is_empty() => Ok(change),
        _ => Err(problems),
    }
}

fn path_member(members: &mut Members<'_>, name: &str) -> Option<FieldPath> {
    let text = match members.required(name)? {
        Value::String(text) => text,
        _ => {
            members.problem(
                "member_type",
                name,
                format!("`{name}` must be a JSON Pointer"),
            );
            return None;
        }
    };
    members.check(name, FieldPath::parse(text))
}

/// A path that must end in a field name.
fn field_member(members: &mut Members<'_>, name: &str) -> Option<FieldPath> {
    let path = path_member(members, name)?;
    if path.split_last().is_none() {
        members.problem(
            "path_names_no_field",
            name,
            "the path must end in the name of a field",
        );
        return None;
    }
    Some(path)
}

fn add_field(spec: &Value) -> Result<Change, Vec<Problem>> {
    let mut members = Members::of(
        spec,
        "",
        &[
            "name",
            "path",
            "schema",
            "required",
            "default",
            "transforms",
        ],
    );
    let path = match (members.get("name"), members.get("path")) {
        (Some(_), Some(_)) => {
            members.problem(
                "name_and_path",
                "path",
                "give either `name`, for a field at the top, or `path`, not both",
            );
            None
        }
        (None, Some(_)) => field_member(&mut members, "path"),
        _ => {
            let name = members.text("name");
            name.and_then(|name| members.check("name", FieldPath::of_name(name)))
        }
    };
    let schema = members.required("schema").cloned();
    let required = members.optional_boolean("required").unwrap_or(false);
    let default = members.get("default").cloned();
    let transforms = members.get("transforms").cloned();
    let read = path.zip(schema).map(|(path, schema)| Change::AddField {
        path,
        schema,
        required,
        default,
        transforms,
    });
    finish(members, read)
}

fn modify_field(spec: &Value) -> Result<Change, Vec<Problem>> {
    if spec.get("revert_to").is_some() {
        let mut members = Members::of(spec, "", &["revert_to"]);
        let version = members.count("revert_to");
        return finish(members, version.map(|version| Change::Revert { version }));
    }
    let mut members = Members::of(spec, "", &["path", "schema", "transforms"]);
    let path = path_member(&mut members, "path");
    let schema = members.required("schema").cloned();
    let transforms = members.get("transforms").cloned();
    let read = path.zip(schema).map(|(path, schema)| Change::ModifyField {
        path,
        schema,
        transforms,
    });
    finish(members, read)
}

fn remove_field(spec: &Value) -> Result<Change, Vec<Problem>> {
    let mut members = Members::of(spec, "", &["path", "transforms"]);
    let transforms = members.get("transforms").cloned();
    let read =
        field_member(&mut members, "path").map(|path| Change::RemoveField { path, transforms });
    finish(members, read)
}

fn rename_field(spec: &Value) -> Result<Change, Vec<Problem>> {
    let mut members = Members::of(spec, "", &["from", "to"]);
    let from = field_member(&mut members, "from");
    let to = members.text("to");
    let read = from.zip(to).and_then(|(from, to)| {
        let target = if to.starts_with('/') {
            FieldPath::parse(to)
        } else {
            from.sibling(to)
        };
        let target = members.check("to", target)?;
        let same_object = match (from.split_last(), target.split_last()) {
            (Some((a, _)), Some((b, _))) => a == b,
            _ => false,
        };
        if !same_object {
            members.problem(
                "rename_moves_field",
                "to",
                format!("`{target}` is in another object than `{from}`; a rename keeps the field where it is"),
            );
            return None;
        }
        Some(Change::RenameField { from, to: target })
    });
    finish(members, read)
}

fn add_type(spec: &Value) -> Result<Change, Vec<Problem>> {
    let mut members = Members::of(spec, "", &["name", "schema", "description", "evolution"]);
    let name = members.text("name");
    let name =
        name.and_then(|name| members.check("name", check_artifact_type(name).map(|()| name)));
    let schema = members.required("schema").cloned();
    let description = members.optional_text("description").map(str::to_owned);
    let names = Evolution::ALL.map(Evolution::name);
    let evolution = members
        .optional_choice("evolution", &names, Evolution::from_name)
        .unwrap_or_default();
    let read = name.zip(schema).map(|(name, schema)| Change::AddType {
        name: name.to_owned(),
        schema,
        description,
        evolution,
    });
    finish(members, read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes(change_type: &str, spec: Value) -> Vec<(&'static str, String)> {
        match Change::read(change_type, &spec) {
            Ok(_) => vec![],
            Err(problems) => problems.into_iter().map(|p| (p.code, p.pointer)).collect(),
        }
    }

    #[test]
    fn each_change_has_its_form() {
        for (change_type, spec) in [
            (
                "add_field",
                json!({"name": "blinding", "schema": {"type": "string"}}),
            ),
            (
                "add_field",
                json!({"path": "/design/blinding", "schema": true, "required": true, "default": null}),
            ),
            ("modify_field", json!({"path": "/design", "schema": {}})),
            ("modify_field", json!({"path": "", "schema": {}})),
            (
                "modify_field",
                json!({"path": "/a", "schema": {}, "transforms": []}),
            ),
            ("modify_field", json!({"revert_to": 3})),
            ("remove_field", json!({"path": "/a", "transforms": []})),
            (
                "add_type",
                json!({"name": "protocol", "schema": {}, "evolution": "lazy"}),
            ),
            ("remove_field", json!({"path": "/a/*/b"})),
            ("rename_field", json!({"from": "/a/b", "to": "c"})),
            ("rename_field", json!({"from": "/a/b", "to": "/a/c"})),
            (
                "add_type",
                json!({"name": "protocol", "schema": {}, "description": "d"}),
            ),
        ] {
            assert_eq!(codes(change_type, spec.clone()), [], "{change_type} {spec}");
        }
    }

    #[test]
    fn a_wrong_form_is_refused_at_its_place() {
        for (change_type, spec, expected) in [
            ("add_field", json!({"schema": {}}), ("member_missing", "")),
            (
                "add_field",
                json!({"name": "a", "path": "/a", "schema": {}}),
                ("name_and_path", "/path"),
            ),
            (
                "add_field",
                json!({"name": "a b", "schema": {}}),
                ("field_name_not_allowed", "/name"),
            ),
            ("add_field", json!({"name": "a"}), ("member_missing", "")),
            (
                "add_field",
                json!({"name": "a", "schema": {}, "required": "yes"}),
                ("member_type", "/required"),
            ),
            (
                "modify_field",
                json!({"revert_to": 3, "path": "/a"}),
                ("member_unknown", "/path"),
            ),
            (
                "modify_field",
                json!({"revert_to": -1}),
                ("member_type", "/revert_to"),
            ),
            (
                "rename_field",
                json!({"from": "/a", "to": "b", "transforms": []}),
                ("member_unknown", "/transforms"),
            ),
            (
                "add_type",
                json!({"name": "protocol", "schema": {}, "evolution": "never"}),
                ("member_choice", "/evolution"),
            ),
            (
                "remove_field",
                json!({"path": ""}),
                ("path_names_no_field", "/path"),
            ),
            (
                "remove_field",
                json!({"path": "/a/*"}),
                ("path_names_no_field", "/path"),
            ),
            (
                "remove_field",
                json!({"path": "a"}),
                ("path_not_a_pointer", "/path"),
            ),
            (
                "remove_field",
                json!({"path": "/a", "schema": {}}),
                ("member_unknown", "/schema"),
            ),
            (
                "rename_field",
                json!({"from": "/a/b", "to": "/c"}),
                ("rename_moves_field", "/to"),
            ),
            (
                "rename_field",
                json!({"from": "/a", "to": "b c"}),
                ("field_name_not_allowed", "/to"),
            ),
            (
                "add_type",
                json!({"name": "new_type", "schema": {}}),
                ("artifact_type_name_not_allowed", "/name"),
            ),
            ("drop_field", json!({}), ("change_type_unknown", "")),
            ("add_type", json!(7), ("member_type", "")),
        ] {
            let found = codes(change_type, spec.clone());
            assert!(
                found
                    .iter()
                    .any(|(code, place)| (*code, place.as_str()) == expected),
                "{change_type} {spec}: {found:?}"
            );
        }
    }
}
