//! Whether a proposal is in scope: asked when it comes, when it is revised and when it is appealed, and said by a judge where
//! the criteria leave it open.

use super::super::act::Act;
use super::super::event::Happening;
use super::super::proposal::{Ended, ProposalRecord, Status};
use super::super::state::{Charter, Senate};
use super::refuse;
use crate::proposal::{ScopeVerdict, evaluate_scope};
use crate::text::{Problem, Value};

impl Senate {
    pub(super) fn appeal(
        &self,
        charter: &Charter,
        act: &Act,
        id: &str,
        justification: &str,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let proposal = self.find(id)?;
        if act.by != proposal.proposer_id {
            return refuse(
                "not_the_proposer",
                "/by",
                &format!("only {} can appeal", proposal.proposer_id),
            );
        }
        let out_of_scope = proposal
            .ending
            .as_ref()
            .is_some_and(|ending| ending.kind == Ended::OutOfScope);
        if !out_of_scope {
            return refuse(
                "nothing_to_appeal",
                "/proposal_id",
                "the proposal was not rejected for its scope; only that can be appealed",
            );
        }
        if proposal.appealed.is_some() {
            return refuse(
                "appealed_before",
                "/proposal_id",
                "a proposal can be appealed once, and this one was",
            );
        }
        let appealed = Happening::ScopeAppealed {
            proposal_id: id.to_owned(),
            act: act.value.clone(),
        };
        let (evaluated, verdict) = evaluated(
            charter,
            id,
            proposal.target.artifact_type(),
            &proposal.draft(),
            Some(justification),
            2,
        );
        let mut happenings = vec![appealed, evaluated];
        if verdict != ScopeVerdict::OutOfScope {
            happenings.push(Happening::ProposalReopened {
                proposal_id: id.to_owned(),
            });
        }
        Ok(happenings)
    }

    pub(super) fn judge_scope_of(
        &self,
        charter: &Charter,
        act: &Act,
        id: &str,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let (proposal, status) = self.find_with_status(id)?;
        if !charter.scope.value.judges.contains(&act.by) {
            return Err(vec![
                Problem::error(
                    "not_a_judge",
                    "/by",
                    format!("{} is not one of the judges that the scope names", act.by),
                )
                .remedy("judges are named by a proposal that changes the scope"),
            ]);
        }
        if status != Status::Review {
            return refuse(
                "review_over",
                "/proposal_id",
                &format!(
                    "the proposal is {}; scope is judged in review",
                    status.name()
                ),
            );
        }
        let is_unclear = proposal
            .scope_verdict()
            .is_some_and(|finding| finding.verdict == ScopeVerdict::Unclear.name());
        if !is_unclear {
            return refuse(
                "scope_is_clear",
                "/proposal_id",
                "the scope of this proposal is not in question",
            );
        }
        Ok(vec![Happening::ScopeJudged {
            proposal_id: id.to_owned(),
            act: act.value.clone(),
        }])
    }
}

/// What the criteria say of a schema change. Changes of the senate itself are always in scope.
pub(super) fn evaluated(
    charter: &Charter,
    id: &str,
    artifact_type: Option<&str>,
    draft: &Value,
    justification: Option<&str>,
    attempt: u64,
) -> (Happening, ScopeVerdict) {
    let evaluation = evaluate_scope(&charter.scope.value, artifact_type, draft, justification);
    let happening = Happening::ScopeEvaluated {
        proposal_id: id.to_owned(),
        attempt,
        verdict: evaluation.verdict.name().to_owned(),
        reasoning: evaluation.reasoning.clone(),
        matches: serde_json::to_value(&evaluation.matches).unwrap_or_default(),
    };
    (happening, evaluation.verdict)
}

/// The attempt that an evaluation after a revision belongs to.
pub(super) fn attempt_of(proposal: &ProposalRecord) -> u64 {
    if proposal.appealed.is_some() { 2 } else { 1 }
}
