//! Makes a pair that shows a fault as small as it stays faulty.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use schema_senate::compatibility::{Mode, Verdict};
use serde_json::{Value, json};

use crate::{
    oracle::{Fault, Judges},
    pairs::{Pair, verdict},
    places::{has_empty_loop, values},
};

/// Pairs that are tried.
const TRIES: usize = 3_000;
/// How long they are tried.
const PATIENCE: Duration = Duration::from_secs(15);

/// The smallest pair found with the same fault, and the instance that goes with it.
#[must_use]
pub fn smallest(pair: &Pair, fault: &Fault) -> (Pair, Fault) {
    match fault {
        Fault::NotCompatible(instance) => {
            let mut pair = pair.clone();
            let mut instance = instance.clone();
            for _ in 0..2 {
                pair = shrunk(pair, |pair| {
                    !has_empty_loop(&pair.old)
                        && !has_empty_loop(&pair.new)
                        && Judges::of(pair).is_some_and(|judges| judges.breaks(&instance))
                        && verdict(Mode::Backward, pair).verdict == Verdict::Compatible
                });
                if let Some(judges) = Judges::of(&pair) {
                    instance = smaller_value(instance, |instance| judges.breaks(instance));
                }
            }
            (pair, Fault::NotCompatible(instance))
        }
        Fault::NotAWitness(_) => {
            let wrong = |pair: &Pair| {
                let judges = Judges::of(pair)?;
                let report = verdict(Mode::Backward, pair);
                (report.verdict == Verdict::Breaking
                    && !report
                        .witness
                        .as_ref()
                        .is_some_and(|witness| judges.breaks(witness)))
                .then_some(report.witness)
            };
            let pair = shrunk(pair.clone(), |pair| wrong(pair).is_some());
            let witness = wrong(&pair).flatten();
            (pair, Fault::NotAWitness(witness))
        }
        Fault::Panic(said) => {
            let pair = shrunk(pair.clone(), |pair| {
                catch_unwind(AssertUnwindSafe(|| verdict(Mode::Backward, pair))).is_err()
            });
            (pair, Fault::Panic(said.clone()))
        }
        // Each try would take as long.
        Fault::Slow(_) => (pair.clone(), fault.clone()),
    }
}

/// The smallest pair whose answer is "undecided" for a reason that `holds`.
#[must_use]
pub fn smallest_undecided(pair: &Pair, holds: impl Fn(&str) -> bool) -> Pair {
    shrunk(pair.clone(), |pair| {
        if has_empty_loop(&pair.old) || has_empty_loop(&pair.new) || Judges::of(pair).is_none() {
            return false;
        }
        let report = verdict(Mode::Backward, pair);
        report.verdict == Verdict::Undecided && holds(&report.reason)
    })
}

fn shrunk(pair: Pair, fails: impl Fn(&Pair) -> bool) -> Pair {
    let started = Instant::now();
    let mut pair = pair;
    let mut tries = 0;
    loop {
        let mut better = None;
        'search: for target in [Target::Both, Target::Old, Target::New] {
            let document = match target {
                Target::New => &pair.new,
                _ => &pair.old,
            };
            for at in values(document) {
                for way in 0..WAYS {
                    let mut candidate = pair.clone();
                    let mut touched = false;
                    if target != Target::New {
                        touched |= simplify(&mut candidate.old, &at, way);
                    }
                    if target != Target::Old {
                        touched |= simplify(&mut candidate.new, &at, way);
                    }
                    if !touched || candidate == pair {
                        continue;
                    }
                    tries += 1;
                    if tries > TRIES || started.elapsed() > PATIENCE {
                        return pair;
                    }
                    if fails(&candidate) {
                        better = Some(candidate);
                        break 'search;
                    }
                }
            }
        }
        match better {
            Some(smaller) => pair = smaller,
            None => return pair,
        }
    }
}

fn smaller_value(value: Value, fails: impl Fn(&Value) -> bool) -> Value {
    let mut value = value;
    let mut tries = 0;
    'again: loop {
        for at in values(&value) {
            for way in 0..WAYS {
                let mut candidate = value.clone();
                if !simplify(&mut candidate, &at, way) || candidate == value {
                    continue;
                }
                tries += 1;
                if tries > TRIES {
                    return value;
                }
                if fails(&candidate) {
                    value = candidate;
                    continue 'again;
                }
            }
        }
        return value;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Target {
    Both,
    Old,
    New,
}

/// The ways to make one place simpler.
const WAYS: usize = 7;

/// Makes the value there simpler; each way strictly, so that shrinking ends.
fn simplify(document: &mut Value, at: &str, way: usize) -> bool {
    match way {
        // Without it.
        0 => {
            let Some((parent, last)) = at.rsplit_once('/') else {
                return false;
            };
            let name = last.replace("~1", "/").replace("~0", "~");
            match document.pointer_mut(parent) {
                Some(Value::Object(members)) => members.shift_remove(&name).is_some(),
                Some(Value::Array(items)) => match name.parse::<usize>() {
                    Ok(index) if index < items.len() => {
                        items.remove(index);
                        true
                    }
                    _ => false,
                },
                _ => false,
            }
        }
        // The simplest schema.
        1 => replace(document, at, |value| {
            (value.is_object() && value.as_object().is_some_and(|map| !map.is_empty()))
                .then(|| json!({}))
        }),
        2 => replace(document, at, |value| {
            (value.is_object() && value.as_object().is_some_and(|map| map.len() > 1))
                .then(|| json!({"type": "null"}))
        }),
        // What is inside, in its place.
        3 => replace(document, at, |value| match value {
            Value::Object(map) if map.len() == 1 => {
                map.values().next().and_then(|inner| match inner {
                    Value::Object(_) | Value::Bool(_) => Some(inner.clone()),
                    Value::Array(list) if list.len() == 1 => list
                        .first()
                        .filter(|only| only.is_object() || only.is_boolean())
                        .cloned(),
                    _ => None,
                })
            }
            Value::Array(list) if list.len() == 1 => list.first().cloned(),
            _ => None,
        }),
        4 => replace(document, at, |value| match value {
            Value::Number(number) if number.as_u64().is_none_or(|whole| whole > 1) => {
                Some(json!(1))
            }
            Value::String(text) if text.chars().count() > 1 && !text.starts_with('#') => {
                Some(json!("a"))
            }
            _ => None,
        }),
        5 => replace(document, at, |value| match value {
            Value::Number(number) if number.as_u64() != Some(0) => Some(json!(0)),
            Value::String(text) if !text.is_empty() && !text.starts_with('#') => Some(json!("")),
            _ => None,
        }),
        _ => replace(document, at, |value| match value {
            Value::Number(number) => number
                .as_u64()
                .filter(|&whole| whole > 1)
                .map(|whole| json!(whole / 2)),
            Value::String(text) if !text.starts_with('#') => {
                let shorter: String = text.chars().skip(1).collect();
                (shorter.len() < text.len()).then(|| json!(shorter))
            }
            _ => None,
        }),
    }
}

fn replace(document: &mut Value, at: &str, by: impl FnOnce(&Value) -> Option<Value>) -> bool {
    let Some(place) = document.pointer_mut(at) else {
        return false;
    };
    match by(place) {
        Some(simpler) => {
            *place = simpler;
            true
        }
        None => false,
    }
}
