/** Documents from files or from standard input, as the bytes that stand there. */
import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { canonicalize } from "schema-senate";
import { Exit, Fault, type PlainProblem } from "./fault.js";
import type { Terminal } from "./terminal.js";

export interface Document {
  /** As the user wrote it; `standard input` for `-`. */
  name: string;
  bytes: Uint8Array;
}

/** Larger documents are refused before they are read: nothing that a schema describes needs more. */
const largest = 64 * 1024 * 1024;

export async function readDocument(file: string, terminal: Terminal): Promise<Document> {
  if (file === "-") return { name: "standard input", bytes: await readStandardInput(terminal) };
  try {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      if (size > largest) throw tooLarge(file);
      return { name: file, bytes: await readFile(handle) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof Fault ? error : unreadable(file, error);
  }
}

/** A log: as long as it is, since nobody can say how much has happened. `seen` hears how many bytes were read. */
export async function readStream(
  file: string,
  terminal: Terminal,
  seen: (bytes: number) => void,
): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of file === "-" ? terminal.claimStandardInput() : createReadStream(file)) {
      const bytes = Buffer.from(chunk as Uint8Array);
      chunks.push(bytes);
      size += bytes.length;
      seen(size);
    }
  } catch (error) {
    throw error instanceof Fault ? error : unreadable(file, error);
  }
  return Buffer.concat(chunks);
}

/** A document that is JSON: what a request is spliced from must be one whole document. */
export async function readJson(file: string, terminal: Terminal): Promise<Document> {
  const document = await readDocument(file, terminal);
  const read = canonicalize(document.bytes);
  if (!read.ok) throw new Fault(Exit.no, located(read.problem, document.bytes), document.name);
  return document;
}

/** Says the line and the column where a problem of the text itself stands. */
export function located<P extends PlainProblem>(problem: P, bytes: Uint8Array): P {
  if (problem.offset === undefined) return problem;
  const before = Buffer.from(bytes.subarray(0, problem.offset)).toString("utf8");
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  return { ...problem, message: `${problem.message.replace(/\.$/, "")} (line ${line}, column ${column})` };
}

/** The file's name without its folder and without `.schema.json`, `.json` and the like. */
export function stem(file: string): string {
  return basename(file).replace(/(\.schema)?\.json[c5]?$/i, "");
}

async function readStandardInput(terminal: Terminal): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of terminal.claimStandardInput()) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > largest) throw tooLarge("standard input");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(name: string): Fault {
  return new Fault(Exit.io, {
    code: "document_too_large",
    message: `${name} is larger than ${largest / 1024 / 1024} MiB.`,
  });
}

function unreadable(file: string, error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const sentences: Record<string, string> = {
    ENOENT: `There is no file ${file}.`,
    EISDIR: `${file} is a folder, not a file.`,
    EACCES: `${file} may not be read.`,
  };
  return new Fault(Exit.io, {
    code: "file_unreadable",
    message:
      sentences[code] ?? `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
  });
}
