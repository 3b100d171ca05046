/** The places of a draft that the form has controls for, and how problems find the control they belong to. */
import type { Problem } from "schema-senate";
import { isWithin } from "../json/pointer.js";

export const SPEC = "/metadata/field_spec";
export const PLAN = "/metadata/migration_plan";
export const CASES = "/metadata/use_cases";
export const ADDRESSES = "/addresses";

export const PLACE = {
  title: "/title",
  target: "/metadata/target_artifact_type",
  change: "/metadata/change_type",
  rationale: "/metadata/rationale",
  claim: "/metadata/backward_compatible",
  emergency: "/metadata/emergency",
} as const;

/** The control that shows a problem: the longest place that the problem's pointer is at or below. */
export function controlFor(problem: Problem, controls: readonly string[]): string | undefined {
  return controls
    .filter((place) => isWithin(problem.pointer, place))
    .reduce<string | undefined>(
      (best, place) => (best === undefined || place.length > best.length ? place : best),
      undefined,
    );
}

/** What to call a place in a list of problems. */
export function placeName(pointer: string): string {
  const names: [string, string][] = [
    [PLACE.title, "Title"],
    [PLACE.target, "Artifact type"],
    [PLACE.change, "Change"],
    [SPEC + "/schema", "Schema"],
    [SPEC + "/default", "Default"],
    [SPEC + "/name", "Name"],
    [SPEC + "/path", "Field"],
    [SPEC + "/from", "Field"],
    [SPEC + "/to", "New name"],
    [SPEC + "/required", "Required"],
    [SPEC + "/description", "Description"],
    [SPEC, "Change"],
    [PLACE.rationale, "Rationale"],
    ["/metadata/policy", "Policy"],
    ["/metadata/scope", "Scope"],
    ["/metadata/changes", "Members"],
    [CASES, "Use cases"],
    [PLAN + "/sql", "SQL"],
    [PLAN + "/backfill", "Backfill"],
    [PLAN + "/none_needed", "Migration"],
    [PLAN, "Migration"],
    [PLACE.claim, "Claim"],
    [PLACE.emergency, "Emergency"],
    [ADDRESSES, "Earlier proposals"],
  ];
  return names.find(([place]) => isWithin(pointer, place))?.[1] ?? "Document";
}
