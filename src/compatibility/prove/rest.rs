//! `unevaluatedProperties` and `unevaluatedItems`: with every condition beside them decided, they are
//! `additionalProperties` and `items` again.
//!
//! What is evaluated depends on which subschemas in place hold. One branch for each of them that holds, one that does not:
//! then the evaluated names, patterns and positions are known (compare "Elimination of annotation dependencies in
//! validation for modern JSON Schema", 2025, which rewrites whole schemas so).

use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use super::{
    super::{
        form::{Form, Forms, Id, Members, Type},
        language::PatternId,
    },
    Choices, Literal, Prover, Step, Tree,
    branch::Branch,
    never,
};

/// What the subschemas beside an `unevaluated…` keyword evaluate.
#[derive(Debug, Default)]
struct Evaluated {
    everything: bool,
    names: BTreeSet<Rc<str>>,
    patterns: BTreeSet<PatternId>,
    /// The first so many items.
    items: usize,
    /// Items of these forms.
    found: BTreeSet<Id>,
}

/// What is known of the forms in place.
pub(in crate::compatibility) trait Decided {
    /// Whether a form holds, as far as that is settled.
    fn truth(&self, form: Id) -> Option<bool>;
}

/// The literal without `unevaluated…` that says the same where everything is decided; `Err`: a form that is not.
pub(in crate::compatibility) fn eliminated(
    forms: &mut Forms,
    literal: Literal,
    decided: &dyn Decided,
) -> Option<Result<Literal, Id>> {
    let (beside, then) = match forms.get(literal.form) {
        Form::RestMembers(beside, then) | Form::RestItems(beside, then) => (beside.clone(), *then),
        _ => return None,
    };
    let of_members = matches!(forms.get(literal.form), Form::RestMembers(..));
    let mut evaluated = Evaluated::default();
    let mut seen = HashSet::new();
    let mut pending: Vec<Id> = beside.iter().rev().copied().collect();
    while let Some(id) = pending.pop() {
        if !seen.insert(id) {
            continue;
        }
        match forms.get(id) {
            Form::All(parts) => pending.extend(parts.iter().rev()),
            Form::Any(parts) | Form::One(parts) => {
                for part in parts {
                    match decided.truth(*part) {
                        Some(true) => pending.push(*part),
                        Some(false) => {}
                        None => return Some(Err(*part)),
                    }
                }
            }
            Form::If(condition, then, otherwise) => match decided.truth(*condition) {
                Some(true) => pending.extend([*then, *condition]),
                Some(false) => pending.push(*otherwise),
                None => return Some(Err(*condition)),
            },
            Form::Members(members) if of_members => {
                evaluated.everything |= members.rest.is_some();
                evaluated
                    .names
                    .extend(members.named.iter().map(|(name, _)| Rc::clone(name)));
                evaluated
                    .patterns
                    .extend(members.patterns.iter().map(|(pattern, _)| *pattern));
            }
            Form::RestMembers(..) if of_members => evaluated.everything = true,
            Form::Items(prefix, rest) if !of_members => {
                evaluated.everything |= rest.is_some();
                evaluated.items = evaluated.items.max(prefix.len());
            }
            Form::Contains(item, ..) if !of_members => {
                evaluated.found.insert(*item);
            }
            Form::RestItems(..) if !of_members => evaluated.everything = true,
            _ => {}
        }
    }
    let form = if evaluated.everything {
        Id::ANYTHING
    } else if of_members {
        forms.add(Form::Members(Members {
            named: evaluated
                .names
                .into_iter()
                .map(|name| (name, Id::ANYTHING))
                .collect(),
            patterns: evaluated
                .patterns
                .into_iter()
                .map(|pattern| (pattern, Id::ANYTHING))
                .collect(),
            rest: Some(then),
        }))
    } else {
        let mut others: Vec<Id> = evaluated.found.into_iter().collect();
        others.push(then);
        let rest = forms.add(Form::Any(others.into_boxed_slice()));
        forms.add(Form::Items(
            vec![Id::ANYTHING; evaluated.items].into_boxed_slice(),
            Some(rest),
        ))
    };
    Some(Ok(Literal {
        form,
        holds: literal.holds,
    }))
}

struct InBranch<'b> {
    branch: &'b Branch,
    /// What a glance told.
    glances: &'b [(Id, Option<bool>)],
    /// What the answers so far depend on.
    depends: Cell<Choices>,
}

impl Decided for InBranch<'_> {
    fn truth(&self, form: Id) -> Option<bool> {
        for holds in [true, false] {
            if let Some(depends) = self.branch.knows(Literal { form, holds }) {
                self.depends.set(self.depends.get().and(depends));
                return Some(holds);
            }
        }
        self.glances
            .iter()
            .find(|(known, _)| *known == form)
            .and_then(|(_, truth)| *truth)
    }
}

impl Prover<'_> {
    /// Takes the next `unevaluated…` literal of a branch without choices; `None`: there is none.
    pub(super) fn rest(&mut self, branch: &Branch, kind: Type, depth: usize) -> Option<Step> {
        let literal = *branch.leaves.iter().find(|leaf| {
            matches!(
                (self.forms.get(leaf.form), kind),
                (Form::RestMembers(..), Type::Object) | (Form::RestItems(..), Type::Array)
            )
        })?;
        // What a glance decides need not be a case.
        let mut glances: Vec<(Id, Option<bool>)> = Vec::new();
        loop {
            let decided = InBranch {
                branch,
                glances: &glances,
                depends: Cell::default(),
            };
            match eliminated(&mut self.forms, literal, &decided)? {
                Ok(plain) => {
                    let depends = decided
                        .depends
                        .get()
                        .and(branch.knows(literal).unwrap_or_default());
                    let mut next = branch.clone();
                    next.done(literal);
                    next.add(&self.forms, plain, Choices::level(depth));
                    next.settle(kind);
                    return Some(match self.branch(next, kind, depth + 1) {
                        Step::Closed(tree, on, needs) if needs.has(depth) => Step::Closed(
                            Tree::Rest(literal, plain, tree.into()),
                            on,
                            needs.without(depth).and(depends),
                        ),
                        other => other,
                    });
                }
                Err(form) => {
                    let truth = if never(&self.forms, Literal::yes(form), kind, 0) {
                        Some(false)
                    } else if never(&self.forms, Literal::no(form), kind, 0) {
                        Some(true)
                    } else {
                        None
                    };
                    if truth.is_some() {
                        glances.push((form, truth));
                        continue;
                    }
                    return Some(self.decide(branch, form, kind, depth));
                }
            }
        }
    }

    fn decide(&mut self, branch: &Branch, form: Id, kind: Type, depth: usize) -> Step {
        let mut trees = Vec::with_capacity(2);
        let mut on = usize::MAX;
        let mut depends = Choices::NONE;
        let mut unknown = false;
        for holds in [true, false] {
            let mut next = branch.clone();
            next.add(&self.forms, Literal { form, holds }, Choices::level(depth));
            next.settle(kind);
            match self.branch(next, kind, depth + 1) {
                Step::Model(value) => return Step::Model(value),
                Step::Closed(tree, rests, needs) => {
                    if !needs.has(depth) {
                        return Step::Closed(tree, rests, needs);
                    }
                    on = on.min(rests);
                    depends = depends.and(needs.without(depth));
                    trees.push(tree);
                }
                Step::Unknown => unknown = true,
            }
        }
        let (Some(fails), Some(holds)) = (trees.pop(), trees.pop()) else {
            return Step::Unknown;
        };
        if unknown {
            return Step::Unknown;
        }
        Step::Closed(Tree::Decide(form, holds.into(), fails.into()), on, depends)
    }
}
