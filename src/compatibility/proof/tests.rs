//! One small proof for each rule, tampered proofs, and proofs of what is not so.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{prelude::*, strategy::ValueTree as _};
use serde_json::json;

use super::super::form::{Evaluation, Form, Opaques, Type, Types};
use super::checker::Fault;
use super::*;
use crate::text::Map;

fn nothing() -> &'static BTreeMap<String, Value> {
    static NOTHING: BTreeMap<String, Value> = BTreeMap::new();
    &NOTHING
}

fn side(schema: &Value) -> Side<'_> {
    Side {
        schema,
        references: nothing(),
        draft: None,
    }
}

fn proof<'a>(old: &'a Value, new: &'a Value) -> Option<Proof<'a>> {
    prove(&side(old), &side(new), &Options::default())
}

/// The facts that the proof rests on.
fn reachable(proof: &Proof<'_>) -> Vec<FactId> {
    let mut order = vec![proof.root];
    let mut next = 0;
    while let Some(id) = order.get(next).copied() {
        next += 1;
        let mut named = Vec::new();
        premises(&proof.facts[id.0 as usize].tree, &mut named);
        for id in named {
            if !order.contains(&id) {
                order.push(id);
            }
        }
    }
    order
}

fn trees<'t>(tree: &'t Tree, into: &mut Vec<&'t Tree>) {
    into.push(tree);
    match tree {
        Tree::Types(branches) => branches.iter().for_each(|(_, tree)| trees(tree, into)),
        Tree::Cases(_, cases) => cases.iter().flatten().for_each(|tree| trees(tree, into)),
        Tree::Decide(_, holds, fails) => [holds, fails]
            .into_iter()
            .for_each(|tree| trees(tree, into)),
        Tree::Rest(_, _, tree) => trees(tree, into),
        _ => {}
    }
}

fn rules(proof: &Proof<'_>) -> BTreeSet<&'static str> {
    let mut all = Vec::new();
    for id in reachable(proof) {
        trees(&proof.facts[id.0 as usize].tree, &mut all);
    }
    all.into_iter().map(checker::name).collect()
}

/// Small questions with the answer "compatible", each with a rule that its proof needs.
fn examples() -> Vec<(&'static str, Value, Value)> {
    vec![
        (
            "contradiction",
            json!({"minLength": 1}),
            json!({"minLength": 1}),
        ),
        (
            "types",
            json!({"type": ["string", "array"], "minLength": 2, "minItems": 2}),
            json!({"minLength": 1, "minItems": 1}),
        ),
        (
            "cases",
            json!({"anyOf": [{"type": "number", "minimum": 3}, {"type": "number", "maximum": 1}]}),
            json!({"not": {"type": "number", "minimum": 2, "maximum": 2.5}}),
        ),
        (
            "unevaluated",
            json!({"properties": {"a": true}, "additionalProperties": false}),
            json!({"anyOf": [{"properties": {"a": true}}, {"required": ["b"]}], "unevaluatedProperties": false}),
        ),
        (
            "decide",
            json!({"type": "object", "properties": {"a": true, "b": true}, "required": ["b"], "additionalProperties": false}),
            json!({"anyOf": [{"required": ["b"], "properties": {"b": true}}, {"required": ["a"], "properties": {"a": true}}], "unevaluatedProperties": {"not": false}}),
        ),
        (
            "values",
            json!({"enum": ["a", 2, null]}),
            json!({"type": ["string", "integer", "null"], "maxLength": 1}),
        ),
        (
            "numbers",
            json!({"type": "integer", "multipleOf": 6}),
            json!({"multipleOf": 1.5}),
        ),
        (
            "strings",
            json!({"type": "string", "pattern": "^a+$"}),
            json!({"pattern": "^a*$"}),
        ),
        (
            "counts",
            json!({"type": "array", "minItems": 2}),
            json!({"minItems": 1}),
        ),
        (
            "forbidden_member",
            json!({"type": "object", "propertyNames": {"maxLength": 1}}),
            json!({"not": {"required": ["ab"]}}),
        ),
        (
            "member",
            json!({"type": "object", "properties": {"a": {"type": "string"}}}),
            json!({"not": {"required": ["a"], "properties": {"a": {"type": "number"}}}}),
        ),
        (
            "item",
            json!({"type": "array", "items": false}),
            json!({"maxItems": 0}),
        ),
        (
            "demand",
            json!({"type": "object", "properties": {"a": {"type": "string"}}}),
            json!({"properties": {"a": {"type": ["string", "null"]}}}),
        ),
        (
            "demand",
            json!({"type": "array", "items": {"type": "string"}}),
            json!({"items": {"type": ["string", "null"]}}),
        ),
        (
            "arrangement",
            json!({"type": "array", "items": {"type": "boolean"}, "uniqueItems": true}),
            json!({"maxItems": 2}),
        ),
        (
            "arrangement",
            json!({"type": "object", "additionalProperties": false, "properties": {"a": true, "b": true}}),
            json!({"maxProperties": 2}),
        ),
        (
            "arrangement",
            json!({"type": "array", "contains": {"type": "string"}, "maxContains": 1, "items": {"type": ["string", "null"]}}),
            json!({"anyOf": [{"maxItems": 1}, {"contains": {"type": "null"}}]}),
        ),
        (
            "arrangement",
            json!({"type": "object", "patternProperties": {"^x": {"type": "null"}}, "additionalProperties": false,
                   "propertyNames": {"enum": ["x1", "x2", "y"]}}),
            json!({"maxProperties": 2}),
        ),
        (
            "demand",
            json!({"$defs": {"list": {"properties": {"next": {"$ref": "#/$defs/list"}, "v": {"const": 1}}}}, "$ref": "#/$defs/list"}),
            json!({"$defs": {"list": {"properties": {"next": {"$ref": "#/$defs/list"}, "v": {"type": "integer"}}}}, "$ref": "#/$defs/list"}),
        ),
    ]
}

/// Small questions with the answer "breaking".
fn breaking() -> Vec<(Value, Value)> {
    let mut pairs: Vec<(Value, Value)> = vec![
        (json!({"minLength": 1}), json!({"minLength": 2})),
        (
            json!({"type": "integer", "multipleOf": 2}),
            json!({"multipleOf": 3}),
        ),
        (
            json!({"type": "integer", "minimum": 0, "maximum": 9}),
            json!({"not": {"multipleOf": 4}}),
        ),
        (
            json!({"type": "array", "items": {"type": "boolean"}, "uniqueItems": true}),
            json!({"maxItems": 1}),
        ),
        (
            json!({"type": "array", "items": {"type": "boolean"}}),
            json!({"maxItems": 2}),
        ),
        (
            json!({"contains": {"type": "string"}, "maxContains": 2}),
            json!({"maxItems": 1}),
        ),
        (
            json!({"items": {"enum": [1, 2, 3]}, "minItems": 3}),
            json!({"uniqueItems": true}),
        ),
        (
            json!({"properties": {"a": true}, "additionalProperties": false}),
            json!({"required": ["a"]}),
        ),
        (
            json!({"patternProperties": {"^x": {"type": "null"}}}),
            json!({"additionalProperties": {"type": "null"}}),
        ),
        (
            json!({"propertyNames": {"maxLength": 2}}),
            json!({"propertyNames": {"minLength": 1}}),
        ),
        (
            json!({"anyOf": [{"properties": {"a": true}}, {"required": ["b"]}]}),
            json!({"anyOf": [{"properties": {"a": true}}, {"required": ["b"]}], "unevaluatedProperties": false}),
        ),
    ];
    // What is compatible one way is mostly not the other way round.
    for (_, old, new) in examples() {
        if proof(&new, &old).is_none() {
            pairs.push((new, old));
        }
    }
    pairs
}

#[test]
fn each_rule_is_used_and_checked() {
    let mut used = BTreeSet::new();
    for (rule, old, new) in examples() {
        let mut proof = proof(&old, &new).unwrap_or_else(|| panic!("not proved: {old} in {new}"));
        let rules = rules(&proof);
        assert!(
            rules.contains(rule),
            "{old} in {new}: {rules:?} without {rule}"
        );
        used.extend(rules);
        assert_eq!(proof.check(), Ok(()), "{old} in {new}");
    }
    // All fourteen.
    assert_eq!(used.len(), 14, "{used:?}");
}

/// Facts of hand, for rules that the prover uses rarely.
fn by_hand(old: &Value, new: &Value, tree: impl Fn(Id, Id) -> Tree) -> Result<(), Fault> {
    let documents = [side(old), side(new)]
        .map(|side| Documents::without_places(&side, side.dialect().unwrap()));
    let [left, entered] = &documents;
    let mut compiled = compile([left, entered], false).unwrap();
    let [old, new] = compiled.roots;
    let facts = [Fact {
        state: [Literal::yes(old), Literal::no(new)].into(),
        tree: tree(old, new),
    }];
    checker::check(
        &mut compiled.forms,
        &mut compiled.languages,
        &facts,
        FactId(0),
        [old, new],
        &mut Steps::new(100_000),
    )
}

#[test]
fn a_decision_needs_both_branches() {
    let old = json!({"type": "string"});
    let new = json!({"type": ["string", "null"]});
    let both = |old, _| {
        Tree::Types(vec![(
            Type::String,
            Tree::Decide(old, Tree::Clash.into(), Tree::Clash.into()),
        )])
    };
    assert_eq!(
        by_hand(&old, &json!({"minLength": 2}), both),
        Err(Fault::DoesNotFollow("contradiction"))
    );
    assert_eq!(by_hand(&old, &new, |_, _| Tree::Clash), Ok(()));
    assert_eq!(by_hand(&old, &new, |_, _| Tree::Types(Vec::new())), Ok(()));
    assert_eq!(
        by_hand(&new, &old, |_, _| Tree::Types(Vec::new())),
        Err(Fault::DoesNotFollow("types"))
    );
    assert_eq!(
        by_hand(&new, &old, |_, _| Tree::Clash),
        Err(Fault::DoesNotFollow("contradiction"))
    );
    assert_eq!(
        by_hand(
            &json!({"minLength": 2}),
            &json!({"minLength": 1}),
            |_, _| { Tree::Types(vec![(Type::String, Tree::Strings)]) }
        ),
        Ok(())
    );
    assert_eq!(
        by_hand(
            &json!({"minLength": 1}),
            &json!({"minLength": 2}),
            |_, _| { Tree::Types(vec![(Type::String, Tree::Strings)]) }
        ),
        Err(Fault::DoesNotFollow("strings"))
    );
}

/// Whether a proof says of each state that it rests on what an evaluation of sample values does not deny.
fn denied(proof: &mut Proof<'_>, samples: &[Value]) -> Option<Value> {
    for id in reachable(proof) {
        let state = proof.facts[id.0 as usize].state.clone();
        for value in samples {
            let mut steps = Steps::new(100_000);
            let mut opaques = Opaques::default();
            let mut evaluation = Evaluation {
                forms: &proof.forms,
                languages: &mut proof.languages,
                opaques: &mut opaques,
                steps: &mut steps,
                either_way: false,
            };
            if state
                .iter()
                .all(|literal| evaluation.holds(literal.form, value) == Some(literal.holds))
            {
                return Some(value.clone());
            }
        }
    }
    None
}

fn samples() -> Vec<Value> {
    let plain = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(2),
        json!(2.25),
        json!(6),
        json!(-3),
        json!(""),
        json!("a"),
        json!("ab"),
        json!("x1"),
        json!("y"),
    ];
    let mut all = plain.to_vec();
    all.push(json!([]));
    all.push(json!({}));
    for value in &plain {
        all.push(json!([value]));
        all.push(json!([value, "a"]));
        all.push(json!([value, null, true]));
        for name in ["a", "b", "ab", "x1", "next", "v", "z"] {
            let mut map = Map::new();
            map.insert(name.into(), value.clone());
            all.push(Value::Object(map.clone()));
            map.insert("b".into(), json!(1));
            all.push(Value::Object(map));
        }
    }
    all
}

/// What is done to a proof.
#[derive(Clone, Debug)]
enum Tampering {
    Drop(usize, usize),
    Sign(usize, usize),
    State(usize, usize),
    Premise(usize, usize, usize),
    Rule(usize, usize, usize),
    Root(usize),
}

fn at_tree<'t>(tree: &'t mut Tree, left: &mut usize) -> Option<&'t mut Tree> {
    if *left == 0 {
        return Some(tree);
    }
    *left -= 1;
    match tree {
        Tree::Types(branches) => branches
            .iter_mut()
            .find_map(|(_, tree)| at_tree(tree, left)),
        Tree::Cases(_, cases) => cases
            .iter_mut()
            .flatten()
            .find_map(|tree| at_tree(tree, left)),
        Tree::Decide(_, holds, fails) => match at_tree(holds, left) {
            Some(found) => Some(found),
            None => at_tree(fails, left),
        },
        Tree::Rest(_, _, tree) => at_tree(tree, left),
        _ => None,
    }
}

/// Tampers; says whether the proof is another one now, and whether the checker must see it whatever the rest says.
fn tamper(proof: &mut Proof<'_>, how: &Tampering) -> Option<bool> {
    let order = reachable(proof);
    let pick = |number: usize| order[number % order.len()].0 as usize;
    match *how {
        Tampering::Drop(fact, which) => {
            let tree = &mut proof.facts[pick(fact)].tree;
            let mut all = Vec::new();
            trees(tree, &mut all);
            let mut left = which % all.len();
            match at_tree(tree, &mut left)? {
                Tree::Types(branches) => branches.pop().map(|_| true),
                Tree::Cases(_, cases) => cases.pop().map(|_| true),
                Tree::Demand(_, facts) | Tree::Arrangement(facts) => facts.pop().map(|_| false),
                _ => None,
            }
        }
        Tampering::Sign(fact, which) => {
            let fact = pick(fact);
            let state = &mut proof.facts[fact].state;
            let count = state.len();
            let literal = state.get_mut(which % count)?;
            *literal = literal.opposite();
            Some(fact == order[0].0 as usize)
        }
        Tampering::State(fact, other) => {
            let (fact, other) = (pick(fact), pick(other));
            let state = proof.facts[other].state.clone();
            let before = std::mem::replace(&mut proof.facts[fact].state, state.clone());
            (before != state).then_some(fact == order[0].0 as usize)
        }
        Tampering::Premise(fact, which, other) => {
            let other = FactId(u32::try_from(pick(other)).unwrap());
            let tree = &mut proof.facts[pick(fact)].tree;
            let mut all = Vec::new();
            trees(tree, &mut all);
            let mut left = which % all.len();
            match at_tree(tree, &mut left)? {
                Tree::Member(_, premise) | Tree::Item(_, premise) => {
                    (std::mem::replace(premise, other) != other).then_some(false)
                }
                Tree::Demand(_, premises) | Tree::Arrangement(premises) => {
                    let premise = premises.first_mut()?;
                    (std::mem::replace(premise, other) != other).then_some(false)
                }
                _ => None,
            }
        }
        Tampering::Rule(fact, which, rule) => {
            let every: Vec<FactId> = (0..proof.facts.len())
                .map(|at| FactId(u32::try_from(at).unwrap()))
                .collect();
            let tree = &mut proof.facts[pick(fact)].tree;
            let mut all = Vec::new();
            trees(tree, &mut all);
            let mut left = which % all.len();
            let tree = at_tree(tree, &mut left)?;
            let new = [
                Tree::Clash,
                Tree::Values,
                Tree::Numbers,
                Tree::Strings,
                Tree::Counts,
                Tree::Arrangement(every),
            ][rule % 6]
                .clone();
            let other = checker::name(tree) != checker::name(&new);
            *tree = new;
            other.then_some(false)
        }
        Tampering::Root(other) => {
            let other = FactId(u32::try_from(pick(other)).unwrap());
            let another =
                proof.facts[other.0 as usize].state != proof.facts[order[0].0 as usize].state;
            proof.root = other;
            another.then_some(true)
        }
    }
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let number = || 0..64usize;
    prop_oneof![
        (number(), number()).prop_map(|(a, b)| Tampering::Drop(a, b)),
        (number(), number()).prop_map(|(a, b)| Tampering::Sign(a, b)),
        (number(), number()).prop_map(|(a, b)| Tampering::State(a, b)),
        (number(), number(), number()).prop_map(|(a, b, c)| Tampering::Premise(a, b, c)),
        (number(), number(), number()).prop_map(|(a, b, c)| Tampering::Rule(a, b, c)),
        number().prop_map(Tampering::Root),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A tampered proof is refused, or all that it now says is as true as before.
    #[test]
    fn a_tampered_proof_is_refused(example in 0..19usize, how in tampering()) {
        let (_, old, new) = &examples()[example];
        let mut proof = proof(old, new).unwrap();
        let must = tamper(&mut proof, &how);
        let checked = proof.check();
        if must == Some(true) {
            prop_assert!(checked.is_err(), "{how:?}");
        }
        if checked.is_ok() {
            prop_assert_eq!(denied(&mut proof, &samples()), None, "{:?}", how);
        }
    }
}

#[test]
fn tampering_is_mostly_seen() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = tampering();
    let mut seen: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    for (_, old, new) in examples() {
        for _ in 0..60 {
            let how = strategy.new_tree(&mut runner).unwrap().current();
            let mut proof = proof(&old, &new).unwrap();
            if tamper(&mut proof, &how).is_none() {
                continue;
            }
            let kind = match how {
                Tampering::Drop(..) => "drop",
                Tampering::Sign(..) => "sign",
                Tampering::State(..) => "state",
                Tampering::Premise(..) => "premise",
                Tampering::Rule(..) => "rule",
                Tampering::Root(..) => "root",
            };
            let count = seen.entry(kind).or_default();
            count.0 += usize::from(proof.check().is_err());
            count.1 += 1;
        }
    }
    println!("{seen:?}");
    // A premise may be exchanged for another that serves as well, so not all of those are refused.
    for (kind, (refused, all)) in seen {
        assert!(refused > 0, "{kind}: {refused} of {all} refused");
        assert!(
            kind == "premise" || refused * 10 > all * 9,
            "{kind}: {refused} of {all} refused"
        );
    }
}

/// Closes a branch by whatever the checker accepts, whether a prover would think of it or not.
struct Forger<'f> {
    forms: &'f mut Forms,
    languages: &'f mut Languages,
    facts: Vec<Fact>,
}

impl Forger<'_> {
    fn accepted(&mut self, state: &[Literal], tree: Tree) -> bool {
        let root = FactId(u32::try_from(self.facts.len()).unwrap());
        self.facts.push(Fact {
            state: state.into(),
            tree,
        });
        let accepted = checker::follows(
            self.forms,
            self.languages,
            &self.facts,
            root,
            &mut Steps::new(50_000),
        )
        .is_ok();
        if !accepted {
            self.facts.pop();
        }
        accepted
    }

    /// A tree for one type, found by trial of every rule that has no trees inside.
    fn close(&mut self, state: &[Literal], kind: Type) -> Option<Tree> {
        let every: Vec<FactId> = (0..self.facts.len())
            .map(|at| FactId(u32::try_from(at).unwrap()))
            .collect();
        let mut leaves = vec![
            Tree::Clash,
            Tree::Values,
            Tree::Numbers,
            Tree::Strings,
            Tree::Counts,
        ];
        leaves.push(Tree::Arrangement(every.clone()));
        for name in ["a", "b", "ab", "x1"] {
            leaves.push(Tree::Forbidden(name.into()));
            leaves.extend(every.iter().map(|fact| Tree::Member(name.into(), *fact)));
        }
        leaves.extend(every.iter().map(|fact| Tree::Item(0, *fact)));
        for at in 0..self.forms.len() {
            let form = self.forms.at(at).unwrap();
            leaves.push(Tree::Demand(Literal::yes(form), every.clone()));
            leaves.push(Tree::Demand(Literal::no(form), every.clone()));
            leaves.push(Tree::Cases(Literal::yes(form), Vec::new()));
            leaves.push(Tree::Cases(Literal::no(form), vec![None]));
            leaves.push(Tree::Cases(Literal::no(form), vec![None, None]));
        }
        leaves
            .into_iter()
            .find(|leaf| self.accepted(state, Tree::Types(vec![(kind, leaf.clone())])))
    }
}

/// What is left of a question of the prover's: the state that it was about, and the facts that stand on their own.
fn forger<R>(
    old: &Value,
    new: &Value,
    then: impl FnOnce(&mut Forger<'_>, [Literal; 2], Option<Value>) -> R,
) -> R {
    let documents = [side(old), side(new)]
        .map(|side| Documents::without_places(&side, side.dialect().unwrap()));
    let [left, entered] = &documents;
    let compiled = compile([left, entered], false).unwrap();
    let [before, after] = compiled.roots;
    let mut steps = Steps::new(100_000);
    let mut prover = Prover::new(compiled, &mut steps);
    let state = [Literal::yes(before), Literal::no(after)];
    let value = match prover.solve(&state) {
        Outcome::Model(value) => Some(value),
        _ => None,
    };
    let Prover {
        mut forms,
        mut languages,
        facts,
        ..
    } = prover;
    let mut alone = Vec::new();
    for (at, fact) in facts.iter().enumerate() {
        let id = FactId(u32::try_from(at).unwrap());
        let mut named = Vec::new();
        premises(&fact.tree, &mut named);
        if named.is_empty()
            && checker::follows(
                &mut forms,
                &mut languages,
                &facts,
                id,
                &mut Steps::new(50_000),
            )
            .is_ok()
        {
            alone.push(fact.clone());
        }
    }
    let mut forger = Forger {
        forms: &mut forms,
        languages: &mut languages,
        facts: alone,
    };
    then(&mut forger, state, value)
}

#[test]
fn nothing_closes_what_has_a_value() {
    for (old, new) in breaking() {
        forger(&old, &new, |forger, [before, after], value| {
            let value = value.unwrap_or_else(|| panic!("no counterexample: {old} in {new}"));
            let kind = Type::of(&value);
            let typed = Literal::yes(forger.forms.add(Form::Type(Types::only(kind))));
            let closed = forger.close(&[before, after, typed], kind);
            assert!(closed.is_none(), "{old} in {new} has {value}: {closed:?}");
            assert!(!forger.accepted(&[before, after], Tree::Clash));
            assert!(!forger.accepted(&[before, after], Tree::Types(Vec::new())));
        });
    }
}

/// The same trials do close what has none: the test above is no test of trials that never succeed.
#[test]
fn trials_close_some_of_what_has_no_value() {
    let mut closed = 0;
    for (_, old, new) in examples() {
        forger(&old, &new, |forger, [before, after], value| {
            assert_eq!(value, None, "{old} in {new}");
            for kind in Type::ALL {
                let typed = Literal::yes(forger.forms.add(Form::Type(Types::only(kind))));
                if matches!(forger.close(&[before, after, typed], kind), Some(tree) if !matches!(tree, Tree::Clash))
                {
                    closed += 1;
                }
            }
        });
    }
    assert!(closed >= 12, "{closed}");
}

#[test]
fn a_deep_proof_fits_a_small_stack() {
    let deep = |depth: usize| {
        let small = std::thread::Builder::new().stack_size(1 << 20);
        let check = move || {
            by_hand(
                &json!({"minLength": 2}),
                &json!({"minLength": 1}),
                |old, _| {
                    let mut tree = Tree::Strings;
                    for _ in 0..depth {
                        tree = Tree::Decide(old, tree.into(), Tree::Clash.into());
                    }
                    Tree::Types(vec![(Type::String, tree)])
                },
            )
        };
        small.spawn(check).unwrap().join().unwrap()
    };
    assert_eq!(deep(440), Ok(()));
    assert_eq!(deep(2_000), Err(Fault::TooDeep));
}

#[test]
fn the_trace_names_rules_pairs_and_references() {
    let old = json!({"$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}, "v": {"const": 1}}}}, "$ref": "#/$defs/node"});
    let new = json!({"$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}, "v": {"type": "integer"}}}}, "$ref": "#/$defs/node"});
    let proof = proof(&old, &new).unwrap();
    let trace = proof.trace();
    assert_eq!(trace, proof.trace());
    assert_eq!(trace["facts"][0]["fact"], json!(0));
    assert_eq!(trace["facts"][0]["state"][0]["holds"], json!(true));
    assert_eq!(trace["facts"][0]["state"][0]["schema"]["side"], "old");
    assert_eq!(trace["facts"][0]["state"][1]["schema"]["side"], "new");
    assert!(trace.get("truncated").is_none());
    // The example of the documentation.
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/proofs.md");
    let page = std::fs::read_to_string(file).unwrap();
    let example = page
        .split("```json\n")
        .last()
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let example: Value = serde_json::from_str(example).unwrap_or_default();
    assert_eq!(
        trace,
        example,
        "{}",
        serde_json::to_string_pretty(&trace).unwrap()
    );
}
