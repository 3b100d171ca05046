//! Proposals: lists of them, and one with everything that is known of it.

use serde_json::json;

use super::super::proposal::{ProposalRecord, Status, Vote};
use super::{Params, Scene};
use crate::proposal::Assessment;
use crate::text::{Map, Problem, Value};

/// How many proposals a list has when nobody says, and at most.
const PAGE: u64 = 50;
const LARGEST_PAGE: u64 = 500;

impl Scene<'_> {
    pub(super) fn status(&self, proposal: &ProposalRecord) -> Status {
        proposal.status(&self.senate.registry, self.now)
    }

    pub(super) fn live_on(&self, artifact_type: &str) -> Vec<&ProposalRecord> {
        self.senate
            .open
            .iter()
            .filter_map(|id| self.senate.proposals.get(id))
            .filter(|proposal| proposal.artifact_type == artifact_type)
            .filter(|proposal| self.status(proposal).is_live())
            .collect()
    }

    pub(super) fn proposals(&self, params: &Params<'_>) -> Result<Value, Problem> {
        params.only(&[
            "status",
            "artifact_type",
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
        let proposer = params.optional_text("proposer_id")?;
        let text = params.optional_text("text")?.map(str::to_lowercase);
        let cursor = params.optional_text("cursor")?;
        let limit = params
            .optional_count("limit")?
            .unwrap_or(PAGE)
            .clamp(1, LARGEST_PAGE);
        let matches = |proposal: &&ProposalRecord| {
            wanted.is_none_or(|wanted| wanted.takes(self.status(proposal)))
                && artifact_type.is_none_or(|name| proposal.artifact_type == name)
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
        let page: Vec<&ProposalRecord> = found
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
        put("proposal_type", crate::proposal::PROPOSAL_TYPE.into());
        put("title", proposal.title.clone().into());
        put("proposer_id", proposal.proposer_id.clone().into());
        put("status", self.status(proposal).name().into());
        put("artifact_type", proposal.artifact_type.clone().into());
        put("change_type", proposal.change.name().into());
        put("track", proposal.track.name().into());
        put("verdict", proposal.verdict.clone().into());
        put("created_ms", proposal.created_ms.into());
        if let Some(vote) = &proposal.vote {
            put("closes_ms", vote.closes_ms.into());
            if let Ok(tally) = vote.tally() {
                put("tally", serde_json::to_value(tally).unwrap_or_default());
            }
        }
        if let Some(reason) = self.decision_reason(proposal) {
            put("decision_reason", reason.into());
        }
        shown
    }

    /// The reason that the log gives, or the one that it will give once somebody writes it down.
    fn decision_reason(&self, proposal: &ProposalRecord) -> Option<String> {
        let derived = || match self.status(proposal) {
            Status::Approved | Status::Rejected | Status::Expired => proposal
                .vote
                .as_ref()?
                .tally()
                .ok()
                .map(|tally| tally.words),
            Status::Stale => Some(format!(
                "{} has moved on to another version",
                proposal.artifact_type
            )),
            _ => None,
        };
        proposal
            .decision_reason()
            .map(str::to_owned)
            .or_else(derived)
    }

    pub(super) fn proposal(&self, id: &str) -> Result<Value, Problem> {
        let proposal = self.find(id)?;
        let mut shown = self.summary_members(proposal);
        shown.insert("metadata".into(), proposal.metadata.clone());
        match &proposal.vote {
            Some(vote) => self.show_frozen(&mut shown, proposal, vote),
            None => self.show_assessed(&mut shown, proposal),
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
            .get(&proposal.artifact_type)
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
            shown.insert(
                "migration".into(),
                json!({"plan": plan.to_value(), "digest": digest, "state": "preview"}),
            );
        }
    }

    /// From the opening of the vote on: what was frozen, whatever the registry does.
    fn show_frozen(&self, shown: &mut Map<String, Value>, proposal: &ProposalRecord, vote: &Vote) {
        let frozen = |name: &str| vote.frozen.get(name).cloned().unwrap_or_default();
        if vote.base_version > 0 {
            shown.insert(
                "base".into(),
                json!({"version": vote.base_version, "digest": frozen("base_schema")}),
            );
        }
        shown.insert(
            "next".into(),
            json!({
                "version": vote.base_version + 1,
                "digest": frozen("next_schema"),
                "schema": vote.next_schema,
            }),
        );
        shown.insert("compatibility".into(), vote.report.clone());
        let declared = proposal
            .metadata
            .get("backward_compatible")
            .and_then(Value::as_bool)
            .unwrap_or_default();
        let compatible = vote.report.get("verdict").and_then(Value::as_str) == Some("compatible");
        shown.insert(
            "claim".into(),
            json!({
                "declared": declared,
                "computed": vote.report.get("verdict"),
                "agrees": declared == compatible,
            }),
        );
        shown.insert("problems".into(), json!([]));
        let ballots: Vec<_> = vote.standing_ballots();
        shown.insert(
            "vote".into(),
            json!({
                "subject": vote.subject,
                "frozen": vote.frozen,
                "opened_ms": vote.opened_ms,
                "closes_ms": vote.closes_ms,
                "electorate": vote.electorate.to_value(),
                "policy": vote.policy.to_value(),
                "ballots": ballots,
                "tally": vote.tally().ok(),
            }),
        );
        let mut migration = Map::new();
        migration.insert("plan".into(), vote.plan.clone());
        migration.insert("digest".into(), frozen("migration_plan"));
        let state = match &proposal.migration {
            None => "preview",
            Some(migration) if migration.applied => "applied",
            Some(migration) if migration.failed.is_some() => "failed",
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
            .filter_map(|id| self.senate.proposals.get(id))
            .filter(|proposal| {
                proposal.migration.is_some() && self.status(proposal) == Status::Approved
            })
            .map(|proposal| proposal.id.as_str())
            .collect();
        json!({ "proposals": pending })
    }

    fn find(&self, id: &str) -> Result<&ProposalRecord, Problem> {
        self.senate.proposals.get(id).ok_or_else(|| {
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
        proposal.artifact_type.as_str(),
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
