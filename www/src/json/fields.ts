/**
 * A schema as its fields, for reading and for choosing a path. It shows what is written down; it decides nothing:
 * what a change does to a schema is the core's to say.
 */
import type { Json } from "schema-senate";
import { join, segments } from "./pointer.js";

export interface Field {
  /** JSON Pointer over field names; `*` steps into the items of an array. */
  path: string;
  name: string;
  depth: number;
  /** In words: `string`, `array of object`, `one of 3 values`. */
  type: string;
  required: boolean;
  title?: string;
  description?: string;
  values?: Json[];
  default?: { value: Json };
  constraints: string[];
  /** Holds fields of its own, or may. */
  isObject: boolean;
  schema: Json;
}

type JsonObject = { [key: string]: Json };

/** Walking stops here: recursive schemas have no end. */
const DEPTH = 6;
const MOST = 400;

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(schema: Json): Field[] {
  const fields: Field[] = [];
  walk(schema, schema, "", 0, fields, []);
  return fields;
}

function resolve(root: Json, schema: Json, seen: string[]): { schema: Json; seen: string[] } {
  let here = schema;
  let met = seen;
  while (isObject(here) && typeof here["$ref"] === "string" && here["$ref"].startsWith("#")) {
    const reference = here["$ref"];
    if (met.includes(reference)) break;
    met = [...met, reference];
    let target: Json | undefined = root;
    for (const segment of segments(decodeURIComponent(reference.slice(1)))) {
      target = isObject(target)
        ? target[segment]
        : Array.isArray(target)
          ? target[Number(segment)]
          : undefined;
    }
    if (target === undefined) break;
    const { $ref: _, ...beside } = here;
    here = isObject(target) ? { ...target, ...beside } : target;
  }
  return { schema: here, seen: met };
}

function walk(root: Json, schema: Json, path: string, depth: number, fields: Field[], seen: string[]): void {
  if (depth >= DEPTH || fields.length >= MOST) return;
  const resolved = resolve(root, schema, seen);
  const here = resolved.schema;
  if (!isObject(here)) return;
  const required = Array.isArray(here["required"]) ? here["required"] : [];
  const properties = isObject(here["properties"]) ? here["properties"] : {};
  for (const [name, written] of Object.entries(properties)) {
    if (fields.length >= MOST) return;
    const inner = resolve(root, written, resolved.seen);
    const fieldPath = path + join(name);
    fields.push(describe(root, fieldPath, name, depth, inner.schema, required.includes(name), inner.seen));
    walk(root, inner.schema, fieldPath, depth + 1, fields, inner.seen);
    const items = isObject(inner.schema) ? inner.schema["items"] : undefined;
    if (isObject(items)) walk(root, items, fieldPath + "/*", depth + 1, fields, inner.seen);
  }
  if (Array.isArray(here["allOf"])) {
    for (const part of here["allOf"]) walk(root, part, path, depth, fields, resolved.seen);
  }
}

function describe(
  root: Json,
  path: string,
  name: string,
  depth: number,
  schema: Json,
  required: boolean,
  seen: string[],
): Field {
  const field: Field = {
    path,
    name,
    depth,
    required,
    type: typeOf(root, schema, seen),
    constraints: constraintsOf(schema),
    isObject: false,
    schema,
  };
  if (isObject(schema)) {
    field.isObject = schema["type"] === "object" || isObject(schema["properties"]);
    if (typeof schema["title"] === "string") field.title = schema["title"];
    if (typeof schema["description"] === "string") field.description = schema["description"];
    if (Array.isArray(schema["enum"])) field.values = schema["enum"];
    if (schema["default"] !== undefined) field.default = { value: schema["default"] };
  }
  return field;
}

export function typeOf(root: Json, written: Json, seen: string[] = []): string {
  const { schema, seen: met } = resolve(root, written, seen);
  if (schema === true) return "anything";
  if (schema === false) return "nothing";
  if (!isObject(schema)) return "anything";
  if (schema["const"] !== undefined) return `always ${JSON.stringify(schema["const"])}`;
  const types = typeof schema["type"] === "string" ? [schema["type"]] : schema["type"];
  if (Array.isArray(types) && types.length > 0) {
    return types
      .map((type) => {
        if (type !== "array") return String(type);
        const items = schema["items"];
        const places = schema["prefixItems"];
        if (Array.isArray(places) && places.length > 0 && met.length <= DEPTH) {
          const names = places.map((place) => typeOf(root, place, [...met, "prefixItems"])).join(", ");
          return items === false ? `array of ${names}` : `array starting with ${names}`;
        }
        return items === undefined || met.length > DEPTH ? "array" : `array of ${typeOf(root, items, met)}`;
      })
      .join(" or ");
  }
  if (Array.isArray(schema["enum"])) return "one of";
  if (isObject(schema["properties"])) return "object";
  for (const keyword of ["oneOf", "anyOf"]) {
    const branches = schema[keyword];
    if (Array.isArray(branches) && branches.length > 0) {
      const names = new Set(branches.map((branch) => typeOf(root, branch, [...met, keyword])));
      return met.length > DEPTH ? "one of several" : [...names].join(" or ");
    }
  }
  return "anything";
}

const BOUNDS: [string, (value: string) => string][] = [
  ["minimum", (value) => `≥ ${value}`],
  ["exclusiveMinimum", (value) => `> ${value}`],
  ["maximum", (value) => `≤ ${value}`],
  ["exclusiveMaximum", (value) => `< ${value}`],
  ["multipleOf", (value) => `multiple of ${value}`],
  ["minLength", (value) => `at least ${value} characters`],
  ["maxLength", (value) => `at most ${value} characters`],
  ["minItems", (value) => `at least ${value} items`],
  ["maxItems", (value) => `at most ${value} items`],
  ["pattern", (value) => `matches ${value}`],
  ["format", (value) => `format ${value}`],
];

function constraintsOf(schema: Json): string[] {
  if (!isObject(schema)) return [];
  const found = BOUNDS.flatMap(([keyword, say]) => {
    const value = schema[keyword];
    return typeof value === "number" || typeof value === "string" ? [say(String(value))] : [];
  });
  if (schema["uniqueItems"] === true) found.push("no two alike");
  if (schema["additionalProperties"] === false) found.push("no other fields");
  if (schema["deprecated"] === true) found.push("deprecated");
  return found;
}
