//! JSON Pointers (RFC 6901): written from segments, split into them.

/// `base` with one more segment, escaped.
#[must_use]
pub fn join(base: &str, segment: &str) -> String {
    let mut pointer = String::with_capacity(base.len() + segment.len() + 1);
    pointer.push_str(base);
    push(&mut pointer, segment);
    pointer
}

/// Appends one segment, escaped: `~` becomes `~0`, `/` becomes `~1`.
pub fn push(pointer: &mut String, segment: &str) {
    pointer.push('/');
    for c in segment.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            _ => pointer.push(c),
        }
    }
}

/// The segments of a pointer, unescaped; `None` when it is not one (no leading `/`, or a `~` that escapes nothing).
#[must_use]
pub fn split(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    pointer
        .strip_prefix('/')?
        .split('/')
        .map(unescape)
        .collect()
}

/// The pointer of the given segments.
pub fn from_segments<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> String {
    let mut pointer = String::new();
    for segment in segments {
        push(&mut pointer, segment.as_ref());
    }
    pointer
}

fn unescape(segment: &str) -> Option<String> {
    let mut out = String::with_capacity(segment.len());
    let mut chars = segment.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '~' => match chars.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            _ => c,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_6901_split_into_their_segments() {
        assert_eq!(split(""), Some(vec![]));
        assert_eq!(split("/"), Some(vec![String::new()]));
        assert_eq!(split("/a~1b/m~0n"), Some(vec!["a/b".into(), "m~n".into()]));
        assert_eq!(split("/~01"), Some(vec!["~1".into()]));
        assert_eq!(split("a"), None);
        assert_eq!(split("/~2"), None);
        assert_eq!(split("/~"), None);
    }

    #[test]
    fn joining_is_the_inverse_of_splitting() {
        for pointer in ["", "/", "/a~1b", "/~0~1/x", "/ü/0"] {
            assert_eq!(from_segments(split(pointer).unwrap()), pointer);
        }
    }
}
