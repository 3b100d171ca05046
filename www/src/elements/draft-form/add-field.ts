/** A new field: where it goes, its schema, whether it must be there, and what existing artifacts are given. */
import { html, nothing, type TemplateResult } from "lit";
import { SPEC } from "../../draft/places.js";
import { join, parent, segments } from "../../json/pointer.js";
import { problemList } from "../parts.js";
import { control, type Form } from "./controls.js";
import { presets, schema } from "./schema.js";

export function addField(form: Form): unknown {
  return [newField(form), schema(form, 8, presets(form)), requiredAndDefault(form)];
}

function newField(form: Form): TemplateResult {
  const path = form.draft.string(SPEC + "/path");
  const nested = form.draft.has(SPEC + "/path");
  const holder = nested ? parent(path) : "";
  const name = nested ? (segments(path).at(-1) ?? "") : form.draft.string(SPEC + "/name");
  const place = nested ? SPEC + "/path" : SPEC + "/name";
  const holders = form.fields.flatMap((field) => {
    const items = form.fields.some((inner) => inner.path.startsWith(field.path + "/*/"));
    return [...(field.isObject ? [field.path] : []), ...(items ? [field.path + "/*"] : [])];
  });
  const set = (where: string, what: string) =>
    form.emit(
      where === ""
        ? form.draft.drop(SPEC + "/path").set(SPEC + "/name", what)
        : form.draft.drop(SPEC + "/name").set(SPEC + "/path", where + join(what)),
    );
  return html`<div class="sn-pair">
    <div class="sn-field">
      <label for="${form.stem}-holder">In</label>
      <select
        id="${form.stem}-holder"
        class="sn-input sn-mono"
        @change=${(event: Event) => set((event.target as HTMLSelectElement).value, name)}
      >
        <option value="" .selected=${holder === ""}>the artifact itself</option>
        ${[...new Set(holder !== "" ? [holder, ...holders] : holders)].map(
          (where) => html`<option value=${where} .selected=${where === holder}>${where}</option>`,
        )}
      </select>
    </div>
    ${control(
      form,
      place,
      "Name",
      "",
      ({ id, described, wrong }) =>
        html`<input
          id=${id}
          class="sn-input sn-mono"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          data-place=${place}
          aria-describedby=${described}
          aria-invalid=${wrong ? "true" : nothing}
          .value=${name}
          @input=${(event: Event) => set(holder, (event.target as HTMLInputElement).value)}
        />`,
    )}
  </div>`;
}

function requiredAndDefault(form: Form): TemplateResult {
  const place = SPEC + "/required";
  return html`<label class="sn-check">
      <input
        type="checkbox"
        data-place=${place}
        .checked=${form.draft.boolean(place) === true}
        @change=${(event: Event) =>
          form.emit(
            (event.target as HTMLInputElement).checked ? form.draft.set(place, true) : form.draft.drop(place),
          )}
      />
      <span>Required <span class="sn-quiet">every artifact must have it</span></span>
    </label>
    ${problemList(form.problemsAt(place))}
    ${control(
      form,
      SPEC + "/default",
      "Default",
      'JSON, e.g. "none" or 0. Existing artifacts without the field are given it.',
      ({ id, described, wrong }) =>
        html`<input
          id=${id}
          class="sn-input sn-mono"
          autocomplete="off"
          spellcheck="false"
          data-place=${SPEC + "/default"}
          aria-describedby=${described}
          aria-invalid=${wrong ? "true" : nothing}
          .value=${form.draft.source(SPEC + "/default")}
          @input=${(event: Event) => {
            const text = (event.target as HTMLInputElement).value;
            form.emit(
              text.trim() === ""
                ? form.draft.drop(SPEC + "/default")
                : form.draft.type(SPEC + "/default", text),
            );
          }}
        />`,
      true,
    )}`;
}
