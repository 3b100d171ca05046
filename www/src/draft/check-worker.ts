/** Checks drafts beside the page, so that a large schema never holds up a key. */
import { checkDraft, init } from "schema-senate";
import type { FromWorker, ToWorker } from "./check-protocol.js";

let context = "";
let started: Promise<void> | undefined;

self.addEventListener("message", (event: MessageEvent<ToWorker>) => void heard(event.data));

async function heard(message: ToWorker): Promise<void> {
  switch (message.say) {
    case "start":
      started = init(message.module);
      return;
    case "context":
      context = message.text;
      return;
    case "check":
      try {
        await started;
        answer({ say: "checked", round: message.round, check: checkDraft(message.draft, context) });
      } catch (error) {
        answer({
          say: "failed",
          round: message.round,
          message: error instanceof Error ? error.message : String(error),
        });
      }
  }
}

function answer(message: FromWorker): void {
  self.postMessage(message);
}
