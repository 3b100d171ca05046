//! From an approved change to artifacts that fit the next schema.
//!
//! A [`Plan`] says the same thing twice: as [`transforms`](Plan::transforms), which [`apply`] carries out on one artifact, and
//! as SQL, which carries them out on all artifacts of the type and can be undone. Both are made from the same transforms, and
//! tests against real engines hold them to the same result.
//!
//! What a transform does not find it leaves alone: a missing object on the way, a value that is no object, an item of
//! something that is no array. So every transform can run twice, and never touches a field that it does not name.

mod apply;
mod columns;
mod inverse;
mod lint;
mod plan;
mod reading;
mod restore;
mod rule;
mod same;
mod script;
mod side;
mod sql;
mod suggest;
mod transform;
mod words;

pub use apply::{Transformed, apply};
pub use plan::{Plan, PlanInput, TABLE, plan};
pub use restore::restore;
pub use rule::{Converted, Rule};
pub use same::same;
pub use script::{Column, ColumnType, Script, Scripted, Sql, check_column_name};
pub use sql::scripts;
pub use suggest::{Suggestion, suggest};
pub use transform::{Fill, Mapping, Otherwise, Transform, When, read_transforms};
