/** json-schema-diff (Atlassian): what the new schema removes is what it breaks. It reads draft-07. */
import { load, serve, values } from "./lines.mjs";

const { diffSchemas } = load("json-schema-diff");

await serve(values, async ({ old, new: next }) => {
  const { removalsFound } = await diffSchemas({ sourceSchema: old, destinationSchema: next });
  return { answer: removalsFound ? "breaking" : "compatible" };
});
