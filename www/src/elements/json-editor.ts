import type { Problem } from "schema-senate";
import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import type { CodeEditor, Mark } from "../editor/codemirror.js";
import { find, indexOfByte, nearest, parse } from "../json/spans.js";
import { define, SenateElement, uniqueId } from "./base.js";

/** A text was typed. */
export class TextChanged extends CustomEvent<{ text: string }> {
  constructor(text: string) {
    super("text-changed", { detail: { text }, bubbles: true });
  }
}

/**
 * An editor for JSON text. It starts as a plain text area and becomes the code editor once that has loaded; where it
 * does not load, the text area stays and does everything but underline.
 */
export class SenateJsonEditor extends SenateElement {
  @property() accessor text = "";
  @property() accessor label = "JSON";
  @property() accessor description = "";
  @property() accessor placeholder = "";
  @property({ type: Number }) accessor rows = 8;
  @property({ type: Boolean }) accessor readonly = false;
  /** Problems of this text; pointers are relative to it, `offset` counts its UTF-8 bytes. */
  @property({ attribute: false }) accessor problems: Problem[] = [];

  #editor: CodeEditor | undefined;
  #typed: string | undefined;
  readonly #id = uniqueId("editor");

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#upgrade();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#editor?.destroy();
    this.#editor = undefined;
  }

  override focus(): void {
    if (this.#editor) this.#editor.focus();
    else this.querySelector("textarea")?.focus();
  }

  /** Focuses the value at a JSON Pointer, or the nearest one around it. */
  goTo(pointer: string): void {
    const parsed = parse(this.text);
    const at = parsed.ok ? nearest(parsed.root, pointer).start : parsed.at;
    if (this.#editor) {
      this.#editor.goTo(at);
      return;
    }
    const area = this.querySelector("textarea");
    area?.focus();
    area?.setSelectionRange(at, at);
  }

  async #upgrade(): Promise<void> {
    let module: typeof import("../editor/codemirror.js");
    try {
      module = await import("../editor/codemirror.js");
    } catch {
      return;
    }
    await this.updateComplete;
    const area = this.querySelector("textarea");
    const parent = this.querySelector<HTMLElement>(".sn-code");
    if (!this.isConnected || this.#editor || !area || !parent) return;
    const focused = document.activeElement === area;
    const cursor = area.selectionStart;
    // Shown before it is made: it measures its lines.
    this.toggleAttribute("data-code", true);
    area.hidden = true;
    this.#editor = new module.CodeEditor({
      parent,
      text: this.text,
      label: this.label,
      description: this.description,
      placeholder: this.placeholder,
      readOnly: this.readonly,
      changed: (text) => this.#changed(text),
      left: () => this.dispatchEvent(new CustomEvent("left", { bubbles: true })),
    });
    this.#mark();
    if (focused) this.#editor.goTo(cursor);
  }

  #changed(text: string): void {
    this.#typed = text;
    this.text = text;
    this.dispatchEvent(new TextChanged(text));
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    // What was typed here comes back as a property; setting it again would only disturb the cursor.
    if (changed.has("text") && this.text !== this.#typed) this.#editor?.setText(this.text);
    if (changed.has("text")) this.#typed = undefined;
    if (["problems", "text", "label", "description"].some((name) => changed.has(name))) this.#mark();
  }

  #mark(): void {
    if (!this.#editor) return;
    const parsed = parse(this.text);
    const marks = this.problems.map((problem): Mark => {
      const message = problem.remedy ? `${problem.message}: ${problem.remedy}` : problem.message;
      const place = this.#place(
        problem,
        parsed.ok ? undefined : parsed.at,
        parsed.ok ? parsed.root : undefined,
      );
      return { ...place, severity: problem.severity, message };
    });
    this.#editor.mark(marks, this.label, this.description);
  }

  #place(
    problem: Problem,
    brokenAt: number | undefined,
    root: ReturnType<typeof nearest> | undefined,
  ): { from: number; to: number } {
    if (problem.offset !== undefined || root === undefined) {
      const at = problem.offset !== undefined ? indexOfByte(this.text, problem.offset) : (brokenAt ?? 0);
      return { from: Math.max(0, Math.min(at, this.text.length - 1)), to: at + 1 };
    }
    const exact = find(root, problem.pointer);
    const node = exact ?? nearest(root, problem.pointer);
    // A whole object underlined says nothing: its first character stands for it.
    const long = node.kind === "object" || node.kind === "array";
    return { from: node.start, to: long ? node.start + 1 : node.end };
  }

  protected override render(): unknown {
    const wrong = this.problems.some((problem) => problem.severity === "error");
    return html`<div class="sn-code" id=${this.#id}></div>
      <textarea
        class="sn-input sn-mono"
        rows=${this.rows}
        spellcheck="false"
        autocapitalize="off"
        autocomplete="off"
        aria-label=${this.label}
        aria-description=${this.description || nothing}
        aria-invalid=${wrong ? "true" : nothing}
        placeholder=${this.placeholder}
        ?readonly=${this.readonly}
        .value=${this.text}
        @input=${(event: Event) => this.#changed((event.target as HTMLTextAreaElement).value)}
      ></textarea>`;
  }
}

define("senate-json-editor", SenateJsonEditor);
