//! Artifact types, their schema versions, which one is current, how changes of a type are judged, and how its artifacts follow.

use std::collections::BTreeMap;

use crate::compatibility::Setting;
use crate::schema::{Document, Evolution};
use crate::text::Digest;

/// One version of a type's schema.
#[derive(Clone, Debug)]
pub struct SchemaVersion {
    /// From 1, without gaps.
    pub version: u64,
    /// The schema with what it refers to.
    pub document: Document,
    /// Its digest.
    pub digest: Digest,
    /// What changed.
    pub description: String,
    /// Who proposed or imported it.
    pub proposed_by: String,
    /// The proposal that brought it, if one did.
    pub proposal_id: Option<String>,
    /// When it was registered.
    pub registered_ms: u64,
    /// When it was retired: from then on no artifact is on it.
    pub retired_ms: Option<u64>,
}

/// A type with its whole history.
#[derive(Clone, Debug)]
pub struct ArtifactType {
    // INVARIANT: never empty; versions count from 1 without gaps.
    history: Vec<SchemaVersion>,
    current: SchemaVersion,
    compatibility: Setting,
    evolution: Evolution,
}

impl ArtifactType {
    /// The version that new artifacts are validated under.
    #[must_use]
    pub fn current(&self) -> &SchemaVersion {
        &self.current
    }

    /// How its changes are judged.
    #[must_use]
    pub fn compatibility(&self) -> &Setting {
        &self.compatibility
    }

    /// How its artifacts follow when it changes.
    #[must_use]
    pub fn evolution(&self) -> Evolution {
        self.evolution
    }

    /// Oldest first, the current one included.
    #[must_use]
    pub fn history(&self) -> &[SchemaVersion] {
        &self.history
    }

    /// Oldest first, without the current one.
    pub fn earlier(&self) -> impl Iterator<Item = &SchemaVersion> {
        self.history
            .iter()
            .filter(|known| known.version < self.current.version)
    }

    /// A version by its number.
    #[must_use]
    pub fn version(&self, version: u64) -> Option<&SchemaVersion> {
        self.history.iter().find(|known| known.version == version)
    }
}

/// All types by name.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    types: BTreeMap<String, ArtifactType>,
}

impl Registry {
    /// A type by name.
    #[must_use]
    pub fn get(&self, artifact_type: &str) -> Option<&ArtifactType> {
        self.types.get(artifact_type)
    }

    /// All types in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ArtifactType)> {
        self.types
            .iter()
            .map(|(name, known)| (name.as_str(), known))
    }

    /// All names, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.types.keys().cloned().collect()
    }

    /// How many types there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// The version that the type has now; 0 when there is no such type.
    #[must_use]
    pub fn current_version(&self, artifact_type: &str) -> u64 {
        self.get(artifact_type)
            .map_or(0, |known| known.current.version)
    }

    /// Makes a version the current one of its type. `settings` says how the type changes from then on; `None` leaves it as it
    /// is, and a new type at the defaults.
    ///
    /// # Errors
    /// The version that would be due, when `version` is another.
    pub fn register(
        &mut self,
        artifact_type: &str,
        version: SchemaVersion,
        settings: Option<Settings>,
    ) -> Result<(), u64> {
        let due = self.current_version(artifact_type) + 1;
        if version.version != due {
            return Err(due);
        }
        match self.types.get_mut(artifact_type) {
            Some(known) => {
                known.current = version.clone();
                if let Some(settings) = settings {
                    known.compatibility = settings.compatibility;
                    known.evolution = settings.evolution;
                }
                known.history.push(version);
            }
            None => {
                let settings = settings.unwrap_or_default();
                self.types.insert(
                    artifact_type.to_owned(),
                    ArtifactType {
                        current: version.clone(),
                        history: vec![version],
                        compatibility: settings.compatibility,
                        evolution: settings.evolution,
                    },
                );
            }
        }
        Ok(())
    }

    /// Retires a version: no artifact is on it any more. The current version is never retired, and none twice.
    ///
    /// # Errors
    /// Why it cannot be, in words.
    pub fn retire(
        &mut self,
        artifact_type: &str,
        version: u64,
        at_ms: u64,
    ) -> Result<(), &'static str> {
        let known = self
            .types
            .get_mut(artifact_type)
            .ok_or("there is no such type")?;
        if known.current.version == version {
            return Err("it is the current version");
        }
        let retired = known
            .history
            .iter_mut()
            .find(|known| known.version == version)
            .ok_or("there is no such version")?;
        if retired.retired_ms.is_some() {
            return Err("it was retired before");
        }
        retired.retired_ms = Some(at_ms);
        Ok(())
    }
}

/// How a type changes.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How its changes are judged.
    pub compatibility: Setting,
    /// How its artifacts follow.
    pub evolution: Evolution,
}
