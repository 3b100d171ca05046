import type { Member } from "schema-senate";
import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import type { Senate } from "../api/client.js";
import { OwnKeys, type KeyState } from "../keys/own.js";
import { acted } from "../keys/sign.js";
import { Resource } from "../state/resource.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import { define, SenateElement, uniqueId } from "./base.js";
import type { Part } from "./parts.js";

const KEY_STATE: Record<KeyState, { mark: string; word: string; says: string; tone: string }> = {
  host: {
    mark: "!",
    word: "the host signs",
    says: "Development mode: the host holds this key.",
    tone: "warn",
  },
  here: { mark: "✓", word: "key here", says: "This browser signs with the member's key.", tone: "good" },
  other: { mark: "!", word: "key not enrolled", says: "The senate knows another key.", tone: "warn" },
  none: { mark: "–", word: "no key here", says: "This browser cannot sign for this member.", tone: "quiet" },
};

/**
 * Whom the reader acts as: one of the senate's members, chosen once for the whole page and remembered here, and whether
 * this browser can sign for them.
 */
export class SenateActor extends SenateElement {
  @property() accessor label = "Acting as";

  readonly #actor = new Watch(this, actor);
  readonly #senate = new Resource<Senate>(this, {
    load: (signal) => this.client.senate(signal),
    every: 30_000,
    after: acted,
  });
  readonly #keys = new OwnKeys(this, () => ({
    instance: this.#senate.value?.origin ?? "",
    member: this.#actor.value,
  }));
  readonly #id = uniqueId("actor");

  protected override render(): unknown {
    const members = this.#senate.value?.members ?? [];
    const chosen = this.#actor.value;
    const known = chosen === "" || members.some((member) => member.id === chosen);
    return html`<span class="sn-actor">
      <label for=${this.#id}>${this.label}</label>
      <select
        id=${this.#id}
        class="sn-input"
        aria-describedby=${chosen === "" ? nothing : `${this.#id}-key`}
        @change=${(event: Event) => actor.set((event.target as HTMLSelectElement).value)}
      >
        <option value="" .selected=${chosen === ""}>nobody, only reading</option>
        ${members.map(
          (member) =>
            html`<option value=${member.id} .selected=${member.id === chosen}>
              ${shortName(member, members)}
            </option>`,
        )}
        ${known ? nothing : html`<option value=${chosen} .selected=${true}>${chosen} (no member)</option>`}
      </select>
      ${this.#keyState()}
    </span>`;
  }

  #keyState(): Part {
    const senate = this.#senate.value;
    if (!senate || this.#actor.value === "") return nothing;
    const state = this.#keys.state(senate);
    if (state === undefined) return nothing;
    const { mark, word, says, tone } = KEY_STATE[state];
    return html`<a
      class="sn-key-state"
      id="${this.#id}-key"
      data-tone=${tone}
      title=${says}
      href=${this.href("members")}
      ><span aria-hidden="true">${mark}</span> ${word}</a
    >`;
  }
}

/** The name alone, where no other member has the same. */
function shortName(member: Member, members: Member[]): string {
  const alone = members.filter((other) => other.name === member.name).length === 1;
  return member.name && alone ? member.name : memberName(member);
}

export function memberName(member: Member): string {
  return member.name && member.name !== member.id ? `${member.name} (${member.id})` : member.id;
}

define("senate-actor", SenateActor);
