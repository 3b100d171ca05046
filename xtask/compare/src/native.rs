//! The engines that are linked in: ours, `jsonschema::canonical`, and our validator as one of those that confirm.

use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use jsonschema::canonical::{CanonicalView, Containment, Satisfiability, options};
use schema_senate::compatibility::{self, Options, Report, Side, Verdict};
use schema_senate::schema::{Document, Formats, References, Schema, dialect};
use schema_senate::text::{Integers, Limits, Problem, Value, read};

use crate::lines::{Answered, Asked, Said};

/// Answers the questions of standard input until it ends.
pub fn serve(engine: &str) -> Result<(), String> {
    let answer: fn(&Asked) -> Result<Answered, String> = match engine {
        "senate" => senate,
        "canonical" => canonical,
        "confirm" => confirm,
        other => return Err(format!("there is no engine `{other}` in this program")),
    };
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let asked: Asked = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        let started = Instant::now();
        let answered = answer(&asked)
            .unwrap_or_else(|why| Answered::none(&asked.id, why, milliseconds(started)));
        let text = serde_json::to_string(&answered).map_err(|error| error.to_string())?;
        writeln!(out, "{text}")
            .and_then(|()| out.flush())
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The one place that calls our engine.
fn check(old: &Side<'_>, new: &Side<'_>) -> Report {
    compatibility::check(old, new, &Options::default())
}

/// Ours, from the texts of the schemas to the report.
fn senate(asked: &Asked) -> Result<Answered, String> {
    let draft = Some(dialect::parse(&asked.draft).map_err(told)?);
    let started = Instant::now();
    let parse = |text: &str| read(text.as_bytes(), Limits::DOCUMENT, Integers::Any).map_err(told);
    let (old, new) = (parse(&asked.old)?, parse(&asked.new)?);
    let references = references(asked)?;
    let side = |schema| Side {
        schema,
        references: &references,
        draft,
    };
    let report = check(&side(&old), &side(&new));
    let ms = milliseconds(started);
    Ok(Answered {
        id: asked.id.clone(),
        answer: match report.verdict {
            Verdict::Compatible => Said::Compatible,
            Verdict::Breaking => Said::Breaking,
            Verdict::Undecided => Said::None,
        },
        why: Some(report.reason),
        ms,
        witness: report.witness.map(|witness| witness.to_string()),
    })
}

/// The algebra of canonical forms, as its documentation says to ask it.
fn canonical(asked: &Asked) -> Result<Answered, String> {
    let draft = dialect::parse(&asked.draft).map_err(told)?;
    let parse = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
    let (old, new) = (parse(&asked.old)?, parse(&asked.new)?);
    let references = references(asked)?;
    let registry = jsonschema::Registry::new()
        .draft(draft)
        .extend(references.iter().map(|(uri, document)| {
            let own = draft.detect(document);
            (uri.as_str(), own.create_resource_ref(document))
        }))
        .and_then(jsonschema::RegistryBuilder::prepare)
        .map_err(|error| error.to_string())?;
    let started = Instant::now();
    let form = |schema: &Value| {
        options()
            .with_registry(&registry)
            .with_draft(match draft.detect(schema) {
                // It cannot be set; a `$schema` that nobody knows is read as the question says.
                jsonschema::Draft::Unknown => draft,
                known => known,
            })
            .should_validate_formats(false)
            .canonicalize(schema)
            .map_err(|error| error.to_string())
    };
    let (old, new) = (form(&old)?, form(&new)?);
    let covers = new.covers(&old).map_err(|error| error.to_string())?;
    let answer = match covers {
        Containment::Yes => Said::Compatible,
        Containment::No => Said::Breaking,
        // Nothing is within everything.
        Containment::Unknown if old.satisfiability() == Satisfiability::No => Said::Compatible,
        Containment::Unknown => Said::None,
    };
    let raw = [&old, &new]
        .iter()
        .any(|form| matches!(form.view(), CanonicalView::Raw(_)));
    let why = if raw {
        "a schema has no canonical form"
    } else {
        "unknown"
    };
    Ok(Answered {
        id: asked.id.clone(),
        answer,
        why: (answer == Said::None).then(|| why.to_owned()),
        ms: milliseconds(started),
        witness: None,
    })
}

/// Our validator: "breaking" when the witness is one.
fn confirm(asked: &Asked) -> Result<Answered, String> {
    let draft = Some(dialect::parse(&asked.draft).map_err(told)?);
    let started = Instant::now();
    let witness = asked.witness.as_deref().unwrap_or_default();
    let references = references(asked)?;
    let accepts = |text: &str| {
        let schema = read(text.as_bytes(), Limits::DOCUMENT, Integers::Any).map_err(told)?;
        let document = Document::new(schema, references.clone(), draft).map_err(|problems| {
            problems
                .into_iter()
                .map(told)
                .collect::<Vec<_>>()
                .join("; ")
        })?;
        let schema = Schema::compile(document, Formats::Annotation).map_err(told)?;
        Ok::<bool, String>(schema.is_valid(witness.as_bytes()))
    };
    let (old, new) = (accepts(&asked.old)?, accepts(&asked.new)?);
    let why = match (old, new) {
        (true, false) => None,
        (false, _) => Some("invalid under old".to_owned()),
        (true, true) => Some("valid under new".to_owned()),
    };
    Ok(Answered {
        id: asked.id.clone(),
        answer: if why.is_none() {
            Said::Breaking
        } else {
            Said::None
        },
        why,
        ms: milliseconds(started),
        witness: None,
    })
}

fn references(asked: &Asked) -> Result<References, String> {
    asked
        .references
        .iter()
        .map(|(uri, text)| {
            let document = read(text.as_bytes(), Limits::DOCUMENT, Integers::Any).map_err(told)?;
            Ok((uri.clone(), document))
        })
        .collect()
}

fn told(problem: Problem) -> String {
    format!("{}: {}", problem.code, problem.message)
}

fn milliseconds(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1_000.0
}
