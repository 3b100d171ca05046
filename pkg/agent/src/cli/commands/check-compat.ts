import { checkCompatibility, type Draft } from "schema-senate";
import { annotationLines } from "../annotations.js";
import { runBatch } from "../batch.js";
import { command, draftOption, jsonOption, operandsOf, refOption, wholeNumber } from "../command.js";
import { inOrder, readReferences } from "../context.js";
import { Exit, Fault, usageFault } from "../fault.js";
import { readDocument } from "../input.js";
import { judgingOptions, settingOf } from "../judging.js";
import { referencesOf } from "../references.js";
import { reportLines } from "../report.js";

export const checkCompat = command({
  name: "check-compat",
  summary: "Say whom a change of a schema breaks, with an artifact that proves it",
  usage: [
    "check-compat OLD NEW [--mode MODE] [--history FILE]… [--assume ASSUMPTION]… [--lenient] [--json | --github]",
    "check-compat OLD NEW [--formats HOW] [--steps N] [--draft DRAFT] [--ref FILE]…",
    "check-compat --batch < questions.ndjson",
  ],
  details: [
    "Backward: is every artifact that is valid under OLD also valid under NEW? What cannot be proved is `undecided`, and counts as breaking.",
    "The transitive modes compare with every version: those of --history, the oldest first, and OLD.",
    "An assumption takes for granted what the schemas do not say; the answer shows the artifact that each one leaves out of account. closed_writers: writers emit only declared properties. defaults_filled: readers fill in the default of a required property. tolerant_enum_readers: readers tolerate strings that their lists do not name.",
    "--github writes one workflow command for each difference of a change that is not compatible, at its line in NEW.",
    "--batch reads one question a line, {id, old, new, draft?, mode?, assumptions?, formats?, steps?, history?}, and answers one line each, in order: {id, verdict, witness?, differences}. `witness` may be null or false: test for the member.",
  ],
  options: {
    ...judgingOptions,
    history: {
      type: "string",
      multiple: true,
      value: "FILE",
      help: "A version before OLD; the oldest comes first. May be repeated",
    },
    formats: {
      type: "string",
      value: "HOW",
      choices: ["annotation", "assertion"],
      help: "What `format` does; default annotation",
    },
    steps: { type: "string", value: "N", help: "Steps that one question may take; default 1000000" },
    github: { type: "boolean", help: "Answer with workflow commands for GitHub" },
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
      const single = (["mode", "draft", "formats", "steps"] as const).some(
        (name) => values[name] !== undefined,
      );
      const several = (["ref", "assume", "history"] as const).some((name) => values[name].length > 0);
      if (operands.length > 0 || single || several || values.lenient || values.github) {
        throw usageFault("`--batch` takes its questions, with their options, from standard input only.");
      }
      return runBatch("check-compat", terminal);
    }
    if (values.github && values.json)
      throw usageFault("`--github` and `--json` are two forms of one answer.");
    const steps = values.steps === undefined ? undefined : wholeNumber("steps", values.steps, 0);
    const files = operandsOf("check-compat", operands, ["OLD", "NEW"]);
    const [before, after] = await inOrder(files, (file) => readDocument(file, terminal));
    if (before === undefined || after === undefined) return Exit.internal;
    const history = await inOrder(values.history, (file) => readDocument(file, terminal));
    const given = await readReferences(values.ref, terminal);
    const references = new Map(
      [...history, before, after].flatMap((document) => [...referencesOf(document, given).documents]),
    );
    const { mode, assumptions } = settingOf(values);
    const answer = checkCompatibility(before.bytes, after.bytes, {
      ...(mode === undefined ? {} : { mode }),
      ...(assumptions === undefined ? {} : { assumptions }),
      ...(values.formats === undefined ? {} : { formats: values.formats as "annotation" | "assertion" }),
      ...(steps === undefined ? {} : { steps }),
      ...(history.length === 0 ? {} : { history: history.map(({ bytes }) => bytes) }),
      ...(values.draft === undefined ? {} : { draft: values.draft as Draft }),
      ...(references.size === 0
        ? {}
        : { references: Object.fromEntries([...references].map(([uri, { bytes }]) => [uri, bytes])) }),
    });
    if (!answer.ok) throw new Fault(Exit.no, answer.problems);
    const { report } = answer;
    const versions = [...history, before].map(({ name }) => name);
    if (values.json) terminal.json(report);
    else {
      const lines = values.github
        ? annotationLines(report, files[1], after.bytes)
        : reportLines(report, terminal, versions);
      for (const line of lines) terminal.line(line);
    }
    return report.verdict === "compatible" ? Exit.ok : Exit.no;
  },
});
