import type { ChangeType, Json, Problem } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { changeTo, NEW_TYPE, remember, type SpecMemory } from "../draft/changes.js";
import { CASES, controlFor, PLACE, PLAN, SPEC } from "../draft/places.js";
import type { DraftText } from "../draft/text.js";
import type { Field } from "../json/fields.js";
import { join, parent, segments } from "../json/pointer.js";
import { write } from "../json/spans.js";
import { CHANGE } from "../words/status.js";
import { define, SenateElement, uniqueId } from "./base.js";
import type { SenateJsonEditor, TextChanged } from "./json-editor.js";
import "./json-editor.js";
import { problemList, type Part } from "./parts.js";

/** The form changed the document. */
export class DraftChanged extends CustomEvent<{ draft: DraftText }> {
  constructor(draft: DraftText) {
    super("draft-changed", { detail: { draft }, bubbles: true });
  }
}

const OTHER = "\u0000other";

const PRESETS: [string, Json][] = [
  ["Text", { type: "string" }],
  ["Whole number", { type: "integer" }],
  ["Number", { type: "number" }],
  ["Yes or no", { type: "boolean" }],
  ["One of", { enum: ["first", "second"] }],
  ["List of texts", { type: "array", items: { type: "string" } }],
  ["Object", { type: "object", properties: {}, additionalProperties: false }],
];

/** A draft as a form. Every control names its place in the document, so that a problem's pointer finds it. */
export class SenateDraftForm extends SenateElement {
  @property({ attribute: false }) accessor draft!: DraftText;
  @property({ attribute: false }) accessor types: string[] = [];
  /** The fields of the current schema. */
  @property({ attribute: false }) accessor fields: Field[] = [];
  @property({ attribute: false }) accessor problems: Problem[] = [];
  /** Show every problem, also of controls nobody has touched yet. */
  @property({ type: Boolean }) accessor strict = false;
  @state() private accessor touched: ReadonlySet<string> = new Set();
  /** The reader chose to write a path by hand. */
  @state() private accessor byHand = false;

  #memory: SpecMemory = new Map();
  #planMemory = new Map<string, string>();
  readonly #id = uniqueId("draft");

  get #change(): ChangeType {
    const change = this.draft.string(PLACE.change);
    return change in CHANGE ? (change as ChangeType) : "add_field";
  }

  #emit(draft: DraftText): void {
    this.draft = draft;
    this.dispatchEvent(new DraftChanged(draft));
  }

  #touch(place: string): void {
    if (!this.touched.has(place)) this.touched = new Set([...this.touched, place]);
  }

  /** The places that have a control at the moment. */
  get places(): string[] {
    return [...this.querySelectorAll<HTMLElement>("[data-place]")].map(
      (control) => control.dataset["place"] ?? "",
    );
  }

  /** Focuses the control of a problem; false when none shows it. */
  showProblem(problem: Problem): boolean {
    const place = controlFor(problem, this.places);
    if (place === undefined) return false;
    const control = this.querySelector<HTMLElement>(`[data-place="${CSS.escape(place)}"]`);
    if (!control) return false;
    this.#touch(place);
    if (control.localName === "senate-json-editor") {
      (control as SenateJsonEditor).goTo(problem.pointer.slice(place.length));
    } else {
      (control.matches("fieldset")
        ? control.querySelector<HTMLElement>("input,select,textarea")
        : control
      )?.focus();
    }
    control.scrollIntoView({ block: "center" });
    return true;
  }

  #problemsAt(place: string): Problem[] {
    return this.problems.filter((problem) => controlFor(problem, this.places) === place);
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    // Which control a problem belongs to depends on the controls that were just rendered.
    if (changed.has("draft")) queueMicrotask(() => this.requestUpdate());
  }

  // ------------------------------------------------------------ controls

  /** Label, hint, control, and the control's problems once it was touched. */
  #control(
    place: string,
    label: string,
    hint: string,
    control: (ids: { id: string; described: string; wrong: boolean }) => TemplateResult,
    optional = false,
  ): TemplateResult {
    const id = this.#id + place.replaceAll(/[^a-z0-9]/gi, "-");
    const shown = this.strict || this.touched.has(place) ? this.#problemsAt(place) : [];
    const wrong = shown.some((problem) => problem.severity === "error");
    return html`<div class="sn-field" ?data-wrong=${wrong} @focusout=${() => this.#touch(place)}>
      <label for=${id}>${label}${optional ? html` <span class="sn-quiet">optional</span>` : nothing}</label>
      ${control({ id, described: `${id}-hint ${id}-problems`, wrong })}
      ${hint === "" ? nothing : html`<p class="sn-hint" id="${id}-hint">${hint}</p>`}
      <div id="${id}-problems">${problemList(shown)}</div>
    </div>`;
  }

  #text(
    place: string,
    label: string,
    hint: string,
    options: { optional?: boolean; mono?: boolean; rows?: number } = {},
  ) {
    const value = this.draft.string(place);
    const input = (event: Event) => {
      const text = (event.target as HTMLInputElement).value;
      this.#emit(options.optional && text === "" ? this.draft.drop(place) : this.draft.set(place, text));
    };
    return this.#control(
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

  #json(place: string, label: string, hint: string, rows: number, before: unknown = nothing): TemplateResult {
    const source = this.draft.source(place);
    const problems = this.#problemsAt(place).map(({ offset: _, ...problem }) => ({
      ...problem,
      pointer: problem.pointer.slice(place.length),
    }));
    const id = this.#id + place.replaceAll(/[^a-z0-9]/gi, "-");
    const shown = this.strict || this.touched.has(place) ? this.#problemsAt(place) : [];
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
        @text-changed=${(event: TextChanged) => this.#emit(this.draft.type(place, event.detail.text))}
        @left=${() => this.#touch(place)}
        @focusout=${() => this.#touch(place)}
      ></senate-json-editor>
      ${hint === "" ? nothing : html`<p class="sn-hint">${hint}</p>`}
      <div id="${id}-problems">${problemList(shown)}</div>
    </div>`;
  }

  // ------------------------------------------------------------ sections

  protected override render(): unknown {
    return html`
      <section class="sn-form-part" aria-labelledby="${this.#id}-what">
        <h2 id="${this.#id}-what">What changes</h2>
        ${this.#target()} ${this.#changes()}
        ${this.#text(PLACE.title, "Title", "One line for lists. Left out, the change names itself.", { optional: true })}
      </section>
      <section class="sn-form-part" aria-labelledby="${this.#id}-spec">
        <h2 id="${this.#id}-spec">${CHANGE[this.#change].word}</h2>
        ${this.#spec()} ${this.#specProblems()}
      </section>
      <section class="sn-form-part" aria-labelledby="${this.#id}-why">
        <h2 id="${this.#id}-why">Why</h2>
        ${this.#text(PLACE.rationale, "Rationale", "Why the change is needed. It must rest on specific use cases.", { rows: 4 })}
        ${this.#cases()}
      </section>
      <section class="sn-form-part" aria-labelledby="${this.#id}-plan">
        <h2 id="${this.#id}-plan">Migration and claim</h2>
        ${this.#plan()} ${this.#claim()}
      </section>
    `;
  }

  #target(): TemplateResult {
    const target = this.draft.string(PLACE.target);
    const known = target === NEW_TYPE || this.types.includes(target);
    return this.#control(
      PLACE.target,
      "Artifact type",
      "",
      ({ id, described }) =>
        html`<select
          id=${id}
          class="sn-input"
          data-place=${PLACE.target}
          aria-describedby=${described}
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
    this.#emit(next);
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
                name="${this.#id}-change"
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
      ${this.strict ? problemList(this.#problemsAt(PLACE.change)) : nothing}
    </fieldset>`;
  }

  #setChange(change: ChangeType): void {
    remember(this.#memory, this.#change, this.draft);
    this.#emit(changeTo(this.draft, change, this.#memory));
  }

  #spec(): unknown {
    switch (this.#change) {
      case "add_field":
        return [this.#newField(), this.#schema(8), this.#requiredAndDefault()];
      case "modify_field":
        return [this.#picker("path", true), this.#schema(10)];
      case "remove_field":
        return this.#picker("path", false);
      case "rename_field":
        return [
          this.#picker("from", false),
          this.#text(SPEC + "/to", "New name", "The field stays in its object; only its name changes.", {
            mono: true,
          }),
        ];
      case "add_type":
        return [
          this.#text(
            SPEC + "/name",
            "Name of the type",
            "Lower-case letters, digits and _, a letter first.",
            { mono: true },
          ),
          this.#text(SPEC + "/description", "Description", "", { optional: true }),
          this.#schema(16),
        ];
    }
  }

  /** Problems of the field spec that no single control shows, e.g. a missing member. */
  #specProblems(): Part {
    const rest = this.problems.filter((problem) => controlFor(problem, [...this.places, SPEC]) === SPEC);
    return rest.length === 0 || !(this.strict || [...this.touched].some((place) => place.startsWith(SPEC)))
      ? nothing
      : problemList(rest);
  }

  #newField(): TemplateResult {
    const path = this.draft.string(SPEC + "/path");
    const nested = this.draft.has(SPEC + "/path");
    const holder = nested ? parent(path) : "";
    const name = nested ? (segments(path).at(-1) ?? "") : this.draft.string(SPEC + "/name");
    const place = nested ? SPEC + "/path" : SPEC + "/name";
    const holders = this.fields.flatMap((field) => {
      const items = this.fields.some((inner) => inner.path.startsWith(field.path + "/*/"));
      return [...(field.isObject ? [field.path] : []), ...(items ? [field.path + "/*"] : [])];
    });
    const set = (where: string, what: string) =>
      this.#emit(
        where === ""
          ? this.draft.drop(SPEC + "/path").set(SPEC + "/name", what)
          : this.draft.drop(SPEC + "/name").set(SPEC + "/path", where + join(what)),
      );
    return html`<div class="sn-pair">
      <div class="sn-field">
        <label for="${this.#id}-holder">In</label>
        <select
          id="${this.#id}-holder"
          class="sn-input sn-mono"
          @change=${(event: Event) => set((event.target as HTMLSelectElement).value, name)}
        >
          <option value="" .selected=${holder === ""}>the artifact itself</option>
          ${[...new Set(holder !== "" ? [holder, ...holders] : holders)].map(
            (where) => html`<option value=${where} .selected=${where === holder}>${where}</option>`,
          )}
        </select>
      </div>
      ${this.#control(
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

  /** Choose one of the fields that exist, or write its path. */
  #picker(member: "path" | "from", whole: boolean): TemplateResult {
    const place = `${SPEC}/${member}`;
    const path = this.draft.string(place);
    const chosen = this.fields.find((field) => field.path === path);
    const byHand = this.byHand || this.fields.length === 0 || (path !== "" && !chosen);
    const set = (value: string) => {
      this.byHand = value === OTHER;
      if (value !== OTHER) this.#emit(this.draft.set(place, value));
    };
    return html`${this.#control(
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
                @input=${(event: Event) => this.#emit(this.draft.set(place, (event.target as HTMLInputElement).value))}
              />
              ${
                this.fields.length === 0
                  ? nothing
                  : html`<button
                      type="button"
                      class="sn-button"
                      @click=${() => {
                        this.byHand = false;
                        if (!chosen) this.#emit(this.draft.set(place, ""));
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
              <option value="" .selected=${path === ""}>
                ${whole ? "the whole type" : "Choose a field"}
              </option>
              ${this.fields.map(
                (field) =>
                  html`<option value=${field.path} .selected=${field.path === path}>
                    ${field.path} (${field.type}${field.required ? ", required" : ""})
                  </option>`,
              )}
              <option value=${OTHER}>another path…</option>
            </select>`,
    )}
    ${
      member === "path" && this.#change === "modify_field" && chosen
        ? html`<details class="sn-fold">
            <summary>The field's schema today</summary>
            <pre
              class="sn-pre"
              tabindex="0"
              aria-label="The field's schema today"
            ><code>${write(chosen.schema)}</code></pre>
            <button
              type="button"
              class="sn-button"
              @click=${() => this.#emit(this.draft.type(SPEC + "/schema", write(chosen.schema)))}
            >
              Start from it
            </button>
          </details>`
        : nothing
    }`;
  }

  #schema(rows: number): TemplateResult {
    const presets =
      this.#change === "add_type"
        ? nothing
        : html`<div class="sn-presets" role="group" aria-label="Start the schema from">
            ${PRESETS.map(
              ([name, schema]) =>
                html`<button
                  type="button"
                  class="sn-chip"
                  @click=${() => this.#emit(this.draft.type(SPEC + "/schema", write(schema)))}
                >
                  ${name}
                </button>`,
            )}
          </div>`;
    return this.#json(
      SPEC + "/schema",
      "Schema",
      "JSON Schema, draft 2020-12 unless it names another.",
      rows,
      presets,
    );
  }

  #requiredAndDefault(): TemplateResult {
    const place = SPEC + "/required";
    return html`<label class="sn-check">
        <input
          type="checkbox"
          data-place=${place}
          .checked=${this.draft.boolean(place) === true}
          @change=${(event: Event) =>
            this.#emit(
              (event.target as HTMLInputElement).checked
                ? this.draft.set(place, true)
                : this.draft.drop(place),
            )}
        />
        <span>Required <span class="sn-quiet">every artifact must have it</span></span>
      </label>
      ${problemList(this.#problemsAt(place))}
      ${this.#control(
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
            .value=${this.draft.source(SPEC + "/default")}
            @input=${(event: Event) => {
              const text = (event.target as HTMLInputElement).value;
              this.#emit(
                text.trim() === ""
                  ? this.draft.drop(SPEC + "/default")
                  : this.draft.type(SPEC + "/default", text),
              );
            }}
          />`,
        true,
      )}`;
  }

  #cases(): TemplateResult {
    const count = this.draft.length(CASES);
    const row = (at: number) => {
      const here = CASES + join(at);
      return html`<li class="sn-case">
        ${this.#text(here + "/who", "Who or what", "")} ${this.#text(here + "/need", "needs it for", "")}
        <button
          type="button"
          class="sn-button sn-button-plain"
          aria-label="Remove use case ${at + 1}"
          @click=${() => {
            this.#emit(this.draft.drop(here));
            void this.focusOn(".sn-cases-add");
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
          const base = this.draft.has(CASES) ? this.draft : this.draft.set(CASES, []);
          this.#emit(base.set(CASES + join(count), { who: "", need: "" }));
          await this.focusOn(`[data-place="${CASES}/${count}/who"]`);
        }}
      >
        Add a use case
      </button>
      ${
        this.strict || [...this.touched].some((place) => place.startsWith(CASES))
          ? problemList(this.#problemsAt(CASES))
          : nothing
      }
    </fieldset>`;
  }

  #plan(): TemplateResult {
    const none = this.draft.has(PLAN + "/none_needed") || !this.draft.has(PLAN + "/sql");
    const choose = (needed: boolean) => {
      for (const member of ["sql", "backfill", "none_needed"]) {
        if (this.draft.has(`${PLAN}/${member}`))
          this.#planMemory.set(member, this.draft.string(`${PLAN}/${member}`));
      }
      const held = (member: string) => this.#planMemory.get(member) ?? "";
      this.#emit(
        this.draft.set(
          PLAN,
          needed ? { sql: held("sql"), backfill: held("backfill") } : { none_needed: held("none_needed") },
        ),
      );
    };
    return html`<fieldset class="sn-choices" data-place=${PLAN}>
      <legend>Migration plan</legend>
      <p class="sn-hint">
        The senate generates its own migration from the change; yours is kept beside it for the readers.
      </p>
      <div class="sn-radios">
        <label
          ><input type="radio" name="${this.#id}-plan" .checked=${none} @change=${() => choose(false)} />
          <span>None is needed</span></label
        >
        <label
          ><input type="radio" name="${this.#id}-plan" .checked=${!none} @change=${() => choose(true)} />
          <span>SQL and a backfill</span></label
        >
      </div>
      ${
        none
          ? this.#text(PLAN + "/none_needed", "Because", "", { rows: 2 })
          : html`${this.#text(PLAN + "/sql", "SQL", "", { rows: 3, mono: true })}
            ${this.#text(PLAN + "/backfill", "Backfill strategy", "Where the values of existing artifacts come from.", { rows: 2 })}`
      }
      ${this.strict ? problemList(this.#problemsAt(PLAN)) : nothing}
    </fieldset>`;
  }

  #claim(): TemplateResult {
    const claim = this.draft.boolean(PLACE.claim);
    const problems = this.#problemsAt(PLACE.claim);
    return html`<fieldset class="sn-choices" data-place=${PLACE.claim}>
      <legend>Your claim</legend>
      <p class="sn-hint">
        The core computes the verdict itself. A false claim never lowers the threshold; it is only named.
      </p>
      <div class="sn-radios">
        <label
          ><input
            type="radio"
            name="${this.#id}-claim"
            .checked=${claim === true}
            @change=${() => this.#emit(this.draft.set(PLACE.claim, true))}
          />
          <span>Existing artifacts stay valid</span></label
        >
        <label
          ><input
            type="radio"
            name="${this.#id}-claim"
            .checked=${claim === false}
            @change=${() => this.#emit(this.draft.set(PLACE.claim, false))}
          />
          <span>Some existing artifacts become invalid</span></label
        >
      </div>
      ${problemList(problems)}
    </fieldset>`;
  }
}

define("senate-draft-form", SenateDraftForm);
