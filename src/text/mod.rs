//! Bytes to values and back: the strict JSON reader, the RFC 8785 writer, digests, base64, pointers and problems.

pub mod base64;
pub mod digest;
mod members;
pub mod pointer;
mod problem;
pub mod reader;
mod recovery;
pub mod writer;

pub use digest::{Digest, Kind, digest, digest_canonical};
pub use members::Members;
pub(crate) use members::kind;
pub use problem::{Problem, Severity};
pub use reader::{Integers, Limits, read, read_hashable};
pub use recovery::read_lossy_member;
pub use writer::{canonical, canonical_into};

pub use serde_json::{Map, Number, Value};
