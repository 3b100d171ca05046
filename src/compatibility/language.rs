//! Regular languages of JSON strings, decided exactly: is there a string that matches these patterns, does not match
//! those, and has such a length? Which ones, and how many?
//!
//! A pattern means what the validator means by it. Both use the same translation of ECMA-262 syntax, so both differ from
//! ECMA-262 in the same places: `.` excludes only the line feed, and beside a lookaround `\d`, `\w` and `\s` are those of
//! Unicode. Strings are sequences of Unicode scalar values, of which there are 1,112,064; lengths count them (RFC 8259,
//! JSON Schema Validation section 6.3), and lone surrogates do not occur.
//!
//! Each pattern becomes a deterministic automaton over classes of characters. A question walks the product of the automata
//! as far as it needs to, and each walk is bounded by [`Steps`].

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    rc::Rc,
};

use jsonschema_regex::PatternAnalysis;
use regex_automata::{
    Anchored, MatchKind,
    dfa::{Automaton as _, StartKind, dense},
    nfa::thompson,
    util::{primitives::StateID, start},
};

use super::steps::{Spent, Steps};

/// How many Unicode scalar values there are.
const CHARACTERS: u32 = 0x11_0000 - SURROGATES;
const SURROGATES: u32 = 0x800;
const FIRST_SURROGATE: u32 = 0xD800;

/// Most bytes for each of the steps in which one automaton is built.
const AUTOMATON_BYTES: usize = 4 << 20;
/// Most cells of a transition table, and most (state, interval of characters) pairs looked at to find the classes.
const CELLS: usize = 8 << 20;
/// Most cells visited to make an automaton smaller; beyond, it stays as large as it is, which is as right.
const SHRINKING: usize = 2 << 20;

/// No string that goes on from here is accepted.
const DEAD: u32 = 0;
/// Every string that goes on from here is accepted.
const ALL: u32 = 1;

/// A pattern that a [`Languages`] knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct PatternId(u32);

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// The steps were used up.
    Spent,
    /// There is no automaton for this pattern; [`Languages::unsupported`] says why.
    Unsupported(PatternId),
}

impl From<Spent> for Stopped {
    fn from(_: Spent) -> Self {
        Self::Spent
    }
}

/// The strings that match all patterns of `within` and none of `outside`, have a length from `min_length` to `max_length`
/// characters, and are none of `except`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Query<'q> {
    pub within: &'q [PatternId],
    pub outside: &'q [PatternId],
    pub min_length: u64,
    pub max_length: Option<u64>,
    pub except: &'q [&'q str],
}

/// What [`Languages::member`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Member {
    /// There is none: a proof.
    None,
    /// One of the shortest members.
    Some(String),
    /// Not decided.
    Unknown(Stopped),
}

/// Patterns, each with its automaton or the reason why there is none.
#[derive(Debug, Default)]
pub(super) struct Languages {
    ids: HashMap<String, PatternId>,
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    source: String,
    /// Built when it is first needed.
    automaton: Option<Result<Rc<Automaton>, &'static str>>,
}

impl Languages {
    /// The number of a JSON Schema `pattern`, which may match anywhere in a string. The same text has the same number.
    pub fn pattern(&mut self, source: &str) -> PatternId {
        if let Some(id) = self.ids.get(source) {
            return *id;
        }
        let id = PatternId(u32::try_from(self.patterns.len()).unwrap_or(u32::MAX));
        self.ids.insert(source.to_owned(), id);
        self.patterns.push(Pattern {
            source: source.to_owned(),
            automaton: None,
        });
        id
    }

    /// The text of a pattern.
    pub fn source(&self, id: PatternId) -> Option<&str> {
        let pattern = self.patterns.get(usize::try_from(id.0).ok()?)?;
        Some(&pattern.source)
    }

    /// Whether `text` matches; `None` when there is no automaton.
    pub fn matches(&mut self, id: PatternId, text: &str) -> Option<bool> {
        let automaton = self.automaton(id).ok()?;
        Some(automaton.accepts(text))
    }

    /// The reason why there is no automaton; `None` when there is one.
    pub fn unsupported(&mut self, id: PatternId) -> Option<&'static str> {
        self.automaton(id).err()
    }

    /// Whether there is no member. Says so even where the shortest member would be too long to be written down.
    pub fn is_empty(&mut self, query: &Query<'_>, steps: &mut Steps) -> Result<bool, Stopped> {
        let Some(mut product) = self.product(query, steps)? else {
            return Ok(true);
        };
        let none = product
            .shortest(query.min_length, query.max_length, steps)?
            .is_none();
        match product.ignored {
            // Without all of its conditions the question has no member, so it has none with them.
            Some(id) if !none => Err(Stopped::Unsupported(id)),
            _ => Ok(none),
        }
    }

    /// A shortest member, made of the most readable characters.
    pub fn member(&mut self, query: &Query<'_>, steps: &mut Steps) -> Member {
        match self.find(query, 1, steps) {
            Ok(found) => match found.into_iter().next() {
                Some(text) => Member::Some(text),
                None => Member::None,
            },
            Err((_, stopped)) => Member::Unknown(stopped),
        }
    }

    /// Up to `most` different members, the shortest first. Among those of one length readable characters come first: `a` to
    /// `z`, `0` to `9`, `A` to `Z`, the rest of visible ASCII, the space, what lies beyond ASCII, control characters. Also
    /// says whether these are all members; `false` where there are more, and where the steps did not suffice to know. The
    /// tests hold [`member`](Self::member) against it.
    #[cfg(test)]
    fn members(
        &mut self,
        query: &Query<'_>,
        most: usize,
        steps: &mut Steps,
    ) -> Result<(Vec<String>, bool), Stopped> {
        let (mut found, complete) = match self.find(query, most.saturating_add(1), steps) {
            Ok(found) => (found, true),
            Err((found, Stopped::Spent)) if found.len() >= most => (found, false),
            Err((_, stopped)) => return Err(stopped),
        };
        let all = complete && found.len() <= most;
        found.truncate(most);
        Ok((found, all))
    }

    /// How many members there are, or `most` when there are at least so many. Counts paths without listing them: the tests
    /// hold the list against it.
    #[cfg(test)]
    fn count(&mut self, query: &Query<'_>, most: u64, steps: &mut Steps) -> Result<u64, Stopped> {
        let Some(mut product) = self.product(query, steps)? else {
            return Ok(0);
        };
        let mut total = 0u64;
        let mut level = 0u64;
        // How many strings of the length `level` lead to each node.
        let mut ways = BTreeMap::from([(0u32, 1u64)]);
        let mut from = query.min_length;
        while total < most {
            let Some(length) = product.shortest(from, query.max_length, steps)? else {
                break;
            };
            while level < length {
                let mut next: BTreeMap<u32, u64> = BTreeMap::new();
                for (node, count) in &ways {
                    product.expand(*node, steps)?;
                    for (class, target) in product.edges(*node) {
                        steps.take(1)?;
                        let size = product.sizes.get(*class as usize).copied().unwrap_or(0);
                        let sum = next.entry(*target).or_insert(0);
                        *sum = sum.saturating_add(count.saturating_mul(size));
                    }
                }
                ways = next;
                level += 1;
            }
            let accepted = ways.iter().filter(|(node, _)| product.is_accepting(**node));
            total = accepted.fold(total, |sum, (_, count)| sum.saturating_add(*count));
            let Some(next) = length.checked_add(1) else {
                break;
            };
            from = next;
        }
        match product.ignored {
            Some(id) if total > 0 => Err(Stopped::Unsupported(id)),
            _ => Ok(total.min(most)),
        }
    }

    /// The first `most` members, or those found before it stopped.
    fn find(
        &mut self,
        query: &Query<'_>,
        most: usize,
        steps: &mut Steps,
    ) -> Result<Vec<String>, (Vec<String>, Stopped)> {
        let mut found = Vec::new();
        let mut product = match self.product(query, steps) {
            Ok(Some(product)) => product,
            Ok(None) => return Ok(found),
            Err(stopped) => return Err((found, stopped)),
        };
        let mut from = query.min_length;
        while found.len() < most {
            let length = match product.shortest(from, query.max_length, steps) {
                Ok(Some(length)) => length,
                Ok(None) => break,
                Err(spent) => return Err((found, spent.into())),
            };
            if let Some(id) = product.ignored {
                return Err((found, Stopped::Unsupported(id)));
            }
            if let Err(spent) = product.list(length, most, &mut found, steps) {
                return Err((found, spent.into()));
            }
            let Some(next) = length.checked_add(1) else {
                break;
            };
            from = next;
        }
        Ok(found)
    }

    /// The product of the automata of a question; `None` when it is plain that there is no member.
    fn product(
        &mut self,
        query: &Query<'_>,
        steps: &mut Steps,
    ) -> Result<Option<Product>, Stopped> {
        let within: BTreeSet<PatternId> = query.within.iter().copied().collect();
        let outside: BTreeSet<PatternId> = query.outside.iter().copied().collect();
        if within.intersection(&outside).next().is_some()
            || query.max_length.is_some_and(|max| max < query.min_length)
        {
            return Ok(None);
        }
        let mut ignored = None;
        let mut parts = Vec::new();
        let signed = within.iter().map(|id| (*id, false));
        for (id, negated) in signed.chain(outside.iter().map(|id| (*id, true))) {
            match self.automaton(id) {
                Ok(automaton) => parts.push(Part { automaton, negated }),
                Err(_) => ignored = ignored.or(Some(id)),
            }
        }
        if !query.except.is_empty() {
            let automaton = Rc::new(Automaton::of_strings(query.except, steps)?);
            parts.push(Part {
                automaton,
                negated: true,
            });
        }
        let intervals: usize = parts.iter().map(|part| part.automaton.alphabet.len()).sum();
        steps.take(u64::try_from(intervals).unwrap_or(u64::MAX))?;
        Product::new(parts, ignored)
    }

    fn automaton(&mut self, id: PatternId) -> Result<Rc<Automaton>, &'static str> {
        let pattern = usize::try_from(id.0)
            .ok()
            .and_then(|index| self.patterns.get_mut(index))
            .ok_or("the pattern belongs to other languages")?;
        let Pattern { source, automaton } = pattern;
        automaton
            .get_or_insert_with(|| compile(source).map(Rc::new))
            .clone()
    }
}

const NOT_ECMA: &str = "it is no ECMA-262 pattern with the `u` flag";
const FLAGS: &str = "it changes flags inside";
const NOT_REGULAR: &str = "it has a lookaround in the middle, a back reference or a word boundary";
const TOO_LARGE: &str = "its automaton is too large";

/// The automaton of a JSON Schema `pattern`.
fn compile(source: &str) -> Result<Automaton, &'static str> {
    let literal = |text: &str| {
        let escapes = text.chars().map(|c| format!(r"\x{{{:x}}}", u32::from(c)));
        escapes.collect::<String>()
    };
    // The validator reads these without an engine, and accepts escapes in them that its engine refuses.
    match jsonschema_regex::analyze_pattern(source) {
        Some(PatternAnalysis::Prefix(text)) => return search(&format!("^{}", literal(&text))),
        Some(PatternAnalysis::Exact(text)) => return search(&format!("^{}$", literal(&text))),
        Some(PatternAnalysis::Alternation(texts)) => {
            let texts: Vec<String> = texts.iter().map(|text| literal(text)).collect();
            return search(&format!("^(?:{})$", texts.join("|")));
        }
        Some(PatternAnalysis::NoWhitespace) | None => {}
    }
    // What is not ECMA-262 (possessive quantifiers, for one) may mean different things to the two parsers.
    if !jsonschema_regex::is_valid_ecma_regex(source) {
        return Err(NOT_ECMA);
    }
    if ["(?i", "(?m", "(?s", "(?-"]
        .iter()
        .any(|flags| source.contains(flags))
    {
        return Err(FLAGS);
    }
    let translated = jsonschema_regex::to_rust_regex(source).map_err(|()| NOT_ECMA)?;
    if let Some(repeated) = RepeatedClass::of(&translated) {
        return repeated.automaton();
    }
    let Some(parts) = decompose(&translated) else {
        return search(&translated);
    };
    let mut automata = Vec::new();
    for (positive, part) in parts {
        automata.push(Part {
            automaton: Rc::new(search(&part)?),
            negated: !positive,
        });
    }
    Automaton::of_all(automata).ok_or(TOO_LARGE)
}

/// Takes lookaheads behind a leading `^`, and lookbehinds before a closing `$`, out of a pattern: the pattern matches where
/// all parts with `true` match and no part with `false` does. `None` when there is nothing to take out.
///
/// `^(?!a|b)c$` is `^(?:c$)` and not `^(?:a|b)`: both look at the same place, the start of the string, so they can be
/// looked at one after the other. The same holds at the end.
fn decompose(pattern: &str) -> Option<Vec<(bool, String)>> {
    let groups = top_level_groups(pattern)?;
    let mut parts = Vec::new();
    let (mut rest, anchor) = match pattern.strip_prefix('^') {
        Some(rest) => (rest, "^"),
        None => (pattern, ""),
    };
    if anchor == "^" {
        for group in &groups {
            let inner = group
                .strip_prefix("(?=")
                .map(|inner| (true, inner))
                .or_else(|| group.strip_prefix("(?!").map(|inner| (false, inner)));
            let (Some((positive, inner)), Some(after)) = (inner, rest.strip_prefix(group)) else {
                break;
            };
            parts.push((positive, format!("^(?:{}", inner)));
            rest = after;
        }
        if rest.starts_with(['*', '+', '?', '{']) {
            return None;
        }
    }
    let mut end = "";
    for group in groups.iter().rev() {
        let inner = group
            .strip_prefix("(?<=")
            .map(|inner| (true, inner))
            .or_else(|| group.strip_prefix("(?<!").map(|inner| (false, inner)));
        let body = rest
            .strip_suffix('$')
            .unwrap_or(if end == "$" { rest } else { "" });
        let (Some((positive, inner)), Some(before)) = (inner, body.strip_suffix(group)) else {
            break;
        };
        parts.push((positive, format!("(?:{inner}$")));
        rest = before;
        end = "$";
    }
    if parts.is_empty() {
        return None;
    }
    parts.push((true, format!("{anchor}(?:{rest}){end}")));
    Some(parts)
}

/// The texts of the outermost groups; `None` when the pattern has alternatives outside all groups, or a class that begins
/// with its end, which is read in different ways.
fn top_level_groups(pattern: &str) -> Option<Vec<&str>> {
    if pattern.contains("[]") || pattern.contains("[^]") {
        return None;
    }
    let mut groups = Vec::new();
    let (mut depth, mut start, mut in_class, mut escaped) = (0usize, 0usize, false, false);
    for (offset, c) in pattern.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => in_class = false,
            _ if in_class => {}
            '[' => in_class = true,
            '(' => {
                if depth == 0 {
                    start = offset;
                }
                depth += 1;
            }
            ')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    groups.push(pattern.get(start..=offset)?);
                }
            }
            '|' if depth == 0 => return None,
            _ => {}
        }
    }
    Some(groups)
}

/// A whole pattern that is one class of characters, so many times: `^[a-z]{1,63}$`. Its automaton is a chain, while the engine
/// would copy the class for each time, which is too large for classes such as `\p{L}`.
struct RepeatedClass<'p> {
    class: &'p str,
    least: u32,
    most: Option<u32>,
}

impl<'p> RepeatedClass<'p> {
    fn of(pattern: &'p str) -> Option<Self> {
        let body = pattern.strip_prefix('^')?.strip_suffix("}$")?;
        let (class, times) = body.rsplit_once('{')?;
        let (least, most) = match times.split_once(',') {
            None => (times, Some(times.parse().ok()?)),
            Some((least, "")) => (least, None),
            Some((least, most)) => (least, Some(most.parse().ok()?)),
        };
        let least = least.parse().ok()?;
        (is_one_class(class) && most.is_none_or(|most| least <= most)).then_some(Self {
            class,
            least,
            most,
        })
    }

    fn automaton(&self) -> Result<Automaton, &'static str> {
        let once = search(&format!("^{}$", self.class))?;
        let states = usize::try_from(self.most.unwrap_or(self.least)).map_err(|_| TOO_LARGE)?;
        let cells = states.saturating_mul(once.alphabet.len());
        if cells > CELLS {
            return Err(TOO_LARGE);
        }
        let accepts = |class: u32| once.is_accepting(once.step(once.start, class));
        let row = |target: u32| {
            let mut row = Runs::new();
            for (first, class) in &once.alphabet {
                let target = if accepts(*class) { target } else { DEAD };
                if row.last().is_none_or(|(_, last)| *last != target) {
                    row.push((*first, target));
                }
            }
            row
        };
        // State 2 + n has read n characters.
        let mut rows = vec![vec![(0, DEAD)], vec![(0, ALL)]];
        let mut accepting = vec![false, true];
        let last = self.most.unwrap_or(self.least);
        for read in 0..=last {
            rows.push(row(match self.most {
                _ if read < last => read.saturating_add(3),
                Some(_) => DEAD,
                None => read.saturating_add(2),
            }));
            accepting.push(read >= self.least);
        }
        // A chain has no two states that accept the same.
        Automaton::new(&rows, once.alphabet.clone(), once.classes, accepting, 0).ok_or(TOO_LARGE)
    }
}

/// Whether a piece of a pattern is `.`, a Unicode property, or one class in brackets.
fn is_one_class(piece: &str) -> bool {
    if piece == "." {
        return true;
    }
    if let Some(name) = piece
        .strip_prefix(r"\p{")
        .or_else(|| piece.strip_prefix(r"\P{"))
    {
        return name.find('}') == name.len().checked_sub(1);
    }
    if !piece.starts_with('[') || piece.contains("[]") || piece.contains("[^]") {
        return false;
    }
    let (mut depth, mut escaped) = (0usize, false);
    for (offset, c) in piece.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return offset + 1 == piece.len();
        }
    }
    false
}

/// The automaton of the strings in which a pattern, in the syntax of the engine, matches somewhere.
fn search(pattern: &str) -> Result<Automaton, &'static str> {
    let nfa = thompson::Compiler::new()
        .configure(
            thompson::Config::new()
                .which_captures(thompson::WhichCaptures::None)
                .nfa_size_limit(Some(AUTOMATON_BYTES)),
        )
        .build(pattern)
        .map_err(|error| error.size_limit().map_or(NOT_REGULAR, |_| TOO_LARGE))?;
    let dfa = dense::Builder::new()
        .configure(
            dense::Config::new()
                .start_kind(StartKind::Unanchored)
                // Whether there is a match is the same for all kinds; this one makes the smallest automata.
                .match_kind(MatchKind::LeftmostFirst)
                .accelerate(false)
                .determinize_size_limit(Some(AUTOMATON_BYTES))
                .dfa_size_limit(Some(AUTOMATON_BYTES)),
        )
        .build_from_nfa(&nfa)
        .map_err(|error| {
            if error.is_size_limit_exceeded() {
                TOO_LARGE
            } else {
                NOT_REGULAR
            }
        })?;
    Characters::new(&dfa).read().ok_or(TOO_LARGE)
}

/// Labels of consecutive characters, by the number of the first one; starts at character 0, each label unlike the one before.
type Runs = Vec<(u32, u32)>;

/// How many consecutive characters lead where.
type Lengths = Vec<(u32, u32)>;

/// The number of a character among the scalar values: code points without the gap of the surrogates.
fn number_of(c: char) -> u32 {
    let code = u32::from(c);
    if code < FIRST_SURROGATE {
        code
    } else {
        code - SURROGATES
    }
}

fn character(number: u32) -> char {
    let code = if number < FIRST_SURROGATE {
        number
    } else {
        number + SURROGATES
    };
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The label of a character.
fn label_of(runs: &[(u32, u32)], number: u32) -> u32 {
    let after = runs.partition_point(|(first, _)| *first <= number);
    let run = after.checked_sub(1).and_then(|index| runs.get(index));
    run.map_or(0, |(_, label)| *label)
}

/// The well-formed sequences of UTF-8 of more than one byte (Unicode Standard, table 3-7), in the order of the characters:
/// the first bytes, the second bytes, and how many bytes 80 to BF follow.
const SEQUENCES: [(u8, u8, u8, u8, u32); 8] = [
    (0xC2, 0xDF, 0x80, 0xBF, 0),
    (0xE0, 0xE0, 0xA0, 0xBF, 1),
    (0xE1, 0xEC, 0x80, 0xBF, 1),
    (0xED, 0xED, 0x80, 0x9F, 1),
    (0xEE, 0xEF, 0x80, 0xBF, 1),
    (0xF0, 0xF0, 0x90, 0xBF, 2),
    (0xF1, 0xF3, 0x80, 0xBF, 2),
    (0xF4, 0xF4, 0x80, 0x8F, 2),
];

/// Reads an automaton over bytes as one over characters. Only valid UTF-8 remains.
struct Characters<'d> {
    dfa: &'d dense::DFA<Vec<u32>>,
    /// Where whole rows of continuation bytes lead: from a state, over so many bytes.
    tails: HashMap<(u32, u32), Rc<Lengths>>,
}

impl<'d> Characters<'d> {
    fn new(dfa: &'d dense::DFA<Vec<u32>>) -> Self {
        Self {
            dfa,
            tails: HashMap::new(),
        }
    }

    /// `None` when it is too large.
    fn read(mut self) -> Option<Automaton> {
        let start = start::Config::new().anchored(Anchored::No);
        let start = self.dfa.start_state(&start).ok()?;
        // States at the boundary between two characters, numbered behind the two fixed ones.
        let mut numbers = HashMap::from([(start.as_u32(), 2u32)]);
        let mut states = vec![start];
        let mut rows: Vec<Runs> = vec![vec![(0, DEAD)], vec![(0, ALL)]];
        let mut accepting = vec![false, true];
        let mut at = 0;
        while let Some(state) = states.get(at).copied() {
            at += 1;
            accepting.push(self.dfa.is_match_state(self.dfa.next_eoi_state(state)));
            let mut row = Runs::new();
            let mut first = 0;
            for (length, target) in self.lengths(state)? {
                let target = match target {
                    DEAD | ALL => target,
                    raw => {
                        let raw = raw - 2;
                        let fresh = u32::try_from(states.len()).ok()? + 2;
                        let number = *numbers.entry(raw).or_insert(fresh);
                        if number == fresh {
                            states.push(StateID::new(usize::try_from(raw).ok()?).ok()?);
                        }
                        number
                    }
                };
                if row.last().is_none_or(|(_, last)| *last != target) {
                    row.push((first, target));
                }
                first += length;
            }
            rows.push(row);
        }
        let (runs, classes) = refine(&rows)?;
        Automaton::new(&rows, runs, classes, accepting, SHRINKING)
    }

    /// Where each character leads from a state at a boundary, as lengths of runs with their targets.
    fn lengths(&mut self, state: StateID) -> Option<Lengths> {
        let mut out = Lengths::new();
        for byte in 0..=0x7F {
            push(&mut out, 1, self.step(state, byte)?);
        }
        for (first, last, low, high, more) in SEQUENCES {
            for byte in first..=last {
                let middle = self.step(state, byte)?;
                self.tail(middle, low, high, more, &mut out)?;
            }
        }
        Some(out)
    }

    /// Where a byte leads: one of the fixed states, or a state of the automaton, moved by two. A match is for ever, since
    /// it may be anywhere in the string.
    fn step(&self, state: StateID, byte: u8) -> Option<u32> {
        let next = self.dfa.next_state(state, byte);
        if self.dfa.is_match_state(next) {
            Some(ALL)
        } else if self.dfa.is_dead_state(next) {
            Some(DEAD)
        } else if self.dfa.is_quit_state(next) {
            None
        } else {
            next.as_u32().checked_add(2)
        }
    }

    /// One byte from `low` to `high`, then `more` continuation bytes.
    fn tail(&mut self, from: u32, low: u8, high: u8, more: u32, out: &mut Lengths) -> Option<()> {
        if from == DEAD || from == ALL {
            push(out, (u32::from(high - low) + 1) << (6 * more), from);
            return Some(());
        }
        let state = StateID::new(usize::try_from(from - 2).ok()?).ok()?;
        for byte in low..=high {
            let next = self.step(state, byte)?;
            if more == 0 {
                push(out, 1, next);
                continue;
            }
            let whole = match self.tails.get(&(next, more)) {
                Some(whole) => Rc::clone(whole),
                None => {
                    let mut whole = Lengths::new();
                    self.tail(next, 0x80, 0xBF, more - 1, &mut whole)?;
                    let whole = Rc::new(whole);
                    self.tails.insert((next, more), Rc::clone(&whole));
                    whole
                }
            };
            for (length, target) in whole.iter() {
                push(out, *length, *target);
            }
        }
        Some(())
    }
}

fn push(runs: &mut Lengths, length: u32, target: u32) {
    match runs.last_mut() {
        Some((last, same)) if *same == target => *last += length,
        _ => runs.push((length, target)),
    }
}

/// The coarsest classes of characters that all rows tell apart, and how many there are; `None` when it is too much work.
fn refine(rows: &[Runs]) -> Option<(Runs, usize)> {
    let mut firsts: Vec<u32> = rows.iter().flatten().map(|(first, _)| *first).collect();
    firsts.push(0);
    firsts.sort_unstable();
    firsts.dedup();
    if firsts.len().saturating_mul(rows.len()) > CELLS {
        return None;
    }
    let mut classes = vec![0u32; firsts.len()];
    let mut count = 1usize;
    for row in rows.iter().filter(|row| row.len() > 1) {
        let mut split: HashMap<(u32, u32), u32> = HashMap::new();
        let mut runs = row.iter().peekable();
        let mut label = 0;
        for (first, class) in firsts.iter().zip(&mut classes) {
            while let Some((_, next)) = runs.next_if(|(from, _)| from <= first) {
                label = *next;
            }
            let fresh = u32::try_from(split.len()).ok()?;
            *class = *split.entry((*class, label)).or_insert(fresh);
        }
        count = split.len();
    }
    let mut runs = Runs::new();
    for (first, class) in firsts.into_iter().zip(classes) {
        if runs.last().is_none_or(|(_, last)| *last != class) {
            runs.push((first, class));
        }
    }
    Some((runs, count))
}

/// A deterministic automaton over classes of characters. State 0 is [`DEAD`] and state 1 is [`ALL`]; no other state accepts
/// nothing or everything.
#[derive(Debug)]
struct Automaton {
    /// The class of each character.
    alphabet: Runs,
    classes: usize,
    /// Row by row: where each class leads from each state.
    next: Vec<u32>,
    accepting: Vec<bool>,
    start: u32,
}

impl Automaton {
    /// From one row of targets for each state. State 2 is where it starts; `shrinking` is how many cells may
    /// be visited to make it smaller.
    fn new(
        rows: &[Runs],
        alphabet: Runs,
        classes: usize,
        accepting: Vec<bool>,
        shrinking: usize,
    ) -> Option<Self> {
        if rows.len().saturating_mul(classes) > CELLS {
            return None;
        }
        let mut samples = vec![0u32; classes];
        for (first, class) in alphabet.iter().rev() {
            *samples.get_mut(*class as usize)? = *first;
        }
        let mut next = Vec::with_capacity(rows.len() * classes);
        for row in rows {
            next.extend(samples.iter().map(|sample| label_of(row, *sample)));
        }
        Some(
            Self {
                alphabet,
                classes,
                next,
                accepting,
                start: 2,
            }
            .shrunk(shrinking),
        )
    }

    /// The automaton of these strings and no others.
    fn of_strings(strings: &[&str], steps: &mut Steps) -> Result<Self, Stopped> {
        let characters: BTreeSet<u32> = strings
            .iter()
            .flat_map(|text| text.chars().map(number_of))
            .collect();
        let mut alphabet = Runs::new();
        let mut class_of = BTreeMap::new();
        // Class 0 is every other character.
        let mut free = 0;
        for (number, class) in characters.iter().zip(1u32..) {
            if free < *number {
                alphabet.push((free, 0));
            }
            alphabet.push((*number, class));
            class_of.insert(*number, class);
            free = number + 1;
        }
        if free < CHARACTERS {
            alphabet.push((free, 0));
        }
        let classes = characters.len() + 1;
        let width = u64::try_from(classes).unwrap_or(u64::MAX);
        steps.take(width.saturating_mul(3))?;
        let mut next = vec![DEAD; classes];
        next.extend(std::iter::repeat_n(ALL, classes));
        next.extend(std::iter::repeat_n(DEAD, classes));
        let mut accepting = vec![false, true, false];
        for text in strings {
            let mut state = 2u32;
            for c in text.chars() {
                let class = class_of.get(&number_of(c)).copied().unwrap_or(0);
                let cell = state as usize * classes + class as usize;
                let known = next.get(cell).copied().unwrap_or(DEAD);
                if known != DEAD {
                    state = known;
                    continue;
                }
                steps.take(width)?;
                let fresh = u32::try_from(accepting.len()).map_err(|_| Stopped::Spent)?;
                accepting.push(false);
                next.extend(std::iter::repeat_n(DEAD, classes));
                if let Some(slot) = next.get_mut(cell) {
                    *slot = fresh;
                }
                state = fresh;
            }
            if let Some(slot) = accepting.get_mut(state as usize) {
                *slot = true;
            }
        }
        Ok(Self {
            alphabet,
            classes,
            next,
            accepting,
            start: 2,
        })
    }

    /// The automaton of the strings that are in every part; `None` when it is too large.
    fn of_all(parts: Vec<Part>) -> Option<Self> {
        let mut steps = Steps::new(u64::try_from(CELLS).ok()?);
        let Some(mut product) = Product::new(parts, None).ok()? else {
            return Self::new(
                &[vec![(0, DEAD)], vec![(0, ALL)], vec![(0, DEAD)]],
                vec![(0, 0)],
                1,
                vec![false, true, false],
                0,
            );
        };
        let mut at = 0u32;
        while (at as usize) < product.nodes.len() {
            product.expand(at, &mut steps).ok()?;
            at += 1;
        }
        let classes = product.sizes.len();
        let mut next = vec![DEAD; classes];
        next.extend(std::iter::repeat_n(ALL, classes));
        let mut accepting = vec![false, true];
        for (node, number) in product.nodes.iter().zip(0u32..) {
            let row = next.len();
            next.extend(std::iter::repeat_n(DEAD, classes));
            for (class, target) in product.edges(number) {
                *next.get_mut(row + *class as usize)? = target.checked_add(2)?;
            }
            accepting.push(node.accepting);
        }
        Some(
            Self {
                alphabet: product.alphabet,
                classes,
                next,
                accepting,
                start: 2,
            }
            .shrunk(SHRINKING),
        )
    }

    fn step(&self, state: u32, class: u32) -> u32 {
        let cell = (state as usize)
            .checked_mul(self.classes)
            .and_then(|row| row.checked_add(class as usize));
        cell.and_then(|cell| self.next.get(cell).copied())
            .unwrap_or(DEAD)
    }

    fn is_accepting(&self, state: u32) -> bool {
        self.accepting.get(state as usize).copied().unwrap_or(false)
    }

    fn accepts(&self, text: &str) -> bool {
        let end = text.chars().fold(self.start, |state, c| {
            self.step(state, label_of(&self.alphabet, number_of(c)))
        });
        self.is_accepting(end)
    }

    /// The same language with fewer states: those that accept nothing, or everything, become the two fixed ones, and states
    /// that accept the same become one if the automaton is small enough to find out.
    fn shrunk(self, most_visited: usize) -> Self {
        let states = self.accepting.len();
        let rows = || self.next.chunks(self.classes.max(1));
        let mut before: Vec<Vec<u32>> = vec![Vec::new(); states];
        for (row, state) in rows().zip(0u32..) {
            for target in row.iter().collect::<BTreeSet<_>>() {
                if let Some(list) = before.get_mut(*target as usize) {
                    list.push(state);
                }
            }
        }
        let leads_to = |wanted: bool| {
            let mut reached: Vec<bool> = self.accepting.iter().map(|is| *is == wanted).collect();
            let mut pending: Vec<usize> = (0..states)
                .filter(|state| reached.get(*state) == Some(&true))
                .collect();
            while let Some(state) = pending.pop() {
                for from in before.get(state).into_iter().flatten() {
                    if let Some(slot) = reached.get_mut(*from as usize).filter(|slot| !**slot) {
                        *slot = true;
                        pending.push(*from as usize);
                    }
                }
            }
            reached
        };
        let (to_yes, to_no) = (leads_to(true), leads_to(false));
        // Blocks of states: 0 and 1 are the fixed ones.
        let mut blocks: Vec<u32> = Vec::with_capacity(states);
        for ((yes, no), is) in to_yes.iter().zip(&to_no).zip(&self.accepting) {
            blocks.push(match (yes, no) {
                (false, _) => DEAD,
                (_, false) => ALL,
                _ => 2 + u32::from(*is),
            });
        }
        let mut count = blocks.iter().collect::<BTreeSet<_>>().len();
        let mut visited = 0usize;
        loop {
            visited = visited.saturating_add(self.next.len());
            if visited > most_visited {
                // Each state for itself, but for the fixed ones.
                for (block, number) in blocks.iter_mut().zip(2u32..) {
                    if *block > ALL {
                        *block = number;
                    }
                }
                break;
            }
            let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
            let mut finer = Vec::with_capacity(states);
            for (row, block) in rows().zip(&blocks) {
                if *block <= ALL {
                    finer.push(*block);
                    continue;
                }
                let mut signature = Vec::with_capacity(row.len() + 1);
                signature.push(*block);
                signature.extend(row.iter().map(|to| blocks.get(*to as usize).unwrap_or(&0)));
                let fresh = u32::try_from(known.len()).unwrap_or(u32::MAX - 2) + 2;
                finer.push(*known.entry(signature).or_insert(fresh));
            }
            blocks = finer;
            let finer = blocks.iter().collect::<BTreeSet<_>>().len();
            if finer == count {
                break;
            }
            count = finer;
        }
        self.of_blocks(&blocks)
    }

    /// One state for each block that can be reached, in the order in which they are met.
    fn of_blocks(&self, blocks: &[u32]) -> Self {
        let block = |state: u32| blocks.get(state as usize).copied().unwrap_or(DEAD);
        let mut numbers = HashMap::from([(DEAD, DEAD), (ALL, ALL)]);
        let mut next = vec![DEAD; self.classes];
        next.extend(std::iter::repeat_n(ALL, self.classes));
        let mut accepting = vec![false, true];
        let mut pending = VecDeque::new();
        let mut met = |state: u32, pending: &mut VecDeque<u32>| {
            let fresh = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(block(state)).or_insert_with(|| {
                pending.push_back(state);
                fresh
            })
        };
        let start = met(self.start, &mut pending);
        while let Some(state) = pending.pop_front() {
            accepting.push(self.is_accepting(state));
            for (_, class) in (0..self.classes).zip(0u32..) {
                next.push(met(self.step(state, class), &mut pending));
            }
        }
        Self {
            alphabet: self.alphabet.clone(),
            classes: self.classes,
            next,
            accepting,
            start,
        }
    }
}

/// One condition of a question.
#[derive(Debug)]
struct Part {
    automaton: Rc<Automaton>,
    /// The strings that the automaton does not accept.
    negated: bool,
}

impl Part {
    /// No string that goes on from this state fulfils the condition.
    fn is_hopeless(&self, state: u32) -> bool {
        state == if self.negated { ALL } else { DEAD }
    }
}

/// The product of automata, built node by node. Nodes in which a condition is hopeless are left out.
#[derive(Debug)]
struct Product {
    parts: Vec<Part>,
    /// A pattern that is no part, for want of an automaton.
    ignored: Option<PatternId>,
    alphabet: Runs,
    /// For each class of characters, the class that each part has for them.
    tuples: Vec<Vec<u32>>,
    /// How many characters each class has.
    sizes: Vec<u64>,
    /// First and last character and class, in the order in which characters are preferred.
    preferred: Vec<(u32, u32, u32)>,
    nodes: Vec<Node>,
    numbers: HashMap<Rc<[u32]>, u32>,
    /// The nodes reached by strings of each length.
    forward: Levels,
}

#[derive(Debug)]
struct Node {
    /// The state of each part.
    states: Rc<[u32]>,
    accepting: bool,
    /// Classes with the nodes they lead to; `None` while not looked at.
    next: Option<Vec<(u32, u32)>>,
}

/// Characters in the order in which they are preferred, by number: readable ones first.
const PREFERENCE: [(u32, u32); 10] = [
    (0x61, 0x7A),
    (0x30, 0x39),
    (0x41, 0x5A),
    (0x21, 0x2F),
    (0x3A, 0x40),
    (0x5B, 0x60),
    (0x7B, 0x7E),
    (0x20, 0x20),
    (0xA1, CHARACTERS - 1),
    (0x00, 0x1F),
];
const PREFERRED_LAST: (u32, u32) = (0x7F, 0xA0);

impl Product {
    /// `None` when a condition is hopeless from the start.
    fn new(parts: Vec<Part>, ignored: Option<PatternId>) -> Result<Option<Self>, Stopped> {
        let rows: Vec<Runs> = parts
            .iter()
            .map(|part| part.automaton.alphabet.clone())
            .collect();
        let (alphabet, classes) = refine(&rows).ok_or(Stopped::Spent)?;
        let mut tuples = vec![Vec::new(); classes];
        let mut sizes = vec![0u64; classes];
        let ends = alphabet.iter().skip(1).map(|(first, _)| *first);
        let mut intervals = Vec::new();
        for ((first, class), end) in alphabet.iter().zip(ends.chain([CHARACTERS])) {
            intervals.push((*first, end - 1, *class));
            if let Some(size) = sizes.get_mut(*class as usize) {
                *size += u64::from(end - first);
            }
            if let Some(tuple) = tuples.get_mut(*class as usize).filter(|t| t.is_empty()) {
                *tuple = rows.iter().map(|row| label_of(row, *first)).collect();
            }
        }
        let mut preferred = Vec::new();
        for (low, high) in PREFERENCE.into_iter().chain([PREFERRED_LAST]) {
            for (first, last, class) in &intervals {
                let (first, last) = (low.max(*first), high.min(*last));
                if first <= last {
                    preferred.push((first, last, *class));
                }
            }
        }
        let mut product = Self {
            parts,
            ignored,
            alphabet,
            tuples,
            sizes,
            preferred,
            nodes: Vec::new(),
            numbers: HashMap::new(),
            forward: Levels::new(vec![0]),
        };
        let start = product.parts.iter().map(|part| part.automaton.start);
        let start: Rc<[u32]> = start.collect();
        let possible = product.node(start).is_some();
        Ok(possible.then_some(product))
    }

    /// The number of a node; `None` when it is hopeless.
    fn node(&mut self, states: Rc<[u32]>) -> Option<u32> {
        let mut each = self.parts.iter().zip(states.iter());
        if each.any(|(part, state)| part.is_hopeless(*state)) {
            return None;
        }
        if let Some(number) = self.numbers.get(&states) {
            return Some(*number);
        }
        let number = u32::try_from(self.nodes.len()).ok()?;
        let mut each = self.parts.iter().zip(states.iter());
        let accepting =
            each.all(|(part, state)| part.automaton.is_accepting(*state) != part.negated);
        self.numbers.insert(Rc::clone(&states), number);
        self.nodes.push(Node {
            states,
            accepting,
            next: None,
        });
        Some(number)
    }

    fn is_accepting(&self, node: u32) -> bool {
        self.nodes
            .get(node as usize)
            .is_some_and(|node| node.accepting)
    }

    /// Classes with the nodes they lead to; nothing before the node is expanded.
    fn edges(&self, node: u32) -> &[(u32, u32)] {
        let node = self.nodes.get(node as usize);
        node.and_then(|node| node.next.as_deref()).unwrap_or(&[])
    }

    fn expand(&mut self, node: u32, steps: &mut Steps) -> Result<(), Spent> {
        let Some(Node {
            states, next: None, ..
        }) = self.nodes.get(node as usize)
        else {
            return Ok(());
        };
        let states = Rc::clone(states);
        let mut next = Vec::new();
        for (class, number) in (0..self.tuples.len()).zip(0u32..) {
            steps.take(1 + u64::try_from(states.len()).unwrap_or(u64::MAX))?;
            let Some(tuple) = self.tuples.get(class) else {
                continue;
            };
            let parts = self.parts.iter().zip(states.iter()).zip(tuple);
            let target: Rc<[u32]> = parts
                .map(|((part, state), class)| part.automaton.step(*state, *class))
                .collect();
            if let Some(target) = self.node(target) {
                next.push((number, target));
            }
        }
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.next = Some(next);
        }
        Ok(())
    }

    /// The nodes one character further than these, each once, in order.
    fn further(&mut self, from: &[u32], steps: &mut Steps) -> Result<Vec<u32>, Spent> {
        let mut next = Vec::new();
        for node in from {
            self.expand(*node, steps)?;
            let edges = self.edges(*node);
            steps.take(1 + u64::try_from(edges.len()).unwrap_or(u64::MAX))?;
            next.extend(edges.iter().map(|(_, target)| *target));
        }
        next.sort_unstable();
        next.dedup();
        Ok(next)
    }

    /// The smallest length from `from` to `to` that a member has.
    ///
    /// The nodes that strings of the length `from` reach are found through the repetition of their sets, so a length far
    /// beyond the automata costs no more than one around them. From there each node is visited once.
    fn shortest(
        &mut self,
        from: u64,
        to: Option<u64>,
        steps: &mut Steps,
    ) -> Result<Option<u64>, Spent> {
        if to.is_some_and(|to| to < from) {
            return Ok(None);
        }
        let mut forward = std::mem::take(&mut self.forward);
        let reached = forward.reach(from, |last| self.further(last, steps));
        let mut frontier = forward.at(from).to_vec();
        self.forward = forward;
        reached?;
        let mut visited: BTreeSet<u32> = frontier.iter().copied().collect();
        let mut length = from;
        loop {
            if frontier.iter().any(|node| self.is_accepting(*node)) {
                return Ok(Some(length));
            }
            if frontier.is_empty() || to.is_some_and(|to| to <= length) {
                return Ok(None);
            }
            frontier = self.further(&frontier, steps)?;
            frontier.retain(|node| visited.insert(*node));
            let Some(next) = length.checked_add(1) else {
                return Ok(None);
            };
            length = next;
        }
    }

    /// Adds members of the given length in the order of preference until there are `most`. [`Product::shortest`] must have
    /// returned this length: it expands the nodes on the way.
    fn list(
        &self,
        length: u64,
        most: usize,
        found: &mut Vec<String>,
        steps: &mut Steps,
    ) -> Result<(), Spent> {
        steps.take(length)?;
        let mut before: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        let mut ends = Vec::new();
        for (node, number) in self.nodes.iter().zip(0u32..) {
            steps.take(1)?;
            if node.accepting {
                ends.push(number);
            }
            for (_, target) in self.edges(number) {
                steps.take(1)?;
                before.entry(*target).or_default().insert(number);
            }
        }
        // The nodes from which so many characters more can lead to a member.
        let mut backward = Levels::new(ends);
        backward.reach(length, |last| {
            let mut set = BTreeSet::new();
            for from in last.iter().filter_map(|node| before.get(node)) {
                steps.take(1 + u64::try_from(from.len()).unwrap_or(u64::MAX))?;
                set.extend(from.iter().copied());
            }
            Ok(set.into_iter().collect())
        })?;
        if backward.at(length).binary_search(&0).is_err() {
            return Ok(());
        }
        // The nodes on the way, each with the interval and the offset in it that are next; `text` has one character less.
        let mut path: Vec<(u32, usize, u32)> = vec![(0, 0, 0)];
        let mut text: Vec<char> = Vec::new();
        let mut left = length;
        while let Some((node, interval, offset)) = path.last_mut() {
            steps.take(1)?;
            let mut further = None;
            if left == 0 {
                steps.take(length)?;
                found.push(text.iter().collect());
                if found.len() >= most {
                    return Ok(());
                }
            } else {
                let open = backward.at(left - 1);
                while let Some((first, last, class)) = self.preferred.get(*interval) {
                    let edges = self.edges(*node);
                    let edge = edges.binary_search_by_key(class, |(class, _)| *class);
                    let target = edge.ok().and_then(|edge| edges.get(edge));
                    let target = target.filter(|(_, target)| open.binary_search(target).is_ok());
                    if let (Some((_, target)), true) = (target, *offset <= last - first) {
                        further = Some((character(first + *offset), *target));
                        *offset += 1;
                        break;
                    }
                    steps.take(1)?;
                    (*interval, *offset) = (*interval + 1, 0);
                }
            }
            match further {
                Some((next, target)) => {
                    text.push(next);
                    path.push((target, 0, 0));
                    left -= 1;
                }
                None => {
                    text.pop();
                    path.pop();
                    left += 1;
                }
            }
        }
        Ok(())
    }
}

/// A sequence of sets of nodes in which each set follows from the one before. It must repeat itself, and what is behind the
/// first repetition is not computed.
#[derive(Debug, Default)]
struct Levels {
    sets: Vec<Vec<u32>>,
    known: HashMap<Vec<u32>, usize>,
    /// Where the repetition starts; it has all sets from there.
    repeats_from: Option<usize>,
}

impl Levels {
    fn new(first: Vec<u32>) -> Self {
        Self {
            known: HashMap::from([(first.clone(), 0)]),
            sets: vec![first],
            repeats_from: None,
        }
    }

    /// Computes the sets up to the given level.
    fn reach(
        &mut self,
        level: u64,
        mut next: impl FnMut(&[u32]) -> Result<Vec<u32>, Spent>,
    ) -> Result<(), Spent> {
        while self.repeats_from.is_none()
            && u64::try_from(self.sets.len()).is_ok_and(|computed| computed <= level)
        {
            let Some(last) = self.sets.last() else {
                return Ok(());
            };
            let set = next(last)?;
            if let Some(same) = self.known.get(&set) {
                self.repeats_from = Some(*same);
            } else {
                self.known.insert(set.clone(), self.sets.len());
                self.sets.push(set);
            }
        }
        Ok(())
    }

    /// The set of a level that was computed; an empty one otherwise.
    fn at(&self, level: u64) -> &[u32] {
        let mut level = usize::try_from(level).unwrap_or(usize::MAX);
        if let Some(start) = self.repeats_from
            && level >= self.sets.len()
        {
            let period = (self.sets.len() - start).max(1);
            level = start + (level - start) % period;
        }
        self.sets.get(level).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: u64 = 10_000_000;

    /// Asks for strings that match all of the first patterns and none of the second ones.
    struct Question {
        languages: Languages,
        within: Vec<PatternId>,
        outside: Vec<PatternId>,
    }

    impl Question {
        fn new(within: &[&str], outside: &[&str]) -> Self {
            let mut languages = Languages::default();
            let within = within.iter().map(|p| languages.pattern(p)).collect();
            let outside = outside.iter().map(|p| languages.pattern(p)).collect();
            Self {
                languages,
                within,
                outside,
            }
        }

        fn ask<T>(
            &mut self,
            lengths: (u64, Option<u64>),
            except: &[&str],
            question: impl FnOnce(&mut Languages, &Query<'_>, &mut Steps) -> T,
        ) -> T {
            let query = Query {
                within: &self.within,
                outside: &self.outside,
                min_length: lengths.0,
                max_length: lengths.1,
                except,
            };
            question(&mut self.languages, &query, &mut Steps::new(BUDGET))
        }
    }

    fn member_of_length(within: &[&str], outside: &[&str], lengths: (u64, Option<u64>)) -> Member {
        Question::new(within, outside).ask(lengths, &[], Languages::member)
    }

    fn member(within: &[&str], outside: &[&str]) -> Member {
        member_of_length(within, outside, (0, None))
    }

    fn some(text: &str) -> Member {
        Member::Some(text.to_owned())
    }

    #[test]
    fn one_language_lies_within_another() {
        for (narrow, wide) in [
            ("^[a-z]+$", "^[a-z0-9]*$"),
            ("^(ab)+$", "^(a|b)*$"),
            ("^[a-z]$", "[a-z]"),
            ("^abc$", "b"),
            (r"^\d{4}-\d{2}-\d{2}$", r"^[0-9-]{10}$"),
            (r"^[a-z]+@[a-z]+\.(com|org)$", r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
            ("^.{3}$", "^(.|\n){3}$"),
        ] {
            assert_eq!(member(&[narrow], &[wide]), Member::None, "{narrow} {wide}");
            assert!(matches!(member(&[wide], &[narrow]), Member::Some(_)));
        }
    }

    #[test]
    fn a_member_is_short_and_readable() {
        assert_eq!(member(&[], &[]), some(""));
        assert_eq!(member(&["^[a-z0-9]*$"], &["^[a-z]+$"]), some(""));
        assert_eq!(member(&["."], &[]), some("a"));
        assert_eq!(member(&["^[^a-z]$"], &[]), some("0"));
        assert_eq!(member(&["^[^a-z0-9]$"], &[]), some("A"));
        assert_eq!(member(&["^[^ -~]$"], &[]), some("\u{a1}"));
        assert_eq!(
            member(&[r"^[a-z]+@[a-z]+\.(com|org)$"], &[]),
            some("a@a.com")
        );
        assert_eq!(member(&["^a", "b$"], &["^ab"]), some("aab"));
    }

    #[test]
    fn a_pattern_may_match_anywhere() {
        assert_eq!(member(&["b"], &["^b", "b$"]), some("aba"));
        assert_eq!(member(&["a"], &["a"]), Member::None);
        assert_eq!(member(&["^a$"], &["a"]), Member::None);
        assert_eq!(member(&[], &[""]), Member::None);
    }

    #[test]
    fn the_dot_is_the_one_of_the_validator() {
        // Three characters of which at least one is a line feed.
        let lengths = (3, Some(3));
        let found = member_of_length(&[], &["^.{3}$"], lengths);
        assert_eq!(found, some("aa\n"));
        assert_eq!(member_of_length(&["^.{3}$"], &[], (4, None)), Member::None);
        assert_eq!(
            member(&["^.$", "[\r\u{2028}\u{2029}]"], &[]),
            some("\u{2028}")
        );
        assert_eq!(member(&["^.$", "\n"], &[]), Member::None);
    }

    #[test]
    fn the_end_is_not_before_a_last_line_feed() {
        let mut languages = Languages::default();
        let id = languages.pattern("^a$");
        assert_eq!(languages.matches(id, "a"), Some(true));
        assert_eq!(languages.matches(id, "a\n"), Some(false));
        assert_eq!(languages.pattern("^a$"), id);
    }

    #[test]
    fn digits_and_word_characters_are_ascii_and_spaces_those_of_ecma() {
        assert_eq!(member(&[r"^\d$"], &["^[0-9]$"]), Member::None);
        assert_eq!(member(&[r"^\w$"], &["^[A-Za-z0-9_]$"]), Member::None);
        assert_eq!(
            member(&[r"^\s$", r"^[^\t-\r ]$"], &[r"^[\xA0]$"]),
            some("\u{1680}")
        );
        // The next line character is no space in ECMA-262.
        assert_eq!(member(&[r"\s", "^\u{85}$"], &[]), Member::None);
    }

    #[test]
    fn a_length_counts_characters() {
        let lengths = (2, Some(2));
        assert_eq!(
            member_of_length(&["^\u{1F600}+$"], &[], lengths),
            some("\u{1F600}\u{1F600}")
        );
        assert_eq!(member_of_length(&["^(a|b)*$"], &[], (3, None)), some("aaa"));
        assert_eq!(member_of_length(&["^(ab)+$"], &[], (3, None)), some("abab"));
        assert_eq!(
            member_of_length(&["^(ab)+$"], &[], (3, Some(3))),
            Member::None
        );
        assert_eq!(member_of_length(&["a"], &[], (0, Some(0))), Member::None);
        assert_eq!(member_of_length(&[], &[], (3, Some(2))), Member::None);
    }

    #[test]
    fn every_character_beyond_ascii_has_its_place() {
        let mut languages = Languages::default();
        let ends = [
            "\u{7F}",
            "\u{80}",
            "\u{7FF}",
            "\u{800}",
            "\u{D7FF}",
            "\u{E000}",
            "\u{FFFF}",
            "\u{10000}",
            "\u{10FFFF}",
        ];
        for one in ends {
            let id = languages.pattern(&format!("^{one}$"));
            for other in ends {
                assert_eq!(languages.matches(id, other), Some(one == other));
            }
            let query = Query {
                within: &[id],
                ..Query::default()
            };
            assert_eq!(languages.count(&query, 9, &mut Steps::new(BUDGET)), Ok(1));
        }
        let letters = languages.pattern(r"^\p{Lu}$");
        assert_eq!(languages.matches(letters, "\u{416}"), Some(true));
        assert_eq!(languages.matches(letters, "\u{436}"), Some(false));
    }

    #[test]
    fn strings_are_counted_by_arithmetic() {
        let all = u64::from(CHARACTERS);
        assert_eq!(all, 1_112_064);
        let count = |within: &[&str], outside: &[&str], lengths, most| {
            Question::new(within, outside).ask(lengths, &["a", "zz"], |languages, query, steps| {
                languages.count(query, most, steps)
            })
        };
        assert_eq!(count(&[], &[], (0, Some(0)), u64::MAX), Ok(1));
        assert_eq!(count(&[], &[], (2, Some(2)), u64::MAX), Ok(all * all - 1));
        assert_eq!(
            count(&[], &[], (1, Some(2)), u64::MAX),
            Ok(all * all + all - 2)
        );
        assert_eq!(count(&[], &[], (0, None), 1000), Ok(1000));
        assert_eq!(
            count(&["^[a-z]{1,3}$"], &[], (0, None), u64::MAX),
            Ok(26 + 676 + 17_576 - 2)
        );
        assert_eq!(
            count(&["^[a-z]{1,3}$"], &["b"], (0, None), u64::MAX),
            Ok(25 + 625 + 15_625 - 2)
        );
        assert_eq!(
            count(&["^[ab]{64}$"], &[], (0, None), u64::MAX),
            Ok(u64::MAX)
        );
    }

    #[test]
    fn a_length_far_beyond_the_automata_costs_little() {
        let huge = 1u64 << 60;
        let empty = |within: &[&str], outside: &[&str], lengths| {
            let mut question = Question::new(within, outside);
            question.ask(lengths, &[], |languages, query, _| {
                languages.is_empty(query, &mut Steps::new(10_000))
            })
        };
        assert_eq!(empty(&[], &[], (huge, None)), Ok(false));
        assert_eq!(
            empty(&["^[a-z0-9-]+$"], &["^[a-z]"], (huge, None)),
            Ok(false)
        );
        assert_eq!(
            empty(&["^(abc)+$"], &[], (3 * huge, Some(3 * huge))),
            Ok(false)
        );
        assert_eq!(
            empty(&["^(abc)+$"], &[], (3 * huge + 1, Some(3 * huge + 2))),
            Ok(true)
        );
        assert_eq!(empty(&["^[a-z]{0,63}$"], &[], (huge, None)), Ok(true));
        assert_eq!(
            empty(&["^([a-z]+)$"], &["^[a-z]*$"], (huge, None)),
            Ok(true)
        );
        // It cannot be written down, and a shorter one can.
        let found = member_of_length(&["^a+$"], &[], (huge, None));
        assert_eq!(found, Member::Unknown(Stopped::Spent));
        let found = member_of_length(&["^a+$"], &[], (100_000, None));
        assert_eq!(found, Member::Some("a".repeat(100_000)));
    }

    #[test]
    fn members_come_in_order_and_say_whether_they_are_all() {
        let members = |within: &[&str], except: &[&str], most| {
            let mut question = Question::new(within, &[]);
            let found = question.ask((0, None), except, |languages, query, steps| {
                languages.members(query, most, steps)
            });
            let (found, all) = found.unwrap();
            (found.join(" "), all)
        };
        let colours = "^(red|green|blue)$";
        assert_eq!(
            members(&[colours], &[], 9),
            ("red blue green".to_owned(), true)
        );
        assert_eq!(
            members(&[colours], &[], 3),
            ("red blue green".to_owned(), true)
        );
        assert_eq!(members(&[colours], &[], 2), ("red blue".to_owned(), false));
        assert_eq!(
            members(&[colours], &["blue", "black"], 9),
            ("red green".to_owned(), true)
        );
        assert_eq!(
            members(&[colours], &["red", "blue", "green"], 9),
            (String::new(), true)
        );
        assert_eq!(
            members(&["^[0A-Ca]$"], &["0"], 9),
            ("a A B C".to_owned(), true)
        );
        assert_eq!(
            members(&["^a+$"], &["aa"], 3),
            ("a aaa aaaa".to_owned(), false)
        );
    }

    #[test]
    fn lookaheads_at_the_start_and_lookbehinds_at_the_end_are_taken_out() {
        let parts = |pattern: &str| {
            decompose(pattern).map(|parts| {
                let parts = parts.iter().map(|(positive, part)| {
                    format!("{}{part}", if *positive { "" } else { "not " })
                });
                parts.collect::<Vec<_>>().join(" and ")
            })
        };
        assert_eq!(parts("^(?!a|b)c$").unwrap(), "not ^(?:a|b) and ^(?:c$)");
        assert_eq!(
            parts("^(?=.*x)(?!..)y").unwrap(),
            "^(?:.*x) and not ^(?:..) and ^(?:y)"
        );
        assert_eq!(parts("^[(]a(?<!b)$").unwrap(), "not (?:b)$ and ^(?:[(]a)$");
        assert_eq!(
            parts("a(?<=b)(?<!c)$").unwrap(),
            "not (?:c)$ and (?:b)$ and (?:a)$"
        );
        for whole in [
            "^c$",
            "(?!a)b",
            "^a(?!b)c",
            "^(?!a)b|c",
            "^(?!a)*b",
            r"^\(?!a",
            "^(?<!a)b",
        ] {
            assert_eq!(parts(whole), None, "{whole}");
        }
    }

    #[test]
    fn a_class_repeated_is_the_same_as_its_copies() {
        for (class, times) in [
            ("[a-z]", "{0,3}"),
            (r"[\d\]\w-]", "{2}"),
            (".", "{1,}"),
            ("[^a]", "{0}"),
            (r"\p{Lu}", "{2,3}"),
        ] {
            let short = format!("^{class}{times}$");
            let translated = jsonschema_regex::to_rust_regex(&short).unwrap();
            assert!(RepeatedClass::of(&translated).is_some(), "{short}");
            let copied = format!("^(?:{class}{times})$");
            assert_eq!(
                RepeatedClass::of(&copied).map(|repeated| repeated.least),
                None
            );
            assert_eq!(member(&[&short], &[&copied]), Member::None, "{short}");
            assert_eq!(member(&[&copied], &[&short]), Member::None, "{short}");
        }
        for other in [
            "^[a]|[b]{2}$",
            "^ab{2}$",
            r"^\x{61}$",
            r"^[a]\{2}$",
            r"^\p{L}\p{Lu}{2}$",
            "^[a]{2}{2}$",
            r"^[a\]{2}$",
            "^[a]{,2}$",
            "^(a){2}$",
            "[a]{2}$",
            r"^[a]{2}\$",
        ] {
            assert!(RepeatedClass::of(other).is_none(), "{other}");
        }
        // The engine alone cannot build these.
        assert_eq!(member(&[r"^\p{L}{2,1000}$"], &[]), some("aa"));
        assert_eq!(
            member(&[r"^[\p{L} '-]{1,63}$"], &["^.{0,63}$"]),
            Member::None
        );
    }

    #[test]
    fn lookarounds_are_decided_where_they_can_be_taken_out() {
        assert_eq!(member(&["^(?!a|b)[a-c]$"], &[]), some("c"));
        assert_eq!(member(&["^(?=.*x)(?!..)[a-z]+$"], &["^x$"]), Member::None);
        assert_eq!(member(&["^[a-c]+$"], &["^(?!aa)[a-z]+$"]), some("aa"));
        assert_eq!(member(&["^[a-]+(?<!-)$"], &["a$"]), Member::None);
        assert_eq!(member(&["^(?!.*)a"], &[]), Member::None);
        assert_eq!(member(&["^(?!a)", "^a"], &[]), Member::None);
    }

    #[test]
    fn what_is_not_regular_is_unknown_unless_the_rest_decides() {
        let mut languages = Languages::default();
        for (pattern, why) in [
            (r"^(a+)\1$", NOT_REGULAR),
            ("a(?!b)", NOT_REGULAR),
            (r"\bword\b", NOT_REGULAR),
            ("^a++b$", NOT_ECMA),
            ("(?i:a)", FLAGS),
            ("(a{1000}b){1000}", TOO_LARGE),
            (r"\p{L}{500}", TOO_LARGE),
            ("(", NOT_ECMA),
            ("^(a|b)*a(a|b){20}$", TOO_LARGE),
        ] {
            let id = languages.pattern(pattern);
            assert_eq!(languages.unsupported(id), Some(why), "{pattern}");
            assert_eq!(languages.matches(id, "a"), None);
            let plain = languages.pattern("^x$");
            let mut ask = |within: &[PatternId], outside: &[PatternId], most| {
                let query = Query {
                    within,
                    outside,
                    max_length: most,
                    ..Query::default()
                };
                languages.member(&query, &mut Steps::new(BUDGET))
            };
            let unknown = Member::Unknown(Stopped::Unsupported(id));
            assert_eq!(ask(&[id, plain], &[], None), unknown);
            assert_eq!(ask(&[plain], &[id], None), unknown);
            assert_eq!(ask(&[id], &[id], None), Member::None);
            assert_eq!(ask(&[id, plain], &[], Some(0)), Member::None);
        }
        let id = languages.pattern("^a$");
        assert_eq!(languages.unsupported(id), None);
    }

    #[test]
    fn a_question_stops_when_its_steps_are_used_up() {
        let mut question = Question::new(&["^[a-z]{40}$"], &["b"]);
        let stopped = question.ask((0, None), &[], |languages, query, _| {
            languages.member(query, &mut Steps::new(50))
        });
        assert_eq!(stopped, Member::Unknown(Stopped::Spent));
        let (found, all) = Question::new(&["^[a-z]{2}$"], &[])
            .ask((0, None), &[], |languages, query, _| {
                languages.members(query, 2, &mut Steps::new(60))
            })
            .unwrap();
        assert_eq!((found.len(), all), (2, false));
    }
}

/// Random patterns and strings, judged by the validator too.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod random {
    use super::*;
    use proptest::prelude::*;

    const BUDGET: u64 = 10_000_000;

    /// `None` when the engine of the validator refuses the pattern.
    fn validator(pattern: &str) -> Option<jsonschema::Validator> {
        let schema = serde_json::json!({ "pattern": pattern });
        jsonschema::options().build(&schema).ok()
    }

    fn holds(validator: &jsonschema::Validator, text: &str) -> bool {
        validator.is_valid(&serde_json::Value::from(text))
    }

    fn inner() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "[a-c]",
            Just(".".to_owned()),
            Just("[^a]".to_owned()),
            Just("[b-d\u{e9}]".to_owned()),
            Just(r"\d".to_owned()),
            Just(r"\W".to_owned()),
            Just(r"\s".to_owned()),
            Just("\u{1F600}".to_owned()),
            Just("\\n".to_owned()),
            Just("^".to_owned()),
            Just("$".to_owned()),
            Just(String::new()),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(?:{a}|{b})")),
                (
                    inner,
                    prop::sample::select(vec!["*", "+", "?", "{2}", "{1,3}", "*?", "{0}"])
                )
                    .prop_map(|(a, times)| format!("(?:{a}){times}")),
            ]
        })
    }

    fn pattern() -> impl Strategy<Value = String> {
        (
            inner(),
            inner(),
            prop::sample::select(vec!["", "^", "$", "^$", "^(?!", "^(?=", "^(?:x)?$"]),
        )
            .prop_map(|(a, b, shape)| match shape {
                "^" => format!("^(?:{a})"),
                "$" => format!("(?:{a})$"),
                "^$" => format!("^(?:{a})$"),
                "^(?!" => format!("^(?!{b})(?:{a})$"),
                "^(?=" => format!("^(?={b})(?:{a})"),
                "^(?:x)?$" => format!("^(?:{b})?{}$", "[a-c]"),
                _ => a,
            })
    }

    fn text() -> impl Strategy<Value = String> {
        let c = prop::sample::select(vec![
            'a',
            'b',
            'c',
            'd',
            '0',
            ' ',
            '\n',
            '\r',
            '\u{e9}',
            '\u{661}',
            '\u{2028}',
            '\u{1F600}',
        ]);
        prop::collection::vec(c, 0..6).prop_map(|text| text.into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        #[test]
        fn the_automaton_and_the_validator_agree(
            pattern in pattern(),
            texts in prop::collection::vec(text(), 20),
        ) {
            let mut languages = Languages::default();
            let id = languages.pattern(&pattern);
            let validator = validator(&pattern);
            prop_assume!(validator.is_some());
            let validator = validator.unwrap();
            for text in texts {
                if let Some(matches) = languages.matches(id, &text) {
                    prop_assert_eq!(matches, holds(&validator, &text), "{:?} {:?}", pattern, text);
                }
            }
        }

        #[test]
        fn members_are_members_and_none_means_none(
            narrow in pattern(),
            wide in pattern(),
            texts in prop::collection::vec(text(), 30),
            min_length in 0u64..4,
            more in prop::option::of(0u64..3),
        ) {
            let mut languages = Languages::default();
            let (within, outside) = ([languages.pattern(&narrow)], [languages.pattern(&wide)]);
            let judges = (validator(&narrow), validator(&wide));
            prop_assume!(judges.0.is_some() && judges.1.is_some());
            let judges = (judges.0.unwrap(), judges.1.unwrap());
            let max_length = more.map(|more| min_length + more);
            let except: Vec<&str> = texts.iter().take(3).map(String::as_str).collect();
            let query = Query {
                within: &within,
                outside: &outside,
                min_length,
                max_length,
                except: &except,
            };
            let is_member = |text: &str| {
                let length = text.chars().count() as u64;
                length >= min_length
                    && max_length.is_none_or(|max| length <= max)
                    && !except.contains(&text)
                    && holds(&judges.0, text)
                    && !holds(&judges.1, text)
            };
            let mut steps = Steps::new(BUDGET);
            let Ok((found, all)) = languages.members(&query, 40, &mut steps) else {
                return Ok(());
            };
            for text in &found {
                prop_assert!(is_member(text), "{:?} is no member of {:?} without {:?}", text, narrow, wide);
            }
            let different: BTreeSet<&String> = found.iter().collect();
            prop_assert_eq!(different.len(), found.len());
            prop_assert!(found.is_sorted_by_key(|text| text.chars().count()));
            for text in texts.iter().filter(|text| is_member(text)) {
                prop_assert!(!all || found.contains(text), "{:?} was not found", text);
                let shortest = found.first().map(|text| text.chars().count());
                prop_assert!(shortest.is_some_and(|length| length <= text.chars().count()));
            }
            let mut steps = Steps::new(BUDGET);
            prop_assert_eq!(languages.is_empty(&query, &mut steps), Ok(found.is_empty()));
            let most = if all { u64::MAX } else { 40 };
            let mut steps = Steps::new(BUDGET);
            if let Ok(count) = languages.count(&query, most, &mut steps) {
                prop_assert_eq!(count, found.len() as u64);
            }
            let first = match found.first() {
                Some(text) => Member::Some(text.clone()),
                None => Member::None,
            };
            let mut steps = Steps::new(BUDGET);
            prop_assert_eq!(languages.member(&query, &mut steps), first);
        }
    }
}
