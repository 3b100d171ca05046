import type { ProposalView, Status } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { STATUS } from "../words/status.js";
import { onDay } from "./parts.js";

interface Stage {
  word: string;
  state: "done" | "now" | "ahead" | "failed" | "skipped";
  at?: number | undefined;
}

/** The events that decide a proposal. */
export const DECISIONS = [
  "schema_proposal_approved",
  "schema_proposal_rejected",
  "senate_proposal_approved",
  "senate_proposal_rejected",
  "proposal_expired",
  "proposal_withdrawn",
  "proposal_stale",
];

const IN_FORCE = ["migration_applied", "policy_changed", "members_changed", "scope_changed"];

const among = (status: Status, ...statuses: Status[]): boolean => statuses.includes(status);

/** How far a proposal has come. */
export function stages(proposal: ProposalView): TemplateResult {
  const at = (...events: string[]) =>
    proposal.history.findLast((entry) => events.includes(entry.event))?.at_ms;
  const { status } = proposal;
  const ended = among(status, "rejected", "expired", "withdrawn", "stale");
  const inForce = among(status, "active", "superseded");
  const failed = among(status, "migration_failed", "abandoned");
  const passed = inForce || failed || among(status, "cooling", "approved", "migrating");
  const opened = proposal.vote !== undefined;
  const steps: Stage[] = [
    { word: "Review", state: status === "review" ? "now" : "done", at: proposal.created_ms },
    {
      word: "Voting",
      state: status === "voting" ? "now" : opened ? "done" : ended ? "skipped" : "ahead",
      at: proposal.vote?.opened_ms,
    },
    {
      word: ended ? STATUS[status].word : "Approved",
      state: passed ? "done" : ended ? "failed" : "ahead",
      at: at(...DECISIONS),
    },
  ];
  const { decided_ms: decided, effective_ms: effective } = proposal;
  if (decided !== undefined && effective !== undefined && effective > decided) {
    steps.push({
      word: "Cooling",
      state: status === "cooling" ? "now" : passed ? "done" : ended ? "skipped" : "ahead",
      at: effective,
    });
  }
  steps.push({
    word: failed || status === "superseded" ? STATUS[status].word : "In force",
    state: inForce
      ? "done"
      : failed
        ? "failed"
        : ended
          ? "skipped"
          : among(status, "approved", "migrating")
            ? "now"
            : "ahead",
    at: at(...IN_FORCE, "migration_failed", "migration_abandoned"),
  });
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
