//! What the artifacts of one schema need to fit another: both are walked side by side.
//!
//! Only what follows from the two schemas is done. Where there is a choice, nothing is done, a note says what could be, and a
//! finding `data_dependent` says that the artifacts decide. Without such a finding every artifact that is valid under the old
//! schema is valid under the new one after the transforms.

use crate::schema::{Document, FieldPath, Segment, check_field_name};
use crate::text::{Problem, Value};

use super::rule::Converted;
use super::same::same;
use super::side::{Side, refers, types};
use super::transform::MOST_TRANSFORMS;
use super::{Fill, Mapping, Otherwise, Rule, Transform};

/// What artifacts of one schema need to fit another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suggestion {
    /// What follows from the schemas.
    pub transforms: Vec<Transform>,
    /// What does not, and what could be done.
    pub notes: Vec<String>,
    /// Warnings `data_dependent`: where the artifacts decide. The pointer is `/transforms/n`, or empty.
    pub findings: Vec<Problem>,
}

/// Most pairs of places that are looked at.
const MOST_STEPS: usize = 4_096;
/// Longest path that is walked.
const MOST_DEPTH: usize = 24;
/// Most arrays inside one another that a statement is written for.
const MOST_ARRAYS: usize = 8;
/// Most listed values that are replaced by one.
const MOST_VALUES: usize = 256;
/// Most notes; findings, which are shorter, are not bounded but by the steps.
const MOST_NOTES: usize = 64;

/// What the artifacts of `old` need to fit `new`.
#[must_use]
pub fn suggest(old: &Document, new: &Document) -> Suggestion {
    suggest_with(old, new, None)
}

/// The same, where a field that becomes required gets a value that its schema does not say.
pub(super) fn suggest_with(
    old: &Document,
    new: &Document,
    given: Option<(&FieldPath, &Value)>,
) -> Suggestion {
    let mut walk = Walk {
        old,
        new,
        given: given.map(|(path, value)| (path.to_string(), value)),
        suggestion: Suggestion::default(),
        path: Vec::new(),
        stack: Vec::new(),
        steps: 0,
        contains_itself: false,
        is_cut_off: false,
    };
    let place = Place {
        is_field: false,
        is_required: true,
    };
    if old.draft() != new.draft() {
        walk.depends("the schemas are in different dialects");
    }
    walk.pair(&Side::root(old), &Side::root(new), types::ALL, place);
    walk.end()
}

/// Whether something may be missing at a place.
#[derive(Clone, Copy)]
struct Place {
    is_field: bool,
    /// In the new schema.
    is_required: bool,
}

struct Walk<'a> {
    old: &'a Document,
    new: &'a Document,
    given: Option<(String, &'a Value)>,
    suggestion: Suggestion,
    path: Vec<Segment>,
    /// The pairs of subschemas that are being looked at.
    stack: Vec<(String, String)>,
    steps: usize,
    contains_itself: bool,
    is_cut_off: bool,
}

impl Walk<'_> {
    fn end(mut self) -> Suggestion {
        if self.is_cut_off {
            self.depends("the schemas are too large to be walked to their end");
        }
        if self.contains_itself && !self.suggestion.transforms.is_empty() {
            self.note("The type contains itself: what lies deeper is left as it is.".to_owned());
            self.depends("the type contains itself, and transforms reach only so deep");
        }
        self.suggestion
    }

    /// The place as a path; `None` where a name in it is not allowed.
    fn here(&self) -> Option<FieldPath> {
        FieldPath::parse(&self.place()).ok()
    }

    fn place(&self) -> String {
        let names = self.path.iter().map(|segment| match segment {
            Segment::Field(name) => name.as_str(),
            Segment::Items => "*",
        });
        crate::text::pointer::from_segments(names)
    }

    /// The place in a sentence.
    fn named(&self) -> String {
        match self.place() {
            place if place.is_empty() => "the artifact".to_owned(),
            place => format!("`{place}`"),
        }
    }

    fn note(&mut self, sentence: String) {
        if self.suggestion.notes.len() < MOST_NOTES && !self.suggestion.notes.contains(&sentence) {
            self.suggestion.notes.push(sentence);
        }
    }

    /// Says that the artifacts decide about this place.
    fn depends(&mut self, why: &str) {
        self.depends_at(None, why);
    }

    fn depends_at(&mut self, transform: Option<usize>, why: &str) {
        let pointer = transform.map_or_else(String::new, |index| format!("/transforms/{index}"));
        let message = format!(
            "Whether {} fits afterwards depends on the artifacts: {why}",
            self.named()
        );
        let finding = Problem::warning("data_dependent", pointer, message);
        if !self.suggestion.findings.contains(&finding) {
            self.suggestion.findings.push(finding);
        }
    }

    /// Adds a transform; answers its index.
    fn emit(&mut self, transform: Transform) -> Option<usize> {
        if self.suggestion.transforms.len() >= MOST_TRANSFORMS {
            self.is_cut_off = true;
            return None;
        }
        self.suggestion.transforms.push(transform);
        Some(self.suggestion.transforms.len() - 1)
    }

    /// Looks at one place, where values of the types `arriving` come from the old schema.
    fn pair(&mut self, old: &Side<'_>, new: &Side<'_>, arriving: u8, place: Place) {
        let arrays = self
            .path
            .iter()
            .filter(|segment| **segment == Segment::Items)
            .count();
        if self.steps >= MOST_STEPS || self.path.len() >= MOST_DEPTH || arrays > MOST_ARRAYS {
            self.is_cut_off = true;
            return;
        }
        self.steps += 1;
        if old.never || new.takes_everything() || old.is_written_like(new) {
            return;
        }
        if let (Some(hidden), _) | (_, Some(hidden)) = (&old.opaque, &new.opaque) {
            // A reference to another document is the same when the documents are.
            let is_same = old.opaque == new.opaque
                && old.nodes.is_empty()
                && new.nodes.is_empty()
                && hidden.contains("://")
                && self.old.references() == self.new.references();
            if !is_same {
                self.depends(&format!("`{hidden}` is not looked into"));
            }
            return;
        }
        if new.never {
            self.depends("the new schema allows no value there");
            return;
        }
        let pair = (old.places(), new.places());
        if self.stack.contains(&pair) {
            self.contains_itself = true;
            return;
        }
        self.stack.push(pair);
        self.values(old, new, arriving, place);
        self.stack.pop();
    }

    fn values(&mut self, old: &Side<'_>, new: &Side<'_>, arriving: u8, place: Place) {
        if let Err(keyword) = old.agrees_with(new) {
            self.depends(&format!("`{keyword}` is another"));
        }
        let (listed, allowed) = (old.values(), new.values());
        let mut from = old.types() & arriving;
        if let Some(listed) = &listed {
            from &= listed.iter().fold(0, |all, value| all | types::of(value));
        }
        match (&listed, &allowed) {
            (Some(listed), Some(allowed)) => {
                self.listed(listed, allowed, place, new);
                return;
            }
            (None, Some(_)) => {
                self.note(format!(
                    "{} takes listed values only: what is not in the list must be given one, e.g. by `map`.",
                    self.named()
                ));
                self.depends("only listed values are allowed now");
                return;
            }
            (_, None) => {}
        }
        let to = new.types();
        self.types(old, new, (from, to), listed.as_deref(), place);
        let both = from & to;
        if both & types::OBJECT != 0 {
            self.fields(old, new);
        }
        if both & types::ARRAY != 0 {
            self.path.push(Segment::Items);
            self.pair(
                &old.items(),
                &new.items(),
                types::ALL,
                Place {
                    is_field: false,
                    is_required: true,
                },
            );
            self.path.pop();
        }
    }

    /// Listed values in both: what left the list becomes the only one that is left, or is converted.
    fn listed(&mut self, old: &[&Value], new: &[&Value], place: Place, side: &Side<'_>) {
        let is_new = |value: &Value| new.iter().any(|known| same(known, value));
        let (stay, gone): (Vec<&Value>, Vec<&Value>) =
            old.iter().copied().partition(|value| is_new(value));
        if gone.is_empty() {
            return;
        }
        let Some(path) = self.here().filter(|path| !path.segments().is_empty()) else {
            self.depends("values left the list");
            return;
        };
        let is_scalar = |value: &Value| !value.is_array() && !value.is_object();
        if let [only] = new
            && is_scalar(only)
            && gone.len() <= MOST_VALUES
            && gone.iter().all(|value| is_scalar(value))
        {
            let entry = |from: &Value| Mapping {
                from: from.clone(),
                to: (*only).clone(),
                when: None,
            };
            self.emit(Transform::Map {
                path,
                values: gone.into_iter().map(entry).collect(),
                otherwise: None,
            });
            return;
        }
        if let [Value::Null] = gone.as_slice()
            && self.null(side, place)
        {
            return;
        }
        // One conversion that leads each of them back into the list, and leaves the others alone.
        let leads_back = |rule: &Rule| {
            gone.iter()
                .all(|value| matches!(rule.convert(value), Converted::To(value) if is_new(&value)))
                && !stay
                    .iter()
                    .any(|value| matches!(rule.convert(value), Converted::To(_)))
        };
        if let Some(rule) = Rule::ALL.into_iter().find(leads_back) {
            self.emit(Transform::Convert {
                path,
                rule,
                otherwise: Otherwise::Keep,
            });
            return;
        }
        let texts: Vec<String> = gone.iter().take(8).map(|value| value.to_string()).collect();
        self.note(format!(
            "{} no longer takes {}: say by `map` what becomes of them.",
            self.named(),
            texts.join(", ")
        ));
        self.depends("values left the list");
    }

    /// Types that left.
    fn types(
        &mut self,
        old: &Side<'_>,
        new: &Side<'_>,
        (from, to): (u8, u8),
        listed: Option<&[&Value]>,
        place: Place,
    ) {
        let gone = from & !to;
        if gone == 0 {
            return;
        }
        if from == types::ALL {
            self.note(format!(
                "{} took every type and takes {} now: what is of another type must be corrected by hand.",
                self.named(),
                words(to)
            ));
            self.depends("its type was not said before");
            return;
        }
        let Some(path) = self.here().filter(|path| !path.segments().is_empty()) else {
            self.depends("its type is another");
            return;
        };
        let mut gone = gone;
        if gone & types::NULL != 0 && self.null(new, place) {
            gone &= !types::NULL;
        }
        // A wrap takes every value that is no array, so nothing else may be allowed to stay.
        let wraps = from & types::ARRAY == 0 && from & to == 0 && to & !types::NULL == types::ARRAY;
        let mut wrapped = 0;
        for kind in [types::STRING, types::NUMBER, types::BOOLEAN, types::NULL] {
            let lost = gone & kind;
            if lost == 0 {
                continue;
            }
            gone &= !kind;
            let rules = conversions(lost, to);
            match (rules.as_slice(), wraps && kind != types::NULL) {
                ([rule], false) => {
                    let at = self.emit(Transform::Convert {
                        path: path.clone(),
                        rule: *rule,
                        otherwise: Otherwise::Keep,
                    });
                    let is_total = matches!(rule, Rule::BooleanToString | Rule::BooleanToInteger);
                    let converts = |value: &&&Value| match rule.convert(value) {
                        Converted::To(_) | Converted::OfAnotherType => true,
                        Converted::Not => false,
                    };
                    let all = listed.is_some_and(|listed| {
                        listed.iter().filter(converts).count() == listed.len()
                    });
                    if !is_total && !all {
                        self.depends_at(
                            at,
                            &format!("not every value is converted by `{}`", rule.name()),
                        );
                    }
                }
                ([], true) => wrapped |= lost,
                _ => self.no_rule(lost, to),
            }
        }
        if gone & types::OBJECT != 0 {
            if wraps {
                wrapped |= types::OBJECT;
            } else {
                self.no_rule(types::OBJECT, to);
            }
        }
        if wrapped != 0 {
            self.emit(Transform::Wrap { path: path.clone() });
            self.path.push(Segment::Items);
            self.pair(
                old,
                &new.items(),
                wrapped,
                Place {
                    is_field: false,
                    is_required: true,
                },
            );
            self.path.pop();
        }
        if gone & types::ARRAY != 0 {
            self.unwrap(old, new, path, place);
        }
    }

    /// Arrays that become their only item.
    fn unwrap(&mut self, old: &Side<'_>, new: &Side<'_>, path: FieldPath, place: Place) {
        let items = old.items();
        let comes_out = items.types() & !types::ARRAY;
        let fits = comes_out & new.types() != 0 || conversions(comes_out, new.types()).len() == 1;
        if items.opaque.is_some() || !fits {
            self.no_rule(types::ARRAY, new.types());
            return;
        }
        let at = self.emit(Transform::Unwrap {
            path,
            otherwise: Otherwise::Keep,
        });
        self.note(format!(
            "{}: an array of one item becomes that item; other arrays stay, and must be corrected by hand or by `otherwise`.",
            self.named()
        ));
        self.depends_at(at, "an array of more or fewer items than one stays");
        self.pair(&items, new, comes_out, place);
    }

    /// Null, where it is no longer allowed. Answers whether it was seen to.
    fn null(&mut self, new: &Side<'_>, place: Place) -> bool {
        let Some(path) = self.here() else {
            return false;
        };
        let value = self
            .value_for(&path, new)
            .filter(|value| !value.is_null() && !value.is_array() && !value.is_object());
        if let Some(to) = value {
            self.emit(Transform::Map {
                path,
                values: vec![Mapping {
                    from: Value::Null,
                    to,
                    when: None,
                }],
                otherwise: None,
            });
            return true;
        }
        // Where the field is required, what is taken away is given its own value afterwards, if it has one.
        let goes = place.is_field && (!place.is_required || self.value_for(&path, new).is_some());
        if goes {
            self.emit(Transform::Remove {
                path,
                equals: Some(Value::Null),
            });
            if place.is_required {
                self.fill(new);
            }
        }
        goes
    }

    fn no_rule(&mut self, lost: u8, to: u8) {
        let advice = if lost == types::FRACTION {
            "say by `convert` whether to `round` or to `truncate`"
        } else {
            "say by `transforms` what becomes of it"
        };
        self.note(format!(
            "{}: there is no one rule that turns {} into {}; {advice}.",
            self.named(),
            words(lost),
            words(to)
        ));
        self.depends(&format!("{} is no longer allowed", words(lost)));
    }

    /// Whether the last name of the path can be written in a transform; says so when not.
    fn can_be_named(&mut self, name: &str) -> bool {
        let can = check_field_name(name).is_ok() && self.here().is_some();
        if !can {
            self.note(format!(
                "The field {} is left as it is: its name is not one that a transform can name.",
                Value::from(name)
            ));
            self.depends("a field has a name that no transform can name");
        }
        can
    }

    fn fields(&mut self, old: &Side<'_>, new: &Side<'_>) {
        let mut names = old.fields();
        let declared = names.len();
        for name in new.fields() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for (index, name) in names.into_iter().enumerate() {
            let (before, after) = (old.field(name), new.field(name));
            if before.is_written_like(&after) || before.never || after.takes_everything() {
                continue;
            }
            self.path.push(Segment::Field(name.to_owned()));
            if self.can_be_named(name) {
                if after.never {
                    self.gone(index < declared);
                } else if before.takes_everything() && index >= declared {
                    self.note(format!(
                        "Where artifacts have an undeclared field {} already, it must fit its new schema.",
                        self.named()
                    ));
                    self.depends("artifacts may have it already, undeclared");
                } else {
                    self.pair(
                        &before,
                        &after,
                        types::ALL,
                        Place {
                            is_field: true,
                            is_required: new.requires(name),
                        },
                    );
                }
            }
            self.path.pop();
        }
        self.undeclared(old, new);
        self.required(old, new);
    }

    /// A field that may no longer be there.
    fn gone(&mut self, is_declared: bool) {
        match self.here().filter(|_| is_declared) {
            Some(path) => {
                self.note(format!(
                    "The values of `{path}` are taken out of the artifacts."
                ));
                self.emit(Transform::Remove { path, equals: None });
            }
            None => self.depends("the field is no longer allowed"),
        }
    }

    fn undeclared(&mut self, old: &Side<'_>, new: &Side<'_>) {
        let (before, after) = (old.undeclared(), new.undeclared());
        if before.never || after.takes_everything() || before.is_written_like(&after) {
            return;
        }
        // By patterns, which are the same; what else could differ was looked at above.
        if before.opaque.is_some()
            && before.opaque == after.opaque
            && before.opaque.as_deref() == Some("patternProperties")
            && before.nodes.is_empty()
            && after.nodes.is_empty()
            && beyond_patterns(old) == beyond_patterns(new)
            && !beyond_patterns(old).into_iter().flatten().any(refers)
        {
            return;
        }
        if after.never {
            self.note(format!(
                "{} takes declared fields only: undeclared ones must be taken out by hand.",
                self.named()
            ));
        }
        self.depends("its undeclared fields are judged otherwise now");
    }

    /// Fields that must be there now.
    fn required(&mut self, old: &Side<'_>, new: &Side<'_>) {
        let mut seen: Vec<&str> = Vec::new();
        for name in new.required() {
            let stays = old.requires(name) && !new.field(name).never;
            if stays || seen.contains(&name) {
                continue;
            }
            seen.push(name);
            self.path.push(Segment::Field(name.to_owned()));
            if self.can_be_named(name) {
                self.fill(&new.field(name));
            }
            self.path.pop();
        }
    }

    /// Gives the field of this place its own value where it is missing.
    fn fill(&mut self, new: &Side<'_>) {
        let Some(path) = self.here() else {
            return;
        };
        match self.value_for(&path, new) {
            Some(value) => {
                self.note(format!(
                    "Artifacts that have `{path}` already keep their value."
                ));
                let add = Transform::Add {
                    path,
                    value: Fill::Value(value),
                };
                if !self.suggestion.transforms.contains(&add) {
                    self.emit(add);
                }
            }
            None => {
                self.note(format!(
                    "`{path}` is required and has no default: each existing artifact must get a value by hand or by the declared \
                     backfill."
                ));
                self.depends("it is required now and has no default");
            }
        }
    }

    /// What a field gets that is missing.
    fn value_for(&self, path: &FieldPath, new: &Side<'_>) -> Option<Value> {
        match &self.given {
            Some((place, value)) if *place == path.to_string() => Some((*value).clone()),
            _ => new.own_value(),
        }
    }
}

/// What each subschema says of fields that nothing declares and no pattern names.
fn beyond_patterns<'a>(side: &Side<'a>) -> Vec<Option<&'a Value>> {
    side.nodes
        .iter()
        .map(|node| node.members.get("additionalProperties"))
        .collect()
}

/// The rules that turn the lost types into one that is allowed.
fn conversions(lost: u8, to: u8) -> Vec<Rule> {
    let mut rules = Vec::new();
    if lost & types::STRING != 0 {
        if to & types::FRACTION != 0 {
            rules.push(Rule::StringToNumber);
        } else if to & types::INTEGER != 0 {
            rules.push(Rule::StringToInteger);
        }
        if to & types::BOOLEAN != 0 {
            rules.push(Rule::StringToBoolean);
        }
    }
    // Where integers stay, fractions alone cannot be told apart by these rules.
    if lost & types::INTEGER != 0 {
        if to & types::STRING != 0 {
            rules.push(Rule::NumberToString);
        }
        if to & types::BOOLEAN != 0 {
            rules.push(Rule::IntegerToBoolean);
        }
    }
    if lost & types::BOOLEAN != 0 {
        if to & types::STRING != 0 {
            rules.push(Rule::BooleanToString);
        }
        if to & types::INTEGER != 0 {
            rules.push(Rule::BooleanToInteger);
        }
    }
    rules
}

/// Types in words.
fn words(kinds: u8) -> String {
    let mut names = Vec::new();
    for (kind, name) in [
        (types::STRING, "a text"),
        (types::NUMBER, "a number"),
        (types::BOOLEAN, "true or false"),
        (types::ARRAY, "an array"),
        (types::OBJECT, "an object"),
        (types::NULL, "null"),
    ] {
        if kinds & kind == types::INTEGER {
            names.push("an integer");
        } else if kinds & kind == types::FRACTION {
            names.push("a number with a fraction");
        } else if kinds & kind != 0 {
            names.push(name);
        }
    }
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names.join(" or ")
}
