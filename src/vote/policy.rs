//! The rules of a vote.

use serde::{Serialize, Serializer};
use serde_json::json;

use super::threshold::fewest;
use super::{BallotMode, Base, Choice, RehearsalMode, Requirement, Threshold, Track, requirement};
use crate::text::{Digest, Kind, Members, Problem, Value, digest, reader::MAX_SAFE};

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
/// The longest time that a policy may ask for: a leap year.
const LONGEST: u64 = 366 * DAY;
/// A policy that lets no draft be as long as a policy could never be changed again.
const SMALLEST_DRAFT: u64 = 16 << 10;
/// No draft is read that is longer.
const LARGEST_DRAFT: u64 = 8 << 20;

/// What one track asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackRule {
    /// What the yes ballots must come to.
    pub requirement: Requirement,
    /// How long a proposal stands before its vote may open; the policy's when it is not said.
    pub min_review_ms: Option<u64>,
    /// How long a vote stays open; the policy's when it is not said.
    pub voting_ms: Option<u64>,
    /// How long an approved proposal waits; the policy's when it is not said.
    pub cooling_ms: Option<u64>,
}

impl TrackRule {
    /// A track with the policy's times.
    #[must_use]
    pub const fn of(requirement: Requirement) -> Self {
        Self {
            requirement,
            min_review_ms: None,
            voting_ms: None,
            cooling_ms: None,
        }
    }

    /// The requirement's members, and the times that it has of its own.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut members = self.requirement.to_members();
        for (name, time) in [
            ("min_review_ms", self.min_review_ms),
            ("voting_ms", self.voting_ms),
            ("cooling_ms", self.cooling_ms),
        ] {
            if let Some(time) = time {
                members.insert(name.into(), time.into());
            }
        }
        Value::Object(members)
    }

    /// A track is given whole: the times that are left out are the policy's, whatever they were.
    fn from_value(value: &Value, place: &str) -> Result<Self, Vec<Problem>> {
        let times = ["min_review_ms", "voting_ms", "cooling_ms"];
        let names = [requirement::NAMES.as_slice(), &times].concat();
        let mut members = Members::of(value, place, &names);
        let requirement = Requirement::read(&mut members, place);
        let min_review_ms = members.optional_whole("min_review_ms", 0, LONGEST);
        let voting_ms = members.optional_whole("voting_ms", MINUTE, LONGEST);
        let cooling_ms = members.optional_whole("cooling_ms", 0, LONGEST);
        match (requirement, members.end()) {
            (Some(requirement), problems) if problems.is_empty() => Ok(Self {
                requirement,
                min_review_ms,
                voting_ms,
                cooling_ms,
            }),
            (_, problems) => Err(problems),
        }
    }
}

/// A rule for each track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tracks {
    /// For [`Track::Additive`].
    pub additive: TrackRule,
    /// For [`Track::Breaking`]; at least as hard as the additive one.
    pub breaking: TrackRule,
    /// For [`Track::NewType`].
    pub new_type: TrackRule,
    /// For [`Track::Policy`].
    pub policy: TrackRule,
    /// For [`Track::Membership`].
    pub membership: TrackRule,
    /// For [`Track::Scope`].
    pub scope: TrackRule,
    /// For [`Track::Emergency`]; at least as hard as those of an additive change and of a new type.
    pub emergency: TrackRule,
}

impl Tracks {
    /// The rule of a track.
    #[must_use]
    pub fn get(&self, track: Track) -> &TrackRule {
        match track {
            Track::Additive => &self.additive,
            Track::Breaking => &self.breaking,
            Track::NewType => &self.new_type,
            Track::Policy => &self.policy,
            Track::Membership => &self.membership,
            Track::Scope => &self.scope,
            Track::Emergency => &self.emergency,
        }
    }

    /// The rule of a track, to be changed.
    pub fn get_mut(&mut self, track: Track) -> &mut TrackRule {
        match track {
            Track::Additive => &mut self.additive,
            Track::Breaking => &mut self.breaking,
            Track::NewType => &mut self.new_type,
            Track::Policy => &mut self.policy,
            Track::Membership => &mut self.membership,
            Track::Scope => &mut self.scope,
            Track::Emergency => &mut self.emergency,
        }
    }
}

/// How long the steps of a decision take, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Times {
    /// How long a proposal stands before its vote may open.
    pub min_review_ms: u64,
    /// How long a vote stays open.
    pub voting_ms: u64,
    /// How long an approved proposal waits before it takes effect.
    pub cooling_ms: u64,
}

impl Times {
    /// The longer of each.
    #[must_use]
    pub fn longer(self, other: Self) -> Self {
        Self {
            min_review_ms: self.min_review_ms.max(other.min_review_ms),
            voting_ms: self.voting_ms.max(other.voting_ms),
            cooling_ms: self.cooling_ms.max(other.cooling_ms),
        }
    }

    /// The times of the change of `old` into `new`: the longer of both policies' for a change of the policy, and of each track
    /// whose times it changes.
    #[must_use]
    pub fn ratchet(old: &Policy, new: &Policy) -> Self {
        Track::ALL
            .into_iter()
            .map(|track| (track, old.times(track), new.times(track)))
            .filter(|(track, before, after)| *track == Track::Policy || before != after)
            .flat_map(|(_, before, after)| [before, after])
            .fold(old.times(Track::Policy), Self::longer)
    }
}

/// The rules of a senate. [`Policy::default`] is what a senate has that names none.
///
/// The members are public to read and to vary in tests; what comes from outside comes through [`Policy::from_value`],
/// which checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What each track asks for.
    pub tracks: Tracks,
    /// Below this many members nothing can be approved. At least 1.
    pub min_electorate: u64,
    /// From how many principals the yes ballots must come. At least 1.
    pub min_principals: u64,
    /// Of how many members of one principal a second count takes notice; at least 1.
    pub principal_cap: Option<u64>,
    /// Whether a ballot can be taken back.
    pub ballot_mode: BallotMode,
    /// Choices that need a reason, without repetition, in the order of [`Choice::ALL`].
    pub reason_required: Vec<Choice>,
    /// How long a proposal stands before its vote may open, in milliseconds. At most 366 days.
    pub min_review_ms: u64,
    /// How long a vote stays open, in milliseconds. 1 minute to 366 days.
    pub voting_ms: u64,
    /// How long before the close a ballot that turns the outcome extends the vote. At most 366 days.
    pub late_window_ms: u64,
    /// By how much a vote is extended, once. At most 366 days.
    pub extension_ms: u64,
    /// How long an approved proposal waits before it takes effect. At most 366 days.
    pub cooling_ms: u64,
    /// How many of the frozen electorate override a concern; a share of all of them, or every one.
    pub concern_override: Requirement,
    /// How many live proposals one proposer may have on one target. At least 1.
    pub live_per_proposer: u64,
    /// How many open concerns one member may have on one proposal. At least 1.
    pub concerns_per_member: u64,
    /// How long the canonical text of a draft may be, in bytes. 16 KiB to 8 MiB.
    pub max_draft_bytes: u64,
    /// How many changes one proposal may make to the membership. At least 1.
    pub max_membership_changes: u64,
    /// How long after its end something alike may be proposed again. At most 366 days.
    pub resubmit_after_ms: u64,
    /// Whether a voter may import an artifact type without a vote.
    pub direct_import: bool,
    /// Whether a schema change is rehearsed before its vote opens.
    pub rehearsal: RehearsalMode,
}

impl Default for Policy {
    fn default() -> Self {
        let two_thirds = TrackRule::of(Requirement::TWO_THIRDS);
        Self {
            tracks: Tracks {
                additive: two_thirds,
                breaking: TrackRule::of(Requirement::Unanimous),
                new_type: two_thirds,
                policy: two_thirds,
                membership: two_thirds,
                scope: two_thirds,
                emergency: TrackRule {
                    requirement: Requirement::Unanimous,
                    min_review_ms: Some(0),
                    voting_ms: Some(DAY),
                    cooling_ms: Some(0),
                },
            },
            min_electorate: 3,
            min_principals: 1,
            principal_cap: None,
            ballot_mode: BallotMode::Final,
            reason_required: vec![Choice::No],
            min_review_ms: 0,
            voting_ms: 7 * DAY,
            late_window_ms: DAY,
            extension_ms: 2 * DAY,
            cooling_ms: 0,
            concern_override: Requirement::TWO_THIRDS,
            live_per_proposer: 1,
            concerns_per_member: 3,
            max_draft_bytes: 256 << 10,
            max_membership_changes: 10,
            resubmit_after_ms: 0,
            direct_import: true,
            rehearsal: RehearsalMode::Optional,
        }
    }
}

const MEMBERS: [&str; 20] = [
    "schema_version",
    "tracks",
    "min_electorate",
    "min_principals",
    "principal_cap",
    "ballot_mode",
    "reason_required",
    "min_review_ms",
    "voting_ms",
    "late_window_ms",
    "extension_ms",
    "cooling_ms",
    "concern_override",
    "live_per_proposer",
    "concerns_per_member",
    "max_draft_bytes",
    "max_membership_changes",
    "resubmit_after_ms",
    "direct_import",
    "rehearsal",
];

impl Policy {
    /// The version of the document's form.
    pub const SCHEMA_VERSION: u64 = 1;

    /// A policy from an object in which any member may be left out, and any track of `tracks`; what is left out is as in
    /// [`Policy::default`].
    ///
    /// # Errors
    ///
    /// Everything that is wrong: `member_type`, `member_unknown`, `member_missing`, `member_range`, `member_choice`,
    /// `member_repeated`, those of [`Requirement::from_value`], `override_not_of_the_electorate`, `breaking_below_additive`,
    /// `emergency_below_normal`.
    pub fn from_value(value: &Value) -> Result<Self, Vec<Problem>> {
        Self::from_value_over(&Self::default(), value)
    }

    /// The same, over a policy in force: what is left out stays as it is. A track is given whole or left out.
    ///
    /// # Errors
    ///
    /// As [`Policy::from_value`].
    pub fn from_value_over(current: &Self, value: &Value) -> Result<Self, Vec<Problem>> {
        let mut policy = current.clone();
        let mut members = Members::of(value, "", &MEMBERS);
        let version = Self::SCHEMA_VERSION;
        members.optional_whole("schema_version", version, version);
        if let Some(tracks) = members.get("tracks") {
            members.note(policy.take_tracks(tracks));
        }
        for (name, target, least, most) in policy.numbers() {
            if let Some(number) = members.optional_whole(name, least, most) {
                *target = number;
            }
        }
        match members.get("principal_cap") {
            Some(Value::Null) => policy.principal_cap = None,
            _ => {
                let cap = members.optional_whole("principal_cap", 1, MAX_SAFE);
                policy.principal_cap = cap.or(policy.principal_cap);
            }
        }
        let mode =
            members.optional_choice("ballot_mode", &BallotMode::NAMES, BallotMode::from_name);
        if let Some(mode) = mode {
            policy.ballot_mode = mode;
        }
        let given = members.optional_choices("reason_required", &Choice::NAMES, Choice::from_name);
        if let Some(given) = given {
            // One set of choices has one digest.
            policy.reason_required = Choice::ALL
                .into_iter()
                .filter(|c| given.contains(c))
                .collect();
        }
        if let Some(value) = members.get("concern_override") {
            let place = members.place("concern_override");
            match take_override(value) {
                Ok(requirement) => policy.concern_override = requirement,
                Err(problems) => members.note(problems.into_iter().map(|p| p.under(&place))),
            }
        }
        if let Some(direct) = members.optional_boolean("direct_import") {
            policy.direct_import = direct;
        }
        let rehearsal =
            members.optional_choice("rehearsal", &RehearsalMode::NAMES, RehearsalMode::from_name);
        if let Some(rehearsal) = rehearsal {
            policy.rehearsal = rehearsal;
        }
        let problems = members.end();
        if problems.is_empty() {
            Ok(policy)
        } else {
            Err(problems)
        }
    }

    /// The members that are plain numbers, with the least and the most that each may be.
    fn numbers(&mut self) -> [(&'static str, &mut u64, u64, u64); 12] {
        [
            ("min_electorate", &mut self.min_electorate, 1, MAX_SAFE),
            ("min_principals", &mut self.min_principals, 1, MAX_SAFE),
            ("min_review_ms", &mut self.min_review_ms, 0, LONGEST),
            ("voting_ms", &mut self.voting_ms, MINUTE, LONGEST),
            ("late_window_ms", &mut self.late_window_ms, 0, LONGEST),
            ("extension_ms", &mut self.extension_ms, 0, LONGEST),
            ("cooling_ms", &mut self.cooling_ms, 0, LONGEST),
            (
                "live_per_proposer",
                &mut self.live_per_proposer,
                1,
                MAX_SAFE,
            ),
            (
                "concerns_per_member",
                &mut self.concerns_per_member,
                1,
                MAX_SAFE,
            ),
            (
                "max_draft_bytes",
                &mut self.max_draft_bytes,
                SMALLEST_DRAFT,
                LARGEST_DRAFT,
            ),
            (
                "max_membership_changes",
                &mut self.max_membership_changes,
                1,
                MAX_SAFE,
            ),
            ("resubmit_after_ms", &mut self.resubmit_after_ms, 0, LONGEST),
        ]
    }

    fn take_tracks(&mut self, value: &Value) -> Vec<Problem> {
        let mut members = Members::of(value, "/tracks", &Track::NAMES);
        for track in Track::ALL {
            if let Some(value) = members.get(track.name()) {
                match TrackRule::from_value(value, &members.place(track.name())) {
                    Ok(rule) => *self.tracks.get_mut(track) = rule,
                    Err(problems) => members.note(problems),
                }
            }
        }
        let mut problems = members.end();
        // Requirements that are wrong by themselves are not compared.
        if problems.is_empty() {
            problems = self.check_order();
        }
        problems
    }

    /// Breaking is at least as hard as additive, and an emergency is never the easier way.
    fn check_order(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let asks = |track| self.tracks.get(track).requirement;
        let additive = asks(Track::Additive);
        if !asks(Track::Breaking).is_at_least(additive) {
            let (breaking, additive) = (asks(Track::Breaking).of_whom(), additive.of_whom());
            problems.push(
                Problem::error(
                    "breaking_below_additive",
                    "/tracks/breaking",
                    format!(
                        "a breaking change would need {breaking}, and an additive one {additive}"
                    ),
                )
                .remedy(format!("{additive} for `breaking`, or more")),
            );
        }
        for (track, what) in [
            (Track::Additive, "an additive change"),
            (Track::NewType, "a new artifact type"),
        ] {
            if !asks(Track::Emergency).is_at_least(asks(track)) {
                let (emergency, normal) = (asks(Track::Emergency).of_whom(), asks(track).of_whom());
                problems.push(
                    Problem::error(
                        "emergency_below_normal",
                        "/tracks/emergency",
                        format!("an emergency change would need {emergency}, and {what} {normal}"),
                    )
                    .remedy(format!("{normal} for `emergency`, or more")),
                );
            }
        }
        problems
    }

    /// The whole policy, every member present: what is hashed and shown.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let tracks: Value = Track::ALL
            .into_iter()
            .map(|track| (track.name(), self.tracks.get(track).to_value()))
            .collect();
        let reasons: Vec<&str> = self.reason_required.iter().map(|c| c.name()).collect();
        json!({
            "schema_version": Self::SCHEMA_VERSION,
            "tracks": tracks,
            "min_electorate": self.min_electorate,
            "min_principals": self.min_principals,
            "principal_cap": self.principal_cap,
            "ballot_mode": self.ballot_mode.name(),
            "reason_required": reasons,
            "min_review_ms": self.min_review_ms,
            "voting_ms": self.voting_ms,
            "late_window_ms": self.late_window_ms,
            "extension_ms": self.extension_ms,
            "cooling_ms": self.cooling_ms,
            "concern_override": self.concern_override.to_value(),
            "live_per_proposer": self.live_per_proposer,
            "concerns_per_member": self.concerns_per_member,
            "max_draft_bytes": self.max_draft_bytes,
            "max_membership_changes": self.max_membership_changes,
            "resubmit_after_ms": self.resubmit_after_ms,
            "direct_import": self.direct_import,
            "rehearsal": self.rehearsal.name(),
        })
    }

    /// The digest that a vote's subject holds.
    ///
    /// # Errors
    ///
    /// `json_unsafe_integer` for a policy that [`Policy::from_value`] would have refused.
    pub fn digest(&self) -> Result<Digest, Problem> {
        digest(Kind::Policy, &self.to_value())
    }

    /// How long the steps of a decision on this track take.
    #[must_use]
    pub fn times(&self, track: Track) -> Times {
        let own = self.tracks.get(track);
        Times {
            min_review_ms: own.min_review_ms.unwrap_or(self.min_review_ms),
            voting_ms: own.voting_ms.unwrap_or(self.voting_ms),
            cooling_ms: own.cooling_ms.unwrap_or(self.cooling_ms),
        }
    }

    /// Whether a ballot of this choice needs a reason.
    #[must_use]
    pub fn needs_reason(&self, choice: Choice) -> bool {
        self.reason_required.contains(&choice)
    }

    /// Whether `signed` members override a concern, of an electorate of `members`.
    #[must_use]
    pub fn overrides_concern(&self, signed: u64, members: u64) -> bool {
        self.concern_override.is_met(signed, members, members)
    }

    /// How many members override a concern, of an electorate of `members`.
    #[must_use]
    pub fn overrides_needed(&self, members: u64) -> u64 {
        fewest(members, |signed| self.overrides_concern(signed, members)).unwrap_or(members)
    }

    /// The rules as sentences.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Track::ALL
            .into_iter()
            .map(|track| self.track_words(track))
            .collect();
        words.push(format!(
            "With fewer than {} in the electorate, nothing can be approved.",
            counted(self.min_electorate, "member")
        ));
        if self.min_principals > 1 {
            words.push(format!(
                "The yes ballots must come from at least {}.",
                counted(self.min_principals, "principal")
            ));
        }
        if let Some(cap) = self.principal_cap {
            words.push(format!(
                "The same must hold when no more than {} of each principal count.",
                counted(cap, "member")
            ));
        }
        words.push(
            match self.ballot_mode {
                BallotMode::Final => {
                    "Ballots are final: each member casts one, and the vote is decided as soon as no further ballot can change it."
                }
                BallotMode::Replaceable => {
                    "Ballots may be replaced until the vote closes; the last one counts, and the vote is decided at the close."
                }
            }
            .into(),
        );
        let reasons: Vec<&str> = self.reason_required.iter().map(|c| c.name()).collect();
        words.push(match reasons.as_slice() {
            [] => "No ballot needs a reason.".into(),
            [one] => format!("A ballot of {one} needs a reason."),
            [one, two] => format!("A ballot of {one} or {two} needs a reason."),
            _ => "Every ballot needs a reason.".into(),
        });
        words.extend(self.time_words());
        words.push(format!(
            "A concern holds an approval back until it is resolved or overridden by {}.",
            self.concern_override.of_whom()
        ));
        words.push(format!(
            "A member may have {} on a proposal.",
            counted(self.concerns_per_member, "open concern")
        ));
        words.push(format!(
            "A proposer may have {} on one target at a time.",
            counted(self.live_per_proposer, "live proposal")
        ));
        words.push(format!(
            "A draft has at most {}; one proposal makes at most {} to the membership.",
            counted(self.max_draft_bytes, "byte"),
            counted(self.max_membership_changes, "change")
        ));
        words.push(if self.resubmit_after_ms == 0 {
            "What was not approved may be proposed again at once, saying what changed.".into()
        } else {
            format!(
                "What was not approved may be proposed again after {}, saying what changed.",
                duration(self.resubmit_after_ms)
            )
        });
        words.push(
            if self.direct_import {
                "A voter may import an artifact type without a vote."
            } else {
                "Every artifact type is put to the vote."
            }
            .into(),
        );
        if self.rehearsal == RehearsalMode::Required {
            words.push(
                "The vote on a schema change opens only when its migration was rehearsed and passed."
                    .into(),
            );
        }
        words
    }

    fn track_words(&self, track: Track) -> String {
        let rule = self.tracks.get(track);
        let also = if track == Track::Emergency {
            ", and what the change itself needs"
        } else {
            ""
        };
        let mut words = format!(
            "{} needs a yes from {}{also}",
            track.words(),
            rule.requirement.of_whom()
        );
        let times = [
            ("review", rule.min_review_ms),
            ("voting", rule.voting_ms),
            ("cooling", rule.cooling_ms),
        ];
        let own: Vec<String> = times
            .into_iter()
            .filter_map(|(name, time)| Some((name, time?)))
            .map(|(name, time)| match time {
                0 => format!("no {name}"),
                time => format!("{} of {name}", duration(time)),
            })
            .collect();
        if !own.is_empty() {
            words.push_str("; it has ");
            words.push_str(&own.join(", "));
        }
        words.push('.');
        words
    }

    fn time_words(&self) -> Vec<String> {
        let mut words = vec![if self.min_review_ms == 0 {
            "The vote on a proposal may open at once.".into()
        } else {
            format!(
                "A proposal stands for {} before its vote may open.",
                duration(self.min_review_ms)
            )
        }];
        words.push(format!(
            "A vote stays open for {}.",
            duration(self.voting_ms)
        ));
        words.push(if self.extension_ms == 0 || self.late_window_ms == 0 {
            "A vote is never extended.".into()
        } else {
            format!(
                "A vote is extended once, by {}, when its outcome turns or a concern is raised in the last {}.",
                duration(self.extension_ms),
                duration(self.late_window_ms)
            )
        });
        words.push(if self.cooling_ms == 0 {
            "What is approved takes effect at once.".into()
        } else {
            format!(
                "What is approved takes effect after {}.",
                duration(self.cooling_ms)
            )
        });
        words
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

/// Who may override a concern is asked of the electorate: nobody casts a ballot for it.
fn take_override(value: &Value) -> Result<Requirement, Vec<Problem>> {
    let requirement = Requirement::from_value(value)?;
    match requirement {
        Requirement::Share(Threshold {
            base: Base::Cast, ..
        }) => Err(vec![
            Problem::error(
                "override_not_of_the_electorate",
                "/base",
                "a concern is overridden by a share of the electorate; there are no ballots for it",
            )
            .remedy("leave `base` out"),
        ]),
        requirement => Ok(requirement),
    }
}

pub(super) fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// A time in its units, largest first: `1 day 12 hours`.
fn duration(ms: u64) -> String {
    let units = [
        ("day", DAY),
        ("hour", 60 * MINUTE),
        ("minute", MINUTE),
        ("second", 1000),
        ("millisecond", 1),
    ];
    let mut rest = ms;
    let mut parts = Vec::new();
    for (unit, length) in units {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            parts.push(counted(count, unit));
        }
    }
    parts.join(" ")
}
