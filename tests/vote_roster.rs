//! The roster: who may act and vote with which key, and what a change of the membership leaves alone.

// The lints of tests hold for their helpers, too.
#![cfg(test)]

mod vote_support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use schema_senate::vote::{
    Amendment, Electorate, KeyEnd, KeyOrigin, Member, PublicKey, Role, Roster, RosterChange,
};
use serde_json::{Value, json};
use vote_support::{contributor, key};

/// Ada and Bob vote, Cy proposes; the keys 1, 2 and 3.
fn roster() -> Roster {
    let members = vec![
        Member::voter("bob", key(2)),
        Member::voter("ada", key(1)),
        contributor("cy", 3),
    ];
    Roster::found(members, 1).unwrap()
}

fn everybody(roster: &Roster) -> Electorate {
    roster.electorate(&BTreeSet::new())
}

fn retire(id: &str) -> RosterChange {
    RosterChange::Retire { id: id.into() }
}

fn replace(id: &str, number: u64) -> RosterChange {
    RosterChange::ReplaceKey {
        id: id.into(),
        key: key(number),
    }
}

fn enrol(id: &str, number: u64) -> RosterChange {
    RosterChange::Enrol(Member::voter(id, key(number)))
}

fn amend(id: &str, amendment: Amendment) -> RosterChange {
    RosterChange::Amend {
        id: id.into(),
        amendment,
    }
}

/// What a signature under a key is worth: `ok`, or the code.
fn sign(roster: &Roster, id: &str, number: u64) -> &'static str {
    match roster.may_sign(id, &key(number).id()) {
        Ok(found) => {
            assert_eq!(*found, key(number));
            "ok"
        }
        Err(problem) => problem.code,
    }
}

fn vote(roster: &Roster, electorate: &Electorate, id: &str, number: u64) -> &'static str {
    match roster.may_vote(electorate, id, &key(number).id()) {
        Ok(found) => {
            assert_eq!(*found, key(number));
            "ok"
        }
        Err(problem) => problem.code,
    }
}

fn codes(result: Result<Roster, Vec<schema_senate::text::Problem>>) -> Vec<String> {
    let problems = result.unwrap_err();
    problems
        .iter()
        .map(|problem| format!("{} {}", problem.code, problem.pointer))
        .collect()
}

// ---------------------------------------------------------------- examples

#[test]
fn a_senate_is_founded_with_voters_and_others() {
    let roster = roster();
    assert_eq!(roster.epoch(), 1);
    let ids: Vec<&str> = roster.members().map(|member| member.id.as_str()).collect();
    assert_eq!(ids, ["ada", "bob", "cy"]);
    assert_eq!(everybody(&roster).len(), 2);
    assert!(roster.voter("ada").is_some() && roster.voter("cy").is_none());
    assert!(roster.get("cy").is_some() && roster.get("dan").is_none());
    assert_eq!(sign(&roster, "cy", 3), "ok");
    assert_eq!(sign(&roster, "cy", 2), "key_unknown");
    assert_eq!(sign(&roster, "dan", 3), "actor_unknown");
    assert_eq!(
        Member::list_from_value(&roster.to_value()).unwrap(),
        roster.members().cloned().collect::<Vec<_>>()
    );
}

#[test]
fn a_senate_needs_somebody_who_votes() {
    assert_eq!(codes(Roster::found(vec![], 1)), ["roster_without_voters "]);
    assert_eq!(
        codes(Roster::found(vec![contributor("cy", 3)], 1)),
        ["roster_without_voters "]
    );
    let twice = vec![Member::voter("ada", key(1)), Member::voter("ada", key(1))];
    assert_eq!(codes(Roster::found(twice, 1)), ["voter_twice /1/id"]);
    let shared = vec![Member::voter("ada", key(1)), Member::voter("bob", key(1))];
    assert_eq!(codes(Roster::found(shared, 1)), ["key_twice /1/key"]);
    let both = [retire("ada"), retire("bob")];
    assert_eq!(codes(roster().apply(&both, 9)), ["roster_without_voters "]);
    let demoted = Amendment {
        role: Some(Role::Contributor),
        ..Amendment::default()
    };
    let both = [retire("ada"), amend("bob", demoted)];
    assert_eq!(codes(roster().apply(&both, 9)), ["roster_without_voters "]);
}

#[test]
fn a_change_makes_the_next_epoch_and_leaves_this_one() {
    let before = roster();
    let named = Amendment {
        name: Some(Some("Bob".into())),
        principal: Some("lab".into()),
        family: Some(Some("f".into())),
        role: Some(Role::Contributor),
    };
    let changes = [enrol("dan", 4), retire("cy"), amend("bob", named)];
    let after = before.apply(&changes, 9).unwrap();
    assert_eq!((before.epoch(), after.epoch()), (1, 2));
    assert_eq!(before, roster());
    assert_eq!(sign(&after, "dan", 4), "ok");
    assert_eq!(sign(&after, "cy", 3), "actor_retired");
    assert_eq!(after.get("cy"), None);
    let bob = after.get("bob").unwrap();
    assert_eq!(
        bob.to_value(),
        json!({ "id": "bob", "name": "Bob", "principal": "lab", "family": "f", "role": "contributor", "key": key(2).to_string() })
    );
    let nameless = Amendment {
        name: Some(None),
        family: Some(None),
        ..Amendment::default()
    };
    let third = after.apply(&[amend("bob", nameless)], 10).unwrap();
    let bob = third.get("bob").unwrap();
    assert_eq!(
        (&bob.name, &bob.family, bob.principal.as_str()),
        (&None, &None, "lab")
    );
}

#[test]
fn recusal_leaves_the_roster_alone() {
    let roster = roster();
    let recused = BTreeSet::from(["ada".to_owned(), "dan".to_owned()]);
    let electorate = roster.electorate(&recused);
    assert_eq!(electorate.members(), [Member::voter("bob", key(2))]);
    assert_eq!(vote(&roster, &electorate, "ada", 1), "not_a_member");
}

#[test]
fn what_is_wrong_with_a_change_is_said_and_nothing_is_changed() {
    let roster = roster();
    let told = |changes: &[RosterChange]| codes(roster.apply(changes, 9));
    assert_eq!(told(&[]), ["member_empty "]);
    assert_eq!(
        told(&[
            enrol("ada", 9),
            enrol("dan", 2),
            retire("eve"),
            replace("bob", 1),
            replace("eve", 8),
            amend("cy", Amendment::default()),
            enrol("dan", 7),
        ]),
        [
            "member_enrolled_before /0/enrol/id",
            "key_used_before /1/enrol/key",
            "member_not_enrolled /2/retire/id",
            "key_used_before /3/replace_key/key",
            "member_changed_twice /4/replace_key/id",
            "amendment_changes_nothing /5/amend/id",
            "member_changed_twice /6/enrol/id",
        ]
    );
    assert_eq!(
        told(&[enrol("dan", 4), enrol("eve", 4)]),
        ["key_used_before /1/enrol/key"]
    );
    assert_eq!(
        told(&[amend(
            "ada",
            Amendment {
                principal: Some("ada".into()),
                ..Amendment::default()
            }
        )]),
        ["amendment_changes_nothing /0/amend/id"]
    );
}

#[test]
fn a_key_is_rotated_by_its_member_and_used_once() {
    let mut roster = roster();
    let frozen = everybody(&roster);
    roster.rotate("ada", key(11), 5).unwrap();
    assert_eq!(roster.epoch(), 1);
    assert_eq!(sign(&roster, "ada", 11), "ok");
    assert_eq!(sign(&roster, "ada", 1), "key_revoked");
    assert_eq!(roster.get("ada").unwrap().key, key(11));
    // Theirs before, and somebody else's.
    for used in [1, 11, 2] {
        assert_eq!(
            roster.may_rotate("ada", &key(used)).unwrap_err().code,
            "key_used_before"
        );
        assert_eq!(
            roster.clone().rotate("bob", key(used), 6).unwrap_err().code,
            "key_used_before"
        );
    }
    assert_eq!(
        roster.may_rotate("dan", &key(12)).unwrap_err().code,
        "actor_unknown"
    );
    // A vote that was open goes on with the new key.
    assert_eq!(vote(&roster, &frozen, "ada", 11), "ok");
    assert_eq!(vote(&roster, &frozen, "ada", 1), "key_revoked");
    roster.rotate("ada", key(12), 6).unwrap();
    assert_eq!(vote(&roster, &frozen, "ada", 12), "ok");
    assert_eq!(vote(&roster, &frozen, "ada", 11), "key_revoked");
    // And a vote that opened between the two, as well.
    let ada = roster
        .history()
        .find(|enrolment| enrolment.member.id == "ada")
        .unwrap();
    let keys: Vec<_> = ada
        .keys
        .iter()
        .map(|k| (k.key, k.origin, k.from_seq, k.until_seq, k.ended))
        .collect();
    assert_eq!(
        keys,
        [
            (
                key(1),
                KeyOrigin::Enrolled,
                1,
                Some(5),
                Some(KeyEnd::Rotated)
            ),
            (
                key(11),
                KeyOrigin::Rotated,
                5,
                Some(6),
                Some(KeyEnd::Rotated)
            ),
            (key(12), KeyOrigin::Rotated, 6, None, None),
        ]
    );
    let problem = roster.may_sign("ada", &key(1).id()).unwrap_err();
    assert_eq!(
        problem.message,
        "this key is `ada`'s no more: they put another in its place with event 5"
    );
}

/// The senate can take a key away from a running vote, and cannot put one into it.
#[test]
fn a_replaced_key_is_dead_and_its_successor_has_no_say_in_a_running_vote() {
    let before = roster();
    let frozen = everybody(&before);
    let mut after = before.apply(&[replace("ada", 11)], 9).unwrap();
    assert_eq!(
        (sign(&after, "ada", 1), sign(&after, "ada", 11)),
        ("key_revoked", "ok")
    );
    assert_eq!(
        (
            vote(&after, &frozen, "ada", 1),
            vote(&after, &frozen, "ada", 11)
        ),
        ("key_revoked", "key_not_frozen")
    );
    // Not by a rotation of the key that was put there, either.
    after.rotate("ada", key(12), 10).unwrap();
    assert_eq!(vote(&after, &frozen, "ada", 12), "key_not_frozen");
    assert_eq!(vote(&after, &frozen, "ada", 11), "key_revoked");
    // In votes that open now it speaks.
    assert_eq!(vote(&after, &everybody(&after), "ada", 12), "ok");
    assert_eq!(vote(&after, &frozen, "ada", 77), "key_unknown");
    let problem = after.may_sign("ada", &key(1).id()).unwrap_err();
    assert_eq!(
        problem.message,
        "this key is `ada`'s no more: the senate replaced it with event 9"
    );
}

#[test]
fn who_retires_stays_in_the_votes_that_are_open() {
    let mut before = roster();
    let early = everybody(&before);
    before.rotate("bob", key(12), 4).unwrap();
    let frozen = everybody(&before);
    let after = before.apply(&[retire("bob")], 9).unwrap();
    assert_eq!(sign(&after, "bob", 12), "actor_retired");
    assert_eq!(
        after.may_rotate("bob", &key(13)).unwrap_err().code,
        "actor_retired"
    );
    assert_eq!(
        (
            vote(&after, &frozen, "bob", 12),
            vote(&after, &early, "bob", 12)
        ),
        ("ok", "ok")
    );
    assert_eq!(vote(&after, &frozen, "bob", 2), "key_revoked");
    assert_eq!(vote(&after, &everybody(&after), "bob", 12), "not_a_member");
    // Coming back takes a new key, which does not speak in the old vote; the old one does.
    assert_eq!(
        codes(after.apply(&[enrol("bob", 12)], 10)),
        ["key_used_before /0/enrol/key"]
    );
    let back = after.apply(&[enrol("bob", 13)], 10).unwrap();
    assert_eq!(
        (sign(&back, "bob", 13), sign(&back, "bob", 12)),
        ("ok", "key_revoked")
    );
    assert_eq!(
        (
            vote(&back, &frozen, "bob", 12),
            vote(&back, &frozen, "bob", 13)
        ),
        ("ok", "key_not_frozen")
    );
    assert_eq!(vote(&back, &everybody(&back), "bob", 13), "ok");
    let bob = back
        .history()
        .find(|enrolment| enrolment.member.id == "bob")
        .unwrap();
    assert_eq!(
        (bob.since_seq, bob.retired_seq, bob.keys.len()),
        (10, None, 3)
    );
    let problem = back.may_sign("bob", &key(12).id()).unwrap_err();
    assert_eq!(
        problem.message,
        "this key is `bob`'s no more: they retired with event 9"
    );
}

#[test]
fn who_joins_later_does_not_join_an_open_vote() {
    let before = roster();
    let frozen = everybody(&before);
    let after = before.apply(&[enrol("dan", 4)], 9).unwrap();
    assert_eq!(vote(&after, &frozen, "dan", 4), "not_a_member");
    assert_eq!(vote(&after, &frozen, "cy", 3), "not_a_member");
    assert_eq!(vote(&after, &frozen, "ada", 2), "key_unknown");
}

// ---------------------------------------------------------------- changes on the wire

#[test]
fn a_change_is_one_of_four() {
    let new = key(4).to_string();
    let read = |value: Value| RosterChange::read(&value, "/changes/0").unwrap();
    let cases = [
        (
            json!({ "enrol": { "id": "dan", "key": new } }),
            enrol("dan", 4),
            "`dan` joins as a voter for `dan`",
        ),
        (
            json!({ "retire": { "id": "cy" } }),
            retire("cy"),
            "`cy` leaves",
        ),
        (
            json!({ "replace_key": { "id": "bob", "key": new } }),
            replace("bob", 4),
            "`bob` gets another key",
        ),
        (
            json!({ "amend": { "id": "bob", "name": null, "principal": "lab", "family": "f", "role": "voter" } }),
            amend(
                "bob",
                Amendment {
                    name: Some(None),
                    principal: Some("lab".into()),
                    family: Some(Some("f".into())),
                    role: Some(Role::Voter),
                },
            ),
            "`bob` becomes name: none, principal: lab, family: f, role: voter",
        ),
    ];
    for (value, change, words) in cases {
        assert_eq!(read(value.clone()), change);
        assert_eq!(change.words(), words);
        assert!(value.get(change.name()).is_some());
        assert_eq!(value[change.name()]["id"], change.id());
    }
}

#[test]
fn what_is_no_change_is_told_with_its_place() {
    let told = |value: Value| -> Vec<String> {
        let problems = RosterChange::read_all(&value, "/changes").unwrap_err();
        problems
            .iter()
            .map(|p| format!("{} {}", p.code, p.pointer))
            .collect()
    };
    assert_eq!(told(json!({})), ["member_type /changes"]);
    assert_eq!(told(json!([])), ["member_empty /changes"]);
    assert_eq!(
        told(json!([
            {}, { "retire": { "id": "a" }, "amend": { "id": "a" } }, { "expel": { "id": "a" } }, 7,
            { "enrol": { "id": "a" } }, { "retire": "a" }, { "retire": { "id": "a", "key": "k" } },
            { "replace_key": { "id": "a", "key": "k" } }, { "amend": { "id": "a", "role": "chair", "principal": "", "name": "a\u{7}" } },
            { "retire": { "id": "a" } },
        ])),
        [
            "roster_change_unclear /changes/0",
            "roster_change_unclear /changes/1",
            "member_unknown /changes/2/expel",
            "member_type /changes/3",
            "member_missing /changes/4/enrol",
            "member_type /changes/5/retire",
            "member_unknown /changes/6/retire/key",
            "key_malformed /changes/7/replace_key/key",
            "voter_name_malformed /changes/8/amend/name",
            "member_empty /changes/8/amend/principal",
            "member_choice /changes/8/amend/role",
        ]
    );
}

// ---------------------------------------------------------------- whatever happens

/// What can happen to a roster: by whom, to whom, with which key.
#[derive(Clone, Debug)]
enum Step {
    Rotate(usize, u64),
    Change(Vec<(u8, usize, u64)>),
}

const IDS: [&str; 4] = ["ada", "bob", "cy", "dan"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change = prop::collection::vec((0..4_u8, 0..4_usize, 0..12_u64), 1..3);
    let step = prop_oneof![
        (0..4_usize, 0..12_u64).prop_map(|(who, number)| Step::Rotate(who, number)),
        change.prop_map(Step::Change),
    ];
    prop::collection::vec(step, 0..12)
}

fn change((kind, who, number): (u8, usize, u64)) -> RosterChange {
    let id = IDS[who];
    match kind {
        0 => enrol(id, number),
        1 => retire(id),
        2 => replace(id, number),
        _ => amend(
            id,
            Amendment {
                name: Some(Some(format!("{number}"))),
                ..Amendment::default()
            },
        ),
    }
}

/// Who could vote with which key: `key` by `key`, member by member.
fn ballots(roster: &Roster, frozen: &Electorate) -> BTreeSet<(&'static str, u64)> {
    let all = IDS
        .into_iter()
        .flat_map(|id| (0..12).map(move |number| (id, number)));
    all.filter(|(id, number)| vote(roster, frozen, id, *number) == "ok")
        .collect()
}

proptest! {
    /// X3: whatever happens after a vote has opened, each member of its electorate has at most one key to vote with in it, nobody
    /// else has any; it changes only by the member's own rotation, and what the senate does can take it away and never give one.
    /// And no key is ever two members', or one member's twice.
    #[test]
    fn nothing_is_retroactive(before in steps(), after in steps()) {
        let mut now = roster();
        let run = |now: &mut Roster, seq: u64, step: &Step| -> Option<usize> {
            match step {
                Step::Rotate(who, number) => now.rotate(IDS[*who], key(*number), seq).ok().map(|()| *who),
                Step::Change(changes) => {
                    let changes: Vec<RosterChange> = changes.iter().copied().map(change).collect();
                    let epoch = now.epoch();
                    if let Ok(next) = now.apply(&changes, seq) {
                        assert_eq!(next.epoch(), epoch + 1);
                        *now = next;
                    }
                    None
                }
            }
        };
        for (step, seq) in before.iter().zip(2..) {
            run(&mut now, seq, step);
        }
        let frozen = everybody(&now);
        let mut could = ballots(&now, &frozen);
        prop_assert_eq!(could.len() as u64, frozen.len());
        for (step, seq) in after.iter().zip(20..) {
            let rotated = run(&mut now, seq, step);
            let can = ballots(&now, &frozen);
            for id in IDS {
                let of = |all: &BTreeSet<(&'static str, u64)>| all.iter().filter(|(who, _)| *who == id).count();
                prop_assert!(of(&can) <= usize::from(frozen.contains(id)));
                if rotated.is_some_and(|who| IDS[who] == id) {
                    // Who could vote still can, with the new key; who could not, cannot.
                    prop_assert_eq!(of(&can), of(&could));
                } else {
                    prop_assert!(can.iter().filter(|(who, _)| *who == id).all(|ballot| could.contains(ballot)));
                }
            }
            could = can;
        }
        let keys: Vec<PublicKey> = now.history().flat_map(|e| e.keys.iter().map(|k| k.key)).collect();
        let distinct: BTreeSet<_> = keys.iter().map(|key| key.id()).collect();
        prop_assert_eq!(distinct.len(), keys.len());
        for enrolment in now.history() {
            let (last, others) = enrolment.keys.split_last().unwrap();
            prop_assert_eq!(last.key, enrolment.member.key);
            prop_assert!(others.iter().all(|key| key.ended.is_some() && key.until_seq.is_some()));
            prop_assert_eq!(last.ended.is_some(), enrolment.retired_seq.is_some());
            prop_assert_eq!(last.until_seq, enrolment.retired_seq);
        }
    }
}
