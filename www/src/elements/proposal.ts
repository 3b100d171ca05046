import type { Json, ProposalMetadata, ProposalView, SchemaVersion, Tally, TypeView } from "schema-senate";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { abandonMigration, openVote, recuse, retryMigration, withdraw, type Act } from "../api/acts.js";
import { asFailure, type Failure } from "../api/problem.js";
import { perform } from "../keys/sign.js";
import { announce } from "../state/announce.js";
import { Resource } from "../state/resource.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import { doing, isLive, needs, STATUS } from "../words/status.js";
import { short } from "../words/time.js";
import "./act-form.js";
import "./ballot.js";
import { define, SenateElement, uniqueId } from "./base.js";
import "./compatibility.js";
import { openConcerns, type SenateDebate } from "./debate.js";
import "./debate.js";
import type { PlaceChosen } from "./diff.js";
import "./diff.js";
import "./governance-change.js";
import "./json-view.js";
import "./migration.js";
import "./migration-progress.js";
import "./notices.js";
import {
  ago,
  badge,
  digest,
  moment,
  needsText,
  notice,
  problemList,
  refusal,
  sentence,
  shown,
  statusBadge,
  trackBadge,
  type Part,
} from "./parts.js";
import "./precedents.js";
import "./rehearsal.js";
import "./roster.js";
import "./scope-verdict.js";
import "./solution.js";
import { DECISIONS, stages } from "./stages.js";
import "./timeline.js";
import "./try-migration.js";
import "./vote-meter.js";

/** The title of the screen became known. */
export class TitleKnown extends CustomEvent<{ title: string }> {
  constructor(title: string) {
    super("title-known", { detail: { title }, bubbles: true });
  }
}

const EVERY_MS = 3000;

/** One proposal: what it would change, whom that breaks, why, the vote, and what became of it. */
export class SenateProposal extends SenateElement {
  @property({ attribute: "proposal-id" }) accessor proposalId = "";
  @state() private accessor base: SchemaVersion | undefined;
  @state() private accessor failure: Failure | undefined;
  @state() private accessor acting = false;
  @state() private accessor withdrawing = "";
  @state() private accessor recusing = false;

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
    if (!proposal.base || proposal.artifact_type === undefined) return;
    const { version } = proposal.base;
    try {
      const type: TypeView = await this.client.type(proposal.artifact_type);
      this.base = type.history.find((each) => each.version === version);
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

  #perform(act: Act): Promise<void> {
    return this.#act(() => perform(this.client, act));
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
      ${own ? html`<senate-notices></senate-notices>` : nothing}
      ${own ? html`<h2 class="sn-title">${proposal.title}</h2>` : nothing} ${this.#header(proposal)}
      ${stages(proposal)} ${this.#outcome(proposal)}
      <div class="sn-columns" @proposal-touched=${() => void this.#reload()}>
        <div
          class="sn-column-main"
          @place-chosen=${(event: PlaceChosen) => void this.querySelector<SenateDebate>("senate-debate")?.writeAbout(event.detail)}
        >
          ${this.#conflicts(proposal)} ${this.#scope(proposal)}
          ${proposal.next.schema === undefined ? this.#governance(proposal) : this.#change(proposal, proposal.next.schema)}
          ${this.#reasons(proposal)} ${this.#migration(proposal)} ${this.#debate(proposal)}
          ${this.#precedents(proposal)}
        </div>
        <aside class="sn-column-side" aria-label="Vote">${this.#vote(proposal)}</aside>
      </div>
      <section aria-labelledby="${this.#id}-timeline">
        <h2 id="${this.#id}-timeline">Timeline</h2>
        <senate-timeline .proposal=${proposal}></senate-timeline>
      </section>
      ${proposal.status === "voting" && tally ? this.#bar(tally) : nothing}
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
    const held = openConcerns(proposal);
    const type = proposal.artifact_type;
    return html`<header class="sn-proposal-head">
      <p class="sn-row">
        ${statusBadge(proposal.status)} ${trackBadge(proposal.track)}
        ${proposal.metadata["emergency"] === true && proposal.track !== "emergency" ? trackBadge("emergency") : nothing}
        ${tally ? needsText(tally) : nothing} ${held ? badge("warn", held) : nothing}
      </p>
      <p class="sn-row sn-quiet">
        <span
          >${doing(proposal)}
          ${
            type === undefined || (proposal.change_type === "add_type" && !proposal.base)
              ? html`<strong class="sn-mono">${proposal.target}</strong>`
              : html`in <a class="sn-mono" href=${this.href("types", type)}>${type}</a>`
          }</span
        >
        <span>by <strong>${proposal.proposer_id}</strong>, ${ago(proposal.created_ms)}</span>
        ${proposal.revision > 1 ? html`<span>revision ${proposal.revision}</span>` : nothing}
        ${
          proposal.next.schema === undefined
            ? nothing
            : html`<span>v${proposal.base?.version ?? 0} → v${proposal.next.version}</span>`
        }
        ${
          proposal.next.digest === undefined
            ? nothing
            : html`<span
                >next ${proposal.next.schema === undefined ? "document" : "schema"}
                ${digest(proposal.next.digest)}</span
              >`
        }
      </p>
      ${this.#times(proposal)}
    </header>`;
  }

  /** The times that matter now. */
  #times(proposal: ProposalView): Part {
    const line = (what: string, ms: number) =>
      html`<p class="sn-deadline"><span>${what}</span> ${moment(ms)}</p>`;
    switch (proposal.status) {
      case "review":
        return proposal.opens_from_ms === undefined || proposal.opens_from_ms <= Date.now()
          ? nothing
          : line("The vote may open", proposal.opens_from_ms);
      case "voting":
        return html`${proposal.vote ? line("Voting closes", proposal.vote.closes_ms) : nothing}${
          proposal.vote && proposal.vote.closes_ms > proposal.vote.scheduled_ms
            ? notice(
                "warn",
                "The vote was extended",
                proposal.vote.extended_because === "concern"
                  ? "A concern was raised near the close."
                  : "The outcome turned near the close. It is extended once.",
              )
            : nothing
        }`;
      case "cooling":
        return proposal.effective_ms === undefined ? nothing : line("Cooling ends", proposal.effective_ms);
      default:
        return nothing;
    }
  }

  /** What became of it, and why: never a result without its reason. */
  #outcome(proposal: ProposalView): Part {
    if (isLive(proposal.status)) return nothing;
    const status = STATUS[proposal.status];
    const dissent = proposal.vote?.ballots.filter((ballot) => ballot.choice === "no" && ballot.reason) ?? [];
    const decided = proposal.history.findLast((entry) => DECISIONS.includes(entry.event));
    return html`<section class="sn-outcome" data-tone=${status.tone} aria-labelledby="${this.#id}-outcome">
      <h2 id="${this.#id}-outcome">${status.word}</h2>
      <p>${proposal.decision_reason ? sentence(proposal.decision_reason) : status.says}</p>
      ${decided ? html`<p class="sn-quiet">Decided ${moment(decided.at_ms)}</p>` : nothing}
      ${
        proposal.status === "active" && proposal.artifact_type !== undefined
          ? html`<p>
              Version ${proposal.next.version} of
              <a href=${this.href("types", proposal.artifact_type)}>${proposal.artifact_type}</a> came into
              force with it.
            </p>`
          : nothing
      }
      ${
        proposal.superseded_by === undefined
          ? nothing
          : html`<p><a href=${this.href("proposals", proposal.superseded_by)}>What took its place</a></p>`
      }
      ${
        dissent.length > 0
          ? html`<h3>Dissent</h3>
              <ul class="sn-dissent">
                ${dissent.map((ballot) => html`<li><strong>${ballot.voter_id}</strong> <q>${ballot.reason}</q></li>`)}
              </ul>`
          : nothing
      }
      ${this.#afterwards(proposal)} ${refusal(this.failure)}
    </section>`;
  }

  /** What can be done about a migration that has not come to its end. */
  #afterwards(proposal: ProposalView): Part {
    const { id, status } = proposal;
    const me = this.#actor.value;
    if (status === "approved" || status === "migrating") {
      return html`<button
        type="button"
        class="sn-button"
        ?disabled=${this.acting}
        @click=${() => void this.#act(() => this.client.migrate(id))}
      >
        ${status === "approved" ? "Apply the migration" : "Go on with the migration"}
      </button>`;
    }
    if (status !== "migration_failed") return nothing;
    return html`<div class="sn-actions">
        ${me === "" ? html`<senate-actor label="Act as"></senate-actor>` : nothing}
        <button
          type="button"
          class="sn-button"
          ?disabled=${this.acting || me === ""}
          @click=${() => void this.#perform(retryMigration(id, me))}
        >
          Try the migration again
        </button>
      </div>
      ${
        me === proposal.proposer_id
          ? html`<senate-act-form
              label="Why it is given up"
              hint="The old version stays current; the proposal stays in the archive."
              button="Give the migration up"
              done="The migration is given up."
              .act=${(text: string) => abandonMigration(id, me, text)}
            ></senate-act-form>`
          : nothing
      }`;
  }

  #conflicts(proposal: ProposalView): Part {
    if (proposal.conflicts.length === 0) return nothing;
    return html`<div class="sn-notice" data-tone="warn">
      <p class="sn-notice-title">In conflict with other open proposals</p>
      <p>They change the same. When one of them takes effect, the others are stale.</p>
      <ul class="sn-conflicts">
        ${proposal.conflicts.map(
          (other) =>
            html`<li>
              <a href=${this.href("proposals", other.proposal_id)}>${other.title}</a>
              ${statusBadge(other.status)}
            </li>`,
        )}
      </ul>
    </div>`;
  }

  #scope(proposal: ProposalView): Part {
    if (proposal.scope.length === 0) return nothing;
    return html`<section aria-labelledby="${this.#id}-scope">
      <h2 id="${this.#id}-scope">Scope</h2>
      <senate-scope-verdict .proposal=${proposal}></senate-scope-verdict>
    </section>`;
  }

  #governance(proposal: ProposalView): TemplateResult {
    return html`<section aria-labelledby="${this.#id}-change">
      <h2 id="${this.#id}-change">What changes</h2>
      <senate-governance-change
        .proposal=${proposal}
        ?choosable=${isLive(proposal.status)}
      ></senate-governance-change>
      ${problemList(proposal.problems)}
    </section>`;
  }

  #debate(proposal: ProposalView): TemplateResult {
    return html`<section aria-labelledby="${this.#id}-debate">
      <h2 id="${this.#id}-debate">Debate</h2>
      <senate-debate .proposal=${proposal}></senate-debate>
    </section>`;
  }

  #precedents(proposal: ProposalView): Part {
    if (proposal.precedents.length === 0) return nothing;
    return html`<section aria-labelledby="${this.#id}-precedents">
      <h2 id="${this.#id}-precedents">Similar earlier proposals</h2>
      <senate-precedents .precedents=${proposal.precedents}></senate-precedents>
    </section>`;
  }

  #change(proposal: ProposalView, schema: Json): TemplateResult {
    const { compatibility } = proposal;
    const diffable = proposal.base === undefined || this.base !== undefined;
    return html`<section aria-labelledby="${this.#id}-change">
        <h2 id="${this.#id}-change">What changes</h2>
        ${proposal.base ? nothing : html`<p>A new type with its first schema.</p>`}
        ${
          diffable
            ? html`<senate-diff
                .previous=${this.base?.schema}
                .next=${schema}
                ?choosable=${isLive(proposal.status)}
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
          <senate-json-view .value=${schema} label="Next schema" depth="3"></senate-json-view>
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
    const { rationale, use_cases: cases = [] } = proposal.metadata as unknown as ProposalMetadata;
    return html`<section aria-labelledby="${this.#id}-why">
      <h2 id="${this.#id}-why">Why</h2>
      <p class="sn-prose">${rationale}</p>
      ${
        (proposal.addresses ?? []).length === 0
          ? nothing
          : html`<h3>What changed since earlier proposals</h3>
              <ul class="sn-dissent">
                ${proposal.addresses?.map(
                  (each) =>
                    html`<li>
                      <a class="sn-mono" href=${this.href("proposals", each.proposal_id)}
                        >${short(each.proposal_id)}</a
                      >: ${each.what_changed}
                    </li>`,
                )}
              </ul>`
      }
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
      ${
        proposal.status === "migrating"
          ? html`<senate-migration-progress proposal-id=${proposal.id}></senate-migration-progress>`
          : nothing
      }
      <h3>Rehearsal</h3>
      <senate-rehearsal
        proposal-id=${proposal.id}
        .rehearsal=${migration.rehearsal}
        ?open=${proposal.status === "review"}
      ></senate-rehearsal>
      <details class="sn-fold">
        <summary>Rehearse it on your own files</summary>
        <senate-try-migration
          .plan=${migration.plan}
          .next=${proposal.next.schema}
          .base=${this.base}
        ></senate-try-migration>
      </details>
    </section>`;
  }

  // ------------------------------------------------------------ the vote

  #vote(proposal: ProposalView): TemplateResult {
    const { vote } = proposal;
    return html`<section class="sn-panel sn-vote" aria-labelledby="${this.#id}-vote">
      <h2 id="${this.#id}-vote" tabindex="-1">Vote</h2>
      ${
        vote
          ? html`<senate-vote-meter .tally=${vote.tally}></senate-vote-meter> ${this.#rule(proposal)}
              <senate-solution .proposal=${proposal}></senate-solution>
              <p class="sn-quiet">
                ${
                  vote.policy.ballot_mode === "final"
                    ? "Ballots are final; the decision falls as soon as it cannot change."
                    : "Ballots can be replaced; the decision falls at the close."
                }
              </p>`
          : isLive(proposal.status)
            ? html`<p>${STATUS[proposal.status].says}</p>
                ${proposal.needed ? html`<p class="sn-meter-words">${sentence(proposal.needed.words)}</p>` : nothing}
                ${this.#rule(proposal)}`
            : html`<p>There was no vote.</p>`
      }
      ${proposal.status === "voting" ? html`<senate-ballot .proposal=${proposal}></senate-ballot>` : nothing}
      ${isLive(proposal.status) ? this.#actions(proposal) : nothing} ${this.#recused(proposal)}
      ${
        vote
          ? html`<h3>Roster</h3>
              <senate-roster .proposal=${proposal}></senate-roster>
              ${this.#frozen(vote)}`
          : nothing
      }
    </section>`;
  }

  /** The rule in the core's words. */
  #rule(proposal: ProposalView): Part {
    const words = proposal.rule?.words;
    return words === undefined ? nothing : html`<p class="sn-quiet">${sentence(words)}</p>`;
  }

  #recused(proposal: ProposalView): Part {
    if (proposal.recused.length === 0) return nothing;
    return html`<h3>Recused</h3>
      <ul class="sn-dissent">
        ${proposal.recused.map((one) => html`<li><strong>${one.member_id}</strong> <q>${one.reason}</q></li>`)}
      </ul>`;
  }

  #actions(proposal: ProposalView): TemplateResult {
    const me = this.#actor.value;
    const mine = me === proposal.proposer_id;
    const review = proposal.status === "review";
    const recused = proposal.recused.some((one) => one.member_id === me);
    const close = () => (this.recusing = false);
    return html`<div class="sn-actions">
        ${
          review
            ? html`${me === "" ? html`<senate-actor label="Act as"></senate-actor>` : nothing}
                <button
                  type="button"
                  class="sn-button sn-button-main"
                  ?disabled=${this.acting || me === ""}
                  @click=${() => void this.#perform(openVote(proposal.id, me))}
                >
                  Open the vote
                </button>`
            : nothing
        }
        ${
          review && mine
            ? html`<a class="sn-button" href=${this.href("proposals", proposal.id, "revise")}>Revise…</a>`
            : nothing
        }
        ${
          review && me !== "" && !recused
            ? html`<button
                type="button"
                class="sn-button sn-button-plain"
                aria-expanded=${this.recusing}
                @click=${() => (this.recusing = !this.recusing)}
              >
                Recuse yourself…
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
      ${
        review && this.recusing && me !== "" && !recused
          ? html`<senate-act-form
              label="Why you stay out of this vote"
              hint="You will not be in its electorate. This cannot be taken back."
              button="Recuse yourself"
              done="You are out of this vote."
              cancellable
              .act=${(text: string) => recuse(proposal.id, me, text)}
              @act-done=${close}
              @act-cancelled=${close}
            ></senate-act-form>`
          : nothing
      }
      ${mine ? this.#withdrawDialog(proposal) : nothing}`;
  }

  #withdrawDialog(proposal: ProposalView): TemplateResult {
    return html`<dialog
      class="sn-dialog sn-withdraw"
      aria-labelledby="${this.#id}-withdraw"
      @close=${(event: Event) => {
        if ((event.currentTarget as HTMLDialogElement).returnValue !== "withdraw") return;
        void this.#perform(withdraw(proposal.id, actor.value, this.withdrawing.trim()));
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
}

define("senate-proposal", SenateProposal);
