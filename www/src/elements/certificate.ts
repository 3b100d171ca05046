/** What a certificate says was decided. */
import type { CertificateReport, Status, Track } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { write } from "../json/spans.js";
import { CHOICE } from "../words/status.js";
import { digest, moment, sentence, statusBadge, trackBadge } from "./parts.js";
import { document } from "./pointed.js";
import "./vote-meter.js";

export function certificateDecision(certificate: CertificateReport): TemplateResult {
  const { decision, ballots, electorate } = certificate;
  const silent = electorate.filter((member) => !ballots.some((ballot) => ballot.voter_id === member.id));
  return html`<section aria-labelledby="certificate-decision">
    <h2 id="certificate-decision">What was decided</h2>
    <p class="sn-row">
      ${statusBadge(decision.status as Status)} ${trackBadge(decision.track as Track)}
      <strong>${decision.title}</strong>
    </p>
    ${decision.reason === undefined ? nothing : html`<p>${sentence(decision.reason)}</p>`}
    <dl class="sn-facts">
      <dt>Changes</dt>
      <dd><code>${decision.target}</code></dd>
      <dt>Proposal</dt>
      <dd><code>${certificate.proposal_id}</code></dd>
      ${
        decision.subject === undefined
          ? nothing
          : html`<dt>Subject</dt>
              <dd>${digest(decision.subject)}</dd>`
      }
      ${
        decision.decided_ms === undefined
          ? nothing
          : html`<dt>Decided</dt>
              <dd>${moment(decision.decided_ms)}</dd>`
      }
      ${
        decision.rule === undefined
          ? nothing
          : html`<dt>Rule</dt>
              <dd>${sentence(decision.rule)}</dd>`
      }
    </dl>
    ${decision.tally ? html`<senate-vote-meter .tally=${decision.tally}></senate-vote-meter>` : nothing}
    ${
      electorate.length === 0
        ? nothing
        : html`<h3>Ballots</h3>
            <ul class="sn-roster" aria-label="Ballots">
              ${ballots.map(
                (ballot) =>
                  html`<li>
                    <span class="sn-key" data-choice=${ballot.choice} aria-hidden="true"
                      >${CHOICE[ballot.choice].mark}</span
                    >
                    <span class="sn-roster-name">${ballot.voter_id}</span>
                    <span class="sn-roster-vote"
                      ><strong>${CHOICE[ballot.choice].word}</strong>
                      <span class="sn-quiet">signed, #${ballot.seq}</span></span
                    >
                    ${ballot.reason ? html`<blockquote class="sn-roster-reason">${ballot.reason}</blockquote>` : nothing}
                  </li>`,
              )}
              ${silent.map(
                (member) =>
                  html`<li>
                    <span class="sn-key" data-choice="silent" aria-hidden="true"></span>
                    <span class="sn-roster-name">${member.id}</span>
                    <span class="sn-roster-vote"><span class="sn-quiet">did not vote</span></span>
                  </li>`,
              )}
            </ul>`
    }
    ${
      certificate.witness === undefined
        ? nothing
        : html`<h3>An artifact that it breaks</h3>
            ${document(write(certificate.witness), "Witness")}`
    }
  </section>`;
}
