/**
 * What a command sees of the process: its streams, its environment, and how to write for people or for programs.
 */
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { Exit, Fault } from "./fault.js";

type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

const codes: Record<Style, [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export class Terminal {
  readonly #coloured: boolean;
  #standardInputUsed = false;

  constructor(
    readonly stdin: Readable,
    readonly stdout: Writable & { isTTY?: boolean; columns?: number },
    readonly stderr: Writable,
    readonly env: NodeJS.ProcessEnv,
  ) {
    const forced = env["FORCE_COLOR"];
    // https://no-color.org: present and not empty means no colour, whatever else is set.
    this.#coloured =
      !env["NO_COLOR"] && (forced ? forced !== "0" : stdout.isTTY === true && env["TERM"] !== "dumb");
  }

  get isInteractive(): boolean {
    return this.stdout.isTTY === true;
  }

  get width(): number {
    return Math.min(Math.max(this.stdout.columns ?? 100, 60), 110);
  }

  /** Marks text with a style where colour is wanted; the words alone must carry the meaning. */
  paint(style: Style, text: string): string {
    if (!this.#coloured) return text;
    const [on, off] = codes[style];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }

  /** One line or several for people, on standard output. */
  line(text = ""): void {
    this.stdout.write(`${text}\n`);
  }

  /** The one JSON document of `--json`; indented where somebody looks at it. */
  json(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value, null, this.isInteractive ? 2 : undefined)}\n`);
  }

  /** Standard input can be read once: a second `-` on a command line is a mistake. */
  claimStandardInput(): Readable {
    if (this.#standardInputUsed) {
      throw new Fault(Exit.usage, {
        code: "usage",
        message: "`-` stands for standard input, which can be read only once.",
      });
    }
    this.#standardInputUsed = true;
    return this.stdin;
  }

  /** Writes and waits while the reader is slower than we are. */
  async write(chunk: string | Uint8Array): Promise<void> {
    if (!this.stdout.write(chunk)) await once(this.stdout, "drain");
  }
}

/**
 * Text of others, made harmless for a terminal: control characters (escape sequences among them) and the marks that
 * reverse the reading direction become visible escapes. Line breaks and tabs stay.
 */
export function safe(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The same on one line. */
export function safeLine(text: string): string {
  return safe(text.replace(/\s*[\r\n\t]+\s*/g, " "));
}

/** Breaks text at spaces; `indent` starts every line after the first. */
export function wrap(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ +/)) {
    if (line !== "" && line.length + 1 + word.length > width - (lines.length === 0 ? 0 : indent.length)) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.join(`\n${indent}`);
}

/** Columns padded to their widest cell. Cells are plain text: pad first, paint afterwards. */
export function columns(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd((widths[index] ?? 0) + gap)))
      .join("")
      .trimEnd(),
  );
}
