//! Types: registering them, and the versions that a proposal brings.

use super::super::command::ImportedVersion;
use super::super::event::Happening;
use super::super::state::Senate;
use crate::compatibility::Setting;
use crate::schema::{Document, Formats, Schema, dialect, references_value};
use crate::text::{Problem, pointer};

impl Senate {
    pub(super) fn import(
        &self,
        artifact_type: &str,
        versions: &[ImportedVersion],
        setting: &Setting,
        by: &str,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        if self.registry.get(artifact_type).is_some() {
            return Err(vec![
                Problem::error(
                    "artifact_type_exists",
                    "/artifact_type",
                    format!("there is a type `{artifact_type}` already"),
                )
                .remedy("change it by a proposal; an import only brings new types"),
            ]);
        }
        let mut problems = Vec::new();
        let mut happenings = Vec::new();
        for (number, version) in (1..).zip(versions) {
            match import_version(version) {
                Ok((document, digest)) => happenings.push(registered(
                    artifact_type,
                    number,
                    &document,
                    &digest,
                    version.description.clone().unwrap_or_else(|| match number {
                        1 => "Imported.".to_owned(),
                        _ => format!("Imported as version {number}."),
                    }),
                    by,
                    None,
                )),
                Err(found) => {
                    let place = pointer::from_segments(["versions", &(number - 1).to_string()]);
                    problems.extend(found.into_iter().map(|problem| problem.under(&place)));
                }
            }
        }
        if let Some(Happening::SchemaVersionRegistered { compatibility, .. }) =
            happenings.first_mut().filter(|_| !setting.is_default())
        {
            *compatibility = Some(setting.to_value());
        }
        if problems.is_empty() {
            Ok(happenings)
        } else {
            Err(problems)
        }
    }
}

fn import_version(version: &ImportedVersion) -> Result<(Document, String), Vec<Problem>> {
    let document = Document::new(
        version.schema.clone(),
        version.references.clone(),
        version.draft,
    )
    .map_err(|problems| {
        problems
            .into_iter()
            .map(|problem| {
                if problem.pointer.starts_with("/references/") {
                    problem
                } else {
                    problem.under("/schema")
                }
            })
            .collect::<Vec<_>>()
    })?;
    let digest = document
        .digest()
        .and_then(|digest| Schema::compile(document.clone(), Formats::Annotation).map(|_| digest))
        .map_err(|problem| vec![problem.under("/schema")])?;
    Ok((document, digest.to_string()))
}

/// A version that becomes current.
pub(super) fn registered(
    artifact_type: &str,
    version: u64,
    document: &Document,
    digest: &str,
    description: String,
    proposed_by: &str,
    proposal_id: Option<&str>,
) -> Happening {
    let references = document.references();
    Happening::SchemaVersionRegistered {
        artifact_type: artifact_type.to_owned(),
        version,
        schema: document.schema().clone(),
        references: (!references.is_empty()).then(|| references_value(references)),
        draft: (!document.names_its_dialect()).then(|| dialect::name(document.draft()).to_owned()),
        digest: digest.to_owned(),
        description,
        proposed_by: proposed_by.to_owned(),
        compatibility: None,
        proposal_id: proposal_id.map(str::to_owned),
    }
}
