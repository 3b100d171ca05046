//! Everything that can be said about a draft before anybody votes: what the next schema would be, whom it breaks, what vote it
//! will need, and what is wrong with it.

use serde::Serialize;

use crate::compatibility::{self, Options, Report, Setting, Side, Verdict};
use crate::migration::{self, Plan, PlanInput};
use crate::schema::{Applied, Change, Document, Evolution, Formats, References, Schema};
use crate::text::{Problem, Value, canonical};
use crate::vote::{Count, Policy, Track, tally};

use super::Draft;
use super::draft::FIELD_SPEC;

/// The type that a draft changes, as it stands now.
#[derive(Clone, Debug)]
pub struct Current {
    /// Its name.
    pub artifact_type: String,
    /// Its version, from 1.
    pub version: u64,
    /// Its schema.
    pub document: Document,
    /// How its changes are judged.
    pub setting: Setting,
    /// The versions before this one, oldest first. Only a transitive mode asks about them; the others need none.
    pub earlier: Vec<Document>,
    /// When its artifacts follow a new version.
    pub evolution: Evolution,
    /// The version before this one, which a change may restore.
    pub previous: Option<Previous>,
}

/// The version before the current one.
#[derive(Clone, Debug)]
pub struct Previous {
    /// Its number.
    pub version: u64,
    /// Its schema.
    pub document: Document,
    /// The plan that led away from it, when the senate made one.
    pub plan: Option<Plan>,
}

/// What a draft is judged against.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The type that the draft targets, when it exists.
    pub current: Option<&'a Current>,
    /// The names of all types.
    pub artifact_types: &'a [String],
    /// The policy that a vote would open under.
    pub policy: &'a Policy,
    /// How many members the electorate would have, when that is known.
    pub members: Option<u64>,
    /// Most bytes of the canonical draft, when there is a bound.
    pub max_draft_bytes: Option<u64>,
}

/// What the proposer claims, and what is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// `backward_compatible`, as it was declared.
    pub declared: bool,
    /// The verdict of the core.
    pub computed: Verdict,
    /// Whether the two say the same; undecided counts as breaking.
    pub agrees: bool,
}

/// The vote that a draft would need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Needed {
    /// Yes ballots that approve; `None` when the electorate is below the minimum.
    pub yes: Option<u64>,
    /// Members of the electorate.
    pub of: u64,
    /// The rule in words.
    pub words: String,
}

/// The judgement of a draft. Parts are absent when they could not be had.
#[derive(Clone, Debug, Serialize)]
pub struct Assessment {
    /// Whether no problem is an error.
    pub ok: bool,
    /// Everything wrong or worth knowing, with its place in the draft.
    pub problems: Vec<Problem>,
    /// The type that the proposal will touch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// The next schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_schema: Option<Value>,
    /// Where in the next schema the change is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<String>,
    /// Whom it breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compatibility: Option<Report>,
    /// Claim and computation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// The stricter of what is claimed and what is computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub track: Option<Track>,
    /// The vote that it will need.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed: Option<Needed>,
    /// How stored artifacts will follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration: Option<Plan>,
    /// What was taken for the use cases that the rationale must reference.
    pub use_cases: Vec<String>,
    /// The next schema, ready to be registered.
    #[serde(skip)]
    pub next: Option<Document>,
}

/// Judges a draft.
#[must_use]
pub fn assess(document: &Value, context: &Context<'_>) -> Assessment {
    let draft = Draft::read(document);
    let mut assessment = assess_change(&draft, context);
    let size = draft_size(document, context.max_draft_bytes);
    assessment
        .problems
        .splice(0..0, size.into_iter().chain(draft.problems));
    assessment.ok = !assessment.problems.iter().any(Problem::is_error);
    assessment.use_cases = draft.use_cases;
    assessment
}

/// Judges the change of a draft, leaving aside what is wrong with the document itself.
#[must_use]
pub fn assess_change(draft: &Draft, context: &Context<'_>) -> Assessment {
    let mut assessment = Assessment {
        ok: true,
        problems: Vec::new(),
        artifact_type: None,
        next_schema: None,
        changed_at: None,
        compatibility: None,
        claim: None,
        track: None,
        needed: None,
        migration: None,
        use_cases: Vec::new(),
        next: None,
    };
    if let Err(problems) = fill(&mut assessment, draft, context) {
        assessment.problems.extend(problems);
    }
    assessment.ok = !assessment.problems.iter().any(Problem::is_error);
    assessment
}

fn fill(
    assessment: &mut Assessment,
    draft: &Draft,
    context: &Context<'_>,
) -> Result<(), Vec<Problem>> {
    let target = find_target(draft, context)?;
    let Some((artifact_type, change)) = target.zip(draft.change.as_ref()) else {
        return Ok(());
    };
    assessment.artifact_type = Some(artifact_type.clone());
    let base = context
        .current
        .filter(|_| !matches!(change, Change::AddType { .. }));
    check_given_schema(change, base)?;
    let restored = match change {
        Change::Revert { version } => Some(find_previous(*version, base)?),
        _ => None,
    };
    let applied = match restored {
        Some(previous) => Ok(Applied {
            schema: previous.document.schema().clone(),
            place: String::new(),
        }),
        None => change.apply(base.map(|current| &current.document)),
    }
    .map_err(|problem| vec![in_draft(problem, draft)])?;
    assessment.next_schema = Some(applied.schema.clone());
    assessment.changed_at = Some(applied.place.clone());
    let next = match restored {
        Some(previous) => previous.document.clone(),
        None => next_document(&applied.schema, base)?,
    };
    assessment
        .problems
        .extend(check_default(change, &next, &applied.place));
    let report = report(base, &next);
    let declared = draft.claims_compatible;
    if let Some(declared) = declared {
        let claim = claim(declared, report.verdict);
        let setting = base.map(|current| &current.setting);
        assessment.problems.extend(claim_problem(claim, setting));
        assessment.claim = Some(claim);
        // The claim can make the vote stricter, never easier.
        let additive = declared && report.verdict == Verdict::Compatible;
        let track = match change {
            Change::AddType { .. } => Track::NewType,
            _ if additive => Track::Additive,
            _ => Track::Breaking,
        };
        assessment.track = Some(track);
        assessment.needed = context
            .members
            .and_then(|members| needed(context.policy, track, members));
    }
    let from_version = base.map_or(0, |current| current.version);
    let declared_plan = draft.migration_plan.clone().unwrap_or(Value::Null);
    let plan = migration::plan(&PlanInput {
        change,
        artifact_type: &artifact_type,
        versions: (from_version, from_version + 1),
        current: base.map(|current| &current.document),
        next: &next,
        declared: &declared_plan,
        strategy: base.map_or_else(
            || match change {
                Change::AddType { evolution, .. } => *evolution,
                _ => Evolution::default(),
            },
            |current| current.evolution,
        ),
        previous: restored.and_then(|previous| previous.plan.as_ref()),
        table: migration::TABLE,
    })
    .map_err(|problem| vec![in_draft(problem, draft)])?;
    assessment
        .problems
        .extend(check_declared_plan(&declared_plan, &plan));
    assessment.migration = Some(plan);
    assessment.compatibility = Some(report);
    assessment.next = Some(next);
    Ok(())
}

/// The name of the type that the draft touches, if the draft says which.
fn find_target(draft: &Draft, context: &Context<'_>) -> Result<Option<String>, Vec<Problem>> {
    if let Some(Change::AddType { name, .. }) = &draft.change {
        if context.artifact_types.contains(name) {
            return Err(vec![
                Problem::error(
                    "artifact_type_exists",
                    format!("{FIELD_SPEC}/name"),
                    format!("there is a type `{name}` already"),
                )
                .remedy("choose another name, or change the type by one of the other changes"),
            ]);
        }
        return Ok(Some(name.clone()));
    }
    let Some(target) = draft
        .target
        .as_deref()
        .filter(|target| *target != crate::schema::NEW_TYPE)
    else {
        return Ok(None);
    };
    match context.current {
        Some(current) if current.artifact_type == target => Ok(Some(target.to_owned())),
        _ => {
            let problem = Problem::error(
                "artifact_type_unknown",
                "/metadata/target_artifact_type",
                format!("there is no type `{target}`"),
            );
            let known: Vec<_> = context
                .artifact_types
                .iter()
                .take(30)
                .map(|name| format!("`{name}`"))
                .collect();
            Err(vec![if known.is_empty() {
                problem.remedy("import a type, or add one with `add_type`")
            } else {
                problem.remedy(format!("the types are {}", known.join(", ")))
            }])
        }
    }
}

/// The version that a change restores: the one before the current one, and no other.
fn find_previous(version: u64, base: Option<&Current>) -> Result<&Previous, Vec<Problem>> {
    let place = format!("{FIELD_SPEC}/revert_to");
    let current = base.map_or(0, |current| current.version);
    if version.checked_add(1) != Some(current) {
        let problem = Problem::error(
            "revert_not_the_last_version",
            place,
            format!(
                "the current version is {current}: only the one before it is restored, not version {version}"
            ),
        );
        return Err(vec![if current > 1 {
            problem.remedy(format!("give {} for `revert_to`", current - 1))
        } else {
            problem.remedy("the first version has none before it")
        }]);
    }
    base.and_then(|current| current.previous.as_ref())
        .filter(|previous| previous.version == version)
        .ok_or_else(|| {
            vec![
                Problem::error(
                    "revert_unknown_version",
                    place,
                    format!("version {version} is not at hand here"),
                )
                .remedy("give its schema for the path `\"\"`"),
            ]
        })
}

/// Whether the schema in the field spec is one, in the dialect of the type.
fn check_given_schema(change: &Change, base: Option<&Current>) -> Result<(), Vec<Problem>> {
    let Some(schema) = change.schema() else {
        return Ok(());
    };
    let draft = base.map(|current| current.document.draft());
    Document::new(schema.clone(), References::new(), draft)
        .map(|_| ())
        .map_err(|problems| {
            problems
                .into_iter()
                .map(|problem| problem.under("/schema").under(FIELD_SPEC))
                .collect()
        })
}

fn next_document(schema: &Value, base: Option<&Current>) -> Result<Document, Vec<Problem>> {
    let (references, draft) = base.map_or_else(
        || (References::new(), None),
        |current| {
            (
                current.document.references().clone(),
                Some(current.document.draft()),
            )
        },
    );
    let relocate = |problem: Problem| {
        let message = if problem.pointer.is_empty() {
            problem.message
        } else {
            format!(
                "at {} of the next schema: {}",
                problem.pointer, problem.message
            )
        };
        Problem {
            pointer: FIELD_SPEC.to_owned(),
            message,
            ..problem
        }
    };
    let next = Document::new(schema.clone(), references, draft)
        .map_err(|problems| problems.into_iter().map(relocate).collect::<Vec<_>>())?;
    Schema::compile(next.clone(), Formats::Annotation)
        .map_err(|problem| vec![relocate(problem)])?;
    Ok(next)
}

/// A default must be valid under the field that it is the default of.
fn check_default(change: &Change, next: &Document, place: &str) -> Vec<Problem> {
    let Change::AddField {
        path,
        default,
        required,
        ..
    } = change
    else {
        return Vec::new();
    };
    let Some(default) = default else {
        if *required {
            return vec![
                Problem::warning(
                    "required_without_default",
                    FIELD_SPEC,
                    format!("`{path}` is required and has no default, so existing artifacts get no value for it"),
                )
                .remedy("give a `default`, or make the field optional"),
            ];
        }
        return Vec::new();
    };
    // A document of its own that refers to the field, so that what the field refers to is found.
    let uri = "urn:schema-senate:next";
    let mut references = next.references().clone();
    references.insert(uri.to_owned(), next.schema().clone());
    let field = serde_json::json!({ "$ref": format!("{uri}#{place}") });
    let validation = Document::new(field, references, Some(next.draft()))
        .ok()
        .and_then(|document| Schema::compile(document, Formats::Annotation).ok())
        .map(|schema| schema.validate_value(default));
    validation
        .into_iter()
        .flat_map(|validation| validation.errors)
        .map(|error| {
            Problem::error(
                "default_invalid",
                format!("{FIELD_SPEC}/default{}", error.instance_path),
                format!(
                    "the default is not valid under the field's schema: {}",
                    error.message
                ),
            )
        })
        .collect()
}

fn report(base: Option<&Current>, next: &Document) -> Report {
    let Some(current) = base else {
        return Report::of_the_first_version(&Options::default());
    };
    let options = current.setting.options();
    let (last, next) = (Side::from(&current.document), Side::from(next));
    if !options.mode.is_transitive() {
        return compatibility::check(&last, &next, &options);
    }
    let versions: Vec<_> = current
        .earlier
        .iter()
        .map(Side::from)
        .chain([last])
        .collect();
    let mut report = compatibility::check_history(&versions, &next, &options);
    if let Some(against) = report.against
        && report.verdict != Verdict::Compatible
    {
        report.reason = format!("Against version {}: {}", against + 1, report.reason);
    }
    report
}

/// Whether a draft has more bytes than the policy takes, as canonical text.
pub(super) fn draft_size(document: &Value, most: Option<u64>) -> Option<Problem> {
    let most = most?;
    // What has no canonical text is refused where it is hashed, with its place.
    let length = u64::try_from(canonical(document).ok()?.len()).unwrap_or(u64::MAX);
    (length > most).then(|| {
        Problem::error(
            "draft_too_large",
            "",
            format!("the draft has {length} bytes, and the policy takes {most}"),
        )
        .remedy("make several proposals of it, or shorten its texts")
    })
}

fn claim(declared: bool, computed: Verdict) -> Claim {
    Claim {
        declared,
        computed,
        agrees: declared == (computed == Verdict::Compatible),
    }
}

fn claim_problem(claim: Claim, setting: Option<&Setting>) -> Option<Problem> {
    const PLACE: &str = "/metadata/backward_compatible";
    let judged = setting
        .filter(|setting| !setting.is_default())
        .map_or_else(String::new, |setting| {
            format!(" (changes of this type are judged {})", setting.words())
        });
    match (claim.declared, claim.computed) {
        (true, Verdict::Breaking) => Some(
            Problem::warning(
                "claim_false",
                PLACE,
                format!("the change is declared backward compatible and is not{judged}: every member must approve it"),
            )
            .remedy("declare `backward_compatible: false`, or make the change compatible"),
        ),
        (true, Verdict::Undecided) => Some(
            Problem::warning(
                "claim_unproved",
                PLACE,
                format!("the change is declared backward compatible and that could not be proved{judged}: it counts as breaking, and every member must approve it"),
            ),
        ),
        (false, Verdict::Compatible) => Some(
            Problem::warning(
                "claim_too_cautious",
                PLACE,
                format!("the change is declared breaking and is proved compatible{judged}: the declaration is taken at its word, and every member must approve it"),
            )
            .remedy("declare `backward_compatible: true` to need two thirds only"),
        ),
        _ => None,
    }
}

pub(super) fn needed(policy: &Policy, track: Track, members: u64) -> Option<Needed> {
    let count = Count {
        members,
        ..Count::default()
    };
    let tally = tally(policy, track, count).ok()?;
    Some(Needed {
        yes: tally.threshold,
        of: members,
        words: tally.words,
    })
}

/// A declared plan that says none is needed, where the change itself rewrites artifacts.
fn check_declared_plan(declared: &Value, plan: &Plan) -> Option<Problem> {
    let says_none = declared.get("none_needed").is_some();
    (says_none && !plan.transforms.is_empty()).then(|| {
        Problem::warning(
            "migration_is_generated",
            "/metadata/migration_plan/none_needed",
            "the plan says that none is needed, and the change rewrites stored artifacts: a migration will be generated and applied",
        )
    })
}

/// A problem of the field spec as a problem of the draft.
fn in_draft(mut problem: Problem, draft: &Draft) -> Problem {
    // `apply` speaks of a path; the spec may have given it as `name` or `from`.
    if problem.pointer == "/path" {
        let spec = draft
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.get("field_spec"));
        let member = ["path", "name", "from"]
            .into_iter()
            .find(|name| spec.is_some_and(|spec| spec.get(name).is_some()));
        if let Some(member) = member {
            problem.pointer = format!("/{member}");
        }
    }
    problem.under(FIELD_SPEC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(schema: Value) -> Document {
        Document::new(schema, References::new(), None).unwrap()
    }

    /// An experiment whose `n` was true or false in version 3, and is a text since.
    fn current() -> Current {
        let before = document(
            json!({"type": "object", "properties": {"n": {"type": "boolean"}}, "additionalProperties": false}),
        );
        let change = Change::read(
            "modify_field",
            &json!({"path": "/n", "schema": {"type": "string"}}),
        )
        .unwrap();
        let now = document(change.apply(Some(&before)).unwrap().schema);
        let plan = migration::plan(&PlanInput {
            change: &change,
            artifact_type: "experiment",
            versions: (3, 4),
            current: Some(&before),
            next: &now,
            declared: &json!({"none_needed": "it follows from the schemas"}),
            strategy: Evolution::Batch,
            previous: None,
            table: migration::TABLE,
        })
        .unwrap();
        Current {
            artifact_type: "experiment".into(),
            version: 4,
            document: now,
            setting: Setting::default(),
            earlier: Vec::new(),
            evolution: Evolution::Lazy,
            previous: Some(Previous {
                version: 3,
                document: before,
                plan: Some(plan),
            }),
        }
    }

    fn assessed(current: &Current, change_type: &str, spec: Value, plan: Value) -> Assessment {
        let draft = json!({
            "proposal_type": "schema_change",
            "metadata": {
                "target_artifact_type": "experiment", "change_type": change_type, "field_spec": spec,
                "rationale": "Trials cannot be compared without it, see #12.",
                "migration_plan": plan, "backward_compatible": false
            }
        });
        let policy = Policy::default();
        let context = Context {
            current: Some(current),
            artifact_types: &["experiment".to_owned()],
            policy: &policy,
            members: None,
            max_draft_bytes: None,
        };
        assess(&draft, &context)
    }

    fn codes(assessment: &Assessment) -> Vec<(&'static str, &str)> {
        assessment
            .problems
            .iter()
            .map(|problem| (problem.code, problem.pointer.as_str()))
            .collect()
    }

    fn none_needed() -> Value {
        json!({"none_needed": "it follows from the schemas"})
    }

    #[test]
    fn the_last_version_is_restored_by_its_number() {
        let current = current();
        let assessment = assessed(
            &current,
            "modify_field",
            json!({"revert_to": 3}),
            none_needed(),
        );
        assert!(assessment.ok, "{:?}", assessment.problems);
        let previous = current.previous.as_ref().unwrap();
        assert_eq!(assessment.next.as_ref(), Some(&previous.document));
        let plan = assessment.migration.unwrap();
        assert_eq!(plan.restores.as_deref(), Some("experiment@3->4"));
        assert_eq!(plan.transforms, previous.plan.as_ref().unwrap().inverse);
        assert_eq!(plan.strategy, Evolution::Lazy);
    }

    #[test]
    fn another_version_is_not_restored() {
        const PLACE: &str = "/metadata/field_spec/revert_to";
        let mut current = current();
        let of = |current: &Current, version: u64| {
            let spec = json!({"revert_to": version});
            let assessment = assessed(current, "modify_field", spec, none_needed());
            assert!(!assessment.ok);
            assessment.problems
        };
        for version in [0, 2, 4, 5] {
            let problems = of(&current, version);
            let found = problems.first().unwrap();
            assert_eq!(
                (found.code, found.pointer.as_str()),
                ("revert_not_the_last_version", PLACE)
            );
        }
        current.previous = None;
        let problems = of(&current, 3);
        assert_eq!(
            problems.first().map(|problem| problem.code),
            Some("revert_unknown_version")
        );
    }

    #[test]
    fn a_version_that_nobody_planned_is_restored_by_what_its_schema_needs() {
        let mut current = current();
        if let Some(previous) = &mut current.previous {
            previous.plan = None;
        }
        let spec = json!({"revert_to": 3});
        let assessment = assessed(&current, "modify_field", spec, none_needed());
        let plan = assessment.migration.unwrap();
        assert_eq!(plan.restores, None);
        let transforms: Vec<Value> = plan.transforms.iter().map(|one| one.to_value()).collect();
        assert_eq!(
            transforms,
            [
                json!({"op": "convert", "path": "/n", "rule": "string_to_boolean", "otherwise": "keep"})
            ]
        );
    }

    #[test]
    fn transforms_of_the_proposer_are_read_where_they_stand() {
        let current = current();
        let spec = |op: &str| json!({"path": "/n", "transforms": [{"op": op, "path": "/n"}]});
        let assessment = assessed(&current, "remove_field", spec("drop"), none_needed());
        let place = "/metadata/field_spec/transforms/0/op";
        assert!(
            codes(&assessment).contains(&("transform_malformed", place)),
            "{:?}",
            assessment.problems
        );
        let assessment = assessed(&current, "remove_field", spec("remove"), none_needed());
        assert!(assessment.ok, "{:?}", assessment.problems);
        assert_eq!(assessment.migration.unwrap().transforms.len(), 1);
    }

    #[test]
    fn the_declared_plan_overrides_when_artifacts_follow() {
        let current = current();
        let spec = json!({"name": "m", "schema": {"type": "integer"}});
        for (strategy, expected) in [("batch", true), ("at_night", false)] {
            let declared = json!({"none_needed": "the field is optional", "strategy": strategy});
            let assessment = assessed(&current, "add_field", spec.clone(), declared);
            assert_eq!(assessment.ok, expected, "{:?}", assessment.problems);
            if expected {
                assert_eq!(assessment.migration.unwrap().strategy, Evolution::Batch);
            } else {
                let place = "/metadata/migration_plan/strategy";
                assert!(codes(&assessment).contains(&("member_choice", place)));
            }
        }
    }
}
