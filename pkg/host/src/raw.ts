/**
 * JSON text taken apart and put together without reading its values, so that a number's spelling, a large integer or
 * an object's order reaches the core as the client wrote it.
 */

/**
 * The members of an object, each value as its text.
 *
 * The text must be a JSON object without duplicate keys; the core has checked that before anyone calls this.
 */
export function membersOf(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let at = skipSpace(text, 0);
  if (text[at] !== "{") throw new TypeError("not a JSON object");
  at = skipSpace(text, at + 1);
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at);
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    at = skipSpace(text, keyEnd);
    if (text[at] !== ":") throw new TypeError("a member without a value");
    at = skipSpace(text, at + 1);
    const end = endOfValue(text, at);
    members.set(String(key), text.slice(at, end).trimEnd());
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  if (text[at] !== "}") throw new TypeError("an object that does not end");
  return members;
}

/** An object from members whose values are JSON text; members without a value are left out. */
export function objectOf(members: readonly (readonly [string, string | undefined])[]): string {
  const parts = members
    .filter((member): member is readonly [string, string] => member[1] !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${value}`);
  return `{${parts.join(",")}}`;
}

/**
 * Puts members in front of an object's own, without looking at these: for texts that only the core has read. A text that
 * is no object stays as it is. `bytes` is how far the rest has moved.
 */
export function withMembers(
  text: string,
  members: readonly (readonly [string, string])[],
): { text: string; bytes: number } {
  const start = skipSpace(text, 0);
  if (text[start] !== "{") return { text, bytes: 0 };
  const isEmpty = text[skipSpace(text, start + 1)] === "}";
  const added = objectOf(members).slice(1, -1) + (isEmpty ? "" : ",");
  return {
    text: `${text.slice(0, start + 1)}${added}${text.slice(start + 1)}`,
    bytes: Buffer.byteLength(added),
  };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at += 1;
  return at;
}

/** `from` is the opening quote; the end is behind the closing one. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  throw new TypeError("a string that does not end");
}

/** Behind the last character of the value: the comma or bracket that closes it, at its own depth. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const char = text[at];
    if (char === '"') {
      at = endOfString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (char === "{" || char === "[") depth += 1;
    if (char === "}" || char === "]") {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    }
    if (char === "," && depth === 0) return at;
    at += 1;
  }
  return at;
}
