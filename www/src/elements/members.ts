import type { MembersView } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import type { Senate } from "../api/client.js";
import { acted } from "../keys/sign.js";
import { Resource } from "../state/resource.js";
import { actor } from "../state/settings.js";
import { Watch } from "../state/signal.js";
import { plural } from "../words/status.js";
import { define, SenateElement } from "./base.js";
import { digest, empty, notice, shown, type Part } from "./parts.js";
import "./own-key.js";
import { historyList, pendingList } from "./pending.js";

/** Who decides: the roster with its keys, the reader's own key, and how the roster came to be. */
export class SenateMembers extends SenateElement {
  readonly #actor = new Watch(this, actor);
  readonly #all = new Resource<{ senate: Senate; roster: MembersView }>(this, {
    load: async (signal) => {
      const [senate, roster] = await Promise.all([this.client.senate(signal), this.client.members(signal)]);
      return { senate, roster };
    },
    every: 15_000,
    after: acted,
  });

  protected override render(): unknown {
    return shown(this.#all, "members", ({ senate, roster }) => this.#page(senate, roster));
  }

  #page(senate: Senate, roster: MembersView): TemplateResult {
    const href = (id: string) => this.href("proposals", id);
    return html`<section aria-labelledby="roster">
        <div class="sn-head">
          <h2 id="roster">Roster <span class="sn-quiet">epoch ${roster.epoch}</span></h2>
          <a class="sn-button" href=${this.href("propose", "senate/members")}>Propose a change</a>
        </div>
        ${pendingList(roster.pending, href)}
        ${
          roster.members.length === 0
            ? empty("No members", "Without members nothing can be approved.")
            : this.#roster(roster.members)
        }
        <p class="sn-quiet">
          ${plural(roster.electorate, "voter")} of
          ${plural(Object.keys(roster.principals).length, "principal")}. Who joins or leaves changes no vote
          that is open.
        </p>
        ${this.#equivocations(roster)}
      </section>
      <section aria-labelledby="own-key">
        <h2 id="own-key">Your key</h2>
        <senate-own-key .senate=${senate}></senate-own-key>
      </section>
      <section aria-labelledby="log-key">
        <h2 id="log-key">The log</h2>
        <p>
          The host signs every state of the log of <strong>${senate.origin}</strong> with this key. Compare it
          with what other members see.
        </p>
        <p><code class="sn-key-text">${senate.log_key}</code></p>
      </section>
      <section aria-labelledby="members-history">
        <h2 id="members-history">History of the roster</h2>
        ${historyList(roster.history, href)}
      </section>`;
  }

  /** Whoever signs two things under one number speaks with two tongues. */
  #equivocations({ equivocations }: MembersView): Part {
    if (equivocations.length === 0) return nothing;
    const who = equivocations.map(
      ({ member_id, nonce, first_seq }) => `${member_id} (act ${nonce}, #${first_seq})`,
    );
    return notice(
      "bad",
      "Two different acts were signed under one number",
      `${new Intl.ListFormat("en-GB").format(who)}. The first one stands; the key may be in wrong hands.`,
    );
  }

  #roster(members: MembersView["members"]): TemplateResult {
    const me = this.#actor.value;
    return html`<div class="sn-scroll" tabindex="0" role="group" aria-labelledby="roster">
      <table class="sn-table sn-members-table">
        <caption class="sn-hidden">
          Members
        </caption>
        <thead>
          <tr>
            <th scope="col">Member</th>
            <th scope="col">Role</th>
            <th scope="col">Principal</th>
            <th scope="col">Key</th>
            <th scope="col">Acts signed</th>
          </tr>
        </thead>
        <tbody>
          ${members.map(
            (member) =>
              html`<tr>
                <th scope="row">
                  ${member.name ?? member.id}${member.id === me ? html` <span class="sn-quiet">you</span>` : nothing}
                  ${member.name ? html`<br /><code class="sn-place">${member.id}</code>` : nothing}
                </th>
                <td>${member.role ?? "voter"}</td>
                <td>
                  ${member.principal ?? member.id}${member.family ? html`<br /><span class="sn-quiet">${member.family}</span>` : nothing}
                </td>
                <td>${digest(member.key_id)}</td>
                <td>${member.acts}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

define("senate-members", SenateMembers);
