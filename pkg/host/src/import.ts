/** A log from elsewhere into an empty store, after everything in it has been verified. */
import { type Answers, audit, Senate, type SenateEvent } from "schema-senate";
import { sealed } from "./checkpoint.js";
import { logKeyOf } from "./handle.js";
import { problem } from "./http/problem.js";
import type { SigningKey } from "./keys.js";
import { project, storedEvent } from "./projection.js";
import type { Store } from "./store/store.js";

export type Imported = Answers<{ events: number }>;

/**
 * Stores a log (NDJSON, as `GET /api/senate/events` gives it) with its tables and a checkpoint, all or nothing. Every
 * signature is verified and every event decided again before. Artifacts are no part of a log.
 *
 * `logKey` is the key that the log names: who does not have it cannot go on with the log.
 */
export async function importLog(store: Store, log: string, logKey: SigningKey): Promise<Imported> {
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  const [first] = lines;
  if (first === undefined) return refused("log_empty", "There is no event in it.");
  const audited = audit(log);
  if (!audited.ok) return { ok: false, problems: [audited.problem] };
  const named = logKeyOf(first);
  if (named !== logKey.publicKey) {
    return refused(
      "log_key_wrong",
      `The log names ${named ?? "no key"} as the one that signs it, and the key here is ${logKey.publicKey}.`,
      "Import it with the key that it was written with.",
    );
  }
  const replayed = Senate.replay(log, { verify: false });
  if (!replayed.ok) return { ok: false, problems: [replayed.problem] };
  const { senate } = replayed;
  try {
    const events = lines.map((line) => JSON.parse(line) as SenateEvent);
    return await store.transaction(async (tx): Promise<Imported> => {
      if ((await tx.lockHead()) > 0) return refused("store_not_empty", "The store has a log already.");
      // The lines as they came: their bytes are what the log's root is about.
      await tx.append(
        0,
        events.map((event, index) => ({ ...storedEvent(event), body: lines[index] ?? "" })),
      );
      await tx.project(project(senate, events, events.at(-1)?.at_ms ?? 0));
      await tx.saveCheckpoint(sealed(senate, logKey));
      return { ok: true, events: events.length };
    });
  } finally {
    senate.free();
  }
}

function refused(code: string, message: string, remedy?: string): Imported {
  return { ok: false, problems: [problem(code, message, remedy === undefined ? {} : { remedy })] };
}
