//! Every proof that the prover gives for the directed questions of the reference data is checked again by the checker.
//!
//! The files are found under `SENATE_REFERENCE_DATA`, or in `../shared/data` beside the checkout.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test looks at clocks and reads files; the core does neither"
)]

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use schema_senate::compatibility::{Options, Side, proof};
use schema_senate::schema::Draft;
use serde_json::Value;

fn folder() -> Option<PathBuf> {
    let given = std::env::var_os("SENATE_REFERENCE_DATA").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    [given, Some(beside)]
        .into_iter()
        .flatten()
        .map(|data| data.join("compatibility"))
        .find(|folder| folder.join("questions.jsonl").is_file())
}

fn draft(name: &str) -> Draft {
    match name {
        "draft4" => Draft::Draft4,
        "draft6" => Draft::Draft6,
        "draft7" => Draft::Draft7,
        "2019-09" => Draft::Draft201909,
        "2020-12" => Draft::Draft202012,
        other => panic!("unknown draft {other}"),
    }
}

fn check_all(file: &str) {
    let Some(folder) = folder() else {
        println!(
            "SKIPPED: no reference data; set SENATE_REFERENCE_DATA to check the proofs of {file}"
        );
        return;
    };
    let text = fs::read_to_string(folder.join(file)).unwrap();
    let nothing = BTreeMap::new();
    let (mut proved, mut refused) = (0usize, Vec::new());
    let (mut proving, mut checking) = (Duration::ZERO, Duration::ZERO);
    let mut dearer = Vec::new();
    let mut longest = 0;
    let mut truncated = 0;
    for line in text.lines() {
        let question: Value = serde_json::from_str(line).unwrap();
        let id = question["id"].as_str().unwrap();
        let side = |name: &str| Side {
            schema: &question[name],
            references: &nothing,
            draft: Some(draft(question["draft"].as_str().unwrap())),
        };
        let (old, new) = (side("old"), side("new"));
        let started = Instant::now();
        let proof = proof::prove(&old, &new, &Options::default());
        let took = started.elapsed();
        let Some(mut proof) = proof else { continue };
        let started = Instant::now();
        let checked = proof.check();
        let again = started.elapsed();
        proved += 1;
        proving += took;
        checking += again;
        dearer.push((again, took, id.to_owned()));
        if let Err(fault) = checked {
            refused.push(format!("{id}: {fault}"));
        }
        let trace = proof.trace();
        longest = longest.max(trace.to_string().len());
        truncated += usize::from(trace["truncated"] == true);
    }
    dearer.sort();
    dearer.reverse();
    println!(
        "{file}: {proved} proofs, {} checked ({:.2} %); proving took {proving:?}, checking {checking:?}; \
         longest trace {longest} bytes, {truncated} truncated",
        proved - refused.len(),
        100.0 * (proved - refused.len()) as f64 / proved as f64,
    );
    println!(
        "slowest checks (check, proof): {:?}",
        &dearer[..dearer.len().min(5)]
    );
    assert!(
        refused.is_empty(),
        "{} refused:\n{}",
        refused.len(),
        refused.join("\n")
    );
    assert!(proved > 0);
}

#[test]
fn every_proof_of_the_questions_is_checked() {
    check_all("questions.jsonl");
}

#[test]
fn every_proof_of_the_hard_questions_is_checked() {
    check_all("hard-questions.jsonl");
}
