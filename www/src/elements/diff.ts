import type { Difference, Hurts, Json } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { compare, hunks, type Hunk, type Line } from "../json/lines.js";
import { write } from "../json/spans.js";
import { plural } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import { badge, sentence } from "./parts.js";

const WHOM: Record<Hurts, { word: string; says: string }> = {
  old_data: { word: "old data", says: "Artifacts written before may be refused." },
  old_readers: { word: "old readers", says: "Readers of the old schema may refuse new artifacts." },
};

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
 * unchanged stretches folded.
 */
export class SenateDiff extends SenateElement {
  /** The document before; absent when there was none. */
  @property({ type: Object }) accessor previous: Json | undefined;
  @property({ type: Object }) accessor next: Json | undefined;
  @property() accessor caption = "Differences";
  @state() private accessor opened: ReadonlySet<number> = new Set();

  #hunks: Hunk[] = [];
  #counts = { added: 0, removed: 0 };

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("previous") && !changed.has("next")) return;
    const text = (value: Json | undefined) => (value === undefined ? "" : write(value));
    const lines = compare(text(this.previous), text(this.next));
    this.#hunks = hunks(lines);
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
        </tr>
      </thead>
      <tbody>
        ${this.#hunks.map((hunk, at) =>
          hunk.kind === "skipped" && !this.opened.has(at)
            ? html`<tr class="sn-diff-fold">
                <td colspan="3">
                  <button
                    type="button"
                    class="sn-link"
                    @click=${() => (this.opened = new Set([...this.opened, at]))}
                  >
                    Show ${plural(hunk.lines.length, "unchanged line")}
                  </button>
                </td>
              </tr>`
            : hunk.lines.map(row),
        )}
      </tbody>
    </table>`;
  }
}

function row(line: Line): TemplateResult {
  const text = html`<code>${line.text}</code>`;
  return html`<tr data-kind=${line.kind}>
    <td class="sn-diff-number">${line.old ?? nothing}</td>
    <td class="sn-diff-number">${line.new ?? nothing}</td>
    <td class="sn-diff-text">
      ${
        line.kind === "added"
          ? html`<span class="sn-hidden">added: </span><ins>${text}</ins>`
          : line.kind === "removed"
            ? html`<span class="sn-hidden">removed: </span><del>${text}</del>`
            : text
      }
    </td>
  </tr>`;
}

define("senate-diff", SenateDiff);
