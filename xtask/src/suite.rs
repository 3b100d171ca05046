//! One suite: run with its output on the terminal, then counted from its closing lines.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::run;

/// How a runner says what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// By its exit code: one check.
    Once,
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; …`, once per test program.
    Rust,
    /// `ℹ pass 3`, `ℹ fail 0`, `ℹ cancelled 0`, `ℹ skipped 1`: node:test.
    Node,
}

/// What became of a suite.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Its name in the table.
    pub name: String,
    /// Tests that passed.
    pub passed: u32,
    /// Tests that failed; at least 1 when the runner failed.
    pub failed: u32,
    /// Tests that were left out.
    pub skipped: u32,
    /// From start to end.
    pub took: Duration,
    /// Why it did not run, or what failed.
    pub note: String,
}

impl Report {
    /// A suite that this toolchain cannot run and another one will; what it looks at is looked at elsewhere too.
    pub fn left_out(name: &str, why: &str) -> Self {
        println!("{name} left out: {why}");
        Self {
            failed: 0,
            ..Self::skipped(name, why)
        }
    }

    /// A suite that was not run. That is no success where everything should be there: under CI it counts as a failure.
    pub fn skipped(name: &str, why: &str) -> Self {
        println!("{name}: skipped. {why}");
        Self {
            name: name.to_owned(),
            failed: u32::from(std::env::var_os("CI").is_some()),
            skipped: 1,
            note: why.lines().next().unwrap_or_default().to_owned(),
            ..Self::default()
        }
    }

    /// A single step that is not a program of its own.
    pub fn step(name: &str, work: impl FnOnce() -> run::Outcome) -> Self {
        run::heading(name);
        let started = Instant::now();
        let done = work();
        if let Err(message) = &done {
            eprintln!("{message}");
        }
        Self {
            name: name.to_owned(),
            passed: u32::from(done.is_ok()),
            failed: u32::from(done.is_err()),
            took: started.elapsed(),
            note: done
                .err()
                .and_then(|message| message.lines().next().map(str::to_owned))
                .unwrap_or_default(),
            ..Self::default()
        }
    }
}

/// Runs a suite.
pub fn suite(name: &str, command: &mut Command, counting: Counting) -> Report {
    run::heading(name);
    let started = Instant::now();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            let readers = [
                child
                    .stdout
                    .take()
                    .map(|pipe| follow(pipe, Arc::clone(&lines))),
                child
                    .stderr
                    .take()
                    .map(|pipe| follow(pipe, Arc::clone(&lines))),
            ];
            let status = child.wait();
            for reader in readers.into_iter().flatten() {
                // A reader that panicked has lost lines only.
                let _ = reader.join();
            }
            status
        });
    let mut report = Report {
        name: name.to_owned(),
        ..Report::default()
    };
    for line in lines.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        count(&mut report, line, counting);
    }
    match status {
        Ok(status) if status.success() => {
            if counting == Counting::Once {
                report.passed = 1;
            }
        }
        Ok(status) => {
            report.failed = report.failed.max(1);
            report.note = status.to_string();
        }
        Err(error) => {
            report.failed = 1;
            report.note = format!("`{}` did not start: {error}", run::line(command));
        }
    }
    report.took = started.elapsed();
    println!("{name}: {} passed, {} failed", report.passed, report.failed);
    report
}

/// Copies lines to the terminal as they come, and keeps them.
fn follow(
    pipe: impl Read + Send + 'static,
    lines: Arc<Mutex<Vec<String>>>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while pipe.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            println!("{text}");
            lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(text);
            line.clear();
        }
    })
}

fn count(report: &mut Report, line: &str, counting: Counting) {
    match counting {
        Counting::Once => {}
        Counting::Rust => {
            let Some((_, counts)) = line.split_once("test result: ") else {
                return;
            };
            for part in counts.split([';', '.']) {
                match part.trim().split_once(' ') {
                    Some((number, "passed")) => report.passed += number.parse::<u32>().unwrap_or(0),
                    Some((number, "failed")) => report.failed += number.parse::<u32>().unwrap_or(0),
                    Some((number, "ignored")) => {
                        report.skipped += number.parse::<u32>().unwrap_or(0)
                    }
                    _ => {}
                }
            }
        }
        Counting::Node => {
            let Some((word, number)) = line
                .strip_prefix("ℹ ")
                .and_then(|rest| rest.split_once(' '))
            else {
                return;
            };
            let number = number.parse::<u32>().unwrap_or(0);
            match word {
                "pass" => report.passed += number,
                "fail" | "cancelled" => report.failed += number,
                "skipped" | "todo" => report.skipped += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(lines: &[&str], counting: Counting) -> (u32, u32, u32) {
        let mut report = Report::default();
        for line in lines {
            count(&mut report, line, counting);
        }
        (report.passed, report.failed, report.skipped)
    }

    #[test]
    fn cargo_prints_one_result_a_program() {
        let lines = [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
        ];
        assert_eq!(counted(&lines, Counting::Rust), (7, 2, 1));
    }

    #[test]
    fn node_prints_one_count_a_line() {
        let lines = [
            "ℹ tests 9",
            "ℹ pass 5",
            "ℹ fail 1",
            "ℹ cancelled 1",
            "ℹ skipped 2",
            "ℹ todo 0",
            "ℹ duration_ms 12",
        ];
        assert_eq!(counted(&lines, Counting::Node), (5, 2, 2));
    }

    #[test]
    fn a_failing_runner_that_counts_nothing_still_fails() {
        let report = suite("false", &mut Command::new("false"), Counting::Rust);
        assert_eq!((report.passed, report.failed), (0, 1));
    }
}
