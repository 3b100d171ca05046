//! Signed notes (C2SP `signed-note`): text that one or more keys have signed, readable by people and by other tools.
//!
//! ```text
//! example.org/lab
//! 12
//! 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
//!
//! — example.org/lab 8bt…
//! ```

use std::fmt;
use std::str::FromStr;

use crate::signature::{PublicKey, Signature, verify};
use crate::text::{Digest, Problem, base64};

use super::Checkpoint;

/// The type of signature that is read here: Ed25519 over the note's text.
const ED25519: u8 = 1;
/// Most bytes of a note. Sixteen signatures of the longest kind there is take a sixth of it.
const MAX_BYTES: usize = 512 * 1024;
/// Most signatures on a note.
const MAX_SIGNATURES: usize = 64;

/// A key with the name under which it signs notes, written `name+hash+key` as other tools write it: the hash in hexadecimal,
/// the key as base64 of its type and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: PublicKey,
}

impl VerifierKey {
    /// A key under a name.
    ///
    /// # Errors
    ///
    /// `key_name_not_allowed` for an empty name, and for one with a space, a control character or a plus sign.
    pub fn new(name: &str, key: PublicKey) -> Result<Self, Problem> {
        check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            key,
        })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The four bytes that say, beside the name, whose a signature is meant to be. A hint, no proof.
    #[must_use]
    pub fn hash(&self) -> [u8; 4] {
        let bytes = [self.name.as_bytes(), b"\n", &[ED25519], self.key.as_bytes()].concat();
        let [a, b, c, d, ..] = *Digest::of_bytes(&bytes).as_bytes();
        [a, b, c, d]
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        write!(
            f,
            "{}+{:08x}+{}",
            self.name,
            u32::from_be_bytes(self.hash()),
            base64::encode(&typed)
        )
    }
}

impl FromStr for VerifierKey {
    type Err = Problem;

    /// # Errors
    ///
    /// `note_key_malformed` for a text that is none, of another type, or whose hash is not the key's; what is wrong with the
    /// name or the key itself, as [`VerifierKey::new`] and [`PublicKey::from_bytes`] say it.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let malformed = |why: &str| {
            Problem::error(
                "note_key_malformed",
                "",
                format!("the key of a note is `name+hash+key`: {why}"),
            )
        };
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed("these are not three parts"));
        };
        let typed = base64::decode(key).map_err(|problem| malformed(&problem.message))?;
        let Some((&ED25519, bytes)) = typed.split_first() else {
            return Err(malformed("the key is none of Ed25519 (type 1)"));
        };
        let bytes = bytes
            .try_into()
            .map_err(|_| malformed("a key of Ed25519 has 32 bytes"))?;
        let read = Self::new(name, PublicKey::from_bytes(bytes)?)?;
        if format!("{:08x}", u32::from_be_bytes(read.hash())) != hash {
            return Err(malformed("the hash is not the one of this name and key"));
        }
        Ok(read)
    }
}

/// What the names of keys are made of: something, without spaces, control characters and plus signs.
pub(super) fn check_name(name: &str) -> Result<(), Problem> {
    let why = if name.is_empty() {
        "it is empty"
    } else if name.contains('+') {
        "it has a plus sign"
    } else if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        "it has a space or a control character"
    } else {
        return Ok(());
    };
    Err(Problem::error(
        "key_name_not_allowed",
        "",
        format!("{name:?} cannot be the name of a log or of its key: {why}"),
    )
    .remedy("use a name like `example.org/lab`"))
}

/// One signature of a note, by whoever it names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    hash: [u8; 4],
    signature: Vec<u8>,
}

/// A text and the signatures on it, read but not yet believed: [`Note::open`] and [`Note::verify`] say whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    // INVARIANT: ends with a newline.
    text: String,
    lines: Vec<Line>,
}

impl Note {
    /// Puts a signature under a text, such as [`Checkpoint::body`].
    ///
    /// # Errors
    ///
    /// `key_name_not_allowed`, `note_malformed` for a text that no note can have, and `signature_wrong` when the signature is
    /// not the key's over this text: what is put together here can be verified.
    pub fn assemble(
        text: &str,
        name: &str,
        key: &PublicKey,
        signature: &Signature,
    ) -> Result<Self, Problem> {
        let key = VerifierKey::new(name, *key)?;
        let assembled = Self {
            text: text.to_owned(),
            lines: vec![Line {
                name: name.to_owned(),
                hash: key.hash(),
                signature: signature.as_bytes().to_vec(),
            }],
        };
        let note = Self::parse(&assembled.to_string())?;
        if note != assembled {
            return Err(malformed(1, 0, "the text must end with a line break"));
        }
        note.open(&key)?;
        Ok(note)
    }

    /// Reads a note.
    ///
    /// # Errors
    ///
    /// `note_malformed`, with the line and the offset.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.len() > MAX_BYTES {
            return Err(malformed(
                1,
                0,
                format_args!(
                    "a note has at most {MAX_BYTES} bytes, and this has {}",
                    text.len()
                ),
            ));
        }
        let mut line = 1;
        for (offset, c) in text.char_indices() {
            if c == '\n' {
                line += 1;
            } else if c < ' ' {
                return Err(malformed(line, offset, "a control character stands here"));
            }
        }
        let Some((body, signatures)) = text.rsplit_once("\n\n") else {
            return Err(malformed(
                line,
                text.len(),
                "an empty line and a signature are due after the text",
            ));
        };
        let first = body.matches('\n').count() + 3;
        let Some(signatures) = signatures.strip_suffix('\n') else {
            return Err(malformed(
                first + signatures.matches('\n').count(),
                text.len(),
                "a signature ends with a line break",
            ));
        };
        let (mut lines, mut offset) = (Vec::new(), body.len() + 2);
        for (line, signature) in (first..).zip(signatures.split('\n')) {
            if lines.len() == MAX_SIGNATURES {
                return Err(malformed(
                    line,
                    offset,
                    format_args!("a note has at most {MAX_SIGNATURES} signatures"),
                ));
            }
            lines.push(read_line(signature).map_err(|why| malformed(line, offset, why))?);
            offset += signature.len() + 1;
        }
        Ok(Self {
            text: format!("{body}\n"),
            lines,
        })
    }

    /// The text, once the key is known to have signed it. The signatures of others are left aside, as the format asks for.
    ///
    /// # Errors
    ///
    /// `note_not_signed` when no signature is under the key's name and hash; `signature_malformed` and `signature_wrong` when
    /// one is and does not hold.
    pub fn open(&self, key: &VerifierKey) -> Result<&str, Problem> {
        let hash = key.hash();
        let mut signed = false;
        for line in &self.lines {
            if line.name != key.name || line.hash != hash {
                continue;
            }
            let signature = line.signature.as_slice().try_into().map_err(|_| {
                Problem::error(
                    "signature_malformed",
                    "",
                    format!(
                        "a signature is 64 bytes, and that under {} has {}",
                        line.name,
                        line.signature.len()
                    ),
                )
            })?;
            verify(
                &key.key,
                self.text.as_bytes(),
                &Signature::from_bytes(signature),
            )?;
            signed = true;
        }
        if !signed {
            return Err(Problem::error(
                "note_not_signed",
                "",
                format!("the note has no signature of {key}"),
            )
            .remedy("ask the host whose key it is, and by another way whether that is right"));
        }
        Ok(&self.text)
    }

    /// The checkpoint of the log `origin`, once the log's key is known to have signed it under the log's name.
    ///
    /// # Errors
    ///
    /// As [`Note::open`] and [`Checkpoint::read`]; `checkpoint_other_log` for the checkpoint of another log.
    pub fn verify(&self, origin: &str, key: &PublicKey) -> Result<Checkpoint, Problem> {
        let text = self.open(&VerifierKey::new(origin, *key)?)?;
        let checkpoint = Checkpoint::read(text)?;
        if checkpoint.origin() != origin {
            return Err(Problem::error(
                "checkpoint_other_log",
                "",
                format!(
                    "the checkpoint is one of {}, not of {origin}",
                    checkpoint.origin()
                ),
            ));
        }
        Ok(checkpoint)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for line in &self.lines {
            let bytes = [line.hash.as_slice(), &line.signature].concat();
            writeln!(f, "— {} {}", line.name, base64::encode(&bytes))?;
        }
        Ok(())
    }
}

impl FromStr for Note {
    type Err = Problem;

    /// # Errors
    ///
    /// As [`Note::parse`].
    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::parse(text)
    }
}

/// `— name base64(hash and signature)`.
fn read_line(line: &str) -> Result<Line, String> {
    let (name, encoded) = line
        .strip_prefix("— ")
        .and_then(|rest| rest.split_once(' '))
        .ok_or("a signature is `— `, a name, a space and base64")?;
    check_name(name).map_err(|problem| problem.message)?;
    let bytes = base64::decode(encoded).map_err(|problem| problem.message)?;
    match bytes.split_first_chunk() {
        Some((hash, signature)) if !signature.is_empty() => Ok(Line {
            name: name.to_owned(),
            hash: *hash,
            signature: signature.to_vec(),
        }),
        _ => Err("the four bytes of the key's hash and a signature are due".to_owned()),
    }
}

fn malformed(line: usize, offset: usize, why: impl fmt::Display) -> Problem {
    Problem::error(
        "note_malformed",
        "",
        format!("this is no signed note; line {line}: {why}"),
    )
    .at(offset)
}
