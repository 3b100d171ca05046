//! What can be asked of a senate.

use super::event::Failure;
use crate::compatibility::Setting;
use crate::schema::{Draft, References, dialect};
use crate::text::{Digest, Members, Problem, Value, pointer};
use crate::vote::{Choice, Electorate, Policy, is_member_id};

/// A command, read and well-formed; whether it may be done is for `decide` to say.
#[derive(Clone, Debug)]
pub enum Command {
    /// Begin a log.
    FoundSenate {
        /// The name of the log.
        origin: String,
        /// Its policy.
        policy: Policy,
        /// Who may vote.
        electorate: Electorate,
    },
    /// Supply another electorate for the votes to come.
    SetMembers {
        /// Who may vote.
        electorate: Electorate,
        /// Who supplies them.
        by: String,
    },
    /// Register a type that does not exist yet, with its history.
    ImportType {
        /// Its name.
        artifact_type: String,
        /// Oldest first.
        versions: Vec<ImportedVersion>,
        /// How its changes are judged.
        compatibility: Setting,
        /// Who imports.
        by: String,
    },
    /// Propose a change.
    Propose {
        /// Who proposes.
        proposer_id: String,
        /// The draft: `proposal_type`, `title?`, `metadata`.
        draft: Value,
    },
    /// Freeze a proposal and open its vote.
    OpenVote {
        /// Which.
        proposal_id: String,
        /// Who opens it.
        by: String,
    },
    /// Vote.
    CastBallot {
        /// On which proposal.
        proposal_id: String,
        /// Who.
        voter_id: String,
        /// How.
        choice: Choice,
        /// Why.
        reason: Option<String>,
        /// On what.
        subject: String,
    },
    /// Take a proposal back.
    Withdraw {
        /// Which.
        proposal_id: String,
        /// Who.
        by: String,
        /// Why.
        reason: Option<String>,
    },
    /// Write down what time alone has decided.
    Settle,
    /// Report what became of a migration.
    RecordMigration {
        /// Of which proposal.
        proposal_id: String,
        /// The digest of the plan that ran.
        plan: String,
        /// What became of it.
        result: MigrationResult,
    },
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

/// What became of a migration.
#[derive(Clone, Debug)]
pub enum MigrationResult {
    /// It was applied and every artifact is valid.
    Applied {
        /// How many were looked at.
        checked: u64,
        /// How many changed.
        changed: u64,
    },
    /// It was not, and nothing changed.
    Failed {
        /// Why.
        reason: String,
        /// Which artifacts stood in the way.
        failures: Vec<Failure>,
    },
}

/// The names of all commands.
const COMMANDS: [&str; 9] = [
    "found_senate",
    "set_members",
    "import_type",
    "propose",
    "open_vote",
    "cast_ballot",
    "withdraw",
    "settle",
    "record_migration",
];

impl Command {
    /// Reads a command.
    ///
    /// # Errors
    /// Everything that is unknown, missing or of the wrong type, at its place.
    pub fn read(value: &Value) -> Result<Self, Vec<Problem>> {
        let name = value.get("command").and_then(Value::as_str);
        let Some(name) = name.filter(|name| COMMANDS.contains(name)) else {
            return Err(vec![
                Problem::error("command_unknown", "/command", "`command` names no command")
                    .remedy(format!("use one of {}", COMMANDS.join(", "))),
            ]);
        };
        match name {
            "found_senate" => found_senate(value),
            "set_members" => set_members(value),
            "import_type" => import_type(value),
            "propose" => propose(value),
            "open_vote" => open_vote(value),
            "cast_ballot" => cast_ballot(value),
            "withdraw" => withdraw(value),
            "record_migration" => record_migration(value),
            _ => finish(Members::of(value, "", &["command"]), Some(Self::Settle)),
        }
    }
}

fn finish(members: Members<'_>, command: Option<Command>) -> Result<Command, Vec<Problem>> {
    let problems = members.end();
    match command {
        Some(command) if problems.is_empty() => Ok(command),
        _ => Err(problems),
    }
}

/// The identifier of an agent or a person.
fn actor(members: &mut Members<'_>, name: &str) -> Option<String> {
    let id = members.text(name)?;
    if is_member_id(id) {
        return Some(id.to_owned());
    }
    members.problem(
        "actor_id_not_allowed",
        name,
        format!("`{id}` cannot name an agent or a person: use 1 to 128 of A-Z a-z 0-9 . _ : @ / - and start with a letter or digit"),
    );
    None
}

fn digest(members: &mut Members<'_>, name: &str) -> Option<String> {
    let text = members.text(name)?;
    if text.parse::<Digest>().is_ok() {
        return Some(text.to_owned());
    }
    members.problem(
        "digest_malformed",
        name,
        format!("`{name}` must be sha256: and 64 lower-case hexadecimal digits"),
    );
    None
}

fn under(place: &str, problems: Vec<Problem>) -> impl Iterator<Item = Problem> {
    problems
        .into_iter()
        .map(move |problem| problem.under(place))
}

fn electorate(members: &mut Members<'_>) -> Option<Electorate> {
    match Electorate::from_value(members.required("members")?) {
        Ok(electorate) => Some(electorate),
        Err(problems) => {
            members.note(under("/members", problems));
            None
        }
    }
}

fn found_senate(value: &Value) -> Result<Command, Vec<Problem>> {
    let mut members = Members::of(value, "", &["command", "origin", "policy", "members"]);
    let origin = members.text("origin").map(str::to_owned);
    let policy = match members.get("policy").map(Policy::from_value) {
        None => Some(Policy::default()),
        Some(Ok(policy)) => Some(policy),
        Some(Err(problems)) => {
            members.note(under("/policy", problems));
            None
        }
    };
    let electorate = electorate(&mut members);
    let command = origin
        .zip(policy)
        .zip(electorate)
        .map(|((origin, policy), electorate)| Command::FoundSenate {
            origin,
            policy,
            electorate,
        });
    finish(members, command)
}

fn set_members(value: &Value) -> Result<Command, Vec<Problem>> {
    let mut members = Members::of(value, "", &["command", "members", "by"]);
    let electorate = electorate(&mut members);
    let by = actor(&mut members, "by");
    let command = electorate
        .zip(by)
        .map(|(electorate, by)| Command::SetMembers { electorate, by });
    finish(members, command)
}

fn import_type(value: &Value) -> Result<Command, Vec<Problem>> {
    let mut members = Members::of(
        value,
        "",
        &[
            "command",
            "artifact_type",
            "versions",
            "compatibility",
            "by",
        ],
    );
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
            match read_version(version, &format!("/versions/{index}")) {
                Ok(version) => versions.push(version),
                Err(problems) => members.note(problems),
            }
        }
    }
    let command = artifact_type
        .zip(by)
        .map(|(artifact_type, by)| Command::ImportType {
            artifact_type,
            versions,
            compatibility,
            by,
        });
    finish(members, command)
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

fn propose(value: &Value) -> Result<Command, Vec<Problem>> {
    let mut members = Members::of(
        value,
        "",
        &[
            "command",
            "proposer_id",
            "proposal_type",
            "title",
            "metadata",
        ],
    );
    let proposer_id = actor(&mut members, "proposer_id");
    // The rest is a draft, which has its own reader.
    let mut draft = value.clone();
    if let Some(object) = draft.as_object_mut() {
        object.shift_remove("command");
        object.shift_remove("proposer_id");
    }
    let command = proposer_id.map(|proposer_id| Command::Propose { proposer_id, draft });
    finish(members, command)
}

fn open_vote(value: &Value) -> Result<Command, Vec<Problem>> {
    let mut members = Members::of(value, "", &["command", "proposal_id", "by"]);
    let proposal_id = members.text("proposal_id").map(str::to_owned);
    let by = actor(&mut members, "by");
    let command = proposal_id
        .zip(by)
        .map(|(proposal_id, by)| Command::OpenVote { proposal_id, by });
    finish(members, command)
}

fn cast_ballot(value: &Value) -> Result<Command, Vec<Problem>> {
    let mut members = Members::of(
        value,
        "",
        &[
            "command",
            "proposal_id",
            "voter_id",
            "choice",
            "reason",
            "subject",
        ],
    );
    let proposal_id = members.text("proposal_id").map(str::to_owned);
    let voter_id = actor(&mut members, "voter_id");
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
    let reason = members.optional_text("reason").map(str::to_owned);
    let subject = digest(&mut members, "subject");
    let command = proposal_id.zip(voter_id).zip(choice).zip(subject).map(
        |(((proposal_id, voter_id), choice), subject)| Command::CastBallot {
            proposal_id,
            voter_id,
            choice,
            reason,
            subject,
        },
    );
    finish(members, command)
}

fn withdraw(value: &Value) -> Result<Command, Vec<Problem>> {
    let mut members = Members::of(value, "", &["command", "proposal_id", "by", "reason"]);
    let proposal_id = members.text("proposal_id").map(str::to_owned);
    let by = actor(&mut members, "by");
    let reason = members.optional_text("reason").map(str::to_owned);
    let command = proposal_id
        .zip(by)
        .map(|(proposal_id, by)| Command::Withdraw {
            proposal_id,
            by,
            reason,
        });
    finish(members, command)
}

fn record_migration(value: &Value) -> Result<Command, Vec<Problem>> {
    let applied = value.get("result").and_then(Value::as_str) == Some("applied");
    let allowed: &[&str] = if applied {
        &["command", "proposal_id", "plan", "result", "artifacts"]
    } else {
        &[
            "command",
            "proposal_id",
            "plan",
            "result",
            "reason",
            "failures",
        ]
    };
    let mut members = Members::of(value, "", allowed);
    let proposal_id = members.text("proposal_id").map(str::to_owned);
    let plan = digest(&mut members, "plan");
    let result = members.text("result");
    let result = match result {
        Some("applied") => read_counts(&mut members),
        Some("failed") => read_failure(&mut members),
        Some(other) => {
            members.problem(
                "migration_result_unknown",
                "result",
                format!("`{other}` is no result; the results are applied and failed"),
            );
            None
        }
        None => None,
    };
    let command = proposal_id
        .zip(plan)
        .zip(result)
        .map(|((proposal_id, plan), result)| Command::RecordMigration {
            proposal_id,
            plan,
            result,
        });
    finish(members, command)
}

fn read_counts(members: &mut Members<'_>) -> Option<MigrationResult> {
    let artifacts = members.required("artifacts")?;
    let mut counts = Members::of(artifacts, "/artifacts", &["checked", "changed"]);
    let checked = counts.count("checked");
    let changed = counts.count("changed");
    members.note(counts.end());
    checked
        .zip(changed)
        .map(|(checked, changed)| MigrationResult::Applied { checked, changed })
}

fn read_failure(members: &mut Members<'_>) -> Option<MigrationResult> {
    let reason = members.text("reason").map(str::to_owned);
    let mut failures = Vec::new();
    match members.get("failures") {
        None => {}
        Some(Value::Array(list)) => {
            for (index, failure) in list.iter().enumerate() {
                let place = pointer::join("/failures", &index.to_string());
                let mut failed = Members::of(failure, &place, &["artifact_id", "message"]);
                let read = failed
                    .text("artifact_id")
                    .map(str::to_owned)
                    .zip(failed.text("message").map(str::to_owned));
                members.note(failed.end());
                failures.extend(read.map(|(artifact_id, message)| Failure {
                    artifact_id,
                    message,
                }));
            }
        }
        Some(_) => members.problem("member_type", "failures", "`failures` must be an array"),
    }
    reason.map(|reason| MigrationResult::Failed { reason, failures })
}
