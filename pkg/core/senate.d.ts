/** The senate: signed acts become events, events become state, and views show it. */
import type {
  Answer,
  ChangeType,
  Choice,
  Claim,
  CompatibilityReport,
  CompatibilitySetting,
  Difference,
  Digest,
  Draft,
  DraftContext,
  Evolution,
  Json,
  JsonInput,
  Milliseconds,
  Plan,
  Problem,
  ProposalMetadata,
  Sql,
  Status,
  Track,
  Transform,
  Transformed,
  Verdict,
} from "./index.js";
import type { Member, PartialPolicy, Policy, Rule, Solution, Tally } from "./votes.js";

/** What an act has beside the members of its command. */
export interface Signing {
  /** The origin of the senate that it is for. */
  instance: string;
  /** The identifier of the signer's key. */
  key: Digest;
  /** Rises with every act of the signer. */
  nonce: number;
  /** The log as the signer saw it. */
  seen: { size: number; root: Digest };
  /** Base64 of 64 bytes: Ed25519 over what {@link signingBytes} gives. */
  signature: string;
}

export type ProposalType = "schema_change" | "policy_change" | "membership_change" | "scope_change";

/** Place in the document that a proposal would bring (`next`) or that is in force (`current`). */
export interface Anchor {
  pointer: string;
  document?: "next" | "current";
}

export type MembershipChange =
  | { enrol: Member }
  | { retire: { id: string } }
  | {
      amend: {
        id: string;
        name?: string | null;
        principal?: string;
        family?: string | null;
        role?: Member["role"];
      };
    }
  | { replace_key: { id: string; key: string } };

/** What proposals may be about. The default is empty: everything is in scope. */
export interface Scope {
  schema_version: 1;
  in: string[];
  out: string[];
  keywords_in: string[];
  keywords_out: string[];
  types: Record<string, { keywords_in: string[]; keywords_out: string[] }>;
  /** Members who judge what the keywords leave open. */
  judges: string[];
}

export interface ScopeEvaluation {
  verdict: "in_scope" | "out_of_scope" | "unclear";
  reasoning: string;
  matches: { list: "in" | "out"; keyword: string; pointer: string }[];
}

/** Whether a draft is in scope, by the governed criteria. */
export function evaluateScope(
  scope: JsonInput,
  draft: JsonInput,
  artifactType?: string,
): Answer<{ evaluation: ScopeEvaluation }>;

type Addresses = { proposal_id: string; what_changed: string }[];

/** What members do. Signed: an {@link Act} is one of these with the members of {@link Signing}. */
export type Deed =
  | {
      command: "import_type";
      artifact_type: string;
      versions: { schema: Json; references?: Record<string, Json>; draft?: Draft; description?: string }[];
      compatibility?: Partial<CompatibilitySetting>;
      /** How its artifacts follow a change. Default `batch`. */
      evolution?: Evolution;
      by: string;
    }
  | {
      command: "propose";
      proposer_id: string;
      proposal_type: "schema_change";
      title?: string;
      metadata: ProposalMetadata;
      addresses?: Addresses;
    }
  | {
      command: "propose";
      proposer_id: string;
      proposal_type: "policy_change";
      title?: string;
      metadata: { policy: PartialPolicy; rationale: string };
      addresses?: Addresses;
    }
  | {
      command: "propose";
      proposer_id: string;
      proposal_type: "membership_change";
      title?: string;
      metadata: { changes: MembershipChange[]; rationale: string };
      addresses?: Addresses;
    }
  | {
      command: "propose";
      proposer_id: string;
      proposal_type: "scope_change";
      title?: string;
      metadata: { scope: Partial<Scope>; rationale: string };
      addresses?: Addresses;
    }
  | { command: "revise"; proposal_id: string; by: string; title?: string; metadata: object }
  | { command: "open_vote"; proposal_id: string; by: string }
  | {
      command: "cast_ballot";
      proposal_id: string;
      voter_id: string;
      choice: Choice;
      reason?: string;
      subject: Digest;
    }
  | { command: "withdraw"; proposal_id: string; by: string; reason?: string }
  | { command: "recuse"; proposal_id: string; by: string; reason: string }
  | { command: "comment"; proposal_id: string; by: string; text: string; anchor?: Anchor; reply_to?: string }
  | { command: "raise_concern"; proposal_id: string; by: string; name: string; text: string; anchor?: Anchor }
  | { command: "resolve_concern"; proposal_id: string; by: string; concern_id: string; text: string }
  | { command: "override_concern"; proposal_id: string; by: string; concern_id: string; reason: string }
  | { command: "appeal"; proposal_id: string; by: string; justification: string }
  | {
      command: "judge_scope";
      proposal_id: string;
      by: string;
      verdict: "in_scope" | "out_of_scope";
      reasoning: string;
    }
  /** By the proposer or a voter: a migration that failed may be tried again. */
  | { command: "retry_migration"; proposal_id: string; by: string; reason?: string }
  /** By the proposer: a proposal whose migration failed is given up. */
  | { command: "abandon_migration"; proposal_id: string; by: string; reason: string }
  /** By a voter, when no artifact is on the version any more: its host counts them first. Not the current version. */
  | { command: "retire_version"; artifact_type: string; version: number; by: string; reason?: string }
  /** Signed with the old key. `proof`: the new key's signature over what {@link possessionBytes} gives. */
  | { command: "rotate_key"; by: string; new_key: string; proof: string };

export type Act = Deed & Signing;

export type Command =
  | {
      command: "found_senate";
      origin: string;
      /** The public key that signs checkpoints and certificates. */
      log_key: string;
      policy?: PartialPolicy;
      scope?: Partial<Scope>;
      members: Member[];
    }
  | Act
  /** Writes down what time alone has decided (closes, staleness, cooling). Never needed for a status to be right. */
  | { command: "settle" }
  /** Reports a rehearsal of the plan as it is: in review, and again before it is applied. Not while a vote runs. */
  | { command: "record_rehearsal"; proposal_id: string; plan: Digest; evidence: Evidence }
  /** Reports that the stored migration begins. */
  | { command: "begin_migration"; proposal_id: string; plan: Digest }
  /** Reports that the stored migration was applied to every artifact, or why not. `plan` is the digest of the plan that ran. */
  | {
      command: "record_migration";
      proposal_id: string;
      plan: Digest;
      result: "applied";
      artifacts: { checked: number; changed: number };
    }
  | {
      command: "record_migration";
      proposal_id: string;
      plan: Digest;
      result: "failed";
      reason: string;
      failures?: { artifact_id: string; message: string }[];
    };

/**
 * What a host reports of a migration that it rehearsed: applied, validated, undone, compared, rolled back. Nobody signs it; its
 * numbers must agree with each other, and what is on record before the vote is part of what ballots name.
 */
export interface Evidence {
  /** What ran it, e.g. `PostgreSQL 17.2`. */
  engine: string;
  /** The version that the artifacts fit before. */
  base_version: number;
  /** How many there are of the type. */
  artifacts: number;
  /** SHA-256 over a line `id content_hash` for each artifact, in the order of the identifiers. */
  fingerprint: Digest;
  /** How many it was tried on: all of them, or with `sample` fewer. */
  looked_at: number;
  sample: boolean;
  changed: number;
  invalid_before: number;
  invalid_after: number;
  /** How many were as before after the undoing, and how many not; those that were not changed may be counted or not. */
  restored: number;
  not_restored: number;
  /** The first 20, where `invalid_after` is not 0. */
  failures: { artifact_id: string; code: string; pointer: string; message: string }[];
  /** The first 20, where `not_restored` is not 0. */
  unrestored: { artifact_id: string; message: string }[];
  duration_ms: number;
  /** The version of the core that planned and validated. */
  core: string;
}

/** A rehearsal on record. */
export interface Rehearsal {
  evidence: Evidence;
  /** Of the evidence; what a vote freezes as `rehearsal_evidence`. */
  digest: Digest;
  /** Every artifact was valid afterwards and restored by the undoing. */
  passed: boolean;
  at_ms: Milliseconds;
  /** Whether it is of the plan as it is now; one of an older plan does not count. */
  current: boolean;
}

/**
 * One line of the log. `seq` counts from 1 without gaps. Members beside these depend on `event`; the event that an act
 * caused holds it verbatim in `act`.
 */
export interface SenateEvent {
  seq: number;
  at_ms: Milliseconds;
  event:
    | "senate_founded"
    | "type_imported"
    | "schema_version_registered"
    | "version_retired"
    | "proposal_created"
    | "proposal_revised"
    | "scope_evaluated"
    | "scope_judged"
    | "scope_appealed"
    | "proposal_reopened"
    | "member_recused"
    | "comment_posted"
    | "concern_raised"
    | "concern_resolved"
    | "concern_override_signed"
    | "concern_overridden"
    | "migration_rehearsed"
    | "vote_opened"
    | "ballot_cast"
    | "vote_extended"
    | "schema_proposal_approved"
    | "senate_proposal_approved"
    | "schema_proposal_rejected"
    | "senate_proposal_rejected"
    | "proposal_expired"
    | "proposal_stale"
    | "proposal_withdrawn"
    | "migration_generated"
    | "migration_started"
    | "migration_applied"
    | "migration_failed"
    | "migration_retried"
    | "migration_abandoned"
    | "policy_changed"
    | "members_changed"
    | "scope_changed"
    | "key_rotated"
    | "equivocation_recorded";
  proposal_id?: string;
  act?: { [member: string]: Json };
  [member: string]: Json | undefined;
}

export type Decision =
  /**
   * No events: nothing was to be done, e.g. because the same act was delivered before. An event `equivocation_recorded`: the
   * act was not done, and the proof that its signer signed two under one number is to be kept.
   */
  | { ok: true; events: SenateEvent[] }
  /** `problem` is the first of `problems`. Nothing changed. */
  | { ok: false; problem: Problem; problems: Problem[] };

export interface ViewMap {
  senate: SenateView;
  /** params `{ member_id }`: what they need to sign their next act */
  signing: SigningView;
  members: MembersView;
  policy: Governed & { policy: Policy; words: string[] };
  scope: Governed & { scope: Scope; words: string[] };
  /** The body of a checkpoint of the log, for its key to sign. */
  checkpoint: { origin: string; size: number; root: Digest; body: string };
  /** params `{ seq, size? }` */
  inclusion: { seq: number; index: number; size: number; leaf: Digest; root: Digest; proof: Digest[] };
  /** params `{ from, to? }` */
  consistency: { from: number; to: number; from_root: Digest; to_root: Digest; proof: Digest[] };
  types: { types: TypeSummary[] };
  /** params `{ artifact_type }` */
  type: TypeView;
  /** params `{ artifact_type, version? }`; the current version by default */
  schema: SchemaVersion;
  /** params `{ artifact_type, from, to }`, `to` not before `from` */
  transition: TransitionView;
  /** params `{ artifact_type? }` */
  context: DraftContext;
  /**
   * params `{ status?, artifact_type?, target?, proposal_type?, proposer_id?, text?, limit?, cursor? }`; `status` may be
   * `live` or `archived`. Newest first.
   */
  proposals: { proposals: ProposalSummary[]; next_cursor?: string };
  /** params `{ proposal_id }` */
  proposal: ProposalView;
  /** params `{ proposal_id }`: the stored migration plan with its digest */
  plan: { proposal_id: string; plan: Plan; digest: Digest };
  /** Approved proposals whose migration is still to be applied, also those where it has begun. */
  pending_migrations: { proposals: string[] };
  /** params `{ draft }` */
  precedents: { fingerprint: Digest; features: string[]; precedents: Precedent[] };
  /** params `{ proposal_id }`: the events that {@link Senate.certificate} needs */
  certificate_events: { seqs: number[] };
}

export interface SenateView {
  origin: string;
  log_key: string;
  seq: number;
  /** The root of the log's tree. */
  root: Digest;
  members: Member[];
  epoch: number;
  policy: Policy;
  policy_version: number;
  /** The rules of the policy as sentences. */
  policy_words: string[];
  scope_version: number;
  artifact_types: number;
  proposals: Record<Status, number>;
}

export interface SigningView {
  instance: string;
  member_id: string;
  /** The identifier of the key that speaks for them. */
  key: Digest;
  public_key: string;
  next_nonce: number;
  seen: { size: number; root: Digest };
}

/** A document that proposals change. */
export interface Governed {
  version: number;
  since_ms: Milliseconds;
  /** The founding first. */
  history: { version: number; seq: number; at_ms: Milliseconds; proposal_id: string | null; value: Json }[];
  /** Proposals that would change it. */
  pending: ProposalSummary[];
}

export interface MembersView {
  epoch: number;
  members: (Required<Pick<Member, "id" | "principal" | "role" | "key">> &
    Member & { key_id: Digest; acts: number; votes: boolean })[];
  /** How many may vote. */
  electorate: number;
  /** The principals of those who may vote, each with how many act for it. */
  principals: Record<string, number>;
  /** Everybody who is or was a member, with every key that they had. */
  keys: {
    member_id: string;
    since_seq: number;
    retired_seq: number | null;
    keys: {
      key: string;
      key_id: Digest;
      origin: string;
      from_seq: number;
      until_seq: number | null;
      ended: string | null;
    }[];
  }[];
  /** Two acts under one number, by member. */
  equivocations: { member_id: string; nonce: number; first_seq: number }[];
  history: Governed["history"];
  pending: ProposalSummary[];
}

/** An earlier proposal that meant something alike. */
export interface Precedent {
  proposal_id: string;
  title: string;
  target: string;
  /** In thousandths; 1000 means the same. */
  similarity: number;
  status: Status;
  decision_reason: string | null;
  dissent: Dissent[];
}

export interface Dissent {
  voter_id: string;
  choice: "no" | "abstain";
  reason?: string;
}

export interface Post {
  id: string;
  by: string;
  at_ms: Milliseconds;
  text: string;
  /** The revision of the proposal that was there. */
  revision: number;
  anchor?: Anchor;
  /** The line that the anchor points at. */
  quote?: string;
  reply_to?: string;
}

export interface Concern {
  id: string;
  name: string;
  by: string;
  state: "open" | "resolved" | "overridden";
  closed_ms?: Milliseconds;
  resolution?: string;
  overrides: { member_id: string; reason: string }[];
  /** Once the vote is open. */
  overrides_needed?: number;
  post?: Post;
}

export interface TypeSummary {
  artifact_type: string;
  version: number;
  digest: Digest;
  title?: string;
  description?: string;
  compatibility: CompatibilitySetting;
  evolution: Evolution;
  registered_ms: Milliseconds;
  live_proposals: number;
}

export interface SchemaVersion {
  artifact_type: string;
  version: number;
  is_current: boolean;
  digest: Digest;
  draft: Draft;
  schema: Json;
  references?: Record<string, Json>;
  /** What changed. */
  description: string;
  proposed_by: string;
  proposal_id?: string;
  registered_ms: Milliseconds;
  /** The digest of the plan that brought it, of a version that a proposal brought. */
  plan?: Digest;
  /** Since when no artifact is on it. */
  retired_ms?: Milliseconds;
}

/** How artifacts of one version become artifacts of a later one, through every version between. */
export interface TransitionView {
  artifact_type: string;
  from: number;
  to: number;
  verdict: Verdict;
  differences: Difference[];
  /** As they were approved; of versions that were imported, as they are suggested. */
  transforms: Transform[];
  notes: string[];
  /** Of one approved version as it was approved; else as it would be. Absent where a value cannot stand in SQL. */
  sql?: Sql;
}

export interface TypeView {
  artifact_type: string;
  /** How its changes are judged. */
  compatibility: CompatibilitySetting;
  /** How its artifacts follow a change. */
  evolution: Evolution;
  current: SchemaVersion;
  /** Oldest first, the current one included; each with its differences from the one before, and what brings artifacts to it. */
  history: (SchemaVersion & { differences: Difference[]; transforms?: Transform[] })[];
  live_proposals: ProposalSummary[];
}

export interface ProposalSummary {
  id: string;
  proposal_type: ProposalType;
  title: string;
  proposer_id: string;
  status: Status;
  /** The artifact type, or `senate/policy`, `senate/members`, `senate/scope`. */
  target: string;
  /** Of a schema change. */
  artifact_type?: string;
  /** Of a schema change. */
  change_type?: ChangeType;
  track: Track;
  /** Of a schema change. */
  verdict?: Verdict;
  created_ms: Milliseconds;
  revision: number;
  scope_verdict?: ScopeEvaluation["verdict"];
  open_concerns: number;
  closes_ms?: Milliseconds;
  tally?: Tally;
  /** Members whose ballot stands. */
  voted?: string[];
  decided_ms?: Milliseconds;
  /** When the cooling time is over, once it is approved. */
  effective_ms?: Milliseconds;
  decision_reason?: string;
}

export interface Ballot {
  voter_id: string;
  choice: Choice;
  reason?: string;
  at_ms: Milliseconds;
  seq: number;
}

export interface ProposalView extends ProposalSummary {
  /** As it was given; of a schema change a {@link ProposalMetadata}. */
  metadata: { [member: string]: Json };
  addresses?: Addresses;
  /** Version that the change applies to; absent for `add_type`. Frozen when voting opens, recomputed before. */
  base?: { version: number; digest: Digest };
  /** The next schema of a schema change; the next document of a change of the senate itself. */
  next: { version: number; digest?: Digest; schema?: Json; document?: Json };
  /** Of a schema change. */
  compatibility?: CompatibilityReport;
  /** Of a schema change. */
  claim?: Claim;
  /** Of a change of the senate itself, in review: every effect. */
  changes?: { pointer: string; was?: Json; now?: Json; words: string }[];
  /** Warnings that did not keep the proposal out, e.g. a false claim. */
  problems: Problem[];
  /** What the ballots must meet: frozen, or as it would be if the vote opened now. */
  rule?: Rule;
  /** The vote that it needs. */
  needed?: { yes: number | null; of: number; words: string };
  /** In review: when the vote may open. */
  opens_from_ms?: Milliseconds;
  /** Once it has ended: the reasons of the members who did not say yes. */
  dissent?: Dissent[];
  /** Every finding about its scope; the last one counts. */
  scope: (ScopeEvaluation & { attempt: number; judge: string | null; at_ms: Milliseconds })[];
  appeal?: { justification: string };
  concerns: Concern[];
  /** Comments and concerns, each with its answers. */
  threads: (Post & { is_concern: boolean; replies: Post[] })[];
  recused: { member_id: string; reason: string }[];
  precedents: Precedent[];
  /** Live proposals on the same target. */
  conflicts: { proposal_id: string; title: string; status: Status }[];
  superseded_by?: string;
  vote?: {
    /** What every ballot must name. */
    subject: Digest;
    /** The members of the subject, each the digest or value that was frozen. */
    frozen: { [member: string]: Json };
    opened_ms: Milliseconds;
    /** When it was to close. */
    scheduled_ms: Milliseconds;
    /** When it closes. */
    closes_ms: Milliseconds;
    extended_because?: "concern" | "flip";
    electorate: Member[];
    policy: Policy;
    ballots: Ballot[];
    tally: Tally;
    solution: Solution;
  };
  /** Of a schema change. */
  migration?: {
    plan: Plan;
    digest: Digest;
    state: "preview" | "generated" | "started" | "applied" | "failed" | "abandoned";
    /** The last rehearsal of this plan, or else of an older one. */
    rehearsal?: Rehearsal;
    /** Why it failed. */
    reason?: string;
    failures?: { artifact_id: string; message: string }[];
  };
  /** Every event of it; `leaf` is its leaf in the log's tree. */
  history: { seq: number; at_ms: Milliseconds; event: string; by?: string; words: string; leaf: Digest }[];
}

/** A senate rebuilt from its log. `decide` changes nothing; `apply` what was stored. */
export class Senate {
  private constructor();
  /**
   * `log` is NDJSON, one event a line; the empty string is a senate not yet founded. Every signature is verified and every
   * decision made again, unless `verify` is false: then the log is taken at its word, as a host takes its own.
   */
  static replay(
    log: string | Uint8Array,
    options?: { verify?: boolean },
  ): { ok: true; senate: Senate } | { ok: false; problem: Problem; seq?: number };
  /** The last event's number; 0 before the founding. */
  readonly seq: number;
  /** The root of the log's tree (RFC 6962). */
  readonly root: Digest;
  /**
   * `nowMs` is the host's clock. `entropy` is 10 random bytes as 20 hexadecimal digits, used for the identifiers that
   * the command mints; without it the boundary draws them from `crypto.getRandomValues`.
   */
  decide(command: Command | string | Uint8Array, at: { nowMs: Milliseconds; entropy?: string }): Decision;
  /** Events as `decide` returned them, in order, as NDJSON or as an array. All or nothing. */
  apply(events: string | Uint8Array | SenateEvent[]): Answer<{ seq: number }>;
  /**
   * An artifact that was written under version `from` of its type as it is under version `to`, through every version between.
   * Backwards is refused: `upcast_backwards`.
   */
  upcast(artifactType: string, from: number, to: number, artifact: JsonInput): Answer<Transformed>;
  view<Name extends keyof ViewMap>(
    name: Name,
    params: Record<string, Json> | null,
    nowMs: Milliseconds,
  ): Answer<{ view: ViewMap[Name] }>;
  /**
   * What the log's key signs to certify how a proposal was decided. `events` are those that the view `certificate_events`
   * names, as NDJSON; `checkpoint` is a signed checkpoint that covers them. Sign `pae`, then {@link assembleCertificate}.
   */
  certificate(
    proposalId: string,
    events: string | Uint8Array | SenateEvent[],
    checkpoint: string,
  ): Answer<{ payload: string; payload_type: string; pae: Uint8Array }>;
  free(): void;
  [Symbol.dispose](): void;
}
