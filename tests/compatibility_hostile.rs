//! Hostile schemas are answered: no panic, no overflow of a small stack, no endless work.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test looks at clocks and drives other processes; the core does neither"
)]

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use schema_senate::compatibility::{Mode, Options, Report, Side, Verdict, check};
use serde_json::{Map, Value, json};

/// Bytes of stack that the questions are asked on: what a WebAssembly build has by default, more without optimisation.
const STACK: usize = if cfg!(debug_assertions) {
    8 << 20
} else {
    1 << 20
};

/// How long one answer may take on a busy machine.
const LONGEST: Duration = if cfg!(debug_assertions) {
    Duration::from_secs(60)
} else {
    Duration::from_secs(6)
};

fn nested(levels: usize, leaf: Value, wrap: impl Fn(Value) -> Value) -> Value {
    (0..levels).fold(leaf, |inner, _| wrap(inner))
}

fn map(count: usize, entry: impl Fn(usize) -> (String, Value)) -> Map<String, Value> {
    (0..count).map(entry).collect()
}

/// Schemas by name; the leaf can be changed to make another version of the same schema.
fn schemas(leaf: &Value) -> Vec<(&'static str, Value)> {
    let leaf = || leaf.clone();
    let reference = |name: String| json!({"$ref": format!("#/$defs/{name}")});
    let big = |count: usize| {
        (0..count)
            .map(|n| json!(format!("value {n}")))
            .collect::<Vec<_>>()
    };
    vec![
        (
            "allOf nested",
            nested(
                60,
                leaf(),
                |inner| json!({"allOf": [inner, {"minimum": 1}]}),
            ),
        ),
        (
            "anyOf nested",
            nested(
                60,
                leaf(),
                |inner| json!({"anyOf": [inner, {"type": "null"}]}),
            ),
        ),
        (
            "oneOf nested",
            nested(
                40,
                leaf(),
                |inner| json!({"oneOf": [inner, {"type": "null"}]}),
            ),
        ),
        (
            "oneOf doubled",
            nested(
                12,
                leaf(),
                |inner| json!({"oneOf": [{"items": inner.clone()}, {"items": inner, "minItems": 1}]}),
            ),
        ),
        (
            "not nested",
            nested(100, leaf(), |inner| json!({"not": inner})),
        ),
        (
            "properties nested",
            nested(60, leaf(), |inner| json!({"properties": {"a": inner}})),
        ),
        (
            "items nested",
            nested(120, leaf(), |inner| json!({"items": inner})),
        ),
        (
            "conditions nested",
            nested(
                60,
                leaf(),
                |inner| json!({"if": {"minimum": 1}, "then": inner, "else": {"type": "null"}}),
            ),
        ),
        (
            "conditions in a row",
            json!({"allOf": (0..24).map(|n| json!({
            "if": {"required": [format!("a{n}")]}, "then": {"required": [format!("b{n}")]}, "else": leaf()
        })).collect::<Vec<_>>()}),
        ),
        ("itself", json!({"$ref": "#"})),
        ("itself in allOf", json!({"allOf": [{"$ref": "#"}, leaf()]})),
        (
            "itself in anyOf and not",
            json!({"anyOf": [{"not": {"$ref": "#"}}, leaf()]}),
        ),
        (
            "a ring",
            json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}, "c": leaf()}, "anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/c"}]}),
        ),
        (
            "a tree",
            json!({"$defs": {"t": {"type": "object", "properties": {"l": {"$ref": "#/$defs/t"}, "r": {"$ref": "#/$defs/t"}, "v": leaf()}}}, "$ref": "#/$defs/t"}),
        ),
        (
            "a tree that never ends",
            json!({"$defs": {"t": {"type": "object", "required": ["l", "r"], "properties": {"l": {"$ref": "#/$defs/t"}, "r": {"$ref": "#/$defs/t"}, "v": leaf()}}}, "$ref": "#/$defs/t"}),
        ),
        ("a chain of references", {
            let mut defs = map(10_000, |n| {
                (
                    format!("d{n}"),
                    json!({"$ref": format!("#/$defs/d{}", n + 1)}),
                )
            });
            defs.insert("d10000".into(), leaf());
            json!({"$defs": defs, "$ref": "#/$defs/d0"})
        }),
        ("a chain of 1500 objects", {
            let mut defs = map(1_500, |n| {
                (
                    format!("d{n}"),
                    json!({"properties": {"a": {"$ref": format!("#/$defs/d{}", n + 1)}}}),
                )
            });
            defs.insert("d1500".into(), leaf());
            json!({"$defs": defs, "$ref": "#/$defs/d0"})
        }),
        ("a chain of 950 objects", {
            let mut defs = map(950, |n| {
                (
                    format!("d{n}"),
                    json!({"properties": {"a": {"$ref": format!("#/$defs/d{}", n + 1)}}}),
                )
            });
            defs.insert("d950".into(), leaf());
            json!({"$defs": defs, "$ref": "#/$defs/d0"})
        }),
        ("references that fan out", {
            let mut defs = map(40, |n| {
                (
                    format!("d{n}"),
                    json!({"allOf": [reference(format!("d{}", n + 1)), reference(format!("d{}", n + 1))]}),
                )
            });
            defs.insert("d40".into(), leaf());
            json!({"$defs": defs, "$ref": "#/$defs/d0"})
        }),
        ("objects that fan out", {
            let mut defs = map(40, |n| {
                (
                    format!("d{n}"),
                    json!({"properties": {"a": reference(format!("d{}", n + 1)), "b": reference(format!("d{}", n + 1))}}),
                )
            });
            defs.insert("d40".into(), leaf());
            json!({"$defs": defs, "$ref": "#/$defs/d0"})
        }),
        (
            "a long enum",
            json!({"anyOf": [{"enum": big(20_000)}, leaf()]}),
        ),
        (
            "a long enum of objects",
            json!({"anyOf": [{"enum": (0..3_000).map(|n| json!({"a": n})).collect::<Vec<_>>()}, leaf()]}),
        ),
        (
            "a row of alternatives",
            json!({"allOf": (0..14).map(|n| json!({
            "anyOf": (0..14).map(|m| json!({"required": [format!("p{n}_{m}")], "properties": {(format!("p{n}_{m}")): leaf()}})).collect::<Vec<_>>()
        })).collect::<Vec<_>>()}),
        ),
        (
            "a row of exclusive alternatives",
            json!({"allOf": (0..8).map(|n| json!({
            "oneOf": (0..8).map(|m| json!({"properties": {"a": {"multipleOf": n * 8 + m + 2}, "b": leaf()}})).collect::<Vec<_>>()
        })).collect::<Vec<_>>()}),
        ),
        (
            "many branches",
            json!({"anyOf": (0..1_200).map(|n| json!({"type": "object", "required": [format!("r{n}")], "properties": {"kind": {"const": n}, "v": leaf()}})).collect::<Vec<_>>()}),
        ),
        (
            "many properties",
            json!({"type": "object", "properties": map(3_000, |n| (format!("p{n}"), leaf())), "required": (0..3_000).map(|n| format!("p{n}")).collect::<Vec<_>>()}),
        ),
        (
            "a very long enum",
            json!({"anyOf": [{"enum": big(120_000)}, leaf()]}),
        ),
        (
            "very many properties",
            json!({"properties": map(40_000, |n| (format!("p{n}"), leaf()))}),
        ),
        (
            "very many branches",
            json!({"anyOf": (0..15_000).map(|n| json!({"minimum": n, "multipleOf": n + 1, "maxLength": n, "items": leaf()})).collect::<Vec<_>>()}),
        ),
        (
            "as many properties as the algebra takes",
            json!({"type": "object", "properties": map(1_000, |n| (format!("p{n}"), leaf())), "required": (0..1_000).map(|n| format!("p{n}")).collect::<Vec<_>>()}),
        ),
        (
            "many patterns",
            json!({"patternProperties": map(120, |n| (format!("^a{{{n}}}b*(c|d)+"), leaf()))}),
        ),
        (
            "patterns that explode",
            json!({"allOf": [{"pattern": "^(a+)+$"}, {"pattern": "(?=(a|aa)*b)(a|aa)*$"}, {"pattern": "^(.*){1,30}x\\1?$"}, leaf()]}),
        ),
        (
            "a huge pattern",
            json!({"allOf": [{"pattern": "((a{1,50}){1,50}){1,9}"}, leaf()]}),
        ),
        (
            "bounds beyond reach",
            json!({"minItems": 1_000_000_000u64, "minLength": 9_007_199_254_740_991u64, "minProperties": 1_000_000_000u64, "minimum": 1e308, "multipleOf": 1e-300, "items": leaf()}),
        ),
        (
            "dependencies in a ring",
            json!({
                "dependentRequired": map(300, |n| (format!("p{n}"), json!([format!("p{}", (n + 1) % 300)]))),
                "dependentSchemas": map(60, |n| (format!("p{n}"), json!({"properties": {(format!("p{}", n + 1)): leaf()}})))
            }),
        ),
        (
            "contains upon contains",
            json!({"allOf": (0..16).map(|n| json!({"contains": {"const": n}, "maxContains": 2})).collect::<Vec<_>>(), "maxItems": 20, "items": {"anyOf": [{"type": "integer"}, leaf()]}}),
        ),
        (
            "unique items of few values",
            json!({"uniqueItems": true, "minItems": 30, "items": {"enum": (0..29).collect::<Vec<_>>()}, "contains": leaf()}),
        ),
        (
            "unevaluated upon unevaluated",
            nested(
                8,
                leaf(),
                |inner| json!({"anyOf": [{"properties": {"a": inner.clone()}}, {"properties": {"b": inner}}], "unevaluatedProperties": false}),
            ),
        ),
        (
            "unevaluated in a ring",
            json!({"anyOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"b": {"$ref": "#"}}}, {"properties": {"c": leaf()}}], "unevaluatedProperties": {"$ref": "#"}}),
        ),
        (
            "dynamic references",
            json!({"$dynamicAnchor": "n", "anyOf": [{"properties": {"c": {"$dynamicRef": "#n"}}, "required": ["c"]}, leaf()], "unevaluatedProperties": false}),
        ),
        (
            "property names upon property names",
            nested(
                20,
                leaf(),
                |inner| json!({"propertyNames": inner, "minProperties": 1}),
            ),
        ),
        (
            "a reference that leads nowhere",
            json!({"anyOf": [{"$ref": "https://example.org/not-given"}, leaf()]}),
        ),
        (
            "identifiers that clash",
            json!({"$id": "https://example.org/a", "$defs": {"x": {"$id": "https://example.org/a", "not": leaf()}}, "$ref": "#/$defs/x"}),
        ),
        ("no schema", json!({"type": 12, "properties": leaf()})),
    ]
}

/// Chains of references, one for each keyword that can carry them, of `hops` references.
fn chains(hops: usize, leaf: &Value) -> Vec<(&'static str, Value)> {
    type Link = fn(Value) -> Value;
    let links: [(&'static str, Link); 12] = [
        ("properties", |next| json!({"properties": {"a": next}})),
        (
            "required properties",
            |next| json!({"type": "object", "properties": {"a": next, "b": {"minimum": 1}}, "required": ["a"]}),
        ),
        ("items", |next| json!({"items": next})),
        (
            "prefixItems",
            |next| json!({"prefixItems": [next], "items": false}),
        ),
        ("contains", |next| json!({"contains": next})),
        ("allOf", |next| json!({"allOf": [next, {"minimum": 1}]})),
        ("anyOf", |next| json!({"anyOf": [next, {"type": "null"}]})),
        ("not", |next| json!({"not": next})),
        ("if", |next| json!({"if": {"minimum": 1}, "then": next})),
        (
            "patternProperties",
            |next| json!({"patternProperties": {"^a": next}, "additionalProperties": false}),
        ),
        (
            "dependentSchemas",
            |next| json!({"dependentSchemas": {"a": next}}),
        ),
        (
            "additionalProperties",
            |next| json!({"additionalProperties": next}),
        ),
    ];
    links
        .into_iter()
        .map(|(name, link)| {
            let mut defs = map(hops, |n| {
                (
                    format!("d{n}"),
                    link(json!({"$ref": format!("#/$defs/d{}", n + 1)})),
                )
            });
            defs.insert(format!("d{hops}"), leaf.clone());
            (name, json!({"$defs": defs, "$ref": "#/$defs/d0"}))
        })
        .collect()
}

#[test]
fn chains_of_references_fit_on_a_small_stack_at_every_length() {
    let mut asked_the_algebra = 0;
    for hops in [20, 72, 74, 76, 150, 400, 900, 990] {
        let before = chains(hops, &json!({"type": "string", "maxLength": 9}));
        let after = chains(hops, &json!({"type": "string", "maxLength": 8}));
        for ((name, old), (_, new)) in before.iter().zip(&after) {
            let (report, time) = asked(Mode::Backward, old, new);
            assert!(time < LONGEST, "{name}, {hops} references: {time:?}");
            asked_the_algebra += usize::from(!report.reason.contains("too deep for the algebra"));
        }
    }
    assert!(
        asked_the_algebra >= 36,
        "only {asked_the_algebra} chains reached the algebra"
    );
}

fn asked(mode: Mode, old: &Value, new: &Value) -> (Report, Duration) {
    let (old, new) = (old.clone(), new.clone());
    thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || {
            let nothing = BTreeMap::new();
            let side = |schema| Side {
                schema,
                references: &nothing,
                draft: None,
            };
            let started = Instant::now();
            let report = check(&side(&old), &side(&new), &Options::in_mode(mode));
            (report, started.elapsed())
        })
        .unwrap()
        .join()
        .unwrap()
}

#[test]
fn hostile_schemas_are_answered_in_bounded_time_on_a_small_stack() {
    let before = schemas(&json!({"type": "string", "maxLength": 9}));
    let after = schemas(&json!({"type": "string", "maxLength": 8}));
    let mut slowest = Vec::new();
    let mut slow = Vec::new();
    for ((name, old), (_, new)) in before.iter().zip(&after) {
        for (what, old, new) in [
            ("to another version", old, new),
            ("to nothing", old, &json!(false)),
            ("from nothing", &json!(false), new),
            ("from anything", &json!({}), new),
        ] {
            let (report, time) = asked(Mode::Full, old, new);
            if std::env::var_os("SENATE_VERBOSE").is_some() {
                println!(
                    "{time:>12.3?} {name}, {what}: {:?} {}",
                    report.verdict, report.reason
                );
            }
            if time > LONGEST {
                slow.push(format!("{name}, {what}: {time:?}"));
            }
            slowest.push((time, format!("{name}, {what}: {:?}", report.verdict)));
            assert!(report.reason.len() < 2_000);
            assert!(report.differences.len() <= 513);
        }
    }
    slowest.sort();
    println!("slowest: {:#?}", &slowest[slowest.len() - 8..]);
    assert_eq!(slow, Vec::<String>::new());
}

#[test]
fn documents_beyond_the_limits_are_undecided_and_say_which_limit() {
    let deep = nested(200, json!({}), |inner| json!({"items": inner}));
    let (report, _) = asked(Mode::Backward, &deep, &json!({}));
    assert_eq!(report.verdict, Verdict::Undecided);
    assert!(report.reason.contains("128 levels"), "{}", report.reason);

    let wide = json!({"enum": (0..500_000).collect::<Vec<_>>()});
    let (report, _) = asked(Mode::Backward, &json!({}), &wide);
    assert_eq!(report.verdict, Verdict::Undecided);
    assert!(report.reason.contains("400000 values"), "{}", report.reason);

    let fan = schemas(&json!({}))
        .into_iter()
        .find(|(name, _)| *name == "references that fan out");
    let (report, _) = asked(Mode::Backward, &fan.unwrap().1, &json!({"type": "null"}));
    assert_eq!(report.verdict, Verdict::Undecided);
    assert!(
        report.reason.contains("100000 subschemas"),
        "{}",
        report.reason
    );
}

/// Hostile questions whose answer is known by construction.
fn known() -> Vec<(&'static str, Value, Value, Verdict)> {
    use Verdict::{Breaking, Compatible};
    let letters = || ('a'..='z').enumerate();
    let exclusive = |keyword: &str| {
        let pairs: Vec<Value> = (0..16)
            .map(|n| json!({(keyword): [{"required": [format!("a{n}")]}, {"required": [format!("b{n}")]}]}))
            .collect();
        json!({"type": "object", "allOf": pairs})
    };
    // Seven pigeons, six holes: a member says that a pigeon sits in a hole.
    let pigeons: Vec<Value> = (0..7)
        .map(|pigeon| {
            let holes: Vec<Value> = (0..6)
                .map(|hole| json!({"required": [format!("{pigeon} in {hole}")]}))
                .collect();
            json!({"anyOf": holes})
        })
        .chain((0..6).flat_map(|hole| {
            (0..7).flat_map(move |one| {
                (0..one).map(move |other| {
                    json!({"not": {"required": [format!("{one} in {hole}"), format!("{other} in {hole}")]}})
                })
            })
        }))
        .collect();
    let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let overlapping = |least: usize| {
        let patterns: Map<String, Value> = letters()
            .map(|(n, letter)| {
                let bound = if letter == 'q' { least } else { n };
                (format!("^[a-z]*{letter}[a-z]*$"), json!({"minimum": bound}))
            })
            .collect();
        json!({"patternProperties": patterns, "additionalProperties": false})
    };
    let many: Vec<usize> = (0..5_000).collect();
    let fewer: Vec<usize> = many.iter().rev().copied().filter(|&n| n != 777).collect();
    let doubled = |leaf: Value| {
        let mut defs = map(40, |n| {
            let next = json!({"$ref": format!("#/$defs/d{}", n + 1)});
            (format!("d{n}"), json!({"allOf": [next, next]}))
        });
        defs.insert("d40".into(), leaf);
        json!({"$defs": defs, "$ref": "#/$defs/d0"})
    };
    let ring = map(300, |n| {
        (format!("p{n}"), json!([format!("p{}", (n + 1) % 300)]))
    });
    let row = |last: &str| {
        let conditions: Vec<Value> = (0..24)
            .map(|n| {
                json!({
                    "if": {"required": [format!("a{n}")]},
                    "then": {"required": [format!("a{}", n + 1)]},
                    "else": {"required": ["b"]},
                })
            })
            .collect();
        json!({"type": "object", "allOf": conditions, "required": ["a0", last]})
    };
    let primes = [2, 3, 5, 7, 11, 13, 17, 19, 23];
    let divided: Vec<Value> = primes.iter().map(|p| json!({"multipleOf": p})).collect();
    let leaf = |longest: usize| json!({"type": "string", "maxLength": longest});
    let in_items = |levels, longest| nested(levels, leaf(longest), |inner| json!({"items": inner}));
    let in_all = |levels, longest| {
        nested(
            levels,
            leaf(longest),
            |inner| json!({"allOf": [inner, {"type": "string"}]}),
        )
    };
    let branches = |turned: bool| {
        let mut list: Vec<Value> = (0..600)
            .map(|n| json!({"type": "object", "required": ["kind"], "properties": {"kind": {"const": n}}}))
            .collect();
        if turned {
            list.reverse();
        }
        json!({"anyOf": list})
    };
    let nothing = json!(false);
    vec![
        (
            "either of sixteen",
            exclusive("oneOf"),
            exclusive("anyOf"),
            Compatible,
        ),
        (
            "not one of sixteen",
            exclusive("anyOf"),
            exclusive("oneOf"),
            Breaking,
        ),
        (
            "pigeons",
            json!({"type": "object", "allOf": pigeons}),
            nothing.clone(),
            Compatible,
        ),
        (
            "deep allOf, wider",
            in_all(60, 8),
            in_all(60, 9),
            Compatible,
        ),
        (
            "deep allOf, narrower",
            in_all(60, 9),
            in_all(60, 8),
            Breaking,
        ),
        (
            "deep items, wider",
            in_items(120, 8),
            in_items(120, 9),
            Compatible,
        ),
        (
            "deep items, narrower",
            in_items(120, 9),
            in_items(120, 8),
            Breaking,
        ),
        (
            "200 levels, narrower",
            in_items(200, 9),
            in_items(200, 8),
            Breaking,
        ),
        (
            "200 levels, wider",
            in_items(200, 8),
            in_items(200, 9),
            Compatible,
        ),
        (
            "a hundred times not",
            nested(100, leaf(9), |inner| json!({"not": inner})),
            leaf(8),
            Breaking,
        ),
        ("plus upon plus", text("^(a+)+$"), text("^a+$"), Compatible),
        (
            "ambiguous repetition",
            text("^(a|a)*$"),
            text("^a*$"),
            Compatible,
        ),
        (
            "optional letters",
            text("^(a?){30}a{30}$"),
            text("^a{30,60}$"),
            Compatible,
        ),
        (
            "letters, one more",
            text("^a{30,61}$"),
            text("^(a?){30}a{30}$"),
            Breaking,
        ),
        (
            "dots and stars",
            text("^(.*a){20}$"),
            text("^(.*a){21}$"),
            Breaking,
        ),
        (
            "the nineteenth from the end",
            text("^[ab]*a[ab]{18}$"),
            text("^[ab]{19,}$"),
            Compatible,
        ),
        (
            "the nineteenth, the other",
            text("^[ab]*a[ab]{18}$"),
            text("^[ab]*b[ab]{18}$"),
            Breaking,
        ),
        (
            "look-ahead and back reference",
            text("^(?=(a+))\\1b$"),
            text("^a+b$"),
            Compatible,
        ),
        (
            "a long enum, turned",
            json!({"enum": fewer}),
            json!({"enum": many}),
            Compatible,
        ),
        (
            "a long enum, one less",
            json!({"enum": many}),
            json!({"enum": fewer}),
            Breaking,
        ),
        (
            "a range and its values",
            json!({"type": "integer", "minimum": 0, "maximum": 4_999}),
            json!({"enum": many}),
            Compatible,
        ),
        (
            "a range and one less",
            json!({"type": "integer", "minimum": 0, "maximum": 4_999}),
            json!({"enum": fewer}),
            Breaking,
        ),
        (
            "two that need each other",
            json!({"$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/b"}}, "b": {"type": "array", "items": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"}),
            json!({"type": "array", "items": {"$ref": "#"}}),
            Compatible,
        ),
        (
            "a tree without leaves",
            json!({"type": "object", "required": ["l"], "properties": {"l": {"$ref": "#"}}}),
            nothing.clone(),
            Compatible,
        ),
        (
            "overlapping patterns, looser",
            overlapping(16),
            overlapping(15),
            Compatible,
        ),
        (
            "overlapping patterns, tighter",
            overlapping(16),
            overlapping(100),
            Breaking,
        ),
        (
            "thirty of twenty-nine",
            json!({"type": "array", "uniqueItems": true, "minItems": 30, "items": {"enum": (0..29).collect::<Vec<_>>()}}),
            nothing.clone(),
            Compatible,
        ),
        (
            "twenty-nine of twenty-nine",
            json!({"type": "array", "uniqueItems": true, "minItems": 29, "items": {"enum": (0..29).collect::<Vec<_>>()}}),
            nothing.clone(),
            Breaking,
        ),
        (
            "a million contained",
            json!({"type": "array", "contains": {}, "minContains": 1_000_000}),
            json!({"minItems": 1_000_000}),
            Compatible,
        ),
        (
            "a million items",
            json!({"type": "array", "minItems": 1_000_000}),
            json!({"contains": {}, "minContains": 1_000_001}),
            Breaking,
        ),
        (
            "a million equal ones, all different",
            json!({"type": "array", "contains": {"const": 1}, "minContains": 1_000_000, "uniqueItems": true}),
            nothing.clone(),
            Compatible,
        ),
        (
            "a thousand million items, fewer",
            json!({"minItems": 1_000_000_000}),
            json!({"minItems": 999_999_999}),
            Compatible,
        ),
        (
            "a thousand million items, more",
            json!({"minItems": 999_999_999}),
            json!({"minItems": 1_000_000_000}),
            Breaking,
        ),
        (
            "at least a thousand million",
            json!({"type": "array", "minItems": 1_000_000_000}),
            nothing.clone(),
            Breaking,
        ),
        (
            "a million members",
            json!({"type": "object", "minProperties": 1_000_000}),
            nothing.clone(),
            Breaking,
        ),
        (
            "a million names of one letter",
            json!({"type": "object", "minProperties": 1_000_000, "propertyNames": {"pattern": "^[a-z]$"}}),
            nothing.clone(),
            Compatible,
        ),
        (
            "a text too long to write",
            json!({"type": "string", "minLength": 9_007_199_254_740_991_u64}),
            json!({"minLength": 9_007_199_254_740_990_u64}),
            Compatible,
        ),
        (
            "bounds with huge exponents, looser",
            json!({"maximum": 1e307}),
            json!({"maximum": 1e308}),
            Compatible,
        ),
        (
            "bounds with huge exponents, tighter",
            json!({"maximum": 1e308}),
            json!({"maximum": 1e307}),
            Breaking,
        ),
        (
            "next to nothing, looser",
            json!({"minimum": 5e-324}),
            json!({"exclusiveMinimum": 0}),
            Compatible,
        ),
        (
            "multiples of next to nothing",
            json!({"type": "integer"}),
            json!({"multipleOf": 1e-300}),
            Compatible,
        ),
        (
            "divided by all",
            json!({"type": "integer", "allOf": divided}),
            json!({"multipleOf": primes.iter().product::<i64>()}),
            Compatible,
        ),
        (
            "divided by one more",
            json!({"type": "integer", "allOf": divided}),
            json!({"multipleOf": 29 * primes.iter().product::<i64>()}),
            Breaking,
        ),
        (
            "a huge divisor",
            json!({"type": "integer", "multipleOf": 1e300}),
            json!({"multipleOf": 1e10}),
            Compatible,
        ),
        (
            "a huge divisor, other way",
            json!({"type": "integer", "multipleOf": 1e10}),
            json!({"multipleOf": 1e300}),
            Breaking,
        ),
        (
            "dependencies in a ring",
            json!({"type": "object", "dependentRequired": ring, "required": ["p0"]}),
            json!({"required": ["p299"]}),
            Compatible,
        ),
        (
            "conditions in a row",
            row("a0"),
            json!({"required": ["a24"]}),
            Compatible,
        ),
        (
            "conditions in a row, and more",
            row("a0"),
            json!({"required": ["a25"]}),
            Breaking,
        ),
        (
            "doubled references, wider",
            doubled(leaf(8)),
            leaf(9),
            Compatible,
        ),
        (
            "doubled references, narrower",
            doubled(leaf(9)),
            leaf(8),
            Breaking,
        ),
        (
            "branches, turned",
            branches(false),
            branches(true),
            Compatible,
        ),
        ("branches, to nothing", branches(false), nothing, Breaking),
    ]
}

#[test]
fn hostile_questions_with_a_known_answer_are_never_answered_wrongly() {
    let mut undecided = Vec::new();
    let mut times = Vec::new();
    let mut wrong = Vec::new();
    let questions = known();
    for (name, old, new, truth) in &questions {
        let (report, time) = asked(Mode::Backward, old, new);
        times.push((time, *name));
        if report.verdict == Verdict::Undecided {
            undecided.push(format!("{name}: {}", report.reason));
        } else if report.verdict != *truth {
            wrong.push(format!("{name}: {}", report.reason));
        }
    }
    times.sort();
    println!("slowest: {:#?}", &times[times.len() - 8..]);
    println!("undecided: {undecided:#?}");
    assert_eq!(wrong, Vec::<String>::new());
    let slow: Vec<_> = times.iter().filter(|(time, _)| *time > LONGEST).collect();
    assert!(slow.is_empty(), "{slow:?}");
    // Most are decided all the same.
    assert!(
        undecided.len() * 2 <= questions.len(),
        "{} of {} undecided: {undecided:#?}",
        undecided.len(),
        questions.len()
    );
}

/// What has no meaning by the specification still gets an answer.
#[test]
fn references_that_lead_back_to_themselves_are_answered() {
    let to = |target: &str| json!({"$ref": target});
    let schemas = [
        to("#"),
        json!({"not": to("#")}),
        json!({"oneOf": [to("#"), to("#")]}),
        json!({"if": to("#"), "then": false}),
        json!({"$defs": {"a": to("#/$defs/b"), "b": to("#/$defs/a")}, "anyOf": [to("#/$defs/a"), {"type": "null"}]}),
        json!({"$defs": {"a": {"not": to("#/$defs/b")}, "b": {"not": to("#/$defs/a")}}, "allOf": [to("#/$defs/a")]}),
        json!({"$dynamicAnchor": "n", "$dynamicRef": "#n"}),
        json!({"propertyNames": to("#"), "minProperties": 1}),
        json!({"unevaluatedProperties": to("#"), "anyOf": [{"properties": {"a": to("#")}}]}),
    ];
    for old in &schemas {
        for new in schemas
            .iter()
            .chain([&json!(false), &json!({"type": "null"})])
        {
            let (report, time) = asked(Mode::Full, old, new);
            assert!(time < LONGEST, "{old} to {new}: {time:?}");
            assert!(!report.reason.is_empty());
        }
    }
}
