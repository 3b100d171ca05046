//! Whether items or members can be arranged so that an array or object has everything that is said of it.
//!
//! Every place (a position, a name, or a class of names that match the same patterns) has a state: what must hold of a value
//! there. The only source of impossibility is [`Premises`]: a state that has all literals of a fact. Which further forms a
//! value at a place has or not is tried in all ways that no premise refutes, and then it is counted whether some choice of
//! places meets all demands at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    super::{
        form::{Evaluation, Form, Forms, Id, Members, Opaques, Type, Types},
        language::{Languages, PatternId},
        prove::Literal,
        steps::Steps,
    },
    checker::{Fault, told},
};
use crate::text::Value;

/// Places that are looked at one after the other.
const PLACES: u64 = 4_000;
/// Classes of names.
const CLASSES: usize = 1_024;
/// Items whose values are compared with one another.
const ITEMS: usize = 500;
/// Demands that are met at once: the bits of a set.
const DEMANDS: usize = 64;

/// What a step rests on: states that no value has.
pub(super) struct Premises<'p> {
    states: Vec<&'p [Literal]>,
    /// By their last literal.
    by_last: HashMap<Literal, Vec<&'p [Literal]>>,
}

impl<'p> Premises<'p> {
    pub(super) fn new(states: impl IntoIterator<Item = &'p [Literal]>) -> Self {
        let states: Vec<&[Literal]> = states.into_iter().collect();
        let mut by_last: HashMap<Literal, Vec<&[Literal]>> = HashMap::new();
        for state in &states {
            if let Some(last) = state.last() {
                by_last.entry(*last).or_default().push(state);
            }
        }
        Self { states, by_last }
    }

    /// Whether no value has all of these literals: a premise says so of some of them, or two are opposites.
    pub(super) fn refute(&self, literals: &[Literal]) -> bool {
        let state: BTreeSet<Literal> = literals.iter().copied().collect();
        state.iter().any(|literal| {
            state.contains(&literal.opposite())
                || *literal == Literal::no(Id::ANYTHING)
                || *literal == Literal::yes(Id::NOTHING)
                || self.by_last.get(literal).is_some_and(|known| {
                    known
                        .iter()
                        .any(|premise| premise.iter().all(|one| state.contains(one)))
                })
        })
    }
}

/// The literals of the given kind that have a sign, with their forms.
fn signed<'f>(
    forms: &'f Forms,
    literals: &'f [Literal],
    holds: bool,
) -> impl Iterator<Item = (Literal, &'f Form)> {
    let chosen = literals
        .iter()
        .copied()
        .filter(move |literal| literal.holds == holds);
    chosen.map(|literal| (literal, forms.get(literal.form)))
}

/// The least and most items.
fn lengths(forms: &Forms, literals: &[Literal]) -> (u64, Option<u64>) {
    let mut least = 0;
    // The first length that is too much.
    let mut end: Option<u64> = None;
    for literal in literals {
        let (from, before) = match (forms.get(literal.form), literal.holds) {
            (Form::FewestItems(count), true) => (*count, None),
            (Form::FewestItems(count), false) => (0, Some(*count)),
            (Form::MostItems(count), true) => (0, count.checked_add(1)),
            (Form::MostItems(count), false) => (count.saturating_add(1), None),
            _ => continue,
        };
        least = least.max(from);
        end = [end, before].into_iter().flatten().min();
    }
    (least, end)
}

/// The least and most members (the first number that is too much).
fn sizes(forms: &Forms, literals: &[Literal]) -> (u64, Option<u64>) {
    let mut least = 0;
    let mut end: Option<u64> = None;
    let mut required = BTreeSet::new();
    for literal in literals {
        let (from, before) = match (forms.get(literal.form), literal.holds) {
            (Form::FewestMembers(count), true) => (*count, None),
            (Form::FewestMembers(count), false) => (0, Some(*count)),
            (Form::MostMembers(count), true) => (0, count.checked_add(1)),
            (Form::MostMembers(count), false) => (count.saturating_add(1), None),
            (Form::Required(name), true) => {
                required.insert(name);
                continue;
            }
            _ => continue,
        };
        least = least.max(from);
        end = [end, before].into_iter().flatten().min();
    }
    (least.max(required.len() as u64), end)
}

pub(super) fn too_few_items(forms: &Forms, literals: &[Literal]) -> bool {
    let (least, end) = lengths(forms, literals);
    end.is_some_and(|end| end <= least)
}

pub(super) fn too_few_members(forms: &Forms, literals: &[Literal]) -> bool {
    let (least, end) = sizes(forms, literals);
    end.is_some_and(|end| end <= least)
}

/// What `items` says of the item at a position.
fn said_of_item(prefix: &[Id], rest: Option<Id>, position: u64) -> Option<Id> {
    let own = usize::try_from(position).ok().and_then(|at| prefix.get(at));
    own.copied().or(rest)
}

/// What holds of the item at a position.
fn at(forms: &Forms, literals: &[Literal], position: u64) -> Vec<Literal> {
    told(
        signed(forms, literals, true).filter_map(|(_, form)| match form {
            Form::Items(prefix, rest) => said_of_item(prefix, *rest, position).map(Literal::yes),
            _ => None,
        }),
    )
}

/// What holds of the item at a position that every such array has; `None`: not every one has it.
pub(super) fn item(forms: &Forms, literals: &[Literal], position: u64) -> Option<Vec<Literal>> {
    let (least, _) = lengths(forms, literals);
    (position < least).then(|| at(forms, literals, position))
}

/// What `properties`, `patternProperties` and `additionalProperties` say of the member with this name.
fn said_of_member(
    members: &Members,
    languages: &mut Languages,
    name: &str,
) -> Result<Vec<Id>, Fault> {
    let mut said: Vec<Id> = members
        .named
        .iter()
        .filter(|(known, _)| known.as_ref() == name)
        .map(|(_, id)| *id)
        .collect();
    for (pattern, id) in &members.patterns {
        if languages
            .matches(*pattern, name)
            .ok_or(Fault::NotChecked("patterns of names"))?
        {
            said.push(*id);
        }
    }
    if said.is_empty() {
        said.extend(members.rest);
    }
    Ok(said)
}

/// What holds of the member with this name.
pub(super) fn member(
    forms: &Forms,
    languages: &mut Languages,
    literals: &[Literal],
    name: &str,
) -> Result<Vec<Literal>, Fault> {
    let mut state = Vec::new();
    for (_, form) in signed(forms, literals, true) {
        if let Form::Members(members) = form {
            state.extend(
                said_of_member(members, languages, name)?
                    .into_iter()
                    .map(Literal::yes),
            );
        }
    }
    Ok(told(state))
}

/// Something that some item or member must be.
#[derive(Clone, Copy)]
enum Demand<'f> {
    /// One item against these.
    Items(&'f [Id], Option<Id>),
    /// One member against these.
    Members(&'f Members),
    /// One name against this.
    Name(Id),
}

/// A question of room, with what it may rest on.
pub(super) struct Room<'r, 'p> {
    pub forms: &'r Forms,
    pub languages: &'r mut Languages,
    pub opaques: &'r mut Opaques,
    pub steps: &'r mut Steps,
    pub premises: &'r Premises<'p>,
    pub rule: &'static str,
}

/// What an array of some length has so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Sofar {
    /// Which demands are met.
    met: u64,
    /// How many items of each counted form there are, up to one more than matters.
    counts: Vec<u64>,
    /// Where items must differ: for each item whose values are all known, which list of values it has. Sorted.
    lists: Vec<usize>,
}

/// A way that an item can be: the demands that it meets, the counted forms that it has, and its state.
struct Way {
    meets: u64,
    counted: Vec<bool>,
    list: Option<usize>,
    state: Vec<Literal>,
}

/// What is asked of an array.
struct Array<'f> {
    demands: Vec<Demand<'f>>,
    counts: Vec<(Id, u64, Option<u64>)>,
    least: u64,
    end: Option<u64>,
    /// Positions from here on are alike.
    alike: u64,
    distinct: bool,
    equal: bool,
}

impl<'r> Room<'r, '_> {
    fn not_checked<T>(&self) -> Result<T, Fault> {
        Err(Fault::NotChecked(self.rule))
    }

    /// Whether there is no such array; with `asked`, whether no item is what this one literal asks for.
    pub(super) fn no_array(
        &mut self,
        literals: &[Literal],
        asked: Option<Literal>,
    ) -> Result<bool, Fault> {
        let forms: &'r Forms = self.forms;
        let (least, end) = lengths(forms, literals);
        let mut array = Array {
            demands: Vec::new(),
            counts: Vec::new(),
            least,
            end,
            alike: 0,
            distinct: false,
            equal: false,
        };
        for literal in literals {
            let relevant = asked.is_none_or(|asked| asked == *literal);
            match (forms.get(literal.form), literal.holds) {
                (Form::Items(prefix, rest), holds) => {
                    array.alike = array.alike.max(prefix.len() as u64);
                    if !holds && relevant {
                        array.demands.push(Demand::Items(prefix, *rest));
                    }
                }
                (Form::Contains(item, least, most), true) if relevant => {
                    array.counts.push((*item, *least, *most))
                }
                (Form::Distinct, holds) if asked.is_none() => {
                    array.distinct |= holds;
                    array.equal |= !holds;
                }
                _ => {}
            }
        }
        if array.demands.len() > DEMANDS {
            return self.not_checked();
        }
        // Behind the positions that differ, items that nothing asks for can be left out: what is left is such an array too.
        let asked_for = array
            .counts
            .iter()
            .fold(0, |sum: u64, (_, least, _)| sum.saturating_add(*least));
        let asked_for =
            asked_for.saturating_add(array.demands.len() as u64 + if array.equal { 2 } else { 0 });
        let longest = array.least.max(array.alike).saturating_add(asked_for);
        let longest = array
            .end
            .map_or(longest, |end| longest.min(end.saturating_sub(1)));
        if longest > PLACES {
            return self.not_checked();
        }
        if !array.equal {
            return self.none_up_to(&array, literals, longest, None);
        }
        // Two equal items: one state for both, at any two places; of the places that are alike the first two will do.
        for second in 1..longest.min(array.alike.saturating_add(2)) {
            for first in 0..second {
                let mut joint = at(forms, literals, first);
                joint.extend(at(forms, literals, second));
                for way in self.ways(&array, joint, &[first, second])? {
                    if !self.none_up_to(&array, literals, longest, Some(([first, second], way)))? {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    /// The ways that a value can be at these positions at once.
    fn ways(
        &mut self,
        array: &Array<'_>,
        base: Vec<Literal>,
        positions: &[u64],
    ) -> Result<Vec<Way>, Fault> {
        let mut against: Vec<Id> = Vec::new();
        for demand in &array.demands {
            if let Demand::Items(prefix, rest) = demand {
                against.extend(
                    positions
                        .iter()
                        .filter_map(|position| said_of_item(prefix, *rest, *position)),
                );
            }
        }
        let mut told_apart: Vec<Id> = array
            .counts
            .iter()
            .map(|(item, ..)| *item)
            .chain(against)
            .collect();
        told_apart.sort_unstable();
        told_apart.dedup();
        let mut states = if self.premises.refute(&base) {
            Vec::new()
        } else {
            vec![base]
        };
        for form in told_apart {
            let mut finer = Vec::new();
            for state in states {
                for holds in [true, false] {
                    self.steps.take(1)?;
                    let mut state = state.clone();
                    state.push(Literal { form, holds });
                    if !self.premises.refute(&state) {
                        finer.push(state);
                    }
                }
            }
            states = finer;
        }
        let ways = states.into_iter().map(|state| {
            let mut meets = 0;
            for (bit, demand) in array.demands.iter().enumerate() {
                if let Demand::Items(prefix, rest) = demand {
                    let fails = positions
                        .iter()
                        .filter_map(|position| said_of_item(prefix, *rest, *position))
                        .any(|form| state.contains(&Literal::no(form)));
                    meets |= u64::from(fails) << bit;
                }
            }
            Way {
                meets,
                counted: array
                    .counts
                    .iter()
                    .map(|(item, ..)| state.contains(&Literal::yes(*item)))
                    .collect(),
                list: None,
                state,
            }
        });
        Ok(ways.collect())
    }

    /// Whether no array of up to so many items has what is asked; `pair`: two places with equal items, and how those are.
    fn none_up_to(
        &mut self,
        array: &Array<'_>,
        literals: &[Literal],
        longest: u64,
        pair: Option<([u64; 2], Way)>,
    ) -> Result<bool, Fault> {
        let all_met = if array.demands.len() == 64 {
            u64::MAX
        } else {
            (1 << array.demands.len()) - 1
        };
        let mut lists: Vec<BTreeSet<String>> = Vec::new();
        let mut reached = BTreeSet::from([Sofar {
            counts: vec![0; array.counts.len()],
            ..Sofar::default()
        }]);
        let mut alike: Option<Vec<Way>> = None;
        for length in 0..=longest {
            let enough = length >= array.least
                && pair
                    .as_ref()
                    .is_none_or(|([_, second], _)| length > *second);
            let done = |sofar: &Sofar| {
                sofar.met == all_met
                    && sofar
                        .counts
                        .iter()
                        .zip(&array.counts)
                        .all(|(count, (_, least, _))| count >= least)
            };
            if enough && reached.iter().any(done) {
                return Ok(false);
            }
            if length == longest || reached.is_empty() {
                break;
            }
            // The next item.
            let mut own;
            let ways: &[Way] = match &pair {
                Some((places, way)) if places.contains(&length) => std::slice::from_ref(way),
                _ if length >= array.alike => {
                    if alike.is_none() {
                        let mut ways =
                            self.ways(array, at(self.forms, literals, length), &[length])?;
                        self.list(array, &mut ways, &mut lists);
                        alike = Some(ways);
                    }
                    alike.as_deref().unwrap_or_default()
                }
                _ => {
                    own = self.ways(array, at(self.forms, literals, length), &[length])?;
                    self.list(array, &mut own, &mut lists);
                    &own
                }
            };
            let mut next = BTreeSet::new();
            for sofar in &reached {
                for way in ways {
                    self.steps.take(1 + sofar.lists.len() as u64)?;
                    if let Some(sofar) = sofar.with(way, array, &lists) {
                        next.insert(sofar);
                    }
                }
            }
            reached = next;
        }
        Ok(true)
    }

    /// Where items must differ, finds for each way a premise that lists all of its values.
    fn list(&self, array: &Array<'_>, ways: &mut [Way], lists: &mut Vec<BTreeSet<String>>) {
        if !array.distinct {
            return;
        }
        for way in ways {
            let Some(list) = self.values_of(&way.state) else {
                continue;
            };
            let at = lists.iter().position(|known| *known == list);
            way.list = Some(at.unwrap_or_else(|| {
                lists.push(list);
                lists.len() - 1
            }));
        }
    }

    /// All values that a state can have, where a premise says that it has no others.
    fn values_of(&self, state: &[Literal]) -> Option<BTreeSet<String>> {
        let state: BTreeSet<Literal> = state.iter().copied().collect();
        let mut best: Option<BTreeSet<String>> = None;
        for premise in &self.premises.states {
            let mut listed = BTreeSet::new();
            let covered = premise.iter().all(|literal| {
                state.contains(literal)
                    || match (self.forms.get(literal.form), literal.holds) {
                        (Form::Values(list), false) => {
                            listed.extend(list.iter().map(Value::to_string));
                            true
                        }
                        _ => false,
                    }
            });
            if covered && best.as_ref().is_none_or(|best| listed.len() < best.len()) {
                best = Some(listed);
            }
        }
        best
    }

    /// Whether there is no such object; with `asked`, whether no member is what this one literal asks for.
    pub(super) fn no_object(
        &mut self,
        literals: &[Literal],
        asked: Option<Literal>,
    ) -> Result<bool, Fault> {
        // A proof may tell names apart by more than the branch speaks of: it was found beside literals that it turned out
        // not to need. Names may be told apart by anything.
        match self.no_object_by(literals, asked, false) {
            Ok(true) => Ok(true),
            Ok(false) | Err(Fault::NotChecked(_)) => self.no_object_by(literals, asked, true),
            Err(fault) => Err(fault),
        }
    }

    /// The same; `finer`: names are also told apart by all that the premises about names speak of.
    fn no_object_by(
        &mut self,
        literals: &[Literal],
        asked: Option<Literal>,
        finer: bool,
    ) -> Result<bool, Fault> {
        let forms: &'r Forms = self.forms;
        let (least, end) = sizes(forms, literals);
        let mut demands: Vec<Demand<'r>> = Vec::new();
        let (mut required, mut absent) = (BTreeSet::new(), BTreeSet::new());
        let mut holding: Vec<&Members> = Vec::new();
        let mut names: Vec<Id> = Vec::new();
        let mut mentioned: BTreeSet<&str> = BTreeSet::new();
        let mut patterns: BTreeSet<PatternId> = BTreeSet::new();
        for literal in literals {
            let relevant = asked.is_none_or(|asked| asked == *literal);
            match (forms.get(literal.form), literal.holds) {
                (Form::Members(members), holds) => {
                    mentioned.extend(members.named.iter().map(|(name, _)| name.as_ref()));
                    patterns.extend(members.patterns.iter().map(|(pattern, _)| *pattern));
                    if holds {
                        holding.push(members);
                    } else if relevant {
                        demands.push(Demand::Members(members));
                    }
                }
                (Form::Names(form), true) => names.push(*form),
                (Form::Names(form), false) if relevant => demands.push(Demand::Name(*form)),
                (Form::Required(name), holds) => {
                    mentioned.insert(name);
                    if holds { &mut required } else { &mut absent }.insert(name.as_ref());
                }
                _ => {}
            }
        }
        if demands.len() > DEMANDS {
            return self.not_checked();
        }
        let mut told_apart_by: BTreeSet<Id> = BTreeSet::new();
        for demand in &demands {
            if let Demand::Name(form) = demand {
                told_apart_by.insert(*form);
            }
        }
        if finer {
            let text = Types::only(Type::String);
            let about_names = self.premises.states.iter().filter(|premise| {
                let is_text = |literal: &Literal| {
                    literal.holds && *forms.get(literal.form) == Form::Type(text)
                };
                premise.iter().any(is_text)
            });
            for literal in about_names.flat_map(|premise| premise.iter()) {
                match forms.get(literal.form) {
                    Form::Pattern(pattern) => {
                        patterns.insert(*pattern);
                    }
                    Form::Values(list) if !literal.holds => {
                        mentioned.extend(list.iter().filter_map(Value::as_str));
                    }
                    Form::Type(_) => {}
                    _ => {
                        told_apart_by.insert(literal.form);
                    }
                }
            }
        }
        // How many members there are matters only where more are asked for than are required, or not all are allowed.
        let counts = end.is_some() || least > required.len() as u64;
        let enough = if counts { end.unwrap_or(least) } else { 0 };
        if enough > PLACES {
            return self.not_checked();
        }
        let mut reached: BTreeSet<(u64, u64)> = BTreeSet::from([(0, 0)]);
        // The members whose names are mentioned, one by one.
        for name in &mentioned {
            let is_required = required.contains(name);
            let mut ways = BTreeSet::new();
            if !absent.contains(name) && self.name_may_be(&names, name) {
                let base = member(forms, self.languages, literals, name)?;
                let mut against = Vec::new();
                for (bit, demand) in demands.iter().enumerate() {
                    match demand {
                        Demand::Members(members) => {
                            let said = said_of_member(members, self.languages, name)?;
                            against.extend(said.into_iter().map(|form| (bit, form)));
                        }
                        Demand::Name(form) => {
                            if self.evaluated(*form, name) != Some(true) {
                                against.push((bit, Id::NOTHING));
                            }
                        }
                        Demand::Items(..) => {}
                    }
                }
                ways = self.met(base, against)?;
            }
            if is_required && ways.is_empty() {
                return Ok(true);
            }
            if !is_required && !counts && ways.iter().all(|met| *met == 0) {
                continue;
            }
            reached = self.one_more(&reached, &ways, !is_required, counts, enough, end)?;
        }
        // The others, class by class.
        for class in self.classes(&names, &patterns, &told_apart_by, &mentioned)? {
            let mut base = Vec::new();
            for members in &holding {
                base.extend(class.said(members).into_iter().map(Literal::yes));
            }
            let mut against = Vec::new();
            for (bit, demand) in demands.iter().enumerate() {
                match demand {
                    Demand::Members(members) => {
                        against.extend(class.said(members).into_iter().map(|form| (bit, form)));
                    }
                    Demand::Name(form) => {
                        if class.names.get(form) == Some(&false) {
                            against.push((bit, Id::NOTHING));
                        }
                    }
                    Demand::Items(..) => {}
                }
            }
            let ways = self.met(told(base), against)?;
            if ways.is_empty() || (!counts && ways.iter().all(|met| *met == 0)) {
                continue;
            }
            // More members of one class than demands and count ask for are never needed.
            let useful = demands.len() as u64 + if counts { least } else { 0 };
            for _ in 0..class.most.map_or(useful, |most| most.min(useful)) {
                let next = self.one_more(&reached, &ways, true, counts, enough, end)?;
                if next == reached {
                    break;
                }
                reached = next;
            }
        }
        let all_met = if demands.len() == 64 {
            u64::MAX
        } else {
            (1 << demands.len()) - 1
        };
        Ok(!reached.iter().any(|(met, count)| {
            *met == all_met && (!counts || (*count >= least && end.is_none_or(|end| *count < end)))
        }))
    }

    /// What can be reached with one member more, or without.
    fn one_more(
        &mut self,
        reached: &BTreeSet<(u64, u64)>,
        ways: &BTreeSet<u64>,
        optional: bool,
        counts: bool,
        enough: u64,
        end: Option<u64>,
    ) -> Result<BTreeSet<(u64, u64)>, Fault> {
        let mut next = if optional {
            reached.clone()
        } else {
            BTreeSet::new()
        };
        for (met, count) in reached {
            for way in ways {
                self.steps.take(1)?;
                let count = if counts { (count + 1).min(enough) } else { 0 };
                // With this member there are too many already.
                if end.is_none_or(|end| count < end) {
                    next.insert((met | way, count));
                }
            }
        }
        Ok(next)
    }

    /// The largest sets of demands that a value of a state can meet: `against` lists forms that it would have to fail.
    fn met(
        &mut self,
        base: Vec<Literal>,
        mut against: Vec<(usize, Id)>,
    ) -> Result<BTreeSet<u64>, Fault> {
        let mut all = BTreeSet::new();
        if self.premises.refute(&base) {
            return Ok(all);
        }
        // Failing what nothing has costs nothing.
        let mut free = 0;
        against.retain(|(bit, form)| {
            if *form == Id::NOTHING {
                free |= 1u64 << bit;
            }
            !matches!(*form, Id::NOTHING | Id::ANYTHING) && !base.contains(&Literal::yes(*form))
        });
        let mut forms: BTreeMap<Id, u64> = BTreeMap::new();
        for (bit, form) in against {
            *forms.entry(form).or_default() |= 1 << bit;
        }
        let forms: Vec<(Id, u64)> = forms.into_iter().collect();
        let mut pending = vec![(base, free, forms.as_slice())];
        while let Some((state, met, left)) = pending.pop() {
            self.steps.take(1 + left.len() as u64)?;
            // Failing more meets more: if all that is left can fail too, nothing else need be tried.
            let mut with_all = state.clone();
            with_all.extend(left.iter().map(|(form, _)| Literal::no(*form)));
            if !self.premises.refute(&with_all) {
                all.insert(left.iter().fold(met, |met, (_, meets)| met | meets));
                continue;
            }
            let Some(((form, meets), left)) = left.split_first() else {
                continue;
            };
            let mut fails = state.clone();
            fails.push(Literal::no(*form));
            pending.push((state, met, left));
            if !self.premises.refute(&fails) {
                pending.push((fails, met | meets, left));
            }
        }
        Ok(all)
    }

    /// Whether the form takes the text, where that can be told.
    fn evaluated(&mut self, form: Id, text: &str) -> Option<bool> {
        let mut evaluation = Evaluation {
            forms: self.forms,
            languages: self.languages,
            opaques: self.opaques,
            steps: self.steps,
            either_way: false,
        };
        evaluation.holds(form, &Value::String(text.to_owned()))
    }

    fn name_may_be(&mut self, names: &[Id], name: &str) -> bool {
        names
            .iter()
            .all(|form| self.evaluated(*form, name) != Some(false))
    }

    /// The classes of names that are not mentioned, as far as no premise says that there is no such name.
    fn classes(
        &mut self,
        names: &[Id],
        patterns: &BTreeSet<PatternId>,
        told_apart_by: &BTreeSet<Id>,
        mentioned: &BTreeSet<&str>,
    ) -> Result<Vec<Class>, Fault> {
        let mut found = vec![Class {
            names: names.iter().map(|form| (*form, true)).collect(),
            ..Class::default()
        }];
        let by_pattern = patterns.iter().map(|pattern| Sign::Pattern(*pattern));
        let signs: Vec<Sign> = by_pattern
            .chain(told_apart_by.iter().map(|form| Sign::Names(*form)))
            .collect();
        for sign in signs {
            let mut finer = Vec::new();
            for class in found {
                for holds in [true, false] {
                    self.steps.take(1)?;
                    let mut class = class.clone();
                    let before = match sign {
                        Sign::Pattern(pattern) => class.patterns.insert(pattern, holds),
                        Sign::Names(form) => class.names.insert(form, holds),
                    };
                    // A form that every name has is not failed by any, and a pattern may be asked for as a form too.
                    let agrees = |(form, holds): (&Id, &bool)| match self.forms.get(*form) {
                        Form::Pattern(pattern) => class.patterns.get(pattern) != Some(&!holds),
                        _ => true,
                    };
                    if before.is_some_and(|before| before != holds)
                        || !class.names.iter().all(agrees)
                    {
                        continue;
                    }
                    self.bound(&mut class, mentioned);
                    if class.most != Some(0) {
                        finer.push(class);
                    }
                }
            }
            if finer.len() > CLASSES {
                return self.not_checked();
            }
            found = finer;
        }
        for class in &mut found {
            self.bound(class, mentioned);
        }
        found.retain(|class| class.most != Some(0));
        Ok(found)
    }

    /// Bounds the names of a class, where a premise says that there are no others than some that it lists.
    fn bound(&mut self, class: &mut Class, mentioned: &BTreeSet<&str>) {
        let states = self.premises.states.clone();
        for premise in states {
            let mut listed: BTreeSet<&str> = BTreeSet::new();
            let covered =
                premise.iter().all(
                    |literal| match (self.forms.get(literal.form), literal.holds) {
                        (Form::Type(types), true) => types.has(Type::String),
                        (Form::Values(list), false) => {
                            listed.extend(list.iter().filter_map(Value::as_str));
                            true
                        }
                        (Form::Pattern(pattern), holds)
                            if class.patterns.get(pattern) == Some(&holds) =>
                        {
                            true
                        }
                        (_, holds) => class.names.get(&literal.form) == Some(&holds),
                    },
                );
            if !covered {
                continue;
            }
            let mut most = 0;
            for name in listed.difference(mentioned).copied() {
                let mut fits = true;
                for (pattern, holds) in &class.patterns {
                    fits &= self.languages.matches(*pattern, name) != Some(!holds);
                }
                for (form, holds) in &class.names {
                    fits &= self.evaluated(*form, name) != Some(!holds);
                }
                most += u64::from(fits);
            }
            class.most = Some(class.most.map_or(most, |known| known.min(most)));
        }
    }
}

#[derive(Clone, Copy)]
enum Sign {
    Pattern(PatternId),
    Names(Id),
}

/// Names that match the same patterns and have the same of the forms that are asked of names.
#[derive(Clone, Default)]
struct Class {
    patterns: BTreeMap<PatternId, bool>,
    names: BTreeMap<Id, bool>,
    /// How many names there are at most.
    most: Option<u64>,
}

impl Class {
    /// What is said of a member with such a name, which is not mentioned.
    fn said(&self, members: &Members) -> Vec<Id> {
        let matched = members
            .patterns
            .iter()
            .filter(|(pattern, _)| self.patterns.get(pattern) == Some(&true));
        let mut said: Vec<Id> = matched.map(|(_, form)| *form).collect();
        if said.is_empty() {
            said.extend(members.rest);
        }
        said
    }
}

impl Sofar {
    /// With one item more; `None`: there are too many of a counted form, or too few different values.
    fn with(&self, way: &Way, array: &Array<'_>, lists: &[BTreeSet<String>]) -> Option<Self> {
        let mut next = self.clone();
        next.met |= way.meets;
        for ((count, counted), (_, least, most)) in
            next.counts.iter_mut().zip(&way.counted).zip(&array.counts)
        {
            if *counted {
                *count += 1;
                if most.is_some_and(|most| *count > most) {
                    return None;
                }
                if most.is_none() {
                    *count = (*count).min(*least);
                }
            }
        }
        if let Some(list) = way.list {
            let at = next.lists.partition_point(|known| *known <= list);
            next.lists.insert(at, list);
            if !all_different(&next.lists, lists) {
                return None;
            }
        }
        Some(next)
    }
}

/// Whether each of the items can take a value of its list that no other takes (one augmenting path after the other). Beyond
/// [`ITEMS`] the answer is yes, which refutes nothing.
fn all_different(items: &[usize], lists: &[BTreeSet<String>]) -> bool {
    fn place<'l>(
        item: usize,
        items: &[usize],
        lists: &'l [BTreeSet<String>],
        taken: &mut HashMap<&'l str, usize>,
        seen: &mut BTreeSet<&'l str>,
    ) -> bool {
        let Some(list) = items.get(item).and_then(|at| lists.get(*at)) else {
            return true;
        };
        for value in list {
            if !seen.insert(value) {
                continue;
            }
            let owner = taken.get(value.as_str()).copied();
            if owner.is_none_or(|owner| place(owner, items, lists, taken, seen)) {
                taken.insert(value, item);
                return true;
            }
        }
        false
    }
    if items.len() > ITEMS {
        return true;
    }
    let mut taken = HashMap::new();
    (0..items.len()).all(|item| place(item, items, lists, &mut taken, &mut BTreeSet::new()))
}
