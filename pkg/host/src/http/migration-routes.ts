/** Rehearsals, the acts after a failed migration, and progress as it comes. */
import type { Host } from "../host.js";
import type { Rehearsal, Sample } from "../migration/rehearsal.js";
import { objectOf } from "../raw.js";
import { Refusal } from "./problem.js";
import type { Reply, Request, Route } from "./reply.js";

/** How long a client waits before it asks again, and how long it hears nothing at most, in milliseconds. */
const RETRY_MS = 2_000;
const HEARTBEAT_MS = 10_000;

export function migrationRoutes(
  host: Host,
  onProposal: (operation: string, command: string) => Route,
): Route[] {
  const { migrator } = host;
  const id = ({ path }: Request): string => String(path["id"] ?? "");
  return [
    {
      operation: "rehearse",
      run: async (request) => {
        const found = await migrator.rehearsals.rehearse(id(request));
        if (!found.ok) throw new Refusal(found.problems);
        return { body: rehearsalText(found.rehearsal) };
      },
    },
    {
      operation: "rehearsal",
      run: async (request) => {
        const { artifact, samples } = request.query;
        if (artifact !== undefined) {
          const found = await migrator.rehearsals.sample(id(request), String(artifact));
          if (!found.ok) throw new Refusal(found.problems);
          return { body: sampleText(found.sample) };
        }
        const found = await migrator.rehearsals.last(id(request));
        if (!found.ok) throw new Refusal(found.problems);
        if (samples === undefined) return { body: rehearsalText(found.rehearsal) };
        const shown = await migrator.rehearsals.samples(id(request), Number(samples));
        if (!shown.ok) throw new Refusal(shown.problems);
        return { body: rehearsalText(found.rehearsal, shown.samples) };
      },
    },
    onProposal("retryMigration", "retry_migration"),
    onProposal("abandonMigration", "abandon_migration"),
    {
      operation: "migration",
      run: async (request) => {
        const found = await migrator.progress(id(request));
        if (!found.ok) throw new Refusal(found.problems);
        return { body: JSON.stringify(found.progress) };
      },
    },
    {
      operation: "migrationEvents",
      run: async (request) => {
        // A proposal that is not approved yet is waited for.
        const found = await migrator.progress(id(request));
        if (!found.ok && found.problem.code !== "migration_not_begun") throw new Refusal(found.problems);
        return eventStream(host, id(request));
      },
    },
  ];
}

function eventStream(host: Host, id: string): Reply {
  const stop = new AbortController();
  const encoder = new TextEncoder();
  const texts = eventTexts(host, id, stop.signal);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await texts.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: () => stop.abort(),
  });
  return { body, type: "text/event-stream", headers: { "x-accel-buffering": "no" } };
}

/** Server-sent events: `progress` as it comes, then `done` or `failed`, which says that nothing follows. */
async function* eventTexts(host: Host, id: string, signal: AbortSignal): AsyncGenerator<string> {
  yield `retry: ${RETRY_MS}\n\n`;
  let said = performance.now();
  for await (const progress of host.migrator.follow(id, signal)) {
    const now = performance.now();
    if (progress === undefined && now - said < HEARTBEAT_MS) continue;
    said = now;
    if (progress === undefined) {
      yield ": still here\n\n";
      continue;
    }
    const data = `data: ${JSON.stringify(progress)}\n\n`;
    yield `event: progress\n${data}`;
    if (progress.phase === "done" || progress.phase === "failed") yield `event: ${progress.phase}\n${data}`;
  }
}

function rehearsalText(rehearsal: Rehearsal, samples?: readonly Sample[]): string {
  const members = Object.entries(rehearsal).map(([name, value]): [string, string] => [
    name,
    JSON.stringify(value),
  ]);
  return objectOf([
    ...members,
    ["samples", samples === undefined ? undefined : `[${samples.map(sampleText).join(",")}]`],
  ]);
}

/** The documents as the store has them, not as a parser here would write them again. */
function sampleText(sample: Sample): string {
  const { before, after, down, ...rest } = sample;
  return objectOf([
    ...Object.entries(rest).map(([name, value]): [string, string] => [name, JSON.stringify(value)]),
    ["before", before],
    ["after", after],
    ["down", down],
  ]);
}
