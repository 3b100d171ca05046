//! Signatures: Ed25519 public keys and the signatures of their owners, checked strictly.
//!
//! Nothing here signs, and no secret key is ever here: participants and hosts sign, the core verifies. What is signed is the
//! canonical text of an object under a tag ([`signing_bytes`]), so that a signature of one kind of object is never one of
//! another.
//!
//! Strictly means that all programs agree: a key, a signature and a text have one encoding each, and no key exists under which
//! one signature fits two messages. RFC 8032 leaves both open, and libraries differ ("Taming the many EdDSAs", 2020).
//!
//! ```
//! use schema_senate::signature::{PublicKey, Signature, verify};
//!
//! // The second example of RFC 8032, section 7.1: a message of one byte.
//! let key: PublicKey = "ed25519:PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=".parse()?;
//! let signature: Signature = concat!(
//!     "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoI",
//!     "WsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==",
//! ).parse()?;
//! assert!(verify(&key, b"\x72", &signature).is_ok());
//! assert_eq!(verify(&key, b"\x73", &signature).unwrap_err().code, "signature_wrong");
//! # Ok::<(), schema_senate::text::Problem>(())
//! ```

mod key;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::{Problem, base64};

pub use key::PublicKey;

/// An Ed25519 signature, written in base64 (88 characters).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature([u8; Signature::LENGTH]);

impl Signature {
    /// How many bytes it has.
    pub const LENGTH: usize = 64;

    /// The signature that 64 bytes are. Whether it fits is for [`verify`] to say.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The 64 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl FromStr for Signature {
    type Err = Problem;

    /// # Errors
    ///
    /// `signature_malformed` for anything but the base64 of 64 bytes.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let malformed = |why: String| {
            Problem::error(
                "signature_malformed",
                "",
                format!("a signature is 64 bytes in base64, 88 characters: {why}"),
            )
        };
        let bytes = base64::decode(text).map_err(|problem| malformed(problem.message))?;
        let length = bytes.len();
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| malformed(format!("these are {length} bytes")))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64::encode(&self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What is signed for a canonical text: `senate.v1.`, the tag, a zero byte, and the text. The digest of the same text under the
/// [kind](crate::text::Kind) of that name is the SHA-256 of these bytes.
#[must_use]
pub fn signing_bytes(tag: &str, canonical: &str) -> Vec<u8> {
    ["senate.v1.", tag, "\0", canonical].concat().into_bytes()
}

/// Whether the owner of a key signed a message.
///
/// As RFC 8032 verifies without the cofactor, and stricter: what is of small order or not in its one encoding is refused.
///
/// # Errors
///
/// `signature_wrong`. It does not say why, because whoever holds a wrong signature needs a right one, however it is wrong.
pub fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> Result<(), Problem> {
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    key.point().verify_strict(message, &signature).map_err(|_| {
        Problem::error(
            "signature_wrong",
            "",
            format!("the signature is not one of {key} over this"),
        )
        .remedy("sign exactly what is sent, with the secret key of this public key")
    })
}
