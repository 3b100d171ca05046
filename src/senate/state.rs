//! The state of a senate.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::event::Event;
use super::proposal::{ProposalRecord, Status};
use super::target::Target;
use crate::ledger::Tree;
use crate::migration::{Plan, Transformed};
use crate::proposal::{Current, Previous, Scope};
use crate::registry::{ArtifactType, Registry};
use crate::signature::PublicKey;
use crate::text::{Digest, Problem, Value};
use crate::vote::{Policy, Roster};

/// A senate, rebuilt from its log. Copies are cheap: they share what neither changes.
#[derive(Clone, Debug, Default)]
pub struct Senate {
    pub(super) seq: u64,
    pub(super) last_ms: u64,
    /// The log's tree, a leaf an event.
    pub(super) tree: Tree,
    /// `None` until the senate is founded.
    pub(super) charter: Option<Charter>,
    pub(super) registry: Arc<Registry>,
    /// By identifier, which is also the order of time.
    pub(super) proposals: BTreeMap<String, Arc<ProposalRecord>>,
    /// Proposals that time or an act can still move: those without a final event.
    pub(super) open: BTreeSet<String>,
    /// Events that changed what governs the senate, in the order of the log.
    pub(super) governing: Arc<Vec<u64>>,
    /// Events that registered versions of a type, by type.
    pub(super) type_seqs: BTreeMap<String, Arc<Vec<u64>>>,
    /// What each member has signed, by member; rising nonces.
    pub(super) acts: BTreeMap<String, Arc<Vec<Signed>>>,
    /// Only some of the log's events are here, as in a certificate.
    pub(super) partial: bool,
    /// In an audit of an event that another version of the core decided: the digest of the plan as that one worded it.
    pub(super) foreign_plan: Option<String>,
    /// In a part of a log: plans of proposals that are not in it, until their versions come.
    pub(super) foreign_plans: BTreeMap<String, Arc<Plan>>,
}

/// An act that was done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed {
    pub nonce: u64,
    pub seq: u64,
    /// Of what was signed.
    pub digest: Digest,
    /// Whether another act under the same nonce is on record.
    pub doubled: bool,
}

/// What the founding fixed, and what proposals have changed since.
#[derive(Clone, Debug)]
pub(super) struct Charter {
    pub origin: String,
    pub log_key: PublicKey,
    pub policy: InForce<Policy>,
    pub scope: InForce<Scope>,
    pub roster: InForce<Roster>,
}

/// A governed document, and how it came to be what it is.
#[derive(Clone, Debug)]
pub(super) struct InForce<T> {
    pub value: Arc<T>,
    /// From 1; for the roster, its epoch.
    pub version: u64,
    /// Every change, the founding first.
    pub history: Arc<Vec<Amendment<T>>>,
}

/// A governed document as it was from some moment on.
#[derive(Clone, Debug)]
pub(super) struct Amendment<T> {
    pub version: u64,
    pub seq: u64,
    pub at_ms: u64,
    /// `None` for the founding.
    pub proposal_id: Option<String>,
    pub value: Arc<T>,
}

impl<T> InForce<T> {
    pub fn founded(value: T, seq: u64, at_ms: u64) -> Self {
        let value = Arc::new(value);
        Self {
            value: value.clone(),
            version: 1,
            history: Arc::new(vec![Amendment {
                version: 1,
                seq,
                at_ms,
                proposal_id: None,
                value,
            }]),
        }
    }

    pub fn amend(&mut self, value: T, seq: u64, at_ms: u64, proposal_id: &str)
    where
        T: Clone,
    {
        self.value = Arc::new(value);
        self.version += 1;
        Arc::make_mut(&mut self.history).push(Amendment {
            version: self.version,
            seq,
            at_ms,
            proposal_id: Some(proposal_id.to_owned()),
            value: self.value.clone(),
        });
    }

    /// Since when it is as it is.
    pub fn since_ms(&self) -> u64 {
        self.history.last().map_or(0, |last| last.at_ms)
    }
}

impl Senate {
    /// Rebuilds a senate from its log, one event a line; the empty log is a senate not yet founded.
    ///
    /// The log is taken at its word: every event must follow from those before it, but signatures are not checked, and no
    /// decision is made again. For a log that comes from elsewhere use [`audit`](super::audit()).
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
        // One event leaves the state as it was when it fails; only several are tried on a copy.
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

    /// The time of the last event, in milliseconds since 1970; 0 before the founding.
    #[must_use]
    pub fn last_ms(&self) -> u64 {
        self.last_ms
    }

    /// The root of the log's tree.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.tree.root()
    }

    /// The log's tree.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The name of the log, once it is founded.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.charter.as_ref().map(|charter| charter.origin.as_str())
    }

    /// The key that signs the log's checkpoints, once it is founded.
    #[must_use]
    pub fn log_key(&self) -> Option<&PublicKey> {
        self.charter.as_ref().map(|charter| &charter.log_key)
    }

    /// The types.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// A proposal by its identifier.
    #[must_use]
    pub fn proposal(&self, id: &str) -> Option<&ProposalRecord> {
        self.proposals.get(id).map(Arc::as_ref)
    }

    /// Where a proposal stands at a moment: a function of the log and the time, whoever asks and however late.
    #[must_use]
    pub fn status(&self, id: &str, now_ms: u64) -> Option<Status> {
        let senate = self.at(now_ms);
        let proposal = senate.proposal(id)?;
        Some(senate.status_of(proposal))
    }

    /// Where a proposal stands once everything that is due is written down.
    pub(super) fn status_of(&self, proposal: &ProposalRecord) -> Status {
        proposal.status(self.version_of(&proposal.target))
    }

    /// The senate as it is at a moment: with what time has decided and nobody has written down yet.
    #[must_use]
    pub fn at(&self, now_ms: u64) -> Cow<'_, Self> {
        match self.settled(self.time(now_ms)) {
            Some((_, settled)) => Cow::Owned(settled),
            None => Cow::Borrowed(self),
        }
    }

    /// The version that is in force of what a proposal may change; 0 for a type that does not exist.
    pub(super) fn version_of(&self, target: &Target) -> u64 {
        match (target, &self.charter) {
            (Target::ArtifactType(name), _) => self.registry.current_version(name),
            (_, None) => 0,
            (Target::Policy, Some(charter)) => charter.policy.version,
            (Target::Members, Some(charter)) => charter.roster.version,
            (Target::Scope, Some(charter)) => charter.scope.version,
        }
    }

    /// An artifact of one version of a type as it is under a later one, through every version between.
    ///
    /// # Errors
    /// `artifact_type_unknown`, `schema_version_unknown`, `upcast_backwards`.
    pub fn upcast(
        &self,
        artifact_type: &str,
        from: u64,
        to: u64,
        artifact: &Value,
    ) -> Result<Transformed, Problem> {
        let known = self.registry.get(artifact_type).ok_or_else(|| {
            Problem::error(
                "artifact_type_unknown",
                "/artifact_type",
                format!("there is no type `{artifact_type}`"),
            )
        })?;
        known.upcast(from, to, artifact)
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
            evolution: known.evolution(),
            previous: previous_of(known),
        })
    }

    /// The time of a moment in this senate: the host's clock, but never before the last event.
    pub(super) fn time(&self, now_ms: u64) -> u64 {
        now_ms.max(self.last_ms)
    }
}

/// The version before the current one, which a change may restore, and the plan that led away from it.
fn previous_of(known: &ArtifactType) -> Option<Previous> {
    let current = known.current();
    let previous = known.version(current.version.checked_sub(1)?)?;
    Some(Previous {
        version: previous.version,
        document: previous.document.clone(),
        plan: current.plan.as_deref().cloned(),
    })
}
