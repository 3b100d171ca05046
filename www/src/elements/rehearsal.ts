import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { Rehearsal } from "schema-senate";
import type { RehearsedArtifact } from "../api/client.js";
import { asFailure, type Failure } from "../api/problem.js";
import { announce } from "../state/announce.js";
import { plural } from "../words/status.js";
import type { ArtifactChange } from "./artifact-change.js";
import "./artifact-change.js";
import { ProposalTouched } from "./act-form.js";
import { define, SenateElement, uniqueId } from "./base.js";
import { ago, digest, refusal, sentence, type Part } from "./parts.js";

/** How many artifacts are fetched to look at. */
const SAMPLES = 20;

/** What a migration did to the stored artifacts when it was rehearsed: the evidence that ballots are cast on. */
export class SenateRehearsal extends SenateElement {
  @property({ attribute: "proposal-id" }) accessor proposalId = "";
  @property({ attribute: false }) accessor rehearsal: Rehearsal | undefined;
  /** Whether it may be rehearsed now. */
  @property({ type: Boolean }) accessor open = false;
  @state() private accessor samples: readonly ArtifactChange[] | undefined;
  @state() private accessor selected = "";
  @state() private accessor failure: Failure | undefined;
  @state() private accessor busy = false;
  @state() private accessor asked = "";

  readonly #id = uniqueId("rehearsal");

  protected override updated(changed: PropertyValues): void {
    if (changed.has("rehearsal") && changed.get("rehearsal") !== undefined) this.samples = undefined;
  }

  protected override render(): unknown {
    const { rehearsal } = this;
    return html`${
      rehearsal === undefined
        ? html`<p class="sn-quiet">It has not been rehearsed on the stored artifacts yet.</p>`
        : this.#shown(rehearsal)
    }
    ${
      this.open
        ? html`<button
            type="button"
            class="sn-button"
            ?disabled=${this.busy}
            @click=${() => void this.#rehearse()}
          >
            ${this.busy ? "Rehearsing…" : rehearsal === undefined ? "Rehearse it now" : "Rehearse it again"}
          </button>`
        : nothing
    }
    ${refusal(this.failure)}`;
  }

  #shown(rehearsal: Rehearsal): TemplateResult {
    const { evidence, passed, current } = rehearsal;
    const bad = evidence.invalid_after;
    return html`<div class="sn-verdict" data-tone=${passed ? "good" : "bad"}>
        <span class="sn-verdict-mark" aria-hidden="true">${passed ? "✓" : "✕"}</span>
        <div>
          <p class="sn-verdict-word">
            ${passed ? "Rehearsed" : "The rehearsal did not pass"}${current ? "" : ", of an earlier plan"}
          </p>
          <p>
            ${
              evidence.artifacts === 0
                ? "There are no stored artifacts of this type."
                : html`${plural(evidence.looked_at, "stored artifact")}${
                    evidence.sample ? ` of ${evidence.artifacts}` : ""
                  }:
                  ${evidence.changed} changed,
                  ${bad === 0 ? "all valid afterwards" : `${bad} not valid afterwards`},
                  ${evidence.not_restored === 0 ? "all restored by the undo" : `${evidence.not_restored} not restored by the undo`}.`
            }
            ${
              bad > 0 && evidence.invalid_before > 0
                ? `${evidence.invalid_before} were not valid before either.`
                : nothing
            }
          </p>
          <p class="sn-quiet">
            on ${evidence.engine} in ${evidence.duration_ms} ms, ${ago(rehearsal.at_ms)} · evidence
            ${digest(rehearsal.digest)} · data ${digest(evidence.fingerprint)}
          </p>
        </div>
      </div>
      ${this.#failures(rehearsal)} ${evidence.artifacts === 0 ? nothing : this.#look()}`;
  }

  #failures({ evidence }: Rehearsal): Part {
    const { failures, unrestored } = evidence;
    if (failures.length + unrestored.length === 0) return nothing;
    return html`<ul class="sn-failures">
      ${failures.map(
        (failure) =>
          html`<li>
            <button type="button" class="sn-link" @click=${() => void this.#choose(failure.artifact_id)}>
              <code>${failure.artifact_id}</code>
            </button>
            at <code class="sn-place">${failure.pointer || "/"}</code>: ${sentence(failure.message)}
          </li>`,
      )}
      ${unrestored.map(({ artifact_id, message }) => html`<li><code>${artifact_id}</code>: ${sentence(message)}</li>`)}
    </ul>`;
  }

  #look(): TemplateResult {
    return html`<details
      class="sn-fold"
      @toggle=${(event: Event) => {
        if ((event.currentTarget as HTMLDetailsElement).open && this.samples === undefined) void this.#load();
      }}
    >
      <summary>Artifacts before and after</summary>
      ${
        this.samples === undefined
          ? html`<p class="sn-quiet">Asking the host…</p>`
          : html`<senate-artifact-changes
              .changes=${this.samples}
              .selected=${this.selected}
            ></senate-artifact-changes>`
      }
      <form
        class="sn-row"
        @submit=${(event: Event) => {
          event.preventDefault();
          void this.#choose(this.asked.trim());
        }}
      >
        <label for="${this.#id}-artifact">Another artifact</label>
        <input
          id="${this.#id}-artifact"
          class="sn-input"
          placeholder="its identifier"
          .value=${this.asked}
          @input=${(event: Event) => (this.asked = (event.target as HTMLInputElement).value)}
        />
        <button class="sn-button" ?disabled=${this.asked.trim() === ""}>Show</button>
      </form>
    </details>`;
  }

  async #load(): Promise<void> {
    try {
      const { samples } = await this.client.rehearsal(this.proposalId, SAMPLES);
      const known = this.samples ?? [];
      this.samples = [...known, ...(samples ?? []).map(changeOf)];
      this.failure = undefined;
    } catch (error) {
      this.failure = asFailure(error);
    }
  }

  async #choose(artifact: string): Promise<void> {
    if (artifact === "") return;
    this.querySelector<HTMLDetailsElement>("details")?.setAttribute("open", "");
    if (!this.samples?.some(({ name }) => name === artifact)) {
      try {
        const found = changeOf(await this.client.rehearsedArtifact(this.proposalId, artifact));
        this.samples = [...(this.samples ?? []), found];
        this.failure = undefined;
      } catch (error) {
        this.failure = asFailure(error);
        return;
      }
    }
    this.selected = artifact;
  }

  async #rehearse(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.failure = undefined;
    try {
      const rehearsal = await this.client.rehearse(this.proposalId);
      this.samples = undefined;
      announce(rehearsal.passed ? "The rehearsal passed." : "The rehearsal did not pass.");
      this.dispatchEvent(new ProposalTouched());
    } catch (error) {
      this.failure = asFailure(error);
    } finally {
      this.busy = false;
    }
  }
}

function changeOf({ artifact_id, before, after, errors_after, skipped }: RehearsedArtifact): ArtifactChange {
  return { name: artifact_id, before, after, errors: errors_after, skipped };
}

define("senate-rehearsal", SenateRehearsal);
