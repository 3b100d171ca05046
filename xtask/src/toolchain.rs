//! A Rust toolchain that can compile to WebAssembly.
//!
//! The standard library for `wasm32-unknown-unknown` is one `rustup target add` away on most machines. Where rustup can
//! fetch nothing, Debian's `rustc-web` with its sources builds the library beside the core.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::place;
use crate::run::{self, Outcome};
use crate::system;

/// The target.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// How to call cargo for WebAssembly.
#[derive(Clone, Debug)]
pub enum Toolchain {
    /// The toolchain that runs this: its standard library for the target is installed.
    Plain,
    /// Debian's compiler, building the standard library from source with this linker.
    Debian {
        /// A wasm-ld of the compiler's own LLVM.
        linker: PathBuf,
    },
}

impl Toolchain {
    /// What is here, or what can be fetched; else the line that would put it here. `XTASK_TOOLCHAIN=plain` or `debian`
    /// skips the choice.
    pub fn find() -> Outcome<Self> {
        let wanted = std::env::var("XTASK_TOOLCHAIN").unwrap_or_default();
        if wanted != "debian" {
            if has_plain_target() {
                return Ok(Self::Plain);
            }
            if wanted != "plain"
                && let Some(debian) = debian()
            {
                return Ok(debian);
            }
            if add_plain_target() {
                return Ok(Self::Plain);
            }
        }
        if wanted != "plain" {
            if let Some(debian) = debian() {
                return Ok(debian);
            }
            if install_debian().is_ok()
                && let Some(debian) = debian()
            {
                return Ok(debian);
            }
        }
        Err(format!(
            "no standard library for {TARGET} is installed. Run one of\n  \
             rustup target add {TARGET}\n  \
             sudo apt-get install rustc-web cargo-web rust-web-src lld-22   # the lld of `/usr/bin/rustc -vV`'s LLVM"
        ))
    }

    /// `cargo <subcommand> --target wasm32-unknown-unknown`, in a build folder of its own.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = match self {
            Self::Plain => run::command(cargo()),
            Self::Debian { linker } => {
                let mut command = run::command(DEBIAN_CARGO);
                command
                    .env("RUSTC", DEBIAN_RUSTC)
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                    .env_remove("RUSTUP_TOOLCHAIN")
                    .env_remove("CARGO");
                command
            }
        };
        command.arg(subcommand);
        if matches!(self, Self::Debian { .. }) {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
            .args(["--target", TARGET, "--target-dir"])
            .arg(place::wasm_target());
        command
    }

    /// In a word, for the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Plain => "installed target",
            Self::Debian { .. } => "Debian's rustc-web, standard library from source",
        }
    }
}

/// The cargo that runs this.
pub fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// Where that cargo builds for this machine.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| place::root().join("target"), PathBuf::from)
}

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

fn has_plain_target() -> bool {
    run::output(run::command("rustc").args(["--print", "sysroot"])).is_some_and(|sysroot| {
        let library = Path::new(&sysroot)
            .join("lib/rustlib")
            .join(TARGET)
            .join("lib");
        std::fs::read_dir(library).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    })
}

/// Asks rustup, not for long: where it cannot fetch, something else can.
fn add_plain_target() -> bool {
    if std::env::var_os("XTASK_NO_INSTALL").is_some() || system::find(&["rustup"]).is_none() {
        return false;
    }
    println!("rustup target add {TARGET}");
    run::succeeds_within(
        run::command("rustup")
            .args(["target", "add", TARGET])
            .env("RUSTUP_MAX_RETRIES", "1"),
        Duration::from_secs(180),
    ) && has_plain_target()
}

/// Debian's packages, when compiler, cargo, library sources and a linker of the same LLVM are all there.
fn debian() -> Option<Toolchain> {
    if !Path::new(DEBIAN_CARGO).exists() {
        return None;
    }
    let sysroot = run::output(run::command(DEBIAN_RUSTC).args(["--print", "sysroot"]))?;
    let sources = Path::new(&sysroot).join("lib/rustlib/src/rust/library/std");
    let linker = system::find(&[&format!("wasm-ld-{}", llvm()?)])?;
    sources.exists().then_some(Toolchain::Debian { linker })
}

/// The major version of the LLVM inside Debian's compiler.
fn llvm() -> Option<String> {
    let version = run::output(run::command(DEBIAN_RUSTC).arg("-vV"))?;
    let line = version
        .lines()
        .find_map(|line| line.strip_prefix("LLVM version: "))?;
    line.split('.').next().map(str::to_owned)
}

fn install_debian() -> Outcome {
    system::install(
        "a Rust compiler for WebAssembly",
        &["rustc-web", "cargo-web", "rust-web-src"],
    )?;
    let llvm = llvm().ok_or("Debian's rustc does not say its LLVM version")?;
    system::install("its linker", &[&format!("lld-{llvm}")])
}
