//! A million ballots in one pass, and what one more costs.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

use ed25519_dalek::SigningKey;
use schema_senate::signature::PublicKey;
use schema_senate::text::{Digest, Problem};
use schema_senate::vote::{BallotMode, Choice, Counter, Electorate, Member, Policy, Rule, Track};

use crate::table::{row, words};

const BALLOTS: usize = 1_000_000;

/// Measures them.
pub fn measure() -> Result<(), Problem> {
    println!("\nBallots, replaceable, {BALLOTS} of them");
    row(&[
        "members",
        "counted in a pass",
        "a ballot",
        "a HashMap's pass",
        "ours : it",
        "tally",
        "tally with one more",
    ]);
    for members in [10, 1_000, 10_000] {
        electorate(members)?;
    }
    Ok(())
}

fn electorate(members: usize) -> Result<(), Problem> {
    let voters = (0..members).map(|n| {
        let id = format!("agent-{n}");
        let key = SigningKey::from_bytes(Digest::of_bytes(id.as_bytes()).as_bytes());
        let mut voter = Member::voter(id, PublicKey::from_bytes(key.verifying_key().as_bytes())?);
        voter.principal = format!("principal-{}", n / 3);
        Ok(voter)
    });
    let electorate = voters
        .collect::<Result<Vec<_>, Problem>>()
        .and_then(|voters| Electorate::new(voters).map_err(first))?;
    let policy = Policy {
        principal_cap: Some(2),
        min_principals: 2,
        ballot_mode: BallotMode::Replaceable,
        ..Policy::default()
    };
    let rule = Rule::of(&policy, Track::Additive);
    let ballots: Vec<(usize, Choice)> = (0..BALLOTS)
        .map(|n| {
            let choice = match n * 7 % 4 {
                1 => Choice::No,
                3 => Choice::Abstain,
                _ => Choice::Yes,
            };
            (n * 7_919 % members, choice)
        })
        .collect();

    let started = Instant::now();
    let mut counter = Counter::new(BallotMode::Replaceable, &electorate, &rule);
    for (index, choice) in &ballots {
        counter.cast(*index, *choice);
    }
    let counted = started.elapsed();

    // What anybody would write first: the last ballot of each, then a count.
    let started = Instant::now();
    let mut last: HashMap<usize, Choice> = HashMap::new();
    for (index, choice) in &ballots {
        last.insert(*index, *choice);
    }
    let yes = last
        .values()
        .filter(|choice| **choice == Choice::Yes)
        .count();
    let peer = started.elapsed();
    assert_eq!(counter.count().yes, yes as u64);

    let repeat = 10_000;
    let started = Instant::now();
    for _ in 0..repeat {
        black_box(counter.tally(&rule));
    }
    let tally = started.elapsed() / repeat;
    let started = Instant::now();
    for _ in 0..repeat {
        black_box(counter.tally_with(&rule, members / 2, Choice::Yes));
    }
    let one_more = started.elapsed() / repeat;
    let ratio = counted.as_nanos() * 100 / peer.as_nanos().max(1);
    row(&[
        &members.to_string(),
        &words(counted),
        &format!("{} ns", counted.as_nanos() / BALLOTS as u128),
        &words(peer),
        &format!("{}.{:02}×", ratio / 100, ratio % 100),
        &words(tally),
        &words(one_more),
    ]);
    Ok(())
}

fn first(problems: Vec<Problem>) -> Problem {
    problems
        .into_iter()
        .next()
        .unwrap_or_else(|| Problem::error("member_type", "", "no electorate"))
}
