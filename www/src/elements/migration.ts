import type { Plan, ProposalView } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { announce } from "../state/announce.js";
import { STRATEGY } from "../words/migration.js";
import { plural } from "../words/status.js";
import { define, SenateElement, uniqueId } from "./base.js";
import { badge, digest, problemList, sentence, type Part } from "./parts.js";
import "./transforms.js";

type Migration = NonNullable<ProposalView["migration"]>;
type Dialect = keyof Plan["sql"];

const STATE: Record<
  Migration["state"],
  { tone: "calm" | "live" | "good" | "bad"; word: string; says: string }
> = {
  preview: { tone: "calm", word: "Preview", says: "What an approval would generate." },
  generated: { tone: "live", word: "Generated", says: "Stored on approval; not applied yet." },
  started: {
    tone: "live",
    word: "Started",
    says: "It has begun; the artifacts change all at once at its end.",
  },
  applied: { tone: "good", word: "Applied", says: "Every artifact of the type is at the new version." },
  abandoned: {
    tone: "bad",
    word: "Abandoned",
    says: "Its proposer gave it up; the old version stays current.",
  },
  failed: { tone: "bad", word: "Failed", says: "Nothing was changed; the old version stays current." },
};

const DIALECTS: Record<Dialect, string> = { postgresql: "PostgreSQL", sqlite: "SQLite" };

/** A migration plan: what happens to artifacts, what to look out for, and the SQL that does it beside what was declared. */
export class SenateMigration extends SenateElement {
  @property({ type: Object }) accessor plan: Plan | undefined;
  @property() accessor digest = "";
  @property() accessor state: Migration["state"] | "" = "";
  @property() accessor reason = "";
  @property({ attribute: false }) accessor failures: Migration["failures"];
  @state() private accessor dialect: Dialect = "postgresql";

  readonly #id = uniqueId("migration");

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
      <senate-transforms .transforms=${plan.transforms}></senate-transforms>
      ${
        plan.transforms.length === 0 && plan.strategy === "batch"
          ? nothing
          : html`<p class="sn-quiet">${STRATEGY[plan.strategy].says}</p>`
      }
      ${this.#columns(plan)} ${problemList(plan.lint)}
      ${
        plan.notes.length === 0
          ? nothing
          : html`<ul class="sn-notes">
              ${plan.notes.map((note) => html`<li>${sentence(note)}</li>`)}
            </ul>`
      }
      ${this.#scripts(plan)}`;
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

  #columns({ columns }: Plan): Part {
    if (columns.length === 0) return nothing;
    return html`<ul class="sn-notes">
      ${columns.map(
        ({ name, type, path, index }) =>
          html`<li>
            <code>${path}</code> is also the column <code>${name}</code> (${type}${index ? ", indexed" : ""}).
          </li>`,
      )}
    </ul>`;
  }

  /** What runs, and what the proposer wrote, side by side where there is room. */
  #scripts(plan: Plan): TemplateResult {
    const { up, down } = plan.sql[this.dialect];
    const declared = this.#declared(plan);
    if (up.length === 0) return declared;
    return html`<fieldset class="sn-choices">
        <legend class="sn-hidden">SQL for</legend>
        <div class="sn-radios">
          ${(Object.keys(DIALECTS) as Dialect[]).map(
            (dialect) =>
              html`<label>
                <input
                  type="radio"
                  name="${this.#id}-dialect"
                  .checked=${this.dialect === dialect}
                  @change=${() => (this.dialect = dialect)}
                />
                <span>${DIALECTS[dialect]}</span>
              </label>`,
          )}
        </div>
      </fieldset>
      <div class="sn-scripts">
        <div>${this.#sql("SQL", up, true)} ${this.#sql("Undo", down, false)}</div>
        ${declared}
      </div>`;
  }

  #sql(title: string, statements: readonly string[], open: boolean): Part {
    if (statements.length === 0) return nothing;
    const text = statements.map((statement) => statement.replace(/;?\s*$/, ";")).join("\n\n");
    return html`<details class="sn-fold" ?open=${open}>
      <summary>${title} <span class="sn-quiet">${plural(statements.length, "statement")}</span></summary>
      <div class="sn-pre-holder">
        <pre
          class="sn-pre sn-pre-short"
          tabindex="0"
          aria-label="${title} for ${DIALECTS[this.dialect]}"
        ><code>${text}</code></pre>
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
              ><code>${declared.sql}</code></pre>
              <p class="sn-quiet">Shown for comparison: what runs is the generated SQL, by its digest.</p>`
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

define("senate-migration", SenateMigration);
