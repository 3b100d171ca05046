import type { Problem } from "schema-senate";
import { property, state } from "lit/decorators.js";
import { controlFor } from "../../draft/places.js";
import type { DraftText } from "../../draft/text.js";
import type { Field } from "../../json/fields.js";
import { SenateElement, uniqueId } from "../base.js";
import type { SenateJsonEditor } from "../json-editor.js";
import type { Form } from "./controls.js";

/** The form changed the document. */
export class DraftChanged extends CustomEvent<{ draft: DraftText }> {
  constructor(draft: DraftText) {
    super("draft-changed", { detail: { draft }, bubbles: true });
  }
}

/** A document as a form. Every control names its place in the document, so that a problem's pointer finds it. */
export abstract class DocumentForm extends SenateElement implements Form {
  @property({ attribute: false }) accessor draft!: DraftText;
  /** The fields of the current schema. */
  @property({ attribute: false }) accessor fields: Field[] = [];
  @property({ attribute: false }) accessor problems: Problem[] = [];
  /** Show every problem, also of controls nobody has touched yet. */
  @property({ type: Boolean }) accessor strict = false;
  @state() private accessor touched: ReadonlySet<string> = new Set();
  /** The reader chose to write a path by hand. */
  @state() accessor byHand = false;

  readonly planMemory = new Map<string, string>();
  readonly stem = uniqueId("draft");

  emit(draft: DraftText): void {
    this.draft = draft;
    this.dispatchEvent(new DraftChanged(draft));
  }

  touch(place: string): void {
    if (!this.touched.has(place)) this.touched = new Set([...this.touched, place]);
  }

  isTouched(place: string): boolean {
    return this.touched.has(place);
  }

  isTouchedWithin(place: string): boolean {
    return [...this.touched].some((touched) => touched.startsWith(place));
  }

  focusIn(selector: string): Promise<void> {
    return this.focusOn(selector);
  }

  /** The places that have a control at the moment. */
  get places(): string[] {
    return [...this.querySelectorAll<HTMLElement>("[data-place]")].map(
      (control) => control.dataset["place"] ?? "",
    );
  }

  /** Focuses the control of a problem; false when none shows it. */
  showProblem(problem: Problem): boolean {
    const place = controlFor(problem, this.places);
    if (place === undefined) return false;
    const control = this.querySelector<HTMLElement>(`[data-place="${CSS.escape(place)}"]`);
    if (!control) return false;
    this.touch(place);
    if (control.localName === "senate-json-editor") {
      (control as SenateJsonEditor).goTo(problem.pointer.slice(place.length));
    } else {
      (control.matches("fieldset")
        ? control.querySelector<HTMLElement>("input,select,textarea")
        : control
      )?.focus();
    }
    control.scrollIntoView({ block: "center" });
    return true;
  }

  problemsAt(place: string): Problem[] {
    return this.problems.filter((problem) => controlFor(problem, this.places) === place);
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    // Which control a problem belongs to depends on the controls that were just rendered.
    if (changed.has("draft")) queueMicrotask(() => this.requestUpdate());
  }
}
