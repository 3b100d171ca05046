import type { ProposalSummary, Status } from "schema-senate";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { announce } from "../state/announce.js";
import { Resource } from "../state/resource.js";
import { doing, plural, STATUS } from "../words/status.js";
import { define, SenateElement, uniqueId } from "./base.js";
import { ago, empty, needsText, sentence, shown, statusBadge, trackBadge } from "./parts.js";
import "./vote-meter.js";

const PAGE = 50;

const ARCHIVED: Status[] = ["active", "superseded", "rejected", "expired", "withdrawn", "stale", "abandoned"];
const LIVE: Status[] = ["review", "voting", "cooling", "approved", "migrating", "migration_failed"];

/** What governance proposals are about, beside the artifact types. */
const GOVERNANCE = ["senate/policy", "senate/members", "senate/scope"];

/** One proposal in a list. */
export function proposalRow(
  proposal: ProposalSummary,
  href: string,
  options: { withType?: boolean; level?: 2 | 3 } = {},
): TemplateResult {
  const { tally } = proposal;
  const link = html`<a href=${href}>${proposal.title}</a>`;
  return html`<li class="sn-proposal-row">
    <div class="sn-proposal-main">
      <p class="sn-row">
        ${statusBadge(proposal.status)} ${trackBadge(proposal.track)}
        ${options.withType === false ? nothing : html`<span class="sn-mono">${proposal.target}</span>`}
        <span class="sn-quiet">${doing(proposal)}</span>
        ${
          proposal.open_concerns
            ? html`<span class="sn-badge" data-tone="warn"
                >${plural(proposal.open_concerns, "open concern")}</span
              >`
            : nothing
        }
      </p>
      ${options.level === 3 ? html`<h3 class="sn-proposal-title">${link}</h3>` : html`<h2 class="sn-proposal-title">${link}</h2>`}
      ${proposal.decision_reason ? html`<p class="sn-reason">${sentence(proposal.decision_reason)}</p>` : nothing}
      <p class="sn-quiet">
        by ${proposal.proposer_id}, ${ago(proposal.created_ms)}
        ${
          proposal.status === "voting" && proposal.closes_ms !== undefined
            ? html`· closes ${ago(proposal.closes_ms)}`
            : nothing
        }
      </p>
    </div>
    ${
      tally
        ? html`<div class="sn-proposal-vote">
            <p>${needsText(tally)}</p>
            <senate-vote-meter compact .tally=${tally}></senate-vote-meter>
            <p class="sn-quiet">
              ${tally.yes} yes, ${tally.no} no${tally.abstain > 0 ? `, ${tally.abstain} abstained` : ""}
            </p>
          </div>`
        : html`<div class="sn-proposal-vote sn-quiet">${STATUS[proposal.status].says}</div>`
    }
  </li>`;
}

/**
 * Proposals, newest first. `archive` shows those that are decided, with their reasons; without it, the live ones.
 * `filters` is kept by the page around it, so that a filtered list can be linked to.
 */
export class SenateProposals extends SenateElement {
  @property({ type: Boolean }) accessor archive = false;
  @property({ attribute: false }) accessor filters: Record<string, string> = {};
  @state() private accessor more: ProposalSummary[] = [];
  @state() private accessor cursor: string | undefined;
  @state() private accessor loadingMore = false;

  readonly #id = uniqueId("proposals");
  #timer: number | undefined;

  readonly #proposals = new Resource<{ proposals: ProposalSummary[]; next_cursor?: string; types: string[] }>(
    this,
    {
      load: async (signal) => {
        const [page, { types }] = await Promise.all([
          this.client.proposals(this.#query(), signal),
          this.client.types(signal),
        ]);
        return { ...page, types: types.map((type) => type.artifact_type) };
      },
      every: 5000,
      changed: (now) => {
        this.more = [];
        this.cursor = now.next_cursor;
      },
    },
  );

  #query() {
    const { status, artifact_type, text } = this.filters;
    return {
      status: status || (this.archive ? "archived" : "live"),
      ...(artifact_type ? { target: artifact_type } : {}),
      ...(text ? { text } : {}),
      limit: PAGE,
    };
  }

  protected override updated(changed: PropertyValues): void {
    const filters = changed.get("filters");
    if (filters !== undefined && JSON.stringify(filters) !== JSON.stringify(this.filters)) {
      void this.#proposals.reload().then(() => {
        const count = this.#proposals.value?.proposals.length ?? 0;
        announce(plural(count, "proposal") + (this.cursor ? " and more" : ""));
      });
    }
    if (changed.has("archive") && changed.get("archive") !== undefined) void this.#proposals.restart();
  }

  #filter(name: string, value: string): void {
    const filters = { ...this.filters, [name]: value };
    if (value === "") delete filters[name];
    this.filters = filters;
    this.dispatchEvent(new CustomEvent("filters-changed", { detail: filters, bubbles: true }));
  }

  protected override render(): unknown {
    const filtered = Object.keys(this.filters).length > 0;
    return html`${this.#toolbar()}
    ${shown(this.#proposals, "proposals", ({ proposals }) => {
      const all = [...proposals, ...this.more];
      if (all.length === 0) return this.#empty(filtered);
      return html`<ul class="sn-proposals">
          ${all.map((proposal) => proposalRow(proposal, this.href("proposals", proposal.id)))}
        </ul>
        ${
          this.cursor === undefined
            ? nothing
            : html`<button
                type="button"
                class="sn-button"
                ?disabled=${this.loadingMore}
                @click=${() => void this.#loadMore()}
              >
                ${this.loadingMore ? "Loading…" : "Show older ones"}
              </button>`
        }`;
    })}`;
  }

  #toolbar(): TemplateResult {
    const { status = "", artifact_type: type = "", text = "" } = this.filters;
    return html`<search class="sn-toolbar">
      <label class="sn-search"
        ><span class="sn-hidden">Search titles, reasons and rationale</span
        ><input
          type="search"
          class="sn-input"
          placeholder="Search"
          .value=${text}
          @input=${(event: Event) => {
            const wanted = (event.target as HTMLInputElement).value.trim();
            window.clearTimeout(this.#timer);
            this.#timer = window.setTimeout(() => this.#filter("text", wanted), 250);
          }}
      /></label>
      <span class="sn-filter"
        ><label for="${this.#id}-status">Status</label>
        <select
          id="${this.#id}-status"
          class="sn-input"
          @change=${(event: Event) => this.#filter("status", (event.target as HTMLSelectElement).value)}
        >
          <option value="" .selected=${status === ""}>${this.archive ? "All decided" : "All live"}</option>
          ${(this.archive ? ARCHIVED : LIVE).map(
            (each) => html`<option value=${each} .selected=${each === status}>${STATUS[each].word}</option>`,
          )}
        </select></span
      >
      <span class="sn-filter"
        ><label for="${this.#id}-type">Type</label>
        <select
          id="${this.#id}-type"
          class="sn-input"
          @change=${(event: Event) => this.#filter("artifact_type", (event.target as HTMLSelectElement).value)}
        >
          <option value="" .selected=${type === ""}>All types</option>
          ${[
            ...new Set([...(this.#proposals.value?.types ?? []), ...GOVERNANCE, ...(type ? [type] : [])]),
          ].map((each) => html`<option value=${each} .selected=${each === type}>${each}</option>`)}
        </select></span
      >
    </search>`;
  }

  #empty(filtered: boolean): TemplateResult {
    if (filtered) {
      return empty(
        "No proposal matches",
        "Try another status, type or word.",
        html`<button
          type="button"
          class="sn-button"
          @click=${() => {
            this.filters = {};
            this.dispatchEvent(new CustomEvent("filters-changed", { detail: {}, bubbles: true }));
          }}
        >
          Show all
        </button>`,
      );
    }
    return this.archive
      ? empty("The archive is empty", "Decided proposals stay here for good, with their reasons and dissent.")
      : empty(
          "Nothing is before the senate",
          "Choose a type in the registry and propose a change to it.",
          html`<a class="sn-button" href=${this.href("types")}>To the registry</a>`,
        );
  }

  async #loadMore(): Promise<void> {
    if (this.cursor === undefined) return;
    this.loadingMore = true;
    try {
      const page = await this.client.proposals({ ...this.#query(), cursor: this.cursor });
      this.more = [...this.more, ...page.proposals];
      this.cursor = page.next_cursor;
    } catch {
      announce("Older proposals could not be loaded.");
    } finally {
      this.loadingMore = false;
    }
  }
}

/** The archive on its own: what is in force, and what was rejected, expired, withdrawn or stale. */
export class SenateArchive extends SenateProposals {
  constructor() {
    super();
    this.archive = true;
  }
}

define("senate-proposals", SenateProposals);
define("senate-archive", SenateArchive);
