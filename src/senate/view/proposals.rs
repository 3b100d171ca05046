//! Proposals: lists of them, and one with everything that is known of it.

use std::sync::Arc;

use serde_json::json;

use super::super::proposal::{ProposalRecord, Status, Vote};
use super::super::state::Amendment;
use super::super::target::Target;
use super::{Params, Scene};
use crate::proposal::Assessment;
use crate::text::{Map, Problem, Value};
use crate::vote::{Counter, Rule, solve};

/// How many proposals a list has when nobody says, and at most.
const PAGE: u64 = 50;
const LARGEST_PAGE: u64 = 500;

impl Scene<'_> {
    pub(super) fn status(&self, proposal: &ProposalRecord) -> Status {
        self.senate.status_of(proposal)
    }

    pub(super) fn live_on(&self, artifact_type: &str) -> Vec<&ProposalRecord> {
        self.senate
            .open
            .iter()
            .filter_map(|id| self.senate.proposal(id))
            .filter(|proposal| proposal.target.artifact_type() == Some(artifact_type))
            .filter(|proposal| self.status(proposal).is_live())
            .collect()
    }

    pub(super) fn proposals(&self, params: &Params<'_>) -> Result<Value, Problem> {
        params.only(&[
            "status",
            "artifact_type",
            "target",
            "proposal_type",
            "proposer_id",
            "text",
            "limit",
            "cursor",
        ])?;
        let wanted = params
            .optional_text("status")?
            .map(wanted_status)
            .transpose()?;
        let artifact_type = params.optional_text("artifact_type")?;
        let target = params.optional_text("target")?;
        let proposal_type = params.optional_text("proposal_type")?;
        let proposer = params.optional_text("proposer_id")?;
        let text = params.optional_text("text")?.map(str::to_lowercase);
        let cursor = params.optional_text("cursor")?;
        let limit = params
            .optional_count("limit")?
            .unwrap_or(PAGE)
            .clamp(1, LARGEST_PAGE);
        let matches = |proposal: &&Arc<ProposalRecord>| {
            wanted.is_none_or(|wanted| wanted.takes(self.status(proposal)))
                && artifact_type.is_none_or(|name| proposal.target.artifact_type() == Some(name))
                && target.is_none_or(|name| proposal.target.name() == name)
                && proposal_type.is_none_or(|name| proposal.proposal_type == name)
                && proposer.is_none_or(|id| proposal.proposer_id == id)
                && text.as_ref().is_none_or(|text| mentions(proposal, text))
        };
        let mut found = self
            .senate
            .proposals
            .values()
            .rev()
            .filter(|proposal| cursor.is_none_or(|cursor| proposal.id.as_str() < cursor))
            .filter(matches);
        let page: Vec<&Arc<ProposalRecord>> = found
            .by_ref()
            .take(usize::try_from(limit).unwrap_or(1))
            .collect();
        let mut answer = Map::new();
        if let (Some(last), true) = (page.last(), found.next().is_some()) {
            answer.insert("next_cursor".into(), last.id.clone().into());
        }
        let summaries = page
            .into_iter()
            .map(|proposal| self.summary(proposal))
            .collect();
        answer.insert("proposals".into(), Value::Array(summaries));
        Ok(Value::Object(answer))
    }

    pub(super) fn summary(&self, proposal: &ProposalRecord) -> Value {
        Value::Object(self.summary_members(proposal))
    }

    fn summary_members(&self, proposal: &ProposalRecord) -> Map<String, Value> {
        let mut shown = Map::new();
        let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        put("id", proposal.id.clone().into());
        put("proposal_type", proposal.proposal_type.clone().into());
        put("title", proposal.title.clone().into());
        put("proposer_id", proposal.proposer_id.clone().into());
        put("status", self.status(proposal).name().into());
        put("target", proposal.target.name().into());
        if let Some(artifact_type) = proposal.target.artifact_type() {
            put("artifact_type", artifact_type.into());
        }
        if let Some(change) = &proposal.change {
            put("change_type", change.name().into());
        }
        put("track", proposal.track.name().into());
        if let Some(verdict) = &proposal.verdict {
            put("verdict", verdict.clone().into());
        }
        put("created_ms", proposal.created_ms.into());
        put("revision", proposal.revision.into());
        if let Some(finding) = proposal.scope_verdict() {
            put("scope_verdict", finding.verdict.clone().into());
        }
        put("open_concerns", proposal.open_concerns().count().into());
        if let Some(vote) = &proposal.vote {
            put("closes_ms", vote.closes_ms.into());
            put(
                "tally",
                serde_json::to_value(vote.tally()).unwrap_or_default(),
            );
            let voted: Vec<&str> = vote
                .standing_ballots()
                .into_iter()
                .map(|ballot| ballot.voter_id.as_str())
                .collect();
            put("voted", voted.into());
        }
        if let Some(effective_ms) = proposal.effective_ms() {
            put("effective_ms", effective_ms.into());
        }
        if let Some(decided_ms) = proposal.decided_ms() {
            put("decided_ms", decided_ms.into());
        }
        if let Some(reason) = proposal.decision_reason() {
            put("decision_reason", reason.into());
        }
        shown
    }

    pub(super) fn proposal(&self, id: &str) -> Result<Value, Problem> {
        let proposal = self.find(id)?;
        let mut shown = self.summary_members(proposal);
        shown.insert("metadata".into(), proposal.metadata.clone());
        if !proposal.addresses.is_null() {
            shown.insert("addresses".into(), proposal.addresses.clone());
        }
        match &proposal.vote {
            Some(vote) => self.show_frozen(&mut shown, proposal, vote),
            None if proposal.is_schema_change() => self.show_assessed(&mut shown, proposal),
            None => self.show_governance(&mut shown, proposal),
        }
        self.show_debate(&mut shown, proposal);
        shown.insert("precedents".into(), self.precedents_of(proposal));
        shown.insert("conflicts".into(), self.conflicts(proposal));
        if let Some(superseded_by) = self.superseded_by(proposal) {
            shown.insert("superseded_by".into(), superseded_by.into());
        }
        let dissent = proposal.dissent();
        if !dissent.is_empty() {
            shown.insert(
                "dissent".into(),
                serde_json::to_value(dissent).unwrap_or_default(),
            );
        }
        let history: Vec<Value> = proposal
            .timeline
            .iter()
            .map(|entry| {
                let mut shown = Map::new();
                shown.insert("seq".into(), entry.seq.into());
                shown.insert("at_ms".into(), entry.at_ms.into());
                shown.insert("event".into(), entry.event.into());
                if let Some(by) = &entry.by {
                    shown.insert("by".into(), by.clone().into());
                }
                shown.insert("words".into(), entry.words.clone().into());
                shown.insert("leaf".into(), entry.leaf.to_string().into());
                Value::Object(shown)
            })
            .collect();
        shown.insert("history".into(), Value::Array(history));
        Ok(Value::Object(shown))
    }

    /// Before the vote opens: judged against the registry as it is now.
    fn show_assessed(&self, shown: &mut Map<String, Value>, proposal: &ProposalRecord) {
        let assessment = self.senate.assess(self.charter, &proposal.draft());
        let current = self
            .senate
            .registry
            .get(proposal.target.name())
            .map(|known| known.current());
        if let Some(current) = current {
            shown.insert(
                "base".into(),
                json!({"version": current.version, "digest": current.digest.to_string()}),
            );
        }
        let Assessment {
            problems,
            next_schema,
            compatibility,
            claim,
            track,
            needed,
            migration,
            next,
            ..
        } = assessment;
        let mut next_shown = Map::new();
        next_shown.insert(
            "version".into(),
            (current.map_or(0, |known| known.version) + 1).into(),
        );
        if let Some(Ok(digest)) = next.map(|document| document.digest()) {
            next_shown.insert("digest".into(), digest.to_string().into());
        }
        if let Some(schema) = next_schema {
            next_shown.insert("schema".into(), schema);
        }
        shown.insert("next".into(), Value::Object(next_shown));
        if let Some(report) = compatibility {
            shown.insert("verdict".into(), report.verdict.as_str().into());
            shown.insert(
                "compatibility".into(),
                serde_json::to_value(report).unwrap_or_default(),
            );
        }
        if let Some(claim) = claim {
            shown.insert(
                "claim".into(),
                serde_json::to_value(claim).unwrap_or_default(),
            );
        }
        if let Some(track) = track {
            shown.insert("track".into(), track.name().into());
        }
        if let Some(needed) = needed {
            shown.insert(
                "needed".into(),
                serde_json::to_value(needed).unwrap_or_default(),
            );
        }
        shown.insert(
            "problems".into(),
            serde_json::to_value(problems).unwrap_or_default(),
        );
        if let Some(plan) = migration {
            let digest = plan
                .digest()
                .map(|digest| digest.to_string())
                .unwrap_or_default();
            let mut migration = Map::new();
            migration.insert("plan".into(), plan.to_value());
            show_rehearsal(&mut migration, proposal, &digest);
            migration.insert("digest".into(), digest.into());
            migration.insert("state".into(), "preview".into());
            shown.insert("migration".into(), Value::Object(migration));
        }
        self.show_prospect(shown, proposal);
    }

    /// A change of the senate itself, before the vote opens.
    fn show_governance(&self, shown: &mut Map<String, Value>, proposal: &ProposalRecord) {
        let draft = proposal.draft();
        let (_, assessment) = self.senate.assess_governance(self.charter, &draft);
        let version = self.senate.version_of(&proposal.target);
        if let Some((version, digest)) = self.senate.base_of(&proposal.target) {
            shown.insert(
                "base".into(),
                json!({"version": version, "digest": digest.to_string()}),
            );
        }
        let mut next = Map::new();
        next.insert("version".into(), (version + 1).into());
        if let Some(document) = assessment.next {
            next.insert("document".into(), document);
        }
        shown.insert("next".into(), Value::Object(next));
        shown.insert(
            "changes".into(),
            serde_json::to_value(&assessment.changes).unwrap_or_default(),
        );
        shown.insert(
            "problems".into(),
            serde_json::to_value(&assessment.problems).unwrap_or_default(),
        );
        self.show_prospect(shown, proposal);
    }

    /// The rule that a vote would have if it opened now, and when it may.
    fn show_prospect(&self, shown: &mut Map<String, Value>, proposal: &ProposalRecord) {
        let Ok(prospect) = self.senate.prospect(self.charter, &proposal.draft()) else {
            return;
        };
        let recused = proposal.recused.keys().cloned().collect();
        let electorate = self.charter.roster.value.electorate(&recused);
        let counter = Counter::new(
            self.charter.policy.value.ballot_mode,
            &electorate,
            &prospect.rule,
        );
        let tally = counter.tally(&prospect.rule);
        shown.insert("rule".into(), rule_shown(&prospect.rule));
        shown.insert("track".into(), prospect.track.name().into());
        shown.insert(
            "needed".into(),
            json!({"yes": tally.threshold, "of": tally.members, "words": tally.words}),
        );
        shown.insert(
            "opens_from_ms".into(),
            proposal
                .reviewed_ms
                .saturating_add(prospect.times.min_review_ms)
                .into(),
        );
    }

    /// From the opening of the vote on: what was frozen, whatever the registry does.
    fn show_frozen(&self, shown: &mut Map<String, Value>, proposal: &ProposalRecord, vote: &Vote) {
        let frozen = |name: &str| vote.frozen.get(name).cloned().unwrap_or_default();
        if vote.base_version > 0 {
            shown.insert(
                "base".into(),
                json!({"version": vote.base_version, "digest": frozen("base")}),
            );
        }
        let document = if proposal.is_schema_change() {
            "schema"
        } else {
            "document"
        };
        shown.insert(
            "next".into(),
            json!({
                "version": vote.base_version + 1,
                "digest": frozen("next"),
                document: vote.next,
            }),
        );
        if let Some(report) = &vote.report {
            shown.insert("compatibility".into(), report.clone());
            let declared = proposal
                .metadata
                .get("backward_compatible")
                .and_then(Value::as_bool)
                .unwrap_or_default();
            let compatible = report.get("verdict").and_then(Value::as_str) == Some("compatible");
            shown.insert(
                "claim".into(),
                json!({
                    "declared": declared,
                    "computed": report.get("verdict"),
                    "agrees": declared == compatible,
                }),
            );
        }
        shown.insert("problems".into(), json!([]));
        shown.insert("rule".into(), rule_shown(&vote.rule));
        let tally = vote.tally();
        shown.insert(
            "needed".into(),
            json!({"yes": tally.threshold, "of": tally.members, "words": tally.words}),
        );
        let mut shown_vote = Map::new();
        let mut put = |name: &str, value: Value| shown_vote.insert(name.to_owned(), value);
        put("subject", vote.subject.clone().into());
        put("frozen", vote.frozen.clone());
        put("opened_ms", vote.opened_ms.into());
        put("scheduled_ms", vote.scheduled_ms.into());
        put("closes_ms", vote.closes_ms.into());
        if let Some(because) = &vote.extended_because {
            put("extended_because", because.clone().into());
        }
        put("electorate", vote.electorate.to_value());
        put("policy", vote.policy.to_value());
        put(
            "ballots",
            serde_json::to_value(vote.standing_ballots()).unwrap_or_default(),
        );
        put("tally", serde_json::to_value(tally).unwrap_or_default());
        let solution = solve(&vote.rule, &vote.electorate, &vote.counter);
        put(
            "solution",
            serde_json::to_value(solution).unwrap_or_default(),
        );
        shown.insert("vote".into(), Value::Object(shown_vote));
        let Some(plan) = &vote.plan else {
            return;
        };
        let mut migration = Map::new();
        migration.insert("plan".into(), plan.clone());
        let digest = frozen("migration_plan");
        show_rehearsal(
            &mut migration,
            proposal,
            digest.as_str().unwrap_or_default(),
        );
        migration.insert("digest".into(), digest);
        let state = match &proposal.migration {
            None => "preview",
            Some(migration) if migration.applied => "applied",
            Some(_) if self.status(proposal) == Status::Abandoned => "abandoned",
            Some(migration) if migration.failed.is_some() => "failed",
            Some(migration) if migration.started => "started",
            Some(_) => "generated",
        };
        migration.insert("state".into(), state.into());
        if let Some((reason, failures)) = proposal
            .migration
            .as_ref()
            .and_then(|migration| migration.failed.as_ref())
        {
            migration.insert("reason".into(), reason.clone().into());
            migration.insert(
                "failures".into(),
                serde_json::to_value(failures).unwrap_or_default(),
            );
        }
        shown.insert("migration".into(), Value::Object(migration));
    }

    /// Live proposals on the same target: when one of them takes effect, the others are stale.
    fn conflicts(&self, proposal: &ProposalRecord) -> Value {
        if self.status(proposal).is_final() {
            return json!([]);
        }
        let others = self
            .senate
            .open
            .iter()
            .filter_map(|id| self.senate.proposal(id))
            .filter(|other| other.id != proposal.id && other.target == proposal.target);
        others
            .map(|other| {
                json!({
                    "proposal_id": other.id,
                    "title": other.title,
                    "status": self.status(other).name(),
                })
            })
            .collect()
    }

    /// The proposal that took its place.
    fn superseded_by(&self, proposal: &ProposalRecord) -> Option<String> {
        if self.status(proposal) != Status::Superseded {
            return None;
        }
        let next = proposal
            .brought
            .or_else(|| Some(proposal.vote.as_ref()?.base_version + 1))?
            + 1;
        match &proposal.target {
            Target::ArtifactType(name) => {
                let known = self.senate.registry.get(name)?;
                known.version(next)?.proposal_id.clone()
            }
            Target::Policy => proposal_of(&self.charter.policy.history, next),
            Target::Members => proposal_of(&self.charter.roster.history, next),
            Target::Scope => proposal_of(&self.charter.scope.history, next),
        }
    }

    pub(super) fn plan(&self, id: &str) -> Result<Value, Problem> {
        let proposal = self.find(id)?;
        match (&proposal.vote, &proposal.migration) {
            (Some(vote), Some(migration)) => Ok(json!({
                "proposal_id": id,
                "plan": vote.plan,
                "digest": migration.digest,
            })),
            _ => Err(Problem::error(
                "nothing_to_migrate",
                "/proposal_id",
                "no migration was generated for this proposal",
            )),
        }
    }

    pub(super) fn pending_migrations(&self) -> Value {
        let pending: Vec<&str> = self
            .senate
            .open
            .iter()
            .filter_map(|id| self.senate.proposal(id))
            .filter(|proposal| {
                proposal.migration.is_some()
                    && matches!(self.status(proposal), Status::Approved | Status::Migrating)
            })
            .map(|proposal| proposal.id.as_str())
            .collect();
        json!({ "proposals": pending })
    }

    pub(super) fn find(&self, id: &str) -> Result<&ProposalRecord, Problem> {
        self.senate.proposal(id).ok_or_else(|| {
            Problem::error(
                "proposal_unknown",
                "/proposal_id",
                format!("there is no proposal `{id}`"),
            )
        })
    }
}

#[derive(Clone, Copy)]
enum Wanted {
    One(Status),
    Live,
    Archived,
}

impl Wanted {
    fn takes(self, status: Status) -> bool {
        match self {
            Self::One(wanted) => wanted == status,
            Self::Live => !status.is_final(),
            Self::Archived => status.is_final(),
        }
    }
}

fn wanted_status(name: &str) -> Result<Wanted, Problem> {
    match name {
        "live" => Ok(Wanted::Live),
        "archived" => Ok(Wanted::Archived),
        _ => Status::ALL
            .into_iter()
            .find(|status| status.name() == name)
            .map(Wanted::One)
            .ok_or_else(|| {
                let names: Vec<_> = Status::ALL.into_iter().map(Status::name).collect();
                Problem::error(
                    "status_unknown",
                    "/status",
                    format!("`{name}` is no status"),
                )
                .remedy(format!(
                    "use live, archived, or one of {}",
                    names.join(", ")
                ))
            }),
    }
}

fn mentions(proposal: &ProposalRecord, text: &str) -> bool {
    let rationale = proposal
        .metadata
        .get("rationale")
        .and_then(Value::as_str)
        .unwrap_or_default();
    [
        proposal.title.as_str(),
        proposal.target.name(),
        rationale,
        proposal.decision_reason().unwrap_or_default(),
    ]
    .into_iter()
    .any(|field| field.to_lowercase().contains(text))
        || proposal
            .dissent()
            .iter()
            .filter_map(|dissent| dissent.reason.as_deref())
            .any(|reason| reason.to_lowercase().contains(text))
}

/// The last rehearsal of the plan as it is, or else of an earlier one.
fn show_rehearsal(shown: &mut Map<String, Value>, proposal: &ProposalRecord, plan: &str) {
    let of_it = proposal.rehearsal_of(plan);
    let last = proposal.rehearsals.last().map(Arc::as_ref);
    if let Some(rehearsal) = of_it.or(last) {
        shown.insert(
            "rehearsal".into(),
            json!({
                "evidence": rehearsal.evidence.value,
                "digest": rehearsal.evidence.digest.to_string(),
                "passed": rehearsal.evidence.passed(),
                "at_ms": rehearsal.at_ms,
                "current": of_it.is_some(),
            }),
        );
    }
}

/// A rule with its words.
fn rule_shown(rule: &Rule) -> Value {
    let mut shown = rule.to_value();
    if let Some(members) = shown.as_object_mut() {
        members.insert("words".into(), rule.words().into());
    }
    shown
}

fn proposal_of<T>(history: &[Amendment<T>], version: u64) -> Option<String> {
    history
        .iter()
        .find(|amendment| amendment.version == version)?
        .proposal_id
        .clone()
}
