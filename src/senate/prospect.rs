//! What a draft would lead to, judged against everything as it is: the next schema, policy, members or scope, and the vote that
//! it takes. The same judgement is made when a proposal comes, when its vote opens, and whenever somebody looks.

use super::proposal::ProposalRecord;
use super::state::{Charter, Senate};
use super::target::Target;
use crate::migration::Plan;
use crate::proposal::{
    Assessment, Context, Draft, GovernanceAssessment, GovernanceContext, GovernanceDraft,
    ProposalType, assess, assess_governance, features, fingerprint,
};
use crate::text::{Digest, Kind, Problem, Value, digest};
use crate::vote::{Policy, RosterChange, Rule, Times, Track};

/// What a draft would lead to.
#[derive(Debug)]
pub(super) struct Prospect {
    pub title: String,
    pub target: Target,
    pub track: Track,
    pub rule: Rule,
    pub times: Times,
    pub verdict: Option<String>,
    pub features: Vec<String>,
    pub fingerprint: String,
    /// The next schema, policy, list of members or scope.
    pub next: Value,
    pub next_digest: Digest,
    pub report: Option<Value>,
    pub plan: Option<Plan>,
}

impl Senate {
    /// Judges a draft.
    ///
    /// # Errors
    /// Everything that is wrong with it, warnings among it.
    pub(super) fn prospect(
        &self,
        charter: &Charter,
        draft: &Value,
    ) -> Result<Prospect, Vec<Problem>> {
        match ProposalType::of(draft) {
            Some(ProposalType::SchemaChange) | None => self.schema_prospect(charter, draft),
            Some(_) => self.governance_prospect(charter, draft),
        }
    }

    /// Judges a draft of a schema change.
    pub(super) fn assess(&self, charter: &Charter, draft: &Value) -> Assessment {
        let target = draft
            .get("metadata")
            .and_then(|metadata| metadata.get("target_artifact_type"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        let current = self.current(target);
        let policy = &charter.policy.value;
        assess(
            draft,
            &Context {
                current: current.as_ref(),
                artifact_types: &self.registry.names(),
                policy,
                members: Some(charter.roster.value.electorate(&Default::default()).len()),
                max_draft_bytes: Some(policy.max_draft_bytes),
            },
        )
    }

    /// Judges a draft that changes the senate itself.
    pub(super) fn assess_governance(
        &self,
        charter: &Charter,
        draft: &Value,
    ) -> (GovernanceDraft, GovernanceAssessment) {
        let draft = GovernanceDraft::read(draft);
        let roster = &charter.roster.value;
        let policy = &charter.policy.value;
        let members = roster.to_value();
        let context = GovernanceContext {
            policy,
            members: &members,
            scope: &charter.scope.value,
            max_changes: policy.max_membership_changes,
            max_draft_bytes: Some(policy.max_draft_bytes),
            electorate: Some(roster.electorate(&Default::default()).len()),
        };
        let assessment = assess_governance(&draft, &context, |changes| {
            RosterChange::read_all(changes, "")
                .and_then(|changes| roster.apply(&changes, self.seq + 1))
                .map(|roster| roster.to_value())
        });
        (draft, assessment)
    }

    fn schema_prospect(&self, charter: &Charter, draft: &Value) -> Result<Prospect, Vec<Problem>> {
        let assessment = self.assess(charter, draft);
        if !assessment.ok {
            return Err(assessment.problems);
        }
        let read = Draft::read(draft);
        let (Some(artifact_type), Some(report), Some(class), Some(next), Some(plan), Some(change)) = (
            assessment.artifact_type,
            assessment.compatibility,
            assessment.track,
            assessment.next,
            assessment.migration,
            read.change,
        ) else {
            return Err(vec![Problem::error(
                "draft_incomplete",
                "",
                "the draft does not say what it changes",
            )]);
        };
        let policy = &charter.policy.value;
        let (track, rule) = if read.emergency {
            (Track::Emergency, Rule::of_emergency(policy, class))
        } else {
            (class, Rule::of(policy, class))
        };
        let features = features(&artifact_type, &change, &report);
        let fingerprint = fingerprint(&features).to_string();
        Ok(Prospect {
            title: read.title.unwrap_or_else(|| change.words(&artifact_type)),
            target: Target::ArtifactType(artifact_type),
            track,
            rule,
            times: policy.times(track),
            verdict: Some(report.verdict.as_str().to_owned()),
            features,
            fingerprint,
            next: next.schema().clone(),
            next_digest: next.digest().map_err(|problem| vec![problem])?,
            report: Some(serde_json::to_value(&report).unwrap_or_default()),
            plan: Some(plan),
        })
    }

    fn governance_prospect(
        &self,
        charter: &Charter,
        draft: &Value,
    ) -> Result<Prospect, Vec<Problem>> {
        let (draft, assessment) = self.assess_governance(charter, draft);
        if !assessment.ok {
            return Err(assessment.problems);
        }
        let (Some(target), Some(next), Some(track)) =
            (assessment.target, assessment.next, assessment.track)
        else {
            return Err(vec![Problem::error(
                "draft_incomplete",
                "",
                "the draft does not say what it changes",
            )]);
        };
        let target = Target::from_name(target);
        let (rule, times) = governance_rule(charter, &target, &next, track)?;
        let next_digest = digest_of(&target, &next).map_err(|problem| vec![problem])?;
        let fingerprint = fingerprint(&assessment.features).to_string();
        Ok(Prospect {
            title: draft.words(),
            target,
            track,
            rule,
            times,
            verdict: None,
            features: assessment.features,
            fingerprint,
            next,
            next_digest,
            report: None,
            plan: None,
        })
    }

    /// What is in force of a target, as a document; `None` for a type that does not exist.
    pub(super) fn in_force(&self, target: &Target) -> Option<Value> {
        let charter = self.charter.as_ref()?;
        match target {
            Target::ArtifactType(name) => {
                let known = self.registry.get(name)?;
                Some(known.current().document.schema().clone())
            }
            Target::Policy => Some(charter.policy.value.to_value()),
            Target::Members => Some(charter.roster.value.to_value()),
            Target::Scope => Some(charter.scope.value.to_value()),
        }
    }

    /// The version and the digest of what is in force of a target.
    pub(super) fn base_of(&self, target: &Target) -> Option<(u64, Digest)> {
        if let Target::ArtifactType(name) = target {
            let current = self.registry.get(name)?.current();
            return Some((current.version, current.digest));
        }
        let digest = digest_of(target, &self.in_force(target)?).ok()?;
        Some((self.version_of(target), digest))
    }

    /// What a proposal in review would bring, if it can be had.
    pub(super) fn next_of(&self, proposal: &ProposalRecord) -> Option<Value> {
        let charter = self.charter.as_ref()?;
        let prospect = self.prospect(charter, &proposal.draft()).ok()?;
        Some(prospect.next)
    }
}

/// A change of the policy takes the stricter of the old and the new rule (the ratchet); the others that of their track.
fn governance_rule(
    charter: &Charter,
    target: &Target,
    next: &Value,
    track: Track,
) -> Result<(Rule, Times), Vec<Problem>> {
    let policy = &charter.policy.value;
    if *target == Target::Policy {
        let next = Policy::from_value(next)?;
        return Ok((Rule::ratchet(policy, &next), Times::ratchet(policy, &next)));
    }
    Ok((Rule::of(policy, track), policy.times(track)))
}

/// The digest of a governed document.
fn digest_of(target: &Target, document: &Value) -> Result<Digest, Problem> {
    let kind = match target {
        Target::ArtifactType(_) => Kind::Schema,
        Target::Policy => Kind::Policy,
        Target::Members => Kind::Roster,
        Target::Scope => Kind::Scope,
    };
    digest(kind, document)
}
