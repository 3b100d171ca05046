//! Small worlds, all of them: every electorate of up to seven members, every way to divide it among principals, every way to
//! vote, and a grid of rules, against an oracle that is written from the mission's sentences. How many there were is printed.

// The lints of tests hold for their helpers, too.
#![cfg(test)]

mod vote_support;

use schema_senate::vote::{
    BallotMode, Base, Census, Choice, Closed, Count, Counter, Electorate, Fewest, Outcome,
    Requirement, Rule, Threshold, at_close, solve,
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
/// a silent member (yes, no, abstain) or by one who says yes instead of no or of nothing in particular.
struct Ways {
    counts: Vec<Count>,
    spoken: Vec<[Option<usize>; 3]>,
    replaced: Vec<[Option<usize>; 2]>,
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
    let (spoken, replaced) = (spoken.collect(), replaced.collect());
    Ways {
        counts,
        spoken,
        replaced,
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

fn rules(division: &[usize]) -> Vec<Rule> {
    let mut rules = Vec::new();
    // A cap of the largest principal and more is none.
    let largest = division.first().copied().unwrap_or(0) as u64;
    let caps: Vec<Vec<u64>> = [vec![], vec![1], vec![2], vec![3], vec![1, 2]]
        .into_iter()
        .filter(|caps| caps.iter().all(|cap| *cap < largest))
        .collect();
    for requirements in requirements() {
        for principal_caps in &caps {
            for min_principals in [1, 2, 3] {
                for min_electorate in [1, 3, 6] {
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

    /// The states one ballot further: those in which a silent member says yes; says something else; a ballot is replaced by yes.
    fn further(&self, state: usize) -> [Vec<usize>; 3] {
        let mut further = [Vec::new(), Vec::new(), Vec::new()];
        let mut place = 1;
        for (digit, ways) in self.digits(state).into_iter().zip(&self.ways) {
            let to = |next: Option<usize>| next.map(|next| state + next * place - digit * place);
            let [yes, no, abstain] = ways.spoken[digit];
            further[0].extend(to(yes));
            further[1].extend(to(no));
            further[1].extend(to(abstain));
            further[2].extend(ways.replaced[digit].into_iter().filter_map(to));
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

fn fates(rule: &Rule, counts: &[Vec<Count>], further: &[[Vec<usize>; 3]]) -> Vec<Fate> {
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
        let [yes, other, replaced] = &further[state];
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
