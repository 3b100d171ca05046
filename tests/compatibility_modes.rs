//! Modes over a history, named assumptions, and the table of added and removed properties.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};

use schema_senate::compatibility::{
    Assumption, Mode, Options, Report, Side, Verdict, check, check_history,
};
use schema_senate::schema::{Draft, Formats};
use serde_json::{Value, json};

static NOTHING: BTreeMap<String, Value> = BTreeMap::new();

fn side(schema: &Value) -> Side<'_> {
    Side {
        schema,
        references: &NOTHING,
        draft: None,
    }
}

fn ask(old: &Value, new: &Value, options: &Options) -> Report {
    check(&side(old), &side(new), options)
}

fn assuming(assumptions: &[Assumption]) -> Options {
    Options::default().assuming(assumptions.iter().copied())
}

fn accepts(schema: &Value, artifact: &Value) -> bool {
    jsonschema::is_valid(schema, artifact)
}

/// One row: what happens to the property `b`, how it is declared, whether both objects are closed, and the four verdicts:
/// backward strict, backward lenient, forward strict, forward lenient (true: compatible).
struct Row {
    change: &'static str,
    declared: &'static str,
    closed: bool,
    backward: [bool; 2],
    forward: [bool; 2],
    why: &'static str,
}

const YES: bool = true;
const NO: bool = false;

/// Twelve rows, each read strictly and leniently: the 24 cells, once backward and once forward. `b` is a string.
const TABLE: [Row; 12] = [
    Row {
        change: "added",
        declared: "required",
        closed: false,
        backward: [NO, NO],
        forward: [YES, YES],
        why: "backward, {} lacks b, whatever writers emit; forward, the old schema lets every b pass",
    },
    Row {
        change: "added",
        declared: "default",
        closed: false,
        backward: [NO, YES],
        forward: [YES, YES],
        why: "strictly {} lacks b and b: 0 may be there already; leniently b is filled in and was never written",
    },
    Row {
        change: "added",
        declared: "optional",
        closed: false,
        backward: [NO, YES],
        forward: [YES, YES],
        why: "strictly an old artifact may hold b: 0; leniently nobody wrote a name that was not declared",
    },
    Row {
        change: "added",
        declared: "required",
        closed: true,
        backward: [NO, NO],
        forward: [NO, NO],
        why: "backward, {} lacks b; forward, new artifacts hold b, which the closed old schema refuses",
    },
    Row {
        change: "added",
        declared: "default",
        closed: true,
        backward: [NO, YES],
        forward: [NO, NO],
        why: "strictly {} lacks b, leniently it is filled in; forward, every new artifact holds b",
    },
    Row {
        change: "added",
        declared: "optional",
        closed: true,
        backward: [YES, YES],
        forward: [NO, NO],
        why: "backward, no old artifact holds b; forward, a new one may, and b is declared so that leniency does not help",
    },
    Row {
        change: "removed",
        declared: "required",
        closed: false,
        backward: [YES, YES],
        forward: [NO, NO],
        why: "backward, the new schema lets every b pass; forward, new artifacts may lack b",
    },
    Row {
        change: "removed",
        declared: "default",
        closed: false,
        backward: [YES, YES],
        forward: [NO, YES],
        why: "forward strictly {} lacks b and b: 0 may be there; leniently old readers fill b in and no new writer emits it",
    },
    Row {
        change: "removed",
        declared: "optional",
        closed: false,
        backward: [YES, YES],
        forward: [NO, YES],
        why: "forward strictly a new artifact may hold b: 0; leniently nobody writes a name that is not declared",
    },
    Row {
        change: "removed",
        declared: "required",
        closed: true,
        backward: [NO, NO],
        forward: [NO, NO],
        why: "backward, old artifacts hold b, declared then and refused now; forward, new ones lack it",
    },
    Row {
        change: "removed",
        declared: "default",
        closed: true,
        backward: [NO, NO],
        forward: [NO, YES],
        why: "backward, old artifacts hold b; forward strictly new ones lack it, leniently old readers fill it in",
    },
    Row {
        change: "removed",
        declared: "optional",
        closed: true,
        backward: [NO, NO],
        forward: [YES, YES],
        why: "backward, an old artifact may hold b, which is declared and so not ruled out; forward, no new one does",
    },
];

#[test]
fn a_property_added_or_removed_in_24_cells() {
    for row in &TABLE {
        let mut without = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
        let mut with = without.clone();
        with["properties"]["b"] = json!({"type": "string"});
        if row.declared != "optional" {
            with["required"] = json!(["b"]);
        }
        if row.declared == "default" {
            with["properties"]["b"]["default"] = json!("");
        }
        if row.closed {
            without["additionalProperties"] = json!(false);
            with["additionalProperties"] = json!(false);
        }
        let (old, new) = if row.change == "added" {
            (without, with)
        } else {
            (with, without)
        };
        for (mode, expected) in [(Mode::Backward, row.backward), (Mode::Forward, row.forward)] {
            for (assumptions, expected) in [&[][..], &Assumption::LENIENT[..]]
                .into_iter()
                .zip(expected)
            {
                let options = Options::in_mode(mode).assuming(assumptions.iter().copied());
                let report = ask(&old, &new, &options);
                let cell = format!(
                    "{} {} closed: {} {mode:?} {assumptions:?} ({}): {report:?}",
                    row.change, row.declared, row.closed, row.why
                );
                if expected {
                    assert_eq!(report.verdict, Verdict::Compatible, "{cell}");
                    assert_eq!(report.witness, None, "{cell}");
                } else {
                    assert_eq!(report.verdict, Verdict::Breaking, "{cell}");
                    let (from, to) = match mode {
                        Mode::Backward => (&old, &new),
                        _ => (&new, &old),
                    };
                    let witness = report.witness.as_ref().expect(&cell);
                    assert!(accepts(from, witness) && !accepts(to, witness), "{cell}");
                    if !assumptions.is_empty() {
                        let known =
                            |name: &String| name == "a" || from["properties"].get(name).is_some();
                        assert!(witness.as_object().unwrap().keys().all(known), "{cell}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_leniency_hides_is_shown() {
    let old = json!({"properties": {"a": {}}});
    let new = json!({"properties": {"a": {}, "b": {"type": "string", "default": "x"}}, "required": ["b"], "type": "object"});
    let old_object = json!({"type": "object", "properties": {"a": {}}});
    let report = ask(&old_object, &new, &assuming(&Assumption::LENIENT));
    assert_eq!(report.verdict, Verdict::Compatible);
    assert_eq!(report.assumptions, Assumption::LENIENT);
    let hidden: Vec<_> = report.ruled_out.iter().map(|one| one.assumption).collect();
    assert_eq!(hidden, Assumption::LENIENT, "{report:?}");
    for one in &report.ruled_out {
        let witness = one.witness.as_ref().unwrap();
        assert!(
            accepts(&old_object, witness) && !accepts(&new, witness),
            "{one:?}"
        );
        assert!(one.sentence.contains(one.assumption.as_str()), "{one:?}");
    }
    // Without closed writers b may be there with any value; without defaults it is missing.
    assert!(
        report.ruled_out[0]
            .witness
            .as_ref()
            .unwrap()
            .get("b")
            .is_some()
    );
    assert!(
        report.ruled_out[1]
            .witness
            .as_ref()
            .unwrap()
            .get("b")
            .is_none()
    );
    // What the assumptions do not cure is breaking, and hides nothing.
    let report = ask(&old, &new, &assuming(&Assumption::LENIENT));
    assert_eq!(report.verdict, Verdict::Breaking);
    assert!(report.ruled_out.is_empty() && report.witness.is_some_and(|one| !one.is_object()));
    // Compatible anyway: nothing is assumed away.
    let report = ask(&new, &old, &assuming(&Assumption::ALL));
    assert_eq!(
        (report.verdict, report.ruled_out.len()),
        (Verdict::Compatible, 0)
    );
}

/// A case: old, new, dialect, assumptions, and the verdicts without and with them.
type Case = (
    &'static str,
    Value,
    Value,
    Draft,
    Assumption,
    Verdict,
    Verdict,
);

#[test]
fn assumptions_are_faithful_to_composition_and_dialect() {
    use Assumption::{ClosedWriters, DefaultsFilled, TolerantEnumReaders};
    use Draft::{Draft4, Draft7, Draft201909, Draft202012};
    use Verdict::{Breaking, Compatible};
    let base = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
    let parts = |c: Value| json!({"type": "object", "allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "integer"}}}], "properties": c});
    let cases: Vec<Case> = vec![
        (
            "the names of all branches stay allowed, so b can break",
            parts(json!({})),
            json!({"type": "object", "properties": {"b": {"type": "string"}}}),
            Draft202012,
            ClosedWriters,
            Breaking,
            Breaking,
        ),
        (
            "a name that no branch declares is not written",
            parts(json!({})),
            parts(json!({"c": {"type": "string"}})),
            Draft202012,
            ClosedWriters,
            Breaking,
            Compatible,
        ),
        (
            "the same in draft 4",
            parts(json!({})),
            parts(json!({"c": {"type": "string"}})),
            Draft4,
            ClosedWriters,
            Breaking,
            Compatible,
        ),
        (
            "a map with a schema for its members is not closed",
            json!({"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "integer"}}),
            json!({"type": "object", "properties": {"a": {}, "b": {"type": "string"}}}),
            Draft202012,
            ClosedWriters,
            Breaking,
            Breaking,
        ),
        (
            "an object that declares nothing is not closed",
            json!({"type": "object"}),
            json!({"type": "object", "properties": {"b": {"type": "string"}}}),
            Draft202012,
            ClosedWriters,
            Breaking,
            Breaking,
        ),
        (
            "a required name is written though it is not declared",
            json!({"type": "object", "properties": {"a": {}}, "required": ["b"]}),
            json!({"type": "object", "properties": {"b": {"type": "string"}}}),
            Draft202012,
            ClosedWriters,
            Breaking,
            Breaking,
        ),
        (
            "behind a reference",
            json!({"$ref": "#/definitions/x", "definitions": {"x": base}}),
            json!({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}),
            Draft7,
            ClosedWriters,
            Breaking,
            Compatible,
        ),
        (
            "what stands beside a reference counts from 2019-09 on",
            json!({"$ref": "#/definitions/x", "properties": {"b": {}}, "definitions": {"x": base}}),
            json!({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}),
            Draft201909,
            ClosedWriters,
            Breaking,
            Breaking,
        ),
        (
            "and not before",
            json!({"$ref": "#/definitions/x", "properties": {"b": {}}, "definitions": {"x": base}}),
            json!({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}),
            Draft7,
            ClosedWriters,
            Breaking,
            Compatible,
        ),
        (
            "inside a branch of oneOf",
            json!({"oneOf": [{"type": "array", "items": base}, {"type": "null"}]}),
            json!({"oneOf": [{"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}}, {"type": "null"}]}),
            Draft202012,
            ClosedWriters,
            Breaking,
            Compatible,
        ),
        (
            "what not forbids stays forbidden",
            json!({"type": "array", "items": base, "not": {"items": {"properties": {"a": {"minimum": 0}}}}}),
            json!({"type": "array", "items": {"type": "object", "properties": {"b": {"type": "string"}}}, "minItems": 1}),
            Draft202012,
            ClosedWriters,
            Breaking,
            Compatible,
        ),
        (
            "an unknown string in a list",
            json!({"enum": ["a", "b", "c"]}),
            json!({"enum": ["a", "b"]}),
            Draft202012,
            TolerantEnumReaders,
            Breaking,
            Compatible,
        ),
        (
            "a number in a list is no unknown string",
            json!({"enum": ["a", 1]}),
            json!({"enum": ["a", 2]}),
            Draft202012,
            TolerantEnumReaders,
            Breaking,
            Breaking,
        ),
        (
            "null stays",
            json!({"enum": ["a", "c", null]}),
            json!({"enum": ["a", null]}),
            Draft202012,
            TolerantEnumReaders,
            Breaking,
            Compatible,
        ),
        (
            "null is not added",
            json!({"enum": ["a", null]}),
            json!({"enum": ["a"]}),
            Draft202012,
            TolerantEnumReaders,
            Breaking,
            Breaking,
        ),
        (
            "a constant",
            json!({"const": "a"}),
            json!({"const": "b"}),
            Draft7,
            TolerantEnumReaders,
            Breaking,
            Compatible,
        ),
        (
            "other keywords still count",
            json!({"enum": ["a", "ccc"]}),
            json!({"enum": ["a"], "maxLength": 2}),
            Draft202012,
            TolerantEnumReaders,
            Breaking,
            Breaking,
        ),
        (
            "a list in not is a refusal, not a list of known values",
            json!({"type": "string"}),
            json!({"type": "string", "not": {"enum": ["x"]}}),
            Draft202012,
            TolerantEnumReaders,
            Breaking,
            Breaking,
        ),
        (
            "a list that is also referred to from not",
            json!({"enum": ["a", "b"]}),
            json!({"allOf": [{"$ref": "#/$defs/l"}], "not": {"$ref": "#/$defs/l"}, "$defs": {"l": {"enum": ["a"]}}}),
            Draft202012,
            TolerantEnumReaders,
            Breaking,
            Breaking,
        ),
        (
            "branches told apart by strings",
            json!({"type": "object", "required": ["k"], "properties": {"k": {"enum": ["a", "b", "c"]}}}),
            json!({"oneOf": [{"type": "object", "required": ["k"], "properties": {"k": {"const": "a"}}}, {"type": "object", "required": ["k"], "properties": {"k": {"const": "b"}}}]}),
            Draft202012,
            TolerantEnumReaders,
            Breaking,
            Compatible,
        ),
        (
            "a default that its own schema refuses fills nothing",
            json!({"type": "object", "additionalProperties": false}),
            json!({"type": "object", "properties": {"b": {"type": "string", "default": 1}}, "required": ["b"]}),
            Draft202012,
            DefaultsFilled,
            Breaking,
            Breaking,
        ),
        (
            "a default behind a reference",
            json!({"type": "object", "additionalProperties": false}),
            json!({"type": "object", "properties": {"b": {"$ref": "#/$defs/b"}}, "required": ["b"], "$defs": {"b": {"default": "", "type": "string"}}}),
            Draft202012,
            DefaultsFilled,
            Breaking,
            Compatible,
        ),
        (
            "a default beside a reference counts from 2019-09 on",
            json!({"type": "object", "additionalProperties": false}),
            json!({"type": "object", "properties": {"b": {"$ref": "#/$defs/b", "default": ""}}, "required": ["b"], "$defs": {"b": {"type": "string"}}}),
            Draft202012,
            DefaultsFilled,
            Breaking,
            Compatible,
        ),
        (
            "and not before",
            json!({"type": "object", "additionalProperties": false}),
            json!({"type": "object", "properties": {"b": {"$ref": "#/definitions/b", "default": ""}}, "required": ["b"], "definitions": {"b": {"type": "string"}}}),
            Draft7,
            DefaultsFilled,
            Breaking,
            Breaking,
        ),
        (
            "required in one branch, the default in another",
            json!({"type": "object", "additionalProperties": false}),
            json!({"type": "object", "allOf": [{"required": ["b"]}, {"properties": {"b": {"type": "string", "default": ""}}}]}),
            Draft4,
            DefaultsFilled,
            Breaking,
            Compatible,
        ),
        (
            "the last required name in draft 4",
            json!({"type": "object", "additionalProperties": false}),
            json!({"type": "object", "required": ["b"], "properties": {"b": {"default": 0}}}),
            Draft4,
            DefaultsFilled,
            Breaking,
            Compatible,
        ),
    ];
    for (name, old, new, draft, assumption, strict, lenient) in &cases {
        let side = |schema| Side {
            schema,
            references: &NOTHING,
            draft: Some(*draft),
        };
        let ask = |options: &Options| check(&side(old), &side(new), options);
        let without = ask(&Options::default());
        assert_eq!(without.verdict, *strict, "{name}: {without:?}");
        let with = ask(&assuming(&[*assumption]));
        assert_eq!(with.verdict, *lenient, "{name}: {with:?}");
        let hidden = with.ruled_out.iter().map(|one| one.assumption);
        let expected = (strict != lenient).then_some(*assumption);
        assert_eq!(
            hidden.collect::<Vec<_>>(),
            Vec::from_iter(expected),
            "{name}"
        );
    }
}

#[test]
fn a_schema_that_others_build_on_keeps_their_names() {
    let node = |extra: Value| {
        json!({
            "type": "object",
            "properties": {"child": {"$ref": "#/$defs/more"}},
            "$defs": {"more": {"allOf": [{"$ref": "#"}, {"properties": {"b": {"type": "integer"}}}, extra]}}
        })
    };
    let closed = assuming(&[Assumption::ClosedWriters]);
    let report = ask(
        &node(json!({})),
        &node(json!({"properties": {"b": {"type": "string"}}})),
        &closed,
    );
    assert_eq!(report.verdict, Verdict::Breaking, "{report:?}");
    assert!(report.witness.unwrap()["child"].get("b").is_some());
}

#[test]
fn evaluated_properties_stay_evaluated_and_unevaluated_ones_refused() {
    // Closing the whole must not make `c` evaluated for the `unevaluatedProperties` of the reader's twin on the writer's side.
    let old = json!({
        "type": "object",
        "anyOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"c": {}}, "required": ["c"]}],
        "unevaluatedProperties": {}
    });
    let mut new = old.clone();
    new["properties"] = json!({"d": {"type": "string"}});
    let report = ask(&old, &new, &assuming(&[Assumption::ClosedWriters]));
    assert_ne!(report.verdict, Verdict::Breaking, "{report:?}");
    if let Some(one) = report.ruled_out.first() {
        assert!(one.witness.as_ref().unwrap().get("d").is_some());
    }
}

#[test]
fn a_history_is_asked_newest_first_and_names_the_version() {
    let versions = [
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
        json!({"type": "object", "properties": {"a": {"type": ["string", "null"]}}}),
        json!({"type": "object", "properties": {"a": {"type": "integer"}}}),
        json!({"type": "object", "properties": {"a": {"type": "integer"}, "b": true}}),
    ];
    let sides: Vec<_> = versions.iter().map(side).collect();
    let next = json!({"type": "object", "properties": {"a": {"type": "number"}, "b": true}});
    let ask = |mode| check_history(&sides, &side(&next), &Options::in_mode(mode));
    let last = ask(Mode::Backward);
    assert_eq!((last.verdict, last.against), (Verdict::Compatible, Some(3)));
    let all = ask(Mode::BackwardTransitive);
    assert_eq!((all.verdict, all.against), (Verdict::Breaking, Some(1)));
    let witness = all.witness.unwrap();
    assert!(accepts(&versions[1], &witness) && !accepts(&next, &witness));
    assert!(
        all.differences
            .iter()
            .any(|one| one.new_pointer.as_deref() == Some("/properties/a/type"))
    );
    let forward = ask(Mode::ForwardTransitive);
    assert_eq!(
        (forward.verdict, forward.against),
        (Verdict::Breaking, Some(3))
    );
    let none = check_history(&[], &side(&next), &Options::in_mode(Mode::FullTransitive));
    assert_eq!((none.verdict, none.against), (Verdict::Compatible, None));
    let good = check_history(
        &sides[2..],
        &side(&next),
        &Options::in_mode(Mode::BackwardTransitive),
    );
    assert_eq!((good.verdict, good.against), (Verdict::Compatible, Some(1)));
    assert!(
        good.reason.contains("each of the 2 versions"),
        "{}",
        good.reason
    );
}

#[test]
fn formats_assert_only_when_asked() {
    let (old, new) = (
        json!({"type": "string"}),
        json!({"type": "string", "format": "ipv4"}),
    );
    assert_eq!(
        ask(&old, &new, &Options::default()).verdict,
        Verdict::Compatible
    );
    let asserted = Options {
        formats: Formats::Assertion,
        ..Options::default()
    };
    let report = ask(&old, &new, &asserted);
    assert_eq!(report.verdict, Verdict::Breaking, "{report:?}");
    assert!(report.witness.unwrap().is_string());
    assert_ne!(ask(&new, &old, &asserted).verdict, Verdict::Breaking);
}

#[test]
fn without_steps_nothing_is_looked_for() {
    let old = json!({"type": "object", "properties": {"x": {"type": "string", "pattern": "^(ab|c){3}$"}}, "required": ["x"]});
    let mut new = old.clone();
    new["properties"]["x"]["maxLength"] = json!(4);
    let none = Options {
        steps: 0,
        ..Options::default()
    };
    assert_eq!(ask(&old, &new, &none).witness, None);
    let report = ask(&old, &new, &Options::default());
    let witness = report.witness.unwrap();
    assert!(accepts(&old, &witness) && !accepts(&new, &witness));
}

#[test]
fn names_and_values_are_each_other() {
    for name in Mode::NAMES {
        assert_eq!(Mode::from_name(name).map(Mode::as_str), Some(name));
        assert_eq!(json!(Mode::from_name(name)), json!(name));
    }
    for (name, assumption) in Assumption::NAMES.into_iter().zip(Assumption::ALL) {
        assert_eq!(Assumption::from_name(name), Some(assumption));
        assert_eq!(json!(assumption), json!(name));
    }
    assert_eq!(
        (
            Mode::from_name("transitive"),
            Assumption::from_name("lenient")
        ),
        (None, None)
    );
}

/// The same lines are asked through the package.
#[test]
fn the_vectors_are_answered_as_they_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/modes");
    let mut asked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let case: Value = serde_json::from_str(&text).unwrap();
        let line = case["line"].to_string();
        let answer = schema_senate::wasm::api::batch_line("check-compat", line.as_bytes());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let told = format!("{}: {answer}", case["name"]);
        assert_eq!(answer["verdict"], case["verdict"], "{told}");
        assert_eq!(answer["against"], case["against"], "{told}");
        let hidden = |member: &str| -> Vec<Value> {
            let entries = answer["ruled_out"].as_array().into_iter().flatten();
            entries.map(|entry| entry[member].clone()).collect()
        };
        assert_eq!(json!(hidden("assumption")), case["ruled_out"], "{told}");
        if let Some(witness) = case.get("witness") {
            assert_eq!(answer.get("witness"), Some(witness), "{told}");
        }
        if let Some(witnesses) = case.get("witnesses") {
            assert_eq!(&json!(hidden("witness")), witnesses, "{told}");
        }
        asked += 1;
    }
    assert!(asked >= 8);
}

mod any_schemas {
    use super::*;
    use proptest::prelude::*;

    fn schema() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(true)),
            Just(json!({"type": "integer"})),
            Just(json!({"type": "string", "default": ""})),
            Just(json!({"enum": ["x", "y"]})),
            Just(json!({"enum": ["x", null], "default": "x"})),
            Just(json!({"const": "x"})),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let properties = proptest::collection::btree_map("[abc]", inner.clone(), 0..3);
            let required = proptest::collection::btree_set("[abc]", 0..2);
            let further = prop_oneof![Just(None), Just(Some(json!(false))), Just(Some(json!({"type": "null"})))];
            let object = (properties, required, further).prop_map(|(properties, required, further)| {
                let mut schema = json!({"type": "object", "properties": properties, "required": required});
                if let Some(further) = further {
                    schema["additionalProperties"] = further;
                }
                schema
            });
            let branches = proptest::collection::vec(inner.clone(), 1..3);
            let combinator = prop_oneof![Just("allOf"), Just("anyOf"), Just("oneOf")];
            prop_oneof![
                4 => object,
                1 => (combinator, branches).prop_map(|(keyword, branches)| json!({keyword: branches})),
                1 => inner.clone().prop_map(|inner| json!({"not": inner})),
                1 => inner.prop_map(|items| json!({"type": "array", "items": items})),
            ]
        })
    }

    fn assumptions() -> impl Strategy<Value = BTreeSet<Assumption>> {
        proptest::sample::subsequence(&Assumption::ALL[..], 0..=3)
            .prop_map(|list| list.into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

        #[test]
        fn an_assumption_never_makes_a_verdict_worse(old in schema(), new in schema(), assumptions in assumptions()) {
            for mode in [Mode::Backward, Mode::Forward] {
                let strict = ask(&old, &new, &Options::in_mode(mode));
                let options = Options { assumptions: assumptions.clone(), ..Options::in_mode(mode) };
                let lenient = ask(&old, &new, &options);
                if strict.verdict == Verdict::Compatible {
                    prop_assert_eq!(lenient.verdict, Verdict::Compatible);
                }
                // An artifact that breaks under assumptions breaks without them, too.
                let (from, to) = if mode == Mode::Backward { (&old, &new) } else { (&new, &old) };
                for witness in lenient.witness.iter().chain(lenient.ruled_out.iter().filter_map(|one| one.witness.as_ref())) {
                    prop_assert!(accepts(from, witness) && !accepts(to, witness), "{} {:?}", witness, lenient);
                }
            }
        }

        #[test]
        fn a_history_of_one_is_plain_and_full_is_the_worse_of_both(old in schema(), new in schema(), assumptions in assumptions()) {
            let verdict = |mode| {
                let options = Options { assumptions: assumptions.clone(), ..Options::in_mode(mode) };
                let plain = ask(&old, &new, &options);
                let mut history = check_history(&[side(&old)], &side(&new), &options);
                assert_eq!(history.against.take(), Some(0));
                assert_eq!(history, plain);
                plain
            };
            let plain = [Mode::Backward, Mode::Forward, Mode::Full];
            let transitive = [Mode::BackwardTransitive, Mode::ForwardTransitive, Mode::FullTransitive];
            let plain = plain.map(verdict);
            for (plain, transitive) in plain.iter().zip(transitive) {
                let transitive = Report { mode: plain.mode, ..verdict(transitive) };
                prop_assert_eq!(plain, &transitive);
            }
            let [backward, forward, full] = plain;
            prop_assert_eq!(full.verdict, backward.verdict.max(forward.verdict));
        }
    }
}
