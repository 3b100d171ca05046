//! How the changes of one artifact type are judged.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::text::{Members, Problem, Value};

use super::{Assumption, Mode, Options};

/// How the changes of one artifact type are judged: what a registry keeps for the type, and not what one question asks.
/// The default is the strict reading: backward, no assumption.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Which direction is asked about; a transitive mode asks about every version of the type.
    pub mode: Mode,
    /// What is taken for granted about writers and readers of the type.
    pub assumptions: BTreeSet<Assumption>,
}

impl Setting {
    /// Reads `{mode?, assumptions?}`, found at `place`.
    ///
    /// # Errors
    /// `member_…` problems at their places: an unknown member, mode or assumption, or one that is listed twice.
    pub fn read(value: &Value, place: &str) -> Result<Self, Vec<Problem>> {
        let mut members = Members::of(value, place, &["mode", "assumptions"]);
        let mode = members.optional_choice("mode", &Mode::NAMES, Mode::from_name);
        let assumptions =
            members.optional_choices("assumptions", &Assumption::NAMES, Assumption::from_name);
        let problems = members.end();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            mode: mode.unwrap_or_default(),
            assumptions: assumptions.into_iter().flatten().collect(),
        })
    }

    /// `{mode, assumptions}`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Whether this is the strict backward reading, which needs no mention.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The options that ask one question so.
    #[must_use]
    pub fn options(&self) -> Options {
        Options::in_mode(self.mode).assuming(self.assumptions.iter().copied())
    }

    /// The setting as part of a sentence: `in the mode full, assuming closed_writers, defaults_filled`.
    #[must_use]
    pub fn words(&self) -> String {
        let mode = format!("in the mode {}", self.mode.as_str());
        if self.assumptions.is_empty() {
            return mode;
        }
        let names: Vec<_> = self
            .assumptions
            .iter()
            .map(|assumption| assumption.as_str())
            .collect();
        format!("{mode}, assuming {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_again() {
        let value = json!({"mode": "full_transitive", "assumptions": ["closed_writers", "defaults_filled"]});
        let setting = Setting::read(&value, "").unwrap();
        assert_eq!(setting.to_value(), value);
        assert_eq!(
            setting.words(),
            "in the mode full_transitive, assuming closed_writers, defaults_filled"
        );
        assert!(Setting::read(&json!({}), "").unwrap().is_default());
        assert!(
            Setting::read(&json!({"mode": "backward", "assumptions": []}), "")
                .unwrap()
                .is_default()
        );
    }

    #[test]
    fn what_is_unknown_is_refused_at_its_place() {
        let value = json!({"mode": "sideways", "assumption": [], "assumptions": ["closed_writers", "closed_writers", 1]});
        let found: Vec<_> = Setting::read(&value, "/compatibility")
            .unwrap_err()
            .into_iter()
            .map(|problem| (problem.code, problem.pointer))
            .collect();
        assert_eq!(
            found,
            [
                ("member_unknown", "/compatibility/assumption".to_owned()),
                ("member_choice", "/compatibility/mode".to_owned()),
                ("member_repeated", "/compatibility/assumptions/1".to_owned()),
                ("member_type", "/compatibility/assumptions/2".to_owned()),
            ]
        );
    }
}
