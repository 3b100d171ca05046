//! The SQL of a migration against real engines: a PostgreSQL server of its own, and SQLite embedded.
//!
//! Without PostgreSQL on the machine the tests say that they skipped that half.

#![cfg(test)]
#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::disallowed_methods,
    reason = "a test looks at clocks and drives other processes; the core does neither"
)]

mod batch;
mod columns;
mod draw;
mod engine;
mod exhaustive;
mod golden;
mod hostile;
mod postgresql;
mod properties;
mod sqlite;
