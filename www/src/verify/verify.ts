import { compiledCore, core } from "../core.js";
import type { Ask, Told, Verified } from "./protocol.js";

export type { Verified } from "./protocol.js";

/** Verifies a certificate in a worker of its own, or, where there can be none, on the page. Nothing leaves the page. */
export async function verify(text: Uint8Array, log_key?: string): Promise<Verified> {
  const module = await compiledCore();
  const told = await inWorker({ module, text, ...(log_key === undefined ? {} : { log_key }) });
  if (told === "no_worker") {
    const { verifyCertificate } = await core();
    const began = performance.now();
    const answer = verifyCertificate(text, log_key === undefined ? {} : { log_key });
    return { ...answer, took_ms: performance.now() - began };
  }
  if ("failed_to_run" in told) throw new Error(told.failed_to_run);
  return told;
}

function inWorker(ask: Ask): Promise<Told | "no_worker"> {
  return new Promise((resolve) => {
    let worker: Worker;
    try {
      worker = new Worker(new URL("./verify-worker.js", import.meta.url), { type: "module" });
    } catch {
      resolve("no_worker");
      return;
    }
    const end = (told: Told | "no_worker") => {
      worker.terminate();
      resolve(told);
    };
    worker.addEventListener("message", (event: MessageEvent<Told>) => end(event.data));
    worker.addEventListener("error", () => end("no_worker"));
    worker.postMessage(ask);
  });
}
