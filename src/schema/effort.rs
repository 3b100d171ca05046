//! How much work a schema can cause, bounded before any is done.
//!
//! A validator walks the applicators that judge the same place (`allOf`, `$ref`, …) again and again; a few lines of schema can
//! make that exponential. Two counts catch it: the subschemas applied to one place, and how often one child is judged.

use std::collections::{HashMap, HashSet};

use super::{Document, References};
use crate::text::{Problem, Value, pointer};

/// Most subschemas that may be applied to one place of an artifact. Real schemas stay below some thousands.
const MOST_AT_ONE_PLACE: u64 = 1_000_000;

/// Most steps that listing the reasons of one artifact may take, estimated.
const MOST_TO_EXPLAIN: f64 = 2e6;

/// Keywords whose subschemas judge the same place.
const IN_PLACE: [&str; 9] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependencies",
];

/// Refuses a schema that applies more than a million subschemas to one place.
pub(crate) fn check(schema: &Value, references: &References) -> Vec<Problem> {
    let mut walk = Walk::new(schema, references);
    let mut worst = 0;
    let mut places = Vec::new();
    collect_objects(schema, &mut places);
    for document in references.values() {
        collect_objects(document, &mut places);
    }
    for place in places {
        worst = worst.max(walk.applied(place));
    }
    if worst > MOST_AT_ONE_PLACE {
        vec![
            Problem::error(
                "schema_too_branching",
                "",
                format!("the schema applies more than {MOST_AT_ONE_PLACE} subschemas to one place, by references that fan out"),
            )
            .remedy("refer to a definition once instead of from several alternatives that lead to the same one"),
        ]
    } else {
        Vec::new()
    }
}

/// Whether the reasons why an artifact is invalid can be listed in bounded time.
pub(crate) fn can_explain(document: &Document, artifact: &Value) -> bool {
    let depth = depth(artifact);
    if depth < 8 {
        return true;
    }
    let mut walk = Walk::new(document.schema(), document.references());
    let mut places = Vec::new();
    collect_objects(document.schema(), &mut places);
    for referenced in document.references().values() {
        collect_objects(referenced, &mut places);
    }
    let most = places
        .into_iter()
        .map(|place| walk.most_for_one_child(place))
        .max()
        .unwrap_or(1);
    (most as f64).powf(depth as f64) <= MOST_TO_EXPLAIN
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn collect_objects<'a>(value: &'a Value, into: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            into.push(value);
            for (name, member) in members {
                // Data, not schemas.
                if name != "enum" && name != "const" && name != "default" && name != "examples" {
                    collect_objects(member, into);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_objects(item, into)),
        _ => {}
    }
}

type Address = *const Value;

struct Walk<'a> {
    root: &'a Value,
    /// `$id`s, anchors and the URIs of referenced documents, as they are written.
    named: HashMap<String, &'a Value>,
    memo: HashMap<Address, u64>,
    open: HashSet<Address>,
}

impl<'a> Walk<'a> {
    fn new(root: &'a Value, references: &'a References) -> Self {
        let mut named = HashMap::new();
        let mut objects = Vec::new();
        collect_objects(root, &mut objects);
        for (uri, document) in references {
            named.insert(uri.clone(), document);
            collect_objects(document, &mut objects);
        }
        for object in objects {
            for keyword in ["$id", "id"] {
                if let Some(id) = object.get(keyword).and_then(Value::as_str) {
                    named.insert(id.trim_end_matches('#').to_owned(), object);
                }
            }
            for keyword in ["$anchor", "$dynamicAnchor"] {
                if let Some(anchor) = object.get(keyword).and_then(Value::as_str) {
                    named.insert(format!("#{anchor}"), object);
                }
            }
        }
        Self {
            root,
            named,
            memo: HashMap::new(),
            open: HashSet::new(),
        }
    }

    /// The subschemas that judge the same place as `schema`.
    fn in_place(&self, schema: &'a Value) -> Vec<&'a Value> {
        let mut found = Vec::new();
        let Some(members) = schema.as_object() else {
            return found;
        };
        for keyword in IN_PLACE {
            match members.get(keyword) {
                Some(Value::Array(items)) => found.extend(items),
                Some(Value::Object(inner)) if keyword.starts_with("depend") => {
                    found.extend(inner.values());
                }
                Some(other) => found.push(other),
                None => {}
            }
        }
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            if let Some(target) = members.get(keyword).and_then(Value::as_str) {
                found.extend(self.resolve(target));
            }
        }
        found
    }

    /// The target of a reference, as far as it can be told without base URIs. What stays unknown costs nothing here and is
    /// found again by its own place.
    fn resolve(&self, target: &str) -> Option<&'a Value> {
        if let Some(found) = self.named.get(target.trim_end_matches('#')) {
            return Some(found);
        }
        let (document, fragment) = target.split_once('#')?;
        let base = if document.is_empty() {
            self.root
        } else {
            self.named
                .iter()
                .find(|(name, _)| name.ends_with(document))
                .map(|(_, document)| *document)?
        };
        let mut place = base;
        for segment in pointer::split(fragment)? {
            place = match place {
                Value::Object(members) => members.get(&segment)?,
                Value::Array(items) => items.get(segment.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(place)
    }

    /// How many subschemas are applied to one place, counting each way to reach them.
    fn applied(&mut self, schema: &'a Value) -> u64 {
        let address: Address = schema;
        if let Some(known) = self.memo.get(&address) {
            return *known;
        }
        // A reference back to a place that is being judged is cut off by the validator.
        if !self.open.insert(address) {
            return 1;
        }
        let mut total: u64 = 1;
        for next in self.in_place(schema) {
            total = total.saturating_add(self.applied(next));
        }
        self.open.remove(&address);
        self.memo.insert(address, total);
        total
    }

    /// The most often that one child of a place is judged.
    fn most_for_one_child(&mut self, schema: &'a Value) -> u64 {
        let mut by_child: HashMap<&'a str, u64> = HashMap::new();
        let mut any_child = 0;
        let mut seen = HashMap::new();
        self.count_children(schema, &mut by_child, &mut any_child, &mut seen);
        by_child.values().copied().max().unwrap_or(0) + any_child
    }

    fn count_children(
        &self,
        schema: &'a Value,
        by_child: &mut HashMap<&'a str, u64>,
        any_child: &mut u64,
        seen: &mut HashMap<Address, u32>,
    ) {
        // Each way to reach a subschema counts, up to a cap that is past every budget already.
        let times = seen.entry(schema).or_insert(0);
        *times += 1;
        if *times > 16 || seen.len() > 10_000 {
            return;
        }
        let Some(members) = schema.as_object() else {
            return;
        };
        for (keyword, value) in members {
            match keyword.as_str() {
                "properties" => {
                    for name in value
                        .as_object()
                        .into_iter()
                        .flatten()
                        .map(|(name, _)| name)
                    {
                        *by_child.entry(name).or_insert(0) += 1;
                    }
                }
                "patternProperties" => {
                    *any_child += value
                        .as_object()
                        .map_or(0, |patterns| patterns.len() as u64);
                }
                "items" | "prefixItems" | "contains" => {
                    *by_child.entry("\0items").or_insert(0) += 1
                }
                "additionalProperties" | "unevaluatedProperties" if value.is_object() => {
                    *any_child += 1;
                }
                "unevaluatedItems" | "additionalItems" if value.is_object() => {
                    *by_child.entry("\0items").or_insert(0) += 1;
                }
                _ => {}
            }
        }
        for next in self.in_place(schema) {
            self.count_children(next, by_child, any_child, seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fan(levels: usize) -> Value {
        let mut definitions = serde_json::Map::new();
        for level in 0..levels {
            let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
            definitions.insert(format!("d{level}"), json!({"allOf": [next, next]}));
        }
        definitions.insert(format!("d{levels}"), json!({"type": "integer"}));
        json!({"$defs": definitions, "$ref": "#/$defs/d0"})
    }

    #[test]
    fn references_that_fan_out_are_refused_before_they_run() {
        assert_eq!(check(&fan(10), &References::new()), vec![]);
        let problems = check(&fan(40), &References::new());
        assert_eq!(problems[0].code, "schema_too_branching");
    }

    #[test]
    fn recursion_is_no_fan() {
        let tree = json!({"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}, "allOf": [{"$ref": "#"}]});
        assert_eq!(check(&tree, &References::new()), vec![]);
    }
}
