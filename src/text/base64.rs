//! Bytes as text: the standard base64 of RFC 4648, section 4, with padding, and nothing beside it.
//!
//! A text that is taken is the only one for its bytes. The url-safe alphabet, missing padding, white space and bits that are
//! left over are refused, so that a signature or a key cannot be written in two ways.

use data_encoding::{BASE64, DecodeKind};

use super::Problem;

/// The text of bytes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    // The encoder refuses more than a 512th of the address space at once: 8 MiB in WebAssembly.
    let mut text = String::with_capacity(bytes.len() / 3 * 4 + 4);
    for part in bytes.chunks(PART) {
        text.push_str(&BASE64.encode(part));
    }
    text
}

/// Bytes that are encoded at once: a multiple of three, so that only the last part has padding.
const PART: usize = 3 * 1024 * 1024;

/// The bytes of a text that [`encode`] wrote.
///
/// # Errors
///
/// `base64_malformed`, with the offset of what is wrong.
pub fn decode(text: &str) -> Result<Vec<u8>, Problem> {
    // The decoder takes texts that were written one behind the other, each with its padding.
    if let Some(at) = text.trim_end_matches('=').find('=') {
        return Err(malformed(at, "there is padding before the end"));
    }
    BASE64.decode(text.as_bytes()).map_err(|error| {
        let why = match error.kind {
            DecodeKind::Length => "the length is no multiple of four",
            DecodeKind::Symbol => "this is none of the standard alphabet",
            DecodeKind::Trailing => "this character has bits left over",
            DecodeKind::Padding => "the padding is not right",
        };
        malformed(error.position, why)
    })
}

fn malformed(offset: usize, why: &str) -> Problem {
    Problem::error(
        "base64_malformed",
        "",
        format!("this is not base64 with padding; at {offset}: {why}"),
    )
    .at(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, section 10.
    const VECTORS: [(&str, &str); 7] = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];

    #[test]
    fn parts_fit_together() {
        for length in [PART - 1, PART, PART + 1, 2 * PART + 5] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            let text = encode(&bytes);
            assert_eq!(text, BASE64.encode(&bytes));
            assert_eq!(decode(&text).unwrap(), bytes);
        }
    }

    #[test]
    fn the_vectors_of_the_standard_hold() {
        for (bytes, text) in VECTORS {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text), Ok(bytes.as_bytes().to_vec()));
        }
        assert_eq!(encode(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn one_text_only_stands_for_bytes() {
        for (text, offset) in [
            ("Zg", 0),
            ("Zg=", 0),
            ("Zg===", 4),
            ("Zm8", 0),
            // Bits left over.
            ("Zh==", 1),
            ("Zm9=", 2),
            // The url-safe alphabet, white space, padding in the middle.
            ("-_8=", 0),
            ("Zm9v\n", 4),
            (" Zg==", 4),
            ("Zg==Zg==", 2),
            ("Z===", 1),
            ("====", 0),
            ("Zé=", 1),
        ] {
            let problem = decode(text).unwrap_err();
            assert_eq!(problem.code, "base64_malformed", "{text}");
            assert_eq!(problem.offset, Some(offset), "{text}: {problem}");
        }
    }

    /// Of all texts of one group over the alphabet's edges, those that are taken are written back as they were.
    #[test]
    fn what_is_taken_is_written_back() {
        let symbols = b"AQgwZ+/=-9";
        let mut taken = 0;
        for a in symbols {
            for b in symbols {
                for c in symbols {
                    for d in symbols {
                        let bytes = [*a, *b, *c, *d];
                        let text = std::str::from_utf8(&bytes).unwrap();
                        if let Ok(decoded) = decode(text) {
                            assert_eq!(encode(&decoded), text);
                            taken += 1;
                        }
                    }
                }
            }
        }
        assert!(taken > 4000, "{taken}");
    }
}
