import type { Assumption, Claim, CompatibilityReport, Json, RuledOut, StoppedBy } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { write } from "../json/spans.js";
import { ASSUMPTION, MODE, plural, VERDICT } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import { differenceList } from "./diff.js";
import "./json-view.js";
import { sentence, type Part } from "./parts.js";
import { document } from "./pointed.js";
import "./stored-verdict.js";

/** How many steps a trace has: its facts, also those that are not written down. A full verdict has two traces. */
function stepsOf(proof: Json | undefined): number {
  if (typeof proof !== "object" || proof === null || Array.isArray(proof)) return 0;
  const { facts, facts_in_all: all, backward, forward } = proof;
  if (typeof all === "number") return all;
  return Array.isArray(facts) ? facts.length : stepsOf(backward) + stepsOf(forward);
}

/**
 * Whom a change breaks: the static verdict with its sentence, what became of the stored artifacts beside it, the artifact
 * that proves it, each difference with whom it hurts and what repairs it, and what was only taken for granted.
 */
export class SenateCompatibility extends SenateElement {
  @property({ type: Object }) accessor report: CompatibilityReport | undefined;
  @property({ type: Object }) accessor claim: Claim | undefined;
  /** A proposal whose stored artifacts are counted. */
  @property({ attribute: "proposal-id" }) accessor proposalId = "";
  /** Or a draft: its JSON text. */
  @property({ attribute: false }) accessor draft = "";
  /** What the count depends on; another value counts anew. Empty: nothing is counted. */
  @property({ attribute: false }) accessor subject = "";
  @state() private accessor proofOpen = false;

  protected override render(): unknown {
    const { report, claim } = this;
    if (!report) return nothing;
    return html`<div class="sn-verdicts">
        ${this.#verdict(report)}
        ${
          this.subject === ""
            ? nothing
            : html`<senate-stored-verdict
                proposal-id=${this.proposalId}
                .draft=${this.draft}
                .subject=${this.subject}
              ></senate-stored-verdict>`
        }
      </div>
      ${this.#judged(report)} ${claim ? this.#claim(claim) : nothing} ${this.#witness(report)}
      ${this.#differences(report)} ${this.#ruledOut(report.ruled_out ?? [])} ${this.#proof(report)}`;
  }

  #verdict(report: CompatibilityReport): TemplateResult {
    const verdict = VERDICT[report.verdict];
    return html`<div class="sn-verdict" data-tone=${verdict.tone}>
      <span class="sn-verdict-mark" aria-hidden="true">${verdict.mark}</span>
      <div>
        <p class="sn-verdict-word">${verdict.word}</p>
        <p>${sentence(report.reason || verdict.says)}</p>
        ${report.verdict === "undecided" ? this.#stopped(report) : nothing}
      </div>
    </div>`;
  }

  /** An undecided verdict counts as breaking; what stopped the engine may be mended. */
  #stopped({ stopped_by: stopped }: CompatibilityReport): TemplateResult {
    return html`<p>
      ${
        stopped ? html`Stopped by <strong>${STOPPED[stopped.what]}</strong>: ${stopped.message}. ` : nothing
      }Undecided
      counts as breaking.
    </p>`;
  }

  /** Said only where the type is judged otherwise than usual. */
  #judged({ mode, assumptions = [] }: CompatibilityReport): Part {
    if (mode === "backward" && assumptions.length === 0) return nothing;
    return html`<p class="sn-judged">
      <span>Changes of this type are judged <code>${mode}</code>: ${MODE[mode]}</span>
      ${
        assumptions.length === 0
          ? nothing
          : html`<span
              >Taken for granted:
              ${assumptions.map(
                (assumption, at) =>
                  html`${at > 0 ? "; " : nothing}<code>${assumption}</code>, ${ASSUMPTION[assumption]}`,
              )}.</span
            >`
      }
    </p>`;
  }

  #claim(claim: Claim): TemplateResult {
    const claimed = claim.declared ? "stay valid" : "may become invalid";
    return html`<p class="sn-claim" data-tone=${claim.agrees ? "good" : "warn"}>
      <span aria-hidden="true">${claim.agrees ? "✓" : "!"}</span>
      <span
        >The proposer claims that existing artifacts ${claimed}:
        ${
          claim.agrees
            ? html`the core <strong>agrees</strong>.`
            : html`the core <strong>does not agree</strong>, and its own verdict decides the vote.`
        }</span
      >
    </p>`;
  }

  #witness(report: CompatibilityReport): Part {
    // `null` and `false` are artifacts too.
    if (!("witness" in report)) return nothing;
    const place = report.witness_place;
    const summary =
      place?.refused_by === "old"
        ? "Witness: valid under the next schema, refused by the old one"
        : "Witness: valid before, invalid after";
    return html`<details class="sn-fold" open>
      <summary>${summary}</summary>
      ${
        place
          ? html`<p class="sn-witness-place">
              Refused at ${placeName(place.pointer)}: ${sentence(place.message)}
            </p>`
          : nothing
      }
      ${document(report.witness_text ?? write(report.witness), "Witness artifact", place?.pointer)}
    </details>`;
  }

  #differences({ differences, against }: CompatibilityReport): TemplateResult {
    if (differences.length === 0) return differenceList(differences);
    return html`<details class="sn-fold" open>
      <summary>
        ${plural(differences.length, "difference")}${against === undefined ? "" : ` from version ${against + 1}`}
      </summary>
      ${differenceList(differences)}
    </details>`;
  }

  #ruledOut(ruledOut: readonly RuledOut[]): Part {
    if (ruledOut.length === 0) return nothing;
    return html`<details class="sn-fold sn-ruled-out" open>
      <summary>Left out of account by ${plural(ruledOut.length, "assumption")}</summary>
      <ul>
        ${ruledOut.map(
          (each) =>
            html`<li>
              <p><code>${each.assumption}</code> ${sentence(each.sentence)}</p>
              ${
                "witness" in each
                  ? document(write(each.witness), `Artifact that ${named(each.assumption)} leaves out`)
                  : nothing
              }
            </li>`,
        )}
      </ul>
    </details>`;
  }

  #proof(report: CompatibilityReport): Part {
    const { proof } = report;
    if (proof === undefined) return nothing;
    return html`<details
      class="sn-fold sn-proof"
      @toggle=${(event: Event) => (this.proofOpen = (event.currentTarget as HTMLDetailsElement).open)}
    >
      <summary>Proved in ${plural(stepsOf(proof), "step")}, checked</summary>
      ${
        this.proofOpen
          ? html`<senate-json-view .value=${proof} label="Proof" depth="2"></senate-json-view>`
          : nothing
      }
    </details>`;
  }
}

const STOPPED: Record<StoppedBy["what"], string> = {
  steps: "the step budget",
  depth: "the depth",
  keyword: "something that is not modelled",
  validator: "the validator",
  checker: "the checker of proofs",
};

const named = (assumption: Assumption): string => assumption.replaceAll("_", " ");

function placeName(pointer: string): TemplateResult {
  return pointer === "" ? html`the top of the artifact` : html`<code class="sn-place">${pointer}</code>`;
}

define("senate-compatibility", SenateCompatibility);
