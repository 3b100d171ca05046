//! Answers questions by jsoncompat: JSON Lines in, JSON Lines out; see `Asked` and `Answered` of xtask-compare.
//!
//! `prove` asks for the structural proof, where "no" says that none was found; `analyze` for the three-valued answer.

use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use jsoncompat::{CompatibilityResult, Role, SchemaDocument, analyze_compat, check_compat};
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let analyze = std::env::args().nth(1).as_deref() == Some("analyze");
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let mut answer = answer(&question, analyze);
        answer["id"] = question["id"].clone();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(question: &Value, analyze: bool) -> Value {
    let schema = |name: &str| -> Value {
        serde_json::from_str(question[name].as_str().unwrap_or_default()).unwrap_or_default()
    };
    let (old, new) = (schema("old"), schema("new"));
    let started = Instant::now();
    let answered = ask(&old, &new, analyze);
    let ms = started.elapsed().as_secs_f64() * 1_000.0;
    let mut answer = answered.unwrap_or_else(|why| json!({"answer": "none", "why": why}));
    answer["ms"] = json!(ms);
    answer
}

fn ask(old: &Value, new: &Value, analyze: bool) -> Result<Value, String> {
    let document = |schema| SchemaDocument::from_json(schema).map_err(|error| error.to_string());
    let (old, new) = (document(old)?, document(new)?);
    // `Serializer` is plain containment, of its second schema in its first. The other role assumes that writers emit no
    // undeclared property, which is not what is asked.
    let (outer, inner) = (&new, &old);
    if !analyze {
        let proved =
            check_compat(outer, inner, Role::Serializer).map_err(|error| error.to_string())?;
        return Ok(json!({"answer": if proved { "compatible" } else { "breaking" }}));
    }
    let result =
        analyze_compat(outer, inner, Role::Serializer).map_err(|error| error.to_string())?;
    Ok(match result {
        CompatibilityResult::Compatible => json!({"answer": "compatible"}),
        CompatibilityResult::Incompatible { counterexample, .. } => {
            json!({"answer": "breaking", "witness": counterexample.to_string()})
        }
        CompatibilityResult::Unknown { reason } => json!({"answer": "none", "why": reason}),
    })
}
