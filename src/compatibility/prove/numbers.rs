//! Numbers: bounds and divisors, in exact rationals.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_rational::BigRational;
use num_traits::{One as _, Signed as _, ToPrimitive as _, Zero as _};

use super::{
    super::form::{Form, Type, rational},
    Prover, Step, Stopped, Tree,
    branch::{Branch, speaks_of},
};
use crate::text::Value;

/// Multiples that are tried one by one.
const TRIED: u64 = 20_000;

/// What a branch says of a number, values aside.
#[derive(Default)]
struct Bounds {
    from: Option<(BigRational, bool)>,
    to: Option<(BigRational, bool)>,
    /// Multiples of this only.
    step: Option<BigRational>,
    /// No multiples of these.
    never: Vec<BigRational>,
    excluded: BTreeSet<BigRational>,
    /// Draft-04: whether it is written without a fraction.
    written_whole: Option<bool>,
}

impl Bounds {
    fn from(&mut self, bound: &BigRational, strict: bool) {
        let tighter = self.from.as_ref().is_none_or(|(known, known_strict)| {
            bound > known || (bound == known && strict && !known_strict)
        });
        if tighter {
            self.from = Some((bound.clone(), strict));
        }
    }

    fn to(&mut self, bound: &BigRational, strict: bool) {
        let tighter = self.to.as_ref().is_none_or(|(known, known_strict)| {
            bound < known || (bound == known && strict && !known_strict)
        });
        if tighter {
            self.to = Some((bound.clone(), strict));
        }
    }

    fn step(&mut self, step: &BigRational) {
        self.step = Some(match &self.step {
            None => step.clone(),
            Some(known) => common_multiple(known, step),
        });
    }

    fn contradict(&self) -> bool {
        match (&self.from, &self.to) {
            (Some((from, open)), Some((to, closed))) => {
                from > to || (from == to && (*open || *closed))
            }
            _ => false,
        }
    }

    fn fits(&self, number: &BigRational) -> bool {
        self.from.as_ref().is_none_or(|(from, strict)| {
            if *strict {
                number > from
            } else {
                number >= from
            }
        }) && self
            .to
            .as_ref()
            .is_none_or(|(to, strict)| if *strict { number < to } else { number <= to })
            && self
                .step
                .as_ref()
                .is_none_or(|step| (number / step).is_integer())
            && !self.never.iter().any(|step| (number / step).is_integer())
            && !self.excluded.contains(number)
    }
}

/// The least number that is a multiple of both.
fn common_multiple(a: &BigRational, b: &BigRational) -> BigRational {
    BigRational::new(a.numer().lcm(b.numer()), a.denom().gcd(b.denom()))
}

impl Prover<'_> {
    fn bounds(&self, branch: &Branch) -> Bounds {
        let mut bounds = Bounds::default();
        for leaf in &branch.leaves {
            match (self.forms.get(leaf.form), leaf.holds) {
                (Form::From(bound, strict), true) => bounds.from(bound, *strict),
                (Form::From(bound, strict), false) => bounds.to(bound, !strict),
                (Form::To(bound, strict), true) => bounds.to(bound, *strict),
                (Form::To(bound, strict), false) => bounds.from(bound, !strict),
                (Form::Multiple(step), true) if step.is_positive() => bounds.step(step),
                (Form::Multiple(step), false) if step.is_positive() => {
                    bounds.never.push(step.clone())
                }
                (Form::WrittenWhole, holds) => {
                    bounds.written_whole = Some(holds);
                    if holds {
                        bounds.step(&BigRational::one());
                    }
                }
                (Form::Values(list), false) => {
                    bounds
                        .excluded
                        .extend(list.iter().filter_map(|value| match value {
                            Value::Number(number) => rational(number),
                            _ => None,
                        }));
                }
                _ => {}
            }
        }
        bounds
    }

    fn no_number(&self, branch: &Branch) -> Step {
        let depends = branch.depends(|leaf| {
            let form = self.forms.get(leaf.form);
            matches!(form, Form::Values(_))
                || speaks_of(form).is_some_and(|types| types.has(Type::Number))
        });
        Step::Closed(Tree::Numbers, usize::MAX, depends)
    }

    /// Bounds that leave nothing, before the cases of the branch are followed.
    pub(super) fn numbers_at_a_glance(&mut self, branch: &Branch) -> Option<Step> {
        self.bounds(branch)
            .contradict()
            .then(|| self.no_number(branch))
    }

    pub(super) fn numbers(&mut self, branch: &Branch) -> Step {
        let bounds = self.bounds(branch);
        if bounds.contradict() {
            return self.no_number(branch);
        }
        let found = match &bounds.step {
            Some(step) => self.stepped(&bounds, step),
            None => self.dense(&bounds),
        };
        match found {
            Some(Some(number)) => {
                let value = written(&number, bounds.written_whole).or_else(|| round(&bounds));
                match value {
                    Some(value) => Step::Model(value),
                    None => {
                        self.stop(Stopped::Form(
                            None,
                            "a number that would decide it has too many digits".into(),
                        ));
                        Step::Unknown
                    }
                }
            }
            Some(None) => self.no_number(branch),
            None => {
                self.stop(Stopped::Form(
                    None,
                    "the bounds and divisors of a number leave too many to try".into(),
                ));
                Step::Unknown
            }
        }
    }

    /// Among the multiples of `step`: a number, or that there is none, or `None` when there are too many to try.
    #[expect(
        clippy::option_option,
        reason = "three answers: this number, no number, not told"
    )]
    fn stepped(&mut self, bounds: &Bounds, step: &BigRational) -> Option<Option<BigRational>> {
        let first = bounds.from.as_ref().map(|(from, strict)| {
            let count = (from / step).ceil().to_integer();
            if *strict && &(BigRational::from_integer(count.clone()) * step) == from {
                count + 1
            } else {
                count
            }
        });
        let last = bounds.to.as_ref().map(|(to, strict)| {
            let count = (to / step).floor().to_integer();
            if *strict && &(BigRational::from_integer(count.clone()) * step) == to {
                count - 1
            } else {
                count
            }
        });
        if bounds.never.iter().any(|never| (step / never).is_integer()) {
            return Some(None);
        }
        // Which multiples are none of the others repeats after this many.
        let mut period = BigInt::one();
        for never in &bounds.never {
            let common = common_multiple(step, never) / step;
            period = period.lcm(&common.to_integer());
        }
        // Each excluded value spoils one multiple; a residue that fits comes back with every period.
        let enough = &period * BigInt::from(bounds.excluded.len() + 1);
        let (start, direction) = match (&first, &last) {
            (Some(first), Some(last)) if first > last => return Some(None),
            // From zero on, where zero is between the bounds.
            (Some(first), _) if first.is_positive() => (first.clone(), 1),
            (_, Some(last)) if last.is_negative() => (last.clone(), -1),
            _ => (BigInt::zero(), 1),
        };
        let mut tried = 0u64;
        let limit = enough.to_u64().unwrap_or(u64::MAX);
        for way in [direction, -direction] {
            let mut count = start.clone();
            for _ in 0..limit {
                let outside = first.as_ref().is_some_and(|first| &count < first)
                    || last.as_ref().is_some_and(|last| &count > last);
                if outside {
                    break;
                }
                let number = BigRational::from_integer(count.clone()) * step;
                if bounds.fits(&number) {
                    return Some(Some(number));
                }
                tried += 1;
                if tried > TRIED || self.spent(1) {
                    return None;
                }
                count += way;
            }
        }
        // Both directions ended at a bound, or a full set of residues was tried.
        Some(None)
    }

    /// Among all numbers of an interval: they are dense, so only a single point can be missing.
    #[expect(
        clippy::option_option,
        reason = "three answers: this number, no number, not told"
    )]
    fn dense(&mut self, bounds: &Bounds) -> Option<Option<BigRational>> {
        if let (Some((from, _)), Some((to, _))) = (&bounds.from, &bounds.to)
            && from == to
        {
            return Some(bounds.fits(from).then(|| from.clone()));
        }
        let tries = 16 + bounds.excluded.len() as i64;
        for digits in 0..25u32 {
            let step = BigRational::new(BigInt::one(), BigInt::from(10).pow(digits));
            let start = match (&bounds.from, &bounds.to) {
                (Some((from, _)), _) if from.is_positive() || bounds.to.is_none() => {
                    (from / &step).ceil()
                }
                (_, Some((to, _))) if to.is_negative() => (to / &step).floor(),
                _ => BigRational::zero(),
            };
            for way in [1, -1] {
                for offset in 0..tries {
                    let number =
                        (&start + BigRational::from_integer(BigInt::from(offset * way))) * &step;
                    if bounds.fits(&number) {
                        return Some(Some(number));
                    }
                }
            }
            if self.spent(1) {
                return None;
            }
        }
        None
    }
}

/// A number of one digit and zeros, times the step: far out, where doubles are not dense, these are still written exactly.
fn round(bounds: &Bounds) -> Option<Value> {
    let step = bounds.step.clone().unwrap_or_else(BigRational::one);
    let ten = BigInt::from(10);
    let mut power = BigInt::one();
    for _ in 0..=308 {
        for digit in 1..=9 {
            for sign in [1, -1] {
                let number = BigRational::from_integer(&power * digit * sign) * &step;
                if bounds.fits(&number)
                    && let Some(value) = written(&number, bounds.written_whole)
                {
                    return Some(value);
                }
            }
        }
        power *= &ten;
    }
    None
}

/// The number as a JSON value; `None` when doubles cannot hold it.
fn written(number: &BigRational, whole: Option<bool>) -> Option<Value> {
    if number.is_integer() && whole != Some(false) {
        if let Some(small) = number.to_integer().to_i64() {
            return Some(Value::from(small));
        }
        if let Some(large) = number.to_integer().to_u64() {
            return Some(Value::from(large));
        }
    }
    let value = Value::from(decimal(number)?);
    match &value {
        Value::Number(written) if rational(written).as_ref() == Some(number) => Some(value),
        _ => None,
    }
}

/// The nearest double, by its decimal text: exact division is not needed, since the result is compared.
fn decimal(number: &BigRational) -> Option<f64> {
    number.to_f64().filter(|float| float.is_finite())
}
