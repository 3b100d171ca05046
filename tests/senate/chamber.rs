//! A senate to test with: a clock that is set by hand, entropy that counts, and one artifact type.

use schema_senate::senate::{Command, Event, Moment, Senate, view};
use schema_senate::text::{Problem, Value};
use serde_json::json;

/// Where the clock starts.
pub const START_MS: u64 = 1_800_000_000_000;

pub struct Chamber {
    pub senate: Senate,
    pub log: Vec<Event>,
    pub now_ms: u64,
    draws: u8,
}

impl Chamber {
    /// A founded senate of `members` members `m1`, `m2`, … under `policy`, with the type `experiment`.
    pub fn with(members: usize, policy: Value) -> Self {
        let mut chamber = Self {
            senate: Senate::default(),
            log: Vec::new(),
            now_ms: START_MS,
            draws: 0,
        };
        let members: Vec<Value> = (1..=members)
            .map(|n| json!({"id": format!("m{n}")}))
            .collect();
        chamber.ok(json!({"command": "found_senate", "origin": "test.example/senate", "policy": policy, "members": members}));
        chamber.ok(json!({
            "command": "import_type",
            "artifact_type": "experiment",
            "versions": [{"schema": experiment()}],
            "by": "importer"
        }));
        chamber
    }

    pub fn new(members: usize) -> Self {
        Self::with(members, json!({}))
    }

    /// What a command leads to; nothing is applied.
    pub fn ask(&mut self, command: &Value) -> Result<Vec<Event>, Vec<Problem>> {
        self.draws += 1;
        let moment = Moment {
            now_ms: self.now_ms,
            entropy: [self.draws; 10],
        };
        Command::read(command).and_then(|command| self.senate.decide(&command, moment))
    }

    /// Does a command that must succeed; answers the names of its events.
    pub fn ok(&mut self, command: Value) -> Vec<&'static str> {
        match self.ask(&command) {
            Ok(events) => {
                self.senate
                    .apply(&events)
                    .expect("what was decided applies");
                self.log.extend(events.iter().cloned());
                events.iter().map(|event| event.happening.name()).collect()
            }
            Err(problems) => panic!("{command} was refused: {problems:?}"),
        }
    }

    /// The code of a command that must be refused; nothing may have changed.
    pub fn refused(&mut self, command: Value) -> &'static str {
        let before = self.senate.seq();
        match self.ask(&command) {
            Ok(events) => panic!("{command} was not refused: {events:?}"),
            Err(problems) => {
                assert_eq!(self.senate.seq(), before);
                problems[0].code
            }
        }
    }

    pub fn view(&self, name: &str, params: Value) -> Value {
        view(&self.senate, name, &params, self.now_ms).expect("the view exists")
    }

    pub fn proposal(&self, id: &str) -> Value {
        self.view("proposal", json!({"proposal_id": id}))
    }

    pub fn status(&self, id: &str) -> String {
        self.proposal(id)["status"].as_str().unwrap().to_owned()
    }

    /// Proposes a draft; answers the proposal's identifier.
    pub fn propose(&mut self, proposer: &str, draft: Value) -> String {
        let mut command = draft;
        command["command"] = json!("propose");
        command["proposer_id"] = json!(proposer);
        self.ok(command);
        self.log
            .last()
            .unwrap()
            .happening
            .proposal_id()
            .unwrap()
            .to_owned()
    }

    /// Opens the vote; answers its subject.
    pub fn open(&mut self, id: &str) -> String {
        self.ok(json!({"command": "open_vote", "proposal_id": id, "by": "m1"}));
        self.proposal(id)["vote"]["subject"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub fn ballot(&self, id: &str, voter: &str, choice: &str) -> Value {
        let subject = self.proposal(id)["vote"]["subject"].clone();
        let mut ballot = json!({
            "command": "cast_ballot", "proposal_id": id, "voter_id": voter, "choice": choice, "subject": subject
        });
        if choice == "no" {
            ballot["reason"] = json!("it duplicates the field methods");
        }
        ballot
    }

    pub fn vote(&mut self, id: &str, voter: &str, choice: &str) -> Vec<&'static str> {
        let ballot = self.ballot(id, voter, choice);
        self.ok(ballot)
    }

    /// Reports that the migration of an approved proposal was applied.
    pub fn migrate(&mut self, id: &str) -> Vec<&'static str> {
        let digest = self.view("plan", json!({"proposal_id": id}))["digest"].clone();
        self.ok(json!({
            "command": "record_migration", "proposal_id": id, "plan": digest, "result": "applied",
            "artifacts": {"checked": 3, "changed": 2}
        }))
    }

    /// The log as a host would store it.
    pub fn ndjson(&self) -> String {
        self.log
            .iter()
            .map(|event| format!("{}\n", event.to_value()))
            .collect()
    }
}

pub fn experiment() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Experiment",
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "design": {"type": "object", "properties": {"arms": {"type": "integer"}}, "additionalProperties": false},
            "conclusions": {"type": ["string", "null"]}
        },
        "required": ["title"],
        "additionalProperties": false
    })
}

/// A draft that passes: an optional field in a closed object, hence compatible.
pub fn add_blinding() -> Value {
    draft(
        "add_field",
        json!({"path": "/design/blinding", "schema": {"enum": ["none", "single", "double"]}}),
        true,
    )
}

/// A draft that breaks: artifacts may hold the field.
pub fn remove_conclusions() -> Value {
    draft("remove_field", json!({"path": "/conclusions"}), false)
}

pub fn draft(change_type: &str, field_spec: Value, backward_compatible: bool) -> Value {
    json!({
        "proposal_type": "schema_change",
        "metadata": {
            "target_artifact_type": "experiment",
            "change_type": change_type,
            "field_spec": field_spec,
            "rationale": "Trials cannot be compared by the rigour of their blinding today.",
            "use_cases": [{"who": "methods-reviewer", "need": "filter trials by blinding"}],
            "migration_plan": {"none_needed": "artifacts without the field stay as they are"},
            "backward_compatible": backward_compatible
        }
    })
}
