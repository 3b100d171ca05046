//! `cargo xtask bench`.

use crate::build;
use crate::run::{self, Outcome};

/// Builds, then runs tests/bench; arguments name single measurements.
pub fn bench(arguments: &[String]) -> Outcome {
    build::everything()?;
    run::run(
        run::command("node")
            .args(["--expose-gc", "tests/bench/main.mjs"])
            .args(arguments),
    )
}
