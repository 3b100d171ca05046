//! From a schema in its dialect to a form.
//!
//! The dialects differ in which keywords exist and in what a `$ref` does to its siblings. What is settled here:
//! up to draft-07 a `$ref` stands alone; `integer` takes 1.0 from draft-06 on; `dependencies` asserts in every dialect, as
//! the validator reads it; `format` and the content keywords annotate unless they are asked to assert (drafts 06 and 07 let
//! the validator assert the content keywords). Unknown keywords annotate.

use std::{collections::BTreeMap, collections::HashMap, rc::Rc};

use jsonschema::Draft;
use num_rational::BigRational;
use num_traits::One as _;

use super::{Form, Forms, Id, Members, Origin, Type, Types, rational, values};
use crate::compatibility::{
    documents::{Documents, Node},
    language::Languages,
};
use crate::schema::dialect;
use crate::text::{Map, Value};

/// Both sides as forms.
pub(in crate::compatibility) struct Compiled {
    pub forms: Forms,
    pub languages: Languages,
    /// The form of each side's schema.
    pub roots: [Id; 2],
}

/// Compiles both sides; `Err` says why a schema has no form.
pub(in crate::compatibility) fn compile<'a>(
    sides: [&Documents<'a>; 2],
    formats_assert: bool,
) -> Result<Compiled, String> {
    let mut compiler = Compiler {
        forms: Forms::new(),
        languages: Languages::default(),
        memo: HashMap::new(),
        later: Vec::new(),
        scopes: vec![Scope::default()],
        formats_assert,
        reserved: false,
        left: super::super::limits::VALUES,
    };
    let mut roots = [Id::ANYTHING; 2];
    for ((side, documents), root) in sides.into_iter().enumerate().zip(&mut roots) {
        let node = documents.root();
        let scope = compiler.entered(documents, ScopeId(0), &node.base);
        *root = compiler.schema(side, documents, &node, scope, 0)?;
        while let Some((node, scope, reserved)) = compiler.later.pop() {
            let id = compiler.object(side, documents, &node, scope, 0)?;
            compiler.forms.fill(reserved, id);
        }
    }
    let Compiler {
        mut forms,
        languages,
        reserved,
        ..
    } = compiler;
    if reserved {
        let (unified, renamed) = super::classes::unify(&forms);
        forms = unified;
        for root in &mut roots {
            *root = renamed.get(root.index()).copied().unwrap_or(*root);
        }
        if forms.lead_in_circles() {
            forms.cut_repetitions();
        }
        if forms.lead_in_circles() {
            return Err("a reference leads back to itself without a step into the value, which means nothing".into());
        }
    }
    Ok(Compiled {
        forms,
        languages,
        roots,
    })
}

/// What dynamic references see: for each dynamic anchor the outermost resource that has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Scope {
    anchors: BTreeMap<Rc<str>, Rc<str>>,
    recursive: Option<Rc<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ScopeId(u32);

enum Progress {
    Open(Option<Id>),
    Done(Id),
}

struct Compiler<'a> {
    forms: Forms,
    languages: Languages,
    memo: HashMap<(usize, usize, ScopeId), Progress>,
    /// Schemas that are too deep inside others to be compiled there, and the ids that stand for them.
    later: Vec<(Node<'a>, ScopeId, Id)>,
    scopes: Vec<Scope>,
    formats_assert: bool,
    /// Whether a reference came back to a schema that was not finished.
    reserved: bool,
    /// Schemas that may still be compiled.
    left: usize,
}

/// Schemas and references inside one another that are compiled there: the stack of a WebAssembly module is one megabyte.
const DEEPEST: usize = 40;

impl<'a> Compiler<'a> {
    /// The scope after entering a resource.
    fn entered(&mut self, documents: &Documents<'_>, scope: ScopeId, base: &Rc<str>) -> ScopeId {
        let (anchors, recursive) = documents.dynamic_anchors(base);
        if anchors.is_empty() && !recursive {
            return scope;
        }
        let Some(mut next) = self.scopes.get(scope.0 as usize).cloned() else {
            return scope;
        };
        for anchor in anchors {
            next.anchors
                .entry(Rc::clone(anchor))
                .or_insert_with(|| Rc::clone(base));
        }
        if recursive {
            next.recursive.get_or_insert_with(|| Rc::clone(base));
        }
        let at = match self.scopes.iter().position(|known| *known == next) {
            Some(at) => at,
            None => {
                self.scopes.push(next);
                self.scopes.len() - 1
            }
        };
        ScopeId(u32::try_from(at).unwrap_or(0))
    }

    fn schema(
        &mut self,
        side: usize,
        documents: &Documents<'a>,
        node: &Node<'a>,
        scope: ScopeId,
        depth: usize,
    ) -> Result<Id, String> {
        match node.value {
            Value::Bool(true) => return Ok(Id::ANYTHING),
            Value::Bool(false) => return Ok(Id::NOTHING),
            Value::Object(_) => {}
            _ => return Err("a subschema is neither an object nor a boolean".into()),
        }
        let key = (side, std::ptr::from_ref(node.value).addr(), scope);
        match self.memo.get_mut(&key) {
            Some(Progress::Done(id) | Progress::Open(Some(id))) => return Ok(*id),
            Some(Progress::Open(reserved)) => {
                let id = self.forms.reserve();
                *reserved = Some(id);
                self.reserved = true;
                return Ok(id);
            }
            None => {}
        }
        self.left = self
            .left
            .checked_sub(1)
            .ok_or("the references of the schemas lead to too many subschemas")?;
        if depth > DEEPEST {
            let id = self.forms.reserve();
            self.reserved = true;
            self.memo.insert(key, Progress::Open(Some(id)));
            self.later.push((node.clone(), scope, id));
            return Ok(id);
        }
        self.memo.insert(key, Progress::Open(None));
        self.object(side, documents, node, scope, depth)
    }

    /// Compiles a schema that is an object and not compiled yet.
    fn object(
        &mut self,
        side: usize,
        documents: &Documents<'a>,
        node: &Node<'a>,
        scope: ScopeId,
        depth: usize,
    ) -> Result<Id, String> {
        let Value::Object(object) = node.value else {
            return Err("a subschema is neither an object nor a boolean".into());
        };
        let address = std::ptr::from_ref(node.value).addr();
        let key = (side, address, scope);
        let mut reader = Reader {
            compiler: self,
            side,
            documents,
            node,
            object,
            scope,
            depth,
            parts: Vec::new(),
        };
        reader.read()?;
        let parts = reader.parts;
        let id = self.forms.add(Form::All(parts.into_boxed_slice()));
        self.forms.note(id, Origin { side, address });
        if let Some(Progress::Open(Some(reserved))) = self.memo.insert(key, Progress::Done(id)) {
            self.forms.fill(reserved, id);
        }
        Ok(id)
    }
}

struct Reader<'c, 'd, 'n, 'a> {
    compiler: &'c mut Compiler<'a>,
    side: usize,
    documents: &'d Documents<'a>,
    node: &'n Node<'a>,
    object: &'n Map<String, Value>,
    scope: ScopeId,
    depth: usize,
    parts: Vec<Id>,
}

impl<'n, 'a> Reader<'_, '_, 'n, 'a> {
    fn draft(&self) -> Draft {
        self.documents.draft()
    }

    /// Whether the dialect is one of 2019-09 and 2020-12.
    fn modern(&self) -> bool {
        self.documents.siblings_count()
    }

    fn say(&mut self, form: Form) {
        let id = self.compiler.forms.add(form);
        self.parts.push(id);
    }

    fn form(&mut self, form: Form) -> Id {
        self.compiler.forms.add(form)
    }

    fn inside<'s>(&mut self, segments: impl IntoIterator<Item = &'s str>) -> Result<Id, String> {
        let child = self
            .documents
            .inside(self.node, segments)
            .ok_or("a subschema is missing")?;
        let scope = if Rc::ptr_eq(&child.base, &self.node.base) || child.base == self.node.base {
            self.scope
        } else {
            self.compiler
                .entered(self.documents, self.scope, &child.base)
        };
        self.compiler
            .schema(self.side, self.documents, &child, scope, self.depth + 1)
    }

    fn list(&mut self, keyword: &str) -> Result<Option<Box<[Id]>>, String> {
        let Some(Value::Array(list)) = self.object.get(keyword) else {
            return Ok(None);
        };
        (0..list.len())
            .map(|index| self.inside([keyword, &index.to_string()]))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// The subschema of a keyword, where it has one.
    fn one(&mut self, keyword: &str) -> Result<Option<Id>, String> {
        match self.object.get(keyword) {
            Some(Value::Object(_) | Value::Bool(_)) => self.inside([keyword]).map(Some),
            _ => Ok(None),
        }
    }

    fn count(&self, keyword: &str) -> Option<u64> {
        let number = self.object.get(keyword)?;
        number.as_u64().or_else(|| super::normal(number).as_u64())
    }

    fn number(&self, keyword: &str) -> Option<BigRational> {
        match self.object.get(keyword) {
            Some(Value::Number(number)) => rational(number),
            _ => None,
        }
    }

    fn text(&self, keyword: &str) -> Option<&'n str> {
        self.object.get(keyword).and_then(Value::as_str)
    }

    fn read(&mut self) -> Result<(), String> {
        if !std::ptr::eq(self.node.value, self.documents.root().value)
            && self.text("$schema").is_some()
            && self.draft().detect(self.node.value) != self.draft()
        {
            return Err("a subschema is written in another dialect than its document".into());
        }
        if let Some(reference) = self.text("$ref") {
            let target = self
                .documents
                .resolve(self.node, reference)
                .ok_or_else(|| format!("`$ref` {reference:?} leads nowhere"))?;
            self.follow(&target)?;
            if !self.modern() {
                return Ok(());
            }
        }
        if self.modern() {
            self.dynamic_references()?;
        }
        self.kinds();
        self.combinators()?;
        self.numbers();
        self.strings();
        self.arrays()?;
        self.objects()?;
        if self.modern() {
            let beside: Box<[Id]> = {
                let mut parts = self.parts.clone();
                parts.sort_unstable();
                parts.dedup();
                parts.into_boxed_slice()
            };
            if let Some(then) = self.one("unevaluatedProperties")? {
                self.say(Form::RestMembers(beside.clone(), then));
            }
            if let Some(then) = self.one("unevaluatedItems")? {
                self.say(Form::RestItems(beside, then));
            }
        }
        Ok(())
    }

    fn follow(&mut self, target: &Node<'a>) -> Result<(), String> {
        let scope = self
            .compiler
            .entered(self.documents, self.scope, &target.base);
        let id = self
            .compiler
            .schema(self.side, self.documents, target, scope, self.depth + 1)?;
        self.parts.push(id);
        Ok(())
    }

    fn dynamic_references(&mut self) -> Result<(), String> {
        let scope = self.compiler.scopes.get(self.scope.0 as usize).cloned();
        let scope = scope.unwrap_or_default();
        if let (Draft::Draft202012, Some(reference)) = (self.draft(), self.text("$dynamicRef")) {
            let nowhere = || format!("`$dynamicRef` {reference:?} leads nowhere");
            let first = self
                .documents
                .resolve(self.node, reference)
                .ok_or_else(nowhere)?;
            let anchor = reference.split_once('#').map_or("", |(_, anchor)| anchor);
            let is_dynamic =
                first.value.get("$dynamicAnchor").and_then(Value::as_str) == Some(anchor);
            let target = match scope.anchors.get(anchor) {
                Some(base) if is_dynamic => self
                    .documents
                    .resolve(self.node, &format!("{base}#{anchor}"))
                    .ok_or_else(nowhere)?,
                _ => first,
            };
            self.follow(&target)?;
        }
        if let (Draft::Draft201909, Some(reference)) = (self.draft(), self.text("$recursiveRef")) {
            let nowhere = || format!("`$recursiveRef` {reference:?} leads nowhere");
            let first = self
                .documents
                .resolve(self.node, reference)
                .ok_or_else(nowhere)?;
            let is_recursive = first.value.get("$recursiveAnchor") == Some(&Value::Bool(true));
            let target = match scope.recursive {
                Some(base) if is_recursive => self
                    .documents
                    .resolve(self.node, &base)
                    .ok_or_else(nowhere)?,
                _ => first,
            };
            self.follow(&target)?;
        }
        Ok(())
    }

    fn kinds(&mut self) {
        let names: Vec<&str> = match self.object.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !names.is_empty() {
            let mut types = Types::NONE;
            for name in &names {
                types = types.with(match *name {
                    "null" => Type::Null,
                    "boolean" => Type::Boolean,
                    "string" => Type::String,
                    "array" => Type::Array,
                    "object" => Type::Object,
                    _ => Type::Number,
                });
            }
            self.say(Form::Type(types));
            if names.contains(&"integer") && !names.contains(&"number") {
                self.say(if self.draft() == Draft::Draft4 {
                    Form::WrittenWhole
                } else {
                    Form::Multiple(BigRational::one())
                });
            }
        }
        if let Some(Value::Array(list)) = self.object.get("enum") {
            self.say(values(list));
        }
        if self.draft() != Draft::Draft4
            && let Some(value) = self.object.get("const")
        {
            self.say(values([value]));
        }
    }

    fn combinators(&mut self) -> Result<(), String> {
        if let Some(parts) = self.list("allOf")? {
            self.parts.extend(parts);
        }
        if let Some(parts) = self.list("anyOf")? {
            self.say(Form::Any(parts));
        }
        if let Some(parts) = self.list("oneOf")? {
            self.say(Form::One(parts));
        }
        if let Some(part) = self.one("not")? {
            self.say(Form::Not(part));
        }
        if !matches!(self.draft(), Draft::Draft4 | Draft::Draft6)
            && let Some(condition) = self.one("if")?
        {
            let then = self.one("then")?.unwrap_or(Id::ANYTHING);
            let otherwise = self.one("else")?.unwrap_or(Id::ANYTHING);
            self.say(Form::If(condition, then, otherwise));
        }
        Ok(())
    }

    fn numbers(&mut self) {
        if self.draft() == Draft::Draft4 {
            let strict = |keyword| self.object.get(keyword) == Some(&Value::Bool(true));
            let (from, to) = (strict("exclusiveMinimum"), strict("exclusiveMaximum"));
            if let Some(bound) = self.number("minimum") {
                self.say(Form::From(bound, from));
            }
            if let Some(bound) = self.number("maximum") {
                self.say(Form::To(bound, to));
            }
        } else {
            if let Some(bound) = self.number("minimum") {
                self.say(Form::From(bound, false));
            }
            if let Some(bound) = self.number("maximum") {
                self.say(Form::To(bound, false));
            }
            if let Some(bound) = self.number("exclusiveMinimum") {
                self.say(Form::From(bound, true));
            }
            if let Some(bound) = self.number("exclusiveMaximum") {
                self.say(Form::To(bound, true));
            }
        }
        if let Some(divisor) = self.number("multipleOf") {
            self.say(Form::Multiple(divisor));
        }
    }

    fn strings(&mut self) {
        if let Some(length) = self.count("minLength") {
            self.say(Form::ShortestText(length));
        }
        if let Some(length) = self.count("maxLength") {
            self.say(Form::LongestText(length));
        }
        if let Some(source) = self.text("pattern") {
            let pattern = self.compiler.languages.pattern(source);
            self.say(Form::Pattern(pattern));
        }
        if self.compiler.formats_assert
            && let Some(format) = self.text("format")
        {
            self.opaque(&[("format", Some(format))]);
        }
        if matches!(self.draft(), Draft::Draft6 | Draft::Draft7) {
            let media = self.text("contentMediaType");
            let encoding = self.text("contentEncoding");
            if media.is_some() || encoding.is_some() {
                self.opaque(&[("contentMediaType", media), ("contentEncoding", encoding)]);
            }
        }
    }

    /// Keywords about strings that are not modelled: a schema of its own, for the validator to judge single texts by.
    fn opaque(&mut self, keywords: &[(&str, Option<&str>)]) {
        let mut schema = Map::new();
        schema.insert("$schema".into(), dialect::uri(self.draft()).into());
        for (keyword, value) in keywords {
            if let Some(value) = value {
                schema.insert((*keyword).to_owned(), (*value).into());
            }
        }
        let schema = Value::Object(schema).to_string();
        self.say(Form::Opaque(Types::only(Type::String), schema.into()));
    }

    fn arrays(&mut self) -> Result<(), String> {
        if let Some(count) = self.count("minItems") {
            self.say(Form::FewestItems(count));
        }
        if let Some(count) = self.count("maxItems") {
            self.say(Form::MostItems(count));
        }
        if self.object.get("uniqueItems") == Some(&Value::Bool(true)) {
            self.say(Form::Distinct);
        }
        let (prefix, rest) = if self.draft() == Draft::Draft202012 {
            (self.list("prefixItems")?, self.one("items")?)
        } else {
            match self.list("items")? {
                Some(prefix) => (Some(prefix), self.one("additionalItems")?),
                None => (None, self.one("items")?),
            }
        };
        if prefix.is_some() || rest.is_some() {
            self.say(Form::Items(prefix.unwrap_or_default(), rest));
        }
        if self.draft() != Draft::Draft4
            && let Some(item) = self.one("contains")?
        {
            let least = self.count("minContains").filter(|_| self.modern());
            let most = self.count("maxContains").filter(|_| self.modern());
            // In 2019-09 too an item that `contains` found counts as evaluated: validators agree, whatever its letter says.
            self.say(Form::Contains(item, least.unwrap_or(1), most));
        }
        Ok(())
    }

    fn objects(&mut self) -> Result<(), String> {
        if let Some(count) = self.count("minProperties") {
            self.say(Form::FewestMembers(count));
        }
        if let Some(count) = self.count("maxProperties") {
            self.say(Form::MostMembers(count));
        }
        if let Some(Value::Array(names)) = self.object.get("required") {
            for name in names.iter().filter_map(Value::as_str) {
                self.say(Form::Required(name.into()));
            }
        }
        let named = match self.object.get("properties") {
            Some(Value::Object(map)) => Some(
                map.keys()
                    .map(|name| Ok((Rc::from(name.as_str()), self.inside(["properties", name])?)))
                    .collect::<Result<Vec<(Rc<str>, Id)>, String>>()?,
            ),
            _ => None,
        };
        let patterns = match self.object.get("patternProperties") {
            Some(Value::Object(map)) => Some(
                map.keys()
                    .map(|source| {
                        let id = self.inside(["patternProperties", source])?;
                        Ok((self.compiler.languages.pattern(source), id))
                    })
                    .collect::<Result<Vec<_>, String>>()?,
            ),
            _ => None,
        };
        let rest = self.one("additionalProperties")?;
        if named.is_some() || patterns.is_some() || rest.is_some() {
            let mut named = named.unwrap_or_default();
            named.sort_unstable();
            let mut patterns = patterns.unwrap_or_default();
            patterns.sort_unstable();
            self.say(Form::Members(Members {
                named: named.into_boxed_slice(),
                patterns: patterns.into_boxed_slice(),
                rest,
            }));
        }
        if self.draft() != Draft::Draft4
            && let Some(names) = self.one("propertyNames")?
        {
            self.say(Form::Names(names));
        }
        self.dependencies("dependencies")?;
        if self.modern() {
            self.dependencies("dependentRequired")?;
            self.dependencies("dependentSchemas")?;
        }
        Ok(())
    }

    fn dependencies(&mut self, keyword: &str) -> Result<(), String> {
        let Some(Value::Object(map)) = self.object.get(keyword) else {
            return Ok(());
        };
        let object = self.form(Form::Type(Types::only(Type::Object)));
        for (name, dependency) in map {
            let required = self.form(Form::Required(name.as_str().into()));
            let condition = self.form(Form::All([object, required].into()));
            let consequence = match dependency {
                Value::Array(names) => {
                    let names: Vec<Id> = names
                        .iter()
                        .filter_map(Value::as_str)
                        .map(|name| self.compiler.forms.add(Form::Required(name.into())))
                        .collect();
                    self.form(Form::All(names.into_boxed_slice()))
                }
                _ => self.inside([keyword, name])?,
            };
            self.say(Form::If(condition, consequence, Id::ANYTHING));
        }
        Ok(())
    }
}
