//! Policies and electorates: what is taken, what is refused and with which words, and what is hashed.
//!
//! One file per case under `tests/vectors/policy/`: `accepted` holds `{about, given, policy, digest, words}`, `refused`
//! holds `{about, given, problems}`. The digests were computed by another program (Python's hashlib).

// The lints of tests hold for their helpers, too.
#![cfg(test)]

mod vote_support;

use std::path::PathBuf;

use proptest::prelude::*;
use schema_senate::text::{Digest, Integers, Kind, Limits, canonical, digest_canonical, read};
use schema_senate::vote::{
    BallotMode, Base, Choice, Electorate, Member, Policy, Requirement, Role, Rule, Threshold,
    Times, Track, TrackRule, is_member_id,
};
use serde_json::{Value, json};

fn each(folder: &str, at_least: usize, check: impl Fn(&str, &Value)) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors/policy")
        .join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(
        files.len() >= at_least,
        "{folder}: only {} files",
        files.len()
    );
    for file in files {
        let text = std::fs::read(&file).unwrap();
        let case = read(&text, Limits::DOCUMENT, Integers::Any).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        check(&format!("{folder}/{name}"), &case);
    }
}

#[test]
fn accepted_policies_are_filled_hashed_and_said_in_words() {
    each("accepted", 24, |name, case| {
        let policy = Policy::from_value(&case["given"]).unwrap_or_else(|p| panic!("{name}: {p:?}"));
        assert_eq!(policy.to_value(), case["policy"], "{name}");
        assert_eq!(json!(policy), case["policy"], "{name}: serialized");
        assert_eq!(json!(policy.words()), case["words"], "{name}");
        let expected: Digest = case["digest"].as_str().unwrap().parse().unwrap();
        assert_eq!(policy.digest().unwrap(), expected, "{name}");
        let again = Policy::from_value(&policy.to_value()).unwrap();
        assert_eq!(again, policy, "{name}: read again");
    });
}

#[test]
fn refused_policies_are_told_everything() {
    each("refused", 45, |name, case| {
        let problems = Policy::from_value(&case["given"]).expect_err(name);
        assert_eq!(json!(problems), case["problems"], "{name}");
    });
}

#[test]
fn no_rule_speaks_of_percentages() {
    each("accepted", 24, |name, case| {
        for sentence in Policy::from_value(&case["given"]).unwrap().words() {
            assert!(
                !sentence.contains('%') && !sentence.contains("percent"),
                "{name}: {sentence}"
            );
            assert!(sentence.ends_with('.'), "{name}: {sentence}");
        }
    });
}

/// A requirement, as it is given, and how hard it is: whether every member, the share in parts of 420, whether more than that,
/// whether of the electorate. `None` when it is none.
type Hardness = Option<(bool, u64, bool, bool)>;

fn hardness(given: &Value) -> Hardness {
    if given.get("unanimous").is_some() {
        return Some((true, 420, false, true));
    }
    let (num, den) = (
        given["num"].as_u64().unwrap(),
        given["den"].as_u64().unwrap(),
    );
    let strict = given["strict"].as_bool().unwrap();
    let electorate = given["base"] == "electorate";
    if den == 0 {
        return None;
    }
    let share = num * 420 / den;
    if !(210..=420).contains(&share) || share == 210 && !strict || share == 420 && strict {
        return None;
    }
    Some((electorate && share == 420, share, strict, electorate))
}

fn as_hard(this: Hardness, other: Hardness) -> bool {
    match (this, other) {
        (Some((true, ..)), Some(_)) => true,
        (Some(_), Some((true, ..))) => false,
        (Some((_, share, strict, all)), Some((_, other_share, other_strict, other_all))) => {
            (share > other_share || share == other_share && (strict || !other_strict))
                && (all || !other_all)
        }
        _ => false,
    }
}

/// Fractions of small numbers, each at least and more than, of the electorate and of the ballots, and every member.
fn requirements() -> Vec<Value> {
    let mut all = vec![json!({ "unanimous": true })];
    for (num, den) in (0..=6).flat_map(|num| (0..=5).map(move |den| (num, den))) {
        for (strict, base) in [
            (false, "electorate"),
            (true, "electorate"),
            (false, "cast"),
            (true, "cast"),
        ] {
            all.push(json!({ "num": num, "den": den, "strict": strict, "base": base }));
        }
    }
    all
}

/// T6: exactly those policies are taken in which every share is more than half and no more than the whole, a breaking change
/// needs at least as much as an additive one, and an emergency as much as an additive change and as a new type.
#[test]
fn nothing_harder_is_easier_than_something_easier() {
    let all = requirements();
    let (mut cases, mut taken) = (0, 0);
    for first in &all {
        for second in &all {
            let hard = [hardness(first), hardness(second)];
            for (easy, hard_one) in [
                ("additive", "breaking"),
                ("new_type", "emergency"),
                ("additive", "emergency"),
            ] {
                let mut value = json!({ "tracks": { easy: first, hard_one: second } });
                if (easy, hard_one) == ("additive", "emergency") {
                    value["tracks"]["breaking"] = json!({ "unanimous": true });
                    value["tracks"]["new_type"] = first.clone();
                }
                let expected = hard[0].is_some() && hard[1].is_some() && as_hard(hard[1], hard[0])
                    // The default additive share is two thirds of the electorate.
                    && (hard_one != "emergency" || easy == "additive" || as_hard(hard[1], hardness(&json!({ "num": 2, "den": 3, "strict": false, "base": "electorate" }))));
                let policy = Policy::from_value(&value);
                assert_eq!(policy.is_ok(), expected, "{value}");
                cases += 1;
                if let Ok(policy) = policy {
                    taken += 1;
                    assert_eq!(Policy::from_value(&policy.to_value()).unwrap(), policy);
                }
            }
        }
    }
    println!("cases: {cases}, taken: {taken}");
    assert!(taken > 1000 && cases - taken > 10_000, "{taken} of {cases}");
}

/// What "at least as hard" promises: whoever meets the one meets the other, in every electorate and however many vote.
#[test]
fn whatever_meets_the_harder_meets_the_easier() {
    let read = |value: &Value| Requirement::from_value(value).ok();
    let all: Vec<Requirement> = requirements().iter().filter_map(read).collect();
    let mut cases = 0;
    for (harder, easier) in all.iter().flat_map(|a| all.iter().map(move |b| (*a, *b))) {
        let hard = |requirement: Requirement| hardness(&requirement.to_value());
        assert_eq!(
            harder.is_at_least(easier),
            as_hard(hard(harder), hard(easier))
        );
        if !harder.is_at_least(easier) {
            continue;
        }
        for members in 1..=12_u64 {
            for (cast, yes) in (1..=members).flat_map(|cast| (0..=cast).map(move |yes| (cast, yes)))
            {
                let implied =
                    !harder.is_met(yes, members, cast) || easier.is_met(yes, members, cast);
                assert!(implied, "{harder:?} {easier:?} {yes} {members} {cast}");
                cases += 1;
            }
        }
    }
    println!("cases: {cases}");
}

#[test]
fn the_default_policy_is_that_of_the_mission() {
    let policy = Policy::default();
    let two_thirds = Requirement::Share(Threshold {
        num: 2,
        den: 3,
        strict: false,
        base: Base::Electorate,
    });
    for track in Track::ALL {
        let expected = match track {
            Track::Breaking | Track::Emergency => Requirement::Unanimous,
            _ => two_thirds,
        };
        assert_eq!(policy.tracks.get(track).requirement, expected, "{track:?}");
    }
    assert_eq!(policy.ballot_mode, BallotMode::Final);
    assert_eq!(
        (
            policy.min_electorate,
            policy.min_principals,
            policy.principal_cap
        ),
        (3, 1, None)
    );
    let week = 7 * 24 * 60 * 60 * 1000;
    let times = Times {
        min_review_ms: 0,
        voting_ms: week,
        cooling_ms: 0,
    };
    assert_eq!(policy.times(Track::Scope), times);
    assert_eq!(
        policy.times(Track::Emergency),
        Times {
            voting_ms: week / 7,
            ..times
        }
    );
    assert!(policy.needs_reason(Choice::No));
    assert!(!policy.needs_reason(Choice::Yes) && !policy.needs_reason(Choice::Abstain));
    assert!(policy.overrides_concern(2, 3) && !policy.overrides_concern(3, 5));
    assert_eq!(
        [1, 3, 4, 5, 6].map(|members| policy.overrides_needed(members)),
        [1, 2, 3, 4, 4]
    );
}

/// What a change of the policy leaves out stays as it was, and not as the default has it; a track is given whole.
#[test]
fn a_change_is_read_over_the_policy_in_force() {
    let first = Policy::from_value(&json!({
        "min_electorate": 5, "principal_cap": 2, "direct_import": false,
        "tracks": { "scope": { "num": 3, "den": 4, "cooling_ms": 1000 }, "additive": { "num": 3, "den": 4 } },
    }))
    .unwrap();
    assert_eq!(first.times(Track::Scope).cooling_ms, 1000);
    let change = json!({ "principal_cap": null, "cooling_ms": 7, "tracks": { "scope": { "unanimous": true } } });
    let second = Policy::from_value_over(&first, &change).unwrap();
    let expected = Policy {
        principal_cap: None,
        cooling_ms: 7,
        tracks: schema_senate::vote::Tracks {
            scope: TrackRule::of(Requirement::Unanimous),
            ..first.tracks
        },
        ..first.clone()
    };
    assert_eq!(second, expected);
    assert_eq!(second.times(Track::Scope).cooling_ms, 7);
    assert_eq!(Policy::from_value_over(&first, &json!({})).unwrap(), first);
    // Fine over the default, and not over this one.
    let breaking = json!({ "tracks": { "breaking": { "num": 2, "den": 3 } } });
    assert!(Policy::from_value(&breaking).is_ok());
    assert_eq!(
        Policy::from_value_over(&first, &breaking).unwrap_err()[0].code,
        "breaking_below_additive"
    );
}

// ---------------------------------------------------------------- rules

#[test]
fn an_emergency_needs_what_it_needs_and_what_its_change_needs() {
    let policy = Policy::from_value(&json!({ "tracks": {
        "emergency": { "num": 3, "den": 4 }, "new_type": { "num": 1, "den": 2, "strict": true, "base": "cast" },
    } }))
    .unwrap();
    let asks = |class| Rule::of_emergency(&policy, class).requirements;
    let three_quarters = Requirement::Share(Threshold::at_least(3, 4));
    // What another implies is left out.
    assert_eq!(asks(Track::Additive), [three_quarters]);
    assert_eq!(asks(Track::NewType), [three_quarters]);
    assert_eq!(asks(Track::Breaking), [Requirement::Unanimous]);
    assert_eq!(
        Rule::of_emergency(&policy, Track::Additive).words(),
        "Needs a yes from at least 3/4 of the members; with fewer than 3 members, nothing."
    );
}

#[test]
fn a_rule_is_read_as_it_is_written_and_in_no_other_way() {
    let policy = |value: Value| Policy::from_value(&value).unwrap();
    let cast = json!({ "num": 3, "den": 4, "base": "cast" });
    let new =
        policy(json!({ "tracks": { "policy": cast }, "principal_cap": 2, "min_principals": 2 }));
    let rule = Rule::ratchet(&policy(json!({ "principal_cap": 1 })), &new);
    let value = rule.to_value();
    assert_eq!(
        value,
        json!({
            "requirements": [
                { "num": 2, "den": 3, "strict": false, "base": "electorate" },
                { "num": 3, "den": 4, "strict": false, "base": "cast" },
            ],
            "min_electorate": 3, "min_principals": 2, "principal_caps": [1, 2],
        })
    );
    assert_eq!(json!(rule), value);
    assert_eq!(Rule::from_value(&value).unwrap(), rule);
    assert_eq!(
        rule.words(),
        "Needs a yes from at least 2/3 of the members and from at least 3/4 of the ballots cast, and from at least 2 principals, also when no more than 1 member of each principal count, also when no more than 2 members of each principal count; with fewer than 3 members, nothing."
    );
    for (pointer, other, code) in [
        ("/principal_caps", json!([2, 1]), "rule_not_canonical"),
        ("/principal_caps", json!([1, 1]), "rule_not_canonical"),
        ("/principal_caps", json!([0]), "member_range"),
        (
            "/principal_caps",
            json!([9_007_199_254_740_992_u64]),
            "member_range",
        ),
        ("/principal_caps", json!(null), "member_type"),
        ("/requirements", json!([]), "member_empty"),
        (
            "/requirements/0",
            json!({ "unanimous": true }),
            "rule_not_canonical",
        ),
        (
            "/requirements/0",
            json!({ "num": 2, "den": 3 }),
            "rule_not_canonical",
        ),
        (
            "/requirements/0/den",
            json!(0),
            "threshold_zero_denominator",
        ),
        ("/min_electorate", json!(null), "member_type"),
        ("/min_principals", json!(2.0), "rule_not_canonical"),
    ] {
        let mut wrong = value.clone();
        *wrong.pointer_mut(pointer).unwrap() = other;
        let problems = Rule::from_value(&wrong).expect_err(pointer);
        assert_eq!(problems[0].code, code, "{wrong}");
    }
    assert_eq!(Rule::from_value(&json!({})).unwrap_err().len(), 4);
}

#[test]
fn a_rule_says_whom_it_cannot_be_met_by() {
    let rule = Rule {
        min_principals: 2,
        ..Rule::of(&Policy::default(), Track::Scope)
    };
    let code = |members, principals| {
        rule.admits(members, principals)
            .err()
            .map(|problem| problem.code)
    };
    assert_eq!(code(2, 2), Some("electorate_too_small"));
    assert_eq!(code(3, 1), Some("principals_too_few"));
    assert_eq!(code(3, 2), None);
}

#[test]
fn names_on_the_wire_are_read_as_they_are_written() {
    for track in Track::ALL {
        assert_eq!(Track::from_name(track.name()), Some(track));
        assert_eq!(json!(track), json!(track.name()));
    }
    assert_eq!(Track::ALL.map(Track::name), Track::NAMES);
    for choice in Choice::ALL {
        assert_eq!(Choice::from_name(choice.name()), Some(choice));
        assert_eq!(json!(choice), json!(choice.name()));
    }
    assert_eq!(Choice::ALL.map(Choice::name), Choice::NAMES);
    for name in BallotMode::NAMES {
        assert_eq!(json!(BallotMode::from_name(name).unwrap()), json!(name));
    }
    for base in Base::ALL {
        assert_eq!(Base::from_name(base.name()), Some(base));
        assert_eq!(json!(base), json!(base.name()));
    }
    assert_eq!(Base::ALL.map(Base::name), Base::NAMES);
    for role in Role::ALL {
        assert_eq!(Role::from_name(role.name()), Some(role));
        assert_eq!(json!(role), json!(role.name()));
    }
    assert_eq!(Role::ALL.map(Role::name), Role::NAMES);
    assert_eq!(BallotMode::ALL.map(BallotMode::name), BallotMode::NAMES);
    assert_eq!(
        (Base::from_name("all"), Role::from_name("chair")),
        (None, None)
    );
    for name in ["Additive", "", "yes", "FINAL"] {
        assert_eq!(Track::from_name(name), None);
        assert_eq!(BallotMode::from_name(name), None);
    }
    assert_eq!(Choice::from_name("Yes"), None);
}

// ---------------------------------------------------------------- electorates

fn key(number: u64) -> String {
    vote_support::key(number).to_string()
}

#[test]
fn one_set_of_voters_has_one_digest() {
    let (one, two, three) = (key(1), key(2), key(3));
    let given = json!([{ "id": "cy", "key": one }, { "id": "ada", "name": "Ada", "family": "f", "key": two }, { "id": "agent:7", "principal": "lab", "key": three }]);
    let other = json!([{ "key": three, "principal": "lab", "role": "voter", "id": "agent:7" }, { "family": "f", "name": "Ada", "id": "ada", "principal": "ada", "key": two }, { "id": "cy", "key": one }]);
    let electorate = Electorate::from_value(&given).unwrap();
    assert_eq!(electorate, Electorate::from_value(&other).unwrap());
    let canonical_text = format!(
        r#"[{{"family":"f","id":"ada","key":"{two}","name":"Ada","principal":"ada","role":"voter"}},{{"id":"agent:7","key":"{three}","principal":"lab","role":"voter"}},{{"id":"cy","key":"{one}","principal":"cy","role":"voter"}}]"#
    );
    assert_eq!(canonical(&electorate.to_value()).unwrap(), canonical_text);
    assert_eq!(json!(electorate), electorate.to_value());
    assert_eq!(
        electorate.digest().unwrap(),
        digest_canonical(Kind::Electorate, &canonical_text)
    );
    assert_eq!(electorate.len(), 3);
    assert!(electorate.contains("agent:7") && electorate.contains("cy"));
    assert!(
        !electorate.contains("agent:") && !electorate.contains("Ada") && !electorate.contains("")
    );
    assert_eq!(
        [
            electorate.index_of("ada"),
            electorate.index_of("cy"),
            electorate.index_of("bob")
        ],
        [Some(0), Some(2), None]
    );
    assert_eq!(
        electorate.get("ada").and_then(|m| m.name.as_deref()),
        Some("Ada")
    );
    assert_eq!(
        Electorate::from_value(&electorate.to_value()).unwrap(),
        electorate
    );
}

#[test]
fn principals_are_those_of_the_voters() {
    let electorate = Electorate::new(vote_support::voters(&["b", "a", "b"])).unwrap();
    let principals: Vec<(&str, u64)> = electorate.principals().into_iter().collect();
    assert_eq!(principals, [("a", 1), ("b", 2)]);
}

#[test]
fn nobody_is_an_electorate() {
    let nobody = Electorate::from_value(&json!([])).unwrap();
    assert!(nobody.is_empty() && !nobody.contains(""));
    assert_eq!(nobody, Electorate::default());
    assert!(!vote_support::electorate(1).is_empty());
}

#[test]
fn what_is_wrong_with_members_is_said_with_their_place() {
    let told = |value: Value| -> Vec<String> {
        let problems = Electorate::from_value(&value).unwrap_err();
        problems.iter().map(|p| format!("{} {p}", p.code)).collect()
    };
    let (one, two) = (key(1), key(2));
    assert_eq!(
        told(json!({})),
        [
            "member_type an array of members is due here, not an object (give an array of objects with `id` and `key`)"
        ]
    );
    assert_eq!(
        told(
            json!([{ "id": "ada", "key": one }, "bob", { "name": "Cy" }, { "id": 4, "chair": true, "role": "chair", "key": two }, { "id": "-", "key": two }])
        ),
        [
            "member_type /1: an object is due here, not a string (give an object with `id`, `name`, `principal`, `family`, `role` and `key`)",
            "member_missing /2: the member `id` is missing (add `id`)",
            "member_missing /2: the member `key` is missing (add `key`)",
            "member_unknown /3/chair: there is no member `chair` here (the members are `id`, `name`, `principal`, `family`, `role` and `key`)",
            "member_type /3/id: `id` must be a string, not the number 4",
            "member_choice /3/role: \"chair\" is none of the possible values (one of `voter` and `contributor`)",
            "voter_id_malformed /4/id: an identifier has 1 to 128 characters, letters, digits and `. _ : @ / -`, and starts with a letter or a digit (for example `agent:atlas-7` or `ada@example.org`)",
        ]
    );
    assert_eq!(
        told(json!([
            { "id": "ada", "key": one }, { "id": "ada", "key": two }, { "id": "bob", "key": one }
        ])),
        [
            "voter_twice /1/id: the member `ada` is listed twice (list every member once)",
            "key_twice /2/key: `bob` has the same key as `ada` (every member signs with a key of their own)",
        ]
    );
    assert_eq!(
        told(json!([{ "id": "ada", "key": one, "role": "contributor" }])),
        ["not_a_voter /0/role: `ada` is a contributor and does not vote"]
    );
    let codes = |member: Value| -> Vec<&str> {
        let problems = Member::from_value(&member, "").unwrap_err();
        problems.iter().map(|p| p.code).collect()
    };
    assert_eq!(
        codes(
            json!({ "id": "a", "key": one, "name": "a\tb", "family": "x".repeat(201), "principal": "a b" })
        ),
        [
            "voter_name_malformed",
            "principal_malformed",
            "voter_name_malformed"
        ]
    );
    assert_eq!(
        codes(json!({ "id": "a", "key": "ed25519:AAAA", "name": "" })),
        ["member_empty", "key_malformed"]
    );
    for malformed in [
        one.replace("ed25519:", ""),
        one.replace('=', ""),
        one.replace('=', "=="),
        format!("{one} "),
    ] {
        assert_eq!(
            codes(json!({ "id": "a", "key": malformed })),
            ["key_malformed"],
            "{malformed}"
        );
    }
    let longest = "é".repeat(200);
    assert!(Member::from_value(&json!({ "id": "a", "name": longest, "key": one }), "").is_ok());
}

#[test]
fn identifiers_are_plain_and_bounded() {
    let longest = "a".repeat(128);
    for good in [
        "a",
        "7",
        "agent:atlas-7",
        "ada@example.org",
        "team/x_y.z",
        "A",
        &longest,
    ] {
        assert!(is_member_id(good), "{good}");
    }
    let too_long = "a".repeat(129);
    for bad in [
        "", "-a", ".a", ":a", "@a", "/a", "_a", "a b", "a\n", "é", "aé", "a\0", "a,b", "a%2f",
        &too_long,
    ] {
        assert!(!is_member_id(bad), "{bad:?}");
    }
}

proptest! {
    /// Any two electorates are one exactly when their digests are.
    #[test]
    fn the_digest_is_that_of_the_set(
        a in prop::collection::btree_set("[ab]{1,2}", 0..4),
        b in prop::collection::btree_set("[ab]{1,2}", 0..4),
    ) {
        let electorate = |ids: &std::collections::BTreeSet<String>| {
            let number = |id: &str| id.bytes().fold(0, |sum, byte| 4 * sum + u64::from(byte - b'`'));
            let members = ids.iter().rev().map(|id| Member::voter(id, vote_support::key(number(id))));
            Electorate::new(members.collect()).unwrap()
        };
        prop_assert_eq!(electorate(&a).digest().unwrap() == electorate(&b).digest().unwrap(), a == b);
    }
}
