//! Keys and signatures: the vectors of RFC 8032, signatures that no honest signer makes, and what one flipped bit does.

#![cfg(test)]

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;
use schema_senate::signature::{PublicKey, Signature, signing_bytes, verify};
use schema_senate::text::{Digest, Kind, base64, digest_canonical};
use sha2::{Digest as _, Sha512};

fn hex(text: &str) -> Vec<u8> {
    let digit = |c: &u8| char::from(*c).to_digit(16).unwrap() as u8;
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        panic!("half a byte");
    };
    pairs
        .iter()
        .map(|[high, low]| digit(high) << 4 | digit(low))
        .collect()
}

fn key(bytes: &[u8]) -> Result<PublicKey, &'static str> {
    PublicKey::from_bytes(bytes.try_into().unwrap()).map_err(|problem| problem.code)
}

/// RFC 8032, section 7.1: public key, message, signature (tests 1, 2, 3 and SHA(abc)).
const RFC_8032: [[&str; 3]; 4] = [
    [
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
    [
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ],
];

fn rfc(index: usize) -> (PublicKey, Vec<u8>, [u8; 64]) {
    let [public, message, signature] = RFC_8032[index];
    (
        key(&hex(public)).unwrap(),
        hex(message),
        hex(signature).try_into().unwrap(),
    )
}

#[test]
fn the_vectors_of_rfc_8032_verify_under_their_own_key_only() {
    for a in 0..RFC_8032.len() {
        let (_, message, signature) = rfc(a);
        for b in 0..RFC_8032.len() {
            let (key, ..) = rfc(b);
            let found = verify(&key, &message, &Signature::from_bytes(signature));
            assert_eq!(
                found.map_err(|problem| problem.code),
                if a == b {
                    Ok(())
                } else {
                    Err("signature_wrong")
                }
            );
        }
    }
}

#[test]
fn a_key_is_written_and_read() {
    let (key, ..) = rfc(0);
    let text = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    assert_eq!(key.to_string(), text);
    assert_eq!(text.parse(), Ok(key));
    assert_eq!(serde_json::to_value(key).unwrap(), text);
    assert_eq!(
        serde_json::from_value::<PublicKey>(text.into()).unwrap(),
        key
    );
    // Computed with Python's hashlib.
    assert_eq!(
        key.id().to_string(),
        "sha256:21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9"
    );
    assert_eq!(key.id(), Digest::of_bytes(key.as_bytes()));
}

#[test]
fn what_is_not_quite_a_key_is_none() {
    let good = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let short = base64::encode(&[7; 31]);
    let long = base64::encode(&[7; 33]);
    for text in [
        String::new(),
        "ed25519:".into(),
        good.into(),
        format!("ED25519:{good}"),
        format!("ed25519: {good}"),
        format!("ed25519:{good} "),
        format!("ed448:{good}"),
        format!("ed25519:{}", good.trim_end_matches('=')),
        format!("ed25519:{}", good.replace('/', "_")),
        // The last character with bits left over: the same 32 bytes to a careless reader.
        format!("ed25519:{}", good.replace("o=", "p=")),
        format!("ed25519:1w=={}", base64::encode(&rfc(0).0.as_bytes()[1..])),
        format!("ed25519:{short}"),
        format!("ed25519:{long}"),
    ] {
        let problem = text.parse::<PublicKey>().unwrap_err();
        assert_eq!(problem.code, "key_malformed", "{text}");
        assert!(serde_json::from_value::<PublicKey>(text.into()).is_err());
    }
}

/// p = 2^255 − 19, from the lowest byte, and what is `more` than it.
fn beyond_p(more: u8, sign: bool) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed + more;
    bytes[31] = if sign { 0xff } else { 0x7f };
    bytes
}

/// Every encoding of a y that is not below p, with either sign: none of the 38 is a key. The honest encodings of the same
/// points are, where they are points and of large order, so that the test does not pass for another reason.
#[test]
fn a_key_in_another_encoding_than_its_own_is_refused() {
    let (mut points, mut weak) = (0, 0);
    for more in 0..19 {
        for sign in [false, true] {
            let mut honest = [0; 32];
            honest[0] = more;
            honest[31] = if sign { 0x80 } else { 0 };
            match (key(&honest), key(&beyond_p(more, sign)).unwrap_err()) {
                (Ok(_), code) => {
                    points += 1;
                    assert_eq!(code, "key_malformed", "{more} {sign}");
                }
                (Err("key_weak"), code) => {
                    weak += 1;
                    assert_eq!(code, "key_weak", "{more} {sign}");
                }
                (Err(_), code) => assert_eq!(code, "key_malformed", "{more} {sign}"),
            }
        }
    }
    // Counted by another program, from the equation of the curve.
    assert_eq!((points, weak), (20, 4));
}

/// The eight points of small order, and the other ways in which some of them can be written.
#[test]
fn keys_of_small_order_are_refused() {
    for point in EIGHT_TORSION {
        assert_eq!(key(point.compress().as_bytes()), Err("key_weak"));
    }
    // y = 1 and y = −1 with the sign of an x that is zero.
    let mut one = [0; 32];
    (one[0], one[31]) = (1, 0x80);
    assert_eq!(key(&one), Err("key_weak"));
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    assert_eq!(key(&minus_one), Err("key_weak"));
}

#[test]
fn what_is_not_quite_a_signature_is_none() {
    let (_, _, bytes) = rfc(0);
    let good = Signature::from_bytes(bytes);
    let text = good.to_string();
    assert_eq!(text.len(), 88);
    assert_eq!(text.parse(), Ok(good));
    assert_eq!(serde_json::to_value(good).unwrap(), text.as_str());
    assert_eq!(
        serde_json::from_value::<Signature>(text.as_str().into()).unwrap(),
        good
    );
    for bad in [
        String::new(),
        text.trim_end_matches('=').into(),
        format!("{text}\n"),
        text.replace("Cw==", "Cx=="),
        text.replace('+', "-"),
        // One byte and 63 bytes, written one behind the other: 88 characters, too.
        format!("5Q=={}", base64::encode(&bytes[1..])),
        base64::encode(&[1; 63]),
        base64::encode(&[1; 65]),
        base64::encode(&[1; 32]),
    ] {
        let problem = bad.parse::<Signature>().unwrap_err();
        assert_eq!(problem.code, "signature_malformed", "{bad}");
        assert!(serde_json::from_value::<Signature>(bad.into()).is_err());
    }
}

/// S + L, S + 2L, … verify with the same equation as S does: whoever takes them has two signatures for one.
#[test]
fn a_signature_has_one_s() {
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    for index in 0..RFC_8032.len() {
        let (key, message, mut signature) = rfc(index);
        let mut tried = 0;
        loop {
            let mut carry = 0;
            for (byte, add) in signature[32..].iter_mut().zip(&order) {
                let sum = u16::from(*byte) + u16::from(*add) + carry;
                (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
            }
            if carry != 0 {
                break;
            }
            tried += 1;
            let problem = verify(&key, &message, &Signature::from_bytes(signature)).unwrap_err();
            assert_eq!(problem.code, "signature_wrong");
        }
        assert!(tried >= 14, "{tried}");
    }
}

/// SHA-512(R, A, M) as a number, as RFC 8032 takes it.
fn challenge(r: &[u8; 32], a: &[u8; 32], message: &[u8]) -> Scalar {
    let mut hasher = Sha512::new();
    hasher.update(r);
    hasher.update(a);
    hasher.update(message);
    Scalar::from_bytes_mod_order_wide(&hasher.finalize().into())
}

/// A signature made by hand: R + `r_torsion` and A + `a_torsion` as they are written, S as an honest signer computes it.
fn by_hand(
    secret: u64,
    nonce: u64,
    a_torsion: EdwardsPoint,
    r_torsion: EdwardsPoint,
    message: &[u8],
) -> ([u8; 32], [u8; 64], Scalar) {
    let (a, r) = (Scalar::from(secret), Scalar::from(nonce));
    let key = (ED25519_BASEPOINT_POINT * a + a_torsion).compress().0;
    let commitment = (ED25519_BASEPOINT_POINT * r + r_torsion).compress().0;
    let h = challenge(&commitment, &key, message);
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&commitment);
    signature[32..].copy_from_slice((r + h * a).as_bytes());
    (key, signature, h)
}

/// The cases of "Taming the many EdDSAs": points of small and of mixed order, with the equation that holds with the cofactor
/// only, or without it too. Libraries disagree on these; the answer here is that the equation holds as it stands.
#[test]
fn points_of_small_and_mixed_order_are_judged_without_the_cofactor() {
    let torsion = EIGHT_TORSION[1];
    let (mut held, mut failed) = (0, 0);
    for count in 0..200_u64 {
        let message = count.to_le_bytes();
        // An honest one, for comparison.
        let (a, signature, _) = by_hand(
            count + 7,
            count + 11,
            EIGHT_TORSION[0],
            EIGHT_TORSION[0],
            &message,
        );
        let honest = key(&a).unwrap();
        assert!(verify(&honest, &message, &Signature::from_bytes(signature)).is_ok());

        // A of mixed order: S·B = R + h·A exactly when the torsion of h·A vanishes, so when 8 divides h.
        let (a, signature, h) = by_hand(count + 7, count + 11, torsion, EIGHT_TORSION[0], &message);
        let mixed = key(&a).unwrap();
        let vanishes = h.as_bytes()[0] % 8 == 0;
        let found = verify(&mixed, &message, &Signature::from_bytes(signature));
        assert_eq!(found.is_ok(), vanishes, "{count}");
        if vanishes {
            held += 1
        } else {
            failed += 1
        }

        // R of mixed order under an honest A: holds with the cofactor only.
        let (a, signature, _) = by_hand(count + 7, count + 11, EIGHT_TORSION[0], torsion, &message);
        let found = verify(
            &key(&a).unwrap(),
            &message,
            &Signature::from_bytes(signature),
        );
        assert_eq!(found.unwrap_err().code, "signature_wrong");

        // R of small order, S = h·a: the equation holds as it stands, and still says nothing about a nonce.
        for small in EIGHT_TORSION {
            let (a, signature, _) = by_hand(count + 7, 0, EIGHT_TORSION[0], small, &message);
            let found = verify(
                &key(&a).unwrap(),
                &message,
                &Signature::from_bytes(signature),
            );
            assert_eq!(found.unwrap_err().code, "signature_wrong");
        }
    }
    assert!(held > 5 && failed > 150, "{held} {failed}");
}

/// R as a y beyond p. The point is the same to a reader that reduces it, and the hash is not.
#[test]
fn a_signature_has_one_r() {
    let (key, message, good) = rfc(1);
    for more in 0..19 {
        for sign in [false, true] {
            let mut signature = good;
            signature[..32].copy_from_slice(&beyond_p(more, sign));
            let problem = verify(&key, &message, &Signature::from_bytes(signature)).unwrap_err();
            assert_eq!(problem.code, "signature_wrong");
        }
    }
    // The identity with S = h·a, as RFC 8032's own equation would have it, in its three encodings.
    let a = Scalar::from(5_u64);
    let public = (ED25519_BASEPOINT_POINT * a).compress().0;
    let mut minus_zero = [0; 32];
    (minus_zero[0], minus_zero[31]) = (1, 0x80);
    let mut plain = [0; 32];
    plain[0] = 1;
    for r in [plain, minus_zero, beyond_p(1, false)] {
        let s = challenge(&r, &public, b"m") * a;
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(s.as_bytes());
        let public = PublicKey::from_bytes(&public).unwrap();
        assert!(verify(&public, b"m", &Signature::from_bytes(signature)).is_err());
    }
}

/// Every single bit of the message, the key and the signature.
#[test]
fn any_flipped_bit_is_refused() {
    let (key, message, signature) = rfc(2);
    let good = Signature::from_bytes(signature);
    let wrong = |found: Result<(), schema_senate::text::Problem>| {
        assert_eq!(found.unwrap_err().code, "signature_wrong");
    };
    for bit in 0..message.len() * 8 {
        let mut message = message.clone();
        message[bit / 8] ^= 1 << (bit % 8);
        wrong(verify(&key, &message, &good));
    }
    for bit in 0..512 {
        let mut signature = signature;
        signature[bit / 8] ^= 1 << (bit % 8);
        wrong(verify(&key, &message, &Signature::from_bytes(signature)));
    }
    let mut keys = 0;
    for bit in 0..256 {
        let mut bytes = *key.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        // About half of all bytes are no point.
        if let Ok(other) = PublicKey::from_bytes(&bytes) {
            keys += 1;
            assert_ne!(other.id(), key.id());
            wrong(verify(&other, &message, &good));
        }
    }
    assert!(keys > 90, "{keys}");
}

#[test]
fn what_is_signed_is_the_preimage_of_the_digest() {
    assert_eq!(signing_bytes("act", "{}"), b"senate.v1.act\0{}");
    assert_eq!(
        Digest::of_bytes(&signing_bytes("act", "{\"a\":1}")),
        digest_canonical(Kind::Act, "{\"a\":1}")
    );
    assert_eq!(
        Digest::of_bytes(&signing_bytes("key", "{}")),
        digest_canonical(Kind::Key, "{}")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// What is signed verifies; with a byte more, a byte less, one bit other, another tag or another key it does not.
    #[test]
    fn a_signature_is_one_of_a_key_over_a_message(
        seed in any::<[u8; 32]>(),
        other in any::<[u8; 32]>(),
        text in ".{0,60}",
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let signer = SigningKey::from_bytes(&seed);
        let key = PublicKey::from_bytes(signer.verifying_key().as_bytes()).unwrap();
        let message = signing_bytes("act", &text);
        let signature = Signature::from_bytes(signer.sign(&message).to_bytes());
        prop_assert_eq!(verify(&key, &message, &signature), Ok(()));
        prop_assert_eq!(key.to_string().parse(), Ok(key));
        prop_assert_eq!(signature.to_string().parse(), Ok(signature));

        prop_assert!(verify(&key, &signing_bytes("key", &text), &signature).is_err());
        prop_assert!(verify(&key, &[message.as_slice(), b"\0"].concat(), &signature).is_err());
        prop_assert!(verify(&key, &message[1..], &signature).is_err());
        let mut flipped = message.clone();
        flipped[at.index(message.len())] ^= 1 << bit;
        prop_assert!(verify(&key, &flipped, &signature).is_err());
        let mut bytes = *signature.as_bytes();
        bytes[at.index(64)] ^= 1 << bit;
        prop_assert!(verify(&key, &message, &Signature::from_bytes(bytes)).is_err());
        if seed != other {
            let other = SigningKey::from_bytes(&other).verifying_key();
            let other = PublicKey::from_bytes(other.as_bytes()).unwrap();
            prop_assert!(verify(&other, &message, &signature).is_err());
        }
    }

    /// Nothing panics, whatever the bytes; and what is taken as a key is written back as it was.
    #[test]
    fn any_bytes_are_judged(bytes in any::<[u8; 32]>(), signature in any::<[u8; 64]>(), text in ".{0,100}") {
        if let Ok(key) = PublicKey::from_bytes(&bytes) {
            prop_assert_eq!(key.as_bytes(), &bytes);
            prop_assert!(verify(&key, text.as_bytes(), &Signature::from_bytes(signature)).is_err());
        }
        prop_assert!(text.parse::<PublicKey>().is_err());
        prop_assert!(text.parse::<Signature>().is_err());
    }
}
