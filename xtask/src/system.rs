//! Programs and packages of the machine.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::run::{self, Outcome};

/// The first of these programs that is on the PATH.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|program| program.is_file())
    })
}

/// Installs Debian packages, or says which line does.
///
/// It installs only as root in a container or under CI, where there is nobody to ask and nothing to spoil.
pub fn install(what: &str, packages: &[&str]) -> Outcome {
    let list = packages.join(" ");
    if !may_install() {
        return Err(format!(
            "{what} is missing; on Debian: sudo apt-get install {list}"
        ));
    }
    println!("{what} is missing; installing {list}");
    static UPDATED: OnceLock<Outcome> = OnceLock::new();
    UPDATED
        .get_or_init(|| run::run(run::command("apt-get").args(["update", "-qq"])))
        .clone()?;
    run::run(
        run::command("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(packages),
    )
}

fn may_install() -> bool {
    let contained = ["CI", "container"]
        .iter()
        .any(|name| std::env::var_os(name).is_some())
        || ["/.dockerenv", "/run/.containerenv"]
            .iter()
            .any(|file| Path::new(file).exists());
    std::env::var_os("XTASK_NO_INSTALL").is_none()
        && contained
        && find(&["apt-get"]).is_some()
        && run::output(run::command("id").arg("-u")).as_deref() == Some("0")
}
