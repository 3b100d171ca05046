//! The senate: commands become events, events become state, and a status is a function of state and time.
//!
//! [`decide`](Senate::decide) answers what would happen and changes nothing; [`apply`](Senate::apply) is the only thing that does.
//! A host appends the events to its log, in the transaction that changes its own tables, and then applies them.

mod command;
mod decide;
mod event;
mod evolve;
mod proposal;
mod state;
mod subject;
mod view;

pub use command::Command;
pub use decide::{Decision, Moment, identifier};
pub use event::{Event, Happening};
pub use proposal::{Migration, ProposalRecord, Status, Vote};
pub use state::Senate;
pub use view::view;
