import type { Fewest, ProposalView, Solution } from "schema-senate";
import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import { define, SenateElement } from "./base.js";
import { sentence } from "./parts.js";

/** What could still happen in a vote: how many more it needs, who decides it alone, what would turn it. */
export class SenateSolution extends SenateElement {
  @property({ attribute: false }) accessor proposal: ProposalView | undefined;

  protected override render(): unknown {
    const { vote } = this.proposal ?? {};
    if (!vote) return nothing;
    const { solution } = vote;
    const name = (id: string) => vote.electorate.find((member) => member.id === id)?.name ?? id;
    return html`<div class="sn-solution">
      <ul>
        ${solution.words.map((words) => html`<li>${sentence(words)}</li>`)}
      </ul>
      <details class="sn-fold">
        <summary>What would turn it</summary>
        <div class="sn-scroll" tabindex="0" role="group" aria-label="What would turn it">
          <table class="sn-table">
            <caption class="sn-hidden">
              What depends on each member
            </caption>
            <thead>
              <tr>
                <th scope="col">Member</th>
                <th scope="col">Decides alone</th>
                <th scope="col">Had they recused themselves</th>
              </tr>
            </thead>
            <tbody>
              ${solution.members.map(
                (member) =>
                  html`<tr>
                    <th scope="row">${name(member.id)}</th>
                    <td>${member.pivotal ? html`<strong>yes</strong>` : "no"}</td>
                    <td>${CLOSED[member.recused]}${more(member.needed_if_recused)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>
    </div>`;
  }
}

const CLOSED: Record<Solution["closes"], string> = {
  approved: "approved",
  rejected: "rejected",
  expired: "not approved",
};

/** How many more yes it would take then. */
function more(fewest: Fewest): string {
  return typeof fewest === "number" && fewest > 0 ? `, ${fewest} more yes needed` : "";
}

define("senate-solution", SenateSolution);
