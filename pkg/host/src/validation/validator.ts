/** `validate_artifact_metadata`: an artifact's metadata under a version of its type, and what follows from it. */
import type { Problem, Schema, SchemaVersion, Validation } from "schema-senate";
import { upcast, type Upcast } from "../artifacts/upcast.js";
import { compileVersion } from "../compiled.js";
import type { Handle } from "../handle.js";
import { problem, problemOf } from "../http/problem.js";
import { StoreError } from "../store/store.js";

/** `strict` refuses what is not valid, `warn` lets it through with its errors, `skip` does not look. */
export type ValidationMode = "strict" | "warn" | "skip";

export const MODES: readonly ValidationMode[] = ["strict", "warn", "skip"];

export type Found<T> = ({ ok: true } & T) | { ok: false; problem: Problem };

export interface Verdict extends Omit<Validation, "valid"> {
  artifact_type: string;
  /** Null: the type has no schema. */
  version: number | null;
  mode: ValidationMode;
  /** Null: nobody has looked, because of the mode, or because there is nothing to hold it against. */
  valid: boolean | null;
  /** Whether an artifact like this would be stored. */
  accepted: boolean;
}

/** Compiled schemas kept; a large one takes some megabytes. */
const KEPT = 64;

export class Validator {
  readonly #handle: Handle;
  /** By digest and references, least recently used first. */
  readonly #compiled = new Map<string, Schema>();

  constructor(handle: Handle) {
    this.#handle = handle;
  }

  /** A version of a type as the registry has it; by default the current one. */
  async schema(artifact_type: string, version?: number): Promise<Found<{ version: SchemaVersion }>> {
    const found = await this.#handle.read((view) =>
      view("schema", { artifact_type, ...(version === undefined ? {} : { version }) }),
    );
    return found.ok ? { ok: true, version: found.view } : { ok: false, problem: found.problem };
  }

  /**
   * A type without a schema has nothing to be held against: `strict` refuses it, the other modes let it through. A version
   * that a type does not have is refused in every mode.
   */
  async validate(
    artifactType: string,
    metadata: string,
    mode: ValidationMode = "strict",
    version?: number,
  ): Promise<Found<{ verdict: Verdict }>> {
    const found = await this.schema(artifactType, version);
    if (!found.ok && (mode === "strict" || found.problem.code !== "artifact_type_unknown")) return found;
    const verdict: Verdict = {
      artifact_type: artifactType,
      version: found.ok ? found.version.version : null,
      mode,
      valid: null,
      accepted: true,
      errors: [],
    };
    if (!found.ok || mode === "skip") return { ok: true, verdict };
    const validation = this.check(found.version, metadata);
    const accepted = validation.valid || mode === "warn";
    return { ok: true, verdict: { ...verdict, ...validation, accepted } };
  }

  check(version: SchemaVersion, metadata: string): Validation {
    return this.#compile(version).validate(metadata);
  }

  /** Brings metadata written under one version to a later one. */
  upcast(artifactType: string, from: number, to: number, metadata: string): Promise<Upcast> {
    return this.#handle.read((_view, _decide, senate) => upcast(senate, artifactType, from, to, metadata));
  }

  /** Many at one state of the registry. What was written under no version, or under this one, is given as it is. */
  upcastAll(
    artifactType: string,
    to: number,
    artifacts: readonly { from: number | null; metadata: string }[],
  ): Promise<Upcast[]> {
    return this.#handle.read((_view, _decide, senate) =>
      artifacts.map(({ from, metadata }) => upcast(senate, artifactType, from ?? to, to, metadata)),
    );
  }

  free(): void {
    for (const schema of this.#compiled.values()) schema.free();
    this.#compiled.clear();
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

/** What an artifact is stored with, beside its content: everything that a verdict did not like, and that nobody looked. */
export function problemsOf(found: Found<{ verdict: Verdict }>): Problem[] {
  if (!found.ok) return [{ ...found.problem, pointer: "/artifact_type" }];
  const { mode, version, artifact_type, errors } = found.verdict;
  if (version === null) {
    return [
      problem(
        "artifact_type_unknown",
        `There is no artifact type ${artifact_type}, so nothing was validated.`,
        {
          pointer: "/artifact_type",
        },
      ),
    ];
  }
  if (mode === "skip") {
    const message = `It was stored without a look at version ${version} of ${artifact_type}.`;
    return [{ ...problem("not_validated", message, { pointer: "/metadata" }), severity: "warning" }];
  }
  return errors.map((error) => problemOf(error, "/metadata"));
}
