//! What a proposal may be about.

use serde::Serialize;

use crate::text::Value;
use crate::vote::Track;

/// The value of `proposal_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalType {
    /// Another schema for an artifact type, or a new type.
    SchemaChange,
    /// Another policy.
    PolicyChange,
    /// Other members, or other keys of theirs.
    MembershipChange,
    /// Another scope.
    ScopeChange,
}

impl ProposalType {
    /// Every type.
    pub const ALL: [Self; 4] = [
        Self::SchemaChange,
        Self::PolicyChange,
        Self::MembershipChange,
        Self::ScopeChange,
    ];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 4] = [
        "schema_change",
        "policy_change",
        "membership_change",
        "scope_change",
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SchemaChange => "schema_change",
            Self::PolicyChange => "policy_change",
            Self::MembershipChange => "membership_change",
            Self::ScopeChange => "scope_change",
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The type that a draft or command names.
    #[must_use]
    pub fn of(document: &Value) -> Option<Self> {
        Self::from_name(document.get("proposal_type")?.as_str()?)
    }

    /// What a governance proposal changes, as `target` has it; a schema change has its artifact type there, which cannot be
    /// one of these: no type's name has a `/`.
    #[must_use]
    pub fn target(self) -> Option<&'static str> {
        match self {
            Self::SchemaChange => None,
            Self::PolicyChange => Some("senate/policy"),
            Self::MembershipChange => Some("senate/members"),
            Self::ScopeChange => Some("senate/scope"),
        }
    }

    /// The track of a governance proposal.
    #[must_use]
    pub fn track(self) -> Option<Track> {
        match self {
            Self::SchemaChange => None,
            Self::PolicyChange => Some(Track::Policy),
            Self::MembershipChange => Some(Track::Membership),
            Self::ScopeChange => Some(Track::Scope),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types_are_read_as_they_are_written() {
        assert_eq!(
            ProposalType::ALL.map(ProposalType::name),
            ProposalType::NAMES
        );
        for known in ProposalType::ALL {
            assert_eq!(ProposalType::from_name(known.name()), Some(known));
            assert_eq!(json!(known), known.name());
            assert_eq!(
                ProposalType::of(&json!({"proposal_type": known.name()})),
                Some(known)
            );
            assert_eq!(known.target().is_some(), known.track().is_some());
        }
        assert_eq!(ProposalType::of(&json!({"proposal_type": 7})), None);
        assert_eq!(ProposalType::of(&json!("schema_change")), None);
    }
}
