/** The members of the policy document as a form shows them: what they are called, and what they mean. */
import type { Policy, Requirement, Track } from "schema-senate";

export const TRACKS: readonly Track[] = [
  "additive",
  "breaking",
  "new_type",
  "policy",
  "membership",
  "scope",
  "emergency",
];

type Numbers = {
  [Name in keyof Policy]: Policy[Name] extends number | null ? Name : never;
}[keyof Policy];

export interface NumberMember {
  name: Exclude<Numbers, "schema_version">;
  label: string;
  hint: string;
  /** A length of time, shown with a unit. */
  time?: true;
}

export const TIMES: readonly NumberMember[] = [
  {
    name: "min_review_ms",
    label: "Review",
    hint: "How long a proposal is debated before its vote may open.",
    time: true,
  },
  { name: "voting_ms", label: "Voting", hint: "How long a vote stays open.", time: true },
  {
    name: "late_window_ms",
    label: "Late window",
    hint: "A turn of the outcome, or a new concern, within this time before the close extends the vote.",
    time: true,
  },
  { name: "extension_ms", label: "Extension", hint: "By how much, once.", time: true },
  { name: "cooling_ms", label: "Cooling", hint: "Between approval and coming into force.", time: true },
  {
    name: "resubmit_after_ms",
    label: "Before asking again",
    hint: "How long the same change must rest after it was rejected.",
    time: true,
  },
];

export const COUNTS: readonly NumberMember[] = [
  { name: "min_electorate", label: "Members at least", hint: "With fewer nothing is approved." },
  { name: "min_principals", label: "Principals at least", hint: "From so many the yes ballots must come." },
  {
    name: "principal_cap",
    label: "Ballots of one principal at most",
    hint: "The rule must hold with so many of each counted, too. Empty for no cap.",
  },
  { name: "live_per_proposer", label: "Live proposals", hint: "Of one proposer on one type." },
  { name: "concerns_per_member", label: "Concerns", hint: "Of one member on one proposal." },
  { name: "max_membership_changes", label: "Changes of members", hint: "In one proposal." },
  { name: "max_draft_bytes", label: "Bytes of a draft", hint: "At most." },
];

/** Requirements to choose from; any other can be written as JSON. */
export const REQUIREMENTS: readonly { value: Requirement; words: string }[] = [
  { value: { num: 1, den: 2, strict: true }, words: "more than half of the members" },
  { value: { num: 2, den: 3 }, words: "at least 2/3 of the members" },
  { value: { num: 3, den: 4 }, words: "at least 3/4 of the members" },
  { value: { unanimous: true }, words: "every member" },
  { value: { num: 2, den: 3, base: "cast" }, words: "at least 2/3 of the ballots cast" },
];

/** A requirement in words, for tables; what decides is the core's. */
export function requirementWords(requirement: Requirement): string {
  if ("unanimous" in requirement) return "every member";
  const { num, den, strict = false, base = "electorate" } = requirement;
  if (num === den) return "every member";
  const of = base === "cast" ? "of the ballots cast" : "of the members";
  const share = num === 1 && den === 2 ? "half" : `${num}/${den}`;
  return `${strict ? "more than" : "at least"} ${share} ${of}`;
}

/** Whether two requirements say the same, spelled out or not. */
export function sameRequirement(one: Requirement, other: Requirement): boolean {
  return requirementWords(one) === requirementWords(other);
}
