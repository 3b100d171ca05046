import type { Difference, Hurts, Json } from "schema-senate";
import { html, nothing, svg, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { compare, hunks, type Hunk, type Line } from "../json/lines.js";
import { placesByLine } from "../json/places.js";
import { write } from "../json/spans.js";
import { plural } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import { badge, sentence } from "./parts.js";

const WHOM: Record<Hurts, { word: string; says: string }> = {
  old_data: { word: "old data", says: "Artifacts written before may be refused." },
  old_readers: { word: "old readers", says: "Readers of the old schema may refuse new artifacts." },
};

/** A line was chosen to say something about. */
export class PlaceChosen extends CustomEvent<{
  pointer: string;
  document: "next" | "current";
  quote: string;
}> {
  constructor(detail: { pointer: string; document: "next" | "current"; quote: string }) {
    super("place-chosen", { detail, bubbles: true });
  }
}

/** Differences as sentences, with whom each can hurt and what would repair it, the way the core names them. */
export function differenceList(differences: Difference[]): TemplateResult {
  if (differences.length === 0) {
    return html`<p class="sn-quiet">No difference that changes which artifacts are valid.</p>`;
  }
  return html`<ul class="sn-differences">
    ${differences.map(
      (difference) =>
        html`<li>
          <span>${sentence(difference.message)}</span>
          <code class="sn-place">${(difference.new_pointer ?? difference.old_pointer) || "/"}</code>
          <span class="sn-hurts">
            ${
              difference.hurts.length === 0
                ? html`<span class="sn-quiet">Hurts nobody</span>`
                : html`<span class="sn-quiet">Can hurt</span> ${difference.hurts.map((whom) =>
                      badge("warn", WHOM[whom].word, WHOM[whom].says),
                    )}`
            }
            <code class="sn-rule">${difference.rule}</code>
          </span>
          ${
            difference.repair === undefined
              ? nothing
              : html`<span class="sn-repair">Repair: ${sentence(difference.repair)}</span>`
          }
        </li>`,
    )}
  </ul>`;
}

/**
 * Two documents line by line: `+` and `-` in a gutter, the words "added" and "removed" for those who hear it,
 * unchanged stretches folded. With `choosable` each line has a button that names its place; the arrow keys go from one
 * to the next.
 */
export class SenateDiff extends SenateElement {
  /** The document before; absent when there was none. */
  @property({ type: Object }) accessor previous: Json | undefined;
  @property({ type: Object }) accessor next: Json | undefined;
  @property() accessor caption = "Differences";
  @property({ type: Boolean }) accessor choosable = false;
  @state() private accessor opened: ReadonlySet<number> = new Set();
  /** The one button of the column that Tab stops at. */
  @state() private accessor stop: Line | undefined;

  #hunks: Hunk[] = [];
  #places: Record<"next" | "current", (string | undefined)[]> = { next: [], current: [] };
  #counts = { added: 0, removed: 0 };

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("previous") && !changed.has("next") && !changed.has("choosable")) return;
    const text = (value: Json | undefined) => (value === undefined ? "" : write(value));
    const [before, after] = [text(this.previous), text(this.next)];
    const lines = compare(before, after);
    this.#hunks = hunks(lines);
    this.stop = undefined;
    if (this.choosable) {
      this.#places = { current: placesByLine(before), next: placesByLine(after) };
      this.stop = lines.find((line) => line.kind !== "same" && this.#placeOf(line)) ?? lines[0];
    }
    this.#counts = {
      added: lines.filter((line) => line.kind === "added").length,
      removed: lines.filter((line) => line.kind === "removed").length,
    };
    this.opened = new Set();
  }

  protected override render(): unknown {
    const { added, removed } = this.#counts;
    if (added + removed === 0) return html`<p class="sn-quiet">The two documents are the same.</p>`;
    return html`<table class="sn-diff">
      <caption>
        <span>${this.caption}</span>
        <span class="sn-diff-counts">
          <span data-kind="added"
            >+${added}<span class="sn-hidden"> ${plural(added, "line")} added</span></span
          >
          <span data-kind="removed"
            >−${removed}<span class="sn-hidden"> ${plural(removed, "line")} removed</span></span
          >
        </span>
      </caption>
      <thead class="sn-hidden">
        <tr>
          <th scope="col">Line before</th>
          <th scope="col">Line after</th>
          <th scope="col">Text</th>
          ${this.choosable ? html`<th scope="col">Debate</th>` : nothing}
        </tr>
      </thead>
      <tbody @keydown=${(event: KeyboardEvent) => this.#step(event)}>
        ${this.#hunks.map((hunk, at) =>
          hunk.kind === "skipped" && !this.opened.has(at)
            ? html`<tr class="sn-diff-fold">
                <td colspan=${this.choosable ? 4 : 3}>
                  <button
                    type="button"
                    class="sn-link"
                    @click=${() => (this.opened = new Set([...this.opened, at]))}
                  >
                    Show ${plural(hunk.lines.length, "unchanged line")}
                  </button>
                </td>
              </tr>`
            : hunk.lines.map((line) => this.#row(line)),
        )}
      </tbody>
    </table>`;
  }

  #placeOf(line: Line): { pointer: string; document: "next" | "current" } | undefined {
    const document = line.kind === "removed" ? "current" : "next";
    const number = line.kind === "removed" ? line.old : line.new;
    const pointer = number === undefined ? undefined : this.#places[document][number - 1];
    return pointer === undefined ? undefined : { pointer, document };
  }

  #step(event: KeyboardEvent): void {
    const move = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    const button = (event.target as Element).closest(".sn-diff-place");
    if (move === undefined || !button) return;
    event.preventDefault();
    const all = [...this.querySelectorAll<HTMLElement>(".sn-diff-place")];
    const at = Math.min(all.length - 1, Math.max(0, all.indexOf(button as HTMLElement) + move));
    all[at]?.focus();
  }

  #row(line: Line): TemplateResult {
    const place = this.choosable ? this.#placeOf(line) : undefined;
    return html`<tr data-kind=${line.kind}>
      ${cells(line)}
      ${
        this.choosable
          ? html`<td class="sn-diff-choose">
              ${
                place
                  ? html`<button
                      type="button"
                      class="sn-diff-place"
                      tabindex=${line === this.stop ? "0" : "-1"}
                      aria-label="Say something about ${place.pointer || "the whole"}"
                      title="Say something about this line"
                      @focus=${() => (this.stop = line)}
                      @click=${() => this.dispatchEvent(new PlaceChosen({ ...place, quote: line.text.trim() }))}
                    >
                      ${BUBBLE}
                    </button>`
                  : nothing
              }
            </td>`
          : nothing
      }
    </tr>`;
  }
}

/** Something said. */
const BUBBLE = html`<svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
  ${svg`<path d="M2 3h12v8H8l-3 3v-3H2z" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"></path>`}
</svg>`;

function cells(line: Line): TemplateResult {
  const text = html`<code>${line.text}</code>`;
  return html` <td class="sn-diff-number">${line.old ?? nothing}</td>
    <td class="sn-diff-number">${line.new ?? nothing}</td>
    <td class="sn-diff-text">
      ${
        line.kind === "added"
          ? html`<span class="sn-hidden">added: </span><ins>${text}</ins>`
          : line.kind === "removed"
            ? html`<span class="sn-hidden">removed: </span><del>${text}</del>`
            : text
      }
    </td>`;
}

define("senate-diff", SenateDiff);
