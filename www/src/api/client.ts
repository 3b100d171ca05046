/** The host's routes, one function each. Answers are the core's views; what is not a success is thrown as a {@link Failure}. */
import type { Json, Problem, ProposalView, Rehearsal, SenateView, TypeView, ViewMap } from "schema-senate";
import { Failure, failureOf } from "./problem.js";

export interface Artifact {
  id: string;
  artifact_type: string;
  title?: string | null;
  metadata: Json;
  schema_version?: number | null;
}

/** How many stored artifacts of a type a proposed schema takes: counted by the host, not proved. */
export interface StoredVerdict {
  artifact_type: string;
  /** The version that the proposed schema would be. */
  version: number;
  stored: number;
  /** How many of them were looked at, the first in the order of their identifiers. */
  checked: number;
  /** Whether there are more than were looked at. */
  sample: boolean;
  as_stored: StoredCount;
  /** The same after the steps of the migration; absent where it has none, or has run. */
  after_migration?: StoredCount;
}

export interface StoredCount {
  valid: number;
  invalid: number;
  /** Of the invalid ones: how many the current version refuses as they are. */
  invalid_today: number;
  /** The first of them. */
  failures: { artifact_id: string; code: string; pointer: string; message: string }[];
}

/** A rehearsal as the host answers it; the proposal has it with its digest once it is recorded. */
export type Rehearsed = Omit<Rehearsal, "digest">;

/** One stored artifact before a migration, after it, and after it was undone. */
export interface RehearsedArtifact {
  artifact_id: string;
  before: Json;
  after: Json;
  down: Json;
  valid_before: boolean;
  errors_after: { code: string; pointer: string; message: string }[];
  /** What a move left alone. */
  skipped: Problem[];
}

/** How far a migration is. */
export interface MigrationProgress {
  proposal_id: string;
  phase: "rehearsing" | "staging" | "swapping" | "done" | "failed";
  looked_at: number;
  total: number;
  changed: number;
  percent: number;
  /** Null, as what follows, while nobody can say. */
  per_second: number | null;
  seconds_left: number | null;
  reason?: string;
}

export interface Unregistered {
  artifact_type: string;
  artifacts: number;
}

export interface ProposalFilter {
  status?: string;
  /** An artifact type, or `senate/policy`, `senate/members`, `senate/scope`. */
  target?: string;
  proposer_id?: string;
  text?: string;
  limit?: number;
  cursor?: string;
}

/** What `GET /api/senate` says beyond the core's view. */
export type Senate = SenateView & {
  signing: "required" | "development";
  /** In development mode: the members whose keys the host holds. */
  development_members: string[];
};

export class Client {
  /** `base` is the host's address, without a slash at its end; "" is where the page came from. */
  constructor(readonly base: string) {}

  senate(signal?: AbortSignal): Promise<Senate> {
    return this.#get("/api/senate", signal);
  }

  /** `unregistered`: types that artifacts are stored under and that have no schema. */
  types(signal?: AbortSignal): Promise<ViewMap["types"] & { unregistered?: Unregistered[] }> {
    return this.#get("/api/schemas", signal);
  }

  type(artifactType: string, signal?: AbortSignal): Promise<TypeView> {
    return this.#get(`/api/schemas/${encodeURIComponent(artifactType)}`, signal);
  }

  /** The context to check a draft against, as the text that the host wrote: the core reads it, the page need not. */
  async context(target: string, signal?: AbortSignal): Promise<string> {
    const response = await this.#fetch(`/api/schemas/${encodeURIComponent(target)}/context`, {}, signal);
    return response.text();
  }

  artifacts(
    artifactType: string,
    signal?: AbortSignal,
  ): Promise<{ artifacts: Artifact[]; next_cursor?: string }> {
    return this.#get(`/api/artifacts?${query({ artifact_type: artifactType, limit: 100 })}`, signal);
  }

  proposals(filter: ProposalFilter, signal?: AbortSignal): Promise<ViewMap["proposals"]> {
    return this.#get(`/api/senate/schema-proposals?${query({ ...filter })}`, signal);
  }

  proposal(id: string, signal?: AbortSignal): Promise<ProposalView> {
    return this.#get(`/api/senate/schema-proposal/${encodeURIComponent(id)}`, signal);
  }

  storedVerdict(id: string, signal?: AbortSignal): Promise<StoredVerdict> {
    return this.#get(`/api/senate/schema-proposal/${encodeURIComponent(id)}/stored-verdict`, signal);
  }

  /** `draft` is the JSON text of a draft; nothing of it is stored. */
  async storedVerdictOfDraft(draft: string, signal?: AbortSignal): Promise<StoredVerdict> {
    const path = "/api/senate/schema-proposal/check/stored-verdict";
    return (await this.#post(path, draft, signal)) as StoredVerdict;
  }

  members(signal?: AbortSignal): Promise<ViewMap["members"]> {
    return this.#get("/api/senate/members", signal);
  }

  policy(signal?: AbortSignal): Promise<ViewMap["policy"]> {
    return this.#get("/api/senate/policy", signal);
  }

  scope(signal?: AbortSignal): Promise<ViewMap["scope"]> {
    return this.#get("/api/senate/scope", signal);
  }

  signing(member: string): Promise<ViewMap["signing"]> {
    return this.#get(`/api/senate/signing/${encodeURIComponent(member)}`);
  }

  /** The host's signed checkpoint of the log. */
  async checkpoint(signal?: AbortSignal): Promise<string> {
    return (await this.#fetch("/api/senate/checkpoint", {}, signal)).text();
  }

  consistency(from: number, to: number): Promise<ViewMap["consistency"]> {
    return this.#get(`/api/senate/log/consistency?${query({ from, to })}`);
  }

  inclusion(seq: number, size: number): Promise<ViewMap["inclusion"]> {
    return this.#get(`/api/senate/log/inclusion?${query({ seq, size })}`);
  }

  /** Where a proposal's certificate is. */
  certificateAddress(id: string): string {
    return `${this.base}/api/senate/schema-proposal/${encodeURIComponent(id)}/certificate`;
  }

  /** `draft` is the JSON text of a draft; nothing of it is stored. */
  async precedents(draft: string, signal?: AbortSignal): Promise<ViewMap["precedents"]> {
    const path = "/api/senate/schema-proposal/precedents";
    return (await this.#post(path, draft, signal)) as ViewMap["precedents"];
  }

  /** The last rehearsal of a proposal's migration, with so many artifacts before and after, those that fail first. */
  rehearsal(
    id: string,
    samples: number,
    signal?: AbortSignal,
  ): Promise<Rehearsed & { samples?: RehearsedArtifact[] }> {
    return this.#get(`${proposalAddress(id)}/rehearsal?${query({ samples })}`, signal);
  }

  rehearsedArtifact(id: string, artifact: string, signal?: AbortSignal): Promise<RehearsedArtifact> {
    return this.#get(`${proposalAddress(id)}/rehearsal?${query({ artifact })}`, signal);
  }

  /** Has the host rehearse it now; nobody signs. */
  async rehearse(id: string): Promise<Rehearsed> {
    return (await this.#post(`${proposalAddress(id)}/rehearse`, "{}")) as Rehearsed;
  }

  /** Where the host tells how far a migration is, as server-sent events. */
  migrationEvents(id: string): string {
    return `${this.base}${proposalAddress(id)}/migration/events`;
  }

  /** Sends an act, signed or not. */
  send(path: string, body: string): Promise<unknown> {
    return this.#post(path, body);
  }

  /** Has an approved proposal's migration applied: the host does it, nobody signs. */
  migrate(id: string): Promise<unknown> {
    return this.#post(`/api/senate/schema-proposal/${encodeURIComponent(id)}/migrate`, "{}");
  }

  async #get<T>(path: string, signal?: AbortSignal): Promise<T> {
    const response = await this.#fetch(path, {}, signal);
    return (await response.json()) as T;
  }

  async #post(path: string, body: string, signal?: AbortSignal): Promise<unknown> {
    const response = await this.#fetch(
      path,
      { method: "POST", headers: { "content-type": "application/json" }, body },
      signal,
    );
    return response.status === 204 ? undefined : response.json();
  }

  async #fetch(path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.base + path, { ...init, ...(signal ? { signal } : {}) });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Failure(
        "offline",
        "The host cannot be reached",
        "Nothing was lost here. The page tries again by itself.",
      );
    }
    if (!response.ok) throw await failureOf(response);
    return response;
  }
}

function proposalAddress(id: string): string {
  return `/api/senate/schema-proposal/${encodeURIComponent(id)}`;
}

function query(members: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  return search.toString();
}

/** The identifier of a proposal that was just created. */
export function identifierIn(answer: unknown): string {
  if (typeof answer === "object" && answer !== null) {
    for (const name of ["id", "proposal_id"] as const) {
      const value = (answer as Record<string, unknown>)[name];
      if (typeof value === "string") return value;
    }
  }
  throw new Failure(
    "failed",
    "The host's answer names no proposal",
    "It may have been created: look under Proposals.",
  );
}

const clients = new Map<string, Client>();

/** The client for an element: the nearest ancestor's `senate-host`, or the page's own host. */
export function clientFor(element: Element): Client {
  const base = (element.closest("[senate-host]")?.getAttribute("senate-host") ?? "").replace(/\/+$/, "");
  const known = clients.get(base);
  if (known) return known;
  const client = new Client(base);
  clients.set(base, client);
  return client;
}
