//! The tally against a naive oracle, for every electorate up to 60 and every way it can vote; and its invariants.

// The lints of tests hold for their helpers, too.
#![cfg(test)]

mod vote_support;

use proptest::prelude::*;
use schema_senate::text::read;
use schema_senate::text::{Integers, Limits};
use schema_senate::vote::{
    BallotMode, Base, Census, Choice, Closed, Count, Counter, Outcome, Policy, Requirement, Rule,
    Tally, Threshold, Track, TrackRule, Tracks, at_close, tally, tally_from_value,
};

const MODES: [BallotMode; 2] = [BallotMode::Final, BallotMode::Replaceable];

fn policy(mode: BallotMode) -> Policy {
    Policy {
        ballot_mode: mode,
        ..Policy::default()
    }
}

fn of(members: u64, yes: u64, no: u64, abstain: u64) -> Count {
    Count {
        members,
        yes,
        no,
        abstain,
    }
}

fn count(policy: &Policy, track: Track, count: Count) -> Tally {
    tally(policy, track, count).unwrap()
}

/// Every way in which `members` can have voted so far.
fn counts(members: u64) -> impl Iterator<Item = Count> {
    (0..=members).flat_map(move |yes| {
        (0..=members - yes).flat_map(move |no| {
            (0..=members - yes - no).map(move |abstain| of(members, yes, no, abstain))
        })
    })
}

// ---------------------------------------------------------------- examples

#[test]
fn two_thirds_of_the_members_approve_and_not_two_thirds_of_the_ballots() {
    let policy = Policy::default();
    // Four of six said yes: exactly two thirds.
    let four = count(&policy, Track::Additive, of(6, 4, 1, 0));
    assert_eq!(four.outcome, Outcome::Approved);
    assert_eq!((four.threshold, four.needed), (Some(4), Some(0)));
    assert!(four.decided);
    // Three said yes and nobody no; silence is not yes.
    let three = count(&policy, Track::Additive, of(6, 3, 0, 0));
    assert_eq!(three.outcome, Outcome::Pending);
    assert_eq!((three.needed, three.not_voted), (Some(1), 3));
    assert_eq!(at_close(&three), Closed::Expired);
}

#[test]
fn one_no_ends_a_breaking_change() {
    let policy = Policy::default();
    let tally = count(&policy, Track::Breaking, of(5, 3, 1, 0));
    assert_eq!(tally.outcome, Outcome::Rejected);
    assert_eq!((tally.threshold, tally.needed), (Some(5), None));
    assert!(tally.decided);
    assert_eq!(at_close(&tally), Closed::Rejected);
}

#[test]
fn the_smallest_electorates_need() {
    let needs = |members| Threshold::TWO_THIRDS.smallest_approving(members);
    assert_eq!([3, 4, 5, 6, 7, 9, 10].map(needs), [2, 3, 4, 4, 5, 6, 7]);
    let all = |members| count(&Policy::default(), Track::Breaking, of(members, 0, 0, 0)).threshold;
    assert_eq!([3, 4, 5].map(all), [Some(3), Some(4), Some(5)]);
}

#[test]
fn the_words_say_the_rule_and_where_it_stands() {
    let additive = |mode, c| count(&policy(mode), Track::Additive, c).words;
    let breaking = |mode, c| count(&policy(mode), Track::Breaking, c).words;
    let (once, again) = (BallotMode::Final, BallotMode::Replaceable);
    for (words, expected) in [
        (
            additive(once, of(6, 2, 1, 0)),
            "needs 4 of 6 yes (at least 2/3); 2 more needed",
        ),
        (
            additive(once, of(6, 5, 1, 0)),
            "needs 4 of 6 yes (at least 2/3); approved with 5",
        ),
        (
            additive(once, of(6, 1, 3, 0)),
            "needs 4 of 6 yes (at least 2/3); 3 no: cannot be approved any more",
        ),
        (
            additive(once, of(6, 1, 0, 3)),
            "needs 4 of 6 yes (at least 2/3); 3 abstain: cannot be approved any more",
        ),
        (
            additive(once, of(6, 1, 2, 1)),
            "needs 4 of 6 yes (at least 2/3); 2 no, 1 abstain: cannot be approved any more",
        ),
        (
            breaking(once, of(5, 4, 1, 0)),
            "needs all 5 yes (every member); 1 no: cannot be approved any more",
        ),
        (
            breaking(once, of(5, 5, 0, 0)),
            "needs all 5 yes (every member); approved with 5",
        ),
        (
            additive(once, of(2, 2, 0, 0)),
            "nothing can be approved: the electorate has 2 of at least 3 members",
        ),
        (
            additive(again, of(6, 2, 1, 0)),
            "needs 4 of 6 yes (at least 2/3); 2 more needed",
        ),
        (
            additive(again, of(6, 4, 1, 0)),
            "needs 4 of 6 yes (at least 2/3); reached with 4, and ballots may still be replaced",
        ),
        (
            additive(again, of(6, 0, 4, 0)),
            "needs 4 of 6 yes (at least 2/3); 4 more needed, and 2 have not voted: ballots must be replaced",
        ),
    ] {
        assert_eq!(words, expected);
    }
}

#[test]
fn the_words_fit_the_smallest_electorates() {
    let policy = Policy {
        min_electorate: 1,
        ..Policy::default()
    };
    let words = |c| count(&policy, Track::Additive, c).words;
    assert_eq!(
        words(of(1, 0, 0, 0)),
        "needs 1 of 1 yes (at least 2/3); 1 more needed"
    );
    assert_eq!(
        words(of(2, 1, 0, 0)),
        "needs all 2 yes (at least 2/3); 1 more needed"
    );
    assert_eq!(
        words(of(0, 0, 0, 0)),
        "nothing can be approved: the electorate has 0 of at least 1 member"
    );
}

#[test]
fn replaceable_ballots_decide_nothing_before_the_close() {
    let policy = policy(BallotMode::Replaceable);
    let won = count(&policy, Track::Additive, of(3, 3, 0, 0));
    assert_eq!((won.outcome, won.decided), (Outcome::Approved, false));
    assert_eq!(at_close(&won), Closed::Approved);
    let lost = count(&policy, Track::Additive, of(3, 0, 3, 0));
    assert_eq!(
        (lost.outcome, lost.decided, lost.needed),
        (Outcome::Rejected, false, Some(2))
    );
    assert_eq!(at_close(&lost), Closed::Rejected);
}

#[test]
fn more_ballots_than_members_are_a_problem_and_not_a_tally() {
    for bad in [
        of(3, 4, 0, 0),
        of(3, 1, 1, 2),
        of(0, 0, 0, 1),
        of(3, u64::MAX, u64::MAX, u64::MAX),
    ] {
        let problem = tally(&Policy::default(), Track::Additive, bad).unwrap_err();
        assert_eq!(problem.code, "tally_more_ballots_than_members");
    }
    let problem = tally(&Policy::default(), Track::Additive, of(3, 2, 1, 1)).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "2 yes, 1 no and 1 abstain are more ballots than the 3 members (a member has one ballot: count the one that stands)"
    );
}

// ---------------------------------------------------------------- the oracle

/// What the rules say, written as the rules are: no shared code, no cleverness, one member at a time.
struct Oracle {
    outcome: Outcome,
    decided: bool,
    threshold: Option<u64>,
    needed: Option<u64>,
}

fn oracle(track: Track, mode: BallotMode, c: Count) -> Oracle {
    let approves = |yes: u64| match track {
        Track::Breaking => yes == c.members,
        _ => 3 * yes >= 2 * c.members,
    };
    if c.members < 3 {
        return Oracle {
            outcome: Outcome::Rejected,
            decided: true,
            threshold: None,
            needed: None,
        };
    }
    let silent = c.members - c.yes - c.no - c.abstain;
    let outcome = match (
        approves(c.yes),
        (1..=silent).any(|more| approves(c.yes + more)),
    ) {
        (true, _) => Outcome::Approved,
        (false, true) => Outcome::Pending,
        (false, false) => Outcome::Rejected,
    };
    let reachable = if mode == BallotMode::Final {
        c.yes + silent
    } else {
        c.members
    };
    Oracle {
        outcome,
        decided: mode == BallotMode::Final && outcome != Outcome::Pending,
        threshold: (0..=c.members).find(|yes| approves(*yes)),
        needed: (c.yes..=reachable)
            .find(|yes| approves(*yes))
            .map(|yes| yes - c.yes),
    }
}

/// T1, T2, T3 of the invariants: all 635,376 counts, two rules, two modes.
#[test]
fn every_count_of_every_electorate_up_to_60_agrees_with_the_oracle() {
    let mut seen = 0;
    for mode in MODES {
        let policy = policy(mode);
        for members in 0..=60 {
            for c in counts(members) {
                for track in [Track::Additive, Track::Breaking] {
                    let found = tally(&policy, track, c).unwrap();
                    let expected = oracle(track, mode, c);
                    assert_eq!(found.outcome, expected.outcome, "{track:?} {mode:?} {c:?}");
                    assert_eq!(found.decided, expected.decided, "{track:?} {mode:?} {c:?}");
                    assert_eq!(
                        found.threshold, expected.threshold,
                        "{track:?} {mode:?} {c:?}"
                    );
                    assert_eq!(found.needed, expected.needed, "{track:?} {mode:?} {c:?}");
                    assert_eq!(
                        found.yes + found.no + found.abstain + found.not_voted,
                        members
                    );
                    seen += 1;
                }
            }
        }
    }
    assert_eq!(seen, 4 * 635_376);
}

/// T2: no overflow where a product of two `u64` does not fit in one.
#[test]
fn the_rule_is_exact_for_the_largest_counts() {
    let max = u64::MAX;
    let everyone = Threshold::at_least(1, 1);
    assert!(everyone.is_met(max, max) && !everyone.is_met(max - 1, max));
    // 2^64 − 1 is divisible by three.
    let two_thirds = max / 3 * 2;
    assert_eq!(Threshold::TWO_THIRDS.smallest_approving(max), two_thirds);
    assert!(Threshold::TWO_THIRDS.is_met(two_thirds, max));
    assert!(!Threshold::TWO_THIRDS.is_met(two_thirds - 1, max));
    let odd = Threshold::at_least(max - 1, max);
    assert_eq!(odd.smallest_approving(max), max - 1);
    let tally = count(
        &Policy::default(),
        Track::Additive,
        of(max, two_thirds - 1, 0, max / 3),
    );
    assert_eq!((tally.outcome, tally.needed), (Outcome::Pending, Some(1)));
}

/// T3: nobody decides nothing, whatever a policy says that was built by hand.
#[test]
fn an_empty_electorate_approves_nothing() {
    for track in Track::ALL {
        for mode in MODES {
            let policy = Policy {
                min_electorate: 0,
                ..policy(mode)
            };
            let tally = count(&policy, track, of(0, 0, 0, 0));
            assert_eq!((tally.outcome, tally.decided), (Outcome::Rejected, true));
            assert_eq!((tally.threshold, tally.needed), (None, None));
        }
    }
}

/// T4: one more yes never turns approval into anything else; one yes less never brings it about.
#[test]
fn the_outcome_is_monotone_in_every_ballot() {
    let rank = |c, mode, track| match count(&policy(mode), track, c).outcome {
        Outcome::Rejected => 0,
        Outcome::Pending => 1,
        Outcome::Approved => 2,
    };
    for mode in MODES {
        for track in [Track::Additive, Track::Breaking] {
            for c in (0..=20).flat_map(counts) {
                let here = rank(c, mode, track);
                let silent = c.not_voted().unwrap();
                let mut up = Vec::new();
                let mut down = Vec::new();
                if silent > 0 {
                    up.push(of(c.members, c.yes + 1, c.no, c.abstain));
                    down.push(of(c.members, c.yes, c.no + 1, c.abstain));
                    down.push(of(c.members, c.yes, c.no, c.abstain + 1));
                }
                if c.no > 0 {
                    up.push(of(c.members, c.yes + 1, c.no - 1, c.abstain));
                }
                if c.abstain > 0 {
                    up.push(of(c.members, c.yes + 1, c.no, c.abstain - 1));
                }
                if c.yes > 0 {
                    down.push(of(c.members, c.yes - 1, c.no + 1, c.abstain));
                    down.push(of(c.members, c.yes - 1, c.no, c.abstain + 1));
                }
                for better in up {
                    assert!(rank(better, mode, track) >= here, "{c:?} -> {better:?}");
                }
                for worse in down {
                    assert!(rank(worse, mode, track) <= here, "{c:?} -> {worse:?}");
                }
            }
        }
    }
}

/// Every count that the vote can still come to.
fn continuations(mode: BallotMode, c: Count) -> impl Iterator<Item = Count> {
    let voted = c.yes + c.no + c.abstain;
    counts(c.members).filter(move |later| match mode {
        BallotMode::Final => later.yes >= c.yes && later.no >= c.no && later.abstain >= c.abstain,
        // A ballot may be replaced, and not taken back into silence.
        BallotMode::Replaceable => later.yes + later.no + later.abstain >= voted,
    })
}

/// T8: `decided` says exactly that nothing can change the outcome, and `needed` is the fewest yes ballots that approve.
#[test]
fn decided_means_that_no_continuation_differs_and_needed_is_minimal() {
    for mode in MODES {
        let policy = policy(mode);
        for track in [Track::Additive, Track::Breaking] {
            for c in (0..=10).flat_map(counts) {
                let now = count(&policy, track, c);
                let approved = |later| count(&policy, track, later).outcome == Outcome::Approved;
                let irreversible = continuations(mode, c)
                    .all(|later| approved(later) == (now.outcome == Outcome::Approved));
                // A vote that is pending and could still only fail does not exist.
                assert_eq!(now.decided, irreversible, "{mode:?} {track:?} {c:?}");
                if now.decided {
                    assert_ne!(now.outcome, Outcome::Pending);
                    for later in continuations(mode, c) {
                        assert_eq!(count(&policy, track, later).outcome, now.outcome);
                        assert!(count(&policy, track, later).decided);
                    }
                }
                let fewest = continuations(mode, c)
                    .filter(|later| approved(*later))
                    .map(|later| later.yes.saturating_sub(c.yes))
                    .min();
                assert_eq!(now.needed, fewest, "{mode:?} {track:?} {c:?}");
            }
        }
    }
}

/// Rejected at the close when silence changed nothing, expired when it did.
#[test]
fn the_close_blames_silence_only_when_silence_decided() {
    for mode in MODES {
        for track in [Track::Additive, Track::Breaking] {
            for c in (0..=20).flat_map(counts) {
                let everyone_silent_says_yes =
                    of(c.members, c.yes + c.not_voted().unwrap(), c.no, c.abstain);
                let (now, then) = (
                    count(&policy(mode), track, c),
                    count(&policy(mode), track, everyone_silent_says_yes),
                );
                let expected = match (now.outcome, then.outcome) {
                    (Outcome::Approved, _) => Closed::Approved,
                    (_, Outcome::Approved) => Closed::Expired,
                    _ => Closed::Rejected,
                };
                assert_eq!(at_close(&now), expected, "{c:?}");
            }
        }
    }
}

// ---------------------------------------------------------------- other fractions, other encodings

/// The rule for every fraction above one half with a denominator up to 12.
#[test]
fn every_small_fraction_counts_as_written() {
    for den in 1..=12 {
        for num in (den / 2 + 1)..=den {
            let share = Threshold::at_least(num, den);
            for members in 1..=60 {
                let by_steps = (0..=members)
                    .find(|yes| yes * den >= members * num)
                    .unwrap();
                assert_eq!(share.smallest_approving(members), by_steps);
                assert!(by_steps <= members && 2 * by_steps > members);
            }
        }
    }
}

/// How two thirds are written elsewhere, and what that does to electorates of 1 to 60.
#[test]
fn the_usual_encodings_of_two_thirds_are_wrong_where_ours_is_right() {
    type Rule = fn(u32, u32) -> bool;
    let encodings: [(&str, Rule, u32, u32); 10] = [
        (
            "y/n*100 >= 66.67",
            |y, n| f64::from(y) / f64::from(n) * 100.0 >= 66.67,
            0,
            20,
        ),
        (
            "y/n*100 >= 67",
            |y, n| f64::from(y) / f64::from(n) * 100.0 >= 67.0,
            0,
            20,
        ),
        (
            "y/n > 0.667",
            |y, n| f64::from(y) / f64::from(n) > 0.667,
            0,
            20,
        ),
        (
            "y >= n*0.6667",
            |y, n| f64::from(y) >= f64::from(n) * 0.6667,
            0,
            20,
        ),
        ("y > floor(2n/3)", |y, n| y > 2 * n / 3, 0, 20),
        (
            "y/n*100 >= 200/3",
            |y, n| f64::from(y) / f64::from(n) * 100.0 >= 200.0 / 3.0,
            0,
            20,
        ),
        (
            "y/n*100 >= 66",
            |y, n| f64::from(y) / f64::from(n) * 100.0 >= 66.0,
            4,
            0,
        ),
        (
            "y >= round(2n/3)",
            |y, n| f64::from(y) >= (2.0 * f64::from(n) / 3.0).round(),
            20,
            0,
        ),
        ("y >= ceil(2n/3)", |y, n| y >= (2 * n).div_ceil(3), 0, 0),
        (
            "ours",
            |y, n| Threshold::TWO_THIRDS.is_met(y.into(), n.into()),
            0,
            0,
        ),
    ];
    for (name, rule, passes, rejects) in encodings {
        let (mut wrongly_passes, mut wrongly_rejects) = (0, 0);
        for n in 1..=60 {
            for y in 0..=n {
                match (rule(y, n), 3 * y >= 2 * n) {
                    (true, false) => wrongly_passes += 1,
                    (false, true) => wrongly_rejects += 1,
                    _ => {}
                }
            }
        }
        assert_eq!(
            (wrongly_passes, wrongly_rejects),
            (passes, rejects),
            "{name}"
        );
    }
}

// ---------------------------------------------------------------- counting ballots

/// What a counter makes of ballots, each by the place of a member.
fn counted(mode: BallotMode, members: u64, ballots: &[(usize, Choice)]) -> Counter {
    let electorate = vote_support::electorate(members);
    let mut counter = Counter::new(mode, &electorate, &Rule::of(&policy(mode), Track::Additive));
    for (voter, choice) in ballots {
        counter.cast(*voter, *choice);
    }
    counter
}

#[test]
fn of_two_ballots_the_first_is_final_and_the_last_replaces() {
    let ballots = [
        (0, Choice::No),
        // Nobody sits there.
        (3, Choice::Yes),
        (0, Choice::Yes),
        (1, Choice::Abstain),
    ];
    let first = counted(BallotMode::Final, 3, &ballots);
    assert_eq!(first.count(), of(3, 0, 1, 1));
    assert_eq!(first.says(0), Some(Choice::No));
    let last = counted(BallotMode::Replaceable, 3, &ballots);
    assert_eq!(last.count(), of(3, 1, 0, 1));
    assert_eq!((last.says(2), last.says(3)), (None, None));
}

#[test]
fn a_ballot_says_whether_it_counts() {
    let mut once = counted(BallotMode::Final, 3, &[]);
    assert!(
        once.cast(2, Choice::Abstain)
            && !once.cast(2, Choice::Abstain)
            && !once.cast(3, Choice::No)
    );
    let mut again = counted(BallotMode::Replaceable, 3, &[]);
    assert!(again.cast(2, Choice::No) && again.cast(2, Choice::No) && !again.cast(3, Choice::No));
    assert_eq!(
        (once.len(), once.is_empty(), once.mode()),
        (3, false, BallotMode::Final)
    );
    assert!(counted(BallotMode::Final, 0, &[]).is_empty());
}

/// What a ballot would do, without casting it: as if it had been cast.
#[test]
fn a_ballot_can_be_tried() {
    let rule = Rule::of(&Policy::default(), Track::Additive);
    for mode in MODES {
        let counter = counted(mode, 3, &[(0, Choice::Yes), (1, Choice::No)]);
        for voter in 0..4 {
            for choice in Choice::ALL {
                let mut cast = counter.clone();
                cast.cast(voter, choice);
                assert_eq!(
                    counter.tally_with(&rule, voter, choice),
                    cast.tally(&rule),
                    "{mode:?} {voter} {choice:?}"
                );
            }
        }
        assert_eq!(counter.count(), of(3, 1, 1, 0));
    }
}

/// A counter can be asked for a rule with other caps than the one for which it counts.
#[test]
fn a_counter_knows_every_cap_when_it_is_asked() {
    let electorate =
        schema_senate::vote::Electorate::new(vote_support::voters(&["a", "a", "a", "b"])).unwrap();
    let plain = Rule::of(&Policy::default(), Track::Additive);
    let capped = Rule {
        principal_caps: vec![1],
        ..plain.clone()
    };
    let mut one = Counter::new(BallotMode::Final, &electorate, &plain);
    let mut other = Counter::new(BallotMode::Final, &electorate, &capped);
    for voter in 0..3 {
        one.cast(voter, Choice::Yes);
        other.cast(voter, Choice::Yes);
    }
    assert_eq!(one.tally(&plain).outcome, Outcome::Approved);
    assert_eq!(one.tally(&capped).outcome, Outcome::Pending);
    assert_eq!(one.tally(&capped), other.tally(&capped));
    assert_eq!(one.tally(&plain), other.tally(&plain));
}

fn ballots() -> impl Strategy<Value = Vec<(usize, Choice)>> {
    // The last is nobody.
    prop::collection::vec(
        (0..6_usize, prop::sample::select(Choice::ALL.to_vec())),
        0..12,
    )
}

proptest! {
    /// T1 and T5: everybody counts once and strangers do not, and a second delivery changes nothing. Of one member's ballots
    /// only the order among themselves matters.
    #[test]
    fn the_count_depends_on_the_ballots_that_stand(ballots in ballots(), mode in prop::sample::select(MODES.to_vec())) {
        let counter = counted(mode, 5, &ballots);
        let mut sorted = ballots.clone();
        sorted.sort_by_key(|(voter, _)| *voter);
        prop_assert_eq!(counted(mode, 5, &sorted).count(), counter.count());
        let mut again = counter.clone();
        for voter in 0..5 {
            if let Some(choice) = counter.says(voter) {
                again.cast(voter, choice);
            }
        }
        prop_assert_eq!(again.count(), counter.count());
        let voters: std::collections::HashSet<usize> =
            ballots.iter().map(|(voter, _)| *voter).filter(|voter| *voter < 5).collect();
        let count = counter.count();
        prop_assert_eq!(count.yes + count.no + count.abstain, voters.len() as u64);
        prop_assert_eq!(count.members, 5);
    }

    /// T5: who the voters are does not matter.
    #[test]
    fn the_count_does_not_know_names(ballots in ballots(), mode in prop::sample::select(MODES.to_vec())) {
        let renamed: Vec<(usize, Choice)> =
            ballots.iter().map(|(voter, choice)| ([4, 0, 3, 1, 2, 5][*voter], *choice)).collect();
        prop_assert_eq!(counted(mode, 5, &ballots).count(), counted(mode, 5, &renamed).count());
    }

    /// Larger electorates and other shares, by the definitions: met or not, minimal, and reachable.
    #[test]
    fn a_tally_is_what_its_words_mean(
        (members, voted) in (0_u64..1 << 40).prop_flat_map(|m| (Just(m), 0..=m)),
        split in any::<[prop::sample::Index; 2]>(),
        share in (1_u64..1000).prop_flat_map(|den| (den / 2 + 1..=den, Just(den))),
    ) {
        let pick = |index: &prop::sample::Index, most: u64| {
            index.index(usize::try_from(most).unwrap() + 1) as u64
        };
        let yes = pick(&split[0], voted);
        let no = pick(&split[1], voted - yes);
        let threshold = Threshold::at_least(share.0, share.1);
        let additive = TrackRule::of(Requirement::Share(threshold));
        let tracks = Tracks { additive, ..Policy::default().tracks };
        let policy = Policy { tracks, ..Policy::default() };
        let tally = count(&policy, Track::Additive, of(members, yes, no, voted - yes - no));
        prop_assert_eq!(tally.not_voted, members - voted);
        if let Some(enough) = tally.threshold {
            prop_assert!(threshold.is_met(enough, members));
            prop_assert!(enough == 0 || !threshold.is_met(enough - 1, members));
            prop_assert!(enough <= members);
        }
        prop_assert_eq!(tally.threshold.is_none(), members < 3);
        prop_assert_eq!(tally.needed == Some(0), tally.outcome == Outcome::Approved);
        prop_assert_eq!(tally.needed.is_none(), tally.outcome == Outcome::Rejected);
        if let Some(more) = tally.needed {
            prop_assert!(more <= tally.not_voted);
        }
    }
}

// ---------------------------------------------------------------- the input of `tally`

fn problems(text: &str) -> Vec<String> {
    let value = read(text.as_bytes(), Limits::DOCUMENT, Integers::Any).unwrap();
    let problems = tally_from_value(&value).unwrap_err();
    problems.iter().map(|p| format!("{} {p}", p.code)).collect()
}

#[test]
fn the_input_of_a_tally_may_leave_out_the_policy_or_parts_of_it() {
    let value = serde_json::json!({
        "policy": { "ballot_mode": "replaceable" },
        "track": "membership", "members": 5, "yes": 1, "no": 2.0, "abstain": 0
    });
    let asked = tally_from_value(&value).unwrap();
    assert_eq!(asked.mode, BallotMode::Replaceable);
    assert_eq!(asked.rule, Rule::of(&Policy::default(), Track::Membership));
    assert_eq!(asked.census.count(), of(5, 1, 2, 0));
    assert_eq!(
        asked.tally(),
        tally(
            &self::policy(BallotMode::Replaceable),
            Track::Membership,
            of(5, 1, 2, 0)
        )
        .unwrap()
    );
    let value =
        serde_json::json!({ "track": "policy", "members": 0, "yes": 0, "no": 0, "abstain": 0 });
    assert_eq!(tally_from_value(&value).unwrap().mode, BallotMode::Final);
}

#[test]
fn members_may_be_given_by_principal() {
    let value = serde_json::json!({
        "policy": { "min_principals": 2, "principal_cap": 1 }, "track": "additive",
        "principals": [
            { "members": 4, "yes": 4, "no": 0, "abstain": 0 },
            { "members": 2, "yes": 0, "no": 1, "abstain": 0 }
        ]
    });
    let tally = tally_from_value(&value).unwrap().tally();
    assert_eq!(
        (tally.members, tally.yes, tally.outcome),
        (6, 4, Outcome::Pending)
    );
    assert_eq!((tally.principals.yes, tally.principals.needed), (1, 2));
    assert_eq!(tally.needed, Some(1));
    assert_eq!(
        serde_json::json!(tally),
        serde_json::json!({
            "members": 6, "yes": 4, "no": 1, "abstain": 0, "not_voted": 1, "threshold": 4, "needed": 1,
            "principals": { "yes": 1, "needed": 2 }, "capped": [{ "cap": 1, "yes": 1, "members": 2 }],
            "outcome": "pending", "decided": false,
            "words": "needs 4 of 6 yes (at least 2/3) from at least 2 principals, also with at most 1 of each principal; 1 more needed"
        })
    );
}

#[test]
fn an_emergency_has_a_class() {
    let given = |track: &str, class: &str| {
        tally_from_value(&serde_json::json!({
            "policy": { "tracks": { "emergency": { "num": 3, "den": 4 } } },
            "track": track, "class": class, "members": 4, "yes": 3, "no": 0, "abstain": 0
        }))
    };
    assert_eq!(
        given("emergency", "additive").unwrap().tally().outcome,
        Outcome::Approved
    );
    assert_eq!(
        given("emergency", "breaking").unwrap().tally().outcome,
        Outcome::Pending
    );
    let code = |track, class| given(track, class).unwrap_err()[0].code;
    assert_eq!(code("additive", "breaking"), "class_without_emergency");
    assert_eq!(code("emergency", "policy"), "member_choice");
}

#[test]
fn everything_that_is_wrong_with_the_input_is_said_at_once() {
    assert_eq!(
        problems(
            r#"{"policy":{"votingMs":1},"track":"urgent","members":3.5,"yes":-1,"no":"2","weights":[]}"#
        ),
        [
            "member_unknown /weights: there is no member `weights` here (the members are `policy`, `track`, `class`, `members`, `yes`, `no` and `abstain`)",
            "member_unknown /policy/votingMs: there is no member `votingMs` here (did you mean `voting_ms`?)",
            "member_choice /track: \"urgent\" is none of the possible values (one of `additive`, `breaking`, `new_type`, `policy`, `membership`, `scope` and `emergency`)",
            "member_type /members: `members` must be a whole number, not the number 3.5",
            "member_type /yes: `yes` must be a whole number, not the number -1",
            "member_type /no: `no` must be a whole number, not a string",
            "member_missing the member `abstain` is missing (add `abstain`)",
        ]
    );
    assert_eq!(
        problems("[]"),
        [
            "member_type an object is due here, not an array (give an object with `policy`, `track`, `class`, `members`, `yes`, `no` and `abstain`)"
        ]
    );
    assert_eq!(
        problems(r#"{"track":"additive","members":9007199254740992,"yes":0,"no":0,"abstain":0}"#),
        [
            "member_range /members: `members` is 9007199254740992, and must be from 0 to 9007199254740991"
        ]
    );
}

#[test]
fn principals_are_judged_each_at_its_place() {
    assert_eq!(
        problems(
            r#"{"track":"additive","principals":[{"members":1,"yes":1,"no":0,"abstain":0},{"members":1,"yes":1,"no":1}],"members":3}"#
        ),
        [
            "member_unknown /members: there is no member `members` here (the members are `policy`, `track`, `class` and `principals`)",
            "member_missing /principals/1: the member `abstain` is missing (add `abstain`)",
        ]
    );
    assert_eq!(
        problems(
            r#"{"track":"additive","principals":[{"members":1,"yes":1,"no":0,"abstain":0},{"members":1,"yes":1,"no":1,"abstain":0}]}"#
        ),
        [
            "tally_more_ballots_than_members /principals/1: 1 yes, 1 no and 0 abstain are more ballots than the 1 members (a member has one ballot: count the one that stands)"
        ]
    );
    assert_eq!(
        problems(
            r#"{"track":"additive","principals":[{"members":9007199254740991,"yes":1,"no":0,"abstain":0},{"members":1,"yes":0,"no":1,"abstain":0}]}"#
        ),
        ["member_range /principals: there are too many members"]
    );
    assert_eq!(
        problems(r#"{"track":"additive","principals":{}}"#),
        ["member_type /principals: `principals` must be an array, not an object"]
    );
    let many = vec![of(u64::MAX, 0, 0, 0); 2];
    assert_eq!(
        Census::of_principals(&many, &[]).unwrap_err().code,
        "member_range"
    );
}

// ---------------------------------------------------------------- what is asked beside a share of the members

fn rule(requirements: &[Requirement]) -> Rule {
    Rule {
        requirements: requirements.to_vec(),
        ..Rule::of(&Policy::default(), Track::Additive)
    }
}

fn stands(rule: &Rule, count: Count) -> Tally {
    rule.tally(
        BallotMode::Final,
        &Census::of_members(count, &rule.principal_caps).unwrap(),
    )
}

fn more_than_half_of_the_ballots() -> Requirement {
    Requirement::Share(Threshold {
        strict: true,
        base: Base::Cast,
        ..Threshold::at_least(1, 2)
    })
}

#[test]
fn a_share_of_the_ballots_cast_is_lost_again_when_others_say_no() {
    let rule = rule(&[more_than_half_of_the_ballots()]);
    let now = stands(&rule, of(10, 2, 1, 0));
    assert_eq!(
        (now.outcome, now.decided, now.threshold),
        (Outcome::Approved, false, Some(2))
    );
    assert_eq!(
        now.words,
        "needs 2 of 10 yes (more than 1/2 of the ballots cast); reached with 2, and the silent members may still say no"
    );
    assert_eq!(stands(&rule, of(10, 2, 2, 0)).outcome, Outcome::Pending);
    assert_eq!(stands(&rule, of(10, 2, 8, 0)).outcome, Outcome::Rejected);
    let safe = stands(&rule, of(10, 6, 0, 0));
    assert_eq!((safe.outcome, safe.decided), (Outcome::Approved, true));
    // Silence does not help the few who vote: one yes is not more than half of the least electorate, which is three.
    assert_eq!(stands(&rule, of(10, 1, 0, 0)).outcome, Outcome::Pending);
    assert_eq!(stands(&rule, of(10, 1, 0, 0)).needed, Some(1));
    assert_eq!(stands(&rule, of(10, 1, 0, 0)).threshold, Some(2));
}

#[test]
fn all_requirements_must_hold() {
    let rule = rule(&[Requirement::Unanimous, Requirement::TWO_THIRDS]);
    assert_eq!(stands(&rule, of(3, 2, 0, 0)).needed, Some(1));
    assert_eq!(
        stands(&rule, of(3, 2, 0, 0)).words,
        "needs all 3 yes (every member and at least 2/3); 1 more needed"
    );
}

#[test]
fn too_few_principals_decide_nothing() {
    let rule = Rule {
        min_principals: 2,
        ..rule(&[Requirement::TWO_THIRDS])
    };
    let census = Census::of_principals(&[of(3, 3, 0, 0)], &[]).unwrap();
    let tally = rule.tally(BallotMode::Replaceable, &census);
    assert_eq!(
        (tally.outcome, tally.decided, tally.needed, tally.threshold),
        (Outcome::Rejected, true, None, None)
    );
    assert_eq!(
        tally.words,
        "nothing can be approved: the electorate has 1 of at least 2 principals"
    );
}

/// T4 of a share of the ballots cast: a yes never hurts, and a ballot that is not yes never helps. (That a no would better not
/// have been cast is what such a share means; no ballot can be taken back into silence.)
#[test]
fn a_ballot_that_is_not_yes_never_helps() {
    let rules = [
        rule(&[more_than_half_of_the_ballots()]),
        rule(&[Requirement::Share(Threshold {
            base: Base::Cast,
            ..Threshold::TWO_THIRDS
        })]),
    ];
    for rule in &rules {
        for c in (3..=12).flat_map(counts) {
            let approved = |c| stands(rule, c).outcome == Outcome::Approved;
            if c.not_voted() == Some(0) {
                continue;
            }
            let no = of(c.members, c.yes, c.no + 1, c.abstain);
            let abstain = of(c.members, c.yes, c.no, c.abstain + 1);
            let yes = of(c.members, c.yes + 1, c.no, c.abstain);
            assert_eq!(approved(no), approved(abstain));
            assert!(approved(c) || !approved(no), "{c:?}");
            assert!(!approved(c) || approved(yes), "{c:?}");
        }
    }
}
