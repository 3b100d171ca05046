/** Controls of the draft form: each names its place in the document, so that a problem's pointer finds it. */
import type { Problem } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import type { DraftText } from "../../draft/text.js";
import type { Field } from "../../json/fields.js";
import type { TextChanged } from "../json-editor.js";
import "../json-editor.js";
import { problemList } from "../parts.js";

/** What a part of the form knows of the whole. */
export interface Form {
  /** Begins the ids of this form's elements. */
  readonly stem: string;
  readonly draft: DraftText;
  /** The fields of the current schema. */
  readonly fields: Field[];
  readonly problems: Problem[];
  /** Show every problem, also of controls nobody has touched yet. */
  readonly strict: boolean;
  /** The reader chose to write a path by hand. */
  byHand: boolean;
  /** What the plan said before the reader chose the other kind. */
  readonly planMemory: Map<string, string>;
  emit(draft: DraftText): void;
  touch(place: string): void;
  isTouched(place: string): boolean;
  isTouchedWithin(place: string): boolean;
  problemsAt(place: string): Problem[];
  /** Focuses what `selector` names once it is rendered. */
  focusIn(selector: string): Promise<void>;
}

/** Label, hint, control, and the control's problems once it was touched. */
export function control(
  form: Form,
  place: string,
  label: string,
  hint: string,
  control: (ids: { id: string; described: string; wrong: boolean }) => TemplateResult,
  optional = false,
): TemplateResult {
  const id = form.stem + place.replaceAll(/[^a-z0-9]/gi, "-");
  const shown = form.strict || form.isTouched(place) ? form.problemsAt(place) : [];
  const wrong = shown.some((problem) => problem.severity === "error");
  return html`<div class="sn-field" ?data-wrong=${wrong} @focusout=${() => form.touch(place)}>
    <label for=${id}>${label}${optional ? html` <span class="sn-quiet">optional</span>` : nothing}</label>
    ${control({ id, described: `${id}-hint ${id}-problems`, wrong })}
    ${hint === "" ? nothing : html`<p class="sn-hint" id="${id}-hint">${hint}</p>`}
    <div id="${id}-problems">${problemList(shown)}</div>
  </div>`;
}

export function text(
  form: Form,
  place: string,
  label: string,
  hint: string,
  options: { optional?: boolean; mono?: boolean; rows?: number } = {},
): TemplateResult {
  const value = form.draft.string(place);
  const input = (event: Event) => {
    const text = (event.target as HTMLInputElement).value;
    form.emit(options.optional && text === "" ? form.draft.drop(place) : form.draft.set(place, text));
  };
  return control(
    form,
    place,
    label,
    hint,
    ({ id, described, wrong }) =>
      options.rows
        ? html`<textarea
            id=${id}
            class="sn-input ${options.mono ? "sn-mono" : ""}"
            rows=${options.rows}
            data-place=${place}
            aria-describedby=${described}
            aria-invalid=${wrong ? "true" : nothing}
            spellcheck=${options.mono ? "false" : "true"}
            .value=${value}
            @input=${input}
          ></textarea>`
        : html`<input
            id=${id}
            class="sn-input ${options.mono ? "sn-mono" : ""}"
            autocomplete="off"
            autocapitalize=${options.mono ? "off" : nothing}
            spellcheck=${options.mono ? "false" : "true"}
            data-place=${place}
            aria-describedby=${described}
            aria-invalid=${wrong ? "true" : nothing}
            .value=${value}
            @input=${input}
          />`,
    options.optional,
  );
}

export function json(
  form: Form,
  place: string,
  label: string,
  hint: string,
  rows: number,
  before: unknown = nothing,
): TemplateResult {
  const source = form.draft.source(place);
  const problems = form.problemsAt(place).map(({ offset: _, ...problem }) => ({
    ...problem,
    pointer: problem.pointer.slice(place.length),
  }));
  const id = form.stem + place.replaceAll(/[^a-z0-9]/gi, "-");
  const shown = form.strict || form.isTouched(place) ? form.problemsAt(place) : [];
  return html`<div class="sn-field" ?data-wrong=${shown.some((problem) => problem.severity === "error")}>
    <span class="sn-label">${label}</span>
    ${before}
    <senate-json-editor
      data-place=${place}
      .text=${source}
      .label=${label}
      .description=${hint}
      .rows=${rows}
      .problems=${problems}
      @text-changed=${(event: TextChanged) => form.emit(form.draft.type(place, event.detail.text))}
      @left=${() => form.touch(place)}
      @focusout=${() => form.touch(place)}
    ></senate-json-editor>
    ${hint === "" ? nothing : html`<p class="sn-hint">${hint}</p>`}
    <div id="${id}-problems">${problemList(shown)}</div>
  </div>`;
}
