/** What the page and its checking worker say to each other. */
import type { DraftCheck } from "schema-senate";

export type ToWorker =
  | { say: "start"; module: WebAssembly.Module }
  /** Contexts are large and change seldom: sent once, then meant by every check. */
  | { say: "context"; text: string }
  | { say: "check"; round: number; draft: string };

export type FromWorker =
  { say: "checked"; round: number; check: DraftCheck } | { say: "failed"; round: number; message: string };
