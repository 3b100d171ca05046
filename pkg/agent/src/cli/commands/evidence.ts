/** What can be proved later, and by whom: the log, its checkpoints, and certificates of single decisions. */
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, unlink, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { audit as auditLog, verifyCertificate } from "schema-senate";
import { command, hostOption, jsonOption, operandsOf } from "../command.js";
import { clientOf } from "../context.js";
import { auditLines, certificateLines, unverifiedLines } from "../evidence.js";
import { Exit, Fault, usageFault } from "../fault.js";
import { readDocument, readStream } from "../input.js";
import { Progress } from "../progress.js";
import { count, problemLines } from "../report.js";
import { safeLine, type Terminal } from "../terminal.js";

const outputOption = {
  output: { type: "string", short: "o", value: "FILE", help: "Write it here; default standard output" },
} as const;

const checkpointOption = {
  checkpoint: {
    type: "string",
    value: "FILE",
    help: "A signed checkpoint that you have kept: the log must have grown from it, or lead to it",
  },
} as const;

export const certificate = command({
  name: "certificate",
  summary: "Get the certificate of a decision: one file that proves it without a host",
  usage: ["certificate PROPOSAL [-o FILE] [--host URL]"],
  details: [
    "A certificate holds every event that the decision rests on, with proofs that they are in the log and that none is missing, under the signature of the log's key. `senate verify` decides it again, offline.",
  ],
  options: { ...outputOption, ...hostOption, ...jsonOption },
  exits: { 0: "written", 1: "there is no such proposal, or nothing is decided yet" },
  async run({ values, operands }, terminal) {
    const [id] = operandsOf("certificate", operands, ["PROPOSAL"]);
    const text = await clientOf(values.host, terminal).certificate(id.toUpperCase());
    const file = values.output;
    if (file === undefined || file === "-") {
      await terminal.write(`${text.trimEnd()}\n`);
      return Exit.ok;
    }
    await written(file, () => writeFile(file, `${text.trimEnd()}\n`));
    if (values.json) terminal.json({ file, bytes: Buffer.byteLength(text) });
    else terminal.line(`${safeLine(file)} is written; \`senate verify ${safeLine(file)}\` checks it.`);
    return Exit.ok;
  },
});

export const verify = command({
  name: "verify",
  summary: "Verify a certificate offline: what was decided, by whom, by which rule, and whether it is true",
  usage: ["verify FILE [--log-key KEY] [--checkpoint FILE] [--json]"],
  details: [
    "Every event in the certificate is decided again by the same core, every signature and proof is checked. Without --log-key the certificate's own word is taken for which key signs the log; with it, only that key counts. A checkpoint of the same size shows whether you and the certificate speak of the same log.",
    "FILE may be `-`, standard input.",
  ],
  options: {
    "log-key": {
      type: "string",
      value: "KEY",
      help: "The public key of the log, `ed25519:…`, from somebody you trust",
    },
    ...checkpointOption,
    ...jsonOption,
  },
  examples: [
    { line: "senate verify decision.json --log-key ed25519:…", says: "against a key that you know" },
  ],
  exits: { 0: "verified: it happened so", 1: "not verified; the answer says what fails and where" },
  async run({ values, operands }, terminal) {
    const [file] = operandsOf("verify", operands, ["FILE"]);
    const document = await readDocument(file, terminal);
    const checkpoint = await textIn(values.checkpoint, terminal);
    const answer = verifyCertificate(document.bytes, {
      ...(values["log-key"] === undefined ? {} : { log_key: values["log-key"] }),
      ...(checkpoint === undefined ? {} : { checkpoint }),
    });
    if (answer.ok) {
      const report = answer.certificate;
      if (values.json) terminal.json({ verified: true, ...report });
      else for (const line of certificateLines(report, terminal)) terminal.line(line);
      return Exit.ok;
    }
    const { checks = [], failed, problem } = answer;
    // What was given to compare with is wrong, not the file.
    if (failed === undefined) throw new Fault(Exit.no, problem);
    if (values.json)
      terminal.json({ ok: false, verified: false, checks, failed, problem, problems: [problem] });
    else
      for (const line of unverifiedLines({ checks, failed, problem }, terminal, document.name))
        terminal.line(line);
    return Exit.no;
  },
});

export const exportLog = command({
  name: "export",
  summary: "Write the whole log to a file: what `senate audit` and any other host can read",
  usage: ["export [-o FILE] [--host URL]"],
  options: { ...outputOption, ...hostOption, ...jsonOption },
  exits: { 0: "written" },
  async run({ values, operands }, terminal) {
    operandsOf("export", operands, []);
    const client = clientOf(values.host, terminal);
    const file = values.output;
    let events = 0;
    const lines = async function* (): AsyncGenerator<string> {
      for await (const line of client.logLines()) {
        events += 1;
        yield `${line}\n`;
      }
    };
    if (file === undefined || file === "-") {
      for await (const line of lines()) await terminal.write(line);
      return Exit.ok;
    }
    // A connection that breaks must not leave half a log under the name that was asked for.
    const aside = `${file}.${randomBytes(4).toString("hex")}`;
    try {
      await written(file, async () => {
        await pipeline(lines(), createWriteStream(aside, { flags: "wx" }));
        await rename(aside, file);
      });
    } catch (error) {
      await unlink(aside).catch(() => undefined);
      throw error;
    }
    if (values.json) terminal.json({ file, events });
    else terminal.line(`${count(events, "event") || "No event"} in ${safeLine(file)}.`);
    return Exit.ok;
  },
});

export const audit = command({
  name: "audit",
  summary: "Recompute a whole log: every act, signature, decision and derived value",
  usage: ["audit [--host URL] [--json]", "audit FILE|- [--checkpoint FILE] [--json]"],
  details: [
    "Without FILE the host's log is read, and must lead to the checkpoint that the host has signed, and that one to the last one that was kept here. With FILE, or `-` for standard input, nothing is asked of anybody; --checkpoint names the signed note that the log must lead to.",
    "The answer names the event that is not as the core decides it, and what differs.",
  ],
  options: { ...checkpointOption, ...hostOption, ...jsonOption },
  examples: [
    { line: "senate audit", says: "the host's log" },
    { line: "senate export -o log.ndjson && senate audit log.ndjson", says: "the same later, elsewhere" },
  ],
  exits: { 0: "the log is as it must be", 1: "it is not; the answer says where" },
  async run({ values, operands }, terminal) {
    const [file, ...more] = operands;
    if (more.length > 0) throw usageFault("`senate audit` reads one log.", "Usage: senate audit [FILE|-]");
    if (file !== undefined && values.host !== undefined)
      throw usageFault("A file is audited without a host.", "Leave `--host` or the file out.");
    const progress = new Progress(terminal);
    let log: Uint8Array;
    let checkpoint = await textIn(values.checkpoint, terminal);
    let compared = values.checkpoint;
    try {
      if (file === undefined) {
        const client = clientOf(values.host, terminal);
        // First the checkpoint, then the log: it has at least what was signed.
        const trusted = await client.trustedCheckpoint();
        checkpoint ??= trusted.note;
        compared ??= `the host's own of ${count(trusted.size, "event")}, which continues what was kept here`;
        const chunks: Buffer[] = [];
        for await (const line of client.logLines()) {
          chunks.push(Buffer.from(`${line}\n`));
          progress.show(() => `reading the log: ${chunks.length} of ${trusted.size} events`);
        }
        log = Buffer.concat(chunks);
      } else {
        log = await readStream(file, terminal, (bytes) =>
          progress.show(() => `reading the log: ${Math.round(bytes / 1024 / 1024)} MiB`),
        );
      }
      const answer = await progress.during("recomputing every event", () =>
        auditLog(log, checkpoint === undefined ? {} : { checkpoint }),
      );
      progress.clear();
      if (answer.ok) {
        if (values.json) terminal.json({ ok: true, ...answer.audit });
        else for (const line of auditLines(answer.audit, terminal, compared)) terminal.line(line);
        return Exit.ok;
      }
      const { problem, seq } = answer;
      if (values.json)
        terminal.json({ ok: false, ...(seq === undefined ? {} : { seq }), problem, problems: [problem] });
      else {
        terminal.line(`${terminal.paint("red", "The log is not what it must be.")}`);
        for (const line of problemLines([problem], terminal, file)) terminal.line(line);
      }
      return Exit.no;
    } finally {
      progress.clear();
    }
  },
});

async function textIn(file: string | undefined, terminal: Terminal): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return Buffer.from((await readDocument(file, terminal)).bytes).toString("utf8");
}

async function written(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const sentences: Record<string, string> = {
      ENOENT: `There is no folder for ${file}.`,
      EISDIR: `${file} is a folder.`,
      EACCES: `${file} may not be written.`,
      EEXIST: `${file} exists.`,
    };
    throw new Fault(Exit.io, {
      code: "file_unwritable",
      message: sentences[code ?? ""] ?? `${file} cannot be written: ${error.message}`,
    });
  }
}
