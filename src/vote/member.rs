//! Who takes part: an agent, a person.

use serde::{Serialize, Serializer};

use super::PublicKey;
use crate::text::{Map, Members, Problem, Value, kind, pointer};

/// The longest identifier, in characters.
const LONGEST_ID: usize = 128;
/// The longest name, in characters.
const LONGEST_NAME: usize = 200;

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Proposes, debates and votes.
    Voter,
    /// Proposes and debates.
    Contributor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::Voter, Self::Contributor];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 2] = ["voter", "contributor"];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Voter => "voter",
            Self::Contributor => "contributor",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A member of the senate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Unique in the senate; see [`is_member_id`].
    pub id: String,
    /// For people to read; decides nothing.
    pub name: Option<String>,
    /// On whose behalf the member acts: who operates the agent. An identifier as the member's is, and the member's own when
    /// nobody else is named.
    pub principal: String,
    /// The model family of an agent, for people to read.
    pub family: Option<String>,
    /// What the member may do.
    pub role: Role,
    /// Whose signatures are the member's.
    pub key: PublicKey,
}

impl Member {
    /// A voter who acts on their own behalf.
    pub fn voter(id: impl Into<String>, key: PublicKey) -> Self {
        let id = id.into();
        Self {
            principal: id.clone(),
            id,
            name: None,
            family: None,
            role: Role::Voter,
            key,
        }
    }

    /// A member from `{id, name?, principal?, family?, role?, key}`, found at `place`.
    ///
    /// # Errors
    ///
    /// `member_type`, `member_missing`, `member_unknown`, `member_empty`, `member_choice`, `voter_id_malformed`,
    /// `voter_name_malformed`, `principal_malformed`, and what a key that is none has.
    pub fn from_value(value: &Value, place: &str) -> Result<Self, Vec<Problem>> {
        let names = ["id", "name", "principal", "family", "role", "key"];
        let mut fields = Members::of(value, place, &names);
        let id = fields.text("id");
        let id = id.and_then(|id| fields.check("id", check_member_id(id).map(|()| id.to_owned())));
        let name = take_name(&mut fields, "name");
        let principal = take_principal(&mut fields);
        let family = take_name(&mut fields, "family");
        let role = fields.optional_choice("role", &Role::NAMES, Role::from_name);
        let key = take_key(&mut fields);
        match (id, key, fields.end()) {
            (Some(id), Some(key), problems) if problems.is_empty() => Ok(Self {
                name,
                principal: principal.unwrap_or_else(|| id.clone()),
                family,
                role: role.unwrap_or(Role::Voter),
                key,
                id,
            }),
            (.., problems) => Err(problems),
        }
    }

    /// Members from an array, in its order, every one with an identifier and a key of their own.
    ///
    /// # Errors
    ///
    /// As [`Member::from_value`], and `voter_twice`, `key_twice`.
    pub fn list_from_value(value: &Value) -> Result<Vec<Self>, Vec<Problem>> {
        let Some(items) = value.as_array() else {
            return Err(vec![
                Problem::error(
                    "member_type",
                    "",
                    format!("an array of members is due here, not {}", kind(value)),
                )
                .remedy("give an array of objects with `id` and `key`"),
            ]);
        };
        let mut problems = Vec::new();
        let mut members = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match Self::from_value(item, &format!("/{index}")) {
                Ok(member) => members.push(member),
                Err(found) => problems.extend(found),
            }
        }
        // Places in what follows are right only when every item became a member.
        if problems.is_empty() {
            problems = check_distinct(&members);
        }
        if problems.is_empty() {
            Ok(members)
        } else {
            Err(problems)
        }
    }

    /// The whole member: what is hashed and shown. A principal and a role are always said.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut object = Map::new();
        object.insert("id".into(), self.id.clone().into());
        if let Some(name) = &self.name {
            object.insert("name".into(), name.clone().into());
        }
        object.insert("principal".into(), self.principal.clone().into());
        if let Some(family) = &self.family {
            object.insert("family".into(), family.clone().into());
        }
        object.insert("role".into(), self.role.name().into());
        object.insert("key".into(), self.key.to_string().into());
        Value::Object(object)
    }
}

impl Serialize for Member {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

/// That no identifier and no key stands twice.
pub(super) fn check_distinct(members: &[Member]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let (mut ids, mut keys) = (
        std::collections::BTreeSet::new(),
        std::collections::BTreeMap::new(),
    );
    for (index, member) in members.iter().enumerate() {
        let at = format!("/{index}");
        if !ids.insert(member.id.as_str()) {
            problems.push(
                Problem::error(
                    "voter_twice",
                    pointer::join(&at, "id"),
                    format!("the member `{}` is listed twice", member.id),
                )
                .remedy("list every member once"),
            );
        } else if let Some(other) = keys.insert(member.key.id(), member.id.as_str()) {
            problems.push(
                Problem::error(
                    "key_twice",
                    pointer::join(&at, "key"),
                    format!("`{}` has the same key as `{other}`", member.id),
                )
                .remedy("every member signs with a key of their own"),
            );
        }
    }
    problems
}

/// A name for people to read, if it is there.
pub(super) fn take_name(fields: &mut Members<'_>, member: &str) -> Option<String> {
    let name = fields.optional_text(member)?;
    let fits = name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    if !fits {
        fields.problem(
            "voter_name_malformed",
            member,
            format!("a name has 1 to {LONGEST_NAME} characters, is not blank and has no control characters"),
        );
    }
    fits.then(|| name.to_owned())
}

pub(super) fn take_principal(fields: &mut Members<'_>) -> Option<String> {
    let principal = fields.optional_text("principal")?;
    if is_member_id(principal) {
        return Some(principal.to_owned());
    }
    fields.problem(
        "principal_malformed",
        "principal",
        format!("a principal is named as a member is: {IDENTIFIER}"),
    );
    None
}

pub(super) fn take_key(fields: &mut Members<'_>) -> Option<PublicKey> {
    let key = fields.text("key")?;
    fields.check("key", key.parse())
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

const IDENTIFIER: &str = "an identifier has 1 to 128 characters, letters, digits and `. _ : @ / -`, and starts with a letter or a digit";

/// [`is_member_id`], said in words.
///
/// # Errors
///
/// `voter_id_malformed`, with an empty pointer.
pub fn check_member_id(id: &str) -> Result<(), Problem> {
    if is_member_id(id) {
        return Ok(());
    }
    Err(Problem::error("voter_id_malformed", "", IDENTIFIER)
        .remedy("for example `agent:atlas-7` or `ada@example.org`"))
}
