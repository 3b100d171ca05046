//! Small worlds, all of them: every electorate of up to seven members, every way to divide it among principals, every way to
//! vote, and a grid of rules, against an oracle that is written from the mission's sentences. How many there were is printed.

// The lints of tests hold for their helpers, too.
#![cfg(test)]

mod vote_support;

use schema_senate::vote::{
    BallotMode, Base, Census, Choice, Closed, Count, Counter, Electorate, Fewest, Outcome,
    Requirement, Rule, Threshold, at_close, solve, solve_from_value,
};
use vote_support::voters;

/// The largest electorate of a small world.
const LARGEST: usize = 7;

// ---------------------------------------------------------------- the oracle

/// "Two thirds of the governance-authorized agents, inclusive; every member for breaking; silence is never yes; below the
/// minimum electorate nothing." One principal after the other: how many members, and who said what.
fn approved(rule: &Rule, principals: &[Count]) -> bool {
    let sum = |part: &dyn Fn(&Count) -> u64| principals.iter().map(part).sum::<u64>();
    let (members, yes) = (sum(&|p| p.members), sum(&|p| p.yes));
    let spoken = sum(&|p| p.yes + p.no + p.abstain);
    if members == 0 || members < rule.min_electorate {
        return false;
    }
    if (principals.iter().filter(|p| p.yes > 0).count() as u64) < rule.min_principals {
        return false;
    }
    let holds = |requirement: &Requirement, yes: u64, members: u64, cast: u64| match requirement {
        Requirement::Unanimous => yes == members,
        Requirement::Share(Threshold {
            num,
            den,
            strict,
            base,
        }) => {
            let of = if *base == Base::Cast { cast } else { members };
            if *strict {
                den * yes > num * of
            } else {
                den * yes >= num * of
            }
        }
    };
    rule.requirements.iter().all(|requirement| {
        let cast = if spoken < rule.min_electorate {
            rule.min_electorate
        } else {
            spoken
        };
        holds(requirement, yes, members, cast)
            && rule.principal_caps.iter().all(|cap| {
                let members = sum(&|p| p.members.min(*cap));
                holds(requirement, sum(&|p| p.yes.min(*cap)), members, members)
            })
    })
}

// ---------------------------------------------------------------- worlds

/// Every way in which `members` members of one principal can vote, and for each the ways that one more ballot makes of it: by
/// a silent member (yes, no, abstain), by one who says yes instead of no or abstaining, and by one who says no instead of yes.
struct Ways {
    counts: Vec<Count>,
    spoken: Vec<[Option<usize>; 3]>,
    replaced: Vec<[Option<usize>; 2]>,
    undone: Vec<Option<usize>>,
}

fn ways(members: u64) -> Ways {
    let mut counts = Vec::new();
    for yes in 0..=members {
        for no in 0..=members - yes {
            for abstain in 0..=members - yes - no {
                counts.push(Count {
                    members,
                    yes,
                    no,
                    abstain,
                });
            }
        }
    }
    let at = |count: Count| counts.iter().position(|other| *other == count);
    let spoken = counts.iter().map(|c| {
        [
            at(Count {
                yes: c.yes + 1,
                ..*c
            }),
            at(Count { no: c.no + 1, ..*c }),
            at(Count {
                abstain: c.abstain + 1,
                ..*c
            }),
        ]
    });
    let replaced = counts.iter().map(|c| {
        [
            (c.no > 0)
                .then(|| {
                    at(Count {
                        yes: c.yes + 1,
                        no: c.no - 1,
                        ..*c
                    })
                })
                .flatten(),
            (c.abstain > 0)
                .then(|| {
                    at(Count {
                        yes: c.yes + 1,
                        abstain: c.abstain - 1,
                        ..*c
                    })
                })
                .flatten(),
        ]
    });
    let undone = counts.iter().map(|c| {
        (c.yes > 0)
            .then(|| {
                at(Count {
                    yes: c.yes - 1,
                    no: c.no + 1,
                    ..*c
                })
            })
            .flatten()
    });
    let (spoken, replaced, undone) = (spoken.collect(), replaced.collect(), undone.collect());
    Ways {
        counts,
        spoken,
        replaced,
        undone,
    }
}

/// Every way to divide `members` among principals, largest first.
fn divisions(members: usize, largest: usize) -> Vec<Vec<usize>> {
    if members == 0 {
        return vec![Vec::new()];
    }
    (1..=members.min(largest))
        .rev()
        .flat_map(|first| {
            divisions(members - first, first)
                .into_iter()
                .map(move |rest| [vec![first], rest].concat())
        })
        .collect()
}

fn share(num: u64, den: u64, strict: bool, base: Base) -> Requirement {
    Requirement::Share(Threshold {
        num,
        den,
        strict,
        base,
    })
}

/// Each alone, and some together, as a change of the policy or an emergency has them.
fn requirements() -> Vec<Vec<Requirement>> {
    let (all, cast) = (Base::Electorate, Base::Cast);
    vec![
        vec![Requirement::TWO_THIRDS],
        vec![Requirement::Unanimous],
        vec![share(1, 2, true, all)],
        vec![share(2, 3, true, all)],
        vec![share(3, 4, false, all)],
        vec![share(1, 2, true, cast)],
        vec![share(2, 3, false, cast)],
        vec![share(1, 1, false, cast)],
        vec![share(1, 2, true, all), share(3, 4, false, cast)],
    ]
}

/// The grid of rules. That of larger electorates is thinner, unless `SENATE_ALL_WORLDS` is set: then all take the whole one.
fn rules(division: &[usize]) -> Vec<Rule> {
    let members: usize = division.iter().sum();
    let all = std::env::var_os("SENATE_ALL_WORLDS").is_some() || members <= 5;
    let (requirements, least_principals, least_electorates) = match members {
        _ if all => (requirements(), vec![1, 2, 3], vec![1, 3, 6]),
        6 => (requirements(), vec![1, 3], vec![3, 6]),
        _ => (thinner(requirements()), vec![1, 3], vec![3]),
    };
    // A cap of the largest principal and more is none.
    let largest = division.first().copied().unwrap_or(0) as u64;
    let caps: Vec<Vec<u64>> = [vec![], vec![1], vec![2], vec![3], vec![1, 2]]
        .into_iter()
        .filter(|caps| caps.iter().all(|cap| *cap < largest))
        .collect();
    let mut rules = Vec::new();
    for requirements in requirements {
        for principal_caps in &caps {
            for min_principals in least_principals.iter().copied() {
                for min_electorate in least_electorates.iter().copied() {
                    rules.push(Rule {
                        requirements: requirements.clone(),
                        min_electorate,
                        min_principals,
                        principal_caps: principal_caps.clone(),
                    });
                }
            }
        }
    }
    rules
}

/// Two thirds, every member, a share of the ballots, and two together.
fn thinner(all: Vec<Vec<Requirement>>) -> Vec<Vec<Requirement>> {
    let keep = [0, 1, 5, 8];
    all.into_iter()
        .enumerate()
        .filter(|(at, _)| keep.contains(at))
        .map(|(_, r)| r)
        .collect()
}

/// All ways in which the principals of a world can vote, as one number for each.
struct World {
    ways: Vec<Ways>,
    size: usize,
}

impl World {
    fn of(division: &[usize]) -> Self {
        let ways: Vec<Ways> = division
            .iter()
            .map(|members| ways(*members as u64))
            .collect();
        let size = ways.iter().map(|ways| ways.counts.len()).product();
        Self { ways, size }
    }

    fn digits(&self, mut state: usize) -> Vec<usize> {
        self.ways
            .iter()
            .map(|ways| {
                let digit = state % ways.counts.len();
                state /= ways.counts.len();
                digit
            })
            .collect()
    }

    fn counts(&self, state: usize) -> Vec<Count> {
        self.digits(state)
            .iter()
            .zip(&self.ways)
            .map(|(digit, ways)| ways.counts[*digit])
            .collect()
    }

    /// The states one ballot further: those in which a silent member says yes; says something else; a ballot is replaced by yes; a yes is by no.
    fn further(&self, state: usize) -> [Vec<usize>; 4] {
        let mut further = [const { Vec::new() }; 4];
        let mut place = 1;
        for (digit, ways) in self.digits(state).into_iter().zip(&self.ways) {
            let to = |next: Option<usize>| next.map(|next| state + next * place - digit * place);
            let [yes, no, abstain] = ways.spoken[digit];
            further[0].extend(to(yes));
            further[1].extend(to(no));
            further[1].extend(to(abstain));
            further[2].extend(ways.replaced[digit].into_iter().filter_map(to));
            further[3].extend(to(ways.undone[digit]));
            place *= ways.counts.len();
        }
        further
    }
}

/// What follows from `approved` by trying every continuation, ballot by ballot.
#[derive(Clone, Copy)]
struct Fate {
    approved: bool,
    /// The fewest yes ballots by silent members, and by anybody.
    by_silent: Option<u64>,
    by_anybody: Option<u64>,
    /// Whether some continuation by silent members is approved, and whether some is not.
    can_pass: bool,
    can_fail: bool,
}

fn fates(rule: &Rule, counts: &[Vec<Count>], further: &[[Vec<usize>; 4]]) -> Vec<Fate> {
    let mut fates: Vec<Option<Fate>> = vec![None; counts.len()];
    // A ballot more is a state that has fewer silent members or more yes, so that all that follow are known before.
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|state| {
        let yes: u64 = counts[*state].iter().map(|c| c.yes).sum();
        let cast: u64 = counts[*state]
            .iter()
            .map(|c| c.yes + c.no + c.abstain)
            .sum();
        std::cmp::Reverse(yes + cast)
    });
    for state in order {
        let now = approved(rule, &counts[state]);
        let [yes, other, replaced, _] = &further[state];
        let then =
            |states: &[usize]| -> Vec<Fate> { states.iter().map(|s| fates[*s].unwrap()).collect() };
        let (yes, other, replaced) = (then(yes), then(other), then(replaced));
        let one_more = |fewest: Option<u64>| {
            if now {
                Some(0)
            } else {
                fewest.map(|fewest| fewest + 1)
            }
        };
        fates[state] = Some(Fate {
            approved: now,
            by_silent: one_more(yes.iter().filter_map(|f| f.by_silent).min()),
            by_anybody: one_more(
                yes.iter()
                    .chain(&replaced)
                    .filter_map(|f| f.by_anybody)
                    .min(),
            ),
            can_pass: now || yes.iter().chain(&other).any(|f| f.can_pass),
            can_fail: !now || yes.iter().chain(&other).any(|f| f.can_fail),
        });
    }
    fates.into_iter().map(Option::unwrap).collect()
}

/// T1, T2, T3 and T8: every world, every rule, every way to vote, both modes: what is approved, what can still be, how many
/// more it takes and whether anything can change is what trying everything finds.
fn every_tally_of(sizes: std::ops::RangeInclusive<usize>) -> u64 {
    let mut cases = 0;
    for division in sizes.flat_map(|members| divisions(members, members)) {
        let world = World::of(&division);
        let counts: Vec<Vec<Count>> = (0..world.size).map(|state| world.counts(state)).collect();
        let further: Vec<_> = (0..world.size).map(|state| world.further(state)).collect();
        let members = division.iter().sum::<usize>() as u64;
        for rule in rules(&division) {
            let open = rule.admits(members, division.len() as u64).is_ok();
            let fates = fates(&rule, &counts, &further);
            for (counts, fate) in counts.iter().zip(fates) {
                let census = Census::of_principals(counts, &rule.principal_caps).unwrap();
                for mode in BallotMode::ALL {
                    let found = rule.tally(mode, &census);
                    let outcome = match fate {
                        Fate { approved: true, .. } => Outcome::Approved,
                        Fate {
                            by_silent: Some(_), ..
                        } => Outcome::Pending,
                        _ => Outcome::Rejected,
                    };
                    let (needed, decided) = match mode {
                        BallotMode::Final => (fate.by_silent, fate.can_pass != fate.can_fail),
                        BallotMode::Replaceable => (fate.by_anybody, !open),
                    };
                    let found_so = (found.outcome, found.needed, found.decided);
                    assert_eq!(
                        found_so,
                        (outcome, needed, decided),
                        "{rule:?} {mode:?} {counts:?}"
                    );
                    assert_eq!(
                        found.yes + found.no + found.abstain + found.not_voted,
                        members
                    );
                    assert_eq!(at_close(&found) == Closed::Approved, fate.approved);
                    cases += 1;
                }
            }
        }
    }
    cases
}

#[test]
fn every_tally_of_up_to_five_members_is_what_trying_everything_finds() {
    println!("cases: {}", every_tally_of(0..=5));
}

#[test]
fn every_tally_of_six_members_is_what_trying_everything_finds() {
    println!("cases: {}", every_tally_of(6..=6));
}

#[test]
fn every_tally_of_seven_members_is_what_trying_everything_finds() {
    println!("cases: {}", every_tally_of(LARGEST..=LARGEST));
}

// ---------------------------------------------------------------- the solver

/// What the members of a principal say, the yes first.
fn says(count: &Count) -> Vec<Option<Choice>> {
    let part = |choice, some: u64| (0..some).map(move |_| choice);
    part(Some(Choice::Yes), count.yes)
        .chain(part(Some(Choice::No), count.no))
        .chain(part(Some(Choice::Abstain), count.abstain))
        .chain(part(None, count.not_voted().unwrap()))
        .collect()
}

/// The count without a member who says this, or with one who says something else.
fn turned(count: &Count, from: Option<Choice>, to: Option<Choice>) -> Count {
    let mut count = *count;
    for (choice, more) in [(from, false), (to, true)] {
        let part = match choice {
            None => continue,
            Some(Choice::Yes) => &mut count.yes,
            Some(Choice::No) => &mut count.no,
            Some(Choice::Abstain) => &mut count.abstain,
        };
        *part = if more { *part + 1 } else { *part - 1 };
    }
    count
}

/// What a close would say, by the oracle.
fn closes(rule: &Rule, counts: &[Count]) -> Closed {
    let silent_say_yes = |c: &Count| Count {
        yes: c.yes + c.not_voted().unwrap(),
        ..*c
    };
    let willing: Vec<Count> = counts.iter().map(silent_say_yes).collect();
    match (approved(rule, counts), approved(rule, &willing)) {
        (true, _) => Closed::Approved,
        (false, true) => Closed::Expired,
        (false, false) => Closed::Rejected,
    }
}

/// The fewest steps from each state to one where `there` holds, trying all.
fn fewest_steps(there: &[bool], steps: &dyn Fn(usize) -> Vec<usize>) -> Vec<Option<u64>> {
    let mut fewest: Vec<Option<u64>> = there.iter().map(|there| there.then_some(0)).collect();
    // No path is longer than there are members.
    for _ in 0..=LARGEST {
        for state in 0..there.len() {
            let next = steps(state)
                .into_iter()
                .filter_map(|next| fewest[next])
                .min();
            if let Some(next) = next {
                fewest[state] = Some(fewest[state].map_or(next + 1, |known| known.min(next + 1)));
            }
        }
    }
    fewest
}

fn every_solution_of(members: usize) -> u64 {
    let mut cases = 0;
    for division in divisions(members, members) {
        let world = World::of(&division);
        let counts: Vec<Vec<Count>> = (0..world.size).map(|state| world.counts(state)).collect();
        let further: Vec<_> = (0..world.size).map(|state| world.further(state)).collect();
        let names: Vec<String> = division
            .iter()
            .enumerate()
            .flat_map(|(principal, size)| vec![format!("p{principal}"); *size])
            .collect();
        let electorate = Electorate::new(voters(&names)).unwrap();
        let grid = rules(&division)
            .into_iter()
            .filter(|rule| rule.min_electorate == 3 || members > 5);
        for rule in grid.filter(|rule| rule.requirements.len() == 1 || members < 5) {
            let fates = fates(&rule, &counts, &further);
            let lost: Vec<bool> = fates.iter().map(|fate| !fate.can_pass).collect();
            let unapproved: Vec<bool> = fates.iter().map(|fate| !fate.approved).collect();
            let to_block = fewest_steps(&lost, &|state| further[state][1].clone());
            let to_undo = fewest_steps(&unapproved, &|state| further[state][3].clone());
            let fewest = |found: Option<u64>| found.map_or(Fewest::Never, Fewest::Ballots);
            for (state, counts) in counts.iter().enumerate() {
                let ballots: Vec<Option<Choice>> = counts.iter().flat_map(says).collect();
                for mode in BallotMode::ALL {
                    let mut counter = Counter::new(mode, &electorate, &rule);
                    for (voter, choice) in ballots.iter().enumerate() {
                        choice.map(|choice| counter.cast(voter, choice));
                    }
                    let solution = solve(&rule, &electorate, &counter);
                    let context = || format!("{rule:?} {mode:?} {counts:?} {solution:?}");
                    let fate = fates[state];
                    assert_eq!(solution.closes, closes(&rule, counts), "{}", context());
                    let open = rule.admits(members as u64, division.len() as u64).is_ok();
                    let (approve, block, settled) = match mode {
                        BallotMode::Final => (
                            fate.by_silent,
                            to_block[state],
                            fate.can_pass != fate.can_fail,
                        ),
                        BallotMode::Replaceable => (fate.by_anybody, (!open).then_some(0), !open),
                    };
                    assert_eq!(solution.irreversible, settled, "{}", context());
                    assert_eq!(solution.to_approve, fewest(approve), "{}", context());
                    assert_eq!(solution.to_block, fewest(block), "{}", context());
                    let undo = if fate.approved {
                        fewest(to_undo[state])
                    } else {
                        Fewest::Never
                    };
                    assert_eq!(solution.to_undo, undo, "{}", context());
                    assert!(!solution.words.is_empty());
                    let mut place = 0;
                    for (principal, count) in counts.iter().enumerate() {
                        for said in says(count) {
                            let with = |changed: Count| {
                                let mut counts = counts.clone();
                                counts[principal] = changed;
                                counts
                            };
                            let member = &solution.members[place];
                            let otherwise = Choice::ALL.into_iter().any(|choice| {
                                approved(&rule, &with(turned(count, said, Some(choice))))
                                    != fate.approved
                            });
                            assert_eq!(
                                (member.says, member.pivotal),
                                (said, otherwise),
                                "{}",
                                context()
                            );
                            assert_eq!(solution.pivotal.contains(&member.id), otherwise);
                            let without = Count {
                                members: count.members - 1,
                                ..turned(count, said, None)
                            };
                            assert_eq!(
                                member.recused,
                                closes(&rule, &with(without)),
                                "{}",
                                context()
                            );
                            place += 1;
                        }
                    }
                    cases += 1;
                }
            }
        }
    }
    cases
}

/// T8: how few it takes to approve, to block and to undo, and on whom it depends, is what trying everything finds.
#[test]
fn every_solution_of_up_to_five_members_is_what_trying_everything_finds() {
    println!("cases: {}", (0..=5).map(every_solution_of).sum::<u64>());
}

// ---------------------------------------------------------------- every ballot of every member

/// T1 and T5: all 4^n ways in which up to seven members can vote, in every division among principals: each is counted once, in
/// either order of the ballots, and nobody else is.
#[test]
fn every_ballot_is_counted_once() {
    let mut cases = 0_u64;
    for members in 0..=LARGEST {
        for division in divisions(members, members) {
            let names: Vec<String> = division
                .iter()
                .enumerate()
                .flat_map(|(principal, size)| vec![format!("p{principal}"); *size])
                .collect();
            let electorate = Electorate::new(voters(&names)).unwrap();
            let rule = Rule {
                requirements: vec![Requirement::TWO_THIRDS],
                min_electorate: 3,
                min_principals: 1,
                principal_caps: vec![2],
            };
            let empty = Counter::new(BallotMode::Final, &electorate, &rule);
            for vote in 0..4_usize.pow(members as u32) {
                let says: Vec<Option<Choice>> = (0..members)
                    .map(|voter| {
                        [
                            None,
                            Some(Choice::Yes),
                            Some(Choice::No),
                            Some(Choice::Abstain),
                        ][vote >> (2 * voter) & 3]
                    })
                    .collect();
                let mut there = empty.clone();
                let mut back = empty.clone();
                for (voter, choice) in says.iter().enumerate() {
                    assert!(choice.is_none_or(|choice| there.cast(voter, choice)));
                }
                for (voter, choice) in says.iter().enumerate().rev() {
                    choice.map(|choice| back.cast(voter, choice));
                }
                let said =
                    |choice| says.iter().filter(|said| **said == Some(choice)).count() as u64;
                let count = there.count();
                let expected = (
                    members as u64,
                    said(Choice::Yes),
                    said(Choice::No),
                    said(Choice::Abstain),
                );
                assert_eq!(
                    (count.members, count.yes, count.no, count.abstain),
                    expected
                );
                assert_eq!(there.census(), back.census());
                let anew = Census::of_principals(there.principals(), &[2]).unwrap();
                assert_eq!(*there.census(), anew);
                cases += 1;
            }
        }
    }
    println!("cases: {cases}");
}

// ---------------------------------------------------------------- what is asked from outside

#[test]
fn a_vote_is_solved_by_its_voters() {
    let value = serde_json::json!({
        "policy": { "ballot_mode": "replaceable", "min_principals": 2 }, "track": "additive",
        "voters": [
            { "id": "ada", "principal": "lab", "choice": "yes" },
            { "id": "bob", "principal": "lab", "choice": "no" },
            { "id": "cy", "choice": "yes" },
        ],
    });
    let solution = solve_from_value(&value).unwrap();
    assert_eq!(solution.pivotal, ["ada", "cy"]);
    assert_eq!(
        serde_json::json!(solution.members[1]),
        serde_json::json!({ "id": "bob", "says": "no", "pivotal": false, "recused": "rejected", "needed_if_recused": "never" })
    );
    let told = (solution.to_approve, solution.to_block, solution.to_undo);
    assert_eq!(
        told,
        (Fewest::Ballots(0), Fewest::Never, Fewest::Ballots(1))
    );
    assert_eq!(
        solution.words,
        [
            "If it closed now, it would be approved.",
            "1 yes that is replaced undoes it.",
            "It depends on each of ada, cy alone.",
        ]
    );
    let wrong = serde_json::json!({ "track": "additive", "voters": [
        { "id": "ada" }, { "id": "ada", "principal": "-" }, { "id": "", "choice": "maybe" },
    ] });
    let codes: Vec<&str> = solve_from_value(&wrong)
        .unwrap_err()
        .iter()
        .map(|p| p.code)
        .collect();
    assert_eq!(
        codes,
        [
            "principal_malformed",
            "voter_twice",
            "member_empty",
            "member_choice"
        ]
    );
}

/// Beyond the bound nothing is claimed, and only where there is a bound.
#[test]
fn a_large_electorate_is_solved_except_under_a_cap() {
    let solved = |members: u64, policy: serde_json::Value| {
        let voters: serde_json::Value = (0..members)
            .map(|voter| serde_json::json!({ "id": format!("v{voter}"), "principal": format!("p{}", voter / 2) }))
            .collect();
        let value = serde_json::json!({ "policy": policy, "track": "additive", "voters": voters });
        solve_from_value(&value).unwrap().to_block
    };
    let capped = || serde_json::json!({ "principal_cap": 1 });
    assert_eq!(solved(1025, serde_json::json!({})), Fewest::Ballots(342));
    assert_eq!(solved(1025, capped()), Fewest::Unknown);
    // 342 of 512 principals must have a yes; to leave 341, both members of 171 must not.
    assert_eq!(solved(1024, capped()), Fewest::Ballots(342));
}
