/**
 * One JSON document a line in, one answer a line out, in order.
 *
 * A line's bytes go to the core as they are: decoding or parsing them here would already decide what `1.0`, a duplicate
 * key or a lone surrogate is. Nothing is collected: what is read is answered before more is read, and a slow reader
 * of the answers slows the reading down.
 */
import { batchLine } from "schema-senate";
import type { Terminal } from "./terminal.js";
import { Exit, type ExitCode } from "./fault.js";

export type BatchKind =
  "check-compat" | "validate" | "canonical" | "tally" | "migration-plan" | "migration-apply";

/** Past this a line is answered with an error and skipped, so that input without line breaks cannot fill the memory. */
export const longestLine = 64 * 1024 * 1024;

const newline = 0x0a;

export async function runBatch(kind: BatchKind, terminal: Terminal): Promise<ExitCode> {
  for await (const answers of answer(kind, terminal.claimStandardInput())) await terminal.write(answers);
  return Exit.ok;
}

/** The answers to what arrived together, so that a script that waits for an answer gets it at once. */
async function* answer(kind: BatchKind, input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const lines of linesOf(input)) {
    let answers = "";
    let since = performance.now();
    for (const line of lines) {
      answers += `${line === tooLong ? tooLongAnswer : batchLine(kind, line)}\n`;
      // One write per answer can cost more than the answer; a pile of them would keep the reader waiting.
      if (answers.length >= 64 * 1024 || performance.now() - since > 20) {
        yield answers;
        answers = "";
        since = performance.now();
      }
    }
    if (answers !== "") yield answers;
  }
}

const tooLong = Symbol("line too long");
const tooLongAnswer = JSON.stringify({
  id: null,
  error: {
    code: "line_too_long",
    severity: "error",
    pointer: "",
    message: `a line is longer than ${longestLine} bytes`,
    remedy: "write one JSON document a line",
  },
});

/** Cuts bytes at line feeds; a carriage return before one is part of the line break, blank lines are no lines. */
export async function* linesOf(
  input: AsyncIterable<Uint8Array>,
  longest = longestLine,
): AsyncGenerator<(Uint8Array | typeof tooLong)[]> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const finish = (): Uint8Array | typeof tooLong | undefined => {
    const line = length > longest ? tooLong : parts.length === 1 ? parts[0] : Buffer.concat(parts);
    parts = [];
    length = 0;
    return line === undefined || line === tooLong ? line : trimmed(line);
  };
  for await (const chunk of input) {
    const lines: (Uint8Array | typeof tooLong)[] = [];
    let start = 0;
    while (start < chunk.length) {
      const end = chunk.indexOf(newline, start);
      const part = chunk.subarray(start, end === -1 ? chunk.length : end);
      length += part.length;
      if (length <= longest) parts.push(part);
      else parts = [];
      if (end === -1) break;
      start = end + 1;
      const line = finish();
      if (line !== undefined) lines.push(line);
    }
    if (lines.length > 0) yield lines;
  }
  const last = finish();
  if (last !== undefined) yield [last];
}

/** Without the carriage return; nothing when only JSON's white space is left. */
function trimmed(line: Uint8Array): Uint8Array | undefined {
  const text = line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
  return text.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d) ? undefined : text;
}
