//! SHA-256 digests of canonical text, under a tag per kind of object.
//!
//! What is hashed is `senate.v1.<kind>`, a zero byte, and the canonical text, so that a digest of one kind never stands
//! for an object of another. A document ([`Kind::Document`]) has no tag: its digest is the plain SHA-256 of its
//! canonical text, which any tool can recompute. It cannot be mistaken for a tagged one, because canonical JSON never
//! starts with `s`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::{Problem, Value, canonical};

/// Kinds of object that are hashed. The names are those of `DigestKind` in `pkg/core/index.d.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Any JSON document, untagged.
    Document,
    /// A JSON Schema.
    Schema,
    /// A proposal's content.
    Proposal,
    /// A voting policy.
    Policy,
    /// A frozen electorate.
    Electorate,
    /// A compatibility report.
    Report,
    /// A migration plan.
    Plan,
    /// What a ballot names: everything that is frozen when voting opens.
    Subject,
    /// An event of the log.
    Event,
    /// What a participant signs.
    Act,
    /// What a new key signs before it takes an old key's place.
    Key,
    /// What the log holds of a proposal before its decision.
    Record,
    /// A scope document.
    Scope,
    /// The requirements that a proposal's vote must meet.
    Rule,
    /// The members at an epoch, with their keys.
    Roster,
    /// What a host reports of a migration that it rehearsed.
    Evidence,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Document,
        Self::Schema,
        Self::Proposal,
        Self::Policy,
        Self::Electorate,
        Self::Report,
        Self::Plan,
        Self::Subject,
        Self::Event,
        Self::Act,
        Self::Key,
        Self::Record,
        Self::Scope,
        Self::Rule,
        Self::Roster,
        Self::Evidence,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Schema => "schema",
            Self::Proposal => "proposal",
            Self::Policy => "policy",
            Self::Electorate => "electorate",
            Self::Report => "report",
            Self::Plan => "plan",
            Self::Subject => "subject",
            Self::Event => "event",
            Self::Act => "act",
            Self::Key => "key",
            Self::Record => "record",
            Self::Scope => "scope",
            Self::Rule => "rule",
            Self::Roster => "roster",
            Self::Evidence => "evidence",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    fn hasher(self) -> Sha256 {
        let mut hasher = Sha256::new();
        if self != Self::Document {
            hasher.update(b"senate.v1.");
            hasher.update(self.name().as_bytes());
            hasher.update(b"\0");
        }
        hasher
    }
}

/// A SHA-256 digest, written `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The plain SHA-256 of bytes, e.g. of a file. For a text that is canonical already, the digest of
    /// [`Kind::Document`].
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest that 32 bytes are, e.g. a node of the log's tree.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The digest of a value's canonical text, under the kind's tag.
///
/// # Errors
///
/// `json_unsafe_integer`, as [`canonical`].
pub fn digest(kind: Kind, value: &Value) -> Result<Digest, Problem> {
    // Writing the text and then hashing it is faster than hashing the few bytes at a time that the writer puts.
    Ok(digest_canonical(kind, &canonical(value)?))
}

/// The digest of a text that [`canonical`] wrote, under the kind's tag.
#[must_use]
pub fn digest_canonical(kind: Kind, canonical: &str) -> Digest {
    let mut hasher = kind.hasher();
    hasher.update(canonical.as_bytes());
    Digest(hasher.finalize().into())
}

const PREFIX: &str = "sha256:";

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = Problem;

    /// # Errors
    ///
    /// `digest_malformed` for anything but `sha256:` and 64 lower-case hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let malformed = || {
            Problem::error(
                "digest_malformed",
                "",
                "a digest is `sha256:` and 64 lower-case hexadecimal digits",
            )
        };
        let hex = text.strip_prefix(PREFIX).ok_or_else(malformed)?.as_bytes();
        let (pairs, []) = hex.as_chunks::<2>() else {
            return Err(malformed());
        };
        if pairs.len() != 32 {
            return Err(malformed());
        }
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte =
                (nibble(*high).ok_or_else(malformed)? << 4) | nibble(*low).ok_or_else(malformed)?;
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The SHA-256 of nothing, from FIPS 180-4's examples.
    const NOTHING: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_digest_is_written_and_read() {
        let digest = Digest::of_bytes(b"");
        assert_eq!(digest.to_string(), NOTHING);
        assert_eq!(format!("{digest:?}"), NOTHING);
        assert_eq!(NOTHING.parse(), Ok(digest));
        assert_eq!(serde_json::to_value(digest).unwrap(), NOTHING);
        let read: Digest = serde_json::from_str(&format!("\"{NOTHING}\"")).unwrap();
        assert_eq!(read, digest);
        // A reader that has no borrowed text, such as one of a `Value`, reads it as well.
        let read: Digest = serde_json::from_value(NOTHING.into()).unwrap();
        assert_eq!(read.as_bytes(), digest.as_bytes());
    }

    #[test]
    fn what_is_not_quite_a_digest_is_none() {
        let hex = NOTHING.replace("sha256:", "");
        // One digit and two digits fewer.
        let (one, two) = (hex.replacen('e', "", 1), hex.replacen("e3", "", 1));
        for text in [
            String::new(),
            "sha256:".into(),
            hex.clone(),
            format!("SHA256:{hex}"),
            format!("sha256:{}", hex.to_uppercase()),
            format!("sha256:{one}"),
            format!("sha256:{two}"),
            format!("sha256:{hex}0"),
            format!("sha256:{hex}00"),
            format!(" sha256:{hex}"),
            format!("sha256:{one}g"),
            format!("sha256:+{one}"),
            format!("sha512:{hex}"),
        ] {
            let problem = text.parse::<Digest>().unwrap_err();
            assert_eq!(problem.code, "digest_malformed", "{text}");
            assert!(serde_json::from_value::<Digest>(text.into()).is_err());
        }
    }

    #[test]
    fn one_value_has_a_digest_for_each_kind() {
        let value = serde_json::json!({ "a": 1 });
        let mut digests: Vec<Digest> = Kind::ALL
            .into_iter()
            .map(|kind| digest(kind, &value).unwrap())
            .collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), Kind::ALL.len());
    }

    /// The tag of a kind is no canonical text, and no tag begins another, so no two preimages are the same bytes.
    #[test]
    fn no_tag_begins_another() {
        let tags: Vec<String> = Kind::ALL
            .into_iter()
            .filter(|kind| *kind != Kind::Document)
            .map(|kind| format!("senate.v1.{}\0", kind.name()))
            .collect();
        for a in &tags {
            assert!(super::super::read_hashable(a.as_bytes()).is_err());
            assert_eq!(tags.iter().filter(|b| b.starts_with(a.as_str())).count(), 1);
        }
    }

    #[test]
    fn kinds_are_read_as_they_are_written() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(Kind::from_name("Document"), None);
        assert_eq!(Kind::from_name(""), None);
    }

    #[test]
    fn what_cannot_be_hashed_says_where() {
        let value = serde_json::json!({ "n": [u64::MAX] });
        let problem = digest(Kind::Schema, &value).unwrap_err();
        assert_eq!(
            (problem.code, problem.pointer.as_str()),
            ("json_unsafe_integer", "/n/0")
        );
    }
}
