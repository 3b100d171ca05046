/** Who needs the change, and what for. */
import { html, nothing, type TemplateResult } from "lit";
import { CASES } from "../../draft/places.js";
import { join } from "../../json/pointer.js";
import { problemList } from "../parts.js";
import { type Form, text } from "./controls.js";

export function useCases(form: Form): TemplateResult {
  const count = form.draft.length(CASES);
  const row = (at: number) => {
    const here = CASES + join(at);
    return html`<li class="sn-case">
      ${text(form, here + "/who", "Who or what", "")} ${text(form, here + "/need", "needs it for", "")}
      <button
        type="button"
        class="sn-button sn-button-plain"
        aria-label="Remove use case ${at + 1}"
        @click=${() => {
          form.emit(form.draft.drop(here));
          void form.focusIn(".sn-cases-add");
        }}
      >
        Remove
      </button>
    </li>`;
  };
  return html`<fieldset class="sn-choices" data-place=${CASES}>
    <legend>Use cases</legend>
    <p class="sn-hint">
      An agent, a team, an artifact, a report, a ticket; and what it needs the change for.
    </p>
    <ol class="sn-cases">
      ${Array.from({ length: count }, (_, at) => row(at))}
    </ol>
    <button
      type="button"
      class="sn-button sn-cases-add"
      @click=${async () => {
        const base = form.draft.has(CASES) ? form.draft : form.draft.set(CASES, []);
        form.emit(base.set(CASES + join(count), { who: "", need: "" }));
        await form.focusIn(`[data-place="${CASES}/${count}/who"]`);
      }}
    >
      Add a use case
    </button>
    ${form.strict || form.isTouchedWithin(CASES) ? problemList(form.problemsAt(CASES)) : nothing}
  </fieldset>`;
}
