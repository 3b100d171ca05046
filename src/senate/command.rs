//! What can be asked of a senate: the acts that members sign, and what its host reports.

use super::act::{Act, digest, under};
use super::deed::ACTS;
use super::event::Failure;
use super::rehearsal::Evidence;
use crate::proposal::Scope;
use crate::signature::PublicKey;
use crate::text::{Members, Problem, Value, pointer};
use crate::vote::{Member, Policy, Roster};

/// A command, read and well-formed; whether it may be done is for `decide` to say.
#[derive(Clone, Debug)]
pub enum Command {
    /// Begin a log. The founder's word is the only one that nobody votes on.
    FoundSenate {
        /// The name of the log.
        origin: String,
        /// Signs its checkpoints and certificates.
        log_key: PublicKey,
        /// Its policy.
        policy: Box<Policy>,
        /// What proposals may be about.
        scope: Box<Scope>,
        /// Its first members.
        roster: Box<Roster>,
    },
    /// What a member does and has signed.
    Act(Box<Act>),
    /// Write down what time alone has decided.
    Settle,
    /// Report what a rehearsal of a migration showed.
    RecordRehearsal {
        /// Of which proposal.
        proposal_id: String,
        /// The digest of the plan that was rehearsed.
        plan: String,
        /// What it showed.
        evidence: Box<Evidence>,
    },
    /// Report that a migration begins.
    BeginMigration {
        /// Of which proposal.
        proposal_id: String,
        /// The digest of the plan that runs.
        plan: String,
    },
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

/// The names of the commands that nobody signs: they are the host's.
const UNSIGNED: [&str; 5] = [
    "found_senate",
    "settle",
    "record_rehearsal",
    "begin_migration",
    "record_migration",
];

/// The longest name of a log, in characters.
const LONGEST_ORIGIN: usize = 200;

impl Command {
    /// Reads a command.
    ///
    /// # Errors
    /// Everything that is unknown, missing or of the wrong type, at its place.
    pub fn read(value: &Value) -> Result<Self, Vec<Problem>> {
        match value.get("command").and_then(Value::as_str) {
            Some("found_senate") => found_senate(value),
            Some("settle") => finish(Members::of(value, "", &["command"]), Some(Self::Settle)),
            Some("record_rehearsal") => record_rehearsal(value),
            Some("begin_migration") => begin_migration(value),
            Some("record_migration") => record_migration(value),
            Some(name) if ACTS.contains(&name) => {
                Act::read(value).map(|act| Self::Act(Box::new(act)))
            }
            _ => Err(vec![
                Problem::error("command_unknown", "/command", "`command` names no command").remedy(
                    format!(
                        "use one of {}",
                        [UNSIGNED.as_slice(), ACTS.as_slice()].concat().join(", ")
                    ),
                ),
            ]),
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

/// A part that has its own reader; `None` when it is wrong, which is noted at its place.
fn part<T>(members: &mut Members<'_>, name: &str, read: Result<T, Vec<Problem>>) -> Option<T> {
    read.map_err(|problems| members.note(under(&pointer::join("", name), problems)))
        .ok()
}

fn found_senate(value: &Value) -> Result<Command, Vec<Problem>> {
    let names = ["command", "origin", "log_key", "policy", "scope", "members"];
    let mut members = Members::of(value, "", &names);
    let origin = members.text("origin").map(str::to_owned);
    if let Some(origin) = &origin
        && (origin.chars().count() > LONGEST_ORIGIN
            || origin
                .chars()
                .any(|c| c.is_control() || c.is_whitespace() || c == '+'))
    {
        // It is a line of every checkpoint and the name of its key.
        members.problem(
            "origin_malformed",
            "origin",
            format!("an origin has 1 to {LONGEST_ORIGIN} characters, no space and no `+`, e.g. `senate.example.org/lab`"),
        );
    }
    let log_key = members
        .text("log_key")
        .and_then(|text| members.check("log_key", text.parse::<PublicKey>()));
    let policy = match members.get("policy") {
        None => Some(Policy::default()),
        Some(policy) => part(&mut members, "policy", Policy::from_value(policy)),
    };
    let scope = match members.get("scope") {
        None => Some(Scope::default()),
        Some(scope) => part(
            &mut members,
            "scope",
            Scope::from_value(scope, &Scope::default()),
        ),
    };
    let founders = members
        .required("members")
        .map(|founders| {
            Member::list_from_value(founders).and_then(|founders| Roster::found(founders, 1))
        })
        .and_then(|founded| part(&mut members, "members", founded));
    let command = origin
        .zip(log_key)
        .zip(policy)
        .zip(scope)
        .zip(founders)
        .map(
            |((((origin, log_key), policy), scope), roster)| Command::FoundSenate {
                origin,
                log_key,
                policy: Box::new(policy),
                scope: Box::new(scope),
                roster: Box::new(roster),
            },
        );
    finish(members, command)
}

fn record_rehearsal(value: &Value) -> Result<Command, Vec<Problem>> {
    let names = ["command", "proposal_id", "plan", "evidence"];
    let mut members = Members::of(value, "", &names);
    let proposal_id = members.text("proposal_id").map(str::to_owned);
    let plan = digest(&mut members, "plan");
    let evidence = members
        .required("evidence")
        .map(|evidence| Evidence::read(evidence, "/evidence"))
        .and_then(|read| read.map_err(|problems| members.note(problems)).ok());
    let command = proposal_id
        .zip(plan)
        .zip(evidence)
        .map(|((proposal_id, plan), evidence)| Command::RecordRehearsal {
            proposal_id,
            plan: plan.to_string(),
            evidence: Box::new(evidence),
        });
    finish(members, command)
}

fn begin_migration(value: &Value) -> Result<Command, Vec<Problem>> {
    let mut members = Members::of(value, "", &["command", "proposal_id", "plan"]);
    let proposal_id = members.text("proposal_id").map(str::to_owned);
    let plan = digest(&mut members, "plan");
    let command = proposal_id
        .zip(plan)
        .map(|(proposal_id, plan)| Command::BeginMigration {
            proposal_id,
            plan: plan.to_string(),
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
            plan: plan.to_string(),
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
