//! What must hold for any bytes. The fuzz targets ask it of the bytes that libFuzzer finds; `tests/text_fuzz.rs` asks it
//! of a fixed corpus in every ordinary test run.

use schema_senate::text::{
    Digest, Integers, Kind, Limits, Problem, Value, digest, pointer, read_hashable,
    read_lossy_member,
};
use schema_senate::vote::{
    BallotMode, Base, Census, Closed, Count, Outcome, Policy, Requirement, Rule, Tally, Threshold,
    Track, TrackRule, Tracks, at_close, tally_from_value,
};

/// A text is read, or refused at a place; the two ways to treat integers differ in refusals only; and `serde_json` agrees
/// wherever our stricter rules have no say.
pub fn read(bytes: &[u8]) {
    use schema_senate::text::read;

    let any = read(bytes, Limits::DOCUMENT, Integers::Any);
    let safe = read(bytes, Limits::DOCUMENT, Integers::Safe);
    match (&any, &safe) {
        (Ok(any), Ok(safe)) => assert_eq!(any, safe),
        (Ok(_), Err(problem)) => assert_eq!(problem.code, "json_unsafe_integer"),
        (Err(_), Ok(_)) => panic!("only the stricter reading took it"),
        (Err(any), Err(safe)) => assert!(any == safe || safe.code == "json_unsafe_integer"),
    }
    for problem in [&any, &safe].into_iter().filter_map(|r| r.as_ref().err()) {
        has_a_place(problem, bytes);
    }
    match (&any, serde_json::from_slice::<Value>(bytes)) {
        (Ok(ours), Ok(theirs)) => assert!(same(ours, &theirs), "{ours} {theirs}"),
        // serde_json counts the depth otherwise.
        (Ok(_), Err(theirs)) => assert!(theirs.to_string().contains("recursion limit"), "{theirs}"),
        (Err(problem), Ok(_)) => {
            assert!(["json_duplicate_key", "json_number_too_long"].contains(&problem.code));
        }
        (Err(_), Err(_)) => {}
    }
    let member = read_lossy_member(bytes, "id");
    if let Ok(Value::Object(members)) = &any {
        assert_eq!(member.as_ref(), members.get("id"));
    }
}

/// What may be hashed has one text, which reads as the same value and hashes as any other program would hash it.
pub fn canonical(bytes: &[u8]) {
    use schema_senate::text::canonical;

    let Ok(value) = read_hashable(bytes) else {
        return;
    };
    let text = canonical(&value).expect("what was read as safe is written");
    let again = read_hashable(text.as_bytes()).expect("what was written is read");
    assert!(same(&value, &again), "{text}");
    assert_eq!(canonical(&again).as_deref(), Ok(text.as_str()));
    let theirs = serde_json_canonicalizer::to_string(&value).expect("safe values are plain");
    assert_eq!(text, theirs);
    let plain = digest(Kind::Document, &value).expect("as above");
    assert_eq!(plain, Digest::of_bytes(text.as_bytes()));
    assert_eq!(plain.to_string().parse(), Ok(plain));
    assert_ne!(digest(Kind::Schema, &value), Ok(plain));
}

/// The input of a tally is taken or told what is wrong; and a tally means what its words say, for counts and policies made
/// of the bytes themselves.
pub fn tally(bytes: &[u8]) {
    if let Ok(value) = schema_senate::text::read(bytes, Limits::DOCUMENT, Integers::Any) {
        match tally_from_value(&value) {
            Ok(asked) => {
                let written = asked.rule.to_value();
                assert_eq!(Rule::from_value(&written).as_ref(), Ok(&asked.rule));
                means_what_it_says(&asked.tally(), asked.mode);
                let policy = value.get("policy").map(Policy::from_value);
                let policy = policy.and_then(Result::ok).unwrap_or_default();
                assert_eq!(Policy::from_value(&policy.to_value()).as_ref(), Ok(&policy));
                policy
                    .digest()
                    .expect("a policy that was taken can be hashed");
            }
            Err(problems) => {
                assert!(!problems.is_empty());
                for problem in &problems {
                    assert!(pointer::split(&problem.pointer).is_some());
                }
            }
        }
    }
    let mut numbers = bytes
        .chunks_exact(8)
        .map(|chunk| u64::from_le_bytes(chunk.try_into().expect("eight bytes")));
    let mut next = || numbers.next().unwrap_or_default();
    let shift = next() % 64;
    let den = (next() >> shift).max(1);
    let num = (den / 2 + 1).saturating_add(next() % den).min(den);
    let additive = Requirement::Share(Threshold {
        num,
        den,
        strict: num < den && next() % 2 == 0,
        base: if next() % 2 == 0 {
            Base::Electorate
        } else {
            Base::Cast
        },
    });
    let policy = Policy {
        tracks: Tracks {
            additive: TrackRule::of(additive),
            ..Policy::default().tracks
        },
        min_electorate: 1 + next() % 4,
        ballot_mode: if next() % 2 == 0 {
            BallotMode::Final
        } else {
            BallotMode::Replaceable
        },
        ..Policy::default()
    };
    let members = next() >> shift;
    let mut some = |most: u64| {
        if most == u64::MAX {
            next()
        } else {
            next() % (most + 1)
        }
    };
    let yes = some(members);
    let no = some(members - yes);
    let abstain = some(members - yes - no);
    let count = Count {
        members,
        yes,
        no,
        abstain,
    };
    for track in Track::ALL {
        check(&policy, track, count);
    }
}

/// What holds between the parts of every tally.
fn means_what_it_says(tally: &Tally, mode: BallotMode) {
    assert_eq!(
        tally.yes + tally.no + tally.abstain + tally.not_voted,
        tally.members
    );
    let approved = tally.outcome == Outcome::Approved;
    assert_eq!(tally.needed == Some(0), approved);
    assert_eq!(at_close(tally) == Closed::Approved, approved);
    if let Some(threshold) = tally.threshold {
        assert!(0 < threshold && threshold <= tally.members);
        assert!(!approved || threshold <= tally.yes);
        let rejected = tally.outcome == Outcome::Rejected;
        match mode {
            BallotMode::Final => assert_eq!(tally.needed.is_none(), rejected),
            BallotMode::Replaceable => assert!(tally.needed.is_some() && !tally.decided),
        }
    } else {
        assert_eq!((tally.outcome, tally.decided), (Outcome::Rejected, true));
    }
    assert!(!tally.words.is_empty() && !tally.words.contains('%'));
}

fn check(policy: &Policy, track: Track, count: Count) {
    use schema_senate::vote::tally;

    let Ok(now) = tally(policy, track, count) else {
        assert!(count.not_voted().is_none());
        return;
    };
    assert_eq!(Some(now.not_voted), count.not_voted());
    means_what_it_says(&now, policy.ballot_mode);
    let rule = Rule::of(policy, track);
    let members = Census::of_members(count, &rule.principal_caps).expect("as above");
    assert_eq!(rule.tally(policy.ballot_mode, &members), now);
    assert_eq!(
        now.threshold.is_none(),
        count.members < policy.min_electorate
    );
    if now.decided {
        // Nothing that the silent members may say changes it.
        for later in last_words(count) {
            let then = tally(policy, track, later).expect("nobody votes twice");
            assert_eq!(then.outcome, now.outcome);
            assert!(then.decided);
        }
    }
    if let Tally {
        outcome: Outcome::Pending,
        needed: Some(more),
        ..
    } = now
        && policy.ballot_mode == BallotMode::Final
    {
        assert!(0 < more && more <= now.not_voted);
        let enough = Count {
            yes: count.yes + more,
            ..count
        };
        let then = tally(policy, track, enough).expect("the silent members are as many");
        assert_eq!(then.outcome, Outcome::Approved);
    }
}

/// Every silent member says the same.
fn last_words(count: Count) -> [Count; 3] {
    let silent = count.not_voted().unwrap_or_default();
    [
        Count {
            yes: count.yes + silent,
            ..count
        },
        Count {
            no: count.no + silent,
            ..count
        },
        Count {
            abstain: count.abstain + silent,
            ..count
        },
    ]
}

fn has_a_place(problem: &Problem, bytes: &[u8]) {
    assert!(problem.code.starts_with("json_"), "{}", problem.code);
    assert!(problem.offset.is_some_and(|offset| offset <= bytes.len()));
    assert!(pointer::split(&problem.pointer).is_some());
    assert!(problem.is_error() && !problem.message.is_empty());
}

/// Equal as JSON: numbers by what they are, members in any order.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// A verdict on a pair of schemas made of the bytes is not refuted: neither by its witness nor by instances.
pub fn compatibility(bytes: &[u8]) {
    use xtask_soak::{choices::Choices, oracle, pairs::Pair};

    let pair = Pair::random(&mut Choices::from_bytes(bytes));
    if let Some(asked) = oracle::ask(&pair, 60, 1) {
        // A fuzzer's build is slow, which is no fault.
        let wrong = asked.fault.filter(oracle::Fault::is_wrong);
        assert!(wrong.is_none(), "{wrong:?} {}", pair.line());
    }
}
