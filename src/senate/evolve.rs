//! Events to state. Nothing here judges: what an event says has happened.

use super::event::{Event, Happening};
use super::proposal::{Ending, Entry, Migration, ProposalRecord, Vote};
use super::state::{Charter, Senate};
use crate::compatibility::Setting;
use crate::registry::SchemaVersion;
use crate::schema::{Change, Document, References, dialect};
use crate::text::{Problem, Value};
use crate::vote::{Ballot, Choice, Electorate, Policy, Track};

impl Senate {
    /// Applies one event. On an error the state is as before.
    pub(super) fn evolve(&mut self, event: &Event) -> Result<(), Problem> {
        if event.seq != self.seq + 1 {
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
        self.happen(event)?;
        self.seq = event.seq;
        self.last_ms = event.at_ms;
        let happening = &event.happening;
        if let Some(proposal) = happening
            .proposal_id()
            .and_then(|id| self.proposals.get_mut(id))
        {
            proposal.timeline.push(Entry {
                seq: event.seq,
                at_ms: event.at_ms,
                event: happening.name(),
                by: happening.by().map(str::to_owned),
                words: happening.words(),
            });
        }
        Ok(())
    }

    fn happen(&mut self, event: &Event) -> Result<(), Problem> {
        match &event.happening {
            Happening::SenateFounded {
                origin,
                policy,
                members,
            } => {
                self.charter = Some(Charter {
                    origin: origin.clone(),
                    policy: read_policy(event, policy)?,
                    electorate: read_electorate(event, members)?,
                });
                Ok(())
            }
            Happening::MembersChanged { members, .. } => {
                let electorate = read_electorate(event, members)?;
                if let Some(charter) = &mut self.charter {
                    charter.electorate = electorate;
                }
                Ok(())
            }
            Happening::SchemaVersionRegistered { .. } => self.register(event),
            Happening::ProposalCreated { .. } => self.create(event),
            Happening::VoteOpened { .. } => self.open(event),
            Happening::BallotCast { .. } => self.cast(event),
            Happening::SchemaProposalApproved {
                proposal_id,
                reason,
                ..
            } => self.end(event, proposal_id, Ending::Approved(reason.clone())),
            Happening::SchemaProposalRejected {
                proposal_id,
                reason,
                dissent,
            } => self.end(
                event,
                proposal_id,
                Ending::Rejected(reason.clone(), dissent.clone()),
            ),
            Happening::ProposalExpired {
                proposal_id,
                reason,
            } => self.end(event, proposal_id, Ending::Expired(reason.clone())),
            Happening::ProposalStale {
                proposal_id,
                reason,
            } => self.end(event, proposal_id, Ending::Stale(reason.clone())),
            Happening::ProposalWithdrawn {
                proposal_id,
                reason,
                ..
            } => {
                let reason = reason
                    .clone()
                    .unwrap_or_else(|| "no reason was given".into());
                self.end(event, proposal_id, Ending::Withdrawn(reason))
            }
            Happening::MigrationGenerated {
                proposal_id,
                digest,
                ..
            } => {
                self.known(event, proposal_id)?.migration = Some(Migration {
                    digest: digest.clone(),
                    applied: false,
                    failed: None,
                });
                Ok(())
            }
            Happening::MigrationApplied { proposal_id, .. } => {
                let proposal = self.known(event, proposal_id)?;
                match &mut proposal.migration {
                    Some(migration) => {
                        migration.applied = true;
                        migration.failed = None;
                    }
                    None => return Err(broken(event, "no migration was generated")),
                }
                self.open.remove(proposal_id);
                Ok(())
            }
            Happening::MigrationFailed {
                proposal_id,
                reason,
                failures,
                ..
            } => match &mut self.known(event, proposal_id)?.migration {
                Some(migration) => {
                    migration.failed = Some((reason.clone(), failures.clone()));
                    Ok(())
                }
                None => Err(broken(event, "no migration was generated")),
            },
        }
    }

    fn known(&mut self, event: &Event, id: &str) -> Result<&mut ProposalRecord, Problem> {
        self.proposals
            .get_mut(id)
            .ok_or_else(|| broken(event, "there is no such proposal"))
    }

    fn end(&mut self, event: &Event, id: &str, ending: Ending) -> Result<(), Problem> {
        let goes_on = matches!(ending, Ending::Approved(_));
        let proposal = self.known(event, id)?;
        // An approved proposal can still turn stale before it is activated; no other ending is ever replaced.
        match (&proposal.ending, &ending) {
            (None, _) | (Some(Ending::Approved(_)), Ending::Stale(_)) => {
                proposal.ending = Some(ending)
            }
            _ => return Err(broken(event, "the proposal has ended before")),
        }
        if !goes_on {
            self.open.remove(id);
        }
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
            compatibility,
            proposal_id,
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
        let document = Document::new(schema.clone(), references, draft)
            .map_err(|_| broken(event, "its schema is not one"))?;
        let computed = document.digest()?;
        if computed.to_string() != *digest {
            return Err(broken(event, "its digest is not that of its schema"));
        }
        let compatibility = compatibility
            .as_ref()
            .map(|setting| Setting::read(setting, ""))
            .transpose()
            .map_err(|_| broken(event, "its compatibility setting is not one"))?;
        if compatibility.is_some() && *version != 1 {
            return Err(broken(
                event,
                "only the first version of a type says how its changes are judged",
            ));
        }
        let registered = SchemaVersion {
            version: *version,
            document,
            digest: computed,
            description: description.clone(),
            proposed_by: proposed_by.clone(),
            proposal_id: proposal_id.clone(),
            registered_ms: event.at_ms,
        };
        self.registry
            .register(artifact_type, registered, compatibility)
            .map_err(|due| broken(event, &format!("version {due} of {artifact_type} is due")))
    }

    fn create(&mut self, event: &Event) -> Result<(), Problem> {
        let Happening::ProposalCreated {
            proposal_id,
            proposer_id,
            title,
            metadata,
            artifact_type,
            verdict,
            track,
        } = &event.happening
        else {
            return Ok(());
        };
        if self.proposals.contains_key(proposal_id) {
            return Err(broken(event, "there is a proposal of that identifier"));
        }
        let change_type = metadata
            .get("change_type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let spec = metadata.get("field_spec").unwrap_or(&Value::Null);
        let change = Change::read(change_type, spec)
            .map_err(|_| broken(event, "its change cannot be read"))?;
        let track = Track::from_name(track).ok_or_else(|| broken(event, "its track is unknown"))?;
        self.proposals.insert(
            proposal_id.clone(),
            ProposalRecord {
                id: proposal_id.clone(),
                proposer_id: proposer_id.clone(),
                title: title.clone(),
                created_ms: event.at_ms,
                metadata: metadata.clone(),
                artifact_type: artifact_type.clone(),
                change,
                verdict: verdict.clone(),
                track,
                vote: None,
                migration: None,
                ending: None,
                timeline: Vec::new(),
            },
        );
        self.open.insert(proposal_id.clone());
        Ok(())
    }

    fn open(&mut self, event: &Event) -> Result<(), Problem> {
        let Happening::VoteOpened {
            proposal_id,
            subject,
            frozen,
            next_schema,
            report,
            plan,
            policy,
            electorate,
            ..
        } = &event.happening
        else {
            return Ok(());
        };
        let policy = read_policy(event, policy)?;
        let electorate = read_electorate(event, electorate)?;
        let count = |name: &str| {
            frozen
                .get(name)
                .and_then(Value::as_u64)
                .ok_or_else(|| broken(event, "what was frozen is incomplete"))
        };
        let (base_version, opened_ms, closes_ms) = (
            count("base_version")?,
            count("opens_ms")?,
            count("closes_ms")?,
        );
        let track = frozen
            .get("track")
            .and_then(Value::as_str)
            .and_then(Track::from_name)
            .ok_or_else(|| broken(event, "its track is unknown"))?;
        let proposal = self.known(event, proposal_id)?;
        if proposal.vote.is_some() || proposal.ending.is_some() {
            return Err(broken(event, "its vote cannot open now"));
        }
        if let Some(verdict) = report.get("verdict").and_then(Value::as_str) {
            verdict.clone_into(&mut proposal.verdict);
        }
        proposal.track = track;
        proposal.vote = Some(Vote {
            subject: subject.clone(),
            frozen: frozen.clone(),
            opened_ms,
            closes_ms,
            base_version,
            next_schema: next_schema.clone(),
            report: report.clone(),
            plan: plan.clone(),
            policy,
            electorate,
            track,
            ballots: Vec::new(),
        });
        Ok(())
    }

    fn cast(&mut self, event: &Event) -> Result<(), Problem> {
        let Happening::BallotCast {
            proposal_id,
            voter_id,
            choice,
            reason,
            subject,
        } = &event.happening
        else {
            return Ok(());
        };
        let choice =
            Choice::from_name(choice).ok_or_else(|| broken(event, "its choice is unknown"))?;
        let proposal = self.known(event, proposal_id)?;
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
        if !vote.electorate.contains(voter_id) {
            return Err(broken(event, "the voter is no member"));
        }
        vote.ballots.push(Ballot {
            voter_id: voter_id.clone(),
            choice,
            reason: reason.clone(),
            at_ms: event.at_ms,
            seq: event.seq,
        });
        Ok(())
    }
}

fn read_policy(event: &Event, value: &Value) -> Result<Policy, Problem> {
    Policy::from_value(value).map_err(|_| broken(event, "its policy is not one"))
}

fn read_electorate(event: &Event, value: &Value) -> Result<Electorate, Problem> {
    Electorate::from_value(value).map_err(|_| broken(event, "its members cannot be read"))
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
