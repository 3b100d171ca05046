import type { Choice, ProposalView } from "schema-senate";
import { html, nothing, type PropertyValues } from "lit";
import { property, state } from "lit/decorators.js";
import { vote } from "../api/acts.js";
import { asFailure, type Failure } from "../api/problem.js";
import { perform } from "../keys/sign.js";
import { announce } from "../state/announce.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import { CHOICE } from "../words/status.js";
import { short } from "../words/time.js";
import "./actor.js";
import { memberName } from "./actor.js";
import { define, SenateElement, uniqueId } from "./base.js";
import { ago, digest, refusal } from "./parts.js";

const SAYS: Record<Choice, string> = {
  yes: "for the change",
  no: "against it, with a reason",
  abstain: "counts as not yes",
};

/** Casting a ballot: choose, say why, look at what exactly is voted on, and only then cast. */
export class SenateBallot extends SenateElement {
  @property({ attribute: false }) accessor proposal: ProposalView | undefined;
  @state() private accessor choice: Choice | undefined;
  @state() private accessor reason = "";
  @state() private accessor wrong: { choice?: string; reason?: string } = {};
  @state() private accessor sending = false;
  @state() private accessor failure: Failure | undefined;

  readonly #actor = new Watch(this, actor);
  readonly #id = uniqueId("ballot");

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get("proposal") as ProposalView | undefined;
    if (before && before.id !== this.proposal?.id) this.#reset();
  }

  #reset(): void {
    this.choice = undefined;
    this.reason = "";
    this.wrong = {};
    this.failure = undefined;
  }

  #needsReason(choice: Choice | undefined): boolean {
    return choice !== undefined && (this.proposal?.vote?.policy.reason_required.includes(choice) ?? false);
  }

  protected override render(): unknown {
    const vote = this.proposal?.vote;
    if (!vote) return nothing;
    const me = this.#actor.value;
    const member = vote.electorate.find((each) => each.id === me);
    const mine = vote.ballots.find((ballot) => ballot.voter_id === me);
    const final = vote.policy.ballot_mode === "final";
    if (me === "") {
      return html`<p>Choose a member to vote as.</p>
        <senate-actor label="Vote as"></senate-actor>`;
    }
    if (!member) {
      return html`<p>
          <strong>${me}</strong> is not in the electorate that was frozen when this vote opened.
        </p>
        <senate-actor label="Vote as"></senate-actor>`;
    }
    if (mine && final) {
      return html`<p class="sn-claim" data-tone="good">
          <span aria-hidden="true">✓</span>
          <span
            >${memberName(member)} voted
            <strong>${CHOICE[mine.choice].word.toLowerCase()}</strong> ${ago(mine.at_ms)}. Ballots of this
            vote are final.</span
          >
        </p>
        <senate-actor label="Vote as another member"></senate-actor>`;
    }
    return html`${
      mine
        ? html`<p>
            ${memberName(member)} voted <strong>${CHOICE[mine.choice].word.toLowerCase()}</strong>; until the
            vote closes another ballot replaces it.
          </p>`
        : nothing
    }
    ${this.#form(memberName(member))} ${this.#dialog(memberName(member))}`;
  }

  #form(who: string): unknown {
    const needed = this.#needsReason(this.choice);
    return html`<form novalidate @submit=${(event: Event) => this.#review(event)}>
      <fieldset
        class="sn-choices sn-ballot-choices"
        aria-describedby=${this.wrong.choice ? `${this.#id}-choice-wrong` : nothing}
      >
        <legend>Ballot of ${who}</legend>
        ${(Object.keys(CHOICE) as Choice[]).map(
          (choice) =>
            html`<label class="sn-ballot-choice" data-choice=${choice}>
              <input
                type="radio"
                name="${this.#id}-choice"
                value=${choice}
                required
                .checked=${this.choice === choice}
                aria-invalid=${this.wrong.choice ? "true" : nothing}
                @change=${() => {
                  this.choice = choice;
                  this.wrong = {};
                }}
              />
              <span class="sn-key" data-choice=${choice} aria-hidden="true">${CHOICE[choice].mark}</span>
              <span
                ><strong>${CHOICE[choice].word}</strong> <span class="sn-quiet">${SAYS[choice]}</span></span
              >
            </label>`,
        )}
        ${this.wrong.choice ? html`<p class="sn-wrong" id="${this.#id}-choice-wrong">${this.wrong.choice}</p>` : nothing}
      </fieldset>
      <div class="sn-field" ?data-wrong=${this.wrong.reason !== undefined}>
        <label for="${this.#id}-reason"
          >Reason
          ${needed ? html`<span class="sn-required">required</span>` : html`<span class="sn-quiet">optional</span>`}</label
        >
        <textarea
          id="${this.#id}-reason"
          class="sn-input"
          rows="3"
          aria-describedby="${this.#id}-reason-hint"
          aria-required=${needed ? "true" : "false"}
          aria-invalid=${this.wrong.reason ? "true" : nothing}
          aria-errormessage=${this.wrong.reason ? `${this.#id}-reason-wrong` : nothing}
          .value=${this.reason}
          @input=${(event: Event) => {
            this.reason = (event.target as HTMLTextAreaElement).value;
            if (this.wrong.reason) this.wrong = {};
          }}
        ></textarea>
        <p class="sn-hint" id="${this.#id}-reason-hint">
          It stays with the proposal, also when it is rejected.
        </p>
        ${this.wrong.reason ? html`<p class="sn-wrong" id="${this.#id}-reason-wrong">${this.wrong.reason}</p>` : nothing}
      </div>
      ${refusal(this.failure)}
      <button type="submit" class="sn-button sn-button-main">Review the ballot…</button>
    </form>`;
  }

  #dialog(who: string): unknown {
    const { proposal, choice } = this;
    if (!proposal?.vote) return nothing;
    const final = proposal.vote.policy.ballot_mode === "final";
    return html`<dialog
      class="sn-dialog"
      aria-labelledby="${this.#id}-sure"
      @close=${() => void this.#closed()}
    >
      <form method="dialog">
        <h2 id="${this.#id}-sure">Cast this ballot?</h2>
        <dl class="sn-facts">
          <dt>Proposal</dt>
          <dd>${proposal.title}</dd>
          <dt>Subject</dt>
          <dd>${digest(proposal.vote.subject)}</dd>
          <dt>Member</dt>
          <dd>${who}</dd>
          <dt>Choice</dt>
          <dd>
            ${
              choice
                ? html`<strong
                    ><span class="sn-key" data-choice=${choice} aria-hidden="true"
                      >${CHOICE[choice].mark}</span
                    >${CHOICE[choice].word}</strong
                  >`
                : nothing
            }
          </dd>
          ${
            this.reason.trim() === ""
              ? nothing
              : html`<dt>Reason</dt>
                  <dd>${this.reason.trim()}</dd>`
          }
        </dl>
        <p class="sn-quiet">
          ${final ? "It cannot be changed afterwards." : "It can be replaced until the vote closes."}
        </p>
        <div class="sn-row">
          <button value="cast" class="sn-button sn-button-main">Cast the ballot</button>
          <button value="back" class="sn-button" formnovalidate>Go back</button>
        </div>
      </form>
    </dialog>`;
  }

  #review(event: Event): void {
    event.preventDefault();
    if (this.sending) return;
    const { choice } = this;
    if (choice === undefined) {
      this.wrong = { choice: "Choose yes, no or abstain." };
      void this.focusOn("input[type=radio]");
      return;
    }
    if (this.#needsReason(choice) && this.reason.trim() === "") {
      this.wrong = { reason: `A ballot that says ${CHOICE[choice].word.toLowerCase()} needs a reason.` };
      void this.focusOn("textarea");
      return;
    }
    const dialog = this.querySelector("dialog");
    if (dialog) dialog.returnValue = "";
    dialog?.showModal();
  }

  async #closed(): Promise<void> {
    const { proposal, choice } = this;
    if (this.querySelector("dialog")?.returnValue !== "cast" || !proposal?.vote || !choice) return;
    const reason = this.reason.trim();
    this.sending = true;
    this.failure = undefined;
    try {
      const act = vote(proposal.id, {
        voter_id: actor.value,
        choice,
        subject: proposal.vote.subject,
        ...(reason === "" ? {} : { reason }),
      });
      await perform(this.client, act);
      announce(`Ballot cast: ${CHOICE[choice].word.toLowerCase()}, on ${short(proposal.vote.subject)}.`);
      this.#reset();
    } catch (error) {
      this.failure = asFailure(error);
    } finally {
      this.sending = false;
    }
    this.dispatchEvent(new CustomEvent("proposal-touched", { bubbles: true }));
  }
}

define("senate-ballot", SenateBallot);
