//! Signed acts: what a participant does, in their own words and under their own signature.
//!
//! An act is the command itself with five further members: `instance` (the senate it is meant for), `key` (which of the
//! signer's keys), `nonce` (rising, so that nothing is done twice), `seen` (the log as the signer saw it) and `signature`. What
//! is signed is the canonical text of all of it but the signature, under the tag `act`. The event that an act causes carries it
//! verbatim, so that everybody can check it for ever.

use serde_json::json;

use super::deed::Deed;
use crate::signature::{self, PublicKey, Signature};
use crate::text::{Digest, Members, Problem, Value, canonical, pointer};
use crate::vote::is_member_id;

/// The tag of what is signed: `senate.v1.act`, a zero byte, and the canonical text.
pub const TAG: &str = "act";
/// The tag of a proof of possession of a new key.
pub const KEY_TAG: &str = "key";

/// The members that every act has beside those of its command.
pub const SIGNING: [&str; 5] = ["instance", "key", "nonce", "seen", "signature"];

/// The log as somebody saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How many events it had.
    pub size: u64,
    /// The root of its tree.
    pub root: Digest,
}

/// An act, read and well-formed. Whose key it is and whether it may be done is for `decide` to say.
#[derive(Clone, Debug)]
pub struct Act {
    /// The whole of it, as it was signed, and the signature.
    pub value: Value,
    /// Who acts.
    pub by: String,
    /// The member of the command that names them.
    pub by_member: &'static str,
    /// The senate it is meant for.
    pub instance: String,
    /// The identifier of the key that signed.
    pub key: Digest,
    /// Rises with every act of the signer.
    pub nonce: u64,
    /// The log as the signer saw it.
    pub seen: Seen,
    /// The signature.
    pub signature: Signature,
    /// What is done.
    pub deed: Deed,
}

impl Act {
    /// Reads an act.
    ///
    /// # Errors
    /// `signature_missing` for a command that nobody signed; else everything that is unknown, missing or of the wrong type.
    pub fn read(value: &Value) -> Result<Self, Vec<Problem>> {
        if value.get("signature").is_none() {
            return Err(vec![
                Problem::error(
                    "signature_missing",
                    "/signature",
                    "this is an act of a member, and nobody has signed it",
                )
                .remedy("sign its canonical text with the member's key, and add `instance`, `key`, `nonce`, `seen` and `signature`"),
            ]);
        }
        let mut problems = Vec::new();
        let deed = Deed::read(value).map_err(|found| problems.extend(found));
        let envelope = Envelope::read(value).map_err(|found| problems.extend(found));
        match (deed, envelope) {
            (Ok((deed, by_member)), Ok(envelope)) => {
                let by = value.get(by_member).and_then(Value::as_str);
                Ok(Self {
                    value: value.clone(),
                    by: by.unwrap_or_default().to_owned(),
                    by_member,
                    instance: envelope.instance,
                    key: envelope.key,
                    nonce: envelope.nonce,
                    seen: envelope.seen,
                    signature: envelope.signature,
                    deed,
                })
            }
            _ => Err(problems),
        }
    }

    /// The bytes that are signed.
    ///
    /// # Errors
    /// `json_unsafe_integer` for a number that has no canonical form.
    pub fn signed_bytes(&self) -> Result<Vec<u8>, Problem> {
        signed_bytes(&self.value)
    }

    /// Whether the key signed it.
    ///
    /// # Errors
    /// `signature_wrong`.
    pub fn verify(&self, key: &PublicKey) -> Result<(), Problem> {
        signature::verify(key, &self.signed_bytes()?, &self.signature)
            .map_err(|problem| problem.under("/signature"))
    }
}

/// The bytes that the signer of a command signs; a `signature` that it has already is left out.
///
/// # Errors
/// `json_unsafe_integer` for a number that has no canonical form, `member_type` for anything but an object.
pub fn signed_bytes(act: &Value) -> Result<Vec<u8>, Problem> {
    let Value::Object(members) = act else {
        return Err(Problem::error("member_type", "", "an act is an object"));
    };
    let mut unsigned = members.clone();
    unsigned.shift_remove("signature");
    Ok(signature::signing_bytes(
        TAG,
        &canonical(&Value::Object(unsigned))?,
    ))
}

/// The bytes that a new key signs, so that nobody enrols the key of somebody else as theirs.
///
/// # Errors
/// None in fact: there are no numbers in it.
pub fn possession_bytes(instance: &str, member: &str, key: &str) -> Result<Vec<u8>, Problem> {
    let claim = json!({"instance": instance, "member": member, "new_key": key});
    Ok(signature::signing_bytes(KEY_TAG, &canonical(&claim)?))
}

struct Envelope {
    instance: String,
    key: Digest,
    nonce: u64,
    seen: Seen,
    signature: Signature,
}

impl Envelope {
    fn read(value: &Value) -> Result<Self, Vec<Problem>> {
        // The members of the deed are its own reader's business.
        let known: Vec<&str> = value
            .as_object()
            .map(|members| members.keys().map(String::as_str).collect())
            .unwrap_or_default();
        let mut members = Members::of(value, "", &known);
        let instance = members.text("instance").map(str::to_owned);
        let key = digest(&mut members, "key");
        let nonce = members.optional_whole("nonce", 1, crate::text::reader::MAX_SAFE);
        if members.get("nonce").is_none() {
            members.required("nonce");
        }
        let seen = members
            .required("seen")
            .map(|seen| read_seen(seen, "/seen"))
            .and_then(|seen| seen.map_err(|problems| members.note(problems)).ok());
        let signature = members.text("signature").and_then(|text| {
            let signature = text
                .parse::<Signature>()
                .map_err(|problem| problem.under("/signature"));
            signature.map_err(|problem| members.note([problem])).ok()
        });
        let problems = members.end();
        match (instance, key, nonce, seen, signature) {
            (Some(instance), Some(key), Some(nonce), Some(seen), Some(signature))
                if problems.is_empty() =>
            {
                Ok(Self {
                    instance,
                    key,
                    nonce,
                    seen,
                    signature,
                })
            }
            _ => Err(problems),
        }
    }
}

fn read_seen(value: &Value, place: &str) -> Result<Seen, Vec<Problem>> {
    let mut members = Members::of(value, place, &["size", "root"]);
    let size = members.count("size");
    let root = digest(&mut members, "root");
    let problems = members.end();
    match (size, root) {
        (Some(size), Some(root)) if problems.is_empty() => Ok(Seen { size, root }),
        _ => Err(problems),
    }
}

/// A digest among the members.
pub(super) fn digest(members: &mut Members<'_>, name: &str) -> Option<Digest> {
    let text = members.text(name)?;
    let digest = text.parse::<Digest>();
    if digest.is_err() {
        members.problem(
            "digest_malformed",
            name,
            format!("`{name}` must be sha256: and 64 lower-case hexadecimal digits"),
        );
    }
    digest.ok()
}

/// The identifier of an agent or a person among the members.
pub(super) fn actor(members: &mut Members<'_>, name: &str) -> Option<String> {
    let id = members.text(name)?;
    if is_member_id(id) {
        return Some(id.to_owned());
    }
    members.problem(
        "actor_id_not_allowed",
        name,
        format!("`{id}` cannot name an agent or a person: use 1 to 128 of A-Z a-z 0-9 . _ : @ / - and start with a letter or digit"),
    );
    None
}

/// Problems of a part, at the part's place.
pub(super) fn under(place: &str, problems: Vec<Problem>) -> impl Iterator<Item = Problem> {
    problems
        .into_iter()
        .map(move |problem| problem.under(place))
}

/// The place of an element of a list.
pub(super) fn element(list: &str, index: usize) -> String {
    pointer::join(list, &index.to_string())
}
