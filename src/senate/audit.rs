//! Making every decision of a log again.
//!
//! An audit believes nothing but the acts that members signed and what hosts report of time, entropy and migrations. Each act
//! is verified and judged anew, everything that follows is derived anew, and the result must be what the log says, member for
//! member. The first event that differs is named, and the place in it.

use std::str::FromStr;

use serde::Serialize;
use serde_json::json;
use ulid::Ulid;

use super::act::Act;
use super::command::Command;
use super::event::{Event, Happening};
use super::state::Senate;
use crate::ledger::Checkpoint;
use crate::text::{Kind, Problem, Value, digest, pointer};

/// What an audit found in a log that is as it should be.
#[derive(Clone, Debug, Serialize)]
pub struct Audited {
    /// How many events were gone through.
    pub events: u64,
    /// How many signatures were verified.
    pub signatures: u64,
    /// How many events were derived anew, and found as they stand.
    pub derived: u64,
    /// The root of the log's tree.
    pub root: String,
    /// The name of the log.
    pub origin: Option<String>,
    /// What is worth knowing, and wrong with nothing.
    pub notes: Vec<String>,
}

/// Where a log is not what it should be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The number of the event, as it stands in it or as it is due.
    pub seq: u64,
    /// What is wrong, and where in the event.
    pub problem: Problem,
}

/// Audits a log, one event a line.
///
/// # Errors
/// The first event that is not what it should be.
pub fn audit(log: &[u8]) -> Result<(Senate, Audited), Finding> {
    let mut auditor = Auditor::default();
    for (index, line) in log.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let event = Event::read(line).map_err(|mut problem| {
            problem.message = format!("line {}: {}", index + 1, problem.message);
            Finding {
                seq: auditor.next_seq(),
                problem,
            }
        })?;
        auditor.take(event)?;
    }
    auditor.finish()
}

/// Audits events one after another. What one event leads to must be the events that come next.
#[derive(Debug, Default)]
pub(super) struct Auditor {
    senate: Senate,
    /// What must come next, by what has come so far.
    expected: std::collections::VecDeque<Happening>,
    signatures: u64,
    derived: u64,
    events: u64,
    notes: Vec<String>,
    /// The proposal that a certificate is about; of others only the consequences are there.
    only: Option<String>,
}

impl Auditor {
    /// An auditor of a part of a log: what governs the senate, and one proposal.
    pub(super) fn of_proposal(id: &str) -> Self {
        Self {
            senate: Senate {
                partial: true,
                ..Senate::default()
            },
            only: Some(id.to_owned()),
            ..Self::default()
        }
    }

    fn next_seq(&self) -> u64 {
        self.senate.seq + 1
    }

    /// The state so far.
    pub(super) fn senate(&self) -> &Senate {
        &self.senate
    }

    /// Takes the next event.
    pub(super) fn take(&mut self, event: Event) -> Result<(), Finding> {
        // What an event says of its own number may be wrong as well.
        let seq = if self.senate.partial {
            event.seq
        } else {
            self.next_seq()
        };
        self.check(&event)
            .map_err(|problem| Finding { seq, problem })
    }

    fn check(&mut self, event: &Event) -> Result<(), Problem> {
        if !self.is_foreign(event) {
            if self.expected.is_empty() {
                self.expect(event)?;
            }
            let Some(expected) = self.expected.pop_front() else {
                return Err(named(event, "", "follows from nothing".to_owned()));
            };
            self.compare(event, expected)?;
            self.derived += 1;
        }
        self.senate.evolve(event)?;
        self.events += 1;
        Ok(())
    }

    /// In a part of a log, a change of what governs the senate stands for the proposal that brought it, which is not there.
    fn is_foreign(&self, event: &Event) -> bool {
        let Some(only) = &self.only else {
            return false;
        };
        match &event.happening {
            Happening::SchemaVersionRegistered { proposal_id, .. }
            | Happening::MigrationGenerated { proposal_id, .. }
            | Happening::PolicyChanged { proposal_id, .. }
            | Happening::MembersChanged { proposal_id, .. }
            | Happening::ScopeChanged { proposal_id, .. } => proposal_id != only,
            _ => false,
        }
    }

    /// What the log must go on with: what is due at the time of the event, or else what its cause leads to.
    fn expect(&mut self, event: &Event) -> Result<(), Problem> {
        if self.senate.partial {
            // The events between are not there.
            self.senate.seq = event.seq.saturating_sub(1).max(self.senate.seq);
        }
        self.senate.foreign_plan = None;
        let now = self.senate.time(event.at_ms);
        if let Some(due) = self.senate.due(now) {
            self.expected.extend(due);
            return Ok(());
        }
        let command = command_of(event)?;
        if matches!(command, Command::Act(_)) {
            self.signatures += 1;
        }
        self.senate.foreign_plan = plan_of_another_version(&event.happening);
        if let (Some(plan), Happening::MigrationRehearsed { .. }) =
            (&self.senate.foreign_plan, &event.happening)
        {
            self.notes.push(format!(
                "event {}, migration_rehearsed, is of the plan {plan} of another version of the core",
                event.seq
            ));
        }
        let happenings = self
            .senate
            .consider(&command, now, entropy_of(event))
            .map_err(|problems| {
                let first = problems.into_iter().find(Problem::is_error);
                let (code, place, why) = first.map_or(
                    (
                        "event_impossible",
                        String::new(),
                        "it is refused".to_owned(),
                    ),
                    |problem| (problem.code, problem.pointer, problem.message),
                );
                let place = if event.happening.act().is_some() {
                    format!("/act{place}")
                } else {
                    place
                };
                let mut problem = named(event, &place, why);
                problem.code = code;
                problem
            })?;
        self.senate.foreign_plan = None;
        self.expected.extend(happenings);
        Ok(())
    }

    fn compare(&mut self, event: &Event, expected: Happening) -> Result<(), Problem> {
        if event.happening == expected {
            return Ok(());
        }
        let should = Event {
            happening: expected,
            ..event.clone()
        };
        let (found, due) = (event.to_value(), should.to_value());
        if judged_by_another_version(&found, &due) {
            self.notes.push(format!(
                "event {}, {}, was judged by another version of the core, which worded its report otherwise",
                event.seq,
                event.happening.name()
            ));
            return Ok(());
        }
        let (place, found, due) = first_difference(&found, &due, String::new());
        let message = match (found, due) {
            (Some(found), Some(due)) => {
                format!("says {} where {} is due", brief(&found), brief(&due))
            }
            (None, Some(due)) => format!("lacks {}", brief(&due)),
            (Some(found), None) => format!("says {} where nothing is due", brief(&found)),
            (None, None) => "is not what is due".to_owned(),
        };
        Err(named(event, &place, message))
    }

    /// Nothing more comes.
    pub(super) fn finish(self) -> Result<(Senate, Audited), Finding> {
        if let Some(expected) = self.expected.front() {
            return Err(Finding {
                seq: self.next_seq(),
                problem: Problem::error(
                    "log_cut_off",
                    "",
                    format!("the log ends where {} must follow", expected.name()),
                ),
            });
        }
        let audited = Audited {
            events: self.events,
            signatures: self.signatures,
            derived: self.derived,
            root: self.senate.root().to_string(),
            origin: self.senate.origin().map(str::to_owned),
            notes: self.notes,
        };
        Ok((self.senate, audited))
    }
}

/// Whether a checkpoint is of this log.
///
/// # Errors
/// `checkpoint_of_another_log`, `log_shorter_than_checkpoint`, `log_rewritten`.
pub fn check_against(senate: &Senate, checkpoint: &Checkpoint) -> Result<(), Problem> {
    if senate.origin() != Some(checkpoint.origin()) {
        return Err(Problem::error(
            "checkpoint_of_another_log",
            "",
            format!("the checkpoint is of the log {}", checkpoint.origin()),
        ));
    }
    if checkpoint.size() > senate.seq() {
        return Err(Problem::error(
            "log_shorter_than_checkpoint",
            "",
            format!(
                "the checkpoint was signed at {} events, and the log has {}: its end was cut off",
                checkpoint.size(),
                senate.seq()
            ),
        ));
    }
    if senate.tree().root_at(checkpoint.size())? == checkpoint.root() {
        return Ok(());
    }
    Err(Problem::error(
        "log_rewritten",
        "",
        format!(
            "the first {} events are not those that the checkpoint was signed for",
            checkpoint.size()
        ),
    ))
}

/// The command that an event is the first to tell of.
fn command_of(event: &Event) -> Result<Command, Problem> {
    if let Some(act) = event.happening.act() {
        return Act::read(act)
            .map(|act| Command::Act(Box::new(act)))
            .map_err(|problems| first_of(event, "/act", problems));
    }
    let command = match &event.happening {
        Happening::SenateFounded {
            origin,
            log_key,
            policy,
            scope,
            members,
        } => json!({
            "command": "found_senate", "origin": origin, "log_key": log_key,
            "policy": policy, "scope": scope, "members": members,
        }),
        Happening::MigrationRehearsed {
            proposal_id,
            plan,
            evidence,
        } => json!({
            "command": "record_rehearsal", "proposal_id": proposal_id, "plan": plan, "evidence": evidence,
        }),
        Happening::MigrationStarted { proposal_id, plan } => {
            json!({"command": "begin_migration", "proposal_id": proposal_id, "plan": plan})
        }
        Happening::MigrationApplied {
            proposal_id,
            plan,
            checked,
            changed,
        } => json!({
            "command": "record_migration", "proposal_id": proposal_id, "plan": plan,
            "result": "applied", "artifacts": {"checked": checked, "changed": changed},
        }),
        Happening::MigrationFailed {
            proposal_id,
            plan,
            reason,
            failures,
        } => json!({
            "command": "record_migration", "proposal_id": proposal_id, "plan": plan,
            "result": "failed", "reason": reason, "failures": failures,
        }),
        _ => {
            return Err(named(
                event,
                "",
                "follows from nothing in the log".to_owned(),
            ));
        }
    };
    Command::read(&command).map_err(|problems| first_of(event, "", problems))
}

fn first_of(event: &Event, place: &str, problems: Vec<Problem>) -> Problem {
    match problems.into_iter().next() {
        Some(problem) => {
            let mut told = named(
                event,
                &format!("{place}{}", problem.pointer),
                problem.message,
            );
            told.code = problem.code;
            told
        }
        None => named(event, place, "cannot be read".to_owned()),
    }
}

/// The entropy that a new proposal's identifier was made of.
fn entropy_of(event: &Event) -> [u8; 10] {
    let mut entropy = [0; 10];
    let id = match &event.happening {
        Happening::ProposalCreated { proposal_id, .. } => Ulid::from_str(proposal_id).ok(),
        _ => None,
    };
    if let Some(id) = id {
        for (byte, random) in entropy.iter_mut().zip(id.to_bytes().iter().skip(6)) {
            *byte = *random;
        }
    }
    entropy
}

fn named(event: &Event, place: &str, message: String) -> Problem {
    Problem::error(
        "event_impossible",
        place,
        format!("event {}, {}: {message}", event.seq, event.happening.name()),
    )
}

/// The plan that another version of the core made for a vote or for a rehearsal, by its digest. Whether a rehearsal is of the
/// plan that was frozen can be told all the same.
fn plan_of_another_version(happening: &Happening) -> Option<String> {
    let (core, plan) = match happening {
        Happening::MigrationRehearsed { plan, evidence, .. } => {
            (evidence.get("core")?, plan.as_str())
        }
        Happening::VoteOpened { frozen, .. } => {
            (frozen.get("core")?, frozen.get("migration_plan")?.as_str()?)
        }
        _ => return None,
    };
    (core.as_str()? != env!("CARGO_PKG_VERSION")).then(|| plan.to_owned())
}

/// Members whose content may differ when another version of the core judged a draft.
const WORDING: [&str; 8] = [
    "core",
    "features",
    "fingerprint",
    "report",
    "plan",
    "subject",
    "compatibility_report",
    "migration_plan",
];

/// Whether two forms of an event differ only in how another version of the core puts its findings: the verdict, the track and
/// everything that decides are the same, and what the event froze has the digests that it says.
fn judged_by_another_version(found: &Value, due: &Value) -> bool {
    let core = |event: &Value| {
        let frozen = event.get("frozen").unwrap_or(event);
        frozen
            .get("core")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let (Some(theirs), Some(ours)) = (core(found), core(due)) else {
        return false;
    };
    theirs != ours && without_wording(found) == without_wording(due) && is_consistent(found)
}

fn without_wording(event: &Value) -> Value {
    let mut event = event.clone();
    let strip = |value: &mut Value| {
        if let Some(members) = value.as_object_mut() {
            for name in WORDING {
                members.shift_remove(name);
            }
        }
    };
    strip(&mut event);
    if let Some(frozen) = event.get_mut("frozen") {
        strip(frozen);
    }
    event
}

/// Whether what was frozen is what the event holds.
fn is_consistent(event: &Value) -> bool {
    let Some(frozen) = event.get("frozen") else {
        return true;
    };
    let says = |name: &str| frozen.get(name).and_then(Value::as_str);
    let holds = |name: &str, kind: Kind, of: &str| match event.get(of) {
        Some(document) => {
            digest(kind, document)
                .map(|digest| digest.to_string())
                .ok()
                .as_deref()
                == says(name)
        }
        None => says(name) == Some("(none)"),
    };
    let subject = digest(Kind::Subject, frozen).map(|digest| digest.to_string());
    subject.ok().as_deref() == event.get("subject").and_then(Value::as_str)
        && holds("compatibility_report", Kind::Report, "report")
        && holds("migration_plan", Kind::Plan, "plan")
        && event
            .pointer("/report/verdict")
            .is_none_or(Value::is_string)
}

/// The first place where two documents differ, and what stands there in each.
fn first_difference(
    found: &Value,
    due: &Value,
    place: String,
) -> (String, Option<Value>, Option<Value>) {
    match (found, due) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in b {
                match a.get(name) {
                    None => return (pointer::join(&place, name), None, Some(value.clone())),
                    Some(other) if other != value => {
                        return first_difference(other, value, pointer::join(&place, name));
                    }
                    Some(_) => {}
                }
            }
            for (name, value) in a {
                if !b.contains_key(name) {
                    return (pointer::join(&place, name), Some(value.clone()), None);
                }
            }
            (place, None, None)
        }
        (Value::Array(a), Value::Array(b)) => {
            for (index, (one, other)) in a.iter().zip(b).enumerate() {
                if one != other {
                    return first_difference(one, other, pointer::join(&place, &index.to_string()));
                }
            }
            let at = pointer::join(&place, &a.len().min(b.len()).to_string());
            (at, a.get(b.len()).cloned(), b.get(a.len()).cloned())
        }
        _ => (place, Some(found.clone()), Some(due.clone())),
    }
}

fn brief(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 80 {
        return text;
    }
    let mut short: String = text.chars().take(79).collect();
    short.push('…');
    short
}
