//! Proposals: what a proposer submits, what can be said of it before anybody votes, and the schemas it is published under.

mod assessment;
mod declared_plan;
#[cfg(feature = "sql-lint")]
mod declared_sql;
mod draft;
mod governance;
mod precedent;
mod proposal_type;
pub mod published;
mod scope;
mod subschemas;
mod use_cases;

pub use assessment::{
    Assessment, Claim, Context, Current, Needed, Previous, assess, assess_change,
};
#[cfg(feature = "sql-lint")]
pub use declared_sql::lint_sql;
pub use draft::{Address, Draft, PROPOSAL_TYPE};
pub use governance::{
    GovernanceAssessment, GovernanceChange, GovernanceContext, GovernanceDraft, assess_governance,
};
pub use precedent::{features, fingerprint, similarity};
pub use proposal_type::ProposalType;
pub use scope::{Keywords, Scope, ScopeEvaluation, ScopeMatch, ScopeVerdict, evaluate_scope};
