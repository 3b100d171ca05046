//! RFC 8785 by its own examples: section 3.2 and appendix B.

// The lints of tests hold for their helpers, too.
#![cfg(test)]

use schema_senate::text::writer::{number, utf16_order};
use schema_senate::text::{Value, canonical, read_hashable};

#[test]
fn the_example_of_section_3_2_gives_the_bytes_of_section_3_2_4() {
    let text = r#"{
      "numbers": [333333333.33333329, 1E30, 4.50,
                  2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"#;
    let expected = "
        7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72
        75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d 62 65 72 73 22 3a
        5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31
        65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32 2c 31 65 2d 32 37
        5d 2c 22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30
        30 66 5c 6e 41 27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d";
    let value = read_hashable(text.as_bytes()).unwrap();
    let bytes: Vec<String> = canonical(&value)
        .unwrap()
        .bytes()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let expected: Vec<&str> = expected.split_whitespace().collect();
    assert_eq!(bytes, expected);
}

#[test]
fn the_names_of_section_3_2_3_come_in_its_order() {
    let text = r#"{
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    }"#;
    let value = read_hashable(text.as_bytes()).unwrap();
    let sorted = read_hashable(canonical(&value).unwrap().as_bytes()).unwrap();
    let names: Vec<&str> = sorted
        .as_object()
        .unwrap()
        .values()
        .map(|name| name.as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "Carriage Return",
            "One",
            "Control",
            "Latin Small Letter O With Diaeresis",
            "Euro Sign",
            "Emoji: Grinning Face",
            "Hebrew Letter Dalet With Dagesh",
        ]
    );
}

/// Appendix B, all of it: the bits of a double, and its text. NaN and Infinity have none.
const APPENDIX_B: [(u64, Option<&str>); 26] = [
    (0x0000_0000_0000_0000, Some("0")),
    (0x8000_0000_0000_0000, Some("0")),
    (0x0000_0000_0000_0001, Some("5e-324")),
    (0x8000_0000_0000_0001, Some("-5e-324")),
    (0x7fef_ffff_ffff_ffff, Some("1.7976931348623157e+308")),
    (0xffef_ffff_ffff_ffff, Some("-1.7976931348623157e+308")),
    (0x4340_0000_0000_0000, Some("9007199254740992")),
    (0xc340_0000_0000_0000, Some("-9007199254740992")),
    (0x4430_0000_0000_0000, Some("295147905179352830000")),
    (0x7fff_ffff_ffff_ffff, None),
    (0x7ff0_0000_0000_0000, None),
    (0x44b5_2d02_c7e1_4af5, Some("9.999999999999997e+22")),
    (0x44b5_2d02_c7e1_4af6, Some("1e+23")),
    (0x44b5_2d02_c7e1_4af7, Some("1.0000000000000001e+23")),
    (0x444b_1ae4_d6e2_ef4e, Some("999999999999999700000")),
    (0x444b_1ae4_d6e2_ef4f, Some("999999999999999900000")),
    (0x444b_1ae4_d6e2_ef50, Some("1e+21")),
    (0x3eb0_c6f7_a0b5_ed8c, Some("9.999999999999997e-7")),
    (0x3eb0_c6f7_a0b5_ed8d, Some("0.000001")),
    (0x41b3_de43_5555_5553, Some("333333333.3333332")),
    (0x41b3_de43_5555_5554, Some("333333333.33333325")),
    (0x41b3_de43_5555_5555, Some("333333333.3333333")),
    (0x41b3_de43_5555_5556, Some("333333333.3333334")),
    (0x41b3_de43_5555_5557, Some("333333333.33333343")),
    (0xbecb_f647_612f_3696, Some("-0.0000033333333333333333")),
    (0x4314_3ff3_c1cb_0959, Some("1424953923781206.2")),
];

#[test]
fn the_numbers_of_appendix_b_have_their_text() {
    for (bits, text) in APPENDIX_B {
        assert_eq!(number(f64::from_bits(bits)).as_deref(), text, "{bits:016x}");
    }
}

/// The writer knows all numbers of appendix B; what is hashed is narrower, so that every canonical text can be read again.
#[test]
fn of_appendix_b_a_document_may_hold_what_every_program_reads_alike() {
    let mut refused = Vec::new();
    for (bits, text) in APPENDIX_B {
        let (Some(text), Value::Number(number)) = (text, Value::from(f64::from_bits(bits))) else {
            continue;
        };
        match canonical(&Value::Number(number)) {
            Ok(written) => {
                assert_eq!(written, text);
                let again = read_hashable(written.as_bytes()).unwrap();
                assert_eq!(canonical(&again).unwrap(), text);
            }
            Err(problem) => {
                assert_eq!(problem.code, "json_unsafe_integer");
                assert_eq!(
                    read_hashable(text.as_bytes()).unwrap_err().code,
                    problem.code
                );
                refused.push(text);
            }
        }
    }
    assert_eq!(
        refused,
        [
            "9007199254740992",
            "-9007199254740992",
            "295147905179352830000",
            "999999999999999700000",
            "999999999999999900000",
        ]
    );
}

#[test]
fn an_unsafe_integer_in_a_value_is_refused_at_its_place() {
    let value = serde_json::json!({ "b": 1, "a/c": [0, { "n": 9_007_199_254_740_993_u64 }] });
    let problem = canonical(&value).unwrap_err();
    assert_eq!(problem.code, "json_unsafe_integer");
    assert_eq!(problem.pointer, "/a~1c/1/n");
    for value in [i64::MIN, -9_007_199_254_740_992, i64::MAX] {
        assert_eq!(
            canonical(&Value::from(value)).unwrap_err().code,
            "json_unsafe_integer"
        );
    }
    assert_eq!(
        canonical(&Value::from(-9_007_199_254_740_991_i64)).unwrap(),
        "-9007199254740991"
    );
}

#[test]
fn names_are_ordered_as_their_utf16_code_units_are() {
    // Around every place where the length of a character changes, in UTF-8 or in UTF-16.
    let edges = [
        '\0',
        '\u{7f}',
        '\u{80}',
        '\u{7ff}',
        '\u{800}',
        '\u{d7ff}',
        '\u{e000}',
        '\u{efff}',
        '\u{f000}',
        '\u{ffff}',
        '\u{10000}',
        '\u{fffff}',
        '\u{10ffff}',
    ];
    let mut names = vec![String::new()];
    for a in edges {
        names.push(a.to_string());
        for b in edges {
            names.push(format!("{a}{b}"));
        }
    }
    for a in &names {
        for b in &names {
            let expected = a.encode_utf16().cmp(b.encode_utf16());
            assert_eq!(utf16_order(a, b), expected, "{a:?} {b:?}");
        }
    }
}
