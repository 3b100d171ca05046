/** What a certificate says was decided. */
import type { CertificateReport } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { CHOICE } from "../words/status.js";
import { digest, moment, sentence, statusBadge } from "./parts.js";
import "./vote-meter.js";

export function certificateDecision(report: CertificateReport): TemplateResult {
  const { subject, proposal } = report;
  const vote = proposal?.vote;
  return html`<section aria-labelledby="certificate-decision">
    <h2 id="certificate-decision">What was decided</h2>
    <p class="sn-row">${statusBadge(subject.status)} <strong>${subject.title}</strong></p>
    <p>${sentence(subject.words)}</p>
    <dl class="sn-facts">
      <dt>Target</dt>
      <dd><code>${subject.target}</code></dd>
      <dt>Subject</dt>
      <dd>${digest(subject.digest)}</dd>
      <dt>Proposal</dt>
      <dd><code>${subject.proposal_id}</code></dd>
      ${
        proposal
          ? html`<dt>Proposed by</dt>
              <dd>${proposal.proposer_id}, ${moment(proposal.created_ms)}</dd>`
          : nothing
      }
      ${
        proposal?.rule
          ? html`<dt>Rule</dt>
              <dd>${sentence(proposal.rule.words)}</dd>`
          : nothing
      }
    </dl>
    ${
      vote
        ? html`<senate-vote-meter .tally=${vote.tally}></senate-vote-meter>
            <h3>Ballots</h3>
            <ul class="sn-roster" aria-label="Ballots">
              ${vote.ballots.map(
                (ballot) =>
                  html`<li>
                    <span class="sn-key" data-choice=${ballot.choice} aria-hidden="true"
                      >${CHOICE[ballot.choice].mark}</span
                    >
                    <span class="sn-roster-name">${ballot.voter_id}</span>
                    <span class="sn-roster-vote"
                      ><strong>${CHOICE[ballot.choice].word}</strong>
                      <span class="sn-quiet">#${ballot.seq}</span></span
                    >
                    ${ballot.reason ? html`<blockquote class="sn-roster-reason">${ballot.reason}</blockquote>` : nothing}
                  </li>`,
              )}
            </ul>`
        : nothing
    }
  </section>`;
}
