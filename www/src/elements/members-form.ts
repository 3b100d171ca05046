import type { Member } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { asFailure, type Failure } from "../api/problem.js";
import { PLACE } from "../draft/places.js";
import { join } from "../json/pointer.js";
import { find, parse } from "../json/spans.js";
import { cannotKeepKeys, makeKey, NO_KEYS } from "../keys/ed25519.js";
import { announce } from "../state/announce.js";
import { memberName } from "./actor.js";
import { define } from "./base.js";
import { DocumentForm } from "./draft-form/base.js";
import { control, text } from "./draft-form/controls.js";
import { problemList, refusal, type Part } from "./parts.js";

const CHANGES = "/metadata/changes";

type Verb = "enrol" | "retire" | "amend" | "replace_key";

const VERBS: Record<Verb, { word: string; blank: (id: string) => Record<string, string> }> = {
  enrol: { word: "Enrol a member", blank: () => ({ id: "", key: "" }) },
  retire: { word: "Retire a member", blank: (id) => ({ id }) },
  amend: { word: "Change a member", blank: (id) => ({ id }) },
  replace_key: { word: "Replace a key", blank: (id) => ({ id, key: "" }) },
};

/** A change of the roster as a form: one part for each change. */
export class SenateMembersForm extends DocumentForm {
  @property({ attribute: false }) accessor members: Member[] = [];
  /** The senate that keys are made for. */
  @property() accessor instance = "";
  @state() private accessor failure: Failure | undefined;

  protected override render(): unknown {
    const count = this.draft.length(CHANGES);
    return html`
      <section class="sn-form-part" aria-labelledby="${this.stem}-changes" data-place=${CHANGES}>
        <h2 id="${this.stem}-changes">Who joins, leaves, or changes</h2>
        <ol class="sn-cases">
          ${Array.from({ length: count }, (_, at) => this.#change(at))}
        </ol>
        <div class="sn-row">
          ${(Object.keys(VERBS) as Verb[]).map(
            (verb) =>
              html`<button type="button" class="sn-button" @click=${() => void this.#add(verb, count)}>
                ${VERBS[verb].word}
              </button>`,
          )}
        </div>
        ${this.strict || count > 0 ? problemList(this.problemsAt(CHANGES)) : nothing} ${refusal(this.failure)}
      </section>
      <section class="sn-form-part" aria-labelledby="${this.stem}-why">
        <h2 id="${this.stem}-why">Why</h2>
        ${text(this, PLACE.title, "Title", "One line for lists. Left out, the change names itself.", { optional: true })}
        ${text(this, PLACE.rationale, "Rationale", "Why the roster shall change.", { rows: 4 })}
      </section>
    `;
  }

  async #add(verb: Verb, at: number): Promise<void> {
    const base = this.draft.has(CHANGES) ? this.draft : this.draft.set(CHANGES, []);
    const change = { [verb]: VERBS[verb].blank(this.members[0]?.id ?? "") };
    this.emit(base.set(CHANGES + join(at), change));
    await this.focusIn(`[data-place="${CHANGES}/${at}/${verb}/id"]`);
  }

  #verb(at: number): Verb | undefined {
    const parsed = parse(this.draft.source(CHANGES + join(at)));
    const node = parsed.ok ? find(parsed.root, "") : undefined;
    const name = node?.kind === "object" ? node.members[0]?.key : undefined;
    return name !== undefined && name in VERBS ? (name as Verb) : undefined;
  }

  #change(at: number): TemplateResult {
    const verb = this.#verb(at);
    const here = CHANGES + join(at);
    const place = `${here}/${verb}`;
    const optional = { optional: true };
    return html`<li class="sn-case sn-member-change">
      <h3>${verb ? VERBS[verb].word : "A change written as JSON"}</h3>
      ${
        verb === undefined
          ? nothing
          : html`
              ${
                verb === "enrol"
                  ? text(this, `${place}/id`, "Id", "Names the member in the log, for good.", { mono: true })
                  : this.#member(`${place}/id`)
              }
              ${
                verb === "enrol" || verb === "amend"
                  ? html`${text(this, `${place}/name`, "Name", "", optional)}
                    ${text(this, `${place}/principal`, "Principal", "Who runs it: an identifier. Left out, the member itself.", optional)}
                    ${text(this, `${place}/family`, "Model family", "For readers.", optional)}
                    ${this.#role(`${place}/role`)}`
                  : nothing
              }
              ${verb === "enrol" || verb === "replace_key" ? this.#key(place) : nothing}
            `
      }
      <button
        type="button"
        class="sn-button sn-button-plain"
        aria-label="Remove change ${at + 1}"
        @click=${() => this.emit(this.draft.drop(here))}
      >
        Remove
      </button>
    </li>`;
  }

  #member(place: string): TemplateResult {
    const value = this.draft.string(place);
    return control(
      this,
      place,
      "Member",
      "",
      ({ id, described }) =>
        html`<select
          id=${id}
          class="sn-input"
          data-place=${place}
          aria-describedby=${described}
          @change=${(event: Event) => this.emit(this.draft.set(place, (event.target as HTMLSelectElement).value))}
        >
          ${this.members.map(
            (member) =>
              html`<option value=${member.id} .selected=${member.id === value}>
                ${memberName(member)}
              </option>`,
          )}
        </select>`,
    );
  }

  #role(place: string): TemplateResult {
    const value = this.draft.string(place);
    const option = (role: string, words: string) =>
      html`<option value=${role} .selected=${role === value}>${words}</option>`;
    return control(
      this,
      place,
      "Role",
      "",
      ({ id, described }) =>
        html`<select
          id=${id}
          class="sn-input"
          data-place=${place}
          aria-describedby=${described}
          @change=${(event: Event) => {
            const role = (event.target as HTMLSelectElement).value;
            this.emit(role === "" ? this.draft.drop(place) : this.draft.set(place, role));
          }}
        >
          ${option("", place.includes("/enrol/") ? "voter" : "as it is")} ${option("voter", "voter")}
          ${option("contributor", "contributor: proposes and debates, does not vote")}
        </select>`,
    );
  }

  #key(place: string): Part {
    return html`${text(this, `${place}/key`, "Public key", "ed25519: and 44 characters. The private key stays with whoever signs.", { mono: true })}
      <button type="button" class="sn-button" @click=${() => void this.#make(place)}>
        Make the key in this browser
      </button>`;
  }

  async #make(place: string): Promise<void> {
    const member = this.draft.string(`${place}/id`).trim();
    this.failure = undefined;
    if (member === "") {
      announce("Write the member's id first.");
      await this.focusIn(`[data-place="${CSS.escape(`${place}/id`)}"]`);
      return;
    }
    try {
      const unable = await cannotKeepKeys();
      if (unable) throw new Error(`${NO_KEYS[unable]} Use \`senate key new\` on the command line.`);
      const { public_key } = await makeKey(this.instance, member);
      this.emit(this.draft.set(`${place}/key`, public_key));
      announce("The key is kept in this browser.");
    } catch (error) {
      this.failure = asFailure(error);
    }
  }
}

define("senate-members-form", SenateMembersForm);
