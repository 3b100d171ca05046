/** The words of the senate as people read them. */
import type {
  Assumption,
  ChangeType,
  Choice,
  Mode,
  ProposalSummary,
  ProposalType,
  Status,
  Tally,
  Track,
  Verdict,
} from "schema-senate";

export const STATUS: Record<Status, { word: string; says: string; tone: Tone }> = {
  review: { word: "Review", says: "It is debated; its vote is not open yet.", tone: "calm" },
  voting: { word: "Voting", says: "Members cast their ballots.", tone: "live" },
  cooling: { word: "Cooling", says: "The vote passed; the cooling time is not over.", tone: "good" },
  approved: {
    word: "Approved",
    says: "The vote passed; the migration is still to be applied.",
    tone: "good",
  },
  migrating: { word: "Migrating", says: "The migration has begun.", tone: "good" },
  active: { word: "In force", says: "What was approved is in force.", tone: "good" },
  migration_failed: {
    word: "Migration failed",
    says: "The vote passed, but the migration could not be applied; the old version stays current.",
    tone: "bad",
  },
  superseded: { word: "Superseded", says: "It was in force; something later took its place.", tone: "quiet" },
  rejected: { word: "Rejected", says: "It was not approved.", tone: "bad" },
  expired: { word: "Expired", says: "Voting closed before enough members had voted.", tone: "quiet" },
  withdrawn: { word: "Withdrawn", says: "The proposer took it back.", tone: "quiet" },
  abandoned: {
    word: "Abandoned",
    says: "It was approved, its migration failed, and its proposer gave it up.",
    tone: "quiet",
  },
  stale: { word: "Stale", says: "What it was based on has changed since.", tone: "quiet" },
};

export type Tone = "calm" | "live" | "good" | "bad" | "warn" | "quiet";

export const isLive = (status: Status): boolean => status === "review" || status === "voting";

export const CHANGE: Record<ChangeType, { word: string; says: string }> = {
  add_field: { word: "Add a field", says: "A new field, optional or required." },
  modify_field: { word: "Modify a field", says: "Another schema for a field that exists." },
  remove_field: { word: "Remove a field", says: "The field leaves the schema and the artifacts." },
  rename_field: { word: "Rename a field", says: "The same field under another name." },
  add_type: { word: "Add a type", says: "A new artifact type with its first schema." },
};

export const TRACK: Record<Track, { word: string; says: string; tone: Tone }> = {
  additive: { word: "Additive", says: "Existing artifacts stay valid.", tone: "good" },
  breaking: { word: "Breaking", says: "Existing artifacts may become invalid.", tone: "warn" },
  new_type: { word: "New type", says: "A new artifact type; nothing stored is touched.", tone: "good" },
  policy: { word: "Policy", says: "The rules themselves change.", tone: "warn" },
  membership: { word: "Membership", says: "The electorate changes.", tone: "warn" },
  scope: { word: "Scope", says: "What may be proposed changes.", tone: "warn" },
  emergency: { word: "Emergency", says: "Shorter times, and the hardest rule.", tone: "warn" },
};

export const PROPOSAL_TYPE: Record<ProposalType, string> = {
  schema_change: "Schema change",
  policy_change: "Policy change",
  membership_change: "Membership change",
  scope_change: "Scope change",
};

/** What a proposal does, in two or three words. */
export function doing(proposal: Pick<ProposalSummary, "proposal_type" | "change_type">): string {
  return proposal.change_type ? CHANGE[proposal.change_type].word : PROPOSAL_TYPE[proposal.proposal_type];
}

export const VERDICT: Record<Verdict, { word: string; says: string; tone: Tone; mark: string }> = {
  compatible: {
    word: "Compatible",
    says: "Every artifact valid today stays valid.",
    tone: "good",
    mark: "✓",
  },
  breaking: { word: "Breaking", says: "Some artifacts valid today become invalid.", tone: "warn", mark: "!" },
  undecided: {
    word: "Undecided",
    says: "No proof either way, so it counts as breaking.",
    tone: "warn",
    mark: "?",
  },
};

/** What each mode asks for, after a colon. */
export const MODE: Record<Mode, string> = {
  backward: "what is stored must stay valid.",
  forward: "readers of the old schema must understand what is written under the new one.",
  full: "what is stored must stay valid, and old readers must understand what is new.",
  backward_transitive: "artifacts of every version must stay valid.",
  forward_transitive: "readers of every version must understand what is written under the new one.",
  full_transitive:
    "artifacts of every version must stay valid, and readers of every version understand what is new.",
};

/** What each assumption takes for granted. */
export const ASSUMPTION: Record<Assumption, string> = {
  closed_writers: "writers emit only declared properties",
  tolerant_enum_readers: "readers tolerate strings that their lists do not name",
  defaults_filled: "readers fill in the default of a required property",
};

export const CHOICE: Record<Choice, { word: string; mark: string }> = {
  yes: { word: "Yes", mark: "✓" },
  no: { word: "No", mark: "✕" },
  abstain: { word: "Abstain", mark: "–" },
};

/** What a screen reader says of the meter. */
export function tallyText(tally: Tally): string {
  const threshold =
    tally.threshold === null
      ? "no number of votes approves, the electorate is below its minimum"
      : `threshold ${tally.threshold} ${tally.yes >= tally.threshold ? "reached" : "not reached"}`;
  return `${tally.yes} of ${tally.members} yes, ${threshold}, ${tally.no} no, ${tally.abstain} abstained, ${tally.not_voted} not voted`;
}

/** `needs 4 of 6`. */
export function needs(tally: Tally): string {
  return tally.threshold === null
    ? `cannot pass with ${plural(tally.members, "member")}`
    : `needs ${tally.threshold} of ${tally.members}`;
}

export function plural(count: number, one: string, many = one + "s"): string {
  return `${count} ${count === 1 ? one : many}`;
}
