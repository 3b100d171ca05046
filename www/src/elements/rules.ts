import type { SenateView, Status } from "schema-senate";
import { html, type TemplateResult } from "lit";
import { Resource } from "../state/resource.js";
import { STATUS } from "../words/status.js";
import { memberName } from "./actor.js";
import { define, SenateElement } from "./base.js";
import { empty, sentence, shown } from "./parts.js";

/** Who decides, and by which rules. */
export class SenateRules extends SenateElement {
  readonly #senate = new Resource<SenateView>(this, {
    load: (signal) => this.client.senate(signal),
    every: 15_000,
  });

  protected override render(): unknown {
    return shown(this.#senate, "senate", (senate) => this.#page(senate));
  }

  #page(senate: SenateView): TemplateResult {
    return html`<section aria-labelledby="rules">
        <h2 id="rules">Rules</h2>
        <ul class="sn-rules">
          ${senate.policy_words.map((words) => html`<li>${sentence(words)}</li>`)}
        </ul>
      </section>
      <section aria-labelledby="members">
        <h2 id="members">Members <span class="sn-quiet">${senate.members.length}</span></h2>
        ${
          senate.members.length === 0
            ? empty("No members", "Without members nothing can be approved.")
            : html`<ul class="sn-members">
                ${senate.members.map((member) => html`<li>${memberName(member)}</li>`)}
              </ul>`
        }
      </section>
      <section aria-labelledby="counts">
        <h2 id="counts">On record</h2>
        <dl class="sn-tiles">
          ${(Object.entries(senate.proposals) as [Status, number][]).map(
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
}

define("senate-rules", SenateRules);
