/** The artifacts: registered under their type's current schema, read, audited. */
import { digest, newId, type Problem, type Schema, type SchemaVersion, type Validation } from "schema-senate";
import { compileVersion } from "./compiled.js";
import type { Handle } from "./handle.js";
import { problem, problemOf } from "./http/problem.js";
import { type ArtifactRow, ConflictError, type Store, StoreError } from "./store/store.js";
import { batches } from "./stored-verdict.js";

export interface RegisterOptions {
  /** Default: a new ULID. */
  id?: string;
  artifact_type: string;
  title?: string;
  /** JSON text. */
  metadata: string;
  created_by?: string;
  /** `strict` (default) refuses what is not valid; `warn` stores it with the errors. */
  mode?: "strict" | "warn";
}

export type Registered = { ok: true; artifact: ArtifactRow } | { ok: false; problems: Problem[] };

/** How the stored artifacts of a type stand under its current schema. */
export interface Audit {
  artifact_type: string;
  version: number;
  checked: number;
  valid: number;
  invalid: number;
  /** The first 20. */
  failures: { artifact_id: string; message: string }[];
}

type Found<T> = ({ ok: true } & T) | { ok: false; problem: Problem };

/** Compiled schemas kept; a large one takes some megabytes. */
const KEPT = 64;
const ATTEMPTS = 8;

export class Artifacts {
  readonly #handle: Handle;
  readonly #store: Store;
  /** By digest and references, least recently used first. */
  readonly #compiled = new Map<string, Schema>();

  constructor(handle: Handle, store: Store) {
    this.#handle = handle;
    this.#store = store;
  }

  /** Validates a payload under a version of its type (default: the current one) and stores nothing. */
  async validate(
    artifactType: string,
    metadata: string,
    version?: number,
  ): Promise<Found<{ artifact_type: string; version: number; validation: Validation }>> {
    const found = await this.#schema(artifactType, version);
    if (!found.ok) return found;
    return {
      ok: true,
      artifact_type: artifactType,
      version: found.version.version,
      validation: this.#compile(found.version).validate(metadata),
    };
  }

  async register(options: RegisterOptions): Promise<Registered> {
    const { artifact_type, metadata } = options;
    // PostgreSQL's jsonb has no U+0000; the other stores refuse it too, so that data can move between them.
    if (/(?<!\\)(?:\\\\)*\\u0000/.test(metadata)) {
      return no(
        problem("artifact_not_storable", "U+0000 in a text or a member's name cannot be stored.", {
          pointer: "/metadata",
        }),
      );
    }
    const hashed = digest(metadata);
    if (!hashed.ok) return no({ ...hashed.problem, pointer: `/metadata${hashed.problem.pointer}` });
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.#schema(artifact_type);
      const warnings = found.ok
        ? this.#compile(found.version)
            .validate(metadata)
            .errors.map((error) => problemOf(error, "/metadata"))
        : [{ ...found.problem, pointer: "/artifact_type" }];
      if (warnings.length > 0 && options.mode !== "warn") return { ok: false, problems: warnings };
      const nowMs = this.#handle.now();
      const row: ArtifactRow = {
        id: options.id ?? newId({ nowMs }),
        artifact_type,
        title: options.title ?? null,
        metadata,
        schema_version: found.ok ? found.version.version : null,
        content_hash: hashed.digest,
        created_by: options.created_by ?? null,
        created_ms: nowMs,
        updated_ms: nowMs,
        warnings: warnings.length === 0 ? null : JSON.stringify(warnings),
      };
      try {
        if (await this.#store.transaction((tx) => tx.insertArtifact(row, row.schema_version))) {
          return { ok: true, artifact: row };
        }
        return no(problem("artifact_exists", `There is an artifact ${row.id} already.`, { pointer: "/id" }));
      } catch (error) {
        // The type has moved to another version since the validation: validate again.
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** Validates every stored artifact of a type under its current schema. */
  async audit(artifactType: string): Promise<Found<{ audit: Audit }>> {
    const found = await this.#schema(artifactType);
    if (!found.ok) return found;
    const audit: Audit = {
      artifact_type: artifactType,
      version: found.version.version,
      checked: 0,
      valid: 0,
      invalid: 0,
      failures: [],
    };
    for await (const batch of batches(this.#store, artifactType)) {
      const schema = this.#compile(found.version);
      for (const { id, metadata } of batch) {
        audit.checked += 1;
        const { valid, errors } = schema.validate(metadata);
        if (valid) {
          audit.valid += 1;
          continue;
        }
        audit.invalid += 1;
        const first = errors[0];
        if (audit.failures.length < 20) {
          const message = `${first?.instance_path || "the artifact"}: ${first?.message ?? "invalid"}`;
          audit.failures.push({ artifact_id: id, message });
        }
      }
    }
    return { ok: true, audit };
  }

  free(): void {
    for (const schema of this.#compiled.values()) schema.free();
    this.#compiled.clear();
  }

  async #schema(artifact_type: string, version?: number): Promise<Found<{ version: SchemaVersion }>> {
    const found = await this.#handle.read((view) =>
      view("schema", { artifact_type, ...(version === undefined ? {} : { version }) }),
    );
    return found.ok ? { ok: true, version: found.view } : { ok: false, problem: found.problem };
  }

  /** Use the handle at once: a later compilation may free it. */
  #compile(version: SchemaVersion): Schema {
    const key = `${version.artifact_type}@${version.version} ${version.digest}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) {
      this.#compiled.delete(key);
      this.#compiled.set(key, known);
      return known;
    }
    const compiled = compileVersion(version);
    if (!compiled.ok) {
      throw new StoreError(
        "store_damaged",
        `The stored schema ${key} cannot be compiled: ${compiled.problems[0]?.message}`,
      );
    }
    this.#compiled.set(key, compiled.schema);
    for (const [oldest, schema] of this.#compiled) {
      if (this.#compiled.size <= KEPT) break;
      this.#compiled.delete(oldest);
      schema.free();
    }
    return compiled.schema;
  }
}

function no(found: Problem): Registered {
  return { ok: false, problems: [found] };
}
