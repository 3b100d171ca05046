//! A long log: replayed, audited, and a decision in it certified.
#![expect(
    clippy::indexing_slicing,
    reason = "JSON objects that are made here; a missing member is null"
)]

use std::time::{Duration, Instant};

use ed25519_dalek::{Signer as _, SigningKey};
use schema_senate::ledger::{Checkpoint, Envelope, Note, PAYLOAD_TYPE, pae};
use schema_senate::senate::{
    Command, Event, Happening, Moment, Senate, Trusted, audit, signed_bytes, verify_certificate,
    view,
};
use schema_senate::signature::{PublicKey, Signature};
use schema_senate::text::{Digest, Problem, Value, base64};
use serde_json::json;

use crate::table::{row, words};

const ORIGIN: &str = "bench.example/senate";
const NOW_MS: u64 = 1_800_000_000_000;
const MEMBERS: usize = 10;

type Failed = Box<dyn std::error::Error>;

/// Measures them.
pub fn measure() -> Result<(), Failed> {
    println!("\nA log of ballots");
    row(&[
        "events",
        "bytes",
        "read and replayed",
        "an event",
        "audited",
        "an event",
        "certificate",
        "verified",
    ]);
    for events in [1_000, 10_000, 100_000] {
        log(events)?;
    }
    Ok(())
}

fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(Digest::of_bytes(name.as_bytes()).as_bytes())
}

fn public(name: &str) -> Result<PublicKey, Problem> {
    PublicKey::from_bytes(key(name).verifying_key().as_bytes())
}

fn signature(name: &str, bytes: &[u8]) -> String {
    base64::encode(&key(name).sign(bytes).to_bytes())
}

/// A senate and its log.
#[derive(Default)]
struct Log {
    senate: Senate,
    events: Vec<Event>,
}

impl Log {
    fn add(&mut self, events: Vec<Event>) -> Result<(), Failed> {
        self.senate
            .apply(&events)
            .map_err(|problem| problem.to_string())?;
        self.events.extend(events);
        Ok(())
    }

    fn signed(&self, by: &str, mut act: Value, nonce: usize) -> Result<Value, Failed> {
        act["instance"] = json!(ORIGIN);
        act["key"] = json!(public(by).map_err(|p| p.to_string())?.id().to_string());
        act["nonce"] = json!(nonce);
        act["seen"] = json!({"size": self.senate.seq(), "root": self.senate.root().to_string()});
        let bytes = signed_bytes(&act).map_err(|problem| problem.to_string())?;
        act["signature"] = json!(signature(by, &bytes));
        Ok(act)
    }

    fn command(&mut self, command: &Value, now_ms: u64) -> Result<(), Failed> {
        let moment = Moment {
            now_ms,
            entropy: [7; 10],
        };
        let events = Command::read(command)
            .and_then(|command| self.senate.decide(&command, moment))
            .map_err(|problems| format!("{problems:?}"))?;
        self.add(events)
    }
}

fn log(size: usize) -> Result<(), Failed> {
    let mut log = Log::default();
    let member = |n: usize| format!("agent-{n}");
    let members = (0..MEMBERS)
        .map(|n| Ok(json!({"id": member(n), "key": public(&member(n))?.to_string()})))
        .collect::<Result<Vec<_>, Problem>>()
        .map_err(|problem| problem.to_string())?;
    let log_key = public("log").map_err(|problem| problem.to_string())?;
    log.command(
        &json!({
            "command": "found_senate", "origin": ORIGIN, "log_key": log_key.to_string(), "members": members,
            "policy": {"ballot_mode": "replaceable", "late_window_ms": 0}
        }),
        NOW_MS,
    )?;
    let import = json!({
        "command": "import_type", "artifact_type": "run", "by": member(0),
        "versions": [{"schema": {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": false}}]
    });
    let import = log.signed(&member(0), import, 1)?;
    log.command(&import, NOW_MS)?;
    let propose = json!({
        "command": "propose", "proposer_id": member(0), "proposal_type": "schema_change",
        "metadata": {
            "target_artifact_type": "run", "change_type": "add_field",
            "field_spec": {"name": "seed", "schema": {"type": "integer"}},
            "rationale": "The nightly comparison cannot tell two runs of one configuration apart without the seed they used.",
            "use_cases": [{"who": "the nightly comparison", "need": "tells runs of one configuration apart by their seed"}],
            "migration_plan": {"none_needed": "The field is optional; runs without a seed stay as they are."},
            "backward_compatible": true
        }
    });
    let propose = log.signed(&member(0), propose, 2)?;
    log.command(&propose, NOW_MS)?;
    let id = log
        .events
        .last()
        .and_then(|event| event.happening.proposal_id())
        .unwrap_or_default()
        .to_owned();
    let open = json!({"command": "open_vote", "proposal_id": id, "by": member(0)});
    let open = log.signed(&member(0), open, 3)?;
    log.command(&open, NOW_MS)?;
    let shown = view(&log.senate, "proposal", &json!({"proposal_id": id}), NOW_MS)
        .map_err(|problem| problem.to_string())?;
    let subject = shown["vote"]["subject"].clone();
    let mut round = 0;
    while log.events.len() + 2 < size {
        let by = member(round % MEMBERS);
        let ballot = json!({
            "command": "cast_ballot", "proposal_id": id, "voter_id": by, "choice": "yes", "subject": subject
        });
        let act = log.signed(&by, ballot, 4 + round / MEMBERS)?;
        let event = Event {
            seq: log.senate.seq() + 1,
            at_ms: NOW_MS,
            happening: Happening::BallotCast {
                proposal_id: id.clone(),
                act,
            },
        };
        log.add(vec![event])?;
        round += 1;
    }
    log.command(&json!({"command": "settle"}), NOW_MS + 8 * 24 * 3_600_000)?;
    let text: String = log
        .events
        .iter()
        .map(|event| format!("{}\n", event.to_value()))
        .collect();

    let started = Instant::now();
    let replayed = Senate::replay(text.as_bytes()).map_err(|problem| problem.to_string())?;
    let replay = started.elapsed();
    assert_eq!(replayed.root(), log.senate.root());
    let started = Instant::now();
    let audited = audit(text.as_bytes()).map_err(|finding| format!("{finding:?}"))?;
    let audit = started.elapsed();
    assert_eq!(audited.0.root(), log.senate.root());
    let (bytes, verified) = certificate(&log, &id)?;
    let each = |took: Duration| words(took / u32::try_from(log.events.len()).unwrap_or(1));
    row(&[
        &log.events.len().to_string(),
        &format!("{} kB", text.len() / 1_000),
        &words(replay),
        &each(replay),
        &words(audit),
        &each(audit),
        &format!("{} kB", bytes / 1_000),
        &words(verified),
    ]);
    Ok(())
}

/// The size of the decision's certificate, and what its verification takes.
fn certificate(log: &Log, id: &str) -> Result<(usize, Duration), Failed> {
    let told = |problem: Problem| problem.to_string();
    let body = Checkpoint::new(ORIGIN, log.senate.seq(), log.senate.root())
        .map_err(told)?
        .body();
    let key = public("log").map_err(told)?;
    let signed: Signature = signature("log", body.as_bytes()).parse().map_err(told)?;
    let note = Note::assemble(&body, ORIGIN, &key, &signed).map_err(told)?;
    let seqs = log.senate.certificate_events(id).map_err(told)?;
    let mut due = seqs.iter().peekable();
    let events: Vec<Event> = log
        .events
        .iter()
        .filter(|event| due.next_if(|seq| **seq == event.seq).is_some())
        .cloned()
        .collect();
    let statement = log
        .senate
        .certificate(id, &events, &note.to_string())
        .map_err(told)?;
    let payload = statement.to_text();
    let signed: Signature = signature("log", &pae(PAYLOAD_TYPE, payload.as_bytes()))
        .parse()
        .map_err(told)?;
    let text = Envelope::assemble(PAYLOAD_TYPE, payload.as_bytes(), &key, &signed)
        .map_err(told)?
        .to_value()
        .to_string();
    let started = Instant::now();
    // The reader takes texts of up to 64 MiB.
    match verify_certificate(text.as_bytes(), &Trusted::default()) {
        Ok(_) => Ok((text.len(), started.elapsed())),
        Err(refused) if refused.problem.code == "json_too_large" => {
            Ok((text.len(), Duration::ZERO))
        }
        Err(refused) => Err(format!("{refused:?}").into()),
    }
}
