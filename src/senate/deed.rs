//! What an act does: the commands that members sign.

use super::act::{SIGNING, actor, digest, element, under};
use crate::compatibility::Setting;
use crate::proposal::ScopeVerdict;
use crate::registry::Settings;
use crate::schema::{Draft, Evolution, References, dialect};
use crate::signature::{PublicKey, Signature};
use crate::text::{Members, Problem, Value};
use crate::vote::Choice;

/// What a member does.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Register a type that does not exist yet, with its history.
    ImportType {
        /// Its name.
        artifact_type: String,
        /// Oldest first.
        versions: Vec<ImportedVersion>,
        /// How its changes are judged, and how its artifacts follow.
        settings: Settings,
    },
    /// Say that no artifact is on a version any more.
    RetireVersion {
        /// Of which type.
        artifact_type: String,
        /// Which; not the current one.
        version: u64,
        /// Why.
        reason: Option<String>,
    },
    /// Propose a change.
    Propose {
        /// The draft: `proposal_type`, `title?`, `metadata`, `addresses?`.
        draft: Value,
    },
    /// Put another text in place of a proposal's, before its vote opens.
    Revise {
        /// Which proposal.
        proposal_id: String,
        /// What it is called from now on.
        title: Option<String>,
        /// What it says from now on.
        metadata: Value,
    },
    /// Freeze a proposal and open its vote.
    OpenVote {
        /// Which.
        proposal_id: String,
    },
    /// Vote.
    CastBallot {
        /// On which proposal.
        proposal_id: String,
        /// How.
        choice: Choice,
        /// Why.
        reason: Option<String>,
        /// On what exactly.
        subject: String,
    },
    /// Take a proposal back.
    Withdraw {
        /// Which.
        proposal_id: String,
        /// Why.
        reason: Option<String>,
    },
    /// Stay out of the electorate of a vote that is not open yet.
    Recuse {
        /// Of which proposal.
        proposal_id: String,
        /// Why.
        reason: String,
    },
    /// Say something.
    Comment {
        /// On which proposal.
        proposal_id: String,
        /// What.
        text: String,
        /// To which place in the schema.
        anchor: Option<Anchor>,
        /// In answer to which comment or concern.
        reply_to: Option<String>,
    },
    /// Name something that must be dealt with before the proposal may be approved.
    RaiseConcern {
        /// On which proposal.
        proposal_id: String,
        /// A short name, unique among the proposal's concerns.
        name: String,
        /// What it is.
        text: String,
        /// At which place in the schema.
        anchor: Option<Anchor>,
    },
    /// Say that one's own concern has been dealt with.
    ResolveConcern {
        /// Of which proposal.
        proposal_id: String,
        /// Which.
        concern_id: String,
        /// How.
        text: String,
    },
    /// Sign that a concern shall not hold the proposal up.
    OverrideConcern {
        /// Of which proposal.
        proposal_id: String,
        /// Which.
        concern_id: String,
        /// Why.
        reason: String,
    },
    /// Ask once more whether a proposal is in scope.
    Appeal {
        /// Which proposal.
        proposal_id: String,
        /// Why it is.
        justification: String,
    },
    /// Let a migration that failed be tried again.
    RetryMigration {
        /// Of which proposal.
        proposal_id: String,
        /// Why it will do better.
        reason: Option<String>,
    },
    /// Give up an approved proposal whose migration failed.
    AbandonMigration {
        /// Which.
        proposal_id: String,
        /// Why.
        reason: String,
    },
    /// Say whether a proposal is in scope where the criteria leave it open.
    JudgeScope {
        /// Which proposal.
        proposal_id: String,
        /// In or out.
        verdict: ScopeVerdict,
        /// Why.
        reasoning: String,
    },
    /// Sign with another key from now on.
    RotateKey {
        /// The new key.
        new_key: PublicKey,
        /// Made with the new key: its holder is the member.
        proof: Signature,
    },
}

/// A place in a schema that something is said about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Which schema.
    pub document: Anchored,
    /// A JSON Pointer into it.
    pub pointer: String,
}

/// The schema that an anchor is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchored {
    /// The one that would be next.
    Next,
    /// The one that is current.
    Current,
}

/// One version of an imported history.
#[derive(Clone, Debug)]
pub struct ImportedVersion {
    /// The schema.
    pub schema: Value,
    /// What it refers to.
    pub references: References,
    /// As which dialect to read it, when its `$schema` does not say.
    pub draft: Option<Draft>,
    /// What changed.
    pub description: Option<String>,
}

/// The names of all acts.
pub const ACTS: [&str; 17] = [
    "import_type",
    "propose",
    "revise",
    "open_vote",
    "cast_ballot",
    "withdraw",
    "recuse",
    "comment",
    "raise_concern",
    "resolve_concern",
    "override_concern",
    "appeal",
    "judge_scope",
    "retry_migration",
    "abandon_migration",
    "retire_version",
    "rotate_key",
];

/// The longest text that a member may write in one act, in characters.
const LONGEST_TEXT: usize = 10_000;
/// The longest name of a concern, in characters.
const LONGEST_NAME: usize = 60;

/// A deed and the member of the command that names who does it.
type Read = Result<(Deed, &'static str), Vec<Problem>>;

impl Deed {
    /// Reads the members of a command that say what is done; those of the signature may be there and are passed over.
    ///
    /// # Errors
    /// Everything that is unknown, missing or of the wrong type.
    pub fn read(value: &Value) -> Read {
        match value.get("command").and_then(Value::as_str) {
            Some("import_type") => import_type(value),
            Some("propose") => propose(value),
            Some("revise") => on_proposal(value, &["title", "metadata"], |members, proposal_id| {
                let title = members.optional_text("title").map(str::to_owned);
                let metadata = members.required("metadata").cloned();
                metadata.map(|metadata| Deed::Revise {
                    proposal_id,
                    title,
                    metadata,
                })
            }),
            Some("open_vote") => on_proposal(value, &[], |_, proposal_id| {
                Some(Deed::OpenVote { proposal_id })
            }),
            Some("cast_ballot") => cast_ballot(value),
            Some("withdraw") => on_proposal(value, &["reason"], |members, proposal_id| {
                Some(Deed::Withdraw {
                    proposal_id,
                    reason: optional_prose(members, "reason"),
                })
            }),
            Some("recuse") => on_proposal(value, &["reason"], |members, proposal_id| {
                prose(members, "reason").map(|reason| Deed::Recuse {
                    proposal_id,
                    reason,
                })
            }),
            Some("comment") => on_proposal(value, &["text", "anchor", "reply_to"], comment),
            Some("raise_concern") => on_proposal(value, &["name", "text", "anchor"], raise_concern),
            Some("resolve_concern") => {
                on_proposal(value, &["concern_id", "text"], |members, proposal_id| {
                    let concern_id = members.text("concern_id").map(str::to_owned);
                    let text = prose(members, "text");
                    concern_id
                        .zip(text)
                        .map(|(concern_id, text)| Deed::ResolveConcern {
                            proposal_id,
                            concern_id,
                            text,
                        })
                })
            }
            Some("override_concern") => {
                on_proposal(value, &["concern_id", "reason"], |members, proposal_id| {
                    let concern_id = members.text("concern_id").map(str::to_owned);
                    let reason = prose(members, "reason");
                    concern_id
                        .zip(reason)
                        .map(|(concern_id, reason)| Deed::OverrideConcern {
                            proposal_id,
                            concern_id,
                            reason,
                        })
                })
            }
            Some("appeal") => on_proposal(value, &["justification"], |members, proposal_id| {
                prose(members, "justification").map(|justification| Deed::Appeal {
                    proposal_id,
                    justification,
                })
            }),
            Some("judge_scope") => {
                on_proposal(value, &["verdict", "reasoning"], |members, proposal_id| {
                    let verdict = members.choice(
                        "verdict",
                        &["in_scope", "out_of_scope"],
                        |name| match name {
                            "in_scope" => Some(ScopeVerdict::InScope),
                            "out_of_scope" => Some(ScopeVerdict::OutOfScope),
                            _ => None,
                        },
                    );
                    let reasoning = prose(members, "reasoning");
                    verdict
                        .zip(reasoning)
                        .map(|(verdict, reasoning)| Deed::JudgeScope {
                            proposal_id,
                            verdict,
                            reasoning,
                        })
                })
            }
            Some("retry_migration") => on_proposal(value, &["reason"], |members, proposal_id| {
                Some(Deed::RetryMigration {
                    proposal_id,
                    reason: optional_prose(members, "reason"),
                })
            }),
            Some("abandon_migration") => on_proposal(value, &["reason"], |members, proposal_id| {
                prose(members, "reason").map(|reason| Deed::AbandonMigration {
                    proposal_id,
                    reason,
                })
            }),
            Some("retire_version") => retire_version(value),
            Some("rotate_key") => rotate_key(value),
            _ => Err(vec![Problem::error(
                "command_unknown",
                "/command",
                "`command` names no act",
            )]),
        }
    }

    /// The proposal that it is about, if it is about one that exists.
    #[must_use]
    pub fn proposal_id(&self) -> Option<&str> {
        match self {
            Self::ImportType { .. }
            | Self::RetireVersion { .. }
            | Self::Propose { .. }
            | Self::RotateKey { .. } => None,
            Self::Revise { proposal_id, .. }
            | Self::OpenVote { proposal_id }
            | Self::CastBallot { proposal_id, .. }
            | Self::Withdraw { proposal_id, .. }
            | Self::Recuse { proposal_id, .. }
            | Self::Comment { proposal_id, .. }
            | Self::RaiseConcern { proposal_id, .. }
            | Self::ResolveConcern { proposal_id, .. }
            | Self::OverrideConcern { proposal_id, .. }
            | Self::Appeal { proposal_id, .. }
            | Self::RetryMigration { proposal_id, .. }
            | Self::AbandonMigration { proposal_id, .. }
            | Self::JudgeScope { proposal_id, .. } => Some(proposal_id),
        }
    }
}

/// The members of an act: the command's own, and those of the signature, which [`Act`](super::Act) reads.
fn members_of<'a>(value: &'a Value, own: &[&str]) -> Members<'a> {
    let allowed: Vec<&str> = ["command"]
        .into_iter()
        .chain(own.iter().copied())
        .chain(SIGNING)
        .collect();
    Members::of(value, "", &allowed)
}

fn finish(members: Members<'_>, deed: Option<Deed>, by: &'static str) -> Read {
    let problems = members.end();
    match deed {
        Some(deed) if problems.is_empty() => Ok((deed, by)),
        _ => Err(problems),
    }
}

/// An act on a proposal by whoever `by` names.
fn on_proposal(
    value: &Value,
    own: &[&str],
    read: impl FnOnce(&mut Members<'_>, String) -> Option<Deed>,
) -> Read {
    let all: Vec<&str> = ["proposal_id", "by"]
        .into_iter()
        .chain(own.iter().copied())
        .collect();
    let mut members = members_of(value, &all);
    let id = members.text("proposal_id").map(str::to_owned);
    let by = actor(&mut members, "by");
    // The rest is read in any case, so that everything that is wrong is told.
    let deed = read(&mut members, id.clone().unwrap_or_default());
    finish(members, id.zip(by).and(deed), "by")
}

/// A text for people: not blank, not endless.
fn prose(members: &mut Members<'_>, name: &str) -> Option<String> {
    let text = members.text(name)?;
    checked_prose(members, name, text)
}

fn optional_prose(members: &mut Members<'_>, name: &str) -> Option<String> {
    let text = members.optional_text(name)?;
    checked_prose(members, name, text)
}

fn checked_prose(members: &mut Members<'_>, name: &str, text: &str) -> Option<String> {
    if text.trim().is_empty() {
        members.problem("text_blank", name, format!("`{name}` says nothing"));
        return None;
    }
    let length = text.chars().count();
    if length > LONGEST_TEXT {
        members.problem(
            "text_too_long",
            name,
            format!("`{name}` has {length} characters, and may have {LONGEST_TEXT}"),
        );
        return None;
    }
    Some(text.to_owned())
}

fn anchor(members: &mut Members<'_>) -> Option<Anchor> {
    let value = members.get("anchor")?;
    let mut inner = Members::of(value, "/anchor", &["pointer", "document"]);
    // The whole document has an empty pointer, which `text` would refuse.
    let pointer = match inner.required("pointer") {
        Some(Value::String(pointer)) if pointer.is_empty() || pointer.starts_with('/') => {
            Some(pointer.clone())
        }
        Some(_) => {
            inner.problem(
                "pointer_malformed",
                "pointer",
                "an anchor is a JSON Pointer: empty, or starting with `/`",
            );
            None
        }
        None => None,
    };
    let document = inner
        .optional_choice("document", &["next", "current"], |name| match name {
            "next" => Some(Anchored::Next),
            "current" => Some(Anchored::Current),
            _ => None,
        })
        .unwrap_or(Anchored::Next);
    members.note(inner.end());
    pointer.map(|pointer| Anchor { document, pointer })
}

fn comment(members: &mut Members<'_>, proposal_id: String) -> Option<Deed> {
    let anchor = anchor(members);
    let reply_to = members.optional_text("reply_to").map(str::to_owned);
    prose(members, "text").map(|text| Deed::Comment {
        proposal_id,
        text,
        anchor,
        reply_to,
    })
}

fn raise_concern(members: &mut Members<'_>, proposal_id: String) -> Option<Deed> {
    let anchor = anchor(members);
    let name = members.text("name").map(str::trim).map(str::to_owned);
    if let Some(name) = &name
        && (name.is_empty()
            || name.chars().count() > LONGEST_NAME
            || name.chars().any(char::is_control))
    {
        members.problem(
            "concern_name_malformed",
            "name",
            format!("a concern's name has 1 to {LONGEST_NAME} characters"),
        );
    }
    let text = prose(members, "text");
    name.zip(text).map(|(name, text)| Deed::RaiseConcern {
        proposal_id,
        name,
        text,
        anchor,
    })
}

fn propose(value: &Value) -> Read {
    let own = [
        "proposer_id",
        "proposal_type",
        "title",
        "metadata",
        "addresses",
    ];
    let mut members = members_of(value, &own);
    let by = actor(&mut members, "proposer_id");
    // The rest is a draft, which has its own reader.
    let mut draft = value.clone();
    if let Some(object) = draft.as_object_mut() {
        for name in ["command", "proposer_id"].into_iter().chain(SIGNING) {
            object.shift_remove(name);
        }
    }
    finish(members, by.map(|_| Deed::Propose { draft }), "proposer_id")
}

fn cast_ballot(value: &Value) -> Read {
    let own = ["proposal_id", "voter_id", "choice", "reason", "subject"];
    let mut members = members_of(value, &own);
    let proposal_id = members.text("proposal_id").map(str::to_owned);
    let by = actor(&mut members, "voter_id");
    let choice = members.text("choice").and_then(|name| {
        let choice = Choice::from_name(name);
        if choice.is_none() {
            members.problem(
                "choice_unknown",
                "choice",
                format!("`{name}` is no choice; the choices are yes, no and abstain"),
            );
        }
        choice
    });
    let reason = optional_prose(&mut members, "reason");
    let subject = digest(&mut members, "subject");
    let deed = proposal_id.zip(by).zip(choice).zip(subject).map(
        |(((proposal_id, _), choice), subject)| Deed::CastBallot {
            proposal_id,
            choice,
            reason,
            subject: subject.to_string(),
        },
    );
    finish(members, deed, "voter_id")
}

fn rotate_key(value: &Value) -> Read {
    let mut members = members_of(value, &["by", "new_key", "proof"]);
    let by = actor(&mut members, "by");
    let new_key = members
        .text("new_key")
        .and_then(|text| members.check("new_key", text.parse::<PublicKey>()));
    let proof = members
        .text("proof")
        .and_then(|text| members.check("proof", text.parse::<Signature>()));
    let deed = by
        .zip(new_key)
        .zip(proof)
        .map(|((_, new_key), proof)| Deed::RotateKey { new_key, proof });
    finish(members, deed, "by")
}

fn import_type(value: &Value) -> Read {
    let own = [
        "artifact_type",
        "versions",
        "compatibility",
        "evolution",
        "by",
    ];
    let mut members = members_of(value, &own);
    let artifact_type = members.text("artifact_type");
    let artifact_type = artifact_type.and_then(|name| {
        members.check(
            "artifact_type",
            crate::schema::check_artifact_type(name).map(|()| name.to_owned()),
        )
    });
    let by = actor(&mut members, "by");
    let compatibility = match members.get("compatibility") {
        None => Setting::default(),
        Some(setting) => Setting::read(setting, "/compatibility").unwrap_or_else(|problems| {
            members.note(problems);
            Setting::default()
        }),
    };
    let evolution = members
        .optional_choice(
            "evolution",
            &Evolution::ALL.map(Evolution::name),
            Evolution::from_name,
        )
        .unwrap_or_default();
    let mut versions = Vec::new();
    if let Some(list) = members.array("versions") {
        if list.is_empty() {
            members.problem(
                "member_empty",
                "versions",
                "a type needs at least one version",
            );
        }
        for (index, version) in list.iter().enumerate() {
            match read_version(version, "") {
                Ok(version) => versions.push(version),
                Err(problems) => members.note(under(&element("/versions", index), problems)),
            }
        }
    }
    let deed = artifact_type
        .zip(by)
        .map(|(artifact_type, _)| Deed::ImportType {
            artifact_type,
            versions,
            settings: Settings {
                compatibility,
                evolution,
            },
        });
    finish(members, deed, "by")
}

fn retire_version(value: &Value) -> Read {
    let mut members = members_of(value, &["artifact_type", "version", "reason", "by"]);
    let artifact_type = members.text("artifact_type").map(str::to_owned);
    let version = members.count("version");
    let by = actor(&mut members, "by");
    let reason = optional_prose(&mut members, "reason");
    let deed = artifact_type
        .zip(version)
        .zip(by)
        .map(|((artifact_type, version), _)| Deed::RetireVersion {
            artifact_type,
            version,
            reason,
        });
    finish(members, deed, "by")
}

fn read_version(value: &Value, place: &str) -> Result<ImportedVersion, Vec<Problem>> {
    let mut members = Members::of(
        value,
        place,
        &["schema", "references", "draft", "description"],
    );
    let draft = members.optional_text("draft");
    let draft = draft.and_then(|name| members.check("draft", dialect::parse(name)));
    let schema = members.required("schema").cloned();
    let description = members.optional_text("description").map(str::to_owned);
    let mut references = References::new();
    match members.get("references") {
        None => {}
        Some(Value::Object(documents)) => references.extend(documents.clone()),
        Some(_) => members.problem(
            "member_type",
            "references",
            "`references` must be an object of documents by their absolute URI",
        ),
    }
    let problems = members.end();
    match schema {
        Some(schema) if problems.is_empty() => Ok(ImportedVersion {
            schema,
            references,
            draft,
            description,
        }),
        _ => Err(problems),
    }
}
