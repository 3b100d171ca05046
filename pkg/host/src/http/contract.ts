/**
 * The OpenAPI document as a judge: bodies of requests and of answers are validated against it by the core itself, so
 * that what is published and what is done are one.
 */
import { readFileSync } from "node:fs";
import { type Json, type Problem, Schema, type Validation } from "schema-senate";
import { problemOf } from "./problem.js";

export type Method = "get" | "post" | "put";

type JsonObject = { [key: string]: Json };

export interface Operation {
  id: string;
  method: Method;
  /** As in the document: `/api/schemas/{type}`. */
  path: string;
  body?: { schema: Json; required: boolean };
  parameters: Parameter[];
  /** By status (`200`, `default`), then by media type. */
  answers: Map<string, Map<string, Json>>;
}

export interface Parameter {
  name: string;
  in: "query" | "path";
  required: boolean;
  schema: Json;
}

/** Seen from `dist/http/`. */
const FILE = new URL("../../openapi.json", import.meta.url);

/** Under this name the components are given to the core as a reference; nothing is fetched. */
const COMPONENTS = "https://schema-senate.invalid/components";

/** The document as served at `/api/openapi.json`. */
export function openApiDocument(): JsonObject {
  return object(JSON.parse(readFileSync(FILE, "utf8")) as Json);
}

export class Contract {
  /** The document's text, as served. */
  readonly text: string;
  readonly operations: readonly Operation[];
  readonly #references: Record<string, string>;
  readonly #compiled = new Map<string, Schema>();

  constructor() {
    const document = openApiDocument();
    this.text = JSON.stringify(document);
    this.operations = operationsOf(document);
    const schemas = member(document, "components", "schemas");
    this.#references = {
      [COMPONENTS]: JSON.stringify(
        redirected(
          { $schema: "https://json-schema.org/draft/2020-12/schema", $id: COMPONENTS, $defs: schemas },
          "#/$defs/",
        ),
      ),
    };
  }

  operation(id: string): Operation {
    const found = this.operations.find((operation) => operation.id === id);
    if (found === undefined) throw new TypeError(`openapi.json has no operation ${id}`);
    return found;
  }

  /** What is wrong with a body; its text is judged as it stands. */
  bodyProblems(operation: Operation, text: string): Problem[] {
    if (operation.body === undefined) return [];
    return this.#validate(`${operation.id} body`, operation.body.schema, text).errors.map((error) =>
      problemOf(error),
    );
  }

  /** What is wrong with the query or the path parameters. */
  parameterProblems(operation: Operation, where: Parameter["in"], values: Record<string, Json>): Problem[] {
    const parameters = operation.parameters.filter((parameter) => parameter.in === where);
    const schema: Json = {
      type: "object",
      required: parameters.filter(({ required }) => required).map(({ name }) => name),
      properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
      additionalProperties: false,
    };
    return this.#validate(`${operation.id} ${where}`, schema, JSON.stringify(values)).errors.map((error) =>
      problemOf(error),
    );
  }

  /** What is wrong with an answer, in words; nothing when the document promises exactly this. */
  answerProblems(operation: Operation, status: number, mediaType: string, text: string): string[] {
    const answer = operation.answers.get(String(status)) ?? operation.answers.get("default");
    const schema = answer?.get(mediaType);
    if (schema === undefined) return [`${operation.id} does not promise ${status} ${mediaType}`];
    if (!mediaType.endsWith("json") || mediaType.endsWith("ndjson")) return [];
    const name = `${operation.id} ${operation.answers.has(String(status)) ? status : "default"} ${mediaType}`;
    // What is larger or deeper than one document may be is not judged: it holds several.
    return this.#validate(name, schema, text)
      .errors.filter(({ code }) => code !== "json_too_large" && code !== "json_too_deep")
      .map((error) => `${error.instance_path}: ${error.message}`);
  }

  free(): void {
    for (const schema of this.#compiled.values()) schema.free();
    this.#compiled.clear();
  }

  #validate(name: string, schema: Json, text: string): Validation {
    let compiled = this.#compiled.get(name);
    if (compiled === undefined) {
      const answer = Schema.compile(JSON.stringify(redirected(schema, `${COMPONENTS}#/$defs/`)), {
        draft: "2020-12",
        references: this.#references,
      });
      if (!answer.ok) throw new TypeError(`openapi.json, ${name}: ${answer.problems[0]?.message}`);
      compiled = answer.schema;
      this.#compiled.set(name, compiled);
    }
    return compiled.validate(text);
  }
}

function operationsOf(document: JsonObject): Operation[] {
  const paths = object(member(document, "paths"));
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(object(item)).map(([method, value]): Operation => {
      if (method !== "get" && method !== "post" && method !== "put")
        throw new TypeError(`openapi.json: ${method} ${path} is not supported`);
      const operation = object(value);
      const body = operation["requestBody"];
      return {
        id: String(operation["operationId"]),
        method,
        path,
        ...(body === undefined
          ? {}
          : {
              body: {
                schema: member(object(body), "content", "application/json", "schema"),
                required: object(body)["required"] === true,
              },
            }),
        parameters: list(operation["parameters"] ?? []).map((given) => {
          const parameter = resolved(document, given);
          return {
            name: String(parameter["name"]),
            in: parameter["in"] === "path" ? "path" : "query",
            required: parameter["required"] === true,
            schema: parameter["schema"] ?? true,
          };
        }),
        answers: new Map(
          Object.entries(object(operation["responses"] ?? {})).map(([status, given]) => [
            status,
            new Map(
              Object.entries(object(resolved(document, given)["content"] ?? {})).map(([media, content]) => [
                media,
                object(content)["schema"] ?? true,
              ]),
            ),
          ]),
        ),
      };
    }),
  );
}

/** Points `#/components/schemas/X` to `${base}X`, wherever it stands. */
function redirected(schema: Json, base: string): Json {
  if (Array.isArray(schema)) return schema.map((item) => redirected(item, base));
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === "$ref" && typeof value === "string"
        ? value.replace(/^#\/components\/schemas\//, base)
        : redirected(value, base),
    ]),
  );
}

function resolved(document: JsonObject, value: Json): JsonObject {
  const given = object(value);
  const ref = given["$ref"];
  return typeof ref === "string" ? object(member(document, ...ref.slice(2).split("/"))) : given;
}

function member(value: JsonObject, ...path: string[]): Json {
  let at: Json = value;
  for (const name of path) {
    const next: Json | undefined = object(at)[name];
    if (next === undefined) throw new TypeError(`openapi.json has no ${path.join("/")}`);
    at = next;
  }
  return at;
}

function object(value: Json): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError("openapi.json: not an object");
  return value;
}

function list(value: Json): Json[] {
  if (!Array.isArray(value)) throw new TypeError("openapi.json: not a list");
  return value;
}
