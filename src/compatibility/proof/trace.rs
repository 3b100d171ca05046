//! A proof as JSON: the facts that the question rests on, in order of first use, each with its state and its tree.
//!
//! `docs/proofs.md` describes the shape. A trace is for reading and for keeping, so it is bounded: by [`FACTS`],
//! [`CHARACTERS`], [`RULES`] and [`DEEPEST`]. What is beyond is counted, and the checker has gone through all of it.

use std::collections::HashMap;

use super::{
    super::{
        Side,
        documents::Documents,
        form::{Form, Forms, Id, Members, Types},
        keywords,
        language::Languages,
        prove::{Fact, FactId, Literal, Tree},
    },
    checker, premises,
};
use crate::text::{Map, Value, pointer};

/// Most facts in a trace.
pub(in crate::compatibility) const FACTS: usize = 500;
/// Most characters of all facts together, the last one aside.
pub(in crate::compatibility) const CHARACTERS: usize = 100_000;
/// Most rules inside one another: readers of JSON have a bound of their own.
pub(in crate::compatibility) const DEEPEST: usize = 24;
/// Most rules in all facts together.
pub(in crate::compatibility) const RULES: usize = 1_000;
/// Most characters of a form that has no place in a schema.
const RENDERED: usize = 200;
/// Most references one after the other that are followed to find a place.
const CHAIN: usize = 16;
/// Most references that are named for one subschema.
const REFERENCES: usize = 3;

/// The trace of the proof that rests on `root`.
pub(in crate::compatibility) fn trace(
    forms: &Forms,
    languages: &Languages,
    facts: &[Fact],
    root: FactId,
    sides: &[Side<'_>; 2],
) -> Value {
    let order = order(facts, root);
    let numbers: HashMap<FactId, usize> = order
        .iter()
        .enumerate()
        .map(|(number, id)| (*id, number))
        .collect();
    let mut writer = Writer {
        forms,
        languages,
        places: [Places::default(), Places::default()],
        numbers,
        rules: 0,
        omitted: false,
    };
    for (side, places) in sides.iter().zip(&mut writer.places) {
        places.fill(side);
    }
    let mut written = Vec::new();
    let mut characters = 0;
    for id in order.iter().take(FACTS) {
        if characters > CHARACTERS {
            break;
        }
        let Some(fact) = facts.get(id.0 as usize) else {
            break;
        };
        let fact = writer.fact(fact, written.len());
        characters += fact.to_string().len();
        written.push(fact);
    }
    let mut trace = Map::new();
    if written.len() < order.len() || writer.omitted {
        trace.insert("truncated".into(), true.into());
        trace.insert("facts_in_all".into(), order.len().into());
    }
    trace.insert("facts".into(), Value::Array(written));
    Value::Object(trace)
}

/// The facts that the question rests on, in order of first use.
fn order(facts: &[Fact], root: FactId) -> Vec<FactId> {
    let mut order = vec![root];
    let mut known: HashMap<FactId, ()> = HashMap::from([(root, ())]);
    let mut next = 0;
    while let Some(id) = order.get(next).copied() {
        next += 1;
        let mut named = Vec::new();
        if let Some(fact) = facts.get(id.0 as usize) {
            premises(&fact.tree, &mut named);
        }
        order.extend(
            named
                .into_iter()
                .filter(|id| known.insert(*id, ()).is_none()),
        );
    }
    order
}

/// Where the subschemas of one side stand.
#[derive(Default)]
struct Places {
    /// By the address of the subschema.
    pointers: HashMap<usize, String>,
    /// The places of the references that lead to a subschema, by its address.
    references: HashMap<usize, Vec<String>>,
    /// From a subschema that is nothing but a reference to where it leads, by their addresses.
    targets: HashMap<usize, usize>,
}

impl Places {
    fn fill(&mut self, side: &Side<'_>) {
        self.walk("", side.schema);
        for (uri, document) in side.references {
            let uri = uri.split('#').next().unwrap_or(uri);
            self.walk(&format!("{uri}#"), document);
        }
        let Ok(draft) = side.dialect() else { return };
        let documents = Documents::without_places(side, draft);
        let mut pending: Vec<_> = std::iter::once(documents.root())
            .chain(documents.referenced())
            .collect();
        pending.reverse();
        let mut seen: HashMap<usize, ()> = HashMap::new();
        while let Some(node) = pending.pop() {
            let Value::Object(object) = node.value else {
                continue;
            };
            if seen.insert(address(node.value), ()).is_some() {
                continue;
            }
            for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
                let Some(reference) = object.get(keyword).and_then(Value::as_str) else {
                    continue;
                };
                let Some(target) = documents.resolve(&node, reference) else {
                    continue;
                };
                if let Some(here) = self.pointers.get(&address(node.value)) {
                    let known = self.references.entry(address(target.value)).or_default();
                    if known.len() < REFERENCES {
                        known.push(pointer::join(here, keyword));
                    }
                }
                if object.len() == 1 {
                    self.targets
                        .insert(address(node.value), address(target.value));
                }
                pending.push(target);
            }
            let inside = keywords::subschemas(object);
            pending.extend(
                inside
                    .iter()
                    .rev()
                    .filter_map(|(steps, _)| documents.child(&node, steps)),
            );
        }
    }

    fn walk(&mut self, base: &str, document: &Value) {
        let mut pending = vec![(base.to_owned(), document)];
        while let Some((at, value)) = pending.pop() {
            match value {
                Value::Array(list) => {
                    let each = list.iter().enumerate();
                    pending.extend(
                        each.map(|(index, member)| {
                            (pointer::join(&at, &index.to_string()), member)
                        }),
                    );
                }
                Value::Object(map) => {
                    pending.extend(
                        map.iter()
                            .map(|(name, member)| (pointer::join(&at, name), member)),
                    );
                    self.pointers.insert(address(value), at);
                }
                _ => {}
            }
        }
    }
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

struct Writer<'w> {
    forms: &'w Forms,
    languages: &'w Languages,
    places: [Places; 2],
    numbers: HashMap<FactId, usize>,
    /// Rules so far.
    rules: usize,
    omitted: bool,
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

impl Writer<'_> {
    fn fact(&mut self, fact: &Fact, number: usize) -> Value {
        let state: Vec<Value> = fact
            .state
            .iter()
            .map(|literal| self.literal(*literal))
            .collect();
        let same = fact
            .state
            .iter()
            .any(|literal| fact.state.contains(&literal.opposite()));
        let proof = if same && matches!(fact.tree, Tree::Clash) {
            object([("rule", "same_schema".into())])
        } else {
            self.tree(&fact.tree, 0)
        };
        object([
            ("fact", number.into()),
            ("state", state.into()),
            ("proof", proof),
        ])
    }

    fn literal(&self, literal: Literal) -> Value {
        let (key, what) = self.form(literal.form);
        object([("holds", literal.holds.into()), (key, what)])
    }

    /// A form as the subschema that it was read from, or in words.
    fn form(&self, id: Id) -> (&'static str, Value) {
        match self.place(id) {
            Some((side, pointer, references)) => {
                let mut schema = Map::new();
                schema.insert("side".into(), side.into());
                schema.insert("pointer".into(), pointer.into());
                if !references.is_empty() {
                    schema.insert("by".into(), references.iter().map(String::as_str).collect());
                }
                ("schema", Value::Object(schema))
            }
            None => ("form", self.words(id).into()),
        }
    }

    /// The side and pointer of the subschema that a form was read from, and the references that lead to it.
    fn place(&self, id: Id) -> Option<(&'static str, &str, &[String])> {
        let origin = self.forms.origin(id)?;
        let places = self.places.get(origin.side)?;
        // What is nothing but a reference says what it leads to.
        let mut at = origin.address;
        for _ in 0..CHAIN {
            match places.targets.get(&at) {
                Some(target) if places.pointers.contains_key(target) => at = *target,
                _ => break,
            }
        }
        let pointer = places.pointers.get(&at)?;
        let references = places.references.get(&at);
        let side = if origin.side == 0 { "old" } else { "new" };
        Some((side, pointer, references.map_or(&[], Vec::as_slice)))
    }

    fn facts(&self, facts: &[FactId]) -> Value {
        let mut numbers: Vec<usize> = facts
            .iter()
            .filter_map(|id| self.numbers.get(id).copied())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into()
    }

    fn number(&self, fact: FactId) -> Value {
        self.numbers
            .get(&fact)
            .map_or(Value::Null, |number| (*number).into())
    }

    fn tree(&mut self, tree: &Tree, depth: usize) -> Value {
        let mut out = Map::new();
        out.insert("rule".into(), checker::name(tree).into());
        self.rules += 1;
        let inner = matches!(
            tree,
            Tree::Types(_) | Tree::Cases(..) | Tree::Decide(..) | Tree::Rest(..)
        );
        if inner && (depth >= DEEPEST || self.rules > RULES) {
            self.omitted = true;
            out.insert("omitted".into(), true.into());
            return Value::Object(out);
        }
        let next = depth + 1;
        match tree {
            Tree::Clash | Tree::Values | Tree::Numbers | Tree::Strings | Tree::Counts => {}
            Tree::Types(branches) => {
                let branches = branches
                    .iter()
                    .map(|(kind, tree)| (kind.name().to_owned(), self.tree(tree, next)))
                    .collect();
                out.insert("types".into(), Value::Object(branches));
            }
            Tree::Cases(literal, cases) => {
                out.insert("of".into(), self.literal(*literal));
                let cases = cases
                    .iter()
                    .map(|case| {
                        case.as_ref()
                            .map_or(Value::Null, |tree| self.tree(tree, next))
                    })
                    .collect();
                out.insert("cases".into(), Value::Array(cases));
            }
            Tree::Decide(form, holds, fails) => {
                let (key, what) = self.form(*form);
                out.insert(key.into(), what);
                out.insert("holds".into(), self.tree(holds, next));
                out.insert("fails".into(), self.tree(fails, next));
            }
            Tree::Rest(literal, plain, tree) => {
                out.insert("of".into(), self.literal(*literal));
                out.insert("says".into(), self.literal(*plain));
                out.insert("proof".into(), self.tree(tree, next));
            }
            Tree::Forbidden(name) => {
                out.insert("name".into(), name.as_ref().into());
            }
            Tree::Member(name, fact) => {
                out.insert("name".into(), name.as_ref().into());
                out.insert("by".into(), self.number(*fact));
            }
            Tree::Item(position, fact) => {
                out.insert("position".into(), (*position).into());
                out.insert("by".into(), self.number(*fact));
            }
            Tree::Demand(literal, facts) => {
                out.insert("of".into(), self.literal(*literal));
                out.insert("by".into(), self.facts(facts));
            }
            Tree::Arrangement(facts) => {
                out.insert("by".into(), self.facts(facts));
            }
        }
        Value::Object(out)
    }

    /// A form in words, as short as can be.
    fn words(&self, id: Id) -> String {
        let mut words = String::new();
        self.say(id, 0, &mut words);
        if let Some((end, _)) = words.char_indices().nth(RENDERED) {
            words.truncate(end);
            words.push('…');
        }
        words
    }

    fn say(&self, id: Id, depth: usize, out: &mut String) {
        let form = self.forms.get(id);
        let parts = |parts: &[Id], out: &mut String, how: &str| {
            out.push_str(how);
            out.push('(');
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                if out.len() > 4 * RENDERED {
                    break;
                }
                self.say(*part, depth + 1, out);
            }
            out.push(')');
        };
        // A subschema inside has a place of its own.
        if depth > 0
            && let Some((side, pointer, _)) = self.place(id)
        {
            out.push_str(&format!("{side}#{pointer}"));
            return;
        }
        if depth > 4 {
            out.push('…');
            return;
        }
        let strict = |strict: &bool, plain: &'static str, exclusive: &'static str| {
            if *strict { exclusive } else { plain }
        };
        match form {
            Form::Anything => out.push_str("true"),
            Form::Nothing => out.push_str("false"),
            Form::All(all) => parts(all, out, "allOf"),
            Form::Any(any) => parts(any, out, "anyOf"),
            Form::One(one) => parts(one, out, "oneOf"),
            Form::Not(inner) => parts(&[*inner], out, "not"),
            Form::If(condition, then, otherwise) => {
                parts(&[*condition, *then, *otherwise], out, "if")
            }
            Form::Type(types) => out.push_str(&format!("type {}", type_names(*types))),
            Form::Values(list) => {
                let list: Vec<String> = list.iter().take(8).map(Value::to_string).collect();
                out.push_str(&format!("enum [{}]", list.join(", ")));
            }
            Form::From(bound, open) => out.push_str(&format!(
                "{} {bound}",
                strict(open, "minimum", "exclusiveMinimum")
            )),
            Form::To(bound, open) => out.push_str(&format!(
                "{} {bound}",
                strict(open, "maximum", "exclusiveMaximum")
            )),
            Form::Multiple(step) => out.push_str(&format!("multipleOf {step}")),
            Form::WrittenWhole => out.push_str("type integer (draft-04)"),
            Form::ShortestText(length) => out.push_str(&format!("minLength {length}")),
            Form::LongestText(length) => out.push_str(&format!("maxLength {length}")),
            Form::Pattern(pattern) => {
                let source = self.languages.source(*pattern).unwrap_or_default();
                out.push_str(&format!("pattern {source:?}"));
            }
            Form::Opaque(_, schema) => out.push_str(schema),
            Form::FewestItems(count) => out.push_str(&format!("minItems {count}")),
            Form::MostItems(count) => out.push_str(&format!("maxItems {count}")),
            Form::Distinct => out.push_str("uniqueItems"),
            Form::Items(prefix, rest) => {
                if !prefix.is_empty() {
                    parts(prefix, out, "prefixItems");
                    out.push(' ');
                }
                if let Some(rest) = rest {
                    parts(&[*rest], out, "items");
                }
            }
            Form::Contains(item, least, most) => {
                parts(&[*item], out, "contains");
                out.push_str(&format!(" at least {least}"));
                if let Some(most) = most {
                    out.push_str(&format!(" at most {most}"));
                }
            }
            Form::FewestMembers(count) => out.push_str(&format!("minProperties {count}")),
            Form::MostMembers(count) => out.push_str(&format!("maxProperties {count}")),
            Form::Required(name) => out.push_str(&format!("required {name:?}")),
            Form::Members(members) => self.say_members(members, depth, out),
            Form::Names(names) => parts(&[*names], out, "propertyNames"),
            Form::RestMembers(_, then) => parts(&[*then], out, "unevaluatedProperties"),
            Form::RestItems(_, then) => parts(&[*then], out, "unevaluatedItems"),
            Form::Link(_) => out.push_str("a reference to itself"),
        }
    }

    fn say_members(&self, members: &Members, depth: usize, out: &mut String) {
        let named = members
            .named
            .iter()
            .map(|(name, id)| (format!("{name:?}"), *id));
        let matched = members.patterns.iter().map(|(pattern, id)| {
            (
                format!("/{}/", self.languages.source(*pattern).unwrap_or_default()),
                *id,
            )
        });
        let others = members.rest.iter().map(|id| ("others".to_owned(), *id));
        out.push_str("members(");
        for (at, (name, id)) in named.chain(matched).chain(others).enumerate() {
            if out.len() > 4 * RENDERED {
                break;
            }
            if at > 0 {
                out.push_str(", ");
            }
            out.push_str(&name);
            out.push_str(": ");
            self.say(id, depth + 1, out);
        }
        out.push(')');
    }
}

fn type_names(types: Types) -> String {
    let names: Vec<&str> = types.iter().map(super::super::form::Type::name).collect();
    names.join(" or ")
}
