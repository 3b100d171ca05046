import type { Precedent } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { define, SenateElement } from "./base.js";
import { sentence, statusBadge } from "./parts.js";

/** How many are shown unfolded. */
const FIRST = 3;

/** Similar earlier proposals: what became of them, and why. */
export class SenatePrecedents extends SenateElement {
  @property({ attribute: false }) accessor precedents: Precedent[] = [];

  protected override render(): unknown {
    if (this.precedents.length === 0)
      return html`<p class="sn-quiet">Nothing like it was proposed before.</p>`;
    const list = (shown: Precedent[]) =>
      html`<ul class="sn-precedents">
        ${shown.map((each) => this.#precedent(each))}
      </ul>`;
    const rest = this.precedents.slice(FIRST);
    return html`${list(this.precedents.slice(0, FIRST))}
    ${
      rest.length === 0
        ? nothing
        : html`<details class="sn-fold">
            <summary>${rest.length} more, less alike</summary>
            ${list(rest)}
          </details>`
    }`;
  }

  #precedent(precedent: Precedent): TemplateResult {
    return html`<li>
      <p class="sn-row">
        ${statusBadge(precedent.status)}
        <a href=${this.href("proposals", precedent.proposal_id)}>${precedent.title}</a>
      </p>
      <p class="sn-quiet">
        <span class="sn-mono">${precedent.target}</span>, ${Math.round(precedent.similarity / 10)} % alike
      </p>
      ${precedent.decision_reason ? html`<p>${sentence(precedent.decision_reason)}</p>` : nothing}
      ${
        precedent.dissent.length === 0
          ? nothing
          : html`<ul class="sn-dissent">
              ${precedent.dissent.map(
                (one) => html`<li><strong>${one.voter_id}</strong> <q>${one.reason ?? one.choice}</q></li>`,
              )}
            </ul>`
      }
    </li>`;
  }
}

define("senate-precedents", SenatePrecedents);
