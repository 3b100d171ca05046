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
  /** What it applies to; nothing until it is known. */
  @state() private accessor base: Json | undefined;
  #loadedFor = "";

  protected override updated(_changed: PropertyValues): void {
    const { proposal } = this;
    const wanted = `${proposal?.id} ${proposal?.base?.version}`;
    if (!proposal?.base || wanted === this.#loadedFor) return;
    this.#loadedFor = wanted;
    void this.#load(proposal, proposal.base.version);
  }

  async #load({ proposal_type }: ProposalView, version: number): Promise<void> {
    const { client } = this;
    try {
      const { history } =
        proposal_type === "policy_change"
          ? await client.policy()
          : proposal_type === "scope_change"
            ? await client.scope()
            : await client.members();
      const found = (history as { version: number; value: unknown }[]).find(
        (each) => each.version === version,
      );
      this.base = found?.value as Json | undefined;
    } catch {
      // The next document is then shown without its difference.
      this.base = undefined;
    }
  }

  protected override render(): unknown {
    const { proposal, base } = this;
    if (!proposal) return nothing;
    const { document } = proposal.next;
    return html`${this.#changes(proposal)}
    ${
      document === undefined
        ? nothing
        : html`<senate-diff
            .previous=${base}
            .next=${document}
            ?choosable=${this.choosable}
            caption=${base === undefined ? "As it would be" : "As it is → as it would be"}
          ></senate-diff>`
    }`;
  }

  #changes(proposal: ProposalView): Part {
    const words =
      proposal.changes?.map((change) => sentence(change.words)) ?? drafted(proposal).map(changeWords);
    if (words.length === 0) return nothing;
    return html`<ul class="sn-changes">
      ${words.map((each): TemplateResult => html`<li>${each}</li>`)}
    </ul>`;
  }
}

/** The changes as they were given. */
function drafted({ metadata }: ProposalView): Json[] {
  const changes = metadata["changes"];
  return Array.isArray(changes) ? changes : [];
}

define("senate-governance-change", SenateGovernanceChange);
