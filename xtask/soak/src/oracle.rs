//! Whether an answer is right, as far as the validator and many instances can tell.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use jsonschema::{Draft, PatternOptions, Validator};
use schema_senate::compatibility::{Mode, Verdict};
use serde_json::Value;

use crate::{
    instances::Sampler,
    pairs::{Pair, verdict},
    places::{has_empty_loop, places, values},
};

/// One answer may take this long.
pub const LONGEST: Duration = Duration::from_secs(2);
/// Steps of a pattern that backtracks, on one text.
const BACKTRACKING: usize = 50_000;
/// Valid instances that are kept to be changed.
const KEPT: usize = 64;

/// The validators of both sides, `format` being an annotation.
#[derive(Debug)]
pub struct Judges {
    old: Validator,
    new: Validator,
}

impl Judges {
    /// `None` when one of the two is no schema of its draft.
    #[must_use]
    pub fn of(pair: &Pair) -> Option<Self> {
        let validator = |schema: &Value, draft: Draft| {
            catch_unwind(|| {
                jsonschema::options()
                    .with_draft(draft)
                    .should_validate_formats(false)
                    .with_pattern_options(
                        PatternOptions::fancy_regex().backtrack_limit(BACKTRACKING),
                    )
                    .build(schema)
            })
            .ok()?
            .ok()
        };
        Some(Self {
            old: validator(&pair.old, pair.old_draft)?,
            new: validator(&pair.new, pair.new_draft)?,
        })
    }

    /// Whether the change from old to new breaks this instance.
    #[must_use]
    pub fn breaks(&self, instance: &Value) -> bool {
        self.old.is_valid(instance) && !self.new.is_valid(instance)
    }
}

/// Whether one of a few random instances is valid under old.
#[must_use]
pub fn is_easily_met(pair: &Pair) -> bool {
    let mut sampler = Sampler::new(&pair.old, &pair.new, 1);
    Judges::of(pair).is_some_and(|judges| (0..30).any(|_| judges.old.is_valid(&sampler.instance())))
}

/// Whether so many instances, without the engine's help, show that the change breaks something. How often they do where it
/// is so says how much it means that they do not.
#[must_use]
pub fn is_refuted(pair: &Pair, samples: usize, seed: u64) -> bool {
    Judges::of(pair)
        .is_some_and(|judges| refute(pair, &judges, samples, seed, &mut Asked::default()).is_some())
}

/// What became of one pair.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The answer, where there was one.
    pub verdict: Option<Verdict>,
    /// The sentence that came with it.
    pub reason: String,
    /// How long it took.
    pub took: Duration,
    /// Instances that were drawn.
    pub drawn: usize,
    /// Those that old accepts.
    pub valid: usize,
    /// Whether a schema refers to itself without a step into the instance: any verdict is as good as another.
    pub undefined: bool,
    /// What is wrong with the answer.
    pub fault: Option<Fault>,
}

/// What can be wrong with an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Said to be compatible, and this instance is valid under old and not under new.
    NotCompatible(Value),
    /// Said to be breaking, and the witness is not valid under old or is valid under new, or there is none.
    NotAWitness(Option<Value>),
    /// The check panicked.
    Panic(String),
    /// The answer took too long.
    Slow(Duration),
}

impl Fault {
    /// In a word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotCompatible(_) => "wrong-compatible",
            Self::NotAWitness(_) => "wrong-breaking",
            Self::Panic(_) => "panic",
            Self::Slow(_) => "slow",
        }
    }

    /// Whether a verdict is wrong, or there is none where there had to be one.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        !matches!(self, Self::Slow(_))
    }
}

/// Asks about one pair and, where the answer is "compatible", draws so many instances. `None`: no pair of schemas.
#[must_use]
pub fn ask(pair: &Pair, samples: usize, seed: u64) -> Option<Asked> {
    let judges = Judges::of(pair)?;
    let started = Instant::now();
    let answer = catch_unwind(AssertUnwindSafe(|| verdict(Mode::Backward, pair)));
    let mut asked = Asked {
        took: started.elapsed(),
        undefined: has_empty_loop(&pair.old) || has_empty_loop(&pair.new),
        ..Asked::default()
    };
    let report = match answer {
        Ok(report) => report,
        Err(payload) => {
            let said = payload
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| payload.downcast_ref::<&str>().map(|&text| text.to_owned()));
            asked.fault = Some(Fault::Panic(said.unwrap_or_default()));
            return Some(asked);
        }
    };
    asked.verdict = Some(report.verdict);
    asked.reason = report.reason;
    asked.fault = match report.verdict {
        // Shown by the validator all the same.
        Verdict::Compatible if asked.undefined => None,
        Verdict::Breaking => match report.witness {
            Some(witness) if judges.breaks(&witness) => None,
            other => Some(Fault::NotAWitness(other)),
        },
        Verdict::Compatible => {
            refute(pair, &judges, samples, seed, &mut asked).map(Fault::NotCompatible)
        }
        Verdict::Undecided => None,
    };
    if asked.fault.is_none() && asked.took > LONGEST {
        asked.fault = Some(Fault::Slow(asked.took));
    }
    Some(asked)
}

/// An instance that the change breaks, among so many.
fn refute(
    pair: &Pair,
    judges: &Judges,
    samples: usize,
    seed: u64,
    asked: &mut Asked,
) -> Option<Value> {
    let mut sampler = Sampler::new(&pair.old, &pair.new, seed);
    let mut kept: Vec<Value> = Vec::new();
    let divides = has_a_fractional_divisor(&pair.old) || has_a_fractional_divisor(&pair.new);
    for turn in 0..samples {
        let instance = match kept.get(turn % KEPT) {
            Some(known) if turn % 2 == 1 => sampler.changed(known),
            _ => sampler.instance(),
        };
        asked.drawn += 1;
        if divides && has_a_large_number(&instance) {
            // The validator divides doubles there, and its remainders are noise.
            continue;
        }
        if judges.old.is_valid(&instance) {
            asked.valid += 1;
            if !judges.new.is_valid(&instance) {
                return Some(instance);
            }
            if kept.len() < KEPT {
                kept.push(instance);
            } else if let Some(place) = kept.get_mut(turn % KEPT) {
                *place = instance;
            }
        }
    }
    None
}

/// Whether some `multipleOf` is no whole number.
fn has_a_fractional_divisor(schema: &Value) -> bool {
    places(schema)
        .iter()
        .filter_map(|at| schema.pointer(at)?.get("multipleOf")?.as_f64())
        .any(|divisor| divisor.fract() != 0.0)
}

/// Whether a number in it is beyond the whole numbers that doubles tell apart.
fn has_a_large_number(instance: &Value) -> bool {
    values(instance)
        .iter()
        .filter_map(|at| instance.pointer(at)?.as_f64())
        .any(|number| number.abs() > 9_007_199_254_740_992.0)
}
