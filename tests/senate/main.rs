//! The senate from outside: lives of proposals, and what holds for all of them.

#![cfg(test)]

mod chamber;
mod evidence;
mod golden;
mod lifecycle;
mod properties;
mod settings;
