//! The senate as a whole: its policy, its members, its scope, its log.

use serde_json::json;

use super::super::proposal::{ProposalRecord, Status};
use super::super::state::{Amendment, InForce};
use super::super::target::Target;
use super::{Params, Scene};
use crate::ledger::Checkpoint;
use crate::proposal::Scope;
use crate::text::{Map, Problem, Value};
use crate::vote::{Enrolment, Policy, Role, Roster};

impl Scene<'_> {
    pub(super) fn senate(&self) -> Value {
        let mut counts: Map<String, Value> = Status::ALL
            .into_iter()
            .map(|status| (status.name().to_owned(), Value::from(0)))
            .collect();
        for status in Status::ALL {
            let number = self
                .senate
                .proposals
                .values()
                .filter(|proposal| self.status(proposal) == status)
                .count();
            counts.insert(status.name().to_owned(), number.into());
        }
        json!({
            "origin": self.charter.origin,
            "log_key": self.charter.log_key.to_string(),
            "seq": self.senate.seq,
            "root": self.senate.root().to_string(),
            "members": self.charter.roster.value.to_value(),
            "epoch": self.charter.roster.version,
            "policy": self.charter.policy.value.to_value(),
            "policy_version": self.charter.policy.version,
            "policy_words": self.charter.policy.value.words(),
            "scope_version": self.charter.scope.version,
            "artifact_types": self.senate.registry.len(),
            "proposals": counts,
        })
    }

    /// What a member needs to sign an act: the next number, the key that speaks for them, and the log as it is.
    pub(super) fn signing(&self, params: &Params<'_>) -> Result<Value, Problem> {
        params.only(&["member_id"])?;
        let id = params.text("member_id")?;
        let roster = &self.charter.roster.value;
        let Some(key) = roster.get(id).map(|member| &member.key) else {
            return Err(Problem::error(
                "actor_unknown",
                "/member_id",
                format!("{id} has no key in this senate"),
            )
            .remedy("members are enrolled by a proposal that changes the membership"));
        };
        // The log as it is written down: what is due and not written has no place in it yet.
        let log = self.written;
        Ok(json!({
            "instance": self.charter.origin,
            "member_id": id,
            "key": key.id().to_string(),
            "public_key": key.to_string(),
            "next_nonce": self.senate.last_nonce(id) + 1,
            "seen": {"size": log.seq, "root": log.root().to_string()},
        }))
    }

    pub(super) fn members(&self) -> Value {
        let roster = &self.charter.roster;
        let members: Vec<Value> = roster
            .value
            .members()
            .map(|member| {
                let mut shown = member.to_value();
                if let Some(object) = shown.as_object_mut() {
                    object.insert("key_id".into(), member.key.id().to_string().into());
                    object.insert("acts".into(), self.acts_of(&member.id).into());
                    object.insert("votes".into(), (member.role == Role::Voter).into());
                }
                shown
            })
            .collect();
        json!({
            "epoch": roster.version,
            "members": members,
            "electorate": roster.value.electorate(&Default::default()).len(),
            "principals": roster.value.electorate(&Default::default()).principals(),
            "keys": roster.value.history().map(enrolment).collect::<Vec<_>>(),
            "equivocations": self.equivocations(),
            "history": history(&roster.history, |roster: &Roster| roster.to_value()),
            "pending": self.pending(&Target::Members),
        })
    }

    fn acts_of(&self, id: &str) -> u64 {
        self.senate.acts.get(id).map_or(0, |acts| acts.len() as u64)
    }

    /// Members who signed two acts under one number.
    fn equivocations(&self) -> Value {
        self.senate
            .acts
            .iter()
            .flat_map(|(id, acts)| {
                acts.iter()
                    .filter(|signed| signed.doubled)
                    .map(move |signed| json!({"member_id": id, "nonce": signed.nonce, "first_seq": signed.seq}))
            })
            .collect()
    }

    pub(super) fn policy(&self) -> Value {
        let policy: &InForce<Policy> = &self.charter.policy;
        json!({
            "version": policy.version,
            "since_ms": policy.since_ms(),
            "policy": policy.value.to_value(),
            "words": policy.value.words(),
            "history": history(&policy.history, Policy::to_value),
            "pending": self.pending(&Target::Policy),
        })
    }

    pub(super) fn scope(&self) -> Value {
        let scope: &InForce<Scope> = &self.charter.scope;
        json!({
            "version": scope.version,
            "since_ms": scope.since_ms(),
            "scope": scope.value.to_value(),
            "words": scope.value.words(),
            "history": history(&scope.history, Scope::to_value),
            "pending": self.pending(&Target::Scope),
        })
    }

    /// Proposals that would change it.
    fn pending(&self, target: &Target) -> Value {
        self.senate
            .open
            .iter()
            .filter_map(|id| self.senate.proposal(id))
            .filter(|proposal: &&ProposalRecord| proposal.target == *target)
            .map(|proposal| self.summary(proposal))
            .collect()
    }

    /// The body of a checkpoint of the log as it is written down, for its host to sign.
    pub(super) fn checkpoint(&self) -> Result<Value, Problem> {
        let log = self.written;
        let checkpoint = Checkpoint::new(&self.charter.origin, log.seq, log.root())?;
        Ok(json!({
            "origin": self.charter.origin,
            "size": log.seq,
            "root": log.root().to_string(),
            "body": checkpoint.body(),
        }))
    }

    /// The events that a certificate of a proposal holds.
    pub(super) fn certificate_events(&self, id: &str) -> Result<Value, Problem> {
        Ok(json!({"seqs": self.written.certificate_events(id)?}))
    }

    pub(super) fn inclusion(&self, params: &Params<'_>) -> Result<Value, Problem> {
        params.only(&["seq", "size"])?;
        let log = self.written;
        let seq = params.count("seq")?;
        let size = params.optional_count("size")?.unwrap_or(log.seq);
        let index = seq
            .checked_sub(1)
            .ok_or_else(|| Problem::error("member_range", "/seq", "events are counted from 1"))?;
        let proof = log.tree.inclusion(index, size)?;
        let root = log.tree.root_at(size)?;
        Ok(json!({
            "seq": seq,
            "index": index,
            "size": size,
            "leaf": log.tree.leaf(index).map(|leaf| leaf.to_string()),
            "root": root.to_string(),
            "proof": hashes(&proof),
        }))
    }

    pub(super) fn consistency(&self, params: &Params<'_>) -> Result<Value, Problem> {
        params.only(&["from", "to"])?;
        let log = self.written;
        let from = params.count("from")?;
        let to = params.optional_count("to")?.unwrap_or(log.seq);
        let proof = log.tree.consistency(from, to)?;
        Ok(json!({
            "from": from,
            "to": to,
            "from_root": log.tree.root_at(from)?.to_string(),
            "to_root": log.tree.root_at(to)?.to_string(),
            "proof": hashes(&proof),
        }))
    }
}

/// Somebody who is or was a member, with every key that they had.
fn enrolment(enrolment: &Enrolment) -> Value {
    let keys: Vec<Value> = enrolment
        .keys
        .iter()
        .map(|record| {
            json!({
                "key": record.key.to_string(),
                "key_id": record.key_id.to_string(),
                "origin": record.origin,
                "from_seq": record.from_seq,
                "until_seq": record.until_seq,
                "ended": record.ended,
            })
        })
        .collect();
    json!({
        "member_id": enrolment.member.id,
        "since_seq": enrolment.since_seq,
        "retired_seq": enrolment.retired_seq,
        "keys": keys,
    })
}

fn hashes(proof: &[crate::text::Digest]) -> Value {
    proof
        .iter()
        .map(|hash| Value::from(hash.to_string()))
        .collect()
}

fn history<T>(history: &[Amendment<T>], shown: impl Fn(&T) -> Value) -> Value {
    history
        .iter()
        .map(|amendment| {
            json!({
                "version": amendment.version,
                "seq": amendment.seq,
                "at_ms": amendment.at_ms,
                "proposal_id": amendment.proposal_id,
                "value": shown(&amendment.value),
            })
        })
        .collect()
}
