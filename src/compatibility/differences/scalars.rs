//! Types, values, numbers and strings.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use jsonschema::Draft;

use super::walk::{Object, Pair, Walk, brief};
use crate::text::{Number, Value};

/// Values of one `enum` that are named one by one.
const NAMED: usize = 64;

const TYPES: [&str; 7] = [
    "array", "boolean", "integer", "null", "number", "object", "string",
];

/// The types that a schema lets through. `number` stands for numbers that are no integers.
fn type_set(schema: &Object) -> BTreeSet<&str> {
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

/// Whether some type is left that both sides let through.
pub(super) fn types<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    old: &Object,
    new: &Object,
) -> bool {
    let (was, is) = (type_set(old), type_set(new));
    if was == is {
        return true;
    }
    let message = format!(
        "The type was {}, now it is {}.",
        type_words(&was),
        type_words(&is)
    );
    let rule = if is.is_subset(&was) {
        "type_narrowed"
    } else if was.is_subset(&is) {
        "type_widened"
    } else {
        "type_changed"
    };
    walk.note_keyword(pair, rule, "type", message);
    was.intersection(&is).next().is_some()
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

/// `enum` and `const`.
pub(super) fn values<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    let listed = |schema: &'_ Object| -> Option<Vec<Value>> {
        match (schema.get("const"), schema.get("enum")) {
            (Some(value), _) => Some(vec![value.clone()]),
            (None, Some(Value::Array(values))) => Some(values.clone()),
            _ => None,
        }
    };
    let keyword = |schema: &Object| {
        if schema.contains_key("const") {
            "const"
        } else {
            "enum"
        }
    };
    match (listed(old), listed(new)) {
        (None, None) => {}
        (None, Some(now)) => {
            let message = format!("Any value was accepted here, now only {}.", list(&now));
            walk.note_keyword(pair, "enum_added", keyword(new), message);
        }
        (Some(was), None) => {
            let message = format!("Only {} was accepted here, now any value is.", list(&was));
            walk.note_keyword(pair, "enum_removed", keyword(old), message);
        }
        (Some(was), Some(now)) => {
            if let ([was], [now]) = (was.as_slice(), now.as_slice()) {
                if !same_value(was, now) {
                    let message = format!(
                        "The only value was {}, now it is {}.",
                        brief(was),
                        brief(now)
                    );
                    walk.note_keyword(pair, "const_changed", keyword(old), message);
                }
                return;
            }
            // Exact text first, so that long lists are not compared member by member with one another.
            let texts =
                |values: &[Value]| values.iter().map(Value::to_string).collect::<BTreeSet<_>>();
            let (was_texts, now_texts) = (texts(&was), texts(&now));
            let missing =
                |values: &[Value], texts: &BTreeSet<String>, others: &[Value]| -> Vec<Value> {
                    values
                        .iter()
                        .filter(|value| !texts.contains(&value.to_string()))
                        .filter(|value| {
                            !(value.is_number() || value.is_array() || value.is_object())
                                || !others
                                    .iter()
                                    .take(2_000)
                                    .any(|other| same_value(value, other))
                        })
                        .cloned()
                        .collect()
                };
            let removed = missing(&was, &now_texts, &now);
            let added = missing(&now, &was_texts, &was);
            for (rule, values, words) in [
                ("enum_value_removed", &removed, "is no longer accepted"),
                ("enum_value_added", &added, "is accepted as well"),
            ] {
                for value in values.iter().take(NAMED) {
                    walk.note_keyword(
                        pair,
                        rule,
                        "enum",
                        format!("The value {} {words}.", brief(value)),
                    );
                }
                if values.len() > NAMED {
                    let message =
                        format!("And {} more values: each {words}.", values.len() - NAMED);
                    walk.note_keyword(pair, rule, "enum", message);
                }
            }
        }
    }
}

fn list(values: &[Value]) -> String {
    let mut words: Vec<String> = values.iter().take(6).map(brief).collect();
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

/// `minimum`, `maximum`, their exclusive kin, and `multipleOf`.
pub(super) fn ranges<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    for (inclusive, exclusive, upper, name) in [
        ("minimum", "exclusiveMinimum", false, "lower bound"),
        ("maximum", "exclusiveMaximum", true, "upper bound"),
    ] {
        let was = bound(walk.old.draft(), old, inclusive, exclusive, upper);
        let is = bound(walk.new.draft(), new, inclusive, exclusive, upper);
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
            Ordering::Less => "range_narrowed",
            Ordering::Greater => "range_widened",
        };
        let message = format!(
            "The {name} was {}, now it is {}.",
            bound_words(&was, inclusive, exclusive),
            bound_words(&is, inclusive, exclusive)
        );
        let keyword = [inclusive, exclusive]
            .into_iter()
            .find(|keyword| old.get(*keyword) != new.get(*keyword))
            .unwrap_or(inclusive);
        walk.note_keyword(pair, rule, keyword, message);
    }
    let step = |schema: &Object| schema.get("multipleOf").and_then(Value::as_number).cloned();
    let (was, is) = (step(old), step(new));
    let equal = match (&was, &is) {
        (Some(was), Some(is)) => compare(was, is) == Ordering::Equal,
        (was, is) => was.is_none() && is.is_none(),
    };
    if !equal {
        let words = |step: Option<Number>| {
            step.map_or_else(|| "free".to_owned(), |step| format!("a multiple of {step}"))
        };
        let message = format!("The number was {}, now it is {}.", words(was), words(is));
        walk.note_keyword(pair, "multiple_of_changed", "multipleOf", message);
    }
}

/// `minLength`, `maxLength` and `pattern`.
pub(super) fn texts<'a>(walk: &mut Walk<'_, 'a>, pair: &Pair<'a>, old: &Object, new: &Object) {
    counts(
        walk,
        pair,
        (old, new),
        ("minLength", "maxLength"),
        ("length_narrowed", "length_widened"),
        "length",
    );
    let pattern = |schema: &Object| {
        schema
            .get("pattern")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    match (pattern(old), pattern(new)) {
        (Some(was), Some(is)) if was != is => {
            let message = format!("The pattern was `{was}`, now it is `{is}`.");
            walk.note_keyword(pair, "pattern_changed", "pattern", message);
        }
        (Some(was), None) => {
            let message = format!("The pattern `{was}` is gone.");
            walk.note_keyword(pair, "pattern_removed", "pattern", message);
        }
        (None, Some(is)) => {
            let message = format!("Any string was accepted here, now it must match `{is}`.");
            walk.note_keyword(pair, "pattern_added", "pattern", message);
        }
        _ => {}
    }
}

/// A pair of counts such as `minItems` and `maxItems`.
pub(super) fn counts<'a>(
    walk: &mut Walk<'_, 'a>,
    pair: &Pair<'a>,
    (old, new): (&Object, &Object),
    (least, most): (&str, &str),
    (narrowed, widened): (&'static str, &'static str),
    what: &str,
) {
    for (keyword, upper) in [(least, false), (most, true)] {
        let count = |schema: &Object| {
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
        walk.note_keyword(pair, rule, keyword, message);
    }
}
