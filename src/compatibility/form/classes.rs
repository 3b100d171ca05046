//! Which forms say the same: references that lead in circles are told apart by what they lead to, not by where they stand.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Form, Forms, Id, Members};

/// The same forms, each once, without links, and for every old id the new one.
///
/// Colours are refined until no more classes come apart, as for finite automata; whether the members of a class really are
/// one form under the new ids is then compared exactly.
pub(in crate::compatibility) fn unify(forms: &Forms) -> (Forms, Vec<Id>) {
    let count = forms.len();
    let targets: Vec<usize> = (0..count).map(|index| target(forms, index)).collect();
    let mut colours: Vec<u64> = vec![0; count];
    let mut classes = 1usize;
    loop {
        let next: Vec<u64> = (0..count)
            .map(|index| {
                let at = targets.get(index).copied().unwrap_or(index);
                let mut hasher = DefaultHasher::new();
                colours.get(at).hash(&mut hasher);
                shallow(form_at(forms, at), &mut hasher, &|id| {
                    let at = targets.get(id.index()).copied().unwrap_or(0);
                    colours.get(at).copied().unwrap_or(0)
                });
                hasher.finish()
            })
            .collect();
        let mut distinct = next.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let found = distinct.len();
        colours = next;
        if found == classes {
            break;
        }
        classes = found;
    }
    // One id for each colour, in order of first occurrence: deterministic, and `Anything` and `Nothing` stay first.
    let mut by_colour: HashMap<u64, usize> = HashMap::new();
    let mut members: Vec<usize> = Vec::new();
    let mut renamed: Vec<Id> = Vec::with_capacity(count);
    for index in 0..count {
        let at = targets.get(index).copied().unwrap_or(index);
        let colour = colours.get(at).copied().unwrap_or(0);
        let class = *by_colour.entry(colour).or_insert_with(|| {
            members.push(at);
            members.len() - 1
        });
        renamed.push(Id(u32::try_from(class).unwrap_or(u32::MAX)));
    }
    let rename = |id: Id| renamed.get(id.index()).copied().unwrap_or(id);
    let mut unified = Forms {
        list: Vec::with_capacity(members.len()),
        known: HashMap::with_capacity(members.len()),
        origins: vec![None; members.len()],
    };
    for (class, index) in members.iter().enumerate() {
        let form = map(form_at(forms, *index), &rename);
        let id = Id(u32::try_from(class).unwrap_or(u32::MAX));
        unified.known.entry(form.clone()).or_insert(id);
        unified.list.push(form);
    }
    for index in 0..count {
        let at = targets.get(index).copied().unwrap_or(index);
        let same = map(form_at(forms, at), &rename) == *unified.get(rename_at(&renamed, index));
        if !same {
            // Two forms share a colour by accident: without sharing the answers are the same, only later.
            return unshared(forms, &targets);
        }
        if let (Some(origin), Some(known)) = (
            forms.origins.get(index).copied().flatten(),
            unified.origins.get_mut(rename_at(&renamed, index).index()),
        ) {
            known.get_or_insert(origin);
        }
    }
    (unified, renamed)
}

fn unshared(forms: &Forms, targets: &[usize]) -> (Forms, Vec<Id>) {
    let renamed: Vec<Id> = targets
        .iter()
        .map(|at| Id(u32::try_from(*at).unwrap_or(u32::MAX)))
        .collect();
    let rename = |id: Id| renamed.get(id.index()).copied().unwrap_or(id);
    let list: Vec<Form> = forms.list.iter().map(|form| map(form, &rename)).collect();
    let mut known = HashMap::new();
    for (index, form) in list.iter().enumerate() {
        known
            .entry(form.clone())
            .or_insert(Id(u32::try_from(index).unwrap_or(u32::MAX)));
    }
    let unified = Forms {
        list,
        known,
        origins: forms.origins.clone(),
    };
    (unified, renamed)
}

fn form_at(forms: &Forms, index: usize) -> &Form {
    forms.list.get(index).unwrap_or(&Form::Anything)
}

fn rename_at(renamed: &[Id], index: usize) -> Id {
    renamed.get(index).copied().unwrap_or(Id::ANYTHING)
}

/// Where the links end; a link that leads to itself says nothing about any value, and stays.
fn target(forms: &Forms, start: usize) -> usize {
    let mut at = start;
    for _ in 0..forms.len() {
        match forms.list.get(at) {
            Some(Form::Link(next)) if next.index() != at => at = next.index(),
            _ => return at,
        }
    }
    at
}

/// Hashes a form with its subforms by their colours. Lists without order are hashed without order.
fn shallow(form: &Form, hasher: &mut DefaultHasher, colour: &dyn Fn(Id) -> u64) {
    std::mem::discriminant(form).hash(hasher);
    let unordered = |parts: &[Id], once: bool, hasher: &mut DefaultHasher| {
        let mut colours: Vec<u64> = parts.iter().map(|id| colour(*id)).collect();
        colours.sort_unstable();
        if once {
            colours.dedup();
        }
        colours.hash(hasher);
    };
    match form {
        Form::All(parts) | Form::Any(parts) => unordered(parts, true, hasher),
        Form::One(parts) => unordered(parts, false, hasher),
        Form::Not(part) | Form::Names(part) | Form::Link(part) => colour(*part).hash(hasher),
        Form::If(condition, then, otherwise) => {
            [condition, then, otherwise]
                .map(|id| colour(*id))
                .hash(hasher);
        }
        Form::Items(prefix, rest) => {
            let colours: Vec<u64> = prefix.iter().map(|id| colour(*id)).collect();
            (colours, rest.map(colour)).hash(hasher);
        }
        Form::Contains(item, least, most) => (colour(*item), least, most).hash(hasher),
        Form::Members(members) => {
            for (name, id) in &members.named {
                (name, colour(*id)).hash(hasher);
            }
            for (pattern, id) in &members.patterns {
                (pattern, colour(*id)).hash(hasher);
            }
            members.rest.map(colour).hash(hasher);
        }
        Form::RestMembers(beside, then) | Form::RestItems(beside, then) => {
            unordered(beside, true, hasher);
            colour(*then).hash(hasher);
        }
        other => other.hash(hasher),
    }
}

/// The form under new ids.
fn map(form: &Form, rename: &dyn Fn(Id) -> Id) -> Form {
    let unordered = |parts: &[Id], once: bool| {
        let mut parts: Vec<Id> = parts.iter().map(|id| rename(*id)).collect();
        parts.sort_unstable();
        if once {
            parts.dedup();
        }
        parts.into_boxed_slice()
    };
    match form {
        Form::All(parts) => Form::All(unordered(parts, true)),
        Form::Any(parts) => Form::Any(unordered(parts, true)),
        Form::One(parts) => Form::One(unordered(parts, false)),
        Form::Not(part) => Form::Not(rename(*part)),
        Form::Names(part) => Form::Names(rename(*part)),
        Form::Link(part) => Form::Link(rename(*part)),
        Form::If(condition, then, otherwise) => {
            Form::If(rename(*condition), rename(*then), rename(*otherwise))
        }
        Form::Items(prefix, rest) => Form::Items(
            prefix.iter().map(|id| rename(*id)).collect(),
            rest.map(rename),
        ),
        Form::Contains(item, least, most) => Form::Contains(rename(*item), *least, *most),
        Form::Members(members) => Form::Members(Members {
            named: members
                .named
                .iter()
                .map(|(name, id)| (name.clone(), rename(*id)))
                .collect(),
            patterns: members
                .patterns
                .iter()
                .map(|(pattern, id)| (*pattern, rename(*id)))
                .collect(),
            rest: members.rest.map(rename),
        }),
        Form::RestMembers(beside, then) => {
            Form::RestMembers(unordered(beside, true), rename(*then))
        }
        Form::RestItems(beside, then) => Form::RestItems(unordered(beside, true), rename(*then)),
        other => other.clone(),
    }
}
