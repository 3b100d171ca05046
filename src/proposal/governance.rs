//! Proposals about the senate itself: its policy, its members, its scope.
//!
//! Each is a draft with the whole of what would be next, and with every effect that it has, one by one, so that nothing can
//! ride along unseen.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ProposalType;
use super::assessment::{Needed, draft_size, needed};
use super::draft::{Address, read_addresses, read_title};
use super::precedent::governance_features;
use super::scope::Scope;
use crate::text::{Members, Problem, Value, pointer};
use crate::vote::{Policy, RosterChange, Rule, Track};

/// A draft of a governance proposal, as far as it could be read; `problems` says what could not.
#[derive(Clone, Debug)]
pub struct GovernanceDraft {
    /// Which of the three; `None` for anything else.
    pub proposal_type: Option<ProposalType>,
    /// What the proposer calls it.
    pub title: Option<String>,
    /// Why.
    pub rationale: Option<String>,
    /// The policy, the scope or the list of changes, as it was given.
    pub payload: Option<Value>,
    /// Earlier proposals that it takes up.
    pub addresses: Vec<Address>,
    /// Everything that is wrong with the document itself.
    pub problems: Vec<Problem>,
    document: Value,
}

/// What a change is about: the member of `metadata` that says it.
fn payload_name(proposal_type: ProposalType) -> &'static str {
    match proposal_type {
        ProposalType::PolicyChange => "policy",
        ProposalType::ScopeChange => "scope",
        ProposalType::MembershipChange | ProposalType::SchemaChange => "changes",
    }
}

impl GovernanceDraft {
    /// Reads a draft; whatever can be read is.
    #[must_use]
    pub fn read(document: &Value) -> Self {
        let mut members = Members::of(
            document,
            "",
            &["proposal_type", "title", "metadata", "addresses"],
        );
        const NAMES: [&str; 3] = ["policy_change", "membership_change", "scope_change"];
        let proposal_type = members.choice("proposal_type", &NAMES, |name| {
            ProposalType::from_name(name).filter(|known| known.target().is_some())
        });
        let title = read_title(&mut members);
        let addresses = read_addresses(&mut members);
        let metadata = members.required("metadata");
        let mut draft = Self {
            proposal_type,
            title,
            rationale: None,
            payload: None,
            addresses,
            problems: members.end(),
            document: document.clone(),
        };
        if let Some((metadata, proposal_type)) = metadata.zip(proposal_type) {
            let name = payload_name(proposal_type);
            let mut members = Members::of(metadata, "/metadata", &[name, "rationale"]);
            draft.payload = members.required(name).cloned();
            draft.rationale = members.text("rationale").map(str::to_owned);
            draft.problems.extend(members.end());
        }
        draft
    }

    /// Its title, or what it does in a few words.
    #[must_use]
    pub fn words(&self) -> String {
        if let Some(title) = &self.title {
            return title.clone();
        }
        match self.proposal_type {
            Some(ProposalType::PolicyChange) => "Change the policy".into(),
            Some(ProposalType::ScopeChange) => "Change the scope".into(),
            Some(ProposalType::MembershipChange) => {
                let changes = self
                    .payload
                    .as_ref()
                    .and_then(|changes| RosterChange::read_all(changes, "").ok())
                    .unwrap_or_default();
                match changes.as_slice() {
                    [one] => one.words(),
                    _ => "Change the membership".into(),
                }
            }
            Some(ProposalType::SchemaChange) | None => "A proposal".into(),
        }
    }
}

/// What a governance draft is judged against.
#[derive(Clone, Copy, Debug)]
pub struct GovernanceContext<'a> {
    /// The policy in force.
    pub policy: &'a Policy,
    /// The members as they are, in the form in which `apply` answers the next ones.
    pub members: &'a Value,
    /// The scope in force.
    pub scope: &'a Scope,
    /// Most changes that one membership proposal may make.
    pub max_changes: u64,
    /// Most bytes of the canonical draft, when there is a bound.
    pub max_draft_bytes: Option<u64>,
    /// How many members the electorate would have, when that is known.
    pub electorate: Option<u64>,
}

/// One effect of a governance proposal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GovernanceChange {
    /// JSON Pointer to what changes, in the policy or the scope; in the list of changes for the membership.
    pub pointer: String,
    /// What there was, where there was something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<Value>,
    /// What there would be, where there would be something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Value>,
    /// The same for people.
    pub words: String,
    /// The same as a feature for comparisons.
    #[serde(skip)]
    pub(super) feature: String,
}

/// The judgement of a governance draft. Parts are absent when they could not be had.
#[derive(Clone, Debug, Serialize)]
pub struct GovernanceAssessment {
    /// Whether no problem is an error.
    pub ok: bool,
    /// Everything wrong or worth knowing, with its place in the draft.
    pub problems: Vec<Problem>,
    /// What the proposal touches: `senate/policy`, `senate/members` or `senate/scope`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<&'static str>,
    /// The whole of what would be next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Value>,
    /// Every effect.
    pub changes: Vec<GovernanceChange>,
    /// The track.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub track: Option<Track>,
    /// The vote that the track alone asks for; a change of the policy may need more, which its rule says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed: Option<Needed>,
    /// What it asks for, for comparisons with other proposals.
    #[serde(skip)]
    pub features: Vec<String>,
}

/// Judges a governance draft. `apply` makes the next members of the list of changes, and is asked for a membership change only;
/// the pointers of its problems lead into that list.
#[must_use]
pub fn assess_governance(
    draft: &GovernanceDraft,
    context: &GovernanceContext<'_>,
    apply: impl FnOnce(&Value) -> Result<Value, Vec<Problem>>,
) -> GovernanceAssessment {
    let mut assessment = GovernanceAssessment {
        ok: true,
        problems: draft.problems.clone(),
        target: draft.proposal_type.and_then(ProposalType::target),
        next: None,
        changes: Vec::new(),
        track: draft.proposal_type.and_then(ProposalType::track),
        needed: None,
        features: Vec::new(),
    };
    assessment
        .problems
        .extend(draft_size(&draft.document, context.max_draft_bytes));
    assessment.needed = assessment
        .track
        .zip(context.electorate)
        .and_then(|(track, members)| needed(context.policy, track, members));
    if let Some((proposal_type, payload)) = draft.proposal_type.zip(draft.payload.as_ref()) {
        let judged = match proposal_type {
            ProposalType::PolicyChange => policy(context.policy, payload),
            ProposalType::ScopeChange => scope(context.scope, payload),
            ProposalType::MembershipChange | ProposalType::SchemaChange => {
                membership(context.members, payload, context.max_changes, apply)
            }
        };
        let place = pointer::join("/metadata", payload_name(proposal_type));
        match judged {
            Ok((_, changes)) if changes.is_empty() => assessment.problems.push(
                Problem::error("nothing_changes", place, "everything would be as before")
                    .remedy("propose something else, or leave it as it is"),
            ),
            Ok((next, changes)) => {
                assessment.problems.extend(
                    deadlock(proposal_type, context, &next).map(|problem| problem.under(&place)),
                );
                assessment.features = governance_features(proposal_type, &changes);
                assessment.next = Some(next);
                assessment.changes = changes;
            }
            Err(problems) => assessment
                .problems
                .extend(problems.into_iter().map(|problem| problem.under(&place))),
        }
    }
    assessment.ok = !assessment.problems.iter().any(Problem::is_error);
    assessment
}

/// Whether a change would leave a senate that can approve nothing any more, not even the change back.
fn deadlock(
    proposal_type: ProposalType,
    context: &GovernanceContext<'_>,
    next: &Value,
) -> Option<Problem> {
    let next_policy;
    let (policy, members) = match proposal_type {
        ProposalType::PolicyChange => {
            next_policy = Policy::from_value(next).ok()?;
            (&next_policy, context.members)
        }
        ProposalType::MembershipChange => (context.policy, next),
        ProposalType::SchemaChange | ProposalType::ScopeChange => return None,
    };
    let voters: Vec<&Value> = members
        .as_array()?
        .iter()
        .filter(|member| member.get("role").and_then(Value::as_str) != Some("contributor"))
        .collect();
    let principals: BTreeSet<&str> = voters
        .iter()
        .filter_map(|member| {
            member
                .get("principal")
                .or_else(|| member.get("id"))?
                .as_str()
        })
        .collect();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let admitted =
        Rule::of(policy, Track::Membership).admits(count(voters.len()), count(principals.len()));
    admitted.err().map(|mut problem| {
        problem.message = format!("afterwards, {}, not even the change back", problem.message);
        problem.remedy(
            "keep as many voters and principals as the policy asks for, or ask for fewer first",
        )
    })
}

/// What would be next, and every effect. No effect: nothing changes.
type Judged = Result<(Value, Vec<GovernanceChange>), Vec<Problem>>;

/// The given members over the current ones. A track that is given takes the place of the whole track.
fn policy(current: &Policy, given: &Value) -> Judged {
    let before = current.to_value();
    let mut merged = before.clone();
    match (merged.as_object_mut(), given.as_object()) {
        (Some(merged), Some(given)) => {
            for (name, value) in given {
                let tracks = merged
                    .get_mut(name)
                    .filter(|_| name == "tracks")
                    .and_then(Value::as_object_mut)
                    .zip(value.as_object());
                if let Some((tracks, given)) = tracks {
                    for (track, requirement) in given {
                        tracks.insert(track.clone(), requirement.clone());
                    }
                } else {
                    merged.insert(name.clone(), value.clone());
                }
            }
        }
        // No object: the reader says so.
        _ => merged = given.clone(),
    }
    let next = Policy::from_value(&merged)?.to_value();
    let changes = leaf_changes(&before, &next);
    Ok((next, changes))
}

fn leaf_changes(before: &Value, next: &Value) -> Vec<GovernanceChange> {
    let (mut was, mut now) = (BTreeMap::new(), BTreeMap::new());
    leaves(before, String::new(), &mut was);
    leaves(next, String::new(), &mut now);
    let places: BTreeSet<&String> = was.keys().chain(now.keys()).collect();
    let mut changes = Vec::new();
    for place in places {
        let (was, now) = (was.get(place).copied(), now.get(place).copied());
        if was == now {
            continue;
        }
        let name = place.strip_prefix('/').unwrap_or(place).replace('/', ".");
        let (words, how) = match (was, now) {
            (Some(was), Some(now)) => (
                format!("`{name}` goes from {was} to {now}."),
                match was.as_u64().zip(now.as_u64()) {
                    Some((was, now)) if was < now => "raised",
                    Some(_) => "lowered",
                    None => "changed",
                },
            ),
            (None, Some(now)) => (format!("`{name}` becomes {now}."), "set"),
            (Some(was), None) => (format!("`{name}`, which was {was}, goes."), "removed"),
            (None, None) => continue,
        };
        changes.push(GovernanceChange {
            pointer: place.clone(),
            was: was.cloned(),
            now: now.cloned(),
            words,
            feature: format!("policy {place} {how}"),
        });
    }
    changes
}

/// What is in a policy, member by member; a list is one thing.
fn leaves<'a>(value: &'a Value, place: String, into: &mut BTreeMap<String, &'a Value>) {
    match value.as_object() {
        // A policy is as deep as the core writes it.
        Some(members) if !members.is_empty() => {
            for (name, value) in members {
                leaves(value, pointer::join(&place, name), into);
            }
        }
        _ => {
            into.insert(place, value);
        }
    }
}

fn scope(current: &Scope, given: &Value) -> Judged {
    let next = Scope::from_value(given, current)?;
    let mut changes = Vec::new();
    let (before, after) = (current.to_value(), next.to_value());
    let mut places = vec![
        "/in".to_owned(),
        "/out".to_owned(),
        "/keywords_in".to_owned(),
        "/keywords_out".to_owned(),
    ];
    let types: BTreeSet<&String> = current.types.keys().chain(next.types.keys()).collect();
    for name in types {
        let place = pointer::join("/types", name);
        places.push(pointer::join(&place, "keywords_in"));
        places.push(pointer::join(&place, "keywords_out"));
    }
    places.push("/judges".to_owned());
    for place in places {
        list_changes(&before, &after, &place, &mut changes);
    }
    if changes.is_empty() && before != after {
        // The same sentences in another order.
        changes.push(GovernanceChange {
            pointer: String::new(),
            was: None,
            now: None,
            words: "The sentences stand in another order.".into(),
            feature: "scope order".into(),
        });
    }
    Ok((after, changes))
}

fn list_changes(before: &Value, after: &Value, place: &str, into: &mut Vec<GovernanceChange>) {
    let list = |value: &'_ Value| -> Vec<String> {
        value
            .pointer(place)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let (was, now) = (list(before), list(after));
    let name = place.strip_prefix('/').unwrap_or(place).replace('/', ".");
    let (known, kept): (BTreeSet<&String>, BTreeSet<&String>) =
        (was.iter().collect(), now.iter().collect());
    for entry in was.iter().filter(|entry| !kept.contains(entry)) {
        into.push(GovernanceChange {
            pointer: place.to_owned(),
            was: Some(entry.clone().into()),
            now: None,
            words: format!("“{entry}” goes from `{name}`."),
            feature: format!("scope {place} - {entry}"),
        });
    }
    for entry in now.iter().filter(|entry| !known.contains(entry)) {
        into.push(GovernanceChange {
            pointer: place.to_owned(),
            was: None,
            now: Some(entry.clone().into()),
            words: format!("“{entry}” comes to `{name}`."),
            feature: format!("scope {place} + {entry}"),
        });
    }
}

fn membership(
    current: &Value,
    given: &Value,
    max_changes: u64,
    apply: impl FnOnce(&Value) -> Result<Value, Vec<Problem>>,
) -> Judged {
    let changes = read_changes(given, max_changes)?;
    let next = apply(given)?;
    if &next == current {
        return Ok((next, Vec::new()));
    }
    let changes = changes
        .iter()
        .enumerate()
        .map(|(index, change)| GovernanceChange {
            pointer: format!("/{index}"),
            was: None,
            now: given.get(index).cloned(),
            words: format!("{}.", change.words()),
            feature: feature_of(change),
        })
        .collect();
    Ok((next, changes))
}

/// Reads the list of changes of a membership proposal, at most so many. Pointers lead into the list.
fn read_changes(list: &Value, max: u64) -> Result<Vec<RosterChange>, Vec<Problem>> {
    let changes = RosterChange::read_all(list, "")?;
    if u64::try_from(changes.len()).unwrap_or(u64::MAX) > max {
        return Err(vec![
            Problem::error(
                "too_many_changes",
                "",
                format!(
                    "these are {} changes, and one proposal may make {max}",
                    changes.len()
                ),
            )
            .remedy("spread them over several proposals, so that each can be looked at"),
        ]);
    }
    Ok(changes)
}

/// Whom a change is about, how, and for an amendment what of it: not the values.
fn feature_of(change: &RosterChange) -> String {
    let mut feature = format!("member {} {}", change.id(), change.name());
    match change {
        RosterChange::Enrol(member) => {
            feature.push(' ');
            feature.push_str(member.role.name());
        }
        RosterChange::Amend { amendment, .. } => {
            for (name, is_amended) in [
                ("family", amendment.family.is_some()),
                ("name", amendment.name.is_some()),
                ("principal", amendment.principal.is_some()),
                ("role", amendment.role.is_some()),
            ] {
                if is_amended {
                    feature.push(' ');
                    feature.push_str(name);
                }
            }
        }
        RosterChange::Retire { .. } | RosterChange::ReplaceKey { .. } => {}
    }
    feature
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proposal::published;
    use serde_json::json;

    fn draft(proposal_type: &str, name: &str, payload: Value) -> Value {
        json!({
            "proposal_type": proposal_type,
            "metadata": {name: payload, "rationale": "The last votes closed over a weekend."}
        })
    }

    fn key() -> &'static str {
        "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    }

    fn members() -> Value {
        json!([{"id": "ada"}, {"id": "bob"}, {"id": "cyd"}])
    }

    /// A roster that knows to retire and to enrol.
    fn apply(changes: &Value) -> Result<Value, Vec<Problem>> {
        let mut members = members().as_array().unwrap().clone();
        for change in changes.as_array().unwrap() {
            if let Some(retired) = change.get("retire") {
                members.retain(|member| member["id"] != retired["id"]);
            }
            if let Some(enrolled) = change.get("enrol") {
                if members.iter().any(|member| member["id"] == enrolled["id"]) {
                    return Err(vec![Problem::error("voter_twice", "/0/enrol/id", "twice")]);
                }
                members.push(json!({"id": enrolled["id"]}));
            }
        }
        Ok(json!(members))
    }

    fn judge(document: &Value) -> GovernanceAssessment {
        judge_with(document, None)
    }

    fn judge_with(document: &Value, max_draft_bytes: Option<u64>) -> GovernanceAssessment {
        let (policy, scope) = (
            Policy::default(),
            Scope::from_value(
                &json!({"in": ["a", "b"], "keywords_in": ["blinding"], "judges": ["ada"]}),
                &Scope::default(),
            )
            .unwrap(),
        );
        let context = GovernanceContext {
            policy: &policy,
            members: &members(),
            scope: &scope,
            max_changes: 3,
            max_draft_bytes,
            electorate: Some(3),
        };
        assess_governance(&GovernanceDraft::read(document), &context, apply)
    }

    fn words(assessment: &GovernanceAssessment) -> Vec<&str> {
        assessment
            .changes
            .iter()
            .map(|change| change.words.as_str())
            .collect()
    }

    #[track_caller]
    fn refused(document: &Value, code: &str, place: &str) {
        let assessment = judge(document);
        let found: Vec<_> = assessment
            .problems
            .iter()
            .map(|problem| (problem.code, problem.pointer.as_str()))
            .collect();
        assert!(!assessment.ok);
        assert!(found.contains(&(code, place)), "{document}: {found:?}");
    }

    #[test]
    fn a_change_of_the_policy_keeps_what_it_does_not_name() {
        let document = draft(
            "policy_change",
            "policy",
            json!({"voting_ms": 86_400_000, "tracks": {"additive": {"num": 3, "den": 4}}}),
        );
        let assessment = judge(&document);
        assert!(assessment.ok, "{:?}", assessment.problems);
        let mut expected = Policy::default().to_value();
        let next = assessment.next.as_ref().unwrap();
        assert_eq!(next["voting_ms"], 86_400_000);
        assert_eq!(next["tracks"]["additive"]["num"], 3);
        assert_eq!(next["tracks"]["breaking"], expected["tracks"]["breaking"]);
        expected["voting_ms"] = json!(86_400_000);
        expected["tracks"]["additive"] = next["tracks"]["additive"].clone();
        assert_eq!(next, &expected);
        assert_eq!(assessment.track, Some(Track::Policy));
        assert_eq!(assessment.target, Some("senate/policy"));
        assert_eq!(assessment.needed.as_ref().unwrap().yes, Some(2));
        assert_eq!(
            words(&assessment),
            [
                "`tracks.additive.den` goes from 3 to 4.",
                "`tracks.additive.num` goes from 2 to 3.",
                "`voting_ms` goes from 604800000 to 86400000.",
            ]
        );
        assert_eq!(
            assessment.features,
            [
                "change policy_change",
                "policy /tracks/additive/den raised",
                "policy /tracks/additive/num raised",
                "policy /voting_ms lowered",
                "target senate/policy",
            ]
        );
    }

    #[test]
    fn a_policy_that_cannot_be_is_refused_in_the_draft() {
        for (policy, code, place) in [
            (json!({}), "nothing_changes", "/metadata/policy"),
            (
                Policy::default().to_value(),
                "nothing_changes",
                "/metadata/policy",
            ),
            (json!(7), "member_type", "/metadata/policy"),
            (
                json!({"votingMs": 1}),
                "member_unknown",
                "/metadata/policy/votingMs",
            ),
            (
                json!({"min_electorate": 0}),
                "member_range",
                "/metadata/policy/min_electorate",
            ),
            (
                json!({"tracks": []}),
                "member_type",
                "/metadata/policy/tracks",
            ),
        ] {
            refused(&draft("policy_change", "policy", policy), code, place);
        }
    }

    #[test]
    fn a_change_of_the_scope_says_each_entry_that_comes_or_goes() {
        let document = draft(
            "scope_change",
            "scope",
            json!({"in": ["b", "c"], "keywords_out": ["marketing"], "types": {"experiment": {"keywords_in": ["arms"]}}}),
        );
        let assessment = judge(&document);
        assert!(assessment.ok, "{:?}", assessment.problems);
        assert_eq!(
            words(&assessment),
            [
                "“a” goes from `in`.",
                "“c” comes to `in`.",
                "“marketing” comes to `keywords_out`.",
                "“arms” comes to `types.experiment.keywords_in`.",
            ]
        );
        let next = assessment.next.as_ref().unwrap();
        assert_eq!(next["keywords_in"], json!(["blinding"]));
        assert_eq!(next["judges"], json!(["ada"]));
        assert_eq!(assessment.target, Some("senate/scope"));
    }

    #[test]
    fn another_order_of_sentences_is_a_change_and_of_keywords_is_none() {
        let turned = judge(&draft("scope_change", "scope", json!({"in": ["b", "a"]})));
        assert_eq!(words(&turned), ["The sentences stand in another order."]);
        refused(
            &draft(
                "scope_change",
                "scope",
                json!({"keywords_in": ["Blinding"]}),
            ),
            "nothing_changes",
            "/metadata/scope",
        );
        refused(
            &draft("scope_change", "scope", json!({"judges": ["a b"]})),
            "voter_id_malformed",
            "/metadata/scope/judges/0",
        );
    }

    #[test]
    fn a_change_of_the_membership_says_who_joins_and_who_leaves() {
        let document = draft(
            "membership_change",
            "changes",
            json!([{"enrol": {"id": "dora", "principal": "lab", "key": key()}}, {"retire": {"id": "bob"}}]),
        );
        let assessment = judge(&document);
        assert!(assessment.ok, "{:?}", assessment.problems);
        assert_eq!(
            assessment.next,
            Some(json!([{"id": "ada"}, {"id": "cyd"}, {"id": "dora"}]))
        );
        assert_eq!(
            words(&assessment),
            ["`dora` joins as a voter for `lab`.", "`bob` leaves."]
        );
        assert_eq!(
            assessment.features,
            [
                "change membership_change",
                "member bob retire",
                "member dora enrol voter",
                "target senate/members",
            ]
        );
        assert_eq!(assessment.track, Some(Track::Membership));
    }

    #[test]
    fn the_list_of_changes_is_read_strictly() {
        let long: Vec<Value> = (0..4)
            .map(|n| json!({"retire": {"id": format!("m{n}")}}))
            .collect();
        for (changes, code, place) in [
            (json!("all"), "member_type", ""),
            (json!([]), "member_empty", ""),
            (json!(long), "too_many_changes", ""),
            (json!([7]), "member_type", "/0"),
            (
                json!([{"remove": {"id": "a"}}]),
                "member_unknown",
                "/0/remove",
            ),
            (
                json!([{"enrol": {"id": "a"}}]),
                "member_missing",
                "/0/enrol",
            ),
            // What only the roster can say comes back at its place.
            (
                json!([{"enrol": {"id": "ada", "key": key()}}]),
                "voter_twice",
                "/0/enrol/id",
            ),
            // And a list that leaves everybody as they are is none.
            (
                json!([{"amend": {"id": "ada", "name": "Ada"}}]),
                "nothing_changes",
                "",
            ),
        ] {
            refused(
                &draft("membership_change", "changes", changes),
                code,
                &format!("/metadata/changes{place}"),
            );
        }
    }

    #[test]
    fn no_change_leaves_a_senate_that_can_decide_nothing() {
        let retire = |ids: &[&str]| {
            let changes: Value = ids.iter().map(|id| json!({"retire": {"id": id}})).collect();
            draft("membership_change", "changes", changes)
        };
        refused(
            &retire(&["bob"]),
            "electorate_too_small",
            "/metadata/changes",
        );
        let raise = |policy: Value| draft("policy_change", "policy", policy);
        refused(
            &raise(json!({"min_electorate": 4})),
            "electorate_too_small",
            "/metadata/policy",
        );
        refused(
            &raise(json!({"min_principals": 4})),
            "principals_too_few",
            "/metadata/policy",
        );
        assert!(judge(&raise(json!({"min_electorate": 2, "min_principals": 3}))).ok);
    }

    #[test]
    fn a_draft_says_why_and_nothing_else() {
        for (document, code, place) in [
            (
                json!({"proposal_type": "scope_change"}),
                "member_missing",
                "",
            ),
            (
                json!({"proposal_type": "schema_change", "metadata": {}}),
                "member_choice",
                "/proposal_type",
            ),
            (
                json!({"proposal_type": "policy_change", "metadata": {"policy": {}, "rationale": " "}}),
                "member_empty",
                "/metadata/rationale",
            ),
            (
                json!({"proposal_type": "policy_change", "metadata": {"policy": {}, "scope": {}, "rationale": "r"}}),
                "member_unknown",
                "/metadata/scope",
            ),
            (
                json!({"proposal_type": "scope_change", "title": "x".repeat(201), "metadata": {"scope": {}, "rationale": "r"}}),
                "title_too_long",
                "/title",
            ),
            (
                json!({"proposal_type": "scope_change", "metadata": {"scope": {}, "rationale": "r"}, "addresses": [{}]}),
                "member_missing",
                "/addresses/0",
            ),
        ] {
            refused(&document, code, place);
        }
        let draft = draft("policy_change", "policy", json!({"voting_ms": 86_400_000}));
        assert!(judge_with(&draft, Some(1_000)).ok);
        let judged = judge_with(&draft, Some(100));
        assert_eq!(judged.problems[0].code, "draft_too_large");
    }

    #[test]
    fn a_draft_without_a_title_is_called_by_what_it_does() {
        let words = |document: Value| GovernanceDraft::read(&document).words();
        assert_eq!(
            words(draft(
                "membership_change",
                "changes",
                json!([{"replace_key": {"id": "ada", "key": key()}}])
            )),
            "`ada` gets another key"
        );
        assert_eq!(
            words(draft("policy_change", "policy", json!({}))),
            "Change the policy"
        );
        assert_eq!(
            words(json!({"proposal_type": "scope_change", "title": "Less", "metadata": {}})),
            "Less"
        );
    }

    /// What the core takes, the published schema takes, and what that refuses, the core refuses.
    #[test]
    fn the_published_schemas_agree() {
        for (name, payload_name, payload) in [
            ("policy_change", "policy", json!({"voting_ms": 86_400_000})),
            (
                "scope_change",
                "scope",
                json!({"keywords_out": ["marketing"]}),
            ),
            (
                "membership_change",
                "changes",
                json!([{"enrol": {"id": "dora", "key": key()}}]),
            ),
        ] {
            let schema = published::compiled(name).unwrap();
            let good = draft(name, payload_name, payload);
            assert!(judge(&good).ok);
            let validation = schema.validate_value(&good);
            assert!(validation.valid, "{name}: {:?}", validation.errors);
            for (place, value) in [
                ("/metadata/rationale", json!("")),
                ("/title", json!("")),
                ("/proposal_type", json!("schema_change")),
                (&*format!("/metadata/{payload_name}"), json!(3)),
            ] {
                let mut bad = good.clone();
                let (parent, member) = place.rsplit_once('/').unwrap();
                bad.pointer_mut(parent).unwrap()[member] = value;
                assert!(!schema.is_valid_value(&bad), "{bad}");
                assert!(!judge(&bad).ok, "{bad}");
            }
        }
    }
}
