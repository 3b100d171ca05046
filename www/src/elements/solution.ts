import type { ProposalView } from "schema-senate";
import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import { plural } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import { sentence } from "./parts.js";

/** What could still happen in a vote: how many more it needs, who decides it alone, what would turn it. */
export class SenateSolution extends SenateElement {
  @property({ attribute: false }) accessor proposal: ProposalView | undefined;

  protected override render(): unknown {
    const { proposal } = this;
    const solution = proposal?.solution;
    if (!proposal || !solution) return nothing;
    const name = (id: string) => proposal.vote?.electorate.find((member) => member.id === id)?.name ?? id;
    return html`<div class="sn-solution">
      <p>
        <strong
          >${
            solution.needed === null
              ? "No number of ballots approves it."
              : solution.needed === 0
                ? "It has the ballots it needs."
                : `${plural(solution.needed, "more yes", "more yes")} needed.`
          }</strong
        >
        <span class="sn-quiet"
          >${solution.can_change ? "The outcome can still change." : "No further ballot can change this."}</span
        >
      </p>
      ${
        solution.pivotal.length === 0
          ? nothing
          : html`<p>
              <span class="sn-quiet">Decides it alone:</span>
              ${new Intl.ListFormat("en-GB").format(solution.pivotal.map(name))}
            </p>`
      }
      ${
        solution.flips.length === 0
          ? nothing
          : html`<details class="sn-fold">
              <summary>What would turn it</summary>
              <ul class="sn-flips">
                ${solution.flips.map((flip) => html`<li>${sentence(flip.words)}</li>`)}
              </ul>
            </details>`
      }
    </div>`;
  }
}

define("senate-solution", SenateSolution);
