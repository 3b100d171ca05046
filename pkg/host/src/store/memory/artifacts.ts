/** The artifacts in memory: the same promises as in SQL. The caller's tables undo themselves when a transaction does. */
import type {
  ArtifactTransaction,
  ArtifactVersionRow,
  ArtifactVersionSummary,
  ProcessingStepRow,
  ValidationFindingRow,
  ValidationRunRow,
} from "../artifact-port.js";
import { typeOfMigration, versionOf } from "../artifact-rows.js";
import { type ArtifactRow, ConflictError, StoreError } from "../store.js";

/** What the store lends. */
export interface Lent {
  artifacts: Map<string, ArtifactRow>;
  /** The type's current version; null: it is not registered. */
  currentOf(artifactType: string): number | null;
  /** Sets a copy, and undoes it with the transaction; so does what deletes. */
  set<V extends object>(map: Map<string, V>, id: string, value: V): void;
  delete<V extends object>(map: Map<string, V>, id: string): void;
  /** The order of ids. */
  order(a: string, b: string): number;
}

export class MemoryArtifacts {
  readonly #lent: Lent;
  readonly #versions = new Map<string, ArtifactVersionRow>();
  readonly #runs = new Map<string, ValidationRunRow>();
  readonly #findings = new Map<string, ValidationFindingRow>();
  readonly #steps = new Map<string, ProcessingStepRow>();

  constructor(lent: Lent) {
    this.#lent = lent;
  }

  transaction(): ArtifactTransaction {
    return {
      insertArtifact: async (row, current, changelog) => {
        this.#requireCurrent(row.artifact_type, current);
        if (this.#lent.artifacts.has(row.id)) return false;
        const first = { ...row, version_number: 1, pins: row.pins ?? null };
        this.#lent.set(this.#lent.artifacts, row.id, first);
        const note = { created_by: row.created_by, changelog: changelog ?? null };
        this.#insertVersion(versionOf(first, note, null));
        return true;
      },
      addVersion: async (row, note, current) => {
        this.#requireCurrent(row.artifact_type, current);
        const before = this.#lent.artifacts.get(row.id);
        if (before === undefined || before.artifact_type !== row.artifact_type) return false;
        if (before.version_number !== row.version_number - 1) return false;
        const { created_by, created_ms } = before;
        this.#lent.set(this.#lent.artifacts, row.id, { ...row, created_by, created_ms });
        this.#insertVersion(versionOf(row, note, before.version_number));
        return true;
      },
      addVersionsOfMigration: async (proposalId, name, toVersion, atMs) =>
        this.#addVersionsOfMigration(proposalId, name, toVersion, atMs),
      artifactVersion: async (artifactId, versionNumber) => {
        const found = this.#versions.get(key(artifactId, versionNumber));
        return found === undefined ? undefined : { ...found };
      },
      artifactVersions: async (artifactId, before, limit) =>
        [...this.#versions.values()]
          .filter((row) => row.artifact_id === artifactId && (before === null || row.version_number < before))
          .sort((a, b) => b.version_number - a.version_number)
          .slice(0, limit)
          .map(summaryOf),
      hashesOf: async (versions) => {
        const wanted = new Map(versions.map((one) => [key(one.artifact_id, one.version_number), one]));
        return [...wanted].flatMap(([id, { artifact_id, version_number }]) => {
          const found = this.#versions.get(id);
          return found === undefined
            ? []
            : [{ artifact_id, version_number, content_hash: found.content_hash }];
        });
      },
      countAt: async (artifactType, schemaVersion) =>
        this.#ofType(artifactType).filter((row) => row.schema_version === schemaVersion).length,
      stampOf: async (artifactType) => {
        const rows = this.#ofType(artifactType);
        return { count: rows.length, stamp: rows.reduce((sum, row) => sum + row.version_number, 0) };
      },
      auditBatch: async (artifactType, afterId, limit) =>
        this.#ofType(artifactType)
          .filter((row) => afterId === null || this.#lent.order(row.id, afterId) > 0)
          .sort((a, b) => this.#lent.order(a.id, b.id))
          .slice(0, limit)
          .map(({ id, metadata, version_number, schema_version }) => ({
            id,
            metadata,
            version_number,
            schema_version,
          })),
      ...this.#validation(),
      ...this.#processing(),
    };
  }

  #validation(): Pick<
    ArtifactTransaction,
    | "insertRun"
    | "lockRun"
    | "saveRun"
    | "runsOf"
    | "runningRuns"
    | "lastRuns"
    | "addFindings"
    | "findingsOf"
    | "dropFindings"
  > {
    const save = async (row: ValidationRunRow): Promise<void> => {
      this.#lent.set(this.#runs, row.run_id, row);
    };
    const newestFirst = (): ValidationRunRow[] =>
      [...this.#runs.values()]
        .sort((a, b) => this.#lent.order(b.run_id, a.run_id))
        .map((row) => ({ ...row }));
    return {
      insertRun: async (row) => {
        const isTaken = newestFirst().some(
          (other) => other.artifact_type === row.artifact_type && other.state === "running",
        );
        if (isTaken && row.state === "running") return false;
        await save(row);
        return true;
      },
      saveRun: save,
      lockRun: async (runId) => newestFirst().find((row) => row.run_id === runId),
      runsOf: async (artifactType, states, limit) =>
        newestFirst()
          .filter((row) => row.artifact_type === artifactType && states.includes(row.state))
          .slice(0, limit),
      runningRuns: async () =>
        newestFirst()
          .filter((row) => row.state === "running")
          .reverse(),
      lastRuns: async () => {
        const last = new Map<string, ValidationRunRow>();
        for (const row of newestFirst().reverse()) if (row.state === "done") last.set(row.artifact_type, row);
        return [...last.values()].sort((a, b) => this.#lent.order(a.artifact_type, b.artifact_type));
      },
      addFindings: async (rows) => {
        for (const row of rows) this.#lent.set(this.#findings, key(row.run_id, row.number), row);
      },
      findingsOf: async (runId, after, limit) =>
        [...this.#findings.values()]
          .filter((row) => row.run_id === runId && row.number > after)
          .sort((a, b) => a.number - b.number)
          .slice(0, limit)
          .map((row) => ({ ...row })),
      dropFindings: async (artifactType, keep) => {
        const old = newestFirst().filter((row) => row.artifact_type === artifactType);
        const dropped = new Set(old.slice(keep).map((row) => row.run_id));
        for (const [id, row] of [...this.#findings])
          if (dropped.has(row.run_id)) this.#lent.delete(this.#findings, id);
      },
    };
  }

  #processing(): Pick<ArtifactTransaction, "insertStep" | "stepsAt" | "stepsFrom"> {
    const where = (keep: (row: ProcessingStepRow) => boolean, limit: number): ProcessingStepRow[] =>
      [...this.#steps.values()]
        .filter(keep)
        .sort((a, b) => this.#lent.order(a.step_id, b.step_id))
        .slice(0, limit)
        .map((row) => ({ ...row }));
    return {
      insertStep: async (row) => {
        const [same] = where((other) => identity(other) === identity(row), 1);
        if (same !== undefined) return same;
        this.#lent.set(this.#steps, row.step_id, row);
        return row;
      },
      stepsAt: async (end, artifactIds, limit) => {
        const wanted = new Set(artifactIds);
        const side = end === "source" ? "source_artifact_id" : "target_artifact_id";
        return where((row) => wanted.has(row[side]), limit);
      },
      stepsFrom: async (sourceId, { method, parameters_digest }, limit) =>
        where(
          (row) =>
            row.source_artifact_id === sourceId &&
            (method === undefined || row.method === method) &&
            (parameters_digest === undefined || row.parameters_digest === parameters_digest),
          limit,
        ),
    };
  }

  #addVersionsOfMigration(proposalId: string, name: string, toVersion: number, atMs: number): number {
    let count = 0;
    for (const row of this.#ofType(typeOfMigration(name))) {
      if (row.schema_version !== toVersion) continue;
      const latest = this.#versions.get(key(row.id, row.version_number));
      if (latest?.content_hash === row.content_hash) continue;
      const next = { ...row, version_number: row.version_number + 1 };
      this.#lent.set(this.#lent.artifacts, row.id, next);
      const note = { created_by: null, changelog: `migration ${name}` };
      this.#insertVersion({
        ...versionOf(next, note, row.version_number, proposalId),
        created_ms: atMs,
      });
      count += 1;
    }
    return count;
  }

  #ofType(artifactType: string): ArtifactRow[] {
    return [...this.#lent.artifacts.values()].filter((row) => row.artifact_type === artifactType);
  }

  #requireCurrent(artifactType: string, current: number | null): void {
    if (this.#lent.currentOf(artifactType) !== current) {
      throw new ConflictError(`the current version of ${artifactType} has changed`);
    }
  }

  #insertVersion(row: ArtifactVersionRow): void {
    const id = key(row.artifact_id, row.version_number);
    if (this.#versions.has(id)) throw new StoreError("store_damaged", `version ${id} is there already`);
    this.#lent.set(this.#versions, id, row);
  }
}

function summaryOf({
  metadata: _metadata,
  pins: _pins,
  warnings: _warnings,
  ...rest
}: ArtifactVersionRow): ArtifactVersionSummary {
  return rest;
}

/** What makes two reports of a step the same one. */
function identity(row: ProcessingStepRow): string {
  return JSON.stringify([
    row.source_artifact_id,
    row.source_version,
    row.target_artifact_id,
    row.target_version,
    row.step_type,
    row.agent_id,
    row.method,
    row.parameters_digest,
    row.started_ms,
  ]);
}

function key(id: string, number: number): string {
  return JSON.stringify([id, number]);
}
