import type { Json, Problem } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { write } from "../json/spans.js";
import { plural } from "../words/status.js";
import { define, SenateElement, uniqueId } from "./base.js";
import "./diff.js";
import { problemList, sentence, type Part } from "./parts.js";

/** What is wrong with an artifact, and where. */
export interface Wrong {
  pointer: string;
  message: string;
}

/** One artifact as a migration finds it and as it leaves it. */
export interface ArtifactChange {
  name: string;
  before: Json;
  after: Json;
  errors: readonly Wrong[];
  skipped: readonly Problem[];
}

/** Artifacts before and after a migration, those that come out invalid first; one at a time is shown whole. */
export class SenateArtifactChanges extends SenateElement {
  @property({ attribute: false }) accessor changes: readonly ArtifactChange[] = [];
  @property() accessor label = "Artifacts";
  @property() accessor selected = "";

  readonly #id = uniqueId("changes");

  protected override render(): unknown {
    const changes = failingFirst(this.changes);
    const chosen = changes.find((change) => change.name === this.selected) ?? changes[0];
    if (chosen === undefined) return nothing;
    return html`<div class="sn-changes">
      <label for="${this.#id}">${this.label}</label>
      <select
        id="${this.#id}"
        class="sn-input"
        @change=${(event: Event) => (this.selected = (event.target as HTMLSelectElement).value)}
      >
        ${changes.map(
          (change) =>
            html`<option .value=${change.name} ?selected=${change === chosen}>
              ${change.errors.length === 0 ? "✓" : "✕"} ${change.name}
            </option>`,
        )}
      </select>
      ${this.#change(chosen)}
    </div>`;
  }

  #change({ name, before, after, errors, skipped }: ArtifactChange): TemplateResult {
    return html`<p class="sn-claim" data-tone=${errors.length === 0 ? "good" : "bad"} aria-live="polite">
        <span aria-hidden="true">${errors.length === 0 ? "✓" : "✕"}</span>
        <span
          >${errors.length === 0 ? "Valid afterwards." : `Not valid afterwards: ${plural(errors.length, "error")}.`}</span
        >
      </p>
      ${this.#errors(errors)} ${problemList([...skipped])} ${this.#documents(name, before, after)}`;
  }

  /** Where nothing changes, the artifact itself: it may be the reason. */
  #documents(name: string, before: Json, after: Json): TemplateResult {
    if (write(before) === write(after)) {
      return html`<p class="sn-quiet">The migration changes nothing in it.</p>
        <pre
          class="sn-pre sn-pre-short"
          tabindex="0"
          aria-label="Artifact ${name}"
        ><code>${write(after)}</code></pre>`;
    }
    return html`<senate-diff
      .previous=${before}
      .next=${after}
      caption="${name}: before → after"
    ></senate-diff>`;
  }

  #errors(errors: readonly Wrong[]): Part {
    if (errors.length === 0) return nothing;
    return html`<ul class="sn-failures">
      ${errors.map(
        (error) =>
          html`<li><code class="sn-place">${error.pointer || "/"}</code>: ${sentence(error.message)}</li>`,
      )}
    </ul>`;
  }
}

export function failingFirst(changes: readonly ArtifactChange[]): ArtifactChange[] {
  return [...changes].sort((a, b) => Number(a.errors.length === 0) - Number(b.errors.length === 0));
}

define("senate-artifact-changes", SenateArtifactChanges);
