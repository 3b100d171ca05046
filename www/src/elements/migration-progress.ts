import { html, nothing, type PropertyValues } from "lit";
import { property, state } from "lit/decorators.js";
import type { MigrationProgress } from "../api/client.js";
import { announce } from "../state/announce.js";
import { left, PHASE } from "../words/migration.js";
import { ProposalTouched } from "./act-form.js";
import { define, SenateElement } from "./base.js";

/** Screen readers hear how far it is at these steps only. */
const SAID_EVERY = 25;

/** How far a migration is, as the host tells while it runs. */
export class SenateMigrationProgress extends SenateElement {
  @property({ attribute: "proposal-id" }) accessor proposalId = "";
  @state() private accessor progress: MigrationProgress | undefined;

  #source: EventSource | undefined;
  #said = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#source?.close();
    this.#source = undefined;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("proposalId")) this.#follow();
  }

  #follow(): void {
    this.#source?.close();
    if (this.proposalId === "") return;
    // It reconnects by itself; what it missed is in the next message, which says everything.
    this.#source = new EventSource(this.client.migrationEvents(this.proposalId));
    const hear = (event: MessageEvent<string>): void =>
      this.#hear(JSON.parse(event.data) as MigrationProgress);
    for (const name of ["progress", "done", "failed"]) this.#source.addEventListener(name, hear);
  }

  #hear(progress: MigrationProgress): void {
    this.progress = progress;
    const { phase, percent } = progress;
    const over = phase === "done" || phase === "failed";
    if (over) {
      this.#source?.close();
      this.#source = undefined;
      this.dispatchEvent(new ProposalTouched());
    }
    const step = Math.floor(percent / SAID_EVERY);
    if (over || step > this.#said) announce(`Migration: ${PHASE[phase]}, ${percent} percent.`);
    this.#said = step;
  }

  protected override render(): unknown {
    const { progress } = this;
    if (progress === undefined) return nothing;
    const { phase, looked_at, total, percent, per_second } = progress;
    return html`<div class="sn-progress">
      <progress max="100" value=${percent} aria-label="Migration"></progress>
      <p>
        <strong>${PHASE[phase]}</strong>
        <span class="sn-quiet"
          >${looked_at} of ${total} (${percent} %)${per_second === null ? "" : ` · ${per_second}/s`}
          ${left(progress)}</span
        >
      </p>
    </div>`;
  }
}

define("senate-migration-progress", SenateMigrationProgress);
