//! A checkpoint (C2SP `tlog-checkpoint`): the log's name, how long it was, and the root of its tree then.
//!
//! Whoever keeps a signed one can show later that the log was cut or rewritten. The body is three lines.

use std::fmt;

use crate::text::reader::MAX_SAFE;
use crate::text::{Digest, Problem, base64};

use super::note::check_name;

/// A log at a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    // INVARIANT: can be the name of a key, so that it has no line break.
    origin: String,
    size: u64,
    root: Digest,
}

impl Checkpoint {
    /// The checkpoint of a log.
    ///
    /// # Errors
    ///
    /// `key_name_not_allowed` for an origin that no log can have; `checkpoint_malformed` for an empty log with the root of
    /// another, and for a size beyond 2^53−1.
    pub fn new(origin: &str, size: u64, root: Digest) -> Result<Self, Problem> {
        Self::check_origin(origin)?;
        if size > MAX_SAFE {
            return Err(malformed(2, format_args!("{size} is beyond {MAX_SAFE}")));
        }
        if size == 0 && root != Digest::of_bytes(b"") {
            return Err(malformed(3, "a log without events has another root"));
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
        })
    }

    /// Whether a log may have the name.
    ///
    /// # Errors
    ///
    /// `key_name_not_allowed` for an empty name, and for one with a space, a control character or a plus sign: the log's key
    /// signs under it.
    pub fn check_origin(origin: &str) -> Result<(), Problem> {
        check_name(origin)
    }

    /// Reads a body. Lines after the third are let be, as the format asks for.
    ///
    /// # Errors
    ///
    /// `checkpoint_malformed`, with the line; `key_name_not_allowed` for the first.
    pub fn read(body: &str) -> Result<Self, Problem> {
        let mut lines = Vec::new();
        for (index, line) in body.split_inclusive('\n').enumerate() {
            match line.strip_suffix('\n') {
                Some("") => return Err(malformed(index + 1, "the line is empty")),
                None => return Err(malformed(index + 1, "the line does not end")),
                Some(line) => lines.push(line),
            }
        }
        let [origin, size, root, ..] = *lines else {
            return Err(malformed(
                lines.len() + 1,
                "the lines are an origin, a size and a root",
            ));
        };
        let digits = size.bytes().all(|digit| digit.is_ascii_digit());
        if !digits || (size.starts_with('0') && size != "0") {
            return Err(malformed(
                2,
                "a size is written in digits, and begins with no zero",
            ));
        }
        let size = size
            .parse()
            .map_err(|_| malformed(2, format_args!("{size} is beyond {MAX_SAFE}")))?;
        let root = base64::decode(root).map_err(|problem| malformed(3, problem.message))?;
        let root = root
            .try_into()
            .map_err(|_| malformed(3, "a root has 32 bytes"))?;
        Self::new(origin, size, Digest::from_bytes(root))
    }

    /// Which log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many events it had.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of its tree then.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.root
    }

    /// What the log's key signs: the origin, the size and the root in base64, a line each.
    #[must_use]
    pub fn body(&self) -> String {
        let root = base64::encode(self.root.as_bytes());
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }
}

fn malformed(line: usize, why: impl fmt::Display) -> Problem {
    Problem::error(
        "checkpoint_malformed",
        "",
        format!("this is no checkpoint; line {line}: {why}"),
    )
}
