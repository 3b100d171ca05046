//! Numbers and strings at and around the bounds that schemas set.

use std::collections::BTreeSet;

use crate::text::{Map, Value};

use super::pattern;

/// Longest string that is made only to reach a length bound.
const LENGTH: u64 = 4_096;
/// Most points on the number line one place is tried at.
const POINTS: usize = 160;

type Object = Map<String, Value>;

fn number(object: &Object, keyword: &str) -> Option<f64> {
    object.get(keyword).and_then(Value::as_f64)
}

/// A count such as `minLength`; also when it is written as `1.0`.
pub(super) fn count(object: &Object, keyword: &str) -> Option<u64> {
    let value = object.get(keyword)?;
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        // Beyond 2^53 no artifact reaches the count anyway.
        (number.fract() == 0.0 && (0.0..9.0e15).contains(&number)).then_some(number as u64)
    })
}

/// The least or the greatest of a count over several schemas.
pub(super) fn bounds(schemas: &[&Object], least: &str, most: &str) -> (u64, Option<u64>) {
    (
        schemas
            .iter()
            .filter_map(|s| count(s, least))
            .max()
            .unwrap_or(0),
        schemas.iter().filter_map(|s| count(s, most)).min(),
    )
}

/// The counts worth trying between `low` and `high`: the bounds, and one step to each side of what `hints` name.
pub(super) fn counts(
    must: &[&Object],
    hints: &[&Object],
    (least, most): (&str, &str),
    cap: u64,
) -> Vec<u64> {
    let (low, high) = bounds(must, least, most);
    let high = high.unwrap_or(cap).min(cap);
    let mut points = BTreeSet::from([low, low.saturating_add(1)]);
    for schema in must.iter().chain(hints) {
        for bound in [count(schema, least), count(schema, most)]
            .into_iter()
            .flatten()
        {
            points.extend([bound.saturating_sub(1), bound, bound.saturating_add(1)]);
        }
    }
    // A bound beyond the cap is out of reach: no value is made for it.
    points.retain(|&point| low <= point && point <= high);
    points.into_iter().collect()
}

/// The JSON number of a double: an integer where it is one that doubles hold exactly.
pub(super) fn json(number: f64) -> Option<Value> {
    if number.fract() == 0.0 && number.abs() < 9.0e15 {
        Some(Value::from(number as i64))
    } else {
        serde_json::Number::from_f64(number).map(Value::Number)
    }
}

/// Numbers that `must` lets through, at and around the bounds and multiples of `must` and `hints`.
pub(super) fn numbers(must: &[&Object], hints: &[&Object], whole: bool) -> Vec<Value> {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut points = vec![0.0, 1.0, -1.0];
    if !whole {
        points.extend([0.5, -0.5, 0.1, 1.5]);
    }
    for schema in must {
        low = ["minimum", "exclusiveMinimum"]
            .iter()
            .filter_map(|keyword| number(schema, keyword))
            .fold(low, f64::max);
        high = ["maximum", "exclusiveMaximum"]
            .iter()
            .filter_map(|keyword| number(schema, keyword))
            .fold(high, f64::min);
    }
    let multiples: Vec<f64> = must
        .iter()
        .chain(hints)
        .filter_map(|schema| number(schema, "multipleOf").or_else(|| number(schema, "divisibleBy")))
        .filter(|step| step.is_normal() && *step > 0.0)
        .take(8)
        .collect();
    for schema in must.iter().chain(hints) {
        for keyword in ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] {
            if let Some(bound) = number(schema, keyword) {
                points.extend([bound, bound - 1.0, bound + 1.0, bound.floor(), bound.ceil()]);
                if !whole {
                    points.extend([bound - 0.5, bound + 0.5, bound - 0.001, bound + 0.001]);
                    points.extend([bound.next_down(), bound.next_up()]);
                }
            }
        }
    }
    if low.is_finite() && high.is_finite() {
        points.push(low + (high - low) / 2.0);
    }
    points.truncate(POINTS);
    // The multiples next to every point, of each step and of the steps' common multiples.
    let mut steps = multiples.clone();
    if let Some(common) = multiples.iter().copied().try_fold(1.0f64, common_multiple) {
        steps.push(common);
    }
    let mut all = Vec::new();
    for step in &steps {
        for point in &points {
            let nearest = (point / step).floor();
            all.extend([-1.0, 0.0, 1.0, 2.0].map(|offset| (nearest + offset) * step));
        }
        all.extend([2.0 * step, 3.0 * step, 5.0 * step, 7.0 * step]);
    }
    all.extend(points);
    all.retain(|point| {
        point.is_finite() && low <= *point && *point <= high && (!whole || point.fract() == 0.0)
    });
    all.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    all.dedup();
    all.truncate(POINTS);
    all.into_iter().filter_map(json).collect()
}

/// The least common multiple where both are small integers.
fn common_multiple(a: f64, b: f64) -> Option<f64> {
    if a.fract() != 0.0
        || b.fract() != 0.0
        || a.abs() > 1.0e6
        || b.abs() > 1.0e6
        || a < 1.0
        || b < 1.0
    {
        return None;
    }
    let (mut x, mut y) = (a as u64, b as u64);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    Some(a / (x as f64) * b)
}

/// Strings of the lengths and patterns that `must` and `hints` name.
pub(super) fn strings(must: &[&Object], hints: &[&Object]) -> Vec<String> {
    let (low, high) = bounds(must, "minLength", "maxLength");
    let mut out: Vec<String> = Vec::new();
    let mut patterned = false;
    for schema in must {
        if let Some(expression) = schema.get("pattern").and_then(Value::as_str) {
            patterned = true;
            for sample in pattern::samples(expression) {
                out.extend(fitted(&sample, low));
                out.push(sample);
            }
        }
    }
    for schema in hints {
        if let Some(expression) = schema.get("pattern").and_then(Value::as_str) {
            for sample in pattern::samples(expression) {
                // Matching the new pattern and just not matching it are both of interest.
                out.push(format!("{sample}\n"));
                out.push(format!("{sample} "));
                out.push(sample);
            }
        }
    }
    if !patterned {
        for length in counts(must, hints, ("minLength", "maxLength"), LENGTH) {
            out.push("a".repeat(usize::try_from(length).unwrap_or(0)));
        }
        out.extend(
            [
                "",
                "a",
                "A",
                "0",
                " ",
                "\n",
                "-",
                "\u{e9}",
                "\u{1f600}",
                "aa",
                "a b",
                "a\nb",
                "zz9",
            ]
            .map(String::from),
        );
    }
    out.retain(|text| {
        let length = text.chars().count() as u64;
        low <= length && high.is_none_or(|high| length <= high)
    });
    let mut seen = BTreeSet::new();
    out.retain(|text| seen.insert(text.clone()));
    out
}

/// `sample` made long enough, by repeating its last character.
fn fitted(sample: &str, low: u64) -> Option<String> {
    let missing = low.checked_sub(sample.chars().count() as u64)?;
    let last = sample.chars().last()?;
    if missing == 0 || missing > LENGTH {
        return None;
    }
    Some(sample.chars().chain((0..missing).map(|_| last)).collect())
}
