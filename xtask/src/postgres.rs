//! The server programs of PostgreSQL, for the tests that run a real one.

use std::path::{Path, PathBuf};

use crate::run::Outcome;
use crate::system;

/// The folder with initdb, pg_ctl and postgres: `PG_BIN`, what is installed, or what can be installed.
pub fn programs() -> Outcome<PathBuf> {
    if let Some(named) = std::env::var_os("PG_BIN") {
        let named = PathBuf::from(named);
        return if complete(&named) {
            Ok(named)
        } else {
            Err(format!(
                "PG_BIN names {}, which has no initdb, pg_ctl and postgres",
                named.display()
            ))
        };
    }
    if let Some(found) = installed() {
        return Ok(found);
    }
    system::install("PostgreSQL, for the tests of its store,", &["postgresql"])?;
    installed().ok_or_else(|| {
        "apt-get installed PostgreSQL, and its programs are not in /usr/lib/postgresql".to_owned()
    })
}

fn installed() -> Option<PathBuf> {
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| {
            versions
                .flatten()
                .map(|version| version.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    debian.sort();
    debian
        .into_iter()
        .rev()
        .find(|folder| complete(folder))
        .or_else(|| {
            let folder = system::find(&["initdb"])?.parent()?.to_path_buf();
            complete(&folder).then_some(folder)
        })
}

fn complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"]
        .iter()
        .all(|program| folder.join(program).is_file())
}
