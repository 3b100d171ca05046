//! The comparison of compatibility engines, which `cargo xtask compare` sets up and starts.
//!
//! - `questions`: every engine over the directed questions of the reference data, scored by their labels.
//! - `histories`: our engine over published histories, step by step in both directions.
//! - `answer senate|canonical|confirm`: an engine of this crate as a process of its own, like the peers are.

mod arguments;
mod confirm;
mod engine;
mod histories;
mod lines;
mod native;
mod process;
mod question;
mod questions;
mod score;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.split_first() {
        Some((command, rest)) => match command.as_str() {
            "answer" => native::serve(rest.first().map_or("", String::as_str)),
            "questions" => {
                arguments::Arguments::read(rest).and_then(|given| questions::run(&given))
            }
            "histories" => {
                arguments::Arguments::read(rest).and_then(|given| histories::run(&given))
            }
            other => Err(format!("there is no command `{other}`")),
        },
        None => Err("this is started by `cargo xtask compare`".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("compare: {message}");
            ExitCode::FAILURE
        }
    }
}
