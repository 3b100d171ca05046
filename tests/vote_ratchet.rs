//! The ratchet (X4): no sequence of policy changes makes easy what could not have been done at its beginning.

// The lints of tests hold for their helpers, too.
#![cfg(test)]

use schema_senate::vote::{
    BallotMode, Base, Census, Count, Outcome, Policy, Requirement, Rule, Threshold, Times, Track,
    TrackRule, Tracks,
};

fn share(num: u64, den: u64) -> Requirement {
    Requirement::Share(Threshold::at_least(num, den))
}

fn of_the_ballots(num: u64, den: u64) -> Requirement {
    Requirement::Share(Threshold {
        base: Base::Cast,
        ..Threshold::at_least(num, den)
    })
}

fn with(track: Track, requirement: Requirement) -> Policy {
    let mut policy = Policy::default();
    policy.tracks.get_mut(track).requirement = requirement;
    policy
}

fn passes(rule: &Rule, principals: &[Count]) -> bool {
    let census = Census::of_principals(principals, &rule.principal_caps).unwrap();
    rule.tally(BallotMode::Final, &census).outcome == Outcome::Approved
}

// ---------------------------------------------------------------- examples

#[test]
fn to_make_a_breaking_change_easier_takes_what_a_breaking_change_takes() {
    let (old, new) = (Policy::default(), with(Track::Breaking, share(3, 4)));
    assert_eq!(
        Rule::ratchet(&old, &new).requirements,
        [Requirement::Unanimous]
    );
    // And back: what is made harder must be able to bear it.
    assert_eq!(
        Rule::ratchet(&new, &old).requirements,
        [Requirement::Unanimous]
    );
    // A track that stays as it is is not asked.
    let other = with(Track::Scope, share(3, 4));
    assert_eq!(Rule::ratchet(&old, &other).requirements, [share(3, 4)]);
    assert_eq!(Rule::ratchet(&old, &old).requirements, [share(2, 3)]);
}

#[test]
fn the_rule_of_policy_changes_is_changed_by_the_harder_of_both() {
    let (two_thirds, most) = (Policy::default(), with(Track::Policy, share(9, 10)));
    for (old, new) in [(&two_thirds, &most), (&most, &two_thirds)] {
        assert_eq!(Rule::ratchet(old, new).requirements, [share(9, 10)]);
    }
    // Where neither is the harder, both must hold.
    let ballots = with(Track::Policy, of_the_ballots(9, 10));
    assert_eq!(
        Rule::ratchet(&two_thirds, &ballots).requirements,
        [share(2, 3), of_the_ballots(9, 10)]
    );
}

#[test]
fn the_times_of_a_track_count_as_the_track() {
    let old = Policy::default();
    let mut new = old.clone();
    new.tracks.breaking.cooling_ms = Some(5);
    assert_eq!(
        Rule::ratchet(&old, &new).requirements,
        [Requirement::Unanimous]
    );
}

#[test]
fn minimums_are_the_larger_and_caps_both() {
    let old = Policy {
        min_electorate: 5,
        min_principals: 1,
        principal_cap: Some(3),
        ..Policy::default()
    };
    let new = Policy {
        min_electorate: 3,
        min_principals: 2,
        principal_cap: Some(1),
        ..Policy::default()
    };
    for rule in [Rule::ratchet(&old, &new), Rule::ratchet(&new, &old)] {
        assert_eq!((rule.min_electorate, rule.min_principals), (5, 2));
        assert_eq!(rule.principal_caps, [1, 3]);
    }
    let none = Policy {
        principal_cap: None,
        ..old.clone()
    };
    assert_eq!(Rule::ratchet(&old, &none).principal_caps, [3]);
}

/// Why both caps: a smaller one is not always the harder.
#[test]
fn under_a_smaller_cap_more_may_be_approved() {
    let rule = |cap| Rule {
        principal_caps: vec![cap],
        ..Rule::of(&with(Track::Scope, share(2, 3)), Track::Scope)
    };
    let of = |members, yes| Count {
        members,
        yes,
        ..Count::default()
    };
    // Two principals of four members, of whom one and four say yes, and two of one, who do.
    let votes = [of(4, 1), of(4, 4), of(1, 1), of(1, 1)];
    assert!(passes(&rule(1), &votes));
    assert!(
        !passes(&rule(4), &[of(4, 1), of(1, 1)])
            && !passes(&rule(2), &[of(4, 1), of(2, 2), of(1, 0)])
    );
    let capped_at = |cap: u64| {
        let count = |part: fn(&Count) -> u64| votes.iter().map(|c| part(c).min(cap)).sum::<u64>();
        (count(|c| c.yes), count(|c| c.members))
    };
    assert_eq!((capped_at(1), capped_at(3)), ((4, 4), (6, 8)));
}

#[test]
fn a_concern_is_not_made_easier_to_override_by_fewer() {
    let old = Policy {
        concern_override: Requirement::Unanimous,
        ..Policy::default()
    };
    assert_eq!(
        Rule::ratchet(&old, &Policy::default()).requirements,
        [Requirement::Unanimous]
    );
}

#[test]
fn a_share_changes_with_the_cap_and_unanimity_does_not() {
    let old = Policy {
        tracks: Tracks {
            additive: TrackRule::of(share(3, 4)),
            ..Policy::default().tracks
        },
        principal_cap: Some(1),
        ..Policy::default()
    };
    let new = Policy {
        principal_cap: None,
        ..old.clone()
    };
    assert_eq!(Rule::ratchet(&old, &new).requirements, [share(3, 4)]);
    let ballots = Policy {
        tracks: Tracks {
            scope: TrackRule::of(of_the_ballots(9, 10)),
            ..Policy::default().tracks
        },
        ..Policy::default()
    };
    let smaller = Policy {
        min_electorate: 2,
        ..ballots.clone()
    };
    assert_eq!(
        Rule::ratchet(&ballots, &smaller).requirements,
        [share(2, 3), of_the_ballots(9, 10)]
    );
}

#[test]
fn the_times_are_the_longer() {
    let old = Policy {
        min_review_ms: 10,
        voting_ms: 100_000,
        cooling_ms: 30,
        ..Policy::default()
    };
    let mut new = Policy {
        min_review_ms: 20,
        voting_ms: 90_000,
        cooling_ms: 0,
        ..Policy::default()
    };
    let times = |min_review_ms, voting_ms, cooling_ms| Times {
        min_review_ms,
        voting_ms,
        cooling_ms,
    };
    assert_eq!(Times::ratchet(&old, &new), times(20, 100_000, 30));
    assert_eq!(Times::ratchet(&new, &old), times(20, 100_000, 30));
    // A track whose times change has all of its times counted, old and new.
    new.tracks.breaking.cooling_ms = Some(777);
    assert_eq!(Times::ratchet(&old, &new).cooling_ms, 777);
    let later = Policy {
        tracks: new.tracks,
        ..old.clone()
    };
    assert_eq!(Times::ratchet(&new, &later), times(20, 100_000, 777));
    assert_eq!(Times::ratchet(&later, &later), times(10, 100_000, 30));
    let day = Policy::default().times(Track::Emergency).voting_ms;
    assert_eq!(times(1, 2, 3).longer(times(3, 2, 1)), times(3, 2, 3));
    assert!(Times::ratchet(&later, &later).voting_ms < day);
}

// ---------------------------------------------------------------- every sequence

/// A small graph of policies: every change of one into another is possible, when it passes.
fn policies() -> Vec<Policy> {
    let mut policies = Vec::new();
    for additive in [share(2, 3), share(3, 4), of_the_ballots(3, 4)] {
        for policy in [share(2, 3), of_the_ballots(2, 3)] {
            for min_electorate in [2, 5] {
                for min_principals in [1, 2] {
                    for principal_cap in [None, Some(1), Some(2)] {
                        policies.push(Policy {
                            tracks: Tracks {
                                additive: TrackRule::of(additive),
                                policy: TrackRule::of(policy),
                                ..Policy::default().tracks
                            },
                            min_electorate,
                            min_principals,
                            principal_cap,
                            ..Policy::default()
                        });
                    }
                }
            }
        }
    }
    policies
}

/// Every way in which principals of these sizes can vote: yes, no, or not at all.
fn votes(sizes: &[u64]) -> Vec<Vec<Count>> {
    let mut votes = vec![Vec::new()];
    for members in sizes.iter().copied() {
        let ways = (0..=members).flat_map(|yes| {
            (0..=members - yes).map(move |no| Count {
                members,
                yes,
                no,
                abstain: 0,
            })
        });
        let ways: Vec<Count> = ways.collect();
        votes = votes
            .into_iter()
            .flat_map(|before| {
                ways.iter()
                    .map(move |way| [before.clone(), vec![*way]].concat())
            })
            .collect();
    }
    votes
}

/// Whoever votes in one way all along: what they could not pass on a track under the first policy, they cannot pass under any
/// that they can lead to.
#[test]
fn what_could_not_be_done_cannot_be_made_possible() {
    let policies = policies();
    let ratchets: Vec<Vec<Rule>> = policies
        .iter()
        .map(|old| policies.iter().map(|new| Rule::ratchet(old, new)).collect())
        .collect();
    let (mut sequences, mut changes) = (0, 0);
    for sizes in [&[1, 1, 1, 1][..], &[3, 1], &[4, 1], &[3, 2, 1]] {
        for votes in votes(sizes) {
            let may: Vec<Vec<bool>> = policies
                .iter()
                .map(|policy| {
                    Track::ALL
                        .map(|track| passes(&Rule::of(policy, track), &votes))
                        .to_vec()
                })
                .collect();
            let leads: Vec<Vec<usize>> = ratchets
                .iter()
                .map(|rules| {
                    let passing = rules
                        .iter()
                        .enumerate()
                        .filter(|(_, rule)| passes(rule, &votes));
                    passing.map(|(new, _)| new).collect()
                })
                .collect();
            changes += leads.iter().map(Vec::len).sum::<usize>();
            for first in 0..policies.len() {
                let mut reached = vec![false; policies.len()];
                let mut open = vec![first];
                while let Some(at) = open.pop() {
                    if std::mem::replace(&mut reached[at], true) {
                        continue;
                    }
                    sequences += 1;
                    for (track, (before, after)) in
                        Track::ALL.iter().zip(may[first].iter().zip(&may[at]))
                    {
                        assert!(
                            *before || !after,
                            "{track:?}: {votes:?}\n{:?}\n{:?}",
                            policies[first],
                            policies[at]
                        );
                    }
                    open.extend(leads[at].iter().copied().filter(|next| !reached[*next]));
                }
            }
        }
    }
    println!("cases: {sequences} reached by {changes} changes");
    assert!(changes > 10_000);
}
