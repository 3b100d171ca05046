//! The members who may vote on a proposal, frozen when its vote opens.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::member::check_distinct;
use super::{Member, Role};
use crate::text::{Digest, Kind, Problem, Value, digest, pointer};

/// Voters with unique identifiers and keys, sorted by identifier, so that one set of voters has one digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Electorate {
    members: Vec<Member>,
}

impl Electorate {
    /// An electorate of these voters, in any order. Nobody is a possible electorate; it approves nothing.
    ///
    /// # Errors
    ///
    /// `voter_twice`, `key_twice`, `not_a_voter`: all that are found, each with the member's pointer, e.g. `/3/id`.
    pub fn new(members: Vec<Member>) -> Result<Self, Vec<Problem>> {
        let mut problems = check_distinct(&members);
        for (index, member) in members.iter().enumerate() {
            if member.role != Role::Voter {
                problems.push(Problem::error(
                    "not_a_voter",
                    pointer::join(&format!("/{index}"), "role"),
                    format!(
                        "`{}` is a {} and does not vote",
                        member.id,
                        member.role.name()
                    ),
                ));
            }
        }
        if problems.is_empty() {
            Ok(Self::of(members))
        } else {
            Err(problems)
        }
    }

    /// Of voters who are known to be distinct.
    pub(super) fn of(mut members: Vec<Member>) -> Self {
        members.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Self { members }
    }

    /// An electorate from an array of members.
    ///
    /// # Errors
    ///
    /// As [`Electorate::new`] and [`Member::list_from_value`].
    pub fn from_value(value: &Value) -> Result<Self, Vec<Problem>> {
        Self::new(Member::list_from_value(value)?)
    }

    /// The voters, sorted by identifier.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How many voters there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.members.len() as u64
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether `id` is a voter's.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.index_of(id).is_some()
    }

    /// The place of the voter of that identifier.
    #[must_use]
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.members
            .binary_search_by(|member| member.id.as_str().cmp(id))
            .ok()
    }

    /// The voter of that identifier.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Member> {
        self.members.get(self.index_of(id)?)
    }

    /// The principals, each with how many voters act for it.
    #[must_use]
    pub fn principals(&self) -> BTreeMap<&str, u64> {
        let mut principals = BTreeMap::new();
        for member in &self.members {
            *principals.entry(member.principal.as_str()).or_default() += 1;
        }
        principals
    }

    /// An array of whole members, sorted by `id`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.members.iter().map(Member::to_value).collect()
    }

    /// The digest that a vote's subject holds.
    ///
    /// # Errors
    ///
    /// None in fact: an electorate holds no numbers.
    pub fn digest(&self) -> Result<Digest, Problem> {
        digest(Kind::Electorate, &self.to_value())
    }
}

impl Serialize for Electorate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members.serialize(serializer)
    }
}
