//! What is frozen when a vote opens, in one digest that every ballot names.

use serde_json::json;

use super::proposal::ProposalRecord;
use super::prospect::Prospect;
use super::rehearsal::Rehearsal;
use crate::text::{Digest, Kind, Problem, Value, digest};
use crate::vote::{Electorate, Policy};

/// Says that there is none where a digest would stand.
const NONE: &str = "(none)";

/// What a vote is about, and when it is held.
pub(super) struct Subject<'a> {
    pub origin: &'a str,
    pub proposal: &'a ProposalRecord,
    pub base: Option<(u64, Digest)>,
    pub prospect: &'a Prospect,
    /// The last rehearsal of the very plan that is frozen.
    pub rehearsal: Option<&'a Rehearsal>,
    pub policy: &'a Policy,
    pub electorate: &'a Electorate,
    pub opens_ms: u64,
}

impl Subject<'_> {
    /// The document of digests, and its own digest.
    pub(super) fn freeze(&self) -> Result<(Value, Digest), Problem> {
        let Self {
            proposal, prospect, ..
        } = self;
        let content = json!({
            "proposal_id": proposal.id,
            "proposer_id": proposal.proposer_id,
            "title": proposal.title,
            "metadata": proposal.metadata,
        });
        let or_none = |digest: Option<Result<Digest, Problem>>| match digest {
            Some(digest) => digest.map(|digest| digest.to_string()),
            None => Ok(NONE.to_owned()),
        };
        let report = prospect
            .report
            .as_ref()
            .map(|report| digest(Kind::Report, report));
        let plan = prospect.plan.as_ref().map(|plan| plan.digest());
        let rehearsal = self.rehearsal.map_or_else(
            || NONE.to_owned(),
            |rehearsal| rehearsal.evidence.digest.to_string(),
        );
        let (base_version, base) = match &self.base {
            Some((version, digest)) => (*version, digest.to_string()),
            None => (0, NONE.to_owned()),
        };
        let frozen = json!({
            // Another version of the core may word a report otherwise; who checks a decision wants to know which it was.
            "core": env!("CARGO_PKG_VERSION"),
            "origin": self.origin,
            "proposal_id": proposal.id,
            "revision": proposal.revision,
            "proposal": digest(Kind::Proposal, &content)?.to_string(),
            "target": proposal.target.name(),
            "base_version": base_version,
            "base": base,
            "next": prospect.next_digest.to_string(),
            "compatibility_report": or_none(report)?,
            "migration_plan": or_none(plan)?,
            "rehearsal_evidence": rehearsal,
            "policy": self.policy.digest()?.to_string(),
            "electorate": self.electorate.digest()?.to_string(),
            "rule": digest(Kind::Rule, &prospect.rule.to_value())?.to_string(),
            "track": prospect.track.name(),
            "opens_ms": self.opens_ms,
            "closes_ms": self.opens_ms.saturating_add(prospect.times.voting_ms),
            "cooling_ms": prospect.times.cooling_ms,
        });
        let subject = digest(Kind::Subject, &frozen)?;
        Ok((frozen, subject))
    }
}
