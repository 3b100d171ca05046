import type { Scope } from "schema-senate";
import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import { PLACE } from "../draft/places.js";
import { define } from "./base.js";
import { DocumentForm } from "./draft-form/base.js";
import { text } from "./draft-form/controls.js";
import { lines } from "./draft-form/governed.js";

const SCOPE = "/metadata/scope";

/** A change of the scope as a form: only what is changed is written. Keywords of single types are written as JSON. */
export class SenateScopeForm extends DocumentForm {
  /** The scope in force. */
  @property({ attribute: false }) accessor scope: Partial<Scope> | undefined;

  protected override render(): unknown {
    const { scope } = this;
    if (!scope) return nothing;
    const member = (
      name: "in" | "out" | "keywords_in" | "keywords_out" | "judges",
      label: string,
      hint: string,
    ) => lines(this, `${SCOPE}/${name}`, label, hint, scope[name] ?? []);
    return html`
      <section class="sn-form-part" aria-labelledby="${this.stem}-sentences">
        <h2 id="${this.stem}-sentences">What the senate decides</h2>
        ${member("in", "In scope", "Sentences for people, one on each line.")}
        ${member("out", "Out of scope", "Sentences for people, one on each line.")}
      </section>
      <section class="sn-form-part" aria-labelledby="${this.stem}-keywords">
        <h2 id="${this.stem}-keywords">Keywords</h2>
        <p class="sn-hint">
          The core looks for them in every draft. Only words of the first list: in scope. Only of the second:
          out of scope. Both or neither: unclear, for a judge to say.
        </p>
        <div class="sn-pair">
          ${member("keywords_in", "Speak for it", "One on each line.")}
          ${member("keywords_out", "Speak against it", "One on each line.")}
        </div>
        ${member("judges", "Judges", "Members who decide what is unclear, one id on each line.")}
      </section>
      <section class="sn-form-part" aria-labelledby="${this.stem}-why">
        <h2 id="${this.stem}-why">Why</h2>
        ${text(this, PLACE.title, "Title", "One line for lists. Left out, the change names itself.", { optional: true })}
        ${text(this, PLACE.rationale, "Rationale", "Why the scope shall change.", { rows: 4 })}
      </section>
    `;
  }
}

define("senate-scope-form", SenateScopeForm);
