//! What holds for every text and every value, on random ones; and two other programs that must agree.

// The lints of tests hold for their helpers, too.
#![cfg(test)]

use std::collections::HashMap;

use proptest::prelude::*;
use schema_senate::text::{
    Integers, Limits, Value, canonical, pointer, read, read_hashable, read_lossy_member,
};

/// Finite doubles that may be hashed, with the edges of ECMAScript's notations among them.
fn safe_double() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        (-400_i32..400).prop_map(|e| 10_f64.powi(e)),
        (-25_i32..25, 1_u32..1000).prop_map(|(e, m)| f64::from(m) * 10_f64.powi(e)),
        (-1000_i32..1000).prop_map(f64::from),
    ]
    .prop_filter("finite, and not an unsafe integer", |x| {
        x.is_finite() && !(9_007_199_254_740_992.0..1e21).contains(&x.abs())
    })
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,3}",
        any::<String>(),
        // Quotes, backslashes and controls at every distance from the start.
        "[a-z\"\\\\\u{0}-\u{1f}\u{7f}é€😀\u{e000}]{0,20}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
        safe_double().prop_map(Value::from),
        string().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::hash_map(string(), inner, 0..8).prop_map(object),
        ]
    })
}

/// Few values, so that two of them are often the same or nearly so.
fn small_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        Just(Value::from(0)),
        Just(Value::from(-0.0)),
        Just(Value::from(1)),
        Just(Value::from(1.0)),
        Just(Value::from("")),
        Just(Value::from("1")),
        Just(Value::from("a\"")),
    ];
    leaf.prop_recursive(3, 6, 2, |inner| {
        let name = prop_oneof![Just(String::new()), Just("a".into()), Just("a\":1".into())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map(name, inner, 0..3).prop_map(object),
        ]
    })
}

fn object(members: HashMap<String, Value>) -> Value {
    Value::Object(members.into_iter().collect())
}

/// Equal as JSON: numbers by what they are, members in any order.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Pieces of JSON, and of what is nearly JSON, in any order.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "\"a\"",
        "\"b\"",
        "\"\"",
        "\"a\":",
        ",\"b\":1",
        "1",
        "0",
        "-",
        "-0",
        "01",
        "1.5",
        "1.",
        "1e3",
        "1E+3",
        "1e",
        "1e400",
        "-1e-400",
        "9007199254740993",
        "18446744073709551616",
        "-9223372036854775809",
        "true",
        "false",
        "null",
        "nul",
        "\"\\ud83d\"",
        "\"\\ud83d\\ude00\"",
        "\"\\u00e9\"",
        "\"\\x\"",
        "\"\t\"",
        "\"é\"",
        "é",
        "\u{feff}",
        "\u{a0}",
        "/**/",
        "'a'",
    ]);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// A valid text with one byte changed, removed or put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    (value(), any::<prop::sample::Index>(), any::<u8>(), 0..3).prop_map(|(value, at, byte, how)| {
        let mut bytes = value.to_string().into_bytes();
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, byte),
        }
        bytes
    })
}

/// Where only the common rules apply, `serde_json` takes the same texts and reads the same values.
fn agrees_with_serde_json(bytes: &[u8]) -> Result<(), TestCaseError> {
    let ours = read(bytes, Limits::DOCUMENT, Integers::Any);
    let theirs = serde_json::from_slice::<Value>(bytes);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => prop_assert!(same(&ours, &theirs), "{ours} {theirs}"),
        (Err(_), Err(_)) => {}
        // Our rule alone: serde_json keeps the last one.
        (Err(problem), Ok(_)) => prop_assert_eq!(problem.code, "json_duplicate_key"),
        (Ok(ours), Err(theirs)) => prop_assert!(false, "took {ours}; serde_json: {theirs}"),
    }
    Ok(())
}

/// Whatever is refused is refused at a place.
fn has_a_place(bytes: &[u8]) -> Result<(), TestCaseError> {
    for integers in [Integers::Any, Integers::Safe] {
        if let Err(problem) = read(bytes, Limits::DOCUMENT, integers) {
            prop_assert!(problem.code.starts_with("json_"));
            prop_assert!(problem.offset.is_some_and(|offset| offset <= bytes.len()));
            prop_assert!(pointer::split(&problem.pointer).is_some());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_reads_as_what_it_was(value in value()) {
        let text = canonical(&value).unwrap();
        let again = read_hashable(text.as_bytes()).unwrap();
        prop_assert!(same(&value, &again), "{text}");
        prop_assert_eq!(canonical(&again).unwrap(), text);
    }

    #[test]
    fn any_spelling_of_a_value_has_one_canonical_text(value in value()) {
        let text = canonical(&value).unwrap();
        for spelling in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let again = read_hashable(spelling.as_bytes()).unwrap();
            prop_assert_eq!(&canonical(&again).unwrap(), &text);
        }
    }

    #[test]
    fn two_values_have_one_canonical_text_only_if_they_are_the_same(a in small_value(), b in small_value()) {
        let texts = (canonical(&a).unwrap(), canonical(&b).unwrap());
        prop_assert_eq!(texts.0 == texts.1, same(&a, &b), "{} {}", texts.0, texts.1);
    }

    #[test]
    fn another_canonicalizer_writes_the_same(value in value()) {
        let theirs = serde_json_canonicalizer::to_string(&value).unwrap();
        prop_assert_eq!(canonical(&value).unwrap(), theirs);
    }

    #[test]
    fn another_reader_takes_the_same_texts(text in soup()) {
        agrees_with_serde_json(text.as_bytes())?;
        has_a_place(text.as_bytes())?;
    }

    #[test]
    fn another_reader_takes_the_same_damaged_texts(bytes in damaged()) {
        agrees_with_serde_json(&bytes)?;
        has_a_place(&bytes)?;
    }

    #[test]
    fn any_bytes_have_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        agrees_with_serde_json(&bytes)?;
        has_a_place(&bytes)?;
        let _ = read_lossy_member(&bytes, "id");
    }

    #[test]
    fn a_member_is_recovered_from_a_line_cut_anywhere_behind_it(
        id in string(),
        rest in value(),
        cut in any::<prop::sample::Index>(),
    ) {
        let id = Value::from(id);
        let head = format!("{{\"id\":{id}");
        let tail = format!(",\"rest\":{rest}}}");
        // Cut between bytes, not between characters.
        let mut line = head.into_bytes();
        line.extend_from_slice(&tail.as_bytes()[..cut.index(tail.len())]);
        prop_assert_eq!(read_lossy_member(&line, "id"), Some(id));
    }

    #[test]
    fn a_member_of_a_good_line_is_recovered_as_it_reads(members in prop::collection::hash_map(string(), value(), 0..6), name in string()) {
        let line = object(members).to_string();
        let strict = read(line.as_bytes(), Limits::DOCUMENT, Integers::Any).unwrap();
        for name in strict.as_object().unwrap().keys().chain([&name]) {
            let recovered = read_lossy_member(line.as_bytes(), name);
            prop_assert_eq!(recovered.as_ref(), strict.get(name));
        }
    }
}
