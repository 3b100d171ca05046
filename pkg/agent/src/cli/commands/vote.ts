import type { Choice } from "schema-senate";
import { actOptions, command, operandsOf } from "../command.js";
import { actingClient, proposalId } from "../context.js";
import { Exit, Fault, usageFault } from "../fault.js";
import { factLines } from "../report.js";
import { nearest } from "../suggest.js";
import { safeLine } from "../terminal.js";
import { standing } from "./propose.js";

const choices: readonly Choice[] = ["yes", "no", "abstain"];

export const vote = command({
  name: "vote",
  summary: "Cast a ballot on a proposal",
  usage: [
    "vote PROPOSAL yes|no|abstain --as ID [--reason TEXT] [--subject DIGEST] [--key FILE] [--host URL] [--json]",
  ],
  details: [
    "A ballot names its subject, the digest of everything that was frozen when the vote opened. The command reads the subject from the host, shows it and sends it back; with --subject it must be the one that you reviewed.",
  ],
  options: {
    reason: { type: "string", value: "TEXT", help: "Why; the policy may demand it, by default for `no`" },
    subject: { type: "string", value: "DIGEST", help: "Vote only if this is still what is voted on" },
    ...actOptions,
  },
  examples: [
    { line: "senate vote 01JD… yes --as ben", says: "for it" },
    {
      line: 'senate vote 01JD… no --as eva --reason "Older runs have no value for it."',
      says: "against it, with the reason",
    },
  ],
  exits: { 0: "the ballot was counted, whatever it says", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id, word] = operandsOf("vote", operands, ["PROPOSAL", "yes|no|abstain"]);
    const choice = choices.find((known) => known === word.toLowerCase());
    if (choice === undefined) {
      const meant = nearest(word, choices);
      throw usageFault(
        `\`${word}\` is not a choice.`,
        meant === undefined ? "Write yes, no or abstain." : `Did you mean \`${meant}\`?`,
      );
    }
    const { client, actor: voter } = await actingClient(values, terminal);
    const seen = await client.proposal(proposalId(id));
    const subject = seen.vote?.subject;
    if (subject === undefined) {
      throw new Fault(Exit.no, {
        code: "vote_not_open",
        message: `Voting on ${seen.id} is not open; the proposal is ${seen.status}.`,
        ...(seen.status === "review" ? { remedy: `\`senate open ${seen.id} --as ID\` opens it.` } : {}),
      });
    }
    if (values.subject !== undefined && values.subject !== subject) {
      throw new Fault(Exit.no, {
        code: "subject_differs",
        message: `The vote is on ${subject}, not on what you reviewed; no ballot was cast.`,
        remedy: `Read it again: \`senate show ${seen.id}\`.`,
      });
    }
    if (!values.json) {
      const facts = [
        ["voting on", `${safeLine(seen.target)}: ${safeLine(seen.title)}`],
        ["subject", subject],
        ["ballot", `${safeLine(voter)}: ${choice}`],
      ] as const;
      for (const line of factLines(facts, terminal)) terminal.line(line);
    }
    const view = await client.vote(seen.id, {
      voter_id: voter,
      choice,
      subject,
      reason: values.reason,
    });
    return standing(view, values.json, terminal);
  },
});
