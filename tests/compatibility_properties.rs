//! What holds of every verdict, on random schemas of every draft.
//!
//! The schemas are those of `cargo xtask soak`, made of bytes here, so that a failing case shrinks. The seeds are fixed: an
//! ordinary test run says the same every time; the soak looks for what is new.

// The lints of tests hold for their helpers, too.
#![cfg(test)]

use std::{
    cell::Cell,
    panic::{RefUnwindSafe, UnwindSafe},
};

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{RngSeed, TestRunner},
};
use schema_senate::compatibility::{Mode, Report, Verdict};
use schema_senate::schema::Draft;
use serde_json::{Value, json};
use xtask_soak::{
    changes::{next_version, same_meaning},
    choices::Choices,
    oracle::{Judges, ask},
    pairs::{Pair, verdict},
    places::has_empty_loop,
    schemas::{DRAFTS, Writer, definitions},
};

/// Schemas of each property.
const CASES: u32 = 250;

fn holds_of_all(
    property: impl Fn(&mut Choices<'_>) -> Result<(), TestCaseError> + UnwindSafe + RefUnwindSafe,
) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases: CASES,
        rng_seed: RngSeed::Fixed(0x5e4a7e),
        failure_persistence: None,
        max_global_rejects: CASES * 8,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&vec(any::<u8>(), 0..240), |bytes| {
        property(&mut Choices::from_bytes(&bytes))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

fn draft(choices: &mut Choices<'_>) -> Draft {
    choices.pick(&DRAFTS).copied().unwrap()
}

fn document(choices: &mut Choices<'_>, draft: Draft) -> Value {
    Writer::new(choices, draft, 8, Vec::new()).document()
}

/// Whether both have a meaning by the specification.
fn are_defined(pair: &Pair) -> bool {
    !has_empty_loop(&pair.old) && !has_empty_loop(&pair.new)
}

/// Both read in the same draft, and both schemas of it; a case without that is drawn again.
fn pair(draft: Draft, old: &Value, new: &Value) -> Result<(Pair, Judges), TestCaseError> {
    let pair = Pair {
        old: old.clone(),
        new: new.clone(),
        old_draft: draft,
        new_draft: draft,
    };
    match Judges::of(&pair) {
        Some(judges) if are_defined(&pair) => Ok((pair, judges)),
        _ => Err(TestCaseError::reject("no schema of its draft")),
    }
}

fn backward(draft: Draft, old: &Value, new: &Value) -> Result<Report, TestCaseError> {
    let (pair, _) = pair(draft, old, new)?;
    Ok(verdict(Mode::Backward, &pair))
}

fn is_compatible(draft: Draft, old: &Value, new: &Value) -> Result<(), TestCaseError> {
    let report = backward(draft, old, new)?;
    prop_assert_eq!(
        report.verdict,
        Verdict::Compatible,
        "{:?}: {} to {}: {} {:?}",
        draft,
        old,
        new,
        report.reason,
        report.witness
    );
    Ok(())
}

#[test]
fn a_schema_is_compatible_with_itself() {
    holds_of_all(|choices| {
        let draft = draft(choices);
        let schema = document(choices, draft);
        is_compatible(draft, &schema, &schema)
    });
}

#[test]
fn compatible_twice_is_not_breaking() {
    let chains = Cell::new(0);
    let chains = std::panic::AssertUnwindSafe(&chains);
    holds_of_all(|choices| {
        let draft = draft(choices);
        let middle = document(choices, draft);
        let versions = [
            next_version(choices, draft, &middle),
            middle.clone(),
            next_version(choices, draft, &middle),
        ];
        // Each order of the three; two of them usually contain each other in one.
        for [a, b, c] in [
            [0, 1, 2],
            [2, 1, 0],
            [0, 2, 1],
            [2, 0, 1],
            [1, 0, 2],
            [1, 2, 0],
        ] {
            let [a, b, c] = [&versions[a], &versions[b], &versions[c]];
            if a == b || b == c || a == c {
                continue;
            }
            let there = backward(draft, a, b)?.verdict;
            if there != Verdict::Compatible || backward(draft, b, c)?.verdict != there {
                continue;
            }
            chains.set(chains.get() + 1);
            let both = backward(draft, a, c)?;
            prop_assert!(
                both.verdict != Verdict::Breaking,
                "{:?}: {} within {} within {}, and yet {:?}",
                draft,
                a,
                b,
                c,
                both.witness
            );
        }
        Ok(())
    });
    assert!(chains.get() >= 100, "only {} chains", chains.get());
}

#[test]
fn full_is_the_worse_of_backward_and_forward() {
    let seen = Cell::new([0; 2]);
    let seen = std::panic::AssertUnwindSafe(&seen);
    holds_of_all(|choices| {
        let drawn = Pair::random(choices);
        let Some(judges) = Judges::of(&drawn) else {
            return Err(TestCaseError::reject("no schema of its draft"));
        };
        let [backward, forward, full] =
            [Mode::Backward, Mode::Forward, Mode::Full].map(|mode| verdict(mode, &drawn));
        prop_assert_eq!(full.verdict, backward.verdict.max(forward.verdict));
        let turned = Pair {
            old: drawn.new.clone(),
            new: drawn.old.clone(),
            old_draft: drawn.new_draft,
            new_draft: drawn.old_draft,
        };
        prop_assert_eq!(verdict(Mode::Backward, &turned).verdict, forward.verdict);
        if full.verdict == Verdict::Breaking {
            let witness = full.witness.unwrap_or_default();
            let back = Judges::of(&turned).is_some_and(|judges| judges.breaks(&witness));
            prop_assert!(judges.breaks(&witness) || back, "{}", witness);
        }
        let mut counts = seen.get();
        counts[usize::from(full.verdict == Verdict::Breaking)] += 1;
        seen.set(counts);
        Ok(())
    });
    let [whole, broken] = seen.get();
    assert!(whole >= 20 && broken >= 20, "{whole} {broken}");
}

#[test]
fn other_names_of_definitions_another_order_and_annotations_change_nothing() {
    holds_of_all(|choices| {
        let draft = draft(choices);
        let schema = document(choices, draft);
        let same = same_meaning(choices, draft, &schema);
        is_compatible(draft, &schema, &same)?;
        is_compatible(draft, &same, &schema)?;
        let next = next_version(choices, draft, &schema);
        let [there, of_the_same] = [
            backward(draft, &schema, &next)?,
            backward(draft, &same, &next)?,
        ];
        prop_assert_eq!(
            there.verdict,
            of_the_same.verdict,
            "{:?}: {} or {} to {}",
            draft,
            schema,
            same,
            next
        );
        Ok(())
    });
}

#[test]
fn an_answer_is_not_refuted_by_its_witness_or_by_instances() {
    let seen = Cell::new([0; 2]);
    let seen = std::panic::AssertUnwindSafe(&seen);
    holds_of_all(|choices| {
        let drawn = Pair::random(choices);
        let Some(asked) = ask(&drawn, 100, 7) else {
            return Err(TestCaseError::reject("no schema of its draft"));
        };
        // How fast an unoptimised build answers is no property.
        let wrong = asked.fault.filter(xtask_soak::oracle::Fault::is_wrong);
        prop_assert_eq!(wrong, None, "{}", drawn.line());
        let mut counts = seen.get();
        match asked.verdict {
            Some(Verdict::Compatible) if asked.valid > 0 => counts[0] += 1,
            Some(Verdict::Breaking) => counts[1] += 1,
            _ => {}
        }
        seen.set(counts);
        Ok(())
    });
    let [compatible, breaking] = seen.get();
    assert!(
        compatible >= 40 && breaking >= 20,
        "{compatible} {breaking}"
    );
}

/// The definitions of a document, and the rest of it; `None` where a reference means another thing when the rest stands
/// inside something else.
fn apart(draft: Draft, document: &Value) -> Option<(Value, Value)> {
    let text = document.to_string();
    let names_its_root = ["\"#\"", "$dynamic", "$recursive", "$id"]
        .iter()
        .any(|mark| text.contains(mark));
    if names_its_root {
        return None;
    }
    let mut rest = document.clone();
    let defined = rest
        .as_object_mut()
        .and_then(|map| map.shift_remove(definitions(draft)))
        .unwrap_or_else(|| json!({}));
    Some((defined, rest))
}

#[test]
fn the_connectives_are_those_of_logic() {
    holds_of_all(|choices| {
        let draft = draft(choices);
        let document = document(choices, draft);
        let Some((defined, x)) = apart(draft, &document) else {
            return Err(TestCaseError::reject("speaks of its root"));
        };
        let names = defined.as_object().unwrap().keys().cloned().collect();
        let y = Writer::new(choices, draft, 4, names).subschema(2);
        if y.to_string().contains("\"#\"") || y.to_string().contains("$dynamic") {
            return Err(TestCaseError::reject("speaks of its root"));
        }
        let keyword = definitions(draft);
        let x_alone = json!({"allOf": [x], keyword: defined});
        is_compatible(draft, &document, &x_alone)?;
        is_compatible(draft, &x_alone, &document)?;
        let either = json!({"anyOf": [y, x], keyword: defined});
        is_compatible(draft, &document, &either)?;
        let both = json!({"allOf": [y, x], keyword: defined});
        is_compatible(draft, &both, &document)?;
        let twice_refused = json!({"not": {"not": x}, keyword: defined});
        is_compatible(draft, &document, &twice_refused)?;
        is_compatible(draft, &twice_refused, &document)?;
        let contradiction = json!({"allOf": [x, {"not": x}], keyword: defined});
        is_compatible(draft, &contradiction, &json!({"not": {}}))?;
        let excluded_middle = json!({"anyOf": [x, {"not": x}], keyword: defined});
        is_compatible(draft, &json!({}), &excluded_middle)?;
        let exactly_one = json!({"oneOf": [x, y], keyword: defined});
        is_compatible(draft, &exactly_one, &either)
    });
}
