//! Types: registering them, and the versions that a proposal brings.

use super::super::act::Act;
use super::super::deed::ImportedVersion;
use super::super::event::Happening;
use super::super::import;
use super::super::state::{Charter, Senate};
use super::debate::is_voter;
use super::refuse;
use crate::schema::{Document, Evolution, dialect, references_value};
use crate::text::{Problem, pointer};

impl Senate {
    pub(super) fn import(
        &self,
        charter: &Charter,
        act: &Act,
        artifact_type: &str,
        versions: &[ImportedVersion],
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        if !charter.policy.value.direct_import {
            return Err(vec![
                Problem::error(
                    "import_not_allowed",
                    "",
                    "the policy of this senate has new types proposed, not imported",
                )
                .remedy("propose the type with `add_type`"),
            ]);
        }
        if !is_voter(charter, &act.by) {
            return refuse(
                "not_a_member",
                "/by",
                &format!("only those who vote import types, and {} does not", act.by),
            );
        }
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
        let mut digests = Vec::new();
        for (index, version) in versions.iter().enumerate() {
            match import::document(version) {
                Ok((_, digest)) => digests.push(digest.to_string()),
                Err(found) => {
                    let place = pointer::from_segments(["versions", &index.to_string()]);
                    problems.extend(found.into_iter().map(|problem| problem.under(&place)));
                }
            }
        }
        if problems.is_empty() {
            Ok(vec![Happening::TypeImported {
                act: act.value.clone(),
                digests,
            }])
        } else {
            Err(problems)
        }
    }

    /// A version is retired when no artifact is on it; that nobody reads it any more is for its host to count first.
    pub(super) fn retire_version(
        &self,
        charter: &Charter,
        act: &Act,
        artifact_type: &str,
        version: u64,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        if !is_voter(charter, &act.by) {
            return refuse(
                "not_a_member",
                "/by",
                &format!(
                    "only those who vote retire versions, and {} does not",
                    act.by
                ),
            );
        }
        let known = self.registry.get(artifact_type).ok_or_else(|| {
            vec![Problem::error(
                "artifact_type_unknown",
                "/artifact_type",
                format!("there is no type `{artifact_type}`"),
            )]
        })?;
        let current = known.current().version;
        let Some(found) = known.version(version) else {
            return refuse(
                "schema_version_unknown",
                "/version",
                &format!("{artifact_type} has the versions 1 to {current}"),
            );
        };
        if version == current {
            return Err(vec![
                Problem::error(
                    "version_is_current",
                    "/version",
                    format!("{version} is the current version of {artifact_type}"),
                )
                .remedy("a version is retired after another has taken its place"),
            ]);
        }
        if found.retired_ms.is_some() {
            return refuse(
                "version_retired_before",
                "/version",
                &format!("version {version} of {artifact_type} is retired already"),
            );
        }
        Ok(vec![Happening::VersionRetired {
            act: act.value.clone(),
        }])
    }
}

/// A version that becomes current.
pub(super) fn registered(
    artifact_type: &str,
    version: u64,
    document: &Document,
    description: String,
    proposed_by: &str,
    proposal_id: &str,
    evolution: Option<Evolution>,
) -> Result<Happening, Problem> {
    let references = document.references();
    Ok(Happening::SchemaVersionRegistered {
        artifact_type: artifact_type.to_owned(),
        version,
        schema: document.schema().clone(),
        references: (!references.is_empty()).then(|| references_value(references)),
        draft: (!document.names_its_dialect()).then(|| dialect::name(document.draft()).to_owned()),
        digest: document.digest()?.to_string(),
        description,
        proposed_by: proposed_by.to_owned(),
        proposal_id: proposal_id.to_owned(),
        evolution: evolution.map(|evolution| evolution.name().to_owned()),
    })
}
