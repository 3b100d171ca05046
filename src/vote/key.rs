//! A member's public key, by its form alone, until the room that verifies signatures stands.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::text::{Digest, Problem};

const PREFIX: &str = "ed25519:";
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `ed25519:` and the standard base64 of 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MemberKey([u8; 32]);

impl MemberKey {
    /// What the key is called: the SHA-256 of its bytes.
    #[must_use]
    pub fn id(&self) -> Digest {
        Digest::of_bytes(&self.0)
    }
}

impl FromStr for MemberKey {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        decode(text).map(Self).ok_or_else(|| {
            Problem::error(
                "key_malformed",
                "",
                format!("a public key is `{PREFIX}` and 32 bytes in base64, 44 characters"),
            )
        })
    }
}

/// The 32 bytes, when they are written in the one way there is.
fn decode(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix(PREFIX)?.strip_suffix('=')?;
    if digits.len() != 43 {
        return None;
    }
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut bytes = Vec::with_capacity(32);
    for digit in digits.bytes() {
        let six = ALPHABET.iter().position(|known| *known == digit)?;
        bits = bits << 6 | u32::try_from(six).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    // What is left over of the last digit must say nothing.
    (bits == 0).then_some(())?;
    bytes.try_into().ok()
}

impl fmt::Display for MemberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        for three in self.0.chunks(3) {
            let bits = three
                .iter()
                .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - three.len()));
            for digit in 0..4 {
                let six = bits >> (18 - 6 * digit) & 63;
                let known = ALPHABET.get(six as usize).filter(|_| digit <= three.len());
                write!(f, "{}", char::from(*known.unwrap_or(&b'=')))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for MemberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for MemberKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
