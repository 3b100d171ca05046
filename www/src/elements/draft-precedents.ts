import type { Precedent } from "schema-senate";
import { html, nothing, type PropertyValues } from "lit";
import { property, state } from "lit/decorators.js";
import { asFailure, type Failure } from "../api/problem.js";
import { define, SenateElement } from "./base.js";
import { ticks } from "./parts.js";
import "./precedents.js";

/** A draft changes with every key; the host is asked when it stands still for so long. */
const PAUSE_MS = 600;

/** What was proposed before and is like the draft. */
export class PrecedentsKnown extends CustomEvent<{ precedents: Precedent[] }> {
  constructor(precedents: Precedent[]) {
    super("precedents-known", { detail: { precedents }, bubbles: true });
  }
}

/** Earlier proposals that are like a draft; the host looks for them, it has them. */
export class SenateDraftPrecedents extends SenateElement {
  /** The JSON text of the draft. */
  @property({ attribute: false }) accessor draft = "";
  /** What the answer depends on: it is asked for anew when this changes. */
  @property({ attribute: false }) accessor subject = "";
  @state() private accessor precedents: Precedent[] | undefined;
  @state() private accessor failure: Failure | undefined;

  #timer: number | undefined;
  #abort: AbortController | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has("subject") || this.subject === "") return;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), PAUSE_MS);
  }

  async #ask(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const { precedents } = await this.client.precedents(this.draft, abort.signal);
      if (abort.signal.aborted) return;
      this.precedents = precedents;
      this.failure = undefined;
      this.dispatchEvent(new PrecedentsKnown(precedents));
    } catch (error) {
      if (!abort.signal.aborted) this.failure = asFailure(error);
    }
  }

  protected override render(): unknown {
    const { precedents, failure } = this;
    if (!precedents && !failure) return nothing;
    return html`<section>
      <h3>Similar earlier proposals</h3>
      ${
        failure
          ? html`<p class="sn-quiet">Not known: ${ticks(failure.problems[0]?.message ?? failure.title)}</p>`
          : html`<senate-precedents .precedents=${precedents ?? []}></senate-precedents>`
      }
    </section>`;
  }
}

define("senate-draft-precedents", SenateDraftPrecedents);
