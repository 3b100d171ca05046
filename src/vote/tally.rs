//! What the ballots say, how many more are needed, and whether it can still change.

use std::collections::HashMap;

use serde::Serialize;

use super::{Ballot, BallotMode, Choice, Electorate, Policy, Threshold, Track};
use crate::text::{Members, Problem, Value};

/// How many members there are, and how many of them said what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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
    /// Counts ballots in any order. Of a member's ballots the one that stands is the first in the log when ballots are
    /// final, and the last when they may be replaced. Ballots of others than members count for nothing.
    #[must_use]
    pub fn of(mode: BallotMode, electorate: &Electorate, ballots: &[Ballot]) -> Self {
        let mut standing: HashMap<&str, &Ballot> = HashMap::new();
        for ballot in ballots
            .iter()
            .filter(|ballot| electorate.contains(&ballot.voter_id))
        {
            standing
                .entry(&ballot.voter_id)
                .and_modify(|stands| {
                    let stronger = match mode {
                        BallotMode::Final => ballot.seq < stands.seq,
                        BallotMode::Replaceable => ballot.seq > stands.seq,
                    };
                    if stronger {
                        *stands = ballot;
                    }
                })
                .or_insert(ballot);
        }
        let mut count = Self {
            members: electorate.len(),
            ..Self::default()
        };
        for ballot in standing.values() {
            *match ballot.choice {
                Choice::Yes => &mut count.yes,
                Choice::No => &mut count.no,
                Choice::Abstain => &mut count.abstain,
            } += 1;
        }
        count
    }

    /// Members who have not voted; `None` when there are more ballots than members.
    #[must_use]
    pub fn not_voted(self) -> Option<u64> {
        self.members
            .checked_sub(self.yes)?
            .checked_sub(self.no)?
            .checked_sub(self.abstain)
    }
}

/// What the ballots say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The threshold is met.
    Approved,
    /// It is not, and the silent members are too few to bring the proposal over it.
    Rejected,
    /// Neither: silent members can still bring it over.
    Pending,
}

/// Where a vote stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Members of the frozen electorate.
    pub members: u64,
    /// Members whose ballot says yes.
    pub yes: u64,
    /// Members whose ballot says no.
    pub no: u64,
    /// Members whose ballot abstains.
    pub abstain: u64,
    /// Members who have not voted.
    pub not_voted: u64,
    /// Yes ballots that approve. `None` when the electorate is below the minimum: nothing approves.
    pub threshold: Option<u64>,
    /// How many more yes ballots approve; 0 once approved; `None` when no number of them does.
    pub needed: Option<u64>,
    /// What the ballots say.
    pub outcome: Outcome,
    /// Whether no further ballot can change the outcome.
    pub decided: bool,
    /// The rule and where it stands, in words.
    pub words: String,
}

/// Counts a vote on one track of a policy.
///
/// - Below the policy's minimum electorate it fails closed: rejected, and decided.
/// - `approved` when the yes ballots meet the track's threshold over all members.
/// - `rejected` when they would not even if every silent member said yes.
/// - `pending` otherwise.
///
/// Final ballots decide the vote with the outcome. Replaceable ballots decide nothing before the close: as long as
/// everybody may vote again, all may say yes, and all may say no. What the close makes of it says [`at_close`].
///
/// # Errors
///
/// `tally_more_ballots_than_members`.
pub fn tally(policy: &Policy, track: Track, count: Count) -> Result<Tally, Problem> {
    let Count {
        members,
        yes,
        no,
        abstain,
    } = count;
    let Some(not_voted) = count.not_voted() else {
        return Err(Problem::error(
            "tally_more_ballots_than_members",
            "",
            format!("{yes} yes, {no} no and {abstain} abstain are more ballots than the {members} members"),
        )
        .remedy("a member has one ballot: count the one that stands"));
    };
    let tally = Tally {
        members,
        yes,
        no,
        abstain,
        not_voted,
        threshold: None,
        needed: None,
        outcome: Outcome::Rejected,
        decided: true,
        words: String::new(),
    };
    // Nobody would meet every threshold, so nobody is too few whatever the policy says.
    let minimum = policy.min_electorate.max(1);
    if members < minimum {
        return Ok(Tally {
            words: format!(
                "nothing can be approved: the electorate has {members} of at least {minimum} member{}",
                if minimum == 1 { "" } else { "s" }
            ),
            ..tally
        });
    }
    let rule = policy.tracks.get(track);
    let threshold = rule.smallest_approving(members);
    let outcome = if rule.is_met(yes, members) {
        Outcome::Approved
    } else if rule.is_met(yes + not_voted, members) {
        Outcome::Pending
    } else {
        Outcome::Rejected
    };
    let more = threshold.saturating_sub(yes);
    let (needed, decided) = match policy.ballot_mode {
        BallotMode::Final => (
            (outcome != Outcome::Rejected).then_some(more),
            outcome != Outcome::Pending,
        ),
        BallotMode::Replaceable => (Some(more), false),
    };
    let mut tally = Tally {
        threshold: Some(threshold),
        needed,
        outcome,
        decided,
        ..tally
    };
    tally.words = words(&tally, rule, threshold, more);
    Ok(tally)
}

/// How a vote ends when its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// The threshold was met.
    Approved,
    /// It was not, and the members who kept silent could not have changed that.
    Rejected,
    /// It was not, and they could have: silence decided.
    Expired,
}

/// What becomes of a vote that closes as it stands.
#[must_use]
pub fn at_close(tally: &Tally) -> Closed {
    match tally.outcome {
        Outcome::Approved => Closed::Approved,
        Outcome::Rejected => Closed::Rejected,
        Outcome::Pending => Closed::Expired,
    }
}

fn words(tally: &Tally, rule: Threshold, threshold: u64, more: u64) -> String {
    let Tally {
        members,
        not_voted,
        outcome,
        decided,
        ..
    } = *tally;
    let share = rule.words();
    let rule = if threshold == members && members > 1 {
        format!("needs all {members} yes ({share})")
    } else {
        format!("needs {threshold} of {members} yes ({share})")
    };
    let state = match (outcome, decided) {
        (Outcome::Approved, true) => format!("approved with {}", tally.yes),
        (Outcome::Approved, false) => {
            format!(
                "reached with {}, and ballots may still be replaced",
                tally.yes
            )
        }
        (Outcome::Pending, _) => format!("{more} more needed"),
        (Outcome::Rejected, true) => format!("{}: cannot be approved any more", against(tally)),
        (Outcome::Rejected, false) => {
            format!("{more} more needed, and {not_voted} have not voted: ballots must be replaced")
        }
    };
    format!("{rule}; {state}")
}

/// The ballots that stand in the way.
fn against(tally: &Tally) -> String {
    match (tally.no, tally.abstain) {
        (no, 0) => format!("{no} no"),
        (0, abstain) => format!("{abstain} abstain"),
        (no, abstain) => format!("{no} no, {abstain} abstain"),
    }
}

/// Takes the input of `tally` apart: `{policy?, track, members, yes, no, abstain}`, in which `members` is a count and
/// `policy` may be partial.
///
/// # Errors
///
/// Everything that is wrong: `member_type`, `member_unknown`, `member_missing`, `member_range`, `member_choice`, and those
/// of [`Policy::from_value`] under `/policy`.
pub fn tally_from_value(value: &Value) -> Result<(Policy, Track, Count), Vec<Problem>> {
    let names = ["policy", "track", "members", "yes", "no", "abstain"];
    let mut input = Members::of(value, "", &names);
    let policy = match input.get("policy").map(Policy::from_value) {
        None => Policy::default(),
        Some(Ok(policy)) => policy,
        Some(Err(problems)) => {
            input.note(problems.into_iter().map(|problem| problem.under("/policy")));
            Policy::default()
        }
    };
    let track = input.choice("track", &Track::NAMES, Track::from_name);
    // Each is asked for before any is used, so that each that is missing is told.
    let members = input.count("members");
    let yes = input.count("yes");
    let no = input.count("no");
    let abstain = input.count("abstain");
    let problems = input.end();
    match (track, members, yes, no, abstain) {
        (Some(track), Some(members), Some(yes), Some(no), Some(abstain)) if problems.is_empty() => {
            let count = Count {
                members,
                yes,
                no,
                abstain,
            };
            Ok((policy, track, count))
        }
        _ => Err(problems),
    }
}
