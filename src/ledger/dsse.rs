//! DSSE, the envelope in which attestations travel: any bytes, what they are, and who signed both.
//!
//! What is signed is not the envelope but [`pae`] of it, so that no JSON has to be written the same way twice.

use crate::signature::{PublicKey, Signature, verify};
use crate::text::{Integers, Limits, Members, Problem, Value, base64, pointer, read};
use serde_json::json;

use super::statement::{PAYLOAD_TYPE, Statement};

/// Most signatures on an envelope.
const MAX_SIGNATURES: usize = 64;

/// What is signed for a payload: its type and its bytes, each after its length (DSSE's "pre-authentication encoding").
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    [head.as_bytes(), payload].concat()
}

/// One signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeSignature {
    /// Whose it is said to be, if that is said. A hint, no proof.
    pub keyid: Option<String>,
    /// Its bytes, of whatever kind.
    pub sig: Vec<u8>,
}

/// A payload with its type and signatures, read but not yet believed: [`Envelope::verify`] says whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What the payload is, as a media type.
    pub payload_type: String,
    /// The bytes.
    pub payload: Vec<u8>,
    /// Who signed both.
    pub signatures: Vec<EnvelopeSignature>,
}

impl Envelope {
    /// Puts a statement's canonical text and a signature over its [`pae`] together.
    ///
    /// # Errors
    ///
    /// `signature_wrong`: what is put together here can be verified.
    pub fn assemble(
        payload_type: &str,
        payload: &[u8],
        key: &PublicKey,
        signature: &Signature,
    ) -> Result<Self, Problem> {
        let envelope = Self {
            payload_type: payload_type.to_owned(),
            payload: payload.to_owned(),
            signatures: vec![EnvelopeSignature {
                keyid: Some(key.id().to_string()),
                sig: signature.as_bytes().to_vec(),
            }],
        };
        envelope.verify(key)?;
        Ok(envelope)
    }

    /// Reads an envelope. Only the standard alphabet of base64 is taken, so that one envelope has one text.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with its members; `base64_malformed`; `envelope_signatures` when there is none, or more than
    /// anybody needs.
    pub fn read(document: &Value) -> Result<Self, Vec<Problem>> {
        let mut members = Members::of(document, "", &["payloadType", "payload", "signatures"]);
        let payload_type = members.text("payloadType").map(str::to_owned);
        let payload = members
            .text("payload")
            .and_then(|text| members.check("payload", base64::decode(text)));
        let given = members.array("signatures");
        if let Some(given) = given
            && (given.is_empty() || given.len() > MAX_SIGNATURES)
        {
            members.problem(
                "envelope_signatures",
                "signatures",
                format!(
                    "an envelope has from 1 to {MAX_SIGNATURES} signatures, and this has {}",
                    given.len()
                ),
            );
        }
        let mut signatures = Vec::new();
        for (index, value) in given.into_iter().flatten().take(MAX_SIGNATURES).enumerate() {
            let place = pointer::join("/signatures", &index.to_string());
            let mut inner = Members::of(value, &place, &["keyid", "sig"]);
            let keyid = inner.get("keyid").and_then(|keyid| {
                // An empty one is the format's way of saying none.
                if keyid.as_str() == Some("") {
                    return None;
                }
                inner.optional_text("keyid").map(str::to_owned)
            });
            let sig = inner
                .text("sig")
                .and_then(|text| inner.check("sig", base64::decode(text)));
            signatures.extend(sig.map(|sig| EnvelopeSignature { keyid, sig }));
            members.note(inner.end());
        }
        let problems = members.end();
        match (payload_type, payload) {
            (Some(payload_type), Some(payload)) if problems.is_empty() => Ok(Self {
                payload_type,
                payload,
                signatures,
            }),
            _ => Err(problems),
        }
    }

    /// The envelope as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let signatures: Vec<Value> = self
            .signatures
            .iter()
            .map(|signature| {
                let sig = base64::encode(&signature.sig);
                match &signature.keyid {
                    Some(keyid) => json!({"keyid": keyid, "sig": sig}),
                    None => json!({"sig": sig}),
                }
            })
            .collect();
        json!({
            "payloadType": self.payload_type,
            "payload": base64::encode(&self.payload),
            "signatures": signatures,
        })
    }

    /// Whether the key's owner signed the payload as what it is said to be. The signatures of others are left aside.
    ///
    /// # Errors
    ///
    /// `envelope_not_signed` when no signature may be the key's; `signature_malformed` and `signature_wrong` when one that names
    /// the key, or none of those that name no key, holds.
    pub fn verify(&self, key: &PublicKey) -> Result<(), Problem> {
        let message = pae(&self.payload_type, &self.payload);
        let check = |signature: &EnvelopeSignature| {
            let bytes = signature.sig.as_slice().try_into().map_err(|_| {
                Problem::error(
                    "signature_malformed",
                    "",
                    format!(
                        "a signature is 64 bytes, and this is {}",
                        signature.sig.len()
                    ),
                )
            })?;
            verify(key, &message, &Signature::from_bytes(bytes))
        };
        let at =
            |index: usize, problem: Problem| problem.under(&format!("/signatures/{index}/sig"));
        let id = key.id().to_string();
        let mut signed = false;
        for (index, signature) in self.signatures.iter().enumerate() {
            if signature.keyid.as_ref() == Some(&id) {
                check(signature).map_err(|problem| at(index, problem))?;
                signed = true;
            }
        }
        let mut last = None;
        for (index, signature) in self.signatures.iter().enumerate() {
            if !signed && signature.keyid.is_none() {
                match check(signature) {
                    Ok(()) => signed = true,
                    Err(problem) => last = Some(at(index, problem)),
                }
            }
        }
        if signed {
            return Ok(());
        }
        Err(last.unwrap_or_else(|| {
            Problem::error(
                "envelope_not_signed",
                "/signatures",
                format!("the envelope has no signature of the key {id}"),
            )
        }))
    }

    /// The statement that the payload is. Verify the envelope before believing it.
    ///
    /// # Errors
    ///
    /// `payload_type_unknown` for anything but a statement; what is wrong with its text and its members.
    pub fn statement(&self, limits: Limits) -> Result<Statement, Vec<Problem>> {
        if self.payload_type != PAYLOAD_TYPE {
            return Err(vec![
                Problem::error(
                    "payload_type_unknown",
                    "/payloadType",
                    format!("the payload is said to be `{}`", self.payload_type),
                )
                .remedy(format!("an envelope of a statement says `{PAYLOAD_TYPE}`")),
            ]);
        }
        let value = read(&self.payload, limits, Integers::Safe).map_err(|problem| vec![problem])?;
        Statement::read(&value)
    }
}
