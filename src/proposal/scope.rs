//! Scope: what a senate deals with, and whether a draft is about it.
//!
//! The scope document has sentences for people and keywords for the evaluation. An evaluation looks for the keywords among the
//! words that a draft uses and gives its reasons. It knows words, not meanings, so it never guesses: what the words do not
//! settle is `unclear`, and left to the judges whom the document names.
//!
//! ```
//! use schema_senate::proposal::{Scope, ScopeVerdict, evaluate_scope};
//! use serde_json::json;
//!
//! let scope = Scope::from_value(&json!({
//!     "out": ["social media and marketing"],
//!     "keywords_in": ["blinding", "sample size"],
//!     "keywords_out": ["social media"],
//! }), &Scope::default()).unwrap();
//! let draft = json!({"metadata": {"field_spec": {"name": "social_media_mentions", "schema": {"type": "integer"}}}});
//! let evaluation = evaluate_scope(&scope, Some("hypothesis"), &draft, None);
//! assert_eq!(evaluation.verdict, ScopeVerdict::OutOfScope);
//! assert_eq!(evaluation.matches[0].pointer, "/metadata/field_spec/name");
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Serialize, Serializer};
use serde_json::json;

use super::subschemas;
use crate::schema::check_artifact_type;
use crate::text::{Digest, Kind, Map, Members, Problem, Value, digest, kind, pointer};
use crate::vote::check_member_id;

/// The version of the document's form.
const SCHEMA_VERSION: u64 = 1;
/// Most sentences in one list, and most characters of one.
const MOST_SENTENCES: usize = 100;
const LONGEST_SENTENCE: usize = 500;
/// Most keywords in one list, most characters of one, and most words.
const MOST_KEYWORDS: usize = 10_000;
const LONGEST_KEYWORD: usize = 100;
const MOST_WORDS_IN_KEYWORD: usize = 8;
/// Most types that have keywords of their own.
const MOST_TYPES: usize = 1_000;
/// Most judges.
const MOST_JUDGES: usize = 100;
/// Most words of a draft that are looked at; a draft that has more is never settled by its words.
const MOST_WORDS: u64 = 2_000_000;
/// Most matches of one list that an evaluation tells.
const MOST_MATCHES: usize = 32;
/// Most keywords and sentences that the reasoning names.
const MOST_NAMED: usize = 5;

/// Words that speak for and against, in the form in which they are compared: lower case, one space between words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keywords {
    /// Of what is in scope.
    pub included: BTreeSet<String>,
    /// Of what is out of scope.
    pub excluded: BTreeSet<String>,
}

impl Keywords {
    fn is_empty(&self) -> bool {
        self.included.is_empty() && self.excluded.is_empty()
    }
}

/// What a senate deals with. The default says nothing, and everything is in scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// What is in scope, for people.
    pub included: Vec<String>,
    /// What is out of scope, for people.
    pub excluded: Vec<String>,
    /// Keywords for every type.
    pub keywords: Keywords,
    /// Keywords that come on top for one type.
    pub types: BTreeMap<String, Keywords>,
    /// The members who judge what is unclear.
    pub judges: BTreeSet<String>,
}

const MEMBERS: [&str; 7] = [
    "schema_version",
    "in",
    "out",
    "keywords_in",
    "keywords_out",
    "types",
    "judges",
];

impl Scope {
    /// A scope from an object in which any member may be left out; what is left out is as in `over`. A list that is given
    /// takes the place of the whole list. Of `types`, each type that is given is read over its lists in `over`, and one whose
    /// two lists are empty is gone.
    ///
    /// # Errors
    ///
    /// Everything that is wrong: `member_type`, `member_unknown`, `member_empty`, `member_range`, `member_repeated`,
    /// `scope_sentence_too_long`, `scope_list_too_long`, `scope_keyword_malformed`, `scope_keyword_on_both_lists`,
    /// `artifact_type_name_not_allowed`, `voter_id_malformed`.
    pub fn from_value(value: &Value, over: &Self) -> Result<Self, Vec<Problem>> {
        let mut scope = over.clone();
        let mut members = Members::of(value, "", &MEMBERS);
        members.optional_whole("schema_version", SCHEMA_VERSION, SCHEMA_VERSION);
        if let Some(sentences) = sentences(&mut members, "in") {
            scope.included = sentences;
        }
        if let Some(sentences) = sentences(&mut members, "out") {
            scope.excluded = sentences;
        }
        keywords(&mut members, "", &mut scope.keywords);
        if let Some(types) = members.get("types") {
            members.note(scope.take_types(types));
        }
        if let Some(judges) = judges(&mut members) {
            scope.judges = judges;
        }
        let problems = members.end();
        if problems.is_empty() {
            Ok(scope)
        } else {
            Err(problems)
        }
    }

    fn take_types(&mut self, value: &Value) -> Vec<Problem> {
        let Some(types) = value.as_object() else {
            return vec![Problem::error(
                "member_type",
                "/types",
                format!(
                    "an object of artifact types is due here, not {}",
                    kind(value)
                ),
            )];
        };
        let mut problems = Vec::new();
        for (name, value) in types {
            let place = pointer::join("/types", name);
            if let Err(problem) = check_artifact_type(name) {
                problems.push(problem.under(&place));
                continue;
            }
            let mut members = Members::of(value, &place, &["keywords_in", "keywords_out"]);
            let of_type = self.types.entry(name.clone()).or_default();
            keywords(&mut members, &place, of_type);
            problems.extend(members.end());
        }
        self.types.retain(|_, keywords| !keywords.is_empty());
        if self.types.len() > MOST_TYPES {
            problems.push(too_long("/types", MOST_TYPES));
        }
        problems
    }

    /// The whole document, every member present, keywords and judges sorted: what is hashed and shown.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let types: Map<String, Value> = self
            .types
            .iter()
            .map(|(name, keywords)| {
                let lists = json!({
                    "keywords_in": keywords.included,
                    "keywords_out": keywords.excluded,
                });
                (name.clone(), lists)
            })
            .collect();
        json!({
            "schema_version": SCHEMA_VERSION,
            "in": self.included,
            "out": self.excluded,
            "keywords_in": self.keywords.included,
            "keywords_out": self.keywords.excluded,
            "types": types,
            "judges": self.judges,
        })
    }

    /// The digest of the whole document.
    ///
    /// # Errors
    ///
    /// None that a scope gives: it holds no number but its version.
    pub fn digest(&self) -> Result<Digest, Problem> {
        digest(Kind::Scope, &self.to_value())
    }

    /// Whether no keyword is named, so that everything is in scope.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.keywords.is_empty() && self.types.is_empty()
    }

    /// The document as sentences.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        words.extend(
            self.included
                .iter()
                .map(|sentence| format!("In scope: {sentence}")),
        );
        words.extend(
            self.excluded
                .iter()
                .map(|sentence| format!("Out of scope: {sentence}")),
        );
        if self.is_open() {
            words.push("No keywords are named: every draft is in scope.".into());
            return words;
        }
        words.push(format!(
            "A draft that uses one of {} and none of {} is in scope; the other way round it is out of scope; anything else is unclear.",
            counted(self.keywords.included.len(), "keyword"),
            counted(self.keywords.excluded.len(), "other"),
        ));
        for (name, keywords) in &self.types {
            words.push(format!(
                "For `{name}`, {} for and {} against come on top.",
                counted(keywords.included.len(), "keyword"),
                keywords.excluded.len()
            ));
        }
        words.push(if self.judges.is_empty() {
            "Nobody is named to judge what is unclear.".into()
        } else {
            let judges: Vec<_> = self.judges.iter().map(|id| format!("`{id}`")).collect();
            format!("What is unclear is judged by {}.", or(&judges))
        });
        words
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

fn too_long(place: impl Into<String>, most: usize) -> Problem {
    Problem::error(
        "scope_list_too_long",
        place,
        format!("there may be at most {most} entries here"),
    )
}

/// The texts of a list, each with its place, if the list is there.
fn texts<'a>(members: &mut Members<'a>, name: &str, most: usize) -> Option<Vec<(String, &'a str)>> {
    members.get(name)?;
    let items = members.array(name)?;
    let place = members.place(name);
    if items.len() > most {
        members.note([too_long(place, most)]);
        return None;
    }
    let mut texts = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let place = pointer::join(&place, &index.to_string());
        match item.as_str() {
            None => members.note([Problem::error(
                "member_type",
                place,
                format!("a string is due here, not {}", kind(item)),
            )]),
            Some(text) if text.trim().is_empty() => {
                members.note([Problem::error("member_empty", place, "this says nothing")]);
            }
            Some(text) => texts.push((place, text)),
        }
    }
    Some(texts)
}

fn sentences(members: &mut Members<'_>, name: &str) -> Option<Vec<String>> {
    let mut sentences: Vec<String> = Vec::new();
    for (place, text) in texts(members, name, MOST_SENTENCES)? {
        let text = text.trim();
        if text.chars().count() > LONGEST_SENTENCE {
            members.note([Problem::error(
                "scope_sentence_too_long",
                place,
                format!("a sentence has at most {LONGEST_SENTENCE} characters"),
            )]);
        } else if sentences.iter().any(|known| known == text) {
            members.note([twice(place, text)]);
        } else {
            sentences.push(text.to_owned());
        }
    }
    Some(sentences)
}

fn twice(place: String, text: &str) -> Problem {
    Problem::error(
        "member_repeated",
        place,
        format!("`{text}` is listed twice"),
    )
    .remedy("list it once")
}

/// Reads the two lists of keywords over `into`.
fn keywords(members: &mut Members<'_>, at: &str, into: &mut Keywords) {
    let mut given = Vec::new();
    for (name, list) in [
        ("keywords_in", &mut into.included),
        ("keywords_out", &mut into.excluded),
    ] {
        let Some(texts) = texts(members, name, MOST_KEYWORDS) else {
            continue;
        };
        given.push(name);
        list.clear();
        for (place, text) in texts {
            match keyword(text) {
                None => members.note([Problem::error(
                    "scope_keyword_malformed",
                    place,
                    format!(
                        "a keyword has 1 to {MOST_WORDS_IN_KEYWORD} words and at most {LONGEST_KEYWORD} characters"
                    ),
                )
                .remedy("write the words as they stand in a text, e.g. `sample size`")]),
                Some(keyword) => {
                    if !list.insert(keyword) {
                        members.note([twice(place, text)]);
                    }
                }
            }
        }
    }
    if let Some(name) = given.last()
        && let Some(both) = into.included.intersection(&into.excluded).next()
    {
        members.note([Problem::error(
            "scope_keyword_on_both_lists",
            pointer::join(at, name),
            format!("`{both}` speaks for and against: every draft that uses it would be unclear"),
        )
        .remedy("leave it on one of the two lists")]);
    }
}

/// The form in which a keyword is compared.
fn keyword(text: &str) -> Option<String> {
    if text.chars().count() > LONGEST_KEYWORD {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    split(text, false, &mut |word| {
        words.push(word.to_owned());
        true
    });
    (1..=MOST_WORDS_IN_KEYWORD)
        .contains(&words.len())
        .then(|| words.join(" "))
}

fn judges(members: &mut Members<'_>) -> Option<BTreeSet<String>> {
    let mut judges = BTreeSet::new();
    for (place, id) in texts(members, "judges", MOST_JUDGES)? {
        if let Err(problem) = check_member_id(id) {
            members.note([problem.under(&place)]);
        } else if !judges.insert(id.to_owned()) {
            members.note([twice(place, id)]);
        }
    }
    Some(judges)
}

/// Whether a draft is about what the senate deals with, as far as its words tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeVerdict {
    /// It is.
    InScope,
    /// It is not.
    OutOfScope,
    /// The words do not settle it.
    Unclear,
}

impl ScopeVerdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::InScope, Self::OutOfScope, Self::Unclear];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 3] = ["in_scope", "out_of_scope", "unclear"];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InScope => "in_scope",
            Self::OutOfScope => "out_of_scope",
            Self::Unclear => "unclear",
        }
    }

    /// The verdict of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }
}

/// A keyword that a draft uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScopeMatch {
    /// `in` or `out`.
    pub list: &'static str,
    /// The keyword.
    pub keyword: String,
    /// JSON Pointer into the draft to the first text that uses it; `/justification` for the justification of an appeal.
    pub pointer: String,
}

/// What the words of a draft say about its scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScopeEvaluation {
    /// The verdict.
    pub verdict: ScopeVerdict,
    /// Why, for people.
    pub reasoning: String,
    /// The keywords that were found, first those for it, each list sorted.
    pub matches: Vec<ScopeMatch>,
}

/// What was found in a draft, reduced to what the verdict depends on.
#[derive(Clone, Copy, Debug)]
struct Found {
    /// Whether there are keywords for this draft at all.
    lists: bool,
    /// Whether all of its words were looked at.
    whole: bool,
    /// Whether a keyword for it was found.
    included: bool,
    /// Whether a keyword against it was found.
    excluded: bool,
}

impl Found {
    /// The rule.
    fn verdict(self) -> ScopeVerdict {
        match (self.included, self.excluded) {
            _ if !self.lists => ScopeVerdict::InScope,
            _ if !self.whole => ScopeVerdict::Unclear,
            (true, false) => ScopeVerdict::InScope,
            (false, true) => ScopeVerdict::OutOfScope,
            (true, true) | (false, false) => ScopeVerdict::Unclear,
        }
    }
}

/// Evaluates the scope of a draft. Looked at are its title, rationale and use cases, the names and paths of fields, the name of
/// a new type, the titles and descriptions in the schema that it brings, and the justification of an appeal; not the type that it
/// changes, which is in scope already.
#[must_use]
pub fn evaluate_scope(
    scope: &Scope,
    target_type: Option<&str>,
    draft: &Value,
    justification: Option<&str>,
) -> ScopeEvaluation {
    let mut search = Search::of(
        &scope.keywords,
        target_type.and_then(|name| scope.types.get(name)),
    );
    let (mut texts, complete) = texts_of(draft);
    if let Some(justification) = justification {
        texts.push(("/justification".into(), justification));
    }
    if search.has_keywords() {
        for (pointer, text) in &texts {
            search.look_at(pointer, text);
        }
    }
    let matches = search.matches();
    let found = Found {
        lists: search.has_keywords(),
        whole: complete && search.words <= MOST_WORDS,
        included: matches.iter().any(|found| found.list == "in"),
        excluded: matches.iter().any(|found| found.list == "out"),
    };
    let verdict = found.verdict();
    ScopeEvaluation {
        verdict,
        reasoning: reasoning(scope, found, verdict, &matches),
        matches,
    }
}

/// The texts of a draft, and whether they are all.
fn texts_of(draft: &Value) -> (Vec<(String, &str)>, bool) {
    let mut texts = Vec::new();
    let mut take = |pointer: String| {
        if let Some(text) = draft.pointer(&pointer).and_then(Value::as_str) {
            texts.push((pointer, text));
        }
    };
    take("/title".into());
    take("/metadata/rationale".into());
    let cases = draft
        .pointer("/metadata/use_cases")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    for index in 0..cases {
        take(format!("/metadata/use_cases/{index}/who"));
        take(format!("/metadata/use_cases/{index}/need"));
    }
    for name in ["name", "path", "from", "to", "description"] {
        take(format!("/metadata/field_spec/{name}"));
    }
    const SCHEMA: &str = "/metadata/field_spec/schema";
    let mut complete = true;
    if let Some(schema) = draft.pointer(SCHEMA) {
        complete = subschemas::each(schema, &mut |sub| {
            let at = format!("{SCHEMA}{}", sub.pointer);
            for name in ["title", "description"] {
                if let Some(text) = sub.members.get(name).and_then(Value::as_str) {
                    texts.push((pointer::join(&at, name), text));
                }
            }
            for (name, _) in subschemas::named(sub.members, "properties") {
                let at = pointer::join(&pointer::join(&at, "properties"), name);
                texts.push((at, name));
            }
        });
    }
    (texts, complete)
}

/// One keyword and where it was found.
#[derive(Debug)]
struct Sought<'a> {
    keyword: &'a str,
    included: bool,
    excluded: bool,
    found: Option<String>,
}

/// The search for all keywords at once: a tree of their words, walked from every word of a text. The work grows with the
/// length of the texts, not with the number of keywords.
#[derive(Debug)]
struct Search<'a> {
    keywords: Vec<Sought<'a>>,
    ids: HashMap<&'a str, u32>,
    /// From a node by a word to a node; the root is 0.
    edges: HashMap<(u32, u32), u32>,
    /// The keyword that ends at a node.
    ends: HashMap<u32, usize>,
    /// Words looked at.
    words: u64,
}

impl<'a> Search<'a> {
    fn of(general: &'a Keywords, of_type: Option<&'a Keywords>) -> Self {
        let mut sides: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
        for keywords in std::iter::once(general).chain(of_type) {
            for keyword in &keywords.included {
                sides.entry(keyword).or_default().0 = true;
            }
            for keyword in &keywords.excluded {
                sides.entry(keyword).or_default().1 = true;
            }
        }
        let mut search = Self {
            keywords: Vec::with_capacity(sides.len()),
            ids: HashMap::new(),
            edges: HashMap::new(),
            ends: HashMap::new(),
            words: 0,
        };
        let mut nodes = 0;
        for (keyword, (included, excluded)) in sides {
            let mut node = 0;
            for word in keyword.split(' ') {
                let fresh = u32::try_from(search.ids.len()).unwrap_or(u32::MAX);
                let id = *search.ids.entry(word).or_insert(fresh);
                node = *search.edges.entry((node, id)).or_insert_with(|| {
                    nodes += 1;
                    nodes
                });
            }
            search.ends.insert(node, search.keywords.len());
            search.keywords.push(Sought {
                keyword,
                included,
                excluded,
                found: None,
            });
        }
        search
    }

    fn has_keywords(&self) -> bool {
        !self.keywords.is_empty()
    }

    /// Notes the keywords of one text: in its words as they are taken apart at capitals, and as they are written.
    fn look_at(&mut self, pointer: &str, text: &str) {
        for apart in [true, false] {
            let mut open: Vec<u32> = Vec::new();
            let mut next: Vec<u32> = Vec::new();
            let differs = split(text, apart, &mut |word| {
                self.words += 1;
                if self.words > MOST_WORDS {
                    return false;
                }
                let exact = self.ids.get(word).copied();
                let single = word
                    .strip_suffix('s')
                    .and_then(|word| self.ids.get(word))
                    .copied();
                next.clear();
                for node in open.iter().copied().chain([0]) {
                    // A plural ends a keyword; inside one, words are as they are.
                    for (id, goes_on) in [(exact, true), (single, false)] {
                        let Some(to) = id.and_then(|id| self.edges.get(&(node, id))) else {
                            continue;
                        };
                        let ended = self.ends.get(to).and_then(|at| self.keywords.get_mut(*at));
                        if let Some(keyword) = ended
                            && keyword.found.is_none()
                        {
                            keyword.found = Some(pointer.to_owned());
                        }
                        if goes_on {
                            next.push(*to);
                        }
                    }
                }
                std::mem::swap(&mut open, &mut next);
                true
            });
            if !differs {
                return;
            }
        }
    }

    fn matches(&self) -> Vec<ScopeMatch> {
        let of = |list: &'static str, on: fn(&Sought<'a>) -> bool| {
            self.keywords
                .iter()
                .filter(move |sought| on(sought))
                .filter_map(move |sought| {
                    Some(ScopeMatch {
                        list,
                        keyword: sought.keyword.to_owned(),
                        pointer: sought.found.clone()?,
                    })
                })
                .take(MOST_MATCHES)
        };
        of("in", |sought| sought.included)
            .chain(of("out", |sought| sought.excluded))
            .collect()
    }
}

/// The words of a text in lower case, taken apart at everything that is neither letter nor digit, and at the capitals of
/// `camelCase` when `apart`. What cannot be seen is as if it were not there. Goes on while `each` says so; answers whether a word
/// was taken apart at a capital.
fn split(text: &str, apart: bool, each: &mut impl FnMut(&str) -> bool) -> bool {
    let mut word = String::new();
    let mut before: Option<char> = None;
    let mut taken_apart = false;
    let mut visible = text.chars().filter(|c| !is_invisible(*c)).peekable();
    while let Some(c) = visible.next() {
        if !is_of_word(c) {
            before = None;
            if !word.is_empty() && !each(&word) {
                return taken_apart;
            }
            word.clear();
            continue;
        }
        if apart && begins_word(before, c, visible.peek().copied()) {
            taken_apart = true;
            if !each(&word) {
                return taken_apart;
            }
            word.clear();
        }
        word.extend(c.to_lowercase());
        before = Some(c);
    }
    if !word.is_empty() {
        each(&word);
    }
    taken_apart
}

/// A combining mark belongs to its letter.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}')
}

/// Whether a capital begins a word: `socialMedia`, `DNASequence`, `p53Activity`; not `10X`.
fn begins_word(before: Option<char>, c: char, after: Option<char>) -> bool {
    let followed_by_small = after.is_some_and(char::is_lowercase);
    before.is_some_and(|before| {
        c.is_uppercase()
            && (before.is_lowercase()
                || (followed_by_small && (before.is_uppercase() || before.is_numeric())))
    })
}

/// Characters that show nothing (Unicode's default ignorable code points).
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn reasoning(scope: &Scope, found: Found, verdict: ScopeVerdict, matches: &[ScopeMatch]) -> String {
    if !found.lists {
        return "In scope: no keywords are named for this type, so every draft is.".into();
    }
    let uses = |list: &str| {
        let named: Vec<String> = matches
            .iter()
            .filter(|found| found.list == list)
            .map(|found| format!("“{}” at {}", found.keyword, found.pointer))
            .collect();
        and(&named)
    };
    let mut said = match (verdict, found.included, found.excluded) {
        _ if !found.whole => {
            "Unclear: the draft has more words than are looked at, so they cannot settle it.".into()
        }
        (ScopeVerdict::InScope, ..) => {
            format!(
                "In scope: the draft uses {}, and nothing that is out of scope.",
                uses("in")
            )
        }
        (ScopeVerdict::OutOfScope, ..) => {
            format!(
                "Out of scope: the draft uses {}, and nothing that is in scope.",
                uses("out")
            )
        }
        (ScopeVerdict::Unclear, true, _) => format!(
            "Unclear: the draft uses {}, which is in scope, and {}, which is out of scope.",
            uses("in"),
            uses("out")
        ),
        (ScopeVerdict::Unclear, false, _) => {
            "Unclear: the draft uses none of the keywords by which its scope could be told.".into()
        }
    };
    for (label, sentences) in [
        ("In scope", &scope.included),
        ("Out of scope", &scope.excluded),
    ] {
        if !sentences.is_empty() {
            let sentences: Vec<String> = sentences
                .iter()
                .map(|sentence| sentence.trim_end_matches('.').to_owned())
                .collect();
            said.push_str(&format!(
                " {label} here: {}.",
                several(&sentences, "; ", "; ")
            ));
        }
    }
    said
}

fn and(named: &[String]) -> String {
    several(named, ", ", " and ")
}

fn or(named: &[String]) -> String {
    several(named, ", ", " or ")
}

/// The first few, and how many more there are.
fn several(named: &[String], comma: &str, last: &str) -> String {
    if let Some(rest) = named.len().checked_sub(MOST_NAMED)
        && rest > 0
    {
        let first: Vec<&str> = named.iter().take(MOST_NAMED).map(String::as_str).collect();
        return format!("{}{comma}and {rest} more", first.join(comma));
    }
    match named.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{}{last}{end}", rest.join(comma)),
        _ => named.concat(),
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, apart: bool) -> Vec<String> {
        let mut words = Vec::new();
        split(text, apart, &mut |word| {
            words.push(word.to_owned());
            true
        });
        words
    }

    #[test]
    fn a_text_is_taken_apart_into_words() {
        for (text, expected) in [
            ("social_media-mentions", "social media mentions"),
            ("/design/blinding", "design blinding"),
            ("socialMediaMentions", "social media mentions"),
            ("DNASequence", "dna sequence"),
            ("p53Activity, 10X", "p53 activity 10x"),
            ("Größe ÜBER", "größe über"),
            ("so\u{200b}cial\u{ad} me\u{feff}dia", "social media"),
            ("", ""),
            ("— / _", ""),
        ] {
            assert_eq!(words(text, true).join(" "), expected, "{text}");
        }
        assert_eq!(words("mRNA eLife", false), ["mrna", "elife"]);
    }

    fn read(value: &Value) -> Result<Scope, Vec<(&'static str, String)>> {
        Scope::from_value(value, &Scope::default()).map_err(|problems| {
            problems
                .into_iter()
                .map(|problem| (problem.code, problem.pointer))
                .collect()
        })
    }

    #[test]
    fn a_document_is_read_and_written_whole() {
        assert!(Scope::default().is_open());
        assert_eq!(
            Scope::default().to_value(),
            json!({
                "schema_version": 1, "in": [], "out": [], "keywords_in": [], "keywords_out": [], "types": {}, "judges": []
            })
        );
        let scope = read(&json!({
            "in": ["Experimental methodology."],
            "keywords_in": ["Sample_Size", "blinding"],
            "types": {"experiment": {"keywords_out": ["press"]}, "dataset": {}},
            "judges": ["bob", "ada"]
        }))
        .unwrap();
        assert_eq!(
            scope.to_value(),
            json!({
                "schema_version": 1,
                "in": ["Experimental methodology."],
                "out": [],
                "keywords_in": ["blinding", "sample size"],
                "keywords_out": [],
                "types": {"experiment": {"keywords_in": [], "keywords_out": ["press"]}},
                "judges": ["ada", "bob"]
            })
        );
        assert_eq!(
            Scope::from_value(&scope.to_value(), &Scope::default()).unwrap(),
            scope
        );
        assert_eq!(json!(scope), scope.to_value());
    }

    #[test]
    fn what_is_left_out_stays_as_it_was() {
        let before = read(&json!({
            "in": ["a"], "keywords_in": ["x"], "keywords_out": ["y"],
            "types": {"experiment": {"keywords_in": ["e"], "keywords_out": ["f"]}, "dataset": {"keywords_in": ["d"]}},
            "judges": ["ada"]
        }))
        .unwrap();
        let after = Scope::from_value(
            &json!({
                "keywords_out": ["z"],
                "types": {"experiment": {"keywords_in": ["g"]}, "dataset": {"keywords_in": []}}
            }),
            &before,
        )
        .unwrap();
        assert_eq!(
            after.to_value(),
            json!({
                "schema_version": 1, "in": ["a"], "out": [], "keywords_in": ["x"], "keywords_out": ["z"],
                "types": {"experiment": {"keywords_in": ["g"], "keywords_out": ["f"]}},
                "judges": ["ada"]
            })
        );
        assert_eq!(Scope::from_value(&json!({}), &before).unwrap(), before);
    }

    #[test]
    fn the_order_of_lists_has_no_part_in_the_digest() {
        let one = read(&json!({"keywords_in": ["a", "b"], "judges": ["x", "y"]})).unwrap();
        let other = read(&json!({"judges": ["y", "x"], "keywords_in": ["B", "a"]})).unwrap();
        assert_eq!(one.digest(), other.digest());
        let third = read(&json!({"keywords_in": ["a"], "judges": ["x", "y"]})).unwrap();
        assert_ne!(one.digest(), third.digest());
    }

    #[test]
    fn everything_wrong_is_refused_at_its_place() {
        let long = "x".repeat(501);
        for (value, code, place) in [
            (json!([]), "member_type", ""),
            (json!({"words": []}), "member_unknown", "/words"),
            (
                json!({"schema_version": 2}),
                "member_range",
                "/schema_version",
            ),
            (json!({"in": "all"}), "member_type", "/in"),
            (json!({"in": [7]}), "member_type", "/in/0"),
            (json!({"in": ["a", " "]}), "member_empty", "/in/1"),
            (json!({"out": ["a", "a "]}), "member_repeated", "/out/1"),
            (json!({"in": [long]}), "scope_sentence_too_long", "/in/0"),
            (json!({"in": vec!["a"; 101]}), "scope_list_too_long", "/in"),
            (
                json!({"keywords_in": ["--"]}),
                "scope_keyword_malformed",
                "/keywords_in/0",
            ),
            (
                json!({"keywords_in": ["a b c d e f g h i"]}),
                "scope_keyword_malformed",
                "/keywords_in/0",
            ),
            (
                json!({"keywords_in": ["Social Media", "social_media"]}),
                "member_repeated",
                "/keywords_in/1",
            ),
            (
                json!({"keywords_in": ["a"], "keywords_out": ["A"]}),
                "scope_keyword_on_both_lists",
                "/keywords_out",
            ),
            (json!({"types": []}), "member_type", "/types"),
            (
                json!({"types": {"Experiment": {}}}),
                "artifact_type_name_not_allowed",
                "/types/Experiment",
            ),
            (
                json!({"types": {"experiment": {"in": []}}}),
                "member_unknown",
                "/types/experiment/in",
            ),
            (
                json!({"types": {"experiment": {"keywords_in": [1]}}}),
                "member_type",
                "/types/experiment/keywords_in/0",
            ),
            (
                json!({"judges": ["a b"]}),
                "voter_id_malformed",
                "/judges/0",
            ),
            (
                json!({"judges": ["ada", "ada"]}),
                "member_repeated",
                "/judges/1",
            ),
        ] {
            let found = read(&value).unwrap_err();
            assert!(
                found.contains(&(code, place.to_owned())),
                "{value}: {found:?}"
            );
        }
    }

    #[test]
    fn the_rule_is_its_table() {
        use ScopeVerdict::{InScope, OutOfScope, Unclear};
        for bits in 0..16u8 {
            let found = Found {
                lists: bits & 1 != 0,
                whole: bits & 2 != 0,
                included: bits & 4 != 0,
                excluded: bits & 8 != 0,
            };
            let expected = if !found.lists {
                InScope
            } else if !found.whole || found.included == found.excluded {
                Unclear
            } else if found.included {
                InScope
            } else {
                OutOfScope
            };
            assert_eq!(found.verdict(), expected, "{found:?}");
        }
    }

    #[test]
    fn the_document_says_itself_in_sentences() {
        let scope = read(&json!({
            "in": ["Experimental methodology"], "out": ["Social media"],
            "keywords_in": ["blinding"], "keywords_out": ["marketing", "social media"],
            "types": {"experiment": {"keywords_in": ["arms"]}}, "judges": ["ada", "bob"]
        }))
        .unwrap();
        assert_eq!(
            scope.words(),
            [
                "In scope: Experimental methodology",
                "Out of scope: Social media",
                "A draft that uses one of 1 keyword and none of 2 others is in scope; the other way round it is out of scope; anything else is unclear.",
                "For `experiment`, 1 keyword for and 0 against come on top.",
                "What is unclear is judged by `ada` or `bob`.",
            ]
        );
        assert_eq!(
            Scope::default().words(),
            ["No keywords are named: every draft is in scope."]
        );
    }
}
