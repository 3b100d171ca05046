import type { Member, SenateView } from "schema-senate";
import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import { Resource } from "../state/resource.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import { define, SenateElement, uniqueId } from "./base.js";

/**
 * Whom the reader acts as: one of the senate's members, chosen once for the whole page and remembered here. The host
 * takes the name as given; who may speak for a member is for what stands before the host to decide.
 */
export class SenateActor extends SenateElement {
  @property() accessor label = "Acting as";

  readonly #actor = new Watch(this, actor);
  readonly #senate = new Resource<SenateView>(this, {
    load: (signal) => this.client.senate(signal),
    every: 30_000,
  });
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
    </span>`;
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
