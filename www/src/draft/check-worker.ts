/** Checks drafts beside the page, so that a large schema never holds up a key. */
import { checkDraft, evaluateScope, init, tally } from "schema-senate";
import { judge, type Against, type FromWorker, type ToWorker } from "./check-protocol.js";

let against: Against = { context: "" };
let started: Promise<void> | undefined;

self.addEventListener("message", (event: MessageEvent<ToWorker>) => void heard(event.data));

async function heard(message: ToWorker): Promise<void> {
  switch (message.say) {
    case "start":
      started = init(message.module);
      return;
    case "against":
      against = message.against;
      return;
    case "check":
      try {
        await started;
        const check = judge({ checkDraft, evaluateScope, tally }, message.draft, against);
        answer({ say: "checked", round: message.round, check });
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
