/**
 * The code editor, a chunk of its own: loaded when a JSON editor is first shown. It lives in a shadow root, where its
 * style sheets are constructed objects and need no exception from the content security policy.
 */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from "@codemirror/language";
import { setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder as placeholderText,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

export interface Mark {
  from: number;
  to: number;
  severity: "error" | "warning";
  message: string;
}

export interface EditorOptions {
  parent: HTMLElement;
  text: string;
  label: string;
  description: string;
  placeholder: string;
  readOnly: boolean;
  changed: (text: string) => void;
  left: () => void;
}

/** Colours come from the page: custom properties reach into shadow roots. */
const theme = EditorView.theme({
  "&": { color: "var(--sn-ink)", backgroundColor: "var(--sn-sheet)", fontSize: "0.875rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--sn-mono)", lineHeight: "1.55", minHeight: "inherit" },
  ".cm-content": { padding: "0.5rem 0", caretColor: "var(--sn-ink)" },
  ".cm-cursor": { borderLeftColor: "var(--sn-ink)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--sn-quiet)", border: "none" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--sn-accent) 6%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--sn-accent) 24%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "color-mix(in srgb, var(--sn-accent) 20%, transparent)",
  },
  ".cm-placeholder": { color: "var(--sn-quiet)" },
  ".cm-tooltip": {
    backgroundColor: "var(--sn-sheet)",
    color: "var(--sn-ink)",
    border: "1px solid var(--sn-line-strong)",
    borderRadius: "6px",
    maxWidth: "min(28rem, 90vw)",
  },
  ".cm-diagnostic": {
    fontFamily: "var(--sn-sans)",
    fontSize: "0.875rem",
    padding: "0.375rem 0.625rem",
    borderLeft: "none",
  },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--sn-bad)",
    textUnderlineOffset: "3px",
  },
  ".cm-lintRange-warning": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--sn-warn)",
    textUnderlineOffset: "3px",
  },
  ".cm-foldPlaceholder": {
    backgroundColor: "var(--sn-inset)",
    color: "inherit",
    border: "1px solid var(--sn-line)",
  },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--sn-code-key)" },
  { tag: tags.string, color: "var(--sn-code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--sn-code-number)" },
]);

export class CodeEditor {
  readonly #view: EditorView;
  readonly #describing = new Compartment();
  #ours = false;

  constructor(options: EditorOptions) {
    const root =
      options.parent.shadowRoot ?? options.parent.attachShadow({ mode: "open", delegatesFocus: true });
    this.#view = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: options.text,
        extensions: [
          lineNumbers(),
          foldGutter(),
          history(),
          drawSelection(),
          bracketMatching(),
          indentOnInput(),
          highlightActiveLine(),
          json(),
          syntaxHighlighting(colours),
          theme,
          EditorView.lineWrapping,
          EditorState.readOnly.of(options.readOnly),
          placeholderText(options.placeholder),
          // Tab is not bound: it moves on to the next control, as everywhere on the page.
          keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap]),
          this.#describing.of(describe(options.label, options.description, false)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !this.#ours) options.changed(update.state.doc.toString());
            if (update.focusChanged && !update.view.hasFocus) options.left();
          }),
        ],
      }),
    });
  }

  /** Replaces the text; what did not change keeps the cursor. */
  setText(text: string): void {
    const old = this.#view.state.doc.toString();
    if (text === old) return;
    let from = 0;
    while (from < text.length && from < old.length && text[from] === old[from]) from += 1;
    let tail = 0;
    while (
      tail < text.length - from &&
      tail < old.length - from &&
      text[text.length - 1 - tail] === old[old.length - 1 - tail]
    )
      tail += 1;
    this.#ours = true;
    this.#view.dispatch({
      changes: { from, to: old.length - tail, insert: text.slice(from, text.length - tail) },
    });
    this.#ours = false;
  }

  mark(marks: Mark[], label: string, description: string): void {
    const end = this.#view.state.doc.length;
    const diagnostics: Diagnostic[] = marks.map((mark) => ({
      from: Math.min(mark.from, end),
      to: Math.min(Math.max(mark.to, mark.from), end),
      severity: mark.severity,
      message: mark.message,
    }));
    this.#view.dispatch(setDiagnostics(this.#view.state, diagnostics));
    const wrong = marks.some((mark) => mark.severity === "error");
    this.#view.dispatch({ effects: this.#describing.reconfigure(describe(label, description, wrong)) });
  }

  /** Puts the cursor there, scrolls it into view and focuses the editor. */
  goTo(from: number): void {
    const at = Math.min(from, this.#view.state.doc.length);
    this.#view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
    this.#view.focus();
  }

  focus(): void {
    this.#view.focus();
  }

  destroy(): void {
    this.#view.destroy();
  }
}

function describe(label: string, description: string, wrong: boolean) {
  return EditorView.contentAttributes.of({
    "aria-label": label,
    ...(description === "" ? {} : { "aria-description": description }),
    ...(wrong ? { "aria-invalid": "true" } : {}),
  });
}
