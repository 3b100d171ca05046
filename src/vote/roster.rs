//! Who belongs to the senate, with which keys, since when: its epochs.
//!
//! What changes here never changes the past. A vote has the electorate that was frozen when it opened; who enrols later does
//! not join it, who retires later stays in it, and a key that the senate replaces later speaks in it no more, while none that
//! the senate put in its place does. So nobody gains a ballot in a running vote, and a stolen key loses its own.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::member::{check_distinct, take_key, take_name, take_principal};
use super::{Electorate, Member, PublicKey, Role};
use crate::text::{Digest, Members, Problem, Value, kind};

/// How a member came by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyOrigin {
    /// It came with the member.
    Enrolled,
    /// The member put it in the place of the one before.
    Rotated,
    /// The senate did.
    Replaced,
}

/// How a key ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyEnd {
    /// The member put the next one in its place.
    Rotated,
    /// The senate did: it may be in wrong hands.
    Replaced,
    /// The member retired.
    Retired,
}

/// A key that a member has or had. The keys of a member stand one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyRecord {
    /// The key.
    pub key: PublicKey,
    /// What it is called.
    pub key_id: Digest,
    /// How the member came by it.
    pub origin: KeyOrigin,
    /// The event that brought it.
    pub from_seq: u64,
    /// The event that ended it.
    pub until_seq: Option<u64>,
    /// How it ended.
    pub ended: Option<KeyEnd>,
}

/// Everybody who is or was a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Enrolment {
    /// The member as they are, or as they were when they retired.
    pub member: Member,
    /// The event that enrolled them, the last time.
    pub since_seq: u64,
    /// The event that retired them.
    pub retired_seq: Option<u64>,
    /// Their keys, in the order in which they had them.
    pub keys: Vec<KeyRecord>,
}

impl Enrolment {
    fn give(&mut self, key: PublicKey, origin: KeyOrigin, seq: u64) {
        self.keys.push(KeyRecord {
            key_id: key.id(),
            key,
            origin,
            from_seq: seq,
            until_seq: None,
            ended: None,
        });
        self.member.key = key;
    }

    fn end(&mut self, how: KeyEnd, seq: u64) {
        if let Some(key) = self.keys.last_mut() {
            key.until_seq = Some(seq);
            key.ended = Some(how);
        }
    }

    fn key(&self, id: &Digest) -> Option<&KeyRecord> {
        self.keys.iter().find(|record| record.key_id == *id)
    }
}

/// The members of a senate, and everybody who was one.
///
/// INVARIANT: every key stands once, with one member; the last key of a current member has not ended, all others have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    epoch: u64,
    people: BTreeMap<String, Enrolment>,
    /// Whose every key is or was.
    owners: BTreeMap<Digest, String>,
}

impl Roster {
    /// The roster with which a senate begins, at the event `seq`. Its epoch is 1.
    ///
    /// # Errors
    ///
    /// `voter_twice`, `key_twice`, `roster_without_voters`.
    pub fn found(members: Vec<Member>, seq: u64) -> Result<Self, Vec<Problem>> {
        let problems = check_distinct(&members);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut roster = Self {
            epoch: 1,
            ..Self::default()
        };
        for member in members {
            roster.enrol(member, seq);
        }
        roster.check_voters().map_err(|problem| vec![problem])?;
        Ok(roster)
    }

    /// How often the membership was decided: 1 at the founding, one more with every change of it. A member who rotates a key
    /// changes no membership.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The members, sorted by identifier.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.people
            .values()
            .filter(|enrolment| enrolment.retired_seq.is_none())
            .map(|enrolment| &enrolment.member)
    }

    /// Everybody who is or was a member, sorted by identifier.
    pub fn history(&self) -> impl Iterator<Item = &Enrolment> {
        self.people.values()
    }

    /// The member of that identifier, unless retired.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Member> {
        let enrolment = self.people.get(id)?;
        enrolment.retired_seq.is_none().then_some(&enrolment.member)
    }

    /// The voter of that identifier, unless retired.
    #[must_use]
    pub fn voter(&self, id: &str) -> Option<&Member> {
        self.get(id).filter(|member| member.role == Role::Voter)
    }

    /// Those who may vote: the voters, without those who recused themselves.
    #[must_use]
    pub fn electorate(&self, recused: &BTreeSet<String>) -> Electorate {
        let voters = self
            .members()
            .filter(|member| member.role == Role::Voter && !recused.contains(&member.id));
        Electorate::of(voters.cloned().collect())
    }

    /// The members as an array, sorted by `id`: what an event holds and [`Member::list_from_value`] reads.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.members().map(Member::to_value).collect()
    }

    /// The next epoch: all changes, or none.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, each at the place of its change: `member_changed_twice`, `member_enrolled_before`,
    /// `member_not_enrolled`, `key_used_before`, `amendment_changes_nothing`; `member_empty` without a change, and
    /// `roster_without_voters` when nobody could vote on anything any more.
    pub fn apply(&self, changes: &[RosterChange], seq: u64) -> Result<Self, Vec<Problem>> {
        let mut next = self.clone();
        next.epoch += 1;
        let mut problems = Vec::new();
        if changes.is_empty() {
            let nothing =
                Problem::error("member_empty", "", "nothing about the membership changes");
            problems.push(nothing.remedy("list at least one change"));
        }
        let mut changed = BTreeSet::new();
        for (index, change) in changes.iter().enumerate() {
            let id = change.id();
            let done = if changed.insert(id) {
                next.make(change, seq)
            } else {
                let message = format!("`{id}` is changed twice");
                let problem = Problem::error("member_changed_twice", change.place("id"), message);
                Err(problem.remedy("one change for each member: put the second to another vote"))
            };
            problems.extend(
                done.err()
                    .map(|problem| problem.under(&format!("/{index}"))),
            );
        }
        if problems.is_empty() {
            problems.extend(next.check_voters().err());
        }
        if problems.is_empty() {
            Ok(next)
        } else {
            Err(problems)
        }
    }

    fn make(&mut self, change: &RosterChange, seq: u64) -> Result<(), Problem> {
        match change {
            RosterChange::Enrol(member) => {
                if self.get(&member.id).is_some() {
                    let message = format!("`{}` is a member already", member.id);
                    return Err(Problem::error(
                        "member_enrolled_before",
                        change.place("id"),
                        message,
                    )
                    .remedy("amend the member, or enrol somebody else"));
                }
                self.check_unused(&member.key)
                    .map_err(|problem| problem.under(&change.place("key")))?;
                self.enrol(member.clone(), seq);
            }
            RosterChange::Retire { .. } => {
                let enrolment = self.current(change)?;
                enrolment.retired_seq = Some(seq);
                enrolment.end(KeyEnd::Retired, seq);
            }
            RosterChange::Amend { amendment, .. } => {
                let enrolment = self.current(change)?;
                let amended = amendment.of(&enrolment.member);
                if amended == enrolment.member {
                    let message = format!("`{}` would be as they are", change.id());
                    return Err(Problem::error(
                        "amendment_changes_nothing",
                        change.place("id"),
                        message,
                    ));
                }
                enrolment.member = amended;
            }
            RosterChange::ReplaceKey { key, .. } => {
                self.current(change)?;
                self.check_unused(key)
                    .map_err(|problem| problem.under(&change.place("key")))?;
                let enrolment = self.current(change)?;
                enrolment.end(KeyEnd::Replaced, seq);
                enrolment.give(*key, KeyOrigin::Replaced, seq);
                self.owners.insert(key.id(), change.id().to_owned());
            }
        }
        Ok(())
    }

    fn enrol(&mut self, member: Member, seq: u64) {
        self.owners.insert(member.key.id(), member.id.clone());
        let key = member.key;
        // Who comes back keeps the keys they had, none of which is theirs to use again.
        let keys = self.people.remove(&member.id).map(|before| before.keys);
        let mut enrolment = Enrolment {
            since_seq: seq,
            retired_seq: None,
            keys: keys.unwrap_or_default(),
            member,
        };
        enrolment.give(key, KeyOrigin::Enrolled, seq);
        self.people.insert(enrolment.member.id.clone(), enrolment);
    }

    fn current(&mut self, change: &RosterChange) -> Result<&mut Enrolment, Problem> {
        self.people
            .get_mut(change.id())
            .filter(|enrolment| enrolment.retired_seq.is_none())
            .ok_or_else(|| {
                Problem::error(
                    "member_not_enrolled",
                    change.place("id"),
                    format!("there is no member `{}`", change.id()),
                )
            })
    }

    /// A roster without voters could never be changed again.
    fn check_voters(&self) -> Result<(), Problem> {
        if self.members().any(|member| member.role == Role::Voter) {
            return Ok(());
        }
        Err(Problem::error(
            "roster_without_voters",
            "",
            "nobody would be left who votes: nothing could be decided any more",
        )
        .remedy("keep at least one voter"))
    }

    fn check_unused(&self, key: &PublicKey) -> Result<(), Problem> {
        match self.owners.get(&key.id()) {
            None => Ok(()),
            Some(owner) => Err(Problem::error(
                "key_used_before",
                "",
                format!("this key is or was a key of `{owner}`"),
            )
            .remedy("make a new key: no key is used twice")),
        }
    }

    /// Whether a member may put `new_key` in the place of their key.
    ///
    /// # Errors
    ///
    /// `actor_unknown`, `actor_retired`, `key_used_before`.
    pub fn may_rotate(&self, member: &str, new_key: &PublicKey) -> Result<(), Problem> {
        self.acting(member)?;
        self.check_unused(new_key)
    }

    /// A member puts `new_key` in the place of their key, at the event `seq`.
    ///
    /// # Errors
    ///
    /// As [`Roster::may_rotate`]; nothing has changed then.
    pub fn rotate(&mut self, member: &str, new_key: PublicKey, seq: u64) -> Result<(), Problem> {
        self.may_rotate(member, &new_key)?;
        if let Some(enrolment) = self.people.get_mut(member) {
            enrolment.end(KeyEnd::Rotated, seq);
            enrolment.give(new_key, KeyOrigin::Rotated, seq);
            self.owners.insert(new_key.id(), member.to_owned());
        }
        Ok(())
    }

    fn acting(&self, member: &str) -> Result<&Enrolment, Problem> {
        let Some(enrolment) = self.people.get(member) else {
            return Err(Problem::error(
                "actor_unknown",
                "",
                format!("there is no member `{member}`"),
            )
            .remedy("only members act; a change of the membership enrols them"));
        };
        match enrolment.retired_seq {
            None => Ok(enrolment),
            Some(seq) => Err(Problem::error(
                "actor_retired",
                "",
                format!("`{member}` retired with event {seq}"),
            )),
        }
    }

    /// The key under which a member signs what they do today, when it is the one that `key_id` names.
    ///
    /// # Errors
    ///
    /// `actor_unknown`, `actor_retired`, `key_revoked` for a key that the member had, `key_unknown` for any other.
    pub fn may_sign(&self, member: &str, key_id: &Digest) -> Result<&PublicKey, Problem> {
        let enrolment = self.acting(member)?;
        let record = enrolment.key(key_id).ok_or_else(|| unknown(member))?;
        match record.ended {
            None => Ok(&record.key),
            Some(_) => Err(revoked(member, record)),
        }
    }

    /// The key under which a member signs a ballot of a vote with this frozen electorate, when it is the one that `key_id`
    /// names: the key that was frozen, or the one that the member's own rotations have led to from it. Who has retired since
    /// votes with the key that they retired with.
    ///
    /// # Errors
    ///
    /// `not_a_member` of that electorate; `key_revoked` for a key that was rotated away or replaced, `key_not_frozen` for one
    /// that the member got in another way, `key_unknown` for one that is none of theirs.
    pub fn may_vote(
        &self,
        electorate: &Electorate,
        member: &str,
        key_id: &Digest,
    ) -> Result<&PublicKey, Problem> {
        let frozen = electorate.get(member).ok_or_else(|| {
            Problem::error(
                "not_a_member",
                "",
                format!("`{member}` is not of the electorate that was frozen for this vote"),
            )
        })?;
        let enrolment = self.people.get(member).ok_or_else(|| unknown(member))?;
        let record = enrolment.key(key_id).ok_or_else(|| unknown(member))?;
        let frozen_id = frozen.key.id();
        let mut frozen_and_on = enrolment
            .keys
            .iter()
            .skip_while(|record| record.key_id != frozen_id);
        // The first key is the one that was frozen; each rotation leads to the next.
        let speaks = frozen_and_on.find(|record| record.ended != Some(KeyEnd::Rotated));
        if speaks.is_some_and(|speaks| speaks.key_id == *key_id)
            && record.ended != Some(KeyEnd::Replaced)
        {
            return Ok(&record.key);
        }
        match record.ended {
            Some(KeyEnd::Rotated | KeyEnd::Replaced) => Err(revoked(member, record)),
            None | Some(KeyEnd::Retired) => Err(Problem::error(
                "key_not_frozen",
                "",
                format!(
                    "`{member}` got this key after the vote had opened, and not by a rotation of their own"
                ),
            )),
        }
    }
}

fn unknown(member: &str) -> Problem {
    Problem::error("key_unknown", "", format!("this is no key of `{member}`"))
        .remedy("sign with the key that the roster names")
}

fn revoked(member: &str, record: &KeyRecord) -> Problem {
    let how = match record.ended {
        Some(KeyEnd::Replaced) => "the senate replaced it",
        Some(KeyEnd::Retired) => "they retired",
        Some(KeyEnd::Rotated) | None => "they put another in its place",
    };
    let seq = record.until_seq.unwrap_or_default();
    Problem::error(
        "key_revoked",
        "",
        format!("this key is `{member}`'s no more: {how} with event {seq}"),
    )
    .remedy("sign with the key that the roster names")
}

/// One change of the membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RosterChange {
    /// Somebody joins, or comes back with a new key.
    Enrol(Member),
    /// Somebody leaves.
    Retire {
        /// Who.
        id: String,
    },
    /// Somebody is called or counted otherwise.
    Amend {
        /// Who.
        id: String,
        /// What is other.
        amendment: Amendment,
    },
    /// The senate takes a key away and gives another.
    ReplaceKey {
        /// Whose.
        id: String,
        /// The other.
        key: PublicKey,
    },
}

/// What is other about a member. A name or a family that is `null` goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amendment {
    /// For people to read.
    pub name: Option<Option<String>>,
    /// On whose behalf the member acts.
    pub principal: Option<String>,
    /// The model family.
    pub family: Option<Option<String>>,
    /// What the member may do.
    pub role: Option<Role>,
}

impl Amendment {
    fn of(&self, member: &Member) -> Member {
        let Self {
            name,
            principal,
            family,
            role,
        } = self.clone();
        Member {
            id: member.id.clone(),
            name: name.unwrap_or_else(|| member.name.clone()),
            principal: principal.unwrap_or_else(|| member.principal.clone()),
            family: family.unwrap_or_else(|| member.family.clone()),
            role: role.unwrap_or(member.role),
            key: member.key,
        }
    }
}

const CHANGES: [&str; 4] = ["enrol", "retire", "amend", "replace_key"];

impl RosterChange {
    /// Whom it changes.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Enrol(member) => &member.id,
            Self::Retire { id } | Self::Amend { id, .. } | Self::ReplaceKey { id, .. } => id,
        }
    }

    /// The name of the change on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Enrol(_) => "enrol",
            Self::Retire { .. } => "retire",
            Self::Amend { .. } => "amend",
            Self::ReplaceKey { .. } => "replace_key",
        }
    }

    fn place(&self, member: &str) -> String {
        format!("/{}/{member}", self.name())
    }

    /// What it does, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Enrol(member) => format!(
                "`{}` joins as a {} for `{}`",
                member.id,
                member.role.name(),
                member.principal
            ),
            Self::Retire { id } => format!("`{id}` leaves"),
            Self::ReplaceKey { id, .. } => format!("`{id}` gets another key"),
            Self::Amend { id, amendment } => {
                let shown = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".into());
                let mut parts = Vec::new();
                parts.extend(
                    amendment
                        .name
                        .as_ref()
                        .map(|n| format!("name: {}", shown(n))),
                );
                parts.extend(
                    amendment
                        .principal
                        .as_ref()
                        .map(|p| format!("principal: {p}")),
                );
                parts.extend(
                    amendment
                        .family
                        .as_ref()
                        .map(|f| format!("family: {}", shown(f))),
                );
                parts.extend(amendment.role.map(|r| format!("role: {}", r.name())));
                format!("`{id}` becomes {}", parts.join(", "))
            }
        }
    }

    /// One change: `{"enrol": Member}`, `{"retire": {"id"}}`, `{"amend": {"id", …}}` or `{"replace_key": {"id", "key"}}`, found
    /// at `place`.
    ///
    /// # Errors
    ///
    /// `member_type`, `member_unknown`, `member_missing`, `member_empty`, `member_choice`, `roster_change_unclear` for none of
    /// the four or several, and those of [`Member::from_value`].
    pub fn read(value: &Value, place: &str) -> Result<Self, Vec<Problem>> {
        let change = Members::of(value, place, &CHANGES);
        let given: Vec<(&str, &Value)> = CHANGES
            .into_iter()
            .filter_map(|name| Some((name, change.get(name)?)))
            .collect();
        let problems = change.end();
        if !problems.is_empty() {
            return Err(problems);
        }
        let [(name, value)] = given.as_slice() else {
            return Err(vec![
                Problem::error(
                    "roster_change_unclear",
                    place,
                    "a change of the membership is one of four",
                )
                .remedy("give one of `enrol`, `retire`, `amend` and `replace_key`"),
            ]);
        };
        let place = format!("{place}/{name}");
        match *name {
            "enrol" => Member::from_value(value, &place).map(Self::Enrol),
            "retire" => {
                let mut fields = Members::of(value, &place, &["id"]);
                let id = fields.text("id").map(str::to_owned);
                finish(fields, id.map(|id| Self::Retire { id }))
            }
            "replace_key" => {
                let mut fields = Members::of(value, &place, &["id", "key"]);
                let id = fields.text("id").map(str::to_owned);
                let key = take_key(&mut fields);
                let change = id.zip(key).map(|(id, key)| Self::ReplaceKey { id, key });
                finish(fields, change)
            }
            _ => {
                let names = ["id", "name", "principal", "family", "role"];
                let mut fields = Members::of(value, &place, &names);
                let id = fields.text("id").map(str::to_owned);
                let name = take_or_drop(&mut fields, "name");
                let principal = take_principal(&mut fields);
                let family = take_or_drop(&mut fields, "family");
                let role = fields.optional_choice("role", &Role::NAMES, Role::from_name);
                let amendment = Amendment {
                    name,
                    principal,
                    family,
                    role,
                };
                finish(fields, id.map(|id| Self::Amend { id, amendment }))
            }
        }
    }

    /// A list of changes, found at `place`.
    ///
    /// # Errors
    ///
    /// `member_type`, `member_empty`, and those of [`RosterChange::read`].
    pub fn read_all(value: &Value, place: &str) -> Result<Vec<Self>, Vec<Problem>> {
        let Some(items) = value.as_array() else {
            let message = format!("an array of changes is due here, not {}", kind(value));
            return Err(vec![Problem::error("member_type", place, message)]);
        };
        if items.is_empty() {
            let message = "nothing about the membership changes";
            let problem = Problem::error("member_empty", place, message);
            return Err(vec![problem.remedy("list at least one change")]);
        }
        let mut problems = Vec::new();
        let mut changes = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match Self::read(item, &format!("{place}/{index}")) {
                Ok(change) => changes.push(change),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            Ok(changes)
        } else {
            Err(problems)
        }
    }
}

fn finish(fields: Members<'_>, change: Option<RosterChange>) -> Result<RosterChange, Vec<Problem>> {
    match (change, fields.end()) {
        (Some(change), problems) if problems.is_empty() => Ok(change),
        (_, problems) => Err(problems),
    }
}

/// `None` when it is left out, `Some(None)` when it is `null`.
fn take_or_drop(fields: &mut Members<'_>, member: &str) -> Option<Option<String>> {
    match fields.get(member)? {
        Value::Null => Some(None),
        _ => take_name(fields, member).map(Some),
    }
}
