//! Acts: whether they are what they say, and then what they lead to.

use super::super::act::{Act, possession_bytes};
use super::super::deed::Deed;
use super::super::event::Happening;
use super::super::proposal::ProposalRecord;
use super::super::state::{Charter, Senate, Signed};
use super::{Judgement, refuse};
use crate::signature::{self, PublicKey};
use crate::text::{Digest, Problem};

impl Senate {
    pub(super) fn judge_act(
        &self,
        charter: &Charter,
        act: &Act,
        now: u64,
        entropy: [u8; 10],
    ) -> Result<Judgement, Vec<Problem>> {
        self.check_signature(charter, act)?;
        match self.check_nonce(act)? {
            Numbered::New => {}
            Numbered::DeliveredBefore => return Ok(Judgement::final_of(Vec::new())),
            Numbered::Doubled(first) => {
                return Ok(Judgement::final_of(vec![Happening::EquivocationRecorded {
                    member_id: act.by.clone(),
                    nonce: act.nonce,
                    first_seq: first.seq,
                    act: act.value.clone(),
                }]));
            }
        }
        self.check_seen(act)?;
        let value = act.value.clone();
        match &act.deed {
            Deed::ImportType {
                artifact_type,
                versions,
                ..
            } => self
                .import(charter, act, artifact_type, versions)
                .map(Judgement::final_of),
            Deed::Propose { draft } => self
                .propose(charter, act, draft, now, entropy)
                .map(Judgement::followed),
            Deed::Revise {
                proposal_id,
                title,
                metadata,
            } => self
                .revise_proposal(charter, act, proposal_id, (title.as_deref(), metadata), now)
                .map(Judgement::followed),
            Deed::OpenVote { proposal_id } => self
                .open_vote(charter, act, proposal_id, now)
                .map(Judgement::followed),
            Deed::CastBallot { .. } => self.cast_ballot(act, now),
            Deed::Withdraw { proposal_id, .. } => {
                self.withdraw(act, proposal_id).map(Judgement::followed)
            }
            Deed::Recuse { proposal_id, .. } => self
                .recuse(charter, act, proposal_id)
                .map(Judgement::final_of),
            Deed::Comment {
                proposal_id,
                anchor,
                reply_to,
                ..
            } => self
                .comment(value, proposal_id, anchor.as_ref(), reply_to.as_deref())
                .map(Judgement::final_of),
            Deed::RaiseConcern {
                proposal_id,
                name,
                anchor,
                ..
            } => self
                .raise_concern(charter, act, proposal_id, name, anchor.as_ref(), now)
                .map(Judgement::final_of),
            Deed::ResolveConcern {
                proposal_id,
                concern_id,
                ..
            } => self
                .resolve_concern(act, proposal_id, concern_id)
                .map(Judgement::followed),
            Deed::OverrideConcern {
                proposal_id,
                concern_id,
                ..
            } => self
                .override_concern(act, proposal_id, concern_id)
                .map(Judgement::followed),
            Deed::Appeal {
                proposal_id,
                justification,
            } => self
                .appeal(charter, act, proposal_id, justification)
                .map(Judgement::followed),
            Deed::RetryMigration { proposal_id, .. } => self
                .retry_migration(charter, act, proposal_id)
                .map(Judgement::final_of),
            Deed::AbandonMigration { proposal_id, .. } => self
                .abandon_migration(act, proposal_id)
                .map(Judgement::final_of),
            Deed::RetireVersion {
                artifact_type,
                version,
                ..
            } => self
                .retire_version(charter, act, artifact_type, *version)
                .map(Judgement::final_of),
            Deed::JudgeScope { proposal_id, .. } => self
                .judge_scope_of(charter, act, proposal_id)
                .map(Judgement::followed),
            Deed::RotateKey { new_key, .. } => self
                .rotate_key(charter, act, new_key)
                .map(Judgement::final_of),
        }
    }

    /// Whether the member who is named has signed it, for this senate, with a key that speaks for them in this.
    fn check_signature(&self, charter: &Charter, act: &Act) -> Result<(), Vec<Problem>> {
        if act.instance != charter.origin {
            return Err(vec![
                Problem::error(
                    "other_instance",
                    "/instance",
                    format!(
                        "the act is for {}, and this senate is {}",
                        act.instance, charter.origin
                    ),
                )
                .remedy("sign it for this senate"),
            ]);
        }
        let key = self
            .key_for(charter, act)
            .map_err(|problem| vec![at_member(problem, act)])?;
        act.verify(key).map_err(|problem| vec![problem])
    }

    /// The key that must have signed. In an open vote that is the frozen one, or one that its holder put in its place.
    fn key_for<'a>(&'a self, charter: &'a Charter, act: &Act) -> Result<&'a PublicKey, Problem> {
        let roster = &charter.roster.value;
        let electorate = match &act.deed {
            Deed::CastBallot { proposal_id, .. } | Deed::OverrideConcern { proposal_id, .. } => {
                self.proposal(proposal_id)
                    .and_then(|proposal: &ProposalRecord| proposal.vote.as_ref())
                    .map(|vote| &vote.electorate)
            }
            _ => None,
        };
        match electorate {
            Some(electorate) if electorate.contains(&act.by) => {
                roster.may_vote(electorate, &act.by, &act.key)
            }
            _ => roster.may_sign(&act.by, &act.key),
        }
    }

    /// Whether the number of an act is new, or it is the same act again, or another under the same number.
    fn check_nonce(&self, act: &Act) -> Result<Numbered, Vec<Problem>> {
        let Some(acts) = self.acts.get(&act.by) else {
            return Ok(Numbered::New);
        };
        let last = acts.last().map_or(0, |last| last.nonce);
        if act.nonce > last {
            return Ok(Numbered::New);
        }
        let first = acts
            .binary_search_by_key(&act.nonce, |signed| signed.nonce)
            .ok()
            .and_then(|at| acts.get(at));
        let digest = act
            .signed_bytes()
            .map(|bytes| Digest::of_bytes(&bytes))
            .map_err(|problem| vec![problem])?;
        match first {
            Some(first) if first.digest == digest => Ok(Numbered::DeliveredBefore),
            // Once is proof enough; more would only fill the log.
            Some(first) if first.doubled => refuse(
                "equivocation",
                "/nonce",
                &format!(
                    "{} has signed other acts under the number {}; that is on record",
                    act.by, act.nonce
                ),
            ),
            Some(first) => Ok(Numbered::Doubled(*first)),
            None => Err(vec![
                Problem::error(
                    "nonce_not_rising",
                    "/nonce",
                    format!("the last act of {} has the number {last}", act.by),
                )
                .remedy(format!("sign it anew with a number above {last}")),
            ]),
        }
    }

    /// Whether the log that the signer saw is the beginning of this one.
    fn check_seen(&self, act: &Act) -> Result<(), Vec<Problem>> {
        // A certificate holds some events only; that the whole log begins so was checked when the act came.
        if self.partial {
            return Ok(());
        }
        let root = self.tree.root_at(act.seen.size).ok();
        if root == Some(act.seen.root) {
            return Ok(());
        }
        Err(vec![
            Problem::error(
                "checkpoint_unknown",
                "/seen",
                match root {
                    Some(root) => format!(
                        "the signer saw {} at size {}, and this log has {root} there: two logs were shown",
                        act.seen.root, act.seen.size
                    ),
                    None => format!(
                        "the signer saw {} events, and this log has {}",
                        act.seen.size, self.seq
                    ),
                },
            )
            .remedy("compare the signed checkpoints; one of the logs was rewritten or is another one"),
        ])
    }

    fn rotate_key(
        &self,
        charter: &Charter,
        act: &Act,
        new_key: &PublicKey,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let Deed::RotateKey { proof, .. } = &act.deed else {
            return Ok(Vec::new());
        };
        possession_bytes(&charter.origin, &act.by, &new_key.to_string())
            .and_then(|bytes| signature::verify(new_key, &bytes, proof))
            .map_err(|problem| vec![problem.under("/proof")])?;
        charter
            .roster
            .value
            .may_rotate(&act.by, new_key)
            .map_err(|problem| vec![problem.under("/new_key")])?;
        Ok(vec![Happening::KeyRotated {
            act: act.value.clone(),
        }])
    }
}

enum Numbered {
    New,
    DeliveredBefore,
    Doubled(Signed),
}

/// A problem of the signer or of the key, at the member that names them.
fn at_member(mut problem: Problem, act: &Act) -> Problem {
    if problem.pointer.is_empty() {
        let name = if problem.code == "actor_unknown" {
            act.by_member
        } else {
            "key"
        };
        problem.pointer = format!("/{name}");
    }
    problem
}
