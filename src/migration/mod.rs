//! From an approved change to artifacts that fit the next schema.
//!
//! A [`Plan`] says the same thing twice: as [`steps`](Plan::steps), which [`apply`] carries out on one artifact, and as
//! PostgreSQL statements, which carry them out on all artifacts of the type and can be undone. Both are made from the same
//! steps, and a test against a real server holds them to the same result.
//!
//! What a step does not find it leaves alone: a missing object on the way, a value that is no object, an item of something
//! that is no array. So every step can run twice, and never touches a field that it does not name.

mod apply;
mod plan;
mod rule;
mod sql;
mod step;
mod transform;

pub use apply::{Transformed, apply};
pub use plan::{Plan, plan};
pub use rule::Rule;
pub use sql::{Sql, statements};
pub use step::Step;
pub use transform::{Fill, Mapping, Otherwise, Transform, When};
