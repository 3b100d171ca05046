//! Migrations: what a host reports of them, and what members decide when one failed.

use super::super::act::Act;
use super::super::command::MigrationResult;
use super::super::event::Happening;
use super::super::proposal::{Migration, ProposalRecord, Status, Vote};
use super::super::state::{Charter, Senate};
use super::debate::is_voter;
use super::types::registered;
use super::{errors_first, refuse};
use crate::schema::{Change, Document, Evolution};
use crate::text::Problem;

impl Senate {
    pub(super) fn begin_migration(
        &self,
        id: &str,
        plan: &str,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let (_, _, migration) = self.due_migration(id, plan)?;
        if migration.started {
            // Another host has, or this one before it was interrupted.
            return Ok(Vec::new());
        }
        Ok(vec![Happening::MigrationStarted {
            proposal_id: id.to_owned(),
            plan: plan.to_owned(),
        }])
    }

    pub(super) fn record_migration(
        &self,
        id: &str,
        plan: &str,
        result: &MigrationResult,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let (proposal, vote, _) = self.due_migration(id, plan)?;
        match result {
            MigrationResult::Failed { reason, failures } => Ok(vec![Happening::MigrationFailed {
                proposal_id: id.to_owned(),
                plan: plan.to_owned(),
                reason: reason.clone(),
                failures: failures.clone(),
            }]),
            MigrationResult::Applied { checked, changed } => {
                let document = self.next_document(proposal, vote).map_err(errors_first)?;
                let version = registered(
                    proposal.target.name(),
                    vote.base_version + 1,
                    &document,
                    proposal.title.clone(),
                    &proposal.proposer_id,
                    id,
                    evolution_of(proposal),
                )
                .map_err(|problem| vec![problem])?;
                Ok(vec![
                    Happening::MigrationApplied {
                        proposal_id: id.to_owned(),
                        plan: plan.to_owned(),
                        checked: *checked,
                        changed: *changed,
                    },
                    version,
                ])
            }
        }
    }

    /// Whoever may open a vote may let a migration that failed be tried again: nothing but what was approved will run.
    pub(super) fn retry_migration(
        &self,
        charter: &Charter,
        act: &Act,
        id: &str,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let proposal = self.failed_migration(id)?;
        if act.by != proposal.proposer_id && !is_voter(charter, &act.by) {
            return refuse(
                "not_allowed_to_retry",
                "/by",
                &format!(
                    "only the proposer or a member lets a migration be tried again, and {} is neither",
                    act.by
                ),
            );
        }
        Ok(vec![Happening::MigrationRetried {
            proposal_id: id.to_owned(),
            act: act.value.clone(),
        }])
    }

    /// What was approved is given up by its proposer alone, and only once its migration has failed.
    pub(super) fn abandon_migration(
        &self,
        act: &Act,
        id: &str,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let proposal = self.failed_migration(id)?;
        if act.by != proposal.proposer_id {
            return refuse(
                "not_the_proposer",
                "/by",
                &format!("only {} can give this proposal up", proposal.proposer_id),
            );
        }
        Ok(vec![Happening::MigrationAbandoned {
            proposal_id: id.to_owned(),
            act: act.value.clone(),
        }])
    }

    /// A proposal whose migration has failed.
    fn failed_migration(&self, id: &str) -> Result<&ProposalRecord, Vec<Problem>> {
        let (proposal, status) = self.find_with_status(id)?;
        if status == Status::MigrationFailed {
            return Ok(proposal);
        }
        refuse(
            "migration_not_failed",
            "/proposal_id",
            &format!(
                "the proposal is {}; only a migration that failed is tried again or given up",
                status.name()
            ),
        )
    }

    /// The migration of a proposal that may run now, if this is its plan.
    fn due_migration(
        &self,
        id: &str,
        plan: &str,
    ) -> Result<(&ProposalRecord, &Vote, &Migration), Vec<Problem>> {
        let (proposal, status) = self.find_with_status(id)?;
        let (Some(migration), Some(vote)) = (&proposal.migration, &proposal.vote) else {
            return refuse(
                "nothing_to_migrate",
                "/proposal_id",
                &format!("the proposal is {}; it has no migration", status.name()),
            );
        };
        if status == Status::MigrationFailed {
            // Another host may have seen it fail while this one was about to begin: that is for people to look at first.
            return Err(vec![
                Problem::error(
                    "migration_failed_before",
                    "/proposal_id",
                    "the migration of this proposal failed, and nobody has let it be tried again",
                )
                .remedy("sign `retry_migration`, or give the proposal up with `abandon_migration`"),
            ]);
        }
        if !matches!(status, Status::Approved | Status::Migrating) {
            return refuse(
                "nothing_to_migrate",
                "/proposal_id",
                &format!(
                    "the proposal is {}; its migration cannot be applied",
                    status.name()
                ),
            );
        }
        if migration.digest != plan {
            return refuse(
                "plan_not_approved",
                "/plan",
                &format!(
                    "the plan that ran is {plan}, and {} was approved",
                    migration.digest
                ),
            );
        }
        Ok((proposal, vote, migration))
    }

    /// The document that a vote is about: its schema, with the references of the version that it follows, or restores.
    fn next_document(
        &self,
        proposal: &ProposalRecord,
        vote: &Vote,
    ) -> Result<Document, Vec<Problem>> {
        let source = match proposal.change {
            Some(Change::Revert { version }) => version,
            _ => vote.base_version,
        };
        let base = self
            .registry
            .get(proposal.target.name())
            .and_then(|known| known.version(source));
        let references = base
            .map(|version| version.document.references().clone())
            .unwrap_or_default();
        let draft = base.map(|version| version.document.draft());
        Document::new(vote.next.clone(), references, draft)
    }
}

/// How the artifacts of a new type follow its changes, when not all at once.
fn evolution_of(proposal: &ProposalRecord) -> Option<Evolution> {
    match proposal.change {
        Some(Change::AddType { evolution, .. }) if evolution != Evolution::default() => {
            Some(evolution)
        }
        _ => None,
    }
}
