//! Artifact types and their schema versions.

use serde_json::json;

use super::Scene;
use crate::compatibility::{Side, check, check_history, differences};
use crate::migration::{Scripted, TABLE, Transform, scripts};
use crate::registry::{SchemaVersion, Step};
use crate::schema::{Document, Evolution, dialect};
use crate::text::{Map, Problem, Value};

impl Scene<'_> {
    pub(super) fn types(&self) -> Value {
        let types: Vec<Value> = self
            .senate
            .registry
            .iter()
            .map(|(name, known)| {
                let current = known.current();
                let mut summary = Map::new();
                summary.insert("artifact_type".into(), name.into());
                summary.insert("version".into(), current.version.into());
                summary.insert("digest".into(), current.digest.to_string().into());
                for member in ["title", "description"] {
                    if let Some(text) = current
                        .document
                        .schema()
                        .get(member)
                        .filter(|text| text.is_string())
                    {
                        summary.insert(member.into(), text.clone());
                    }
                }
                summary.insert("compatibility".into(), known.compatibility().to_value());
                summary.insert("evolution".into(), known.evolution().name().into());
                summary.insert("registered_ms".into(), current.registered_ms.into());
                summary.insert("live_proposals".into(), self.live_on(name).len().into());
                Value::Object(summary)
            })
            .collect();
        json!({ "types": types })
    }

    pub(super) fn artifact_type(&self, name: &str) -> Result<Value, Problem> {
        let known = self
            .senate
            .registry
            .get(name)
            .ok_or_else(|| unknown(name))?;
        let mut before: Option<&Document> = None;
        let history: Vec<Value> = known
            .history()
            .iter()
            .map(|version| {
                let mut shown = self.version(name, version);
                let changed = before.map_or_else(Vec::new, |before| {
                    differences(&before.into(), &(&version.document).into())
                });
                before = Some(&version.document);
                shown.insert(
                    "differences".into(),
                    serde_json::to_value(changed).unwrap_or_default(),
                );
                if let Some(step) = known.step_to(version.version) {
                    shown.insert("transforms".into(), transforms(step.transforms));
                }
                Value::Object(shown)
            })
            .collect();
        Ok(json!({
            "artifact_type": name,
            "compatibility": known.compatibility().to_value(),
            "evolution": known.evolution().name(),
            "current": self.version(name, known.current()),
            "history": history,
            "live_proposals": self.live_on(name).into_iter().map(|proposal| self.summary(proposal)).collect::<Vec<_>>(),
        }))
    }

    pub(super) fn schema(&self, name: &str, version: Option<u64>) -> Result<Value, Problem> {
        let known = self
            .senate
            .registry
            .get(name)
            .ok_or_else(|| unknown(name))?;
        let found = match version {
            None => Some(known.current()),
            Some(number) => known.version(number),
        };
        found
            .map(|version| Value::Object(self.version(name, version)))
            .ok_or_else(|| {
                Problem::error(
                    "schema_version_unknown",
                    "/version",
                    format!("{name} has the versions 1 to {}", known.current().version),
                )
            })
    }

    /// How artifacts of one version become artifacts of a later one.
    pub(super) fn transition(&self, name: &str, from: u64, to: u64) -> Result<Value, Problem> {
        let known = self
            .senate
            .registry
            .get(name)
            .ok_or_else(|| unknown(name))?;
        let steps = known.steps(from, to)?;
        let (Some(old), Some(new)) = (known.version(from), known.version(to)) else {
            return Err(unknown(name));
        };
        let (old, new) = (Side::from(&old.document), Side::from(&new.document));
        let all: Vec<Transform> = steps
            .iter()
            .flat_map(|step| step.transforms)
            .cloned()
            .collect();
        let notes: Vec<&String> = steps.iter().flat_map(|step| step.notes).collect();
        let options = known.compatibility().options();
        let report = if options.mode.is_transitive() {
            check_history(&[old], &new, &options)
        } else {
            check(&old, &new, &options)
        };
        let mut shown = Map::new();
        shown.insert("artifact_type".into(), name.into());
        shown.insert("from".into(), from.into());
        shown.insert("to".into(), to.into());
        shown.insert("verdict".into(), report.verdict.as_str().into());
        shown.insert(
            "differences".into(),
            serde_json::to_value(differences(&old, &new)).unwrap_or_default(),
        );
        shown.insert("transforms".into(), transforms(&all));
        shown.insert("notes".into(), json!(notes));
        if let Some(sql) = sql_of(name, (from, to), &steps, &all) {
            shown.insert("sql".into(), sql);
        }
        Ok(Value::Object(shown))
    }

    pub(super) fn context(&self, name: Option<&str>) -> Value {
        let mut context = Map::new();
        if let Some(known) = name.and_then(|name| self.senate.registry.get(name)) {
            let current = known.current();
            let mut shown = Map::new();
            shown.insert("artifact_type".into(), name.into());
            shown.insert("version".into(), current.version.into());
            shown.extend(source(&current.document));
            let setting = known.compatibility();
            if !setting.is_default() {
                shown.insert("compatibility".into(), setting.to_value());
            }
            if known.evolution() != Evolution::default() {
                shown.insert("evolution".into(), known.evolution().name().into());
            }
            // What a change may restore.
            if let Some(before) = known.version(current.version - 1) {
                let mut previous = source(&before.document);
                previous.insert("version".into(), before.version.into());
                if let Some(plan) = &current.plan {
                    previous.insert("plan".into(), plan.to_value());
                }
                shown.insert("previous".into(), Value::Object(previous));
            }
            // Only a transitive mode asks about more than the current version.
            if setting.mode.is_transitive() {
                let earlier = known
                    .earlier()
                    .map(|version| Value::Object(source(&version.document)))
                    .collect();
                shown.insert("history".into(), Value::Array(earlier));
            }
            context.insert("current".into(), Value::Object(shown));
        }
        context.insert("artifact_types".into(), self.senate.registry.names().into());
        context.insert("policy".into(), self.charter.policy.value.to_value());
        context.insert(
            "members".into(),
            self.charter
                .roster
                .value
                .electorate(&Default::default())
                .len()
                .into(),
        );
        Value::Object(context)
    }

    fn version(&self, name: &str, version: &SchemaVersion) -> Map<String, Value> {
        let current = self.senate.registry.current_version(name);
        let mut shown = Map::new();
        shown.insert("artifact_type".into(), name.into());
        shown.insert("version".into(), version.version.into());
        shown.insert("is_current".into(), (version.version == current).into());
        shown.insert("digest".into(), version.digest.to_string().into());
        shown.insert(
            "draft".into(),
            dialect::name(version.document.draft()).into(),
        );
        shown.insert("schema".into(), version.document.schema().clone());
        if let Some(references) = references(&version.document) {
            shown.insert("references".into(), references);
        }
        shown.insert("description".into(), version.description.clone().into());
        shown.insert("proposed_by".into(), version.proposed_by.clone().into());
        if let Some(id) = &version.proposal_id {
            shown.insert("proposal_id".into(), id.clone().into());
        }
        shown.insert("registered_ms".into(), version.registered_ms.into());
        let plan = version.plan.as_ref().map(|plan| plan.digest());
        if let Some(Ok(digest)) = plan {
            shown.insert("plan".into(), digest.to_string().into());
        }
        if let Some(retired_ms) = version.retired_ms {
            shown.insert("retired_ms".into(), retired_ms.into());
        }
        shown
    }
}

/// The statements of one approved step as they were approved; of several, and of suggestions, as they would be.
fn sql_of(
    artifact_type: &str,
    (from, to): (u64, u64),
    steps: &[Step<'_>],
    transforms: &[Transform],
) -> Option<Value> {
    if let [
        Step {
            plan: Some(plan), ..
        },
    ] = steps
    {
        return Some(plan.sql.to_value());
    }
    let migration = format!("{artifact_type}@{from}->{to}");
    let sql = scripts(&Scripted {
        transforms,
        inverse: &[],
        artifact_type: Some(artifact_type),
        migration: &migration,
        restores: None,
        columns: &[],
        table: TABLE,
    });
    // A value that SQL cannot hold: the transforms say it all the same.
    sql.ok().map(|sql| sql.to_value())
}

fn transforms(list: &[Transform]) -> Value {
    list.iter().map(Transform::to_value).collect()
}

/// A schema with all that is needed to read it again.
fn source(document: &Document) -> Map<String, Value> {
    let mut source = Map::new();
    source.insert("schema".into(), document.schema().clone());
    if let Some(references) = references(document) {
        source.insert("references".into(), references);
    }
    if !document.names_its_dialect() {
        source.insert("draft".into(), dialect::name(document.draft()).into());
    }
    source
}

fn references(document: &Document) -> Option<Value> {
    let references = document.references();
    (!references.is_empty()).then(|| crate::schema::references_value(references))
}

fn unknown(name: &str) -> Problem {
    Problem::error(
        "artifact_type_unknown",
        "/artifact_type",
        format!("there is no type `{name}`"),
    )
}
