//! Texts that are made to hurt: too long, too deep, too many. Each is refused in a moment, and the next one is read.

// The lints of tests hold for their helpers, too.
#![cfg(test)]

use schema_senate::text::{
    Integers, Limits, Problem, Value, canonical, read, read_hashable, read_lossy_member,
};

fn deep(open: &str, close: &str, times: usize) -> Vec<u8> {
    [open.repeat(times), "0".into(), close.repeat(times)]
        .concat()
        .into_bytes()
}

fn refusal(bytes: &[u8], limits: Limits) -> Problem {
    read(bytes, limits, Integers::Any).unwrap_err()
}

#[test]
fn ten_megabytes_are_refused_before_they_are_read() {
    // Not even JSON: the size comes first.
    let text = vec![b'x'; 10_000_000];
    let problem = refusal(&text, Limits::DOCUMENT);
    assert_eq!(problem.code, "json_too_large");
    assert_eq!(
        problem.message,
        "the text has 10000000 bytes, and at most 8388608 are taken"
    );
    assert!(read_hashable(b"[]").is_ok());
}

#[test]
fn a_text_of_exactly_the_limit_is_read() {
    let mut text = vec![b' '; Limits::DOCUMENT.bytes];
    text[0] = b'7';
    assert_eq!(read_hashable(&text), Ok(Value::from(7)));
    text.push(b' ');
    assert_eq!(refusal(&text, Limits::DOCUMENT).code, "json_too_large");
}

#[test]
fn nesting_is_counted_in_containers() {
    for (limits, depth) in [(Limits::DOCUMENT, 128), (Limits::COMMAND, 160)] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let value = read(&deep(open, close, depth), limits, Integers::Safe).unwrap();
            assert_eq!(
                canonical(&value).unwrap().into_bytes(),
                deep(open, close, depth)
            );
            let problem = refusal(&deep(open, close, depth + 1), limits);
            assert_eq!(problem.code, "json_too_deep");
            assert_eq!(problem.offset, Some(open.len() * depth));
        }
    }
}

#[test]
fn empty_containers_count_as_others_do() {
    let limits = Limits {
        bytes: 100,
        depth: 2,
    };
    assert!(read(b"[[],{}]", limits, Integers::Safe).is_ok());
    assert_eq!(refusal(b"[[[]]]", limits).code, "json_too_deep");
    assert_eq!(refusal(b"[[{}]]", limits).code, "json_too_deep");
    let scalars_only = Limits {
        bytes: 100,
        depth: 0,
    };
    assert!(read(b"1", scalars_only, Integers::Safe).is_ok());
    assert_eq!(refusal(b"[]", scalars_only).code, "json_too_deep");
}

/// A million brackets, on a stack that recursion would not survive.
#[test]
fn a_million_brackets_are_refused_on_a_small_stack() {
    let run = || {
        for open in ["[", "{\"a\":", "[{\"a\":"] {
            let text = open.repeat(1_000_000);
            let problem = refusal(text.as_bytes(), Limits::DOCUMENT);
            assert_eq!(problem.code, "json_too_deep");
            // However deep the caller allows, a value stays shallow enough to be dropped.
            let boundless = Limits {
                bytes: usize::MAX,
                depth: usize::MAX,
            };
            let problem = refusal(text.as_bytes(), boundless);
            assert_eq!(
                problem.message,
                "more than 512 arrays and objects stand inside one another"
            );
            assert_eq!(read_lossy_member(text.as_bytes(), "id"), None);
            let line = format!("{{\"id\":7,\"x\":{text}");
            assert_eq!(read_lossy_member(line.as_bytes(), "id"), Some(7.into()));
        }
        let limits = Limits {
            bytes: usize::MAX,
            depth: Limits::DEEPEST,
        };
        let value = read(&deep("[", "]", Limits::DEEPEST), limits, Integers::Safe).unwrap();
        canonical(&value).unwrap();
    };
    std::thread::Builder::new()
        .stack_size(512 << 10)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}

/// The writer does not recurse either: it writes a value far deeper than the reader would take.
#[test]
fn a_value_deeper_than_any_text_is_written() {
    let mut value = Value::from(0);
    for _ in 0..1000 {
        value = Value::Array(vec![value]);
    }
    assert_eq!(
        canonical(&value).unwrap().into_bytes(),
        deep("[", "]", 1000)
    );
}

#[test]
fn a_hundred_thousand_members_are_told_apart() {
    let members: Vec<String> = (0..100_000).map(|n| format!("\"m{n}\":{n}")).collect();
    let text = format!("{{{}}}", members.join(","));
    let value = read_hashable(text.as_bytes()).unwrap();
    assert_eq!(value.as_object().unwrap().len(), 100_000);
    assert_eq!(value["m99999"], 99_999);
    let again = format!("{{{},\"m5\":0}}", members.join(","));
    let problem = read_hashable(again.as_bytes()).unwrap_err();
    assert_eq!(
        (problem.code, problem.pointer.as_str()),
        ("json_duplicate_key", "/m5")
    );
    assert_eq!(problem.offset, Some(text.len()));
}

/// Objects of alternating sizes: the room that is made by the size of the one before holds no member too many.
#[test]
fn room_made_for_members_changes_nothing() {
    let large: Vec<String> = (0..500).map(|n| format!("\"{n}\":0")).collect();
    let item = format!("{{{}}},{{\"a\":1}},{{}},{{\"b\":[]}}", large.join(","));
    let text = format!("[{}]", vec![item; 20].join(","));
    let value = read_hashable(text.as_bytes()).unwrap();
    let theirs: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value, theirs);
    assert_eq!(value.to_string(), text);
}

/// Other programs differ on numbers of a million digits; ours says so instead of joining in.
#[test]
fn a_number_of_a_megabyte_is_refused() {
    let zeros = "0".repeat(1_000_000);
    for (text, code) in [
        (format!("0.{zeros}1"), "json_number_too_long"),
        (format!("1.{zeros}"), "json_number_too_long"),
        (format!("0.{zeros}1e1000001"), "json_number_too_long"),
        (format!("1{zeros}e-1000000"), "json_number_too_long"),
        (format!("1e{zeros}1"), "json_number_too_long"),
        (format!("1{zeros}"), "json_number_too_long"),
    ] {
        let problem = refusal(text.as_bytes(), Limits::DOCUMENT);
        assert_eq!((problem.code, problem.offset), (code, Some(0)));
        assert!(problem.message.len() < 200, "{}", problem.message);
    }
}

#[test]
fn a_number_of_the_longest_length_is_exact() {
    for zeros in [0, 1, 300, 1000, 4088] {
        let zeros = "0".repeat(zeros);
        let exponent = zeros.len() + 1;
        let one = format!("0.{zeros}1e{exponent}");
        assert_eq!(
            read_hashable(one.as_bytes()),
            Ok(Value::from(1.0)),
            "{exponent}"
        );
    }
    let longest = format!("1.{}", "0".repeat(4094));
    assert_eq!(
        canonical(&read_hashable(longest.as_bytes()).unwrap()).unwrap(),
        "1"
    );
    // Exponents beyond what any program counts are as large as can be, or as small.
    let nines = "9".repeat(4000);
    assert_eq!(
        read_hashable(format!("1e-{nines}").as_bytes()),
        Ok(Value::from(0.0))
    );
    assert_eq!(
        refusal(format!("1e{nines}").as_bytes(), Limits::DOCUMENT).code,
        "json_number_out_of_range"
    );
    assert_eq!(
        read_hashable(format!("0e{nines}").as_bytes()),
        Ok(Value::from(0.0))
    );
}

#[test]
fn a_name_of_a_megabyte_is_shortened_in_the_message_only() {
    let name = "é".repeat(500_000);
    let text = format!("{{\"{name}\":1,\"{name}\":2}}");
    let problem = read_hashable(text.as_bytes()).unwrap_err();
    assert_eq!(problem.pointer, format!("/{name}"));
    assert_eq!(
        problem.message,
        format!("the member `{}…` stands here twice", "é".repeat(40))
    );
}

#[test]
fn a_recovered_member_is_short() {
    let long = "x".repeat(70_000);
    assert_eq!(
        read_lossy_member(format!("{{\"id\":\"{long}\",}}").as_bytes(), "id"),
        None
    );
    let short = "x".repeat(60_000);
    let line = format!("{{\"x\":\"{long}\",\"id\":\"{short}\",}}");
    assert_eq!(read_lossy_member(line.as_bytes(), "id"), Some(short.into()));
}
