//! wasm-bindgen as a library, pinned by Cargo.lock: no command of that name has to be installed, and its version cannot
//! differ from the one that the core was compiled against. A program of its own, so that `cargo xtask` compiles in
//! seconds and this only where WebAssembly is built.
//!
//! - `xtask-bindgen glue IN.wasm OUT_DIR`: writes `schema_senate.js`, `.d.ts` and `_bg.wasm`.
//! - `xtask-bindgen test …` (feature `runner`): cargo's runner for wasm tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    match arguments
        .next()
        .as_deref()
        .and_then(std::ffi::OsStr::to_str)
    {
        Some("glue") => match (arguments.next(), arguments.next()) {
            (Some(input), Some(output)) => glue(input.as_ref(), output.as_ref()),
            _ => usage(),
        },
        #[cfg(feature = "runner")]
        Some("test") => {
            let name = std::ffi::OsString::from("wasm-bindgen-test-runner");
            let all = std::iter::once(name).chain(arguments);
            match wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(all) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => failed(&format!("{error:#}")),
            }
        }
        _ => usage(),
    }
}

/// Glue for `--target web`: the one shape that every entry of the package can stand on. It does not look for the module by
/// itself (each entry says where it is), and `__wbg_reset_state` gives it a fresh instance after a fault.
fn glue(input: &std::path::Path, output: &std::path::Path) -> ExitCode {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(input)
        .out_name("schema_senate")
        .typescript(true)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .reset_state_function(true);
    match bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(output))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&format!("{error:#}")),
    }
}

fn usage() -> ExitCode {
    failed("usage: xtask-bindgen glue IN.wasm OUT_DIR | xtask-bindgen test WASM [ARGS…]")
}

fn failed(message: &str) -> ExitCode {
    eprintln!("xtask-bindgen: {message}");
    ExitCode::FAILURE
}
