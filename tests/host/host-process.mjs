// A host in a process of its own, for tests that kill it: `node host-process.mjs LOCATION`. Says its address on a line.
import { startHost } from "./stage.mjs";

const senate = await startHost(process.argv[2], {
  members: JSON.parse(process.argv[3] ?? "null") ?? undefined,
  settleEveryMs: 50,
  policy: { live_per_proposer: 100 },
});
console.log(senate.url);
