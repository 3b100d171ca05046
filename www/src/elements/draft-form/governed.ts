/** Controls of the governance forms: a member that is left as it is stays out of the document. */
import type { Requirement } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import {
  REQUIREMENTS,
  requirementWords,
  sameRequirement,
  type NumberMember,
} from "../../draft/governance.js";
import { span } from "../../words/time.js";
import { control, type Form } from "./controls.js";

const UNITS: [string, number][] = [
  ["days", 86_400_000],
  ["hours", 3_600_000],
  ["minutes", 60_000],
  ["seconds", 1000],
  ["ms", 1],
];

function numberAt(form: Form, place: string): number | null | undefined {
  const source = form.draft.source(place);
  if (source === "null") return null;
  return /^\d+$/.test(source) ? Number(source) : undefined;
}

/** Sets a member, or leaves it out where it is what is in force. */
function setOr(form: Form, place: string, value: number | null, current: number | null): void {
  form.emit(value === current ? form.draft.drop(place) : form.draft.set(place, value));
}

export function number(
  form: Form,
  place: string,
  member: NumberMember,
  current: number | null,
): TemplateResult {
  const written = numberAt(form, place);
  const value = written === undefined ? current : written;
  const now = current === null ? "none" : member.time ? span(current) : String(current);
  const hint = written === undefined ? member.hint : `${member.hint} Now: ${now}.`;
  if (!member.time) {
    return control(
      form,
      place,
      member.label,
      hint,
      ({ id, described, wrong }) =>
        html`<input
          id=${id}
          class="sn-input"
          type="number"
          min="0"
          step="1"
          data-place=${place}
          aria-describedby=${described}
          aria-invalid=${wrong ? "true" : nothing}
          .value=${value === null ? "" : String(value)}
          @change=${(event: Event) => {
            const typed = (event.target as HTMLInputElement).value;
            setOr(form, place, typed === "" ? null : Number(typed), current);
          }}
        />`,
    );
  }
  const ms = value ?? 0;
  const [unit, size] = UNITS.find(([, each]) => ms % each === 0 && ms > 0) ?? UNITS[0]!;
  const set = (count: number, per: number) =>
    setOr(form, place, Math.max(0, Math.round(count * per)), current);
  return control(
    form,
    place,
    member.label,
    hint,
    ({ id, described, wrong }) =>
      html`<span class="sn-inline">
        <input
          id=${id}
          class="sn-input"
          type="number"
          min="0"
          step="1"
          data-place=${place}
          aria-describedby=${described}
          aria-invalid=${wrong ? "true" : nothing}
          .value=${String(ms / size)}
          @change=${(event: Event) => set(Number((event.target as HTMLInputElement).value), size)}
        />
        <select
          class="sn-input"
          aria-label="Unit of ${member.label.toLowerCase()}"
          @change=${(event: Event) => set(ms / size, Number((event.target as HTMLSelectElement).value))}
        >
          ${UNITS.filter(([name]) => name !== "ms" || unit === "ms").map(
            ([name, each]) => html`<option value=${each} .selected=${name === unit}>${name}</option>`,
          )}
        </select>
      </span>`,
  );
}

export function requirement(
  form: Form,
  place: string,
  label: string,
  hint: string,
  current: Requirement,
): TemplateResult {
  const source = form.draft.source(place);
  let written: Requirement | undefined;
  try {
    written = source === "" ? undefined : (JSON.parse(source) as Requirement);
  } catch {
    // It is being written as JSON.
  }
  const others = REQUIREMENTS.filter(({ value }) => !sameRequirement(value, current));
  const custom =
    written && !others.some(({ value }) => sameRequirement(value, written)) ? written : undefined;
  return control(
    form,
    place,
    label,
    hint,
    ({ id, described, wrong }) =>
      html`<select
        id=${id}
        class="sn-input"
        data-place=${place}
        aria-describedby=${described}
        aria-invalid=${wrong ? "true" : nothing}
        @change=${(event: Event) => {
          const { value } = event.target as HTMLSelectElement;
          form.emit(
            value === "" ? form.draft.drop(place) : form.draft.set(place, JSON.parse(value) as Requirement),
          );
        }}
      >
        <option value="" .selected=${written === undefined}>${requirementWords(current)} (as it is)</option>
        ${others.map(
          ({ value, words }) =>
            html`<option
              value=${JSON.stringify(value)}
              .selected=${written !== undefined && sameRequirement(value, written)}
            >
              ${words}
            </option>`,
        )}
        ${custom ? html`<option value=${JSON.stringify(custom)} .selected=${true}>${requirementWords(custom)}</option>` : nothing}
      </select>`,
  );
}

/** A list of texts, one on each line. */
export function lines(
  form: Form,
  place: string,
  label: string,
  hint: string,
  current: readonly string[],
): TemplateResult {
  const written = list(form.draft.source(place));
  const text = (written ?? current).join("\n");
  return control(
    form,
    place,
    label,
    hint,
    ({ id, described, wrong }) =>
      html`<textarea
        id=${id}
        class="sn-input"
        rows=${Math.min(8, Math.max(2, text.split("\n").length + 1))}
        data-place=${place}
        aria-describedby=${described}
        aria-invalid=${wrong ? "true" : nothing}
        .value=${text}
        @change=${(event: Event) => {
          const said = (event.target as HTMLTextAreaElement).value
            .split("\n")
            .map((line) => line.trim())
            .filter((line) => line !== "");
          const same = JSON.stringify(said) === JSON.stringify(current);
          form.emit(same ? form.draft.drop(place) : form.draft.set(place, said));
        }}
      ></textarea>`,
  );
}

function list(source: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(source);
    return Array.isArray(value) ? value.map(String) : undefined;
  } catch {
    return undefined;
  }
}
