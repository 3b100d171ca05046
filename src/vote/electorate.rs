//! The members who may vote on a proposal, frozen when its vote opens.

use std::collections::HashSet;

use serde::Serialize;

use crate::text::{Digest, Kind, Map, Members, Problem, Value, digest, kind, pointer};

/// The longest identifier, in characters.
const LONGEST_ID: usize = 128;
/// The longest name, in characters.
const LONGEST_NAME: usize = 200;

/// Somebody who may vote: an agent, a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Unique in the electorate; see [`is_member_id`].
    pub id: String,
    /// For people to read; decides nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Members with unique identifiers, sorted by them, so that one set of members has one digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Electorate {
    members: Vec<Member>,
}

impl Electorate {
    /// An electorate of these members, in any order. Nobody is a possible electorate; it approves nothing.
    ///
    /// # Errors
    ///
    /// `voter_id_malformed`, `voter_name_malformed`, `voter_twice`: all that are found, each with the member's
    /// pointer, e.g. `/3/id`.
    pub fn new(mut members: Vec<Member>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut seen = HashSet::new();
        for (index, member) in members.iter().enumerate() {
            let at = format!("/{index}");
            if let Err(problem) = check_member_id(&member.id) {
                problems.push(problem.under(&pointer::join(&at, "id")));
            }
            if let Some(name) = &member.name
                && (name.trim().is_empty()
                    || name.chars().count() > LONGEST_NAME
                    || name.chars().any(char::is_control))
            {
                problems.push(Problem::error(
                    "voter_name_malformed",
                    pointer::join(&at, "name"),
                    format!(
                        "a name has 1 to {LONGEST_NAME} characters, is not blank and has no control characters"
                    ),
                ));
            }
            if !seen.insert(member.id.as_str()) {
                problems.push(
                    Problem::error(
                        "voter_twice",
                        pointer::join(&at, "id"),
                        format!("the member `{}` is listed twice", member.id),
                    )
                    .remedy("list every member once"),
                );
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        members.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { members })
    }

    /// An electorate from an array of `{id, name?}`.
    ///
    /// # Errors
    ///
    /// As [`Electorate::new`], and `member_type`, `member_missing`, `member_unknown`, `member_empty`.
    pub fn from_value(value: &Value) -> Result<Self, Vec<Problem>> {
        let Some(items) = value.as_array() else {
            return Err(vec![
                Problem::error(
                    "member_type",
                    "",
                    format!("an array of members is due here, not {}", kind(value)),
                )
                .remedy("give an array of objects with `id` and `name`"),
            ]);
        };
        let mut problems = Vec::new();
        let mut members = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let mut fields = Members::of(item, &format!("/{index}"), &["id", "name"]);
            let id = fields.text("id");
            let name = fields.optional_text("name").map(str::to_owned);
            members.extend(id.map(|id| Member {
                id: id.to_owned(),
                name,
            }));
            problems.extend(fields.end());
        }
        // Indices in what follows are right only when every item became a member.
        if problems.is_empty() {
            Self::new(members)
        } else {
            Err(problems)
        }
    }

    /// The members, sorted by identifier.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.members.len() as u64
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether `id` is a member's.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.get(id).is_some()
    }

    /// The member of that identifier.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Member> {
        let at = self
            .members
            .binary_search_by(|member| member.id.as_str().cmp(id))
            .ok()?;
        self.members.get(at)
    }

    /// An array of `{id, name?}`, sorted by `id`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let members = self.members.iter().map(|member| {
            let mut object = Map::new();
            object.insert("id".into(), member.id.clone().into());
            if let Some(name) = &member.name {
                object.insert("name".into(), name.clone().into());
            }
            Value::Object(object)
        });
        members.collect()
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

/// Whether `id` may name a member: 1 to 128 characters of `A-Z a-z 0-9 . _ : @ / -`, the first a letter or a digit.
#[must_use]
pub fn is_member_id(id: &str) -> bool {
    let bytes = id.as_bytes();
    bytes.len() <= LONGEST_ID
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"._:@/-".contains(b))
}

/// [`is_member_id`], said in words.
///
/// # Errors
///
/// `voter_id_malformed`, with an empty pointer.
pub fn check_member_id(id: &str) -> Result<(), Problem> {
    if is_member_id(id) {
        return Ok(());
    }
    Err(Problem::error(
        "voter_id_malformed",
        "",
        format!("an identifier has 1 to {LONGEST_ID} characters, letters, digits and `. _ : @ / -`, and starts with a letter or a digit"),
    )
    .remedy("for example `agent:atlas-7` or `ada@example.org`"))
}
