//! A public key: whose signatures are asked for.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::{Digest, Problem, base64};

const PREFIX: &str = "ed25519:";

/// An Ed25519 public key, written `ed25519:` and the base64 of its 32 bytes (44 characters).
///
/// INVARIANT: a point in its one encoding and of more than small order, so that two keys are one exactly when their texts are,
/// and no signature fits every message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// How many bytes it has.
    pub const LENGTH: usize = 32;

    /// The key that 32 bytes are.
    ///
    /// # Errors
    ///
    /// `key_malformed` when they are no point of the curve in its one encoding; `key_weak` when the point is one of the eight of
    /// small order, whose owner could be anybody.
    pub fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Result<Self, Problem> {
        let key = VerifyingKey::from_bytes(bytes)
            .map_err(|_| malformed("the bytes are no point of the curve"))?;
        if key.is_weak() {
            return Err(Problem::error(
                "key_weak",
                "",
                "this public key is one of the few that fit any message: nobody's signature means anything under it",
            )
            .remedy("make a new key"));
        }
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(malformed(
                "the point is written in another way than its own",
            ));
        }
        Ok(Self(key))
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        self.0.as_bytes()
    }

    /// What the key is called where it need not be spelt out: the SHA-256 of its 32 bytes.
    #[must_use]
    pub fn id(&self) -> Digest {
        Digest::of_bytes(self.as_bytes())
    }

    pub(super) fn point(&self) -> &VerifyingKey {
        &self.0
    }
}

fn malformed(why: impl fmt::Display) -> Problem {
    Problem::error(
        "key_malformed",
        "",
        format!("a public key is `{PREFIX}` and 32 bytes in base64, 44 characters: {why}"),
    )
}

impl FromStr for PublicKey {
    type Err = Problem;

    /// # Errors
    ///
    /// `key_malformed` and `key_weak`, as [`PublicKey::from_bytes`].
    fn from_str(text: &str) -> Result<Self, Problem> {
        let encoded = text
            .strip_prefix(PREFIX)
            .ok_or_else(|| malformed(format_args!("it does not begin with `{PREFIX}`")))?;
        let bytes = base64::decode(encoded).map_err(|problem| malformed(problem.message))?;
        let bytes: &[u8; Self::LENGTH] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| malformed(format_args!("these are {} bytes", bytes.len())))?;
        Self::from_bytes(bytes)
    }
}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        f.write_str(&base64::encode(self.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
