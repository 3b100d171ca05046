//! What is frozen when a vote opens, in one digest that every ballot names.

use serde_json::json;

use super::proposal::ProposalRecord;
use crate::migration::Plan;
use crate::proposal::Assessment;
use crate::schema::Document;
use crate::text::{Digest, Kind, Problem, Value, digest};
use crate::vote::{Electorate, Policy, Track};

/// Says that there is none where a digest would stand.
const NONE: &str = "(none)";

/// What a vote is about, and when it is held.
pub(super) struct Subject<'a> {
    pub origin: &'a str,
    pub proposal: &'a ProposalRecord,
    pub base: Option<(u64, Digest)>,
    pub next: &'a Document,
    pub assessment: &'a Assessment,
    pub plan: &'a Plan,
    pub policy: &'a Policy,
    pub electorate: &'a Electorate,
    pub track: Track,
    pub opens_ms: u64,
    pub closes_ms: u64,
}

impl Subject<'_> {
    /// The document of digests, and its own digest.
    pub(super) fn freeze(&self) -> Result<(Value, Digest), Problem> {
        let proposal = json!({
            "proposal_id": self.proposal.id,
            "proposer_id": self.proposal.proposer_id,
            "title": self.proposal.title,
            "metadata": self.proposal.metadata,
        });
        let report = serde_json::to_value(&self.assessment.compatibility).unwrap_or(Value::Null);
        let (base_version, base_schema) = match &self.base {
            Some((version, digest)) => (*version, digest.to_string()),
            None => (0, NONE.to_owned()),
        };
        let frozen = json!({
            "origin": self.origin,
            "proposal_id": self.proposal.id,
            "proposal": digest(Kind::Proposal, &proposal)?.to_string(),
            "artifact_type": self.proposal.artifact_type,
            "base_version": base_version,
            "base_schema": base_schema,
            "next_schema": self.next.digest()?.to_string(),
            "compatibility_report": digest(Kind::Report, &report)?.to_string(),
            "migration_plan": self.plan.digest()?.to_string(),
            "rehearsal_evidence": NONE,
            "policy": self.policy.digest()?.to_string(),
            "electorate": self.electorate.digest()?.to_string(),
            "track": self.track.name(),
            "opens_ms": self.opens_ms,
            "closes_ms": self.closes_ms,
        });
        let subject = digest(Kind::Subject, &frozen)?;
        Ok((frozen, subject))
    }
}
