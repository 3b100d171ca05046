//! The ledger: the log as a Merkle tree, so that it cannot be rewritten without it showing.
//!
//! Every event is a leaf ([`leaf_hash`] of its canonical text). The [`Tree`] gives the root of any earlier size, the proof that
//! an event is in it, and the proof that an earlier log is a beginning of a later one (RFC 6962, RFC 9162). A [`Checkpoint`]
//! names a size and its root; in a signed [`Note`] it is what a reader keeps, and what no host takes back. An [`Envelope`]
//! carries a [`Statement`] about a decision to whoever was not there.
//!
//! ```
//! use schema_senate::ledger::{Tree, leaf_hash, verify_consistency, verify_inclusion};
//!
//! let mut tree = Tree::default();
//! for event in ["founded", "proposed", "opened"] {
//!     tree.append(leaf_hash(event.as_bytes()));
//! }
//! let kept = tree.root();
//! tree.append(leaf_hash(b"voted"));
//! let root = tree.root();
//!
//! let proof = tree.inclusion(1, 4)?;
//! verify_inclusion(&leaf_hash(b"proposed"), 1, 4, &proof, &root)?;
//! let proof = tree.consistency(3, 4)?;
//! verify_consistency(3, 4, &kept, &root, &proof)?;
//! # Ok::<(), schema_senate::text::Problem>(())
//! ```

mod checkpoint;
mod dsse;
mod note;
mod proof;
mod statement;
mod tree;

pub use checkpoint::Checkpoint;
pub use dsse::{Envelope, EnvelopeSignature, pae};
pub use note::{Note, VerifierKey};
pub use proof::{verify_consistency, verify_inclusion};
pub use statement::{PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE, Statement, Subject};
pub use tree::{Tree, leaf_hash, node_hash};
