/** Choose one of the fields that exist, or write its path. */
import { html, nothing, type TemplateResult } from "lit";
import { SPEC } from "../../draft/places.js";
import { control, type Form } from "./controls.js";

const OTHER = "\u0000other";

/** Choose one of the fields that exist, or write its path. */
export function picker(form: Form, member: "path" | "from", whole: boolean): TemplateResult {
  const place = `${SPEC}/${member}`;
  const path = form.draft.string(place);
  const chosen = form.fields.find((field) => field.path === path);
  const byHand = form.byHand || form.fields.length === 0 || (path !== "" && !chosen);
  const set = (value: string) => {
    form.byHand = value === OTHER;
    if (value !== OTHER) form.emit(form.draft.set(place, value));
  };
  return control(
    form,
    place,
    "Field",
    chosen
      ? [chosen.type, chosen.required ? "required" : "optional", chosen.description]
          .filter(Boolean)
          .join(" · ")
      : "A JSON Pointer over field names, e.g. /design/blinding; * steps into the items of a list.",
    ({ id, described, wrong }) =>
      byHand
        ? html`<div class="sn-inline">
            <input
              id=${id}
              class="sn-input sn-mono"
              autocomplete="off"
              spellcheck="false"
              placeholder="/field"
              data-place=${place}
              aria-describedby=${described}
              aria-invalid=${wrong ? "true" : nothing}
              .value=${path}
              @input=${(event: Event) => form.emit(form.draft.set(place, (event.target as HTMLInputElement).value))}
            />
            ${
              form.fields.length === 0
                ? nothing
                : html`<button
                    type="button"
                    class="sn-button"
                    @click=${() => {
                      form.byHand = false;
                      if (!chosen) form.emit(form.draft.set(place, ""));
                    }}
                  >
                    Choose
                  </button>`
            }
          </div>`
        : html`<select
            id=${id}
            class="sn-input sn-mono"
            data-place=${place}
            aria-describedby=${described}
            aria-invalid=${wrong ? "true" : nothing}
            @change=${(event: Event) => set((event.target as HTMLSelectElement).value)}
          >
            <option value="" .selected=${path === ""}>${whole ? "the whole type" : "Choose a field"}</option>
            ${form.fields.map(
              (field) =>
                html`<option value=${field.path} .selected=${field.path === path}>
                  ${field.path} (${field.type}${field.required ? ", required" : ""})
                </option>`,
            )}
            <option value=${OTHER}>another path…</option>
          </select>`,
  );
}
