import { type Draft, Schema, type Validation } from "schema-senate";
import { runBatch } from "../batch.js";
import { command, draftOption, jsonOption, refOption } from "../command.js";
import { readReferences } from "../context.js";
import { Exit, Fault, usageFault } from "../fault.js";
import { readDocument } from "../input.js";
import { referencesOf } from "../references.js";
import { count, validationLines } from "../report.js";

export const validate = command({
  name: "validate",
  summary: "Validate documents under a schema",
  usage: [
    "validate SCHEMA FILE… [--draft DRAFT] [--formats assertion] [--ref FILE]… [--json]",
    "validate --batch < questions.ndjson",
  ],
  details: [
    "The schema is compiled once for all files. Nothing is fetched: documents that it refers to are given with --ref.",
    "--batch reads one question a line, {id, schema, instance, draft?}, and answers one line each, in order: {id, valid, errors}.",
  ],
  options: {
    ...draftOption,
    formats: {
      type: "string",
      value: "HOW",
      choices: ["annotation", "assertion"],
      help: "Whether `format` can fail; default annotation",
    },
    ...refOption,
    batch: { type: "boolean", help: "Answer questions from standard input, one a line" },
    ...jsonOption,
  },
  examples: [
    { line: "senate validate experiment.schema.json runs/*.json", says: "all runs under one schema" },
  ],
  exits: {
    0: "all are valid; with --batch: every line was answered",
    1: "one is invalid, or SCHEMA is not a schema",
  },
  async run({ values, operands }, terminal) {
    if (values.batch) {
      if (
        operands.length > 0 ||
        values.ref.length > 0 ||
        values.draft !== undefined ||
        values.formats !== undefined
      ) {
        throw usageFault("`--batch` takes its questions, with their drafts, from standard input only.");
      }
      return runBatch("validate", terminal);
    }
    const [schemaFile, ...files] = operands;
    if (schemaFile === undefined || files.length === 0) {
      throw usageFault(
        `\`senate validate\` needs ${schemaFile === undefined ? "SCHEMA and " : ""}at least one FILE.`,
        "Usage: senate validate SCHEMA FILE…",
      );
    }
    const document = await readDocument(schemaFile, terminal);
    const { documents } = referencesOf(document, await readReferences(values.ref, terminal));
    const compiled = Schema.compile(document.bytes, {
      ...(values.draft === undefined ? {} : { draft: values.draft as Draft }),
      ...(values.formats === undefined ? {} : { formats: values.formats as "annotation" | "assertion" }),
      ...(documents.size === 0
        ? {}
        : { references: Object.fromEntries([...documents].map(([uri, { bytes }]) => [uri, bytes])) }),
    });
    if (!compiled.ok) throw new Fault(Exit.no, compiled.problems, document.name);
    const { schema } = compiled;
    const results: ({ file: string } & Validation)[] = [];
    let invalid = 0;
    try {
      for (const file of files) {
        const { name, bytes } = await readDocument(file, terminal);
        const validation = schema.validate(bytes);
        if (!validation.valid) invalid += 1;
        if (values.json) results.push({ file, ...validation });
        else for (const line of validationLines(name, validation, terminal)) terminal.line(line);
      }
    } finally {
      schema.free();
    }
    if (values.json) terminal.json({ valid: invalid === 0, files: results });
    else if (files.length > 1) {
      terminal.line(
        invalid === 0
          ? `All ${files.length} are valid.`
          : `${count(invalid, "document")} of ${files.length} invalid.`,
      );
    }
    return invalid === 0 ? Exit.ok : Exit.no;
  },
});
