//! Random schemas, pairs of them, and instances, to attack the compatibility verdicts with.
//!
//! Nothing here shares code with the engine: whether an instance is valid is asked of the `jsonschema` validator, and which
//! instances to ask about is guessed from what stands in the schemas. `cargo xtask soak` draws pairs for as long as it is
//! given; the property tests and the fuzz target of the crate draw them from bytes.

pub mod changes;
pub mod choices;
pub mod instances;
pub mod oracle;
pub mod pairs;
pub mod places;
pub mod schemas;
pub mod shrink;
