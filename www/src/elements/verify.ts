import type { CertificateReport, Check } from "schema-senate";
import type { Verified } from "../verify/verify.js";
import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { asFailure, type Failure } from "../api/problem.js";
import { kept, type KeptCheckpoint } from "../keys/store.js";
import { announce } from "../state/announce.js";
import { plural } from "../words/status.js";
import { utc } from "../words/time.js";
import { verify } from "../verify/verify.js";
import { define, SenateElement, uniqueId } from "./base.js";
import { certificateDecision } from "./certificate.js";
import { refusal, sentence, type Part } from "./parts.js";

/** Larger files are no certificates. */
const MOST_BYTES = 64 * 1024 * 1024;

type Answer = Verified;

/** Drop a certificate: the core in this tab replays the decision. Nothing is uploaded. */
export class SenateVerify extends SenateElement {
  @state() private accessor name = "";
  @state() private accessor answer: Answer | undefined;
  @state() private accessor failure: Failure | undefined;
  @state() private accessor working = false;
  @state() private accessor over = false;
  @state() private accessor pasted = "";
  @state() private accessor compare = "";
  /** What this browser remembers of the certificate's log. */
  @state() private accessor remembered: KeptCheckpoint | undefined;

  readonly #id = uniqueId("verify");

  protected override render(): unknown {
    return html`
      <p>
        A certificate holds everything that a decision rests on. It is checked here, in this tab: nothing is
        uploaded, and no host is asked.
      </p>
      ${this.#drop()} ${refusal(this.failure)}
      <div class="sn-answer" aria-live="polite">
        ${this.working ? html`<p class="sn-quiet">Verifying ${this.name}…</p>` : this.answer ? this.#answer(this.answer) : nothing}
      </div>
    `;
  }

  // ------------------------------------------------------------ a file

  #drop(): TemplateResult {
    return html`<section class="sn-panel" aria-labelledby="${this.#id}-file">
      <h2 id="${this.#id}-file">The certificate</h2>
      <div
        class="sn-dropzone"
        ?data-over=${this.over}
        @dragover=${(event: DragEvent) => {
          event.preventDefault();
          this.over = true;
        }}
        @dragleave=${() => (this.over = false)}
        @drop=${(event: DragEvent) => this.#dropped(event)}
      >
        <label for="${this.#id}-input">Drop a file here, or choose one</label>
        <input
          id="${this.#id}-input"
          type="file"
          accept=".json,.jsonl,application/json"
          @change=${(event: Event) => {
            const input = event.target as HTMLInputElement;
            void this.#file(input.files?.[0]);
            // The same file can be chosen again after it was mended.
            input.value = "";
          }}
        />
      </div>
      <details class="sn-fold">
        <summary>Paste it instead</summary>
        <div class="sn-field">
          <label for="${this.#id}-paste">Certificate as text</label>
          <textarea
            id="${this.#id}-paste"
            class="sn-input sn-mono"
            rows="6"
            spellcheck="false"
            .value=${this.pasted}
            @input=${(event: Event) => (this.pasted = (event.target as HTMLTextAreaElement).value)}
          ></textarea>
        </div>
        <button
          type="button"
          class="sn-button"
          ?disabled=${this.pasted.trim() === ""}
          @click=${() => void this.#verify("the pasted text", new TextEncoder().encode(this.pasted))}
        >
          Verify the text
        </button>
      </details>
    </section>`;
  }

  #dropped(event: DragEvent): void {
    event.preventDefault();
    this.over = false;
    void this.#file(event.dataTransfer?.files[0]);
  }

  async #file(file: File | undefined): Promise<void> {
    if (!file) return;
    if (file.size > MOST_BYTES) {
      this.failure = asFailure(new Error(`${file.name} is too large for a certificate.`));
      return;
    }
    await this.#verify(file.name, new Uint8Array(await file.arrayBuffer()));
  }

  async #verify(name: string, text: Uint8Array): Promise<void> {
    this.name = name;
    this.working = true;
    this.failure = undefined;
    this.answer = undefined;
    this.remembered = undefined;
    this.compare = "";
    try {
      const answer = await verify(text);
      this.answer = answer;
      if (answer.ok) {
        const { origin } = answer.certificate;
        this.remembered = await kept("checkpoints", origin).catch(() => undefined);
      }
      announce(answer.ok ? "The certificate is valid." : "The certificate is not valid.");
    } catch (error) {
      this.failure = asFailure(error);
    } finally {
      this.working = false;
    }
    await this.focusOn(`[id="${this.#id}-answer"]`);
  }

  // ------------------------------------------------------------ the answer

  #answer(answer: Answer): TemplateResult {
    const good = answer.ok;
    return html`<section
        class="sn-outcome"
        data-tone=${good ? "good" : "bad"}
        aria-labelledby="${this.#id}-answer"
      >
        <h2 id="${this.#id}-answer" tabindex="-1">
          ${good ? "✓ The certificate is valid" : "✕ The certificate is not valid"}
        </h2>
        <p class="sn-quiet">${this.name}, verified in this tab in ${milliseconds(answer.took_ms)}.</p>
        ${answer.ok ? nothing : this.#damage(answer)}
      </section>
      ${
        answer.ok
          ? html`${certificateDecision(answer.certificate)} ${this.#checks(answer.certificate.checks)}
            ${this.#trust(answer.certificate)}`
          : this.#checks(answer.checks ?? [], answer.failed)
      }`;
  }

  /** What is wrong and where it stands in the file. */
  #damage({ problem }: Extract<Answer, { ok: false }>): TemplateResult {
    return html`<p>${sentence(problem.message)}</p>
      <dl class="sn-facts">
        <dt>Where</dt>
        <dd>
          <code class="sn-place">${problem.pointer || "/"}</code>
          ${problem.offset === undefined ? nothing : html`<span class="sn-quiet">byte ${problem.offset}</span>`}
        </dd>
        <dt>Code</dt>
        <dd><code>${problem.code}</code></dd>
        ${
          problem.remedy === undefined
            ? nothing
            : html`<dt>Remedy</dt>
                <dd>${sentence(problem.remedy)}</dd>`
        }
      </dl>`;
  }

  /** What was looked at, in order; the one that failed is the last. */
  #checks(checks: Check[], failed?: string): TemplateResult {
    return html`<section aria-labelledby="${this.#id}-checks">
      <h2 id="${this.#id}-checks">What was checked</h2>
      <ul class="sn-checks">
        ${checks.map((check) => checked("good", check.name, check.words))}
        ${failed === undefined ? nothing : checked("bad", failed, "not as it should be; nothing after it was looked at")}
      </ul>
    </section>`;
  }

  #trust(report: CertificateReport): TemplateResult {
    const { origin, size, root } = report;
    return html`<section aria-labelledby="${this.#id}-trust">
      <h2 id="${this.#id}-trust">What this rests on</h2>
      <p>
        Whoever holds the log's key below has signed this log. Compare the key with one that you have from
        elsewhere: another member, a publication.
      </p>
      <dl class="sn-facts">
        <dt>Log</dt>
        <dd>${origin}, ${plural(size, "event")}</dd>
        <dt>Root</dt>
        <dd><code>${root}</code></dd>
        <dt>Log key</dt>
        <dd><code>${report.log_key}</code></dd>
        ${this.#memory(report)}
      </dl>
      ${
        report.notes.length === 0
          ? nothing
          : html`<ul class="sn-changes">
              ${report.notes.map((note) => html`<li>${sentence(note)}</li>`)}
            </ul>`
      }
      <div class="sn-field">
        <label for="${this.#id}-compare">The log key that you know</label>
        <input
          id="${this.#id}-compare"
          class="sn-input sn-mono"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          aria-describedby="${this.#id}-compared"
          .value=${this.compare}
          @input=${(event: Event) => (this.compare = (event.target as HTMLInputElement).value)}
        />
        <p id="${this.#id}-compared" aria-live="polite">${this.#compared(report)}</p>
      </div>
    </section>`;
  }

  #compared(report: CertificateReport): Part {
    const known = this.compare.trim();
    if (known === "") return nothing;
    return known === report.log_key
      ? html`<span class="sn-yes">✓ The same key.</span>`
      : html`<span class="sn-no">✕ Another key: this certificate is of another log, or forged.</span>`;
  }

  #memory(report: CertificateReport): Part {
    const { remembered } = this;
    if (!remembered) return nothing;
    const same = remembered.log_key === report.log_key;
    return html`<dt>This browser</dt>
      <dd>
        ${
          same
            ? html`<span class="sn-yes">✓ knows this log by the same key</span>`
            : html`<span class="sn-no"
                >✕ knows this log by another key, <code>${remembered.log_key}</code></span
              >`
        },
        since ${utc(remembered.verified_ms)}
      </dd>`;
  }
}

const CHECK: Record<string, string> = {
  envelope: "Envelope",
  log_key: "Log key",
  signature: "Signature of the log",
  checkpoint: "Checkpoint",
  inclusion: "Inclusion",
  founding: "Founding",
  replay: "Replay",
  decision: "Decision",
  kept_checkpoint: "Kept checkpoint",
};

function checked(tone: "good" | "bad", name: string, words: string): TemplateResult {
  return html`<li data-tone=${tone}>
    <span class="sn-check-mark" aria-hidden="true">${tone === "good" ? "✓" : "✕"}</span>
    <span
      ><span class="sn-hidden">${tone === "good" ? "Holds:" : "Fails:"}</span>
      <strong>${CHECK[name] ?? name}:</strong> ${words}</span
    >
  </li>`;
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

define("senate-verify", SenateVerify);
