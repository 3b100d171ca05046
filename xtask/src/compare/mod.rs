//! `cargo xtask compare`: our compatibility engine beside its peers.
//!
//! This sets everything up below `target/compare` and starts `xtask-compare`, which asks, scores and prints. A peer that cannot
//! be set up is reported as not run, with the reason; it never keeps the others from running.

mod peers;
mod python;

use crate::run::{self, Outcome};
use crate::{place, toolchain};

/// Ours, which must be there.
const OURS: [&str; 2] = ["senate", "senate-node"];

/// Sets up what was asked for, then asks.
pub fn compare(arguments: &[String]) -> Outcome {
    let (command, rest) = match arguments.split_first() {
        Some((first, rest)) if first == "histories" => ("histories", rest),
        _ => ("questions", arguments),
    };
    let only = only(rest)?;
    let histories = command == "histories";
    let wants = |name: &str| match only.as_slice() {
        [] => !histories || OURS.contains(&name),
        only => only
            .iter()
            .any(|only| only == name || (only == "ours" && OURS.contains(&name))),
    };
    let not_run = peers::set_up(&wants)?;

    run::heading("compare");
    let program = toolchain::target()
        .join("measure")
        .join(format!("xtask-compare{}", std::env::consts::EXE_SUFFIX));
    let mut command_line = run::command(program);
    command_line
        .arg(command)
        .arg("--root")
        .arg(place::root())
        .arg("--tools")
        .arg(place::compare())
        .args(rest);
    for (name, why) in not_run {
        let why = why.lines().next().unwrap_or_default();
        command_line.arg("--not-run").arg(format!("{name}={why}"));
    }
    run::run(&mut command_line)
}

/// The names after `--only`.
fn only(words: &[String]) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for pair in words.windows(2) {
        if let [option, value] = pair
            && option == "--only"
        {
            names.extend(value.split(',').map(str::to_owned));
        }
    }
    let unknown = names
        .iter()
        .find(|name| *name != "ours" && !peers::NAMES.contains(&name.as_str()));
    match unknown {
        Some(unknown) => Err(format!(
            "there is no engine `{unknown}`; there are ours, {}",
            peers::NAMES.join(", ")
        )),
        None => Ok(names),
    }
}
