//! What the ballots say, how many more are needed, and whether it can still change.

use serde::Serialize;

use super::census::Further;
use super::policy::counted;
use super::threshold::fewest;
use super::{BallotMode, Census, Count, Policy, Rule, Track};
use crate::text::{Members, Problem, Value, pointer, reader::MAX_SAFE};

/// What the ballots say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The rule is met.
    Approved,
    /// It is not, and the silent members are too few to bring the proposal over it.
    Rejected,
    /// Neither: silent members can still bring it over.
    Pending,
}

/// From how many principals the yes ballots come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Principals {
    /// Principals with a yes among their members.
    pub yes: u64,
    /// How many of them it takes.
    pub needed: u64,
}

/// The same count with no more than so many members of each principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Capped {
    /// How many of each.
    pub cap: u64,
    /// Yes ballots that count.
    pub yes: u64,
    /// Members that count.
    pub members: u64,
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
    /// Yes ballots that are enough, as the other ballots stand. `None` when nothing approves.
    pub threshold: Option<u64>,
    /// How many more yes ballots approve, at the fewest; 0 once approved; `None` when no number of them does.
    pub needed: Option<u64>,
    /// From how many principals the yes ballots come.
    pub principals: Principals,
    /// The capped counts, where the rule has a cap.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capped: Vec<Capped>,
    /// What the ballots say.
    pub outcome: Outcome,
    /// Whether no further ballot can change the outcome.
    pub decided: bool,
    /// The rule and where it stands, in words.
    pub words: String,
}

/// Counts a vote on one track of a policy, in which every member is their own principal.
///
/// # Errors
///
/// `tally_more_ballots_than_members`.
pub fn tally(policy: &Policy, track: Track, count: Count) -> Result<Tally, Problem> {
    let rule = Rule::of(policy, track);
    let census = Census::of_members(count, &rule.principal_caps)?;
    Ok(rule.tally(policy.ballot_mode, &census))
}

impl Rule {
    /// Says where a vote stands.
    ///
    /// - Below the minimum electorate, and with fewer principals than must say yes, it fails closed: rejected, and decided.
    /// - `approved` when everything holds that the rule asks for.
    /// - `rejected` when it would not even if every silent member said yes.
    /// - `pending` otherwise.
    ///
    /// Final ballots decide the vote as soon as nothing the silent members may say changes the outcome. Replaceable ballots
    /// decide nothing before the close: as long as everybody may vote again, all may say yes, and all may say no. What the
    /// close makes of it says [`at_close`].
    #[must_use]
    pub fn tally(&self, mode: BallotMode, census: &Census) -> Tally {
        let Count {
            members,
            yes,
            no,
            abstain,
        } = census.count;
        let not_voted = census.silent();
        let tally = Tally {
            members,
            yes,
            no,
            abstain,
            not_voted,
            threshold: None,
            needed: None,
            principals: Principals {
                yes: census.principals.now,
                needed: self.min_principals,
            },
            capped: census
                .capped
                .iter()
                .map(|(cap, reach)| Capped {
                    cap: *cap,
                    yes: reach.now,
                    members: reach.with_all,
                })
                .collect(),
            outcome: Outcome::Rejected,
            decided: true,
            words: String::new(),
        };
        if let Err(problem) = self.admits(members, census.principals.with_all) {
            return Tally {
                words: problem.message,
                ..tally
            };
        }
        let approves = |further| self.approves(census, further);
        let all_say = |yes, other| approves(Further::Spoken { yes, other });
        let outcome = if approves(Further::NONE) {
            Outcome::Approved
        } else if all_say(not_voted, 0) {
            Outcome::Pending
        } else {
            Outcome::Rejected
        };
        // A share of the ballots cast can be lost again while silent members may still say no.
        let settled = match outcome {
            Outcome::Approved => all_say(0, not_voted),
            Outcome::Rejected => true,
            Outcome::Pending => false,
        };
        let needed = census.fewest(mode, approves);
        let mut tally = Tally {
            threshold: Some(self.threshold(census.count)),
            needed,
            outcome,
            decided: mode == BallotMode::Final && settled,
            ..tally
        };
        tally.words = self.tally_words(&tally, mode);
        tally
    }

    /// The fewest yes ballots that meet the requirements, as the other ballots stand.
    fn threshold(&self, count: Count) -> u64 {
        let members = count.members;
        fewest(members, |yes| {
            let others = count.no + count.abstain;
            let cast = yes.saturating_add(others).min(members);
            let cast = self.counts_as_cast(cast, members);
            self.requirements
                .iter()
                .all(|requirement| requirement.is_met(yes, members, cast))
        })
        .unwrap_or(members)
    }

    fn tally_words(&self, tally: &Tally, mode: BallotMode) -> String {
        let Tally {
            members,
            yes,
            not_voted,
            outcome,
            decided,
            ..
        } = *tally;
        let threshold = tally.threshold.unwrap_or(members);
        let more = tally.needed.unwrap_or_default();
        let shares: Vec<String> = self.requirements.iter().map(|r| r.words()).collect();
        let shares = shares.join(" and ");
        let mut rule = if threshold == members && members > 1 {
            format!("needs all {members} yes ({shares})")
        } else {
            format!("needs {threshold} of {members} yes ({shares})")
        };
        if self.min_principals > 1 {
            rule.push_str(&format!(
                " from at least {}",
                counted(self.min_principals, "principal")
            ));
        }
        for cap in &self.principal_caps {
            rule.push_str(&format!(", also with at most {cap} of each principal"));
        }
        let state = match (outcome, decided, mode) {
            (Outcome::Approved, true, _) => format!("approved with {yes}"),
            (Outcome::Approved, false, BallotMode::Final) => {
                format!("reached with {yes}, and the silent members may still say no")
            }
            (Outcome::Approved, false, BallotMode::Replaceable) => {
                format!("reached with {yes}, and ballots may still be replaced")
            }
            (Outcome::Pending, ..) => format!("{more} more needed"),
            (Outcome::Rejected, true, _) => {
                format!("{}: cannot be approved any more", against(tally))
            }
            (Outcome::Rejected, false, _) => {
                format!(
                    "{more} more needed, and {not_voted} have not voted: ballots must be replaced"
                )
            }
        };
        format!("{rule}; {state}")
    }
}

/// How a vote ends when its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// The rule was met.
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

/// The ballots that stand in the way.
fn against(tally: &Tally) -> String {
    match (tally.no, tally.abstain) {
        (no, 0) => format!("{no} no"),
        (0, abstain) => format!("{abstain} abstain"),
        (no, abstain) => format!("{no} no, {abstain} abstain"),
    }
}

/// What is counted when nobody names a senate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whether a ballot can be taken back.
    pub mode: BallotMode,
    /// The rule of the vote.
    pub rule: Rule,
    /// The ballots, counted.
    pub census: Census,
}

impl Asked {
    /// Says where it stands.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.rule.tally(self.mode, &self.census)
    }
}

/// Takes the input of `tally` apart: `{policy?, track, class?, members, yes, no, abstain}`, in which `members` is a count and
/// `policy` may be partial; or `principals` in place of the four counts, a list of `{members, yes, no, abstain}`. An emergency
/// may name the `class` of its change, and then needs what that needs as well.
///
/// # Errors
///
/// Everything that is wrong: `member_type`, `member_unknown`, `member_missing`, `member_range`, `member_choice`, those of
/// [`Policy::from_value`] under `/policy`, and `tally_more_ballots_than_members`.
pub fn tally_from_value(value: &Value) -> Result<Asked, Vec<Problem>> {
    let by_principal = value.get("principals").is_some();
    let names: &[&str] = if by_principal {
        &["policy", "track", "class", "principals"]
    } else {
        &[
            "policy", "track", "class", "members", "yes", "no", "abstain",
        ]
    };
    let mut input = Members::of(value, "", names);
    let (policy, rule) = rule_of(&mut input);
    let caps: Vec<u64> = policy.principal_cap.into_iter().collect();
    let census = if by_principal {
        let items = input.array("principals").map_or(&[][..], Vec::as_slice);
        let mut counts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let place = pointer::join("/principals", &index.to_string());
            let names = ["members", "yes", "no", "abstain"];
            let mut principal = Members::of(item, &place, &names);
            counts.extend(count_of(&mut principal));
            input.note(principal.end());
        }
        (counts.len() == items.len()).then(|| {
            Census::of_principals(&counts, &caps).map_err(|problem| problem.under("/principals"))
        })
    } else {
        count_of(&mut input).map(|count| Census::of_members(count, &caps))
    };
    let census = match census {
        Some(Ok(census)) if census.count.members > MAX_SAFE => {
            input.problem("member_range", "principals", "there are too many members");
            None
        }
        Some(Ok(census)) => Some(census),
        // Counts are judged once the input could be read.
        Some(Err(problem)) => {
            input.note([problem]);
            None
        }
        None => None,
    };
    match (rule, census, input.end()) {
        (Some(rule), Some(census), problems) if problems.is_empty() => Ok(Asked {
            mode: policy.ballot_mode,
            rule,
            census,
        }),
        (.., problems) => Err(problems),
    }
}

/// Reads `policy`, `track` and `class`.
pub(super) fn rule_of(input: &mut Members<'_>) -> (Policy, Option<Rule>) {
    let policy = match input.get("policy").map(Policy::from_value) {
        None => Policy::default(),
        Some(Ok(policy)) => policy,
        Some(Err(problems)) => {
            input.note(problems.into_iter().map(|problem| problem.under("/policy")));
            Policy::default()
        }
    };
    let track = input.choice("track", &Track::NAMES, Track::from_name);
    let classes = ["additive", "breaking", "new_type"];
    let class = input.optional_choice("class", &classes, |name| {
        Track::from_name(name).filter(|track| classes.contains(&track.name()))
    });
    if let (Some(_), Some(track)) = (class, track)
        && track != Track::Emergency
    {
        let only = "only an emergency has a class beside its track";
        input.problem("class_without_emergency", "class", only);
    }
    let rule = track.map(|track| match class {
        Some(class) => Rule::of_emergency(&policy, class),
        None => Rule::of(&policy, track),
    });
    (policy, rule)
}

fn count_of(members: &mut Members<'_>) -> Option<Count> {
    // Each is asked for before any is used, so that each that is missing is told.
    let (all, yes) = (members.count("members"), members.count("yes"));
    let (no, abstain) = (members.count("no"), members.count("abstain"));
    Some(Count {
        members: all?,
        yes: yes?,
        no: no?,
        abstain: abstain?,
    })
}
