/** Whether Ajv sees a witness as one: valid under old, invalid under new, `format` being an annotation. */
import { load, serve } from "./lines.mjs";

const CLASSES = {
  draft4: load("ajv-draft-04").default,
  draft6: load("ajv").default,
  draft7: load("ajv").default,
  "2019-09": load("ajv/dist/2019").default,
  "2020-12": load("ajv/dist/2020").default,
};

const draftOf = (schema, otherwise) => {
  const uri = String(schema?.$schema ?? "");
  if (uri.includes("draft-04")) return "draft4";
  if (uri.includes("draft-06")) return "draft6";
  if (uri.includes("draft-07")) return "draft7";
  if (uri.includes("2019-09")) return "2019-09";
  if (uri.includes("2020-12")) return "2020-12";
  return otherwise;
};

/** A `$schema` that no validator knows is read as the question's dialect, like ours reads it. */
const readable = (schema, draft) => {
  if (typeof schema !== "object" || !("$schema" in schema) || draftOf(schema) !== undefined) return schema;
  const { $schema: _, ...rest } = schema;
  return draft === undefined ? schema : rest;
};

function accepts(text, witness, { draft, references = {} }) {
  const schema = readable(JSON.parse(text), draft);
  const own = draftOf(schema, draft);
  const ajv = new CLASSES[own]({
    strict: false,
    validateFormats: false,
    logger: false,
    validateSchema: false,
    meta: true,
  });
  if (own === "draft6") ajv.addMetaSchema(load("ajv/dist/refs/json-schema-draft-06.json"));
  for (const [uri, document] of Object.entries(references)) ajv.addSchema(JSON.parse(document), uri);
  return ajv.compile(schema)(witness);
}

await serve(
  (question) => question,
  (question) => {
    const witness = JSON.parse(question.witness);
    const old = accepts(question.old, witness, question);
    const next = accepts(question.new, witness, question);
    if (old && !next) return { answer: "breaking" };
    return { answer: "none", why: old ? "valid under new" : "invalid under old" };
  },
);
