//! The functions that JavaScript calls, as plain Rust. Each takes UTF-8 JSON text and answers JSON text as
//! `pkg/core/index.d.ts` describes it; nothing here throws.

use serde::Serialize;
use serde_json::json;

use crate::compatibility::{self, Assumption, Mode, Options, Report, Setting, Side};
use crate::migration::Plan;
use crate::proposal::{Context, Current, Previous, assess, published};
use crate::schema::{Document, Draft, Evolution, Formats, References, Schema, dialect};
use crate::senate::{Command, Event, Moment, Senate, audit, identifier, view};
use crate::text::{self, Integers, Kind, Limits, Members, Problem, Value, read, read_hashable};
use crate::vote::{Policy, tally_from_value};

pub use super::batch::batch_line;
use super::evidence::to_be_signed;
use super::migration::transformed;

/// The canonical text of a JSON text (RFC 8785) and its digest.
#[must_use]
pub fn canonicalize(text: &[u8]) -> String {
    answer(
        canonical_and_digest(text)
            .map(|(canonical, digest)| json!({"canonical": canonical, "digest": digest})),
    )
}

pub(super) fn canonical_and_digest(text: &[u8]) -> Result<(String, String), Problem> {
    let canonical = text::canonical(&read_hashable(text)?)?;
    let digest = text::digest_canonical(Kind::Document, &canonical).to_string();
    Ok((canonical, digest))
}

/// The digest of a JSON text as an object of a kind.
#[must_use]
pub fn digest(text: &[u8], kind: &str) -> String {
    let digested = || {
        let kind = Kind::from_name(kind).ok_or_else(|| {
            Problem::error(
                "digest_kind_unknown",
                "",
                format!("there is no kind `{kind}`"),
            )
        })?;
        let digest = text::digest(kind, &read_hashable(text)?)?;
        Ok(json!({"digest": digest.to_string()}))
    };
    answer(digested())
}

/// A compiled schema.
#[derive(Debug)]
pub struct CompiledSchema {
    schema: Schema,
    digest: String,
}

impl CompiledSchema {
    /// Whether an artifact is JSON and valid.
    #[must_use]
    pub fn is_valid(&self, artifact: &[u8]) -> bool {
        self.schema.is_valid(artifact)
    }

    /// What is wrong with it: a `Validation`.
    #[must_use]
    pub fn validate(&self, artifact: &[u8]) -> String {
        write(&self.schema.validate(artifact))
    }

    /// The dialect's name.
    #[must_use]
    pub fn draft(&self) -> &'static str {
        dialect::name(self.schema.document().draft())
    }

    /// The schema's digest; empty when a number in it has no canonical form.
    #[must_use]
    pub fn digest(&self) -> String {
        self.digest.clone()
    }
}

/// Compiles a schema. `references` is the text of an object of documents by URI, or empty.
///
/// # Errors
/// The text of the answer `{ok: false, problems}`.
pub fn compile(
    text: &[u8],
    draft: Option<&str>,
    formats_assert: bool,
    references: &[u8],
) -> Result<CompiledSchema, String> {
    let formats = if formats_assert {
        Formats::Assertion
    } else {
        Formats::Annotation
    };
    let compiled = || {
        let document = read_document(text, draft, references)?;
        let digest = document
            .digest()
            .map(|digest| digest.to_string())
            .unwrap_or_default();
        let schema = Schema::compile(document, formats).map_err(|problem| vec![problem])?;
        Ok(CompiledSchema { schema, digest })
    };
    compiled().map_err(|problems: Vec<Problem>| write(&json!({"ok": false, "problems": problems})))
}

pub(super) fn read_document(
    text: &[u8],
    draft: Option<&str>,
    references: &[u8],
) -> Result<Document, Vec<Problem>> {
    let schema = read(text, Limits::DOCUMENT, Integers::Any).map_err(|problem| vec![problem])?;
    let draft = read_draft(draft).map_err(|problem| vec![problem])?;
    let references = read_references(references).map_err(|problem| vec![problem])?;
    Document::new(schema, references, draft)
}

pub(super) fn read_draft(name: Option<&str>) -> Result<Option<Draft>, Problem> {
    name.map(dialect::parse).transpose()
}

pub(super) fn read_references(text: &[u8]) -> Result<References, Problem> {
    if text.is_empty() {
        return Ok(References::new());
    }
    match read(text, Limits::COMMAND, Integers::Any)? {
        Value::Object(documents) => Ok(documents.into_iter().collect()),
        _ => Err(Problem::error(
            "member_type",
            "/references",
            "`references` must be an object of documents by their absolute URI",
        )),
    }
}

/// How two schemas are compared, as it came over the boundary.
#[derive(Clone, Copy, Debug, Default)]
pub struct Comparison<'a> {
    /// The mode's name; backward when there is none.
    pub mode: Option<&'a str>,
    /// Names of assumptions.
    pub assumptions: &'a [String],
    /// Whether `format` asserts.
    pub formats_assert: bool,
    /// The step budget of one question; the default when there is none.
    pub steps: Option<u64>,
    /// The dialect of schemas that do not name one.
    pub draft: Option<&'a str>,
    /// The text of an object of documents by URI, or empty.
    pub references: &'a [u8],
    /// The text of an array of the versions before the old schema, oldest first, or empty.
    pub history: &'a [u8],
}

/// The options of those names.
pub(super) fn read_options(
    mode: Option<&str>,
    assumptions: &[String],
    formats: Formats,
    steps: Option<u64>,
) -> Result<Options, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut options = Options {
        formats,
        steps: steps.unwrap_or(Options::STEPS),
        ..Options::default()
    };
    match mode.map(|name| (name, Mode::from_name(name))) {
        None => {}
        Some((_, Some(mode))) => options.mode = mode,
        Some((name, None)) => problems.push(
            Problem::error("mode_unknown", "", format!("`{name}` is no mode"))
                .remedy(format!("use one of {}", Mode::NAMES.join(", "))),
        ),
    }
    for name in assumptions {
        match Assumption::from_name(name) {
            Some(assumption) => {
                options.assumptions.insert(assumption);
            }
            None => problems.push(
                Problem::error(
                    "assumption_unknown",
                    "",
                    format!("`{name}` is no assumption"),
                )
                .remedy(format!("use any of {}", Assumption::NAMES.join(", "))),
            ),
        }
    }
    if problems.is_empty() {
        Ok(options)
    } else {
        Err(problems)
    }
}

/// The report on the next version against the last, or against a history that ends with the last.
pub(super) fn compare(
    history: &[Document],
    old: &Document,
    new: &Document,
    options: &Options,
) -> Report {
    if history.is_empty() {
        return compatibility::check(&old.into(), &new.into(), options);
    }
    let versions: Vec<Side<'_>> = history.iter().chain([old]).map(Side::from).collect();
    compatibility::check_history(&versions, &new.into(), options)
}

/// Compares two schemas, or the next version with a history.
#[must_use]
pub fn check_compatibility(old: &[u8], new: &[u8], how: Comparison<'_>) -> String {
    let compared = || {
        let formats = if how.formats_assert {
            Formats::Assertion
        } else {
            Formats::Annotation
        };
        let options = read_options(how.mode, how.assumptions, formats, how.steps)?;
        let under = |name: &str, problems: Vec<Problem>| {
            problems
                .into_iter()
                .map(|problem| problem.under(name))
                .collect::<Vec<_>>()
        };
        let side = |text: &[u8], name: &str| {
            read_document(text, how.draft, how.references).map_err(|problems| under(name, problems))
        };
        let (old, new) = (side(old, "/old")?, side(new, "/new")?);
        let history = if how.history.is_empty() {
            Vec::new()
        } else {
            let draft = read_draft(how.draft).map_err(|problem| vec![problem])?;
            let references = read_references(how.references).map_err(|problem| vec![problem])?;
            let versions = read(how.history, Limits::COMMAND, Integers::Any)
                .map_err(|problem| vec![problem.under("/history")])?;
            read_history(&versions, &references, draft)
                .map_err(|problems| under("/history", problems))?
        };
        Ok::<_, Vec<Problem>>(compare(&history, &old, &new, &options))
    };
    match compared() {
        Ok(report) => write(&json!({"ok": true, "report": report})),
        Err(problems) => write(&json!({"ok": false, "problems": problems})),
    }
}

/// The versions of a history; pointers of problems begin with the index.
pub(super) fn read_history(
    versions: &Value,
    references: &References,
    draft: Option<Draft>,
) -> Result<Vec<Document>, Vec<Problem>> {
    let Some(versions) = versions.as_array() else {
        return Err(vec![Problem::error(
            "member_type",
            "",
            "`history` must be an array of schemas, the oldest first",
        )]);
    };
    versions
        .iter()
        .enumerate()
        .map(|(index, schema)| {
            Document::new(schema.clone(), references.clone(), draft).map_err(|problems| {
                problems
                    .into_iter()
                    .map(|problem| problem.under(&format!("/{index}")))
                    .collect::<Vec<_>>()
            })
        })
        .collect()
}

/// Counts ballots.
#[must_use]
pub fn tally(input: &[u8]) -> String {
    let tallied = || {
        let value = read(input, Limits::DOCUMENT, Integers::Any)?;
        count(&value).map(|tally| json!({"tally": tally}))
    };
    answer(tallied())
}

pub(super) fn count(value: &Value) -> Result<crate::vote::Tally, Problem> {
    Ok(tally_from_value(value).map_err(first)?.tally())
}

fn first(problems: Vec<Problem>) -> Problem {
    problems
        .into_iter()
        .next()
        .unwrap_or_else(|| Problem::error("refused", "", "the input was refused"))
}

/// The policy of a senate that names none.
#[must_use]
pub fn default_policy() -> String {
    write(&Policy::default().to_value())
}

/// Everything that can be said about a draft: a `DraftCheck`.
#[must_use]
pub fn check_draft(draft: &[u8], context: &[u8]) -> String {
    let draft = match read_hashable(draft) {
        Ok(draft) => draft,
        Err(problem) => {
            return write(&json!({"ok": false, "problems": [problem], "use_cases": []}));
        }
    };
    match read(context, Limits::COMMAND, Integers::Any)
        .map_err(|problem| vec![problem])
        .and_then(|context| DraftContext::read(&context))
    {
        Ok(context) => write(&assess(&draft, &context.borrowed())),
        Err(problems) => {
            let problems: Vec<_> = problems
                .into_iter()
                .map(|problem| problem.under("/context"))
                .collect();
            write(&json!({"ok": false, "problems": problems, "use_cases": []}))
        }
    }
}

/// A context as it came over the boundary.
struct DraftContext {
    current: Option<Current>,
    artifact_types: Vec<String>,
    policy: Policy,
    members: Option<u64>,
}

impl DraftContext {
    fn read(value: &Value) -> Result<Self, Vec<Problem>> {
        let mut members = Members::of(
            value,
            "",
            &["current", "artifact_types", "policy", "members"],
        );
        let policy = match members.get("policy").map(Policy::from_value) {
            None => Policy::default(),
            Some(Ok(policy)) => policy,
            Some(Err(problems)) => {
                members.note(problems.into_iter().map(|problem| problem.under("/policy")));
                Policy::default()
            }
        };
        let count = match members.get("members") {
            None => None,
            Some(_) => members.count("members"),
        };
        let mut artifact_types: Vec<String> = match members.get("artifact_types") {
            None => Vec::new(),
            Some(_) => members
                .array("artifact_types")
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        };
        let current = members
            .get("current")
            .and_then(|current| match read_current(current) {
                Ok(current) => Some(current),
                Err(problems) => {
                    members.note(problems);
                    None
                }
            });
        let problems = members.end();
        if !problems.is_empty() {
            return Err(problems);
        }
        if let Some(current) = &current
            && !artifact_types.contains(&current.artifact_type)
        {
            artifact_types.push(current.artifact_type.clone());
        }
        Ok(Self {
            current,
            artifact_types,
            policy,
            members: count,
        })
    }

    fn borrowed(&self) -> Context<'_> {
        Context {
            current: self.current.as_ref(),
            artifact_types: &self.artifact_types,
            policy: &self.policy,
            members: self.members,
            max_draft_bytes: Some(self.policy.max_draft_bytes),
        }
    }
}

fn read_current(value: &Value) -> Result<Current, Vec<Problem>> {
    let mut members = Members::of(
        value,
        "/current",
        &[
            "artifact_type",
            "version",
            "schema",
            "references",
            "draft",
            "compatibility",
            "evolution",
            "previous",
            "history",
        ],
    );
    let setting = match members.get("compatibility") {
        None => Setting::default(),
        Some(setting) => {
            Setting::read(setting, "/current/compatibility").unwrap_or_else(|problems| {
                members.note(problems);
                Setting::default()
            })
        }
    };
    let evolution = members
        .optional_choice(
            "evolution",
            &Evolution::ALL.map(Evolution::name),
            Evolution::from_name,
        )
        .unwrap_or_default();
    let previous = match members.get("previous").map(read_previous) {
        None => None,
        Some(Ok(previous)) => Some(previous),
        Some(Err(problems)) => {
            members.note(problems);
            None
        }
    };
    let mut earlier = Vec::new();
    if members.get("history").is_some() {
        for (index, version) in members.array("history").into_iter().flatten().enumerate() {
            match read_version(version, &format!("/current/history/{index}")) {
                Ok(document) => earlier.push(document),
                Err(problems) => members.note(problems),
            }
        }
    }
    let draft = members.optional_text("draft");
    let draft = members.check("draft", read_draft(draft)).flatten();
    let artifact_type = members.text("artifact_type").map(str::to_owned);
    let version = members.count("version");
    let schema = members.required("schema").cloned();
    let references = match members.get("references") {
        Some(Value::Object(documents)) => documents.clone().into_iter().collect(),
        _ => References::new(),
    };
    let problems = members.end();
    match artifact_type.zip(version).zip(schema) {
        Some(((artifact_type, version), schema)) if problems.is_empty() => Ok(Current {
            artifact_type,
            version,
            document: Document::new(schema, references, draft).map_err(|problems| {
                problems
                    .into_iter()
                    .map(|problem| problem.under("/current/schema"))
                    .collect::<Vec<_>>()
            })?,
            setting,
            earlier,
            evolution,
            previous,
        }),
        _ => Err(problems),
    }
}

/// The version that a change may restore, and the plan that led away from it.
fn read_previous(value: &Value) -> Result<Previous, Vec<Problem>> {
    const PLACE: &str = "/current/previous";
    let mut source = value.clone();
    let (version, plan) = match source.as_object_mut() {
        Some(object) => (object.shift_remove("version"), object.shift_remove("plan")),
        None => (None, None),
    };
    let document = read_version(&source, PLACE)?;
    let plan = plan
        .map(|plan| Plan::from_value(&plan))
        .transpose()
        .map_err(|problem| vec![problem.under("/plan").under(PLACE)])?;
    let version = version
        .and_then(|version| version.as_u64())
        .ok_or_else(|| {
            vec![Problem::error(
                "member_type",
                format!("{PLACE}/version"),
                "`version` must be the number of a version",
            )]
        })?;
    Ok(Previous {
        version,
        document,
        plan,
    })
}

/// A version before the current one.
fn read_version(value: &Value, place: &str) -> Result<Document, Vec<Problem>> {
    let mut members = Members::of(value, place, &["schema", "references", "draft"]);
    let draft = members.optional_text("draft");
    let draft = members.check("draft", read_draft(draft)).flatten();
    let schema = members.required("schema").cloned();
    let references = match members.get("references") {
        Some(Value::Object(documents)) => documents.clone().into_iter().collect(),
        _ => References::new(),
    };
    let problems = members.end();
    match schema {
        Some(schema) if problems.is_empty() => {
            Document::new(schema, references, draft).map_err(|problems| {
                problems
                    .into_iter()
                    .map(|problem| problem.under(&format!("{place}/schema")))
                    .collect()
            })
        }
        _ => Err(problems),
    }
}

/// A senate.
#[derive(Debug)]
pub struct SenateHandle(Senate);

impl SenateHandle {
    /// Rebuilds a senate from its log; `verify` makes every decision in it again, otherwise the log is taken at its word.
    ///
    /// # Errors
    /// The text of the answer `{ok: false, problem}`, with `seq` when the log was verified.
    pub fn replay(log: &[u8], verify: bool) -> Result<Self, String> {
        if !verify {
            return Senate::replay(log)
                .map(Self)
                .map_err(|problem| answer(Err(problem)));
        }
        audit(log)
            .map(|(senate, _)| Self(senate))
            .map_err(|finding| {
                write(&json!({"ok": false, "problem": finding.problem, "seq": finding.seq}))
            })
    }

    /// The root of the log's tree.
    #[must_use]
    pub fn root(&self) -> String {
        self.0.root().to_string()
    }

    /// The statement of a proposal's certificate, and what the log's key signs for it.
    #[must_use]
    pub fn certificate(&self, proposal_id: &str, events: &[u8], checkpoint: &str) -> String {
        let statement = || {
            let events = Event::read_all(events)?;
            let statement = self.0.certificate(proposal_id, &events, checkpoint)?;
            Ok(to_be_signed(&statement.to_text()))
        };
        answer(statement())
    }

    /// The number of the last event.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.0.seq()
    }

    /// What a command leads to: a `Decision`.
    #[must_use]
    pub fn decide(&self, command: &[u8], now_ms: u64, entropy: [u8; 10]) -> String {
        let decided = read(command, Limits::COMMAND, Integers::Safe)
            .map_err(|problem| vec![problem])
            .and_then(|command| Command::read(&command))
            .and_then(|command| self.0.decide(&command, Moment { now_ms, entropy }));
        match decided {
            Ok(events) => {
                let events: Vec<_> = events.iter().map(Event::to_value).collect();
                write(&json!({"ok": true, "events": events}))
            }
            Err(problems) => {
                let problem = problems.first().cloned();
                write(&json!({"ok": false, "problem": problem, "problems": problems}))
            }
        }
    }

    /// Applies events, all or none.
    #[must_use]
    pub fn apply(&mut self, events: &[u8]) -> String {
        let applied = Event::read_all(events).and_then(|events| self.0.apply(&events));
        answer(applied.map(|()| json!({"seq": self.0.seq()})))
    }

    /// An artifact of one version of its type as it is under a later one.
    #[must_use]
    pub fn upcast(&self, artifact_type: &str, from: u64, to: u64, artifact: &[u8]) -> String {
        let upcast = || {
            let artifact = read(artifact, Limits::DOCUMENT, Integers::Any)?;
            self.0
                .upcast(artifact_type, from, to, &artifact)
                .map(transformed)
        };
        answer(upcast())
    }

    /// A view.
    #[must_use]
    pub fn view(&self, name: &str, params: &[u8], now_ms: u64) -> String {
        let viewed = || {
            let params = if params.is_empty() {
                Value::Null
            } else {
                read(params, Limits::DOCUMENT, Integers::Any)?
            };
            view(&self.0, name, &params, now_ms).map(|view| json!({"view": view}))
        };
        answer(viewed())
    }
}

/// The text of a published schema.
#[must_use]
pub fn published_schema(name: &str) -> Option<&'static str> {
    published::text(name)
}

/// A new ULID.
#[must_use]
pub fn new_id(now_ms: u64, entropy: [u8; 10]) -> String {
    identifier(now_ms, entropy)
}

/// `{ok: true, …}` or `{ok: false, problem}`.
pub(super) fn answer(result: Result<Value, Problem>) -> String {
    match result {
        Ok(Value::Object(members)) => {
            let mut object = text::Map::new();
            object.insert("ok".into(), true.into());
            object.extend(members);
            write(&Value::Object(object))
        }
        Ok(other) => write(&json!({"ok": true, "value": other})),
        Err(problem) => write(&json!({"ok": false, "problem": problem})),
    }
}

pub(super) fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| {
        json!({"ok": false, "problem": {"code": "core_fault", "message": error.to_string()}})
            .to_string()
    })
}
