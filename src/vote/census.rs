//! The ballots counted: how many of each, from how many principals, and how far further ballots can take that.

use serde::Serialize;

use super::threshold::fewest;
use super::{BallotMode, Choice};
use crate::text::Problem;

/// How many members there are, and how many of them said what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Count {
    /// Members of the frozen electorate.
    pub members: u64,
    /// Members whose ballot says yes.
    pub yes: u64,
    /// Members whose ballot says no.
    pub no: u64,
    /// Members whose ballot abstains.
    pub abstain: u64,
}

impl Count {
    /// Members who have not voted; `None` when there are more ballots than members.
    #[must_use]
    pub fn not_voted(self) -> Option<u64> {
        self.members
            .checked_sub(self.yes)?
            .checked_sub(self.no)?
            .checked_sub(self.abstain)
    }

    /// That there are no more ballots than members.
    pub(super) fn check(self) -> Result<(), Problem> {
        let Self {
            members,
            yes,
            no,
            abstain,
        } = self;
        if self.not_voted().is_some() {
            return Ok(());
        }
        Err(Problem::error(
            "tally_more_ballots_than_members",
            "",
            format!("{yes} yes, {no} no and {abstain} abstain are more ballots than the {members} members"),
        )
        .remedy("a member has one ballot: count the one that stands"))
    }

    fn silent(self) -> u64 {
        self.not_voted().unwrap_or_default()
    }

    /// Moves one member from one standing to another; `None` is silence.
    pub(super) fn turn(&mut self, from: Option<Choice>, to: Option<Choice>) {
        if let Some(choice) = from {
            let place = self.place(choice);
            *place = place.saturating_sub(1);
        }
        if let Some(choice) = to {
            *self.place(choice) += 1;
        }
    }

    fn place(&mut self, choice: Choice) -> &mut u64 {
        match choice {
            Choice::Yes => &mut self.yes,
            Choice::No => &mut self.no,
            Choice::Abstain => &mut self.abstain,
        }
    }
}

/// Ballots that might follow.
#[derive(Clone, Copy, Debug)]
pub(super) enum Further {
    /// Silent members speak, so many of them for yes; every other ballot stays as it is.
    Spoken { yes: u64, other: u64 },
    /// Members who did not say yes replace their ballots by one, and silent members say yes.
    Replaced { ballots: u64, yes: u64 },
}

impl Further {
    /// None.
    pub const NONE: Self = Self::Spoken { yes: 0, other: 0 };
}

/// How many principals have a yes among their members, or, under a cap, how many yes ballots count: now, and if all those said
/// yes, too, who could. From that follows how many do after any further ballots that are cast where they help most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    /// By the yes ballots.
    pub now: u64,
    /// If the silent members said yes.
    pub with_silent: u64,
    /// If the members said yes who said no or abstained.
    pub with_others: u64,
    /// If every member said yes.
    pub with_all: u64,
}

impl Reach {
    /// How many there are after further ballots, cast where they help most. Within a principal, members replace their ballots
    /// before the silent ones are asked.
    pub fn after(self, further: Further) -> u64 {
        self.now
            + match further {
                Further::Spoken { yes, .. } => yes.min(self.with_silent - self.now),
                Further::Replaced { ballots, yes } => {
                    ballots.min(self.with_others - self.now)
                        + yes.min(self.with_all - self.with_others)
                }
            }
    }

    /// Adds or takes away what one principal contributes.
    fn change(&mut self, by: impl Fn(u64, u64) -> u64, part: Self) {
        self.now = by(self.now, part.now);
        self.with_silent = by(self.with_silent, part.with_silent);
        self.with_others = by(self.with_others, part.with_others);
        self.with_all = by(self.with_all, part.with_all);
    }

    /// What one principal contributes: of its members as many as `cap`, at most.
    fn of(count: Count, cap: u64) -> Self {
        Self {
            now: count.yes.min(cap),
            with_silent: (count.yes + count.silent()).min(cap),
            with_others: (count.members - count.silent()).min(cap),
            with_all: count.members.min(cap),
        }
    }
}

/// A vote, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    pub(super) count: Count,
    /// A principal counts as one, so its cap is 1.
    pub(super) principals: Reach,
    pub(super) capped: Vec<(u64, Reach)>,
}

impl Census {
    /// A vote in which every member is their own principal.
    ///
    /// # Errors
    ///
    /// `tally_more_ballots_than_members`.
    pub fn of_members(count: Count, caps: &[u64]) -> Result<Self, Problem> {
        count.check()?;
        // However high the cap is, each principal has one member.
        let reach = Reach::of(count, u64::MAX);
        Ok(Self {
            count,
            principals: reach,
            capped: caps.iter().map(|cap| (*cap, reach)).collect(),
        })
    }

    /// A vote of principals, each with the count of its members.
    ///
    /// # Errors
    ///
    /// `tally_more_ballots_than_members`, with the place of the principal; `member_range` when all together are too many.
    pub fn of_principals(principals: &[Count], caps: &[u64]) -> Result<Self, Problem> {
        let mut census = Self::empty(caps);
        for (index, count) in principals.iter().enumerate() {
            count.check().map_err(|p| p.under(&format!("/{index}")))?;
            if census.count.members.checked_add(count.members).is_none() {
                return Err(Problem::error(
                    "member_range",
                    "",
                    "there are too many members",
                ));
            }
            census.add(*count);
        }
        Ok(census)
    }

    pub(super) fn empty(caps: &[u64]) -> Self {
        Self {
            count: Count::default(),
            principals: Reach::default(),
            capped: caps.iter().map(|cap| (*cap, Reach::default())).collect(),
        }
    }

    /// Adds a principal, or a principal as it is now.
    pub(super) fn add(&mut self, part: Count) {
        self.change(|sum, part| sum + part, part);
    }

    /// Takes a principal away, or a principal as it was.
    pub(super) fn remove(&mut self, part: Count) {
        self.change(u64::saturating_sub, part);
    }

    fn change(&mut self, by: impl Fn(u64, u64) -> u64, part: Count) {
        let count = &mut self.count;
        count.members = by(count.members, part.members);
        count.yes = by(count.yes, part.yes);
        count.no = by(count.no, part.no);
        count.abstain = by(count.abstain, part.abstain);
        self.principals.change(&by, Reach::of(part, 1));
        for (cap, reach) in &mut self.capped {
            reach.change(&by, Reach::of(part, *cap));
        }
    }

    /// The counts of the ballots.
    #[must_use]
    pub fn count(&self) -> Count {
        self.count
    }

    /// The caps that are counted.
    pub(super) fn caps(&self) -> impl Iterator<Item = u64> {
        self.capped.iter().map(|(cap, _)| *cap)
    }

    pub(super) fn silent(&self) -> u64 {
        self.count.silent()
    }

    pub(super) fn yes(&self, further: Further) -> u64 {
        self.count.yes
            + match further {
                Further::Spoken { yes, .. } => yes,
                Further::Replaced { ballots, yes } => ballots + yes,
            }
    }

    pub(super) fn cast(&self, further: Further) -> u64 {
        self.count.members - self.silent()
            + match further {
                Further::Spoken { yes, other } => yes + other,
                Further::Replaced { yes, .. } => yes,
            }
    }

    /// The fewest further yes ballots with which `approves` holds: by silent members when ballots are final; when they may be
    /// replaced, by as few silent members as possible, since a replaced ballot is one more yes and no larger base.
    ///
    /// `approves` holds with more yes ballots whenever it holds with fewer, so halving finds the fewest; and to ask one silent
    /// member more never spares more than one replacement, so the fewest silent members make the fewest ballots.
    pub(super) fn fewest(
        &self,
        mode: BallotMode,
        approves: impl Fn(Further) -> bool,
    ) -> Option<u64> {
        let silent = self.silent();
        if mode == BallotMode::Final {
            return fewest(silent, |yes| approves(Further::Spoken { yes, other: 0 }));
        }
        let others = self.count.no + self.count.abstain;
        let with = |ballots, yes| approves(Further::Replaced { ballots, yes });
        let yes = fewest(silent, |yes| with(others, yes))?;
        let ballots = fewest(others, |ballots| with(ballots, yes))?;
        Some(ballots + yes)
    }
}
