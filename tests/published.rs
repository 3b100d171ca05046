//! The published JSON Schemas: an example of every command, of every event and of a certificate, and what each refuses.

#![cfg(test)]

use std::collections::BTreeSet;

use schema_senate::proposal::{Scope, published};
use schema_senate::schema::Schema;
use schema_senate::text::Value;
use schema_senate::vote::Policy;
use serde_json::json;

const PROPOSAL: &str = "01JBXM5T3Z0000000000000000";
const CONCERN: &str = "c17";

fn digest() -> String {
    format!("sha256:{}", "0f".repeat(32))
}

fn key() -> String {
    format!("ed25519:{}=", "A".repeat(43))
}

fn signature() -> String {
    format!("{}==", "A".repeat(86))
}

/// A command with what a signed one has beside its own members.
fn act(name: &str, members: Value) -> Value {
    let mut act = members;
    act["command"] = json!(name);
    act["instance"] = json!("example.org/lab");
    act["key"] = json!(digest());
    act["nonce"] = json!(3);
    act["seen"] = json!({"size": 12, "root": digest()});
    act["signature"] = json!(signature());
    act
}

fn metadata() -> Value {
    json!({
        "target_artifact_type": "experiment",
        "change_type": "add_field",
        "field_spec": {"name": "blinding", "schema": {"enum": ["none", "single"]}},
        "rationale": "Trials cannot be compared without it.",
        "use_cases": [{"who": "methods-reviewer", "need": "filter trials by blinding"}],
        "migration_plan": {"none_needed": "it is optional for everybody"},
        "backward_compatible": true,
        "emergency": true
    })
}

fn member() -> Value {
    json!({"id": "ada", "name": "Ada", "principal": "lab-1", "family": "f", "role": "voter", "key": key()})
}

fn acts() -> Vec<Value> {
    let id = PROPOSAL;
    let mut acts = vec![
        act(
            "import_type",
            json!({
                "artifact_type": "experiment", "versions": [{"schema": {"type": "object"}}], "evolution": "lazy", "by": "ada"
            }),
        ),
        act(
            "propose",
            json!({
                "proposer_id": "ada", "proposal_type": "schema_change", "title": "Blinding", "metadata": metadata(),
                "addresses": [{"proposal_id": id, "what_changed": "it is optional now"}]
            }),
        ),
        act(
            "propose",
            json!({
                "proposer_id": "ada", "proposal_type": "policy_change",
                "metadata": {"policy": {"voting_ms": 86_400_000, "tracks": {"scope": {"unanimous": true, "voting_ms": 60_000}}}, "rationale": "r"}
            }),
        ),
        act(
            "propose",
            json!({
                "proposer_id": "ada", "proposal_type": "scope_change",
                "metadata": {"scope": {"keywords_out": ["marketing"], "judges": ["ada"]}, "rationale": "r"}
            }),
        ),
        act(
            "propose",
            json!({
                "proposer_id": "ada", "proposal_type": "membership_change",
                "metadata": {"changes": [
                    {"enrol": member()}, {"retire": {"id": "bob"}}, {"amend": {"id": "cyd", "role": "contributor", "name": null}},
                    {"replace_key": {"id": "dan", "key": key()}}
                ], "rationale": "r"}
            }),
        ),
        act(
            "revise",
            json!({"proposal_id": id, "by": "ada", "title": "t", "metadata": metadata()}),
        ),
        act("open_vote", json!({"proposal_id": id, "by": "ada"})),
        act(
            "cast_ballot",
            json!({"proposal_id": id, "voter_id": "ada", "choice": "no", "reason": "why not", "subject": digest()}),
        ),
        act(
            "withdraw",
            json!({"proposal_id": id, "by": "ada", "reason": "r"}),
        ),
        act(
            "recuse",
            json!({"proposal_id": id, "by": "ada", "reason": "it is my own field"}),
        ),
        act(
            "comment",
            json!({"proposal_id": id, "by": "ada", "text": "t", "anchor": {"pointer": "/properties/a~1b", "document": "current"}, "reply_to": CONCERN}),
        ),
        act(
            "raise_concern",
            json!({"proposal_id": id, "by": "ada", "name": "units", "text": "t", "anchor": {"pointer": ""}}),
        ),
        act(
            "appeal",
            json!({"proposal_id": id, "by": "ada", "justification": "j"}),
        ),
        act(
            "judge_scope",
            json!({"proposal_id": id, "by": "ada", "verdict": "in_scope", "reasoning": "r"}),
        ),
        act(
            "retry_migration",
            json!({"proposal_id": id, "by": "ada", "reason": "the disk has room again"}),
        ),
        act(
            "abandon_migration",
            json!({"proposal_id": id, "by": "ada", "reason": "too much of it is wrong"}),
        ),
        act(
            "retire_version",
            json!({"artifact_type": "experiment", "version": 1, "by": "ada", "reason": "nobody is on it"}),
        ),
        act(
            "rotate_key",
            json!({"by": "ada", "new_key": key(), "proof": signature()}),
        ),
    ];
    for (name, said) in [("resolve_concern", "text"), ("override_concern", "reason")] {
        acts.push(act(
            name,
            json!({"proposal_id": id, "by": "ada", "concern_id": CONCERN, said: "t"}),
        ));
    }
    acts
}

fn act_named(name: &str) -> Value {
    acts()
        .into_iter()
        .find(|act| act["command"] == name)
        .unwrap()
}

fn evidence() -> Value {
    json!({
        "engine": "PostgreSQL 17", "base_version": 3, "artifacts": 40, "fingerprint": digest(), "looked_at": 40, "sample": false,
        "changed": 12, "invalid_before": 0, "invalid_after": 1, "restored": 11, "not_restored": 1,
        "failures": [{"artifact_id": "a", "code": "schema_type", "pointer": "", "message": "m"}],
        "unrestored": [{"artifact_id": "b", "message": "m"}], "duration_ms": 210, "core": "0.1.0"
    })
}

fn commands() -> Vec<Value> {
    let id = PROPOSAL;
    let mut commands = acts();
    commands.extend([
        json!({
            "command": "found_senate", "origin": "example.org/lab", "log_key": key(), "policy": {"voting_ms": 60_000},
            "scope": {"keywords_in": ["blinding"]}, "members": [member(), {"id": "bob", "key": key()}]
        }),
        json!({"command": "settle"}),
        json!({"command": "record_rehearsal", "proposal_id": id, "plan": digest(), "evidence": evidence()}),
        json!({"command": "begin_migration", "proposal_id": id, "plan": digest()}),
        json!({
            "command": "record_migration", "proposal_id": id, "plan": digest(), "result": "applied",
            "artifacts": {"checked": 3, "changed": 2}
        }),
        json!({
            "command": "record_migration", "proposal_id": id, "plan": digest(), "result": "failed", "reason": "r",
            "failures": [{"artifact_id": "a", "message": "m"}]
        }),
    ]);
    commands
}

/// The part of a union that is told by the value of one member.
fn names(schema: &Schema, member: &str) -> BTreeSet<String> {
    let document = schema.document().schema();
    document["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|branch| {
            let place = branch["$ref"].as_str().unwrap().trim_start_matches('#');
            let name = &document.pointer(place).unwrap()["properties"][member]["const"];
            name.as_str().unwrap().to_owned()
        })
        .collect()
}

fn taken(schema: &Schema, example: &Value) {
    let validation = schema.validate_value(example);
    assert!(validation.valid, "{example:#}: {:#?}", validation.errors);
}

/// Without a member that must be there, or with one that has no meaning, it is none. `required`: those of this example.
fn strict(schema: &Schema, example: &Value, optional: &[&str]) {
    taken(schema, example);
    let members = example.as_object().unwrap();
    for name in members.keys() {
        let mut without = members.clone();
        without.remove(name);
        assert_eq!(
            schema.is_valid_value(&without.into()),
            optional.contains(&name.as_str()),
            "{example:#} without {name}"
        );
    }
    let mut with = members.clone();
    with.insert("extra".into(), json!(1));
    assert!(!schema.is_valid_value(&with.into()), "{example:#} and more");
}

#[test]
fn every_command_has_its_form() {
    let schema = published::compiled("command").unwrap();
    let mut seen = BTreeSet::new();
    for command in commands() {
        let name = command["command"].as_str().unwrap().to_owned();
        let optional: &[&str] = match name.as_str() {
            "found_senate" => &["policy", "scope"],
            "propose" | "revise" => &["title", "addresses"],
            "cast_ballot" | "withdraw" | "retry_migration" | "retire_version" => &["reason"],
            "import_type" => &["evolution"],
            "comment" => &["anchor", "reply_to"],
            "raise_concern" => &["anchor"],
            "record_migration" => &["failures"],
            _ => &[],
        };
        strict(&schema, &command, optional);
        seen.insert(name);
    }
    assert_eq!(seen, names(&schema, "command"));
}

#[test]
fn evidence_is_counted() {
    let schema = published::compiled("command").unwrap();
    let report = json!({"command": "record_rehearsal", "proposal_id": PROPOSAL, "plan": digest(), "evidence": evidence()});
    for name in evidence().as_object().unwrap().keys() {
        let mut without = report.clone();
        without["evidence"].as_object_mut().unwrap().remove(name);
        assert!(!schema.is_valid_value(&without), "without {name}");
    }
    for (place, value) in [
        ("/evidence/engine", json!("")),
        ("/evidence/artifacts", json!(-1)),
        ("/evidence/changed", json!(1.5)),
        ("/evidence/sample", json!("no")),
        ("/evidence/fingerprint", json!("0f")),
        (
            "/evidence/failures",
            json!(vec![evidence()["failures"][0].clone(); 21]),
        ),
        ("/evidence/failures/0/pointer", json!(null)),
        (
            "/evidence/unrestored/0",
            json!({"artifact_id": "a", "message": "m", "code": "c"}),
        ),
    ] {
        let mut wrong = report.clone();
        *wrong.pointer_mut(place).unwrap() = value.clone();
        assert!(!schema.is_valid_value(&wrong), "{place}: {value}");
    }
}

#[test]
fn an_act_is_signed_in_full() {
    let schema = published::compiled("command").unwrap();
    for (place, value) in [
        ("/instance", json!("")),
        ("/key", json!(key())),
        ("/nonce", json!(0)),
        ("/nonce", json!(9_007_199_254_740_992_u64)),
        ("/seen", json!({"size": 0})),
        ("/seen/size", json!(-1)),
        ("/seen/root", json!("0f")),
        ("/signature", json!("AAAA")),
        ("/signature", json!(format!("{}==\n", "A".repeat(86)))),
        ("/proposal_id", json!("8")),
        ("/voter_id", json!("a b")),
        ("/choice", json!("maybe")),
        ("/reason", json!("")),
        ("/subject", json!("sha256:")),
    ] {
        let mut ballot = act_named("cast_ballot");
        *ballot.pointer_mut(place).unwrap() = value.clone();
        assert!(!schema.is_valid_value(&ballot), "{place}: {value}");
    }
}

#[test]
fn the_metadata_of_a_proposal_is_that_of_its_type() {
    let schema = published::compiled("command").unwrap();
    let proposals: Vec<Value> = acts()
        .into_iter()
        .filter(|act| act["command"] == "propose")
        .collect();
    assert_eq!(proposals.len(), 4);
    for one in &proposals {
        for other in &proposals {
            let mut mixed = one.clone();
            mixed["metadata"] = other["metadata"].clone();
            let same = one["proposal_type"] == other["proposal_type"];
            assert_eq!(schema.is_valid_value(&mixed), same, "{mixed:#}");
        }
    }
}

#[test]
fn a_founding_names_members_with_their_keys() {
    let schema = published::compiled("command").unwrap();
    let founding = commands()
        .into_iter()
        .find(|command| command["command"] == "found_senate")
        .unwrap();
    for (place, value) in [
        ("/members/1", json!({"id": "bob"})),
        ("/members/0/role", json!("king")),
        ("/members/0/key", json!("ed25519:AAAA")),
        ("/members/0/weight", json!(2)),
        ("/policy/voting_ms", json!(1)),
        ("/scope/keywords_in", json!("blinding")),
        ("/log_key", json!(digest())),
    ] {
        let mut wrong = founding.clone();
        let (parent, member) = place.rsplit_once('/').unwrap();
        let parent = wrong.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(items) => items[member.parse::<usize>().unwrap()] = value.clone(),
            parent => parent[member] = value.clone(),
        }
        assert!(!schema.is_valid_value(&wrong), "{place}: {value}");
    }
}

fn events() -> Vec<Value> {
    let id = PROPOSAL;
    let policy = Policy::default().to_value();
    let scope = Scope::default().to_value();
    let tally = json!({"members": 3, "yes": 2, "no": 1, "abstain": 0});
    let record = json!({"events": 5, "digest": digest()});
    let created = json!({
        "proposal_id": id, "title": "Blinding", "target": "experiment", "track": "additive", "verdict": "compatible",
        "features": ["change add_field"], "fingerprint": digest(), "core": "0.1.0"
    });
    let with = |mut members: Value, more: Value| {
        for (name, value) in more.as_object().unwrap() {
            members[name] = value.clone();
        }
        members
    };
    let about = |members: Value| with(json!({"proposal_id": id}), members);
    let mut events = vec![
        (
            "senate_founded",
            json!({"origin": "example.org/lab", "log_key": key(), "policy": policy, "scope": scope, "members": [member()]}),
        ),
        (
            "type_imported",
            json!({"act": act_named("import_type"), "digests": [digest()]}),
        ),
        (
            "schema_version_registered",
            json!({
                "artifact_type": "experiment", "version": 2, "schema": {"type": "object"}, "references": {}, "draft": "draft7",
                "digest": digest(), "description": "d", "proposed_by": "ada", "proposal_id": id, "evolution": "eager_on_read"
            }),
        ),
        (
            "version_retired",
            json!({"act": act_named("retire_version")}),
        ),
        (
            "proposal_created",
            with(created.clone(), json!({"act": act_named("propose")})),
        ),
        (
            "proposal_revised",
            with(created, json!({"act": act_named("revise"), "revision": 2})),
        ),
        (
            "scope_evaluated",
            about(json!({
                "attempt": 1, "verdict": "out_of_scope", "reasoning": "r",
                "matches": [{"list": "out", "keyword": "social media", "pointer": "/metadata/field_spec/name"}]
            })),
        ),
        (
            "scope_judged",
            about(json!({"act": act_named("judge_scope")})),
        ),
        ("scope_appealed", about(json!({"act": act_named("appeal")}))),
        ("proposal_reopened", about(json!({}))),
        ("member_recused", about(json!({"act": act_named("recuse")}))),
        (
            "comment_posted",
            about(json!({"comment_id": "c8", "act": act_named("comment"), "quote": "q"})),
        ),
        (
            "concern_raised",
            about(json!({"concern_id": CONCERN, "act": act_named("raise_concern"), "quote": "q"})),
        ),
        (
            "concern_resolved",
            about(json!({"act": act_named("resolve_concern")})),
        ),
        (
            "concern_override_signed",
            about(json!({"act": act_named("override_concern")})),
        ),
        (
            "concern_overridden",
            about(json!({"concern_id": CONCERN, "signed_by": ["ada", "bob"]})),
        ),
        (
            "migration_rehearsed",
            about(json!({"plan": digest(), "evidence": evidence()})),
        ),
        (
            "vote_opened",
            about(json!({
                "act": act_named("open_vote"), "subject": digest(), "frozen": {}, "next": {}, "report": {}, "plan": {},
                "policy": policy, "electorate": [member()],
                "rule": {"requirements": [{"unanimous": true}], "min_electorate": 3, "min_principals": 1, "principal_caps": []}
            })),
        ),
        (
            "ballot_cast",
            about(json!({"act": act_named("cast_ballot")})),
        ),
        (
            "vote_extended",
            about(json!({"closes_ms": 9, "because": "flip"})),
        ),
        (
            "proposal_expired",
            about(
                json!({"reason": "r", "decided_ms": 9, "tally": tally, "dissent": [], "record": record}),
            ),
        ),
        (
            "proposal_stale",
            about(
                json!({"reason": "r", "decided_ms": 9, "tally": tally, "dissent": [], "record": record}),
            ),
        ),
        (
            "proposal_withdrawn",
            about(json!({"act": act_named("withdraw")})),
        ),
        (
            "migration_generated",
            about(json!({"plan": {}, "digest": digest()})),
        ),
        ("migration_started", about(json!({"plan": digest()}))),
        (
            "migration_applied",
            about(json!({"plan": digest(), "checked": 3, "changed": 0})),
        ),
        (
            "migration_failed",
            about(
                json!({"plan": digest(), "reason": "r", "failures": [{"artifact_id": "a", "message": "m"}]}),
            ),
        ),
        (
            "migration_retried",
            about(json!({"act": act_named("retry_migration")})),
        ),
        (
            "migration_abandoned",
            about(json!({"act": act_named("abandon_migration")})),
        ),
        (
            "policy_changed",
            about(json!({"policy": policy, "effective_ms": 9})),
        ),
        (
            "members_changed",
            about(json!({"changes": [{"retire": {"id": "bob"}}], "epoch": 2, "effective_ms": 9})),
        ),
        (
            "scope_changed",
            about(json!({"scope": scope, "effective_ms": 9})),
        ),
        ("key_rotated", json!({"act": act_named("rotate_key")})),
        (
            "equivocation_recorded",
            json!({"member_id": "ada", "nonce": 3, "first_seq": 7, "act": act_named("cast_ballot")}),
        ),
    ];
    for (approved, rejected) in [
        ("schema_proposal_approved", "schema_proposal_rejected"),
        ("senate_proposal_approved", "senate_proposal_rejected"),
    ] {
        events.push((
            approved,
            about(json!({"subject": digest(), "reason": "r", "decided_ms": 9, "tally": tally, "record": record})),
        ));
        events.push((
            rejected,
            about(json!({
                "because": "vote", "reason": "r", "decided_ms": 9, "tally": tally,
                "dissent": [{"voter_id": "ada", "choice": "no", "reason": "r"}, {"voter_id": "bob", "choice": "abstain"}],
                "record": record
            })),
        ));
    }
    events
        .into_iter()
        .map(|(name, members)| with(json!({"seq": 4, "at_ms": 8, "event": name}), members))
        .collect()
}

#[test]
fn every_event_has_its_form() {
    let schema = published::compiled("event").unwrap();
    let mut seen = BTreeSet::new();
    for event in events() {
        let name = event["event"].as_str().unwrap().to_owned();
        let optional: &[&str] = match name.as_str() {
            "schema_version_registered" => &["references", "draft", "evolution"],
            "proposal_created" | "proposal_revised" => &["verdict"],
            "comment_posted" | "concern_raised" => &["quote"],
            "vote_opened" => &["report", "plan"],
            "schema_proposal_approved" | "senate_proposal_approved" => &["tally"],
            "schema_proposal_rejected"
            | "senate_proposal_rejected"
            | "proposal_expired"
            | "proposal_stale" => &["tally", "dissent"],
            _ => &[],
        };
        strict(&schema, &event, optional);
        seen.insert(name);
    }
    assert_eq!(seen, names(&schema, "event"));
}

/// An event that an act caused carries that act, not another kind of act, and in full.
#[test]
fn an_event_carries_the_act_that_caused_it() {
    let schema = published::compiled("event").unwrap();
    let mut carried = BTreeSet::new();
    for event in events()
        .into_iter()
        .filter(|event| event.get("act").is_some())
    {
        let own = event["act"]["command"].clone();
        carried.insert(own.as_str().unwrap().to_owned());
        let any = event["event"] == "equivocation_recorded";
        for act in acts() {
            let mut other = event.clone();
            let fits = any || act["command"] == own;
            other["act"] = act;
            assert_eq!(schema.is_valid_value(&other), fits, "{other:#}");
        }
        let mut unsigned = event.clone();
        unsigned["act"].as_object_mut().unwrap().remove("signature");
        assert!(!schema.is_valid_value(&unsigned), "{unsigned:#}");
    }
    let all: BTreeSet<String> = acts()
        .iter()
        .map(|act| act["command"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(carried, all);
}

fn statement() -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "experiment", "digest": {"sha256": "0f".repeat(32)}}],
        "predicateType": "urn:schema-senate:decision:v1",
        "predicate": {
            "origin": "example.org/lab", "proposal_id": PROPOSAL,
            "decision": {
                "title": "Blinding", "target": "experiment", "track": "additive", "status": "rejected", "reason": "r",
                "decided_ms": 9, "verdict": "compatible", "subject": digest(), "rule": "r", "tally": {}
            },
            "events": [{"event": events().remove(0), "proof": [digest()]}],
            "checkpoint": "example.org/lab\n40\nAAAA\n\n— example.org/lab AAAA\n"
        }
    })
}

#[test]
fn a_certificate_is_a_statement_in_an_envelope() {
    let schema = published::compiled("certificate").unwrap();
    strict(&schema, &statement(), &[]);
    let envelope = json!({
        "payload": "e30=", "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"keyid": digest(), "sig": signature()}]
    });
    strict(&schema, &envelope, &[]);
    for (document, place, value) in [
        (
            statement(),
            "/_type",
            json!("https://in-toto.io/Statement/v0.1"),
        ),
        (
            statement(),
            "/predicate/decision",
            json!({"status": "approved"}),
        ),
        (statement(), "/predicate/events", json!([])),
        (statement(), "/predicate/events/0/proof/0", json!("AAAA")),
        (
            statement(),
            "/predicate/events/0/event/event",
            json!("vote_closed"),
        ),
        (
            statement(),
            "/predicate/checkpoint",
            json!("example.org/lab\n40\nAAAA\n"),
        ),
        (statement(), "/predicate/proposal_id", json!("1")),
        (envelope.clone(), "/payloadType", json!("application/json")),
        (envelope.clone(), "/payload", json!("{}")),
        (envelope, "/signatures", json!([])),
    ] {
        let mut wrong = document;
        *wrong.pointer_mut(place).unwrap() = value.clone();
        assert!(!schema.is_valid_value(&wrong), "{place}: {value}");
    }
}

#[test]
fn what_the_core_writes_whole_is_published() {
    for (name, whole) in [
        ("policy", Policy::default().to_value()),
        ("scope", Scope::default().to_value()),
    ] {
        let schema = published::compiled(name).unwrap();
        taken(&schema, &whole);
        taken(&schema, &json!({}));
        assert!(!schema.is_valid_value(&json!({"extra": 1})));
        let known: BTreeSet<&String> = schema.document().schema()["properties"]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        for member in whole.as_object().unwrap().keys() {
            assert!(known.contains(member), "{name}: {member}");
        }
    }
}

#[test]
fn a_policy_with_everything_is_published() {
    let schema = published::compiled("policy").unwrap();
    let whole = json!({
        "schema_version": 1,
        "tracks": {
            "additive": {"num": 2, "den": 3, "strict": false, "base": "electorate"},
            "breaking": {"unanimous": true},
            "emergency": {"unanimous": true, "min_review_ms": 0, "voting_ms": 86_400_000, "cooling_ms": 0}
        },
        "min_electorate": 3, "min_principals": 1, "principal_cap": null, "ballot_mode": "final", "reason_required": ["no"],
        "min_review_ms": 0, "voting_ms": 604_800_000, "late_window_ms": 86_400_000, "extension_ms": 172_800_000, "cooling_ms": 0,
        "concern_override": {"num": 2, "den": 3}, "live_per_proposer": 1, "concerns_per_member": 3, "max_draft_bytes": 262_144,
        "max_membership_changes": 10, "resubmit_after_ms": 0, "direct_import": true, "rehearsal": "required"
    });
    taken(&schema, &whole);
    for (place, value) in [
        (
            "/tracks/breaking",
            json!({"unanimous": true, "num": 1, "den": 1}),
        ),
        ("/tracks/breaking", json!({"unanimous": false})),
        ("/tracks/additive/base", json!("present")),
        ("/tracks/additive/num", json!("2")),
        ("/tracks/additive", json!({"num": 2})),
        ("/principal_cap", json!(0)),
        ("/voting_ms", json!(59_999)),
        ("/cooling_ms", json!(-1)),
        ("/schema_version", json!(2)),
        ("/direct_import", json!("yes")),
        ("/rehearsal", json!(true)),
        (
            "/concern_override",
            json!({"num": 2, "den": 3, "voting_ms": 60_000}),
        ),
    ] {
        let mut wrong = whole.clone();
        *wrong.pointer_mut(place).unwrap() = value.clone();
        assert!(!schema.is_valid_value(&wrong), "{place}: {value}");
    }
}
