//! The senate: commands become events, events become state, and a status is a function of state and time.
//!
//! [`decide`](Senate::decide) answers what would happen and changes nothing; [`apply`](Senate::apply) is the only thing that does.
//! A host appends the events to its log, in the transaction that changes its own tables, and then applies them.
//!
//! Members act by signed commands ([`Act`]), which the events carry verbatim. The log is a Merkle tree, whose root a host signs
//! ([`checkpoint`](Senate::root)); [`audit`] makes every decision of a log again, and a certificate is a part of a log that
//! can be audited by itself.

mod act;
mod audit;
mod certificate;
mod command;
mod decide;
mod deed;
mod event;
mod evolve;
mod import;
mod proposal;
mod prospect;
mod rehearsal;
mod state;
mod subject;
mod target;
mod view;

pub use act::{Act, KEY_TAG, SIGNING, Seen, TAG, possession_bytes, signed_bytes};
pub use audit::{Audited, Finding, audit, check_against};
pub use certificate::{Check, Trusted, Unverified, Verified, verify_certificate};
pub use command::Command;
pub use decide::{Decision, Moment, identifier};
pub use deed::{ACTS, Anchor, Anchored, Deed};
pub use event::{Event, Happening};
pub use proposal::{Migration, ProposalRecord, Status, Vote};
pub use rehearsal::{Evidence, Rehearsal};
pub use state::Senate;
pub use target::Target;
pub use view::view;
