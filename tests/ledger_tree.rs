//! The Merkle tree against the definition of RFC 6962, in all sizes up to 130; its proofs, and every way to bend one.

#![cfg(test)]

use proptest::prelude::*;
use schema_senate::ledger::{Tree, leaf_hash, node_hash, verify_consistency, verify_inclusion};
use schema_senate::text::{Digest, Problem};

const SIZES: usize = 130;

fn leaves(count: usize) -> Vec<Digest> {
    (0..count)
        .map(|index| leaf_hash(format!("event {index}").as_bytes()))
        .collect()
}

fn tree(leaves: &[Digest]) -> Tree {
    let mut tree = Tree::default();
    for leaf in leaves {
        tree.append(*leaf);
    }
    tree
}

/// MTH of RFC 6962, section 2.1, as it is written there.
fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of_bytes(b""),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(half(leaves.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// The largest power of two smaller than `count`.
fn half(count: usize) -> usize {
    let mut half = 1;
    while 2 * half < count {
        half *= 2;
    }
    half
}

/// PATH of RFC 6962, section 2.1.1.
fn path(index: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(half(leaves.len()));
    let (mut path, beside) = if index < left.len() {
        (path(index, left), root(right))
    } else {
        (path(index - left.len(), right), root(left))
    };
    path.push(beside);
    path
}

/// PROOF and SUBPROOF of RFC 6962, section 2.1.2.
fn proof(from: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
    if from == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![root(leaves)]
        };
    }
    let (left, right) = leaves.split_at(half(leaves.len()));
    let (mut proof, beside) = if from <= left.len() {
        (proof(from, left, whole), root(right))
    } else {
        (proof(from - left.len(), right, false), root(left))
    };
    proof.push(beside);
    proof
}

fn hex(digest: &Digest) -> String {
    digest.to_string().replace("sha256:", "")
}

fn code(found: Result<(), Problem>) -> &'static str {
    found.map_or_else(|problem| problem.code, |()| "ok")
}

/// The eight leaves and the roots that certificate-transparency's own tests have (`merkle_tree_test.cc`).
#[test]
fn the_vectors_of_certificate_transparency_hold() {
    let inputs: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = Tree::default();
    assert_eq!(
        hex(&tree.root()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    for (input, expected) in inputs.iter().zip(roots) {
        tree.append(leaf_hash(input));
        assert_eq!(hex(&tree.root()), expected);
    }
    // The audit path of the leaf 0 and the proof from 6 to 8 that the same tests have.
    let hexes = |proof: Vec<Digest>| proof.iter().map(hex).collect::<Vec<_>>();
    assert_eq!(
        hexes(tree.inclusion(0, 8).unwrap()),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(
        hexes(tree.consistency(6, 8).unwrap()),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

#[test]
fn every_root_is_the_one_of_the_definition() {
    let leaves = leaves(SIZES);
    let whole = tree(&leaves);
    let mut growing = Tree::default();
    for size in 0..=SIZES {
        let expected = root(&leaves[..size]);
        assert_eq!((growing.size(), growing.root()), (size as u64, expected));
        assert_eq!(whole.root_at(size as u64), Ok(expected));
        assert_eq!(whole.leaf(size as u64), leaves.get(size).copied());
        if let Some(leaf) = leaves.get(size) {
            growing.append(*leaf);
        }
    }
}

/// The larger sizes reach over more than one piece of memory on several levels.
#[test]
fn roots_and_proofs_of_larger_logs_are_those_of_the_definition() {
    let leaves = leaves(1100);
    let whole = tree(&leaves);
    for size in [255, 256, 257, 511, 512, 513, 768, 1023, 1024, 1025, 1100] {
        let expected = root(&leaves[..size]);
        assert_eq!(whole.root_at(size as u64), Ok(expected), "{size}");
        for index in [0, 1, 254, 255, 256, 511, 512, 1023, size - 1] {
            if index < size {
                let proof = whole.inclusion(index as u64, size as u64).unwrap();
                assert_eq!(proof, path(index, &leaves[..size]), "{index} of {size}");
            }
        }
        for from in [1, 128, 255, 256, 257, 512, 600, 1024, size] {
            if from <= size {
                let found = whole.consistency(from as u64, size as u64).unwrap();
                assert_eq!(
                    found,
                    proof(from, &leaves[..size], true),
                    "{from} to {size}"
                );
            }
        }
    }
}

#[test]
fn every_inclusion_proof_is_the_one_of_the_definition_and_verifies() {
    let leaves = leaves(SIZES);
    let tree = tree(&leaves);
    for size in 1..=SIZES {
        let root = root(&leaves[..size]);
        for index in 0..size {
            let proof = tree.inclusion(index as u64, size as u64).unwrap();
            assert_eq!(proof, path(index, &leaves[..size]), "{index} of {size}");
            let found = verify_inclusion(&leaves[index], index as u64, size as u64, &proof, &root);
            assert_eq!(found, Ok(()), "{index} of {size}");
        }
    }
}

#[test]
fn every_consistency_proof_is_the_one_of_the_definition_and_verifies() {
    let leaves = leaves(SIZES);
    let tree = tree(&leaves);
    let roots: Vec<Digest> = (0..=SIZES).map(|size| root(&leaves[..size])).collect();
    for to in 0..=SIZES {
        for from in 0..=to {
            let found = tree.consistency(from as u64, to as u64).unwrap();
            if from > 0 {
                assert_eq!(found, proof(from, &leaves[..to], true), "{from} to {to}");
            } else {
                assert!(found.is_empty());
            }
            let verified =
                verify_consistency(from as u64, to as u64, &roots[from], &roots[to], &found);
            assert_eq!(verified, Ok(()), "{from} to {to}");
        }
    }
}

/// All the ways to bend a proof by one step: another hash at each place, one more, one fewer, two changed over.
fn bent(proof: &[Digest]) -> Vec<Vec<Digest>> {
    let other = leaf_hash(b"another");
    let mut all = Vec::new();
    for at in 0..proof.len() {
        let mut bent = proof.to_vec();
        bent[at] = other;
        all.push(bent);
        let mut bytes = *proof[at].as_bytes();
        bytes[31] ^= 1;
        let mut bent = proof.to_vec();
        bent[at] = Digest::from_bytes(bytes);
        all.push(bent);
        let mut bent = proof.to_vec();
        bent.remove(at);
        all.push(bent);
        if at > 0 && proof[at] != proof[at - 1] {
            let mut bent = proof.to_vec();
            bent.swap(at, at - 1);
            all.push(bent);
        }
    }
    for at in 0..=proof.len() {
        let mut bent = proof.to_vec();
        bent.insert(at, other);
        all.push(bent);
    }
    all
}

#[test]
fn no_bent_inclusion_proof_verifies() {
    const CODES: [&str; 3] = [
        "inclusion_wrong",
        "inclusion_proof_length",
        "log_index_unknown",
    ];
    let leaves = leaves(40);
    let tree = tree(&leaves);
    let mut seen = [0; 3];
    let mut refuse = |found: Result<(), Problem>, what: &str| {
        let code = code(found);
        let at = CODES.iter().position(|known| *known == code);
        seen[at.unwrap_or_else(|| panic!("{what}: {code}"))] += 1;
    };
    for size in 1..=40_u64 {
        let root = tree.root_at(size).unwrap();
        for index in 0..size {
            let leaf = tree.leaf(index).unwrap();
            let proof = tree.inclusion(index, size).unwrap();
            let what = format!("{index} of {size}");
            for bent in bent(&proof) {
                refuse(verify_inclusion(&leaf, index, size, &bent, &root), &what);
            }
            // The same proof for another leaf, another place, another size's root.
            refuse(
                verify_inclusion(&leaf_hash(b"x"), index, size, &proof, &root),
                &what,
            );
            for elsewhere in (0..=size).filter(|other| *other != index) {
                refuse(
                    verify_inclusion(&leaf, elsewhere, size, &proof, &root),
                    &what,
                );
            }
            for other in (0..=40).filter(|other| *other != size) {
                let root = tree.root_at(other).unwrap();
                refuse(verify_inclusion(&leaf, index, size, &proof, &root), &what);
                refuse(verify_inclusion(&leaf, index, other, &proof, &root), &what);
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
}

#[test]
fn no_bent_consistency_proof_verifies() {
    let leaves = leaves(40);
    let tree = tree(&leaves);
    let other_log = {
        let mut leaves = leaves.clone();
        leaves[0] = leaf_hash(b"rewritten");
        self::tree(&leaves)
    };
    let (mut lengths, mut wrongs) = (0, 0);
    let mut refuse = |found: Result<(), Problem>, what: &str| match code(found) {
        "consistency_proof_length" => lengths += 1,
        "consistency_wrong" => wrongs += 1,
        code => panic!("{what}: {code}"),
    };
    for to in 0..=40_u64 {
        let root_to = tree.root_at(to).unwrap();
        for from in 0..=to {
            let root_from = tree.root_at(from).unwrap();
            let proof = tree.consistency(from, to).unwrap();
            let what = format!("{from} to {to}");
            for bent in bent(&proof) {
                refuse(
                    verify_consistency(from, to, &root_from, &root_to, &bent),
                    &what,
                );
            }
            for other in 0..=40 {
                let root = tree.root_at(other).unwrap();
                if other != from {
                    refuse(verify_consistency(from, to, &root, &root_to, &proof), &what);
                }
                if other != to && from > 0 {
                    refuse(
                        verify_consistency(from, to, &root_from, &root, &proof),
                        &what,
                    );
                }
            }
            if from > 0 {
                // A log that was rewritten from its first event, however well its own proofs fit.
                let (root, proof) = (
                    other_log.root_at(to).unwrap(),
                    other_log.consistency(from, to).unwrap(),
                );
                refuse(
                    verify_consistency(from, to, &root_from, &root, &proof),
                    &what,
                );
            }
        }
    }
    assert!(lengths > 1000 && wrongs > 1000, "{lengths} {wrongs}");
}

#[test]
fn what_the_log_never_was_is_said() {
    let tree = tree(&leaves(5));
    let code = |found: Result<Vec<Digest>, Problem>| found.unwrap_err().code;
    assert_eq!(tree.root_at(6).unwrap_err().code, "log_size_unknown");
    assert_eq!(tree.root_at(u64::MAX).unwrap_err().code, "log_size_unknown");
    assert_eq!(code(tree.inclusion(0, 6)), "log_size_unknown");
    assert_eq!(code(tree.inclusion(5, 5)), "log_index_unknown");
    assert_eq!(code(tree.inclusion(0, 0)), "log_index_unknown");
    assert_eq!(code(tree.inclusion(u64::MAX, 5)), "log_index_unknown");
    assert_eq!(code(tree.consistency(2, 6)), "log_size_unknown");
    assert_eq!(code(tree.consistency(4, 3)), "log_sizes_reversed");
    assert_eq!(code(Tree::default().consistency(0, 1)), "log_size_unknown");
    assert_eq!(Tree::default().consistency(0, 0), Ok(Vec::new()));
    assert_eq!((tree.leaf(5), tree.leaf(u64::MAX)), (None, None));

    let root = tree.root();
    let found = verify_consistency(2, 1, &root, &root, &[]).unwrap_err();
    assert_eq!(found.code, "log_sizes_reversed");
    // Every log begins with nothing, and nothing has one root.
    let nothing = Digest::of_bytes(b"");
    assert_eq!(verify_consistency(0, 5, &nothing, &root, &[]), Ok(()));
    let found = verify_consistency(0, 5, &root, &root, &[]).unwrap_err();
    assert_eq!(found.code, "consistency_wrong");
    let found = verify_consistency(0, 0, &root, &root, &[]).unwrap_err();
    assert_eq!(found.code, "consistency_wrong");
    let found = verify_consistency(0, 5, &nothing, &root, &[root]).unwrap_err();
    assert_eq!(found.code, "consistency_proof_length");
    let found = verify_consistency(5, 5, &root, &root, &[root]).unwrap_err();
    assert_eq!(found.code, "consistency_proof_length");
}

/// A leaf is no node: the 64 bytes of two hashes, as an event, do not stand for the node over them.
#[test]
fn a_leaf_is_no_node() {
    let [a, b] = [leaf_hash(b"a"), leaf_hash(b"b")];
    let bytes = [a.as_bytes().as_slice(), b.as_bytes()].concat();
    assert_ne!(leaf_hash(&bytes), node_hash(&a, &b));
    assert_ne!(root(&[a, b]), root(&[leaf_hash(&bytes)]));
}

/// What was cloned goes its own way, on both sides.
#[test]
fn a_clone_does_not_hear_of_what_its_origin_appends() {
    let leaves = leaves(600);
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 599] {
        let mut origin = tree(&leaves[..size]);
        let kept = origin.clone();
        let mut other = origin.clone();
        origin.append(leaves[size]);
        other.append(leaf_hash(b"other"));
        assert_eq!(kept.root(), root(&leaves[..size]), "{size}");
        assert_eq!(origin.root(), root(&leaves[..=size]), "{size}");
        let mut expected = leaves[..size].to_vec();
        expected.push(leaf_hash(b"other"));
        assert_eq!(other.root(), root(&expected), "{size}");
        assert_eq!((kept.size(), origin.size()), (size as u64, size as u64 + 1));
    }
}

proptest! {
    /// Verifiers take anything and never go wrong for it: whatever the numbers and however long the proof.
    #[test]
    fn nothing_that_is_made_up_verifies(
        index in any::<u64>(),
        size in any::<u64>(),
        small in 0_u64..70,
        bytes in prop::collection::vec(any::<[u8; 32]>(), 0..70),
        root in any::<[u8; 32]>(),
        leaf in any::<[u8; 32]>(),
    ) {
        let proof: Vec<Digest> = bytes.into_iter().map(Digest::from_bytes).collect();
        let (root, leaf) = (Digest::from_bytes(root), Digest::from_bytes(leaf));
        for size in [size, small, u64::MAX, 1 << 63] {
            for index in [index, small / 2, size.wrapping_sub(1), 0] {
                prop_assert!(verify_inclusion(&leaf, index, size, &proof, &root).is_err());
                prop_assert!(verify_consistency(index, size, &leaf, &root, &proof).is_err());
            }
        }
    }

    /// Larger logs, at random: what is proved verifies, and for no other place.
    #[test]
    fn proofs_of_larger_logs_verify(
        size in 1_u64..5000,
        a in any::<prop::sample::Index>(),
        b in any::<prop::sample::Index>(),
    ) {
        let mut tree = Tree::default();
        for index in 0..size {
            tree.append(leaf_hash(&index.to_be_bytes()));
        }
        let to = a.index(size as usize) as u64 + 1;
        let from = b.index(to as usize) as u64;
        let root = tree.root_at(to).unwrap();
        let leaf = tree.leaf(from).unwrap();
        let proof = tree.inclusion(from, to).unwrap();
        prop_assert_eq!(verify_inclusion(&leaf, from, to, &proof, &root), Ok(()));
        prop_assert!(proof.len() <= 13);
        if to > 1 {
            let elsewhere = (from + 1) % to;
            prop_assert!(verify_inclusion(&leaf, elsewhere, to, &proof, &root).is_err());
        }
        let before = tree.root_at(from).unwrap();
        let proof = tree.consistency(from, to).unwrap();
        prop_assert_eq!(verify_consistency(from, to, &before, &root, &proof), Ok(()));
        prop_assert!(proof.len() <= 14);
    }
}
