/**
 * A command: what it is called, which options it takes, what it does.
 *
 * The description is data, so that parsing, help and "did you mean" all read the same lines, and the types of the
 * option values follow from it.
 */
import { parseArgs } from "node:util";
import { type ExitCode, usageFault } from "./fault.js";
import { nearest } from "./suggest.js";
import type { Terminal } from "./terminal.js";

export interface Option {
  type: "string" | "boolean";
  /** May be given more than once; the values come as a list. */
  multiple?: boolean;
  short?: string;
  /** How the value is called in the help, e.g. `URL`. */
  value?: string;
  /** What it does, one sentence without a full stop at its end. */
  help: string;
  /** Only these values are taken. */
  choices?: readonly string[];
}

export type Options = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> = O["type"] extends "boolean"
  ? boolean
  : O["multiple"] extends true
    ? string[]
    : string | undefined;

export type Values<Os extends Options> = { -readonly [Name in keyof Os]: ValueOf<Os[Name]> };

export interface Description<Os extends Options> {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** The forms of the command line, without the program's name. */
  usage: readonly string[];
  /** Paragraphs below the usage. */
  details?: readonly string[];
  options: Os;
  examples?: readonly { line: string; says: string }[];
  /** What the exit codes mean here, where it needs saying. */
  exits?: Partial<Record<0 | 1 | 2 | 3, string>>;
  run(given: { values: Values<Os>; operands: string[] }, terminal: Terminal): Promise<ExitCode>;
}

export interface Command extends Omit<Description<Options>, "run"> {
  execute(argv: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

export function command<const Os extends Options>(description: Description<Os>): Command {
  const { run, ...rest } = description;
  return {
    ...rest,
    execute: async (argv, terminal) => run(parse(description.name, description.options, argv), terminal),
  };
}

/** `--json` everywhere means the same, so it stands once. */
export const jsonOption = {
  json: { type: "boolean", help: "Answer with exactly one JSON document on standard output" },
} as const satisfies Options;

export const hostOption = {
  host: {
    type: "string",
    value: "URL",
    help: "Address of the host; default $SENATE_HOST, then http://127.0.0.1:8787",
  },
} as const satisfies Options;

export const asOption = {
  as: { type: "string", value: "ID", help: "Who acts; default $SENATE_AS" },
} as const satisfies Options;

/** What every act takes: who acts, with which key, where. */
export const actOptions = {
  ...asOption,
  key: {
    type: "string",
    value: "FILE",
    help: "Sign with this key (`senate key new` makes one); default $SENATE_KEY. Without a key only a host in development mode takes acts",
  },
  ...hostOption,
  ...jsonOption,
} as const satisfies Options;

export const draftOption = {
  draft: {
    type: "string",
    value: "DRAFT",
    choices: ["draft4", "draft6", "draft7", "2019-09", "2020-12"],
    help: "Dialect of schemas without $schema; default 2020-12",
  },
} as const satisfies Options;

export const refOption = {
  ref: {
    type: "string",
    multiple: true,
    value: "FILE",
    help: "A document that $ref names; its address is its $id, else its file name beside the schema's $id. May be repeated",
  },
} as const satisfies Options;

/**
 * Reads a command line against its description; every deviation is a usage fault that says how to go on.
 * Where an option stands twice the later one counts, so that an alias can be overridden.
 */
export function parse<Os extends Options>(
  name: string,
  options: Os,
  argv: readonly string[],
): { values: Values<Os>; operands: string[] } {
  const known: Options = { ...options, help: { type: "boolean", short: "h", help: "" } };
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(known).map(([key, { type, multiple = false, short }]) => [
        key,
        { type, multiple, ...(short === undefined ? {} : { short }) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const found = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (option === undefined) throw unknownOption(name, token.rawName, Object.keys(known));
    found.set(token.name, [...(found.get(token.name) ?? []), valueOf(name, option, token)]);
  }
  const values = Object.fromEntries(
    Object.entries(options).map(([key, option]) => {
      const given = found.get(key);
      if (option.type === "boolean") return [key, given !== undefined];
      return [key, option.multiple === true ? (given ?? []) : given?.at(-1)];
    }),
  ) as Values<Os>;
  return { values, operands };
}

function unknownOption(name: string, given: string, known: string[]): Error {
  const meant = nearest(given.replace(/^-+/, ""), known);
  return usageFault(
    `\`senate ${name}\` has no option \`${given}\`.`,
    meant === undefined ? `\`senate ${name} --help\` lists its options.` : `Did you mean \`--${meant}\`?`,
  );
}

function valueOf(
  name: string,
  option: Option,
  token: { name: string; rawName: string; value: string | undefined; inlineValue: boolean | undefined },
): string {
  const { rawName, value, inlineValue } = token;
  if (option.type === "boolean") {
    if (value !== undefined) throw usageFault(`\`${rawName}\` takes no value.`, `Write only \`${rawName}\`.`);
    return "";
  }
  const placeholder = option.value ?? "VALUE";
  // `--as --json` is a forgotten value more often than a name that begins with a dash; `-` alone is standard input.
  if (value === undefined || (inlineValue !== true && value.length > 1 && value.startsWith("-"))) {
    throw usageFault(
      `\`${rawName}\` needs a value.`,
      value === undefined
        ? `Write \`${rawName} ${placeholder}\`.`
        : `Write \`${rawName}=${value}\` if that is meant.`,
    );
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    const meant = nearest(value, option.choices);
    throw usageFault(
      `\`${rawName} ${value}\` is not one of ${option.choices.join(", ")}.`,
      meant === undefined ? `\`senate ${name} --help\` explains them.` : `Did you mean \`${meant}\`?`,
    );
  }
  return value;
}

/** A whole number from `least` on, or a usage fault. */
export function wholeNumber(
  option: string,
  text: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw usageFault(`\`--${option} ${text}\` is not a whole number ${range}.`);
}

/** Exactly as many operands as the command names, each under its name. */
export function operandsOf<const Names extends readonly string[]>(
  name: string,
  given: readonly string[],
  names: Names,
): { [Index in keyof Names]: string } {
  const missing = names[given.length];
  if (missing !== undefined) {
    throw usageFault(`\`senate ${name}\` needs ${missing}.`, `Usage: senate ${name} ${names.join(" ")}`);
  }
  if (given.length > names.length) {
    throw usageFault(
      `\`senate ${name}\` does not know what to do with \`${given[names.length]}\`.`,
      `Usage: senate ${name} ${names.join(" ")}`.trimEnd(),
    );
  }
  return given as { [Index in keyof Names]: string };
}
