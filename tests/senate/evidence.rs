//! What proves a decision: the audit of a log, and certificates.

use crate::chamber::{Chamber, ORIGIN, add_blinding, draft, public_key, remove_conclusions, sign};
use schema_senate::ledger::{Checkpoint, Envelope, Note, PAYLOAD_TYPE, pae};
use schema_senate::senate::{Event, Trusted, audit, check_against, verify_certificate};
use schema_senate::signature::{PublicKey, Signature};
use schema_senate::text::Value;
use serde_json::json;

/// A log in which everything happens that leaves a trace: a debate, a concern that is overridden, a rotated key, a changed
/// policy, an approval, a rejection.
pub fn eventful() -> (Chamber, String, String) {
    let mut chamber = Chamber::new(4);
    let approved = chamber.propose("curator", add_blinding());
    chamber.ok(json!({
        "command": "comment", "proposal_id": approved, "by": "visitor", "text": "Which levels?",
        "anchor": {"pointer": "/properties/design/properties/blinding"}
    }));
    chamber.rotate("m2", "m2 again");
    chamber.ok(json!({
        "command": "raise_concern", "proposal_id": approved, "by": "m4", "name": "Levels",
        "text": "Triple blinding is missing."
    }));
    let concern = chamber.proposal(&approved)["concerns"][0]["id"].clone();
    chamber.open(&approved);
    chamber.vote(&approved, "m1", "yes");
    chamber.vote(&approved, "m2", "yes");
    chamber.vote(&approved, "m4", "no");
    chamber.vote(&approved, "m3", "yes");
    for by in ["m1", "m2", "m3"] {
        chamber.ok(json!({
            "command": "override_concern", "proposal_id": approved, "by": by, "concern_id": concern,
            "reason": "Nobody runs such trials here."
        }));
    }
    chamber.migrate(&approved);
    let policy = chamber.propose(
        "m1",
        json!({
            "proposal_type": "policy_change",
            "metadata": {"policy": {"cooling_ms": 1000}, "rationale": "Time to notice."}
        }),
    );
    chamber.open(&policy);
    for voter in ["m1", "m2", "m3"] {
        chamber.vote(&policy, voter, "yes");
    }
    let rejected = chamber.propose("curator", remove_conclusions());
    chamber.open(&rejected);
    chamber.vote(&rejected, "m1", "yes");
    chamber.vote(&rejected, "m3", "no");
    (chamber, approved, rejected)
}

/// The log's key signs the log as it is.
pub fn checkpoint(chamber: &Chamber) -> String {
    let body = Checkpoint::new(ORIGIN, chamber.senate.seq(), chamber.senate.root())
        .unwrap()
        .body();
    let key: PublicKey = public_key("log").parse().unwrap();
    let signature: Signature = sign("log", body.as_bytes()).parse().unwrap();
    Note::assemble(&body, ORIGIN, &key, &signature)
        .unwrap()
        .to_string()
}

/// The checkpoint as somebody keeps it.
fn kept(chamber: &Chamber) -> Checkpoint {
    let key: PublicKey = public_key("log").parse().unwrap();
    let note = Note::parse(&checkpoint(chamber)).unwrap();
    note.verify(ORIGIN, &key).unwrap()
}

pub fn certificate(chamber: &Chamber, id: &str) -> String {
    let seqs = chamber.senate.certificate_events(id).unwrap();
    let events: Vec<Event> = chamber
        .log
        .iter()
        .filter(|event| seqs.contains(&event.seq))
        .cloned()
        .collect();
    let statement = chamber
        .senate
        .certificate(id, &events, &checkpoint(chamber))
        .unwrap();
    let payload = statement.to_text();
    let key: PublicKey = public_key("log").parse().unwrap();
    let signature = sign("log", &pae(PAYLOAD_TYPE, payload.as_bytes()));
    Envelope::assemble(
        PAYLOAD_TYPE,
        payload.as_bytes(),
        &key,
        &signature.parse().unwrap(),
    )
    .unwrap()
    .to_value()
    .to_string()
}

#[test]
fn a_log_is_decided_again_event_for_event() {
    let (chamber, approved, rejected) = eventful();
    assert_eq!(chamber.status(&approved), "active");
    assert_eq!(chamber.status(&rejected), "rejected");
    let (senate, report) = audit(chamber.ndjson().as_bytes()).unwrap();
    assert_eq!(report.events, chamber.log.len() as u64);
    assert_eq!(report.derived, report.events);
    assert_eq!(senate.root(), chamber.senate.root());
    assert!(report.signatures > 15, "{report:?}");
    assert!(report.notes.is_empty());
}

#[test]
fn a_kept_checkpoint_shows_a_log_that_was_cut_off_or_written_anew() {
    let (chamber, ..) = eventful();
    let kept = kept(&chamber);
    assert_eq!(check_against(&chamber.senate, &kept), Ok(()));
    let log = chamber.ndjson();
    let without_end: String = log
        .lines()
        .take(chamber.log.len() - 2)
        .map(|line| format!("{line}\n"))
        .collect();
    let (cut, _) = audit(without_end.as_bytes()).unwrap();
    assert_eq!(
        check_against(&cut, &kept).unwrap_err().code,
        "log_shorter_than_checkpoint"
    );
    // Nobody signed the time of a host, so only the root tells that it was changed.
    let last = chamber.log.last().unwrap().at_ms;
    let moved = log.replace(
        &format!("\"at_ms\":{last}"),
        &format!("\"at_ms\":{}", last + 1),
    );
    if let Ok((other, _)) = audit(moved.as_bytes()) {
        assert_eq!(
            check_against(&other, &kept).unwrap_err().code,
            "log_rewritten"
        );
    }
}

/// Every line of a log: left out, doubled, swapped with the next, and each of its members changed.
#[test]
fn whatever_is_done_to_a_line_of_a_log_is_found() {
    let (chamber, ..) = eventful();
    let kept = kept(&chamber);
    let lines: Vec<String> = chamber.ndjson().lines().map(str::to_owned).collect();
    let is_found = |lines: &[String]| match audit(lines.join("\n").as_bytes()) {
        Err(_) => true,
        Ok((senate, _)) => check_against(&senate, &kept).is_err(),
    };
    assert!(!is_found(&lines));
    let mut forgeries = 0;
    for at in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(at);
        assert!(is_found(&without), "line {at} left out");
        let mut doubled = lines.clone();
        doubled.insert(at, lines[at].clone());
        assert!(is_found(&doubled), "line {at} doubled");
        if at + 1 < lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(at, at + 1);
            assert!(is_found(&swapped), "line {at} swapped");
        }
        forgeries += 3;
    }
    println!("forged logs: {forgeries}");
}

/// Flips one bit of every byte of an event, ballots and derived events alike.
#[test]
fn any_flipped_byte_of_an_event_is_found_and_the_answer_names_the_event() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    chamber.open(&id);
    chamber.vote(&id, "m1", "yes");
    chamber.vote(&id, "m2", "yes");
    let lines: Vec<String> = chamber.ndjson().lines().map(str::to_owned).collect();
    let kept = kept(&chamber);
    let (mut flips, mut by_audit) = (0, 0);
    // The last three lines: a ballot, the approval, the migration.
    for at in lines.len() - 3..lines.len() {
        for index in 0..lines[at].len() {
            let mut bytes = lines[at].clone().into_bytes();
            bytes[index] ^= 1;
            let mut log = lines[..at].join("\n").into_bytes();
            log.push(b'\n');
            log.extend(&bytes);
            log.push(b'\n');
            log.extend(lines[at + 1..].join("\n").into_bytes());
            flips += 1;
            match audit(&log) {
                Err(finding) => {
                    by_audit += 1;
                    // An event that cannot be read, or that follows from nothing, is found where it stands.
                    let seq = at as u64 + 1;
                    assert!(
                        finding.seq == seq || finding.seq == seq + 1,
                        "{finding:?} at {at}:{index}"
                    );
                }
                Ok((senate, _)) => {
                    let found = check_against(&senate, &kept).is_err();
                    let same = senate.root() == kept.root();
                    assert!(found || same, "byte {index} of line {at}");
                    // The same event in other bytes, such as a space, is no other event.
                    assert!(!same || bytes.len() == lines[at].len());
                }
            }
        }
    }
    println!("flipped bytes: {flips}, found by deciding again: {by_audit}");
    assert!(by_audit * 10 > flips * 9);
}

#[test]
fn a_certificate_is_verified_from_the_file_alone() {
    let (chamber, approved, rejected) = eventful();
    for (id, status, choices) in [(&approved, "active", 4), (&rejected, "rejected", 2)] {
        let text = certificate(&chamber, id);
        let report = verify_certificate(text.as_bytes(), &Trusted::default()).unwrap();
        assert_eq!(report.decision["status"], status);
        assert_eq!(report.ballots.as_array().unwrap().len(), choices);
        assert!(!report.log_key_compared);
        assert_eq!(report.checks.len(), 7);
        // Only some of the log is in it.
        assert!(report.events < chamber.log.len() as u64);
    }
    let breaking = verify_certificate(
        certificate(&chamber, &rejected).as_bytes(),
        &Trusted::default(),
    )
    .unwrap();
    assert!(breaking.witness.is_some());
}

/// The words of a report follow the order of a schema's members, so the file must keep it.
#[test]
fn a_certificate_keeps_the_order_of_a_schema() {
    let mut chamber = Chamber::new(3);
    chamber.ok(json!({
        "command": "import_type", "artifact_type": "note", "by": "m1",
        "versions": [{"schema": {
            "type": "object", "required": ["zone", "about"],
            "properties": {"zone": {"type": "string"}, "about": {"type": "object", "properties": {"z": {}, "a": {}}}, "kind": {"enum": ["y", "b"]}},
            "additionalProperties": false
        }}]
    }));
    let mut change = draft(
        "add_field",
        json!({"path": "/about/m", "schema": {"type": "object", "required": ["y", "b"], "properties": {"y": {}, "b": {}}}, "default": {"y": 1, "b": 2}}),
        false,
    );
    change["metadata"]["target_artifact_type"] = json!("note");
    change["metadata"]["migration_plan"] = json!({"sql": "UPDATE artifacts SET metadata = metadata", "backfill": "Every note gets both members."});
    let id = chamber.propose("curator", change);
    chamber.open(&id);
    for voter in ["m1", "m2", "m3"] {
        chamber.vote(&id, voter, "yes");
    }
    let text = certificate(&chamber, &id);
    let report = verify_certificate(text.as_bytes(), &Trusted::default());
    assert!(report.is_ok(), "{report:?}");
}

#[test]
fn who_trusts_a_key_or_a_checkpoint_compares_it() {
    let (chamber, approved, _) = eventful();
    let text = certificate(&chamber, &approved);
    let trusted = Trusted {
        log_key: Some(public_key("log").parse().unwrap()),
        checkpoint: Some(checkpoint(&chamber)),
    };
    let report = verify_certificate(text.as_bytes(), &trusted).unwrap();
    assert!(report.log_key_compared);
    let other = Trusted {
        log_key: Some(public_key("another log").parse().unwrap()),
        ..Trusted::default()
    };
    let refused = verify_certificate(text.as_bytes(), &other).unwrap_err();
    assert_eq!(
        (refused.failed, refused.problem.code),
        ("log_key", "log_key_differs")
    );
}

/// Whoever holds the log's key can sign what they like; a decision that does not follow from the ballots is found all the same.
#[test]
fn a_certificate_that_its_own_host_has_forged_is_found() {
    let (chamber, approved, _) = eventful();
    let text = certificate(&chamber, &approved);
    let envelope: Value = serde_json::from_str(&text).unwrap();
    let payload =
        schema_senate::text::base64::decode(envelope["payload"].as_str().unwrap()).unwrap();
    let statement: Value = serde_json::from_slice(&payload).unwrap();
    let signed = |statement: &Value| {
        let payload = schema_senate::text::canonical(statement).unwrap();
        let signature = sign("log", &pae(PAYLOAD_TYPE, payload.as_bytes()));
        let key: PublicKey = public_key("log").parse().unwrap();
        let envelope = Envelope::assemble(
            PAYLOAD_TYPE,
            payload.as_bytes(),
            &key,
            &signature.parse().unwrap(),
        );
        envelope.unwrap().to_value().to_string()
    };
    let failed = |change: &dyn Fn(&mut Value)| {
        let mut forged = statement.clone();
        change(&mut forged);
        assert_ne!(forged, statement);
        match verify_certificate(signed(&forged).as_bytes(), &Trusted::default()) {
            Ok(_) => "verified",
            Err(refused) => refused.failed,
        }
    };
    assert_eq!(
        failed(&|s| s["predicate"]["decision"]["status"] = json!("rejected")),
        "decision"
    );
    assert_eq!(
        failed(&|s| s["subject"][0]["name"] = json!("elsewhere")),
        "decision"
    );
    assert_eq!(
        failed(&|s| s["predicate"]["origin"] = json!("elsewhere")),
        "checkpoint"
    );
    let count = statement["predicate"]["events"].as_array().unwrap().len();
    for at in 1..count {
        let without = failed(&|s| {
            s["predicate"]["events"].as_array_mut().unwrap().remove(at);
        });
        // A later rotation or a policy that came after the vote may be left out; it decides nothing.
        let name = statement["predicate"]["events"][at]["event"]["event"]
            .as_str()
            .unwrap();
        let decides = !matches!(
            name,
            "key_rotated" | "policy_changed" | "members_changed" | "scope_changed"
        );
        assert!(
            without != "verified" || !decides,
            "event {at}, {name}, left out: {without}"
        );
        assert_eq!(
            failed(
                &|s| s["predicate"]["events"][at]["event"]["at_ms"] = json!(1_800_000_000_001_u64)
            ),
            "inclusion"
        );
    }
}

/// Positions spread over the file, a bit flipped in each.
#[test]
fn any_flipped_byte_of_a_certificate_is_found() {
    let (chamber, approved, _) = eventful();
    let text = certificate(&chamber, &approved).into_bytes();
    let step = (text.len() / 400).max(1);
    let mut tried = 0;
    for index in (0..text.len()).step_by(step) {
        let mut damaged = text.clone();
        damaged[index] ^= 1;
        let refused = verify_certificate(&damaged, &Trusted::default());
        let refused = refused
            .err()
            .unwrap_or_else(|| panic!("byte {index} of {}", text.len()));
        assert!(!refused.problem.message.is_empty());
        tried += 1;
    }
    println!("flipped bytes of a certificate: {tried} of {}", text.len());
}

#[test]
fn there_is_no_certificate_of_what_is_not_decided() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    assert_eq!(
        chamber.senate.certificate_events(&id).unwrap_err().code,
        "nothing_to_certify"
    );
    assert_eq!(
        chamber
            .senate
            .certificate_events("01ARZ3NDEKTSV4RRFFQ69G5FAV")
            .unwrap_err()
            .code,
        "proposal_unknown"
    );
}
