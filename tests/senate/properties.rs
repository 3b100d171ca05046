//! What holds for every sequence of commands, whoever sends them and in whatever order.

use std::collections::BTreeMap;

use crate::chamber::{Chamber, add_blinding, draft, member, remove_conclusions};
use crate::rehearsals::{evidence, failing};
use proptest::prelude::*;
use schema_senate::senate::{Command, Happening, Moment, Senate, audit, view};
use schema_senate::text::{Kind, Value, digest};
use serde_json::json;

#[derive(Clone, Debug)]
enum Act {
    Propose {
        proposer: u8,
        breaking: bool,
    },
    Open {
        proposal: u8,
        by: u8,
    },
    Vote {
        proposal: u8,
        voter: u8,
        choice: u8,
        right_subject: bool,
    },
    Withdraw {
        proposal: u8,
        by: u8,
    },
    Migrate {
        proposal: u8,
        fails: bool,
    },
    Rehearse {
        proposal: u8,
        fails: bool,
    },
    Retry {
        proposal: u8,
        by: u8,
    },
    Abandon {
        proposal: u8,
        by: u8,
    },
    Retire {
        version: u8,
        by: u8,
    },
    Recuse {
        proposal: u8,
        by: u8,
    },
    Raise {
        proposal: u8,
        by: u8,
    },
    Close {
        proposal: u8,
        by: u8,
        overrides: bool,
    },
    Revise {
        proposal: u8,
        by: u8,
    },
    Govern {
        proposer: u8,
        what: u8,
    },
    Wait {
        hours: u16,
    },
    Settle,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => (0..4_u8, any::<bool>()).prop_map(|(proposer, breaking)| Act::Propose { proposer, breaking }),
        2 => (0..4_u8, 0..5_u8).prop_map(|(proposal, by)| Act::Open { proposal, by }),
        8 => (0..4_u8, 0..5_u8, 0..3_u8, prop::bool::weighted(0.9))
            .prop_map(|(proposal, voter, choice, right_subject)| Act::Vote { proposal, voter, choice, right_subject }),
        1 => (0..4_u8, 0..4_u8).prop_map(|(proposal, by)| Act::Withdraw { proposal, by }),
        2 => (0..4_u8, any::<bool>()).prop_map(|(proposal, fails)| Act::Migrate { proposal, fails }),
        2 => (0..4_u8, any::<bool>()).prop_map(|(proposal, fails)| Act::Rehearse { proposal, fails }),
        2 => (0..4_u8, 0..5_u8).prop_map(|(proposal, by)| Act::Retry { proposal, by }),
        1 => (0..4_u8, 0..5_u8).prop_map(|(proposal, by)| Act::Abandon { proposal, by }),
        1 => (0..4_u8, 0..5_u8).prop_map(|(version, by)| Act::Retire { version, by }),
        1 => (0..4_u8, 1..5_u8).prop_map(|(proposal, by)| Act::Recuse { proposal, by }),
        1 => (0..4_u8, 1..5_u8).prop_map(|(proposal, by)| Act::Raise { proposal, by }),
        3 => (0..4_u8, 1..5_u8, any::<bool>())
            .prop_map(|(proposal, by, overrides)| Act::Close { proposal, by, overrides }),
        1 => (0..4_u8, 0..4_u8).prop_map(|(proposal, by)| Act::Revise { proposal, by }),
        2 => (0..4_u8, 0..3_u8).prop_map(|(proposer, what)| Act::Govern { proposer, what }),
        1 => (1..200_u16).prop_map(|hours| Act::Wait { hours }),
        1 => Just(Act::Settle),
    ]
}

fn change(breaking: bool) -> Value {
    if breaking {
        remove_conclusions()
    } else {
        add_blinding()
    }
}

/// The command of an act, if its proposal exists.
fn command(chamber: &Chamber, ids: &[String], act: &Act) -> Option<Value> {
    let id = |index: u8| ids.get(usize::from(index));
    Some(match act {
        Act::Propose { proposer, breaking } => {
            let mut command = change(*breaking);
            command["command"] = json!("propose");
            command["proposer_id"] = json!(format!("m{proposer}"));
            command
        }
        Act::Open { proposal, by } => {
            json!({"command": "open_vote", "proposal_id": id(*proposal)?, "by": format!("m{by}")})
        }
        Act::Vote {
            proposal,
            voter,
            choice,
            right_subject,
        } => {
            let choice = ["yes", "no", "abstain"][usize::from(*choice)];
            let mut ballot = chamber.ballot(id(*proposal)?, &format!("m{voter}"), choice);
            if !right_subject || ballot["subject"].is_null() {
                ballot["subject"] = json!(format!("sha256:{}", "0".repeat(64)));
            }
            ballot
        }
        Act::Withdraw { proposal, by } => {
            json!({"command": "withdraw", "proposal_id": id(*proposal)?, "by": format!("m{by}")})
        }
        Act::Migrate { proposal, fails } => {
            let id = id(*proposal)?;
            let digest = chamber.proposal(id)["migration"]["digest"].clone();
            if *fails {
                json!({"command": "record_migration", "proposal_id": id, "plan": digest, "result": "failed", "reason": "disk full"})
            } else {
                json!({"command": "record_migration", "proposal_id": id, "plan": digest, "result": "applied", "artifacts": {"checked": 1, "changed": 1}})
            }
        }
        Act::Rehearse { proposal, fails } => {
            let id = id(*proposal)?;
            let shown = chamber.proposal(id);
            let mut evidence = if *fails { failing() } else { evidence() };
            evidence["base_version"] = shown["base"]["version"].clone();
            json!({"command": "record_rehearsal", "proposal_id": id, "plan": shown["migration"]["digest"], "evidence": evidence})
        }
        Act::Retry { proposal, by } => {
            json!({"command": "retry_migration", "proposal_id": id(*proposal)?, "by": format!("m{by}")})
        }
        Act::Abandon { proposal, by } => {
            json!({"command": "abandon_migration", "proposal_id": id(*proposal)?, "by": format!("m{by}"), "reason": "enough"})
        }
        Act::Retire { version, by } => {
            json!({"command": "retire_version", "artifact_type": "experiment", "version": version, "by": format!("m{by}")})
        }
        Act::Recuse { proposal, by } => {
            json!({"command": "recuse", "proposal_id": id(*proposal)?, "by": format!("m{by}"), "reason": "I wrote it"})
        }
        Act::Raise { proposal, by } => {
            json!({
                "command": "raise_concern", "proposal_id": id(*proposal)?, "by": format!("m{by}"),
                "name": format!("concern {}", chamber.senate.seq()), "text": "Who reads this?"
            })
        }
        Act::Close {
            proposal,
            by,
            overrides,
        } => {
            let id = id(*proposal)?;
            let shown = chamber.proposal(id);
            let open = shown["concerns"]
                .as_array()?
                .iter()
                .find(|concern| concern["state"] == "open")?
                .clone();
            if *overrides {
                json!({
                    "command": "override_concern", "proposal_id": id, "by": format!("m{by}"),
                    "concern_id": open["id"], "reason": "It has been answered."
                })
            } else {
                json!({
                    "command": "resolve_concern", "proposal_id": id, "by": format!("m{by}"),
                    "concern_id": open["id"], "text": "Thank you."
                })
            }
        }
        Act::Revise { proposal, by } => {
            let id = id(*proposal)?;
            let metadata = chamber.proposal(id)["metadata"].clone();
            json!({"command": "revise", "proposal_id": id, "by": format!("m{by}"), "title": "Once more", "metadata": metadata})
        }
        Act::Govern { proposer, what } => {
            let (proposal_type, metadata) = match what {
                0 => (
                    "policy_change",
                    json!({"policy": {"tracks": {"additive": {"num": 3, "den": 4}}}, "rationale": "More of us."}),
                ),
                1 => (
                    "membership_change",
                    json!({"changes": [{"enrol": member("m5")}], "rationale": "Welcome."}),
                ),
                _ => (
                    "scope_change",
                    json!({"scope": {"keywords_out": ["marketing"]}, "rationale": "Not ours."}),
                ),
            };
            json!({"command": "propose", "proposer_id": format!("m{proposer}"), "proposal_type": proposal_type, "metadata": metadata})
        }
        Act::Settle | Act::Wait { .. } => json!({"command": "settle"}),
    })
}

/// Which status may follow which, by an event or by time alone.
fn may_follow(before: &str, after: &str) -> bool {
    before == after
        || matches!(
            (before, after),
            ("review", "voting" | "withdrawn" | "rejected")
                | (
                    "voting",
                    "cooling"
                        | "approved"
                        | "active"
                        | "rejected"
                        | "expired"
                        | "withdrawn"
                        | "stale"
                )
                | ("cooling", "approved" | "active" | "stale")
                | (
                    "approved",
                    "migrating" | "active" | "migration_failed" | "stale"
                )
                | ("migrating", "active" | "migration_failed" | "stale")
                | ("migration_failed", "approved" | "abandoned" | "stale")
                | ("active", "superseded")
        )
}

fn statuses(senate: &Senate, now_ms: u64) -> BTreeMap<String, String> {
    let shown = view(senate, "proposals", &json!({"limit": 500}), now_ms).unwrap();
    shown["proposals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|proposal| {
            let text = |name: &str| proposal[name].as_str().unwrap().to_owned();
            (text("id"), text("status"))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_breaks_the_rules(
        replaceable in any::<bool>(),
        rehearsed in any::<bool>(),
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mode = if replaceable { "replaceable" } else { "final" };
        let mut chamber = Chamber::with(4, json!({"ballot_mode": mode, "live_per_proposer": 2, "rehearsal": if rehearsed { "required" } else { "optional" }}));
        let mut ids: Vec<String> = Vec::new();
        for act in &acts {
            if let Act::Wait { hours } = act {
                chamber.now_ms += u64::from(*hours) * 3_600_000;
            }
            let before = statuses(&chamber.senate, chamber.now_ms);
            let Some(command) = command(&chamber, &ids, act) else { continue };
            if let Ok(events) = chamber.ask(&command) {
                chamber.senate.apply(&events).unwrap();
                for event in &events {
                    if let Happening::ProposalCreated { proposal_id, .. } = &event.happening {
                        ids.push(proposal_id.clone());
                    }
                }
                chamber.log.extend(events);
            }
            let after = statuses(&chamber.senate, chamber.now_ms);
            for (id, status) in &before {
                prop_assert!(may_follow(status, &after[id]), "{status} -> {}", after[id]);
            }
        }

        // Writing down what is due at other moments changes nothing of it.
        let end = chamber.now_ms + 40 * 24 * 3_600_000;
        let mut settled = chamber.senate.clone();
        for hours in [1_u64, 30, 200, 700] {
            let moment = Moment { now_ms: chamber.now_ms + hours * 3_600_000, entropy: [0; 10] };
            let events = settled.decide(&Command::Settle, moment).unwrap();
            settled.apply(&events).unwrap();
        }
        prop_assert_eq!(statuses(&settled, end), statuses(&chamber.senate, end));

        // One approval and one migration for each; none without its threshold among the frozen members.
        let mut approvals: BTreeMap<&str, usize> = BTreeMap::new();
        let mut generated: BTreeMap<&str, usize> = BTreeMap::new();
        for event in &chamber.log {
            match &event.happening {
                Happening::SchemaProposalApproved { proposal_id, .. } => {
                    *approvals.entry(proposal_id).or_default() += 1;
                    let vote = chamber.proposal(proposal_id)["vote"].clone();
                    let tally = &vote["tally"];
                    let count = |name: &str| tally[name].as_u64().unwrap();
                    prop_assert!(count("members") >= 3);
                    if vote["frozen"]["track"] == "breaking" {
                        prop_assert_eq!(count("yes"), count("members"));
                    } else {
                        prop_assert!(3 * count("yes") >= 2 * count("members"));
                    }
                }
                Happening::MigrationGenerated { proposal_id, .. } => {
                    *generated.entry(proposal_id).or_default() += 1;
                }
                _ => {}
            }
        }
        prop_assert!(approvals.values().all(|times| *times == 1));
        prop_assert_eq!(&approvals, &generated);

        // What is frozen of a rehearsal is the last one of the very plan that is frozen; where one is asked for, it passed.
        let mut last: BTreeMap<(&str, &str), &Value> = BTreeMap::new();
        for event in &chamber.log {
            match &event.happening {
                Happening::MigrationRehearsed { proposal_id, plan, evidence } => {
                    last.insert((proposal_id, plan), evidence);
                }
                Happening::VoteOpened { proposal_id, frozen, plan: Some(_), .. } => {
                    let of_it = last.get(&(proposal_id.as_str(), frozen["migration_plan"].as_str().unwrap()));
                    let named = of_it.map_or("(none)".to_owned(), |evidence| digest(Kind::Evidence, evidence).unwrap().to_string());
                    prop_assert_eq!(&frozen["rehearsal_evidence"], &json!(named));
                    if rehearsed {
                        prop_assert_eq!(&of_it.unwrap()["invalid_after"], 0);
                    }
                }
                _ => {}
            }
        }

        // Versions count without gaps, each brought by one activated proposal.
        let shown = chamber.view("type", json!({"artifact_type": "experiment"}));
        let versions = shown["history"].as_array().unwrap();
        for (index, version) in versions.iter().enumerate() {
            prop_assert_eq!(version["version"].as_u64(), Some(index as u64 + 1));
        }
        let brought = chamber.log.iter().filter(|event| event.happening.name() == "migration_applied").count();
        prop_assert_eq!(brought + 1, versions.len());

        // Nothing is approved while a concern is open.
        for id in &ids {
            let shown = chamber.proposal(id);
            if matches!(shown["status"].as_str(), Some("cooling" | "approved" | "active" | "superseded")) {
                prop_assert_eq!(&shown["open_concerns"], 0);
            }
        }

        // Whoever makes every decision again comes to the same log.
        let (audited, _) = audit(chamber.ndjson().as_bytes()).map_err(|finding| TestCaseError::fail(format!("{finding:?}")))?;
        prop_assert_eq!(audited.root(), chamber.senate.root());

        // The log alone says all of it.
        let replayed = Senate::replay(chamber.ndjson().as_bytes()).unwrap();
        prop_assert_eq!(
            statuses(&replayed, chamber.now_ms),
            statuses(&chamber.senate, chamber.now_ms)
        );
        for id in &ids {
            let params = json!({"proposal_id": id});
            prop_assert_eq!(
                view(&replayed, "proposal", &params, chamber.now_ms).unwrap(),
                view(&chamber.senate, "proposal", &params, chamber.now_ms).unwrap()
            );
        }
    }

    #[test]
    fn what_time_has_decided_stays_decided(hours in 1_u64..2000, later in 1_u64..2000) {
        let mut chamber = Chamber::new(4);
        let id = chamber.propose("m1", draft("modify_field", json!({"path": "/title", "schema": {"type": ["string", "null"]}}), true));
        chamber.open(&id);
        chamber.vote(&id, "m1", "yes");
        chamber.now_ms += hours * 3_600_000;
        let first = chamber.status(&id);
        chamber.now_ms += later * 3_600_000;
        prop_assert!(may_follow(&first, &chamber.status(&id)));
        let over = hours >= 7 * 24;
        prop_assert_eq!(first == "expired", over);
    }
}
