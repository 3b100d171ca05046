//! What a proposal would change.

/// An artifact type, or a part of the senate itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The schema of a type.
    ArtifactType(String),
    /// The policy.
    Policy,
    /// The members.
    Members,
    /// The scope criteria.
    Scope,
}

/// No artifact type has such a name: they have no slash.
const POLICY: &str = "senate/policy";
const MEMBERS: &str = "senate/members";
const SCOPE: &str = "senate/scope";

impl Target {
    /// The name on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::ArtifactType(name) => name,
            Self::Policy => POLICY,
            Self::Members => MEMBERS,
            Self::Scope => SCOPE,
        }
    }

    /// The target of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            POLICY => Self::Policy,
            MEMBERS => Self::Members,
            SCOPE => Self::Scope,
            artifact_type => Self::ArtifactType(artifact_type.to_owned()),
        }
    }

    /// The artifact type, if it is one.
    #[must_use]
    pub fn artifact_type(&self) -> Option<&str> {
        match self {
            Self::ArtifactType(name) => Some(name),
            Self::Policy | Self::Members | Self::Scope => None,
        }
    }

    /// In a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::ArtifactType(name) => name.clone(),
            Self::Policy => "the policy".to_owned(),
            Self::Members => "the list of members".to_owned(),
            Self::Scope => "the scope".to_owned(),
        }
    }
}
