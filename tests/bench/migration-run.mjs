// One measurement in a process of its own: `node migration-run.mjs LOCATION COUNT`. Says what it found as a line of JSON.
import { createHost, foundSenate, openStore } from "schema-senate-host";
import { insertNotes, withDatabase } from "../host/many.mjs";
import { addField, NOTE, quietLogger, SIGNING } from "../host/stage.mjs";
import { tapped } from "../host/tapped.mjs";

const [location, count] = [process.argv[2], Number(process.argv[3])];
const members = ["ana", "ben", "cho"];
/** When the log began to stand still. */
let swapping;
const store = { close: async () => undefined };
const open = async () => {
  const opened = await openStore(location, { lockTimeoutMs: 600_000 });
  store.close = () => opened.close();
  return createHost({
    ...SIGNING,
    store: tapped(opened, {
      before: (step) => {
        if (step === "freeze") swapping = performance.now();
      },
    }),
    logger: quietLogger(),
    settleEveryMs: 0,
    rehearsalLimit: count,
  });
};
const done = (answer) => {
  if (!answer.ok) throw new Error(JSON.stringify(answer.problems));
  return answer;
};

let host = await open();
await foundSenate(host, { origin: "bench.senate.invalid", members: members.map((id) => ({ id })) });
done(
  await host.execute({
    command: "import_type",
    by: "ana",
    artifact_type: "note",
    versions: [{ schema: NOTE }],
  }),
);
const draft = addField(
  { name: "checked", schema: { enum: ["yes", "no"] }, default: "no" },
  { migration_plan: { sql: "UPDATE …", backfill: "Notes that stand get no." } },
);
const { events } = done(await host.execute({ command: "propose", proposer_id: "ana", ...draft }));
const proposal_id = await host.proposalOf(events);
await host.close();
await store.close();
await insertNotes(location, count);

const by_hand_ms = await withDatabase(location, async (query) => {
  await query("CREATE TABLE by_hand (LIKE artifacts INCLUDING ALL)");
  await query("INSERT INTO by_hand SELECT * FROM artifacts");
  const started = performance.now();
  await query(
    `UPDATE by_hand SET metadata = jsonb_set(metadata, '{checked}', '"no"')
     WHERE artifact_type = 'note' AND NOT metadata ? 'checked'`,
  );
  const took = performance.now() - started;
  await query("DROP TABLE by_hand");
  return took;
});

host = await open();
globalThis.gc();
const rss_before = process.memoryUsage.rss();
let rss_most = rss_before;
const sampled = setInterval(() => (rss_most = Math.max(rss_most, process.memoryUsage.rss())), 20);
const started = performance.now();
const { rehearsal } = done(await host.migrator.rehearsals.rehearse(proposal_id));
const rehearsed_ms = performance.now() - started;
if (!rehearsal.passed || rehearsal.evidence.changed !== count) throw new Error(JSON.stringify(rehearsal));

done(await host.execute({ command: "open_vote", by: "ana", proposal_id }));
const { view } = await host.view("proposal", { proposal_id });
const decided = performance.now();
for (const voter_id of members) {
  const ballot = { command: "cast_ballot", proposal_id, voter_id, choice: "yes", subject: view.vote.subject };
  const cast = await host.execute(ballot);
  if (!cast.ok && cast.problem.code !== "vote_closed") throw new Error(cast.problem.message);
}
const migrated = await host.migrate(proposal_id);
const ended = performance.now();
const active = await host.view("proposal", { proposal_id });
if (active.view.status !== "active") throw new Error(JSON.stringify([migrated, active.view.migration]));
clearInterval(sampled);
await host.close();
await store.close();
console.log(
  JSON.stringify({
    rehearsed_ms,
    migrated_ms: ended - decided,
    swapped_ms: ended - swapping,
    by_hand_ms,
    rss_before,
    rss_most,
  }),
);
process.exit(0);
