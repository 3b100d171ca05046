/** What the page and its verifying worker say to each other. */
import type { verifyCertificate } from "schema-senate";

export interface Ask {
  module: WebAssembly.Module;
  text: Uint8Array;
  /** The log's key, where the reader has it from elsewhere. */
  log_key?: string;
}

/** The core's answer, and how long it took. */
export type Verified = ReturnType<typeof verifyCertificate> & { took_ms: number };

export type Told = Verified | { failed_to_run: string };
