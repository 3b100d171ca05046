import type { Plan, ProposalView, Step } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { announce } from "../state/announce.js";
import { plural } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import { badge, digest, sentence, type Part } from "./parts.js";

type Migration = NonNullable<ProposalView["migration"]>;

const STATE: Record<
  Migration["state"],
  { tone: "calm" | "live" | "good" | "bad"; word: string; says: string }
> = {
  preview: { tone: "calm", word: "Preview", says: "What an approval would generate." },
  generated: { tone: "live", word: "Generated", says: "Stored on approval; not applied yet." },
  started: { tone: "live", word: "Started", says: "It has begun; artifacts are being rewritten." },
  applied: { tone: "good", word: "Applied", says: "Every artifact of the type was migrated." },
  failed: { tone: "bad", word: "Failed", says: "Nothing was changed; the old version stays current." },
};

/** A migration plan: what happens to artifacts, the SQL that does it, its undo, and how far it has come. */
export class SenateMigration extends SenateElement {
  @property({ type: Object }) accessor plan: Plan | undefined;
  @property() accessor digest = "";
  @property() accessor state: Migration["state"] | "" = "";
  @property() accessor reason = "";
  @property({ attribute: false }) accessor failures: Migration["failures"];

  protected override render(): unknown {
    const { plan } = this;
    if (!plan) return nothing;
    const state = this.state === "" ? undefined : STATE[this.state];
    return html`${
      state
        ? html`<p class="sn-row">
            ${badge(state.tone, state.word)} <span class="sn-quiet">${state.says}</span>
            ${this.digest ? html`<span class="sn-quiet">plan ${digest(this.digest)}</span>` : nothing}
          </p>`
        : nothing
    }
    ${this.reason ? html`<p class="sn-notice" data-tone="bad">${sentence(this.reason)}</p>` : nothing}
    ${this.#failures()}
    ${
      plan.steps.length === 0
        ? html`<p>No artifact needs rewriting.</p>`
        : html`<ol class="sn-steps">
            ${plan.steps.map((step) => html`<li>${stepWords(step)}</li>`)}
          </ol>`
    }
    ${
      plan.notes.length === 0
        ? nothing
        : html`<ul class="sn-notes">
            ${plan.notes.map((note) => html`<li>${sentence(note)}</li>`)}
          </ul>`
    }
    ${this.#sql("SQL", plan.sql.up, true)} ${this.#sql("Undo", plan.sql.down, false)} ${this.#declared(plan)}`;
  }

  #failures(): Part {
    const failures = this.failures ?? [];
    if (failures.length === 0) return nothing;
    return html`<table class="sn-table">
      <caption>
        ${plural(failures.length, "artifact")} that would not be valid
      </caption>
      <thead>
        <tr>
          <th scope="col">Artifact</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        ${failures.map(
          (failure) =>
            html`<tr>
              <td><code>${failure.artifact_id}</code></td>
              <td>${sentence(failure.message)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  #sql(title: string, statements: string[], open: boolean): Part {
    if (statements.length === 0) return nothing;
    const text = statements.map((statement) => statement.replace(/;?\s*$/, ";")).join("\n\n");
    return html`<details class="sn-fold" ?open=${open}>
      <summary>${title} <span class="sn-quiet">${plural(statements.length, "statement")}</span></summary>
      <div class="sn-pre-holder">
        <pre class="sn-pre sn-pre-short" tabindex="0" aria-label=${title}><code>${text}</code></pre>
        <button type="button" class="sn-link sn-copy" @click=${() => void copy(text)}>Copy</button>
      </div>
    </details>`;
  }

  #declared(plan: Plan): TemplateResult {
    const { declared } = plan;
    return html`<details class="sn-fold">
      <summary>What the proposer wrote</summary>
      ${
        "none_needed" in declared
          ? html`<p>No migration is needed: ${declared.none_needed}</p>`
          : html`<p>${declared.backfill}</p>
              <pre
                class="sn-pre"
                tabindex="0"
                aria-label="SQL of the proposer"
              ><code>${declared.sql}</code></pre>`
      }
    </details>`;
  }
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce("Copied.");
  } catch {
    announce("This browser does not let the page copy.");
  }
}

function stepWords(step: Step): TemplateResult {
  switch (step.step) {
    case "set_default":
      return html`Set <code>${step.path}</code> to <code>${JSON.stringify(step.value)}</code> wherever it is
        missing.`;
    case "remove":
      return html`Remove <code>${step.path}</code>.`;
    case "rename":
      return html`Rename <code>${step.from}</code> to <code>${step.to}</code>.`;
  }
}

define("senate-migration", SenateMigration);
