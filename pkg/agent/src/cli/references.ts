/**
 * Which address each `--ref` document has for a schema.
 *
 * Published schemas name their companions by `$id` or, often, by a file name beside their own `$id`, and the two may
 * differ (`spdx.SNAPSHOT.schema.json` has the `$id` of `spdx.schema.json`). So a document goes under the addresses
 * that a `$ref` really resolves to, and a document that nothing names is left out: it would only change the digest.
 */
import { basename } from "node:path";
import type { Document } from "./input.js";

/** Where a schema without `$id` stands, in the core too. */
const nameless = "json-schema:///";

export interface Referenced {
  /** By absolute URI. */
  documents: Map<string, Document>;
  /** Given, but named by no `$ref`. */
  unused: Document[];
}

export function referencesOf(schema: Document, given: readonly Document[]): Referenced {
  const documents = new Map<string, Document>();
  const own = addressesIn(schema, nameless);
  const wanted = [...own.named];
  const seen = new Set<string>();
  for (let address = wanted.pop(); address !== undefined; address = wanted.pop()) {
    if (seen.has(address) || address === own.base) continue;
    seen.add(address);
    const document =
      given.find((candidate) => ownAddress(candidate) === address) ??
      given.find((candidate) => besides(candidate, address));
    if (document === undefined) continue;
    documents.set(address, document);
    const inside = addressesIn(document, address);
    // What it says of itself is found without an address of its own.
    wanted.push(...[...inside.named].filter((named) => named !== inside.base));
  }
  const used = new Set(documents.values());
  return { documents, unused: given.filter((document) => !used.has(document)) };
}

/** Called for by an address whose last part is the file's name. */
function besides(document: Document, address: string): boolean {
  try {
    return decodeURIComponent(basename(new URL(address).pathname)) === basename(document.name);
  } catch {
    return false;
  }
}

function ownAddress(document: Document): string | undefined {
  const { id } = rootOf(document);
  return id === undefined ? undefined : resolve(id, nameless);
}

function rootOf(document: Document): { id: string | undefined; value: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(document.bytes).toString("utf8"));
    return { id: identifier(value), value };
  } catch {
    // Not JSON: whoever reads it as a schema says so, with its place.
    return { id: undefined, value: undefined };
  }
}

/** The document's base address, and the address of every document that it names. */
function addressesIn(document: Document, at: string): { base: string; named: Set<string> } {
  const { id, value } = rootOf(document);
  const base = (id === undefined ? undefined : resolve(id, at)) ?? at;
  const named = new Set<string>();
  const pending: { value: unknown; base: string }[] = [{ value, base }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value: node } = next;
    if (node === null || typeof node !== "object") continue;
    const ownId = identifier(node);
    const here = (ownId === undefined ? undefined : resolve(ownId, next.base)) ?? next.base;
    for (const [key, member] of Object.entries(node)) {
      if (typeof member === "string" && ["$ref", "$dynamicRef", "$recursiveRef"].includes(key)) {
        const address = resolve(member, here);
        if (address !== undefined) named.add(address);
      } else {
        pending.push({ value: member, base: here });
      }
    }
  }
  return { base, named };
}

/** `$id`, or `id` of draft 4; a bare fragment is an anchor, not an address. */
function identifier(value: unknown): string | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  const { $id, id } = value as { $id?: unknown; id?: unknown };
  const found = typeof $id === "string" ? $id : id;
  return typeof found === "string" && found !== "" && !found.startsWith("#") ? found : undefined;
}

/** Absolute and without its fragment. */
function resolve(reference: string, base: string): string | undefined {
  try {
    const url = new URL(reference, base);
    url.hash = "";
    return url.href;
  } catch {
    return undefined;
  }
}
