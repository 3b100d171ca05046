//! Objects: the least one, the fullest one, and what lies one member away from either.

use std::collections::{HashMap, HashSet};

use super::{
    maker::{Maker, Object, Part, different, interleave, objects, weight},
    pattern, scalars, shape,
};
use crate::text::{Map, Value};

/// Names of one object that are tried.
const NAMES: usize = 300;

impl<'a> Maker<'_, 'a> {
    /// Objects that probably satisfy `way`.
    pub(super) fn objects(
        &self,
        way: &[Part<'a>],
        edges: &[Part<'a>],
        depth: usize,
        cap: usize,
    ) -> Vec<Value> {
        let must = objects(way);
        let hints = objects(edges);
        let required = names_under(&must, &["required"]);
        if required.len() > NAMES {
            // Half an object is no candidate.
            return Vec::new();
        }
        let mut names = names_under(&must, &["required", "properties"]);
        let declared: HashSet<&str> = names.iter().map(String::as_str).collect();
        let mut foreign = names_under(&hints, &["required", "properties"]);
        foreign.extend(names_under(
            &[must.as_slice(), hints.as_slice()].concat(),
            &["dependentRequired", "dependentSchemas", "dependencies"],
        ));
        // A name that nobody mentions is of interest where the sides differ about such names.
        let differ_about = |name: &str| {
            !self.agree(
                &self.member(way, name, true),
                &self.member(edges, name, false),
            )
        };
        foreign.extend(
            self.undeclared_names(way, edges, depth)
                .into_iter()
                .filter(|name| depth == 0 || differ_about(name)),
        );
        foreign.retain(|name| !declared.contains(name.as_str()));
        let mut seen = HashSet::new();
        foreign.retain(|name| seen.insert(name.clone()));
        names.truncate(NAMES);
        foreign.truncate(NAMES / 2);

        let values_of = |name: &str| {
            self.make(
                &self.member(way, name, true),
                &self.member(edges, name, false),
                depth + 1,
            )
        };
        let values: HashMap<&str, Vec<Value>> = names
            .iter()
            .chain(&foreign)
            .map(|name| (name.as_str(), values_of(name)))
            .collect();
        let first = |name: &str| values.get(name).and_then(|list| list.first()).cloned();

        // The least object: what is required, and what that requires in turn.
        let mut least = Object::new();
        let mut wanted: Vec<String> = required.into_iter().rev().collect();
        while let Some(name) = wanted.pop() {
            if least.contains_key(&name) || least.len() > NAMES {
                continue;
            }
            let value = match values.get(name.as_str()) {
                Some(list) => list.first().cloned(),
                None => values_of(&name).into_iter().next(),
            };
            let Some(value) = value else {
                return Vec::new();
            };
            wanted.extend(companions(&must, &name));
            least.insert(name, value);
        }
        let (fewest, most) = scalars::bounds(&must, "minProperties", "maxProperties");
        pad(&mut least, &names, &values, fewest);
        let mut full = least.clone();
        for name in &names {
            if most.is_some_and(|most| full.len() as u64 >= most) {
                break;
            }
            if let Some(value) = first(name) {
                full.entry(name.clone()).or_insert(value);
            }
        }

        let (least_weight, full_weight) = (members_weight(&least), members_weight(&full));
        let with = |base: &Object, base_weight: u64, name: &str, value: &Value| {
            if !self.pay(base_weight + weight(value)) {
                return None;
            }
            let mut changed = base.clone();
            changed.insert(name.to_owned(), value.clone());
            for companion in companions(&must, name) {
                if let (false, Some(value)) = (changed.contains_key(&companion), first(&companion))
                {
                    changed.insert(companion, value);
                }
            }
            Some(changed)
        };
        let (differing, agreeing): (Vec<&String>, Vec<&String>) = names
            .iter()
            .chain(&foreign)
            .partition(|name| differ_about(name));
        let around = |base: &Object, base_weight: u64| {
            let variants = |names: &[&String]| {
                let lists = names.iter().map(|name| {
                    let list = values.get(name.as_str()).map_or(&[][..], Vec::as_slice);
                    list.iter()
                        .map(|value| (name.to_string(), value))
                        .take(cap)
                        .collect()
                });
                interleave(lists.collect())
            };
            let mut tried = variants(&differing);
            tried.truncate(cap.saturating_mul(3) / 4);
            tried.extend(variants(&agreeing));
            let mut made = Vec::new();
            for (name, value) in tried.into_iter().take(cap) {
                match with(base, base_weight, &name, value) {
                    Some(object) => made.push(object),
                    None => break,
                }
            }
            made
        };
        let mut out = vec![least.clone(), full.clone()];
        out.extend(around(&least, least_weight));
        for name in full.keys().take(cap) {
            if !self.pay(full_weight) {
                break;
            }
            let mut rest = full.clone();
            rest.shift_remove(name);
            out.push(rest);
        }
        if cap > 3 {
            for size in scalars::counts(&must, &hints, ("minProperties", "maxProperties"), 64) {
                if !self.pay(least_weight + size) {
                    break;
                }
                let mut padded = least.clone();
                pad(&mut padded, &names, &values, size);
                out.push(padded);
            }
            let few: Vec<(&str, Value)> = names
                .iter()
                .chain(&foreign)
                .take(9)
                .filter_map(|name| Some((name.as_str(), first(name)?)))
                .collect();
            for (index, (one, a)) in few.iter().enumerate() {
                for (other, b) in few.iter().skip(index + 1) {
                    let both = with(&least, least_weight, one, a)
                        .and_then(|object| with(&object, least_weight, other, b));
                    out.extend(both);
                }
            }
            if full.len() != least.len() {
                out.extend(around(&full, full_weight));
            }
        }
        out.truncate(cap.saturating_mul(2));
        out.into_iter().map(Value::Object).collect()
    }

    /// Names that no `properties` declares: a fresh one, and those that patterns and `propertyNames` suggest.
    fn undeclared_names(&self, way: &[Part<'a>], edges: &[Part<'a>], depth: usize) -> Vec<String> {
        let mut found = vec!["zz".to_owned()];
        let mut rules = Vec::new();
        for part in way.iter().chain(edges) {
            let Some(object) = part.node.value.as_object() else {
                continue;
            };
            let patterns = object.get("patternProperties").and_then(Value::as_object);
            for expression in patterns.into_iter().flat_map(Map::keys).take(24) {
                found.extend(pattern::samples(expression).into_iter().take(3));
            }
            rules.extend(shape::child(self.documents, part, &["propertyNames"]));
        }
        for rule in rules {
            let made = self.make(std::slice::from_ref(&rule), &[], depth + 1);
            found.extend(made.iter().filter_map(Value::as_str).map(String::from));
            if let Some(list) = rule.node.value.get("enum").and_then(Value::as_array) {
                found.extend(list.iter().filter_map(Value::as_str).map(String::from));
            }
            found.extend(scalars::strings(&objects(std::slice::from_ref(&rule)), &[]));
        }
        found.truncate(60);
        found
    }

    /// What `parts` say about the member `name`. With `strict`, `unevaluatedProperties` speaks for what nothing else does.
    fn member(&self, parts: &[Part<'a>], name: &str, strict: bool) -> Vec<Part<'a>> {
        let mut found = Vec::new();
        for part in parts {
            let Some(object) = part.node.value.as_object() else {
                continue;
            };
            let before = found.len();
            let declared = |keyword: &str| object.get(keyword).and_then(Value::as_object);
            if declared("properties").is_some_and(|map| map.contains_key(name)) {
                found.extend(shape::child(self.documents, part, &["properties", name]));
            }
            for expression in declared("patternProperties")
                .into_iter()
                .flat_map(Map::keys)
            {
                if self.matches(expression, name) {
                    found.extend(shape::child(
                        self.documents,
                        part,
                        &["patternProperties", expression],
                    ));
                }
            }
            if found.len() == before {
                found.extend(shape::child(
                    self.documents,
                    part,
                    &["additionalProperties"],
                ));
            }
        }
        if found.is_empty() || !strict {
            for part in parts {
                found.extend(shape::child(
                    self.documents,
                    part,
                    &["unevaluatedProperties"],
                ));
            }
        }
        different(found)
    }
}

/// The names that the keywords list or map, in order, each once.
fn names_under(schemas: &[&Object], keywords: &[&str]) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut add = |name: &str| {
        if found.len() < NAMES * 2 && seen.insert(name.to_owned()) {
            found.push(name.to_owned());
        }
    };
    for schema in schemas {
        for keyword in keywords {
            match schema.get(*keyword) {
                Some(Value::Array(names)) => {
                    names.iter().filter_map(Value::as_str).for_each(&mut add)
                }
                Some(Value::Object(map)) => {
                    for (name, value) in map {
                        add(name);
                        let companions = value.as_array().filter(|_| *keyword != "properties");
                        companions
                            .into_iter()
                            .flatten()
                            .filter_map(Value::as_str)
                            .for_each(&mut add);
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// The names that must be there when `name` is.
fn companions(schemas: &[&Object], name: &str) -> Vec<String> {
    schemas
        .iter()
        .flat_map(|schema| ["dependentRequired", "dependencies"].map(|keyword| schema.get(keyword)))
        .flatten()
        .filter_map(|map| map.get(name)?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .map(String::from)
        .collect()
}

/// Adds members until there are `size`: declared ones first, then fresh names.
fn pad(object: &mut Object, names: &[String], values: &HashMap<&str, Vec<Value>>, size: u64) {
    let size = usize::try_from(size).unwrap_or(usize::MAX).min(512);
    for name in names {
        if object.len() >= size {
            return;
        }
        if let Some(value) = values.get(name.as_str()).and_then(|list| list.first()) {
            object.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    for index in 0.. {
        if object.len() >= size {
            return;
        }
        object.insert(format!("k{index}"), Value::Null);
    }
}

fn members_weight(object: &Object) -> u64 {
    1 + object.values().map(weight).sum::<u64>()
}
