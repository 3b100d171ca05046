//! Virtual environments for the peers in Python.

use std::path::{Path, PathBuf};

use crate::run::{self, Outcome};
use crate::stamp::{Contents, Stamp};
use crate::{place, system};

/// A virtual environment in `target/compare/<name>` that holds what `requirements` pins, on a Python of this version or later.
pub fn environment(name: &str, requirements: &str, least: (u32, u32)) -> Outcome {
    let folder = place::compare().join(name);
    let sources = place::root().join("xtask/compare/python");
    let mut contents = Contents::default();
    contents.add(&sources.join("validators.txt"));
    contents.add(&sources.join(requirements));
    let own = interpreter(&folder);
    let stamp = Stamp::named(&format!("compare-{requirements}"));
    if stamp.holds(&contents.digest(), std::slice::from_ref(&own)) {
        return Ok(());
    }
    run::heading(&format!("Python: {requirements}"));
    if !own.exists() {
        let python = find(least).ok_or(format!(
            "Python {}.{} or later is not on this machine",
            least.0, least.1
        ))?;
        run::run(run::command(python).args(["-m", "venv"]).arg(&folder))?;
    }
    run::run(
        run::command(own)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
            ])
            .arg(sources.join(requirements)),
    )?;
    stamp.write(&contents.digest())
}

fn interpreter(folder: &Path) -> PathBuf {
    if cfg!(windows) {
        folder.join("Scripts").join("python.exe")
    } else {
        folder.join("bin").join("python")
    }
}

/// A Python of this version or later: on the PATH, or installed by pyenv, whose commands on the PATH answer only for the
/// version that is selected.
fn find(least: (u32, u32)) -> Option<PathBuf> {
    let mut candidates: Vec<PathBuf> = [
        "python3",
        "python3.11",
        "python3.12",
        "python3.13",
        "python3.14",
    ]
    .iter()
    .filter_map(|name| system::find(&[name]))
    .collect();
    let pyenv = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    let mut installed: Vec<PathBuf> = pyenv
        .and_then(|root| std::fs::read_dir(root.join("versions")).ok())
        .map(|versions| {
            versions
                .flatten()
                .map(|version| version.path().join("bin").join("python3"))
                .collect()
        })
        .unwrap_or_default();
    installed.sort();
    candidates.extend(installed);
    candidates
        .into_iter()
        .find(|candidate| version(candidate).is_some_and(|version| version >= least))
}

fn version(python: &Path) -> Option<(u32, u32)> {
    let text = run::output(
        run::command(python).args(["-c", "import sys, venv; print(*sys.version_info[:2])"]),
    )?;
    let (major, minor) = text.split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
