//! Which share of the members must vote yes.

use std::fmt;

use serde::Serialize;

/// A share of the frozen electorate, as a fraction of whole numbers: `2/3`, or `1/1` for every member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Threshold {
    /// Numerator; at most the denominator.
    pub num: u64,
    /// Denominator; not zero.
    pub den: u64,
}

impl Threshold {
    /// At least two thirds, which is inclusive: 2 of 3, 3 of 4, 4 of 5, 4 of 6.
    pub const TWO_THIRDS: Self = Self { num: 2, den: 3 };
    /// Unanimity of the members, not of those who voted: silence is never yes.
    pub const EVERY_MEMBER: Self = Self { num: 1, den: 1 };

    /// **The rule.** Enough members said yes when `den * yes >= num * members`; for two thirds, `3 * yes >= 2 * members`.
    ///
    /// Exact for all counts: the products of two `u64` fit in a `u128`. An electorate of nobody would meet every
    /// threshold; [`tally`](super::tally()) never asks for one, because no policy's minimum is below 1.
    #[must_use]
    pub fn is_met(self, yes: u64, members: u64) -> bool {
        u128::from(self.den) * u128::from(yes) >= u128::from(self.num) * u128::from(members)
    }

    /// The fewest yes ballots that meet the threshold, found by asking the rule. At most `members`, when the share is at
    /// most 1.
    #[must_use]
    pub fn smallest_approving(self, members: u64) -> u64 {
        let (mut low, mut high) = (0, members);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.is_met(middle, members) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// Whether the share is the whole.
    #[must_use]
    pub fn is_everyone(self) -> bool {
        self.num == self.den
    }

    /// Whether this share is at least the other, cross-multiplied.
    #[must_use]
    pub fn is_at_least(self, other: Self) -> bool {
        u128::from(self.num) * u128::from(other.den) >= u128::from(other.num) * u128::from(self.den)
    }

    /// Whether the share is more than half, so that two opposite decisions never both pass.
    #[must_use]
    pub fn is_majority(self) -> bool {
        2 * u128::from(self.num) > u128::from(self.den)
    }

    /// `at least 2/3`, or `every member`.
    #[must_use]
    pub fn words(self) -> String {
        if self.is_everyone() {
            "every member".into()
        } else {
            format!("at least {self}")
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}
