//! `cargo xtask lint` and `cargo xtask fmt`.

use std::process::Command;

use crate::node;
use crate::run::{self, Outcome};
use crate::toolchain::{self, Toolchain};

/// Clippy over everything, for the host and for WebAssembly.
pub fn lint() -> Outcome {
    run::run(&mut clippy())?;
    run::run(&mut wasm_clippy(&Toolchain::find()?).ok_or(NO_CLIPPY)?)
}

/// Why the WebAssembly half of clippy may be left out.
pub const NO_CLIPPY: &str =
    "Debian's toolchain has no clippy for WebAssembly; `rustup target add` brings it";

/// Clippy for the host.
pub fn clippy() -> Command {
    let mut command = run::command(toolchain::cargo());
    command.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]);
    command
}

/// Clippy for WebAssembly, where the boundary's own code is compiled.
pub fn wasm_clippy(toolchain: &Toolchain) -> Option<Command> {
    if !matches!(toolchain, Toolchain::Plain) {
        return None;
    }
    let mut command = toolchain.cargo("clippy");
    command.args([
        "--package",
        "schema-senate",
        "--lib",
        "--test",
        "wasm_boundary",
    ]);
    command.args(["--", "-D", "warnings"]);
    Some(command)
}

/// rustfmt and prettier; with `check` they only say what is not formatted.
pub fn format(check: bool) -> Outcome {
    node::packages()?;
    run::run(&mut rustfmt(check))?;
    run::run(&mut prettier(check))
}

/// rustfmt over the workspace.
pub fn rustfmt(check: bool) -> Command {
    let mut command = run::command(toolchain::cargo());
    command.args(["fmt", "--all"]);
    if check {
        command.arg("--check");
    }
    command
}

/// prettier over everything that .prettierignore does not name.
pub fn prettier(check: bool) -> Command {
    let mut command = run::command("node");
    command.arg("node_modules/prettier/bin/prettier.cjs").args([
        "--log-level",
        "warn",
        if check { "--check" } else { "--write" },
        ".",
    ]);
    command
}
