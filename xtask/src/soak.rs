//! `cargo xtask soak`: random pairs of schemas for as long as it is given; see `xtask/soak/`.

use crate::run::{self, Outcome};
use crate::toolchain;

/// Builds the soak, which is fast code without link-time optimisation, and runs it with these arguments.
pub fn soak(arguments: &[String]) -> Outcome {
    let mut command = run::command(toolchain::cargo());
    command
        .args([
            "run",
            "--quiet",
            "--profile",
            "soak",
            "--package",
            "xtask-soak",
            "--",
        ])
        .args(arguments);
    run::run(&mut command)
}
