/** Verifies a certificate beside the page: a large one replays many events. */
import { init, verifyCertificate } from "schema-senate";
import type { Ask, Told } from "./protocol.js";

self.addEventListener("message", (event: MessageEvent<Ask>) => void heard(event.data));

async function heard({ module, text, log_key }: Ask): Promise<void> {
  try {
    await init(module);
    const began = performance.now();
    const answer = verifyCertificate(text, log_key === undefined ? {} : { log_key });
    tell({ ...answer, took_ms: performance.now() - began });
  } catch (error) {
    tell({ failed_to_run: error instanceof Error ? error.message : String(error) });
  }
}

function tell(told: Told): void {
  self.postMessage(told);
}
