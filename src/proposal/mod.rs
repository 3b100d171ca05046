//! Proposals: what a proposer submits, what can be said of it before anybody votes, and the schemas it is published under.

mod assessment;
mod declared_plan;
mod draft;
pub mod published;
mod use_cases;

pub use assessment::{Assessment, Claim, Context, Current, Needed, assess, assess_change};
pub use draft::{Draft, PROPOSAL_TYPE};
