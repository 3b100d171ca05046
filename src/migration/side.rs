//! One schema at one place of the artifact: every subschema that judges a value there, as far as that can be told by looking.

use jsonschema::Draft;

use crate::schema::{Document, Formats, References, Schema, Segment};
use crate::text::{Map, Value, pointer};

use super::same::same;

/// The types of JSON as bits; a number is an integer or has a fraction.
pub(super) mod types {
    pub(crate) const NULL: u8 = 1;
    pub(crate) const BOOLEAN: u8 = 1 << 1;
    pub(crate) const INTEGER: u8 = 1 << 2;
    pub(crate) const FRACTION: u8 = 1 << 3;
    pub(crate) const STRING: u8 = 1 << 4;
    pub(crate) const ARRAY: u8 = 1 << 5;
    pub(crate) const OBJECT: u8 = 1 << 6;
    pub(crate) const NUMBER: u8 = INTEGER | FRACTION;
    pub(crate) const ALL: u8 = (1 << 7) - 1;

    /// The type of a value.
    pub(crate) fn of(value: &crate::text::Value) -> u8 {
        use crate::text::Value;
        match value {
            Value::Null => NULL,
            Value::Bool(_) => BOOLEAN,
            Value::Number(number) if number.as_f64().is_some_and(|n| n.fract() != 0.0) => FRACTION,
            Value::Number(_) => INTEGER,
            Value::String(_) => STRING,
            Value::Array(_) => ARRAY,
            Value::Object(_) => OBJECT,
        }
    }

    /// What a name in `type` stands for.
    pub(crate) fn named(name: &str) -> u8 {
        match name {
            "null" => NULL,
            "boolean" => BOOLEAN,
            "integer" => INTEGER,
            "number" => NUMBER,
            "string" => STRING,
            "array" => ARRAY,
            "object" => OBJECT,
            _ => 0,
        }
    }
}

/// Keywords that are understood here.
const UNDERSTOOD: [&str; 7] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
];

/// Keywords that judge and are not understood here: where one of them differs, or stands over a place that a transform
/// rewrites, nothing is promised.
const NOT_UNDERSTOOD: [&str; 39] = [
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "additionalItems",
    "maxItems",
    "minItems",
    "uniqueItems",
    "contains",
    "maxContains",
    "minContains",
    "maxProperties",
    "minProperties",
    "patternProperties",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "propertyNames",
    "if",
    "then",
    "else",
    "anyOf",
    "oneOf",
    "not",
    "prefixItems",
    "unevaluatedItems",
    "unevaluatedProperties",
    "$dynamicRef",
    "$recursiveRef",
    "format",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "extends",
    "disallow",
];

/// Most subschemas that are looked at together.
const MOST_NODES: usize = 64;

/// One subschema.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    /// JSON Pointer into the document.
    pub(super) at: String,
    /// Its members.
    pub(super) members: &'a Map<String, Value>,
}

/// What a document says of the values at one place: all of the nodes hold.
#[derive(Clone, Debug)]
pub(super) struct Side<'a> {
    document: &'a Document,
    /// The subschemas that judge.
    pub(super) nodes: Vec<Node<'a>>,
    /// Whether one of them is `false`.
    pub(super) never: bool,
    /// A reference, or a keyword, that hides more than can be told.
    pub(super) opaque: Option<String>,
    /// The first `default` that one of them gives.
    default: Option<&'a Value>,
    /// The first `x-column`.
    pub(super) column: Option<&'a Value>,
}

impl<'a> Side<'a> {
    /// The whole document.
    pub(super) fn root(document: &'a Document) -> Self {
        Self::at(document, [String::new()])
    }

    /// The sides along a path: of the whole document, of what its first step leads to, and so on to its end.
    pub(super) fn along(document: &'a Document, path: &[Segment]) -> Vec<Self> {
        let mut sides = vec![Self::root(document)];
        for segment in path {
            let next = sides.last().map(|side| match segment {
                Segment::Field(name) => side.field(name),
                Segment::Items => side.items(),
            });
            sides.extend(next);
        }
        sides
    }

    /// The subschemas at these places, through references within the document and `allOf`.
    fn at(document: &'a Document, places: impl IntoIterator<Item = String>) -> Self {
        let mut side = Self {
            document,
            nodes: Vec::new(),
            never: false,
            opaque: None,
            default: None,
            column: None,
        };
        let mut pending: Vec<String> = places.into_iter().collect();
        pending.reverse();
        let mut seen: Vec<String> = Vec::new();
        while let Some(at) = pending.pop() {
            // The first is taken first: what stands nearest says what is missing.
            if seen.contains(&at) {
                continue;
            }
            if seen.len() >= MOST_NODES {
                side.opaque = Some("too many subschemas".to_owned());
                break;
            }
            match document.schema().pointer(&at) {
                Some(Value::Bool(true)) => {}
                Some(Value::Bool(false)) => side.never = true,
                Some(Value::Object(members)) => side.take(&at, members, &mut pending),
                _ => side.opaque = Some(at.clone()),
            }
            seen.push(at);
        }
        side
    }

    fn take(&mut self, at: &str, members: &'a Map<String, Value>, pending: &mut Vec<String>) {
        let has_base = ["$id", "id"]
            .iter()
            .any(|name| members.get(*name).is_some_and(Value::is_string));
        if has_base && !at.is_empty() {
            self.opaque = Some(at.to_owned());
            return;
        }
        self.default = self.default.or_else(|| members.get("default"));
        self.column = self.column.or_else(|| members.get("x-column"));
        if let Some(Value::String(target)) = members.get("$ref") {
            match target
                .strip_prefix('#')
                .filter(|local| local.is_empty() || local.starts_with('/'))
            {
                Some(local) => pending.push(local.to_owned()),
                None => self.opaque = Some(target.clone()),
            }
            // Up to draft-07 the siblings of a reference mean nothing.
            if matches!(
                self.document.draft(),
                Draft::Draft4 | Draft::Draft6 | Draft::Draft7
            ) {
                return;
            }
        }
        if let Some(Value::Array(all)) = members.get("allOf") {
            let place = pointer::join(at, "allOf");
            pending.extend(
                (0..all.len())
                    .rev()
                    .map(|index| pointer::join(&place, &index.to_string())),
            );
        }
        let judges = |name: &&String| {
            UNDERSTOOD.contains(&name.as_str()) || NOT_UNDERSTOOD.contains(&name.as_str())
        };
        if members.keys().any(|name| judges(&name)) {
            self.nodes.push(Node {
                at: at.to_owned(),
                members,
            });
        }
    }

    /// The places of its subschemas: two sides with the same places are the same.
    pub(super) fn places(&self) -> String {
        self.nodes
            .iter()
            .map(|node| format!("#{}", node.at))
            .collect()
    }

    /// Whether nothing is said of the values.
    pub(super) fn takes_everything(&self) -> bool {
        !self.never && self.opaque.is_none() && self.nodes.is_empty()
    }

    /// The keyword that keeps it from being judged by looking, if there is one.
    pub(super) fn hard(&self) -> Option<&str> {
        if let Some(opaque) = &self.opaque {
            return Some(opaque);
        }
        if self.nodes.len() > 1 {
            return Some("allOf");
        }
        self.not_understood().next().map(|(name, _)| name)
    }

    fn not_understood(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.nodes.iter().flat_map(|node| {
            node.members
                .iter()
                .filter(|(name, value)| {
                    NOT_UNDERSTOOD.contains(&name.as_str())
                        || (*name == "items" && value.is_array())
                })
                .map(|(name, value)| (name.as_str(), value))
        })
    }

    /// Whether both say the same with what is not understood, and no reference in it can lead to something else.
    pub(super) fn agrees_with(&self, other: &Self) -> Result<(), String> {
        let mine: Vec<_> = self.not_understood().collect();
        let others: Vec<_> = other.not_understood().collect();
        for (name, value) in others.iter().chain(&mine) {
            let is_in = |list: &[(&str, &Value)]| {
                list.iter()
                    .any(|(known, found)| known == name && found == value)
            };
            if !is_in(&mine) || !is_in(&others) || refers(value) {
                return Err((*name).to_owned());
            }
        }
        Ok(())
    }

    /// Whether both are written alike, without a reference that could lead to something else.
    pub(super) fn is_written_like(&self, other: &Self) -> bool {
        let alike = |(a, b): (&Node<'_>, &Node<'_>)| {
            a.members == b.members
                && !a
                    .members
                    .iter()
                    .any(|(name, value)| name == "$ref" || refers(value))
        };
        self.never == other.never
            && self.opaque.is_none()
            && other.opaque.is_none()
            && self.nodes.len() == other.nodes.len()
            && self.nodes.iter().zip(&other.nodes).all(alike)
    }

    /// The types that may stand here.
    pub(super) fn types(&self) -> u8 {
        if self.never {
            return 0;
        }
        self.nodes
            .iter()
            .filter_map(|node| match node.members.get("type")? {
                Value::String(name) => Some(types::named(name)),
                Value::Array(names) => Some(
                    names
                        .iter()
                        .filter_map(Value::as_str)
                        .fold(0, |all, name| all | types::named(name)),
                ),
                _ => None,
            })
            .fold(types::ALL, |all, some| all & some)
    }

    /// The values that may stand here, when they are listed.
    pub(super) fn values(&self) -> Option<Vec<&'a Value>> {
        let mut found: Option<Vec<&'a Value>> = None;
        for node in &self.nodes {
            let lists = [
                node.members
                    .get("enum")
                    .and_then(Value::as_array)
                    .map(Vec::as_slice),
                node.members
                    .get("const")
                    .filter(|_| self.document.draft() != Draft::Draft4)
                    .map(std::slice::from_ref),
            ];
            for list in lists.into_iter().flatten() {
                found = Some(match found {
                    None => list.iter().collect(),
                    Some(known) => known
                        .into_iter()
                        .filter(|value| list.iter().any(|other| same(value, other)))
                        .collect(),
                });
            }
        }
        let types = self.types();
        found.map(|values| {
            values
                .into_iter()
                .filter(|value| types::of(value) & types != 0)
                .collect()
        })
    }

    /// The names of the fields that are declared, each once.
    pub(super) fn fields(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        let declared = self
            .nodes
            .iter()
            .filter_map(|node| node.members.get("properties")?.as_object())
            .flat_map(Map::keys);
        for name in declared {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Whether a field is declared.
    pub(super) fn declares(&self, name: &str) -> bool {
        self.nodes.iter().any(|node| {
            node.members
                .get("properties")
                .and_then(Value::as_object)
                .is_some_and(|fields| fields.contains_key(name))
        })
    }

    /// Whether a field must be there.
    pub(super) fn requires(&self, name: &str) -> bool {
        self.required().contains(&name)
    }

    /// The fields that must be there.
    pub(super) fn required(&self) -> Vec<&'a str> {
        self.nodes
            .iter()
            .filter_map(|node| node.members.get("required")?.as_array())
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// What is said of a field, declared or not.
    pub(super) fn field(&self, name: &str) -> Self {
        let mut places = Vec::new();
        let mut opaque = None;
        for node in &self.nodes {
            let declared = node
                .members
                .get("properties")
                .and_then(Value::as_object)
                .is_some_and(|fields| fields.contains_key(name));
            if declared {
                places.push(pointer::join(&pointer::join(&node.at, "properties"), name));
                continue;
            }
            match beyond(node) {
                Ok(Some(place)) => places.push(place),
                Ok(None) => {}
                Err(keyword) => opaque = Some(keyword.to_owned()),
            }
        }
        self.within(places, opaque)
    }

    /// What is said of fields that nothing declares.
    pub(super) fn undeclared(&self) -> Self {
        let mut places = Vec::new();
        let mut opaque = None;
        for node in &self.nodes {
            match beyond(node) {
                Ok(Some(place)) => places.push(place),
                Ok(None) => {}
                Err(keyword) => opaque = Some(keyword.to_owned()),
            }
        }
        self.within(places, opaque)
    }

    /// What is said of each item of an array.
    pub(super) fn items(&self) -> Self {
        let mut places = Vec::new();
        let mut opaque = None;
        for node in &self.nodes {
            match node.members.get("items") {
                Some(Value::Array(_)) => opaque = Some("items".to_owned()),
                Some(_) => places.push(pointer::join(&node.at, "items")),
                None => {}
            }
            if let Some(keyword) = ["prefixItems", "unevaluatedItems"]
                .into_iter()
                .find(|keyword| node.members.contains_key(*keyword))
            {
                opaque = Some(keyword.to_owned());
            }
        }
        self.within(places, opaque)
    }

    fn within(&self, places: Vec<String>, opaque: Option<String>) -> Self {
        let mut side = Self::at(self.document, places);
        if side.opaque.is_none() {
            side.opaque = opaque;
        }
        side
    }

    /// The value that the schema itself gives a missing field: its `default`, or the only value that it allows. Only when it
    /// is valid.
    pub(super) fn own_value(&self) -> Option<Value> {
        let value = match self.default {
            Some(default) => default.clone(),
            None => match self.values()?.as_slice() {
                [only] => (*only).clone(),
                _ => return None,
            },
        };
        self.accepts(&value).then_some(value)
    }

    /// Whether a value is valid here.
    pub(super) fn accepts(&self, value: &Value) -> bool {
        if self.takes_everything() {
            return true;
        }
        self.judge()
            .is_some_and(|schema| schema.is_valid_value(value))
    }

    /// What judges values here, when that can be told.
    pub(super) fn judge(&self) -> Option<Schema> {
        if self.never || self.opaque.is_some() {
            return None;
        }
        // A document of its own that refers to the subschemas, so that what they refer to is found.
        let uri = "urn:schema-senate:next";
        let mut references: References = self.document.references().clone();
        references.insert(uri.to_owned(), self.document.schema().clone());
        let all: Vec<Value> = self
            .nodes
            .iter()
            .map(|node| serde_json::json!({ "$ref": format!("{uri}#{}", node.at) }))
            .collect();
        let schema = serde_json::json!({ "allOf": all });
        let document = Document::new(schema, references, Some(self.document.draft())).ok()?;
        Schema::compile(document, Formats::Annotation).ok()
    }
}

/// What a subschema says of a field that its `properties` do not declare: the place of a schema, nothing, or a keyword that
/// would have to be asked.
fn beyond(node: &Node<'_>) -> Result<Option<String>, &'static str> {
    let has_fields = |keyword: &str| {
        node.members
            .get(keyword)
            .and_then(Value::as_object)
            .is_some_and(|fields| !fields.is_empty())
    };
    if has_fields("patternProperties") {
        return Err("patternProperties");
    }
    if node.members.contains_key("unevaluatedProperties") {
        return Err("unevaluatedProperties");
    }
    Ok(node
        .members
        .contains_key("additionalProperties")
        .then(|| pointer::join(&node.at, "additionalProperties")))
}

/// Whether there is a reference in a subschema. Bounded by the document.
pub(super) fn refers(value: &Value) -> bool {
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(items) => pending.extend(items),
            Value::Object(members) => {
                if ["$ref", "$dynamicRef", "$recursiveRef"]
                    .iter()
                    .any(|name| members.contains_key(*name))
                {
                    return true;
                }
                pending.extend(members.values());
            }
            _ => {}
        }
    }
    false
}
