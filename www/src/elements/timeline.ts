import type { ProposalView } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { asFailure } from "../api/problem.js";
import { core } from "../core.js";
import { plural } from "../words/status.js";
import { short } from "../words/time.js";
import { define, SenateElement } from "./base.js";
import { ago, digest, ticks, type Part } from "./parts.js";

/** A leaf of the log, as it was proved to stand in it. */
type Proof = { ok: true; size: number } | { ok: false; why: string } | "asking";

/** Once there is a decision there is something to certify. */
const UNDECIDED = ["review", "voting"];

/** Everything that happened to a proposal, each with its number and, when asked for, its leaf in the log. */
export class SenateTimeline extends SenateElement {
  @property({ attribute: false }) accessor proposal: ProposalView | undefined;
  @state() private accessor proofs: ReadonlyMap<number, Proof> = new Map();

  protected override render(): unknown {
    const { proposal } = this;
    if (!proposal) return nothing;
    return html`<ol class="sn-timeline">
        ${proposal.history.map(
          (entry) =>
            html`<li>
              <span class="sn-timeline-at">${ago(entry.at_ms)}</span>
              <span
                >${ticks(entry.words)}
                <span class="sn-leaf sn-quiet">leaf ${digest(entry.leaf)}</span
                >${this.#proof(this.proofs.get(entry.seq))}</span
              >
              <span class="sn-timeline-seq"
                ><button
                  type="button"
                  class="sn-link"
                  aria-label="Prove that event ${entry.seq} is in the log"
                  title="Prove that it is in the log"
                  @click=${() => void this.#prove(entry.seq, entry.leaf)}
                >
                  #${entry.seq}
                </button></span
              >
            </li>`,
        )}
      </ol>
      <p class="sn-row sn-quiet">
        <span>${plural(proposal.history.length, "event")} of the log. Proposal ${short(proposal.id)}.</span>
        ${
          UNDECIDED.includes(proposal.status)
            ? nothing
            : html`<a
                  class="sn-button"
                  href=${this.client.certificateAddress(proposal.id)}
                  download="certificate-${proposal.id}.json"
                  >Download the certificate</a
                >
                <a href=${this.href("verify")}>Verify it here</a>`
        }
      </p>`;
  }

  #proof(proof: Proof | undefined): Part | TemplateResult {
    if (proof === undefined) return nothing;
    if (proof === "asking") return html`<span class="sn-leaf sn-quiet">Asking for its proof…</span>`;
    return proof.ok
      ? html`<span class="sn-leaf"
          ><span class="sn-yes">✓ in the log</span> of ${proof.size} events, as its key signed it</span
        >`
      : html`<span class="sn-leaf"><span class="sn-no">✕ not proved:</span> ${proof.why}</span>`;
  }

  #set(seq: number, proof: Proof): void {
    this.proofs = new Map(this.proofs).set(seq, proof);
  }

  async #prove(seq: number, leaf: string): Promise<void> {
    this.#set(seq, "asking");
    try {
      this.#set(seq, await this.#proved(seq, leaf));
    } catch (error) {
      this.#set(seq, { ok: false, why: asFailure(error).title });
    }
  }

  async #proved(seq: number, leaf: string): Promise<Proof> {
    const { client } = this;
    const [{ verifyInclusion, verifyNote }, senate, note] = await Promise.all([
      core(),
      client.senate(),
      client.checkpoint(),
    ]);
    const signed = verifyNote(note, senate.origin, senate.log_key);
    if (!signed.ok) return { ok: false, why: signed.problem.message };
    const { size, root } = signed;
    const { proof } = await client.inclusion(seq, size);
    const included = verifyInclusion({ leaf, index: seq - 1, size, root, proof });
    return included.ok ? { ok: true, size } : { ok: false, why: included.problem.message };
  }
}

define("senate-timeline", SenateTimeline);
