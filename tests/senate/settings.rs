//! How a type's changes are judged: set when it is registered, kept in the log, and decisive for the vote.

use crate::chamber::{Chamber, draft};
use schema_senate::senate::{Senate, audit};
use schema_senate::text::Value;
use serde_json::json;

/// A senate whose type `note` has `versions` and the setting `compatibility`.
fn chamber(versions: &[Value], compatibility: Value) -> Chamber {
    let mut chamber = Chamber::new(3);
    let versions: Vec<_> = versions
        .iter()
        .map(|schema| json!({"schema": schema}))
        .collect();
    chamber.ok(json!({
        "command": "import_type", "artifact_type": "note", "versions": versions,
        "compatibility": compatibility, "by": "m1"
    }));
    chamber
}

/// A draft for the type `note`.
fn on_note(change_type: &str, field_spec: Value, backward_compatible: bool) -> Value {
    let mut draft = draft(change_type, field_spec, backward_compatible);
    draft["metadata"]["target_artifact_type"] = json!("note");
    draft
}

fn note(properties: Value, closed: bool) -> Value {
    json!({"type": "object", "properties": properties, "additionalProperties": !closed})
}

#[test]
fn a_type_without_a_setting_is_judged_backward_and_says_so() {
    let mut chamber = Chamber::new(3);
    let view = chamber.view("type", json!({"artifact_type": "experiment"}));
    let default = json!({"mode": "backward", "assumptions": []});
    assert_eq!(view["compatibility"], default);
    assert_eq!(
        chamber.view("types", json!(null))["types"][0]["compatibility"],
        default
    );
    // The default is no news in the context.
    let context = chamber.view("context", json!({"artifact_type": "experiment"}));
    assert_eq!(context["current"].get("compatibility"), None);
    // Nor is it when it is written out.
    chamber.ok(json!({
        "command": "import_type", "artifact_type": "note", "versions": [{"schema": true}],
        "compatibility": default, "by": "m1"
    }));
    let context = chamber.view("context", json!({"artifact_type": "note"}));
    assert_eq!(context["current"].get("compatibility"), None);
}

#[test]
fn the_mode_decides_what_the_vote_needs() {
    let closed = [note(json!({"text": {"type": "string"}}), true)];
    // An optional field in a closed object: stored notes stay valid, old readers refuse new notes.
    let add = on_note(
        "add_field",
        json!({"name": "stars", "schema": {"type": "integer"}}),
        true,
    );
    for (mode, verdict, track, yes) in [
        ("backward", "compatible", "additive", 2),
        ("forward", "breaking", "breaking", 3),
        ("full", "breaking", "breaking", 3),
    ] {
        let mut chamber = chamber(&closed, json!({"mode": mode}));
        let id = chamber.propose("curator", add.clone());
        let proposal = chamber.proposal(&id);
        assert_eq!(proposal["verdict"], verdict, "{mode}");
        assert_eq!(proposal["track"], track, "{mode}");
        assert_eq!(proposal["needed"]["yes"], yes, "{mode}");
        assert_eq!(proposal["compatibility"]["mode"], mode);
        // What is frozen is what was judged.
        chamber.open(&id);
        let frozen = chamber.proposal(&id);
        assert_eq!(frozen["compatibility"], proposal["compatibility"]);
        assert_eq!(frozen["vote"]["tally"]["threshold"], yes, "{mode}");
    }
}

#[test]
fn a_forward_witness_says_that_the_old_schema_refuses_it() {
    let closed = [note(json!({"text": {"type": "string"}}), true)];
    let mut chamber = chamber(&closed, json!({"mode": "forward"}));
    let add = on_note(
        "add_field",
        json!({"name": "stars", "schema": {"type": "integer"}}),
        true,
    );
    let id = chamber.propose("curator", add);
    let proposal = chamber.proposal(&id);
    let report = &proposal["compatibility"];
    assert!(report["witness"].get("stars").is_some(), "{report}");
    assert_eq!(report["witness_place"]["refused_by"], "old");
    // What is refused is the object; what to look at is the member that it may not have.
    assert_eq!(report["witness_place"]["instance_pointer"], "");
    assert_eq!(report["witness_place"]["pointer"], "/stars");
    assert_eq!(report["witness_place"]["keyword"], "additionalProperties");
    assert_eq!(proposal["problems"][0]["code"], "claim_false");
    let said = proposal["problems"][0]["message"].as_str().unwrap();
    assert!(said.contains("judged in the mode forward"), "{said}");
}

#[test]
fn a_transitive_mode_asks_about_every_version() {
    // Version 1 knew `stars` as a text; version 2 dropped it and allows anything there.
    let versions = [
        note(
            json!({"text": {"type": "string"}, "stars": {"type": "string"}}),
            true,
        ),
        note(json!({"text": {"type": "string"}}), true),
    ];
    let add = on_note(
        "add_field",
        json!({"name": "stars", "schema": {"type": "integer"}}),
        true,
    );
    let mut plain = chamber(&versions, json!({"mode": "backward"}));
    let id = plain.propose("curator", add.clone());
    assert_eq!(plain.proposal(&id)["verdict"], "compatible");

    let mut transitive = chamber(&versions, json!({"mode": "backward_transitive"}));
    let id = transitive.propose("curator", add.clone());
    let proposal = transitive.proposal(&id);
    assert_eq!(proposal["verdict"], "breaking");
    let report = &proposal["compatibility"];
    assert_eq!(report["against"], 0);
    assert!(
        report["reason"]
            .as_str()
            .unwrap()
            .starts_with("Against version 1: "),
        "{report}"
    );
    assert_eq!(report["witness_place"]["instance_pointer"], "/stars");

    // The context carries the history, so that a draft is judged alike where it is typed.
    let context = transitive.view("context", json!({"artifact_type": "note"}));
    assert_eq!(
        context["current"]["compatibility"]["mode"],
        "backward_transitive"
    );
    assert_eq!(
        context["current"]["history"],
        json!([{"schema": versions[0]}])
    );
    let checked = schema_senate::wasm::api::check_draft(
        add.to_string().as_bytes(),
        context.to_string().as_bytes(),
    );
    let checked: Value = serde_json::from_str(&checked).unwrap();
    assert_eq!(&checked["compatibility"], report);
}

#[test]
fn an_assumption_that_decides_shows_what_it_leaves_out() {
    // An open object: stored notes may hold `stars` as anything, unless writers emit declared properties only.
    let open = [note(json!({"text": {"type": "string"}}), false)];
    let add = on_note(
        "add_field",
        json!({"name": "stars", "schema": {"type": "integer"}}),
        true,
    );
    let mut strict = chamber(&open, json!({}));
    let id = strict.propose("curator", add.clone());
    assert_eq!(strict.proposal(&id)["track"], "breaking");

    let mut assuming = chamber(&open, json!({"assumptions": ["closed_writers"]}));
    let id = assuming.propose("curator", add);
    let proposal = assuming.proposal(&id);
    assert_eq!(proposal["verdict"], "compatible");
    assert_eq!(proposal["track"], "additive");
    let report = &proposal["compatibility"];
    assert_eq!(report["assumptions"], json!(["closed_writers"]));
    assert_eq!(report["ruled_out"][0]["assumption"], "closed_writers");
    let witness = &report["ruled_out"][0]["witness"];
    assert!(witness.get("stars").is_some(), "{report}");
    assert!(!witness["stars"].is_i64(), "{report}");
}

#[test]
fn the_log_keeps_the_setting() {
    let setting =
        json!({"mode": "full_transitive", "assumptions": ["closed_writers", "defaults_filled"]});
    let versions = [note(json!({}), false), note(json!({"a": {}}), false)];
    let chamber = chamber(&versions, setting.clone());
    let log = chamber.ndjson();
    let replayed = Senate::replay(log.as_bytes()).unwrap();
    let known = replayed.registry().get("note").unwrap();
    assert_eq!(known.compatibility().to_value(), setting);
    assert_eq!(known.earlier().count(), 1);

    // Nobody puts another setting in its place: it was signed.
    let forged = log.replace("full_transitive", "forward_transitive");
    assert_ne!(forged, log);
    let finding = audit(forged.as_bytes()).unwrap_err();
    assert_eq!((finding.seq, finding.problem.code), (3, "signature_wrong"));
}

#[test]
fn what_is_no_setting_is_refused_at_its_place() {
    let mut chamber = Chamber::new(3);
    for (setting, code, pointer) in [
        (
            json!({"mode": "sideways"}),
            "member_choice",
            "/compatibility/mode",
        ),
        (
            json!({"modes": "full"}),
            "member_unknown",
            "/compatibility/modes",
        ),
        (
            json!({"assumptions": ["closed_writers", "closed_writers"]}),
            "member_repeated",
            "/compatibility/assumptions/1",
        ),
        (
            json!({"assumptions": "closed_writers"}),
            "member_type",
            "/compatibility/assumptions",
        ),
        (json!("full"), "member_type", "/compatibility"),
    ] {
        let problems = chamber
            .ask(&json!({
                "command": "import_type", "artifact_type": "note", "versions": [{"schema": true}],
                "compatibility": setting, "by": "m1"
            }))
            .unwrap_err();
        assert_eq!(
            (problems[0].code, problems[0].pointer.as_str()),
            (code, pointer),
            "{setting}"
        );
    }
}
