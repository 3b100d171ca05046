//! What follows without anybody's doing: from time, from the ballots, from what else was decided.
//!
//! The answer is the same whether or not somebody asks in between, because everything is decided at its own moment: a vote at
//! its close, or with the ballot that made it irreversible; a change at the end of its cooling time.

use std::collections::BTreeSet;

use super::super::event::{Decided, Event, Happening};
use super::super::proposal::{Ended, ProposalRecord, Vote};
use super::super::state::{Charter, Senate};
use super::super::target::Target;
use crate::text::{Problem, Value};
use crate::vote::{BallotMode, Closed, Policy, Roster, RosterChange, Rule, Tally, Track, at_close};

/// Something that is due: when, and what.
struct Due {
    at_ms: u64,
    happenings: Vec<Happening>,
}

/// How many steps may follow from one another; each ends something, so this is never reached.
const MOST_STEPS: usize = 1_000_000;

impl Senate {
    /// The events that are due at a moment and not written down, and the senate after them; `None` when nothing is due.
    pub(in crate::senate) fn settled(&self, now: u64) -> Option<(Vec<Event>, Self)> {
        let mut due = self.next_due(now)?;
        let mut senate = self.clone();
        let mut events = Vec::new();
        for _ in 0..MOST_STEPS {
            let more = senate.numbered(due.happenings, now);
            if senate.apply(&more).is_err() {
                break;
            }
            events.extend(more);
            match senate.next_due(now) {
                Some(next) => due = next,
                None => break,
            }
        }
        Some((events, senate))
    }

    /// What must be written down first of all that is due.
    pub(in crate::senate) fn due(&self, now: u64) -> Option<Vec<Happening>> {
        self.next_due(now).map(|due| due.happenings)
    }

    /// The earliest thing that is due; of several at one moment the one of the oldest proposal.
    fn next_due(&self, now: u64) -> Option<Due> {
        self.open
            .iter()
            .filter_map(|id| self.proposal(id))
            .filter_map(|proposal| self.due_of(proposal, now))
            .min_by_key(|due| due.at_ms)
    }

    fn due_of(&self, proposal: &ProposalRecord, now: u64) -> Option<Due> {
        match (&proposal.ending, &proposal.vote) {
            (None, None) => due_in_review(proposal),
            (None, Some(vote)) => self
                .due_stale(proposal, vote)
                .or_else(|| due_of_vote(proposal, vote, now)),
            (Some(ending), Some(vote)) if ending.kind == Ended::Approved => self
                .due_stale(proposal, vote)
                .or_else(|| self.due_after_cooling(proposal, vote, now)),
            _ => None,
        }
    }

    /// What a vote was about has moved on.
    fn due_stale(&self, proposal: &ProposalRecord, vote: &Vote) -> Option<Due> {
        let current = self.version_of(&proposal.target);
        if current == vote.base_version {
            return None;
        }
        let moved_ms = self.moved_ms(&proposal.target).max(vote.opened_ms);
        let reason = format!(
            "{} is at version {current} and the vote was about changing version {}",
            proposal.target.words(),
            vote.base_version
        );
        Some(stale(proposal, reason, moved_ms))
    }

    /// When what a proposal may change was changed last.
    fn moved_ms(&self, target: &Target) -> u64 {
        match (target, &self.charter) {
            (Target::ArtifactType(name), _) => self
                .registry
                .get(name)
                .map_or(0, |known| known.current().registered_ms),
            (_, None) => 0,
            (Target::Policy, Some(charter)) => charter.policy.since_ms(),
            (Target::Members, Some(charter)) => charter.roster.since_ms(),
            (Target::Scope, Some(charter)) => charter.scope.since_ms(),
        }
    }

    /// The cooling time is over: the migration may begin, or the change is in force.
    fn due_after_cooling(&self, proposal: &ProposalRecord, vote: &Vote, now: u64) -> Option<Due> {
        let effective_ms = proposal.effective_ms()?;
        if now < effective_ms || proposal.migration.is_some() {
            return None;
        }
        let proposal_id = proposal.id.clone();
        let happening = match &proposal.target {
            Target::ArtifactType(_) => {
                let digest = vote.frozen.get("migration_plan").and_then(Value::as_str);
                Happening::MigrationGenerated {
                    proposal_id,
                    plan: vote.plan.clone().unwrap_or_default(),
                    digest: digest.unwrap_or_default().to_owned(),
                }
            }
            Target::Policy => {
                if let Err(problem) = self.try_policy(&vote.next) {
                    return Some(stale(proposal, problem.message, effective_ms));
                }
                Happening::PolicyChanged {
                    proposal_id,
                    policy: vote.next.clone(),
                    effective_ms,
                }
            }
            Target::Scope => Happening::ScopeChanged {
                proposal_id,
                scope: vote.next.clone(),
                effective_ms,
            },
            Target::Members => {
                let changes = proposal
                    .metadata
                    .get("changes")
                    .cloned()
                    .unwrap_or_default();
                if let Err(problem) = self.try_changes(&changes) {
                    // For example, a key that was free when the vote opened has been used since.
                    return Some(stale(proposal, problem.message, effective_ms));
                }
                Happening::MembersChanged {
                    proposal_id,
                    changes,
                    epoch: vote.base_version + 1,
                    effective_ms,
                }
            }
        };
        Some(Due {
            at_ms: effective_ms,
            happenings: vec![happening],
        })
    }

    /// Whether the members can still change so, and could still decide something afterwards: the policy may have changed
    /// while this was cooling.
    fn try_changes(&self, changes: &Value) -> Result<(), Problem> {
        let charter = self.founded_charter()?;
        let next = RosterChange::read_all(changes, "")
            .and_then(|changes| charter.roster.value.apply(&changes, self.seq + 1))
            .map_err(first)?;
        admits(&charter.policy.value, &next)
    }

    /// Whether the members could still decide something under the next policy: they may have changed while this was cooling.
    fn try_policy(&self, policy: &Value) -> Result<(), Problem> {
        let policy = Policy::from_value(policy).map_err(first)?;
        admits(&policy, &self.founded_charter()?.roster.value)
    }

    fn founded_charter(&self) -> Result<&Charter, Problem> {
        self.charter
            .as_ref()
            .ok_or_else(|| Problem::error("senate_not_founded", "", "there is no senate"))
    }
}

fn admits(policy: &Policy, roster: &Roster) -> Result<(), Problem> {
    let electorate = roster.electorate(&BTreeSet::new());
    let principals = electorate.principals().len() as u64;
    Rule::of(policy, Track::Membership).admits(electorate.len(), principals)
}

fn first(problems: Vec<Problem>) -> Problem {
    problems
        .into_iter()
        .next()
        .unwrap_or_else(|| Problem::error("event_impossible", "", "it cannot take effect any more"))
}

/// Out of scope: rejected before anybody votes.
fn due_in_review(proposal: &ProposalRecord) -> Option<Due> {
    let finding = proposal
        .scope_verdict()
        .filter(|finding| finding.verdict == "out_of_scope")?;
    let decided = Decided {
        reason: finding.reasoning.trim_end_matches('.').to_owned(),
        decided_ms: finding.at_ms,
        tally: None,
        dissent: Vec::new(),
        record: proposal.record(),
    };
    Some(Due {
        at_ms: finding.at_ms,
        happenings: vec![rejected(proposal, "scope", decided)],
    })
}

/// A vote ends with the ballot that makes it irreversible, when ballots are final, or at its close. No vote ends as approved
/// while a concern is open.
fn due_of_vote(proposal: &ProposalRecord, vote: &Vote, now: u64) -> Option<Due> {
    let tally = vote.tally();
    let closed = at_close(&tally);
    let held = proposal.open_concerns().next().is_some();
    let is_early = vote.policy.ballot_mode == BallotMode::Final
        && tally.decided
        && !(closed == Closed::Approved && held);
    if is_early {
        let at_ms = vote.moved_ms.min(vote.closes_ms);
        return Some(ended(proposal, vote, &tally, closed, at_ms));
    }
    if now < vote.closes_ms {
        return None;
    }
    if closed == Closed::Approved && held {
        return Some(expired_by_concern(proposal, vote, &tally));
    }
    Some(ended(proposal, vote, &tally, closed, vote.closes_ms))
}

fn decided(
    proposal: &ProposalRecord,
    vote: &Vote,
    tally: &Tally,
    reason: String,
    decided_ms: u64,
) -> Decided {
    Decided {
        reason,
        decided_ms,
        tally: serde_json::to_value(tally).ok(),
        dissent: vote.dissent(),
        record: proposal.record(),
    }
}

fn ended(proposal: &ProposalRecord, vote: &Vote, tally: &Tally, closed: Closed, at_ms: u64) -> Due {
    let decided = decided(proposal, vote, tally, tally.words.clone(), at_ms);
    let proposal_id = proposal.id.clone();
    let subject = vote.subject.clone();
    let happening = match closed {
        Closed::Approved if proposal.is_schema_change() => Happening::SchemaProposalApproved {
            proposal_id,
            subject,
            decided,
        },
        Closed::Approved => Happening::SenateProposalApproved {
            proposal_id,
            subject,
            decided,
        },
        Closed::Rejected => rejected(proposal, "vote", decided),
        Closed::Expired => Happening::ProposalExpired {
            proposal_id,
            decided,
        },
    };
    Due {
        at_ms,
        happenings: vec![happening],
    }
}

fn rejected(proposal: &ProposalRecord, because: &str, decided: Decided) -> Happening {
    let (proposal_id, because) = (proposal.id.clone(), because.to_owned());
    if proposal.is_schema_change() {
        Happening::SchemaProposalRejected {
            proposal_id,
            because,
            decided,
        }
    } else {
        Happening::SenateProposalRejected {
            proposal_id,
            because,
            decided,
        }
    }
}

fn expired_by_concern(proposal: &ProposalRecord, vote: &Vote, tally: &Tally) -> Due {
    let names: Vec<String> = proposal
        .open_concerns()
        .map(|concern| format!("`{}` of {}", concern.name, concern.by))
        .collect();
    let reason = format!(
        "{}; held by the open concern {}",
        tally.words,
        names.join(", ")
    );
    Due {
        at_ms: vote.closes_ms,
        happenings: vec![Happening::ProposalExpired {
            proposal_id: proposal.id.clone(),
            decided: decided(proposal, vote, tally, reason, vote.closes_ms),
        }],
    }
}

fn stale(proposal: &ProposalRecord, reason: String, at_ms: u64) -> Due {
    let (tally, dissent) = match &proposal.vote {
        Some(vote) => (serde_json::to_value(vote.tally()).ok(), vote.dissent()),
        None => (None, Vec::new()),
    };
    Due {
        at_ms,
        happenings: vec![Happening::ProposalStale {
            proposal_id: proposal.id.clone(),
            decided: Decided {
                reason,
                decided_ms: at_ms,
                tally,
                dissent,
                record: proposal.record(),
            },
        }],
    }
}
