//! Policies and electorates: what is taken, what is refused and with which words, and what is hashed.
//!
//! One file per case under `tests/vectors/policy/`: `accepted` holds `{about, given, policy, digest, words}`, `refused`
//! holds `{about, given, problems}`. The digests were computed by another program (Python's hashlib).

// The lints of tests hold for their helpers, too.
#![cfg(test)]

use std::path::PathBuf;

use proptest::prelude::*;
use schema_senate::text::{Digest, Integers, Kind, Limits, canonical, digest_canonical, read};
use schema_senate::vote::{
    BallotMode, Choice, Electorate, Member, Policy, Threshold, Track, is_member_id,
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
    each("accepted", 15, |name, case| {
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
    each("refused", 30, |name, case| {
        let problems = Policy::from_value(&case["given"]).expect_err(name);
        assert_eq!(json!(problems), case["problems"], "{name}");
    });
}

#[test]
fn no_rule_speaks_of_percentages() {
    each("accepted", 15, |name, case| {
        for sentence in Policy::from_value(&case["given"]).unwrap().words() {
            assert!(
                !sentence.contains('%') && !sentence.contains("percent"),
                "{name}: {sentence}"
            );
            assert!(sentence.ends_with('.'), "{name}: {sentence}");
        }
    });
}

/// T6: of all small fractions, exactly those policies are taken in which every share is more than half and at most the
/// whole, and a breaking change needs at least as much as an additive one.
#[test]
fn a_breaking_change_never_needs_less_than_an_additive_one() {
    // Common denominator of 0..=7, so that the oracle compares whole numbers.
    let share = |num: u64, den: u64| (den > 0).then(|| num * 420 / den);
    let possible = |share: Option<u64>| share.is_some_and(|s| s > 210 && s <= 420);
    let (mut taken, mut refused) = (0, 0);
    for (a, b) in fractions().flat_map(|a| fractions().map(move |b| (a, b))) {
        let value = json!({ "tracks": {
            "additive": { "num": a.0, "den": a.1 },
            "breaking": { "num": b.0, "den": b.1 },
        } });
        let (additive, breaking) = (share(a.0, a.1), share(b.0, b.1));
        let expected = possible(additive) && possible(breaking) && breaking >= additive;
        let policy = Policy::from_value(&value);
        assert_eq!(policy.is_ok(), expected, "{value}");
        match policy {
            Ok(policy) => {
                for members in policy.min_electorate..40 {
                    let needs = |track| policy.tracks.get(track).smallest_approving(members);
                    assert!(
                        needs(Track::Breaking) >= needs(Track::Additive),
                        "{value} {members}"
                    );
                    // Two opposite decisions never both pass.
                    assert!(2 * needs(Track::Additive) > members, "{value} {members}");
                }
                taken += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(taken > 100 && refused > 1000, "{taken} {refused}");
}

fn fractions() -> impl Iterator<Item = (u64, u64)> {
    (0..=8).flat_map(|num| (0..=7).map(move |den| (num, den)))
}

#[test]
fn the_default_policy_is_that_of_the_mission() {
    let policy = Policy::default();
    assert_eq!(policy.tracks.get(Track::Additive), Threshold::TWO_THIRDS);
    assert_eq!(policy.tracks.get(Track::Breaking), Threshold::EVERY_MEMBER);
    assert_eq!(policy.ballot_mode, BallotMode::Final);
    assert_eq!(policy.min_electorate, 3);
    assert_eq!(policy.voting_ms, 7 * 24 * 60 * 60 * 1000);
    assert!(policy.needs_reason(Choice::No));
    assert!(!policy.needs_reason(Choice::Yes) && !policy.needs_reason(Choice::Abstain));
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
    for name in ["Additive", "", "yes", "FINAL"] {
        assert_eq!(Track::from_name(name), None);
        assert_eq!(BallotMode::from_name(name), None);
    }
    assert_eq!(Choice::from_name("Yes"), None);
}

// ---------------------------------------------------------------- electorates

#[test]
fn one_set_of_members_has_one_digest() {
    let given = json!([{ "id": "cy" }, { "id": "ada", "name": "Ada" }, { "id": "agent:7" }]);
    let other = json!([{ "id": "agent:7" }, { "name": "Ada", "id": "ada" }, { "id": "cy" }]);
    let electorate = Electorate::from_value(&given).unwrap();
    assert_eq!(electorate, Electorate::from_value(&other).unwrap());
    let canonical_text = r#"[{"id":"ada","name":"Ada"},{"id":"agent:7"},{"id":"cy"}]"#;
    assert_eq!(canonical(&electorate.to_value()).unwrap(), canonical_text);
    assert_eq!(json!(electorate), electorate.to_value());
    assert_eq!(
        electorate.digest().unwrap(),
        digest_canonical(Kind::Electorate, canonical_text)
    );
    assert_eq!(electorate.len(), 3);
    assert!(electorate.contains("agent:7") && electorate.contains("cy"));
    assert!(
        !electorate.contains("agent:") && !electorate.contains("Ada") && !electorate.contains("")
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
fn nobody_is_an_electorate() {
    let nobody = Electorate::from_value(&json!([])).unwrap();
    assert!(nobody.is_empty() && !nobody.contains(""));
    assert_eq!(nobody, Electorate::default());
}

#[test]
fn what_is_wrong_with_members_is_said_with_their_place() {
    let told = |value: Value| -> Vec<String> {
        let problems = Electorate::from_value(&value).unwrap_err();
        problems.iter().map(|p| format!("{} {p}", p.code)).collect()
    };
    assert_eq!(
        told(json!({})),
        [
            "member_type an array of members is due here, not an object (give an array of objects with `id` and `name`)"
        ]
    );
    assert_eq!(
        told(
            json!([{ "id": "ada" }, "bob", { "name": "Cy" }, { "id": 4, "role": "chair" }, { "id": "" }])
        ),
        [
            "member_type /1: an object is due here, not a string (give an object with `id` and `name`)",
            "member_missing /2: the member `id` is missing (add `id`)",
            "member_unknown /3/role: there is no member `role` here (the members are `id` and `name`)",
            "member_type /3/id: `id` must be a string, not the number 4",
            "member_empty /4/id: `id` says nothing",
        ]
    );
    assert_eq!(
        told(
            json!([{ "id": "ada" }, { "id": "-" }, { "id": "ada" }, { "id": "x", "name": "a\tb" }])
        ),
        [
            "voter_id_malformed /1/id: an identifier has 1 to 128 characters, letters, digits and `. _ : @ / -`, and starts with a letter or a digit (for example `agent:atlas-7` or `ada@example.org`)",
            "voter_twice /2/id: the member `ada` is listed twice (list every member once)",
            "voter_name_malformed /3/name: a name has 1 to 200 characters, is not blank and has no control characters",
        ]
    );
    for name in ["", "a\nb", &"x".repeat(201)] {
        assert_eq!(
            Electorate::from_value(&json!([{ "id": "a", "name": name }]))
                .unwrap_err()
                .len(),
            1
        );
    }
    let longest = "é".repeat(200);
    assert!(Electorate::from_value(&json!([{ "id": "a", "name": longest }])).is_ok());
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
            let members = ids.iter().rev().map(|id| Member { id: id.clone(), name: None });
            Electorate::new(members.collect()).unwrap()
        };
        prop_assert_eq!(electorate(&a).digest().unwrap() == electorate(&b).digest().unwrap(), a == b);
    }
}
