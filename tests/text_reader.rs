//! What reading means, by example. Everything that is refused stands in `tests/vectors/text/`.

// The lints of tests hold for their helpers, too.
#![cfg(test)]

use schema_senate::text::{Integers, Limits, Number, Value, canonical, read, read_hashable};

fn any(text: &str) -> Value {
    read(text.as_bytes(), Limits::DOCUMENT, Integers::Any).unwrap()
}

#[test]
fn a_document_reads_as_it_is_written() {
    let text =
        r#"{"title":"Blinding","n":12,"p":0.05,"arms":["a","b"],"by":null,"open":true,"of":{}}"#;
    let value = any(text);
    assert_eq!(value["title"], "Blinding");
    assert_eq!(value["arms"][1], "b");
    // Members keep their order: what a person wrote is shown as they wrote it.
    assert_eq!(value.to_string(), text);
}

#[test]
fn a_problem_says_where_and_what_to_do() {
    let problem = read_hashable(br#"{"arms":[{"n":1,"n":2}]}"#).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "/arms/0/n: the member `n` stands here twice (keep one of the two)"
    );
    assert_eq!(problem.offset, Some(16));
}

/// `1` and `1.0` are two spellings; which of them an `integer` of an old draft takes is for the validator to say.
#[test]
fn an_integer_stays_an_integer_and_a_double_a_double() {
    assert_eq!(any("1"), Value::from(1));
    assert_eq!(any("1.0"), Value::from(1.0));
    assert_ne!(any("1"), any("1.0"));
    assert_eq!(any("1").to_string(), "1");
    assert_eq!(any("1.0").to_string(), "1.0");
    // Both hash alike, as RFC 8785 has it.
    assert_eq!(canonical(&any("1.0")), canonical(&any("1")));
    let minus_zero = any("-0");
    assert_eq!(minus_zero, Value::from(0));
    assert_eq!(minus_zero.to_string(), "0");
}

#[test]
fn integers_are_exact_as_far_as_a_value_can_hold_them() {
    for text in [
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "-9007199254740993",
        "-9223372036854775808",
    ] {
        assert_eq!(any(text).to_string(), text);
    }
    // Beyond that, the nearest double.
    let double = |text| any(text).as_number().map(Number::is_f64);
    assert_eq!(double("18446744073709551616"), Some(true));
    assert_eq!(double("-9223372036854775809"), Some(true));
    assert_eq!(
        any("18446744073709551616"),
        Value::from(18_446_744_073_709_551_616.0)
    );
    assert_eq!(
        any("-9223372036854775809"),
        Value::from(-9_223_372_036_854_775_808.0)
    );
}

#[test]
fn doubles_are_the_nearest_ones() {
    for (text, bits) in [
        ("0.1", 0x3fb9_9999_9999_999a),
        ("2.2250738585072011e-308", 0x000f_ffff_ffff_ffff),
        ("2.2250738585072014e-308", 0x0010_0000_0000_0000),
        ("4.9406564584124654e-324", 1),
        ("2.4703282292062327e-324", 0),
        ("2.4703282292062328e-324", 1),
        ("9007199254740993.0", 0x4340_0000_0000_0000),
        ("-1.7976931348623157e308", 0xffef_ffff_ffff_ffff_u64),
        // Half way between two doubles, and a little more in the thirtieth digit.
        (
            "1.00000000000000011102230246251565404",
            0x3ff0_0000_0000_0000,
        ),
        (
            "1.00000000000000011102230246251565405",
            0x3ff0_0000_0000_0001,
        ),
    ] {
        assert_eq!(any(text).as_f64().map(f64::to_bits), Some(bits), "{text}");
    }
}

#[test]
fn what_is_only_validated_may_hold_any_integer_and_what_is_hashed_may_not() {
    for text in [
        "9007199254740992",
        "[-9007199254740992]",
        "1e20",
        "{\"a\":9007199254740993.0}",
    ] {
        assert!(read(text.as_bytes(), Limits::DOCUMENT, Integers::Any).is_ok());
        assert_eq!(
            read_hashable(text.as_bytes()).unwrap_err().code,
            "json_unsafe_integer"
        );
    }
}
