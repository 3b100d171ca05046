//! The boundary, and nothing else: text in, text out.
//!
//! [`api`] is plain Rust that every target compiles and tests; `exports` binds it to JavaScript on wasm.

pub mod api;
mod batch;

#[cfg(target_arch = "wasm32")]
pub mod exports;
