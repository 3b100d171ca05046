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
mod census;
mod counter;
mod electorate;
mod member;
mod policy;
mod rehearsal;
mod requirement;
mod roster;
mod rule;
mod solver;
mod tally;
mod threshold;
mod track;

pub use ballot::{Ballot, BallotMode, Choice};
pub use census::{Census, Count};
pub use counter::Counter;
pub use electorate::Electorate;
pub use member::{Member, Role, check_member_id, is_member_id};
pub use policy::{Policy, Times, TrackRule, Tracks};
pub use rehearsal::RehearsalMode;
pub use requirement::Requirement;
pub use roster::{Amendment, Enrolment, KeyEnd, KeyOrigin, KeyRecord, Roster, RosterChange};
pub use rule::Rule;
pub use solver::{Fewest, Influence, Solution, solve, solve_from_value};
pub use tally::{
    Asked, Capped, Closed, Outcome, Principals, Tally, at_close, tally, tally_from_value,
};
pub use threshold::{Base, Threshold};
pub use track::Track;

// The room `signature` has a type of this name that also knows the curve.
pub use crate::signature::PublicKey;
