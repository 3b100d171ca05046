//! Artifact types, their schema versions, which one is current, how changes of a type are judged, and how its artifacts follow.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::compatibility::Setting;
use crate::migration::{Plan, Suggestion, Transform, Transformed, apply, same, suggest};
use crate::schema::{Document, Evolution};
use crate::text::{Digest, Problem, Value};

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
    /// What a proposal that brought it did to the artifacts of the version before.
    pub plan: Option<Arc<Plan>>,
    /// What would do so for a version that was imported, once somebody has asked.
    pub suggested: Arc<OnceLock<Suggestion>>,
}

/// How artifacts of a version become artifacts of the next.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// What is done to each, in order.
    pub transforms: &'a [Transform],
    /// What else is to be known.
    pub notes: &'a [String],
    /// The plan that was approved; none for a version that was imported, whose transforms are a suggestion.
    pub plan: Option<&'a Plan>,
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

    /// What brings artifacts of the version before to this one; `None` for the first version and for those that there are not.
    #[must_use]
    pub fn step_to(&self, version: u64) -> Option<Step<'_>> {
        let before = self.version(version.checked_sub(1)?)?;
        let after = self.version(version)?;
        if let Some(plan) = &after.plan {
            return Some(Step {
                transforms: &plan.transforms,
                notes: &plan.notes,
                plan: Some(plan),
            });
        }
        let suggestion = after
            .suggested
            .get_or_init(|| suggest(&before.document, &after.document));
        Some(Step {
            transforms: &suggestion.transforms,
            notes: &suggestion.notes,
            plan: None,
        })
    }

    /// The steps from one version to a later one.
    ///
    /// # Errors
    /// `schema_version_unknown`, and `upcast_backwards` when the second version is the earlier.
    pub fn steps(&self, from: u64, to: u64) -> Result<Vec<Step<'_>>, Problem> {
        for (version, member) in [(from, "/from"), (to, "/to")] {
            if self.version(version).is_none() {
                return Err(Problem::error(
                    "schema_version_unknown",
                    member,
                    format!("there are the versions 1 to {}", self.current.version),
                ));
            }
        }
        if to < from {
            return Err(Problem::error(
                "upcast_backwards",
                "/to",
                format!("version {to} is older than version {from}: artifacts are brought forward only"),
            )
            .remedy("read it under the version that it was written under, or propose a change that reverts to it"));
        }
        Ok((from + 1..=to)
            .filter_map(|version| self.step_to(version))
            .collect())
    }

    /// An artifact of one version as it is under a later one.
    ///
    /// # Errors
    /// As [`steps`](ArtifactType::steps).
    pub fn upcast(&self, from: u64, to: u64, artifact: &Value) -> Result<Transformed, Problem> {
        let mut upcast = Transformed {
            artifact: artifact.clone(),
            changed: false,
            skipped: Vec::new(),
        };
        for step in self.steps(from, to)? {
            let next = apply(step.transforms, &upcast.artifact);
            upcast.artifact = next.artifact;
            upcast.skipped.extend(next.skipped);
        }
        upcast.changed = !same(&upcast.artifact, artifact);
        Ok(upcast)
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
