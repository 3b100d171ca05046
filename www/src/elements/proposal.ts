import type { Json, ProposalView, Tally, TypeView } from "schema-senate";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { asFailure, type Failure } from "../api/problem.js";
import { announce } from "../state/announce.js";
import { Resource } from "../state/resource.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import { CHANGE, isLive, needs, plural, STATUS } from "../words/status.js";
import { short } from "../words/time.js";
import "./ballot.js";
import { define, SenateElement, uniqueId } from "./base.js";
import "./compatibility.js";
import "./diff.js";
import "./json-view.js";
import "./migration.js";
import {
  ago,
  digest,
  moment,
  needsText,
  problemList,
  refusal,
  sentence,
  shown,
  statusBadge,
  ticks,
  trackBadge,
  type Part,
} from "./parts.js";
import "./roster.js";
import { stages } from "./stages.js";
import "./vote-meter.js";

/** The title of the screen became known. */
export class TitleKnown extends CustomEvent<{ title: string }> {
  constructor(title: string) {
    super("title-known", { detail: { title }, bubbles: true });
  }
}

const EVERY_MS = 3000;

const DECISIONS = [
  "schema_proposal_approved",
  "schema_proposal_rejected",
  "proposal_expired",
  "proposal_withdrawn",
  "proposal_stale",
];

/** One proposal: what it would change, whom that breaks, why, the vote, and what became of it. */
export class SenateProposal extends SenateElement {
  @property({ attribute: "proposal-id" }) accessor proposalId = "";
  @state() private accessor base: Json | undefined;
  @state() private accessor failure: Failure | undefined;
  @state() private accessor acting = false;
  @state() private accessor withdrawing = "";

  readonly #id = uniqueId("proposal");
  readonly #actor = new Watch(this, actor);
  readonly #proposal = new Resource<ProposalView>(this, {
    load: (signal) => this.client.proposal(this.proposalId, signal),
    every: EVERY_MS,
    changed: (now, before) => this.#changed(now, before),
  });

  protected override updated(changed: PropertyValues): void {
    if (changed.has("proposalId") && changed.get("proposalId")) {
      this.base = undefined;
      this.failure = undefined;
      void this.#proposal.restart();
    }
  }

  #changed(now: ProposalView, before: ProposalView | undefined): void {
    if (now.title !== before?.title) this.dispatchEvent(new TitleKnown(now.title));
    if (now.base?.version !== before?.base?.version || now.artifact_type !== before?.artifact_type)
      void this.#loadBase(now);
    if (!before) return;
    const told = new Set(before.history.map((entry) => entry.seq));
    const news = now.history
      .filter((entry) => !told.has(entry.seq))
      .map((entry) => entry.words.replaceAll("`", ""));
    const stands = now.vote && now.status === "voting" ? [now.vote.tally.words.replaceAll("`", "")] : [];
    if (now.status !== before.status) news.push(`Status: ${STATUS[now.status].word}.`);
    if (news.length > 0) announce([...news, ...stands].join(". ").replaceAll("..", "."));
  }

  async #loadBase(proposal: ProposalView): Promise<void> {
    if (!proposal.base) return;
    const { version } = proposal.base;
    try {
      const type: TypeView = await this.client.type(proposal.artifact_type);
      this.base = type.history.find((each) => each.version === version)?.schema;
    } catch {
      // The page then shows the next schema without its difference; the next poll tries again.
      this.base = undefined;
    }
  }

  async #act(action: () => Promise<unknown>): Promise<void> {
    if (this.acting) return;
    this.acting = true;
    this.failure = undefined;
    try {
      await action();
    } catch (error) {
      this.failure = asFailure(error);
    } finally {
      this.acting = false;
    }
    await this.#reload();
  }

  /** What was acted on may be gone from the page; whoever was there goes on at the vote. */
  async #reload(): Promise<void> {
    await this.#proposal.reload();
    await this.updateComplete;
    if (document.activeElement === document.body) await this.focusOn(`[id="${this.#id}-vote"]`);
  }

  protected override render(): unknown {
    return shown(this.#proposal, "proposal", (proposal) => this.#page(proposal));
  }

  #page(proposal: ProposalView): TemplateResult {
    const own = this.closest("senate-app") === null;
    const { tally } = proposal.vote ?? proposal;
    return html`
      ${own ? html`<h2 class="sn-title">${proposal.title}</h2>` : nothing} ${this.#header(proposal)}
      ${stages(proposal)} ${this.#outcome(proposal)}
      <div class="sn-columns">
        <div class="sn-column-main">
          ${this.#change(proposal)} ${this.#reasons(proposal)} ${this.#migration(proposal)}
        </div>
        <aside class="sn-column-side" aria-label="Vote">${this.#vote(proposal)}</aside>
      </div>
      ${this.#timeline(proposal)} ${proposal.status === "voting" && tally ? this.#bar(tally) : nothing}
    `;
  }

  /** On a narrow page the vote comes after the change; the bar keeps it in reach. */
  #bar(tally: Tally): TemplateResult {
    return html`<div class="sn-desk-bar">
      <span>${needs(tally)}</span> <span>${tally.yes} yes, ${tally.no} no</span>
      <button type="button" class="sn-link" @click=${() => void this.focusOn(`[id="${this.#id}-vote"]`)}>
        To the vote
      </button>
    </div>`;
  }

  // ------------------------------------------------------------ what it is

  #header(proposal: ProposalView): TemplateResult {
    const tally = proposal.vote?.tally ?? proposal.tally;
    return html`<header class="sn-proposal-head">
      <p class="sn-row">
        ${statusBadge(proposal.status)} ${trackBadge(proposal.track)} ${tally ? needsText(tally) : nothing}
      </p>
      <p class="sn-row sn-quiet">
        <span
          >${CHANGE[proposal.change_type].word}
          ${
            proposal.change_type === "add_type" && !proposal.base
              ? html`<strong class="sn-mono">${proposal.artifact_type}</strong>`
              : html`in
                  <a class="sn-mono" href=${this.href("types", proposal.artifact_type)}
                    >${proposal.artifact_type}</a
                  >`
          }</span
        >
        <span>by <strong>${proposal.proposer_id}</strong>, ${ago(proposal.created_ms)}</span>
        <span>v${proposal.base?.version ?? 0} → v${proposal.next.version}</span>
        <span>next schema ${digest(proposal.next.digest)}</span>
      </p>
      ${
        proposal.status === "voting" && proposal.vote
          ? html`<p class="sn-deadline"><span>Voting closes</span> ${moment(proposal.vote.closes_ms)}</p>`
          : nothing
      }
    </header>`;
  }

  /** What became of it, and why: never a result without its reason. */
  #outcome(proposal: ProposalView): Part {
    if (isLive(proposal.status)) return nothing;
    const status = STATUS[proposal.status];
    const dissent = proposal.vote?.ballots.filter((ballot) => ballot.choice === "no" && ballot.reason) ?? [];
    const fixable = proposal.status === "approved" || proposal.status === "migration_failed";
    const decided = proposal.history.find((entry) => DECISIONS.includes(entry.event));
    return html`<section class="sn-outcome" data-tone=${status.tone} aria-labelledby="${this.#id}-outcome">
      <h2 id="${this.#id}-outcome">${status.word}</h2>
      <p>${proposal.decision_reason ? sentence(proposal.decision_reason) : status.says}</p>
      ${decided ? html`<p class="sn-quiet">Decided ${moment(decided.at_ms)}</p>` : nothing}
      ${
        proposal.status === "activated"
          ? html`<p>
              Version ${proposal.next.version} of
              <a href=${this.href("types", proposal.artifact_type)}>${proposal.artifact_type}</a> came into
              force with it.
            </p>`
          : nothing
      }
      ${
        dissent.length > 0
          ? html`<h3>Dissent</h3>
              <ul class="sn-dissent">
                ${dissent.map((ballot) => html`<li><strong>${ballot.voter_id}</strong> <q>${ballot.reason}</q></li>`)}
              </ul>`
          : nothing
      }
      ${
        fixable
          ? html`<p>
              <button
                type="button"
                class="sn-button"
                ?disabled=${this.acting}
                @click=${() => void this.#act(() => this.client.migrate(proposal.id))}
              >
                ${proposal.status === "approved" ? "Apply the migration" : "Try the migration again"}
              </button>
            </p>`
          : nothing
      }
      ${refusal(this.failure)}
    </section>`;
  }

  #change(proposal: ProposalView): TemplateResult {
    const { compatibility } = proposal;
    const diffable = proposal.base === undefined || this.base !== undefined;
    return html`<section aria-labelledby="${this.#id}-change">
        <h2 id="${this.#id}-change">What changes</h2>
        ${proposal.base ? nothing : html`<p>A new type with its first schema.</p>`}
        ${
          diffable
            ? html`<senate-diff
                .previous=${this.base}
                .next=${proposal.next.schema}
                caption=${
                  proposal.base
                    ? `Schema, v${proposal.base.version} → v${proposal.next.version}`
                    : `Schema, v${proposal.next.version}`
                }
              ></senate-diff>`
            : nothing
        }
        <details class="sn-fold sn-fold-panel">
          <summary>The next schema, whole</summary>
          <senate-json-view .value=${proposal.next.schema} label="Next schema" depth="3"></senate-json-view>
        </details>
      </section>
      <section aria-labelledby="${this.#id}-breaks">
        <h2 id="${this.#id}-breaks">Whom it breaks</h2>
        <senate-compatibility
          proposal-id=${proposal.id}
          .report=${compatibility}
          .claim=${proposal.claim}
          .subject=${`${proposal.next.digest} ${proposal.status}`}
        ></senate-compatibility>
        ${problemList(proposal.problems)}
      </section>`;
  }

  #reasons(proposal: ProposalView): TemplateResult {
    const { rationale, use_cases: cases = [] } = proposal.metadata;
    return html`<section aria-labelledby="${this.#id}-why">
      <h2 id="${this.#id}-why">Why</h2>
      <p class="sn-prose">${rationale}</p>
      ${
        cases.length === 0
          ? nothing
          : html`<h3>Use cases</h3>
              <dl class="sn-use-cases">
                ${cases.map(
                  (use) =>
                    html`<div>
                      <dt>${use.who}</dt>
                      <dd>${use.need}</dd>
                    </div>`,
                )}
              </dl>`
      }
    </section>`;
  }

  #migration(proposal: ProposalView): Part {
    const { migration } = proposal;
    if (!migration) return nothing;
    return html`<section aria-labelledby="${this.#id}-migration">
      <h2 id="${this.#id}-migration">Migration</h2>
      <senate-migration
        .plan=${migration.plan}
        .digest=${migration.digest}
        .state=${migration.state}
        .reason=${migration.reason ?? ""}
        .failures=${migration.failures}
      ></senate-migration>
    </section>`;
  }

  // ------------------------------------------------------------ the vote

  #vote(proposal: ProposalView): TemplateResult {
    const { vote } = proposal;
    return html`<section class="sn-panel sn-vote" aria-labelledby="${this.#id}-vote">
      <h2 id="${this.#id}-vote" tabindex="-1">Vote</h2>
      ${
        vote
          ? html`<senate-vote-meter .tally=${vote.tally}></senate-vote-meter>
              <p class="sn-quiet">
                ${
                  vote.tally.decided
                    ? "No further ballot can change this."
                    : vote.policy.ballot_mode === "final"
                      ? "Ballots are final; the decision falls as soon as it cannot change."
                      : "Ballots can be replaced; the decision falls at the close."
                }
              </p>`
          : html`<p>${STATUS[proposal.status].says}</p>`
      }
      ${
        proposal.status === "voting"
          ? html`<senate-ballot
              .proposal=${proposal}
              @proposal-touched=${() => void this.#reload()}
            ></senate-ballot>`
          : nothing
      }
      ${isLive(proposal.status) ? this.#actions(proposal) : nothing}
      ${
        vote
          ? html`<h3>Roster</h3>
              <senate-roster .proposal=${proposal}></senate-roster>
              ${this.#frozen(vote)}`
          : nothing
      }
    </section>`;
  }

  #actions(proposal: ProposalView): TemplateResult {
    const me = this.#actor.value;
    const mine = me === proposal.proposer_id;
    return html`<div class="sn-actions">
        ${
          proposal.status === "proposed"
            ? html`${me === "" ? html`<senate-actor label="Act as"></senate-actor>` : nothing}
                <button
                  type="button"
                  class="sn-button sn-button-main"
                  ?disabled=${this.acting || me === ""}
                  @click=${() => void this.#act(() => this.client.openVote(proposal.id, me))}
                >
                  Open the vote
                </button>`
            : nothing
        }
        ${
          mine
            ? html`<button
                type="button"
                class="sn-button sn-button-plain"
                ?disabled=${this.acting}
                @click=${() => this.querySelector<HTMLDialogElement>(".sn-withdraw")?.showModal()}
              >
                Withdraw…
              </button>`
            : nothing
        }
        ${refusal(this.failure)}
      </div>
      ${mine ? this.#withdrawDialog(proposal) : nothing}`;
  }

  #withdrawDialog(proposal: ProposalView): TemplateResult {
    return html`<dialog
      class="sn-dialog sn-withdraw"
      aria-labelledby="${this.#id}-withdraw"
      @close=${(event: Event) => {
        if ((event.currentTarget as HTMLDialogElement).returnValue !== "withdraw") return;
        void this.#act(() => this.client.withdraw(proposal.id, actor.value, this.withdrawing.trim()));
      }}
    >
      <form method="dialog">
        <h2 id="${this.#id}-withdraw">Withdraw this proposal?</h2>
        <p>“${proposal.title}” stays in the archive. A withdrawn proposal cannot be opened again.</p>
        <div class="sn-field">
          <label for="${this.#id}-withdraw-reason">Reason <span class="sn-quiet">optional</span></label>
          <textarea
            id="${this.#id}-withdraw-reason"
            class="sn-input"
            rows="2"
            .value=${this.withdrawing}
            @input=${(event: Event) => (this.withdrawing = (event.target as HTMLTextAreaElement).value)}
          ></textarea>
        </div>
        <div class="sn-row">
          <button value="withdraw" class="sn-button sn-button-main">Withdraw</button>
          <button value="back" class="sn-button">Go back</button>
        </div>
      </form>
    </dialog>`;
  }

  #frozen(vote: NonNullable<ProposalView["vote"]>): TemplateResult {
    const text = (value: Json) => (typeof value === "string" ? value : JSON.stringify(value));
    return html`<details class="sn-fold">
      <summary>Frozen when the vote opened</summary>
      <p class="sn-quiet">
        Every ballot names the digest of these, ${digest(vote.subject)}. What is applied must hash to what was
        approved.
      </p>
      <dl class="sn-facts">
        ${Object.entries(vote.frozen).map(
          ([name, value]) =>
            html`<dt>${name.replaceAll("_", " ")}</dt>
              <dd>
                ${
                  typeof value === "string" && value.startsWith("sha256:")
                    ? digest(value)
                    : html`<code>${text(value)}</code>`
                }
              </dd>`,
        )}
      </dl>
    </details>`;
  }

  #timeline(proposal: ProposalView): TemplateResult {
    return html`<section aria-labelledby="${this.#id}-timeline">
      <h2 id="${this.#id}-timeline">Timeline</h2>
      <ol class="sn-timeline">
        ${proposal.history.map(
          (entry) =>
            html`<li>
              <span class="sn-timeline-at">${ago(entry.at_ms)}</span>
              <span>${ticks(entry.words)}</span>
              <span class="sn-quiet">#${entry.seq}</span>
            </li>`,
        )}
      </ol>
      <p class="sn-quiet">
        ${plural(proposal.history.length, "event")} of the log. Proposal ${short(proposal.id)}.
      </p>
    </section>`;
  }
}

define("senate-proposal", SenateProposal);
