/** What governs the senate has a history, and may have proposals on its way. */
import type { Governed, ProposalSummary } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { moment, onDay, statusBadge, type Part } from "./parts.js";

export function pendingList(pending: ProposalSummary[], href: (id: string) => string): Part {
  if (pending.length === 0) return nothing;
  return html`<div class="sn-notice" data-tone="live">
    <p class="sn-notice-title">On its way</p>
    <ul class="sn-conflicts">
      ${pending.map(
        (each) =>
          html`<li>
            <a href=${href(each.id)}>${each.title}</a> ${statusBadge(each.status)}
            ${each.effective_ms === undefined ? nothing : html`<span>in force ${moment(each.effective_ms)}</span>`}
          </li>`,
      )}
    </ul>
  </div>`;
}

/** The newest first. */
export function historyList(history: Governed["history"], href: (id: string) => string): TemplateResult {
  return html`<ol class="sn-timeline">
    ${history.toReversed().map(
      (each) =>
        html`<li>
          <span class="sn-timeline-at">${onDay(each.at_ms)}</span>
          <span
            >Version ${each.version},
            ${each.proposal_id === null ? "from the founding" : html`<a href=${href(each.proposal_id)}>by a proposal</a>`}</span
          >
          <span class="sn-quiet">#${each.seq}</span>
        </li>`,
    )}
  </ol>`;
}
