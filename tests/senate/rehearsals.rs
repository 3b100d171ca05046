//! Migrations that are rehearsed before anybody votes, and what members decide when one fails.

use crate::chamber::{Chamber, add_blinding, draft, remove_conclusions};
use crate::drafts::{add_field, carry, change_policy, enact, opening};
use crate::evidence::certificate;
use schema_senate::senate::{Event, audit, verify_certificate};
use schema_senate::text::{Digest, Kind, Value, digest};
use serde_json::json;

/// What a host reports of three artifacts that all went well.
pub fn evidence() -> Value {
    json!({
        "engine": "test engine", "base_version": 1, "artifacts": 3, "fingerprint": Digest::of_bytes(b"three").to_string(),
        "looked_at": 3, "sample": false, "changed": 2, "invalid_before": 0, "invalid_after": 0, "restored": 2, "not_restored": 0,
        "failures": [], "unrestored": [], "duration_ms": 12, "core": env!("CARGO_PKG_VERSION")
    })
}

/// The same, where one artifact is not valid afterwards.
pub fn failing() -> Value {
    let mut evidence = evidence();
    evidence["invalid_after"] = json!(1);
    evidence["failures"] = json!([{
        "artifact_id": "exp-2", "code": "schema_type", "pointer": "/title", "message": "3 is not of type string"
    }]);
    evidence
}

/// The plan of a proposal as it is now, by its digest.
pub fn plan_of(chamber: &Chamber, id: &str) -> Value {
    chamber.proposal(id)["migration"]["digest"].clone()
}

/// The report of a rehearsal of the plan as it is now.
pub fn report(chamber: &Chamber, id: &str, evidence: Value) -> Value {
    json!({"command": "record_rehearsal", "proposal_id": id, "plan": plan_of(chamber, id), "evidence": evidence})
}

pub fn rehearse(chamber: &mut Chamber, id: &str, evidence: Value) -> Vec<&'static str> {
    let report = report(chamber, id, evidence);
    chamber.ok(report)
}

fn frozen(chamber: &Chamber, id: &str) -> Value {
    chamber.proposal(id)["vote"]["frozen"]["rehearsal_evidence"].clone()
}

/// A migration that could not be applied.
pub fn fail(chamber: &mut Chamber, id: &str) -> Vec<&'static str> {
    let plan = plan_of(chamber, id);
    chamber.ok(json!({
        "command": "record_migration", "proposal_id": id, "plan": plan, "result": "failed", "reason": "the disk is full"
    }))
}

fn approved(chamber: &mut Chamber) -> String {
    enact(chamber, add_blinding(), &["m1", "m2"])
}

fn failed(chamber: &mut Chamber) -> String {
    let id = approved(chamber);
    fail(chamber, &id);
    id
}

#[test]
fn what_was_rehearsed_is_part_of_what_is_voted_on() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    assert_eq!(
        rehearse(&mut chamber, &id, evidence()),
        ["migration_rehearsed"]
    );
    let shown = chamber.proposal(&id)["migration"]["rehearsal"].clone();
    let expected = digest(Kind::Evidence, &evidence()).unwrap().to_string();
    assert_eq!(shown["evidence"], evidence());
    assert_eq!(shown["digest"], json!(expected));
    assert_eq!(
        (&shown["passed"], &shown["current"]),
        (&json!(true), &json!(true))
    );
    let history = chamber.proposal(&id)["history"].clone();
    assert_eq!(
        history.as_array().unwrap().last().unwrap()["words"],
        "The migration was rehearsed on 3 artifacts: 2 changed, 0 not valid afterwards, 0 not restored."
    );
    // The same report once more adds nothing; another takes its place.
    assert_eq!(rehearse(&mut chamber, &id, evidence()), [""; 0]);
    rehearse(&mut chamber, &id, failing());
    rehearse(&mut chamber, &id, evidence());
    let subject = chamber.open(&id);
    assert_eq!(frozen(&chamber, &id), json!(expected));

    let mut without = Chamber::new(3);
    let other = without.propose("curator", add_blinding());
    let other_subject = without.open(&other);
    assert_eq!(frozen(&without, &other), "(none)");
    assert_ne!(subject, other_subject);

    // Ballots name it, so nothing is reported while they are cast.
    let late = report(&chamber, &id, failing());
    assert_eq!(chamber.refused(late), "rehearsal_not_due");
    chamber.vote(&id, "m1", "yes");
    chamber.vote(&id, "m2", "yes");
    // Once more on the fresh base, before it is applied: what was frozen stays what it was.
    rehearse(&mut chamber, &id, failing());
    assert_eq!(
        chamber.proposal(&id)["migration"]["rehearsal"]["passed"],
        false
    );
    assert_eq!(frozen(&chamber, &id), json!(expected));
    chamber.migrate(&id);
    let late = report(&chamber, &id, evidence());
    assert_eq!(chamber.refused(late), "rehearsal_not_due");
}

#[test]
fn a_rehearsal_of_an_older_plan_does_not_count() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    let older = report(&chamber, &id, evidence());
    chamber.ok(older.clone());
    let metadata = add_field("masking")["metadata"].clone();
    chamber
        .ok(json!({"command": "revise", "proposal_id": id, "by": "curator", "metadata": metadata}));
    let other = draft(
        "add_field",
        json!({"path": "/design/masking", "schema": {"type": "string"}, "default": "none"}),
        true,
    )["metadata"]
        .clone();
    chamber.ok(json!({"command": "revise", "proposal_id": id, "by": "curator", "metadata": other}));
    assert_eq!(chamber.refused(older), "plan_not_proposed");
    let shown = chamber.proposal(&id)["migration"]["rehearsal"].clone();
    assert_eq!(shown["current"], false);
    chamber.open(&id);
    assert_eq!(frozen(&chamber, &id), "(none)");
}

/// Whoever revises back to what was rehearsed has it rehearsed.
#[test]
fn a_rehearsal_stays_with_its_plan() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    rehearse(&mut chamber, &id, evidence());
    let revise = |metadata: &Value| json!({"command": "revise", "proposal_id": id, "by": "curator", "metadata": metadata});
    let with_default = draft(
        "add_field",
        json!({"path": "/design/blinding", "schema": {"enum": ["none", "single", "double"]}, "default": "none"}),
        true,
    );
    chamber.ok(revise(&with_default["metadata"]));
    rehearse(&mut chamber, &id, failing());
    chamber.ok(revise(&add_blinding()["metadata"]));
    let shown = chamber.proposal(&id)["migration"]["rehearsal"].clone();
    assert_eq!(
        (&shown["current"], &shown["passed"]),
        (&json!(true), &json!(true))
    );
    chamber.open(&id);
    assert_eq!(frozen(&chamber, &id), shown["digest"]);
}

#[test]
fn a_policy_can_ask_for_a_rehearsal_that_passed() {
    let mut chamber = Chamber::with(3, json!({"rehearsal": "required"}));
    let words = chamber.view("policy", json!(null))["words"].to_string();
    assert!(words.contains("was rehearsed and passed"), "{words}");
    let id = chamber.propose("curator", add_blinding());
    assert_eq!(chamber.refused(opening(&id)), "rehearsal_missing");
    rehearse(&mut chamber, &id, failing());
    assert_eq!(chamber.refused(opening(&id)), "rehearsal_failed");
    let mut lost = evidence();
    lost["restored"] = json!(1);
    lost["not_restored"] = json!(1);
    lost["unrestored"] =
        json!([{"artifact_id": "exp-3", "message": "the member `conclusions` is gone"}]);
    rehearse(&mut chamber, &id, lost);
    assert_eq!(chamber.refused(opening(&id)), "rehearsal_failed");
    rehearse(&mut chamber, &id, evidence());
    // A revision has another plan, and that was not rehearsed.
    let removal = remove_conclusions()["metadata"].clone();
    chamber
        .ok(json!({"command": "revise", "proposal_id": id, "by": "curator", "metadata": removal}));
    assert_eq!(chamber.refused(opening(&id)), "rehearsal_missing");
    rehearse(&mut chamber, &id, evidence());
    chamber.open(&id);
    assert_eq!(chamber.status(&id), "voting");
}

/// A senate whose host cannot rehearse can still change its policy, its members and its scope.
#[test]
fn what_migrates_nothing_waits_for_no_rehearsal() {
    let mut chamber = Chamber::with(3, json!({"rehearsal": "required"}));
    let waiting = chamber.propose("curator", add_blinding());
    chamber.change_members(json!([{"amend": {"id": "m3", "name": "Mo"}}]));
    let scope = crate::drafts::change_scope(json!({"keywords_out": ["marketing"]}));
    let scoped = enact(&mut chamber, scope, &["m1", "m2"]);
    assert_eq!(chamber.status(&scoped), "active");
    assert_eq!(chamber.refused(opening(&waiting)), "rehearsal_missing");
    let off = change_policy(json!({"rehearsal": "optional"}));
    let off = chamber.propose("visitor", off);
    // By what the policy asks of a change of the policy: here two of three.
    carry(&mut chamber, &off, &["m1"], "yes");
    assert_eq!(chamber.status(&off), "voting");
    chamber.vote(&off, "m2", "yes");
    assert_eq!(chamber.status(&off), "active");
    chamber.open(&waiting);
}

/// A vote that is open keeps the policy that it was opened under.
#[test]
fn asking_for_rehearsals_stops_no_vote_that_is_open() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    chamber.open(&id);
    enact(
        &mut chamber,
        change_policy(json!({"rehearsal": "required"})),
        &["m1", "m2"],
    );
    chamber.vote(&id, "m1", "yes");
    chamber.vote(&id, "m2", "yes");
    assert_eq!(chamber.status(&id), "approved");
}

#[test]
fn a_migration_that_failed_is_tried_again_when_somebody_says_so() {
    let mut chamber = Chamber::new(3);
    let id = failed(&mut chamber);
    let plan = plan_of(&chamber, &id);
    let begin = json!({"command": "begin_migration", "proposal_id": id, "plan": plan});
    assert_eq!(chamber.refused(begin.clone()), "migration_failed_before");
    // A rehearsal helps to see whether it would do better.
    rehearse(&mut chamber, &id, evidence());
    let retry = |by: &str| json!({"command": "retry_migration", "proposal_id": id, "by": by, "reason": "there is room"});
    assert_eq!(chamber.refused(retry("visitor")), "not_allowed_to_retry");
    assert_eq!(chamber.ok(retry("m3")), ["migration_retried"]);
    assert_eq!(chamber.status(&id), "approved");
    assert_eq!(chamber.proposal(&id)["migration"]["state"], "generated");
    assert_eq!(
        chamber.view("pending_migrations", json!(null))["proposals"],
        json!([id])
    );
    assert_eq!(chamber.refused(retry("m3")), "migration_not_failed");
    chamber.ok(begin);
    fail(&mut chamber, &id);
    assert_eq!(chamber.ok(retry("curator")), ["migration_retried"]);
    chamber.migrate(&id);
    assert_eq!(chamber.status(&id), "active");
    audit(chamber.ndjson().as_bytes()).unwrap();
}

#[test]
fn a_migration_that_failed_is_given_up_by_its_proposer() {
    let mut chamber = Chamber::new(3);
    let id = failed(&mut chamber);
    let abandon = |by: &str| json!({"command": "abandon_migration", "proposal_id": id, "by": by, "reason": "too much is wrong"});
    assert_eq!(chamber.refused(abandon("m1")), "not_the_proposer");
    assert_eq!(chamber.ok(abandon("curator")), ["migration_abandoned"]);
    assert_eq!(chamber.status(&id), "abandoned");
    let shown = chamber.proposal(&id);
    assert_eq!(shown["decision_reason"], "too much is wrong");
    assert_eq!(shown["migration"]["state"], "abandoned");
    assert_eq!(shown["migration"]["reason"], "the disk is full");
    assert_eq!(
        chamber.view("schema", json!({"artifact_type": "experiment"}))["version"],
        1
    );
    // It is final: archived, nothing of it is pending, and nothing brings it back.
    let archived = chamber.view("proposals", json!({"status": "archived"}));
    assert_eq!(archived["proposals"][0]["id"], json!(id));
    let found = chamber.view("proposals", json!({"status": "abandoned"}));
    assert_eq!(found["proposals"].as_array().unwrap().len(), 1);
    assert_eq!(
        chamber.view("senate", json!(null))["proposals"]["abandoned"],
        1
    );
    let plan = plan_of(&chamber, &id);
    for (command, code) in [
        (abandon("curator"), "migration_not_failed"),
        (
            json!({"command": "retry_migration", "proposal_id": id, "by": "curator"}),
            "migration_not_failed",
        ),
        (
            json!({"command": "begin_migration", "proposal_id": id, "plan": plan}),
            "nothing_to_migrate",
        ),
        (
            json!({"command": "withdraw", "proposal_id": id, "by": "curator"}),
            "proposal_over",
        ),
        (report(&chamber, &id, evidence()), "rehearsal_not_due"),
    ] {
        assert_eq!(chamber.refused(command), code);
    }
    // What failed once may be proposed again, with another migration.
    let again = chamber.propose("curator", add_blinding());
    assert_eq!(chamber.status(&again), "review");
}

/// What is approved is not for its proposer alone to give up before it was even tried.
#[test]
fn an_approval_is_given_up_by_nobody_before_its_migration_failed() {
    let mut chamber = Chamber::new(3);
    let id = approved(&mut chamber);
    let abandon =
        json!({"command": "abandon_migration", "proposal_id": id, "by": "curator", "reason": "r"});
    assert_eq!(chamber.refused(abandon.clone()), "migration_not_failed");
    let plan = plan_of(&chamber, &id);
    chamber.ok(json!({"command": "begin_migration", "proposal_id": id, "plan": plan}));
    assert_eq!(chamber.refused(abandon), "migration_not_failed");
}

/// A migration that failed holds nothing up: another change of the type goes its way, and makes the failed one stale.
#[test]
fn a_migration_that_failed_blocks_no_other() {
    let mut chamber = Chamber::new(3);
    let stuck = failed(&mut chamber);
    let other = enact(&mut chamber, add_field("masking"), &["m1", "m2"]);
    assert_eq!(chamber.status(&other), "approved");
    assert_eq!(
        chamber.view("pending_migrations", json!(null))["proposals"],
        json!([other])
    );
    assert_eq!(
        chamber.migrate(&other),
        [
            "migration_applied",
            "schema_version_registered",
            "proposal_stale"
        ]
    );
    assert_eq!(chamber.status(&stuck), "stale");
    let retry = json!({"command": "retry_migration", "proposal_id": stuck, "by": "m1"});
    assert_eq!(chamber.refused(retry), "migration_not_failed");
}

#[test]
fn a_version_that_nobody_is_on_is_retired() {
    let mut chamber = Chamber::new(3);
    let id = approved(&mut chamber);
    let retire = |by: &str, version: u64| json!({"command": "retire_version", "artifact_type": "experiment", "version": version, "by": by, "reason": "all moved on"});
    assert_eq!(chamber.refused(retire("m1", 1)), "version_is_current");
    chamber.migrate(&id);
    assert_eq!(chamber.refused(retire("curator", 1)), "not_a_member");
    assert_eq!(chamber.refused(retire("m1", 3)), "schema_version_unknown");
    assert_eq!(chamber.refused(retire("m1", 0)), "schema_version_unknown");
    let elsewhere =
        json!({"command": "retire_version", "artifact_type": "figure", "version": 1, "by": "m1"});
    assert_eq!(chamber.refused(elsewhere), "artifact_type_unknown");
    assert_eq!(chamber.ok(retire("m1", 1)), ["version_retired"]);
    let history = chamber.view("type", json!({"artifact_type": "experiment"}))["history"].clone();
    assert_eq!(history[0]["retired_ms"], json!(chamber.now_ms));
    assert!(history[1].get("retired_ms").is_none());
    assert_eq!(chamber.refused(retire("m1", 1)), "version_retired_before");
    assert_eq!(chamber.refused(retire("m1", 2)), "version_is_current");
    // It stays readable: what was written under it can still be understood.
    let old = chamber.view(
        "schema",
        json!({"artifact_type": "experiment", "version": 1}),
    );
    assert_eq!(old["is_current"], false);
    audit(chamber.ndjson().as_bytes()).unwrap();
}

#[test]
fn a_type_says_how_its_artifacts_follow() {
    let mut chamber = Chamber::new(3);
    chamber.ok(json!({
        "command": "import_type", "artifact_type": "dataset", "by": "m1", "evolution": "lazy",
        "versions": [{"schema": {"type": "object"}}, {"schema": {"type": "object", "required": ["url"]}}]
    }));
    let evolution = |name: &str| {
        chamber.view("type", json!({"artifact_type": name}))["evolution"]
            .as_str()
            .map(str::to_owned)
    };
    assert_eq!(evolution("dataset").as_deref(), Some("lazy"));
    assert_eq!(evolution("experiment").as_deref(), Some("batch"));
    let types = chamber.view("types", json!(null));
    assert_eq!(types["types"][0]["evolution"], "lazy");
    let unknown = json!({
        "command": "import_type", "artifact_type": "figure", "by": "m1", "evolution": "someday", "versions": [{"schema": {}}]
    });
    assert_eq!(chamber.refused(unknown), "member_choice");
}

/// Everything of this kind in one log: made again event for event, and certified.
pub fn rehearsed() -> (Chamber, String, String) {
    let mut chamber = Chamber::with(3, json!({"rehearsal": "required"}));
    let id = chamber.propose("curator", add_blinding());
    rehearse(&mut chamber, &id, failing());
    rehearse(&mut chamber, &id, evidence());
    carry(&mut chamber, &id, &["m1", "m2"], "yes");
    fail(&mut chamber, &id);
    chamber.ok(json!({"command": "retry_migration", "proposal_id": id, "by": "m2"}));
    chamber.migrate(&id);
    chamber.ok(json!({"command": "retire_version", "artifact_type": "experiment", "version": 1, "by": "m3"}));
    let given_up = chamber.propose("visitor", add_field("masking"));
    let mut on_two = evidence();
    on_two["base_version"] = json!(2);
    rehearse(&mut chamber, &given_up, on_two);
    carry(&mut chamber, &given_up, &["m1", "m2"], "yes");
    fail(&mut chamber, &given_up);
    chamber.ok(json!({
        "command": "abandon_migration", "proposal_id": given_up, "by": "visitor", "reason": "it can wait"
    }));
    (chamber, id, given_up)
}

#[test]
fn a_rehearsal_is_part_of_the_log_and_of_the_certificate() {
    let (chamber, id, given_up) = rehearsed();
    let (_, report) = audit(chamber.ndjson().as_bytes()).unwrap();
    assert_eq!(report.derived, chamber.log.len() as u64);
    assert!(report.notes.is_empty());
    for (id, status) in [(&id, "active"), (&given_up, "abandoned")] {
        let seqs = chamber.senate.certificate_events(id).unwrap();
        let of_it = |event: &&Event| {
            event.happening.name() == "migration_rehearsed"
                && event.happening.proposal_id() == Some(id)
        };
        assert!(
            chamber
                .log
                .iter()
                .filter(of_it)
                .all(|event| seqs.contains(&event.seq))
        );
        let text = certificate(&chamber, id);
        let verified = verify_certificate(text.as_bytes(), &Default::default()).unwrap();
        assert_eq!(verified.decision["status"], status);
    }
}

/// An event, put into the log as a host that runs another version of the core would have written it.
fn write(chamber: &mut Chamber, event: &Value) {
    let event = Event::read(event.to_string().as_bytes()).unwrap();
    chamber.senate.apply(std::slice::from_ref(&event)).unwrap();
    chamber.log.push(event);
}

/// Another version of the core may word a plan otherwise: whether its rehearsals count is told by the plan that it froze.
#[test]
fn a_log_of_another_version_of_the_core_is_audited_with_its_rehearsals() {
    let mut chamber = Chamber::with(3, json!({"rehearsal": "required"}));
    let id = chamber.propose("curator", add_blinding());
    rehearse(&mut chamber, &id, evidence());
    let mut theirs = chamber.log.pop().unwrap().to_value();
    let opened_here = {
        let mut here = Chamber::with(3, json!({"rehearsal": "required"}));
        let id = here.propose("curator", add_blinding());
        rehearse(&mut here, &id, evidence());
        here.open(&id);
        here.log.last().unwrap().to_value()
    };
    let before = chamber.ndjson();
    // The same plan in other words, and the report that names it.
    let mut plan = opened_here["plan"].clone();
    plan["notes"] = json!(["It is put otherwise there."]);
    let plan_digest = digest(Kind::Plan, &plan).unwrap().to_string();
    theirs["plan"] = json!(plan_digest);
    theirs["evidence"]["core"] = json!("9.9.9");
    let named = digest(Kind::Evidence, &theirs["evidence"])
        .unwrap()
        .to_string();
    let log_with = |rehearsal: &Value, frozen_evidence: &str| {
        let mut other = Chamber::new(3);
        other.senate = schema_senate::senate::Senate::replay(before.as_bytes()).unwrap();
        other.log = Event::read_all(before.as_bytes()).unwrap();
        write(&mut other, rehearsal);
        let act = other.signed(&opening(&id));
        let mut opened = opened_here.clone();
        opened["act"] = act;
        opened["plan"] = plan.clone();
        opened["frozen"]["core"] = json!("9.9.9");
        opened["frozen"]["migration_plan"] = json!(plan_digest);
        opened["frozen"]["rehearsal_evidence"] = json!(frozen_evidence);
        opened["subject"] = json!(
            digest(Kind::Subject, &opened["frozen"])
                .unwrap()
                .to_string()
        );
        write(&mut other, &opened);
        other.ndjson()
    };
    let (senate, report) = audit(log_with(&theirs, &named).as_bytes()).unwrap();
    assert_eq!(senate.seq(), chamber.log.len() as u64 + 2);
    assert_eq!(report.notes.len(), 2, "{:?}", report.notes);
    // The evidence that ballots name is that of the plan that was frozen, whoever worded it.
    let finding = audit(log_with(&theirs, "(none)").as_bytes()).unwrap_err();
    assert_eq!(
        (finding.seq, finding.problem.pointer.as_str()),
        (senate.seq(), "/subject")
    );
    // One of yet another plan opens no vote.
    let mut astray = theirs;
    astray["plan"] = json!(format!("sha256:{}", "00".repeat(32)));
    let finding = audit(log_with(&astray, "(none)").as_bytes()).unwrap_err();
    assert_eq!(finding.problem.code, "rehearsal_missing");
}
