import { type PartialPolicy, type Problem, tally as tallyOf, type Track } from "schema-senate";
import { runBatch } from "../batch.js";
import { command, jsonOption, operandsOf, wholeNumber } from "../command.js";
import { Exit, Fault, usageFault } from "../fault.js";
import { readJson } from "../input.js";
import { tallyLines } from "../views.js";

export const tally = command({
  name: "tally",
  summary: "Count ballots: approved, rejected, or how many more are needed",
  usage: [
    "tally --track TRACK --members N [--yes N] [--no N] [--abstain N] [--policy FILE] [--json]",
    "tally --batch < counts.ndjson",
  ],
  details: [
    "--batch reads one count a line, {id, policy?, track, members, yes, no, abstain} (`members` is a number), and answers one line each, in order: {id, outcome, needed, decided} and more.",
  ],
  options: {
    track: {
      type: "string",
      value: "TRACK",
      choices: ["additive", "breaking", "new_type", "policy", "membership", "scope", "emergency"],
      help: "Which threshold applies",
    },
    class: {
      type: "string",
      value: "TRACK",
      choices: ["additive", "breaking", "new_type"],
      help: "With --track emergency: the track that the change would be on otherwise",
    },
    members: { type: "string", value: "N", help: "Size of the electorate" },
    yes: { type: "string", value: "N", help: "Ballots for; default 0" },
    no: { type: "string", value: "N", help: "Ballots against; default 0" },
    abstain: { type: "string", value: "N", help: "Ballots that abstain; default 0" },
    policy: { type: "string", value: "FILE", help: "Members of the policy that differ from the default" },
    batch: { type: "boolean", help: "Answer counts from standard input, one a line" },
    ...jsonOption,
  },
  examples: [{ line: "senate tally --track additive --members 6 --yes 2 --no 1", says: "needs 4 of 6" }],
  exits: {
    0: "approved or pending; with --batch: every line was answered",
    1: "rejected, or the counts contradict each other",
  },
  async run({ values, operands }, terminal) {
    operandsOf("tally", operands, []);
    const { track, members, yes, no, abstain, policy } = values;
    if (values.batch) {
      if ([track, members, yes, no, abstain, policy].some((value) => value !== undefined)) {
        throw usageFault("`--batch` takes its counts from standard input only.");
      }
      return runBatch("tally", terminal);
    }
    if (track === undefined || members === undefined)
      throw usageFault("`senate tally` needs `--track` and `--members`.");
    const text = policy === undefined ? undefined : await readJson(policy, terminal);
    const answer = tallyOf({
      track: track as Track,
      ...(values.class === undefined ? {} : { class: values.class as Track }),
      members: wholeNumber("members", members, 0),
      yes: wholeNumber("yes", yes ?? "0", 0),
      no: wholeNumber("no", no ?? "0", 0),
      abstain: wholeNumber("abstain", abstain ?? "0", 0),
      ...(text === undefined
        ? {}
        : { policy: JSON.parse(Buffer.from(text.bytes).toString("utf8")) as PartialPolicy }),
    });
    if (!answer.ok) {
      // A policy may have several problems, counts that contradict each other are one.
      const { problem, problems } = answer as { problem?: Problem; problems?: Problem[] };
      throw new Fault(Exit.no, problems ?? (problem === undefined ? [] : [problem]));
    }
    if (values.json) terminal.json(answer.tally);
    else
      for (const line of [answer.tally.outcome, ...tallyLines(answer.tally, terminal)]) terminal.line(line);
    return answer.tally.outcome === "rejected" ? Exit.no : Exit.ok;
  },
});
