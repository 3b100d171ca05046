//! Node, npm packages, and the builds of the workspaces.

use std::path::PathBuf;

use crate::place;
use crate::run::{self, Outcome};
use crate::stamp::{Contents, Stamp};

/// In the order in which they stand on one another.
const WORKSPACES: [&str; 4] = ["pkg/core", "pkg/host", "pkg/agent", "www"];

/// Checks Node and installs exactly what package-lock.json says, when it is not there yet.
pub fn packages() -> Outcome {
    let version = run::output(run::command("node").args(["-p", "process.versions.node"]))
        .ok_or("Node 20 or later is missing: https://nodejs.org")?;
    let major = version
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        return Err(format!("Node 20 or later is needed, and this is {version}"));
    }
    let mut lock = Contents::default();
    lock.add(&place::root().join("package-lock.json"));
    lock.text(&version);
    let modules = place::root().join("node_modules");
    let stamp = Stamp::named("npm");
    if stamp.holds(&lock.digest(), &[modules]) {
        return Ok(());
    }
    // What `npm install` has put there is as good, when it is what the lockfile says.
    if run::output(run::command("node").arg("xtask/installed.mjs")).is_none() {
        run::heading("npm packages");
        run::run(run::command("npm").args(["ci", "--no-audit", "--no-fund"]))?;
    }
    stamp.write(&lock.digest())
}

/// Runs the `build` script of each workspace whose sources, or what they stand on, have changed.
pub fn workspaces() -> Outcome {
    let root = place::root();
    let mut contents = Contents::default();
    for file in ["package-lock.json", "tsconfig.base.json", "package.json"] {
        contents.add(&root.join(file));
    }
    for workspace in WORKSPACES {
        let folder = root.join(workspace);
        contents.add(&folder);
        if workspace == "www" {
            // The page carries the module; the other packages only name it.
            contents.add(&place::package_wasm().join("schema_senate.wasm"));
            contents.add(&place::package_wasm().join("schema_senate.js"));
        }
        if !folder.join("package.json").exists() {
            continue;
        }
        let stamp = Stamp::named(&workspace.replace('/', "-"));
        let made: Vec<PathBuf> = match workspace {
            "pkg/core" => Vec::new(),
            _ => vec![folder.join("dist")],
        };
        if stamp.holds(&contents.digest(), &made) {
            continue;
        }
        run::heading(workspace);
        run::run(run::command("npm").args([
            "run",
            "build",
            "--if-present",
            "--silent",
            "--workspace",
            workspace,
        ]))?;
        stamp.write(&contents.digest())?;
    }
    Ok(())
}
