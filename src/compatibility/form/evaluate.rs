//! Whether one value is of a form.

use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use num_rational::BigRational;
use num_traits::{One as _, Zero as _};

use super::{Form, Forms, Id, Type, normal, rational};
use crate::compatibility::{language::Languages, steps::Steps};
use crate::text::Value;

/// Judges values by forms. `None` is the answer where a form is not modelled, or the steps are spent.
pub(in crate::compatibility) struct Evaluation<'f> {
    pub forms: &'f Forms,
    pub languages: &'f mut Languages,
    pub opaques: &'f mut Opaques,
    pub steps: &'f mut Steps,
    /// Whether a whole number inside the value may be written with a fraction too, which draft-04 tells apart.
    pub either_way: bool,
}

/// The validators of what is not modelled, by their schemas.
#[derive(Debug, Default)]
pub(in crate::compatibility) struct Opaques(HashMap<Rc<str>, Option<jsonschema::Validator>>);

impl Opaques {
    fn holds(&mut self, schema: &Rc<str>, value: &Value) -> Option<bool> {
        self.0
            .entry(Rc::clone(schema))
            .or_insert_with(|| {
                jsonschema::options()
                    .should_validate_formats(true)
                    .build(&serde_json::from_str(schema).ok()?)
                    .ok()
            })
            .as_ref()
            .map(|validator| validator.is_valid(value))
    }
}

/// Levels of schemas and values together.
const DEEPEST: usize = 250;

impl Evaluation<'_> {
    pub(in crate::compatibility) fn holds(&mut self, id: Id, value: &Value) -> Option<bool> {
        self.at(id, value, 0)
    }

    fn at(&mut self, id: Id, value: &Value, depth: usize) -> Option<bool> {
        if depth > DEEPEST || self.steps.take(1).is_err() {
            return None;
        }
        let forms = self.forms;
        let next = depth + 1;
        match forms.get(id) {
            Form::Anything => Some(true),
            Form::Nothing => Some(false),
            Form::Link(_) => None,
            Form::All(parts) => self.all(parts.iter().map(|part| (*part, value)), next),
            Form::Any(parts) => {
                let mut unknown = false;
                for part in parts {
                    match self.at(*part, value, next) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => unknown = true,
                    }
                }
                (!unknown).then_some(false)
            }
            Form::One(parts) => {
                let mut count = 0;
                let mut unknown = false;
                for part in parts {
                    match self.at(*part, value, next) {
                        Some(true) => count += 1,
                        Some(false) => {}
                        None => unknown = true,
                    }
                }
                match count {
                    2.. => Some(false),
                    _ if unknown => None,
                    count => Some(count == 1),
                }
            }
            Form::Not(part) => self.at(*part, value, next).map(|holds| !holds),
            Form::If(condition, then, otherwise) => match self.at(*condition, value, next)? {
                true => self.at(*then, value, next),
                false => self.at(*otherwise, value, next),
            },
            Form::Type(types) => Some(types.has(Type::of(value))),
            Form::Values(list) => Some(lists(list, &normal(value))),
            Form::From(bound, strict) => Some(number(value).is_none_or(|number| {
                if *strict {
                    number > *bound
                } else {
                    number >= *bound
                }
            })),
            Form::To(bound, strict) => Some(number(value).is_none_or(|number| {
                if *strict {
                    number < *bound
                } else {
                    number <= *bound
                }
            })),
            Form::Multiple(divisor) => {
                if divisor.is_zero() || (!divisor.is_one() && far_out(value)) {
                    return None;
                }
                Some(number(value).is_none_or(|number| (number / divisor).is_integer()))
            }
            Form::WrittenWhole => match value {
                Value::Number(_) if self.either_way && is_whole(value) => None,
                Value::Number(number) => Some(!number.is_f64()),
                _ => Some(true),
            },
            Form::ShortestText(least) => Some(length(value).is_none_or(|length| length >= *least)),
            Form::LongestText(most) => Some(length(value).is_none_or(|length| length <= *most)),
            Form::Pattern(pattern) => match value {
                Value::String(text) => self.languages.matches(*pattern, text),
                _ => Some(true),
            },
            Form::Opaque(types, schema) => {
                if types.has(Type::of(value)) {
                    self.opaques.holds(schema, value)
                } else {
                    Some(true)
                }
            }
            Form::FewestItems(least) => Some(items(value).is_none_or(|list| size(list) >= *least)),
            Form::MostItems(most) => Some(items(value).is_none_or(|list| size(list) <= *most)),
            Form::Distinct => Some(items(value).is_none_or(|list| {
                let mut texts: Vec<String> =
                    list.iter().map(|item| normal(item).to_string()).collect();
                texts.sort_unstable();
                texts.windows(2).all(|pair| pair.first() != pair.get(1))
            })),
            Form::Items(prefix, rest) => match value {
                Value::Array(list) => {
                    let pairs = list.iter().enumerate().map(|(index, item)| {
                        (
                            prefix.get(index).copied().or(*rest).unwrap_or(Id::ANYTHING),
                            item,
                        )
                    });
                    self.all(pairs, next)
                }
                _ => Some(true),
            },
            Form::Contains(item, least, most) => match value {
                Value::Array(list) => {
                    let mut sure = 0u64;
                    let mut unknown = 0u64;
                    for member in list {
                        match self.at(*item, member, next) {
                            Some(true) => sure += 1,
                            Some(false) => {}
                            None => unknown += 1,
                        }
                    }
                    let fits =
                        |count: u64| count >= *least && most.is_none_or(|most| count <= most);
                    match unknown {
                        0 => Some(fits(sure)),
                        _ => None,
                    }
                }
                _ => Some(true),
            },
            Form::FewestMembers(least) => Some(
                value
                    .as_object()
                    .is_none_or(|map| map.len() as u64 >= *least),
            ),
            Form::MostMembers(most) => Some(
                value
                    .as_object()
                    .is_none_or(|map| map.len() as u64 <= *most),
            ),
            Form::Required(name) => Some(
                value
                    .as_object()
                    .is_none_or(|map| map.contains_key(name.as_ref())),
            ),
            Form::Members(members) => {
                let Value::Object(map) = value else {
                    return Some(true);
                };
                let mut unknown = false;
                for (name, member) in map {
                    let mut said = members.get(name);
                    let mut matched = said.is_some();
                    match said.map_or(Some(true), |id| self.at(id, member, next)) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => unknown = true,
                    }
                    for (pattern, id) in &members.patterns {
                        match self.languages.matches(*pattern, name) {
                            Some(false) => {}
                            Some(true) => {
                                matched = true;
                                match self.at(*id, member, next) {
                                    Some(true) => {}
                                    Some(false) => return Some(false),
                                    None => unknown = true,
                                }
                            }
                            None => return None,
                        }
                    }
                    said = if matched { None } else { members.rest };
                    match said.map_or(Some(true), |id| self.at(id, member, next)) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => unknown = true,
                    }
                }
                (!unknown).then_some(true)
            }
            Form::Names(names) => {
                let Value::Object(map) = value else {
                    return Some(true);
                };
                let mut unknown = false;
                for name in map.keys() {
                    match self.at(*names, &Value::String(name.clone()), next) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => unknown = true,
                    }
                }
                (!unknown).then_some(true)
            }
            Form::RestMembers(beside, then) => {
                let Value::Object(map) = value else {
                    return Some(true);
                };
                let mut evaluated = BTreeSet::new();
                for part in beside {
                    self.members_evaluated(*part, value, next, &mut evaluated)?;
                }
                let pairs: Vec<_> = map
                    .iter()
                    .filter(|(name, _)| !evaluated.contains(name.as_str()))
                    .map(|(_, member)| (*then, member))
                    .collect();
                self.all(pairs.into_iter(), next)
            }
            Form::RestItems(beside, then) => {
                let Value::Array(list) = value else {
                    return Some(true);
                };
                let mut evaluated = BTreeSet::new();
                for part in beside {
                    self.items_evaluated(*part, value, next, &mut evaluated)?;
                }
                let pairs: Vec<_> = list
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| !evaluated.contains(index))
                    .map(|(_, item)| (*then, item))
                    .collect();
                self.all(pairs.into_iter(), next)
            }
        }
    }

    fn all<'v>(
        &mut self,
        pairs: impl Iterator<Item = (Id, &'v Value)>,
        depth: usize,
    ) -> Option<bool> {
        let mut unknown = false;
        for (id, value) in pairs {
            match self.at(id, value, depth) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => unknown = true,
            }
        }
        (!unknown).then_some(true)
    }

    /// The members that a form evaluates where it holds.
    fn members_evaluated<'v>(
        &mut self,
        id: Id,
        value: &'v Value,
        depth: usize,
        into: &mut BTreeSet<&'v str>,
    ) -> Option<()> {
        if depth > DEEPEST || self.steps.take(1).is_err() {
            return None;
        }
        let Value::Object(map) = value else {
            return Some(());
        };
        let forms = self.forms;
        let next = depth + 1;
        match forms.get(id) {
            Form::Members(members) => {
                for name in map.keys() {
                    let mut said = members.rest.is_some() || members.get(name).is_some();
                    for (pattern, _) in &members.patterns {
                        said = said || self.languages.matches(*pattern, name)?;
                    }
                    if said {
                        into.insert(name);
                    }
                }
            }
            Form::RestMembers(..) => into.extend(map.keys().map(String::as_str)),
            other => {
                for part in self.applied(other, value, next)? {
                    self.members_evaluated(part, value, next, into)?;
                }
            }
        }
        Some(())
    }

    /// The items that a form evaluates where it holds, by index.
    fn items_evaluated(
        &mut self,
        id: Id,
        value: &Value,
        depth: usize,
        into: &mut BTreeSet<usize>,
    ) -> Option<()> {
        if depth > DEEPEST || self.steps.take(1).is_err() {
            return None;
        }
        let Value::Array(list) = value else {
            return Some(());
        };
        let forms = self.forms;
        let next = depth + 1;
        match forms.get(id) {
            Form::Items(prefix, rest) => {
                let end = if rest.is_some() {
                    list.len()
                } else {
                    prefix.len().min(list.len())
                };
                into.extend(0..end);
            }
            Form::RestItems(..) => into.extend(0..list.len()),
            Form::Contains(item, ..) => {
                for (index, member) in list.iter().enumerate() {
                    if self.at(*item, member, next)? {
                        into.insert(index);
                    }
                }
            }
            other => {
                for part in self.applied(other, value, next)? {
                    self.items_evaluated(part, value, next, into)?;
                }
            }
        }
        Some(())
    }

    /// The subforms in place that a form applies to a value with success.
    fn applied(&mut self, form: &Form, value: &Value, depth: usize) -> Option<Vec<Id>> {
        Some(match form {
            Form::All(parts) => parts.to_vec(),
            Form::Any(parts) | Form::One(parts) => {
                let mut holding = Vec::new();
                for part in parts {
                    if self.at(*part, value, depth)? {
                        holding.push(*part);
                    }
                }
                holding
            }
            Form::If(condition, then, otherwise) => {
                if self.at(*condition, value, depth)? {
                    vec![*condition, *then]
                } else {
                    vec![*otherwise]
                }
            }
            _ => Vec::new(),
        })
    }
}

fn number(value: &Value) -> Option<BigRational> {
    match value {
        Value::Number(number) => rational(number),
        _ => None,
    }
}

/// Whether a sorted list has a value; both are normal.
fn lists(list: &[Value], value: &Value) -> bool {
    const FEW: usize = 16;
    if list.len() <= FEW {
        return list.contains(value);
    }
    let text = value.to_string();
    list.binary_search_by(|known| known.to_string().cmp(&text))
        .is_ok()
}

/// A number whose text and whose double are different numbers, as far as divisors go: validators take the double.
fn far_out(value: &Value) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    matches!(value, Value::Number(number) if number.is_f64())
        && value.as_f64().is_some_and(|float| float.abs() >= EXACT)
}

fn is_whole(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|float| float.fract() == 0.0)
}

fn length(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.chars().count() as u64)
}

fn items(value: &Value) -> Option<&[Value]> {
    value.as_array().map(Vec::as_slice)
}

fn size(list: &[Value]) -> u64 {
    list.len() as u64
}
