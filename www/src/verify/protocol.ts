/** What the page and its verifying worker say to each other. */
import type { CertificateAnswer } from "schema-senate";

export interface Ask {
  module: WebAssembly.Module;
  text: Uint8Array;
  /** The log's key, where the reader has it from elsewhere. */
  log_key?: string;
}

export type Told = (CertificateAnswer & { took_ms: number }) | { failed_to_run: string };
