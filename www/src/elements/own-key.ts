import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { rotateKey } from "../api/acts.js";
import type { Senate } from "../api/client.js";
import { asFailure, type Failure } from "../api/problem.js";
import { cannotKeepKeys, makeKey, NO_KEYS, type NoKeys } from "../keys/ed25519.js";
import { OwnKeys } from "../keys/own.js";
import { rotationProof } from "../keys/rotation.js";
import { hostSigns, perform } from "../keys/sign.js";
import { forget, type KeptKey } from "../keys/store.js";
import { announce } from "../state/announce.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import { short } from "../words/time.js";
import "./actor.js";
import { define, SenateElement, uniqueId } from "./base.js";
import { notice, onDay, refusal, type Part } from "./parts.js";

/** The reader's keys in this browser: made here, shown, rotated, forgotten. The private half never leaves the browser. */
export class SenateOwnKey extends SenateElement {
  @property({ attribute: false }) accessor senate: Senate | undefined;
  @state() private accessor unable: NoKeys | undefined;
  @state() private accessor failure: Failure | undefined;
  @state() private accessor working = false;
  @state() private accessor forgetting: KeptKey | undefined;

  readonly #id = uniqueId("own-key");
  readonly #actor = new Watch(this, actor);
  readonly #keys = new OwnKeys(this, () => ({
    instance: this.senate?.origin ?? "",
    member: this.#actor.value,
  }));

  override connectedCallback(): void {
    super.connectedCallback();
    void cannotKeepKeys().then((unable) => (this.unable = unable));
  }

  protected override render(): unknown {
    const { senate } = this;
    const me = this.#actor.value;
    if (!senate) return nothing;
    if (me === "") {
      return html`<p>Choose a member to see or make their key.</p>
        <senate-actor label="Act as"></senate-actor>`;
    }
    if (this.unable) return this.#instead(this.unable, me);
    const current = senate.members.find((each) => each.id === me)?.key;
    return html`
      ${
        hostSigns(senate, me)
          ? notice("warn", `The host signs for ${me}`, "In development mode it holds this member's key.")
          : nothing
      }
      ${this.#keys.keys.map((key) => this.#key(key, key.public_key === current))}
      ${this.#next(senate, me, current)} ${refusal(this.failure)} ${this.#dialog()}
    `;
  }

  /** Where the browser cannot keep a key, the command line can. */
  #instead(unable: NoKeys, me: string): TemplateResult {
    return html`${notice("warn", "This browser cannot keep a key", NO_KEYS[unable])}
      <p>Sign on the command line instead:</p>
      <pre class="sn-pre" tabindex="0" aria-label="Commands"><code>senate key new my-key.pem
senate vote PROPOSAL yes --as ${me} --key my-key.pem</code></pre>`;
  }

  #key(key: KeptKey, current: boolean): TemplateResult {
    return html`<div class="sn-panel sn-own-key">
      <p class="sn-claim" data-tone=${current ? "good" : "warn"}>
        <span aria-hidden="true">${current ? "✓" : "!"}</span>
        <span
          >${current ? "This browser signs with the key that the senate knows." : "The senate does not know this key yet."}
          <span class="sn-quiet">Made ${onDay(key.created_ms)}, identifier ${short(key.key_id)}.</span></span
        >
      </p>
      <p><code class="sn-key-text">${key.public_key}</code></p>
      <div class="sn-row">
        <button type="button" class="sn-button" @click=${() => void this.#copy(key.public_key)}>
          Copy the public key
        </button>
        <button type="button" class="sn-button sn-button-plain" @click=${() => void this.#askForget(key)}>
          Forget it…
        </button>
      </div>
      ${
        current
          ? nothing
          : html`<p class="sn-hint">
              It speaks for the member once a membership change has enrolled it. Give the public key to
              whoever proposes that.
            </p>`
      }
    </div>`;
  }

  #next(senate: Senate, me: string, current: string | undefined): Part {
    const own = this.#keys.keys;
    const here = own.some((key) => key.public_key === current);
    if (!this.#keys.known) return nothing;
    if (hostSigns(senate, me)) {
      return html`<div>
        <button
          type="button"
          class="sn-button"
          ?disabled=${this.working}
          @click=${() => void this.#rotate(senate, me)}
        >
          Take the key over
        </button>
        <p class="sn-hint">
          A new key is made in this browser, and the host signs it in with the one that it holds. From then on
          only this browser signs for the member.
        </p>
      </div>`;
    }
    if (own.length === 0) {
      return html`<p>
          This browser has no key of <strong>${me}</strong>. The private half of a key made here cannot be
          copied out of this browser: clear its data, and the key is gone.
        </p>
        <button
          type="button"
          class="sn-button sn-button-main"
          ?disabled=${this.working}
          @click=${() => void this.#make(me)}
        >
          Make a key
        </button>`;
    }
    if (!here) return nothing;
    return html`<div>
      <button
        type="button"
        class="sn-button"
        ?disabled=${this.working}
        @click=${() => void this.#rotate(senate, me)}
      >
        ${this.working ? "Rotating…" : "Rotate the key"}
      </button>
      <p class="sn-hint">A new key is made here, and signed with the old one: it takes its place at once.</p>
    </div>`;
  }

  async #do(work: () => Promise<void>): Promise<void> {
    if (this.working) return;
    this.working = true;
    this.failure = undefined;
    try {
      await work();
    } catch (error) {
      this.failure = asFailure(error);
    } finally {
      this.working = false;
    }
  }

  #make(me: string): Promise<void> {
    return this.#do(async () => {
      await makeKey(this.senate?.origin ?? "", me);
      // Without this a browser that runs out of room may throw it away.
      await navigator.storage?.persist?.();
      announce("The key was made.");
    });
  }

  #rotate(senate: Senate, me: string): Promise<void> {
    return this.#do(async () => {
      const before = this.#keys.keys;
      // Kept before it is announced: a new key that nobody holds would silence the member.
      const next = await makeKey(senate.origin, me);
      try {
        await perform(this.client, rotateKey(me, next.public_key, await rotationProof(next)));
      } catch (error) {
        // Refused, it is nobody's key. Where no answer came it may have taken its place: it stays.
        if (asFailure(error).kind === "refused") await drop(next);
        throw error;
      }
      for (const old of before) await drop(old);
      announce("The key was rotated.");
    });
  }

  async #copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      announce("Copied.");
    } catch {
      announce("This browser does not let the page copy.");
    }
  }

  async #askForget(key: KeptKey): Promise<void> {
    this.forgetting = key;
    await this.updateComplete;
    const dialog = this.querySelector("dialog");
    if (dialog) dialog.returnValue = "";
    dialog?.showModal();
  }

  #dialog(): TemplateResult {
    return html`<dialog
      class="sn-dialog"
      aria-labelledby="${this.#id}-forget"
      @close=${() => void this.#closed()}
    >
      <form method="dialog">
        <h2 id="${this.#id}-forget">Forget this key?</h2>
        <p>
          Nobody can sign with ${this.forgetting ? short(this.forgetting.key_id) : "it"} afterwards. The
          member then needs a membership change to act again.
        </p>
        <div class="sn-row">
          <button value="forget" class="sn-button">Forget the key</button>
          <button value="back" class="sn-button sn-button-main" autofocus>Go back</button>
        </div>
      </form>
    </dialog>`;
  }

  async #closed(): Promise<void> {
    const key = this.forgetting;
    this.forgetting = undefined;
    if (!key || this.querySelector("dialog")?.returnValue !== "forget") return;
    await drop(key);
    announce("The key is gone from this browser.");
  }
}

const drop = (key: KeptKey): Promise<void> => forget("keys", [key.instance, key.member_id, key.key_id]);

define("senate-own-key", SenateOwnKey);
