//! The core as one `.wasm` file with its glue: cargo, wasm-bindgen, wasm-opt, sizes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::place;
use crate::run::{self, Outcome};
use crate::stamp::{Contents, Stamp};
use crate::toolchain::{self, Toolchain};

/// What the oldest supported engine (Node 20, Safari 16.4) understands, by name: `--all-features` makes modules that it
/// refuses.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
];

/// Builds `pkg/core/wasm/`. Cargo decides what to compile; the rest is skipped while cargo's output stays the same.
pub fn build() -> Outcome {
    let toolchain = Toolchain::find()?;
    run::heading(&format!("WebAssembly core ({})", toolchain.name()));
    run::run(
        toolchain
            .cargo("build")
            .args(["--package", "schema-senate", "--lib", "--release"]),
    )?;
    let raw = place::wasm_target()
        .join(toolchain::TARGET)
        .join("release/schema_senate.wasm");
    let package = place::package_wasm();
    let made = [
        "schema_senate.wasm",
        "schema_senate.js",
        "schema_senate.d.ts",
    ]
    .map(|name| package.join(name));

    let mut contents = Contents::default();
    contents.add(&raw);
    contents.add(&place::root().join("xtask/bindgen/src/main.rs"));
    contents.add(&place::root().join("Cargo.lock"));
    contents.add(&place::root().join("node_modules/binaryen/package.json"));
    for feature in FEATURES {
        contents.text(feature);
    }
    let stamp = Stamp::named("wasm");
    if stamp.holds(&contents.digest(), &made) {
        return Ok(());
    }

    let glue = place::stamps().join("glue");
    run::run(run::command(bindgen(&[])?).arg("glue").arg(&raw).arg(&glue))?;
    fs::create_dir_all(&package).map_err(|error| format!("{}: {error}", package.display()))?;
    optimise(
        &glue.join("schema_senate_bg.wasm"),
        &package.join("schema_senate.wasm"),
    )?;
    for name in ["schema_senate.js", "schema_senate.d.ts"] {
        copy(&glue.join(name), &package.join(name))?;
    }
    sizes()?;
    stamp.write(&contents.digest())
}

/// Prints raw, gzip and brotli sizes beside the budget; over budget is an error.
pub fn sizes() -> Outcome {
    run::run(run::command("node").arg("xtask/size.mjs"))
}

/// The glue generator, built when needed: `--features runner` makes it cargo's runner for wasm tests too.
pub fn bindgen(arguments: &[&str]) -> Outcome<PathBuf> {
    run::run(
        run::command(toolchain::cargo())
            .args(["build", "--quiet", "--package", "xtask-bindgen"])
            .args(arguments),
    )?;
    let program = format!("xtask-bindgen{}", std::env::consts::EXE_SUFFIX);
    Ok(toolchain::target().join("debug").join(program))
}

fn optimise(from: &Path, to: &Path) -> Outcome {
    run::run(
        run::command("node")
            .arg("node_modules/binaryen/bin/wasm-opt")
            .arg("-Os")
            .args(FEATURES)
            .arg(from)
            .arg("-o")
            .arg(to),
    )
}

fn copy(from: &Path, to: &Path) -> Outcome {
    fs::copy(from, to)
        .map(drop)
        .map_err(|error| format!("{} → {}: {error}", from.display(), to.display()))
}
