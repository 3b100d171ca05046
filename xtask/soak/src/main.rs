//! `cargo xtask soak`: random pairs of schemas, for as long as it is given.

use std::{
    collections::BTreeMap,
    panic,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use schema_senate::compatibility::{Mode, Verdict};
use serde_json::json;
use xtask_soak::{
    oracle::{Fault, ask, is_refuted},
    pairs::{Pair, verdict},
    shrink::{smallest, smallest_undecided},
};

const USAGE: &str =
    "usage: cargo xtask soak [--minutes N] [--seed S] [--samples N] [--pairs N] [--show-undecided]

  --minutes N        how long; 1
  --seed S           the seed of the first pair, the next has the next; 1
  --samples N        instances for a compatible pair; 1000
  --pairs N          stop after so many pairs, whatever the time
  --show-undecided   print the smallest pair found for each reason";

/// A check that takes longer is a hang.
const HANGS: Duration = Duration::from_secs(60);
/// Bytes of stack for the checks: what a WebAssembly build has, and room for the validator's own recursion.
const STACK: usize = 4 << 20;
/// Faults that are made small and printed.
const PRINTED: usize = 200;

#[derive(Clone, Copy, Debug)]
struct Wishes {
    minutes: f64,
    seed: u64,
    samples: usize,
    pairs: u64,
    show_undecided: bool,
}

fn wishes() -> Option<Wishes> {
    let mut wishes = Wishes {
        minutes: 1.0,
        seed: 1,
        samples: 1_000,
        pairs: u64::MAX,
        show_undecided: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--show-undecided" => wishes.show_undecided = true,
            name => {
                let value = arguments.next()?;
                match name {
                    "--minutes" => wishes.minutes = value.parse().ok()?,
                    "--seed" => wishes.seed = value.parse().ok()?,
                    "--samples" => wishes.samples = value.parse().ok()?,
                    "--pairs" => wishes.pairs = value.parse().ok()?,
                    _ => return None,
                }
            }
        }
    }
    Some(wishes)
}

/// What was counted.
#[derive(Debug, Default)]
struct Tally {
    asked: u64,
    no_schema: u64,
    compatible: u64,
    breaking: u64,
    /// Breaking pairs that instances were drawn for too, and those of them that were refuted so.
    also_drawn: [u64; 2],
    undecided: u64,
    /// Undecided ones whose schemas have no defined meaning.
    undefined: u64,
    drawn: usize,
    valid: usize,
    /// Compatible pairs with fewer than ten valid instances among those drawn.
    hardly_sampled: u64,
    /// Those of them whose old schema accepts nothing, as the engine proves.
    of_nothing: u64,
    faults: BTreeMap<&'static str, u64>,
    reasons: BTreeMap<String, u64>,
    times: Vec<Duration>,
}

impl Tally {
    fn print(&mut self, minutes: f64) {
        self.times.sort_unstable();
        let at = |part: usize| {
            self.times
                .get((self.times.len() * part / 1_000).min(self.times.len().saturating_sub(1)))
                .copied()
                .unwrap_or_default()
        };
        let [drawn, refuted] = self.also_drawn;
        let wrong: Vec<String> = self
            .faults
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        println!(
            "{minutes:6.1} min: {} pairs ({} no schemas), {} compatible, {} breaking (instances alone refute {} of {}), {} undecided ({:.3} %), {} undefined; {} instances, {} valid \
             under old, {} pairs hardly sampled, {} of them from nothing; median {:.3?}, 99 % {:.3?}, slowest {:.3?}; faults: {}",
            self.asked,
            self.no_schema,
            self.compatible,
            self.breaking,
            refuted,
            drawn,
            self.undecided,
            100.0 * self.undecided as f64 / self.asked.max(1) as f64,
            self.undefined,
            self.drawn,
            self.valid,
            self.hardly_sampled,
            self.of_nothing,
            at(500),
            at(990),
            at(1_000),
            if wrong.is_empty() {
                "none".to_owned()
            } else {
                wrong.join(", ")
            },
        );
    }

    fn print_reasons(&self) {
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(a.1));
        for (reason, count) in reasons.into_iter().take(25) {
            println!("  undecided {count:>7}  {reason}");
        }
    }
}

/// A reason without what is particular to one pair.
fn kind(reason: &str) -> String {
    let mut kind = String::new();
    let mut quoted = false;
    for letter in reason.chars() {
        match letter {
            '`' | '"' => quoted = !quoted,
            '{' | '[' => {
                kind.push('…');
                break;
            }
            _ if quoted => {}
            '0'..='9' => {
                if !kind.ends_with('#') {
                    kind.push('#');
                }
            }
            other => kind.push(other),
        }
    }
    kind.chars().take(110).collect()
}

/// Whether the engine proves that the old schema accepts nothing.
fn accepts_nothing(pair: &Pair) -> bool {
    let to_nothing = Pair {
        new: json!({"not": {}}),
        ..pair.clone()
    };
    panic::catch_unwind(|| verdict(Mode::Backward, &to_nothing).verdict)
        .is_ok_and(|verdict| verdict == Verdict::Compatible)
}

/// Tells the watch which pair is asked about and since when.
#[derive(Debug)]
struct Now {
    seed: AtomicU64,
    since: Mutex<Instant>,
}

fn soak(wishes: &Wishes, now: &Now) -> Tally {
    let started = Instant::now();
    let mut tally = Tally::default();
    let mut minute = 1;
    let mut printed = 0;
    let mut seed = wishes.seed;
    while started.elapsed().as_secs_f64() < wishes.minutes * 60.0
        && tally.asked + tally.no_schema < wishes.pairs
    {
        now.seed.store(seed, Ordering::Relaxed);
        *now.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let pair = Pair::seeded(seed);
        match ask(&pair, wishes.samples, seed) {
            None => tally.no_schema += 1,
            Some(asked) => {
                tally.asked += 1;
                tally.times.push(asked.took);
                match asked.verdict {
                    Some(Verdict::Compatible) => tally.compatible += 1,
                    Some(Verdict::Breaking) => {
                        tally.breaking += 1;
                        if tally.breaking % 10 == 0 {
                            let [drawn, refuted] = &mut tally.also_drawn;
                            *drawn += 1;
                            *refuted += u64::from(is_refuted(&pair, wishes.samples, seed));
                        }
                    }
                    Some(Verdict::Undecided) if asked.undefined => tally.undefined += 1,
                    Some(Verdict::Undecided) => {
                        tally.undecided += 1;
                        let kind = kind(&asked.reason);
                        let known = tally.reasons.entry(kind.clone()).or_default();
                        *known += 1;
                        if *known == 1 && wishes.show_undecided {
                            let holds = |reason: &str| self::kind(reason) == kind;
                            let least = smallest_undecided(&pair, holds);
                            println!("undecided seed {seed}: {kind}\n  {}", least.line());
                        }
                    }
                    None => {}
                }
                if asked.verdict == Some(Verdict::Compatible) && asked.valid < 10 {
                    tally.hardly_sampled += 1;
                    tally.of_nothing += u64::from(asked.valid == 0 && accepts_nothing(&pair));
                }
                tally.drawn += asked.drawn;
                tally.valid += asked.valid;
                if let Some(fault) = asked.fault {
                    *tally.faults.entry(fault.name()).or_default() += 1;
                    printed += 1;
                    if printed <= PRINTED {
                        report(seed, &pair, &fault);
                    }
                }
            }
        }
        seed = seed.wrapping_add(1);
        if started.elapsed().as_secs() >= minute * 60 {
            tally.print(started.elapsed().as_secs_f64() / 60.0);
            if minute % 10 == 0 {
                tally.print_reasons();
            }
            minute += 1;
        }
    }
    tally.print(started.elapsed().as_secs_f64() / 60.0);
    tally.print_reasons();
    tally
}

fn report(seed: u64, pair: &Pair, fault: &Fault) {
    let (least, fault) = smallest(pair, fault);
    let what = match &fault {
        Fault::NotCompatible(instance) => format!("breaks {instance}"),
        Fault::NotAWitness(Some(witness)) => format!("not a witness {witness}"),
        Fault::NotAWitness(None) => "no witness".to_owned(),
        Fault::Panic(said) => said.clone(),
        Fault::Slow(took) => format!("{took:?}"),
    };
    println!(
        "FAULT {} seed {seed}: {what}\n  {}",
        fault.name(),
        least.line()
    );
}

fn main() -> ExitCode {
    let Some(wishes) = wishes() else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    // A panic is a fault that is reported with its pair, once; the message itself comes with it.
    panic::set_hook(Box::new(|_| {}));
    let now = Now {
        seed: AtomicU64::new(wishes.seed),
        since: Mutex::new(Instant::now()),
    };
    let done = thread::scope(|scope| {
        let worker = thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || soak(&wishes, &now));
        let worker = match worker {
            Ok(worker) => worker,
            Err(error) => {
                eprintln!("no thread: {error}");
                return None;
            }
        };
        while !worker.is_finished() {
            thread::sleep(Duration::from_millis(200));
            let since = *now.since.lock().unwrap_or_else(PoisonError::into_inner);
            if since.elapsed() > HANGS {
                let seed = now.seed.load(Ordering::Relaxed);
                println!(
                    "FAULT hang seed {seed}: no answer after {HANGS:?}\n  {}",
                    Pair::seeded(seed).line()
                );
                // The thread cannot be stopped.
                std::process::exit(1);
            }
        }
        worker.join().ok()
    });
    match done {
        Some(tally) if !tally.faults.keys().any(|name| *name != "slow") => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
        None => {
            let seed = now.seed.load(Ordering::Relaxed);
            println!("FAULT the soak itself panicked at seed {seed}");
            ExitCode::FAILURE
        }
    }
}
