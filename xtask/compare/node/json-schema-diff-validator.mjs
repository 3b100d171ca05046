/** json-schema-diff-validator: throws an AssertionError when the change is breaking to it. */
import { AssertionError } from "node:assert";
import { load, serve, values } from "./lines.mjs";

const { validateSchemaCompatibility } = load("json-schema-diff-validator");

await serve(values, ({ old, new: next }) => {
  try {
    validateSchemaCompatibility(old, next);
    return { answer: "compatible" };
  } catch (error) {
    if (error instanceof AssertionError || error?.code === "ERR_ASSERTION") return { answer: "breaking" };
    throw error;
  }
});
