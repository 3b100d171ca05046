//! The rule of one vote: everything that must hold for it to be approved, frozen when it opens.

use serde::{Serialize, Serializer};
use serde_json::json;

use super::census::{Census, Further};
use super::policy::counted;
use super::{Policy, Requirement, Track};
use crate::text::{Members, Problem, Value, pointer, reader::MAX_SAFE};

/// What a vote asks for. All of it must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What the yes ballots must come to; sorted, none that another implies.
    pub requirements: Vec<Requirement>,
    /// Below this many members nothing is approved.
    pub min_electorate: u64,
    /// From how many principals the yes ballots must come.
    pub min_principals: u64,
    /// Caps under which the requirements must hold as well; sorted, without repetition. A policy has one at most; the change
    /// of one into another has both, because neither implies the other.
    pub principal_caps: Vec<u64>,
}

impl Rule {
    /// The rule of a track. That of [`Track::Emergency`] is half a rule: see [`Rule::of_emergency`].
    #[must_use]
    pub fn of(policy: &Policy, track: Track) -> Self {
        Self {
            requirements: vec![policy.tracks.get(track).requirement],
            min_electorate: policy.min_electorate,
            min_principals: policy.min_principals,
            principal_caps: policy.principal_cap.into_iter().collect(),
        }
    }

    /// The rule of an emergency change: what an emergency needs, **and** what the change would need without one.
    #[must_use]
    pub fn of_emergency(policy: &Policy, class: Track) -> Self {
        Self::of(policy, Track::Emergency).and(&Self::of(policy, class))
    }

    /// The rule by which `old` becomes `new`: what both ask of a change of the policy, **and**, for each track that becomes
    /// another, what both ask of that track. So nobody makes easy what they could not have done: whoever cannot pass a change
    /// on a track cannot pass a change of the track either.
    ///
    /// A track becomes another when its requirement does, and also when what the requirement is counted over does: a share
    /// depends on the cap, and a share of the ballots cast on the minimum electorate. Unanimity depends on neither.
    #[must_use]
    pub fn ratchet(old: &Policy, new: &Policy) -> Self {
        let capped_otherwise = old.principal_cap != new.principal_cap;
        let floored_otherwise = old.min_electorate != new.min_electorate;
        let changes = |before: Requirement, after: Requirement| {
            before != after
                || capped_otherwise && before != Requirement::Unanimous
                || floored_otherwise && before.counts_cast()
        };
        let mut rule = Self::of(old, Track::Policy).and(&Self::of(new, Track::Policy));
        for track in Track::ALL {
            let (before, after) = (old.tracks.get(track), new.tracks.get(track));
            if before != after || changes(before.requirement, after.requirement) {
                rule.demand(before.requirement);
                rule.demand(after.requirement);
            }
        }
        if old.concern_override != new.concern_override {
            rule.demand(old.concern_override);
            rule.demand(new.concern_override);
        }
        rule
    }

    /// Both.
    fn and(mut self, other: &Self) -> Self {
        for requirement in &other.requirements {
            self.demand(*requirement);
        }
        self.min_electorate = self.min_electorate.max(other.min_electorate);
        self.min_principals = self.min_principals.max(other.min_principals);
        self.principal_caps.extend(&other.principal_caps);
        self.principal_caps.sort_unstable();
        self.principal_caps.dedup();
        self
    }

    /// One more requirement, unless one implies it; those that it implies go.
    fn demand(&mut self, requirement: Requirement) {
        if self.requirements.iter().any(|r| r.is_at_least(requirement)) {
            return;
        }
        self.requirements.retain(|r| !requirement.is_at_least(*r));
        self.requirements.push(requirement);
        self.requirements.sort_unstable();
    }

    /// Whether a vote that closed now would be approved, `further` ballots included.
    ///
    /// Two thirds of the members, inclusive, for most; every member for a breaking change; silence is never yes; below the
    /// minimum electorate nothing.
    pub(super) fn approves(&self, census: &Census, further: Further) -> bool {
        let members = census.count.members;
        let yes = census.yes(further);
        let cast = self.counts_as_cast(census.cast(further), members);
        self.admits(members, census.principals.with_all).is_ok()
            && census.principals.after(further) >= self.min_principals
            && self.requirements.iter().all(|requirement| {
                requirement.is_met(yes, members, cast)
                    && census.capped.iter().all(|(_, capped)| {
                        let (yes, members) = (capped.after(further), capped.with_all);
                        requirement.is_met(yes, members, members)
                    })
            })
    }

    /// The ballots cast, but never fewer than the minimum electorate: silence does not help the few who vote.
    pub(super) fn counts_as_cast(&self, cast: u64, members: u64) -> u64 {
        cast.max(self.min_electorate.min(members))
    }

    /// Whether an electorate of so many members of so many principals can approve anything.
    ///
    /// # Errors
    ///
    /// `electorate_too_small`, `principals_too_few`.
    pub fn admits(&self, members: u64, principals: u64) -> Result<(), Problem> {
        // Nobody would meet every requirement, so nobody is too few whatever the policy says.
        let (least_members, least_principals) =
            (self.min_electorate.max(1), self.min_principals.max(1));
        let has = |has: u64, least: u64, noun: &str| {
            format!(
                "nothing can be approved: the electorate has {has} of at least {}",
                counted(least, noun)
            )
        };
        if members < least_members {
            return Err(Problem::error(
                "electorate_too_small",
                "",
                has(members, least_members, "member"),
            ));
        }
        if principals < least_principals {
            return Err(Problem::error(
                "principals_too_few",
                "",
                has(principals, least_principals, "principal"),
            ));
        }
        Ok(())
    }

    /// The whole rule: what is frozen and shown.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let requirements: Value = self.requirements.iter().map(|r| r.to_value()).collect();
        json!({
            "requirements": requirements,
            "min_electorate": self.min_electorate,
            "min_principals": self.min_principals,
            "principal_caps": self.principal_caps,
        })
    }

    /// A rule as [`Rule::to_value`] writes it.
    ///
    /// # Errors
    ///
    /// `member_type`, `member_unknown`, `member_missing`, `member_empty`, `member_range`, those of
    /// [`Requirement::from_value`], and `rule_not_canonical` for one that is written in another way.
    pub fn from_value(value: &Value) -> Result<Self, Vec<Problem>> {
        let names = [
            "requirements",
            "min_electorate",
            "min_principals",
            "principal_caps",
        ];
        let mut members = Members::of(value, "", &names);
        let mut rule = Self {
            requirements: Vec::new(),
            min_electorate: members.count("min_electorate").unwrap_or_default(),
            min_principals: members.count("min_principals").unwrap_or_default(),
            principal_caps: Vec::new(),
        };
        for (index, item) in members
            .array("requirements")
            .into_iter()
            .flatten()
            .enumerate()
        {
            let place = pointer::join("/requirements", &index.to_string());
            match Requirement::from_value(item) {
                Ok(requirement) => rule.demand(requirement),
                Err(problems) => members.note(problems.into_iter().map(|p| p.under(&place))),
            }
        }
        for item in members.array("principal_caps").into_iter().flatten() {
            match item.as_u64() {
                Some(cap) if (1..=MAX_SAFE).contains(&cap) => rule.principal_caps.push(cap),
                _ => members.problem(
                    "member_range",
                    "principal_caps",
                    "a cap is a whole number from 1",
                ),
            }
        }
        rule.principal_caps.sort_unstable();
        rule.principal_caps.dedup();
        let mut problems = members.end();
        if problems.is_empty() && rule.requirements.is_empty() {
            problems.push(Problem::error(
                "member_empty",
                "/requirements",
                "a rule without a requirement would approve everything",
            ));
        }
        // One rule has one digest.
        if problems.is_empty() && rule.to_value() != *value {
            problems.push(Problem::error(
                "rule_not_canonical",
                "",
                "a rule lists its requirements and caps in order, without those that others imply",
            ));
        }
        if problems.is_empty() {
            Ok(rule)
        } else {
            Err(problems)
        }
    }

    /// The rule in one sentence: `Needs a yes from at least 2/3 of the members; with fewer than 3 members, nothing.`
    #[must_use]
    pub fn words(&self) -> String {
        let requirements: Vec<String> = self.requirements.iter().map(|r| r.of_whom()).collect();
        let mut words = format!("Needs a yes from {}", requirements.join(" and from "));
        if self.min_principals > 1 {
            words.push_str(&format!(
                ", and from at least {}",
                counted(self.min_principals, "principal")
            ));
        }
        for cap in &self.principal_caps {
            words.push_str(&format!(
                ", also when no more than {} of each principal count",
                counted(*cap, "member")
            ));
        }
        words.push_str(&format!(
            "; with fewer than {}, nothing.",
            counted(self.min_electorate, "member")
        ));
        words
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}
