//! The boundary, and nothing else: text in, text out.
//!
//! [`api`], [`evidence`] and [`migration`] are plain Rust that every target compiles and tests; `exports` binds them to JavaScript on wasm.

pub mod api;
mod batch;
pub mod evidence;
#[cfg(target_arch = "wasm32")]
pub mod exports;
pub mod migration;
