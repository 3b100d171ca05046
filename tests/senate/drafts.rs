//! Drafts beside those of the chamber, and shortcuts to their decision.

use crate::chamber::{Chamber, draft, public_key};
use schema_senate::text::Value;
use serde_json::json;

pub const MINUTE: u64 = 60_000;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;

/// An optional field of experiments.
pub fn add_field(name: &str) -> Value {
    let schema = json!({"enum": ["none", "single", "double"]});
    draft(
        "add_field",
        json!({"path": format!("/design/{name}"), "schema": schema}),
        true,
    )
}

/// Another policy.
pub fn change_policy(policy: Value) -> Value {
    governance("policy_change", "policy", policy)
}

/// Other members.
pub fn change_members(changes: Value) -> Value {
    governance("membership_change", "changes", changes)
}

/// Another scope.
pub fn change_scope(scope: Value) -> Value {
    governance("scope_change", "scope", scope)
}

fn governance(proposal_type: &str, name: &str, payload: Value) -> Value {
    json!({
        "proposal_type": proposal_type,
        "metadata": {name: payload, "rationale": "The last votes closed over a weekend."}
    })
}

/// The change that enrols a voter of that name.
pub fn enrol(id: &str) -> Value {
    json!({"enrol": {"id": id, "key": public_key(id)}})
}

/// The act of proposing a draft.
pub fn proposing(proposer: &str, draft: Value) -> Value {
    let mut command = draft;
    command["command"] = json!("propose");
    command["proposer_id"] = json!(proposer);
    command
}

/// A draft with a word on earlier ones.
pub fn addressing(draft: Value, proposal_id: &str) -> Value {
    let mut draft = draft;
    draft["addresses"] = json!([{"proposal_id": proposal_id, "what_changed": "it is asked for by the reviewers now"}]);
    draft
}

/// The act of `m1` that opens a vote.
pub fn opening(id: &str) -> Value {
    json!({"command": "open_vote", "proposal_id": id, "by": "m1"})
}

/// Opens the vote on a proposal and lets these vote in the same way; answers what the last ballot led to.
pub fn carry(chamber: &mut Chamber, id: &str, voters: &[&str], choice: &str) -> Vec<&'static str> {
    chamber.open(id);
    let mut last = Vec::new();
    for voter in voters {
        last = chamber.vote(id, voter, choice);
    }
    last
}

/// Proposes a draft and has these approve it.
pub fn enact(chamber: &mut Chamber, draft: Value, voters: &[&str]) -> String {
    let id = chamber.propose("curator", draft);
    carry(chamber, &id, voters, "yes");
    id
}
