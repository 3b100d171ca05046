import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { Senate } from "../api/client.js";
import { acted } from "../keys/sign.js";
import { forget, kept, keptChanged, type Alarm } from "../keys/store.js";
import { Resource } from "../state/resource.js";
import { Watch } from "../state/signal.js";
import { utc } from "../words/time.js";
import { define, SenateElement, uniqueId } from "./base.js";
import { sentence, type Part } from "./parts.js";

/** Names beyond this many are counted. */
const MOST_NAMES = 6;

/** What every view must say: that the host signs for members, or that its log is not the one it was. */
export class SenateNotices extends SenateElement {
  @state() private accessor alarm: Alarm | undefined;

  readonly #id = uniqueId("notices");
  readonly #kept = new Watch(this, keptChanged);
  readonly #senate = new Resource<Senate>(this, {
    load: (signal) => this.client.senate(signal),
    every: 30_000,
    after: acted,
    changed: () => void this.#look(),
  });
  #seen = -1;

  protected override updated(): void {
    if (this.#seen === this.#kept.value) return;
    this.#seen = this.#kept.value;
    void this.#look();
  }

  async #look(): Promise<void> {
    const origin = this.#senate.value?.origin;
    this.alarm = origin === undefined ? undefined : await kept("alarms", origin).catch(() => undefined);
  }

  protected override render(): unknown {
    const senate = this.#senate.value;
    return html`${this.alarm ? this.#forked(this.alarm) : nothing}${senate ? development(senate) : nothing}`;
  }

  #forked(alarm: Alarm): TemplateResult {
    return html`<section class="sn-banner" data-tone="bad" aria-labelledby="${this.#id}-alarm">
      <p id="${this.#id}-alarm" role="alert">
        <strong>This host shows another log than before. Nothing is signed.</strong>
      </p>
      <p>${sentence(alarm.reason)} Ask the other members which log they see, and keep both checkpoints.</p>
      <details class="sn-fold">
        <summary>The two checkpoints</summary>
        <p>Verified ${utc(alarm.remembered.verified_ms)}:</p>
        <pre
          class="sn-pre"
          tabindex="0"
          aria-label="Checkpoint verified before"
        ><code>${alarm.remembered.note}</code></pre>
        <p>Shown ${utc(alarm.at_ms)}:</p>
        <pre class="sn-pre" tabindex="0" aria-label="Checkpoint shown now"><code>${alarm.shown}</code></pre>
        <p>
          Only if you know that this senate was founded anew, or its log's key was replaced:
          <button type="button" class="sn-link" @click=${() => this.querySelector("dialog")?.showModal()}>
            forget the old log…
          </button>
        </p>
      </details>
      <dialog
        class="sn-dialog"
        aria-labelledby="${this.#id}-forget"
        @close=${(event: Event) => void this.#closed(event, alarm)}
      >
        <form method="dialog">
          <h2 id="${this.#id}-forget">Forget the log seen before?</h2>
          <p>
            This browser will take the log of <strong>${alarm.instance}</strong> as the host shows it now. The
            proof that it was another one is gone from here.
          </p>
          <div class="sn-row">
            <button value="forget" class="sn-button">Forget it</button>
            <button value="back" class="sn-button sn-button-main" autofocus>Go back</button>
          </div>
        </form>
      </dialog>
    </section>`;
  }

  async #closed(event: Event, alarm: Alarm): Promise<void> {
    const dialog = event.currentTarget as HTMLDialogElement;
    if (dialog.returnValue !== "forget") return;
    dialog.returnValue = "";
    await forget("checkpoints", alarm.instance);
    await forget("alarms", alarm.instance);
  }
}

function development(senate: Senate): Part {
  if (senate.signing !== "development") return nothing;
  const names = senate.development_members.map(
    (id) => senate.members.find((member) => member.id === id)?.name ?? id,
  );
  const whose =
    names.length === 0
      ? "no member"
      : names.length > MOST_NAMES
        ? `${names.length} members`
        : new Intl.ListFormat("en-GB").format(names);
  return html`<section class="sn-banner sn-banner-development" data-tone="warn" aria-label="Development mode">
    <strong>Development mode:</strong> this host holds the keys of ${whose} and signs for them. Do not use it
    for decisions that matter.
  </section>`;
}

define("senate-notices", SenateNotices);
