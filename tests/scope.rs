//! Whether a draft is about what the senate deals with: the mission's own examples, and drafts that try to get around the rule.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test looks at clocks; the core does not"
)]

use proptest::prelude::*;
use schema_senate::proposal::{Scope, ScopeEvaluation, ScopeVerdict, evaluate_scope};
use schema_senate::text::Value;
use serde_json::json;

/// The matters of the mission, and a few words for each.
fn science() -> Scope {
    Scope::from_value(
        &json!({
            "in": ["Experimental methodology and statistical results.", "Disease mechanisms and therapeutic targets."],
            "out": ["Social media and marketing."],
            "keywords_in": ["methodology", "blinding", "sample size", "confidence interval", "disease mechanism", "p53"],
            "keywords_out": ["social media", "marketing", "aesthetic"],
            "types": {"paper": {"keywords_in": ["press release"], "keywords_out": ["sponsor"]}},
            "judges": ["ada"]
        }),
        &Scope::default(),
    )
    .unwrap()
}

fn draft(name: &str, rationale: &str) -> Value {
    json!({
        "proposal_type": "schema_change",
        "title": "A field more",
        "metadata": {
            "target_artifact_type": "experiment",
            "change_type": "add_field",
            "field_spec": {"name": name, "schema": {"type": "string"}},
            "rationale": rationale,
            "use_cases": [{"who": "curator-7", "need": "find what is missing"}],
            "migration_plan": {"none_needed": "it is optional for everybody"},
            "backward_compatible": true
        }
    })
}

fn evaluate(draft: &Value) -> ScopeEvaluation {
    evaluate_scope(&science(), Some("experiment"), draft, None)
}

/// `in blinding /metadata/…` for each match.
fn found(evaluation: &ScopeEvaluation) -> Vec<String> {
    evaluation
        .matches
        .iter()
        .map(|found| format!("{} {} {}", found.list, found.keyword, found.pointer))
        .collect()
}

const PLAIN: &str = "Readers ask for it every week.";

#[test]
fn social_media_mentions_are_out_on_every_type() {
    for target in [None, Some("experiment"), Some("hypothesis"), Some("paper")] {
        let evaluation = evaluate_scope(
            &science(),
            target,
            &draft("social_media_mentions", PLAIN),
            None,
        );
        assert_eq!(evaluation.verdict, ScopeVerdict::OutOfScope, "{target:?}");
        assert_eq!(
            found(&evaluation),
            ["out social media /metadata/field_spec/name"]
        );
    }
}

#[test]
fn blinding_with_words_of_methodology_is_in() {
    let evaluation = evaluate(&draft(
        "blinding",
        "Without it the methodology of trials cannot be compared.",
    ));
    assert_eq!(evaluation.verdict, ScopeVerdict::InScope);
    assert_eq!(
        found(&evaluation),
        [
            "in blinding /metadata/field_spec/name",
            "in methodology /metadata/rationale"
        ]
    );
}

#[test]
fn words_of_both_sides_are_for_the_judges() {
    let evaluation = evaluate(&draft("blinding", "It would help our marketing of trials."));
    assert_eq!(evaluation.verdict, ScopeVerdict::Unclear);
    assert_eq!(
        found(&evaluation),
        [
            "in blinding /metadata/field_spec/name",
            "out marketing /metadata/rationale"
        ]
    );
}

#[test]
fn words_of_neither_side_are_for_the_judges_where_there_are_lists() {
    let plain = draft("colour", PLAIN);
    assert_eq!(evaluate(&plain).verdict, ScopeVerdict::Unclear);
    assert_eq!(evaluate(&plain).matches, []);
    let open = evaluate_scope(&Scope::default(), Some("experiment"), &plain, None);
    assert_eq!(open.verdict, ScopeVerdict::InScope);
}

#[test]
fn the_reasoning_says_which_words_where_and_by_what_criteria() {
    assert_eq!(
        evaluate(&draft("social_media_mentions", PLAIN)).reasoning,
        "Out of scope: the draft uses “social media” at /metadata/field_spec/name, and nothing that is in scope. \
         In scope here: Experimental methodology and statistical results; Disease mechanisms and therapeutic targets. \
         Out of scope here: Social media and marketing."
    );
    assert!(
        evaluate(&draft("blinding", "It would help our marketing of trials."))
            .reasoning
            .starts_with(
                "Unclear: the draft uses “blinding” at /metadata/field_spec/name, which is in scope, and “marketing” at /metadata/rationale, which is out of scope."
            )
    );
    assert!(
        evaluate(&draft("colour", PLAIN))
            .reasoning
            .starts_with("Unclear: the draft uses none of the keywords")
    );
}

#[test]
fn the_keywords_of_a_type_come_on_top() {
    let scope = science();
    let release = draft("press_release", PLAIN);
    let verdict = |target| evaluate_scope(&scope, target, &release, None).verdict;
    assert_eq!(verdict(Some("paper")), ScopeVerdict::InScope);
    assert_eq!(verdict(Some("experiment")), ScopeVerdict::Unclear);
    let sponsored = evaluate_scope(&scope, Some("paper"), &draft("sponsors", PLAIN), None);
    assert_eq!(sponsored.verdict, ScopeVerdict::OutOfScope);
    // One that has keywords for another type only says nothing of this one.
    let only = Scope::from_value(
        &json!({"types": {"paper": {"keywords_in": ["press"]}}}),
        &Scope::default(),
    )
    .unwrap();
    let other = evaluate_scope(&only, Some("experiment"), &draft("colour", PLAIN), None);
    assert_eq!(other.verdict, ScopeVerdict::InScope);
}

#[test]
fn an_appeal_adds_words_and_takes_none_away() {
    let scope = science();
    let rejected = draft("social_media_mentions", PLAIN);
    let appeal = "Retractions spread there first; the methodology of follow-up needs it.";
    let evaluation = evaluate_scope(&scope, Some("experiment"), &rejected, Some(appeal));
    assert_eq!(evaluation.verdict, ScopeVerdict::Unclear);
    assert_eq!(
        found(&evaluation),
        [
            "in methodology /justification",
            "out social media /metadata/field_spec/name"
        ]
    );
}

#[test]
fn every_text_of_a_draft_is_looked_at() {
    for (place, value) in [
        ("/title", json!("Marketing")),
        ("/metadata/rationale", json!("for marketing")),
        (
            "/metadata/use_cases",
            json!([{"who": "a", "need": "b"}, {"who": "the marketing desk", "need": "x"}]),
        ),
        (
            "/metadata/use_cases",
            json!([{"who": "a", "need": "better marketing"}]),
        ),
        ("/metadata/field_spec", json!({"path": "/marketing/reach"})),
        (
            "/metadata/field_spec",
            json!({"from": "/reach", "to": "marketing"}),
        ),
        (
            "/metadata/field_spec",
            json!({"name": "marketing_plan", "schema": {}, "description": "x"}),
        ),
        (
            "/metadata/field_spec",
            json!({"name": "plan", "schema": {}, "description": "Of marketing"}),
        ),
        (
            "/metadata/field_spec/schema",
            json!({"properties": {"a": {"items": {"title": "Marketing"}}}}),
        ),
        (
            "/metadata/field_spec/schema",
            json!({"$defs": {"x": {"anyOf": [{"description": "for Marketing"}]}}}),
        ),
        (
            "/metadata/field_spec/schema",
            json!({"properties": {"marketingReach": {}}}),
        ),
    ] {
        let mut document = draft("reach", PLAIN);
        *document.pointer_mut(place).unwrap() = value;
        let evaluation = evaluate(&document);
        assert_eq!(evaluation.verdict, ScopeVerdict::OutOfScope, "{document}");
        let pointer = &evaluation.matches[0].pointer;
        assert!(pointer.starts_with(place), "{pointer}");
        // It leads to the text, or for a field to what it may hold.
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    // The type that it changes is in scope already, and says nothing.
    let mut document = draft("reach", PLAIN);
    document["metadata"]["target_artifact_type"] = json!("marketing");
    assert_eq!(evaluate(&document).verdict, ScopeVerdict::Unclear);
}

#[test]
fn a_keyword_is_a_phrase_of_whole_words() {
    for (text, verdict) in [
        ("the sample size", ScopeVerdict::InScope),
        ("Sample-Sizes vary", ScopeVerdict::InScope),
        ("sampleSize", ScopeVerdict::InScope),
        ("SAMPLE\n\tSIZE", ScopeVerdict::InScope),
        ("confidence intervals", ScopeVerdict::InScope),
        ("P53 and p53Activity", ScopeVerdict::InScope),
        ("samples size", ScopeVerdict::Unclear),
        ("sample of a size", ScopeVerdict::Unclear),
        ("size sample", ScopeVerdict::Unclear),
        ("methodologyx", ScopeVerdict::Unclear),
        ("unblinding", ScopeVerdict::Unclear),
        ("telemarketing", ScopeVerdict::Unclear),
        // A phrase that begins anew in the middle of itself.
        ("confidence confidence interval", ScopeVerdict::InScope),
    ] {
        assert_eq!(evaluate(&draft("x", text)).verdict, verdict, "{text}");
    }
}

#[test]
fn stuffing_a_draft_with_good_words_never_outweighs_a_bad_one() {
    for count in [1, 10, 1_000] {
        let stuffed = "blinding methodology sample size ".repeat(count);
        let evaluation = evaluate(&draft("social_media_mentions", &stuffed));
        assert_eq!(evaluation.verdict, ScopeVerdict::Unclear, "{count}");
    }
}

/// A word in other letters is another word; it is not found, so the draft is not in scope by itself.
#[test]
fn look_alikes_are_left_to_the_judges() {
    for name in [
        "s\u{43e}cial media",
        "social m\u{435}dia",
        "social me\u{301}dia",
        "ｓｏｃｉａｌ media",
    ] {
        assert_eq!(
            evaluate(&draft("x", name)).verdict,
            ScopeVerdict::Unclear,
            "{name}"
        );
    }
}

#[test]
fn what_cannot_be_seen_hides_nothing() {
    for text in [
        "so\u{200b}cial me\u{200d}dia",
        "social\u{2060} media",
        "\u{feff}social\u{ad} media",
        "so\u{e0041}cial media",
        "s\u{202e}ocial media",
    ] {
        assert_eq!(
            evaluate(&draft("x", text)).verdict,
            ScopeVerdict::OutOfScope,
            "{text:?}"
        );
    }
}

/// The work grows with the text, not with the lists: a megabyte of prose against ten thousand keywords that all begin with its
/// most frequent word.
#[test]
fn long_texts_and_long_lists_are_evaluated_in_one_pass() {
    let keywords: Vec<String> = (0..10_000).map(|n| format!("the field k{n}")).collect();
    let scope = Scope::from_value(&json!({"keywords_in": keywords}), &Scope::default()).unwrap();
    let prose = "the field the field k9999x ".repeat(40_000);
    assert!(prose.len() > 1_000_000);
    let start = std::time::Instant::now();
    let evaluation = evaluate_scope(&scope, None, &draft("x", &prose), None);
    assert_eq!(evaluation.verdict, ScopeVerdict::Unclear);
    let one = start.elapsed();
    // Generous, for a slow machine and an unoptimised build; comparing with each keyword would take minutes.
    assert!(one.as_secs() < 10, "{one:?}");
    let hit = evaluate_scope(
        &scope,
        None,
        &draft("x", &format!("{prose} the field k42")),
        None,
    );
    assert_eq!(found(&hit), ["in the field k42 /metadata/rationale"]);
}

/// More words than are looked at never pass as in scope, whatever the first ones are.
#[test]
fn what_was_not_looked_at_is_never_in_scope() {
    let prose = format!("blinding {} marketing", "a ".repeat(2_000_001));
    let evaluation = evaluate(&draft("x", &prose));
    assert_eq!(evaluation.verdict, ScopeVerdict::Unclear);
    assert!(
        evaluation
            .reasoning
            .contains("more words than are looked at")
    );
}

#[test]
fn an_evaluation_tells_the_first_place_of_each_word_and_not_all() {
    let keywords: Vec<String> = (0..100).map(|n| format!("k{n:02}")).collect();
    let text = keywords.join(" ").repeat(3);
    let scope = Scope::from_value(
        &json!({"keywords_in": keywords, "keywords_out": ["zz"]}),
        &Scope::default(),
    )
    .unwrap();
    let evaluation = evaluate_scope(&scope, None, &draft("zz", &text), None);
    // However many speak for it, what speaks against it is told.
    assert_eq!(evaluation.matches.len(), 33);
    assert_eq!(evaluation.matches.last().unwrap().list, "out");
    assert!(evaluation.reasoning.contains("and 27 more"));
    assert!(evaluation.reasoning.len() < 1_000);
}

#[test]
fn what_is_no_draft_is_evaluated_all_the_same() {
    for document in [
        json!(null),
        json!([]),
        json!({"metadata": 7, "title": []}),
        json!({"metadata": {"use_cases": [3, {"who": 1}], "field_spec": {"schema": [true], "name": {}}}}),
    ] {
        assert_eq!(evaluate(&document).verdict, ScopeVerdict::Unclear);
    }
    let mut deep = json!({"title": "marketing"});
    for _ in 0..100 {
        deep = json!({"properties": {"a": deep}});
    }
    let mut document = draft("x", PLAIN);
    document["metadata"]["field_spec"]["schema"] = deep;
    assert_eq!(evaluate(&document).verdict, ScopeVerdict::OutOfScope);
}

fn keyword_lists() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let keyword = "[ab]{1,2}( [ab]{1,2}){0,2}";
    let list = || proptest::collection::btree_set(keyword, 0..5);
    (list(), list()).prop_map(|(included, excluded)| {
        let excluded = excluded.difference(&included).cloned().collect();
        (included.into_iter().collect(), excluded)
    })
}

/// The rule once more, as naively as it can be written, for texts of small words.
fn naive(included: &[String], excluded: &[String], text: &str) -> ScopeVerdict {
    let padded = format!(
        " {} ",
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    );
    let uses = |keyword: &String| {
        padded.contains(&format!(" {keyword} ")) || padded.contains(&format!(" {keyword}s "))
    };
    match (included.iter().any(uses), excluded.iter().any(uses)) {
        _ if included.is_empty() && excluded.is_empty() => ScopeVerdict::InScope,
        (true, false) => ScopeVerdict::InScope,
        (false, true) => ScopeVerdict::OutOfScope,
        _ => ScopeVerdict::Unclear,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_search_finds_what_a_naive_search_finds(
        (included, excluded) in keyword_lists(),
        text in "([abs]{1,3} ){0,8}"
    ) {
        let scope = Scope::from_value(
            &json!({"keywords_in": included, "keywords_out": excluded}),
            &Scope::default(),
        ).unwrap();
        let document = json!({"metadata": {"rationale": text}});
        let evaluation = evaluate_scope(&scope, None, &document, None);
        prop_assert_eq!(evaluation.verdict, naive(&included, &excluded, &text));
    }

    /// Adding words never makes a draft that was out of scope in scope.
    #[test]
    fn no_added_word_turns_out_into_in(
        (included, excluded) in keyword_lists(),
        text in "([ab]{1,2} ){0,6}",
        more in "([ab]{1,2} ){0,6}"
    ) {
        let scope = Scope::from_value(
            &json!({"keywords_in": included, "keywords_out": excluded}),
            &Scope::default(),
        ).unwrap();
        let document = json!({"metadata": {"rationale": text}});
        let before = evaluate_scope(&scope, None, &document, None);
        let after = evaluate_scope(&scope, None, &document, Some(&more));
        if before.verdict == ScopeVerdict::OutOfScope {
            prop_assert_ne!(after.verdict, ScopeVerdict::InScope);
        }
        prop_assert!(before.matches.iter().all(|found| after.matches.contains(found)));
    }

    /// The order of members has no part in an evaluation: it is the same when the log is read back.
    #[test]
    fn an_evaluation_is_the_same_for_the_canonical_draft(text in "\\PC{0,40}", name in "[a-zA-Z_]{1,12}") {
        let document = json!({
            "title": text,
            "metadata": {"rationale": text, "field_spec": {"schema": {"properties": {name.clone(): {"title": text}, "a": {}}}, "name": name}}
        });
        let canonical: Value = serde_json::from_str(&schema_senate::text::canonical(&document).unwrap()).unwrap();
        prop_assert_eq!(evaluate(&document), evaluate(&canonical));
    }

    #[test]
    fn nothing_panics(text in any::<String>(), target in any::<String>()) {
        let document = draft(&text, &text);
        let _ = evaluate_scope(&science(), Some(&target), &document, Some(&text));
        let _ = Scope::from_value(&json!({"in": [text], "keywords_in": [text], "judges": [text]}), &Scope::default());
    }
}
