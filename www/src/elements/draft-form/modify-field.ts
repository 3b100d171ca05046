/** Another schema for a field, or for the whole type. */
import { html, nothing } from "lit";
import { SPEC } from "../../draft/places.js";
import { write } from "../../json/spans.js";
import type { Part } from "../parts.js";
import type { Form } from "./controls.js";
import { picker } from "./picker.js";
import { presets, schema } from "./schema.js";

export function modifyField(form: Form): unknown {
  return [picker(form, "path", true), today(form), schema(form, 10, presets(form))];
}

/** What the schema of the chosen field says now, to start from. */
function today(form: Form): Part {
  const path = form.draft.string(SPEC + "/path");
  const chosen = form.fields.find((field) => field.path === path);
  if (!chosen) return nothing;
  return html`<details class="sn-fold">
    <summary>The field's schema today</summary>
    <pre
      class="sn-pre"
      tabindex="0"
      aria-label="The field's schema today"
    ><code>${write(chosen.schema)}</code></pre>
    <button
      type="button"
      class="sn-button"
      @click=${() => form.emit(form.draft.type(SPEC + "/schema", write(chosen.schema)))}
    >
      Start from it
    </button>
  </details>`;
}
