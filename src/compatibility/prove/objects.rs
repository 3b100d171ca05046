//! Objects: every name has a state of its own, and what asks for a member is given a name.
//!
//! Names that a literal mentions are looked at one by one. All others fall into classes: which of the patterns they match.
//! A class is a state of strings, and empty when no name is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{
    super::{
        form::{Form, Id, Members, Type, Types},
        language::PatternId,
    },
    Choices, FactId, Literal, Outcome, Prover, Step, Stopped, Tree,
    arrays::Facts,
    branch::{Branch, speaks_of},
};
use crate::text::{Map, Value};

/// Members that an arrangement may have.
const MOST: u64 = 2_000;
/// Classes of names that are looked at for one object.
const CLASSES: usize = 512;

/// What a branch says of an object.
#[derive(Default)]
struct Said {
    boxes: Vec<(Members, Choices)>,
    /// `properties` and the like that do not hold: some member is against them.
    demands: Vec<Literal>,
    required: BTreeMap<Rc<str>, Choices>,
    absent: BTreeMap<Rc<str>, Choices>,
    least: u64,
    most: Option<u64>,
    names: Vec<Id>,
    /// What `names` depends on.
    named: Choices,
    /// The form of each pattern.
    patterns: BTreeMap<PatternId, Id>,
    /// Everything that names are told apart by, patterns and what demands ask of a name: one partition for all demands, so
    /// that two of them can share a member.
    told_apart_by: BTreeSet<Id>,
}

/// What holds of the names of a class, and what does not.
type Signs = BTreeMap<Id, bool>;

impl Said {
    fn matched(&self, signs: &Signs, pattern: PatternId) -> bool {
        self.patterns.get(&pattern).and_then(|form| signs.get(form)) == Some(&true)
    }

    fn at_most(&mut self, count: u64) {
        self.most = Some(self.most.map_or(count, |known| known.min(count)));
    }
}

/// Where a member may be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Name(Rc<str>),
    /// Any name of this state that is not mentioned.
    Class(Vec<Literal>),
}

/// A way to meet what a literal asks for.
#[derive(Clone, Debug)]
struct Way {
    place: Place,
    state: Vec<Literal>,
}

#[derive(Default)]
struct Search {
    facts: Vec<FactId>,
    on: Option<usize>,
    unknown: bool,
    /// The choices that the ways which were not found depend on.
    depends: Choices,
    /// One way is enough.
    one: bool,
}

impl Search {
    fn on(&self) -> usize {
        self.on.unwrap_or(usize::MAX)
    }
}

impl Facts for Search {
    fn keep(&mut self, fact: FactId, on: usize) {
        self.facts.push(fact);
        self.on = Some(self.on().min(on));
    }
}

impl Prover<'_> {
    fn object_said(&mut self, branch: &Branch) -> Option<Said> {
        let mut said = Said::default();
        for leaf in &branch.leaves {
            let depends = branch.knows(*leaf).unwrap_or_default();
            match (self.forms.get(leaf.form), leaf.holds) {
                (Form::Members(members), true) => said.boxes.push((members.clone(), depends)),
                (Form::Members(_) | Form::Names(_), false) => said.demands.push(*leaf),
                (Form::Names(names), true) => {
                    said.names.push(*names);
                    said.named = said.named.and(depends);
                }
                (Form::Required(name), true) => {
                    said.required.insert(Rc::clone(name), depends);
                }
                (Form::Required(name), false) => {
                    said.absent.insert(Rc::clone(name), depends);
                }
                (Form::FewestMembers(count), true) => said.least = said.least.max(*count),
                (Form::FewestMembers(count), false) => said.at_most(count.checked_sub(1)?),
                (Form::MostMembers(count), true) => said.at_most(*count),
                (Form::MostMembers(count), false) => {
                    said.least = said.least.max(count.saturating_add(1))
                }
                _ => {}
            }
        }
        for leaf in &branch.leaves {
            match (self.forms.get(leaf.form), leaf.holds) {
                (Form::Members(members), _) => {
                    for (pattern, _) in members.patterns.clone() {
                        let form = self.forms.add(Form::Pattern(pattern));
                        said.patterns.insert(pattern, form);
                        said.told_apart_by.insert(form);
                    }
                }
                (Form::Names(names), false) => {
                    said.told_apart_by.insert(*names);
                }
                _ => {}
            }
        }
        Some(said)
    }

    /// What holds of the member with this name, and on what that depends; `None` when a pattern cannot be judged.
    fn member_state(&mut self, said: &Said, name: &str) -> Option<(Vec<Literal>, Choices)> {
        let mut state = Vec::new();
        let mut depends = Choices::NONE;
        for (members, on) in &said.boxes {
            let before = state.len();
            let mut matched = false;
            if let Some(form) = members.get(name) {
                matched = true;
                state.push(Literal::yes(form));
            }
            for (pattern, form) in &members.patterns {
                if self.languages.matches(*pattern, name)? {
                    matched = true;
                    state.push(Literal::yes(*form));
                }
            }
            if !matched {
                state.extend(members.rest.map(Literal::yes));
            }
            if state.len() > before {
                depends = depends.and(*on);
            }
        }
        Some((state, depends))
    }

    /// Whether `propertyNames` allows a name; `None`: it cannot be told.
    fn name_allowed(&mut self, said: &Said, name: &str) -> Option<bool> {
        let mut unknown = false;
        for form in said.names.clone() {
            match self.text_fits(form, name) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => unknown = true,
            }
        }
        (!unknown).then_some(true)
    }

    fn unjudged(&mut self) {
        self.stop(Stopped::Form(
            None,
            "a pattern that no automaton stands for decides about a name".into(),
        ));
    }

    /// Required members that cannot be there.
    fn required_members(
        &mut self,
        said: &Said,
        values: &mut BTreeMap<Rc<str>, Value>,
    ) -> Result<bool, Step> {
        let mut known = true;
        for (name, required) in &said.required {
            if let Some(absent) = said.absent.get(name) {
                let depends = required.and(*absent);
                return Err(Step::Closed(
                    Tree::Forbidden(Rc::clone(name)),
                    usize::MAX,
                    depends,
                ));
            }
            if self.name_allowed(said, name) == Some(false) {
                let depends = required.and(said.named);
                return Err(Step::Closed(
                    Tree::Forbidden(Rc::clone(name)),
                    usize::MAX,
                    depends,
                ));
            }
            let Some((state, depends)) = self.member_state(said, name) else {
                self.unjudged();
                known = false;
                continue;
            };
            match self.solve(&state) {
                Outcome::Model(value) => {
                    values.insert(Rc::clone(name), value);
                }
                Outcome::Empty(fact, on) => {
                    let tree = Tree::Member(Rc::clone(name), fact);
                    return Err(Step::Closed(tree, on, depends.and(*required)));
                }
                Outcome::Unknown => known = false,
            }
        }
        Ok(known)
    }

    /// Contradictions that can be seen before the cases of the branch are followed: required members whose own literals
    /// clash without cases, and demands that no member can meet. What closes now would close in every case.
    pub(super) fn object_at_a_glance(&mut self, branch: &mut Branch) -> Option<Step> {
        let said = self.object_said(branch)?;
        let seen = (said.boxes.len(), said.demands.len(), said.required.len());
        if branch.glanced == seen {
            return None;
        }
        branch.glanced = seen;
        for (name, required) in &said.required {
            if let Some(absent) = said.absent.get(name) {
                let depends = required.and(*absent);
                return Some(Step::Closed(
                    Tree::Forbidden(Rc::clone(name)),
                    usize::MAX,
                    depends,
                ));
            }
            let (state, depends) = self.member_state(&said, name)?;
            if state.len() < 2 {
                continue;
            }
            if self.clashes_at_sight(&state)
                && let Outcome::Empty(fact, on) = self.solve(&state)
            {
                let tree = Tree::Member(Rc::clone(name), fact);
                return Some(Step::Closed(tree, on, depends.and(*required)));
            }
        }
        let mentioned = self.mentioned(&said);
        for demand in said.demands.clone() {
            let mut search = Search {
                one: true,
                ..Search::default()
            };
            let ways = self.ways(&said, demand, &mentioned, &mut search)?;
            if ways.is_empty() && !search.unknown {
                let on = search.on();
                let depends = search.depends.and(branch.knows(demand).unwrap_or_default());
                return Some(Step::Closed(
                    Tree::Demand(demand, search.facts),
                    on,
                    depends,
                ));
            }
        }
        None
    }

    fn of_objects(&self, branch: &Branch) -> Choices {
        branch.depends(|leaf| {
            speaks_of(self.forms.get(leaf.form)).is_some_and(|types| types.has(Type::Object))
        })
    }

    /// The names that some literal speaks of.
    fn mentioned(&self, said: &Said) -> BTreeSet<Rc<str>> {
        let mut mentioned: BTreeSet<Rc<str>> = said
            .required
            .keys()
            .chain(said.absent.keys())
            .cloned()
            .collect();
        for (members, _) in &said.boxes {
            mentioned.extend(members.named.iter().map(|(name, _)| Rc::clone(name)));
        }
        for demand in &said.demands {
            if let Form::Members(members) = self.forms.get(demand.form) {
                mentioned.extend(members.named.iter().map(|(name, _)| Rc::clone(name)));
            }
        }
        mentioned
    }

    /// Whether the literals contradict each other without cases, or no listed value has them all.
    fn clashes_at_sight(&mut self, state: &[Literal]) -> bool {
        let mut branch = Branch::new();
        for literal in state {
            branch.add(&self.forms, *literal, Choices::NONE);
        }
        if branch.clashes() {
            return true;
        }
        let list =
            branch
                .leaves
                .iter()
                .find_map(|leaf| match (self.forms.get(leaf.form), leaf.holds) {
                    (Form::Values(list), true) if list.len() <= 16 => Some(Rc::clone(list)),
                    _ => None,
                });
        let literals = branch.literals;
        list.is_some_and(|list| {
            list.iter()
                .all(|value| self.judge(&literals, value) == Some(false))
        })
    }

    pub(super) fn object(&mut self, branch: &Branch) -> Step {
        let Some(said) = self.object_said(branch) else {
            return Step::Closed(Tree::Counts, usize::MAX, self.of_objects(branch));
        };
        let required = said.required.len() as u64;
        if said
            .most
            .is_some_and(|most| most < said.least.max(required))
        {
            return Step::Closed(Tree::Counts, usize::MAX, self.of_objects(branch));
        }
        let mut values = BTreeMap::new();
        let mut search = Search::default();
        match self.required_members(&said, &mut values) {
            Ok(true) => {}
            Ok(false) => return Step::Unknown,
            Err(step) => return step,
        }
        let mentioned = self.mentioned(&said);
        let mut tasks: Vec<(Literal, Vec<Way>)> = Vec::new();
        for demand in said.demands.clone() {
            let mut ways = Search::default();
            let Some(found) = self.ways(&said, demand, &mentioned, &mut ways) else {
                self.unjudged();
                search.unknown = true;
                continue;
            };
            if found.is_empty() {
                if ways.unknown {
                    search.unknown = true;
                    continue;
                }
                let on = ways.on();
                let depends = ways.depends.and(branch.knows(demand).unwrap_or_default());
                return Step::Closed(Tree::Demand(demand, ways.facts), on, depends);
            }
            // What is unknown among the ways matters only when no known way works out.
            search.unknown |= ways.unknown;
            search.facts.extend(ways.facts.iter().copied());
            search.on = Some(search.on().min(ways.on()));
            tasks.push((demand, found));
        }
        if search.unknown && tasks.len() < said.demands.len() {
            return Step::Unknown;
        }
        // The demand with the fewest ways first.
        tasks.sort_by_key(|(_, ways)| ways.len());
        let placed: Vec<Way> = said
            .required
            .keys()
            .filter_map(|name| {
                Some(Way {
                    place: Place::Name(Rc::clone(name)),
                    state: self.member_state(&said, name)?.0,
                })
            })
            .collect();
        let object = self.placed(&said, &mentioned, &tasks, 0, placed, &mut search);
        match object {
            Some(object) => Step::Model(object),
            None if search.unknown => Step::Unknown,
            None => {
                let on = search.on();
                search.facts.sort_unstable();
                search.facts.dedup();
                Step::Closed(Tree::Arrangement(search.facts), on, self.of_objects(branch))
            }
        }
    }

    /// The ways to meet one demand; `None` when a pattern cannot be judged.
    fn ways(
        &mut self,
        said: &Said,
        demand: Literal,
        mentioned: &BTreeSet<Rc<str>>,
        search: &mut Search,
    ) -> Option<Vec<Way>> {
        let mut ways = Vec::new();
        match self.forms.get(demand.form).clone() {
            Form::Names(names) => {
                for name in mentioned {
                    if search.one && !ways.is_empty() {
                        return Some(ways);
                    }
                    if let Some(absent) = said.absent.get(name) {
                        search.depends = search.depends.and(*absent);
                        continue;
                    }
                    match self.text_fits(names, name) {
                        Some(false) => {}
                        Some(true) => continue,
                        None => {
                            search.unknown = true;
                            continue;
                        }
                    }
                    let (state, depends) = self.member_state(said, name)?;
                    search.depends = search.depends.and(depends);
                    self.way(said, Place::Name(Rc::clone(name)), state, &mut ways, search);
                }
                for (class, signs) in self.classes(said, mentioned, search) {
                    if signs.get(&names) == Some(&true) {
                        continue;
                    }
                    let state = class_state(said, &signs);
                    self.way(said, Place::Class(class), state, &mut ways, search);
                }
            }
            Form::Members(members) => {
                // Names that the demand speaks of.
                for name in mentioned {
                    if search.one && !ways.is_empty() {
                        return Some(ways);
                    }
                    let mut against: Vec<Id> = members.get(name).into_iter().collect();
                    let mut matched = !against.is_empty();
                    for (pattern, form) in &members.patterns {
                        if self.languages.matches(*pattern, name)? {
                            matched = true;
                            against.push(*form);
                        }
                    }
                    if !matched {
                        against.extend(members.rest);
                    }
                    against.retain(|form| *form != Id::ANYTHING);
                    if against.is_empty() {
                        continue;
                    }
                    if let Some(absent) = said.absent.get(name) {
                        search.depends = search.depends.and(*absent);
                        continue;
                    }
                    let (base, depends) = self.member_state(said, name)?;
                    search.depends = search.depends.and(depends);
                    for form in against {
                        if base.contains(&Literal::yes(form)) {
                            continue;
                        }
                        let mut state = base.clone();
                        state.push(Literal::no(form));
                        self.way(said, Place::Name(Rc::clone(name)), state, &mut ways, search);
                    }
                }
                // And all others, by the patterns that they match.
                let open = members.rest.is_some_and(|form| form != Id::ANYTHING)
                    || members
                        .patterns
                        .iter()
                        .any(|(_, form)| *form != Id::ANYTHING);
                if open && (!search.one || ways.is_empty()) {
                    for (class, signs) in self.classes(said, mentioned, search) {
                        let base = class_state(said, &signs);
                        let mut against: Vec<Id> = members
                            .patterns
                            .iter()
                            .filter(|(pattern, _)| said.matched(&signs, *pattern))
                            .map(|(_, form)| *form)
                            .collect();
                        if against.is_empty() {
                            against.extend(members.rest);
                        }
                        for form in against {
                            if form == Id::ANYTHING || base.contains(&Literal::yes(form)) {
                                continue;
                            }
                            let mut state = base.clone();
                            state.push(Literal::no(form));
                            self.way(said, Place::Class(class.clone()), state, &mut ways, search);
                        }
                    }
                }
            }
            _ => {}
        }
        Some(ways)
    }

    /// Keeps a way whose member can have a value.
    fn way(
        &mut self,
        said: &Said,
        place: Place,
        state: Vec<Literal>,
        ways: &mut Vec<Way>,
        search: &mut Search,
    ) {
        if let Place::Name(name) = &place {
            match self.name_allowed(said, name) {
                Some(true) => {}
                Some(false) => {
                    search.depends = search.depends.and(said.named);
                    return;
                }
                None => {
                    search.unknown = true;
                    return;
                }
            }
        }
        match self.solve(&state) {
            Outcome::Model(_) => ways.push(Way { place, state }),
            Outcome::Empty(fact, on) => search.keep(fact, on),
            Outcome::Unknown => search.unknown = true,
        }
    }

    /// The classes of names that are not mentioned: by the patterns that they match. Each is a state of strings.
    fn classes(
        &mut self,
        said: &Said,
        mentioned: &BTreeSet<Rc<str>>,
        search: &mut Search,
    ) -> Vec<(Vec<Literal>, Signs)> {
        for (_, depends) in &said.boxes {
            search.depends = search.depends.and(*depends);
        }
        search.depends = search.depends.and(said.named);
        let listed: Vec<Value> = mentioned
            .iter()
            .map(|name| Value::String(name.to_string()))
            .collect();
        let mut first = vec![Literal::yes(
            self.forms.add(Form::Type(Types::only(Type::String))),
        )];
        first.extend(said.names.iter().map(|names| Literal::yes(*names)));
        if !listed.is_empty() {
            first.push(Literal::no(self.listed(&listed)));
        }
        let mut found = vec![(first, BTreeMap::new())];
        for form in &said.told_apart_by {
            let form = *form;
            let mut refined = Vec::new();
            for (class, signs) in found {
                for holds in [false, true] {
                    let mut class = class.clone();
                    class.push(Literal { form, holds });
                    if refined.len() >= CLASSES {
                        self.stop(Stopped::Form(
                            Some(form),
                            "names fall into too many classes by the patterns that they match"
                                .into(),
                        ));
                        search.unknown = true;
                        return Vec::new();
                    }
                    match self.solve(&class) {
                        Outcome::Model(_) => {
                            let mut signs = signs.clone();
                            signs.insert(form, holds);
                            refined.push((class, signs));
                        }
                        Outcome::Empty(fact, on) => search.keep(fact, on),
                        Outcome::Unknown => search.unknown = true,
                    }
                }
            }
            found = refined;
        }
        if said.told_apart_by.is_empty() {
            found.retain(|(class, _)| match self.solve(class) {
                Outcome::Model(_) => true,
                Outcome::Empty(fact, on) => {
                    search.keep(fact, on);
                    false
                }
                Outcome::Unknown => {
                    search.unknown = true;
                    false
                }
            });
        }
        found
    }

    /// Places one demand after the other, then counts.
    fn placed(
        &mut self,
        said: &Said,
        mentioned: &BTreeSet<Rc<str>>,
        tasks: &[(Literal, Vec<Way>)],
        next: usize,
        placed: Vec<Way>,
        search: &mut Search,
    ) -> Option<Value> {
        if self.spent(1) {
            search.unknown = true;
            return None;
        }
        let Some((_, ways)) = tasks.get(next) else {
            return self.filled(said, mentioned, &placed, search);
        };
        let full = said.most.is_some_and(|most| placed.len() as u64 >= most);
        for way in ways {
            // Into a member that is there already, where it is the same name or one of the same class.
            let mut met = false;
            for (at, there) in placed.iter().enumerate() {
                if there.place != way.place {
                    continue;
                }
                met = true;
                let mut state: Vec<Literal> =
                    there.state.iter().chain(&way.state).copied().collect();
                state.sort_unstable();
                state.dedup();
                match self.solve(&state) {
                    Outcome::Model(_) => {
                        let mut joined = placed.clone();
                        if let Some(member) = joined.get_mut(at) {
                            member.state = state;
                        }
                        let found = self.placed(said, mentioned, tasks, next + 1, joined, search);
                        if found.is_some() {
                            return found;
                        }
                    }
                    Outcome::Empty(fact, on) => search.keep(fact, on),
                    Outcome::Unknown => search.unknown = true,
                }
            }
            let own = matches!(way.place, Place::Class(_)) || !met;
            if own && !full {
                let mut more = placed.clone();
                more.push(way.clone());
                let found = self.placed(said, mentioned, tasks, next + 1, more, search);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// The object with these members, and as many others as it needs.
    fn filled(
        &mut self,
        said: &Said,
        mentioned: &BTreeSet<Rc<str>>,
        placed: &[Way],
        search: &mut Search,
    ) -> Option<Value> {
        let count = placed.len() as u64;
        if said.most.is_some_and(|most| count > most) {
            return None;
        }
        let mut object: Map<String, Value> = Map::new();
        for way in placed {
            let name = match &way.place {
                Place::Name(name) => name.to_string(),
                Place::Class(class) => self.fresh(class, &object, search)?,
            };
            match self.solve(&way.state) {
                Outcome::Model(value) => {
                    object.insert(name, value);
                }
                Outcome::Empty(fact, on) => {
                    search.keep(fact, on);
                    return None;
                }
                Outcome::Unknown => {
                    search.unknown = true;
                    return None;
                }
            }
        }
        if said.least <= count {
            return Some(Value::Object(object));
        }
        if said.least > MOST {
            self.stop(Stopped::Form(
                None,
                format!("an object of {} members", said.least),
            ));
            search.unknown = true;
            return None;
        }
        for name in mentioned {
            if object.len() as u64 >= said.least {
                break;
            }
            if object.contains_key(name.as_ref()) || said.absent.contains_key(name) {
                continue;
            }
            match self.name_allowed(said, name) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    search.unknown = true;
                    continue;
                }
            }
            let Some((state, _)) = self.member_state(said, name) else {
                search.unknown = true;
                continue;
            };
            match self.solve(&state) {
                Outcome::Model(value) => {
                    object.insert(name.to_string(), value);
                }
                Outcome::Empty(fact, on) => search.keep(fact, on),
                Outcome::Unknown => search.unknown = true,
            }
        }
        if object.len() as u64 >= said.least {
            return Some(Value::Object(object));
        }
        for (class, signs) in self.classes(said, mentioned, search) {
            let state = class_state(said, &signs);
            let value = match self.solve(&state) {
                Outcome::Model(value) => value,
                Outcome::Empty(fact, on) => {
                    search.keep(fact, on);
                    continue;
                }
                Outcome::Unknown => {
                    search.unknown = true;
                    continue;
                }
            };
            while (object.len() as u64) < said.least {
                match self.fresh(&class, &object, search) {
                    Some(name) => {
                        object.insert(name, value.clone());
                    }
                    None => break,
                }
            }
        }
        (object.len() as u64 >= said.least).then_some(Value::Object(object))
    }

    /// A name of a class that the object does not have yet.
    fn fresh(
        &mut self,
        class: &[Literal],
        object: &Map<String, Value>,
        search: &mut Search,
    ) -> Option<String> {
        let mut state = class.to_vec();
        if !object.is_empty() {
            let names: Vec<Value> = object
                .keys()
                .map(|name| Value::String(name.clone()))
                .collect();
            state.push(Literal::no(self.listed(&names)));
        }
        match self.solve(&state) {
            Outcome::Model(Value::String(name)) => Some(name),
            Outcome::Empty(fact, on) => {
                search.keep(fact, on);
                None
            }
            _ => {
                search.unknown = true;
                None
            }
        }
    }
}

/// What holds of a member whose name is not mentioned and matches these patterns.
fn class_state(said: &Said, signs: &Signs) -> Vec<Literal> {
    let mut state = Vec::new();
    for (members, _) in &said.boxes {
        let mut matched = false;
        for (pattern, form) in &members.patterns {
            if said.matched(signs, *pattern) {
                matched = true;
                state.push(Literal::yes(*form));
            }
        }
        if !matched {
            state.extend(members.rest.map(Literal::yes));
        }
    }
    state
}
