//! Schemas in one small language, whatever their dialect: the forms that the prover reasons about.
//!
//! Both sides of a question are compiled into one [`Forms`]. A form is kept once: what says the same on both sides, apart
//! from annotations, key order and the names of definitions, has one [`Id`]. Most of a changed schema did not change, and
//! this is how the prover sees it at once.

pub(super) mod classes;
mod compile;
mod evaluate;

use std::{collections::HashMap, rc::Rc};

use num_rational::BigRational;

use crate::text::{Map, Value};

use super::language::PatternId;

pub(super) use compile::{Compiled, compile};
pub(super) use evaluate::{Evaluation, Opaques};

/// A form in [`Forms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Id(u32);

impl Id {
    /// Accepts everything.
    pub(super) const ANYTHING: Self = Self(0);
    /// Accepts nothing.
    pub(super) const NOTHING: Self = Self(1);

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One of the six types of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Type {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Type {
    pub(super) const ALL: [Self; 6] = [
        Self::Null,
        Self::Boolean,
        Self::Number,
        Self::String,
        Self::Array,
        Self::Object,
    ];

    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    /// The word of the specification.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// A set of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self(0b11_1111);

    pub(super) fn only(kind: Type) -> Self {
        Self(1 << kind as u8)
    }

    pub(super) fn has(self, kind: Type) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    pub(super) fn with(self, kind: Type) -> Self {
        Self(self.0 | Self::only(kind).0)
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Type> {
        Type::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

/// What a schema says. A keyword's form accepts every value of the types that the keyword does not speak of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// Everything.
    Anything,
    /// Nothing.
    Nothing,
    /// Every one of these.
    All(Box<[Id]>),
    /// At least one of these.
    Any(Box<[Id]>),
    /// Exactly one of these.
    One(Box<[Id]>),
    /// What this is not.
    Not(Id),
    /// `if`, `then`, `else`.
    If(Id, Id, Id),
    /// `type`, integers aside.
    Type(Types),
    /// `enum`, `const`: one of these, each normal (see [`normal`]), sorted by their text.
    Values(Rc<[Value]>),
    /// A number from here on; `true`: not this one itself.
    From(BigRational, bool),
    /// A number up to here; `true`: not this one itself.
    To(BigRational, bool),
    /// A multiple of a positive number. `integer` is a multiple of 1.
    Multiple(BigRational),
    /// `integer` in draft-04: written without a fraction, so that 1.0 is none.
    WrittenWhole,
    /// `minLength`, in code points.
    ShortestText(u64),
    /// `maxLength`, in code points.
    LongestText(u64),
    /// `pattern`.
    Pattern(PatternId),
    /// Something that is not modelled and asserts about these types, as the text of a schema that says only this.
    Opaque(Types, Rc<str>),
    /// `minItems`.
    FewestItems(u64),
    /// `maxItems`.
    MostItems(u64),
    /// `uniqueItems`.
    Distinct,
    /// The items: the first ones, and the others, where something is said of them.
    Items(Box<[Id]>, Option<Id>),
    /// How many items are of a form: at least, at most.
    Contains(Id, u64, Option<u64>),
    /// `minProperties`.
    FewestMembers(u64),
    /// `maxProperties`.
    MostMembers(u64),
    /// One name of `required`.
    Required(Rc<str>),
    /// `properties`, `patternProperties`, `additionalProperties`.
    Members(Members),
    /// `propertyNames`.
    Names(Id),
    /// `unevaluatedProperties` (last) beside the other keywords of its schema.
    RestMembers(Box<[Id]>, Id),
    /// `unevaluatedItems` (last) beside the other keywords of its schema.
    RestItems(Box<[Id]>, Id),
    /// A reference, before the forms are made [unique](classes::unify).
    Link(Id),
}

/// What `properties`, `patternProperties` and `additionalProperties` of one schema say together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Members {
    /// Sorted by name.
    pub named: Box<[(Rc<str>, Id)]>,
    /// Sorted.
    pub patterns: Box<[(PatternId, Id)]>,
    /// For every name that is not named and matches no pattern, where something is said of them.
    pub rest: Option<Id>,
}

impl Members {
    /// The form of a name in `named`.
    pub(super) fn get(&self, name: &str) -> Option<Id> {
        let at = self
            .named
            .binary_search_by(|(known, _)| known.as_ref().cmp(name))
            .ok()?;
        self.named.get(at).map(|(_, id)| *id)
    }
}

/// Where a form was read: which side, and the address of the schema there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// 0: the schema that is left; 1: the schema that is entered.
    pub side: usize,
    /// The address of the value, to find its pointer by.
    pub address: usize,
}

/// All forms of one question, each once.
#[derive(Debug)]
pub(super) struct Forms {
    list: Vec<Form>,
    known: HashMap<Form, Id>,
    origins: Vec<Option<Origin>>,
}

impl Forms {
    pub(super) fn new() -> Self {
        let mut forms = Self {
            list: Vec::new(),
            known: HashMap::new(),
            origins: Vec::new(),
        };
        forms.add(Form::Anything);
        forms.add(Form::Nothing);
        forms
    }

    pub(super) fn has(&self, form: &Form) -> bool {
        self.known.contains_key(form)
    }

    /// Whether a form leads back to itself without a step into the value: what such a schema says is undefined (JSON Schema
    /// Core 2020-12, 9.4.1), and validators differ.
    pub(super) fn lead_in_circles(&self) -> bool {
        let mut state = vec![0u8; self.list.len()];
        let mut pending: Vec<(usize, bool)> =
            (0..self.list.len()).rev().map(|at| (at, false)).collect();
        while let Some((at, left)) = pending.pop() {
            let Some(seen) = state.get_mut(at) else {
                continue;
            };
            if left {
                *seen = 2;
                continue;
            }
            if *seen != 0 {
                continue;
            }
            *seen = 1;
            pending.push((at, true));
            let inner: Vec<Id> = match self.list.get(at) {
                Some(Form::All(parts) | Form::Any(parts) | Form::One(parts)) => parts.to_vec(),
                Some(Form::Not(part) | Form::Link(part)) => vec![*part],
                Some(Form::If(condition, then, otherwise)) => vec![*condition, *then, *otherwise],
                _ => Vec::new(),
            };
            for id in inner {
                match state.get(id.index()) {
                    Some(1) => return true,
                    Some(0) => pending.push((id.index(), false)),
                    _ => {}
                }
            }
        }
        false
    }

    /// Takes out what only repeats itself: a schema that asks for itself and something else asks for something else.
    /// Validators cut such a reference the same way.
    pub(super) fn cut_repetitions(&mut self) {
        let parts_of = |list: &[Form], at: usize| match list.get(at) {
            Some(Form::All(parts)) => parts.to_vec(),
            Some(Form::Link(to)) => vec![*to],
            _ => Vec::new(),
        };
        let reached = |list: &[Form], from: usize| {
            let mut reached: Vec<Id> = Vec::new();
            let mut pending = parts_of(list, from);
            while let Some(id) = pending.pop() {
                if !reached.contains(&id) {
                    reached.push(id);
                    pending.extend(parts_of(list, id.index()));
                }
            }
            reached
        };
        let before = self.list.clone();
        for at in 0..before.len() {
            let own = reached(&before, at);
            if !own.iter().any(|id| id.index() == at) {
                continue;
            }
            let (mut circle, others): (Vec<Id>, Vec<Id>) = own.into_iter().partition(|id| {
                reached(&before, id.index())
                    .iter()
                    .any(|back| back.index() == at)
            });
            circle.sort_unstable();
            let mut asked: Vec<Id> = circle
                .iter()
                .flat_map(|id| parts_of(&before, id.index()))
                .filter(|id| others.contains(id))
                .collect();
            asked.sort_unstable();
            asked.dedup();
            if let Some(form) = self.list.get_mut(at) {
                *form = Form::All(asked.into_boxed_slice());
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The id at a place of the list.
    #[cfg(test)]
    pub(super) fn at(&self, index: usize) -> Option<Id> {
        let id = Id(u32::try_from(index).ok()?);
        (index < self.list.len()).then_some(id)
    }

    pub(super) fn get(&self, id: Id) -> &Form {
        self.list.get(id.index()).unwrap_or(&Form::Anything)
    }

    /// The form's id, the same for the same form.
    pub(super) fn add(&mut self, form: Form) -> Id {
        let form = simple(form);
        if let Form::Link(id) = form {
            return id;
        }
        if let Some(known) = self.known.get(&form) {
            return *known;
        }
        let id = Id(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.known.insert(form.clone(), id);
        self.list.push(form);
        self.origins.push(None);
        id
    }

    /// A place for a form that is not known yet.
    fn reserve(&mut self) -> Id {
        let id = Id(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Form::Link(id));
        self.origins.push(None);
        id
    }

    fn fill(&mut self, reserved: Id, with: Id) {
        if let Some(form) = self.list.get_mut(reserved.index()) {
            *form = Form::Link(with);
        }
    }

    pub(super) fn origin(&self, id: Id) -> Option<Origin> {
        self.origins.get(id.index()).copied().flatten()
    }

    /// Remembers where a form was read; the first place is kept.
    pub(super) fn note(&mut self, id: Id, origin: Origin) {
        if let Some(known) = self.origins.get_mut(id.index()) {
            known.get_or_insert(origin);
        }
    }
}

/// The plainest form that says the same at first sight.
fn simple(form: Form) -> Form {
    match form {
        Form::All(parts) => gathered(parts, Id::ANYTHING, Id::NOTHING, Form::All),
        Form::Any(parts) => gathered(parts, Id::NOTHING, Id::ANYTHING, Form::Any),
        Form::One(parts) if parts.is_empty() => Form::Nothing,
        Form::One(parts) if parts.len() == 1 => first(&parts),
        Form::One(mut parts) => {
            parts.sort_unstable();
            Form::One(parts)
        }
        Form::Not(Id::ANYTHING) => Form::Nothing,
        Form::Not(Id::NOTHING) => Form::Anything,
        Form::Names(Id::ANYTHING) | Form::Type(Types::ALL) => Form::Anything,
        Form::Type(Types::NONE) => Form::Nothing,
        Form::Values(values) if values.is_empty() => Form::Nothing,
        Form::ShortestText(0) | Form::FewestItems(0) | Form::FewestMembers(0) => Form::Anything,
        other => other,
    }
}

fn first(parts: &[Id]) -> Form {
    parts.first().map_or(Form::Anything, |id| Form::Link(*id))
}

/// `All` or `Any`: without the neutral element, with each part once, and only the absorbing one where it occurs.
fn gathered(parts: Box<[Id]>, neutral: Id, absorbing: Id, make: fn(Box<[Id]>) -> Form) -> Form {
    let link = |id: Id| {
        if id == Id::ANYTHING {
            Form::Anything
        } else if id == Id::NOTHING {
            Form::Nothing
        } else {
            Form::Link(id)
        }
    };
    // An alternative beside one that accepts everything still evaluates members and items.
    if parts.contains(&absorbing) && (absorbing == Id::NOTHING || parts.len() == 1) {
        return link(absorbing);
    }
    let mut parts = parts.into_vec();
    parts.retain(|part| *part != neutral);
    parts.sort_unstable();
    parts.dedup();
    match parts.as_slice() {
        [] => link(neutral),
        [only] => link(*only),
        _ => make(parts.into_boxed_slice()),
    }
}

/// A value as [`Form::Values`] holds it: numbers that are equal are written the same, and so are objects.
pub(super) fn normal(value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            // 2^63 and 2^64, between which only the unsigned type holds whole numbers.
            const SIGNED: f64 = 9_223_372_036_854_775_808.0;
            const UNSIGNED: f64 = 18_446_744_073_709_551_616.0;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the range is checked, and the number has no fraction"
            )]
            if let Some(float) = number
                .as_f64()
                .filter(|float| number.is_f64() && float.fract() == 0.0)
            {
                if (-SIGNED..SIGNED).contains(&float) {
                    return Value::from(float as i64);
                }
                if (SIGNED..UNSIGNED).contains(&float) {
                    return Value::from(float as u64);
                }
            }
            value.clone()
        }
        Value::Array(list) => Value::Array(list.iter().map(normal).collect()),
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            Value::Object(
                members
                    .into_iter()
                    .map(|(name, member)| (name.clone(), normal(member)))
                    .collect::<Map<String, Value>>(),
            )
        }
        other => other.clone(),
    }
}

/// [`Form::Values`] of these values.
pub(super) fn values<'v>(values: impl IntoIterator<Item = &'v Value>) -> Form {
    let mut list: Vec<(String, Value)> = values
        .into_iter()
        .map(normal)
        .map(|value| (value.to_string(), value))
        .collect();
    list.sort_by(|a, b| a.0.cmp(&b.0));
    list.dedup_by(|a, b| a.0 == b.0);
    Form::Values(list.into_iter().map(|(_, value)| value).collect())
}

/// A JSON number as the exact decimal that is written.
pub(super) fn rational(number: &serde_json::Number) -> Option<BigRational> {
    use num_bigint::BigInt;
    if let Some(whole) = number.as_i64() {
        return Some(BigRational::from_integer(BigInt::from(whole)));
    }
    if let Some(whole) = number.as_u64() {
        return Some(BigRational::from_integer(BigInt::from(whole)));
    }
    let text = number.to_string();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let power = num_bigint::BigInt::from(10).pow(shift.unsigned_abs());
    Some(if shift >= 0 {
        BigRational::from_integer(digits * power)
    } else {
        BigRational::new(digits, power)
    })
}
