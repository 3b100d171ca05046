//! `cargo xtask test`: every check and every test; a failing suite does not hide the ones after it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::run::{self, Outcome};
use crate::suite::{Counting, Report, suite};
use crate::toolchain::{self, Toolchain};
use crate::{browser, lint, node, place, postgres, wasm};

/// Suites of tests/ that drive a real browser.
const IN_BROWSER: [&str; 1] = ["browser"];

/// Runs all suites, or those named.
pub fn test(named: &[String]) -> Outcome {
    let started = Instant::now();
    let mut session = Session {
        named,
        known: Vec::new(),
        reports: Vec::new(),
        environment: Vec::new(),
    };
    node::packages()?;

    session.suite("rustfmt", Counting::Once, || Ok(lint::rustfmt(true)));
    session.suite("prettier", Counting::Once, || Ok(lint::prettier(true)));
    session.suite("clippy", Counting::Once, || Ok(lint::clippy()));
    session.suite("rust", Counting::Rust, || {
        let mut command = run::command(toolchain::cargo());
        command.args([
            "test",
            "--workspace",
            "--no-fail-fast",
            "--features",
            "schema-senate/sql-lint",
        ]);
        Ok(command)
    });
    session.suite("models", Counting::Rust, || {
        let mut command = run::command(toolchain::cargo());
        command
            .args(["test", "--locked", "--manifest-path", "models/Cargo.toml"])
            .arg("--target-dir")
            .arg(toolchain::target().join("models"))
            // The numbers of states are part of the answer.
            .args(["--", "--nocapture"]);
        Ok(command)
    });
    session.suite("rustdoc", Counting::Once, || {
        let mut command = run::command(toolchain::cargo());
        command
            .args(["doc", "--no-deps", "--package", "schema-senate"])
            .env("RUSTDOCFLAGS", "-D warnings");
        Ok(command)
    });

    // Everything below stands on the build, whichever suites were asked for.
    session.reports.push(Report::step("build", || {
        wasm::build().and_then(|()| node::workspaces())
    }));
    session.suite("wasm-size", Counting::Once, || {
        let mut command = run::command("node");
        command.arg("xtask/size.mjs");
        Ok(command)
    });
    if session.wanted("wasm-clippy") {
        let clippy = Toolchain::find().ok().as_ref().and_then(lint::wasm_clippy);
        session.reports.push(match clippy {
            Some(mut command) => suite("wasm-clippy", &mut command, Counting::Once),
            None => Report::left_out("wasm-clippy", lint::NO_CLIPPY),
        });
    }
    session.suite("types", Counting::Once, || {
        let mut command = run::command("npm");
        command.args(["run", "check", "--workspaces", "--if-present"]);
        Ok(command)
    });
    session.suite("wasm-node", Counting::Rust, || {
        let bindgen = wasm::bindgen(&["--features", "runner"])?;
        wasm_tests(&format!("{} test", bindgen.display()))
    });
    session.suite("wasm-chromium", Counting::Rust, || {
        let bindgen = wasm::bindgen(&["--features", "runner"])?;
        let runner = place::root().join("tests/wasm/chromium.mjs");
        let mut command = wasm_tests(&format!("node {}", runner.display()))?;
        command
            .env("CHROMIUM", browser::chromium()?)
            .env("XTASK_BINDGEN", bindgen);
        Ok(command)
    });
    session.node_suites();
    session.close(started)
}

/// cargo test over the boundary, with this runner; optimised, so that its dependencies are those of the build.
fn wasm_tests(runner: &str) -> Outcome<Command> {
    let mut command = Toolchain::find()?.cargo("test");
    command
        .args([
            "--package",
            "schema-senate",
            "--release",
            "--test",
            "wasm_boundary",
        ])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    Ok(command)
}

struct Session<'a> {
    /// The suites asked for; none is all.
    named: &'a [String],
    /// The suites there are.
    known: Vec<String>,
    reports: Vec<Report>,
    environment: Vec<(&'static str, OsString)>,
}

impl Session<'_> {
    fn wanted(&mut self, name: &str) -> bool {
        self.known.push(name.to_owned());
        self.named.is_empty() || self.named.iter().any(|named| named == name)
    }

    /// Runs a suite, unless what it needs is not here: `prepare` says so.
    fn suite(
        &mut self,
        name: &str,
        counting: Counting,
        prepare: impl FnOnce() -> Outcome<Command>,
    ) {
        if self.wanted(name) {
            let report = match prepare() {
                Ok(mut command) => {
                    command.envs(self.environment.iter().map(|(name, value)| (name, value)));
                    suite(name, &mut command, counting)
                }
                Err(why) => Report::skipped(name, &why),
            };
            self.reports.push(report);
        }
    }

    /// node:test over tests/<suite>/, one suite a folder.
    fn node_suites(&mut self) {
        let suites = discover(&place::root().join("tests"));
        let wanted: Vec<_> = suites
            .into_iter()
            .filter(|(name, _)| self.wanted(name))
            .collect();
        if wanted.is_empty() {
            return;
        }
        let chromium = browser::chromium();
        if let Ok(program) = &chromium {
            self.environment.push(("CHROMIUM", program.into()));
        }
        match postgres::programs() {
            Ok(folder) => self.environment.push(("PG_BIN", folder.into())),
            Err(why) => println!("tests on a real PostgreSQL will be skipped: {why}"),
        }
        for (name, files) in wanted {
            if let (true, Err(why)) = (IN_BROWSER.contains(&name.as_str()), &chromium) {
                self.reports.push(Report::skipped(&name, why));
                continue;
            }
            let mut command = run::command("node");
            command
                // A file that does not end is a failure, not a wait.
                .args(["--test", "--test-reporter=spec", "--test-timeout=900000"])
                .args(files)
                .envs(self.environment.iter().map(|(name, value)| (name, value)));
            self.reports
                .push(suite(&name, &mut command, Counting::Node));
        }
    }

    fn close(self, started: Instant) -> Outcome {
        if let Some(unknown) = self.named.iter().find(|name| !self.known.contains(name)) {
            return Err(format!(
                "there is no suite `{unknown}`; there are {}",
                self.known.join(", ")
            ));
        }
        run::heading("summary");
        println!(
            "{:<16} {:>7} {:>7} {:>8} {:>9}",
            "suite", "passed", "failed", "skipped", "seconds"
        );
        for report in &self.reports {
            println!(
                "{:<16} {:>7} {:>7} {:>8} {:>9.1}  {}",
                report.name,
                report.passed,
                report.failed,
                report.skipped,
                report.took.as_secs_f64(),
                report.note
            );
        }
        let passed: u32 = self.reports.iter().map(|report| report.passed).sum();
        let failed: u32 = self.reports.iter().map(|report| report.failed).sum();
        let skipped: u32 = self.reports.iter().map(|report| report.skipped).sum();
        println!(
            "\n{skipped} skipped, {:.0} s",
            started.elapsed().as_secs_f64()
        );
        println!("{passed} passed, {failed} failed");
        if failed == 0 {
            Ok(())
        } else {
            Err("not everything passed".to_owned())
        }
    }
}

/// The test files of each folder of tests/, by the folder's name.
fn discover(tests: &Path) -> BTreeMap<String, Vec<PathBuf>> {
    let mut suites = BTreeMap::new();
    for folder in entries(tests).into_iter().filter(|path| path.is_dir()) {
        let mut files = Vec::new();
        collect(&folder, &mut files);
        if let (false, Some(name)) = (files.is_empty(), folder.file_name()) {
            suites.insert(name.to_string_lossy().into_owned(), files);
        }
    }
    suites
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            if name != "node_modules" {
                collect(&path, files);
            }
        } else if name.ends_with(".test.mjs") || name.ends_with(".test.js") {
            files.push(path);
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    entries.sort();
    entries
}
