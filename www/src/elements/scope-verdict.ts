import type { ProposalView, ScopeEvaluation } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { appeal, judgeScope } from "../api/acts.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import type { Tone } from "../words/status.js";
import "./act-form.js";
import { define, SenateElement } from "./base.js";
import { sentence, type Part } from "./parts.js";

export const SCOPE: Record<ScopeEvaluation["verdict"], { word: string; tone: Tone; mark: string }> = {
  in_scope: { word: "In scope", tone: "good", mark: "✓" },
  out_of_scope: { word: "Out of scope", tone: "bad", mark: "✕" },
  unclear: { word: "Scope unclear", tone: "warn", mark: "?" },
};

/** A verdict on scope with its reasoning and the words that it rests on. */
export function scopeEvaluation(evaluation: ScopeEvaluation): TemplateResult {
  const { word, tone, mark } = SCOPE[evaluation.verdict];
  return html`<div class="sn-verdict" data-tone=${tone}>
    <span class="sn-verdict-mark" aria-hidden="true">${mark}</span>
    <div class="sn-stored">
      <p class="sn-verdict-word">${word}</p>
      <p>${sentence(evaluation.reasoning)}</p>
      ${
        evaluation.matches.length === 0
          ? nothing
          : html`<ul class="sn-matches">
              ${evaluation.matches.map(
                (match) =>
                  html`<li>
                    <strong>${match.keyword}</strong>
                    <span class="sn-quiet"
                      >speaks for ${match.list === "in" ? "in" : "out of"} scope, found at</span
                    >
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

  readonly #actor = new Watch(this, actor);

  protected override render(): unknown {
    const { proposal } = this;
    const scope = proposal?.scope;
    if (!proposal || !scope) return nothing;
    return html`${scope.attempts.map((each) => scopeEvaluation(each))} ${this.#judged(scope)}
    ${this.#appeal(proposal, scope)} ${this.#judge(proposal)}`;
  }

  #judged(scope: NonNullable<ProposalView["scope"]>): Part {
    const { judged } = scope;
    if (!judged) return nothing;
    const { word, tone } = SCOPE[judged.verdict];
    return html`<div class="sn-notice" data-tone=${tone}>
      <p class="sn-notice-title">${word}, says ${judged.by}</p>
      <p class="sn-prose">${judged.reasoning}</p>
    </div>`;
  }

  #appeal(proposal: ProposalView, scope: NonNullable<ProposalView["scope"]>): Part {
    if (scope.appeal) {
      return html`<div class="sn-notice" data-tone="calm">
        <p class="sn-notice-title">${scope.appeal.by} appealed</p>
        <p class="sn-prose">${scope.appeal.justification}</p>
      </div>`;
    }
    if (!scope.may_appeal) return nothing;
    if (this.#actor.value !== proposal.proposer_id) {
      return html`<p class="sn-quiet">${proposal.proposer_id} may appeal, once.</p>`;
    }
    return html`<senate-act-form
      label="Appeal: why it is in scope"
      hint="You may appeal once. The proposal goes back to review, and its scope is looked at again."
      button="Appeal"
      rows="3"
      done="The appeal is in the log."
      .act=${(text: string) => appeal(proposal.id, proposal.proposer_id, text)}
    ></senate-act-form>`;
  }

  #judge(proposal: ProposalView): Part {
    const me = this.#actor.value;
    const last = proposal.scope?.attempts.at(-1);
    const { judges = [] } = proposal.scope ?? {};
    if (proposal.status !== "review" || last?.verdict !== "unclear" || proposal.scope?.judged) return nothing;
    if (!judges.includes(me)) {
      return judges.length === 0
        ? nothing
        : html`<p class="sn-quiet">
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

define("senate-scope-verdict", SenateScopeVerdict);
