import type { ProposalView } from "schema-senate";
import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import { CHOICE, isLive } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import { ago } from "./parts.js";

/** The frozen electorate, each member with ballot and reason. */
export class SenateRoster extends SenateElement {
  @property({ attribute: false }) accessor proposal: ProposalView | undefined;

  readonly #actor = new Watch(this, actor);

  protected override render(): unknown {
    const { proposal } = this;
    if (!proposal?.vote) return nothing;
    const { electorate, ballots } = proposal.vote;
    const silent = isLive(proposal.status) ? "not yet" : "did not vote";
    return html`<ul class="sn-roster" aria-label="Electorate">
      ${electorate.map((member) => {
        const ballot = ballots.find((each) => each.voter_id === member.id);
        return html`<li>
          <span class="sn-key" data-choice=${ballot?.choice ?? "silent"} aria-hidden="true"
            >${ballot ? CHOICE[ballot.choice].mark : ""}</span
          >
          <span class="sn-roster-name"
            >${member.name ?? member.id}${member.id === this.#actor.value ? html` <span class="sn-quiet">you</span>` : nothing}
            ${member.name ? html`<code class="sn-place">${member.id}</code>` : nothing}</span
          >
          <span class="sn-roster-vote"
            >${
              ballot
                ? html`<strong>${CHOICE[ballot.choice].word}</strong>
                    <span class="sn-quiet">${ago(ballot.at_ms)}</span>`
                : html`<span class="sn-quiet">${silent}</span>`
            }</span
          >
          ${ballot?.reason ? html`<blockquote class="sn-roster-reason">${ballot.reason}</blockquote>` : nothing}
        </li>`;
      })}
    </ul>`;
  }
}

define("senate-roster", SenateRoster);
