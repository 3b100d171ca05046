//! Is there a value with which these forms hold and those do not? An instance, or a proof that there is none.
//!
//! "Does new accept everything that old accepts" is the question whether a value exists of which *old* holds and *new* does
//! not. The method is an analytic tableau: the [state](Literal) of one value is taken apart, by type and by cases, until
//! each branch either closes (two of its literals contradict each other, or a theory of numbers, strings, arrays or objects
//! finds no room) or stays open, and then the value is built. Items and members are values of their own with states of
//! their own. A state that comes back while it is being refuted is refuted: JSON values are finite, so a smallest
//! counterexample has no smaller one inside it (induction on the value; this covers recursive schemas in both directions:
//! what did not change, and types that no finite value can have).
//!
//! Every refuted state leaves a [fact](Fact) with its [tree](Tree), which `proof/` prints and checks.

mod arrays;
mod branch;
mod numbers;
mod objects;
mod rest;
mod strings;

use std::collections::HashMap;

use crate::text::Value;

use super::{
    form::{Compiled, Evaluation, Form, Forms, Id, Opaques, Type, values},
    language::Languages,
    steps::Steps,
};
use branch::Branch;

/// A form that holds of a value, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Literal {
    pub form: Id,
    pub holds: bool,
}

impl Literal {
    pub(super) fn yes(form: Id) -> Self {
        Self { form, holds: true }
    }

    pub(super) fn no(form: Id) -> Self {
        Self { form, holds: false }
    }

    pub(super) fn opposite(self) -> Self {
        Self {
            form: self.form,
            holds: !self.holds,
        }
    }
}

/// A [`Fact`] by its place in the list of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FactId(pub u32);

/// No value has this state, and why.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub state: Box<[Literal]>,
    pub tree: Tree,
}

/// Why a branch closes.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    /// The literals contradict each other at sight, or leave no type.
    Clash,
    /// One branch for each type that is left.
    Types(Vec<(Type, Tree)>),
    /// One branch for each case of a literal; `None`: the case contradicts the branch at sight.
    Cases(Literal, Vec<Option<Tree>>),
    /// One branch where a form holds, one where it does not.
    Decide(Id, Box<Tree>, Box<Tree>),
    /// With every condition decided, an `unevaluated…` literal says what the second one says.
    Rest(Literal, Literal, Box<Tree>),
    /// The branch lists the values that are left (or has the type null or boolean), and each fails.
    Values,
    /// The bounds and divisors leave no number.
    Numbers,
    /// The patterns, lengths and exclusions leave no string.
    Strings,
    /// More is required than allowed.
    Counts,
    /// This member is required and forbidden, by `required` or by its name.
    Forbidden(std::rc::Rc<str>),
    /// This required member has no value.
    Member(std::rc::Rc<str>, FactId),
    /// The item at this index must be there and has no value.
    Item(u64, FactId),
    /// A literal asks for a member or item, and each place for it is refuted by one of the facts.
    Demand(Literal, Vec<FactId>),
    /// No arrangement of members or items meets everything at once: each has a place that one of the facts refutes.
    Arrangement(Vec<FactId>),
}

/// What became of a state.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// A value of this state.
    Model(Value),
    /// There is none; the number is the outermost open frame that the refutation rests on, or `usize::MAX`.
    Empty(FactId, usize),
    /// It could not be decided; [`Prover::stopped`] says why.
    Unknown,
}

/// What became of a branch.
pub(super) enum Step {
    Model(Value),
    /// Why it closes, the outermost open frame that this rests on, and the choices that it depends on.
    Closed(Tree, usize, Choices),
    Unknown,
}

/// The choices that a literal or a closed branch depends on, by their level. A branch that closes without what a choice
/// added closes in every other case too, and the search jumps back over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Choices(u128);

impl Choices {
    pub(super) const NONE: Self = Self(0);

    /// Levels from this one on share a bit, which is never jumped over.
    const SHARED: usize = 127;

    pub(super) fn level(level: usize) -> Self {
        Self(1 << level.min(Self::SHARED))
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, level: usize) -> bool {
        level >= Self::SHARED || self.0 & Self::level(level).0 != 0
    }

    fn without(self, level: usize) -> Self {
        if level >= Self::SHARED {
            self
        } else {
            Self(self.0 & !Self::level(level).0)
        }
    }
}

/// What stopped the search, the first time it was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// The caller's steps are spent.
    Steps,
    /// Values inside one another.
    Depth,
    /// A form that is not modelled, or a theory that gave up, and what it was about.
    Form(Option<Id>, String),
}

/// Steps that judging one value may take.
const JUDGING: u64 = 200_000;

/// Values inside one another that a state may be reached through.
const DEEPEST: usize = 96;

pub(super) struct Prover<'s> {
    pub forms: Forms,
    pub languages: Languages,
    opaques: Opaques,
    /// Whether a side tells 1 from 1.0.
    draft_04: bool,
    pub steps: &'s mut Steps,
    pub facts: Vec<Fact>,
    refuted: HashMap<Box<[Literal]>, FactId>,
    models: HashMap<Box<[Literal]>, Value>,
    open: HashMap<Box<[Literal]>, (FactId, usize)>,
    /// Branches inside one another, over all open states: what bounds the stack.
    branches: usize,
    stopped: Option<Stopped>,
}

impl<'s> Prover<'s> {
    pub(super) fn new(compiled: Compiled, steps: &'s mut Steps) -> Self {
        Self {
            draft_04: compiled.forms.has(&Form::WrittenWhole),
            forms: compiled.forms,
            languages: compiled.languages,
            opaques: Opaques::default(),
            steps,
            facts: Vec::new(),
            refuted: HashMap::new(),
            models: HashMap::new(),
            open: HashMap::new(),
            branches: 0,
            stopped: None,
        }
    }

    /// Why an answer is [`Outcome::Unknown`].
    pub(super) fn stopped(&self) -> Option<&Stopped> {
        self.stopped.as_ref()
    }

    fn stop(&mut self, why: Stopped) {
        // Running out explains everything that comes with it.
        if self.stopped.is_none() || why == Stopped::Steps {
            self.stopped = Some(why);
        }
    }

    /// Whether the search is over: no more steps.
    fn spent(&mut self, steps: u64) -> bool {
        if self.steps.take(steps).is_err() {
            self.stop(Stopped::Steps);
            return true;
        }
        false
    }

    /// Finds a value of a state, or refutes it.
    pub(super) fn solve(&mut self, state: &[Literal]) -> Outcome {
        let mut state: Vec<Literal> = state
            .iter()
            .copied()
            .filter(|literal| {
                *literal != Literal::yes(Id::ANYTHING) && *literal != Literal::no(Id::NOTHING)
            })
            .collect();
        state.sort_unstable();
        state.dedup();
        if state.is_empty() {
            return Outcome::Model(Value::Null);
        }
        if let Some(fact) = self.refuted.get(state.as_slice()) {
            return Outcome::Empty(*fact, usize::MAX);
        }
        if let Some((fact, frame)) = self.open.get(state.as_slice()) {
            return Outcome::Empty(*fact, *frame);
        }
        if let Some(model) = self.models.get(state.as_slice()) {
            return Outcome::Model(model.clone());
        }
        if self.spent(1) {
            return Outcome::Unknown;
        }
        let frame = self.open.len();
        if frame >= DEEPEST {
            self.stop(Stopped::Depth);
            return Outcome::Unknown;
        }
        let state = state.into_boxed_slice();
        let fact = FactId(u32::try_from(self.facts.len()).unwrap_or(u32::MAX));
        self.facts.push(Fact {
            state: state.clone(),
            tree: Tree::Clash,
        });
        self.open.insert(state.clone(), (fact, frame));
        let step = self.taken_apart(&state);
        self.open.remove(&state);
        match step {
            Step::Model(value) => {
                self.models.insert(state, value.clone());
                Outcome::Model(value)
            }
            Step::Closed(tree, on, _) => {
                if let Some(fact) = self.facts.get_mut(fact.0 as usize) {
                    fact.tree = tree;
                }
                if on >= frame {
                    self.refuted.insert(state, fact);
                    Outcome::Empty(fact, usize::MAX)
                } else {
                    Outcome::Empty(fact, on)
                }
            }
            Step::Unknown => Outcome::Unknown,
        }
    }

    fn taken_apart(&mut self, state: &[Literal]) -> Step {
        let mut branch = Branch::new();
        for literal in state {
            branch.add(&self.forms, *literal, Choices::NONE);
        }
        if branch.clashes() {
            return Step::Closed(Tree::Clash, usize::MAX, Choices::NONE);
        }
        let mut trees = Vec::new();
        let mut on = usize::MAX;
        let mut unknown = false;
        for kind in branch.types().iter() {
            let mut typed = branch.clone();
            typed.settle(kind);
            match self.branch(typed, kind, 0) {
                Step::Model(value) => return Step::Model(value),
                Step::Closed(tree, rests, _) => {
                    on = on.min(rests);
                    trees.push((kind, tree));
                }
                Step::Unknown => unknown = true,
            }
        }
        if unknown {
            Step::Unknown
        } else {
            Step::Closed(Tree::Types(trees), on, Choices::NONE)
        }
    }

    /// Whether a value has everything that a branch says of it; `None`: it cannot be told.
    fn judge(&mut self, literals: &[Literal], value: &Value) -> Option<bool> {
        match self.judged(literals, value) {
            Judged::Fits => Some(true),
            Judged::Fails(_) => Some(false),
            Judged::Unknown => None,
        }
    }

    /// Whether a validator can judge a value in bounded time: the forms are judged the same way, step by step.
    pub(super) fn can_be_judged(&mut self, roots: [Id; 2], value: &Value) -> bool {
        let mut steps = Steps::new(JUDGING);
        let mut evaluation = Evaluation {
            forms: &self.forms,
            languages: &mut self.languages,
            opaques: &mut self.opaques,
            steps: &mut steps,
            either_way: false,
        };
        for root in roots {
            evaluation.holds(root, value);
        }
        steps.left() > 0
    }

    /// Whether a value, or one that differs from it only in how whole numbers inside it are written, has everything that is
    /// said of it: [`Judged::Unknown`] where that matters.
    fn judged_either_way(&mut self, literals: &[Literal], value: &Value) -> Judged {
        let judged = self.judged(literals, value);
        match judged {
            Judged::Fails(_) if self.draft_04 && (value.is_array() || value.is_object()) => {
                self.judge_with(literals, value, true)
            }
            judged => judged,
        }
    }

    fn judged(&mut self, literals: &[Literal], value: &Value) -> Judged {
        self.judge_with(literals, value, false)
    }

    fn judge_with(&mut self, literals: &[Literal], value: &Value, either_way: bool) -> Judged {
        let mut evaluation = Evaluation {
            forms: &self.forms,
            languages: &mut self.languages,
            opaques: &mut self.opaques,
            steps: self.steps,
            either_way,
        };
        let mut unknown = false;
        for literal in literals {
            match evaluation.holds(literal.form, value) {
                Some(holds) if holds != literal.holds => return Judged::Fails(*literal),
                Some(_) => {}
                None => unknown = true,
            }
        }
        if unknown {
            Judged::Unknown
        } else {
            Judged::Fits
        }
    }

    /// Whether the form holds of the text.
    fn text_fits(&mut self, form: Id, text: &str) -> Option<bool> {
        self.judge(&[Literal::yes(form)], &Value::String(text.to_owned()))
    }

    /// The form that takes all of a list but nothing else.
    fn listed<'v>(&mut self, list: impl IntoIterator<Item = &'v Value>) -> Id {
        self.forms.add(values(list))
    }
}

/// Whether a value has everything that is said of it.
enum Judged {
    Fits,
    /// Not this.
    Fails(Literal),
    Unknown,
}

/// How deep [`never`] looks.
const GLANCE: usize = 6;

/// Whether a literal holds of no value of a type, as far as can be seen at a glance.
fn never(forms: &Forms, literal: Literal, kind: Type, depth: usize) -> bool {
    if depth >= GLANCE {
        return false;
    }
    let next = depth + 1;
    let part = |form: Id, holds: bool| never(forms, Literal { form, holds }, kind, next);
    match (forms.get(literal.form), literal.holds) {
        (Form::Anything, holds) => !holds,
        (Form::Nothing, holds) => holds,
        (Form::Type(types), holds) => types.has(kind) != holds,
        (Form::Values(list), true) => !list.iter().any(|value| Type::of(value) == kind),
        (Form::Not(inner), holds) => part(*inner, !holds),
        (Form::All(parts), true) => parts.iter().any(|id| part(*id, true)),
        (Form::All(parts), false) => parts.iter().all(|id| part(*id, false)),
        (Form::Any(parts) | Form::One(parts), true) => parts.iter().all(|id| part(*id, true)),
        (Form::Any(parts), false) => parts.iter().any(|id| part(*id, false)),
        (Form::If(condition, then, otherwise), holds) => {
            (part(*condition, true) || part(*then, holds))
                && (part(*condition, false) || part(*otherwise, holds))
        }
        (form, false) => branch::speaks_of(form).is_some_and(|types| !types.has(kind)),
        _ => false,
    }
}
