import type { Assumption, SchemaVersion, TypeView } from "schema-senate";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { announce } from "../state/announce.js";
import { Resource } from "../state/resource.js";
import "./artifacts.js";
import { STRATEGY } from "../words/migration.js";
import { ASSUMPTION } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import { differenceList } from "./diff.js";
import "./diff.js";
import "./fields.js";
import "./json-view.js";
import { ago, digest, shown } from "./parts.js";
import "./proposal-list.js";
import "./transforms.js";
import { proposalRow } from "./proposal-list.js";
import "./try-validate.js";

/** One artifact type: its schema today, how it came about, its artifacts, and a place to try a document. */
export class SenateType extends SenateElement {
  @property({ attribute: "artifact-type" }) accessor artifactType = "";
  /** Text differences are computed when they are asked for. */
  @state() private accessor compared: ReadonlySet<number> = new Set();

  readonly #type = new Resource<TypeView>(this, {
    load: (signal) => this.client.type(this.artifactType, signal),
    // A type with its history may be megabytes; it changes with the log only.
    unchanged: async (signal) => (await this.client.senate(signal)).seq,
    every: 5000,
    changed: (now, before) => {
      if (before && now.current.version !== before.current.version) {
        announce(`Version ${now.current.version} of ${now.artifact_type} is now current.`);
      }
    },
  });

  protected override updated(changed: PropertyValues): void {
    if (changed.has("artifactType") && changed.get("artifactType")) void this.#type.restart();
  }

  protected override render(): unknown {
    return shown(this.#type, "artifact type", (type) => this.#page(type));
  }

  #page(type: TypeView): TemplateResult {
    const { current } = type;
    const title = schemaText(current, "title");
    const description = schemaText(current, "description");
    return html`
      <header class="sn-head">
        <div>
          ${title ? html`<p class="sn-head-title">${title}</p>` : nothing}
          ${description ? html`<p class="sn-lede">${description}</p>` : nothing}
          <p class="sn-row sn-quiet">
            <span class="sn-version">v${current.version}</span> ${digest(current.digest)}
            <span>registered ${ago(current.registered_ms)} by ${current.proposed_by}</span>
            <span>${current.draft}</span>
            <span
              >changes judged
              <code>${type.compatibility.mode}</code>${assuming(type.compatibility.assumptions)}</span
            >
            <span title=${STRATEGY[type.evolution].says}
              >artifacts follow: ${STRATEGY[type.evolution].word}</span
            >
          </p>
        </div>
        <a class="sn-button sn-button-main" href=${this.href("propose", type.artifact_type)}
          >Propose a change</a
        >
      </header>
      ${
        type.live_proposals.length === 0
          ? nothing
          : html`<section aria-labelledby="live">
              <h2 id="live">Live proposals</h2>
              <ul class="sn-proposals">
                ${type.live_proposals.map((proposal) =>
                  proposalRow(proposal, this.href("proposals", proposal.id), { withType: false, level: 3 }),
                )}
              </ul>
            </section>`
      }
      <section aria-labelledby="schema">
        <h2 id="schema">Schema</h2>
        <senate-fields .schema=${current.schema}></senate-fields>
        <details class="sn-fold sn-fold-panel">
          <summary>The whole document</summary>
          <senate-json-view
            .value=${current.schema}
            label="Schema of ${type.artifact_type}"
            depth="3"
          ></senate-json-view>
        </details>
      </section>
      <section aria-labelledby="artifacts">
        <h2 id="artifacts">Artifacts</h2>
        <senate-artifacts .current=${current}></senate-artifacts>
      </section>
      <section aria-labelledby="try">
        <h2 id="try">Try a document</h2>
        <senate-try-validate .current=${current}></senate-try-validate>
      </section>
      <section aria-labelledby="history">
        <h2 id="history">History</h2>
        ${this.#history(type)}
      </section>
    `;
  }

  #history(type: TypeView): TemplateResult {
    const newestFirst = [...type.history].reverse();
    return html`<ol class="sn-history">
      ${newestFirst.map((version, at) => {
        const before = newestFirst[at + 1];
        return html`<li>
          <div class="sn-row">
            <h3 class="sn-version">v${version.version}</h3>
            ${version.is_current ? html`<span class="sn-badge" data-tone="good">current</span>` : nothing}
            <span class="sn-quiet">${ago(version.registered_ms)} by ${version.proposed_by}</span>
            ${version.retired_ms === undefined ? nothing : html`<span class="sn-badge" data-tone="quiet">retired</span>`}
            ${digest(version.digest)}
            ${
              version.proposal_id
                ? html`<a href=${this.href("proposals", version.proposal_id)}
                    >its proposal<span class="sn-hidden"> for version ${version.version}</span></a
                  >`
                : nothing
            }
          </div>
          ${version.description ? html`<p>${version.description}</p>` : nothing}
          ${before ? this.#since(before, version) : html`<p class="sn-quiet">The first version.</p>`}
        </li>`;
      })}
    </ol>`;
  }

  #since(before: SchemaVersion, version: TypeView["history"][number]): TemplateResult {
    const number = version.version;
    const { transforms = [] } = version;
    return html`${differenceList(version.differences)}
      ${
        transforms.length === 0
          ? nothing
          : html`<h4>What artifacts needed</h4>
              <senate-transforms .transforms=${transforms}></senate-transforms>`
      }
      <details
        class="sn-fold"
        @toggle=${(event: Event) => {
          if ((event.currentTarget as HTMLDetailsElement).open)
            this.compared = new Set([...this.compared, number]);
        }}
      >
        <summary>Text difference from v${before.version} to v${number}</summary>
        ${
          this.compared.has(number)
            ? html`<senate-diff
                .previous=${before.schema}
                .next=${version.schema}
                caption="v${before.version} → v${number}"
              ></senate-diff>`
            : nothing
        }
      </details>`;
  }
}

function assuming(assumptions: readonly Assumption[]): string | TemplateResult {
  if (assumptions.length === 0) return "";
  return html`, assuming
  ${assumptions.map((each, at) => html`${at > 0 ? ", " : nothing}<code title=${ASSUMPTION[each]}>${each}</code>`)}`;
}

function schemaText(version: SchemaVersion, member: "title" | "description"): string {
  const { schema } = version;
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return "";
  const text = schema[member];
  return typeof text === "string" ? text : "";
}

define("senate-type", SenateType);
