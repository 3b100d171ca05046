//! A senate to test with: a clock that is set by hand, entropy that counts, keys made of names, and one artifact type.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer, SigningKey};
use schema_senate::senate::{
    ACTS, Command, Event, Moment, Senate, Status, possession_bytes, signed_bytes, view,
};
use schema_senate::signature::PublicKey;
use schema_senate::text::{Digest, Problem, Value, base64};
use serde_json::json;

/// Where the clock starts.
pub const START_MS: u64 = 1_800_000_000_000;

pub struct Chamber {
    pub senate: Senate,
    pub log: Vec<Event>,
    pub now_ms: u64,
    draws: u8,
    /// Members whose key is not the first: the name that their key is made of.
    keys: BTreeMap<String, String>,
}

/// The name of the log.
pub const ORIGIN: &str = "test.example/senate";

/// A key that is made of a name, always the same.
pub fn key_of(name: &str) -> SigningKey {
    SigningKey::from_bytes(Digest::of_bytes(name.as_bytes()).as_bytes())
}

/// The public key as it stands in documents.
pub fn public_key(name: &str) -> String {
    let key = PublicKey::from_bytes(key_of(name).verifying_key().as_bytes()).unwrap();
    key.to_string()
}

pub fn key_id(name: &str) -> String {
    public_key(name)
        .parse::<PublicKey>()
        .unwrap()
        .id()
        .to_string()
}

pub fn sign(name: &str, bytes: &[u8]) -> String {
    base64::encode(&key_of(name).sign(bytes).to_bytes())
}

/// A member who acts on their own behalf.
pub fn member(id: &str) -> Value {
    json!({"id": id, "key": public_key(id)})
}

/// Who a command says it is by.
pub fn actor(command: &Value) -> String {
    ["proposer_id", "voter_id", "by"]
        .into_iter()
        .find_map(|name| command[name].as_str())
        .unwrap_or_default()
        .to_owned()
}

impl Chamber {
    /// A founded senate of `members` members `m1`, `m2`, … under `policy`, with the type `experiment`. Beside them
    /// `curator` and `visitor` propose and debate.
    pub fn with(members: usize, policy: Value) -> Self {
        let voters = (1..=members).map(|n| member(&format!("m{n}")));
        Self::founded(voters.collect(), json!({"policy": policy}))
    }

    /// A senate of these members, founded with more than an origin.
    pub fn founded(mut members: Vec<Value>, more: Value) -> Self {
        let mut chamber = Self {
            senate: Senate::default(),
            log: Vec::new(),
            now_ms: START_MS,
            draws: 0,
            keys: BTreeMap::new(),
        };
        for id in ["curator", "visitor"] {
            let mut contributor = member(id);
            contributor["role"] = json!("contributor");
            members.push(contributor);
        }
        let mut founding = more;
        founding["command"] = json!("found_senate");
        founding["origin"] = json!(ORIGIN);
        founding["log_key"] = json!(public_key("log"));
        founding["members"] = json!(members);
        chamber.ok(founding);
        chamber.ok(json!({
            "command": "import_type",
            "artifact_type": "experiment",
            "versions": [{"schema": experiment()}],
            "by": "m1"
        }));
        chamber
    }

    pub fn new(members: usize) -> Self {
        Self::with(members, json!({}))
    }

    /// An act with everything that its signer adds.
    pub fn signed(&self, command: &Value) -> Value {
        self.signed_with(command, json!({}))
    }

    /// The same with other members, which are put in before it is signed.
    pub fn signed_with(&self, command: &Value, others: Value) -> Value {
        let by = actor(command);
        let key = self.keys.get(&by).cloned().unwrap_or(by.clone());
        let known = view(
            &self.senate,
            "signing",
            &json!({"member_id": by}),
            self.now_ms,
        );
        let nonce = known.map_or(json!(1), |signing| signing["next_nonce"].clone());
        let mut act = command.clone();
        act["instance"] = json!(ORIGIN);
        act["key"] = json!(key_id(&key));
        act["nonce"] = nonce;
        act["seen"] = json!({"size": self.senate.seq(), "root": self.senate.root().to_string()});
        for (name, value) in others.as_object().unwrap() {
            act[name.as_str()] = value.clone();
        }
        let bytes = signed_bytes(&act).unwrap();
        act["signature"] = json!(sign(&key, &bytes));
        act
    }

    /// Replaces a member's key by one that is made of another name.
    pub fn rotate(&mut self, id: &str, name: &str) -> Vec<&'static str> {
        let new_key = public_key(name);
        let proof = sign(name, &possession_bytes(ORIGIN, id, &new_key).unwrap());
        let names =
            self.ok(json!({"command": "rotate_key", "by": id, "new_key": new_key, "proof": proof}));
        self.keys.insert(id.to_owned(), name.to_owned());
        names
    }

    /// From now on this member signs with a key that is made of another name, whatever the senate thinks of it.
    pub fn use_key(&mut self, id: &str, name: &str) {
        self.keys.insert(id.to_owned(), name.to_owned());
    }

    /// What a command leads to; nothing is applied. An act that nobody has signed is signed here by who does it.
    pub fn ask(&mut self, command: &Value) -> Result<Vec<Event>, Vec<Problem>> {
        self.draws += 1;
        let is_act = ACTS.contains(&command["command"].as_str().unwrap_or_default());
        let signed;
        let command = if is_act && command.get("signature").is_none() {
            signed = self.signed(command);
            &signed
        } else {
            command
        };
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
        let status = self.senate.status(id, self.now_ms).map(Status::name);
        assert_eq!(self.proposal(id)["status"].as_str(), status);
        status.unwrap().to_owned()
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

    /// Changes the membership by a proposal that everybody approves.
    pub fn change_members(&mut self, changes: Value) -> Vec<&'static str> {
        let id = self.propose(
            "curator",
            json!({
                "proposal_type": "membership_change",
                "metadata": {"changes": changes, "rationale": "The team has changed."}
            }),
        );
        self.open(&id);
        let voters = self.proposal(&id)["vote"]["electorate"].clone();
        let mut last = Vec::new();
        for voter in voters.as_array().unwrap() {
            if self.status(&id) == "voting" {
                last = self.vote(&id, voter["id"].as_str().unwrap(), "yes");
            }
        }
        last
    }

    /// Lets time pass.
    pub fn wait(&mut self, ms: u64) {
        self.now_ms += ms;
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
