import type { Anchor, Comment, Concern, ProposalView } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { property, state } from "lit/decorators.js";
import { comment, overrideConcern, raiseConcern, resolveConcern, type Place } from "../api/acts.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import { isLive, plural, type Tone } from "../words/status.js";
import "./act-form.js";
import "./actor.js";
import { define, SenateElement } from "./base.js";
import { ago, badge, type Part } from "./parts.js";

const CONCERN: Record<Concern["status"], { word: string; tone: Tone }> = {
  open: { word: "Open", tone: "warn" },
  resolved: { word: "Resolved", tone: "good" },
  overridden: { word: "Overridden", tone: "quiet" },
};

type Writing = "comment" | "concern";

/** What is said about a proposal: named concerns, which hold it up, and threads; each may be about a place in the schema. */
export class SenateDebate extends SenateElement {
  @property({ attribute: false }) accessor proposal: ProposalView | undefined;
  /** The line that is written about, as it was chosen in the difference. */
  @state() private accessor place: (Place & { quote: string }) | undefined;
  @state() private accessor writing: Writing | undefined;
  /** The comment or concern that an open form belongs to, and what the form does. */
  @state() private accessor open: { id: string; doing: "reply" | "resolve" | "override" } | undefined;

  readonly #actor = new Watch(this, actor);

  /** Begins to write about a line. */
  async writeAbout(place: Place & { quote: string }): Promise<void> {
    this.place = place;
    this.writing ??= "comment";
    await this.updateComplete;
    const form = this.querySelector<SenateElement>(".sn-composer senate-act-form");
    await form?.updateComplete;
    form?.querySelector<HTMLElement>("input, textarea")?.focus();
    form?.scrollIntoView({ block: "center" });
  }

  protected override render(): unknown {
    const { proposal } = this;
    if (!proposal) return nothing;
    const { concerns, comments } = proposal;
    const ids = new Set([
      ...concerns.map((each) => each.concern_id),
      ...comments.map((each) => each.comment_id),
    ]);
    const threads = comments.filter((each) => each.reply_to === undefined || !ids.has(each.reply_to));
    return html`
      ${
        concerns.length === 0
          ? nothing
          : html`<h3>Concerns</h3>
              <ul class="sn-concerns">
                ${repeat(
                  concerns,
                  (each) => each.concern_id,
                  (each) => this.#concern(proposal, each),
                )}
              </ul>`
      }
      ${
        threads.length === 0
          ? nothing
          : html`<h3>Comments</h3>
              <ul class="sn-threads">
                ${repeat(
                  threads,
                  (each) => each.comment_id,
                  (each) => this.#comment(proposal, each),
                )}
              </ul>`
      }
      ${
        concerns.length + threads.length === 0
          ? html`<p class="sn-quiet">
              ${isLive(proposal.status) ? "Nobody has said anything yet." : "Nobody said anything."}
            </p>`
          : nothing
      }
      ${isLive(proposal.status) ? this.#composer(proposal) : nothing}
    `;
  }

  // ------------------------------------------------------------ what was said

  #concern(proposal: ProposalView, concern: Concern): TemplateResult {
    const { word, tone } = CONCERN[concern.status];
    const me = this.#actor.value;
    const { concern_id: id } = concern;
    const signed = concern.overrides ?? [];
    const inElectorate = proposal.vote?.electorate.some((member) => member.id === me) ?? false;
    const open = concern.status === "open" && isLive(proposal.status) && me !== "";
    const mayResolve = open && concern.by === me;
    const mayOverride =
      open && proposal.status === "voting" && inElectorate && !signed.some((one) => one.by === me);
    return html`<li class="sn-said sn-concern" data-status=${concern.status} data-tone=${tone} id=${id}>
      <div class="sn-row">
        <h4>${concern.name}</h4>
        ${badge(tone, word)}
      </div>
      ${this.#byline(concern)} ${this.#about(concern)}
      <p class="sn-prose">${concern.text}</p>
      ${
        concern.resolution
          ? html`<p class="sn-settled"><strong>Resolved:</strong> ${concern.resolution.text}</p>`
          : nothing
      }
      ${
        signed.length === 0
          ? nothing
          : html`<p class="sn-settled">
                <strong
                  >${signed.length}${concern.overrides_needed === undefined ? "" : ` of ${concern.overrides_needed}`}
                  ${signed.length === 1 && concern.overrides_needed === undefined ? "signature" : "signatures"}
                  to override</strong
                >
              </p>
              <ul class="sn-dissent">
                ${signed.map((one) => html`<li><strong>${one.by}</strong> <q>${one.reason}</q></li>`)}
              </ul>`
      }
      ${this.#replies(proposal, id)}
      <div class="sn-row">
        ${isLive(proposal.status) && me !== "" ? this.#opener(id, "reply", "Reply") : nothing}
        ${mayResolve ? this.#opener(id, "resolve", "Resolve…") : nothing}
        ${mayOverride ? this.#opener(id, "override", "Sign to override…") : nothing}
      </div>
      ${this.#form(proposal, id)}
    </li>`;
  }

  #comment(proposal: ProposalView, said: Comment): TemplateResult {
    const { comment_id: id } = said;
    return html`<li class="sn-said" id=${id}>
      ${this.#byline(said)} ${this.#about(said)}
      <p class="sn-prose">${said.text}</p>
      ${this.#replies(proposal, id)}
      ${
        isLive(proposal.status) && this.#actor.value !== ""
          ? html`<div class="sn-row">${this.#opener(id, "reply", "Reply")}</div>`
          : nothing
      }
      ${this.#form(proposal, id)}
    </li>`;
  }

  #replies(proposal: ProposalView, id: string): Part {
    // A thread is shown flat, however deep it goes: the byline says what is answered.
    const replies = repliesTo(proposal.comments, id);
    if (replies.length === 0) return nothing;
    return html`<ul class="sn-replies">
      ${replies.map(
        (reply) =>
          html`<li>
            ${this.#byline(reply)}
            <p class="sn-prose">${reply.text}</p>
          </li>`,
      )}
    </ul>`;
  }

  #byline(said: { by: string; at_ms: number; seq: number }): TemplateResult {
    return html`<p class="sn-byline">
      <strong>${said.by}</strong> <span class="sn-quiet">${ago(said.at_ms)}, #${said.seq}</span>
    </p>`;
  }

  /** The place that something is about, with its line as it was when it was said. */
  #about({ anchor, quote }: { anchor?: Anchor; quote?: string }): Part {
    if (!anchor) return nothing;
    return html`<figure class="sn-quote">
      <figcaption class="sn-place">
        ${anchor.document === "current" ? "current " : ""}${anchor.pointer || "/"}
      </figcaption>
      ${quote === undefined ? nothing : html`<blockquote><code>${quote}</code></blockquote>`}
    </figure>`;
  }

  // ------------------------------------------------------------ saying something

  #opener(id: string, doing: "reply" | "resolve" | "override", word: string): TemplateResult {
    const open = this.open?.id === id && this.open.doing === doing;
    return html`<button
      type="button"
      class="sn-link"
      aria-expanded=${open}
      @click=${() => (this.open = open ? undefined : { id, doing })}
    >
      ${word}
    </button>`;
  }

  #form(proposal: ProposalView, id: string): Part {
    const { open } = this;
    const me = this.#actor.value;
    if (open?.id !== id) return nothing;
    const close = () => (this.open = undefined);
    switch (open.doing) {
      case "reply":
        return html`<senate-act-form
          label="Reply"
          button="Send the reply"
          done="The reply is in the log."
          cancellable
          .act=${(text: string) => comment(proposal.id, me, text, { reply_to: id })}
          @act-done=${close}
          @act-cancelled=${close}
        ></senate-act-form>`;
      case "resolve":
        return html`<senate-act-form
          label="How it was dealt with"
          button="Resolve the concern"
          done="The concern is resolved."
          cancellable
          .act=${(text: string) => resolveConcern(proposal.id, me, id, text)}
          @act-done=${close}
          @act-cancelled=${close}
        ></senate-act-form>`;
      case "override":
        return html`<senate-act-form
          label="Why it shall not hold the proposal up"
          button="Sign to override"
          hint="Your signature counts towards the override, and stays in the log with its reason."
          done="The signature is in the log."
          cancellable
          .act=${(text: string) => overrideConcern(proposal.id, me, id, text)}
          @act-done=${close}
          @act-cancelled=${close}
        ></senate-act-form>`;
    }
  }

  #composer(proposal: ProposalView): TemplateResult {
    const me = this.#actor.value;
    if (me === "") {
      return html`<div class="sn-composer">
        <p>Choose a member to join the debate.</p>
        <senate-actor label="Debate as"></senate-actor>
      </div>`;
    }
    const { writing } = this;
    const toggle = (kind: Writing, word: string) =>
      html`<button
        type="button"
        aria-pressed=${writing === kind}
        @click=${() => (this.writing = writing === kind ? undefined : kind)}
      >
        ${word}
      </button>`;
    return html`<div class="sn-composer">
      <div class="sn-toggle" role="group" aria-label="Say something">
        ${toggle("comment", "Comment")} ${toggle("concern", "Raise a concern")}
      </div>
      ${writing ? this.#writing(proposal, writing, me) : nothing}
    </div>`;
  }

  #writing(proposal: ProposalView, writing: Writing, me: string): TemplateResult {
    const { place } = this;
    const anchor: Place | undefined = place && { pointer: place.pointer, document: place.document ?? "next" };
    const done = () => {
      this.place = undefined;
      this.writing = undefined;
    };
    return html`
      ${
        place
          ? html`<div class="sn-chosen-place">
              ${this.#about({ anchor: { pointer: place.pointer, document: place.document ?? "next" }, quote: place.quote })}
              <button type="button" class="sn-link" @click=${() => (this.place = undefined)}>
                Not about this line
              </button>
            </div>`
          : html`<p class="sn-hint">
              About the whole proposal. To write about one line, choose it in the difference above.
            </p>`
      }
      ${
        writing === "comment"
          ? html`<senate-act-form
              label="Comment"
              button="Send the comment"
              done="The comment is in the log."
              rows="3"
              .act=${(text: string) => comment(proposal.id, me, text, { anchor })}
              @act-done=${done}
            ></senate-act-form>`
          : html`<senate-act-form
              headline="Name of the concern"
              label="What the concern is"
              hint="While it is open the proposal is not approved. You can resolve it; the others can override it."
              button="Raise the concern"
              done="The concern is raised."
              rows="3"
              .act=${(text: string, name: string) => raiseConcern(proposal.id, me, name, text, anchor)}
              @act-done=${done}
            ></senate-act-form>`
      }
    `;
  }
}

/** Everything that answers it, and what answers that, in the order of the log. */
function repliesTo(comments: Comment[], id: string): Comment[] {
  const within = new Set([id]);
  return comments.filter((each) => {
    if (each.reply_to === undefined || !within.has(each.reply_to)) return false;
    within.add(each.comment_id);
    return true;
  });
}

/** `2 open concerns`, or nothing. */
export function openConcerns(proposal: ProposalView): string | undefined {
  const open = proposal.concerns.filter((concern) => concern.status === "open").length;
  return open === 0 ? undefined : plural(open, "open concern");
}

define("senate-debate", SenateDebate);
