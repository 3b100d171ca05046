/** The artifacts: registered under their type's current schema, written on, read, every version kept. */
import { digest, newId, type Problem } from "schema-senate";
import type { Handle } from "../handle.js";
import { problem, problemOf } from "../http/problem.js";
import {
  type ArtifactRow,
  type ArtifactVersionRow,
  type ArtifactVersionSummary,
  ConflictError,
  type Pin,
  type Store,
} from "../store/store.js";
import { type Found, problemsOf, type ValidationMode, type Validator } from "../validation/validator.js";
import { pinsOf, type PinState, pinState, wrongPins } from "./pins.js";
import { isEager } from "./upcast.js";

interface Content {
  /** JSON text. */
  metadata: string;
  /** Default: the host's. */
  mode?: ValidationMode;
  /** The versions that it builds on; each must be there with this content. */
  pins?: readonly Pin[];
  /** What is new in this version. */
  changelog?: string;
}

export interface RegisterOptions extends Content {
  /** Default: a new ULID. */
  id?: string;
  artifact_type: string;
  title?: string;
  created_by?: string;
}

export interface UpdateOptions extends Content {
  /** The version that this one was made from: it must still be the latest. */
  base_version: number;
  /** Default, as for `pins`: as in the version before. */
  title?: string;
  created_by?: string;
}

export type Registered = { ok: true; artifact: ArtifactRow } | { ok: false; problems: Problem[] };

/** An artifact as it is read under a version of its type. */
export interface Shown {
  /** `metadata` and `schema_version` are those that were asked for, the rest is the stored version's. */
  artifact: ArtifactRow;
  stored_schema_version: number | null;
  /** Whether it was brought to another version than it is stored under. */
  upcast: boolean;
}

export type AskedVersion = "latest" | "stored" | number;

const ATTEMPTS = 8;
/** Ways from one version to another whose strategy is remembered. */
const KEPT = 1_000;

/** What a write is stored with. */
interface Prepared {
  schema_version: number | null;
  warnings: string | null;
}

export class Artifacts {
  readonly #handle: Handle;
  readonly #store: Store;
  readonly #validator: Validator;
  readonly #mode: ValidationMode;
  /** Whether what was brought this way is stored at its first read. */
  readonly #eager = new Map<string, boolean>();

  constructor(handle: Handle, store: Store, validator: Validator, mode: ValidationMode = "strict") {
    this.#handle = handle;
    this.#store = store;
    this.#validator = validator;
    this.#mode = mode;
  }

  async register(options: RegisterOptions): Promise<Registered> {
    const { artifact_type, metadata, pins = [], changelog } = options;
    const hashed = contentHash(metadata);
    if (!hashed.ok) return { ok: false, problems: [hashed.problem] };
    return this.#again(async () => {
      const prepared = await this.#prepare(artifact_type, options);
      if (!prepared.ok) return prepared;
      const nowMs = this.#handle.now();
      const row: ArtifactRow = {
        id: options.id ?? newId({ nowMs }),
        artifact_type,
        title: options.title ?? null,
        metadata,
        content_hash: hashed.digest,
        created_by: options.created_by ?? null,
        created_ms: nowMs,
        updated_ms: nowMs,
        version_number: 1,
        pins: pinsText(pins),
        schema_version: prepared.schema_version,
        warnings: prepared.warnings,
      };
      return this.#store.transaction(async (tx): Promise<Registered> => {
        const wrong = await wrongPins(tx, pins);
        if (wrong.length > 0) return { ok: false, problems: wrong };
        if (await tx.insertArtifact(row, row.schema_version, changelog)) return { ok: true, artifact: row };
        return no(problem("artifact_exists", `There is an artifact ${row.id} already.`, { pointer: "/id" }));
      });
    });
  }

  /** The next version of an artifact. Of several who build on the same one, exactly one is first. */
  async update(id: string, options: UpdateOptions): Promise<Registered> {
    const hashed = contentHash(options.metadata);
    if (!hashed.ok) return { ok: false, problems: [hashed.problem] };
    return this.#again(async () => {
      const before = await this.#store.artifact(id);
      if (before === undefined) return no(unknown(id));
      if (before.version_number !== options.base_version) return no(movedOn(before, options.base_version));
      const prepared = await this.#prepare(before.artifact_type, options);
      if (!prepared.ok) return prepared;
      const row: ArtifactRow = {
        ...before,
        title: options.title ?? before.title,
        metadata: options.metadata,
        content_hash: hashed.digest,
        updated_ms: this.#handle.now(),
        version_number: before.version_number + 1,
        pins: options.pins === undefined ? before.pins : pinsText(options.pins),
        schema_version: prepared.schema_version,
        warnings: prepared.warnings,
      };
      const note = { created_by: options.created_by ?? null, changelog: options.changelog ?? null };
      const written = await this.#store.transaction(async (tx): Promise<Registered | undefined> => {
        const wrong = await wrongPins(tx, options.pins ?? []);
        if (wrong.length > 0) return { ok: false, problems: wrong };
        if (await tx.addVersion(row, note, row.schema_version)) return { ok: true, artifact: row };
        return undefined;
      });
      if (written !== undefined) return written;
      const now = (await this.#store.artifact(id)) ?? before;
      return no(movedOn(now, options.base_version));
    });
  }

  /**
   * An artifact as it reads under a version of its type. Where its type says so (`eager_on_read`), the first read under the
   * latest version stores what it gives.
   */
  async read(id: string, asked: AskedVersion = "latest"): Promise<Found<Shown>> {
    const artifact = await this.#store.artifact(id);
    if (artifact === undefined) return { ok: false, problem: unknown(id) };
    const stored = artifact.schema_version;
    const asStored = { ok: true as const, artifact, stored_schema_version: stored, upcast: false };
    if (asked === "stored") return asStored;
    const { artifact_type } = artifact;
    const found = await this.#validator.schema(artifact_type, asked === "latest" ? undefined : asked);
    // A type without a schema, or an artifact that is older than its type's first one: there is nothing to go through.
    if (asked === "latest" && (!found.ok || stored === null)) return asStored;
    if (!found.ok) return found;
    const to = found.version.version;
    if (stored === to) return asStored;
    if (stored === null) {
      const message = `It was stored when ${artifact_type} had no schema, and reads as it is stored only.`;
      return { ok: false, problem: problem("artifact_without_schema", message) };
    }
    const brought = await this.#validator.upcast(artifact_type, stored, to, artifact.metadata);
    if (!brought.ok) return brought;
    const { errors } = this.#validator.check(found.version, brought.metadata);
    const read: ArtifactRow = {
      ...artifact,
      metadata: brought.metadata,
      schema_version: to,
      warnings: warningsText([
        ...brought.skipped.map((one) => ({ ...one, pointer: `/metadata${one.pointer}` })),
        ...errors.map((error) => problemOf(error, "/metadata")),
      ]),
    };
    if (asked === "latest" && errors.length === 0 && (await this.#isEager(artifact_type, stored, to))) {
      const kept = await this.#keep(read, stored);
      if (kept !== undefined) return { ok: true, artifact: kept, stored_schema_version: to, upcast: false };
    }
    return { ok: true, artifact: read, stored_schema_version: stored, upcast: true };
  }

  /** Newest first; `undefined`: there is no such artifact. */
  async versions(
    id: string,
    before: number | null,
    limit: number,
  ): Promise<ArtifactVersionSummary[] | undefined> {
    if ((await this.#store.artifact(id)) === undefined) return undefined;
    return this.#store.transaction((tx) => tx.artifactVersions(id, before, limit));
  }

  /** A version as it was written; by default the latest one. */
  async version(id: string, number?: number): Promise<Found<{ version: ArtifactVersionRow }>> {
    const artifact = await this.#store.artifact(id);
    if (artifact === undefined) return { ok: false, problem: unknown(id) };
    const wanted = number ?? artifact.version_number;
    const version = await this.#store.transaction((tx) => tx.artifactVersion(id, wanted));
    if (version !== undefined) return { ok: true, version };
    const message = `There is no version ${wanted} of artifact ${id}; its latest is ${artifact.version_number}.`;
    return { ok: false, problem: problem("artifact_version_unknown", message) };
  }

  /** How the pins of a version stand now. One after the other: an artifact may be large, and pin many. */
  async pins(id: string, number?: number): Promise<Found<{ version: ArtifactVersionRow; pins: PinState[] }>> {
    const found = await this.version(id, number);
    if (!found.ok) return found;
    const pins: PinState[] = [];
    for (const pin of pinsOf(found.version.pins)) {
      const pinned = await this.#store.transaction((tx) =>
        tx.artifactVersion(pin.artifact_id, pin.version_number),
      );
      pins.push(pinState(pin, pinned));
    }
    return { ok: true, version: found.version, pins };
  }

  /** Stores an upcast artifact as a version of its own; `undefined`: somebody has written it meanwhile. */
  async #keep(read: ArtifactRow, from: number): Promise<ArtifactRow | undefined> {
    const hashed = contentHash(read.metadata);
    if (!hashed.ok) return undefined;
    const row: ArtifactRow = {
      ...read,
      content_hash: hashed.digest,
      updated_ms: this.#handle.now(),
      version_number: read.version_number + 1,
    };
    const changelog = `upcast ${read.artifact_type}@${from}->${read.schema_version}`;
    try {
      const isKept = await this.#store.transaction((tx) =>
        tx.addVersion(row, { created_by: null, changelog }, row.schema_version),
      );
      return isKept ? row : undefined;
    } catch (error) {
      // The type has moved on meanwhile; the next read stores what that version makes of it.
      if (error instanceof ConflictError) return undefined;
      throw error;
    }
  }

  /** What was decided about a version stays, so it is asked once. */
  async #isEager(artifactType: string, from: number, to: number): Promise<boolean> {
    const way = `${artifactType}@${from}->${to}`;
    const known = this.#eager.get(way);
    if (known !== undefined) return known;
    const found = await this.#handle.read((view) => isEager(view, artifactType, from, to));
    if (this.#eager.size >= KEPT) this.#eager.clear();
    this.#eager.set(way, found);
    return found;
  }

  async #prepare(
    artifactType: string,
    { metadata, mode = this.#mode }: Content,
  ): Promise<({ ok: true } & Prepared) | { ok: false; problems: Problem[] }> {
    const found = await this.#validator.validate(artifactType, metadata, mode);
    const problems = problemsOf(found);
    if (!found.ok || !found.verdict.accepted) return { ok: false, problems };
    return { ok: true, schema_version: found.verdict.version, warnings: warningsText(problems) };
  }

  /** Until the type stands still between the validation and the write. */
  async #again(write: () => Promise<Registered>): Promise<Registered> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

/** The core's digest of the metadata, if it can be stored at all. */
function contentHash(metadata: string): Found<{ digest: string }> {
  // PostgreSQL's jsonb has no U+0000; the other stores refuse it too, so that data can move between them.
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(metadata)) {
    const message = "U+0000 in a text or a member's name cannot be stored.";
    return { ok: false, problem: problem("artifact_not_storable", message, { pointer: "/metadata" }) };
  }
  const hashed = digest(metadata);
  if (hashed.ok) return hashed;
  return { ok: false, problem: { ...hashed.problem, pointer: `/metadata${hashed.problem.pointer}` } };
}

function pinsText(pins: readonly Pin[]): string | null {
  return pins.length === 0 ? null : JSON.stringify(pins);
}

function warningsText(problems: readonly Problem[]): string | null {
  return problems.length === 0 ? null : JSON.stringify(problems);
}

function unknown(id: string): Problem {
  return problem("artifact_unknown", `There is no artifact ${id}.`);
}

function movedOn(now: ArtifactRow, base: number): Problem {
  return problem(
    "artifact_moved_on",
    `Artifact ${now.id} is at version ${now.version_number} (${now.content_hash}), not at ${base}.`,
    { pointer: "/base_version", remedy: "Read it again, and build on the version that is there now." },
  );
}

function no(found: Problem): Registered {
  return { ok: false, problems: [found] };
}
