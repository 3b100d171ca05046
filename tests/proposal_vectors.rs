//! Drafts and what is said of them: one file a case, through the boundary that JavaScript calls.

#![cfg(test)]

use std::collections::BTreeSet;
use std::path::Path;

use schema_senate::proposal::published;
use schema_senate::text::Value;
use schema_senate::wasm::api;

fn cases() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/proposal");
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let case = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            (name, case)
        })
        .collect();
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(cases.len() >= 30);
    cases
}

fn check(case: &Value) -> Value {
    let draft = case["draft"].to_string();
    let context = case["context"].to_string();
    serde_json::from_str(&api::check_draft(draft.as_bytes(), context.as_bytes())).unwrap()
}

#[test]
fn each_draft_gets_the_answer_that_its_file_says() {
    let mut wrong = Vec::new();
    for (name, case) in cases() {
        let answer = check(&case);
        let expected = &case["expect"];
        assert_eq!(answer["ok"], expected["ok"], "{name}: {answer:#}");
        let found: BTreeSet<_> = answer["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|problem| {
                (
                    problem["code"].as_str().unwrap(),
                    problem["pointer"].as_str().unwrap(),
                )
            })
            .collect();
        let due: BTreeSet<_> = expected["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
            .collect();
        if found != due {
            wrong.push(format!("{name}: {found:?} instead of {due:?}"));
        }
        if let Some(verdict) = expected.get("verdict") {
            assert_eq!(&answer["compatibility"]["verdict"], verdict, "{name}");
        }
        if let Some(track) = expected.get("track") {
            assert_eq!(&answer["track"], track, "{name}");
        }
        if let Some(needed) = expected.get("needed") {
            assert_eq!(&answer["needed"]["yes"], needed, "{name}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the published schema refuses, the core refuses; what the core takes, the published schema takes.
#[test]
fn the_published_schema_takes_every_draft_that_the_core_takes() {
    let schema = published::compiled("proposal").unwrap();
    for (name, case) in cases() {
        if case["expect"]["ok"] == true {
            let validation = schema.validate_value(&case["draft"]);
            assert!(validation.valid, "{name}: {:?}", validation.errors);
        }
        if !schema.is_valid_value(&case["draft"]) {
            assert_eq!(check(&case)["ok"], false, "{name}");
        }
    }
}
