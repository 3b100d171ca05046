// A host in a process of its own, for tests that kill it: `node host-process.mjs LOCATION MEMBERS LOG_KEY_FILE`. Says its address on a line.
import { startHost } from "./stage.mjs";

const senate = await startHost(process.argv[2], {
  // Keys in files: the next process goes on with them.
  logKey: process.argv[4],
  development: true,
  members: JSON.parse(process.argv[3] ?? "null") ?? undefined,
  settleEveryMs: 50,
  policy: { live_per_proposer: 100 },
});
console.log(senate.url);
