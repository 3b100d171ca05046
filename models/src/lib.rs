//! Models of what hosts do beside one another, checked in every order in which it can happen.
//!
//! A test runs some orders; these go through all of them, for a small world: two hosts, three voters, a crash, a commit whose
//! fate nobody heard, a migration that fails. What is checked is the protocol of `pkg/host/src/handle.ts`, `host.ts` and
//! `store/sql.ts`, step by step; each step names what it stands for there. Whoever changes one changes the other.

pub mod append;
