/** A judge of scope: a member, usually an agent, that is asked where the scope's own words do not decide. */
import type { ProposalView, ScopeEvaluation } from "schema-senate";

export interface ScopeJudge {
  /** A member that the scope document names as a judge. */
  member_id: string;
  /** `signal` ends the question: what comes later is dropped. */
  judge(draft: JudgedDraft, evaluation: ScopeEvaluation, signal: AbortSignal): Promise<ScopeVerdict>;
  /** Signs with the member's key. */
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

export type JudgedDraft = Pick<ProposalView, "proposal_type" | "title" | "metadata">;

export interface ScopeVerdict {
  verdict: "in_scope" | "out_of_scope";
  reasoning: string;
}

/**
 * Asks for at most `timeoutMs`, also when the judge does not heed its signal.
 *
 * @throws Error when it does not answer in time, or answers something else.
 */
export async function askJudge(
  judge: ScopeJudge,
  draft: JudgedDraft,
  evaluation: ScopeEvaluation,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<ScopeVerdict> {
  const asking = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let end = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(new Error("the host stops"));
    timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    stop.addEventListener("abort", end);
    if (stop.aborted) end();
  });
  try {
    // A judge that throws at once is one that rejects.
    const answered = Promise.resolve().then(() => judge.judge(draft, evaluation, asking.signal));
    const answer: unknown = await Promise.race([answered, ended]);
    const { verdict, reasoning } = (
      typeof answer === "object" && answer !== null ? answer : {}
    ) as Partial<ScopeVerdict>;
    if ((verdict !== "in_scope" && verdict !== "out_of_scope") || typeof reasoning !== "string") {
      throw new Error("the answer is no verdict with its reasoning");
    }
    return { verdict, reasoning };
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", end);
    asking.abort();
  }
}
