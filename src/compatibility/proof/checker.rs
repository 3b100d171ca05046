//! Checks a proof, rule by rule, with code of its own.
//!
//! A fact says that no value has all literals of its state. Its tree is believed only where each rule in it applies: the
//! rule is applied again to the literals of its branch, and what it leaves must be closed by the trees below it. What a rule
//! says about members, items and names rests on other facts; those are about values inside the value at hand (or about its
//! property names), so facts may name one another in circles: a smallest value against one of them would hold a smaller one
//! inside it.
//!
//! Nothing here is shared with the prover except the forms, the evaluation of one value and the automata of patterns. The
//! checker searches nothing: which rule comes next, and on which literal, is in the tree.

use std::{collections::HashSet, fmt, rc::Rc};

use num_traits::ToPrimitive as _;

use super::{
    super::{
        form::{Evaluation, Form, Forms, Id, Members, Opaques, Type, Types, rational, values},
        language::{Languages, PatternId, Query},
        prove::{Fact, FactId, Literal, Tree},
        steps::{Spent, Steps},
    },
    arrangement::{self, Premises},
    numbers, premises,
};
use crate::text::Value;

/// Rules inside one another.
const DEEPEST: usize = 450;
/// How deep a form is looked into to see that a whole type has it, or none of the type.
const GLANCE: usize = 8;

/// Why a proof is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The proof is about another question.
    OtherQuestion,
    /// A step names a fact that is not there.
    NoFact,
    /// The step of this rule does not follow.
    DoesNotFollow(&'static str),
    /// Whether the step of this rule follows could not be told.
    NotChecked(&'static str),
    /// The steps were used up.
    Spent,
    /// Rules are too deep inside one another.
    TooDeep,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherQuestion => out.write_str("the proof is about another question"),
            Self::NoFact => out.write_str("the proof names a fact that it does not have"),
            Self::DoesNotFollow(rule) => write!(out, "a step by the rule `{rule}` does not follow"),
            Self::NotChecked(rule) => {
                write!(out, "a step by the rule `{rule}` could not be checked")
            }
            Self::Spent => out.write_str("the steps for the check were used up"),
            Self::TooDeep => out.write_str("the proof nests its rules too deep"),
        }
    }
}

impl std::error::Error for Fault {}

impl From<Spent> for Fault {
    fn from(_: Spent) -> Self {
        Self::Spent
    }
}

/// Accepts a proof that no value has the first form of `question` without having the second.
pub(in crate::compatibility) fn check(
    forms: &mut Forms,
    languages: &mut Languages,
    facts: &[Fact],
    root: FactId,
    question: [Id; 2],
    steps: &mut Steps,
) -> Result<(), Fault> {
    let [old, new] = question;
    let asked = told([Literal::yes(old), Literal::no(new)]);
    let fact = facts.get(root.0 as usize).ok_or(Fault::NoFact)?;
    if told(fact.state.iter().copied()) != asked {
        return Err(Fault::OtherQuestion);
    }
    follows(forms, languages, facts, root, steps)
}

/// Accepts that no value has the state of `root`.
pub(super) fn follows(
    forms: &mut Forms,
    languages: &mut Languages,
    facts: &[Fact],
    root: FactId,
    steps: &mut Steps,
) -> Result<(), Fault> {
    let mut checker = Checker {
        forms,
        languages,
        opaques: Opaques::default(),
        facts,
        steps,
    };
    let mut seen = HashSet::from([root]);
    let mut pending = vec![root];
    while let Some(id) = pending.pop() {
        let fact = checker.fact(id)?;
        let mut branch = Branch::default();
        for literal in &fact.state {
            checker.add(&mut branch, *literal)?;
        }
        checker.closes(&mut branch, &fact.tree, 0)?;
        let mut named = Vec::new();
        premises(&fact.tree, &mut named);
        pending.extend(named.into_iter().filter(|id| seen.insert(*id)));
    }
    Ok(())
}

/// The literals that say something, each once, in order.
pub(super) fn told(literals: impl IntoIterator<Item = Literal>) -> Vec<Literal> {
    let mut told: Vec<Literal> = literals
        .into_iter()
        .filter(|literal| {
            *literal != Literal::yes(Id::ANYTHING) && *literal != Literal::no(Id::NOTHING)
        })
        .collect();
    told.sort_unstable();
    told.dedup();
    told
}

/// What is known of one value, with a way back to what was known before.
#[derive(Debug)]
struct Branch {
    known: HashSet<Literal>,
    /// The same in the order it came.
    trail: Vec<Literal>,
    types: Types,
    /// The type, where the branch is about one.
    kind: Option<Type>,
    opposites: bool,
}

impl Default for Branch {
    fn default() -> Self {
        Self {
            known: HashSet::new(),
            trail: Vec::new(),
            types: Types::ALL,
            kind: None,
            opposites: false,
        }
    }
}

/// What was known at some time.
#[derive(Clone, Copy)]
struct Mark {
    length: usize,
    types: Types,
    kind: Option<Type>,
    opposites: bool,
}

impl Branch {
    fn mark(&self) -> Mark {
        Mark {
            length: self.trail.len(),
            types: self.types,
            kind: self.kind,
            opposites: self.opposites,
        }
    }

    fn back_to(&mut self, mark: Mark) {
        for literal in self.trail.drain(mark.length..) {
            self.known.remove(&literal);
        }
        self.types = mark.types;
        self.kind = mark.kind;
        self.opposites = mark.opposites;
    }

    fn has(&self, literal: Literal) -> bool {
        self.known.contains(&literal)
    }

    /// Whether no value has what is known: a form holds and does not, or no type is left.
    fn is_contradictory(&self) -> bool {
        self.opposites || self.types.is_empty()
    }
}

struct Checker<'c> {
    forms: &'c mut Forms,
    languages: &'c mut Languages,
    opaques: Opaques,
    facts: &'c [Fact],
    steps: &'c mut Steps,
}

impl<'c> Checker<'c> {
    fn fact(&self, id: FactId) -> Result<&'c Fact, Fault> {
        usize::try_from(id.0)
            .ok()
            .and_then(|at| self.facts.get(at))
            .ok_or(Fault::NoFact)
    }

    /// Takes in a literal with all that it says without cases: the parts of a conjunction, the type that the negation of a
    /// keyword leaves, what an excluded array or object must differ in.
    fn add(&mut self, branch: &mut Branch, literal: Literal) -> Result<(), Fault> {
        let mut pending = vec![literal];
        while let Some(literal) = pending.pop() {
            if !branch.known.insert(literal) {
                continue;
            }
            self.steps.take(1)?;
            branch.trail.push(literal);
            branch.opposites |= branch.has(literal.opposite());
            let holds = literal.holds;
            match self.forms.get(literal.form) {
                Form::Anything => branch.opposites |= !holds,
                Form::Nothing => branch.opposites |= holds,
                Form::All(parts) if holds => {
                    pending.extend(parts.iter().map(|id| Literal::yes(*id)))
                }
                Form::Any(parts) if !holds => {
                    pending.extend(parts.iter().map(|id| Literal::no(*id)))
                }
                Form::Not(inner) => pending.push(Literal {
                    form: *inner,
                    holds: !holds,
                }),
                Form::Type(types) if holds => branch.types = branch.types.and(*types),
                Form::Type(types) => branch.types = branch.types.without(*types),
                Form::Values(list) if holds => branch.types = branch.types.and(types_of(list)),
                Form::Values(list) => {
                    let list = Rc::clone(list);
                    self.exclude(branch, &list, &mut pending);
                }
                form => {
                    if let (false, Some(types)) = (holds, subject(form)) {
                        branch.types = branch.types.and(types);
                    }
                }
            }
        }
        Ok(())
    }

    /// An array or object that is excluded differs in its length or names, or in an item or member.
    fn exclude(&mut self, branch: &Branch, list: &[Value], pending: &mut Vec<Literal>) {
        for value in list
            .iter()
            .filter(|value| Some(Type::of(value)) == branch.kind)
        {
            let parts = match value {
                Value::Array(items) => {
                    let count = items.len() as u64;
                    let each = items
                        .iter()
                        .map(|item| self.forms.add(values([item])))
                        .collect();
                    vec![
                        self.forms.add(Form::FewestItems(count)),
                        self.forms.add(Form::MostItems(count)),
                        self.forms.add(Form::Items(each, None)),
                    ]
                }
                Value::Object(map) => {
                    let mut named: Vec<(Rc<str>, Id)> = map
                        .iter()
                        .map(|(name, member)| {
                            (Rc::from(name.as_str()), self.forms.add(values([member])))
                        })
                        .collect();
                    named.sort_unstable();
                    let mut parts: Vec<Id> = named
                        .iter()
                        .map(|(name, _)| self.forms.add(Form::Required(Rc::clone(name))))
                        .collect();
                    parts.push(self.forms.add(Form::Members(Members {
                        named: named.into(),
                        patterns: Box::default(),
                        rest: Some(Id::NOTHING),
                    })));
                    parts
                }
                _ => continue,
            };
            pending.push(Literal::no(self.forms.add(Form::All(parts.into()))));
        }
    }

    /// From here on the branch is about one type.
    fn settle(&mut self, branch: &mut Branch, kind: Type) -> Result<(), Fault> {
        branch.kind = Some(kind);
        branch.types = branch.types.and(Types::only(kind));
        if !matches!(kind, Type::Array | Type::Object) {
            return Ok(());
        }
        let mut differences = Vec::new();
        for literal in &branch.trail {
            if let (Form::Values(list), false) = (self.forms.get(literal.form), literal.holds) {
                let list = Rc::clone(list);
                self.exclude(branch, &list, &mut differences);
            }
        }
        for literal in differences {
            self.add(branch, literal)?;
        }
        Ok(())
    }

    /// Whether the tree closes the branch.
    fn closes(&mut self, branch: &mut Branch, tree: &'c Tree, depth: usize) -> Result<(), Fault> {
        self.steps.take(1)?;
        if depth > DEEPEST {
            return Err(Fault::TooDeep);
        }
        let rule = name(tree);
        let follows = |follows: bool| {
            if follows {
                Ok(())
            } else {
                Err(Fault::DoesNotFollow(rule))
            }
        };
        let kind = branch.kind;
        match tree {
            Tree::Clash => follows(branch.is_contradictory()),
            Tree::Types(branches) => {
                follows(kind.is_none())?;
                for kind in branch.types.iter() {
                    let tree = branches.iter().find(|(known, _)| *known == kind);
                    let (_, tree) = tree.ok_or(Fault::DoesNotFollow(rule))?;
                    let mark = branch.mark();
                    self.settle(branch, kind)?;
                    self.closes(branch, tree, depth + 1)?;
                    branch.back_to(mark);
                }
                Ok(())
            }
            Tree::Cases(literal, trees) => {
                let kind = kind.ok_or(Fault::DoesNotFollow(rule))?;
                follows(branch.has(*literal))?;
                let cases = self.cases(*literal).ok_or(Fault::DoesNotFollow(rule))?;
                follows(cases.len() == trees.len())?;
                for (case, tree) in cases.iter().zip(trees) {
                    match tree {
                        None => {
                            let mut fails = false;
                            for one in case {
                                fails = fails
                                    || branch.has(one.opposite())
                                    || by_type(self.forms, self.steps, one.form, kind, 0)?
                                        == Some(!one.holds);
                            }
                            follows(fails)?;
                        }
                        Some(tree) => self.closes_with(branch, case, tree, depth)?,
                    }
                }
                Ok(())
            }
            Tree::Decide(form, holds, fails) => {
                follows(kind.is_some())?;
                self.closes_with(branch, &[Literal::yes(*form)], holds, depth)?;
                self.closes_with(branch, &[Literal::no(*form)], fails, depth)
            }
            Tree::Rest(literal, plain, tree) => {
                let kind = kind.ok_or(Fault::DoesNotFollow(rule))?;
                follows(branch.has(*literal))?;
                follows(self.without_rest(branch, *literal, kind)? == Some(*plain))?;
                self.closes_with(branch, &[*plain], tree, depth)
            }
            Tree::Values => {
                let kind = kind.ok_or(Fault::DoesNotFollow(rule))?;
                follows(self.no_listed_value(branch, kind)?)
            }
            Tree::Numbers => {
                follows(kind == Some(Type::Number))?;
                follows(numbers::none(self.forms, &branch.trail, self.steps)?)
            }
            Tree::Strings => {
                follows(kind == Some(Type::String))?;
                follows(self.no_string(&branch.trail)?)
            }
            Tree::Counts => follows(match kind {
                Some(Type::Array) => arrangement::too_few_items(self.forms, &branch.trail),
                Some(Type::Object) => arrangement::too_few_members(self.forms, &branch.trail),
                _ => false,
            }),
            Tree::Forbidden(name) => {
                follows(kind == Some(Type::Object))?;
                let required = self.forms.add(Form::Required(Rc::clone(name)));
                follows(branch.has(Literal::yes(required)))?;
                follows(branch.has(Literal::no(required)) || self.no_such_name(branch, name))
            }
            Tree::Member(name, fact) => {
                follows(kind == Some(Type::Object))?;
                let required = self.forms.add(Form::Required(Rc::clone(name)));
                follows(branch.has(Literal::yes(required)))?;
                let member = arrangement::member(self.forms, self.languages, &branch.trail, name)?;
                follows(Premises::new([self.fact(*fact)?.state.as_ref()]).refute(&member))
            }
            Tree::Item(position, fact) => {
                follows(kind == Some(Type::Array))?;
                let item = arrangement::item(self.forms, &branch.trail, *position);
                let item = item.ok_or(Fault::DoesNotFollow(rule))?;
                follows(Premises::new([self.fact(*fact)?.state.as_ref()]).refute(&item))
            }
            Tree::Demand(_, facts) | Tree::Arrangement(facts) => {
                let asked = match tree {
                    Tree::Demand(literal, _) => {
                        follows(branch.has(*literal))?;
                        Some(*literal)
                    }
                    _ => None,
                };
                let states: Vec<&[Literal]> = facts
                    .iter()
                    .map(|id| self.fact(*id).map(|fact| fact.state.as_ref()))
                    .collect::<Result<_, _>>()?;
                let premises = Premises::new(states);
                let mut room = arrangement::Room {
                    forms: self.forms,
                    languages: self.languages,
                    opaques: &mut self.opaques,
                    steps: self.steps,
                    premises: &premises,
                    rule,
                };
                follows(match kind {
                    Some(Type::Array) => room.no_array(&branch.trail, asked)?,
                    Some(Type::Object) => room.no_object(&branch.trail, asked)?,
                    _ => false,
                })
            }
        }
    }

    /// Whether the tree closes the branch with these literals besides.
    fn closes_with(
        &mut self,
        branch: &mut Branch,
        literals: &[Literal],
        tree: &'c Tree,
        depth: usize,
    ) -> Result<(), Fault> {
        let mark = branch.mark();
        for literal in literals {
            self.add(branch, *literal)?;
        }
        self.closes(branch, tree, depth + 1)?;
        branch.back_to(mark);
        Ok(())
    }

    /// The cases of a literal: whenever it is true, all of one of these lists are. `None`: it has none.
    fn cases(&mut self, literal: Literal) -> Option<Vec<Vec<Literal>>> {
        let holds = literal.holds;
        Some(match (self.forms.get(literal.form), holds) {
            // One part fails; one part holds.
            (Form::All(parts), false) | (Form::Any(parts), true) => parts
                .iter()
                .map(|id| vec![Literal { form: *id, holds }])
                .collect(),
            // This one holds, the others fail.
            (Form::One(parts), true) => (0..parts.len())
                .map(|chosen| {
                    let of_part = |(at, id): (usize, &Id)| Literal {
                        form: *id,
                        holds: at == chosen,
                    };
                    parts.iter().enumerate().map(of_part).collect()
                })
                .collect(),
            // All fail, or some two hold.
            (Form::One(parts), false) => {
                let mut cases = vec![parts.iter().map(|id| Literal::no(*id)).collect::<Vec<_>>()];
                for (at, first) in parts.iter().enumerate() {
                    let later = parts.iter().skip(at + 1);
                    cases.extend(
                        later.map(|second| vec![Literal::yes(*first), Literal::yes(*second)]),
                    );
                }
                cases
            }
            (Form::If(condition, then, otherwise), _) => vec![
                vec![Literal::yes(*condition), Literal { form: *then, holds }],
                vec![
                    Literal::no(*condition),
                    Literal {
                        form: *otherwise,
                        holds,
                    },
                ],
            ],
            // Too few items of the form, or too many.
            (Form::Contains(item, least, most), false) => {
                let (item, least, most) = (*item, *least, *most);
                let few =
                    (least > 0).then(|| Form::Contains(item, 0, Some(least.saturating_sub(1))));
                let many = most
                    .filter(|most| *most < u64::MAX)
                    .map(|most| Form::Contains(item, most.saturating_add(1), None));
                let each = few.into_iter().chain(many);
                each.map(|form| vec![Literal::yes(self.forms.add(form))])
                    .collect()
            }
            _ => return None,
        })
    }

    /// What an `unevaluated…` literal says once it is known which of the subschemas in place hold; `None` where one is not.
    fn without_rest(
        &mut self,
        branch: &Branch,
        literal: Literal,
        kind: Type,
    ) -> Result<Option<Literal>, Fault> {
        let (mut pending, then, members) = match self.forms.get(literal.form) {
            Form::RestMembers(beside, then) if kind == Type::Object => {
                (beside.to_vec(), *then, true)
            }
            Form::RestItems(beside, then) if kind == Type::Array => (beside.to_vec(), *then, false),
            _ => return Ok(None),
        };
        let mut everything = false;
        let mut names: Vec<(Rc<str>, Id)> = Vec::new();
        let mut patterns: Vec<(PatternId, Id)> = Vec::new();
        let mut first = 0;
        let mut also = vec![then];
        let mut seen = HashSet::new();
        while let Some(id) = pending.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.forms.get(id).clone() {
                Form::All(parts) => pending.extend(parts),
                Form::Any(parts) | Form::One(parts) => {
                    for part in parts {
                        match self.truth(branch, part, kind)? {
                            Some(true) => pending.push(part),
                            Some(false) => {}
                            None => return Ok(None),
                        }
                    }
                }
                Form::If(condition, then, otherwise) => {
                    match self.truth(branch, condition, kind)? {
                        Some(true) => pending.extend([condition, then]),
                        Some(false) => pending.push(otherwise),
                        None => return Ok(None),
                    }
                }
                Form::Members(said) if members => {
                    everything |= said.rest.is_some();
                    names.extend(
                        said.named
                            .iter()
                            .map(|(name, _)| (Rc::clone(name), Id::ANYTHING)),
                    );
                    patterns.extend(
                        said.patterns
                            .iter()
                            .map(|(pattern, _)| (*pattern, Id::ANYTHING)),
                    );
                }
                Form::RestMembers(..) => everything |= members,
                Form::RestItems(..) => everything |= !members,
                Form::Items(prefix, rest) if !members => {
                    everything |= rest.is_some();
                    first = first.max(prefix.len());
                }
                // From 2020-12 on an item that `contains` found is evaluated.
                Form::Contains(item, ..) if !members => also.push(item),
                _ => {}
            }
        }
        let form = if everything {
            Id::ANYTHING
        } else if members {
            names.sort_unstable();
            names.dedup();
            patterns.sort_unstable();
            patterns.dedup();
            self.forms.add(Form::Members(Members {
                named: names.into(),
                patterns: patterns.into(),
                rest: Some(then),
            }))
        } else {
            let rest = self.forms.add(Form::Any(also.into()));
            self.forms
                .add(Form::Items(vec![Id::ANYTHING; first].into(), Some(rest)))
        };
        Ok(Some(Literal {
            form,
            holds: literal.holds,
        }))
    }

    fn truth(&mut self, branch: &Branch, form: Id, kind: Type) -> Result<Option<bool>, Fault> {
        if branch.has(Literal::yes(form)) {
            Ok(Some(true))
        } else if branch.has(Literal::no(form)) {
            Ok(Some(false))
        } else {
            by_type(self.forms, self.steps, form, kind, 0)
        }
    }

    /// Whether every value that a literal lists (or that the type has) is against another literal.
    fn no_listed_value(&mut self, branch: &Branch, kind: Type) -> Result<bool, Fault> {
        let list: Vec<Value> = match kind {
            Type::Null => vec![Value::Null],
            Type::Boolean => vec![Value::Bool(false), Value::Bool(true)],
            _ => {
                let lists = branch
                    .trail
                    .iter()
                    .filter(|literal| literal.holds)
                    .filter_map(|literal| match self.forms.get(literal.form) {
                        Form::Values(list) => Some(list),
                        _ => None,
                    });
                match lists.min_by_key(|list| list.len()) {
                    Some(list) => list
                        .iter()
                        .filter(|value| Type::of(value) == kind)
                        .cloned()
                        .collect(),
                    None => return Ok(false),
                }
            }
        };
        for value in list.iter().flat_map(spellings) {
            let mut fails = false;
            for literal in &branch.trail {
                self.steps.take(1)?;
                let mut evaluation = Evaluation {
                    forms: self.forms,
                    languages: self.languages,
                    opaques: &mut self.opaques,
                    steps: self.steps,
                    // Inside an array or object a whole number may be written either way.
                    either_way: !matches!(value, Value::Number(_)),
                };
                if evaluation.holds(literal.form, &value) == Some(!literal.holds) {
                    fails = true;
                    break;
                }
            }
            if !fails {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether no text has these literals.
    fn no_string(&mut self, literals: &[Literal]) -> Result<bool, Fault> {
        let (mut within, mut outside, mut except) = (Vec::new(), Vec::new(), Vec::new());
        let mut shortest = 0;
        // One more than the longest.
        let mut end: Option<u64> = None;
        let mut before = |length: Option<u64>| {
            if let Some(length) = length {
                end = Some(end.map_or(length, |end| end.min(length)));
            }
        };
        for literal in literals {
            match (self.forms.get(literal.form), literal.holds) {
                (Form::Pattern(pattern), true) => within.push(*pattern),
                (Form::Pattern(pattern), false) => outside.push(*pattern),
                (Form::ShortestText(length), true) => shortest = shortest.max(*length),
                (Form::ShortestText(length), false) => before(Some(*length)),
                (Form::LongestText(length), true) => before(length.checked_add(1)),
                (Form::LongestText(length), false) => {
                    shortest = shortest.max(length.saturating_add(1))
                }
                (Form::Values(list), false) => except.extend(list.iter().filter_map(Value::as_str)),
                _ => {}
            }
        }
        if end.is_some_and(|end| end <= shortest) {
            return Ok(true);
        }
        let query = Query {
            within: &within,
            outside: &outside,
            min_length: shortest,
            max_length: end.map(|end| end.saturating_sub(1)),
            except: &except,
        };
        match self.languages.is_empty(&query, self.steps) {
            Ok(empty) => Ok(empty),
            Err(super::super::language::Stopped::Spent) => Err(Fault::Spent),
            Err(super::super::language::Stopped::Unsupported(_)) => {
                Err(Fault::NotChecked("strings"))
            }
        }
    }

    /// Whether `propertyNames` is against the name.
    fn no_such_name(&mut self, branch: &Branch, name: &str) -> bool {
        let text = Value::String(name.to_owned());
        branch
            .trail
            .iter()
            .filter(|literal| literal.holds)
            .any(|literal| {
                let Form::Names(names) = self.forms.get(literal.form) else {
                    return false;
                };
                let names = *names;
                let mut evaluation = Evaluation {
                    forms: self.forms,
                    languages: self.languages,
                    opaques: &mut self.opaques,
                    steps: self.steps,
                    either_way: false,
                };
                evaluation.holds(names, &text) == Some(false)
            })
    }
}

/// Whether every value of the type has the form (or none has it), as far as that shows without looking at values.
fn by_type(
    forms: &Forms,
    steps: &mut Steps,
    form: Id,
    kind: Type,
    depth: usize,
) -> Result<Option<bool>, Fault> {
    steps.take(1)?;
    if depth >= GLANCE {
        return Ok(None);
    }
    let mut part = |id: &Id| by_type(forms, steps, *id, kind, depth + 1);
    Ok(match forms.get(form) {
        Form::Anything => Some(true),
        Form::Nothing => Some(false),
        Form::Type(types) => Some(types.has(kind)),
        Form::Values(list) => (!types_of(list).has(kind)).then_some(false),
        Form::Not(inner) => part(inner)?.map(|holds| !holds),
        // One part that fails for certain, or one that holds for certain, settles it.
        Form::All(parts) | Form::Any(parts) => {
            let settling = matches!(forms.get(form), Form::Any(_));
            let mut unsettled = Some(!settling);
            for id in parts {
                match part(id)? {
                    Some(holds) if holds == settling => return Ok(Some(settling)),
                    Some(_) => {}
                    None => unsettled = None,
                }
            }
            unsettled
        }
        Form::One(parts) => {
            for id in parts {
                if part(id)? != Some(false) {
                    return Ok(None);
                }
            }
            Some(false)
        }
        Form::If(condition, then, otherwise) => match part(condition)? {
            Some(true) => part(then)?,
            Some(false) => part(otherwise)?,
            None => {
                let then = part(then)?;
                if then.is_some() && part(otherwise)? == then {
                    then
                } else {
                    None
                }
            }
        },
        form => subject(form).filter(|types| !types.has(kind)).map(|_| true),
    })
}

/// The name of the rule, as the trace has it.
pub(super) fn name(tree: &Tree) -> &'static str {
    match tree {
        Tree::Clash => "contradiction",
        Tree::Types(_) => "types",
        Tree::Cases(..) => "cases",
        Tree::Decide(..) => "decide",
        Tree::Rest(..) => "unevaluated",
        Tree::Values => "values",
        Tree::Numbers => "numbers",
        Tree::Strings => "strings",
        Tree::Counts => "counts",
        Tree::Forbidden(_) => "forbidden_member",
        Tree::Member(..) => "member",
        Tree::Item(..) => "item",
        Tree::Demand(..) => "demand",
        Tree::Arrangement(_) => "arrangement",
    }
}

fn types_of(list: &[Value]) -> Types {
    list.iter()
        .fold(Types::NONE, |types, value| types.with(Type::of(value)))
}

/// The types that a keyword asserts about: every value of the others has its form. `None`: the form is no keyword of types.
fn subject(form: &Form) -> Option<Types> {
    let kind = match form {
        Form::From(..) | Form::To(..) | Form::Multiple(_) | Form::WrittenWhole => Type::Number,
        Form::ShortestText(_) | Form::LongestText(_) | Form::Pattern(_) => Type::String,
        Form::FewestItems(_) | Form::MostItems(_) | Form::Distinct => Type::Array,
        Form::Items(..) | Form::Contains(..) | Form::RestItems(..) => Type::Array,
        Form::FewestMembers(_) | Form::MostMembers(_) | Form::Required(_) => Type::Object,
        Form::Members(_) | Form::Names(_) | Form::RestMembers(..) => Type::Object,
        Form::Opaque(types, _) => return Some(*types),
        _ => return None,
    };
    Some(Types::only(kind))
}

/// The value, and where it is a whole number the other way to write it: draft-04 tells 1 from 1.0.
fn spellings(value: &Value) -> Vec<Value> {
    let mut all = vec![value.clone()];
    let Value::Number(number) = value else {
        return all;
    };
    let exact = rational(number);
    let others = [
        number.as_f64().map(Value::from),
        exact
            .as_ref()
            .filter(|exact| exact.is_integer())
            .and_then(|exact| exact.to_integer().to_i64())
            .map(Value::from),
        exact
            .as_ref()
            .filter(|exact| exact.is_integer())
            .and_then(|exact| exact.to_integer().to_u64())
            .map(Value::from),
    ];
    for other in others.into_iter().flatten() {
        let same = matches!(&other, Value::Number(other) if rational(other) == exact);
        if same && !all.contains(&other) {
            all.push(other);
        }
    }
    all
}
