//! What the command was asked to do.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The words after `questions` or `histories`.
#[derive(Debug, Default)]
pub struct Arguments {
    /// The repository.
    pub root: PathBuf,
    /// Where the tools were installed, and where results go.
    pub tools: PathBuf,
    /// The engines asked for, by name; none is all. `ours` names both of ours.
    pub only: Vec<String>,
    /// So many questions of each file at most.
    pub limit: Option<usize>,
    /// Ask each question so often and take the fastest time: for a machine that is busy with other things.
    pub repeat: usize,
    /// Also write everything to a file.
    pub json: bool,
    /// Engines that could not be set up, and why.
    pub not_run: BTreeMap<String, String>,
}

impl Arguments {
    /// Reads them.
    pub fn read(words: &[String]) -> Result<Self, String> {
        let mut given = Self {
            repeat: 1,
            ..Self::default()
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--json" {
                given.json = true;
                continue;
            }
            let value = words
                .next()
                .ok_or_else(|| format!("`{word}` needs a value"))?;
            match word.as_str() {
                "--root" => given.root = value.into(),
                "--tools" => given.tools = value.into(),
                "--only" => given.only.extend(value.split(',').map(str::to_owned)),
                "--limit" => given.limit = Some(number(value)?),
                "--repeat" => given.repeat = number(value)?.max(1),
                "--not-run" => {
                    let (name, why) = value
                        .split_once('=')
                        .ok_or_else(|| format!("`{value}` is not an engine and a reason"))?;
                    given.not_run.insert(name.to_owned(), why.to_owned());
                }
                other => return Err(format!("there is no option `{other}`")),
            }
        }
        Ok(given)
    }

    /// Whether that engine was asked for.
    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty()
            || self
                .only
                .iter()
                .any(|only| only == name || (only == "ours" && crate::engine::OURS.contains(&name)))
    }
}

fn number(value: &str) -> Result<usize, String> {
    value
        .parse()
        .map_err(|_| format!("`{value}` is no number of questions"))
}
