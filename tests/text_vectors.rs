//! One file per case under `tests/vectors/text/`. The files are JSON, so that the same cases run through every door of
//! the core: natively here, and through WebAssembly in Node and in the browser.
//!
//! - `accepted`: `{about, text, canonical, digest}`;
//! - `refused`: `{about, text | hex | repeat, integers?, limits?, problem}`;
//! - `recovered`: `{about, text | hex, name?, value?}`, the member of a broken line; no `value` when it is lost;
//! - `digests`: `{about, kind, text, digest}`.
//!
//! The digests were computed by another program (Python's hashlib over the canonical text of the file).

// The lints of tests hold for their helpers, too.
#![cfg(test)]

use std::path::PathBuf;

use schema_senate::text::{
    Digest, Integers, Kind, Limits, canonical, digest, digest_canonical, read, read_hashable,
    read_lossy_member,
};
use serde_json::{Value, json};

/// Runs every file of a folder and reports all that fail, not only the first.
fn each(folder: &str, at_least: usize, check: impl Fn(&Value) -> Result<(), String>) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors/text")
        .join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(
        files.len() >= at_least,
        "{folder}: only {} files",
        files.len()
    );
    let mut failures = Vec::new();
    for file in files {
        let case: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert!(
            case["about"].is_string(),
            "{}: says nothing",
            file.display()
        );
        if let Err(failure) = check(&case) {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            failures.push(format!("{folder}/{name}: {failure}"));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn input(case: &Value) -> Vec<u8> {
    if let Some(text) = case.get("text") {
        return text.as_str().unwrap().as_bytes().to_vec();
    }
    if let Some(repeat) = case.get("repeat") {
        let times = usize::try_from(repeat[1].as_u64().unwrap()).unwrap();
        return repeat[0].as_str().unwrap().repeat(times).into_bytes();
    }
    let digit = |c: &u8| char::from(*c).to_digit(16).unwrap() as u8;
    let (pairs, []) = case["hex"].as_str().unwrap().as_bytes().as_chunks::<2>() else {
        panic!("half a byte");
    };
    pairs
        .iter()
        .map(|[high, low]| digit(high) << 4 | digit(low))
        .collect()
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "{what}\n     found {found:?}\n  expected {expected:?}"
    ))
}

#[test]
fn accepted_texts_have_their_canonical_text_and_digest() {
    each("accepted", 30, |case| {
        let value = read_hashable(&input(case)).map_err(|problem| format!("{problem:?}"))?;
        let text = canonical(&value).map_err(|problem| format!("{problem:?}"))?;
        same(
            "canonical",
            text.as_str(),
            case["canonical"].as_str().unwrap(),
        )?;
        let expected: Digest = case["digest"].as_str().unwrap().parse().unwrap();
        same("digest", digest(Kind::Document, &value).unwrap(), expected)?;
        same(
            "digest of bytes",
            Digest::of_bytes(text.as_bytes()),
            expected,
        )?;
        let again = read_hashable(text.as_bytes()).map_err(|problem| format!("{problem:?}"))?;
        same("canonical of canonical", canonical(&again).unwrap(), text)
    });
}

#[test]
fn refused_texts_have_their_problem() {
    each("refused", 80, |case| {
        let limits = match case.get("limits") {
            None => Limits::DOCUMENT,
            Some(limits) => Limits {
                bytes: usize::try_from(limits["bytes"].as_u64().unwrap()).unwrap(),
                depth: usize::try_from(limits["depth"].as_u64().unwrap()).unwrap(),
            },
        };
        let integers = match case.get("integers").and_then(Value::as_str) {
            Some("any") => Integers::Any,
            _ => Integers::Safe,
        };
        let found = match read(&input(case), limits, integers) {
            Ok(value) => return Err(format!("was taken as {value}")),
            Err(problem) => json!(problem),
        };
        same("problem", &found, &case["problem"])
    });
}

#[test]
fn a_member_of_a_broken_line_is_recovered() {
    each("recovered", 25, |case| {
        let name = case.get("name").map_or("id", |name| name.as_str().unwrap());
        let found = read_lossy_member(&input(case), name);
        same("value", found.as_ref(), case.get("value"))
    });
}

#[test]
fn every_kind_has_its_own_digest() {
    each("digests", Kind::ALL.len(), |case| {
        let kind = Kind::from_name(case["kind"].as_str().unwrap()).ok_or("no such kind")?;
        let value = read_hashable(&input(case)).map_err(|problem| format!("{problem:?}"))?;
        let expected: Digest = case["digest"].as_str().unwrap().parse().unwrap();
        same("digest", digest(kind, &value).unwrap(), expected)?;
        let text = canonical(&value).unwrap();
        same("digest of text", digest_canonical(kind, &text), expected)
    });
}
