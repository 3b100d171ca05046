//! What can still happen to a vote, and whose ballot would change it.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::census::{Further, Reach};
use super::member::{check_member_id, take_principal};
use super::tally::rule_of;
use super::threshold::fewest;
use super::{BallotMode, Choice, Closed, Count, Counter, Electorate, Rule, at_close};
use crate::text::{Members, Problem, Value, pointer};

/// How few ballots it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fewest {
    /// So many, and not one less.
    Ballots(u64),
    /// No number of ballots does it.
    Never,
    /// The electorate is larger than [`Solution::MOST_MEMBERS`], and nothing is claimed.
    Unknown,
}

impl Fewest {
    fn of(found: Option<u64>) -> Self {
        found.map_or(Self::Never, Self::Ballots)
    }
}

impl Serialize for Fewest {
    /// A number, `"never"` or `"unknown"`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Ballots(ballots) => serializer.serialize_u64(*ballots),
            Self::Never => serializer.serialize_str("never"),
            Self::Unknown => serializer.serialize_str("unknown"),
        }
    }
}

/// One member, and what depends on them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Influence {
    /// Who.
    pub id: String,
    /// What their ballot says; `null` when they have not voted.
    pub says: Option<Choice>,
    /// Whether a close now would decide otherwise if this member alone had said something else.
    pub pivotal: bool,
    /// What a close now would say if this member had recused themselves before the vote.
    pub recused: Closed,
    /// How many more yes ballots would approve then.
    pub needed_if_recused: Fewest,
}

/// What can still happen to a vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Solution {
    /// What a close now would say.
    pub closes: Closed,
    /// Whether no further ballot can change whether it is approved.
    pub irreversible: bool,
    /// The fewest further yes ballots that approve it; 0 once approved.
    pub to_approve: Fewest,
    /// The fewest silent members who must not say yes for it to fail for good; 0 when it has. Never while ballots may be
    /// replaced.
    pub to_block: Fewest,
    /// The fewest yes ballots without which it would not be approved as it stands: the members say no in their place. Never
    /// when it is not approved.
    pub to_undo: Fewest,
    /// The members on each of whom alone it depends as it stands.
    pub pivotal: Vec<String>,
    /// Every member.
    pub members: Vec<Influence>,
    /// The same in sentences.
    pub words: Vec<String>,
}

impl Solution {
    /// With a cap for each principal, `to_block` and `to_undo` are found for electorates of at most so many members. Everything
    /// else is exact for every electorate.
    pub const MOST_MEMBERS: u64 = 1024;
}

/// Solves a vote of this electorate, whose ballots are counted for this rule.
#[must_use]
pub fn solve(rule: &Rule, electorate: &Electorate, counter: &Counter) -> Solution {
    let ids = electorate.members().iter().map(|member| member.id.as_str());
    solve_for(rule, ids, counter)
}

fn solve_for<'a>(rule: &Rule, ids: impl Iterator<Item = &'a str>, counter: &Counter) -> Solution {
    let census = counter.census();
    let mode = counter.mode();
    let tally = rule.tally(mode, census);
    let approved = rule.approves(census, Further::NONE);
    let mut counted = counter.clone();
    let members: Vec<Influence> = ids
        .enumerate()
        .map(|(index, id)| {
            let says = counter.says(index);
            let without = counter.without(index);
            let recused = rule.tally(mode, &without);
            Influence {
                id: id.to_owned(),
                says,
                pivotal: is_pivotal(rule, &mut counted, index, approved),
                recused: at_close(&recused),
                needed_if_recused: Fewest::of(recused.needed),
            }
        })
        .collect();
    let mut solution = Solution {
        closes: at_close(&tally),
        irreversible: tally.decided,
        to_approve: Fewest::of(tally.needed),
        to_block: to_block(rule, counter),
        to_undo: to_undo(rule, counter, approved),
        pivotal: members
            .iter()
            .filter(|member| member.pivotal)
            .map(|member| member.id.clone())
            .collect(),
        members,
        words: Vec::new(),
    };
    solution.words = words(&solution, mode);
    solution
}

/// Whether one member's ballot alone turns what a close now would decide. More yes never hurts and more no never helps, so the
/// one ballot to try is the opposite of the decision.
fn is_pivotal(rule: &Rule, counted: &mut Counter, index: usize, approved: bool) -> bool {
    let says = counted.says(index);
    let otherwise = if approved { Choice::No } else { Choice::Yes };
    counted.set(index, Some(otherwise));
    let turned = rule.approves(counted.census(), Further::NONE) != approved;
    counted.set(index, says);
    turned
}

/// The members of one principal who could be lost to a proposal: of the first `free` nobody takes notice, because more are left
/// than the cap counts; of each of the next `counted`, one count does.
struct Losses {
    free: u64,
    counted: u64,
}

impl Losses {
    /// Of `some` members, of whom `kept` cannot be lost, as many as `cap` count.
    fn of(kept: u64, some: u64, cap: u64) -> Self {
        let counted = (kept + some).min(cap) - kept.min(cap);
        Self {
            free: some - counted,
            counted,
        }
    }
}

/// The fewest members who must not say yes for a vote of final ballots to fail whatever the others say.
fn to_block(rule: &Rule, counter: &Counter) -> Fewest {
    let census = counter.census();
    let silent = census.silent();
    let say = |yes, other| rule.approves(census, Further::Spoken { yes, other });
    if rule
        .admits(census.count().members, census.principals.with_all)
        .is_err()
    {
        return Fewest::Ballots(0);
    }
    if counter.mode() == BallotMode::Replaceable || say(0, silent) {
        return Fewest::Never;
    }
    if !say(silent, 0) {
        return Fewest::Ballots(0);
    }
    let Count { members, yes, .. } = census.count();
    let by_count = fewest(silent, |lost| {
        !meets(rule, yes + silent - lost, members, members)
    });
    let silent_of = |count: &Count| count.not_voted().unwrap_or_default();
    let lose_principals = |count: &Count| (count.yes == 0).then(|| silent_of(count));
    let lose = |count: &Count, cap| Losses::of(count.yes, silent_of(count), cap);
    least(
        rule,
        counter,
        by_count,
        lose_principals,
        |reach| reach.with_silent,
        lose,
    )
}

/// The fewest yes ballots that must say no for an approved vote to be none.
fn to_undo(rule: &Rule, counter: &Counter, approved: bool) -> Fewest {
    if !approved {
        return Fewest::Never;
    }
    let census = counter.census();
    let Count { members, yes, .. } = census.count();
    let cast = rule.counts_as_cast(census.cast(Further::NONE), members);
    let by_count = fewest(yes, |lost| !meets(rule, yes - lost, members, cast));
    let lose_principals = |count: &Count| Some(count.yes);
    let lose = |count: &Count, cap| Losses::of(0, count.yes, cap);
    least(
        rule,
        counter,
        by_count,
        lose_principals,
        |reach| reach.now,
        lose,
    )
}

fn meets(rule: &Rule, yes: u64, members: u64, cast: u64) -> bool {
    rule.requirements
        .iter()
        .all(|requirement| requirement.is_met(yes, members, cast))
}

/// The least of what it takes to break any one thing that the rule asks for: the plain count, the number of principals, the
/// count under a cap. All of them hold now.
fn least(
    rule: &Rule,
    counter: &Counter,
    by_count: Option<u64>,
    lose_principal: impl Fn(&Count) -> Option<u64>,
    have: impl Fn(&Reach) -> u64,
    lose: impl Fn(&Count, u64) -> Losses,
) -> Fewest {
    let census = counter.census();
    if !census.capped.is_empty() && census.count().members > Solution::MOST_MEMBERS {
        return Fewest::Unknown;
    }
    let mut found = by_count;
    // Whole principals are lost, the smallest first.
    let mut sizes: Vec<u64> = counter
        .principals()
        .iter()
        .filter_map(lose_principal)
        .filter(|size| *size > 0)
        .collect();
    sizes.sort_unstable();
    let spare = have(&census.principals).saturating_sub(rule.min_principals);
    let few = usize::try_from(spare + 1).unwrap_or(usize::MAX);
    if rule.min_principals >= 1 && few <= sizes.len() {
        let sum = sizes.iter().take(few).sum();
        found = Some(found.map_or(sum, |found| found.min(sum)));
    }
    for (cap, reach) in &census.capped {
        let members = reach.with_all;
        let enough = fewest(members, |yes| meets(rule, yes, members, members));
        let spare = have(reach).saturating_sub(enough.unwrap_or(members));
        let losses = counter.principals().iter().map(|count| lose(count, *cap));
        if let Some(lost) = cheapest(losses, spare + 1) {
            found = Some(found.map_or(lost, |found| found.min(lost)));
        }
    }
    Fewest::of(found)
}

/// The fewest members to lose for so many counts: the counts, and the free members of the principals they are taken from.
/// Which principals are the cheapest is a knapsack, solved exactly: `best[n]` is the fewest free members for `n` counts.
fn cheapest(losses: impl Iterator<Item = Losses>, counts: u64) -> Option<u64> {
    let size = usize::try_from(counts).ok()?;
    let mut best: Vec<Option<u64>> = vec![None; size + 1];
    *best.first_mut()? = Some(0);
    for Losses { free, counted } in losses {
        let counted = usize::try_from(counted).ok()?;
        if counted == 0 {
            continue;
        }
        // From above, so that no principal is taken twice.
        for n in (1..=size).rev() {
            let before = best.get(n.saturating_sub(counted)).copied().flatten();
            let with = before.map(|before| before + free);
            if let (Some(with), Some(place)) = (with, best.get_mut(n)) {
                *place = Some(place.map_or(with, |place| place.min(with)));
            }
        }
    }
    best.last().copied().flatten().map(|free| free + counts)
}

fn words(solution: &Solution, mode: BallotMode) -> Vec<String> {
    let mut words = Vec::new();
    match (solution.closes, solution.irreversible) {
        (Closed::Approved, true) => words.push("It is approved, and nothing changes that.".into()),
        (_, true) => words.push("It cannot be approved any more.".into()),
        (Closed::Approved, false) => words.push("If it closed now, it would be approved.".into()),
        (_, false) => words.push("If it closed now, it would not be approved.".into()),
    }
    if let Fewest::Ballots(more @ 1..) = solution.to_approve {
        words.push(match more {
            1 => "1 more yes approves it.".into(),
            more => format!("{more} more yes approve it, at the fewest."),
        });
    }
    if let Fewest::Ballots(lost @ 1..) = solution.to_block {
        words.push(match lost {
            1 => "1 more ballot that is not yes ends it.".into(),
            lost => format!("{lost} more ballots that are not yes end it, at the fewest."),
        });
    }
    if let (Fewest::Ballots(lost), BallotMode::Replaceable) = (solution.to_undo, mode) {
        words.push(match lost {
            1 => "1 yes that is replaced undoes it.".into(),
            lost => format!("{lost} yes that are replaced undo it, at the fewest."),
        });
    }
    if !solution.pivotal.is_empty() && !solution.irreversible {
        words.push(format!(
            "It depends on each of {} alone.",
            solution.pivotal.join(", ")
        ));
    }
    words
}

/// Takes the input of `solve` apart and solves it: `{policy?, track, class?, voters: [{id, principal?, choice?}]}`.
///
/// # Errors
///
/// Everything that is wrong: those of [`tally_from_value`](super::tally_from_value), `voter_id_malformed`,
/// `principal_malformed`, `voter_twice`.
pub fn solve_from_value(value: &Value) -> Result<Solution, Vec<Problem>> {
    let mut input = Members::of(value, "", &["policy", "track", "class", "voters"]);
    let (policy, rule) = rule_of(&mut input);
    let mut voters: Vec<(&str, String, Option<Choice>)> = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, item) in input.array("voters").into_iter().flatten().enumerate() {
        let place = pointer::join("/voters", &index.to_string());
        let mut fields = Members::of(item, &place, &["id", "principal", "choice"]);
        let id = fields.text("id");
        let id = id.and_then(|id| fields.check("id", check_member_id(id).map(|()| id)));
        let principal = take_principal(&mut fields);
        let choice = fields.optional_choice("choice", &Choice::NAMES, Choice::from_name);
        if let Some(id) = id {
            if !seen.insert(id) {
                fields.problem("voter_twice", "id", format!("`{id}` is listed twice"));
            }
            voters.push((id, principal.unwrap_or_else(|| id.to_owned()), choice));
        }
        input.note(fields.end());
    }
    let problems = input.end();
    let Some(rule) = rule.filter(|_| problems.is_empty()) else {
        return Err(problems);
    };
    let principals = voters.iter().map(|(_, principal, _)| principal.as_str());
    let mut counter = Counter::seated(policy.ballot_mode, principals, &rule.principal_caps);
    for (index, (_, _, choice)) in voters.iter().enumerate() {
        counter.set(index, *choice);
    }
    let ids = voters.iter().map(|(id, _, _)| *id);
    Ok(solve_for(&rule, ids, &counter))
}
