//! Strings that a regular expression matches, made by walking the expression. What the walk does not understand
//! (look-around, back references) it passes over; the validator has the last word on every string.

use std::iter::Peekable;
use std::str::Chars;

/// Most strings one expression is turned into.
const SAMPLES: usize = 12;
/// Longest string that is built.
const LENGTH: usize = 512;
/// Most groups inside one another.
const DEPTH: usize = 24;

/// A few strings that `pattern` probably matches, the shortest first.
pub(super) fn samples(pattern: &str) -> Vec<String> {
    let mut reader = Reader {
        chars: pattern.chars().peekable(),
        depth: 0,
    };
    let mut made = reader.alternatives();
    made.sort_by_key(String::len);
    made.dedup();
    made
}

struct Reader<'p> {
    chars: Peekable<Chars<'p>>,
    depth: usize,
}

impl Reader<'_> {
    /// `a|b|c`, up to the closing parenthesis or the end.
    fn alternatives(&mut self) -> Vec<String> {
        let mut all = self.sequence();
        while self.chars.next_if_eq(&'|').is_some() {
            all.extend(self.sequence());
        }
        all.truncate(SAMPLES * 2);
        all
    }

    fn sequence(&mut self) -> Vec<String> {
        let mut made = vec![String::new()];
        while let Some(&next) = self.chars.peek() {
            if next == '|' || next == ')' {
                break;
            }
            let Some(atom) = self.atom() else { continue };
            let (least, most) = self.repetition();
            made = concatenate(&made, &repeat(&atom, least, most));
        }
        made
    }

    /// The strings of one atom; `None` for an assertion, which matches no text.
    fn atom(&mut self) -> Option<Vec<String>> {
        let one = |c: char| Some(vec![c.to_string()]);
        match self.chars.next()? {
            '^' | '$' => None,
            '.' => Some(vec!["a".into(), "0".into()]),
            '[' => Some(self.class()),
            '(' => self.group(),
            '\\' => self.escape(),
            c => one(c),
        }
    }

    fn group(&mut self) -> Option<Vec<String>> {
        let mut matches_text = true;
        if self.chars.next_if_eq(&'?').is_some() {
            match self.chars.next() {
                Some(':') => {}
                Some('=' | '!') => matches_text = false,
                Some('<') => match self.chars.peek() {
                    Some('=' | '!') => matches_text = false,
                    _ => {
                        self.chars.by_ref().find(|&c| c == '>');
                    }
                },
                _ => {}
            }
        }
        self.depth += 1;
        let inside = if self.depth > DEPTH {
            Vec::new()
        } else {
            self.alternatives()
        };
        self.depth -= 1;
        self.chars.next_if_eq(&')');
        matches_text.then_some(inside)
    }

    fn escape(&mut self) -> Option<Vec<String>> {
        let several = |text: &[&str]| Some(text.iter().map(|&s| s.to_owned()).collect());
        match self.chars.next()? {
            'b' | 'B' => None,
            'd' => several(&["0", "9"]),
            'w' => several(&["a", "0", "_"]),
            's' => several(&[" "]),
            'D' => several(&["a", "-"]),
            'W' => several(&["-", " "]),
            'S' => several(&["a"]),
            'p' | 'P' => {
                self.chars.next_if_eq(&'{');
                let class: String = self.chars.by_ref().take_while(|&c| c != '}').collect();
                Some(vec![
                    match class.as_str() {
                        "Lu" | "Uppercase_Letter" => "A",
                        "N" | "Nd" => "0",
                        "P" | "Punctuation" => "-",
                        _ => "a",
                    }
                    .to_owned(),
                ])
            }
            c => Some(vec![self.literal(c).to_string()]),
        }
    }

    /// The character of an escape that stands for one.
    fn literal(&mut self, escaped: char) -> char {
        match escaped {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'f' => '\u{c}',
            'v' => '\u{b}',
            '0' => '\0',
            'x' => self.code(2),
            'u' if self.chars.next_if_eq(&'{').is_some() => {
                let digits: String = self.chars.by_ref().take_while(|&c| c != '}').collect();
                character(&digits)
            }
            'u' => self.code(4),
            c => c,
        }
    }

    fn code(&mut self, digits: usize) -> char {
        let digits: String = (0..digits).filter_map(|_| self.chars.next()).collect();
        character(&digits)
    }

    /// `[…]`: members of the class; for a negated one, a few characters that are not named.
    fn class(&mut self) -> Vec<String> {
        let negated = self.chars.next_if_eq(&'^').is_some();
        let mut ranges: Vec<(char, char)> = Vec::new();
        let mut pending_range = false;
        while let Some(c) = self.chars.next() {
            let item = match c {
                ']' => break,
                '-' if !ranges.is_empty() && self.chars.peek().is_some_and(|&next| next != ']') => {
                    pending_range = true;
                    continue;
                }
                '\\' => match self.chars.next() {
                    Some('d') => ('0', '9'),
                    Some('w') => {
                        ranges.extend([('0', '9'), ('A', 'Z'), ('_', '_')]);
                        ('a', 'z')
                    }
                    Some('s') => (' ', ' '),
                    Some('S' | 'D') => ('a', 'z'),
                    Some('W') => ('-', '-'),
                    Some(escaped) => {
                        let c = self.literal(escaped);
                        (c, c)
                    }
                    None => break,
                },
                c => (c, c),
            };
            match ranges.last_mut() {
                Some(last) if pending_range => last.1 = item.1,
                _ => ranges.push(item),
            }
            pending_range = false;
        }
        let within = |c: char| ranges.iter().any(|&(low, high)| low <= c && c <= high);
        if negated {
            return ['a', 'Z', '0', '-', ' ', '~', '\u{e9}']
                .into_iter()
                .filter(|&c| !within(c))
                .take(3)
                .map(String::from)
                .collect();
        }
        let mut members: Vec<String> = Vec::new();
        for &(low, high) in ranges.iter().take(6) {
            members.push(low.to_string());
            if high != low {
                members.push(high.to_string());
            }
        }
        members
    }

    /// `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}`; once when there is none.
    fn repetition(&mut self) -> (usize, Option<usize>) {
        let counts = match self.chars.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.braces(),
            _ => return (1, Some(1)),
        };
        self.chars.next();
        self.chars.next_if_eq(&'?');
        counts
    }

    fn braces(&mut self) -> (usize, Option<usize>) {
        self.chars.next();
        let inside: String = self.chars.by_ref().take_while(|&c| c != '}').collect();
        self.chars.next_if_eq(&'?');
        let number = |text: &str| text.trim().parse::<usize>().ok();
        match inside.split_once(',') {
            None => {
                let count = number(&inside).unwrap_or(1);
                (count, Some(count))
            }
            Some((least, most)) => (number(least).unwrap_or(0), number(most)),
        }
    }
}

fn character(hexadecimal: &str) -> char {
    u32::from_str_radix(hexadecimal, 16)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or('a')
}

/// Every prefix with some text after it. The first text is combined with all prefixes, the others with the first prefix:
/// every text occurs, without the product of all of them.
fn concatenate(prefixes: &[String], texts: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for (p, prefix) in prefixes.iter().enumerate() {
        for (t, text) in texts.iter().enumerate() {
            if (p == 0 || t == 0) && prefix.len() + text.len() <= LENGTH && out.len() < SAMPLES {
                out.push(format!("{prefix}{text}"));
            }
        }
    }
    if texts.is_empty() {
        // An atom without a known text: the rest is still worth a try.
        return prefixes.to_vec();
    }
    out
}

/// The fewest repetitions of each text, one more of the first, and the most where there is a bound.
fn repeat(texts: &[String], least: usize, most: Option<usize>) -> Vec<String> {
    let mut out = Vec::new();
    let mut push = |text: &String, count: usize| {
        if text.len().saturating_mul(count) <= LENGTH {
            out.push(text.repeat(count));
        }
    };
    if most != Some(0) {
        for text in texts {
            push(text, least.max(1));
        }
    }
    if least == 0 {
        push(&String::new(), 0);
    }
    if let Some(first) = texts.first() {
        push(first, least);
        if most.is_none_or(|most| most > least) {
            push(first, least + 1);
            push(first, least + 2);
        }
        if let Some(most) = most {
            push(first, most);
        }
    }
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn most_samples_match_the_expression_they_were_made_from() {
        for pattern in [
            "^[a-z]+-[0-9]{4}$",
            "^(foo|bar)?baz$",
            "^\\d{3}-\\d{2}$",
            "^[A-Za-z_][A-Za-z0-9_]*$",
            "^(?:a(?:b|c){2,3})+$",
            "^sha256:[0-9a-f]{64}$",
            "^[^/]+$",
            "x.y",
            "^\\u0041\\x42$",
            "^a{0}b$",
            "",
        ] {
            let validator = jsonschema::validator_for(&json!({"pattern": pattern})).unwrap();
            let made = samples(pattern);
            let matching = made
                .iter()
                .filter(|s| validator.is_valid(&json!(s)))
                .count();
            assert!(
                matching > 0 && matching * 2 >= made.len(),
                "{pattern}: {made:?}"
            );
        }
    }

    #[test]
    fn hostile_expressions_are_read_in_bounded_time_and_space() {
        for pattern in [
            "(".repeat(5_000),
            "(a|".repeat(2_000),
            "[".repeat(5_000),
            "a{999999999}".repeat(50),
            "(a{100}){100}".repeat(50),
            "\\".into(),
            "[^".into(),
            "a{".into(),
            "(?<".into(),
        ] {
            assert!(samples(&pattern).iter().all(|s| s.len() <= LENGTH));
        }
    }
}
