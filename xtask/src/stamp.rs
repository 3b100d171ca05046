//! Whether something has to be made again: a note of the contents it was made from.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use crate::place;
use crate::run::Outcome;

/// A digest of contents. It only has to tell changes apart on this machine.
#[derive(Default)]
pub struct Contents(DefaultHasher);

impl Contents {
    /// Adds a file, or every file below a folder but those that are made or fetched.
    pub fn add(&mut self, path: &Path) {
        if path.is_dir() {
            let mut entries: Vec<PathBuf> = fs::read_dir(path)
                .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
                .unwrap_or_default();
            entries.sort();
            for entry in entries {
                let made = entry
                    .file_name()
                    .is_some_and(|name| MADE.iter().any(|made| name == *made));
                if !made {
                    self.add(&entry);
                }
            }
        } else {
            self.text(&path.to_string_lossy());
            // A file that is not there differs from one that is empty.
            match fs::read(path) {
                Ok(bytes) => self.bytes(&bytes),
                Err(_) => self.0.write_u8(0),
            }
        }
    }

    /// Adds a word, e.g. a version.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.write_usize(bytes.len());
        self.0.write(bytes);
    }

    /// The digest.
    pub fn digest(&self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

const MADE: [&str; 4] = ["node_modules", "dist", "wasm", "target"];

/// A note under a name.
pub struct Stamp(PathBuf);

impl Stamp {
    /// The note of that name.
    pub fn named(name: &str) -> Self {
        Self(place::stamps().join(name))
    }

    /// Whether it was written for this digest, and all that was made is still there.
    pub fn holds(&self, digest: &str, made: &[PathBuf]) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|noted| noted == digest)
            && made.iter().all(|path| path.exists())
    }

    /// Writes it. Called after the work, so that work cut short is done again.
    pub fn write(&self, digest: &str) -> Outcome {
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        fs::write(&self.0, digest).map_err(|error| format!("{}: {error}", self.0.display()))
    }
}
