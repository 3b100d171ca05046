/** A schema of the registry, ready to validate with. */
import { type Answers, type Draft, Schema, type SchemaVersion } from "schema-senate";

/** A schema as the registry keeps it. */
export type SchemaSource = Pick<SchemaVersion, "schema" | "references"> & { draft?: Draft };

/** Whoever gets it frees it. */
export function compileVersion({ schema, references, draft }: SchemaSource): Answers<{ schema: Schema }> {
  const documents = Object.entries(references ?? {}).map(([uri, document]) => [
    uri,
    JSON.stringify(document),
  ]);
  return Schema.compile(JSON.stringify(schema), {
    references: Object.fromEntries(documents),
    ...(draft !== undefined && { draft }),
  });
}
