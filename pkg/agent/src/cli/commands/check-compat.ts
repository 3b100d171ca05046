import { checkCompatibility, type Draft } from "schema-senate";
import { runBatch } from "../batch.js";
import { command, draftOption, jsonOption, operandsOf, refOption } from "../command.js";
import { inOrder, readReferences } from "../context.js";
import { Exit, Fault, usageFault } from "../fault.js";
import { readDocument } from "../input.js";
import { referencesOf } from "../references.js";
import { reportLines } from "../report.js";

export const checkCompat = command({
  name: "check-compat",
  summary: "Say whom a change of a schema breaks, with an artifact that proves it",
  usage: [
    "check-compat OLD NEW [--mode MODE] [--draft DRAFT] [--ref FILE]… [--json]",
    "check-compat --batch < questions.ndjson",
  ],
  details: [
    "Backward: is every artifact that is valid under OLD also valid under NEW? What cannot be proved is `undecided`, and counts as breaking.",
    "--batch reads one question a line, {id, old, new, draft?}, and answers one line each, in order: {id, verdict, witness?, differences}. `witness` may be null or false: test for the member.",
  ],
  options: {
    mode: {
      type: "string",
      value: "MODE",
      choices: ["backward", "forward", "full"],
      help: "Which artifacts must stay valid; default backward",
    },
    ...draftOption,
    ...refOption,
    batch: { type: "boolean", help: "Answer questions from standard input, one a line" },
    ...jsonOption,
  },
  examples: [
    { line: "senate check-compat experiment-v3.json experiment-v4.json", says: "whom does version 4 break?" },
    { line: "git show main:a.json | senate check-compat - a.json", says: "against what is on main" },
  ],
  exits: {
    0: "compatible; with --batch: every line was answered",
    1: "breaking or undecided, or not a schema",
  },
  async run({ values, operands }, terminal) {
    if (values.batch) {
      const given = operands[0] ?? (["mode", "draft"] as const).find((name) => values[name] !== undefined);
      if (given !== undefined || values.ref.length > 0) {
        throw usageFault("`--batch` takes its questions, with their drafts, from standard input only.");
      }
      return runBatch("check-compat", terminal);
    }
    const files = operandsOf("check-compat", operands, ["OLD", "NEW"]);
    const [before, after] = await inOrder(files, (file) => readDocument(file, terminal));
    if (before === undefined || after === undefined) return Exit.internal;
    const given = await readReferences(values.ref, terminal);
    const references = new Map([
      ...referencesOf(before, given).documents,
      ...referencesOf(after, given).documents,
    ]);
    const answer = checkCompatibility(before.bytes, after.bytes, {
      ...(values.mode === undefined ? {} : { mode: values.mode as "backward" | "forward" | "full" }),
      ...(values.draft === undefined ? {} : { draft: values.draft as Draft }),
      ...(references.size === 0
        ? {}
        : { references: Object.fromEntries([...references].map(([uri, { bytes }]) => [uri, bytes])) }),
    });
    if (!answer.ok) throw new Fault(Exit.no, answer.problems);
    if (values.json) terminal.json(answer.report);
    else for (const line of reportLines(answer.report, terminal)) terminal.line(line);
    return answer.report.verdict === "compatible" ? Exit.ok : Exit.no;
  },
});
