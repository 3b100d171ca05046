//! The joint walk over both schemas.

use std::collections::HashSet;

use crate::text::{Map, Value, pointer};

use super::{Difference, MOST, combinators, containers, scalars};
use crate::compatibility::{
    documents::{Documents, Node},
    keywords::{self, Role},
};

/// Most pairs of subschemas that are looked at.
const PAIRS: usize = 60_000;

/// Keywords that stand for a schema elsewhere.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// A schema as an object: `true` is the empty one; `false` has its own flag.
pub(super) type Object = Map<String, Value>;

/// A pair of subschemas that stand for the same place.
#[derive(Clone)]
pub(super) struct Pair<'a> {
    pub old: Node<'a>,
    pub new: Node<'a>,
}

/// The state of the walk. A worklist, not recursion: chains of references may be as long as the document.
pub(super) struct Walk<'d, 'a> {
    pub old: &'d Documents<'a>,
    pub new: &'d Documents<'a>,
    pending: Vec<Pair<'a>>,
    /// Pairs found while one pair is compared, in document order.
    inside: Vec<Pair<'a>>,
    visited: HashSet<(usize, usize)>,
    found: Vec<Difference>,
    more: bool,
}

impl<'d, 'a> Walk<'d, 'a> {
    pub(super) fn new(old: &'d Documents<'a>, new: &'d Documents<'a>) -> Self {
        Self {
            old,
            new,
            pending: vec![Pair {
                old: old.root(),
                new: new.root(),
            }],
            inside: Vec::new(),
            visited: HashSet::new(),
            found: Vec::new(),
            more: false,
        }
    }

    pub(super) fn run(&mut self) {
        self.roots();
        while let Some(pair) = self.pending.pop() {
            let key = (
                std::ptr::from_ref(pair.old.value).addr(),
                std::ptr::from_ref(pair.new.value).addr(),
            );
            if !self.visited.insert(key) {
                continue;
            }
            if self.found.len() > MOST || self.visited.len() > PAIRS {
                self.more = true;
                return;
            }
            self.compare(&pair);
            self.pending.extend(self.inside.drain(..).rev());
        }
    }

    /// The differences, at most [`MOST`] and a last one that says so.
    pub(super) fn finish(mut self) -> Vec<Difference> {
        if self.more || self.found.len() > MOST {
            self.found.truncate(MOST);
            self.found.push(Difference {
                rule: "truncated",
                old_pointer: None,
                new_pointer: None,
                message: format!("There are more differences than the {MOST} listed here, or than could be looked for."),
            });
        }
        self.found
    }

    /// Notes a difference. An empty step means the place of the pair itself; `None` that there is no such place.
    pub(super) fn note(
        &mut self,
        pair: &Pair<'a>,
        rule: &'static str,
        (old, new): (Option<&str>, Option<&str>),
        message: String,
    ) {
        let place = |node: &Node<'_>, steps: Option<&str>| {
            let steps = steps?;
            Some(match node.elsewhere {
                // Inside a referenced document the place in the schema is the reference that led there.
                Some(_) => node.pointer.clone(),
                None => format!("{}{steps}", node.pointer),
            })
        };
        let message = match pair.old.elsewhere.as_ref().or(pair.new.elsewhere.as_ref()) {
            Some((uri, at)) => format!("{message} This is at {uri}#{at}."),
            None => message,
        };
        self.found.push(Difference {
            rule,
            old_pointer: place(&pair.old, old),
            new_pointer: place(&pair.new, new),
            message,
        });
    }

    /// Notes a difference at one keyword, which is there on the sides that `old` and `new` say.
    pub(super) fn note_keyword(
        &mut self,
        pair: &Pair<'a>,
        rule: &'static str,
        keyword: &str,
        message: String,
    ) {
        let at = pointer::join("", keyword);
        let has = |node: &Node<'_>| node.value.get(keyword).is_some().then_some(at.as_str());
        let (old, new) = (has(&pair.old), has(&pair.new));
        // A bound that is gone is still at its object.
        self.note(pair, rule, (old.or(Some("")), new.or(Some(""))), message);
    }

    /// Compares the subschemas that both sides have under these steps.
    pub(super) fn descend(&mut self, pair: &Pair<'a>, old: &str, new: &str) {
        if let (Some(old), Some(new)) = (
            self.old.child(&pair.old, old),
            self.new.child(&pair.new, new),
        ) {
            self.inside.push(Pair { old, new });
        }
    }

    fn roots(&mut self) {
        let pair = Pair {
            old: self.old.root(),
            new: self.new.root(),
        };
        let text = |node: &Node<'_>, keyword: &str| {
            node.value
                .get(keyword)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        if self.old.draft() != self.new.draft() {
            let message = format!(
                "The schema was written in {}, now in {}.",
                dialect_name(self.old.draft()),
                dialect_name(self.new.draft())
            );
            self.note_keyword(&pair, "dialect_changed", "$schema", message);
        }
        for keyword in ["$id", "id"] {
            let (old, new) = (text(&pair.old, keyword), text(&pair.new, keyword));
            if old != new && (keyword == "$id" || self.old.draft() == jsonschema::Draft::Draft4) {
                let message = format!(
                    "The schema's identifier was {}, now it is {}.",
                    old.as_deref().unwrap_or("not given"),
                    new.as_deref().unwrap_or("not given")
                );
                self.note_keyword(&pair, "identifier_changed", keyword, message);
            }
        }
        for keyword in ["$defs", "definitions"] {
            let map = |node: &Node<'a>| node.value.get(keyword).and_then(Value::as_object);
            let (old, new) = (map(&pair.old), map(&pair.new));
            for name in old.into_iter().flat_map(Map::keys) {
                let at = pointer::from_segments([keyword, name]);
                if new.is_none_or(|new| !new.contains_key(name)) {
                    let message = format!("The definition `{name}` is gone.");
                    self.note(&pair, "definition_removed", (Some(&at), None), message);
                }
            }
            for name in new.into_iter().flat_map(Map::keys) {
                let at = pointer::from_segments([keyword, name]);
                if old.is_none_or(|old| !old.contains_key(name)) {
                    let message = format!("The definition `{name}` is new.");
                    self.note(&pair, "definition_added", (None, Some(&at)), message);
                }
            }
        }
    }

    fn compare(&mut self, pair: &Pair<'a>) {
        let old_target = self.sole_reference(self.old, &pair.old);
        let new_target = self.sole_reference(self.new, &pair.new);
        let refers = |node: &Node<'_>| node.value.get("$ref").is_some();
        match (old_target, new_target) {
            (None, None) => self.compare_here(pair),
            // Both refer, and one says more beside it: the targets are one comparison, what stands beside another.
            (Some(_), None) | (None, Some(_)) if refers(&pair.old) && refers(&pair.new) => {
                self.compare_here(pair);
            }
            (old, new) => {
                self.annotations(pair);
                match (
                    old.unwrap_or_else(|| Some(pair.old.clone())),
                    new.unwrap_or_else(|| Some(pair.new.clone())),
                ) {
                    (Some(old), Some(new)) => self.inside.push(Pair { old, new }),
                    _ => self.references(pair),
                }
            }
        }
    }

    /// What a schema that only refers to another refers to: `None` when it does more than that, `Some(None)` when the
    /// target cannot be found.
    fn sole_reference(
        &self,
        documents: &Documents<'a>,
        node: &Node<'a>,
    ) -> Option<Option<Node<'a>>> {
        let object = node.value.as_object()?;
        let reference = object.get("$ref")?.as_str()?;
        let alone = !documents.siblings_count()
            || object.keys().all(|keyword| {
                keyword == "$ref"
                    || keyword == "$schema"
                    || keyword == "$id"
                    || matches!(keyword.as_str(), "$defs" | "definitions")
                    || keywords::ANNOTATIONS.contains(&keyword.as_str())
            });
        alone.then(|| documents.resolve(node, reference))
    }

    fn references(&mut self, pair: &Pair<'a>) {
        for keyword in REFERENCES {
            let text = |node: &Node<'a>| node.value.get(keyword).and_then(Value::as_str);
            let (old, new) = (text(&pair.old), text(&pair.new));
            let targets = (
                old.and_then(|reference| self.old.resolve(&pair.old, reference)),
                new.and_then(|reference| self.new.resolve(&pair.new, reference)),
            );
            match targets {
                (Some(old), Some(new)) => self.inside.push(Pair { old, new }),
                _ if old != new => {
                    let message = match (old, new) {
                        (Some(old), Some(new)) => {
                            format!("The reference to {old} became one to {new}.")
                        }
                        (Some(old), None) => format!("The reference to {old} is gone."),
                        (None, _) => format!("A reference to {} is new.", new.unwrap_or_default()),
                    };
                    self.note_keyword(pair, "reference_changed", keyword, message);
                }
                _ => {}
            }
        }
    }

    fn compare_here(&mut self, pair: &Pair<'a>) {
        let empty = Object::new();
        let (old, new) = match (pair.old.value, pair.new.value) {
            (Value::Bool(false), Value::Bool(false)) => return,
            (Value::Bool(false), _) => {
                let message = "A place that accepted nothing has a schema now.".to_owned();
                self.note(pair, "schema_replaced", (Some(""), Some("")), message);
                return;
            }
            (_, Value::Bool(false)) => {
                let message = "A place that had a schema accepts nothing now.".to_owned();
                self.note(pair, "schema_replaced", (Some(""), Some("")), message);
                return;
            }
            (old, new) => {
                // Up to draft-07 what stands beside a reference means nothing.
                let says = |documents: &Documents<'a>, schema: &'a Value| {
                    let object = schema.as_object()?;
                    (documents.siblings_count() || !object.contains_key("$ref")).then_some(object)
                };
                (
                    says(self.old, old).unwrap_or(&empty),
                    says(self.new, new).unwrap_or(&empty),
                )
            }
        };
        self.annotations(pair);
        self.references(pair);
        if !scalars::types(self, pair, old, new) {
            // Nothing that was accepted before can be accepted now; what else changed is of no interest.
            return;
        }
        scalars::values(self, pair, old, new);
        scalars::ranges(self, pair, old, new);
        scalars::texts(self, pair, old, new);
        containers::objects(self, pair, old, new);
        containers::arrays(self, pair, old, new);
        combinators::all(self, pair, old, new);
    }

    /// Annotations, keywords that no dialect knows, and what `format` and its kin say.
    fn annotations(&mut self, pair: &Pair<'a>) {
        let (Some(old), Some(new)) = (pair.old.value.as_object(), pair.new.value.as_object())
        else {
            return;
        };
        let names: Vec<&String> = old
            .keys()
            .chain(new.keys().filter(|name| !old.contains_key(*name)))
            .collect();
        for name in names {
            if old.get(name) == new.get(name) || known(name) {
                continue;
            }
            let rule = match name.as_str() {
                "format" => "format_changed",
                "contentEncoding" | "contentMediaType" | "contentSchema" => "content_changed",
                _ => "annotation_changed",
            };
            let message = match (old.get(name), new.get(name)) {
                (Some(was), Some(is)) => {
                    format!("`{name}` was {}, now it is {}.", brief(was), brief(is))
                }
                (Some(was), None) => format!("`{name}` was {}, now it is gone.", brief(was)),
                (None, _) => format!("`{name}` is new."),
            };
            self.note_keyword(pair, rule, name, message);
        }
    }
}

/// Whether another part of the walk speaks about the keyword.
fn known(keyword: &str) -> bool {
    const SAID_ELSEWHERE: [&str; 35] = [
        "$anchor",
        "$dynamicAnchor",
        "$dynamicRef",
        "$id",
        "$recursiveAnchor",
        "$recursiveRef",
        "$ref",
        "$schema",
        "$vocabulary",
        "const",
        "dependentRequired",
        "divisibleBy",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "id",
        "maxContains",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minContains",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "pattern",
        "required",
        "type",
        "uniqueItems",
        "$defs",
        "definitions",
        "dependencies",
        "properties",
    ];
    SAID_ELSEWHERE.contains(&keyword)
        || keyword != "contentSchema"
            && (keywords::role(keyword, &Value::Bool(true)) == Role::Schema
                || keywords::role(keyword, &Value::Array(Vec::new())) == Role::List
                || keywords::role(keyword, &Value::Object(Map::new())) == Role::Map)
}

fn dialect_name(draft: jsonschema::Draft) -> &'static str {
    match draft {
        jsonschema::Draft::Draft4 => "draft-04",
        jsonschema::Draft::Draft6 => "draft-06",
        jsonschema::Draft::Draft7 => "draft-07",
        jsonschema::Draft::Draft201909 => "draft 2019-09",
        jsonschema::Draft::Draft202012 => "draft 2020-12",
        _ => "an unknown dialect",
    }
}

/// A value in a sentence: its JSON text, cut when it is long.
pub(super) fn brief(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

/// A text that two schemas share exactly when they say the same, annotations and the order of members aside.
pub(super) fn fingerprint(schema: &Value) -> String {
    let mut out = String::new();
    write_fingerprint(schema, true, &mut out);
    out
}

fn write_fingerprint(value: &Value, is_schema: bool, out: &mut String) {
    match value {
        Value::Object(object) => {
            let mut names: Vec<&String> = object
                .keys()
                .filter(|name| !is_schema || !keywords::ANNOTATIONS.contains(&name.as_str()))
                .collect();
            names.sort();
            out.push('{');
            for name in names {
                let Some(member) = object.get(name) else {
                    continue;
                };
                let role = if is_schema {
                    keywords::role(name, member)
                } else {
                    Role::Data
                };
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                match (role, member) {
                    (Role::Map, Value::Object(map)) => {
                        let mut inner: Vec<(&String, &Value)> = map.iter().collect();
                        inner.sort_by_key(|(name, _)| *name);
                        out.push('{');
                        for (name, member) in inner {
                            out.push_str(&Value::String(name.clone()).to_string());
                            out.push(':');
                            write_fingerprint(member, true, out);
                            out.push(',');
                        }
                        out.push('}');
                    }
                    (Role::List, _) | (Role::Schema, _) => write_fingerprint(member, true, out),
                    _ => write_fingerprint(member, false, out),
                }
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for member in list {
                write_fingerprint(member, is_schema, out);
                out.push(',');
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}
