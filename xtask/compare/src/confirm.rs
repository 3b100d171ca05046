//! Witnesses count when our validator and an independent one see them the same way.

use std::time::Duration;

use serde::Serialize;

use crate::arguments::Arguments;
use crate::engine::VALIDATORS;
use crate::lines::{Asked, Said};
use crate::process::Warm;

/// What each validator says of one witness: `None` when it confirms it, or why it does not.
#[derive(Clone, Debug, Serialize)]
pub struct Confirmation {
    /// By the names of [`VALIDATORS`].
    pub validators: Vec<(&'static str, Option<String>)>,
}

impl Confirmation {
    /// Whether ours and at least one other confirm it.
    pub fn holds(&self) -> bool {
        let says = |ours: bool| {
            self.validators
                .iter()
                .any(|(name, objection)| (*name == "ours") == ours && objection.is_none())
        };
        says(true) && says(false)
    }

    /// The objections, in words.
    pub fn objections(&self) -> String {
        let objections: Vec<String> = self
            .validators
            .iter()
            .filter_map(|(name, objection)| Some(format!("{name}: {}", objection.as_ref()?)))
            .collect();
        objections.join("; ")
    }

    /// Who confirms it.
    pub fn by(&self) -> String {
        let names: Vec<&str> = self
            .validators
            .iter()
            .filter(|(_, objection)| objection.is_none())
            .map(|(name, _)| *name)
            .collect();
        names.join(" + ")
    }
}

/// The validators, warm.
pub struct Validators(Vec<(&'static str, Result<Warm, String>)>);

impl Validators {
    /// Starts them when they are first asked. One that could not be set up objects to everything, saying why.
    pub fn new(given: &Arguments, limit: Duration) -> Self {
        let warm = VALIDATORS.map(|(name, program)| {
            let warm = match given.not_run.get(&format!("validator-{name}")) {
                Some(why) => Err(why.clone()),
                None => program.command(given).and_then(|command| {
                    let log = given.tools.join(format!("logs/validator-{name}.log"));
                    Warm::new(command, limit, &log)
                }),
            };
            (name, warm)
        });
        Self(warm.into())
    }

    /// Those that could not be set up, and why.
    pub fn missing(&self) -> Vec<(&'static str, &str)> {
        self.0
            .iter()
            .filter_map(|(name, warm)| Some((*name, warm.as_ref().err()?.as_str())))
            .collect()
    }

    /// Asks all of them about one witness.
    pub fn confirm(&mut self, asked: &Asked, witness: &str) -> Confirmation {
        let asked = Asked {
            witness: Some(witness.to_owned()),
            ..asked.clone()
        };
        let validators = self
            .0
            .iter_mut()
            .map(|(name, warm)| {
                let objection = match warm {
                    Err(why) => Some(format!("not run: {why}")),
                    Ok(warm) => {
                        let answered = warm.ask(&asked);
                        (answered.answer != Said::Breaking)
                            .then(|| answered.why.unwrap_or_else(|| "it is none".to_owned()))
                    }
                };
                (*name, objection)
            })
            .collect();
        Confirmation { validators }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(objections: [Option<&str>; 3]) -> Confirmation {
        let names = VALIDATORS.map(|(name, _)| name);
        Confirmation {
            validators: names
                .into_iter()
                .zip(objections.map(|objection| objection.map(str::to_owned)))
                .collect(),
        }
    }

    #[test]
    fn ours_and_one_other_are_needed() {
        assert!(said([None, None, Some("no")]).holds());
        assert!(said([None, Some("no"), None]).holds());
        assert!(!said([None, Some("no"), Some("no")]).holds());
        assert!(!said([Some("no"), None, None]).holds());
    }
}
