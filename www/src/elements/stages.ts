import type { ProposalView, Status } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { STATUS } from "../words/status.js";
import { onDay } from "./parts.js";

interface Stage {
  word: string;
  state: "done" | "now" | "ahead" | "failed" | "skipped";
  at?: number | undefined;
}

/** How far a proposal has come. */
export function stages(proposal: ProposalView): TemplateResult {
  const at = (...events: string[]) => proposal.history.find((entry) => events.includes(entry.event))?.at_ms;
  const { status } = proposal;
  const ended = (["rejected", "expired", "withdrawn", "stale"] as Status[]).includes(status);
  const passed = (["approved", "activated", "migration_failed"] as Status[]).includes(status);
  const opened = proposal.vote !== undefined;
  const steps: Stage[] = [
    { word: "Proposed", state: status === "proposed" ? "now" : "done", at: proposal.created_ms },
    {
      word: "Voting",
      state: status === "voting" ? "now" : opened ? "done" : ended ? "skipped" : "ahead",
      at: proposal.vote?.opened_ms,
    },
    {
      word: ended ? STATUS[status].word : "Approved",
      state: passed ? "done" : ended ? "failed" : "ahead",
      at: at(
        "schema_proposal_approved",
        "schema_proposal_rejected",
        "proposal_expired",
        "proposal_withdrawn",
        "proposal_stale",
      ),
    },
    {
      word: status === "migration_failed" ? "Migration failed" : "In force",
      state:
        status === "activated"
          ? "done"
          : status === "migration_failed"
            ? "failed"
            : ended
              ? "skipped"
              : passed
                ? "now"
                : "ahead",
      at: at("migration_applied", "migration_failed"),
    },
  ];
  const says = { done: "done", now: "now", ahead: "to come", failed: "ended here", skipped: "not reached" };
  return html`<ol class="sn-stages" aria-label="Stages">
    ${steps.map(
      (step) =>
        html`<li data-state=${step.state} aria-current=${step.state === "now" ? "step" : nothing}>
          <span class="sn-stage-mark" aria-hidden="true"
            >${step.state === "done" ? "✓" : step.state === "failed" ? "✕" : step.state === "now" ? "●" : ""}</span
          >
          <span class="sn-stage-word">${step.word}<span class="sn-hidden">, ${says[step.state]}</span></span>
          ${step.at === undefined ? nothing : html`<span class="sn-stage-at">${onDay(step.at)}</span>`}
        </li>`,
    )}
  </ol>`;
}
