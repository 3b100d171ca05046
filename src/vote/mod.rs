//! Votes: who may vote, by which rule, what the ballots say, and what can still change.
//!
//! Everything here counts in whole numbers. The one rule of a threshold stands in [`Threshold::is_met`]; the rest asks it.
//!
//! ```
//! use schema_senate::vote::{Count, Outcome, Policy, Track, tally};
//!
//! let count = Count { members: 6, yes: 2, no: 1, abstain: 0 };
//! let tally = tally(&Policy::default(), Track::Additive, count)?;
//! assert_eq!(tally.outcome, Outcome::Pending);
//! assert_eq!(tally.needed, Some(2));
//! assert_eq!(tally.words, "needs 4 of 6 yes (at least 2/3); 2 more needed");
//! # Ok::<(), schema_senate::text::Problem>(())
//! ```

mod ballot;
mod electorate;
mod policy;
mod tally;
mod threshold;

pub use ballot::{Ballot, Choice};
pub use electorate::{Electorate, Member, check_member_id, is_member_id};
pub use policy::{BallotMode, Policy, Track, Tracks};
pub use tally::{Closed, Count, Outcome, Tally, at_close, tally, tally_from_value};
pub use threshold::Threshold;
