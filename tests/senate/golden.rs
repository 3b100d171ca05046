//! Golden logs: committed with everything that is read from them, so that every build answers the same, byte for byte. The same
//! files are gone through in Node (`tests/core/golden.test.mjs`) and in Chromium (`tests/wasm_boundary.rs`).
//!
//! After a change of the log's form, `SENATE_BLESS=1 cargo test --test senate golden` writes them anew.

use std::path::PathBuf;

use crate::chamber::{Chamber, add_blinding, draft, member, remove_conclusions};
use crate::evidence::{certificate, checkpoint, eventful};
use crate::rehearsals::rehearsed;
use schema_senate::senate::{Senate, audit, verify_certificate, view};
use schema_senate::text::{Kind, Value, digest};
use serde_json::json;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/logs")
}

/// Scope: out and appealed, unclear and judged.
fn scoped() -> Chamber {
    let voters = (1..=3).map(|n| member(&format!("m{n}"))).collect();
    let scope = json!({
        "in": ["experimental methodology"], "out": ["social media"],
        "keywords_in": ["blinding", "trial"], "keywords_out": ["social media"], "judges": ["m3"]
    });
    let mut chamber = Chamber::founded(voters, json!({"scope": scope}));
    let mut social = draft(
        "add_field",
        json!({"name": "social_media_mentions", "schema": {"type": "integer"}}),
        true,
    );
    social["metadata"]["rationale"] = json!("Dashboards want to show how often it was mentioned.");
    social["metadata"]["use_cases"] = json!([{"who": "dashboard", "need": "count how often an experiment is mentioned in public"}]);
    let id = chamber.propose("curator", social);
    chamber.ok(json!({
        "command": "appeal", "proposal_id": id, "by": "curator",
        "justification": "Mentions unblind a trial: whoever reads them knows the arm. This is about blinding."
    }));
    chamber.ok(json!({
        "command": "judge_scope", "proposal_id": id, "by": "m3", "verdict": "out_of_scope",
        "reasoning": "Mentions are not part of how a trial was done."
    }));
    chamber
}

/// Replaceable ballots, a late flip, a concern that lets the vote expire, a type that moves on, another epoch.
fn contested() -> Chamber {
    let mut chamber = Chamber::with(
        4,
        json!({
            "ballot_mode": "replaceable", "voting_ms": 100_000, "late_window_ms": 10_000, "extension_ms": 20_000,
            "cooling_ms": 5_000, "min_principals": 2, "principal_cap": 2
        }),
    );
    let first = chamber.propose("curator", add_blinding());
    let second = chamber.propose("visitor", remove_conclusions());
    chamber.open(&first);
    chamber.vote(&first, "m1", "yes");
    chamber.vote(&first, "m2", "yes");
    chamber.vote(&first, "m3", "no");
    chamber.wait(95_000);
    chamber.open(&second);
    chamber.vote(&first, "m3", "yes");
    chamber.change_members(json!([{"enrol": member("m5")}, {"retire": {"id": "m1"}}]));
    chamber.wait(30_000);
    chamber.ok(json!({"command": "settle"}));
    chamber.wait(5_000);
    chamber.ok(json!({"command": "settle"}));
    chamber.migrate(&first);
    let third = chamber.propose("m2", remove_conclusions());
    chamber.open(&third);
    chamber.ok(json!({
        "command": "raise_concern", "proposal_id": third, "by": "m3", "name": "Readers", "text": "Who reads conclusions?"
    }));
    for voter in ["m2", "m3", "m4", "m5"] {
        if chamber.status(&third) == "voting"
            && chamber.proposal(&third)["vote"]["electorate"]
                .to_string()
                .contains(voter)
        {
            chamber.vote(&third, voter, "yes");
        }
    }
    chamber.wait(130_000);
    chamber.ok(json!({"command": "settle"}));
    chamber
}

/// Everything that is read from a log.
fn read(chamber: &Chamber) -> Value {
    let log = chamber.ndjson();
    let senate = Senate::replay(log.as_bytes()).unwrap();
    let mut views = Vec::new();
    let mut see = |name: &str, params: Value| {
        let shown = view(&senate, name, &params, chamber.now_ms).unwrap();
        let digest = digest(Kind::Document, &shown).unwrap().to_string();
        views.push(json!({"name": name, "params": params, "digest": digest}));
        shown
    };
    for name in [
        "senate",
        "members",
        "policy",
        "scope",
        "types",
        "checkpoint",
    ] {
        see(name, json!({}));
    }
    see("type", json!({"artifact_type": "experiment"}));
    see("inclusion", json!({"seq": 2}));
    see("consistency", json!({"from": 3}));
    let listed = see("proposals", json!({"limit": 100}));
    let mut certificates = Vec::new();
    for proposal in listed["proposals"].as_array().unwrap() {
        let id = proposal["id"].as_str().unwrap();
        see("proposal", json!({"proposal_id": id}));
        if senate.certificate_events(id).is_ok() {
            let text = certificate(chamber, id);
            let report = verify_certificate(text.as_bytes(), &Default::default()).unwrap();
            let report = serde_json::to_value(report).unwrap();
            certificates.push(json!({
                "proposal_id": id,
                "certificate": serde_json::from_str::<Value>(&text).unwrap(),
                "report": digest(Kind::Document, &report).unwrap().to_string(),
            }));
        }
    }
    let (_, audited) = audit(log.as_bytes()).unwrap();
    json!({
        "now_ms": chamber.now_ms,
        "root": senate.root().to_string(),
        "audit": audited,
        "checkpoint": checkpoint(chamber),
        "views": views,
        "certificates": certificates,
    })
}

fn golden(name: &str, chamber: &Chamber) {
    let (log, read) = (chamber.ndjson(), read(chamber));
    let text = format!("{}\n", serde_json::to_string_pretty(&read).unwrap());
    let (log_file, read_file) = (
        folder().join(format!("{name}.ndjson")),
        folder().join(format!("{name}.json")),
    );
    if std::env::var_os("SENATE_BLESS").is_some() {
        std::fs::create_dir_all(folder()).unwrap();
        std::fs::write(log_file, &log).unwrap();
        std::fs::write(read_file, &text).unwrap();
        return;
    }
    assert_eq!(
        log,
        std::fs::read_to_string(log_file).unwrap(),
        "{name}: the log"
    );
    assert_eq!(
        text,
        std::fs::read_to_string(read_file).unwrap(),
        "{name}: what is read from it"
    );
}

#[test]
fn the_eventful_log_is_the_same() {
    golden("eventful", &eventful().0);
}

#[test]
fn the_rehearsed_log_is_the_same() {
    golden("rehearsed", &rehearsed().0);
}

#[test]
fn the_scoped_log_is_the_same() {
    let chamber = scoped();
    let names: Vec<&str> = chamber
        .log
        .iter()
        .map(|event| event.happening.name())
        .collect();
    assert!(
        names.ends_with(&[
            "proposal_created",
            "scope_evaluated",
            "schema_proposal_rejected",
            "scope_appealed",
            "scope_evaluated",
            "proposal_reopened",
            "scope_judged",
            "schema_proposal_rejected"
        ]),
        "{names:?}"
    );
    golden("scoped", &chamber);
}

#[test]
fn the_contested_log_is_the_same() {
    let chamber = contested();
    let names: Vec<&str> = chamber
        .log
        .iter()
        .map(|event| event.happening.name())
        .collect();
    for name in [
        "vote_extended",
        "members_changed",
        "proposal_stale",
        "concern_raised",
        "migration_applied",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    golden("contested", &chamber);
}
