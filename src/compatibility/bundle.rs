//! A side as one document that refers to nothing but its own definitions.
//!
//! What is rewritten under an assumption must stand beside what is as it was written, and both may refer to `#` or to one
//! URI. Bundled, every document of a side is a definition of its own, and every reference a pointer to it.

use jsonschema::Draft;

use crate::text::{Map, Value, pointer};

use super::{
    Side,
    documents::{Documents, Node},
    keywords::{self, Role},
};

/// Keywords that name a place. No reference needs them in a bundle.
const NAMES: [&str; 5] = ["$anchor", "$id", "$schema", "id", "$vocabulary"];

/// Keywords whose meaning depends on how a place was reached; a side with one of them is not bundled.
const DYNAMIC: [&str; 4] = [
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveAnchor",
    "$recursiveRef",
];

/// The side as one document; `None` when it cannot be written so: a reference leads nowhere, a document is written in
/// another dialect, or references are dynamic.
pub(super) fn bundle(side: &Side<'_>, draft: Draft) -> Option<Value> {
    let definitions = match draft {
        Draft::Draft201909 | Draft::Draft202012 => "$defs",
        _ => "definitions",
    };
    let documents = Documents::new(side, draft);
    let mut bundled = Map::new();
    let roots = std::iter::once(documents.root()).chain(documents.referenced());
    for root in roots {
        if draft.detect(root.value) != draft {
            return None;
        }
        bundled.insert(name(&root), rewrite(&documents, &root, definitions)?);
    }
    let mut whole = Map::new();
    if let Some(dialect) = side.schema.get("$schema") {
        whole.insert("$schema".into(), dialect.clone());
    }
    whole.insert(definitions.into(), Value::Object(bundled));
    whole.insert(
        "$ref".into(),
        format!("#/{definitions}/{}", name(&documents.root())).into(),
    );
    Some(Value::Object(whole))
}

/// The name of the document that a node is in.
pub(super) fn name(node: &Node<'_>) -> String {
    match &node.elsewhere {
        None => "root".to_owned(),
        Some((uri, _)) => format!("document {uri}"),
    }
}

/// A copy of a schema with its references rewritten. As deep as the document, which has passed the size check.
fn rewrite<'a>(documents: &Documents<'a>, node: &Node<'a>, definitions: &str) -> Option<Value> {
    let Some(object) = node.value.as_object() else {
        return Some(node.value.clone());
    };
    let mut copy = Map::new();
    for (keyword, value) in object {
        if DYNAMIC.contains(&keyword.as_str()) {
            return None;
        }
        if NAMES.contains(&keyword.as_str()) && value.is_string() {
            continue;
        }
        let at = pointer::join("", keyword);
        let inside = |steps: &str| rewrite(documents, &documents.child(node, steps)?, definitions);
        let value = match (keywords::role(keyword, value), value) {
            (Role::Schema, _) => inside(&at)?,
            (Role::List, Value::Array(list)) => (0..list.len())
                .map(|index| inside(&pointer::join(&at, &index.to_string())))
                .collect::<Option<Value>>()?,
            (Role::Map, Value::Object(map)) => Value::Object(
                map.iter()
                    .map(|(name, member)| {
                        let member = if member.is_array() {
                            // A list of names in `dependencies`.
                            member.clone()
                        } else {
                            inside(&pointer::join(&at, name))?
                        };
                        Some((name.clone(), member))
                    })
                    .collect::<Option<_>>()?,
            ),
            (_, Value::String(reference)) if keyword == "$ref" => {
                let target = documents.resolve(node, reference)?;
                let place = match &target.elsewhere {
                    None => &target.pointer,
                    Some((_, at)) => at,
                };
                let place = format!(
                    "{}{place}",
                    pointer::from_segments([definitions, &name(&target)])
                );
                format!("#{}", percent_encoded(&place)).into()
            }
            _ => value.clone(),
        };
        copy.insert(keyword.clone(), value);
    }
    Some(Value::Object(copy))
}

/// A pointer as a URI fragment.
pub(super) fn percent_encoded(pointer: &str) -> String {
    let mut out = String::with_capacity(pointer.len());
    for byte in pointer.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~$:@!'()*,;=".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use serde_json::json;

    #[test]
    fn a_bundle_means_the_same_and_refers_to_itself_only() {
        let schema = json!({
            "$id": "https://example.org/list",
            "type": "object",
            "properties": {
                "next": {"$ref": "#"},
                "value": {"$ref": "item#odd/../here"},
                "size": {"$ref": "item#/$defs/a~1b%25"},
                "kind": {"enum": [{"$ref": "#"}]}
            },
            "$defs": {"x": {"$id": "item2", "$anchor": "here", "type": "null"}}
        });
        let references = BTreeMap::from([(
            "https://example.org/item".to_owned(),
            json!({"$anchor": "odd/../here", "$ref": "list#/$defs/x", "$defs": {"a/b%": {"type": "integer"}}}),
        )]);
        let side = Side {
            schema: &schema,
            references: &references,
            draft: None,
        };
        let bundle = bundle(&side, Draft::Draft202012).unwrap();
        assert!(!bundle.to_string().contains("\"https"), "{bundle}");
        let validator = jsonschema::validator_for(&bundle).unwrap();
        assert!(
            validator.is_valid(&json!({"next": {"value": null, "size": 3}, "kind": {"$ref": "#"}}))
        );
        assert!(!validator.is_valid(&json!({"next": {"value": 1}})));
        assert!(!validator.is_valid(&json!({"next": {"next": {"size": "3"}}})));
        assert!(!validator.is_valid(&json!({"kind": {"$ref": "elsewhere"}})));
    }

    #[test]
    fn what_cannot_be_written_so_is_not_bundled() {
        let nothing = BTreeMap::new();
        for schema in [
            json!({"$ref": "https://example.org/unknown"}),
            json!({"$dynamicRef": "#x", "$dynamicAnchor": "x"}),
        ] {
            let side = Side {
                schema: &schema,
                references: &nothing,
                draft: None,
            };
            assert_eq!(bundle(&side, Draft::Draft202012), None);
        }
    }
}
