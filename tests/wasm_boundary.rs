//! The boundary as WebAssembly, in Node and in Chromium: the exports that JavaScript calls, their options, the committed
//! vectors, and one whole life of a proposal. `cargo xtask test wasm-node wasm-chromium` runs it.

#![cfg(test)]
#![cfg(target_arch = "wasm32")]

use ed25519_dalek::{Signer, SigningKey};
use js_sys::{Object, Reflect};
use schema_senate::signature::PublicKey;
use schema_senate::text::{Digest, base64};
use schema_senate::wasm::exports::{
    SenateHandle, audit, batch_line, canonicalize, check_compatibility, compile, digest, new_id,
    replay, signing_bytes, tally, verify_certificate, version,
};
use serde_json::{Value, json};
use wasm_bindgen::convert::TryFromJsValue;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A plain JavaScript object.
fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &JsValue::from_str(name), value).unwrap();
    }
    object.into()
}

fn at(now_ms: f64) -> JsValue {
    object(&[
        ("nowMs", now_ms.into()),
        ("entropy", "00112233445566778899".into()),
    ])
}

fn refusal(result: Result<impl std::fmt::Debug, JsValue>) -> String {
    result
        .unwrap_err()
        .as_string()
        .expect("options are refused with a string")
}

/// The committed cases that are compiled in; the whole folders run through the package in tests/core.
macro_rules! vectors {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("vectors/text/", $folder, "/", $name, ".json")))),+]
    };
}

#[wasm_bindgen_test]
fn accepted_texts_have_their_canonical_text_and_digest() {
    for (name, case) in vectors!("accepted":
        "emoji_before_private_use", "exponent_from_1e21", "integer_and_double", "largest_double", "largest_safe_integers",
        "long_fraction", "many_members", "minus_zero", "no_normalization", "noncharacters_stay", "pair_becomes_character",
        "proto_is_a_name", "rfc8785_3_2_2", "rfc8785_3_2_3", "small_exponents", "smallest_doubles", "ties_to_even",
    ) {
        let case = parsed(case);
        let answer = parsed(&canonicalize(case["text"].as_str().unwrap().as_bytes()));
        assert_eq!(answer["canonical"], case["canonical"], "{name}");
        assert_eq!(answer["digest"], case["digest"], "{name}");
    }
}

#[wasm_bindgen_test]
fn what_is_refused_is_a_value() {
    let deep = "[".repeat(10_000);
    let large = format!("\"{}\"", "x".repeat(10_000_000));
    for (text, code) in [
        ("", "json_syntax"),
        ("{\"a\":1,\"a\":2}", "json_duplicate_key"),
        ("\"\\ud800\"", "json_lone_surrogate"),
        ("9007199254740992", "json_unsafe_integer"),
        (deep.as_str(), "json_too_deep"),
        (large.as_str(), "json_too_large"),
    ] {
        let answer = parsed(&canonicalize(text.as_bytes()));
        assert_eq!(answer["ok"], false);
        assert_eq!(answer["problem"]["code"], code);
        assert_eq!(parsed(&canonicalize(b"[1.0]"))["canonical"], "[1]");
    }
    assert_eq!(
        parsed(&canonicalize(&[0x22, 0xff, 0x22]))["problem"]["code"],
        "json_invalid_utf8"
    );
    assert_eq!(parsed(&digest(b"{}", "nothing"))["ok"], false);
}

#[wasm_bindgen_test]
fn a_schema_is_a_handle() {
    let schema = schema(
        json!({"type": "object", "required": ["a"]}),
        JsValue::from(Object::new()),
    );
    assert!(schema.is_valid(b"{\"a\":1}"));
    let validation = parsed(&schema.validate(b"{}"));
    assert_eq!(validation["valid"], false);
    assert_eq!(validation["errors"][0]["code"], "schema_required");
    assert_eq!(schema.draft(), "2020-12");
    assert!(schema.digest().starts_with("sha256:"));
}

#[wasm_bindgen_test]
fn an_exploding_pattern_answers() {
    let schema = schema(json!({"pattern": "^(a+)+$"}), JsValue::from(Object::new()));
    assert!(schema.is_valid(b"\"aaaa\""));
    let evil = format!("\"{}b\"", "a".repeat(2_000));
    assert!(!schema.is_valid(evil.as_bytes()));
}

fn schema(schema: Value, options: JsValue) -> schema_senate::wasm::exports::CompiledSchema {
    let made = compile(schema.to_string().as_bytes(), options, b"").unwrap();
    schema_senate::wasm::exports::CompiledSchema::try_from_js_value(made).unwrap()
}

#[wasm_bindgen_test]
fn a_schema_that_is_none_is_an_answer() {
    let made = compile(b"{\"type\":7}", Object::new().into(), b"").unwrap();
    let answer = parsed(&made.as_string().unwrap());
    assert_eq!(answer["ok"], false);
    assert_eq!(answer["problems"][0]["pointer"], "/type");
}

#[wasm_bindgen_test]
fn options_are_flat_and_known() {
    let asserted = schema(
        json!({"format": "date"}),
        object(&[("formats", "assertion".into())]),
    );
    assert!(!asserted.is_valid(b"\"soon\""));
    let draft7 = schema(
        json!({}),
        object(&[("draft", "draft7".into()), ("formats", JsValue::UNDEFINED)]),
    );
    assert_eq!(draft7.draft(), "draft7");

    let refused = |members: &[(&str, JsValue)]| refusal(compile(b"{}", object(members), b""));
    assert_eq!(
        refused(&[("dialect", "draft7".into())]),
        "unknown option `dialect`; there are `draft`, `formats`, `references`"
    );
    assert!(refused(&[("draft", 7.into())]).contains("expected a string"));
    assert!(refused(&[("formats", "strict".into())]).contains("unknown variant `strict`"));
    assert!(refusal(compile(b"{}", JsValue::NULL, b"")).contains("invalid type"));
    assert!(refusal(compile(b"{}", "draft7".into(), b"")).contains("invalid type"));
    let unknown = object(&[("assume", "lenient".into())]);
    assert!(
        refusal(check_compatibility(b"{}", b"{}", unknown, b"", b""))
            .contains("unknown option `assume`")
    );
}

#[wasm_bindgen_test]
fn verdicts() {
    let verdict = |old: &str, new: &str| {
        let text = check_compatibility(
            old.as_bytes(),
            new.as_bytes(),
            Object::new().into(),
            b"",
            b"",
        )
        .unwrap();
        parsed(&text)["report"]["verdict"].clone()
    };
    assert_eq!(
        verdict("{\"type\":\"string\"}", "{\"type\":[\"string\",\"null\"]}"),
        "compatible"
    );
    assert_eq!(
        verdict("{\"type\":[\"string\",\"null\"]}", "{\"type\":\"string\"}"),
        "breaking"
    );
}

#[wasm_bindgen_test]
fn two_thirds_by_integers() {
    for (members, needed) in [(3, 2), (4, 3), (5, 4), (6, 4), (7, 5)] {
        let count =
            json!({"track": "additive", "members": members, "yes": 0, "no": 0, "abstain": 0});
        assert_eq!(
            parsed(&tally(count.to_string().as_bytes()))["tally"]["threshold"],
            needed
        );
    }
}

#[wasm_bindgen_test]
fn identifiers_take_the_hosts_entropy_or_draw_their_own() {
    assert_eq!(new_id(at(1.0)).unwrap(), new_id(at(1.0)).unwrap());
    let drawn = || new_id(object(&[("nowMs", 1.into())])).unwrap();
    assert_ne!(drawn(), drawn());
    assert_eq!(drawn().len(), 26);
    for entropy in [
        "",
        "0011",
        "+1+1+1+1+1+1+1+1+1+1",
        "éééééééééé",
        "0011223344556677889g",
    ] {
        let given = object(&[("nowMs", 1.into()), ("entropy", entropy.into())]);
        assert_eq!(
            refusal(new_id(given)),
            "`entropy` must be 20 hexadecimal digits"
        );
    }
    for now in [-1.0, 0.5, f64::NAN, f64::INFINITY, 9_007_199_254_740_992.0] {
        assert!(refusal(new_id(object(&[("nowMs", now.into())]))).contains("expected u64"));
    }
    assert!(refusal(new_id(Object::new().into())).contains("missing field `nowMs`"));
}

#[wasm_bindgen_test]
fn a_batch_line_answers() {
    let line = json!({"id": 1, "schema": {"type": "string"}, "instance": 1}).to_string();
    assert_eq!(
        parsed(&batch_line("validate", line.as_bytes()))["valid"],
        false
    );
    assert_eq!(parsed(&batch_line("validate", b"{\"id\":2,"))["id"], 2);
    assert_eq!(version(), env!("CARGO_PKG_VERSION"));
}

/// A senate whose events the test keeps, as a host does.
struct Host {
    senate: SenateHandle,
    log: String,
    now_ms: f64,
}

impl Host {
    fn new() -> Self {
        Self {
            senate: senate(""),
            log: String::new(),
            now_ms: 1_000.0,
        }
    }

    /// An act, signed by whoever it names.
    fn signed(&self, command: &Value) -> Value {
        let by = ["proposer_id", "voter_id", "by"]
            .into_iter()
            .find_map(|name| command[name].as_str())
            .unwrap();
        let signing = self.view("signing", json!({"member_id": by}));
        let mut act = command.clone();
        act["instance"] = signing["instance"].clone();
        act["key"] = signing["key"].clone();
        act["nonce"] = signing["next_nonce"].clone();
        act["seen"] = signing["seen"].clone();
        let answer = parsed(&signing_bytes(act.to_string().as_bytes()));
        let bytes = base64::decode(answer["bytes"].as_str().unwrap()).unwrap();
        act["signature"] = json!(base64::encode(&key_of(by).sign(&bytes).to_bytes()));
        act
    }

    fn command(&mut self, command: Value) -> Vec<Value> {
        self.now_ms += 1.0;
        let is_act = ["proposer_id", "voter_id", "by"]
            .into_iter()
            .any(|name| command.get(name).is_some());
        let command = if is_act {
            self.signed(&command)
        } else {
            command
        };
        let decision = parsed(
            &self
                .senate
                .decide(command.to_string().as_bytes(), at(self.now_ms))
                .unwrap(),
        );
        assert_eq!(decision["ok"], true, "{decision}");
        let events = decision["events"].as_array().unwrap().clone();
        let lines: Vec<String> = events.iter().map(Value::to_string).collect();
        let applied = parsed(&self.senate.apply(lines.join("\n").as_bytes()));
        assert_eq!(applied["ok"], true, "{applied}");
        for line in lines {
            self.log.push_str(&line);
            self.log.push('\n');
        }
        events
    }

    fn view(&self, name: &str, params: Value) -> Value {
        view(&self.senate, name, params, self.now_ms)
    }
}

/// A key that is made of a name.
fn key_of(name: &str) -> SigningKey {
    SigningKey::from_bytes(Digest::of_bytes(name.as_bytes()).as_bytes())
}

fn public_key(name: &str) -> String {
    PublicKey::from_bytes(key_of(name).verifying_key().as_bytes())
        .unwrap()
        .to_string()
}

fn senate(log: &str) -> SenateHandle {
    SenateHandle::try_from_js_value(replay(log.as_bytes(), true)).unwrap()
}

fn view(senate: &SenateHandle, name: &str, params: Value, now_ms: f64) -> Value {
    let answer = parsed(
        &senate
            .view(name, params.to_string().as_bytes(), now_ms)
            .unwrap(),
    );
    assert_eq!(answer["ok"], true, "{answer}");
    answer["view"].clone()
}

#[wasm_bindgen_test]
fn a_proposal_lives_from_draft_to_migration() {
    let mut host = Host::new();
    let members: Vec<Value> = ["ana", "ben", "eva"]
        .iter()
        .map(|id| json!({"id": id, "key": public_key(id)}))
        .collect();
    host.command(json!({
        "command": "found_senate", "origin": "senate.test", "log_key": public_key("log"), "members": members
    }));
    host.command(json!({
        "command": "import_type",
        "artifact_type": "run",
        "versions": [{"schema": {"type": "object", "properties": {"name": {"type": "string"}}}}],
        "by": "ana",
    }));
    let events = host.command(json!({
        "command": "propose",
        "proposer_id": "ana",
        "proposal_type": "schema_change",
        "metadata": {
            "target_artifact_type": "run",
            "change_type": "add_field",
            "field_spec": {"name": "seed", "schema": {"type": "integer"}, "default": 0},
            "rationale": "The nightly comparison cannot tell two runs of one configuration apart without the seed they used.",
            "use_cases": [{"who": "the nightly comparison", "need": "tells runs of one configuration apart by their seed"}],
            "migration_plan": {
                "sql": "UPDATE artifacts SET metadata = metadata || '{\"seed\": 0}' WHERE artifact_type = 'run'",
                "backfill": "Every existing run gets the seed 0, which the runner used before seeds were recorded.",
            },
            "backward_compatible": true,
        },
    }));
    let id = events[0]["proposal_id"].clone();
    host.command(json!({"command": "open_vote", "proposal_id": id, "by": "ana"}));
    let proposal = host.view("proposal", json!({"proposal_id": id}));
    let subject = proposal["vote"]["subject"].clone();
    let unanimous = proposal["track"] == "breaking";
    for voter in if unanimous {
        vec!["ana", "ben", "eva"]
    } else {
        vec!["ana", "ben"]
    } {
        host.command(json!({
            "command": "cast_ballot", "proposal_id": id, "voter_id": voter, "choice": "yes", "subject": subject,
        }));
    }
    let approved = host.view("proposal", json!({"proposal_id": id}));
    assert_eq!(approved["status"], "approved");
    let plan = host.view("plan", json!({"proposal_id": id}));
    host.command(json!({
        "command": "record_migration", "proposal_id": id, "plan": plan["digest"],
        "result": "applied", "artifacts": {"checked": 0, "changed": 0},
    }));
    let current = host.view("schema", json!({"artifact_type": "run"}));
    assert_eq!(current["version"], 2);
    assert_eq!(current["schema"]["properties"]["seed"]["type"], "integer");

    // The log alone makes the same senate.
    let again = senate(&host.log);
    for (name, params) in [
        ("senate", json!({})),
        ("types", json!({})),
        ("proposal", json!({"proposal_id": id})),
    ] {
        assert_eq!(
            view(&again, name, params.clone(), host.now_ms),
            host.view(name, params),
            "{name}"
        );
    }

    let late = json!({"command": "cast_ballot", "proposal_id": id, "voter_id": "eva", "choice": "yes", "subject": subject});
    let late = host.signed(&late);
    let refused = parsed(
        &again
            .decide(late.to_string().as_bytes(), at(host.now_ms))
            .unwrap(),
    );
    assert_eq!(refused["ok"], false, "{refused}");
    assert!(refused["problem"]["code"].is_string());
}

#[wasm_bindgen_test]
fn a_broken_log_is_an_answer() {
    let answer = replay(b"{", true);
    assert!(!answer.is_instance_of::<Object>());
    assert_eq!(parsed(&answer.as_string().unwrap())["ok"], false);
}

/// The golden logs, as `tests/senate/golden.rs` has written them natively.
const GOLDEN: [(&str, &str, &str); 3] = [
    (
        "eventful",
        include_str!("vectors/logs/eventful.ndjson"),
        include_str!("vectors/logs/eventful.json"),
    ),
    (
        "scoped",
        include_str!("vectors/logs/scoped.ndjson"),
        include_str!("vectors/logs/scoped.json"),
    ),
    (
        "contested",
        include_str!("vectors/logs/contested.ndjson"),
        include_str!("vectors/logs/contested.json"),
    ),
];

fn digest_of(value: &Value) -> Value {
    parsed(&canonicalize(value.to_string().as_bytes()))["digest"].clone()
}

#[wasm_bindgen_test]
fn golden_logs_say_the_same_as_natively() {
    for (name, log, golden) in GOLDEN {
        let golden = parsed(golden);
        let senate = senate(log);
        assert_eq!(golden["root"], senate.root(), "{name}");
        let now_ms = golden["now_ms"].as_f64().unwrap();
        for expected in golden["views"].as_array().unwrap() {
            let shown = view(
                &senate,
                expected["name"].as_str().unwrap(),
                expected["params"].clone(),
                now_ms,
            );
            assert_eq!(digest_of(&shown), expected["digest"], "{name}: {expected}");
        }
        assert_eq!(
            parsed(&audit(log.as_bytes(), ""))["audit"],
            golden["audit"],
            "{name}"
        );
        for expected in golden["certificates"].as_array().unwrap() {
            let text = expected["certificate"].to_string();
            let report = parsed(&verify_certificate(text.as_bytes(), "", ""));
            assert_eq!(
                digest_of(&report["certificate"]),
                expected["report"],
                "{name}"
            );
        }
    }
}
