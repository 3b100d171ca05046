//! The Merkle tree of RFC 6962 over the leaf hashes of a log that only grows.
//!
//! The tree of `n` leaves has, as its left half, the complete tree over the largest power of two below `n`. What is complete
//! never changes again, so the hashes of all complete subtrees are kept, level by level, and everything else is at most
//! one hash for each level away.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::text::{Digest, Problem};

/// The hash of a leaf: SHA-256 of a zero byte and the leaf's bytes, so that no leaf is a node.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(bytes);
    Digest::from_bytes(hasher.finalize().into())
}

/// The hash of a node: SHA-256 of a byte one and its two children.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    Digest::from_bytes(hasher.finalize().into())
}

/// How many hashes stand in one piece of memory.
const CHUNK: usize = 256;

/// The hashes of one level in order. Clones share their chunks; a chunk is copied when one of them appends to it.
#[derive(Clone, Debug, Default)]
struct Level {
    // INVARIANT: every chunk but the last has CHUNK hashes, and none is empty.
    chunks: Vec<Arc<Vec<Digest>>>,
}

impl Level {
    fn push(&mut self, hash: Digest) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => Arc::make_mut(last).push(hash),
            _ => self.chunks.push(Arc::new(vec![hash])),
        }
    }

    fn get(&self, index: u64) -> Option<&Digest> {
        let index = usize::try_from(index).ok()?;
        self.chunks.get(index / CHUNK)?.get(index % CHUNK)
    }
}

/// A Merkle tree over leaf hashes. Appending costs one node hash on average; a root or a proof, at most two for each level.
/// A clone is cheap.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    size: u64,
    // INVARIANT: `levels[k]` holds the `size >> k` complete subtrees of 2^k leaves, from the left.
    levels: Vec<Level>,
}

impl Tree {
    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of a leaf.
    pub fn append(&mut self, leaf: Digest) {
        let (mut hash, mut index) = (leaf, self.size);
        for level in &mut self.levels {
            // A right child completes its parent, which its left sibling waits for.
            let left = (index % 2 == 1)
                .then(|| level.get(index - 1).copied())
                .flatten();
            level.push(hash);
            match left {
                Some(left) => hash = node_hash(&left, &hash),
                None => {
                    self.size += 1;
                    return;
                }
            }
            index /= 2;
        }
        let mut level = Level::default();
        level.push(hash);
        self.levels.push(level);
        self.size += 1;
    }

    /// The hash of a leaf.
    #[must_use]
    pub fn leaf(&self, index: u64) -> Option<Digest> {
        self.levels.first()?.get(index).copied()
    }

    /// The root of the whole tree; that of no leaves is the SHA-256 of nothing.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.subtree(0, self.size)
            .unwrap_or_else(|| Digest::of_bytes(b""))
    }

    /// The root when there were `size` leaves.
    ///
    /// # Errors
    ///
    /// `log_size_unknown` when there have never been as many.
    pub fn root_at(&self, size: u64) -> Result<Digest, Problem> {
        if size == 0 {
            return Ok(Digest::of_bytes(b""));
        }
        self.subtree(0, size).ok_or_else(|| self.beyond(size))
    }

    /// The proof that the leaf `index`, counted from 0, is in the tree of `size` leaves: the hashes beside the way from the
    /// leaf to the root.
    ///
    /// # Errors
    ///
    /// `log_size_unknown` when there have never been as many leaves, `log_index_unknown` when those have no such leaf.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, Problem> {
        if size > self.size {
            return Err(self.beyond(size));
        }
        if index >= size {
            return Err(no_such_leaf(index, size));
        }
        let mut proof = Vec::new();
        let (mut start, mut end) = (0, size);
        while end - start > 1 {
            let middle = start + left_half(end - start);
            if index < middle {
                proof.extend(self.subtree(middle, end));
                end = middle;
            } else {
                proof.extend(self.subtree(start, middle));
                start = middle;
            }
        }
        proof.reverse();
        Ok(proof)
    }

    /// The proof that the tree of `from` leaves is the beginning of the tree of `to`. Empty when they are one tree, and when
    /// `from` is 0, because every log begins with nothing.
    ///
    /// # Errors
    ///
    /// `log_size_unknown` when there have never been as many leaves, `log_sizes_reversed` when `from` is more than `to`.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Digest>, Problem> {
        if to > self.size {
            return Err(self.beyond(to));
        }
        if from > to {
            return Err(reversed(from, to));
        }
        let mut proof = Vec::new();
        if from == 0 {
            return Ok(proof);
        }
        let (mut start, mut end) = (0, to);
        while from < end {
            let middle = start + left_half(end - start);
            if from <= middle {
                proof.extend(self.subtree(middle, end));
                end = middle;
            } else {
                proof.extend(self.subtree(start, middle));
                start = middle;
            }
        }
        // The earlier root itself is known to whoever asks, so what makes it up is sent only where it is not that root.
        if start > 0 {
            proof.extend(self.subtree(start, end));
        }
        proof.reverse();
        Ok(proof)
    }

    /// The hash of the subtree over the leaves from `start` to before `end`, where `start` is where a subtree of that many
    /// leaves may begin. `None` when it is empty or beyond the tree.
    fn subtree(&self, start: u64, end: u64) -> Option<Digest> {
        // From the right: the smallest complete subtrees first.
        let (mut rest, mut hash) = (end, None);
        while rest > start {
            let level = rest.trailing_zeros().min((end - start).ilog2());
            let complete = self
                .levels
                .get(usize::try_from(level).ok()?)?
                .get((rest >> level) - 1)?;
            hash = Some(match hash {
                None => *complete,
                Some(right) => node_hash(complete, &right),
            });
            rest -= 1 << level;
        }
        hash
    }

    fn beyond(&self, size: u64) -> Problem {
        Problem::error(
            "log_size_unknown",
            "",
            format!("the log has {} events, not {size} yet", self.size),
        )
        .remedy("ask for a size that the log has had")
    }
}

/// The largest power of two below `length`, which is at least 2.
fn left_half(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

pub(super) fn no_such_leaf(index: u64, size: u64) -> Problem {
    Problem::error(
        "log_index_unknown",
        "",
        format!("a log of {size} events has none at {index}, counted from 0"),
    )
}

pub(super) fn reversed(from: u64, to: u64) -> Problem {
    Problem::error(
        "log_sizes_reversed",
        "",
        format!("a log of {from} events is not the beginning of one of {to}"),
    )
    .remedy("give the smaller size first")
}
