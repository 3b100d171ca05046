/**
 * Where each value of a JSON text stands.
 *
 * The core judges documents; this only finds places in their text, so that a problem's JSON Pointer can be shown
 * under the right characters and one member can be replaced without touching how the rest is written (`1.0` stays `1.0`).
 * Offsets are UTF-16, as editors and strings count.
 */
import { segments } from "./pointer.js";

export interface Span {
  start: number;
  end: number;
}

export type Node = Span &
  (
    | { kind: "object"; members: Member[] }
    | { kind: "array"; items: Node[] }
    | { kind: "string"; value: string }
    | { kind: "scalar" }
  );

export interface Member {
  key: string;
  keySpan: Span;
  value: Node;
}

export type Parsed = { ok: true; root: Node } | { ok: false; at: number; message: string };

/** Deeper documents are refused here; the core refuses them too, with its own words. */
const DEPTH = 256;

class Broken extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

export function parse(text: string): Parsed {
  let at = 0;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const space = () => void match(SPACE);
  const string = (): string => {
    const start = at;
    const literal = match(STRING);
    if (literal === undefined) {
      throw new Broken(
        start,
        text[start] === '"' ? "this string is not closed" : "a string is expected here",
      );
    }
    return JSON.parse(literal) as string;
  };

  const value = (depth: number): Node => {
    if (depth > DEPTH) throw new Broken(at, `nested deeper than ${DEPTH}`);
    const start = at;
    const first = text[at];
    if (first === "{") {
      at += 1;
      const members: Member[] = [];
      for (space(); text[at] !== "}"; space()) {
        if (members.length > 0) comma("}");
        const keyStart = at;
        const key = string();
        const keySpan = { start: keyStart, end: at };
        space();
        if (text[at] !== ":") throw new Broken(at, "`:` is expected here");
        at += 1;
        space();
        members.push({ key, keySpan, value: value(depth + 1) });
      }
      at += 1;
      return { kind: "object", members, start, end: at };
    }
    if (first === "[") {
      at += 1;
      const items: Node[] = [];
      for (space(); text[at] !== "]"; space()) {
        if (items.length > 0) comma("]");
        items.push(value(depth + 1));
      }
      at += 1;
      return { kind: "array", items, start, end: at };
    }
    if (first === '"') {
      const held = string();
      return { kind: "string", value: held, start, end: at };
    }
    if (match(NUMBER) === undefined && match(WORD) === undefined) {
      throw new Broken(at, at >= text.length ? "the text ends too early" : "a JSON value is expected here");
    }
    return { kind: "scalar", start, end: at };
  };
  const comma = (close: string) => {
    if (text[at] !== ",") {
      throw new Broken(
        at,
        at >= text.length ? "the text ends too early" : `\`,\` or \`${close}\` is expected here`,
      );
    }
    at += 1;
    space();
  };

  try {
    space();
    const root = value(0);
    space();
    if (at < text.length) throw new Broken(at, "nothing more is expected here");
    return { ok: true, root };
  } catch (error) {
    if (error instanceof Broken) return { ok: false, at: error.at, message: error.message };
    throw error;
  }
}

/** The value at a pointer, or nothing. */
export function find(root: Node, pointer: string): Node | undefined {
  let here: Node | undefined = root;
  for (const segment of segments(pointer)) {
    if (here?.kind === "object") here = here.members.findLast((member) => member.key === segment)?.value;
    else if (here?.kind === "array") here = here.items[Number(segment)];
    else return undefined;
  }
  return here;
}

/** The smallest value on the way to a pointer that exists: where a missing member is missing. */
export function nearest(root: Node, pointer: string): Node {
  let here: Node = root;
  for (const segment of segments(pointer)) {
    let next: Node | undefined;
    if (here.kind === "object") next = here.members.findLast((member) => member.key === segment)?.value;
    else if (here.kind === "array") next = here.items[Number(segment)];
    if (next === undefined) return here;
    here = next;
  }
  return here;
}

/** The UTF-16 index of a UTF-8 byte offset, as the core counts. */
export function indexOfByte(text: string, offset: number): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (bytes >= offset) return index;
    const code = text.charCodeAt(index);
    // Each half of a surrogate pair stands for two of the four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code <= 0xdfff ? 2 : 3;
  }
  return text.length;
}

/** Indents every line but the first; strings hold no raw line breaks, so values stay what they are. */
export function indent(text: string, by: string): string {
  return text.replaceAll("\n", "\n" + by);
}

/** The source of one value, moved to the left margin. */
export function sourceOf(text: string, node: Node): string {
  const lineStart = text.lastIndexOf("\n", node.start - 1) + 1;
  const margin = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? "";
  const source = text.slice(node.start, node.end);
  return margin === "" ? source : source.replaceAll("\n" + margin, "\n");
}

/** `value` as the page writes JSON. */
export function write(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? "null";
}
