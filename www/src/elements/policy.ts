import type { Policy, Scope, Status, ViewMap } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import type { Senate } from "../api/client.js";
import { COUNTS, requirementWords, TIMES, TRACKS } from "../draft/governance.js";
import { acted } from "../keys/sign.js";
import { Resource } from "../state/resource.js";
import { CHOICE, STATUS, TRACK } from "../words/status.js";
import { span } from "../words/time.js";
import { define, SenateElement } from "./base.js";
import { onDay, sentence, shown, type Part } from "./parts.js";
import { historyList, pendingList } from "./pending.js";

interface Rules {
  senate: Senate;
  policy: ViewMap["policy"];
  scope: ViewMap["scope"];
}

/** By which rules the senate decides, what it decides about, and how the rules came to be. */
export class SenatePolicy extends SenateElement {
  readonly #rules = new Resource<Rules>(this, {
    load: async (signal) => {
      const [senate, policy, scope] = await Promise.all([
        this.client.senate(signal),
        this.client.policy(signal),
        this.client.scope(signal),
      ]);
      return { senate, policy, scope };
    },
    every: 15_000,
    after: acted,
  });

  protected override render(): unknown {
    return shown(this.#rules, "policy", (rules) => this.#page(rules));
  }

  #page({ senate, policy, scope }: Rules): TemplateResult {
    const href = (id: string) => this.href("proposals", id);
    return html`<section aria-labelledby="rules">
        <div class="sn-head">
          <h2 id="rules">Rules in force</h2>
          <a class="sn-button" href=${this.href("propose", "senate/policy")}>Propose a change</a>
        </div>
        ${pendingList(policy.pending, href)}
        <ul class="sn-rules">
          ${policy.words.map((words) => html`<li>${sentence(words)}</li>`)}
        </ul>
        <p class="sn-quiet">Version ${policy.version}, since ${onDay(policy.since_ms)}.</p>
      </section>
      <section aria-labelledby="numbers">
        <h2 id="numbers">In numbers</h2>
        ${tracks(policy.policy)} ${numbers(policy.policy)}
      </section>
      ${this.#scope(scope)}
      <section aria-labelledby="history">
        <h2 id="history">History of the rules</h2>
        ${historyList(policy.history, href)}
      </section>
      <section aria-labelledby="counts">
        <h2 id="counts">On record</h2>
        <dl class="sn-tiles">
          ${(Object.entries(senate.proposals) as [Status, number][])
            .filter(([, count]) => count > 0)
            .map(
              ([status, count]) =>
                html`<div>
                  <dt>${STATUS[status].word}</dt>
                  <dd>${count}</dd>
                </div>`,
            )}
        </dl>
        <p class="sn-quiet">${senate.seq} events in the log of ${senate.origin}.</p>
      </section>`;
  }

  #scope(view: ViewMap["scope"]): TemplateResult {
    const { scope } = view;
    return html`<section aria-labelledby="scope">
      <div class="sn-head">
        <h2 id="scope">Scope</h2>
        <a class="sn-button" href=${this.href("propose", "senate/scope")}>Propose a change</a>
      </div>
      ${pendingList(view.pending, (id) => this.href("proposals", id))}
      ${
        isOpen(scope)
          ? html`<p>Everything is in scope.</p>`
          : html`<div class="sn-pair">
              ${sentences("In scope", scope.in, scope.keywords_in)}
              ${sentences("Out of scope", scope.out, scope.keywords_out)}
            </div>`
      }
      ${
        scope.judges.length === 0
          ? nothing
          : html`<p>
              What is unclear, ${new Intl.ListFormat("en-GB", { type: "disjunction" }).format(scope.judges)}
              may decide.
            </p>`
      }
      ${view.history.length > 1 ? historyList(view.history, (id) => this.href("proposals", id)) : nothing}
    </section>`;
  }
}

function isOpen(scope: Scope): boolean {
  return (
    [scope.in, scope.out, scope.keywords_in, scope.keywords_out].every((list) => list.length === 0) &&
    Object.keys(scope.types).length === 0
  );
}

function sentences(title: string, said: string[], keywords: string[]): TemplateResult {
  return html`<div>
    <h3>${title}</h3>
    <ul class="sn-changes">
      ${said.map((each) => html`<li>${each}</li>`)}
    </ul>
    ${
      keywords.length === 0
        ? nothing
        : html`<p class="sn-keywords">
            <span class="sn-quiet">Keywords:</span> ${keywords.map((word) => html`<code>${word}</code> `)}
          </p>`
    }
  </div>`;
}

function tracks(policy: Policy): TemplateResult {
  const own = (ms: number | undefined, otherwise: number) => span(ms ?? otherwise);
  return html`<table class="sn-table">
    <caption class="sn-hidden">
      What each kind of change needs
    </caption>
    <thead>
      <tr>
        <th scope="col">Change</th>
        <th scope="col">Yes from</th>
        <th scope="col">Review</th>
        <th scope="col">Voting</th>
        <th scope="col">Cooling</th>
      </tr>
    </thead>
    <tbody>
      ${TRACKS.map((track) => {
        const each = policy.tracks[track];
        return html`<tr>
          <th scope="row">${TRACK[track].word}</th>
          <td>${requirementWords(each)}</td>
          <td>${own(each.min_review_ms, policy.min_review_ms)}</td>
          <td>${own(each.voting_ms, policy.voting_ms)}</td>
          <td>${own(each.cooling_ms, policy.cooling_ms)}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

function numbers(policy: Policy): TemplateResult {
  const value = (ms: number | null, time: boolean): Part | string =>
    ms === null ? "none" : time ? span(ms) : String(ms);
  return html`<dl class="sn-facts">
    ${[...TIMES.slice(2, 4), ...TIMES.slice(5), ...COUNTS].map(
      (member) =>
        html`<dt>${member.label}</dt>
          <dd>${value(policy[member.name], member.time === true)}</dd>`,
    )}
    <dt>Concerns are overridden by</dt>
    <dd>${requirementWords(policy.concern_override)}</dd>
    <dt>Reason required for</dt>
    <dd>
      ${policy.reason_required.length === 0 ? "no ballot" : policy.reason_required.map((choice) => CHOICE[choice].word.toLowerCase()).join(", ")}
    </dd>
    <dt>Import without a vote</dt>
    <dd>${policy.direct_import ? "by any voter" : "not allowed"}</dd>
  </dl>`;
}

define("senate-policy", SenatePolicy);
