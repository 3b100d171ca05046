import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { StoredCount, StoredVerdict } from "../api/client.js";
import { asFailure, type Failure } from "../api/problem.js";
import { plural } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import { sentence, type Part } from "./parts.js";

/** A draft changes with every key; the host is asked when it stands still for so long. */
const PAUSE_MS = 500;

/** How many of the artifacts that are stored a proposed schema takes. The host counts: it has them. */
export class SenateStoredVerdict extends SenateElement {
  @property({ attribute: "proposal-id" }) accessor proposalId = "";
  /** The JSON text of a draft, where it is not about a proposal. */
  @property({ attribute: false }) accessor draft = "";
  /** What the answer depends on: it is asked for anew when this changes. */
  @property({ attribute: false }) accessor subject = "";
  @state() private accessor verdict: StoredVerdict | undefined;
  @state() private accessor failure: Failure | undefined;

  #timer: number | undefined;
  #abort: AbortController | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) void this.#count();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has("subject") && !changed.has("proposalId")) return;
    window.clearTimeout(this.#timer);
    if (this.proposalId !== "") void this.#count();
    else this.#timer = window.setTimeout(() => void this.#count(), PAUSE_MS);
  }

  async #count(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const { client, proposalId } = this;
      const verdict =
        proposalId !== ""
          ? await client.storedVerdict(proposalId, abort.signal)
          : await client.storedVerdictOfDraft(this.draft, abort.signal);
      if (abort.signal.aborted) return;
      this.verdict = verdict;
      this.failure = undefined;
    } catch (error) {
      if (!abort.signal.aborted) this.failure = asFailure(error);
    }
  }

  protected override render(): unknown {
    const { verdict, failure } = this;
    if (failure) {
      return html`<div class="sn-verdict" data-tone="quiet">
        <span class="sn-verdict-mark" aria-hidden="true">–</span>
        <div>
          <p class="sn-verdict-word">Stored artifacts not counted</p>
          <p>${sentence(failure.detail || failure.title)}</p>
          <button type="button" class="sn-button" @click=${() => void this.#count()}>Count again</button>
        </div>
      </div>`;
    }
    if (!verdict) return html`<p class="sn-quiet">Counting the stored artifacts…</p>`;
    return this.#shown(verdict);
  }

  #shown(verdict: StoredVerdict): TemplateResult {
    const { artifact_type: type, version, stored, checked, sample, as_stored: now } = verdict;
    if (stored === 0) {
      return html`<div class="sn-verdict" data-tone="quiet">
        <span class="sn-verdict-mark" aria-hidden="true">0</span>
        <div>
          <p class="sn-verdict-word">Nothing stored</p>
          <p>This host has no artifact of ${type}.</p>
        </div>
      </div>`;
    }
    const after = verdict.after_migration;
    // What fails in the end is what matters: the migration runs before the version is in force.
    const end = after ?? now;
    const good = end.invalid === 0;
    return html`<div class="sn-verdict" data-tone=${good ? "good" : "bad"}>
      <span class="sn-verdict-mark" aria-hidden="true">${good ? "✓" : "✕"}</span>
      <div class="sn-stored">
        <p class="sn-verdict-word">
          ${end.valid} of ${plural(checked, "stored artifact")} ${end.valid === 1 ? "fits" : "fit"}
        </p>
        <p>
          ${
            after
              ? html`Valid under version ${version} once the migration has run; ${now.valid} of ${checked} as
                ${checked === 1 ? "it stands" : "they stand"}.`
              : html`Valid under version ${version} as ${checked === 1 ? "it stands" : "they stand"}.`
          }${today(end)}
        </p>
        ${
          sample
            ? html`<p>
                <strong>A sample:</strong> the first ${checked} of ${stored} in the order of their
                identifiers.
              </p>`
            : nothing
        }
        ${this.#failures(end, after !== undefined)}
      </div>
    </div>`;
  }

  #failures(count: StoredCount, migrated: boolean): Part {
    const { failures, invalid } = count;
    if (failures.length === 0) return nothing;
    const more = invalid - failures.length;
    return html`<details class="sn-fold">
      <summary>
        ${plural(invalid, "artifact")}
        ${invalid === 1 ? "fails" : "fail"}${migrated ? " after the migration" : ""}
      </summary>
      <ul class="sn-failures">
        ${failures.map(
          (failure) =>
            html`<li>
              <code>${failure.artifact_id}</code> at <code class="sn-place">${failure.pointer || "/"}</code>:
              ${sentence(failure.message)}
            </li>`,
        )}
      </ul>
      ${more > 0 ? html`<p class="sn-quiet">and ${more} more</p>` : nothing}
    </details>`;
  }
}

function today({ invalid, invalid_today: already }: StoredCount): string {
  if (already === 0) return "";
  if (already === invalid) return ` Those that fail are not valid today either.`;
  return ` Of the ${invalid} that fail, ${already} ${already === 1 ? "is" : "are"} not valid today either.`;
}

define("senate-stored-verdict", SenateStoredVerdict);
