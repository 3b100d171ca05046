//! The document that a proposer submits: `proposal_type`, `title` and the six metadata fields.

use serde::Serialize;

use crate::migration;
use crate::schema::{CHANGE_TYPES, Change, NEW_TYPE};
use crate::text::{Members, Problem, Value, pointer};

use super::{declared_plan, published, use_cases};

/// The value of `proposal_type` of a schema proposal.
pub const PROPOSAL_TYPE: &str = "schema_change";

/// A draft, as far as it could be read. Each part is `None` when it is missing or wrong; `problems` says why.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What the proposer calls it.
    pub title: Option<String>,
    /// The metadata as it was given.
    pub metadata: Option<Value>,
    /// `target_artifact_type`, which may be `new_type`.
    pub target: Option<String>,
    /// The change that `change_type` and `field_spec` describe.
    pub change: Option<Change>,
    /// What was taken for use cases, in words.
    pub use_cases: Vec<String>,
    /// `backward_compatible`.
    pub claims_compatible: Option<bool>,
    /// `migration_plan` as it was given.
    pub migration_plan: Option<Value>,
    /// `emergency`: whether the proposer asks for the emergency track, which is faster and never easier.
    pub emergency: bool,
    /// Earlier proposals that it takes up.
    pub addresses: Vec<Address>,
    /// Everything that is wrong with the document itself.
    pub problems: Vec<Problem>,
}

/// An earlier proposal that a draft takes up, and what is different this time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Address {
    /// The earlier proposal.
    pub proposal_id: String,
    /// What changed since then.
    pub what_changed: String,
}

const MEMBERS: [&str; 4] = ["proposal_type", "title", "metadata", "addresses"];
const METADATA: [&str; 8] = [
    "target_artifact_type",
    "change_type",
    "field_spec",
    "rationale",
    "use_cases",
    "migration_plan",
    "backward_compatible",
    "emergency",
];

/// The place of the field spec in a draft.
pub(super) const FIELD_SPEC: &str = "/metadata/field_spec";

impl Draft {
    /// Reads a draft; whatever can be read is, so that a document that is being typed gets every answer it can.
    #[must_use]
    pub fn read(document: &Value) -> Self {
        let mut members = Members::of(document, "", &MEMBERS);
        if let Some(kind) = members.text("proposal_type")
            && kind != PROPOSAL_TYPE
        {
            members.problem(
                "proposal_type_unknown",
                "proposal_type",
                format!(
                    "`{kind}` is not a kind of proposal that is kept here; `{PROPOSAL_TYPE}` is"
                ),
            );
        }
        let title = read_title(&mut members);
        let addresses = read_addresses(&mut members);
        let metadata = members.required("metadata");
        let mut draft = Self {
            title,
            metadata: metadata.cloned(),
            target: None,
            change: None,
            use_cases: Vec::new(),
            claims_compatible: None,
            migration_plan: None,
            emergency: false,
            addresses,
            problems: members.end(),
        };
        if let Some(metadata) = metadata {
            draft.read_metadata(metadata);
        }
        draft.add_findings_of_the_published_schema(document);
        draft
    }

    fn read_metadata(&mut self, metadata: &Value) {
        let mut members = Members::of(metadata, "/metadata", &METADATA);
        self.target = members.text("target_artifact_type").map(str::to_owned);
        let change_type = members.text("change_type");
        let spec = members.required("field_spec");
        if let Some((change_type, spec)) = change_type.zip(spec)
            && CHANGE_TYPES.contains(&change_type)
        {
            match Change::read(change_type, spec) {
                Ok(change) => {
                    // Read here, so that a slip is said although the type is not known yet.
                    let read = change.transforms().map(migration::read_transforms);
                    if let Some(Err(problem)) = read {
                        members.note([problem.under(&format!("{FIELD_SPEC}/transforms"))]);
                    } else {
                        self.change = Some(change);
                    }
                }
                Err(problems) => {
                    members.note(
                        problems
                            .into_iter()
                            .map(|problem| problem.under(FIELD_SPEC)),
                    );
                }
            }
        }
        if let Some(unknown) = change_type.filter(|name| !CHANGE_TYPES.contains(name)) {
            members.note([Problem::error(
                "change_type_unknown",
                "/metadata/change_type",
                format!("`{unknown}` is not a change"),
            )
            .remedy(format!("use one of {}", CHANGE_TYPES.join(", ")))]);
        }
        self.check_target(&mut members, change_type);
        let (found, problems) = use_cases::check(&mut members);
        self.use_cases = found;
        members.note(problems);
        self.migration_plan = members.required("migration_plan").cloned();
        if let Some(plan) = &self.migration_plan {
            members.note(declared_plan::check(plan));
        }
        self.claims_compatible = members.boolean("backward_compatible");
        self.emergency = members.optional_boolean("emergency").unwrap_or(false);
        self.problems.extend(members.end());
    }

    fn check_target(&self, members: &mut Members<'_>, change_type: Option<&str>) {
        let Some((target, change_type)) = self.target.as_deref().zip(change_type) else {
            return;
        };
        let place = pointer::join("/metadata", "target_artifact_type");
        if change_type == "add_type" && target != NEW_TYPE {
            members.note([Problem::error(
                "target_must_be_new_type",
                place,
                format!("`add_type` adds a type, and `{target}` is the target"),
            )
            .remedy("make the target `new_type` and name the type in `field_spec.name`")]);
        } else if change_type != "add_type" && target == NEW_TYPE {
            members.note([Problem::error(
                "target_is_new_type",
                place,
                format!("`new_type` goes with `add_type` only, not with `{change_type}`"),
            )
            .remedy("name the type to change")]);
        }
    }

    /// The published schema says it too. Its findings count where the reading above found nothing, so that the two never
    /// disagree about what may pass.
    fn add_findings_of_the_published_schema(&mut self, document: &Value) {
        let known: Vec<String> = self
            .problems
            .iter()
            .filter(|problem| problem.is_error())
            .map(|problem| problem.pointer.clone())
            .collect();
        for error in published::proposal_errors(document) {
            let covered = known.iter().any(|place| {
                place.starts_with(&error.instance_path)
                    || error.instance_path.starts_with(place.as_str())
            });
            if !covered {
                self.problems.push(Problem::error(
                    error.code,
                    error.instance_path,
                    error.message,
                ));
            }
        }
    }
}

/// The title of a draft of any type.
pub(super) fn read_title(members: &mut Members<'_>) -> Option<String> {
    let title = members.optional_text("title").map(str::to_owned);
    if title
        .as_ref()
        .is_some_and(|title| title.chars().count() > 200)
    {
        members.problem(
            "title_too_long",
            "title",
            "a title has at most 200 characters",
        );
    }
    title
}

/// Most earlier proposals that one draft takes up.
const MOST_ADDRESSES: usize = 20;
/// The longest text of one.
const LONGEST_ADDRESS: usize = 2_000;

/// The earlier proposals that a draft of any type takes up.
pub(super) fn read_addresses(members: &mut Members<'_>) -> Vec<Address> {
    if members.get("addresses").is_none() {
        return Vec::new();
    }
    let items = members.array("addresses").map_or(&[][..], Vec::as_slice);
    let place = members.place("addresses");
    if items.len() > MOST_ADDRESSES {
        members.problem(
            "too_many_addresses",
            "addresses",
            format!("a draft takes up at most {MOST_ADDRESSES} earlier proposals"),
        );
        return Vec::new();
    }
    let mut addresses: Vec<Address> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let place = pointer::join(&place, &index.to_string());
        let mut fields = Members::of(item, &place, &["proposal_id", "what_changed"]);
        let proposal_id = fields.text("proposal_id");
        let what_changed = fields.text("what_changed");
        if let Some(id) = proposal_id {
            if !is_proposal_id(id) {
                fields.problem(
                    "proposal_id_malformed",
                    "proposal_id",
                    format!("`{id}` is not the identifier of a proposal, a ULID of 26 characters"),
                );
            } else if addresses.iter().any(|known| known.proposal_id == id) {
                fields.problem(
                    "member_repeated",
                    "proposal_id",
                    format!("the proposal `{id}` is taken up twice"),
                );
            }
        }
        if what_changed.is_some_and(|text| text.chars().count() > LONGEST_ADDRESS) {
            fields.problem(
                "text_too_long",
                "what_changed",
                format!("at most {LONGEST_ADDRESS} characters say what changed"),
            );
        }
        if let Some((proposal_id, what_changed)) = proposal_id.zip(what_changed) {
            addresses.push(Address {
                proposal_id: proposal_id.to_owned(),
                what_changed: what_changed.to_owned(),
            });
        }
        members.note(fields.end());
    }
    addresses
}

/// A ULID as the core writes it: 26 characters of Crockford's alphabet, at most 128 bits.
fn is_proposal_id(text: &str) -> bool {
    let of_alphabet = |c: char| matches!(c, '0'..='9' | 'A'..='H' | 'J' | 'K' | 'M' | 'N' | 'P'..='T' | 'V'..='Z');
    text.len() == 26
        && text.starts_with(|c| matches!(c, '0'..='7'))
        && text.chars().all(of_alphabet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "01JBXM5T3Z0000000000000000";

    fn draft() -> Value {
        json!({
            "proposal_type": "schema_change",
            "metadata": {
                "target_artifact_type": "experiment",
                "change_type": "add_field",
                "field_spec": {"name": "blinding", "schema": {"type": "string"}},
                "rationale": "Trials cannot be compared without it, see #12.",
                "migration_plan": {"none_needed": "the field is optional for everybody"},
                "backward_compatible": true
            }
        })
    }

    fn problems(document: &Value) -> Vec<(&'static str, String)> {
        Draft::read(document)
            .problems
            .into_iter()
            .map(|problem| (problem.code, problem.pointer))
            .collect()
    }

    #[test]
    fn an_emergency_is_asked_for_with_true() {
        let mut document = draft();
        assert!(!Draft::read(&document).emergency);
        document["metadata"]["emergency"] = json!(true);
        assert_eq!(problems(&document), []);
        assert!(Draft::read(&document).emergency);
        document["metadata"]["emergency"] = json!(false);
        assert_eq!(problems(&document), []);
        assert!(!Draft::read(&document).emergency);
        document["metadata"]["emergency"] = json!("yes");
        assert_eq!(
            problems(&document),
            [("member_type", "/metadata/emergency".into())]
        );
    }

    #[test]
    fn a_draft_takes_up_earlier_proposals() {
        let mut document = draft();
        document["addresses"] = json!([{"proposal_id": ID, "what_changed": "it is optional now"}]);
        assert_eq!(problems(&document), []);
        assert_eq!(
            Draft::read(&document).addresses,
            [Address {
                proposal_id: ID.into(),
                what_changed: "it is optional now".into()
            }]
        );
    }

    #[test]
    fn what_takes_up_nothing_is_refused_at_its_place() {
        let many: Vec<Value> = (0..21)
            .map(|n| json!({"proposal_id": format!("01JBXM5T3Z00000000000000{n:02}"), "what_changed": "x"}))
            .collect();
        for (addresses, code, place) in [
            (json!({}), "member_type", ""),
            (json!(many), "too_many_addresses", ""),
            (json!([{"proposal_id": ID}]), "member_missing", "/0"),
            (
                json!([{"proposal_id": ID, "what_changed": " "}]),
                "member_empty",
                "/0/what_changed",
            ),
            (
                json!([{"proposal_id": ID, "what_changed": "x".repeat(2_001)}]),
                "text_too_long",
                "/0/what_changed",
            ),
            (
                json!([{"proposal_id": ID.to_lowercase(), "what_changed": "x"}]),
                "proposal_id_malformed",
                "/0/proposal_id",
            ),
            (
                json!([{"proposal_id": ID, "what_changed": "x", "by": "ada"}]),
                "member_unknown",
                "/0/by",
            ),
            (
                json!([{"proposal_id": ID, "what_changed": "x"}, {"proposal_id": ID, "what_changed": "y"}]),
                "member_repeated",
                "/1/proposal_id",
            ),
        ] {
            let mut document = draft();
            document["addresses"] = addresses.clone();
            let found = problems(&document);
            assert!(
                found.contains(&(code, format!("/addresses{place}"))),
                "{addresses}: {found:?}"
            );
        }
    }

    #[test]
    fn the_identifier_of_a_proposal_is_a_ulid() {
        assert!(is_proposal_id(ID));
        assert!(is_proposal_id("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
        for text in [
            "",
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "01JBXM5T3Z000000000000000I",
            "01JBXM5T3Z00000000000000",
            "01JBXM5T3Z00000000000000é",
        ] {
            assert!(!is_proposal_id(text), "{text}");
        }
    }
}
