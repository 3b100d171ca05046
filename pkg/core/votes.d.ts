/** Votes: the policy, who may vote, what the ballots say, and what can still happen. */
import type { Answer, Answers, Choice, Milliseconds, Track } from "./index.js";

/** What the yes ballots must come to: a share, or every member. */
export type Requirement =
  | {
      num: number;
      den: number;
      /** More than the share, not at least. Default false. */
      strict?: boolean;
      /** Of all frozen members, or of the ballots cast (never counted as fewer than `min_electorate`). Default `electorate`. */
      base?: "electorate" | "cast";
    }
  | { unanimous: true };

/** A requirement, and the times of the track where they are not the policy's. */
export type TrackRule = Requirement & {
  min_review_ms?: Milliseconds;
  voting_ms?: Milliseconds;
  cooling_ms?: Milliseconds;
};

export interface Policy {
  schema_version: 1;
  tracks: Record<Track, TrackRule>;
  /** Below this many members nothing can be approved. Default 3. */
  min_electorate: number;
  /** From how many principals the yes ballots must come. Default 1. */
  min_principals: number;
  /** The requirement must also hold when no more members than this count of each principal. */
  principal_cap: number | null;
  /** `final`: one ballot each, the decision falls as soon as it cannot change. `replaceable`: it falls at the close. */
  ballot_mode: "final" | "replaceable";
  /** Choices that need a reason. Default `["no"]`. */
  reason_required: Choice[];
  /** How long a proposal must stand before its vote may open. Default 0. */
  min_review_ms: Milliseconds;
  /** How long voting stays open. Default 7 days. */
  voting_ms: Milliseconds;
  /** A concern, or a ballot that turns the outcome, so shortly before the close extends the vote, once. Default 1 day. */
  late_window_ms: Milliseconds;
  /** By how long. Default 2 days. */
  extension_ms: Milliseconds;
  /** How long an approval waits before it takes effect. Default 0. */
  cooling_ms: Milliseconds;
  /** How many of the frozen electorate override a concern. */
  concern_override: Requirement;
  /** Live proposals (in review or voting) that one proposer may have on one target. Default 1. */
  live_per_proposer: number;
  concerns_per_member: number;
  max_draft_bytes: number;
  max_membership_changes: number;
  /** How long a rejected proposal cannot be proposed again. Default 0. */
  resubmit_after_ms: Milliseconds;
  /** Whether members import new types without a vote. Default true. */
  direct_import: boolean;
  /** Whether the vote on a schema change opens only when its migration was rehearsed and passed. Default `optional`. */
  rehearsal: "optional" | "required";
}

/** A policy in which anything may be left out; what is left out is as in the default, or as it is in force. */
export type PartialPolicy = Partial<Omit<Policy, "tracks">> & { tracks?: Partial<Record<Track, TrackRule>> };

/** Everything that one vote must meet. */
export interface Rule {
  requirements: Requirement[];
  min_electorate: number;
  min_principals: number;
  principal_caps: number[];
  /** In views: the same in one sentence. */
  words?: string;
}

/** Somebody who takes part. */
export interface Member {
  id: string;
  name?: string;
  /** On whose behalf they act; the identifier itself unless said. */
  principal?: string;
  /** The model family of an agent. */
  family?: string;
  /** `contributor`: proposes and debates, and does not vote. Default `voter`. */
  role?: "voter" | "contributor";
  /** The public key: `ed25519:` and the base64 of its 32 bytes. */
  key: string;
}

export interface Tally {
  members: number;
  yes: number;
  no: number;
  abstain: number;
  not_voted: number;
  /** Yes ballots that approve. `null` when the electorate is below the minimum: nothing approves. */
  threshold: number | null;
  /** How many more yes ballots approve; 0 once approved; `null` when no number of them does. */
  needed: number | null;
  /** What the ballots say: `pending` while silent members can still bring it over the threshold. */
  outcome: "approved" | "rejected" | "pending";
  /** True when no further ballot can change the outcome. */
  decided: boolean;
  /** The rule and where it stands, in words: `needs 4 of 6 yes (at least 2/3); 2 more needed`. */
  words: string;
  /** From how many principals the yes ballots come, and what the rule asks of them. */
  principals: { [member: string]: number | null };
  /** The capped counts, where the rule has a cap. */
  capped?: { [member: string]: number | null }[];
}

/** Counts ballots. `members` is a count; `policy` defaults to the default policy, member by member. */
export function tally(input: {
  policy?: PartialPolicy;
  track: Track;
  /** Of an emergency: the track that the change would be on otherwise. */
  class?: Track;
  members?: number;
  yes?: number;
  no?: number;
  abstain?: number;
  /** In place of the counts: one entry for each principal. */
  principals?: { members: number; yes: number; no: number; abstain: number }[];
}): Answer<{ tally: Tally }>;

export function defaultPolicy(): Policy;

/** A number of ballots; `"never"` when none does it, `"unknown"` for electorates that are too large to say. */
export type Fewest = number | "never" | "unknown";

/** What can still happen to a vote. */
export interface Solution {
  /** What a close now would say. */
  closes: "approved" | "rejected" | "expired";
  /** Whether no further ballot can change whether it is approved. */
  irreversible: boolean;
  /** The fewest further yes ballots that approve it. */
  to_approve: Fewest;
  /** The fewest silent members who must not say yes for it to fail for good. */
  to_block: Fewest;
  /** The fewest yes ballots without which it would not be approved as it stands. */
  to_undo: Fewest;
  /** The members on each of whom alone it depends as it stands. */
  pivotal: string[];
  members: {
    id: string;
    says: Choice | null;
    pivotal: boolean;
    /** What a close now would say if this member had recused themselves. */
    recused: "approved" | "rejected" | "expired";
    needed_if_recused: Fewest;
  }[];
  words: string[];
}

/** What can still happen to a vote that is given by its members and their ballots. */
export function solve(
  input:
    | {
        policy?: PartialPolicy;
        track: Track;
        class?: Track;
        voters: { id: string; principal?: string; choice?: Choice }[];
      }
    | string
    | Uint8Array,
): Answers<{ solution: Solution }>;
