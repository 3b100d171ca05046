import type { DraftCheck, DraftContext, Precedent, Problem, ProposalView, ViewMap } from "schema-senate";
import { html, nothing, type PropertyValues } from "lit";
import { property, state } from "lit/decorators.js";
import { openVote, propose, revise } from "../api/acts.js";
import { identifierIn, type Senate } from "../api/client.js";
import { asFailure, type Failure } from "../api/problem.js";
import { core } from "../core.js";
import { blankDraft, isGovernance, NEW_TYPE } from "../draft/changes.js";
import { checkGovernance, type GovernanceCheck } from "../draft/check-governance.js";
import type { Against, Judged } from "../draft/check-protocol.js";
import { DraftChecker } from "../draft/checker.js";
import { PLACE } from "../draft/places.js";
import { dropDraft, keepDraft, keptDraft, REVISION } from "../draft/store.js";
import { DraftText } from "../draft/text.js";
import { fieldsOf, type Field } from "../json/fields.js";
import { write } from "../json/spans.js";
import { perform } from "../keys/sign.js";
import { announce } from "../state/announce.js";
import { Resource } from "../state/resource.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import { plural, TRACK } from "../words/status.js";
import { span } from "../words/time.js";
import { define, SenateElement } from "./base.js";
import { DocumentForm, type DraftChanged } from "./draft-form/base.js";
import "./draft-form.js";
import "./members-form.js";
import "./policy-form.js";
import "./scope-form.js";
import "./draft-findings.js";
import type { ProblemChosen } from "./draft-findings.js";
import type { PrecedentsKnown } from "./draft-precedents.js";
import type { SenateJsonEditor, TextChanged } from "./json-editor.js";
import "./json-editor.js";
import { notice, refusal, shown } from "./parts.js";
import "./actor.js";

type Mode = "form" | "json";

/**
 * Write a draft, as a form or as JSON, and see at every pause of typing what the core says of it.
 *
 * `target` is the artifact type to change, `new_type`, or `senate/policy`, `senate/members`, `senate/scope`. The draft is kept in this browser until it is proposed. With
 * `revises` it is another text for a proposal that is in review.
 */
export class SenateDraftEditor extends SenateElement {
  @property() accessor target = "";
  @property({ attribute: false }) accessor revises: ProposalView | undefined;
  @state() private accessor draft: DraftText | undefined;
  @state() private accessor check: Judged | undefined;
  @state() private accessor coreFailure: Failure | undefined;
  @state() private accessor failure: Failure | undefined;
  @state() private accessor mode: Mode = "form";
  @state() private accessor strict = false;
  @state() private accessor sending = false;
  @state() private accessor openAtOnce = false;
  @state() private accessor restored = false;
  @state() private accessor notKept = false;
  @state() private accessor checking = false;
  @state() private accessor precedents: Precedent[] = [];

  readonly #actor = new Watch(this, actor);
  readonly #context = new Resource<string>(this, {
    load: (signal) =>
      // What governs the senate stands in every context.
      this.client.context(isGovernance(this.target) ? NEW_TYPE : this.#contextTarget(), signal),
    // The base may move and members may join while a draft is written.
    every: 20_000,
    changed: (text) => this.#readContext(text),
  });
  readonly #scope = new Resource<ViewMap["scope"]>(this, {
    load: (signal) => this.client.scope(signal),
    changed: () => this.#checkSoon(),
  });
  readonly #senate = new Resource<Senate>(this, {
    load: (signal) => this.client.senate(signal),
    changed: () => this.#checkSoon(),
  });
  readonly #checker = new DraftChecker(
    (check) => this.#answered(check),
    (error) => (this.coreFailure = asFailure(error)),
    (busy) => (this.checking = busy),
  );
  #known: DraftContext | undefined;
  #fields: Field[] = [];
  #said = "";

  #contextTarget(): string {
    return this.target || NEW_TYPE;
  }

  /** What the draft is kept under. */
  #slot(): string {
    return this.revises ? REVISION + this.revises.id : this.#contextTarget();
  }

  #blank(): string {
    if (!this.revises) return blankDraft(this.#contextTarget());
    const { proposal_type, title, metadata } = this.revises;
    return write({ proposal_type, title, metadata });
  }

  #readContext(text: string): void {
    this.#known = JSON.parse(text) as DraftContext;
    this.#fields = this.#known.current ? fieldsOf(this.#known.current.schema) : [];
    this.#checkSoon();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("target")) return;
    const kept = keptDraft(this.client.base, this.#slot());
    this.draft = DraftText.of(kept?.text ?? this.#blank());
    this.restored = kept !== undefined;
    this.mode = this.draft.hasForm ? "form" : "json";
    this.strict = false;
    this.failure = undefined;
    this.check = undefined;
    this.#known = undefined;
    if (this.hasUpdated) void this.#context.restart();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#checker.stop();
  }

  #changed(draft: DraftText): void {
    this.draft = draft;
    this.failure = undefined;
    this.restored = false;
    const target = draft.string(PLACE.target);
    if (!this.revises && draft.hasForm && target !== "" && target !== this.target && this.#isTarget(target)) {
      // Another type is another draft: it moves there, with what was written so far.
      dropDraft(this.client.base, this.#contextTarget());
      keepDraft(this.client.base, target, draft.text);
      this.go("propose", target);
      return;
    }
    this.notKept = !keepDraft(this.client.base, this.#slot(), draft.text);
    this.#checkSoon();
  }

  #isTarget(target: string): boolean {
    return (
      target === NEW_TYPE || isGovernance(target) || (this.#known?.artifact_types.includes(target) ?? false)
    );
  }

  /** What the draft is held against; the scope as soon as it is known. What is typed does not leave the page. */
  #against(): Against | undefined {
    const context = this.#context.value;
    const scope = this.#scope.value?.scope;
    if (context === undefined) return undefined;
    return scope === undefined ? { context } : { context, scope: JSON.stringify(scope) };
  }

  #checkSoon(): void {
    if (isGovernance(this.target)) {
      void this.#checkGovernance();
      return;
    }
    const against = this.#against();
    if (this.draft && against) this.#checker.schedule(this.draft.text, against);
  }

  #answered(check: Judged): void {
    this.check = check;
    this.coreFailure = undefined;
    const errors = check.problems.filter((problem) => problem.severity === "error").length;
    const said = [
      errors === 0 ? "No errors." : `${plural(errors, "error")}.`,
      check.track ? `${TRACK[check.track].word} change.` : "",
      check.needed ? check.needed.words : "",
    ].join(" ");
    if (this.#said !== "" && said !== this.#said) announce(said);
    this.#said = said;
  }

  /** On the page itself: it is quick. Nothing while it is not known what is in force. */
  async #checkGovernance(): Promise<GovernanceCheck | undefined> {
    const { draft } = this;
    const [senate, scope] = [this.#senate.value, this.#scope.value];
    if (!draft || !senate || !scope || !isGovernance(this.target)) return undefined;
    try {
      const loaded = await core();
      if (draft !== this.draft) return undefined;
      const { policy, members } = senate;
      const check = checkGovernance(loaded, this.target, draft.text, { policy, members, scope: scope.scope });
      this.#answered(check);
      return check;
    } catch (error) {
      this.coreFailure = asFailure(error);
      return undefined;
    }
  }

  #discard(): void {
    dropDraft(this.client.base, this.#slot());
    this.draft = DraftText.of(this.#blank());
    this.restored = false;
    this.strict = false;
    this.failure = undefined;
    this.mode = "form";
    this.#checkSoon();
    announce("The draft was thrown away.");
  }

  // ------------------------------------------------------------ proposing

  async #propose(event: Event): Promise<void> {
    event.preventDefault();
    const { draft } = this;
    if (!draft || this.sending) return;
    this.strict = true;
    if (actor.value === "") {
      announce("Choose whom you act as first.");
      await this.focusOn(".sn-submit select");
      return;
    }
    const check = await this.#checkNow(draft.text);
    // The draft was changed meanwhile: it is not the one that was to be proposed.
    if (draft !== this.draft) return;
    const first = check?.problems.find((problem) => problem.severity === "error");
    if (first) {
      await this.#show(first);
      return;
    }
    this.sending = true;
    try {
      const id = this.revises ? await this.#revise(this.revises.id, draft) : await this.#create(draft);
      this.go("proposals", id);
    } catch (error) {
      this.failure = asFailure(error);
    } finally {
      this.sending = false;
    }
  }

  async #create(draft: DraftText): Promise<string> {
    const id = identifierIn(await perform(this.client, propose(draft.text, actor.value)));
    dropDraft(this.client.base, this.#slot());
    announce("The proposal was created.");
    if (this.openAtOnce) {
      // The proposal stands in any case; what keeps its vote from opening is said where it is shown.
      await perform(this.client, openVote(id, actor.value)).catch((error: unknown) =>
        announce(`Its vote was not opened: ${asFailure(error).title}.`),
      );
    }
    return id;
  }

  async #revise(id: string, draft: DraftText): Promise<string> {
    const act = revise(id, actor.value, draft.string(PLACE.title), draft.source("/metadata") || "{}");
    await perform(this.client, act);
    dropDraft(this.client.base, this.#slot());
    announce("The proposal was revised.");
    return id;
  }

  /** The core's answer; nothing where it did not load, for then the host checks. */
  async #checkNow(text: string): Promise<DraftCheck | undefined> {
    if (isGovernance(this.target)) return this.#checkGovernance();
    const against = this.#against();
    if (against === undefined) return undefined;
    try {
      return await this.#checker.now(text, against);
    } catch (error) {
      this.coreFailure = asFailure(error);
      return undefined;
    }
  }

  async #show(problem: Problem): Promise<void> {
    if (this.mode === "form") {
      await this.updateComplete;
      const form = this.querySelector(".sn-desk-form")?.firstElementChild?.nextElementSibling;
      if (form instanceof DocumentForm && form.showProblem(problem)) return;
      this.mode = "json";
    }
    await this.updateComplete;
    const editor = this.querySelector<SenateJsonEditor>(".sn-raw senate-json-editor");
    editor?.goTo(problem.pointer);
    editor?.scrollIntoView({ block: "nearest" });
  }

  // ------------------------------------------------------------ rendering

  protected override render(): unknown {
    return shown(this.#context, "artifact type", () => this.#desk());
  }

  #desk(): unknown {
    const { draft, check } = this;
    if (!draft) return nothing;
    const errors = check?.problems.filter((problem) => problem.severity === "error").length ?? 0;
    return html`
      ${
        this.restored
          ? html`<div class="sn-notice" data-tone="calm">
              <p>
                This is the draft that you were writing here.
                <button type="button" class="sn-link" @click=${() => this.#discard()}>Start afresh</button>
              </p>
            </div>`
          : nothing
      }
      ${this.notKept ? notice("warn", "This browser does not keep the draft", "It would be lost on reload: propose it, or copy the JSON.") : nothing}
      ${this.coreFailure ? notice("bad", "The core did not load in this page", "The host still checks what you propose.") : nothing}
      <div class="sn-desk">
        <form class="sn-desk-form" novalidate @submit=${(event: Event) => void this.#propose(event)}>
          ${this.#modes()} ${this.mode === "form" ? this.#form(draft, check) : this.#raw(draft, check)}
          ${this.#submit(errors)}
        </form>
        <aside class="sn-desk-side" aria-label="What the core says" id="findings">
          <senate-draft-findings
            .check=${check}
            .draft=${draft.text}
            .checking=${this.checking}
            .current=${this.#known?.current?.schema}
            .scope=${check?.scope}
            ?precedents=${this.revises === undefined}
            @precedents-known=${(event: PrecedentsKnown) => (this.precedents = event.detail.precedents)}
            @problem-chosen=${(event: ProblemChosen) => void this.#show(event.detail.problem)}
          ></senate-draft-findings>
        </aside>
      </div>
      <div class="sn-desk-bar">
        <span>${check ? (errors === 0 ? "✓ No errors" : `✕ ${plural(errors, "error")}`) : "Checking…"}</span>
        ${check?.track ? html`<span>${TRACK[check.track].word}</span>` : nothing}
        ${check?.needed && check.needed.yes !== null ? html`<span>needs ${check.needed.yes} of ${check.needed.of}</span>` : nothing}
        <button
          type="button"
          class="sn-link"
          @click=${() => this.querySelector("#findings")?.scrollIntoView()}
        >
          Details
        </button>
      </div>
    `;
  }

  #modes(): unknown {
    const choice = (mode: Mode, word: string) =>
      html`<button
        type="button"
        aria-pressed=${this.mode === mode}
        ?disabled=${mode === "form" && !this.draft?.hasForm}
        @click=${() => (this.mode = mode)}
      >
        ${word}
      </button>`;
    return html`<div class="sn-toggle" role="group" aria-label="Write the draft as">
      ${choice("form", "Form")} ${choice("json", "JSON")}
    </div>`;
  }

  #form(draft: DraftText, check: DraftCheck | undefined): unknown {
    const problems = [...(check?.problems ?? []), ...(this.failure?.problems ?? [])];
    const changed = (event: DraftChanged) => this.#changed(event.detail.draft);
    switch (this.target) {
      case "senate/policy":
        return html`<senate-policy-form
          .draft=${draft}
          .policy=${this.#senate.value?.policy}
          .problems=${problems}
          .strict=${this.strict}
          @draft-changed=${changed}
        ></senate-policy-form>`;
      case "senate/scope":
        return html`<senate-scope-form
          .draft=${draft}
          .scope=${this.#scope.value?.scope}
          .problems=${problems}
          .strict=${this.strict}
          @draft-changed=${changed}
        ></senate-scope-form>`;
      case "senate/members":
        return html`<senate-members-form
          .draft=${draft}
          .members=${this.#senate.value?.members ?? []}
          .instance=${this.#senate.value?.origin ?? ""}
          .problems=${problems}
          .strict=${this.strict}
          @draft-changed=${changed}
        ></senate-members-form>`;
      default:
        return html`<senate-draft-form
          .draft=${draft}
          .types=${this.#known?.artifact_types ?? []}
          .fields=${this.#fields}
          .precedents=${this.precedents}
          .policy=${this.#known?.policy}
          .problems=${problems}
          .strict=${this.strict}
          ?revision=${this.revises !== undefined}
          @draft-changed=${changed}
        ></senate-draft-form>`;
    }
  }

  #raw(draft: DraftText, check: DraftCheck | undefined): unknown {
    return html`<div class="sn-raw">
      ${
        draft.hasForm
          ? nothing
          : notice("warn", "The text is not a JSON object", "The form comes back when it is.")
      }
      <senate-json-editor
        label="Draft as JSON"
        rows="24"
        .text=${draft.text}
        .problems=${check?.problems ?? []}
        @text-changed=${(event: TextChanged) => this.#changed(DraftText.of(event.detail.text))}
      ></senate-json-editor>
    </div>`;
  }

  #submit(errors: number): unknown {
    return html`<section class="sn-submit" aria-label="Propose">
      ${refusal(this.failure)}
      <senate-actor label=${this.revises ? "Revise as" : "Propose as"}></senate-actor>
      ${this.revises ? html`<p class="sn-hint">The review time starts anew; comments and concerns stay.</p>` : this.#openAtOnce()}
      <div class="sn-row">
        <button type="submit" class="sn-button sn-button-main" ?disabled=${this.sending}>
          ${this.sending ? "Sending…" : this.revises ? "Revise" : "Propose"}
        </button>
        ${errors > 0 ? html`<span class="sn-quiet">${plural(errors, "error")} left to mend</span>` : nothing}
        ${this.#actor.value === "" ? html`<span class="sn-quiet">choose whom you act as</span>` : nothing}
      </div>
    </section>`;
  }

  #openAtOnce(): unknown {
    const wait = this.#known?.policy?.min_review_ms ?? 0;
    if (wait > 0) {
      return html`<p class="sn-hint">It is debated first: its vote may open after ${span(wait)}.</p>`;
    }
    return html`<label class="sn-check">
      <input
        type="checkbox"
        .checked=${this.openAtOnce}
        @change=${(event: Event) => (this.openAtOnce = (event.target as HTMLInputElement).checked)}
      />
      <span
        >Open the vote at once
        <span class="sn-quiet">otherwise it waits, and can be debated first</span></span
      >
    </label>`;
  }
}

/** Another text for a proposal that is in review. */
export class SenateRevision extends SenateElement {
  @property({ attribute: "proposal-id" }) accessor proposalId = "";

  readonly #proposal = new Resource<ProposalView>(this, {
    load: (signal) => this.client.proposal(this.proposalId, signal),
  });

  protected override render(): unknown {
    return shown(this.#proposal, "proposal", (proposal) => {
      const target = isGovernance(proposal.target)
        ? proposal.target
        : proposal.metadata["target_artifact_type"];
      if (proposal.status !== "review" || typeof target !== "string") {
        return notice("warn", "This proposal cannot be revised", "Only one in review can.");
      }
      return html`<senate-draft-editor target=${target} .revises=${proposal}></senate-draft-editor>`;
    });
  }
}

define("senate-revision", SenateRevision);
define("senate-draft-editor", SenateDraftEditor);
