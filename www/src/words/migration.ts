/** The words of migrations as people read them. */
import type { Evolution } from "schema-senate";
import type { MigrationProgress } from "../api/client.js";

export const STRATEGY: Record<Evolution, { word: string; says: string }> = {
  batch: { word: "Batch", says: "Every artifact is rewritten before the new version is current." },
  lazy: {
    word: "On read",
    says: "Artifacts stay as they were written, under their version, and are brought up when they are read.",
  },
  eager_on_read: {
    word: "At the first read",
    says: "Artifacts are brought up when they are read first, and stored so from then on.",
  },
};

export const PHASE: Record<MigrationProgress["phase"], string> = {
  rehearsing: "Rehearsing once more",
  staging: "Rewriting copies and checking each",
  swapping: "Putting the copies in place",
  done: "Done",
  failed: "Failed",
};

/** `46 s left`, `3 min left`; nothing while nobody can say. */
export function left({ seconds_left: seconds }: MigrationProgress): string {
  if (seconds === null) return "";
  return seconds < 90 ? `${seconds} s left` : `${Math.round(seconds / 60)} min left`;
}
