//! Which share of the members must vote yes.

use std::fmt;

use serde::Serialize;

/// What a share is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Every member of the frozen electorate, whether they vote or not.
    Electorate,
    /// The ballots that were cast, abstentions too; never counted as fewer than the minimum electorate.
    Cast,
}

impl Base {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Electorate, Self::Cast];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 2] = ["electorate", "cast"];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Electorate => "electorate",
            Self::Cast => "cast",
        }
    }

    /// The base of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|base| base.name() == name)
    }
}

/// A share as a fraction of whole numbers: `2/3`, inclusive, or `1/2`, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Threshold {
    /// Numerator; at most the denominator.
    pub num: u64,
    /// Denominator; not zero.
    pub den: u64,
    /// Whether it must be more than the share, and not at least it.
    pub strict: bool,
    /// What it is a share of.
    pub base: Base,
}

impl Threshold {
    /// At least two thirds of the electorate, which is inclusive: 2 of 3, 3 of 4, 4 of 5, 4 of 6.
    pub const TWO_THIRDS: Self = Self::at_least(2, 3);

    /// At least `num/den` of the electorate.
    #[must_use]
    pub const fn at_least(num: u64, den: u64) -> Self {
        Self {
            num,
            den,
            strict: false,
            base: Base::Electorate,
        }
    }

    /// **The rule.** Enough said yes when `den * yes >= num * base`; for two thirds of the members, `3 * yes >= 2 * members`.
    /// Where more than the share is asked for, `den * yes > num * base`. A share of nobody is never met.
    ///
    /// Exact for all counts: the products of two `u64` fit in a `u128`.
    #[must_use]
    pub fn is_met(self, yes: u64, base: u64) -> bool {
        let have = u128::from(self.den) * u128::from(yes);
        let need = u128::from(self.num) * u128::from(base);
        base >= 1 && (have > need || have == need && !self.strict)
    }

    /// The fewest yes ballots of `base` that meet the threshold, found by asking the rule; `base` when none do.
    #[must_use]
    pub fn smallest_approving(self, base: u64) -> u64 {
        fewest(base, |yes| self.is_met(yes, base)).unwrap_or(base)
    }

    /// Whether the share is the whole.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.num == self.den
    }

    /// Whether whatever meets this meets the other: the share is larger, or equal and not less strict, and it is not counted
    /// over fewer.
    #[must_use]
    pub fn is_at_least(self, other: Self) -> bool {
        let this = u128::from(self.num) * u128::from(other.den);
        let that = u128::from(other.num) * u128::from(self.den);
        let share = this > that || this == that && (self.strict || !other.strict);
        share && (self.base == other.base || self.base == Base::Electorate)
    }

    /// Whether what meets it is more than half, so that two opposite decisions never both pass.
    #[must_use]
    pub fn is_majority(self) -> bool {
        let (twice, den) = (2 * u128::from(self.num), u128::from(self.den));
        twice > den || twice == den && self.strict
    }

    /// `at least 2/3`, `more than 1/2 of the ballots cast`.
    #[must_use]
    pub fn words(self) -> String {
        if self.is_whole() && self.base == Base::Cast {
            return "every ballot cast".into();
        }
        let than = if self.strict { "more than" } else { "at least" };
        let of = match self.base {
            Base::Electorate => "",
            Base::Cast => " of the ballots cast",
        };
        format!("{than} {self}{of}")
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

/// The least number up to `most` of which `enough` holds, when it holds of all larger ones too.
pub(super) fn fewest(most: u64, enough: impl Fn(u64) -> bool) -> Option<u64> {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low + (high - low) / 2;
        if enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    enough(low).then_some(low)
}
