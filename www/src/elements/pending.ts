/** What governs the senate has a history, and may have proposals on its way. */
import type { Past, Pending } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { ticks, type Part } from "./parts.js";
import { onDay, statusBadge } from "./parts.js";

export function pendingList(pending: Pending[], href: (id: string) => string): Part {
  if (pending.length === 0) return nothing;
  return html`<div class="sn-notice" data-tone="live">
    <p class="sn-notice-title">On its way</p>
    <ul class="sn-conflicts">
      ${pending.map(
        (each) =>
          html`<li>
            <a href=${href(each.proposal_id)}>${each.title}</a> ${statusBadge(each.status)}
            ${each.effective_ms === undefined ? nothing : html`<span class="sn-quiet">in force ${onDay(each.effective_ms)}</span>`}
          </li>`,
      )}
    </ul>
  </div>`;
}

export function historyList(history: Past[], href: (id: string) => string): TemplateResult {
  return html`<ol class="sn-timeline">
    ${history.map(
      (each) =>
        html`<li>
          <span class="sn-timeline-at">${onDay(each.effective_ms)}</span>
          <span
            >${each.words ? ticks(each.words) : each.proposal_id === undefined ? "At the founding" : "Changed"}
            ${each.proposal_id === undefined ? nothing : html`<a href=${href(each.proposal_id)}>by proposal</a>`}</span
          >
          <span class="sn-quiet">#${each.seq}</span>
        </li>`,
    )}
  </ol>`;
}
