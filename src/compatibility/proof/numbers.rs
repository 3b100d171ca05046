//! Whether bounds, divisors and exclusions leave a number, by counting multiples.
//!
//! The numbers that satisfy every divisor are the multiples of their least common multiple `L`: the numbers `L·t` for whole
//! `t`. Such a number is a multiple of an excluded divisor `d` exactly when `t` is divisible by `q`, the denominator of `L/d`
//! in lowest terms turned round (`L/d = p/q`). So if some `q` is 1 there is no number at all; if none is, each `t` that
//! leaves the remainder 1 by the product of all `q` is fine, and there are infinitely many of those. Only where both bounds
//! are finite need the `t` between them be counted through.

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_rational::BigRational;
use num_traits::{One as _, Signed as _, ToPrimitive as _};

use super::{
    super::{
        form::{Form, Forms, Type, rational},
        prove::Literal,
        steps::Steps,
    },
    checker::Fault,
};
use crate::text::Value;

/// Multiples that are counted through.
const MOST: u64 = 50_000;

/// Whether no number has these literals.
pub(super) fn none(forms: &Forms, literals: &[Literal], steps: &mut Steps) -> Result<bool, Fault> {
    // A bound, and whether it is itself excluded.
    let mut low: Vec<(&BigRational, bool)> = Vec::new();
    let mut high: Vec<(&BigRational, bool)> = Vec::new();
    let one = BigRational::one();
    let mut divisors: Vec<&BigRational> = Vec::new();
    let mut not: Vec<&BigRational> = Vec::new();
    let mut excluded: Vec<BigRational> = Vec::new();
    for literal in literals {
        match (forms.get(literal.form), literal.holds) {
            (Form::From(bound, open), true) => low.push((bound, *open)),
            (Form::To(bound, open), true) => high.push((bound, *open)),
            (Form::From(bound, open), false) => high.push((bound, !open)),
            (Form::To(bound, open), false) => low.push((bound, !open)),
            (Form::Multiple(step), true) if step.is_positive() => divisors.push(step),
            (Form::Multiple(step), false) if step.is_positive() => not.push(step),
            // Written without a fraction: whole. (A whole number may also be written with one.)
            (Form::WrittenWhole, true) => divisors.push(&one),
            (Form::Values(list), false) => {
                let numbers = list.iter().filter(|value| Type::of(value) == Type::Number);
                excluded.extend(numbers.filter_map(|value| match value {
                    Value::Number(number) => rational(number),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    let allowed = |number: &BigRational| {
        low.iter().all(|(bound, open)| {
            if *open {
                number > bound
            } else {
                number >= bound
            }
        }) && high.iter().all(|(bound, open)| {
            if *open {
                number < bound
            } else {
                number <= bound
            }
        }) && divisors
            .iter()
            .all(|divisor| (number / *divisor).is_integer())
            && !not.iter().any(|divisor| (number / *divisor).is_integer())
            && !excluded.contains(number)
    };
    let least = low.iter().map(|(bound, _)| *bound).max();
    let most = high.iter().map(|(bound, _)| *bound).min();
    if let (Some(least), Some(most)) = (least, most) {
        if least > most {
            return Ok(true);
        }
        if least == most {
            return Ok(!allowed(least));
        }
    }
    let Some(unit) = divisors.iter().map(|step| (*step).clone()).reduce(|a, b| {
        // The least common multiple of two fractions in lowest terms.
        BigRational::new(a.numer().lcm(b.numer()), a.denom().gcd(b.denom()))
    }) else {
        // An interval with more than one number in it has more than could be excluded one by one or as multiples.
        return Ok(false);
    };
    if not.iter().any(|divisor| (&unit / *divisor).is_integer()) {
        return Ok(true);
    }
    let (Some(least), Some(most)) = (least, most) else {
        return Ok(false);
    };
    let first = (least / &unit).ceil().to_integer();
    let last = (most / &unit).floor().to_integer();
    let count: BigInt = &last - &first + BigInt::one();
    if count.is_negative() {
        return Ok(true);
    }
    let count = count
        .to_u64()
        .filter(|count| *count <= MOST)
        .ok_or(Fault::NotChecked("numbers"))?;
    let one_by_one = std::iter::successors(Some(first), |at| Some(at + BigInt::one()));
    for (at, _) in one_by_one.zip(0..count) {
        steps.take(1)?;
        if allowed(&(BigRational::from_integer(at) * &unit)) {
            return Ok(false);
        }
    }
    Ok(true)
}
