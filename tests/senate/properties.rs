//! What holds for every sequence of commands, whoever sends them and in whatever order.

use std::collections::BTreeMap;

use crate::chamber::{Chamber, add_blinding, draft, remove_conclusions};
use proptest::prelude::*;
use schema_senate::senate::{Happening, Senate, view};
use schema_senate::text::Value;
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
    SetMembers {
        count: u8,
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
        1 => (1..6_u8).prop_map(|count| Act::SetMembers { count }),
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
        Act::SetMembers { count } => {
            let members: Vec<_> = (1..=*count)
                .map(|n| json!({"id": format!("m{n}")}))
                .collect();
            json!({"command": "set_members", "members": members, "by": "operator"})
        }
        Act::Settle | Act::Wait { .. } => json!({"command": "settle"}),
    })
}

/// Which status may follow which, by an event or by time alone.
fn may_follow(before: &str, after: &str) -> bool {
    before == after
        || matches!(
            (before, after),
            ("review", "voting" | "withdrawn")
                | (
                    "voting",
                    "approved" | "rejected" | "expired" | "withdrawn" | "stale"
                )
                | ("approved", "active" | "migration_failed" | "stale")
                | ("migration_failed", "active" | "stale")
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
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mode = if replaceable { "replaceable" } else { "final" };
        let mut chamber = Chamber::with(4, json!({"ballot_mode": mode, "live_per_proposer": 2}));
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

        // Versions count without gaps, each brought by one activated proposal.
        let shown = chamber.view("type", json!({"artifact_type": "experiment"}));
        let versions = shown["history"].as_array().unwrap();
        for (index, version) in versions.iter().enumerate() {
            prop_assert_eq!(version["version"].as_u64(), Some(index as u64 + 1));
        }
        let activated = statuses(&chamber.senate, chamber.now_ms).values().filter(|status| *status == "active").count();
        prop_assert_eq!(activated + 1, versions.len());

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
