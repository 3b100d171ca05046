/**
 * The text of a draft while it is edited: one JSON document, seen as a form and as text at once.
 *
 * The form edits members of the text and leaves the rest as written. A JSON value typed into the form (a field's
 * schema) may be unfinished: it is kept beside the document as a patch and spliced into the text, so that the core
 * judges what was really typed. Text that is no JSON object at all has no form until it is mended.
 */
import { drop, put } from "../json/edit.js";
import { find, indent, parse, sourceOf, write, type Node } from "../json/spans.js";
import { segments } from "../json/pointer.js";

export class DraftText {
  private constructor(
    private readonly base: string,
    private readonly patches: ReadonlyMap<string, string>,
    private readonly broken: string | undefined,
  ) {}

  static of(text: string): DraftText {
    const parsed = parse(text);
    return parsed.ok && parsed.root.kind === "object"
      ? new DraftText(text, new Map(), undefined)
      : new DraftText("{}", new Map(), text);
  }

  /** The whole document as it stands, JSON or not. */
  get text(): string {
    if (this.broken !== undefined) return this.broken;
    let text = this.base;
    const root = this.#root();
    const places = [...this.patches]
      .map(([pointer, source]) => ({ pointer, source, node: root && find(root, pointer) }))
      .sort((a, b) => (b.node?.start ?? 0) - (a.node?.start ?? 0));
    for (const { pointer, source, node } of places) {
      if (!node) continue;
      const body = indent(source, "  ".repeat(segments(pointer).length));
      text = text.slice(0, node.start) + body + text.slice(node.end);
    }
    return text;
  }

  /** False when the text has no form: it is no JSON object. */
  get hasForm(): boolean {
    return this.broken === undefined;
  }

  #root(): Node | undefined {
    const parsed = parse(this.base);
    return parsed.ok ? parsed.root : undefined;
  }

  /** The source of a JSON value, as it was typed; "" when it is absent. */
  source(pointer: string): string {
    const patch = this.patches.get(pointer);
    if (patch !== undefined) return patch;
    const root = this.#root();
    const node = root && find(root, pointer);
    return node ? sourceOf(this.base, node) : "";
  }

  has(pointer: string): boolean {
    const root = this.#root();
    return root !== undefined && find(root, pointer) !== undefined;
  }

  /** A string member; "" when it is absent or no string. */
  string(pointer: string): string {
    const root = this.#root();
    const node = root && find(root, pointer);
    return node?.kind === "string" ? node.value : "";
  }

  /** `true`, `false`, or nothing when it is absent or something else. */
  boolean(pointer: string): boolean | undefined {
    const source = this.source(pointer);
    return source === "true" ? true : source === "false" ? false : undefined;
  }

  /** How many items an array has. */
  length(pointer: string): number {
    const root = this.#root();
    const node = root && find(root, pointer);
    return node?.kind === "array" ? node.items.length : 0;
  }

  /** Sets a member to a value. */
  set(pointer: string, value: unknown): DraftText {
    return this.#with(pointer, write(value));
  }

  /** Sets a member to what was typed, which may not be JSON yet. */
  type(pointer: string, source: string): DraftText {
    if (parse(source).ok) return this.#with(pointer, source.trim());
    const holding = this.has(pointer) ? this : this.#with(pointer, "null");
    return new DraftText(holding.base, new Map(holding.patches).set(pointer, source), undefined);
  }

  drop(pointer: string): DraftText {
    return new DraftText(drop(this.base, pointer), without(this.patches, pointer), undefined);
  }

  #with(pointer: string, source: string): DraftText {
    return new DraftText(put(this.base, pointer, source), without(this.patches, pointer), undefined);
  }
}

/** The patches that do not stand in what is being replaced. */
function without(patches: ReadonlyMap<string, string>, pointer: string): Map<string, string> {
  return new Map([...patches].filter(([held]) => held !== pointer && !held.startsWith(pointer + "/")));
}
