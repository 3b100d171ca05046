import type { Problem, Schema, SchemaVersion, Validation } from "schema-senate";
import { html, nothing, type PropertyValues } from "lit";
import { property, state } from "lit/decorators.js";
import { asFailure, type Failure } from "../api/problem.js";
import { compile } from "../state/compiled.js";
import { plural } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import type { SenateJsonEditor, TextChanged } from "./json-editor.js";
import "./json-editor.js";
import { notice, sentence } from "./parts.js";

const PAUSE_MS = 120;

/** Paste a document and see at once whether the current version takes it. Nothing is sent. */
export class SenateTryValidate extends SenateElement {
  @property({ attribute: false }) accessor current: SchemaVersion | undefined;
  @state() private accessor text = "";
  @state() private accessor result: Validation | undefined;
  @state() private accessor failure: Failure | undefined;

  #compiled: { digest: string; schema: Schema } | undefined;
  #timer: number | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearTimeout(this.#timer);
    this.#compiled?.schema.free();
    this.#compiled = undefined;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("current") && this.text !== "") void this.#validate();
  }

  #changed(text: string): void {
    this.text = text;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#validate(), PAUSE_MS);
  }

  async #validate(): Promise<void> {
    const { current, text } = this;
    if (!current || text.trim() === "") {
      this.result = undefined;
      return;
    }
    try {
      if (this.#compiled?.digest !== current.digest) {
        const compiled = await compile(current);
        if (!compiled.ok || current !== this.current || !this.isConnected) return;
        this.#compiled?.schema.free();
        this.#compiled = { digest: current.digest, schema: compiled.schema };
      }
      this.result = this.#compiled.schema.validate(text);
      this.failure = undefined;
    } catch (error) {
      this.failure = asFailure(error);
    }
  }

  protected override render(): unknown {
    const { result } = this;
    return html`<div class="sn-try">
      <senate-json-editor
        label="Document to validate"
        rows="8"
        placeholder="Paste JSON here"
        .text=${this.text}
        .problems=${result?.valid === false ? result.errors.map(asProblem) : []}
        @text-changed=${(event: TextChanged) => this.#changed(event.detail.text)}
      ></senate-json-editor>
      <div class="sn-try-answer" aria-live="polite">
        ${this.failure ? notice("bad", "The core could not check it", this.failure.detail) : nothing}
        ${
          result === undefined
            ? html`<p class="sn-quiet">The core in this page answers while you type; nothing is sent.</p>`
            : result.valid
              ? html`<p class="sn-claim" data-tone="good">
                  <span aria-hidden="true">✓</span> <span>Valid under version ${this.current?.version}.</span>
                </p>`
              : html`<p class="sn-claim" data-tone="bad">
                    <span aria-hidden="true">✕</span>
                    <span
                      >Not valid:
                      ${plural(result.errors.length, "error")}${result.truncated ? ", and more" : ""}.</span
                    >
                  </p>
                  <ul class="sn-problem-index">
                    ${result.errors.map(
                      (error) =>
                        html`<li data-severity="error">
                          <button
                            type="button"
                            @click=${() =>
                              this.querySelector<SenateJsonEditor>("senate-json-editor")?.goTo(
                                error.instance_path,
                              )}
                          >
                            <span class="sn-problem-where"
                              ><code class="sn-place">${error.instance_path || "/"}</code></span
                            >
                            <span>${sentence(error.message)}</span>
                          </button>
                        </li>`,
                    )}
                  </ul>`
        }
      </div>
    </div>`;
  }
}

function asProblem(error: Validation["errors"][number]): Problem {
  return {
    code: error.code,
    severity: "error",
    pointer: error.instance_path,
    message: error.message,
    ...(error.offset === undefined ? {} : { offset: error.offset }),
  };
}

define("senate-try-validate", SenateTryValidate);
