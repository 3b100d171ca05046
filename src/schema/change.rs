//! The five changes, applied to a schema.

use super::Document;
use super::Evolution;
use super::edit::Edit;
use super::path::FieldPath;
use crate::text::{Problem, Value};

/// One change of a type.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A field that does not exist yet.
    AddField {
        /// Where.
        path: FieldPath,
        /// What it may hold.
        schema: Value,
        /// Whether artifacts must have it.
        required: bool,
        /// What existing artifacts get.
        default: Option<Value>,
        /// What the proposer says is done to them, as it was given.
        transforms: Option<Value>,
    },
    /// Another schema for a field, or for the whole type when the path is empty.
    ModifyField {
        /// Where.
        path: FieldPath,
        /// What it may hold from now on.
        schema: Value,
        /// What the proposer says is done to existing artifacts, as it was given.
        transforms: Option<Value>,
    },
    /// The version before the current one, once more.
    Revert {
        /// Its number.
        version: u64,
    },
    /// A field that goes.
    RemoveField {
        /// Where.
        path: FieldPath,
        /// What the proposer says is done to existing artifacts, as it was given.
        transforms: Option<Value>,
    },
    /// A field that gets another name and stays in its object.
    RenameField {
        /// Its path now.
        from: FieldPath,
        /// Its path afterwards.
        to: FieldPath,
    },
    /// A type that does not exist yet.
    AddType {
        /// Its name.
        name: String,
        /// Its first schema.
        schema: Value,
        /// What it is for.
        description: Option<String>,
        /// When its artifacts follow a new version.
        evolution: Evolution,
    },
}

/// A schema with a change applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The next schema.
    pub schema: Value,
    /// JSON Pointer into the next schema to what changed; to the object that held it when it was removed.
    pub place: String,
}

impl Change {
    /// Its name, as it stands in `change_type`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::AddField { .. } => "add_field",
            Self::ModifyField { .. } | Self::Revert { .. } => "modify_field",
            Self::RemoveField { .. } => "remove_field",
            Self::RenameField { .. } => "rename_field",
            Self::AddType { .. } => "add_type",
        }
    }

    /// The schema that the change brings along, if it brings one.
    #[must_use]
    pub fn schema(&self) -> Option<&Value> {
        match self {
            Self::AddField { schema, .. }
            | Self::ModifyField { schema, .. }
            | Self::AddType { schema, .. } => Some(schema),
            Self::Revert { .. } | Self::RemoveField { .. } | Self::RenameField { .. } => None,
        }
    }

    /// What the proposer says is done to existing artifacts, as it was given; nothing is inferred then.
    #[must_use]
    pub fn transforms(&self) -> Option<&Value> {
        match self {
            Self::AddField { transforms, .. }
            | Self::ModifyField { transforms, .. }
            | Self::RemoveField { transforms, .. } => transforms.as_ref(),
            Self::Revert { .. } | Self::RenameField { .. } | Self::AddType { .. } => None,
        }
    }

    /// What it does, in a few words: the title of a proposal that has none.
    #[must_use]
    pub fn words(&self, artifact_type: &str) -> String {
        match self {
            Self::AddField { path, .. } => format!("Add {path} to {artifact_type}"),
            Self::ModifyField { path, .. } if path.segments().is_empty() => {
                format!("Replace the schema of {artifact_type}")
            }
            Self::ModifyField { path, .. } => format!("Modify {path} of {artifact_type}"),
            Self::RemoveField { path, .. } => format!("Remove {path} from {artifact_type}"),
            Self::Revert { version } => format!("Restore version {version} of {artifact_type}"),
            Self::RenameField { from, to } => format!("Rename {from} of {artifact_type} to {to}"),
            Self::AddType { name, .. } => format!("Add the type {name}"),
        }
    }

    /// Applies the change to the current schema of its type; `base` is ignored by `add_type`.
    ///
    /// A path leads through `properties`, `items` and references within the document. A definition that only this path uses is
    /// changed where it stands; one that others use too is copied first, so that the change reaches this field and no other.
    ///
    /// # Errors
    /// One problem, its pointer relative to the field spec: `field_exists`, `field_does_not_exist`, `path_not_an_object`,
    /// `path_through_reference`, `nothing_changes`; `revert_unknown_version`, because a schema does not know its history.
    pub fn apply(&self, base: Option<&Document>) -> Result<Applied, Problem> {
        if let Self::AddType { schema, .. } = self {
            return Ok(Applied {
                schema: schema.clone(),
                place: String::new(),
            });
        }
        let base = base.ok_or_else(|| {
            Problem::error("artifact_type_unknown", "", "there is no type to change")
        })?;
        let mut edit = Edit::of(base);
        let place = match self {
            Self::AddField {
                path,
                schema,
                required,
                default,
                ..
            } => edit.add(path, schema, *required, default.as_ref()),
            Self::ModifyField { path, schema, .. } => edit.modify(path, schema),
            Self::RemoveField { path, .. } => edit.remove(path),
            Self::RenameField { from, to } => edit.rename(from, to),
            Self::Revert { version } => Err(Problem::error(
                "revert_unknown_version",
                "/revert_to",
                format!("version {version} is not at hand here"),
            )),
            Self::AddType { .. } => Ok(String::new()),
        }?;
        if edit.schema() == base.schema() {
            return Err(Problem::error(
                "nothing_changes",
                "",
                "the schema would be the same as before",
            ));
        }
        Ok(Applied {
            schema: edit.into_schema(),
            place,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::References;
    use serde_json::json;

    fn experiment() -> Value {
        json!({
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "design": {"type": "object", "properties": {"arms": {"type": "integer"}}, "required": ["arms"]},
                "measurements": {"type": "array", "items": {"type": "object", "properties": {"p": {"type": "number"}}}}
            },
            "required": ["title", "design"]
        })
    }

    fn apply_to(schema: Value, change_type: &str, spec: Value) -> Result<Applied, Problem> {
        let base = Document::new(schema, References::new(), None).unwrap();
        Change::read(change_type, &spec).unwrap().apply(Some(&base))
    }

    fn apply(change_type: &str, spec: Value) -> Result<Applied, Problem> {
        apply_to(experiment(), change_type, spec)
    }

    #[test]
    fn a_field_is_added_where_its_path_says() {
        let applied = apply(
            "add_field",
            json!({"path": "/design/blinding", "schema": {"enum": ["none", "single"]}, "required": true, "default": "none"}),
        )
        .unwrap();
        assert_eq!(applied.place, "/properties/design/properties/blinding");
        let design = &applied.schema["properties"]["design"];
        assert_eq!(
            design["properties"]["blinding"],
            json!({"enum": ["none", "single"], "default": "none"})
        );
        assert_eq!(design["required"], json!(["arms", "blinding"]));
    }

    #[test]
    fn a_field_is_added_to_the_items_of_an_array() {
        let applied = apply(
            "add_field",
            json!({"path": "/measurements/*/unit", "schema": {"type": "string"}}),
        )
        .unwrap();
        assert_eq!(
            applied.schema["properties"]["measurements"]["items"]["properties"]["unit"],
            json!({"type": "string"})
        );
    }

    #[test]
    fn a_field_is_modified_and_the_rest_stays() {
        let applied = apply(
            "modify_field",
            json!({"path": "/design/arms", "schema": {"type": "integer", "minimum": 1}}),
        )
        .unwrap();
        let mut expected = experiment();
        expected["properties"]["design"]["properties"]["arms"] =
            json!({"type": "integer", "minimum": 1});
        assert_eq!(applied.schema, expected);
    }

    #[test]
    fn the_empty_path_is_the_type_itself_and_keeps_its_dialect() {
        let base = json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"});
        let applied = apply_to(
            base,
            "modify_field",
            json!({"path": "", "schema": {"type": ["object", "null"]}}),
        )
        .unwrap();
        assert_eq!(
            applied.schema,
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": ["object", "null"]})
        );
    }

    #[test]
    fn a_removed_field_is_no_longer_demanded() {
        let applied = apply("remove_field", json!({"path": "/design"})).unwrap();
        assert_eq!(applied.schema["required"], json!(["title"]));
        assert!(applied.schema["properties"].get("design").is_none());
        let applied = apply("remove_field", json!({"path": "/design/arms"})).unwrap();
        assert!(
            applied.schema["properties"]["design"]
                .get("required")
                .is_none()
        );
    }

    #[test]
    fn a_renamed_field_keeps_its_place_and_its_demands() {
        let schema = json!({
            "properties": {"a": {"type": "string"}, "b": true, "c": true},
            "required": ["b", "a"],
            "dependentRequired": {"b": ["c"], "c": ["b"]}
        });
        let applied =
            apply_to(schema, "rename_field", json!({"from": "/b", "to": "beta"})).unwrap();
        let names: Vec<_> = applied.schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        assert_eq!(names, ["a", "beta", "c"]);
        assert_eq!(applied.schema["required"], json!(["beta", "a"]));
        assert_eq!(
            applied.schema["dependentRequired"],
            json!({"beta": ["c"], "c": ["beta"]})
        );
        assert_eq!(applied.place, "/properties/beta");
    }

    #[test]
    fn what_cannot_be_done_is_said_with_a_remedy() {
        for (change_type, spec, code) in [
            (
                "add_field",
                json!({"name": "title", "schema": {}}),
                "field_exists",
            ),
            (
                "modify_field",
                json!({"path": "/titel", "schema": {}}),
                "field_does_not_exist",
            ),
            (
                "modify_field",
                json!({"path": "/title", "schema": {"type": "string"}}),
                "nothing_changes",
            ),
            (
                "remove_field",
                json!({"path": "/design/blinding"}),
                "field_does_not_exist",
            ),
            (
                "rename_field",
                json!({"from": "/title", "to": "design"}),
                "field_exists",
            ),
            (
                "rename_field",
                json!({"from": "/title", "to": "title"}),
                "nothing_changes",
            ),
            (
                "rename_field",
                json!({"from": "/name", "to": "label"}),
                "field_does_not_exist",
            ),
            (
                "add_field",
                json!({"path": "/title/x", "schema": {}}),
                "path_not_an_object",
            ),
            (
                "add_field",
                json!({"path": "/nowhere/x", "schema": {}}),
                "field_does_not_exist",
            ),
            (
                "remove_field",
                json!({"path": "/title/*/x"}),
                "field_does_not_exist",
            ),
        ] {
            let problem = apply(change_type, spec.clone()).unwrap_err();
            assert_eq!(problem.code, code, "{change_type} {spec}");
        }
        let problem = apply("remove_field", json!({"path": "/desing"})).unwrap_err();
        assert_eq!(
            problem.remedy.as_deref(),
            Some("the fields there are `title`, `design`, `measurements`")
        );
    }

    #[test]
    fn a_definition_used_once_is_changed_where_it_stands() {
        let schema = json!({
            "properties": {"design": {"$ref": "#/$defs/design"}},
            "$defs": {"design": {"type": "object", "properties": {"arms": true}}}
        });
        let applied = apply_to(
            schema,
            "add_field",
            json!({"path": "/design/blinding", "schema": {"type": "boolean"}}),
        )
        .unwrap();
        assert_eq!(
            applied.schema["properties"]["design"],
            json!({"$ref": "#/$defs/design"})
        );
        assert_eq!(
            applied.schema["$defs"]["design"]["properties"]["blinding"],
            json!({"type": "boolean"})
        );
    }

    #[test]
    fn a_shared_definition_is_copied_before_it_is_changed() {
        let schema = json!({
            "properties": {"a": {"$ref": "#/$defs/x"}, "b": {"$ref": "#/$defs/x"}},
            "$defs": {"x": {"type": "object", "properties": {"n": true}}}
        });
        let applied = apply_to(schema.clone(), "remove_field", json!({"path": "/a/n"})).unwrap();
        assert_eq!(
            applied.schema["properties"]["a"],
            json!({"type": "object", "properties": {}})
        );
        assert_eq!(applied.schema["properties"]["b"], schema["properties"]["b"]);
        assert_eq!(applied.schema["$defs"], schema["$defs"]);
    }

    #[test]
    fn a_reference_that_cannot_be_followed_is_named() {
        for (schema, why) in [
            (
                json!({"properties": {"a": {"$ref": "https://example.com/x"}}}),
                "another document",
            ),
            (json!({"properties": {"a": {"$ref": "#"}}}), "leads back"),
            (
                json!({"properties": {"a": {"$ref": "#/$defs/x", "minProperties": 1}}, "$defs": {"x": {}}}),
                "stand beside",
            ),
        ] {
            let problem =
                apply_to(schema, "add_field", json!({"path": "/a/b", "schema": {}})).unwrap_err();
            assert_eq!(problem.code, "path_through_reference");
            assert!(problem.message.contains(why), "{problem}");
        }
    }

    #[test]
    fn a_new_type_is_its_schema() {
        let change = Change::read(
            "add_type",
            &json!({"name": "protocol", "schema": {"type": "object"}}),
        )
        .unwrap();
        assert_eq!(
            change.apply(None).unwrap().schema,
            json!({"type": "object"})
        );
        assert_eq!(change.words("protocol"), "Add the type protocol");
    }
}
