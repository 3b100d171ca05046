//! Decision certificates: one file that proves how a proposal was decided.
//!
//! A certificate is an in-toto statement in a DSSE envelope. It holds a part of the log: the founding, everything that has
//! changed the policy, the members, their keys and the scope, the versions of the type, and the whole of one proposal; each
//! event with the proof that it is in the log, and the checkpoint that the proofs lead to. To verify it is to audit this part:
//! the decision is made again from the file alone.

use serde::Serialize;
use serde_json::json;

use super::audit::{Audited, Auditor};
use super::event::Event;
use super::proposal::{Entry, ProposalRecord};
use super::state::Senate;
use crate::ledger::{Checkpoint, Envelope, Note, Statement, Subject, verify_inclusion};
use crate::schema::Change;
use crate::signature::PublicKey;
use crate::text::{Digest, Integers, Limits, Map, Members, Problem, Value, read};

impl Senate {
    /// The numbers of the events that a certificate of a proposal holds.
    ///
    /// # Errors
    /// `proposal_unknown`, and `nothing_to_certify` for one that is not decided.
    pub fn certificate_events(&self, id: &str) -> Result<Vec<u64>, Problem> {
        let proposal = self.decided_proposal(id)?;
        let last = proposal.timeline.last().map_or(0, |entry| entry.seq);
        let of_type = proposal
            .target
            .artifact_type()
            .and_then(|name| self.type_seqs.get(name));
        let mut seqs: Vec<u64> = self
            .governing
            .iter()
            .chain(of_type.into_iter().flat_map(|seqs| seqs.iter()))
            .copied()
            .filter(|seq| *seq <= last)
            .chain(self.reverted_plan(proposal))
            .chain(proposal.timeline.iter().map(|entry| entry.seq))
            .collect();
        seqs.sort_unstable();
        seqs.dedup();
        Ok(seqs)
    }

    /// The event with the plan that a revert takes back: its own plan is made from it.
    fn reverted_plan(&self, proposal: &ProposalRecord) -> Option<u64> {
        let Some(Change::Revert { version }) = proposal.change else {
            return None;
        };
        let known = self.registry.get(proposal.target.artifact_type()?)?;
        // The version that leads away from the one that comes back.
        let by = known.version(version + 1)?.proposal_id.as_ref()?;
        let generated = |entry: &&Entry| entry.event == "migration_generated";
        let entry = self.proposal(by)?.timeline.iter().find(generated)?;
        Some(entry.seq)
    }

    fn decided_proposal(&self, id: &str) -> Result<&ProposalRecord, Problem> {
        let proposal = self.proposal(id).ok_or_else(|| {
            Problem::error(
                "proposal_unknown",
                "/proposal_id",
                format!("there is no proposal `{id}`"),
            )
        })?;
        if proposal.ending.is_none() {
            return Err(Problem::error(
                "nothing_to_certify",
                "/proposal_id",
                "the proposal is not decided yet",
            )
            .remedy("ask again when it is; a certificate is of a decision"));
        }
        Ok(proposal)
    }

    /// The statement of a certificate, from the events that [`certificate_events`](Senate::certificate_events) names and a
    /// signed checkpoint of this log that covers them.
    ///
    /// # Errors
    /// As [`certificate_events`](Senate::certificate_events); `certificate_events_missing` when others are given;
    /// `checkpoint_of_another_log`, `checkpoint_too_old` and what is wrong with the note.
    pub fn certificate(
        &self,
        id: &str,
        events: &[Event],
        checkpoint: &str,
    ) -> Result<Statement, Problem> {
        let proposal = self.decided_proposal(id)?;
        let due = self.certificate_events(id)?;
        if !due.iter().copied().eq(events.iter().map(|event| event.seq)) {
            return Err(Problem::error(
                "certificate_events_missing",
                "/events",
                format!("the events {due:?} are due, in this order"),
            ));
        }
        let (Some(origin), Some(log_key)) = (self.origin(), self.log_key()) else {
            return Err(Problem::error(
                "senate_not_founded",
                "",
                "there is no senate",
            ));
        };
        let covered = Note::parse(checkpoint)?.verify(origin, log_key)?;
        super::audit::check_against(self, &covered)?;
        if due.last().is_some_and(|last| *last > covered.size()) {
            return Err(Problem::error(
                "checkpoint_too_old",
                "/checkpoint",
                format!(
                    "the checkpoint covers {} events, and the decision is later",
                    covered.size()
                ),
            )
            .remedy("sign a checkpoint of the log as it is"));
        }
        let mut items = Vec::with_capacity(events.len());
        for event in events {
            let proof = self.tree.inclusion(event.seq - 1, covered.size())?;
            let proof: Vec<String> = proof.iter().map(Digest::to_string).collect();
            items.push(json!({"event": event.to_value(), "proof": proof}));
        }
        Ok(Statement {
            subject: vec![subject_of(origin, proposal)],
            predicate: json!({
                "origin": origin,
                "proposal_id": id,
                "decision": decision_of(self, proposal),
                "events": items,
                "checkpoint": checkpoint,
            }),
        })
    }
}

/// What a certificate is about: the subject of the vote, or what happened where there was none.
fn subject_of(origin: &str, proposal: &ProposalRecord) -> Subject {
    let of_vote = proposal.vote.as_ref().map(|vote| vote.subject.clone());
    let digest = of_vote.unwrap_or_else(|| proposal.record().digest);
    Subject {
        name: format!("{origin}/proposals/{}", proposal.id),
        digest: digest.parse().unwrap_or_else(|_| Digest::of_bytes(b"")),
    }
}

fn decision_of(senate: &Senate, proposal: &ProposalRecord) -> Value {
    let mut decision = Map::new();
    decision.insert("title".into(), proposal.title.clone().into());
    decision.insert("target".into(), proposal.target.name().into());
    decision.insert("track".into(), proposal.track.name().into());
    decision.insert("status".into(), senate.status_of(proposal).name().into());
    if let Some(ending) = &proposal.ending {
        decision.insert("reason".into(), ending.reason.clone().into());
        decision.insert("decided_ms".into(), ending.decided_ms.into());
    }
    if let Some(verdict) = &proposal.verdict {
        decision.insert("verdict".into(), verdict.clone().into());
    }
    if let Some(vote) = &proposal.vote {
        decision.insert("subject".into(), vote.subject.clone().into());
        decision.insert("rule".into(), vote.rule.words().into());
        decision.insert(
            "tally".into(),
            serde_json::to_value(vote.tally()).unwrap_or_default(),
        );
    }
    Value::Object(decision)
}

/// What somebody trusts already, to compare a certificate with.
#[derive(Clone, Debug, Default)]
pub struct Trusted {
    /// The key of the log.
    pub log_key: Option<PublicKey>,
    /// A checkpoint of the log that was kept.
    pub checkpoint: Option<String>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `envelope`, `log_key`, `signature`, `checkpoint`, `inclusion`, `founding`, `replay`, `decision`, `kept_checkpoint`.
    pub name: &'static str,
    /// What was found, in words.
    pub words: String,
}

/// What a certificate proves.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// The name of the log.
    pub origin: String,
    /// The proposal.
    pub proposal_id: String,
    /// What was decided: `{title, target, track, status, reason?, decided_ms?, verdict?, subject?, rule?, tally?}`.
    pub decision: Value,
    /// The ballots that stand, with their reasons.
    pub ballots: Value,
    /// The frozen electorate.
    pub electorate: Value,
    /// The witness of a breaking change: an artifact that was valid and would not be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Value>,
    /// Everything that was looked at; all of it is as it should be.
    pub checks: Vec<Check>,
    /// The key that signed.
    pub log_key: String,
    /// Whether the key was compared with one that is trusted; else whoever made the file chose it.
    pub log_key_compared: bool,
    /// How many events the log had.
    pub size: u64,
    /// Its root then.
    pub root: String,
    /// How many events the file holds.
    pub events: u64,
    /// How many signatures of members were verified.
    pub signatures: u64,
    /// What is worth knowing.
    pub notes: Vec<String>,
}

/// Why a certificate proves nothing: what was in order until then, and what is not.
#[derive(Clone, Debug, Serialize)]
pub struct Unverified {
    /// What was in order.
    pub checks: Vec<Check>,
    /// The check that failed.
    pub failed: &'static str,
    /// Why, and where in the file.
    pub problem: Problem,
}

/// Verifies a certificate from the file alone.
///
/// # Errors
/// The first check that fails, with the place in the file.
pub fn verify_certificate(text: &[u8], trusted: &Trusted) -> Result<Verified, Box<Unverified>> {
    let mut checks = Vec::new();
    verify(text, trusted, &mut checks).map_err(|(failed, problem)| {
        Box::new(Unverified {
            checks: std::mem::take(&mut checks),
            failed,
            problem,
        })
    })
}

type Failed = (&'static str, Problem);

// On 32 bits it is smaller than the lint's bound.
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(
        clippy::result_large_err,
        reason = "made once for a file, and boxed for the caller"
    )
)]
fn verify(text: &[u8], trusted: &Trusted, checks: &mut Vec<Check>) -> Result<Verified, Failed> {
    let passed = |checks: &mut Vec<Check>, name: &'static str, words: String| {
        checks.push(Check { name, words });
    };
    let first = |problems: Vec<Problem>| {
        problems.into_iter().next().unwrap_or_else(|| {
            Problem::error("certificate_malformed", "", "the file is no certificate")
        })
    };
    let at = |name: &'static str| move |problem: Problem| -> Failed { (name, problem) };

    let document = read(text, Limits::COMMAND, Integers::Safe).map_err(at("envelope"))?;
    let envelope = Envelope::read(&document).map_err(|problems| ("envelope", first(problems)))?;
    let statement = envelope
        .statement(Limits::COMMAND)
        .map_err(|problems| ("envelope", first(problems)))?;
    let part =
        Part::read(&statement.predicate).map_err(|problems| ("envelope", first(problems)))?;
    passed(
        checks,
        "envelope",
        format!("an in-toto statement with {} events", part.events.len()),
    );

    let founding = part.events.first().map(|(event, _)| event);
    let named = founding
        .filter(|event| event.seq == 1)
        .and_then(|event| match &event.happening {
            super::event::Happening::SenateFounded { log_key, .. } => Some(log_key),
            _ => None,
        })
        .ok_or_else(|| {
            (
                "log_key",
                Problem::error(
                    "certificate_malformed",
                    "/payload/predicate/events/0",
                    "the first event of the file is not the founding of a senate",
                ),
            )
        })?;
    let log_key: PublicKey = named.parse().map_err(|problem: Problem| {
        (
            "log_key",
            problem.under("/payload/predicate/events/0/event/log_key"),
        )
    })?;
    if let Some(expected) = &trusted.log_key
        && *expected != log_key
    {
        return Err((
            "log_key",
            Problem::error(
                "log_key_differs",
                "/payload/predicate/events/0/event/log_key",
                format!("the log of this file has the key {log_key}, and {expected} is trusted"),
            ),
        ));
    }
    passed(checks, "log_key", format!("the log's key is {log_key}"));
    envelope.verify(&log_key).map_err(at("signature"))?;
    passed(
        checks,
        "signature",
        "the log's key signed the statement".to_owned(),
    );

    let checkpoint = Note::parse(&part.checkpoint)
        .and_then(|note| note.verify(&part.origin, &log_key))
        .map_err(|problem| ("checkpoint", problem.under("/payload/predicate/checkpoint")))?;
    passed(
        checks,
        "checkpoint",
        format!(
            "the log's key signed the root of {} events",
            checkpoint.size()
        ),
    );
    for (index, (event, proof)) in part.events.iter().enumerate() {
        let place = format!("/payload/predicate/events/{index}");
        let included = event.leaf().and_then(|leaf| {
            let position = event.seq.checked_sub(1).ok_or_else(|| {
                Problem::error("event_unknown", "/event/seq", "events are counted from 1")
            })?;
            verify_inclusion(
                &leaf,
                position,
                checkpoint.size(),
                proof,
                &checkpoint.root(),
            )
        });
        included.map_err(|problem| ("inclusion", problem.under(&place)))?;
    }
    passed(
        checks,
        "inclusion",
        format!("each of the {} events is in the log", part.events.len()),
    );

    let (senate, audited) = replay(&part)?;
    let proposal = senate.proposal(&part.proposal_id).ok_or_else(|| {
        (
            "replay",
            Problem::error(
                "proposal_unknown",
                "/payload/predicate/proposal_id",
                "the file does not hold the proposal that it is about",
            ),
        )
    })?;
    passed(
        checks,
        "replay",
        format!(
            "{} events were derived again and {} signatures verified",
            audited.derived, audited.signatures
        ),
    );
    let decided = decision_of(&senate, proposal);
    check_decision(&part, &statement, &senate, proposal, &decided).map_err(at("decision"))?;
    passed(checks, "decision", words_of(&decided));
    if let Some(kept) = &trusted.checkpoint {
        let words = compare_kept(kept, &checkpoint, &part.origin, &log_key)
            .map_err(at("kept_checkpoint"))?;
        passed(checks, "kept_checkpoint", words);
    }
    let vote = proposal.vote.as_ref();
    Ok(Verified {
        origin: part.origin.clone(),
        proposal_id: part.proposal_id.clone(),
        ballots: vote
            .and_then(|vote| serde_json::to_value(vote.standing_ballots()).ok())
            .unwrap_or_else(|| json!([])),
        electorate: vote.map_or_else(|| json!([]), |vote| vote.electorate.to_value()),
        witness: vote
            .and_then(|vote| vote.report.as_ref())
            .and_then(|report| report.get("witness"))
            .filter(|witness| !witness.is_null())
            .cloned(),
        decision: decided,
        checks: std::mem::take(checks),
        log_key: log_key.to_string(),
        log_key_compared: trusted.log_key.is_some(),
        size: checkpoint.size(),
        root: checkpoint.root().to_string(),
        events: audited.events,
        signatures: audited.signatures,
        notes: audited.notes,
    })
}

/// The predicate of a certificate.
struct Part {
    origin: String,
    proposal_id: String,
    decision: Value,
    events: Vec<(Event, Vec<Digest>)>,
    checkpoint: String,
}

impl Part {
    fn read(predicate: &Value) -> Result<Self, Vec<Problem>> {
        const PLACE: &str = "/payload/predicate";
        let names = ["origin", "proposal_id", "decision", "events", "checkpoint"];
        let mut members = Members::of(predicate, PLACE, &names);
        let origin = members.text("origin").map(str::to_owned);
        let proposal_id = members.text("proposal_id").map(str::to_owned);
        let decision = members.required("decision").cloned();
        let checkpoint = members.text("checkpoint").map(str::to_owned);
        let mut events = Vec::new();
        for (index, item) in members.array("events").into_iter().flatten().enumerate() {
            let place = format!("{PLACE}/events/{index}");
            let mut fields = Members::of(item, &place, &["event", "proof"]);
            let event = fields.required("event").map(|event| {
                Event::from_value(event).map_err(|problem| problem.under(&format!("{place}/event")))
            });
            let event =
                event.and_then(|event| event.map_err(|problem| fields.note([problem])).ok());
            let mut proof = Vec::new();
            for hash in fields.array("proof").into_iter().flatten() {
                match hash.as_str().map(str::parse::<Digest>) {
                    Some(Ok(hash)) => proof.push(hash),
                    _ => {
                        fields.problem("digest_malformed", "proof", "a proof is a list of digests")
                    }
                }
            }
            members.note(fields.end());
            events.extend(event.map(|event| (event, proof)));
        }
        let problems = members.end();
        match (origin, proposal_id, decision, checkpoint) {
            (Some(origin), Some(proposal_id), Some(decision), Some(checkpoint))
                if problems.is_empty() =>
            {
                Ok(Self {
                    origin,
                    proposal_id,
                    decision,
                    events,
                    checkpoint,
                })
            }
            _ => Err(problems),
        }
    }
}

/// The decision made again from the events of the file.
// On 32 bits it is smaller than the lint's bound.
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(
        clippy::result_large_err,
        reason = "made once for a file, and boxed for the caller"
    )
)]
fn replay(part: &Part) -> Result<(Senate, Audited), Failed> {
    let mut auditor = Auditor::of_proposal(&part.proposal_id);
    for (index, (event, _)) in part.events.iter().enumerate() {
        auditor.take(event.clone()).map_err(|finding| {
            let place = format!("/payload/predicate/events/{index}/event");
            ("replay", finding.problem.under(&place))
        })?;
        if auditor.senate().origin() != Some(part.origin.as_str()) {
            return Err((
                "founding",
                Problem::error(
                    "other_instance",
                    "/payload/predicate/origin",
                    "the senate that was founded in this file has another name",
                ),
            ));
        }
    }
    auditor
        .finish()
        .map_err(|finding| ("replay", finding.problem.under("/payload/predicate/events")))
}

fn check_decision(
    part: &Part,
    statement: &Statement,
    senate: &Senate,
    proposal: &ProposalRecord,
    decided: &Value,
) -> Result<(), Problem> {
    if proposal.ending.is_none() {
        return Err(Problem::error(
            "nothing_to_certify",
            "/payload/predicate/events",
            "by the events of this file the proposal is not decided",
        ));
    }
    if part.decision != *decided {
        return Err(Problem::error(
            "decision_differs",
            "/payload/predicate/decision",
            format!(
                "by the events of this file the decision is {}",
                words_of(decided)
            ),
        ));
    }
    let origin = senate.origin().unwrap_or_default();
    if statement.subject != [subject_of(origin, proposal)] {
        return Err(Problem::error(
            "decision_differs",
            "/payload/subject",
            "the statement is about something else than what was decided",
        ));
    }
    Ok(())
}

/// A kept checkpoint of the same size says whether this is the same log; others need a consistency proof.
fn compare_kept(
    kept: &str,
    checkpoint: &Checkpoint,
    origin: &str,
    log_key: &PublicKey,
) -> Result<String, Problem> {
    let kept = Note::parse(kept)?.verify(origin, log_key)?;
    if kept.size() != checkpoint.size() {
        return Ok(format!(
            "the kept checkpoint has {} events, this file's {}: only a consistency proof of the host can compare them",
            kept.size(),
            checkpoint.size()
        ));
    }
    if kept.root() == checkpoint.root() {
        return Ok("the kept checkpoint is the same".to_owned());
    }
    Err(Problem::error(
        "log_rewritten",
        "/payload/predicate/checkpoint",
        "the log's key has signed two logs of the same size: keep both as evidence",
    ))
}

fn words_of(decision: &Value) -> String {
    let text = |name: &str| {
        decision
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    format!("{}: {}", text("status"), text("reason"))
}
