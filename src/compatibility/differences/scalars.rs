//! Types, values, numbers and strings.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};

use jsonschema::Draft;

use super::{
    Rule,
    rules::{self, Subject},
    values::brief,
    walk::{Object, Pair, Walk},
};
use crate::text::{Number, Value};

/// Values of one `enum` that are named one by one.
const NAMED: usize = 64;

const TYPES: [&str; 7] = [
    "array", "boolean", "integer", "null", "number", "object", "string",
];

/// The types that a schema lets through. `number` stands for numbers that are no integers.
pub(super) fn type_set(schema: &Object) -> BTreeSet<&str> {
    let mut set: BTreeSet<&str> = match schema.get("type") {
        Some(Value::String(name)) => BTreeSet::from([name.as_str()]),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::from(TYPES),
    };
    if set.contains("number") {
        set.insert("integer");
    }
    set
}

/// The types as a schema would write them.
fn type_words(set: &BTreeSet<&str>) -> String {
    if TYPES.iter().all(|name| set.contains(name)) {
        return "any type".to_owned();
    }
    let names: Vec<&str> = set
        .iter()
        .copied()
        .filter(|name| *name != "integer" || !set.contains("number"))
        .collect();
    names.join(" or ")
}

/// The types that both sides let through, as far as keywords ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common {
    pub number: bool,
    /// Every number that both let through is an integer.
    pub integers_only: bool,
    pub string: bool,
    pub object: bool,
    pub array: bool,
}

/// Whether the two lists of types share one.
pub(super) fn share_a_type(old: &Object, new: &Object) -> bool {
    type_set(old).intersection(&type_set(new)).next().is_some()
}

/// The types that both sides let through; `None` when there is none.
pub(super) fn types<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    old: &Object,
    new: &Object,
) -> Option<Common> {
    if old.get("type").is_none() && new.get("type").is_none() {
        return Some(Common {
            number: true,
            integers_only: false,
            string: true,
            object: true,
            array: true,
        });
    }
    let (was, is) = (type_set(old), type_set(new));
    if was != is {
        let message = format!(
            "The type was {}, now it is {}.",
            type_words(&was),
            type_words(&is)
        );
        let rule = if is.is_subset(&was) {
            &rules::TYPE_NARROWED
        } else if was.is_subset(&is) {
            &rules::TYPE_WIDENED
        } else {
            &rules::TYPE_CHANGED
        };
        walk.note_change(pair, rule, "type", message);
    }
    let has = |name: &str| was.contains(name) && is.contains(name);
    let common = Common {
        number: has("number") || has("integer"),
        integers_only: !has("number"),
        string: has("string"),
        object: has("object"),
        array: has("array"),
    };
    was.intersection(&is).next().is_some().then_some(common)
}

/// JSON equality: 1 and 1.0 are the same number.
pub(super) fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => compare(a, b) == Ordering::Equal,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same_value(a, b)))
        }
        _ => a == b,
    }
}

/// The values that `const` and `enum` leave, and the keyword that says so.
pub(super) fn listed(schema: &Object) -> Option<(&'static str, Vec<&Value>)> {
    match (schema.get("const"), schema.get("enum")) {
        (Some(value), Some(Value::Array(values))) => Some((
            "const",
            // One that the list lacks leaves nothing.
            if values.iter().any(|listed| same_value(listed, value)) {
                vec![value]
            } else {
                Vec::new()
            },
        )),
        (Some(value), _) => Some(("const", vec![value])),
        (None, Some(Value::Array(values))) => Some(("enum", values.iter().collect())),
        _ => None,
    }
}

/// `enum` and `const`.
pub(super) fn values<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    match (listed(old), listed(new)) {
        (None, None) => {}
        (None, Some((keyword, now))) => {
            let message = format!("Any value was accepted here, now only {}.", list(&now));
            walk.note_change(pair, &rules::ENUM_ADDED, keyword, message);
        }
        (Some((keyword, was)), None) => {
            let message = format!("Only {} was accepted here, now any value is.", list(&was));
            walk.note_change(pair, &rules::ENUM_REMOVED, keyword, message);
        }
        (Some((old_keyword, was)), Some((new_keyword, now))) => {
            if let ([was], [now]) = (was.as_slice(), now.as_slice()) {
                if !same_value(was, now) {
                    let message = format!(
                        "The only value was {}, now it is {}.",
                        brief(was),
                        brief(now)
                    );
                    let subject = Subject::new(new_keyword, Some(was), Some(now));
                    walk.note_keyword(pair, &rules::CONST_CHANGED, old_keyword, &subject, message);
                }
                return;
            }
            for (rule, values, others, keyword, words) in [
                (
                    &rules::ENUM_VALUE_REMOVED,
                    &was,
                    &now,
                    new_keyword,
                    "is no longer accepted",
                ),
                (
                    &rules::ENUM_VALUE_ADDED,
                    &now,
                    &was,
                    new_keyword,
                    "is accepted as well",
                ),
            ] {
                let lacking = lacking(values, others);
                let removed = std::ptr::eq(rule, &rules::ENUM_VALUE_REMOVED);
                for value in lacking.iter().take(NAMED) {
                    let subject = if removed {
                        Subject::new(keyword, Some(value), None)
                    } else {
                        Subject::new(keyword, None, Some(value))
                    };
                    let message = format!("The value {} {words}.", brief(value));
                    walk.note_keyword(pair, rule, keyword, &subject, message);
                }
                if lacking.len() > NAMED {
                    let message =
                        format!("And {} more values: each {words}.", lacking.len() - NAMED);
                    walk.note_change(pair, rule, keyword, message);
                }
            }
        }
    }
}

/// The values that the others lack. Strings by their text, so that long lists are not compared member by member.
fn lacking<'v>(values: &[&'v Value], others: &[&'v Value]) -> Vec<&'v Value> {
    // Numbers and containers in `others` that one value is compared with; beyond, a value counts as lacking.
    const COMPARED: usize = 2_000;
    let texts: HashSet<&str> = others.iter().filter_map(|value| value.as_str()).collect();
    let rest: Vec<&Value> = others
        .iter()
        .copied()
        .filter(|value| !value.is_string())
        .collect();
    values
        .iter()
        .copied()
        .enumerate()
        .filter(|(index, value)| match value.as_str() {
            Some(text) => !texts.contains(text),
            None => {
                let same = |other: &Value| same_value(value, other);
                // Most lists keep their order, so the same place is looked at first.
                !others.get(*index).is_some_and(|other| same(other))
                    && !rest.iter().take(COMPARED).any(|other| same(other))
            }
        })
        .map(|(_, value)| value)
        .collect()
}

fn list(values: &[&Value]) -> String {
    let mut words: Vec<String> = values.iter().take(6).map(|value| brief(value)).collect();
    if values.len() > words.len() {
        words.push(format!("{} more", values.len() - words.len()));
    }
    words.join(", ")
}

/// Numbers by value. Integers exactly; a double against an integer as doubles, which is enough for a sentence.
pub(super) fn compare(a: &Number, b: &Number) -> Ordering {
    let whole = |number: &Number| {
        number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from))
    };
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => {
            let double = |number: &Number| number.as_f64().unwrap_or(f64::NAN);
            double(a).partial_cmp(&double(b)).unwrap_or(Ordering::Equal)
        }
    }
}

/// One end of a range: the bound, and whether it is itself outside.
type Bound = Option<(Number, bool)>;

fn bound(draft: Draft, schema: &Object, inclusive: &str, exclusive: &str, upper: bool) -> Bound {
    let number = |keyword: &str| schema.get(keyword).and_then(Value::as_number).cloned();
    let closed = number(inclusive);
    if draft == Draft::Draft4 {
        let open = schema.get(exclusive) == Some(&Value::Bool(true));
        return closed.map(|number| (number, open));
    }
    match (closed, number(exclusive)) {
        (Some(closed), Some(open)) => {
            let tighter = match compare(&open, &closed) {
                Ordering::Equal => true,
                Ordering::Less => upper,
                Ordering::Greater => !upper,
            };
            Some(if tighter {
                (open, true)
            } else {
                (closed, false)
            })
        }
        (Some(closed), None) => Some((closed, false)),
        (None, Some(open)) => Some((open, true)),
        (None, None) => None,
    }
}

fn bound_words(bound: &Bound, inclusive: &str, exclusive: &str) -> String {
    match bound {
        None => "none".to_owned(),
        Some((number, false)) => format!("{number} ({inclusive})"),
        Some((number, true)) => format!("{number} ({exclusive})"),
    }
}

/// An integer bound without the exclusive form: integers above 1 are those from 2 on.
fn for_integers(bound: Bound, upper: bool) -> Bound {
    let (number, open) = bound?;
    match (number.as_i64(), open) {
        (Some(whole), true) => {
            let next = if upper {
                whole.checked_sub(1)
            } else {
                whole.checked_add(1)
            };
            Some(match next {
                Some(next) => (next.into(), false),
                None => (number, open),
            })
        }
        _ => Some((number, open)),
    }
}

/// `minimum`, `maximum`, their exclusive kin, and `multipleOf`.
pub(super) fn ranges<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    old: &Object,
    new: &Object,
    common: Common,
) {
    for (inclusive, exclusive, upper, name) in [
        ("minimum", "exclusiveMinimum", false, "lower bound"),
        ("maximum", "exclusiveMaximum", true, "upper bound"),
    ] {
        let mut was = bound(walk.old.draft(), old, inclusive, exclusive, upper);
        let mut is = bound(walk.new.draft(), new, inclusive, exclusive, upper);
        let (was_words, is_words) = (
            bound_words(&was, inclusive, exclusive),
            bound_words(&is, inclusive, exclusive),
        );
        if common.integers_only {
            was = for_integers(was, upper);
            is = for_integers(is, upper);
        }
        let order = match (&was, &is) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            // How tight the bound is: a higher lower bound and a lower upper bound are tighter.
            (Some((was, was_open)), Some((is, is_open))) => {
                let order = if upper {
                    compare(is, was)
                } else {
                    compare(was, is)
                };
                order.then(was_open.cmp(is_open))
            }
        };
        let rule = match order {
            Ordering::Equal => continue,
            Ordering::Less if was.is_none() => &rules::RANGE_NARROWED_NEW,
            Ordering::Less => &rules::RANGE_NARROWED,
            Ordering::Greater => &rules::RANGE_WIDENED,
        };
        let message = format!("The {name} was {was_words}, now it is {is_words}.");
        let keyword = [inclusive, exclusive]
            .into_iter()
            .find(|keyword| old.get(*keyword) != new.get(*keyword))
            .unwrap_or(inclusive);
        let said = |schema: &Object, draft| bound(draft, schema, inclusive, exclusive, upper);
        let (was, is) = (said(old, walk.old.draft()), said(new, walk.new.draft()));
        // Named after the keyword that said the bound before, which a repair restores.
        let name = match was.as_ref().or(is.as_ref()) {
            Some((_, true)) => exclusive,
            _ => inclusive,
        };
        let number = |bound: Bound| bound.map(|(number, _)| Value::Number(number));
        let (was, is) = (number(was), number(is));
        let subject = Subject::new(name, was.as_ref(), is.as_ref());
        walk.note_keyword(pair, rule, keyword, &subject, message);
    }
    steps(walk, pair, old, new, common);
}

/// `multipleOf`.
fn steps<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object, common: Common) {
    let step = |schema: &'_ Object| schema.get("multipleOf").and_then(Value::as_number).cloned();
    let (was, is) = (step(old), step(new));
    let words = |step: &Option<Number>| {
        step.as_ref()
            .map_or_else(|| "free".to_owned(), |step| format!("a multiple of {step}"))
    };
    let one = Number::from(1);
    // Every integer is a multiple of 1, and of what divides 1.
    let free = |step: &Option<Number>| match step {
        None => true,
        Some(step) => common.integers_only && divides(step, &one) == Some(true),
    };
    let rule = match (&was, &is) {
        (was, is) if free(was) && free(is) => return,
        (was, _) if free(was) => &rules::MULTIPLE_OF_NARROWED,
        (_, is) if free(is) => &rules::MULTIPLE_OF_WIDENED,
        (Some(was), Some(is)) => match (divides(is, was), divides(was, is)) {
            (Some(true), Some(true)) => return,
            (Some(true), _) => &rules::MULTIPLE_OF_WIDENED,
            (_, Some(true)) => &rules::MULTIPLE_OF_NARROWED,
            _ => &rules::MULTIPLE_OF_CHANGED,
        },
        _ => return,
    };
    let message = format!("The number was {}, now it is {}.", words(&was), words(&is));
    walk.note_change(pair, rule, "multipleOf", message);
}

/// Whether `a` divides `b`, exactly, as the decimal numbers that they are written as; `None` when they are too far apart.
fn divides(a: &Number, b: &Number) -> Option<bool> {
    let ((a, a_scale), (b, b_scale)) = (decimal(a)?, decimal(b)?);
    let scale = b_scale.checked_sub(a_scale)?;
    let power = 10i128.checked_pow(scale.unsigned_abs())?;
    let (a, b) = if scale >= 0 {
        (a, b.checked_mul(power)?)
    } else {
        (a.checked_mul(power)?, b)
    };
    Some(b.checked_rem(a)? == 0)
}

/// A number as an integer times a power of ten.
fn decimal(number: &Number) -> Option<(i128, i32)> {
    let text = number.to_string();
    let (digits, power) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let power: i32 = power.parse().ok()?;
    let places = i32::try_from(part.len()).ok()?;
    Some((
        format!("{whole}{part}").parse().ok()?,
        power.checked_sub(places)?,
    ))
}

/// `minLength`, `maxLength` and `pattern`.
pub(super) fn texts<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    counts(
        walk,
        pair,
        (old, new),
        ("minLength", "maxLength"),
        (&rules::LENGTH_NARROWED, &rules::LENGTH_WIDENED),
        "length",
    );
    let pattern = |schema: &'_ Object| {
        schema
            .get("pattern")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let (rule, message) = match (pattern(old), pattern(new)) {
        (Some(was), Some(is)) if was != is => (
            &rules::PATTERN_CHANGED,
            format!("The pattern was `{was}`, now it is `{is}`."),
        ),
        (Some(was), None) => (
            &rules::PATTERN_REMOVED,
            format!("The pattern `{was}` is gone."),
        ),
        (None, Some(is)) => (
            &rules::PATTERN_ADDED,
            format!("Any string was accepted here, now it must match `{is}`."),
        ),
        _ => return,
    };
    walk.note_change(pair, rule, "pattern", message);
}

/// A pair of counts such as `minItems` and `maxItems`.
pub(super) fn counts<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    (old, new): (&Object, &Object),
    (least, most): (&str, &str),
    (narrowed, widened): (&'static Rule, &'static Rule),
    what: &str,
) {
    for (keyword, upper) in [(least, false), (most, true)] {
        let count = |schema: &'_ Object| {
            schema
                .get(keyword)
                .and_then(Value::as_number)
                .filter(|number| upper || number.as_f64() != Some(0.0))
                .cloned()
        };
        let (was, is) = (count(old), count(new));
        let order = match (&was, &is) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(was), Some(is)) if upper => compare(is, was),
            (Some(was), Some(is)) => compare(was, is),
        };
        let rule = match order {
            Ordering::Equal => continue,
            Ordering::Less => narrowed,
            Ordering::Greater => widened,
        };
        let side = if upper { "greatest" } else { "least" };
        let words = |count: Option<Number>| {
            count.map_or_else(|| "free".to_owned(), |count| count.to_string())
        };
        let message = format!(
            "The {side} {what} was {}, now it is {}.",
            words(was),
            words(is)
        );
        walk.note_change(pair, rule, keyword, message);
    }
}
