/** Starting points for drafts, and a field spec carried from one change to another. */
import type { ChangeType } from "schema-senate";
import { write } from "../json/spans.js";
import { PLACE, SPEC } from "./places.js";
import { DraftText } from "./text.js";

export const NEW_TYPE = "new_type";

const NEW_TYPE_SCHEMA = {
  type: "object",
  properties: { title: { type: "string", minLength: 1 } },
  required: ["title"],
  additionalProperties: false,
};

/** What governance proposals are about, and the type of proposal that changes it. */
export const GOVERNANCE = {
  "senate/policy": "policy_change",
  "senate/members": "membership_change",
  "senate/scope": "scope_change",
} as const;

export type GovernanceTarget = keyof typeof GOVERNANCE;

export const isGovernance = (target: string): target is GovernanceTarget => target in GOVERNANCE;

/** A draft with everything still to say. */
export function blankDraft(target: string): string {
  if (isGovernance(target)) {
    const proposal_type = GOVERNANCE[target];
    const payload =
      proposal_type === "policy_change"
        ? { policy: {} }
        : proposal_type === "scope_change"
          ? { scope: {} }
          : { changes: [] };
    return write({ proposal_type, metadata: { ...payload, rationale: "" } });
  }
  const change: ChangeType = target === NEW_TYPE ? "add_type" : "add_field";
  return write({
    proposal_type: "schema_change",
    metadata: {
      target_artifact_type: target,
      change_type: change,
      field_spec:
        target === NEW_TYPE
          ? { name: "", schema: NEW_TYPE_SCHEMA }
          : { name: "", schema: { type: "string" } },
      rationale: "",
      use_cases: [{ who: "", need: "" }],
      migration_plan: { none_needed: "" },
      backward_compatible: true,
    },
  });
}

/** The members of each change's field spec, in the order the form asks for them. */
const MEMBERS: Record<ChangeType, readonly string[]> = {
  add_field: ["name", "path", "schema", "required", "default"],
  modify_field: ["path", "schema"],
  remove_field: ["path"],
  rename_field: ["from", "to"],
  add_type: ["name", "schema", "description"],
};

/** What a field spec held under each change, as it was typed: choosing another change and back loses nothing. */
export type SpecMemory = Map<ChangeType, Map<string, string>>;

export function remember(memory: SpecMemory, change: ChangeType, draft: DraftText): void {
  const held = MEMBERS[change].filter((member) => draft.has(`${SPEC}/${member}`));
  memory.set(change, new Map(held.map((member) => [member, draft.source(`${SPEC}/${member}`)])));
}

/** The draft with another change: what was typed for it before, else what both changes have, else a plain start. */
export function changeTo(draft: DraftText, change: ChangeType, memory: SpecMemory): DraftText {
  const before = memory.get(change);
  const carried = (member: string): string => {
    if (change === "add_type") return "";
    if (member === "schema") return draft.source(`${SPEC}/schema`);
    const existing = change !== "add_field" && (member === "path" || member === "from");
    if (!existing || draft.string(PLACE.change) === "add_field") return "";
    return draft.source(`${SPEC}/path`) || draft.source(`${SPEC}/from`);
  };
  const plain: Record<string, string> = {
    name: change === "add_field" || change === "add_type" ? '""' : "",
    path: change === "add_field" ? "" : '""',
    from: '""',
    to: '""',
    schema: write(change === "add_type" ? NEW_TYPE_SCHEMA : { type: "string" }),
  };
  let next = draft.set(PLACE.change, change).set(SPEC, {});
  for (const member of MEMBERS[change]) {
    const text = before ? before.get(member) : carried(member) || plain[member];
    if (text) next = next.type(`${SPEC}/${member}`, text);
  }
  return next;
}
