import type { Problem, Schema, SchemaVersion } from "schema-senate";
import { core } from "../core.js";

export type Compiled = { ok: true; schema: Schema } | { ok: false; problems: Problem[] };

/** A schema version compiled once by the core in this page; whoever holds it frees it. */
export async function compile(version: SchemaVersion): Promise<Compiled> {
  const { Schema } = await core();
  return Schema.compile(JSON.stringify(version.schema), {
    draft: version.draft,
    ...(version.references ? { references: jsonTexts(version.references) } : {}),
  });
}

function jsonTexts(references: NonNullable<SchemaVersion["references"]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(references).map(([uri, document]) => [uri, JSON.stringify(document)]),
  );
}
