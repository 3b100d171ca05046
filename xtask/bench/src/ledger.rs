//! Trees of up to a million events, their proofs, and signatures. One column of the tree's table holds its times against the
//! bare hashing that no tree can do without.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ed25519_dalek::{Signer as _, SigningKey};
use schema_senate::ledger::{Tree, leaf_hash, node_hash, verify_consistency, verify_inclusion};
use schema_senate::signature::{PublicKey, Signature, signing_bytes, verify};
use schema_senate::text::Problem;

use crate::table::{row, words};

/// Measures them.
pub fn measure() -> Result<(), Problem> {
    println!("\nThe log's tree");
    row(&[
        "events",
        "append all",
        "of that hashing",
        "root",
        "clone",
        "inclusion",
        "its hashes",
        "verified",
        "consistency",
        "its hashes",
        "verified",
    ]);
    for size in [1_000, 10_000, 100_000, 1_000_000] {
        ledger(size)?;
    }
    signatures()
}

fn ledger(size: u64) -> Result<(), Problem> {
    let leaves: Vec<_> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
    // As many node hashes as the tree has, and nothing else.
    let started = Instant::now();
    let mut hash = leaf_hash(b"");
    for leaf in leaves.iter().skip(1) {
        hash = node_hash(leaf, &hash);
    }
    black_box(hash);
    let floor = started.elapsed();

    let started = Instant::now();
    let mut tree = Tree::default();
    for leaf in &leaves {
        tree.append(*leaf);
    }
    let appended = started.elapsed();

    let root = tree.root();
    // Places all over the log; 7919 is a prime.
    let places: Vec<u64> = (0..1_000).map(|n| n * 7_919 % size).collect();
    let inclusion = each(&places, |at| tree.inclusion(at, size))?;
    let consistency = each(&places, |at| tree.consistency(at + 1, size))?;
    let (mut longest, mut longest_between) = (0, 0);
    let mut proofs = Vec::new();
    for at in &places {
        let inclusion = tree.inclusion(*at, size)?;
        let consistency = tree.consistency(at + 1, size)?;
        longest = longest.max(inclusion.len());
        longest_between = longest_between.max(consistency.len());
        let leaf = leaf_hash(&at.to_be_bytes());
        proofs.push((leaf, inclusion, tree.root_at(at + 1)?, consistency));
    }
    let started = Instant::now();
    for (at, (leaf, proof, ..)) in places.iter().zip(&proofs) {
        verify_inclusion(leaf, *at, size, proof, &root)?;
    }
    let included = started.elapsed() / 1_000;
    let started = Instant::now();
    for (at, (.., before, proof)) in places.iter().zip(&proofs) {
        verify_consistency(at + 1, size, before, &root, proof)?;
    }
    let consistent = started.elapsed() / 1_000;

    row(&[
        &size.to_string(),
        &words(appended),
        &format!("{} %", floor.as_nanos() * 100 / appended.as_nanos().max(1)),
        &words(each(&places, |_| Ok(tree.root()))?),
        &words(each(&places, |_| Ok(tree.clone()))?),
        &words(inclusion),
        &format!("at most {longest}"),
        &words(included),
        &words(consistency),
        &format!("at most {longest_between}"),
        &words(consistent),
    ]);
    Ok(())
}

/// What one of a thousand takes.
fn each<T>(places: &[u64], work: impl Fn(u64) -> Result<T, Problem>) -> Result<Duration, Problem> {
    let started = Instant::now();
    for at in places {
        black_box(work(*at)?);
    }
    Ok(started.elapsed() / 1_000)
}

fn signatures() -> Result<(), Problem> {
    let signer = SigningKey::from_bytes(&[7; 32]);
    let bytes = *signer.verifying_key().as_bytes();
    let key = PublicKey::from_bytes(&bytes)?;
    // As long as a ballot with its reason.
    let message = signing_bytes("act", &"x".repeat(600));
    let signature = Signature::from_bytes(signer.sign(&message).to_bytes());
    let places = [0; 1_000];
    println!("\nSignatures");
    row(&["read a key", "verify an act of 600 bytes"]);
    row(&[
        &words(each(&places, |_| PublicKey::from_bytes(&bytes))?),
        &words(each(&places, |_| verify(&key, &message, &signature))?),
    ]);
    Ok(())
}
