//! The directed questions of the reference data, where it is at hand: never wrong in either direction.
//!
//! The files are found under `SENATE_REFERENCE_DATA`, or in `../shared/data` beside the checkout.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test looks at clocks and drives other processes; the core does neither"
)]

use std::{collections::BTreeMap, fs, path::PathBuf, time::Instant};

use schema_senate::compatibility::{Options, Side, Verdict, check};
use schema_senate::schema::Draft;
use serde_json::Value;

/// Labelled compatible, and refuted by a witness that other validators confirm too.
///
/// The first: `{"meta":"","nodes":[{"value":0,"subtree":{"meta":"","nodes":[]}}]}` is valid under old, because the negation in
/// `tree1` is part of what a `subtree` must satisfy; new accepts nothing. The second: `{"ab":0,"a":""}`; old evaluates `ab` by
/// its pattern, and the rewritten schema lists the name `b` instead.
const REFUTED: [&str; 2] = [
    "containment-suite-2020-12|unsatisfiable/ref/12|s1_sub_s2",
    "uneval-elimination|exp_20/manual_elim|s1_sub_s2",
];

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

#[derive(Default, Debug)]
struct Score {
    compatible: [usize; 3],
    breaking: [usize; 3],
    witnesses: usize,
}

/// `least`: the share that must be answered, in per cent.
fn ask(file: &str, least: usize) {
    let Some(folder) = folder() else {
        println!(
            "SKIPPED: no reference data; set SENATE_REFERENCE_DATA to ask the questions of {file}"
        );
        return;
    };
    let verbose = std::env::var_os("SENATE_VERBOSE").is_some();
    let text = fs::read_to_string(folder.join(file)).unwrap();
    let nothing = BTreeMap::new();
    let mut score = Score::default();
    let mut wrong = Vec::new();
    let mut times = Vec::new();
    for line in text.lines() {
        let question: Value = serde_json::from_str(line).unwrap();
        let id = question["id"].as_str().unwrap();
        let side = |name: &str| Side {
            schema: &question[name],
            references: &nothing,
            draft: Some(draft(question["draft"].as_str().unwrap())),
        };
        let started = Instant::now();
        let report = check(&side("old"), &side("new"), &Options::default());
        times.push((started.elapsed(), id.to_owned()));
        let compatible = question["compatible"].as_bool().unwrap();
        let slot = match report.verdict {
            Verdict::Compatible => 0,
            Verdict::Breaking => 1,
            Verdict::Undecided => 2,
        };
        let row = if compatible {
            &mut score.compatible
        } else {
            &mut score.breaking
        };
        row[slot] += 1;
        score.witnesses += usize::from(report.witness.is_some());
        assert_eq!(
            report.witness.is_some(),
            report.verdict == Verdict::Breaking,
            "{id}"
        );
        assert_eq!(
            report.witness_place.is_some(),
            report.verdict == Verdict::Breaking,
            "{id}"
        );
        assert_eq!(
            report.proof.is_some(),
            report.verdict == Verdict::Compatible,
            "{id}"
        );
        assert_eq!(
            report.stopped_by.is_some(),
            report.verdict == Verdict::Undecided,
            "{id}"
        );
        let contradicted = match report.verdict {
            Verdict::Compatible => !compatible,
            Verdict::Breaking => compatible,
            Verdict::Undecided => false,
        };
        if contradicted && !REFUTED.contains(&id) {
            wrong.push(format!("{id}: {} {:?}", report.reason, report.witness));
        }
        // What is called a witness, by us or by the data, must be one for a validator built here.
        for witness in [report.witness.as_ref(), question.get("witness")]
            .into_iter()
            .flatten()
        {
            let accepts = |name: &str| {
                let side = side(name);
                jsonschema::options()
                    .with_draft(side.dialect().unwrap())
                    .should_validate_formats(false)
                    .build(side.schema)
                    .unwrap()
                    .is_valid(witness)
            };
            assert!(
                accepts("old") && !accepts("new"),
                "{id}: not a witness: {witness}"
            );
        }
        if verbose
            && (report.verdict == Verdict::Undecided || (!compatible && report.witness.is_none()))
        {
            println!("{:?} {id}: {}", compatible, report.reason);
        }
    }
    let total = times.len();
    times.sort();
    times.reverse();
    let right = score.compatible[0] + score.breaking[1];
    println!(
        "{file}: {right} of {total} right ({:.1} %), {} undecided, {} wrong; compatible proved {} of {}; breaking found {} of {}, {} with a confirmed witness",
        100.0 * right as f64 / total as f64,
        score.compatible[2] + score.breaking[2],
        wrong.len(),
        score.compatible[0],
        score.compatible.iter().sum::<usize>(),
        score.breaking[1],
        score.breaking.iter().sum::<usize>(),
        score.witnesses,
    );
    println!(
        "median {:?}, 95th percentile {:?}, slowest {:?}",
        times[total / 2].0,
        times[total / 20].0,
        &times[..5]
    );
    assert_eq!(wrong, Vec::<String>::new());
    let answered = total - score.compatible[2] - score.breaking[2];
    assert!(
        100 * answered >= least * total,
        "{answered} of {total} answered"
    );
}

#[test]
fn the_questions_are_never_answered_wrongly() {
    ask("questions.jsonl", 99);
}

#[test]
fn the_hard_questions_are_never_answered_wrongly() {
    ask("hard-questions.jsonl", 95);
}
