//! The life of a proposal, from a draft to a migrated registry, and every way in which it can end otherwise.

use crate::chamber::{
    Chamber, START_MS, add_blinding, draft, member, public_key, remove_conclusions,
};
use schema_senate::senate::{Event, Senate};
use serde_json::json;

#[test]
fn an_additive_change_is_approved_by_two_thirds_migrated_and_current() {
    let mut chamber = Chamber::new(4);
    let id = chamber.propose("curator", add_blinding());
    assert_eq!(chamber.status(&id), "review");
    let proposal = chamber.proposal(&id);
    assert_eq!(proposal["title"], "Add /design/blinding to experiment");
    assert_eq!(proposal["verdict"], "compatible");
    assert_eq!(proposal["track"], "additive");
    assert_eq!(proposal["needed"]["yes"], 3);
    chamber.open(&id);
    assert_eq!(chamber.status(&id), "voting");
    assert_eq!(chamber.vote(&id, "m1", "yes"), ["ballot_cast"]);
    assert_eq!(chamber.vote(&id, "m2", "no"), ["ballot_cast"]);
    let tally = chamber.proposal(&id)["vote"]["tally"].clone();
    assert_eq!(
        (tally["needed"].as_u64(), tally["threshold"].as_u64()),
        (Some(2), Some(3))
    );
    assert_eq!(chamber.vote(&id, "m3", "yes"), ["ballot_cast"]);
    assert_eq!(
        chamber.vote(&id, "m4", "yes"),
        [
            "ballot_cast",
            "schema_proposal_approved",
            "migration_generated"
        ]
    );
    assert_eq!(chamber.status(&id), "approved");
    assert_eq!(
        chamber.view("pending_migrations", json!(null))["proposals"],
        json!([id])
    );
    assert_eq!(
        chamber.view("type", json!({"artifact_type": "experiment"}))["current"]["version"],
        1
    );
    assert_eq!(
        chamber.migrate(&id),
        ["migration_applied", "schema_version_registered"]
    );
    assert_eq!(chamber.status(&id), "active");
    let current = chamber.view("schema", json!({"artifact_type": "experiment"}));
    assert_eq!(current["version"], 2);
    assert_eq!(current["proposal_id"], json!(id));
    assert_eq!(
        current["schema"]["properties"]["design"]["properties"]["blinding"],
        json!({"enum": ["none", "single", "double"]})
    );
    assert_eq!(
        chamber.view("pending_migrations", json!(null))["proposals"],
        json!([])
    );
}

#[test]
fn a_breaking_change_needs_every_member() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", remove_conclusions());
    let proposal = chamber.proposal(&id);
    assert_eq!(proposal["verdict"], "breaking");
    assert_eq!(proposal["track"], "breaking");
    chamber.open(&id);
    chamber.vote(&id, "m1", "yes");
    chamber.vote(&id, "m2", "yes");
    assert_eq!(chamber.status(&id), "voting");
    assert_eq!(
        chamber.vote(&id, "m3", "yes"),
        [
            "ballot_cast",
            "schema_proposal_approved",
            "migration_generated"
        ]
    );
}

#[test]
fn a_false_claim_is_named_and_never_lowers_the_threshold() {
    let mut chamber = Chamber::new(3);
    let mut lie = remove_conclusions();
    lie["metadata"]["backward_compatible"] = json!(true);
    let id = chamber.propose("curator", lie);
    let proposal = chamber.proposal(&id);
    assert_eq!(proposal["track"], "breaking");
    assert_eq!(
        proposal["claim"],
        json!({"declared": true, "computed": "breaking", "agrees": false})
    );
    assert_eq!(proposal["problems"][0]["code"], "claim_false");
    chamber.open(&id);
    chamber.vote(&id, "m1", "yes");
    assert_eq!(chamber.vote(&id, "m2", "yes"), ["ballot_cast"]);
}

#[test]
fn an_over_cautious_claim_is_taken_at_its_word() {
    let mut chamber = Chamber::new(3);
    let mut cautious = add_blinding();
    cautious["metadata"]["backward_compatible"] = json!(false);
    let id = chamber.propose("curator", cautious);
    assert_eq!(chamber.proposal(&id)["track"], "breaking");
    assert_eq!(
        chamber.proposal(&id)["problems"][0]["code"],
        "claim_too_cautious"
    );
}

#[test]
fn a_rejected_proposal_is_archived_with_its_reasons() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    chamber.open(&id);
    chamber.vote(&id, "m1", "no");
    assert_eq!(
        chamber.vote(&id, "m2", "no"),
        ["ballot_cast", "schema_proposal_rejected"]
    );
    assert_eq!(chamber.status(&id), "rejected");
    let archive = chamber.view("proposals", json!({"status": "archived"}));
    assert_eq!(archive["proposals"][0]["id"], json!(id));
    let proposal = chamber.proposal(&id);
    assert_eq!(
        proposal["dissent"],
        json!([
            {"voter_id": "m1", "choice": "no", "reason": "it duplicates the field methods"},
            {"voter_id": "m2", "choice": "no", "reason": "it duplicates the field methods"}
        ])
    );
    assert!(
        proposal["decision_reason"]
            .as_str()
            .unwrap()
            .contains("2 no")
    );
    let found = chamber.view("proposals", json!({"text": "DUPLICATES"}));
    assert_eq!(found["proposals"].as_array().unwrap().len(), 1);
}

#[test]
fn silence_expires_a_vote_without_anybody_writing_it_down() {
    let mut chamber = Chamber::new(4);
    let id = chamber.propose("curator", add_blinding());
    chamber.open(&id);
    chamber.vote(&id, "m1", "yes");
    chamber.now_ms += 7 * 24 * 3_600_000;
    assert_eq!(chamber.status(&id), "expired");
    let late = chamber.ballot(&id, "m2", "yes");
    assert_eq!(chamber.refused(late), "vote_closed");
    // The next command writes it down first, and a settlement does nothing twice.
    assert_eq!(
        chamber.ok(json!({"command": "settle"})),
        ["proposal_expired"]
    );
    assert_eq!(chamber.ok(json!({"command": "settle"})), [""; 0]);
    assert_eq!(chamber.status(&id), "expired");
}

#[test]
fn replaceable_ballots_decide_only_at_the_close() {
    let mut chamber = Chamber::with(
        3,
        json!({"ballot_mode": "replaceable", "voting_ms": 3_600_000, "late_window_ms": 0}),
    );
    let id = chamber.propose("curator", add_blinding());
    chamber.open(&id);
    for voter in ["m1", "m2", "m3"] {
        assert_eq!(chamber.vote(&id, voter, "no"), ["ballot_cast"]);
    }
    chamber.vote(&id, "m1", "yes");
    chamber.vote(&id, "m2", "yes");
    let ballots = chamber.proposal(&id)["vote"]["ballots"].clone();
    assert_eq!(ballots.as_array().unwrap().len(), 3);
    assert_eq!(chamber.status(&id), "voting");
    chamber.now_ms += 3_600_000;
    assert_eq!(chamber.status(&id), "approved");
    assert_eq!(
        chamber.ok(json!({"command": "settle"})),
        ["schema_proposal_approved", "migration_generated"]
    );
}

#[test]
fn a_proposal_is_stale_once_its_type_has_moved_on() {
    let mut chamber = Chamber::new(3);
    let first = chamber.propose("curator", add_blinding());
    let second = chamber.propose("visitor", remove_conclusions());
    chamber.open(&first);
    chamber.open(&second);
    chamber.vote(&first, "m1", "yes");
    chamber.vote(&first, "m2", "yes");
    assert_eq!(
        chamber.migrate(&first),
        [
            "migration_applied",
            "schema_version_registered",
            "proposal_stale"
        ]
    );
    assert_eq!(chamber.status(&second), "stale");
    let late = chamber.ballot(&second, "m1", "yes");
    assert_eq!(chamber.refused(late), "vote_closed");
    assert!(
        chamber.proposal(&second)["decision_reason"]
            .as_str()
            .unwrap()
            .contains("version 2")
    );
}

#[test]
fn a_failed_migration_leaves_the_version_and_may_be_tried_again() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    chamber.open(&id);
    chamber.vote(&id, "m1", "yes");
    chamber.vote(&id, "m2", "yes");
    let digest = chamber.view("plan", json!({"proposal_id": id}))["digest"].clone();
    assert_eq!(
        chamber.ok(json!({
            "command": "record_migration", "proposal_id": id, "plan": digest, "result": "failed",
            "reason": "one artifact would be invalid",
            "failures": [{"artifact_id": "exp-1", "message": "the member \"title\" is missing"}]
        })),
        ["migration_failed"]
    );
    assert_eq!(chamber.status(&id), "migration_failed");
    assert_eq!(
        chamber.view("schema", json!({"artifact_type": "experiment"}))["version"],
        1
    );
    assert_eq!(
        chamber.proposal(&id)["migration"]["failures"][0]["artifact_id"],
        "exp-1"
    );
    let other = json!({
        "command": "record_migration", "proposal_id": id, "plan": format!("sha256:{}", "0".repeat(64)),
        "result": "applied", "artifacts": {"checked": 1, "changed": 0}
    });
    assert_eq!(chamber.refused(other), "migration_failed_before");
    chamber.ok(json!({"command": "retry_migration", "proposal_id": id, "by": "m1"}));
    chamber.migrate(&id);
    assert_eq!(chamber.status(&id), "active");
    let again = json!({
        "command": "record_migration", "proposal_id": id, "plan": digest,
        "result": "applied", "artifacts": {"checked": 1, "changed": 0}
    });
    assert_eq!(chamber.refused(again), "nothing_to_migrate");
}

#[test]
fn only_its_proposer_withdraws_a_proposal_and_only_while_it_lives() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    let by = |who: &str| json!({"command": "withdraw", "proposal_id": id, "by": who, "reason": "a better one follows"});
    assert_eq!(chamber.refused(by("m1")), "not_the_proposer");
    chamber.open(&id);
    assert_eq!(chamber.ok(by("curator")), ["proposal_withdrawn"]);
    assert_eq!(chamber.status(&id), "withdrawn");
    assert_eq!(chamber.refused(by("curator")), "proposal_over");
    let late = chamber.ballot(&id, "m1", "yes");
    assert_eq!(chamber.refused(late), "vote_closed");
}

#[test]
fn a_new_type_is_added_by_two_thirds() {
    let mut chamber = Chamber::new(3);
    let mut add = draft(
        "add_type",
        json!({"name": "protocol", "schema": {"type": "object"}, "description": "A written procedure"}),
        true,
    );
    add["metadata"]["target_artifact_type"] = json!("new_type");
    let id = chamber.propose("curator", add.clone());
    assert_eq!(chamber.proposal(&id)["track"], "new_type");
    chamber.open(&id);
    chamber.vote(&id, "m1", "yes");
    chamber.vote(&id, "m2", "yes");
    chamber.migrate(&id);
    assert_eq!(
        chamber.view("schema", json!({"artifact_type": "protocol"}))["version"],
        1
    );
    add["command"] = json!("propose");
    add["proposer_id"] = json!("curator");
    assert_eq!(chamber.refused(add), "artifact_type_exists");
}

#[test]
fn ballots_are_refused_for_every_reason_there_is() {
    let mut chamber = Chamber::new(4);
    let id = chamber.propose("curator", add_blinding());
    let early = json!({
        "command": "cast_ballot", "proposal_id": id, "voter_id": "m1", "choice": "yes", "subject": format!("sha256:{}", "0".repeat(64))
    });
    assert_eq!(chamber.refused(early.clone()), "vote_not_open");
    chamber.open(&id);
    assert_eq!(chamber.refused(early), "other_subject");
    let stranger = chamber.ballot(&id, "m9", "yes");
    assert_eq!(chamber.refused(stranger), "actor_unknown");
    let contributor = chamber.ballot(&id, "visitor", "yes");
    assert_eq!(chamber.refused(contributor), "not_a_member");
    let mut silent = chamber.ballot(&id, "m1", "no");
    silent.as_object_mut().unwrap().remove("reason");
    assert_eq!(chamber.refused(silent), "reason_missing");
    let mut undecided = chamber.ballot(&id, "m1", "yes");
    undecided["choice"] = json!("maybe");
    assert_eq!(chamber.refused(undecided), "choice_unknown");
    let mut elsewhere = chamber.ballot(&id, "m1", "yes");
    elsewhere["proposal_id"] = json!("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    assert_eq!(chamber.refused(elsewhere), "proposal_unknown");
    chamber.vote(&id, "m1", "yes");
    let twice = chamber.ballot(&id, "m1", "yes");
    assert_eq!(chamber.refused(twice), "ballot_cast_before");
    let mut crowded = chamber.ballot(&id, "m2", "yes");
    crowded["weight"] = json!(100);
    assert_eq!(chamber.refused(crowded), "member_unknown");
}

#[test]
fn the_electorate_and_the_policy_of_a_vote_are_frozen_when_it_opens() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    chamber.open(&id);
    let newcomers = (4..=9).map(|n| json!({"enrol": member(&format!("m{n}"))}));
    let names = chamber.change_members(newcomers.collect());
    assert_eq!(
        names,
        ["ballot_cast", "senate_proposal_approved", "members_changed"]
    );
    let stranger = chamber.ballot(&id, "m4", "yes");
    assert_eq!(chamber.refused(stranger), "not_a_member");
    chamber.vote(&id, "m1", "yes");
    chamber.vote(&id, "m2", "yes");
    assert_eq!(chamber.status(&id), "approved");
}

#[test]
fn the_subject_changes_with_anything_that_is_voted_on() {
    let subject = |change: &dyn Fn(&mut Chamber) -> String| {
        let mut chamber = Chamber::new(3);
        let id = change(&mut chamber);
        chamber.open(&id)
    };
    let one = subject(&|chamber| chamber.propose("curator", add_blinding()));
    assert_eq!(
        one,
        subject(&|chamber| chamber.propose("curator", add_blinding()))
    );
    for other in [
        subject(&|chamber| chamber.propose("visitor", add_blinding())),
        subject(&|chamber| {
            let mut draft = add_blinding();
            draft["metadata"]["rationale"] =
                json!("Trials cannot be compared by the rigour of their blinding.");
            chamber.propose("curator", draft)
        }),
        subject(&|chamber| {
            let id = chamber.propose("curator", add_blinding());
            chamber.now_ms += 1;
            id
        }),
        subject(&|chamber| {
            let id = chamber.propose("curator", add_blinding());
            chamber.change_members(json!([{"enrol": member("m4")}]));
            id
        }),
    ] {
        assert_ne!(one, other);
    }
}

#[test]
fn a_proposer_has_one_live_proposal_on_a_type() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    let mut second = remove_conclusions();
    second["command"] = json!("propose");
    second["proposer_id"] = json!("curator");
    assert_eq!(chamber.refused(second.clone()), "too_many_live_proposals");
    chamber.ok(json!({"command": "withdraw", "proposal_id": id, "by": "curator"}));
    chamber.ok(second);
}

#[test]
fn a_vote_opens_only_for_whoever_may_and_only_when_something_can_come_of_it() {
    let mut chamber = Chamber::with(3, json!({"min_review_ms": 1000}));
    let id = chamber.propose("curator", add_blinding());
    let open = |by: &str| json!({"command": "open_vote", "proposal_id": id, "by": by});
    assert_eq!(chamber.refused(open("passer-by")), "actor_unknown");
    assert_eq!(chamber.refused(open("visitor")), "not_allowed_to_open");
    assert_eq!(chamber.refused(open("m1")), "review_not_over");
    chamber.now_ms += 1000;
    chamber.ok(open("curator"));
    assert_eq!(chamber.refused(open("curator")), "vote_opened_before");
}

#[test]
fn nothing_can_come_of_a_vote_of_too_few() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    chamber.ok(
        json!({"command": "recuse", "proposal_id": id, "by": "m3", "reason": "I wrote the trials"}),
    );
    let open = json!({"command": "open_vote", "proposal_id": id, "by": "curator"});
    assert_eq!(chamber.refused(open), "electorate_too_small");
}

#[test]
fn a_bad_draft_is_refused_with_every_problem_at_its_place() {
    let mut chamber = Chamber::new(3);
    let mut bad = draft(
        "add_field",
        json!({"name": "title", "schema": {"type": "strin"}}),
        true,
    );
    bad["metadata"]["rationale"] = json!("It would be nice to have it.");
    bad["metadata"].as_object_mut().unwrap().remove("use_cases");
    bad["metadata"]["migration_plan"] = json!({"sql": "later"});
    bad["command"] = json!("propose");
    bad["proposer_id"] = json!("curator");
    let problems = chamber.ask(&bad).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|p| (p.code, p.pointer.as_str()))
        .collect();
    for expected in [
        ("rationale_names_no_use_case", "/metadata/rationale"),
        ("migration_sql_no_statement", "/metadata/migration_plan/sql"),
        ("member_missing", "/metadata/migration_plan"),
        ("schema_not_a_schema", "/metadata/field_spec/schema/type"),
    ] {
        assert!(
            found.contains(&expected),
            "{expected:?} is not among {found:?}"
        );
    }
}

#[test]
fn a_senate_is_founded_once_and_first() {
    let mut chamber = Chamber::new(3);
    assert_eq!(
        chamber
            .refused(json!({
                "command": "found_senate", "origin": "x", "log_key": public_key("log"), "members": [member("a")]
            })),
        "senate_founded_before"
    );
    let mut empty = Chamber::new(3);
    empty.senate = Senate::default();
    assert_eq!(
        empty.refused(json!({"command": "settle"})),
        "senate_not_founded"
    );
}

#[test]
fn a_type_is_imported_once_with_its_whole_history() {
    let mut chamber = Chamber::new(3);
    assert_eq!(
        chamber.ok(json!({
            "command": "import_type", "artifact_type": "dataset", "by": "m1",
            "versions": [
                {"schema": {"type": "object"}, "description": "The first"},
                {"schema": {"type": "object", "required": ["url"]}}
            ]
        })),
        ["type_imported"]
    );
    let shown = chamber.view("type", json!({"artifact_type": "dataset"}));
    assert_eq!(shown["current"]["version"], 2);
    assert_eq!(shown["history"][0]["description"], "The first");
    assert_eq!(
        shown["history"][1]["differences"].as_array().unwrap().len(),
        1
    );
    let again = json!({"command": "import_type", "artifact_type": "dataset", "by": "m1", "versions": [{"schema": {}}]});
    assert_eq!(chamber.refused(again), "artifact_type_exists");
    let broken = json!({
        "command": "import_type", "artifact_type": "figure", "by": "m1",
        "versions": [{"schema": {}}, {"schema": {"type": 7}}]
    });
    let problems = chamber.ask(&broken).unwrap_err();
    assert_eq!(problems[0].pointer, "/versions/1/schema/type");
}

#[test]
fn a_clock_that_stands_behind_the_log_is_refused_and_a_little_lag_is_not() {
    let mut chamber = Chamber::new(3);
    chamber.now_ms = START_MS - 59_000;
    chamber.propose("curator", add_blinding());
    let times: Vec<u64> = chamber.log.iter().map(|event| event.at_ms).collect();
    assert!(times.is_sorted());
    chamber.now_ms = START_MS - 61_000;
    assert_eq!(
        chamber.refused(json!({"command": "settle"})),
        "clock_behind"
    );
}

#[test]
fn a_log_replayed_is_the_same_senate_at_every_prefix() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    chamber.open(&id);
    chamber.vote(&id, "m1", "yes");
    chamber.vote(&id, "m2", "yes");
    chamber.migrate(&id);
    let replayed = Senate::replay(chamber.ndjson().as_bytes()).unwrap();
    let shown = |senate: &Senate| {
        schema_senate::senate::view(
            senate,
            "proposal",
            &json!({"proposal_id": id}),
            chamber.now_ms,
        )
        .unwrap()
    };
    assert_eq!(shown(&replayed), shown(&chamber.senate));
    for cut in 1..=chamber.log.len() {
        let mut prefix = Senate::default();
        prefix.apply(&chamber.log[..cut]).unwrap();
        prefix.apply(&chamber.log[cut..]).unwrap();
        assert_eq!(shown(&prefix), shown(&chamber.senate));
    }
}

#[test]
fn a_log_that_was_tampered_with_is_not_replayed() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    chamber.open(&id);
    chamber.vote(&id, "m1", "yes");
    let lines: Vec<String> = chamber.ndjson().lines().map(str::to_owned).collect();
    let replay = |lines: &[String]| {
        Senate::replay(lines.join("\n").as_bytes())
            .map(|_| ())
            .map_err(|p| p.code)
    };
    assert_eq!(replay(&lines), Ok(()));
    let without_one: Vec<_> = [&lines[..2], &lines[3..]].concat();
    assert_eq!(replay(&without_one), Err("event_out_of_order"));
    let mut other_schema = lines.clone();
    other_schema[1] = other_schema[1].replace("\"arms\"", "\"legs\"");
    assert_eq!(replay(&other_schema), Err("event_impossible"));
    let mut other_voter = lines.clone();
    other_voter[5] = other_voter[5].replace("\"m1\"", "\"m9\"");
    assert_eq!(replay(&other_voter), Err("event_impossible"));
    let mut unknown_member = lines.clone();
    unknown_member[5] = unknown_member[5].replace("\"choice\"", "\"weight\":2,\"choice\"");
    assert_eq!(replay(&unknown_member), Err("event_impossible"));
    let mut twice = lines;
    twice.push(twice[0].replace("\"seq\":1", "\"seq\":7"));
    assert!(matches!(
        replay(&twice),
        Err("event_impossible" | "event_out_of_order")
    ));
}

#[test]
fn what_is_applied_is_applied_whole_or_not_at_all() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", add_blinding());
    let events = chamber
        .ask(&json!({"command": "open_vote", "proposal_id": id, "by": "m1"}))
        .unwrap();
    let mut doubled: Vec<Event> = events.clone();
    doubled.extend(events.clone());
    let before = chamber.senate.seq();
    assert_eq!(
        chamber.senate.apply(&doubled).unwrap_err().code,
        "event_out_of_order"
    );
    assert_eq!(chamber.senate.seq(), before);
    chamber.senate.apply(&events).unwrap();
}
