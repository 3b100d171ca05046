//! Where things are.

use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// Cargo's folder for WebAssembly: one of its own, so that its flags never touch the native cache, nor wait for its lock.
pub fn wasm_target() -> PathBuf {
    root().join("target").join("wasm")
}

/// Notes of what was built from what.
pub fn stamps() -> PathBuf {
    root().join("target").join("xtask")
}

/// The generated part of the npm package.
pub fn package_wasm() -> PathBuf {
    root().join("pkg").join("core").join("wasm")
}

/// What `cargo xtask compare` installs and writes.
pub fn compare() -> PathBuf {
    root().join("target").join("compare")
}
