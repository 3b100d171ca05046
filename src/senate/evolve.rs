//! Events to state. Nothing here judges: what an event says has happened. It must follow from what happened before.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::act::Act;
use super::deed::Deed;
use super::event::{Decided, Event, Happening, Judged};
use super::import;
use super::proposal::{
    Concern, ConcernState, Ended, Ending, Entry, Migration, Post, ProposalRecord, ScopeFinding,
    Vote,
};
use super::rehearsal::{Evidence, Rehearsal};
use super::state::{Charter, InForce, Senate, Signed};
use super::target::Target;
use crate::migration::Plan;
use crate::proposal::{PROPOSAL_TYPE, Scope};
use crate::registry::{SchemaVersion, Settings};
use crate::schema::{Change, Document, Evolution, References, dialect};
use crate::signature::PublicKey;
use crate::text::{Digest, Problem, Value};
use crate::vote::{Ballot, Counter, Electorate, Member, Policy, Roster, RosterChange, Rule, Track};

impl Senate {
    /// Applies one event. On an error the state is as before.
    pub(super) fn evolve(&mut self, event: &Event) -> Result<(), Problem> {
        let in_order = if self.partial {
            event.seq > self.seq
        } else {
            event.seq == self.seq + 1
        };
        if !in_order {
            return Err(Problem::error(
                "event_out_of_order",
                "/seq",
                format!("event {} cannot follow event {}", event.seq, self.seq),
            )
            .remedy("read the log again from the first event that is missing"));
        }
        if event.at_ms < self.last_ms {
            return Err(Problem::error(
                "event_out_of_order",
                "/at_ms",
                format!("event {} is older than the one before it", event.seq),
            ));
        }
        let founded = self.charter.is_some();
        match &event.happening {
            Happening::SenateFounded { .. } if founded => {
                return Err(broken(event, "the senate was founded before"));
            }
            Happening::SenateFounded { .. } => {}
            _ if !founded => return Err(broken(event, "the senate is not founded yet")),
            _ => {}
        }
        let leaf = event.leaf()?;
        let act = event
            .happening
            .act()
            .map(|act| self.read_act(event, act))
            .transpose()?;
        self.happen(event, act.as_ref())?;
        self.index(event);
        if let Some(act) = &act {
            self.remember(event, act)?;
        }
        self.seq = event.seq;
        self.last_ms = event.at_ms;
        if !self.partial {
            self.tree.append(leaf);
        }
        let happening = &event.happening;
        if let Some(proposal) = happening
            .proposal_id()
            .and_then(|id| self.proposals.get_mut(id))
        {
            Arc::make_mut(proposal).timeline.push(Entry {
                seq: event.seq,
                at_ms: event.at_ms,
                event: happening.name(),
                by: happening.by().map(str::to_owned),
                words: happening.words(),
                leaf,
            });
        }
        Ok(())
    }

    /// Reads the act of an event; its number must be new.
    fn read_act(&self, event: &Event, act: &Value) -> Result<Act, Problem> {
        let act = Act::read(act).map_err(|problems| {
            let why = problems
                .first()
                .map_or_else(String::new, |problem| problem.message.clone());
            broken(event, &format!("its act cannot be read: {why}"))
        })?;
        let last = self.last_nonce(&act.by);
        // The record of a doubled number is about its signer, whatever the act would have been about.
        let doubled = matches!(event.happening, Happening::EquivocationRecorded { .. });
        if !doubled
            && act.deed.proposal_id().is_some()
            && act.deed.proposal_id() != event.happening.proposal_id()
        {
            return Err(broken(event, "its act is about another proposal"));
        }
        if !doubled && act.nonce <= last {
            return Err(broken(event, "the number of its act was used before"));
        }
        Ok(act)
    }

    /// The number of a member's last act; 0 for none.
    pub(super) fn last_nonce(&self, member: &str) -> u64 {
        self.acts
            .get(member)
            .and_then(|acts| acts.last())
            .map_or(0, |last| last.nonce)
    }

    fn remember(&mut self, event: &Event, act: &Act) -> Result<(), Problem> {
        let digest = Digest::of_bytes(&act.signed_bytes()?);
        let acts = Arc::make_mut(self.acts.entry(act.by.clone()).or_default());
        if let Happening::EquivocationRecorded { nonce, .. } = &event.happening {
            if let Some(signed) = acts.iter_mut().find(|signed| signed.nonce == *nonce) {
                signed.doubled = true;
            }
        } else {
            acts.push(Signed {
                nonce: act.nonce,
                seq: event.seq,
                digest,
                doubled: false,
            });
        }
        Ok(())
    }

    fn happen(&mut self, event: &Event, act: Option<&Act>) -> Result<(), Problem> {
        match &event.happening {
            Happening::SenateFounded {
                origin,
                log_key,
                policy,
                scope,
                members,
            } => self.found(event, (origin, log_key), policy, scope, members),
            Happening::TypeImported { digests, .. } => self.import_type(event, act, digests),
            Happening::SchemaVersionRegistered { .. } => self.register(event),
            Happening::VersionRetired { .. } => self.retire(event, act),
            Happening::ProposalCreated {
                proposal_id,
                judged,
                ..
            } => self.create(event, act, proposal_id, judged),
            Happening::ProposalRevised {
                proposal_id,
                judged,
                revision,
                ..
            } => self.revise(event, act, proposal_id, judged, *revision),
            Happening::ScopeEvaluated {
                proposal_id,
                attempt,
                verdict,
                reasoning,
                matches,
            } => {
                let finding = ScopeFinding {
                    attempt: *attempt,
                    verdict: verdict.clone(),
                    reasoning: reasoning.clone(),
                    matches: matches.clone(),
                    judge: None,
                    at_ms: event.at_ms,
                };
                self.known(event, proposal_id)?.scope.push(finding);
                Ok(())
            }
            Happening::ScopeJudged { proposal_id, .. } => self.judge_scope(event, act, proposal_id),
            Happening::ScopeAppealed { proposal_id, .. } => {
                let Some(Deed::Appeal { justification, .. }) = act.map(|act| &act.deed) else {
                    return Err(broken(event, "its act is no appeal"));
                };
                let proposal = self.known(event, proposal_id)?;
                if proposal.appealed.is_some() {
                    return Err(broken(event, "it was appealed before"));
                }
                proposal.appealed = Some(justification.clone());
                Ok(())
            }
            Happening::ProposalReopened { proposal_id } => {
                let proposal = self.known(event, proposal_id)?;
                match &proposal.ending {
                    Some(ending) if ending.kind == Ended::OutOfScope => {}
                    _ => return Err(broken(event, "it was not rejected for its scope")),
                }
                proposal.ending = None;
                proposal.reviewed_ms = event.at_ms;
                self.open.insert(proposal_id.clone());
                Ok(())
            }
            Happening::MemberRecused { proposal_id, .. } => {
                let Some((by, Deed::Recuse { reason, .. })) = doer(act) else {
                    return Err(broken(event, "its act is no recusal"));
                };
                let proposal = self.known(event, proposal_id)?;
                if proposal.vote.is_some() {
                    return Err(broken(event, "the electorate is frozen"));
                }
                proposal.recused.insert(by.to_owned(), reason.clone());
                Ok(())
            }
            Happening::CommentPosted {
                proposal_id,
                comment_id,
                quote,
                ..
            } => self.post(event, act, proposal_id, comment_id, quote.as_ref()),
            Happening::ConcernRaised {
                proposal_id,
                concern_id,
                quote,
                ..
            } => self.raise(event, act, proposal_id, concern_id, quote.as_ref()),
            Happening::ConcernResolved { proposal_id, .. } => {
                let Some((
                    _,
                    Deed::ResolveConcern {
                        concern_id, text, ..
                    },
                )) = doer(act)
                else {
                    return Err(broken(event, "its act resolves nothing"));
                };
                let state = ConcernState::Resolved {
                    at_ms: event.at_ms,
                    text: text.clone(),
                };
                self.close_concern(event, proposal_id, concern_id, state)
            }
            Happening::ConcernOverrideSigned { proposal_id, .. } => {
                let Some((
                    by,
                    Deed::OverrideConcern {
                        concern_id, reason, ..
                    },
                )) = doer(act)
                else {
                    return Err(broken(event, "its act overrides nothing"));
                };
                let concern = self.open_concern(event, proposal_id, concern_id)?;
                concern.overrides.insert(by.to_owned(), reason.clone());
                Ok(())
            }
            Happening::ConcernOverridden {
                proposal_id,
                concern_id,
                ..
            } => {
                let state = ConcernState::Overridden { at_ms: event.at_ms };
                self.close_concern(event, proposal_id, concern_id, state)
            }
            Happening::MigrationRehearsed {
                proposal_id,
                plan,
                evidence,
            } => self.rehearse(event, proposal_id, plan, evidence),
            Happening::VoteOpened { .. } => self.open_vote_of(event),
            Happening::BallotCast { proposal_id, .. } => self.cast(event, act, proposal_id),
            Happening::VoteExtended {
                proposal_id,
                closes_ms,
                because,
            } => {
                let proposal = self.known(event, proposal_id)?;
                match &mut proposal.vote {
                    Some(vote)
                        if vote.extended_because.is_none() && *closes_ms >= vote.closes_ms =>
                    {
                        vote.closes_ms = *closes_ms;
                        vote.extended_because = Some(because.clone());
                        Ok(())
                    }
                    _ => Err(broken(event, "its vote cannot be extended")),
                }
            }
            Happening::SchemaProposalApproved {
                proposal_id,
                decided,
                ..
            }
            | Happening::SenateProposalApproved {
                proposal_id,
                decided,
                ..
            } => self.end(event, proposal_id, Ended::Approved, decided),
            Happening::SchemaProposalRejected {
                proposal_id,
                because,
                decided,
            }
            | Happening::SenateProposalRejected {
                proposal_id,
                because,
                decided,
            } => {
                let kind = match because.as_str() {
                    "vote" => Ended::Rejected,
                    "scope" => Ended::OutOfScope,
                    _ => return Err(broken(event, "it was rejected for no known cause")),
                };
                self.end(event, proposal_id, kind, decided)
            }
            Happening::ProposalExpired {
                proposal_id,
                decided,
            } => self.end(event, proposal_id, Ended::Expired, decided),
            Happening::ProposalStale {
                proposal_id,
                decided,
            } => self.end(event, proposal_id, Ended::Stale, decided),
            Happening::ProposalWithdrawn { proposal_id, .. } => {
                let Some((_, Deed::Withdraw { reason, .. })) = doer(act) else {
                    return Err(broken(event, "its act withdraws nothing"));
                };
                let proposal = self.known(event, proposal_id)?;
                let decided = Decided {
                    reason: reason
                        .clone()
                        .unwrap_or_else(|| "no reason was given".into()),
                    decided_ms: event.at_ms,
                    tally: None,
                    dissent: proposal
                        .vote
                        .as_ref()
                        .map(Vote::dissent)
                        .unwrap_or_default(),
                    record: proposal.record(),
                };
                self.end(event, proposal_id, Ended::Withdrawn, &decided)
            }
            Happening::MigrationGenerated {
                proposal_id, plan, ..
            } if self.partial && !self.proposals.contains_key(proposal_id) => {
                if let Ok(plan) = Plan::from_value(plan) {
                    self.foreign_plans
                        .insert(proposal_id.clone(), Arc::new(plan));
                }
                Ok(())
            }
            Happening::MigrationGenerated {
                proposal_id,
                digest,
                ..
            } => {
                let proposal = self.known(event, proposal_id)?;
                if proposal.migration.is_some() {
                    return Err(broken(event, "its migration was generated before"));
                }
                proposal.migration = Some(Migration {
                    digest: digest.clone(),
                    started: false,
                    applied: false,
                    failed: None,
                });
                Ok(())
            }
            Happening::MigrationStarted { proposal_id, .. } => {
                let migration = self.migration(event, proposal_id)?;
                migration.started = true;
                migration.failed = None;
                Ok(())
            }
            Happening::MigrationApplied { proposal_id, .. } => {
                let migration = self.migration(event, proposal_id)?;
                migration.applied = true;
                migration.failed = None;
                self.open.remove(proposal_id);
                Ok(())
            }
            Happening::MigrationFailed {
                proposal_id,
                reason,
                failures,
                ..
            } => {
                let migration = self.migration(event, proposal_id)?;
                migration.started = false;
                migration.failed = Some((reason.clone(), failures.clone()));
                Ok(())
            }
            Happening::MigrationRetried { proposal_id, .. } => {
                let Some((_, Deed::RetryMigration { .. })) = doer(act) else {
                    return Err(broken(event, "its act lets nothing be tried again"));
                };
                let migration = self.migration(event, proposal_id)?;
                if migration.failed.take().is_none() {
                    return Err(broken(event, "its migration has not failed"));
                }
                Ok(())
            }
            Happening::MigrationAbandoned { proposal_id, .. } => {
                let Some((_, Deed::AbandonMigration { reason, .. })) = doer(act) else {
                    return Err(broken(event, "its act gives nothing up"));
                };
                self.abandon(event, proposal_id, reason)
            }
            Happening::PolicyChanged { .. }
            | Happening::MembersChanged { .. }
            | Happening::ScopeChanged { .. } => self.amend(event),
            Happening::KeyRotated { .. } => {
                let Some((by, Deed::RotateKey { new_key, .. })) = doer(act) else {
                    return Err(broken(event, "its act rotates no key"));
                };
                let charter = self.founded(event)?;
                Arc::make_mut(&mut charter.roster.value)
                    .rotate(by, *new_key, event.seq)
                    .map_err(|problem| broken(event, &problem.message))
            }
            Happening::EquivocationRecorded { .. } => Ok(()),
        }
    }

    /// Remembers which events a certificate needs beside those of its proposal.
    fn index(&mut self, event: &Event) {
        match &event.happening {
            Happening::SenateFounded { .. }
            | Happening::PolicyChanged { .. }
            | Happening::MembersChanged { .. }
            | Happening::ScopeChanged { .. }
            | Happening::KeyRotated { .. } => Arc::make_mut(&mut self.governing).push(event.seq),
            Happening::SchemaVersionRegistered { artifact_type, .. } => {
                self.index_type(artifact_type, event.seq);
            }
            Happening::TypeImported { act, .. } => {
                let name = act.get("artifact_type").and_then(Value::as_str);
                self.index_type(name.unwrap_or_default(), event.seq);
            }
            _ => {}
        }
    }

    fn index_type(&mut self, name: &str, seq: u64) {
        let seqs = self.type_seqs.entry(name.to_owned()).or_default();
        Arc::make_mut(seqs).push(seq);
    }

    fn found(
        &mut self,
        event: &Event,
        (origin, log_key): (&str, &str),
        policy: &Value,
        scope: &Value,
        members: &Value,
    ) -> Result<(), Problem> {
        let log_key: PublicKey = log_key
            .parse()
            .map_err(|_| broken(event, "its log key is no key"))?;
        let policy = read_policy(event, policy)?;
        let scope = Scope::from_value(scope, &Scope::default())
            .map_err(|_| broken(event, "its scope is none"))?;
        let roster = Member::list_from_value(members)
            .and_then(|members| Roster::found(members, event.seq))
            .map_err(|_| broken(event, "its members cannot be read"))?;
        self.charter = Some(Charter {
            origin: origin.to_owned(),
            log_key,
            policy: InForce::founded(policy, event.seq, event.at_ms),
            scope: InForce::founded(scope, event.seq, event.at_ms),
            roster: InForce::founded(roster, event.seq, event.at_ms),
        });
        Ok(())
    }

    fn founded(&mut self, event: &Event) -> Result<&mut Charter, Problem> {
        self.charter
            .as_mut()
            .ok_or_else(|| broken(event, "the senate is not founded yet"))
    }

    fn known(&mut self, event: &Event, id: &str) -> Result<&mut ProposalRecord, Problem> {
        self.proposals
            .get_mut(id)
            .map(Arc::make_mut)
            .ok_or_else(|| broken(event, "there is no such proposal"))
    }

    fn migration(&mut self, event: &Event, id: &str) -> Result<&mut Migration, Problem> {
        self.known(event, id)?
            .migration
            .as_mut()
            .ok_or_else(|| broken(event, "no migration was generated"))
    }

    fn end(
        &mut self,
        event: &Event,
        id: &str,
        kind: Ended,
        decided: &Decided,
    ) -> Result<(), Problem> {
        let proposal = self.known(event, id)?;
        // An approved proposal can still turn stale, or be given up, before it is in force; no other ending is ever replaced.
        match &proposal.ending {
            None => {}
            Some(ending)
                if ending.kind == Ended::Approved
                    && matches!(kind, Ended::Stale | Ended::Abandoned) => {}
            Some(_) => return Err(broken(event, "the proposal has ended before")),
        }
        proposal.ending = Some(Ending {
            kind,
            reason: decided.reason.clone(),
            decided_ms: decided.decided_ms,
            dissent: decided.dissent.clone(),
        });
        if kind != Ended::Approved {
            self.open.remove(id);
        }
        Ok(())
    }

    fn import_type(
        &mut self,
        event: &Event,
        act: Option<&Act>,
        digests: &[String],
    ) -> Result<(), Problem> {
        let Some((
            by,
            Deed::ImportType {
                artifact_type,
                versions,
                settings,
            },
        )) = doer(act)
        else {
            return Err(broken(event, "its act imports nothing"));
        };
        if versions.len() != digests.len() {
            return Err(broken(event, "its digests are not those of its versions"));
        }
        let mut registry = (*self.registry).clone();
        for ((number, version), digest) in (1..).zip(versions).zip(digests) {
            let (document, computed) = import::document(version)
                .map_err(|_| broken(event, "one of its schemas is not one"))?;
            if computed.to_string() != *digest {
                return Err(broken(event, "a digest is not that of its schema"));
            }
            let registered = SchemaVersion {
                version: number,
                document,
                digest: computed,
                description: import::description(version, number),
                proposed_by: by.to_owned(),
                proposal_id: None,
                registered_ms: event.at_ms,
                retired_ms: None,
                plan: None,
                suggested: Arc::default(),
            };
            let settings = (number == 1).then(|| settings.clone());
            registry
                .register(artifact_type, registered, settings)
                .map_err(|due| {
                    broken(event, &format!("version {due} of {artifact_type} is due"))
                })?;
        }
        self.registry = Arc::new(registry);
        Ok(())
    }

    fn register(&mut self, event: &Event) -> Result<(), Problem> {
        let Happening::SchemaVersionRegistered {
            artifact_type,
            version,
            schema,
            references,
            draft,
            digest,
            description,
            proposed_by,
            proposal_id,
            evolution,
        } = &event.happening
        else {
            return Ok(());
        };
        let references: References = match references {
            Some(Value::Object(members)) => members.clone().into_iter().collect(),
            _ => References::new(),
        };
        let draft = draft
            .as_deref()
            .map(dialect::parse)
            .transpose()
            .map_err(|_| broken(event, "its dialect is unknown"))?;
        let evolution = match evolution.as_deref().map(Evolution::from_name) {
            None => None,
            Some(Some(evolution)) if *version == 1 => Some(evolution),
            Some(_) => return Err(broken(event, "its type does not evolve so")),
        };
        let document = Document::new(schema.clone(), references, draft)
            .map_err(|_| broken(event, "its schema is not one"))?;
        let computed = document.digest()?;
        if computed.to_string() != *digest {
            return Err(broken(event, "its digest is not that of its schema"));
        }
        let registered = SchemaVersion {
            version: *version,
            document,
            digest: computed,
            description: description.clone(),
            proposed_by: proposed_by.clone(),
            proposal_id: Some(proposal_id.clone()),
            registered_ms: event.at_ms,
            retired_ms: None,
            plan: self.plan_that_brought(proposal_id),
            suggested: Arc::default(),
        };
        let settings = evolution.map(|evolution| Settings {
            evolution,
            ..Settings::default()
        });
        Arc::make_mut(&mut self.registry)
            .register(artifact_type, registered, settings)
            .map_err(|due| broken(event, &format!("version {due} of {artifact_type} is due")))
    }

    /// The plan of a proposal's migration. In a part of a log the proposal may be missing, and its plan stands by itself.
    fn plan_that_brought(&mut self, id: &str) -> Option<Arc<Plan>> {
        if let Some(plan) = self.foreign_plans.remove(id) {
            return Some(plan);
        }
        let vote = self.proposals.get(id)?.vote.as_ref()?;
        // What another version of the core has written may not be read by this one: then nothing is known of it.
        let plan = Plan::from_value(vote.plan.as_ref()?).ok()?;
        Some(Arc::new(plan))
    }

    fn retire(&mut self, event: &Event, act: Option<&Act>) -> Result<(), Problem> {
        let Some((
            _,
            Deed::RetireVersion {
                artifact_type,
                version,
                ..
            },
        )) = doer(act)
        else {
            return Err(broken(event, "its act retires nothing"));
        };
        Arc::make_mut(&mut self.registry)
            .retire(artifact_type, *version, event.at_ms)
            .map_err(|why| broken(event, why))
    }

    fn rehearse(
        &mut self,
        event: &Event,
        id: &str,
        plan: &str,
        evidence: &Value,
    ) -> Result<(), Problem> {
        let evidence = Evidence::read(evidence, "/evidence")
            .map_err(|_| broken(event, "its evidence contradicts itself"))?;
        let proposal = self.known(event, id)?;
        if !proposal.is_schema_change() {
            return Err(broken(event, "the proposal migrates nothing"));
        }
        proposal
            .rehearsals
            .retain(|rehearsal| rehearsal.plan != plan);
        proposal.rehearsals.push(Arc::new(Rehearsal {
            plan: plan.to_owned(),
            evidence,
            at_ms: event.at_ms,
        }));
        Ok(())
    }

    fn abandon(&mut self, event: &Event, id: &str, reason: &str) -> Result<(), Problem> {
        if self.migration(event, id)?.failed.is_none() {
            return Err(broken(event, "its migration has not failed"));
        }
        let proposal = self.known(event, id)?;
        let decided = Decided {
            reason: reason.to_owned(),
            decided_ms: event.at_ms,
            tally: None,
            dissent: proposal.dissent().to_vec(),
            record: proposal.record(),
        };
        self.end(event, id, Ended::Abandoned, &decided)
    }

    fn create(
        &mut self,
        event: &Event,
        act: Option<&Act>,
        id: &str,
        judged: &Judged,
    ) -> Result<(), Problem> {
        let Some((by, Deed::Propose { draft })) = doer(act) else {
            return Err(broken(event, "its act proposes nothing"));
        };
        if self.proposals.contains_key(id) {
            return Err(broken(event, "there is a proposal of that identifier"));
        }
        let metadata = draft.get("metadata").cloned().unwrap_or_default();
        let proposal_type = draft
            .get("proposal_type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let proposal = ProposalRecord {
            id: id.to_owned(),
            proposer_id: by.to_owned(),
            proposal_type: proposal_type.to_owned(),
            title: judged.title.clone(),
            created_ms: event.at_ms,
            reviewed_ms: event.at_ms,
            revision: 1,
            change: read_change(event, proposal_type, &metadata)?,
            metadata,
            target: Target::from_name(&judged.target),
            verdict: judged.verdict.clone(),
            track: read_track(event, &judged.track)?,
            features: judged.features.clone(),
            fingerprint: judged.fingerprint.clone(),
            addresses: draft.get("addresses").cloned().unwrap_or_default(),
            vote: None,
            rehearsals: Vec::new(),
            migration: None,
            brought: None,
            scope: Vec::new(),
            appealed: None,
            recused: BTreeMap::new(),
            posts: Vec::new(),
            concerns: Vec::new(),
            ending: None,
            timeline: Vec::new(),
        };
        self.proposals.insert(id.to_owned(), Arc::new(proposal));
        self.open.insert(id.to_owned());
        Ok(())
    }

    fn revise(
        &mut self,
        event: &Event,
        act: Option<&Act>,
        id: &str,
        judged: &Judged,
        revision: u64,
    ) -> Result<(), Problem> {
        let Some((_, Deed::Revise { metadata, .. })) = doer(act) else {
            return Err(broken(event, "its act revises nothing"));
        };
        let track = read_track(event, &judged.track)?;
        let proposal = self.known(event, id)?;
        if proposal.vote.is_some() || proposal.ending.is_some() || revision != proposal.revision + 1
        {
            return Err(broken(event, "it cannot be revised now"));
        }
        proposal.change = read_change(event, &proposal.proposal_type, metadata)?;
        proposal.metadata = metadata.clone();
        proposal.revision = revision;
        proposal.reviewed_ms = event.at_ms;
        proposal.title.clone_from(&judged.title);
        proposal.verdict.clone_from(&judged.verdict);
        proposal.features.clone_from(&judged.features);
        proposal.fingerprint.clone_from(&judged.fingerprint);
        proposal.track = track;
        Ok(())
    }

    fn judge_scope(&mut self, event: &Event, act: Option<&Act>, id: &str) -> Result<(), Problem> {
        let Some((
            by,
            Deed::JudgeScope {
                verdict, reasoning, ..
            },
        )) = doer(act)
        else {
            return Err(broken(event, "its act judges nothing"));
        };
        let proposal = self.known(event, id)?;
        let attempt = proposal.scope_verdict().map_or(1, |last| last.attempt);
        proposal.scope.push(ScopeFinding {
            attempt,
            verdict: verdict.name().to_owned(),
            reasoning: reasoning.clone(),
            matches: Value::Array(Vec::new()),
            judge: Some(by.to_owned()),
            at_ms: event.at_ms,
        });
        Ok(())
    }

    fn post(
        &mut self,
        event: &Event,
        act: Option<&Act>,
        id: &str,
        comment_id: &str,
        quote: Option<&String>,
    ) -> Result<(), Problem> {
        let Some((by, Deed::Comment { text, reply_to, .. })) = doer(act) else {
            return Err(broken(event, "its act says nothing"));
        };
        let anchor = act.and_then(|act| act.value.get("anchor")).cloned();
        let proposal = self.known(event, id)?;
        proposal.posts.push(Post {
            id: comment_id.to_owned(),
            by: by.to_owned(),
            at_ms: event.at_ms,
            text: text.clone(),
            anchor,
            quote: quote.cloned(),
            reply_to: reply_to.clone(),
            revision: proposal.revision,
        });
        Ok(())
    }

    fn raise(
        &mut self,
        event: &Event,
        act: Option<&Act>,
        id: &str,
        concern_id: &str,
        quote: Option<&String>,
    ) -> Result<(), Problem> {
        let Some((by, Deed::RaiseConcern { name, text, .. })) = doer(act) else {
            return Err(broken(event, "its act raises no concern"));
        };
        let anchor = act.and_then(|act| act.value.get("anchor")).cloned();
        let proposal = self.known(event, id)?;
        proposal.posts.push(Post {
            id: concern_id.to_owned(),
            by: by.to_owned(),
            at_ms: event.at_ms,
            text: text.clone(),
            anchor,
            quote: quote.cloned(),
            reply_to: None,
            revision: proposal.revision,
        });
        proposal.concerns.push(Concern {
            id: concern_id.to_owned(),
            name: name.clone(),
            by: by.to_owned(),
            state: ConcernState::Open,
            overrides: BTreeMap::new(),
        });
        Ok(())
    }

    fn open_concern(
        &mut self,
        event: &Event,
        id: &str,
        concern_id: &str,
    ) -> Result<&mut Concern, Problem> {
        self.known(event, id)?
            .concerns
            .iter_mut()
            .find(|concern| concern.id == concern_id && concern.state == ConcernState::Open)
            .ok_or_else(|| broken(event, "there is no such open concern"))
    }

    fn close_concern(
        &mut self,
        event: &Event,
        id: &str,
        concern_id: &str,
        state: ConcernState,
    ) -> Result<(), Problem> {
        self.open_concern(event, id, concern_id)?.state = state;
        if let Some(vote) = &mut self.known(event, id)?.vote {
            vote.moved_ms = event.at_ms;
        }
        Ok(())
    }

    fn open_vote_of(&mut self, event: &Event) -> Result<(), Problem> {
        let Happening::VoteOpened {
            proposal_id,
            subject,
            frozen,
            next,
            report,
            plan,
            policy,
            electorate,
            rule,
            ..
        } = &event.happening
        else {
            return Ok(());
        };
        let policy = read_policy(event, policy)?;
        let electorate = Electorate::from_value(electorate)
            .map_err(|_| broken(event, "its electorate cannot be read"))?;
        let rule = Rule::from_value(rule).map_err(|_| broken(event, "its rule is none"))?;
        let count = |name: &str| {
            frozen
                .get(name)
                .and_then(Value::as_u64)
                .ok_or_else(|| broken(event, "what was frozen is incomplete"))
        };
        let (base_version, opened_ms, closes_ms, cooling_ms) = (
            count("base_version")?,
            count("opens_ms")?,
            count("closes_ms")?,
            count("cooling_ms")?,
        );
        let track = frozen
            .get("track")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let track = read_track(event, track)?;
        let counter = Counter::new(policy.ballot_mode, &electorate, &rule);
        let proposal = self.known(event, proposal_id)?;
        if proposal.vote.is_some() || proposal.ending.is_some() {
            return Err(broken(event, "its vote cannot open now"));
        }
        if let Some(verdict) = report
            .as_ref()
            .and_then(|report| report.get("verdict"))
            .and_then(Value::as_str)
        {
            proposal.verdict = Some(verdict.to_owned());
        }
        proposal.track = track;
        proposal.vote = Some(Vote {
            subject: subject.clone(),
            frozen: frozen.clone(),
            opened_ms,
            scheduled_ms: closes_ms,
            closes_ms,
            extended_because: None,
            cooling_ms,
            base_version,
            next: next.clone(),
            report: report.clone(),
            plan: plan.clone(),
            policy: Arc::new(policy),
            electorate: Arc::new(electorate),
            rule,
            ballots: Vec::new(),
            counter,
            moved_ms: event.at_ms,
        });
        Ok(())
    }

    fn cast(&mut self, event: &Event, act: Option<&Act>, id: &str) -> Result<(), Problem> {
        let Some((
            by,
            Deed::CastBallot {
                choice,
                reason,
                subject,
                ..
            },
        )) = doer(act)
        else {
            return Err(broken(event, "its act is no ballot"));
        };
        let proposal = self.known(event, id)?;
        if proposal.ending.is_some() {
            return Err(broken(event, "the vote is over"));
        }
        let vote = proposal
            .vote
            .as_mut()
            .ok_or_else(|| broken(event, "the vote is not open"))?;
        if *subject != vote.subject {
            return Err(broken(event, "the ballot is on something else"));
        }
        if !vote.electorate.contains(by) {
            return Err(broken(event, "the voter is no member"));
        }
        if let Some(index) = vote.electorate.index_of(by) {
            vote.counter.cast(index, *choice);
        }
        vote.moved_ms = event.at_ms;
        vote.ballots.push(Ballot {
            voter_id: by.to_owned(),
            choice: *choice,
            reason: reason.clone(),
            at_ms: event.at_ms,
            seq: event.seq,
        });
        Ok(())
    }

    /// A governed document changes because a proposal has changed it.
    fn amend(&mut self, event: &Event) -> Result<(), Problem> {
        let (seq, id) = (event.seq, event.happening.proposal_id().unwrap_or_default());
        match self.proposals.get(id).map(|proposal| &proposal.ending) {
            Some(Some(ending)) if ending.kind == Ended::Approved => {}
            // In a part of a log the proposal may be missing; the log had it.
            None if self.partial => {}
            _ => return Err(broken(event, "the proposal was not approved")),
        }
        let charter = self.founded(event)?;
        let version = match &event.happening {
            Happening::PolicyChanged {
                policy,
                effective_ms,
                ..
            } => {
                let policy = read_policy(event, policy)?;
                charter.policy.amend(policy, seq, *effective_ms, id);
                charter.policy.version
            }
            Happening::ScopeChanged {
                scope,
                effective_ms,
                ..
            } => {
                let scope = Scope::from_value(scope, &Scope::default())
                    .map_err(|_| broken(event, "its scope is none"))?;
                charter.scope.amend(scope, seq, *effective_ms, id);
                charter.scope.version
            }
            Happening::MembersChanged {
                changes,
                epoch,
                effective_ms,
                ..
            } => {
                let roster = RosterChange::read_all(changes, "")
                    .and_then(|changes| charter.roster.value.apply(&changes, seq))
                    .map_err(|_| broken(event, "the members cannot change so"))?;
                if *epoch != charter.roster.version + 1 {
                    return Err(broken(event, "another epoch is due"));
                }
                charter.roster.amend(roster, seq, *effective_ms, id);
                charter.roster.version
            }
            _ => return Ok(()),
        };
        if let Some(proposal) = self.proposals.get_mut(id) {
            Arc::make_mut(proposal).brought = Some(version);
        }
        self.open.remove(id);
        Ok(())
    }
}

/// Who did what.
fn doer(act: Option<&Act>) -> Option<(&str, &Deed)> {
    act.map(|act| (act.by.as_str(), &act.deed))
}

fn read_change(
    event: &Event,
    proposal_type: &str,
    metadata: &Value,
) -> Result<Option<Change>, Problem> {
    if proposal_type != PROPOSAL_TYPE {
        return Ok(None);
    }
    let change_type = metadata
        .get("change_type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let spec = metadata.get("field_spec").unwrap_or(&Value::Null);
    Change::read(change_type, spec)
        .map(Some)
        .map_err(|_| broken(event, "its change cannot be read"))
}

fn read_track(event: &Event, name: &str) -> Result<Track, Problem> {
    Track::from_name(name).ok_or_else(|| broken(event, "its track is unknown"))
}

fn read_policy(event: &Event, value: &Value) -> Result<Policy, Problem> {
    Policy::from_value(value).map_err(|_| broken(event, "its policy is not one"))
}

fn broken(event: &Event, why: &str) -> Problem {
    Problem::error(
        "event_impossible",
        "",
        format!(
            "event {}, {}, cannot have happened: {why}",
            event.seq,
            event.happening.name()
        ),
    )
}
