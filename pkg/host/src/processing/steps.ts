/** Processing steps: who made which artifact from which, by what method, and whether that can be repeated. */
import { canonicalize, newId, type Problem } from "schema-senate";
import type { Handle } from "../handle.js";
import { problem } from "../http/problem.js";
import type { ArtifactVersionRow, ProcessingStepRow, StepType, Store, Transaction } from "../store/store.js";
import type { Found } from "../validation/validator.js";

export interface StepOptions {
  source_artifact_id: string;
  /** Default: the latest, as for the target. */
  source_version?: number;
  target_artifact_id: string;
  target_version?: number;
  step_type: StepType;
  agent_id: string;
  method: string;
  /** JSON text; default `{}`. */
  parameters?: string;
  started_ms: number;
  completed_ms?: number;
}

/** `ancestors`: the steps that led to an artifact. `descendants`: those that went on from it. */
export type Direction = "ancestors" | "descendants" | "both";

export interface History {
  artifact_id: string;
  direction: Direction;
  depth: number;
  /** Oldest first. */
  steps: (ProcessingStepRow & { depth: number })[];
  /** Whether there are more steps than are given, further away or beside these. */
  truncated: boolean;
}

/** `not_repeated`: no input was put through the same method and parameters twice, so there is nothing to compare. */
export type Reproducibility = "reproduced" | "diverged" | "not_repeated";

/** The steps with one input, one method and one set of parameters. */
export interface Repetition {
  input_hash: string;
  method: string;
  parameters_digest: string;
  result: Reproducibility;
  /** Each output once. */
  output_hashes: string[];
  steps: ProcessingStepRow[];
}

export interface ReproducibilityCheck {
  artifact_id: string;
  result: Reproducibility;
  repetitions: Repetition[];
  truncated: boolean;
}

/** Steps that one answer gives at most. */
const LARGEST = 1_000;

export class ProcessingSteps {
  readonly #handle: Handle;
  readonly #store: Store;

  constructor(handle: Handle, store: Store) {
    this.#handle = handle;
    this.#store = store;
  }

  /** Records a step; its hashes are those of the stored versions. The same step again is the one that is there. */
  async record(options: StepOptions): Promise<Found<{ step: ProcessingStepRow }>> {
    const { started_ms, completed_ms = null, parameters = "{}" } = options;
    if (completed_ms !== null && completed_ms < started_ms) {
      const message = "It ends before it starts.";
      return no(problem("step_ends_before_it_starts", message, { pointer: "/completed_ms" }));
    }
    const read = parametersDigest(parameters);
    if (!read.ok) return read;
    const source = await this.#latest(options.source_artifact_id, "/source_artifact_id");
    if (!source.ok) return source;
    const target = await this.#latest(options.target_artifact_id, "/target_artifact_id");
    if (!target.ok) return target;
    return this.#store.transaction(async (tx): Promise<Found<{ step: ProcessingStepRow }>> => {
      const from = await at(tx, source.id, options.source_version ?? source.latest, "/source_version");
      if (!from.ok) return from;
      const to = await at(tx, target.id, options.target_version ?? target.latest, "/target_version");
      if (!to.ok) return to;
      const nowMs = this.#handle.now();
      const step = await tx.insertStep({
        step_id: newId({ nowMs }),
        source_artifact_id: source.id,
        source_version: from.version.version_number,
        target_artifact_id: target.id,
        target_version: to.version.version_number,
        step_type: options.step_type,
        agent_id: options.agent_id,
        method: options.method,
        parameters,
        parameters_digest: read.digest,
        started_ms,
        completed_ms,
        input_hash: from.version.content_hash,
        output_hash: to.version.content_hash,
        recorded_ms: nowMs,
      });
      return { ok: true, step };
    });
  }

  /** The steps around an artifact, up to `depth` steps away. */
  async history(
    artifactId: string,
    direction: Direction,
    depth: number,
  ): Promise<Found<{ history: History }>> {
    if ((await this.#store.artifact(artifactId)) === undefined) return no(unknown(artifactId));
    const found = new Map<string, ProcessingStepRow & { depth: number }>();
    let truncated = false;
    const sides = direction === "both" ? (["ancestors", "descendants"] as const) : [direction];
    await this.#store.transaction(async (tx) => {
      for (const side of sides) truncated = (await walk(tx, side, artifactId, depth, found)) || truncated;
    });
    const steps = [...found.values()].sort((a, b) => (a.step_id < b.step_id ? -1 : 1));
    return { ok: true, history: { artifact_id: artifactId, direction, depth, steps, truncated } };
  }

  /**
   * `check_reproducibility`: whether the same input, put through the same method with the same parameters, has given the same
   * output. Parameters are compared by their canonical form.
   */
  async check(
    artifactId: string,
    method?: string,
    parameters?: string,
  ): Promise<Found<{ check: ReproducibilityCheck }>> {
    const read = parameters === undefined ? undefined : parametersDigest(parameters);
    if (read?.ok === false) return read;
    if ((await this.#store.artifact(artifactId)) === undefined) return no(unknown(artifactId));
    const filter = {
      ...(method !== undefined && { method }),
      ...(read !== undefined && { parameters_digest: read.digest }),
    };
    const steps = await this.#store.transaction((tx) => tx.stepsFrom(artifactId, filter, LARGEST + 1));
    const repetitions = repetitionsOf(steps.slice(0, LARGEST));
    const results = new Set(repetitions.map(({ result }) => result));
    const worst = (["diverged", "reproduced"] as const).find((result) => results.has(result));
    return {
      ok: true,
      check: {
        artifact_id: artifactId,
        result: worst ?? "not_repeated",
        repetitions,
        truncated: steps.length > LARGEST,
      },
    };
  }

  async #latest(id: string, pointer: string): Promise<Found<{ id: string; latest: number }>> {
    const artifact = await this.#store.artifact(id);
    if (artifact === undefined) return no({ ...unknown(id), pointer });
    return { ok: true, id, latest: artifact.version_number };
  }
}

/** Breadth first, so that a step's depth is its shortest way. `true`: there was more than could be taken. */
async function walk(
  tx: Transaction,
  side: "ancestors" | "descendants",
  artifactId: string,
  depth: number,
  found: Map<string, ProcessingStepRow & { depth: number }>,
): Promise<boolean> {
  const [near, far] =
    side === "ancestors"
      ? (["target", "source_artifact_id"] as const)
      : (["source", "target_artifact_id"] as const);
  const seen = new Set([artifactId]);
  let level = [artifactId];
  for (let away = 1; level.length > 0; away += 1) {
    const steps = await tx.stepsAt(near, level, LARGEST + 1);
    const isBeyond = away > depth;
    for (const step of steps) {
      const known = found.get(step.step_id);
      if (known !== undefined) {
        known.depth = Math.min(known.depth, away);
        continue;
      }
      if (isBeyond || found.size >= LARGEST) return true;
      found.set(step.step_id, { ...step, depth: away });
    }
    if (isBeyond) return false;
    if (steps.length > LARGEST) return true;
    level = [...new Set(steps.map((step) => step[far]))].filter((id) => !seen.has(id));
    for (const id of level) seen.add(id);
  }
  return false;
}

function repetitionsOf(steps: readonly ProcessingStepRow[]): Repetition[] {
  const groups = new Map<string, ProcessingStepRow[]>();
  for (const step of steps) {
    const key = JSON.stringify([step.input_hash, step.method, step.parameters_digest]);
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups.values()].flatMap((group): Repetition[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { input_hash, method, parameters_digest } = first;
    const output_hashes = [...new Set(group.map((step) => step.output_hash))];
    const same = output_hashes.length === 1 ? "reproduced" : "diverged";
    const result = group.length === 1 ? "not_repeated" : same;
    return [{ input_hash, method, parameters_digest, result, output_hashes, steps: group }];
  });
}

async function at(
  tx: Transaction,
  id: string,
  number: number,
  pointer: string,
): Promise<Found<{ version: ArtifactVersionRow }>> {
  const version = await tx.artifactVersion(id, number);
  if (version !== undefined) return { ok: true, version };
  const message = `There is no version ${number} of artifact ${id}.`;
  return no(problem("artifact_version_unknown", message, { pointer }));
}

function parametersDigest(parameters: string): Found<{ digest: string }> {
  const read = canonicalize(parameters);
  if (!read.ok) return no({ ...read.problem, pointer: `/parameters${read.problem.pointer}` });
  if (read.canonical.startsWith("{")) return read;
  return no(problem("member_type", "The parameters are an object.", { pointer: "/parameters" }));
}

function unknown(id: string): Problem {
  return problem("artifact_unknown", `There is no artifact ${id}.`);
}

function no(found: Problem): { ok: false; problem: Problem } {
  return { ok: false, problem: found };
}
