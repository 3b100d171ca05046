import type { ChangeType, Policy, Precedent } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { changeTo, NEW_TYPE, remember, type SpecMemory } from "../draft/changes.js";
import { controlFor, PLACE, SPEC } from "../draft/places.js";
import { CHANGE } from "../words/status.js";
import { define } from "./base.js";
import { addField } from "./draft-form/add-field.js";
import { addType } from "./draft-form/add-type.js";
import { addresses } from "./draft-form/addresses.js";
import { DocumentForm } from "./draft-form/base.js";
import { control, type Form, text } from "./draft-form/controls.js";
import { emergency } from "./draft-form/emergency.js";
import { modifyField } from "./draft-form/modify-field.js";
import { claim, plan } from "./draft-form/plan.js";
import { removeField } from "./draft-form/remove-field.js";
import { renameField } from "./draft-form/rename-field.js";
import { useCases } from "./draft-form/use-cases.js";
import { problemList, type Part } from "./parts.js";

const SPECS: Record<ChangeType, (form: Form) => unknown> = {
  add_field: addField,
  modify_field: modifyField,
  remove_field: removeField,
  rename_field: renameField,
  add_type: addType,
};

/** A draft of a schema change as a form. */
export class SenateDraftForm extends DocumentForm {
  @property({ attribute: false }) accessor types: string[] = [];
  /** Earlier proposals that are like the draft. */
  @property({ attribute: false }) accessor precedents: Precedent[] = [];
  @property({ attribute: false }) accessor policy: Partial<Policy> | undefined;
  /** A proposal is revised: its target stays. */
  @property({ type: Boolean }) accessor revision = false;
  #memory: SpecMemory = new Map();

  get #change(): ChangeType {
    const change = this.draft.string(PLACE.change);
    return change in CHANGE ? (change as ChangeType) : "add_field";
  }

  // ------------------------------------------------------------ sections

  protected override render(): unknown {
    return html`
      <section class="sn-form-part" aria-labelledby="${this.stem}-what">
        <h2 id="${this.stem}-what">What changes</h2>
        ${this.#target()} ${this.#changes()}
        ${text(this, PLACE.title, "Title", "One line for lists. Left out, the change names itself.", { optional: true })}
      </section>
      <section class="sn-form-part" aria-labelledby="${this.stem}-spec">
        <h2 id="${this.stem}-spec">${CHANGE[this.#change].word}</h2>
        ${SPECS[this.#change](this)} ${this.#specProblems()}
      </section>
      <section class="sn-form-part" aria-labelledby="${this.stem}-why">
        <h2 id="${this.stem}-why">Why</h2>
        ${text(this, PLACE.rationale, "Rationale", "Why the change is needed. It must rest on specific use cases.", { rows: 4 })}
        ${useCases(this)} ${this.revision ? nothing : addresses(this, this.precedents)}
      </section>
      <section class="sn-form-part" aria-labelledby="${this.stem}-plan">
        <h2 id="${this.stem}-plan">Migration and claim</h2>
        ${plan(this)} ${claim(this)} ${emergency(this, this.policy)}
      </section>
    `;
  }

  #target(): TemplateResult {
    const target = this.draft.string(PLACE.target);
    const known = target === NEW_TYPE || this.types.includes(target);
    return control(
      this,
      PLACE.target,
      "Artifact type",
      "",
      ({ id, described }) =>
        html`<select
          id=${id}
          class="sn-input"
          data-place=${PLACE.target}
          aria-describedby=${described}
          ?disabled=${this.revision}
          @change=${(event: Event) => this.#setTarget((event.target as HTMLSelectElement).value)}
        >
          ${known ? nothing : html`<option value=${target} .selected=${true}>${target || "Choose a type"}</option>`}
          ${this.types.map((type) => html`<option value=${type} .selected=${type === target}>${type}</option>`)}
          <option value=${NEW_TYPE} .selected=${target === NEW_TYPE}>A new type</option>
        </select>`,
    );
  }

  #setTarget(target: string): void {
    remember(this.#memory, this.#change, this.draft);
    let next = this.draft.set(PLACE.target, target);
    if (target === NEW_TYPE && this.#change !== "add_type") next = changeTo(next, "add_type", this.#memory);
    if (target !== NEW_TYPE && this.#change === "add_type") next = changeTo(next, "add_field", this.#memory);
    this.emit(next);
  }

  #changes(): TemplateResult {
    const fresh = this.draft.string(PLACE.target) === NEW_TYPE;
    const choices = (Object.keys(CHANGE) as ChangeType[]).filter(
      (change) => (change === "add_type") === fresh,
    );
    return html`<fieldset class="sn-choices" data-place=${PLACE.change}>
      <legend>Change</legend>
      <div class="sn-cards">
        ${choices.map(
          (change) =>
            html`<label class="sn-card-choice">
              <input
                type="radio"
                name="${this.stem}-change"
                value=${change}
                .checked=${change === this.#change}
                @change=${() => this.#setChange(change)}
              />
              <span
                ><strong>${CHANGE[change].word}</strong
                ><span class="sn-quiet">${CHANGE[change].says}</span></span
              >
            </label>`,
        )}
      </div>
      ${this.strict ? problemList(this.problemsAt(PLACE.change)) : nothing}
    </fieldset>`;
  }

  #setChange(change: ChangeType): void {
    remember(this.#memory, this.#change, this.draft);
    this.emit(changeTo(this.draft, change, this.#memory));
  }

  /** Problems of the field spec that no single control shows, e.g. a missing member. */
  #specProblems(): Part {
    const rest = this.problems.filter((problem) => controlFor(problem, [...this.places, SPEC]) === SPEC);
    return rest.length === 0 || !(this.strict || this.isTouchedWithin(SPEC)) ? nothing : problemList(rest);
  }
}

define("senate-draft-form", SenateDraftForm);
