import type { Choice, Policy } from "schema-senate";
import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import { COUNTS, TIMES, TRACKS } from "../draft/governance.js";
import { PLACE } from "../draft/places.js";
import { CHOICE, TRACK } from "../words/status.js";
import { define } from "./base.js";
import { DocumentForm } from "./draft-form/base.js";
import { control, text } from "./draft-form/controls.js";
import { number, requirement } from "./draft-form/governed.js";

const POLICY = "/metadata/policy";

/** A change of the policy as a form: only what is changed is written. */
export class SenatePolicyForm extends DocumentForm {
  /** The policy in force. */
  @property({ attribute: false }) accessor policy: Policy | undefined;

  protected override render(): unknown {
    const { policy } = this;
    if (!policy) return nothing;
    return html`
      <section class="sn-form-part" aria-labelledby="${this.stem}-tracks">
        <h2 id="${this.stem}-tracks">What a change needs</h2>
        <p class="sn-hint">
          Whoever makes a rule easier must meet the old rule and the new one. The panel says what this draft
          needs.
        </p>
        <div class="sn-pair">
          ${TRACKS.map((track) =>
            requirement(this, `${POLICY}/tracks/${track}`, TRACK[track].word, "", policy.tracks[track]),
          )}
          ${requirement(this, `${POLICY}/concern_override`, "To override a concern", "", policy.concern_override)}
        </div>
      </section>
      <section class="sn-form-part" aria-labelledby="${this.stem}-times">
        <h2 id="${this.stem}-times">Times</h2>
        <div class="sn-pair">
          ${TIMES.map((member) => number(this, `${POLICY}/${member.name}`, member, policy[member.name]))}
        </div>
      </section>
      <section class="sn-form-part" aria-labelledby="${this.stem}-counts">
        <h2 id="${this.stem}-counts">Numbers</h2>
        <div class="sn-pair">
          ${COUNTS.map((member) => number(this, `${POLICY}/${member.name}`, member, policy[member.name]))}
        </div>
      </section>
      <section class="sn-form-part" aria-labelledby="${this.stem}-ballots">
        <h2 id="${this.stem}-ballots">Ballots</h2>
        ${this.#ballotMode(policy)} ${this.#reasons(policy)} ${this.#directImport(policy)}
      </section>
      <section class="sn-form-part" aria-labelledby="${this.stem}-why">
        <h2 id="${this.stem}-why">Why</h2>
        ${text(this, PLACE.title, "Title", "One line for lists. Left out, the change names itself.", { optional: true })}
        ${text(this, PLACE.rationale, "Rationale", "Why the rules shall change.", { rows: 4 })}
      </section>
    `;
  }

  #ballotMode(policy: Policy) {
    const place = `${POLICY}/ballot_mode`;
    const value = this.draft.string(place) || policy.ballot_mode;
    const option = (mode: Policy["ballot_mode"], words: string) =>
      html`<option value=${mode} .selected=${mode === value}>${words}</option>`;
    return control(
      this,
      place,
      "A ballot",
      "",
      ({ id, described }) =>
        html`<select
          id=${id}
          class="sn-input"
          data-place=${place}
          aria-describedby=${described}
          @change=${(event: Event) => {
            const chosen = (event.target as HTMLSelectElement).value;
            this.emit(chosen === policy.ballot_mode ? this.draft.drop(place) : this.draft.set(place, chosen));
          }}
        >
          ${option("final", "is final; the vote is decided as soon as it cannot change")}
          ${option("replaceable", "can be replaced; the vote is decided at the close")}
        </select>`,
    );
  }

  #reasons(policy: Policy) {
    const place = `${POLICY}/reason_required`;
    const source = this.draft.source(place);
    const required = source === "" ? policy.reason_required : (JSON.parse(source) as Choice[]);
    const toggle = (choice: Choice, on: boolean) => {
      const next = (Object.keys(CHOICE) as Choice[]).filter((each) =>
        each === choice ? on : required.includes(each),
      );
      const same = JSON.stringify(next) === JSON.stringify(policy.reason_required);
      this.emit(same ? this.draft.drop(place) : this.draft.set(place, next));
    };
    return html`<fieldset class="sn-choices" data-place=${place}>
      <legend>Ballots that need a reason</legend>
      <div class="sn-radios">
        ${(Object.keys(CHOICE) as Choice[]).map(
          (choice) =>
            html`<label
              ><input
                type="checkbox"
                .checked=${required.includes(choice)}
                @change=${(event: Event) => toggle(choice, (event.target as HTMLInputElement).checked)}
              />
              <span>${CHOICE[choice].word}</span></label
            >`,
        )}
      </div>
    </fieldset>`;
  }

  #directImport(policy: Policy) {
    const place = `${POLICY}/direct_import`;
    const value = this.draft.boolean(place) ?? policy.direct_import;
    return html`<label class="sn-check" data-place=${place}>
      <input
        type="checkbox"
        .checked=${value}
        @change=${(event: Event) => {
          const { checked } = event.target as HTMLInputElement;
          this.emit(
            checked === policy.direct_import ? this.draft.drop(place) : this.draft.set(place, checked),
          );
        }}
      />
      <span>Any voter may import a type that does not exist yet, without a vote</span>
    </label>`;
  }
}

define("senate-policy-form", SenatePolicyForm);
