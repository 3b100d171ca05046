import type { Json, ProposalView } from "schema-senate";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { changeWords } from "../words/membership.js";
import { define, SenateElement } from "./base.js";
import "./diff.js";
import { sentence, type Part } from "./parts.js";

/** What a change of policy, members or scope would put in place of what. */
export class SenateGovernanceChange extends SenateElement {
  @property({ attribute: false }) accessor proposal: ProposalView | undefined;
  @property({ type: Boolean }) accessor choosable = false;
  @state() private accessor current: { digest: string; document: Json } | undefined;
  #loadedFor = "";

  protected override updated(_changed: PropertyValues): void {
    const { proposal } = this;
    const wanted = `${proposal?.id} ${proposal?.status} ${proposal?.base?.digest}`;
    if (!proposal || wanted === this.#loadedFor) return;
    this.#loadedFor = wanted;
    void this.#load(proposal);
  }

  async #load(proposal: ProposalView): Promise<void> {
    try {
      this.current = await this.#fetch(proposal);
    } catch {
      // The next document is then shown without its difference.
      this.current = undefined;
    }
  }

  async #fetch({ proposal_type }: ProposalView): Promise<{ digest: string; document: Json } | undefined> {
    const { client } = this;
    switch (proposal_type) {
      case "policy_change": {
        const { digest, policy } = await client.policy();
        return { digest, document: policy as unknown as Json };
      }
      case "scope_change": {
        const { digest, scope } = await client.scope();
        return { digest, document: scope as unknown as Json };
      }
      default:
        return undefined;
    }
  }

  protected override render(): unknown {
    const { proposal } = this;
    if (!proposal) return nothing;
    const { policy, members, scope } = proposal.next;
    const next = (policy ?? scope ?? members) as unknown as Json | undefined;
    const previous = this.current?.digest === proposal.base?.digest ? this.current?.document : undefined;
    return html`${this.#changes(proposal)}
    ${
      next === undefined
        ? nothing
        : html`<senate-diff
            .previous=${previous}
            .next=${next}
            ?choosable=${this.choosable}
            caption=${previous === undefined ? "As it would be" : "As it is → as it would be"}
          ></senate-diff>`
    }`;
  }

  #changes(proposal: ProposalView): Part {
    const words =
      proposal.changes?.map((change) => sentence(change.words)) ??
      (proposal.metadata.changes ?? []).map(changeWords);
    if (words.length === 0) return nothing;
    return html`<ul class="sn-changes">
      ${words.map((each): TemplateResult => html`<li>${each}</li>`)}
    </ul>`;
  }
}

define("senate-governance-change", SenateGovernanceChange);
