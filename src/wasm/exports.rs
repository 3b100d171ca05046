//! The bindings: one short pattern per function of [`api`](super::api), and nothing that decides.
//!
//! Documents come in as UTF-8 bytes and answers go out as JSON text. Nothing converts in the ABI: a conversion that fails
//! there throws without running destructors. What is wrong with an *option* is thrown as a string after everything is
//! cleaned up, and the JavaScript side makes it a `MisuseError`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use super::{api, evidence, migration};

/// How a schema is compiled; its references cross apart, as JSON text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SchemaOptions {
    draft: Option<String>,
    formats: Option<Formats>,
}

impl SchemaOptions {
    const MEMBERS: &[&str] = &["draft", "formats", "references"];
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Formats {
    Annotation,
    Assertion,
}

/// How two schemas are compared; references and history cross apart, as JSON text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompatibilityOptions {
    mode: Option<String>,
    assumptions: Option<Vec<String>>,
    formats: Option<Formats>,
    steps: Option<u64>,
    draft: Option<String>,
}

impl CompatibilityOptions {
    const MEMBERS: &[&str] = &[
        "mode",
        "assumptions",
        "formats",
        "steps",
        "draft",
        "references",
        "history",
    ];
}

/// The host's clock, and its randomness if it has its own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct At {
    now_ms: u64,
    entropy: Option<String>,
}

impl At {
    const MEMBERS: &[&str] = &["nowMs", "entropy"];

    /// The host's ten bytes, or ten drawn here.
    fn entropy(&self) -> Result<[u8; 10], JsValue> {
        let mut bytes = [0; 10];
        match &self.entropy {
            Some(digits) => {
                let pairs = digits.as_bytes().chunks_exact(2);
                if digits.len() != 20 {
                    return Err(misuse("`entropy` must be 20 hexadecimal digits"));
                }
                for (byte, pair) in bytes.iter_mut().zip(pairs) {
                    *byte = std::str::from_utf8(pair)
                        .ok()
                        .filter(|pair| !pair.starts_with('+'))
                        .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                        .ok_or_else(|| misuse("`entropy` must be 20 hexadecimal digits"))?;
                }
            }
            None => getrandom::fill(&mut bytes).map_err(|error| {
                misuse(&format!("no randomness here ({error}); pass `entropy`"))
            })?,
        }
        Ok(bytes)
    }
}

/// Flat options, by name. serde-wasm-bindgen asks only for the names that it knows, so that unknown ones are looked for here.
fn options<T: DeserializeOwned>(value: JsValue, members: &[&str]) -> Result<T, JsValue> {
    if let Some(object) = value.dyn_ref::<js_sys::Object>() {
        for key in js_sys::Object::keys(object).iter() {
            let key = key.as_string().unwrap_or_default();
            if !members.contains(&key.as_str()) {
                let known = members.join("`, `");
                return Err(misuse(&format!(
                    "unknown option `{key}`; there are `{known}`"
                )));
            }
        }
    }
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        let message = error.to_string();
        misuse(message.strip_prefix("Error: ").unwrap_or(&message))
    })
}

/// A number of JavaScript that is a time.
fn milliseconds(number: f64) -> Result<u64, JsValue> {
    serde_wasm_bindgen::from_value(JsValue::from_f64(number)).map_err(|_| {
        misuse("a time must be a whole number of milliseconds since 1970, not negative")
    })
}

/// A number of JavaScript that is the number of a version.
fn version_number(number: f64) -> Result<u64, JsValue> {
    serde_wasm_bindgen::from_value(JsValue::from_f64(number))
        .map_err(|_| misuse("a version must be a whole number, not negative"))
}

fn misuse(message: &str) -> JsValue {
    JsValue::from_str(message)
}

/// The version of this crate.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The canonical text and its digest.
#[wasm_bindgen]
pub fn canonicalize(text: &[u8]) -> String {
    api::canonicalize(text)
}

/// The digest of a text as an object of a kind.
#[wasm_bindgen]
pub fn digest(text: &[u8], kind: &str) -> String {
    api::digest(text, kind)
}

/// A compiled schema, until it is freed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CompiledSchema(api::CompiledSchema);

#[wasm_bindgen]
impl CompiledSchema {
    /// Its dialect.
    pub fn draft(&self) -> String {
        self.0.draft().to_owned()
    }

    /// Its digest.
    pub fn digest(&self) -> String {
        self.0.digest()
    }

    /// Whether an artifact is JSON and valid.
    #[wasm_bindgen(js_name = isValid)]
    pub fn is_valid(&self, artifact: &[u8]) -> bool {
        self.0.is_valid(artifact)
    }

    /// What is wrong with an artifact.
    pub fn validate(&self, artifact: &[u8]) -> String {
        self.0.validate(artifact)
    }
}

/// A [`CompiledSchema`], or the text of the answer that says why there is none.
///
/// # Errors
/// A string: an option is unknown or of the wrong type.
#[wasm_bindgen(unchecked_return_type = "CompiledSchema | string")]
pub fn compile(
    text: &[u8],
    #[wasm_bindgen(unchecked_param_type = "object")] given: JsValue,
    references: &[u8],
) -> Result<JsValue, JsValue> {
    let given: SchemaOptions = options(given, SchemaOptions::MEMBERS)?;
    let asserted = given.formats == Some(Formats::Assertion);
    Ok(
        match api::compile(text, given.draft.as_deref(), asserted, references) {
            Ok(schema) => CompiledSchema(schema).into(),
            Err(answer) => answer.into(),
        },
    )
}

/// Compares two schemas, or the next version with a history.
///
/// # Errors
/// As [`compile`].
#[wasm_bindgen(js_name = checkCompatibility)]
pub fn check_compatibility(
    old: &[u8],
    new: &[u8],
    #[wasm_bindgen(unchecked_param_type = "object")] given: JsValue,
    references: &[u8],
    history: &[u8],
) -> Result<String, JsValue> {
    let given: CompatibilityOptions = options(given, CompatibilityOptions::MEMBERS)?;
    let how = api::Comparison {
        mode: given.mode.as_deref(),
        assumptions: given.assumptions.as_deref().unwrap_or_default(),
        formats_assert: given.formats == Some(Formats::Assertion),
        steps: given.steps,
        draft: given.draft.as_deref(),
        references,
        history,
    };
    Ok(api::check_compatibility(old, new, how))
}

/// Counts ballots.
#[wasm_bindgen]
pub fn tally(input: &[u8]) -> String {
    api::tally(input)
}

/// The policy of a senate that names none.
#[wasm_bindgen(js_name = defaultPolicy)]
pub fn default_policy() -> String {
    api::default_policy()
}

/// Everything that can be said about a draft without a vote.
#[wasm_bindgen(js_name = checkDraft)]
pub fn check_draft(draft: &[u8], context: &[u8]) -> String {
    api::check_draft(draft, context)
}

/// A plan, read once, until it is freed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CompiledMigration(migration::CompiledMigration);

#[wasm_bindgen]
impl CompiledMigration {
    /// What it makes of an artifact; of a revert, with the record of what it takes back.
    pub fn up(&self, artifact: &[u8], record: &[u8]) -> String {
        self.0.up(artifact, record)
    }

    /// What undoing it makes of an artifact that was written after it.
    pub fn down(&self, artifact: &[u8]) -> String {
        self.0.down(artifact)
    }

    /// Whether one artifact is what it makes of another.
    pub fn verify(&self, before: &[u8], after: &[u8], record: &[u8]) -> String {
        self.0.verify(before, after, record)
    }
}

/// A [`CompiledMigration`], or the text of the answer that says why there is none.
#[wasm_bindgen(
    js_name = compileMigration,
    unchecked_return_type = "CompiledMigration | string"
)]
pub fn compile_migration(plan: &[u8]) -> JsValue {
    match migration::compile_migration(plan) {
        Ok(migration) => CompiledMigration(migration).into(),
        Err(answer) => answer.into(),
    }
}

/// Applies a plan to one artifact.
#[wasm_bindgen(js_name = migrateArtifact)]
pub fn migrate_artifact(plan: &[u8], artifact: &[u8]) -> String {
    migration::migrate_artifact(plan, artifact)
}

/// Takes a migration back in an artifact that was edited since.
#[wasm_bindgen(js_name = restoreArtifact)]
pub fn restore_artifact(before: &[u8], after: &[u8], current: &[u8]) -> String {
    migration::restore_artifact(before, after, current)
}

/// A transform as a sentence.
#[wasm_bindgen(js_name = transformWords)]
pub fn transform_words(transform: &[u8]) -> String {
    migration::transform_words(transform)
}

/// What artifacts of one schema need to fit another.
#[wasm_bindgen(js_name = suggestMigration)]
pub fn suggest_migration(old: &[u8], new: &[u8], options: &[u8], references: &[u8]) -> String {
    migration::suggest_migration(old, new, options, references)
}

/// What a change makes of a schema and of its artifacts.
#[wasm_bindgen(js_name = planMigration)]
pub fn plan_migration(input: &[u8]) -> String {
    migration::plan_migration(input)
}

/// A senate, until it is freed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct SenateHandle(api::SenateHandle);

#[wasm_bindgen]
impl SenateHandle {
    /// The number of the last event, exact up to 2^53.
    pub fn seq(&self) -> f64 {
        self.0.seq() as f64
    }

    /// What a command leads to.
    ///
    /// # Errors
    /// A string: the time or the entropy is none.
    pub fn decide(
        &self,
        command: &[u8],
        #[wasm_bindgen(unchecked_param_type = "object")] at: JsValue,
    ) -> Result<String, JsValue> {
        let at: At = options(at, At::MEMBERS)?;
        Ok(self.0.decide(command, at.now_ms, at.entropy()?))
    }

    /// The root of the log's tree.
    pub fn root(&self) -> String {
        self.0.root()
    }

    /// The statement of a proposal's certificate, and what the log's key signs for it.
    pub fn certificate(&self, proposal_id: &str, events: &[u8], checkpoint: &str) -> String {
        self.0.certificate(proposal_id, events, checkpoint)
    }

    /// Applies events, all or none.
    pub fn apply(&mut self, events: &[u8]) -> String {
        self.0.apply(events)
    }

    /// An artifact of one version of its type as it is under a later one.
    ///
    /// # Errors
    /// A string: a version is none.
    pub fn upcast(
        &self,
        artifact_type: &str,
        from: f64,
        to: f64,
        artifact: &[u8],
    ) -> Result<String, JsValue> {
        let (from, to) = (version_number(from)?, version_number(to)?);
        Ok(self.0.upcast(artifact_type, from, to, artifact))
    }

    /// A view.
    ///
    /// # Errors
    /// A string: the time is none.
    pub fn view(&self, name: &str, params: &[u8], now_ms: f64) -> Result<String, JsValue> {
        Ok(self.0.view(name, params, milliseconds(now_ms)?))
    }
}

/// A [`SenateHandle`], or the text of the answer that says why there is none.
#[wasm_bindgen(unchecked_return_type = "SenateHandle | string")]
pub fn replay(log: &[u8], verify: bool) -> JsValue {
    match api::SenateHandle::replay(log, verify) {
        Ok(senate) => SenateHandle(senate).into(),
        Err(answer) => answer.into(),
    }
}

/// Answers one line of a batch.
#[wasm_bindgen(js_name = batchLine)]
pub fn batch_line(kind: &str, line: &[u8]) -> String {
    api::batch_line(kind, line)
}

/// The text of a published schema.
#[wasm_bindgen(js_name = publishedSchema)]
pub fn published_schema(name: &str) -> Option<String> {
    api::published_schema(name).map(str::to_owned)
}

/// What the signer of an act signs.
#[wasm_bindgen(js_name = signingBytes)]
pub fn signing_bytes(act: &[u8]) -> String {
    evidence::signing_bytes(act)
}

/// What a new key signs to show whose it is.
#[wasm_bindgen(js_name = possessionBytes)]
pub fn possession_bytes(claim: &[u8]) -> String {
    evidence::possession(claim)
}

/// The identifier of a public key.
#[wasm_bindgen(js_name = keyId)]
pub fn key_id(key: &str) -> String {
    evidence::key_id(key)
}

/// Whether a key signed some bytes.
#[wasm_bindgen(js_name = verifySignature)]
pub fn verify_signature(key: &str, message: &[u8], signature: &str) -> String {
    evidence::verify_signature(key, message, signature)
}

/// The text of a signed checkpoint.
#[wasm_bindgen(js_name = assembleNote)]
pub fn assemble_note(body: &str, name: &str, key: &str, signature: &str) -> String {
    evidence::assemble_note(body, name, key, signature)
}

/// The checkpoint in a signed note.
#[wasm_bindgen(js_name = verifyNote)]
pub fn verify_note(note: &str, origin: &str, key: &str) -> String {
    evidence::verify_note(note, origin, key)
}

/// Whether an event is in a log.
#[wasm_bindgen(js_name = verifyInclusion)]
pub fn verify_inclusion(input: &[u8]) -> String {
    evidence::verify_inclusion(input)
}

/// Whether a log is the beginning of another.
#[wasm_bindgen(js_name = verifyConsistency)]
pub fn verify_consistency(input: &[u8]) -> String {
    evidence::verify_consistency(input)
}

/// The certificate of a payload that the log's key has signed.
#[wasm_bindgen(js_name = assembleCertificate)]
pub fn assemble_certificate(payload: &str, key: &str, signature: &str) -> String {
    evidence::assemble_certificate(payload, key, signature)
}

/// What a certificate proves.
#[wasm_bindgen(js_name = verifyCertificate)]
pub fn verify_certificate(text: &[u8], log_key: &str, checkpoint: &str) -> String {
    evidence::verify_certificate(text, log_key, checkpoint)
}

/// What an audit of a log finds.
#[wasm_bindgen]
pub fn audit(log: &[u8], checkpoint: &str) -> String {
    evidence::audit(log, checkpoint)
}

/// Whether a draft is in scope.
#[wasm_bindgen(js_name = evaluateScope)]
pub fn evaluate_scope(scope: &[u8], draft: &[u8], artifact_type: &str) -> String {
    evidence::evaluate_scope(scope, draft, artifact_type)
}

/// What can still happen to a vote.
#[wasm_bindgen]
pub fn solve(input: &[u8]) -> String {
    evidence::solve(input)
}

/// A new ULID.
///
/// # Errors
/// A string: the time or the entropy is none.
#[wasm_bindgen(js_name = newId)]
pub fn new_id(
    #[wasm_bindgen(unchecked_param_type = "object")] at: JsValue,
) -> Result<String, JsValue> {
    let at: At = options(at, At::MEMBERS)?;
    Ok(api::new_id(at.now_ms, at.entropy()?))
}
