//! Ballots, and the decisions that they lead to.

use super::super::command::Command;
use super::super::event::Happening;
use super::super::proposal::{ProposalRecord, Status, Vote};
use super::super::state::Senate;
use super::refuse;
use crate::text::{Problem, Value};
use crate::vote::{Ballot, BallotMode, Closed, at_close};

impl Senate {
    pub(super) fn cast_ballot(
        &self,
        command: &Command,
        now: u64,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let Command::CastBallot {
            proposal_id,
            voter_id,
            choice,
            reason,
            subject,
        } = command
        else {
            return Ok(Vec::new());
        };
        let proposal = self.find(proposal_id)?;
        let status = proposal.status(&self.registry, now);
        let Some(vote) = proposal.vote.as_ref().filter(|_| status == Status::Voting) else {
            return Err(vec![not_voting(status)]);
        };
        check_ballot(vote, voter_id, subject)?;
        if vote.policy.needs_reason(*choice) && reason.is_none() {
            return Err(vec![
                Problem::error(
                    "reason_missing",
                    "/reason",
                    format!("a ballot that says {} needs a reason", choice.name()),
                )
                .remedy("add `reason`: it stays with the proposal for whoever proposes it again"),
            ]);
        }
        let cast = Happening::BallotCast {
            proposal_id: proposal_id.clone(),
            voter_id: voter_id.clone(),
            choice: choice.name().to_owned(),
            reason: reason.clone(),
            subject: subject.clone(),
        };
        let mut happenings = vec![cast.clone()];
        if vote.policy.ballot_mode == BallotMode::Final {
            // The ballot is tried on a copy of the vote; if nothing can change the outcome any more, it is decided now.
            let mut after = vote.clone();
            after.ballots.push(Ballot {
                voter_id: voter_id.clone(),
                choice: *choice,
                reason: reason.clone(),
                at_ms: now,
                seq: self.seq + 1,
            });
            let tally = after.tally().map_err(|problem| vec![problem])?;
            if tally.decided {
                happenings.extend(ending(proposal, &after, at_close(&tally), &tally.words));
            }
        }
        Ok(happenings)
    }
}

/// The events that a decided vote leads to. An approval brings its migration along, exactly once.
pub(super) fn ending(
    proposal: &ProposalRecord,
    vote: &Vote,
    closed: Closed,
    words: &str,
) -> Vec<Happening> {
    let proposal_id = proposal.id.clone();
    let reason = words.to_owned();
    match closed {
        Closed::Approved => {
            let digest = vote
                .frozen
                .get("migration_plan")
                .and_then(Value::as_str)
                .unwrap_or_default();
            vec![
                Happening::SchemaProposalApproved {
                    proposal_id: proposal_id.clone(),
                    subject: vote.subject.clone(),
                    reason,
                },
                Happening::MigrationGenerated {
                    proposal_id,
                    plan: vote.plan.clone(),
                    digest: digest.to_owned(),
                },
            ]
        }
        Closed::Rejected => vec![Happening::SchemaProposalRejected {
            proposal_id,
            reason,
            dissent: vote.dissent(),
        }],
        Closed::Expired => vec![Happening::ProposalExpired {
            proposal_id,
            reason,
        }],
    }
}

fn check_ballot(vote: &Vote, voter_id: &str, subject: &str) -> Result<(), Vec<Problem>> {
    if !vote.electorate.contains(voter_id) {
        return refuse(
            "not_a_member",
            "/voter_id",
            &format!("{voter_id} is not a member of the electorate that was frozen for this vote"),
        );
    }
    if subject != vote.subject {
        return Err(vec![
            Problem::error(
                "other_subject",
                "/subject",
                format!(
                    "the ballot is on {subject}, and this vote is on {}",
                    vote.subject
                ),
            )
            .remedy("read the proposal again; vote on what is there, or not at all"),
        ]);
    }
    let voted = vote
        .ballots
        .iter()
        .any(|ballot| ballot.voter_id == voter_id);
    if voted && vote.policy.ballot_mode == BallotMode::Final {
        return refuse(
            "ballot_cast_before",
            "/voter_id",
            &format!("{voter_id} has voted, and ballots are final under the policy of this vote"),
        );
    }
    Ok(())
}

fn not_voting(status: Status) -> Problem {
    match status {
        Status::Proposed => Problem::error(
            "vote_not_open",
            "/proposal_id",
            "the vote on this proposal is not open yet",
        )
        .remedy("open it first; the proposer or any member may"),
        _ => Problem::error(
            "vote_closed",
            "/proposal_id",
            format!("the vote on this proposal is over: it is {}", status.name()),
        ),
    }
}
