//! Commands to events. Nothing here changes anything: a decision is what a host may store, or why not.

mod acts;
mod ballots;
mod debate;
mod due;
mod migrations;
mod proposals;
mod rehearsals;
mod scope;
mod types;

use super::command::Command;
use super::event::{Event, Happening};
use super::proposal::{ProposalRecord, Status};
use super::state::Senate;
use crate::text::Problem;

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
    /// First what time has decided and nobody has written down; then the command; then what follows from it. So the log has
    /// each of these before what rests on it.
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
        let (mut events, settled) = match self.settled(now) {
            Some((events, settled)) => (events, Some(settled)),
            None => (Vec::new(), None),
        };
        let senate = settled.as_ref().unwrap_or(self);
        let judged = senate.judge(command, now, moment.entropy)?;
        let more = senate.numbered(judged.happenings, now);
        if judged.is_followed && !more.is_empty() {
            let mut after = senate.clone();
            after.apply(&more).map_err(|problem| vec![problem])?;
            events.extend(more);
            if let Some((following, _)) = after.settled(now) {
                events.extend(following);
            }
        } else {
            events.extend(more);
        }
        Ok(events)
    }

    /// Events of these happenings, numbered on from the last.
    pub(super) fn numbered(&self, happenings: Vec<Happening>, at_ms: u64) -> Vec<Event> {
        (self.seq + 1..)
            .zip(happenings)
            .map(|(seq, happening)| Event {
                seq,
                at_ms,
                happening,
            })
            .collect()
    }

    /// What a command leads to by itself, when nothing is due.
    pub(super) fn consider(
        &self,
        command: &Command,
        now: u64,
        entropy: [u8; 10],
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        self.judge(command, now, entropy)
            .map(|judged| judged.happenings)
    }

    fn judge(
        &self,
        command: &Command,
        now: u64,
        entropy: [u8; 10],
    ) -> Result<Judgement, Vec<Problem>> {
        if let Command::FoundSenate {
            origin,
            log_key,
            policy,
            scope,
            roster,
        } = command
        {
            if self.charter.is_some() {
                return refuse(
                    "senate_founded_before",
                    "",
                    "this senate is founded already",
                );
            }
            return Ok(Judgement::final_of(vec![Happening::SenateFounded {
                origin: origin.clone(),
                log_key: log_key.to_string(),
                policy: policy.to_value(),
                scope: scope.to_value(),
                members: roster.to_value(),
            }]));
        }
        let Some(charter) = &self.charter else {
            return Err(vec![
                Problem::error("senate_not_founded", "", "this senate is not founded yet")
                    .remedy("begin with the command `found_senate`"),
            ]);
        };
        match command {
            Command::FoundSenate { .. } | Command::Settle => Ok(Judgement::final_of(Vec::new())),
            Command::Act(act) => self.judge_act(charter, act, now, entropy),
            Command::RecordRehearsal {
                proposal_id,
                plan,
                evidence,
            } => self
                .record_rehearsal(charter, proposal_id, plan, evidence)
                .map(Judgement::final_of),
            Command::BeginMigration { proposal_id, plan } => self
                .begin_migration(proposal_id, plan)
                .map(Judgement::final_of),
            Command::RecordMigration {
                proposal_id,
                plan,
                result,
            } => self
                .record_migration(proposal_id, plan, result)
                .map(Judgement::followed),
        }
    }

    pub(super) fn find(&self, id: &str) -> Result<&ProposalRecord, Vec<Problem>> {
        self.proposal(id).ok_or_else(|| {
            vec![Problem::error(
                "proposal_unknown",
                "/proposal_id",
                format!("there is no proposal `{id}`"),
            )]
        })
    }

    /// A proposal and where it stands. What is due is written down already when a command is judged.
    fn find_with_status(&self, id: &str) -> Result<(&ProposalRecord, Status), Vec<Problem>> {
        let proposal = self.find(id)?;
        Ok((proposal, self.status_of(proposal)))
    }
}

/// What a command leads to by itself.
#[derive(Debug)]
struct Judgement {
    happenings: Vec<Happening>,
    /// Whether something may follow from it at once: a decision, a migration, staleness of others.
    is_followed: bool,
}

impl Judgement {
    /// Nothing follows.
    fn final_of(happenings: Vec<Happening>) -> Self {
        Self {
            happenings,
            is_followed: false,
        }
    }

    /// Something may follow.
    fn followed(happenings: Vec<Happening>) -> Self {
        Self {
            happenings,
            is_followed: true,
        }
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
