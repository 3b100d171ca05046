//! Signatures, checkpoints, proofs, certificates and audits, as JavaScript calls them: JSON text in, JSON text out. Bytes to be
//! signed are base64 in an answer; the wrapper hands them out as they are.

use serde_json::json;

use super::api::{answer, write};
use crate::ledger::{Envelope, Note, PAYLOAD_TYPE, pae};
use crate::proposal::{Scope, evaluate_scope as evaluate};
use crate::senate::{
    Trusted, audit as audited, check_against, possession_bytes, signed_bytes,
    verify_certificate as verified,
};
use crate::signature::{PublicKey, Signature};
use crate::text::{Digest, Integers, Limits, Members, Problem, Value, base64, read, read_hashable};
use crate::vote::solve_from_value;

/// What the signer of an act signs.
#[must_use]
pub fn signing_bytes(act: &[u8]) -> String {
    let bytes = || signed_bytes(&read(act, Limits::COMMAND, Integers::Safe)?);
    answer(bytes().map(|bytes| json!({"bytes": base64::encode(&bytes)})))
}

/// What a new key signs to show that its holder is the member: of `{instance, member, new_key}`.
#[must_use]
pub fn possession(claim: &[u8]) -> String {
    let bytes = || {
        let claim = read_hashable(claim).map_err(|problem| vec![problem])?;
        let mut members = Members::of(&claim, "", &["instance", "member", "new_key"]);
        let (instance, member, key) = (
            members.text("instance"),
            members.text("member"),
            members.text("new_key"),
        );
        let problems = members.end();
        match (instance, member, key) {
            (Some(instance), Some(member), Some(key)) if problems.is_empty() => {
                possession_bytes(instance, member, key).map_err(|problem| vec![problem])
            }
            _ => Err(problems),
        }
    };
    answer(
        bytes()
            .map_err(first)
            .map(|bytes| json!({"bytes": base64::encode(&bytes)})),
    )
}

/// The identifier of a public key.
#[must_use]
pub fn key_id(key: &str) -> String {
    answer(
        key.parse::<PublicKey>()
            .map(|key| json!({"key_id": key.id().to_string()})),
    )
}

/// Whether a key signed some bytes.
#[must_use]
pub fn verify_signature(key: &str, message: &[u8], signature: &str) -> String {
    let checked = || {
        let key = key.parse::<PublicKey>()?;
        let signature = signature.parse::<Signature>()?;
        crate::signature::verify(&key, message, &signature)
    };
    answer(checked().map(|()| json!({})))
}

/// The text of a signed checkpoint, from its body and the signature over it.
#[must_use]
pub fn assemble_note(body: &str, name: &str, key: &str, signature: &str) -> String {
    let note = || {
        let key = key.parse::<PublicKey>()?;
        let signature = signature.parse::<Signature>()?;
        Note::assemble(body, name, &key, &signature)
    };
    answer(note().map(|note| json!({"note": note.to_string()})))
}

/// The checkpoint in a signed note, if this key has signed it for this log.
#[must_use]
pub fn verify_note(note: &str, origin: &str, key: &str) -> String {
    let checked = || {
        let key = key.parse::<PublicKey>()?;
        Note::parse(note)?.verify(origin, &key)
    };
    answer(checked().map(|checkpoint| {
        json!({
            "origin": checkpoint.origin(),
            "size": checkpoint.size(),
            "root": checkpoint.root().to_string(),
        })
    }))
}

/// Whether an event, or its leaf, is in a log: of `{leaf | event, index, size, root, proof}`.
#[must_use]
pub fn verify_inclusion(input: &[u8]) -> String {
    let checked = || {
        let input =
            read(input, Limits::COMMAND, Integers::Safe).map_err(|problem| vec![problem])?;
        let names = ["leaf", "event", "index", "size", "root", "proof"];
        let mut members = Members::of(&input, "", &names);
        let leaf = match members.get("event") {
            Some(event) => crate::senate::Event::from_value(event)
                .and_then(|event| event.leaf())
                .map_err(|problem| members.note([problem.under("/event")]))
                .ok(),
            None => digest(&mut members, "leaf"),
        };
        let (index, size) = (members.count("index"), members.count("size"));
        let root = digest(&mut members, "root");
        let proof = digests(&mut members, "proof");
        let problems = members.end();
        match (leaf, index, size, root) {
            (Some(leaf), Some(index), Some(size), Some(root)) if problems.is_empty() => {
                crate::ledger::verify_inclusion(&leaf, index, size, &proof, &root)
                    .map_err(|problem| vec![problem])
            }
            _ => Err(problems),
        }
    };
    answer(checked().map_err(first).map(|()| json!({})))
}

/// Whether a log is the beginning of another: of `{from, to, from_root, to_root, proof}`.
#[must_use]
pub fn verify_consistency(input: &[u8]) -> String {
    let checked = || {
        let input = read_hashable(input).map_err(|problem| vec![problem])?;
        let names = ["from", "to", "from_root", "to_root", "proof"];
        let mut members = Members::of(&input, "", &names);
        let (from, to) = (members.count("from"), members.count("to"));
        let from_root = digest(&mut members, "from_root");
        let to_root = digest(&mut members, "to_root");
        let proof = digests(&mut members, "proof");
        let problems = members.end();
        match (from, to, from_root, to_root) {
            (Some(from), Some(to), Some(from_root), Some(to_root)) if problems.is_empty() => {
                crate::ledger::verify_consistency(from, to, &from_root, &to_root, &proof)
                    .map_err(|problem| vec![problem])
            }
            _ => Err(problems),
        }
    };
    answer(checked().map_err(first).map(|()| json!({})))
}

/// What the log's key signs to make a certificate of a statement: its payload, and the bytes of DSSE's encoding.
pub(super) fn to_be_signed(payload: &str) -> Value {
    json!({
        "payload": base64::encode(payload.as_bytes()),
        "payload_type": PAYLOAD_TYPE,
        "pae": base64::encode(&pae(PAYLOAD_TYPE, payload.as_bytes())),
    })
}

/// The certificate of a payload that the log's key has signed.
#[must_use]
pub fn assemble_certificate(payload: &str, key: &str, signature: &str) -> String {
    let envelope = || {
        let key = key.parse::<PublicKey>()?;
        let signature = signature.parse::<Signature>()?;
        let payload = base64::decode(payload).map_err(|problem| problem.under("/payload"))?;
        Envelope::assemble(PAYLOAD_TYPE, &payload, &key, &signature)
    };
    answer(envelope().map(|envelope| json!({"certificate": envelope.to_value()})))
}

/// What a certificate proves. `log_key` and `checkpoint` are what the caller trusts already; empty for none.
#[must_use]
pub fn verify_certificate(text: &[u8], log_key: &str, checkpoint: &str) -> String {
    let log_key = match (!log_key.is_empty()).then(|| log_key.parse::<PublicKey>()) {
        None => None,
        Some(Ok(key)) => Some(key),
        Some(Err(problem)) => return answer(Err(problem.under("/log_key"))),
    };
    let trusted = Trusted {
        log_key,
        checkpoint: (!checkpoint.is_empty()).then(|| checkpoint.to_owned()),
    };
    match verified(text, &trusted) {
        Ok(report) => answer(Ok(json!({"certificate": report}))),
        Err(unverified) => write(&json!({
            "ok": false,
            "problem": unverified.problem,
            "failed": unverified.failed,
            "checks": unverified.checks,
        })),
    }
}

/// What an audit of a log finds; with a signed checkpoint, also whether it is of this log.
#[must_use]
pub fn audit(log: &[u8], checkpoint: &str) -> String {
    let (senate, report) = match audited(log) {
        Ok(found) => found,
        Err(finding) => {
            return write(&json!({"ok": false, "problem": finding.problem, "seq": finding.seq}));
        }
    };
    let mut shown = serde_json::to_value(report).unwrap_or_default();
    if !checkpoint.is_empty() {
        let compared = || {
            let (Some(origin), Some(key)) = (senate.origin(), senate.log_key()) else {
                return Err(Problem::error("senate_not_founded", "", "the log is empty"));
            };
            let checkpoint = Note::parse(checkpoint)?.verify(origin, key)?;
            check_against(&senate, &checkpoint).map(|()| checkpoint.size())
        };
        match compared() {
            Ok(size) => {
                if let Some(members) = shown.as_object_mut() {
                    members.insert("checkpoint_size".into(), size.into());
                }
            }
            Err(problem) => {
                return write(&json!({"ok": false, "problem": problem, "seq": senate.seq()}));
            }
        }
    }
    answer(Ok(json!({"audit": shown})))
}

/// Whether a draft is in scope. `artifact_type` may be empty.
#[must_use]
pub fn evaluate_scope(scope: &[u8], draft: &[u8], artifact_type: &str) -> String {
    let evaluated = || {
        let scope = read(scope, Limits::DOCUMENT, Integers::Safe)
            .map_err(|problem| vec![problem.under("/scope")])?;
        let scope = Scope::from_value(&scope, &Scope::default()).map_err(|problems| {
            problems
                .into_iter()
                .map(|problem| problem.under("/scope"))
                .collect::<Vec<_>>()
        })?;
        let draft = read(draft, Limits::DOCUMENT, Integers::Any)
            .map_err(|problem| vec![problem.under("/draft")])?;
        let named = draft
            .pointer("/metadata/target_artifact_type")
            .and_then(Value::as_str);
        let artifact_type = Some(artifact_type)
            .filter(|name| !name.is_empty())
            .or(named);
        Ok(evaluate(&scope, artifact_type, &draft, None))
    };
    match evaluated() {
        Ok(evaluation) => answer(Ok(json!({"evaluation": evaluation}))),
        Err(problems) => refused(problems),
    }
}

/// What can still happen to a vote.
#[must_use]
pub fn solve(input: &[u8]) -> String {
    let solved = read_hashable(input)
        .map_err(|problem| vec![problem])
        .and_then(|input| solve_from_value(&input));
    match solved {
        Ok(solution) => answer(Ok(json!({"solution": solution}))),
        Err(problems) => refused(problems),
    }
}

fn refused(problems: Vec<Problem>) -> String {
    write(&json!({"ok": false, "problem": problems.first(), "problems": problems}))
}

fn first(problems: Vec<Problem>) -> Problem {
    problems
        .into_iter()
        .next()
        .unwrap_or_else(|| Problem::error("member_type", "", "the input is not what is due here"))
}

fn digest(members: &mut Members<'_>, name: &str) -> Option<Digest> {
    let text = members.text(name)?;
    members.check(name, text.parse::<Digest>())
}

fn digests(members: &mut Members<'_>, name: &str) -> Vec<Digest> {
    let mut found = Vec::new();
    for item in members.array(name).into_iter().flatten() {
        match item.as_str().map(str::parse::<Digest>) {
            Some(Ok(digest)) => found.push(digest),
            _ => members.problem("digest_malformed", name, "a proof is a list of digests"),
        }
    }
    found
}
