import type { SenateView, TypeSummary } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { Unregistered } from "../api/client.js";
import { NEW_TYPE } from "../draft/changes.js";
import { draftsChanged, dropDraft, keptDrafts, REVISION } from "../draft/store.js";
import { Resource } from "../state/resource.js";
import { Watch } from "../state/signal.js";
import { plural } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import "./import.js";
import { ago, digest, empty, onDay, shown, type Part } from "./parts.js";

interface Registry {
  senate: SenateView;
  types: TypeSummary[];
  unregistered: Unregistered[];
}

/** What a kept draft is of. */
function draftName(target: string): string {
  if (target.startsWith(REVISION)) return "a revision";
  return target === NEW_TYPE ? "a new type" : target;
}

function draftPath(target: string): string[] {
  return target.startsWith(REVISION)
    ? ["proposals", target.slice(REVISION.length), "revise"]
    : ["propose", target];
}

/** Every artifact type with its current version, and the ways to bring in another. */
export class SenateRegistry extends SenateElement {
  @state() private accessor search = "";
  @state() private accessor importing = false;

  readonly #registry = new Resource<Registry>(this, {
    load: async (signal) => {
      const [senate, { types, unregistered = [] }] = await Promise.all([
        this.client.senate(signal),
        this.client.types(signal),
      ]);
      return { senate, types, unregistered };
    },
    every: 10_000,
  });
  readonly #drafts = new Watch(this, draftsChanged);

  protected override render(): unknown {
    void this.#drafts.value;
    return html`${this.#kept()}
      <div class="sn-toolbar">
        <label class="sn-search"
          ><span class="sn-hidden">Search types</span
          ><input
            type="search"
            class="sn-input"
            placeholder="Search types"
            .value=${this.search}
            @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
        /></label>
        <span class="sn-grow"></span>
        <button
          type="button"
          class="sn-button"
          aria-expanded=${this.importing}
          @click=${() => this.#toggleImport()}
        >
          Import schemas
        </button>
        <a class="sn-button sn-button-main" href=${this.href("propose", NEW_TYPE)}>Propose a new type</a>
      </div>
      ${
        this.importing
          ? html`<senate-import
              @imported=${() => {
                this.importing = false;
                void this.#registry.reload();
              }}
              @closed=${() => (this.importing = false)}
            ></senate-import>`
          : nothing
      }
      ${shown(this.#registry, "registry", (registry) => [this.#types(registry), this.#unregistered(registry)])}`;
  }

  #toggleImport(): void {
    this.importing = !this.importing;
    if (this.importing) void this.focusOn("senate-import input");
  }

  #kept(): Part {
    const drafts = keptDrafts(this.client.base);
    if (drafts.length === 0) return nothing;
    return html`<section class="sn-kept" aria-label="Your drafts">
      <ul>
        ${drafts.map(
          (draft) =>
            html`<li>
              <span
                >Draft for <strong>${draftName(draft.target)}</strong>
                <span class="sn-quiet">written ${ago(draft.saved_ms)}</span></span
              >
              <span class="sn-grow"></span>
              <a class="sn-button" href=${this.href(...draftPath(draft.target))}
                >Continue<span class="sn-hidden"> the draft for ${draft.target}</span></a
              >
              <button
                type="button"
                class="sn-button sn-button-plain"
                @click=${() => dropDraft(this.client.base, draft.target)}
              >
                Throw away<span class="sn-hidden"> the draft for ${draft.target}</span>
              </button>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #types({ types, senate }: Registry): TemplateResult {
    if (types.length === 0) {
      return empty(
        "No artifact types yet",
        "Import JSON Schemas from files, or propose the first type and let the senate decide.",
      );
    }
    const wanted = this.search.trim().toLowerCase();
    const matching = types.filter((type) =>
      [type.artifact_type, type.title, type.description].some((text) => text?.toLowerCase().includes(wanted)),
    );
    return html`<p class="sn-quiet" aria-live="polite">
        ${wanted === "" ? plural(types.length, "type") : `${matching.length} of ${plural(types.length, "type")}`},
        ${plural(senate.members.length, "member")}
      </p>
      <ul class="sn-types">
        ${matching.map((type) => this.#type(type))}
      </ul>`;
  }

  /** Artifacts that nothing is known about: their types wait for a schema. */
  #unregistered({ unregistered }: Registry): Part {
    if (unregistered.length === 0) return nothing;
    return html`<section class="sn-unregistered" aria-labelledby="unregistered">
      <h2 id="unregistered">Stored without a schema</h2>
      <ul class="sn-members">
        ${unregistered.map(
          ({ artifact_type, artifacts }) =>
            html`<li>
              <code>${artifact_type}</code> <span class="sn-quiet">${plural(artifacts, "artifact")}</span>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #type(type: TypeSummary): TemplateResult {
    return html`<li class="sn-type-card">
      <h2 class="sn-type-name">
        <a href=${this.href("types", type.artifact_type)}>${type.artifact_type}</a>
      </h2>
      <span class="sn-version">v${type.version}</span>
      <p class="sn-type-says">${type.description ?? type.title ?? ""}</p>
      <p class="sn-type-foot">
        ${digest(type.digest)}<span class="sn-quiet">${onDay(type.registered_ms)}</span>
        ${
          type.live_proposals > 0
            ? html`<span class="sn-badge" data-tone="live"
                >${plural(type.live_proposals, "live proposal")}</span
              >`
            : nothing
        }
      </p>
    </li>`;
  }
}

define("senate-registry", SenateRegistry);
