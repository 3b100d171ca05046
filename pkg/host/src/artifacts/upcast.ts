/** Reading an artifact under a later version of its type than the one it was written under. */
import type { Answer, Problem, Senate } from "schema-senate";
import type { View } from "../handle.js";
import { problem } from "../http/problem.js";

/** `skipped`: warnings of what a transform has left where it was. */
export type Upcast = Answer<{ metadata: string; changed: boolean; skipped: Problem[] }>;

/** Brings metadata from one version of its type to a later one through every transform between them. */
export function upcast(
  senate: Senate,
  artifactType: string,
  from: number,
  to: number,
  metadata: string,
): Upcast {
  if (to === from) return { ok: true, metadata, changed: false, skipped: [] };
  if (to < from) {
    return {
      ok: false,
      problem: problem(
        "upcast_backwards",
        `It was written under version ${from} of ${artifactType}; version ${to} is an earlier one.`,
        { remedy: `Ask for version ${from} or a later one, or for an earlier version of the artifact.` },
      ),
    };
  }
  const answer = senate.upcast(artifactType, from, to, metadata);
  if (!answer.ok) return answer;
  // What was not changed keeps the text in which it was written.
  const text = answer.changed ? JSON.stringify(answer.artifact) : metadata;
  return { ok: true, metadata: text, changed: answer.changed, skipped: answer.skipped };
}

/**
 * Whether the first read under version `to` is to store what it reads: one of the versions on the way came with that
 * strategy, by its plan, or by its type's when it was not voted on.
 */
export function isEager(view: View, artifactType: string, from: number, to: number): boolean {
  const type = view("type", { artifact_type: artifactType });
  if (!type.ok) return false;
  const { evolution, history } = type.view;
  return history
    .filter(({ version }) => version > from && version <= to)
    .some(({ proposal_id }) => {
      const plan = proposal_id === undefined ? undefined : view("plan", { proposal_id });
      const strategy = plan?.ok === true ? plan.view.plan.strategy : evolution;
      return strategy === "eager_on_read";
    });
}
