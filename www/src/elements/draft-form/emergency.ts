/** Whether the change shall take the emergency track, and what that asks for. */
import type { Policy } from "schema-senate";
import { html, nothing } from "lit";
import { PLACE } from "../../draft/places.js";
import { span } from "../../words/time.js";
import { problemList } from "../parts.js";
import type { Form } from "./controls.js";

export function emergency(form: Form, policy: Partial<Policy> | undefined) {
  const on = form.draft.boolean(PLACE.emergency) === true;
  const track = policy?.tracks?.emergency;
  const voting = track?.voting_ms ?? policy?.voting_ms;
  return html`<fieldset class="sn-choices" data-place=${PLACE.emergency}>
    <legend>Emergency</legend>
    <label class="sn-check">
      <input
        type="checkbox"
        .checked=${on}
        @change=${(event: Event) =>
          form.emit(
            (event.target as HTMLInputElement).checked
              ? form.draft.set(PLACE.emergency, true)
              : form.draft.drop(PLACE.emergency),
          )}
      />
      <span
        >This cannot wait
        <span class="sn-quiet"
          >its times are shorter${voting === undefined ? "" : ` (voting takes ${span(voting)})`}; it must meet
          the emergency rule besides its own</span
        ></span
      >
    </label>
    ${on || form.strict ? problemList(form.problemsAt(PLACE.emergency)) : nothing}
  </fieldset>`;
}
