//! `cargo xtask build`.

use crate::run::Outcome;
use crate::{node, wasm};

/// Packages, core, glue, workspaces: whatever is not up to date.
pub fn everything() -> Outcome {
    node::packages()?;
    wasm::build()?;
    node::workspaces()
}
