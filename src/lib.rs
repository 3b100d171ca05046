//! # schema-senate: the policy core
//!
//! Somebody wants to change the JSON Schema of a kind of artifact. This crate says what the next schema would be, whom it
//! breaks, what vote the change needs and how that vote stands, and what has to happen to the artifacts that exist. It decides
//! and stores nothing: it does no I/O, reads no clock and draws no randomness. Time and entropy are arguments, documents come
//! in as text, answers go out as values, and every "no" is a [`Problem`](text::Problem) with a code, a place, a sentence and a
//! remedy. The same code, compiled to WebAssembly, answers in browsers and in Node.
//!
//! ## The house
//!
//! Each room stands on those above it only.
//!
//! - [`text`]: bytes to values and back. A strict JSON reader, the canonical writer of RFC 8785, digests, pointers, problems.
//! - [`signature`]: Ed25519 public keys and signatures, checked strictly; nothing here signs.
//! - [`ledger`]: the log as a Merkle tree, its proofs, signed checkpoints, and the envelope of a certificate.
//! - [`schema`]: a JSON Schema document, checked against its meta-schema and compiled once; the five changes applied to it.
//! - [`compatibility`]: whom a change breaks. Compatible with a proof, breaking with a witness, or undecided with the reason.
//! - [`vote`]: policy, electorate, ballots, thresholds in integers, the tally and what can still change.
//! - [`migration`]: what a change means for stored artifacts, as document steps and as PostgreSQL statements.
//! - [`registry`]: artifact types, their schema versions, what leads from one to the next, and how their changes are judged.
//! - [`proposal`]: drafts, and everything that can be said of one before anybody votes.
//! - [`senate`]: commands become events, events become state; a status is a function of state and time.
//! - [`wasm`]: the boundary to JavaScript, text in and text out.
//!
//! ## A proposal's life
//!
//! Members act by commands that they have signed. Keys are the host's or the member's business; here they are made of names.
//!
//! ```
//! use ed25519_dalek::{Signer, SigningKey};
//! use schema_senate::senate::{Command, Moment, Senate, audit, signed_bytes, view};
//! use schema_senate::signature::PublicKey;
//! use schema_senate::text::{Digest, Problem, Value, base64};
//! use serde_json::json;
//!
//! let key = |name: &str| SigningKey::from_bytes(Digest::of_bytes(name.as_bytes()).as_bytes());
//! let public = |name: &str| PublicKey::from_bytes(key(name).verifying_key().as_bytes()).map(|key| key.to_string());
//! let mut senate = Senate::default();
//! let mut log = String::new();
//! let now_ms = 1_800_000_000_000;
//!
//! // What a member adds to a command: for which senate, with which key, the how manyth act, on which log; and the signature.
//! let signed = |senate: &Senate, by: &str, mut act: Value| -> Result<Value, Problem> {
//!     let signing = view(senate, "signing", &json!({"member_id": by}), now_ms)?;
//!     for (name, from) in [("instance", "instance"), ("key", "key"), ("nonce", "next_nonce"), ("seen", "seen")] {
//!         act[name] = signing[from].clone();
//!     }
//!     act["signature"] = json!(base64::encode(&key(by).sign(&signed_bytes(&act)?).to_bytes()));
//!     Ok(act)
//! };
//! // A host would append the events to its log before it applies them.
//! let mut run = |senate: &mut Senate, command: Value| -> Result<Option<String>, Vec<Problem>> {
//!     let moment = Moment { now_ms, entropy: [7; 10] };
//!     let events = senate.decide(&Command::read(&command)?, moment)?;
//!     senate.apply(&events).map_err(|problem| vec![problem])?;
//!     log.extend(events.iter().map(|event| format!("{}\n", event.to_value())));
//!     Ok(events.last().and_then(|event| event.happening.proposal_id()).map(str::to_owned))
//! };
//! let one = |problem| vec![problem];
//!
//! let mut members = Vec::new();
//! for id in ["ada", "ben", "cyd"] {
//!     members.push(json!({"id": id, "key": public(id).map_err(one)?}));
//! }
//! run(&mut senate, json!({
//!     "command": "found_senate", "origin": "example.org/lab", "log_key": public("the log").map_err(one)?, "members": members
//! }))?;
//! let import = signed(&senate, "ada", json!({
//!     "command": "import_type", "artifact_type": "experiment", "by": "ada",
//!     "versions": [{"schema": {
//!         "type": "object",
//!         "properties": {"title": {"type": "string"}},
//!         "additionalProperties": false
//!     }}]
//! })).map_err(one)?;
//! run(&mut senate, import)?;
//! let propose = signed(&senate, "ada", json!({
//!     "command": "propose", "proposer_id": "ada", "proposal_type": "schema_change",
//!     "metadata": {
//!         "target_artifact_type": "experiment",
//!         "change_type": "add_field",
//!         "field_spec": {"name": "blinding", "schema": {"enum": ["none", "single", "double"]}},
//!         "rationale": "Reviewers cannot tell blinded from open trials, see SEN-42.",
//!         "migration_plan": {"none_needed": "the field is optional"},
//!         "backward_compatible": true
//!     }
//! })).map_err(one)?;
//! let id = run(&mut senate, propose)?.unwrap_or_default();
//! let open = signed(&senate, "ada", json!({"command": "open_vote", "proposal_id": id, "by": "ada"})).map_err(one)?;
//! run(&mut senate, open)?;
//!
//! // Every ballot names what exactly it is on.
//! let proposal = view(&senate, "proposal", &json!({"proposal_id": id}), now_ms).map_err(one)?;
//! assert_eq!(proposal["track"], "additive");
//! for voter in ["ada", "cyd"] {
//!     let ballot = signed(&senate, voter, json!({
//!         "command": "cast_ballot", "proposal_id": id, "voter_id": voter, "choice": "yes",
//!         "subject": proposal["vote"]["subject"]
//!     })).map_err(one)?;
//!     run(&mut senate, ballot)?;
//! }
//!
//! // Two thirds of three is two: approved, and the migration is due. The host applies it and says so.
//! let plan = view(&senate, "plan", &json!({"proposal_id": id}), now_ms).map_err(one)?;
//! run(&mut senate, json!({
//!     "command": "record_migration", "proposal_id": id, "plan": plan["digest"],
//!     "result": "applied", "artifacts": {"checked": 0, "changed": 0}
//! }))?;
//! assert_eq!(senate.registry().current_version("experiment"), 2);
//!
//! // Whoever makes every decision of the log again comes to the same root.
//! let (again, _) = audit(log.as_bytes()).map_err(|finding| vec![finding.problem])?;
//! assert_eq!(again.root(), senate.root());
//! # Ok::<(), Vec<Problem>>(())
//! ```

pub mod compatibility;
pub mod ledger;
pub mod migration;
pub mod proposal;
pub mod registry;
pub mod schema;
pub mod senate;
pub mod signature;
pub mod text;
pub mod vote;
pub mod wasm;
