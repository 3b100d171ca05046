//! The rules of a vote.

use serde::{Serialize, Serializer};
use serde_json::json;

use super::{Choice, Threshold};
use crate::text::{Digest, Kind, Members, Problem, Value, digest, reader::MAX_SAFE};

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
/// The longest time that a policy may ask for: a leap year.
const LONGEST: u64 = 366 * DAY;

/// What kind of decision it is; each has its own threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// A schema change that leaves every artifact valid.
    Additive,
    /// A schema change that breaks artifacts, or may.
    Breaking,
    /// A change of the policy.
    Policy,
    /// A change of the membership.
    Membership,
}

impl Track {
    /// Every track.
    pub const ALL: [Self; 4] = [
        Self::Additive,
        Self::Breaking,
        Self::Policy,
        Self::Membership,
    ];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 4] = ["additive", "breaking", "policy", "membership"];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Additive => "additive",
            Self::Breaking => "breaking",
            Self::Policy => "policy",
            Self::Membership => "membership",
        }
    }

    /// The track of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|track| track.name() == name)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Additive => "An additive change",
            Self::Breaking => "A breaking change",
            Self::Policy => "A change of the policy",
            Self::Membership => "A change of the membership",
        }
    }
}

/// A threshold for each track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tracks {
    /// For [`Track::Additive`].
    pub additive: Threshold,
    /// For [`Track::Breaking`]; at least the additive one.
    pub breaking: Threshold,
    /// For [`Track::Policy`].
    pub policy: Threshold,
    /// For [`Track::Membership`].
    pub membership: Threshold,
}

impl Tracks {
    /// The threshold of a track.
    #[must_use]
    pub fn get(&self, track: Track) -> Threshold {
        match track {
            Track::Additive => self.additive,
            Track::Breaking => self.breaking,
            Track::Policy => self.policy,
            Track::Membership => self.membership,
        }
    }

    fn get_mut(&mut self, track: Track) -> &mut Threshold {
        match track {
            Track::Additive => &mut self.additive,
            Track::Breaking => &mut self.breaking,
            Track::Policy => &mut self.policy,
            Track::Membership => &mut self.membership,
        }
    }
}

/// Whether a ballot can be taken back. The two values exclude each other: a decision that falls early must not rest on
/// ballots that may still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BallotMode {
    /// One ballot each; the decision falls as soon as it cannot change.
    Final,
    /// The last ballot before the close counts; the decision falls at the close.
    Replaceable,
}

impl BallotMode {
    /// Names of the modes.
    pub const NAMES: [&'static str; 2] = ["final", "replaceable"];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Replaceable => "replaceable",
        }
    }

    /// The mode of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Final, Self::Replaceable]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

/// The rules of a vote. [`Policy::default`] is what a senate has that names none.
///
/// The members are public to read and to vary in tests; what comes from outside comes through [`Policy::from_value`],
/// which checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The share of the members that must say yes, for each track.
    pub tracks: Tracks,
    /// Below this many members nothing can be approved. At least 1.
    pub min_electorate: u64,
    /// Whether a ballot can be taken back.
    pub ballot_mode: BallotMode,
    /// Choices that need a reason, without repetition, in the order of [`Choice::ALL`].
    pub reason_required: Vec<Choice>,
    /// How long a proposal stands before its vote may open, in milliseconds. At most 366 days.
    pub min_review_ms: u64,
    /// How long a vote stays open, in milliseconds. 1 minute to 366 days.
    pub voting_ms: u64,
    /// How many live proposals one proposer may have on one artifact type. At least 1.
    pub live_per_proposer: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            tracks: Tracks {
                additive: Threshold::TWO_THIRDS,
                breaking: Threshold::EVERY_MEMBER,
                policy: Threshold::TWO_THIRDS,
                membership: Threshold::TWO_THIRDS,
            },
            min_electorate: 3,
            ballot_mode: BallotMode::Final,
            reason_required: vec![Choice::No],
            min_review_ms: 0,
            voting_ms: 7 * DAY,
            live_per_proposer: 1,
        }
    }
}

const MEMBERS: [&str; 7] = [
    "tracks",
    "min_electorate",
    "ballot_mode",
    "reason_required",
    "min_review_ms",
    "voting_ms",
    "live_per_proposer",
];

impl Policy {
    /// A policy from an object in which any member may be left out, and any track of `tracks`; what is left out is as in
    /// [`Policy::default`].
    ///
    /// # Errors
    ///
    /// Everything that is wrong: `member_type`, `member_unknown`, `member_missing`, `member_range`, `member_choice`,
    /// `member_repeated`; `threshold_zero_denominator`, `threshold_above_one`, `threshold_not_a_majority` for a track;
    /// `breaking_below_additive` when a breaking change would need a smaller share than an additive one.
    pub fn from_value(value: &Value) -> Result<Self, Vec<Problem>> {
        let mut policy = Self::default();
        let mut members = Members::of(value, "", &MEMBERS);
        if let Some(tracks) = members.get("tracks") {
            members.note(policy.take_tracks(tracks));
        }
        for (name, target, least, most) in [
            ("min_electorate", &mut policy.min_electorate, 1, MAX_SAFE),
            ("min_review_ms", &mut policy.min_review_ms, 0, LONGEST),
            ("voting_ms", &mut policy.voting_ms, MINUTE, LONGEST),
            (
                "live_per_proposer",
                &mut policy.live_per_proposer,
                1,
                MAX_SAFE,
            ),
        ] {
            if let Some(number) = members.optional_whole(name, least, most) {
                *target = number;
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
        let problems = members.end();
        if problems.is_empty() {
            Ok(policy)
        } else {
            Err(problems)
        }
    }

    fn take_tracks(&mut self, value: &Value) -> Vec<Problem> {
        let mut members = Members::of(value, "/tracks", &Track::NAMES);
        for track in Track::ALL {
            if let Some(value) = members.get(track.name()) {
                match take_threshold(value, &members.place(track.name())) {
                    Ok(threshold) => *self.tracks.get_mut(track) = threshold,
                    Err(problems) => members.note(problems),
                }
            }
        }
        let mut problems = members.end();
        let Tracks {
            additive, breaking, ..
        } = self.tracks;
        // Shares that are wrong by themselves are not compared.
        if problems.is_empty() && !breaking.is_at_least(additive) {
            problems.push(
                Problem::error(
                    "breaking_below_additive",
                    "/tracks/breaking",
                    format!("a breaking change would need {breaking} of the members, less than the {additive} of an additive one"),
                )
                .remedy(format!("at least {additive} for `breaking`")),
            );
        }
        problems
    }

    /// The whole policy, every member present: what is hashed and shown.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let threshold = |track| {
            let Threshold { num, den } = self.tracks.get(track);
            json!({ "num": num, "den": den })
        };
        let reasons: Vec<&str> = self.reason_required.iter().map(|c| c.name()).collect();
        json!({
            "tracks": {
                "additive": threshold(Track::Additive),
                "breaking": threshold(Track::Breaking),
                "policy": threshold(Track::Policy),
                "membership": threshold(Track::Membership),
            },
            "min_electorate": self.min_electorate,
            "ballot_mode": self.ballot_mode.name(),
            "reason_required": reasons,
            "min_review_ms": self.min_review_ms,
            "voting_ms": self.voting_ms,
            "live_per_proposer": self.live_per_proposer,
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

    /// Whether a ballot of this choice needs a reason.
    #[must_use]
    pub fn needs_reason(&self, choice: Choice) -> bool {
        self.reason_required.contains(&choice)
    }

    /// The rules as sentences.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Track::ALL
            .into_iter()
            .map(|track| {
                let threshold = self.tracks.get(track);
                let share = threshold.words();
                let of = if threshold.is_everyone() {
                    ""
                } else {
                    " of the members"
                };
                format!("{} needs a yes from {share}{of}.", track.words())
            })
            .collect();
        words.push(format!(
            "With fewer than {} in the electorate, nothing can be approved.",
            counted(self.min_electorate, "member")
        ));
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
        words.push(if self.min_review_ms == 0 {
            "The vote on a proposal may open at once.".into()
        } else {
            format!(
                "A proposal stands for {} before its vote may open.",
                duration(self.min_review_ms)
            )
        });
        words.push(format!(
            "A vote stays open for {}.",
            duration(self.voting_ms)
        ));
        words.push(format!(
            "A proposer may have {} on one artifact type at a time.",
            counted(self.live_per_proposer, "live proposal")
        ));
        words
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

fn take_threshold(value: &Value, place: &str) -> Result<Threshold, Vec<Problem>> {
    let mut members = Members::of(value, place, &["num", "den"]);
    let (num, den) = (members.count("num"), members.count("den"));
    let mut problems = members.end();
    let (Some(num), Some(den)) = (num, den) else {
        return Err(problems);
    };
    let threshold = Threshold { num, den };
    problems.extend(check_threshold(threshold, place));
    if problems.is_empty() {
        Ok(threshold)
    } else {
        Err(problems)
    }
}

fn check_threshold(threshold: Threshold, place: &str) -> Option<Problem> {
    let (code, message, remedy) = if threshold.den == 0 {
        (
            "threshold_zero_denominator",
            format!("{threshold} is no share: the denominator is 0"),
            "write `{\"num\": 2, \"den\": 3}` for two thirds",
        )
    } else if threshold.num > threshold.den {
        (
            "threshold_above_one",
            format!("{threshold} asks for more yes ballots than there are members"),
            "write `{\"num\": 1, \"den\": 1}` for every member",
        )
    } else if !threshold.is_majority() {
        (
            "threshold_not_a_majority",
            format!("{threshold} is not more than half: two opposite decisions could both pass"),
            "write `{\"num\": 2, \"den\": 3}` for two thirds",
        )
    } else {
        return None;
    };
    Some(Problem::error(code, place, message).remedy(remedy))
}

fn counted(count: u64, noun: &str) -> String {
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
