//! Migrations: what a host reports of them.

use super::super::command::MigrationResult;
use super::super::event::Happening;
use super::super::proposal::{ProposalRecord, Status, Vote};
use super::super::state::Senate;
use super::types::registered;
use super::{errors_first, refuse};
use crate::schema::Document;
use crate::text::Problem;

impl Senate {
    pub(super) fn record_migration(
        &self,
        id: &str,
        plan: &str,
        result: &MigrationResult,
        now: u64,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let proposal = self.find(id)?;
        let status = proposal.status(&self.registry, now);
        let (Some(migration), Some(vote)) = (&proposal.migration, &proposal.vote) else {
            return refuse(
                "nothing_to_migrate",
                "/proposal_id",
                &format!("the proposal is {}; it has no migration", status.name()),
            );
        };
        if !matches!(status, Status::Approved | Status::MigrationFailed) {
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
        match result {
            MigrationResult::Failed { reason, failures } => Ok(vec![Happening::MigrationFailed {
                proposal_id: id.to_owned(),
                plan: plan.to_owned(),
                reason: reason.clone(),
                failures: failures.clone(),
            }]),
            MigrationResult::Applied { checked, changed } => {
                let document = self.next_document(proposal, vote).map_err(errors_first)?;
                let digest = document.digest().map_err(|problem| vec![problem])?;
                Ok(vec![
                    Happening::MigrationApplied {
                        proposal_id: id.to_owned(),
                        plan: plan.to_owned(),
                        checked: *checked,
                        changed: *changed,
                    },
                    registered(
                        &proposal.artifact_type,
                        vote.base_version + 1,
                        &document,
                        &digest.to_string(),
                        proposal.title.clone(),
                        &proposal.proposer_id,
                        Some(id),
                    ),
                ])
            }
        }
    }

    /// The document that a vote is about: its schema, with the references of the version that it follows.
    fn next_document(
        &self,
        proposal: &ProposalRecord,
        vote: &Vote,
    ) -> Result<Document, Vec<Problem>> {
        let base = self
            .registry
            .get(&proposal.artifact_type)
            .and_then(|known| known.version(vote.base_version));
        let references = base
            .map(|version| version.document.references().clone())
            .unwrap_or_default();
        let draft = base.map(|version| version.document.draft());
        Document::new(vote.next_schema.clone(), references, draft)
    }
}
