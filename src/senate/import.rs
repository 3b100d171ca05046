//! The versions of a type that comes with its history.

use super::deed::ImportedVersion;
use crate::schema::{Document, Formats, Schema};
use crate::text::{Digest, Problem};

/// The document of a version, compiled once to see that it is a schema, and its digest.
pub(super) fn document(version: &ImportedVersion) -> Result<(Document, Digest), Vec<Problem>> {
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
    Ok((document, digest))
}

/// What changed with a version, as it was given, or that it was imported.
pub(super) fn description(version: &ImportedVersion, number: u64) -> String {
    version.description.clone().unwrap_or_else(|| match number {
        1 => "Imported.".to_owned(),
        _ => format!("Imported as version {number}."),
    })
}
