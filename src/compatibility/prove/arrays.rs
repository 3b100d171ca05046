//! Arrays: every position has a state of its own, and what asks for an item is given a place.

use std::{collections::HashMap, rc::Rc};

use super::{
    super::form::{Form, Id, Type},
    Choices, FactId, Literal, Outcome, Prover, Step, Stopped, Tree,
    branch::{Branch, speaks_of},
};
use crate::text::Value;

/// Items that an arrangement may have.
const LONGEST: u64 = 1_000;

/// What a branch says of an array.
#[derive(Default)]
struct Said {
    /// `items` that hold: the first ones, the others.
    boxes: Vec<(Box<[Id]>, Option<Id>)>,
    /// `items` that do not: some item is against them.
    demands: Vec<Literal>,
    /// Of a form: at least, at most.
    counts: Vec<(Literal, Id, u64, Option<u64>)>,
    least: u64,
    most: Option<u64>,
    distinct: bool,
    /// Two items are equal.
    equal: bool,
}

impl Said {
    fn at_most(&mut self, count: u64) {
        self.most = Some(self.most.map_or(count, |known| known.min(count)));
    }

    fn prefix(&self) -> u64 {
        self.boxes
            .iter()
            .map(|(prefix, _)| prefix.len() as u64)
            .max()
            .unwrap_or(0)
    }

    /// What holds of the item at a position.
    fn at(&self, position: u64) -> Vec<Literal> {
        self.boxes
            .iter()
            .filter_map(|(prefix, rest)| {
                usize::try_from(position)
                    .ok()
                    .and_then(|at| prefix.get(at))
                    .copied()
                    .or(*rest)
            })
            .map(Literal::yes)
            .collect()
    }
}

/// Something that needs an item: the literal that asks, and what the item must be, by position.
struct Task {
    asks: Literal,
    /// For the positions of the prefix, and last for all others; `None`: there it cannot be met.
    needs: Vec<Option<Literal>>,
}

impl Task {
    fn need(&self, position: u64) -> Option<Literal> {
        let last = self.needs.len().saturating_sub(1);
        let at = usize::try_from(position).unwrap_or(last).min(last);
        self.needs.get(at).copied().flatten()
    }
}

/// What became of a search for an arrangement.
enum Found {
    Yes(Vec<Value>),
    No,
}

struct Search {
    facts: Vec<FactId>,
    on: usize,
    unknown: bool,
}

impl Prover<'_> {
    fn array_said(&self, branch: &Branch) -> Option<Said> {
        let mut said = Said::default();
        for leaf in &branch.leaves {
            match (self.forms.get(leaf.form), leaf.holds) {
                (Form::Items(prefix, rest), true) => said.boxes.push((prefix.clone(), *rest)),
                (Form::Items(..), false) => said.demands.push(*leaf),
                (Form::Contains(item, least, most), true) => {
                    said.counts.push((*leaf, *item, *least, *most));
                }
                (Form::FewestItems(count), true) => said.least = said.least.max(*count),
                (Form::FewestItems(count), false) => said.at_most(count.checked_sub(1)?),
                (Form::MostItems(count), true) => said.at_most(*count),
                (Form::MostItems(count), false) => {
                    said.least = said.least.max(count.saturating_add(1))
                }
                (Form::Distinct, true) => said.distinct = true,
                (Form::Distinct, false) => said.equal = true,
                _ => {}
            }
        }
        Some(said)
    }

    pub(super) fn array(&mut self, branch: &Branch) -> Step {
        match self.arranged(branch) {
            Step::Closed(tree, on, _) => {
                let depends = branch.depends(|leaf| {
                    speaks_of(self.forms.get(leaf.form)).is_some_and(|types| types.has(Type::Array))
                });
                Step::Closed(tree, on, depends)
            }
            other => other,
        }
    }

    fn arranged(&mut self, branch: &Branch) -> Step {
        let Some(mut said) = self.array_said(branch) else {
            return Step::Closed(Tree::Counts, usize::MAX, Choices::NONE);
        };
        if said.most.is_some_and(|most| most < said.least) {
            return Step::Closed(Tree::Counts, usize::MAX, Choices::NONE);
        }
        let mut search = Search {
            facts: Vec::new(),
            on: usize::MAX,
            unknown: false,
        };
        // The first position that no item can be at bounds the length. Positions behind the prefix are all alike.
        let prefix = said.demands.iter().fold(said.prefix(), |longest, demand| {
            match self.forms.get(demand.form) {
                Form::Items(prefix, _) => longest.max(prefix.len() as u64),
                _ => longest,
            }
        });
        for position in 0..=prefix {
            if said.most.is_some_and(|most| position >= most) {
                break;
            }
            match self.solve(&said.at(position)) {
                Outcome::Empty(fact, on) => {
                    if position < said.least {
                        return Step::Closed(Tree::Item(position, fact), on, Choices::NONE);
                    }
                    search.facts.push(fact);
                    search.on = search.on.min(on);
                    said.at_most(position);
                    break;
                }
                Outcome::Unknown => search.unknown = true,
                Outcome::Model(_) => {}
            }
        }
        let tasks = match self.tasks(&said, prefix, &mut search) {
            Ok(tasks) => tasks,
            Err(step) => return step,
        };
        let plain =
            !said.distinct && !said.equal && said.counts.iter().all(|(.., most)| most.is_none());
        if plain && tasks.is_empty() {
            return self.plain_array(&said, said.least, search);
        }
        let extra = tasks.len() as u64 + if said.equal { 2 } else { 0 };
        let longest = said.least.max(prefix) + extra;
        let longest = said.most.map_or(longest, |most| most.min(longest));
        if longest > LONGEST {
            self.stop(Stopped::Form(
                None,
                format!("an array of {longest} items that differ in what they must be"),
            ));
            return Step::Unknown;
        }
        for length in said.least..=longest {
            if self.spent(1) {
                return Step::Unknown;
            }
            let slots: Vec<Vec<Literal>> = (0..length).map(|position| said.at(position)).collect();
            if let Found::Yes(items) =
                self.assign(&said, &tasks, &mut Vec::new(), slots, prefix, &mut search)
            {
                return Step::Model(Value::Array(items));
            }
        }
        if search.unknown {
            Step::Unknown
        } else {
            Step::Closed(Tree::Arrangement(search.facts), search.on, Choices::NONE)
        }
    }

    /// An array of the given length with nothing asked for.
    fn plain_array(&mut self, said: &Said, length: u64, search: Search) -> Step {
        let mut items = Vec::new();
        for position in 0..length {
            match self.solve(&said.at(position)) {
                Outcome::Model(value) => items.push(value),
                Outcome::Empty(fact, on) => {
                    return Step::Closed(
                        Tree::Item(position, fact),
                        on.min(search.on),
                        Choices::NONE,
                    );
                }
                Outcome::Unknown => return Step::Unknown,
            }
            if self.spent(1) {
                return Step::Unknown;
            }
        }
        Step::Model(Value::Array(items))
    }

    /// What asks for items, with the closing tree where one can be met nowhere.
    fn tasks(&mut self, said: &Said, prefix: u64, search: &mut Search) -> Result<Vec<Task>, Step> {
        let mut tasks = Vec::new();
        for demand in &said.demands {
            let Form::Items(first, rest) = self.forms.get(demand.form).clone() else {
                continue;
            };
            let needs = (0..=prefix)
                .map(|position| {
                    let form = usize::try_from(position)
                        .ok()
                        .and_then(|at| first.get(at))
                        .copied()
                        .or(rest)?;
                    (form != Id::ANYTHING).then_some(Literal::no(form))
                })
                .collect();
            tasks.push((
                Task {
                    asks: *demand,
                    needs,
                },
                1,
            ));
        }
        for (asks, item, least, _) in &said.counts {
            if *least > LONGEST {
                self.stop(Stopped::Form(
                    Some(asks.form),
                    "`minContains` is too large".into(),
                ));
                return Err(Step::Unknown);
            }
            if *least > 0 {
                let needs = (0..=prefix).map(|_| Some(Literal::yes(*item))).collect();
                tasks.push((Task { asks: *asks, needs }, *least));
            }
        }
        let mut all = Vec::new();
        for (task, times) in tasks {
            let mut open = 0u64;
            let mut facts = Vec::new();
            let mut on = search.on;
            let mut unknown = false;
            for position in 0..=prefix {
                if said.most.is_some_and(|most| position >= most) {
                    break;
                }
                let Some(need) = task.need(position) else {
                    continue;
                };
                let mut state = said.at(position);
                if state.contains(&need.opposite()) {
                    continue;
                }
                state.push(need);
                match self.solve(&state) {
                    Outcome::Model(_) => {
                        open += if position == prefix {
                            said.most.map_or(times, |most| most.saturating_sub(prefix))
                        } else {
                            1
                        };
                    }
                    Outcome::Empty(fact, rests) => {
                        facts.push(fact);
                        on = on.min(rests);
                    }
                    Outcome::Unknown => unknown = true,
                }
            }
            if unknown {
                search.unknown = true;
            } else if open < times {
                facts.extend(&search.facts);
                return Err(Step::Closed(
                    Tree::Demand(task.asks, facts),
                    on,
                    Choices::NONE,
                ));
            }
            for _ in 0..times {
                all.push(Task {
                    asks: task.asks,
                    needs: task.needs.clone(),
                });
            }
        }
        Ok(all)
    }

    /// Gives each task a slot; a slot may serve several.
    fn assign(
        &mut self,
        said: &Said,
        tasks: &[Task],
        given: &mut Vec<usize>,
        slots: Vec<Vec<Literal>>,
        prefix: u64,
        search: &mut Search,
    ) -> Found {
        if self.spent(1) {
            search.unknown = true;
            return Found::No;
        }
        let Some(task) = tasks.get(given.len()) else {
            return self.paired(said, slots, search);
        };
        // Several items for one `contains` are several items, in any order: say, from left to right.
        let first = tasks
            .iter()
            .zip(given.iter())
            .filter(|(before, _)| before.asks == task.asks)
            .map(|(_, at)| at + 1)
            .max()
            .unwrap_or(0);
        let mut fresh_tail_tried = false;
        for at in first..slots.len() {
            let position = at as u64;
            let Some(need) = task.need(position) else {
                continue;
            };
            let Some(slot) = slots.get(at) else { continue };
            if slot.contains(&need.opposite()) {
                continue;
            }
            if position >= prefix && *slot == said.at(position) {
                // Untouched positions behind the prefix are alike.
                if fresh_tail_tried {
                    continue;
                }
                fresh_tail_tried = true;
            }
            let mut filled = slots.clone();
            let Some(slot) = filled.get_mut(at) else {
                continue;
            };
            slot.push(need);
            let state = slot.clone();
            if self.possible(&state, search) {
                given.push(at);
                let found = self.assign(said, tasks, given, filled, prefix, search);
                given.pop();
                if let Found::Yes(items) = found {
                    return Found::Yes(items);
                }
            }
        }
        Found::No
    }

    fn possible(&mut self, state: &[Literal], search: &mut Search) -> bool {
        match self.solve(state) {
            Outcome::Model(_) => true,
            Outcome::Empty(fact, on) => {
                search.facts.push(fact);
                search.on = search.on.min(on);
                false
            }
            Outcome::Unknown => {
                search.unknown = true;
                false
            }
        }
    }

    /// Where two items must be equal: two slots get one state.
    fn paired(&mut self, said: &Said, slots: Vec<Vec<Literal>>, search: &mut Search) -> Found {
        if !said.equal {
            return self.counted(said, 0, slots, None, search);
        }
        for first in 0..slots.len() {
            for second in first + 1..slots.len() {
                let (Some(one), Some(other)) = (slots.get(first), slots.get(second)) else {
                    continue;
                };
                let joint: Vec<Literal> = one.iter().chain(other).copied().collect();
                if !self.possible(&joint, search) {
                    continue;
                }
                let mut joined = slots.clone();
                for at in [first, second] {
                    if let Some(slot) = joined.get_mut(at) {
                        slot.clone_from(&joint);
                    }
                }
                if let Found::Yes(items) =
                    self.counted(said, 0, joined, Some((first, second)), search)
                {
                    return Found::Yes(items);
                }
                if self.spent(1) {
                    search.unknown = true;
                    return Found::No;
                }
            }
        }
        Found::No
    }

    /// Decides for each bounded `contains` which slots are of its form.
    fn counted(
        &mut self,
        said: &Said,
        next: usize,
        slots: Vec<Vec<Literal>>,
        equal: Option<(usize, usize)>,
        search: &mut Search,
    ) -> Found {
        if self.spent(1) {
            search.unknown = true;
            return Found::No;
        }
        let bounded: Vec<(Id, u64)> = said
            .counts
            .iter()
            .filter_map(|(_, item, _, most)| Some((*item, (*most)?)))
            .collect();
        // Slot by slot, form by form: the first that is not decided.
        let undecided = bounded
            .iter()
            .skip(next)
            .enumerate()
            .find_map(|(offset, (item, most))| {
                let open = slots.iter().position(|slot| {
                    !slot.contains(&Literal::yes(*item)) && !slot.contains(&Literal::no(*item))
                });
                open.map(|at| (next + offset, at, *item, *most))
            });
        for (item, most) in &bounded {
            let count = slots
                .iter()
                .filter(|slot| slot.contains(&Literal::yes(*item)))
                .count() as u64;
            if count > *most {
                return Found::No;
            }
        }
        let Some((which, at, item, _)) = undecided else {
            return self.valued(said, &slots, equal, search);
        };
        for literal in [Literal::no(item), Literal::yes(item)] {
            let mut decided = slots.clone();
            let twins = match equal {
                Some((first, second)) if at == first || at == second => vec![first, second],
                _ => vec![at],
            };
            for twin in twins {
                if let Some(slot) = decided.get_mut(twin) {
                    slot.push(literal);
                }
            }
            let Some(state) = decided.get(at).cloned() else {
                continue;
            };
            if self.possible(&state, search)
                && let Found::Yes(items) = self.counted(said, which, decided, equal, search)
            {
                return Found::Yes(items);
            }
        }
        Found::No
    }

    /// A value for every slot; different ones where they must differ.
    fn valued(
        &mut self,
        said: &Said,
        slots: &[Vec<Literal>],
        equal: Option<(usize, usize)>,
        search: &mut Search,
    ) -> Found {
        if said.distinct {
            return self.different(slots, search);
        }
        let mut items = Vec::with_capacity(slots.len());
        for (at, slot) in slots.iter().enumerate() {
            if let Some((first, second)) = equal
                && at == second
                && let Some(twin) = items.get(first).cloned()
            {
                items.push(twin);
                continue;
            }
            match self.solve(slot) {
                Outcome::Model(value) => items.push(value),
                Outcome::Empty(fact, on) => {
                    search.facts.push(fact);
                    search.on = search.on.min(on);
                    return Found::No;
                }
                Outcome::Unknown => {
                    search.unknown = true;
                    return Found::No;
                }
            }
        }
        Found::Yes(items)
    }

    /// A system of distinct representatives (Hall): each slot lists as many values as there are slots, or all it has.
    fn different(&mut self, slots: &[Vec<Literal>], search: &mut Search) -> Found {
        let mut lists: Vec<Rc<[Value]>> = Vec::with_capacity(slots.len());
        let mut known: HashMap<&[Literal], Rc<[Value]>> = HashMap::new();
        for slot in slots {
            if let Some(list) = known.get(slot.as_slice()) {
                lists.push(Rc::clone(list));
                continue;
            }
            match self.several(slot, slots.len(), search) {
                Some(list) => {
                    let list: Rc<[Value]> = list.into();
                    known.insert(slot, Rc::clone(&list));
                    lists.push(list);
                }
                None => {
                    search.unknown = true;
                    return Found::No;
                }
            }
        }
        let mut texts: Vec<String> = Vec::new();
        let mut values: Vec<Value> = Vec::new();
        let numbered: Vec<Vec<usize>> = lists
            .into_iter()
            .map(|list| {
                list.iter()
                    .map(|value| {
                        let text = super::super::form::normal(value).to_string();
                        texts
                            .iter()
                            .position(|known| *known == text)
                            .unwrap_or_else(|| {
                                texts.push(text);
                                values.push(value.clone());
                                texts.len() - 1
                            })
                    })
                    .collect()
            })
            .collect();
        let mut owner: Vec<Option<usize>> = vec![None; values.len()];
        for slot in 0..numbered.len() {
            let mut seen = vec![false; values.len()];
            if !augment(slot, &numbered, &mut owner, &mut seen) {
                return Found::No;
            }
        }
        let mut items = vec![Value::Null; slots.len()];
        for (value, slot) in owner.iter().enumerate() {
            if let (Some(slot), Some(value)) = (slot, values.get(value))
                && let Some(place) = items.get_mut(*slot)
            {
                place.clone_from(value);
            }
        }
        Found::Yes(items)
    }

    /// Up to `most` different values of a state, all of them where there are fewer; `None`: it cannot be told.
    pub(super) fn several(
        &mut self,
        state: &[Literal],
        most: usize,
        search_facts: &mut impl Facts,
    ) -> Option<Vec<Value>> {
        let mut found: Vec<Value> = Vec::new();
        while found.len() < most {
            let mut state = state.to_vec();
            if !found.is_empty() {
                let listed = self.listed(&found);
                state.push(Literal::no(listed));
            }
            match self.solve(&state) {
                Outcome::Model(value) => {
                    let text = super::super::form::normal(&value).to_string();
                    if found
                        .iter()
                        .any(|known| super::super::form::normal(known) == text)
                    {
                        return None;
                    }
                    found.push(value);
                }
                Outcome::Empty(fact, on) => {
                    search_facts.keep(fact, on);
                    break;
                }
                Outcome::Unknown => return None,
            }
            if self.spent(1) {
                return None;
            }
        }
        Some(found)
    }
}

/// Where facts that a search rests on are kept.
pub(super) trait Facts {
    fn keep(&mut self, fact: FactId, on: usize);
}

impl Facts for Search {
    fn keep(&mut self, fact: FactId, on: usize) {
        self.facts.push(fact);
        self.on = self.on.min(on);
    }
}

/// One augmenting path of a bipartite matching.
fn augment(
    slot: usize,
    lists: &[Vec<usize>],
    owner: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    let Some(list) = lists.get(slot) else {
        return false;
    };
    for value in list {
        match seen.get_mut(*value) {
            Some(known) if !*known => *known = true,
            _ => continue,
        }
        let free = match owner.get(*value).copied().flatten() {
            None => true,
            Some(other) => augment(other, lists, owner, seen),
        };
        if free {
            if let Some(place) = owner.get_mut(*value) {
                *place = Some(slot);
            }
            return true;
        }
    }
    false
}
