//! The strict JSON reader: RFC 8259 text in, a [`Value`] out, or the first thing that is wrong with it and where.
//!
//! It takes less than most readers do, because what it takes is voted on and hashed. Two readers that disagree
//! about a text must not both be right, so everything on which real programs disagree is refused: the same member
//! twice, a surrogate without its partner, bytes that are not UTF-8, a byte order mark, text after the value,
//! numbers beyond the range of a double and, under [`Integers::Safe`], integers that a double cannot tell apart.
//!
//! Numbers keep how they were written as far as a [`Value`] can: `1` is an integer and `1.0` is a double; `-0` is
//! the integer `0`. An integer that neither `i64` nor `u64` holds becomes the nearest double, and so does every
//! number with a fraction or an exponent (a value nearer to zero than any double is `0`).
//!
//! The reader keeps its own stack, so nesting costs memory and never the call stack.

use serde_json::map::Entry;

use super::{Map, Problem, Value, pointer};

mod numbers;
mod refusals;
mod strings;

/// How large and how deep a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes.
    pub bytes: usize,
    /// Most containers inside one another. More than [`Limits::DEEPEST`] counts as [`Limits::DEEPEST`].
    pub depth: usize,
}

impl Limits {
    /// A schema, an artifact, a draft: 8 MiB, 128 deep.
    pub const DOCUMENT: Self = Self {
        bytes: 8 << 20,
        depth: 128,
    };
    /// A command or an event, which may hold several documents: 64 MiB, 160 deep.
    pub const COMMAND: Self = Self {
        bytes: 64 << 20,
        depth: 160,
    };
    /// No limits reach deeper: a [`Value`] is dropped, cloned and compared by recursion.
    pub const DEEPEST: usize = 512;
}

/// What to do with integers beyond ±(2^53−1), the largest that every JSON program reads as the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integers {
    /// Take them: the text is validated, not hashed.
    Any,
    /// Refuse them: the text will be hashed. Refused are integer literals beyond ±(2^53−1), and numbers written with a
    /// fraction or an exponent whose canonical text would be such a literal (2^53 ≤ |x| < 1e21, e.g. `1e20`), so that
    /// every canonical text can be read again. From `1e21` on the canonical text has an exponent, and is taken.
    Safe,
}

/// The largest integer that every JSON program reads as the same number: 2^53 − 1.
pub const MAX_SAFE: u64 = (1 << 53) - 1;

/// Whether RFC 8785 writes this double as an integer literal beyond ±(2^53−1). Every double from 2^53 on is an
/// integer, and ECMAScript writes integers below 1e21 without an exponent.
pub(super) fn is_unsafe_double(value: f64) -> bool {
    (9_007_199_254_740_992.0..1e21).contains(&value.abs())
}

/// Reads one JSON text.
///
/// # Errors
///
/// The first problem, with its byte offset and the JSON Pointer of the value or container it stands in:
/// `json_too_large`, `json_too_deep`, `json_syntax`, `json_trailing_text`, `json_duplicate_key`,
/// `json_invalid_utf8`, `json_lone_surrogate`, `json_number_out_of_range`, `json_number_too_long`, and
/// `json_unsafe_integer` under [`Integers::Safe`].
pub fn read(bytes: &[u8], limits: Limits, integers: Integers) -> Result<Value, Problem> {
    if bytes.len() > limits.bytes {
        return Err(Problem::error(
            "json_too_large",
            "",
            format!(
                "the text has {} bytes, and at most {} are taken",
                bytes.len(),
                limits.bytes
            ),
        )
        .at(limits.bytes));
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return Err(Problem::error(
            "json_syntax",
            "",
            "the text starts with a byte order mark (U+FEFF), which JSON text does not have",
        )
        .remedy("save the text as UTF-8 without a byte order mark")
        .at(0));
    }
    // Where the bytes stop being UTF-8, the text before is read all the same: an earlier problem comes first, and the
    // stack then knows the pointer of the place.
    let (text, cut) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) => {
            let (valid, _) = bytes.split_at(error.valid_up_to());
            (std::str::from_utf8(valid).unwrap_or_default(), true)
        }
    };
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        stack: Vec::new(),
        depth: limits.depth.min(Limits::DEEPEST),
        integers,
        cut,
    };
    reader.document().map_err(|problem| *problem)
}

/// Reads a document that will be hashed: [`Limits::DOCUMENT`], [`Integers::Safe`].
///
/// # Errors
///
/// As [`read`].
pub fn read_hashable(bytes: &[u8]) -> Result<Value, Problem> {
    read(bytes, Limits::DOCUMENT, Integers::Safe)
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A container that is still open.
enum Frame {
    /// The next item's index is the length.
    Array(Vec<Value>),
    /// The last member is the one being read; its value is `null` until then.
    Object(Map<String, Value>),
}

/// Which pointer a problem gets.
#[derive(Clone, Copy)]
enum Place {
    /// The value that is being read: an item, a member, or the whole text.
    Value,
    /// The innermost open container.
    Container,
}

/// A problem is large and rare, so it travels in a box.
type Step<T> = Result<T, Box<Problem>>;

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Frame>,
    depth: usize,
    integers: Integers,
    /// The text goes on after its end, with bytes that are not UTF-8.
    cut: bool,
}

impl Reader<'_> {
    fn document(&mut self) -> Step<Value> {
        loop {
            if let Some(value) = self.value()?
                && let Some(document) = self.close(value)?
            {
                return Ok(document);
            }
        }
    }

    /// Reads a value that is complete at once, or opens a container whose first value comes next.
    fn value(&mut self) -> Step<Option<Value>> {
        self.skip_space();
        let value = match self.peek() {
            Some(b'"') => Value::String(self.string(Place::Value)?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            Some(b'{') => {
                self.open()?;
                if self.peek() == Some(b'}') {
                    self.at += 1;
                    Value::Object(Map::new())
                } else {
                    let members = Map::with_capacity(self.expected_members());
                    self.stack.push(Frame::Object(members));
                    self.key()?;
                    return Ok(None);
                }
            }
            Some(b'[') => {
                self.open()?;
                if self.peek() == Some(b']') {
                    self.at += 1;
                    Value::Array(Vec::new())
                } else {
                    self.stack.push(Frame::Array(Vec::new()));
                    return Ok(None);
                }
            }
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            _ => return Err(self.expected_token("a value", Place::Value)),
        };
        Ok(Some(value))
    }

    /// Puts a complete value where it belongs, and closes the containers that end after it. `Some` is the document.
    fn close(&mut self, mut value: Value) -> Step<Option<Value>> {
        loop {
            self.skip_space();
            let next = self.peek();
            match self.stack.last_mut() {
                None => {
                    return match next {
                        None if !self.cut => Ok(Some(value)),
                        _ => Err(self.trailing()),
                    };
                }
                Some(Frame::Array(items)) => {
                    items.push(value);
                    match next {
                        Some(b',') => {
                            self.at += 1;
                            return Ok(None);
                        }
                        Some(b']') => {}
                        _ => return Err(self.expected_token("`,` or `]`", Place::Container)),
                    }
                }
                Some(Frame::Object(members)) => {
                    if let Some(last) = members.values_mut().next_back() {
                        *last = value;
                    }
                    match next {
                        Some(b',') => {
                            self.at += 1;
                            self.skip_space();
                            self.key()?;
                            return Ok(None);
                        }
                        Some(b'}') => {}
                        _ => return Err(self.expected_token("`,` or `}`", Place::Container)),
                    }
                }
            }
            self.at += 1;
            value = match self.stack.pop() {
                Some(Frame::Array(items)) => Value::Array(items),
                Some(Frame::Object(members)) => Value::Object(members),
                None => Value::Null,
            };
        }
    }

    /// Steps over an opening bracket, if the nesting allows another.
    fn open(&mut self) -> Step<()> {
        if self.stack.len() >= self.depth {
            return Err(self.problem(
                "json_too_deep",
                Place::Value,
                self.at,
                format!(
                    "more than {} arrays and objects stand inside one another",
                    self.depth
                ),
            ));
        }
        self.at += 1;
        self.skip_space();
        Ok(())
    }

    /// Room for as many members as the object before has: the items of an array are mostly alike, and a wrong guess
    /// takes no more memory than that object did.
    fn expected_members(&self) -> usize {
        match self.stack.last() {
            Some(Frame::Array(items)) => match items.last() {
                Some(Value::Object(before)) => before.len(),
                _ => 0,
            },
            _ => 0,
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Step<Value> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let matching = rest
            .iter()
            .zip(word.as_bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let whole = matching == word.len()
            && !rest
                .get(matching)
                .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if whole {
            self.at += matching;
            return Ok(value);
        }
        // The offset names the first byte that does not fit.
        self.at += matching;
        Err(self.expected(&format!("the word `{word}`"), Place::Value))
    }

    /// Reads a member's name and its colon, and gives the innermost object that member.
    fn key(&mut self) -> Step<()> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.expected_token("a member name in double quotes", Place::Container));
        }
        let key = self.string(Place::Container)?;
        if let Some(Frame::Object(members)) = self.stack.last_mut() {
            match members.entry(key) {
                Entry::Vacant(member) => {
                    member.insert(Value::Null);
                }
                Entry::Occupied(member) => {
                    let key = member.key().clone();
                    let message = format!(
                        "the member `{}` stands here twice",
                        refusals::shortened(&key)
                    );
                    let mut problem =
                        self.problem("json_duplicate_key", Place::Container, start, message);
                    pointer::push(&mut problem.pointer, &key);
                    problem.remedy = Some("keep one of the two".into());
                    return Err(problem);
                }
            }
        }
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.expected("`:`", Place::Value));
        }
        self.at += 1;
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Both ends stand beside ASCII bytes, so they are character boundaries.
    fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }
}
