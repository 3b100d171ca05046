/** Pins: the exact versions that an artifact builds on, by their content. */
import { digest, type Problem } from "schema-senate";
import { problem } from "../http/problem.js";
import type { ArtifactVersionRow, Pin, Transaction } from "../store/store.js";

export interface PinState extends Pin {
  /** `missing`: no such version. `modified`: its stored content is not what was pinned. */
  state: "ok" | "missing" | "modified";
  /** The content's hash as it is now, computed again from what is stored; null: it is missing. */
  current_hash: string | null;
}

/** What is wrong with pins that are to be stored. */
export async function wrongPins(tx: Transaction, pins: readonly Pin[]): Promise<Problem[]> {
  if (pins.length === 0) return [];
  const found = new Map((await tx.hashesOf(pins)).map((pin) => [nameOf(pin), pin.content_hash]));
  return pins.flatMap((pin, index): Problem[] => {
    const stored = found.get(nameOf(pin));
    const where = { pointer: `/pins/${index}` };
    if (stored === undefined) {
      const message = `There is no version ${pin.version_number} of an artifact ${pin.artifact_id}.`;
      return [problem("pin_unknown", message, where)];
    }
    if (stored === pin.content_hash) return [];
    return [
      problem(
        "pin_modified",
        `Version ${pin.version_number} of ${pin.artifact_id} has the content ${stored}, not ${pin.content_hash}.`,
        { pointer: `/pins/${index}/content_hash`, remedy: "Pin the content that you have looked at." },
      ),
    ];
  });
}

/** How a pin stands: its version's content is hashed again, so that a change in the store is found out. */
export function pinState(pin: Pin, version: ArtifactVersionRow | undefined): PinState {
  if (version === undefined) return { ...pin, state: "missing", current_hash: null };
  const hashed = digest(version.metadata);
  const current = hashed.ok ? hashed.digest : null;
  return { ...pin, state: current === pin.content_hash ? "ok" : "modified", current_hash: current };
}

export function pinsOf(text: string | null): Pin[] {
  return text === null ? [] : (JSON.parse(text) as Pin[]);
}

function nameOf({ artifact_id, version_number }: Omit<Pin, "content_hash">): string {
  return JSON.stringify([artifact_id, version_number]);
}
