import type { Schema, SchemaVersion, Validation } from "schema-senate";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { Artifact } from "../api/client.js";
import { asFailure, type Failure } from "../api/problem.js";
import { write } from "../json/spans.js";
import { compile } from "../state/compiled.js";
import { Resource } from "../state/resource.js";
import { plural } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import { empty, notice, sentence, shown } from "./parts.js";

/** The artifacts of a type, each held against the current version by the core in this page. */
export class SenateArtifacts extends SenateElement {
  @property({ attribute: false }) accessor current: SchemaVersion | undefined;
  @state() private accessor results: ReadonlyMap<string, Validation> = new Map();
  @state() private accessor failure: Failure | undefined;

  readonly #artifacts = new Resource<{ artifacts: Artifact[]; next_cursor?: string }>(this, {
    load: (signal) => this.client.artifacts(this.current?.artifact_type ?? "", signal),
    every: 15_000,
    changed: () => void this.#validate(),
  });
  #compiled: { digest: string; schema: Schema } | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#compiled?.schema.free();
    this.#compiled = undefined;
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has("current")) return;
    const before = changed.get("current") as SchemaVersion | undefined;
    if (!before || before.digest === this.current?.digest) return;
    // A new version: the artifacts were migrated with it.
    if (before.artifact_type === this.current?.artifact_type)
      void this.#artifacts.reload().then(() => this.#validate());
    else void this.#artifacts.restart();
  }

  async #validate(): Promise<void> {
    const { current } = this;
    if (!current) return;
    try {
      if (this.#compiled?.digest !== current.digest) {
        const compiled = await compile(current);
        if (!compiled.ok || current !== this.current || !this.isConnected) return;
        this.#compiled?.schema.free();
        this.#compiled = { digest: current.digest, schema: compiled.schema };
      }
      const { schema } = this.#compiled;
      this.results = new Map(
        (this.#artifacts.value?.artifacts ?? []).map((artifact) => [
          artifact.id,
          schema.validate(JSON.stringify(artifact.metadata)),
        ]),
      );
      this.failure = undefined;
    } catch (error) {
      this.failure = asFailure(error);
    }
  }

  protected override render(): unknown {
    return shown(this.#artifacts, "artifacts", ({ artifacts, next_cursor: more }) => {
      if (artifacts.length === 0)
        return empty("No artifacts of this type", "None are stored on this host yet.");
      const valid = artifacts.filter((artifact) => this.results.get(artifact.id)?.valid).length;
      const version = this.current?.version;
      return html`${this.failure ? notice("bad", "The core could not check the artifacts here", this.failure.detail) : nothing}
        <p class="sn-compliance">
          <strong>${valid} of ${artifacts.length}</strong> valid under version ${version}
          <span class="sn-quiet">checked in this page${more ? `, the newest ${artifacts.length}` : ""}</span>
        </p>
        <table class="sn-table">
          <caption class="sn-hidden">
            Artifacts
          </caption>
          <thead>
            <tr>
              <th scope="col">Artifact</th>
              <th scope="col">Under version ${version}</th>
            </tr>
          </thead>
          <tbody>
            ${artifacts.map((artifact) => this.#row(artifact))}
          </tbody>
        </table>`;
    });
  }

  #row(artifact: Artifact): TemplateResult {
    const result = this.results.get(artifact.id);
    return html`<tr>
      <td>
        <details class="sn-fold sn-fold-plain">
          <summary>
            ${artifact.title ? html`${artifact.title} <code class="sn-quiet">${artifact.id}</code>` : html`<code>${artifact.id}</code>`}
          </summary>
          <pre
            class="sn-pre"
            tabindex="0"
            aria-label="Artifact ${artifact.id}"
          ><code>${write(artifact.metadata)}</code></pre>
        </details>
      </td>
      <td>
        ${
          result === undefined
            ? html`<span class="sn-quiet">checking…</span>`
            : result.valid
              ? html`<span class="sn-yes"><span aria-hidden="true">✓</span> valid</span>`
              : html`<span class="sn-no"
                    ><span aria-hidden="true">✕</span> ${plural(result.errors.length, "error")}</span
                  >
                  <span class="sn-quiet">${sentence(result.errors[0]?.message ?? "")}</span>`
        }
      </td>
    </tr>`;
  }
}

define("senate-artifacts", SenateArtifacts);
