// An agent that reviews schema changes: it looks at every open vote that waits for it, says why it votes as it does, and
// signs what it says with its own key. It votes no on what breaks stored artifacts, and abstains where it cannot tell.
//
//   senate key new reviewer.pem          (and have its public key enrolled by a membership change)
//   SENATE_HOST=http://127.0.0.1:8787 node reviewer.mjs agent:reviewer reviewer.pem
import { FileKeeper, HostError, readKey, SenateClient, stateFolder } from "schema-senate-agent";

const [member, keyFile] = process.argv.slice(2);
if (member === undefined || keyFile === undefined) {
  console.error("usage: node reviewer.mjs MEMBER KEY.pem");
  process.exit(2);
}

const senate = new SenateClient({
  host: process.env.SENATE_HOST ?? "http://127.0.0.1:8787",
  member,
  key: await readKey(keyFile, { passphrase: process.env.SENATE_KEY_PASSPHRASE }),
  // The log's last checkpoint outlives this process: a host that rewrites its log is found out by the next run.
  keeper: new FileKeeper(stateFolder(process.env)),
});

const { proposals } = await senate.proposals({ status: "voting" });
for (const { id, proposal_type } of proposals) {
  const proposal = await senate.proposal(id);
  const { vote } = proposal;
  const isMine = vote.electorate.some((one) => one.id === member);
  const hasVoted = vote.ballots.some((ballot) => ballot.voter_id === member);
  if (!isMine || hasVoted) continue;
  const { choice, reason } = proposal_type === "schema_change" ? await judged(proposal) : undecided();
  try {
    // The subject is what was read here: if anything else is voted on by now, the ballot does not count.
    await senate.vote(id, { choice, reason, subject: vote.subject });
    console.log(`${id}: ${choice}. ${reason}`);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    console.log(`${id}: not cast. ${error.message}`);
  }
}

async function judged({ id, compatibility }) {
  const stored = await senate.storedVerdict(id);
  const counted = stored.after_migration ?? stored.as_stored;
  if (counted.invalid > 0) {
    const [first] = counted.failures;
    return {
      choice: "no",
      reason: `${counted.invalid} of ${stored.checked} stored artifacts would be invalid, first ${first?.artifact_id} at ${first?.pointer}.`,
    };
  }
  if (compatibility.verdict === "compatible")
    return { choice: "yes", reason: `Compatible, and all ${stored.checked} stored artifacts stay valid.` };
  return { choice: "abstain", reason: `${compatibility.verdict}: ${compatibility.reason}` };
}

function undecided() {
  return { choice: "abstain", reason: "I review changes of schemas only." };
}
