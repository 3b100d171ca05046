/** What the page and its verifying worker say to each other. */
import type { CertificateReport, Problem } from "schema-senate";

export interface Ask {
  module: WebAssembly.Module;
  text: Uint8Array;
  /** The log's key, where the reader has it from elsewhere. */
  log_key?: string;
}

export type Told =
  | { ok: true; certificate: CertificateReport; took_ms: number }
  | { ok: false; problem: Problem; took_ms: number }
  | { failed: string };
