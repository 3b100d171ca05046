import type { Anchor, Concern, Post, ProposalView } from "schema-senate";
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

const CONCERN: Record<Concern["state"], { word: string; tone: Tone }> = {
  open: { word: "Open", tone: "warn" },
  resolved: { word: "Resolved", tone: "good" },
  overridden: { word: "Overridden", tone: "quiet" },
};

type Thread = ProposalView["threads"][number];

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
    const { concerns } = proposal;
    const threads = proposal.threads.filter((thread) => !thread.is_concern);
    return html`
      ${
        concerns.length === 0
          ? nothing
          : html`<h3>Concerns</h3>
              <ul class="sn-concerns">
                ${repeat(
                  concerns,
                  (each) => each.id,
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
                  (each) => each.id,
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
    const { word, tone } = CONCERN[concern.state];
    const me = this.#actor.value;
    const { id, post, overrides, overrides_needed: needed } = concern;
    const inElectorate = proposal.vote?.electorate.some((member) => member.id === me) ?? false;
    const open = concern.state === "open" && isLive(proposal.status) && me !== "";
    const mayResolve = open && concern.by === me;
    const mayOverride =
      open &&
      proposal.status === "voting" &&
      inElectorate &&
      !overrides.some((signed) => signed.member_id === me);
    const thread = proposal.threads.find((each) => each.id === id);
    return html`<li class="sn-said sn-concern" data-state=${concern.state} data-tone=${tone} id=${id}>
      <div class="sn-row">
        <h4>${concern.name}</h4>
        ${badge(tone, word)}
      </div>
      ${
        post
          ? html`${byline(post)} ${about(post)}
              <p class="sn-prose">${post.text}</p>`
          : nothing
      }
      ${
        concern.resolution === undefined
          ? nothing
          : html`<p class="sn-settled"><strong>Resolved:</strong> ${concern.resolution}</p>`
      }
      ${
        overrides.length === 0
          ? nothing
          : html`<p class="sn-settled">
                <strong
                  >${
                    needed === undefined || needed === null
                      ? plural(overrides.length, "signature")
                      : `${overrides.length} of ${needed} signatures`
                  }
                  to override</strong
                >
              </p>
              <ul class="sn-dissent">
                ${overrides.map((one) => html`<li><strong>${one.member_id}</strong> <q>${one.reason}</q></li>`)}
              </ul>`
      }
      ${replies(thread)}
      <div class="sn-row">
        ${isLive(proposal.status) && me !== "" ? this.#opener(id, "reply", "Reply") : nothing}
        ${mayResolve ? this.#opener(id, "resolve", "Resolve…") : nothing}
        ${mayOverride ? this.#opener(id, "override", "Sign to override…") : nothing}
      </div>
      ${this.#form(proposal, id)}
    </li>`;
  }

  #comment(proposal: ProposalView, thread: Thread): TemplateResult {
    const { id } = thread;
    return html`<li class="sn-said" id=${id}>
      ${byline(thread)} ${about(thread)}
      <p class="sn-prose">${thread.text}</p>
      ${replies(thread)}
      ${
        isLive(proposal.status) && this.#actor.value !== ""
          ? html`<div class="sn-row">${this.#opener(id, "reply", "Reply")}</div>`
          : nothing
      }
      ${this.#form(proposal, id)}
    </li>`;
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
        class="sn-button"
        aria-pressed=${writing === kind}
        @click=${() => (this.writing = writing === kind ? undefined : kind)}
      >
        ${word}
      </button>`;
    return html`<div class="sn-composer">
      <div class="sn-row" role="group" aria-label="Say something">
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
              ${about({ anchor: { pointer: place.pointer, document: place.document ?? "next" }, quote: place.quote })}
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

/** What answers it, flat, however deep it goes. */
function replies(thread: Thread | undefined): Part {
  if (!thread || thread.replies.length === 0) return nothing;
  return html`<ul class="sn-replies">
    ${thread.replies.map(
      (reply) =>
        html`<li>
          ${byline(reply)}
          <p class="sn-prose">${reply.text}</p>
        </li>`,
    )}
  </ul>`;
}

function byline(post: Post): TemplateResult {
  return html`<p class="sn-byline">
    <strong>${post.by}</strong>
    <span class="sn-quiet"
      >${ago(post.at_ms)},
      #${post.id.slice(1)}${post.revision > 1 ? `, on revision ${post.revision}` : ""}</span
    >
  </p>`;
}

/** The place that something is about, with its line as it was when it was said. */
function about({ anchor, quote }: { anchor?: Anchor; quote?: string }): Part {
  if (!anchor) return nothing;
  return html`<figure class="sn-quote">
    <figcaption class="sn-place">
      ${anchor.document === "current" ? "as it is, " : ""}${anchor.pointer || "/"}
    </figcaption>
    ${quote === undefined ? nothing : html`<blockquote><code>${quote}</code></blockquote>`}
  </figure>`;
}

/** `2 open concerns`, or nothing. */
export function openConcerns(proposal: ProposalView): string | undefined {
  const open = proposal.open_concerns;
  return open === 0 ? undefined : plural(open, "open concern");
}

define("senate-debate", SenateDebate);
