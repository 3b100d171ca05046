/** A request's body: bounded, UTF-8, JSON, and kept as the text that it is. */
import type { Context } from "hono";
import { membersOf } from "../raw.js";
import { refuse } from "./problem.js";

export const MIB = 1024 * 1024;

/** After a body that is too large this much more is read and dropped, so that the client hears the answer. */
const DRAIN = 256 * MIB;

/** The text of the body; `undefined` when there is none. */
export async function readBody(context: Context, limit: number): Promise<string | undefined> {
  const request = context.req.raw;
  const declared = Number(context.req.header("content-length") ?? "0");
  const { body } = request;
  if (body === null) return undefined;
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw refuse(400, "body_cut_off", "The connection ended before the body did.");
    });
    if (done) break;
    size += value.byteLength;
    if (size <= limit) chunks.push(value);
    else if (size > DRAIN || declared > DRAIN) {
      await reader.cancel();
      break;
    } else chunks.length = 0;
  }
  if (size > limit) {
    throw refuse(413, "body_too_large", `The body may have ${limit / MIB} MiB.`, {
      remedy: "Send a smaller document.",
      headers: size > DRAIN ? { connection: "close" } : {},
    });
  }
  if (size === 0) return undefined;
  requireJson(context.req.header("content-type"));
  try {
    // A byte order mark stays: the core refuses it, with its place.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw refuse(400, "json_not_utf8", "The body is not UTF-8.");
  }
}

function requireJson(contentType: string | undefined): void {
  const [media = "", ...parameters] = (contentType ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const isJson = media === "application/json" || /^application\/[\w.+-]+\+json$/.test(media);
  const charset = parameters
    .find((parameter) => parameter.startsWith("charset="))
    ?.slice(8)
    .replaceAll('"', "");
  if (isJson && (charset === undefined || charset === "utf-8" || charset === "utf8")) return;
  throw refuse(
    415,
    "unsupported_media_type",
    `The body is ${contentType ?? "of no stated type"}; it must be application/json in UTF-8.`,
    {
      remedy: "Send the header content-type: application/json.",
      headers: { accept: "application/json" },
    },
  );
}

/** A body that has been validated, as text and taken apart. */
export class Body {
  #members: Map<string, string> | undefined;

  constructor(readonly text: string) {}

  /** A member's value as its text. */
  raw(name: string): string | undefined {
    this.#members ??= membersOf(this.text);
    return this.#members.get(name);
  }

  /** The members without some of them, in their order, ready for a command. */
  rest(...without: string[]): [string, string][] {
    this.#members ??= membersOf(this.text);
    return [...this.#members].filter(([name]) => !without.includes(name));
  }

  string(name: string): string | undefined {
    const raw = this.raw(name);
    const value: unknown = raw === undefined ? undefined : JSON.parse(raw);
    return typeof value === "string" ? value : undefined;
  }

  isTrue(name: string): boolean {
    return this.raw(name) === "true";
  }
}
