//! The state of a senate.

use std::collections::{BTreeMap, BTreeSet};

use super::event::Event;
use super::proposal::ProposalRecord;
use crate::proposal::Current;
use crate::registry::Registry;
use crate::text::Problem;
use crate::vote::{Electorate, Policy};

/// A senate, rebuilt from its log.
#[derive(Clone, Debug, Default)]
pub struct Senate {
    pub(super) seq: u64,
    pub(super) last_ms: u64,
    /// `None` until the senate is founded.
    pub(super) charter: Option<Charter>,
    pub(super) registry: Registry,
    /// By identifier, which is also the order of time.
    pub(super) proposals: BTreeMap<String, ProposalRecord>,
    /// Proposals that time or a ballot can still move: those without a final event.
    pub(super) open: BTreeSet<String>,
}

/// What the founding fixed, and who may vote now.
#[derive(Clone, Debug)]
pub(super) struct Charter {
    pub origin: String,
    pub policy: Policy,
    pub electorate: Electorate,
}

impl Senate {
    /// Rebuilds a senate from its log, one event a line; the empty log is a senate not yet founded.
    ///
    /// # Errors
    /// The first line that is no event, or does not follow from those before it.
    pub fn replay(log: &[u8]) -> Result<Self, Problem> {
        let mut senate = Self::default();
        for event in Event::read_all(log)? {
            senate.evolve(&event)?;
        }
        Ok(senate)
    }

    /// Applies events, all or none.
    ///
    /// # Errors
    /// `event_out_of_order` and its siblings; the state is as before then.
    pub fn apply(&mut self, events: &[Event]) -> Result<(), Problem> {
        // Most events cannot fail once they are read; only those that can are tried on a copy.
        if let [event] = events {
            return self.evolve(event);
        }
        let mut next = self.clone();
        for event in events {
            next.evolve(event)?;
        }
        *self = next;
        Ok(())
    }

    /// The number of the last event; 0 before the founding.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The types.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// A proposal by its identifier.
    #[must_use]
    pub fn proposal(&self, id: &str) -> Option<&ProposalRecord> {
        self.proposals.get(id)
    }

    /// The type as drafts are judged against it.
    pub(super) fn current(&self, artifact_type: &str) -> Option<Current> {
        let known = self.registry.get(artifact_type)?;
        let current = known.current();
        let setting = known.compatibility().clone();
        Some(Current {
            artifact_type: artifact_type.to_owned(),
            version: current.version,
            document: current.document.clone(),
            earlier: if setting.mode.is_transitive() {
                known
                    .earlier()
                    .map(|version| version.document.clone())
                    .collect()
            } else {
                Vec::new()
            },
            setting,
        })
    }

    /// The time of a moment in this senate: the host's clock, but never before the last event.
    pub(super) fn time(&self, now_ms: u64) -> u64 {
        now_ms.max(self.last_ms)
    }
}
