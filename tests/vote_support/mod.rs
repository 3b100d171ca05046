//! Members with keys, for the tests of votes.

#![allow(dead_code, reason = "each test file uses some of it")]

use schema_senate::vote::{Electorate, Member, PublicKey, Role};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text of a key whose 32 bytes begin with a number.
fn key_text(number: u64) -> String {
    let mut bytes = [0_u8; 33];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    let mut digits = String::new();
    for three in bytes.chunks(3) {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for digit in 0..4 {
            digits.push(char::from(
                ALPHABET[(bits >> (18 - 6 * digit) & 63) as usize],
            ));
        }
    }
    // 32 bytes are 43 digits and one for padding.
    format!("ed25519:{}=", digits.get(..43).unwrap_or_default())
}

/// A key of its own for each number. Not all 32 bytes are a point of the curve, so the first that are, from a far number on.
pub fn key(number: u64) -> PublicKey {
    (number << 20..)
        .find_map(|number| key_text(number + 3).parse().ok())
        .unwrap()
}

/// Voters `m0`, `m1`, … of the given principals.
pub fn voters<S: AsRef<str>>(principals: &[S]) -> Vec<Member> {
    principals
        .iter()
        .zip(0..)
        .map(|(principal, number)| Member {
            principal: principal.as_ref().to_owned(),
            ..Member::voter(format!("m{number:02}"), key(number))
        })
        .collect()
}

/// An electorate of so many voters, each their own principal.
pub fn electorate(members: u64) -> Electorate {
    let voters = (0..members).map(|number| Member::voter(format!("m{number:02}"), key(number)));
    Electorate::new(voters.collect()).unwrap()
}

/// A contributor.
pub fn contributor(id: &str, number: u64) -> Member {
    Member {
        role: Role::Contributor,
        ..Member::voter(id, key(number))
    }
}
