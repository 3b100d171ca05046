//! The senate from outside: lives of proposals, and what holds for all of them.

#![cfg(test)]

mod chamber;
mod debate;
mod drafts;
mod evidence;
mod exploits;
mod golden;
mod lifecycle;
mod properties;
mod rehearsals;
mod scope;
mod settings;
mod versions;
