//! Ballots.

use super::super::act::Act;
use super::super::deed::Deed;
use super::super::event::Happening;
use super::super::proposal::{Status, Vote};
use super::super::state::Senate;
use super::{Judgement, refuse};
use crate::text::Problem;
use crate::vote::{BallotMode, Outcome};

impl Senate {
    pub(super) fn cast_ballot(&self, act: &Act, now: u64) -> Result<Judgement, Vec<Problem>> {
        let Deed::CastBallot {
            proposal_id,
            choice,
            reason,
            subject,
        } = &act.deed
        else {
            return Ok(Judgement::final_of(Vec::new()));
        };
        let (proposal, status) = self.find_with_status(proposal_id)?;
        let Some(vote) = proposal.vote.as_ref().filter(|_| status == Status::Voting) else {
            return Err(vec![not_voting(status)]);
        };
        check_ballot(vote, &act.by, subject)?;
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
        let mut happenings = vec![Happening::BallotCast {
            proposal_id: proposal_id.clone(),
            act: act.value.clone(),
        }];
        // What the ballot does to the count is asked without touching it, so that a ballot costs the same however many
        // there are.
        let before = vote.tally();
        let index = vote.electorate.index_of(&act.by).unwrap_or(usize::MAX);
        let after = vote.counter.tally_with(&vote.rule, index, *choice);
        let flips = (before.outcome == Outcome::Approved) != (after.outcome == Outcome::Approved);
        let is_replaceable = vote.policy.ballot_mode == BallotMode::Replaceable;
        if is_replaceable && flips && vote.may_extend(now) {
            happenings.push(extended(proposal_id, vote, "flip"));
        }
        Ok(Judgement {
            happenings,
            is_followed: after.decided,
        })
    }
}

/// The vote stays open longer, once, by what its policy allows.
pub(super) fn extended(proposal_id: &str, vote: &Vote, because: &str) -> Happening {
    Happening::VoteExtended {
        proposal_id: proposal_id.to_owned(),
        closes_ms: vote.closes_ms.saturating_add(vote.policy.extension_ms),
        because: because.to_owned(),
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
    let index = vote.electorate.index_of(voter_id);
    let voted = index.is_some_and(|index| vote.counter.says(index).is_some());
    if voted && vote.policy.ballot_mode == BallotMode::Final {
        return refuse(
            "ballot_cast_before",
            "/voter_id",
            &format!("{voter_id} has voted, and ballots are final under the policy of this vote"),
        );
    }
    Ok(())
}

pub(super) fn not_voting(status: Status) -> Problem {
    match status {
        Status::Review => Problem::error(
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
