/** What the operations on artifacts, on their validation and on processing steps do. */
import { canonicalize, type Problem } from "schema-senate";
import type { Registered, Shown } from "../artifacts/artifacts.js";
import type { Host } from "../host.js";
import type { Direction } from "../processing/steps.js";
import { objectOf } from "../raw.js";
import type {
  ArtifactRow,
  ArtifactVersionRow,
  Pin,
  ProcessingStepRow,
  StepType,
  ValidationRunRow,
} from "../store/store.js";
import { progressOf } from "../validation/audits.js";
import { type Found, MODES, type ValidationMode } from "../validation/validator.js";
import type { Body } from "./body.js";
import { isUnreadable, Refusal, refuse } from "./problem.js";
import { json, number, quoted, type Reply, type Request, type Route, text } from "./reply.js";

/** Rows on a page unless asked otherwise. */
const PAGE = 50;
/** How long a question for the compliance of a type waits for the audit that it sets off. */
const WAIT_MS = 10_000;
/** Failures that the compliance names; the audit has the others. */
const NAMED = 20;
/** Warnings of one artifact that go to the log. */
const LOGGED = 20;

export function artifactRoutes(host: Host): Route[] {
  return [...validationRoutes(host), ...storedRoutes(host), ...stepRoutes(host)];
}

/** Of each type how the last audit came out. */
export async function lastCompliance(host: Host): Promise<object[]> {
  return (await host.audits.lastRuns()).map((run) => {
    const { run_id, artifact_type, version, checked, valid, invalid, compliance } = progressOf(
      run,
      host.now(),
    );
    const as_of_ms = run.finished_ms;
    return { artifact_type, version, checked, valid, invalid, compliance, run_id, as_of_ms };
  });
}

function validationRoutes(host: Host): Route[] {
  const validated = async ({ path, query }: Request, metadata: string): Promise<Reply> => {
    const found = taken(
      await host.validator.validate(
        text(path, "type"),
        metadata,
        modeOf(query["mode"]),
        number(query, "version"),
      ),
    );
    return json(found.verdict);
  };
  const progress = (run: ValidationRunRow) => progressOf(run, host.now());
  return [
    {
      operation: "validate",
      run: async (request) => validated(request, request.body?.text ?? ""),
    },
    {
      operation: "validateQuery",
      run: async (request) => {
        const metadata = text(request.query, "metadata");
        const read = canonicalize(metadata);
        if (!read.ok && isUnreadable(read.problem.code)) {
          throw new Refusal([{ ...read.problem, pointer: `/metadata${read.problem.pointer}` }], 400);
        }
        return validated(request, metadata);
      },
    },
    {
      operation: "startAudit",
      run: async ({ path }) => {
        const { run } = taken(await host.audits.start(text(path, "type")));
        return { ...json(progress(run)), status: 202 };
      },
    },
    {
      operation: "audit",
      run: async ({ path, query }) => {
        const type = text(path, "type");
        const wanted = query["run_id"];
        const run = await host.audits.run(type, wanted === undefined ? undefined : String(wanted));
        if (run === undefined) {
          throw refuse(404, "audit_unknown", `There is no such audit of ${type}.`, {
            remedy: `Begin one: POST /api/schemas/${type}/audit.`,
          });
        }
        const limit = number(query, "limit") ?? PAGE;
        const after = number(query, "after") ?? 0;
        const findings = await host.audits.findings(run.run_id, after, limit);
        const last = findings.at(-1);
        const isMore = last !== undefined && findings.length === limit && last.number < run.findings_kept;
        return json({ run: progress(run), findings, ...(isMore && { next_after: last.number }) });
      },
    },
    {
      operation: "compliance",
      run: async ({ path }) => {
        const { run } = taken(await host.audits.compliance(text(path, "type"), WAIT_MS));
        const found = await host.audits.findings(run.run_id, 0, NAMED * NAMED);
        const { artifact_type, version, state, total, checked, valid, invalid, compliance } = progress(run);
        return json({
          artifact_type,
          version,
          state,
          total,
          checked,
          valid,
          invalid,
          compliance,
          run_id: run.run_id,
          as_of_ms: run.updated_ms,
          failures: firstOfEach(found).slice(0, NAMED),
        });
      },
    },
    {
      operation: "retireVersion",
      run: async ({ path, body }) => {
        const artifact_type = text(path, "type");
        const version = number(path, "n") ?? 0;
        const act = objectOf([
          ["command", '"retire_version"'],
          ["artifact_type", quoted(artifact_type)],
          ["version", String(version)],
          ...(body?.rest() ?? []),
        ]);
        const executed = await host.retireVersion(act, artifact_type, version);
        if (!executed.ok) throw new Refusal(executed.problems);
        const type = await host.view("type", { artifact_type });
        if (!type.ok) throw new Refusal([type.problem]);
        return json(type.view);
      },
    },
  ];
}

function storedRoutes(host: Host): Route[] {
  return [
    {
      operation: "artifacts",
      run: async ({ query }) => {
        const limit = number(query, "limit") ?? PAGE;
        const type = query["artifact_type"];
        const words = query["text"];
        const cursor = query["cursor"];
        const found = await host.store.artifacts({
          limit: limit + 1,
          ...(typeof type === "string" && { artifact_type: type }),
          ...(typeof words === "string" && { text: words }),
          ...(typeof cursor === "string" && { before: placeOf(cursor) }),
        });
        const page = found.slice(0, limit);
        const last = page.at(-1);
        const more = found.length > limit && last !== undefined;
        return {
          body: objectOf([
            ["artifacts", `[${page.map((row) => artifactText(asStored(row))).join(",")}]`],
            ["next_cursor", more ? quoted(cursorOf(last)) : undefined],
          ]),
        };
      },
    },
    {
      operation: "registerArtifact",
      run: async ({ query, body }) => {
        const registered = await host.artifacts.register({
          artifact_type: body?.string("artifact_type") ?? "",
          ...contentOf(query["mode"], body),
          ...strings(body, "id", "title", "created_by"),
        });
        const artifact = stored(host, registered);
        return {
          ...artifactReply(asStored(artifact)),
          status: 201,
          headers: { location: placeOfArtifact(artifact.id), etag: etag(artifact) },
        };
      },
    },
    {
      operation: "updateArtifact",
      run: async ({ path, query, body, header }) => {
        const ifMatch = header("if-match");
        const updated = await host.artifacts.update(text(path, "id"), {
          base_version: baseVersion(ifMatch, member<number>(body, "base_version")),
          ...contentOf(query["mode"], body),
          ...strings(body, "title", "created_by"),
        });
        if (!updated.ok && ifMatch !== undefined && updated.problems[0]?.code === "artifact_moved_on") {
          throw new Refusal(updated.problems, 412);
        }
        return artifactReply(asStored(stored(host, updated)));
      },
    },
    {
      operation: "artifact",
      run: async ({ path, query }) => {
        const asked = query["schema_version"];
        const version = asked === "stored" || typeof asked === "number" ? asked : "latest";
        return artifactReply(taken(await host.artifacts.read(text(path, "id"), version)));
      },
    },
    {
      operation: "artifactVersions",
      run: async ({ path, query }) => {
        const artifact_id = text(path, "id");
        const limit = number(query, "limit") ?? PAGE;
        const versions = await host.artifacts.versions(
          artifact_id,
          number(query, "before") ?? null,
          limit + 1,
        );
        if (versions === undefined)
          throw refuse(404, "artifact_unknown", `There is no artifact ${artifact_id}.`);
        const page = versions.slice(0, limit);
        const last = page.at(-1);
        const isMore = versions.length > limit && last !== undefined;
        return json({
          artifact_id,
          versions: page,
          ...(isMore && { next_before: last.version_number }),
        });
      },
    },
    {
      operation: "artifactVersion",
      run: async ({ path }) => {
        const { version } = taken(await host.artifacts.version(text(path, "id"), number(path, "n")));
        return { body: versionText(version) };
      },
    },
    {
      operation: "pins",
      run: async ({ path, query }) => {
        const found = taken(await host.artifacts.pins(text(path, "id"), number(query, "version")));
        const count = (state: string): number => found.pins.filter((pin) => pin.state === state).length;
        return json({
          artifact_id: found.version.artifact_id,
          version_number: found.version.version_number,
          counts: { ok: count("ok"), missing: count("missing"), modified: count("modified") },
          pins: found.pins,
        });
      },
    },
  ];
}

function stepRoutes(host: Host): Route[] {
  return [
    {
      operation: "recordStep",
      run: async ({ body }) => {
        const parameters = body?.raw("parameters");
        const source = member<number>(body, "source_version");
        const target = member<number>(body, "target_version");
        const completed = member<number>(body, "completed_ms");
        const recorded = await host.steps.record({
          source_artifact_id: body?.string("source_artifact_id") ?? "",
          target_artifact_id: body?.string("target_artifact_id") ?? "",
          step_type: member<StepType>(body, "step_type") ?? "transformation",
          agent_id: body?.string("agent_id") ?? "",
          method: body?.string("method") ?? "",
          started_ms: member<number>(body, "started_ms") ?? 0,
          ...(source !== undefined && { source_version: source }),
          ...(target !== undefined && { target_version: target }),
          ...(completed !== undefined && { completed_ms: completed }),
          ...(parameters !== undefined && { parameters }),
        });
        // What the body names and does not exist is a fault of the body, not of the address.
        if (!recorded.ok) throw new Refusal([recorded.problem], 422);
        return { body: stepText(recorded.step), status: 201 };
      },
    },
    {
      operation: "processingHistory",
      run: async ({ path, query }) => {
        const { history } = taken(
          await host.steps.history(
            text(path, "id"),
            (query["direction"] ?? "both") as Direction,
            number(query, "depth") ?? 1,
          ),
        );
        const { steps, ...rest } = history;
        return { body: withList(rest, "steps", steps.map(stepText)) };
      },
    },
    {
      operation: "reproducibilityCheck",
      run: async ({ path, query }) => {
        const method = query["method"];
        const parameters = query["parameters"];
        const { check } = taken(
          await host.steps.check(
            text(path, "id"),
            method === undefined ? undefined : String(method),
            parameters === undefined ? undefined : String(parameters),
          ),
        );
        const { repetitions, ...rest } = check;
        const texts = repetitions.map(({ steps, ...one }) => withList(one, "steps", steps.map(stepText)));
        return { body: withList(rest, "repetitions", texts) };
      },
    },
  ];
}

function taken<T>(found: Found<T>): { ok: true } & T {
  if (!found.ok) throw new Refusal([found.problem]);
  return found;
}

/** The artifact that was written; what it was let through with goes to the log, field by field. */
function stored(host: Host, registered: Registered): ArtifactRow {
  if (!registered.ok) {
    const { problems } = registered;
    // An address that the body names and that does not exist is a fault of the body.
    throw new Refusal(problems, problems[0]?.code === "artifact_type_unknown" ? 422 : undefined);
  }
  const { artifact } = registered;
  const warnings = artifact.warnings === null ? [] : (JSON.parse(artifact.warnings) as Problem[]);
  for (const { pointer, code, message } of warnings.slice(0, LOGGED)) {
    host.logger.warn(`artifact ${artifact.id} was stored with an error: ${pointer}: ${code}: ${message}`);
  }
  if (warnings.length > LOGGED) {
    host.logger.warn(`artifact ${artifact.id} has ${warnings.length - LOGGED} errors more`);
  }
  return artifact;
}

/** What a write brings, the mode from the query or from the body. */
function contentOf(
  queryMode: string | number | undefined,
  body: Body | undefined,
): { metadata: string; mode?: ValidationMode; pins?: Pin[]; changelog?: string } {
  const mode = modeOf(queryMode) ?? modeOf(body?.string("mode"));
  const pins = member<Pin[]>(body, "pins");
  const changelog = body?.string("changelog");
  return {
    metadata: body?.raw("metadata") ?? "",
    ...(mode !== undefined && { mode }),
    ...(pins !== undefined && { pins }),
    ...(changelog !== undefined && { changelog }),
  };
}

function modeOf(value: string | number | undefined): ValidationMode | undefined {
  return MODES.find((mode) => mode === value);
}

/** A member of a body that the document has taken. */
function member<T>(body: Body | undefined, name: string): T | undefined {
  const raw = body?.raw(name);
  return raw === undefined ? undefined : (JSON.parse(raw) as T);
}

function strings(body: Body | undefined, ...names: string[]): { [name: string]: string } {
  const entries = names.map((name) => [name, body?.string(name)] as const);
  return Object.fromEntries(
    entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined),
  );
}

/** The version that a write builds on: without one, somebody's work could be overwritten unseen. */
function baseVersion(ifMatch: string | undefined, member: number | undefined): number {
  const matched = ifMatch === undefined ? undefined : /^"([1-9]\d{0,8})"$/.exec(ifMatch.trim())?.[1];
  if (ifMatch !== undefined && matched === undefined) {
    throw refuse(400, "header_invalid", `If-Match is ${ifMatch}; it must be one ETag of the artifact.`, {
      remedy: 'Send the ETag that GET has given, such as If-Match: "3".',
    });
  }
  const fromHeader = matched === undefined ? undefined : Number(matched);
  if (fromHeader !== undefined && member !== undefined && fromHeader !== member) {
    throw refuse(400, "header_invalid", `If-Match names version ${fromHeader}, base_version ${member}.`, {
      pointer: "/base_version",
    });
  }
  const base = fromHeader ?? member;
  if (base !== undefined) return base;
  throw refuse(428, "base_version_missing", "The request does not say which version it was made from.", {
    remedy: "Send base_version, or the ETag that GET has given as If-Match.",
  });
}

function asStored(artifact: ArtifactRow): Shown {
  return { artifact, stored_schema_version: artifact.schema_version, upcast: false };
}

function artifactReply(shown: Shown): Reply {
  return { body: artifactText(shown), headers: { etag: etag(shown.artifact) } };
}

function etag({ version_number }: ArtifactRow): string {
  return `"${version_number}"`;
}

function placeOfArtifact(id: string): string {
  return `/api/artifacts/${encodeURIComponent(id)}`;
}

/** The artifact with its metadata as it is stored, not as a parser here would write it again. */
function artifactText({ artifact, stored_schema_version, upcast }: Shown): string {
  const { metadata, warnings, pins, ...rest } = artifact;
  return objectOf([
    ...membersOfRow({ ...rest, stored_schema_version, upcast }),
    ["metadata", metadata],
    ["pins", pins ?? "[]"],
    ["warnings", warnings ?? "null"],
  ]);
}

function versionText({ metadata, warnings, pins, ...rest }: ArtifactVersionRow): string {
  return objectOf([
    ...membersOfRow(rest),
    ["metadata", metadata],
    ["pins", pins ?? "[]"],
    ["warnings", warnings ?? "null"],
  ]);
}

/** A step with its parameters as they came. */
function stepText({ parameters, ...rest }: ProcessingStepRow): string {
  return objectOf([...membersOfRow(rest), ["parameters", parameters]]);
}

function membersOfRow(row: object): [string, string][] {
  return Object.entries(row).map(([name, value]) => [name, JSON.stringify(value)]);
}

function withList(rest: object, name: string, texts: readonly string[]): string {
  return objectOf([...membersOfRow(rest), [name, `[${texts.join(",")}]`]]);
}

/** Of each artifact its first finding. */
function firstOfEach<T extends { artifact_id: string }>(findings: readonly T[]): T[] {
  const seen = new Set<string>();
  return findings.filter(({ artifact_id }) => !seen.has(artifact_id) && seen.add(artifact_id));
}

function cursorOf({ created_ms, id }: { created_ms: number; id: string }): string {
  return Buffer.from(`${created_ms} ${id}`).toString("base64url");
}

function placeOf(cursor: string): { created_ms: number; id: string } {
  const [, ms, id] = /^(\d{1,15}) (.+)$/.exec(Buffer.from(cursor, "base64url").toString("utf8")) ?? [];
  if (ms === undefined || id === undefined) {
    throw refuse(400, "query_invalid", "The cursor is not one that this host has given.", {
      pointer: "/cursor",
    });
  }
  return { created_ms: Number(ms), id };
}
