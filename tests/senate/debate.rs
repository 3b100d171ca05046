//! The debate: each act three ways, when it succeeds, what it changes, and what it leaves alone.

use crate::chamber::{Chamber, add_blinding, member};
use crate::drafts::{DAY, HOUR, add_field, carry, change_members, change_policy, opening};
use schema_senate::text::Value;
use serde_json::json;

/// A senate of four with a proposal in review.
fn in_review() -> (Chamber, String) {
    let mut chamber = Chamber::new(4);
    let id = chamber.propose("curator", add_blinding());
    (chamber, id)
}

fn comment(id: &str, by: &str, more: Value) -> Value {
    let mut act =
        json!({"command": "comment", "proposal_id": id, "by": by, "text": "Which values?"});
    for (name, value) in more.as_object().unwrap() {
        act[name] = value.clone();
    }
    act
}

fn raise(id: &str, by: &str, name: &str) -> Value {
    json!({"command": "raise_concern", "proposal_id": id, "by": by, "name": name, "text": "Who fills it in?"})
}

fn resolve(id: &str, by: &str, concern: &Value) -> Value {
    json!({"command": "resolve_concern", "proposal_id": id, "by": by, "concern_id": concern, "text": "The importer does."})
}

fn overriding(id: &str, by: &str, concern: &Value) -> Value {
    json!({"command": "override_concern", "proposal_id": id, "by": by, "concern_id": concern, "reason": "It is answered."})
}

fn recuse(id: &str, by: &str) -> Value {
    json!({"command": "recuse", "proposal_id": id, "by": by, "reason": "It is my own data."})
}

fn revise(id: &str, by: &str, draft: &Value) -> Value {
    json!({"command": "revise", "proposal_id": id, "by": by, "metadata": draft["metadata"]})
}

/// The identifier of the newest concern.
fn concern(chamber: &Chamber, id: &str) -> Value {
    let concerns = chamber.proposal(id)["concerns"].clone();
    concerns.as_array().unwrap().last().unwrap()["id"].clone()
}

/// What an act on one proposal must leave alone: another proposal, the registry, the members and the policy.
fn rest(chamber: &Chamber, other: &str) -> Value {
    let mut other = chamber.proposal(other);
    // What is told of others beside it is not its own.
    for name in ["conflicts", "precedents"] {
        other.as_object_mut().unwrap().remove(name);
    }
    let mut members = chamber.view("members", json!(null));
    for member in members["members"].as_array_mut().unwrap() {
        member.as_object_mut().unwrap().remove("acts");
    }
    json!([
        other,
        chamber.view("types", json!(null))["types"][0]["version"],
        members["members"],
        chamber.view("policy", json!(null))["policy"],
        chamber.view("scope", json!(null))["scope"],
    ])
}

#[test]
fn anybody_enrolled_comments_at_any_time() {
    let (mut chamber, id) = in_review();
    for by in ["m1", "curator", "visitor"] {
        assert_eq!(chamber.ok(comment(&id, by, json!({}))), ["comment_posted"]);
    }
    carry(&mut chamber, &id, &["m1", "m2"], "no");
    assert_eq!(chamber.status(&id), "rejected");
    chamber.ok(comment(&id, "visitor", json!({"text": "A pity."})));
    assert_eq!(
        chamber.refused(comment(&id, "stranger", json!({}))),
        "actor_unknown"
    );
    assert_eq!(
        chamber.refused(comment(&id, "m1", json!({"text": "  "}))),
        "member_empty"
    );
    assert_eq!(
        chamber.refused(comment(&id, "m1", json!({"text": "x".repeat(10_001)}))),
        "text_too_long"
    );
    let nowhere = "01JBXM5T3Z0000000000000000";
    assert_eq!(
        chamber.refused(comment(nowhere, "m1", json!({}))),
        "proposal_unknown"
    );
}

#[test]
fn a_comment_is_told_with_what_it_points_at_and_what_it_answers() {
    let (mut chamber, id) = in_review();
    let anchor = json!({"pointer": "/properties/design/properties/blinding"});
    chamber.ok(comment(&id, "m1", json!({"anchor": anchor})));
    let first = format!("c{}", chamber.senate.seq());
    chamber.ok(comment(
        &id,
        "curator",
        json!({"text": "Three.", "reply_to": first}),
    ));
    let second = format!("c{}", chamber.senate.seq());
    chamber.ok(comment(
        &id,
        "m2",
        json!({"text": "Why three?", "reply_to": second}),
    ));
    chamber.ok(comment(
        &id,
        "m3",
        json!({"anchor": {"pointer": "/title", "document": "current"}}),
    ));
    let threads = chamber.proposal(&id)["threads"].clone();
    assert_eq!(threads[0]["id"], json!(first));
    assert_eq!(
        threads[0]["quote"],
        "\"blinding\": {\"enum\":[\"none\",\"single\",\"double\"]}"
    );
    let replies: Vec<&Value> = threads[0]["replies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reply| &reply["by"])
        .collect();
    assert_eq!(replies, ["curator", "m2"]);
    assert_eq!(threads[1]["quote"], "\"title\": \"Experiment\"");
    // What is not there cannot be pointed at, and nobody is answered who said nothing.
    for (more, code) in [
        (
            json!({"anchor": {"pointer": "/nowhere"}}),
            "anchor_points_nowhere",
        ),
        (json!({"anchor": {"pointer": "title"}}), "pointer_malformed"),
        (
            json!({"anchor": {"pointer": "/title", "document": "old"}}),
            "member_choice",
        ),
        (json!({"reply_to": "c1"}), "comment_unknown"),
    ] {
        assert_eq!(chamber.refused(comment(&id, "m1", more)), code);
    }
}

#[test]
fn a_comment_changes_nothing_but_the_threads() {
    let (mut chamber, id) = in_review();
    let other = chamber.propose("visitor", add_field("masking"));
    let (before, apart) = (chamber.proposal(&id), rest(&chamber, &other));
    chamber.ok(comment(&id, "m1", json!({})));
    let mut after = chamber.proposal(&id);
    assert_eq!(after["threads"].as_array().unwrap().len(), 1);
    after["threads"] = before["threads"].clone();
    after["history"] = before["history"].clone();
    assert_eq!(after, before);
    assert_eq!(rest(&chamber, &other), apart);
}

#[test]
fn those_who_vote_raise_concerns_while_it_can_matter() {
    let (mut chamber, id) = in_review();
    assert_eq!(chamber.ok(raise(&id, "m1", "units")), ["concern_raised"]);
    assert_eq!(
        chamber.refused(raise(&id, "m2", "Units")),
        "concern_named_before"
    );
    assert_eq!(
        chamber.refused(raise(&id, "curator", "names")),
        "not_a_member"
    );
    assert_eq!(
        chamber.refused(raise(&id, "m1", &"x".repeat(61))),
        "concern_name_malformed"
    );
    chamber.open(&id);
    assert_eq!(chamber.ok(raise(&id, "m2", "names")), ["concern_raised"]);
    for voter in ["m3", "m4"] {
        chamber.vote(&id, voter, "no");
    }
    assert_eq!(chamber.refused(raise(&id, "m2", "late")), "proposal_over");
}

#[test]
fn a_member_has_as_many_concerns_as_the_policy_says() {
    let mut chamber = Chamber::with(3, json!({"concerns_per_member": 1}));
    let id = chamber.propose("curator", add_blinding());
    chamber.ok(raise(&id, "m1", "one"));
    assert_eq!(
        chamber.refused(raise(&id, "m1", "two")),
        "too_many_concerns"
    );
    // Resolved or not: it was raised.
    let first = concern(&chamber, &id);
    chamber.ok(resolve(&id, "m1", &first));
    assert_eq!(
        chamber.refused(raise(&id, "m1", "two")),
        "too_many_concerns"
    );
    chamber.ok(raise(&id, "m2", "two"));
}

#[test]
fn an_open_concern_holds_an_approval_and_no_rejection() {
    let (mut chamber, id) = in_review();
    chamber.ok(raise(&id, "m4", "units"));
    assert_eq!(
        carry(&mut chamber, &id, &["m1", "m2", "m3"], "yes"),
        ["ballot_cast"]
    );
    assert_eq!(chamber.status(&id), "voting");
    let held = concern(&chamber, &id);
    assert_eq!(
        chamber.ok(resolve(&id, "m4", &held)),
        [
            "concern_resolved",
            "schema_proposal_approved",
            "migration_generated"
        ]
    );
    let (mut chamber, id) = in_review();
    chamber.ok(raise(&id, "m4", "units"));
    assert_eq!(
        carry(&mut chamber, &id, &["m1", "m2"], "no"),
        ["ballot_cast", "schema_proposal_rejected"]
    );
}

#[test]
fn a_concern_is_resolved_by_who_raised_it_and_once() {
    let (mut chamber, id) = in_review();
    chamber.ok(raise(&id, "m1", "units"));
    let raised = concern(&chamber, &id);
    assert_eq!(
        chamber.refused(resolve(&id, "m2", &raised)),
        "not_who_raised_it"
    );
    assert_eq!(
        chamber.refused(resolve(&id, "curator", &raised)),
        "not_who_raised_it"
    );
    assert_eq!(
        chamber.refused(resolve(&id, "m1", &json!("c1"))),
        "concern_unknown"
    );
    assert_eq!(
        chamber.ok(resolve(&id, "m1", &raised)),
        ["concern_resolved"]
    );
    assert_eq!(
        chamber.refused(resolve(&id, "m1", &raised)),
        "concern_closed"
    );
    let shown = chamber.proposal(&id)["concerns"][0].clone();
    assert_eq!(shown["state"], "resolved");
    assert_eq!(shown["resolution"], "The importer does.");
}

#[test]
fn a_concern_is_overridden_by_two_thirds_of_those_who_vote() {
    let (mut chamber, id) = in_review();
    chamber.ok(raise(&id, "m4", "units"));
    let raised = concern(&chamber, &id);
    // In review it is for debate; there is no electorate yet.
    assert_eq!(
        chamber.refused(overriding(&id, "m1", &raised)),
        "vote_not_open"
    );
    chamber.open(&id);
    assert_eq!(
        chamber.refused(overriding(&id, "curator", &raised)),
        "not_a_member"
    );
    assert_eq!(
        chamber.ok(overriding(&id, "m1", &raised)),
        ["concern_override_signed"]
    );
    assert_eq!(
        chamber.ok(overriding(&id, "m2", &raised)),
        ["concern_override_signed"]
    );
    let shown = chamber.proposal(&id)["concerns"][0].clone();
    assert_eq!(shown["overrides_needed"], 3);
    assert_eq!(shown["state"], "open");
    assert_eq!(
        chamber.ok(overriding(&id, "m3", &raised)),
        ["concern_override_signed", "concern_overridden"]
    );
    assert_eq!(chamber.proposal(&id)["concerns"][0]["state"], "overridden");
    assert_eq!(
        chamber.refused(overriding(&id, "m4", &raised)),
        "concern_closed"
    );
    // It decides nothing by itself.
    assert_eq!(chamber.status(&id), "voting");
    assert_eq!(chamber.proposal(&id)["vote"]["tally"]["yes"], 0);
}

#[test]
fn a_late_concern_extends_the_vote_once() {
    let policy = json!({"voting_ms": DAY, "late_window_ms": HOUR, "extension_ms": 2 * HOUR});
    let mut chamber = Chamber::with(4, policy);
    let id = chamber.propose("curator", add_blinding());
    chamber.open(&id);
    let scheduled = chamber.now_ms + DAY;
    chamber.wait(DAY - HOUR - 1);
    assert_eq!(chamber.ok(raise(&id, "m1", "early")), ["concern_raised"]);
    chamber.wait(1);
    assert_eq!(
        chamber.ok(raise(&id, "m2", "late")),
        ["concern_raised", "vote_extended"]
    );
    let vote = chamber.proposal(&id)["vote"].clone();
    assert_eq!(vote["closes_ms"], json!(scheduled + 2 * HOUR));
    assert_eq!(vote["scheduled_ms"], json!(scheduled));
    assert_eq!(vote["extended_because"], "concern");
    chamber.wait(HOUR);
    assert_eq!(chamber.ok(raise(&id, "m3", "later")), ["concern_raised"]);
    // The subject of the ballots is what it was.
    assert_eq!(chamber.vote(&id, "m1", "yes"), ["ballot_cast"]);
}

#[test]
fn a_concern_changes_no_other_proposal() {
    let (mut chamber, id) = in_review();
    let other = chamber.propose("visitor", add_field("masking"));
    chamber.open(&id);
    let apart = rest(&chamber, &other);
    chamber.ok(raise(&id, "m1", "units"));
    let raised = concern(&chamber, &id);
    chamber.ok(overriding(&id, "m2", &raised));
    chamber.ok(resolve(&id, "m1", &raised));
    assert_eq!(rest(&chamber, &other), apart);
    // A concern of one proposal is none of another.
    chamber.open(&other);
    assert_eq!(
        chamber.refused(overriding(&other, "m1", &raised)),
        "concern_unknown"
    );
}

#[test]
fn who_recuses_themselves_is_not_in_the_electorate_of_that_vote_alone() {
    let (mut chamber, id) = in_review();
    let other = chamber.propose("visitor", add_field("masking"));
    let apart = rest(&chamber, &other);
    assert_eq!(chamber.ok(recuse(&id, "m4")), ["member_recused"]);
    assert_eq!(rest(&chamber, &other), apart);
    assert_eq!(chamber.refused(recuse(&id, "m4")), "recused_before");
    assert_eq!(chamber.refused(recuse(&id, "curator")), "not_a_member");
    chamber.open(&id);
    assert_eq!(chamber.proposal(&id)["vote"]["tally"]["members"], 3);
    assert_eq!(
        chamber.refused(chamber.ballot(&id, "m4", "yes")),
        "not_a_member"
    );
    assert_eq!(chamber.refused(recuse(&id, "m3")), "review_over");
    chamber.open(&other);
    assert_eq!(chamber.proposal(&other)["vote"]["tally"]["members"], 4);
}

#[test]
fn so_many_cannot_recuse_themselves_that_too_few_decide() {
    let mut chamber = Chamber::new(4);
    let id = chamber.propose("curator", add_blinding());
    chamber.ok(recuse(&id, "m3"));
    chamber.ok(recuse(&id, "m4"));
    assert_eq!(chamber.refused(opening(&id)), "electorate_too_small");
    assert_eq!(chamber.status(&id), "review");
}

#[test]
fn a_proposal_is_revised_by_its_proposer_in_review() {
    let mut chamber = Chamber::with(4, json!({"min_review_ms": DAY}));
    let id = chamber.propose("curator", add_blinding());
    chamber.ok(raise(&id, "m1", "units"));
    chamber.ok(comment(&id, "m2", json!({})));
    assert_eq!(
        chamber.refused(revise(&id, "visitor", &add_field("masking"))),
        "not_the_proposer"
    );
    chamber.wait(DAY);
    assert_eq!(
        chamber.ok(revise(&id, "curator", &add_field("masking"))),
        ["proposal_revised", "scope_evaluated"]
    );
    let shown = chamber.proposal(&id);
    assert_eq!(shown["revision"], 2);
    assert_eq!(shown["metadata"]["field_spec"]["path"], "/design/masking");
    // What was said stays, with the revision that it was said of; the time of review begins anew.
    assert_eq!(shown["concerns"][0]["state"], "open");
    assert_eq!(shown["concerns"][0]["post"]["revision"], 1);
    assert_eq!(shown["threads"].as_array().unwrap().len(), 2);
    assert_eq!(chamber.refused(opening(&id)), "review_not_over");
    chamber.wait(DAY);
    chamber.open(&id);
    assert_eq!(
        chamber.refused(revise(&id, "curator", &add_blinding())),
        "review_over"
    );
}

#[test]
fn a_revision_that_is_no_draft_is_refused_at_its_place() {
    let (mut chamber, id) = in_review();
    let mut wrong = add_blinding();
    wrong["metadata"]["rationale"] = json!("short");
    assert_eq!(
        chamber.refused(revise(&id, "curator", &wrong)),
        "rationale_too_short"
    );
    let other_kind = change_policy(json!({"voting_ms": DAY}));
    let refused = chamber
        .ask(&revise(&id, "curator", &other_kind))
        .unwrap_err();
    assert!(
        refused
            .iter()
            .any(|problem| problem.pointer.starts_with("/metadata")),
        "{refused:?}"
    );
    assert_eq!(chamber.proposal(&id)["revision"], 1);
}

#[test]
fn a_revision_leaves_other_proposals_alone() {
    let (mut chamber, id) = in_review();
    let other = chamber.propose("visitor", add_field("dose"));
    let apart = rest(&chamber, &other);
    chamber.ok(revise(&id, "curator", &add_field("masking")));
    assert_eq!(rest(&chamber, &other), apart);
}

/// Who joins later debates, and does not join the vote.
#[test]
fn a_concern_in_an_open_vote_is_for_its_electorate() {
    let (mut chamber, id) = in_review();
    chamber.open(&id);
    let joined = chamber.propose("visitor", change_members(json!([{"enrol": member("m5")}])));
    carry(&mut chamber, &joined, &["m1", "m2", "m3"], "yes");
    assert_eq!(chamber.refused(raise(&id, "m5", "units")), "not_a_member");
    chamber.ok(comment(&id, "m5", json!({})));
}
