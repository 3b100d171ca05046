//! What each peer needs.

use std::fs;
use std::path::Path;

use super::{OURS, python};
use crate::run::{self, Outcome};
use crate::stamp::{Contents, Stamp};
use crate::{build, place, toolchain};

/// The engines, as `--only` names them.
pub const NAMES: [&str; 10] = [
    "senate",
    "senate-node",
    "canonical",
    "subschema",
    "jsoncompat",
    "jsoncompat-analyze",
    "json-schema-diff",
    "is-json-schema-subset",
    "json-schema-diff-validator",
    "jsonsubschema",
];

/// Not in the lockfile of the others: the registry may not have it, and the others must not fail with it.
const SUBSET: &str = "is-json-schema-subset@1.1.27";

/// Names and reasons of what is not there.
pub type NotRun = Vec<(&'static str, String)>;

/// Sets up what is wanted, and the validators.
///
/// # Errors
/// Ours, or what asks it, cannot be built.
pub fn set_up(wants: &dyn Fn(&str) -> bool) -> Outcome<NotRun> {
    let mut not_run = NotRun::new();
    if wants("senate-node") {
        build::everything()?;
    }
    run::heading("our engine and jsonschema::canonical, optimised");
    run::run(run::command(toolchain::cargo()).args([
        "build",
        "--quiet",
        "--profile",
        "measure",
        "--package",
        "xtask-compare",
    ]))?;
    fs::create_dir_all(place::compare())
        .map_err(|error| format!("{}: {error}", place::compare().display()))?;

    let mut note = |names: &[&'static str], done: Outcome| {
        if let Err(why) = done {
            println!("{}: not run: {why}", names.join(", "));
            not_run.extend(names.iter().map(|name| (*name, why.clone())));
        }
    };
    note(
        &[
            "npm",
            "json-schema-diff",
            "json-schema-diff-validator",
            "validator-ajv",
        ],
        npm(),
    );
    if wants("is-json-schema-subset") {
        note(&["is-json-schema-subset"], subset());
    }
    if wants("jsoncompat") || wants("jsoncompat-analyze") {
        note(&["jsoncompat", "jsoncompat-analyze"], jsoncompat());
    }
    note(
        &["validator-python"],
        python::environment("python", "validators.txt", (3, 10)),
    );
    if wants("jsonsubschema") {
        note(
            &["jsonsubschema"],
            python::environment("python", "jsonsubschema.txt", (3, 10)),
        );
    }
    if wants("subschema") {
        note(
            &["subschema"],
            python::environment("subschema", "subschema.txt", (3, 12)),
        );
    }
    // Ours are never among them: without them this has failed above.
    not_run.retain(|(name, _)| !OURS.contains(name));
    Ok(not_run)
}

/// The npm peers, Ajv and the published schemas, exactly as locked.
fn npm() -> Outcome {
    let folder = place::compare().join("npm");
    let sources = place::root().join("xtask/compare/node");
    let mut contents = Contents::default();
    for name in ["package.json", "package-lock.json"] {
        contents.add(&sources.join(name));
    }
    let stamp = Stamp::named("compare-npm");
    if stamp.holds(&contents.digest(), &[folder.join("node_modules")]) {
        return Ok(());
    }
    run::heading("npm peers");
    create(&folder)?;
    for name in ["package.json", "package-lock.json"] {
        let (from, to) = (sources.join(name), folder.join(name));
        fs::copy(&from, &to).map_err(|error| format!("{}: {error}", to.display()))?;
    }
    run::run(
        run::command("npm")
            .args(["ci", "--legacy-peer-deps", "--omit=optional"])
            .args(QUIET)
            .current_dir(&folder),
    )?;
    stamp.write(&contents.digest())
}

/// One npm peer in a folder of its own.
fn subset() -> Outcome {
    let folder = place::compare().join("is-json-schema-subset");
    let mut contents = Contents::default();
    contents.text(SUBSET);
    let stamp = Stamp::named("compare-is-json-schema-subset");
    let module = folder.join("node_modules/is-json-schema-subset");
    if stamp.holds(&contents.digest(), &[module]) {
        return Ok(());
    }
    run::heading("is-json-schema-subset");
    create(&folder)?;
    fs::write(folder.join("package.json"), "{\"private\": true}\n")
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut install = run::command("npm");
    install
        .args(["install", SUBSET])
        .args(QUIET)
        .current_dir(&folder);
    let output = install
        .output()
        .map_err(|error| format!("`{}` did not start: {error}", run::line(&install)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said
            .lines()
            .find(|line| line.starts_with("npm error"))
            .unwrap_or_default();
        return Err(format!("npm does not install {SUBSET}: {first}"));
    }
    stamp.write(&contents.digest())
}

const QUIET: [&str; 4] = [
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--loglevel=error",
];

/// The program around the jsoncompat crate. It has a lockfile and a build folder of its own.
fn jsoncompat() -> Outcome {
    run::heading("jsoncompat, optimised");
    run::run(
        run::command(toolchain::cargo())
            .args([
                "build",
                "--quiet",
                "--release",
                "--locked",
                "--manifest-path",
                "xtask/compare/jsoncompat/Cargo.toml",
                "--target-dir",
            ])
            .arg(place::compare().join("jsoncompat")),
    )
}

fn create(folder: &Path) -> Outcome {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}
