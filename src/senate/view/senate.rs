//! The senate as a whole.

use serde_json::json;

use super::super::proposal::Status;
use super::Scene;
use crate::text::{Map, Value};

impl Scene<'_> {
    pub(super) fn senate(&self) -> Value {
        let mut counts: Map<String, Value> = Status::ALL
            .into_iter()
            .map(|status| (status.name().to_owned(), Value::from(0)))
            .collect();
        for status in Status::ALL {
            let number = self
                .senate
                .proposals
                .values()
                .filter(|proposal| proposal.status(&self.senate.registry, self.now) == status)
                .count();
            counts.insert(status.name().to_owned(), number.into());
        }
        json!({
            "origin": self.charter.origin,
            "seq": self.senate.seq,
            "members": self.charter.electorate.to_value(),
            "policy": self.charter.policy.to_value(),
            "policy_words": self.charter.policy.words(),
            "artifact_types": self.senate.registry.len(),
            "proposals": counts,
        })
    }
}
