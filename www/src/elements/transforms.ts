import type { Transform } from "schema-senate";
import { html, type PropertyValues } from "lit";
import { property, state } from "lit/decorators.js";
import { core } from "../core.js";
import { define, SenateElement } from "./base.js";
import { sentence } from "./parts.js";

/** What is done to each artifact, in the core's words. */
export class SenateTransforms extends SenateElement {
  @property({ attribute: false }) accessor transforms: readonly Transform[] = [];
  @state() private accessor words: readonly string[] = [];

  protected override updated(changed: PropertyValues): void {
    if (changed.has("transforms")) void this.#say(this.transforms);
  }

  async #say(transforms: readonly Transform[]): Promise<void> {
    const { transformWords } = await core();
    this.words = transforms.map((transform) => transformWords(transform));
  }

  protected override render(): unknown {
    if (this.transforms.length === 0) return html`<p>No artifact needs rewriting.</p>`;
    return html`<ol class="sn-steps">
      ${this.words.map((words) => html`<li>${sentence(words)}</li>`)}
    </ol>`;
  }
}

define("senate-transforms", SenateTransforms);
