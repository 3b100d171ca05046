//! The document that a proposer submits: `proposal_type`, `title` and the six metadata fields.

use crate::schema::{CHANGE_TYPES, Change, NEW_TYPE};
use crate::text::{Members, Problem, Value, pointer};

use super::{declared_plan, published, use_cases};

/// The one value of `proposal_type`: schema proposals share a table with other proposals.
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
    /// Everything that is wrong with the document itself.
    pub problems: Vec<Problem>,
}

const MEMBERS: [&str; 3] = ["proposal_type", "title", "metadata"];
const METADATA: [&str; 7] = [
    "target_artifact_type",
    "change_type",
    "field_spec",
    "rationale",
    "use_cases",
    "migration_plan",
    "backward_compatible",
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
        let metadata = members.required("metadata");
        let mut draft = Self {
            title,
            metadata: metadata.cloned(),
            target: None,
            change: None,
            use_cases: Vec::new(),
            claims_compatible: None,
            migration_plan: None,
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
                Ok(change) => self.change = Some(change),
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
