//! One way that a value may be: what holds of it, what does not, and what is still open.

use std::{collections::HashMap, rc::Rc};

use super::{
    super::form::{Form, Forms, Id, Members, Type, Types, values},
    Choices, Judged, Literal, Prover, Step, Tree, never,
};
use crate::text::Value;

/// Branches inside one another, over all values that are open: the stack of a WebAssembly module is one megabyte.
const DEEPEST: usize = 400;

/// The cases of a choice; `None`: the case contradicts the branch at sight.
type Cases = Vec<Option<Vec<Literal>>>;

/// The literals of one value, taken apart as far as that needs no cases.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    known: HashMap<Literal, Choices>,
    /// In the order they came, for determinism.
    pub literals: Vec<Literal>,
    types: Types,
    clash: bool,
    /// What the clash, or that no type is left, depends on.
    clashed: Choices,
    /// What the types that are left depend on.
    typed: Choices,
    /// Literals that are a choice between cases.
    choices: Vec<Literal>,
    /// Literals of keywords.
    pub leaves: Vec<Literal>,
    /// So many leaves have been looked through for excluded arrays and objects.
    described: usize,
    /// How much the last [glance](Prover::glance) had seen.
    pub glanced: (usize, usize, usize),
}

/// The types that a keyword's form speaks of; `None` for forms that are no keyword of some types.
pub(super) fn speaks_of(form: &Form) -> Option<Types> {
    Some(match form {
        Form::From(..) | Form::To(..) | Form::Multiple(_) | Form::WrittenWhole => {
            Types::only(Type::Number)
        }
        Form::ShortestText(_) | Form::LongestText(_) | Form::Pattern(_) => {
            Types::only(Type::String)
        }
        Form::Opaque(types, _) => *types,
        Form::FewestItems(_)
        | Form::MostItems(_)
        | Form::Distinct
        | Form::Items(..)
        | Form::Contains(..)
        | Form::RestItems(..) => Types::only(Type::Array),
        Form::FewestMembers(_)
        | Form::MostMembers(_)
        | Form::Required(_)
        | Form::Members(_)
        | Form::Names(_)
        | Form::RestMembers(..) => Types::only(Type::Object),
        _ => return None,
    })
}

impl Branch {
    pub(super) fn new() -> Self {
        Self {
            known: HashMap::new(),
            literals: Vec::new(),
            types: Types::ALL,
            clash: false,
            clashed: Choices::NONE,
            typed: Choices::NONE,
            choices: Vec::new(),
            leaves: Vec::new(),
            described: 0,
            glanced: (0, 0, 0),
        }
    }

    pub(super) fn types(&self) -> Types {
        self.types
    }

    pub(super) fn clashes(&self) -> bool {
        self.clash || self.types.is_empty()
    }

    /// What a literal depends on, where it is known.
    pub(super) fn knows(&self, literal: Literal) -> Option<Choices> {
        self.known.get(&literal).copied()
    }

    /// What the leaves that are picked depend on together.
    pub(super) fn depends(&self, pick: impl Fn(Literal) -> bool) -> Choices {
        self.leaves
            .iter()
            .filter(|leaf| pick(**leaf))
            .filter_map(|leaf| self.knows(*leaf))
            .fold(Choices::NONE, Choices::and)
    }

    /// The step that a clash is.
    fn closed(&self) -> Step {
        let depends = if self.clash { self.clashed } else { self.typed };
        Step::Closed(Tree::Clash, usize::MAX, depends)
    }

    /// Only values of this type from now on.
    pub(super) fn settle(&mut self, kind: Type) {
        self.types = self.types.and(Types::only(kind));
    }

    /// Takes a literal in, with everything that follows from it without cases.
    pub(super) fn add(&mut self, forms: &Forms, literal: Literal, depends: Choices) {
        let mut pending = vec![literal];
        while let Some(literal) = pending.pop() {
            if self.known.contains_key(&literal) {
                continue;
            }
            self.known.insert(literal, depends);
            self.literals.push(literal);
            if let Some(other) = self.known.get(&literal.opposite()) {
                self.clash = true;
                self.clashed = depends.and(*other);
                return;
            }
            let types = self.types;
            let part = |form: &Id, holds: bool| Literal { form: *form, holds };
            let form = forms.get(literal.form);
            match (form, literal.holds) {
                (Form::Anything, holds) | (Form::Nothing, holds) => {
                    if holds == matches!(form, Form::Nothing) {
                        self.clash = true;
                        self.clashed = depends;
                        return;
                    }
                }
                (Form::All(parts), true) => {
                    pending.extend(parts.iter().rev().map(|id| part(id, true)));
                }
                (Form::Any(parts), false) => {
                    pending.extend(parts.iter().rev().map(|id| part(id, false)));
                }
                (Form::Not(inner), holds) => pending.push(part(inner, !holds)),
                (Form::All(_) | Form::One(_) | Form::If(..), _)
                | (Form::Any(_), true)
                | (Form::Contains(..), false) => {
                    if let Form::Contains(..) = form {
                        self.types = self.types.and(Types::only(Type::Array));
                    }
                    self.choices.push(literal);
                }
                (Form::Type(types), true) => self.types = self.types.and(*types),
                (Form::Type(types), false) => self.types = self.types.without(*types),
                (Form::Values(list), true) => {
                    let listed = list
                        .iter()
                        .fold(Types::NONE, |types, value| types.with(Type::of(value)));
                    self.types = self.types.and(listed);
                    self.leaves.push(literal);
                }
                (_, holds) => {
                    if !holds && let Some(types) = speaks_of(form) {
                        self.types = self.types.and(types);
                    }
                    self.leaves.push(literal);
                }
            }
            if self.types != types {
                self.typed = self.typed.and(depends);
            }
        }
    }

    /// A leaf that another literal stands for from now on.
    pub(super) fn done(&mut self, leaf: Literal) {
        if let Some(at) = self.leaves.iter().position(|known| *known == leaf) {
            self.leaves.remove(at);
            if at < self.described {
                self.described -= 1;
            }
        }
    }

    /// Whether a literal contradicts what is known, as far as can be seen at a glance, and on what that depends.
    fn excludes(&self, forms: &Forms, literal: Literal, kind: Type) -> Option<Choices> {
        if never(forms, literal, kind, 0) {
            return Some(Choices::NONE);
        }
        self.knows(literal.opposite())
    }

    /// Whether a literal is known, or says nothing about this type.
    fn follows(&self, forms: &Forms, literal: Literal, kind: Type) -> bool {
        self.known.contains_key(&literal) || never(forms, literal.opposite(), kind, 0)
    }
}

/// The cases of a literal that is a choice: each is a list of literals that hold together.
pub(in crate::compatibility) fn cases(forms: &mut Forms, literal: Literal) -> Vec<Vec<Literal>> {
    let each = |parts: &[Id], holds: bool| -> Vec<Vec<Literal>> {
        parts
            .iter()
            .map(|form| vec![Literal { form: *form, holds }])
            .collect()
    };
    match (forms.get(literal.form).clone(), literal.holds) {
        (Form::All(parts), false) => each(&parts, false),
        (Form::Any(parts), true) => each(&parts, true),
        (Form::One(parts), true) => (0..parts.len())
            .map(|chosen| {
                let mut case: Vec<Literal> = Vec::with_capacity(parts.len());
                case.extend(parts.get(chosen).map(|id| Literal::yes(*id)));
                case.extend(
                    parts
                        .iter()
                        .enumerate()
                        .filter(|(index, _)| *index != chosen)
                        .map(|(_, id)| Literal::no(*id)),
                );
                case
            })
            .collect(),
        (Form::One(parts), false) => {
            let mut all = vec![parts.iter().map(|id| Literal::no(*id)).collect::<Vec<_>>()];
            for (index, first) in parts.iter().enumerate() {
                for second in parts.iter().skip(index + 1) {
                    all.push(vec![Literal::yes(*first), Literal::yes(*second)]);
                }
            }
            all
        }
        (Form::If(condition, then, otherwise), holds) => vec![
            vec![Literal::yes(condition), Literal { form: then, holds }],
            vec![
                Literal::no(condition),
                Literal {
                    form: otherwise,
                    holds,
                },
            ],
        ],
        (Form::Contains(item, least, most), false) => {
            let mut all = Vec::new();
            if let Some(below) = least.checked_sub(1) {
                all.push(vec![Literal::yes(forms.add(Form::Contains(
                    item,
                    0,
                    Some(below),
                )))]);
            }
            if let Some(above) = most.and_then(|most| most.checked_add(1)) {
                all.push(vec![Literal::yes(
                    forms.add(Form::Contains(item, above, None)),
                )]);
            }
            all
        }
        _ => vec![vec![literal]],
    }
}

impl Prover<'_> {
    /// Follows a branch of one type to its end.
    pub(super) fn branch(&mut self, branch: Branch, kind: Type, depth: usize) -> Step {
        if self.branches > DEEPEST {
            self.stop(super::Stopped::Depth);
            return Step::Unknown;
        }
        self.branches += 1;
        let step = self.followed(branch, kind, depth);
        self.branches -= 1;
        step
    }

    fn followed(&mut self, mut branch: Branch, kind: Type, depth: usize) -> Step {
        self.describe_excluded(&mut branch, kind);
        if branch.clashes() {
            return branch.closed();
        }
        if self.spent(1) {
            return Step::Unknown;
        }
        if let Some(step) = self.listed_values(&branch, kind) {
            return step;
        }
        // A choice without alternative first. Then what holds before what does not: the schema that is left is a union of
        // kinds of values more often than not, and with the kind known most of the other side is settled at sight. Among
        // those, the fewest cases.
        let mut best: Option<(Literal, Cases, usize, Choices)> = None;
        let rank = |choice: Literal, live: usize| (live > 1, !choice.holds, live);
        let mut settled = Vec::new();
        for choice in branch.choices.clone() {
            let all = cases(&mut self.forms, choice);
            if self.spent(1 + all.len() as u64 / 8) {
                return Step::Unknown;
            }
            let mut left = Vec::with_capacity(all.len());
            let mut excluded = Choices::NONE;
            let mut live = 0;
            let mut done = false;
            for case in all {
                if case
                    .iter()
                    .all(|one| branch.follows(&self.forms, *one, kind))
                {
                    done = true;
                    break;
                }
                if let Some(depends) = case
                    .iter()
                    .find_map(|one| branch.excludes(&self.forms, *one, kind))
                {
                    excluded = excluded.and(depends);
                    left.push(None);
                } else {
                    live += 1;
                    left.push(Some(case));
                }
            }
            if done {
                settled.push(choice);
                continue;
            }
            if best
                .as_ref()
                .is_none_or(|(known, _, fewest, _)| rank(choice, live) < rank(*known, *fewest))
            {
                best = Some((choice, left, live, excluded));
            }
            if live <= 1 {
                break;
            }
        }
        branch.choices.retain(|choice| !settled.contains(choice));
        let Some((choice, left, live, excluded)) = best else {
            return self.without_choices(branch, kind, depth);
        };
        if live > 1 {
            if !choice.holds {
                // What `unevaluated…` says is worth more than what the other side might say.
                if let Some(step) = self.rest(&branch, kind, depth) {
                    return step;
                }
            }
            if let Some(step) = self.glance(&mut branch, kind) {
                return step;
            }
        }
        branch.choices.retain(|one| *one != choice);
        let mut depends = branch.knows(choice).unwrap_or_default().and(excluded);
        let mut trees = Vec::with_capacity(left.len());
        let mut on = usize::MAX;
        let mut unknown = false;
        for case in left {
            let Some(case) = case else {
                trees.push(None);
                continue;
            };
            let mut next = branch.clone();
            for literal in case {
                next.add(&self.forms, literal, Choices::level(depth));
            }
            next.settle(kind);
            match self.branch(next, kind, depth + 1) {
                Step::Model(value) => return Step::Model(value),
                Step::Closed(tree, rests, needs) => {
                    if !needs.has(depth) {
                        return Step::Closed(tree, rests, needs);
                    }
                    on = on.min(rests);
                    depends = depends.and(needs.without(depth));
                    trees.push(Some(tree));
                }
                Step::Unknown => unknown = true,
            }
        }
        if unknown {
            Step::Unknown
        } else {
            Step::Closed(Tree::Cases(choice, trees), on, depends)
        }
    }

    /// An excluded array or object is one that differs somewhere: in length, in a name, in an item or member.
    fn describe_excluded(&mut self, branch: &mut Branch, kind: Type) {
        if !matches!(kind, Type::Array | Type::Object) {
            return;
        }
        while let Some(leaf) = branch.leaves.get(branch.described).copied() {
            branch.described += 1;
            let Form::Values(list) = self.forms.get(leaf.form).clone() else {
                continue;
            };
            if leaf.holds {
                continue;
            }
            for value in list.iter().filter(|value| Type::of(value) == kind) {
                let form = described(&mut self.forms, value);
                let depends = branch.knows(leaf).unwrap_or_default();
                branch.add(&self.forms, Literal::no(form), depends);
            }
        }
    }

    /// Where the branch lists its values: each is judged as a whole.
    fn listed_values(&mut self, branch: &Branch, kind: Type) -> Option<Step> {
        let mut depends = branch.typed;
        let list: Vec<Value> = match kind {
            Type::Null => vec![Value::Null],
            Type::Boolean => vec![Value::Bool(false), Value::Bool(true)],
            _ => {
                let (leaf, list) = branch
                    .leaves
                    .iter()
                    .filter(|leaf| leaf.holds)
                    .filter_map(|leaf| match self.forms.get(leaf.form) {
                        Form::Values(list) => Some((*leaf, list)),
                        _ => None,
                    })
                    .min_by_key(|(_, list)| list.len())?;
                depends = depends.and(branch.knows(leaf).unwrap_or_default());
                list.iter()
                    .filter(|value| Type::of(value) == kind)
                    .cloned()
                    .collect()
            }
        };
        let mut unknown = false;
        for value in &list {
            let with_a_fraction = if self.draft_04 {
                fractional(value)
            } else {
                None
            };
            for form in [Some(value.clone()), with_a_fraction].into_iter().flatten() {
                match self.judged_either_way(&branch.literals, &form) {
                    Judged::Fits => return Some(Step::Model(form)),
                    Judged::Fails(literal) => {
                        depends = depends.and(branch.knows(literal).unwrap_or_default());
                    }
                    Judged::Unknown => {
                        unknown = true;
                        let what = branch.leaves.iter().find(|leaf| {
                            matches!(
                                self.forms.get(leaf.form),
                                Form::Opaque(..) | Form::Pattern(_) | Form::Link(_)
                            )
                        });
                        let what = what.map(|leaf| leaf.form);
                        self.stop(super::Stopped::Form(
                            what,
                            "a listed value cannot be judged".into(),
                        ));
                    }
                }
            }
        }
        Some(if unknown {
            Step::Unknown
        } else {
            Step::Closed(Tree::Values, usize::MAX, depends)
        })
    }

    /// Contradictions among members that can be seen without cases.
    fn glance(&mut self, branch: &mut Branch, kind: Type) -> Option<Step> {
        match kind {
            Type::Object => self.object_at_a_glance(branch),
            Type::Number => self.numbers_at_a_glance(branch),
            _ => None,
        }
    }

    fn without_choices(&mut self, branch: Branch, kind: Type, depth: usize) -> Step {
        if let Some(step) = self.rest(&branch, kind, depth) {
            return step;
        }
        match kind {
            // Both are listed.
            Type::Null | Type::Boolean => Step::Unknown,
            Type::Number => self.numbers(&branch),
            Type::String => self.strings(&branch),
            Type::Array => self.array(&branch),
            Type::Object => self.object(&branch),
        }
    }
}

/// The form that exactly one array or object has, in terms of its items or members.
pub(in crate::compatibility) fn described(forms: &mut Forms, value: &Value) -> Id {
    let mut parts = Vec::new();
    match value {
        Value::Array(list) => {
            let items: Vec<Id> = list.iter().map(|item| forms.add(values([item]))).collect();
            parts.push(forms.add(Form::FewestItems(list.len() as u64)));
            parts.push(forms.add(Form::MostItems(list.len() as u64)));
            parts.push(forms.add(Form::Items(items.into_boxed_slice(), None)));
        }
        Value::Object(map) => {
            let mut named: Vec<(Rc<str>, Id)> = map
                .iter()
                .map(|(name, member)| (Rc::from(name.as_str()), forms.add(values([member]))))
                .collect();
            named.sort_unstable();
            for (name, _) in &named {
                parts.push(forms.add(Form::Required(Rc::clone(name))));
            }
            parts.push(forms.add(Form::Members(Members {
                named: named.into_boxed_slice(),
                patterns: Box::default(),
                rest: Some(Id::NOTHING),
            })));
        }
        _ => parts.push(forms.add(values([value]))),
    }
    forms.add(Form::All(parts.into_boxed_slice()))
}

/// The same value with its whole numbers written with a fraction, which draft-04 tells apart; `None` when it has none.
fn fractional(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => {
            let whole = number.as_i64()?;
            #[expect(
                clippy::cast_precision_loss,
                reason = "beyond 2^53 the number is left alone"
            )]
            let float = whole as f64;
            (whole.unsigned_abs() < (1 << 53)).then(|| Value::from(float))
        }
        Value::Array(items) => {
            let written: Vec<Option<Value>> = items.iter().map(fractional).collect();
            written.iter().any(Option::is_some).then(|| {
                let pairs = items.iter().zip(written);
                pairs
                    .map(|(item, other)| other.unwrap_or_else(|| item.clone()))
                    .collect()
            })
        }
        Value::Object(members) => {
            let written: Vec<Option<Value>> = members.values().map(fractional).collect();
            written.iter().any(Option::is_some).then(|| {
                let pairs = members.iter().zip(written);
                let object = pairs.map(|((name, member), other)| {
                    (name.clone(), other.unwrap_or_else(|| member.clone()))
                });
                Value::Object(object.collect())
            })
        }
        _ => None,
    }
}
