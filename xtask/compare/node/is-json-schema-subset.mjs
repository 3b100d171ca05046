/** is-json-schema-subset: whether its first schema lies within its second. It reads draft-07. */
import { load, serve, values } from "./lines.mjs";

const { default: isJsonSchemaSubset } = load("is-json-schema-subset");

await serve(values, async ({ old, new: next }) => ({
  answer: (await isJsonSchemaSubset(old, next)) ? "compatible" : "breaking",
}));
