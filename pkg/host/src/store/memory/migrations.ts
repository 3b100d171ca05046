/** Migrations over artifacts in memory: the plan's transforms do what its statements do elsewhere. */
import { createHash } from "node:crypto";
import type {
  CopiedArtifact,
  MigrationRun,
  MigrationTransaction,
  Scratch,
  Selection,
  StagedArtifact,
  StagedFailure,
  Swap,
  UndoRecord,
} from "../migration-port.js";
import { type ArtifactRow, PlanError } from "../store.js";

interface Staged extends StagedArtifact {
  base_hash: string;
  metadata: string | null;
}

/** What the store lends: its artifacts, and changes that its journal can take back. */
export interface Ground {
  artifacts: Map<string, ArtifactRow>;
  set<V extends object>(map: Map<string, V>, id: string, value: V): void;
  delete<V extends object>(map: Map<string, V>, id: string): void;
  order(a: string, b: string): number;
}

export class MemoryMigrations implements MigrationTransaction {
  readonly #ground: Ground;
  readonly #runs = new Map<string, MigrationRun>();
  readonly #staged = new Map<string, Staged & { proposal_id: string }>();
  readonly #undo = new Map<string, UndoRecord>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  current(proposalId: string): MigrationRun | undefined {
    const run = this.#runs.get(proposalId);
    return run === undefined ? undefined : { ...run };
  }

  async lock(proposalId: string): Promise<MigrationRun | undefined> {
    return this.current(proposalId);
  }

  async save(run: MigrationRun): Promise<void> {
    this.#ground.set(this.#runs, run.proposal_id, run);
  }

  async end(proposalId: string): Promise<void> {
    for (const [id, row] of this.#staged) {
      if (row.proposal_id === proposalId) this.#ground.delete(this.#staged, id);
    }
    this.#ground.delete(this.#runs, proposalId);
  }

  async analyze(): Promise<void> {
    // There is no planner.
  }

  async countArtifacts(artifactType: string): Promise<number> {
    let count = 0;
    for (const row of this.#ground.artifacts.values()) if (row.artifact_type === artifactType) count += 1;
    return count;
  }

  async scanHashes(
    artifactType: string,
    afterId: string | null,
    limit: number,
  ): Promise<{ id: string; content_hash: string }[]> {
    return this.#of(artifactType, { after: afterId, limit }).map(({ id, content_hash }) => ({
      id,
      content_hash,
    }));
  }

  async sampleBound(artifactType: string, size: number): Promise<string | undefined> {
    const hashes = this.#of(artifactType, { after: null, limit: Infinity })
      .map(({ id }) => sha256(id))
      .sort();
    return hashes.length > size ? hashes[size - 1] : undefined;
  }

  async scratch<T>(
    artifactType: string,
    selection: Selection,
    restores: string | undefined,
    work: (scratch: Scratch) => Promise<T>,
  ): Promise<T> {
    const rows = this.#of(artifactType, selection);
    const records = new Map<string, UndoRecord>();
    for (const { id } of restores === undefined ? [] : rows) {
      const record = this.#undo.get(key(restores ?? "", id));
      if (record !== undefined) records.set(id, record);
    }
    const keep = (proposal_id: string, staged: Staged): void =>
      this.#ground.set(this.#staged, key(proposal_id, staged.id), { ...staged, proposal_id });
    return work(new MemoryScratch(rows, records, keep));
  }

  async failures(
    proposalId: string,
    artifactType: string,
    limit: number,
  ): Promise<{ count: number; first: ({ artifact_id: string } & StagedFailure)[] }> {
    const failed = this.#stagedOf(proposalId, artifactType)
      .flatMap(({ id, failure }) => (failure === null ? [] : [{ artifact_id: id, ...failure }]))
      .sort((a, b) => this.#ground.order(a.artifact_id, b.artifact_id));
    return { count: failed.length, first: failed.slice(0, limit) };
  }

  async freeze(): Promise<void> {
    // Transactions run one at a time.
  }

  async swap({ proposal_id, artifact_type, to_version, at_ms }: Swap): Promise<{
    checked: number;
    changed: number;
  }> {
    let checked = 0;
    let changed = 0;
    for (const staged of this.#stagedOf(proposal_id, artifact_type)) {
      const row = this.#ground.artifacts.get(staged.id);
      if (row === undefined || staged.failure !== null) continue;
      checked += 1;
      if (staged.changed) changed += 1;
      this.#ground.set(this.#undo, key(`${artifact_type}@${to_version - 1}->${to_version}`, row.id), {
        before: staged.changed ? row.metadata : null,
        after: staged.changed ? staged.metadata : null,
      });
      this.#ground.set(this.#ground.artifacts, row.id, {
        ...row,
        metadata: staged.metadata ?? row.metadata,
        content_hash: staged.content_hash ?? row.content_hash,
        schema_version: to_version,
        updated_ms: at_ms,
        warnings: null,
      });
    }
    return { checked, changed };
  }

  async run(): Promise<void> {
    // There are no columns here.
  }

  async unlikeStaged(): Promise<number> {
    return 0;
  }

  #stagedOf(proposalId: string, artifactType: string): Staged[] {
    return [...this.#staged.values()].filter(
      (row) =>
        row.proposal_id === proposalId && this.#ground.artifacts.get(row.id)?.artifact_type === artifactType,
    );
  }

  #of(artifactType: string, selection: Selection): ArtifactRow[] {
    const { order } = this.#ground;
    const ids = "ids" in selection ? new Set(selection.ids) : undefined;
    return [...this.#ground.artifacts.values()]
      .filter((row) => {
        if (row.artifact_type !== artifactType) return false;
        if (ids !== undefined) return ids.has(row.id);
        if ("unstagedOf" in selection) {
          const staged = this.#staged.get(key(selection.unstagedOf, row.id));
          return staged === undefined || staged.base_hash !== sha256(row.metadata);
        }
        if (!("after" in selection)) return false;
        const { after, bound } = selection;
        return (
          (after === null || order(row.id, after) > 0) && (bound === undefined || sha256(row.id) <= bound)
        );
      })
      .sort((a, b) => order(a.id, b.id))
      .slice(0, "limit" in selection ? selection.limit : undefined);
  }
}

class MemoryScratch implements Scratch {
  readonly rows: readonly CopiedArtifact[];
  readonly #now = new Map<string, string>();
  readonly #base = new Map<string, string>();
  readonly #keep: (proposalId: string, staged: Staged) => void;

  constructor(
    rows: readonly ArtifactRow[],
    readonly records: ReadonlyMap<string, UndoRecord>,
    keep: (proposalId: string, staged: Staged) => void,
  ) {
    this.rows = rows.map(({ id, metadata, schema_version, content_hash }) => ({
      id,
      metadata,
      schema_version,
      content_hash,
    }));
    for (const { id, metadata } of rows) {
      this.#now.set(id, metadata);
      this.#base.set(id, metadata);
    }
    this.#keep = keep;
  }

  async replace(rows: readonly { id: string; metadata: string }[]): Promise<void> {
    for (const { id, metadata } of rows) {
      this.#now.set(id, metadata);
      this.#base.set(id, metadata);
    }
  }

  async run(_: readonly string[], transform: (id: string, metadata: string) => string): Promise<void> {
    const made = [...this.#now].map(([id, metadata]): [string, string] => {
      try {
        return [id, transform(id, metadata)];
      } catch (error) {
        throw new PlanError(error instanceof Error ? error.message : String(error));
      }
    });
    for (const [id, metadata] of made) this.#now.set(id, metadata);
  }

  async results(): Promise<Map<string, string>> {
    return new Map([...this.#now].filter(([id, metadata]) => this.#base.get(id) !== metadata));
  }

  async stage(proposalId: string, rows: readonly StagedArtifact[], documents: boolean): Promise<void> {
    const stored = new Map(this.rows.map(({ id, metadata }) => [id, metadata]));
    for (const row of rows) {
      const isKept = documents && row.changed && row.failure === null;
      this.#keep(proposalId, {
        ...row,
        base_hash: sha256(stored.get(row.id) ?? ""),
        metadata: isKept ? (this.#now.get(row.id) ?? null) : null,
      });
    }
  }
}

function key(of: string, id: string): string {
  return JSON.stringify([of, id]);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
