//! What the yes ballots must come to.

use serde::{Serialize, Serializer};
use serde_json::json;

use super::{Base, Threshold};
use crate::text::{Map, Members, Problem, Value};

/// What the yes ballots must come to. The order is that in which a rule lists its requirements; how hard they are says
/// [`Requirement::is_at_least`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requirement {
    /// A share.
    Share(Threshold),
    /// Every member of the electorate, not of those who voted: silence is never yes.
    Unanimous,
}

/// The members that a requirement has on the wire.
pub(super) const NAMES: [&str; 5] = ["num", "den", "strict", "base", "unanimous"];

impl Requirement {
    /// At least two thirds of the electorate.
    pub const TWO_THIRDS: Self = Self::Share(Threshold::TWO_THIRDS);

    /// Whether `yes` ballots are enough, of so many members, of whom so many count as having cast one.
    #[must_use]
    pub fn is_met(self, yes: u64, members: u64, cast: u64) -> bool {
        match self {
            Self::Unanimous => members >= 1 && yes == members,
            Self::Share(share) => match share.base {
                Base::Electorate => share.is_met(yes, members),
                Base::Cast => share.is_met(yes, cast),
            },
        }
    }

    /// Whether whatever meets this meets the other. Every member is the hardest; a share of the electorate is harder than the
    /// same of the ballots cast.
    #[must_use]
    pub fn is_at_least(self, other: Self) -> bool {
        match (self, other) {
            (Self::Unanimous, _) => true,
            (Self::Share(_), Self::Unanimous) => false,
            (Self::Share(this), Self::Share(that)) => this.is_at_least(that),
        }
    }

    /// Whether it counts ballots cast.
    pub(super) fn counts_cast(self) -> bool {
        matches!(self, Self::Share(share) if share.base == Base::Cast)
    }

    /// `{"num", "den", "strict", "base"}` or `{"unanimous": true}`.
    #[must_use]
    pub fn to_value(self) -> Value {
        Value::Object(self.to_members())
    }

    pub(super) fn to_members(self) -> Map<String, Value> {
        let value = match self {
            Self::Unanimous => json!({ "unanimous": true }),
            Self::Share(share) => json!({
                "num": share.num,
                "den": share.den,
                "strict": share.strict,
                "base": share.base.name(),
            }),
        };
        match value {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    /// A requirement from an object: `num` and `den`, and `strict` (else false) and `base` (else the electorate); or
    /// `unanimous`. The whole electorate is [`Requirement::Unanimous`], however it is written.
    ///
    /// # Errors
    ///
    /// `member_type`, `member_unknown`, `member_missing`, `member_range`, `member_choice`, `requirement_unclear`, and
    /// `threshold_zero_denominator`, `threshold_above_one`, `threshold_never_met`, `threshold_not_a_majority`.
    pub fn from_value(value: &Value) -> Result<Self, Vec<Problem>> {
        let mut members = Members::of(value, "", &NAMES);
        let requirement = Self::read(&mut members, "");
        match (requirement, members.end()) {
            (Some(requirement), problems) if problems.is_empty() => Ok(requirement),
            (_, problems) => Err(problems),
        }
    }

    /// Reads it from members that stand at `place`, beside which there may be others.
    pub(super) fn read(members: &mut Members<'_>, place: &str) -> Option<Self> {
        if members.get("unanimous").is_some() {
            let unanimous = members.optional_boolean("unanimous")?;
            let alone = ["num", "den", "strict", "base"]
                .into_iter()
                .all(|name| members.get(name).is_none());
            if unanimous && alone {
                return Some(Self::Unanimous);
            }
            members.note([Problem::error(
                "requirement_unclear",
                place,
                "a requirement is a share, or it is unanimous",
            )
            .remedy("write `{\"unanimous\": true}` for every member, or `{\"num\": 2, \"den\": 3}` for two thirds")]);
            return None;
        }
        // Each is asked for before any is used, so that each that is wrong is told.
        let (num, den) = (members.count("num"), members.count("den"));
        let strict = given(members, "strict", Members::optional_boolean);
        let base = given(members, "base", |members, name| {
            members.optional_choice(name, &Base::NAMES, Base::from_name)
        });
        let share = Threshold {
            num: num?,
            den: den?,
            strict: strict?.unwrap_or(false),
            base: base?.unwrap_or(Base::Electorate),
        };
        if let Some(problem) = check(share, place) {
            members.note([problem]);
            return None;
        }
        let everyone = share.is_whole() && share.base == Base::Electorate;
        Some(if everyone {
            Self::Unanimous
        } else {
            Self::Share(share)
        })
    }

    /// `every member`, `at least 2/3`, `more than 1/2 of the ballots cast`.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Unanimous => "every member".into(),
            Self::Share(share) => share.words(),
        }
    }

    /// The same, for a sentence in which nothing else says of what: `at least 2/3 of the members`.
    pub(super) fn of_whom(self) -> String {
        match self {
            Self::Share(share) if share.base == Base::Electorate => {
                format!("{} of the members", share.words())
            }
            _ => self.words(),
        }
    }
}

impl Serialize for Requirement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

/// A member that may be left out: `Some(None)` when it is, `None` when it is wrong.
fn given<'a, T>(
    members: &mut Members<'a>,
    name: &str,
    read: impl FnOnce(&mut Members<'a>, &str) -> Option<T>,
) -> Option<Option<T>> {
    match members.get(name) {
        None => Some(None),
        Some(_) => read(members, name).map(Some),
    }
}

fn check(share: Threshold, place: &str) -> Option<Problem> {
    let (code, message, remedy) = if share.den == 0 {
        (
            "threshold_zero_denominator",
            format!("{share} is no share: the denominator is 0"),
            "write `{\"num\": 2, \"den\": 3}` for two thirds",
        )
    } else if share.num > share.den {
        (
            "threshold_above_one",
            format!("{share} asks for more yes ballots than there are members"),
            "write `{\"unanimous\": true}` for every member",
        )
    } else if share.is_whole() && share.strict {
        (
            "threshold_never_met",
            format!("more than {share} is more than everybody: nothing could be approved"),
            "write `{\"unanimous\": true}` for every member",
        )
    } else if !share.is_majority() {
        (
            "threshold_not_a_majority",
            format!(
                "{} is not more than half: two opposite decisions could both pass",
                share.words()
            ),
            "write `{\"num\": 2, \"den\": 3}` for two thirds, or `{\"num\": 1, \"den\": 2, \"strict\": true}` for more than half",
        )
    } else {
        return None;
    };
    Some(Problem::error(code, place, message).remedy(remedy))
}
