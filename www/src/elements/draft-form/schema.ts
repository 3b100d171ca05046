/** The schema of a field or of a type, typed as JSON; for a field also begun from a usual one. */
import type { Json } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { SPEC } from "../../draft/places.js";
import { write } from "../../json/spans.js";
import { type Form, json } from "./controls.js";

const PRESETS: [string, Json][] = [
  ["Text", { type: "string" }],
  ["Whole number", { type: "integer" }],
  ["Number", { type: "number" }],
  ["Yes or no", { type: "boolean" }],
  ["One of", { enum: ["first", "second"] }],
  ["List of texts", { type: "array", items: { type: "string" } }],
  ["Object", { type: "object", properties: {}, additionalProperties: false }],
];

/** `before` stands between the label and the editor. */
export function schema(form: Form, rows: number, before: unknown = nothing): TemplateResult {
  return json(
    form,
    SPEC + "/schema",
    "Schema",
    "JSON Schema, draft 2020-12 unless it names another.",
    rows,
    before,
  );
}

export function presets(form: Form): TemplateResult {
  return html`<div class="sn-presets" role="group" aria-label="Start the schema from">
    ${PRESETS.map(
      ([name, schema]) =>
        html`<button
          type="button"
          class="sn-chip"
          @click=${() => form.emit(form.draft.type(SPEC + "/schema", write(schema)))}
        >
          ${name}
        </button>`,
    )}
  </div>`;
}
