/** What the page and its checking worker say to each other. */
import type { DraftCheck, ScopeEvaluation } from "schema-senate";

/** What a draft is held against, as the host wrote it. */
export interface Against {
  context: string;
  /** The scope in force; without it nothing is said of it. */
  scope?: string;
}

/** What the core says of a draft, and whether it is in scope. */
export type Judged = DraftCheck & { scope?: ScopeEvaluation };

export type ToWorker =
  | { say: "start"; module: WebAssembly.Module }
  /** Contexts are large and change seldom: sent once, then meant by every check. */
  | { say: "against"; against: Against }
  | { say: "check"; round: number; draft: string };

export type FromWorker =
  { say: "checked"; round: number; check: Judged } | { say: "failed"; round: number; message: string };

/** The same in the worker and on the page. */
export function judge(
  core: Pick<typeof import("schema-senate"), "checkDraft" | "evaluateScope">,
  draft: string,
  { context, scope }: Against,
): Judged {
  const check = core.checkDraft(draft, context);
  const found = scope === undefined ? undefined : core.evaluateScope(scope, draft);
  return found?.ok ? { ...check, scope: found.evaluation } : check;
}
