import type { ProposalView, ScopeEvaluation } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { appeal, judgeScope } from "../api/acts.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import type { Tone } from "../words/status.js";
import "./act-form.js";
import { define, SenateElement } from "./base.js";
import { sentence, ticks, type Part } from "./parts.js";

export const SCOPE: Record<ScopeEvaluation["verdict"], { word: string; tone: Tone; mark: string }> = {
  in_scope: { word: "In scope", tone: "good", mark: "✓" },
  out_of_scope: { word: "Out of scope", tone: "bad", mark: "✕" },
  unclear: { word: "Scope unclear", tone: "warn", mark: "?" },
};

/** A verdict on scope with its reasoning and the words that it rests on. What is in scope needs no more than a line. */
export function scopeEvaluation(evaluation: ScopeEvaluation): TemplateResult {
  const { word, tone, mark } = SCOPE[evaluation.verdict];
  const { reasoning, matches } = evaluation;
  // The core's sentence begins with the verdict, which is said in front of it here.
  const reason = reasoning.replace(/^(in scope|out of scope|unclear): /i, "");
  if (evaluation.verdict === "in_scope") {
    return html`<p class="sn-claim" data-tone=${tone}>
      <span aria-hidden="true">${mark}</span>
      <span><strong class="sn-verdict-word">${word}</strong>: ${ticks(reason)}</span>
    </p>`;
  }
  return html`<div class="sn-verdict" data-tone=${tone}>
    <span class="sn-verdict-mark" aria-hidden="true">${mark}</span>
    <div class="sn-stored">
      <p class="sn-verdict-word">${word}</p>
      <p>${sentence(reason)}</p>
      ${
        matches.length === 0
          ? nothing
          : html`<ul class="sn-matches">
              ${matches.map(
                (match) =>
                  html`<li>
                    <strong>${match.keyword}</strong>
                    <span class="sn-quiet">speaks ${match.list === "in" ? "for" : "against"} it, at</span>
                    <code class="sn-place">${match.pointer || "/"}</code>
                  </li>`,
              )}
            </ul>`
      }
    </div>
  </div>`;
}

/** Whether a proposal is in scope, who says so and why; the proposer's appeal and the judges' word. */
export class SenateScopeVerdict extends SenateElement {
  @property({ attribute: false }) accessor proposal: ProposalView | undefined;
  /** Who may decide what is unclear; asked for when it is. */
  @state() private accessor judges: readonly string[] | undefined;

  readonly #actor = new Watch(this, actor);
  #asked = false;

  protected override updated(): void {
    if (this.#asked || !this.proposal || !isUnclear(this.proposal)) return;
    this.#asked = true;
    this.client.scope().then(
      ({ scope }) => (this.judges = scope.judges),
      // Then nobody is told that they may; the host knows.
      () => (this.#asked = false),
    );
  }

  protected override render(): unknown {
    const { proposal } = this;
    if (!proposal) return nothing;
    // The appeal stands between the first evaluation and the second.
    return html`${proposal.scope.map((finding, at) => [
      at > 0 && proposal.appeal && finding.attempt === 2 && proposal.scope[at - 1]?.attempt === 1
        ? appealed(proposal, proposal.appeal.justification)
        : nothing,
      finding.judge === null ? scopeEvaluation(finding) : judged(finding, finding.judge),
    ])}
    ${this.#appeal(proposal)} ${this.#judge(proposal)}`;
  }

  #appeal(proposal: ProposalView): Part {
    const outOfScope = proposal.status === "rejected" && proposal.scope.at(-1)?.verdict === "out_of_scope";
    if (!outOfScope || proposal.appeal || proposal.vote) return nothing;
    if (this.#actor.value !== proposal.proposer_id) {
      return html`<p class="sn-quiet">${proposal.proposer_id} may appeal, once.</p>`;
    }
    return html`<senate-act-form
      label="Appeal: why it is in scope"
      hint="You may appeal once. The scope is looked at again, with what you say here."
      button="Appeal"
      rows="3"
      done="The appeal is in the log."
      .act=${(text: string) => appeal(proposal.id, proposal.proposer_id, text)}
    ></senate-act-form>`;
  }

  #judge(proposal: ProposalView): Part {
    const { judges } = this;
    const me = this.#actor.value;
    if (!isUnclear(proposal) || !judges || judges.length === 0) return nothing;
    if (!judges.includes(me)) {
      return html`<p class="sn-quiet">
        ${new Intl.ListFormat("en-GB", { type: "disjunction" }).format(judges)} may decide it.
      </p>`;
    }
    return html`<senate-act-form
        label="Why it is in scope"
        button="It is in scope"
        done="The verdict is in the log."
        .act=${(text: string) => judgeScope(proposal.id, me, "in_scope", text)}
      ></senate-act-form>
      <senate-act-form
        label="Why it is out of scope"
        button="It is out of scope"
        done="The verdict is in the log."
        .act=${(text: string) => judgeScope(proposal.id, me, "out_of_scope", text)}
      ></senate-act-form>`;
  }
}

function isUnclear(proposal: ProposalView): boolean {
  return proposal.status === "review" && proposal.scope.at(-1)?.verdict === "unclear";
}

function judged(finding: ScopeEvaluation, judge: string): TemplateResult {
  const { word, tone } = SCOPE[finding.verdict];
  return html`<div class="sn-notice" data-tone=${tone}>
    <p class="sn-notice-title">${word}, says ${judge}</p>
    <p class="sn-prose">${finding.reasoning}</p>
  </div>`;
}

function appealed(proposal: ProposalView, justification: string): TemplateResult {
  return html`<div class="sn-notice" data-tone="calm">
    <p class="sn-notice-title">${proposal.proposer_id} appealed</p>
    <p class="sn-prose">${justification}</p>
  </div>`;
}

define("senate-scope-verdict", SenateScopeVerdict);
