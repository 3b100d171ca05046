//! Changing one field of a schema and nothing else: following its path through properties, items and references.

use std::collections::BTreeSet;

use jsonschema::Draft;

use super::Document;
use super::path::{FieldPath, Segment};
use crate::text::{Map, Problem, Value, pointer};

/// Keywords that say something about a schema without judging anything.
const ANNOTATIONS: [&str; 9] = [
    "title",
    "description",
    "default",
    "examples",
    "$comment",
    "deprecated",
    "readOnly",
    "writeOnly",
    "markdownDescription",
];

/// Most references in a row that a path is followed through.
const MOST_HOPS: usize = 32;

/// A schema that is being changed.
#[derive(Debug)]
pub(super) struct Edit {
    schema: Value,
    draft: Draft,
}

impl Edit {
    /// Begins with the schema of a document.
    pub(super) fn of(base: &Document) -> Self {
        Self {
            schema: base.schema().clone(),
            draft: base.draft(),
        }
    }

    /// The schema as it is by now.
    pub(super) fn schema(&self) -> &Value {
        &self.schema
    }

    /// The schema as it is in the end.
    pub(super) fn into_schema(self) -> Value {
        self.schema
    }

    /// Adds a field; answers its place.
    pub(super) fn add(
        &mut self,
        path: &FieldPath,
        schema: &Value,
        required: bool,
        default: Option<&Value>,
    ) -> Result<String, Problem> {
        let (place, name) = self.holder(path)?;
        let holder = self.object(&place, path)?;
        let mut field = schema.clone();
        if let (Some(default), Some(members)) = (default, field.as_object_mut()) {
            members.entry("default").or_insert_with(|| default.clone());
        }
        let properties = properties_of(holder).ok_or_else(|| not_an_object(path))?;
        if properties.contains_key(&name) {
            return Err(exists(path, "/path"));
        }
        properties.insert(name.clone(), field);
        if required {
            match holder
                .entry("required")
                .or_insert_with(|| Value::Array(Vec::new()))
            {
                Value::Array(names) if !names.iter().any(|known| known == name.as_str()) => {
                    names.push(Value::String(name.clone()));
                }
                _ => {}
            }
        }
        Ok(place_of_field(&place, &name))
    }

    /// Gives a field another schema; answers its place.
    pub(super) fn modify(&mut self, path: &FieldPath, schema: &Value) -> Result<String, Problem> {
        if path.segments().is_empty() {
            let mut next = schema.clone();
            // Without a dialect of its own, the new schema goes on in the old one's.
            if let (Some(dialect), Some(members)) =
                (self.schema.get("$schema"), next.as_object_mut())
                && !members.contains_key("$schema")
            {
                members.shift_insert(0, "$schema".into(), dialect.clone());
            }
            self.schema = next;
            return Ok(String::new());
        }
        let place = self.walk(path.segments(), path)?;
        match self.schema.pointer_mut(&place) {
            Some(field) => *field = schema.clone(),
            None => return Err(self.absent(path)),
        }
        Ok(place)
    }

    /// Takes a field away; answers the place of the object that held it.
    pub(super) fn remove(&mut self, path: &FieldPath) -> Result<String, Problem> {
        let (place, name) = self.holder(path)?;
        let missing = self.absent(path);
        let holder = self.object(&place, path)?;
        let properties = properties_of(holder).ok_or_else(|| not_an_object(path))?;
        if properties.shift_remove(&name).is_none() {
            return Err(missing);
        }
        forget_name(holder, &name);
        Ok(place)
    }

    /// Gives a field another name; answers its place.
    pub(super) fn rename(&mut self, from: &FieldPath, to: &FieldPath) -> Result<String, Problem> {
        let (place, name) = self.holder(from)?;
        let Some((_, new_name)) = to.split_last() else {
            return Err(no_field(to));
        };
        let missing = self.absent(from);
        let holder = self.object(&place, from)?;
        let properties = properties_of(holder).ok_or_else(|| not_an_object(from))?;
        if !properties.contains_key(&name) {
            return Err(missing);
        }
        if name == new_name {
            return Err(Problem::error(
                "nothing_changes",
                "/to",
                "the field has that name already",
            ));
        }
        if properties.contains_key(new_name) {
            return Err(exists(to, "/to"));
        }
        // Rebuilt so that the field keeps its place among the others.
        *properties = std::mem::take(properties)
            .into_iter()
            .map(|(known, schema)| {
                if known == name {
                    (new_name.to_owned(), schema)
                } else {
                    (known, schema)
                }
            })
            .collect();
        rename_mentions(holder, &name, new_name);
        Ok(place_of_field(&place, new_name))
    }

    /// The place of the object schema that holds the path's field, and the field's name.
    fn holder(&mut self, path: &FieldPath) -> Result<(String, String), Problem> {
        let (parent, name) = path.split_last().ok_or_else(|| no_field(path))?;
        let place = self.walk(parent, path)?;
        let place = self.settle(place, path)?;
        Ok((place, name.to_owned()))
    }

    /// Follows a path to the place of its schema; the last reference is left as it is.
    fn walk(&mut self, segments: &[Segment], path: &FieldPath) -> Result<String, Problem> {
        let mut place = String::new();
        for segment in segments {
            place = self.settle(place, path)?;
            place = match segment {
                Segment::Field(name) => place_of_field(&place, name),
                Segment::Items => self.items(&place),
            };
            if self.schema.pointer(&place).is_none() {
                return Err(self.absent(path));
            }
        }
        Ok(place)
    }

    /// The keyword that judges each item, by dialect.
    fn items(&self, place: &str) -> String {
        pointer::join(place, "items")
    }

    /// Replaces a reference by what it refers to, so that a change behind it is a change of this field only.
    fn settle(&mut self, mut place: String, path: &FieldPath) -> Result<String, Problem> {
        for _ in 0..MOST_HOPS {
            let Some(node) = self.schema.pointer(&place) else {
                return Err(self.absent(path));
            };
            let Some(target) = node.get("$ref").and_then(Value::as_str) else {
                return Ok(place);
            };
            let target = target.to_owned();
            let local = target
                .strip_prefix('#')
                .filter(|fragment| fragment.is_empty() || fragment.starts_with('/'))
                .map(str::to_owned);
            let Some(local) = local else {
                return Err(through(
                    path,
                    &target,
                    "it names another document or an anchor",
                ));
            };
            if place == local || place.starts_with(&format!("{local}/")) {
                return Err(through(path, &target, "it leads back to where it stands"));
            }
            let siblings: BTreeSet<String> = node
                .as_object()
                .into_iter()
                .flat_map(Map::keys)
                .filter(|key| *key != "$ref" && !ANNOTATIONS.contains(&key.as_str()))
                .cloned()
                .collect();
            // Up to draft-07 the siblings of a reference mean nothing.
            let siblings_count =
                !matches!(self.draft, Draft::Draft4 | Draft::Draft6 | Draft::Draft7);
            if siblings_count && !siblings.is_empty() {
                return Err(through(path, &target, "other keywords stand beside it"));
            }
            let Some(definition) = self.schema.pointer(&local).cloned() else {
                return Err(through(path, &target, "it leads nowhere"));
            };
            if uses(&self.schema, &target) == 1 {
                place = local;
            } else if let Some(node) = self.schema.pointer_mut(&place) {
                *node = definition;
            }
        }
        Err(through(path, "", "there are too many references in a row"))
    }

    fn object(
        &mut self,
        place: &str,
        path: &FieldPath,
    ) -> Result<&mut Map<String, Value>, Problem> {
        let holds_objects = self.schema.pointer(place).is_some_and(may_be_object);
        match self.schema.pointer_mut(place) {
            Some(Value::Object(members)) if holds_objects => Ok(members),
            _ => Err(not_an_object(path)),
        }
    }

    fn absent(&self, path: &FieldPath) -> Problem {
        let problem = Problem::error(
            "field_does_not_exist",
            "/path",
            format!("there is no field `{path}`"),
        );
        let known = self.known_beside(path);
        if known.is_empty() {
            problem
        } else {
            problem.remedy(format!("the fields there are {known}"))
        }
    }

    /// The names of the fields at the deepest place of the path that exists.
    fn known_beside(&self, path: &FieldPath) -> String {
        let mut place = String::new();
        for segment in path.segments() {
            let next = match segment {
                Segment::Field(name) => place_of_field(&place, name),
                Segment::Items => self.items(&place),
            };
            if self.schema.pointer(&next).is_none() {
                break;
            }
            place = next;
        }
        let names: Vec<_> = self
            .schema
            .pointer(&pointer::join(&place, "properties"))
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::keys)
            .take(12)
            .map(|name| format!("`{name}`"))
            .collect();
        names.join(", ")
    }
}

fn place_of_field(holder: &str, name: &str) -> String {
    pointer::join(&pointer::join(holder, "properties"), name)
}

/// The meta-schema has seen to it that `properties` is an object; `None` is for a document that nobody checked.
fn properties_of(holder: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    holder
        .entry("properties")
        .or_insert_with(|| Value::Object(Map::new()))
        .as_object_mut()
}

fn may_be_object(schema: &Value) -> bool {
    let Some(members) = schema.as_object() else {
        return false;
    };
    match members.get("type") {
        None => true,
        Some(Value::String(name)) => name == "object",
        Some(Value::Array(names)) => names.iter().any(|name| name == "object"),
        Some(_) => false,
    }
}

/// How many references in the document read exactly `target`.
fn uses(value: &Value, target: &str) -> usize {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| match (key.as_str(), member) {
                ("$ref", Value::String(found)) => usize::from(found == target),
                // Data, not schemas.
                ("enum" | "const" | "default" | "examples", _) => 0,
                _ => uses(member, target),
            })
            .sum(),
        Value::Array(items) => items.iter().map(|item| uses(item, target)).sum(),
        _ => 0,
    }
}

/// Takes a removed field's name out of the keywords that demand it.
fn forget_name(holder: &mut Map<String, Value>, name: &str) {
    if let Some(Value::Array(names)) = holder.get_mut("required") {
        names.retain(|known| known != name);
        if names.is_empty() {
            holder.shift_remove("required");
        }
    }
    for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
        if let Some(Value::Object(dependencies)) = holder.get_mut(keyword) {
            dependencies.shift_remove(name);
            for demanded in dependencies.values_mut() {
                if let Value::Array(names) = demanded {
                    names.retain(|known| known != name);
                }
            }
        }
    }
}

fn rename_mentions(holder: &mut Map<String, Value>, name: &str, new_name: &str) {
    let rename_in = |names: &mut Vec<Value>| {
        for known in names.iter_mut().filter(|known| **known == name) {
            *known = Value::String(new_name.to_owned());
        }
    };
    if let Some(Value::Array(names)) = holder.get_mut("required") {
        rename_in(names);
    }
    for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
        if let Some(Value::Object(dependencies)) = holder.get_mut(keyword) {
            *dependencies = std::mem::take(dependencies)
                .into_iter()
                .map(|(known, mut demanded)| {
                    if let Value::Array(names) = &mut demanded {
                        rename_in(names);
                    }
                    if known == name {
                        (new_name.to_owned(), demanded)
                    } else {
                        (known, demanded)
                    }
                })
                .collect();
        }
    }
}

fn not_an_object(path: &FieldPath) -> Problem {
    Problem::error(
        "path_not_an_object",
        "/path",
        format!("what would hold `{path}` is not an object with fields"),
    )
    .remedy("name a field of an object, or modify the field above it")
}

fn exists(path: &FieldPath, at: &str) -> Problem {
    Problem::error(
        "field_exists",
        at,
        format!("there is a field `{path}` already"),
    )
    .remedy("choose another name, or use `modify_field`")
}

fn no_field(path: &FieldPath) -> Problem {
    Problem::error(
        "path_names_no_field",
        "/path",
        format!("`{path}` does not end in the name of a field"),
    )
}

fn through(path: &FieldPath, target: &str, why: &str) -> Problem {
    Problem::error(
        "path_through_reference",
        "/path",
        format!("`{path}` leads through the reference `{target}`, which cannot be followed: {why}"),
    )
    .remedy("use `modify_field` on the field that holds the reference")
}
