import { html, nothing, type PropertyValues } from "lit";
import { property, state } from "lit/decorators.js";
import type { Act } from "../api/acts.js";
import { asFailure, type Failure } from "../api/problem.js";
import { perform } from "../keys/sign.js";
import { announce } from "../state/announce.js";
import { define, SenateElement, uniqueId } from "./base.js";
import { refusal } from "./parts.js";

/** Something was done to the proposal: what stands around it asks anew. */
export class ProposalTouched extends CustomEvent<undefined> {
  constructor() {
    super("proposal-touched", { bubbles: true });
  }
}

/** An act that is a text and a button: a comment, a reason, a justification. */
export class SenateActForm extends SenateElement {
  @property() accessor label = "";
  @property() accessor button = "";
  @property() accessor hint = "";
  @property({ type: Number }) accessor rows = 2;
  /** Whether the text may be left out. */
  @property({ type: Boolean }) accessor optional = false;
  /** A second, short text in front of it, e.g. a name. */
  @property() accessor headline = "";
  @property({ attribute: false }) accessor act: ((text: string, headline: string) => Act) | undefined;
  /** What is said once it is done. */
  @property() accessor done = "";
  /** Whether a way out is offered; it sends `act-cancelled`. */
  @property({ type: Boolean }) accessor cancellable = false;
  @state() private accessor text = "";
  @state() private accessor head = "";
  @state() private accessor wrong: "text" | "head" | undefined;
  @state() private accessor sending = false;
  @state() private accessor failure: Failure | undefined;

  readonly #id = uniqueId("act");

  protected override firstUpdated(_changed: PropertyValues): void {
    // Opened by a click: whoever opened it goes on writing.
    if (this.cancellable) this.querySelector<HTMLElement>("input, textarea")?.focus();
  }

  protected override render(): unknown {
    const bad = this.wrong;
    return html`<form class="sn-act" novalidate @submit=${(event: Event) => void this.#submit(event)}>
      ${
        this.headline === ""
          ? nothing
          : html`<div class="sn-field" ?data-wrong=${bad === "head"}>
              <label for="${this.#id}-head">${this.headline}</label>
              <input
                id="${this.#id}-head"
                class="sn-input"
                maxlength="60"
                autocomplete="off"
                aria-required="true"
                aria-invalid=${bad === "head" ? "true" : nothing}
                aria-errormessage=${bad === "head" ? `${this.#id}-wrong` : nothing}
                .value=${this.head}
                @input=${(event: Event) => this.#typed("head", event)}
              />
              ${bad === "head" ? this.#missing() : nothing}
            </div>`
      }
      <div class="sn-field" ?data-wrong=${bad === "text"}>
        <label for="${this.#id}-text"
          >${this.label}${this.optional ? html` <span class="sn-quiet">optional</span>` : nothing}</label
        >
        <textarea
          id="${this.#id}-text"
          class="sn-input"
          rows=${this.rows}
          aria-required=${this.optional ? "false" : "true"}
          aria-describedby=${this.hint === "" ? nothing : `${this.#id}-hint`}
          aria-invalid=${bad === "text" ? "true" : nothing}
          aria-errormessage=${bad === "text" ? `${this.#id}-wrong` : nothing}
          .value=${this.text}
          @input=${(event: Event) => this.#typed("text", event)}
        ></textarea>
        ${this.hint === "" ? nothing : html`<p class="sn-hint" id="${this.#id}-hint">${this.hint}</p>`}
        ${bad === "text" ? this.#missing() : nothing}
      </div>
      ${refusal(this.failure)}
      <div class="sn-row">
        <button type="submit" class="sn-button" ?disabled=${this.sending}>
          ${this.sending ? "Sending…" : this.button}
        </button>
        ${
          this.cancellable
            ? html`<button type="button" class="sn-button sn-button-plain" @click=${() => this.#cancel()}>
                Cancel
              </button>`
            : nothing
        }
      </div>
    </form>`;
  }

  #missing() {
    return html`<p class="sn-wrong" id="${this.#id}-wrong">Write something first.</p>`;
  }

  #typed(which: "text" | "head", event: Event): void {
    this[which] = (event.target as HTMLInputElement).value;
    this.wrong = undefined;
  }

  #cancel(): void {
    this.dispatchEvent(new CustomEvent("act-cancelled", { bubbles: true }));
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.sending || !this.act) return;
    const [text, head] = [this.text.trim(), this.head.trim()];
    this.wrong =
      this.headline !== "" && head === "" ? "head" : text === "" && !this.optional ? "text" : undefined;
    if (this.wrong) {
      await this.focusOn("[aria-invalid]");
      return;
    }
    this.sending = true;
    this.failure = undefined;
    try {
      await perform(this.client, this.act(text, head));
      this.text = "";
      this.head = "";
      announce(this.done);
      this.dispatchEvent(new CustomEvent("act-done", { bubbles: true }));
    } catch (error) {
      this.failure = asFailure(error);
    } finally {
      this.sending = false;
    }
    this.dispatchEvent(new ProposalTouched());
  }
}

define("senate-act-form", SenateActForm);
