//! One side of a question, rewritten to what an assumption says of it.
//!
//! A rewriting only goes one way: the writer's side may come to accept less, the reader's side more. Keywords that turn the
//! way around, or that count, keep their content as it was written: `not`, `if`, `propertyNames`, `contains` with
//! `maxContains`. What they refer to is then found in a second copy of the documents that is not rewritten.
//! For `oneOf`, of whose branches exactly one must hold, the writer's side keeps the branches and adds that a rewritten one
//! holds; the reader's side asks for at least one rewritten branch.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jsonschema::Draft;
use serde_json::json;

use crate::schema::Formats;
use crate::text::{Map, Value};

use super::{
    Assumption, Side, bundle,
    documents::{Documents, Node},
    keywords,
};

/// Most steps from one subschema to another that looking for what applies to one place may take.
const LOOKS: usize = 4_000_000;

/// Where the documents are found as they were written.
const AS_WRITTEN: &str = "urn:schema-senate:as-written";

/// Keywords that hold data and no schema.
const DATA: [&str; 4] = ["const", "default", "enum", "examples"];

/// Keywords that name a place; a branch that holds one cannot stand twice in a document.
const NAMES: [&str; 5] = ["$anchor", "$dynamicAnchor", "$id", "$recursiveAnchor", "id"];

/// A side after rewriting.
#[derive(Debug)]
pub(super) struct Rewritten {
    schema: Value,
    references: BTreeMap<String, Value>,
    draft: Option<Draft>,
}

impl Rewritten {
    /// It as a side.
    pub(super) fn side(&self) -> Side<'_> {
        Side {
            schema: &self.schema,
            references: &self.references,
            draft: self.draft,
        }
    }
}

/// The writer's side; `None` when the assumptions say nothing about it. `Err` says why it cannot be rewritten, as part of a
/// sentence.
pub(super) fn writer(
    side: &Side<'_>,
    assumptions: &BTreeSet<Assumption>,
) -> Result<Option<Rewritten>, String> {
    if !assumptions.contains(&Assumption::ClosedWriters) {
        return Ok(None);
    }
    rewritten(side, Way::Narrower, |graph| graph.closings())
}

/// The reader's side, as [`writer`].
pub(super) fn reader(
    side: &Side<'_>,
    assumptions: &BTreeSet<Assumption>,
    formats: Formats,
) -> Result<Option<Rewritten>, String> {
    let lists = assumptions.contains(&Assumption::TolerantEnumReaders);
    let defaults = assumptions.contains(&Assumption::DefaultsFilled);
    if !lists && !defaults {
        return Ok(None);
    }
    rewritten(side, Way::Wider, |graph| {
        let mut edits = Edits::new();
        if lists {
            graph.open_lists(&mut edits);
        }
        if defaults {
            graph.fill_defaults(&mut edits, formats)?;
        }
        Ok(edits)
    })
}

fn rewritten(
    side: &Side<'_>,
    way: Way,
    edits: impl Fn(&Graph<'_, '_>) -> Result<Edits, String>,
) -> Result<Option<Rewritten>, String> {
    // Where the dialect is unknown the engine says so itself.
    let Ok(draft) = side.dialect() else {
        return Ok(None);
    };
    let documents = Documents::new(side, draft);
    let graph = Graph::new(side, draft, &documents)?;
    let mut edits = edits(&graph)?;
    if edits.is_empty() {
        return Ok(None);
    }
    let touched = graph.reaching(&edits);
    for (number, place) in graph.places.iter().enumerate() {
        let splits = place
            .one_of
            .iter()
            .any(|branch| touched.get(*branch) == Some(&true));
        if splits && graph.live.get(number) == Some(&true) {
            edits.entry(number).or_default().split = true;
        }
    }
    let rewriter = Rewriter {
        graph: &graph,
        edits: &edits,
        touched: &touched,
        way,
    };
    rewriter.check_references_into_branches()?;
    let schema = rewriter.copy(side.schema, false)?;
    let mut references = BTreeMap::new();
    for (uri, document) in side.references {
        references.insert(uri.clone(), rewriter.copy(document, false)?);
    }
    if schema == *side.schema && references == *side.references {
        return Ok(None);
    }
    // Cheap to carry along, and found only by the references that were turned to it.
    if let Some(as_written) = bundle::bundle(side, draft) {
        references.insert(AS_WRITTEN.to_owned(), as_written);
    }
    Ok(Some(Rewritten {
        schema,
        references,
        draft: side.draft,
    }))
}

/// Whether a side comes to accept less or more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Narrower,
    Wider,
}

/// What is done to one subschema.
#[derive(Debug, Default)]
struct Edit {
    /// No members but these.
    close: Option<Declared>,
    /// Strings in `enum` and `const` stand for any string.
    open_lists: bool,
    /// Names that are no longer required.
    filled: BTreeSet<String>,
    /// `oneOf` holds rewritten branches.
    split: bool,
}

/// By the number of the subschema.
type Edits = BTreeMap<usize, Edit>;

/// The names that are declared at one place of an artifact.
#[derive(Clone, Debug, Default)]
struct Declared {
    names: BTreeSet<String>,
    patterns: BTreeSet<String>,
    /// Whether a `properties` is among what declares them.
    properties: bool,
    /// Whether further members have a schema of their own.
    further: bool,
}

/// A subschema and what it applies.
#[derive(Debug)]
struct Place<'a> {
    node: Node<'a>,
    /// Subschemas applied to the same place of an artifact.
    same: Vec<usize>,
    /// Those of them that are branches of `oneOf`.
    one_of: Vec<usize>,
    /// Subschemas applied to the same place of an artifact by keywords whose content stays as it is.
    same_as_written: Vec<usize>,
    /// Subschemas applied to members and items.
    below: Vec<usize>,
    /// Where its references lead, by keyword.
    references: Vec<(&'static str, usize)>,
}

/// All subschemas of a side.
struct Graph<'s, 'a> {
    side: &'s Side<'a>,
    draft: Draft,
    siblings_count: bool,
    numbers: HashMap<usize, usize>,
    places: Vec<Place<'a>>,
    /// Whether a subschema is applied by keywords that a rewriting goes through.
    live: Vec<bool>,
    /// Subschemas that are applied to a place of an artifact for themselves, and not beside others.
    entries: BTreeSet<usize>,
    /// Whether a schema anywhere asks what its neighbours have evaluated.
    unevaluated: bool,
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

impl<'s, 'a> Graph<'s, 'a> {
    fn new(side: &'s Side<'a>, draft: Draft, documents: &Documents<'a>) -> Result<Self, String> {
        let mut graph = Self {
            side,
            draft,
            siblings_count: documents.siblings_count(),
            numbers: HashMap::new(),
            places: Vec::new(),
            live: Vec::new(),
            entries: BTreeSet::new(),
            unevaluated: false,
        };
        for root in std::iter::once(documents.root()).chain(documents.referenced()) {
            let detected = draft.detect(root.value);
            if detected != draft && detected != Draft::Unknown {
                return Err(
                    "an assumption cannot be applied across documents of different dialects"
                        .to_owned(),
                );
            }
            graph.number(root);
        }
        let dynamic = graph.find_all(documents);
        graph.connect(documents, &dynamic);
        graph.mark_live();
        Ok(graph)
    }

    fn number(&mut self, node: Node<'a>) -> usize {
        let next = self.places.len();
        let number = *self.numbers.entry(address(node.value)).or_insert(next);
        if number == next {
            self.places.push(Place {
                node,
                same: Vec::new(),
                one_of: Vec::new(),
                same_as_written: Vec::new(),
                below: Vec::new(),
                references: Vec::new(),
            });
        }
        number
    }

    /// Numbers every subschema; answers those that a dynamic reference may lead to, by anchor. The recursive anchor is `#`.
    fn find_all(&mut self, documents: &Documents<'a>) -> BTreeMap<String, Vec<usize>> {
        let mut dynamic: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut next = 0;
        while let Some(node) = self.places.get(next).map(|place| place.node.clone()) {
            let number = next;
            next += 1;
            let Some(object) = node.value.as_object() else {
                continue;
            };
            if let Some(anchor) = object.get("$dynamicAnchor").and_then(Value::as_str) {
                dynamic.entry(anchor.to_owned()).or_default().push(number);
            }
            if object.get("$recursiveAnchor") == Some(&Value::Bool(true)) {
                dynamic.entry("#".to_owned()).or_default().push(number);
            }
            self.unevaluated |= object.contains_key("unevaluatedProperties");
            for (steps, _) in keywords::subschemas(object) {
                if let Some(child) = documents.child(&node, &steps) {
                    self.number(child);
                }
            }
            for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
                let text = object.get(keyword).and_then(Value::as_str);
                if let Some(target) = text.and_then(|text| documents.resolve(&node, text)) {
                    self.number(target);
                }
            }
        }
        dynamic
    }

    fn connect(&mut self, documents: &Documents<'a>, dynamic: &BTreeMap<String, Vec<usize>>) {
        for number in 0..self.places.len() {
            let Some(node) = self.places.get(number).map(|place| place.node.clone()) else {
                continue;
            };
            let Some(object) = node.value.as_object() else {
                continue;
            };
            let mut references = Vec::new();
            for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
                let Some(text) = object.get(keyword).and_then(Value::as_str) else {
                    continue;
                };
                if let Some(target) = documents.resolve(&node, text)
                    && let Some(target) = self.numbers.get(&address(target.value))
                {
                    references.push((keyword, *target));
                }
                let anchor = match keyword {
                    "$dynamicRef" => text.split_once('#').map(|(_, anchor)| anchor),
                    "$recursiveRef" => Some("#"),
                    _ => None,
                };
                let candidates = anchor.and_then(|anchor| dynamic.get(anchor));
                references.extend(candidates.into_iter().flatten().map(|at| (keyword, *at)));
            }
            let alone = self.refers_only(object);
            let mut same: Vec<usize> = references
                .iter()
                .filter(|(keyword, _)| !alone || *keyword == "$ref")
                .map(|(_, target)| *target)
                .collect();
            let (mut one_of, mut as_written, mut below) = (Vec::new(), Vec::new(), Vec::new());
            let found = if alone {
                Vec::new()
            } else {
                keywords::subschemas(object)
            };
            for (steps, value) in found {
                let Some(&target) = self.numbers.get(&address(value)) else {
                    continue;
                };
                match steps.split('/').nth(1).unwrap_or("") {
                    "allOf" | "anyOf" | "then" | "else" | "dependentSchemas" | "dependencies" => {
                        same.push(target);
                    }
                    "oneOf" => {
                        same.push(target);
                        one_of.push(target);
                    }
                    "not" | "if" => as_written.push(target),
                    "contains" if object.contains_key("maxContains") => {}
                    "additionalItems"
                    | "additionalProperties"
                    | "contains"
                    | "items"
                    | "patternProperties"
                    | "prefixItems"
                    | "properties"
                    | "unevaluatedItems"
                    | "unevaluatedProperties" => below.push(target),
                    _ => {}
                }
            }
            if let Some(place) = self.places.get_mut(number) {
                place.same = same;
                place.one_of = one_of;
                place.same_as_written = as_written;
                place.below = below;
                place.references = references;
            }
        }
    }

    /// Whether everything beside `$ref` is ignored.
    fn refers_only(&self, object: &Map<String, Value>) -> bool {
        !self.siblings_count && object.get("$ref").is_some_and(Value::is_string)
    }

    fn mark_live(&mut self) {
        self.live = vec![false; self.places.len()];
        self.entries.insert(0);
        let mut pending = vec![0];
        while let Some(number) = pending.pop() {
            match self.live.get_mut(number) {
                Some(live) if !*live => *live = true,
                _ => continue,
            }
            if let Some(place) = self.places.get(number) {
                self.entries.extend(&place.below);
                pending.extend(place.same.iter().chain(&place.below));
            }
        }
    }

    /// Everything that applies to the place of an artifact that an entry applies to. `true`: by keywords that a rewriting
    /// goes through.
    fn together(&self, entry: usize, looks: &mut usize) -> Result<BTreeMap<usize, bool>, String> {
        let mut found: BTreeMap<usize, bool> = BTreeMap::new();
        let mut pending = vec![(entry, true)];
        while let Some((number, live)) = pending.pop() {
            *looks += 1;
            if *looks > LOOKS {
                return Err(
                    "too many subschemas apply to one place to find out what they declare together"
                        .to_owned(),
                );
            }
            match found.get(&number) {
                Some(known) if *known || !live => continue,
                _ => found.insert(number, live),
            };
            if let Some(place) = self.places.get(number) {
                pending.extend(place.same.iter().map(|next| (*next, live)));
                pending.extend(place.same_as_written.iter().map(|next| (*next, false)));
            }
        }
        Ok(found)
    }

    fn object(&self, number: usize) -> Option<&'a Map<String, Value>> {
        self.places.get(number)?.node.value.as_object()
    }

    fn closings(&self) -> Result<Edits, String> {
        let mut looks = 0;
        let mut by_entry: BTreeMap<usize, Declared> = BTreeMap::new();
        for entry in &self.entries {
            let together = self.together(*entry, &mut looks)?;
            let mut declared = Declared::default();
            for number in together.keys() {
                if let Some(object) = self.object(*number) {
                    declared.add(object, self.refers_only(object));
                }
            }
            looks += declared.names.len();
            // Whatever builds on another entry in place adds its names to it.
            for (number, live) in &together {
                if *live && self.entries.contains(number) {
                    by_entry.entry(*number).or_default().join(&declared);
                }
            }
        }
        Ok(by_entry
            .into_iter()
            .filter(|(number, declared)| {
                self.live.get(*number) == Some(&true)
                    && declared.properties
                    && !declared.further
                    && self.object(*number).is_some_and(|object| {
                        self.refers_only(object)
                            || ["additionalProperties", "unevaluatedProperties"]
                                .iter()
                                .all(|keyword| object.get(*keyword) != Some(&Value::Bool(false)))
                    })
            })
            .map(|(number, declared)| {
                let edit = Edit {
                    close: Some(declared),
                    ..Edit::default()
                };
                (number, edit)
            })
            .collect())
    }

    fn open_lists(&self, edits: &mut Edits) {
        for number in 0..self.places.len() {
            let Some(object) = self
                .object(number)
                .filter(|object| !self.refers_only(object))
                .filter(|_| self.live.get(number) == Some(&true))
            else {
                continue;
            };
            let may_be_a_string = match object.get("type") {
                Some(Value::String(one)) => one == "string",
                Some(Value::Array(list)) => list.iter().any(|one| one == "string"),
                _ => true,
            };
            let listed = |keyword: &str| match (keyword, object.get(keyword)) {
                ("enum", Some(Value::Array(list))) => list.iter().any(Value::is_string),
                ("const", Some(value)) => self.draft != Draft::Draft4 && value.is_string(),
                _ => false,
            };
            if may_be_a_string && (listed("enum") || listed("const")) {
                edits.entry(number).or_default().open_lists = true;
            }
        }
    }

    fn fill_defaults(&self, edits: &mut Edits, formats: Formats) -> Result<(), String> {
        let mut looks = 0;
        // Only what every place agrees on that a subschema is applied to.
        let mut filled: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        let mut judge = Judge::new(self, formats);
        for entry in &self.entries {
            let together = self.together(*entry, &mut looks)?;
            let names = self.defaults(&together, &mut judge)?;
            for number in together
                .iter()
                .filter(|(_, live)| **live)
                .map(|(number, _)| number)
            {
                filled
                    .entry(*number)
                    .and_modify(|known| known.retain(|name| names.contains(name)))
                    .or_insert_with(|| names.clone());
            }
        }
        for (number, names) in filled {
            let Some(object) = self
                .object(number)
                .filter(|object| !self.refers_only(object))
                .filter(|_| self.live.get(number) == Some(&true))
            else {
                continue;
            };
            let required = object.get("required").and_then(Value::as_array);
            let taken: BTreeSet<String> = required
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .filter(|name| names.contains(name))
                .map(str::to_owned)
                .collect();
            if !taken.is_empty() {
                edits.entry(number).or_default().filled = taken;
            }
        }
        Ok(())
    }

    /// The names that are required and have a default at one place, where filling it in can make nothing else fail.
    fn defaults(
        &self,
        together: &BTreeMap<usize, bool>,
        judge: &mut Judge<'_, '_, 'a>,
    ) -> Result<BTreeSet<&'a str>, String> {
        let objects: Vec<(&'a Map<String, Value>, bool)> = together
            .iter()
            .filter_map(|(number, live)| Some((self.object(*number)?, *live)))
            .filter(|(object, _)| !self.refers_only(object))
            .collect();
        let required: BTreeSet<&'a str> = objects
            .iter()
            .filter_map(|(object, _)| object.get("required")?.as_array())
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let counts_or_names = |object: &Map<String, Value>| {
            ["maxProperties", "patternProperties", "propertyNames"]
                .iter()
                .any(|keyword| object.contains_key(*keyword))
        };
        if objects.iter().any(|(object, _)| counts_or_names(object)) {
            return Ok(BTreeSet::new());
        }
        let mut filled = BTreeSet::new();
        'names: for name in required {
            let mut declarations = Vec::new();
            for (object, live) in &objects {
                let triggers = ["dependencies", "dependentRequired", "dependentSchemas"]
                    .iter()
                    .any(|keyword| {
                        object
                            .get(*keyword)
                            .is_some_and(|map| map.get(name).is_some())
                    });
                let declaration = object
                    .get("properties")
                    .and_then(|properties| properties.get(name));
                let asked_elsewhere = !live
                    && (declaration.is_some()
                        || object
                            .get("required")
                            .and_then(Value::as_array)
                            .is_some_and(|list| list.iter().any(|one| one == name)));
                if triggers || asked_elsewhere {
                    continue 'names;
                }
                declarations.extend(declaration);
            }
            let mut defaults = declarations.iter().filter_map(|one| self.default_of(one));
            let Some(default) = defaults.next() else {
                continue;
            };
            if defaults.any(|other| other != default) {
                continue;
            }
            let mut valid = true;
            for declaration in &declarations {
                valid = valid && judge.accepts(declaration, default)?;
            }
            if valid {
                filled.insert(name);
            }
        }
        Ok(filled)
    }

    /// The default of a property: beside its schema, or where its schema refers to.
    fn default_of(&self, declaration: &'a Value) -> Option<&'a Value> {
        let mut number = *self.numbers.get(&address(declaration))?;
        // A chain of references longer than there are subschemas is a circle.
        for _ in 0..self.places.len() {
            let object = self.object(number)?;
            if !self.refers_only(object)
                && let Some(default) = object.get("default")
            {
                return Some(default);
            }
            let place = self.places.get(number)?;
            number = place
                .references
                .iter()
                .find(|(keyword, _)| *keyword == "$ref")?
                .1;
        }
        None
    }

    /// Which subschemas lead to one that is edited.
    fn reaching(&self, edits: &Edits) -> Vec<bool> {
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); self.places.len()];
        for (number, place) in self.places.iter().enumerate() {
            for target in place.same.iter().chain(&place.below) {
                if let Some(users) = users.get_mut(*target) {
                    users.push(number);
                }
            }
        }
        let mut reaching = vec![false; self.places.len()];
        let mut pending: Vec<usize> = edits.keys().copied().collect();
        while let Some(number) = pending.pop() {
            match reaching.get_mut(number) {
                Some(reaches) if !*reaches => *reaches = true,
                _ => continue,
            }
            pending.extend(users.get(number).into_iter().flatten());
        }
        reaching
    }

    /// Where a subschema is found in the copy that is not rewritten.
    fn as_written(&self, number: usize) -> Option<String> {
        let node = &self.places.get(number)?.node;
        let at = match &node.elsewhere {
            None => &node.pointer,
            Some((_, at)) => at,
        };
        let definitions = match self.draft {
            Draft::Draft201909 | Draft::Draft202012 => "$defs",
            _ => "definitions",
        };
        let document = crate::text::pointer::from_segments([definitions, &bundle::name(node)]);
        Some(format!(
            "{AS_WRITTEN}#{}",
            bundle::percent_encoded(&format!("{document}{at}"))
        ))
    }
}

impl Declared {
    fn add(&mut self, object: &Map<String, Value>, refers_only: bool) {
        if refers_only {
            return;
        }
        let keys = |keyword: &str| {
            object
                .get(keyword)
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
        };
        self.properties |= keys("properties").next().is_some();
        self.names
            .extend(keys("properties").map(|(name, _)| name.clone()));
        self.patterns
            .extend(keys("patternProperties").map(|(pattern, _)| pattern.clone()));
        for keyword in ["dependencies", "dependentRequired", "dependentSchemas"] {
            for (name, needed) in keys(keyword) {
                self.names.insert(name.clone());
                self.add_names(needed);
            }
        }
        object
            .get("required")
            .into_iter()
            .for_each(|required| self.add_names(required));
        let listed = object.get("enum").and_then(Value::as_array);
        for value in listed.into_iter().flatten().chain(object.get("const")) {
            if let Value::Object(members) = value {
                self.names.extend(members.keys().cloned());
            }
        }
        for keyword in ["additionalProperties", "unevaluatedProperties"] {
            self.further |= match object.get(keyword) {
                None | Some(Value::Bool(_)) => false,
                Some(Value::Object(further)) => further
                    .keys()
                    .any(|keyword| !keywords::ANNOTATIONS.contains(&keyword.as_str())),
                Some(_) => true,
            };
        }
    }

    fn add_names(&mut self, list: &Value) {
        let list = list.as_array().into_iter().flatten();
        self.names
            .extend(list.filter_map(Value::as_str).map(str::to_owned));
    }

    fn join(&mut self, other: &Self) {
        self.names.extend(other.names.iter().cloned());
        self.patterns.extend(other.patterns.iter().cloned());
        self.properties |= other.properties;
        self.further |= other.further;
    }

    /// Whether the schema itself declares all of them.
    fn are_all_of(&self, object: &Map<String, Value>) -> bool {
        let declares = |keyword: &str, name: &String| {
            object
                .get(keyword)
                .is_some_and(|declared| declared.get(name).is_some())
        };
        self.names.iter().all(|name| declares("properties", name))
            && self
                .patterns
                .iter()
                .all(|pattern| declares("patternProperties", pattern))
    }

    /// A schema that refuses other members.
    fn schema(&self, unevaluated: bool) -> Value {
        if unevaluated {
            // Says nothing about what is evaluated, unlike `properties`.
            let mut branches = vec![json!({"enum": self.names})];
            branches.extend(
                self.patterns
                    .iter()
                    .map(|pattern| json!({"pattern": pattern})),
            );
            return json!({"propertyNames": {"anyOf": branches}});
        }
        let empty = |names: &BTreeSet<String>| -> Value {
            names
                .iter()
                .map(|name| (name.clone(), json!({})))
                .collect::<Map<_, _>>()
                .into()
        };
        let mut schema = Map::new();
        schema.insert("properties".into(), empty(&self.names));
        if !self.patterns.is_empty() {
            schema.insert("patternProperties".into(), empty(&self.patterns));
        }
        schema.insert("additionalProperties".into(), false.into());
        schema.into()
    }
}

/// Judges defaults under the schemas of their properties, as they were written.
struct Judge<'g, 's, 'a> {
    graph: &'g Graph<'s, 'a>,
    formats: Formats,
    references: Option<BTreeMap<String, Value>>,
    known: HashMap<(usize, usize), bool>,
}

impl<'g, 's, 'a> Judge<'g, 's, 'a> {
    fn new(graph: &'g Graph<'s, 'a>, formats: Formats) -> Self {
        Self {
            graph,
            formats,
            references: None,
            known: HashMap::new(),
        }
    }

    fn accepts(&mut self, declaration: &'a Value, default: &'a Value) -> Result<bool, String> {
        let key = (address(declaration), address(default));
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let references = match &mut self.references {
            Some(references) => references,
            empty => {
                let bundled = bundle::bundle(self.graph.side, self.graph.draft)
                    .ok_or_else(|| CANNOT_STAND_TWICE.to_owned())?;
                empty.insert(BTreeMap::from([(AS_WRITTEN.to_owned(), bundled)]))
            }
        };
        let number = self.graph.numbers.get(&address(declaration));
        let uri = number.and_then(|number| self.graph.as_written(*number));
        let schema = json!({ "$ref": uri });
        let side = Side {
            schema: &schema,
            references,
            draft: Some(self.graph.draft),
        };
        let accepts = side
            .validator(self.graph.draft, self.formats)
            .is_ok_and(|validator| validator.is_valid(default));
        self.known.insert(key, accepts);
        Ok(accepts)
    }
}

const CANNOT_STAND_TWICE: &str = "an assumption cannot be applied, because a schema with dynamic references, an unresolved \
                                  reference or names of its own cannot stand twice in one document";

/// Copies the documents, edited.
struct Rewriter<'g, 's, 'a> {
    graph: &'g Graph<'s, 'a>,
    edits: &'g Edits,
    /// Which subschemas lead to an edited one.
    touched: &'g [bool],
    way: Way,
}

impl Rewriter<'_, '_, '_> {
    /// A `oneOf` that becomes an `anyOf` is no longer found by pointers.
    fn check_references_into_branches(&self) -> Result<(), String> {
        if self.way == Way::Narrower {
            return Ok(());
        }
        let place = |number: usize| {
            let node = &self.graph.places.get(number)?.node;
            Some(match &node.elsewhere {
                None => (None, node.pointer.clone()),
                Some((uri, at)) => (Some(uri.to_string()), at.clone()),
            })
        };
        let targets: BTreeSet<_> = self
            .graph
            .places
            .iter()
            .flat_map(|place| &place.references)
            .filter_map(|(_, target)| place(*target))
            .collect();
        for (number, _) in self.edits.iter().filter(|(_, edit)| edit.split) {
            if let Some((document, at)) = place(*number) {
                let inside = format!("{at}/oneOf/");
                let mut behind = targets.range((document.clone(), inside.clone())..);
                if behind
                    .next()
                    .is_some_and(|(of, at)| *of == document && at.starts_with(&inside))
                {
                    return Err("an assumption cannot be applied to branches of `oneOf` that a reference leads into".to_owned());
                }
            }
        }
        Ok(())
    }

    /// A copy of a part of a document. As deep as the document, which has passed the size check.
    fn copy(&self, value: &Value, as_written: bool) -> Result<Value, String> {
        let object = match value {
            Value::Array(list) => {
                return list
                    .iter()
                    .map(|member| self.copy(member, as_written))
                    .collect();
            }
            Value::Object(object) => object,
            _ => return Ok(value.clone()),
        };
        let Some(&number) = self.graph.numbers.get(&address(value)) else {
            let members: Result<Map<_, _>, String> = object
                .iter()
                .map(|(name, member)| Ok((name.clone(), self.copy(member, as_written)?)))
                .collect();
            return members.map(Value::Object);
        };
        let edit = self.edits.get(&number).filter(|_| !as_written);
        let mut copy = Map::new();
        for (keyword, member) in object {
            let stays = as_written
                || match keyword.as_str() {
                    "not" | "if" | "propertyNames" => true,
                    "contains" => object.contains_key("maxContains"),
                    "oneOf" => edit.is_some_and(|edit| edit.split) && self.way == Way::Narrower,
                    _ => false,
                };
            let member = match keyword.as_str() {
                data if DATA.contains(&data) => member.clone(),
                "$ref" | "$dynamicRef" | "$recursiveRef" if as_written => {
                    self.reference(number, keyword, member)?
                }
                _ => self.copy(member, stays)?,
            };
            copy.insert(keyword.clone(), member);
        }
        if let Some(edit) = edit {
            self.edit(edit, object, &mut copy)?;
        }
        Ok(Value::Object(copy))
    }

    /// A reference out of content that stays as it is.
    fn reference(&self, number: usize, keyword: &str, text: &Value) -> Result<Value, String> {
        let references = self.graph.places.get(number).map(|place| &place.references);
        let touched = references
            .into_iter()
            .flatten()
            .find(|(by, target)| *by == keyword && self.touched.get(*target) == Some(&true));
        match touched {
            None => Ok(text.clone()),
            Some((_, target)) if keyword == "$ref" => {
                // The documents as they were written must be there to be referred to.
                bundle::bundle(self.graph.side, self.graph.draft)
                    .and_then(|_| self.graph.as_written(*target))
                    .map(Value::String)
                    .ok_or_else(|| CANNOT_STAND_TWICE.to_owned())
            }
            Some(_) => Err(CANNOT_STAND_TWICE.to_owned()),
        }
    }

    fn edit(
        &self,
        edit: &Edit,
        written: &Map<String, Value>,
        copy: &mut Map<String, Value>,
    ) -> Result<(), String> {
        if edit.split
            && let Some(branches) = written.get("oneOf")
        {
            match self.way {
                Way::Narrower => {
                    if names_a_place(branches) {
                        return Err(CANNOT_STAND_TWICE.to_owned());
                    }
                    let rewritten = self.copy(branches, false)?;
                    also(copy, json!({ "anyOf": rewritten }));
                }
                Way::Wider => {
                    if let Some(branches) = copy.shift_remove("oneOf") {
                        if copy.contains_key("anyOf") {
                            also(copy, json!({ "anyOf": branches }));
                        } else {
                            copy.insert("anyOf".into(), branches);
                        }
                    }
                }
            }
        }
        if edit.open_lists {
            for keyword in ["enum", "const"] {
                open_list(self.graph.draft, keyword, copy);
            }
        }
        if !edit.filled.is_empty()
            && let Some(Value::Array(required)) = copy.get_mut("required")
        {
            required.retain(|name| name.as_str().is_none_or(|name| !edit.filled.contains(name)));
            if required.is_empty() {
                copy.shift_remove("required");
            }
        }
        if let Some(declared) = &edit.close {
            if self.graph.refers_only(written) {
                // What stands beside the reference was ignored and must stay so; definitions are still referred to.
                copy.retain(|keyword, _| {
                    matches!(
                        keyword.as_str(),
                        "$ref" | "$schema" | "$defs" | "definitions"
                    )
                });
                let reference = copy.shift_remove("$ref").unwrap_or_default();
                also(copy, json!({ "$ref": reference }));
                also(copy, declared.schema(false));
            } else if declared.are_all_of(written) {
                copy.insert("additionalProperties".into(), false.into());
            } else {
                also(copy, declared.schema(self.graph.unevaluated));
            }
        }
        Ok(())
    }
}

/// One schema more that must hold.
fn also(schema: &mut Map<String, Value>, another: Value) {
    match schema.get_mut("allOf") {
        Some(Value::Array(list)) => list.push(another),
        _ => {
            schema.insert("allOf".into(), json!([another]));
        }
    }
}

/// Any string where strings were listed; the other values of the list stay.
fn open_list(draft: Draft, keyword: &str, schema: &mut Map<String, Value>) {
    let values = match (keyword, schema.get(keyword)) {
        ("enum", Some(Value::Array(list))) => list.clone(),
        ("const", Some(value)) if draft != Draft::Draft4 => vec![value.clone()],
        _ => return,
    };
    let others: Vec<Value> = values
        .iter()
        .filter(|value| !value.is_string())
        .cloned()
        .collect();
    if others.len() == values.len() {
        return;
    }
    schema.shift_remove(keyword);
    let string = if others.is_empty() {
        json!({"type": "string"})
    } else if others.iter().all(Value::is_null) {
        json!({"type": ["string", "null"]})
    } else {
        json!({"anyOf": [{"type": "string"}, {"enum": others}]})
    };
    match (schema.get("type"), string.get("type")) {
        (Some(have), Some(want)) if have == want => {}
        (None, Some(want)) => {
            schema.insert("type".into(), want.clone());
        }
        _ => also(schema, string),
    }
}

/// Whether a part of a document, taken twice, would name a place twice.
fn names_a_place(value: &Value) -> bool {
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(list) => pending.extend(list),
            Value::Object(object) => {
                if NAMES
                    .iter()
                    .any(|keyword| object.get(*keyword).is_some_and(Value::is_string))
                {
                    return true;
                }
                pending.extend(object.values());
            }
            _ => {}
        }
    }
    false
}
