import type { DraftCheck, Json, Problem, ScopeEvaluation } from "schema-senate";
import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import type { Judged } from "../draft/check-protocol.js";
import type { Demand, GovernanceCheck } from "../draft/check-governance.js";
import { placeName } from "../draft/places.js";
import { plural } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import "./compatibility.js";
import "./diff.js";
import "./migration.js";
import "./try-migration.js";
import "./draft-precedents.js";
import { problemText, sentence, trackBadge, type Part } from "./parts.js";
import { scopeEvaluation } from "./scope-verdict.js";

/** A problem was chosen in the list. */
export class ProblemChosen extends CustomEvent<{ problem: Problem }> {
  constructor(problem: Problem) {
    super("problem-chosen", { detail: { problem }, bubbles: true });
  }
}

/** What the core says of a draft: what is wrong, what the change would do, whom it breaks, what vote it will need. */
export class SenateDraftFindings extends SenateElement {
  @property({ attribute: false }) accessor check: Judged | undefined;
  /** The draft's text, for the host to count the stored artifacts by. */
  @property({ attribute: false }) accessor draft = "";
  /** The current schema, to compare the next one with. */
  @property({ attribute: false }) accessor current: Json | undefined;
  /** A newer text is being checked; what is shown is of the one before. */
  @property({ type: Boolean }) accessor checking = false;
  /** Whether it is in scope, as the core in this page says. */
  @property({ attribute: false }) accessor scope: ScopeEvaluation | undefined;
  /** Whether similar earlier proposals are asked for. */
  @property({ type: Boolean }) accessor precedents = false;

  protected override render(): unknown {
    const { check } = this;
    const heading = html`<h2 class="sn-hidden">What the core says</h2>`;
    if (!check)
      return html`${heading}
        <p class="sn-quiet">The core is loading; the first answer follows.</p>`;
    const governance: Pick<GovernanceCheck, "changes" | "demands"> = { changes: [], demands: [], ...check };
    return html`${heading}
      <p class="sn-checking" ?data-on=${this.checking} aria-hidden="true">Checking…</p>
      ${this.#vote(check, governance.demands)} ${this.#problems(check.problems)}
      ${
        governance.changes.length === 0
          ? nothing
          : html`<section>
              <h3>What it changes</h3>
              <ul class="sn-changes">
                ${governance.changes.map((change) => html`<li>${sentence(change.words)}</li>`)}
              </ul>
            </section>`
      }
      ${
        this.scope
          ? html`<section>
              <h3>Scope</h3>
              ${scopeEvaluation(this.scope)}
            </section>`
          : nothing
      }
      ${
        check.compatibility
          ? html`<section>
              <h3>Whom it breaks</h3>
              <senate-compatibility
                .report=${check.compatibility}
                .claim=${check.claim}
                .draft=${this.draft}
                .subject=${check.next_schema === undefined ? "" : JSON.stringify([check.artifact_type, check.next_schema])}
              ></senate-compatibility>
            </section>`
          : nothing
      }
      ${
        check.next_schema === undefined
          ? nothing
          : html`<section>
              <h3>The next schema</h3>
              <senate-diff
                .previous=${this.current}
                .next=${check.next_schema}
                caption="Schema"
              ></senate-diff>
            </section>`
      }
      ${
        this.precedents
          ? html`<senate-draft-precedents
              .draft=${this.draft}
              .subject=${subjectOf(check)}
            ></senate-draft-precedents>`
          : nothing
      }
      ${
        check.migration
          ? html`<section>
              <h3>The migration it would bring</h3>
              <senate-migration .plan=${check.migration}></senate-migration>
              <details class="sn-fold">
                <summary>Rehearse it on your own files</summary>
                <senate-try-migration
                  .plan=${check.migration}
                  .next=${check.next_schema}
                ></senate-try-migration>
              </details>
            </section>`
          : nothing
      }`;
  }

  #vote(check: Judged, demands: Demand[]): Part {
    if (!check.track) return nothing;
    return html`<div class="sn-forecast">
      <p class="sn-forecast-needs">
        ${
          check.needed
            ? check.needed.yes === null
              ? html`Cannot pass`
              : html`Needs <strong>${check.needed.yes}</strong> of ${check.needed.of}`
            : html`Vote`
        }
        ${trackBadge(check.track)} ${check.class ? trackBadge(check.class) : nothing}
      </p>
      ${check.needed ? html`<p class="sn-quiet">${sentence(check.needed.words)}</p>` : nothing}
      ${
        demands.length === 0
          ? nothing
          : html`<dl class="sn-facts sn-demands">
              ${demands.map(
                ({ what, words }) =>
                  html`<dt>${what}</dt>
                    <dd>${sentence(words)}</dd>`,
              )}
            </dl>`
      }
    </div>`;
  }

  #problems(problems: Problem[]): unknown {
    if (problems.length === 0) {
      return html`<p class="sn-claim" data-tone="good">
        <span aria-hidden="true">✓</span> <span>Nothing is wrong with this draft.</span>
      </p>`;
    }
    return html`<section>
      <h3>${countOf(problems)}</h3>
      <ul class="sn-problem-index">
        ${problems.map(
          (problem) =>
            html`<li data-severity=${problem.severity}>
              <button type="button" @click=${() => this.dispatchEvent(new ProblemChosen(problem))}>
                <span class="sn-problem-where"
                  >${placeName(problem.pointer)} <code class="sn-place">${problem.pointer || "/"}</code></span
                >
                ${problemText(problem)}
              </button>
            </li>`,
        )}
      </ul>
    </section>`;
  }
}

/** What similar proposals depend on; nothing while something is wrong: the host compares what could be proposed. */
function subjectOf(check: DraftCheck): string {
  if (!check.ok) return "";
  const { changes } = check as Partial<GovernanceCheck>;
  return JSON.stringify(changes ?? [check.artifact_type, check.next_schema]);
}

/** `2 errors, 1 warning`. */
function countOf(problems: Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const warnings = problems.length - errors;
  return [
    ...(errors > 0 ? [plural(errors, "error")] : []),
    ...(warnings > 0 ? [plural(warnings, "warning")] : []),
  ].join(", ");
}

define("senate-draft-findings", SenateDraftFindings);
