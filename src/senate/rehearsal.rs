//! What a host reports of a migration that it rehearsed: applied, validated, undone, compared, and rolled back.
//!
//! Nobody signs it: evidence is a host's word, and the core only sees to it that the word agrees with itself. It becomes part of
//! what is voted on because the host stakes it before the vote, on a plan that everybody can compute.

use super::act::digest as read_digest;
use crate::text::{Digest, Kind, Members, Problem, Value, digest, pointer};

/// Most artifacts that a report names, of each kind.
const MOST_NAMED: usize = 20;
/// The longest text in it, in characters.
const LONGEST_TEXT: usize = 10_000;

/// A report, read, well-formed and free of contradictions.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// As it was given.
    pub value: Value,
    /// Its digest, of kind [`Kind::Evidence`].
    pub digest: Digest,
    /// The version that the artifacts were taken to fit.
    pub base_version: u64,
    /// The version of the core that made the plan and validated.
    pub core: String,
    /// Artifacts that were not valid afterwards.
    pub invalid_after: u64,
    /// Artifacts that were not restored when the migration was undone.
    pub not_restored: u64,
}

const MEMBERS: [&str; 15] = [
    "engine",
    "base_version",
    "artifacts",
    "fingerprint",
    "looked_at",
    "sample",
    "changed",
    "invalid_before",
    "invalid_after",
    "restored",
    "not_restored",
    "failures",
    "unrestored",
    "duration_ms",
    "core",
];

impl Evidence {
    /// Reads a report.
    ///
    /// # Errors
    /// Everything that is unknown, missing or of the wrong type, and then `evidence_contradictory`: its numbers cannot all be
    /// right. Pointers begin with `place`.
    pub fn read(value: &Value, place: &str) -> Result<Self, Vec<Problem>> {
        let mut members = Members::of(value, place, &MEMBERS);
        let engine = short_text(&mut members, "engine");
        let core = short_text(&mut members, "core");
        let fingerprint = read_digest(&mut members, "fingerprint");
        let sample = members.boolean("sample");
        let counts = [
            "base_version",
            "artifacts",
            "looked_at",
            "changed",
            "invalid_before",
            "invalid_after",
            "restored",
            "not_restored",
            "duration_ms",
        ]
        .map(|name| members.count(name));
        let failures = named(
            &mut members,
            "failures",
            &["artifact_id", "code", "pointer", "message"],
        );
        let unrestored = named(&mut members, "unrestored", &["artifact_id", "message"]);
        let problems = members.end();
        let (
            Some(_),
            Some(core),
            Some(fingerprint),
            Some(sample),
            Some(failures),
            Some(unrestored),
        ) = (engine, core, fingerprint, sample, failures, unrestored)
        else {
            return Err(problems);
        };
        if !problems.is_empty() || counts.contains(&None) {
            return Err(problems);
        }
        let [
            base_version,
            artifacts,
            looked_at,
            changed,
            invalid_before,
            invalid_after,
            restored,
            not_restored,
            _,
        ] = counts.map(Option::unwrap_or_default);
        let numbers = Numbers {
            artifacts,
            looked_at,
            sample,
            changed,
            invalid_before,
            invalid_after,
            restored,
            not_restored,
            failures,
            unrestored,
            of_nothing: fingerprint == Digest::of_bytes(b""),
        };
        numbers.check(place)?;
        let digest = digest(Kind::Evidence, value).map_err(|problem| vec![problem.under(place)])?;
        Ok(Self {
            value: value.clone(),
            digest,
            base_version,
            core: core.to_owned(),
            invalid_after,
            not_restored,
        })
    }

    /// Whether every artifact was valid afterwards, and restored when the migration was undone.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.invalid_after == 0 && self.not_restored == 0
    }
}

fn short_text<'a>(members: &mut Members<'a>, name: &str) -> Option<&'a str> {
    let text = members.text(name)?;
    if text.chars().count() <= LONGEST_TEXT {
        return Some(text);
    }
    too_long(members, name);
    None
}

fn too_long(members: &mut Members<'_>, name: &str) {
    members.problem(
        "text_too_long",
        name,
        format!("`{name}` may have {LONGEST_TEXT} characters"),
    );
}

/// A list of artifacts with texts about each; the answer is how many different artifacts it names.
fn named(members: &mut Members<'_>, name: &str, fields: &[&str]) -> Option<u64> {
    let list = members.array(name)?;
    if list.len() > MOST_NAMED {
        members.problem(
            "evidence_too_long",
            name,
            format!("`{name}` has {} entries, and may have {MOST_NAMED}; the numbers say how many there are", list.len()),
        );
        return None;
    }
    let mut artifacts = std::collections::BTreeSet::new();
    for (index, item) in list.iter().enumerate() {
        let place = pointer::join(&members.place(name), &index.to_string());
        let mut inner = Members::of(item, &place, fields);
        for field in fields {
            // The whole artifact has an empty pointer, which `text` would refuse.
            match inner.required(field) {
                Some(Value::String(text)) if text.chars().count() > LONGEST_TEXT => {
                    too_long(&mut inner, field);
                }
                Some(Value::String(text)) if *field == "artifact_id" => {
                    artifacts.insert(text.as_str());
                }
                Some(Value::String(_)) | None => {}
                Some(_) => {
                    inner.problem("member_type", field, format!("`{field}` must be a string"));
                }
            }
        }
        members.note(inner.end());
    }
    Some(artifacts.len() as u64)
}

/// The numbers of a report.
struct Numbers {
    artifacts: u64,
    looked_at: u64,
    sample: bool,
    changed: u64,
    invalid_before: u64,
    invalid_after: u64,
    restored: u64,
    not_restored: u64,
    /// Different artifacts that are named as not valid.
    failures: u64,
    /// Different artifacts that are named as not restored.
    unrestored: u64,
    /// Whether the fingerprint is that of no artifact.
    of_nothing: bool,
}

impl Numbers {
    /// Whether they can all be right.
    fn check(&self, place: &str) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let mut due = |holds: bool, name: &str, message: String| {
            if !holds {
                problems.push(
                    Problem::error(
                        "evidence_contradictory",
                        pointer::join(place, name),
                        message,
                    )
                    .remedy("rehearse again, and report what was counted"),
                );
            }
        };
        let Self {
            artifacts,
            looked_at,
            ..
        } = *self;
        due(
            if self.sample {
                looked_at < artifacts && looked_at > 0
            } else {
                looked_at == artifacts
            },
            "looked_at",
            format!(
                "{looked_at} of {artifacts} artifacts were looked at, and that is {} sample",
                if self.sample { "called a" } else { "called no" }
            ),
        );
        for (name, count) in [
            ("changed", self.changed),
            ("invalid_before", self.invalid_before),
            ("invalid_after", self.invalid_after),
        ] {
            due(
                count <= looked_at,
                name,
                format!("`{name}` is {count}, and {looked_at} were looked at"),
            );
        }
        let undone = self.restored.saturating_add(self.not_restored);
        due(
            (self.changed..=looked_at.max(self.changed)).contains(&undone),
            "restored",
            format!(
                "{} artifacts were restored and {} were not, where {} were changed and {looked_at} looked at",
                self.restored, self.not_restored, self.changed
            ),
        );
        for (name, named, of, counted) in [
            (
                "failures",
                self.failures,
                "invalid_after",
                self.invalid_after,
            ),
            (
                "unrestored",
                self.unrestored,
                "not_restored",
                self.not_restored,
            ),
        ] {
            due(
                named <= counted && (named == 0) == (counted == 0),
                name,
                format!("`{name}` names {named} artifacts, and `{of}` is {counted}"),
            );
        }
        due(
            !self.of_nothing || artifacts == 0,
            "fingerprint",
            format!("the fingerprint is that of no artifact, and there are {artifacts}"),
        );
        due(
            self.of_nothing || artifacts > 0,
            "fingerprint",
            "there are no artifacts, and the fingerprint is of some".to_owned(),
        );
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }
}

/// A rehearsal on record.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    /// The digest of the plan that was rehearsed.
    pub plan: String,
    /// What the host reported.
    pub evidence: Evidence,
    /// When.
    pub at_ms: u64,
}
