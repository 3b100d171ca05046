//! The properties of `fuzz/` on a fixed corpus, without nightly: every vector file and what its texts hold, each damaged
//! in a few hundred ways by a generator with a fixed seed. What libFuzzer finds becomes a vector.

// The lints of tests hold for their helpers, too.
#![cfg(test)]

use std::path::{Path, PathBuf};

use serde_json::Value;

#[path = "../fuzz/properties.rs"]
mod properties;

/// The texts that the vectors hold, and the vectors themselves.
fn corpus() -> Vec<Vec<u8>> {
    fn collect(folder: &Path, texts: &mut Vec<Vec<u8>>) {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                collect(&path, texts);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            if let Ok(Value::Object(case)) = serde_json::from_slice(&bytes) {
                for member in ["text", "canonical"] {
                    texts.extend(case.get(member).and_then(Value::as_str).map(Into::into));
                }
                texts.extend(case.get("given").map(|given| given.to_string().into()));
            }
            texts.push(bytes);
        }
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    for folder in ["tests/vectors/text", "tests/vectors/policy"] {
        collect(&root.join(folder), &mut texts);
    }
    let tally = r#"{"policy":{"ballot_mode":"final","tracks":{"additive":{"num":2,"den":3}}},"track":"additive","members":6,"yes":3,"no":1,"abstain":0}"#;
    texts.push(tally.into());
    texts
}

/// xorshift64*: the same sequence everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }
}

const PIECES: [&[u8]; 24] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b"\\u",
    b"\\ud83d",
    b"\\ude00",
    b"0",
    b"9",
    b"-",
    b".",
    b"e",
    b"1e400",
    b"9007199254740993",
    b"true",
    b"null",
    b"\"id\":",
    b"\xc3\xa9",
    b"\xff",
    b"\x00",
];

fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(8)).min(bytes.len());
        match random.below(4) {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
            2 => {
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                drop(bytes.splice(to..to, copy));
            }
            _ if at < bytes.len() => bytes[at] = random.next() as u8,
            _ => {}
        }
    }
}

fn each(property: fn(&[u8]), damaged: usize) {
    let corpus = corpus();
    assert!(corpus.len() > 300, "{} texts", corpus.len());
    let mut random = Random(0x5e4a_7e00_0000_0001);
    for text in corpus {
        property(&text);
        for _ in 0..damaged {
            let mut bytes = text.clone();
            damage(&mut bytes, &mut random);
            property(&bytes);
        }
    }
}

#[test]
fn any_text_is_read_or_refused_at_a_place() {
    each(properties::read, 100);
}

#[test]
fn what_may_be_hashed_has_one_text() {
    each(properties::canonical, 50);
}

#[test]
fn a_tally_means_what_it_says() {
    each(properties::tally, 50);
    // Counts and policies are made of the bytes, eight a number.
    let mut random = Random(7);
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..12).flat_map(|_| random.next().to_le_bytes()).collect();
        properties::tally(&bytes);
    }
}

#[test]
fn a_verdict_on_any_two_schemas_is_not_refuted() {
    let mut random = Random(11);
    for _ in 0..600 {
        let length = random.below(160);
        let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        properties::compatibility(&bytes);
    }
}
