//! Verifying proofs, as RFC 9162 does (2.1.3.2 and 2.1.4.2): from the hashes given, without the log.

use crate::text::{Digest, Problem};

use super::tree::{no_such_leaf, node_hash, reversed};

/// Whether a leaf, by its hash, is at `index` (from 0) in the log of `size` events with this root.
///
/// # Errors
///
/// `log_index_unknown` when there is no such place, `inclusion_proof_length` for a proof that is none of this place, and
/// `inclusion_wrong` when it leads elsewhere: the event, its place, the size or the root is not the one that was proved.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), Problem> {
    if index >= size {
        return Err(no_such_leaf(index, size));
    }
    let length = || {
        Problem::error(
            "inclusion_proof_length",
            "",
            format!(
                "a proof for event {index} of {size}, counted from 0, has another number of hashes than {}",
                proof.len()
            ),
        )
    };
    // `node` is where the way to the root has come to on its level, and `last` is the last node there.
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for beside in proof {
        if last == 0 {
            return Err(length());
        }
        if node % 2 == 1 || node == last {
            hash = node_hash(beside, &hash);
            // A last node without a sibling is its own parent, as often as it takes.
            while node % 2 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, beside);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(length());
    }
    if hash != *root {
        return Err(Problem::error(
            "inclusion_wrong",
            "",
            format!("the proof leads to the root {hash}, and that of the log is {root}"),
        ));
    }
    Ok(())
}

/// Whether the log of `from` events with one root is the beginning of the log of `to` events with the other.
///
/// # Errors
///
/// `log_sizes_reversed`, `consistency_proof_length` for a proof that is none of these sizes, and `consistency_wrong` when it
/// leads elsewhere: one of the two logs was rewritten.
pub fn verify_consistency(
    from: u64,
    to: u64,
    root_from: &Digest,
    root_to: &Digest,
    proof: &[Digest],
) -> Result<(), Problem> {
    if from > to {
        return Err(reversed(from, to));
    }
    let length = || {
        Problem::error(
            "consistency_proof_length",
            "",
            format!(
                "a proof from {from} events to {to} has another number of hashes than {}",
                proof.len()
            ),
        )
    };
    let led_to = |size: u64, found: &Digest, root: &Digest| {
        if found == root {
            return Ok(());
        }
        Err(Problem::error(
            "consistency_wrong",
            "",
            format!(
                "the proof leads to the root {found} for {size} events, and the one that is known is {root}"
            ),
        )
        .remedy("keep both checkpoints: they show that the log was rewritten"))
    };
    if from == to || from == 0 {
        // Nothing is to be shown but that a log of one size has one root, and that the log of nothing has its own.
        if !proof.is_empty() {
            return Err(length());
        }
        if from == to {
            led_to(to, root_from, root_to)?;
        }
        return nothing_has_its_root(from, root_from);
    }
    // The way begins at the last node of the earlier log that is complete; a whole power of two is the earlier root itself.
    let (mut node, mut last) = (from - 1, to - 1);
    while node % 2 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (first, rest) = if from.is_power_of_two() {
        (root_from, proof)
    } else {
        proof.split_first().ok_or_else(length)?
    };
    let (mut earlier, mut later) = (*first, *first);
    for beside in rest {
        if last == 0 {
            return Err(length());
        }
        if node % 2 == 1 || node == last {
            earlier = node_hash(beside, &earlier);
            later = node_hash(beside, &later);
            while node % 2 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            later = node_hash(&later, beside);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(length());
    }
    led_to(from, &earlier, root_from)?;
    led_to(to, &later, root_to)
}

fn nothing_has_its_root(size: u64, root: &Digest) -> Result<(), Problem> {
    let nothing = Digest::of_bytes(b"");
    if size > 0 || *root == nothing {
        return Ok(());
    }
    Err(Problem::error(
        "consistency_wrong",
        "",
        format!("the root of a log without events is {nothing}, not {root}"),
    ))
}
