//! Proofs of "compatible": their check and their trace.
//!
//! The prover leaves facts: states that no value has, each with the tree of rules that closes it. What
//! is here believes none of it. `checker` goes through every fact that the question rests on and applies each rule again,
//! with code of its own; `trace` writes the same facts down as JSON. `docs/proofs.md` says what each rule means and why it
//! is sound.

mod arrangement;
pub(super) mod checker;
mod numbers;
#[cfg(test)]
mod tests;
pub(super) mod trace;

use super::{
    Options, Side,
    documents::Documents,
    form::{Forms, Id, compile},
    language::Languages,
    prove::{Fact, FactId, Literal, Outcome, Prover, Tree},
    steps::Steps,
};
use crate::schema::Formats;
use crate::text::Value;

pub use checker::Fault;

/// A proof that `new` accepts everything that `old` accepts.
#[derive(Debug)]
pub struct Proof<'a> {
    sides: [Side<'a>; 2],
    forms: Forms,
    languages: Languages,
    facts: Vec<Fact>,
    root: FactId,
    question: [Id; 2],
    budget: u64,
}

/// Asks the prover alone whether `new` accepts everything that `old` accepts. `None`: it does not, or that is not known. Of
/// the options, what `format` does and the steps count.
#[must_use]
pub fn prove<'a>(old: &Side<'a>, new: &Side<'a>, options: &Options) -> Option<Proof<'a>> {
    if super::limits::exceeded("old", old).is_some()
        || super::limits::exceeded("new", new).is_some()
    {
        return None;
    }
    let documents = [
        Documents::without_places(old, old.dialect().ok()?),
        Documents::without_places(new, new.dialect().ok()?),
    ];
    let [left, entered] = &documents;
    let compiled = compile([left, entered], options.formats == Formats::Assertion).ok()?;
    let question = compiled.roots;
    let [before, after] = question;
    let mut steps = Steps::new(options.steps);
    let mut prover = Prover::new(compiled, &mut steps);
    let Outcome::Empty(root, _) = prover.solve(&[Literal::yes(before), Literal::no(after)]) else {
        return None;
    };
    Some(Proof::new(
        [old, new],
        prover,
        root,
        question,
        options.steps,
    ))
}

impl<'a> Proof<'a> {
    pub(super) fn new(
        [old, new]: [&Side<'a>; 2],
        prover: Prover<'_>,
        root: FactId,
        question: [Id; 2],
        budget: u64,
    ) -> Self {
        Self {
            sides: [*old, *new],
            forms: prover.forms,
            languages: prover.languages,
            facts: prover.facts,
            root,
            question,
            budget,
        }
    }

    /// Checks the proof again, rule by rule, without the prover, in as many steps as the proof was given.
    ///
    /// # Errors
    ///
    /// The first step that does not follow, or that could not be checked.
    pub fn check(&mut self) -> Result<(), Fault> {
        let mut steps = Steps::new(self.budget);
        checker::check(
            &mut self.forms,
            &mut self.languages,
            &self.facts,
            self.root,
            self.question,
            &mut steps,
        )
    }

    /// The proof as JSON; see `docs/proofs.md`.
    #[must_use]
    pub fn trace(&self) -> Value {
        trace::trace(
            &self.forms,
            &self.languages,
            &self.facts,
            self.root,
            &self.sides,
        )
    }

    /// How many facts the prover left, whether the question rests on them or not.
    #[must_use]
    pub fn facts(&self) -> usize {
        self.facts.len()
    }
}

/// The facts that a tree rests on, in the order in which it names them.
fn premises(tree: &Tree, into: &mut Vec<FactId>) {
    let mut pending = vec![tree];
    while let Some(tree) = pending.pop() {
        match tree {
            Tree::Clash
            | Tree::Values
            | Tree::Numbers
            | Tree::Strings
            | Tree::Counts
            | Tree::Forbidden(_) => {}
            Tree::Types(branches) => pending.extend(branches.iter().rev().map(|(_, tree)| tree)),
            Tree::Cases(_, cases) => pending.extend(cases.iter().rev().flatten()),
            Tree::Decide(_, holds, fails) => pending.extend([fails.as_ref(), holds.as_ref()]),
            Tree::Rest(_, _, tree) => pending.push(tree),
            Tree::Member(_, fact) | Tree::Item(_, fact) => into.push(*fact),
            Tree::Demand(_, facts) | Tree::Arrangement(facts) => into.extend(facts),
        }
    }
}
