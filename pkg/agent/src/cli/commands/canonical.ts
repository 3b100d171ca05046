import { canonicalize, digest as digestOf, type DigestKind } from "schema-senate";
import { runBatch } from "../batch.js";
import { command, jsonOption, operandsOf } from "../command.js";
import { inOrder } from "../context.js";
import { Exit, Fault, usageFault } from "../fault.js";
import { located, readDocument } from "../input.js";

export const canonical = command({
  name: "canonical",
  summary: "Write a JSON document in its canonical form (RFC 8785)",
  usage: ["canonical FILE [--json]", "canonical --batch < texts.ndjson"],
  details: [
    "Refused is what two programs could read differently: duplicate keys, lone surrogates, integers beyond ±(2^53−1).",
    "Exactly the canonical bytes are written; on a terminal a line break follows.",
    "--batch reads one text a line, {id, text}, and answers one line each, in order: {id, canonical, digest} or {id, error}.",
  ],
  options: {
    batch: { type: "boolean", help: "Answer texts from standard input, one a line" },
    ...jsonOption,
  },
  examples: [
    { line: "senate canonical a.json | sha256sum", says: "the same digest as `senate digest a.json`" },
  ],
  exits: { 0: "written; with --batch: every line was answered", 1: "the text has no canonical form" },
  async run({ values, operands }, terminal) {
    if (values.batch) {
      if (operands.length > 0) throw usageFault("`--batch` takes its texts from standard input only.");
      return runBatch("canonical", terminal);
    }
    const [file] = operandsOf("canonical", operands, ["FILE"]);
    const { name, bytes } = await readDocument(file, terminal);
    const answer = canonicalize(bytes);
    if (!answer.ok) throw new Fault(Exit.no, located(answer.problem, bytes), name);
    if (values.json) terminal.json({ canonical: answer.canonical, digest: answer.digest });
    else await terminal.write(terminal.isInteractive ? `${answer.canonical}\n` : answer.canonical);
    return Exit.ok;
  },
});

const kinds = [
  "document",
  "schema",
  "proposal",
  "policy",
  "electorate",
  "report",
  "plan",
  "subject",
  "event",
] as const;

export const digest = command({
  name: "digest",
  summary: "Hash JSON documents by their canonical form (SHA-256)",
  usage: ["digest FILE… [--kind KIND] [--json]"],
  details: [
    "Two files with the same content have the same digest, whatever their spacing and the order of their keys. Every kind of object but `document` is hashed under a tag of its own, so that none can stand for another.",
  ],
  options: {
    kind: { type: "string", value: "KIND", choices: kinds, help: "What the document is; default document" },
    ...jsonOption,
  },
  examples: [{ line: "senate digest a.json b.json", says: "the same content?" }],
  exits: { 1: "a text has no canonical form" },
  async run({ values, operands }, terminal) {
    if (operands.length === 0)
      throw usageFault("`senate digest` needs at least one FILE.", "Usage: senate digest FILE…");
    const digests = await inOrder(operands, async (file) => {
      const { name, bytes } = await readDocument(file, terminal);
      const answer = digestOf(bytes, (values.kind ?? "document") as DigestKind);
      if (!answer.ok) throw new Fault(Exit.no, located(answer.problem, bytes), name);
      return { file, digest: answer.digest };
    });
    if (values.json) terminal.json({ digests });
    else for (const { file, digest } of digests) terminal.line(`${digest}  ${file}`);
    return Exit.ok;
  },
});
