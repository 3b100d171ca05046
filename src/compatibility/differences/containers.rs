//! Objects and arrays.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Draft;

use crate::text::{Map, Value, pointer};

use super::{
    Rule,
    rules::{self, Subject},
    scalars,
    values::{brief, key},
    walk::{Object, Pair, Step, Walk},
};

fn map<'s>(schema: &'s Object, keyword: &str) -> Option<&'s Object> {
    schema.get(keyword).and_then(Value::as_object)
}

fn names<'s>(map: Option<&'s Object>) -> impl Iterator<Item = &'s String> + use<'s> {
    map.into_iter().flat_map(Map::keys)
}

fn lacks(map: Option<&Object>, name: &str) -> bool {
    map.is_none_or(|map| !map.contains_key(name))
}

fn required(schema: &Object) -> BTreeSet<&str> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn accepts_all(schema: &Value) -> bool {
    match schema {
        Value::Bool(all) => *all,
        Value::Object(_) => key(schema) == "{}",
        _ => false,
    }
}

/// What a schema says about the members that it does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Model {
    Open,
    Closed,
    /// Under a schema, which stands at this keyword.
    Schema(&'static str),
    /// What other keywords evaluate decides.
    Unclear,
}

/// The keywords that rule the rest on the two sides, of the plain ones and the one that looks at what was evaluated. A side
/// that has neither has the other side's keyword at its default.
fn ruling(
    (old, old_draft, old_plain): (&Object, Draft, &'static str),
    (new, new_draft, new_plain): (&Object, Draft, &'static str),
    unevaluated: &'static str,
) -> (&'static str, &'static str) {
    let knows = |draft| matches!(draft, Draft::Draft201909 | Draft::Draft202012);
    let of = |schema: &Object, draft, plain: &'static str| {
        if schema.contains_key(plain) {
            Some(plain)
        } else if knows(draft) && schema.contains_key(unevaluated) {
            Some(unevaluated)
        } else {
            None
        }
    };
    match (of(old, old_draft, old_plain), of(new, new_draft, new_plain)) {
        (Some(old), Some(new)) => (old, new),
        (Some(keyword), None) if keyword == unevaluated => (keyword, keyword),
        (None, Some(keyword)) if keyword == unevaluated => (keyword, keyword),
        _ => (old_plain, new_plain),
    }
}

/// Whether keywords beside may evaluate members.
fn evaluates(schema: &Object) -> bool {
    const KEYWORDS: [&str; 9] = [
        "$dynamicRef",
        "$recursiveRef",
        "$ref",
        "allOf",
        "anyOf",
        "contains",
        "dependentSchemas",
        "if",
        "oneOf",
    ];
    KEYWORDS.iter().any(|keyword| schema.contains_key(*keyword))
}

fn model(schema: &Object, keyword: &'static str) -> Model {
    let model = match schema.get(keyword) {
        None => return Model::Open,
        Some(value) if accepts_all(value) => Model::Open,
        Some(Value::Bool(_)) => Model::Closed,
        Some(_) => Model::Schema(keyword),
    };
    if keyword.starts_with("unevaluated") && evaluates(schema) {
        Model::Unclear
    } else {
        model
    }
}

/// Which patterns match which names. `None` is an answer: a pattern that cannot be asked.
#[derive(Default)]
struct Patterns<'s> {
    compiled: Vec<(&'s str, Option<jsonschema::Validator>)>,
}

impl<'s> Patterns<'s> {
    fn of(schema: &'s Object) -> Self {
        const STEPS: usize = 10_000;
        let compiled = names(map(schema, "patternProperties"))
            .map(|pattern| {
                let validator = jsonschema::options()
                    .with_draft(Draft::Draft202012)
                    .with_pattern_options(
                        jsonschema::PatternOptions::fancy_regex().backtrack_limit(STEPS),
                    )
                    .build(&serde_json::json!({"pattern": pattern}))
                    .ok();
                (pattern.as_str(), validator)
            })
            .collect();
        Self { compiled }
    }

    /// The patterns that match a name; `None` when one cannot be asked.
    fn matching(&self, name: &str, left: &mut usize) -> Option<BTreeSet<&'s str>> {
        if self.compiled.is_empty() {
            return Some(BTreeSet::new());
        }
        *left = left.checked_sub(self.compiled.len())?;
        let name = Value::String(name.to_owned());
        self.compiled
            .iter()
            .filter_map(|(pattern, validator)| match validator {
                None => Some(None),
                Some(validator) => validator.is_valid(&name).then_some(Some(*pattern)),
            })
            .collect()
    }
}

/// Everything that speaks about objects.
pub(super) fn objects<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    const PLAIN: &str = "additionalProperties";
    const UNEVALUATED: &str = "unevaluatedProperties";
    let (old_keyword, new_keyword) = ruling(
        (old, walk.old.draft(), PLAIN),
        (new, walk.new.draft(), PLAIN),
        UNEVALUATED,
    );
    let models = (model(old, old_keyword), model(new, new_keyword));
    properties(walk, pair, old, new, models);
    single(
        walk,
        pair,
        (old, new),
        "propertyNames",
        (&rules::PROPERTY_NAMES_ADDED, &rules::PROPERTY_NAMES_REMOVED),
        "names of properties",
    );
    let what = if UNEVALUATED == new_keyword {
        "Properties that nothing declares"
    } else {
        "Properties beyond the declared ones"
    };
    rest(
        walk,
        pair,
        (old, new),
        (old_keyword, new_keyword),
        what,
        &Rest {
            closed: &rules::CONTENT_MODEL_CLOSED,
            opened: &rules::CONTENT_MODEL_OPENED,
            narrowed: &rules::ADDITIONAL_NARROWED,
            widened: &rules::ADDITIONAL_WIDENED,
            changed: &rules::ADDITIONAL_CHANGED,
        },
    );
    scalars::counts(
        walk,
        pair,
        (old, new),
        ("minProperties", "maxProperties"),
        (
            &rules::PROPERTY_COUNT_NARROWED,
            &rules::PROPERTY_COUNT_WIDENED,
        ),
        "number of properties",
    );
    dependencies(walk, pair, old, new);
}

/// What ruled a name on the side that does not declare it, against the schema that the other side declares.
enum Beside<'s> {
    /// Nothing that the other side does not say as well: the declared schema is an additional demand.
    Free,
    Refused,
    /// One schema, at these steps.
    Schema(String),
    Unclear,
    /// As [`Beside::Unclear`], because of this pattern.
    Pattern(&'s str),
}

/// `patterns` match the name on the side that does not declare it, `common` of them on both sides.
fn beside<'s>(
    undeclared: Option<&BTreeSet<&'s str>>,
    declared: Option<&BTreeSet<&'s str>>,
    model: Model,
) -> Beside<'s> {
    let (Some(undeclared), Some(declared)) = (undeclared, declared) else {
        return Beside::Unclear;
    };
    // Patterns of both sides are compared with one another.
    let mut own = undeclared.difference(declared);
    let others = declared.difference(undeclared).next();
    match (own.next(), own.next(), others) {
        (None, _, _) if !undeclared.is_empty() => Beside::Free,
        (None, _, others) => match (model, others) {
            (Model::Open, _) => Beside::Free,
            (Model::Closed, _) => Beside::Refused,
            (Model::Schema(keyword), None) => Beside::Schema(pointer::join("", keyword)),
            (Model::Schema(_), Some(pattern)) => Beside::Pattern(pattern),
            (Model::Unclear, _) => Beside::Unclear,
        },
        (Some(pattern), None, None) => {
            Beside::Schema(pointer::from_segments(["patternProperties", pattern]))
        }
        (Some(pattern), _, _) => Beside::Pattern(pattern),
    }
}

fn properties<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    old: &Object,
    new: &Object,
    (old_model, new_model): (Model, Model),
) {
    let (was, is) = (map(old, "properties"), map(new, "properties"));
    let (must_old, must_new) = (required(old), required(new));
    // Patterns are slow to compile, and most objects declare the same names on both sides.
    let differ = |keyword: &str| {
        let (old, new) = (map(old, keyword), map(new, keyword));
        names(old).any(|name| lacks(new, name)) || names(new).any(|name| lacks(old, name))
    };
    let (old_patterns, new_patterns) = if differ("properties") || differ("patternProperties") {
        (Patterns::of(old), Patterns::of(new))
    } else {
        (Patterns::default(), Patterns::default())
    };
    for (name, schema) in was.into_iter().flatten() {
        let at = pointer::from_segments(["properties", name]);
        if !lacks(is, name) {
            walk.descend(pair, Step::Inside, &at, &at);
            continue;
        }
        let there = old_patterns.matching(name, &mut walk.matches_left);
        let here = new_patterns.matching(name, &mut walk.matches_left);
        let freed = must_old.contains(name.as_str()) && !must_new.contains(name.as_str());
        let all = accepts_all(schema) && !pair.context.unevaluated;
        let (rule, words) = match beside(here.as_ref(), there.as_ref(), new_model) {
            Beside::Free if all && !freed => (&rules::REMOVED_COVERED, "it may hold anything"),
            Beside::Free => (&rules::REMOVED_FROM_OPEN, "it may hold anything"),
            Beside::Refused if freed => (&rules::REMOVED_REQUIRED_FROM_CLOSED, "it is refused"),
            Beside::Refused => (&rules::REMOVED_FROM_CLOSED, "it is refused"),
            Beside::Schema(steps) => {
                walk.descend(pair, Step::Inside, &at, &steps);
                (
                    &rules::REMOVED_COVERED,
                    "it is ruled by the schema that rules such names",
                )
            }
            Beside::Unclear | Beside::Pattern(_) => {
                (&rules::REMOVED_UNCLEAR, "several schemas rule it")
            }
        };
        let mut message = format!("The property `{name}` is no longer declared: {words} now.");
        if freed {
            message.push_str(" It was required.");
        }
        let subject = Subject::new(name, Some(schema), None);
        walk.note(pair, rule, (Some(&at), None), &subject, message);
        if freed && rule.hurts.is_nobody() {
            optional_now(walk, pair, name);
        }
    }
    for (name, schema) in is.into_iter().flatten() {
        if !lacks(was, name) {
            continue;
        }
        let at = pointer::from_segments(["properties", name]);
        let there = new_patterns.matching(name, &mut walk.matches_left);
        let here = old_patterns.matching(name, &mut walk.matches_left);
        let beside = beside(here.as_ref(), there.as_ref(), old_model);
        if let Beside::Schema(steps) = &beside {
            walk.descend(pair, Step::Inside, steps, &at);
        }
        let demanded = must_new.contains(name.as_str()) && !must_old.contains(name.as_str());
        let all = accepts_all(schema) && !pair.context.unevaluated;
        let default = schema.get("default");
        let rule = match (&beside, demanded, default) {
            (Beside::Free, false, _) if all => &rules::OPTIONAL_COVERED,
            (Beside::Free, false, _) => &rules::OPTIONAL_TO_OPEN,
            (Beside::Refused, false, _) => &rules::OPTIONAL_TO_CLOSED,
            (Beside::Schema(_), false, _) => &rules::OPTIONAL_COVERED,
            (_, false, _) => &rules::OPTIONAL_UNCLEAR,
            (Beside::Free | Beside::Schema(_), true, None) => &rules::REQUIRED_TO_OPEN,
            (Beside::Refused, true, None) => &rules::REQUIRED_TO_CLOSED,
            (_, true, None) => &rules::REQUIRED_UNCLEAR,
            (Beside::Free | Beside::Schema(_), true, Some(_)) => &rules::DEFAULTED_TO_OPEN,
            (Beside::Refused, true, Some(_)) => &rules::DEFAULTED_TO_CLOSED,
            (_, true, Some(_)) => &rules::DEFAULTED_UNCLEAR,
        };
        let words = match &beside {
            Beside::Free => "it could hold anything".to_owned(),
            Beside::Refused => "it was refused".to_owned(),
            Beside::Schema(_) => "it was ruled by the schema that rules such names".to_owned(),
            Beside::Unclear => "other keywords decided about it".to_owned(),
            Beside::Pattern(pattern) => format!("the pattern `{pattern}` has a part in it"),
        };
        let kind = if demanded { "required" } else { "optional" };
        let with = match (demanded, default) {
            (true, Some(default)) => format!(" with the default {}", brief(default)),
            _ => String::new(),
        };
        let message = format!(
            "The {kind} property `{name}`{with} is new; before, it was not declared: {words}."
        );
        let subject = Subject::new(name, None, Some(schema));
        walk.note(pair, rule, (None, Some(&at)), &subject, message);
    }
    let added = |name: &&str| !lacks(is, name) && lacks(was, name);
    for name in must_new.difference(&must_old).filter(|name| !added(name)) {
        let message = format!("The property `{name}` was optional, now it is required.");
        let rule = match is.and_then(|is| is.get(*name)?.get("default")) {
            Some(_) => &rules::REQUIRED_ADDED_WITH_DEFAULT,
            None => &rules::REQUIRED_ADDED,
        };
        let subject = Subject::new(name, None, None);
        walk.note_keyword(pair, rule, "required", &subject, message);
    }
    let removed = |name: &&str| !lacks(was, name) && lacks(is, name);
    for name in must_old.difference(&must_new).filter(|name| !removed(name)) {
        optional_now(walk, pair, name);
    }
    patterns(
        walk,
        pair,
        (old, new),
        (&old_patterns, &new_patterns),
        (old_model, new_model),
    );
}

fn optional_now<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, name: &str) {
    let message = format!("The property `{name}` was required, now it is optional.");
    let subject = Subject::new(name, None, None);
    walk.note_keyword(
        pair,
        &rules::REQUIRED_REMOVED,
        "required",
        &subject,
        message,
    );
}

fn patterns<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    (old, new): (&Object, &Object),
    (old_patterns, new_patterns): (&Patterns<'_>, &Patterns<'_>),
    (old_model, new_model): (Model, Model),
) {
    let keyword = "patternProperties";
    let (was, is) = (map(old, keyword), map(new, keyword));
    if was.is_none() && is.is_none() {
        return;
    }
    // Whether names under the pattern can be ruled by something else as well. Another pattern may share a name with it.
    let shares = |walk: &mut Walk<'_, 'a>,
                  pattern: &str,
                  own: &Patterns<'_>,
                  there: &Patterns<'_>,
                  here: &Object| {
        own.compiled.len() > 1
            || !there.compiled.is_empty()
            || names(map(here, "properties")).any(|name| {
                own.matching(name, &mut walk.matches_left)
                    .is_none_or(|matching| matching.contains(pattern))
            })
    };
    for (pattern, schema) in was.into_iter().flatten() {
        let at = pointer::from_segments([keyword, pattern]);
        if !lacks(is, pattern) {
            walk.descend(pair, Step::Inside, &at, &at);
            continue;
        }
        let shared = shares(walk, pattern, old_patterns, new_patterns, new);
        let rule = match (new_model, shared) {
            (Model::Open, _) => &rules::PATTERN_REMOVED_FROM_OPEN,
            (Model::Closed, false) => &rules::PATTERN_REMOVED_FROM_CLOSED,
            (Model::Schema(rest), false) => {
                walk.descend(pair, Step::Inside, &at, &pointer::join("", rest));
                &rules::PATTERN_REMOVED_COVERED
            }
            _ => &rules::PATTERN_REMOVED_UNCLEAR,
        };
        let message = format!(
            "Properties whose name matches `{pattern}` no longer have a schema of their own."
        );
        let subject = Subject::new(pattern, Some(schema), None);
        walk.note(pair, rule, (Some(&at), None), &subject, message);
    }
    for (pattern, schema) in is.into_iter().flatten() {
        if !lacks(was, pattern) {
            continue;
        }
        let at = pointer::from_segments([keyword, pattern]);
        let shared = shares(walk, pattern, new_patterns, old_patterns, old);
        let rule = match (old_model, shared) {
            (Model::Open, _) => &rules::PATTERN_ADDED_TO_OPEN,
            (Model::Closed, false) => &rules::PATTERN_ADDED_TO_CLOSED,
            (Model::Schema(rest), false) => {
                walk.descend(pair, Step::Inside, &pointer::join("", rest), &at);
                &rules::PATTERN_ADDED_COVERED
            }
            _ => &rules::PATTERN_ADDED_UNCLEAR,
        };
        let message = format!(
            "Properties whose name matches `{pattern}` have a schema now; before, they had none."
        );
        let subject = Subject::new(pattern, None, Some(schema));
        walk.note(pair, rule, (None, Some(&at)), &subject, message);
    }
}

/// The rules about the rest of an object or an array.
struct Rest {
    closed: &'static Rule,
    opened: &'static Rule,
    narrowed: &'static Rule,
    widened: &'static Rule,
    changed: &'static Rule,
}

fn rest<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    (old, new): (&Object, &Object),
    (old_keyword, new_keyword): (&'static str, &'static str),
    what: &str,
    rest: &Rest,
) {
    let (was, is) = (old.get(old_keyword), new.get(new_keyword));
    let (at_old, at_new) = (
        pointer::join("", old_keyword),
        pointer::join("", new_keyword),
    );
    let model = |schema: &Object, keyword: &'static str| {
        // The keyword's own change only ever narrows or widens, whatever is evaluated.
        if old_keyword == new_keyword {
            match schema.get(keyword) {
                Some(Value::Bool(false)) => Model::Closed,
                Some(value) if !accepts_all(value) => Model::Schema(keyword),
                _ => Model::Open,
            }
        } else {
            model(schema, keyword)
        }
    };
    let (rule, words) = match (model(old, old_keyword), model(new, new_keyword)) {
        // Where evaluation counts, a keyword that accepts everything evaluates everything.
        (Model::Open, Model::Open) if pair.context.unevaluated && was.is_some() != is.is_some() => {
            (rest.changed, "are evaluated by another keyword")
        }
        (Model::Open, Model::Open) | (Model::Closed, Model::Closed) => return,
        (Model::Unclear, _) | (_, Model::Unclear) => {
            (rest.changed, "are ruled by another keyword now")
        }
        (Model::Schema(_), Model::Schema(_)) => {
            walk.descend(pair, Step::Inside, &at_old, &at_new);
            return;
        }
        (Model::Open, Model::Closed) => (rest.closed, "were accepted, now they are refused"),
        (Model::Closed, Model::Open) => (rest.opened, "were refused, now they are accepted"),
        (Model::Open, Model::Schema(_)) => {
            (rest.narrowed, "could hold anything, now they have a schema")
        }
        (Model::Schema(_), Model::Open) => {
            (rest.widened, "had a schema, now they may hold anything")
        }
        (Model::Closed, Model::Schema(_)) => (
            rest.widened,
            "were refused, now they are accepted with a schema",
        ),
        (Model::Schema(_), Model::Closed) => (
            rest.narrowed,
            "were accepted with a schema, now they are refused",
        ),
    };
    let keyword = if is.is_some() {
        new_keyword
    } else {
        old_keyword
    };
    let place = |value: Option<&Value>, at: &str| value.map_or(String::new(), |_| at.to_owned());
    let (at_old, at_new) = (place(was, &at_old), place(is, &at_new));
    walk.note(
        pair,
        rule,
        (Some(&at_old), Some(&at_new)),
        &Subject::new(keyword, was, is),
        format!("{what} {words}."),
    );
}

/// A keyword with one subschema, whose absence is the same as `true`.
fn single<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    (old, new): (&Object, &Object),
    keyword: &'static str,
    (added, removed): (&'static Rule, &'static Rule),
    what: &str,
) {
    let at = pointer::join("", keyword);
    match (old.get(keyword), new.get(keyword)) {
        (Some(_), Some(_)) => walk.descend(pair, Step::Inside, &at, &at),
        (Some(was), None) if !accepts_all(was) => {
            let message = format!("The rule for {what} is gone; it was {}.", brief(was));
            walk.note_change(pair, removed, keyword, message);
        }
        (None, Some(is)) if !accepts_all(is) => {
            let message = format!("There was no rule for {what}; now it is {}.", brief(is));
            walk.note_change(pair, added, keyword, message);
        }
        _ => {}
    }
}

/// What the presence of one property asks for, whichever keywords say it.
#[derive(Default)]
struct Asked<'s> {
    /// Names, and the keyword that lists them last.
    names: Option<(&'static str, BTreeSet<&'s str>, &'s Value)>,
    /// Schemas with their keywords.
    schemas: Vec<(&'static str, &'s Value)>,
}

fn asked(schema: &Object) -> BTreeMap<&str, Asked<'_>> {
    let mut all: BTreeMap<&str, Asked<'_>> = BTreeMap::new();
    for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
        for (name, value) in map(schema, keyword).into_iter().flatten() {
            let asked = all.entry(name).or_default();
            // draft-03's single name is a list of one.
            let listed: Option<BTreeSet<&str>> = match value {
                Value::Array(list) => Some(list.iter().filter_map(Value::as_str).collect()),
                _ => None,
            };
            match (listed, &mut asked.names) {
                (None, _) => asked.schemas.push((keyword, value)),
                (Some(listed), Some((_, names, _))) => names.extend(listed),
                (Some(listed), none) => *none = Some((keyword, listed, value)),
            }
        }
    }
    all
}

/// `dependentRequired`, `dependentSchemas` and the `dependencies` that were before them.
fn dependencies<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    let (was, is) = (asked(old), asked(new));
    let nothing = Asked::default();
    let mut names: Vec<&str> = was.keys().copied().collect();
    names.extend(is.keys().copied().filter(|name| !was.contains_key(name)));
    for name in names {
        let was = was.get(name).unwrap_or(&nothing);
        let is = is.get(name).unwrap_or(&nothing);
        let at = |keyword: &str| pointer::from_segments([keyword, name]);
        let gone = || format!("What the presence of `{name}` asked for is no longer asked.");
        let come = || {
            format!(
                "The presence of `{name}` asks for something now; before, it asked for nothing."
            )
        };
        match (&was.names, &is.names) {
            (None, None) => {}
            (Some((keyword, _, value)), None) => walk.note(
                pair,
                &rules::DEPENDENCY_REMOVED,
                (Some(&at(keyword)), None),
                &Subject::new(name, Some(value), None),
                gone(),
            ),
            (None, Some((keyword, _, value))) => walk.note(
                pair,
                &rules::DEPENDENCY_ADDED,
                (None, Some(&at(keyword))),
                &Subject::new(name, None, Some(value)),
                come(),
            ),
            (Some((old_keyword, before, value)), Some((new_keyword, after, now))) => {
                let rule = if before == after {
                    None
                } else if before.is_subset(after) {
                    Some(&rules::DEPENDENCY_NARROWED)
                } else if after.is_subset(before) {
                    Some(&rules::DEPENDENCY_WIDENED)
                } else {
                    Some(&rules::DEPENDENCY_CHANGED)
                };
                if let Some(rule) = rule {
                    let message = format!(
                        "The presence of `{name}` asked for {}, now for {}.",
                        brief(value),
                        brief(now)
                    );
                    walk.note(
                        pair,
                        rule,
                        (Some(&at(old_keyword)), Some(&at(new_keyword))),
                        &Subject::new(name, Some(value), Some(now)),
                        message,
                    );
                }
            }
        }
        let (olds, news) = (&was.schemas, &is.schemas);
        for (index, (keyword, schema)) in olds.iter().enumerate() {
            match news.get(index) {
                Some((other, _)) => {
                    walk.descend(pair, Step::InPlace, &at(keyword), &at(other));
                }
                None => walk.note(
                    pair,
                    &rules::DEPENDENCY_REMOVED,
                    (Some(&at(keyword)), None),
                    &Subject::new(name, Some(schema), None),
                    gone(),
                ),
            }
        }
        for (keyword, schema) in news.iter().skip(olds.len()) {
            walk.note(
                pair,
                &rules::DEPENDENCY_ADDED,
                (None, Some(&at(keyword))),
                &Subject::new(name, None, Some(schema)),
                come(),
            );
        }
    }
}

/// The tuple part of an array schema, and the keyword for what follows it.
fn tuple(schema: &Object, draft: Draft) -> (&'static str, &[Value], &'static str) {
    let list = |keyword: &str| {
        schema
            .get(keyword)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
    };
    if draft == Draft::Draft202012 {
        return (
            "prefixItems",
            list("prefixItems").unwrap_or_default(),
            "items",
        );
    }
    match list("items") {
        Some(list) => ("items", list, "additionalItems"),
        None => ("items", &[], "items"),
    }
}

/// Everything that speaks about arrays.
pub(super) fn arrays<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    const UNEVALUATED: &str = "unevaluatedItems";
    let (old_tuple, olds, old_rest) = tuple(old, walk.old.draft());
    let (new_tuple, news, new_rest) = tuple(new, walk.new.draft());
    let (old_keyword, new_keyword) = ruling(
        (old, walk.old.draft(), old_rest),
        (new, walk.new.draft(), new_rest),
        UNEVALUATED,
    );
    for index in 0..olds.len().max(news.len()) {
        let position = index.to_string();
        let at = |keyword: &str| pointer::from_segments([keyword, &position]);
        let free = |schema: &Value| accepts_all(schema) && !pair.context.unevaluated;
        match (olds.get(index), news.get(index)) {
            (Some(_), Some(_)) => {
                walk.descend(pair, Step::Inside, &at(old_tuple), &at(new_tuple));
            }
            (Some(was), None) => {
                let steps = at(old_tuple);
                let rule = match model(new, new_keyword) {
                    Model::Open if free(was) => &rules::TUPLE_REMOVED_COVERED,
                    Model::Open => &rules::TUPLE_REMOVED_FROM_OPEN,
                    Model::Closed => &rules::TUPLE_REMOVED_FROM_CLOSED,
                    Model::Schema(rest) => {
                        walk.descend(pair, Step::Inside, &steps, &pointer::join("", rest));
                        &rules::TUPLE_REMOVED_COVERED
                    }
                    Model::Unclear => &rules::TUPLE_REMOVED_UNCLEAR,
                };
                let message =
                    format!("The item at position {index} no longer has a schema of its own.");
                let subject = Subject::new(&position, Some(was), None);
                walk.note(pair, rule, (Some(&steps), None), &subject, message);
            }
            (None, Some(is)) => {
                let steps = at(new_tuple);
                let rule = match model(old, old_keyword) {
                    Model::Open if free(is) => &rules::TUPLE_ADDED_COVERED,
                    Model::Open => &rules::TUPLE_ADDED_TO_OPEN,
                    Model::Closed => &rules::TUPLE_ADDED_TO_CLOSED,
                    Model::Schema(rest) => {
                        walk.descend(pair, Step::Inside, &pointer::join("", rest), &steps);
                        &rules::TUPLE_ADDED_COVERED
                    }
                    Model::Unclear => &rules::TUPLE_ADDED_UNCLEAR,
                };
                let message = format!(
                    "The item at position {index} has a schema of its own; before, it had none."
                );
                let subject = Subject::new(&position, None, Some(is));
                walk.note(pair, rule, (None, Some(&steps)), &subject, message);
            }
            (None, None) => {}
        }
    }
    let what = if olds.is_empty() && news.is_empty() {
        "Items"
    } else {
        "Items after the first ones"
    };
    rest(
        walk,
        pair,
        (old, new),
        (old_keyword, new_keyword),
        what,
        &Rest {
            closed: &rules::ITEMS_CLOSED,
            opened: &rules::ITEMS_OPENED,
            narrowed: &rules::ITEMS_NARROWED,
            widened: &rules::ITEMS_WIDENED,
            changed: &rules::ITEMS_CHANGED,
        },
    );
    contains(walk, pair, old, new);
    scalars::counts(
        walk,
        pair,
        (old, new),
        ("minItems", "maxItems"),
        (&rules::ITEM_COUNT_NARROWED, &rules::ITEM_COUNT_WIDENED),
        "number of items",
    );
    let unique = |schema: &Object| schema.get("uniqueItems") == Some(&Value::Bool(true));
    let (rule, message) = match (unique(old), unique(new)) {
        (false, true) => (
            &rules::UNIQUE_ITEMS_ADDED,
            "Items could repeat, now they must all differ.",
        ),
        (true, false) => (
            &rules::UNIQUE_ITEMS_REMOVED,
            "Items had to differ, now they may repeat.",
        ),
        _ => return,
    };
    walk.note_change(pair, rule, "uniqueItems", message.to_owned());
}

/// `contains` with its bounds: at least one item where they say nothing.
fn contains<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    // The bounds of a `contains`: the least, and the greatest where there is one.
    let bounds = |schema: &Object, draft: Draft| -> Option<(f64, Option<f64>)> {
        schema.get("contains")?;
        if !matches!(draft, Draft::Draft201909 | Draft::Draft202012) {
            return Some((1.0, None));
        }
        let count = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
        Some((count("minContains").unwrap_or(1.0), count("maxContains")))
    };
    let evaluated = pair.context.unevaluated
        || [old, new]
            .iter()
            .any(|schema| schema.contains_key("unevaluatedItems"));
    let idle = |bounds: (f64, Option<f64>)| bounds.0 <= 0.0 && bounds.1.is_none() && !evaluated;
    let was = bounds(old, walk.old.draft()).filter(|bounds| !idle(*bounds));
    let is = bounds(new, walk.new.draft()).filter(|bounds| !idle(*bounds));
    let words = |schema: &Object| schema.get("contains").map(brief).unwrap_or_default();
    let (was, is) = match (was, is) {
        (None, None) => return,
        (Some(_), None) => {
            let message = format!(
                "The rule for the items that an array contains is gone; it was {}.",
                words(old)
            );
            walk.note_change(pair, &rules::CONTAINS_REMOVED, "contains", message);
            return;
        }
        (None, Some(_)) => {
            let message = format!(
                "There was no rule for the items that an array contains; now it is {}.",
                words(new)
            );
            walk.note_change(pair, &rules::CONTAINS_ADDED, "contains", message);
            return;
        }
        (Some(was), Some(is)) => (was, is),
    };
    let most = |bounds: (f64, Option<f64>)| bounds.1.unwrap_or(f64::INFINITY);
    for (keyword, before, after, tighter) in [
        ("minContains", was.0, is.0, is.0 > was.0),
        ("maxContains", most(was), most(is), most(is) < most(was)),
    ] {
        if before == after {
            continue;
        }
        let rule = if tighter {
            &rules::CONTAINS_COUNT_NARROWED
        } else {
            &rules::CONTAINS_COUNT_WIDENED
        };
        let words = |bound: f64| {
            if bound.is_finite() {
                bound.to_string()
            } else {
                "free".to_owned()
            }
        };
        let message = format!(
            "The number of matching items (`{keyword}`) was {}, now it is {}.",
            words(before),
            words(after)
        );
        walk.note_change(pair, rule, keyword, message);
    }
    let (asks_least, asks_most) = (was.0 > 0.0 || is.0 > 0.0, was.1.is_some() || is.1.is_some());
    // More items that match help a least number and hurt a greatest one.
    let step = match (asks_least, asks_most) {
        _ if evaluated => Step::Unclear,
        (true, true) => Step::Unclear,
        (false, true) => Step::NegatedInside,
        _ => Step::Inside,
    };
    walk.descend(pair, step, "/contains", "/contains");
}
