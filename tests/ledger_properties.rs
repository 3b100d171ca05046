//! Whoever kept a checkpoint notices whatever is done to the log up to there: any edit, deletion, insertion, reordering, cut or
//! rewriting, however the host argues for it.

#![cfg(test)]

use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;
use schema_senate::ledger::{
    Checkpoint, Note, Tree, leaf_hash, verify_consistency, verify_inclusion,
};
use schema_senate::signature::{PublicKey, Signature};
use schema_senate::text::{Digest, Problem};

const ORIGIN: &str = "example.org/lab";

fn tree(log: &[String]) -> Tree {
    let mut tree = Tree::default();
    for line in log {
        tree.append(leaf_hash(line.as_bytes()));
    }
    tree
}

/// What a reader keeps: the signed note of the log at some time.
fn signed(log: &[String]) -> (String, PublicKey) {
    let secret = SigningKey::from_bytes(&[7; 32]);
    let key = PublicKey::from_bytes(secret.verifying_key().as_bytes()).unwrap();
    let tree = tree(log);
    let body = Checkpoint::new(ORIGIN, tree.size(), tree.root())
        .unwrap()
        .body();
    let signature = Signature::from_bytes(secret.sign(body.as_bytes()).to_bytes());
    let note = Note::assemble(&body, ORIGIN, &key, &signature).unwrap();
    (note.to_string(), key)
}

fn kept(note: &(String, PublicKey)) -> Checkpoint {
    Note::parse(&note.0)
        .unwrap()
        .verify(ORIGIN, &note.1)
        .unwrap()
}

/// What a reader does with a kept checkpoint and a log that it is given whole.
fn holds_whole(kept: &Checkpoint, log: &[String]) -> Result<(), &'static str> {
    let tree = tree(log);
    let root = tree.root_at(kept.size()).map_err(|problem| problem.code)?;
    verify_consistency(kept.size(), kept.size(), &kept.root(), &root, &[])
        .map_err(|problem| problem.code)
}

/// What a reader does that is given a later checkpoint and a proof only.
fn holds_by_proof(kept: &Checkpoint, later: &Checkpoint, proof: &[Digest]) -> Result<(), Problem> {
    verify_consistency(
        kept.size(),
        later.size(),
        &kept.root(),
        &later.root(),
        proof,
    )
}

/// A change of the first `within` lines, the log being longer than that or as long.
#[derive(Clone, Debug)]
enum Bend {
    /// One line reads otherwise.
    Edit(prop::sample::Index, String),
    /// One line is gone.
    Delete(prop::sample::Index),
    /// One line is new.
    Insert(prop::sample::Index, String),
    /// Two lines have changed places.
    Swap(prop::sample::Index, prop::sample::Index),
    /// The log ends before.
    Cut(prop::sample::Index),
    /// From one line on everything is told anew, as long as before or longer.
    Rewrite(prop::sample::Index, Vec<String>),
    /// A part of the log is told a second time.
    Repeat(prop::sample::Index),
}

impl Bend {
    fn bend(&self, log: &[String], within: usize) -> Vec<String> {
        let mut log = log.to_vec();
        match self {
            Self::Edit(at, line) => log[at.index(within)].clone_from(line),
            Self::Delete(at) => drop(log.remove(at.index(within))),
            Self::Insert(at, line) => log.insert(at.index(within), line.clone()),
            Self::Swap(a, b) => log.swap(a.index(within), b.index(within)),
            Self::Cut(at) => log.truncate(at.index(within)),
            Self::Rewrite(at, lines) => {
                log.truncate(at.index(within));
                log.extend(lines.iter().cloned());
                while log.len() < within {
                    log.push("filler".into());
                }
            }
            Self::Repeat(at) => {
                let at = at.index(within);
                log.insert(at, log[at].clone());
            }
        }
        log
    }
}

/// Few words, so that a bent log is often nearly the same, and sometimes the very same.
fn line() -> impl Strategy<Value = String> {
    prop_oneof!["[ab]{0,2}", "filler", any::<String>()]
}

fn bend() -> impl Strategy<Value = Bend> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        (index(), line()).prop_map(|(at, line)| Bend::Edit(at, line)),
        index().prop_map(Bend::Delete),
        (index(), line()).prop_map(|(at, line)| Bend::Insert(at, line)),
        (index(), index()).prop_map(|(a, b)| Bend::Swap(a, b)),
        index().prop_map(Bend::Cut),
        (index(), prop::collection::vec(line(), 0..20))
            .prop_map(|(at, lines)| Bend::Rewrite(at, lines)),
        index().prop_map(Bend::Repeat),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A kept checkpoint holds for exactly the logs that begin with the lines it was made of.
    #[test]
    fn a_kept_checkpoint_holds_for_what_it_was_made_of_only(
        log in prop::collection::vec(line(), 1..40),
        size in any::<prop::sample::Index>(),
        bend in bend(),
    ) {
        let size = size.index(log.len()) + 1;
        let kept = kept(&signed(&log[..size]));
        prop_assert_eq!(holds_whole(&kept, &log), Ok(()));

        let bent = bend.bend(&log, size);
        let unchanged = bent.len() >= size && bent[..size] == log[..size];
        match holds_whole(&kept, &bent) {
            Ok(()) => prop_assert!(unchanged),
            Err("log_size_unknown") => prop_assert!(bent.len() < size),
            Err(code) => {
                prop_assert!(!unchanged);
                prop_assert_eq!(code, "consistency_wrong");
            }
        }
    }

    /// A host that shows checkpoints and proofs only fares no better, whichever proof it takes: its own of the bent log, the
    /// true one, or hashes of either put together.
    #[test]
    fn no_proof_leads_from_a_kept_checkpoint_to_a_bent_log(
        log in prop::collection::vec(line(), 2..40),
        size in any::<prop::sample::Index>(),
        bend in bend(),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let size = size.index(log.len()) + 1;
        let kept = kept(&signed(&log[..size]));
        let (true_tree, bent) = (tree(&log), bend.bend(&log, size));
        let proof = true_tree.consistency(kept.size(), true_tree.size()).unwrap();
        let later = Checkpoint::new(ORIGIN, true_tree.size(), true_tree.root()).unwrap();
        prop_assert_eq!(holds_by_proof(&kept, &later, &proof), Ok(()));

        if bent.len() >= size && bent[..size] == log[..size] {
            return Ok(());
        }
        let bent_tree = tree(&bent);
        let later = Checkpoint::new(ORIGIN, bent_tree.size(), bent_tree.root()).unwrap();
        prop_assert!(holds_by_proof(&kept, &later, &proof).is_err());
        let mut hashes = proof;
        if bent_tree.size() >= kept.size() {
            let own = bent_tree.consistency(kept.size(), bent_tree.size()).unwrap();
            prop_assert!(holds_by_proof(&kept, &later, &own).is_err());
            hashes.extend(own);
        } else {
            // Shorter than what is kept: no proof is even asked for.
            let problem = holds_by_proof(&kept, &later, &[]).unwrap_err();
            prop_assert_eq!(problem.code, "log_sizes_reversed");
        }
        hashes.extend((0..true_tree.size()).filter_map(|at| true_tree.leaf(at)));
        hashes.extend((0..bent_tree.size()).filter_map(|at| bent_tree.leaf(at)));
        hashes.extend([kept.root(), later.root()]);
        let mixed: Vec<Digest> = picks.iter().map(|pick| hashes[pick.index(hashes.len())]).collect();
        prop_assert!(holds_by_proof(&kept, &later, &mixed).is_err());
    }

    /// What is in the log can be shown to be, and nothing else can: not elsewhere, and not what it never said.
    #[test]
    fn only_what_is_in_the_log_can_be_shown_to_be(
        log in prop::collection::vec(line(), 1..40),
        at in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        said in line(),
    ) {
        let (at, other) = (at.index(log.len()), other.index(log.len()));
        let kept = kept(&signed(&log));
        let proof = tree(&log).inclusion(at as u64, kept.size()).unwrap();
        let shown = |line: &str, at: usize| {
            let leaf = leaf_hash(line.as_bytes());
            verify_inclusion(&leaf, at as u64, kept.size(), &proof, &kept.root()).is_ok()
        };
        prop_assert!(shown(&log[at], at));
        prop_assert_eq!(shown(&said, at), said == log[at]);
        if at != other {
            // The same words at two places have two proofs; one can serve for both only where the trees beside them are alike.
            prop_assert!(!shown(&said, other) || log[other] == said);
        }
    }

    /// Two signed checkpoints of one size and two roots are the proof that a host told two stories.
    #[test]
    fn two_stories_of_one_length_show(
        log in prop::collection::vec(line(), 1..30),
        bend in bend(),
    ) {
        let mut bent = bend.bend(&log, log.len());
        bent.resize(log.len(), "filler".into());
        let (one, other) = (kept(&signed(&log)), kept(&signed(&bent)));
        prop_assert_eq!(holds_by_proof(&one, &other, &[]).is_ok(), log == bent);
    }
}

/// What a kept checkpoint does not cover: later events, until a later checkpoint is kept. Said here so that nobody relies on it.
#[test]
fn what_came_after_a_checkpoint_is_covered_by_the_next_one() {
    let log: Vec<String> = ["founded", "proposed", "opened", "voted"]
        .map(Into::into)
        .into();
    let mut bent = log.clone();
    bent[3] = "voted otherwise".into();
    assert_eq!(holds_whole(&kept(&signed(&log[..3])), &bent), Ok(()));
    assert_eq!(
        holds_whole(&kept(&signed(&log)), &bent),
        Err("consistency_wrong")
    );
}
