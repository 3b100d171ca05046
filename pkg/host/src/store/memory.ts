/**
 * A store in memory, for tests, demonstrations and rehearsals: the same promises as the SQL stores, except that
 * nothing outlives the process. Transactions run one at a time and undo themselves from a journal.
 */
import { MemoryArtifacts } from "./memory/artifacts.js";
import { MemoryMigrations } from "./memory/migrations.js";
import type { MigrationRun } from "./migration-port.js";
import {
  type ArtifactFilter,
  type ArtifactRow,
  type CheckpointRow,
  ConflictError,
  type MigratedArtifact,
  type MigrationRow,
  type Projection,
  type ProposalRow,
  type RegistryRow,
  type Store,
  type StoredEvent,
  StoreError,
  type Transaction,
  type VoteRow,
} from "./store.js";

export class MemoryStore implements Store {
  readonly kind = "memory";
  readonly location = "memory";
  #events: StoredEvent[] = [];
  #checkpoints: CheckpointRow[] = [];
  #registry = new Map<string, RegistryRow>();
  #proposals = new Map<string, ProposalRow>();
  #votes = new Map<string, VoteRow>();
  #migrations = new Map<string, MigrationRow>();
  #artifacts = new Map<string, ArtifactRow>();
  /** Their versions, audits and steps. */
  readonly #kept = new MemoryArtifacts({
    artifacts: this.#artifacts,
    currentOf: (artifactType) => this.#currentOf(artifactType),
    set: (map, id, value) => this.#set(map, id, value),
    delete: (map, id) => this.#delete(map, id),
    order,
  });
  readonly #carried = new MemoryMigrations({
    artifacts: this.#artifacts,
    set: (map, id, value) => this.#set(map, id, value),
    delete: (map, id) => this.#delete(map, id),
    order,
  });
  /** How to undo what the running transaction did, last first. */
  #journal: (() => void)[] = [];
  /** Where the log ends for who is not in the running transaction; answers without waiting for it. */
  #committed = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  async head(): Promise<number> {
    if (this.#closed) throw closed();
    return this.#committed;
  }

  read(fromSeq: number, limit: number): Promise<StoredEvent[]> {
    return this.#exclusive(async () => this.#events.slice(fromSeq - 1, fromSeq - 1 + limit));
  }

  artifact(id: string): Promise<ArtifactRow | undefined> {
    return this.#exclusive(async () => copy(this.#artifacts.get(id)));
  }

  artifacts(filter: ArtifactFilter): Promise<ArtifactRow[]> {
    const text = filter.text?.toLowerCase();
    return this.#exclusive(async () =>
      [...this.#artifacts.values()]
        .filter((row) => filter.artifact_type === undefined || row.artifact_type === filter.artifact_type)
        .filter((row) => text === undefined || `${row.id}\n${row.title ?? ""}`.toLowerCase().includes(text))
        .filter((row) => filter.before === undefined || newerFirst(filter.before, row) < 0)
        .sort(newerFirst)
        .slice(0, filter.limit)
        .map((row) => ({ ...row })),
    );
  }

  artifactCounts(): Promise<{ artifact_type: string; count: number }[]> {
    return this.#exclusive(async () => {
      const counts = new Map<string, number>();
      for (const { artifact_type } of this.#artifacts.values()) {
        counts.set(artifact_type, (counts.get(artifact_type) ?? 0) + 1);
      }
      return [...counts]
        .map(([artifact_type, count]) => ({ artifact_type, count }))
        .sort((a, b) => order(a.artifact_type, b.artifact_type));
    });
  }

  migrationRun(proposalId: string): Promise<MigrationRun | undefined> {
    return this.#exclusive(async () => this.#carried.current(proposalId));
  }

  tables(): Promise<Projection> {
    return this.#exclusive(async () => ({
      registry: sorted(this.#registry),
      proposals: sorted(this.#proposals),
      votes: sorted(this.#votes),
      migrations: sorted(this.#migrations),
    }));
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#exclusive(async () => {
      try {
        const result = await work(this.#transaction());
        this.#committed = this.#events.length;
        return result;
      } catch (error) {
        this.#rollBackTo(0);
        throw error;
      } finally {
        this.#journal = [];
      }
    });
  }

  async close(): Promise<void> {
    await this.#queue.catch(() => undefined);
    this.#closed = true;
  }

  #transaction(): Transaction {
    return {
      ...this.#kept.transaction(),
      migrations: this.#carried,
      lockHead: async () => this.#events.length,
      read: async (fromSeq, limit) => this.#events.slice(fromSeq - 1, fromSeq - 1 + limit),
      append: async (expectedSeq, events) => {
        if (this.#events.length !== expectedSeq) {
          throw new ConflictError(`the log ends at ${this.#events.length}, not at ${expectedSeq}`);
        }
        const length = this.#events.length;
        this.#journal.push(() => this.#events.splice(length));
        this.#events.push(...events.map((event) => ({ ...event })));
      },
      project: async (rows) => {
        for (const row of rows.registry)
          this.#set(this.#registry, key(row.artifact_type, row.schema_version), row);
        for (const row of rows.proposals) this.#set(this.#proposals, row.proposal_id, row);
        for (const row of rows.votes) this.#set(this.#votes, key(row.proposal_id, row.voter_id), row);
        for (const row of rows.migrations) this.#set(this.#migrations, row.proposal_id, row);
      },
      saveCheckpoint: async (row) => {
        const { length } = this.#checkpoints;
        this.#journal.push(() => this.#checkpoints.splice(length));
        this.#checkpoints.push({ ...row });
      },
      lastCheckpoint: async () => copy(this.#checkpoints.at(-1)),
      scanArtifacts: async (artifactType, afterId, limit) => this.#scan(artifactType, afterId, limit),
      savepoint: async (work) => {
        const mark = this.#journal.length;
        try {
          return await work();
        } catch (error) {
          this.#rollBackTo(mark);
          throw error;
        }
      },
    };
  }

  #scan(artifactType: string, afterId: string | null, limit: number): MigratedArtifact[] {
    return [...this.#artifacts.values()]
      .filter((row) => row.artifact_type === artifactType && (afterId === null || order(row.id, afterId) > 0))
      .sort((a, b) => order(a.id, b.id))
      .slice(0, limit)
      .map(({ id, metadata, content_hash }) => ({ id, metadata, content_hash }));
  }

  #currentOf(artifactType: string): number | null {
    const rows = [...this.#registry.values()];
    const current = rows.find((row) => row.artifact_type === artifactType && row.is_current);
    return current?.schema_version ?? null;
  }

  #set<V extends object>(map: Map<string, V>, id: string, value: V): void {
    const before = map.get(id);
    this.#journal.push(() => (before === undefined ? map.delete(id) : map.set(id, before)));
    map.set(id, { ...value });
  }

  #delete<V extends object>(map: Map<string, V>, id: string): void {
    const before = map.get(id);
    if (before === undefined) return;
    this.#journal.push(() => map.set(id, before));
    map.delete(id);
  }

  #rollBackTo(mark: number): void {
    for (const undo of this.#journal.splice(mark).reverse()) undo();
  }

  /** One at a time, so that nobody reads what may still roll back. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closed());
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

function closed(): StoreError {
  return new StoreError("store_unavailable", "The store is closed.");
}

/** The order of PostgreSQL's collation "C": by code point. */
export function order(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function newerFirst(a: { created_ms: number; id: string }, b: { created_ms: number; id: string }): number {
  return b.created_ms - a.created_ms || order(b.id, a.id);
}

function key(...parts: (string | number)[]): string {
  return JSON.stringify(parts);
}

function copy<T extends object>(row: T | undefined): T | undefined {
  return row === undefined ? undefined : { ...row };
}

/** In the order of their keys, as the SQL stores give them. */
function sorted<V extends object>(map: Map<string, V>): V[] {
  const parts = (text: string): (string | number)[] => (text.startsWith("[") ? JSON.parse(text) : [text]);
  return [...map]
    .map(([id, row]) => ({ id: parts(id), row: { ...row } }))
    .sort((a, b) => compareKeys(a.id, b.id))
    .map(({ row }) => row);
}

function compareKeys(a: (string | number)[], b: (string | number)[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    const found =
      typeof left === "number" && typeof right === "number"
        ? left - right
        : order(String(left), String(right));
    if (found !== 0) return found;
  }
  return 0;
}
