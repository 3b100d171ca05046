/** What a route takes and gives. */
import type { Problem } from "schema-senate";
import type { Values } from "./app.js";
import type { Body } from "./body.js";

export interface Request {
  path: Values;
  query: Values;
  header(name: string): string | undefined;
  body?: Body;
}

export interface Reply {
  /** Default 200. */
  status?: 200 | 201 | 202;
  body: string | ReadableStream<Uint8Array>;
  /** Default `application/json`. */
  type?: string;
  headers?: Record<string, string>;
}

export interface Route {
  operation: string;
  /** Bytes. Default 8 MiB. */
  bodyLimit?: number;
  run(request: Request): Promise<Reply>;
  /** Better words for a body that the document refuses. */
  explain?(body: Body, problems: Problem[]): Promise<Problem[]>;
}

export function json(value: object): Reply {
  return { body: JSON.stringify(value) };
}

export function quoted(value: string): string {
  return JSON.stringify(value);
}

export function text(values: Values, name: string): string {
  return String(values[name] ?? "");
}

export function number(values: Values, name: string): number | undefined {
  const value = values[name];
  return typeof value === "number" ? value : undefined;
}
