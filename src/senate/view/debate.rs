//! The debate about a proposal: threads, concerns, scope, recusals, and earlier proposals like it.

use serde_json::json;

use super::super::proposal::{Concern, ConcernState, Post, ProposalRecord};
use super::{Params, Scene};
use crate::proposal::similarity;
use crate::text::{Map, Problem, Value};

/// From here on an earlier proposal is worth showing, in thousandths.
const ALIKE: u64 = 300;
/// How many of them are shown.
const SHOWN: usize = 10;

impl Scene<'_> {
    pub(super) fn show_debate(&self, shown: &mut Map<String, Value>, proposal: &ProposalRecord) {
        let scope: Vec<Value> = proposal
            .scope
            .iter()
            .map(|finding| {
                json!({
                    "attempt": finding.attempt,
                    "verdict": finding.verdict,
                    "reasoning": finding.reasoning,
                    "matches": finding.matches,
                    "judge": finding.judge,
                    "at_ms": finding.at_ms,
                })
            })
            .collect();
        shown.insert("scope".into(), Value::Array(scope));
        if let Some(justification) = &proposal.appealed {
            shown.insert("appeal".into(), json!({"justification": justification}));
        }
        let concerns: Vec<Value> = proposal
            .concerns
            .iter()
            .map(|concern| self.concern(proposal, concern))
            .collect();
        shown.insert("concerns".into(), Value::Array(concerns));
        shown.insert("threads".into(), threads(proposal));
        let recused: Vec<Value> = proposal
            .recused
            .iter()
            .map(|(id, reason)| json!({"member_id": id, "reason": reason}))
            .collect();
        shown.insert("recused".into(), Value::Array(recused));
    }

    fn concern(&self, proposal: &ProposalRecord, concern: &Concern) -> Value {
        let mut shown = Map::new();
        shown.insert("id".into(), concern.id.clone().into());
        shown.insert("name".into(), concern.name.clone().into());
        shown.insert("by".into(), concern.by.clone().into());
        match &concern.state {
            ConcernState::Open => {
                shown.insert("state".into(), "open".into());
            }
            ConcernState::Resolved { at_ms, text } => {
                shown.insert("state".into(), "resolved".into());
                shown.insert("closed_ms".into(), (*at_ms).into());
                shown.insert("resolution".into(), text.clone().into());
            }
            ConcernState::Overridden { at_ms } => {
                shown.insert("state".into(), "overridden".into());
                shown.insert("closed_ms".into(), (*at_ms).into());
            }
        }
        let overrides: Vec<Value> = concern
            .overrides
            .iter()
            .map(|(id, reason)| json!({"member_id": id, "reason": reason}))
            .collect();
        shown.insert("overrides".into(), Value::Array(overrides));
        if let Some(vote) = &proposal.vote {
            let needed = vote.policy.overrides_needed(vote.electorate.len());
            shown.insert("overrides_needed".into(), needed.into());
        }
        if let Some(post) = proposal.posts.iter().find(|post| post.id == concern.id) {
            shown.insert("post".into(), shown_post(post));
        }
        Value::Object(shown)
    }

    /// Earlier proposals that meant something alike, the most alike first.
    pub(super) fn precedents_of(&self, proposal: &ProposalRecord) -> Value {
        self.alike(&proposal.features, Some(&proposal.id))
    }

    /// Earlier proposals like a draft.
    pub(super) fn precedents(&self, params: &Params<'_>) -> Result<Value, Problem> {
        params.only(&["draft"])?;
        let draft = params.required("draft")?;
        let prospect = self
            .senate
            .prospect(self.charter, draft)
            .map_err(|problems| {
                let is_error = |problem: &Problem| problem.is_error();
                problems.into_iter().find(is_error).unwrap_or_else(|| {
                    Problem::error("draft_incomplete", "", "the draft says nothing")
                })
            })?;
        Ok(json!({
            "fingerprint": prospect.fingerprint,
            "features": prospect.features,
            "precedents": self.alike(&prospect.features, None),
        }))
    }

    fn alike(&self, features: &[String], except: Option<&str>) -> Value {
        let mut alike: Vec<(u64, &ProposalRecord)> = self
            .senate
            .proposals
            .values()
            .filter(|other| except.is_none_or(|id| other.id.as_str() < id))
            .map(|other| (similarity(features, &other.features), other.as_ref()))
            .filter(|(similarity, _)| *similarity >= ALIKE)
            .collect();
        alike.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| other.id.cmp(&one.id)));
        alike.truncate(SHOWN);
        alike
            .into_iter()
            .map(|(similarity, other)| {
                json!({
                    "proposal_id": other.id,
                    "title": other.title,
                    "target": other.target.name(),
                    "similarity": similarity,
                    "status": self.status(other).name(),
                    "decision_reason": other.decision_reason(),
                    "dissent": other.dissent(),
                })
            })
            .collect()
    }
}

/// Comments, each with its answers; concerns are threads of their own.
fn threads(proposal: &ProposalRecord) -> Value {
    let answers = |id: &str| -> Vec<Value> {
        proposal
            .posts
            .iter()
            .filter(|post| root_of(proposal, post) == id && post.id != id)
            .map(shown_post)
            .collect()
    };
    proposal
        .posts
        .iter()
        .filter(|post| post.reply_to.is_none())
        .map(|post| {
            let mut shown = shown_post(post);
            if let Some(object) = shown.as_object_mut() {
                let is_concern = proposal
                    .concerns
                    .iter()
                    .any(|concern| concern.id == post.id);
                object.insert("is_concern".into(), is_concern.into());
                object.insert("replies".into(), Value::Array(answers(&post.id)));
            }
            shown
        })
        .collect()
}

/// The post that a thread began with.
fn root_of<'a>(proposal: &'a ProposalRecord, post: &'a Post) -> &'a str {
    let mut at = post;
    // An answer is later than what it answers, so this ends.
    while let Some(above) = at
        .reply_to
        .as_ref()
        .and_then(|id| proposal.posts.iter().find(|other| other.id == *id))
    {
        at = above;
    }
    &at.id
}

fn shown_post(post: &Post) -> Value {
    let mut shown = Map::new();
    shown.insert("id".into(), post.id.clone().into());
    shown.insert("by".into(), post.by.clone().into());
    shown.insert("at_ms".into(), post.at_ms.into());
    shown.insert("text".into(), post.text.clone().into());
    shown.insert("revision".into(), post.revision.into());
    if let Some(anchor) = &post.anchor {
        shown.insert("anchor".into(), anchor.clone());
    }
    if let Some(quote) = &post.quote {
        shown.insert("quote".into(), quote.clone().into());
    }
    if let Some(reply_to) = &post.reply_to {
        shown.insert("reply_to".into(), reply_to.clone().into());
    }
    Value::Object(shown)
}
