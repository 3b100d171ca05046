//! Commands to events. Nothing here changes anything: a decision is what a host may store, or why not.

mod ballots;
mod migrations;
mod proposals;
mod types;

use super::command::Command;
use super::event::{Event, Happening};
use super::proposal::{ProposalRecord, Status};
use super::state::Senate;
use crate::text::Problem;
use crate::vote::at_close;
use ballots::ending;

pub use proposals::identifier;

/// When a command comes, and the entropy for the identifiers that it mints.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The host's clock, milliseconds since 1970.
    pub now_ms: u64,
    /// Ten random bytes.
    pub entropy: [u8; 10],
}

/// The events that a command leads to, or everything that speaks against it. The first problem is the main one.
pub type Decision = Result<Vec<Event>, Vec<Problem>>;

/// How far a host's clock may be behind the log before its commands are refused.
const CLOCK_TOLERANCE_MS: u64 = 60_000;

/// The latest moment that an identifier can carry (48 bits), in the year 10889.
const LAST_MS: u64 = (1 << 48) - 1;

impl Senate {
    /// What a command leads to.
    ///
    /// # Errors
    /// Problems with stable codes; nothing has changed then, and the next command works.
    pub fn decide(&self, command: &Command, moment: Moment) -> Decision {
        if moment.now_ms > LAST_MS {
            return refuse(
                "clock_impossible",
                "",
                "the host's clock is past the year 10889",
            );
        }
        if moment.now_ms + CLOCK_TOLERANCE_MS < self.last_ms {
            return Err(vec![
                Problem::error(
                    "clock_behind",
                    "",
                    format!(
                        "the host's clock is {} s behind the last event",
                        (self.last_ms - moment.now_ms) / 1000
                    ),
                )
                .remedy("set the clock of this host"),
            ]);
        }
        let now = self.time(moment.now_ms);
        // What time has decided is written down first, so that the log has it before what follows from it.
        let mut happenings = self.due(now);
        let settled = if happenings.is_empty() {
            None
        } else {
            let mut settled = self.clone();
            settled
                .apply(&self.numbered(happenings.clone(), now))
                .map_err(|problem| vec![problem])?;
            Some(settled)
        };
        let senate = settled.as_ref().unwrap_or(self);
        happenings.extend(senate.judge(command, now, moment.entropy)?);
        Ok(self.numbered(happenings, now))
    }

    fn numbered(&self, happenings: Vec<Happening>, at_ms: u64) -> Vec<Event> {
        (self.seq + 1..)
            .zip(happenings)
            .map(|(seq, happening)| Event {
                seq,
                at_ms,
                happening,
            })
            .collect()
    }

    fn judge(
        &self,
        command: &Command,
        now: u64,
        entropy: [u8; 10],
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        if let Command::FoundSenate {
            origin,
            policy,
            electorate,
        } = command
        {
            if self.charter.is_some() {
                return refuse(
                    "senate_founded_before",
                    "",
                    "this senate is founded already",
                );
            }
            return Ok(vec![Happening::SenateFounded {
                origin: origin.clone(),
                policy: policy.to_value(),
                members: electorate.to_value(),
            }]);
        }
        let Some(charter) = &self.charter else {
            return Err(vec![
                Problem::error("senate_not_founded", "", "this senate is not founded yet")
                    .remedy("begin with the command `found_senate`"),
            ]);
        };
        match command {
            Command::FoundSenate { .. } | Command::Settle => Ok(Vec::new()),
            Command::SetMembers { electorate, by } => Ok(vec![Happening::MembersChanged {
                members: electorate.to_value(),
                by: by.clone(),
            }]),
            Command::ImportType {
                artifact_type,
                versions,
                compatibility,
                by,
            } => self.import(artifact_type, versions, compatibility, by),
            Command::Propose { proposer_id, draft } => {
                self.propose(charter, proposer_id, draft, now, entropy)
            }
            Command::OpenVote { proposal_id, by } => self.open_vote(charter, proposal_id, by, now),
            Command::CastBallot { .. } => self.cast_ballot(command, now),
            Command::Withdraw {
                proposal_id,
                by,
                reason,
            } => self.withdraw(proposal_id, by, reason.as_deref(), now),
            Command::RecordMigration {
                proposal_id,
                plan,
                result,
            } => self.record_migration(proposal_id, plan, result, now),
        }
    }

    fn find(&self, id: &str) -> Result<&ProposalRecord, Vec<Problem>> {
        self.proposals.get(id).ok_or_else(|| {
            vec![Problem::error(
                "proposal_unknown",
                "/proposal_id",
                format!("there is no proposal `{id}`"),
            )]
        })
    }

    /// What time has decided and nobody has written down yet.
    fn due(&self, now: u64) -> Vec<Happening> {
        let mut happenings = Vec::new();
        for proposal in self.open.iter().filter_map(|id| self.proposals.get(id)) {
            let Some(vote) = &proposal.vote else {
                continue;
            };
            let status = proposal.status(&self.registry, now);
            if status == Status::Stale {
                happenings.push(Happening::ProposalStale {
                    proposal_id: proposal.id.clone(),
                    reason: format!(
                        "{} is at version {} and the vote was about changing version {}",
                        proposal.artifact_type,
                        self.registry.current_version(&proposal.artifact_type),
                        vote.base_version
                    ),
                });
            } else if proposal.ending.is_none()
                && now >= vote.closes_ms
                && let Ok(tally) = vote.tally()
            {
                happenings.extend(ending(proposal, vote, at_close(&tally), &tally.words));
            }
        }
        happenings
    }
}

fn refuse<T>(code: &'static str, pointer: &str, message: &str) -> Result<T, Vec<Problem>> {
    Err(vec![Problem::error(code, pointer, message)])
}

/// Errors before warnings, each in their order.
fn errors_first(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| !problem.is_error());
    problems
}
