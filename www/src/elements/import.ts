import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { importType } from "../api/acts.js";
import { asFailure, type Failure } from "../api/problem.js";
import { checkFiles, readFiles, typeNameFrom, versionsOf, type SchemaFile } from "../import/files.js";
import { perform } from "../keys/sign.js";
import { announce } from "../state/announce.js";
import { actor } from "../state/settings.js";
import { plural } from "../words/status.js";
import "./actor.js";
import { define, SenateElement, uniqueId } from "./base.js";
import { problemList, refusal } from "./parts.js";

/** Registers a type from JSON Schema files: one file is its first version, several are its history. */
export class SenateImport extends SenateElement {
  @state() private accessor files: SchemaFile[] = [];
  @state() private accessor typeName = "";
  @state() private accessor checking = false;
  @state() private accessor sending = false;
  @state() private accessor failure: Failure | undefined;

  readonly #id = uniqueId("import");
  #round = 0;

  protected override render(): unknown {
    const versions = this.files.filter((file) => file.role === "version");
    return html`<form
      class="sn-panel"
      aria-labelledby="${this.#id}-title"
      @submit=${(event: Event) => void this.#send(event)}
    >
      <h2 id="${this.#id}-title">Import schemas</h2>
      <div class="sn-field">
        <label for="${this.#id}-files">JSON Schema files</label>
        <input
          id="${this.#id}-files"
          class="sn-input"
          type="file"
          multiple
          accept=".json,application/json,application/schema+json"
          aria-describedby="${this.#id}-files-hint"
          @change=${(event: Event) => void this.#choose(event.target as HTMLInputElement)}
        />
        <p class="sn-hint" id="${this.#id}-files-hint">
          One file is the first version of the type. Several are its history, oldest first. The core reads
          them here before anything is sent.
        </p>
      </div>
      ${
        this.files.length === 0
          ? nothing
          : html`<ol class="sn-files" aria-label="Chosen files">
                ${this.files.map((file, at) => this.#file(file, at, versions.indexOf(file)))}
              </ol>
              <div class="sn-field">
                <label for="${this.#id}-name">Name of the type</label>
                <input
                  id="${this.#id}-name"
                  class="sn-input sn-mono"
                  required
                  autocomplete="off"
                  spellcheck="false"
                  .value=${this.typeName}
                  @input=${(event: Event) => (this.typeName = (event.target as HTMLInputElement).value)}
                />
              </div>
              <senate-actor label="Import as"></senate-actor>`
      }
      ${refusal(this.failure)}
      <div class="sn-row">
        <button
          type="submit"
          class="sn-button sn-button-main"
          ?disabled=${versions.length === 0 || this.checking || this.sending}
        >
          ${
            this.checking
              ? "Reading…"
              : this.sending
                ? "Importing…"
                : versions.length === 0
                  ? "Import"
                  : `Import ${plural(versions.length, "version")}`
          }
        </button>
        <button
          type="button"
          class="sn-button sn-button-plain"
          @click=${() => this.dispatchEvent(new CustomEvent("closed", { bubbles: true }))}
        >
          Cancel
        </button>
      </div>
    </form>`;
  }

  #file(file: SchemaFile, at: number, version: number): TemplateResult {
    const id = `${this.#id}-${at}`;
    return html`<li class="sn-file" data-wrong=${file.problems.length > 0 || nothing}>
      <div class="sn-row">
        <strong class="sn-mono">${file.name}</strong>
        <span class="sn-badge" data-tone=${file.problems.length > 0 ? "bad" : "good"}
          >${
            file.problems.length > 0
              ? plural(file.problems.length, "problem")
              : file.role === "reference"
                ? "referenced document"
                : `version ${version + 1}`
          }</span
        >
        <span class="sn-grow"></span>
        <button
          type="button"
          class="sn-button sn-button-plain"
          ?disabled=${at === 0}
          @click=${() => this.#move(at, -1)}
        >
          Earlier<span class="sn-hidden"> ${file.name}</span>
        </button>
        <button
          type="button"
          class="sn-button sn-button-plain"
          ?disabled=${at === this.files.length - 1}
          @click=${() => this.#move(at, 1)}
        >
          Later<span class="sn-hidden"> ${file.name}</span>
        </button>
        <button type="button" class="sn-button sn-button-plain" @click=${() => this.#change(at, undefined)}>
          Remove<span class="sn-hidden"> ${file.name}</span>
        </button>
      </div>
      <div class="sn-pair">
        <div class="sn-field">
          <label for="${id}-role">It is</label>
          <select
            id="${id}-role"
            class="sn-input"
            @change=${(event: Event) =>
              this.#change(at, {
                role: (event.target as HTMLSelectElement).value === "reference" ? "reference" : "version",
              })}
          >
            <option value="version" .selected=${file.role === "version"}>a version of the type</option>
            <option value="reference" .selected=${file.role === "reference"}>
              a document that versions refer to
            </option>
          </select>
        </div>
        <div class="sn-field">
          <label for="${id}-says">${file.role === "version" ? "What changed" : "Address in $ref"}</label>
          <input
            id="${id}-says"
            class="sn-input"
            autocomplete="off"
            .value=${file.role === "version" ? file.description : file.uri}
            @change=${(event: Event) => {
              const text = (event.target as HTMLInputElement).value;
              this.#change(at, file.role === "version" ? { description: text } : { uri: text });
            }}
          />
        </div>
      </div>
      ${problemList(file.problems.slice(0, 8))}
    </li>`;
  }

  async #choose(input: HTMLInputElement): Promise<void> {
    this.failure = undefined;
    this.files = await readFiles(input.files ?? []);
    const first = this.files.find((file) => file.role === "version");
    if (first) this.typeName = typeNameFrom(first.name);
    await this.#check();
  }

  #move(at: number, by: number): void {
    const files = [...this.files];
    const [moved] = files.splice(at, 1);
    if (!moved) return;
    files.splice(at + by, 0, moved);
    this.files = files;
    announce(`${moved.name} is now number ${at + by + 1}.`);
  }

  #change(at: number, change: Partial<SchemaFile> | undefined): void {
    this.files = this.files.flatMap((file, place) =>
      place !== at ? [file] : change ? [{ ...file, ...change }] : [],
    );
    void this.#check();
  }

  async #check(): Promise<void> {
    const round = (this.#round += 1);
    this.checking = true;
    try {
      const checked = await checkFiles(this.files);
      if (round !== this.#round) return;
      this.files = checked;
      const wrong = checked.filter((file) => file.problems.length > 0).length;
      announce(
        wrong === 0
          ? `${plural(checked.length, "file")} read, no problems.`
          : `${plural(wrong, "file")} with problems.`,
      );
    } catch (error) {
      if (round === this.#round) this.failure = asFailure(error);
    } finally {
      if (round === this.#round) this.checking = false;
    }
  }

  async #send(event: Event): Promise<void> {
    event.preventDefault();
    if (this.sending) return;
    if (actor.value === "") {
      announce("Choose whom you act as first.");
      await this.focusOn("senate-actor select");
      return;
    }
    if (this.files.some((file) => file.problems.length > 0)) {
      announce("Some files have problems.");
      await this.focusOn("[data-wrong] button");
      return;
    }
    this.sending = true;
    this.failure = undefined;
    try {
      await perform(this.client, importType(this.typeName.trim(), versionsOf(this.files), actor.value));
      announce(`${this.typeName} was registered.`);
      this.dispatchEvent(new CustomEvent("imported", { bubbles: true }));
      this.go("types", this.typeName.trim());
    } catch (error) {
      this.failure = asFailure(error);
    } finally {
      this.sending = false;
    }
  }
}

define("senate-import", SenateImport);
