//! What is wrong with a text, where, and what was probably meant.

use std::borrow::Cow;

use super::{Frame, Place, Reader};
use crate::text::{Problem, pointer};

impl Reader<'_> {
    pub(super) fn trailing(&self) -> Box<Problem> {
        if self.at >= self.bytes.len() {
            return self.expected("the end of the text", Place::Container);
        }
        self.problem(
            "json_trailing_text",
            Place::Container,
            self.at,
            format!("expected the end of the text, found {}", self.found()),
        )
    }

    /// The text breaks off here, or goes on with something else.
    pub(super) fn expected(&self, expected: &str, place: Place) -> Box<Problem> {
        if self.cut && self.at >= self.bytes.len() {
            let mut problem = self.problem(
                "json_invalid_utf8",
                place,
                self.bytes.len(),
                "the bytes here are not UTF-8".into(),
            );
            problem.remedy = Some("save the text as UTF-8".into());
            return problem;
        }
        self.problem(
            "json_syntax",
            place,
            self.at,
            format!("expected {expected}, found {}", self.found()),
        )
    }

    /// [`Reader::expected`] between strings and numbers, where the habits of other notations show.
    pub(super) fn expected_token(&self, expected: &str, place: Place) -> Box<Problem> {
        let mut problem = self.expected(expected, place);
        problem.remedy = problem.remedy.or_else(|| self.remedy().map(Into::into));
        problem
    }

    fn found(&self) -> Cow<'static, str> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match rest.chars().next() {
            None => "the end of the text".into(),
            Some('`') => "a backtick".into(),
            Some(c) if c.is_ascii_graphic() => format!("`{c}`").into(),
            Some(' ') => "a space".into(),
            Some('\n' | '\r') => "the end of the line".into(),
            Some(c) if c.is_alphanumeric() => format!("`{c}` (U+{:04X})", u32::from(c)).into(),
            Some(c) => format!("the character U+{:04X}", u32::from(c)).into(),
        }
    }

    /// For the habits of other notations.
    fn remedy(&self) -> Option<&'static str> {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        let last = before.iter().rev().find(|b| !b.is_ascii_whitespace());
        match (last, self.peek()?) {
            (Some(b','), b']' | b'}') => Some("remove the comma before it"),
            (_, b'\'') => Some("strings stand in double quotes"),
            (_, b'/' | b'#') => Some("JSON has no comments"),
            (_, b'N' | b'I') => Some("JSON has no NaN and no Infinity; use null or a string"),
            (_, b'T' | b'F') => Some("true, false and null are written in lower case"),
            (_, b'+' | b'.') => Some("a number starts with a digit or `-`"),
            _ => None,
        }
    }

    pub(super) fn problem(
        &self,
        code: &'static str,
        place: Place,
        offset: usize,
        message: String,
    ) -> Box<Problem> {
        let open = match place {
            Place::Value => self.stack.len(),
            Place::Container => self.stack.len().saturating_sub(1),
        };
        let mut pointer = String::new();
        for frame in self.stack.iter().take(open) {
            match frame {
                Frame::Array(items) => pointer::push(&mut pointer, &items.len().to_string()),
                Frame::Object(members) => {
                    if let Some(key) = members.keys().next_back() {
                        pointer::push(&mut pointer, key);
                    }
                }
            }
        }
        Box::new(Problem::error(code, pointer, message).at(offset))
    }
}

/// At most 40 characters of a literal, for a message.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}
