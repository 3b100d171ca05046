//! The debate: comments, and concerns that hold an approval.

use super::super::act::Act;
use super::super::deed::{Anchor, Anchored};
use super::super::event::Happening;
use super::super::proposal::{Concern, ConcernState, ProposalRecord, Status};
use super::super::state::{Charter, Senate};
use super::ballots::{extended, not_voting};
use super::refuse;
use crate::text::{Problem, Value, canonical};
use crate::vote::Role;

/// The longest quoted line, in characters.
const LONGEST_QUOTE: usize = 200;

impl Senate {
    pub(super) fn comment(
        &self,
        act: Value,
        id: &str,
        anchor: Option<&Anchor>,
        reply_to: Option<&str>,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let proposal = self.find(id)?;
        if let Some(reply_to) = reply_to
            && !proposal.posts.iter().any(|post| post.id == reply_to)
        {
            return refuse(
                "comment_unknown",
                "/reply_to",
                &format!("there is no comment or concern `{reply_to}` on this proposal"),
            );
        }
        let quote = self.quote(proposal, anchor)?;
        Ok(vec![Happening::CommentPosted {
            proposal_id: id.to_owned(),
            comment_id: format!("c{}", self.seq + 1),
            act,
            quote,
        }])
    }

    pub(super) fn raise_concern(
        &self,
        charter: &Charter,
        act: &Act,
        id: &str,
        name: &str,
        anchor: Option<&Anchor>,
        now: u64,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let (proposal, status) = self.find_with_status(id)?;
        if !status.is_live() {
            return refuse(
                "proposal_over",
                "/proposal_id",
                &format!(
                    "the proposal is {}; a concern changes nothing now",
                    status.name()
                ),
            );
        }
        // A concern holds a decision up, so it is for those who decide.
        let decides = match &proposal.vote {
            Some(vote) => vote.electorate.contains(&act.by),
            None => is_voter(charter, &act.by),
        };
        if !decides {
            return Err(vec![
                Problem::error(
                    "not_a_member",
                    "/by",
                    format!(
                        "{} has no vote here, and only those who vote raise concerns",
                        act.by
                    ),
                )
                .remedy("write a comment; a member may make a concern of it"),
            ]);
        }
        if proposal
            .concerns
            .iter()
            .any(|concern| concern.name.eq_ignore_ascii_case(name))
        {
            return refuse(
                "concern_named_before",
                "/name",
                &format!("there is a concern `{name}` on this proposal already"),
            );
        }
        let policy = proposal
            .vote
            .as_ref()
            .map_or(&charter.policy.value, |vote| &vote.policy);
        let raised = proposal
            .concerns
            .iter()
            .filter(|concern| concern.by == act.by)
            .count() as u64;
        if raised >= policy.concerns_per_member {
            return refuse(
                "too_many_concerns",
                "/by",
                &format!(
                    "{} has raised {raised} concern(s) on this proposal, and the policy allows {}",
                    act.by, policy.concerns_per_member
                ),
            );
        }
        let quote = self.quote(proposal, anchor)?;
        let mut happenings = vec![Happening::ConcernRaised {
            proposal_id: id.to_owned(),
            concern_id: format!("c{}", self.seq + 1),
            act: act.value.clone(),
            quote,
        }];
        if let Some(vote) = proposal.vote.as_ref().filter(|vote| vote.may_extend(now)) {
            happenings.push(extended(id, vote, "concern"));
        }
        Ok(happenings)
    }

    pub(super) fn resolve_concern(
        &self,
        act: &Act,
        id: &str,
        concern_id: &str,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let (proposal, status) = self.find_with_status(id)?;
        let concern = find_open(proposal, status, concern_id)?;
        if concern.by != act.by {
            return Err(vec![
                Problem::error(
                    "not_who_raised_it",
                    "/by",
                    format!("only {} can say that it has been dealt with", concern.by),
                )
                .remedy("convince them, or override it while the vote is open"),
            ]);
        }
        Ok(vec![Happening::ConcernResolved {
            proposal_id: id.to_owned(),
            act: act.value.clone(),
        }])
    }

    pub(super) fn override_concern(
        &self,
        act: &Act,
        id: &str,
        concern_id: &str,
    ) -> Result<Vec<Happening>, Vec<Problem>> {
        let (proposal, status) = self.find_with_status(id)?;
        let Some(vote) = proposal.vote.as_ref().filter(|_| status == Status::Voting) else {
            return Err(vec![not_voting(status)]);
        };
        let concern = find_open(proposal, status, concern_id)?;
        if !vote.electorate.contains(&act.by) {
            return refuse(
                "not_a_member",
                "/by",
                &format!(
                    "{} is not a member of the electorate that was frozen for this vote",
                    act.by
                ),
            );
        }
        if concern.overrides.contains_key(&act.by) {
            return refuse(
                "override_signed_before",
                "/by",
                &format!("{} has signed this before", act.by),
            );
        }
        let mut signed_by: Vec<String> = concern.overrides.keys().cloned().collect();
        signed_by.push(act.by.clone());
        signed_by.sort_unstable();
        let mut happenings = vec![Happening::ConcernOverrideSigned {
            proposal_id: id.to_owned(),
            act: act.value.clone(),
        }];
        let signed = signed_by.len() as u64;
        if vote.policy.overrides_concern(signed, vote.electorate.len()) {
            happenings.push(Happening::ConcernOverridden {
                proposal_id: id.to_owned(),
                concern_id: concern_id.to_owned(),
                signed_by,
            });
        }
        Ok(happenings)
    }

    /// The line that an anchor points at: what stands there, on one line.
    fn quote(
        &self,
        proposal: &ProposalRecord,
        anchor: Option<&Anchor>,
    ) -> Result<Option<String>, Vec<Problem>> {
        let Some(anchor) = anchor else {
            return Ok(None);
        };
        let document = match anchor.document {
            Anchored::Current => self.in_force(&proposal.target),
            Anchored::Next => match &proposal.vote {
                Some(vote) => Some(vote.next.clone()),
                None => self.next_of(proposal),
            },
        };
        let found = document
            .as_ref()
            .and_then(|document| document.pointer(&anchor.pointer));
        let Some(found) = found else {
            return Err(vec![
                Problem::error(
                    "anchor_points_nowhere",
                    "/anchor/pointer",
                    format!("there is nothing at `{}` there", anchor.pointer),
                )
                .remedy("point into the document as it is shown, or leave the anchor out"),
            ]);
        };
        let name = anchor.pointer.rsplit('/').next().unwrap_or_default();
        let value = canonical(found).map_err(|problem| vec![problem])?;
        let line = if name.is_empty() {
            value
        } else {
            format!(
                "\"{}\": {value}",
                name.replace("~1", "/").replace("~0", "~")
            )
        };
        Ok(Some(shortened(&line)))
    }
}

/// Whether somebody may vote when a vote opens now.
pub(super) fn is_voter(charter: &Charter, id: &str) -> bool {
    charter
        .roster
        .value
        .get(id)
        .is_some_and(|member| member.role == Role::Voter)
}

fn find_open<'a>(
    proposal: &'a ProposalRecord,
    status: Status,
    concern_id: &str,
) -> Result<&'a Concern, Vec<Problem>> {
    let Some(concern) = proposal
        .concerns
        .iter()
        .find(|concern| concern.id == concern_id)
    else {
        return refuse(
            "concern_unknown",
            "/concern_id",
            &format!("there is no concern `{concern_id}` on this proposal"),
        );
    };
    if concern.state != ConcernState::Open {
        return refuse(
            "concern_closed",
            "/concern_id",
            &format!("the concern `{}` is not open any more", concern.name),
        );
    }
    if !status.is_live() {
        return refuse(
            "proposal_over",
            "/proposal_id",
            &format!("the proposal is {}", status.name()),
        );
    }
    Ok(concern)
}

fn shortened(line: &str) -> String {
    if line.chars().count() <= LONGEST_QUOTE {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(LONGEST_QUOTE - 1).collect();
    short.push('…');
    short
}
