//! A JSON Schema document: read, checked against its meta-schema, hashed, compiled once; and the five changes applied to it.

pub mod change;
mod compiled;
pub mod dialect;
mod document;
mod edit;
mod effort;
mod errors;
mod evolution;
mod fragment;
mod path;
pub(crate) mod spec;

pub use change::{Applied, Change};
pub(crate) use compiled::validator;
pub use compiled::{Formats, Schema, Validation, ValidationError};
pub(crate) use document::references_value;
pub use document::{Document, References};
pub(crate) use errors::{describe, pointed};
pub use evolution::Evolution;
pub use jsonschema::Draft;
pub use path::{FieldPath, Segment, check_artifact_type, check_field_name};
pub use spec::{CHANGE_TYPES, NEW_TYPE};
