// @ts-check
// What callers pass, as the UTF-8 bytes that the core reads.

import { MisuseError } from "./misuse.js";

const encoder = new TextEncoder();

/**
 * JSON text as it stands, or a plain value through `JSON.stringify`.
 *
 * @param {import("./index.d.ts").JsonInput} input
 * @param {string} name of the argument, for the message
 * @returns {Uint8Array}
 */
export function jsonBytes(input, name) {
  if (typeof input === "string" || isBytes(input)) return textBytes(input, name);
  return encoder.encode(stringify(input, name));
}

/**
 * Text only.
 *
 * @param {string | Uint8Array} input
 * @param {string} name
 * @returns {Uint8Array}
 */
export function textBytes(input, name) {
  if (typeof input === "string") return encoder.encode(input.isWellFormed() ? input : refusable(input));
  if (isBytes(input)) return input;
  throw new MisuseError("misuse", `\`${name}\` must be a string or a Uint8Array, and is ${kindOf(input)}`);
}

/**
 * A copy that the caller cannot change any more.
 *
 * @param {Uint8Array} bytes
 * @param {unknown} input what the bytes were made from
 */
export function ownBytes(bytes, input) {
  return bytes === input ? bytes.slice() : bytes;
}

/**
 * Documents by name as the text of one JSON object, each as it was given: numbers keep their spelling.
 *
 * @param {Record<string, import("./index.d.ts").JsonInput> | undefined} documents
 * @param {string} name
 * @returns {{ bytes: Uint8Array, broken?: { uri: string, bytes: Uint8Array } }} `broken`: a document that is not one JSON
 *   text, and so could have closed the object early
 */
export function recordBytes(documents, name) {
  if (documents === undefined) return { bytes: new Uint8Array(0) };
  if (documents === null || typeof documents !== "object" || Array.isArray(documents)) {
    throw new MisuseError(
      "misuse",
      `\`${name}\` must be an object of documents by URI, and is ${kindOf(documents)}`,
    );
  }
  const parts = [];
  for (const [uri, document] of Object.entries(documents)) {
    const bytes = jsonBytes(document, `${name}[${JSON.stringify(uri)}]`);
    if (!isOneJsonText(bytes)) return { bytes, broken: { uri, bytes } };
    parts.push(encoder.encode(`${parts.length === 0 ? "{" : ","}${JSON.stringify(uri)}:`), bytes);
  }
  parts.push(encoder.encode(parts.length === 0 ? "{}" : "}"));
  return { bytes: join(parts) };
}

/**
 * Documents as the text of one JSON array, each as it was given.
 *
 * @param {readonly import("./index.d.ts").JsonInput[] | undefined} documents
 * @param {string} name
 * @returns {{ bytes: Uint8Array, broken?: { index: number, bytes: Uint8Array } }} as {@link recordBytes}; no bytes where
 *   there is no document
 */
export function listBytes(documents, name) {
  if (documents === undefined) return { bytes: new Uint8Array(0) };
  if (!Array.isArray(documents)) {
    throw new MisuseError("misuse", `\`${name}\` must be an array of documents, and is ${kindOf(documents)}`);
  }
  const parts = [];
  for (const [index, document] of documents.entries()) {
    const bytes = jsonBytes(document, `${name}[${index}]`);
    if (!isOneJsonText(bytes)) return { bytes, broken: { index, bytes } };
    parts.push(encoder.encode(index === 0 ? "[" : ","), bytes);
  }
  if (parts.length > 0) parts.push(encoder.encode("]"));
  return { bytes: join(parts) };
}

/**
 * @param {unknown} list
 * @param {string} name
 * @returns {string[]}
 */
export function words(list, name) {
  if (!Array.isArray(list)) {
    throw new MisuseError("misuse", `\`${name}\` must be an array of names, and is ${kindOf(list)}`);
  }
  return list.map((item, index) => word(item, `${name}[${index}]`));
}

/**
 * @param {Uint8Array[]} parts
 * @returns {Uint8Array}
 */
export function join(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Options as a flat object of plain values, so that nothing of the caller's runs while the core does.
 *
 * @param {unknown} options
 * @param {string} name
 * @returns {Record<string, unknown>}
 */
export function flat(options, name) {
  if (options === undefined) return {};
  if (options === null || typeof options !== "object") {
    throw new MisuseError("misuse", `\`${name}\` must be an object, and is ${kindOf(options)}`);
  }
  const copy = { ...options };
  for (const [key, value] of Object.entries(copy)) {
    if (
      (typeof value === "object" && value !== null) ||
      typeof value === "function" ||
      typeof value === "symbol"
    ) {
      throw new MisuseError("misuse", `\`${name}.${key}\` must be a plain value, and is ${kindOf(value)}`);
    }
  }
  return copy;
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {string}
 */
export function word(value, name) {
  if (typeof value === "string") return value;
  throw new MisuseError("misuse", `\`${name}\` must be a string, and is ${kindOf(value)}`);
}

/**
 * Also bytes of another realm, as test runners have them.
 *
 * @param {unknown} value
 * @returns {value is Uint8Array}
 */
function isBytes(value) {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]";
}

/**
 * @param {object | boolean} value
 * @param {string} name
 * @returns {string}
 */
function stringify(value, name) {
  const plain = typeof value === "boolean" || (typeof value === "object" && value !== null);
  // These would become `{}` or an object of indices without a word.
  const silent =
    ArrayBuffer.isView(value) || /^(Array|SharedArray)Buffer$|Map$|Set$|^Promise$/.test(kindOf(value));
  if (!plain || silent) {
    const wanted = "JSON text (a string or a Uint8Array), a plain object or a boolean";
    throw new MisuseError("misuse", `\`${name}\` must be ${wanted}, and is ${kindOf(value)}`);
  }
  /** @type {string | undefined} */
  let text;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    throw new MisuseError("misuse", `\`${name}\` cannot be written as JSON: ${why}`, error);
  }
  if (text === undefined) throw new MisuseError("misuse", `\`${name}\` has no JSON form`);
  return text;
}

/**
 * A string with a lone surrogate has no UTF-8: encoding it would put U+FFFD there, and something else than was meant would
 * be hashed. Spelled as an escape that can have no partner, the core refuses it at its place.
 *
 * @param {string} text
 * @returns {string}
 */
function refusable(text) {
  const at = text.search(/\p{Surrogate}/u);
  let slashes = 0;
  while (text[at - 1 - slashes] === "\\") slashes += 1;
  // After a backslash that escapes, U+FFFD is a syntax error at the same place.
  return slashes % 2 === 1 ? text : `${text.slice(0, at)}\\ud800 ${text.slice(at + 1)}`;
}

/** @param {Uint8Array} bytes */
function isOneJsonText(bytes) {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}

/** @param {unknown} value */
function kindOf(value) {
  return value === null
    ? "null"
    : typeof value === "object"
      ? Object.prototype.toString.call(value).slice(8, -1)
      : typeof value;
}
