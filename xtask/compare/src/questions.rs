//! Every engine over the labelled questions.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::arguments::Arguments;
use crate::confirm::{Confirmation, Validators};
use crate::engine::{Dialect, ENGINES, Engine, OURS};
use crate::lines::{Answered, Said};
use crate::process::Warm;
use crate::question::{self, Question, REFUTED};
use crate::score::{Score, milliseconds, score};

/// For one question.
const LIMIT: Duration = Duration::from_secs(10);

/// What became of one engine.
#[derive(Serialize)]
struct Run {
    name: &'static str,
    title: &'static str,
    dialect: Dialect,
    score: Score,
    answers: Vec<Answered>,
    /// Where an answer has a witness.
    confirmations: Vec<Option<Confirmation>>,
}

/// Asks, scores and prints.
pub fn run(given: &Arguments) -> Result<(), String> {
    let Some(folder) = question::folder(&given.root) else {
        println!("SKIPPED: no reference data; SENATE_REFERENCE_DATA names its folder");
        return Ok(());
    };
    let questions = question::questions(&folder, given.limit)?;
    let mut validators = Validators::new(given, LIMIT);
    let mut runs = Vec::new();
    let mut not_run = Vec::new();
    for engine in ENGINES.iter().filter(|engine| given.wants(engine.name)) {
        if let Some(why) = given.not_run.get(engine.name) {
            not_run.push((engine.title, why.clone()));
            continue;
        }
        match ask(engine, given, &questions, &mut validators) {
            Ok(run) => runs.push(run),
            Err(why) => not_run.push((engine.title, why)),
        }
    }
    print(&questions, &runs, &not_run, &mut validators);
    if given.json {
        let labels: Vec<_> = questions
            .iter()
            .map(|question| (&question.asked.id, question.compatible, question.hard))
            .collect();
        let everything = serde_json::json!({
            "questions": labels.iter().map(|(id, compatible, hard)| serde_json::json!({
                "id": id, "compatible": compatible, "hard": hard,
            })).collect::<Vec<_>>(),
            "engines": runs,
            "not_run": not_run,
        });
        let path = given.tools.join("questions.json");
        fs::write(&path, format!("{everything:#}\n"))
            .map_err(|error| format!("{}: {error}", path.display()))?;
        println!("\nEverything is in {}.", path.display());
    }
    Ok(())
}

fn ask(
    engine: &Engine,
    given: &Arguments,
    questions: &[Question],
    validators: &mut Validators,
) -> Result<Run, String> {
    let started = Instant::now();
    let log = given.tools.join(format!("logs/{}.log", engine.name));
    let mut warm = Warm::new(engine.program.command(given)?, LIMIT, &log)?;
    // The first answers of a process are slow in most languages; they would be the 99th percentile.
    for question in questions.iter().take(20) {
        warm.ask(&question.asked_by(engine.dialect));
    }
    let answers: Vec<Answered> = questions
        .iter()
        .map(|question| warm.ask_often(&question.asked_by(engine.dialect), given.repeat))
        .collect();
    let confirmations: Vec<Option<Confirmation>> = questions
        .iter()
        .zip(&answers)
        .map(|(question, answered)| {
            let witness = answered.witness.as_deref()?;
            Some(validators.confirm(&question.asked, witness))
        })
        .collect();
    let confirmed: Vec<bool> = confirmations
        .iter()
        .map(|confirmation| confirmation.as_ref().is_some_and(Confirmation::holds))
        .collect();
    eprintln!(
        "{}: {} questions in {:.1} s",
        engine.name,
        answers.len(),
        started.elapsed().as_secs_f64()
    );
    Ok(Run {
        name: engine.name,
        title: engine.title,
        dialect: engine.dialect,
        score: score(questions, &answers, &confirmed),
        answers,
        confirmations,
    })
}

fn print(
    questions: &[Question],
    runs: &[Run],
    not_run: &[(&str, String)],
    validators: &mut Validators,
) {
    let compatible = questions
        .iter()
        .filter(|question| question.compatible)
        .count();
    let hard = questions.iter().filter(|question| question.hard).count();
    println!(
        "\n{} questions: {compatible} compatible, {} breaking; {hard} of them are the hard set\n",
        questions.len(),
        questions.len() - compatible,
    );
    println!(
        "| engine | right | says compatible, wrong | says breaking, wrong | no answer | confirmed witnesses | median / p95 ms | hard set ({hard}) right / wrong |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for run in runs {
        println!("{}", run.score.row(run.title));
    }
    for (title, why) in not_run {
        println!("| {title} | not run: {why} | | | | | | |");
    }
    println!(
        "\nTimes are of one call in a warm process: ours from the texts of both schemas to the report (in Node with its \
         own reading of the schemas against their meta-schemas, and the report as an object), the peers from parsed \
         values by their own interface. A question that takes longer than {} s is not answered and counts with what it took. \
         Dialect: each question's own, as an option where an engine has one, else by `$schema` put into a schema that has \
         none; jsoncompat (2020-12), json-schema-diff and is-json-schema-subset (draft-07) get the schemas as they are \
         written, because they refuse a `$schema` of another dialect. A witness counts when our validator and an independent \
         one (Ajv, Python's jsonschema) confirm it. jsoncompat's check_compat says no where it finds no proof, analyze_compat \
         only with a counterexample.",
        LIMIT.as_secs()
    );
    for (name, why) in validators.missing() {
        println!("The validator {name} was not run: {why}");
    }
    if let Some(question) = questions
        .iter()
        .find(|question| question.asked.id == REFUTED.0)
    {
        let confirmation = validators.confirm(&question.asked, REFUTED.1);
        println!(
            "The label of {} is turned round to breaking: {} is a witness (confirmed by {}).",
            REFUTED.0,
            REFUTED.1,
            confirmation.by()
        );
    }
    contradicted(questions, runs);
    let mut told = BTreeSet::new();
    for run in runs.iter().filter(|run| OURS.contains(&run.name)) {
        ours(run, questions, &mut told);
    }
    twins(runs);
}

/// Labels that somebody's confirmed witness refutes.
fn contradicted(questions: &[Question], runs: &[Run]) {
    for run in runs {
        for ((question, answered), confirmation) in
            questions.iter().zip(&run.answers).zip(&run.confirmations)
        {
            if let (true, Some(confirmation), Some(witness)) =
                (question.compatible, confirmation, &answered.witness)
                && confirmation.holds()
            {
                println!(
                    "LABEL REFUTED {}: {witness} of {} is confirmed by {}",
                    answered.id,
                    run.name,
                    confirmation.by()
                );
            }
        }
    }
}

/// Each wrong, unanswered or unproved question of ours; what was told of one of ours is not told of the other again.
fn ours(run: &Run, questions: &[Question], told: &mut BTreeSet<String>) {
    let score = &run.score;
    let [median, p95, p99, slowest] = score.ms.map(milliseconds);
    println!(
        "\n{}: proved {} of {} compatible, found {} of {} breaking; ms median {median}, p95 {p95}, p99 {p99}, slowest {slowest}",
        run.title, score.compatible[1], score.compatible[0], score.breaking[1], score.breaking[0],
    );
    for ((question, answered), confirmation) in
        questions.iter().zip(&run.answers).zip(&run.confirmations)
    {
        let label = if question.compatible {
            "compatible"
        } else {
            "breaking"
        };
        let why = answered.why.as_deref().unwrap_or("no reason given");
        let id = &question.asked.id;
        let note = match (answered.answer, question.compatible) {
            (Said::None, _) => format!("NO ANSWER {id} ({label}): {why}"),
            (Said::Compatible, false) | (Said::Breaking, true) => {
                format!(
                    "WRONG {id} ({label}): {why} {}",
                    answered.witness.as_deref().unwrap_or("")
                )
            }
            (Said::Breaking, false) if confirmation.is_none() => {
                format!("NO WITNESS {id} ({label}): {why}")
            }
            _ => String::new(),
        };
        tell(note, told);
        if let Some(confirmation) = confirmation {
            let objections = confirmation.objections();
            if !objections.is_empty() {
                let word = if confirmation.holds() {
                    "DISPUTED"
                } else {
                    "NOT CONFIRMED"
                };
                let witness = answered.witness.as_deref().unwrap_or_default();
                tell(
                    format!("{word} {id}: witness {witness}: {objections}"),
                    told,
                );
            }
        }
    }
}

fn tell(note: String, told: &mut BTreeSet<String>) {
    if !note.is_empty() && !told.contains(&note) {
        println!("  {note}");
        told.insert(note);
    }
}

/// Native and in Node, ours must say the same.
fn twins(runs: &[Run]) {
    let [Some(native), Some(node)] = OURS.map(|name| runs.iter().find(|run| run.name == name))
    else {
        return;
    };
    let differing: Vec<&str> = native
        .answers
        .iter()
        .zip(&node.answers)
        .filter(|(a, b)| a.answer != b.answer || a.witness.is_some() != b.witness.is_some())
        .map(|(a, _)| a.id.as_str())
        .collect();
    println!(
        "\nNative and Node say the same on all questions but {}{}",
        differing.len(),
        differing
            .iter()
            .map(|id| format!("\n  {id}"))
            .collect::<String>()
    );
}
