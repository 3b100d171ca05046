//! Proposals: judged, kept, revised, frozen for their vote, taken back.

use ulid::Ulid;

use super::super::act::Act;
use super::super::event::{Happening, Judged};
use super::super::proposal::{Ended, ProposalRecord, Status};
use super::super::prospect::Prospect;
use super::super::state::{Charter, Senate};
use super::super::subject::Subject;
use super::debate::is_voter;
use super::scope::{attempt_of, evaluated};
use super::{errors_first, refuse};
use crate::proposal::similarity;
use crate::text::{Map, Problem, Value, pointer};

/// From here on two proposals count as the same one again, in thousandths. The same field with another type is near 660, an
/// unrelated field of the same type near 430.
const SAME_AGAIN: u64 = 600;

impl Senate {
    pub(super) fn propose(
        &self,
        charter: &Charter,
        act: &Act,
        draft: &Value,
        now: u64,
        entropy: [u8; 10],
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let prospect = self.prospect(charter, draft).map_err(errors_first)?;
        self.check_live(charter, &act.by, &prospect)?;
        self.check_precedent(charter, draft, &prospect, now)?;
        let proposal_id = identifier(now, entropy);
        if self.proposals.contains_key(&proposal_id) {
            return refuse(
                "entropy_repeated",
                "",
                "the entropy of this command was used before; draw new bytes for each command",
            );
        }
        let artifact_type = prospect.target.artifact_type().map(str::to_owned);
        let mut happenings = vec![Happening::ProposalCreated {
            proposal_id: proposal_id.clone(),
            act: act.value.clone(),
            judged: judged(prospect),
        }];
        if artifact_type.is_some() {
            let found = evaluated(
                charter,
                &proposal_id,
                artifact_type.as_deref(),
                draft,
                None,
                1,
            );
            happenings.push(found.0);
        }
        Ok(happenings)
    }

    /// A proposer has a bounded number of live proposals on one target.
    fn check_live(
        &self,
        charter: &Charter,
        proposer_id: &str,
        prospect: &Prospect,
    ) -> Result<(), Vec<Problem>> {
        let live = self
            .open
            .iter()
            .filter_map(|id| self.proposal(id))
            .filter(|other| other.proposer_id == proposer_id && other.target == prospect.target)
            .filter(|other| self.status_of(other).is_live())
            .map(|other| other.id.as_str())
            .collect::<Vec<_>>();
        let allowed = charter.policy.value.live_per_proposer;
        if (live.len() as u64) < allowed {
            return Ok(());
        }
        Err(vec![
            Problem::error(
                "too_many_live_proposals",
                "/proposer_id",
                format!(
                    "{proposer_id} has {} live proposal(s) on {}, and {allowed} may be live at a time: {}",
                    live.len(),
                    prospect.target.words(),
                    live.join(", ")
                ),
            )
            .remedy("wait for its decision, or withdraw it"),
        ])
    }

    /// Whoever proposes again what was rejected says what has changed since.
    fn check_precedent(
        &self,
        charter: &Charter,
        draft: &Value,
        prospect: &Prospect,
        now: u64,
    ) -> Result<(), Vec<Problem>> {
        let cited: Vec<&str> = draft
            .get("addresses")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|address| address.get("proposal_id")?.as_str())
            .collect();
        if !self.partial {
            for (index, id) in cited.iter().enumerate() {
                if self.proposal(id).is_none() {
                    let place =
                        pointer::from_segments(["addresses", &index.to_string(), "proposal_id"]);
                    return refuse(
                        "proposal_unknown",
                        &place,
                        &format!("there is no proposal `{id}`"),
                    );
                }
            }
        }
        let rejected = self
            .proposals
            .values()
            .filter(|earlier| earlier.target == prospect.target)
            .filter_map(|earlier| {
                let ending = earlier.ending.as_ref()?;
                let is_rejected = matches!(ending.kind, Ended::Rejected | Ended::OutOfScope);
                is_rejected.then_some((earlier, ending))
            })
            .filter(|(earlier, _)| similarity(&earlier.features, &prospect.features) >= SAME_AGAIN);
        for (earlier, ending) in rejected {
            let again_ms = ending
                .decided_ms
                .saturating_add(charter.policy.value.resubmit_after_ms);
            if now < again_ms {
                return Err(vec![
                    Problem::error(
                        "resubmission_too_soon",
                        "",
                        format!(
                            "the proposal {} meant the same and was rejected",
                            earlier.id
                        ),
                    )
                    .remedy(format!("propose it again in {} ms", again_ms - now)),
                ]);
            }
            if !cited.contains(&earlier.id.as_str()) {
                return Err(vec![
                    Problem::error(
                        "resubmission_unexplained",
                        "/addresses",
                        format!(
                            "the proposal {} meant the same and was rejected: {}",
                            earlier.id, ending.reason
                        ),
                    )
                    .remedy(format!(
                        "add `addresses: [{{\"proposal_id\": \"{}\", \"what_changed\": …}}]`",
                        earlier.id
                    )),
                ]);
            }
        }
        Ok(())
    }

    pub(super) fn revise_proposal(
        &self,
        charter: &Charter,
        act: &Act,
        id: &str,
        (title, metadata): (Option<&str>, &Value),
        now: u64,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let (proposal, status) = self.find_with_status(id)?;
        if act.by != proposal.proposer_id {
            return refuse(
                "not_the_proposer",
                "/by",
                &format!("only {} can revise this proposal", proposal.proposer_id),
            );
        }
        if status != Status::Review {
            return Err(vec![
                Problem::error(
                    "review_over",
                    "/proposal_id",
                    format!(
                        "the proposal is {}; it can be revised in review only",
                        status.name()
                    ),
                )
                .remedy("withdraw it and propose another, or let it be decided as it is"),
            ]);
        }
        let draft = draft_of(
            &proposal.proposal_type,
            title,
            metadata,
            &proposal.addresses,
        );
        let prospect = self.prospect(charter, &draft).map_err(errors_first)?;
        if prospect.target != proposal.target {
            return refuse(
                "other_target",
                "/metadata",
                &format!(
                    "the proposal is about {}, and a revision of it about {}: propose that by itself",
                    proposal.target.words(),
                    prospect.target.words()
                ),
            );
        }
        // Nobody proposes one thing and revises it into what was rejected.
        self.check_precedent(charter, &draft, &prospect, now)?;
        let mut happenings = vec![Happening::ProposalRevised {
            proposal_id: id.to_owned(),
            act: act.value.clone(),
            revision: proposal.revision + 1,
            judged: judged(prospect),
        }];
        if let Some(artifact_type) = proposal.target.artifact_type() {
            let attempt = attempt_of(proposal);
            let justification = proposal.appealed.as_deref();
            let found = evaluated(
                charter,
                id,
                Some(artifact_type),
                &draft,
                justification,
                attempt,
            );
            happenings.push(found.0);
        }
        Ok(happenings)
    }

    pub(super) fn recuse(
        &self,
        charter: &Charter,
        act: &Act,
        id: &str,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let (proposal, status) = self.find_with_status(id)?;
        if status != Status::Review {
            return Err(vec![
                Problem::error(
                    "review_over",
                    "/proposal_id",
                    format!(
                        "the proposal is {}; the electorate is frozen when the vote opens",
                        status.name()
                    ),
                )
                .remedy("abstain instead"),
            ]);
        }
        if !is_voter(charter, &act.by) {
            return refuse(
                "not_a_member",
                "/by",
                &format!("{} has no vote to give up", act.by),
            );
        }
        if proposal.recused.contains_key(&act.by) {
            return refuse(
                "recused_before",
                "/by",
                &format!("{} is recused already", act.by),
            );
        }
        Ok(vec![Happening::MemberRecused {
            proposal_id: id.to_owned(),
            act: act.value.clone(),
        }])
    }

    pub(super) fn open_vote(
        &self,
        charter: &Charter,
        act: &Act,
        id: &str,
        now: u64,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let (proposal, status) = self.find_with_status(id)?;
        if status != Status::Review {
            return refuse(
                "vote_opened_before",
                "/proposal_id",
                &format!(
                    "the proposal is {}; a vote is opened once, in review",
                    status.name()
                ),
            );
        }
        if act.by != proposal.proposer_id && !is_voter(charter, &act.by) {
            return refuse(
                "not_allowed_to_open",
                "/by",
                &format!(
                    "only the proposer or a member opens a vote, and {} is neither",
                    act.by
                ),
            );
        }
        // Judged once more, against everything as it is in this moment.
        let prospect = self
            .prospect(charter, &proposal.draft())
            .map_err(errors_first)?;
        let ready_ms = proposal
            .reviewed_ms
            .saturating_add(prospect.times.min_review_ms);
        if now < ready_ms {
            return Err(vec![
                Problem::error(
                    "review_not_over",
                    "/proposal_id",
                    format!(
                        "the proposal must stand for {} ms before its vote opens",
                        prospect.times.min_review_ms
                    ),
                )
                .remedy(format!("open the vote in {} ms", ready_ms - now)),
            ]);
        }
        self.check_rehearsed(charter, proposal, &prospect)?;
        let recused = proposal.recused.keys().cloned().collect();
        let electorate = charter.roster.value.electorate(&recused);
        prospect
            .rule
            .admits(electorate.len(), electorate.principals().len() as u64)
            .map_err(|problem| vec![problem])?;
        let (frozen, subject) = Subject {
            origin: &charter.origin,
            proposal,
            base: self.base_of(&proposal.target),
            prospect: &prospect,
            rehearsal: self.rehearsal_of(proposal, &prospect),
            policy: &charter.policy.value,
            electorate: &electorate,
            opens_ms: now,
        }
        .freeze()
        .map_err(|problem| vec![problem])?;
        Ok(vec![Happening::VoteOpened {
            proposal_id: proposal.id.clone(),
            act: act.value.clone(),
            subject: subject.to_string(),
            frozen,
            next: prospect.next,
            report: prospect.report,
            plan: prospect.plan.map(|plan| plan.to_value()),
            policy: charter.policy.value.to_value(),
            electorate: electorate.to_value(),
            rule: prospect.rule.to_value(),
        }])
    }

    pub(super) fn withdraw(&self, act: &Act, id: &str) -> Result<Vec<Happening>, Vec<Problem>> {
        let (proposal, status) = self.find_with_status(id)?;
        if act.by != proposal.proposer_id {
            return refuse(
                "not_the_proposer",
                "/by",
                &format!("only {} can withdraw this proposal", proposal.proposer_id),
            );
        }
        if !status.is_live() {
            return refuse(
                "proposal_over",
                "/proposal_id",
                &format!("the proposal is {} and cannot be withdrawn", status.name()),
            );
        }
        Ok(vec![Happening::ProposalWithdrawn {
            proposal_id: id.to_owned(),
            act: act.value.clone(),
        }])
    }
}

fn judged(prospect: Prospect) -> Judged {
    Judged {
        title: prospect.title,
        target: prospect.target.name().to_owned(),
        track: prospect.track.name().to_owned(),
        verdict: prospect.verdict,
        features: prospect.features,
        fingerprint: prospect.fingerprint,
        core: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The draft of these parts.
fn draft_of(
    proposal_type: &str,
    title: Option<&str>,
    metadata: &Value,
    addresses: &Value,
) -> Value {
    let mut draft = Map::new();
    draft.insert("proposal_type".into(), proposal_type.into());
    if let Some(title) = title {
        draft.insert("title".into(), title.into());
    }
    draft.insert("metadata".into(), metadata.clone());
    if !addresses.is_null() {
        draft.insert("addresses".into(), addresses.clone());
    }
    Value::Object(draft)
}

impl ProposalRecord {
    /// The draft that it was proposed as, or last revised to.
    pub(in crate::senate) fn draft(&self) -> Value {
        draft_of(
            &self.proposal_type,
            Some(&self.title),
            &self.metadata,
            &self.addresses,
        )
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
