//! Rehearsals: what a host reports of them, and the vote that waits for one.

use super::super::event::Happening;
use super::super::proposal::{ProposalRecord, Status};
use super::super::prospect::Prospect;
use super::super::rehearsal::{Evidence, Rehearsal};
use super::super::state::{Charter, Senate};
use super::{errors_first, refuse};
use crate::text::Problem;
use crate::vote::RehearsalMode;

impl Senate {
    /// A rehearsal is of the plan as it is now: of the one that a vote would freeze, or of the one that was approved. While a
    /// vote runs there is nothing to report, because its ballots name what was reported before.
    pub(super) fn record_rehearsal(
        &self,
        charter: &Charter,
        id: &str,
        plan: &str,
        evidence: &Evidence,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let (proposal, status) = self.find_with_status(id)?;
        if !proposal.is_schema_change() {
            return refuse(
                "nothing_to_migrate",
                "/proposal_id",
                "a change of the senate itself migrates no artifacts",
            );
        }
        let due = match status {
            Status::Review => {
                let prospect = self
                    .prospect(charter, &proposal.draft())
                    .map_err(errors_first)?;
                self.plan_of(&prospect)
            }
            Status::Approved | Status::Migrating | Status::MigrationFailed => proposal
                .migration
                .as_ref()
                .map(|migration| migration.digest.clone()),
            _ => {
                return Err(vec![
                    Problem::error(
                        "rehearsal_not_due",
                        "/proposal_id",
                        format!(
                            "the proposal is {}; nothing of it can be rehearsed",
                            status.name()
                        ),
                    )
                    .remedy("rehearse before the vote opens, or before the migration is applied"),
                ]);
            }
        };
        if due.as_deref() != Some(plan) {
            let due = due.as_deref().unwrap_or("no plan");
            return Err(vec![
                Problem::error(
                    "plan_not_proposed",
                    "/plan",
                    format!("the plan that was rehearsed is {plan}, and {due} is this proposal's"),
                )
                .remedy("read the proposal again, and rehearse the plan that it has now"),
            ]);
        }
        let version = self.version_of(&proposal.target);
        if evidence.base_version != version {
            return refuse(
                "evidence_of_another_base",
                "/evidence/base_version",
                &format!(
                    "the artifacts were taken to fit version {}, and {} is at version {version}",
                    evidence.base_version,
                    proposal.target.words()
                ),
            );
        }
        // Another version's plan may read the same and do otherwise.
        if self.foreign_plan.is_none() && evidence.core != env!("CARGO_PKG_VERSION") {
            return refuse(
                "evidence_of_another_core",
                "/evidence/core",
                &format!(
                    "the core that rehearsed has the version {}, and this one {}",
                    evidence.core,
                    env!("CARGO_PKG_VERSION")
                ),
            );
        }
        let is_known = proposal
            .rehearsal_of(plan)
            .is_some_and(|known| known.evidence.digest == evidence.digest);
        if is_known {
            return Ok(Vec::new());
        }
        Ok(vec![Happening::MigrationRehearsed {
            proposal_id: id.to_owned(),
            plan: plan.to_owned(),
            evidence: evidence.value.clone(),
        }])
    }

    /// The last rehearsal of the very plan that a vote would freeze.
    pub(super) fn rehearsal_of<'a>(
        &self,
        proposal: &'a ProposalRecord,
        prospect: &Prospect,
    ) -> Option<&'a Rehearsal> {
        proposal.rehearsal_of(&self.plan_of(prospect)?)
    }

    /// The digest of the plan; in an audit, of the plan as another version of the core worded it.
    fn plan_of(&self, prospect: &Prospect) -> Option<String> {
        let plan = prospect.plan.as_ref()?;
        match &self.foreign_plan {
            Some(foreign) => Some(foreign.clone()),
            None => plan.digest().ok().map(|digest| digest.to_string()),
        }
    }

    /// Whether the policy lets the vote open without a rehearsal, or there is one that passed.
    pub(super) fn check_rehearsed(
        &self,
        charter: &Charter,
        proposal: &ProposalRecord,
        prospect: &Prospect,
    ) -> Result<(), Vec<Problem>> {
        let is_required = charter.policy.value.rehearsal == RehearsalMode::Required;
        if !is_required || prospect.plan.is_none() {
            return Ok(());
        }
        match self.rehearsal_of(proposal, prospect) {
            None => Err(vec![
                Problem::error(
                    "rehearsal_missing",
                    "/proposal_id",
                    "the migration of this proposal, as it is now, was not rehearsed, and the policy asks for it",
                )
                .remedy("have its host rehearse it, then open the vote"),
            ]),
            Some(rehearsal) if !rehearsal.evidence.passed() => Err(vec![
                Problem::error(
                    "rehearsal_failed",
                    "/proposal_id",
                    format!(
                        "the rehearsal left {} artifacts not valid and {} not restored, and the policy asks for one that passes",
                        rehearsal.evidence.invalid_after, rehearsal.evidence.not_restored
                    ),
                )
                .remedy("revise the proposal, or mend the artifacts, and have it rehearsed again"),
            ]),
            Some(_) => Ok(()),
        }
    }
}
