//! A Chromium for the tests that need a real browser.

use std::path::PathBuf;

use crate::run::Outcome;
use crate::system;

/// `CHROMIUM`, what is installed, or what can be installed.
pub fn chromium() -> Outcome<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        let named = PathBuf::from(named);
        return if named.is_file() {
            Ok(named)
        } else {
            Err(format!(
                "CHROMIUM names {}, which is not there",
                named.display()
            ))
        };
    }
    if let Some(found) = installed() {
        return Ok(found);
    }
    system::install(
        "Chromium, for the browser tests,",
        &["chromium", "fonts-dejavu-core"],
    )?;
    installed().ok_or_else(|| "apt-get installed Chromium, and it is not on the PATH".to_owned())
}

fn installed() -> Option<PathBuf> {
    const NAMES: [&str; 5] = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ];
    const APPLICATIONS: [&str; 2] = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ];
    system::find(&NAMES).or_else(|| {
        APPLICATIONS
            .iter()
            .map(PathBuf::from)
            .find(|program| program.is_file())
    })
}
