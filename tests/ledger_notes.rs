//! Checkpoints, signed notes, envelopes and statements: what other tools have published, and every way to bend one.

#![cfg(test)]

use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;
use schema_senate::ledger::{
    Checkpoint, Envelope, EnvelopeSignature, Note, PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE,
    Statement, Subject, Tree, VerifierKey, leaf_hash, pae,
};
use schema_senate::signature::{PublicKey, Signature};
use schema_senate::text::{Digest, Limits, Problem, Value, base64};
use serde_json::json;

const ORIGIN: &str = "example.org/lab";

fn signer(seed: u8) -> (SigningKey, PublicKey) {
    let secret = SigningKey::from_bytes(&[seed; 32]);
    let public = PublicKey::from_bytes(secret.verifying_key().as_bytes()).unwrap();
    (secret, public)
}

fn sign(secret: &SigningKey, message: &[u8]) -> Signature {
    Signature::from_bytes(secret.sign(message).to_bytes())
}

fn checkpoint() -> Checkpoint {
    let mut tree = Tree::default();
    for event in ["founded", "proposed", "opened"] {
        tree.append(leaf_hash(event.as_bytes()));
    }
    Checkpoint::new(ORIGIN, tree.size(), tree.root()).unwrap()
}

/// A signed checkpoint as a host would write it.
fn note() -> (String, PublicKey) {
    let (secret, public) = signer(7);
    let body = checkpoint().body();
    let signature = sign(&secret, body.as_bytes());
    let note = Note::assemble(&body, ORIGIN, &public, &signature).unwrap();
    (note.to_string(), public)
}

// ---------------------------------------------------------------- what others have published

/// The example of Go's `sumdb/note`.
const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NEUMANN_NOTE: &str = "If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
";

#[test]
fn a_note_of_the_first_implementation_is_opened() {
    let key: VerifierKey = NEUMANN.parse().unwrap();
    assert_eq!(key.name(), "PeterNeumann");
    assert_eq!(key.to_string(), NEUMANN);
    let note = Note::parse(NEUMANN_NOTE).unwrap();
    assert_eq!(note.to_string(), NEUMANN_NOTE);
    let text = note.open(&key).unwrap();
    assert!(text.ends_with("your problem is.\n"));
    // Signed, and no checkpoint.
    assert_eq!(
        Checkpoint::read(text).unwrap_err().code,
        "checkpoint_malformed"
    );
}

/// A checkpoint of the Go checksum database, whose key is public. It is the one in the examples of C2SP, before they renamed
/// its origin.
#[test]
fn a_checkpoint_of_a_real_log_is_read() {
    let key: VerifierKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
        .parse()
        .unwrap();
    let text = "go.sum database tree
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
";
    let note = Note::parse(text).unwrap();
    let body = note.open(&key).unwrap();
    // That log's name has spaces, which the format leaves open and no log here may have.
    let problem = Checkpoint::read(body).unwrap_err();
    assert_eq!(problem.code, "key_name_not_allowed");
    // Larger by one event: not what was signed.
    let other = Note::parse(&text.replace("20852163", "20852164")).unwrap();
    assert_eq!(other.open(&key).unwrap_err().code, "signature_wrong");
}

/// The example of `tlog-checkpoint`; its signature is of the checkpoint above, so it is read here and opened by nobody.
#[test]
fn the_example_of_the_format_is_read() {
    let text = "example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
";
    let note = Note::parse(text).unwrap();
    assert_eq!(note.to_string(), text);
    let body = text.split_inclusive('\n').take(3).collect::<String>();
    let checkpoint = Checkpoint::read(&body).unwrap();
    assert_eq!(checkpoint.origin(), "example.com/behind-the-sofa");
    assert_eq!(checkpoint.size(), 20_852_163);
    assert_eq!(checkpoint.body(), body);
    let (_, key) = signer(1);
    let problem = note
        .verify("example.com/behind-the-sofa", &key)
        .unwrap_err();
    assert_eq!(problem.code, "note_not_signed");
}

/// The example of `signed-note`, whose text has an empty line of its own.
#[test]
fn the_last_empty_line_is_the_one_that_counts() {
    let text = "Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
";
    assert_eq!(Note::parse(text).unwrap().to_string(), text);
}

// ---------------------------------------------------------------- checkpoints

#[test]
fn a_checkpoint_is_three_lines() {
    let empty = Checkpoint::new(ORIGIN, 0, Digest::of_bytes(b"")).unwrap();
    assert_eq!(
        empty.body(),
        "example.org/lab\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    );
    for checkpoint in [empty, checkpoint()] {
        let body = checkpoint.body();
        assert_eq!(Checkpoint::read(&body), Ok(checkpoint.clone()));
        // Lines after the third are let be.
        assert_eq!(
            Checkpoint::read(&format!("{body}more\nand more\n")),
            Ok(checkpoint)
        );
    }
}

#[test]
fn what_is_not_quite_a_checkpoint_says_which_line() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let other = base64::encode(leaf_hash(b"a").as_bytes());
    for (body, line) in [
        (String::new(), 1),
        ("\n".into(), 1),
        ("a\n".into(), 2),
        ("a\n0\n".into(), 3),
        (format!("a\n0\n{root}"), 3),
        (format!("\n0\n{root}\n"), 1),
        (format!("a\n\n{root}\n"), 2),
        (format!("a\n00\n{root}\n"), 2),
        (format!("a\n01\n{other}\n"), 2),
        (format!("a\n+1\n{other}\n"), 2),
        (format!("a\n-1\n{other}\n"), 2),
        (format!("a\n 1\n{other}\n"), 2),
        (format!("a\n1.0\n{other}\n"), 2),
        (format!("a\n1e3\n{other}\n"), 2),
        (format!("a\n٣\n{other}\n"), 2),
        (format!("a\n9007199254740992\n{other}\n"), 2),
        (format!("a\n18446744073709551616\n{other}\n"), 2),
        (format!("a\n0\n{other}\n"), 3),
        (format!("a\n1\n{}\n", other.trim_end_matches('=')), 3),
        (format!("a\n1\n {other}\n"), 3),
        (format!("a\n1\n{}\n", base64::encode(&[1; 31])), 3),
        (format!("a\n1\n{}\n", base64::encode(&[1; 33])), 3),
        (format!("a\n1\n{other}\n\n"), 4),
        (format!("a\n1\n{other}\nmore"), 4),
        (format!("a\n1\n{other}\nmore\n\n"), 5),
        (format!("a\r\n1\r\n{other}\r\n"), 2),
    ] {
        let problem = Checkpoint::read(&body).unwrap_err();
        assert_eq!(problem.code, "checkpoint_malformed", "{body:?}");
        assert!(
            problem.message.contains(&format!("line {line}:")),
            "{body:?}: {problem}"
        );
    }
    for origin in [
        "",
        "a b",
        "a+b",
        "a\tb",
        "a\nb",
        "a\u{a0}b",
        "a\u{2003}b",
        "\u{7f}",
    ] {
        for found in [
            Checkpoint::check_origin(origin).unwrap_err(),
            Checkpoint::new(origin, 0, Digest::of_bytes(b"")).unwrap_err(),
        ] {
            assert_eq!(found.code, "key_name_not_allowed", "{origin:?}");
        }
    }
    for origin in ["a", ORIGIN, "senat.beispiel/überblick", "a:1/b?c=d"] {
        assert_eq!(Checkpoint::check_origin(origin), Ok(()), "{origin}");
    }
    let large = Checkpoint::new(ORIGIN, 1 << 53, leaf_hash(b"a")).unwrap_err();
    assert_eq!(large.code, "checkpoint_malformed");
}

// ---------------------------------------------------------------- notes

#[test]
fn a_signed_checkpoint_is_verified() {
    let (text, key) = note();
    let note: Note = text.parse().unwrap();
    assert_eq!(note.verify(ORIGIN, &key), Ok(checkpoint()));
    assert!(text.starts_with("example.org/lab\n3\n"));
    assert!(text.contains("\n\n— example.org/lab "));
}

#[test]
fn the_checkpoint_of_another_is_refused() {
    let (text, key) = note();
    let note = Note::parse(&text).unwrap();
    let code = |found: Result<Checkpoint, Problem>| found.unwrap_err().code;
    // Another key; the same key under another name; a name that no log has.
    assert_eq!(code(note.verify(ORIGIN, &signer(8).1)), "note_not_signed");
    assert_eq!(
        code(note.verify("example.org/other", &key)),
        "note_not_signed"
    );
    assert_eq!(
        code(note.verify("example org", &key)),
        "key_name_not_allowed"
    );
    // Signed under the right name, and about another log.
    let (secret, public) = signer(7);
    let other = Checkpoint::new("example.org/other", 3, checkpoint().root()).unwrap();
    let signature = sign(&secret, other.body().as_bytes());
    let note = Note::assemble(&other.body(), ORIGIN, &public, &signature).unwrap();
    assert_eq!(code(note.verify(ORIGIN, &public)), "checkpoint_other_log");
}

#[test]
fn only_what_can_be_verified_is_put_together() {
    let (secret, public) = signer(7);
    let body = checkpoint().body();
    let signature = sign(&secret, body.as_bytes());
    let code = |text: &str, name: &str, key: &PublicKey| {
        Note::assemble(text, name, key, &signature)
            .unwrap_err()
            .code
    };
    assert_eq!(code("other\n", ORIGIN, &public), "signature_wrong");
    assert_eq!(code(&body, ORIGIN, &signer(8).1), "signature_wrong");
    assert_eq!(code(&body, "a b", &public), "key_name_not_allowed");
    assert_eq!(code(&body, "", &public), "key_name_not_allowed");
    assert_eq!(code(body.trim_end(), ORIGIN, &public), "note_malformed");
    assert_eq!(code("", ORIGIN, &public), "note_malformed");
    assert_eq!(code("a\rb\n", ORIGIN, &public), "note_malformed");
}

/// Others may sign, too; those of the key in question must all hold.
#[test]
fn the_signatures_of_others_are_left_aside() {
    let (text, key) = note();
    let (witness, witness_key) = signer(9);
    let body = checkpoint().body();
    let signature = sign(&witness, body.as_bytes());
    let witnessed = Note::assemble(&body, "witness.example/w", &witness_key, &signature)
        .unwrap()
        .to_string();
    let line = witnessed.lines().last().unwrap();
    let both = format!("{text}{line}\n");
    let note = Note::parse(&both).unwrap();
    assert_eq!(note.to_string(), both);
    assert_eq!(note.verify(ORIGIN, &key), Ok(checkpoint()));
    let witness_name = VerifierKey::new("witness.example/w", witness_key).unwrap();
    assert_eq!(note.open(&witness_name), Ok(body.as_str()));

    // One of another length under another name, such as one of another algorithm.
    let strange = format!("{text}— other {}\n", base64::encode(&[3; 4 + 2420]));
    assert_eq!(
        Note::parse(&strange).unwrap().verify(ORIGIN, &key),
        Ok(checkpoint())
    );

    // The key's own twice, and a second one under its name and hash that is not.
    let own = text.lines().last().unwrap();
    let twice = Note::parse(&format!("{text}{own}\n")).unwrap();
    assert_eq!(twice.verify(ORIGIN, &key), Ok(checkpoint()));
    let hash = VerifierKey::new(ORIGIN, key).unwrap().hash();
    for (length, code) in [(64, "signature_wrong"), (63, "signature_malformed")] {
        let forged = base64::encode(&[hash.as_slice(), &vec![1; length]].concat());
        for text in [
            format!("{text}— {ORIGIN} {forged}\n"),
            format!("{body}\n— {ORIGIN} {forged}\n{own}\n"),
        ] {
            let found = Note::parse(&text).unwrap().verify(ORIGIN, &key);
            assert_eq!(found.unwrap_err().code, code);
        }
    }
}

#[test]
fn what_is_not_quite_a_note_says_where() {
    let (text, _) = note();
    let line = text.lines().last().unwrap().to_owned();
    let encoded = line.rsplit_once(' ').unwrap().1.to_owned();
    let body = checkpoint().body();
    let many = |count: usize| format!("{body}\n{}", format!("{line}\n").repeat(count));
    assert!(Note::parse(&many(64)).is_ok());
    let last = body.len() + 1;
    for (text, at, offset) in [
        (String::new(), 1, 0),
        (body.clone(), 4, body.len()),
        (format!("{body}\n"), 5, last),
        (format!("{body}{line}\n"), 5, body.len() + line.len() + 1),
        (format!("{body}\n{line}"), 5, last + line.len()),
        (format!("{body}\n{line}\n\n"), 7, last + line.len() + 2),
        (format!("{body}\n{line}\nmore\n"), 6, last + line.len() + 1),
        (format!("{body}\n{line} \n"), 5, last),
        (format!("{body}\n {line}\n"), 5, last),
        (format!("{body}\n{}\n", line.replace('—', "-")), 5, last),
        (format!("{body}\n— a+b {encoded}\n"), 5, last),
        (format!("{body}\n—  {encoded}\n"), 5, last),
        (format!("{body}\n— a\u{a0}b {encoded}\n"), 5, last),
        (format!("{body}\n— a\n"), 5, last),
        (format!("{body}\n— a \n"), 5, last),
        (format!("{body}\n— a AAAA\n"), 5, last),
        (format!("{body}\n— a AAAAAA==\n"), 5, last),
        (
            format!("{body}\n— a {}\n", encoded.trim_end_matches('=')),
            5,
            last,
        ),
        (text.replace("lab\n3", "lab\r\n3"), 1, ORIGIN.len()),
        (format!("a\n\u{0}b\n\n{line}\n"), 2, 2),
        (many(65), 5 + 64, last + 64 * (line.len() + 1)),
        ("a".repeat(600_000), 1, 0),
    ] {
        let problem = Note::parse(&text).unwrap_err();
        let shown: String = text.chars().take(200).collect();
        assert_eq!(problem.code, "note_malformed", "{shown:?}");
        assert!(
            problem.message.contains(&format!("line {at}:")),
            "{shown:?}: {problem}"
        );
        assert_eq!(problem.offset, Some(offset), "{shown:?}: {problem}");
    }
}

#[test]
fn what_is_not_quite_the_key_of_a_note_is_none() {
    let code = |text: &str| text.parse::<VerifierKey>().unwrap_err().code;
    for text in [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        // Another type, a byte fewer, other base64.
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q=",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq_LDE4izWy10TW",
        "PeterNeumann+c74f20a3+",
    ] {
        assert_eq!(code(text), "note_key_malformed", "{text}");
    }
    assert_eq!(
        code("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        "key_name_not_allowed"
    );
    let weak = base64::encode(&[[1].as_slice(), &[0; 32]].concat());
    assert_eq!(code(&format!("a+00000000+{weak}")), "key_weak");
}

// ---------------------------------------------------------------- envelopes and statements

/// The example of DSSE's `protocol.md`. Its signature is of another algorithm, and names no key.
#[test]
fn the_example_of_the_envelope_is_read() {
    assert_eq!(
        pae("http://example.com/HelloWorld", b"hello world"),
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
    let example = json!({
        "payload": "aGVsbG8gd29ybGQ=",
        "payloadType": "http://example.com/HelloWorld",
        "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]
    });
    let envelope = Envelope::read(&example).unwrap();
    assert_eq!(envelope.payload, b"hello world");
    assert_eq!(envelope.to_value(), example);
    let problem = envelope.verify(&signer(1).1).unwrap_err();
    assert_eq!(
        (problem.code, problem.pointer.as_str()),
        ("signature_wrong", "/signatures/0/sig")
    );
}

/// Lengths are of bytes, so that no two pairs of type and payload are signed as the same bytes.
#[test]
fn what_is_signed_of_an_envelope_can_be_taken_apart_in_one_way_only() {
    assert_eq!(pae("é", "è".as_bytes()), "DSSEv1 2 é 2 è".as_bytes());
    assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
    assert_ne!(pae("a", b"1 b 2"), pae("a 5 1", b"b 2"));
}

fn statement() -> Statement {
    Statement {
        subject: vec![Subject {
            name: "experiment v2".into(),
            digest: leaf_hash(b"schema"),
        }],
        predicate: json!({"outcome": "approved", "yes": 2}),
    }
}

fn envelope() -> (Envelope, PublicKey) {
    let (secret, public) = signer(7);
    let payload = statement().to_canonical().unwrap();
    let signature = sign(&secret, &pae(PAYLOAD_TYPE, payload.as_bytes()));
    let envelope =
        Envelope::assemble(PAYLOAD_TYPE, payload.as_bytes(), &public, &signature).unwrap();
    (envelope, public)
}

#[test]
fn a_statement_travels_in_an_envelope() {
    let (envelope, key) = envelope();
    let read = Envelope::read(&envelope.to_value()).unwrap();
    assert_eq!(read, envelope);
    assert_eq!(read.verify(&key), Ok(()));
    assert_eq!(read.statement(Limits::DOCUMENT), Ok(statement()));
    assert_eq!(
        statement().to_value()["subject"][0]["digest"],
        json!({"sha256": leaf_hash(b"schema").to_string().replace("sha256:", "")})
    );
    assert_eq!(
        read.signatures[0].keyid.as_deref(),
        Some(key.id().to_string().as_str())
    );
}

#[test]
fn an_envelope_is_signed_by_whoever_it_takes() {
    let (good, key) = envelope();
    let problem = |envelope: &Envelope| {
        let problem = envelope.verify(&key).unwrap_err();
        (problem.code, problem.pointer)
    };
    let not_signed = ("envelope_not_signed", "/signatures".to_owned());
    let wrong = |at: usize| ("signature_wrong", format!("/signatures/{at}/sig"));

    // Another payload, another type.
    let mut other = good.clone();
    other.payload.push(b' ');
    assert_eq!(problem(&other), wrong(0));
    let mut other = good.clone();
    other.payload_type.push('x');
    assert_eq!(problem(&other), wrong(0));

    // A signature that names nobody may be anybody's; one that names another is not asked.
    let mut anonymous = good.clone();
    anonymous.signatures[0].keyid = None;
    assert_eq!(anonymous.verify(&key), Ok(()));
    assert_eq!(Envelope::read(&anonymous.to_value()).unwrap(), anonymous);
    let mut misnamed = good.clone();
    misnamed.signatures[0].keyid = Some("somebody".into());
    assert_eq!(problem(&misnamed), not_signed);
    let mut empty = good.clone();
    empty.signatures.clear();
    assert_eq!(problem(&empty), not_signed);

    // Beside a good one: others' are left aside, a second one of this key must hold as well.
    let mut second = good.clone();
    for keyid in [None, Some("somebody".to_owned())] {
        second.signatures.insert(
            0,
            EnvelopeSignature {
                keyid,
                sig: vec![1; 64],
            },
        );
    }
    assert_eq!(second.verify(&key), Ok(()));
    let own = EnvelopeSignature {
        keyid: Some(key.id().to_string()),
        sig: vec![1; 64],
    };
    second.signatures.push(own.clone());
    assert_eq!(problem(&second), wrong(3));
    second.signatures[3].sig.pop();
    assert_eq!(
        problem(&second),
        ("signature_malformed", "/signatures/3/sig".to_owned())
    );
    // Of those that name nobody one is enough.
    let mut mixed = anonymous.clone();
    mixed.signatures.insert(
        0,
        EnvelopeSignature {
            keyid: None,
            sig: vec![1; 64],
        },
    );
    mixed.signatures.insert(
        1,
        EnvelopeSignature {
            keyid: None,
            sig: vec![1; 3],
        },
    );
    assert_eq!(mixed.verify(&key), Ok(()));

    let signature = Signature::from_bytes(good.signatures[0].sig.as_slice().try_into().unwrap());
    let found = Envelope::assemble(PAYLOAD_TYPE, b"{}", &key, &signature);
    assert_eq!(found.unwrap_err().code, "signature_wrong");
}

/// A document with one member taken out, or another value put at a pointer.
fn changed(document: &Value, place: &str, value: Option<Value>) -> Value {
    let mut document = document.clone();
    let (parent, name) = place.rsplit_once('/').unwrap();
    match (document.pointer_mut(parent).unwrap(), value) {
        (Value::Object(members), Some(value)) => drop(members.insert(name.into(), value)),
        (Value::Object(members), None) => drop(members.shift_remove(name)),
        (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{place}"),
    }
    document
}

#[test]
fn what_is_not_quite_an_envelope_says_where() {
    let (good, _) = envelope();
    let good = good.to_value();
    let one = good["signatures"][0].clone();
    let sig = one["sig"].as_str().unwrap();
    for (place, value, code, at) in [
        ("/payload", None, "member_missing", ""),
        ("/payloadType", None, "member_missing", ""),
        ("/signatures", None, "member_missing", ""),
        ("/more", Some(json!(1)), "member_unknown", "/more"),
        ("/payload", Some(json!(7)), "member_type", "/payload"),
        (
            "/payload",
            Some(json!("e30")),
            "base64_malformed",
            "/payload",
        ),
        (
            "/payload",
            Some(json!("-_8=")),
            "base64_malformed",
            "/payload",
        ),
        (
            "/payloadType",
            Some(json!("")),
            "member_empty",
            "/payloadType",
        ),
        ("/signatures", Some(json!({})), "member_type", "/signatures"),
        (
            "/signatures",
            Some(json!([])),
            "envelope_signatures",
            "/signatures",
        ),
        (
            "/signatures",
            Some(json!(vec![one.clone(); 65])),
            "envelope_signatures",
            "/signatures",
        ),
        (
            "/signatures/0",
            Some(json!([])),
            "member_type",
            "/signatures/0",
        ),
        ("/signatures/0/sig", None, "member_missing", "/signatures/0"),
        (
            "/signatures/0/sig",
            Some(json!(sig.trim_end_matches('='))),
            "base64_malformed",
            "/signatures/0/sig",
        ),
        (
            "/signatures/0/keyid",
            Some(json!(7)),
            "member_type",
            "/signatures/0/keyid",
        ),
        (
            "/signatures/0/cert",
            Some(json!("")),
            "member_unknown",
            "/signatures/0/cert",
        ),
    ] {
        let problems = Envelope::read(&changed(&good, place, value)).unwrap_err();
        let found: Vec<_> = problems
            .iter()
            .map(|p| (p.code, p.pointer.as_str()))
            .collect();
        assert_eq!(found, [(code, at)], "{place}");
    }
    // No key, said in the format's other way.
    let unnamed = changed(&good, "/signatures/0/keyid", Some(json!("")));
    assert_eq!(Envelope::read(&unnamed).unwrap().signatures[0].keyid, None);
}

#[test]
fn what_is_not_quite_a_statement_says_where() {
    let good = statement().to_value();
    assert_eq!(Statement::read(&good), Ok(statement()));
    assert_eq!(good["_type"], STATEMENT_TYPE);
    assert_eq!(good["predicateType"], PREDICATE_TYPE);
    let digest = "/subject/0/digest/sha256";
    let hex = good.pointer(digest).unwrap().as_str().unwrap();
    for (place, value, code, at) in [
        ("/_type", None, "member_missing", ""),
        (
            "/_type",
            Some(json!("https://in-toto.io/Statement/v0.1")),
            "statement_type_unknown",
            "/_type",
        ),
        (
            "/predicateType",
            Some(json!("https://slsa.dev/provenance/v1")),
            "predicate_type_unknown",
            "/predicateType",
        ),
        ("/predicate", None, "member_missing", ""),
        ("/predicate", Some(json!(null)), "member_type", "/predicate"),
        ("/subject", None, "member_missing", ""),
        ("/subject", Some(json!([])), "member_empty", "/subject"),
        ("/subject/0", Some(json!("x")), "member_type", "/subject/0"),
        ("/subject/0/name", None, "member_missing", "/subject/0"),
        (
            "/subject/0/uri",
            Some(json!("x")),
            "member_unknown",
            "/subject/0/uri",
        ),
        ("/subject/0/digest", None, "member_missing", "/subject/0"),
        (digest, None, "member_missing", "/subject/0/digest"),
        (
            digest,
            Some(json!(hex.to_uppercase())),
            "digest_malformed",
            digest,
        ),
        (
            digest,
            Some(json!(format!("sha256:{hex}"))),
            "digest_malformed",
            digest,
        ),
        (
            "/subject/0/digest/sha512",
            Some(json!("ab")),
            "member_unknown",
            "/subject/0/digest/sha512",
        ),
        ("/more", Some(json!(1)), "member_unknown", "/more"),
    ] {
        let problems = Statement::read(&changed(&good, place, value)).unwrap_err();
        let found: Vec<_> = problems
            .iter()
            .map(|p| (p.code, p.pointer.as_str()))
            .collect();
        assert_eq!(found, [(code, at)], "{place}");
    }
    let mut other = envelope().0;
    other.payload_type = "application/json".into();
    let code = |envelope: &Envelope| envelope.statement(Limits::DOCUMENT).unwrap_err()[0].code;
    assert_eq!(code(&other), "payload_type_unknown");
    let mut other = envelope().0;
    other.payload = b"{\"_type\":1,\"_type\":1}".to_vec();
    assert_eq!(code(&other), "json_duplicate_key");
}

// ---------------------------------------------------------------- any text

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// One character changed, taken out or put in: the checkpoint is refused, or it is the same one. It can be the same one only
    /// where the change makes the note another one that the key signed as well, and it signed one.
    #[test]
    fn no_change_to_a_note_goes_unnoticed(at in any::<prop::sample::Index>(), c in any::<char>(), how in 0..3) {
        let (text, key) = note();
        let mut characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        match how {
            0 => characters[at] = c,
            1 => drop(characters.remove(at)),
            _ => characters.insert(at, c),
        }
        let changed: String = characters.into_iter().collect();
        if changed != text {
            let found = Note::parse(&changed).and_then(|note| note.verify(ORIGIN, &key));
            prop_assert!(found.is_err(), "{changed}");
        }
    }

    /// Whatever is read is written back as it was.
    #[test]
    fn any_note_that_is_read_is_written_back(
        text in "(?s)[ -~é—\n]{0,40}",
        name in "[a-z./é]{1,12}",
        count in 1_usize..4,
        bytes in prop::collection::vec(any::<u8>(), 5..90),
        junk in "(?s).{0,80}",
    ) {
        let line = format!("— {name} {}\n", base64::encode(&bytes));
        let whole = format!("{text}\n\n{}", line.repeat(count));
        prop_assert_eq!(Note::parse(&whole).map(|note| note.to_string()), Ok(whole));
        for text in [junk.clone(), format!("{junk}\n\n{line}"), format!("{text}\n\n— {junk}")] {
            if let Ok(note) = Note::parse(&text) {
                prop_assert_eq!(note.to_string(), text);
            }
        }
        if let Ok(checkpoint) = Checkpoint::read(&junk) {
            prop_assert!(junk.starts_with(&checkpoint.body()));
        }
    }
}
