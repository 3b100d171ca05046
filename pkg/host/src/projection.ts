/**
 * The rows that a batch of events touches, read from the state after them. The log is the truth; these rows are for
 * people and programs that ask in SQL.
 */
import type { Choice, Json, SenateEvent, Senate, SchemaVersion, ProposalView } from "schema-senate";
import type {
  MigrationRow,
  Projection,
  ProposalRow,
  RegistryRow,
  StoredEvent,
  VoteRow,
} from "./store/store.js";

export function storedEvent(event: SenateEvent): StoredEvent {
  return {
    seq: event.seq,
    at_ms: event.at_ms,
    event: event.event,
    proposal_id: event.proposal_id ?? null,
    body: JSON.stringify(event),
  };
}

/**
 * `senate` has applied `events` already; `seq` is where they end.
 *
 * A registered version touches its whole type, because the version before it is no longer current.
 */
export function project(senate: Senate, events: readonly SenateEvent[], nowMs: number): Projection {
  const proposals = new Map<string, SenateEvent>();
  const types = new Set<string>();
  const counts = new Map<string, { checked: number; changed: number }>();
  for (const event of events) {
    if (event.proposal_id !== undefined) proposals.set(event.proposal_id, event);
    // An import names its type in the act; everything else beside it.
    const named = event["artifact_type"] ?? actOf(event)?.["artifact_type"];
    if (typeof named === "string") types.add(named);
    const { checked, changed } = event;
    if (event.proposal_id !== undefined && typeof checked === "number" && typeof changed === "number") {
      counts.set(event.proposal_id, { checked, changed });
    }
  }
  const superseded = new Map<string, SenateEvent>();
  for (const event of events) {
    const before = supersededBy(senate, event, nowMs);
    if (before !== undefined && !proposals.has(before)) superseded.set(before, event);
  }
  const rows: Projection = { registry: [], proposals: [], votes: [], migrations: [] };
  for (const [id, event] of proposals) {
    const view = must(senate.view("proposal", { proposal_id: id }, nowMs));
    rows.proposals.push(proposalRow(view, event));
    const migration = migrationRow(view, event, counts.get(id));
    if (migration !== undefined) rows.migrations.push(migration);
  }
  // Of these only the status is another one.
  for (const [id, event] of superseded) {
    rows.proposals.push(proposalRow(must(senate.view("proposal", { proposal_id: id }, nowMs)), event));
  }
  rows.votes.push(...events.flatMap(voteRow));
  for (const artifact_type of types) {
    const answer = senate.view("type", { artifact_type }, nowMs);
    // A proposal may name a type that only its approval will register.
    if (answer.ok) rows.registry.push(...answer.view.history.map(registryRow));
  }
  return rows;
}

/** The parts of the senate that have versions of their own, by the event that brings one. */
const AMENDED = { policy_changed: "policy", members_changed: "members", scope_changed: "scope" } as const;

/** The proposal whose place an event takes: it brought the version before. */
function supersededBy(senate: Senate, event: SenateEvent, nowMs: number): string | undefined {
  if (event.event === "schema_version_registered") {
    const before = Number(event["version"]) - 1;
    const found = senate.view(
      "schema",
      { artifact_type: event["artifact_type"] ?? "", version: before },
      nowMs,
    );
    return found.ok ? found.view.proposal_id : undefined;
  }
  if (!(event.event in AMENDED)) return undefined;
  const part = senate.view(AMENDED[event.event as keyof typeof AMENDED], null, nowMs);
  if (!part.ok) return undefined;
  const { history } = part.view;
  const place = history.findIndex((one) => one.seq === event.seq);
  return history[place - 1]?.proposal_id ?? undefined;
}

function proposalRow(view: ProposalView, last: SenateEvent): ProposalRow {
  const tally = view.vote?.tally;
  return {
    proposal_id: view.id,
    proposal_type: view.proposal_type,
    title: view.title,
    proposer_id: view.proposer_id,
    status: view.status,
    target: view.target,
    artifact_type: view.artifact_type ?? null,
    change_type: view.change_type ?? null,
    track: view.track,
    verdict: view.verdict ?? null,
    backward_compatible: claimed(view),
    metadata: JSON.stringify(view.metadata),
    base_version: view.base?.version ?? null,
    next_version: view.artifact_type === undefined ? null : view.next.version,
    subject: view.vote?.subject ?? null,
    electorate_size: tally?.members ?? null,
    votes_approve: tally?.yes ?? 0,
    votes_reject: tally?.no ?? 0,
    votes_abstain: tally?.abstain ?? 0,
    decision_reason: view.decision_reason ?? null,
    created_ms: view.created_ms,
    opened_ms: view.vote?.opened_ms ?? null,
    closes_ms: view.vote?.closes_ms ?? null,
    updated_seq: last.seq,
    updated_ms: last.at_ms,
  };
}

/** What the proposer of a change to a schema says of it. */
function claimed({ metadata }: ProposalView): boolean | null {
  return typeof metadata.backward_compatible === "boolean" ? metadata.backward_compatible : null;
}

/** A ballot in the voter's own words: the act that the event carries. */
function voteRow(event: SenateEvent): VoteRow[] {
  const act = event.event === "ballot_cast" ? actOf(event) : undefined;
  const { voter_id, choice, reason } = act ?? {};
  if (event.proposal_id === undefined || typeof voter_id !== "string" || !isChoice(choice)) return [];
  return [
    {
      proposal_id: event.proposal_id,
      voter_id,
      choice,
      reason: typeof reason === "string" ? reason : null,
      seq: event.seq,
      cast_ms: event.at_ms,
    },
  ];
}

function isChoice(value: unknown): value is Choice {
  return value === "yes" || value === "no" || value === "abstain";
}

/** The act that an event carries, when it carries one. */
export function actOf(event: SenateEvent): { [member: string]: Json } | undefined {
  const { act } = event;
  return typeof act === "object" && act !== null && !Array.isArray(act) ? act : undefined;
}

function migrationRow(
  view: ProposalView,
  last: SenateEvent,
  counts: { checked: number; changed: number } | undefined,
): MigrationRow | undefined {
  const migration = view.migration;
  if (migration === undefined || migration.state === "preview") return undefined;
  return {
    proposal_id: view.id,
    plan_digest: migration.digest,
    artifact_type: migration.plan.artifact_type,
    from_version: migration.plan.from_version,
    to_version: migration.plan.to_version,
    plan: JSON.stringify(migration.plan),
    state: migration.state,
    reason: migration.reason ?? null,
    failures: migration.failures === undefined ? null : JSON.stringify(migration.failures),
    artifacts_checked: counts?.checked ?? null,
    artifacts_changed: counts?.changed ?? null,
    updated_seq: last.seq,
    updated_ms: last.at_ms,
  };
}

function registryRow(version: SchemaVersion): RegistryRow {
  return {
    artifact_type: version.artifact_type,
    schema_version: version.version,
    schema_json: JSON.stringify(version.schema),
    references_json: version.references === undefined ? null : JSON.stringify(version.references),
    digest: version.digest,
    draft: version.draft,
    description: version.description,
    is_current: version.is_current,
    proposed_by: version.proposed_by,
    proposal_id: version.proposal_id ?? null,
    registered_ms: version.registered_ms,
  };
}

function must<T>(answer: { ok: true; view: T } | { ok: false; problem: { message: string } }): T {
  if (!answer.ok) throw new Error(`the core cannot show what it has just decided: ${answer.problem.message}`);
  return answer.view;
}
