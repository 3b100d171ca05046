//! Proposals: judged, kept, frozen for their vote, taken back.

use serde_json::json;
use ulid::Ulid;

use super::super::event::Happening;
use super::super::proposal::{ProposalRecord, Status};
use super::super::state::{Charter, Senate};
use super::super::subject::Subject;
use super::{errors_first, refuse};
use crate::proposal::{Assessment, Context, Draft, PROPOSAL_TYPE, assess};
use crate::text::{Problem, Value};

impl Senate {
    /// Judges a draft against the registry as it is.
    pub(in crate::senate) fn assess(&self, charter: &Charter, draft: &Value) -> Assessment {
        let target = draft
            .get("metadata")
            .and_then(|metadata| metadata.get("target_artifact_type"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        let current = self.current(target);
        assess(
            draft,
            &Context {
                current: current.as_ref(),
                artifact_types: &self.registry.names(),
                policy: &charter.policy,
                members: Some(charter.electorate.len()),
                max_draft_bytes: None,
            },
        )
    }

    pub(super) fn propose(
        &self,
        charter: &Charter,
        proposer_id: &str,
        draft: &Value,
        now: u64,
        entropy: [u8; 10],
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let assessment = self.assess(charter, draft);
        if !assessment.ok {
            return Err(errors_first(assessment.problems));
        }
        let (Some(artifact_type), Some(report), Some(track)) = (
            &assessment.artifact_type,
            &assessment.compatibility,
            assessment.track,
        ) else {
            return refuse(
                "draft_incomplete",
                "",
                "the draft does not say what it changes",
            );
        };
        let live = self
            .open
            .iter()
            .filter_map(|id| self.proposals.get(id))
            .filter(|other| {
                other.proposer_id == proposer_id && other.artifact_type == *artifact_type
            })
            .filter(|other| other.status(&self.registry, now).is_live())
            .map(|other| other.id.as_str())
            .collect::<Vec<_>>();
        let allowed = charter.policy.live_per_proposer;
        if live.len() as u64 >= allowed {
            return Err(vec![
                Problem::error(
                    "too_many_live_proposals",
                    "/proposer_id",
                    format!(
                        "{proposer_id} has {} live proposal(s) on {artifact_type}, and {allowed} may be live at a time: {}",
                        live.len(),
                        live.join(", ")
                    ),
                )
                .remedy("wait for its decision, or withdraw it"),
            ]);
        }
        let proposal_id = identifier(now, entropy);
        if self.proposals.contains_key(&proposal_id) {
            return refuse(
                "entropy_repeated",
                "",
                "the entropy of this command was used before; draw new bytes for each command",
            );
        }
        let read = Draft::read(draft);
        let title = read.title.clone().unwrap_or_else(|| {
            read.change
                .as_ref()
                .map_or_else(String::new, |change| change.words(artifact_type))
        });
        Ok(vec![Happening::ProposalCreated {
            proposal_id,
            proposer_id: proposer_id.to_owned(),
            title,
            metadata: read.metadata.unwrap_or(Value::Null),
            artifact_type: artifact_type.clone(),
            verdict: report.verdict.as_str().to_owned(),
            track: track.name().to_owned(),
        }])
    }

    pub(super) fn open_vote(
        &self,
        charter: &Charter,
        id: &str,
        by: &str,
        now: u64,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let proposal = self.find(id)?;
        if proposal.status(&self.registry, now) != Status::Proposed {
            return refuse(
                "vote_opened_before",
                "/proposal_id",
                "the vote on this proposal was opened already, or the proposal was withdrawn",
            );
        }
        if by != proposal.proposer_id && !charter.electorate.contains(by) {
            return refuse(
                "not_allowed_to_open",
                "/by",
                &format!("only the proposer or a member opens a vote, and {by} is neither"),
            );
        }
        let ready_ms = proposal.created_ms + charter.policy.min_review_ms;
        if now < ready_ms {
            return Err(vec![
                Problem::error(
                    "review_not_over",
                    "/proposal_id",
                    format!(
                        "the proposal must stand for {} ms before its vote opens",
                        charter.policy.min_review_ms
                    ),
                )
                .remedy(format!("open the vote in {} ms", ready_ms - now)),
            ]);
        }
        let members = charter.electorate.len();
        if members < charter.policy.min_electorate {
            return refuse(
                "electorate_too_small",
                "",
                &format!(
                    "nothing can be approved by {members} member(s); the policy asks for {}",
                    charter.policy.min_electorate
                ),
            );
        }
        self.freeze(charter, proposal, by, now)
    }

    /// Judges the proposal once more, against the registry of this moment, and freezes what was found.
    fn freeze(
        &self,
        charter: &Charter,
        proposal: &ProposalRecord,
        by: &str,
        now: u64,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let assessment = self.assess(charter, &proposal.draft());
        if !assessment.ok {
            return Err(errors_first(assessment.problems));
        }
        let (Some(next), Some(plan), Some(track)) =
            (&assessment.next, &assessment.migration, assessment.track)
        else {
            return refuse(
                "draft_incomplete",
                "",
                "the proposal does not say what it changes",
            );
        };
        let closes_ms = now + charter.policy.voting_ms;
        let current = self.registry.get(&proposal.artifact_type);
        let (frozen, subject) = Subject {
            origin: &charter.origin,
            proposal,
            base: current.map(|known| (known.current().version, known.current().digest)),
            next,
            assessment: &assessment,
            plan,
            policy: &charter.policy,
            electorate: &charter.electorate,
            track,
            opens_ms: now,
            closes_ms,
        }
        .freeze()
        .map_err(|problem| vec![problem])?;
        Ok(vec![Happening::VoteOpened {
            proposal_id: proposal.id.clone(),
            by: by.to_owned(),
            subject: subject.to_string(),
            frozen,
            next_schema: next.schema().clone(),
            report: serde_json::to_value(&assessment.compatibility).unwrap_or(Value::Null),
            plan: plan.to_value(),
            policy: charter.policy.to_value(),
            electorate: charter.electorate.to_value(),
        }])
    }

    pub(super) fn withdraw(
        &self,
        id: &str,
        by: &str,
        reason: Option<&str>,
        now: u64,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let proposal = self.find(id)?;
        if by != proposal.proposer_id {
            return refuse(
                "not_the_proposer",
                "/by",
                &format!("only {} can withdraw this proposal", proposal.proposer_id),
            );
        }
        let status = proposal.status(&self.registry, now);
        if !status.is_live() {
            return refuse(
                "proposal_over",
                "/proposal_id",
                &format!("the proposal is {} and cannot be withdrawn", status.name()),
            );
        }
        Ok(vec![Happening::ProposalWithdrawn {
            proposal_id: id.to_owned(),
            by: by.to_owned(),
            reason: reason.map(str::to_owned),
        }])
    }
}

impl ProposalRecord {
    /// The draft that it was proposed as.
    pub(in crate::senate) fn draft(&self) -> Value {
        json!({
            "proposal_type": PROPOSAL_TYPE,
            "title": self.title,
            "metadata": self.metadata,
        })
    }
}

/// The ULID of a moment.
#[must_use]
pub fn identifier(now_ms: u64, entropy: [u8; 10]) -> String {
    let random = entropy
        .iter()
        .fold(0_u128, |random, byte| (random << 8) | u128::from(*byte));
    let mut buffer = [0; ulid::ULID_LEN];
    Ulid::from_parts(now_ms, random)
        .array_to_str(&mut buffer)
        .to_owned()
}
