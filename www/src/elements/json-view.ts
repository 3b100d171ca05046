import type { Json } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { join } from "../json/pointer.js";
import { write } from "../json/spans.js";
import { announce } from "../state/announce.js";
import { plural } from "../words/status.js";
import { define, SenateElement } from "./base.js";

/** Opening everything at once stops after so many values, so that a schema of a megabyte stays a page. */
const MOST_OPEN = 1500;

/** A JSON document to read: every object and array folds. What is folded is not rendered. */
export class SenateJsonView extends SenateElement {
  @property({ type: Object }) accessor value: Json | undefined;
  @property() accessor label = "JSON document";
  /** How many levels stand open at first. */
  @property({ type: Number }) accessor depth = 2;
  @state() private accessor opened: ReadonlySet<string> = new Set();

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("value") || changed.has("depth")) this.opened = this.#open(this.depth);
  }

  protected override render(): unknown {
    const { value } = this;
    if (value === undefined) return nothing;
    return html`<div class="sn-json" role="group" aria-label=${this.label}>
      <div class="sn-json-tools">
        <button type="button" class="sn-link" @click=${() => (this.opened = this.#open(Infinity))}>
          Open all
        </button>
        <button type="button" class="sn-link" @click=${() => (this.opened = this.#open(1))}>Fold all</button>
        <button type="button" class="sn-link" @click=${() => void this.#copy()}>Copy</button>
      </div>
      <div class="sn-json-tree">${this.#node(value, "", undefined, false)}</div>
    </div>`;
  }

  #node(value: Json, pointer: string, key: string | undefined, more: boolean): TemplateResult {
    const name =
      key === undefined ? nothing : html`<span class="sn-json-key">${JSON.stringify(key)}</span>: `;
    const tail = more ? "," : "";
    if (typeof value !== "object" || value === null) {
      const kind = value === null ? "null" : typeof value;
      return html`<div class="sn-json-line">
        ${name}<span data-kind=${kind}>${JSON.stringify(value)}</span>${tail}
      </div>`;
    }
    const list = Array.isArray(value);
    const entries: [string, Json][] = list
      ? value.map((item, at) => [String(at), item])
      : Object.entries(value);
    const [open, close] = list ? ["[", "]"] : ["{", "}"];
    if (entries.length === 0) return html`<div class="sn-json-line">${name}${open}${close}${tail}</div>`;
    // A short list of plain values reads best in one line.
    if (
      list &&
      value.every((item) => typeof item !== "object" || item === null) &&
      write(value).length < 100
    ) {
      return html`<div class="sn-json-line">
        ${name}[${value.map(
          (item, at) =>
            html`${at > 0 ? ", " : nothing}<span data-kind=${item === null ? "null" : typeof item}
                >${JSON.stringify(item)}</span
              >`,
        )}]${tail}
      </div>`;
    }
    const isOpen = this.opened.has(pointer);
    return html`<details
      .open=${isOpen}
      @toggle=${(event: ToggleEvent) => this.#toggle(pointer, (event.currentTarget as HTMLDetailsElement).open)}
    >
      <summary class="sn-json-line">
        ${name}${open}${
          isOpen
            ? nothing
            : html`<span class="sn-json-fold">${plural(entries.length, list ? "item" : "member")}</span
                >${close}${tail}`
        }
      </summary>
      ${
        isOpen
          ? html`<div class="sn-json-inner">
                ${entries.map(([inner, item], at) =>
                  this.#node(item, pointer + join(inner), list ? undefined : inner, at < entries.length - 1),
                )}
              </div>
              <div class="sn-json-line">${close}${tail}</div>`
          : nothing
      }
    </details>`;
  }

  #toggle(pointer: string, open: boolean): void {
    if (open === this.opened.has(pointer)) return;
    const opened = new Set(this.opened);
    if (open) opened.add(pointer);
    else opened.delete(pointer);
    this.opened = opened;
  }

  #open(depth: number): Set<string> {
    const opened = new Set<string>();
    let rest = MOST_OPEN;
    const visit = (value: Json, pointer: string, level: number) => {
      if (typeof value !== "object" || value === null || level >= depth || rest <= 0) return;
      opened.add(pointer);
      for (const [key, inner] of Object.entries(value)) {
        rest -= 1;
        visit(inner, pointer + join(key), level + 1);
      }
    };
    if (this.value !== undefined) visit(this.value, "", 0);
    return opened;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(write(this.value));
      announce("Copied.");
    } catch {
      announce("This browser does not let the page copy.");
    }
  }
}

define("senate-json-view", SenateJsonView);
