import { html, nothing, svg, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { state } from "lit/decorators.js";
import type { Senate } from "../api/client.js";
import { isGovernance, NEW_TYPE, type GovernanceTarget } from "../draft/changes.js";
import { listAddress, screenAt, type Screen } from "../router.js";
import { acted } from "../keys/sign.js";
import { Resource } from "../state/resource.js";
import { following, theme, type Theme } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import "./actor.js";
import { define, SenateElement } from "./base.js";
import "./draft-editor.js";
import "./members.js";
import "./notices.js";
import { empty } from "./parts.js";
import "./policy.js";
import "./proposal-list.js";
import "./proposal.js";
import type { TitleKnown } from "./proposal.js";
import "./registry.js";
import "./type.js";
import "./verify.js";

const GOVERNING: Record<GovernanceTarget, string> = {
  "senate/policy": "Propose a change of the policy",
  "senate/members": "Propose a change of the members",
  "senate/scope": "Propose a change of the scope",
};

/** The whole dashboard: header, the screen that the address names, footer. */
export class SenateApp extends SenateElement {
  @state() private accessor screen: Screen = screenAt(window.location.hash);
  @state() private accessor known = "";

  readonly #senate = new Resource<Senate>(this, {
    load: (signal) => this.client.senate(signal),
    every: 15_000,
    after: acted,
  });
  readonly #following = new Watch(this, following);
  readonly #theme = new Watch(this, theme);

  protected override createRenderRoot(): HTMLElement {
    // What stood there for readers without JavaScript.
    this.replaceChildren();
    return super.createRenderRoot();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("hashchange", this.#navigated);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("hashchange", this.#navigated);
  }

  readonly #navigated = (): void => {
    const before = this.screen;
    this.screen = screenAt(window.location.hash);
    // Filters change the address, not the screen.
    if (JSON.stringify({ ...before, filters: 0 }) === JSON.stringify({ ...this.screen, filters: 0 })) return;
    this.known = "";
    window.scrollTo(0, 0);
    void this.focusOn("h1");
  };

  protected override updated(): void {
    document.title = `${this.#heading().title} · schema-senate`;
    const chosen = this.#theme.value;
    if (chosen === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = chosen;
  }

  #heading(): { over: string; title: string } {
    const { screen } = this;
    switch (screen.screen) {
      case "registry":
        return { over: "", title: "Registry" };
      case "type":
        return { over: "Artifact type", title: screen.type };
      case "propose":
        return {
          over: "Draft",
          title: isGovernance(screen.target)
            ? GOVERNING[screen.target]
            : screen.target === NEW_TYPE
              ? "Propose a new type"
              : `Propose a change to ${screen.target}`,
        };
      case "proposals":
        return { over: "", title: "Proposals" };
      case "proposal":
        return { over: "Proposal", title: this.known || "Proposal" };
      case "archive":
        return { over: "", title: "Archive" };
      case "revise":
        return { over: "Draft", title: "Revise a proposal" };
      case "policy":
        return { over: "", title: "Policy" };
      case "members":
        return { over: "", title: "Members" };
      case "verify":
        return { over: "", title: "Verify a certificate" };
      case "nowhere":
        return { over: "", title: "Nothing here" };
    }
  }

  protected override render(): unknown {
    const { over, title } = this.#heading();
    return html`
      <a class="sn-skip" href="#main" @click=${(event: Event) => this.#skip(event)}>Skip to content</a>
      ${this.#header()}
      <senate-notices></senate-notices>
      <main class="sn-main" id="main" data-screen=${this.screen.screen}>
        <div class="sn-main-head">
          ${over ? html`<p class="sn-over">${over}</p>` : nothing}
          <h1 tabindex="-1">${title}</h1>
        </div>
        ${this.#screen(this.screen)}
      </main>
      ${this.#footer()}
    `;
  }

  #skip(event: Event): void {
    // The hash is the address of the screen; the link must not change it.
    event.preventDefault();
    this.querySelector<HTMLElement>("h1")?.focus();
  }

  #header(): TemplateResult {
    const { screen } = this.screen;
    const live = this.#senate.value
      ? this.#senate.value.proposals.voting + this.#senate.value.proposals.review
      : undefined;
    const link = (path: string, word: string, screens: Screen["screen"][], count?: number) =>
      html`<a href=${this.href(path)} aria-current=${screens.includes(screen) ? "page" : nothing}
        >${word}${count ? html`<span class="sn-count">${count}<span class="sn-hidden"> live</span></span>` : nothing}</a
      >`;
    return html`<header class="sn-top">
      <a class="sn-brand" href="#/types">
        ${hemicycle()}
        <span
          ><b>schema-senate</b><span class="sn-brand-origin">${this.#senate.value?.origin ?? ""}</span></span
        >
      </a>
      <nav class="sn-nav" aria-label="Screens">
        ${link("types", "Registry", ["registry", "type"])}
        ${link("proposals", "Proposals", ["proposals", "proposal", "revise"], live)}
        ${link("archive", "Archive", ["archive"])} ${link("policy", "Policy", ["policy"])}
        ${link("members", "Members", ["members"])} ${link("verify", "Verify", ["verify"])}
      </nav>
      <senate-actor></senate-actor>
    </header>`;
  }

  #screen(screen: Screen): unknown {
    switch (screen.screen) {
      case "registry":
        return html`<senate-registry></senate-registry>`;
      case "type":
        return keyed(screen.type, html`<senate-type artifact-type=${screen.type}></senate-type>`);
      case "propose":
        return keyed(
          screen.target,
          html`<senate-draft-editor target=${screen.target}></senate-draft-editor>`,
        );
      case "proposals":
        return html`<senate-proposals
          .filters=${screen.filters}
          @filters-changed=${(event: CustomEvent<Record<string, string>>) => this.#filtered("proposals", event)}
        ></senate-proposals>`;
      case "archive":
        return html`<senate-archive
          .filters=${screen.filters}
          @filters-changed=${(event: CustomEvent<Record<string, string>>) => this.#filtered("archive", event)}
        ></senate-archive>`;
      case "proposal":
        return keyed(
          screen.id,
          html`<senate-proposal
            proposal-id=${screen.id}
            @title-known=${(event: TitleKnown) => (this.known = event.detail.title)}
          ></senate-proposal>`,
        );
      case "revise":
        return keyed(screen.id, html`<senate-revision proposal-id=${screen.id}></senate-revision>`);
      case "policy":
        return html`<senate-policy></senate-policy>`;
      case "members":
        return html`<senate-members></senate-members>`;
      case "verify":
        return html`<senate-verify></senate-verify>`;
      case "nowhere":
        return empty(
          "This address names no screen",
          "The link may be old, or cut off.",
          html`<a class="sn-button" href=${this.href("types")}>To the registry</a>`,
        );
    }
  }

  #filtered(screen: "proposals" | "archive", event: CustomEvent<Record<string, string>>): void {
    const address = listAddress(screen, event.detail);
    if (address === window.location.hash) return;
    // Typing in the search box should not fill the history.
    window.history.replaceState(null, "", address);
    this.screen = screenAt(address);
  }

  #footer(): TemplateResult {
    const live = this.#following.value === "live";
    return html`<footer class="sn-foot">
      <button
        type="button"
        class="sn-link"
        aria-pressed=${live}
        @click=${() => following.set(live ? "paused" : "live")}
      >
        ${live ? "Following live" : "Updates paused"}
      </button>
      <label class="sn-theme">
        Colours
        <select
          class="sn-input"
          @change=${(event: Event) => theme.set((event.target as HTMLSelectElement).value as Theme)}
        >
          ${(["system", "light", "dark"] as const).map(
            (each) =>
              html`<option value=${each} .selected=${each === this.#theme.value}>
                ${{ system: "as the system", light: "light", dark: "dark" }[each]}
              </option>`,
          )}
        </select>
      </label>
      <span class="sn-grow"></span>
      <span class="sn-quiet">Verdicts are computed in this page by the same core that the host runs.</span>
    </footer>`;
  }
}

/** Seats in rows around a floor. */
function hemicycle(): TemplateResult {
  const seats = [
    { radius: 14, count: 9 },
    { radius: 9, count: 6 },
  ].flatMap(({ radius, count }) =>
    Array.from({ length: count }, (_, at) => {
      const angle = Math.PI - (Math.PI * at) / (count - 1);
      return { x: 17 + radius * Math.cos(angle), y: 18 - radius * Math.sin(angle) };
    }),
  );
  return html`<svg class="sn-mark" viewBox="0 0 34 22" aria-hidden="true" focusable="false">
    ${seats.map(({ x, y }) => circle(x, y))}
  </svg>`;
}

function circle(x: number, y: number): unknown {
  return svg`<circle cx=${x.toFixed(2)} cy=${y.toFixed(2)} r="1.9"></circle>`;
}

define("senate-app", SenateApp);
