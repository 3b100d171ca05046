//! Versions of a type: what leads from one to the next, artifacts that are brought forward through them, and the way back.

use crate::chamber::{Chamber, add_blinding, draft};
use crate::drafts::enact;
use crate::evidence::certificate;
use crate::rehearsals::{evidence, rehearse};
use schema_senate::migration::Plan;
use schema_senate::senate::{Senate, audit, verify_certificate};
use schema_senate::text::Value;
use serde_json::json;

/// A change of `dataset`, which says itself what is done to the artifacts, if it does.
fn change(change_type: &str, field_spec: Value) -> Value {
    let mut draft = draft(change_type, field_spec, false);
    draft["metadata"]["target_artifact_type"] = json!("dataset");
    draft
}

fn dataset(rows: Value) -> Value {
    json!({
        "type": "object",
        "properties": {"url": {"type": "string"}, "rows": rows},
        "required": ["url"],
        "additionalProperties": false
    })
}

/// A type that was imported with two versions and changed twice since: a field is renamed, and another gets a default.
fn grown() -> Chamber {
    let mut chamber = Chamber::new(3);
    chamber.ok(json!({
        "command": "import_type", "artifact_type": "dataset", "by": "m1", "evolution": "lazy",
        "versions": [{"schema": dataset(json!({"type": "string"}))}, {"schema": dataset(json!({"type": "integer"}))}]
    }));
    let rename = change("rename_field", json!({"from": "/url", "to": "source"}));
    let id = enact(&mut chamber, rename, &["m1", "m2", "m3"]);
    chamber.migrate(&id);
    let licence = change(
        "add_field",
        json!({"name": "licence", "schema": {"type": "string"}, "required": true, "default": "unknown"}),
    );
    let id = enact(&mut chamber, licence, &["m1", "m2", "m3"]);
    chamber.migrate(&id);
    chamber
}

#[test]
fn an_artifact_is_brought_forward_through_every_version_between() {
    let chamber = grown();
    let old = json!({"url": "u", "rows": "42"});
    let upcast = |from, to| {
        let made = chamber.senate.upcast("dataset", from, to, &old).unwrap();
        (made.artifact, made.changed)
    };
    assert_eq!(upcast(1, 1), (old.clone(), false));
    assert_eq!(upcast(1, 2), (json!({"url": "u", "rows": 42}), true));
    assert_eq!(upcast(2, 2), (old.clone(), false));
    assert_eq!(
        upcast(1, 4),
        (
            json!({"source": "u", "rows": 42, "licence": "unknown"}),
            true
        )
    );
    assert_eq!(
        upcast(3, 4).0,
        json!({"url": "u", "rows": "42", "licence": "unknown"})
    );
    for (name, from, to, code) in [
        ("dataset", 4, 1, "upcast_backwards"),
        ("dataset", 0, 1, "schema_version_unknown"),
        ("dataset", 1, 5, "schema_version_unknown"),
        ("figure", 1, 2, "artifact_type_unknown"),
    ] {
        let problem = chamber.senate.upcast(name, from, to, &old).unwrap_err();
        assert_eq!(problem.code, code);
    }
    // A log that is read again knows the same.
    let replayed = Senate::replay(chamber.ndjson().as_bytes()).unwrap();
    assert_eq!(
        replayed.upcast("dataset", 1, 4, &old).unwrap(),
        chamber.senate.upcast("dataset", 1, 4, &old).unwrap()
    );
}

#[test]
fn the_history_says_what_leads_to_each_version() {
    let chamber = grown();
    let shown = chamber.view("type", json!({"artifact_type": "dataset"}));
    let history = shown["history"].as_array().unwrap();
    assert!(history[0].get("transforms").is_none());
    assert_eq!(
        history[1]["transforms"],
        json!([{"op": "convert", "path": "/rows", "rule": "string_to_integer", "otherwise": "keep"}])
    );
    assert!(history[1].get("plan").is_none());
    assert_eq!(
        history[2]["transforms"],
        json!([{"op": "move", "from": "/url", "path": "/source"}])
    );
    let id = history[3]["proposal_id"].clone();
    let proposal = chamber.proposal(id.as_str().unwrap());
    assert_eq!(history[3]["plan"], proposal["migration"]["digest"]);
    assert_eq!(
        history[3]["transforms"],
        proposal["migration"]["plan"]["transforms"]
    );
}

#[test]
fn a_transition_is_shown_whole() {
    let chamber = grown();
    let transition = |from: u64, to: u64| {
        chamber.view(
            "transition",
            json!({"artifact_type": "dataset", "from": from, "to": to}),
        )
    };
    let shown = transition(1, 4);
    assert_eq!(shown["verdict"], "breaking");
    let ops: Vec<&Value> = shown["transforms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|transform| &transform["op"])
        .collect();
    assert_eq!(ops, ["convert", "move", "add"]);
    assert!(!shown["differences"].as_array().unwrap().is_empty());
    assert!(shown["notes"].as_array().is_some());
    let sql = shown["sql"]["postgresql"]["up"].to_string();
    assert!(sql.contains("dataset@1->4"), "{sql}");
    // What was approved is shown as it was approved.
    let approved = transition(3, 4);
    let id = chamber.view("schema", json!({"artifact_type": "dataset"}))["proposal_id"].clone();
    let plan = chamber.view("plan", json!({"proposal_id": id}))["plan"].clone();
    assert_eq!(approved["sql"], plan["sql"]);
    let nothing = transition(2, 2);
    assert_eq!(nothing["verdict"], "compatible");
    assert_eq!(nothing["transforms"], json!([]));
    let backwards = schema_senate::senate::view(
        &chamber.senate,
        "transition",
        &json!({"artifact_type": "dataset", "from": 2, "to": 1}),
        chamber.now_ms,
    );
    assert_eq!(backwards.unwrap_err().code, "upcast_backwards");
}

#[test]
fn a_plan_follows_the_evolution_of_its_type_unless_it_says_otherwise() {
    let mut chamber = grown();
    let strategy = |chamber: &Chamber, id: &str| {
        chamber.proposal(id)["migration"]["plan"]["strategy"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let lazily = chamber.propose("curator", change("remove_field", json!({"path": "/rows"})));
    assert_eq!(strategy(&chamber, &lazily), "lazy");
    let mut at_once = change("remove_field", json!({"path": "/licence"}));
    at_once["metadata"]["migration_plan"]["strategy"] = json!("batch");
    let at_once = chamber.propose("visitor", at_once);
    assert_eq!(strategy(&chamber, &at_once), "batch");
    let other = chamber.propose("m1", add_blinding());
    assert_eq!(strategy(&chamber, &other), "batch");
    // Whoever drafts it is told the same as the senate will say.
    let context = chamber.view("context", json!({"artifact_type": "dataset"}));
    assert_eq!(context["current"]["evolution"], "lazy");
}

/// An artifact that stays as it was written is brought forward when it is read.
#[test]
fn a_lazy_change_is_in_force_and_leaves_artifacts_to_their_readers() {
    let mut chamber = grown();
    let lazily = change("remove_field", json!({"path": "/rows"}));
    let id = enact(&mut chamber, lazily, &["m1", "m2", "m3"]);
    chamber.migrate(&id);
    assert_eq!(chamber.status(&id), "active");
    let old = json!({"url": "u", "rows": "42"});
    let read = chamber.senate.upcast("dataset", 1, 5, &old).unwrap();
    assert_eq!(read.artifact, json!({"source": "u", "licence": "unknown"}));
}

#[test]
fn a_new_type_says_how_its_artifacts_will_follow() {
    let mut chamber = Chamber::new(3);
    let mut add = draft(
        "add_type",
        json!({"name": "protocol", "schema": {"type": "object"}, "evolution": "eager_on_read"}),
        true,
    );
    add["metadata"]["target_artifact_type"] = json!("new_type");
    let id = enact(&mut chamber, add, &["m1", "m2"]);
    chamber.migrate(&id);
    let evolution = |chamber: &Chamber| {
        chamber.view("type", json!({"artifact_type": "protocol"}))["evolution"].clone()
    };
    assert_eq!(evolution(&chamber), "eager_on_read");
    chamber.senate = Senate::replay(chamber.ndjson().as_bytes()).unwrap();
    assert_eq!(evolution(&chamber), "eager_on_read");
    let next = chamber.propose("curator", {
        let mut draft = draft(
            "add_field",
            json!({"name": "step", "schema": {"type": "string"}}),
            true,
        );
        draft["metadata"]["target_artifact_type"] = json!("protocol");
        draft["metadata"]["backward_compatible"] = json!(false);
        draft
    });
    let plan = chamber.proposal(&next)["migration"]["plan"].clone();
    assert_eq!(plan["strategy"], "eager_on_read");
    // Its certificate is of a part of the log, in which the type comes by its versions only.
    let subject_of = carry_all(&mut chamber, &next);
    let text = certificate(&chamber, &next);
    let verified = verify_certificate(text.as_bytes(), &Default::default()).unwrap();
    assert_eq!(verified.decision["subject"], subject_of);
    audit(chamber.ndjson().as_bytes()).unwrap();
}

fn carry_all(chamber: &mut Chamber, id: &str) -> Value {
    crate::drafts::carry(chamber, id, &["m1", "m2", "m3"], "yes");
    chamber.migrate(id);
    chamber.proposal(id)["vote"]["subject"].clone()
}

/// The version before comes back as a version of its own, with what its artifacts were.
#[test]
fn a_change_is_taken_back_by_a_proposal() {
    let mut chamber = grown();
    let revert = change("modify_field", json!({"revert_to": 3}));
    let id = chamber.propose("curator", revert);
    let shown = chamber.proposal(&id);
    assert_eq!(shown["title"], "Restore version 3 of dataset");
    let plan = shown["migration"]["plan"].clone();
    assert_eq!(plan["restores"], "dataset@3->4");
    let taken_back =
        chamber.view("type", json!({"artifact_type": "dataset"}))["history"][3].clone();
    let approved = chamber.proposal(taken_back["proposal_id"].as_str().unwrap());
    let last = Plan::from_value(&approved["migration"]["plan"]).unwrap();
    assert_eq!(
        Plan::from_value(&plan).unwrap().transforms,
        last.inverse,
        "what was done is done the other way"
    );
    carry_all(&mut chamber, &id);
    let schema = |version: u64| {
        chamber.view(
            "schema",
            json!({"artifact_type": "dataset", "version": version}),
        )
    };
    assert_eq!(schema(5)["schema"], schema(3)["schema"]);
    assert_eq!(schema(5)["digest"], schema(3)["digest"]);
    // Whoever verifies the decision needs the plan that was taken back, and has it.
    let text = certificate(&chamber, &id);
    let verified = verify_certificate(text.as_bytes(), &Default::default()).unwrap();
    assert_eq!(verified.decision["status"], "active");
    audit(chamber.ndjson().as_bytes()).unwrap();
    // Also of one that was rehearsed and then taken back, before any vote.
    let again = chamber.propose("visitor", change("modify_field", json!({"revert_to": 4})));
    let mut report = evidence();
    report["base_version"] = json!(5);
    rehearse(&mut chamber, &again, report);
    chamber.ok(json!({"command": "withdraw", "proposal_id": again, "by": "visitor"}));
    let text = certificate(&chamber, &again);
    let verified = verify_certificate(text.as_bytes(), &Default::default()).unwrap();
    assert_eq!(verified.decision["status"], "withdrawn");
    let revert = change("modify_field", json!({"revert_to": 2}));
    let mut revert_far = revert;
    revert_far["command"] = json!("propose");
    revert_far["proposer_id"] = json!("curator");
    assert_eq!(chamber.refused(revert_far), "revert_not_the_last_version");
}

/// What is offered for drafting gives the plan that the senate will freeze, digest for digest.
#[test]
fn a_draft_that_is_checked_elsewhere_has_the_plan_of_the_senate() {
    let mut chamber = grown();
    for (proposer, field_spec) in [
        ("curator", json!({"revert_to": 3})),
        (
            "visitor",
            json!({"path": "/rows", "schema": {"type": "string"}}),
        ),
    ] {
        let draft = change("modify_field", field_spec);
        let context = chamber.view("context", json!({"artifact_type": "dataset"}));
        let checked = schema_senate::wasm::api::check_draft(
            draft.to_string().as_bytes(),
            context.to_string().as_bytes(),
        );
        let checked: Value = serde_json::from_str(&checked).unwrap();
        assert_eq!(checked["ok"], true, "{:#}", checked["problems"]);
        let id = chamber.propose(proposer, draft);
        assert_eq!(
            checked["migration"],
            chamber.proposal(&id)["migration"]["plan"]
        );
    }
}
