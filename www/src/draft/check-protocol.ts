/** What the page and its checking worker say to each other. */
import type { DraftCheck, DraftContext, ScopeEvaluation, Track } from "schema-senate";

/** What a draft is held against, as the host wrote it. */
export interface Against {
  context: string;
  /** The scope in force; without it nothing is said of it. */
  scope?: string;
}

/** What the core says of a draft, and whether it is in scope. */
export type Judged = DraftCheck & {
  scope?: ScopeEvaluation;
  /** Of an emergency: the track that the change would be on otherwise. */
  class?: Track;
};

export type ToWorker =
  | { say: "start"; module: WebAssembly.Module }
  /** Contexts are large and change seldom: sent once, then meant by every check. */
  | { say: "against"; against: Against }
  | { say: "check"; round: number; draft: string };

export type FromWorker =
  { say: "checked"; round: number; check: Judged } | { say: "failed"; round: number; message: string };

type Judging = Pick<typeof import("schema-senate"), "checkDraft" | "evaluateScope" | "tally">;

/** The same in the worker and on the page. */
export function judge(core: Judging, draft: string, { context, scope }: Against): Judged {
  const check = emergency(core, draft, context, core.checkDraft(draft, context));
  const found = scope === undefined ? undefined : core.evaluateScope(scope, draft);
  return found?.ok ? { ...check, scope: found.evaluation } : check;
}

/** An emergency needs what its own track asks for, and what the change would need without one. */
function emergency(core: Judging, draft: string, context: string, check: Judged): Judged {
  if (check.track === undefined || !isEmergency(draft)) return check;
  const { policy, members } = JSON.parse(context) as DraftContext;
  if (members === undefined) return { ...check, track: "emergency", class: check.track };
  const counts = { members, yes: 0, no: 0, abstain: 0 };
  const answer = core.tally({ ...(policy && { policy }), track: "emergency", class: check.track, ...counts });
  if (!answer.ok) return check;
  const { threshold, words } = answer.tally;
  return {
    ...check,
    track: "emergency",
    class: check.track,
    needed: { yes: threshold, of: members, words },
  };
}

function isEmergency(draft: string): boolean {
  try {
    return (JSON.parse(draft) as { metadata?: { emergency?: unknown } }).metadata?.emergency === true;
  } catch {
    return false;
  }
}
