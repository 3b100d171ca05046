import type { Claim, CompatibilityReport } from "schema-senate";
import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import { write } from "../json/spans.js";
import { VERDICT } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import { differenceList } from "./diff.js";
import { sentence } from "./parts.js";

/** Whom a change breaks: the verdict, why, what differs, an artifact that proves it, and whether the claim agrees. */
export class SenateCompatibility extends SenateElement {
  @property({ type: Object }) accessor report: CompatibilityReport | undefined;
  @property({ type: Object }) accessor claim: Claim | undefined;
  /** Leaves the differences to the page around it. */
  @property({ type: Boolean }) accessor brief = false;

  protected override render(): unknown {
    const { report, claim } = this;
    if (!report) return nothing;
    const verdict = VERDICT[report.verdict];
    return html`<div class="sn-verdict" data-tone=${verdict.tone}>
        <span class="sn-verdict-mark" aria-hidden="true">${verdict.mark}</span>
        <div>
          <p class="sn-verdict-word">${verdict.word}</p>
          <p>${sentence(report.reason || verdict.says)}</p>
        </div>
      </div>
      ${claim ? this.#claim(claim) : nothing} ${this.brief ? nothing : differenceList(report.differences)}
      ${
        "witness" in report
          ? html`<details class="sn-fold" open>
              <summary>Witness: valid before, invalid after</summary>
              <pre
                class="sn-pre"
                tabindex="0"
                aria-label="Witness artifact"
              ><code>${write(report.witness)}</code></pre>
            </details>`
          : nothing
      }`;
  }

  #claim(claim: Claim): unknown {
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
}

define("senate-compatibility", SenateCompatibility);
