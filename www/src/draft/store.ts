/** Drafts that are being written, kept in this browser until they are proposed or thrown away. One for each target. */
import { Signal } from "../state/signal.js";

const PREFIX = "senate:draft:";

/** Begins what the draft of a revision is kept under, before the proposal. */
export const REVISION = "revise:";

export interface KeptDraft {
  target: string;
  text: string;
  saved_ms: number;
}

/** Counts up whenever a draft is kept or dropped, in this tab or another. */
export const draftsChanged = new Signal(0);

const key = (base: string, target: string): string => `${PREFIX}${base}:${target}`;
const tick = (): void => draftsChanged.set(draftsChanged.value + 1);

window.addEventListener("storage", (event) => {
  if (event.key?.startsWith(PREFIX)) tick();
});

/** False when the browser refuses to keep it: full, or forbidden. */
export function keepDraft(base: string, target: string, text: string): boolean {
  try {
    localStorage.setItem(
      key(base, target),
      JSON.stringify({ target, text, saved_ms: Date.now() } satisfies KeptDraft),
    );
  } catch {
    return false;
  }
  tick();
  return true;
}

export function keptDraft(base: string, target: string): KeptDraft | undefined {
  try {
    return read(localStorage.getItem(key(base, target)));
  } catch {
    return undefined;
  }
}

export function dropDraft(base: string, target: string): void {
  try {
    localStorage.removeItem(key(base, target));
  } catch {
    return;
  }
  tick();
}

/** Last saved first. */
export function keptDrafts(base: string): KeptDraft[] {
  const found: KeptDraft[] = [];
  try {
    for (let at = 0; at < localStorage.length; at += 1) {
      const name = localStorage.key(at);
      if (!name?.startsWith(`${PREFIX}${base}:`)) continue;
      const draft = read(localStorage.getItem(name));
      if (draft) found.push(draft);
    }
  } catch {
    return [];
  }
  return found.sort((a, b) => b.saved_ms - a.saved_ms);
}

function read(text: string | null): KeptDraft | undefined {
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { target, text: draft, saved_ms } = value as Record<string, unknown>;
    if (typeof target !== "string" || typeof draft !== "string" || typeof saved_ms !== "number")
      return undefined;
    return { target, text: draft, saved_ms };
  } catch {
    return undefined;
  }
}
