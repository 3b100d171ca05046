/**
 * What can be said of a change of the senate itself while it is written: what it would change, and what vote it takes.
 * Thresholds and their words are the core's; whether the whole is well-formed the host says when it is proposed.
 */
import type { DraftCheck, Json, Member, Policy, PartialPolicy, Problem, Scope, Track } from "schema-senate";
import type { Core } from "../core.js";
import { parse } from "../json/spans.js";
import { changeWords } from "../words/membership.js";
import { CHOICE, TRACK } from "../words/status.js";
import { span } from "../words/time.js";
import { GOVERNANCE, type GovernanceTarget } from "./changes.js";
import { COUNTS, requirementWords, sameRequirement, TIMES, TRACKS } from "./governance.js";
import { PLACE } from "./places.js";

/** What is in force. */
export interface Governing {
  policy: Policy;
  scope: Scope;
  members: readonly Member[];
}

/** One requirement that the vote has to meet, in the core's words. */
export interface Demand {
  what: string;
  words: string;
}

export interface GovernanceCheck extends DraftCheck {
  changes: { words: string }[];
  /** Of a change of the policy: every rule that it has to meet. */
  demands: Demand[];
}

type Document = { [member: string]: Json };

export function checkGovernance(
  core: Core,
  target: GovernanceTarget,
  text: string,
  governing: Governing,
): GovernanceCheck {
  const problems: Problem[] = [];
  const wrong = (pointer: string, code: string, message: string) =>
    problems.push({ code, severity: "error", pointer, message });
  const check: GovernanceCheck = { ok: false, problems, use_cases: [], changes: [], demands: [] };
  const parsed = parse(text);
  if (!parsed.ok) {
    wrong("", "json_syntax", parsed.message);
    return check;
  }
  const metadata = objectAt(JSON.parse(text) as Json, "metadata");
  const track = TRACK_OF[target];
  check.track = track;
  const rationale = metadata["rationale"];
  if (typeof rationale !== "string" || rationale.trim() === "")
    wrong(PLACE.rationale, "rationale_missing", "the rationale says nothing");
  const voters = governing.members.filter((member) => member.role !== "contributor").length;
  const counted = (policy: PartialPolicy, of: Track) =>
    core.tally({ policy, track: of, members: voters, yes: 0, no: 0, abstain: 0 });

  if (target === "senate/policy") {
    const { policy: now } = governing;
    const drafted = objectAt(metadata, "policy") as PartialPolicy;
    const next = merged(now, drafted);
    check.changes = policyChanges(now, next).map((words) => ({ words }));
    const asItWouldBe = counted(next, track);
    if (!asItWouldBe.ok) {
      const { problem } = asItWouldBe;
      problems.push({ ...problem, pointer: `/metadata${problem.pointer}` });
    } else {
      // The ratchet: the policy track as it is and as it would be, and the same of every track that changes.
      const changed = TRACKS.filter(
        (each) => JSON.stringify(now.tracks[each]) !== JSON.stringify(next.tracks[each]),
      );
      const needed: (number | null)[] = [];
      const demand = (of: Track, when: string, policy: Policy) => {
        const answer = counted(policy, of);
        if (!answer.ok) return;
        needed.push(answer.tally.threshold);
        check.demands.push({ what: `${TRACK[of].word}, ${when}`, words: answer.tally.words });
      };
      for (const of of new Set<Track>([track, ...changed])) {
        demand(of, "as it is", now);
        if (requirementWords(now.tracks[of]) !== requirementWords(next.tracks[of]) || changedBase(now, next))
          demand(of, "as it would be", next);
      }
      const yes = needed.includes(null) ? null : Math.max(...needed.map((each) => each ?? 0));
      check.needed = {
        yes,
        of: voters,
        words: "The old rules and the new ones must all be met.",
      };
    }
  } else {
    const answer = counted(governing.policy, track);
    if (answer.ok) {
      const { tally } = answer;
      check.needed = { yes: tally.threshold, of: tally.members, words: tally.words };
    }
    check.changes = (
      target === "senate/members"
        ? memberChanges(core, metadata["changes"], wrong)
        : scopeChanges(governing.scope, objectAt(metadata, "scope"))
    ).map((words) => ({ words }));
  }
  if (check.changes.length === 0 && problems.every((problem) => problem.pointer === PLACE.rationale))
    wrong(PLACES[target], "nothing_changes", "nothing is changed yet");
  check.ok = problems.length === 0;
  return check;
}

const TRACK_OF: Record<GovernanceTarget, Track> = {
  "senate/policy": "policy",
  "senate/members": "membership",
  "senate/scope": "scope",
};

const PLACES: Record<GovernanceTarget, string> = {
  "senate/policy": "/metadata/policy",
  "senate/members": "/metadata/changes",
  "senate/scope": "/metadata/scope",
};

export const isGovernanceDraft = (target: string): boolean => target in GOVERNANCE;

function objectAt(value: Json | undefined, name: string): Document {
  const inner = isObject(value) ? value[name] : undefined;
  return isObject(inner) ? inner : {};
}

function isObject(value: Json | undefined): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function merged(now: Policy, drafted: PartialPolicy): Policy {
  return { ...now, ...drafted, tracks: { ...now.tracks, ...drafted.tracks } };
}

/** What a share is counted over changes, and with it every share. */
function changedBase(now: Policy, next: Policy): boolean {
  return (
    now.min_electorate !== next.min_electorate ||
    now.min_principals !== next.min_principals ||
    now.principal_cap !== next.principal_cap
  );
}

function policyChanges(now: Policy, next: Policy): string[] {
  const words: string[] = [];
  const turn = (what: string, was: string, will: string) => {
    if (was !== will) words.push(`${what}: ${was} → ${will}`);
  };
  for (const track of TRACKS) {
    const [was, will] = [now.tracks[track], next.tracks[track]];
    turn(TRACK[track].word, requirementWords(was), requirementWords(will));
    for (const name of ["min_review_ms", "voting_ms", "cooling_ms"] as const)
      turn(`${TRACK[track].word}, ${name}`, timeOf(was[name]), timeOf(will[name]));
  }
  for (const { name, label, time } of [...TIMES, ...COUNTS]) {
    const shown = (value: number | null) => (value === null ? "none" : time ? span(value) : String(value));
    turn(label, shown(now[name]), shown(next[name]));
  }
  if (!sameRequirement(now.concern_override, next.concern_override))
    turn(
      "To override a concern",
      requirementWords(now.concern_override),
      requirementWords(next.concern_override),
    );
  turn("Ballots", now.ballot_mode, next.ballot_mode);
  const reasons = (policy: Policy) =>
    policy.reason_required.map((choice) => CHOICE[choice]?.word.toLowerCase()).join(", ") || "none";
  turn("Ballots that need a reason", reasons(now), reasons(next));
  turn("Import without a vote", now.direct_import ? "yes" : "no", next.direct_import ? "yes" : "no");
  return words;
}

const timeOf = (ms: number | undefined): string => (ms === undefined ? "as for all" : span(ms));

function memberChanges(
  core: Core,
  changes: Json | undefined,
  wrong: (pointer: string, code: string, message: string) => void,
): string[] {
  if (!Array.isArray(changes)) return [];
  return changes.map((change, at) => {
    for (const [verb, value] of isObject(change) ? Object.entries(change) : []) {
      const place = `/metadata/changes/${at}/${verb}`;
      if (!isObject(value)) continue;
      if (typeof value["id"] !== "string" || value["id"] === "")
        wrong(`${place}/id`, "member_missing", "the member has no id");
      if (verb !== "enrol" && verb !== "replace_key") continue;
      const key = core.keyId(typeof value["key"] === "string" ? value["key"] : "");
      if (!key.ok) wrong(`${place}/key`, key.problem.code, key.problem.message);
    }
    return changeWords(change);
  });
}

function scopeChanges(now: Scope, drafted: Document): string[] {
  const words: string[] = [];
  const names = {
    in: "In scope",
    out: "Out of scope",
    keywords_in: "Keywords for",
    keywords_out: "Keywords against",
    judges: "Judges",
  } as const;
  for (const [name, label] of Object.entries(names) as [keyof typeof names, string][]) {
    const next = drafted[name];
    if (!Array.isArray(next)) continue;
    const will = next.map(String);
    for (const each of will) if (!now[name].includes(each)) words.push(`${label}: add “${each}”`);
    for (const each of now[name]) if (!will.includes(each)) words.push(`${label}: drop “${each}”`);
  }
  if (drafted["types"] !== undefined) words.push("Keywords of single types");
  return words;
}
