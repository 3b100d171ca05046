//! The joint walk over both schemas.

use std::collections::{HashMap, HashSet};

use crate::text::{Map, Value, pointer};

use super::{
    Difference, Hurts, MOST, Rule, combinators, containers, dialects,
    rules::{self, Subject},
    scalars,
    values::{brief, fingerprint, key, shape},
};
use crate::compatibility::{
    documents::{Documents, Node},
    keywords::{self, Role},
};

/// Most pairs of subschemas that are looked at.
const PAIRS: usize = 60_000;

/// Most definitions of one schema whose renaming is looked for.
const DEFINITIONS: usize = 1_000;

/// Keywords that stand for a schema elsewhere.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// A schema as an object: `true` is the empty one; `false` has its own flag.
pub(super) type Object = Map<String, Value>;

/// What the way from the root to a place makes of a change there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Turn {
    /// What is refused there is refused.
    Straight,
    /// What is refused there is accepted: inside one `not`.
    Turned,
    /// Either may happen: inside `if`, or inside alternatives that must not overlap.
    Both,
}

/// What surrounds a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Context {
    pub turn: Turn,
    /// Whether `unevaluatedProperties` or `unevaluatedItems` around it asks what is evaluated here.
    pub unevaluated: bool,
}

/// How a subschema is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// To a member, an item or a name.
    Inside,
    /// To the same value.
    InPlace,
    /// To the same value, by `not`.
    Negated,
    /// To an item, where matching less helps.
    NegatedInside,
    /// Where matching more and matching less both can hurt either side.
    Unclear,
}

/// A pair of subschemas that stand for the same place.
#[derive(Clone)]
pub(super) struct Pair<'a> {
    pub old: Node<'a>,
    pub new: Node<'a>,
    pub context: Context,
}

impl Pair<'_> {
    /// The context of a subschema that is applied so.
    fn step(&self, step: Step) -> Context {
        let Context { turn, unevaluated } = self.context;
        let asks = |node: &Node<'_>| {
            let asks = |keyword| {
                node.value
                    .get(keyword)
                    .is_some_and(|value| value != &Value::Bool(true))
            };
            asks("unevaluatedProperties") || asks("unevaluatedItems")
        };
        let turned = match turn {
            Turn::Straight => Turn::Turned,
            Turn::Turned => Turn::Straight,
            Turn::Both => Turn::Both,
        };
        match step {
            Step::Inside => Context {
                turn,
                unevaluated: false,
            },
            Step::InPlace => Context {
                turn,
                unevaluated: unevaluated || asks(&self.old) || asks(&self.new),
            },
            // Nothing is evaluated by what `not` holds.
            Step::Negated | Step::NegatedInside => Context {
                turn: turned,
                unevaluated: false,
            },
            Step::Unclear => Context {
                turn: Turn::Both,
                unevaluated: false,
            },
        }
    }
}

/// The state of the walk. A worklist, not recursion: chains of references may be as long as the document.
pub(super) struct Walk<'d, 'a> {
    pub old: &'d Documents<'a>,
    pub new: &'d Documents<'a>,
    pending: Vec<Pair<'a>>,
    /// Pairs found while one pair is compared, in document order.
    inside: Vec<Pair<'a>>,
    visited: HashSet<(usize, usize, Context)>,
    found: Vec<Difference>,
    /// Where the difference of a fingerprint stands: one that is reached on two ways is told once.
    by_fingerprint: HashMap<String, usize>,
    /// How often names may still be matched against patterns.
    pub matches_left: usize,
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
                context: Context {
                    turn: Turn::Straight,
                    unevaluated: false,
                },
            }],
            inside: Vec::new(),
            visited: HashSet::new(),
            found: Vec::new(),
            by_fingerprint: HashMap::new(),
            matches_left: 10_000,
            more: false,
        }
    }

    pub(super) fn run(&mut self) {
        self.roots();
        while let Some(pair) = self.pending.pop() {
            let key = (
                std::ptr::from_ref(pair.old.value).addr(),
                std::ptr::from_ref(pair.new.value).addr(),
                pair.context,
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
            let rule = &rules::TRUNCATED;
            self.found.push(Difference {
                rule: rule.id,
                hurts: rule.hurts,
                old_pointer: None,
                new_pointer: None,
                message: format!("There are more differences than the {MOST} listed here, or than could be looked for."),
                repair: rule.repair_for(&Subject::new("", None, None)),
                fingerprint: fingerprint(rule.id, [None; 4], "", [None; 2]),
            });
        }
        self.found
    }

    /// Notes a difference. An empty step means the place of the pair itself; `None` that there is no such place.
    pub(super) fn note(
        &mut self,
        pair: &Pair<'a>,
        rule: &Rule,
        (old, new): (Option<&str>, Option<&str>),
        subject: &Subject<'_>,
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
        let elsewhere = |node: &Node<'_>, steps: Option<&str>| {
            let (uri, at) = node.elsewhere.as_ref()?;
            Some(format!("{uri}#{at}{}", steps.unwrap_or_default()))
        };
        let message = match pair.old.elsewhere.as_ref().or(pair.new.elsewhere.as_ref()) {
            Some((uri, at)) => format!("{message} This is at {uri}#{at}."),
            None => message,
        };
        let (old_pointer, new_pointer) = (place(&pair.old, old), place(&pair.new, new));
        let fingerprint = fingerprint(
            rule.id,
            [
                old_pointer.as_deref(),
                new_pointer.as_deref(),
                elsewhere(&pair.old, old).as_deref(),
                elsewhere(&pair.new, new).as_deref(),
            ],
            subject.name,
            [subject.was, subject.is],
        );
        let (hurts, why) = hurts_in(pair.context, rule.hurts);
        let repair = match why {
            Some(why) if !hurts.is_nobody() => Some(rules::repair_inside(subject, why)),
            _ => rule.repair_for(subject),
        };
        if let Some(known) = self
            .by_fingerprint
            .get(&fingerprint)
            .and_then(|index| self.found.get_mut(*index))
        {
            let all = known.hurts.or(hurts);
            if all != known.hurts {
                known.hurts = all;
                known.repair = Some(rules::repair_inside(subject, MANY_WAYS));
            }
            return;
        }
        self.by_fingerprint
            .insert(fingerprint.clone(), self.found.len());
        self.found.push(Difference {
            rule: rule.id,
            hurts,
            old_pointer,
            new_pointer,
            message,
            repair,
            fingerprint,
        });
    }

    /// Notes a difference at one keyword, which is there on the sides that have it.
    pub(super) fn note_keyword(
        &mut self,
        pair: &Pair<'a>,
        rule: &Rule,
        keyword: &str,
        subject: &Subject<'_>,
        message: String,
    ) {
        let at = pointer::join("", keyword);
        let has = |node: &Node<'_>| node.value.get(keyword).is_some().then_some(at.as_str());
        let (old, new) = (has(&pair.old), has(&pair.new));
        // A bound that is gone is still at its object.
        self.note(
            pair,
            rule,
            (old.or(Some("")), new.or(Some(""))),
            subject,
            message,
        );
    }

    /// The same about the values that the keyword has on the two sides.
    pub(super) fn note_change(
        &mut self,
        pair: &Pair<'a>,
        rule: &Rule,
        keyword: &str,
        message: String,
    ) {
        let subject = Subject::new(
            keyword,
            pair.old.value.get(keyword),
            pair.new.value.get(keyword),
        );
        self.note_keyword(pair, rule, keyword, &subject, message);
    }

    /// Compares the subschemas that the sides have under these steps.
    pub(super) fn descend(&mut self, pair: &Pair<'a>, step: Step, old: &str, new: &str) {
        if let (Some(old), Some(new)) = (
            self.old.child(&pair.old, old),
            self.new.child(&pair.new, new),
        ) {
            self.inside.push(Pair {
                old,
                new,
                context: pair.step(step),
            });
        }
    }

    fn roots(&mut self) {
        let Some(pair) = self.pending.first().cloned() else {
            return;
        };
        if self.old.draft() != self.new.draft() {
            dialects::changed(self, &pair);
        }
        for keyword in ["$id", "id"] {
            let text = |node: &Node<'a>| node.value.get(keyword).and_then(Value::as_str);
            let (old, new) = (text(&pair.old), text(&pair.new));
            if old != new && (keyword == "$id" || self.old.draft() == jsonschema::Draft::Draft4) {
                let message = format!(
                    "The schema's identifier was {}, now it is {}.",
                    old.unwrap_or("not given"),
                    new.unwrap_or("not given")
                );
                self.note_change(&pair, &rules::IDENTIFIER_CHANGED, keyword, message);
            }
        }
        self.definitions(&pair);
    }

    /// Definitions that came or went. One that went and one of the same shape that came are one that was renamed or moved
    /// to the other keyword, which is no difference.
    fn definitions(&mut self, pair: &Pair<'a>) {
        const KEYWORDS: [&str; 2] = ["$defs", "definitions"];
        let all = |node: &Node<'a>| -> Vec<(&'static str, &'a str, &'a Value)> {
            let value: &'a Value = node.value;
            KEYWORDS
                .into_iter()
                .filter_map(|keyword| Some((keyword, value.get(keyword)?.as_object()?)))
                .flat_map(|(keyword, map)| {
                    map.iter()
                        .map(move |(name, schema)| (keyword, name.as_str(), schema))
                })
                .collect()
        };
        let lacks = |node: &Node<'a>, keyword: &str, name: &str| {
            node.value
                .get(keyword)
                .and_then(|map| map.get(name))
                .is_none()
        };
        let mut gone = all(&pair.old);
        gone.retain(|(keyword, name, _)| lacks(&pair.new, keyword, name));
        let mut come = all(&pair.new);
        come.retain(|(keyword, name, _)| lacks(&pair.old, keyword, name));
        if gone.is_empty() && come.is_empty() {
            return;
        }
        if !gone.is_empty() && !come.is_empty() && gone.len().max(come.len()) <= DEFINITIONS {
            let mut shapes: HashMap<String, usize> = HashMap::new();
            for (_, _, schema) in &come {
                *shapes.entry(shape(schema)).or_default() += 1;
            }
            let mut matched: HashMap<String, usize> = HashMap::new();
            gone.retain(|(_, _, schema)| {
                let shape = shape(schema);
                match shapes.get_mut(&shape) {
                    Some(left) if *left > 0 => {
                        *left -= 1;
                        *matched.entry(shape).or_default() += 1;
                        false
                    }
                    _ => true,
                }
            });
            come.retain(|(_, _, schema)| match matched.get_mut(&shape(schema)) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    false
                }
                _ => true,
            });
        }
        for (keyword, name, schema) in gone {
            let at = pointer::from_segments([keyword, name]);
            self.note(
                pair,
                &rules::DEFINITION_REMOVED,
                (Some(&at), None),
                &Subject::new(name, Some(schema), None),
                format!("The definition `{name}` is gone."),
            );
        }
        for (keyword, name, schema) in come {
            let at = pointer::from_segments([keyword, name]);
            self.note(
                pair,
                &rules::DEFINITION_ADDED,
                (None, Some(&at)),
                &Subject::new(name, None, Some(schema)),
                format!("The definition `{name}` is new."),
            );
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
            // One refers, and the other wraps it in a combinator: the branches are compared, and the target inside them.
            (Some(_), None) | (None, Some(_)) if combinators::wraps(pair) => {
                self.compare_here(pair);
            }
            (old, new) => {
                self.annotations(pair);
                match (
                    old.unwrap_or_else(|| Some(pair.old.clone())),
                    new.unwrap_or_else(|| Some(pair.new.clone())),
                ) {
                    (Some(old), Some(new)) => self.inside.push(Pair {
                        old,
                        new,
                        context: pair.context,
                    }),
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

    /// The subschema under these steps, one reference followed, as an object.
    pub(super) fn followed(
        &self,
        documents: &Documents<'a>,
        node: &Node<'a>,
        steps: &str,
    ) -> Option<&'a Object> {
        let child = documents.child(node, steps)?;
        match self.sole_reference(documents, &child) {
            Some(target) => target?.value.as_object(),
            None => child.value.as_object(),
        }
    }

    /// Says that not everything could be looked at.
    pub(super) fn cut(&mut self) {
        self.more = true;
    }

    /// What a schema says, one reference followed: the text by which branches are recognised.
    pub(super) fn said(
        &self,
        documents: &Documents<'a>,
        node: &Node<'a>,
        steps: &str,
        blank: bool,
    ) -> String {
        let Some(child) = documents.child(node, steps) else {
            return String::new();
        };
        let target = match self.sole_reference(documents, &child) {
            Some(Some(target)) => target,
            _ => child,
        };
        if blank {
            shape(target.value)
        } else {
            key(target.value)
        }
    }

    fn references(&mut self, pair: &Pair<'a>) {
        for keyword in REFERENCES {
            let text = |node: &Node<'a>| node.value.get(keyword).and_then(Value::as_str);
            let (old, new) = (text(&pair.old), text(&pair.new));
            let targets = (
                old.and_then(|reference| self.old.resolve(&pair.old, reference)),
                new.and_then(|reference| self.new.resolve(&pair.new, reference)),
            );
            let found = (targets.0.is_some(), targets.1.is_some());
            if let (Some(old), Some(new)) = targets {
                self.inside.push(Pair {
                    old,
                    new,
                    context: pair.step(Step::InPlace),
                });
                continue;
            }
            let (rule, message) = match (old, new) {
                (Some(old), Some(new)) if old != new => (
                    &rules::REFERENCE_CHANGED,
                    format!("The reference to {old} became one to {new}."),
                ),
                (Some(old), Some(_)) if found.0 != found.1 => (
                    &rules::REFERENCE_CHANGED,
                    format!(
                        "The reference to {old} can be followed {} the change only.",
                        if found.0 { "before" } else { "after" }
                    ),
                ),
                (Some(old), None) => (
                    &rules::REFERENCE_REMOVED,
                    format!("The reference to {old} is gone."),
                ),
                (None, Some(new)) => (
                    &rules::REFERENCE_ADDED,
                    format!("A reference to {new} is new."),
                ),
                _ => continue,
            };
            self.note_change(pair, rule, keyword, message);
        }
        for keyword in ["$dynamicAnchor", "$recursiveAnchor"] {
            let (old, new) = (pair.old.value.get(keyword), pair.new.value.get(keyword));
            if old != new {
                let words = |value: Option<&Value>| value.map_or("not given".to_owned(), brief);
                let message = format!("`{keyword}` was {}, now it is {}.", words(old), words(new));
                self.note_change(pair, &rules::REFERENCE_CHANGED, keyword, message);
            }
        }
    }

    fn compare_here(&mut self, pair: &Pair<'a>) {
        let (old, new): (&'a Value, &'a Value) = (pair.old.value, pair.new.value);
        let whole = Subject::new("this schema", Some(old), Some(new));
        match (old, new) {
            (Value::Bool(false), Value::Bool(false)) => return,
            (Value::Bool(false), _) => {
                let message = "A place that accepted nothing has a schema now.".to_owned();
                let at = (Some(""), Some(""));
                self.note(pair, &rules::SCHEMA_OPENED, at, &whole, message);
                return;
            }
            (_, Value::Bool(false)) => {
                let message = "A place that had a schema accepts nothing now.".to_owned();
                let at = (Some(""), Some(""));
                self.note(pair, &rules::SCHEMA_CLOSED, at, &whole, message);
                return;
            }
            _ => {}
        }
        let empty = Object::new();
        // Up to draft-07 what stands beside a reference means nothing.
        let says = |documents: &Documents<'a>, schema: &'a Value| {
            let object = schema.as_object()?;
            (documents.siblings_count() || !object.contains_key("$ref")).then_some(object)
        };
        let (old, new) = (
            says(self.old, old).unwrap_or(&empty),
            says(self.new, new).unwrap_or(&empty),
        );
        self.annotations(pair);
        if combinators::wrapped(self, pair) {
            return;
        }
        self.references(pair);
        let Some(common) = scalars::types(self, pair, old, new) else {
            // Nothing that was accepted before can be accepted now; what else changed is of no interest.
            return;
        };
        scalars::values(self, pair, old, new);
        if common.number {
            scalars::ranges(self, pair, old, new, common);
        }
        if common.string {
            scalars::texts(self, pair, old, new);
        }
        if common.object {
            containers::objects(self, pair, old, new);
        }
        if common.array {
            containers::arrays(self, pair, old, new);
        }
        combinators::all(self, pair, old, new);
    }

    /// Annotations, keywords that no dialect knows, and what `format` and its kin say.
    fn annotations(&mut self, pair: &Pair<'a>) {
        let (Some(old), Some(new)) = (pair.old.value.as_object(), pair.new.value.as_object())
        else {
            return;
        };
        let names = old
            .keys()
            .chain(new.keys().filter(|name| !old.contains_key(*name)));
        for name in names {
            if known(name) || old.get(name) == new.get(name) {
                continue;
            }
            let rule = match name.as_str() {
                "format" => &rules::FORMAT_CHANGED,
                "contentEncoding" | "contentMediaType" | "contentSchema" => &rules::CONTENT_CHANGED,
                _ => &rules::ANNOTATION_CHANGED,
            };
            let message = match (old.get(name), new.get(name)) {
                (Some(was), Some(is)) => {
                    format!("`{name}` was {}, now it is {}.", brief(was), brief(is))
                }
                (Some(was), None) => format!("`{name}` was {}, now it is gone.", brief(was)),
                (None, _) => format!("`{name}` is new."),
            };
            self.note_change(pair, rule, name, message);
        }
    }
}

const NEGATED: &str = "inside a negation, which exchanges whom a change hurts";
const UNCLEAR: &str = "inside a condition or inside alternatives that must not overlap, where a change can hurt either side";
const UNEVALUATED: &str =
    "under `unevaluatedProperties` or `unevaluatedItems`, where a change can hurt either side";
const MANY_WAYS: &str = "in more than one place by reference, where a change can hurt either side";

/// Whom a change hurts in its context, and what the context is when it is not the plain one.
fn hurts_in(context: Context, hurts: Hurts) -> (Hurts, Option<&'static str>) {
    if hurts.is_nobody() {
        return (hurts, None);
    }
    match context.turn {
        Turn::Both => (Hurts::BOTH, Some(UNCLEAR)),
        _ if context.unevaluated => (Hurts::BOTH, Some(UNEVALUATED)),
        Turn::Turned => (hurts.turned(), Some(NEGATED)),
        Turn::Straight => (hurts, None),
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
