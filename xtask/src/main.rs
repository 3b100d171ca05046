//! `cargo xtask`: everything that is done to this repository, each command setting up what it needs by itself.
//!
//! A fresh clone needs Rust and Node 20, and nothing else: the WebAssembly standard library, the npm packages and, for the
//! browser tests, Chromium are found, fetched, or asked for with the exact line to run.

mod bench;
mod browser;
mod build;
mod compare;
mod lint;
mod node;
mod place;
mod postgres;
mod run;
mod serve;
mod soak;
mod stamp;
mod suite;
mod system;
mod test;
mod toolchain;
mod wasm;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <command>

  build            the WebAssembly core, its JavaScript glue, the npm packages and the page
  serve [ARGS…]    builds, then starts a senate with example data in .senate; ARGS go to `senate serve`
  test [SUITE…]    every check and test, or the named suites only; ends with a table and `N passed, N failed`
  bench            speed and size beside the usual JavaScript peers, as ratios of one run
  soak [ARGS…]     random pairs of schemas against the compatibility verdicts; `--minutes N`, `--seed S`
  compare [histories] [--only ours|NAME,…] [--limit N] [--repeat N] [--json]
                   our compatibility engine beside its peers on the labelled questions of the reference data, or over
                   published histories; sets everything up in target/compare
  lint             clippy, for the host and for WebAssembly
  fmt [--check]    rustfmt and prettier

environment: CHROMIUM   the browser for the browser tests
             PG_BIN     the folder of initdb, pg_ctl and postgres
             XTASK_NO_INSTALL=1   print what is missing instead of installing it";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    let done = match command {
        "build" => build::everything().map(drop),
        "serve" => serve::serve(rest),
        "test" => test::test(rest),
        "bench" => bench::bench(rest),
        "soak" => soak::soak(rest),
        "compare" => compare::compare(rest),
        "lint" => lint::lint(),
        "fmt" => lint::format(rest.iter().any(|argument| argument == "--check")),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(format!("there is no command `{other}`\n\n{USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
