//! Scope in the life of a proposal: evaluated, judged, appealed; each three ways, when it succeeds, what it changes, and what it
//! leaves alone.

use crate::chamber::{Chamber, add_blinding, member};
use crate::drafts::{
    DAY, add_field, addressing, carry, change_policy, change_scope, enact, opening, proposing,
};
use schema_senate::text::Value;
use serde_json::json;

fn criteria() -> Value {
    json!({
        "in": ["Experimental methodology."], "out": ["Social media and marketing."],
        "keywords_in": ["blinding", "masking"], "keywords_out": ["social media", "marketing"],
        "judges": ["m2", "visitor"]
    })
}

fn chamber() -> Chamber {
    let voters = ["m1", "m2", "m3", "m4"].map(member);
    Chamber::founded(voters.to_vec(), json!({"scope": criteria()}))
}

/// A draft of a field of that name, in words that say nothing about scope.
fn field(name: &str) -> Value {
    let mut draft = add_field(name);
    draft["metadata"]["rationale"] = json!("Reviewers of trials ask for it, see #12.");
    draft["metadata"]["use_cases"] =
        json!([{"who": "methods-reviewer", "need": "find what is missing"}]);
    draft
}

fn appeal(id: &str, by: &str, justification: &str) -> Value {
    json!({"command": "appeal", "proposal_id": id, "by": by, "justification": justification})
}

fn judge(id: &str, by: &str, verdict: &str) -> Value {
    json!({"command": "judge_scope", "proposal_id": id, "by": by, "verdict": verdict, "reasoning": "It is what we are here for."})
}

#[test]
fn what_is_in_scope_is_in_review() {
    let mut chamber = chamber();
    let names = chamber.ok(proposing("curator", add_blinding()));
    assert_eq!(names, ["proposal_created", "scope_evaluated"]);
    let id = chamber
        .log
        .last()
        .unwrap()
        .happening
        .proposal_id()
        .unwrap()
        .to_owned();
    let shown = chamber.proposal(&id);
    assert_eq!(shown["status"], "review");
    assert_eq!(shown["scope_verdict"], "in_scope");
    assert_eq!(shown["scope"][0]["attempt"], 1);
    assert_eq!(shown["scope"][0]["matches"][0]["keyword"], "blinding");
    carry(&mut chamber, &id, &["m1", "m2", "m3"], "yes");
    assert_eq!(chamber.status(&id), "approved");
}

#[test]
fn what_is_out_of_scope_is_rejected_at_once_with_its_reasons() {
    let mut chamber = chamber();
    let names = chamber.ok(proposing("curator", field("social_media_mentions")));
    assert_eq!(
        names,
        [
            "proposal_created",
            "scope_evaluated",
            "schema_proposal_rejected"
        ]
    );
    let id = chamber
        .log
        .last()
        .unwrap()
        .happening
        .proposal_id()
        .unwrap()
        .to_owned();
    let shown = chamber.proposal(&id);
    assert_eq!(shown["status"], "rejected");
    let reason = shown["decision_reason"].as_str().unwrap();
    assert!(
        reason.contains("“social media” at /metadata/field_spec/path"),
        "{reason}"
    );
    let event = chamber.log.last().unwrap().to_value();
    assert_eq!(event["because"], "scope");
    assert_eq!(event.get("tally"), None);
    // Nobody votes on it, and it does not count as live.
    assert_eq!(chamber.refused(opening(&id)), "vote_opened_before");
    chamber.propose("curator", add_blinding());
}

#[test]
fn without_criteria_everything_is_in_scope() {
    let mut chamber = Chamber::new(3);
    let id = chamber.propose("curator", field("social_media_mentions"));
    assert_eq!(chamber.status(&id), "review");
    assert_eq!(chamber.proposal(&id)["scope_verdict"], "in_scope");
}

#[test]
fn a_judge_that_the_scope_names_settles_what_is_unclear() {
    let mut chamber = chamber();
    let id = chamber.propose("curator", field("dose"));
    assert_eq!(chamber.proposal(&id)["scope_verdict"], "unclear");
    assert_eq!(chamber.refused(judge(&id, "m1", "in_scope")), "not_a_judge");
    assert_eq!(
        chamber.refused(judge(&id, "curator", "in_scope")),
        "not_a_judge"
    );
    assert_eq!(
        chamber.refused(judge(&id, "m2", "unclear")),
        "member_choice"
    );
    assert_eq!(
        chamber.ok(judge(&id, "visitor", "in_scope")),
        ["scope_judged"]
    );
    let shown = chamber.proposal(&id);
    assert_eq!(shown["scope_verdict"], "in_scope");
    assert_eq!(shown["scope"][1]["judge"], "visitor");
    assert_eq!(shown["status"], "review");
    // Once is enough.
    assert_eq!(
        chamber.refused(judge(&id, "m2", "out_of_scope")),
        "scope_is_clear"
    );
}

#[test]
fn what_is_clear_is_not_judged() {
    let mut chamber = chamber();
    let id = chamber.propose("curator", add_blinding());
    assert_eq!(
        chamber.refused(judge(&id, "m2", "out_of_scope")),
        "scope_is_clear"
    );
    chamber.open(&id);
    assert_eq!(
        chamber.refused(judge(&id, "m2", "out_of_scope")),
        "review_over"
    );
}

#[test]
fn a_judge_may_reject_and_the_proposer_appeals_once() {
    let mut chamber = chamber();
    let id = chamber.propose("curator", field("dose"));
    assert_eq!(
        chamber.ok(judge(&id, "m2", "out_of_scope")),
        ["scope_judged", "schema_proposal_rejected"]
    );
    assert_eq!(chamber.status(&id), "rejected");
    assert_eq!(
        chamber.refused(appeal(&id, "visitor", "It is about masking.")),
        "not_the_proposer"
    );
    let names = chamber.ok(appeal(
        &id,
        "curator",
        "Without the dose, masking cannot be judged.",
    ));
    assert_eq!(
        names,
        ["scope_appealed", "scope_evaluated", "proposal_reopened"]
    );
    assert_eq!(chamber.status(&id), "review");
    assert_eq!(chamber.proposal(&id)["scope"][2]["attempt"], 2);
}

#[test]
fn an_appeal_of_what_is_out_of_scope_is_heard_by_the_judges_and_never_twice() {
    let mut chamber = chamber();
    let id = chamber.propose("curator", field("social_media_mentions"));
    // A justification that names nothing that is in scope changes nothing.
    assert_eq!(
        chamber.ok(appeal(&id, "curator", "Please.")),
        ["scope_appealed", "scope_evaluated"]
    );
    assert_eq!(chamber.status(&id), "rejected");
    assert_eq!(
        chamber.refused(appeal(&id, "curator", "It is about masking.")),
        "appealed_before"
    );

    let mut chamber = self::chamber();
    let id = chamber.propose("curator", field("social_media_mentions"));
    chamber.ok(appeal(
        &id,
        "curator",
        "Breaches of masking are reported there first.",
    ));
    assert_eq!(chamber.status(&id), "review");
    assert_eq!(chamber.proposal(&id)["scope_verdict"], "unclear");
    assert_eq!(
        chamber.ok(judge(&id, "m2", "out_of_scope")),
        ["scope_judged", "schema_proposal_rejected"]
    );
    assert_eq!(
        chamber.refused(appeal(&id, "curator", "Once more.")),
        "appealed_before"
    );
}

#[test]
fn only_a_rejection_for_scope_is_appealed() {
    let mut chamber = chamber();
    let id = chamber.propose("curator", add_blinding());
    assert_eq!(
        chamber.refused(appeal(&id, "curator", "Early.")),
        "nothing_to_appeal"
    );
    carry(&mut chamber, &id, &["m1", "m2"], "no");
    assert_eq!(chamber.status(&id), "rejected");
    assert_eq!(
        chamber.refused(appeal(&id, "curator", "Late.")),
        "nothing_to_appeal"
    );
}

#[test]
fn an_appeal_leaves_everything_else_alone() {
    let mut chamber = chamber();
    let other = chamber.propose("visitor", add_blinding());
    let id = chamber.propose("curator", field("social_media_mentions"));
    let before = chamber.proposal(&other)["history"].clone();
    let scope = chamber.view("scope", json!(null));
    chamber.ok(appeal(&id, "curator", "It is about masking."));
    chamber.ok(judge(&id, "m2", "in_scope"));
    assert_eq!(chamber.proposal(&other)["history"], before);
    assert_eq!(chamber.proposal(&other)["scope_verdict"], "in_scope");
    assert_eq!(chamber.view("scope", json!(null)), scope);
}

#[test]
fn a_revision_is_evaluated_anew() {
    let mut chamber = chamber();
    let id = chamber.propose("curator", add_blinding());
    let revision = json!({"command": "revise", "proposal_id": id, "by": "curator", "metadata": field("social_media_mentions")["metadata"]});
    // Nobody gets in with one draft and on with another.
    assert_eq!(
        chamber.ok(revision),
        [
            "proposal_revised",
            "scope_evaluated",
            "schema_proposal_rejected"
        ]
    );
    assert_eq!(chamber.status(&id), "rejected");
}

#[test]
fn changes_of_the_senate_itself_are_always_in_scope() {
    let mut chamber = chamber();
    let names = chamber.ok(proposing(
        "curator",
        change_policy(json!({"voting_ms": DAY})),
    ));
    assert_eq!(names, ["proposal_created"]);
}

#[test]
fn the_scope_is_changed_by_a_vote_and_for_later_proposals_only() {
    let mut chamber = chamber();
    let before = chamber.propose("visitor", field("dose"));
    let rejected = chamber.propose("curator", field("social_media_mentions"));
    let changed = enact(
        &mut chamber,
        change_scope(
            json!({"keywords_in": ["blinding", "masking", "social media"], "keywords_out": ["dose"]}),
        ),
        &["m1", "m2", "m3"],
    );
    assert_eq!(chamber.status(&changed), "active");
    let scope = chamber.view("scope", json!(null));
    assert_eq!(scope["scope"]["keywords_out"], json!(["dose"]));
    // The judges are those that were named before.
    assert_eq!(scope["scope"]["judges"], json!(["m2", "visitor"]));
    assert_eq!(scope["version"], 2);
    // What was evaluated stays as it was, and what comes is held against the new criteria.
    assert_eq!(chamber.proposal(&before)["scope_verdict"], "unclear");
    assert_eq!(chamber.status(&rejected), "rejected");
    let after = chamber.propose("m1", field("dose"));
    assert_eq!(chamber.status(&after), "rejected");
    let welcome = chamber.propose("m1", addressing(field("social_media_mentions"), &rejected));
    assert_eq!(chamber.status(&welcome), "review");
}

#[test]
fn a_scope_that_cannot_be_is_refused_in_the_draft() {
    let mut chamber = chamber();
    for (scope, code) in [
        (
            json!({"keywords_in": ["marketing"]}),
            "scope_keyword_on_both_lists",
        ),
        (json!({"judges": ["a b"]}), "voter_id_malformed"),
        (
            json!({"keywords_in": ["masking", "blinding"]}),
            "nothing_changes",
        ),
    ] {
        assert_eq!(
            chamber.refused(proposing("curator", change_scope(scope))),
            code
        );
    }
}
