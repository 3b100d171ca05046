//! `cargo xtask bench`.

use crate::build;
use crate::run::{self, Outcome};
use crate::toolchain;

/// The measurements that are native; the others go through the npm package.
const NATIVE: &str = "native";

/// Builds, then runs tests/bench and xtask/bench; arguments name single measurements.
pub fn bench(arguments: &[String]) -> Outcome {
    let packaged: Vec<_> = arguments.iter().filter(|name| *name != NATIVE).collect();
    if arguments.is_empty() || !packaged.is_empty() {
        build::everything()?;
        run::run(
            run::command("node")
                .args(["--expose-gc", "tests/bench/main.mjs"])
                .args(&packaged),
        )?;
    }
    if arguments.is_empty() || packaged.len() < arguments.len() {
        run::run(run::command(toolchain::cargo()).args([
            "run",
            "--quiet",
            "--profile",
            "measure",
            "--package",
            "xtask-bench",
        ]))?;
    }
    Ok(())
}
