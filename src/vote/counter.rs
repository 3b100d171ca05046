//! The ballots counted as they come.

use std::collections::BTreeMap;

use super::{BallotMode, Census, Choice, Count, Electorate, Rule, Tally};

/// One member of the electorate, by place.
#[derive(Clone, Copy, Debug)]
struct Seat {
    principal: usize,
    says: Option<Choice>,
}

/// A vote that is counted as the ballots come: one ballot changes the counts of one principal, however many members there are.
///
/// INVARIANT: `census` is the sum of `principals`, and each of those is what the seats of that principal say.
#[derive(Clone, Debug)]
pub struct Counter {
    mode: BallotMode,
    seats: Vec<Seat>,
    principals: Vec<Count>,
    census: Census,
}

impl Counter {
    /// A vote in which nobody has spoken.
    #[must_use]
    pub fn new(mode: BallotMode, electorate: &Electorate, rule: &Rule) -> Self {
        let principals = electorate.members().iter().map(|m| m.principal.as_str());
        Self::seated(mode, principals, &rule.principal_caps)
    }

    /// The same for members of whom only the principals are known.
    pub(super) fn seated<'a>(
        mode: BallotMode,
        members: impl IntoIterator<Item = &'a str>,
        caps: &[u64],
    ) -> Self {
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        let mut principals: Vec<Count> = Vec::new();
        let mut seats = Vec::new();
        for name in members {
            let principal = *names.entry(name).or_insert(principals.len());
            match principals.get_mut(principal) {
                Some(count) => count.members += 1,
                None => principals.push(Count {
                    members: 1,
                    ..Count::default()
                }),
            }
            seats.push(Seat {
                principal,
                says: None,
            });
        }
        let mut census = Census::empty(caps);
        for count in &principals {
            census.add(*count);
        }
        Self {
            mode,
            seats,
            principals,
            census,
        }
    }

    /// Counts the ballot of the member at `index` of the electorate. Final ballots stand: a second one counts for nothing.
    /// Replaceable ones are replaced. Whether it counts.
    pub fn cast(&mut self, index: usize, choice: Choice) -> bool {
        let stands = self.mode == BallotMode::Final && self.says(index).is_some();
        !stands && self.set(index, Some(choice))
    }

    /// Lets a member say something else, or nothing, whatever the mode.
    pub(super) fn set(&mut self, index: usize, to: Option<Choice>) -> bool {
        let Some(seat) = self.seats.get_mut(index) else {
            return false;
        };
        let from = std::mem::replace(&mut seat.says, to);
        let Some(count) = self.principals.get_mut(seat.principal) else {
            return false;
        };
        self.census.remove(*count);
        count.turn(from, to);
        self.census.add(*count);
        true
    }

    /// The vote as it would be without a member.
    pub(super) fn without(&self, index: usize) -> Census {
        let mut census = self.census.clone();
        let principal = self
            .seats
            .get(index)
            .map(|seat| (seat.principal, seat.says));
        if let Some((principal, says)) = principal
            && let Some(count) = self.principals.get(principal)
        {
            census.remove(*count);
            let mut count = *count;
            count.turn(says, None);
            count.members = count.members.saturating_sub(1);
            census.add(count);
        }
        census
    }

    /// What the member at `index` says, as it stands.
    #[must_use]
    pub fn says(&self, index: usize) -> Option<Choice> {
        self.seats.get(index)?.says
    }

    /// Whether a ballot can be taken back.
    #[must_use]
    pub fn mode(&self) -> BallotMode {
        self.mode
    }

    /// The counts of the ballots.
    #[must_use]
    pub fn count(&self) -> Count {
        self.census.count()
    }

    /// The ballots, counted.
    #[must_use]
    pub fn census(&self) -> &Census {
        &self.census
    }

    /// The counts of each principal's members.
    #[must_use]
    pub fn principals(&self) -> &[Count] {
        &self.principals
    }

    /// How many members may vote.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seats.len()
    }

    /// Whether nobody may.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Where the vote would stand with one more ballot, which is not counted: whether it would count is as in
    /// [`Counter::cast`].
    #[must_use]
    pub fn tally_with(&self, rule: &Rule, index: usize, choice: Choice) -> Tally {
        let stands = self.mode == BallotMode::Final && self.says(index).is_some();
        let seat = self.seats.get(index).filter(|_| !stands);
        let count = seat.and_then(|seat| self.principals.get(seat.principal));
        let (Some(seat), Some(count)) = (seat, count) else {
            return self.tally(rule);
        };
        let mut census = self.census.clone();
        census.remove(*count);
        let mut count = *count;
        count.turn(seat.says, Some(choice));
        census.add(count);
        rule.tally(self.mode, &census)
    }

    /// Where the vote stands, by the rule for which it is counted.
    #[must_use]
    pub fn tally(&self, rule: &Rule) -> Tally {
        if self.census.caps().eq(rule.principal_caps.iter().copied()) {
            return rule.tally(self.mode, &self.census);
        }
        // Counted for another rule: the capped counts are made anew.
        let mut census = Census::empty(&rule.principal_caps);
        for count in &self.principals {
            census.add(*count);
        }
        rule.tally(self.mode, &census)
    }
}
