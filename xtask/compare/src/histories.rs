//! Ours over published histories: successive versions, in both directions.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::arguments::Arguments;
use crate::confirm::{Confirmation, Validators};
use crate::engine::{ENGINES, OURS};
use crate::lines::{Answered, Asked, Said};
use crate::process::Warm;
use crate::score::milliseconds;

/// For one step.
const LIMIT: Duration = Duration::from_secs(60);

/// What one engine said of one step in one direction.
#[derive(Serialize)]
struct Step {
    engine: &'static str,
    answered: Answered,
    confirmation: Option<Confirmation>,
}

struct Published {
    title: String,
    schema: String,
    references: BTreeMap<String, String>,
}

/// Asks and prints. The engines are ours, unless others are named.
pub fn run(given: &Arguments) -> Result<(), String> {
    let modules = given.tools.join("npm/node_modules");
    if let Some(why) = given.not_run.get("npm") {
        println!("not run: the published schemas are not installed: {why}");
        return Ok(());
    }
    let steps = steps(&modules)?;
    let mut validators = Validators::new(given, LIMIT);
    let mut table = Vec::new();
    println!("\n{} questions\n", steps.len());
    println!("| step | engine | answer | ms | witness confirmed by |\n|---|---|---|---|---|");
    for engine in &ENGINES {
        let wanted = if given.only.is_empty() {
            OURS.contains(&engine.name)
        } else {
            given.wants(engine.name)
        };
        if !wanted {
            continue;
        }
        if let Some(why) = given.not_run.get(engine.name) {
            println!("| all | {} | not run: {why} | | |", engine.title);
            continue;
        }
        let log = given
            .tools
            .join(format!("logs/histories-{}.log", engine.name));
        let mut warm = Warm::new(engine.program.command(given)?, LIMIT, &log)?;
        // The first answer of a process is slow.
        if let Some(asked) = steps.first() {
            warm.ask(asked);
        }
        for asked in steps.iter().take(given.limit.unwrap_or(usize::MAX)) {
            let answered = warm.ask_often(asked, given.repeat);
            let confirmation = answered
                .witness
                .as_deref()
                .map(|witness| validators.confirm(asked, witness));
            println!(
                "| {} | {} | {} | {} | {} |",
                asked.id,
                engine.name,
                match answered.answer {
                    Said::Compatible => "compatible",
                    Said::Breaking => "breaking",
                    Said::None => "undecided",
                },
                milliseconds(answered.ms),
                confirmation
                    .as_ref()
                    .map_or_else(|| "–".to_owned(), Confirmation::by),
            );
            table.push(Step {
                engine: engine.name,
                answered,
                confirmation,
            });
        }
    }
    close(&table);
    if given.json {
        let path = given.tools.join("histories.json");
        let text = serde_json::to_string_pretty(&table).map_err(|error| error.to_string())?;
        fs::write(&path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
        println!("\nEverything is in {}.", path.display());
    }
    Ok(())
}

/// Sums, and why steps were not answered or their witnesses are disputed.
fn close(table: &[Step]) {
    println!();
    for engine in &ENGINES {
        let mine: Vec<&Step> = table
            .iter()
            .filter(|step| step.engine == engine.name)
            .collect();
        if mine.is_empty() {
            continue;
        }
        let count = |said: Said| {
            mine.iter()
                .filter(|step| step.answered.answer == said)
                .count()
        };
        let confirmed = mine
            .iter()
            .filter(|step| step.confirmation.as_ref().is_some_and(Confirmation::holds))
            .count();
        let slowest = mine.iter().map(|step| step.answered.ms).fold(0.0, f64::max);
        println!(
            "{}: {} compatible, {} breaking ({confirmed} with a witness confirmed by our validator and another), {} undecided; \
             slowest {} ms",
            engine.title,
            count(Said::Compatible),
            count(Said::Breaking),
            count(Said::None),
            milliseconds(slowest),
        );
        for step in mine {
            let id = &step.answered.id;
            if step.answered.answer == Said::None {
                println!(
                    "  {id}: {}",
                    step.answered.why.as_deref().unwrap_or("no reason given")
                );
            }
            if let Some(confirmation) = &step.confirmation {
                let objections = confirmation.objections();
                if !objections.is_empty() {
                    println!("  {id}: the witness: {objections}");
                }
            }
        }
    }
}

/// Every step of every history, there and back.
fn steps(modules: &Path) -> Result<Vec<Asked>, String> {
    let mut steps = Vec::new();
    for history in [
        asyncapi(
            modules,
            &[
                "2.0.0", "2.1.0", "2.2.0", "2.3.0", "2.4.0", "2.5.0", "2.6.0",
            ],
        )?,
        asyncapi(modules, &["3.0.0", "3.1.0"])?,
        cyclonedx(modules)?,
        vega_lite(modules)?,
    ] {
        for pair in history.windows(2) {
            let [old, new] = pair else { continue };
            steps.push(asked(old, new));
            steps.push(asked(new, old));
        }
    }
    Ok(steps)
}

/// Each of these schemas names its dialect, so the draft decides nothing.
fn asked(old: &Published, new: &Published) -> Asked {
    let mut references = old.references.clone();
    references.extend(new.references.clone());
    Asked {
        id: format!("{} → {}", old.title, new.title),
        draft: "draft7".to_owned(),
        old: old.schema.clone(),
        new: new.schema.clone(),
        references,
        witness: None,
    }
}

fn read(path: PathBuf) -> Result<String, String> {
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn asyncapi(modules: &Path, versions: &[&str]) -> Result<Vec<Published>, String> {
    let folder = modules.join("@asyncapi/specs/schemas");
    versions
        .iter()
        .map(|version| {
            Ok(Published {
                title: format!("AsyncAPI {version}"),
                schema: read(folder.join(format!("{version}-without-$id.json")))?,
                references: BTreeMap::new(),
            })
        })
        .collect()
}

/// The documents that a version refers to come along, by the URI that their file names resolve to.
fn cyclonedx(modules: &Path) -> Result<Vec<Published>, String> {
    let folder = modules.join("@cyclonedx/cyclonedx-library/res/schema");
    ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"]
        .iter()
        .map(|version| {
            let schema = read(folder.join(format!("bom-{version}.SNAPSHOT.schema.json")))?;
            let mut references = BTreeMap::new();
            for name in ["spdx", "jsf-0.82", "cryptography-defs"] {
                let file = format!("{name}.SNAPSHOT.schema.json");
                if schema.contains(&file) {
                    references.insert(
                        format!("http://cyclonedx.org/schema/{file}"),
                        read(folder.join(file))?,
                    );
                }
            }
            Ok(Published {
                title: format!("CycloneDX {version}"),
                schema,
                references,
            })
        })
        .collect()
}

fn vega_lite(modules: &Path) -> Result<Vec<Published>, String> {
    (2..=6)
        .map(|major| {
            Ok(Published {
                title: format!("vega-lite {major}"),
                schema: read(
                    modules.join(format!("vega-lite-{major}/build/vega-lite-schema.json")),
                )?,
                references: BTreeMap::new(),
            })
        })
        .collect()
}
